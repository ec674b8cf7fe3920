"""Reports as a batch makes them, without running one."""

from grader.model import CheckResult, Confinement, Outcome, Report


def check(name="test_a", outcome="failed", score=0.0, max_score=5.0, **about):
    """What one check found out."""
    title = about.pop("title", f"What {name} says")
    return CheckResult(name, title, Outcome(outcome), score, max_score, **about)


def report(*checks, exercise="ex01", title="A line", grader="1.0", **about):
    """The report of one submission."""
    return Report(exercise, title, "your submission", checks, Confinement(), grader, **about)
