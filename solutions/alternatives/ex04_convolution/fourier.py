"""Convolution by the fast Fourier transform: a correlation is a product of spectra."""

import numpy as np


def output_size(size, field, stride, pad):
    """Count the places of the field."""
    if field < 1 or stride < 1 or pad < 0 or field > size + 2 * pad:
        raise ValueError("no such layer")
    return 1 + (size + 2 * pad - field) // stride


def conv_forward(x, w, b, stride=1, pad=0):
    """Multiply the picture's spectrum with the filters' conjugates."""
    if np.shape(x)[1] != np.shape(w)[1]:
        raise ValueError("x and w need the same number of channels")
    h, width = x.shape[2:]
    rows = output_size(h, w.shape[2], stride, pad)
    columns = output_size(width, w.shape[3], stride, pad)
    size = (h + 2 * pad, width + 2 * pad)
    spectrum = np.fft.rfft2(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))))
    filters = np.fft.rfft2(w, s=size)
    everywhere = np.fft.irfft2(np.einsum("nckl,fckl->nfkl", spectrum, filters.conj()), s=size)
    valid = everywhere[
        :, :, : (rows - 1) * stride + 1 : stride, : (columns - 1) * stride + 1 : stride
    ]
    return valid + np.reshape(b, (-1, 1, 1)), (
        spectrum,
        filters,
        x.shape,
        w.shape,
        stride,
        pad,
        size,
    )


def conv_backward(dout, cache):
    """Put dout on the padded picture's grid and multiply spectra again."""
    spectrum, filters, x_shape, w_shape, stride, pad, size = cache
    n, f, rows, columns = dout.shape
    grid = np.zeros((n, f, *size))
    grid[:, :, : (rows - 1) * stride + 1 : stride, : (columns - 1) * stride + 1 : stride] = dout
    dspectrum = np.fft.rfft2(grid)
    dw = np.fft.irfft2(np.einsum("nfkl,nckl->fckl", dspectrum.conj(), spectrum), s=size)
    dpadded = np.fft.irfft2(np.einsum("nfkl,fckl->nckl", dspectrum, filters), s=size)
    dx = dpadded[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]]
    return dx, dw[:, :, : w_shape[2], : w_shape[3]], grid.sum(axis=(0, 2, 3))


def parameter_counts(c, h, w, f, field):
    """Count weights and biases."""
    maps = f * (h - field + 1) * (w - field + 1)
    weights = c * field * field
    return {
        "shared": f * weights + f,
        "locally_connected": maps * weights + maps,
        "fully_connected": maps * c * h * w + maps,
    }
