"""Pictures as SVG inside data URLs, drawn by matplotlib: no files of their own, no scripts."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from grader.model import Picture

SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "nn-grader", "font.size": 8}
WIDE = 8  # columns: with more, the numbers no longer fit into the squares


def _url(figure: Figure) -> str:
    target = io.BytesIO()
    with mpl.rc_context(SETTINGS):
        figure.savefig(target, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(target.getvalue()).decode()


@lru_cache(maxsize=4096)  # the same mistake on the same inputs is the same picture
def comparison(picture: Picture) -> str:
    """Expected, got and difference side by side; wrong entries are framed. As a data URL."""
    expected, got = (np.array(table, dtype=float) for table in (picture.expected, picture.got))
    wrong = np.array(picture.wrong, dtype=bool)
    with np.errstate(all="ignore"):
        gap = np.where(wrong, got - expected, 0.0)
    with mpl.rc_context(SETTINGS):
        height = 0.9 + 0.28 * len(expected)
        figure = Figure(figsize=(7.2, max(1.6, height)), layout="constrained")
        panels = (("expected", expected), ("yours", got), ("difference", gap))
        both = max(_largest(expected), _largest(got))  # one scale, or colours would not compare
        for axes, (title, values) in zip(figure.subplots(1, 3), panels, strict=True):
            most = _largest(gap) if title == "difference" else both
            axes.imshow(values, cmap="RdBu_r", norm=TwoSlopeNorm(0.0, -most, most))
            axes.set_title(title)
            axes.set_xticks([])
            axes.set_yticks([])
            if values.shape[1] <= WIDE:
                _numbers(axes, values, most)
            for row, column in np.argwhere(wrong) if title != "expected" else ():
                box: Any = {"fill": False, "edgecolor": "black", "linewidth": 1.2}
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **box))
    return _url(figure)


def _largest(values: np.ndarray[Any, Any]) -> float:
    finite = values[np.isfinite(values)]
    return max(1e-12, float(np.max(np.abs(finite))) if finite.size else 1.0)


def _numbers(axes: Any, values: np.ndarray[Any, Any], most: float) -> None:
    for (row, column), value in np.ndenumerate(values):
        dark = bool(np.isfinite(value)) and abs(value) > 0.6 * most
        color = "white" if dark else "black"
        axes.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=6, color=color)


@cache
def histogram(bins: Sequence[int]) -> str:
    """How many submissions got which tenth of the points, as a data URL."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(5.2, 2.2), layout="constrained")
        axes = figure.subplots()
        axes.bar(range(len(bins)), bins, width=0.9, color="#2563a8")
        axes.set_xticks(range(len(bins)), [f"{10 * i}" for i in range(len(bins))])
        axes.set_xlabel("percent of the points")
        axes.set_ylabel("submissions")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    return _url(figure)


@cache
def over_time(days: Sequence[tuple[str, int, float]]) -> str:
    """The mean share of the points and the number of submissions by day, as a data URL."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(5.2, 2.2), layout="constrained")
        axes = figure.subplots()
        axes.bar(range(len(days)), [n for _, n, _ in days], color="#b9c9da")
        axes.set_ylabel("submissions")
        step = max(1, len(days) // 6)
        axes.set_xticks(range(0, len(days), step), [d[5:] for d, _, _ in days[::step]])
        other = axes.twinx()
        other.plot(range(len(days)), [100 * m for *_, m in days], "o-", color="#a33b1f")
        other.set_ylabel("mean, percent of the points")
        other.set_ylim(0, 105)
    return _url(figure)
