"""The checks of ex15: attention, several heads, positions, and a transformer's block."""

import numpy as np
import pytest

from grader.checks import (
    assert_arguments_unchanged,
    assert_caches_apart,
    assert_gradients,
    assert_raises,
    assert_results_kept,
    assert_same,
    assert_shape,
    distinct_values,
    fail,
    grid_values,
    say,
    upstream,
)

SHAPE, BACK = "test_attention_shape", "test_attention_gradient_shapes"
HEADS, HEADS_BACK = "test_multi_head_shape", "test_multi_head_gradient_shapes"
BLOCK, BLOCK_BACK = "test_block_shape", "test_block_gradient_shapes"
# Leading axes, queries, keys, features of queries and keys, features of values.
SHAPES = (((), 3, 4, 2, 5), ((2,), 4, 3, 5, 1), ((3, 2), 2, 3, 4, 2))
SIZES = ((1, 3, 4, 1), (2, 3, 4, 2), (2, 4, 6, 3), (2, 5, 6, 6))  # N, T, D and heads
MATRICES = ("wq", "wk", "wv", "wo")
NAMES = (*MATRICES, "gamma1", "beta1", "gamma2", "beta2", "w1", "b1", "w2", "b2")


def attended(q, k, v, mask=True):
    """Attention by its definition; where nothing may be seen, zeros."""
    scores = np.where(mask, q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), -np.inf)
    highest = np.maximum(scores.max(axis=-1, keepdims=True), -1e300)
    weights = np.exp(scores - highest)
    return weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300) @ v


def by_heads(x, wq, wk, wv, wo, heads, mask=True):
    """Each head on its own columns, and the results beside each other."""
    each = zip(*(np.split(x @ w, heads, axis=-1) for w in (wq, wk, wv)), strict=True)
    return np.concatenate([attended(q, k, v, mask) for q, k, v in each], axis=-1) @ wo


def asked(rng, lead, t, s, d, e):
    """Queries, keys and values."""
    return (
        grid_values(rng, (*lead, t, d)),
        grid_values(rng, (*lead, s, d)),
        grid_values(rng, (*lead, s, e)),
    )


def some(rng, t, s):
    """A mask with something to see, and something hidden, in every row."""
    mask = rng.random((t, s)) < 0.5
    seen, rows = rng.integers(0, s, t), np.arange(t)
    mask[rows, seen], mask[rows, (seen + 1) % s] = True, False
    return mask


def matrices(rng, d):
    """wq, wk, wv and wo."""
    return tuple(grid_values(rng, (d, d), limit=1) for _ in MATRICES)


def shapes_of(d, hidden):
    """The shapes of a block's parameters."""
    shapes = {name: (d, d) if name in MATRICES else (d,) for name in NAMES}
    return shapes | {"w1": (d, hidden), "b1": (hidden,), "w2": (hidden, d)}


def parameters(rng, d, hidden):
    """A block's parameters, none of them as in a new block; gammas of both signs."""
    return {name: grid_values(rng, s, limit=1) for name, s in shapes_of(d, hidden).items()}


def made(module, params, heads):
    """A block with these parameters."""
    features, hidden = params["w1"].shape
    block = module.Block(features, heads, hidden, np.random.default_rng(0))
    block.params = params
    return block


def passes(module, heads, mask):
    """The forward and backward pass of a new block, as functions of all that it is made of."""

    def forward(x, wq, wk, wv, wo, gamma1, beta1, gamma2, beta2, w1, b1, w2, b2):
        arrays = wq, wk, wv, wo, gamma1, beta1, gamma2, beta2, w1, b1, w2, b2
        block = made(module, dict(zip(NAMES, arrays, strict=True)), heads)
        return block.forward(x, mask), block

    def backward(dout, block):
        dx, grads = block.backward(dout), block.grads
        return dx, *(grads[name] for name in NAMES)

    return forward, backward


# Positions and mask


def with_or_without(x, heads, mask):
    """Which inputs they are, in words."""
    if mask is None:
        return say("For x {x}, {heads} heads, without a mask:", x=x.shape, heads=heads)
    return say("For x {x}, {heads} heads, with a mask:", x=x.shape, heads=heads)


@pytest.mark.points(3)
def test_positions(student):
    """Each place has a sine and a cosine for each pair of columns, slower from pair to pair."""
    for length, features in ((1, 2), (4, 6), (7, 4), (50, 10)):
        want = np.zeros((length, features))
        for i in range(features // 2):
            angles = np.arange(length) / 10000.0 ** (2 * i / features)
            want[:, 2 * i], want[:, 2 * i + 1] = np.sin(angles), np.cos(angles)
        assert_same(
            student.positions(length, features),
            want,
            because=say("For positions({length}, {features}):", length=length, features=features),
        )


@pytest.mark.points(1)
@pytest.mark.after("test_positions")
def test_positions_need_pairs(student):
    """An odd number of features is a ValueError."""
    assert_raises(student.positions, "ValueError", 4, 3)


@pytest.mark.points(2)
def test_causal_mask(student):
    """Place i may look at itself and at what came before it; the mask is made of booleans."""
    for length in (5, 2, 1):
        mask = student.causal_mask(length)
        because = say("For causal_mask({length}):", length=length)
        assert_shape(mask, (length, length), name="mask", because=because)
        if mask.dtype != bool:
            fail(
                say(
                    "The mask is an array of {dtype}; it must be one of booleans.", dtype=mask.dtype
                )
            )
        want = np.array([[j <= i for j in range(length)] for i in range(length)])
        assert_same(mask, want, name="mask", because=because)


# Attention


@pytest.mark.points(1)
def test_attention_shape(student, rng):
    """There is one row for each query, as long as the values are, with any number of leading axes."""
    for lead, t, s, d, e in SHAPES:
        q, k, v = asked(rng, lead, t, s, d, e)
        out, _ = student.attention_forward(q, k, v)
        assert_shape(
            out,
            (*lead, t, e),
            because=say(
                "For q {q}, k {k}, v {v}:",
                q=q.shape,
                k=k.shape,
                v=v.shape,
            ),
        )


@pytest.mark.points(2)
@pytest.mark.after(SHAPE)
def test_attention_worked_example(student):
    """The example of the handout: scores ln 3 and 0, so weights of three quarters and one."""
    q, v = np.array([[np.log(3), 0, 0, 0]]), np.array([[8.0], [4.0]])
    k = np.array([[2.0, 0, 0, 0], [0.0, 5, 0, 0]])
    assert_same(student.attention_forward(q, k, v)[0], np.array([[7.0]]))
    hidden = np.array([[False, True]])
    because = "With mask=[[False, True]]:"
    assert_same(student.attention_forward(q, k, v, hidden)[0], np.array([[4.0]]), because=because)


@pytest.mark.points(4)
@pytest.mark.after(SHAPE)
def test_attention_values(student, rng):
    """The values are mixed by the softmax of the scores over the keys, scores divided by √D."""
    for shapes in SHAPES:
        q, k, v = asked(rng, *shapes)
        because = say(
            "For q {q}, k {k}, v {v}, without a mask:",
            q=q.shape,
            k=k.shape,
            v=v.shape,
        )
        assert_same(student.attention_forward(q, k, v)[0], attended(q, k, v), because=because)


@pytest.mark.points(4)
@pytest.mark.after(SHAPE)
def test_mask(student, rng):
    """True in the mask is a key that may be looked at; the weights of those sum to 1."""
    for lead, t, s, d, e in SHAPES:
        q, k, v = asked(rng, lead, t, s, d, e)
        masks = [some(rng, t, s)]
        if len(lead) == 2:  # one for each example, for all heads and all queries
            masks.append(some(rng, lead[0], s)[:, None, None, :])
        for mask in masks:
            because = say(
                "For q {q}, k {k}, and a mask of shape {mask}:",
                q=q.shape,
                k=k.shape,
                mask=mask.shape,
            )
            out, _ = student.attention_forward(q, k, v, mask)
            assert_same(out, attended(q, k, v, mask), because=because)


@pytest.mark.points(3)
@pytest.mark.after("test_mask")
def test_what_is_hidden_has_no_influence(student, rng):
    """Change keys and values of the future, however much: what came before stays the same."""
    q, k, v = asked(rng, (2,), 5, 5, 3, 2)
    mask = np.tri(5, dtype=bool)
    before, _ = student.attention_forward(q, k, v, mask)
    for size, words in ((1, "changed"), (2.0**20, say("made a million times larger"))):
        for i in range(1, 5):
            other, values = k.copy(), v.copy()
            other[:, i:] = size * distinct_values(rng, other[:, i:].shape)
            values[:, i:] = size * distinct_values(rng, values[:, i:].shape)
            after, _ = student.attention_forward(q, other, values, mask)
            because = say("Only k and v from place {i} on were {words}:", i=i, words=words)
            assert_same(after[:, :i], before[:, :i], name=f"out[:, :{i}]", because=because)


@pytest.mark.points(1)
@pytest.mark.after("test_attention_values")
def test_large_scores(student, rng):
    """Scores of some thousands, of either sign, give no infinity and no NaN."""
    q, k, v = asked(rng, (2,), 3, 4, 2, 3)
    for sign in (1, -1):
        large, keys = sign * 64 * np.abs(q), 64 * np.abs(distinct_values(rng, k.shape))
        because = say(
            "For scores of some thousands, all {value} 0:",
            value=say("above") if sign > 0 else say("below"),
        )
        assert_same(
            student.attention_forward(large, keys, v)[0], attended(large, keys, v), because=because
        )


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_attention_gradient_shapes(student, rng):
    """Each gradient has the shape of its argument."""
    for shapes in SHAPES:
        given = asked(rng, *shapes)
        out, cache = student.attention_forward(*given)
        gradients = student.attention_backward(upstream(rng, out.shape), cache)
        for name, gradient, one in zip(("dq", "dk", "dv"), gradients, given, strict=True):
            because = say(
                "For q {shape}, k {shape2}, v {shape3}:",
                shape=given[0].shape,
                shape2=given[1].shape,
                shape3=given[2].shape,
            )
            assert_shape(gradient, one.shape, name=name, because=because)


@pytest.mark.points(6)
@pytest.mark.after(BACK)
def test_attention_backward(student, rng):
    """The gradients are those of your own forward pass, with a mask and without."""
    forward, backward = student.attention_forward, student.attention_backward
    assert_gradients(forward, backward, *asked(rng, (2,), 3, 4, 3, 2))
    assert_gradients(forward, backward, *asked(rng, (), 4, 3, 2, 5), mask=some(rng, 4, 3))


@pytest.mark.points(2)
@pytest.mark.after("test_mask", "test_attention_backward")
def test_who_sees_nothing(student, rng):
    """A query that may look nowhere gets zeros and no NaN, sends back zeros, and disturbs nobody."""
    q, k, v = asked(rng, (2,), 4, 3, 2, 5)
    mask, rest = some(rng, 4, 3), [0, 1, 3]
    mask[2] = False
    out, cache = student.attention_forward(q, k, v, mask)
    assert_same(
        out[:, 2], np.zeros((2, 5)), name="out[:, 2]", because="mask[2] is False everywhere:"
    )
    dout = upstream(rng, out.shape)
    dq, dk, dv = student.attention_backward(dout, cache)
    assert_same(dq[:, 2], np.zeros((2, 2)), name="dq[:, 2]", because="mask[2] is False everywhere:")
    out, cache = student.attention_forward(q[:, rest], k, v, mask[rest])
    alone = student.attention_backward(dout[:, rest], cache)
    because = "With a query that may look nowhere, and without it:"
    for name, got, want in zip(("dq", "dk", "dv"), (dq[:, rest], dk, dv), alone, strict=True):
        assert_same(got, want, name=name, because=because)


@pytest.mark.points(1)
@pytest.mark.after("test_attention_backward")
def test_attention_no_hidden_state(student, rng):
    """Arguments are left alone, and a second forward pass does not disturb the first."""
    forward, backward = student.attention_forward, student.attention_backward
    given = *asked(rng, (2,), 3, 4, 3, 2), some(rng, 3, 4)
    out, cache = assert_arguments_unchanged(forward, *given)
    assert_arguments_unchanged(backward, upstream(rng, out.shape), cache)
    assert_caches_apart(
        forward, backward, rng, given, (*asked(rng, (2,), 3, 4, 3, 2), some(rng, 3, 4))
    )


@pytest.mark.points(1)
@pytest.mark.after("test_attention_values")
def test_attention_other_types(student, rng):
    """Whole numbers, bytes, float32 and views are no different."""
    q, k, v = asked(rng, (2,), 3, 4, 3, 2)
    want = attended(q, k, v)
    out, _ = student.attention_forward(*(a.astype(np.float32) for a in (q, k, v)))
    assert_same(out, want, tolerance=1e-5, because="In float32:")
    out, _ = student.attention_forward(*(np.asfortranarray(a) for a in (q, k, v)))
    assert_same(out, want, because="With q, k and v not contiguous:")
    for kind in ("int64", "uint8"):
        whole = [rng.integers(0, 20, a.shape).astype(kind) for a in (q, k, v)]
        want = attended(*(a.astype(float) for a in whole))
        because = say("With whole numbers ({kind}):", kind=kind)
        assert_same(student.attention_forward(*whole)[0], want, because=because)


# Several heads


@pytest.mark.points(1)
@pytest.mark.after(SHAPE)
def test_multi_head_shape(student, rng):
    """The output has the shape of x."""
    for n, t, d, heads in SIZES:
        out, _ = student.multi_head_forward(grid_values(rng, (n, t, d)), *matrices(rng, d), heads)
        assert_shape(
            out,
            (n, t, d),
            because=say("For x {value}, {heads} heads:", value=(n, t, d), heads=heads),
        )


@pytest.mark.points(4)
@pytest.mark.after(HEADS, "test_attention_values", "test_mask")
def test_multi_head_values(student, rng):
    """Each head attends with columns of its own, and wo mixes what they found."""
    for n, t, d, heads in SIZES:
        x, weights = grid_values(rng, (n, t, d)), matrices(rng, d)
        for mask in (None, some(rng, t, t)):
            because = with_or_without(x, heads, mask)
            out, _ = student.multi_head_forward(x, *weights, heads, mask)
            want = by_heads(x, *weights, heads, True if mask is None else mask)
            assert_same(out, want, because=because)


@pytest.mark.points(2)
@pytest.mark.after("test_multi_head_values")
def test_heads_are_separate(student, rng):
    """With wo = 1, another query matrix of one head changes the columns of that head only."""
    x, (wq, wk, wv, _) = grid_values(rng, (2, 4, 6)), matrices(rng, 6)
    before, _ = student.multi_head_forward(x, wq, wk, wv, np.eye(6), 3)
    other = wq.copy()
    other[:, 2:4] = -3 * other[:, 2:4]
    after, _ = student.multi_head_forward(x, other, wk, wv, np.eye(6), 3)
    because = "Only wq[:, 2:4] was changed, which is the second of three heads:"
    rest = [0, 1, 4, 5]
    assert_same(after[..., rest], before[..., rest], name="out[..., [0, 1, 4, 5]]", because=because)
    if np.array_equal(after, before):
        fail("wq[:, 2:4] was changed, and the output is the same.")


@pytest.mark.points(1)
@pytest.mark.after(HEADS)
def test_heads_must_divide(student, rng):
    """A number of heads that does not divide the features is a ValueError."""
    x = grid_values(rng, (2, 3, 6))
    assert_raises(student.multi_head_forward, "ValueError", x, *matrices(rng, 6), 4)


@pytest.mark.points(2)
@pytest.mark.after("test_multi_head_values", "test_positions")
def test_order_is_seen_by_positions(student, rng):
    """Without a mask, another order of the places only reorders the output, until positions are added."""
    x, weights = grid_values(rng, (2, 5, 4)), matrices(rng, 4)
    order = np.array([2, 0, 4, 1, 3])
    out, _ = student.multi_head_forward(x, *weights, 2)
    other, _ = student.multi_head_forward(x[:, order], *weights, 2)
    assert_same(
        other,
        out[:, order],
        because=say("For x[:, {value}], beside that of x:", value=order.tolist()),
    )
    places = student.positions(5, 4)
    out, _ = student.multi_head_forward(x + places, *weights, 2)
    other, _ = student.multi_head_forward(x[:, order] + places, *weights, 2)
    if np.allclose(other, out[:, order]):
        fail("With positions added, another order of x still only reorders the output.")


@pytest.mark.points(1)
@pytest.mark.after(HEADS)
def test_multi_head_gradient_shapes(student, rng):
    """dx has the shape of x, and each matrix has a gradient of its shape."""
    for n, t, d, heads in SIZES:
        given = grid_values(rng, (n, t, d)), *matrices(rng, d)
        out, cache = student.multi_head_forward(*given, heads)
        gradients = student.multi_head_backward(upstream(rng, out.shape), cache)
        names = ("dx", "dwq", "dwk", "dwv", "dwo")
        for name, gradient, one in zip(names, gradients, given, strict=True):
            assert_shape(
                gradient,
                one.shape,
                name=name,
                because=say("For x {value}, {heads} heads:", value=(n, t, d), heads=heads),
            )


@pytest.mark.points(5)
@pytest.mark.after(HEADS_BACK)
def test_multi_head_backward(student, rng):
    """The gradients of x and of all four matrices are those of your own forward pass."""
    forward, backward = student.multi_head_forward, student.multi_head_backward
    assert_gradients(forward, backward, grid_values(rng, (2, 3, 4)), *matrices(rng, 4), 2)
    x, mask = grid_values(rng, (1, 4, 6)), np.tri(4, dtype=bool)
    assert_gradients(forward, backward, x, *matrices(rng, 6), 3, mask=mask)


@pytest.mark.points(1)
@pytest.mark.after("test_multi_head_backward")
def test_multi_head_no_hidden_state(student, rng):
    """With several heads, too, arguments stay as they are and two forward passes stay apart."""
    forward, backward = student.multi_head_forward, student.multi_head_backward
    given = grid_values(rng, (2, 3, 4)), *matrices(rng, 4), 2, np.tri(3, dtype=bool)
    out, cache = assert_arguments_unchanged(forward, *given)
    assert_arguments_unchanged(backward, upstream(rng, out.shape), cache)
    other = grid_values(rng, (2, 3, 4)), *matrices(rng, 4), 2, some(rng, 3, 3)
    assert_caches_apart(forward, backward, rng, given, other)


# The block


@pytest.mark.points(1)
def test_new_block(student):
    """A new block has all parameters in their shapes: gammas are 1, betas and biases 0."""
    params, shapes = student.Block(6, 2, 5, np.random.default_rng(1)).params, shapes_of(6, 5)
    if set(params) != set(shapes):
        fail(
            say(
                "params must have the names {names}; it has {names2}.",
                names=", ".join(NAMES),
                names2=", ".join(sorted(params)),
            )
        )
    for name, shape in shapes.items():
        assert_shape(params[name], shape, name=f'params["{name}"]')
        if len(shape) == 1:
            want = np.full(shape, float(name.startswith("gamma")))
            assert_same(params[name], want, name=f'params["{name}"]')


@pytest.mark.points(2)
@pytest.mark.after("test_new_block")
def test_weights_are_drawn(student):
    """Each matrix is drawn from rng, normal with mean 0 and deviation 1/√rows."""
    params, again, other = (
        student.Block(64, 4, 96, np.random.default_rng(seed)).params for seed in (1, 1, 2)
    )
    drawn = []
    for name in (*MATRICES, "w1", "w2"):
        one, what = params[name], f'params["{name}"]'
        assert_same(again[name], one, name=what, because="Another block, from the same seed:")
        # Of 4096 entries or more, this is wrong once in a hundred million times.
        standard = one * np.sqrt(len(one))
        if (
            abs(standard.mean()) > 0.1
            or abs(standard.std() - 1) > 0.1
            or np.abs(standard).max() < 2.5
        ):
            fail(
                say(
                    "{what} must be normal with mean 0 and deviation 1/√{n} = {value:.3f}; it has mean "
                    "{value2:.3f}, deviation {value3:.3f}, and no entry beyond ±{value4:.3f}.",
                    what=what,
                    n=len(one),
                    value=len(one) ** -0.5,
                    value2=one.mean(),
                    value3=one.std(),
                    value4=np.abs(one).max(),
                )
            )
        drawn += [one, other[name]]
    for k, one in enumerate(drawn):
        if any(np.array_equal(one.ravel()[:9], two.ravel()[:9]) for two in drawn[:k]):
            fail("Two matrices have the same numbers: each must be drawn anew from rng.")


@pytest.mark.points(1)
@pytest.mark.after("test_new_block", HEADS)
def test_block_shape(student, rng):
    """The output of a block has the shape of its input."""
    for n, t, d, heads in SIZES:
        out = made(student, parameters(rng, d, 5), heads).forward(grid_values(rng, (n, t, d)))
        assert_shape(
            out,
            (n, t, d),
            because=say("For x {value}, {heads} heads:", value=(n, t, d), heads=heads),
        )


@pytest.mark.points(5)
@pytest.mark.after(BLOCK, "test_multi_head_values")
def test_block_values(student, reference, rng):
    """Both parts normalise what they read, and add to what goes by."""
    for n, t, d, heads in SIZES:
        x, params = grid_values(rng, (n, t, d)), parameters(rng, d, 5)
        mine, right = made(student, params, heads), made(reference, params, heads)
        for mask in (None, some(rng, t, t)):
            because = with_or_without(x, heads, mask)
            assert_same(mine.forward(x, mask), right.forward(x, mask), because=because)


@pytest.mark.points(1)
@pytest.mark.after(BLOCK)
def test_block_is_a_bypass(student, rng):
    """With wo, w2 and b2 at 0, a block gives back what it was given, forward and backward."""
    x, params = grid_values(rng, (2, 3, 4)), parameters(rng, 4, 5)
    params |= {name: 0 * params[name] for name in ("wo", "w2", "b2")}
    block = made(student, params, 2)
    assert_same(block.forward(x), x, because="With wo, w2 and b2 at 0:")
    dout = upstream(rng, x.shape)
    assert_same(block.backward(dout), dout, name="dx", because="With wo, w2 and b2 at 0:")


@pytest.mark.points(3)
@pytest.mark.after("test_block_values")
def test_block_does_not_see_the_future(student, rng):
    """With a causal mask, change the future: the past stays, and sends nothing back to the future."""
    x, block = grid_values(rng, (2, 5, 4)), made(student, parameters(rng, 4, 5), 2)
    mask = np.tri(5, dtype=bool)
    before = block.forward(x, mask)
    for i in range(1, 5):
        other = x.copy()
        other[:, i:] = distinct_values(rng, other[:, i:].shape)
        after = block.forward(other, mask)
        because = say("Only x from place {i} on was changed:", i=i)
        assert_same(after[:, :i], before[:, :i], name=f"out[:, :{i}]", because=because)
    block.forward(x, mask)
    dout = upstream(rng, x.shape)
    dout[:, 2:] = 0
    dx = block.backward(dout)
    because = "dout is 0 from place 2 on:"
    assert_same(dx[:, 2:], np.zeros((2, 3, 4)), name="dx[:, 2:]", because=because)


@pytest.mark.points(1)
@pytest.mark.after(BLOCK)
def test_block_gradient_shapes(student, rng):
    """dx has the shape of x, and grads holds a gradient for each parameter, in its shape."""
    for n, t, d, heads in SIZES[1:3]:
        x, params = grid_values(rng, (n, t, d)), parameters(rng, d, 5)
        block = made(student, params, heads)
        block.forward(x)
        dx, because = (
            block.backward(upstream(rng, x.shape)),
            say("For x {x}, {heads} heads:", x=x.shape, heads=heads),
        )
        assert_shape(dx, x.shape, name="dx", because=because)
        grads = block.grads
        if set(grads) != set(params):
            fail(
                say(
                    "grads must have the names of params; it has {value}.",
                    value=", ".join(sorted(grads)) or say("none"),
                )
            )
        for name, one in params.items():
            assert_shape(grads[name], one.shape, name=f'grads["{name}"]', because=because)


@pytest.mark.points(5)
@pytest.mark.after(BLOCK_BACK)
def test_block_backward(student, reference, rng):
    """The gradients of x and of all parameters are those of the block's own forward pass."""
    params, mask = parameters(rng, 4, 3), np.tri(3, dtype=bool)
    given, exact = passes(student, 2, mask), passes(reference, 2, mask)
    assert_gradients(*given, grid_values(rng, (2, 3, 4)), *params.values(), exact=exact)


@pytest.mark.points(2)
@pytest.mark.after("test_block_backward")
def test_blocks_do_not_share(student, rng):
    """Two blocks have nothing in common, and a backward pass belongs to the latest forward pass.

    Neither changes what it was given.
    """
    params, others = parameters(rng, 4, 3), parameters(rng, 4, 3)
    x, other = grid_values(rng, (2, 3, 4)), grid_values(rng, (2, 3, 4))
    first, second = made(student, params, 2), made(student, others, 2)
    assert_arguments_unchanged(first.forward, x)
    dout = upstream(rng, x.shape)
    want = assert_arguments_unchanged(first.backward, dout)
    grads = first.grads
    assert_same(first.params, params, name="params", because="After a forward and a backward pass:")
    first.forward(x)
    second.forward(other)
    second.backward(upstream(rng, x.shape))
    because = "Another block came between forward and backward:"
    assert_same(first.grads, grads, name="grads", because="Another block had its backward pass:")
    assert_same(first.backward(dout), want, name="dx", because=because)
    assert_same(first.grads, grads, name="grads", because=because)
    first.forward(other)
    first.forward(x)
    because = "Another forward pass of the same block came before:"
    assert_same(first.backward(dout), want, name="dx", because=because)
    assert_same(first.grads, grads, name="grads", because=because)
    assert_results_kept(first.forward, (x,), (other,))
    new = student.Block(4, 2, 3, np.random.default_rng(1))
    drawn = new.params
    student.Block(4, 2, 3, np.random.default_rng(2))
    assert_same(new.params, drawn, name="params", because="Another block was made:")
    assert_same(first.params, params, name="params", because="Another block was made:")


# What takes larger inputs
