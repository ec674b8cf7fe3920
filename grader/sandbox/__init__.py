"""The student's process and the only channel to it.

`launch` runs in the grader. `frames`, `wire`, `confine` and `worker` also run inside the sandbox,
as plain files next to each other, and import only the standard library and NumPy.
"""
