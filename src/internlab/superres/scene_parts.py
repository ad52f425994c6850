"""Finished tiles on disk, kept so that a killed run loses at most one row of tiles.

Beside the target ``scene.tif`` a folder ``scene.tif.partial`` holds two files. ``pixels`` has a
fixed place for each tile. ``journal`` has one line for the settings and one for each finished row
of tiles. The order is what makes it safe: pixels are written, forced to disk, and only then does
the journal say so. A line in the journal is a promise about pixels that are already there.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from internlab.superres.tiling import Tile

JOURNAL, PIXELS = "journal", "pixels"


class PartialScene:
    """The finished tiles of one scene. Use it in a ``with`` block, which closes its files.

    Parameters
    ----------
    target : Path
        The final file; the folder beside it is named after it.
    rows : sequence of sequence of Tile
        The plan: rows of tiles from the top, each from the left.
    scale : int
        Enlargement.
    planes : int
        Planes of a tile's result.
    dtype : str
        NumPy type of the result.
    settings : dict
        Everything the result depends on, as JSON types. Finished rows are taken over only if these
        are the same to the letter.
    resume : bool
        False throws finished rows away.

    Attributes
    ----------
    finished : set of int
        Rows of tiles that need not be computed again.
    discarded : str
        Why an earlier attempt was not taken over; "" if there was none, or it was.

    Raises
    ------
    BlockingIOError
        If another run is writing the same target.
    OSError
        If the disk has no room for the pixels. All of it is reserved at once: better now than
        after an hour.
    """

    def __init__(
        self,
        target: Path,
        rows: Sequence[Sequence[Tile]],
        scale: int,
        planes: int,
        dtype: str,
        settings: dict[str, Any],
        resume: bool = True,
    ) -> None:
        self.folder = partial_folder(target)
        self.rows, self.scale, self.planes = rows, scale, planes
        self.dtype = np.dtype(dtype)
        self.finished: set[int] = set()
        self.discarded = ""
        self._offsets = self._plan_offsets()
        header = json.dumps(settings, sort_keys=True)
        is_new = not self.folder.exists()
        self.folder.mkdir(exist_ok=True)
        self._pixels = self._journal = -1
        try:
            self._journal = _open_file(self.folder / JOURNAL)
            _lock(self._journal, target)
            self._pixels = _open_file(self.folder / PIXELS)
            checksums = self._take_over(header, resume)
            if checksums is None:
                self._start_anew(header)
            else:
                self.finished = {row for row, c in checksums.items() if self._checksum(row) == c}
        except BaseException:
            self.close()
            if is_new:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def __enter__(self) -> PartialScene:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files and let go of the lock; finished rows stay."""
        for handle in (self._pixels, self._journal):
            if handle >= 0:
                os.close(handle)
        self._pixels = self._journal = -1

    def remove(self) -> None:
        """Delete the folder, once the final file has its name."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, row: int, column: int, result: np.ndarray) -> None:
        """Write one tile's result, (s*h, s*w, planes), to its place."""
        start, shape = self._offsets[row][column]
        if result.shape != shape or result.dtype != self.dtype:
            raise ValueError(
                f"Tile {row}, {column} has shape {result.shape} and type {result.dtype}, expected "
                f"{shape} and {self.dtype}."
            )
        _write_all(self._pixels, np.ascontiguousarray(result).data.cast("B"), start)

    def finish(self, row: int) -> None:
        """Record that a row of tiles is complete. After this a kill cannot lose it."""
        checksum = self._checksum(row)
        os.fsync(self._pixels)
        line = json.dumps({"row": row, "crc32": checksum}) + "\n"
        _write_all(self._journal, line.encode(), os.fstat(self._journal).st_size)
        os.fsync(self._journal)
        self.finished.add(row)

    def read(self, rows: slice, cols: slice) -> np.ndarray:
        """Return a window of the enlarged scene, (height, width, planes), from all its tiles."""
        result = np.empty((rows.stop - rows.start, cols.stop - cols.start, self.planes), self.dtype)
        for r, tiles in enumerate(self.rows):
            y = _common(tiles[0].rows.place(self.scale), rows)
            for c, tile in enumerate(tiles) if y else ():
                x = _common(tile.cols.place(self.scale), cols)
                if x:
                    top, left = tile.rows.start * self.scale, tile.cols.start * self.scale
                    lines = self._read_lines(r, c, y.start - top, y.stop - top)
                    result[
                        y.start - rows.start : y.stop - rows.start,
                        x.start - cols.start : x.stop - cols.start,
                    ] = lines[:, x.start - left : x.stop - left]
        return result

    def _read_lines(self, row: int, column: int, first: int, last: int) -> np.ndarray:
        """Return some pixel rows of one tile: they lie one after another in the file."""
        start, (_, width, planes) = self._offsets[row][column]
        line = width * planes * self.dtype.itemsize
        data = _read_all(self._pixels, (last - first) * line, start + first * line)
        return np.frombuffer(data, self.dtype).reshape(last - first, width, planes)

    def _plan_offsets(self) -> list[list[tuple[int, tuple[int, int, int]]]]:
        plan, start = [], 0
        for tiles in self.rows:
            plan.append([])
            for tile in tiles:
                y, x = tile.rows.place(self.scale), tile.cols.place(self.scale)
                shape = (y.stop - y.start, x.stop - x.start, self.planes)
                plan[-1].append((start, shape))
                start += int(np.prod(shape)) * self.dtype.itemsize
        self.size = start
        return plan

    def _checksum(self, row: int) -> int:
        checksum = 0
        for start, shape in self._offsets[row]:
            length = int(np.prod(shape)) * self.dtype.itemsize
            checksum = zlib.crc32(_read_all(self._pixels, length, start), checksum)
        return checksum

    def _take_over(self, header: str, resume: bool) -> dict[int, int] | None:
        """Return the checksum of each finished row, or None to start anew."""
        size = os.fstat(self._journal).st_size
        text = _read_all(self._journal, size, 0).decode("utf-8", errors="replace")
        # A line that was cut off in the middle has no newline: it promises nothing.
        lines = text.split("\n")[:-1]
        if not lines:
            return None
        if not resume:
            self.discarded = "starting afresh was asked for"
            return None
        if lines[0] != header:
            self.discarded = f"it was made with other settings ({_difference(lines[0], header)})"
            return None
        if os.fstat(self._pixels).st_size != self.size:
            self.discarded = "its pixels are incomplete"
            return None
        try:
            records = [json.loads(line) for line in lines[1:]]
            checksums = {int(record["row"]): int(record["crc32"]) for record in records}
        except (ValueError, KeyError, TypeError):
            self.discarded = "its journal is damaged"
            return None
        # What follows a torn last line would be glued to it.
        os.ftruncate(self._journal, len("\n".join([*lines, ""]).encode()))
        return {row: crc for row, crc in checksums.items() if 0 <= row < len(self.rows)}

    def _start_anew(self, header: str) -> None:
        os.ftruncate(self._journal, 0)
        os.ftruncate(self._pixels, 0)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._pixels, 0, self.size)
            else:
                os.ftruncate(self._pixels, self.size)
            os.fsync(self._pixels)
        except OSError as error:
            os.ftruncate(self._pixels, 0)
            if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
                raise
            free = shutil.disk_usage(self.folder).free
            raise OSError(
                error.errno,
                f"The disk is full: the result needs {self.size / 2**20:.0f} MiB beside the target "
                f"while it is computed, {free / 2**20:.0f} MiB are free. Free some space or choose "
                "a target on another disk; nothing was computed yet",
            ) from error
        _write_all(self._journal, f"{header}\n".encode(), 0)
        os.fsync(self._journal)


def partial_folder(target: Path) -> Path:
    """Return the folder of finished tiles that belongs to a target."""
    return target.with_name(target.name + ".partial")


def _open_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)


def _lock(handle: int, target: Path) -> None:
    """Keep a second run away; the system lets go of the lock however this one ends."""
    try:
        import fcntl
    except ImportError:  # Windows has no flock; there two runs are the user's care.
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BlockingIOError(
            error.errno,
            f"Another run is writing {target.name} right now. Wait for it, or give another target",
        ) from error


def _write_all(handle: int, data: bytes | memoryview, start: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, start)
        view, start = view[written:], start + written


def _read_all(handle: int, length: int, start: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = os.pread(handle, length - len(data), start + len(data))
        if not piece:
            raise OSError(errno.EIO, "The file of finished tiles is shorter than it should be")
        data += piece
    return bytes(data)


def _common(first: slice, second: slice) -> slice | None:
    start, stop = max(first.start, second.start), min(first.stop, second.stop)
    return slice(start, stop) if start < stop else None


def _difference(old: str, new: str) -> str:
    try:
        before, after = json.loads(old), json.loads(new)
        keys = [key for key in after if before.get(key) != after[key]]
    except (ValueError, AttributeError):
        return "unreadable"
    return ", ".join(keys) or "an older version"
