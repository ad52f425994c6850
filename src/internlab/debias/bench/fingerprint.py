"""A hash of the code that decides a result, so that changed code is not taken for the old one.

Only what runs counts: a new comment, docstring or line break changes nothing, and neither does a
change in a method that the run does not use.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import internlab

PACKAGE = Path(internlab.__file__).parent
# Modules below these decide results; below others (files, figures) they do not. Those that make the
# data are not among them, because the images themselves are a part of a run's key.
DECIDING = ("internlab.debias.stack", "internlab.debias.methods", "internlab.debias.groups")


def fingerprint(*files: Path) -> str:
    """Return a hash of Python files and of every deciding module that they import.

    Parameters
    ----------
    *files : Path
        For example the file of a method.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    found: dict[str, str] = {}
    waiting = [(path.name, path) for path in files]
    while waiting:
        name, path = waiting.pop()
        if name in found:
            continue
        found[name], imported = _read(path, _version(path))
        waiting += [(module, Path(file)) for module, file in imported]
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(f"{name}\n{found[name]}\n".encode())
    return digest.hexdigest()[:16]


def _version(path: Path) -> int:
    # The kit's modules are imported once: what was changed on disk since then does not run in this
    # process, so it may not name its results either. A learner's file is imported anew.
    return 0 if path.is_relative_to(PACKAGE) else path.stat().st_mtime_ns


@cache
def _read(path: Path, changed: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return what a file does, as text, and the deciding modules that it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    modules = {
        module: file
        for name in _imports(tree)
        if name.startswith(DECIDING)
        for module, file in _file_of(name)
    }
    return ast.dump(_without_docstrings(tree)), tuple(sorted(modules.items()))


def _imports(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from package import module` may name a module as well as something in the package.
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(name: str) -> list[tuple[str, str]]:
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        return []  # Not a module, but a name within one.
    return [(name, spec.origin)] if spec and spec.origin else []


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list) or not body:
            continue
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            if isinstance(first.value.value, str):
                node.body = body[1:] or [ast.Pass()]
    return tree
