"""Loading of the reference solutions and of their alternatives, each under a name of its own."""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "solutions"
EXERCISES = {path.stem for path in SOLUTIONS.glob("*.py")}


@cache
def load(path):
    """Load a solution by path; its siblings come from ``solutions`` and leave no trace in sys."""
    name = "solution_" + "_".join(path.relative_to(SOLUTIONS).with_suffix("").parts)
    hidden = {key: sys.modules.pop(key) for key in EXERCISES & sys.modules.keys()}
    sys.path.insert(0, str(SOLUTIONS))
    try:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look their module up there
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SOLUTIONS))
        for key in EXERCISES & sys.modules.keys():
            del sys.modules[key]
        sys.modules.update(hidden)
    return module


def implementations(exercise):
    """Return the paths of the reference and of all alternatives of an exercise."""
    return [
        SOLUTIONS / f"{exercise}.py",
        *sorted((SOLUTIONS / "alternatives" / exercise).glob("*.py")),
    ]


def pytest_generate_tests(metafunc):
    """Run a test that asks for ``module`` with every implementation of its file's EXERCISE."""
    if "module" in metafunc.fixturenames:
        paths = implementations(metafunc.module.EXERCISE)
        ids = ["reference", *(path.stem for path in paths[1:])]
        metafunc.parametrize("module", [load(path) for path in paths], ids=ids, scope="module")


@pytest.fixture(scope="session")
def torch():
    """Return PyTorch, on one thread, or skip the test."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


@pytest.fixture
def reference(request):
    """Return the reference solution of the test file's EXERCISE."""
    return load(SOLUTIONS / f"{request.module.EXERCISE}.py")


@pytest.fixture
def rng():
    """Return a generator with a fixed seed."""
    return np.random.default_rng(20210729)


@pytest.fixture
def tolerance(module):
    """Return the relative error that the implementation may make."""
    return 3e-5 if "float32" in module.__name__ else 1e-10


@pytest.fixture
def close(tolerance):
    """Return an assertion: same shape, finite, entries equal relative to the largest entry."""

    def compare(actual, wanted):
        actual, wanted = np.asarray(actual), np.asarray(wanted)
        assert actual.shape == wanted.shape
        assert np.issubdtype(actual.dtype, np.number)
        assert np.isfinite(actual).all()
        scale = 1 + np.abs(wanted).max(initial=0)
        assert np.abs(actual - wanted).max(initial=0) <= tolerance * scale

    return compare


@pytest.fixture(scope="session")
def digits():
    """Return the digits as pairs of pictures and labels: train, test, train and test on sheets."""
    with np.load(ROOT / "exercises" / "data" / "digits.npz") as data:
        images, labels = data["images"] / 16, data["labels"].astype(int)
        train, test, offsets = data["train"], data["test"], data["offsets"]
    plain, sheets = images[:, np.newaxis], np.zeros((len(images), 1, 12, 12))
    for sheet, image, (row, column) in zip(sheets, images, offsets, strict=True):
        sheet[:, row : row + 8, column : column + 8] = image
    return {
        "train": (plain[train], labels[train]),
        "test": (plain[test], labels[test]),
        "train_sheets": (sheets[train], labels[train]),
        "test_sheets": (sheets[test], labels[test]),
    }
