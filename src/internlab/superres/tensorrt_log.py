"""What TensorRT's build log says: layers before and after fusion, number types, memory, complaints.

With detailed profiling verbosity the builder prints the layers of the finished engine, so an engine
can be read where no GPU can load it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SEVERITIES = ("INTERNAL_ERROR", "ERROR", "WARNING", "INFO", "VERBOSE")

# Names of the log mapped to the names that ONNX and NumPy use.
_TYPES = {
    "Float": "float32",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Int8": "int8",
    "Int32": "int32",
    "Int64": "int64",
}
_BYTES = {"Float": 4, "Half": 2, "BFloat16": 2, "Int8": 1, "Int32": 4, "Int64": 8}


@dataclass(frozen=True)
class EngineLayer:
    """One layer of a built engine, that is, roughly one kernel launch.

    Parameters
    ----------
    name : str
        TensorRT's name. A fused layer's name often keeps only its main part.
    kind : str
        TensorRT's layer type: ``"correlation"`` is a convolution, ``"kgen"`` a generated
        element-wise or data-moving kernel, ``"shape_call"`` arithmetic on shapes.
    origin : tuple of str
        The ONNX nodes that went into it; more than one means that they were fused.
    inputs, constants, outputs : tuple of str
        The number type of each tensor read, each stored constant, and each tensor written.
    bytes_per_pixel : int
        Bytes of activations that the layer reads and writes for each pixel of its input image.
        Counted for dynamic shapes, where the pixels are the dimensions that are not yet known.
    """

    name: str
    kind: str
    origin: tuple[str, ...]
    inputs: tuple[str, ...]
    constants: tuple[str, ...]
    outputs: tuple[str, ...]
    bytes_per_pixel: int

    @property
    def is_convolution(self) -> bool:
        """Whether the layer is a convolution, alone or with others fused into it."""
        return self.kind.lower() in {"correlation", "convolution", "caskconvolution", "conv"}

    @property
    def computes_in(self) -> str:
        """The number type in which a convolution multiplies, or "" for other layers.

        It is that of its data input: weights kept in INT8 and turned into floats before the
        convolution save space and no multiplications.
        """
        return self.inputs[0] if self.is_convolution and self.inputs else ""


@dataclass(frozen=True)
class BuildLog:
    """The messages of one build and what they say.

    Parameters
    ----------
    messages : tuple of (str, str)
        Severity (one of `SEVERITIES`) and text, in the order in which TensorRT gave them.
    """

    messages: tuple[tuple[str, str], ...]

    def texts(self, *severities: str) -> tuple[str, ...]:
        """Return the messages of some severities, without repetitions."""
        return tuple(dict.fromkeys(text for kind, text in self.messages if kind in severities))

    @property
    def errors(self) -> tuple[str, ...]:
        """Errors, those about the missing CUDA driver of a CPU machine left out."""
        return tuple(
            text for text in self.texts("ERROR", "INTERNAL_ERROR") if not is_missing_driver(text)
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings, without repetitions."""
        return self.texts("WARNING")

    @property
    def network_layers(self) -> int | None:
        """Layers of the network as parsed, before any optimisation; None if not reported."""
        return self._number(r"Original: (\d+) layers")

    @property
    def weights_bytes(self) -> int | None:
        """Bytes of weights in the engine; None if not reported."""
        return self._number(r"Total Weights Memory: (\d+)")

    @property
    def activation_bytes(self) -> int | None:
        """Bytes that the engine needs for activations at the profile's maximum; None if unknown."""
        return self._number(r"Total Activation Memory: (\d+)")

    @property
    def layers(self) -> tuple[EngineLayer, ...]:
        """The layers of the finished engine, empty if the builder did not list them."""
        for kind, text in self.messages:
            if kind in ("VERBOSE", "INFO") and text.startswith("Layers:"):
                return tuple(parse_layers(text))
        return ()

    def _number(self, pattern: str) -> int | None:
        for _, text in self.messages:
            found = re.search(pattern, text)
            if found:
                return int(found.group(1))
        return None


def parse_layers(text: str) -> Iterable[EngineLayer]:
    """Yield the layers of a ``Layers:`` message.

    Each layer is one line of ``Key: value`` pairs; tensors are ``{ ... Datatype: Half ... }``.
    """
    for line in text.splitlines():
        if not line.startswith("Name: ") or "LayerType: " not in line:
            continue
        name, rest = line.removeprefix("Name: ").split(", LayerType: ", 1)
        yield EngineLayer(
            name=name,
            kind=rest.split(",", 1)[0],
            origin=tuple(dict.fromkeys(re.findall(r"\[ONNX Layer: ([^\]]+)\]", line))),
            inputs=_types_between(line, "Inputs: ", "Constants: "),
            constants=_types_between(line, "Constants: ", "Outputs: "),
            outputs=_types_between(line, "Outputs: ", "TacticName: "),
            bytes_per_pixel=_bytes_between(line, "Inputs: ", "Constants: ")
            + _bytes_between(line, "Outputs: ", "TacticName: "),
        )


def convolution_types(layers: Iterable[EngineLayer]) -> dict[str, int]:
    """Count the convolutions of an engine by the number type they multiply in.

    Returns
    -------
    dict of str to int
        For example ``{"int8": 6, "float32": 3}``.
    """
    return dict(Counter(layer.computes_in for layer in layers if layer.is_convolution))


def fused_groups(layers: Iterable[EngineLayer]) -> list[tuple[str, ...]]:
    """Return, for each layer made of several ONNX nodes, those nodes."""
    return [layer.origin for layer in layers if len(layer.origin) > 1]


def bytes_per_pixel(layers: Iterable[EngineLayer]) -> int:
    """Return the bytes that all layers together read and write for a pixel of the input image.

    It is an upper bound of the traffic to GPU memory: what a cache still holds is not fetched. It
    says nothing about the arithmetic, so it is no prediction of a time.
    """
    return sum(layer.bytes_per_pixel for layer in layers)


def is_missing_driver(text: str) -> bool:
    """Say whether a message is only about the absent CUDA driver of a CPU machine.

    TensorRT-RTX probes for a GPU and goes on without one; that is no reason for a failed build.
    """
    return "CUDA driver version is insufficient" in text or "libcuda" in text


def _bytes_between(line: str, start: str, end: str) -> int:
    """Return the bytes per pixel of the tensors in a part of a line."""
    part = line.partition(start)[2].partition(end)[0]
    total = 0
    for shape, kind in re.findall(r"Dimensions: \[([^\]]*)\].*?Datatype: (\w+)", part):
        sizes = [int(size) for size in shape.split(",")]
        if -1 in sizes:
            # What is left without the unknown dimensions is the values for each pixel.
            total += math.prod(size for size in sizes if size > 0) * _BYTES.get(kind, 4)
    return total


def _types_between(line: str, start: str, end: str) -> tuple[str, ...]:
    part = line.partition(start)[2].partition(end)[0]
    return tuple(_TYPES.get(name, name) for name in re.findall(r"Datatype: (\w+)", part))
