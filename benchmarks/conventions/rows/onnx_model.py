"""One ONNX operator, run by onnxruntime."""

from __future__ import annotations

from typing import Any


def run_node(
    kind: str, *inputs: Any, opset: int = 17, dtype: str = "float32", **attributes: Any
) -> Any:
    """The first output of a model of one node; an input is a list, an array or None if left out."""
    import numpy as np
    import onnxruntime
    from onnx import helper

    onnxruntime.set_default_logger_severity(4)
    arrays = {
        f"in{i}": value if hasattr(value, "dtype") else np.array(value, dtype)
        for i, value in enumerate(inputs)
        if value is not None
    }
    names = [f"in{i}" if value is not None else "" for i, value in enumerate(inputs)]
    node = helper.make_node(kind, names, ["out"], **attributes)
    described = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
        for name, a in arrays.items()
    ]
    graph = helper.make_graph(
        [node], "one", described, [helper.make_empty_tensor_value_info("out")]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, arrays)[0]
