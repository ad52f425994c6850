"""Lab 03: error rates, a split, two goals, cases, a hidden test, and a study of the splits."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.practice.exercises.captures_plans import (
    check_next_case,
    check_open_once,
    check_uncovered,
)
from internlab.practice.exercises.captures_rates import (
    check_bpcer_at,
    check_success,
    check_worst,
)
from internlab.practice.exercises.captures_splits import STUDY, check_session_test, measure

lab = Lab(
    "practice.captures",
    [
        Exercise(
            "worst",
            check_worst,
            hints=(
                "An attack is missed where its score is below the threshold. Of each species, "
                "which share is?",
                "Go through np.unique(kinds) without 'live', and keep a dictionary from species "
                "to rate.",
                "rates = {s: (scores[kinds == s] < threshold).mean() for s in np.unique(kinds) if "
                "s != 'live'}; name = max(rates, key=rates.get); return name, rates[name]",
            ),
        ),
        Exercise(
            "bpcer_at",
            check_bpcer_at,
            hints=(
                "The higher the threshold, the fewer live people are turned away and the more "
                "attacks pass. Which candidate thresholds are there?",
                "Try every score as a threshold, and keep those at which no species' APCER is "
                "above the limit. Which of them is best for live people?",
                "threshold = max(t for t in scores if all((scores[kinds == s] < t).mean() <= limit "
                "for s in set(kinds) - {'live'})); the BPCER is the share of live scores >= it.",
            ),
        ),
        Exercise(
            "session_test",
            check_session_test,
            hints=(
                "Draw sessions, not frames. What are the names of the sessions?",
                "names = np.unique(sessions); rng.choice(names, 2, replace=False) draws two.",
                "return np.isin(sessions, rng.choice(np.unique(sessions), 2, replace=False))",
            ),
        ),
        Exercise(
            "success",
            check_success,
            hints=(
                "Both kinds of attack must pass the detector. What must the matcher say to each?",
                "passed = scores < threshold; an impersonation wants `matches`, an evasion wants "
                "the opposite.",
                "return (passed & matches).mean(), (passed & ~matches).mean()",
            ),
        ),
        Exercise(
            "uncovered",
            check_uncovered,
            hints=(
                "itertools.combinations(factors, 2) goes through the pairs of factors, each once.",
                "For two factors, itertools.product(factors[f], factors[g]) goes through the pairs "
                "of levels. Is there a case that has both?",
                "Count those for which not any(case[f] == a and case[g] == b for case in chosen).",
            ),
        ),
        Exercise(
            "next_case",
            check_next_case,
            hints=(
                "Which pairs does a candidate hold, and which of them did no chosen case hold?",
                "set(itertools.combinations(case.items(), 2)) are the pairs of a case. Take away "
                "those of the chosen ones, count, and divide by the hours.",
                "held = set().union(*(pairs(c) for c in chosen)); gains = [len(pairs(c) - held) / "
                "h for c, h in zip(candidates, hours)]; return int(np.argmax(gains))",
            ),
        ),
        Exercise(
            "open_once",
            check_open_once,
            hints=(
                "What is left on the disk after the first call, so that a second one, in another "
                "process, can know?",
                "If path.exists(): return path.read_text(). Else write who and when into it.",
                "if path.exists(): return path.read_text(); path.write_text(f'{who}, {when}'); "
                "return 'opened'",
            ),
        ),
        Exercise(
            "study",
            STUDY.check,
            hints=(
                "measure(seed) gives two errors of one deal. Subtract within the seed.",
                "The standard error is the standard deviation of the differences, with ddof=1, "
                "over the square root of their number.",
                "differences = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}, "
                "then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/03_another_day.ipynb",
)
check, hint = lab.check, lab.hint

__all__ = ["check", "hint", "lab", "measure"]
