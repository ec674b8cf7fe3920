#!/usr/bin/env bash
# The largest of 1, NaN and 2 by three ONNX operators, in onnxruntime and in ONNX' own reference.
#
# One would expect NaN from all or from none. onnxruntime hands NaN on in Max and Relu, and drops it in
# ReduceMax; the reference hands it on everywhere. A network that has blown up looks healthy behind a
# global maximum.
#
# Ends with an error if this has changed.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0

"$folder/venv/bin/python" - <<'PYTHON'
import math

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from onnx.reference import ReferenceEvaluator

values = np.array([1, math.nan, 2], np.float32)


def answers(kind, arrays, **attributes):
    names = [f"x{i}" for i in range(len(arrays))]
    given = [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, a.shape) for n, a in zip(names, arrays)]
    found = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    node = helper.make_node(kind, names, ["y"], **attributes)
    graph = helper.make_graph([node], "one", given, [found])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    feed = dict(zip(names, arrays))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feed)[0].ravel().tolist(), ReferenceEvaluator(model).run(None, feed)[0].ravel().tolist()


print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}")
single = [np.array([v], np.float32) for v in values]
found = {
    "Relu": answers("Relu", [values]),
    "Max": answers("Max", single),
    "ReduceMax": answers("ReduceMax", [values], axes=[0], keepdims=1),
}
for kind, (runtime, reference) in found.items():
    print(f"{kind}: onnxruntime {runtime}, reference {reference}")
assert math.isnan(found["Relu"][0][1]) and math.isnan(found["Max"][0][0])
assert found["ReduceMax"][0] == [2.0]
assert math.isnan(found["ReduceMax"][1][0])
PYTHON
