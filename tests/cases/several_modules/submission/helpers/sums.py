import numpy as np


def total(x):
    return float(np.sum(x))
