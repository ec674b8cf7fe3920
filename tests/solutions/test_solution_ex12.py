"""Optimisers against PyTorch's, step by step, and first weights against its initialisers."""

import numpy as np
import pytest

EXERCISE = "ex12_optimisers"
SHAPES = [(3, 4), (4,), (2, 3, 1, 2)]


def _follow(torch, rng, close, mine, optimiser, **options):
    """Twelve steps with gradients that are drawn, from PyTorch's parameters and from our own."""
    ours = [rng.normal(size=shape) for shape in SHAPES]
    theirs = [torch.tensor(p, requires_grad=True) for p in ours]
    other = optimiser(theirs, **options)
    for _ in range(12):
        gradients = [rng.normal(size=shape) * 10.0 ** rng.integers(-3, 3) for shape in SHAPES]
        for leaf, gradient in zip(theirs, gradients, strict=True):
            leaf.grad = torch.tensor(gradient)
        other.step()
        ours = mine.step(ours, gradients)
        for one, leaf in zip(ours, theirs, strict=True):
            close(one, leaf.detach())
        mine.rate = other.param_groups[0]["lr"] = float(rng.uniform(0.01, 0.5))


@pytest.mark.parametrize(("momentum", "l2"), [(0.0, 0.0), (0.9, 0.0), (0.5, 0.1)])
def test_sgd_is_torchs(module, torch, rng, close, momentum, l2):
    """Momentum, L2 (which PyTorch calls weight decay), and a rate that changes."""
    mine = module.SGD(0.1, momentum=momentum, l2=l2)
    options = {"lr": 0.1, "momentum": momentum, "weight_decay": l2}
    _follow(torch, rng, close, mine, torch.optim.SGD, **options)


@pytest.mark.parametrize(("rho", "eps"), [(0.9, 1e-8), (0.5, 0.1)])
def test_rmsprop_is_torchs(module, torch, rng, close, rho, eps):
    """PyTorch's RMSprop, without its options."""
    mine = module.RMSprop(0.1, rho=rho, eps=eps)
    _follow(torch, rng, close, mine, torch.optim.RMSprop, lr=0.1, alpha=rho, eps=eps)


@pytest.mark.parametrize(("betas", "eps"), [((0.9, 0.999), 1e-8), ((0.5, 0.7), 0.1)])
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_adam_is_torchs(module, torch, rng, close, betas, eps, l2):
    """PyTorch's Adam, whose weight decay is L2."""
    mine = module.Adam(0.1, *betas, eps=eps, l2=l2)
    options = {"lr": 0.1, "betas": betas, "eps": eps, "weight_decay": l2}
    _follow(torch, rng, close, mine, torch.optim.Adam, **options)


def test_adam_with_decay_is_torchs_adamw(module, torch, rng, close):
    """Decay apart from the gradient."""
    mine = module.Adam(0.1, 0.8, 0.9, decay=0.2)
    options = {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.2}
    _follow(torch, rng, close, mine, torch.optim.AdamW, **options)


def test_sgd_with_decay_shrinks(module, rng, close):
    """PyTorch has no such SGD: without gradients each step is a factor."""
    p = rng.normal(size=(3, 4))
    mine = module.SGD(0.1, momentum=0.9, decay=0.5)
    w = [p]
    for _ in range(5):
        w = mine.step(w, [np.zeros((3, 4))])
    close(w[0], p * 0.95**5)


@pytest.mark.parametrize("shape", [(3, 5), (7, 2), (4, 3, 2, 5)])
def test_fans_are_torchs(module, torch, shape):
    """PyTorch's layout of a fully connected layer is the transpose of ours, of filters the same."""
    theirs = torch.empty(shape[::-1] if len(shape) == 2 else shape)
    wanted = torch.nn.init._calculate_fan_in_and_fan_out(theirs)
    assert tuple(module.fans(shape)) == wanted


@pytest.mark.parametrize("shape", [(300, 200), (40, 30, 5, 4)])
def test_first_weights_spread_as_torchs(module, torch, rng, shape):
    """Standard deviation and largest weight, up to what chance does to them."""
    torch.manual_seed(0)
    empty = torch.empty(shape[::-1] if len(shape) == 2 else shape, dtype=torch.float64)
    pairs = {
        "glorot_uniform": torch.nn.init.xavier_uniform_(empty.clone()),
        "he_normal": torch.nn.init.kaiming_normal_(empty.clone()),
    }
    for name, theirs in pairs.items():
        mine = getattr(module, name)(shape, rng)
        assert mine.shape == shape
        assert mine.std() == pytest.approx(theirs.std().item(), rel=0.03)
        assert abs(mine).max() == pytest.approx(theirs.abs().max().item(), rel=0.25)
