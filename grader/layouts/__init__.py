"""Whose files are these? The layouts of downloads, and what the platforms put into names."""

from grader.layouts.canvas import CANVAS, canvas_name, upload_number
from grader.layouts.handin import SOURCES, HandIn, exercise_in
from grader.layouts.moodle import MOODLE
from grader.layouts.read import LAYOUTS, read_layout

__all__ = [
    "CANVAS",
    "LAYOUTS",
    "MOODLE",
    "SOURCES",
    "HandIn",
    "canvas_name",
    "exercise_in",
    "read_layout",
    "upload_number",
]
