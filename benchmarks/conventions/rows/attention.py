"""Rows for ex15: what True in a mask means, who sees nothing, and where a block normalises."""

from __future__ import annotations

from .registry import row

SEEN, HIDDEN = [[True, False]], [[False, False]]


def _arrays():
    """A query of 0, so that both keys have the same score, and the values 8 and 4."""
    import numpy as np

    return np.zeros((1, 1, 1), "float32"), np.array([[[8.0], [4.0]]], "float32")


def _torch(mask):
    import torch

    q, v = map(torch.tensor, _arrays())
    attend = torch.nn.functional.scaled_dot_product_attention
    return attend(q, v, v, attn_mask=torch.tensor(mask)).item()


def _torch_layer(mask, *, weights):
    import torch

    layer = torch.nn.MultiheadAttention(1, 1, bias=False, batch_first=True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter[:] = 1
    q, v = map(torch.tensor, _arrays())
    return layer(q, v, v, attn_mask=torch.tensor(mask), need_weights=weights)[0].item()


def _keras(mask):
    import keras
    import numpy as np

    layer = keras.layers.MultiHeadAttention(1, 1, use_bias=False, kernel_initializer="ones")
    q, v = _arrays()
    return float(keras.ops.convert_to_numpy(layer(q, v, attention_mask=np.array([mask]))).item())


def _jax(mask):
    import jax
    import numpy as np

    q, v = (a[:, :, None] for a in _arrays())
    return jax.nn.dot_product_attention(q, v, v, mask=np.array([[mask]])).item()


def _tinygrad(mask):
    from tinygrad import Tensor

    q, v = map(Tensor, _arrays())
    return q.scaled_dot_product_attention(v, v, attn_mask=Tensor(mask)).item()


# What True means


@row("mask", "torch", "`scaled_dot_product_attention`, mask True False")
def torch_attention_mask():
    return _torch(SEEN)


@row("mask", "torch", "`nn.MultiheadAttention`, mask True False")
def torch_multihead_mask():
    return _torch_layer(SEEN, weights=False)


@row("mask", "keras", "`layers.MultiHeadAttention`, mask True False")
def keras_multihead_mask():
    return _keras(SEEN)


@row("mask", "jax", "`jax.nn.dot_product_attention`, mask True False")
def jax_attention_mask():
    return _jax(SEEN)


@row("mask", "tinygrad", "`Tensor.scaled_dot_product_attention`, mask True False")
def tinygrad_attention_mask():
    return _tinygrad(SEEN)


# Who sees nothing


@row("mask", "torch", "`scaled_dot_product_attention`, all hidden")
def torch_sees_nothing():
    return _torch(HIDDEN)


@row("mask", "torch", "`nn.MultiheadAttention`, all hidden")
def torch_multihead_sees_nothing():
    return _torch_layer([[True, True]], weights=True)


@row("mask", "torch", "`nn.MultiheadAttention`, all hidden, `need_weights=False`")
def torch_multihead_sees_nothing_without_weights():
    return _torch_layer([[True, True]], weights=False)


@row("mask", "keras", "`layers.MultiHeadAttention`, all hidden")
def keras_sees_nothing():
    return _keras(HIDDEN)


@row("mask", "jax", "`jax.nn.dot_product_attention`, all hidden")
def jax_sees_nothing():
    return _jax(HIDDEN)


@row("mask", "tinygrad", "`Tensor.scaled_dot_product_attention`, all hidden")
def tinygrad_sees_nothing():
    return _tinygrad(HIDDEN)


# The block


@row("block", "torch", "`nn.TransformerEncoderLayer`: is the norm first?")
def torch_norm_first():
    import torch

    return torch.nn.TransformerEncoderLayer(2, 1, 2).norm_first


@row("block", "torch", "`nn.LayerNorm`: eps")
def torch_layer_norm_eps():
    import torch

    return torch.nn.LayerNorm(2).eps


@row("block", "keras", "`layers.LayerNormalization`: eps")
def keras_layer_norm_eps():
    import keras

    return keras.layers.LayerNormalization().epsilon


@row("block", "jax", "`jax.nn.standardize`: eps")
def jax_standardize_eps():
    import inspect

    import jax

    return inspect.signature(jax.nn.standardize).parameters["epsilon"].default


@row("block", "torch", "`nn.MultiheadAttention`: has it biases?")
def torch_attention_bias():
    import torch

    return torch.nn.MultiheadAttention(2, 1).in_proj_bias is not None


@row("block", "keras", "`layers.MultiHeadAttention`: has it biases?")
def keras_attention_bias():
    import keras

    layer = keras.layers.MultiHeadAttention(1, 1)
    layer.build((1, 2, 2), (1, 2, 2))
    return len(layer.weights) == 8
