#!/usr/bin/env python
# coding: utf-8

# # A line through the data
# 
# My *homework*: see `mean` below.

get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().system('pip install -q numpy')
from google.colab import drive
drive.mount('/content/drive')
import numpy as np
import matplotlib.pyplot as plt


get_ipython().run_cell_magic('time', '', 'def mean(x):\n    """Return the mean of the entries of x."""\n    return float(np.sum(x) / np.size(x))\n')


# Counting is *easy*.

get_ipython().run_cell_magic('writefile', 'counting.py', 'import numpy as np\n\n\ndef count(x):\n    return int(np.size(x))\n')


from counting import count
get_ipython().run_line_magic('pinfo', 'count')


get_ipython().run_cell_magic('bash', '', "ls -l\necho 'done'\n")


def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)


files = get_ipython().getoutput('ls')
plt.plot([mean(np.arange(k + 1)) for k in range(3)])
spent = get_ipython().run_line_magic('timeit', '-o mean(np.ones(3))')
display(np.load('data.npy'))


def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)

