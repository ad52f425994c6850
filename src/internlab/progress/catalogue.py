"""The labs of the kit and their exercises, read from the kit's own sources without running them."""

from __future__ import annotations

import ast
import hashlib
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from internlab.files import project_root

PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class KitLab:
    """A lab as the kit has it.

    Parameters
    ----------
    file_name : str
        Stem of its notebook, such as ``"40_shortcut"``.
    name : str
        Name of its `Lab`, such as ``"debias.shortcut"``.
    module : str
        Where that `Lab` is, such as ``"internlab.debias.exercises.shortcut"``.
    exercises : tuple of str
        In the order of the lab.
    """

    file_name: str
    name: str
    module: str
    exercises: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name in words, such as ``"40 shortcut"``."""
        return self.file_name.replace("_", " ")


@cache
def labs() -> Mapping[str, KitLab]:
    """Return the labs of the kit by the stem of their notebook, in order.

    The sources are parsed, and imported only where that does not do: a table needs no PyTorch.
    """
    found = {}
    for path in sorted(PACKAGE.glob("*/exercises/*.py")):
        text = path.read_text(encoding="utf-8")
        if "Lab(" not in text:
            continue
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == "Lab":
                lab = _read(node, path, tree)
                found[lab.file_name] = lab
    return dict(sorted(found.items()))


def code_hash() -> str:
    """Return a sha256 of the package and the shipped data: what a lab's check depends on."""
    digest = hashlib.sha256()
    folders = ((PACKAGE, "**/*.py"), (project_root() / "data", "*.*"))
    for folder, pattern in folders:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                digest.update(f"{path.relative_to(folder)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _read(call: ast.Call, path: Path, tree: ast.Module) -> KitLab:
    module = ".".join(("internlab", *path.relative_to(PACKAGE).with_suffix("").parts))
    try:
        name = ast.literal_eval(call.args[0])
        solution = next(ast.literal_eval(k.value) for k in call.keywords if k.arg == "solution")
        exercises = tuple(_exercise_names(call.args[1], path, tree))
    except (AttributeError, IndexError, OSError, StopIteration, ValueError):
        # Put together by code: then only that code knows.
        lab = importlib.import_module(module).lab
        name, solution, exercises = lab.name, lab.solution, tuple(lab.exercises)
    return KitLab(Path(solution).stem, name, module, exercises)


def _exercise_names(node: ast.expr, path: Path, tree: ast.Module) -> Iterator[str]:
    """Yield the names of a list of exercises, following lists that it takes in by name."""
    if isinstance(node, (ast.List, ast.Tuple)):
        for each in node.elts:
            yield from _exercise_names(each, path, tree)
    elif isinstance(node, ast.Starred):
        yield from _exercise_names(node.value, path, tree)
    elif isinstance(node, ast.Call) and _called(node) == "Exercise":
        yield ast.literal_eval(node.args[0])
    elif isinstance(node, ast.Name):
        yield from _exercise_names(_assigned(node.id, tree), path, tree)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        other = path.with_name(f"{node.value.id}.py")
        there = ast.parse(other.read_text(encoding="utf-8"))
        yield from _exercise_names(_assigned(node.attr, there), other, there)
    else:
        raise ValueError(f"no list of exercises: {ast.unparse(node)}")


def _assigned(name: str, tree: ast.Module) -> ast.expr:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.value
    raise ValueError(f"{name} is not assigned in its module")


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
