"""Mistakes that people make with a line."""

from grader.checks import misconception


@misconception(
    hint="On x = 0 the output is b. Does anything add b to yours?", caught_by="test_bias"
)
def no_bias(reference):
    def line_forward(x, w, b=0.0):
        return reference.line_forward(x, w, 0 * b)

    return line_forward


@misconception(
    hint="Every example sends something back to b: add up dout over the examples.",
    caught_by="test_backward",
)
def bias_gradient_averaged(reference):
    def line_backward(dout, cache):
        dx, dw, db = reference.line_backward(dout, cache)
        return dx, dw, db / dout.shape[0]

    return line_backward
