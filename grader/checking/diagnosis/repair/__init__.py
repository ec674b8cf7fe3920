"""The small edit of the student's own code that makes it right names the line where the mistake is."""
