"""What an ONNX file must look like to be used here, and how it is read or refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

EXPECTED = (
    "one float32 or float16 input of shape N x 3 x H x W with H and W dynamic, and one output of "
    "shape N x 3 x sH x sW with an integer scale s"
)
# Two sizes, one of them odd: a network that drops a row at odd sizes shows it in the second.
_PROBES = ((24, 32), (25, 37))
_ONNX_TO_NUMPY = {
    onnx.TensorProto.FLOAT: np.dtype(np.float32),
    onnx.TensorProto.FLOAT16: np.dtype(np.float16),
}


@dataclass(frozen=True)
class Signature:
    """What a super-resolution model takes and gives.

    Parameters
    ----------
    input, output : str
        Names of the tensors in the graph.
    dtype : numpy.dtype
        float32 or float16, of input and output.
    scale : int
        The output is `scale` times as high and as wide as the input.
    channels : int
        Always 3 (RGB).
    precision : str
        ``"fp32"``, ``"fp16"`` or ``"int8"``: what the convolutions compute with.
    batch : int or None
        The only batch size the model takes, or None for any.
    """

    input: str
    output: str
    dtype: np.dtype
    scale: int
    channels: int
    precision: str
    batch: int | None


def precision_of(model: onnx.ModelProto) -> str:
    """Return ``"int8"``, ``"fp16"`` or ``"fp32"``: what a model's convolutions compute with.

    A graph with quantise/dequantise pairs counts as int8 even if some layers stay in float.
    """
    if any(node.op_type in ("DequantizeLinear", "QLinearConv") for node in model.graph.node):
        return "int8"
    types = {tensor.data_type for tensor in model.graph.initializer if len(tensor.dims) == 4}
    return "fp16" if onnx.TensorProto.FLOAT16 in types else "fp32"


def read_signature(path: Path | str) -> Signature:
    """Read what a model takes and gives, or refuse it.

    Names, types and ranks are read from the file. The scale is measured, by running the model on
    two small inputs: output shapes in files are often missing, and sometimes wrong.

    Parameters
    ----------
    path : Path or str
        An ONNX file from anywhere.

    Returns
    -------
    Signature

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a complete ONNX model, or not a super-resolution model of the expected
        signature. The message says what was found, what was expected and what to do.
    """
    path = Path(path)
    model = _load(path)
    weights = {tensor.name for tensor in model.graph.initializer}
    # Older files list their weights among the inputs.
    inputs = [value for value in model.graph.input if value.name not in weights]
    outputs = list(model.graph.output)
    if len(inputs) != 1 or len(outputs) != 1:
        names = f"{[v.name for v in inputs]} to {[v.name for v in outputs]}"
        raise _refused(path, f"has {len(inputs)} inputs and {len(outputs)} outputs ({names})")
    given, made = inputs[0], outputs[0]
    for value in (given, made):
        if value.type.tensor_type.elem_type not in _ONNX_TO_NUMPY:
            kind = onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
            raise _refused(path, f"has {value.name!r} of type {kind}")
    dtype = _ONNX_TO_NUMPY[given.type.tensor_type.elem_type]
    if dtype != _ONNX_TO_NUMPY[made.type.tensor_type.elem_type]:
        raise _refused(path, "has an input and an output of different types")
    batch = _check_input_shape(path, given)
    return Signature(
        input=given.name,
        output=made.name,
        dtype=dtype,
        scale=_measured_scale(path, given.name, dtype),
        channels=3,
        precision=precision_of(model),
        batch=batch,
    )


def _load(path: Path) -> onnx.ModelProto:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path.name} in {path.parent}. Give an ONNX file; to make one from "
            "the kit's network, run: python -m internlab.superres export"
        )
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception as error:
        raise ValueError(
            f"{path.name} ({path.stat().st_size} bytes) is not a readable ONNX model. Expected a "
            "complete .onnx file: was the download or the copy cut short?"
        ) from error
    if not model.graph.node:
        raise ValueError(f"{path.name} holds no graph. Expected an ONNX model with {EXPECTED}.")
    return model


def _check_input_shape(path: Path, value: onnx.ValueInfoProto) -> int | None:
    """Refuse an input that is not N x 3 x H x W with free H and W; return a fixed N, or None."""
    tensor = value.type.tensor_type
    # A dimension with a value is fixed; one with a name, or with nothing, is free.
    sizes = [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]
    shown = " x ".join(str(size or "?") for size in sizes) or "unknown"
    if len(sizes) != 4:
        raise _refused(path, f"takes an input of shape {shown}")
    batch, channels, height, width = sizes
    if channels != 3:
        reason = f"takes {channels or 'an unknown number of'} channels (input {shown})"
        raise _refused(path, reason)
    if height is not None or width is not None:
        raise _refused(
            path,
            f"takes only inputs of {shown}",
            "Export it again with dynamic height and width (dynamic_shapes in torch.onnx.export).",
        )
    return batch


def _measured_scale(path: Path, name: str, dtype: np.dtype) -> int:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise _refused(
            path,
            f"is not accepted by ONNX Runtime: {_first_line(error)}",
            "An operator it does not know, or a missing file of external weights, are usual "
            "causes.",
        ) from error
    scales = set()
    for height, width in _PROBES:
        try:
            [result] = session.run(None, {name: np.full((1, 3, height, width), 0.5, dtype)})
        except Exception as error:
            raise _refused(
                path, f"fails on an input of 1 x 3 x {height} x {width}: {_first_line(error)}"
            ) from error
        scale = result.shape[-1] // width if result.ndim == 4 else 0
        if scale < 1 or result.shape != (1, 3, scale * height, scale * width):
            shape = " x ".join(str(size) for size in result.shape)
            raise _refused(path, f"makes {shape} from 1 x 3 x {height} x {width}")
        scales.add(scale)
    if len(scales) != 1:
        raise _refused(path, f"changes its scale with the size of the input: {sorted(scales)}")
    return scales.pop()


def _refused(path: Path, found: str, advice: str = "") -> ValueError:
    advice = advice or "Give a super-resolution model for RGB images, or wrap yours to fit."
    return ValueError(f"{path.name} {found}. Expected {EXPECTED}. {advice}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
