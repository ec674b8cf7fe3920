"""What the inputs of a convolution can look like, from the simplest on."""

from grader.checks import grid_values, inputs_of


@inputs_of(
    "conv_forward",
    then="conv_backward",
    vary={
        "n": (2,),
        "c": (2,),
        "f": (2,),
        "places": (3,),
        "rest": (1,),
        "w": (1, 2),
        "ww": (3,),
        "stride": (2, 3),
        "pad": (1, 2),
        "whole": (True,),
    },
    words={
        "n": ("there is one picture", "there are several pictures"),
        "c": ("pictures have one channel", "they have several channels"),
        "f": ("there is one filter", "there are several filters"),
        "places": ("there are two windows in each direction", "there are more"),
        "rest": ("windows fill the picture", "some rows are left over"),
        "w": ("pictures are square", "they are not"),
        "ww": ("filters are square", "they are not"),
        "whole": ("inputs are fractions", "they are whole numbers"),
    },
)
def layer(rng, n=1, c=1, f=1, places=2, rest=0, w=0, ww=2, stride=1, pad=0, whole=False):
    """Pictures with room for `places` windows of height 2, and `w` columns more than a square has."""
    h = 2 + (places - 1) * stride + min(rest, stride - 1)
    shapes = [(n, c, h, h + w), (f, c, 2, ww), f]
    values = [grid_values(rng, shape, step=1 / 2) for shape in shapes]
    if whole:
        values = [(2 * v).astype(int) for v in values]
    return (*values, stride, pad)
