"""What lesson 32 says about regions, base rates and leaderboards, with networks of three seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from internlab.claims import Measurement, claim
from internlab.data.streets import CLASSES, street_set
from internlab.ood.dense.collecting import collect, gather_statistics
from internlab.ood.dense.ladder import SCENES_FOR_STATISTICS
from internlab.ood.dense.standardised import CleanUp, StandardizedMaxLogit, predicted_classes
from internlab.ood.dense.trained import trained_network
from internlab.ood.detectors import MSP, MaxLogit
from internlab.ood.metrics import average_precision, evaluate
from internlab.ood.protocol.image_counts import ImageCounts
from internlab.ood.protocol.prevalence import average_precision_at, thinned
from internlab.ood.protocol.regions import pixels, road_only, whole_image
from internlab.ood.protocol.replays import replay
from internlab.ood.protocol.settings import START, draw

SEEDS = (0, 1, 2)
TRIES, BOARDS = 24, 400
FEW, SOME, MANY = 5, 10, 60  # public images
SETS = ("animals", "photos", "fog-animals", "validation-objects")


@dataclass(frozen=True)
class Measured:
    """What one network's outputs give.

    Parameters
    ----------
    maps : dict
        Score maps (N, H, W) of the animal scenes for each detector.
    counts : dict
        For each set, the counts of all submissions: the start, `TRIES` settings without class
        offsets and `TRIES` with them.
    """

    maps: dict[str, np.ndarray]
    counts: dict[str, list[ImageCounts]]


@claim(
    "ood",
    "region-changes-the-winner",
    "networks of 3 whose best detector by AP (MSP, MaxLogit, SML, SML with both steps) is another "
    "one on the road than on the whole image",
    reported=True,
)
def region_changes_the_winner() -> Measurement:
    """Rank the same score maps in both regions."""
    labels = street_set("animals").labels
    regions = (whole_image(labels), road_only(labels))
    changed, told = 0, []
    for seed in SEEDS:
        maps = _measured(seed).maps
        best = []
        for inside in regions:
            ap = {
                name: evaluate(*pixels(labels, score, inside)).average_precision
                for name, score in maps.items()
            }
            best.append(max(ap, key=ap.__getitem__))
        changed += best[0] != best[1]
        told.append(f"{best[0]} and {best[1]}")
    return Measurement(changed, "whole image and road: " + "; ".join(told))


@claim(
    "ood",
    "base-rate-formula",
    "AP at another base rate by formula against AP of pixels thinned at random, largest difference",
    at_most=0.005,
)
def base_rate_formula() -> Measurement:
    """Thin the pixels of the animal scenes to a fifth and to a twentieth of their anomalies."""
    labels = street_set("animals").labels
    rng = np.random.default_rng(0)
    worst, told = 0.0, []
    for seed in SEEDS:
        asked = pixels(labels, _measured(seed).maps["SML with both steps"], whole_image(labels))
        for share in (5, 20):
            rate = float(asked[0].mean()) / share
            drawn = []
            for _ in range(3):
                kept = thinned(asked[0], rate, rng)
                drawn.append(average_precision(asked[0][kept], asked[1][kept]))
            off = abs(float(np.mean(drawn)) - average_precision_at(*asked, rate))
            worst = max(worst, off)
            told.append(f"{np.mean(drawn):.4f} at {rate:.2%}")
    return Measurement(worst, ", ".join(told))


@claim(
    "ood",
    "ap-with-a-tenth-of-the-anomalies",
    "AP of SML with both steps with a tenth of the anomalies, as a share of its AP",
    reported=True,
    unit="x",
)
def a_tenth_of_the_anomalies() -> Measurement:
    """Return the largest share of the three networks."""
    labels = street_set("animals").labels
    shares = []
    for seed in SEEDS:
        asked = pixels(labels, _measured(seed).maps["SML with both steps"], whole_image(labels))
        rate = float(asked[0].mean())
        shares.append(average_precision_at(*asked, rate / 10) / average_precision_at(*asked, rate))
    return Measurement(max(shares), _list(shares))


@claim(
    "ood",
    "leaderboard-few-images",
    f"public gain that is not there on the hidden images: {FEW} public ones, {TRIES} submissions "
    f"with class offsets, mean of {BOARDS} boards, least of 3 networks",
    at_least=0.02,
    unit="AP",
)
def few_public_images() -> Measurement:
    """Let the public half choose among settings with eight more free numbers."""
    return _vanishing(FEW, min)


@claim(
    "ood",
    "leaderboard-many-images",
    f"the same with {MANY} public images, most of 3 networks",
    reported=True,
    unit="AP",
)
def many_public_images() -> Measurement:
    """The same with half of the images in public."""
    return _vanishing(MANY, max)


@claim(
    "ood",
    "leaderboard-elsewhere",
    f"settings that lead on {SOME} public animal scenes: their gain over the start on photographed "
    "objects minus that on hidden animals, most of 3 networks",
    reported=True,
    unit="AP",
)
def leaderboard_elsewhere() -> Measurement:
    """Take what the public half chose among all submissions to things nobody tuned on."""
    moved, told = [], []
    for seed in SEEDS:
        counts = _measured(seed).counts
        boards = replay(counts["animals"], SOME, BOARDS, np.random.default_rng(0))
        leaders = boards.public.argmax(axis=1)
        gains = boards.of_choice(leaders)
        photos, fog = (_gained(counts[name])[leaders].mean() for name in ("photos", "fog-animals"))
        moved.append(float(photos - gains.hidden.mean()))
        told.append(
            f"public {gains.public.mean():+.3f}, hidden {gains.hidden.mean():+.3f}, photos "
            f"{photos:+.3f}, in fog {fog:+.3f}"
        )
    return Measurement(max(moved), "; ".join(told))


@claim(
    "ood",
    "validation-elsewhere",
    f"the best of {2 * TRIES} settings on validation-objects: its gain over the start on animals, "
    "most of 3 networks",
    reported=True,
    unit="AP",
)
def validation_elsewhere() -> Measurement:
    """Let the validation scenes with objects choose among all submissions."""
    on_animals, told = [], []
    for seed in SEEDS:
        counts = _measured(seed).counts
        chosen = int(_gained(counts["validation-objects"]).argmax())
        gains = {name: float(_gained(counts[name])[chosen]) for name in SETS}
        on_animals.append(gains["animals"])
        told.append(", ".join(f"{name} {gains[name]:+.3f}" for name in SETS[::-1]))
    return Measurement(max(on_animals), "; ".join(told))


def _gained(counts: list[ImageCounts]) -> np.ndarray:
    ap = np.array([each.scores().average_precision for each in counts])
    return ap - ap[0]


def _vanishing(public: int, worst: Callable[[list[float]], float]) -> Measurement:
    vanished, told = [], []
    for seed in SEEDS:
        counts = _measured(seed).counts["animals"]
        with_offsets = [counts[0], *counts[TRIES + 1 :]]
        boards = replay(with_offsets, public, BOARDS, np.random.default_rng(0))
        gains = boards.of_choice(boards.public.argmax(axis=1))
        vanished.append(float(gains.vanished.mean()))
        told.append(f"{gains.public.mean():+.3f} in public, {gains.hidden.mean():+.3f} hidden")
    return Measurement(worst(vanished), "; ".join(told))


@cache
def _measured(seed: int) -> Measured:
    network = trained_network(seed).network
    train = street_set("train", SCENES_FOR_STATISTICS)
    moments = gather_statistics(network, train.images).moments()
    rng = np.random.default_rng(seed)
    entries = [START, *(draw(rng) for _ in range(TRIES))]
    entries += [draw(rng, classes=len(CLASSES)) for _ in range(TRIES)]
    counts, maps = {}, {}
    for name in SETS:
        scenes = street_set(name)
        outputs = collect(network, scenes.images)
        counts[name] = [
            ImageCounts.of(scenes.labels, each.score(outputs.logits, moments)) for each in entries
        ]
        if name == "animals":
            sml = StandardizedMaxLogit(moments).score(outputs)
            found = {
                "MSP": MSP().score(outputs),
                "MaxLogit": MaxLogit().score(outputs),
                "SML": sml,
                "SML with both steps": CleanUp()(sml, predicted_classes(outputs.logits)),
            }
            maps = {key: value.numpy() for key, value in found.items()}
    return Measured(maps, counts)


def _list(values: list[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
