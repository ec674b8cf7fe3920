"""All parameters laid end to end in one vector, so that a rule is a line; one base class for all rules."""

import numpy as np


class _Optimiser:
    """Joins, moves by `_rule`, and cuts apart again."""

    def __init__(self, rate, sizes=(), shares=()):
        if np.isnan([rate, *sizes, *shares]).any() or min([rate, *sizes, *shares]) < 0:
            raise ValueError("options are numbers from 0 on")
        if any(share >= 1 for share in shares):
            raise ValueError("shares are below 1")
        self.rate, self.shapes, self.t = rate, None, 0

    def _joined(self, parameters, gradients):
        """Make one step of the joined vector."""
        shapes = tuple(np.shape(p) for p in parameters)
        if shapes != tuple(np.shape(g) for g in gradients) or self.shapes not in (None, shapes):
            raise ValueError("these do not belong together")
        theta, slope = (
            np.concatenate([np.ravel(a).astype(float) for a in arrays])
            for arrays in (parameters, gradients)
        )
        if self.shapes is None:
            self.shapes, self.m, self.v = shapes, np.zeros(theta.size), np.zeros(theta.size)
        self.t += 1
        theta = theta - self.rate * self._rule(theta, slope)
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        parts = np.split(theta, ends[:-1])
        return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))


class SGD(_Optimiser):
    """m is the velocity."""

    def __init__(self, rate, momentum=0.0, l2=0.0, decay=0.0):
        super().__init__(rate, (l2, decay), (momentum,))
        self.momentum, self.l2, self.decay = momentum, l2, decay

    def step(self, parameters, gradients):
        """Move by the rule."""
        return self._joined(parameters, gradients)

    def _rule(self, theta, slope):
        """The direction of the step."""
        self.m = self.momentum * self.m + slope + self.l2 * theta
        return self.m + self.decay * theta


class RMSprop(_Optimiser):
    """v is the mean square."""

    def __init__(self, rate, rho=0.9, eps=1e-8):
        super().__init__(rate, (eps,), (rho,))
        self.rho, self.eps = rho, eps

    def step(self, parameters, gradients):
        """Move by the rule."""
        return self._joined(parameters, gradients)

    def _rule(self, _, slope):
        """The direction of the step."""
        self.v = self.rho * self.v + (1 - self.rho) * np.square(slope)
        return slope / (np.sqrt(self.v) + self.eps)


class Adam(_Optimiser):
    """m and v hold the corrected means: their weights change with t instead."""

    def __init__(self, rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0, decay=0.0):
        super().__init__(rate, (eps, l2, decay), (beta1, beta2))
        self.beta1, self.beta2, self.eps, self.l2, self.decay = beta1, beta2, eps, l2, decay

    def step(self, parameters, gradients):
        """Move by the rule."""
        return self._joined(parameters, gradients)

    def _rule(self, theta, slope):
        """The direction of the step."""
        slope = slope + self.l2 * theta
        new1, new2 = ((1 - b) / (1 - b**self.t) for b in (self.beta1, self.beta2))
        self.m = self.m + new1 * (slope - self.m)
        self.v = self.v + new2 * (slope**2 - self.v)
        return self.m / (self.v**0.5 + self.eps) + self.decay * theta


def fans(shape):
    """Match the shape."""
    match tuple(shape):
        case (d, m):
            return d, m
        case (f, c, *field) if len(field) == 2:
            return c * field[0] * field[1], f * field[0] * field[1]
    raise ValueError("no weights have this shape")


def glorot_uniform(shape, rng):
    """The variance of a uniform distribution is a third of its squared limit."""
    variance = 2 / sum(fans(shape))
    return rng.uniform(-1, 1, size=shape) * (3 * variance) ** 0.5


def he_normal(shape, rng):
    """The variance is halved by the ReLU, so it is doubled here."""
    return rng.normal(scale=(2 / fans(shape)[0]) ** 0.5, size=shape)
