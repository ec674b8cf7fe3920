"""What an autograder host needs in one file, and what runs there.

`build` makes the zip on the instructor's machine. On the host, `run_autograder` starts `supervise`,
which starts `run`.
"""
