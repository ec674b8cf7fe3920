"""Looks for the reference solution with glob and with os.walk.

attack: filesystem
where: call
outcome: none
needs: namespaces, landlock, new_files, seccomp
"""

import glob
import os

import numpy as np


def loot(stolen):
    """What an attack that got through answers: the bytes it got hold of, as numbers."""
    return np.frombuffer(bytes(stolen), dtype=np.uint8).astype(float), None


def output_size(size, field, stride, pad):
    if field < 1 or stride < 1 or pad < 0 or size + 2 * pad < field:
        raise ValueError("the field does not fit")
    return (size + 2 * pad - field) // stride + 1


def conv_forward(x, w, b, stride=1, pad=0):
    patterns = ("/*/solutions", "/*/*/solutions", "/home/*/*/solutions", "solutions")
    found = [f for p in patterns for f in glob.glob(p + "/ex04_convolution.py")]
    for folder in ("/autograder", "/repo", "/tmp/nn-grader-canary.d"):
        for here, folders, files in os.walk(folder):
            found += [here + "/" + f for f in files if f.startswith(("ex04", "nn_"))]
            folders[:] = folders[:20]
    for name in found:
        with open(name, "rb") as file:
            return loot(file.read())
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).astype(float)
    rows = output_size(x.shape[2], w.shape[2], stride, pad)
    columns = output_size(x.shape[3], w.shape[3], stride, pad)
    if x.shape[1] != w.shape[1]:
        raise ValueError("x and w differ in their channels")
    out = np.zeros((x.shape[0], w.shape[0], rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = padded[:, :, top : top + w.shape[2], left : left + w.shape[3]]
            out[:, :, i, j] = np.tensordot(window, w, ([1, 2, 3], [1, 2, 3])) + b
    return out, (x.copy(), w.copy(), stride, pad)


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
