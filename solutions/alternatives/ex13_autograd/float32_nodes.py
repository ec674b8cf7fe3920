"""In the manner of PyTorch: tensors have a `grad_fn`, whose `next_functions` lead to nodes that accumulate;
float32 inside."""

import numpy as np


class Node:
    """An operation on its way back: gives a gradient to each of the nodes that come next."""

    def __init__(self, apply, *inputs):
        """Note how to go back, and to whom."""
        self.apply = apply
        self.next_functions = [tensor._node() for tensor in inputs]
        self.shapes = [tensor.data.shape for tensor in inputs]
        self.result = None  # whose gradient is shown


class AccumulateGrad:
    """The end of the way back: a tensor that was made by hand."""

    next_functions = ()

    def __init__(self, variable):
        """Note the tensor."""
        self.variable = variable


def _unbroadcast(gradient, shape):
    """Sum what was expanded."""
    lead = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(lead))) if lead else gradient
    wide = tuple(i for i, (a, b) in enumerate(zip(gradient.shape, shape, strict=True)) if a != b)
    return gradient.sum(axis=wide, keepdims=True) if wide else gradient


class Tensor:
    """A float32 array with a place in the graph."""

    def __init__(self, data, grad_fn=None):
        """Make a leaf, or a result."""
        self.data = np.array(data, dtype=np.float32)
        self.grad = np.zeros_like(self.data)
        self.grad_fn = grad_fn
        if grad_fn is not None:
            grad_fn.result = self

    def _node(self):
        """Where a gradient for this tensor goes."""
        return self.grad_fn or AccumulateGrad(self)

    def __add__(self, other):
        """Add."""
        other = _as_tensor(other)
        return Tensor(np.add(self.data, other.data), Node(lambda g: (g, g), self, other))

    def __radd__(self, other):
        """Add."""
        return self.__add__(other)

    def __mul__(self, other):
        """Multiply."""
        other = _as_tensor(other)
        a, b = self.data, other.data
        return Tensor(np.multiply(a, b), Node(lambda g: (g * b, g * a), self, other))

    def __rmul__(self, other):
        """Multiply."""
        return self.__mul__(other)

    def __matmul__(self, other):
        """Matrix product."""
        a, b = self.data, other.data
        out = np.einsum("ij,jk->ik", a, b)
        back = Node(
            lambda g: (np.einsum("ik,jk->ij", g, b), np.einsum("ij,ik->jk", a, g)), self, other
        )
        return Tensor(out, back)

    def relu(self):
        """Clamp below."""
        on = (self.data > 0).astype(np.float32)
        return Tensor(np.clip(self.data, 0, None), Node(lambda g: (g * on,), self))

    def exp(self):
        """Exponential."""
        out = np.exp(self.data)
        return Tensor(out, Node(lambda g: (g * out,), self))

    def log(self):
        """Logarithm."""
        a = self.data
        return Tensor(np.log(a), Node(lambda g: (g / a,), self))

    def sum(self, axis=None, keepdims=False):
        """Sum."""
        shape = self.data.shape
        index = () if axis is None or keepdims else axis

        def back(g):
            return (np.broadcast_to(np.expand_dims(g, index), shape),)

        return Tensor(self.data.sum(axis, keepdims=keepdims), Node(back, self))

    def reshape(self, shape):
        """View."""
        before = self.data.shape
        return Tensor(self.data.reshape(shape), Node(lambda g: (g.reshape(before),), self))

    def backward(self):
        """Run the nodes, each when everything that depends on it has run."""
        if self.data.size != 1:
            raise ValueError("grad can be created only for a single number")
        root = self._node()
        dependencies, todo, nodes = {}, [root], {id(root): root}
        while todo:
            for after in todo.pop().next_functions:
                if id(after) not in nodes:
                    nodes[id(after)] = after
                    todo.append(after)
                dependencies[id(after)] = dependencies.get(id(after), 0) + 1
        buffers, ready = {id(root): np.ones_like(self.data)}, [root]
        while ready:
            node = ready.pop()
            gradient = buffers.pop(id(node))
            if isinstance(node, AccumulateGrad):
                node.variable.grad = node.variable.grad + gradient
                continue
            if node.result is not None:
                node.result.grad = gradient
            for after, piece, shape in zip(
                node.next_functions, node.apply(gradient), node.shapes, strict=True
            ):
                arriving = _unbroadcast(piece, shape)
                if id(after) in buffers:
                    arriving = buffers[id(after)] + arriving
                buffers[id(after)] = arriving
                dependencies[id(after)] -= 1
                if not dependencies[id(after)]:
                    ready.append(after)


def _as_tensor(value):
    """A tensor of what is none."""
    return value if isinstance(value, Tensor) else Tensor(value)


def cross_entropy(logits, labels):
    """Negative log-likelihood of a log-softmax."""
    n = len(labels)
    one_hot = np.zeros(logits.data.shape)
    one_hot[range(n), labels] = 1 / n
    z = logits + -logits.data.max(axis=-1, keepdims=True)
    log_probabilities = z + z.exp().sum(axis=-1, keepdims=True).log() * -1
    return (log_probabilities * -one_hot).sum()


def train(x, labels, hidden, classes, rate, steps, rng):
    """Gradient descent."""

    def draw(fan_in, fan_out):
        return Tensor(rng.normal(0, (2 / fan_in) ** 0.5, (fan_in, fan_out)))

    w1, w2 = draw(x.shape[1], hidden), draw(hidden, classes)
    weights = [w1, Tensor(np.zeros(hidden)), w2, Tensor(np.zeros(classes))]
    history = []
    for _ in range(steps):
        out = (Tensor(x) @ weights[0] + weights[1]).relu() @ weights[2] + weights[3]
        loss = cross_entropy(out, labels)
        for weight in weights:
            weight.grad = np.zeros_like(weight.data)
        loss.backward()
        history.append(loss.data.item())
        for weight in weights:
            weight.data = weight.data - np.float32(rate) * weight.grad
    return [weight.data for weight in weights], history
