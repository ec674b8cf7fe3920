"""Draw the figure of every handout as SVG: `python exercises/figures.py` writes them all.

Standard library only, and the same bytes on every machine: numbers are rounded before they are
written, and nothing is random. Each picture has its own light background, so that it reads the same
on a light and on a dark page. Measured numbers are kept here; a test measures them again.

Each is drawn in English, and once more in every language that has a `figures.LANGUAGE.toml` beside
this script: the same drawing, with the words and the font of that file.
"""

import argparse
import math
import re
import tomllib
from html import escape, unescape
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent

PAPER, FRAME, INK, SOFT, RULE = "#fbfaf6", "#d9d4c7", "#1f2933", "#52606d", "#9aa5b1"
BLUE, ORANGE, GREEN, RED = "#1f5fa8", "#b45309", "#2f6f3e", "#b42318"
PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_GREY = "#dbe8f7", "#fde6cc", "#dcefdc", "#eceae3"
WHITE, NOTHING = "#ffffff", "none"
FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
WORDS = re.compile(r"[^<>]+(?=</(?:text|title|desc)>)")

# A handwritten 3, row 13 of data/digits.npz; 0 is paper, 16 is ink.
DIGIT = (
    (0, 2, 9, 15, 14, 9, 3, 0),
    (0, 4, 13, 8, 9, 16, 8, 0),
    (0, 0, 0, 6, 14, 15, 3, 0),
    (0, 0, 0, 11, 14, 2, 0, 0),
    (0, 0, 0, 2, 15, 11, 0, 0),
    (0, 0, 0, 0, 2, 15, 4, 0),
    (0, 1, 5, 6, 13, 16, 6, 0),
    (0, 2, 12, 12, 13, 11, 0, 0),
)

# Gradient norms of a network with layers 64, seven times 32, and 10, at its start (seed 0), on the
# first 200 training digits: the answer of ex08's layer_gradient_norms.
GRADIENT_NORMS = {
    "relu": (0.782, 0.557, 0.404, 0.548, 0.419, 0.537, 0.543, 0.409),
    "sigmoid": (0.000274, 0.000564, 0.00169, 0.00592, 0.0196, 0.0578, 0.159, 0.519),
}

# Test accuracy of ex10's accuracy_table on digits somewhere on a sheet of 12 by 12, mean of three
# seeds (1, 2 and 3), for these numbers of training pictures; permutation of seed 11.
SIZES = (20, 100, 300, 1000)
ACCURACY = {
    ("cnn", "plain"): (0.173, 0.327, 0.672, 0.882),
    ("mlp", "plain"): (0.138, 0.203, 0.401, 0.709),
    ("cnn", "shuffled"): (0.151, 0.241, 0.432, 0.691),
    ("mlp", "shuffled"): (0.147, 0.209, 0.395, 0.675),
}

# Gradient norms by the input of each of 20 steps, as ex14's gradient_norms answers: small random
# sequences of seed 0; a plain layer whose wh swaps units and multiplies by 0.7 or by 1.3, and an LSTM
# with forget gates of bias 2.
STEP_NORMS = {
    "rnn 0.7": (0.00444, 0.00671, 0.00945, 0.0144, 0.0189, 0.0312, 0.0401, 0.0611, 0.0932, 0.138,
                0.176, 0.278, 0.422, 0.587, 0.833, 1.19, 1.88, 2.54, 3.75, 5.37),
    "rnn 1.3": (288, 121, 117, 83.9, 40.8, 50.1, 36.4, 27.1, 20.7, 15.1,
                20.5, 12.7, 8.27, 11.0, 4.85, 4.67, 3.14, 2.09, 2.48, 3.22),
    "lstm": (1.71, 1.7, 1.7, 1.69, 1.7, 1.68, 1.68, 1.63, 1.62, 1.6,
             1.54, 1.53, 1.5, 1.56, 1.6, 1.71, 1.96, 2.2, 2.58, 2.95),
}  # fmt: skip


# Marks on paper


def number(value):
    """Write a coordinate with at most two decimals and no trailing zeros."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def signed(value):
    """Write a number with a real minus sign."""
    return str(value).replace("-", "−")


def tag(name, content="", **attributes):
    """Write one element; an underscore in an attribute's name stands for a hyphen."""
    parts = [name]
    for key, value in attributes.items():
        written = number(value) if isinstance(value, int | float) else str(value)
        parts.append(f'{key.replace("_", "-")}="{escape(written)}"')
    opening = " ".join(parts)
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


def text(x, y, words, size=14, color=INK, *, anchor="middle", weight="normal", turn=0):
    """Write a line of text whose baseline is at y."""
    attributes = {
        "x": x,
        "y": y,
        "font_size": size,
        "fill": color,
        "text_anchor": anchor,
        "font_weight": weight,
    }
    if turn:
        attributes["transform"] = f"rotate({number(turn)} {number(x)} {number(y)})"
    return tag("text", escape(str(words), quote=False), **attributes)


def heading(x, y, words, below=""):
    """Write a panel's title and the line below it."""
    return text(x, y, words, 16, weight="bold") + (
        text(x, y + 20, below, 13, SOFT) if below else ""
    )


def _line_style(color, thick, dash):
    style = {"stroke": color, "stroke_width": thick}
    return {**style, "stroke_dasharray": dash} if dash else style


def rectangle(x, y, width, height, fill=NOTHING, *, stroke=INK, thick=1.0, corner=0, dash=""):
    """Draw a box."""
    style = _line_style(stroke, thick, dash)
    return tag("rect", x=x, y=y, width=width, height=height, rx=corner, fill=fill, **style)


def circle(x, y, radius, fill=PAPER, stroke=INK, *, thick=1.5, dash=""):
    """Draw a circle."""
    return tag("circle", cx=x, cy=y, r=radius, fill=fill, **_line_style(stroke, thick, dash))


def path(points, color=INK, thick=1.5, *, dash="", fill=NOTHING, closed=False):
    """Draw straight lines through points."""
    steps = " L ".join(f"{number(x)} {number(y)}" for x, y in points)
    style = {**_line_style(color, thick, dash), "stroke_linejoin": "round"}
    return tag("path", d=f"M {steps}{' Z' if closed else ''}", fill=fill, **style)


def arrow(start, end, color=INK, thick=1.5, *, head=8.0, dash=""):
    """Draw an arrow between two points."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    back, half = (x2 - head * dx, y2 - head * dy), 0.45 * head
    tip = [
        end,
        (back[0] - half * dy, back[1] + half * dx),
        (back[0] + half * dy, back[1] - half * dx),
    ]
    return path([start, back], color, thick, dash=dash) + path(
        tip, color, 0.5, fill=color, closed=True
    )


def grid(x, y, rows, cell, fill=None, *, size=14, color=INK, weight="normal"):
    """Draw a table of numbers; fill(i, j) gives a cell's colour, an entry None stays empty."""
    parts = []
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            left, top = x + j * cell, y + i * cell
            background = fill(i, j) if fill else WHITE
            parts.append(rectangle(left, top, cell, cell, background, stroke=RULE))
            if entry is not None:
                baseline = top + cell / 2 + 0.35 * size
                words = signed(entry)
                parts.append(text(left + cell / 2, baseline, words, size, color, weight=weight))
    return "".join(parts)


class Axes:
    """A frame for curves: turns numbers of the mathematics into places on the sheet."""

    def __init__(self, box, across, up):
        self.x, self.y, self.width, self.height = box
        self.across, self.up = across, up

    def at(self, x, y):
        """Return the place of the point (x, y)."""
        (left, right), (low, high) = self.across, self.up
        return (
            self.x + self.width * (x - left) / (right - left),
            self.y + self.height * (high - y) / (high - low),
        )

    def frame(self, across_marks, up_marks):
        """Draw the lower and the left edge, with marks given as (number, words)."""
        left, bottom = self.x, self.y + self.height
        parts = [path([(left, self.y), (left, bottom), (left + self.width, bottom)], RULE, 1.2)]
        for value, words in across_marks:
            x, _ = self.at(value, self.up[0])
            parts.append(path([(x, bottom), (x, bottom + 4)], RULE, 1.2))
            parts.append(text(x, bottom + 18, words, 12, SOFT))
        for value, words in up_marks:
            _, y = self.at(self.across[0], value)
            parts.append(path([(left, y), (left + self.width, y)], PALE_GREY, 1))
            parts.append(text(left - 6, y + 4, words, 12, SOFT, anchor="end"))
        return "".join(parts)

    def curve(self, function, color, thick=2.5, *, dash="", steps=80):
        """Draw a function."""
        left, right = self.across
        xs = [left + (right - left) * k / steps for k in range(steps + 1)]
        return path([self.at(x, function(x)) for x in xs], color, thick, dash=dash)


def drawing(title, description, size, parts):
    """Put the parts on a sheet of paper and return the whole file's text."""
    width, height = size
    sheet = rectangle(0.5, 0.5, width - 1, height - 1, PAPER, stroke=FRAME, corner=10)
    body = "\n".join([sheet, *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="title desc" '
        f'font-family="{FONT}">\n'
        f'<title id="title">{escape(title)}</title>\n'
        f'<desc id="desc">{escape(description)}</desc>\n'
        f"{body}\n</svg>\n"
    )


def sigmoid(z):
    """Compute the logistic function."""
    return 1 / (1 + math.exp(-z))


def ink(value):
    """Return the grey of a pixel from 0 (paper) to 16 (ink)."""
    shade = 255 - round(value * 215 / 16)
    return f"#{shade:02x}{shade:02x}{shade:02x}"


# The ten figures


def ex01_neuron():
    """Draw a threshold neuron, AND with its line, and XOR that needs two lines."""
    parts = [
        heading(150, 34, "a threshold neuron", "fires at x·w + b ≥ 0"),
        *(arrow((58, y), (131, middle), BLUE, 2) for y, middle in ((130, 158), (206, 178))),
        *(circle(42, y, 18, PALE_BLUE, BLUE) for y in (130, 206)),
        text(42, 135, "x₁"),
        text(42, 211, "x₂"),
        text(102, 132, "w₁", 14, BLUE),
        text(102, 212, "w₂", 14, BLUE),
        circle(164, 168, 34, WHITE, INK, thick=2),
        path([(146, 182), (164, 182), (164, 154), (182, 154)], ORANGE, 3),
        arrow((164, 246), (164, 205), GREEN, 2),
        text(164, 264, "b", 14, GREEN),
        arrow((199, 168), (238, 168), INK, 2),
        text(270, 173, "0 or 1", 14, weight="bold"),
        text(150, 300, "the sum decides, all or nothing", 12, SOFT),
    ]
    panels = (
        (Axes((340, 84, 160, 180), (-0.4, 1.5), (-0.4, 1.5)), "AND", "one line is enough", [1.5]),
        (Axes((562, 84, 160, 180), (-0.4, 1.5), (-0.4, 1.5)), "XOR", "one line is not", [0.5, 1.5]),
    )
    for axes, name, below, lines in panels:
        center = axes.x + axes.width / 2

        def corner(total, axes=axes):
            """Return both ends of the line x1 + x2 = total inside the frame."""
            low, high = max(-0.4, total - 1.5), min(1.5, total + 0.4)
            return [axes.at(low, total - low), axes.at(high, total - high)]

        corners = {
            (-0.4, 1.5): axes.at(-0.4, 1.5),
            (1.5, -0.4): axes.at(1.5, -0.4),
            (1.5, 1.5): axes.at(1.5, 1.5),
        }
        first = corner(lines[0])
        if name == "AND":
            area = [first[0], corners[1.5, 1.5], first[1]]
        else:
            second = corner(lines[1])
            area = [
                first[0],
                corners[-0.4, 1.5],
                second[0],
                second[1],
                corners[1.5, -0.4],
                first[1],
            ]
        parts.append(heading(center, 34, name, below))
        parts.append(path(area, NOTHING, 0, fill=PALE_ORANGE, closed=True))
        parts.append(axes.frame([(0, "0"), (1, "1")], [(0, "0"), (1, "1")]))
        parts += [path(corner(total), ORANGE, 2.5) for total in lines]
        for a in (0, 1):
            for b in (0, 1):
                on = (a and b) if name == "AND" else a != b
                x, y = axes.at(a, b)
                parts.append(circle(x, y, 11, ORANGE if on else WHITE, INK, thick=2))
                parts.append(text(x, y + 5, int(on), 13, WHITE if on else INK, weight="bold"))
        parts.append(text(axes.x + axes.width, 300, "x₁", 13, SOFT))
        parts.append(text(axes.x - 14, 80, "x₂", 13, SOFT))
    return drawing(
        "A threshold neuron, and what one can and cannot tell apart",
        "Left: two inputs with weights and a bias enter a neuron with a step inside; 0 or 1 "
        "comes out. Middle: the four inputs of AND in the plane; one straight line separates "
        "(1, 1) from the others. Right: the four inputs of XOR; only two lines cut out the band "
        "that holds (0, 1) and (1, 0).",
        (750, 320),
        parts,
    )


def ex02_activations():
    """Draw sigmoid and ReLU, their slopes, and the slope of a chain of layers."""
    curves = Axes((48, 76, 180, 190), (-5, 5), (-0.15, 2.1))
    slopes = Axes((296, 76, 180, 190), (-5, 5), (-0.08, 1.12))
    chain = Axes((560, 76, 166, 190), (0.4, 6.6), (-6, 0.3))
    marks = [(-4, "−4"), (0, "0"), (4, "4")]
    parts = [
        heading(138, 34, "the activations", "what a unit passes on"),
        curves.frame(marks, [(0, "0"), (1, "1"), (2, "2")]),
        path([curves.at(-5, 0), curves.at(0, 0), curves.at(2.1, 2.1)], BLUE, 2.5),
        curves.curve(sigmoid, ORANGE),
        text(*curves.at(-0.2, 1.75), "ReLU", 14, BLUE, weight="bold"),
        text(*curves.at(3.3, 0.66), "sigmoid", 14, ORANGE, weight="bold"),
        heading(386, 34, "their slopes", "what lets the error back through"),
        slopes.frame(marks, [(0, "0"), (0.25, "¼"), (1, "1")]),
        path([slopes.at(-5, 0), slopes.at(0, 0)], BLUE, 2.5),
        path([slopes.at(0, 1), slopes.at(5, 1)], BLUE, 2.5),
        path([slopes.at(0, 0), slopes.at(0, 1)], BLUE, 1, dash="3 4"),
        circle(*slopes.at(0, 0), 4, BLUE, BLUE),
        circle(*slopes.at(0, 1), 4, PAPER, BLUE),
        slopes.curve(lambda z: sigmoid(z) * (1 - sigmoid(z)), ORANGE),
        text(*slopes.at(2.9, 0.88), "ReLU: 0 or 1", 13, BLUE, weight="bold"),
        text(*slopes.at(2.9, 0.33), "sigmoid: ≤ ¼", 13, ORANGE, weight="bold"),
        heading(643, 34, "through many layers", "product of the slopes"),
        chain.frame(
            [(depth, depth) for depth in range(1, 7)],
            [(0, "1"), (-2, "0.01"), (-4, "0.0001"), (-6, "10⁻⁶")],
        ),
        text(643, 302, "number of layers, from z = 0.5", 12, SOFT),
    ]
    points, z, slope = [], 0.5, 1.0
    for depth in range(1, 7):
        z = sigmoid(z)
        slope *= z * (1 - z)
        points.append((depth, math.log10(slope)))
    for color, marks_of_chain in ((BLUE, [(d, 0) for d in range(1, 7)]), (ORANGE, points)):
        places = [chain.at(*point) for point in marks_of_chain]
        parts.append(path(places, color, 2))
        parts += [circle(x, y, 4, color, color) for x, y in places]
    parts.append(text(*chain.at(5, -0.75), "ReLU", 13, BLUE, weight="bold"))
    parts.append(text(*chain.at(2.4, -2.9), "sigmoid", 13, ORANGE, weight="bold"))
    return drawing(
        "Sigmoid and ReLU, their slopes, and the slope through many layers",
        "Left: the S-shaped sigmoid and the rectifier, which is 0 and then a straight line. "
        "Middle: the sigmoid's slope is never above a quarter, the rectifier's is 0 or 1. "
        "Right: through six layers the product of sigmoid slopes falls below one in a thousand, "
        "that of an active rectifier stays 1.",
        (750, 320),
        parts,
    )


def ex03_fully_connected():
    """Draw layers whose units are tied to all units before, and the matrix product they are."""
    columns = ((60, 3), (210, 4), (340, 2))
    where = [[(x, 178 + 52 * (k - (n - 1) / 2)) for k in range(n)] for x, n in columns]
    parts = [heading(200, 34, "every unit is tied to all units before")]
    for before, after in pairwise(where):
        parts += [path([a, b], RULE, 1.2) for a in before for b in after]
    chosen = where[1][1]
    parts += [path([a, chosen], ORANGE, 3) for a in where[0]]
    for column, fill, stroke in zip(
        where, (PALE_BLUE, WHITE, PALE_GREEN), (BLUE, INK, GREEN), strict=True
    ):
        parts += [circle(x, y, 17, fill, stroke, thick=2) for x, y in column]
    parts.append(circle(*chosen, 17, PALE_ORANGE, ORANGE, thick=3))
    parts += [text(x, y + 5, f"x{'₁₂₃'[k]}") for k, (x, y) in enumerate(where[0])]
    parts += [
        text(60, 300, "D = 3 inputs", 13, BLUE),
        text(210, 300, "M = 4 units", 13),
        text(340, 300, "2 outputs", 13, GREEN),
        heading(570, 34, "the same as a matrix product", "N = 2 examples, one per row"),
    ]
    cell, top = 26, 128

    def column_of_chosen(_, j):
        return PALE_ORANGE if j == 1 else WHITE

    parts += [
        grid(418, top + 13, [[None] * 3] * 2, cell, lambda i, j: PALE_BLUE),
        text(418 + 39, top + 88, "x (N, D)", 13, BLUE),
        text(510, top + 45, "@", 18),
        grid(524, top, [[None] * 4] * 3, cell, column_of_chosen),
        text(524 + 52, top - 12, "w (D, M)", 13),
        text(576, top + 98, "+ b (M,)", 13),
        grid(524, top + 106, [[None] * 4], cell, column_of_chosen),
        text(640, top + 45, "=", 18),
        grid(652 - 4, top + 13, [[None] * 3 + [None]] * 2, 22, column_of_chosen),
        text(692, top + 88, "out (N, M)", 13),
        text(570, 288, "one column of w belongs to one unit:", 12, ORANGE),
        text(570, 305, "all the weights on its way in", 12, ORANGE),
    ]
    return drawing(
        "Fully connected layers",
        "Left: three inputs, four hidden units and two outputs; lines tie every unit to all "
        "units of the layer before, and the three lines into one hidden unit are orange. Right: "
        "the layer as a matrix product, x of shape (N, D) times w of shape (D, M) plus b; the "
        "orange column of w belongs to the orange unit.",
        (750, 325),
        parts,
    )


def ex04_convolution():
    """Draw a field that slides over a picture, the shared filter, and the map it paints."""
    picture = [[0, 1, 1, 0, 0, int(i > 2), int(i > 2)] for i in range(6)]
    weights = [[-1, 0, 1]] * 3
    out = [
        [
            sum(weights[u][v] * picture[i + u][j + v] for u in range(3) for v in range(3))
            for j in range(5)
        ]
        for i in range(4)
    ]

    def heat(i, j):
        value = out[i][j]
        shades = (
            ("#dbe8f7", "#b5d0ee", "#8db7e3") if value > 0 else (PALE_ORANGE, "#fbd3a6", "#f7bd7d")
        )
        return shades[abs(value) - 1] if value else WHITE

    cell, left, top = 36, 28, 74
    map_left, map_top, filter_left, filter_top = 534, 110, 348, 128
    parts = [
        heading(left + 3.5 * cell, 34, "picture", "7 × 6 pixels"),
        grid(left, top, picture, cell, lambda i, j: "#c9ced6" if picture[i][j] else WHITE),
        heading(filter_left + 54, 34, "one filter", "9 weights and 1 bias"),
        grid(filter_left, filter_top, weights, cell, lambda i, j: PALE_GREEN, weight="bold"),
        text(filter_left + 54, filter_top + 132, "b = 0", 15, GREEN, weight="bold"),
        text(filter_left + 54, filter_top + 156, "the same at", 13, SOFT),
        text(filter_left + 54, filter_top + 173, "every place", 13, SOFT),
        heading(map_left + 2.5 * cell, 34, "one feature map", "5 × 4 places"),
        grid(map_left, map_top, out, cell, heat),
    ]
    # Two places of the field, both seen through the one filter, and the numbers that they give.
    right, middle, goal = left + 7 * cell, filter_top + 1.5 * cell, map_left + 4.5 * cell
    for color, i, j, way in ((BLUE, 0, 4, -1), (ORANGE, 3, 4, 1)):
        around = middle + 98 * way
        enters, leaves = (
            (filter_left - 6, middle + 20 * way),
            (filter_left + 112, middle + 20 * way),
        )
        frame = {"stroke": color, "thick": 4}
        parts += [
            rectangle(left + j * cell, top + i * cell, 3 * cell, 3 * cell, **frame),
            rectangle(map_left + j * cell, map_top + i * cell, cell, cell, **frame),
            arrow((right + 2, top + (i + 1.5) * cell), enters, color, 2.5),
            path([leaves, (505, around), (goal, around)], color, 2.5),
            arrow((goal, around), (goal, map_top + 2 * cell + way * (2 * cell + 5)), color, 2.5),
        ]
    parts += [
        text(map_left + 2.5 * cell, 306, "3: an edge with ink (1) on its right", 12, SOFT),
        text(map_left + 2.5 * cell, 324, "−3: ink on its left; 0: no edge here", 12, SOFT),
    ]
    return drawing(
        "A 3×3 field slides over a picture",
        "On the left a picture of 7 by 6 pixels with a blue and an orange 3 by 3 field on it. "
        "In the middle the one filter of nine weights and one bias that both fields share. On "
        "the right the feature map of 5 by 4 numbers; the blue field gave one of them, the "
        "orange field another.",
        (750, 350),
        parts,
    )


def ex05_pooling():
    """Draw a map in four windows, and what the three kinds of pooling make of it."""
    picture = [[3, 0, 0, 1], [0, 4, 0, 0], [1, 2, 1, 1], [2, 4, 1, 1]]
    colors = ((PALE_BLUE, PALE_ORANGE), (PALE_GREEN, "#eadcf5"))
    windows = [
        [[picture[2 * i + u][2 * j + v] for u in (0, 1) for v in (0, 1)] for j in (0, 1)]
        for i in (0, 1)
    ]
    kinds = (
        ("max", "is it there?", max),
        ("average", "how much of it?", lambda cells: number(sum(cells) / 4)),
        ("L2", "how strong is it?", lambda cells: number(math.sqrt(sum(c * c for c in cells)))),
    )
    parts = [
        heading(120, 34, "a 4×4 feature map", "windows of 2×2, stride 2"),
        grid(36, 84, picture, 42, lambda i, j: colors[i // 2][j // 2], size=16),
        *(
            rectangle(36 + 84 * j, 84 + 84 * i, 84, 84, thick=2.5, corner=3)
            for i in (0, 1)
            for j in (0, 1)
        ),
        text(120, 282, "16 numbers go in,", 13, SOFT),
        text(120, 300, "4 come out", 13, SOFT),
        arrow((218, 168), (262, 168), INK, 2),
    ]
    for k, (name, below, pool) in enumerate(kinds):
        left = 284 + 162 * k
        small = [[pool(cells) for cells in row] for row in windows]
        parts.append(heading(left + 54, 34, f"{name} pooling", below))
        parts.append(grid(left, 114, small, 54, lambda i, j: colors[i][j], size=18, weight="bold"))
    parts += [
        path([(284, 246), (716, 246)], FRAME, 1),
        text(500, 272, "Moving the 4 inside its window does not change any of them:", 13, SOFT),
        text(500, 292, "pooling says whether a feature is there, not exactly where.", 13, SOFT),
    ]
    return drawing(
        "Three kinds of pooling",
        "A 4 by 4 map is cut into four coloured 2 by 2 windows. Max pooling keeps the largest "
        "number of each window: 4, 1, 4, 1. Average pooling keeps the mean: 1.75, 0.25, 2.25, "
        "1. L2 pooling keeps the root of the sum of squares: 5, 1, 5, 2.",
        (750, 320),
        parts,
    )


def ex06_dropout():
    """Draw one network, thinned at random in training, whole in prediction."""
    panels = (
        ("training, example 1", {(0, 1), (1, 0), (1, 3)}),
        ("training, example 2", {(0, 2), (1, 1)}),
        ("training, example 3", {(0, 0), (1, 2), (1, 3)}),
        ("prediction", set()),
    )
    parts = []
    for k, (name, dropped) in enumerate(panels):
        left = 40 + 182 * k
        color = GREEN if not dropped else BLUE
        where = {(0, n): (left, 100 + 52 * n) for n in range(3)}
        where |= {(1, n): (left + 62, 74 + 52 * n) for n in range(4)}
        where[2, 0] = (left + 124, 152)
        parts.append(text(left + 62, 34, name, 15, weight="bold"))
        for (layer, n), (x, y) in where.items():
            for (other, m), (x2, y2) in where.items():
                if other == layer + 1:
                    live = not {(layer, n), (other, m)} & dropped
                    parts.append(
                        path([(x, y), (x2, y2)], color if live else FRAME, 1.6 if live else 1)
                    )
        for unit, (x, y) in where.items():
            if unit in dropped:
                parts.append(circle(x, y, 14, PAPER, RULE, dash="3 3"))
                parts.append(path([(x - 6, y - 6), (x + 6, y + 6)], RED, 2.5))
                parts.append(path([(x - 6, y + 6), (x + 6, y - 6)], RED, 2.5))
            else:
                fill = PALE_GREEN if not dropped else PALE_BLUE
                parts.append(circle(x, y, 14, fill, color, thick=2))
        if k:
            parts.append(path([(left - 29, 60), (left - 29, 262)], FRAME, 1))
    parts += [
        text(284, 290, "each example drops other units; kept ones count 1 / (1 − p)", 14, BLUE),
        text(284, 309, "dropped units keep their weights for the next example", 12, SOFT),
        text(648, 290, "all units, no scaling", 14, GREEN),
    ]
    return drawing(
        "Dropout in training and in prediction",
        "The same small network four times. For three training examples other units are crossed "
        "out each time, together with all their connections. In prediction every unit takes "
        "part.",
        (750, 325),
        parts,
    )


def ex07_losses():
    """Draw the push that a wrong sigmoid unit gets from two losses, and a divergence."""
    axes = Axes((70, 84, 330, 180), (-6, 6), (-0.06, 1.08))
    parts = [
        heading(
            236,
            34,
            "how hard is a sigmoid unit pushed?",
            "it should answer 0; slope of the loss by z",
        ),
        axes.frame([(-4, "−4"), (0, "0"), (4, "4")], [(0, "0"), (0.5, "½"), (1, "1")]),
        axes.curve(sigmoid, BLUE, 3),
        axes.curve(lambda z: 2 * sigmoid(z) ** 2 * (1 - sigmoid(z)), ORANGE, 3),
        text(*axes.at(-1.9, 0.9), "cross-entropy: a − y", 13, BLUE, weight="bold"),
        text(*axes.at(-3.6, 0.46), "squared error:", 13, ORANGE, weight="bold"),
        text(*axes.at(-3.6, 0.36), "2 (a − y) a (1 − a)", 13, ORANGE, weight="bold"),
        arrow(axes.at(5.2, 0.42), axes.at(5.2, 0.06), RED, 1.8),
        text(*axes.at(4.3, 0.54), "very wrong,", 12, RED),
        text(*axes.at(4.3, 0.46), "hardly pushed", 12, RED),
        text(236, 302, "weighted input z: the further right, the more wrong", 12, SOFT),
        heading(590, 34, "two distributions", "KL(p ‖ q) = 0.51, KL(q ‖ p) = 0.37"),
    ]
    bars = Axes((478, 84, 236, 180), (0, 6), (0, 1))
    parts.append(bars.frame([(1.4, "class 0"), (4.4, "class 1")], [(0, "0"), (0.5, "½"), (1, "1")]))
    for x, value, fill, stroke in (
        (0.5, 0.5, PALE_BLUE, BLUE),
        (1.5, 0.9, PALE_ORANGE, ORANGE),
        (3.5, 0.5, PALE_BLUE, BLUE),
        (4.5, 0.1, PALE_ORANGE, ORANGE),
    ):
        left, top = bars.at(x, value)
        _, bottom = bars.at(x, 0)
        parts.append(rectangle(left, top, 35, bottom - top, fill, stroke=stroke, thick=2))
        name = "p" if fill == PALE_BLUE else "q"
        parts.append(text(left + 17.5, bottom - 5, name, 13, stroke, weight="bold"))
        parts.append(text(left + 17.5, top - 7, value, 13, stroke, weight="bold"))
    parts.append(text(596, 302, "0 only if p = q, and not symmetric", 12, SOFT))
    return drawing(
        "Two losses and a divergence",
        "Left: the slope of the loss by the weighted input of a sigmoid unit that should answer "
        "0. With cross-entropy it grows towards 1 as the answer gets worse; with the squared "
        "error it falls back to nearly 0. Right: bars of two distributions over two classes, p "
        "is one half each, q is 0.9 and 0.1.",
        (750, 320),
        parts,
    )


def ex08_backpropagation():
    """Draw the way forward and the way back, and gradient norms layer by layer."""
    parts = [heading(178, 34, "forward, then back", "the same way in both directions")]
    for k, (name, below) in enumerate(
        (("layer 1", "w₁, b₁"), ("layer 2", "w₂, b₂"), ("loss", "y"))
    ):
        left = 44 + 106 * k
        last = k == 2
        parts.append(rectangle(left, 128, 72, 64, PALE_GREY if last else WHITE, thick=2, corner=8))
        parts.append(text(left + 36, 155, name, 14, weight="bold"))
        parts.append(text(left + 36, 176, below, 13, SOFT))
        parts.append(arrow((left - 32, 143), (left - 3, 143), BLUE, 2.5))
        if k:
            parts.append(arrow((left - 3, 177), (left - 32, 177), RED, 2.5))
        if not last:
            parts.append(arrow((left + 36, 195), (left + 36, 228), RED, 2.5))
            parts.append(text(left + 36, 246, f"dw{'₁₂'[k]}, db{'₁₂'[k]}", 13, RED))
    parts += [
        text(18, 128, "x", 15, BLUE),
        text(178, 104, "numbers go forward", 13, BLUE),
        text(292, 246, "the error", 13, RED),
        text(292, 262, "goes back", 13, RED),
        text(178, 296, "every weight learns its share of the error", 12, SOFT),
    ]
    axes = Axes((450, 84, 264, 180), (0.5, 8.5), (-4, 0.3))
    parts += [
        heading(582, 34, "how strong is the gradient?", "8 layers, before training"),
        axes.frame(
            [(k, k) for k in range(1, 9)],
            [(0, "1"), (-1, "0.1"), (-2, "0.01"), (-3, "0.001"), (-4, "10⁻⁴")],
        ),
        text(582, 302, "layer (1 is next to the input)", 12, SOFT),
    ]
    for name, color in (("relu", BLUE), ("sigmoid", ORANGE)):
        places = [
            axes.at(k, math.log10(value)) for k, value in enumerate(GRADIENT_NORMS[name], start=1)
        ]
        parts.append(path(places, color, 2.5))
        parts += [circle(x, y, 4.5, color, color) for x, y in places]
    parts.append(text(*axes.at(2.6, -0.75), "ReLU", 13, BLUE, weight="bold"))
    parts.append(text(*axes.at(6.5, -3.1), "sigmoid: it vanishes", 13, ORANGE, weight="bold"))
    return drawing(
        "Back-propagation, and how gradients vanish",
        "Left: numbers go forward through two layers to the loss; the error goes back through "
        "the same layers and gives each its gradients. Right: the norm of the gradient in eight "
        "layers on a logarithmic scale. With ReLU all are near one half; with sigmoid it falls "
        "from one half in the last layer to three ten-thousandths in the first.",
        (750, 320),
        parts,
    )


def _maps(left, top, cells, side, color):
    """Draw a pile of feature maps, the frontmost with a grid."""
    parts = []
    for k in reversed(range(4)):
        x, y = left + 7 * k, top - 7 * k
        parts.append(rectangle(x, y, side, side, WHITE, stroke=color, thick=1.5))
    step = side / cells
    for k in range(1, cells):
        parts.append(path([(left + k * step, top), (left + k * step, top + side)], FRAME, 0.7))
        parts.append(path([(left, top + k * step), (left + side, top + k * step)], FRAME, 0.7))
    parts.append(rectangle(left, top, side, side, stroke=color, thick=1.5))
    return parts


def ex09_cnn():
    """Draw the network from the digit to the answer."""
    parts = [
        grid(24, 124, [[None] * 8] * 8, 13, lambda i, j: ink(DIGIT[i][j])),
        rectangle(24 + 2 * 13, 124 + 13, 65, 65, stroke=BLUE, thick=3),
        text(76, 250, "one digit", 14, weight="bold"),
        text(76, 268, "1 × 8 × 8", 13, SOFT),
        arrow((136, 176), (196, 176), BLUE, 2.5),
        text(166, 160, "5×5", 13, BLUE),
        text(166, 198, "conv,", 13, BLUE),
        text(166, 214, "ReLU", 13, BLUE),
        *_maps(206, 138, 8, 88, BLUE),
        text(256, 250, "24 feature maps", 14, weight="bold"),
        text(256, 268, "24 × 8 × 8", 13, SOFT),
        arrow((320, 176), (372, 176), GREEN, 2.5),
        text(346, 160, "max", 13, GREEN),
        text(346, 198, "pool", 13, GREEN),
        text(346, 214, "2×2", 13, GREEN),
        *_maps(384, 160, 4, 46, GREEN),
        text(416, 250, "smaller maps", 14, weight="bold"),
        text(416, 268, "24 × 4 × 4", 13, SOFT),
        arrow((458, 176), (512, 176), ORANGE, 2.5),
        text(484, 160, "dropout,", 13, ORANGE),
        text(484, 198, "flatten", 13, ORANGE),
    ]
    row = [(534, 96 + 16 * k) for k in range(11)]
    classes = [(660, 86 + 20 * k) for k in range(10)]
    parts += [path([a, b], FRAME, 0.7) for a in row for b in classes]
    for k, (x, y) in enumerate(row):
        fill, stroke = (PAPER, RULE) if k in (2, 7) else (PALE_ORANGE, ORANGE)
        parts.append(rectangle(x - 6, y - 6, 12, 12, fill, stroke=stroke, thick=1.3))
    for k, (x, y) in enumerate(classes):
        chosen = k == 3
        parts.append(circle(x, y, 8, ORANGE if chosen else WHITE, INK, thick=1.5))
        parts.append(text(x + 20, y + 5, k, 14, weight="bold" if chosen else "normal"))
    parts += [
        text(534, 306, "384 numbers", 13, SOFT),
        text(660, 306, "10 classes", 13, SOFT),
        text(597, 72, "fully connected, softmax", 13, INK),
        text(706, 150, "“3”", 18, ORANGE, weight="bold"),
        heading(375, 36, "from pixels to local features to an answer"),
        text(166, 306, "624 parameters", 13, BLUE, weight="bold"),
        text(597, 326, "3850 parameters", 13, weight="bold"),
    ]
    return drawing(
        "A small convolutional network",
        "A handwritten 3 of 8 by 8 pixels goes through a 5 by 5 convolution with ReLU into 24 "
        "maps of 8 by 8, through max pooling into 24 maps of 4 by 4, through dropout into a row "
        "of 384 numbers, and from there through a fully connected layer to ten classes, of "
        "which 3 lights up.",
        (750, 345),
        parts,
    )


def ex10_locality():
    """Draw a digit and the same digit shuffled, and the accuracies of two networks on both."""
    # A fixed arrangement of the 64 places: multiplication by 27 is a bijection modulo 64.
    shuffled = [[DIGIT[p // 8][p % 8] for p in ((27 * (8 * i + j) + 5) % 64 for j in range(8))]
                for i in range(8)]  # fmt: skip
    parts = [
        heading(76, 34, "plain"),
        grid(24, 52, [[None] * 8] * 8, 13, lambda i, j: ink(DIGIT[i][j])),
        arrow((76, 164), (76, 186), SOFT, 2),
        text(152, 171, "move every pixel,", 12, SOFT),
        text(156, 186, "in all pictures alike", 12, SOFT),
        heading(76, 322, "shuffled"),
        grid(24, 198, [[None] * 8] * 8, 13, lambda i, j: ink(shuffled[i][j])),
    ]
    for k, (pixels, name) in enumerate(
        (("plain", "plain pixels"), ("shuffled", "shuffled pixels"))
    ):
        axes = Axes((268 + 246 * k, 76, 196, 196), (1.15, 3.1), (0, 1))
        parts.append(heading(axes.x + 98, 34, name, "share of right answers"))
        parts.append(
            axes.frame(
                [(math.log10(size), size) for size in SIZES],
                [(0, "0"), (0.5, "50 %"), (1, "100 %")],
            )
        )
        parts.append(text(axes.x + 98, 312, "pictures to learn from", 12, SOFT))
        for model, color, drop in (("cnn", BLUE, -12), ("mlp", ORANGE, 22)):
            places = [
                axes.at(math.log10(size), value)
                for size, value in zip(SIZES, ACCURACY[model, pixels], strict=True)
            ]
            parts.append(path(places, color, 2.5))
            parts += [circle(x, y, 4.5, color, color) for x, y in places]
            x, y = places[2]
            parts.append(
                text(
                    x - 16 if drop < 0 else x + 18,
                    y + drop,
                    model.upper(),
                    14,
                    color,
                    weight="bold",
                )
            )
    return drawing(
        "A CNN's lead needs neighbours that belong together",
        "Left: a handwritten 3, and the same pixels in another order. Right: accuracy by the "
        "number of training pictures. On plain pixels the convolutional network is far ahead of "
        "the fully connected one; on shuffled pixels both are about the same; with 20 pictures "
        "neither is good.",
        (750, 340),
        parts,
    )


def _normalised(numbers):
    """The numbers with mean 0 and variance 1, as they are written."""
    mean = sum(numbers) / len(numbers)
    deviation = math.sqrt(sum((n - mean) ** 2 for n in numbers) / len(numbers))
    return [number((n - mean) / deviation) for n in numbers]


def ex11_normalisation():
    """Draw a batch, and which of its numbers the two kinds of normalisation put together."""
    batch = [[1, 20, 300], [3, 60, 200], [5, 20, 400], [7, 60, 300]]
    columns = [_normalised(column) for column in zip(*batch, strict=True)]
    kinds = (
        ("batch normalisation", "each feature over the batch", PALE_BLUE, BLUE,
         [list(row) for row in zip(*columns, strict=True)], (0, 0, 1, 4)),
        ("layer normalisation", "each example over its features", PALE_ORANGE, ORANGE,
         [_normalised(row) for row in batch], (0, 0, 3, 1)),
    )  # fmt: skip
    parts = [
        heading(136, 34, "a batch", "4 examples, 3 features"),
        grid(64, 84, batch, 48, size=15),
        text(136, 300, "features", 13, SOFT),
        text(46, 180, "examples", 13, SOFT, turn=-90),
    ]
    for k, (name, below, pale, color, rows, (j, i, across, down)) in enumerate(kinds):
        left = 284 + 232 * k
        between = text(left - 32, 185, "or", 15, SOFT)
        parts.append(between if k else arrow((left - 56, 180), (left - 16, 180), INK, 2))
        parts.append(heading(left + 84, 34, name, below))

        def fill(row, column, pale=pale, box=(j, i, across, down)):
            inside = column < box[0] + box[2] and row < box[1] + box[3]
            return pale if inside else WHITE

        parts.append(grid(left, 84, rows, 56, fill, size=14))
        box = (left + 56 * j, 84 + 56 * i, 56 * across, 56 * down)
        parts.append(rectangle(*box, stroke=color, thick=2.5, corner=3))
    parts += [
        path([(284, 322), (684, 322)], FRAME, 1),
        text(484, 346, "What is framed has mean 0 and variance 1. Its unit is gone:", 13, SOFT),
        text(484, 366, "20, 60, 20, 60 and 2, 6, 2, 6 give the same.", 13, SOFT),
    ]
    return drawing(
        "Two kinds of normalisation",
        "A batch of four examples with three features, of sizes around 4, 40 and 300. Batch "
        "normalisation takes a column, so each feature has mean 0 and variance 1 over the "
        "examples: the first is -1.34, -0.45, 0.45, 1.34. Layer normalisation takes a row: the "
        "first example becomes -0.78, -0.64, 1.41.",
        (720, 390),
        parts,
    )


def _valley_path(move, steps=20):
    """Places of an optimiser in the valley (x² + 25·y²) / 2, from (−4, 0.9) on."""
    places, memory = [(-4.0, 0.9)], [[0.0, 0.0], [0.0, 0.0]]
    for t in range(1, steps + 1):
        slopes = (places[-1][0], 25 * places[-1][1])
        places.append(
            tuple(
                p - move(t, g, slots)
                for p, g, slots in zip(places[-1], slopes, memory, strict=True)
            )
        )
    return places


def _with_momentum(_, slope, slots):
    slots[0] = 0.7 * slots[0] + slope
    return 0.05 * slots[0]


def _as_adam(t, slope, slots):
    slots[0] = 0.8 * slots[0] + 0.2 * slope
    slots[1] = 0.9 * slots[1] + 0.1 * slope**2
    return 0.4 * slots[0] / (1 - 0.8**t) / math.sqrt(slots[1] / (1 - 0.9**t))


def ex12_optimisers():
    """Draw the steps of three optimisers through a long valley."""
    kinds = (
        ("descent", "rate 0.07", BLUE, lambda _, slope, slots: 0.07 * slope),
        ("with momentum", "rate 0.05, momentum 0.7", ORANGE, _with_momentum),
        ("Adam", "rate 0.4, betas 0.8 and 0.9", GREEN, _as_adam),
    )
    parts = []
    for k, (name, below, color, move) in enumerate(kinds):
        valley = Axes((22 + 242 * k, 78, 222, 190), (-4.2, 3.1), (-1.1, 1.1))
        parts.append(heading(133 + 242 * k, 34, name, below))
        for height in (0.25, 1, 2.5, 4.5):  # where the valley has this height is an ellipse
            turns = [math.tau * step / 96 for step in range(97)]
            ellipse = [
                (math.sqrt(2 * height) * math.cos(a), math.sqrt(2 * height / 25) * math.sin(a))
                for a in turns
            ]
            parts.append(path([valley.at(*place) for place in ellipse], RULE, 1))
        places = _valley_path(move)
        parts.append(path([valley.at(*place) for place in places], color, 1.6))
        parts += [circle(*valley.at(*place), 2.4, color, color) for place in places]
        parts.append(circle(*valley.at(0, 0), 5, NOTHING, RED, thick=2))
        left = math.hypot(*places[-1])
        parts.append(text(133 + 242 * k, 292, f"after 20 steps: {left:.2f} away", 13, SOFT))
    return drawing(
        "Three ways through a valley",
        "Twenty steps in a long valley, 25 times as steep across as along. Plain descent goes to and fro "
        "across it and creeps along. With momentum the steps to and fro cancel and those along the valley "
        "add up. Adam takes steps of the same length in both directions at first.",
        (750, 312),
        parts,
    )


def ex13_autograd():
    """Draw the graph of (x·w + x)·x with its values, and the gradients that come back."""
    places = {"x": (70, 230), "w": (70, 100), "·": (230, 130), "+": (390, 180), "×": (550, 230)}
    values = {"x": "3", "w": "2", "·": "6", "+": "9", "×": "27"}
    edges = [
        (("w", "·"), "3·3 = 9", (140, 96)),
        (("x", "·"), "3·2 = 6", (176, 196)),
        (("·", "+"), "3", (312, 138)),
        (("x", "+"), "3", (270, 222)),
        (("+", "×"), "3", (472, 188)),
        (("x", "×"), "9", (320, 262)),
    ]
    parts = [heading(380, 34, "x is used three times", "its gradient is 6 + 3 + 9 = 18")]
    for (start, end), slope, (left, top) in edges:
        (x1, y1), (x2, y2) = places[start], places[end]
        length = math.hypot(x2 - x1, y2 - y1)
        dx, dy = 30 * (x2 - x1) / length, 30 * (y2 - y1) / length
        parts += [
            arrow((x1 + dx, y1 + dy), (x2 - dx, y2 - dy), INK, 2),
            text(left, top, slope, 14, ORANGE),
        ]
    for name, (x, y) in places.items():
        leaf = name in "xw"
        parts += [
            circle(x, y, 26, PALE_BLUE if leaf else PALE_GREY, BLUE if leaf else INK),
            text(x, y + 6, f"{name} = {values[name]}" if leaf else values[name], 14),
        ]
        if not leaf:
            parts.append(text(x, y - 34, {"·": "x·w", "+": "p + x", "×": "s·x"}[name], 13, SOFT))
    parts += [
        arrow((576, 230), (640, 230), INK, 2),
        text(660, 236, "L = 27", 15, anchor="start"),
        text(380, 310, "black: values, forward", 13, INK, anchor="end"),
        text(400, 310, "orange: gradients, backward", 13, ORANGE, anchor="start"),
    ]
    return drawing(
        "A graph of operations, with values and gradients",
        "x is 3 and w is 2. Their product is 6, with x added 9, times x again 27. Backward, x gets "
        "6 through the product, 3 through the sum and 9 from the last product: 18 together; w "
        "gets 9.",
        (760, 330),
        parts,
    )


def ex14_recurrence():
    """Draw a recurrent network that adds, unrolled in time, and gradient norms step by step."""
    parts = [
        heading(190, 34, "one network, step by step", "0 1 1 + 0 0 1 = 1 0 0, lowest digit first")
    ]
    columns, carries = (("1, 1", "0"), ("1, 0", "0"), ("0, 0", "1")), ("carry 1", "carry 1", "")
    for k, ((below, above), carry) in enumerate(zip(columns, carries, strict=True)):
        left = 44 + 112 * k
        middle = left + 33
        parts.append(rectangle(left, 138, 66, 56, PALE_BLUE, thick=2, corner=8))
        parts.append(text(middle, 172, f"h{'₁₂₃'[k]}", 17, weight="bold"))
        parts.append(arrow((middle, 230), (middle, 198), BLUE, 2.5))
        parts.append(arrow((middle, 134), (middle, 104), BLUE, 2.5))
        parts.append(text(middle, 250, below, 15, BLUE))
        parts.append(text(middle, 96, above, 17, BLUE, weight="bold"))
        if carry:
            parts.append(arrow((left + 69, 154), (left + 109, 154), BLUE, 2.5))
            parts.append(arrow((left + 109, 180), (left + 69, 180), RED, 2.5))
            parts.append(text(left + 89, 130, carry, 12, BLUE))
    parts += [
        text(190, 282, "the same weights at each step;", 13, SOFT),
        text(190, 302, "the error goes back through them", 13, RED),
    ]
    axes = Axes((450, 84, 274, 180), (0.5, 20.5), (-3, 3))
    parts += [
        heading(587, 34, "what still counts at the end?", "norms of the gradient by each input"),
        axes.frame(
            [(k, k) for k in (1, 5, 10, 15, 20)],
            [
                (k, words)
                for k, words in ((-2, "0.01"), (-1, "0.1"), (0, "1"), (1, "10"), (2, "100"))
            ],
        ),
        text(587, 302, "step", 12, SOFT),
    ]
    for name, color in (("rnn 0.7", ORANGE), ("rnn 1.3", RED), ("lstm", BLUE)):
        places = [axes.at(k, math.log10(v)) for k, v in enumerate(STEP_NORMS[name], start=1)]
        parts.append(path(places, color, 2.5))
        parts += [circle(x, y, 3, color, color) for x, y in places]
    parts += [
        text(
            *axes.at(5.6, 2.1), "it explodes: state × 1.3", 13, RED, anchor="start", weight="bold"
        ),
        text(
            *axes.at(1.2, 0.42), "LSTM, forget gates open", 13, BLUE, anchor="start", weight="bold"
        ),
        text(
            *axes.at(8.2, -1.9),
            "it vanishes: state × 0.7",
            13,
            ORANGE,
            anchor="start",
            weight="bold",
        ),
    ]
    return drawing(
        "A recurrent network, and gradients through time",
        "Left: a network reads 3 and 1 in binary, column by column, lowest digit first. At each step "
        "it hands a state to the next one, here the carry, and says a digit of the sum: 0, 0, 1. The "
        "error goes back the same way. Right: the norm of the gradient by the input of each of 20 "
        "steps, on a logarithmic scale. It falls from 5.4 at the last step to 0.004 at the first "
        "where the weights shrink the state, grows from 3.2 to 288 where they stretch it, and stays "
        "between 1.5 and 3 in an LSTM with open forget gates.",
        (750, 320),
        parts,
    )


def ex15_attention():
    """Draw the masked scores of three places, the weights made of them, and a block's bypasses."""
    exponentials = [[2], [1, 3], [4, 2, 2]]
    scores = [[f"{math.log(e):.1f}" for e in row] + ["−∞"] * (3 - len(row)) for row in exponentials]
    weights = [[number(e / sum(row)) for e in row] + ["0"] * (3 - len(row)) for row in exponentials]

    def fill(row, column, pale):
        return pale if column <= row else PALE_GREY

    parts = [text(40, 172, "who looks", 13, SOFT, turn=-90)]
    for left, name, below, rows, pale in (
        (60, "scores", "the mask hides the future", scores, PALE_BLUE),
        (284, "weights", "softmax: a row sums to 1", weights, PALE_ORANGE),
    ):
        parts += [
            heading(left + 84, 34, name, below),
            grid(left, 82, rows, 56, lambda i, j, pale=pale: fill(i, j, pale), size=15),
            text(left + 84, 272, "looked at", 13, SOFT),
        ]
    parts += [
        arrow((236, 166), (276, 166), INK, 2),
        text(256, 300, "Place 1 takes a quarter of the first value,", 13, SOFT),
        text(256, 320, "three quarters of its own, and nothing of the last.", 13, SOFT),
        heading(620, 34, "a block", "what goes past is added to"),
    ]
    past = 560
    parts += [arrow((past, 74), (past, 316), INK, 2.5), text(past - 12, 88, "x", 15, anchor="end")]
    for top, part, color, pale in (
        (98, "heads", BLUE, PALE_BLUE),
        (208, "w1, relu, w2", GREEN, PALE_GREEN),
    ):
        parts += [
            path([(past, top), (672, top), (672, top + 12)], color, 2),
            rectangle(620, top + 12, 104, 24, WHITE, stroke=color, thick=1.5, corner=4),
            text(672, top + 29, "norm", 13, color),
            path([(672, top + 36), (672, top + 44)], color, 2),
            rectangle(620, top + 44, 104, 24, pale, stroke=color, thick=1.5, corner=4),
            text(672, top + 61, part, 13, color),
            path([(672, top + 68), (672, top + 82)], color, 2),
            arrow((672, top + 82), (past + 11, top + 82), color, 2),
            circle(past, top + 82, 10, PAPER, INK),
            path([(past - 5, top + 82), (past + 5, top + 82)], INK, 2),
            path([(past, top + 77), (past, top + 87)], INK, 2),
        ]
    parts += [
        text(past - 12, 208, "a", 15, anchor="end"),
        text(past - 12, 316, "out", 15, anchor="end"),
    ]
    return drawing(
        "Attention with a causal mask, and a block around it",
        "Left: the scores of three places, those of the future hidden. Middle: the weights; the "
        "second place takes a quarter of the first value and three quarters of its own. Right: a "
        "block. x goes past; normalised, it is read by the heads, and what they find is added; the "
        "same again with a small network.",
        (760, 340),
        parts,
    )


FIGURES = {
    draw.__name__: draw
    for draw in (
        ex01_neuron,
        ex02_activations,
        ex03_fully_connected,
        ex04_convolution,
        ex05_pooling,
        ex06_dropout,
        ex07_losses,
        ex08_backpropagation,
        ex09_cnn,
        ex10_locality,
        ex11_normalisation,
        ex12_optimisers,
        ex13_autograd,
        ex14_recurrence,
        ex15_attention,
    )
}


def catalogues():
    """Return the font and the words of each language but English, by its tag."""
    paths = sorted(HERE.glob("figures.*.toml"))
    return {p.name.split(".")[1]: tomllib.loads(p.read_text(encoding="utf-8")) for p in paths}


def translated(drawn, language, catalogue):
    """Put the words of a language into a drawing; what its catalogue does not have stays English."""
    own = f'xml:lang="{language}" font-family="{catalogue["font"]}"'

    def say(match):
        words = unescape(match[0])
        return escape(catalogue["words"].get(words, words), quote=False)

    return WORDS.sub(say, drawn.replace(f'font-family="{FONT}"', own, 1))


def main(arguments=None):
    """Write figure.svg into every exercise's folder, and into its folder of each language."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=HERE, help="folder of the exercises")
    folder = parser.parse_args(arguments).output
    for name, draw in FIGURES.items():
        drawn = draw()
        figures = {folder / name: drawn}
        for language, catalogue in catalogues().items():
            figures[folder / name / language] = translated(drawn, language, catalogue)
        for place, figure in figures.items():
            target = place / "figure.svg"
            place.mkdir(parents=True, exist_ok=True)
            target.write_text(figure, encoding="utf-8", newline="\n")
            print(target)


if __name__ == "__main__":
    main()
