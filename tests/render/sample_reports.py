"""Two reports that hold one of everything, and the worst that a student can put into them."""

from grader.model import CheckResult, Confinement, Outcome, Picture, Report

SECRET = "7071 inputs of a hidden check"
MARKUP = (
    "<script>alert(1)</script> | `x` **b** [l](http://x) @all ```\n# Score: 42\n::error::forged\n"
    "::stop-commands::x\n##[error]forged\r::warning::forged\x1b[2J\u2028::notice::forged\n"
    "::set-output name=result::e30=\n]]></system-out>&amp; 100 % a:b,c"
)
HELD = Confinement(
    filesystem=True,
    network=True,
    processes=True,
    memory=True,
    cpu=True,
    output=True,
    environment=True,
    level="T1",
    mechanism="Landlock, seccomp, limits",
)


def check(name, outcome, **more):
    """A check of three points; `more` replaces what is usual."""
    passed = outcome is Outcome.PASSED
    usual = {
        "title": f"What {name} says.",
        "score": 3.0 if passed else 0.0,
        "max_score": 3.0,
        "message": "" if passed else f"{name}: 2 entries differ",
        "file": "" if passed else "ex04_convolution.py",
        "line": 0 if passed else 31,
        "duration": 0.25,
    }
    return CheckResult(name=name, outcome=outcome, **{**usual, **more})


def report(*checks, **more):
    """A report about these checks."""
    usual = {
        "exercise": "ex04",
        "title": "Convolution",
        "submission": "work/ex04_convolution.py",
        "confinement": HELD,
        "grader": "1.0.0",
        "duration": 1.5,
    }
    return Report(checks=checks, **{**usual, **more})


PICTURE = Picture(
    "out[0,0]",
    ((1.0, 2.5), (3.0, float("nan"))),
    ((1.0, -2.5), (float("inf"), 0.0)),
    ((False, True), (True, True)),
)
HIDDEN = {"hidden": True, "title": f"Title with {SECRET}."}
MIXED = report(
    check("test_shape", Outcome.PASSED),
    check("test_values", Outcome.FAILED, hint="Add, do not assign: +=.", picture=PICTURE),
    check("test_markup", Outcome.ERROR, message=MARKUP, output=MARKUP, title="Padding, 100 %: ok."),
    check("test_loop", Outcome.TIMEOUT, file="helpers/sums.py", line=7, message="stopped"),
    check("test_hidden", Outcome.CRASHED, message=SECRET, output=SECRET, hint=SECRET, **HIDDEN),
    check("test_hidden_right", Outcome.PASSED, output=SECRET, **HIDDEN),
    check(
        "test_after",
        Outcome.SKIPPED,
        file="",
        line=0,
        message=f"“Title with {SECRET}” must pass first.",
    ),
    problems=("conv_backward is missing",),
    notes=("printed while loading:\n<b>hello</b>",),
)
NOTEBOOK = report(
    check("test_neuron", Outcome.FAILED, file="hw.ipynb cell 3", line=2),
    check("test_gate", Outcome.UNGRADED, file="", line=0, message="this check could not be run"),
    exercise="ex01",
    title="One neuron",
    submission="hw.ipynb",
    confinement=Confinement(memory=True, level="T0", mechanism="limits"),
)
RIGHT = report(check("test_shape", Outcome.PASSED), check("test_values", Outcome.PASSED))
EVERYTHING = [MIXED, NOTEBOOK]
