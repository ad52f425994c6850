"""Every debiasing method on a GPU: the same answers as on the CPU, up to rounding."""

from __future__ import annotations

import pytest
import torch

from internlab.debias.claims.losses import random_runs
from internlab.debias.methods import METHODS
from internlab.debias.stack import Recipe, train


def recipe(network: str, device: str) -> Recipe:
    # A small step: the first steps of Adam go by the sign of a gradient, and near zero that is a
    # matter of rounding.
    return Recipe(network, steps=5, learning_rate=1e-3, batch_size=16, device=device)


@pytest.mark.parametrize("network", ["mlp", "cnn"])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_gives_on_a_gpu_what_it_gives_on_the_cpu(name, network, monkeypatch):
    # Otherwise a GPU convolves with ten bits behind the point.
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    runs = random_runs()
    there, here = (
        train(METHODS[name](), runs, recipe(network, device), watch=(0, 2))
        for device in ("cuda", "cpu")
    )
    assert all(each.is_cuda for each in there.method.parameters())
    assert there.failures == here.failures == (None, None, None)
    found, expected = there.logits(runs.test.images), here.logits(runs.test.images)
    assert found.device == expected.device and found.dtype == expected.dtype
    assert (found - expected).abs().max() < 1e-2
    assert [moment.step for moment in there.history] == [0, 2]
    for moment in there.history:
        assert all(values.device.type == "cpu" for values in moment.record.values())
    assert len(there.scores("validation")) == len(runs)


def test_a_gpu_that_is_not_there_is_refused():
    count = torch.cuda.device_count()
    with pytest.raises(ValueError, match=f"PyTorch sees {count} GPU"):
        Recipe(device=f"cuda:{count}")
