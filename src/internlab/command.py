"""What the kit's commands share: an exit status, and messages that fit a terminal."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable


def run_command(
    options: argparse.Namespace, status_of: Callable[[Exception], tuple[int, str] | None]
) -> int:
    """Run ``options.run(options)`` and return the exit status.

    Parameters
    ----------
    options : argparse.Namespace
        With the function to run as ``run``.
    status_of : function of an Exception
        The exit status and the message for an error that the user can mend; None for a fault of
        the kit, which is shown whole.

    Returns
    -------
    int
        What ``run`` returned; 1 after Ctrl-C, with the notes of the interrupt as the message.
    """
    try:
        return options.run(options)
    except KeyboardInterrupt as interrupt:
        notes = getattr(interrupt, "__notes__", None) or ["Stopped before anything was computed."]
        complain(" ".join(notes), "stopped")
        return 1
    except Exception as error:
        known = status_of(error)
        if known is None:
            raise
        status, text = known
        complain(text, "error")
        return status


def complain(text: str, kind: str) -> None:
    """Print ``kind: text`` to stderr, broken into lines; a text with lines keeps its own."""
    message = f"{kind}: {text}"
    print(message if "\n" in text.strip() else wrapped(message), file=sys.stderr)


def wrapped(text: str) -> str:
    """Return a text in lines of at most 92 characters; paths and names are not broken."""
    text = " ".join(text.split())
    return textwrap.fill(text, 92, break_long_words=False, break_on_hyphens=False)


def error_text(error: Exception) -> str:
    """Return what an error says, without Python's number for it, and the file it is about."""
    if isinstance(error, OSError) and error.strerror:
        name = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{name}"
    return str(error) or type(error).__name__
