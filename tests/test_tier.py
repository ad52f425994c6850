"""Tiers: how much work, on which device, and no skip that nobody sees."""

import numpy as np
import pytest
import torch

from internlab import tier


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setattr(tier, "gpu_available", lambda: False)


def test_the_variable_decides(monkeypatch, without_gpu):
    monkeypatch.setenv("INTERNLAB_TIER", "smoke")
    assert tier.current() == "smoke"
    assert tier.pick(smoke=1, cpu=2, gpu=3) == 1
    monkeypatch.setenv("INTERNLAB_TIER", "CPU")
    assert tier.pick(smoke=1, cpu=2, gpu=3) == 2


@pytest.mark.parametrize(("seen", "expected", "value"), [(True, "gpu", 3), (False, "cpu", 2)])
def test_unset_the_machine_decides(monkeypatch, seen, expected, value):
    monkeypatch.delenv("INTERNLAB_TIER", raising=False)
    monkeypatch.setattr(tier, "gpu_available", lambda: seen)
    assert tier.current() == expected
    assert tier.pick(smoke=1, cpu=2, gpu=3) == value
    assert tier.pick(smoke=1, cpu=2) == 2


def test_an_unknown_tier_is_named(monkeypatch):
    monkeypatch.setenv("INTERNLAB_TIER", "fast")
    with pytest.raises(ValueError, match="'fast' is not a tier"):
        tier.current()


def test_the_gpu_tier_without_a_gpu_is_an_error(monkeypatch, without_gpu):
    monkeypatch.setenv("INTERNLAB_TIER", "gpu")
    with pytest.raises(RuntimeError, match="nvidia-smi"):
        tier.current()


def test_a_skip_is_printed_by_name(monkeypatch, without_gpu, capsys):
    monkeypatch.delenv("INTERNLAB_REQUIRE_GPU", raising=False)
    assert tier.skip_without_gpu("Timing on CUDA", "the CPU timing")
    assert "Timing on CUDA" in capsys.readouterr().out


def test_a_skip_fails_where_a_gpu_is_required(monkeypatch, without_gpu):
    monkeypatch.setenv("INTERNLAB_REQUIRE_GPU", "1")
    with pytest.raises(RuntimeError, match="Timing on CUDA"):
        tier.skip_without_gpu("Timing on CUDA", "the CPU timing")


def test_a_seed_fixes_the_global_generators():
    tier.seed_everything(3)
    first = (np.random.rand(), torch.rand(1).item())
    tier.seed_everything(3)
    assert first == (np.random.rand(), torch.rand(1).item())
