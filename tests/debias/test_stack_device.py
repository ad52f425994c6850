"""Another device than the CPU, tried without one: every method computes there and nowhere else.

The device of these tests is pretended. A tensor on it says that it is on ``meta``, on which
autograd works and which PyTorch has on every machine, and holds one on the CPU that computes. Where
it meets a tensor that was left on the CPU there is an error, as on a GPU. The same on a GPU:
``tests/gpu/test_debias_gpu.py``.
"""

from __future__ import annotations

import sys

import pytest
import torch
from random_runs import random_splits
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from internlab.debias.methods import METHODS, Method
from internlab.debias.methods.losses import cross_entropy
from internlab.debias.stack import Problem, Recipe, Runs, train

ELSEWHERE = "meta"
RUNS = Runs.of([random_splits(seed, ratio=ratio) for seed, ratio in ((1, 0.7), (2, 0.9))])


class Elsewhere(Tensor):
    """A tensor on the pretended device."""

    @staticmethod
    def __new__(cls, inner: Tensor) -> Elsewhere:
        return Tensor._make_wrapper_subclass(
            cls, inner.shape, inner.stride(), inner.storage_offset(), dtype=inner.dtype,
            device=ELSEWHERE,
        )  # fmt: skip

    def __init__(self, inner: Tensor) -> None:
        self.inner = inner

    def __repr__(self, **options) -> str:
        return f"Elsewhere({self.inner})"

    def tolist(self) -> list:
        return self.inner.tolist()

    @classmethod
    def __torch_dispatch__(cls, operation, types, arguments=(), options=None):
        return compute(operation, arguments, options or {})


class Pretended(TorchDispatchMode):
    """What is made on the pretended device while this is in force becomes an `Elsewhere`."""

    def __torch_dispatch__(self, operation, types, arguments=(), options=None):
        return compute(operation, arguments, options or {})


def compute(operation, arguments, options):
    leaves, tree = tree_flatten((arguments, options))
    tensors = [each for each in leaves if isinstance(each, Tensor)]
    device = None if options.get("device") is None else torch.device(options["device"]).type
    there = any(isinstance(each, Elsewhere) for each in tensors)
    if not there and device != ELSEWHERE:
        return operation(*arguments, **options)
    moves = device is not None or operation is torch.ops.aten.copy_.default
    if not moves and any(each.ndim and not isinstance(each, Elsewhere) for each in tensors):
        raise RuntimeError(f"{operation} meets tensors on two devices")

    def inner(value):
        if isinstance(value, Elsewhere):
            return value.inner
        return torch.device("cpu") if isinstance(value, torch.device) else value

    arguments, options = tree_unflatten([inner(each) for each in leaves], tree)
    known = {id(inner(each)): each for each in tensors}

    def outer(value):
        if not isinstance(value, Tensor) or device == "cpu":
            return value
        return known.get(id(value)) if id(value) in known else Elsewhere(value)

    return tree_map(outer, operation(*arguments, **options))


@pytest.fixture
def elsewhere(monkeypatch):
    """Let a recipe and the optimiser have the pretended device."""
    monkeypatch.setattr("internlab.debias.stack.recipe.check_device", lambda device: None)
    adam = sys.modules[torch.optim.Adam.__module__]
    monkeypatch.setattr(adam, "_device_dtype_check_for_fused", lambda *given: None)
    with Pretended():
        yield ELSEWHERE


def recipe(device: str, network: str = "mlp") -> Recipe:
    return Recipe(network, steps=6, learning_rate=0.01, batch_size=32, device=device)


def test_the_pretended_device_refuses_what_is_on_the_cpu(elsewhere):
    there = torch.arange(6.0, device=elsewhere)
    assert isinstance(there, Elsewhere) and (2 * there).tolist() == [0, 2, 4, 6, 8, 10]
    assert torch.equal(there.cpu(), torch.arange(6.0)) and type(there.cpu()) is Tensor
    assert isinstance(there[there > 2], Elsewhere)
    with pytest.raises(RuntimeError, match="two devices"):
        there + torch.arange(6.0)
    with pytest.raises(RuntimeError, match="two devices"):
        there.gather(0, torch.tensor([1]))
    with pytest.raises((RuntimeError, TypeError)):
        there.numpy()


@pytest.mark.parametrize("network", ["mlp", "cnn"])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_computes_on_its_device_alone(name, network, elsewhere):
    trained = train(METHODS[name](), RUNS, recipe(elsewhere, network), watch=(0, 3))
    assert all(isinstance(each, Elsewhere) for each in trained.method.parameters())
    assert trained.failures == (None, None)
    here = train(METHODS[name](), RUNS, recipe("cpu", network), watch=(0, 3))
    found = trained.logits(RUNS.test.images)
    assert type(found) is Tensor and torch.equal(found, here.logits(RUNS.test.images))
    assert trained.scores("validation")[0].unbiased == here.scores("validation")[0].unbiased
    for ours, theirs in zip(trained.history, here.history, strict=True):
        assert list(ours.record) == list(theirs.record)
        for key, values in ours.record.items():
            assert type(values) is Tensor
            assert torch.equal(values.nan_to_num(-1), theirs.record[key].nan_to_num(-1))


def test_a_network_of_torchs_own_layers_is_on_the_cpu(elsewhere):
    for network in ("mlp", "cnn"):
        method = train(METHODS["erm"](), RUNS, recipe(elsewhere, network)).method
        member = method.network.member(1)
        images = RUNS.test.images[1].float() / 255
        alike = method.network(RUNS.test.images.float().div(255).to(elsewhere)).cpu()[1]
        assert torch.allclose(member(images.movedim(-1, 1)), alike, atol=1e-5)


@pytest.mark.parametrize("draws", [False, True])
def test_a_run_fails_on_its_device_as_on_the_cpu(draws, elsewhere):
    class Bursting(Method):
        name = title = "bursting"

        def prepare(self, problem):
            super().prepare(problem)
            # A first stage in which run 1 fails: its sampling weights are those of a failed run.
            problem.train_stage(self.parameters(), self.losses, steps=2, purpose="first")
            self.weights = problem.labels.float() + 1
            self.weights[1] = torch.nan

        def sampling_weights(self):
            return self.weights if draws else None

        def losses(self, batch):
            each = cross_entropy(self.network(batch.images), batch.labels).mean(dim=1)
            each = each.clone()
            each[1] *= torch.nan
            return each

    there, here = (train(Bursting(), RUNS, recipe(device)) for device in (elsewhere, "cpu"))
    assert there.failures == here.failures == (None, "the loss became nan in step 1 of first")
    found, expected = (each.logits(RUNS.test.images) for each in (there, here))
    assert found[1].isnan().all() and torch.equal(found[0], expected[0])


def test_what_all_runs_share_is_moved_once(elsewhere):
    assert RUNS.test.images.stride(0) > 0
    shared = Runs.of([random_splits(1)] * 3)
    problem = Problem(shared, recipe(elsewhere), "a test", METHODS["dfr"].needs)
    for each in (problem.images, problem.labels, problem.balanced.images):
        assert isinstance(each, Elsewhere) and len(each) == 3 and each.stride(0) == 0
    assert Problem(shared, recipe("cpu"), "a test", METHODS["dfr"].needs).images.data_ptr() == (
        shared.train.images.data_ptr()
    )


@pytest.mark.parametrize("device", ["gpu", "GPU:0"])
def test_who_types_gpu_is_told_cuda(device):
    with pytest.raises(ValueError, match=r"Did you mean 'cuda'\?"):
        Recipe(device=device)


@pytest.mark.parametrize("device", ["gpu", "cuda0", "cuda:", "cuda:-1", "", None, 0, "meta"])
def test_a_device_that_is_none_is_refused(device):
    with pytest.raises(ValueError, match=r"No device .* There are 'cpu' and, for a GPU, 'cuda'"):
        Recipe(device=device)


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    assert Recipe().device == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"no GPU here that PyTorch .* Leave the device at 'cpu'"):
        Recipe(device="cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert Recipe(device="cuda").device == "cuda" and Recipe(device="cuda:0").device == "cuda:0"
    with pytest.raises(ValueError, match="PyTorch sees 1 GPU, counted from 0"):
        Recipe(device="cuda:1")
