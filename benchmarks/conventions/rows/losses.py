"""Rows for ex07: means over what, softmax along what, and the edges of logarithms."""

from __future__ import annotations

import math
import warnings

from .onnx_model import run_node
from .registry import row

LN3 = math.log(3)
PREDICTED, WANTED = [[1.0, 2.0], [3.0, 5.0]], [[0.0, 2.0], [5.0, 4.0]]


def keras_value(function, *arrays, **options):
    import keras
    import numpy as np

    out = function(*(np.array(a, "float32") for a in arrays), **options)
    return keras.ops.convert_to_numpy(out)


# Mean of what


@row("mse", "torch", "`F.mse_loss` of the handout's arrays")
def torch_mse():
    import torch

    return torch.nn.functional.mse_loss(torch.tensor(PREDICTED), torch.tensor(WANTED))


@row("mse", "keras", "`keras.losses.mean_squared_error` (the function)")
def keras_mse_function():
    import keras

    return keras_value(keras.losses.mean_squared_error, WANTED, PREDICTED)


@row("mse", "keras", "`keras.losses.MeanSquaredError()` (the class)")
def keras_mse_class():
    import keras

    return keras_value(keras.losses.MeanSquaredError(), WANTED, PREDICTED)


@row("mse", "scikit-learn", "`mean_squared_error`")
def sklearn_mse():
    from sklearn.metrics import mean_squared_error

    return mean_squared_error(WANTED, PREDICTED)


@row("mse", "scikit-learn", "`MLPRegressor`'s `loss_` where every error is 2, no penalty")
def sklearn_mlp_loss():
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        hidden_layer_sizes=(1,),
        activation="identity",
        solver="sgd",
        learning_rate_init=1e-12,
        alpha=0.0,
        max_iter=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit([[0.0], [0.0]], [0.0, 0.0])
        start = float(model.predict([[0.0]])[0])
        return model.fit([[0.0], [0.0]], [start + 2, start + 2]).loss_


@row("mse", "torch", "`F.mse_loss` of shape (3,) with (3, 1), both 0 1 2")
def torch_mse_shapes():
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = torch.arange(3.0)
        return torch.nn.functional.mse_loss(values, values[:, None])


@row("mse", "keras", "`keras.losses.MeanSquaredError()` of shape (3,) with (3, 1), both 0 1 2")
def keras_mse_shapes():
    import keras

    return keras_value(keras.losses.MeanSquaredError(), [[0], [1], [2]], [0, 1, 2])


@row("mse", "scikit-learn", "`mean_squared_error` of shape (3,) with (3, 1), both 0 1 2")
def sklearn_mse_shapes():
    from sklearn.metrics import mean_squared_error

    return mean_squared_error([0, 1, 2], [[0], [1], [2]])


# Softmax


@row("softmax", "scipy", "`special.softmax` of two rows 0 0, axis not given")
def scipy_softmax_axis():
    from scipy.special import softmax

    return softmax([[0.0, 0.0], [0.0, 0.0]])


@row("softmax", "jax", "`jax.nn.softmax` of two rows 0 0, axis not given")
def jax_softmax_axis():
    import jax
    import jax.numpy as jnp

    return jax.nn.softmax(jnp.zeros((2, 2)))


@row("softmax", "torch", "`F.softmax` of shape (3, 1, 1), all 0, `dim` not given")
def torch_softmax_axis():
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nn.functional.softmax(torch.zeros(3, 1, 1))


@row("softmax", "onnxruntime", "`Softmax` of shape (1, 2, 2), all 0, opset 11")
def onnx_softmax_old():
    return run_node("Softmax", [[[0.0, 0.0], [0.0, 0.0]]], opset=11)


@row("softmax", "onnxruntime", "`Softmax` of shape (1, 2, 2), all 0, opset 13")
def onnx_softmax_new():
    return run_node("Softmax", [[[0.0, 0.0], [0.0, 0.0]]], opset=13)


@row("softmax", "numpy", "`np.exp(z) / np.exp(z).sum()` of 1000 0")
def numpy_softmax():
    import numpy as np

    with np.errstate(all="ignore"):
        powers = np.exp(np.array([1000.0, 0.0]))
        return powers / powers.sum()


@row("softmax", "torch", "`softmax` of −inf −inf")
def torch_softmax_impossible():
    import torch

    return torch.softmax(torch.tensor([-torch.inf, -torch.inf]), 0)


@row("softmax", "onnxruntime", "`Softmax` of −inf −inf")
def onnx_softmax_impossible():
    return run_node("Softmax", [[-math.inf, -math.inf]])


@row("softmax", "torch", "`softmax` of inf 0")
def torch_softmax_infinite():
    import torch

    return torch.softmax(torch.tensor([torch.inf, 0.0]), 0)


@row("softmax", "scipy", "`special.log_softmax` of 1000 0")
def scipy_log_softmax():
    from scipy.special import log_softmax

    return log_softmax([1000.0, 0.0])


@row("softmax", "numpy", "`np.log(softmax)` of 1000 0, the largest subtracted")
def numpy_log_of_softmax():
    import numpy as np

    with np.errstate(divide="ignore"):
        powers = np.exp(np.array([0.0, -1000.0]))
        return np.log(powers / powers.sum())


# Kullback-Leibler


HALF, SURE = [0.5, 0.5], [1.0, 0.0]


@row("kl", "torch", "`F.kl_div(p, q)` of ½ ½ and 0.9 0.1, as if it were KL(p ‖ q) (0.5108)")
def torch_kl_naive():
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nn.functional.kl_div(torch.tensor([HALF]), torch.tensor([[0.9, 0.1]]))


@row("kl", "torch", "`F.kl_div(log q, p)`, reduction not given")
def torch_kl_mean():
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nn.functional.kl_div(torch.tensor([[0.9, 0.1]]).log(), torch.tensor([HALF]))


@row("kl", "torch", '`F.kl_div(log q, p, reduction="batchmean")`')
def torch_kl_batchmean():
    import torch

    q, p = torch.tensor([[0.9, 0.1]]), torch.tensor([HALF])
    return torch.nn.functional.kl_div(q.log(), p, reduction="batchmean")


@row("kl", "torch", "KL(1 0 ‖ ½ ½) with `log_target=True`")
def torch_kl_log_target():
    import torch

    q, p = torch.tensor([HALF]).log(), torch.tensor([SURE]).log()
    return torch.nn.functional.kl_div(q, p, reduction="sum", log_target=True)


@row("kl", "scipy", "sum of `special.kl_div(½ ½, 0.9 0.2)`")
def scipy_kl_div():
    from scipy.special import kl_div

    return kl_div(HALF, [0.9, 0.2]).sum()


@row("kl", "scipy", "sum of `special.rel_entr(½ ½, 0.9 0.2)`")
def scipy_rel_entr():
    from scipy.special import rel_entr

    return rel_entr(HALF, [0.9, 0.2]).sum()


@row("kl", "scipy", "`stats.entropy(½ ½, 0.9 0.2)`")
def scipy_entropy():
    from scipy.stats import entropy

    return entropy(HALF, [0.9, 0.2])


@row("kl", "scipy", "`stats.entropy(½ ½, 1 0)`")
def scipy_kl_impossible():
    from scipy.stats import entropy

    return entropy(HALF, SURE)


@row("kl", "keras", "`keras.losses.kl_divergence(½ ½, 1 0)`")
def keras_kl_impossible():
    import keras

    return keras_value(keras.losses.kl_divergence, HALF, SURE)


@row("kl", "keras", "`keras.losses.kl_divergence(1 0, ½ ½)`")
def keras_kl_zero():
    import keras

    return f"{float(keras_value(keras.losses.kl_divergence, SURE, HALF)):.6f}"


@row("kl", "jax", "slopes of the sum of `rel_entr(p, ½ ½)` by p at 1 0")
def jax_kl_slope():
    import jax.numpy as jnp
    from jax.scipy.special import rel_entr

    from .slopes import jax_slope

    return jax_slope(lambda p: rel_entr(p, jnp.asarray(HALF)), SURE)
