"""Optimisers whose memory is one dictionary, computed in double and answered in single precision."""

import numpy as np


def _take(memory, parameters, gradients, names):
    """Check the call against the shapes that are remembered, and yield each parameter with its slots."""
    single = (
        [np.asarray(p, np.float32) for p in parameters],
        [np.asarray(g, np.float32) for g in gradients],
    )
    shapes, others = ([a.shape for a in arrays] for arrays in single)
    if shapes != others or memory.get("shapes", shapes) != shapes:
        raise ValueError(f"shapes do not fit: {shapes}, {others}")
    memory["shapes"] = shapes
    for place, (parameter, gradient) in enumerate(zip(*single, strict=True)):
        slots = memory.setdefault(place, {name: np.zeros(parameter.shape) for name in names})
        yield parameter.astype(np.float64), gradient.astype(np.float64), slots


def _within(low, high, *values):
    """Refuse what is not from low to below high."""
    for value in values:
        if not low <= value < high:
            raise ValueError(f"{value} is not in [{low}, {high})")


class SGD:
    """Velocity in place."""

    def __init__(self, rate, momentum=0.0, l2=0.0, decay=0.0):
        """Keep the options."""
        _within(0, np.inf, rate, l2, decay)
        _within(0, 1, momentum)
        self.rate, self.options, self.memory = rate, (momentum, l2, decay), {}

    def step(self, parameters, gradients):
        """Shrink first, then move."""
        momentum, l2, decay = self.options
        moved = []
        for p, g, slots in _take(self.memory, parameters, gradients, ["velocity"]):
            slots["velocity"] *= momentum
            slots["velocity"] += g + l2 * p
            kept = (1 - self.rate * decay) * p
            moved.append(np.float32(kept - self.rate * slots["velocity"]))
        return moved


class RMSprop:
    """The mean square moves towards the new square."""

    def __init__(self, rate, rho=0.9, eps=1e-8):
        """Keep the options."""
        _within(0, np.inf, rate, eps)
        _within(0, 1, rho)
        self.rate, self.new, self.eps, self.memory = rate, 1 - rho, eps, {}

    def step(self, parameters, gradients):
        """Move against the gradient in units of its size."""
        moved = []
        for p, g, slots in _take(self.memory, parameters, gradients, ["square"]):
            slots["square"] += self.new * (g * g - slots["square"])
            moved.append(np.float32(p - self.rate * (g / (slots["square"] ** 0.5 + self.eps))))
        return moved


class Adam:
    """The correction is kept as two running products."""

    def __init__(self, rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0, decay=0.0):
        """Keep the options."""
        _within(0, np.inf, rate, eps, l2, decay)
        _within(0, 1, beta1, beta2)
        self.rate, self.betas, self.eps = rate, (beta1, beta2), eps
        self.l2, self.decay, self.memory, self.powers = l2, decay, {}, np.ones(2)

    def step(self, parameters, gradients):
        """The usual scale is corrected by one root."""
        called = list(_take(self.memory, parameters, gradients, ["mean", "square"]))
        self.powers = self.powers * self.betas
        first, second = 1 - self.powers
        moved = []
        for p, g, slots in called:
            slope = g + self.l2 * p
            for name, beta, value in zip(slots, self.betas, (slope, slope * slope), strict=True):
                slots[name] = beta * slots[name] + (1 - beta) * value
            scale = np.sqrt(slots["square"]) / np.sqrt(second) + self.eps
            kept = p - self.rate * self.decay * p
            moved.append(np.float32(kept - (self.rate / first) * (slots["mean"] / scale)))
        return moved


def fans(shape):
    """Of filters, all axes but the first two are multiplied."""
    if len(shape) not in (2, 4):
        raise ValueError(shape)
    field = int(np.prod(shape[2:]))
    one, other = (int(n) * field for n in shape[:2])
    return (one, other) if len(shape) == 2 else (other, one)


def glorot_uniform(shape, rng):
    """Between 0 and 1 first, in single precision."""
    limit = np.sqrt(np.float32(6 / sum(fans(shape))))
    return (2 * rng.random(shape, dtype=np.float32) - 1) * limit


def he_normal(shape, rng):
    """A standard normal distribution, scaled."""
    return rng.standard_normal(shape, dtype=np.float32) * np.float32((2 / fans(shape)[0]) ** 0.5)
