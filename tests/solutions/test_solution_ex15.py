"""Attention against PyTorch: values and gradients of attention, of several heads and of a block."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

EXERCISE = "ex15_attention"
ROOT = Path(__file__).resolve().parents[2]
SHAPES = [((), 3, 4, 2, 5), ((2,), 4, 4, 5, 1), ((3, 2), 2, 3, 4, 2)]  # as in the checks
MATRICES = ("wq", "wk", "wv", "wo")
THEIRS = {
    "gamma1": "norm1.weight", "beta1": "norm1.bias", "gamma2": "norm2.weight", "beta2": "norm2.bias",
    "w1": "linear1.weight", "b1": "linear1.bias", "w2": "linear2.weight", "b2": "linear2.bias",
    "wo": "self_attn.out_proj.weight",
}  # fmt: skip


def mask_of(rng, t, s):
    """A mask in which every query sees something."""
    mask = rng.random((t, s)) < 0.5
    mask[np.arange(t), rng.integers(0, s, t)] = True
    return mask


@pytest.fixture
def many(torch):
    """PyTorch's attention with several heads, with matrices of ours; its mask says what is hidden."""

    def make(d, heads, weights):
        theirs = torch.nn.MultiheadAttention(d, heads, bias=False, batch_first=True)
        theirs = theirs.to(torch.float64)
        with torch.no_grad():
            theirs.in_proj_weight[:] = torch.tensor(np.concatenate([w.T for w in weights[:3]]))
            theirs.out_proj.weight[:] = torch.tensor(weights[3].T.copy())
        return theirs

    return make


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("masked", [False, True])
def test_attention_is_torchs(module, torch, rng, close, shapes, masked):
    """Output and all three gradients; in both, True in the mask may be seen."""
    lead, t, s, d, e = shapes
    given = [rng.normal(size=(*lead, *shape)) for shape in ((t, d), (s, d), (s, e))]
    mask = mask_of(rng, t, s) if masked else None
    leaves = [torch.tensor(a, requires_grad=True) for a in given]
    wanted = torch.nn.functional.scaled_dot_product_attention(
        *leaves, attn_mask=torch.tensor(mask) if masked else None
    )
    out, cache = module.attention_forward(*given, mask)
    close(out, wanted.detach())
    dout = rng.normal(size=out.shape)
    wanted.backward(torch.tensor(dout))
    for mine, leaf in zip(module.attention_backward(dout, cache), leaves, strict=True):
        close(mine, leaf.grad)


def test_who_sees_nothing_gets_zeros_as_in_torch(module, torch, rng, close):
    """The same for a query that may look nowhere, forward and backward."""
    given = [rng.normal(size=(3, 2)) for _ in "qkv"]
    mask = np.array([[True, False, True], [False] * 3, [True] * 3])
    leaves = [torch.tensor(a[None], requires_grad=True) for a in given]
    wanted = torch.nn.functional.scaled_dot_product_attention(*leaves, attn_mask=torch.tensor(mask))
    out, cache = module.attention_forward(*given, mask)
    close(out, wanted.detach()[0])
    close(out[1], np.zeros(2))
    dout = rng.normal(size=out.shape)
    wanted.backward(torch.tensor(dout[None]))
    for mine, leaf in zip(module.attention_backward(dout, cache), leaves, strict=True):
        close(mine, leaf.grad[0])


def test_causal_mask_is_torchs(module, torch, rng, close):
    """What PyTorch calls causal is our mask."""
    q, k, v = (rng.normal(size=(2, 5, 3)) for _ in "qkv")
    wanted = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (q, k, v)), is_causal=True
    )
    close(module.attention_forward(q, k, v, module.causal_mask(5))[0], wanted)


@pytest.mark.parametrize(("n", "t", "d", "heads"), [(1, 3, 4, 1), (2, 4, 6, 3), (3, 2, 4, 4)])
def test_several_heads_are_torchs(module, torch, rng, close, many, n, t, d, heads):
    """Output and gradients of x and of all matrices, with the opposite mask for PyTorch."""
    x, weights = rng.normal(size=(n, t, d)), [rng.normal(size=(d, d)) for _ in MATRICES]
    mask = mask_of(rng, t, t)
    theirs, leaf = many(d, heads, weights), torch.tensor(x, requires_grad=True)
    wanted, _ = theirs(leaf, leaf, leaf, attn_mask=torch.tensor(~mask))
    out, cache = module.multi_head_forward(x, *weights, heads, mask)
    close(out, wanted.detach())
    dout = rng.normal(size=out.shape)
    wanted.backward(torch.tensor(dout))
    dx, *matrices, dwo = module.multi_head_backward(dout, cache)
    close(dx, leaf.grad)
    close(np.concatenate([m.T for m in matrices]), theirs.in_proj_weight.grad)
    close(dwo.T, theirs.out_proj.weight.grad)


def test_a_block_is_torchs(module, torch, rng, close):
    """PyTorch's encoder layer, with norms first and no dropout, has the same output and gradients."""
    d, heads, hidden = 6, 2, 5
    theirs = torch.nn.TransformerEncoderLayer(
        d, heads, hidden, dropout=0.0, batch_first=True, norm_first=True, dtype=torch.float64
    )
    mine = module.Block(d, heads, hidden, rng)
    mine.params = {name: rng.normal(size=np.shape(one)) for name, one in mine.params.items()}
    named = dict(theirs.named_parameters())
    with torch.no_grad():
        for name, parameter in named.items():
            if "attn" in name and "bias" in name:
                parameter[:] = 0
        for name, other in THEIRS.items():
            named[other][:] = torch.tensor(mine.params[name].T.copy())
        inputs = np.concatenate([mine.params[name].T for name in MATRICES[:3]])
        named["self_attn.in_proj_weight"][:] = torch.tensor(inputs)
    x, mask = rng.normal(size=(2, 4, d)), module.causal_mask(4)
    leaf = torch.tensor(x, requires_grad=True)
    wanted = theirs(leaf, src_mask=torch.tensor(~mask))
    out = mine.forward(x, mask)
    close(out, wanted.detach())
    dout = rng.normal(size=out.shape)
    wanted.backward(torch.tensor(dout))
    close(mine.backward(dout), leaf.grad)
    for name, other in THEIRS.items():
        close(mine.grads[name].T, named[other].grad)
    found = np.concatenate([mine.grads[name].T for name in MATRICES[:3]])
    close(found, named["self_attn.in_proj_weight"].grad)


def test_positions_turn(module, close):
    """What two places have in common depends on their distance only."""
    table = np.asarray(module.positions(20, 8), float)
    products = table @ table.T
    for distance in range(10):
        along = np.diagonal(products, distance)
        close(along, np.full(along.shape, along[0]))


@pytest.fixture
def demo():
    """The demo's file."""
    path = ROOT / "exercises" / EXERCISE / "demo.py"
    spec = importlib.util.spec_from_file_location("ex15_demo", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def written_rightly(functions, demo, rng):
    """Train as the demo does; returns the last losses, and the share of new sequences sorted rightly."""
    sorter = demo.Sorter(functions, rng)
    losses = [sorter.learn(demo.sequences(rng, demo.BATCH)) for _ in range(demo.STEPS)]
    tokens = demo.sequences(rng, 200)
    written = sorter.write(tokens[:, : demo.LENGTH + 1])
    return np.mean(losses[-20:]), (written == tokens).all(axis=1).mean()


@pytest.mark.slow
def test_the_block_learns_to_sort(reference, demo, rng):
    """Nearly all sequences that it has never seen are sorted without a mistake."""
    _, share = written_rightly(reference, demo, rng)
    assert share >= 0.95


@pytest.mark.slow
def test_without_a_mask_it_only_looks_up(reference, demo, rng):
    """Where the future is not hidden, the loss falls to nothing, and nothing is learned for use."""
    functions = {name: getattr(reference, name) for name in ("Block", "positions")}
    seeing = SimpleNamespace(**functions, causal_mask=lambda t: np.ones((t, t), bool))
    loss, share = written_rightly(seeing, demo, rng)
    assert loss < 0.01
    assert share < 0.2
