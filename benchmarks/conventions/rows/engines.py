"""Rows for ex13: what a backward pass begins with, where its gradients go, and what they are added to."""

from __future__ import annotations

from .registry import row

# The number that all of these differentiate: z = y · y and y = x · x, at x = 3; the slope is 4x³ = 108.
X = 3.0


def fourth_power(x):
    """y and z."""
    y = x * x
    return y, y * y


# The corner of ReLU


@row("relu", "micrograd", "`Value.relu`")
def micrograd_relu():
    from micrograd.engine import Value

    x = Value(0.0)
    x.relu().backward()
    return x.grad


# Two passes


@row("engine", "torch", "slope, after one pass and after two of one graph")
def torch_two_passes():
    import torch

    x = torch.tensor(X, requires_grad=True)
    return after_passes(x, fourth_power(x)[1].backward)


@row("engine", "torch", "the same with `retain_graph=True`")
def torch_two_passes_retained():
    import torch

    x = torch.tensor(X, requires_grad=True)
    _, z = fourth_power(x)
    return after_passes(x, lambda: z.backward(retain_graph=True))


@row("engine", "tinygrad", "the same, of `Tensor.backward`")
def tinygrad_two_passes():
    from tinygrad import Tensor

    x = Tensor([X])  # one number alone would be a constant
    return after_passes(x, fourth_power(x)[1].sum().backward)


@row("engine", "micrograd", "the same, of `Value.backward`")
def micrograd_two_passes():
    from micrograd.engine import Value

    x = Value(X)
    return after_passes(x, fourth_power(x)[1].backward)


def after_passes(x, backward):
    """The slope after each of two passes."""
    found = []
    for _ in range(2):
        backward()
        found.append(plain(x.grad))
    return found


def plain(slope):
    """A number of a library as Python's, or a word where there is none."""
    if slope is None:
        return "None"
    return float(slope.item() if hasattr(slope, "item") else slope)


@row("engine", "tensorflow", "the same, of `GradientTape.gradient`")
def tensorflow_two_passes():
    return tape_twice(persistent=False)


@row("engine", "tensorflow", "the same, with `persistent=True`")
def tensorflow_two_passes_persistent():
    return tape_twice(persistent=True)


def tape_twice(*, persistent):
    """Two questions to one tape."""
    import tensorflow as tf

    x = tf.Variable(X)
    with tf.GradientTape(persistent=persistent) as tape:
        _, z = fourth_power(x)
    return [float(tape.gradient(z, x)) for _ in range(2)]


@row("engine", "jax", "the same, of `jax.grad`, which is called twice")
def jax_two_passes():
    import jax

    slope = jax.grad(lambda x: fourth_power(x)[1])
    return [float(slope(X)) for _ in range(2)]


# What grad is


@row("engine", "torch", "`x.grad` before any pass; of y, which was computed, after one")
def torch_grad_of_others():
    import torch

    return others(torch.tensor(X, requires_grad=True))


@row("engine", "tinygrad", "the same")
def tinygrad_grad_of_others():
    from tinygrad import Tensor

    return others(Tensor([X]))


@row("engine", "micrograd", "the same (ours is 0, and 18)")
def micrograd_grad_of_others():
    from micrograd.engine import Value

    return others(Value(X))


def others(x):
    """The gradient before a pass, and that of a computed value after it."""
    before = plain(x.grad)
    y, z = fourth_power(x)
    z.sum().backward() if hasattr(z, "sum") else z.backward()
    return [before, plain(y.grad)]


@row("engine", "torch", "slope of a number that has no part in it")
def torch_grad_of_a_stranger():
    import torch

    x, other = (torch.tensor(X, requires_grad=True) for _ in range(2))
    fourth_power(x)[1].backward()
    return plain(other.grad)


@row("engine", "jax", "the same, of `jax.grad`")
def jax_grad_of_a_stranger():
    import jax

    return jax.grad(lambda x, other: fourth_power(x)[1], argnums=1)(X, X)


@row("engine", "autograd", "the same, of `autograd.grad`")
def autograd_grad_of_a_stranger():
    import autograd

    return autograd.grad(lambda x, other: fourth_power(x)[1], 1)(X, X)


@row("engine", "tensorflow", "the same, of `GradientTape.gradient`")
def tensorflow_grad_of_a_stranger():
    import tensorflow as tf

    x, other = tf.Variable(X), tf.Variable(X)
    with tf.GradientTape() as tape:
        _, z = fourth_power(x)
    return plain(tape.gradient(z, other))


# Where a pass may begin


@row("engine", "torch", "backward from 2 · (1 2), two numbers")
def torch_from_two_numbers():
    import torch

    return torch_from([1.0, 2.0], torch)


@row("engine", "torch", "the same from one number of shape (1, 1)")
def torch_from_one_by_one():
    import torch

    return torch_from([[1.0]], torch)


@row("engine", "torch", "the same from two whole numbers")
def torch_from_integers():
    import torch

    return torch_from([1, 2], torch)


def torch_from(data, torch):
    """PyTorch's slopes of 2x, whatever its shape."""
    x = torch.tensor(data, requires_grad=True)
    (2 * x).backward()
    return x.grad.tolist()


@row("engine", "tinygrad", "backward from 2 · (1 2), two numbers")
def tinygrad_from_two_numbers():
    return tinygrad_from([1.0, 2.0])


@row("engine", "tinygrad", "the same from one number of shape (1, 1)")
def tinygrad_from_one_by_one():
    return tinygrad_from([[1.0]])


def tinygrad_from(data):
    """tinygrad's slopes of 2x, whatever its shape."""
    from tinygrad import Tensor

    x = Tensor(data)
    (x * 2).backward()
    return x.grad.tolist()


@row("engine", "jax", "`jax.grad` of 2 · (1 2), two numbers")
def jax_from_two_numbers():
    return jax_from([1.0, 2.0])


@row("engine", "jax", "the same of one number of shape (1, 1)")
def jax_from_one_by_one():
    return jax_from([[1.0]])


@row("engine", "jax", "the same of a whole number")
def jax_from_an_integer():
    return jax_from(3)


def jax_from(data):
    """JAX's slopes of 2x, whatever its shape."""
    import jax
    import jax.numpy as jnp

    return jax.grad(lambda x: 2 * x)(jnp.asarray(data))


@row("engine", "autograd", "`autograd.grad` of 2 · (1 2), two numbers")
def autograd_from_two_numbers():
    return autograd_from([1.0, 2.0])


@row("engine", "autograd", "the same of one number of shape (1, 1)")
def autograd_from_one_by_one():
    return autograd_from([[1.0]])


def autograd_from(data):
    """autograd's slopes of 2x, whatever its shape."""
    import autograd
    import autograd.numpy as anp

    return autograd.grad(lambda x: 2 * x)(anp.array(data))


@row("engine", "tensorflow", "`GradientTape.gradient` of 2 · (1 2), two numbers")
def tensorflow_from_two_numbers():
    import tensorflow as tf

    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        out = 2 * x
    return tape.gradient(out, x).numpy()
