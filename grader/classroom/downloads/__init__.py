"""Reads downloads of submissions, in the layout of the platform that they come from."""

from grader.classroom.downloads.canvas import CANVAS, canvas_name, upload_number
from grader.classroom.downloads.moodle import MOODLE
from grader.classroom.downloads.platform import Platform
from grader.classroom.downloads.read import FLAT, LAYOUTS, read_layout
from grader.classroom.downloads.submission import SOURCES, DownloadedSubmission, exercise_in

__all__ = [
    "CANVAS",
    "FLAT",
    "LAYOUTS",
    "MOODLE",
    "SOURCES",
    "DownloadedSubmission",
    "Platform",
    "canvas_name",
    "exercise_in",
    "read_layout",
    "upload_number",
]
