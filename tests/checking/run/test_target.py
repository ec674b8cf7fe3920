"""Which misconception the results of a submission name."""

from dataclasses import replace
from pathlib import Path

from check_results import results

from grader.checking.diagnosis.recognition import Recognition
from grader.checking.run.target import Target
from grader.course.loader import find_course, find_exercise
from grader.model import Misconception, Outcome

EXERCISE = find_exercise(find_course(Path(__file__).resolve().parents[3]), "ex04")


def test_a_mistake_that_its_own_check_does_not_see_is_not_named():
    """Who passes the check that a mistake cannot pass did not make it, though an answer looks like it."""
    found = Recognition((Misconception("no_division", "Divide by N.", "mean"),))
    for mean, named in (("passed", ""), ("failed", "no_division"), ("skipped", "no_division")):
        target = Target(EXERCISE, None)
        target.results = results(mean=mean, large="failed")
        target.outcomes = {r.name: r.outcome for r in target.results}
        target.recognised = {"large": found}
        last = target.final_results()[-1]
        assert (last.misconception, last.hint) == (named, "Divide by N." if named else "look")


def test_a_mistake_that_its_own_check_tells_from_this_one_is_not_named():
    """Where the check that catches a mistake shows another one, a look-alike elsewhere is no proof."""
    mistake = Misconception("no_division", "Divide by N.", "mean")
    for excluded, named in ((frozenset(), "no_division"), (frozenset({"no_division"}), "")):
        target = Target(EXERCISE, None)
        target.results = results(mean="failed", large="failed")
        target.outcomes = {r.name: r.outcome for r in target.results}
        own = Recognition(excluded=excluded)
        target.recognised = {"mean": own, "large": Recognition((mistake,))}
        assert target.final_results()[-1].misconception == named


def test_a_hint_that_explains_a_part_only_says_so():
    """Where something else is wrong before, the hint is not about what the message shows first."""
    mistake = Misconception("no_division", "Divide by N.", "mean")
    for partly in (False, True):
        target = Target(EXERCISE, None)
        target.results = results(mean="failed")
        target.outcomes = {"mean": Outcome.FAILED}
        target.recognised = {"mean": Recognition((mistake,), partly=partly)}
        (found,) = target.final_results()
        assert found.hint == "Divide by N."
        assert ("explain only part" in found.message) is partly


def test_a_named_mistake_tells_the_function_to_look_at():
    """The function that a check called last may be right; a hint is asked for the one that is wrong."""
    mistake = Misconception("no_division", "Divide by N.", "mean", ("mean_squared_error",))
    for called, function in (
        (("mean_squared_error", "softmax"), "mean_squared_error"),
        (("softmax",), "softmax"),
    ):
        target = Target(EXERCISE, None)
        (failed,) = results(mean="failed")
        target.results = [replace(failed, called=called, function="softmax")]
        target.outcomes = {"mean": Outcome.FAILED}
        target.recognised = {"mean": Recognition((mistake,))}
        assert target.final_results()[0].function == function
