"""Normalisation: batch normalisation as a layer with a memory, and layer normalisation."""

import numpy as np

### BEGIN SOLUTION


def _standardise(x, axis, eps):
    """Return (mean, inverse deviation, standardised x) over an axis, which stays with length 1."""
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    inverse = 1 / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps)
    return mean, inverse, centred * inverse


def _through_statistics(dnormal, normal, inverse, axis):
    """Return dx from the gradient of the standardised x: mean and variance depend on x as well."""
    mean = dnormal.mean(axis=axis, keepdims=True)
    along = (dnormal * normal).mean(axis=axis, keepdims=True)
    return inverse * (dnormal - mean - normal * along)


### END SOLUTION


class BatchNorm:
    """Batch normalisation of `features` features: a layer that remembers the statistics of training.

    Attributes, each of shape (features,):
        gamma, beta: scale and shift, which are learned; at first ones and zeros.
        dgamma, dbeta: their gradients, which the latest backward pass set; at first zeros.
        running_mean, running_var: the statistics for use; at first zeros and ones.
    """

    def __init__(self, features, momentum=0.1, eps=1e-5):
        """Make a new layer.

        features: the number of features D.
        momentum: how far the running statistics move towards those of a batch, from 0 to 1.
        eps: is added to every variance, before the root.
        """
        ### BEGIN SOLUTION
        self.momentum, self.eps = momentum, eps
        self.gamma, self.beta = np.ones(features), np.zeros(features)
        self.dgamma, self.dbeta = np.zeros(features), np.zeros(features)
        self.running_mean, self.running_var = np.zeros(features), np.ones(features)
        ### END SOLUTION

    def forward(self, x, training=True):
        """Normalise each feature, then scale and shift it.

        x: inputs, shape (N, D). In training N must be at least 2, else ValueError.
        training: True normalises with mean and variance of this batch (divided by N), and moves the
            running statistics towards them (here the variance is divided by N - 1). False normalises
            with the running statistics and changes nothing.

        Returns out, shape (N, D).
        """
        ### BEGIN SOLUTION
        x = np.asarray(x, float)
        if training:
            if len(x) < 2:
                raise ValueError("one example has no variance: a batch needs at least 2")
            mean, inverse, normal = _standardise(x, 0, self.eps)
            unbiased = x.var(axis=0, ddof=1)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean[0]
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        else:
            inverse = 1 / np.sqrt(self.running_var + self.eps)
            normal = (x - self.running_mean) * inverse
        self._cache = normal, inverse, np.array(self.gamma, float), training
        return self.gamma * normal + self.beta
        ### END SOLUTION

    def backward(self, dout):
        """Send the gradient back through the latest forward pass.

        dout: gradient of the loss by the output, shape (N, D).

        Returns dx, shape (N, D), and sets dgamma and dbeta, each of shape (D,).
        """
        ### BEGIN SOLUTION
        normal, inverse, gamma, training = self._cache
        self.dgamma = (dout * normal).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        if not training:
            return dout * gamma * inverse
        return _through_statistics(dout * gamma, normal, inverse, 0)
        ### END SOLUTION


def layer_norm_forward(x, gamma, beta, eps=1e-5):
    """Normalise each example over its features, then scale and shift each feature.

    x: inputs, shape (..., D): the last axis holds the features of one example.
    gamma, beta: scale and shift, shape (D,).
    eps: is added to every variance, before the root.

    Returns (out, cache): out has the shape of x; cache is whatever layer_norm_backward needs.
    """
    ### BEGIN SOLUTION
    _, inverse, normal = _standardise(x, -1, eps)
    return gamma * normal + beta, (normal, inverse, gamma)
    ### END SOLUTION


def layer_norm_backward(dout, cache):
    """Compute the gradients of layer normalisation.

    dout: gradient of the loss by the output, in its shape.
    cache: what layer_norm_forward returned beside that output.

    Returns (dx, dgamma, dbeta), each with the shape of the x, gamma and beta that went in.
    """
    ### BEGIN SOLUTION
    normal, inverse, gamma = cache
    examples = tuple(range(normal.ndim - 1))
    dx = _through_statistics(dout * gamma, normal, inverse, -1)
    return dx, (dout * normal).sum(axis=examples), dout.sum(axis=examples)
    ### END SOLUTION


def fold_batch_norm(w, b, norm):
    """Make one layer of a fully connected layer and the batch normalisation behind it, for use.

    w, b: the fully connected layer x @ w + b, shapes (D, M) and (M,).
    norm: a BatchNorm of M features.

    Returns (folded_w, folded_b), in the shapes of w and b: x @ folded_w + folded_b is what the
    normalisation makes of x @ w + b with its running statistics. Nothing that is given changes.
    """
    ### BEGIN SOLUTION
    scale = norm.gamma / np.sqrt(norm.running_var + norm.eps)
    return w * scale, (b - norm.running_mean) * scale + norm.beta
    ### END SOLUTION
