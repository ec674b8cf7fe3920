"""Rows for ex08 and ex09: the start, the step, the epoch."""

from __future__ import annotations

import warnings

from .registry import row

# The start. Spread is the standard deviation times the root of the number of inputs (ours: 1.414)


def _spread(weights, inputs):
    import numpy as np

    weights = np.asarray(weights, float)
    spread = round(float(weights.std() * inputs**0.5), 2)
    return f"spread {spread:g}, largest {np.abs(weights).max() / weights.std():.1f} of it"


@row("start", "torch", "`nn.Linear(1000, 1000)`, weights")
def torch_linear_start():
    import torch

    torch.manual_seed(0)
    return _spread(torch.nn.Linear(1000, 1000).weight.detach(), 1000)


@row("start", "torch", "`nn.Linear(1000, 1000)`, are all biases 0?")
def torch_bias_start():
    import torch

    return bool((torch.nn.Linear(1000, 1000).bias == 0).all())


@row("start", "keras", "`layers.Dense`, 1000 to 1000, weights")
def keras_dense_start():
    import keras

    keras.utils.set_random_seed(0)
    layer = keras.layers.Dense(1000)
    layer.build((None, 1000))
    return _spread(keras.ops.convert_to_numpy(layer.kernel), 1000)


@row("start", "keras", "`layers.Dense`, are all biases 0?")
def keras_bias_start():
    import keras

    layer = keras.layers.Dense(1000)
    layer.build((None, 1000))
    return bool((keras.ops.convert_to_numpy(layer.bias) == 0).all())


@row("start", "keras", "`HeNormal`, (1000, 1000)")
def keras_he_normal():
    import keras

    return _spread(
        keras.ops.convert_to_numpy(keras.initializers.HeNormal(seed=0)((1000, 1000))), 1000
    )


@row("start", "jax", "`he_normal`, (1000, 1000)")
def jax_he_normal():
    import jax

    return _spread(jax.nn.initializers.he_normal()(jax.random.key(0), (1000, 1000)), 1000)


@row("start", "torch", "`kaiming_normal_` of a (1000, 10) array, 1000 inputs, as ours lie")
def torch_kaiming_our_layout():
    import torch

    torch.manual_seed(0)
    weights = torch.nn.init.kaiming_normal_(torch.empty(1000, 10))
    return f"spread {round(float(weights.std()) * 1000**0.5):d}"


@row("start", "tinygrad", "`nn.Linear(200, 100)`, weights")
def tinygrad_linear_start():
    from tinygrad import Tensor
    from tinygrad.nn import Linear

    Tensor.manual_seed(0)
    return _spread(Linear(200, 100).weight.numpy(), 200)


@row("start", "scikit-learn", "`MLPClassifier`: are all biases 0 at the start?")
def sklearn_bias_start():
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = MLPClassifier(
            (5,), solver="sgd", learning_rate_init=1e-30, max_iter=1, random_state=0
        )
        model.fit([[0.0], [1.0]], [0, 1])
    return bool(all((b == 0).all() for b in model.intercepts_))


# The step


def _torch_steps(optimizer, gradients, rates=None, start=1.0):
    import torch

    weight = torch.tensor([start], dtype=torch.float64, requires_grad=True)
    rule = optimizer([weight])
    for step, gradient in enumerate(gradients):
        if rates:
            rule.param_groups[0]["lr"] = rates[step]
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        rule.step()
    return weight.item()


def _keras_steps(rule, gradients, rates=None, start=1.0):
    import keras
    import numpy as np

    weight = keras.Variable(np.array([start], "float32"))
    rule.build([weight])
    for step, gradient in enumerate(gradients):
        if rates:
            rule.learning_rate = rates[step]
        slope = keras.ops.convert_to_tensor(np.array([gradient], "float32"))
        rule.apply([slope], [weight])
    return keras.ops.convert_to_numpy(weight)[0]


@row("step", "torch", "`SGD(momentum=0.9)` from 0, gradient 1 twice, rates 1 and 0.1")
def torch_momentum():
    import torch

    return _torch_steps(lambda p: torch.optim.SGD(p, lr=1, momentum=0.9), [1, 1], [1, 0.1], 0.0)


@row("step", "keras", "`SGD(momentum=0.9)`, the same")
def keras_momentum():
    import keras

    return _keras_steps(keras.optimizers.SGD(1.0, momentum=0.9), [1, 1], [1.0, 0.1], 0.0)


@row("step", "tinygrad", "`SGD(momentum=0.9)`, the same")
def tinygrad_momentum():
    from tinygrad import Context, Tensor
    from tinygrad.nn.optim import SGD

    weight = Tensor([0.0]).contiguous().realize()
    rule = SGD([weight], lr=1.0, momentum=0.9)
    with Context(TRAINING=1):
        for rate in (1.0, 0.1):
            rule.lr.assign(Tensor([rate])).realize()
            weight.grad = Tensor([1.0])
            rule.step()
    return weight.tolist()


@row("step", "torch", "`SGD(momentum=0.9, nesterov=True)` from 0, gradient 1 once, rate 1")
def torch_nesterov():
    import torch

    return _torch_steps(
        lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, nesterov=True), [1], None, 0.0
    )


@row("step", "keras", "`SGD(momentum=0.9, nesterov=True)`, the same")
def keras_nesterov():
    import keras

    return _keras_steps(keras.optimizers.SGD(1.0, momentum=0.9, nesterov=True), [1], None, 0.0)


@row("step", "torch", "`SGD(momentum=0.9, dampening=0.9)` from 0, gradient 1 twice, rate 1")
def torch_dampening():
    import torch

    return _torch_steps(
        lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, dampening=0.9), [1, 1], None, 0.0
    )


@row("step", "torch", "`Adam` from 1, gradient 10⁻⁶, rate 0.1")
def torch_adam():
    import torch

    return _torch_steps(lambda p: torch.optim.Adam(p, lr=0.1), [1e-6])


@row("step", "keras", "`Adam`, the same")
def keras_adam():
    import keras

    return _keras_steps(keras.optimizers.Adam(0.1), [1e-6])


@row("step", "tinygrad", "`Adam`, the same")
def tinygrad_adam():
    from tinygrad import Context, Tensor
    from tinygrad.nn.optim import Adam

    weight = Tensor([1.0]).contiguous().realize()
    rule = Adam([weight], lr=0.1)
    weight.grad = Tensor([1e-6])
    with Context(TRAINING=1):
        rule.step()
    return weight.tolist()


@row("step", "scikit-learn", "`MLPRegressor`'s Adam, the same")
def sklearn_adam():
    import numpy as np
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

    weight = np.array([1.0])
    AdamOptimizer([weight], 0.1).update_params([weight], [np.array([1e-6])])
    return weight


@row("step", "torch", "`RMSprop` from 1, gradient 1, rate 0.1")
def torch_rmsprop():
    import torch

    return _torch_steps(lambda p: torch.optim.RMSprop(p, lr=0.1), [1.0])


@row("step", "keras", "`RMSprop`, the same")
def keras_rmsprop():
    import keras

    return _keras_steps(keras.optimizers.RMSprop(0.1), [1.0])


@row("step", "torch", "`Adagrad` from 1, gradient 1, rate 0.1")
def torch_adagrad():
    import torch

    return _torch_steps(lambda p: torch.optim.Adagrad(p, lr=0.1), [1.0])


@row("step", "keras", "`Adagrad`, the same")
def keras_adagrad():
    import keras

    return _keras_steps(keras.optimizers.Adagrad(0.1), [1.0])


# The epoch


@row(
    "epoch", "keras", "`fit`, rate 0, errors 0 0 3, batches of 2: the epoch's loss (mean of all: 3)"
)
def keras_epoch_loss():
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = np.zeros((3, 1), "float32"), np.array([[0.0], [0.0], [3.0]], "float32")
    return model.fit(x, y, batch_size=2, shuffle=False, verbose=0).history["loss"]


@row(
    "epoch",
    "keras",
    "`fit`, one sample, error 2, rate 0.25: the loss of the first epoch (before its step 4, after it 1)",
)
def keras_epoch_moment():
    import keras
    import numpy as np

    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(0.25), "mse")
    x, y = np.ones((1, 1), "float32"), np.full((1, 1), 2.0, "float32")
    return model.fit(x, y, epochs=1, verbose=0).history["loss"]


@row("epoch", "torch", "`DataLoader`, 5 samples, batches of 2: sizes")
def torch_last_batch():
    import torch

    loader = torch.utils.data.DataLoader(torch.arange(5), batch_size=2)
    return [len(batch) for batch in loader]


@row("epoch", "torch", "`DataLoader`: does it shuffle when nothing is said?")
def torch_shuffles():
    import torch

    loader = torch.utils.data.DataLoader(torch.arange(1000), batch_size=1000)
    return bool((next(iter(loader)) != torch.arange(1000)).any())


@row("epoch", "keras", "`fit`: does it shuffle when nothing is said?")
def keras_shuffles():
    import inspect

    import keras

    return inspect.signature(keras.Model.fit).parameters["shuffle"].default
