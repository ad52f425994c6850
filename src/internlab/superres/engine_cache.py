"""Keep built engines on disk, under everything that decides whether one may be used again.

An engine is valid for one model, one precision, one range of shapes, one kind of GPU and one
version of TensorRT. A name that leaves one of these out gives an old engine for a new model.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from internlab.files import atomic_write, cache_dir
from internlab.superres.export import precision_of
from internlab.superres.tensorrt_build import Engine, build_engine
from internlab.superres.tensorrt_log import BuildLog
from internlab.superres.tensorrt_module import load
from internlab.superres.tensorrt_profile import Profile
from internlab.tier import gpu_available

_MAGIC = b"internlab engine 1\n"


@dataclass(frozen=True)
class EngineKey:
    """The facts an engine depends on.

    Parameters
    ----------
    model_sha256 : str
        Of the ONNX file: weights, graph and number types.
    precision : str
        Follows from the model; kept so that file names can be read.
    profile : str
        Smallest, optimal and largest shape, or "fixed".
    targets : tuple of str
        GPU generations it is built for; empty if it is built for `gpu`.
    gpu : str
        Name and compute capability of the GPU in the machine if there are no targets, else "".
    tf32 : bool
        Whether float32 convolutions may use TF32.
    flavour, version : str
        Which TensorRT.
    """

    model_sha256: str
    precision: str
    profile: str
    targets: tuple[str, ...]
    gpu: str
    tf32: bool
    flavour: str
    version: str

    @property
    def digest(self) -> str:
        """The sha256 of all the facts, 64 hexadecimal digits."""
        facts = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(facts.encode("utf-8")).hexdigest()

    @property
    def file_name(self) -> str:
        """The precision for people, the digest for programs."""
        return f"{self.precision}-{self.digest[:24]}.engine"


def key_of(
    model: Path | str | bytes,
    profile: Profile | None = None,
    targets: tuple[str, ...] | None = None,
    *,
    tf32: bool = True,
    flavour: str | None = None,
) -> EngineKey:
    """Return the key of the engine that `build_engine` would make from the same arguments."""
    data = model if isinstance(model, bytes) else Path(model).read_bytes()
    try:
        precision = precision_of(onnx.load_model_from_string(data))
    except DecodeError as error:
        raise ValueError(
            f"The model ({len(data)} bytes) is not an ONNX file: truncated, or of another kind. "
            "Export it again."
        ) from error
    trt = load(flavour)
    return EngineKey(
        model_sha256=hashlib.sha256(data).hexdigest(),
        precision=precision,
        profile="fixed" if profile is None else str(profile.shapes()),
        targets=tuple(targets or ()),
        gpu="" if targets else gpu_identity(),
        tf32=tf32,
        flavour=trt.__name__,
        version=trt.__version__,
    )


def gpu_identity() -> str:
    """Return the name and compute capability of the GPU in the machine, or "no GPU"."""
    if not gpu_available():
        return "no GPU"
    import torch

    major, minor = torch.cuda.get_device_capability()
    return f"{torch.cuda.get_device_name()} SM{major}{minor}"


class EngineCache:
    """A folder of engines.

    Parameters
    ----------
    folder : Path, optional
        Default ``engines/`` in the kit's cache.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder else cache_dir() / "engines"

    def get_or_build(
        self,
        model: Path | str | bytes,
        profile: Profile | None = None,
        targets: tuple[str, ...] | None = None,
        *,
        tf32: bool = True,
        flavour: str | None = None,
    ) -> tuple[Engine, str]:
        """Return an engine, and where it came from.

        Parameters are those of `build_engine`.

        Returns
        -------
        Engine
        str
            ``"cache"``, ``"built"``, or ``"rebuilt: "`` with what was wrong with the file.

        Raises
        ------
        BuildFailed, TensorRTMissing, ValueError
            As `build_engine` does.
        """
        data = model if isinstance(model, bytes) else Path(model).read_bytes()
        key = key_of(data, profile, targets, tf32=tf32, flavour=flavour)
        path = self.path_of(key)
        source = "built"
        if path.exists():
            try:
                return self.read(key), "cache"
            except ValueError as problem:
                source = f"rebuilt: {problem}"
        engine = self._build(key, data, profile, targets, tf32)
        self.write(key, engine)
        return engine, source

    def path_of(self, key: EngineKey) -> Path:
        """Return where the engine of a key is kept."""
        return self.folder / key.file_name

    def write(self, key: EngineKey, engine: Engine) -> Path:
        """Store an engine in one step: the file is there whole, or not at all."""
        header = json.dumps(
            {
                "key": asdict(key),
                "profile": asdict(engine.profile) if engine.profile else None,
                "seconds": engine.seconds,
                "cpu_seconds": engine.cpu_seconds,
                "messages": engine.log.messages,
            }
        )
        body = header.encode("utf-8") + b"\n" + engine.serialized
        digest = hashlib.sha256(body).hexdigest().encode("ascii")
        path = self.path_of(key)
        with atomic_write(path) as temporary:
            temporary.write_bytes(_MAGIC + digest + b"\n" + body)
        return path

    def read(self, key: EngineKey) -> Engine:
        """Read an engine and check that it is the one asked for, byte for byte.

        Raises
        ------
        FileNotFoundError
            If the cache has none under this key.
        ValueError
            If the file is truncated, altered, or holds an engine of another key.
        """
        header, serialized = _open(self.path_of(key).read_bytes())
        if header["key"] != json.loads(json.dumps(asdict(key))):
            raise ValueError("the cached file holds an engine of another key")
        return Engine(
            serialized=serialized,
            precision=key.precision,
            profile=Profile(**header["profile"]) if header["profile"] else None,
            targets=key.targets,
            flavour=key.flavour,
            version=key.version,
            seconds=header["seconds"],
            cpu_seconds=header["cpu_seconds"],
            log=BuildLog(tuple(tuple(message) for message in header["messages"])),
        )

    def _build(
        self,
        key: EngineKey,
        data: bytes,
        profile: Profile | None,
        targets: tuple[str, ...] | None,
        tf32: bool,
    ) -> Engine:
        # Only a build that measures kernels on a GPU has timings to keep.
        measures = not targets and key.gpu != "no GPU" and key.flavour == "tensorrt"
        if not measures:
            return build_engine(data, profile, targets, tf32=tf32, flavour=key.flavour)
        place = f"{key.gpu} {key.flavour} {key.version}"
        digest = hashlib.sha256(place.encode("utf-8")).hexdigest()
        path = self.folder / f"timings-{digest[:24]}.bin"
        known = path.read_bytes() if path.exists() else b""
        engine = build_engine(data, profile, tf32=tf32, flavour=key.flavour, timing_cache=known)
        with atomic_write(path) as temporary:
            temporary.write_bytes(engine.timing_cache)
        return engine


def _open(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Check a cache file and return its header and the engine.

    The layout is three lines and the engine: a magic line, the sha256 of all that follows it, and
    the header as JSON.
    """
    digest, _, body = content.removeprefix(_MAGIC).partition(b"\n")
    if not content.startswith(_MAGIC) or not body:
        raise ValueError("the cached file is not a whole engine file")
    if hashlib.sha256(body).hexdigest().encode("ascii") != digest:
        raise ValueError("the checksum of the cached engine does not match its bytes")
    header, _, serialized = body.partition(b"\n")
    return json.loads(header), serialized
