"""The claims of lesson 06: requirements, the receiver, the front, and the cost of a late change."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from internlab.claims import Measurement, claim
from internlab.practice.handover import cards, desk, digits, faults, front, lifecycle

TRACK = "practice"


def _digits(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the model file of the digits, and its whole card."""
    model = digits.write_model(folder / "digits.onnx")
    return model, cards.model_card(digits.record(model), digits.STATED)


@claim(
    TRACK,
    "receiver-every-fact",
    "cards with one fact removed that the receiver, in a process of its own, serves or refuses "
    "without naming the fact; every fact is tried",
    equals=0,
    unit="cards",
)
def receiver_every_fact() -> Measurement:
    """Remove each fact of the digits' card in turn."""
    with tempfile.TemporaryDirectory() as place:
        model, card = _digits(Path(place))
        slipped, tried = [], 0
        for fact, broken in faults.each_removed(card):
            verdict = desk.deliver(desk.pack(Path(place) / "parcel", model, broken))
            tried += 1
            if verdict.served or verdict.facts != [fact]:
                slipped.append(fact)
    return Measurement(len(slipped), f"{tried} facts tried{': ' * bool(slipped)}{slipped or ''}")


@claim(
    TRACK,
    "receiver-wrong-fact",
    "cards with one wrong fact that the receiver serves or refuses without naming the fact",
    equals=0,
    unit="cards",
)
def receiver_wrong_fact() -> Measurement:
    """Change each fact that a run can disprove to a common mistake."""
    with tempfile.TemporaryDirectory() as place:
        model, card = _digits(Path(place))
        slipped, tried = [], 0
        for fact, broken in faults.each_mistaken(card):
            verdict = desk.deliver(desk.pack(Path(place) / "parcel", model, broken))
            tried += 1
            if verdict.served or fact not in verdict.facts:
                slipped.append(fact)
    return Measurement(len(slipped), f"{tried} mistakes tried{': ' * bool(slipped)}{slipped or ''}")


@claim(
    TRACK,
    "receiver-whole-card",
    "largest difference between the probabilities of a service built from the whole card and the "
    "sender's own",
    at_most=1e-6,
)
def receiver_whole_card() -> Measurement:
    """Serve the digits from their folder, and ask for the test image and 100 others."""
    with tempfile.TemporaryDirectory() as place:
        model, card = _digits(Path(place))
        parcel = desk.pack(Path(place) / "parcel", model, card)
        with desk.serving(parcel) as service:
            images = digits.test_images()[:101]
            gaps = [np.abs(service.ask(each) - digits.probabilities(each)).max() for each in images]
    return Measurement(float(max(gaps)), f"{len(gaps)} images; on the test image {gaps[0]:.1e}")


@claim(
    TRACK,
    "receiver-on-trust",
    "facts of the card that the receiver takes on trust: a false but well-formed value is served",
    reported=True,
    unit="facts",
)
def receiver_on_trust() -> Measurement:
    """Replace each text, and each number of the metric, by another of the same form."""
    with tempfile.TemporaryDirectory() as place:
        model, card = _digits(Path(place))
        trusted = []
        for fact, value in cards.facts_of(card):
            false = _another(fact, value)
            broken = faults.changed(card, fact, false)
            if desk.examine(desk.pack(Path(place) / "parcel", model, broken)).served:
                trusted.append(fact)
    return Measurement(len(trusted), ", ".join(trusted))


def _another(fact: str, value: Any) -> Any:
    """Return a false value that looks like the right one."""
    if fact.endswith("sha256"):
        return value[::-1]
    if fact == "file.runtime":
        return "onnxruntime>=1.0"
    if fact == "metric.value":
        return round(value + 0.001, 4)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return value * 1.01 if isinstance(value, float) and value < 0.99 else value + 1
    if isinstance(value, list):
        return [_another("", each) for each in value]
    return str(value) + " too"


@claim(
    TRACK,
    "front-by-hand",
    "options on which the Pareto front and a comparison of every pair in a plain loop differ, "
    "2,000 random sets with ties",
    equals=0,
    unit="options",
)
def front_by_hand() -> Measurement:
    """Compare `front` with the definition, written as a loop."""
    rng = np.random.default_rng(0)
    different = total = 0
    for _ in range(2000):
        count = int(rng.integers(1, 9))
        cost, score = rng.integers(0, 5, (2, count))
        found = front.front(cost, score)
        for i in range(count):
            beaten = any(
                cost[j] <= cost[i]
                and score[j] >= score[i]
                and (cost[j], score[j]) != (cost[i], score[i])
                for j in range(count)
            )
            different += bool(found[i]) == beaten
            total += 1
    return Measurement(different, f"{total} options")


@claim(
    TRACK,
    "late-change-closed-form",
    "largest difference between simulated and expected cost of a late change, in standard errors, "
    "over 27 sets of assumptions",
    at_most=4,
    unit="standard errors",
)
def late_change_closed_form() -> Measurement:
    """Simulate 20,000 misunderstandings for each set; the closed form knows nothing of it."""
    rng = np.random.default_rng(0)
    gaps = []
    for efforts, chance, touched in itertools.product((0, 1, 2), (0.1, 0.4, 0.8), (0.05, 0.5, 1)):
        stages = tuple(
            lifecycle.Stage(each.name, (1.0, each.effort, number + 1.0)[efforts], chance)
            for number, each in enumerate(lifecycle.STAGES)
        )
        _, cost = lifecycle.simulate(20_000, rng, stages, touched)
        error = cost.std() / np.sqrt(len(cost))
        gaps.append(abs(cost.mean() - lifecycle.expected_cost(stages, touched)) / error)
    return Measurement(float(max(gaps)), f"{len(gaps)} sets, 20,000 runs each")
