"""Optimisers, which make a step of each gradient, and the first weights that they start from."""

import numpy as np


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
        raise NotImplementedError

    def step(self, parameters, gradients):
        """Make one step.

        parameters: a list of arrays of any shapes.
        gradients: a list of arrays, the gradient of the loss by each parameter, in its shape.

        Returns a list of new arrays, the moved parameters; what is given stays as it is. Raises
        ValueError, and remembers nothing of the call, if number or shapes of the gradients are not
        those of the parameters, or those of the parameters not the same as in the steps before.
        """
        raise NotImplementedError


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
        raise NotImplementedError

    def step(self, parameters, gradients):
        """Make one step: arguments, result and errors are those of SGD.step."""
        raise NotImplementedError


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
        raise NotImplementedError

    def step(self, parameters, gradients):
        """Make one step: arguments, result and errors are those of SGD.step."""
        raise NotImplementedError


def fans(shape):
    """Count how many numbers meet in a unit, and how many units a number goes to.

    shape: (D, M) of a fully connected layer's weights, or (F, C, HH, WW) of filters.

    Returns (fan_in, fan_out): (D, M), or (C·HH·WW, F·HH·WW). Raises ValueError for another number of axes.
    """
    raise NotImplementedError


def glorot_uniform(shape, rng):
    """Draw first weights for layers that are nearly linear, by Glorot.

    shape: as for fans.
    rng: a numpy.random.Generator, the only source of randomness.

    Returns weights of this shape, uniform between -a and a, where a is the root of
    6 / (fan_in + fan_out).
    """
    raise NotImplementedError


def he_normal(shape, rng):
    """Draw first weights for layers with a ReLU behind them, by He.

    shape: as for fans.
    rng: a numpy.random.Generator, the only source of randomness.

    Returns weights of this shape, normal with mean 0 and variance 2 / fan_in.
    """
    raise NotImplementedError
