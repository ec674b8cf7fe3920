"""Rows for every exercise: types that meet."""

from __future__ import annotations

import warnings

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
