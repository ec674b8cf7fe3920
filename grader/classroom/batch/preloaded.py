"""What every worker needs, loaded once by the process that they are forked from: importing this loads it.

Nothing else may import it: what is there then is taken out of the garbage collector's sight, so that the
workers go on sharing its memory.
"""

from __future__ import annotations

import gc
import importlib

MODULES = """
    grader.checking.plugin grader.checking.run.session grader.checks grader.classroom.batch.worker
    grader.course.digest grader.intake.submission
    numpy.random platformdirs
"""

for _name in MODULES.split():
    importlib.import_module(_name)
gc.collect()
gc.freeze()
