"""The objective reports each epoch, resumes to the bit, and refuses what it cannot train."""

from __future__ import annotations

import inspect
import math
import random
import signal

import numpy as np
import pytest
import torch

from internlab.data.buildings import building_tiles
from internlab.hpo.training import tiles
from internlab.hpo.training.objective import CHECKPOINT_FILE, fit, load_network, train_buildings
from internlab.hpo.training.segmentation import mean_area_iou
from internlab.hpo.training.tiles import BuildingTiles, EpochOrder
from internlab.hpo.tuning.trial import PlainTrial

# Small, but with all that a configuration can switch on.
TINY = {
    "lr": 2e-2,
    "width": 8,
    "dice": 0.5,
    "batch_size": 8,
    "colour": 0.5,
    "geometry": "d4",
    "epochs": 2,
    "train_tiles": 32,
}


def measured(history):
    """Return the rows without the seconds, which no two runs share."""
    return [{name: row[name] for name in row if name != "cpu_seconds"} for row in history]


def state(folder):
    return torch.load(folder / CHECKPOINT_FILE, map_location="cpu", weights_only=False)


def equal(one, other):
    """Say whether two nests of tensors and numbers are equal to the bit."""
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """A finished run with its checkpoint of epoch 2."""
    trial = PlainTrial(tmp_path_factory.mktemp("uninterrupted"))
    trial.run(train_buildings, **TINY)
    return trial


def test_each_epoch_is_reported(uninterrupted):
    assert [row["iteration"] for row in uninterrupted.history] == [1, 2]
    for row in uninterrupted.history:
        assert set(row) == {"iteration", "validation_iou", "train_loss", "cpu_seconds"}
        assert 0 <= row["validation_iou"] <= 1
        assert math.isfinite(row["train_loss"]) and row["train_loss"] > 0
    assert uninterrupted.history[1]["train_loss"] < uninterrupted.history[0]["train_loss"]


def test_it_learns_to_find_buildings():
    history = PlainTrial().run(train_buildings, **{**TINY, "train_tiles": 120, "epochs": 6})
    # To call everything building would give the share of building, less than 0.1.
    assert history[-1]["validation_iou"] > 0.2


def test_the_same_run_gives_the_same_bits_whatever_the_global_state(uninterrupted):
    torch.manual_seed(99)
    np.random.seed(99)
    random.seed(99)
    again = PlainTrial().run(train_buildings, **TINY)
    assert measured(again) == measured(uninterrupted.history)


def test_the_global_random_states_are_left_alone():
    torch.manual_seed(99)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    PlainTrial().run(train_buildings, **{**TINY, "epochs": 1})
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]


@pytest.mark.parametrize("changed", [{"seed": 1}, {"lr": 1e-3}, {"colour": 0.0}, {"dice": 0.0}])
def test_a_hyperparameter_changes_the_result(uninterrupted, changed):
    other = PlainTrial().run(train_buildings, **{**TINY, "epochs": 1, **changed})
    assert other[0]["train_loss"] != uninterrupted.history[0]["train_loss"]


def test_the_seed_and_each_epoch_reach_the_order_of_the_tiles(monkeypatch):
    seen = []

    class Watched(EpochOrder):
        def set_epoch(self, epoch):
            seen.append((self.seed, epoch))
            super().set_epoch(epoch)

    monkeypatch.setattr(tiles, "EpochOrder", Watched)
    PlainTrial().run(train_buildings, **TINY, seed=5)
    assert sorted(set(seen)) == [(5, 0), (5, 1)]


def test_resumed_after_epoch_1_it_ends_as_if_it_had_never_stopped(uninterrupted, tmp_path):
    stopped = PlainTrial(tmp_path, stop_when=lambda row: row["iteration"] == 1)
    stopped.run(train_buildings, **TINY)
    assert [row["iteration"] for row in stopped.history] == [1]
    resumed = PlainTrial(tmp_path)
    assert resumed.checkpoint is not None
    resumed.run(train_buildings, **TINY)
    assert measured(stopped.history + resumed.history) == measured(uninterrupted.history)
    assert resumed.history[0]["cpu_seconds"] > stopped.history[0]["cpu_seconds"]
    found, wanted = state(resumed.checkpoint), state(uninterrupted.checkpoint)
    assert equal(found["state_dict"], wanted["state_dict"])
    assert equal(found["optimizer_states"], wanted["optimizer_states"])


def test_a_finished_run_resumed_for_longer_goes_on(uninterrupted, tmp_path):
    PlainTrial(tmp_path).run(train_buildings, **TINY)
    longer = PlainTrial(tmp_path).run(train_buildings, **{**TINY, "epochs": 3})
    assert [row["iteration"] for row in longer] == [3]
    whole = PlainTrial().run(train_buildings, **{**TINY, "epochs": 3})
    assert measured(longer) == measured(whole)[2:]


def test_the_checkpoint_predicts_like_the_trained_module(tmp_path):
    train, validation = (building_tiles(name).thinned(32) for name in ("train", "validation"))
    data = BuildingTiles(train, validation, batch_size=8, colour=0.3, seed=0)
    settings = {"lr": 2e-2, "weight_decay": 1e-2, "width": 8, "dice": 0.5}
    modules = []

    def keep(trainer, module):
        trainer.save_checkpoint(tmp_path / CHECKPOINT_FILE)
        modules.append(module)

    trained = fit(data, settings, epochs=2, seed=0, after_epoch=keep)
    assert modules == [trained, trained]
    network = load_network(tmp_path, width=8)
    assert not network.training
    images = torch.stack([data.validation[number][0] for number in range(len(validation))])
    with torch.inference_mode():
        torch.testing.assert_close(network(images), trained.network(images))
    assert mean_area_iou(network, validation) == pytest.approx(trained.metrics["validation_iou"])


def test_a_folder_without_a_checkpoint_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No last\.ckpt in"):
        load_network(tmp_path, width=8)


def test_ctrl_c_ends_it_and_stays_ctrl_c():
    class Interrupting(PlainTrial):
        def report(self, metrics, save=None):
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        Interrupting().run(train_buildings, **TINY)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"lr": 0.0}, "lr=0"),
        ({"lr": -1e-3}, "lr=-0.001"),
        ({"lr": float("nan")}, "lr=nan"),
        ({"lr": float("inf")}, "lr=inf"),
        ({"weight_decay": -1e-6}, "weight_decay=-1e-06"),
        ({"weight_decay": float("nan")}, "weight_decay=nan"),
        ({"dice": 1.1}, "dice=1.1"),
        ({"dice": -0.1}, "dice=-0.1"),
        ({"epochs": 0}, "epochs=0"),
        ({"width": 10}, "width of 10"),
        ({"batch_size": 33}, "batch of 33 of 32 tiles"),
        ({"batch_size": 0}, "batch of 0"),
        ({"colour": 1.5}, "colour strength of 1.5"),
        ({"geometry": "rotate"}, "geometry 'rotate'"),
        ({"train_tiles": 0}, "train_tiles=0"),
        ({"train_tiles": -4}, "train_tiles=-4"),
    ],
)
def test_a_value_out_of_range_is_refused_before_anything_is_trained(wrong, named):
    trial = PlainTrial()
    with pytest.raises(ValueError, match=named):
        trial.run(train_buildings, **{**TINY, **wrong})
    assert trial.history == []


def test_the_signature_lists_the_hyperparameters_with_defaults():
    trial, *others = inspect.signature(train_buildings).parameters.values()
    assert trial.name == "trial"
    assert all(each.kind is each.KEYWORD_ONLY for each in others)
    assert all(each.default is not each.empty for each in others)
