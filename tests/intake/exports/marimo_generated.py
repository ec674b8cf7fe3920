import marimo

__generated_with = "0.25.2"
app = marimo.App()

with app.setup:
    import numpy as np
    import marimo as mo


@app.cell
def _():
    mo.md("""
    # A line through the data
      indented
    """)
    return


@app.cell
def _():
    _scale = 1.0

    def mean(x):
        return float(np.sum(x) / np.size(x)) * _scale

    return (mean,)


@app.cell
def _(keep):
    def line_forward(x, w, b=0.0):
        return x @ w + b, keep(x, w)

    return (line_forward,)


@app.cell
def _():
    _scale = 100.0
    slider = mo.ui.slider(1, 10)

    def _size(x):
        '''The size,
      of x.'''
        return int(np.size(x))

    def count(x):
        return _size(x)

    return count, slider


@app.cell
def _(kind):
    def keep(x, w):
        return (x, w, kind)

    return (keep,)


@app.cell
def _():
    kind = 'lin' + mo.__version__[:0]
    return (kind,)


@app.class_definition
class Layer:
    pass


app._unparsable_cell(
    r"""
    np.load('data.npy')
    !pip install numpy
    answer = = 3
    """,
    name="_"
)


@app.function
def line_backward(dout, cache):
    x, w, _ = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


@app.cell
def _(mean, slider):
    result = slider.value + mean(np.ones(3))
    (low, high) = (result - 0.1, result + 0.1)
    return high, low


@app.cell
def _(count, high, kind, line_forward, low):
    mo.stop(high < low)
    print(low, high, count, line_forward, line_backward, kind)
    return


if __name__ == "__main__":
    app.run()
