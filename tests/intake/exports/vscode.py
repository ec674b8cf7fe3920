# %% [markdown]
# # A line through the data
#
# My *homework*: see `mean` below.

# %%
%matplotlib inline
!pip install -q numpy
import numpy as np
import matplotlib.pyplot as plt

# %%
%%time
def mean(x):
    """Return the mean of the entries of x."""
    return float(np.sum(x) / np.size(x))

# %% Counting
def count(x):
    return int(np.size(x))

#%%
def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)

# %% the last

np.load('data.npy')
def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
