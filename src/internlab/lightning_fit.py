"""Run Lightning's training loop quietly, and give Ctrl-C back to the notebook."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from internlab.quiet import quiet

# Their advice is on worker processes, loggers and accelerators that these runs do without.
_LOGGERS = ("pytorch_lightning", "pytorch_lightning.utilities.rank_zero")


def quiet_trainer(device: Any, **options: Any) -> pl.Trainer:
    """Return a Lightning trainer on one device, without loggers, bars, tables or files.

    Parameters
    ----------
    device : torch.device or str
        ``"cpu"`` or ``"cuda"``.
    **options
        Passed on to `pytorch_lightning.Trainer`.
    """
    with quiet(*_LOGGERS, level=logging.ERROR):
        return pl.Trainer(
            accelerator="gpu" if str(device).startswith("cuda") else "cpu",
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            **options,
        )


def fit_quietly(
    trainer: pl.Trainer,
    module: pl.LightningModule,
    data: pl.LightningDataModule,
    checkpoint: Path | None = None,
) -> bool:
    """Train, and say whether training reached its end; False after Ctrl-C.

    Lightning turns Ctrl-C into an exit and leaves SIGINT ignored; a notebook wants neither. A
    termination from outside is an exit too, and stays one.

    Parameters
    ----------
    trainer, module, data
        As for `pytorch_lightning.Trainer.fit`.
    checkpoint : Path, optional
        Written by ``trainer.save_checkpoint``; training goes on from it. It is unpickled, so it
        must be a file of your own.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    on_interrupt = signal.getsignal(signal.SIGINT)
    with quiet(*_LOGGERS, level=logging.ERROR):
        try:
            trainer.fit(module, data, ckpt_path=checkpoint, weights_only=False)
        except SystemExit as stop:
            if not isinstance(stop.__context__, KeyboardInterrupt):
                raise
            if main_thread:
                signal.signal(signal.SIGINT, on_interrupt)
            return False
    return True
