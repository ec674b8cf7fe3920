"""Back-propagation against PyTorch, and training."""

import numpy as np
import pytest

EXERCISE = "ex08_backpropagation"
XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])


def _flat(params):
    return [p for pair in params for p in pair]


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("sizes", [(6, 3), (6, 5, 3), (6, 5, 4, 5, 2)])
@pytest.mark.parametrize("n", [1, 7])
def test_loss_and_gradients_are_torchs(module, torch, rng, close, activation, sizes, n):
    """Loss and all gradients; parameters and data stay as they are."""
    x, y = rng.normal(size=(n, 2, 3)), rng.integers(0, sizes[-1], n)
    params = module.init_network(sizes, rng)
    params = [(w, b + 0.1 * rng.normal(size=b.shape)) for w, b in params]
    before = [a.copy() for a in (x, y, *_flat(params))]
    loss, grads = module.loss_and_gradients(x, y, params, activation)
    for now, then in zip((x, y, *_flat(params)), before, strict=True):
        np.testing.assert_array_equal(now, then)

    layers = [[torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in p] for p in params]
    out = torch.tensor(x).flatten(1)
    for i, (w, b) in enumerate(layers):
        out = (getattr(torch, activation)(out) if i else out) @ w + b
    wanted = torch.nn.functional.cross_entropy(out, torch.tensor(y))
    wanted.backward()
    close(loss, wanted.detach())
    assert len(grads) == len(params)
    for gradient, variable in zip(_flat(grads), _flat(layers), strict=True):
        close(gradient, variable.grad)
    norms = module.layer_gradient_norms(x, y, params, activation)
    close(norms, [float(torch.linalg.norm(w.grad)) for w, _ in layers])


def test_start(module, rng):
    """Shapes, zero biases, and weights of the stated spread."""
    params = module.init_network([400, 300, 2], rng)
    assert [p.shape for p in _flat(params)] == [(400, 300), (300,), (300, 2), (2,)]
    assert not any(b.any() for _, b in params)
    w, n, sigma = params[0][0], 120_000, np.sqrt(2 / 400)
    # 6 standard deviations: missed with probability 2e-9 each.
    assert abs(w.mean(dtype=float)) < 6 * sigma / np.sqrt(n)
    assert abs(w.std(dtype=float) / sigma - 1) < 6 / np.sqrt(2 * n)


def test_step_is_exactly_minus_lr_times_gradient(module, rng, close):
    """A new list; the old parameters and the gradients stay."""
    params = module.init_network([3, 4, 2], rng)
    grads = [(rng.normal(size=w.shape), rng.normal(size=b.shape)) for w, b in params]
    before = [a.copy() for a in _flat(params) + _flat(grads)]
    new = module.sgd_step(params, grads, 0.3)
    for p, g, q in zip(_flat(params), _flat(grads), _flat(new), strict=True):
        close(q, p - 0.3 * g)
    for now, then in zip(_flat(params) + _flat(grads), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(("activation", "lr"), [("relu", 0.3), ("sigmoid", 2.0)])
def test_xor_is_learned(module, activation, lr):
    """A hidden layer learns XOR; the loss history falls to nearly nothing."""
    rng = np.random.default_rng(3)
    params, history = module.train(*XOR, [2, 16, 2], activation, lr, 600, 4, rng)
    assert len(history) == 600
    assert history[-1] < 0.05 < history[0]
    loss, _ = module.loss_and_gradients(*XOR, params, activation)
    assert history[-1] == pytest.approx(float(loss))


def test_same_seed_same_history(module):
    """All randomness comes from the generator."""
    runs = [
        module.train(*XOR, [2, 5, 2], "relu", 0.1, 4, 3, np.random.default_rng(8))[1]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_zero_rate_changes_nothing(module):
    """The parameters are those of init_network, and the history is flat."""
    params, history = module.train(*XOR, [2, 3, 2], "relu", 0.0, 3, 2, np.random.default_rng(5))
    start = module.init_network([2, 3, 2], np.random.default_rng(5))
    for p, q in zip(_flat(params), _flat(start), strict=True):
        np.testing.assert_array_equal(p, q)
    assert history == [history[0]] * 3


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_every_example_is_used_once_an_epoch(module, batch):
    """One-hot examples of a linear network: every row of w moves, and as often as the others."""
    x, y, rng = np.eye(7), np.zeros(7, dtype=int), np.random.default_rng(2)
    start = module.init_network([7, 2], np.random.default_rng(2))[0][0]
    (w, _), *_ = module.train(x, y, [7, 2], "relu", 1e-3, 1, batch, rng)[0]
    moved = np.abs(w - start)[:, 0]
    # The gradient of an example is (1 - its probability) / the size of its slice.
    sizes = np.full(7, min(batch, 7))
    if batch == 3:
        sizes = np.where(moved > 2 * np.median(moved), 1, 3)
        assert sorted(sizes) == [1, 3, 3, 3, 3, 3, 3]
    logits = start
    probability = np.exp(logits[:, 0]) / np.exp(logits).sum(axis=1)
    np.testing.assert_allclose(moved, 1e-3 * (1 - probability) / sizes, rtol=0.02)


def test_sigmoid_gradients_vanish_with_depth_and_relu_do_not(module):
    """In ten layers, the first one's gradient is next to nothing for the sigmoid only."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(64, 20)), rng.integers(0, 5, 64)
    params = module.init_network([20] + [40] * 9 + [5], rng)
    sigmoid = module.layer_gradient_norms(x, y, params, "sigmoid")
    relu = module.layer_gradient_norms(x, y, params, "relu")
    assert sigmoid[0] / sigmoid[-1] < 1e-3
    assert relu[0] / relu[-1] > 0.1


def test_other_activations_are_refused(module, rng):
    """ValueError, also for a network without a hidden layer."""
    for sizes in ([2, 2], [2, 3, 2]):
        with pytest.raises(ValueError, match=r"\w"):
            module.loss_and_gradients(*XOR, module.init_network(sizes, rng), "tanh")
