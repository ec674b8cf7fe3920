"""Hooks of the documentation site: pages from outside docs/, and formulas as MathML.

MathML is drawn by the browser itself, so that no page loads a script for its formulas.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
TOP = {
    "README.md": "index.md",
    "README.zh-Hant.md": "README.zh-Hant.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
}
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)

# latex2mathml sets log q without the space that TeX puts between them.
FUNCTION = re.compile(r"(<mi>(?:exp|ln|log|max|min)</mi>)(?=<m(?:i|n|sub|sup)\b)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the handouts, in each language, with their figures where the repository has them, and the pages
    at its top."""
    handouts = ROOT / "exercises"
    for path in sorted([*handouts.glob("*/*"), *handouts.glob("*/*/*")]):
        if path.suffix in (".md", ".svg"):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    for source, target in TOP.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=_on_the_site(text)))
    return files


def _on_the_site(text: str) -> str:
    """A page of the repository's top with links to where the pages lie on the site."""
    text = text.replace("](docs/", "](")
    for source, target in TOP.items():
        text = text.replace(f"]({source})", f"]({target})")
    return text


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links from docs/ to a handout: on the site they lie beside each other."""
    return markdown.replace("](../exercises/", "](exercises/")


def on_page_content(content: str, **_: Any) -> str:
    """Write each formula as MathML."""

    def mathml(match: re.Match[str]) -> str:
        display = "block" if match[1] == "div" else "inline"
        drawn = convert(html.unescape(match[2]).strip(), display=display)
        return FUNCTION.sub(r'\1<mspace width="0.17em"></mspace>', drawn)

    return FORMULA.sub(mathml, content)
