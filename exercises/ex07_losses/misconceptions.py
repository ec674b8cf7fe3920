"""Mistakes that people make with losses, each a small change on the reference."""

import numpy as np

from grader.checks import misconception


def one_hot(logits, labels):
    return np.eye(np.shape(logits)[1])[np.asarray(labels)]


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1, small) / (1 + small)


def quiet(function):
    """Keep NumPy from warning: the numbers tell."""

    def silent(*arguments):
        with np.errstate(all="ignore"):
            return function(*arguments)

    silent.__name__ = function.__name__
    return silent


# The mean squared error


@misconception(
    hint="The derivative of a square brings a factor 2 down: 2·(pred - target), over the number "
    "of entries.",
    caught_by="test_mse_gradient",
)
def mse_gradient_without_two(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss, dpred / 2

    return mse_loss


@misconception(
    hint="Yours is half the mean, as in scikit-learn's MLPRegressor; our loss and its gradient have no "
    "factor 1/2.",
    caught_by="test_mse_value",
)
def mse_halved(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss / 2, dpred / 2

    return mse_loss


@misconception(
    hint="Half the sum of the squares is another loss, as some books have it; ours is their mean: divide by the "
    "number of entries, and leave the 1/2 out, in the loss and in its gradient.",
    caught_by="test_mse_worked_example",
)
def half_the_sum_of_squares(reference):
    def mse_loss(pred, target):
        error = np.asarray(pred, float) - target
        return (error**2).sum() / 2, error

    return mse_loss


@misconception(
    hint="What is the mean taken over? Here over all entries, not over the examples alone: "
    "divide by pred.size.",
    caught_by="test_mse_value",
)
def mse_mean_over_examples(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        entries = np.size(pred) / len(pred)
        return loss * entries, dpred * entries

    return mse_loss


@misconception(
    hint="The loss divides by all entries, but its gradient divides by the examples only: both "
    "must be divided by the same number.",
    caught_by="test_mse_gradient",
)
def mse_gradient_over_examples(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss, dpred * (np.size(pred) / len(pred))

    return mse_loss


@misconception(
    hint="If the loss is a mean, so is its gradient: divide it by the number of entries, too.",
    caught_by="test_mse_gradient",
)
def mse_gradient_not_divided(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss, dpred * np.size(pred)

    return mse_loss


@misconception(
    hint="A prediction above its target must give a positive gradient: pred - target, not "
    "target - pred.",
    caught_by="test_mse_gradient",
)
def mse_gradient_sign(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss, -dpred

    return mse_loss


@misconception(
    hint="The mean squared error takes no square root; that would be the RMSE.",
    caught_by="test_mse_value",
)
def root_mean_squared_error(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return np.sqrt(loss), dpred / (2 * np.sqrt(loss)) if loss else dpred

    return mse_loss


@misconception(
    hint="The M of MSE stands for mean: divide the sum by the number of entries.",
    caught_by="test_mse_value",
)
def mse_summed(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss * np.size(pred), dpred * np.size(pred)

    return mse_loss


@misconception(
    hint="Squares count large errors more than small ones; yours takes absolute values instead.",
    caught_by="test_mse_value",
)
def mean_absolute_error(reference):
    def mse_loss(pred, target):
        error = reference.mse_loss(pred, target)[1] * np.size(pred) / 2
        return np.abs(error).mean(), np.sign(error) / error.size

    return mse_loss


@misconception(
    hint="The direction of the error matters: keep its sign in the gradient, without abs.",
    caught_by="test_mse_gradient",
)
def mse_gradient_of_absolute_error(reference):
    def mse_loss(pred, target):
        loss, dpred = reference.mse_loss(pred, target)
        return loss, np.abs(dpred)

    return mse_loss


@misconception(
    hint="Print (pred - target).shape: (N, 1) minus (N,) is (N, N). PyTorch's mse_loss goes on with "
    "that; here compare the shapes first and raise ValueError.",
    caught_by="test_mse_refuses_other_shapes",
)
def mse_broadcasts(reference):
    def mse_loss(pred, target):
        error = np.subtract(pred, target) * 1.0
        return float(np.mean(error**2)), 2 * error / error.size

    return mse_loss


@misconception(
    hint="`pred -= target` writes into the caller's array: make a new one with pred - target.",
    caught_by="test_mse_other_number_types",
)
def mse_changes_pred(reference):
    def mse_loss(pred, target):
        answer = reference.mse_loss(pred, target)
        if pred.dtype == float:
            pred -= target
        return answer

    return mse_loss


# Softmax


@misconception(
    hint="exp(1000) is infinite: subtract each row's largest logit first. Mathematically "
    "nothing changes, but nothing overflows any more.",
    caught_by="test_softmax_extreme",
)
def softmax_without_maximum(reference):
    @quiet
    def softmax(logits):
        powers = np.exp(np.asarray(logits, float))
        return powers / powers.sum(axis=1, keepdims=True)

    return softmax


@misconception(
    hint="Each row needs its own maximum: with that of the whole batch, small rows vanish to 0/0.",
    caught_by="test_softmax_extreme",
)
def softmax_with_global_maximum(reference):
    @quiet
    def softmax(logits):
        powers = np.exp(logits - np.max(logits))
        return powers / powers.sum(axis=1, keepdims=True)

    return softmax


@misconception(
    hint="The probabilities of one example sum to 1, and an example is a row: sum over axis 1, "
    "not axis 0.",
    caught_by="test_softmax_value",
)
def softmax_over_columns(reference):
    def softmax(logits):
        return reference.softmax(np.asarray(logits).T).T

    return softmax


@misconception(
    hint="Yours is one distribution over the whole matrix, SciPy's softmax where no axis is given; here "
    "each row is one of its own: sum(axis=1, keepdims=True).",
    caught_by="test_softmax_value",
)
def softmax_over_everything(reference):
    def softmax(logits):
        powers = np.exp(logits - np.max(logits))
        return powers / powers.sum()

    return softmax


@misconception(
    hint="The exponential is missing: shares of the raw scores are not probabilities, since "
    "scores can be negative.",
    caught_by="test_softmax_value",
)
def softmax_without_exponential(reference):
    @quiet
    def softmax(logits):
        shifted = logits - np.min(logits, axis=1, keepdims=True)
        return shifted / shifted.sum(axis=1, keepdims=True)

    return softmax


@misconception(
    hint="The larger the logit, the larger the probability: the exponent is +logit, not -logit.",
    caught_by="test_softmax_value",
)
def softmax_of_negative_logits(reference):
    def softmax(logits):
        return reference.softmax(-np.asarray(logits))

    return softmax


@misconception(
    hint="Each logit gets a sigmoid of its own here; softmax divides by the sum over the row, "
    "so that the row sums to 1.",
    caught_by="test_softmax_value",
)
def sigmoids_instead_of_softmax(reference):
    def softmax(logits):
        return sigmoid(logits)

    return softmax


@misconception(
    hint="`logits -= …` writes into the caller's array: subtract the maximum into a new one.",
    caught_by="test_softmax_other_number_types",
)
def softmax_changes_logits(reference):
    def softmax(logits):
        answer = reference.softmax(logits)
        if logits.dtype == float:
            logits -= logits.max(axis=1, keepdims=True)
        return answer

    return softmax


# Cross-entropy


@misconception(
    hint="exp(1000) is infinite: subtract each row's largest logit before you exponentiate.",
    caught_by="test_cross_entropy_extreme",
)
def cross_entropy_without_maximum(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        powers = np.exp(np.asarray(logits, float))
        p = powers / powers.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(p)), labels]).mean()
        return loss, (p - one_hot(logits, labels)) / len(p)

    return cross_entropy_loss


@misconception(
    hint="Each row needs its own maximum: with that of the whole batch, small rows vanish to 0/0.",
    caught_by="test_cross_entropy_extreme",
)
def cross_entropy_with_global_maximum(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        shifted = logits - np.max(logits)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -logs[np.arange(len(logs)), labels].mean()
        return loss, (np.exp(logs) - one_hot(logits, labels)) / len(logs)

    return cross_entropy_loss


@misconception(
    hint="The probability underflowed to 0 before its logarithm was taken. Stay in logarithms: "
    "logits - max - log(sum(exp(logits - max))).",
    caught_by="test_cross_entropy_extreme",
)
def log_of_underflowed_softmax(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        p = reference.softmax(logits)
        loss = -np.log(p[np.arange(len(p)), labels]).mean()
        return loss, (p - one_hot(logits, labels)) / len(p)

    return cross_entropy_loss


@misconception(
    hint="exp(1000) is infinite, and so is the logarithm of the sum: subtract each row's largest logit before the "
    "exponential, and add it again behind the logarithm.",
    caught_by="test_cross_entropy_extreme",
)
def log_of_a_sum_that_overflows(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        sums = np.log(np.exp(np.asarray(logits, float)).sum(axis=1))
        rows = np.arange(len(sums))
        dlogits = reference.softmax(logits) - one_hot(logits, labels)
        return (sums - np.asarray(logits)[rows, labels]).mean(), dlogits / len(sums)

    return cross_entropy_loss


@misconception(
    hint="The largest logit was subtracted from the caller's array: work on a copy. And the probability "
    "underflowed to 0 before its logarithm was taken: stay in logarithms, logits - max - log(sum(exp(logits - "
    "max))).",
    caught_by="test_cross_entropy_extreme",
)
def log_of_underflowed_softmax_and_changed_logits(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        p = reference.softmax(logits)
        loss = -np.log(p[np.arange(len(p)), labels]).mean()
        if logits.dtype == float:
            logits -= logits.max(axis=1, keepdims=True)
        return loss, (p - one_hot(logits, labels)) / len(p)

    return cross_entropy_loss


@misconception(
    hint="labels holds the numbers of the classes, one for each example, and no rows of 0 and 1: pick an entry "
    "of each row with p[np.arange(N), labels], or make one-hot rows first.",
    caught_by="test_cross_entropy_shapes",
)
def labels_taken_for_one_hot(reference):
    def cross_entropy_loss(logits, labels):
        p = reference.softmax(logits)
        return -np.sum(labels * np.log(p)) / len(p), (p - labels) / len(p)

    return cross_entropy_loss


@misconception(
    hint="labels says which class is right. Do you take the class with the largest score in its place?",
    caught_by="test_cross_entropy_value",
)
def largest_score_for_the_label(reference):
    def cross_entropy_loss(logits, labels):
        return reference.cross_entropy_loss(logits, np.argmax(logits, axis=1))

    return cross_entropy_loss


@misconception(
    hint="The loss asks for the probability of the right class, which labels names. Do you take the largest "
    "probability of each row?",
    caught_by="test_cross_entropy_value",
)
def largest_probability_in_the_loss(reference):
    def cross_entropy_loss(logits, labels):
        loss, _ = reference.cross_entropy_loss(logits, np.argmax(logits, axis=1))
        return loss, reference.cross_entropy_loss(logits, labels)[1]

    return cross_entropy_loss


@misconception(
    hint="Where the probability underflowed to 0, one-hot rows make 0 times minus infinity of its "
    "logarithm, which is NaN. Stay in logarithms: logits - max - log(sum(exp(logits - max))).",
    caught_by="test_cross_entropy_extreme",
)
def one_hot_times_log_of_zero(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        p, y = reference.softmax(logits), one_hot(logits, labels)
        return -np.sum(y * np.log(p)) / len(p), (p - y) / len(p)

    return cross_entropy_loss


def with_epsilon(reference, epsilon):
    def cross_entropy_loss(logits, labels):
        p = reference.softmax(logits)
        loss = -np.log(p[np.arange(len(p)), labels] + epsilon).mean()
        return loss, (p - one_hot(logits, labels)) / len(p)

    return cross_entropy_loss


@misconception(
    hint="An epsilon inside the log changes the loss and caps it: nothing worse than "
    "-log(0.001) can be told apart.",
    caught_by="test_cross_entropy_value",
)
def large_epsilon_in_the_log(reference):
    return with_epsilon(reference, 1e-3)


def small_epsilon(epsilon):
    """A misconception that adds a small epsilon to the probability."""

    def add(reference):
        return with_epsilon(reference, epsilon)

    return misconception(
        hint="With an epsilon inside the log a badly wrong answer costs -log(epsilon), not 2000. "
        "Take the log of softmax by a formula that needs no epsilon.",
        caught_by="test_cross_entropy_extreme",
    )(add)


small_epsilon_in_the_log = small_epsilon(1e-12)
epsilon_of_1e_15_in_the_log = small_epsilon(1e-15)
epsilon_of_1e_10_in_the_log = small_epsilon(1e-10)
epsilon_of_1e_9_in_the_log = small_epsilon(1e-9)
epsilon_of_1e_8_in_the_log = small_epsilon(1e-8)


@misconception(
    hint="Clipping the probabilities, as Keras does at 1e-7, caps the loss of a badly wrong answer; ours "
    "has no cap. Take the log of softmax by a formula that needs no clipping.",
    caught_by="test_cross_entropy_extreme",
)
def clipped_probabilities(reference):
    def cross_entropy_loss(logits, labels):
        p = np.clip(reference.softmax(logits), 1e-7, 1 - 1e-7)
        loss = -np.log(p[np.arange(len(p)), labels]).mean()
        return loss, (p - one_hot(logits, labels)) / len(p)

    return cross_entropy_loss


@misconception(
    hint="If the loss is a mean over the batch, so is its gradient: divide it by N.",
    caught_by="test_cross_entropy_gradient",
)
def cross_entropy_gradient_not_divided(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss, dlogits * len(dlogits)

    return cross_entropy_loss


@misconception(
    hint="Should the same batch twice cost twice as much? Average over the examples.",
    caught_by="test_cross_entropy_value",
)
def cross_entropy_summed(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss * len(dlogits), dlogits * len(dlogits)

    return cross_entropy_loss


@misconception(
    hint="Average over examples, not over classes: divide by N, not by N·C.",
    caught_by="test_cross_entropy_value",
)
def cross_entropy_over_all_entries(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss / np.shape(logits)[1], dlogits / np.shape(logits)[1]

    return cross_entropy_loss


@misconception(
    hint="np.mean of the one-hot rows times the logarithms divides by N·C: sum over the classes, and "
    "average over the N examples only.",
    caught_by="test_cross_entropy_value",
)
def cross_entropy_mean_of_one_hot_rows(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        p, y = reference.softmax(logits), one_hot(logits, labels)
        return -np.mean(y * np.log(p)), (p - y) / len(p)

    return cross_entropy_loss


@misconception(
    hint="The loss is averaged over examples, but its gradient is divided by N·C: both must be "
    "divided by N.",
    caught_by="test_cross_entropy_gradient",
)
def cross_entropy_gradient_over_all_entries(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss, dlogits / np.shape(logits)[1]

    return cross_entropy_loss


@misconception(
    hint="The probabilities of one example sum to 1: normalise over classes (axis 1), not over "
    "the batch (axis 0).",
    caught_by="test_cross_entropy_value",
)
def cross_entropy_over_columns(reference):
    def cross_entropy_loss(logits, labels):
        p = reference.softmax(np.asarray(logits).T).T
        loss = -np.log(p[np.arange(len(p)), labels]).mean()
        return loss, (p - one_hot(logits, labels)) / len(p)

    return quiet(cross_entropy_loss)


@misconception(
    hint="The rows of the gradient must sum to 0: take 1 away from the probability of the right "
    "class.",
    caught_by="test_cross_entropy_gradient",
)
def one_hot_not_subtracted(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss, dlogits + one_hot(logits, labels) / len(dlogits)

    return cross_entropy_loss


@misconception(
    hint="A higher score for the right class must lower the loss, so the gradient is softmax - "
    "one-hot, not the other way round.",
    caught_by="test_cross_entropy_gradient",
)
def cross_entropy_gradient_sign(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss, -dlogits

    return cross_entropy_loss


@misconception(
    hint="All classes share one denominator, so each logit moves the loss, not only the label's.",
    caught_by="test_cross_entropy_gradient",
)
def gradient_at_the_label_only(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss, dlogits * one_hot(logits, labels)

    return cross_entropy_loss


@misconception(
    hint="The loss wants raw scores: softmax is taken inside, and here it was taken twice.",
    caught_by="test_cross_entropy_value",
)
def softmax_twice(reference):
    def cross_entropy_loss(logits, labels):
        return reference.cross_entropy_loss(reference.softmax(logits), labels)

    return cross_entropy_loss


@misconception(
    hint="p[:, labels] takes whole columns: pick one entry per row with p[np.arange(N), labels].",
    caught_by="test_cross_entropy_gradient",
)
def whole_columns_indexed(reference):
    def cross_entropy_loss(logits, labels):
        loss, _ = reference.cross_entropy_loss(logits, labels)
        p = reference.softmax(logits)
        p[:, labels] -= 1
        return loss, p / len(p)

    return cross_entropy_loss


@misconception(
    hint="p[:, labels] takes whole columns, so the loss averages N·N probabilities: pick one "
    "per row with p[np.arange(N), labels].",
    caught_by="test_cross_entropy_value",
)
def loss_of_whole_columns(reference):
    def cross_entropy_loss(logits, labels):
        _, dlogits = reference.cross_entropy_loss(logits, labels)
        return -log_softmax(logits)[:, labels].mean(), dlogits

    return cross_entropy_loss


@misconception(
    hint="With a single right class only its term remains: the terms (1 - y)·log(1 - p) belong "
    "to separate yes-or-no questions.",
    caught_by="test_cross_entropy_value",
)
def binary_cross_entropy(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        p, y = reference.softmax(logits), one_hot(logits, labels)
        loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / len(p)
        return loss, (p - y) / len(p)

    return cross_entropy_loss


@misconception(
    hint="The probabilities were overwritten by the gradient before the loss was taken from "
    "them: compute the loss first, or copy.",
    caught_by="test_cross_entropy_value",
)
def loss_after_subtraction(reference):
    @quiet
    def cross_entropy_loss(logits, labels):
        p = reference.softmax(logits)
        p[np.arange(len(p)), labels] -= 1
        return -np.log(p[np.arange(len(p)), labels]).mean(), p / len(p)

    return cross_entropy_loss


@misconception(
    hint="Use the natural logarithm: with log2, softmax - one-hot is not the gradient.",
    caught_by="test_cross_entropy_value",
)
def logarithm_to_base_two(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss / np.log(2), dlogits

    return cross_entropy_loss


@misconception(
    hint="Use the natural logarithm: with log10, softmax - one-hot is not the gradient.",
    caught_by="test_cross_entropy_value",
)
def logarithm_to_base_ten(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return loss / np.log(10), dlogits

    return cross_entropy_loss


@misconception(
    hint="The logarithm of a probability is negative: the loss is minus its mean.",
    caught_by="test_cross_entropy_value",
)
def negative_cross_entropy(reference):
    def cross_entropy_loss(logits, labels):
        loss, dlogits = reference.cross_entropy_loss(logits, labels)
        return -loss, dlogits

    return cross_entropy_loss


@misconception(
    hint="The loss is minus the logarithm of the probability; the logarithm is missing here.",
    caught_by="test_cross_entropy_value",
)
def cross_entropy_without_log(reference):
    def cross_entropy_loss(logits, labels):
        _, dlogits = reference.cross_entropy_loss(logits, labels)
        p = reference.softmax(logits)
        return -p[np.arange(len(p)), labels].mean(), dlogits

    return cross_entropy_loss


@misconception(
    hint="Logits must come out as they went in: work on a copy, `logits -= …` changes the "
    "caller's.",
    caught_by="test_cross_entropy_other_number_types",
)
def cross_entropy_changes_logits(reference):
    def cross_entropy_loss(logits, labels):
        answer = reference.cross_entropy_loss(logits, labels)
        if logits.dtype == float:
            logits -= logits.max(axis=1, keepdims=True)
        return answer

    return cross_entropy_loss


# The Kullback-Leibler divergence


@misconception(
    hint="Which log-ratio is averaged, and with which weights? PyTorch's kl_div wants p last, ours "
    "first: KL(p, q) weights log p - log q by the true p.",
    caught_by="test_kl_value",
)
def kl_reversed(reference):
    def kl_divergence(p, q):
        return reference.kl_divergence(q, p)

    return kl_divergence


@misconception(
    hint="Compare log with log: q needs its logarithm, too. A divergence can never be negative.",
    caught_by="test_kl_value",
)
def kl_without_log_of_q(reference):
    @quiet
    def kl_divergence(p, q):
        return float(np.sum(np.where(p > 0, p * (np.log(p) - q), 0)) / len(p))

    return kl_divergence


@misconception(
    hint="Yours is the mean over all entries, as PyTorch's kl_div gives it by default; ours sums over "
    "the classes and then averages over the examples: divide by N, not by N·C.",
    caught_by="test_kl_value",
)
def kl_over_all_entries(reference):
    def kl_divergence(p, q):
        return reference.kl_divergence(p, q) / p.shape[1]

    return kl_divergence


@misconception(
    hint="The divergence is averaged over the batch, not summed: divide by the number of examples.",
    caught_by="test_kl_value",
)
def kl_summed(reference):
    def kl_divergence(p, q):
        return reference.kl_divergence(p, q) * len(p)

    return kl_divergence


@misconception(
    hint="0·log 0 counts as 0, but NumPy makes it NaN: use only the entries where p > 0.",
    caught_by="test_kl_zero_log_zero",
)
def zero_log_zero_is_nan(reference):
    @quiet
    def kl_divergence(p, q):
        return float((p * (np.log(p) - np.log(q))).sum() / len(p))

    return kl_divergence


@misconception(
    hint="Is it 0 when p equals q? This is the cross-entropy of p and q; the divergence takes "
    "the entropy of p away.",
    caught_by="test_kl_value",
)
def cross_entropy_reported_as_kl(reference):
    @quiet
    def kl_divergence(p, q):
        return float(-np.sum(np.where(p > 0, p * np.log(q), 0)) / len(p))

    return kl_divergence


@misconception(
    hint="log p - log q, not log q - log p: a divergence is never negative.",
    caught_by="test_kl_value",
)
def kl_negative(reference):
    def kl_divergence(p, q):
        return -reference.kl_divergence(p, q)

    return kl_divergence


@misconception(
    hint="An epsilon only avoids log 0 and must be tiny; yours changes every term.",
    caught_by="test_kl_value",
)
def kl_with_large_epsilon(reference):
    @quiet
    def kl_divergence(p, q):
        return float(np.sum(np.where(p > 0, p * (np.log(p) - np.log(q + 1e-2)), 0)) / len(p))

    return kl_divergence


@misconception(
    hint="Where q is 0 and p is not, the divergence is infinite; leaving those entries out, or "
    "adding an epsilon to q, hides it.",
    caught_by="test_kl_of_the_impossible",
)
def impossible_left_out(reference):
    @quiet
    def kl_divergence(p, q):
        both = (p > 0) & (q > 0)
        return float((p[both] * (np.log(p[both]) - np.log(q[both]))).sum() / len(p))

    return kl_divergence


@misconception(
    hint="The derivative is by the logits, not by q: continue through softmax with the chain "
    "rule, and -p/q becomes softmax - p.",
    caught_by="test_kl_gradient_is_the_gradient",
)
def kl_gradient_by_q(reference):
    @quiet
    def kl_gradient(p, logits):
        return -p / reference.softmax(logits) / len(p)

    return kl_gradient


@misconception(
    hint="Which distribution depends on the logits? log(p/q) + 1 is the derivative by p, but "
    "the logits determine q.",
    caught_by="test_kl_gradient_is_the_gradient",
)
def kl_gradient_by_p(reference):
    @quiet
    def kl_gradient(p, logits):
        return (np.log(p / reference.softmax(logits)) + 1) / len(p)

    return kl_gradient


@misconception(
    hint="The divergence is a mean over the batch, so its gradient is, too: divide by N.",
    caught_by="test_kl_gradient_is_the_gradient",
)
def kl_gradient_not_divided(reference):
    def kl_gradient(p, logits):
        return reference.kl_gradient(p, logits) * len(p)

    return kl_gradient


@misconception(
    hint="Where softmax gives more than p asks for, the logit must go down: softmax - p, not p "
    "- softmax.",
    caught_by="test_kl_gradient_is_the_gradient",
)
def kl_gradient_sign(reference):
    def kl_gradient(p, logits):
        return -reference.kl_gradient(p, logits)

    return kl_gradient


@misconception(
    hint="The logits are raw scores, not probabilities: take their softmax before p is subtracted.",
    caught_by="test_kl_gradient_is_the_gradient",
)
def kl_gradient_without_softmax(reference):
    def kl_gradient(p, logits):
        return (logits - p) / len(p)

    return kl_gradient


# The unit at the output


@misconception(
    hint='With "mse" the chain goes through the sigmoid: multiply by its slope a·(1 - a).',
    caught_by="test_output_delta_mse",
)
def mse_delta_without_slope(reference):
    def output_delta(z, y, loss):
        delta = reference.output_delta(z, y, "cross_entropy")
        return 2 * delta if loss == "mse" else reference.output_delta(z, y, loss)

    return output_delta


@misconception(
    hint="The derivative of (a - y)² is 2·(a - y): our squared error has no factor 1/2.",
    caught_by="test_output_delta_mse",
)
def mse_delta_without_two(reference):
    def output_delta(z, y, loss):
        delta = reference.output_delta(z, y, loss)
        return delta / 2 if loss == "mse" else delta

    return output_delta


@misconception(
    hint="With cross-entropy the sigmoid's slope cancels out: a - y is all, without a·(1 - a).",
    caught_by="test_output_delta_cross_entropy",
)
def cross_entropy_delta_with_slope(reference):
    def output_delta(z, y, loss):
        delta = reference.output_delta(z, y, loss)
        a = sigmoid(z)
        return delta * a * (1 - a) if loss == "cross_entropy" else delta

    return output_delta


@misconception(
    hint="A unit that answers too much must get a positive derivative: a - y, not y - a.",
    caught_by="test_output_delta_cross_entropy",
)
def delta_sign(reference):
    def output_delta(z, y, loss):
        return -reference.output_delta(z, y, loss)

    return output_delta


@misconception(
    hint="The error compares the activation with y: take a = sigmoid(z) first, z itself is not "
    "the answer.",
    caught_by="test_output_delta_cross_entropy",
)
def delta_of_weighted_input(reference):
    def output_delta(z, y, loss):
        reference.output_delta(z, y, loss)
        a = sigmoid(z)
        return (z - y) * (1 if loss == "cross_entropy" else 2 * a * (1 - a))

    return output_delta


@misconception(
    hint="The slope of the sigmoid is a·(1 - a) with a its output; yours uses z instead of a.",
    caught_by="test_output_delta_mse",
)
def slope_of_weighted_input(reference):
    def output_delta(z, y, loss):
        delta = reference.output_delta(z, y, "cross_entropy")
        return 2 * delta * z * (1 - z) if loss == "mse" else reference.output_delta(z, y, loss)

    return output_delta


@misconception(
    hint="a is the sigmoid of z already, so its slope is a·(1 - a). Do you send a through the sigmoid once more?",
    caught_by="test_output_delta_mse",
)
def slope_at_the_activation(reference):
    def output_delta(z, y, loss):
        delta = reference.output_delta(z, y, "cross_entropy")
        if loss != "mse":
            return reference.output_delta(z, y, loss)
        twice = sigmoid(sigmoid(z))
        return 2 * delta * twice * (1 - twice)

    return output_delta


@misconception(
    hint="For a unit that is sure, a·(1 - a) is 0, and yours divides by it. It cancels out: what is left of the "
    "derivative on paper?",
    caught_by="test_output_delta_of_saturated_units",
)
def cross_entropy_delta_divides(reference):
    @quiet
    def output_delta(z, y, loss):
        if loss != "cross_entropy":
            return reference.output_delta(z, y, loss)
        a = sigmoid(z)
        return ((1 - y) / (1 - a) - y / a) * a * (1 - a)

    return output_delta


@misconception(
    hint="For a unit that is sure, a·(1 - a) is 0, and yours divides by it. It cancels out: what is left of the "
    "derivative on paper?",
    caught_by="test_output_delta_of_saturated_units",
)
def cross_entropy_delta_divides_by_zero_above(reference):
    @quiet
    def output_delta(z, y, loss):
        if loss != "cross_entropy":
            return reference.output_delta(z, y, loss)
        a = 1 / (1 + np.exp(-np.clip(z, -500, 500)))  # 1 for large z, but never 0
        return ((1 - y) / (1 - a) - y / a) * a * (1 - a)

    return output_delta


@misconception(
    hint="Nothing is averaged here: output_delta answers unit by unit.",
    caught_by="test_output_delta_cross_entropy",
)
def delta_averaged(reference):
    def output_delta(z, y, loss):
        return reference.output_delta(z, y, loss) / np.size(z)

    return output_delta


@misconception(
    hint="exp(-z) overflows for z = -1000: use a form of the sigmoid whose exponent is never "
    "positive.",
    caught_by="test_output_delta_of_saturated_units",
)
def delta_with_overflow(reference):
    @quiet
    def output_delta(z, y, loss):
        a = np.exp(z) / (1 + np.exp(z))
        if loss not in ("mse", "cross_entropy"):
            raise ValueError(loss)
        return a - y if loss == "cross_entropy" else 2 * (a - y) * a * (1 - a)

    return output_delta


@misconception(
    hint="Only two losses are known: raise ValueError for any other name, otherwise a typo "
    "goes unnoticed.",
    caught_by="test_output_delta_arguments",
)
def unknown_loss_accepted(reference):
    def output_delta(z, y, loss):
        return reference.output_delta(z, y, "mse" if loss == "mse" else "cross_entropy")

    return output_delta


# Other libraries' conventions


@misconception(
    hint="Without an axis, sum adds up the whole matrix, as SciPy's softmax does; here each row is a "
    "distribution of its own: sum(axis=1, keepdims=True).",
    caught_by="test_softmax_value",
)
def softmax_sum_without_axis(reference):
    def softmax(logits):
        powers = np.exp(logits - np.max(logits, axis=1, keepdims=True))
        return powers / powers.sum()

    return softmax


@misconception(
    hint="Yours clips p and q at 1e-7, as Keras does; ours clips nothing: a term with p = 0 is 0, and where q "
    "is 0 and p is not the divergence is infinite.",
    caught_by="test_kl_zero_log_zero",
)
def kl_clipped(reference):
    def kl_divergence(p, q):
        p, q = (np.clip(np.asarray(a, float), 1e-7, 1) for a in (p, q))
        return float(np.sum(p * np.log(p / q)) / len(p))

    return kl_divergence
