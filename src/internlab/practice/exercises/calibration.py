"""Lab 01: score forecasts, split a gap, seal a sheet, write guards, run a study."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.practice.exercises.calibration_gap import check_causes, check_seal
from internlab.practice.exercises.calibration_guards import check_alone, check_blind
from internlab.practice.exercises.calibration_scores import (
    check_brier,
    check_murphy,
    check_write_down,
)
from internlab.practice.exercises.calibration_study import check_suspects

lab = Lab(
    "practice.calibration",
    [
        Exercise(
            "brier",
            check_brier,
            hints=(
                "A question costs the square of the distance from the forecast to what happened.",
                "(probabilities - outcomes) ** 2 is one cost a question. What makes one number of "
                "them?",
                "np.mean((probabilities - outcomes) ** 2)",
            ),
        ),
        Exercise(
            "write_down",
            check_write_down,
            hints=(
                "With probability belief it is yes and you pay cost(p, 1), else cost(p, 0).",
                "Compute belief * cost(p, 1) + (1 - belief) * cost(p, 0) for many p between 0 and "
                "1.",
                "grid = np.linspace(0, 1, 1001); expected = [belief * cost(p, 1) + (1 - belief) * "
                "cost(p, 0) for p in grid]; return grid[np.argmin(expected)]",
            ),
        ),
        Exercise(
            "murphy",
            check_murphy,
            hints=(
                "Group the questions by their forecast. A group has a size, a forecast and a share "
                "of yes.",
                "Both sums are weighted by the size of the group and divided by the number of "
                "questions.",
                "for value in np.unique(forecasts): here = forecasts == value; share = "
                "outcomes[here].mean(); reliability += here.mean() * (value - share) ** 2; "
                "resolution += here.mean() * (share - outcomes.mean()) ** 2",
            ),
        ),
        Exercise(
            "causes",
            check_causes,
            hints=(
                "itertools.permutations(parts) gives every order in which the parts can be "
                "replaced.",
                "Go through an order with a growing set. What a part gains is the score with it "
                "minus the score just before.",
                "for order in permutations(parts): done = set(); for part in order: gain[part] += "
                "score(done | {part}) - score(done); done = done | {part}; divide by the number of "
                "orders at the end.",
            ),
        ),
        Exercise(
            "seal",
            check_seal,
            hints=(
                "First one text that holds every name with its forecast, always in the same order.",
                "json.dumps(forecasts, sort_keys=True) is such a text. hashlib.sha256 wants bytes: "
                "text.encode().",
                "hashlib.sha256(json.dumps(forecasts, sort_keys=True).encode()).hexdigest()",
            ),
        ),
        Exercise(
            "blind",
            check_blind,
            hints=(
                "Call choose twice. What must differ between the two calls, and what not?",
                "Make copies of rows and labels in which everything of the test (~train) is "
                "something else: values and labels.",
                "other = rows.copy(); other[~train] = 100 * rng.normal(size=other[~train].shape); "
                "flipped = np.where(train, labels, 1 - labels); compare choose(rows, labels, "
                "train) with choose(other, flipped, train).",
            ),
        ),
        Exercise(
            "alone",
            check_alone,
            hints=(
                "An image without company is a batch of one: images[i : i + 1].",
                "Ask for every image by itself, and for all together. Then compare, with some "
                "room for rounding.",
                "one_by_one = np.concatenate([predict(images[i : i + 1]) for i in "
                "range(len(images))]); np.allclose(one_by_one, predict(images), atol=1e-4)",
            ),
        ),
        Exercise(
            "suspects",
            check_suspects,
            hints=(
                "measure(seed) gives two accuracies for one seed. Subtract within the seed.",
                "The standard error is the standard deviation of the differences, with ddof=1, "
                "over the square root of their number.",
                "differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}, "
                "then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/01_hypothesis.ipynb",
)
check, hint = lab.check, lab.hint
