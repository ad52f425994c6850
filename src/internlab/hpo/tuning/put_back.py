"""What a run of Ray Tune changes in this process, and what is put back after it."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def signals_restored() -> Iterator[None]:
    """Give back the handlers that Ray Tune replaces for a run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    replaced = [getattr(signal, name, None) for name in ("SIGINT", "SIGUSR1")]
    handlers = {each: signal.getsignal(each) for each in replaced if each is not None}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            if handler is not None:
                signal.signal(each, handler)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed Python's global generator, from which Ray's population-based training draws."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
