"""ex04, Amira: im2col, so that everything is one matrix product."""
import numpy as np


def output_size(size, field, stride, pad):
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("the field does not fit")
    return (size + 2 * pad - field) // stride + 1


def im2col(x, HH, WW, stride, pad):
    N, C, H, W = x.shape
    H_out = output_size(H, HH, stride, pad)
    W_out = output_size(W, WW, stride, pad)
    img = np.pad(np.asarray(x, float), [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.zeros((N, C, HH, WW, H_out, W_out), dtype=img.dtype)
    for i in range(HH):
        for j in range(WW):
            col[:, :, i, j] = img[:, :, i:i + stride * H_out:stride, j:j + stride * W_out:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * H_out * W_out, -1)


def conv_forward(x, w, b, stride=1, pad=0):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = output_size(H, HH, stride, pad)
    W_out = output_size(W, WW, stride, pad)
    col = im2col(x, HH, WW, stride, pad)
    out = col @ w.reshape(F, -1).T + b
    out = out.reshape(N, H_out, W_out, F).transpose(0, 3, 1, 2)
    return out, {"x_shape": x.shape, "col": col, "w": w, "stride": stride, "pad": pad}


def conv_backward(dout, cache):
    N, C, H, W = cache["x_shape"]
    w, stride, pad = cache["w"], cache["stride"], cache["pad"]
    F, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    d = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    db = d.sum(axis=0)
    dw = (d.T @ cache["col"]).reshape(w.shape)
    dcol = (d @ w.reshape(F, -1)).reshape(N, H_out, W_out, C, HH, WW).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for i in range(HH):
        for j in range(WW):
            img[:, :, i:i + stride * H_out:stride, j:j + stride * W_out:stride] += dcol[:, :, i, j]
    return img[:, :, pad:pad + H, pad:pad + W], dw, db


def parameter_counts(c, h, w, f, field):
    H_out = h - field + 1
    W_out = w - field + 1
    conv = f * (c * field * field + 1)
    local = f * H_out * W_out * (c * field * field + 1)
    fc = (c * h * w + 1) * f * H_out * W_out
    return {"shared": conv, "locally_connected": local, "fully_connected": fc}
