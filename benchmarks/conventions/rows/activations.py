"""Rows for ex01 and ex02: thresholds, activation functions and their slopes."""

from __future__ import annotations

from .onnx_model import run_node
from .registry import row
from .slopes import (
    autograd_slope,
    jax_slope,
    keras_slope,
    tensorflow_slope,
    tinygrad_slope,
    torch_slope,
)

# On the threshold


@row("threshold", "numpy", "`np.sign(0.0)`")
def numpy_sign_of_zero():
    import numpy as np

    return np.sign(0.0)


@row("threshold", "sympy", "`Heaviside(0)`")
def sympy_heaviside_of_zero():
    from sympy import Heaviside

    return str(Heaviside(0))


@row(
    "threshold",
    "scikit-learn",
    "`Perceptron`: the class of a point whose sum is exactly 0, classes 0 and 1",
)
def sklearn_perceptron_on_the_threshold():
    import numpy as np
    from sklearn.linear_model import Perceptron

    model = Perceptron(shuffle=False, max_iter=1, tol=None).fit([[1.0], [-1.0]], [1, 0])
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])
    return model.predict([[0.0]])


@row(
    "threshold",
    "scikit-learn",
    "`Perceptron(shuffle=False)`, one epoch over (2, 1) → 1 and (1, 3) → 0: weights, bias (ours: −1 −3 −1)",
)
def sklearn_perceptron_first_epoch():
    from sklearn.linear_model import Perceptron

    model = Perceptron(shuffle=False, max_iter=1, tol=None).fit([[2.0, 1.0], [1.0, 3.0]], [1, 0])
    return [*model.coef_[0], model.intercept_[0]]


# ReLU at 0


@row("relu", "torch", "`torch.relu`")
def torch_relu():
    import torch

    return torch_slope(torch.relu, 0.0)


@row("relu", "jax", "`jax.nn.relu`")
def jax_relu():
    import jax

    return jax_slope(jax.nn.relu, 0.0)


@row("relu", "tinygrad", "`Tensor.relu`")
def tinygrad_relu():
    return tinygrad_slope(lambda x: x.relu(), [0.0])


@row("relu", "keras", "`keras.ops.relu`")
def keras_relu():
    import keras

    return keras_slope(keras.ops.relu, 0.0)


@row("relu", "torch", "`torch.maximum(x, 0)`")
def torch_maximum():
    import torch

    return torch_slope(lambda x: torch.maximum(x, torch.zeros_like(x)), 0.0)


@row("relu", "jax", "`jnp.maximum(x, 0)`")
def jax_maximum():
    import jax.numpy as jnp

    return jax_slope(lambda x: jnp.maximum(x, 0.0), 0.0)


@row("relu", "autograd", "`np.maximum(x, 0)`")
def autograd_maximum():
    import autograd.numpy as anp

    return autograd_slope(lambda x: anp.maximum(x, 0.0), 0.0)


@row("relu", "tinygrad", "`Tensor.maximum(x, 0)`")
def tinygrad_maximum():
    return tinygrad_slope(lambda x: x.maximum(0), [0.0])


@row("relu", "tensorflow", "`tf.maximum(x, 0)`")
def tensorflow_maximum():
    import tensorflow as tf

    return tensorflow_slope(lambda x: tf.maximum(x, 0.0), 0.0)


@row("relu", "keras", "`keras.ops.maximum(x, 0)`")
def keras_maximum():
    import keras

    return keras_slope(lambda x: keras.ops.maximum(x, 0.0), 0.0)


@row("relu", "torch", "`x.clamp(min=0)`")
def torch_clamp():
    return torch_slope(lambda x: x.clamp(min=0), 0.0)


@row("relu", "jax", "`jnp.clip(x, 0)`")
def jax_clip():
    import jax.numpy as jnp

    return jax_slope(lambda x: jnp.clip(x, 0.0), 0.0)


@row("relu", "autograd", "`np.clip(x, 0, 9)`")
def autograd_clip():
    import autograd.numpy as anp

    return autograd_slope(lambda x: anp.clip(x, 0.0, 9.0), 0.0)


@row("relu", "autograd", "`x * (x > 0)`")
def autograd_mask():
    return autograd_slope(lambda x: x * (x > 0), 0.0)


@row("relu", "sympy", "`diff(Max(x, 0), x)` at 0")
def sympy_max():
    from sympy import Max, Symbol, diff

    x = Symbol("x", real=True)
    return str(diff(Max(x, 0), x).subs(x, 0))


@row("relu", "scipy", "`scipy.optimize.check_grad` at 0: the slope that it approves")
def scipy_check_grad():
    import numpy as np
    from scipy.optimize import check_grad

    off = {
        s: check_grad(lambda x: max(x[0], 0), lambda x, s=s: np.array([s]), [0.0])
        for s in (0, 0.5, 1)
    }
    return min(off, key=off.get)


# Other bends


@row("bends", "torch", "slope of `abs` at 0")
def torch_abs():
    return torch_slope(lambda x: x.abs(), 0.0)


@row("bends", "jax", "slope of `jnp.abs` at 0")
def jax_abs():
    import jax.numpy as jnp

    return jax_slope(jnp.abs, 0.0)


@row("bends", "tensorflow", "slope of `tf.abs` at 0")
def tensorflow_abs():
    import tensorflow as tf

    return tensorflow_slope(tf.abs, 0.0)


@row("bends", "torch", "slope of `leaky_relu(x, 0.1)` at 0")
def torch_leaky():
    import torch

    return torch_slope(lambda x: torch.nn.functional.leaky_relu(x, 0.1), 0.0)


@row("bends", "jax", "slope of `leaky_relu(x, 0.1)` at 0")
def jax_leaky():
    import jax

    return jax_slope(lambda x: jax.nn.leaky_relu(x, 0.1), 0.0)


@row("bends", "keras", "slope of `leaky_relu(x, 0.1)` at 0")
def keras_leaky():
    import keras

    return keras_slope(lambda x: keras.ops.leaky_relu(x, 0.1), 0.0)


@row("bends", "torch", "`leaky_relu(-1)`, slope not given")
def torch_leaky_default():
    import torch

    return torch.nn.functional.leaky_relu(torch.tensor(-1.0))


@row("bends", "keras", "`keras.ops.leaky_relu(-1)`, slope not given")
def keras_leaky_default():
    import keras
    import numpy as np

    return keras.ops.convert_to_numpy(keras.ops.leaky_relu(np.array([-1.0], "float32")))


@row("bends", "keras", "`keras.layers.LeakyReLU()` of −1, slope not given")
def keras_leaky_layer():
    import keras
    import numpy as np

    return keras.ops.convert_to_numpy(keras.layers.LeakyReLU()(np.array([[-1.0]], "float32")))


@row("bends", "onnxruntime", "`LeakyRelu` of −1, slope not given")
def onnx_leaky_default():
    return run_node("LeakyRelu", [-1.0])


@row("bends", "torch", "`hardsigmoid(1)`")
def torch_hard_sigmoid():
    import torch

    return torch.nn.functional.hardsigmoid(torch.tensor(1.0))


@row("bends", "keras", "`keras.ops.hard_sigmoid(1)`")
def keras_hard_sigmoid():
    import keras
    import numpy as np

    return keras.ops.convert_to_numpy(keras.ops.hard_sigmoid(np.array([1.0], "float32")))


@row("bends", "onnxruntime", "`HardSigmoid` of 1")
def onnx_hard_sigmoid():
    return run_node("HardSigmoid", [1.0])


@row("bends", "torch", "`gelu(1)`")
def torch_gelu():
    import torch

    return f"{torch.nn.functional.gelu(torch.tensor(1.0, dtype=torch.float64)).item():.5f}"


@row("bends", "jax", "`jax.nn.gelu(1)`")
def jax_gelu():
    import jax

    return f"{float(jax.nn.gelu(1.0)):.5f}"


@row("bends", "tinygrad", "`Tensor.gelu` of 1")
def tinygrad_gelu():
    from tinygrad import Tensor

    return f"{Tensor([1.0]).gelu().item():.5f}"


@row("bends", "onnxruntime", "`Gelu` of 1")
def onnx_gelu():
    return f"{float(run_node('Gelu', [1.0], opset=20)[0]):.5f}"
