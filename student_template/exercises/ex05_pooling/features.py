"""What the inputs of a pooling layer can look like, from the simplest on."""

from grader.checks import distinct_values, inputs_of

VARY = {
    "n": (2,),
    "c": (2,),
    "w": (1, 2),
    "size": (3,),
    "overlap": (1,),
    "gap": (1,),
    "places": (3,),
    "negative": (True,),
    "rest": (1,),
}
WORDS = {
    "n": ("there is one picture", "there are several pictures"),
    "c": ("pictures have one channel", "they have several channels"),
    "w": ("pictures are square", "they are not"),
    "overlap": ("windows do not overlap", "windows overlap, stride < size"),
    "gap": ("nothing lies between windows", "something lies between windows, stride > size"),
    "places": ("there are two windows in each direction", "there are more"),
    "negative": ("some entries are positive", "all entries are negative"),
    "rest": ("windows fill the picture", "some rows are left over"),
}
OF_MAX = {**VARY, "ties": (True,)}
WORDS_OF_MAX = {
    **WORDS,
    "ties": ("each window has one largest entry", "several entries of a window are the largest"),
}


def pictures(rng, n, c, w, size, overlap, gap, places, negative, rest):
    """Pictures with room for `places` windows, and `w` windows more in a row than in a column."""
    stride = size - overlap if overlap else size + gap
    h = size + (places - 1) * stride + min(rest, stride - 1)
    x = distinct_values(rng, (n, c, h, h + w * stride), step=2)
    if overlap:  # an entry that wins two windows, and one that wins the second of its two
        for picture in x.reshape(-1, *x.shape[2:]):
            picture[0, stride] = picture.max() + 2
            picture[stride, 0] = picture.max() + 2
    if negative:
        x = x - x.max() - 1
    return x, size, stride


@inputs_of("max_pool_forward", then="max_pool_backward", vary=OF_MAX, words=WORDS_OF_MAX)
def for_max(
    rng, n=1, c=1, w=0, size=2, overlap=0, gap=0, places=2, negative=False, rest=0, ties=False
):
    """Pictures for max pooling."""
    x, *options = pictures(rng, n, c, w, size, overlap, gap, places, negative, rest)
    if ties:
        x[:, :, :2, :2] = x.max(axis=(2, 3), keepdims=True)
    return x, *options


@inputs_of("average_pool_forward", then="average_pool_backward", vary=VARY, words=WORDS)
def for_average(rng, n=1, c=1, w=0, size=2, overlap=0, gap=0, places=2, negative=False, rest=0):
    """Pictures for average pooling."""
    return pictures(rng, n, c, w, size, overlap, gap, places, negative, rest)


@inputs_of("l2_pool_forward", then="l2_pool_backward", vary=VARY, words=WORDS)
def for_l2(rng, n=1, c=1, w=0, size=2, overlap=0, gap=0, places=2, negative=False, rest=0):
    """Pictures for L2 pooling."""
    return pictures(rng, n, c, w, size, overlap, gap, places, negative, rest)
