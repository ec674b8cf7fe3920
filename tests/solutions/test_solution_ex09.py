"""The convolutional network against PyTorch, and what it learns."""

import numpy as np
import pytest

EXERCISE = "ex09_cnn"


def _flat(params):
    return [p for pair in params for p in pair]


@pytest.mark.parametrize("field", [1, 2, 3, 5])
@pytest.mark.parametrize("image", [(1, 8, 8), (2, 7, 9)])
@pytest.mark.parametrize("n", [1, 5])
def test_logits_loss_and_gradients_are_torchs(module, torch, rng, close, field, image, n):
    """The whole network's value and gradients, in prediction mode; nothing is changed."""
    params = module.init_cnn(rng, 4, field, 6, image)
    params = [(w, b + 0.1 * rng.normal(size=b.shape)) for w, b in params]
    x, y = rng.normal(size=(n, *image)), rng.integers(0, 6, n)
    before = [a.copy() for a in (x, y, *_flat(params))]
    logits, _ = module.cnn_forward(x, params)
    loss, grads = module.cnn_loss(x, y, params)
    for now, then in zip((x, y, *_flat(params)), before, strict=True):
        np.testing.assert_array_equal(now, then)

    functional = torch.nn.functional
    layers = [[torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in p] for p in params]
    (w1, b1), (w2, b2) = layers
    out = functional.conv2d(torch.tensor(x), w1, b1, padding=(field - 1) // 2)
    out = functional.max_pool2d(torch.relu(out), 2).flatten(1) @ w2 + b2
    wanted = functional.cross_entropy(out, torch.tensor(y))
    wanted.backward()
    close(logits, out.detach())
    close(loss, wanted.detach())
    for gradient, variable in zip(_flat(grads), _flat(layers), strict=True):
        close(gradient, variable.grad)
    np.testing.assert_array_equal(module.predict(x, params), np.argmax(logits, axis=1))


def test_gradient_with_dropout_is_the_slope(module, rng, tolerance):
    """With the generator reset, differences of the loss equal the gradient under dropout."""
    params = module.init_cnn(rng, 3, 3, 4, (1, 6, 6))
    params = [(np.asarray(w, dtype=float), np.asarray(b, dtype=float)) for w, b in params]
    x, y = rng.normal(size=(4, 1, 6, 6)), rng.integers(0, 4, 4)

    def loss():
        return module.cnn_loss(x, y, params, 0.4, np.random.default_rng(1))

    _, grads = loss()
    single = tolerance > 1e-6
    step = 1e-3 if single else 1e-6
    for layer, index in (
        (0, (0, 0, 1, 1)),
        (0, (2, 0, 2, 0)),
        (1, (2, 1)),
        (1, (7, 3)),
        (1, (20, 0)),
    ):
        w = params[layer][0]
        w[index] += step
        above = float(loss()[0])
        w[index] -= 2 * step
        slope = (above - float(loss()[0])) / (2 * step)
        w[index] += step
        assert abs(slope - grads[layer][0][index]) < (1e-3 if single else 1e-8)
    plain = module.cnn_loss(x, y, params)[0]
    assert float(loss()[0]) != float(plain)


def test_start(module, rng):
    """Shapes as stated; the first loss is close to that of a guess, log 10."""
    params = module.init_cnn(rng, 6, 3, 10, (2, 9, 8))
    assert [p.shape for p in _flat(params)] == [(6, 2, 3, 3), (6,), (6 * 4 * 4, 10), (10,)]
    x, y = rng.random((50, 2, 9, 8)), rng.integers(0, 10, 50)
    loss, _ = module.cnn_loss(x, y, params)
    assert abs(loss - np.log(10)) < 0.1


def test_twenty_digits_are_learned_by_heart(module, digits):
    """A network that learns at all can overfit twenty pictures."""
    x, y = digits["train"][0][:20], digits["train"][1][:20]
    params, history = module.train_cnn(x, y, np.random.default_rng(0), epochs=150)
    np.testing.assert_array_equal(module.predict(x, params), y)
    assert len(history) == 150
    assert history[-1] < history[0]


def test_same_seed_same_network(module, digits):
    """All randomness comes from the generator, dropout included."""
    x, y = digits["train"][0][:40], digits["train"][1][:40]
    runs = [
        module.train_cnn(x, y, np.random.default_rng(6), epochs=2, channels=3, batch=16)
        for _ in range(2)
    ]
    assert runs[0][1] == runs[1][1]
    for p, q in zip(_flat(runs[0][0]), _flat(runs[1][0]), strict=True):
        np.testing.assert_array_equal(p, q)


@pytest.mark.slow
def test_digits_are_recognised(module, digits):
    """With the default settings at least 97 % of the test pictures are right."""
    params, _ = module.train_cnn(*digits["train"], np.random.default_rng(0))
    x, y = digits["test"]
    assert np.mean(module.predict(x, params) == y) >= 0.97
