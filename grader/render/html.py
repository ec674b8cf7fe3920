"""Reports as one HTML page that loads no other files and runs no scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from grader.language import series
from grader.model import Report
from grader.render import for_students
from grader.render.pages import TEMPLATES, make_page
from grader.render.views import view_report


def render(reports: Sequence[Report], *, sources: Sequence[Mapping[str, str]] = ()) -> str:
    """One page with all reports, one below the other; `sources` are the texts of each submission."""
    texts = sources or [{}] * len(reports)
    seen: Counter[str] = Counter()
    views = []
    for report, text in zip(reports, texts, strict=True):
        seen[report.exercise] += 1
        number = seen[report.exercise]
        anchor = report.exercise if number == 1 else f"{report.exercise}-{number}"
        views.append(view_report(for_students(report), anchor, text))
    title = series(dict.fromkeys(f"{r.exercise} {r.title}" for r in reports))
    return make_page(TEMPLATES / "reports.html", title=title, views=views)
