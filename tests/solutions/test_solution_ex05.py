"""Pooling against PyTorch, and the properties that need no other library."""

import itertools

import numpy as np
import pytest

EXERCISE = "ex05_pooling"
KINDS = ("max", "average", "l2")
LAYERS = [(2, 2), (3, 3), (3, 2), (3, 1), (2, 3), (1, 1), (1, 2), (4, 2)]


def _functions(module, kind):
    return getattr(module, f"{kind}_pool_forward"), getattr(module, f"{kind}_pool_backward")


def _torch_pool(torch, kind, x, size, stride):
    if kind == "max":
        return torch.nn.functional.max_pool2d(x, size, stride)
    if kind == "average":
        return torch.nn.functional.avg_pool2d(x, size, stride)
    return torch.nn.LPPool2d(2, size, stride)(x)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "stride"), LAYERS)
def test_value_and_gradient_are_torchs(module, torch, rng, close, kind, size, stride):
    """Equal to PyTorch's for overlapping, touching and spaced windows, and negative numbers."""
    forward, backward = _functions(module, kind)
    for shape, shift in itertools.product([(2, 3, 6, 7), (1, 1, 5, 4)], (0, -9)):
        x = rng.normal(size=shape) + shift
        variable = torch.tensor(x, requires_grad=True)
        wanted = _torch_pool(torch, kind, variable, size, stride)
        dout = rng.normal(size=wanted.shape)
        wanted.backward(torch.tensor(dout))
        out, cache = forward(x, size, stride)
        close(out, wanted.detach())
        close(backward(dout, cache), variable.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_default_window_is_two_by_two(module, rng, close, kind):
    """Size and stride are 2 unless said otherwise."""
    forward, _ = _functions(module, kind)
    x = rng.normal(size=(1, 2, 5, 4))
    close(forward(x)[0], forward(x, size=2, stride=2)[0])


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2)])
def test_ties_share_what_comes_back(module, rng, tolerance, size, stride):
    """In a tie only maxima get something, each between 0 and dout, together exactly dout."""
    x = rng.integers(0, 2, size=(2, 2, 7, 7)).astype(float)
    out, cache = module.max_pool_forward(x, size, stride)
    for index in np.ndindex(out.shape):
        dout = np.zeros(out.shape)
        dout[index] = 3.0
        dx = module.max_pool_backward(dout, cache)
        n, c, i, j = index
        window = np.s_[n, c, i * stride : i * stride + size, j * stride : j * stride + size]
        assert abs(dx[window].sum() - 3) < 10 * tolerance
        assert (dx >= 0).all()
        assert not dx[window][x[window] < out[index]].any()
        dx[window] = 0
        assert not dx.any()


def test_the_reference_takes_the_first_of_tied_maxima(reference):
    """The first in row order wins."""
    _, cache = reference.max_pool_forward(np.ones((1, 1, 2, 2)))
    dx = reference.max_pool_backward(np.full((1, 1, 1, 1), 5.0), cache)
    np.testing.assert_array_equal(dx[0, 0], [[5, 0], [0, 0]])


def test_l2_of_nothing_has_no_gradient(module, rng):
    """A window of zeros gives 0 and sends 0 back, without a warning; others are not disturbed."""
    x = rng.normal(size=(1, 1, 4, 4))
    x[..., :2, :2] = 0
    x[..., :2, 2:] = 1e-200  # the squares are too small to be told from 0
    out, cache = module.l2_pool_forward(x)
    dx = module.l2_pool_backward(np.ones(out.shape), cache)
    assert out[0, 0, 0, 0] == 0
    assert not dx[..., :2, :2].any()
    assert not dx[..., :2, 2:].any()
    assert np.isfinite(dx).all()
    assert dx[..., 2:, 2:].all()


def test_l2_by_hand(module, close):
    """The window (3, 0, 0, -4) has length 5."""
    out, cache = module.l2_pool_forward(np.array([[[[3, 0], [0, -4]]]]))
    close(out, np.full((1, 1, 1, 1), 5))
    close(module.l2_pool_backward(np.full((1, 1, 1, 1), 10), cache), [[[[6, 0], [0, -8]]]])


@pytest.mark.parametrize("kind", KINDS)
def test_views_integers_and_untouched_arguments(module, rng, close, kind):
    """Integer and non-contiguous arrays work, nothing is changed, caches do not mix."""
    forward, backward = _functions(module, kind)
    x = rng.permutation(84).reshape(7, 6, 1, 2).T
    out, cache = forward(x, 3, 2)
    assert out.dtype.kind == "f"
    dout = rng.integers(-3, 4, out.shape[::-1]).T
    before = x.copy(), dout.copy()
    forward(x[..., ::-1], 3, 2)
    dx = backward(dout, cache)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(dout, before[1])
    wanted, cache = forward(np.ascontiguousarray(x, dtype=float), 3, 2)
    close(out, wanted)
    close(dx, backward(dout.astype(float), cache))


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_keeps_single_precision(reference, kind):
    """float32 in, float32 out, forward and backward."""
    forward, backward = _functions(reference, kind)
    out, cache = forward(np.ones((1, 1, 4, 4), dtype=np.float32))
    assert out.dtype == np.float32
    assert backward(out, cache).dtype == np.float32


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "stride"), [(0, 1), (2, 0), (2, -1), (5, 1)])
def test_windows_that_cannot_be_are_refused(module, kind, size, stride):
    """Size or stride below 1, or a window larger than the picture: ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        _functions(module, kind)[0](np.ones((1, 1, 4, 6)), size, stride)
