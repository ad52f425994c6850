"""Write down what a number was made with, so that somebody else can make it again."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from internlab.files import atomic_write, sha256_of
from internlab.practice.repair.install import versions_in
from internlab.practice.repair.place import Place
from internlab.practice.repair.runs import train

PROGRAM = "train.py"


@dataclass(frozen=True)
class Environment:
    """What a stranger is given.

    Parameters
    ----------
    command : tuple of str
        The program and its arguments.
    number : float
        What it gave, in grams, with every digit.
    python, machine : str
        The version, and the processor and system. The same machine gives the same last digit;
        another may not.
    packages : dict
        Version of each package that the run loaded.
    wheels : dict
        sha256 of the wheel, for the packages that came from the index.
    files : dict
        sha256 of each file of the repository that the run needs.
    """

    command: tuple[str, ...]
    number: float
    python: str
    machine: str
    packages: dict[str, str]
    wheels: dict[str, str]
    files: dict[str, str]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        with atomic_write(path) as temporary:
            text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8")


def read(path: Path) -> Environment:
    """Read what `Environment.write` wrote.

    Raises
    ------
    ValueError
        If the file is no such record, with the facts that are missing.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} is no JSON: {error}.") from None
    wanted = set(Environment.__dataclass_fields__)
    if not isinstance(found, dict) or set(found) != wanted:
        missing = sorted(wanted - set(found if isinstance(found, dict) else ()))
        raise ValueError(
            f"{path.name} is no captured environment. Expected exactly the facts "
            f"{', '.join(sorted(wanted))}; missing: {', '.join(missing) or 'none'}."
        )
    return Environment(**{**found, "command": tuple(found["command"])})


def capture(place: Place, *arguments: str) -> Environment:
    """Run the program with `arguments` and write down what it used, by looking and not by memory.

    Packages are those that the process had loaded at its end. Files are the modules and tables of
    the repository that it opened.

    Raises
    ------
    ValueError
        If the run gives no number.
    """
    run = train(place, *arguments)
    if run.number is None:
        raise ValueError(f"There is no number to capture: the run ended with {run.ended_with}")
    ours = versions_in(place)
    packages = dict(ours)
    owners = importlib.metadata.packages_distributions()
    local = {path.stem for path in place.repository.glob("*.py")}
    for module in run.modules:
        if module in sys.stdlib_module_names or module in local:
            continue
        for name in owners.get(module, ()):
            packages.setdefault(name, importlib.metadata.version(name))
    used = {path for path in run.opened if path.is_relative_to(place.repository)}
    used |= {place.repository / f"{module}.py" for module in run.modules if module in local}
    return Environment(
        command=(PROGRAM, *arguments),
        number=run.number,
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        packages=dict(sorted(packages.items())),
        wheels={
            name: sha256_of(place.index / f"{name}-{version}-py3-none-any.whl")
            for name, version in ours.items()
        },
        files={
            path.relative_to(place.repository).as_posix(): sha256_of(path)
            for path in sorted(used)
            if path.is_file()
        },
    )
