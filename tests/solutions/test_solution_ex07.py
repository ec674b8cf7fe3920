"""Losses against PyTorch, and the properties that need no other library."""

import numpy as np
import pytest

EXERCISE = "ex07_losses"
SHAPES = [(1, 2), (6, 5), (3, 10)]


def _distributions(rng, shape):
    p = rng.random(shape) * (rng.random(shape) < 0.7) + np.eye(*shape)
    return p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("shape", [(1,), (5,), (4, 3), (2, 3, 4)])
def test_mse_is_torchs(module, torch, rng, close, shape):
    """Mean over all entries, and its gradient."""
    pred, target = rng.normal(size=shape), rng.normal(size=shape)
    variable = torch.tensor(pred, requires_grad=True)
    wanted = torch.nn.functional.mse_loss(variable, torch.tensor(target))
    wanted.backward()
    loss, dpred = module.mse_loss(pred, target)
    close(loss, wanted.detach())
    close(dpred, variable.grad)


@pytest.mark.parametrize("shapes", [((3, 1), (3,)), ((2, 3), (3,)), ((3,), ())])
def test_mse_does_not_broadcast(module, shapes):
    """Different shapes are a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        module.mse_loss(np.ones(shapes[0]), np.ones(shapes[1]))


@pytest.mark.parametrize("scale", [1e-6, 1, 30, 1000])
@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_and_cross_entropy_are_torchs(module, torch, rng, close, shape, scale):
    """Probabilities, loss and gradient, for small and for extreme logits."""
    logits, labels = scale * rng.normal(size=shape), rng.integers(0, shape[1], shape[0])
    before = logits.copy(), labels.copy()
    variable = torch.tensor(logits, requires_grad=True)
    wanted = torch.nn.functional.cross_entropy(variable, torch.tensor(labels))
    wanted.backward()
    loss, dlogits = module.cross_entropy_loss(logits, labels)
    close(loss, wanted.detach())
    close(dlogits, variable.grad)
    close(module.softmax(logits), torch.softmax(variable.detach(), dim=1))
    np.testing.assert_array_equal(logits, before[0])
    np.testing.assert_array_equal(labels, before[1])


def test_extreme_rows_beside_small_ones(module, close):
    """No warning at ±1000 in one row and small numbers in another."""
    logits = np.array([[1000.0, -1000.0, 0.0], [0.1, 0.2, 0.3], [-1000.0, -1000.0, -1000.0]])
    p = module.softmax(logits)
    close(p.sum(axis=1), np.ones(3))
    close(p[0], [1, 0, 0])
    close(p[2], np.full(3, 1 / 3))
    loss, dlogits = module.cross_entropy_loss(logits[:1], np.array([1]))
    close(loss, 2000)
    close(dlogits, [[1, -1, 0]])


def test_equal_logits_cost_the_logarithm_of_the_classes(module, close):
    """log C, in nats; integer logits too."""
    loss, dlogits = module.cross_entropy_loss(np.zeros((4, 5), dtype=int), np.array([0, 1, 2, 4]))
    close(loss, np.log(5))
    close(dlogits.sum(axis=1), np.zeros(4))


@pytest.mark.parametrize("shape", SHAPES)
def test_kl_is_torchs(module, torch, rng, close, shape):
    """Mean over the batch, zeros in p included, and its gradient by the logits."""
    p, logits = _distributions(rng, shape), rng.normal(size=shape)
    variable = torch.tensor(logits, requires_grad=True)
    log_q = torch.log_softmax(variable, dim=1)
    wanted = torch.nn.functional.kl_div(log_q, torch.tensor(p), reduction="batchmean")
    wanted.backward()
    close(module.kl_divergence(p, module.softmax(logits)), wanted.detach())
    close(module.kl_gradient(p, logits), variable.grad)


def test_kl_by_hand_and_at_its_edges(module, close):
    """Two known values, 0 at equality, 0 log 0 = 0, infinite where q rules out what happens."""
    half, skew, sure = np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]]), np.array([[0.0, 1.0]])
    close(module.kl_divergence(half, skew), 0.5108256237659907)
    close(module.kl_divergence(skew, half), 0.3680642071684971)
    close(module.kl_divergence(sure, half), np.log(2))
    assert module.kl_divergence(skew, skew) == 0
    assert module.kl_divergence(sure, sure) == 0
    assert module.kl_divergence(half, sure) == np.inf


@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_output_delta_is_autograds(module, torch, rng, close, loss):
    """The derivative of each unit's loss by its weighted input."""
    z, y = 2 * rng.normal(size=(4, 3)), rng.random((4, 3))
    variable, target = torch.tensor(z, requires_grad=True), torch.tensor(y)
    if loss == "mse":
        total = torch.nn.functional.mse_loss(torch.sigmoid(variable), target, reduction="sum")
    else:
        total = torch.nn.functional.binary_cross_entropy_with_logits(
            variable, target, reduction="sum"
        )
    total.backward()
    close(module.output_delta(z, y, loss), variable.grad)


def test_output_delta_of_saturated_units(module, close):
    """Wrong at ±1000: the squared error learns nothing, cross-entropy all it can; no warning."""
    z, y = np.array([1000.0, -1000.0]), np.array([0.0, 1.0])
    close(module.output_delta(z, y, "mse"), [0, 0])
    close(module.output_delta(z, y, "cross_entropy"), [1, -1])
    with pytest.raises(ValueError, match=r"\w"):
        module.output_delta(z, y, "hinge")


def test_the_reference_keeps_single_precision(reference):
    """Gradients of float32 arguments are float32; losses are Python floats."""
    x = np.full((2, 2), 0.5, dtype=np.float32)
    labels = np.array([0, 1])
    assert {
        reference.mse_loss(x, x)[1].dtype,
        reference.softmax(x).dtype,
        reference.cross_entropy_loss(x, labels)[1].dtype,
        reference.kl_gradient(x, x).dtype,
        reference.output_delta(x, x, "mse").dtype,
    } == {np.dtype("float32")}
    losses = reference.mse_loss(x, x)[0], reference.kl_divergence(x, x)
    assert {type(loss) for loss in losses} == {float}
