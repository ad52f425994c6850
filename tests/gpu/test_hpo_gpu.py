"""Hyperparameter search on a GPU: the objective trains there, and trials share it by halves."""

import numpy as np
import pytest
import torch

from internlab.hpo.training.gpu_memory import context_bytes, count, measure
from internlab.hpo.training.objective import train_buildings
from internlab.hpo.training.unet import UNet
from internlab.hpo.tuning.search import Search, run
from internlab.hpo.tuning.space import Choice
from internlab.hpo.tuning.trial import PlainTrial

TINY = {"epochs": 2, "train_tiles": 32, "width": 8}


@pytest.fixture(autouse=True)
def on_the_gpu_tier(monkeypatch):
    monkeypatch.setenv("INTERNLAB_TIER", "gpu")


def where(trial, *, share=0):
    """Report the device that this trial's process sees, and that it computes."""
    x = torch.rand(256, 256, device="cuda")
    trial.report({"finite": float(torch.isfinite(x @ x).all()), "share": share})


@pytest.mark.parametrize("batch_size", [8, 32])
def test_the_counted_memory_is_the_measured_one_up_to_working_space(batch_size):
    network = UNet(16).cuda()
    images = torch.rand(batch_size, 3, 64, 64, device="cuda")
    counted = count(network, images).total
    torch.cuda.empty_cache()
    measured = measure(network, images)
    # Gradients of activations and cuDNN's working space come on top, activations leave before.
    assert 0.5 * counted < measured < 4 * counted


def test_a_process_pays_for_its_context():
    torch.zeros(1, device="cuda")
    assert context_bytes(torch.device("cuda")) > 50 * 2**20


def test_the_objective_trains_on_the_gpu_and_resumes(tmp_path):
    torch.cuda.reset_peak_memory_stats()
    trial = PlainTrial(tmp_path)
    trial.run(train_buildings, **TINY)
    assert torch.cuda.max_memory_allocated() > 0
    assert np.isfinite([row["validation_iou"] for row in trial.history]).all()
    more = PlainTrial(tmp_path)
    more.run(train_buildings, **{**TINY, "epochs": 3})
    assert len(more.history) == 1


def test_two_trials_share_one_gpu(tmp_path):
    search = Search(
        objective=where,
        space={"share": Choice((0, 1))},
        metric="finite",
        sampler="grid",
        samples=2,
        max_iterations=1,
        gpu_per_trial=0.5,
    )
    outcome = run(search, tmp_path / "search", progress=None)
    assert list(outcome.trials["status"]) == ["finished", "finished"], outcome.trials["reason"]
    assert set(outcome.trials["finite"]) == {1.0}
