"""Rows for ex06: what dropout's number means, what is scaled, and its end points."""

from __future__ import annotations

from .registry import row


def _kept(values):
    """The share of entries that are kept, to one digit, and what a kept 1 becomes."""
    import numpy as np

    values = np.asarray(values)
    return round(float((values != 0).mean()), 1), float(values[values != 0][0])


@row("dropout", "torch", "`F.dropout(ones, 0.2)`: share kept, a kept 1")
def torch_dropout():
    import torch

    torch.manual_seed(0)
    return _kept(torch.nn.functional.dropout(torch.ones(100_000), 0.2))


@row("dropout", "keras", "`layers.Dropout(0.2)(ones, training=True)`: share kept, a kept 1")
def keras_dropout():
    import keras
    import numpy as np

    out = keras.layers.Dropout(0.2, seed=0)(np.ones((1, 100_000), "float32"), training=True)
    return _kept(keras.ops.convert_to_numpy(out))


@row("dropout", "tinygrad", "`Tensor.dropout(0.2)` in `Context(TRAINING=1)`: share kept, a kept 1")
def tinygrad_dropout():
    from tinygrad import Context, Tensor

    Tensor.manual_seed(0)
    with Context(TRAINING=1):
        return _kept(Tensor.ones(2000).contiguous().dropout(0.2).numpy())


@row("dropout", "onnxruntime", "`Dropout(ratio=0.2, training_mode=True)`: share kept, a kept 1")
def onnx_dropout():
    import numpy as np

    from .onnx_model import run_node

    return _kept(
        run_node("Dropout", np.ones(100_000, "f"), np.array(0.2, "f"), np.array(True), seed=1)
    )


@row(
    "dropout", "onnxruntime", "`Dropout(training_mode=True)`, ratio not given: share kept, a kept 1"
)
def onnx_dropout_default():
    import numpy as np

    from .onnx_model import run_node

    return _kept(run_node("Dropout", np.ones(100_000, "f"), None, np.array(True), seed=1))


@row("dropout", "torch", "`F.dropout(x, 0.5)`, nothing said of training: does it drop?")
def torch_dropout_default():
    import torch

    return bool((torch.nn.functional.dropout(torch.ones(1000), 0.5) == 0).any())


@row("dropout", "keras", "`layers.Dropout(0.5)(x)`, nothing said of training: does it drop?")
def keras_dropout_default():
    import keras
    import numpy as np

    out = keras.layers.Dropout(0.5)(np.ones((1, 1000), "float32"))
    return bool((keras.ops.convert_to_numpy(out) == 0).any())


@row("dropout", "torch", "`F.dropout` of 1 2 with p = 1")
def torch_dropout_all():
    import torch

    return torch.nn.functional.dropout(torch.tensor([1.0, 2.0]), 1.0)


@row("dropout", "keras", "`layers.Dropout(1.0)` of 1 2, in training")
def keras_dropout_all():
    import keras
    import numpy as np

    out = keras.layers.Dropout(1.0)(np.array([[1.0, 2.0]], "float32"), training=True)
    return keras.ops.convert_to_numpy(out)


@row("dropout", "tensorflow", "`tf.nn.dropout` of 1 2 with rate 1")
def tensorflow_dropout_all():
    import tensorflow as tf

    return tf.nn.dropout(tf.constant([1.0, 2.0]), 1.0).numpy()


@row("dropout", "tinygrad", "`Tensor.dropout` of 1 2 with p = 1")
def tinygrad_dropout_all():
    from tinygrad import Context, Tensor

    with Context(TRAINING=1):
        return (Tensor([1.0, 2.0]).dropout(1.0) + Tensor([0.0, 0.0])).tolist()


@row("dropout", "torch", "`F.dropout` of 1 2 with p = nan, in training")
def torch_dropout_nan():
    import torch

    return torch.nn.functional.dropout(torch.tensor([1.0, 2.0]), float("nan"))


@row("dropout", "torch", "`F.dropout` of inf with p = 1")
def torch_dropout_infinity():
    import torch

    return torch.nn.functional.dropout(torch.tensor([float("inf")]), 1.0)
