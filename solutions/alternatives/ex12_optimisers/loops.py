"""Optimisers and first weights number by number, in Python's own floats."""

import math

import numpy as np


def _share(value):
    if not 0 <= value < 1:
        raise ValueError("a share is at least 0 and below 1")
    return float(value)


def _size(value):
    if value < 0 or value != value:  # noqa: PLR0124 - only NaN is not itself
        raise ValueError("must not be negative")
    return float(value)


class _Numbers:
    """What is remembered of each number, by its place in the list and in the array."""

    def __init__(self):
        self.shapes = None

    def _walk(self, parameters, gradients, rule):
        """Apply a rule to each number of each parameter."""
        shapes = [np.shape(p) for p in parameters]
        if len(parameters) != len(gradients):
            raise ValueError("as many gradients as parameters")
        for p, g in zip(parameters, gradients, strict=True):
            if np.shape(p) != np.shape(g):
                raise ValueError("a gradient has the shape of its parameter")
        if self.shapes is not None and self.shapes != shapes:
            raise ValueError("other parameters than before")
        self.shapes = shapes
        self._begin()
        moved = []
        for k, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            new = np.empty(np.shape(p))
            for place in np.ndindex(*np.shape(p)):
                new[place] = rule((k, place), float(p[place]), float(g[place]))
            moved.append(new)
        return moved

    def _begin(self):
        """Called once a step."""


class SGD(_Numbers):
    """A velocity for each number."""

    def __init__(self, rate, momentum=0.0, l2=0.0, decay=0.0):
        super().__init__()
        self.rate, self.momentum = _size(rate), _share(momentum)
        self.l2, self.decay = _size(l2), _size(decay)
        self.velocity = {}

    def step(self, parameters, gradients):
        """Walk over all numbers."""
        return self._walk(parameters, gradients, self._move)

    def _move(self, place, p, g):
        """Move one number."""
        self.velocity[place] = self.momentum * self.velocity.get(place, 0.0) + g + self.l2 * p
        return p - self.rate * self.velocity[place] - self.rate * self.decay * p


class RMSprop(_Numbers):
    """A mean square for each number."""

    def __init__(self, rate, rho=0.9, eps=1e-8):
        super().__init__()
        self.rate, self.rho, self.eps = _size(rate), _share(rho), _size(eps)
        self.square = {}

    def step(self, parameters, gradients):
        """Walk over all numbers."""
        return self._walk(parameters, gradients, self._move)

    def _move(self, place, p, g):
        """Move one number."""
        self.square[place] = self.rho * self.square.get(place, 0.0) + (1 - self.rho) * g * g
        return p - self.rate * g / (math.sqrt(self.square[place]) + self.eps)


class Adam(_Numbers):
    """Mean and mean square for each number."""

    def __init__(self, rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0, decay=0.0):
        super().__init__()
        self.rate, self.eps, self.l2, self.decay = map(_size, (rate, eps, l2, decay))
        self.beta1, self.beta2 = _share(beta1), _share(beta2)
        self.mean, self.square, self.t = {}, {}, 0

    def _begin(self):
        """Count the step."""
        self.t += 1

    def step(self, parameters, gradients):
        """Walk over all numbers."""
        return self._walk(parameters, gradients, self._move)

    def _move(self, place, p, g):
        """Move one number."""
        g += self.l2 * p
        self.mean[place] = self.beta1 * self.mean.get(place, 0.0) + (1 - self.beta1) * g
        self.square[place] = self.beta2 * self.square.get(place, 0.0) + (1 - self.beta2) * g * g
        mean = self.mean[place] / (1 - self.beta1**self.t)
        square = self.square[place] / (1 - self.beta2**self.t)
        return p - self.rate * mean / (math.sqrt(square) + self.eps) - self.rate * self.decay * p


def fans(shape):
    """Multiply one by one."""
    if len(shape) not in (2, 4):
        raise ValueError("two axes or four")
    fan_in, fan_out = (shape[0], shape[1]) if len(shape) == 2 else (shape[1], shape[0])
    for n in shape[2:]:
        fan_in *= n
        fan_out *= n
    return fan_in, fan_out


def glorot_uniform(shape, rng):
    """Draw one number after the other."""
    limit = math.sqrt(6 / sum(fans(shape)))
    weights = np.empty(shape)
    for place in range(weights.size):
        weights.flat[place] = limit * (2 * rng.random() - 1)
    return weights


def he_normal(shape, rng):
    """Draw one number after the other."""
    deviation = math.sqrt(2 / fans(shape)[0])
    weights = np.empty(shape)
    for place in range(weights.size):
        weights.flat[place] = deviation * rng.standard_normal()
    return weights
