"""Rows for ex09 and ex10: the most probable class, and which way a permutation moves."""

from __future__ import annotations

from .onnx_model import run_node
from .registry import row

# The most probable class


TIED, WITH_NAN = [2.0, 5.0, 5.0], [2.0, float("nan"), 5.0]


@row("argmax", "numpy", "`np.argmax` of 2 5 5; of 2 nan 5")
def numpy_argmax():
    import numpy as np

    return np.argmax(TIED), np.argmax(WITH_NAN)


@row("argmax", "torch", "`torch.argmax` of 2 5 5; of 2 nan 5")
def torch_argmax():
    import torch

    return torch.argmax(torch.tensor(TIED)), torch.argmax(torch.tensor(WITH_NAN))


@row("argmax", "jax", "`jnp.argmax` of 2 5 5; of 2 nan 5")
def jax_argmax():
    import jax.numpy as jnp

    return jnp.argmax(jnp.asarray(TIED)), jnp.argmax(jnp.asarray(WITH_NAN))


@row("argmax", "keras", "`keras.ops.argmax` of 2 5 5; of 2 nan 5")
def keras_argmax():
    import keras
    import numpy as np

    answers = (keras.ops.argmax(np.array(v, "float32")) for v in (TIED, WITH_NAN))
    return [int(keras.ops.convert_to_numpy(a)) for a in answers]


@row("argmax", "tinygrad", "`Tensor.argmax` of 2 5 5; of 2 nan 5")
def tinygrad_argmax():
    from tinygrad import Tensor

    return Tensor(TIED).argmax().item(), Tensor(WITH_NAN).argmax().item()


@row("argmax", "onnxruntime", "`ArgMax` of 2 5 5; of 2 nan 5")
def onnx_argmax():
    return [*run_node("ArgMax", TIED, axis=0), *run_node("ArgMax", WITH_NAN, axis=0)]


@row("argmax", "python", "`max(range(3), key=…)` of 2 5 5; of 2 nan 5")
def python_argmax():
    return max(range(3), key=TIED.__getitem__), max(range(3), key=WITH_NAN.__getitem__)


@row("argmax", "pandas", "`Series.idxmax` of 2 5 5; of 2 nan 5")
def pandas_argmax():
    import pandas as pd

    return pd.Series(TIED).idxmax(), pd.Series(WITH_NAN).idxmax()


@row("argmax", "torch", "`torch.topk(k=1)` of 2 5 5: index")
def torch_topk():
    import torch

    return torch.topk(torch.tensor(TIED), 1).indices


@row("argmax", "scikit-learn", "`top_k_accuracy_score(k=1)`, class 0 right, scores all equal")
def sklearn_top_k():
    from sklearn.metrics import top_k_accuracy_score

    return top_k_accuracy_score([0], [[1.0, 1.0, 1.0]], k=1, labels=[0, 1, 2])


# Permutations: shuffled[k] = picture[π[k]], so π = 2 0 3 1 makes 3 1 4 2 of 1 2 3 4


ORDER, PICTURE = [2, 0, 3, 1], [1, 2, 3, 4]


@row("permutation", "numpy", "`x[π]`, `np.take(x, π)`")
def numpy_take():
    import numpy as np

    return np.take(PICTURE, ORDER)


@row("permutation", "numpy", "`np.put(out, π, x)`, `out[π] = x`")
def numpy_put():
    import numpy as np

    out = np.zeros(4, int)
    np.put(out, ORDER, PICTURE)
    return out


@row("permutation", "torch", "`torch.gather(x, 0, π)`; `scatter`")
def torch_gather():
    import torch

    x, order = torch.tensor(PICTURE), torch.tensor(ORDER)
    gathered, scattered = x.gather(0, order), torch.zeros_like(x).scatter(0, order, x)
    return f"{' '.join(map(str, gathered.tolist()))}; {' '.join(map(str, scattered.tolist()))}"


@row("permutation", "sympy", "`Permutation(π)(x)`")
def sympy_permutation():
    from sympy.combinatorics import Permutation

    return Permutation(ORDER)(PICTURE)


@row("permutation", "sympy", "`(Permutation(π) * Permutation(1 0 2 3)).array_form`")
def sympy_product():
    from sympy.combinatorics import Permutation

    return (Permutation(ORDER) * Permutation([1, 0, 2, 3])).array_form


@row("permutation", "numpy", "`rng.permutation` of a 3×50 array: do all columns move alike?")
def numpy_permutation_rows():
    import numpy as np

    x = np.tile(np.arange(50), (3, 1)).T
    moved = np.random.default_rng(0).permutation(x)
    return bool((moved == moved[:, :1]).all())


@row("permutation", "numpy", "`rng.permuted(axis=0)` of the same: do all columns move alike?")
def numpy_permuted_rows():
    import numpy as np

    x = np.tile(np.arange(50), (3, 1)).T
    moved = np.random.default_rng(0).permuted(x, axis=0)
    return bool((moved == moved[:, :1]).all())


@row("argmax", "keras", "`keras.ops.argmax` of −0.0 0.0")
def keras_argmax_of_zeros():
    import keras
    import numpy as np

    return int(keras.ops.convert_to_numpy(keras.ops.argmax(np.array([-0.0, 0.0], "float32"))))
