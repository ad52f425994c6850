"""What every test shares: one thread, the smoke tier, and folders that are not the learner's."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("INTERNLAB_TIER", "smoke")
# Kernels start where other tests run too; a property test must not fail for a slow machine.
settings.register_profile("kit", deadline=None, max_examples=50, derandomize=True)
settings.load_profile("kit")

_CPU_SECONDS: dict[str, float] = {}
# The notebooks that start Ray, which is started by one test at a time.
_RAY_NOTEBOOKS = ("[20_", "[21_", "[22_")


def pytest_configure() -> None:
    """Give Ctrl-C its meaning back where the tests were started in the background of a shell.

    Such a shell lets its children ignore it, and theirs in turn; some tests end a child that way.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """Say how `make test`, which runs the tests in two processes, deals them out."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _together(nodeid)

    return Together(config, log)


def _together(nodeid: str) -> str:
    """Return the name of those that run one after the other in one process.

    The tests of a file share its fixtures, and those of the book share the book. Notebooks share
    nothing. Ray is started by one test at a time.
    """
    path = nodeid.split("::")[0]
    notebook = path.endswith("test_notebooks.py")
    if "/hpo/" in path or (notebook and any(number in nodeid for number in _RAY_NOTEBOOKS)):
        return "ray"
    if "/book/" in path:
        return "book"
    return nodeid if notebook else path


@pytest.fixture(scope="session")
def root() -> Path:
    """The kit's folder."""
    from internlab.files import project_root

    return project_root()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome."""
    from chromium import browser_or_skip

    from internlab import environment

    return browser_or_skip(environment.browser(), os.environ.get("CI", "") not in ("", "false"))


@pytest.fixture(scope="session")
def playwright():
    """What drives the browser; a process can have it only once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(autouse=True)
def notes_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the learner's own notes out of the tests."""
    folder = tmp_path / "notes"
    monkeypatch.setenv("INTERNLAB_NOTES", str(folder))
    return folder


@pytest.fixture
def cpu_seconds(record_property):
    """Record the CPU-seconds of child processes under a name, for the summary at the end."""

    @contextmanager
    def record(name: str) -> Iterator[None]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        yield
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        # Tests run in two processes; a property travels with the report to the one that prints.
        record_property("cpu_seconds", [name, spent])

    return record


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect what `cpu_seconds` recorded."""
    if report.when == "call":
        _CPU_SECONDS.update(value for key, value in report.user_properties if key == "cpu_seconds")


def pytest_terminal_summary(terminalreporter) -> None:
    """Print what each notebook cost. Reported, never asserted: a busy machine is no fault."""
    if _CPU_SECONDS:
        terminalreporter.section(f"CPU-seconds at the {os.environ['INTERNLAB_TIER']} tier")
        for name, seconds in sorted(_CPU_SECONDS.items()):
            terminalreporter.write_line(f"{seconds:6.1f}  {name}")
