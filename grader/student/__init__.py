"""One student's own work: the workspace, grading it, watching it, debugging it."""
