"""Mistakes that people make with fully connected layers, each a small change on the reference, whose
cache is (x, w) for a layer and (caches of the layers, masks between them) for a network.
"""

import numpy as np

from grader.checks import misconception


def wrong_affine(change):
    """An affine_backward whose gradients `change(dx, dw, db, dout, x, w)` replaces."""

    def make(reference):
        def affine_backward(dout, cache):
            return change(*reference.affine_backward(dout, cache), dout, *cache)

        return affine_backward

    return make


def backward(reference, dout, cache, *, use=lambda dx, on: np.where(on, dx, 0)):
    """mlp_backward with `use(dx, mask)` between the layers."""
    layers, masks = cache
    dx, dw, db = reference.affine_backward(dout, layers[-1])
    grads = [(dw, db)]
    for layer, on in zip(reversed(layers[:-1]), reversed(masks), strict=True):
        dx, dw, db = reference.affine_backward(use(dx, on), layer)
        grads.append((dw, db))
    return dx, grads[::-1]


# One layer, forward


@misconception(
    hint="Flattening keeps each example in a row of its own: reshape(N, -1), with N first, and no "
    "transpose.",
    caught_by="test_examples_are_flattened",
)
def examples_mixed_by_reshape(reference):
    def affine_forward(x, w, b):
        flat = np.asarray(x).reshape(w.shape[0], len(x)).T if np.ndim(x) > 2 else x
        return reference.affine_forward(flat, w, b)[0], reference.affine_forward(x, w, b)[1]

    return affine_forward


@misconception(
    hint="An example must be read row by row, the last axis fastest: reshape does just that, without "
    "order='F' or a transpose before it.",
    caught_by="test_examples_are_flattened",
)
def flattened_column_by_column(reference):
    def affine_forward(x, w, b):
        x = np.asarray(x)
        turned = x.transpose(0, *range(x.ndim - 1, 0, -1)).reshape(len(x), -1)
        return reference.affine_forward(turned, w, b)[0], reference.affine_forward(x, w, b)[1]

    return affine_forward


@misconception(
    hint="The bias belongs to the units, which are columns, not to the examples, which are rows.",
    caught_by="test_output_shape",
)
def bias_per_example(reference):
    def affine_forward(x, w, b):
        out, cache = reference.affine_forward(x, w, 0 * b)
        return out + np.reshape(b, (-1, 1)), cache

    return affine_forward


@misconception(
    hint="Examples are the rows of x and units the columns of w: x @ w, without a transpose. (The weights of "
    "PyTorch's Linear lie the other way round.)",
    caught_by="test_output_shape",
)
def weights_transposed(reference):
    def affine_forward(x, w, b):
        flat = np.asarray(x).reshape(len(x), -1)
        return flat @ w.T + b, reference.affine_forward(x, w, b)[1]

    return affine_forward


@misconception(
    hint="Does an example of zeros give b? Your code never adds the biases to the sums.",
    caught_by="test_bias",
)
def no_bias(reference):
    def affine_forward(x, w, b):
        return reference.affine_forward(x, w, 0 * np.asarray(b))

    return affine_forward


@misconception(
    hint="Pictures must become rows first: x of shape (N, d1, …, dk) is reshaped to (N, D).",
    caught_by="test_output_shape",
)
def does_not_flatten(reference):
    def affine_forward(x, w, b):
        return np.asarray(x) @ w + b, reference.affine_forward(x, w, b)[1]

    return affine_forward


@misconception(
    hint="Such a layer has no activation of its own: ReLU comes between the layers of a network.",
    caught_by="test_values",
)
def layer_with_relu(reference):
    def affine_forward(x, w, b):
        out, cache = reference.affine_forward(x, w, b)
        return np.maximum(out, 0), cache

    return affine_forward


@misconception(
    hint="Where x holds whole numbers the output has fractions all the same: an array made with x's "
    "dtype (dtype=x.dtype, zeros_like) cuts them off.",
    caught_by="test_other_number_types",
)
def output_of_the_type_of_x(reference):
    def affine_forward(x, w, b):
        out, cache = reference.affine_forward(x, w, b)
        return out.astype(x.dtype), cache

    return affine_forward


# One layer, backward


@misconception(
    hint="dw must have the shape of w, (D, M). Write the shapes under x.T @ dout and dout.T @ x.",
    caught_by="test_gradient_shapes",
)
def dw_transposed(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw.T, db))(reference)


@misconception(
    hint="Going back through w means multiplying by its transpose: dout @ w.T.",
    caught_by="test_gradient_shapes",
)
def dx_without_transpose(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: ((dout @ w).reshape(x.shape), dw, db))(
        reference
    )


@misconception(
    hint="There is one bias per unit: sum dout over the examples only (axis=0), not over everything.",
    caught_by="test_gradient_shapes",
)
def db_summed_over_everything(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw, np.asarray(dout.sum())))(reference)


@misconception(
    hint="Sum over the examples, axis 0; yours sums over the units, axis 1.",
    caught_by="test_gradient_shapes",
)
def db_summed_over_units(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw, dout.sum(axis=1)))(reference)


@misconception(
    hint="The average belongs to the loss: a layer only adds up over the examples.",
    caught_by="test_bias_gradient",
)
def db_is_a_mean(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw, dout.mean(axis=0)))(reference)


@misconception(
    hint="db must have exactly the shape of b, (M,), not (1, M): leave keepdims out.",
    caught_by="test_gradient_shapes",
)
def db_keeps_an_axis(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw, db[None]))(reference)


@misconception(
    hint="Who divides by N? The loss does, once; the layer's dw and db are plain sums.",
    caught_by="test_backward_is_the_gradient_of_forward",
)
def divided_by_batch_size(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw / len(dout), db / len(dout)))(
        reference
    )


@misconception(
    hint="dx has the shape of x: undo the flattening with reshape(x.shape).",
    caught_by="test_gradient_shapes",
)
def dx_stays_flat(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx.reshape(len(dx), -1), dw, db))(reference)


@misconception(
    hint="The same b was used for every example, so its gradient adds up over them: sum dout over axis 0.",
    caught_by="test_gradient_shapes",
)
def db_is_dout(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw, dout))(reference)


@misconception(
    hint="db counts the examples, so with dout all 1 it is N: use the whole dout, not its first row.",
    caught_by="test_bias_gradient",
)
def db_of_the_first_example(reference):
    return wrong_affine(lambda dx, dw, db, dout, x, w: (dx, dw, dout[0]))(reference)


@misconception(
    hint="Undo the flattening in the same order: reshape(x.shape), with no transpose.",
    caught_by="test_backward_of_flattened_examples",
)
def dx_reshaped_column_by_column(reference):
    def change(dx, dw, db, dout, x, w):
        return dx.reshape(len(x), -1).reshape(x.shape, order="F"), dw, db

    return wrong_affine(change)(reference)


@misconception(
    hint="What the backward pass needs belongs in the cache. A global holds only the latest call.",
    caught_by="test_no_hidden_state",
)
def cache_in_a_global(reference):
    latest = {}

    def affine_forward(x, w, b):
        out, latest["cache"] = reference.affine_forward(x, w, b)
        return out, None

    def affine_backward(dout, cache):
        return reference.affine_backward(dout, latest["cache"])

    return affine_forward, affine_backward


# A network


@misconception(
    hint="No ReLU after the last layer: its output may be negative.",
    caught_by="test_network_by_hand",
)
def relu_after_the_last_layer(reference):
    def mlp_forward(x, params):
        out, cache = reference.mlp_forward(x, params)
        return np.maximum(out, 0), cache

    return mlp_forward


@misconception(
    hint="Between two layers stands a ReLU. Without it the whole network is a single linear layer.",
    caught_by="test_network_by_hand",
)
def no_relu_between(reference):
    def mlp_forward(x, params):
        out, cache = x, reference.mlp_forward(x, params)[1]
        for w, b in params:
            out, _ = reference.affine_forward(out, w, b)
        return out, cache

    return mlp_forward


@misconception(
    hint="The input goes into the first layer as it is: ReLU follows a layer, and none comes before the "
    "first.",
    caught_by="test_one_layer_has_no_relu",
)
def relu_on_the_input(reference):
    def mlp_forward(x, params):
        return reference.mlp_forward(np.maximum(x, 0), params)

    return mlp_forward


@misconception(
    hint="Hidden units have fractions even where x holds whole numbers: an array made with x's dtype "
    "(dtype=x.dtype, zeros_like) cuts them off.",
    caught_by="test_network_with_other_number_types",
)
def hidden_units_of_the_type_of_x(reference):
    def mlp_forward(x, params):
        dtype = np.asarray(x).dtype
        out, cache = reference.affine_forward(x, *params[0])
        caches, masks = [cache], []
        for w, b in params[1:]:
            masks.append(out > 0)
            out, cache = reference.affine_forward(np.maximum(out, 0).astype(dtype), w, b)
            caches.append(cache)
        return out, (caches, masks)

    return mlp_forward


@misconception(
    hint="The way back must pass the ReLUs, too: units that were off let nothing through.",
    caught_by="test_network_backward",
)
def backward_forgets_relu(reference):
    def mlp_backward(dout, cache):
        return backward(reference, dout, cache, use=lambda dx, on: dx)

    return mlp_backward


@misconception(
    hint="Whether a unit was on is decided by its sum in the forward pass, not by the sign of the "
    "gradient that comes back.",
    caught_by="test_network_backward",
)
def mask_from_the_gradient(reference):
    def mlp_backward(dout, cache):
        return backward(reference, dout, cache, use=lambda dx, on: np.maximum(dx, 0))

    return mlp_backward


@misconception(
    hint="params begins with the first layer, and so must grads: you collect from the last "
    "layer on, so reverse the list.",
    caught_by="test_network_gradient_shapes",
)
def grads_last_layer_first(reference):
    def mlp_backward(dout, cache):
        dx, grads = reference.mlp_backward(dout, cache)
        return dx, grads[::-1]

    return mlp_backward


@misconception(
    hint="Only the last layer is gone back through: keep the cache of every layer in a list, and go back "
    "through all of them.",
    caught_by="test_network_gradient_shapes",
)
def only_the_last_layer(reference):
    def mlp_backward(dout, cache):
        dx, dw, db = reference.affine_backward(dout, cache[0][-1])
        return dx, [(dw, db)]

    return mlp_backward


@misconception(
    hint="There is no ReLU after the last layer, so dout reaches it as it is.",
    caught_by="test_network_backward",
)
def backward_masks_dout(reference):
    def mlp_forward(x, params):
        out, cache = reference.mlp_forward(x, params)
        return out, (cache, out > 0)

    def mlp_backward(dout, cache):
        inner, on = cache
        return reference.mlp_backward(dout * on, inner)

    return mlp_forward, mlp_backward


@misconception(
    hint="At a sum of exactly 0 your slope is 1, as in PyTorch's clamp and tf.maximum; here the unit is off "
    "and its slope 0, as in the relu of PyTorch, JAX and Keras: the mask is > 0, not >= 0.",
    caught_by="test_units_that_are_off",
)
def hidden_slope_one_at_zero(reference):
    def mlp_forward(x, params):
        out, (layers, _) = reference.mlp_forward(x, params)
        masks, hidden = [], x
        for w, b in params[:-1]:
            sums, _ = reference.affine_forward(hidden, w, b)
            masks.append(sums >= 0)
            hidden = np.maximum(sums, 0)
        return out, (layers, masks)

    return mlp_forward


@misconception(
    hint="Each pair is (dw, db), in the order of (w, b): yours is (db, dw).",
    caught_by="test_network_gradient_shapes",
)
def pairs_swapped(reference):
    def mlp_backward(dout, cache):
        dx, grads = reference.mlp_backward(dout, cache)
        return dx, [(db, dw) for dw, db in grads]

    return mlp_backward
