#!/usr/bin/env bash
# torchmetrics' R2 score of the predictions 4 3 2 1 for 1 2 3 4, and of the same in thousandths.
#
# One would expect -3 for both: the score is a ratio, so the unit drops out, and its documentation calls 1 a perfect
# prediction and anything below 0 worse than a constant. In thousandths the worst order gets 1: where the squared
# errors add up to less than 0.0001, in whatever unit, they are taken for none. scikit-learn says -3 twice, and so
# does torchmetrics' explained variance.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scikit-learn==1.9.1 torch==2.13.0 torchmetrics==1.9.0

"$folder/venv/bin/python" - <<'PYTHON'
import sklearn
import sklearn.metrics
import torch
import torchmetrics
from torchmetrics.functional import explained_variance, r2_score

print(f"torchmetrics {torchmetrics.__version__}, torch {torch.__version__}, scikit-learn {sklearn.__version__}")
target = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
predicted = target.flip(0)
scores = []
for name, unit in (("ones", 1.0), ("thousandths", 0.001)):
    p, t = predicted * unit, target * unit
    function, metric = float(r2_score(p, t)), float(torchmetrics.R2Score()(p, t))
    other = sklearn.metrics.r2_score(t.numpy(), p.numpy())
    variance = float(explained_variance(p, t))
    print(f"{name}: r2_score {function:g}, R2Score {metric:g}, scikit-learn {other:g}, explained variance {variance:g}")
    assert round(other, 6) == round(variance, 6) == -3
    scores.append((round(function, 6), round(metric, 3)))
assert scores == [(-3, -3), (1, 1)]
PYTHON
