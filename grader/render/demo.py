"""A demo's items for the terminal, and as one HTML page without scripts or network."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence

import click
import numpy as np

from grader.columns import columns
from grader.demos import Curves, Item, Pictures, Text
from grader.language import language, say
from grader.render import printable
from grader.render.lines import wrapped

BLOCKS = " ▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
HEIGHT = 6  # lines of a curve
GREYS = 232, 255  # of a terminal's 256 colours, from black to white
MARKS = {True: ("✓", "green"), False: ("✗", "red")}

Grid = Sequence[Sequence[float]]


def terminal(item: Item, *, color: bool = False, width: int = 80) -> str:
    """One item as lines for a terminal."""
    if isinstance(item, Text):
        return "\n".join(wrapped(printable(say(item.text)), width, "  ", "  ")) + "\n"
    if isinstance(item, Curves):
        return "\n".join(_curve_lines(item, width)) + "\n"
    return "\n".join(_picture_lines(item, color, width)) + "\n"


def _curve_lines(item: Curves, width: int) -> list[str]:
    lines = wrapped(printable(say(item.title)), width, "  ", "  ")
    for name, values in item.curves.items():
        numbers = _resampled([float(v) for v in values], max(10, width - 24))
        finite = [v for v in numbers if math.isfinite(v)]
        if not finite:
            continue
        low, high = min(finite), max(finite)
        eighths = [
            1 + round((8 * HEIGHT - 1) * (v - low) / ((high - low) or 1)) if math.isfinite(v) else 0
            for v in numbers
        ]
        for row in reversed(range(HEIGHT)):
            cells = "".join(BLOCKS[min(8, max(0, e - 8 * row))] for e in eighths)
            label = {HEIGHT - 1: f"{high:.3g}", 0: f"{low:.3g}"}.get(row, "")
            lines.append(f"  {label:>8} {cells.rstrip()}".rstrip())
        lines.append(f"  {'':>8} {printable(say(name))}")
    return lines


def _resampled(values: Sequence[float], most: int) -> list[float]:
    if len(values) <= most:
        return list(values)
    return [values[round(i * (len(values) - 1) / (most - 1))] for i in range(most)]


def _picture_lines(item: Pictures, color: bool, width: int) -> list[str]:
    lines = wrapped(printable(say(item.title)), width, "  ", "  ")
    draw = _coloured if color else _shaded
    low, high = _range(item)
    blocks = []
    for index, picture in enumerate(item.pictures):
        wide, rows = draw(_scaled(picture, low, high))
        caption, fg = _caption(item, index)
        wide_enough = max(wide, columns(caption))
        pad = " " * (wide_enough - wide)
        shown = click.style(caption, fg=fg) if color and fg else caption
        shown += " " * (wide_enough - columns(caption))
        blocks.append((wide_enough, [row + pad for row in rows] + [shown] * bool(caption)))
    while blocks:
        taken, used = 0, 2
        while taken < len(blocks) and (not taken or used + blocks[taken][0] <= width):
            used += blocks[taken][0] + 2
            taken += 1
        row, blocks = blocks[:taken], blocks[taken:]
        tallest = max(len(b) for _, b in row)
        padded = [b + [" " * w] * (tallest - len(b)) for w, b in row]
        lines += ["  " + "  ".join(parts).rstrip() for parts in zip(*padded, strict=True)]
        lines.append("")
    return lines


def _caption(item: Pictures, index: int) -> tuple[str, str]:
    """The words below a picture, and their colour."""
    caption = printable(say(item.captions[index])) if index < len(item.captions) else ""
    if index >= len(item.right):
        return caption, ""
    mark, fg = MARKS[bool(item.right[index])]
    return f"{mark} {caption}", fg


def _range(item: Pictures) -> tuple[float, float]:
    values = np.concatenate([np.ravel(np.asarray(p, float)) for p in item.pictures])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)


def _scaled(picture: object, low: float, high: float) -> np.ndarray:
    """The picture from 0 to 1; raises `ValueError` unless it has rows and columns."""
    grid = np.asarray(picture, dtype=float)
    if grid.ndim != 2 or not grid.size:
        raise ValueError(
            say(
                "a picture must have rows and columns, and this has the shape {shape}",
                shape=grid.shape,
            )
        )
    return np.nan_to_num((grid - low) / ((high - low) or 1.0)).clip(0, 1)


def _shaded(grid: np.ndarray) -> tuple[int, list[str]]:
    """Without colour: two characters a pixel."""
    steps = (grid * (len(SHADES) - 1)).round().astype(int)
    return 2 * grid.shape[1], ["".join(SHADES[s] * 2 for s in row) for row in steps]


def _coloured(grid: np.ndarray) -> tuple[int, list[str]]:
    """With 256 colours: one character for two pixels, one above the other."""
    if len(grid) % 2:
        grid = np.vstack([grid, np.zeros((1, grid.shape[1]))])
    greys = (GREYS[0] + (grid * (GREYS[1] - GREYS[0])).round()).astype(int)
    lines = []
    for above, below in zip(greys[::2], greys[1::2], strict=True):
        cells = (f"\x1b[38;5;{a}m\x1b[48;5;{b}m▀" for a, b in zip(above, below, strict=True))
        lines.append("".join(cells) + "\x1b[0m")
    return grid.shape[1], lines


def page(title: str, items: Sequence[Item]) -> str:
    """All items as one page, in light and dark."""
    body = "\n".join(_as_html(item) for item in items)
    return PAGE.format(lang=language(), title=html.escape(printable(title)), body=body)


def _as_html(item: Item) -> str:
    if isinstance(item, Text):
        return f"<p>{html.escape(printable(say(item.text)))}</p>"
    head = f"<h2>{html.escape(printable(say(item.title)))}</h2>"
    if isinstance(item, Curves):
        return head + "".join(_curve_svg(n, [float(v) for v in c]) for n, c in item.curves.items())
    low, high = _range(item)
    figures = [
        _picture_svg(_scaled(p, low, high), _caption(item, i)[0])
        for i, p in enumerate(item.pictures)
    ]
    return f'{head}<div class="pictures">{"".join(figures)}</div>'


def _picture_svg(grid: np.ndarray, caption: str) -> str:
    height, width = grid.shape
    pixels = "".join(
        f'<rect x="{j}" y="{i}" width="1.02" height="1.02" fill="rgb({g},{g},{g})"/>'
        for i, row in enumerate((grid * 255).round().astype(int))
        for j, g in enumerate(row)
    )
    words = html.escape(caption)
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" role="img" aria-label="{words or say("picture")}">'
        f"{pixels}</svg><figcaption>{words}</figcaption></figure>"
    )


def _curve_svg(name: str, values: Sequence[float]) -> str:
    finite = [v for v in values if math.isfinite(v)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    step: Callable[[int], float] = lambda i: 600 * i / max(1, len(values) - 1)  # noqa: E731
    points = " ".join(
        f"{step(i):.1f},{150 - 140 * (v - low) / ((high - low) or 1):.1f}"
        for i, v in enumerate(values)
        if math.isfinite(v)
    )
    name = printable(say(name))
    said = say(
        "{name}: from {first:.3g} to {last:.3g}", name=name, first=values[0], last=values[-1]
    )
    words = html.escape(said)
    return (
        f'<figure class="curve"><svg viewBox="0 0 600 160" role="img" aria-label="{words}">'
        f'<polyline points="{points}"/></svg><figcaption>{words}</figcaption></figure>'
    )


PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, "PingFang TC", "Microsoft JhengHei", "Noto Sans CJK TC", sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }}
.pictures {{ display: flex; flex-wrap: wrap; gap: 1rem; }}
figure {{ margin: 0; }}
.pictures svg {{ width: 6rem; }}
.curve svg {{ width: 100%; max-width: 40rem; }}
polyline {{ fill: none; stroke: currentColor; stroke-width: 2; }}
</style></head><body><main><h1>{title}</h1>
{body}
</main></body></html>
"""
