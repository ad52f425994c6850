"""Lab 05: gaps of a card, a verdict, kappa, data needed, a climb, and whether a gain grows."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.practice.exercises.reading_checks import check_climb, check_gaps, check_verdict
from internlab.practice.exercises.reading_given import measure
from internlab.practice.exercises.reading_numbers import check_kappa, check_needed
from internlab.study import Study


def _growth(seed: int) -> float:
    small, large = measure(seed)
    return large - small


def _slips(seed: int) -> list[tuple[float, str]]:
    small, large = measure(seed)
    return [
        (large, "Yours is the gain on the larger set alone. Compared with what?"),
        (small, "Yours is the gain on the smaller set alone. Compared with what?"),
        (large - measure(0)[0], "Yours takes the small set of seed 0 away. Whose images are they?"),
    ]


GROWS = Study(
    measure=_growth,
    what="the gain on the larger set minus that on the smaller",
    conclusions=("grows", "shrinks", "cannot tell"),
    of_each="seed",
    asks="on which side of zero is the mean, by two standard errors?",
    asks_of_number="are both gains of the same seed?",
    slips=_slips,
)

lab = Lab(
    "practice.reading",
    [
        Exercise(
            "gaps",
            check_gaps,
            hints=(
                "A field is a gap if it is not there, is None, or is text that is blank. Is 0 "
                "any of these?",
                "card.get(field) is None where the field is not there; value.strip() is empty "
                "where a text is blank. Numbers have no strip().",
                "[f for f in fields if card.get(f) is None or not str(card[f]).strip()]",
            ),
        ),
        Exercise(
            "verdict",
            check_verdict,
            hints=(
                "First the interval of the mean, then three cases: all of it at the line or above, "
                "all of it below, or neither.",
                "The standard error is np.std(values, ddof=1) / np.sqrt(n); a 90 % interval leaves "
                "5 % on each side: stats.t.ppf(0.95, n - 1).",
                "half = stats.t.ppf(0.95, n - 1) * np.std(values, ddof=1) / np.sqrt(n); go if "
                "mean - half >= line, no go if mean + half < line.",
            ),
        ),
        Exercise(
            "kappa",
            check_kappa,
            hints=(
                "How often do the two agree? And how often would they, if each kept their habits "
                "but judged without looking?",
                "By chance both say 'read' with probability share_1('read') * share_2('read'). "
                "Sum this over the judgements.",
                "(observed - chance) / (1 - chance), with chance = sum(np.mean(first == k) * "
                "np.mean(second == k) for k in set(first) | set(second)).",
            ),
        ),
        Exercise(
            "needed",
            check_needed,
            hints=(
                "A power law is a straight line, once both axes are logarithms.",
                "slope, height = np.polyfit(np.log(sizes), np.log(errors), 1). At which log(size) "
                "is the line at log(target)?",
                "np.exp((np.log(target) - height) / slope)",
            ),
        ),
        Exercise(
            "climb",
            check_climb,
            hints=(
                "What is tried at the second rung: with the demand of the first one in force, or "
                "without?",
                "kept = set(solved); for each demand: if works(kept | {demand}), it stays in kept.",
                "for demand in given_up: if works(kept | {demand}): kept = kept | {demand}. Then "
                "return kept.",
            ),
        ),
        Exercise(
            "grows",
            GROWS.check,
            hints=(
                "measure(seed) gives two gains of one seed. Subtract within the seed.",
                "The standard error is the standard deviation of the differences, with ddof=1, "
                "over the square root of their number.",
                "differences = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}, "
                "then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/05_read_review_decide.ipynb",
)
check, hint = lab.check, lab.hint
