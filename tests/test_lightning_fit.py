"""Training runs quietly, ends on its own or by Ctrl-C, and goes on from a checkpoint."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, TensorDataset

from internlab.lightning_fit import fit_quietly, quiet_trainer


class Line(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.zeros(1))

    def training_step(self, batch, index):
        (x,) = batch
        return ((self.slope * x - 2 * x) ** 2).mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.5)


class Points(pl.LightningDataModule):
    def train_dataloader(self):
        return DataLoader(TensorDataset(torch.linspace(-1, 1, 8)[:, None]), batch_size=4)


def test_it_trains_prints_nothing_and_leaves_no_file(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    module = Line()
    assert fit_quietly(quiet_trainer("cpu", max_epochs=30), module, Points())
    assert abs(module.slope.item() - 2) < 0.05
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_gone_on_from_to_the_same_end(tmp_path):
    whole = Line()
    fit_quietly(quiet_trainer("cpu", max_epochs=4), whole, Points())
    half = quiet_trainer("cpu", max_epochs=2)
    fit_quietly(half, Line(), Points())
    half.save_checkpoint(tmp_path / "half.ckpt")
    resumed = Line()
    fit_quietly(quiet_trainer("cpu", max_epochs=4), resumed, Points(), tmp_path / "half.ckpt")
    assert torch.equal(resumed.slope, whole.slope)


def test_an_error_of_the_module_passes_through():
    class Broken(Line):
        def training_step(self, batch, index):
            raise RuntimeError("the loss is broken")

    with pytest.raises(RuntimeError, match="the loss is broken"):
        fit_quietly(quiet_trainer("cpu", max_epochs=1), Broken(), Points())


CTRL_C = """
import os, signal
from test_lightning_fit import Line, Points
from internlab.lightning_fit import fit_quietly, quiet_trainer

class Interrupted(Line):
    def training_step(self, batch, index):
        if self.trainer.global_step == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return super().training_step(batch, index)

print(fit_quietly(quiet_trainer("cpu", max_epochs=9), Interrupted(), Points()))
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGINT cannot be sent to a process on Windows")
def test_ctrl_c_ends_training_and_still_works_afterwards():
    done = subprocess.run(
        [sys.executable, "-c", CTRL_C],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.split() == ["False", "True"], done.stderr
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
