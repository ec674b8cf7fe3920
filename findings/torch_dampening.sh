#!/usr/bin/env bash
# PyTorch's SGD with momentum 0.9 and dampening 0.9, on a gradient that is always 1.
#
# One would expect the running average of the gradients, as the formula with a velocity of 0 in the beginning
# gives: 0.1, 0.19, 0.271, … The first gradient is not dampened: the velocity is 1 from the first step on.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 torch==2.13.0

"$folder/venv/bin/python" - <<'PYTHON'
import torch

weight = torch.zeros(1, requires_grad=True)
optimiser = torch.optim.SGD([weight], lr=1.0, momentum=0.9, dampening=0.9)
steps, average, averages = [], 0.0, []
for _ in range(4):
    before = weight.item()
    weight.grad = torch.ones(1)
    optimiser.step()
    steps.append(round(before - weight.item(), 4))
    average = 0.9 * average + 0.1
    averages.append(round(average, 4))
print(f"torch {torch.__version__}")
print("steps:             ", steps)
print("running average of 1:", averages)
assert averages == [0.1, 0.19, 0.271, 0.3439]
assert steps == [1, 1, 1, 1]
PYTHON
