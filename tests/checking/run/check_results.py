"""Results of made-up checks, for tests of what follows from them."""

from grader.model import CheckResult, Outcome


def results(**outcomes):
    """Results of checks by their names; `hidden_…` are hidden."""
    return [
        CheckResult(
            name=name,
            title=f"Title of {name}.",
            outcome=Outcome(outcome),
            score=0.0,
            max_score=1.0,
            hidden=name.startswith("hidden"),
            message="wrong",
            hint="look",
        )
        for name, outcome in outcomes.items()
    ]
