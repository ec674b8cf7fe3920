"""Rows for ex14: the gates of an LSTM, its weights and biases, the axis of time, and clipping."""

from __future__ import annotations

from .onnx_model import run_node
from .registry import row

GATES = ("input", "forget", "candidate", "output")
SEQUENCES = (2, 4, 3)  # of (2, 4, 3) the first axis or the second is time


# The gates


def order(state):
    """The order of the gates: state(b) is the state of one unit after one step with the biases b, no
    weights, and a cell of 2.

    Without a bias all gates are half open, and the candidate is 0: the cell becomes 1.
    """
    import math

    half_open = math.tanh(1) / 2
    known = {
        "input": half_open,  # what comes in is 0
        "forget": math.tanh(2) / 2,
        "candidate": math.tanh(1.5) / 2,
        "output": math.tanh(1),
    }
    found = []
    for place in range(4):
        value = float(state([50.0 if k == place else 0.0 for k in range(4)]))
        found.append(min(GATES, key=lambda gate: abs(known[gate] - value)))
    return " ".join(found)


@row("gates", "torch", "`nn.LSTM`: order of the gates")
def torch_lstm_gates():
    import torch

    def state(b):
        layer = torch.nn.LSTM(1, 1)
        for parameter in layer.parameters():
            parameter.data.zero_()
        layer.bias_ih_l0.data[:] = torch.tensor(b)
        start = torch.zeros(1, 1), torch.full((1, 1), 2.0)
        return layer(torch.zeros(1, 1), start)[0].detach()

    return order(state)


@row("gates", "keras", "`layers.LSTM`: order of the gates")
def keras_lstm_gates():
    import keras
    import numpy as np

    def state(b):
        layer = keras.layers.LSTM(1)
        layer.build((1, 1, 1))
        layer.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), np.array(b)])
        start = [np.zeros((1, 1), "float32"), np.full((1, 1), 2.0, "float32")]
        return keras.ops.convert_to_numpy(
            layer(np.zeros((1, 1, 1), "float32"), initial_state=start)
        ).item()

    return order(state)


@row("gates", "tinygrad", "`nn.LSTMCell`: order of the gates")
def tinygrad_lstm_gates():
    from tinygrad import Tensor
    from tinygrad.nn import LSTMCell

    def state(b):
        cell = LSTMCell(1, 1)
        cell.weight_ih, cell.weight_hh = Tensor.zeros(4, 1), Tensor.zeros(4, 1)
        cell.bias_ih, cell.bias_hh = Tensor(b), Tensor.zeros(4)
        return cell(Tensor.zeros(1, 1), (Tensor.zeros(1, 1), Tensor.full((1, 1), 2.0)))[0].item()

    return order(state)


@row("gates", "onnxruntime", "`LSTM`: order of the gates")
def onnx_lstm_gates():
    import numpy as np

    def state(b):
        zeros, biases = np.zeros((1, 4, 1), "float32"), np.array([[*b, 0, 0, 0, 0]], "float32")
        start = np.zeros((1, 1, 1), "float32"), np.full((1, 1, 1), 2.0, "float32")
        given = np.zeros((1, 1, 1), "float32"), zeros, zeros, biases, None, *start
        return run_node("LSTM", *given, hidden_size=1).item()

    return order(state)


@row("gates", "torch", "`nn.LSTM(3, 5)`: shapes of weights and biases")
def torch_lstm_shapes():
    import torch

    return ", ".join(" ".join(map(str, p.shape)) for p in torch.nn.LSTM(3, 5).parameters())


@row("gates", "keras", "`layers.LSTM(5)` of 3 inputs: shapes of weights and biases")
def keras_lstm_shapes():
    import keras

    layer = keras.layers.LSTM(5)
    layer.build(SEQUENCES)
    return ", ".join(" ".join(map(str, w.shape)) for w in layer.weights)


@row("gates", "keras", "`layers.LSTM(1)`: biases at the start")
def keras_forget_bias():
    import keras

    layer = keras.layers.LSTM(1)
    layer.build(SEQUENCES)
    return keras.ops.convert_to_numpy(layer.weights[2])


@row(
    "gates", "torch", "`nn.LSTM(1, 100)`: largest bias of a forget gate at the start, to one digit"
)
def torch_forget_bias():
    import torch

    torch.manual_seed(0)
    layer = torch.nn.LSTM(1, 100)
    return round(layer.bias_ih_l0[100:200].abs().max().item(), 1)


@row(
    "gates", "torch", "`nn.RNN(3, 5)` of (2, 4, 3): shape of the last state, without its first axis"
)
def torch_time_axis():
    import torch

    return tuple(torch.nn.RNN(3, 5)(torch.zeros(SEQUENCES))[1].shape[1:])


@row("gates", "torch", "`nn.RNN(3, 5, batch_first=True)` of the same")
def torch_batch_first():
    import torch

    return tuple(torch.nn.RNN(3, 5, batch_first=True)(torch.zeros(SEQUENCES))[1].shape[1:])


@row("gates", "keras", "`layers.SimpleRNN(5)` of the same")
def keras_time_axis():
    import keras

    return tuple(keras.layers.SimpleRNN(5)(keras.ops.zeros(SEQUENCES)).shape)


# Clipping: 3 and 4 in two arrays, in millionths, clipped to one millionth; ours: 0.6 0.8


@row("clipping", "torch", "`clip_grad_norm_`")
def torch_clip():
    import torch

    leaves = [torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    for leaf, value in zip(leaves, (3e-6, 4e-6), strict=True):
        leaf.grad = torch.full_like(leaf, value)
    torch.nn.utils.clip_grad_norm_(leaves, 1e-6)
    return [1e6 * leaf.grad.item() for leaf in leaves]


@row("clipping", "torch", "`clip_grad_norm_`: what it returns")
def torch_clip_returns():
    import torch

    leaf = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    leaf.grad = torch.full_like(leaf, 5e-6)
    return 1e6 * torch.nn.utils.clip_grad_norm_([leaf], 1e-6)


@row("clipping", "tensorflow", "`tf.clip_by_global_norm`")
def tensorflow_clip():
    import tensorflow as tf

    clipped, _ = tf.clip_by_global_norm([tf.constant([3e-6]), tf.constant([4e-6])], 1e-6)
    return [1e6 * part.numpy().item() for part in clipped]


def keras_step(**limit):
    """How far two weights move with gradients 3 and 4, in millionths, and a rate of one million."""
    import keras
    import numpy as np

    weights = [keras.Variable(np.zeros(1, "float32")) for _ in range(2)]
    optimizer = keras.optimizers.SGD(1e6, **limit)
    gradients = [keras.ops.convert_to_tensor(np.array([g], "float32")) for g in (3e-6, 4e-6)]
    optimizer.apply(gradients, weights)
    return [-keras.ops.convert_to_numpy(w).item() for w in weights]


@row("clipping", "keras", "`SGD(global_clipnorm=…)`")
def keras_global_clipnorm():
    return keras_step(global_clipnorm=1e-6)


@row("clipping", "keras", "`SGD(clipnorm=…)`: each array by itself")
def keras_clipnorm():
    return keras_step(clipnorm=1e-6)
