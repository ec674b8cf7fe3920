"""The second limit: one process for all submissions, warm before the clock starts.

    python plain_warm.py FILE...

Prints as JSON the verdicts, and the wall and CPU seconds that all submissions took together.
"""

import json
import sys
import time

from plain_run import failed

files = sys.argv[1:]
failed(files[0])
wall, cpu = time.perf_counter(), time.process_time()
passed = {file: not failed(file) for file in files}
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps({"wall": wall, "cpu": cpu, "passed": passed}))
