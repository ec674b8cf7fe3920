"""Fully connected layers against PyTorch."""

import numpy as np
import pytest

EXERCISE = "ex03_fully_connected"


def _params(rng, *sizes):
    return [
        (rng.normal(size=(sizes[i], sizes[i + 1])), rng.normal(size=sizes[i + 1]))
        for i in range(len(sizes) - 1)
    ]


@pytest.mark.parametrize("shape", [(1, 4), (5, 4), (3, 2, 2), (2, 3, 2, 4)])
@pytest.mark.parametrize("units", [1, 5])
def test_affine_is_torchs(module, torch, rng, close, shape, units):
    """Value and all three gradients, for inputs of any rank."""
    x, w = rng.normal(size=shape), rng.normal(size=(int(np.prod(shape[1:])), units))
    b, dout = rng.normal(size=units), rng.normal(size=(shape[0], units))
    out, cache = module.affine_forward(x, w, b)
    variables = [torch.tensor(a, requires_grad=True) for a in (x, w, b)]
    wanted = variables[0].flatten(1) @ variables[1] + variables[2]
    wanted.backward(torch.tensor(dout))
    close(out, wanted.detach())
    for gradient, variable in zip(module.affine_backward(dout, cache), variables, strict=True):
        close(gradient, variable.grad)


@pytest.mark.parametrize("sizes", [(4, 3), (4, 6, 3), (4, 5, 6, 7, 2)])
@pytest.mark.parametrize("n", [1, 6])
def test_mlp_is_torchs(module, torch, rng, close, sizes, n):
    """Value and all gradients of networks of 1, 2 and 4 layers."""
    x, params, dout = (
        rng.normal(size=(n, 2, 2)),
        _params(rng, *sizes),
        rng.normal(size=(n, sizes[-1])),
    )
    out, cache = module.mlp_forward(x, params)
    dx, grads = module.mlp_backward(dout, cache)

    variable = torch.tensor(x, requires_grad=True)
    layers = [[torch.tensor(a, requires_grad=True) for a in pair] for pair in params]
    wanted = variable.flatten(1)
    for i, (w, b) in enumerate(layers):
        wanted = (torch.relu(wanted) if i else wanted) @ w + b
    wanted.backward(torch.tensor(dout))
    close(out, wanted.detach())
    close(dx, variable.grad)
    assert len(grads) == len(params)
    for (dw, db), (w, b) in zip(grads, layers, strict=True):
        close(dw, w.grad)
        close(db, b.grad)


def test_relu_is_off_at_exactly_zero(module):
    """A hidden sum of exactly 0 sends nothing back."""
    params = [(np.zeros((2, 3)), np.zeros(3)), (np.ones((3, 1)), np.ones(1))]
    _, cache = module.mlp_forward(np.ones((1, 2)), params)
    dx, grads = module.mlp_backward(np.ones((1, 1)), cache)
    assert not dx.any()
    assert not grads[0][0].any()


def test_nothing_is_changed_and_caches_do_not_mix(module, rng):
    """Arguments stay; a second forward does not disturb the first's backward."""
    x, params, dout = rng.normal(size=(3, 4)), _params(rng, 4, 5, 2), rng.normal(size=(3, 2))
    before = [a.copy() for a in (x, dout, *(p for pair in params for p in pair))]
    _, cache = module.mlp_forward(x, params)
    module.mlp_forward(x + 1, params)
    first = module.mlp_backward(dout, cache)
    again = module.mlp_backward(dout, module.mlp_forward(x, params)[1])
    np.testing.assert_array_equal(first[0], again[0])
    now = [x, dout, *(p for pair in params for p in pair)]
    for a, b in zip(now, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_integers_and_views(module, rng, close):
    """Integers are computed as floats, transposed views like their copies."""
    x, w, b = (
        rng.integers(-3, 4, (4, 3)).T,
        rng.integers(-3, 4, (5, 4)).T,
        np.array([1, 2, 3, 4, 5]),
    )
    out, cache = module.affine_forward(x, w, b)
    assert out.dtype.kind == "f"
    close(out, x @ w + b)
    dx, dw, db = module.affine_backward(np.ones((3, 5), dtype=int), cache)
    close(dx, np.ones((3, 5)) @ w.T)
    close(dw, x.T @ np.ones((3, 5)))
    close(db, np.full(5, 3))


def test_the_reference_keeps_single_precision(reference):
    """float32 in, float32 out, forward and backward."""
    x, w, b = np.ones((2, 3), np.float32), np.ones((3, 2), np.float32), np.ones(2, np.float32)
    out, cache = reference.mlp_forward(x, [(w, b), (w[:2], b)])
    dx, grads = reference.mlp_backward(out, cache)
    assert {out.dtype, dx.dtype, *(g.dtype for pair in grads for g in pair)} == {
        np.dtype("float32")
    }
