"""Several processes that each compute one stack at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from internlab.debias.bench.grid import Stack
    from internlab.debias.bench.record import Record


def computed_by(stacks: Sequence[Stack], jobs: int) -> Iterator[tuple[Stack, list[Record]]]:
    """Yield stacks with their records as they are done, computed in `jobs` processes.

    When the generator is closed, by Ctrl-C for example, the processes are ended at once; what they
    have in flight is lost. They end by themselves if this process is killed.

    Raises
    ------
    ChildProcessError
        If a process was ended from outside; records that were written stay.
    """
    # Spawned, because a forked child inherits the locks of this process's threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(stacks)), context, initializer=_prepare)
    waiting = list(stacks)
    running = {}
    try:
        while waiting or running:
            # Handed out one by one, so that not a single stack is begun after Ctrl-C.
            while waiting and len(running) < jobs:
                stack = waiting.pop(0)
                running[pool.submit(_compute, stack)] = stack
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), future.result()
    except BrokenProcessPool as error:
        _end(pool)
        raise ChildProcessError(
            "A process that computed runs was ended from outside, probably because the memory was "
            "full. Give --jobs 1, or fewer seeds or ratios at a time."
        ) from error
    except BaseException:
        _end(pool)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _compute(stack: Stack) -> list[Record]:
    return stack.compute()


def _prepare() -> None:
    """Leave Ctrl-C to the parent, take one thread, and end when the parent ends."""
    from internlab import tier

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    tier.one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _end(pool: ProcessPoolExecutor) -> None:
    # The executor has no public way to end its processes before Python 3.14.
    for process in list((pool._processes or {}).values()):
        process.terminate()
