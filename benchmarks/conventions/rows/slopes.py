"""The slope of a function at a point, as each library's differentiation gives it."""

from __future__ import annotations

from typing import Any


def torch_slope(function: Any, x: Any) -> Any:
    """PyTorch's gradient of the sum of `function(x)`."""
    import torch

    point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    function(point).sum().backward()
    return point.grad.tolist()


def jax_slope(function: Any, x: Any) -> Any:
    """JAX's gradient of the sum of `function(x)`."""
    import jax
    import jax.numpy as jnp

    return jax.grad(lambda point: jnp.sum(function(point)))(jnp.asarray(x, float)).tolist()


def tinygrad_slope(function: Any, x: Any) -> Any:
    """tinygrad's gradient of the sum of `function(x)`."""
    from tinygrad import Tensor

    point = Tensor(x)
    return function(point).sum().gradient(point)[0].tolist()


def autograd_slope(function: Any, x: Any) -> Any:
    """autograd's gradient of the sum of `function(x)`."""
    import autograd
    import autograd.numpy as anp

    return autograd.grad(lambda point: anp.sum(function(point)))(anp.array(x, float)).tolist()


def tensorflow_slope(function: Any, x: Any) -> Any:
    """TensorFlow's gradient of the sum of `function(x)`."""
    import tensorflow as tf

    point = tf.Variable(x, dtype=tf.float32)
    with tf.GradientTape() as tape:
        out = tf.reduce_sum(function(point))
    return tape.gradient(out, point).numpy()


def keras_slope(function: Any, x: Any) -> Any:
    """The gradient of Keras' operations by the differentiation of the backend in use."""
    import keras

    slope = {"jax": jax_slope, "torch": torch_slope, "tensorflow": tensorflow_slope}
    return slope[keras.backend.backend()](function, x)
