"""Mistakes that people make with an engine for gradients, each a small change on the reference, whose
tensors keep `_parents`: pairs of a tensor, and what a gradient becomes on its way there.
"""

import numpy as np

from grader.checks import misconception


def _sum_to(gradient, shape):
    """Add up what broadcasting repeated."""
    new = gradient.ndim - len(shape)
    repeated = [new + axis for axis, size in enumerate(shape) if size == 1]
    return gradient.sum(axis=(*range(new), *repeated)).reshape(shape)


def _sorted(root):
    """The tensors behind one, each before those that it comes from."""
    order, seen, todo = [], set(), [(root, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            todo += [(node, True), *((parent, False) for parent, _ in node._parents)]
    return order[::-1]


def _go_back(root, order, fit=_sum_to, start=1.0, fresh="computed", assign=False):
    """A backward pass that differs in how it fits, starts, clears or adds."""
    if root.data.size != 1:
        raise ValueError("one number")
    for node in order:
        if fresh == "all" or (fresh == "computed" and node._parents):
            node.grad = np.zeros_like(node.data)
    root.grad = root.grad + start
    for node in order:
        for parent, back in node._parents:
            gradient = fit(back(node.grad), parent.data.shape)
            parent.grad = gradient if assign else parent.grad + gradient


def _with_backs(out, *backs):
    """The same tensor, with another way back to each of its parents."""
    pairs = zip(out._parents, backs, strict=True)
    out._parents = tuple((parent, back) for (parent, _), back in pairs)
    return out


# Single operations


@misconception(
    hint="In a product each factor's slope is the other factor. Which of the two does each of yours get?",
    caught_by="test_gradients_of_sums_and_products",
)
def each_gets_its_own_factor(reference):
    class Tensor(reference.Tensor):
        def __mul__(self, other):
            out = super().__mul__(other)
            a, b = (parent.data for parent, _ in out._parents)
            return _with_backs(out, lambda g: g * a, lambda g: g * b)

    return Tensor


@misconception(
    hint="A product sends a gradient to both factors. Does only the left one get something?",
    caught_by="test_gradients_of_sums_and_products",
)
def only_the_left_factor(reference):
    class Tensor(reference.Tensor):
        def __mul__(self, other):
            out = super().__mul__(other)
            out._parents = out._parents[:1]
            return out

    return Tensor


@misconception(
    hint="Broadcasting repeats entries in the forward pass. What comes back to the copies of one entry has to be "
    "added up, until the gradient has the shape of the data. Is it added up at all?",
    caught_by="test_gradients_of_what_is_repeated",
)
def repeated_is_not_added_up(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), fit=lambda gradient, shape: gradient)

    return Tensor


@misconception(
    hint="Broadcasting repeats along new axes, and along axes of size 1 that were there. Do you add up along the "
    "second kind as well?",
    caught_by="test_gradients_of_what_is_repeated",
)
def axes_of_one_are_not_added_up(reference):
    def fit(gradient, shape):
        return gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))

    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), fit=fit)

    return Tensor


@misconception(
    hint="What comes back to the copies of one entry is added up. Do you take the mean?",
    caught_by="test_gradients_of_what_is_repeated",
)
def repeated_is_averaged(reference):
    def fit(gradient, shape):
        total = _sum_to(gradient, shape)
        return total * (total.size / gradient.size) if gradient.size else total

    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), fit=fit)

    return Tensor


@misconception(
    hint="The right factor of x @ w gets x turned, times the gradient. Does w get anything?",
    caught_by="test_gradients_of_a_matrix_product",
)
def nothing_for_the_weights(reference):
    class Tensor(reference.Tensor):
        def __matmul__(self, other):
            out = super().__matmul__(other)
            out._parents = out._parents[:1]
            return out

    return Tensor


@misconception(
    hint="ReLU lets a gradient through where x was positive. Do you look at the sign of the gradient instead?",
    caught_by="test_gradients_of_functions",
)
def relu_of_the_gradient(reference):
    class Tensor(reference.Tensor):
        def relu(self):
            return _with_backs(super().relu(), lambda g: np.maximum(g, 0))

    return Tensor


@misconception(
    hint="Where x is exactly 0, the slope of ReLU is 0 in this course. Is yours 1 there?",
    caught_by="test_gradients_of_functions",
)
def relu_slope_of_one_at_zero(reference):
    class Tensor(reference.Tensor):
        def relu(self):
            on = self.data >= 0
            return _with_backs(super().relu(), lambda g: g * on)

    return Tensor


@misconception(
    hint="The slope of exp is exp itself. Do you multiply by x instead of by the output?",
    caught_by="test_gradients_of_functions",
)
def exp_slope_of_the_input(reference):
    class Tensor(reference.Tensor):
        def exp(self):
            x = self.data
            return _with_backs(super().exp(), lambda g: g * x)

    return Tensor


@misconception(
    hint="The slope of log x is 1 / x. Do you divide by the output instead of by the input?",
    caught_by="test_gradients_of_functions",
)
def log_slope_of_the_output(reference):
    class Tensor(reference.Tensor):
        def log(self):
            out = super().log()
            y = out.data
            return _with_backs(out, lambda g: g / y)

    return Tensor


@misconception(
    hint="Each entry has the slope 1 in a sum. Do you divide by how many there are, as in a mean?",
    caught_by="test_gradient_of_a_sum",
)
def sum_sends_back_a_share(reference):
    class Tensor(reference.Tensor):
        def sum(self, axis=None, keepdims=False):
            out = super().sum(axis, keepdims)
            ((parent, back),) = out._parents
            share = out.data.size / max(self.data.size, 1)
            out._parents = ((parent, lambda g: back(g) * share),)
            return out

    return Tensor


@misconception(
    hint="reshape reads rows first, and so does its way back. Do you turn the array (`.T`) on the way back?",
    caught_by="test_gradients_of_sum_and_reshape",
)
def reshape_turns_on_the_way_back(reference):
    class Tensor(reference.Tensor):
        def reshape(self, shape):
            here = self.data.shape
            return _with_backs(super().reshape(shape), lambda g: g.T.reshape(here))

    return Tensor


# The graph


@misconception(
    hint="A tensor that is used twice gets a gradient from each use. Does the second one overwrite the first "
    "(`=` where it should be `+=`)?",
    caught_by="test_a_value_used_twice",
)
def gradients_are_overwritten(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), assign=True)

    return Tensor


@misconception(
    hint="The gradient comes from the number at the end. Do you go through the tensors in the order in which they "
    "were computed, from the first to the last?",
    caught_by="test_gradient_of_a_sum",
)
def from_the_first_to_the_last(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self)[::-1])

    return Tensor


@misconception(
    hint="An operation may pass its gradient on only when all of it has arrived. Do you go through the graph level by "
    "level from the end? A tensor with a near and a far use is then passed on too early: sort the graph.",
    caught_by="test_order_of_the_graph",
)
def level_by_level(reference):
    def levels(root):
        order, seen = [root], {id(root)}
        for node in order:
            for parent, _ in node._parents:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    order.append(parent)
        return order

    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, levels(self))

    return Tensor


@misconception(
    hint="An operation may pass its gradient on only when all of it has arrived. In a depth-first walk a tensor may be put "
    "down only after all that it comes from, and the list is read from its end. Is yours put down on arrival?",
    caught_by="test_order_of_the_graph",
)
def put_down_on_arrival(reference):
    def walk(root):
        order, seen, todo = [], set(), [root]
        while todo:
            node = todo.pop()
            if id(node) not in seen:
                seen.add(id(node))
                order.append(node)
                todo += [parent for parent, _ in node._parents]
        return order

    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, walk(self))

    return Tensor


@misconception(
    hint="A second backward pass of the same graph passes on what the first one left in the computed tensors, too. Set their "
    "gradients to zeros first.",
    caught_by="test_backward_passes_add_up",
)
def computed_tensors_keep_their_gradients(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), fresh="none")

    return Tensor


@misconception(
    hint="A second backward pass of the same graph passes on what the first one left in the computed tensors, too. Set their "
    "gradients to zeros first.",
    caught_by="test_backward_passes_add_up",
)
def only_the_last_tensor_begins_anew(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            self.grad = np.zeros_like(self.data)
            _go_back(self, _sorted(self), fresh="none")

    return Tensor


@misconception(
    hint="Gradients of what you made add up over backward passes, until you set them to zeros yourself. Does backward clear "
    "them?",
    caught_by="test_backward_passes_add_up",
)
def backward_clears_everything(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), fresh="all")

    return Tensor


@misconception(
    hint="The slope of a number by itself is 1. Does backward begin with the number itself?",
    caught_by="test_gradient_of_a_sum",
)
def begins_with_the_number(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            _go_back(self, _sorted(self), start=self.data)

    return Tensor


@misconception(
    hint="Of many numbers, which one is to be made smaller? A backward pass must refuse to begin there.",
    caught_by="test_backward_begins_at_one_number",
)
def begins_anywhere(reference):
    class Tensor(reference.Tensor):
        def backward(self):
            (self.reshape((-1,)) if self.data.size == 1 else self.sum()).backward_of_one()

        def backward_of_one(self):
            super().backward()

    return Tensor


# Loss and training


@misconception(
    hint="Exponentials of large logits are infinite. What can be subtracted from the logits of one example, so that nothing "
    "changes but their size?",
    caught_by="test_cross_entropy",
)
def logits_are_not_shifted(reference):
    def cross_entropy(logits, labels):
        right = np.eye(logits.data.shape[1])[labels]
        with np.errstate(all="ignore"):
            log_sums = logits.exp().sum(1, True).log()
            return ((logits + -1 * log_sums) * right).sum() * (-1 / len(labels))

    return cross_entropy


@misconception(
    hint="The loss is the mean over the examples. Do you add it up?",
    caught_by="test_cross_entropy",
)
def loss_added_up(reference):
    def cross_entropy(logits, labels):
        return reference.cross_entropy(logits, labels) * len(labels)

    return cross_entropy


@misconception(
    hint="The mean is over the examples. Do you divide by all entries of the table?",
    caught_by="test_cross_entropy",
)
def loss_over_all_entries(reference):
    def cross_entropy(logits, labels):
        return reference.cross_entropy(logits, labels) * (1 / logits.data.shape[1])

    return cross_entropy


@misconception(
    hint="Each example has one right class: one entry of its row. Does right[labels] = 1 fill whole rows of yours?",
    caught_by="test_cross_entropy",
)
def ones_in_whole_rows(reference):
    def cross_entropy(logits, labels):
        right = np.zeros(logits.data.shape)
        right[labels] = 1
        shifted = logits + -logits.data.max(axis=1, keepdims=True)
        log_sums = shifted.exp().sum(1, True).log()
        return ((shifted + -1 * log_sums) * right).sum() * (-1 / len(labels))

    return cross_entropy


def _trained(reference, given, clear=True, sign=-1.0, late=False):
    """A training that differs in one point."""
    x, labels, hidden, classes, rate, steps, rng = given
    tensor = reference.Tensor
    w1 = tensor(rng.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], hidden)))
    w2 = tensor(rng.normal(0, np.sqrt(2 / hidden), (hidden, classes)))
    weights = [w1, tensor(np.zeros(hidden)), w2, tensor(np.zeros(classes))]
    history = []
    for _ in range(steps):
        loss = reference.cross_entropy(
            (tensor(x) @ w1 + weights[1]).relu() @ w2 + weights[3], labels
        )
        loss.backward()
        history.append(float(loss.data))
        for weight in weights:
            weight.data = weight.data + sign * rate * weight.grad
            if clear:
                weight.grad = np.zeros_like(weight.data)
        if late:
            out = (tensor(x) @ w1 + weights[1]).relu() @ w2 + weights[3]
            history[-1] = float(reference.cross_entropy(out, labels).data)
    return [weight.data for weight in weights], history


@misconception(
    hint="Gradients add up from pass to pass. Do you set them to zeros before the next step?",
    caught_by="test_training_begins",
)
def steps_keep_old_gradients(reference):
    def train(*given):
        return _trained(reference, given, clear=False)

    return train


@misconception(
    hint="The gradient points to where the loss grows. Which way do you go?",
    caught_by="test_training_begins",
)
def uphill(reference):
    def train(*given):
        return _trained(reference, given, sign=1.0)

    return train


@misconception(
    hint="history holds the loss before each step. Is yours the loss after it?",
    caught_by="test_training_begins",
)
def loss_after_the_step(reference):
    def train(*given):
        return _trained(reference, given, late=True)

    return train
