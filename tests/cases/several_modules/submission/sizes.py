import numpy as np


def size(x):
    return int(np.size(x))
