"""What a result was made from: data, code and environment, as a note records them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from internlab.files import project_root, sha256_of

_PACKAGES = ("numpy", "torch", "pytorch-lightning", "onnxruntime", "tensorrt-rtx", "tensorrt")


def hash_data(data: Any) -> str:
    """Return a short sha256 of what a run is made on, or the string itself, or ``"not stated"``.

    A path is hashed by its bytes, an array by dtype, shape and bytes, a mapping by its items.
    """
    if data is None:
        return "not stated"
    if isinstance(data, str):
        return data
    if isinstance(data, Path):
        return sha256_of(data)[:16]
    digest = hashlib.sha256()
    _feed(digest, data)
    return digest.hexdigest()[:16]


def code_version() -> str:
    """Return the commit of the kit, with ``+changes`` if files differ from it."""
    try:
        root = project_root()
        commit = _git(root, "rev-parse", "--short=10", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return "not under version control"
    return commit + ("+changes" if changed else "")


def describe_environment() -> dict[str, str]:
    """Return Python, operating system and the versions of the packages that matter."""
    described = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    for package in _PACKAGES:
        try:
            described[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return described


def _feed(digest: Any, data: Any) -> None:
    import numpy as np

    if isinstance(data, Mapping):
        for key in sorted(data):
            digest.update(str(key).encode("utf-8"))
            _feed(digest, data[key])
        return
    array = np.ascontiguousarray(data)
    digest.update(f"{array.dtype}{array.shape}".encode())
    digest.update(array.tobytes())


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
