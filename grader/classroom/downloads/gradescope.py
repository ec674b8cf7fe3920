"""Gradescope: `submission_metadata.yml` beside `submission_<id>/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.submission import DownloadedSubmission, Note, parse_timestamp
from grader.errors import SubmissionError, UsageError
from grader.intake.tree import Entry, Tree
from grader.language import later, say

METADATA = "submission_metadata.yml"
MAX_DEPTH = 100
AS_TEXT = (
    "int",
    "float",
    "bool",
)  # a student's id 0123 is not octal for 83, and `no` may be a name


def _matches(tree: Tree) -> bool:
    return PurePosixPath(METADATA) in tree.files


def _read(tree: Tree, note: Note) -> list[DownloadedSubmission]:
    table = _yaml(tree.files[PurePosixPath(METADATA)])
    found = []
    held = tree.by_folder(1)
    for folder, value in sorted(table.items(), key=lambda pair: str(pair[0])):
        about = value if isinstance(value, dict) else {}
        submitters = [s for s in about.get(":submitters") or [] if isinstance(s, dict)]
        files = held.get(PurePosixPath(str(folder)), {})
        submitted = parse_timestamp(about.get(":created_at"), f"{METADATA}, {folder}", note)
        for one in submitters or [{}]:
            student = _text(one, ":sid") or _text(one, ":email") or _text(one, ":name")
            found.append(
                DownloadedSubmission(
                    student=student or str(folder),
                    files=files,
                    name=_text(one, ":name"),
                    email=_text(one, ":email"),
                    submitted=submitted,
                    origin=str(folder),
                )
            )
    return found


def _yaml(entry: Entry) -> dict[Any, Any]:
    import yaml

    # Gradescope writes Ruby's symbols and times, which the safe loader reads as plain values. The C
    # loader is fast (a class's results are megabytes), but deep nesting would overflow its stack.
    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rules = {
        first: [rule for rule in known if rule[0].rpartition(":")[2] not in AS_TEXT]
        for first, known in safe.yaml_implicit_resolvers.items()
    }
    loader = type("Loader", (safe,), {"yaml_implicit_resolvers": rules})
    try:
        data, depth = entry.read(), 0
        for event in yaml.parse(data, loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ValueError("nested too deeply")
        table = yaml.load(data, loader)
    except (yaml.YAMLError, SubmissionError, ValueError, RecursionError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise UsageError(
            say("{metadata}: cannot be read ({reason})", metadata=METADATA, reason=reason)
        ) from None
    if not isinstance(table, dict):
        raise UsageError(say("{metadata}: is not a table of submissions", metadata=METADATA))
    return table


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return str(value).strip() if value is not None else ""


PLATFORM = Platform(
    "gradescope",
    _matches,
    _read,
    own=lambda path: path.name == METADATA,
    looks=later("submission_metadata.yml beside folders such as submission_11"),
)
