# /// script
# dependencies = ["numpy"]
# ///

import marimo

__generated_with = "0.25.2"
app = marimo.App()


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # A line through the data

    My *homework*: see `mean` below.
    """)
    return


@app.cell
def _():
    # '%matplotlib inline' command supported automatically in marimo
    # packages added via marimo's package management: numpy !pip install -q numpy
    from google.colab import drive
    drive.mount('/content/drive')
    import numpy as np
    import matplotlib.pyplot as plt

    return (np,)


@app.cell
def _(np):
    # magic command not supported in marimo; please file an issue to add support
    # %%time
    def mean(x):
        """Return the mean of the entries of x."""
        return float(np.sum(x) / np.size(x))

    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Counting is *easy*.
    """)
    return


@app.cell
def _():
    # magic command not supported in marimo; please file an issue to add support
    # %%writefile counting.py
    # import numpy as np
    # 
    # 
    # def count(x):
    #     return int(np.size(x))
    return


app._unparsable_cell(
    r"""
    from counting import count
    count?
    """,
    name="_"
)


@app.cell
def _():
    import subprocess
    subprocess.run("ls -l\necho 'done'", shell=True)
    return


@app.function
def line_forward(x, w, b=0.0):
    return x @ w + b, (x, w)


app._unparsable_cell(
    r"""
    files = !ls
    plt.plot([mean(np.arange(k + 1)) for k in range(3)])
    spent = %timeit -o mean(np.ones(3))
    display(np.load('data.npy'))
    """,
    name="_"
)


@app.function
def line_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


if __name__ == "__main__":
    app.run()
