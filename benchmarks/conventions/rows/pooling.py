"""Rows for ex05: windows at the edge, ties, lengths of zero."""

from __future__ import annotations

import warnings

from .onnx_model import run_node
from .registry import row
from .slopes import autograd_slope, jax_slope, tensorflow_slope, tinygrad_slope, torch_slope

LINE = [1.0, 2.0, 3.0, 4.0]
NEGATIVE = [-5.0, -3.0, -4.0, -2.0, -1.0]


def _keras_pool(kind, values, size, stride, padding):
    import keras
    import numpy as np

    x = np.array(values, "float32").reshape(1, -1, 1)
    pool = getattr(keras.ops, f"{kind}_pool")
    return keras.ops.convert_to_numpy(pool(x, size, stride, padding=padding))[0, :, 0]


def _torch_pool(kind, values, *args, **options):
    import torch

    pool = getattr(torch.nn.functional, f"{kind}_pool1d")
    return pool(torch.tensor(values)[None, None], *args, **options)[0, 0]


# Windows that hang out


@row("hanging", "torch", "`max_pool1d(x, 2)`")
def torch_max_hanging():
    return _torch_pool("max", NEGATIVE, 2)


@row("hanging", "torch", "`max_pool1d(x, 2, ceil_mode=True)`")
def torch_max_ceil():
    return _torch_pool("max", NEGATIVE, 2, ceil_mode=True)


@row("hanging", "keras", '`keras.ops.max_pool(x, 2, padding="valid")`')
def keras_max_valid():
    return _keras_pool("max", NEGATIVE, 2, 2, "valid")


@row("hanging", "keras", '`keras.ops.max_pool(x, 2, padding="same")`')
def keras_max_same():
    return _keras_pool("max", NEGATIVE, 2, 2, "same")


@row("hanging", "onnxruntime", "`MaxPool(ceil_mode=1)`")
def onnx_max_ceil():
    return run_node("MaxPool", [[NEGATIVE]], kernel_shape=[2], strides=[2], ceil_mode=1)


@row("hanging", "scikit-image", "`block_reduce(x, 2, np.max)`")
def skimage_max():
    import numpy as np
    from skimage.measure import block_reduce

    return block_reduce(np.array(NEGATIVE), 2, np.max)


@row("hanging", "tinygrad", "`Tensor.max_pool2d((1, 2))`")
def tinygrad_max():
    from tinygrad import Tensor

    return Tensor(NEGATIVE).reshape(1, 1, 1, 5).max_pool2d((1, 2)).reshape(2).tolist()


@row("hanging", "scipy", "`ndimage.maximum_filter1d(x, 2)[::2]`")
def scipy_maximum_filter():
    import numpy as np
    from scipy.ndimage import maximum_filter1d

    return maximum_filter1d(np.array(NEGATIVE), 2)[::2]


# The average at the edge


@row("edge", "torch", "`avg_pool1d(1 2 3 4, 3, stride=2, ceil_mode=True)`")
def torch_average_ceil():
    return _torch_pool("avg", LINE, 3, 2, ceil_mode=True)


@row("edge", "torch", "`avg_pool1d(1 2 3 4, 3, stride=1, padding=1)`")
def torch_average_padded():
    return _torch_pool("avg", LINE, 3, 1, 1)


@row("edge", "onnxruntime", "`AveragePool`, width 3, pads 1 1, stride 1")
def onnx_average_padded():
    return run_node("AveragePool", [[LINE]], kernel_shape=[3], pads=[1, 1], strides=[1])


@row("edge", "keras", '`keras.ops.average_pool(1 2 3 4, 3, 2, padding="same")`')
def keras_average_same():
    return _keras_pool("average", LINE, 3, 2, "same")


@row("edge", "keras", '`keras.ops.average_pool(1 2 3 4, 3, 1, padding="same")`')
def keras_average_same_even():
    return _keras_pool("average", LINE, 3, 1, "same")


@row("edge", "tinygrad", "`Tensor.avg_pool2d((1, 3), 1, padding=(0, 1))` of 1 2 3 4")
def tinygrad_average_padded():
    from tinygrad import Tensor

    return (
        Tensor(LINE).reshape(1, 1, 1, 4).avg_pool2d((1, 3), 1, padding=(0, 1)).reshape(4).tolist()
    )


@row("edge", "scikit-image", "`block_reduce(1 2 3 4, 3, np.mean)`")
def skimage_mean():
    import numpy as np
    from skimage.measure import block_reduce

    return block_reduce(np.array(LINE), 3, np.mean)


@row("edge", "scipy", "`ndimage.uniform_filter1d(1 2 3 4, 3)`")
def scipy_uniform_filter():
    from scipy.ndimage import uniform_filter1d

    return uniform_filter1d(LINE, 3)


# Ties


@row("ties", "torch", "slopes of `x.max()` at 2 2 1")
def torch_max_all():
    return torch_slope(lambda x: x.max(), [2.0, 2.0, 1.0])


@row("ties", "torch", "slopes of `x.max(dim=0).values` at 2 2 1")
def torch_max_dim():
    return torch_slope(lambda x: x.max(dim=0).values, [2.0, 2.0, 1.0])


@row("ties", "torch", "slopes of `x.cummax(0).values[-1]` at 2 2 1")
def torch_cummax():
    return torch_slope(lambda x: x.cummax(0).values[-1], [2.0, 2.0, 1.0])


@row("ties", "jax", "slopes of `jnp.max` at 2 2 1")
def jax_max():
    import jax.numpy as jnp

    return jax_slope(jnp.max, [2.0, 2.0, 1.0])


@row("ties", "autograd", "slopes of `np.max` at 2 2 1")
def autograd_max():
    import autograd.numpy as anp

    return autograd_slope(anp.max, [2.0, 2.0, 1.0])


@row("ties", "tinygrad", "slopes of `Tensor.max` at 2 2 1")
def tinygrad_max_slopes():
    return tinygrad_slope(lambda x: x.max(), [2.0, 2.0, 1.0])


@row("ties", "tensorflow", "slopes of `tf.reduce_max` at 2 2 1")
def tensorflow_max():
    import tensorflow as tf

    return tensorflow_slope(tf.reduce_max, [2.0, 2.0, 1.0])


@row("ties", "torch", "slopes of `max_pool1d` over 1 1 1 1, width 4")
def torch_max_pool_ties():
    import torch

    return torch_slope(lambda x: torch.nn.functional.max_pool1d(x[None], 4), [1.0] * 4)


@row("ties", "keras", "slopes of `keras.ops.max_pool` over 1 1 1 1, width 4")
def keras_max_pool_ties():
    import keras

    from .slopes import keras_slope

    return keras_slope(
        lambda x: keras.ops.max_pool(keras.ops.reshape(x, (1, 4, 1)), 4, 4), [1.0] * 4
    )


@row("ties", "tinygrad", "slopes of `max_pool2d` over 1 1 1 1, width 4")
def tinygrad_max_pool_ties():
    return tinygrad_slope(lambda x: x.reshape(1, 1, 1, 4).max_pool2d((1, 4)), [1.0] * 4)


@row("ties", "torch", "slopes of `adaptive_max_pool1d` over 1 1 1 1 to one number")
def torch_adaptive_ties():
    import torch

    return torch_slope(lambda x: torch.nn.functional.adaptive_max_pool1d(x[None], 1), [1.0] * 4)


@row("ties", "jax", "slopes of `jnp.sort(x)[-1]` at 2 2 1")
def jax_sort_ties():
    import jax.numpy as jnp

    return jax_slope(lambda x: jnp.sort(x)[-1], [2.0, 2.0, 1.0])


# Length zero


@row("length", "torch", "slopes of `lp_pool1d(x, 2, 2)` at 0 0")
def torch_lp_pool_zero():
    import torch

    return torch_slope(lambda x: torch.nn.functional.lp_pool1d(x[None], 2, 2), [0.0, 0.0])


@row("length", "torch", "slopes of `torch.linalg.vector_norm(x)` at 0 0")
def torch_norm_zero():
    import torch

    return torch_slope(torch.linalg.vector_norm, [0.0, 0.0])


@row("length", "torch", "slopes of `(x * x).sum().sqrt()` at 0 0")
def torch_sqrt_zero():
    return torch_slope(lambda x: (x * x).sum().sqrt(), [0.0, 0.0])


@row("length", "jax", "slopes of `jnp.linalg.norm(x)` at 0 0")
def jax_norm_zero():
    import jax.numpy as jnp

    return jax_slope(jnp.linalg.norm, [0.0, 0.0])


@row("length", "autograd", "slopes of `np.linalg.norm(x)` at 0 0")
def autograd_norm_zero():
    import autograd.numpy as anp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return autograd_slope(anp.linalg.norm, [0.0, 0.0])


@row("length", "tensorflow", "slopes of `tf.norm(x)` at 0 0")
def tensorflow_norm_zero():
    import tensorflow as tf

    return tensorflow_slope(tf.norm, [0.0, 0.0])


@row("length", "tensorflow", "slopes of `tf.math.reduce_euclidean_norm(x)` at 0 0")
def tensorflow_euclidean_zero():
    import tensorflow as tf

    return tensorflow_slope(tf.math.reduce_euclidean_norm, [0.0, 0.0])


@row("length", "keras", "slopes of `keras.ops.norm(x)` at 0 0")
def keras_norm_zero():
    import keras

    from .slopes import keras_slope

    return keras_slope(keras.ops.norm, [0.0, 0.0])


@row("length", "tinygrad", "slopes of `(x * x).sum().sqrt()` at 0 0")
def tinygrad_norm_zero():
    return tinygrad_slope(lambda x: (x * x).sum().sqrt(), [0.0, 0.0])


@row("length", "torch", "`lp_pool1d(x, 1, 2)` of 3 −4: the sum of absolutes is 7")
def torch_lp_pool_one():
    return _torch_pool("lp", [3.0, -4.0], 1, 2)


@row("length", "onnxruntime", "`LpPool(p=1)` of 3 −4")
def onnx_lp_pool_one():
    return run_node("LpPool", [[[3.0, -4.0]]], kernel_shape=[2], p=1)


@row("length", "torch", "`lp_pool1d(x, 3, 2)` of 3 −4: the cube root of 91 is 4.498")
def torch_lp_pool_three():
    return _torch_pool("lp", [3.0, -4.0], 3, 2)


# The slope of the standard deviation where all numbers are equal


@row("length", "torch", "slopes of `torch.std` at 2 2")
def torch_std_slope():
    import torch

    return torch_slope(torch.std, [2.0, 2.0])


@row("length", "jax", "slopes of `jnp.std` at 2 2")
def jax_std_slope():
    import jax.numpy as jnp

    return jax_slope(jnp.std, [2.0, 2.0])


@row("length", "autograd", "slopes of `np.std` at 2 2")
def autograd_std_slope():
    import autograd.numpy as anp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return autograd_slope(anp.std, [2.0, 2.0])


@row("length", "tensorflow", "slopes of `tf.math.reduce_std` at 2 2")
def tensorflow_std_slope():
    import tensorflow as tf

    return tensorflow_slope(tf.math.reduce_std, [2.0, 2.0])


@row("length", "keras", "slopes of `keras.ops.std` at 2 2")
def keras_std_slope():
    import keras

    from .slopes import keras_slope

    return keras_slope(keras.ops.std, [2.0, 2.0])


# NaN in a window: nan 1, then 1 nan


NAN_FIRST_AND_LAST = [float("nan"), 1.0, 1.0, float("nan")]


@row("nan", "torch", "`max_pool1d` of nan 1 and of 1 nan")
def torch_pool_nan():
    return _torch_pool("max", NAN_FIRST_AND_LAST, 2)


@row("nan", "keras", "`keras.ops.max_pool` of nan 1 and of 1 nan")
def keras_pool_nan():
    return _keras_pool("max", NAN_FIRST_AND_LAST, 2, 2, "valid")


@row("nan", "onnxruntime", "`MaxPool` of nan 1 and of 1 nan")
def onnx_pool_nan():
    return run_node("MaxPool", [[NAN_FIRST_AND_LAST]], kernel_shape=[2], strides=[2])


@row("nan", "tinygrad", "`max_pool2d` of nan 1 and of 1 nan")
def tinygrad_pool_nan():
    from tinygrad import Tensor

    return Tensor(NAN_FIRST_AND_LAST).reshape(1, 1, 1, 4).max_pool2d((1, 2)).reshape(2).tolist()
