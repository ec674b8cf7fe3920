"""Mistakes that people make with a layer of their own."""

from grader.checks import misconception


@misconception(
    hint="Are the gradients of the second backward pass added to those of the first?",
    caught_by="test_gradients_add_up",
)
def overwrites_the_gradients(reference):
    class Linear(reference.Linear):
        def backward(self, dout):
            self.clear()
            return super().backward(dout)

    return Linear


@misconception(hint="Does forward use the bias?", caught_by="test_forward")
def no_bias(reference):
    class Linear(reference.Linear):
        def forward(self, x):
            return super().forward(x) - self.bias

    return Linear


@misconception(
    hint="A sum makes a new layer. Does yours change one of the two?", caught_by="test_sum"
)
def sum_changes_the_first(reference):
    class Linear(reference.Linear):
        def __add__(self, other):
            self.weight, self.bias = self.weight + other.weight, self.bias + other.bias
            return self

    return Linear
