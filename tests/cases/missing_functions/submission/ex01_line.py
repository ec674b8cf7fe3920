import numpy as np


def mean(x):
    return float(np.sum(x) / np.size(x))
