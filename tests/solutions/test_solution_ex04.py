"""Convolution against PyTorch, and the properties that need no other library."""

import itertools

import numpy as np
import pytest

EXERCISE = "ex04_convolution"
FIELDS = [(1, 1), (3, 3), (2, 3), (5, 2)]
IMAGES = [(2, 3, 5, 7), (1, 1, 6, 5)]
LAYERS = list(itertools.product([1, 2, 3, 6], [0, 1, 2, 3]))


@pytest.mark.parametrize(("stride", "pad"), LAYERS)
def test_value_and_gradients_are_torchs(module, torch, rng, close, stride, pad):
    """Equal to conv2d and its autograd for many shapes, with sizes that stride does not divide."""
    for (hh, ww), shape, filters in itertools.product(FIELDS, IMAGES, (1, 4)):
        x = rng.normal(size=shape)
        w, b = rng.normal(size=(filters, shape[1], hh, ww)), rng.normal(size=filters)
        variables = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
        wanted = torch.nn.functional.conv2d(*variables, stride=stride, padding=pad)
        dout = rng.normal(size=wanted.shape)
        wanted.backward(torch.tensor(dout))

        out, cache = module.conv_forward(x, w, b, stride, pad)
        close(out, wanted.detach())
        for gradient, variable in zip(module.conv_backward(dout, cache), variables, strict=True):
            close(gradient, variable.grad)


def test_stride_and_pad_have_defaults(module, rng, close):
    """Without them the layer has stride 1 and no padding; both can be given by name."""
    x, w, b = rng.normal(size=(2, 1, 4, 4)), rng.normal(size=(2, 1, 3, 3)), np.zeros(2)
    close(module.conv_forward(x, w, b)[0], module.conv_forward(x, w, b, pad=0, stride=1)[0])


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_large_and_small_numbers(module, torch, rng, tolerance, scale):
    """Only the relative error counts."""
    x, w, b = rng.normal(size=(2, 2, 6, 6)) * scale, rng.normal(size=(3, 2, 3, 3)), np.zeros(3)
    wanted = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), padding=1).numpy()
    out, _ = module.conv_forward(x, w, b, 1, 1)
    assert np.abs(out - wanted).max() <= tolerance * np.abs(wanted).max()


def test_impulse_shows_the_reversed_filter(module, close):
    """It is a cross-correlation: an impulse answers with the filter turned by half a turn."""
    x, w = np.zeros((1, 1, 5, 5)), np.arange(9.0).reshape(1, 1, 3, 3)
    x[0, 0, 2, 2] = 1
    out, _ = module.conv_forward(x, w, np.zeros(1))
    close(out[0, 0], w[0, 0, ::-1, ::-1])


def test_backward_is_the_adjoint(module, rng, tolerance):
    """⟨conv(x), d⟩ = ⟨x, dx⟩ for a layer without bias."""
    x, w = rng.normal(size=(2, 3, 6, 7)), rng.normal(size=(4, 3, 3, 2))
    out, cache = module.conv_forward(x, w, np.zeros(4), 2, 1)
    d = rng.normal(size=out.shape)
    dx, dw, _ = module.conv_backward(d, cache)
    assert abs(np.sum(out * d) - np.sum(x * dx)) < 100 * tolerance
    assert abs(np.sum(out * d) - np.sum(w * dw)) < 100 * tolerance


@pytest.mark.parametrize("order", ["C", "F"])
def test_views_integers_and_untouched_arguments(module, rng, close, order):
    """Integer and non-contiguous arrays work, and nothing that comes in is changed."""
    x = np.asarray(rng.integers(-3, 4, (5, 6, 2, 3)), order=order).transpose(3, 2, 1, 0)
    w = np.asarray(rng.integers(-3, 4, (4, 2, 3, 3)), order=order)[::-1, :, ::-1]
    b = rng.integers(-3, 4, 8)[::2]
    out, cache = module.conv_forward(x, w, b, 2, 1)
    assert out.dtype.kind == "f"
    dout = np.asarray(rng.integers(-3, 4, out.shape[::-1]), order=order).T
    before = [a.copy() for a in (x, w, b, dout)]
    module.conv_forward(x[::-1] + 1, w * 2, b)
    gradients = module.conv_backward(dout, cache)
    for now, then in zip((x, w, b, dout), before, strict=True):
        np.testing.assert_array_equal(now, then)

    copies = [np.ascontiguousarray(a, dtype=float) for a in (x, w, b, dout)]
    wanted, cache = module.conv_forward(*copies[:3], 2, 1)
    close(out, wanted)
    for gradient, same in zip(gradients, module.conv_backward(copies[3], cache), strict=True):
        close(gradient, same)
        assert gradient.dtype.kind == "f"


def test_the_reference_keeps_single_precision(reference):
    """float32 in, float32 out, forward and backward."""
    x, w, b = (np.ones(s, dtype=np.float32) for s in ((1, 2, 4, 4), (3, 2, 3, 3), (3,)))
    out, cache = reference.conv_forward(x, w, b, 1, 1)
    gradients = reference.conv_backward(out, cache)
    assert {out.dtype, *(g.dtype for g in gradients)} == {np.dtype("float32")}


def test_output_size_counts_places(module):
    """Equal to counting all starts that fit; an int."""
    for size, field, stride, pad in itertools.product(
        range(1, 9), range(1, 6), range(1, 5), range(4)
    ):
        starts = range(-pad, size + pad - field + 1, stride)
        if len(starts) == 0:
            with pytest.raises(ValueError, match=r"\w"):
                module.output_size(size, field, stride, pad)
        else:
            answer = module.output_size(size, field, stride, pad)
            assert answer == len(starts)
            assert isinstance(answer, int)


@pytest.mark.parametrize("bad", [(5, 0, 1, 0), (5, 3, 0, 0), (5, 3, -1, 0), (5, 3, 1, -1)])
def test_output_size_refuses_nonsense(module, bad):
    """Field and stride below 1 and negative padding are ValueErrors."""
    with pytest.raises(ValueError, match=r"\w"):
        module.output_size(*bad)


def test_layers_that_cannot_be_are_refused(module):
    """Different numbers of channels, or a filter larger than the padded picture: ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        module.conv_forward(np.ones((1, 3, 5, 5)), np.ones((2, 1, 3, 3)), np.zeros(2))
    with pytest.raises(ValueError, match=r"\w"):
        module.conv_forward(np.ones((1, 1, 5, 2)), np.ones((2, 1, 3, 3)), np.zeros(2))


@pytest.mark.parametrize("layer", [(1, 28, 28, 20, 5), (3, 7, 6, 4, 3), (2, 5, 5, 1, 5)])
def test_parameter_counts_are_sizes_of_arrays(module, layer):
    """Every count equals the number of entries of the weights and biases such a layer has."""
    c, h, w, f, field = layer
    rows, columns = h - field + 1, w - field + 1
    arrays = {
        "shared": [(f, c, field, field), (f,)],
        "locally_connected": [(f, rows, columns, c, field, field), (f, rows, columns)],
        "fully_connected": [(c, h, w, f, rows, columns), (f, rows, columns)],
    }
    wanted = {name: sum(int(np.prod(s)) for s in shapes) for name, shapes in arrays.items()}
    assert module.parameter_counts(*layer) == wanted


def test_the_notes_example(module):
    """20 feature maps with 5 by 5 weights each: 20 * (25 + 1) = 520 shared parameters."""
    assert module.parameter_counts(1, 28, 28, 20, 5)["shared"] == 520
