"""Shuffled pixels, and the table that shows when a CNN wins."""

import numpy as np
import pytest

EXERCISE = "ex10_locality"


@pytest.mark.parametrize("dtype", [float, np.float32, np.uint8])
def test_shuffle_moves_every_pixel(module, rng, dtype):
    """Place k holds what place permutation[k] held, in every picture and channel."""
    x = rng.integers(0, 200, (3, 2, 4, 5)).astype(dtype)
    permutation, before = rng.permutation(20), x.copy()
    out = module.shuffle_pixels(x, permutation)
    assert out.dtype == x.dtype
    assert not np.shares_memory(out, x)
    np.testing.assert_array_equal(out.reshape(6, 20), before.reshape(6, 20)[:, permutation])
    np.testing.assert_array_equal(x, before)


def test_shuffle_can_be_undone(module, rng):
    """The inverse permutation brings the picture back; the identity leaves it; views work."""
    x = rng.normal(size=(5, 4, 1, 2)).T
    permutation = rng.permutation(20)
    shuffled = module.shuffle_pixels(x, permutation)
    np.testing.assert_array_equal(module.shuffle_pixels(shuffled, np.argsort(permutation)), x)
    np.testing.assert_array_equal(module.shuffle_pixels(x, np.arange(20)), x)


@pytest.mark.parametrize("bad", [[0, 1, 2, 2], [0, 1, 2], [1, 2, 3, 4], [0, 1, 2, 3, 4]])
def test_what_is_no_permutation_is_refused(module, bad):
    """A pixel lost, doubled or invented: ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        module.shuffle_pixels(np.ones((1, 1, 2, 2)), np.array(bad))


@pytest.mark.slow
def test_table_shows_the_claim(module, digits):
    """On digits somewhere on a sheet the CNN leads, on shuffled pixels it does not.

    Over ten seeds the smallest lead at 300 pictures was 0.21, the largest on shuffled pixels 0.08,
    and the MLP changed by at most 0.06.
    """
    permutation = np.random.default_rng(11).permutation(144)
    table = module.accuracy_table(
        digits["train_sheets"],
        digits["test_sheets"],
        permutation,
        [20, 300],
        np.random.default_rng(1),
    )
    rows = [(row["size"], row["pixels"], row["model"]) for row in table]
    assert rows == [
        (size, pixels, model)
        for size in (20, 300)
        for pixels in ("plain", "shuffled")
        for model in ("cnn", "mlp")
    ]
    assert all(isinstance(row["accuracy"], float) for row in table)
    assert all(0 <= row["accuracy"] <= 1 for row in table)
    cnn, mlp, cnn_shuffled, mlp_shuffled = (row["accuracy"] for row in table[4:])
    assert cnn - mlp > 0.15
    assert cnn_shuffled - mlp_shuffled < 0.12
    assert abs(mlp - mlp_shuffled) < 0.1
