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

from internlab.debias.bench.fingerprint import fingerprint, own_files
from internlab.debias.methods import METHODS, Hyperparameter, Method, Needs
from internlab.spelling import did_you_mean

_EXAMPLE = '{"q": Hyperparameter(0.7, 0.1, 0.9)}'


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
        return _classes_of(self.file, _stamps(self.file))[self.name]

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
        if "," in name and not Path(name).is_file():
            raise ValueError(
                f"No method {name!r}. Separate names by blanks: "
                f"{' '.join(filter(None, name.split(',')))}."
            )
        if name == "all":
            sources = [_of_kit(each) for each in METHODS]
        elif name.endswith(".py"):
            sources = _of_file(Path(name))
        elif name in METHODS:
            sources = [_of_kit(name)]
        else:
            raise ValueError(
                f"No method {name!r}.{did_you_mean(name.lower(), [*METHODS, 'all'])} There are "
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
    classes = _classes_of(path, _stamps(path))
    taken = [name for name in classes if name in METHODS]
    if taken:
        raise ValueError(
            f"{path.name} calls a method {taken[0]!r}, as one of the kit's is called. Give it a "
            "`name` of its own, so that a table can tell them apart."
        )
    return [Source(name, path, own=True) for name in classes]


def _stamps(path: Path) -> tuple[tuple[Path, int], ...]:
    """Return when a learner's file, and each file of theirs that it imports, was changed."""
    return tuple((each, each.stat().st_mtime_ns) for each in own_files(path))


@cache
def _classes_of(path: Path, stamps: tuple[tuple[Path, int], ...]) -> dict[str, type[Method]]:
    """Import a learner's file and return its methods by name; `stamps` makes an edit seen."""
    module_name = f"internlab_own_{path.stem}_{abs(hash(stamps))}"
    # What it imports of theirs may have been edited since an earlier import.
    theirs = {str(each) for each, _ in stamps} - {str(path)}
    for name, module in list(sys.modules.items()):
        if name != "__main__" and getattr(module, "__file__", None) in theirs:
            del sys.modules[name]
            # A package that holds it would hand out the old one still.
            package, _, last = name.rpartition(".")
            if getattr(sys.modules.get(package), last, None) is module:
                delattr(sys.modules[package], last)
    importlib.invalidate_caches()
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be read as Python; expected a file ending in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        name = Path(error.filename or path).name
        raise ValueError(
            f"{name}, line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
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
    if not isinstance(method.needs, Needs):
        raise ValueError(
            f"{where} has needs = {method.needs!r}; expected one of Needs, such as "
            "Needs.TRAINING_BIAS_LABELS, or none at all for Needs.NOTHING."
        )
    own = method.hyperparameters
    if not isinstance(own, dict):
        raise ValueError(
            f"{where} has hyperparameters = {own!r}; expected a dictionary, such as {_EXAMPLE}."
        )
    for name, value in own.items():
        if not isinstance(name, str) or not isinstance(value, Hyperparameter):
            raise ValueError(
                f"{where} has the hyperparameter {name!r}: {value!r}; expected a name and a "
                f"Hyperparameter(default, low, high), such as {_EXAMPLE}."
            )
    try:
        made = method()
    except Exception as error:
        raise ValueError(f"{where} cannot be made: {explain(error, path)}") from error
    if not isinstance(getattr(made, "values", None), dict) or set(made.values) != set(own):
        raise ValueError(
            f"{where} has an __init__ after which `values` does not hold its hyperparameters; "
            "call super().__init__(**values) first in it."
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
