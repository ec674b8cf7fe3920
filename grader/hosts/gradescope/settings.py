"""The instructor's choices for a Gradescope assignment; stored in the package as settings.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from grader.course.late import LatePolicy

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
USUAL_SECONDS = 540.0  # Gradescope stops a container after ten minutes


@dataclass(frozen=True)
class Settings:
    """How submissions are graded on the host.

    Attributes:
        exercises: their ids.
        seconds: how long grading one submission may take.
        late: what lateness costs.
        hidden: Gradescope's visibility of hidden checks.
        require: guarantees without which no student's code is run.
    """

    exercises: tuple[str, ...]
    seconds: float = USUAL_SECONDS
    late: LatePolicy = field(default_factory=LatePolicy)
    hidden: str = "visible"
    require: tuple[str, ...] = ()

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def loads(text: str) -> Settings:
    """Settings from `Settings.dumps`."""
    value = json.loads(text)
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    return Settings(**{**lists, "late": LatePolicy(**value.get("late", {}))})
