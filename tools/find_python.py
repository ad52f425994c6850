"""Find a Python that the kit's packages exist for.

Standard library only, and no syntax newer than Python 3.6, so that an old ``python3`` can say what
is wrong instead of failing with a syntax error.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

VARIABLE = "INTERNLAB_PYTHON"

# Run by the Python in question. A virtual environment answers with the Python it was made from,
# because an environment made from another one breaks when that one is removed.
_PROBE = """
import json, platform, struct, sys, sysconfig
def has(*names):
    try:
        for name in names:
            __import__(name)
        return True
    except ImportError:
        return False
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "path": getattr(sys, "_base_executable", None) or sys.executable,
    "venv": has("venv", "ensurepip"),
    "cpython": platform.python_implementation() == "CPython",
    "bits": 8 * struct.calcsize("P"),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))
"""


class Problem(Exception):
    """Something the person at the keyboard can mend; the text says what and how."""


class Python(NamedTuple):
    """One interpreter: how it was called, where it is, and its version as (3, 11, 7)."""

    name: str
    path: str
    version: tuple

    @property
    def text(self):
        """Return the version as ``"3.11.7"``."""
        return ".".join(str(part) for part in self.version)

    @property
    def minor(self):
        """Return the version as ``"3.11"``."""
        return ".".join(str(part) for part in self.version[:2])


def supported_range(pyproject):
    """Return (lowest, first too new) from ``requires-python``, as ((3, 11), (3, 15))."""
    found = re.search(r'requires-python\s*=\s*">=(\d+)\.(\d+),\s*<(\d+)\.(\d+)"', pyproject)
    if not found:
        raise Problem(
            "pyproject.toml has no line like: requires-python = \">=3.11,<3.15\"\n"
            "The set-up reads from it which Python versions will do."
        )
    low, high = found.groups()[:2], found.groups()[2:]
    return tuple(int(part) for part in low), tuple(int(part) for part in high)


def candidates(lowest, too_new):
    """Return the names to try: ``python3`` first, then the newest one that will do."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return [chosen]
    minors = range(too_new[1] - 1, lowest[1] - 1, -1)
    return ["python3", sys.executable] + ["python3.%d" % minor for minor in minors] + ["python"]


def everywhere(name):
    """Return every executable of that name on PATH, first one first; a path stands for itself."""
    if os.path.dirname(name):
        return [name] if os.access(name, os.X_OK) else []
    found = [
        shutil.which(name, path=folder) for folder in os.environ.get("PATH", "").split(os.pathsep)
    ]
    return [path for path in found if path]


def probe(path):
    """Ask an interpreter about itself; None if it does not run (a version manager's empty shim)."""
    try:
        output = subprocess.check_output(
            [path, "-c", _PROBE], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=60
        )
        return json.loads(output.decode())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _objection(facts, lowest, too_new):
    """Return why an interpreter will not do, or an empty string."""
    version = tuple(facts["version"][:2])
    if version < lowest:
        return "too old"
    if version >= too_new:
        return "newer than the packages of this kit"
    if not facts["cpython"]:
        return "not CPython; the packages are built for CPython only"
    if facts["bits"] != 64:
        return "a 32-bit build; PyTorch exists for 64 bits only"
    if facts["free_threaded"]:
        return "a free-threaded build; the packages are built for the standard one"
    if not facts["venv"]:
        return "without the venv module"
    return ""


def choose(lowest, too_new):
    """Return the first interpreter that will do.

    Raises
    ------
    Problem
        If there is none; the text lists what was found and says what to install.
    """
    seen, rejected, without_venv = set(), [], None
    for name in candidates(lowest, too_new):
        for path in everywhere(name):
            facts = probe(path)
            if facts is None or facts["path"] in seen:
                continue
            seen.add(facts["path"])
            python = Python(name, facts["path"], tuple(facts["version"]))
            objection = _objection(facts, lowest, too_new)
            if not objection:
                return python
            if objection == "without the venv module":
                without_venv = without_venv or python
            rejected.append("  Python %s at %s: %s" % (python.text, python.path, objection))
    lines = ["No suitable Python was found. Expected: CPython %d.%d to %d.%d, 64 bits, with venv."]
    lines[0] %= (*lowest, too_new[0], too_new[1] - 1)
    if os.environ.get(VARIABLE):
        lines.append("%s=%s restricts the search to that one." % (VARIABLE, os.environ[VARIABLE]))
    lines += ["Found:", *rejected] if rejected else ["Found: none at all."]
    if without_venv:
        lines += [
            "What to do: on Debian and Ubuntu the venv module is a package of its own:",
            "  sudo apt install python%s-venv" % without_venv.minor,
        ]
    else:
        lines += [
            "What to do: install one beside the Python you have, then run the same command again:",
            "  Debian, Ubuntu:  sudo apt install python3.11 python3.11-venv   (or a newer one)",
            "  Fedora:          sudo dnf install python3.13",
            "  macOS:           brew install python@3.13",
            "  anywhere:        python.org, or conda env create -f environment.yml",
            "If it is not on PATH: %s=/path/to/python3.13 make start" % VARIABLE,
        ]
    raise Problem("\n".join(lines))
