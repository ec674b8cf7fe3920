# Emma
import numpy as np


def output_size(size, field, stride, pad):
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("the field does not fit")
    return (size + 2 * pad - field) // stride + 1


def conv_forward(x, w, b, stride=1, pad=0):
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    H_out = output_size(H, HH, stride, pad)
    W_out = output_size(W, WW, stride, pad)
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = xp[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, stride, pad)


def conv_backward(dout, cache):
    x, w, b, stride, pad = cache
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp = np.zeros(xp.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(b.shape)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    db[f] += dout[n, f, i, j]
                    r, c = i * stride, j * stride
                    window = xp[n, :, r:r + HH, c:c + WW]
                    dw[f] += window * dout[n, f, i, j]
                    dxp[n, :, r:r + HH, c:c + WW] += w[f] * dout[n, f, i, j]
    dw /= N   # average over the batch
    db /= N
    dx = dxp[:, :, pad:-pad, pad:-pad]
    return dx, dw, db


def parameter_counts(c, h, w, f, field):
    H_out = h - field + 1
    W_out = w - field + 1
    conv = f * (field * field + 1)
    local = f * H_out * W_out * (field * field + 1)
    fc = (h * w + 1) * f * H_out * W_out
    return {"shared": conv, "locally_connected": local, "fully_connected": fc}
