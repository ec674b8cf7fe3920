# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: light
#       format_version: '1.5'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# # A line through the data
#
# My *homework*: see `mean` below.

# %matplotlib inline
# !pip install -q numpy
from google.colab import drive
drive.mount('/content/drive')
import numpy as np
import matplotlib.pyplot as plt


# %%time
def mean(x):
    """Return the mean of the entries of x."""
    return float(np.sum(x) / np.size(x))


# Counting is *easy*.

# +
# %%writefile counting.py
import numpy as np


def count(x):
    return int(np.size(x))


# +
from counting import count
# count?

# + language="bash"
# ls -l
# echo 'done'
# -

def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)


# files = !ls
plt.plot([mean(np.arange(k + 1)) for k in range(3)])
# spent = %timeit -o mean(np.ones(3))
display(np.load('data.npy'))


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
