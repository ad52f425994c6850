"""Model cards and data cards: which facts they hold, who may state them, and how they are written.

References
----------
Mitchell et al., "Model cards for model reporting", FAT* 2019, arXiv 1810.03993; Gebru et al.,
"Datasheets for datasets", Communications of the ACM 64(12), 2021, arXiv 1803.09010. The facts here
are a choice of ours, in our words: those that a receiver needs to run and to judge a small model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from internlab.files import atomic_write
from internlab.spelling import did_you_mean

RECORDED, STATED = "recorded", "stated"

# Of each fact: whether the run knows it, or a person has to state it.
MODEL_FACTS = {
    "file.name": RECORDED,
    "file.format": RECORDED,
    "file.runtime": RECORDED,
    "file.sha256": RECORDED,
    "input.name": RECORDED,
    "input.dtype": RECORDED,
    "input.layout": RECORDED,
    "input.channels": RECORDED,
    "input.height": RECORDED,
    "input.width": RECORDED,
    "input.pixel_range": RECORDED,
    "input.mean": RECORDED,
    "input.std": RECORDED,
    "output.name": RECORDED,
    "output.dtype": RECORDED,
    "output.layout": RECORDED,
    "output.meaning": RECORDED,
    "output.classes": RECORDED,
    "test.image": RECORDED,
    "test.places": RECORDED,
    "test.classes": RECORDED,
    "test.probabilities": RECORDED,
    "test.tolerance": RECORDED,
    "metric.name": RECORDED,
    "metric.value": RECORDED,
    "metric.low": RECORDED,
    "metric.high": RECORDED,
    "metric.level": RECORDED,
    "metric.n": RECORDED,
    "metric.unit": RECORDED,
    "metric.data": RECORDED,
    "metric.data_sha256": RECORDED,
    "limits.measured": RECORDED,
    "limits.stated": STATED,
    "training.data": RECORDED,
    "training.code": RECORDED,
    "training.again": STATED,
    "cost.file_bytes": RECORDED,
    "cost.cpu_ms": RECORDED,
    "cost.measured_on": RECORDED,
    "use.intended": STATED,
    "use.not_for": STATED,
    "licence": STATED,
    "contact": STATED,
}
# Only of a model that answers for each place of an image.
_OF_MAPS = ("test.places",)

DATA_FACTS = {
    "name": RECORDED,
    "why": STATED,
    "what": RECORDED,
    "how_made": STATED,
    "who_labelled": STATED,
    "splits": RECORDED,
    "shape": RECORDED,
    "dtype": RECORDED,
    "value_range": RECORDED,
    "classes": RECORDED,
    "class_shares": RECORDED,
    "sha256": RECORDED,
    "gaps": STATED,
    "people": STATED,
    "not_for": STATED,
    "licence": RECORDED,
    "contact": STATED,
}


def model_card(recorded: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model card, nested, from dotted facts.

    Parameters
    ----------
    recorded : mapping
        What the run's own records say, by the names of `MODEL_FACTS`.
    stated : mapping
        What only a person can say.

    Raises
    ------
    ValueError
        If a fact is missing, unknown, or was typed by hand although the run knows it.
    """
    facts = _checked(MODEL_FACTS, recorded, stated, may_lack=_OF_MAPS)
    if facts["output.layout"] != "NC" and "test.places" not in facts:
        raise ValueError("test.places is missing: a map is compared at places.")
    return nested(facts)


def data_card(recorded: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return a data card from the names of `DATA_FACTS`; errors as in `model_card`."""
    return _checked(DATA_FACTS, recorded, stated)


def _checked(
    fields: Mapping[str, str],
    recorded: Mapping[str, Any],
    stated: Mapping[str, Any],
    may_lack: tuple[str, ...] = (),
) -> dict[str, Any]:
    for name in (*recorded, *stated):
        if name not in fields:
            raise ValueError(f"The card has no fact {name!r}.{did_you_mean(name, fields)}")
    by_hand = [name for name in stated if fields[name] == RECORDED]
    if by_hand:
        raise ValueError(
            f"{', '.join(by_hand)} was stated by hand. The run knows it: take it from the record, "
            "so that the card and the run cannot differ."
        )
    facts = {**stated, **recorded}
    lacking = [name for name in fields if name not in facts and name not in may_lack]
    if lacking:
        raise ValueError(
            f"The card lacks {', '.join(lacking)}. Whoever receives it has nobody to ask."
        )
    return {name: facts[name] for name in fields if name in facts}


def nested(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return dotted facts as a tree: {"input.name": "x"} becomes {"input": {"name": "x"}}."""
    tree: dict[str, Any] = {}
    for name, value in facts.items():
        *branches, leaf = name.split(".")
        place = tree
        for branch in branches:
            place = place.setdefault(branch, {})
        place[leaf] = value
    return tree


def facts_of(card: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted name and the value of every fact of a card; a list is one fact."""
    for key, value in card.items():
        if isinstance(value, Mapping):
            yield from facts_of(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def write(card: Mapping[str, Any], path: Path) -> Path:
    """Write a card as YAML, which people and programs read."""
    with atomic_write(path) as temporary:
        text = yaml.safe_dump(dict(card), sort_keys=False, allow_unicode=True, width=96)
        temporary.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> dict[str, Any]:
    """Return a card from its file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def page(card: Mapping[str, Any], title: str) -> str:
    """Return a card as a Markdown page for people; long texts are cut."""
    lines = [f"# {title}", "", "| fact | |", "|---|---|"]
    for name, value in facts_of(card):
        shown = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        shown = shown.replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {name} | {shown if len(shown) <= 300 else shown[:60] + ' ...'} |")
    return "\n".join(lines) + "\n"
