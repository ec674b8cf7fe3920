#!/usr/bin/env bash
# Attention in PyTorch where a mask hides everything from one position, asked for with and without weights.
#
# One would expect that asking for the attention weights, which is the default, does not change the output.
# For the position that may look nowhere it does: NaN with the weights, zeros without. The functional
# form without weights gives zeros as well.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 torch==2.13.0

"$folder/venv/bin/python" - <<'PYTHON'
import torch

layer = torch.nn.MultiheadAttention(2, 1, bias=False, batch_first=True).eval()
with torch.no_grad():
    layer.in_proj_weight.copy_(torch.eye(2).repeat(3, 1))
    layer.out_proj.weight.copy_(torch.eye(2))
x = torch.tensor([[[1.0, 2.0], [3.0, 5.0]]])
hidden = torch.tensor([[True, True], [False, False]])  # from the first position, everything
found = {}
with torch.no_grad():
    for weights in (True, False):
        found[weights], _ = layer(x, x, x, attn_mask=hidden, need_weights=weights)
alone = torch.nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=~hidden)
print(f"torch {torch.__version__}")
print("with weights:   ", found[True][0].tolist())
print("without weights:", found[False][0].tolist())
print("functional:     ", alone[0].tolist())
assert found[True][0, 0].isnan().all()
assert (found[False][0, 0] == 0).all() and (alone[0, 0] == 0).all()
assert torch.allclose(found[True][0, 1], found[False][0, 1], atol=1e-5)
PYTHON
