"""The engine against PyTorch's: values and gradients of operations, of graphs by chance, and of training."""

import numpy as np
import pytest

EXERCISE = "ex13_autograd"

# An expression for both: ours and PyTorch's tensors have these operations in common.
OPERATIONS = {
    "sum": lambda a, b: a + b,
    "product": lambda a, b: a * b,
    "numbers": lambda a, b: 2 + a * 3 + 0.5 * b,
    "matrix product": lambda a, b: a @ b.reshape((3, 2)),
    "relu": lambda a, b: a.relu() + b,
    "exp": lambda a, b: (a * 0.5).exp() * b,
    "log": lambda a, b: (a * a + 1).log() + b,
    "sum over rows": lambda a, b: a.sum(0) * b,
    "sum over columns": lambda a, b: a.sum(1, True) * b,
    "sum over the last": lambda a, b: (a * b).sum(-1),
    "reshape": lambda a, b: a.reshape((3, 2)) * b.reshape((3, 2)),
    "diamond": lambda a, b: (a + b) * (a * b) + a,
}
BROADCASTS = [((2, 3), (3,)), ((2, 1), (2, 3)), ((2, 3), ()), ((1,), (4,)), ((3, 1, 2), (4, 1))]


def both(module, torch, close, expression, *arrays):
    """Compare values and gradients of an expression, whose entries are weighted by chance."""
    mine = [module.Tensor(a) for a in arrays]
    theirs = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in arrays]
    out, wanted = expression(*mine), expression(*theirs)
    close(out.data, wanted.detach())
    weights = np.random.default_rng(5).normal(size=wanted.shape)
    (out * weights).sum().backward()
    (wanted * torch.tensor(weights)).sum().backward()
    for leaf, other in zip(mine, theirs, strict=True):
        close(leaf.grad, other.grad)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_torchs(module, torch, rng, close, name):
    """Values and gradients of each operation."""
    both(module, torch, close, OPERATIONS[name], *(rng.normal(size=(2, 3)) for _ in range(2)))


@pytest.mark.parametrize(("left", "right"), BROADCASTS, ids=str)
def test_broadcasting_is_torchs(module, torch, rng, close, left, right):
    """What is repeated gets the sum of what comes back."""
    a, b = rng.normal(size=left), rng.normal(size=right)
    for expression in (lambda x, y: x + y, lambda x, y: x * y):
        both(module, torch, close, expression, a, b)


def test_passes_add_up_as_torchs(module, torch, rng, close):
    """Two backward passes of one graph, then one of another."""
    a = rng.normal(size=3)
    x, other = module.Tensor(a), torch.tensor(a, requires_grad=True)
    loss, wanted = ((x * x) * x).sum(), ((other * other) * other).sum()
    for _ in range(2):
        loss.backward()
        wanted.backward(retain_graph=True)
        close(x.grad, other.grad)
    (x * 2).sum().backward()
    (other * 2).sum().backward()
    close(x.grad, other.grad)


def test_more_than_one_number_is_refused_as_torch_does(module, torch):
    """Where PyTorch raises a RuntimeError, ours is a ValueError."""
    with pytest.raises(RuntimeError, match="scalar outputs"):
        (torch.ones(2, requires_grad=True) * 2).backward()
    with pytest.raises(ValueError, match=r"number"):
        (module.Tensor([1.0, 1.0]) * 2).backward()


@pytest.mark.parametrize("size", [1, 3000], ids=["usual logits", "large logits"])
def test_cross_entropy_is_torchs(module, torch, rng, close, size):
    """Value and gradient."""
    logits, labels = size * rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    mine, theirs = module.Tensor(logits), torch.tensor(logits, requires_grad=True)
    loss = module.cross_entropy(mine, labels)
    wanted = torch.nn.functional.cross_entropy(theirs, torch.tensor(labels))
    close(loss.data, wanted.detach())
    loss.backward()
    wanted.backward()
    close(mine.grad, theirs.grad)


def test_training_is_torchs(module, torch, close):
    """Twenty steps of gradient descent, from the weights that the handout says."""
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    weights, history = module.train(x, labels, 6, 3, 0.3, 20, np.random.default_rng(2))
    rng = np.random.default_rng(2)
    w1 = rng.normal(0, np.sqrt(2 / 4), (4, 6))
    w2 = rng.normal(0, np.sqrt(2 / 6), (6, 3))
    theirs = [torch.tensor(a, requires_grad=True) for a in (w1, np.zeros(6), w2, np.zeros(3))]
    descent = torch.optim.SGD(theirs, lr=0.3)
    for step in range(20):
        hidden = (torch.tensor(x) @ theirs[0] + theirs[1]).relu()
        loss = torch.nn.functional.cross_entropy(
            hidden @ theirs[2] + theirs[3], torch.tensor(labels)
        )
        close(history[step], loss.detach())
        descent.zero_grad()
        loss.backward()
        descent.step()
    for mine, wanted in zip(weights, theirs, strict=True):
        close(mine, wanted.detach())


@pytest.mark.slow
def test_digits_are_read(module):
    """Trained as by the demo, the network reads more than nine of ten digits that it has never seen."""
    from pathlib import Path

    data = Path(__file__).resolve().parents[2] / "exercises" / "data" / "digits.npz"
    with np.load(data) as digits:
        x, labels = digits["images"].reshape(-1, 64) / 16, digits["labels"].astype(int)
        train, test = digits["train"], digits["test"]
    given = x[train], labels[train], 48, 10, 0.5, 300, np.random.default_rng(0)
    (w1, b1, w2, b2), history = module.train(*given)
    guesses = (np.maximum(x[test] @ w1 + b1, 0) @ w2 + b2).argmax(axis=1)
    assert history[-1] < 0.3
    assert np.mean(guesses == labels[test]) > 0.9
