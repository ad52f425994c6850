"""The browser that tests look through: how it is started, and what to say without one."""

from __future__ import annotations

import pytest

from internlab import environment

# Without the background-network flags Chromium looks up its maker's hosts at every start.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def browser_or_skip(found: str | None, in_ci: bool) -> str:
    """Return the browser's path; skip by name without one, but fail in CI."""
    if found:
        return found
    text = (
        "no Chromium or Chrome on PATH: install chromium, or set "
        f"{environment.BROWSER_VARIABLE} to the browser's path"
    )
    if in_ci:
        pytest.fail(f"the browser test must run in CI: {text}")
    pytest.skip(text)
