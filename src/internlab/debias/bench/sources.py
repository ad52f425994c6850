"""Where methods come from: the kit, or a learner's own file."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from internlab.debias.bench.fingerprint import fingerprint
from internlab.debias.methods import METHODS, Method
from internlab.spelling import did_you_mean


@dataclass(frozen=True)
class Source:
    """A method, and the file that it is written in.

    Parameters
    ----------
    name : str
        The method's name.
    file : Path
        Its file.
    own : bool
        Whether it is a learner's file rather than one of the kit.
    """

    name: str
    file: Path
    own: bool = False

    def load(self) -> type[Method]:
        """Return the class; another process finds it by this too."""
        if not self.own:
            return METHODS[self.name]
        return _classes_of(self.file, self.file.stat().st_mtime_ns)[self.name]

    @property
    def code(self) -> str:
        """A hash of the code that the method's results depend on."""
        return fingerprint(self.file)


def find_methods(names: Iterable[str]) -> dict[str, Source]:
    """Return the methods of names and files, in the order given.

    Parameters
    ----------
    names : iterable of str
        Names of the kit's methods, ``"all"`` for all of them, or paths ending in ``.py`` of files
        with one class or several that derive from `Method`.

    Raises
    ------
    ValueError
        If a name is unknown or taken, or a file has an error or no method.
    FileNotFoundError
        If there is no such file.
    """
    found: dict[str, Source] = {}
    for name in names:
        if name == "all":
            sources = [_of_kit(each) for each in METHODS]
        elif name.endswith(".py"):
            sources = _of_file(Path(name))
        elif name in METHODS:
            sources = [_of_kit(name)]
        else:
            raise ValueError(
                f"No method {name!r}.{did_you_mean(name, METHODS)} There are "
                f"{', '.join(METHODS)}; all; or a file of your own, ending in .py."
            )
        for source in sources:
            if source.name in found and found[source.name] != source:
                raise ValueError(
                    f"Two methods are called {source.name!r}, in {found[source.name].file.name} "
                    f"and {source.file.name}; give one another `name`."
                )
            found[source.name] = source
    return found


def _of_kit(name: str) -> Source:
    return Source(name, Path(inspect.getfile(METHODS[name])))


def _of_file(path: Path) -> list[Source]:
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}. Expected a Python file with a class that derives from "
            "Method; `python -m internlab.debias new my_method.py` writes one to begin with."
        )
    path = path.resolve()
    classes = _classes_of(path, path.stat().st_mtime_ns)
    taken = [name for name in classes if name in METHODS]
    if taken:
        raise ValueError(
            f"{path.name} calls a method {taken[0]!r}, as one of the kit's is called. Give it a "
            "`name` of its own, so that a table can tell them apart."
        )
    return [Source(name, path, own=True) for name in classes]


@cache
def _classes_of(path: Path, changed: int) -> dict[str, type[Method]]:
    """Import a learner's file and return its methods by name; `changed` makes an edit seen."""
    module_name = f"internlab_own_{path.stem}_{changed}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be read as Python; expected a file ending in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ValueError(
            f"{path.name}, line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
        ) from error
    except Exception as error:
        raise ValueError(f"{path.name} cannot be imported: {explain(error, path)}") from error
    classes = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Method) and each.__module__ == module_name
    ]
    if not classes:
        raise ValueError(
            f"{path.name} has no method: expected a class that derives from "
            "internlab.debias.methods.Method, such as `class MyMethod(Method):`."
        )
    for each in classes:
        _check_class(each, path)
    names = [each.name for each in classes]
    if len(set(names)) < len(names):
        raise ValueError(f"{path.name} has two methods of one name: {', '.join(names)}.")
    return dict(zip(names, classes, strict=True))


def _check_class(method: type[Method], path: Path) -> None:
    where = f"{path.name}, class {method.__name__}"
    for wanted, example in (("name", '"my_method"'), ("title", '"My method"')):
        value = getattr(method, wanted, None)
        if not isinstance(value, str) or not value:
            raise ValueError(f"{where} has no `{wanted}`; add one, such as {wanted} = {example}.")
    missing = sorted(getattr(method, "__abstractmethods__", ()))
    if missing:
        raise ValueError(
            f"{where} lacks {', '.join(missing)}; `losses(self, batch)` returns the loss of each "
            "run, a tensor (R,)."
        )


def explain(error: BaseException, file: Path | None = None) -> str:
    """Say what went wrong and, if it was in this file, in which of its lines."""
    said = str(error).strip() or "no message"
    # Where an error was given words by the kit, they say what to do; otherwise name its kind.
    text = said if isinstance(error, ValueError) else f"{type(error).__name__}: {said}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if file is not None and Path(frame.filename) == file:
            return f"{text} ({file.name}, line {frame.lineno}: {frame.line})"
    return text
