"""What is run in the scratch environments: one function a row, none of it of the grader."""
