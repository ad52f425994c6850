"""The folder of a search: whether it can be written, whose it is, and who is using it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import yaml

from internlab.files import atomic_write
from internlab.hpo.tuning.record import JOURNAL, Record
from internlab.hpo.tuning.space import to_mapping

if TYPE_CHECKING:
    from internlab.hpo.tuning.search import Search

DESCRIPTION = "search.yaml"
_LOCK = "running.json"
# A search may be gone on with on another machine, and with more samples.
FREE_TO_CHANGE = ("samples", "parallel", "gpu_per_trial", "max_failures")
_HEADER = "# Written by the search. A resume has to agree with it.\n"


def describe(search: Search, objective: str) -> dict[str, Any]:
    """Return what a resume has to agree with, as plain values."""
    described = {
        "objective": objective,
        "metric": search.metric,
        "mode": search.mode,
        "space": to_mapping(search.space),
        "fixed": dict(search.fixed),
        "sampler": search.sampler,
        "scheduler": search.scheduler,
        "max_iterations": search.max_iterations,
        "seed": search.seed,
        "samples": search.samples,
    }
    if search.scheduler != "none":
        described["grace"] = search.grace
    if search.scheduler == "asha":
        described["reduction"] = search.reduction
    if search.scheduler == "pbt":
        described["mutate"] = list(search.mutate or search.space)
    if search.sampler == "grid":
        described["grid_points"] = search.grid_points
    plain = json.loads(json.dumps(described))
    return yaml.safe_load(yaml.safe_dump(plain, sort_keys=False))


def make_usable(folder: Path) -> None:
    """Make the folder and try to write into it.

    Raises
    ------
    OSError
        If that fails, with what to do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            error.errno,
            f"The search's folder cannot be written to ({error.strerror}). Expected a folder of "
            "your own on a disk with space; choose another one",
            str(folder),
        ) from error


def look_into(folder: Path, described: dict[str, Any], resume: bool) -> bool:
    """Decide whether a search starts or goes on in a folder; write its description.

    Returns
    -------
    bool
        True for a fresh start.

    Raises
    ------
    ValueError
        If the folder holds a search and `resume` is False, or holds another one.
    """
    path = folder / DESCRIPTION
    if not path.exists() or not Record(folder).any_report():
        # A search that was stopped before anything was reported is as good as none.
        foreign = [] if path.exists() else _others(folder)
        if foreign:
            raise ValueError(
                f"{folder} is not empty: it has {', '.join(foreign[:3])}. Expected a new folder, "
                "or one that holds a search."
            )
        _write(path, described)
        return True
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    different = _differences(known, described)
    if different:
        raise ValueError(
            f"{folder} holds another search: {'; '.join(different)}. Choose a new folder, or "
            "go on with the search as it was."
        )
    if not resume:
        raise ValueError(
            f"{folder} holds this search already. Go on with it by --resume (resume=True), or "
            "choose a new folder."
        )
    if described["samples"] < known["samples"]:
        raise ValueError(
            f"{folder} holds this search with {known['samples']} samples, but now they are "
            f"{described['samples']}; expected at least as many."
        )
    _write(path, described)
    return False


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes from running the search in this folder at the same time.

    Raises
    ------
    OSError
        If one does.
    """
    lock = folder / _LOCK
    owner = _owner(lock)
    if owner is not None:
        raise OSError(
            f"Process {owner} is running the search in {folder}. Wait for it to end, or end it."
        )
    me = psutil.Process()
    with atomic_write(lock) as temporary:
        mark = {"pid": me.pid, "started": me.create_time()}
        temporary.write_text(json.dumps(mark), encoding="utf-8")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _owner(lock: Path) -> int | None:
    """Return the living process that holds the lock; a killed one holds nothing."""
    try:
        mark = json.loads(lock.read_text(encoding="utf-8"))
        process = psutil.Process(mark["pid"])
        alive = abs(process.create_time() - mark["started"]) < 1
    except (OSError, ValueError, KeyError, psutil.Error):
        return None
    return mark["pid"] if alive and process.is_running() else None


def _others(folder: Path) -> list[str]:
    own = {_LOCK, JOURNAL, DESCRIPTION}
    return sorted(each.name for each in folder.iterdir() if each.name not in own)


def _differences(known: dict[str, Any], described: dict[str, Any]) -> list[str]:
    found = []
    for name in dict.fromkeys([*known, *described]):
        if name in FREE_TO_CHANGE:
            continue
        before, now = known.get(name), described.get(name)
        if before == now:
            continue
        if isinstance(before, dict) and isinstance(now, dict):
            for each in dict.fromkeys([*before, *now]):
                if before.get(each) != now.get(each):
                    found.append(
                        f"{name} {each} was {_shown(before, each)}, is {_shown(now, each)}"
                    )
        else:
            found.append(f"{name} was {before}, is {now}")
    return found


def _shown(values: dict[str, Any], name: str) -> str:
    return str(values[name]) if name in values else "absent"


def _write(path: Path, described: dict[str, Any]) -> None:
    with atomic_write(path) as temporary:
        text = _HEADER + yaml.safe_dump(described, sort_keys=False)
        temporary.write_text(text, encoding="utf-8")
