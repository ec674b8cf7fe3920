"""What the inputs of the convolutional network can look like, from the simplest on."""

from grader.checks import grid_values, inputs_of

VARY = {"n": (2,), "c": (2,), "channels": (2,), "field": (3,), "w": (4, 5), "classes": (3,)}
WORDS = {
    "n": ("there is one picture", "there are several pictures"),
    "c": ("pictures have one channel", "they have several channels"),
    "channels": ("the convolution makes one map", "it makes several"),
    "w": ("pictures are square", "they are not"),
    "classes": ("there are two classes", "there are more"),
}


def pictures(rng, n, c, channels, field, w, classes):
    inputs = channels * (2 // 2) * (w // 2)
    shapes = [(n, c, 2, w), (channels, c, field, field), channels, (inputs, classes), classes]
    x, w1, b1, w2, b2 = (grid_values(rng, shape, step=1 / 2) for shape in shapes)
    return x, [(w1, b1), (w2, b2)]


@inputs_of("cnn_forward", vary=VARY, words=WORDS)
def for_forward(rng, n=1, c=1, channels=1, field=1, w=2, classes=2):
    """Pictures of height 2 and a network, without dropout."""
    return pictures(rng, n, c, channels, field, w, classes)


@inputs_of("cnn_loss", vary=VARY, words=WORDS)
def for_loss(rng, n=1, c=1, channels=1, field=1, w=2, classes=2):
    """Pictures of height 2, their classes and a network, without dropout."""
    x, params = pictures(rng, n, c, channels, field, w, classes)
    return x, rng.integers(0, classes, n), params


@inputs_of("predict", vary=VARY, words=WORDS)
def for_predict(rng, n=1, c=1, channels=1, field=1, w=2, classes=2):
    """Pictures of height 2 and a network."""
    return pictures(rng, n, c, channels, field, w, classes)
