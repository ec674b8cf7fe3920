"""A notebook as the cells of a module: code cells in order. Their text is not parsed here."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

from grader.errors import SubmissionError
from grader.language import say
from grader.model import Cell


def notebook_cells(name: str, data: bytes) -> tuple[Cell, ...]:
    """The code cells of a notebook, each labelled with its number among the code cells.

    Older notebook formats are converted. Raises `SubmissionError` if it is not a notebook.
    """
    sources = _sources(name, data, code=True)
    return tuple(
        Cell(f"{name} cell {number}", source)
        for number, source in enumerate(sources, start=1)
        if source.strip()
    )


def text_cells(name: str, data: bytes) -> list[str]:
    """The cells of a notebook that are not code."""
    return _sources(name, data, code=False)


def _sources(name: str, data: bytes, *, code: bool) -> list[str]:
    import nbformat  # heavy, and only notebooks need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = data.decode("utf-8-sig")
            if not _has_cells(json.loads(text)):
                raise SubmissionError(
                    say(
                        "{name}: is not a notebook: it has no cells. Export the notebook again, or hand in a "
                        ".py file.",
                        name=name,
                    )
                )
            reads: Callable[..., Any] = nbformat.reads  # the library carries no types
            notebook = reads(text, as_version=4)
        return [str(c.source) for c in notebook.cells if (c.cell_type == "code") == code]
    except SubmissionError:
        raise
    except RecursionError:
        raise SubmissionError(
            say("{name}: nested too deeply to be a notebook", name=name)
        ) from None
    except Exception as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise SubmissionError(
            say(
                "{name}: cannot be read as a notebook ({reason}). Open it in Jupyter, save it again, or "
                "hand in a .py file.",
                name=name,
                reason=reason,
            )
        ) from None


def _has_cells(value: Any) -> bool:
    """Whether JSON has what a notebook has: a list of cells, or of worksheets in older formats."""
    return isinstance(value, dict) and any(
        isinstance(value.get(key), list) for key in ("cells", "worksheets")
    )
