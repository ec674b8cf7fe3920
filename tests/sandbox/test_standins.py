"""Stand-ins for plotting libraries: whatever a script does with them, it does not fail."""

from __future__ import annotations

import copy
import math
import sys
from importlib.util import module_from_spec

import numpy as np
import pytest

from grader.sandbox.standins import VERSIONS, StandInFinder

FINDER = StandInFinder()


def stand_in(name="matplotlib.pyplot"):
    """The stand-in for a library."""
    module = module_from_spec(FINDER.find_spec(name))
    FINDER.exec_module(module)
    return module


@pytest.fixture
def plt():
    """The stand-in for matplotlib.pyplot."""
    return stand_in()


@pytest.mark.parametrize(
    "line",
    [
        "bar = plt.bar([1], [2])[0]; plt.text(bar.get_x() + bar.get_width() / 2, 1.02 * bar.get_height(), 'x')",
        "low, high = ax.get_ylim(); ax.set_ylim(low - 0.1, high ** 2 % 3 // 2)",
        "w, h = fig.get_size_inches() * fig.dpi; n = round(-w) + abs(h) - divmod(w, 2)",
        "colors = ['red'] + plt.cm.viridis(np.linspace(0, 1, 4)) + ['blue']; colors[4]",
        "lines = plt.plot([1]); assert len(lines) == len(list(lines)) == 2; print(lines[0], lines[-1:])",
        "a, b, *rest = plt.hist([1])",
        "counts, bins, _ = plt.hist([1]); np.diff(bins) / np.sum(counts); np.sqrt(counts); counts * np.ones(3)",
        "x = np.zeros(3); x[0] = ax.get_xlim()[0]; x += ax.get_xlim()[1]",
        "np.linspace(*ax.get_xlim(), 5); np.asarray(ax.get_xlim()).mean(); np.ones(3) @ ax.x",
        "f'{plt.x:.2f} {plt.x:>9} {plt.x:s} {plt.x} {plt.x!r}'; '%.1f %d %s' % (plt.x, plt.x, plt.x)",
        "assert not plt.a < 3 and not plt.a >= plt.b and not 3 > plt.a; assert plt.a != 3",
        "while ax.get_ylim()[1] < 100: ax.set_ylim(0, 2 * ax.get_ylim()[1])",
        "assert ax and 3 not in plt.rcParams; del plt.rcParams['x']; plt.rcParams['y'] = 1",
        "for i in range(plt.n): raise ValueError; [7, 8][plt.n]; math.floor(plt.n); complex(plt.n)",
        "max(plt.a, 3); min(plt.a); sorted(plt.a); sum(plt.a); float(plt.a) + int(plt.a)",
        "class Mine(plt.Formatter):\n  def __init__(self): super().__init__(1)\nMine().set_x(3)",
        "def draw(ax: plt.Axes | None = None): assert not isinstance(3, plt.Axes)\ndraw()",
        "copy.copy(fig); copy.deepcopy({'fig': fig})",
        "plt.a += 1; plt.a -= 1; ~plt.a << 1 & plt.b",
        "with plt.rc_context({'x': 1}) as c, plt.style.context('y'): c.x()",
    ],
)  # fmt: skip
def test_nothing_that_is_done_with_a_stand_in_fails(line, plt):
    """Arithmetic, comparison, length, loops, items, unpacking, formatting: all are harmless."""
    fig, ax = plt.subplots()
    exec(line, {"plt": plt, "fig": fig, "ax": ax, "np": np, "copy": copy, "math": math})


@pytest.mark.parametrize("library", VERSIONS)
def test_every_library_has_a_version(library):
    """A version can be taken apart and compared, as notebooks do."""
    version = stand_in(library).__version__
    assert tuple(map(int, version.split("."))) > (0, 1)
    assert stand_in(f"{library}.inner").__version__ == version


def test_progress_bars_hand_through_what_they_count():
    """Loops over a bar see the values and not a stand-in."""
    tqdm = stand_in("tqdm")
    assert list(tqdm.tqdm([3, 4], desc="x")) == [3, 4]
    assert list(tqdm.trange(1, 7, 2)) == [1, 3, 5]
    assert list(tqdm.contrib.tenumerate("ab")) == [(0, "a"), (1, "b")]
    assert list(tqdm.contrib.tzip([1], [2])) == [(1, 2)]
    assert len(tqdm.tqdm(range(3))) == 3
    with tqdm.tqdm(total=9) as bar:
        bar.update(1)
        bar.n += 1
        assert bar


def test_only_these_libraries_have_stand_ins():
    """A library that computes has none: a wrong value would be worse than an error."""
    assert FINDER.find_spec("scipy.signal") is None
    assert FINDER.find_spec("matplotlibx") is None
    assert "matplotlib" not in sys.modules or FINDER.find_spec("matplotlib")
