"""Mistakes of the kinds that beginners make, one small hand-in each, for `diagnosis.py`.

The code comes after the reference solution and replaces functions there. `line` is a part of the line that
is wrong (empty where no single one is), `says` what the report should say as a regular expression, and
`never` what would be false.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """One hand-in, and what may be said of it."""

    exercise: str
    name: str
    code: str
    line: str = ""
    says: str = ""
    never: str = "keepdims|one too far|transposed\\?"


LOOPED = """
def conv_forward(x, w, b, stride=1, pad=0):
    N, C, H, W = x.shape
    F, channels, HH, WW = w.shape
    if C != channels:
        raise ValueError("channels")
    rows, columns = output_size(H, HH, stride, pad), output_size(W, WW, stride, pad)
    xp = np.pad(x.astype(float), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, rows, columns))
    for n in range(N):
        for f in range(F):
            for i in range(rows):
                for j in range(columns):
                    top, left = i * stride, j * stride
                    seen = xp[n, :, top : top + HH, left : left + WW]
                    out[n, f, i, j] = np.sum(seen * w[f]) + b[f]
    return out, (x.astype(float), w.astype(float), stride, pad)
"""

KINDS = [
    Kind(
        "ex01", "returned in the first turn",
        """
def not_gate(x):
    answers = []
    for row in x:
        answers.append(1 - int(row[0]))
        return np.array(answers)
""",
        line="return np.array(answers)", says="inside of the loop",
    ),
    Kind(
        "ex01", "one row for all",
        """
def or_gate(x):
    return np.array([int(x[0].max())])
""",
        says="one row, and wrong|comes from line",
    ),
    Kind(
        "ex01", "the last example left out",
        """
def perceptron_fit(x, y, epochs):
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(epochs):
        for i in range(len(x) - 1):
            miss = y[i] - int(x[i] @ w + b >= 0)
            w, b = w + miss * x[i], b + miss
    return w, b
""",
        line="range(len(x) - 1)", says="begins and ends",
    ),
    Kind(
        "ex02", "the slope of the other activation",
        """
def relu_backward(dout, cache):
    return dout * cache
""",
        says="comes from line|1 on the right|slope",
    ),
    Kind(
        "ex02", "a mistyped name of NumPy's",
        """
def sigmoid_forward(x):
    out = np.exp(-np.logadexp(0, -x))
    return out, out
""",
        line="logadexp", says="np\\.logaddexp",
    ),
    Kind(
        "ex03", "the batch taken for the features",
        """
def affine_backward(dout, cache):
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=1)
""",
        line="return dx", says="axes|axis|db",
    ),
    Kind("ex04", "rows for columns", LOOPED.replace("(W, WW,", "(H, WW,"), line="(H, WW,"),
    Kind("ex04", "without the stride", LOOPED.replace("i * stride, j * stride", "i, j"), line="= i, j"),
    Kind("ex04", "= for +=", LOOPED.replace("np.sum(seen * w[f]) + b[f]", "(seen * w[f]).max() + b[f]"), line="max() + b"),
    Kind("ex04", "the last row not computed", LOOPED.replace("range(rows)", "range(rows - 1)"), line="range(rows - 1)"),
    Kind(
        "ex05", "windows as long as the stride",
        """
def average_pool_forward(x, size=2, stride=2):
    N, C, H, W = x.shape
    if size < 1 or stride < 1 or size > H or size > W:
        raise ValueError("size")
    rows, columns = (H - size) // stride + 1, (W - size) // stride + 1
    out = np.zeros((N, C, rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            out[:, :, i, j] = x[:, :, top : top + stride, left : left + stride].mean(axis=(2, 3))
    return out, (x.shape, size, stride)
""",
        line="top + stride", says="stride",
    ),
    Kind(
        "ex06", "only the last sub-network",
        """
def ensemble_output(x, w, p_drop, n, rng):
    if n < 1:
        raise ValueError("n")
    for _ in range(n):
        thinned, _ = dropout_forward(x, p_drop, True, rng)
        mean = thinned @ w / n
    return mean
""",
        line="mean = thinned", never="number of examples",
    ),
    Kind(
        "ex07", "the whole columns",
        """
def cross_entropy_loss(logits, labels):
    p = softmax(logits)
    loss = -np.log(p[:, labels]).mean()
    p[np.arange(len(p)), labels] -= 1
    return loss, p / len(p)
""",
        line="p[:, labels]", says="column|pairs|index",
    ),
    Kind(
        "ex07", "divided by the number of classes",
        """
def mse_loss(pred, target):
    if pred.shape != target.shape:
        raise ValueError("shapes")
    gap = pred.astype(float) - target
    return (gap**2).mean(), 2 * gap / len(gap)
""",
        line="return (gap**2)", says="divided|entries",
    ),
    Kind(
        "ex08", "the same gradient for both",
        """
def sgd_step(params, grads, lr):
    return [(w - lr * g[0], b - lr * g[0].sum(axis=0)) for (w, b), g in zip(params, grads)]
""",
        line="for (w, b), g in",
    ),
]  # fmt: skip
