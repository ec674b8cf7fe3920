"""A convolutional network for small pictures, put together from the earlier exercises.

conv -> ReLU -> 2x2 max pooling -> dropout -> fully connected -> softmax. The parameters are a list
of two pairs, [(w, b) of the convolution, (w, b) of the fully connected layer].
"""

import numpy as np
from ex02_activations import relu_backward, relu_forward
from ex03_fully_connected import affine_backward, affine_forward
from ex04_convolution import conv_backward, conv_forward, output_size
from ex05_pooling import max_pool_backward, max_pool_forward
from ex06_dropout import dropout_backward, dropout_forward
from ex07_losses import cross_entropy_loss
from ex08_backpropagation import sgd_step


def init_cnn(rng, channels, field, classes, image):
    """Draw the starting parameters of the network.

    rng: a numpy.random.Generator.
    channels: number of feature maps.
    field: side of the square filters; the convolution has stride 1 and pad (field - 1) // 2, so an
        odd field keeps the size of the picture.
    classes: number of classes.
    image: shape (C, H, W) of one picture.

    Returns [(w1, b1), (w2, b2)] with w1 of shape (channels, C, field, field), b1 (channels,),
    w2 (D, classes) and b2 (classes,), where D counts the numbers that 2x2 max pooling with stride 2
    leaves. Weights are normal with mean 0; their standard deviation is sqrt(2 / (C * field**2)) in
    w1 and 0.1 / sqrt(D) in w2, so that the first answers are close to a guess. Biases are 0.
    """
    raise NotImplementedError


def cnn_forward(x, params, p_drop=0.0, rng=None):
    """Compute the logits of a batch of pictures.

    x: pictures, shape (N, C, H, W).
    params: as init_cnn returns them.
    p_drop: probability of dropping a pooled number, used in training only.
    rng: a numpy.random.Generator in training; None in prediction, then nothing is dropped.

    Returns (logits, cache): logits has shape (N, classes).
    """
    raise NotImplementedError


def cnn_loss(x, y, params, p_drop=0.0, rng=None):
    """Compute the softmax cross-entropy of the network, and its gradients by all parameters.

    x, params, p_drop, rng: as in cnn_forward; params is not changed.
    y: the right classes, shape (N,), integers.

    Returns (loss, grads): a float, the mean over the batch, and [(dw1, db1), (dw2, db2)].
    """
    raise NotImplementedError


def train_cnn(
    x, y, rng, channels=24, field=5, classes=10, lr=0.25, epochs=40, batch=32, p_drop=0.4
):
    """Train the network with mini-batches.

    The network starts as init_cnn(rng, channels, field, classes, x.shape[1:]). In every epoch the
    pictures are put into a new random order and used in slices of batch pictures, each picture
    once; the last slice is smaller if batch does not divide their number. Each slice makes one step
    of gradient descent, with dropout.

    x: pictures, shape (N, C, H, W), pixel values about 0 to 1.
    y: the right classes, shape (N,), integers from 0 to classes - 1.
    rng: a numpy.random.Generator, the only source of randomness.
    channels, field, classes: as in init_cnn.
    lr, epochs, batch: learning rate, number of passes over all pictures, pictures per step.
    p_drop: probability of dropping, in [0, 1).

    Returns (params, history): history is a list of epochs floats, the mean of the losses of an
    epoch's steps, each weighted with the number of its pictures.
    """
    raise NotImplementedError


def predict(x, params):
    """Compute the most probable class of every picture, without dropout.

    x: pictures, shape (N, C, H, W).
    params: as init_cnn returns them.

    Returns an integer array of shape (N,).
    """
    raise NotImplementedError
