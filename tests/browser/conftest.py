"""A real JupyterLab, started as `make start` starts it, and a real browser in front of it."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from chromium import FLAGS
from lab_page import LabPage

from authoring.build import targets
from authoring.source import read
from internlab.files import project_root

ROOT = project_root()
FIRST = ROOT / "authoring" / "lessons" / "00_start_here.py"

@dataclass(frozen=True)
class Server:
    """A running JupyterLab with the labs in the folder ``labs/``."""

    address: str
    token: str
    folder: Path
    log: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_up(server: Server, process: subprocess.Popen, seconds: float = 180) -> None:
    status = f"{server.address}/api/status?token={server.token}"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(status, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not come up:\n{server.log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab over freshly built notebooks, so that a learner's own answers are not touched."""
    sys.path.insert(0, str(ROOT / "tools"))
    import start_lab

    folder = tmp_path_factory.mktemp("kit")
    for source in [FIRST, *sorted(ROOT.glob("authoring/labs/*.py"))]:
        for path, notebook in targets(read(source), ROOT).items():
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(exist_ok=True)
            nbformat.write(notebook, copy)
    port = _free_port()
    log = folder / "server.log"
    server = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder, log)
    line = [
        *start_lab.command(folder),
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        f"--IdentityProvider.token={server.token}",
        "--no-browser",
    ]
    variables = {
        **start_lab.environment(),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "INTERNLAB_NOTES": str(folder / "notes"),
        "INTERNLAB_TIER": "smoke",
        "OMP_NUM_THREADS": "1",
    }
    with open(log, "wb") as stream:
        process = subprocess.Popen(
            line, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
        )
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def browser(chromium: str, playwright, tmp_path_factory: pytest.TempPathFactory):
    """A headless browser with an empty profile."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium,
        headless=True,
        args=list(FLAGS),
        viewport={"width": 1280, "height": 1600},
    )
    yield context
    context.close()


@pytest.fixture
def open_lab(browser, server: Server) -> Iterator[Callable[[str], LabPage]]:
    """Open a lab by name, in a page that is closed afterwards."""
    pages = []

    def open_(name: str) -> LabPage:
        pages.append(browser.new_page())
        # A workspace of its own, so that nothing an earlier visit left open is restored.
        url = f"{server.address}/lab/tree/labs/{name}.ipynb?reset&token={server.token}"
        return LabPage(pages[-1], url, server.folder / "labs" / f"{name}.ipynb")

    yield open_
    for page in pages:
        page.close()
