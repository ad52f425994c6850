"""Static INT8 quantisation: 8-bit integers in place of floats, with scales found by calibration.

A tensor x is stored as q = clamp(round(x / s) + z), integers of 8 bits, and read back as
s * (q - z). The scale s of a weight follows from the weight. That of an activation needs data: the
network runs on calibration images, and the range that each activation takes is written into the
file ("static"). The file holds pairs of QuantizeLinear and DequantizeLinear nodes (Q/DQ) around
float operators; a runtime that can, fuses them into integer convolutions.

References
----------
Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", CVPR 2018, section 2.1.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx

from internlab.files import atomic_write
from internlab.superres.arrays import to_tensor
from internlab.superres.degrade import crop_to_multiple, downscale
from internlab.superres.export import read_signature

FIRST_AND_LAST = "first and last"


def quantise_int8(
    onnx_path: Path | str,
    out_path: Path | str,
    calibration: Sequence[np.ndarray],
    for_tensorrt: bool = False,
    keep_float: str | None = FIRST_AND_LAST,
    per_channel: bool = True,
) -> Path:
    """Write an INT8 version of a float32 super-resolution model.

    The convolutions are quantised. The skip path, which carries the bicubic image past the
    network, stays in float: it holds most of the result, and costs next to nothing.

    Parameters
    ----------
    onnx_path : Path or str
        A float32 ONNX file.
    out_path : Path or str
        The file to write.
    calibration : sequence of array, each (1, 3, h, w) float32 in [0, 1]
        Low-resolution images or crops from the *training* set. Test images here would make the
        measured loss too good.
    for_tensorrt : bool
        TensorRT reads only symmetric quantisation (zero point 0) with float biases; ONNX Runtime
        by itself uses asymmetric activations and 32-bit integer biases.
    keep_float : {"first and last", None}
        Also keep the first and the last convolution of the network in float: they see the image
        and make it, so rounding there shows most. None quantises them too.
    per_channel : bool
        One weight scale for each output channel, not one for the whole tensor.

    Returns
    -------
    Path
        `out_path`.

    Raises
    ------
    ValueError
        If the model is not float32 or the calibration images do not fit it.
    """
    if keep_float not in (None, FIRST_AND_LAST):
        raise ValueError(f"keep_float={keep_float!r}, expected None or {FIRST_AND_LAST!r}.")
    signature = read_signature(onnx_path)
    if signature.precision != "fp32":
        raise ValueError(
            f"{Path(onnx_path).name} is {signature.precision}, expected an fp32 model. Quantise "
            "the float32 export, not a copy that has already lost precision."
        )
    _check_calibration(calibration)
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    options = {"ActivationSymmetric": for_tensorrt, "WeightSymmetric": True}
    if for_tensorrt:
        # TensorRT refuses DequantizeLinear on the INT32 biases that are written otherwise.
        options["QuantizeBias"] = False
    out_path = Path(out_path)
    with (
        _quiet_quantiser(),
        tempfile.TemporaryDirectory(prefix="internlab-quantise-") as folder,
        atomic_write(out_path) as temporary,
    ):
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(onnx_path), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(temporary),
            _Reader(signature.input, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=float_convolutions(onnx.load(prepared), keep_float),
            per_channel=per_channel,
            activation_type=QuantType.QInt8 if for_tensorrt else QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options=options,
        )
        onnx.checker.check_model(temporary, full_check=True)
    return out_path


def calibration_crops(
    images: Mapping[str, np.ndarray],
    count: int,
    size: int,
    rng: np.random.Generator,
    scale: int = 2,
) -> list[np.ndarray]:
    """Cut calibration inputs from training images.

    Parameters
    ----------
    images : mapping of str to array, (H, W, 3) uint8
        High-resolution training images; they are scaled down as in training.
    count, size : int
        Number of crops, and their height and width in low-resolution pixels.
    rng : numpy.random.Generator
    scale : int

    Returns
    -------
    list of array, each (1, 3, size, size) float32 in [0, 1]

    Raises
    ------
    ValueError
        If no image is large enough.
    """
    small = [downscale(crop_to_multiple(image, scale), scale) for image in images.values()]
    small = [image for image in small if min(image.shape[:2]) >= size]
    if not small:
        raise ValueError(
            f"No image is as large as {size} x {size} after scaling down by {scale}. Give larger "
            "images or a smaller size."
        )
    crops = []
    for number in range(count):
        # In turn, so that every image takes part even when there are few crops.
        image = small[number % len(small)]
        top = rng.integers(image.shape[0] - size + 1)
        left = rng.integers(image.shape[1] - size + 1)
        crops.append(to_tensor(image[top : top + size, left : left + size]).numpy())
    return crops


def float_convolutions(model: onnx.ModelProto, keep_float: str | None) -> list[str]:
    """Return the names of the convolutions that stay in float.

    The skip path is found by counting: a convolution on it has no other before or after it, while
    those of the network form a long chain. The first of the chain has none before it, the last
    none after it.
    """
    before = _convolutions_along(model.graph, backwards=False)
    after = _convolutions_along(model.graph, backwards=True)
    names = [node.name for node in model.graph.node if node.op_type == "Conv"]
    length = {name: before[name] + after[name] + 1 for name in names}
    if max(length.values(), default=0) <= 1:
        return []
    kept = [name for name in names if length[name] == 1]
    if keep_float == FIRST_AND_LAST:
        ends = [name for name in names if before[name] == 0 or after[name] == 0]
        kept += [name for name in ends if name not in kept]
    return kept


def _convolutions_along(graph: onnx.GraphProto, backwards: bool) -> dict[str, int]:
    """Return, by node name, the most convolutions on a path that leads to the node."""
    counts: dict[str, int] = {}  # by tensor: convolutions on the way to it, its own maker included
    found = {}
    for node in reversed(graph.node) if backwards else graph.node:  # nodes are in running order
        sources, made = (node.output, node.input) if backwards else (node.input, node.output)
        reached = max((counts.get(name, 0) for name in sources), default=0)
        found[node.name] = reached
        for name in made:
            counts[name] = max(counts.get(name, 0), reached + (node.op_type == "Conv"))
    return found


class _Reader:
    """Hands calibration images to ONNX Runtime one by one, and None at the end."""

    def __init__(self, name: str, images: Sequence[np.ndarray]) -> None:
        self._feeds = iter([{name: image} for image in images])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._feeds, None)


def _check_calibration(images: Sequence[np.ndarray]) -> None:
    if len(images) == 0:
        raise ValueError(
            "No calibration images were given. Give a few dozen crops of training images "
            "(calibration_crops makes them)."
        )
    for number, image in enumerate(images):
        if image.dtype != np.float32 or image.ndim != 4 or image.shape[:2] != (1, 3):
            raise ValueError(
                f"Calibration image {number} is {image.dtype} of shape {image.shape}, expected "
                "float32 of shape (1, 3, h, w)."
            )
        # Images left in 0..255 would stretch every activation's range 255 times.
        if not (np.isfinite(image).all() and image.min() >= 0 and image.max() <= 1):
            raise ValueError(
                f"Calibration image {number} has values from {image.min():g} to {image.max():g}, "
                "expected [0, 1] as in training. Divide 8-bit values by 255."
            )


@contextmanager
def _quiet_quantiser() -> Iterator[None]:
    # The quantiser logs advice to the root logger on every call.
    root = logging.getLogger()
    level = root.level
    try:
        root.setLevel(logging.ERROR)
        yield
    finally:
        root.setLevel(level)
