"""Plots as SVG inside the page. They follow the page's theme: matplotlib draws them in colours that stand
for the page's own, and keeps text as text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grader.language import say

THEME = {  # what is drawn in these colours has the page's colour of that name
    "#010101": "var(--fg)",
    "#020202": "var(--soft)",
    "#030303": "var(--plot)",
    "#040404": "var(--pale)",
    "#050505": "var(--line)",
}
FG, SOFT, PLOT, PALE, LINE = THEME
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "nn-grader",
    "font.size": 11,
    "text.color": FG,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": LINE,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
SIZE = (5.0, 2.1)  # inches: in a page, a width of 360 pixels
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def histogram(bins: Sequence[int], words: str) -> Markup:
    """How many submissions got which tenth of the points; `words` tell it to who cannot see it."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
        axes.bar(range(len(bins)), bins, width=0.94, align="edge", color=PLOT)
        axes.set_xticks(
            range(0, len(bins) + 1, 2), [f"{10 * i}" for i in range(0, len(bins) + 1, 2)]
        )
        axes.set_xlabel(say("percent of the points"))
        axes.set_ylabel(say("submissions"))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        return _themed(figure, words)


def over_time(days: Sequence[tuple[str, int, float]], words: str) -> Markup:
    """The mean share of the points, and the number of submissions, by day."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
        axes.bar(range(len(days)), [n for _, n, _ in days], color=PALE)
        axes.set_ylabel(say("submissions"))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        step = max(1, -(-len(days) // 5))
        axes.set_xticks(range(0, len(days), step), [d[5:] for d, _, _ in days[::step]])
        other = axes.twinx()
        other.plot(range(len(days)), [100 * m for *_, m in days], "o-", color=FG, markersize=4)
        other.set_ylabel(say("mean percent"))
        other.set_ylim(0, 105)
        return _themed(figure, words)


def _themed(figure: Figure, words: str) -> Markup:
    """The drawing without what a page's policy forbids (styles, links to elsewhere) and without ids."""
    target = io.StringIO()
    with warnings.catch_warnings():  # the text is drawn by the browser, in the page's fonts
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None})
    root = ElementTree.fromstring(target.getvalue())
    shapes = {e.get("id"): e for e in root.iter() if e.get("id")}
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{SVG}use":  # a mark on an axis or a line; written out, it needs no id
                _write_out(child, shapes[child.attrib.pop(LINK).removeprefix("#")])
            elif child.tag in (f"{SVG}defs", f"{SVG}metadata"):
                parent.remove(child)
    for element in root.iter():
        _plain(element)
    root.attrib = {
        "class": "plot",
        "role": "img",
        "aria-label": words,
        "viewBox": root.attrib["viewBox"],
    }
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def _write_out(use: ElementTree.Element, shape: ElementTree.Element) -> None:
    """Replace a reference by what it refers to."""
    x, y = use.attrib.pop("x", "0"), use.attrib.pop("y", "0")
    use.tag = shape.tag
    use.attrib.update({k: v for k, v in shape.attrib.items() if k not in ("id", "style")})
    use.set("style", f"{shape.get('style', '')};{use.get('style', '')}")
    use.set("transform", f"translate({x} {y})")


def _plain(element: ElementTree.Element) -> None:
    """Attributes instead of a style, in the page's colours."""
    element.tag = element.tag.removeprefix(SVG)
    element.tail = None
    style = element.attrib.pop("style", "")
    for part in style.split(";"):
        name, _, value = (words.strip() for words in part.partition(":"))
        if name == "font":  # the family is the page's
            element.set("font-size", value.split()[0])
        elif name and name != "font-family":
            element.set(name, value)
    for name in ("fill", "stroke"):
        if element.get(name) in THEME:
            element.set(name, THEME[element.attrib[name]])
    for name in ("id", "clip-path"):
        element.attrib.pop(name, None)
