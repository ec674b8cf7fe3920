"""Draw the figure of every handout as SVG: `python exercises/figures.py` writes all ten.

Standard library only, and the same bytes on every machine: numbers are rounded before they are
written, and nothing is random. Each picture has its own light background, so that it reads the same
on a light and on a dark page.
"""

import argparse
import math
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent

PAPER, FRAME, INK, SOFT = "#fbfaf6", "#d9d4c7", "#1f2933", "#52606d"
BLUE, ORANGE, GREEN, RED = "#1f5fa8", "#b45309", "#2f6f3e", "#b42318"
PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_GREY = "#dbe8f7", "#fde6cc", "#dcefdc", "#eceae3"
FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"


def number(value):
    """Write a coordinate with at most two decimals and no trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def tag(name, content="", **attributes):
    """Write one element; an underscore in an attribute's name stands for a hyphen."""
    parts = [name]
    for key, value in attributes.items():
        written = number(value) if isinstance(value, int | float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(written)}"')
    head = " ".join(parts)
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


def text(x, y, words, size=14, color=INK, anchor="middle", weight="normal", style="normal"):
    """Write a line of text whose baseline is at y."""
    return tag(
        "text",
        escape(str(words), quote=False),
        x=x,
        y=y,
        font_size=size,
        fill=color,
        text_anchor=anchor,
        font_weight=weight,
        font_style=style,
    )


def rectangle(x, y, width, height, fill="none", stroke=INK, thick=1.0, round_=0.0, dash="none"):
    """Draw a box."""
    return tag(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=round_,
        fill=fill,
        stroke=stroke,
        stroke_width=thick,
        stroke_dasharray=dash,
    )


def circle(x, y, radius, fill=PAPER, stroke=INK, thick=1.5, dash="none"):
    """Draw a circle."""
    return tag(
        "circle",
        cx=x,
        cy=y,
        r=radius,
        fill=fill,
        stroke=stroke,
        stroke_width=thick,
        stroke_dasharray=dash,
    )


def path(points, color=INK, thick=1.5, dash="none", fill="none", closed=False):
    """Draw straight lines through points."""
    steps = " L ".join(f"{number(x)} {number(y)}" for x, y in points)
    return tag(
        "path",
        d=f"M {steps}{' Z' if closed else ''}",
        fill=fill,
        stroke=color,
        stroke_width=thick,
        stroke_dasharray=dash,
        stroke_linejoin="round",
        stroke_linecap="round",
    )


def arrow(x1, y1, x2, y2, color=INK, thick=1.5, head=8.0, dash="none"):
    """Draw an arrow from (x1, y1) to (x2, y2)."""
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    back_x, back_y = x2 - head * dx, y2 - head * dy
    half = 0.45 * head
    tip = [
        (x2, y2),
        (back_x - half * dy, back_y + half * dx),
        (back_x + half * dy, back_y - half * dx),
    ]
    shaft = path([(x1, y1), (back_x, back_y)], color, thick, dash)
    return shaft + path(tip, color, 0.5, fill=color, closed=True)


def grid(x, y, rows, cell, fill=None, size=14, color=INK, bold=()):
    """Draw a table of numbers; fill(i, j) gives a cell's colour, an entry None stays empty."""
    parts = []
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            left, top = x + j * cell, y + i * cell
            background = fill(i, j) if fill else "#ffffff"
            parts.append(rectangle(left, top, cell, cell, background, "#9aa5b1", 1))
            if entry is not None:
                weight = "bold" if (i, j) in bold else "normal"
                middle = top + cell / 2 + 0.35 * size
                parts.append(text(left + cell / 2, middle, entry, size, color, weight=weight))
    return "".join(parts)


def drawing(title, description, width, height, parts):
    """Put the parts on a sheet of paper and return the whole file's text."""
    sheet = rectangle(0.5, 0.5, width - 1, height - 1, PAPER, FRAME, 1, 10)
    body = "\n".join([sheet, *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title desc" '
        f'font-family="{FONT}">\n'
        f'<title id="title">{escape(title)}</title>\n'
        f'<desc id="desc">{escape(description)}</desc>\n'
        f"{body}\n</svg>\n"
    )


def ex04_convolution():
    """Draw a field that slides over a picture, the shared filter, and the map it paints."""
    picture = [[0, 1, 1, 0, 0, int(i > 2), int(i > 2)] for i in range(6)]
    weights = [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]
    bias = 0
    out = [
        [
            bias + sum(weights[u][v] * picture[i + u][j + v] for u in range(3) for v in range(3))
            for j in range(5)
        ]
        for i in range(4)
    ]

    def shade(i, j):
        return "#c9ced6" if picture[i][j] else "#ffffff"

    def heat(i, j):
        value = out[i][j]
        if value > 0:
            return ("#dbe8f7", "#b5d0ee", "#8db7e3")[value - 1]
        if value < 0:
            return ("#fde6cc", "#fbd3a6", "#f7bd7d")[-value - 1]
        return "#ffffff"

    cell, left, top = 36, 28, 74
    small, map_left, map_top = 36, 534, 110
    filter_left, filter_top = 348, 128
    parts = [
        text(left + 3.5 * cell, 34, "picture", 16, weight="bold"),
        text(left + 3.5 * cell, 54, "7 × 6 pixels", 13, SOFT),
        grid(left, top, picture, cell, shade),
        text(filter_left + 54, 34, "one filter", 16, weight="bold"),
        text(filter_left + 54, 54, "9 weights and 1 bias", 13, SOFT),
        grid(filter_left, filter_top, [[str(w).replace("-", "−") for w in row] for row in weights],
             small, lambda i, j: PALE_GREEN, bold={(i, j) for i in range(3) for j in range(3)}),
        text(filter_left + 54, filter_top + 132, "b = 0", 15, GREEN, weight="bold"),
        text(filter_left + 54, filter_top + 156, "the same at", 13, SOFT),
        text(filter_left + 54, filter_top + 173, "every place", 13, SOFT),
        text(map_left + 2.5 * small, 34, "one feature map", 16, weight="bold"),
        text(map_left + 2.5 * small, 54, "5 × 4 places", 13, SOFT),
        grid(map_left, map_top, [[str(v).replace("-", "−") for v in row] for row in out], small,
             heat),
    ]  # fmt: skip
    # Two places of the field, both seen through the one filter, and the numbers that they give.
    right, middle = left + 7 * cell, filter_top + 1.5 * small
    for color, i, j in ((BLUE, 0, 4), (ORANGE, 3, 4)):
        way = -1 if color == BLUE else 1
        parts += [
            rectangle(left + j * cell, top + i * cell, 3 * cell, 3 * cell, "none", color, 4),
            rectangle(map_left + j * small, map_top + i * small, small, small, "none", color, 4),
            arrow(right + 2, top + (i + 1.5) * cell, filter_left - 6, middle + 20 * way, color, 2.5),
            path([(filter_left + 3 * small + 4, middle + 20 * way), (505, middle + 98 * way),
                  (map_left + 4.5 * small, middle + 98 * way)], color, 2.5),
            arrow(map_left + 4.5 * small, middle + 98 * way, map_left + 4.5 * small,
                  map_top + 2 * small + way * (2 * small + 5), color, 2.5),
        ]  # fmt: skip
    parts += [
        text(map_left + 2.5 * small, 306, "3: an edge with ink (1) on its right", 12, SOFT),
        text(map_left + 2.5 * small, 324, "−3: ink on its left; 0: no edge here", 12, SOFT),
    ]
    return drawing(
        "A 3×3 field slides over a picture",
        "On the left a picture of 7 by 6 pixels with a blue and an orange 3 by 3 field on it. In the "
        "middle the one filter of nine weights and one bias that both fields share. On the right the "
        "feature map of 5 by 4 numbers; the blue field gave one of them, the orange field another.",
        750,
        350,
        parts,
    )


FIGURES = {"ex04_convolution": ex04_convolution}


def main(arguments=None):
    """Write figure.svg into every exercise's folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=HERE, help="folder of the exercises")
    folder = parser.parse_args(arguments).output
    for name, draw in FIGURES.items():
        target = folder / name / "figure.svg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(draw(), encoding="utf-8", newline="\n")
        print(target)


if __name__ == "__main__":
    main()
