"""Fully connected layers in single precision; each cache is a function."""

import numpy as np


def affine_forward(x, w, b):
    """Multiply in single precision."""
    x, w, b = (np.array(a, dtype=np.float32) for a in (x, w, b))
    flat = x.reshape(len(x), -1)

    def back(dout):
        dout = np.asarray(dout, dtype=np.float32)
        return (dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(axis=0)

    return flat @ w + b, back


def affine_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)


def mlp_forward(x, params):
    """Chain the layers and their ways back."""
    steps = []
    for w, b in params[:-1]:
        x, back = affine_forward(x, w, b)
        steps.append((back, (x > 0).astype(np.float32)))
        x = x * steps[-1][1]
    x, last = affine_forward(x, *params[-1])

    def back_through_all(dout):
        dx, dw, db = last(dout)
        grads = [(dw, db)]
        for back, on in steps[::-1]:
            dx, dw, db = back(dx * on)
            grads.append((dw, db))
        grads.reverse()
        return dx, grads

    return x, back_through_all


def mlp_backward(dout, cache):
    """Call what forward left."""
    return cache(dout)
