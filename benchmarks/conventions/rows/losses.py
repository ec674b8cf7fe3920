"""Rows for ex07: means over what, softmax along what, and the edges of logarithms."""

from __future__ import annotations

import math
import warnings

from .onnx_model import run_node
from .registry import row

LN3 = math.log(3)
PREDICTED, WANTED = [[1.0, 2.0], [3.0, 5.0]], [[0.0, 2.0], [5.0, 4.0]]


def _keras_value(function, *arrays, **options):
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

    return _keras_value(keras.losses.mean_squared_error, WANTED, PREDICTED)


@row("mse", "keras", "`keras.losses.MeanSquaredError()` (the class)")
def keras_mse_class():
    import keras

    return _keras_value(keras.losses.MeanSquaredError(), WANTED, PREDICTED)


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

    return _keras_value(keras.losses.MeanSquaredError(), [[0], [1], [2]], [0, 1, 2])


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


# Cross-entropy


@row("entropy", "torch", "`F.cross_entropy` of logits 0 ln 3, class 0")
def torch_cross_entropy():
    import torch

    return torch.nn.functional.cross_entropy(torch.tensor([[0.0, LN3]]), torch.tensor([0]))


@row(
    "entropy",
    "keras",
    "`sparse_categorical_crossentropy` of the same numbers, `from_logits` not given",
)
def keras_cross_entropy_logits():
    import keras

    return _keras_value(keras.losses.sparse_categorical_crossentropy, [0], [[0.0, LN3]])


@row("entropy", "keras", "`categorical_crossentropy` of probabilities 0.2 0.2, class 0")
def keras_normalises():
    import keras

    return _keras_value(keras.losses.categorical_crossentropy, [[1, 0]], [[0.2, 0.2]])


@row("entropy", "scikit-learn", "`log_loss` of probabilities 0.2 0.2, class 0")
def sklearn_normalises():
    from sklearn.metrics import log_loss

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return log_loss([0], [[0.2, 0.2]], labels=[0, 1])


@row("entropy", "keras", "`categorical_crossentropy` where the right class has probability 0")
def keras_impossible():
    import keras

    return _keras_value(keras.losses.categorical_crossentropy, [[1, 0]], [[0.0, 1.0]])


@row("entropy", "scikit-learn", "`log_loss` where the right class has probability 0")
def sklearn_impossible():
    from sklearn.metrics import log_loss

    return log_loss([0], [[0.0, 1.0]], labels=[0, 1])


@row("entropy", "torch", "`binary_cross_entropy` where the right class has probability 0")
def torch_binary_impossible():
    import torch

    return torch.nn.functional.binary_cross_entropy(torch.tensor([0.0]), torch.tensor([1.0]))


@row("entropy", "keras", "`binary_crossentropy` where the right class has probability 0")
def keras_binary_impossible():
    import keras

    return _keras_value(keras.losses.binary_crossentropy, [1], [0.0])


@row("entropy", "torch", "`F.cross_entropy` of logits 1000 −1000, class 1")
def torch_far_logits():
    import torch

    return torch.nn.functional.cross_entropy(torch.tensor([[1000.0, -1000.0]]), torch.tensor([1]))


@row("entropy", "torch", "`F.cross_entropy`, every target ignored: mean")
def torch_all_ignored():
    import torch

    return torch.nn.functional.cross_entropy(torch.zeros(1, 2), torch.tensor([-100]))


@row("entropy", "onnxruntime", "`SoftmaxCrossEntropyLoss`, every target ignored: mean")
def onnx_all_ignored():
    import numpy as np

    return run_node(
        "SoftmaxCrossEntropyLoss", np.zeros((1, 2), "f"), np.array([-1]), ignore_index=-1
    )


@row("entropy", "tinygrad", "`sparse_categorical_crossentropy` of target −1, the default of `ignore_index`")
def tinygrad_all_ignored():
    from tinygrad import Tensor

    return Tensor([[0.0, 0.0]]).sparse_categorical_crossentropy(Tensor([-1])).item()


@row(
    "entropy",
    "torch",
    "`F.cross_entropy`, class weights 1 3, losses ln 4 (class 0) and ln 4 − ln 3 (class 1): mean",
)
def torch_weighted_mean():
    import torch

    logits, weight = torch.tensor([[0.0, LN3], [0.0, LN3]]), torch.tensor([1.0, 3.0])
    return torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1]), weight=weight)


@row("entropy", "keras", "the same weights as `sample_weight` of `SparseCategoricalCrossentropy`")
def keras_weighted_mean():
    import keras
    import numpy as np

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    logits = np.array([[0.0, LN3], [0.0, LN3]], "float32")
    value = loss(np.array([0, 1]), logits, sample_weight=np.array([1.0, 3.0], "float32"))
    return keras.ops.convert_to_numpy(value)


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

    return _keras_value(keras.losses.kl_divergence, HALF, SURE)


@row("kl", "keras", "`keras.losses.kl_divergence(1 0, ½ ½)`")
def keras_kl_zero():
    import keras

    return f"{float(_keras_value(keras.losses.kl_divergence, SURE, HALF)):.6f}"


@row("kl", "jax", "slopes of the sum of `rel_entr(p, ½ ½)` by p at 1 0")
def jax_kl_slope():
    import jax.numpy as jnp
    from jax.scipy.special import rel_entr

    from .slopes import jax_slope

    return jax_slope(lambda p: rel_entr(p, jnp.asarray(HALF)), SURE)


# Labels that do not exist: two classes, logits 0 and ln 3 (losses 1.386 and 0.2877)


def _torch_loss(label):
    import torch

    return torch.nn.functional.cross_entropy(torch.tensor([[0.0, LN3]]), torch.tensor([label]))


def _keras_loss(label):
    import keras
    import numpy as np

    logits = np.array([[0.0, LN3]], "float32")
    loss = keras.losses.sparse_categorical_crossentropy(np.array([label]), logits, from_logits=True)
    return keras.ops.convert_to_numpy(loss)


@row("labels", "numpy", "`-log_p[0, y]`, y = −1")
def numpy_label_minus_one():
    import numpy as np

    return -np.log([[0.25, 0.75]])[0, -1]


@row("labels", "numpy", "`-log_p[0, y]`, y = 7")
def numpy_label_seven():
    import numpy as np

    return -np.log([[0.25, 0.75]])[0, 7]


@row("labels", "jax", "`-log_p[0, y]`, y = 7")
def jax_label_seven():
    import jax
    import jax.numpy as jnp

    return -jax.nn.log_softmax(jnp.asarray([[0.0, LN3]]))[0, 7]


@row("labels", "jax", "`jax.nn.one_hot(7, 2)`")
def jax_one_hot_seven():
    import jax

    return jax.nn.one_hot(7, 2)


@row("labels", "torch", "`F.cross_entropy`, y = −1")
def torch_label_minus_one():
    return _torch_loss(-1)


@row("labels", "torch", "`F.cross_entropy`, y = 7")
def torch_label_seven():
    return _torch_loss(7)


@row("labels", "keras", "`sparse_categorical_crossentropy`, y = −1")
def keras_label_minus_one():
    return _keras_loss(-1)


@row("labels", "keras", "`sparse_categorical_crossentropy`, y = 7")
def keras_label_seven():
    return _keras_loss(7)


@row("labels", "tinygrad", "`sparse_categorical_crossentropy`, y = 7")
def tinygrad_label_seven():
    from tinygrad import Tensor

    return Tensor([[0.0, LN3]]).sparse_categorical_crossentropy(Tensor([7])).item()


@row("labels", "onnxruntime", "`SoftmaxCrossEntropyLoss`, y = 7")
def onnx_label_seven():
    import numpy as np

    return run_node("SoftmaxCrossEntropyLoss", np.array([[0.0, LN3]], "f"), np.array([7]))


@row("labels", "scikit-learn", "`log_loss`, y = 7, labels 0 1")
def sklearn_label_seven():
    from sklearn.metrics import log_loss

    return log_loss([7], [[0.25, 0.75]], labels=[0, 1])


@row("kl", "torch", "slope of `special.entr` (−p log p) at 0")
def torch_entropy_slope():
    import torch

    from .slopes import torch_slope

    return torch_slope(torch.special.entr, [0.0])


@row("kl", "jax", "slope of `jax.scipy.special.entr` (−p log p) at 0")
def jax_entropy_slope():
    from jax.scipy.special import entr

    from .slopes import jax_slope

    return jax_slope(entr, [0.0])
