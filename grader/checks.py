"""What authors of exercises import: assertions, random inputs, and the mark of a misconception.

    from grader.checks import assert_gradients, assert_same, grid_values

    @pytest.mark.points(3)
    def test_backward_is_the_gradient_of_forward(student, rng):
        \"\"\"The backward pass is the gradient of your own forward pass.\"\"\"
        x, w, b = grid_values(rng, (2, 3, 7, 6)), grid_values(rng, (4, 3, 3, 2)), grid_values(rng, 4)
        assert_gradients(student.conv_forward, student.conv_backward, x, w, b, stride=2, pad=1)

Each assertion raises `grader.errors.CheckEnded` with a message for the student. A plain
`assert condition, "message"` works too.

In the examples, `student`, `reference` and `rng` are the fixtures of a check, `np` is NumPy, and the
exercise declares `relu_forward`, `relu_backward` and `mse_loss`.
"""

from grader.checking.assertions.gradients import assert_gradients, assert_loss_gradient
from grader.checking.assertions.state import assert_caches_apart, assert_results_kept
from grader.checking.assertions.timing import assert_in_time
from grader.checking.assertions.values import (
    assert_arguments_unchanged,
    assert_new_arrays,
    assert_raises,
    assert_same,
    assert_shape,
    fail,
)
from grader.checking.diagnosis.features import inputs_of
from grader.checking.diagnosis.misconceptions import misconception
from grader.checking.gradients.gradcheck import check_gradient
from grader.checking.gradients.inputs import (
    distinct_values,
    grid_values,
    positive_values,
    probabilities,
    upstream,
)
from grader.language import say

__all__ = [
    "assert_arguments_unchanged",
    "assert_caches_apart",
    "assert_gradients",
    "assert_in_time",
    "assert_loss_gradient",
    "assert_new_arrays",
    "assert_raises",
    "assert_results_kept",
    "assert_same",
    "assert_shape",
    "check_gradient",
    "distinct_values",
    "fail",
    "grid_values",
    "inputs_of",
    "misconception",
    "positive_values",
    "probabilities",
    "say",
    "upstream",
]
