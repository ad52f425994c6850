"""Lab 22: resume, best of, retry, share of a GPU, state, population, checkpoint interval."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.hpo.exercises.survive_checks import (
    check_best,
    check_resume,
    check_retry,
    check_share,
)
from internlab.hpo.exercises.survive_state import check_interval, check_population, check_state

lab = Lab(
    "hpo.survive",
    [
        Exercise(
            "resume",
            check_resume,
            hints=(
                "A new trial has no checkpoint: deal with None first.",
                'state["epoch"] has been run. The loop should begin with the one after it.',
                "return 0.0, 1 for None; else read the file with json.loads and return "
                'state["weight"], state["epoch"] + 1.',
            ),
        ),
        Exercise(
            "best",
            check_best,
            hints=(
                "Throw out what is not a number before anything is compared.",
                "math.isfinite(score) is False for NaN and for both infinities.",
                "finite = {t: s for t, s in scores.items() if math.isfinite(s)}, then max or min "
                "over `finite` with key=finite.get.",
            ),
        ),
        Exercise(
            "retry",
            check_retry,
            hints=(
                "Ask of each reason: if the very same configuration runs again, can it end well?",
                "A lost machine says nothing about the configuration. A ValueError and a NaN are "
                "its result. Too little memory needs another place.",
                'First `if retries >= 2: return "give up"`, then one answer for each reason.',
            ),
        ),
        Exercise(
            "share",
            check_share,
            hints=(
                "What counts is the worst moment of a trial, not the usual one.",
                "Each trial is a process: add the context to the peak. Take the margin off the "
                "capacity.",
                "int(capacity * (1 - margin) // (log.max() + context))",
            ),
        ),
        Exercise(
            "state",
            check_state,
            hints=(
                "Read one_epoch() line by line: which attributes does it read or change?",
                "Four of them change: weights, velocity, epoch, and the generator with each "
                "permutation.",
                "A dictionary of the four, each through copy.deepcopy.",
            ),
        ),
        Exercise(
            "population",
            check_population,
            hints=(
                "Sort by score: a quarter of the members is replaced, a quarter is copied from.",
                "A replaced member takes the weights (a copy) and the learning rate of the same "
                "model; then the learning rate is multiplied and clipped.",
                'member["lr"] = float(np.clip(model["lr"] * rng.choice([0.8, 1.2]), 1e-4, 1e-1))',
            ),
        ),
        Exercise(
            "interval",
            check_interval,
            hints=(
                "Turn the six minutes into hours before they enter the formula.",
                "Call hours_lost with 0.25 and with your interval, for the same five or more "
                "seeds.",
                "interval = math.sqrt(2 * 0.1 * 20); lost_now = [hours_lost(0.25, seed) for seed "
                "in range(10)]; if every run agrees, say so.",
            ),
        ),
    ],
    solution="solutions/22_survive_and_scale.ipynb",
)
check, hint = lab.check, lab.hint
