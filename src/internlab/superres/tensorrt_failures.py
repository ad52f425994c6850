"""Small ONNX models that TensorRT refuses, each for one reason.

Lesson 12 provokes these failures one by one. The files are what exporters, converters and
quantisers really write; the refusal is about what TensorRT supports.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def unsupported_operator() -> bytes:
    """Return a model with an operator of a private domain."""
    node = helper.make_node("Sharpen", ["lr"], ["sr"], name="sharpen", domain="org.example")
    return _model([node], extra_domain="org.example")


def antialiased_resize() -> bytes:
    """Return a model that enlarges with an antialiased cubic Resize."""
    node = helper.make_node(
        "Resize",
        ["lr", "", "factors"],
        ["sr"],
        name="resize",
        mode="cubic",
        antialias=1,
        coordinate_transformation_mode="half_pixel",
    )
    return _model([node], {"factors": np.array([1, 1, 2, 2], dtype=np.float32)})


def mixed_types() -> bytes:
    """Return a model that adds a float16 tensor to a float32 one.

    A converter that turns only some layers into float16 writes such files.
    """
    nodes = [
        helper.make_node("Cast", ["lr"], ["half"], name="to_half", to=TensorProto.FLOAT16),
        helper.make_node("Add", ["lr", "half"], ["sr"], name="add"),
    ]
    return _model(nodes)


def asymmetric_zero_point() -> bytes:
    """Return a model whose activations are quantised to uint8 with zero point 128."""
    return _model(*_quantised_convolution(np.array(128, dtype=np.uint8), int32_bias=False))


def int32_bias() -> bytes:
    """Return a model quantised symmetrically, with the bias in INT32 as ONNX Runtime writes it."""
    return _model(*_quantised_convolution(np.array(0, dtype=np.int8), int32_bias=True))


def symmetric() -> bytes:
    """Return the counterpart of the two above that TensorRT accepts: zero point 0, float bias."""
    return _model(*_quantised_convolution(np.array(0, dtype=np.int8), int32_bias=False))


# What the lesson shows, under the name that `tensorrt_explain.KNOWN_FAILURES` gives the cause.
FAILING_MODELS: dict[str, Callable[[], bytes]] = {
    "unsupported operator": unsupported_operator,
    "antialiased resize": antialiased_resize,
    "mixed types": mixed_types,
    "asymmetric zero point": asymmetric_zero_point,
    "int32 bias": int32_bias,
}


def _quantised_convolution(
    zero_point: np.ndarray, int32_bias: bool
) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray]]:
    """Return QuantizeLinear, DequantizeLinear and a 3x3 convolution with quantised weights."""
    generator = np.random.default_rng(0)
    constants = {
        "activation_scale": np.array(1 / 127, dtype=np.float32),
        "activation_zero": zero_point,
        "weight_int8": generator.integers(-127, 128, (3, 3, 3, 3)).astype(np.int8),
        "weight_scale": np.array(0.01, dtype=np.float32),
        "weight_zero": np.array(0, dtype=np.int8),
    }
    nodes = [
        helper.make_node(
            "QuantizeLinear", ["lr", "activation_scale", "activation_zero"], ["q"], name="quantise"
        ),
        helper.make_node(
            "DequantizeLinear",
            ["q", "activation_scale", "activation_zero"],
            ["x"],
            name="dequantise",
        ),
        helper.make_node(
            "DequantizeLinear",
            ["weight_int8", "weight_scale", "weight_zero"],
            ["weight"],
            name="dequantise_weight",
        ),
    ]
    if int32_bias:
        constants["bias_int32"] = np.zeros(3, dtype=np.int32)
        constants["bias_scale"] = np.array(0.01 / 127, dtype=np.float32)
        constants["bias_zero"] = np.array(0, dtype=np.int32)
        nodes.append(
            helper.make_node(
                "DequantizeLinear",
                ["bias_int32", "bias_scale", "bias_zero"],
                ["bias"],
                name="dequantise_bias",
            )
        )
    else:
        constants["bias"] = np.zeros(3, dtype=np.float32)
    nodes.append(
        helper.make_node("Conv", ["x", "weight", "bias"], ["sr"], name="conv", pads=[1, 1, 1, 1])
    )
    return nodes, constants


def _model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray] | None = None,
    extra_domain: str = "",
) -> bytes:
    graph = helper.make_graph(
        nodes,
        "failure",
        [helper.make_tensor_value_info("lr", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info("sr", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", 18)]
    if extra_domain:
        opsets.append(helper.make_opsetid(extra_domain, 1))
    # IR version 10 goes with opset 18 and is read by every runtime of the kit.
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return model.SerializeToString()
