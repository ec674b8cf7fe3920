"""Renders a record of measurements: a fragment of Markdown, and a plot."""

from __future__ import annotations

import io
import re
import statistics
from pathlib import Path
from typing import Any

from documents import replace_between

MARKS = "peers"  # <!-- peers:begin --> and <!-- peers:end -->
OURS, WARM, PYTEST = "nn-grader", "limit: warm process", "pytest"
COUNTED = {
    True: "counted by the kernel for a control group",
    False: "as far as they were waited for: **no control group could be made (it takes root), so "
    "processes that end with their sandbox are missing, and nn-grader's figure is too small**",
}
Row = dict[str, Any]


def middle(row: Row, kind: str, what: str, count: int = 1) -> float:
    """The median of a figure, per submission."""
    return float(statistics.median(run[what] for run in row[kind])) / count


def ratio(row: Row, base: Row, kind: str, what: str) -> float:
    """The median of the ratios turn by turn; each turn ran both, one soon after the other."""
    pairs = zip(row[kind], base[kind], strict=True)
    return float(statistics.median(a[what] / b[what] for a, b in pairs))


def markdown(record: Row) -> str:
    """Everything between the marks."""
    rows = {row["name"]: row for row in record["graders"]}
    count = record["batch"]
    left_out = [f"- Left out: {r['name']}. {r['left_out']}" for r in rows.values() if r["left_out"]]
    about = [
        f"Measured on {record['date']} on {record['machine']}, with "
        f"{', '.join(f'{k} {v}' for k, v in record['versions'].items())}.",
        "To repeat it (Linux):",
        "",
        f"    {record['command']}",
        "",
        "All graders grade the same submissions with the same checks, gradients by full central "
        "differences except in nn-grader. Submissions are the solution with a number of its own, "
        "and in the batch every fifth with a mistake; verdicts were compared in every run. "
        f"CPU is user and system time of all processes, {COUNTED[record['exact']]}; memory is the "
        "peak of the sum of their proportional set sizes, sampled; ratios are medians of the ratios "
        "turn by turn. One "
        f"BLAS thread for everyone. nn-grader isolates the student's code ({record['level']}); the "
        "others run it without isolation.",
    ]
    single = _table(rows, record, "single", 1, "s", 1)
    batch = _table(rows, record, "batch", count, "ms", 1000)
    how = [f"- {r['name']}: {r['how']}." for r in rows.values() if not r["left_out"]]
    differ = [f"- Disagreement: {line}" for line in record["disagreements"]]
    parts = [
        about,
        [f"One submission{medians(record['runs'])}:"],
        single,
        [f"A batch of {count}, per submission{medians(record['batch_runs'])}:"],
        batch,
        ["![CPU time per submission](performance_peers.svg)"],
        ["How each was run:", "", *how, *left_out, *differ],
        ["Goals:", "", *goals(rows)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def medians(runs: int) -> str:
    """How many runs the figures are from."""
    return ", one run" if runs == 1 else f", medians of {runs} runs in turn"


def _table(rows: dict[str, Row], record: Row, kind: str, count: int, unit: str, scale: int) -> list[str]:  # fmt: skip
    head = f"| grader | version | wall, {unit} | CPU, {unit} | peak memory, MB | CPU, × ours | CPU, × warm limit |"
    lines = [head, "|---|---|---:|---:|---:|---:|---:|"]
    for row in rows.values():
        if row["left_out"]:
            lines.append(f"| {row['name']} | {row['version']} | left out | | | | |")
        elif row[kind]:
            wall, cpu = (scale * middle(row, kind, what, count) for what in ("wall", "cpu"))
            memory = max(row[f"{kind}_memory"]) / 1e6
            bases = [rows.get(OURS), rows.get(WARM)]
            ratios = [figure(ratio(row, b, kind, "cpu")) if b and b[kind] else "" for b in bases]
            cells = [row["name"], row["version"], figure(wall), figure(cpu), f"{memory:.0f}"]
            lines.append(f"| {' | '.join([*cells, *ratios])} |")
    return lines


def figure(value: float) -> str:
    """Three digits where there are so many before the point, else two."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def goals(rows: dict[str, Row]) -> list[str]:
    """What the project set out to reach, and what was measured."""
    ours = rows.get(OURS)
    lines = []
    wanted = (
        (PYTEST, "single", "wall", 0.8, False, "`grade ex04` cold against a fresh pytest, wall"),
        (PYTEST, "single", "cpu", 0.8, False, "`grade ex04` cold against a fresh pytest, CPU"),
        (WARM, "batch", "cpu", 0.5, False, "a batch against the warm limit, CPU"),
        ("otter-grader", "batch", "cpu", 40, True, "otter-grader against ours, batch, CPU"),
        ("nbgrader", "batch", "cpu", 40, True, "nbgrader against ours, batch, CPU"),
    )
    for name, kind, what, limit, at_least, words in wanted:
        other = rows.get(name)
        if not ours or not other or not ours[kind] or not other[kind]:
            lines.append(f"- {words}: not measured.")
            continue
        value = ratio(other, ours, kind, what) if at_least else ratio(ours, other, kind, what)
        met = value >= limit if at_least else value <= limit
        bound = "at least" if at_least else "at most"
        shown = f"{value:.3g} (goal: {bound} {limit}, {'met' if met else 'missed'})"
        lines.append(f"- {words}: {shown}.")
    return lines


def write(record: Row, docs: Path) -> Path:
    """The table between the marks of `performance.md`, or a file of its own; and the plot."""
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "performance_peers.svg").write_text(plot(record), encoding="utf-8")
    target, text = docs / "performance.md", markdown(record)
    try:
        replace_between(target, MARKS, text)
    except (FileNotFoundError, ValueError):  # no such page, or one without our marks
        target = docs / "peers_table.md"
        target.write_text(text, encoding="utf-8", newline="\n")
    return target


def plot(record: Row) -> str:
    """CPU per submission as SVG, whose ink follows the reader's light or dark page."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    ink, one, many = "#010203", "#4c9be8", "#e8894c"
    rows = [r for r in record["graders"] if r["single"] or r["batch"]]
    series = (("single", "one submission", one, 1), ("batch", f"a batch of {record['batch']}", many, record["batch"]))  # fmt: skip
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "nn-grader",
        "font.size": 9,
        **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor"), ink),
        **dict.fromkeys(("xtick.color", "ytick.color"), ink),
    }
    with mpl.rc_context(settings):
        drawing, axes = pyplot.subplots(figsize=(7.5, 0.8 + 0.42 * len(rows)))
        for index, (kind, label, colour, count) in enumerate(series):
            shown = [(y, r) for y, r in enumerate(rows) if r[kind]]
            values = [1000 * middle(r, kind, "cpu", count) for _, r in shown]
            places = [y + 0.38 * (index - 0.5) for y, _ in shown]
            bars = axes.barh(places, values, 0.36, color=colour, label=label)
            axes.bar_label(bars, [figure(v) for v in values], padding=3, fontsize=8)
        axes.set_yticks(range(len(rows)), [r["name"] for r in rows])
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.margins(x=0.15)
        axes.set_xlim(left=10)
        axes.set_xlabel("CPU time per submission, ms (logarithmic)")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)
        target = io.StringIO()
        drawing.savefig(target, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})  # fmt: skip
        pyplot.close(drawing)
    style = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
    text = target.getvalue().replace(ink, "currentColor")
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"(<svg [^>]*>)", rf"\1\n {style}", text, count=1)
