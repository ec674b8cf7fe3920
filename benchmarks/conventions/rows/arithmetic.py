"""Rows for every exercise: types that meet, sums that grow, spread and rounding."""

from __future__ import annotations

import warnings

from .onnx_model import run_node
from .registry import row


def _name(value):
    """The dtype of a value as a word."""
    return str(value.dtype).rpartition(".")[2]


# Types that meet


@row("types", "numpy", "float32 array × `np.float64(2)`")
def numpy_array_with_scalar():
    import numpy as np

    return _name(np.ones(2, "float32") * np.float64(2))


@row("types", "numpy 1.26", "float32 array × `np.float64(2)`")
def numpy1_array_with_scalar():
    import numpy as np

    return _name(np.ones(2, "float32") * np.float64(2))


@row("types", "numpy", "`np.float32(1) * 3.0`")
def numpy_scalar_with_float():
    import numpy as np

    return _name(np.float32(1) * 3.0)


@row("types", "numpy 1.26", "`np.float32(1) * 3.0`")
def numpy1_scalar_with_float():
    import numpy as np

    return _name(np.float32(1) * 3.0)


@row("types", "numpy", "`np.uint8(200) + 100`")
def numpy_byte_plus():
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.uint8(200) + 100


@row("types", "numpy 1.26", "`np.uint8(200) + 100`")
def numpy1_byte_plus():
    import numpy as np

    return np.uint8(200) + 100


@row("types", "numpy", "uint8 array + 300")
def numpy_byte_plus_more():
    import numpy as np

    return np.array([200], "uint8") + 300


@row("types", "numpy 1.26", "uint8 array + 300")
def numpy1_byte_plus_more():
    import numpy as np

    return np.array([200], "uint8") + 300


@row("types", "torch", "uint8 tensor 200 + 300")
def torch_byte_plus_more():
    import torch

    return torch.tensor([200], dtype=torch.uint8) + 300


@row("types", "jax", "uint8 array 200 + 300")
def jax_byte_plus_more():
    import jax.numpy as jnp

    return jnp.asarray([200], "uint8") + 300


@row("types", "numpy", "int64 array × float32 array")
def numpy_mixed():
    import numpy as np

    return _name(np.ones(2, "int64") * np.ones(2, "float32"))


@row("types", "torch", "int64 tensor × float32 tensor")
def torch_mixed():
    import torch

    return _name(torch.ones(2, dtype=torch.int64) * torch.ones(2))


@row("types", "keras", "int64 × float32, `keras.ops.multiply`")
def keras_mixed():
    import keras
    import numpy as np

    return keras.backend.standardize_dtype(
        keras.ops.multiply(np.ones(2, "int64"), np.ones(2, "float32")).dtype
    )


@row("types", "tensorflow", "int64 × float32, `tf.multiply`")
def tensorflow_mixed():
    import tensorflow as tf

    return tf.multiply(tf.ones(2, tf.int64), tf.ones(2)).dtype.name


@row("types", "array-api-strict", "int64 array × float32 array")
def strict_mixed():
    import array_api_strict as xp

    return _name(xp.ones(2, dtype=xp.int64) * xp.ones(2, dtype=xp.float32))


@row("types", "torch", "float32 tensor × float64 tensor of no axes")
def torch_scalar_tensor():
    import torch

    return _name(torch.ones(2) * torch.tensor(2.0, dtype=torch.float64))


@row("types", "jax", "`jnp.asarray(np.float64(1))`, settings as they come")
def jax_double():
    import jax.numpy as jnp
    import numpy as np

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _name(jnp.asarray(np.float64(1)))


@row("types", "ml_dtypes", "bfloat16 array × float16 array, both NumPy")
def ml_dtypes_halves():
    import ml_dtypes
    import numpy as np

    return _name(np.ones(2, ml_dtypes.bfloat16) * np.ones(2, np.float16))


@row("types", "ml_dtypes", "bfloat16 array × 3.0")
def ml_dtypes_weak():
    import ml_dtypes
    import numpy as np

    return _name(np.ones(2, ml_dtypes.bfloat16) * 3.0)


@row("types", "ml_dtypes", "`np.issubdtype(bfloat16, np.floating)`")
def ml_dtypes_kind():
    import ml_dtypes
    import numpy as np

    return bool(np.issubdtype(ml_dtypes.bfloat16, np.floating))


@row("types", "numpy", "mean of int64 1 2")
def numpy_mean_of_integers():
    import numpy as np

    return np.mean(np.array([1, 2]))


@row("types", "torch", "mean of int64 1 2")
def torch_mean_of_integers():
    import torch

    return torch.tensor([1, 2]).mean()


@row("types", "array-api-strict", "mean of int64 1 2")
def strict_mean_of_integers():
    import array_api_strict as xp

    return xp.mean(xp.asarray([1, 2]))


@row("types", "torch", "`softmax` of int64 1 2")
def torch_softmax_of_integers():
    import torch

    return torch.softmax(torch.tensor([1, 2]), 0)


@row("types", "tinygrad", "dtype of `Tensor([1, 2]).mean()`")
def tinygrad_mean_of_integers():
    from tinygrad import Tensor

    mean = Tensor([1, 2]).mean()
    return f"{mean.item():g}, {mean.dtype.name}"


@row("types", "numpy", "`x *= 0.5`, x an int64 array")
def numpy_in_place():
    import numpy as np

    x = np.array([1, 2])
    x *= 0.5
    return x


@row("types", "torch", "`x *= 0.5`, x an int64 tensor")
def torch_in_place():
    import torch

    x = torch.tensor([1, 2])
    x *= 0.5
    return x


@row("types", "torch", "sum of uint8 200 100: value, type")
def torch_sum_of_bytes():
    import torch

    total = torch.tensor([200, 100], dtype=torch.uint8).sum()
    return f"{total.item()}, {_name(total)}"


@row("types", "jax", "sum of uint8 200 100: value, type")
def jax_sum_of_bytes():
    import jax.numpy as jnp

    total = jnp.asarray([200, 100], "uint8").sum()
    return f"{int(total)}, {_name(total)}"


@row("types", "keras", "`keras.ops.mean` of uint8 200 100")
def keras_mean_of_bytes():
    import keras
    import numpy as np

    return keras.ops.convert_to_numpy(keras.ops.mean(np.array([200, 100], "uint8")))


# Sums in float32: a million times 0.1


MILLION = 1_000_000


@row("sums", "numpy", "`np.sum`")
def numpy_sum():
    import numpy as np

    return np.sum(np.full(MILLION, 0.1, "float32"))


@row("sums", "numpy", "`np.cumsum(x)[-1]`")
def numpy_cumsum():
    import numpy as np

    return np.cumsum(np.full(MILLION, 0.1, "float32"))[-1]


@row("sums", "numpy", "`x.reshape(-1, 1).sum(axis=0)`")
def numpy_sum_column():
    import numpy as np

    return np.full((MILLION, 1), 0.1, "float32").sum(axis=0)


@row("sums", "numpy", "`x.reshape(-1, 2).sum(axis=0)`, doubled x")
def numpy_sum_columns():
    import numpy as np

    return np.full((MILLION, 2), 0.1, "float32").sum(axis=0)[0]


@row("sums", "torch", "`x.sum()`")
def torch_sum():
    import torch

    return torch.full((MILLION,), 0.1).sum()


@row("sums", "torch", "`x.reshape(-1, 2).sum(0)`, doubled x")
def torch_sum_columns():
    import torch

    return torch.full((MILLION, 2), 0.1).sum(0)[0]


@row("sums", "torch", "`x.cumsum(0)[-1]`")
def torch_cumsum():
    import torch

    return torch.full((MILLION,), 0.1).cumsum(0)[-1]


@row("sums", "jax", "`jnp.cumsum(x)[-1]`")
def jax_cumsum():
    import jax.numpy as jnp

    return jnp.cumsum(jnp.full(MILLION, 0.1, "float32"))[-1]


@row("sums", "pandas", "`Series(x).sum()`, float32")
def pandas_sum():
    import pandas as pd

    return pd.Series([0.1] * MILLION, dtype="float32").sum()


@row("sums", "numpy", "`np.sum`; `np.cumsum(x)[-1]` of 3000 ones in float16")
def numpy_half_sum():
    import numpy as np

    ones = np.ones(3000, "float16")
    return np.sum(ones), np.cumsum(ones)[-1]


@row("sums", "numpy", "`np.mean` of 70000 float16 numbers 2")
def numpy_half_mean():
    import numpy as np

    return np.mean(np.full(70_000, 2, "float16"))


@row("sums", "ml_dtypes", "`np.sum` of 1000 ones in bfloat16")
def ml_dtypes_sum():
    import ml_dtypes
    import numpy as np

    return float(np.sum(np.ones(1000, ml_dtypes.bfloat16)))


@row("sums", "torch", "`sum` of 1000 ones in bfloat16")
def torch_bfloat_sum():
    import torch

    return torch.ones(1000, dtype=torch.bfloat16).sum()


# Variance of 1 and 3: 1 divided by N, 2 divided by N − 1


@row("variance", "numpy", "`np.var`")
def numpy_var():
    import numpy as np

    return np.var([1.0, 3.0])


@row("variance", "numpy", "`np.cov`")
def numpy_cov():
    import numpy as np

    return np.cov([1.0, 3.0])


@row("variance", "torch", "`torch.var`")
def torch_var():
    import torch

    return torch.tensor([1.0, 3.0]).var()


@row("variance", "jax", "`jnp.var`")
def jax_var():
    import jax.numpy as jnp

    return jnp.var(jnp.asarray([1.0, 3.0]))


@row("variance", "tinygrad", "`Tensor.var`")
def tinygrad_var():
    from tinygrad import Tensor

    return Tensor([1.0, 3.0]).var().item()


@row("variance", "keras", "`keras.ops.var`")
def keras_var():
    import keras
    import numpy as np

    return keras.ops.convert_to_numpy(keras.ops.var(np.array([1.0, 3.0], "float32")))


@row("variance", "array-api-strict", "`xp.var`")
def strict_var():
    import array_api_strict as xp

    return xp.var(xp.asarray([1.0, 3.0]))


@row("variance", "pandas", "`Series.var`")
def pandas_var():
    import pandas as pd

    return pd.Series([1.0, 3.0]).var()


@row("variance", "pandas", "`np.var(Series)`; `np.std(Series)` squared")
def pandas_numpy_var():
    import numpy as np
    import pandas as pd

    series = pd.Series([1.0, 3.0])
    return np.var(series), np.std(series) ** 2


@row("variance", "scikit-learn", "`StandardScaler().var_`")
def sklearn_scaler():
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit([[1.0], [3.0]]).var_


@row("variance", "scipy", "`stats.tvar`; `stats.describe` variance")
def scipy_var():
    from scipy import stats

    return stats.tvar([1.0, 3.0]), stats.describe([1.0, 3.0]).variance


@row("variance", "python", "`statistics.variance`; `statistics.pvariance`")
def python_var():
    import statistics

    return statistics.variance([1.0, 3.0]), statistics.pvariance([1.0, 3.0])


@row(
    "variance",
    "torch",
    "`BatchNorm1d(momentum=1)`: `running_var` after 1 3; what it divides by, squared",
)
def torch_batch_norm():
    import torch

    layer = torch.nn.BatchNorm1d(1, momentum=1.0, eps=1e-12)
    out = layer(torch.tensor([[1.0], [3.0]]))
    return layer.running_var[0].item(), (1 / out[1, 0].item()) ** 2


@row("variance", "keras", "`BatchNormalization(momentum=0)`: `moving_variance` after 1 3")
def keras_batch_norm():
    import keras
    import numpy as np

    layer = keras.layers.BatchNormalization(momentum=0.0)
    layer(np.array([[1.0], [3.0]], "float32"), training=True)
    return keras.ops.convert_to_numpy(layer.moving_variance)


# Rounding


@row("rounding", "numpy", "`np.round` of 0.5 1.5 2.5")
def numpy_round():
    import numpy as np

    return np.round([0.5, 1.5, 2.5])


@row("rounding", "torch", "`torch.round` of 0.5 1.5 2.5")
def torch_round():
    import torch

    return torch.round(torch.tensor([0.5, 1.5, 2.5]))


@row("rounding", "tinygrad", "`Tensor.round` of 0.5 1.5 2.5")
def tinygrad_round():
    from tinygrad import Tensor

    return Tensor([0.5, 1.5, 2.5]).round().tolist()


@row("rounding", "onnxruntime", "`Round` of 0.5 1.5 2.5")
def onnx_round():
    return run_node("Round", [0.5, 1.5, 2.5])


@row("rounding", "sympy", "`round(Rational(1, 2))`, `round(Rational(5, 2))`")
def sympy_round():
    from sympy import Rational

    return round(Rational(1, 2)), round(Rational(5, 2))


@row("rounding", "python", "`round(2.675, 2)`")
def python_round_decimals():
    return f"{round(2.675, 2)}"


@row("rounding", "numpy", "`np.round(2.675, 2)`; `round(np.float64(2.675), 2)`")
def numpy_round_decimals():
    import numpy as np

    return f"{np.round(2.675, 2)} {round(np.float64(2.675), 2)}"


@row("rounding", "python", '`f"{0.125:.2f}"`, `round(0.375, 2)`')
def python_format():
    return f"{0.125:.2f} {round(0.375, 2)}"


@row("rounding", "numpy", "`-7 // 2`; `np.fmod(-7, 2)`; `-7 % 2`")
def numpy_division():
    import numpy as np

    x = np.array(-7)
    return x // 2, np.fmod(x, 2), x % 2


@row("rounding", "torch", "`-7 // 2`; `torch.fmod(-7, 2)`; `-7 % 2`")
def torch_division():
    import torch

    x = torch.tensor(-7)
    return x // 2, torch.fmod(x, 2), x % 2


@row("rounding", "tinygrad", "`-7 // 2`; `-7 % 2`")
def tinygrad_division():
    from tinygrad import Tensor

    return (Tensor([-7]) // 2).item(), (Tensor([-7]) % 2).item()


@row("rounding", "onnxruntime", "`Div(-7, 2)`; `Mod(-7, 2)`, int64")
def onnx_division():
    parts = (run_node(kind, [-7], [2], dtype="int64")[0] for kind in ("Div", "Mod"))
    return list(parts)
