"""Read a participant's notebook file, trusting nothing in it; nothing is run here."""

from __future__ import annotations

import ast
import json
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from internlab.progress.catalogue import KitLab
from internlab.progress.limits import MEGABYTE
from internlab.progress.outcome import plain

CHECK = re.compile(r"^\s*check\(\s*[rbuf]?[\"']([^\"']{1,100})[\"']", re.MULTILINE)
# What an answer to an exercise has no use for, and a forged result has.
ODD_NAMES = {
    "_show": "shows feedback itself",
    "judge": "reaches into the checks",
    "Feedback": "makes feedback itself",
    "_exit": "ends the process",
    "_getframe": "reads other code's variables",
    "__closure__": "reads other code's variables",
    "__self__": "reaches into the checks",
    "get_referrers": "reads other code's variables",
    "get_objects": "reads other code's variables",
    "ctypes": "reaches below Python",
    "kill": "kills processes",
    "killpg": "kills processes",
    "fork": "starts processes",
    "memfd_create": "takes memory outside the account",
}


class NotANotebook(ValueError):
    """A file cannot be read as a notebook; the text says why."""


def read_code(path: Path, limit_mb: int) -> list[str]:
    """Return the code cells of a notebook file, each as text.

    Raises
    ------
    NotANotebook
        As `read_notebook`, and if a cell is none.
    """
    return _code_cells(read_notebook(path, limit_mb))


def read_notebook(path: Path, limit_mb: int) -> dict[str, Any]:
    """Return a notebook file as JSON, with a list as its cells.

    Parameters
    ----------
    path : Path
    limit_mb : int
        A larger file is not read.

    Raises
    ------
    NotANotebook
        If the file is a symbolic link, no regular file, too large, unreadable, or no notebook.
    """
    try:
        # A link would read a file of the instructor's, a pipe would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        why = "a symbolic link, not a file" if path.is_symlink() else plain(error.strerror)
        raise NotANotebook(why) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NotANotebook("not a regular file")
        if status.st_size > limit_mb * MEGABYTE:
            size = status.st_size / MEGABYTE
            raise NotANotebook(f"{size:.0f} MB large, at most {limit_mb} MB are opened")
        content = file.read(limit_mb * MEGABYTE + 1)
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except RecursionError as error:
        raise NotANotebook("no notebook: nested too deeply") from error
    except ValueError as error:
        raise NotANotebook(f"no notebook: {plain(error, 100)}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise NotANotebook("no notebook: it holds no list of cells")
    return notebook


def _code_cells(notebook: dict[str, Any]) -> list[str]:
    found = []
    for cell in notebook["cells"]:
        if not isinstance(cell, dict):
            raise NotANotebook("no notebook: a cell is not a record")
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        lines = source if isinstance(source, list) else [source]
        if not all(isinstance(line, str) for line in lines):
            raise NotANotebook("no notebook: a cell's source is not text")
        # A lone surrogate is valid JSON and no text that could be passed on.
        found.append("".join(lines).encode("utf-8", "replace").decode("utf-8"))
    return found


def checks_in(cells: Sequence[str]) -> dict[str, int]:
    """Return the cell in which each exercise is checked last, by the exercise's name."""
    return {name: index for index, code in enumerate(cells) for name in CHECK.findall(code)}


def remarks_on(cells: Sequence[str], lab: KitLab, kit_cells: Sequence[str]) -> list[str]:
    """Return what looks odd in a notebook: worth a look, and no proof of anything.

    Parameters
    ----------
    cells : sequence of str
        The participant's code cells.
    lab : KitLab
    kit_cells : sequence of str
        Those of the kit's own copy, whose checks the participant's are held against.
    """
    found: list[str] = []
    expected, given = _check_calls(kit_cells), _check_calls(cells)
    for name in lab.exercises:
        if name in given and name in expected and not given[name] & expected[name]:
            call = plain(sorted(given[name])[0], 60)
            found.append(f"the check of {name} was changed to {call}")
    for index, code in enumerate(cells):
        for reason in sorted(_odd(code, lab)):
            found.append(f"code cell {index + 1} {reason}")
    return found[:10]


def _check_calls(cells: Sequence[str]) -> dict[str, set[str]]:
    """Return the calls of check, as text, by the exercise they name."""
    found: dict[str, set[str]] = {}
    for tree in map(_parsed, cells):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "check" and node.args and isinstance(node.args[0], ast.Constant):
                found.setdefault(str(node.args[0].value), set()).add(_unparsed(node))
    return found


def _odd(code: str, lab: KitLab) -> set[str]:
    found = set()
    for node in ast.walk(_parsed(code)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) if name == "check":
                found.add("gives the name check to something else")
            case ast.FunctionDef(name="check") | ast.ClassDef(name="check"):
                found.add("gives the name check to something else")
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in ODD_NAMES:
                found.add(f"{ODD_NAMES[name]} ({name})")
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                module = getattr(node, "module", None) or ""
                for alias in names:
                    full = f"{module}.{alias.name}" if module else alias.name
                    found |= _odd_import(full, alias, lab)
            case ast.Constant(value=str(text)) if "solutions/" in text:
                found.add("names the folder of solutions")
    return found


def _odd_import(full: str, alias: ast.alias, lab: KitLab) -> set[str]:
    found = set()
    last = full.rpartition(".")[2]
    if last in ODD_NAMES:
        found.add(f"{ODD_NAMES[last]} ({last})")
    if full.startswith("internlab.exercises"):
        found.add("imports internlab.exercises")
    if (alias.asname or alias.name) == "check" and full != f"{lab.module}.check":
        found.add(f"takes check from {plain(full.rpartition('.')[0], 60)}")
    return found


def _parsed(code: str) -> ast.Module:
    # Lines of IPython's own are no Python; what is odd is then looked for in the rest.
    lines = (re.sub(r"^\s*[%!].*", "pass", line) for line in code.split("\n"))
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _unparsed(node: ast.AST) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        return "something deeply nested"
