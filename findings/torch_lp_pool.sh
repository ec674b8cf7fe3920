#!/usr/bin/env bash
# Power-average pooling of (3, -4) with exponents 1 and 3, in PyTorch and in onnxruntime.
#
# One would expect a norm, 7 and the cube root of 91, as the operator LpPool of ONNX gives. PyTorch
# raises the numbers to the power with their signs: with 1 it is the plain sum, -1, and with 3 it is NaN. Only
# even exponents agree.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 torch==2.13.0

"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper

line = np.array([[[3, -4]]], np.float32)


def by_onnx(power):
    node = helper.make_node("LpPool", ["x"], ["y"], kernel_shape=[2], p=power)
    given = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, line.shape)
    found = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "pool", [given], [found])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": line})[0].item()


print(f"torch {torch.__version__}, onnxruntime {onnxruntime.__version__}")
found = {}
for power in (1, 2, 3):
    in_torch = torch.nn.functional.lp_pool1d(torch.tensor(line), power, 2).item()
    found[power] = in_torch, by_onnx(power)
    print(f"p = {power}: torch {in_torch:.4g}, onnxruntime {found[power][1]:.4g}")
assert found[1] == (-1, 7)
assert abs(found[2][0] - 5) < 1e-6 and abs(found[2][1] - 5) < 1e-6
assert np.isnan(found[3][0]) and abs(found[3][1] - 91 ** (1 / 3)) < 1e-5
PYTHON
