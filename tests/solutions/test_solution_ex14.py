"""Recurrence against PyTorch: values and gradients of its RNN and LSTM, clipping, and training."""

import numpy as np
import pytest

EXERCISE = "ex14_recurrence"
SIZES = [(1, 1, 2, 3), (3, 4, 2, 5), (2, 7, 3, 1)]  # sequences, steps, inputs, units


def _weights(rng, inputs, columns, units):
    return (
        rng.normal(size=(inputs, columns)),
        rng.normal(size=(units, columns)) / 2,
        rng.normal(size=columns),
    )


def _network(torch, kind, wx, wh, b):
    """PyTorch's network with these weights: transposed, and the bias shared out among its two."""
    theirs = kind(len(wx), len(wh), batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight_ih_l0[:], theirs.weight_hh_l0[:] = torch.tensor(wx.T), torch.tensor(wh.T)
        theirs.bias_ih_l0[:], theirs.bias_hh_l0[:] = torch.tensor(0.25 * b), torch.tensor(0.75 * b)
    return theirs


def _weight_gradients(theirs):
    """Of weights and of the bias, in our layout; both of PyTorch's biases have the same one."""
    return theirs.weight_ih_l0.grad.T, theirs.weight_hh_l0.grad.T, theirs.bias_hh_l0.grad


@pytest.mark.parametrize(("n", "steps", "inputs", "units"), SIZES)
def test_the_rnn_is_torchs(module, torch, rng, close, n, steps, inputs, units):
    """All states and all five gradients."""
    x, h0 = rng.normal(size=(n, steps, inputs)), rng.normal(size=(n, units))
    weights, dout = _weights(rng, inputs, units, units), rng.normal(size=(n, steps, units))
    theirs = _network(torch, torch.nn.RNN, *weights)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, h0[None])]
    wanted, _ = theirs(*leaves)
    wanted.backward(torch.tensor(dout))
    out, cache = module.rnn_forward(x, h0, *weights)
    close(out, wanted.detach())
    dx, dh0, *others = module.rnn_backward(dout, cache)
    close(dx, leaves[0].grad)
    close(dh0, leaves[1].grad[0])
    for mine, other in zip(others, _weight_gradients(theirs), strict=True):
        close(mine, other)


@pytest.mark.parametrize(("n", "steps", "inputs", "units"), SIZES)
def test_the_lstm_is_torchs(module, torch, rng, close, n, steps, inputs, units):
    """All states and all six gradients."""
    x, h0, c0 = rng.normal(size=(n, steps, inputs)), *rng.normal(size=(2, n, units))
    weights, dout = _weights(rng, inputs, 4 * units, units), rng.normal(size=(n, steps, units))
    theirs = _network(torch, torch.nn.LSTM, *weights)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, h0[None], c0[None])]
    wanted, _ = theirs(leaves[0], (leaves[1], leaves[2]))
    wanted.backward(torch.tensor(dout))
    out, cache = module.lstm_forward(x, h0, c0, *weights)
    close(out, wanted.detach())
    dx, dh0, dc0, *others = module.lstm_backward(dout, cache)
    close(dx, leaves[0].grad)
    close(dh0, leaves[1].grad[0])
    close(dc0, leaves[2].grad[0])
    for mine, other in zip(others, _weight_gradients(theirs), strict=True):
        close(mine, other)


def test_a_step_is_torchs_cell(module, torch, rng, close):
    """State, cell and all gradients of one step, with an error at both."""
    x, (h, c) = rng.normal(size=(3, 2)), rng.normal(size=(2, 3, 4))
    wx, wh, b = _weights(rng, 2, 16, 4)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, h, c, wx, wh, b)]
    weights = leaves[3].T, leaves[4].T, leaves[5], torch.zeros(16, dtype=torch.float64)
    wanted = torch.lstm_cell(leaves[0], (leaves[1], leaves[2]), *weights)
    douts = rng.normal(size=(2, 3, 4))
    torch.autograd.backward(wanted, [torch.tensor(d) for d in douts])
    *mine, cache = module.lstm_step_forward(x, h, c, wx, wh, b)
    for one, other in zip(mine, wanted, strict=True):
        close(one, other.detach())
    for one, leaf in zip(module.lstm_step_backward(*douts, cache), leaves, strict=True):
        close(one, leaf.grad)


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_norms_are_torchs(module, torch, rng, close, kind):
    """The norms of the gradients by the inputs, for the sum of the last state."""
    x, weights = rng.normal(size=(3, 6, 2)), _weights(rng, 2, 16 if kind == "lstm" else 4, 4)
    theirs = _network(torch, torch.nn.LSTM if kind == "lstm" else torch.nn.RNN, *weights)
    leaf = torch.tensor(x, requires_grad=True)
    theirs(leaf)[0][:, -1].sum().backward()
    close(module.gradient_norms(x, *weights, kind), leaf.grad.norm(dim=(0, 2)))


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping_is_torchs_but_for_a_millionth(module, torch, rng, limit):
    """PyTorch divides by the norm plus 1e-6."""
    grads = [rng.normal(size=shape) for shape in ((2, 3), (4,))]
    leaves = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads]
    for leaf, g in zip(leaves, grads, strict=True):
        leaf.grad = torch.tensor(g)
    wanted = torch.nn.utils.clip_grad_norm_(leaves, limit)
    clipped, norm = module.clip_gradients(grads, limit)
    assert norm == pytest.approx(float(wanted), rel=1e-6)
    for mine, leaf in zip(clipped, leaves, strict=True):
        np.testing.assert_allclose(mine, leaf.grad, rtol=2e-6)


def test_training_is_torchs(module, torch, rng, close):
    """Three steps of training: losses and parameters, as PyTorch's RNN, loss and SGD make them."""
    x, y = rng.normal(size=(5, 4, 2)), rng.integers(0, 2, (5, 4, 3)).astype(float)
    params = [*_weights(rng, 2, 4, 4), rng.normal(size=(4, 3)), rng.normal(size=3)]
    theirs = _network(torch, torch.nn.RNN, *params[:3])
    theirs.bias_ih_l0.requires_grad_(False)  # the two biases are one: only one of them learns
    last = [torch.tensor(p, requires_grad=True) for p in params[3:]]
    learned = [theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_hh_l0, *last]
    optimizer, losses = torch.optim.SGD(learned, lr=0.5), []
    for _ in range(3):
        optimizer.zero_grad()
        logits = theirs(torch.tensor(x))[0] @ last[0] + last[1]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(y))
        loss.backward()
        norm = torch.sqrt(sum((p.grad**2).sum() for p in learned))
        for p in learned:
            p.grad *= min(1.0, 0.05 / float(norm))
        optimizer.step()
        losses.append(float(loss.detach()))
    new, history = module.train_rnn(x, y, params, 0.5, 0.05, 3)
    close(history, losses)
    bias = theirs.bias_ih_l0 + theirs.bias_hh_l0
    for mine, other in zip(new, (learned[0].T, learned[1].T, bias, *last), strict=True):
        close(mine, other.detach())


def _sums(rng, count, digits):
    """Numbers to add, in binary and lowest digit first, and their sums without what is carried out."""
    numbers = [[int(n) for n in rng.integers(0, 2**digits, 2)] for _ in range(count)]
    places = range(digits)
    x = [[[n >> k & 1 for n in pair] for k in places] for pair in numbers]
    return np.array(x), np.array([[[sum(pair) >> k & 1] for k in places] for pair in numbers])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_addition_is_learned_from_other_starts(module, seed):
    """Far from the bounds of the check, from other numbers and another start."""
    rng = np.random.default_rng(seed)
    params = [
        rng.normal(size=(2, 8)), rng.normal(size=(8, 8)) / np.sqrt(8), np.zeros(8),
        rng.normal(size=(8, 1)) / np.sqrt(8), np.zeros(1),
    ]  # fmt: skip
    (wx, wh, b, v, c), history = module.train_rnn(*_sums(rng, 64, 8), params, 2.0, 0.5, 400)
    assert history[-1] < 0.02
    x, y = _sums(rng, 50, 40)
    out, _ = module.rnn_forward(x, np.zeros((50, 8)), wx, wh, b)
    assert np.mean((out @ v + c > 0) == y) > 0.97
