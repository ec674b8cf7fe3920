"""What the instructor decided when the package was made; travels as settings.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
USUAL_SECONDS = 540.0  # Gradescope stops a container after ten minutes


@dataclass(frozen=True)
class Settings:
    """How submissions are graded on the host.

    Attributes:
        exercises: their ids.
        seconds: how long grading one submission may take.
        late_per_day: the share of the points that each begun day costs; 0 for no penalty.
        late_most: the largest share that lateness can cost.
        grace_minutes: how late is not late.
        hidden: Gradescope's visibility of hidden checks.
        require: guarantees without which no student's code is run.
    """

    exercises: tuple[str, ...]
    seconds: float = USUAL_SECONDS
    late_per_day: float = 0.0
    late_most: float = 1.0
    grace_minutes: float = 0.0
    hidden: str = "visible"
    require: tuple[str, ...] = ()

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1) + "\n"


def loads(text: str) -> Settings:
    """Settings from `Settings.dumps`."""
    value = json.loads(text)
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in value.items()}
    return Settings(**lists)
