"""A lesson learned that keeps itself: a test that fails on the fault and passes when it is mended.

An entry in a document is read once. The same entry at the head of a test is read by the machine on
every change.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from internlab.files import atomic_write
from internlab.notes import notes_folder

FOLDER = "guards"
MODULE = "pipeline"  # what a guard test imports the code under test from
_WIDTH = 92

# Says of each test how it ended; a test that raises anything but a failed assertion proves nothing.
_RECORDER = """
import json
import pytest

_ended = {}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.excinfo is not None:
        kind = call.excinfo.type
        asserted = call.when == "call" and issubclass(kind, (AssertionError, pytest.fail.Exception))
        text = (str(call.excinfo.value).strip().splitlines() or [""])[0]
        outcome = "failed" if asserted else "broken"
        _ended[item.name] = (outcome, text if asserted else f"{kind.__name__}: {text}")
    elif call.when == "call":
        _ended[item.name] = ("passed", "")
    return report

def pytest_sessionfinish(session):
    with open("ended.json", "w", encoding="utf-8") as stream:
        json.dump(_ended, stream)
"""


@dataclass(frozen=True)
class LessonLearned:
    """What is written down about a surprise, so that it does not come again.

    Parameters
    ----------
    title : str
        The lesson in one line; the file is named after it.
    expected, happened : str
        In numbers where there are some.
    cause : str
        What was missed. It names a step, not a person.
    guard : str
        What must hold from now on, in words. The test says the same in code.
    """

    title: str
    expected: str
    happened: str
    cause: str
    guard: str

    def __post_init__(self) -> None:
        empty = [name for name, text in vars(self).items() if not text.strip()]
        if empty:
            raise ValueError(
                f"The entry has no {', no '.join(empty)}. A colleague who was not there must be "
                "able to follow it: write a sentence for each."
            )


@dataclass(frozen=True)
class Verdict:
    """How a guard test ended on one version of the code.

    Attributes
    ----------
    outcome : {"passed", "failed", "broken"}
        ``"failed"`` means that an assertion failed. ``"broken"`` means that the test never came to
        a judgement: an import, a name or a call raised, or there was no test.
    says : str
        The first line of what it said.
    """

    outcome: str
    says: str


@dataclass(frozen=True)
class Proof:
    """A guard test on the fault and on the mended code."""

    on_fault: Verdict
    on_mended: Verdict

    @property
    def guards(self) -> bool:
        """Whether the test fails on the fault and passes on the mended code."""
        return self.on_fault.outcome == "failed" and self.on_mended.outcome == "passed"


def write(
    lesson: LessonLearned,
    tests: Callable[[], None] | tuple[Callable[[], None], ...],
    under_test: str,
    *,
    imports: str = "import numpy as np",
    folder: Path | str | None = None,
) -> Path:
    """Write a guard test: a pytest file with the lesson at its head.

    Parameters
    ----------
    lesson : LessonLearned
    tests : function, or tuple of functions
        Those whose name begins with ``test_`` are the tests; others are what they need. Their
        source is taken as it stands, in a notebook too.
    under_test : str
        The name of the function that the tests call; it is imported from ``pipeline``. In your own
        project that line is what you change.
    imports : str
        What else the tests import.
    folder : Path, optional
        Default: ``guards/`` in the folder of the experiment notes. A file of the same lesson is
        replaced.

    Returns
    -------
    Path
        The file, ``test_<title>.py``.

    Raises
    ------
    ValueError
        If none of the functions is a test.
    """
    parts = tests if isinstance(tests, tuple) else (tests,)
    if not any(part.__name__.startswith("test_") for part in parts):
        names = ", ".join(part.__name__ for part in parts)
        raise ValueError(f"None of {names} begins with test_, so pytest would find no test.")
    about = [f"{lesson.title}."]
    about += [
        textwrap.fill(f"{what}: {text}", _WIDTH, subsequent_indent="    ")
        for what, text in (
            ("Expected", lesson.expected),
            ("Happened", lesson.happened),
            ("Cause", lesson.cause),
            ("Guard", lesson.guard),
        )
    ]
    # The entry is text of the learner's: it must not end the docstring, nor be read as escapes.
    head = "\n\n".join(about).replace("\\", "\\\\").replace('"""', "'''")
    source = "\n\n\n".join(textwrap.dedent(inspect.getsource(part)).strip() for part in parts)
    text = f'"""{head}\n"""\n\n{imports}\n\nfrom {MODULE} import {under_test}\n\n\n{source}\n'
    words = re.sub(r"[^a-z0-9]+", "_", lesson.title.lower()).strip("_")[:60] or "lesson"
    path = (Path(folder) if folder else notes_folder() / FOLDER) / f"test_{words}.py"
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def run(test: Path | str, code: str | ModuleType, seconds: float = 60) -> Verdict:
    """Run a guard test against one version of the code, in a process and a folder of its own.

    Parameters
    ----------
    test : Path
        A file that `write` made.
    code : str or module
        What ``pipeline.py`` is to hold.
    seconds : float
        After so long the test counts as broken.

    Raises
    ------
    ModuleNotFoundError
        If pytest is not installed.
    """
    if importlib.util.find_spec("pytest") is None:
        raise ModuleNotFoundError(
            "pytest is not installed, and a guard test needs it: python -m pip install pytest."
        )
    source = code if isinstance(code, str) else inspect.getsource(code)
    # The settings of a pytest that runs this very function are not for its child.
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / f"{MODULE}.py").write_text(source, encoding="utf-8")
        (folder / "conftest.py").write_text(_RECORDER, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "test_guard.py").write_bytes(Path(test).read_bytes())
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [*command, "test_guard.py"],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return Verdict("broken", f"no answer after {seconds:g} s")
        ended = folder / "ended.json"
        results = json.loads(ended.read_text(encoding="utf-8")) if ended.exists() else {}
        return _verdict(list(results.values()), done.stdout + done.stderr)


def prove(test: Path | str, fault: str | ModuleType, mended: str | ModuleType) -> Proof:
    """Run a guard test against the fault and against the mended code."""
    return Proof(run(test, fault), run(test, mended))


def _verdict(results: list[tuple[str, str]], printed: str) -> Verdict:
    if not results:
        # Collection failed: the line of pytest that begins with E says why.
        why = re.search(r"^E +(.+)$", printed, re.MULTILINE)
        return Verdict("broken", why[1] if why else "pytest found no test")
    for outcome in ("broken", "failed"):
        for ended, says in results:
            if ended == outcome:
                return Verdict(outcome, says)
    return Verdict("passed", "")
