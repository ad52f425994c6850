"""Build TensorRT engines from ONNX files: one adapter for ``tensorrt`` and ``tensorrt_rtx``.

Full TensorRT builds for the GPU in the machine. TensorRT-RTX can build for several GPU generations
on a machine without any. Both read ONNX with the same calls, and in both the network is strongly
typed: the types in the ONNX file are the precision, there is no flag for it.

References
----------
NVIDIA, TensorRT documentation, "Strongly typed networks" and "Working with dynamic shapes".
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from internlab.superres.export import precision_of
from internlab.superres.tensorrt_explain import KnownFailure, explain
from internlab.superres.tensorrt_log import BuildLog, EngineLayer
from internlab.superres.tensorrt_module import check_targets, load, logger_of
from internlab.superres.tensorrt_profile import Profile

# The logger is shared by the whole process, so builds take turns.
_building = threading.Lock()


class BuildFailed(RuntimeError):
    """TensorRT refused a model.

    Attributes
    ----------
    stage : {"parse", "profile", "build"}
        Where the cause lies.
    messages : tuple of str
        TensorRT's own words.
    known : KnownFailure or None
        The cause, if it is one of `tensorrt_explain.KNOWN_FAILURES`.
    log : BuildLog
    """

    def __init__(self, model: str, stage: str, messages: tuple[str, ...], log: BuildLog) -> None:
        self.known: KnownFailure | None = explain(messages)
        self.stage = self.known.stage if self.known else stage
        self.messages = messages
        self.log = log
        advice = (
            f"Meaning: {self.known.meaning} To do: {self.known.remedy}"
            if self.known
            else "This cause is not among the known ones: look at .messages and .log.warnings."
        )
        super().__init__(
            f"TensorRT refused {model} (stage: {self.stage}). It said: {self.said!r}. {advice}"
        )

    @property
    def said(self) -> str:
        """The one line of TensorRT's messages that names the cause."""
        lines = [line.strip() for message in self.messages for line in message.split("\n")]
        if self.known:
            lines = [line for line in lines if re.search(self.known.pattern, line)]
        return lines[0] if lines else "nothing; it returned None"


@dataclass(frozen=True)
class Engine:
    """A built engine and the record of its build.

    Parameters
    ----------
    serialized : bytes
        The engine file ("plan").
    precision : str
        ``"fp32"``, ``"fp16"`` or ``"int8"``, from the types in the ONNX file.
    profile : Profile or None
        The shapes it accepts; None if the model's shapes are fixed.
    targets : tuple of str
        GPU generations it was built for, such as ``("SM86", "SM89")``; empty for the builder's
        default (full TensorRT: the GPU in the machine).
    flavour, version : str
        The module that built it. Only the same version can load it.
    seconds, cpu_seconds : float
        Wall-clock and processor time of the build, in seconds.
    log : BuildLog
    timing_cache : bytes
        Kernel timings of this build, if `build_engine` was given a timing cache to extend.
    """

    serialized: bytes = field(repr=False)
    precision: str
    profile: Profile | None
    targets: tuple[str, ...]
    flavour: str
    version: str
    seconds: float
    cpu_seconds: float
    log: BuildLog = field(repr=False)
    timing_cache: bytes = field(default=b"", repr=False)

    @property
    def size_bytes(self) -> int:
        """Size of the engine file in bytes."""
        return len(self.serialized)

    @property
    def layers(self) -> tuple[EngineLayer, ...]:
        """The layers of the engine, as the build log lists them."""
        return self.log.layers


def build_engine(
    model: Path | str | bytes,
    profile: Profile | None = None,
    targets: tuple[str, ...] | None = None,
    *,
    tf32: bool = True,
    flavour: str | None = None,
    timing_cache: bytes | None = None,
) -> Engine:
    """Build an engine from an ONNX file.

    Parameters
    ----------
    model : Path or bytes
        An ONNX file or its bytes, with one image input (N, 3, H, W). Its number types are the
        engine's.
    profile : Profile, optional
        Needed if height and width are dynamic.
    targets : tuple of str, optional
        GPU generations to build for, TensorRT-RTX only: see `supported_targets`. None builds for
        the GPU in the machine, or for the builder's default where there is none.
    tf32 : bool
        Let float32 convolutions round their inputs to TF32 (10 mantissa bits) on GPUs that have
        it. It is TensorRT's default, and faster; switch it off to compare with exact float32.
    flavour : str, optional
        See `load`.
    timing_cache : bytes, optional
        Kernel timings of an earlier build on the same GPU, which make this one faster, or b"" to
        start one. A build for targets measures nothing on a GPU and takes none.

    Returns
    -------
    Engine

    Raises
    ------
    BuildFailed
        If TensorRT refuses the model, with the stage, its messages, and what they mean.
    TensorRTMissing
        If TensorRT is not installed.
    ValueError
        If a target is unknown, or the flavour takes none.
    """
    import onnx

    name = "the model" if isinstance(model, bytes) else Path(model).name
    data = model if isinstance(model, bytes) else Path(model).read_bytes()
    trt = load(flavour)
    check_targets(trt, targets)
    if targets and timing_cache is not None:
        raise ValueError("A build for targets takes no timing cache: leave one of the two out.")
    with _building:
        logger = logger_of(trt)
        logger.messages.clear()
        start, cpu_start = time.perf_counter(), time.process_time()
        try:
            serialized, timings = _build(
                trt, logger, name, data, profile, targets, tf32, timing_cache
            )
        finally:
            log = BuildLog(tuple(logger.messages))
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return Engine(
        serialized=serialized,
        precision=precision_of(onnx.load_model_from_string(data)),
        profile=profile,
        targets=tuple(targets or ()),
        flavour=trt.__name__,
        version=trt.__version__,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        log=log,
        timing_cache=timings,
    )


def _build(
    trt: ModuleType,
    logger: Any,
    name: str,
    data: bytes,
    profile: Profile | None,
    targets: tuple[str, ...] | None,
    tf32: bool,
    timing_cache: bytes | None,
) -> tuple[bytes, bytes]:
    """Parse, configure and build; return the bytes of the engine and of the timing cache."""

    def refused(stage: str, *messages: str) -> BuildFailed:
        log = BuildLog(tuple(logger.messages))
        return BuildFailed(name, stage, tuple(dict.fromkeys((*messages, *log.errors))), log)

    try:
        builder = trt.Builder(logger)
    except TypeError as error:  # what the Python binding makes of a null pointer
        raise refused("build", str(error)) from error
    network = builder.create_network(_strongly_typed(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(data):
        errors = [parser.get_error(index) for index in range(parser.num_errors)]
        raise refused("parse", *(f"{_node_of(error)}{error.desc()}".strip() for error in errors))
    if network.num_inputs == 0:
        # The parser accepts an empty file as an empty network.
        raise refused("parse", "Failed to parse the ONNX model: it has no input")

    config = builder.create_builder_config()
    # Detailed, because the list of layers in the log is how an engine is read without a GPU.
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if not tf32 and hasattr(trt.BuilderFlag, "TF32"):
        config.clear_flag(trt.BuilderFlag.TF32)
    if profile is not None:
        _add_profile(builder, network, config, profile, refused)
    if targets:
        config.num_compute_capabilities = len(targets)
        for index, target in enumerate(targets):
            config.set_compute_capability(getattr(trt.ComputeCapability, target), index)
    measures = timing_cache is not None and hasattr(config, "create_timing_cache")
    if measures:
        config.set_timing_cache(config.create_timing_cache(timing_cache), False)

    # The builder reports failure by returning None, not by raising.
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise refused("build")
    return bytes(plan), bytes(config.get_timing_cache().serialize()) if measures else b""


def _add_profile(builder: Any, network: Any, config: Any, profile: Profile, refused: Any) -> None:
    tensor = network.get_input(0)
    try:
        wanted = builder.create_optimization_profile()
        wanted.set_shape(tensor.name, *profile.shapes(channels=int(tensor.shape[1])))
        added = config.add_optimization_profile(wanted)
    except (ValueError, RuntimeError) as error:
        raise refused("profile", str(error)) from error
    if added < 0:
        raise refused("profile", f"the profile {profile} was rejected for input {tensor.name}")


def _strongly_typed(trt: ModuleType) -> int:
    """Return the creation flags: the default since TensorRT 11, to be asked for before."""
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    return 0 if flag is None else 1 << int(flag)


def _node_of(error: Any) -> str:
    name = error.node_name() if hasattr(error, "node_name") else ""
    return f"node {name}: " if name else ""
