"""In the manner of micrograd: each value keeps a closure that adds to its inputs, and finds its order by
recursion."""

import numpy as np


class Tensor:
    """A value with the values that it came from."""

    def __init__(self, data, children=()):
        """Keep the data; nothing goes back yet."""
        self.data = np.array(data, dtype=np.float64)
        self.grad = np.zeros(self.data.shape)
        self._prev = tuple(children)
        self._backward = lambda: None

    def __add__(self, other):
        """Sum."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        out = Tensor(self.data + other.data, (self, other))

        def _backward():
            self._take(out.grad)
            other._take(out.grad)

        out._backward = _backward
        return out

    def __mul__(self, other):
        """Product."""
        other = other if isinstance(other, Tensor) else Tensor(other)
        out = Tensor(self.data * other.data, (self, other))

        def _backward():
            self._take(out.grad * other.data)
            other._take(out.grad * self.data)

        out._backward = _backward
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def __matmul__(self, other):
        """Matrix product."""
        out = Tensor(np.dot(self.data, other.data), (self, other))

        def _backward():
            self._take(np.dot(out.grad, other.data.T))
            other._take(np.dot(self.data.T, out.grad))

        out._backward = _backward
        return out

    def relu(self):
        """Positive part."""
        out = Tensor(np.where(self.data > 0, self.data, 0.0), (self,))
        out._backward = lambda: self._take(np.where(out.data > 0, out.grad, 0.0))
        return out

    def exp(self):
        """Exponential."""
        out = Tensor(np.exp(self.data), (self,))
        out._backward = lambda: self._take(out.data * out.grad)
        return out

    def log(self):
        """Logarithm."""
        out = Tensor(np.log(self.data), (self,))
        out._backward = lambda: self._take(self.data**-1 * out.grad)
        return out

    def sum(self, axis=None, keepdims=False):
        """Sum over an axis or all."""
        out = Tensor(np.sum(self.data, axis=axis, keepdims=keepdims), (self,))

        def _backward():
            grad = out.grad
            if axis is not None and not keepdims:
                grad = np.expand_dims(grad, axis)
            self._take(grad * np.ones_like(self.data))

        out._backward = _backward
        return out

    def reshape(self, shape):
        """Other shape."""
        out = Tensor(np.reshape(self.data, shape), (self,))
        out._backward = lambda: self._take(np.reshape(out.grad, self.data.shape))
        return out

    def backward(self):
        """Call the closures, last ones first."""
        if self.data.size > 1 or self.data.size == 0:
            raise ValueError(f"cannot go back from {self.data.size} numbers")
        topo, visited = [], set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        for v in topo:
            if v._prev:
                v.grad = np.zeros(v.data.shape)
        self.grad += np.ones(self.data.shape)
        while topo:
            topo.pop()._backward()

    def _take(self, grad):
        while grad.ndim > self.data.ndim:
            grad = grad.sum(axis=0)
        for axis in range(grad.ndim):
            if self.data.shape[axis] == 1 < grad.shape[axis]:
                grad = grad.sum(axis=axis, keepdims=True)
        self.grad = self.grad + grad


def cross_entropy(logits, labels):
    """Mean over examples of log-sum-exp less the right logit."""
    n, k = logits.data.shape
    right = np.zeros((n, k))
    right[np.arange(n), labels] = 1
    largest = logits.data.max(axis=1)[:, None]
    z = logits + (-1 * largest)
    return (z.exp().sum(axis=1).log().sum() + -1 * (z * right).sum()) * (1.0 / n)


def train(x, labels, hidden, classes, rate, steps, rng):
    """Gradient descent."""
    d = x.shape[1]
    w1 = Tensor(np.sqrt(2 / d) * rng.standard_normal((d, hidden)))
    w2 = Tensor(np.sqrt(2 / hidden) * rng.standard_normal((hidden, classes)))
    parameters = [w1, Tensor([0.0] * hidden), w2, Tensor([0.0] * classes)]
    history = []
    for _ in range(steps):
        for p in parameters:
            p.grad = np.zeros_like(p.data)
        w1, b1, w2, b2 = parameters
        loss = cross_entropy((Tensor(x) @ w1 + b1).relu() @ w2 + b2, labels)
        loss.backward()
        history += [loss.data.item()]
        for p in parameters:
            p.data -= rate * p.grad
    return [p.data for p in parameters], history
