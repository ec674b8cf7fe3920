"""The translating of exercises, which needs Babel: an author who writes in one language need not have it."""

from __future__ import annotations

from types import ModuleType

from grader.errors import UsageError
from grader.language import say


def translation() -> ModuleType:
    """The module `translation`. Raises `UsageError` if Babel is missing."""
    try:
        from grader.authoring import translation as found
    except ModuleNotFoundError as error:
        if error.name != "babel":
            raise
        raise UsageError(
            say("Catalogues of translations need Babel: pip install 'nn-grader[translate]'")
        ) from None
    return found
