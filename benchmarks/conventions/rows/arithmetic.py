"""Rows for every exercise: sums that grow, spread and rounding."""

from __future__ import annotations

from .onnx_model import run_node
from .registry import row

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
