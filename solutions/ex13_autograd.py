"""Exercise 13: an engine that differentiates for you, and a network that is trained with it."""

import numpy as np

### BEGIN SOLUTION


def _computed(kind, data, *parents):
    """A tensor that comes from others: pairs of a tensor, and what a gradient becomes on its way there."""
    out = kind(data)
    out._parents = parents
    return out


def _sum_to(gradient, shape):
    """Add up what broadcasting repeated, so that the gradient has this shape."""
    new = gradient.ndim - len(shape)
    repeated = [new + axis for axis, size in enumerate(shape) if size == 1]
    return gradient.sum(axis=(*range(new), *repeated)).reshape(shape)


### END SOLUTION


class Tensor:
    """An array that remembers how it was computed, so that gradients find their way back.

    `data` is an array of floats, and `grad` one of the same shape: zeros until a backward pass adds to it.
    """

    def __init__(self, data):
        """Keep `data` (an array, a list or a number) as floats, and zeros for the gradient."""
        ### BEGIN SOLUTION
        self.data = np.array(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self._parents = ()
        ### END SOLUTION

    def __add__(self, other):
        """Return self + other; `other` is a tensor, an array or a number, and shapes broadcast."""
        ### BEGIN SOLUTION
        if not isinstance(other, Tensor):
            other = type(self)(other)
        total = self.data + other.data
        return _computed(type(self), total, (self, lambda g: g), (other, lambda g: g))
        ### END SOLUTION

    def __radd__(self, other):
        """Return other + self, where a number stands on the left."""
        ### BEGIN SOLUTION
        return self + other
        ### END SOLUTION

    def __mul__(self, other):
        """Return self * other, entry by entry; `other` is as in `__add__`."""
        ### BEGIN SOLUTION
        if not isinstance(other, Tensor):
            other = type(self)(other)
        a, b = self.data, other.data
        return _computed(type(self), a * b, (self, lambda g: g * b), (other, lambda g: g * a))
        ### END SOLUTION

    def __rmul__(self, other):
        """Return other * self, where a number stands on the left."""
        ### BEGIN SOLUTION
        return self * other
        ### END SOLUTION

    def __matmul__(self, other):
        """Return the matrix product of two tensors, shapes (N, D) and (D, M)."""
        ### BEGIN SOLUTION
        a, b = self.data, other.data
        return _computed(type(self), a @ b, (self, lambda g: g @ b.T), (other, lambda g: a.T @ g))
        ### END SOLUTION

    def relu(self):
        """Return max(0, self), entry by entry; the slope at 0 is 0."""
        ### BEGIN SOLUTION
        on = self.data > 0
        return _computed(type(self), self.data * on, (self, lambda g: g * on))
        ### END SOLUTION

    def exp(self):
        """Return e to the power of self, entry by entry."""
        ### BEGIN SOLUTION
        power = np.exp(self.data)
        return _computed(type(self), power, (self, lambda g: g * power))
        ### END SOLUTION

    def log(self):
        """Return the natural logarithm, entry by entry."""
        ### BEGIN SOLUTION
        return _computed(type(self), np.log(self.data), (self, lambda g: g / self.data))
        ### END SOLUTION

    def sum(self, axis=None, keepdims=False):
        """Return the sum over one axis, or over all entries; `keepdims` is NumPy's."""
        ### BEGIN SOLUTION
        total = self.data.sum(axis=axis, keepdims=keepdims)
        kept = self.data.sum(axis=axis, keepdims=True).shape
        shape = self.data.shape
        return _computed(
            type(self), total, (self, lambda g: np.broadcast_to(g.reshape(kept), shape))
        )
        ### END SOLUTION

    def reshape(self, shape):
        """Return the same entries in another shape, a tuple."""
        ### BEGIN SOLUTION
        there, here = self.data.reshape(shape), self.data.shape
        return _computed(type(self), there, (self, lambda g: g.reshape(here)))
        ### END SOLUTION

    def backward(self):
        """Add to the `grad` of every tensor behind this single number the gradient of this number.

        Tensors that were computed start at zeros. Raises ValueError if there is more than one number.
        """
        ### BEGIN SOLUTION
        if self.data.size != 1:
            raise ValueError("a backward pass starts at a single number, such as a loss")
        order, seen, todo = [], set(), [(self, False)]
        while todo:  # a loop, because Python calls no function a few thousand levels deep
            node, parents_done = todo.pop()
            if parents_done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                todo.append((node, True))
                todo += [(parent, False) for parent, _ in node._parents]
        for node in order:
            if node._parents:
                node.grad = np.zeros_like(node.data)
        self.grad = self.grad + 1
        for node in reversed(order):
            for parent, back in node._parents:
                parent.grad = parent.grad + _sum_to(back(node.grad), parent.data.shape)
        ### END SOLUTION


def cross_entropy(logits, labels):
    """Return the mean of -log softmax(logits)[label] as a tensor of one number.

    `logits` is a tensor of shape (N, K), `labels` an array of N whole numbers below K.
    """
    ### BEGIN SOLUTION
    right = np.eye(logits.data.shape[1])[labels]
    shifted = logits + -logits.data.max(axis=1, keepdims=True)
    log_sums = shifted.exp().sum(axis=1, keepdims=True).log()
    return ((shifted + -1 * log_sums) * right).sum() * (-1 / len(labels))
    ### END SOLUTION


def train(x, labels, hidden, classes, rate, steps, rng):
    """Train relu(x @ w1 + b1) @ w2 + b2 by gradient descent on all of `x`, shape (N, D), at once.

    Returns `(weights, history)`: the arrays `[w1, b1, w2, b2]`, and the loss before each step, as floats.
    """
    ### BEGIN SOLUTION
    w1 = Tensor(rng.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], hidden)))
    w2 = Tensor(rng.normal(0, np.sqrt(2 / hidden), (hidden, classes)))
    b1, b2 = Tensor(np.zeros(hidden)), Tensor(np.zeros(classes))
    weights, inputs, history = [w1, b1, w2, b2], Tensor(x), []
    for _ in range(steps):
        loss = cross_entropy((inputs @ w1 + b1).relu() @ w2 + b2, labels)
        loss.backward()
        history.append(float(loss.data))
        for weight in weights:
            weight.data = weight.data - rate * weight.grad
            weight.grad = np.zeros_like(weight.data)
    return [weight.data for weight in weights], history
    ### END SOLUTION
