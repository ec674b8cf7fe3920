"""A page for the class and one for each student, as static HTML without other files."""
