"""Networks are trained once for each seed, kept whole or not at all."""

from pathlib import Path

import pytest
import torch

from internlab.data.streets import street_set
from internlab.ood.dense import trained, training
from internlab.ood.dense.trained import trained_network


@pytest.fixture
def short(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(training, "STEPS", 40)
    few = street_set("train", 8, height=32, width=64)
    monkeypatch.setattr(trained, "street_set", lambda name: few)
    trained_network.cache_clear()
    yield tmp_path
    trained_network.cache_clear()


def test_a_network_is_trained_once_and_read_the_next_time(short, capsys):
    first = trained_network(3)
    assert "Training the street network, seed 3" in capsys.readouterr().out
    assert not first.from_disk and len(first.losses) == 1 and first.cpu_seconds > 0
    assert trained_network(3) is first
    trained_network.cache_clear()
    again = trained_network(3)
    assert capsys.readouterr().out == ""
    assert again.from_disk
    assert (again.losses, again.cpu_seconds) == (first.losses, first.cpu_seconds)
    assert torch.equal(again.network.head.weight, first.network.head.weight)
    assert not again.network.training


def test_another_recipe_is_another_file(short, monkeypatch):
    trained_network(0)
    monkeypatch.setattr(trained, "RECIPE", trained.RECIPE + 1)
    trained_network.cache_clear()
    assert not trained_network(0).from_disk
    assert len(list(short.glob("street-net-*-0.pt"))) == 2


@pytest.mark.parametrize("name", ["network.py", "training.py"])
def test_another_code_is_another_file(name, tmp_path, monkeypatch):
    for each in trained.CODE:
        text = Path(trained.__file__).with_name(each).read_text(encoding="utf-8")
        (tmp_path / each).write_text(text, encoding="utf-8")
    expected = trained._path(0, "scenes")
    monkeypatch.setattr(trained, "__file__", str(tmp_path / "trained.py"))
    assert trained._path(0, "scenes") == expected
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("# another line")
    assert trained._path(0, "scenes") != expected


def test_a_training_that_was_stopped_is_not_kept(short, monkeypatch):
    network = training.StreetNet().eval()
    monkeypatch.setattr(training, "train", lambda *inputs, **options: network)
    assert trained_network(1).network is network
    assert list(short.glob("street-net-*")) == []
