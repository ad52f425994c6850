"""What TensorRT's refusals mean, and what to do about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class KnownFailure:
    """A refusal that people meet, recognised by TensorRT's own words.

    Parameters
    ----------
    name : str
        A short name for tables and exercises.
    stage : {"parse", "profile", "build"}
        The step in which the cause lies, which is not always the step that reports it.
    pattern : str
        Regular expression, searched in the messages.
    meaning, remedy : str
        One or two sentences each, for the person who reads the error.
    """

    name: str
    stage: str
    pattern: str
    meaning: str
    remedy: str


KNOWN_FAILURES = (
    KnownFailure(
        "int32 bias",
        "parse",
        r"input has type Int32 but must have type",
        "The quantiser stored the bias of a convolution as INT32 behind a DequantizeLinear node. "
        "TensorRT dequantises INT8 and smaller types only.",
        "Leave the bias in floating point: ONNX Runtime's quantize_static takes "
        'extra_options={"QuantizeBias": False}.',
    ),
    KnownFailure(
        "asymmetric zero point",
        "parse",
        r"[Nn]on-zero zero point",
        "A QuantizeLinear node has a zero point other than 0 (asymmetric quantisation, usual for "
        "uint8 activations on CPUs). TensorRT multiplies INT8 numbers without an offset.",
        "Quantise symmetrically to int8: activation_type=QInt8 with "
        'extra_options={"ActivationSymmetric": True, "WeightSymmetric": True}.',
    ),
    KnownFailure(
        "unsupported operator",
        "parse",
        r"Plugin not found|No importer registered|UNSUPPORTED_NODE|unsupported operator",
        "The graph holds an operator that the parser has no layer for; it looked for a plugin of "
        "that name and found none.",
        "Export the model with standard operators in its place, compute that step outside the "
        "engine, or write a plugin.",
    ),
    KnownFailure(
        "antialiased resize",
        "parse",
        r"antialias",
        "A Resize node asks for antialiasing, which TensorRT does not implement.",
        "Resize before the engine, or express the filter as a convolution with fixed weights, as "
        "RepSR does with its bicubic skip.",
    ),
    KnownFailure(
        "mixed types",
        "parse",
        r"must have (?:the )?same (?:input )?types?|incompatible types|types .* do not match",
        "An element-wise node gets inputs of two types, for example float16 and float32. A "
        "strongly typed network inserts no casts by itself.",
        "Convert the whole model to one type before the export, or add an explicit Cast where the "
        "types meet.",
    ),
    KnownFailure(
        "missing profile",
        "profile",
        r"no optimization profile has been defined|optimization profile .*(?:missing|not)",
        "The input has dimensions that are known only at run time, and the builder was not told "
        "in which range they lie.",
        "Give a Profile with the smallest, the most frequent and the largest height and width.",
    ),
    KnownFailure(
        "bad profile",
        "profile",
        r"kMIN|kMAX|kOPT|MIN.*OPT|dimension.*(?:profile|range)",
        "The shapes of the optimisation profile contradict each other or the network.",
        "Check minimum <= optimum <= maximum on every axis, and that fixed axes of the model have "
        "the profile's value.",
    ),
    KnownFailure(
        "no GPU",
        "build",
        r"factory function returned nullptr|CUDA initialization failure",
        "Full TensorRT could not start its builder: it finds no GPU, or a driver that is too old.",
        "Check nvidia-smi and the driver that the release notes ask for. To build without a GPU "
        "use flavour='tensorrt_rtx'.",
    ),
    KnownFailure(
        "not an ONNX file",
        "parse",
        r"[Ff]ailed to parse (?:the )?(?:ONNX )?model|ModelProto|protobuf|MODEL_DESERIALIZE_FAILED",
        "The bytes are not an ONNX model: an empty, truncated or different file.",
        "Check the file with onnx.checker.check_model and export it again.",
    ),
)


def explain(messages: Iterable[str]) -> KnownFailure | None:
    """Return the known failure that TensorRT's messages describe, or None.

    Parameters
    ----------
    messages : iterable of str
        TensorRT's errors, in any order. The first entry of `KNOWN_FAILURES` that matches any of
        them is returned, because one cause often brings several messages.
    """
    text = "\n".join(messages)
    return next((known for known in KNOWN_FAILURES if re.search(known.pattern, text)), None)
