"""Help with a name that was mistyped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def did_you_mean(name: Any, known: Iterable[Any]) -> str:
    """Return `` Did you mean 'x'?`` for the closest known name, or nothing if none is close."""
    close = difflib.get_close_matches(str(name), [str(each) for each in known], n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
