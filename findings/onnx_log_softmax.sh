#!/usr/bin/env bash
# The logarithm of softmax of the logits 200 and 0, by ONNX' own reference and by onnxruntime.
#
# One would expect 0 and -200 from both: that is what LogSoftmax is an operator of its own for. The reference
# takes the logarithm of what Softmax gives, so that its second answer is minus infinity, and a loss that is
# checked against it is infinite where the real one is 200.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0

"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

logits = np.array([[200, 0]], np.float32)
graph = helper.make_graph(
    [helper.make_node("LogSoftmax", ["logits"], ["out"], axis=1)],
    "one",
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2])],
    [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 2])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
with np.errstate(divide="ignore"):
    reference = ReferenceEvaluator(model).run(None, {"logits": logits})[0].tolist()
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
runtime = session.run(None, {"logits": logits})[0].tolist()
print(f"onnx {onnx.__version__}: {reference}")
print(f"onnxruntime {onnxruntime.__version__}: {runtime}")
assert runtime == [[0.0, -200.0]]
assert reference == [[0.0, float("-inf")]]
PYTHON
