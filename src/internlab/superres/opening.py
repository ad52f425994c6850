"""From the names on a command line, of a model file and a runtime, to a runtime and its overlap."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from internlab.files import cache_dir, data_dir, sha256_of
from internlab.superres.export import to_onnx
from internlab.superres.model import RepSR, load_pretrained
from internlab.superres.runtimes import Runtime, open_runtime
from internlab.superres.tiling import needed_overlap

# The radii up to which a model's reach is measured: most networks show in the small, quick probe.
_PROBES = (16, 64)


def default_onnx() -> Path:
    """Return the kit's network as an ONNX file in the cache, exported on first use."""
    # Named after its weights, so that new weights are not mistaken for old ones.
    name = f"repsr_x2_{sha256_of(data_dir() / 'models' / 'repsr_x2.pt')[:12]}.onnx"
    path = cache_dir() / "superres" / name
    if not path.is_file():
        print(f"Exporting the kit's network to {name}, once.", file=sys.stderr)
        to_onnx(load_pretrained(), path)
    return path


def network_from(weights: Path | None) -> RepSR:
    """Return the network with weights from a file of the train command, or the kit's own.

    Raises
    ------
    ValueError
        If the file does not hold weights of this network.
    """
    if weights is None:
        return load_pretrained()
    if not weights.is_file() or weights.suffix == ".onnx":
        raise ValueError(
            f"{weights}: expected a file of weights (.pt) as the train command writes it. ONNX "
            "files run with the runtimes onnxruntime, openvino and tensorrt."
        )
    network = RepSR().fused()
    try:
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except Exception as error:
        raise ValueError(
            f"{weights} does not hold the weights of this network ({str(error).splitlines()[0]}). "
            "Expected a file that the train command wrote."
        ) from error
    return network.eval()


def open_from_files(name: str, model: Path | None = None, threads: int = 1) -> Runtime:
    """Open a runtime on a model file, or on the kit's network.

    Parameters
    ----------
    name : str
        One of `runtimes.RUNTIMES`.
    model : Path, optional
        An ONNX file; for ``"torch"`` a file of weights.
    threads : int
        CPU threads, where the runtime has that option.

    Raises
    ------
    ValueError, FileNotFoundError, ProviderMissing, ProviderFellBack
        As `open_runtime` and `network_from` do.
    """
    options = {} if name == "tensorrt" else {"threads": threads}
    if name == "torch":
        return open_runtime(name, network_from(model), **options)
    return open_runtime(name, default_onnx() if model is None else model, **options)


def choose_overlap(runtime: Runtime, asked: int | None = None) -> tuple[int, str]:
    """Return the overlap to use, and a warning if it is less than the network needs.

    Parameters
    ----------
    runtime : Runtime
        Any; what it needs is measured.
    asked : int, optional
        The overlap that was asked for; None takes the measured one.

    Returns
    -------
    overlap : int
        Low-resolution pixels.
    warning : str
        "" if tiles will equal the whole image.

    Raises
    ------
    ValueError
        If none was asked for and the network sees further than any affordable overlap.
    """
    rng = np.random.default_rng(0)
    needed = None
    for limit in _PROBES:
        if needed is None:
            needed = needed_overlap(runtime, runtime.scale, rng, limit=limit)
    if asked is None:
        if needed is None:
            raise ValueError(
                f"{runtime.name}: an output pixel depends on input pixels more than {_PROBES[-1]} "
                "px away, so no affordable overlap makes tiles equal to the whole image; a network "
                "that looks at the whole image is one such. To accept seams, choose an overlap, "
                "for example --overlap 32."
            )
        return needed, ""
    if needed is None or asked < needed:
        reach = f"more than {_PROBES[-1]}" if needed is None else str(needed)
        return asked, (
            f"an overlap of {asked} px is less than the {reach} px that this network sees around "
            "a pixel: expect seams between tiles."
        )
    return asked, ""
