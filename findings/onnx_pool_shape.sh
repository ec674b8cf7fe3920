#!/usr/bin/env bash
# How large max pooling of a 5 x 5 picture is, with windows of 3, steps of 3, a border of 1 and `ceil_mode`:
# by ONNX' inference of shapes, and by what its reference and onnxruntime give.
#
# One would expect one answer, whatever the version of the operator set. Up to version 21 the inference says
# 3 x 3: it counts a last window that lies in the border alone. Both that run the model leave that one out, and give
# 2 x 2; the inference agrees only from version 22 on. Who sizes the next layer by it sizes it wrongly.
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

onnxruntime.set_default_logger_severity(4)  # else it warns of the shape
picture = np.arange(25, dtype=np.float32).reshape(1, 1, 5, 5)
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
found = {}
for version in (19, 21, 22):
    node = helper.make_node(
        "MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1
    )
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, picture.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=9)
    inferred = onnx.shape_inference.infer_shapes(model).graph.output[0].type.tensor_type.shape
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found[version] = (
        tuple(size.dim_value for size in inferred.dim)[2:],
        ReferenceEvaluator(model).run(None, {"x": picture})[0].shape[2:],
        session.run(None, {"x": picture})[0].shape[2:],
    )
    said, reference, runtime = found[version]
    print(f"operator set {version}: inferred {said}, reference {reference}, onnxruntime {runtime}")
assert found[19] == found[21] == ((3, 3), (2, 2), (2, 2))
assert found[22] == ((2, 2), (2, 2), (2, 2))
PYTHON
