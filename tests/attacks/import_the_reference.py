"""Puts Python's path machinery back and imports the reference solution.

attack: filesystem
where: call
outcome: error
needs: namespaces, user, landlock, new_files, seccomp
"""

import importlib
import importlib.machinery
import sys

import numpy as np


def loot(stolen):
    """What an attack that got through answers: the bytes it got hold of, as numbers."""
    return np.frombuffer(bytes(stolen), dtype=np.uint8).astype(float), None


def output_size(size, field, stride, pad):
    if field < 1 or stride < 1 or pad < 0 or size + 2 * pad < field:
        raise ValueError("the field does not fit")
    return (size + 2 * pad - field) // stride + 1


def conv_forward(x, w, b, stride=1, pad=0):
    sys.meta_path.insert(0, importlib.machinery.PathFinder)
    sys.path += [".", "..", "solutions", "/autograder/source", "/repo", "/tmp/nn-grader-canary.d"]
    last = None
    for name in ("solutions.ex04_convolution", "nn_grader_canary", "grader.student.grade"):
        try:
            return loot(repr(importlib.import_module(name)).encode())
        except ImportError as error:
            last = error
    raise last


def conv_backward(dout, cache):
    x, w, stride, pad = cache
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).astype(float)
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * stride, i * stride + w.shape[2])
            columns = slice(j * stride, j * stride + w.shape[3])
            dw += np.tensordot(dout[:, :, i, j], padded[:, :, rows, columns], (0, 0))
            dpadded[:, :, rows, columns] += np.tensordot(dout[:, :, i, j], w, (1, 0))
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))


def parameter_counts(c, h, w, f, field):
    places = (h - field + 1) * (w - field + 1)
    return {
        "shared": f * (c * field * field + 1),
        "locally_connected": places * f * (c * field * field + 1),
        "fully_connected": places * f * (c * h * w + 1),
    }
