"""In the manner of minitorch: operations are classes with a forward and a backward, tensors have a history;
matrix products and sums are loops."""

import numpy as np


class Context:
    """What an operation keeps for its way back."""

    def __init__(self):
        """Keep nothing yet."""
        self.saved = ()

    def save(self, *values):
        """Keep values."""
        self.saved = values


class History:
    """Which operation made a tensor, from what."""

    def __init__(self, function, context, inputs):
        """Keep all three."""
        self.function, self.context, self.inputs = function, context, inputs


class Function:
    """An operation on arrays."""

    @classmethod
    def apply(cls, *inputs):
        """Run it on tensors, and note where the result came from."""
        context = Context()
        out = Tensor(cls.forward(context, *(t.data for t in inputs)))
        out.history = History(cls, context, inputs)
        return out


class Add(Function):
    """Sum."""

    @staticmethod
    def forward(context, a, b):
        """Add."""
        return a + b

    @staticmethod
    def backward(context, d):
        """The same to both."""
        return d, d


class Mul(Function):
    """Product."""

    @staticmethod
    def forward(context, a, b):
        """Multiply."""
        context.save(a, b)
        return a * b

    @staticmethod
    def backward(context, d):
        """Each gets the other."""
        a, b = context.saved
        return d * b, d * a


def _product(a, b):
    """A matrix product, one inner index after the other."""
    out = np.zeros((a.shape[0], b.shape[1]))
    for j in range(a.shape[1]):
        out += a[:, j, None] * b[j]
    return out


class MatMul(Function):
    """Matrix product."""

    @staticmethod
    def forward(context, a, b):
        """Multiply."""
        context.save(a, b)
        return _product(a, b)

    @staticmethod
    def backward(context, d):
        """Turned."""
        a, b = context.saved
        into_b = np.zeros(b.shape)
        for j in range(len(b)):
            into_b[j] = (a[:, j, None] * d).sum(axis=0)
        return _product(d, b.T), into_b


class ReLU(Function):
    """Positive part."""

    @staticmethod
    def forward(context, a):
        """Cut."""
        context.save(a)
        return np.maximum(a, 0)

    @staticmethod
    def backward(context, d):
        """Where it was on."""
        (a,) = context.saved
        return ((a > 0) * d,)


class Exp(Function):
    """Exponential."""

    @staticmethod
    def forward(context, a):
        """Raise."""
        out = np.exp(a)
        context.save(out)
        return out

    @staticmethod
    def backward(context, d):
        """Its own slope."""
        return (context.saved[0] * d,)


class Log(Function):
    """Logarithm."""

    @staticmethod
    def forward(context, a):
        """Log."""
        context.save(a)
        return np.log(a)

    @staticmethod
    def backward(context, d):
        """One over it."""
        return (d / context.saved[0],)


class Sum(Function):
    """Sum over the axis that the class says."""

    axis, keepdims = None, False

    @classmethod
    def forward(cls, context, a):
        """Add up slices."""
        context.save(a.shape)
        if cls.axis is None:
            return np.full((1,) * a.ndim if cls.keepdims else (), sum(a.ravel().tolist()))
        total = np.zeros(np.delete(a.shape, cls.axis))
        for part in np.moveaxis(a, cls.axis, 0):
            total = total + part
        return np.expand_dims(total, cls.axis) if cls.keepdims else total

    @classmethod
    def backward(cls, context, d):
        """Repeat."""
        (shape,) = context.saved
        if cls.axis is None:
            return (np.full(shape, d.item()),)
        if not cls.keepdims:
            d = np.expand_dims(d, cls.axis)
        return (np.repeat(d, shape[cls.axis], axis=cls.axis),)


class Reshape(Function):
    """Another shape, which the class says."""

    shape = ()

    @classmethod
    def forward(cls, context, a):
        """Reshape."""
        context.save(a.shape)
        return a.reshape(cls.shape)

    @staticmethod
    def backward(context, d):
        """Reshape back."""
        return (d.reshape(context.saved[0]),)


def _with_settings(function, **settings):
    """An operation with these settings."""
    return type(function.__name__, (function,), settings)


class Tensor:
    """Data, gradient, history."""

    def __init__(self, data):
        """A leaf."""
        self.data = np.array(data, dtype=float)
        self.grad = 0 * self.data
        self.history = None

    def __add__(self, other):
        """Add."""
        return Add.apply(self, _tensor(other))

    def __radd__(self, other):
        """Add."""
        return Add.apply(_tensor(other), self)

    def __mul__(self, other):
        """Multiply."""
        return Mul.apply(self, _tensor(other))

    def __rmul__(self, other):
        """Multiply."""
        return Mul.apply(_tensor(other), self)

    def __matmul__(self, other):
        """Matrix product."""
        return MatMul.apply(self, _tensor(other))

    def relu(self):
        """ReLU."""
        return ReLU.apply(self)

    def exp(self):
        """Exponential."""
        return Exp.apply(self)

    def log(self):
        """Logarithm."""
        return Log.apply(self)

    def sum(self, axis=None, keepdims=False):
        """Sum."""
        return _with_settings(Sum, axis=axis, keepdims=keepdims).apply(self)

    def reshape(self, shape):
        """Other shape."""
        return _with_settings(Reshape, shape=shape).apply(self)

    def backward(self):
        """Chain rule over the sorted graph, with a table of what has arrived."""
        if self.data.size != 1:
            raise ValueError("one number, please")
        waiting = {}
        todo = [self]
        while todo:  # how many operations each tensor waits for
            tensor = todo.pop()
            for parent in tensor.history.inputs if tensor.history else ():
                if id(parent) not in waiting:
                    waiting[id(parent)] = 0
                    todo.append(parent)
                waiting[id(parent)] += 1
        arrived = {id(self): np.ones(self.data.shape)}
        ready = [self]
        while ready:
            tensor = ready.pop()
            d = arrived.pop(id(tensor))
            if tensor.history is None:
                tensor.grad = tensor.grad + d
                continue
            tensor.grad = d
            history = tensor.history
            back = history.function.backward(history.context, d)
            for parent, piece in zip(history.inputs, back, strict=True):
                shaped = _like(piece, parent.data.shape)
                arrived[id(parent)] = arrived.get(id(parent), 0) + shaped
                waiting[id(parent)] -= 1
                if waiting[id(parent)] == 0:
                    ready.append(parent)


def _tensor(value):
    return value if isinstance(value, Tensor) else Tensor(value)


def _like(d, shape):
    """Undo broadcasting."""
    padded = (1,) * (d.ndim - len(shape)) + tuple(shape)
    for axis, size in enumerate(padded):
        if size < d.shape[axis]:
            d = d.sum(axis=axis, keepdims=True)
    return d.reshape(shape)


def cross_entropy(logits, labels):
    """Pick the log-probabilities of the labels, average, turn the sign."""
    n, k = logits.data.shape
    picked = (np.arange(k) == np.asarray(labels)[:, None]) * 1.0
    z = logits + Tensor(-np.max(logits.data, axis=1, keepdims=True))
    log_p = z + z.exp().sum(1, True).log() * -1.0
    return (log_p * picked).sum() * (-1.0 / n)


def train(x, labels, hidden, classes, rate, steps, rng):
    """Gradient descent."""
    weights = []
    for rows, columns in ((x.shape[1], hidden), (hidden, classes)):
        weights += [Tensor(rng.normal(scale=(2 / rows) ** 0.5, size=(rows, columns)))]
        weights += [Tensor(np.zeros(columns))]
    history = []
    for _ in range(steps):
        w1, b1, w2, b2 = weights
        loss = cross_entropy(ReLU.apply(Tensor(x) @ w1 + b1) @ w2 + b2, labels)
        loss.backward()
        history.append(loss.data.item())
        weights = [Tensor(w.data - rate * w.grad) for w in weights]
    return [w.data for w in weights], history
