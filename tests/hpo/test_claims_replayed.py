"""The claims on replayed searches hold their bars, and would not on other curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from internlab import claims
from internlab.hpo.claims import replayed


def curves(values):
    """A table of 48 runs of 16 epochs, one CPU-second each."""
    rows = [
        {
            "run": f"random-{run:02d}",
            "group": "random",
            "epoch": epoch,
            "validation_iou": value,
            "test_iou": value / 2,
            "cpu_seconds": epoch,
        }
        for run, curve in enumerate(values)
        for epoch, value in enumerate(curve, start=1)
    ]
    return pd.DataFrame(rows)


def test_the_bars_are_those_of_the_track():
    known = claims.of_track("hpo")
    assert str(known["asha-replayed-cost"].bar) == "at most 0.7 x"
    assert str(known["asha-replayed-kept"].bar) == "at least 0.9"


def test_the_shipped_curves_hold_them():
    assert replayed.asha_cost().value <= 0.7
    assert replayed.asha_kept().value >= 0.9
    assert replayed.greedy_kept().value < replayed.asha_kept().value
    assert abs(replayed.asha_test().value) < 0.02


def test_curves_that_keep_their_order_cost_least_and_lose_nothing(monkeypatch):
    values = np.linspace(0, 1, 48)[:, None] * np.arange(1, 17) / 16
    monkeypatch.setattr(replayed, "load_curves", lambda: curves(values))
    assert replayed.asha_kept().value == 1
    assert replayed.asha_test().value == 0
    # Of 16 about half stop at epoch 4, a quarter at 8; the first ones go on whatever they are.
    assert 0.45 < replayed.asha_cost().value < 0.65


def test_curves_that_turn_round_late_are_lost(monkeypatch):
    slopes = np.linspace(0, 1, 48)[:, None]
    epochs = np.arange(1, 17)
    values = np.where(epochs <= 8, (1 - slopes) * epochs / 16, slopes * epochs / 16)
    monkeypatch.setattr(replayed, "load_curves", lambda: curves(values))
    assert replayed.asha_kept().value < 0.3
    assert replayed.asha_test().value == pytest.approx(-replayed_loss() / 2)


def replayed_loss():
    return replayed._trade_off(replayed.ORDERS).loss.mean()
