"""The references and misconceptions of a course, loaded when needed.

In a course with solutions they are code; in a student's copy they are recorded answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.checking.diagnosis.recognition import Catalogue, LiveCatalogue
from grader.checking.diagnosis.recording import RECORDED_FILE, Recorder, Recording
from grader.checking.diagnosis.reference import Reference, load_misconceptions, load_reference
from grader.checking.diagnosis.remembered import Turn, load_answers, save_answers
from grader.model import Course, Exercise

if TYPE_CHECKING:
    from grader.checking.diagnosis.contrast import Probe


class TrustedCode:
    """The trusted code of a course's exercises.

    Args:
        course: the course.
        recorder: records the answers of the references.
        answers_file: the file that keeps an exercise's answers from one batch to the next.
    """

    def __init__(
        self,
        course: Course,
        recorder: Recorder | None = None,
        answers_file: Callable[[Exercise], Path] | None = None,
    ) -> None:
        self.course = course
        self._answers_file = answers_file
        self._loaded: dict[Path, tuple[LiveCatalogue, int]] = {}
        self._turns: list[Turn] = []
        self._recorder = recorder
        self._references: dict[str, Reference] = {}
        self._catalogues: dict[str, Catalogue] = {}
        self._recordings: dict[str, Recording] = {}
        self._probes: dict[str, list[Probe]] = {}

    def reference(self, exercise: Exercise) -> Reference:
        """The exercise's reference, loaded once: its code, or its recorded answers."""
        if exercise.id not in self._references:
            if self.course.solutions is None:
                reference = self._recording(exercise).reference
            else:
                reference = load_reference(self.course, exercise)
            if self._recorder is not None:
                reference = self._recorder.wrap(reference, exercise)
            self._references[exercise.id] = reference
        return self._references[exercise.id]

    def begin_check(self, exercise: Exercise) -> None:
        """Begin a check of the exercise: the reference's objects of the last one are worth nothing."""
        if exercise.id in self._references:
            self._references[exercise.id].begin_check()

    def catalogue(self, exercise: Exercise) -> Catalogue:
        """The exercise's misconceptions, loaded when the first check fails."""
        if exercise.id not in self._catalogues:
            if self.course.solutions is None:
                self._catalogues[exercise.id] = self._recording(exercise)
            else:
                reference = load_reference(self.course, exercise)
                wrong = load_misconceptions(self.course, exercise, reference)
                path = self._answers_file(exercise) if self._answers_file is not None else None
                if path is not None and not path.exists():
                    self._turns.append(Turn(path))
                known = load_answers(path) if path is not None else None
                catalogue = LiveCatalogue(exercise, reference.functions, wrong, known)
                if path is not None:
                    self._loaded[path] = catalogue, len(catalogue.remembered)
                self._catalogues[exercise.id] = catalogue
        return self._catalogues[exercise.id]

    def end_submission(self) -> None:
        """Let other workers look up what nobody knew before this submission."""
        if self._turns:
            self._keep_answers()
            while self._turns:
                self._turns.pop().end()

    def close(self) -> None:
        """Keep the answers that are new."""
        self._keep_answers()
        self.end_submission()

    def _keep_answers(self) -> None:
        for path, (catalogue, known) in self._loaded.items():
            if len(catalogue.remembered) != known:
                save_answers(path, catalogue.remembered)
                self._loaded[path] = catalogue, len(catalogue.remembered)

    def probes(self, exercise: Exercise) -> Sequence[Probe]:
        """The simple calls that the exercise's features make, with the reference's answers."""
        if exercise.id not in self._probes:
            from grader.checking.diagnosis.contrast import probes
            from grader.checking.diagnosis.features import load_features

            reference, features = self.reference(exercise), load_features(exercise)
            self._probes[exercise.id] = probes(
                exercise, features, reference.functions, begin=reference.begin_check
            )
        return self._probes[exercise.id]

    def passed_on_reference(self, exercise: Exercise, check: str) -> bool:
        """Whether the check passed with the reference when the answers were recorded."""
        return check in self._recording(exercise).passed_on_reference

    def _recording(self, exercise: Exercise) -> Recording:
        if exercise.id not in self._recordings:
            path = exercise.folder / RECORDED_FILE
            self._recordings[exercise.id] = Recording(path, exercise)
        return self._recordings[exercise.id]
