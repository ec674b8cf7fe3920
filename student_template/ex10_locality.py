"""When does a convolutional network win? Shuffle the pixels of all pictures in the same way, and see."""

import numpy as np
from ex03_fully_connected import mlp_forward
from ex08_backpropagation import train as train_mlp
from ex09_cnn import predict, train_cnn


def shuffle_pixels(x, permutation):
    """Move the pixels of every picture to other places, in every picture and channel the same way.

    Count the H * W places of a picture row by row: place k of the result holds what place
    permutation[k] of x holds.

    x: pictures, shape (N, C, H, W).
    permutation: shape (H * W,), every integer from 0 to H * W - 1 exactly once.

    Returns a new array with the shape and dtype of x.

    Raises ValueError if permutation is not such an arrangement.
    """
    raise NotImplementedError


def accuracy_table(train, test, permutation, sizes, rng):
    """Measure a CNN and an MLP on plain and on shuffled pixels, for several training-set sizes.

    For each size, that many training examples are drawn without replacement; both networks learn
    from the same ones, on both kinds of pixels, and are then tested on all of test. The MLP has one
    hidden layer of ReLU units and about as many parameters as the CNN. Both use the same learning
    rate, number of epochs and batch size, and no dropout.

    train, test: pairs (x, y): pictures (N, C, H, W), pixel values about 0 to 1, and classes (N,).
    permutation: as in shuffle_pixels, used for training and for test pictures alike.
    sizes: list of training-set sizes, each from 1 to the number of training examples.
    rng: a numpy.random.Generator, the only source of randomness.

    Returns a list of 4 * len(sizes) dicts with the keys
    "size" (int), "model" ("cnn" or "mlp"), "pixels" ("plain" or "shuffled") and
    "accuracy" (float, the fraction of right answers on test), sizes in the given order and within a
    size: cnn plain, mlp plain, cnn shuffled, mlp shuffled.
    """
    raise NotImplementedError
