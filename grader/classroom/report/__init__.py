"""The class at a glance and a page for each student, as static HTML that needs nothing else."""
