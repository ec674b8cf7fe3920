"""The autograder for Classroom 50.

`build` makes the folder of an assignment on the instructor's machine. On the host, its `autograder.py`
installs the grader and starts `run`.
"""
