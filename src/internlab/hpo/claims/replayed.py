"""What successive halving saves and keeps, replayed on the recorded curves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from internlab.claims import Measurement, claim
from internlab.hpo.analysis.curves import load_curves
from internlab.hpo.analysis.replay import (
    Asha,
    FullTraining,
    Recorded,
    Scheduler,
    TradeOff,
    draw_orders,
    replay,
    trade_off,
)

ORDERS, MORE_ORDERS = 1000, 2000
RUNS, WITHIN = 16, 0.02
ASHA = Asha(grace=4, reduction=2, max_t=16)


@claim(
    "hpo",
    "asha-replayed-cost",
    "ASHA (grace 4, eta 2) against random search, CPU-seconds, mean over 1,000 orders of 16 of the "
    "48 recorded configurations",
    at_most=0.7,
    unit="x",
)
def asha_cost() -> Measurement:
    """Return the mean ratio of CPU-seconds."""
    found, more = _trade_off(ORDERS), _trade_off(MORE_ORDERS)
    low, high = np.quantile(found.cost_ratio, [0.05, 0.95])
    return Measurement(
        found.mean_cost_ratio,
        f"90 % of orders {low:.2f} to {high:.2f}; over {MORE_ORDERS:,} orders "
        f"{more.mean_cost_ratio:.3f}",
    )


@claim(
    "hpo",
    "asha-replayed-kept",
    "ASHA against random search in the same orders, share in which the best validation IoU is kept "
    "within 0.02",
    at_least=0.9,
)
def asha_kept() -> Measurement:
    """Return the share of orders that lose at most 0.02."""
    found, more = _trade_off(ORDERS), _trade_off(MORE_ORDERS)
    return Measurement(
        found.kept(WITHIN),
        f"within 0.01: {found.kept(0.01):.3f}, largest loss {found.loss.max():.3f}; over "
        f"{MORE_ORDERS:,} orders {more.kept(WITHIN):.3f}",
    )


@claim(
    "hpo",
    "asha-replayed-greedy",
    "ASHA with grace 1 (eta 2), the same share",
    reported=True,
)
def greedy_kept() -> Measurement:
    """Return the share for a scheduler that trusts the first epoch."""
    found = trade_off(_pool(), Asha(grace=1, reduction=2, max_t=16), _orders(ORDERS))
    return Measurement(found.kept(WITHIN), f"CPU-seconds {found.mean_cost_ratio:.2f}x")


@claim(
    "hpo",
    "asha-replayed-test",
    "ASHA against random search in the same orders, test IoU of the chosen configuration, mean "
    "difference",
    reported=True,
)
def asha_test() -> Measurement:
    """Return how much better the configuration that ASHA chooses is on the test."""
    test = Recorded.from_frame(_random_runs(), "test_iou").values
    pool = _pool()

    def on_test(order: np.ndarray, scheduler: Scheduler) -> float:
        done = replay(pool, order, scheduler)
        return test[done.chosen, done.last_epoch[np.argmax(done.values)] - 1]

    orders = _orders(ORDERS)
    change = np.array([on_test(each, ASHA) - on_test(each, FullTraining()) for each in orders])
    same = float((change == 0).mean())
    return Measurement(
        float(change.mean()),
        f"the same configuration in {same:.3f} of the orders, in the others "
        f"{change.min():+.3f} to {change.max():+.3f}",
    )


def _random_runs() -> pd.DataFrame:
    curves = load_curves()
    return curves[curves.group == "random"]


def _pool() -> Recorded:
    return Recorded.from_frame(_random_runs())


def _orders(count: int) -> np.ndarray:
    return draw_orders(len(_pool().runs), RUNS, count, np.random.default_rng(0))


def _trade_off(count: int) -> TradeOff:
    return trade_off(_pool(), ASHA, _orders(count))
