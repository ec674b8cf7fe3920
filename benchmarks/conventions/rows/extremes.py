"""Rows for ex02 and ex05: far out, infinite, not a number."""

from __future__ import annotations

import warnings

from .onnx_model import run_node
from .registry import row
from .slopes import autograd_slope

# The sigmoid far out


@row("sigmoid", "numpy", "`1 / (1 + np.exp(1000.0))`")
def numpy_sigmoid():
    import numpy as np

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = 1 / (1 + np.exp(np.float64(1000.0)))
    return f"{value:g}, with a warning" if caught else f"{value:g}"


@row("sigmoid", "scipy", "`expit(-1000.0)`")
def scipy_expit():
    from scipy.special import expit

    return expit(-1000.0)


@row("sigmoid", "torch", "`torch.sigmoid` of −100, float32")
def torch_sigmoid():
    import torch

    return torch.sigmoid(torch.tensor([-100.0]))


@row("sigmoid", "jax", "`jax.nn.sigmoid` of −100, float32")
def jax_sigmoid():
    import jax
    import jax.numpy as jnp

    return jax.nn.sigmoid(jnp.asarray([-100.0], jnp.float32))


@row("sigmoid", "tinygrad", "`Tensor.sigmoid` of −100, float32")
def tinygrad_sigmoid():
    from tinygrad import Tensor

    return Tensor([-100.0]).sigmoid().tolist()


@row("sigmoid", "onnxruntime", "`Sigmoid` of −100, float32")
def onnx_sigmoid():
    return run_node("Sigmoid", [-100.0])


@row("sigmoid", "autograd", "slope of `1 / (1 + exp(-x))` at −1000")
def autograd_sigmoid_slope():
    import autograd.numpy as anp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return autograd_slope(lambda x: 1 / (1 + anp.exp(-x)), -1000.0)


# Infinity and NaN


@row("nan", "numpy", "`x * (x > 0)` of −inf")
def numpy_mask_of_infinity():
    import numpy as np

    with np.errstate(invalid="ignore"):
        x = np.array([-np.inf])
        return x * (x > 0)


@row("nan", "numpy", "`np.maximum(nan, 0)`; `np.fmax(nan, 0)`")
def numpy_maximum_of_nan():
    import numpy as np

    return np.maximum(np.nan, 0.0), np.fmax(np.nan, 0.0)


@row("nan", "python", "`max(nan, 0.0)`; `max(0.0, nan)`")
def python_max_of_nan():
    nan = float("nan")
    return max(nan, 0.0), max(0.0, nan)


@row("nan", "torch", "`torch.relu(nan)`")
def torch_relu_of_nan():
    import torch

    return torch.relu(torch.tensor([float("nan")]))


@row("nan", "jax", "`jax.nn.relu(nan)`")
def jax_relu_of_nan():
    import jax
    import jax.numpy as jnp

    return jax.nn.relu(jnp.asarray([jnp.nan]))


@row("nan", "tinygrad", "`Tensor.relu` of nan")
def tinygrad_relu_of_nan():
    from tinygrad import Tensor

    return Tensor([float("nan")]).relu().tolist()


@row("nan", "onnxruntime", "`Relu` of nan")
def onnx_relu_of_nan():
    return run_node("Relu", [float("nan")])


@row("nan", "keras", "`keras.ops.relu(nan)`")
def keras_relu_of_nan():
    import keras
    import numpy as np

    return keras.ops.convert_to_numpy(keras.ops.relu(np.array([np.nan], "float32")))


@row("nan", "numpy", "`np.sign(nan)`")
def numpy_sign_of_nan():
    import numpy as np

    return np.sign(np.nan)


@row("nan", "torch", "`torch.sign(nan)`")
def torch_sign_of_nan():
    import torch

    return torch.sign(torch.tensor([float("nan")]))


@row("nan", "tinygrad", "`Tensor.sign` of nan")
def tinygrad_sign_of_nan():
    from tinygrad import Tensor

    return Tensor([float("nan")]).sign().tolist()
