"""Convolution: one small set of weights, applied at every place of a picture.

Pictures are arrays of shape (N, C, H, W): examples, channels, rows, columns.
"""

import numpy as np


def output_size(size, field, stride, pad):
    """Return how many places a receptive field has along one axis of a picture.

    size: length of the axis, before padding.
    field: length of the receptive field along that axis, at least 1.
    stride: step from one place to the next, at least 1.
    pad: number of zeros added at each of the two ends, at least 0.

    Returns an int, the number of places at which the whole field lies inside the padded axis.

    Raises ValueError if field or stride is below 1, if pad is negative, or if the field is longer
    than the padded axis.
    """
    raise NotImplementedError


def conv_forward(x, w, b, stride=1, pad=0):
    """Compute a convolutional layer: the cross-correlation of x with each filter, plus its bias.

    x: pictures, shape (N, C, H, W).
    w: filters, shape (F, C, HH, WW); they are not flipped.
    b: one bias per filter, shape (F,).
    stride: step between neighbouring places, the same in both directions.
    pad: rows and columns of zeros put around every picture, on all four sides.

    Returns (out, cache): out has shape (N, F, H_out, W_out), both sizes as output_size says; cache
    is whatever conv_backward needs. Integers become floats first.

    Raises ValueError if x and w differ in their number of channels, or as output_size does.
    """
    raise NotImplementedError


def conv_backward(dout, cache):
    """Compute the gradients of a convolutional layer.

    dout: gradient of the loss by the layer's output, shape (N, F, H_out, W_out).
    cache: what conv_forward returned beside that output.

    Returns (dx, dw, db), each with the shape of the x, w and b that went into conv_forward.
    """
    raise NotImplementedError


def parameter_counts(c, h, w, f, field):
    """Count the weights and biases of three layers that compute f feature maps of a picture.

    c, h, w: channels, height and width of the picture.
    f: number of feature maps.
    field: side of the square local receptive field; stride 1, no padding.

    Returns a dict of three ints, biases included:
    "shared": a convolutional layer, one set of weights and one bias per feature map;
    "locally_connected": the same connections, but every place has its own weights and bias;
    "fully_connected": as many outputs, each connected to the whole picture, each with a bias.
    """
    raise NotImplementedError
