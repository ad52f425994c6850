"""What lesson 40 says of the shortcut: how soon, what hides it and shows it, what a cure costs."""

from __future__ import annotations

from functools import cache

import numpy as np

from internlab.claims import Measurement, claim
from internlab.data.shortcuts import draw_portrait, hair_region, load, portrait_faces
from internlab.debias import stack
from internlab.debias.curves import curves_of, first_reaching
from internlab.debias.explain import Swap, heat_shares, swap_test
from internlab.debias.methods import METHODS
from internlab.debias.stack import Trained

SEEDS = (0, 1, 2)
CONTROL_SEEDS = (0, 1, 2, 3, 4, 5)
RATIO = 0.98
SWAPPED = 400  # faces of the test, drawn with either hair


@claim(
    "debias",
    "shortcut-first",
    "coloured MNIST 98 %, ERM: conflicting accuracy when aligned accuracy first reaches 0.9, "
    "highest of 3 seeds",
    at_most=0.5,
)
def shortcut_first() -> Measurement:
    """Look every five steps, as the lesson does."""
    curves = curves_of(_trained("erm", "coloured-mnist", SEEDS, range(0, 301, 5)))
    reached = first_reaching(curves.steps, curves.aligned, 0.9)
    if np.isnan(reached).any():
        return Measurement(1.0, "a seed does not reach 0.9 within 300 steps")
    at = np.searchsorted(curves.steps, reached)
    values = curves.conflicting[np.arange(len(SEEDS)), at]
    return Measurement(values.max(), f"steps {_listed(reached, '.0f')}: {_listed(values)}")


@claim(
    "debias",
    "average-hides",
    "portraits 98 %, ERM: validation accuracy minus unbiased test accuracy, lowest of 3 seeds",
    at_least=0.3,
)
def average_hides() -> Measurement:
    """Compare what a validation set from the same collection says with the test."""
    trained = _trained("erm", "portraits", SEEDS)
    validation = trained.runs.validation
    right = trained.predictions(validation.images) == validation.labels
    average, unbiased = right.double().mean(dim=1).numpy(), _unbiased(trained)
    return Measurement(
        (average - unbiased).min(),
        f"validation {_listed(average)}; unbiased {_listed(unbiased)}",
    )


@claim(
    "debias",
    "hair-decides",
    "portraits 98 %, ERM: share of test faces whose answer changes with the hair alone, lowest of "
    "3 seeds",
    at_least=0.7,
)
def hair_decides() -> Measurement:
    """Swap the hair of the same faces."""
    changed = _swap("erm").changed
    return Measurement(changed.min(), _listed(changed))


@claim(
    "debias",
    "hair-decides-less",
    "portraits 98 %: the same share with resampling, highest of 3 seeds",
    at_most=0.5,
)
def hair_decides_less() -> Measurement:
    """Swap the hair of the same faces for networks that were trained on even batches."""
    changed = _swap("resample").changed
    return Measurement(changed.max(), _listed(changed))


@claim(
    "debias",
    "heat-on-hair",
    "portraits 98 %, ERM, long hair: share of Grad-CAM on hair over its share of the area, second "
    "convolution, lowest of 3 seeds (last convolution, short hair and resampling in brackets)",
    reported=True,
    unit="x",
)
def heat_on_hair() -> Measurement:
    """Count the heat on the pixels that change with the hair."""
    faces = portrait_faces("test", 0, SWAPPED)
    region = np.stack([hair_region(face) for face in faces])
    found = {}
    for name in ("erm", "resample"):
        for hair, images in zip(("long", "short"), _either_hair(), strict=True):
            for convolution, where in ((1, "second"), (2, "last")):
                shares = heat_shares(
                    _trained(name, "portraits", SEEDS), images, region, convolution=convolution
                )
                found[name, hair, where] = shares / region.mean()
    told = "; ".join(f"{' '.join(key)} {_listed(values)}" for key, values in found.items())
    return Measurement(found["erm", "long", "second"].min(), told)


@claim(
    "debias",
    "resampling-on-the-control",
    "textured digits 98 %: unbiased accuracy of resampling minus ERM, mean of 6 seeds",
    reported=True,
)
def resampling_on_the_control() -> Measurement:
    """Pay for a remedy where nothing is wrong."""
    return _on_the_control("resample")


@claim(
    "debias",
    "lff-on-the-control",
    "textured digits 98 %: unbiased accuracy of LfF minus ERM, mean of 6 seeds",
    reported=True,
)
def lff_on_the_control() -> Measurement:
    """The same for the first method that is not told the bias."""
    return _on_the_control("lff")


def _on_the_control(name: str) -> Measurement:
    plain = _unbiased(_trained("erm", "textured-digits", CONTROL_SEEDS))
    gain = _unbiased(_trained(name, "textured-digits", CONTROL_SEEDS)) - plain
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return Measurement(gain.mean(), f"standard error {error:.3f}; {_listed(gain, '+.3f')}")


@cache
def _trained(name: str, data: str, seeds: tuple[int, ...], watch: range = range(0)) -> Trained:
    runs = stack.Runs.of([load(data, RATIO, seed) for seed in seeds])
    return stack.train(METHODS[name](), runs, stack.recipe_for(data), watch=watch)


@cache
def _swap(name: str) -> Swap:
    return swap_test(_trained(name, "portraits", SEEDS), *_either_hair())


@cache
def _either_hair() -> tuple[np.ndarray, np.ndarray]:
    """Return the same faces with long and with short hair."""
    faces = portrait_faces("test", 0, SWAPPED)
    long, short = (
        np.stack([draw_portrait(face, hair) for face in faces]) for hair in ("long", "short")
    )
    return long, short


def _unbiased(trained: Trained) -> np.ndarray:
    """Return the unbiased test accuracy of each run; NaN for one that failed."""
    scores = trained.scores("test")
    return np.array([np.nan if each is None else each.unbiased for each in scores])


def _listed(values: np.ndarray, form: str = ".3f") -> str:
    return ", ".join(f"{value:{form}}" for value in values)
