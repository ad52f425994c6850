"""A search described in a file: what ``python -m internlab.hpo search --config FILE`` reads.

An example, with every entry that has to be there and some that need not::

    objective: my_training:train      # module:function; def train(trial, *, lr=1e-3, ...)
    metric: validation_iou
    space:
      lr: {loguniform: [1e-4, 5e-2]}
      width: {choice: [8, 12, 16]}
      dice: {uniform: [0, 1]}
    fixed: {epochs: 16}
    samples: 16
    scheduler: asha
    folder: searches/first
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import from_mapping
from internlab.spelling import did_you_mean

REQUIRED = ("objective", "space", "metric")
KNOWN = (*(each.name for each in dataclasses.fields(Search)), "folder")
_NUMBERS = ("reduction", "gpu_per_trial")


def read_search(path: Path | str, **overrides: Any) -> tuple[Search, Path]:
    """Read a search from a YAML file.

    Parameters
    ----------
    path : Path or str
    **overrides
        Entries that replace those of the file, unless they are None.

    Returns
    -------
    search : Search
    folder : Path
        Where the search goes; default: ``searches/`` and the file's name without its suffix.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not YAML, an entry is missing, unknown, given twice or of the wrong kind.
    """
    path = Path(path)
    entries = {**_read(path), **{k: value for k, value in overrides.items() if value is not None}}
    for name in entries:
        if name not in KNOWN:
            raise ValueError(
                f"{path} has an entry {name!r}, which means nothing here."
                f"{did_you_mean(name, KNOWN)} Known are {', '.join(KNOWN)}."
            )
    missing = [name for name in REQUIRED if entries.get(name) is None]
    if missing:
        raise ValueError(
            f"{path} does not say {' and '.join(missing)}; expected at least {', '.join(REQUIRED)}."
        )
    folder = entries.pop("folder", None)
    for name in ("objective", "metric", "mode", "scheduler", "sampler", "folder"):
        value = folder if name == "folder" else entries.get(name)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{path}: {name} is {value!r}; expected text.")
    for name in _NUMBERS:
        value = entries.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{path}: {name} is {value!r}; expected a number.")
    fixed = entries.get("fixed") or {}
    if not isinstance(fixed, Mapping):
        raise ValueError(f"{path}: fixed is {fixed!r}; expected names with values, {{epochs: 16}}.")
    mutate = entries.get("mutate")
    if mutate is not None and not (
        isinstance(mutate, list) and all(isinstance(each, str) for each in mutate)
    ):
        raise ValueError(f"{path}: mutate is {mutate!r}; expected a list of names, [lr, dice].")
    given = {name: value for name, value in entries.items() if value is not None}
    given |= {"space": from_mapping(entries["space"]), "fixed": dict(fixed)}
    if mutate is not None:
        given["mutate"] = tuple(mutate)
    return Search(**given), Path(folder or Path("searches") / path.stem)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Expected a YAML file with a search.")
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file in UTF-8; expected YAML.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"{path}{where} is not YAML: {problem}.") from error
    if not isinstance(entries, dict):
        raise ValueError(
            f"{path} holds {'nothing' if entries is None else type(entries).__name__}; expected "
            f"entries such as {', '.join(REQUIRED)}, one on each line."
        )
    return entries


class _Loader(yaml.SafeLoader):
    """YAML as people write it: 1e-4 is a number, and a name given twice is a mistake."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    names = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise yaml.constructor.ConstructorError(
                None, None, f"{name!r} is given twice", node.value[number][0].start_mark
            )
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"), list("-+0123456789")
)
