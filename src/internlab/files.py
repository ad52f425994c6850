"""Where files of the kit live, and how to write one so that no half-written file keeps its name."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE_VARIABLE = "INTERNLAB_CACHE"


def project_root() -> Path:
    """Return the folder of the kit, the one that holds ``data/passages.yaml``.

    The package is installed editable, so its source file says where the kit is. A copy of the
    package without the kit around it falls back on the working directory and its parents.

    Raises
    ------
    FileNotFoundError
        If no folder with ``data/passages.yaml`` is found.
    """
    starts = [Path(__file__).resolve(), Path.cwd().resolve() / "_"]
    for start in starts:
        for folder in start.parents:
            if (folder / "data" / "passages.yaml").is_file():
                return folder
    raise FileNotFoundError(
        "The kit's folder was not found: no data/passages.yaml above the package or the working "
        "directory. Start JupyterLab inside a clone of the kit (make start)."
    )


def data_dir() -> Path:
    """Return ``data/``, the folder of what ships with the kit."""
    return project_root() / "data"


def cache_dir() -> Path:
    """Return the folder for downloads and generated files, made if needed.

    It is ``data/cache`` unless the environment variable ``INTERNLAB_CACHE`` names another.
    """
    folder = Path(os.environ.get(CACHE_VARIABLE) or data_dir() / "cache")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def atomic_write(path: Path | str) -> Iterator[Path]:
    """Give a temporary path to write to; rename it to `path` only if the block succeeds.

    The temporary file lies in the same folder, because a rename is atomic only within one file
    system. It keeps the suffix of `path`, because many writers choose their format by it.

    Parameters
    ----------
    path : Path or str
        Final name. An existing file is replaced in one step; until then it stays as it was.

    Yields
    ------
    Path
        The temporary name to write to.

    Raises
    ------
    OSError
        If the disk is full, with the space that is left and what to do. The temporary file is
        removed on any error, Ctrl-C included.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        # mkstemp makes private files; what the kit writes should be as readable as any other.
        temporary.chmod(0o666 & ~_umask())
        yield temporary
        with open(temporary, "rb") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise OSError(
            errno.ENOSPC,
            f"The disk is full: {path.name} could not be written to {path.parent.name}/. "
            f"Free some space and run the step again; the earlier {path.name}, if there was one, "
            "is unchanged",
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path | str) -> Iterator[Path]:
    """Give a temporary folder to fill; rename it to `path` only if the block succeeds.

    Parameters
    ----------
    path : Path or str
        Final name. A folder cannot be replaced in one step: an existing one is removed first, and
        for a moment there is none.

    Yields
    ------
    Path
        The temporary folder to write into, beside the final one. It is removed on any error,
        Ctrl-C included.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        # mkdtemp makes private folders; what the kit writes should be as readable as any other.
        temporary.chmod(0o777 & ~_umask())
        yield temporary
        if path.exists():
            shutil.rmtree(path)
        temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
