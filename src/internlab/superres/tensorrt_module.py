"""Which TensorRT is installed, what it can build for, and the one logger that it takes."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

FLAVOURS = ("tensorrt", "tensorrt_rtx")

# What the compute capabilities are called in shops and papers.
GENERATIONS = {
    "SM75": "Turing (T4, RTX 20)",
    "SM80": "Ampere (A100)",
    "SM86": "Ampere (A10, RTX 30)",
    "SM89": "Ada (L4, RTX 40)",
    "SM90": "Hopper (H100, H200)",
    "SM120": "Blackwell (RTX 50)",
    "SM121": "Blackwell (GB10)",
}

# TensorRT keeps one logger for the process, and ignores any other; so do we, one for a flavour.
_loggers: dict[str, Any] = {}


class TensorRTMissing(ImportError):
    """No flavour of TensorRT can be imported; the text says what would install one."""


def load(flavour: str | None = None) -> ModuleType:
    """Import and return ``tensorrt`` or ``tensorrt_rtx``.

    Parameters
    ----------
    flavour : {"tensorrt", "tensorrt_rtx"}, optional
        By default full TensorRT where it is installed and PyTorch sees a GPU, else TensorRT-RTX:
        without a GPU only the latter can build.

    Raises
    ------
    TensorRTMissing
        If it, or none, can be imported.
    ValueError
        If the flavour is neither.
    """
    if flavour is None:
        from internlab.tier import gpu_available

        candidates = FLAVOURS if gpu_available() else ("tensorrt_rtx",)
    elif flavour in FLAVOURS:
        candidates = (flavour,)
    else:
        raise ValueError(f"Unknown flavour {flavour!r}. Expected one of {', '.join(FLAVOURS)}.")
    reasons = []
    for name in candidates:
        try:
            module = importlib.import_module(name)
        except (ImportError, OSError) as error:
            reasons.append(f"{name}: {error}")
            continue
        if hasattr(module, "Builder"):
            return module
        reasons.append(f"{name}: it has no Builder (a package of that name without its library)")
    raise TensorRTMissing(
        f"No TensorRT here ({'; '.join(reasons)}). On Linux x86-64 `pip install tensorrt-rtx` "
        "builds engines without a GPU; `pip install tensorrt` is for data-centre GPUs. There is "
        "no wheel for macOS; lesson 12 names what it skips."
    )


def available(flavour: str | None = None) -> bool:
    """Say whether a flavour of TensorRT, by default any, can be imported here."""
    try:
        load(flavour)
    except TensorRTMissing:
        return False
    return True


def supported_targets(module: ModuleType | None = None) -> tuple[str, ...]:
    """Return the GPU generations that can be named as targets, oldest first.

    Empty for full TensorRT, which builds for the GPU in the machine only.
    """
    module = module or load()
    names = [name for name in dir(getattr(module, "ComputeCapability", ())) if name[:2] == "SM"]
    return tuple(sorted(names, key=lambda name: int(name[2:])))


def check_targets(trt: ModuleType, targets: tuple[str, ...] | None) -> None:
    """Raise ValueError unless `targets` is None or names GPUs that this flavour builds for."""
    if targets is None:
        return
    if isinstance(targets, str) or not targets:
        raise ValueError(f'targets={targets!r}: expected a tuple of names such as ("SM86",).')
    known = supported_targets(trt)
    if not known:
        raise ValueError(
            f"{trt.__name__} builds for the GPU in the machine and takes no targets, got "
            f"{targets}. Pass targets=None, or build with flavour='tensorrt_rtx'."
        )
    unknown = [target for target in targets if target not in known]
    if unknown:
        raise ValueError(
            f"{trt.__name__} {trt.__version__} cannot build for {', '.join(unknown)}. It knows "
            f"{', '.join(known)}. For data-centre GPUs that are missing use full TensorRT on "
            "that GPU."
        )


def logger_of(trt: ModuleType) -> Any:
    """Return the one logger of a flavour: it keeps every message in a list."""
    if trt.__name__ not in _loggers:

        class Recorder(trt.ILogger):
            """Keeps messages as (severity, text)."""

            def __init__(self) -> None:
                trt.ILogger.__init__(self)
                self.messages: list[tuple[str, str]] = []

            def log(self, severity: Any, text: str) -> None:
                self.messages.append((str(severity).rpartition(".")[2], text))

        _loggers[trt.__name__] = Recorder()
    return _loggers[trt.__name__]
