"""Statistics of a class's reports."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from grader.classroom.gradebook import Grade
from grader.classroom.report.mistakes import MistakeStats, common_mistakes
from grader.language import later
from grader.model import CheckResult, Outcome, Report

BINS = 10
DIFFICULTY = (  # from this share of passes on
    (0.9, later("easy: nearly everybody passes")),
    (0.7, later("most pass")),
    (0.4, later("hard: about half pass")),
    (0.1, later("very hard: few pass")),
    (0.0, later("hardly anybody passes")),
)
TELLS = (  # from this correlation on
    (0.4, later("who passes it does well in the rest, too")),
    (0.2, later("who passes it does somewhat better in the rest")),
    (0.0, later("it says little about the rest")),
    (-1.0, later("who does well in the rest fails it: look at the check itself")),
)


@dataclass(frozen=True, slots=True)
class CheckStats:
    """How a class did in one check.

    Attributes:
        passed: the share that passed, from 0 to 1.
        discrimination: how passing it correlates with the score of all other checks, from -1 to 1.
            Near 0 it says nothing about a student, below 0 something is wrong with it. None if all
            did alike.
    """

    name: str
    title: str
    points: float
    hidden: bool
    passed: float
    discrimination: float | None

    @property
    def difficulty(self) -> str:
        """How difficult it is, in words."""
        return next(words for least, words in DIFFICULTY if self.passed >= least)

    @property
    def tells(self) -> str:
        """What its discrimination says, in words."""
        if self.discrimination is None:
            return ""
        return next(words for least, words in TELLS if self.discrimination >= least)


@dataclass(frozen=True, slots=True)
class ClassStats:
    """One exercise of a class.

    Attributes:
        judged: submissions with a score.
        open: submissions without one.
        full: submissions with full marks.
        mean, median: of the scores.
        bins: submissions by tenth of the points.
        days: `(day, submissions, mean share of the points)` where timestamps are known.
    """

    exercise: str
    title: str
    points: float
    judged: int
    open: int
    full: int
    mean: float
    median: float
    bins: tuple[int, ...]
    checks: tuple[CheckStats, ...]
    mistakes: tuple[MistakeStats, ...]
    days: tuple[tuple[str, int, float], ...]


def class_stats(
    exercise: str,
    title: str,
    points: float,
    grades: Sequence[Grade],
    reports: Mapping[str, Report | None],
    zone: tzinfo = UTC,
    sources: Callable[[Grade], Mapping[str, str]] = lambda _: {},
) -> ClassStats:
    """The statistics of one exercise: `grades` are of this exercise only, `reports` are by the result's
    key, days begin at midnight in `zone`, and `sources` gives the texts of a submission."""
    scored = [(g, g.score) for g in grades if g.score is not None]
    scores = [score for _, score in scored]
    parts = [s / (g.max_score or points or 1) for g, s in scored]
    bins = Counter(min(BINS - 1, max(0, int(p * BINS))) for p in parts)
    by_day: dict[str, list[float]] = defaultdict(list)
    for (grade, _), part in zip(scored, parts, strict=True):
        if grade.submitted:
            by_day[grade.submitted.astimezone(zone).date().isoformat()].append(part)
    held = [(g, report) for g, _ in scored if (report := reports.get(g.result_key))]
    return ClassStats(
        exercise=exercise,
        title=title,
        points=points,
        judged=len(scored),
        open=len(grades) - len(scored),
        full=sum(p >= 1 for p in parts),
        mean=statistics.fmean(scores) if scores else 0.0,
        median=statistics.median(scores) if scores else 0.0,
        bins=tuple(bins[i] for i in range(BINS)),
        checks=_checks([report for _, report in held]),
        mistakes=common_mistakes(
            [report for _, report in held], lambda number: sources(held[number][0])
        ),
        days=tuple((d, len(v), statistics.fmean(v)) for d, v in sorted(by_day.items())),
    )


def _checks(reports: Sequence[Report]) -> tuple[CheckStats, ...]:
    columns: dict[str, list[tuple[CheckResult, float]]] = {}
    for report in reports:
        score = report.score  # a sum over the checks
        for check in report.checks:
            rest = score - check.score
            columns.setdefault(check.name, []).append((check, rest))
    found = []
    for name, column in columns.items():
        passes = [float(c.outcome is Outcome.PASSED) for c, _ in column]
        first = column[0][0]
        found.append(
            CheckStats(
                name=name,
                title=first.title,
                points=first.max_score,
                hidden=first.hidden,
                passed=statistics.fmean(passes),
                discrimination=correlation(passes, [rest for _, rest in column]),
            )
        )
    return tuple(sorted(found, key=lambda c: c.passed))


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's correlation; None if one of the two does not vary, or there are fewer than three."""
    if len(first) < 3 or len(set(first)) < 2 or len(set(second)) < 2:
        return None
    value = statistics.correlation(first, second)
    return None if math.isnan(value) else value
