"""Dropout: exact where nothing is random, statistics where it is.

Every statistical bound lies 6 standard deviations out: one false alarm in 5e8 per bound, fewer than
1e-6 for the whole file. The seeds are fixed besides.
"""

import numpy as np
import pytest

EXERCISE = "ex06_dropout"
Z = 6.0


def _generator(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("p_drop", [0.3, 0.8])
def test_share_mean_and_independence(module, tolerance, p_drop):
    """Kept values are x / (1 - p); share, mean and neighbours behave like independent coins."""
    shape = (200, 500)
    out, _ = module.dropout_forward(np.full(shape, 2.0), p_drop, True, _generator())
    kept = out != 0
    assert np.abs(out[kept] - 2 / (1 - p_drop)).max() <= 100 * tolerance
    n, sigma = kept.size, np.sqrt(p_drop * (1 - p_drop))
    assert abs(kept.mean() - (1 - p_drop)) < Z * sigma / np.sqrt(n)
    assert abs(out.mean(dtype=float) - 2) < Z * 2 * sigma / (1 - p_drop) / np.sqrt(n) + tolerance
    centred = (kept - (1 - p_drop)) / sigma
    for one, other in (
        (centred[1:], centred[:-1]),
        (centred[:, 1:], centred[:, :-1]),
    ):
        assert abs((one * other).mean()) < Z / np.sqrt(one.size)
    # The number kept is itself random: its share varies from row to row as a coin's does.
    shares = kept.mean(axis=1)
    assert 0.5 < shares.var() / (sigma**2 / shape[1]) < 2  # 10 deviations of 0.1, and more


@pytest.mark.parametrize("shape", [(50,), (10, 10), (3, 4, 5), (2, 3, 4, 5)])
def test_backward_is_forward_with_the_same_mask(module, rng, close, shape):
    """Dropout is linear: backward(d) is what forward had done to d, also where x is 0."""
    x, dout = rng.normal(size=shape), rng.normal(size=shape)
    x[rng.random(shape) < 0.5] = 0
    before = x.copy(), dout.copy()
    out, cache = module.dropout_forward(x, 0.3, True, _generator())
    module.dropout_forward(x, 0.3, True, _generator(2))
    same, _ = module.dropout_forward(dout, 0.3, True, _generator())
    close(module.dropout_backward(dout, cache), same)
    close(out, module.dropout_forward(x, 0.3, True, _generator())[0])
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(dout, before[1])


def test_another_state_gives_another_mask(module):
    """Two calls with the same generator differ, and so do two examples."""
    generator, x = _generator(), np.ones((2, 200))
    one, _ = module.dropout_forward(x, 0.5, True, generator)
    other, _ = module.dropout_forward(x, 0.5, True, generator)
    assert (one != other).any()
    assert (one[0] != one[1]).any()


@pytest.mark.parametrize("p_drop", [0, 0.3, 0.8])
def test_prediction_is_the_identity(module, rng, close, p_drop):
    """Nothing is dropped, nothing is scaled, no generator is needed."""
    x = rng.normal(size=(3, 4))
    out, cache = module.dropout_forward(x, p_drop, False, None)
    close(out, x)
    close(module.dropout_backward(x, cache), x)
    assert not np.shares_memory(out, x)


def test_prediction_draws_nothing(module):
    """The generator is as it was."""
    generator = _generator()
    module.dropout_forward(np.ones(5), 0.5, False, generator)
    assert generator.random() == _generator().random()


def test_zero_probability_is_the_identity(module, rng, close):
    """p_drop = 0 keeps all in training too."""
    x = rng.normal(size=(20, 20))
    out, cache = module.dropout_forward(x, 0, True, _generator())
    close(out, x)
    close(module.dropout_backward(x, cache), x)


@pytest.mark.parametrize("p_drop", [1, 1.5, -0.1, float("nan")])
@pytest.mark.parametrize("training", [True, False])
def test_what_is_no_probability_below_one_is_refused(module, p_drop, training):
    """ValueError outside [0, 1), in every function."""
    x, w = np.ones((2, 2)), np.ones((2, 2))
    with pytest.raises(ValueError, match=r"\w"):
        module.dropout_forward(x, p_drop, training, _generator())
    with pytest.raises(ValueError, match=r"\w"):
        module.expected_output(x, w, p_drop)
    with pytest.raises(ValueError, match=r"\w"):
        module.ensemble_output(x, w, p_drop, 3, _generator())


def test_integers_are_computed_as_floats(module):
    """Integer activations are scaled like others."""
    out, _ = module.dropout_forward(np.full((4, 50), 3), 0.25, True, _generator())
    np.testing.assert_allclose(np.unique(out), [0, 4], rtol=1e-6)


def test_the_reference_keeps_single_precision(reference):
    """float32 in, float32 out, also for a float64 probability."""
    out, cache = reference.dropout_forward(
        np.ones((4, 4), dtype=np.float32), np.float64(0.3), True, _generator()
    )
    assert out.dtype == np.float32
    assert reference.dropout_backward(out, cache).dtype == np.float32


def test_the_reference_is_torchs_inverted_dropout(reference, torch):
    """Kept values and their gradient have the scale that PyTorch gives them."""
    torch.manual_seed(0)
    x = torch.full((1000,), 3.0, dtype=torch.float64, requires_grad=True)
    wanted = torch.nn.functional.dropout(x, 0.3, training=True)
    wanted.sum().backward()
    out, cache = reference.dropout_forward(np.full(1000, 3.0), 0.3, True, _generator())
    dx = reference.dropout_backward(np.ones(1000), cache)
    np.testing.assert_allclose(np.unique(out), np.unique(wanted.detach().numpy()), rtol=1e-15)
    np.testing.assert_allclose(np.unique(dx), np.unique(x.grad.numpy()), rtol=1e-15)


@pytest.mark.parametrize("p_drop", [0, 0.3, 0.8])
def test_ensemble_approaches_the_whole_network(module, rng, close, p_drop):
    """The expected output is x @ w; the average of n sub-networks comes close to it."""
    x, w, n = rng.normal(size=(3, 8)), rng.normal(size=(8, 2)), 1000
    close(module.expected_output(x, w, p_drop), x @ w)
    deviation = np.sqrt(p_drop / (1 - p_drop) * (x**2 @ w**2) / n)
    error = np.abs(module.ensemble_output(x, w, p_drop, n, _generator()) - x @ w)
    assert (error <= Z * deviation + 1e-4).all()


def test_ensemble_of_one_is_one_sub_network(module, rng, close):
    """With n = 1 it is dropout(x) @ w; without any sub-network it is a ValueError."""
    x, w = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
    out, _ = module.dropout_forward(x, 0.5, True, _generator())
    close(module.ensemble_output(x, w, 0.5, 1, _generator()), out @ w)
    with pytest.raises(ValueError, match=r"\w"):
        module.ensemble_output(x, w, 0.5, 0, _generator())
