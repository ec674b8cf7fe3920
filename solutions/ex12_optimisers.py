"""Optimisers, which make a step of each gradient, and the first weights that they start from."""

import numpy as np

### BEGIN SOLUTION


def _check_options(not_negative, below_one=()):
    """Refuse options that are negative or NaN, and shares of 1 or more."""
    if not all(option >= 0 for option in (*not_negative, *below_one)):
        raise ValueError("no option may be negative")
    if not all(option < 1 for option in below_one):
        raise ValueError("the share that is kept must be below 1")


def _fitting(parameters, gradients, memory):
    """Return gradients and memory (at first zeros) as lists of arrays in the shapes of the parameters."""
    gradients = [np.asarray(g, float) for g in gradients]
    shapes = [p.shape for p in parameters]
    if [g.shape for g in gradients] != shapes:
        raise ValueError("each parameter needs one gradient of its shape")
    if memory is None:
        memory = [np.zeros(shape) for shape in shapes]
    if [m.shape for m in memory] != shapes:
        raise ValueError("the parameters are not those of the steps before")
    return gradients, memory


### END SOLUTION


class SGD:
    """Stochastic gradient descent, with momentum.

    Attribute rate: the learning rate, which may be set between steps.
    """

    def __init__(self, rate, momentum=0.0, l2=0.0, decay=0.0):
        """Make a new optimiser, which remembers nothing yet.

        rate: the learning rate, at least 0.
        momentum: the share of the velocity that a step keeps, from 0 to below 1.
        l2: how much of the parameter is added to its gradient, at least 0.
        decay: the weight decay apart from the gradient, at least 0.

        Raises ValueError for an option outside of its range, and for NaN.
        """
        ### BEGIN SOLUTION
        _check_options((rate, l2, decay), (momentum,))
        self.rate, self.momentum, self.l2, self.decay = rate, momentum, l2, decay
        self._velocities = None
        ### END SOLUTION

    def step(self, parameters, gradients):
        """Make one step.

        parameters: a list of arrays of any shapes.
        gradients: a list of arrays, the gradient of the loss by each parameter, in its shape.

        Returns a list of new arrays, the moved parameters; what is given stays as it is. Raises
        ValueError, and remembers nothing of the call, if number or shapes of the gradients are not
        those of the parameters, or those of the parameters not the same as in the steps before.
        """
        ### BEGIN SOLUTION
        gradients, velocities = _fitting(parameters, gradients, self._velocities)
        self._velocities = [
            self.momentum * v + (g + self.l2 * p)
            for p, g, v in zip(parameters, gradients, velocities, strict=True)
        ]
        return [
            p - self.rate * (v + self.decay * p)
            for p, v in zip(parameters, self._velocities, strict=True)
        ]
        ### END SOLUTION


class RMSprop:
    """Steps along the gradient, divided by the root of its mean square.

    Attribute rate: the learning rate, which may be set between steps.
    """

    def __init__(self, rate, rho=0.9, eps=1e-8):
        """Make a new optimiser, which remembers nothing yet.

        rate: the learning rate, at least 0.
        rho: the share of the mean square that a step keeps, from 0 to below 1.
        eps: is added to the root, at least 0.

        Raises ValueError for an option outside of its range, and for NaN.
        """
        ### BEGIN SOLUTION
        _check_options((rate, eps), (rho,))
        self.rate, self.rho, self.eps = rate, rho, eps
        self._squares = None
        ### END SOLUTION

    def step(self, parameters, gradients):
        """Make one step: arguments, result and errors are those of SGD.step."""
        ### BEGIN SOLUTION
        gradients, squares = _fitting(parameters, gradients, self._squares)
        self._squares = [
            self.rho * s + (1 - self.rho) * g**2 for g, s in zip(gradients, squares, strict=True)
        ]
        return [
            p - self.rate * g / (np.sqrt(s) + self.eps)
            for p, g, s in zip(parameters, gradients, self._squares, strict=True)
        ]
        ### END SOLUTION


class Adam:
    """Steps along the mean gradient, divided by the root of the mean square; both begin unbiased.

    Attribute rate: the learning rate, which may be set between steps.
    """

    def __init__(self, rate=0.001, beta1=0.9, beta2=0.999, eps=1e-8, l2=0.0, decay=0.0):
        """Make a new optimiser, which remembers nothing yet.

        rate: the learning rate, at least 0.
        beta1, beta2: the shares of mean and mean square that a step keeps, from 0 to below 1.
        eps: is added to the root of the corrected mean square, at least 0.
        l2: how much of the parameter is added to its gradient, at least 0.
        decay: the weight decay apart from the gradient, at least 0.

        Raises ValueError for an option outside of its range, and for NaN.
        """
        ### BEGIN SOLUTION
        _check_options((rate, eps, l2, decay), (beta1, beta2))
        self.rate, self.beta1, self.beta2, self.eps = rate, beta1, beta2, eps
        self.l2, self.decay = l2, decay
        self._means = self._squares = None
        self._steps = 0
        ### END SOLUTION

    def step(self, parameters, gradients):
        """Make one step: arguments, result and errors are those of SGD.step."""
        ### BEGIN SOLUTION
        gradients, means = _fitting(parameters, gradients, self._means)
        squares = means if self._squares is None else self._squares
        gradients = [g + self.l2 * p for p, g in zip(parameters, gradients, strict=True)]
        self._means = [
            self.beta1 * m + (1 - self.beta1) * g for g, m in zip(gradients, means, strict=True)
        ]
        self._squares = [
            self.beta2 * s + (1 - self.beta2) * g**2
            for g, s in zip(gradients, squares, strict=True)
        ]
        self._steps += 1
        first, second = 1 - self.beta1**self._steps, 1 - self.beta2**self._steps
        return [
            p - self.rate * (m / first / (np.sqrt(s / second) + self.eps) + self.decay * p)
            for p, m, s in zip(parameters, self._means, self._squares, strict=True)
        ]
        ### END SOLUTION


def fans(shape):
    """Count how many numbers meet in a unit, and how many units a number goes to.

    shape: (D, M) of a fully connected layer's weights, or (F, C, HH, WW) of filters.

    Returns (fan_in, fan_out): (D, M), or (C·HH·WW, F·HH·WW). Raises ValueError for another number of axes.
    """
    ### BEGIN SOLUTION
    if len(shape) == 2:
        inputs, units = shape
        return inputs, units
    filters, channels, height, width = shape  # another number of axes is a ValueError
    return channels * height * width, filters * height * width
    ### END SOLUTION


def glorot_uniform(shape, rng):
    """Draw first weights for layers that are nearly linear, by Glorot.

    shape: as for fans.
    rng: a numpy.random.Generator, the only source of randomness.

    Returns weights of this shape, uniform between -a and a, where a is the root of
    6 / (fan_in + fan_out).
    """
    ### BEGIN SOLUTION
    limit = np.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-limit, limit, shape)
    ### END SOLUTION


def he_normal(shape, rng):
    """Draw first weights for layers with a ReLU behind them, by He.

    shape: as for fans.
    rng: a numpy.random.Generator, the only source of randomness.

    Returns weights of this shape, normal with mean 0 and variance 2 / fan_in.
    """
    ### BEGIN SOLUTION
    fan_in, _ = fans(shape)
    return rng.normal(0, np.sqrt(2 / fan_in), shape)
    ### END SOLUTION
