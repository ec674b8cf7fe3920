"""Rows for ex07: the cross-entropy's edges, and labels that do not exist."""

from __future__ import annotations

import warnings

from .losses import LN3, keras_value
from .onnx_model import run_node
from .registry import row

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

    return keras_value(keras.losses.sparse_categorical_crossentropy, [0], [[0.0, LN3]])


@row("entropy", "keras", "`categorical_crossentropy` of probabilities 0.2 0.2, class 0")
def keras_normalises():
    import keras

    return keras_value(keras.losses.categorical_crossentropy, [[1, 0]], [[0.2, 0.2]])


@row("entropy", "scikit-learn", "`log_loss` of probabilities 0.2 0.2, class 0")
def sklearn_normalises():
    from sklearn.metrics import log_loss

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return log_loss([0], [[0.2, 0.2]], labels=[0, 1])


@row("entropy", "keras", "`categorical_crossentropy` where the right class has probability 0")
def keras_impossible():
    import keras

    return keras_value(keras.losses.categorical_crossentropy, [[1, 0]], [[0.0, 1.0]])


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

    return keras_value(keras.losses.binary_crossentropy, [1], [0.0])


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


@row(
    "entropy",
    "tinygrad",
    "`sparse_categorical_crossentropy` of target −1, the default of `ignore_index`",
)
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
