"""Rows for ex03 and ex04: where weights lie, which way filters run, what "same" pads."""

from __future__ import annotations

from .onnx_model import run_node
from .registry import row

LINE, FILTER = [1.0, 2.0, 3.0, 4.0], [1.0, 10.0]


# Where the weights lie


@row("layout", "torch", "`nn.Linear(3, 5).weight`: shape")
def torch_linear_layout():
    import torch

    return tuple(torch.nn.Linear(3, 5).weight.shape)


@row("layout", "tinygrad", "`nn.Linear(3, 5).weight`: shape")
def tinygrad_linear_layout():
    from tinygrad.nn import Linear

    return tuple(Linear(3, 5).weight.shape)


@row("layout", "keras", "`layers.Dense(5)` of 3 inputs, `kernel`: shape")
def keras_dense_layout():
    import keras

    layer = keras.layers.Dense(5)
    layer.build((None, 3))
    return tuple(layer.kernel.shape)


@row("layout", "scikit-learn", "`MLPClassifier`, 3 inputs, 5 hidden units, `coefs_[0]`: shape")
def sklearn_mlp_layout():
    import warnings

    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MLPClassifier((5,), max_iter=1).fit([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [0, 1])
    return model.coefs_[0].shape


@row("layout", "torch", "`nn.Conv2d(3, 5, (2, 4)).weight`: shape")
def torch_conv_layout():
    import torch

    return tuple(torch.nn.Conv2d(3, 5, (2, 4)).weight.shape)


@row("layout", "keras", "`layers.Conv2D(5, (2, 4))` of 3 channels, `kernel`: shape")
def keras_conv_layout():
    import keras

    layer = keras.layers.Conv2D(5, (2, 4))
    layer.build((None, 8, 8, 3))
    return tuple(layer.kernel.shape)


@row("layout", "torch", "`nn.Flatten` of (1, 2, 1, 2) holding 0 1 2 3")
def torch_flatten():
    import torch

    return torch.nn.Flatten()(torch.arange(4.0).reshape(1, 2, 1, 2))[0]


@row("layout", "keras", '`layers.Flatten(data_format="channels_first")` of the same')
def keras_flatten():
    import keras
    import numpy as np

    x = np.arange(4, dtype="float32").reshape(1, 2, 1, 2)
    out = keras.layers.Flatten(data_format="channels_first")(x)
    return keras.ops.convert_to_numpy(out)[0]


# Flipped or not


@row("flip", "numpy", '`np.convolve(x, w, "valid")`')
def numpy_convolve():
    import numpy as np

    return np.convolve(LINE, FILTER, "valid")


@row("flip", "numpy", '`np.correlate(x, w, "valid")`')
def numpy_correlate():
    import numpy as np

    return np.correlate(LINE, FILTER, "valid")


@row("flip", "numpy", '`np.correlate(w, x, "valid")`: the shorter one first')
def numpy_correlate_shorter_first():
    import numpy as np

    return np.correlate(FILTER, LINE, "valid")


@row("flip", "scipy", '`signal.correlate(w, x, "valid")`: the shorter one first')
def scipy_correlate_shorter_first():
    from scipy.signal import correlate

    return correlate(FILTER, LINE, "valid")


@row("flip", "scipy", '`ndimage.convolve1d(x, w, mode="constant")`, without the edges')
def scipy_ndimage_convolve():
    from scipy.ndimage import convolve1d

    return convolve1d(LINE, FILTER, mode="constant")[:3]


@row("flip", "torch", "`conv1d`")
def torch_conv():
    import torch

    line, weights = torch.tensor(LINE)[None, None], torch.tensor(FILTER)[None, None]
    return torch.nn.functional.conv1d(line, weights)[0, 0]


@row("flip", "jax", "`jax.lax.conv`")
def jax_lax_conv():
    import jax
    import jax.numpy as jnp

    line, weights = jnp.asarray(LINE)[None, None], jnp.asarray(FILTER)[None, None]
    return jax.lax.conv(line, weights, (1,), "VALID")[0, 0]


@row("flip", "jax", '`jnp.convolve(x, w, "valid")`')
def jax_convolve():
    import jax.numpy as jnp

    return jnp.convolve(jnp.asarray(LINE), jnp.asarray(FILTER), "valid")


@row("flip", "keras", "`keras.ops.conv`")
def keras_conv():
    import keras
    import numpy as np

    line = np.array(LINE, "float32").reshape(1, 4, 1)
    weights = np.array(FILTER, "float32").reshape(2, 1, 1)
    out = keras.ops.conv(line, weights, padding="valid")
    return keras.ops.convert_to_numpy(out)[0, :, 0]


@row("flip", "tinygrad", "`Tensor.conv2d`")
def tinygrad_conv():
    from tinygrad import Tensor

    line, weights = Tensor(LINE).reshape(1, 1, 1, 4), Tensor(FILTER).reshape(1, 1, 1, 2)
    return line.conv2d(weights).reshape(3).tolist()


@row("flip", "autograd", '`autograd.scipy.signal.convolve(x, w, mode="valid")`')
def autograd_convolve():
    import autograd.numpy as anp
    from autograd.scipy.signal import convolve

    return convolve(anp.array(LINE), anp.array(FILTER), mode="valid")


@row("flip", "onnxruntime", "`Conv`")
def onnx_conv():
    return run_node("Conv", [[LINE]], [[FILTER]])


# "same"


def _torch_same(line, weights, **options):
    import torch

    line, weights = torch.tensor(line)[None, None], torch.tensor(weights)[None, None]
    return torch.nn.functional.conv1d(line, weights, **options)[0, 0]


@row("same", "torch", '`conv1d(padding="same")`, filter 1 10')
def torch_same():
    return _torch_same(LINE, FILTER, padding="same")


@row("same", "jax", '`jax.lax.conv(…, "SAME")`, filter 1 10')
def jax_same():
    import jax
    import jax.numpy as jnp

    line, weights = jnp.asarray(LINE)[None, None], jnp.asarray(FILTER)[None, None]
    return jax.lax.conv(line, weights, (1,), "SAME")[0, 0]


@row("same", "numpy", '`np.correlate(x, w, "same")`, filter 1 10')
def numpy_same():
    import numpy as np

    return np.correlate(LINE, FILTER, "same")


@row("same", "scipy", '`signal.correlate2d(x, w, "same")`, filter 1 10')
def scipy_same_2d():
    from scipy.signal import correlate2d

    return correlate2d([LINE], [FILTER], "same")


@row("same", "scipy", '`ndimage.correlate1d(x, w, mode="constant")`, filter 1 10')
def scipy_same_ndimage():
    from scipy.ndimage import correlate1d

    return correlate1d(LINE, FILTER, mode="constant")


@row("same", "onnxruntime", '`Conv(auto_pad="SAME_UPPER")`, filter 1 10')
def onnx_same_upper():
    return run_node("Conv", [[LINE]], [[FILTER]], auto_pad="SAME_UPPER")


@row("same", "onnxruntime", '`Conv(auto_pad="SAME_LOWER")`, filter 1 10')
def onnx_same_lower():
    return run_node("Conv", [[LINE]], [[FILTER]], auto_pad="SAME_LOWER")


def _keras_same(weights, stride):
    import keras
    import numpy as np

    line = np.array(LINE, "float32").reshape(1, 4, 1)
    weights = np.array(weights, "float32").reshape(-1, 1, 1)
    out = keras.ops.conv(line, weights, strides=stride, padding="same")
    return keras.ops.convert_to_numpy(out)[0, :, 0]


@row("same", "keras", '`keras.ops.conv(padding="same")`, filter 1 10')
def keras_same():
    return _keras_same(FILTER, 1)


@row("same", "keras", '`keras.ops.conv(padding="same")`, filter 1 1 1, stride 2')
def keras_same_stride():
    return _keras_same([1.0, 1.0, 1.0], 2)


@row("same", "torch", "`conv1d(padding=1, stride=2)`, filter 1 1 1 (ours, too)")
def torch_pad_stride():
    return _torch_same(LINE, [1.0, 1.0, 1.0], padding=1, stride=2)


@row("same", "torch", '`conv1d(padding="same", stride=2)`, filter 1 1 1')
def torch_same_stride():
    return _torch_same(LINE, [1.0, 1.0, 1.0], padding="same", stride=2)
