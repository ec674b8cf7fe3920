"""Mistakes that people make with attention, each a small change on the reference, whose attention keeps
(q, k, v, weights), and multi_head_forward (x, wq, wk, wv, wo, heads, joined, attention's cache).
"""

import numpy as np

from grader.checks import misconception


def _scores(q, k):
    """Scaled dot products."""
    return np.asarray(q, float) @ np.asarray(k, float).swapaxes(-1, -2) / np.sqrt(np.shape(q)[-1])


def _answer(q, k, v, weights):
    """Output and cache of attention with these weights."""
    q, k, v = (np.asarray(a, float) for a in (q, k, v))
    return weights @ v, (q, k, v, weights)


def _softmax(scores, axis=-1):
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return raised / raised.sum(axis=axis, keepdims=True)


def _over_places(x, dout):
    """The gradient of w in x @ w."""
    return np.tensordot(x, dout, axes=([0, 1], [0, 1]))


def _layer_norm(x, gamma, beta):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gamma * centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) + beta


def _hidden(inputs, p):
    return np.maximum(inputs @ p["w1"] + p["b1"], 0)


# Positions and mask


@misconception(
    hint="Columns 0 and 1 are the sine and the cosine of the same angle, columns 2 and 3 those of the next "
    "one. Are all sines in the first half of your columns?",
    caught_by="test_positions",
)
def sines_before_cosines(reference):
    def positions(length, features):
        out = reference.positions(length, features)
        return np.concatenate([out[:, ::2], out[:, 1::2]], axis=1)

    return positions


@misconception(
    hint="The sine of place 0 is 0 and its cosine 1. Which of the two is in column 0?",
    caught_by="test_positions",
)
def cosine_before_sine(reference):
    def positions(length, features):
        out = reference.positions(length, features)
        return out.reshape(length, -1, 2)[:, :, ::-1].reshape(length, features)

    return positions


@misconception(
    hint="A sine and its cosine share an angle. Does the exponent change from column to column, instead of "
    "from pair to pair?",
    caught_by="test_positions",
)
def every_column_has_its_own_angle(reference):
    def positions(length, features):
        reference.positions(length, features)
        columns = np.arange(features)
        angles = np.arange(length)[:, None] / 10000.0 ** (columns / features)
        return np.where(columns % 2, np.cos(angles), np.sin(angles))

    return positions


@misconception(
    hint="The exponent is 2i / D, where i counts pairs. Is the 2 there?",
    caught_by="test_positions",
)
def exponent_without_two(reference):
    def positions(length, features):
        reference.positions(length, features)
        pairs = np.arange(features // 2)
        angles = np.arange(length)[:, None] / 10000.0 ** (pairs / features)
        return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, features)

    return positions


@misconception(
    hint="i counts pairs of columns: it is 1 in columns 2 and 3. Does the number of a column stand in its place?",
    caught_by="test_positions",
)
def column_for_the_pair(reference):
    def positions(length, features):
        reference.positions(length, features)
        columns = np.arange(0, features, 2)
        angles = np.arange(length)[:, None] / 10000.0 ** (2 * columns / features)
        return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, features)

    return positions


@misconception(
    hint="i counts pairs of columns, so that a sine and its cosine share an angle. Does the number of each column "
    "stand in its place?",
    caught_by="test_positions",
)
def each_column_for_the_pair(reference):
    def positions(length, features):
        reference.positions(length, features)
        columns = np.arange(features)
        angles = np.arange(length)[:, None] / 10000.0 ** (2 * columns / features)
        return np.where(columns % 2, np.cos(angles), np.sin(angles))

    return positions


@misconception(
    hint="The first place is place 0: its sines are 0. Do yours begin with 1?",
    caught_by="test_positions",
)
def places_from_one(reference):
    def positions(length, features):
        return reference.positions(length + 1, features)[1:]

    return positions


@misconception(
    hint="Row i is for the place that looks, column j for what it looks at. May place 0 look at place 1?",
    caught_by="test_causal_mask",
)
def mask_shows_the_future(reference):
    def causal_mask(length):
        return reference.causal_mask(length).T

    return causal_mask


@misconception(
    hint="A place may look at itself: else the first one sees nothing. What is on your diagonal?",
    caught_by="test_causal_mask",
)
def mask_hides_the_place_itself(reference):
    def causal_mask(length):
        reference.causal_mask(length)
        return np.tri(length, k=-1, dtype=bool)

    return causal_mask


@misconception(
    hint="True means that a place may look. Is your mask True where something is hidden, as in PyTorch's "
    "MultiheadAttention?",
    caught_by="test_causal_mask",
)
def mask_says_what_is_hidden(reference):
    def causal_mask(length):
        return ~reference.causal_mask(length)

    return causal_mask


# Attention, forward


@misconception(
    hint="A sum of D products grows with the root of D. What are the scores divided by?",
    caught_by="test_attention_worked_example",
)
def scores_not_scaled(reference):
    def attention_forward(q, k, v, mask=None):
        return reference.attention_forward(np.sqrt(q.shape[-1]) * q, k, v, mask)

    def attention_backward(dout, cache):
        dq, dk, dv = reference.attention_backward(dout, cache)
        return np.sqrt(dq.shape[-1]) * dq, dk, dv

    return attention_forward, attention_backward


@misconception(
    hint="The scores are divided by the root of D. Is the root there?",
    caught_by="test_attention_worked_example",
)
def scaled_without_the_root(reference):
    def attention_forward(q, k, v, mask=None):
        return reference.attention_forward(q / np.sqrt(q.shape[-1]), k, v, mask)

    def attention_backward(dout, cache):
        dq, dk, dv = reference.attention_backward(dout, cache)
        return dq / np.sqrt(dq.shape[-1]), dk, dv

    return attention_forward, attention_backward


@misconception(
    hint="The weights of one query sum to 1: the softmax runs over the keys. Along which axis does yours?",
    caught_by="test_attention_values",
)
def softmax_over_the_queries(reference):
    def attention_forward(q, k, v, mask=None):
        reference.attention_forward(q, k, v, mask)
        scores = _scores(q, k) if mask is None else np.where(mask, _scores(q, k), -1e300)
        return _answer(q, k, v, _softmax(scores, axis=-2))

    return attention_forward


@misconception(
    hint="The weights are not the scores themselves: what makes numbers of any sign into parts of a whole?",
    caught_by="test_attention_worked_example",
)
def no_softmax(reference):
    def attention_forward(q, k, v, mask=None):
        reference.attention_forward(q, k, v, mask)
        return _answer(q, k, v, _scores(q, k) if mask is None else np.where(mask, _scores(q, k), 0))

    return attention_forward


@misconception(
    hint="In our mask True means that a query may look there. Do you hide what is True, as PyTorch's "
    "MultiheadAttention does?",
    caught_by="test_mask",
)
def mask_the_other_way_round(reference):
    def attention_forward(q, k, v, mask=None):
        return reference.attention_forward(q, k, v, None if mask is None else ~np.asarray(mask))

    return attention_forward


@misconception(
    hint="True counts as 1 in a sum: what is hidden keeps its score, and what is seen gets 1 more. Which number "
    "added to a score makes its exponential 0?",
    caught_by="test_mask",
)
def mask_is_added_to_the_scores(reference):
    def attention_forward(q, k, v, mask=None):
        reference.attention_forward(q, k, v, mask)
        scores = _scores(q, k) if mask is None else _scores(q, k) + mask
        return _answer(q, k, v, _softmax(scores))

    return attention_forward


@misconception(
    hint="What is hidden must not count in the softmax's sum either. Do the weights that are left sum to 1?",
    caught_by="test_mask",
)
def masked_after_the_softmax(reference):
    def attention_forward(q, k, v, mask=None):
        _, (*_, weights) = reference.attention_forward(q, k, v)
        return _answer(q, k, v, weights if mask is None else weights * mask)

    return attention_forward


@misconception(
    hint="A score of 0 is no small score: its exponential is 1. Which score has an exponential of 0?",
    caught_by="test_mask",
)
def hidden_scores_are_zero(reference):
    def attention_forward(q, k, v, mask=None):
        reference.attention_forward(q, k, v, mask)
        seen = True if mask is None else mask
        return _answer(q, k, v, _softmax(np.where(seen, _scores(q, k), 0)))

    return attention_forward


@misconception(
    hint="Where nothing may be seen, all scores are equally low, and the softmax takes the mean of all that "
    "is hidden, as in Keras. Ours gives zeros there.",
    caught_by="test_who_sees_nothing",
)
def sees_all_where_nothing_may_be_seen(reference):
    def attention_forward(q, k, v, mask=None):
        reference.attention_forward(q, k, v, mask)
        seen = True if mask is None else mask
        return _answer(q, k, v, _softmax(np.where(seen, _scores(q, k), -1e30)))

    return attention_forward


@misconception(
    hint="A query that may look nowhere: its sum of weights is 0. What do you divide by then? In tinygrad "
    "comes NaN, ours gives zeros.",
    caught_by="test_who_sees_nothing",
)
def nan_where_nothing_is_seen(reference):
    def attention_forward(q, k, v, mask=None):
        reference.attention_forward(q, k, v, mask)
        seen = True if mask is None else mask
        with np.errstate(invalid="ignore"):
            return _answer(q, k, v, _softmax(np.where(seen, _scores(q, k), -np.inf)))

    return attention_forward


@misconception(
    hint="Subtract the largest score that may be seen. A hidden one that is far larger makes all others "
    "vanish.",
    caught_by="test_what_is_hidden_has_no_influence",
)
def largest_of_the_hidden_scores(reference):
    def attention_forward(q, k, v, mask=None):
        _, cache = reference.attention_forward(q, k, v, mask)
        scores = _scores(q, k)
        raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
        raised = raised if mask is None else raised * mask
        total = raised.sum(axis=-1, keepdims=True)
        weights = raised / np.where(total > 0, total, 1)
        return weights @ cache[2], (*cache[:3], weights)

    return attention_forward


@misconception(
    hint="The exponential of a thousand is infinite. Which number may be subtracted from all scores of a "
    "query first?",
    caught_by="test_large_scores",
)
def exponentials_overflow(reference):
    def attention_forward(q, k, v, mask=None):
        _, cache = reference.attention_forward(q, k, v, mask)
        with np.errstate(over="ignore", invalid="ignore"):
            raised = np.exp(_scores(q, k)) * (True if mask is None else mask)
            total = raised.sum(axis=-1, keepdims=True)
            weights = raised / np.where(total > 0, total, 1)
        return weights @ cache[2], (*cache[:3], weights)

    return attention_forward


# Attention, backward


@misconception(
    hint="Weights of a query share a sum of 1: if one rises, the others fall. Which term of the softmax's "
    "gradient says so?",
    caught_by="test_attention_backward",
)
def weights_sent_back_one_by_one(reference):
    def attention_backward(dout, cache):
        q, k, v, weights = cache
        dscores = weights * (dout @ v.swapaxes(-1, -2)) / np.sqrt(q.shape[-1])
        return dscores @ k, dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dout

    return attention_backward


@misconception(
    hint="p (1 - p) is the slope of a sigmoid. In a softmax a score moves all weights of its query.",
    caught_by="test_attention_backward",
)
def slope_of_a_sigmoid(reference):
    def attention_backward(dout, cache):
        q, k, v, weights = cache
        dscores = weights * (1 - weights) * (dout @ v.swapaxes(-1, -2)) / np.sqrt(q.shape[-1])
        return dscores @ k, dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dout

    return attention_backward


@misconception(
    hint="Forward divides the scores by the root of D. Are dq and dk divided, too?",
    caught_by="test_attention_backward",
)
def scale_forgotten_on_the_way_back(reference):
    def attention_backward(dout, cache):
        dq, dk, dv = reference.attention_backward(dout, cache)
        root = np.sqrt(dq.shape[-1])
        return root * dq, root * dk, dv

    return attention_backward


@misconception(
    hint="Forward has a softmax between scores and weights. Does the gradient of the weights go back through it?",
    caught_by="test_attention_backward",
)
def softmax_skipped_on_the_way_back(reference):
    def attention_backward(dout, cache):
        q, k, v, weights = cache
        dscores = dout @ v.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
        return dscores @ k, dscores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dout

    return attention_backward


@misconception(
    hint="Forward divides the scores by the root of D, and has a softmax behind that. Does the gradient of the "
    "weights go back through both?",
    caught_by="test_attention_backward",
)
def softmax_and_scale_skipped_on_the_way_back(reference):
    def attention_backward(dout, cache):
        q, k, v, weights = cache
        dweights = dout @ v.swapaxes(-1, -2)
        return dweights @ k, dweights.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ dout

    return attention_backward


@misconception(
    hint="The weights depend on q and k as well. What is sent back through the softmax?",
    caught_by="test_attention_backward",
)
def weights_are_constants(reference):
    def attention_backward(dout, cache):
        dq, dk, dv = reference.attention_backward(dout, cache)
        return 0 * dq, 0 * dk, dv

    return attention_backward


# Several heads


@misconception(
    hint="A head compares D / H numbers, not D. Which root divides its scores?",
    caught_by="test_multi_head_values",
)
def heads_scaled_by_all_features(reference):
    def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
        return reference.multi_head_forward(x, wq / np.sqrt(heads), wk, wv, wo, heads, mask)

    def multi_head_backward(dout, cache):
        dx, dwq, *others = reference.multi_head_backward(dout, cache)
        return dx, dwq / np.sqrt(cache[5]), *others

    return multi_head_forward, multi_head_backward


def _cut(rows, heads):
    return rows.reshape(*rows.shape[:2], heads, -1).swapaxes(1, 2)


def _cut_only(rows, heads):
    return rows.reshape(len(rows), heads, rows.shape[1], -1)


def _join(mixed):
    n, _, places, _ = mixed.shape
    return mixed.swapaxes(1, 2).reshape(n, places, -1)


def _join_only(mixed):
    n, _, places, _ = mixed.shape
    return mixed.reshape(n, places, -1)


def _cut_and_joined(reference, cut, join):
    """Heads that are cut out of the features, or put together, in another way."""

    def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
        _, cache = reference.multi_head_forward(x, wq, wk, wv, wo, heads, mask)
        q, k, v = (cut(x @ w, heads) for w in (wq, wk, wv))
        mixed, kept = reference.attention_forward(q, k, v, mask)
        joined = join(mixed)
        return joined @ wo, (*cache[:6], joined, kept)

    return multi_head_forward


def _reordered(reference, order):
    """Heads that have other columns: `order` gives the column that comes to each place."""

    def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
        columns = order(wq.shape[1], heads)
        given = wq[:, columns], wk[:, columns], wv[:, columns], wo[columns]
        out, cache = reference.multi_head_forward(x, *given, heads, mask)
        return out, (cache, columns)

    def multi_head_backward(dout, cache):
        kept, columns = cache
        dx, *matrices, dwo = reference.multi_head_backward(dout, kept)
        back = np.argsort(columns, kind="stable")
        return dx, *(d[:, back] for d in matrices), dwo[back]

    return multi_head_forward, multi_head_backward


@misconception(
    hint="Head 0 has the first D / H columns beside each other. Does yours have every H-th column?",
    caught_by="test_multi_head_values",
)
def every_nth_column_is_a_head(reference):
    return _reordered(reference, lambda d, h: np.arange(d).reshape(-1, h).T.ravel())


@misconception(
    hint="reshape alone cuts the places into heads. First make the features into two axes, (H, D / H), then "
    "swap the axes of places and heads.",
    caught_by="test_multi_head_values",
)
def reshaped_without_swapping(reference):
    return _cut_and_joined(reference, _cut_only, _join_only)


@misconception(
    hint="The heads are cut out of the places: reshape alone does not move an axis. The features become two axes, "
    "(H, D / H), and then places and heads are swapped. Is that so where you split?",
    caught_by="test_multi_head_values",
)
def split_without_swapping(reference):
    return _cut_and_joined(reference, _cut_only, _join)


@misconception(
    hint="What the heads found is put together by reshape alone, which does not move an axis: places and heads are "
    "swapped back first. Is that so where you join?",
    caught_by="test_multi_head_values",
)
def joined_without_swapping(reference):
    return _cut_and_joined(reference, _cut, _join_only)


@misconception(
    hint="The results of the heads lie beside each other and know nothing of each other. Are they multiplied "
    "by wo?",
    caught_by="test_multi_head_values",
)
def heads_are_not_mixed(reference):
    def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
        _, cache = reference.multi_head_forward(x, wq, wk, wv, wo, heads, mask)
        return cache[6], cache

    return multi_head_forward


@misconception(
    hint="Is there one attention over all D columns, whatever the number of heads?",
    caught_by="test_multi_head_values",
)
def one_head_whatever_is_asked(reference):
    def multi_head_forward(x, wq, wk, wv, wo, heads, mask=None):
        reference.multi_head_forward(x, wq, wk, wv, wo, heads, mask)
        return reference.multi_head_forward(x, wq, wk, wv, wo, 1, mask)

    return multi_head_forward


@misconception(
    hint="x goes three ways: into queries, keys and values. Does dx add up what comes back from all three?",
    caught_by="test_multi_head_backward",
)
def dx_from_the_queries_only(reference):
    def multi_head_backward(dout, cache):
        _, *matrices = reference.multi_head_backward(dout, cache)
        _, wq, _, _, wo, heads, _, kept = cache
        n, t, d = dout.shape
        dmixed = (dout @ wo.T).reshape(n, t, heads, d // heads).swapaxes(1, 2)
        dq, _, _ = reference.attention_backward(dmixed, kept)
        return dq.swapaxes(1, 2).reshape(n, t, d) @ wq.T, *matrices

    return multi_head_backward


@misconception(
    hint="Examples and places share the matrices, so their gradients are sums over both. Is one of them a "
    "mean?",
    caught_by="test_multi_head_backward",
)
def matrices_averaged_over_the_batch(reference):
    def multi_head_backward(dout, cache):
        dx, *matrices = reference.multi_head_backward(dout, cache)
        return dx, *(d / len(dout) for d in matrices)

    return multi_head_backward


@misconception(
    hint="wo is multiplied by what the heads have found, not by x. What is its gradient made of?",
    caught_by="test_multi_head_backward",
)
def wo_gradient_from_x(reference):
    def multi_head_backward(dout, cache):
        *others, _ = reference.multi_head_backward(dout, cache)
        return *others, _over_places(cache[0], dout)

    return multi_head_backward


# The block


def block(reference, forward):
    """A block with another forward(x, attend, feed, first, second) of its two parts and two normalisations."""

    class Block(reference.Block):
        def forward(self, x, mask=None):
            super().forward(x, mask)
            p = self.params
            weights = p["wq"], p["wk"], p["wv"], p["wo"]
            return forward(
                x,
                lambda inputs: reference.multi_head_forward(inputs, *weights, self.heads, mask)[0],
                lambda inputs: _hidden(inputs, p) @ p["w2"] + p["b2"],
                lambda inputs: _layer_norm(inputs, p["gamma1"], p["beta1"]),
                lambda inputs: _layer_norm(inputs, p["gamma2"], p["beta2"]),
            )

    return Block


@misconception(
    hint="Do you normalise the sum, after x was added, as PyTorch's TransformerEncoderLayer does unless told "
    "otherwise? Our block normalises what each part reads.",
    caught_by="test_block_values",
)
def normalised_after_adding(reference):
    def forward(x, attend, feed, first, second):
        a = first(x + attend(x))
        return second(a + feed(a))

    return block(reference, forward)


@misconception(
    hint="The second layer normalisation reads a, to which attention has added something. Does yours read x?",
    caught_by="test_block_values",
)
def second_norm_reads_x(reference):
    def forward(x, attend, feed, first, second):
        return x + attend(first(x)) + feed(second(x))

    return block(reference, forward)


@misconception(
    hint="What attention finds is added to x, not put in its place. Where does x go by?",
    caught_by="test_block_values",
)
def no_bypass_of_attention(reference):
    def forward(x, attend, feed, first, second):
        a = attend(first(x))
        return a + feed(second(a))

    return block(reference, forward)


@misconception(
    hint="What the small network finds is added to a, not put in its place. Where does a go by?",
    caught_by="test_block_values",
)
def no_bypass_of_the_network(reference):
    def forward(x, attend, feed, first, second):
        return feed(second(x + attend(first(x))))

    return block(reference, forward)


@misconception(
    hint="The bypass carries x itself, not the normalised x. What is attention's result added to?",
    caught_by="test_block_values",
)
def bypass_of_the_normalised(reference):
    def forward(x, attend, feed, first, second):
        inputs = second(first(x) + attend(first(x)))
        return inputs + feed(inputs)

    return block(reference, forward)


@misconception(
    hint="The bypass carries x itself, not the normalised x. What is attention's result added to?",
    caught_by="test_block_values",
)
def attention_added_to_the_normalised(reference):
    def forward(x, attend, feed, first, second):
        a = first(x) + attend(first(x))
        return a + feed(second(a))

    return block(reference, forward)


@misconception(
    hint="A mask that a block does not pass on hides nothing. Does your attention get it?",
    caught_by="test_block_values",
)
def block_forgets_the_mask(reference):
    class Block(reference.Block):
        def forward(self, x, mask=None):
            return super().forward(x)

    return Block


@misconception(
    hint="Between w1 and w2 stands a ReLU. Without it, both are one matrix.",
    caught_by="test_block_values",
)
def no_relu(reference):
    class Block(reference.Block):
        def forward(self, x, mask=None):
            out, p = super().forward(x, mask), self.params
            *kept, inputs, hidden = self._cache
            linear = inputs @ p["w1"] + p["b1"]
            self._cache = *kept, inputs, linear
            return out + (linear - hidden) @ p["w2"]

    return Block


@misconception(
    hint="What is added on the way forward goes both ways on the way back: into the part, and past it. Is "
    "dout itself in dx?",
    caught_by="test_block_backward",
)
def nothing_goes_past_on_the_way_back(reference):
    class Block(reference.Block):
        def backward(self, dout):
            return super().backward(dout) - dout

    return Block


@misconception(
    hint="a goes into the small network, and past it. Does the gradient of a hold dout itself as well, before it goes "
    "back into attention?",
    caught_by="test_block_backward",
)
def nothing_goes_past_the_network(reference):
    class Block(reference.Block):
        def backward(self, dout):
            dx, grads, w2 = super().backward(dout), self.grads, self.params["w2"]
            self.params["w2"] = np.zeros_like(w2)  # then nothing comes back through the network
            past, self.params["w2"] = super().backward(dout), w2
            early = ("wq", "wk", "wv", "wo", "gamma1", "beta1")
            self.grads = {n: g - self.grads[n] if n in early else g for n, g in grads.items()}
            return dx - past

    return Block


@misconception(
    hint="x goes into attention, and past it. Is the gradient of a, which went past, in dx as well?",
    caught_by="test_block_backward",
)
def nothing_goes_past_attention(reference):
    class Block(reference.Block):
        def backward(self, dout):
            dx, grads = super().backward(dout), self.grads
            whole = self._cache
            (normal, inverse, gamma), *others = whole
            self._cache = (normal, 0 * inverse, gamma), *others
            past = super().backward(dout)  # all that comes back by the other way
            self._cache, self.grads = whole, grads
            return dx - past

    return Block


@misconception(
    hint="A ReLU that was off sends nothing back. Which units of the hidden layer were on?",
    caught_by="test_block_backward",
)
def relu_always_sends_back(reference):
    class Block(reference.Block):
        def backward(self, dout):
            *kept, hidden = self._cache
            self._cache = *kept, np.maximum(hidden, 1e-300)
            try:
                return super().backward(dout)
            finally:
                self._cache = *kept, hidden

    return Block


@misconception(
    hint="Biases are shared by all examples and places: their gradients are sums over both axes. Is one of "
    "them a mean?",
    caught_by="test_block_backward",
)
def biases_averaged_over_the_batch(reference):
    class Block(reference.Block):
        def backward(self, dout):
            dx = super().backward(dout)
            self.grads |= {name: self.grads[name] / len(dout) for name in ("b1", "b2")}
            return dx

    return Block


@misconception(
    hint="A backward pass sets grads. Are they added to those of the pass before?",
    caught_by="test_blocks_do_not_share",
)
def gradients_pile_up(reference):
    class Block(reference.Block):
        def backward(self, dout):
            before = self.grads
            dx = super().backward(dout)
            self.grads = {name: one + before.get(name, 0) for name, one in self.grads.items()}
            return dx

    return Block


@misconception(
    hint="Two blocks, and the second one's forward pass disturbs the first one's backward pass. Where is "
    "kept what backward needs?",
    caught_by="test_blocks_do_not_share",
)
def one_cache_for_all_blocks(reference):
    kept = {}

    class Block(reference.Block):
        def forward(self, x, mask=None):
            out = super().forward(x, mask)
            kept["last"] = self._cache
            return out

        def backward(self, dout):
            self._cache = kept["last"]
            return super().backward(dout)

    return Block


@misconception(
    hint="A deviation of 1 lets sums of D products grow. By the root of which size are the weights divided?",
    caught_by="test_weights_are_drawn",
)
def weights_of_deviation_one(reference):
    class Block(reference.Block):
        def __init__(self, features, heads, hidden, rng):
            super().__init__(features, heads, hidden, rng)
            for name, one in self.params.items():
                if one.ndim == 2:
                    self.params[name] = one * np.sqrt(len(one))

    return Block
