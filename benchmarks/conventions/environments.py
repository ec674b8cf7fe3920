"""Where the rows run: environments with pinned libraries, and one process for each of their settings."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from peers.environments import environment

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements"

# One thread, no accelerator, tinygrad on its Python device (its CPU device needs a C compiler), little chatter.
SETTINGS = {
    "CUDA_VISIBLE_DEVICES": "",
    "DEV": "PYTHON",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@dataclass(frozen=True)
class Process:
    """One run of rows.

    environment: the name of the requirements.
    libraries: whose rows run.
    backend: the backend of Keras; empty where Keras does not run.
    """

    environment: str
    libraries: tuple[str, ...]
    backend: str = ""
    variables: Mapping[str, str] = field(default_factory=lambda: SETTINGS, compare=False)


KERAS = ("jax", "torch", "tensorflow")
PLAIN = (
    "array-api-strict autograd jax micrograd ml_dtypes numpy onnxruntime pandas python scikit-image "
    "scikit-learn scipy sympy tinygrad torch"
)
PROCESSES = (
    Process("main", tuple(PLAIN.split())),
    Process("numpy1", ("numpy 1.26",)),
    Process("tensorflow", ("tensorflow",)),
    Process("main", ("keras",), "jax"),
    Process("main", ("keras",), "torch"),
    Process("tensorflow", ("keras",), "tensorflow"),
)


def run_all(folder: Path) -> dict[str, str]:
    """The answer of each row; where Keras' backends differ, each with its name.

    Raises `peers.environments.CannotInstall` or `RuntimeError`.
    """
    answers: dict[str, str] = {}
    by_backend: dict[str, dict[str, str]] = {}
    for process in PROCESSES:
        found = run(process, environment(folder, process.environment, REQUIREMENTS))
        if process.backend:
            by_backend[process.backend] = found
        else:
            answers |= found
    for name in by_backend[KERAS[0]]:
        each = {backend: by_backend[backend][name] for backend in KERAS}
        same = len(set(each.values())) == 1
        answers[name] = (
            each[KERAS[0]]
            if same
            else "; ".join(f"{name}: {value}" for name, value in each.items())
        )
    return answers


def run(process: Process, python: Path) -> dict[str, str]:
    """The answers of the rows of one process."""
    variables = os.environ | process.variables
    variables |= {"KERAS_BACKEND": process.backend} if process.backend else {}
    done = subprocess.run(
        [str(python), "-m", "rows.run", *process.libraries],
        cwd=HERE,
        env=variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"the rows of {', '.join(process.libraries)} did not run:\n{done.stderr}"
        )
    return json.loads(done.stdout)


def versions() -> str:
    """What is pinned, in words."""
    pinned = {
        line.replace("==", " ")
        for path in REQUIREMENTS.glob("*.txt")
        for line in path.read_text(encoding="utf-8").split()
    }
    return ", ".join(sorted(pinned, key=str.lower))
