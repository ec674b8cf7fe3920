"""The base of every HTML page: one look, no network, and no text that could be taken for markup.

A page is a template that extends `page.html`; `parts.html` has what pages share. All that is put into a
template is escaped. The page's own policy forbids everything but its style and, if it has one, its script:

    make_page(FOLDER / "demo.html", title="Digits", guesses=guesses)
"""

from __future__ import annotations

import base64
import hashlib
import math
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import grader
from grader.language import language, say, say_n, series, together
from grader.render import printable, truncate

TEMPLATES = Path(__file__).with_name("templates")
TEXT_LIMIT = 20_000
STYLE = (TEMPLATES / "page.css").read_text(encoding="utf-8")


def make_page(
    template: Path,
    *,
    title: str,
    style: str = "",
    shared: str = "",
    script: str = "",
    **values: Any,
) -> str:
    """A whole page.

    Args:
        template: a file that extends `page.html` and fills in its blocks `header`, `main` and `footer`.
        title: the page's.
        style: CSS beside that of all pages.
        shared: the address of a file with the style, for pages that share one; else each page holds it.
        script: JavaScript that the page runs.
        values: what the template uses.
    """
    values = {"style": STYLE + style, "shared": shared, "script": script, **values}
    page = environment(template.parent).get_template(template.name)
    return page.render(
        title=title, made=say("Made by nn-grader {version}.", version=grader.__version__), **values
    )


@cache
def environment(folder: Path = TEMPLATES) -> Environment:
    """Jinja, for the templates in a folder and those of all pages."""
    made = Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        show=show, points=points, percent=percent, source=policy_source, dedent=textwrap.dedent
    )
    made.globals.update(say=say, say_n=say_n, series=series, together=together, language=language)
    return made


def show(text: object) -> str:
    """A text without characters that do something, such as turning the direction of the line; of a very
    long one, the beginning."""
    return printable(truncate(str(text), TEXT_LIMIT))


def points(value: float) -> str:
    """Points with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(share: float) -> str:
    """A share as whole percent; nothing but all is 100, and nothing but none is 0.

    >>> percent(0.999), percent(0.001), percent(0.5)
    ('99 %', '1 %', '50 %')
    """
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(99, max(1, rounded))
    return f"{rounded} %"


def level(share: float) -> str:
    """The class of a cell's colour for a value from -1 to 1: `down4` to `up4`, and none near 0."""
    if not math.isfinite(share) or abs(share) < 1e-9:
        return ""
    return f"{'up' if share > 0 else 'down'}{min(4, math.ceil(4 * abs(share)))}"


def policy_source(text: str) -> str:
    """What the page's policy says to allow this style or script, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
