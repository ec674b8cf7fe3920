"""Normalisation against PyTorch: values, gradients and the statistics that are remembered."""

import numpy as np
import pytest

EXERCISE = "ex11_normalisation"
SIZES = [(2, 3), (5, 4), (9, 1)]


def _scales(rng, features):
    return rng.normal(size=features) + 2, rng.normal(size=features)


@pytest.mark.parametrize(("n", "features"), SIZES)
def test_batch_norm_is_torchs(module, torch, rng, close, n, features):
    """Three batches of training and one of use: outputs, gradients, and running statistics."""
    gamma, beta = _scales(rng, features)
    theirs = torch.nn.BatchNorm1d(features, eps=0.01, momentum=0.3, dtype=torch.float64)
    mine = module.BatchNorm(features, momentum=0.3, eps=0.01)
    mine.gamma, mine.beta = gamma, beta
    with torch.no_grad():
        theirs.weight[:], theirs.bias[:] = torch.tensor(gamma), torch.tensor(beta)
    for training in (True, True, True, False):
        theirs.train(training)
        x = rng.normal(size=(n, features)) * 3 + 1
        variable = torch.tensor(x, requires_grad=True)
        theirs.zero_grad()
        wanted = theirs(variable)
        dout = rng.normal(size=x.shape)
        wanted.backward(torch.tensor(dout))
        close(mine.forward(x, training=training), wanted.detach())
        close(mine.backward(dout), variable.grad)
        close(mine.dgamma, theirs.weight.grad)
        close(mine.dbeta, theirs.bias.grad)
        close(mine.running_mean, theirs.running_mean)
        close(mine.running_var, theirs.running_var)


def test_a_batch_of_one_is_refused_as_torch_does(module, torch):
    """PyTorch raises a ValueError, too; in use one example is enough for both."""
    with pytest.raises(ValueError, match=r"Expected more than 1 value per channel"):
        torch.nn.BatchNorm1d(3, dtype=torch.float64)(torch.zeros(1, 3, dtype=torch.float64))
    norm = module.BatchNorm(3)
    with pytest.raises(ValueError, match=r"few|one"):
        norm.forward(np.zeros((1, 3)))
    assert norm.forward(np.zeros((1, 3)), training=False).shape == (1, 3)


@pytest.mark.parametrize("shape", [(1, 4), (3, 5), (2, 3, 4)])
def test_layer_norm_is_torchs(module, torch, rng, close, shape):
    """Values and all three gradients, for two and three axes."""
    x = rng.normal(size=shape) * 2 - 1
    gamma, beta = _scales(rng, shape[-1])
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
    wanted = torch.nn.functional.layer_norm(leaves[0], shape[-1:], *leaves[1:], eps=0.01)
    dout = rng.normal(size=shape)
    wanted.backward(torch.tensor(dout))
    out, cache = module.layer_norm_forward(x, gamma, beta, eps=0.01)
    close(out, wanted.detach())
    for mine, leaf in zip(module.layer_norm_backward(dout, cache), leaves, strict=True):
        close(mine, leaf.grad)


def test_constant_features_give_beta(module, rng, close):
    """No NaN where a variance is 0, forward and backward."""
    norm = module.BatchNorm(2)
    norm.beta = np.array([3.0, -1.0])
    x = rng.normal(size=(4, 2))
    x[:, 0] = 7.0
    out = norm.forward(x)
    close(out[:, 0], np.full(4, 3.0))
    assert np.isfinite(norm.backward(rng.normal(size=x.shape))).all()


def test_fold_is_torchs_fusion(module, torch, rng, close):
    """The folded layer is what PyTorch's own fusion of a linear layer and a batch norm makes."""
    norm = module.BatchNorm(3, eps=0.01)
    norm.forward(rng.normal(size=(6, 3)) + 1)
    norm.gamma, norm.beta = _scales(rng, 3)
    w, b = rng.normal(size=(4, 3)), rng.normal(size=3)
    weight, bias = torch.nn.utils.fuse_linear_bn_weights(
        *(
            torch.tensor(np.asarray(a, float))
            for a in (w.T.copy(), b, norm.running_mean, norm.running_var)
        ),
        0.01,
        torch.tensor(norm.gamma),
        torch.tensor(norm.beta),
    )
    folded_w, folded_b = module.fold_batch_norm(w, b, norm)
    close(folded_w, weight.detach().T)
    close(folded_b, bias.detach())
