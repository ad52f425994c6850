"""The bounded process, started by `internlab.progress.bounded`: contain itself, run a lab, report.

``launcher -> first process of the new namespace -> the lab's cells``; without namespaces the
launcher starts the cells itself. Only the last one runs a participant's code.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from internlab.progress import contain, kernel
from internlab.progress.catalogue import KitLab
from internlab.progress.cells import NotANotebook, checks_in, read_code, remarks_on
from internlab.progress.limits import Limits
from internlab.progress.outcome import plain

_PR_SET_PDEATHSIG = 1


class Reporter:
    """Writes lines to the parent, each with the word that the parent gave to this run alone."""

    def __init__(self, descriptor: int, word: str) -> None:
        self._descriptor, self._word = descriptor, word

    def __call__(self, **said: Any) -> None:
        """Report; one write, so that lines of two processes do not mix."""
        line = (json.dumps({"word": self._word, **said}) + "\n").encode()
        while line:
            line = line[os.write(self._descriptor, line) :]


def main() -> None:
    """Read the job from stdin, do it, and leave without Python's clean-up."""
    job = json.load(sys.stdin)
    report = Reporter(int(sys.argv[1]), job["word"])
    try:
        _launch(job, report)
    except Exception as error:
        report(failed=plain(f"{type(error).__name__}: {error}"))
    os._exit(0)


def _launch(job: dict[str, Any], report: Reporter) -> None:
    limits, layers = Limits(**job["limits"]), job["layers"]
    lab = KitLab(**{**job["lab"], "exercises": tuple(job["lab"]["exercises"])})
    _silence_standard_streams()
    contain.limit_reading(limits)
    if kernel.IS_LINUX:
        _die_with_parent()
        # Orphans of the lab become children of this process, where they are found.
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    try:
        cells = _read(job, lab, limits, report)
    except NotANotebook as error:
        report(broken=str(error))
        return
    except Exception as error:
        # Text that overwhelms the parser, such as a million brackets.
        report(broken=plain(f"cannot be read: {type(error).__name__}"))
        return
    if contain.NAMESPACES not in layers:
        _wait_for(_fork(lambda: _run(cells, lab, job, report), report), report)
        _end_orphans()
        return
    contain.enter_namespaces()
    first = _fork(lambda: _first_process(cells, lab, job, report), report)
    os.waitpid(first, 0)


def _read(job: dict[str, Any], lab: KitLab, limits: Limits, report: Reporter) -> list[str]:
    """Return the notebook's code, and report where the checks are and what looks odd."""
    if not job["notebook"]:
        return []
    cells = read_code(Path(job["notebook"]), limits.notebook_mb)
    kit = Path(job["kit_notebook"])
    kit_cells = read_code(kit, limits.notebook_mb) if kit.is_file() else []
    remarks = [plain(each) for each in remarks_on(cells, lab, kit_cells)]
    checks = {name: at for name, at in checks_in(cells).items() if name in lab.exercises}
    report(checks=checks, remarks=remarks)
    return cells


def _first_process(cells: list[str], lab: KitLab, job: dict[str, Any], report: Reporter) -> None:
    """Run as process 1 of the namespace: nothing inside can end it, and with it all else ends."""
    _die_with_parent()
    folder, limits = Path(job["folder"]), Limits(**job["limits"])
    contain.lay_out_files(folder, map(Path, job["hidden"]), limits)
    cells_process = _fork(lambda: _run(cells, lab, job, report), report)
    if os.getuid() != 0:
        kernel.keep_capabilities(0)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    _wait_for(cells_process, report)


def _run(cells: list[str], lab: KitLab, job: dict[str, Any], report: Reporter) -> None:
    """Contain this process for good, then run the cells."""
    limits, layers, folder = Limits(**job["limits"]), job["layers"], Path(job["folder"])
    os.chdir(folder)
    if os.getuid() == 0:
        contain.become_nobody(folder)
    elif contain.NAMESPACES in layers:
        kernel.keep_capabilities(0)
    if kernel.IS_LINUX:
        _die_with_parent()
    for name in ("home", "tmp", "notes"):
        (folder / name).mkdir(exist_ok=True)
    contain.limit_resources(limits, job["more_processes"])
    contain.shut(layers, folder)
    report(contained=list(layers))
    if cells:
        from internlab.progress.cell_runner import run_cells

        run_cells(cells, lab, limits, report)


def _wait_for(process: int, report: Reporter) -> None:
    """Reap until `process` has ended, then say how."""
    while True:
        try:
            ended, status = os.wait()
        except ChildProcessError:
            return
        if ended == process:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            code = os.waitstatus_to_exitcode(status)
            report(ended=code, cpu_seconds=used.ru_utime + used.ru_stime)
            return


def _end_orphans() -> None:
    """End what the lab left behind; a new session or a second fork does not hide it."""
    import psutil

    own = psutil.Process()
    for _ in range(500):
        left = own.children(recursive=True)
        for each in left:
            with contextlib.suppress(psutil.Error):
                each.kill()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not left:
            return
        time.sleep(0.01)


def _fork(work: Callable[[], None], report: Reporter) -> int:
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            report(failed=plain(f"{type(error).__name__}: {error}"))
    finally:
        os._exit(code)


def _silence_standard_streams() -> None:
    """Give up stdin; stdout and stderr lead nowhere from the start."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _die_with_parent() -> None:
    kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
