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

    Of a learner's file these are also the files beside it, or in the folder where Python was
    started, that it imports.

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
    waiting = [(path.name, path, _folders_of(path)) for path in files]
    while waiting:
        name, path, folders = waiting.pop()
        if name in found:
            continue
        found[name], imported = _read(path, _version(path))
        for level, module in imported:
            if not level and module.startswith(DECIDING):
                waiting += [(each, Path(file), ()) for each, file in _file_of(module)]
            waiting += [(*each, folders) for each in _beside(path, level, module, folders)]
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(f"{name}\n{found[name]}\n".encode())
    return digest.hexdigest()[:16]


def own_files(file: Path) -> tuple[Path, ...]:
    """Return a learner's file and the files of theirs that it imports, through each other too."""
    found: list[Path] = []
    waiting, folders = [file], _folders_of(file)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        try:
            _, imported = _read(path, _version(path))
        except SyntaxError:
            continue  # Importing it will say where.
        for level, module in imported:
            waiting += [each for _, each in _beside(path, level, module, folders)]
    return tuple(found)


def _version(path: Path) -> int:
    # The kit's modules are imported once: what was changed on disk since then does not run in this
    # process, so it may not name its results either. A learner's file is imported anew.
    return 0 if path.is_relative_to(PACKAGE) else path.stat().st_mtime_ns


@cache
def _read(path: Path, changed: int) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return what a file does, as text, and what it imports: dots before the name, and the name."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    imported = tuple(sorted(set(_imports(tree))))
    return _written(_without_docstrings(tree)), imported


def _written(node: object) -> str:
    """Return a syntax tree as text, the same from every version of Python.

    Newer versions know further fields, which are empty where they are not used.
    """
    if isinstance(node, ast.AST):
        fields = [(name, each) for name, each in ast.iter_fields(node) if each not in (None, [])]
        return f"{type(node).__name__}({', '.join(f'{n}={_written(each)}' for n, each in fields)})"
    return f"[{', '.join(map(_written, node))}]" if isinstance(node, list) else repr(node)


def _imports(tree: ast.AST) -> Iterable[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                yield node.level, node.module
            # `from package import module` may name a module as well as something in the package.
            before = f"{node.module}." if node.module else ""
            yield from ((node.level, f"{before}{alias.name}") for alias in node.names)


def _folders_of(path: Path) -> tuple[Path, ...]:
    """Return where modules of a learner may lie; none for a file of the kit."""
    return () if path.is_relative_to(PACKAGE) else (path.resolve().parent, Path.cwd())


def _beside(
    path: Path, level: int, name: str, folders: tuple[Path, ...]
) -> Iterable[tuple[str, Path]]:
    """Yield the learner's files that an import may run, each with a name without its folder."""
    inside = (path.resolve().parents[level - 1],) if level and folders else folders
    parts = name.split(".")
    for folder in dict.fromkeys(inside):
        for count in range(1, len(parts) + 1):
            module = folder.joinpath(*parts[:count])
            for file in (module.with_name(f"{module.name}.py"), module / "__init__.py"):
                if file.is_file() and not file.is_relative_to(PACKAGE):
                    home = next((each for each in folders if file.is_relative_to(each)), folder)
                    yield file.relative_to(home).as_posix(), file


@cache
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
