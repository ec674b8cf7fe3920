"""Mistakes that people make with activations, each a small change on the reference, whose caches are
the output for the sigmoid and the mask x > 0 for ReLU.
"""

import numpy as np

from grader.checks import misconception

# The sigmoid


@misconception(
    hint="The slope is out·(1 - out), with the sigmoid's output; yours uses its input x instead.",
    caught_by="test_sigmoid_backward_by_hand",
)
def slope_from_the_input(reference):
    def sigmoid_forward(x):
        return reference.sigmoid_forward(x)[0], np.array(x, float)

    def sigmoid_backward(dout, cache):
        return dout * cache * (1 - cache)

    return sigmoid_forward, sigmoid_backward


@misconception(
    hint="What you cached went through the sigmoid already: squash it only once.",
    caught_by="test_sigmoid_backward_by_hand",
)
def sigmoid_twice(reference):
    def sigmoid_backward(dout, cache):
        out, _ = reference.sigmoid_forward(cache)
        return dout * out * (1 - out)

    return sigmoid_backward


@misconception(
    hint="Should a large positive x give 1 or 0? Look at the sign in the exponent: exp(-x).",
    caught_by="test_sigmoid_values",
)
def sign_of_the_exponent(reference):
    def sigmoid_forward(x):
        return reference.sigmoid_forward(-np.asarray(x))

    return sigmoid_forward


@misconception(
    hint="exp of a large number is infinite, and infinity divided by infinity is NaN. For x >="
    " 0 use 1 / (1 + exp(-x)), for x < 0 use exp(x) / (1 + exp(x)): then no exponent is "
    "ever positive.",
    caught_by="test_sigmoid_of_large_numbers",
)
def overflow_to_nan(reference):
    def sigmoid_forward(x):
        x = np.asarray(x, np.result_type(x, 1.0))
        out = np.exp(x) / (1 + np.exp(x))
        return out, out

    return sigmoid_forward


@misconception(
    hint="A byte (uint8) is never negative: -x of the byte 3 is 253. Convert whole numbers to "
    "floats before you compute with them.",
    caught_by="test_sigmoid_with_other_inputs",
)
def sigmoid_in_bytes(reference):
    def sigmoid_forward(x):
        small = np.exp(-np.abs(x))
        out = np.where(x >= 0, 1, small) / (1 + small)
        return out, out

    return sigmoid_forward


@misconception(
    hint="The sigmoid has fractions even where x holds whole numbers: np.zeros_like(x) makes an array of x's "
    "type, which cuts them off; np.zeros(x.shape) makes one of floats.",
    caught_by="test_sigmoid_with_other_inputs",
)
def sigmoid_in_whole_numbers(reference):
    def sigmoid_forward(x):
        out = reference.sigmoid_forward(x)[0].astype(np.asarray(x).dtype)
        return out, out

    return sigmoid_forward


@misconception(
    hint="The slope is missing its second factor: it is out·(1 - out), not out.",
    caught_by="test_sigmoid_backward_by_hand",
)
def slope_is_the_output(reference):
    def sigmoid_backward(dout, cache):
        return dout * cache

    return sigmoid_backward


@misconception(
    hint="The chain rule has two factors: the local slope, and what comes from above. Where is dout?",
    caught_by="test_sigmoid_backward_by_hand",
)
def sigmoid_backward_without_dout(reference):
    def sigmoid_backward(dout, cache):
        return cache * (1 - cache)

    return sigmoid_backward


@misconception(
    hint="Which array is the sigmoid's output? The one in the cache; dout is the gradient from above.",
    caught_by="test_sigmoid_backward_by_hand",
)
def slope_from_dout(reference):
    def sigmoid_backward(dout, cache):
        return dout * (1 - dout)

    return sigmoid_backward


@misconception(
    hint="That is tanh, which goes from -1 to 1; the sigmoid goes from 0 to 1.",
    caught_by="test_sigmoid_values",
)
def tanh_for_sigmoid(reference):
    def sigmoid_forward(x):
        out = np.tanh(np.asarray(x, float))
        return out, out

    return sigmoid_forward


# ReLU


@misconception(
    hint="Which array tells whether a unit was on in the forward pass: x or dout? Yours asks dout.",
    caught_by="test_relu_backward_by_hand",
)
def mask_from_dout(reference):
    def relu_backward(dout, cache):
        return dout * (np.asarray(dout) > 0)

    return relu_backward


@misconception(
    hint="x of the forward pass tells whether a unit was on, and not dout; and a unit that was on passes dout "
    "on, and not 1.",
    caught_by="test_relu_backward_by_hand",
)
def sign_of_dout(reference):
    def relu_backward(dout, cache):
        return 1.0 * (np.asarray(dout) > 0)

    return relu_backward


@misconception(
    hint="A unit that is on passes dout on; yours gives back the slope alone. The chain rule has two "
    "factors.",
    caught_by="test_relu_backward_by_hand",
)
def relu_backward_without_dout(reference):
    def relu_backward(dout, cache):
        return cache.astype(float)

    return relu_backward


@misconception(
    hint="To the right of 0 ReLU is a line of slope 1: its derivative there is 1, not x.",
    caught_by="test_relu_backward_by_hand",
)
def slope_is_x(reference):
    def relu_forward(x):
        out, _ = reference.relu_forward(x)
        return out, out

    def relu_backward(dout, cache):
        return dout * cache

    return relu_forward, relu_backward


@misconception(
    hint="At exactly 0 your slope is 1, as in PyTorch's clamp and tf.maximum; this course asks for 0, as in "
    "the relu of PyTorch, JAX and Keras: x > 0, not x >= 0.",
    caught_by="test_relu_slope_at_zero",
)
def slope_one_at_zero(reference):
    def relu_forward(x):
        return reference.relu_forward(x)[0], np.asarray(x) >= 0

    return relu_forward


@misconception(
    hint="`x[x < 0] = 0` changes the caller's array: let np.maximum(x, 0) make a new one.",
    caught_by="test_relu_with_other_inputs",
)
def clips_the_input_in_place(reference):
    def relu_forward(x):
        out, cache = reference.relu_forward(x)
        x[x < 0] = 0
        return out, cache

    return relu_forward


@misconception(
    hint="After `x[x < 0] = 0` no entry is negative, so `x >= 0` is true everywhere: your backward pass "
    "needs the array as it was before.",
    caught_by="test_relu_backward_by_hand",
)
def mask_from_the_clipped_input(reference):
    def relu_forward(x):
        x[x < 0] = 0
        return x.copy(), x >= 0

    return relu_forward


@misconception(
    hint="Work on a copy of dout: another branch of the network may still need it.",
    caught_by="test_relu_backward",
)
def changes_dout(reference):
    def relu_backward(dout, cache):
        dout[~cache] = 0
        return dout

    return relu_backward


@misconception(
    hint="0 times infinity is NaN: choose with np.maximum or np.where instead of multiplying by a mask.",
    caught_by="test_relu_at_the_extremes",
)
def multiplies_by_the_mask(reference):
    def relu_forward(x):
        return x * (x > 0), reference.relu_forward(x)[1]

    return relu_forward


@misconception(
    hint="np.max(x, 0) takes the largest entry along axis 0; np.maximum(x, 0) compares entry by entry.",
    caught_by="test_relu_values",
)
def largest_entry_instead(reference):
    def relu_forward(x):
        return np.asarray(np.max(x, 0)), reference.relu_forward(x)[1]

    return relu_forward


@misconception(
    hint="What should come out for x = -3? Nothing: ReLU gives 0 there, not |x|.",
    caught_by="test_relu_values",
)
def absolute_value(reference):
    def relu_forward(x):
        return np.abs(np.asarray(x, float)), reference.relu_forward(x)[1]

    return relu_forward


@misconception(
    hint="That is the leaky ReLU. The plain one gives exactly 0 for a negative x, which is what makes it "
    "sparse.",
    caught_by="test_relu_values",
)
def leaky(reference):
    def relu_forward(x):
        return np.where(x > 0, x, 0.01 * np.asarray(x, float)), reference.relu_forward(x)[1]

    return relu_forward


@misconception(
    hint="What the backward pass needs belongs in the cache. A global holds only the latest call.",
    caught_by="test_relu_with_other_inputs",
)
def mask_in_a_global(reference):
    latest = {}

    def relu_forward(x):
        out, latest["mask"] = reference.relu_forward(x)
        return out, None

    def relu_backward(dout, cache):
        return reference.relu_backward(dout, latest["mask"])

    return relu_forward, relu_backward


@misconception(
    hint="What the backward pass needs belongs in the cache. A global holds only the latest call.",
    caught_by="test_sigmoid_with_other_inputs",
)
def output_in_a_global(reference):
    latest = {}

    def sigmoid_forward(x):
        out, latest["out"] = reference.sigmoid_forward(x)
        return out, None

    def sigmoid_backward(dout, cache):
        return reference.sigmoid_backward(dout, latest["out"])

    return sigmoid_forward, sigmoid_backward


# Depth without a non-linearity


@misconception(
    hint="A layer's bias goes through the layers after it: multiply what you have by the next weights "
    "before you add the next bias.",
    caught_by="test_collapse_two_layers",
)
def biases_only_added(reference):
    def collapse(weights, biases):
        w, _ = reference.collapse(weights, biases)
        return w, sum(np.asarray(b, float) for b in biases)

    return collapse


@misconception(
    hint="Only the last bias is left: what became of the earlier ones on their way through the layers?",
    caught_by="test_collapse_two_layers",
)
def last_bias_only(reference):
    def collapse(weights, biases):
        return reference.collapse(weights, biases)[0], np.array(biases[-1], float)

    return collapse


@misconception(
    hint="x meets layer 0 first, so its weights stand on the left: weights[0] @ weights[1] @ …",
    caught_by="test_collapse_two_layers",
)
def product_in_reverse(reference):
    def collapse(weights, biases):
        w = np.asarray(weights[-1], float)
        for weight in reversed(weights[:-1]):
            w = w @ weight
        return w, reference.collapse(weights, biases)[1]

    return collapse


@misconception(
    hint="`*` multiplies entry by entry; one layer after another is the matrix product `@`.",
    caught_by="test_collapse_two_layers",
)
def weights_multiplied_entry_by_entry(reference):
    def collapse(weights, biases):
        w, b = np.array(weights[0], float), np.array(biases[0], float)
        for weight, bias in zip(weights[1:], biases[1:], strict=True):
            w, b = w * weight, b @ weight + bias
        return w, b

    return collapse


@misconception(
    hint="Use the bias as it was before this layer's weights: you changed w first and then multiplied b "
    "by the new w.",
    caught_by="test_collapse_two_layers",
)
def bias_through_the_new_weights(reference):
    def collapse(weights, biases):
        w, b = np.array(weights[0], float), np.array(biases[0], float)
        for weight, bias in zip(weights[1:], biases[1:], strict=True):
            w = w @ weight
            b = b @ w + bias
        return w, b

    return collapse


# Sparsity


@misconception(
    hint="That is how many zeros there are; a fraction is that number divided by all entries, a.size.",
    caught_by="test_sparsity",
)
def counts_instead_of_a_fraction(reference):
    def sparsity(a):
        return float(np.sum(np.asarray(a) == 0))

    return sparsity


@misconception(
    hint="The mean of the numbers says how large they are; the fraction of zeros is the mean of a == 0.",
    caught_by="test_sparsity",
)
def mean_of_the_numbers(reference):
    def sparsity(a):
        return float(np.mean(a))

    return sparsity


@misconception(
    hint="Sparse means many zeros: you give the fraction of the entries that are not zero.",
    caught_by="test_sparsity",
)
def fraction_of_the_others(reference):
    def sparsity(a):
        return 1 - reference.sparsity(a)

    return sparsity


@misconception(
    hint="A negative number is not a zero: count a == 0, not a <= 0.",
    caught_by="test_sparsity",
)
def negative_numbers_counted(reference):
    def sparsity(a):
        return float(np.mean(np.asarray(a) <= 0))

    return sparsity


@misconception(
    hint="len(a) is the number of rows: divide by a.size, the number of entries.",
    caught_by="test_sparsity",
)
def divided_by_rows(reference):
    def sparsity(a):
        return float(np.sum(np.asarray(a) == 0) / len(a))

    return sparsity


@misconception(
    hint="Small is not zero: compare with 0 exactly, without a tolerance.",
    caught_by="test_sparsity",
)
def nearly_zero_counted(reference):
    def sparsity(a):
        return float(np.mean(np.isclose(a, 0)))

    return sparsity


# The gradient through many layers


def slope_of(reference, z, activation):
    return getattr(reference, f"{activation}_backward")(
        np.ones(np.shape(z)), getattr(reference, f"{activation}_forward")(z)[1]
    )


@misconception(
    hint="The second layer does not stand at z but at f(z): take each slope where its own layer is, and "
    "send z on through the activation.",
    caught_by="test_gradient_through_many_layers",
)
def every_slope_at_z(reference):
    def gradient_through(depth, z, activation):
        return slope_of(reference, z, activation) ** depth

    return gradient_through


@misconception(
    hint="Slopes of a chain are multiplied (the chain rule); yours adds them up.",
    caught_by="test_gradient_through_many_layers",
)
def slopes_added(reference):
    def gradient_through(depth, z, activation):
        total = np.zeros(np.shape(z))
        for _ in range(depth):
            total = total + slope_of(reference, z, activation)
            z, _ = getattr(reference, f"{activation}_forward")(z)
        return total

    return gradient_through


@misconception(
    hint="The first layer's slope is taken at z itself, before z goes through the activation; yours is "
    "one layer late.",
    caught_by="test_gradient_through_one_layer",
)
def one_layer_late(reference):
    def gradient_through(depth, z, activation):
        z, _ = getattr(reference, f"{activation}_forward")(z)
        return reference.gradient_through(depth, z, activation)

    return gradient_through


@misconception(
    hint="How many slopes does a chain of `depth` layers have? Yours multiplies one too many.",
    caught_by="test_gradient_through_one_layer",
)
def one_slope_too_many(reference):
    def gradient_through(depth, z, activation):
        return reference.gradient_through(depth + 1, z, activation)

    return gradient_through


@misconception(
    hint="That is what comes out of the last layer. What is asked for is the slope: the product of the layers' "
    "derivatives.",
    caught_by="test_gradient_through_one_layer",
)
def output_instead_of_slope(reference):
    def gradient_through(depth, z, activation):
        z = np.asarray(z, float)
        for _ in range(depth):
            z, _ = getattr(reference, f"{activation}_forward")(z)
        return z

    return gradient_through


@misconception(
    hint="Only the slope of the last layer is left: multiply it with those before. Is there an `=` where "
    "`*=` belongs?",
    caught_by="test_gradient_through_many_layers",
)
def last_slope_only(reference):
    def gradient_through(depth, z, activation):
        slope = np.ones(np.shape(z))
        for _ in range(depth):
            slope = slope_of(reference, z, activation)
            z, _ = getattr(reference, f"{activation}_forward")(z)
        return slope

    return gradient_through


@misconception(
    hint="At exactly 0 your slope is ½, as in PyTorch's and JAX's maximum; this course asks for 0, as in the "
    "relu of PyTorch, JAX and Keras.",
    caught_by="test_relu_slope_at_zero",
)
def slope_one_half_at_zero(reference):
    def relu_forward(x):
        return reference.relu_forward(x)[0], np.heaviside(np.asarray(x, float), 0.5)

    def relu_backward(dout, cache):
        return dout * cache

    return relu_forward, relu_backward
