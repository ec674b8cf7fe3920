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
    ### BEGIN SOLUTION
    n, c, h, w = x.shape
    permutation = np.asarray(permutation)
    if permutation.shape != (h * w,) or not np.array_equal(np.sort(permutation), np.arange(h * w)):
        raise ValueError(f"permutation must hold each of 0 ... {h * w - 1} exactly once")
    return x.reshape(n, c, h * w)[:, :, permutation].reshape(x.shape)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    (x_train, y_train), (x_test, y_test) = train, test
    classes = int(max(y_train.max(), y_test.max())) + 1
    channels, field, lr, epochs, batch = 16, 5, 0.2, 40, 32

    rows = []
    for size in sizes:
        chosen = rng.permutation(len(x_train))[:size]
        for pixels in ("plain", "shuffled"):
            x, x_new = x_train[chosen], x_test
            if pixels == "shuffled":
                x, x_new = shuffle_pixels(x, permutation), shuffle_pixels(x_new, permutation)

            cnn, _ = train_cnn(
                x, y_train[chosen], rng, channels, field, classes, lr, epochs, batch, p_drop=0.0
            )
            inputs = x[0].size
            count = sum(w.size + b.size for w, b in cnn)
            hidden = round((count - classes) / (inputs + classes + 1))
            layers = [inputs, hidden, classes]
            mlp, _ = train_mlp(x, y_train[chosen], layers, "relu", lr, epochs, batch, rng)

            answers = {"cnn": predict(x_new, cnn), "mlp": mlp_forward(x_new, mlp)[0].argmax(axis=1)}
            for model, answer in answers.items():
                accuracy = float(np.mean(answer == y_test))
                rows.append(
                    {"size": int(size), "model": model, "pixels": pixels, "accuracy": accuracy}
                )
    return rows
    ### END SOLUTION
