"""Compiles the catalogues of translated sentences whenever the package is built or installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface[Any]):
    """Makes a `.mo` file of each `.po` file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before files are collected."""
        root = Path(self.root)
        sys.path.insert(0, self.root)
        from grader.authoring.catalogues import compile_below

        for folder in ("grader/languages", "exercises"):
            if (root / folder).is_dir():
                compile_below(root / folder)
