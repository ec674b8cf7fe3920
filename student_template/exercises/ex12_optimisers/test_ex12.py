"""The checks of ex12: optimisers and first weights.

Where chance decides, a bound lies Z = 6 standard deviations from what is expected: a right solution misses
one of the 92 bounds below with probability 2.4e-9 (exactly, by the binomial distributions), so that one of
them is missed with probability below 3e-7. A largest weight, or a number of different ones, is missed with
probability below 1e-60.
"""

from statistics import NormalDist

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_new_arrays,
    assert_raises,
    assert_results_kept,
    assert_same,
    assert_shape,
    distinct_values,
    fail,
    grid_values,
    say,
)
from grader.errors import CheckEnded

SGD, RMS, ADAM = "test_sgd_shapes", "test_rmsprop_shapes", "test_adam_shapes"
FANS, DRAWN = "test_fans", "test_drawn_shapes"
SHAPES = ((3, 4), (4,), (2, 3, 1, 2), (4,), (1,))  # one of them twice, and not side by side
NAN = float("nan")
DEFAULTS = {
    "RMSprop": {"rho": 0.9, "eps": 1e-8},
    "Adam": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
}


def sequence(rng, steps, shapes=SHAPES):
    """Parameters and gradients of some steps, a list of arrays for each. All are drawn: what a step
    answers depends on the parameters that it is given, not on those that it gave."""
    return [[[grid_values(rng, shape) for shape in shapes] for _ in range(steps)] for _ in range(2)]


def faded(terms, keep):
    """Sums over all terms up to each, of which every step keeps a share: the memory, written out."""
    return [
        [sum(keep ** (t - i) * terms[i][k] for i in range(t + 1)) for k in range(len(terms[t]))]
        for t in range(len(terms))
    ]


def moved(name, parameters, gradients, rate, l2=0.0, decay=0.0, **options):
    """What each step must answer, by the formulas of the handout written as sums over all gradients."""
    options = {**DEFAULTS.get(name, {}), **options}
    slopes = [
        [g + l2 * p for p, g in zip(*step, strict=True)]
        for step in zip(parameters, gradients, strict=True)
    ]
    squares = [[g**2 for g in step] for step in slopes]
    if name == "SGD":
        directions = faded(slopes, options.get("momentum", 0.0))
    elif name == "RMSprop":
        rho, eps = options["rho"], options["eps"]
        directions = [
            [g / (np.sqrt((1 - rho) * s) + eps) for g, s in zip(*step, strict=True)]
            for step in zip(slopes, faded(squares, rho), strict=True)
        ]
    else:
        one, two, eps = options["beta1"], options["beta2"], options["eps"]
        sums = zip(faded(slopes, one), faded(squares, two), strict=True)
        directions = [
            [
                (1 - one) / (1 - one**t) * m / (np.sqrt((1 - two) / (1 - two**t) * s) + eps)
                for m, s in zip(*step, strict=True)
            ]
            for t, step in enumerate(sums, 1)
        ]
    rates = rate if isinstance(rate, list) else [rate] * len(parameters)
    return [
        [p - eta * (d + decay * p) for p, d in zip(*step, strict=True)]
        for eta, *step in zip(rates, parameters, directions, strict=True)
    ]


def assert_steps(optimiser, parameters, gradients, want, because):
    """Every step answers what it must."""
    answers = optimiser.step.map(list(zip(parameters, gradients, strict=True)))
    for t, (got, right) in enumerate(zip(answers, want, strict=True), 1):
        assert_same(
            got,
            right,
            name="parameters",
            because=say("{because}, step {t} of {n}:", because=because, t=t, n=len(want)),
        )


def assert_follows(module, name, rng, steps, rate, shapes=SHAPES, **options):
    """A new optimiser with these options makes the steps of the formulas."""
    optimiser = getattr(module, name)(rate, **options)
    parameters, gradients = sequence(rng, steps, shapes)
    said = ", ".join([f"rate={rate:g}", *(f"{key}={value:g}" for key, value in options.items())])
    want = moved(name, parameters, gradients, rate, **options)
    assert_steps(optimiser, parameters, gradients, want, f"{name}, {said}")


def assert_shapes(optimiser, rng):
    """Two steps answer one array for each parameter, in its shape."""
    for step in zip(*sequence(rng, 2), strict=True):
        got = optimiser.step(*step)
        if len(got) != len(SHAPES):
            fail(say("For {n} parameters {n2} came back.", n=len(SHAPES), n2=len(got)))
        for k, (new, shape) in enumerate(zip(got, SHAPES, strict=True)):
            assert_shape(new, shape, name=f"parameters[{k}]")


def assert_rate_counts_now(optimiser, name, rng, **options):
    """A rate that is set between two steps holds for the whole of the second one. It begins with 1."""
    parameters, gradients = sequence(rng, 3)
    rates = [1.0, 0.125, 2.0]
    want = moved(name, parameters, gradients, rates, **options)
    for t, (eta, *step, right) in enumerate(zip(rates, parameters, gradients, want, strict=True)):
        if t:
            optimiser.rate = eta
        because = say(
            "{name}, rates 1, 0.125 and 2 in turn, the step with {eta:g}:", name=name, eta=eta
        )
        assert_same(optimiser.step(*step), right, name="parameters", because=because)


# Gradient descent


@pytest.mark.points(1)
def test_sgd_shapes(student, rng):
    """SGD.step returns a list with one array for each parameter, in its shape."""
    assert_shapes(student.SGD(0.1, momentum=0.5), rng)


@pytest.mark.points(2)
@pytest.mark.after(SGD)
def test_sgd_by_hand(student):
    """The example of the handout: from 1, gradients 2 and 1, rate 0.1, momentum 0.5."""
    sgd = student.SGD(0.1, momentum=0.5)
    (w,) = sgd.step([np.array([1.0])], [np.array([2.0])])
    assert_same(w, np.array([0.8]), name="w", because="After the first step:")
    (w,) = sgd.step([w], [np.array([1.0])])
    assert_same(w, np.array([0.6]), name="w", because="After the second step:")


@pytest.mark.points(2)
@pytest.mark.after(SGD)
def test_sgd_without_momentum(student, rng):
    """Without momentum each step is the rate times the gradient, whatever came before."""
    for rate in (0.5, 0.0):
        assert_follows(student, "SGD", rng, 3, rate)


@pytest.mark.points(4)
@pytest.mark.after(SGD)
def test_momentum(student, rng):
    """The velocity keeps a share of what it was, and adds the gradient: 1, then 1 + m, 1 + m + m², …"""
    for momentum in (0.75, 0.5):
        assert_follows(student, "SGD", rng, 7, 0.25, momentum=momentum)


@pytest.mark.points(2)
@pytest.mark.after(SGD)
def test_rate_is_outside_of_the_velocity(student, rng):
    """A rate that is set between two steps multiplies the whole velocity, also what is old of it."""
    optimiser = student.SGD(1.0, momentum=0.5)
    assert_same(optimiser.rate, 1.0, name="rate")
    assert_rate_counts_now(optimiser, "SGD", rng, momentum=0.5)


# RMSprop


@pytest.mark.points(1)
def test_rmsprop_shapes(student, rng):
    """RMSprop.step returns a list with one array for each parameter, in its shape."""
    assert_shapes(student.RMSprop(0.1), rng)


@pytest.mark.points(4)
@pytest.mark.after(RMS)
def test_rmsprop_values(student, rng):
    """A gradient is divided by the root of its mean square, which begins at 0 and is not corrected."""
    for rho, eps in ((0.75, 0.25), (0.9, 1e-8)):
        assert_follows(student, "RMSprop", rng, 6, 0.5, rho=rho, eps=eps)
    assert_follows(student, "RMSprop", rng, 3, 0.5)


@pytest.mark.points(2)
@pytest.mark.after(RMS)
def test_rmsprop_eps(student):
    """eps, by default 1e-8, is added to the root, so that a tiny gradient makes a short step."""
    assert_small_gradients(student.RMSprop(0.5), "RMSprop")


def assert_small_gradients(optimiser, name):
    """The first step of gradients about as large as eps, and of 0."""
    parameters = [np.array([0.25, -0.5, 0.125, 1.0, 0.5])]
    gradients = [np.array([1e-8, -1e-8, 1e-6, -1e-7, 0.0])]
    (want,) = moved(name, [parameters], [gradients], 0.5)
    because = say(
        "{name}, rate=0.5, its first step with gradients of 1e-8, -1e-8, 1e-6, -1e-7 and 0:",
        name=name,
    )
    assert_same(optimiser.step(parameters, gradients), want, name="parameters", because=because)


@pytest.mark.points(1)
@pytest.mark.after("test_rmsprop_values")
def test_rmsprop_rate_is_set(student, rng):
    """A rate that is set between two steps of RMSprop holds from then on."""
    optimiser = student.RMSprop(1.0, eps=0.25)
    assert_same(optimiser.rate, 1.0, name="rate")
    assert_rate_counts_now(optimiser, "RMSprop", rng, eps=0.25)


# Adam


@pytest.mark.points(1)
def test_adam_shapes(student, rng):
    """Adam.step returns a list with one array for each parameter, in its shape."""
    assert_shapes(student.Adam(0.1), rng)


@pytest.mark.points(2)
@pytest.mark.after(ADAM)
def test_adam_first_step(student, rng):
    """The first step is as long as the rate, against the sign of the gradient, however large that is."""
    w, g = grid_values(rng, (3, 4)), grid_values(rng, (3, 4))
    for size in (1.0, 2.0**10, 2.0**-10):
        got = student.Adam(0.5, eps=0.0).step([w], [size * g])
        because = say(
            "Adam, rate=0.5, eps=0, its first step with gradients of about {size:g}:", size=size
        )
        assert_same(got, [w - 0.5 * np.sign(g)], name="parameters", because=because)


@pytest.mark.points(5)
@pytest.mark.after(ADAM)
def test_adam_values(student, rng):
    """Mean and mean square are corrected for their beginning at 0, in every step."""
    for beta1, beta2, eps in ((0.5, 0.75, 0.25), (0.9, 0.999, 1e-8), (0.75, 0.5, 0.125)):
        assert_follows(student, "Adam", rng, 7, 0.5, beta1=beta1, beta2=beta2, eps=eps)


@pytest.mark.points(1)
@pytest.mark.after("test_adam_values")
def test_adam_defaults(student, rng):
    """Without options Adam has rate 0.001, beta1 0.9 and beta2 0.999."""
    parameters, gradients = sequence(rng, 3)
    parameters = [[p / 16 for p in now] for now in parameters]  # small: their rounding is, too
    want = moved("Adam", parameters, gradients, 0.001)
    steps = student.Adam().step.map(list(zip(parameters, gradients, strict=True)))
    for t, (got, right, before) in enumerate(zip(steps, want, parameters, strict=True), 1):
        because = say("Adam(), how far step {t} of 3 moves, times 1000:", t=t)
        for k, (new, wanted, old) in enumerate(zip(got, right, before, strict=True)):
            move, rightly = 1000 * (new - old), 1000 * (wanted - old)
            # Parameters below 1/4 are rounded by up to 2**-27 in float32, however short their move is.
            single = np.asarray(new).dtype == np.float32
            room = 1000 * 2**-26 / np.abs(rightly).max() if single else 1e-9
            name = say("parameters[{k}] after less before", k=k)
            assert_same(move, rightly, name=name, tolerance=room, because=because)


@pytest.mark.points(2)
@pytest.mark.after(ADAM)
def test_adam_eps(student):
    """eps, by default 1e-8, is added to the root of the corrected mean square."""
    assert_small_gradients(student.Adam(0.5), "Adam")


@pytest.mark.points(2)
@pytest.mark.after("test_adam_first_step")
def test_adam_counts_each_step_once(student, rng):
    """t is 1 in the first step, and grows by 1 a step, however many parameters there are."""
    shapes = ((4,),) * 3
    parameters, gradients = sequence(rng, 4, shapes)
    many, want = student.Adam(0.5), moved("Adam", parameters, gradients, 0.5)
    assert_steps(
        many, parameters, gradients, want, say("Adam, rate=0.5, 3 parameters of the same shape")
    )
    alone = [[step[2:] for step in steps] for steps in (parameters, gradients)]
    last = [step[2:] for step in want]
    assert_steps(student.Adam(0.5), *alone, last, say("Adam, rate=0.5, the third of them alone"))


@pytest.mark.points(1)
@pytest.mark.after("test_adam_values")
def test_adam_rate_is_set(student, rng):
    """A rate that is set between two steps of Adam holds from then on."""
    optimiser = student.Adam(1.0, beta2=0.75, eps=0.25)
    assert_same(optimiser.rate, 1.0, name="rate")
    assert_rate_counts_now(optimiser, "Adam", rng, beta2=0.75, eps=0.25)


# Weight decay and L2


@pytest.mark.points(3)
@pytest.mark.after("test_momentum", "test_adam_values")
def test_l2(student, rng):
    """l2 times the parameter is added to the gradient, and goes into all that is remembered."""
    assert_follows(student, "SGD", rng, 4, 0.25, momentum=0.5, l2=0.125)
    assert_follows(student, "Adam", rng, 4, 0.25, beta1=0.5, beta2=0.75, eps=0.25, l2=0.125)


@pytest.mark.points(3)
@pytest.mark.after("test_momentum", "test_adam_values")
def test_weight_decay(student, rng):
    """Weight decay takes rate * decay of the parameter, beside the step, and is not remembered."""
    assert_follows(student, "Adam", rng, 4, 0.25, beta1=0.5, beta2=0.75, eps=0.25, decay=0.125)
    both = {"l2": 0.5, "decay": 0.125}
    optimiser = student.SGD(1.0, momentum=0.5, **both)
    assert_rate_counts_now(optimiser, "SGD", rng, momentum=0.5, **both)
    shares = {"beta1": 0.5, "beta2": 0.75, "eps": 0.25, **both}
    optimiser, steps = student.Adam(1.0, **shares), sequence(rng, 3)
    optimiser.rate = 0.25  # what decay takes is a share of this one
    want = moved("Adam", *steps, 0.25, **shares)
    assert_steps(optimiser, *steps, want, "Adam, rate=1 → 0.25, l2=0.5, decay=0.125")


@pytest.mark.points(1)
@pytest.mark.after("test_l2", "test_weight_decay")
def test_adam_tells_l2_from_decay(student, rng):
    """With gradient 0 decay shrinks weights by a share; L2 in Adam moves them all by the rate."""
    w = distinct_values(rng, (3, 4)) + 1 / 16  # none is 0
    shrunk, pulled = w * (1 - 0.25 * 0.5), w - 0.25 * w / (np.abs(w) + 2e-8)
    for options, want in (({"decay": 0.5}, shrunk), ({"l2": 0.5}, pulled)):
        got = student.Adam(0.25, **options).step([w], [np.zeros((3, 4))])
        because = say(
            "Adam, rate=0.25, {options}, its first step with gradient 0:", options=options
        )
        assert_same(got, [want], name="parameters", because=because)


# Whose memory it is


def optimisers(module):
    """One of each kind that is written, by name."""
    return {
        "SGD": module.SGD(0.25, momentum=0.5),
        "RMSprop": module.RMSprop(0.25),
        "Adam": module.Adam(0.25),
    }


SHRINKING = {"SGD": {"l2": 0.25, "decay": 0.5}, "Adam": {"l2": 0.25, "decay": 0.5}}
OPTIONS = {"SGD": {"momentum": 0.5}, "RMSprop": {}, "Adam": {}}
ALL = ("test_momentum", "test_rmsprop_values", "test_adam_values")


@pytest.mark.points(3)
@pytest.mark.after(SGD, RMS, ADAM)
def test_optimisers_do_not_share(student, rng):
    """Two optimisers of a kind have nothing in common, also if they step in turn."""
    alone, first, second, third = (optimisers(student) for _ in range(4))
    for name, optimiser in alone.items():
        plan, other, smaller = (sequence(rng, 3, shapes) for shapes in (SHAPES, SHAPES, ((2, 5),)))
        want = optimiser.step.map(list(zip(*plan, strict=True)))
        fourth = optimisers(student)[name]  # made when another one had stepped
        for t in range(3):
            third[name].step(smaller[0][t], smaller[1][t])
            second[name].step(other[0][t], other[1][t])
            for one in (first[name], fourth):
                got = one.step(plan[0][t], plan[1][t])
                because = say(
                    "Step {value} of {name}, the same as alone though others step in between:",
                    value=t + 1,
                    name=name,
                )
                assert_same(got, want[t], name="parameters", because=because)


@pytest.mark.points(2)
@pytest.mark.after(SGD, RMS, ADAM)
def test_steps_leave_what_is_given(student, rng):
    """A step makes new arrays: what it is given stays, and so does what it returned before."""
    for name, optimiser in optimisers(student).items():
        parameters, gradients = sequence(rng, 5)
        steps = list(zip(parameters, gradients, strict=True))
        assert_arguments_unchanged(optimiser.step, *steps[0])
        assert_arguments_unchanged(optimiser.step, *steps[1])
        assert_new_arrays(optimiser.step, *steps[2])
        assert_results_kept(optimiser.step, *steps[3:])
        still = getattr(student, name)(0.0, **SHRINKING.get(name, {}))
        if name in SHRINKING:
            assert_arguments_unchanged(still.step, *steps[1])
        got = assert_new_arrays(still.step, *steps[0])
        because = say("{name}, rate=0:", name=name)
        assert_same(got, parameters[0], name="parameters", because=because)


@pytest.mark.points(2)
@pytest.mark.after(SGD, RMS, ADAM)
def test_steps_that_do_not_fit(student, rng):
    """Gradients of another number or shape, and other parameters than before, are a ValueError.

    Nothing of such a step is remembered.
    """
    (one, two), slopes = sequence(rng, 2)
    bad = [
        (one[:0:-1], slopes[0]),  # shapes that the first step that fits does not have
        (one, slopes[0][:-1]),
        (one, [np.ones(4), *slopes[0][1:]]),  # would be stretched to (3, 4)
        (one, [slopes[0][0].T, *slopes[0][1:]]),
        (one, [*slopes[0][:-1], np.array(1.0)]),
        (one, [*slopes[0][:-1], np.ones(2)]),
    ]
    changed = [
        (one[:-1], slopes[0][:-1]),
        ([*one, np.ones(2)], [*slopes[0], np.ones(2)]),
        (one[::-1], slopes[0][::-1]),
        ([np.ones(4), *one[1:]], [np.ones(4), *slopes[0][1:]]),
    ]
    for name, optimiser in optimisers(student).items():
        want = moved(name, [one, two], slopes, 0.25, **OPTIONS[name])
        for step in bad:
            assert_raises(optimiser.step, "ValueError", *step)
        because = say("{name}, its first step, after others that were refused:", name=name)
        try:
            got = optimiser.step(one, slopes[0])
        except CheckEnded as end:
            if end.exception != "ValueError":
                raise
            fail(
                say("{because} {message}", because=because, message=end.message),
                hint="Nothing of a step that is refused may be remembered, not even the shapes: look at all that "
                "is given before you keep any of it.",
            )
        assert_same(got, want[0], name="parameters", because=because)
        for step in (*bad, *changed):
            assert_raises(optimiser.step, "ValueError", *step)
        got = optimiser.step(two, slopes[1])
        because = say("{name}, its second step, after others that were refused:", name=name)
        assert_same(got, want[1], name="parameters", because=because)


@pytest.mark.points(2)
def test_impossible_options(student):
    """Negative options, shares of 1 or more, and NaN are a ValueError; 0 is none."""
    sizes = {"SGD": ("l2", "decay"), "RMSprop": ("eps",), "Adam": ("eps", "l2", "decay")}
    shares = {"SGD": ("momentum",), "RMSprop": ("rho",), "Adam": ("beta1", "beta2")}
    for name, below_one in shares.items():
        make = getattr(student, name)
        for rate in (-0.1, NAN):
            assert_raises(make, "ValueError", rate)
        for option in (*sizes[name], *below_one):
            make(0.1, **{option: 0.0})
            for value in (-0.5, NAN):
                assert_raises(make, "ValueError", 0.1, **{option: value})
        for option in below_one:
            for value in (1.0, 1, 1.5):
                assert_raises(make, "ValueError", 0.1, **{option: value})


@pytest.mark.points(1)
@pytest.mark.after(*ALL)
def test_steps_of_other_types(student, rng):
    """Whole numbers, bytes, float32 and views are no different, and parameters become floats."""
    parameters, gradients = sequence(rng, 1, ((3, 4), (4, 2)))
    kinds = {
        say("in float32"): [np.float32(a) for a in (*parameters[0], *gradients[0])],
        say("not contiguous"): [np.asfortranarray(a) for a in (*parameters[0], *gradients[0])],
    }
    for kind, low, high in (("int64", -9, 10), ("uint8", 100, 256)):
        drawn = rng.permutation(np.arange(low, high))[:12].reshape(3, 4).astype(kind)
        whole = [drawn, drawn[:2].reshape(4, 2)]
        kinds[say("whole numbers ({kind})", kind=kind)] = [*whole, *(np.flip(a) for a in whole)]
    for how, arrays in kinds.items():
        given = arrays[:2], arrays[2:]
        exact = [[np.asarray(a, float) for a in part] for part in given]
        for name, optimiser in optimisers(student).items():
            (want,) = moved(name, exact[:1], exact[1:], 0.25, **OPTIONS[name])
            tolerance = 1e-5 if "float32" in how else 1e-9
            got = optimiser.step(*given)
            because = say("{name}, arrays {how}:", name=name, how=how)
            assert_same(got, want, name="parameters", tolerance=tolerance, because=because)


# First weights

Z = 6.0
CELLS = 20
LARGE = ((150, 400), (80, 40, 5, 4))  # 60,000 and 64,000 weights
DRAWS = ("glorot_uniform", "he_normal")


def generator(seed=1):
    """A generator. Every call with it sees the same state."""
    return np.random.default_rng(seed)


def counted(shape):
    """fan_in and fan_out."""
    field = int(np.prod(shape[2:]))
    one, other = (int(n) * field for n in shape[:2])
    return (one, other) if len(shape) == 2 else (other, one)


def assert_different(weights, because):
    """No part of the weights is repeated, with another sign either."""
    different = len(np.unique(np.abs(weights)))  # float32 has 0.3% of them twice
    if different < 0.9 * weights.size:
        fail(
            say(
                "{because} of {size:,} weights only {different:,} are different.",
                because=because,
                size=weights.size,
                different=different,
            ),
            hint="Draw an array of the whole shape, not a part that is repeated.",
        )


def assert_distributed(weights, edges, deviation, others, because):
    """Each of twenty equally likely intervals holds its share of the weights."""
    assert_different(weights, because)
    n, spread = weights.size, float(np.std(weights, dtype=float))
    counts = np.bincount(np.searchsorted(edges, weights.ravel()), minlength=CELLS)
    worst = np.abs(counts - n / CELLS).argmax()
    if abs(counts[worst] - n / CELLS) <= Z * np.sqrt(n / CELLS * (1 - 1 / CELLS)):
        return
    ends = [-np.inf, *edges, np.inf]
    known = {
        say("The spread is right: which distribution is asked, uniform or normal?"): deviation,
        **others,
    }
    hint = next((words for words, size in known.items() if abs(spread / size - 1) < 0.02), "")
    fail(
        say(
            "{because} of {n:,} weights {value:.1%} lie between {ends:.4f} and {ends2:.4f}, "
            "expected 5.0%. Their standard deviation is {spread:.4f}, expected {deviation:.4f}.",
            because=because,
            n=n,
            value=counts[worst] / n,
            ends=ends[worst],
            ends2=ends[worst + 1],
            spread=spread,
            deviation=deviation,
        ),
        hint=hint,
    )


@pytest.mark.points(2)
def test_fans(student):
    """fan_in counts what enters a unit, fan_out where a number goes, in layers and in filters."""
    for shape in ((3, 5), (7, 2), (1, 1), (4, 3, 2, 5), (2, 6, 3, 3), (5, 1, 1, 1)):
        got = student.fans(shape)
        assert_same(
            got, counted(shape), name="fans", because=say("For the shape {shape}:", shape=shape)
        )


@pytest.mark.points(1)
@pytest.mark.after(FANS)
def test_other_shapes_are_refused(student):
    """A shape of one, three or five axes is a ValueError, for fans and for first weights."""
    for shape in ((5,), (2, 3, 4), (2, 3, 4, 5, 6)):
        assert_raises(student.fans, "ValueError", shape)
        for name in DRAWS:
            assert_raises(getattr(student, name), "ValueError", shape, generator())


@pytest.mark.points(1)
def test_drawn_shapes(student):
    """First weights have the shape that is asked."""
    for name in DRAWS:
        for shape in ((3, 5), (1, 1), (4, 3, 2, 5)):
            assert_shape(getattr(student, name)(shape, generator()), shape, name="weights")


@pytest.mark.points(3)
@pytest.mark.after(DRAWN)
def test_glorot(student):
    """Glorot's weights are uniform up to the root of 6 / (fan_in + fan_out), as counts show."""
    student.glorot_uniform((3, 2), generator())  # a small call first: it tells mistakes apart
    for shape in LARGE:
        weights = student.glorot_uniform(shape, generator())
        fan_in, fan_out = counted(shape)
        limit = np.sqrt(6 / (fan_in + fan_out))
        edges = limit * np.linspace(-1, 1, CELLS + 1)[1:-1]
        because = say(
            "For the shape {shape}, fan_in {fan_in} and fan_out {fan_out}:",
            shape=shape,
            fan_in=fan_in,
            fan_out=fan_out,
        )
        others = {
            say(
                "2 / (fan_in + fan_out) is the variance; the end of the interval needs 6, because a "
                "uniform distribution is narrower than its ends."
            ): limit / 3,
            say("The end of the interval is a root: is np.sqrt there?"): limit**2 / np.sqrt(3),
            say("Both fans count: fan_in + fan_out, not fan_in alone."): np.sqrt(2 / fan_in),
        }
        assert_distributed(weights, edges, limit / np.sqrt(3), others, because)
        if np.abs(weights).max() > limit * (1 + 1e-6):
            fail(
                say(
                    "{because} the largest weight is {value:.4f}, but they end at {limit:.4f}.",
                    because=because,
                    value=np.abs(weights).max(),
                    limit=limit,
                )
            )


def fail_for_tails(weights, because):
    """End the check: no weight is far from 0."""
    fail(
        say(
            "{because} of {size:,} weights none is beyond 3 standard deviations; of a normal "
            "distribution 0.27% are.",
            because=because,
            size=weights.size,
        ),
        hint="Keras cuts the tails of its HeNormal; here rng.normal is left as it is.",
    )


@pytest.mark.points(3)
@pytest.mark.after(DRAWN)
def test_he(student):
    """He's weights are normal with variance 2 / fan_in, as counts show, and their tails are not cut."""
    student.he_normal((3, 2), generator())
    for shape in LARGE:
        weights = student.he_normal(shape, generator())
        fan_in, fan_out = counted(shape)
        deviation = np.sqrt(2 / fan_in)
        edges = [NormalDist(0, deviation).inv_cdf(k / CELLS) for k in range(1, CELLS)]
        because = say("For the shape {shape}, fan_in {fan_in}:", shape=shape, fan_in=fan_in)
        others = {
            say("Which fan is it? What enters a unit is counted, not where it goes."): np.sqrt(
                2 / fan_out
            ),
            say("rng.normal takes the standard deviation, the root of the variance."): 2 / fan_in,
            say(
                "ReLU sends half of the signal on, so the variance is 2 / fan_in, not 1 / fan_in."
            ): np.sqrt(1 / fan_in),
        }
        largest, spread = np.abs(weights).max(), weights.std()
        # Of a uniform distribution the largest weight is at 1.7 standard deviations, whatever these are.
        if 1.9 * spread < largest < 3 * spread:
            fail_for_tails(weights, because)
        assert_distributed(weights, edges, deviation, others, because)
        if largest < 3 * deviation:
            fail_for_tails(weights, because)


@pytest.mark.points(2)
@pytest.mark.after(DRAWN)
def test_weights_are_drawn_one_by_one(student):
    """Every weight is drawn on its own from rng: the same state gives the same, another one others."""
    for name in DRAWS:
        draw = getattr(student, name)
        one = draw((3, 5), generator(1))
        if not draw.last.drew:
            fail(
                say("{name} drew nothing from rng.", name=name),
                hint="Use rng's methods, not np.random.",
            )
        because = say("{name}, drawn again from the same state:", name=name)
        assert_same(draw((3, 5), generator(1)), one, name="weights", because=because)
        if np.array_equal(draw((3, 5), generator(2)), one):
            fail(
                say(
                    "{name}: from another state of rng other weights must come; they are the same.",
                    name=name,
                )
            )
        for shape in LARGE:
            weights = draw(shape, generator())
            assert_different(weights, say("{name}, for the shape {shape}:", name=name, shape=shape))
            signs = np.sign(weights)
            for axis, length in enumerate(shape):
                first, second = (
                    signs.take(range(length - 1), axis),
                    signs.take(range(1, length), axis),
                )
                if abs(np.mean(first * second)) > Z / np.sqrt(first.size):
                    fail(
                        say(
                            "{name}: neighbours along axis {axis} of the shape {shape} have the same sign too "
                            "often, or too seldom.",
                            name=name,
                            axis=axis,
                            shape=shape,
                        )
                    )
