"""From a PyTorch module to an ONNX file, checked before it gets its name."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
import torch
from torch import nn

from internlab.files import atomic_write
from internlab.quiet import quiet
from internlab.superres.model import RepSR
from internlab.superres.signature import Signature, precision_of, read_signature

__all__ = [
    "Signature",
    "operators",
    "opset_of",
    "precision_of",
    "quiet_exporter",
    "read_signature",
    "to_onnx",
]

INPUT, OUTPUT = "lr", "sr"


def to_onnx(
    model: nn.Module,
    path: Path | str,
    dtype: torch.dtype = torch.float32,
    opset: int = 18,
    fixed_size: tuple[int, int] | None = None,
) -> Path:
    """Write a super-resolution network as an ONNX file.

    The file is checked before it gets its name: the operator set (opset) is the one asked for,
    and ONNX's own checker accepts graph and shapes.

    Parameters
    ----------
    model : torch.nn.Module
        Maps (N, 3, h, w) in [0, 1] to (N, 3, s*h, s*w). It is copied, and left as it was; of a
        `RepSR`, the fused form is written.
    path : Path or str
        The file to write; an older one is replaced only by a complete new one.
    dtype : torch.dtype
        torch.float32, or torch.float16 for a *typed* half-precision network: weights, input and
        output are float16, and the file itself says so.
    opset : int
        Version of ONNX's operator set. 18 is the exporter's native one.
    fixed_size : (int, int), optional
        Height and width of the only input the file then takes, at batch 1. By default the batch
        size n, the height h and the width w are free.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ValueError
        If the exporter wrote another opset than asked for, or `dtype` is neither of the two.
    """
    if dtype not in (torch.float32, torch.float16):
        raise ValueError(
            f"dtype is {dtype}, expected torch.float32 or torch.float16. For INT8, export float32 "
            "and quantise the file (internlab.superres.quantise)."
        )
    path = Path(path)
    # nn.Module.to and .half change the module itself, so a copy is converted.
    module = model.fused() if isinstance(model, RepSR) else copy.deepcopy(model)
    module = module.eval().to(device="cpu", dtype=dtype)
    height, width = fixed_size or (24, 32)
    # The example has batch 2, because the exporter takes a size of 1 as meant to stay 1.
    example = torch.rand(1 if fixed_size else 2, 3, height, width).to(dtype)
    names = None if fixed_size else ({0: "n", 2: "h", 3: "w"},)
    with atomic_write(path) as temporary:
        with quiet_exporter():
            torch.onnx.export(
                module,
                (example,),
                str(temporary),
                dynamo=True,
                dynamic_shapes=names,
                opset_version=opset,
                input_names=[INPUT],
                output_names=[OUTPUT],
                external_data=False,
                verbose=False,
            )
        written = onnx.load(temporary)
        if opset_of(written) != opset:
            raise ValueError(
                f"Asked for opset {opset}, but the exporter wrote opset {opset_of(written)}: it "
                "has no way down and says so only in its log. Ask for 18 or more, or convert with "
                "another tool and check the result."
            )
        _strip_notes(written)
        onnx.save(written, temporary)
        onnx.checker.check_model(temporary, full_check=True)
    return path


@contextmanager
def quiet_exporter() -> Iterator[None]:
    """Silence the exporter's log for the length of a block.

    It logs missing optional packages at every export, and whole tracebacks for conversions that
    it then skips. What matters in them is checked on the written file instead.
    """
    with quiet("torch.onnx", "onnxscript", "onnx_ir"):
        yield


def opset_of(model: onnx.ModelProto) -> int:
    """Return the version of ONNX's own operator set that a model asks for."""
    return next(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))


def operators(path: Path | str) -> dict[str, int]:
    """Return how often each operator occurs in an ONNX file, the most frequent first."""
    graph = onnx.load(path, load_external_data=False).graph
    return dict(Counter(node.op_type for node in graph.node).most_common())


def _strip_notes(model: onnx.ModelProto) -> None:
    """Remove the exporter's notes for debugging: they hold source paths of the machine."""
    for each in [*model.graph.node, *model.graph.input, *model.graph.output]:
        del each.metadata_props[:]
    for each in [*model.graph.initializer, *model.graph.value_info, model.graph]:
        del each.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
