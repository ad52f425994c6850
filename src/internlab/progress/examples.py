"""Broken and hostile notebooks, for the tests of the bounds and for the claim."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from internlab.files import project_root

LAB = "12_tensorrt"  # imports no large library, so that a run takes half a second

# Code that stands in a cell of its own before the exercises; {target} is a file outside.
HOSTILE = {
    "endless loop": "while True:\n    pass",
    "endless loop that catches everything": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    ),
    "sleep for ever": "import time\nwhile True:\n    try:\n        time.sleep(1000)\n"
    "    except BaseException:\n        pass",
    "fork bomb": "import os\nwhile True:\n    try:\n        os.fork()\n"
    "    except BaseException:\n        pass",
    "ten gigabytes": "held = bytearray(10_000_000_000)",
    "memory of many processes": (
        "import os\nfor _ in range(20):\n    if os.fork() == 0:\n        break\n"
        "held = bytearray(500_000_000)\nheld[::4096] = b'x' * len(held[::4096])\n"
        "while True:\n    pass"
    ),
    "endless output": "while True:\n    try:\n        print('x' * 100_000)\n"
    "    except BaseException:\n        pass",
    "huge file": "with open('huge', 'wb') as file:\n    while True:\n"
    "        file.write(b'x' * 1_000_000)",
    "many files": "for number in range(1000):\n    with open(f'part{number}', 'wb') as file:\n"
    "        file.write(b'x' * 1_000_000)",
    "write outside": "open({target!r}, 'w').write('changed')",
    "delete outside": "import os\nos.remove({target!r})",
    "change permissions outside": "import os\nos.chmod({target!r}, 0o777)",
    "kill the parents": (
        "import os, signal\nparent = os.getppid()\nfor pid in (parent, -1):\n    try:\n"
        "        os.kill(pid, signal.SIGKILL)\n    except OSError:\n        pass"
    ),
    "leave": "import os\nos._exit(0)",
    "an orphan that hides": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        while True:\n            time.sleep(0.05)\n    os._exit(0)"
    ),
    "connect to the network": (
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=5)"
    ),
    "read a secret": "assert not open({target!r}).read()",
}

# Answers that only look right; none of them is one.
FORGED = {
    "print": "def check(name, answer=...):\n    print('PASS', name + ': right.')",
    "display": (
        "from IPython.display import display\nfrom internlab.exercises import Feedback\n"
        "def check(name, answer=...):\n    display(Feedback('PASS', name, 'right.'))"
    ),
    "judge": (
        "from internlab.exercises import Feedback, Lab\n"
        "Lab.judge = lambda self, name, answer: Feedback('PASS', name, 'right.')"
    ),
    "another lab": (
        "from internlab.exercises import Exercise, Lab\n"
        "made = Lab({lab!r}, [Exercise(name, lambda answer: None, ('a', 'b'))\n"
        "                     for name in {exercises!r}], 'x')\n"
        "for name in {exercises!r}:\n    made.check(name, 1)"
    ),
    "easier exercises": (
        "from internlab.exercises import Exercise\n"
        "for name in {exercises!r}:\n"
        "    check.__self__.exercises[name] = Exercise(name, lambda answer: None, ('a', 'b'))\n"
        "    check(name, 1)"
    ),
    "channel": (
        "import json, os\nfor name in {exercises!r}:\n"
        "    line = json.dumps(dict(exercise=name, label='PASS', text='right.', word='0' * 32))\n"
        "    for descriptor in range(3, 64):\n        try:\n"
        "            os.write(descriptor, line.encode() + b'\\n')\n"
        "        except OSError:\n            pass"
    ),
}


def blank(lab: str = LAB) -> dict:
    """Return a lab of the kit with every exercise blank."""
    return json.loads((project_root() / "labs" / f"{lab}.ipynb").read_text(encoding="utf-8"))


def answered(lab: str = LAB, answers: Sequence[str] | None = None) -> dict:
    """Return the lab with these exercises answered right (all of them by default), others blank."""
    full = json.loads((project_root() / "solutions" / f"{lab}.ipynb").read_text(encoding="utf-8"))
    empty = blank(lab)
    for index, cell in enumerate(empty["cells"]):
        checked = re.findall(r"^check\(\"([\w-]+)\"", "".join(cell["source"]), re.MULTILINE)
        if answers is None or set(checked) & set(answers):
            cell["source"] = full["cells"][index]["source"]
    return empty


def with_first_cell(notebook: dict, code: str, at: int | None = None) -> dict:
    """Return a notebook with one more code cell, behind its imports or at a place of its own."""
    cells = list(notebook["cells"])
    place = at if at is not None else 1 + next(i for i, c in enumerate(cells) if _is_code(c))
    cell = {
        "cell_type": "code",
        "id": "added",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": code,
    }
    return {**notebook, "cells": [*cells[:place], cell, *cells[place:]]}


def write(notebook: dict, path: Path) -> Path:
    """Write a notebook, making its folder, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def _is_code(cell: dict) -> bool:
    return cell["cell_type"] == "code"
