"""Back-propagation: correct every weight by the error that comes back to it.

A network is a list of pairs (w, b), first layer first, with w of shape (inputs, outputs). The
activation follows every layer but the last; the last layer's sums are the logits of a softmax.
"""

from itertools import pairwise

import numpy as np
from ex02_activations import relu_backward, relu_forward, sigmoid_backward, sigmoid_forward
from ex03_fully_connected import affine_backward, affine_forward
from ex07_losses import cross_entropy_loss


def init_network(sizes, rng):
    """Draw the starting parameters of a fully connected network.

    sizes: numbers of units, inputs first and classes last, at least two numbers.
    rng: a numpy.random.Generator.

    Returns a list of len(sizes) - 1 pairs (w, b) with shapes (sizes[i], sizes[i + 1]) and
    (sizes[i + 1],). Weights are normal with mean 0 and standard deviation sqrt(2 / sizes[i]);
    biases are 0.
    """
    raise NotImplementedError


def loss_and_gradients(x, y, params, activation):
    """Compute the softmax cross-entropy of a network, and its gradients by all parameters.

    x: inputs, shape (N, d1, ..., dk) with d1 * ... * dk = D.
    y: the right classes, shape (N,), integers from 0 to C - 1.
    params: list of (w, b) as init_network returns it, D inputs and C outputs; not changed.
    activation: "sigmoid" or "relu", after every layer but the last.

    Returns (loss, grads): a float, the mean over the batch, and a list of (dw, db) like params.

    Raises ValueError for any other activation.
    """
    raise NotImplementedError


def sgd_step(params, grads, lr):
    """Take one step of gradient descent: every parameter minus lr times its gradient.

    params: list of (w, b); not changed.
    grads: list of (dw, db), like params.
    lr: learning rate, a number.

    Returns a new list of (w, b).
    """
    raise NotImplementedError


def train(x, y, sizes, activation, lr, epochs, batch, rng):
    """Train a network with mini-batches.

    The network starts as init_network(sizes, rng). In every epoch the examples are put into a new
    random order and used in slices of batch examples, each example once; the last slice is smaller
    if batch does not divide their number. Each slice makes one sgd_step.

    x: inputs, shape (N, d1, ..., dk).
    y: the right classes, shape (N,).
    sizes, activation: as in init_network and loss_and_gradients.
    lr: learning rate.
    epochs: how many times all examples are used.
    batch: examples per step, at least 1.
    rng: a numpy.random.Generator, the only source of randomness.

    Returns (params, history): history is a list of epochs floats, the loss over all of x and y at
    the end of each epoch.
    """
    raise NotImplementedError


def layer_gradient_norms(x, y, params, activation):
    """Compute how strong the gradient is in every layer.

    x, y, params, activation: as in loss_and_gradients.

    Returns an array of shape (len(params),): for every layer, first layer first, the square root of
    the sum of the squares of its dw (the bias is left out).
    """
    raise NotImplementedError
