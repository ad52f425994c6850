"""Acceptance tests: requirements written as a pytest file, which any model's measurements can meet.

The file knows no model. It reads numbers that were measured, from the JSON file that the variable
MEASURED names. So the tests can be written and agreed on before there is a model.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from internlab.files import atomic_write
from internlab.practice.handover.requirements import Requirement

_HEAD = '''"""Acceptance tests: what was agreed on before the model was chosen.

Run: MEASURED=measured.json python -m pytest {name}
"""

import json
import os
from pathlib import Path

MEASURED = json.loads(Path(os.environ["MEASURED"]).read_text(encoding="utf-8"))
'''
_TEST = """

def test_{name}():
    {words!r}
    measured = MEASURED[{key!r}]
    assert {condition}
"""


def write_tests(requirements: Sequence[Requirement], path: Path) -> Path:
    """Write one test for each requirement; its sentence and who asked for it are in the test.

    Raises
    ------
    ValueError
        If two requirements have one name: the second test would hide the first.
    """
    names = [each.name for each in requirements]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Two requirements are called {', '.join(twice)}. Give each its own name.")
    text = _HEAD.format(name=path.name)
    for each in requirements:
        words = each.sentence + (f" Asked by: {each.asked_by}." if each.asked_by else "")
        text += _TEST.format(
            name=each.name, words=words, key=each.measured, condition=_condition(each)
        )
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def run_tests(path: Path, measured: Mapping[str, float]) -> dict[str, bool]:
    """Run an acceptance file on one model's measurements, in a process of its own.

    Parameters
    ----------
    path : Path
        A file of `write_tests`.
    measured : mapping
        From each key of the requirements to a number. A test of one that is missing fails.

    Returns
    -------
    dict
        From the name of each requirement to whether it is met.

    Raises
    ------
    RuntimeError
        If pytest could not run the file.
    """
    with tempfile.TemporaryDirectory(prefix="internlab-acceptance-") as place:
        given = Path(place) / "measured.json"
        given.write_text(json.dumps({key: float(value) for key, value in measured.items()}))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(path.resolve()), "-v", "--no-header", "--tb=no",
             "--color=no", "-p", "no:cacheprovider", f"--rootdir={place}", "-c", os.devnull],
            cwd=place,
            env={**os.environ, "MEASURED": str(given), "PYTEST_ADDOPTS": "",
                 "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest could not run {path.name}: {done.stdout[-500:]}{done.stderr}")
    said = re.findall(r"::test_(\w+) (PASSED|FAILED)", done.stdout)
    return {name: outcome == "PASSED" for name, outcome in said}


def _condition(requirement: Requirement) -> str:
    bar = requirement.bar
    if bar.comparison == "between":
        low, high = bar.threshold
        return f"{low!r} <= measured <= {high!r}"
    return f"measured {bar.comparison} {bar.threshold!r}"
