"""Training: matching patches, a budget that is kept, the same numbers again, and Ctrl-C."""

import itertools
import logging
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.data.scenes import draw_scene
from internlab.superres.arrays import to_image
from internlab.superres.degrade import downscale
from internlab.superres.evaluate import as_upscaler, evaluate, mean_gain
from internlab.superres.model import RepSR
from internlab.superres.training import Budget, PatchPairs, PatchStream, SuperResolution, train

few = settings(max_examples=10)
LOGGERS = [logging.getLogger(f"pytorch_lightning{part}") for part in ("", ".utilities.rank_zero")]


def small_network(seed=0, scale=2):
    torch.manual_seed(seed)
    return RepSR(scale, channels=4, blocks=1)


def noise(height, width, seed=0):
    """Random grey levels away from the ends, so that shrinking never clips."""
    return np.random.default_rng(seed).integers(80, 176, (height, width, 3), dtype=np.uint8)


def positions(side):
    """An image whose pixel tells where it is: red its row, green its column, in low pixels."""
    row, column = np.mgrid[:side, :side] // 2
    return np.stack([row, column, np.zeros_like(row)], axis=2).astype(np.uint8)


def take(stream, count):
    return list(itertools.islice(stream, count))


def weights(network):
    return torch.cat([each.detach().flatten() for each in network.parameters()])


# Patches


@given(st.integers(2, 4), st.integers(0, 10**6))
@few
def test_a_low_patch_is_the_shrunken_high_patch(scale, seed):
    images = {"a": noise(80, 67, seed), "b": noise(49, 91, seed + 1)}
    stream = PatchStream(images, scale, patch=12 * scale, batch=6, seed=seed)
    low, high = next(iter(stream))
    assert low.shape == (6, 3, 12, 12) and low.dtype == torch.float32
    assert high.shape == (6, 3, 12 * scale, 12 * scale) and high.dtype == torch.float32
    for small, large in zip(low, high, strict=True):
        shrunken = downscale(to_image(large[None]), scale).astype(int)
        # The filter reaches two low pixels over the patch's edge.
        difference = (to_image(small[None]) - shrunken)[2:-2, 2:-2]
        # A turned patch was filtered columns first, which rounds differently.
        assert np.abs(difference).max() <= 2


def test_low_and_high_patches_turn_together_to_all_eight_sides():
    stream = PatchStream({"a": positions(120)}, 2, patch=16, batch=64, seed=0)
    sides = set()
    for low, high in take(stream, 3):
        blocks = torch.nn.functional.avg_pool2d(high, 2)
        # Near the border of the whole image the shrunken ramp bends by a grey level.
        assert (low - blocks).abs().max() * 255 <= 1.01
        for patch in blocks * 255:
            down, right = patch[:2, 1, 0] - patch[:2, 0, 0], patch[:2, 0, 1] - patch[:2, 0, 0]
            sides.add((*down.round().int().tolist(), *right.round().int().tolist()))
    assert len(sides) == 8
    assert all(abs(a) + abs(b) == 1 and abs(a) == abs(d) for a, b, c, d in sides)


def test_patches_come_from_the_whole_image_with_its_edges():
    stream = PatchStream({"a": positions(40)}, 2, patch=32, batch=64, seed=0)
    high = torch.cat([high for _, high in take(stream, 3)]) * 255
    assert high[:, :2].amin(dim=(2, 3)).amin(dim=0).round().tolist() == [0, 0]
    assert high[:, :2].amax(dim=(2, 3)).amax(dim=0).round().tolist() == [19, 19]


def test_an_image_is_drawn_by_the_root_of_its_area():
    dark, bright = np.zeros((64, 64, 3), np.uint8), np.full((192, 192, 3), 255, np.uint8)
    stream = PatchStream({"dark": dark, "bright": bright}, 2, patch=8, batch=500, seed=0)
    share = float(torch.cat([high for _, high in take(stream, 4)]).mean())
    assert share == pytest.approx(192 / (192 + 64), abs=0.05)


def test_one_seed_is_one_stream_and_can_be_read_again():
    images = {"a": noise(60, 70)}
    stream = PatchStream(images, 2, 16, 4, seed=5)
    first = take(stream, 3)
    for again in (take(stream, 3), take(PatchStream(images, 2, 16, 4, seed=5), 3)):
        for (low, high), (low_again, high_again) in zip(first, again, strict=True):
            assert torch.equal(low, low_again) and torch.equal(high, high_again)
    other = take(PatchStream(images, 2, 16, 4, seed=6), 1)
    assert not torch.equal(first[0][1], other[0][1])


def test_the_loader_passes_the_stream_through():
    data = PatchPairs({"a": noise(64, 64)}, patch=16, batch=3, seed=2)
    low, high = next(iter(data.train_dataloader()))
    wanted_low, wanted_high = next(iter(data.stream))
    assert torch.equal(low, wanted_low) and torch.equal(high, wanted_high)


@pytest.mark.parametrize(
    ("images", "patch", "named"),
    [
        ({}, 16, "no image"),
        ({"tiny": noise(64, 15)}, 16, "'tiny' has 64 x 15"),
        ({"a": noise(64, 64)}, 15, "not a multiple of the scale"),
        ({"a": noise(64, 64)[..., 0]}, 16, "uint8"),
    ],
)
def test_images_that_cannot_be_cut_are_refused(images, patch, named):
    with pytest.raises(ValueError, match=named):
        PatchStream(images, 2, patch, 4, seed=0)


def test_an_image_of_odd_sides_is_used_without_its_last_line():
    low, high = next(iter(PatchStream({"a": noise(17, 17)}, 2, 16, 2, seed=0)))
    assert low.shape[2:] == (8, 8) and high.shape[2:] == (16, 16)


# The loss


def test_the_loss_is_the_mean_absolute_error():
    module = SuperResolution(small_network())
    low, high = torch.rand(2, 3, 6, 6), torch.rand(2, 3, 12, 12)
    with torch.inference_mode():
        expected = (module.network(low) - high).abs().mean()
        torch.testing.assert_close(module.training_step((low, high), 0), expected)


def test_the_frozen_skip_is_not_learned():
    module = SuperResolution(small_network())
    learned = [
        each for group in module.configure_optimizers().param_groups for each in group["params"]
    ]
    assert all(each is not module.network.skip.weight for each in learned)
    assert len(learned) == len(list(module.network.parameters())) - 1


# The budget


def rates(budget, steps, learning_rate=1.0):
    """Return the learning rate that `budget` sets at each of `steps` steps."""
    trainer = SimpleNamespace(
        global_step=0, optimizers=[SimpleNamespace(param_groups=[{"lr": -1.0}])], should_stop=False
    )
    module = SimpleNamespace(learning_rate=learning_rate)
    budget.on_train_start(trainer, module)
    seen = []
    for index in range(steps):
        assert not trainer.should_stop
        budget.on_train_batch_start(trainer, module, None, index)
        seen.append(trainer.optimizers[0].param_groups[0]["lr"])
        trainer.global_step += 1
        budget.on_train_batch_end(trainer, module)
    assert trainer.should_stop
    return seen


def test_the_rate_rises_over_fifty_steps_and_falls_to_a_hundredth():
    seen = rates(Budget(steps=1000), 1000, learning_rate=2.0)
    assert seen[0] == pytest.approx(2 / 50)
    assert np.all(np.diff(seen[:50]) > 0)
    assert np.all(np.diff(seen[50:]) < 0)
    assert max(seen) == pytest.approx(2, rel=0.01)
    assert seen[500] == pytest.approx(2 * (0.01 + 0.99 / 2))
    assert seen[-1] == pytest.approx(0.02, rel=0.01)


@given(st.integers(1, 400), st.floats(1e-5, 1))
@few
def test_any_number_of_steps_is_kept_at_positive_rates(steps, learning_rate):
    seen = rates(Budget(steps=steps), steps, learning_rate)
    assert all(0 < rate <= learning_rate for rate in seen)


def test_cpu_seconds_are_counted_from_the_start_of_training(monkeypatch):
    clock = iter([100.0, 100.0, 104.9, 104.9, 110.0])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    seen = rates(Budget(cpu_seconds=10), 2)
    assert len(seen) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"cpu_seconds": 1, "steps": 1},
        {"cpu_seconds": 0},
        {"steps": 0},
        {"steps": -5},
        {"cpu_seconds": float("nan")},
        {"cpu_seconds": 0, "steps": 5},
    ],
)
def test_exactly_one_positive_budget_is_accepted(arguments):
    with pytest.raises(ValueError, match="exactly one"):
        Budget(**arguments)


# Training as a whole


def count_steps(monkeypatch):
    """Return a list that grows by one at each optimiser step."""
    done = []
    step = torch.optim.Adam.step

    def counted(self, *arguments, **options):
        done.append(1)
        return step(self, *arguments, **options)

    monkeypatch.setattr(torch.optim.Adam, "step", counted)
    return done


def test_as_many_steps_are_made_as_were_asked_for(monkeypatch):
    done = count_steps(monkeypatch)
    train({"a": noise(64, 64)}, seed=0, steps=7, network=small_network())
    assert len(done) == 7


def test_training_ends_soon_after_its_cpu_seconds():
    before = time.process_time()
    train({"a": noise(64, 64)}, seed=0, cpu_seconds=0.3, network=small_network())
    # At least the budget; the rest is setting up, which no budget covers.
    assert time.process_time() - before >= 0.3


def test_one_seed_gives_the_same_bits_whatever_the_global_state():
    images = {"a": noise(64, 64)}
    results = []
    for global_seed, seed in ((1, 0), (2, 0), (1, 3)):
        torch.manual_seed(global_seed)
        np.random.seed(global_seed)
        results.append(weights(train(images, seed=seed, steps=5)))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_the_result_is_ready_to_be_used():
    network = train({"a": noise(64, 64)}, seed=0, steps=2, network=small_network())
    assert not network.training
    assert next(network.parameters()).device.type == "cpu"
    before = small_network()
    assert torch.equal(network.skip.weight, before.skip.weight)
    assert not torch.equal(network.tail.weight, before.tail.weight)


def test_a_short_training_beats_bicubic_on_stripes():
    """Slanted hard-edged stripes: bicubic blurs every edge, and all edges are alike."""
    y, x = np.mgrid[:96, :96]
    stripes = np.where((2 * x + y) % 24 < 12, 60, 190).astype(np.uint8)
    images = {"stripes": np.repeat(stripes[..., None], 3, axis=2)}
    torch.manual_seed(0)
    network = RepSR(channels=8, blocks=2)
    untrained = mean_gain(evaluate(as_upscaler(network), images))
    trained = train(images, seed=0, steps=150, network=network)
    gain = mean_gain(evaluate(as_upscaler(trained), images))
    assert gain > 1.0
    assert gain > untrained + 1.0


def test_another_scale_is_trained():
    image = draw_scene(96, 96, np.random.default_rng(0))
    # A patch has 64 pixels a side, which a scale of 4 divides.
    network = train({"a": image}, seed=0, steps=2, scale=4)
    assert as_upscaler(network)(image[:8, :9]).shape == (32, 36, 3)


def interrupt_at(monkeypatch, step, raise_it):
    """Call `raise_it` at the end of a step, where a learner's Ctrl-C may come."""
    ended = Budget.on_train_batch_end

    def interrupting(self, trainer, module, *others):
        ended(self, trainer, module, *others)
        if trainer.global_step == step:
            raise_it()

    monkeypatch.setattr(Budget, "on_train_batch_end", interrupting)


# In a process of its own: a real signal is delivered to a process, and this one has many threads of
# other libraries by now.
CTRL_C = """
import os, signal, sys
import numpy as np
from internlab.superres.evaluate import as_upscaler
from internlab.superres.model import RepSR
from internlab.superres.training import Budget, train

def learners_own(number, frame):
    raise KeyboardInterrupt

def press_ctrl_c(self, trainer, *others, **named):
    if trainer.global_step == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, learners_own)
setattr(Budget, sys.argv[1], press_ctrl_c)
network = RepSR(channels=4, blocks=1)
before = network.tail.weight.detach().clone()
image = np.random.default_rng(0).integers(80, 176, (64, 64, 3), dtype=np.uint8)
network = train({"a": image}, seed=0, steps=1000, network=network)
assert signal.getsignal(signal.SIGINT) is learners_own
assert not network.training
assert as_upscaler(network)(image[:8, :8]).shape == (16, 16, 3)
print("moved" if (network.tail.weight != before).any() else "unmoved")
"""


@pytest.mark.parametrize(
    ("hook", "step", "weights"), [("on_train_batch_end", 3, "moved"), ("setup", 0, "unmoved")]
)
def test_ctrl_c_keeps_the_weights_and_a_working_ctrl_c(hook, step, weights):
    done = subprocess.run(
        [sys.executable, "-c", CTRL_C, hook, str(step)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert f"Stopped after {step} steps" in done.stdout
    assert done.stdout.split()[-1] == weights


@pytest.mark.parametrize("error", [RuntimeError("the disk is full"), SystemExit(3)])
def test_another_end_is_not_mistaken_for_ctrl_c(monkeypatch, error):
    def fail():
        raise error

    interrupt_at(monkeypatch, 2, fail)
    with pytest.raises(type(error)) as caught:
        train({"a": noise(64, 64)}, seed=0, steps=5, network=small_network())
    assert caught.value is error


@pytest.fixture
def lightning_said(monkeypatch):
    """What Lightning logs at INFO and above."""
    said = []
    listener = logging.Handler()
    listener.emit = lambda record: said.append(record.getMessage())
    monkeypatch.setattr(logging.getLogger("pytorch_lightning"), "handlers", [listener])
    before = [(each, each.level) for each in LOGGERS]
    for each in LOGGERS:
        each.setLevel(logging.INFO)
    yield said
    for each, level in before:
        each.setLevel(level)


def test_lightning_is_quiet_while_it_trains_and_as_before_afterwards(
    lightning_said, capsys, recwarn
):
    train({"a": noise(64, 64)}, seed=0, steps=1, network=small_network())
    assert lightning_said == []
    assert capsys.readouterr().out == ""
    assert not recwarn.list
    assert [each.level for each in LOGGERS] == [logging.INFO, logging.INFO]
