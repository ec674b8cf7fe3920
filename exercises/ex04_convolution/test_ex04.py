"""The checks of ex04: convolution with shared weights."""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_caches_apart,
    assert_gradients,
    assert_raises,
    assert_same,
    assert_shape,
    fail,
    grid_values,
    say,
    upstream,
)

SHAPES = "test_output_shape"
BACK = "test_gradient_shapes"


def layer(rng, n=2, c=3, h=7, w=6, f=4, hh=3, ww=2):
    """Pictures, filters and biases; every size is different, so no two axes can be confused."""
    return grid_values(rng, (n, c, h, w)), grid_values(rng, (f, c, hh, ww)), grid_values(rng, f)


def places(size, field, stride, pad):
    """How often a field fits, by trying every place."""
    return sum(1 for start in range(0, size + 2 * pad, stride) if start + field <= size + 2 * pad)


# The size of the output


@pytest.mark.points(1)
def test_output_size(student):
    """output_size counts the places at which a receptive field fits."""
    cases = [
        (28, 5, 1, 0),
        (7, 2, 3, 0),
        (5, 3, 1, 1),
        (8, 3, 2, 1),
        (6, 6, 1, 0),
        (9, 1, 4, 0),
        (4, 3, 5, 2),
        (10, 4, 3, 3),
    ]
    for case, size in zip(cases, student.output_size.map(cases), strict=True):
        assert_same(size, places(*case), name=f"output_size{case}")


@pytest.mark.points(1)
def test_what_does_not_fit(student):
    """A field longer than the padded axis, a field or stride below 1, or a negative pad is refused."""
    for call in [
        (3, 6, 2, 1),
        (4, 5, 1, 0),
        (4, 0, 1, 0),
        (4, 2, 0, 0),
        (5, 2, -1, 0),
        (4, 2, 1, -1),
    ]:
        assert_raises(student.output_size, "ValueError", *call)


# The forward pass


@pytest.mark.points(1)
def test_output_shape(student, rng):
    """The output has one map per filter and one entry per place, for any sizes."""
    cases = [
        (*layer(rng, **sizes), stride, pad)
        for sizes, stride, pad in [
            ({"n": 5, "h": 5, "w": 9, "hh": 3, "ww": 4}, 2, 3),
            ({"n": 1, "c": 1, "f": 2, "h": 3, "w": 8, "hh": 2, "ww": 5}, 9, 0),
        ]
    ]
    for (x, w, _, stride, pad), (out, _) in zip(
        cases, student.conv_forward.map(cases), strict=True
    ):
        shape = (
            x.shape[0],
            w.shape[0],
            places(x.shape[2], w.shape[2], stride, pad),
            places(x.shape[3], w.shape[3], stride, pad),
        )
        assert_shape(
            out,
            shape,
            because=say(
                "For x {x}, w {w}, stride {stride}, pad {pad}:",
                x=x.shape,
                w=w.shape,
                stride=stride,
                pad=pad,
            ),
        )


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_worked_example(student):
    """The example of the handout, worked by hand."""
    x = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 0.0, 1.0]]]])
    w = np.array([[[[1.0, 2.0], [0.0, -1.0]]]])
    out, _ = student.conv_forward(x, w, np.array([0.5]))
    assert_same(out, np.array([[[[4.5, -0.5], [2.5, 6.5]]]]))


@pytest.mark.points(2)
@pytest.mark.after(SHAPES)
def test_values(student, reference, rng):
    """The output is right: stride 1, no padding."""
    x, w, b = layer(rng)
    assert_same(student.conv_forward(x, w, b)[0], reference.conv_forward(x, w, b)[0])


@pytest.mark.points(2)
@pytest.mark.after(SHAPES)
def test_filters_are_not_flipped(student, rng):
    """A single bright pixel draws the filter reversed: the filter slides over it unflipped."""
    _, w, b = layer(rng, hh=3, ww=3)
    x = np.zeros((1, 3, 7, 7))
    x[0, 1, 3, 3] = 1.0
    out, _ = student.conv_forward(x, w, 0 * b)
    want = np.zeros((1, 4, 5, 5))
    want[0, :, 1:4, 1:4] = w[:, 1, ::-1, ::-1]
    assert_same(
        out, want, because="x is zero except for one pixel, so out shows the filter reversed:"
    )


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_identity_filter(student, rng):
    """A filter with a single 1 in its middle gives back the picture."""
    x = grid_values(rng, (2, 1, 6, 5))
    w = np.zeros((1, 1, 3, 3))
    w[0, 0, 1, 1] = 1.0
    out, _ = student.conv_forward(x, w, np.zeros(1), stride=1, pad=1)
    assert_same(out, x)


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_bias(student, rng):
    """Each map gets its own bias, once."""
    x, w, b = layer(rng)
    pictures, filters = np.concatenate([0 * x, x]), np.concatenate([w, w])
    out, _ = student.conv_forward(pictures, filters, np.concatenate([b, 0 * b]))
    shape = (2, 4, 5, 5)
    assert_shape(out, (4, 8, *shape[2:]))
    want = np.broadcast_to(b[None, :, None, None], shape)
    assert_same(out[:2, :4], want, because="On a black picture the output is the bias:")
    assert_same(out[2:, :4] - out[2:, 4:], want, name=say("(out with b) - (out with b = 0)"))


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_channels_add_up(student, rng):
    """A map is the sum of what its filter sees in each channel."""
    x, w, b = layer(rng, ww=3)
    middle = np.zeros_like(w)
    middle[:, :, 1, 1] = w[:, :, 1, 1]
    out, _ = student.conv_forward(x, middle, 0 * b)
    want = np.einsum("nchw,fc->nfhw", x[:, :, 1:-1, 1:-1], w[:, :, 1, 1])
    assert_same(out, want, because="w is zero except for one weight per channel, in the middle:")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_maps_are_separate(student, rng):
    """One filter makes one map: changing it leaves the other maps alone."""
    x, w, b = layer(rng)
    w[[0, 1, 3]] = 0.0
    out, _ = student.conv_forward(x, w, 0 * b)
    assert_shape(out, (2, 4, 5, 5))
    want = np.zeros(out.shape)
    want[:, 2] = out[:, 2]
    assert_same(out, want, because="b is zero, and so is w except for filter 2:")
    if np.abs(want).max() < 1e-3:
        fail("Changing filter 2 does not change map 2.")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_weights_are_shared(student):
    """One weight acts at every place, and only on its own map."""
    w = np.zeros((4, 3, 3, 2))
    w[1, 2, 0, 1] = 1.0
    out, _ = student.conv_forward(np.ones((1, 3, 7, 6)), w, np.zeros(4))
    want = np.zeros((1, 4, 5, 5))
    want[:, 1] = 1.0
    assert_same(out, want, because="x is all 1, and w is zero except for one weight of filter 1:")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_fields_are_local(student, rng):
    """A pixel reaches only the places whose receptive field covers it."""
    x, w, b = layer(rng, n=1)
    changed = x.copy()
    changed[0, 1, 3, 2] += 4.0
    out, _ = student.conv_forward(np.concatenate([x, changed]), w, b)
    assert_shape(out, (2, 4, 5, 5))
    before, after = out
    touched = np.zeros(before.shape, bool)
    touched[:, 1:4, 1:3] = True
    moved = np.abs(after - before) > 1e-9 * np.abs(before).max()
    if (moved & ~touched).any():
        fail("Changing pixel (3, 2) changes places whose 3×2 field does not cover it.")
    if not moved[touched].all():
        fail("Changing pixel (3, 2) does not reach every place whose 3×2 field covers it.")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_same_feature_at_every_place(student, rng):
    """A shifted picture gives a shifted map."""
    x, w, b = layer(rng, h=9, w=9)
    shifted = np.zeros_like(x)
    shifted[:, :, 2:, 1:] = x[:, :, :-2, :-1]
    out, _ = student.conv_forward(np.concatenate([x, shifted]), w, b)
    here, there = out[:2], out[2:]
    assert_same(there[:, :, 2:, 1:], here[:, :, :-2, :-1], name=say("out of the shifted picture"))


@pytest.mark.points(2)
@pytest.mark.after(SHAPES)
def test_padding(student, reference, rng):
    """Padding puts zeros around the picture: 1, 2 or 3 rows and columns of them."""
    x, w, b = layer(rng)
    # Pad 1 is that of the identity filter, and of the stride.
    answers = student.conv_forward.map([(x, w, b, 1, pad) for pad in (2, 3)])
    for pad, (out, _) in enumerate(answers, start=2):
        by_hand = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        assert_same(
            out,
            reference.conv_forward(by_hand, w, b)[0],
            because=say("With pad={pad}:", pad=pad),
        )


@pytest.mark.points(2)
@pytest.mark.after(SHAPES)
def test_stride(student, reference, rng):
    """Stride s computes every s-th place of stride 1, also where the picture does not divide."""
    x, w, b = layer(rng, h=7, w=10)  # stride 3 divides the rows, and leaves a column over
    every, _ = reference.conv_forward(x, w, b, stride=1, pad=1)
    out, _ = student.conv_forward(x, w, b, stride=3, pad=1)
    assert_same(out, every[:, :, ::3, ::3], because=say("With stride={stride}:", stride=3))


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_smallest_and_largest_filter(student, rng):
    """A 1×1 filter mixes channels; a filter as large as the picture is one weighted sum."""
    cases = layer(rng, hh=1, ww=1), layer(rng, h=4, w=3, hh=4, ww=3)
    (smallest, _), (largest, _) = student.conv_forward.map(cases)
    x, w, b = cases[0]
    mixed = np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]) + b[:, None, None]
    assert_same(smallest, mixed, because="With 1×1 filters:")
    x, w, b = cases[1]
    total = np.einsum("nchw,fchw->nf", x, w)[:, :, None, None] + b[:, None, None]
    assert_same(largest, total, because="With filters of the picture's size:")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_examples_do_not_mix(student, rng):
    """Each picture of a batch is treated as if it were alone."""
    x, w, b = layer(rng, n=3)
    calls = [(x, w, b, 2, 1), (x[1:2], w, b, 2, 1)]
    (together, _), (alone, _) = student.conv_forward.map(calls)
    assert_same(together[1:2], alone, name="out[1:2]")


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_other_number_types(student, reference, rng):
    """float32, whole numbers, and arrays that are not contiguous work, too."""
    x, w, b = layer(rng)
    whole = tuple(rng.integers(-4, 5, a.shape) for a in (x, w, b))
    cases = {
        say("In float32, with x and w not contiguous:"): tuple(
            np.asfortranarray(a, np.float32) for a in (x, w, b)
        ),
        say("With whole numbers, but fractions in x:"): (x, *whole[1:]),
        say("With whole numbers, but fractions in w:"): (whole[0], w, whole[2]),
        say("With whole numbers, but fractions in b:"): (*whole[:2], b),
        say("With bytes (uint8), whose sums do not fit into a byte:"): tuple(
            rng.integers(9, 16, a.shape).astype(np.uint8) for a in (x, w, b)
        ),
    }
    answers = student.conv_forward.map([*cases.values()], stride=1, pad=1)
    for (out, _), (because, given) in zip(answers, cases.items(), strict=True):
        doubles = (np.asarray(a, float) for a in given)
        want, _ = reference.conv_forward(*doubles, stride=1, pad=1)
        assert_same(out, want, because=because)


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_layers_that_do_not_fit(student, rng):
    """A layer whose field does not fit, or whose filters look at other channels, is refused."""
    for sizes, stride, pad in [
        ({"h": 4, "hh": 5}, 1, 0),
        ({"w": 3, "ww": 6}, 2, 1),
        ({}, 0, 0),
        ({}, 1, -1),
    ]:
        assert_raises(student.conv_forward, "ValueError", *layer(rng, **sizes), stride, pad)
    x, w, b = layer(rng)
    # Two channels, not one, which loops that are right elsewhere repeat without a word.
    assert_raises(student.conv_forward, "ValueError", x, w[:, :2], b)
    assert_raises(student.conv_forward, "ValueError", x[:, :2], w, b)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.after(SHAPES)
def test_linear(student, rng):
    """Without bias the output is linear in the picture and in the filters, at any scale."""
    (x, w, _), (z, v, _) = layer(rng), layer(rng)
    pictures = np.concatenate([x, z, x + z, 2.0**20 * x, 2.0**-20 * x])
    out, _ = student.conv_forward(pictures, np.concatenate([w, v, w + v]), np.zeros(12))
    assert_shape(out, (10, 12, 5, 5))
    of_x, of_z, of_sum, large, small = np.split(out[:, :4], 5)
    of_w, of_v, of_filters = np.split(out[:2], 3, axis=1)
    assert_same(of_sum, of_x + of_z, name=say("out of x + z"))
    assert_same(of_filters, of_w + of_v, name=say("out of w + v"))
    assert_same(large, 2.0**20 * of_x, name=say("out of 2**20·x"))
    assert_same(small, 2.0**-20 * of_x, name=say("out of 2**-20·x"))


# The backward pass


@pytest.mark.points(1)
@pytest.mark.after(SHAPES)
def test_gradient_shapes(student, rng):
    """dx, dw and db have the shapes of x, w and b, with padding and without."""
    calls = [(*layer(rng), *steps) for steps in ((1, 0), (2, 3))]
    for call in calls:
        out, cache = student.conv_forward(*call)
        gradients = student.conv_backward(upstream(rng, out.shape), cache)
        because = say("With stride={call}, pad={call2}:", call=call[3], call2=call[4])
        shapes = {name: array.shape for name, array in zip(("dx", "dw", "db"), call, strict=False)}
        for gradient, (name, shape) in zip(gradients, shapes.items(), strict=True):
            assert_shape(gradient, shape, name=name, because=because, others=shapes)


@pytest.mark.points(3)
@pytest.mark.after(BACK)
def test_backward_is_the_gradient_of_forward(student, rng):
    """The backward pass is the gradient of your own forward pass."""
    x, w, b = layer(rng)
    assert_gradients(
        student.conv_forward, student.conv_backward, x, w, b, kind="linear", stride=1, pad=0
    )


@pytest.mark.points(3)
@pytest.mark.after(BACK)
def test_backward_with_stride_and_padding(student, rng):
    """The same with stride 2 and padding 1, where places overlap and the border counts."""
    x, w, b = layer(rng, h=7, w=8, hh=3, ww=3)
    assert_gradients(
        student.conv_forward, student.conv_backward, x, w, b, kind="linear", stride=2, pad=1
    )


@pytest.mark.points(2)
@pytest.mark.after(BACK)
def test_backward_where_sizes_do_not_fit(student, rng):
    """The same where the stride leaves pixels unseen: their gradient is zero."""
    x, w, b = layer(rng, h=8, w=6, hh=2, ww=2)
    assert_gradients(
        student.conv_forward, student.conv_backward, x, w, b, kind="linear", stride=3, pad=0
    )


@pytest.mark.points(1)
@pytest.mark.after(BACK)
def test_bias_gradient(student, rng):
    """db adds up dout over all examples and all places."""
    x, w, b = layer(rng)
    # Added to every output, a bias near 10¹² leaves no digit to a difference of two outputs; no
    # gradient depends on it. This is what tells formulas from numerical differentiation.
    (out, cache), (_, far) = student.conv_forward.map([(x, w, b), (x, w, 2.0**40 * b)])
    dout = upstream(rng, out.shape)
    near, gradients = student.conv_backward.map([(dout, cache), (dout, far)])
    dx, dw, got = near
    db = dout.sum(axis=(0, 2, 3))
    assert_same(got, db, name="db")
    because = (
        "b is about 10¹², on which no gradient depends (numerical differentiation fails here):"
    )
    for name, mine, right in zip(("dx", "dw", "db"), gradients, (dx, dw, db), strict=True):
        assert_same(mine, right, name=name, because=because)


@pytest.mark.points(1)
@pytest.mark.after(BACK)
def test_backward_undoes_no_place_twice(student, rng):
    """A single nonzero entry of dout copies the filter into dx, at the place it came from."""
    x, w, b = layer(rng, n=1)
    out, cache = student.conv_forward(x, w, b, stride=2, pad=1)
    dout = np.zeros_like(out)
    dout[0, 3, 1, 1] = 1.0  # of the last filter: a right dx, even if filters overwrite each other
    want = np.zeros((1, 3, 9, 8))
    want[0, :, 2:5, 2:4] = w[3]
    dx, _, _ = student.conv_backward(dout, cache)
    assert_same(
        dx,
        want[:, :, 1:-1, 1:-1],
        name="dx",
        because="dout is zero except for dout[0, 3, 1, 1]; with stride 2 and pad 1:",
    )


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.after(BACK)
def test_forward_and_backward_are_adjoint(student, rng):
    """The sum of conv(x)·dout equals the sum of x·dx, and that of w·dw."""
    x, w, _ = layer(rng, h=5, w=9)
    out, cache = student.conv_forward(x, w, np.zeros(4), stride=2, pad=3)
    dout = upstream(rng, out.shape)
    gradients = student.conv_backward(dout, cache)
    for name, a, da in zip(("dx", "dw"), (x, w), gradients, strict=False):
        assert_shape(da, a.shape, name=name)
        assert_same(
            (a * da).sum(),
            (out * dout).sum(),
            name=say("sum of {name}·{name2}", name=name[1], name2=name),
        )


@pytest.mark.points(1)
@pytest.mark.after(BACK, "test_bias_gradient")
def test_backward_with_other_number_types(student, rng):
    """The gradients have fractions, too, where x, w and b hold whole numbers."""
    whole = tuple(rng.integers(-4, 5, a.shape) for a in layer(rng, h=5, w=4))
    floats = tuple(a.astype(float) for a in whole)
    answers = student.conv_forward.map([whole, floats])
    dout = upstream(rng, answers[0][0].shape)
    gradients = student.conv_backward.map([(dout, cache) for _, cache in answers])
    because = "x, w and b are whole numbers (int64); expected is what yours answers to floats:"
    for name, got, want in zip(("dx", "dw", "db"), *gradients, strict=True):
        assert_same(got, want, name=name, because=because)


@pytest.mark.points(1)
@pytest.mark.after(BACK, "test_bias_gradient")
def test_no_hidden_state(student, rng):
    """Two forward passes before one backward pass do not get mixed up."""
    forward, backward = student.conv_forward, student.conv_backward
    others = layer(rng), layer(rng, n=1, h=5, w=5)
    assert_caches_apart(forward, backward, rng, layer(rng), *others, stride=2, pad=1)


@pytest.mark.points(1)
@pytest.mark.after(SHAPES, "test_bias_gradient")
def test_arguments_are_left_alone(student, rng):
    """x, w, b and dout are the same after the call as before it."""
    x, w, b = layer(rng)
    out, cache = assert_arguments_unchanged(student.conv_forward, x, w, b, stride=1, pad=0)
    assert_arguments_unchanged(student.conv_backward, upstream(rng, out.shape), cache)


# Counting parameters


@pytest.mark.points(2)
def test_parameter_counts(student):
    """Sharing weights needs far fewer parameters: counted for a 28×28 picture, and for others."""
    cases = [(3, 8, 6, 4, 3), (2, 5, 5, 3, 1), (3, 4, 4, 2, 4), (3, 224, 200, 96, 11)]
    of_28, *counts = student.parameter_counts.map([(1, 28, 28, 20, 5), *cases])
    assert_same(
        of_28,
        {"shared": 520, "locally_connected": 299_520, "fully_connected": 9_043_200},
        name="parameter_counts(1, 28, 28, 20, 5)",
    )
    for (c, h, w, f, field), got in zip(cases, counts, strict=True):
        out = (f, h - field + 1, w - field + 1)
        layers = {
            "shared": [(f, c, field, field), (f,)],
            "locally_connected": [(*out, c, field, field), out],
            "fully_connected": [(*out, c, h, w), out],
        }
        assert_same(
            got,
            {name: sum(int(np.prod(s)) for s in shapes) for name, shapes in layers.items()},
            name=f"parameter_counts({c}, {h}, {w}, {f}, {field})",
        )


# Whatever the sizes


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.after(BACK)
def test_any_sizes(student, reference, rng):
    """Many pictures, channels or filters, and large pictures, fields, strides or paddings are no different."""
    # Products of matrices small enough that no BLAS starts threads for them: a sandbox has one.
    most = {"n": 40, "c": 30, "f": 40}
    many = {name: int(rng.integers(top // 2, top)) for name, top in most.items()}
    sides = [int(rng.integers(*r)) for r in ((24, 48), (24, 48), (4, 12), (4, 12))]
    large = {"n": 1, "c": 1, "f": 2, **dict(zip(("h", "w", "hh", "ww"), sides, strict=True))}
    cases = [({**many, "h": 2, "w": 2, "hh": 1, "ww": 1}, 2, 1)]
    cases += [(large, int(rng.integers(2, 9)), int(rng.integers(2, 8)))]
    calls = [(*layer(rng, **sizes), stride, pad) for sizes, stride, pad in cases]
    answers, asked, wants = student.conv_forward.map(calls), [], []
    for call, (out, cache) in zip(calls, answers, strict=True):
        right, right_cache = reference.conv_forward(*call)
        x, w, _, stride, pad = call
        because = say(
            "For x {x}, w {w}, stride {stride}, pad {pad}:",
            x=x.shape,
            w=w.shape,
            stride=stride,
            pad=pad,
        )
        assert_same(out, right, because=because)
        dout = upstream(rng, out.shape)
        asked.append((dout, cache))
        wants.append((reference.conv_backward(dout, right_cache), because))
    for gradients, (want, because) in zip(student.conv_backward.map(asked), wants, strict=True):
        for name, mine, other in zip(("dx", "dw", "db"), gradients, want, strict=True):
            assert_same(mine, other, name=name, because=because)
    for _ in range(3):
        size, field, stride, pad = (
            int(rng.integers(*r)) for r in ((99, 9**6), (1, 99), (1, 20), (0, 50))
        )
        want = (size + 2 * pad - field) // stride + 1
        call = f"output_size({size}, {field}, {stride}, {pad})"
        assert_same(student.output_size(size, field, stride, pad), want, name=call, tolerance=0)
    given = tuple(int(rng.integers(*r)) for r in ((1, 64), (99, 900), (99, 900), (9, 512), (1, 16)))
    want = reference.parameter_counts(*given)
    assert_same(
        student.parameter_counts(*given), want, name=f"parameter_counts{given}", tolerance=0
    )
