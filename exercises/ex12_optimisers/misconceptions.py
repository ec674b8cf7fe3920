"""Mistakes that people make with optimisers and first weights, each a small change on the reference."""

import numpy as np

from grader.checks import misconception


def by_rule(kind, rule):
    """The class of the reference with another rule: rule(self, slots, p, g) gives the moved parameter.

    slots holds what is remembered of a parameter, by name, and t, the number of its steps; what is not
    there yet is 0. Calls that do not fit are refused by the reference.
    """

    def step(self, parameters, gradients):
        kind.step(self, parameters, gradients)
        if not hasattr(self, "_slots"):
            self._slots = [dict.fromkeys(("t", "v", "m", "s"), 0) for _ in parameters]
        moved = []
        for slots, p, g in zip(self._slots, parameters, gradients, strict=True):
            slots["t"] += 1
            moved.append(rule(self, slots, np.array(p, float), np.array(g, float)))
        return moved

    return type(kind.__name__, (kind,), {"step": step})


# SGD


@misconception(
    hint="The gradient points to where the loss rises. Which sign has a step that makes it fall?",
    caught_by="test_sgd_without_momentum",
)
def goes_uphill(reference):
    class SGD(reference.SGD):
        def step(self, parameters, gradients):
            return super().step(parameters, [-np.asarray(g, float) for g in gradients])

    return SGD


@misconception(
    hint="The velocity is a sum of gradients; the rate multiplies it when the parameter moves. Keras puts the "
    "rate inside: what differs when the rate changes?",
    caught_by="test_rate_is_outside_of_the_velocity",
)
def rate_inside_the_velocity(reference):
    def rule(self, slots, p, g):
        slots["v"] = self.momentum * slots["v"] + self.rate * (g + self.l2 * p)
        return p - slots["v"] - self.rate * self.decay * p

    return by_rule(reference.SGD, rule)


@misconception(
    hint="The velocity is a sum, not a mean: the new gradient is added whole. Do you multiply it by "
    "1 - momentum?",
    caught_by="test_sgd_by_hand",
)
def velocity_is_a_mean(reference):
    def rule(self, slots, p, g):
        slots["v"] = self.momentum * slots["v"] + (1 - self.momentum) * (g + self.l2 * p)
        return p - self.rate * (slots["v"] + self.decay * p)

    return by_rule(reference.SGD, rule)


@misconception(
    hint="Only before the first step is the velocity zero. Does every step of yours begin with zeros?",
    caught_by="test_momentum",
)
def velocity_begins_anew(reference):
    def rule(self, slots, p, g):
        return p - self.rate * (g + self.l2 * p + self.decay * p)

    return by_rule(reference.SGD, rule)


@misconception(
    hint="momentum is the share of the velocity that is kept: 0.9 keeps nine tenths. Is 1 - momentum kept?",
    caught_by="test_momentum",
)
def momentum_is_what_is_lost(reference):
    class SGD(reference.SGD):
        def step(self, parameters, gradients):
            share, self.momentum = self.momentum, 1 - self.momentum
            try:
                return super().step(parameters, gradients)
            finally:
                self.momentum = share

    return SGD


@misconception(
    hint="This looks like Nesterov's momentum, a gradient too much in each step. The parameter moves along the "
    "velocity alone.",
    caught_by="test_sgd_by_hand",
)
def nesterov(reference):
    def rule(self, slots, p, g):
        g = g + self.l2 * p
        slots["v"] = self.momentum * slots["v"] + g
        return p - self.rate * (g + self.momentum * slots["v"] + self.decay * p)

    return by_rule(reference.SGD, rule)


@misconception(
    hint="The parameter moves along the new velocity, which has this step's gradient in it. Do you move "
    "before you update it?",
    caught_by="test_sgd_by_hand",
)
def moves_along_the_old_velocity(reference):
    def rule(self, slots, p, g):
        old = slots["v"]
        slots["v"] = self.momentum * old + g + self.l2 * p
        return p - self.rate * (old + self.decay * p)

    return by_rule(reference.SGD, rule)


@misconception(
    hint="A step begins at the parameters that it is given. Do you keep a copy of your own from the step "
    "before?",
    caught_by="test_sgd_without_momentum",
)
def remembers_the_parameters(reference):
    def remembering(kind):
        class Own(kind):
            def step(self, parameters, gradients):
                self._own = super().step(getattr(self, "_own", parameters), gradients)
                return self._own

        Own.__name__ = kind.__name__
        return Own

    return tuple(map(remembering, (reference.SGD, reference.RMSprop, reference.Adam)))


# RMSprop


@misconception(
    hint="The mean of the squares has the unit of a gradient squared. What is missing before you divide?",
    caught_by="test_rmsprop_values",
)
def divides_by_the_mean_square(reference):
    def rule(self, slots, p, g):
        slots["s"] = self.rho * slots["s"] + (1 - self.rho) * g**2
        return p - self.rate * g / (slots["s"] + self.eps)

    return by_rule(reference.RMSprop, rule)


@misconception(
    hint="eps stands outside of the root here, as in PyTorch: sqrt(s) + eps. Keras puts it inside.",
    caught_by="test_rmsprop_values",
)
def rmsprop_eps_inside_the_root(reference):
    def rule(self, slots, p, g):
        slots["s"] = self.rho * slots["s"] + (1 - self.rho) * g**2
        return p - self.rate * g / np.sqrt(slots["s"] + self.eps)

    return by_rule(reference.RMSprop, rule)


@misconception(
    hint="A mean forgets, a sum does not: old squares are multiplied by rho, new ones by 1 - rho. With all of "
    "them added up it is another method, Adagrad.",
    caught_by="test_rmsprop_values",
)
def adds_up_all_squares(reference):
    def rule(self, slots, p, g):
        slots["s"] = slots["s"] + g**2
        return p - self.rate * g / (np.sqrt(slots["s"]) + self.eps)

    return by_rule(reference.RMSprop, rule)


@misconception(
    hint="rho is the share of the old mean square, 1 - rho that of the new one. Are they swapped?",
    caught_by="test_rmsprop_values",
)
def rho_is_the_new_share(reference):
    def rule(self, slots, p, g):
        slots["s"] = (1 - self.rho) * slots["s"] + self.rho * g**2
        return p - self.rate * g / (np.sqrt(slots["s"]) + self.eps)

    return by_rule(reference.RMSprop, rule)


@misconception(
    hint="RMSprop takes the mean square as it is, too small at first. Only Adam corrects it.",
    caught_by="test_rmsprop_values",
)
def rmsprop_with_correction(reference):
    def rule(self, slots, p, g):
        slots["s"] = self.rho * slots["s"] + (1 - self.rho) * g**2
        corrected = slots["s"] / (1 - self.rho ** slots["t"])
        return p - self.rate * g / (np.sqrt(corrected) + self.eps)

    return by_rule(reference.RMSprop, rule)


@misconception(
    hint="The mean square must have this step's gradient in it before you divide. Is it updated too late?",
    caught_by="test_rmsprop_values",
)
def divides_by_the_old_mean_square(reference):
    def rule(self, slots, p, g):
        old = slots["s"]
        slots["s"] = self.rho * old + (1 - self.rho) * g**2
        with np.errstate(divide="ignore", invalid="ignore"):
            return p - self.rate * g / (np.sqrt(old) + self.eps)

    return by_rule(reference.RMSprop, rule)


@misconception(
    hint="What is averaged are squares: a mean of the gradients themselves may be negative, and has no root then. "
    "Is the square there?",
    caught_by="test_rmsprop_values",
)
def rmsprop_without_the_square(reference):
    def rule(self, slots, p, g):
        slots["s"] = self.rho * slots["s"] + (1 - self.rho) * g
        with np.errstate(divide="ignore", invalid="ignore"):
            return p - self.rate * g / (np.sqrt(slots["s"]) + self.eps)

    return by_rule(reference.RMSprop, rule)


# Adam


def corrected(self, t, m, s):
    return m / (1 - self.beta1**t) / (np.sqrt(s / (1 - self.beta2**t)) + self.eps)


def adam(reference, direction, kept="ms"):
    """Adam with another direction(self, t, m, s) of the step; m and s are not corrected. What is not kept
    begins with 0 in each step."""

    def rule(self, slots, p, g):
        g = g + self.l2 * p
        slots |= {name: 0 for name in "ms" if name not in kept}
        slots["m"] = self.beta1 * slots["m"] + (1 - self.beta1) * g
        slots["s"] = self.beta2 * slots["s"] + (1 - self.beta2) * g**2
        with np.errstate(divide="ignore", invalid="ignore"):
            return p - self.rate * (
                direction(self, slots["t"], slots["m"], slots["s"]) + self.decay * p
            )

    return by_rule(reference.Adam, rule)


@misconception(
    hint="Both means begin at 0 and are too small at first: by which factor, if all gradients were the same?",
    caught_by="test_adam_first_step",
)
def no_correction(reference):
    return adam(reference, lambda self, t, m, s: m / (np.sqrt(s) + self.eps))


@misconception(
    hint="The mean is corrected. The mean square begins at 0 as well: what is it divided by?",
    caught_by="test_adam_first_step",
)
def only_the_mean_is_corrected(reference):
    return adam(reference, lambda self, t, m, s: m / (1 - self.beta1**t) / (np.sqrt(s) + self.eps))


@misconception(
    hint="The mean square is corrected before the root is taken of it. Is it the root that you divide by "
    "1 - beta2 to the power of t?",
    caught_by="test_adam_first_step",
)
def corrects_the_root(reference):
    return adam(
        reference,
        lambda self, t, m, s: (
            m / (1 - self.beta1**t) / (np.sqrt(s) / (1 - self.beta2**t) + self.eps)
        ),
    )


@misconception(
    hint="The correction must fade: 1 - beta to the power of t, which grows with each step. Is the power there?",
    caught_by="test_adam_values",
)
def correction_without_the_power(reference):
    return adam(
        reference,
        lambda self, t, m, s: m / (1 - self.beta1) / (np.sqrt(s / (1 - self.beta2)) + self.eps),
    )


@misconception(
    hint="In the first step t is 1: with t = 0 the correction divides by 0. Where is t raised?",
    caught_by="test_adam_first_step",
)
def counts_from_zero(reference):
    return adam(
        reference,
        lambda self, t, m, s: (
            m / (1 - self.beta1 ** (t - 1)) / (np.sqrt(s / (1 - self.beta2 ** (t - 1))) + self.eps)
        ),
    )


@misconception(
    hint="The first step leaves the parameters where they are. Is everything but the making of the memory in an else?",
    caught_by="test_adam_first_step",
)
def first_step_only_makes_the_memory(reference):
    class Adam(reference.Adam):
        def step(self, parameters, gradients):
            if self._steps:
                return super().step(parameters, gradients)
            super().step(parameters, [np.zeros(np.shape(g)) for g in gradients])
            self._means = [np.zeros(np.shape(p)) for p in parameters]
            self._squares = [np.zeros(np.shape(p)) for p in parameters]
            return [np.array(p, float) for p in parameters]

    return Adam


@misconception(
    hint="In the first step t is 1. Yours seems to be 2: is t raised twice, or was it 1 before?",
    caught_by="test_adam_first_step",
)
def counts_from_two(reference):
    return adam(
        reference,
        lambda self, t, m, s: (
            m / (1 - self.beta1 ** (t + 1)) / (np.sqrt(s / (1 - self.beta2 ** (t + 1))) + self.eps)
        ),
    )


@misconception(
    hint="t counts steps, not parameters. Is it raised inside the loop over the parameters?",
    caught_by="test_adam_counts_each_step_once",
)
def counts_each_parameter(reference):
    class Adam(reference.Adam):
        def step(self, parameters, gradients):
            super().step(parameters, gradients)
            self._steps -= 1
            moved = []
            for p, m, s in zip(parameters, self._means, self._squares, strict=True):
                self._steps += 1
                mean = m / (1 - self.beta1**self._steps)
                square = s / (1 - self.beta2**self._steps)
                move = mean / (np.sqrt(square) + self.eps) + self.decay * np.asarray(p, float)
                moved.append(p - self.rate * move)
            return moved

    return Adam


@misconception(
    hint="eps stands outside of the root here, as in PyTorch: it is added to the root of the corrected mean "
    "square.",
    caught_by="test_adam_values",
)
def adam_eps_inside_the_root(reference):
    return adam(
        reference,
        lambda self, t, m, s: m / (1 - self.beta1**t) / np.sqrt(s / (1 - self.beta2**t) + self.eps),
    )


@misconception(
    hint="Correct the mean square first, then take the root and add eps. Keras corrects the whole fraction "
    "instead, so that its eps is another one.",
    caught_by="test_adam_values",
)
def corrects_after_eps(reference):
    return adam(
        reference,
        lambda self, t, m, s: (
            np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t) * m / (np.sqrt(s) + self.eps)
        ),
    )


@misconception(
    hint="The corrected mean square has the unit of a gradient squared. What is missing before you divide?",
    caught_by="test_adam_first_step",
)
def adam_without_the_root(reference):
    return adam(
        reference,
        lambda self, t, m, s: m / (1 - self.beta1**t) / (s / (1 - self.beta2**t) + self.eps),
    )


@misconception(
    hint="beta1 belongs to the mean, beta2 to the mean square. Are they swapped?",
    caught_by="test_adam_values",
)
def betas_are_swapped(reference):
    class Adam(reference.Adam):
        def __init__(self, rate=0.001, beta1=0.9, beta2=0.999, **options):
            super().__init__(rate, beta2, beta1, **options)

    return Adam


@misconception(
    hint="What is corrected is used for this step only; what is remembered stays uncorrected. Is one stored in "
    "the place of the other?",
    caught_by="test_adam_values",
)
def remembers_the_corrected(reference):
    def rule(self, slots, p, g):
        g = g + self.l2 * p
        for name, beta, new in (("m", self.beta1, g), ("s", self.beta2, g**2)):
            slots[name] = (beta * slots[name] + (1 - beta) * new) / (1 - beta ** slots["t"])
        return p - self.rate * (slots["m"] / (np.sqrt(slots["s"]) + self.eps) + self.decay * p)

    return by_rule(reference.Adam, rule)


@misconception(
    hint="The mean square is a mean of squared gradients, not of the squared mean.",
    caught_by="test_adam_values",
)
def squares_the_mean(reference):
    def rule(self, slots, p, g):
        slots["m"] = self.beta1 * slots["m"] + (1 - self.beta1) * (g + self.l2 * p)
        slots["s"] = self.beta2 * slots["s"] + (1 - self.beta2) * slots["m"] ** 2
        mean = slots["m"] / (1 - self.beta1 ** slots["t"])
        root = np.sqrt(slots["s"] / (1 - self.beta2 ** slots["t"]))
        return p - self.rate * (mean / (root + self.eps) + self.decay * p)

    return by_rule(reference.Adam, rule)


# Weight decay and L2


@misconception(
    hint="The mean goes on from step to step. Is the new one stored, or does each step begin with 0 again?",
    caught_by="test_adam_values",
)
def mean_is_not_remembered(reference):
    return adam(reference, corrected, kept="s")


@misconception(
    hint="The mean square goes on from step to step. Is the new one stored, or does each step begin with 0 again?",
    caught_by="test_adam_values",
)
def mean_square_is_not_remembered(reference):
    return adam(reference, corrected, kept="m")


def both(reference, change):
    """SGD and Adam, whose options l2 and decay are changed by change(self) after they are set."""

    def changed(kind):
        class Changed(kind):
            def __init__(self, *args, **options):
                super().__init__(*args, **options)
                change(self)

        Changed.__name__ = kind.__name__
        return Changed

    return changed(reference.SGD), changed(reference.Adam)


@misconception(
    hint="Two ways that differ as soon as something is remembered: l2 goes through the gradient, decay takes "
    "its share beside the step. Does your decay go into the gradient?",
    caught_by="test_weight_decay",
)
def decay_through_the_gradient(reference):
    def change(self):
        self.l2, self.decay = self.l2 + self.decay, 0.0

    return both(reference, change)


@misconception(
    hint="l2 times the parameter is a part of the gradient: it goes into velocity, mean and mean square. "
    "Is yours added beside them?",
    caught_by="test_l2",
)
def l2_beside_the_step(reference):
    def change(self):
        self.l2, self.decay = 0.0, self.l2 + self.decay

    return both(reference, change)


@misconception(
    hint="The penalty is l2 / 2 times the square of the parameter. Is a factor of 2 left over in its slope?",
    caught_by="test_l2",
)
def l2_counts_twice(reference):
    def change(self):
        self.l2 = 2 * self.l2

    return both(reference, change)


@misconception(
    hint="What decay takes is rate * decay * parameter. Is the rate there?",
    caught_by="test_weight_decay",
)
def decay_without_the_rate(reference):
    def undamped(kind):
        class Undamped(kind):
            def step(self, parameters, gradients):
                moved = super().step(parameters, gradients)
                extra = (self.rate - 1) * self.decay
                return [m + extra * np.asarray(p) for m, p in zip(moved, parameters, strict=True)]

        Undamped.__name__ = kind.__name__
        return Undamped

    return undamped(reference.SGD), undamped(reference.Adam)


@misconception(
    hint="The rate may be set between two steps: decay takes rate * decay * parameter, with the rate of this "
    "step. Do you multiply the two once, when the optimiser is made?",
    caught_by="test_weight_decay",
)
def decay_keeps_the_first_rate(reference):
    def keeping(kind):
        class Keeping(kind):
            def __init__(self, rate=0.001, *args, **options):
                super().__init__(rate, *args, **options)
                self._first = rate

            def step(self, parameters, gradients):
                moved = super().step(parameters, gradients)
                extra = (self.rate - self._first) * self.decay
                return [m + extra * np.asarray(p) for m, p in zip(moved, parameters, strict=True)]

        Keeping.__name__ = kind.__name__
        return Keeping

    return keeping(reference.Adam)


def shrinking(kind):
    """The class with a step that takes decay's share first, and everything else of what is left."""

    class Shrinking(kind):
        def step(self, parameters, gradients):
            decay, self.decay = self.decay, 0.0
            shrunk = [(1 - self.rate * decay) * np.asarray(p) for p in parameters]
            try:
                return super().step(shrunk, gradients)
            finally:
                self.decay = decay

    Shrinking.__name__ = kind.__name__
    return Shrinking


@misconception(
    hint="l2 takes the parameter as it was before the step, and decay too. Has decay taken its share already when "
    "you compute the gradient?",
    caught_by="test_weight_decay",
)
def l2_of_the_shrunk(reference):
    return shrinking(reference.SGD), shrinking(reference.Adam)


@misconception(
    hint="l2 takes the parameter as it was before the step, and decay too. Has decay taken its share already when "
    "you compute the gradient?",
    caught_by="test_weight_decay",
)
def adam_with_l2_of_the_shrunk(reference):
    return shrinking(reference.Adam)


@misconception(
    hint="Decay takes its share of the parameter as it was before the step. Do you take it of the moved one?",
    caught_by="test_weight_decay",
)
def decay_after_the_step(reference):
    def late(kind):
        class Late(kind):
            def step(self, parameters, gradients):
                decay, self.decay = self.decay, 0.0
                try:
                    moved = super().step(parameters, gradients)
                finally:
                    self.decay = decay
                return [m - self.rate * decay * m for m in moved]

        Late.__name__ = kind.__name__
        return Late

    return late(reference.SGD), late(reference.Adam)


# Whose memory it is


@misconception(
    hint="What one optimiser remembers turns up in another one. Does it live in the class, or in a global, "
    "instead of in self?",
    caught_by="test_optimisers_do_not_share",
)
def memory_of_the_class(reference):
    def shared(kind, names):
        memory = {}

        class Shared(kind):
            def __init__(self, *args, **options):
                super().__init__(*args, **options)
                memory.clear()

            def step(self, parameters, gradients):
                shapes = tuple(np.shape(p) for p in parameters)
                for name, value in memory.get(shapes, {}).items():
                    setattr(self, name, value)
                moved = super().step(parameters, gradients)
                memory[shapes] = {name: getattr(self, name) for name in names}
                return moved

        Shared.__name__ = kind.__name__
        return Shared

    return (
        shared(reference.SGD, ["_velocities"]),
        shared(reference.RMSprop, ["_squares"]),
        shared(reference.Adam, ["_means", "_squares", "_steps"]),
    )


@misconception(
    hint="`p -= …` writes into the array that was given. `p = p - …` makes a new one.",
    caught_by="test_steps_leave_what_is_given",
)
def moves_in_place(reference):
    def in_place(kind):
        class InPlace(kind):
            def step(self, parameters, gradients):
                moved = super().step(parameters, gradients)
                for p, new in zip(parameters, moved, strict=True):
                    if p.dtype.kind == "f":
                        p[...] = new
                return moved

        InPlace.__name__ = kind.__name__
        return InPlace

    return tuple(map(in_place, (reference.SGD, reference.RMSprop, reference.Adam)))


@misconception(
    hint="NumPy stretches shapes that do not fit, without a word. Compare the shape of each gradient with that "
    "of its parameter, and raise ValueError.",
    caught_by="test_steps_that_do_not_fit",
)
def stretches_gradients(reference):
    def stretching(kind):
        class Stretching(kind):
            def step(self, parameters, gradients):
                if len(parameters) == len(gradients):
                    pairs = zip(parameters, gradients, strict=True)
                    gradients = [np.broadcast_to(g, np.shape(p)) for p, g in pairs]
                return super().step(parameters, gradients)

        Stretching.__name__ = kind.__name__
        return Stretching

    return tuple(map(stretching, (reference.SGD, reference.RMSprop, reference.Adam)))


@misconception(
    hint="Look at all gradients before you change anything: after a step that is refused t and the means must "
    "be what they were.",
    caught_by="test_steps_that_do_not_fit",
)
def counts_what_it_refuses(reference):
    class Adam(reference.Adam):
        def step(self, parameters, gradients):
            try:
                return super().step(parameters, gradients)
            except ValueError:
                self._steps += 1
                raise

    return Adam


@misconception(
    hint="Every comparison with NaN is False, so `rate < 0` lets it pass; `not rate >= 0` does not.",
    caught_by="test_impossible_options",
)
def nan_is_let_pass(reference):
    def lenient(kind):
        class Lenient(kind):
            def __init__(self, *args, **options):
                clean = [0.5 if a != a else a for a in args]  # noqa: PLR0124 - NaN
                given = {k: 0.5 if v != v else v for k, v in options.items()}  # noqa: PLR0124
                super().__init__(*clean, **given)

        Lenient.__name__ = kind.__name__
        return Lenient

    return tuple(map(lenient, (reference.SGD, reference.RMSprop, reference.Adam)))


# First weights


@misconception(
    hint="Our weights have a row for each input and a column for each unit, (D, M): fan_in is D. PyTorch's lie "
    "the other way round.",
    caught_by="test_fans",
)
def rows_are_units(reference):
    def fans(shape):
        fan_in, fan_out = reference.fans(shape)
        return (fan_out, fan_in) if len(shape) == 2 else (fan_in, fan_out)

    return fans


@misconception(
    hint="A unit of a map looks at HH·WW pixels of every channel. Are HH and WW in your fans?",
    caught_by="test_fans",
)
def fans_without_the_field(reference):
    def fans(shape):
        if len(shape) != 4:
            return reference.fans(shape)
        return shape[1], shape[0]

    return fans


@misconception(
    hint="Filters have the shape (F, C, HH, WW) here. Do you take the last two numbers for channels and filters, as "
    "Keras orders them?",
    caught_by="test_fans",
)
def fans_as_in_keras(reference):
    def fans(shape):
        if len(shape) != 4:
            return reference.fans(shape)
        height, width, channels, filters = shape
        return channels * height * width, filters * height * width

    return fans


@misconception(
    hint="Filters are (F, C, HH, WW): C channels come in, F maps go out. Are the two swapped?",
    caught_by="test_fans",
)
def filters_and_channels_swapped(reference):
    def fans(shape):
        fan_in, fan_out = reference.fans(shape)
        return (fan_out, fan_in) if len(shape) == 4 else (fan_in, fan_out)

    return fans


@misconception(
    hint="2 / (fan_in + fan_out) is the variance. A uniform distribution up to a has variance a² / 3: what is a?",
    caught_by="test_glorot",
)
def glorot_takes_the_deviation_for_the_end(reference):
    def glorot_uniform(shape, rng):
        limit = np.sqrt(2 / sum(reference.fans(shape)))
        return rng.uniform(-limit, limit, shape)

    return glorot_uniform


@misconception(
    hint="Glorot's weights are for both directions, so both fans count: fan_in + fan_out.",
    caught_by="test_glorot",
)
def glorot_from_fan_in(reference):
    def glorot_uniform(shape, rng):
        limit = np.sqrt(6 / (2 * reference.fans(shape)[0]))
        return rng.uniform(-limit, limit, shape)

    return glorot_uniform


@misconception(
    hint="Weights of both signs: rng.random is between 0 and 1 and has to be stretched to -a … a.",
    caught_by="test_glorot",
)
def glorot_is_positive(reference):
    def glorot_uniform(shape, rng):
        return rng.random(shape) * np.sqrt(6 / sum(reference.fans(shape)))

    return glorot_uniform


@misconception(
    hint="Glorot's weights are uniform here: they end at -a and a. A bell curve, as in PyTorch's xavier_normal_, has "
    "no ends.",
    caught_by="test_glorot",
)
def glorot_is_normal(reference):
    def glorot_uniform(shape, rng):
        return rng.normal(0, np.sqrt(2 / sum(reference.fans(shape))), shape)

    return glorot_uniform


@misconception(
    hint="rng.normal takes the standard deviation, and 2 / fan_in is the variance. What is missing?",
    caught_by="test_he",
)
def he_takes_the_variance_for_the_deviation(reference):
    def he_normal(shape, rng):
        return rng.normal(0, 2 / reference.fans(shape)[0], shape)

    return he_normal


@misconception(
    hint="A ReLU lets half of the signal through, which the weights make up for. Is the 2 there?",
    caught_by="test_he",
)
def he_without_the_two(reference):
    def he_normal(shape, rng):
        return rng.normal(0, np.sqrt(1 / reference.fans(shape)[0]), shape)

    return he_normal


@misconception(
    hint="What enters a unit must keep its size, so fan_in counts. Is it fan_out in yours?",
    caught_by="test_he",
)
def he_from_fan_out(reference):
    def he_normal(shape, rng):
        return rng.normal(0, np.sqrt(2 / reference.fans(shape)[1]), shape)

    return he_normal


@misconception(
    hint="These weights are normal: a bell curve without ends. rng.uniform has ends.",
    caught_by="test_he",
)
def he_is_uniform(reference):
    def he_normal(shape, rng):
        limit = np.sqrt(6 / reference.fans(shape)[0])
        return rng.uniform(-limit, limit, shape)

    return he_normal


@misconception(
    hint="Random numbers come from the rng that is given, not from np.random: then a start can be repeated.",
    caught_by="test_weights_are_drawn_one_by_one",
)
def draws_from_elsewhere(reference):
    def glorot_uniform(shape, rng):
        return reference.glorot_uniform(shape, np.random.default_rng(0))

    def he_normal(shape, rng):
        return reference.he_normal(shape, np.random.default_rng(0))

    return glorot_uniform, he_normal
