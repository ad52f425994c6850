"""Hold Ctrl-C back for a moment, where half of a change would be worse than none."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class undisturbed:
    """Let the block finish when Ctrl-C is pressed within it, and raise KeyboardInterrupt after it.

    Only the main thread is ever interrupted, so in another one this does nothing.
    """

    def __enter__(self) -> None:
        self._pressed = False
        self._before: Any = None
        self._holds = threading.current_thread() is threading.main_thread()
        if self._holds:
            self._before = signal.signal(signal.SIGINT, self._hold)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._holds:
            return
        # None stands for a handler that was not installed from Python.
        signal.signal(signal.SIGINT, self._before or signal.default_int_handler)
        if self._pressed and kind is None:
            raise KeyboardInterrupt

    def _hold(self, number: int, frame: FrameType | None) -> None:
        self._pressed = True
