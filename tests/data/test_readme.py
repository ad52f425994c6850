"""The data cards in data/README.md tell the truth about the files."""

import re

import pandas as pd
import pytest

from internlab import passages
from internlab.data.aerial import AERIAL_FILES, DEEPFOREST, EARTHPY, PHOTOGRAPHS, aerial_images
from internlab.data.buildings import SPLITS
from internlab.data.shortcuts import DATA_SETS, DEFAULT_SIZES
from internlab.data.shortcuts.mnist import WHEEL as MNIST
from internlab.data.streets import load_sprites, street_set
from internlab.data.streets.sets import SETS
from internlab.files import data_dir, sha256_of
from internlab.ood.dense import network as street_network
from internlab.ood.dense.collecting import predict
from internlab.ood.dense.iou import confusion, mean_iou
from internlab.ood.reference import SOURCE as PYTORCH_OOD
from internlab.superres.evaluate import as_upscaler, evaluate, mean_gain
from internlab.superres.model import load_pretrained


@pytest.fixture(scope="module")
def readme() -> str:
    return (data_dir() / "README.md").read_text(encoding="utf-8")


def row(text: str, start: str) -> list[str]:
    """Return the cells of the one table row that starts with `start`."""
    rows = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    assert len(rows) == 1, start
    return [cell.strip() for cell in rows[0].strip("|").split("|")]


def section(text: str, title: str) -> str:
    """Return the text under one heading of the second level."""
    (part,) = [part for part in text.split("\n## ") if part.startswith(f"{title}\n")]
    return part


def test_the_shipped_network_is_the_one_described(readme):
    path = data_dir() / "models" / "repsr_x2.pt"
    assert f"| sha256 | `{sha256_of(path)}` |" in readme
    assert f"| bytes | {path.stat().st_size:,} |" in readme
    learned = sum(p.numel() for p in load_pretrained().parameters() if p.requires_grad)
    assert f"{learned:,} learned parameters" in readme


@pytest.mark.parametrize("wheel", [DEEPFOREST, EARTHPY], ids=lambda wheel: wheel.name)
def test_each_wheel_is_named_with_size_and_hash(readme, wheel):
    cells = row(readme, f"`{wheel.filename}`")
    assert cells[1:] == [f"{wheel.size_bytes:,}", f"`{wheel.sha256}`"]


def test_the_split_table_is_the_split(readme):
    images = aerial_images()
    if images.is_fallback:
        pytest.skip("the aerial images (22 MB) could not be fetched, is there a network?")
    parts = {"train": images.train, "validation": images.validation, "test": images.test}
    for name, file in AERIAL_FILES.items():
        cells = row(readme, f"`{name}` | {file.part}")
        height, width = parts[file.part][name].shape[:2]
        assert cells[2:4] == [file.site, f"{height} x {width}"]
        assert ("halved" in cells[4]) == file.halve
        assert cells[5] == f"`{file.member}`"


def test_the_photographs_are_listed_with_their_sizes(readme, monkeypatch, tmp_path):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    images = aerial_images()
    shown = {**images.train, **images.validation, **images.test}
    assert set(PHOTOGRAPHS) < set(shown)
    for name, image in shown.items():
        (line,) = [line for line in readme.splitlines() if line.startswith(f"| `{name}` |")]
        assert f"| {image.shape[0]} x {image.shape[1]} |" in line


def test_the_stated_gains_are_those_of_the_shipped_network(readme):
    images = aerial_images()
    if images.is_fallback:
        pytest.skip("the aerial images (22 MB) could not be fetched, is there a network?")
    stated = row(readme, "gain over bicubic")[1]
    upscale = as_upscaler(load_pretrained())
    scores = evaluate(upscale, images.test)
    for score in scores:
        assert f"`{score.name}` {score.gain:.2f}" in stated
    validation, mean = map(float, re.findall(r"([\d.]+) dB", stated))
    assert validation == round(mean_gain(evaluate(upscale, images.validation)), 2)
    assert mean == round(mean_gain(scores), 2)


def test_the_splits_of_the_building_tiles_are_as_stated(readme):
    tiles = section(readme, "Building tiles")
    for split, areas in SPLITS.items():
        cells = row(tiles, f"`{split}`")
        assert cells[1] == ", ".join(f"`{area}`" for area in areas)
        assert cells[2] == str(sum(areas.values()))


def test_the_shipped_street_network_is_the_one_described(readme):
    path = data_dir() / "models" / "street_net.pt"
    assert f"| sha256 | `{sha256_of(path)}` |" in readme
    assert f"| bytes | {path.stat().st_size:,} |" in readme
    network = street_network.load_pretrained()
    assert f"{sum(p.numel() for p in network.parameters()):,} learned parameters" in readme
    validation = street_set("validation")
    prediction = predict(network, validation.images)
    measured = mean_iou(confusion(validation.labels, prediction))
    assert f"{measured:.3f} on `validation`" in readme


def test_the_sets_of_street_scenes_are_as_stated(readme):
    readme = section(readme, "Street scenes")
    for name, recipe in SETS.items():
        if name not in ("fog", "night"):
            assert row(readme, f"`{name}`")[1] == str(recipe.count)
    assert row(readme, "`fog`, `night`")[1] == f"{SETS['fog'].count} each"
    assert SETS["fog"].count == SETS["night"].count


def test_the_sprites_are_counted_right(readme):
    counts = {kind: len(load_sprites(kind)) for kind in ("animals", "objects", "photos")}
    assert row(readme, "`animals/`, `objects/`")[1] == f"{counts['animals']}, {counts['objects']}"
    assert row(readme, "`photos/`")[1] == str(counts["photos"])
    assert f"{sum(counts.values())} pictures with an alpha channel" in readme


def test_the_reference_wheel_is_named_with_its_size(readme):
    assert f"`{PYTORCH_OOD.filename}` ({PYTORCH_OOD.size_bytes:,} bytes" in readme


@pytest.mark.parametrize("name", ["hpo/curves.csv", "hpo/tpe.csv", "ood/published.csv"])
def test_the_tables_are_the_ones_described(readme, name):
    path = data_dir() / name
    assert f"| sha256 | `{sha256_of(path)}` |" in readme
    assert f"| bytes | {path.stat().st_size:,} |" in readme


def test_the_passages_are_counted_right(readme):
    found = passages.load().values()
    sources = {passage.source.id for passage in found}
    assert f"{len(found)} passages from {len(sources)}\npublished texts" in readme


def test_the_wheel_with_mnist_is_named_with_size_and_hash(readme):
    card = section(readme, "Coloured MNIST")
    assert f"`{MNIST.filename}`" in card
    assert f"| bytes | {MNIST.size_bytes:,} |" in card
    assert f"| sha256 | `{MNIST.sha256}` |" in card


TITLES = {
    "coloured-mnist": "Coloured MNIST",
    "textured-digits": "Textured digits",
    "portraits": "Drawn portraits",
    "corrupted-textures": "Corrupted textures",
}


@pytest.mark.parametrize("name", DATA_SETS)
def test_each_set_with_a_shortcut_is_described(readme, name):
    card = section(readme, TITLES[name])
    assert f'load("{name}", ratio, seed)' in card
    if name == "textured-digits":
        assert DEFAULT_SIZES[name] == DEFAULT_SIZES["coloured-mnist"]
        assert "the same digits" in card
    else:
        for part, size in DEFAULT_SIZES[name].items():
            assert f"{size:,}" in card, part


@pytest.mark.parametrize("name", ["published.csv", "grid.csv"])
def test_the_tables_of_debiasing_are_those_described(readme, name):
    path = data_dir() / "debias" / name
    title = {"published.csv": "Published accuracies", "grid.csv": "Recorded benchmark"}[name]
    card = section(readme, title)
    assert f"| rows | {len(pd.read_csv(path)):,} |" in card
    assert f"| sha256 | `{sha256_of(path)}` |" in card
