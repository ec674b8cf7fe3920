"""Mistakes that people make with dropout, each a small change on the reference, whose cache is
(kept, keep): a mask of truth values, and the probability of keeping.
"""

import numpy as np

from grader.checks import misconception


def coins(x, keep, rng):
    """Which entries are kept, drawn as the reference draws them."""
    return rng.random(np.shape(x)) < keep


def dropped(x, kept, factor):
    return np.where(kept, np.asarray(x) * factor, 0.0)


def forward_with(reference, mask):
    """A dropout_forward whose mask is mask(x, keep, rng), an array that can be spread over x."""

    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, False, None)
        if not training:
            return out, cache
        kept = np.broadcast_to(mask(np.asarray(x), 1 - p_drop, rng), np.shape(x))
        return dropped(x, kept, 1 / (1 - p_drop)), (kept, 1 - p_drop)

    return dropout_forward


# How much is dropped, and the scale


@misconception(
    hint="In words: with p_drop = 0.3, what share survives? 0.7, but yours keeps a unit "
    "with probability p_drop.",
    caught_by="test_zero_or_scaled",
)
def p_as_keep_probability(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, False, None)
        if not training or not p_drop:
            return out, cache
        return reference.dropout_forward(x, 1 - p_drop, True, rng)

    return dropout_forward


@misconception(
    hint="p_drop is the probability of dropping, and yours keeps with it: what is dropped and what is kept "
    "are the wrong way round, while the scale is right.",
    caught_by="test_share_of_dropped",
)
def mask_reversed(reference):
    return forward_with(reference, lambda x, keep, rng: ~coins(x, keep, rng))


@misconception(
    hint="Is the expected output still x? Divide what is kept by 1 - p_drop while training, as PyTorch "
    "and Keras do.",
    caught_by="test_zero_or_scaled",
)
def no_scaling(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, (kept, keep) = reference.dropout_forward(x, p_drop, training, rng)
        return out * keep, (kept, 1.0)

    return dropout_forward


@misconception(
    hint="Is the expected output still x? Divide what is kept by 1 - p_drop while training, as PyTorch "
    "and Keras do.",
    caught_by="test_zero_or_scaled",
)
def no_scaling_of_what_is_greater(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, (kept, _) = reference.dropout_forward(x, p_drop, False, None)
        if not training:
            return out, (kept, 1.0)
        kept = rng.random(np.shape(x)) > p_drop
        return dropped(x, kept, 1.0), (kept, 1.0)

    return dropout_forward


@misconception(
    hint="This is the older form, which scales in prediction. In inverted dropout, ours and that of "
    "PyTorch and Keras, the scale 1 / (1 - p_drop) belongs in training, and prediction changes nothing.",
    caught_by="test_prediction_is_the_identity",
)
def scaled_in_prediction_instead(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, (kept, keep) = reference.dropout_forward(x, p_drop, training, rng)
        if not training:
            return out * (1 - p_drop), (kept, 1 / (1 - p_drop))
        return out * keep, (kept, 1.0)

    return dropout_forward


@misconception(
    hint="Yours scales in prediction, but here prediction must leave x as it is: compensate once, in "
    "training, as PyTorch and Keras do.",
    caught_by="test_prediction_is_the_identity",
)
def scaled_in_prediction_too(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, training, rng)
        return (out, cache) if training else (out * (1 - p_drop), cache)

    return dropout_forward


@misconception(
    hint="Divide by the probability of being kept, 1 - p_drop. Yours divides by p_drop, which "
    "is the same only at 0.5.",
    caught_by="test_zero_or_scaled",
)
def divided_by_drop_probability(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, (kept, keep) = reference.dropout_forward(x, p_drop, training, rng)
        if not training or not p_drop:
            return out, (kept, keep)
        return dropped(x, kept, 1 / p_drop), (kept, p_drop)

    return dropout_forward


@misconception(
    hint="The divisor must be the probability of what you kept: (random > p) keeps 1 - p, so "
    "divide by 1 - p, not by p.",
    caught_by="test_zero_or_scaled",
)
def greater_than_p_divided_by_p(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, False, None)
        if not training or not p_drop:
            return out, cache
        kept = rng.random(np.shape(x)) > p_drop
        return dropped(x, kept, 1 / p_drop), (kept, p_drop)

    return dropout_forward


@misconception(
    hint="Divide by 1 - p_drop; yours multiplies by it, so that the output shrinks twice.",
    caught_by="test_zero_or_scaled",
)
def multiplied_by_keep_probability(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, (kept, keep) = reference.dropout_forward(x, p_drop, training, rng)
        return out * keep * keep, (kept, 1 / keep)

    return dropout_forward


# Where chance comes from


@misconception(
    hint="In prediction no coin is tossed at all: draw only when training is True.",
    caught_by="test_prediction_draws_nothing",
)
def draws_in_prediction(reference):
    def dropout_forward(x, p_drop, training, rng):
        answer = reference.dropout_forward(x, p_drop, training, rng)
        if not training:
            rng.random(np.shape(x))
        return answer

    return dropout_forward


@misconception(
    hint="A prediction should be the same every time: when training is False, nothing is dropped.",
    caught_by="test_prediction_is_the_identity",
)
def drops_in_prediction(reference):
    def dropout_forward(x, p_drop, training, rng):
        return reference.dropout_forward(x, p_drop, rng is not None, rng)

    return dropout_forward


@misconception(
    hint="Nothing is dropped where training is True. Look at the `if`: drop when it is True, and leave "
    "x alone when it is False.",
    caught_by="test_prediction_is_the_identity",
)
def training_and_prediction_swapped(reference):
    def dropout_forward(x, p_drop, training, rng):
        return reference.dropout_forward(x, p_drop, not training, rng)

    return dropout_forward


@misconception(
    hint="One row of coins was tossed for the whole batch: each example needs its own, so the "
    "mask has the shape of x.",
    caught_by="test_entries_are_independent",
)
def one_mask_for_all_examples(reference):
    return forward_with(reference, lambda x, keep, rng: coins(x[0], keep, rng))


@misconception(
    hint="All entries were kept or dropped at once, by one random number: each entry tosses its own coin, so "
    "the random numbers have the shape of x.",
    caught_by="test_zero_or_scaled",
)
def one_coin_for_all(reference):
    return forward_with(reference, lambda x, keep, rng: coins(0.0, keep, rng))


@misconception(
    hint="A whole example was kept or dropped at once: each entry tosses its own coin, so the "
    "mask has the shape of x.",
    caught_by="test_entries_are_independent",
)
def one_coin_for_each_example(reference):
    def mask(x, keep, rng):
        return coins(x[(slice(None), *[slice(0, 1)] * (x.ndim - 1))], keep, rng)

    return forward_with(reference, mask)


@misconception(
    hint="One coin was tossed for a whole feature map: here each entry tosses its own, so the "
    "mask has the shape of x.",
    caught_by="test_entries_are_independent",
)
def one_coin_for_each_map(reference):
    def mask(x, keep, rng):
        return coins(x[..., :1, :1] if x.ndim == 4 else x, keep, rng)

    return forward_with(reference, mask)


@misconception(
    hint="standard_normal (randn) is a bell curve; only rng.random is uniform on [0, 1), so "
    "that “below p” has probability p.",
    caught_by="test_share_of_dropped",
)
def bell_curve_coins(reference):
    return forward_with(reference, lambda x, keep, rng: rng.standard_normal(x.shape) < keep)


@misconception(
    hint="Half is dropped whatever p_drop is: compare the random numbers with p_drop, not with 0.5.",
    caught_by="test_share_of_dropped",
)
def threshold_of_one_half(reference):
    return forward_with(reference, lambda x, keep, rng: rng.random(x.shape) >= 0.5)


@misconception(
    hint="Whole random numbers, ten or a hundred of them, allow only tenths or whole percents, but p_drop may be "
    "any number: compare rng.random(x.shape) with p_drop itself.",
    caught_by="test_share_of_dropped",
)
def whole_percents(reference):
    def mask(x, keep, rng):
        return rng.integers(0, 100, x.shape) < 100 * keep

    return forward_with(reference, mask)


@misconception(
    hint="Independent coins, not a fixed quota: the number of dropped entries is random as well.",
    caught_by="test_number_of_dropped_varies",
)
def fixed_quota(reference):
    def mask(x, keep, rng):
        kept = np.arange(x.size) < round(keep * x.size)
        return rng.permutation(kept).reshape(x.shape)

    return forward_with(reference, mask)


@misconception(
    hint="A mask of two dimensions fits no picture: rng.random(x.shape) works for any number of "
    "them.",
    caught_by="test_output_shape",
)
def mask_has_two_dimensions(reference):
    return forward_with(reference, lambda x, keep, rng: rng.random((x.shape[0], x.shape[1])) < keep)


@misconception(
    hint="Draw from the rng that you were given: np.random is another source, and the run "
    "cannot be repeated from its seed.",
    caught_by="test_generator_decides",
)
def draws_from_np_random(reference):
    return forward_with(reference, lambda x, keep, rng: np.random.random(x.shape) < keep)


@misconception(
    hint="A generator made anew with a fixed seed drops the same units for ever: use the rng "
    "that you were given.",
    caught_by="test_generator_decides",
)
def makes_its_own_generator(reference):
    return forward_with(reference, lambda x, keep, rng: coins(x, keep, np.random.default_rng(0)))


@misconception(
    hint="The mask of an earlier call is used again: every call tosses new coins.",
    caught_by="test_generator_decides",
)
def mask_used_for_ever(reference):
    kept = {}

    def mask(x, keep, rng):
        first = coins(x, keep, rng)
        return kept.setdefault((x.shape, keep), first)

    return forward_with(reference, mask)


@misconception(
    hint="With p_drop = 1 nothing would be left, and the scale 1 / 0 does not exist. PyTorch and Keras "
    "then answer zeros; ours raises ValueError unless 0 <= p_drop < 1.",
    caught_by="test_impossible_probabilities",
)
def everything_may_be_dropped(reference):
    def dropout_forward(x, p_drop, training, rng):
        if p_drop == 1:
            return np.zeros(np.shape(x)), (np.zeros(np.shape(x), bool), 1.0)
        return reference.dropout_forward(x, p_drop, training, rng)

    return dropout_forward


@misconception(
    hint="An impossible p_drop is a mistake in prediction, too: test it before you look at "
    "training.",
    caught_by="test_impossible_probabilities",
)
def probability_tested_in_training_only(reference):
    def dropout_forward(x, p_drop, training, rng):
        return reference.dropout_forward(x, p_drop if training else 0.0, training, rng)

    return dropout_forward


@misconception(
    hint="p_drop is never checked: raise ValueError unless 0 <= p_drop < 1.",
    caught_by="test_impossible_probabilities",
)
def probability_not_tested(reference):
    def dropout_forward(x, p_drop, training, rng):
        if not training:
            return reference.dropout_forward(x, 0.0, False, rng)
        kept = coins(x, 1 - p_drop, rng)
        with np.errstate(all="ignore"):
            return dropped(x, kept, np.divide(1.0, 1 - p_drop)), (kept, 1 - p_drop)

    return dropout_forward


@misconception(
    hint="x[mask] = 0 writes into the caller's array: work on a copy, the unit keeps its value.",
    caught_by="test_arguments_are_left_alone",
)
def drops_in_the_callers_array(reference):
    def dropout_forward(x, p_drop, training, rng):
        answer = reference.dropout_forward(x, p_drop, training, rng)
        if training:
            x[~answer[1][0]] = 0
        return answer

    return dropout_forward


@misconception(
    hint="Whole numbers cannot hold x / (1 - p_drop): compute in floats, not in the type of x.",
    caught_by="test_other_number_types",
)
def keeps_whole_numbers(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, training, rng)
        return out.astype(x.dtype), cache

    return dropout_forward


# The backward pass


@misconception(
    hint="A silenced unit cannot have changed the loss: its dx is 0, so the mask is needed "
    "backward, too.",
    caught_by="test_backward_uses_the_same_mask",
)
def backward_passes_dout_on(reference):
    def dropout_backward(dout, cache):
        return dout.copy()

    return dropout_backward


@misconception(
    hint="The scale is there, the mask is not: a silenced unit cannot have changed the loss, so "
    "its dx is 0.",
    caught_by="test_backward_uses_the_same_mask",
)
def backward_scales_everything(reference):
    def dropout_backward(dout, cache):
        return dout / cache[1]

    return dropout_backward


@misconception(
    hint="The backward pass uses the same factor as the forward pass: 1 / (1 - p_drop) is missing.",
    caught_by="test_backward_uses_the_same_mask",
)
def backward_without_scale(reference):
    def dropout_backward(dout, cache):
        return np.where(cache[0], dout, 0)

    return dropout_backward


@misconception(
    hint="The forward pass divides by 1 - p_drop, and so must the backward pass; yours multiplies.",
    caught_by="test_backward_uses_the_same_mask",
)
def backward_multiplies(reference):
    def dropout_backward(dout, cache):
        return np.where(cache[0], dout * cache[1], 0)

    return dropout_backward


@misconception(
    hint="Use the mask that you saved: a fresh one silences other units than the forward pass did.",
    caught_by="test_backward_uses_the_same_mask",
)
def new_mask_in_backward(reference):
    def dropout_backward(dout, cache):
        kept = np.random.random(dout.shape) < cache[1]
        return np.where(kept, dout / cache[1], 0)

    return dropout_backward


@misconception(
    hint="The backward mask is the forward mask, not its opposite: dx is 0 where the unit was "
    "dropped.",
    caught_by="test_backward_uses_the_same_mask",
)
def backward_mask_reversed(reference):
    def dropout_backward(dout, cache):
        return np.where(cache[0], 0, dout / cache[1]) if cache[1] < 1 else dout.copy()

    return dropout_backward


@misconception(
    hint="Save the mask: a 0 in the output can be a genuine value, as behind a ReLU, and not a "
    "dropped unit.",
    caught_by="test_backward_uses_the_same_mask",
)
def mask_guessed_from_zeros(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, training, rng)
        return out, (out != 0 if training else cache[0], cache[1])

    return dropout_forward


@misconception(
    hint="dx belongs to dout, which is multiplied by mask and scale; yours multiplies the "
    "output of the forward pass.",
    caught_by="test_backward_uses_the_same_mask",
)
def backward_multiplies_the_output(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, training, rng)
        return out, (*cache, out)

    def dropout_backward(dout, cache):
        return dout * cache[2]

    return dropout_forward, dropout_backward


@misconception(
    hint="dout[~mask] = 0 writes into the caller's array: make a new one, dout * mask.",
    caught_by="test_arguments_are_left_alone",
)
def backward_changes_dout(reference):
    def dropout_backward(dout, cache):
        dout[~cache[0]] = 0
        return dout / cache[1]

    return dropout_backward


@misconception(
    hint="What the backward pass needs belongs in the cache. A global holds only the latest "
    "call's mask.",
    caught_by="test_no_hidden_state",
)
def mask_in_a_global(reference):
    latest = {}

    def dropout_forward(x, p_drop, training, rng):
        out, latest["cache"] = reference.dropout_forward(x, p_drop, training, rng)
        return out, None

    def dropout_backward(dout, cache):
        return reference.dropout_backward(dout, latest["cache"])

    return dropout_forward, dropout_backward


@misconception(
    hint="zeros_like(x) of whole numbers has only room for whole numbers: compute dx in floats.",
    caught_by="test_backward_uses_the_same_mask",
)
def gradient_in_whole_numbers(reference):
    def dropout_forward(x, p_drop, training, rng):
        out, cache = reference.dropout_forward(x, p_drop, training, rng)
        return out, (*cache, np.asarray(x).dtype)

    def dropout_backward(dout, cache):
        return reference.dropout_backward(dout, cache[:2]).astype(cache[2])

    return dropout_forward, dropout_backward


# Many sub-networks


@misconception(
    hint="Inverted dropout has scaled what it kept, so the mean of dropout(x) is x itself: no "
    "factor 1 - p_drop is left.",
    caught_by="test_expected_output",
)
def expected_output_shrunk(reference):
    def expected_output(x, w, p_drop):
        return reference.expected_output(x, w, p_drop) * (1 - p_drop)

    return expected_output


@misconception(
    hint="The scale 1 / (1 - p_drop) and the share 1 - p_drop of kept inputs cancel: yours "
    "counts only the scale.",
    caught_by="test_expected_output",
)
def expected_output_scaled_up(reference):
    def expected_output(x, w, p_drop):
        return reference.expected_output(x, w, p_drop) / (1 - p_drop)

    return expected_output


def in_the_type_of_x(function):
    """The same function, with an output that has the number type of x."""

    def answer(x, *arguments):
        return function(x, *arguments).astype(np.asarray(x).dtype)

    answer.__name__ = function.__name__
    return answer


@misconception(
    hint="x may hold whole numbers where w does not: compute in floats, not in the type of x.",
    caught_by="test_expected_output_arguments",
)
def expected_output_in_the_type_of_x(reference):
    return in_the_type_of_x(reference.expected_output)


@misconception(
    hint="x may hold whole numbers where w does not: add up in floats, not in the type of x.",
    caught_by="test_ensemble_arguments",
)
def ensemble_in_the_type_of_x(reference):
    return in_the_type_of_x(reference.ensemble_output)


@misconception(
    hint="An average is a sum divided by n: the outputs were only added up.",
    caught_by="test_ensemble_averages",
)
def ensemble_summed(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        return n * reference.ensemble_output(x, w, p_drop, n, rng)

    return ensemble_output


@misconception(
    hint="Each of the n sub-networks needs its own mask: draw inside the loop, not before it.",
    caught_by="test_ensemble_averages",
)
def ensemble_with_one_mask(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        reference.ensemble_output(x, w, p_drop, min(n, 1), None if n < 1 else rng)
        return reference.ensemble_output(x, w, p_drop, 1, rng)

    return ensemble_output


@misconception(
    hint="A sub-network is one with dropout in training, scale included; in prediction nothing "
    "is dropped, and all n outputs are equal.",
    caught_by="test_ensemble_averages",
)
def ensemble_of_whole_networks(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        if n < 1:
            raise ValueError(n)
        return reference.expected_output(x, w, p_drop)

    return ensemble_output


@misconception(
    hint="The sub-networks drop without scaling up what they keep: divide by 1 - p_drop.",
    caught_by="test_ensemble_averages",
)
def ensemble_without_scale(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        return (1 - p_drop) * reference.ensemble_output(x, w, p_drop, n, rng)

    return ensemble_output


@misconception(
    hint="Dropout silences inputs, each example's on its own; yours removes single weights, the "
    "same for all examples.",
    caught_by="test_ensemble_averages",
)
def ensemble_drops_weights(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        if n < 1:
            raise ValueError(n)
        return x @ sum(reference.dropout_forward(w, p_drop, True, rng)[0] for _ in range(n)) / n

    return ensemble_output


@misconception(
    hint="The outputs of the layer were dropped; dropout acts on its inputs x.",
    caught_by="test_ensemble_averages",
)
def ensemble_drops_outputs(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        if n < 1:
            raise ValueError(n)
        return sum(reference.dropout_forward(x @ w, p_drop, True, rng)[0] for _ in range(n)) / n

    return ensemble_output


@misconception(
    hint="The average over no sub-network does not exist: raise ValueError when n is below 1.",
    caught_by="test_ensemble_arguments",
)
def ensemble_of_none(reference):
    def ensemble_output(x, w, p_drop, n, rng):
        if n < 1:
            return np.zeros((len(x), w.shape[1]))
        return reference.ensemble_output(x, w, p_drop, n, rng)

    return ensemble_output
