"""A search that takes a moment: two samplers on a formula that stands in for a training run.

The formula has the shape of what lesson 21 records (one hill over the learning rate, colour
augmentation that helps, noise between validation and test), so that a lab can repeat whole searches
over many seeds. It says nothing about buildings.
"""

from __future__ import annotations

import math

import numpy as np

SAMPLERS = ("random", "tpe")
# About the distance between two seeds of one configuration in the recorded table.
NOISE = 0.03


def stand_in_iou(lr: float, weight_decay: float, width: int, colour: float) -> float:
    """Return the IoU, between 0 and 1, that the formula gives a configuration."""
    hill = math.exp(-(((math.log10(lr) + 2.3) / 0.9) ** 2))
    decay = 1 - 0.1 * (math.log10(weight_decay) + 3) ** 2 / 9
    wide = 0.88 if width == 16 else 1.0
    return 0.08 + 0.55 * hill * decay * wide * (0.45 + 0.55 * colour)


def search(sampler: str, seed: int, trials: int = 32) -> float:
    """Search with one of Optuna's samplers; return the test IoU of the configuration it chose.

    The choice is made on a noisy validation IoU, the result is the IoU without noise. Both samplers
    get the same noise for the same `seed`, and TPE draws its first ten configurations at random
    before it starts to learn.

    Raises
    ------
    ValueError
        If the sampler is not one of `SAMPLERS`.
    """
    import optuna

    if sampler not in SAMPLERS:
        raise ValueError(f"No sampler {sampler!r}. Expected one of {', '.join(SAMPLERS)}.")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    make = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}
    noise = np.random.default_rng(seed)

    def validation_iou(trial: optuna.Trial) -> float:
        test_iou = stand_in_iou(
            lr=trial.suggest_float("lr", 1e-4, 5e-2, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-6, 0.3, log=True),
            width=trial.suggest_categorical("width", [8, 12, 16]),
            colour=trial.suggest_float("colour", 0, 1),
        )
        trial.set_user_attr("test_iou", test_iou)
        return test_iou + noise.normal(0, NOISE)

    study = optuna.create_study(direction="maximize", sampler=make[sampler](seed=seed))
    study.optimize(validation_iou, n_trials=trials)
    return study.best_trial.user_attrs["test_iou"]
