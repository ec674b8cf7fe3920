"""Imported by nobody but the process that forks a batch's workers: loads what each of them needs.

Python's search for cyclic garbage stays off until a worker begins, and leaves alone what is here: it would
write into this memory, and each worker would get a copy of its own.
"""

import gc
import importlib

IMPORTED = (
    "grader.checking.run.session",
    "grader.checks",
    "grader.classroom.batch.worker",
    "grader.course.digest",
    "numpy.random",
    "platformdirs",
)

gc.disable()
for _name in IMPORTED:
    importlib.import_module(_name)
gc.freeze()
