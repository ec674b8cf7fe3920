"""The autograder for Gradescope.

`build` makes the zip on the instructor's machine. On the host, `run_autograder` starts `supervise`,
which starts `run`.
"""
