# ---
# title: Read, review, decide (lab)
# minutes: 60
# passages: [kb-month-of-papers, kep-weekly-seminar, kb-persuade-with-evidence, kb-quick-probe, msj-change-the-problem]
# smoke_seconds: 8
# ---
# %% [markdown]
# # Lab 05 · Read, review, decide
#
# *60 minutes. You need: [lesson 05](../notebooks/05_read_review_decide.ipynb).*
#
# You write the lint of a paper card, the verdict of a probe, the agreement of two readers and the data that a
# target needs; you climb a problem ladder; and you measure whether an idea deserves a second look. Replace each
# `...`, run the cell, and read the line that `check()` prints. The exercises do not depend on each other.

# %%
import numpy as np
from scipy import stats

from internlab import notebook_ui as ui
from internlab import passages
from internlab.practice.exercises.reading import check, hint

ui.style()
passages.card(
    "kb-month-of-papers",
    "kep-weekly-seminar",
    "kb-persuade-with-evidence",
    "kb-quick-probe",
    "msj-change-the-problem",
)

# %% [markdown]
# ## 1 · What does the card not say?
#
# `card` is a dictionary, `fields` a list of names. Return the names of the fields that say nothing, in the order
# of `fields`: those that are not in the card, that are `None`, or whose text is blank. In this kit `seeds = 0` means
# *the text does not say*, and that is an answer.


# %%
def gaps(card, fields):
    ### BEGIN SOLUTION
    return [f for f in fields if card.get(f) is None or not str(card[f]).strip()]
    ### END SOLUTION


check("gaps", gaps)

# %%
# hint("gaps", 1)


# %% tags=["wrong"]
# says: is that no answer
def gaps(card, fields):
    return [f for f in fields if not card.get(f)]


check("gaps", gaps)


# %% tags=["wrong"]
# says: has no attribute
def gaps(card, fields):
    return [f for f in fields if not card[f].strip()]


check("gaps", gaps)


# %% tags=["wrong"]
# says: for than = blanks only
def gaps(card, fields):
    return [f for f in fields if card.get(f) is None or card[f] == ""]


check("gaps", gaps)


# %% tags=["wrong"]
# says: what does None say
def gaps(card, fields):
    return [f for f in fields if not str(card.get(f, "")).strip()]


check("gaps", gaps)


# %% tags=["wrong"]
# says: which of its fields says nothing
def gaps(card, fields):
    return [f for f in fields if card.get(f) is not None and str(card[f]).strip()]


check("gaps", gaps)


# %% tags=["wrong"]
# says: which fields are to be asked for
def gaps(card, fields):
    return sum(card.get(f) is None or not str(card[f]).strip() for f in fields)


check("gaps", gaps)


# %% tags=["wrong"]
# says: in which order will the questions be asked
def gaps(card, fields):
    return {f for f in fields if card.get(f) is None or not str(card[f]).strip()}


check("gaps", gaps)


# %% tags=["alternative"]
def gaps(card, fields):
    found = []
    for field in fields:
        value = card.get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            found.append(field)
    return tuple(found)


check("gaps", gaps)

# %% [markdown]
# ## 2 · Go, no go, cannot tell
#
# `values` holds one result for each seed; larger is better. Make the 90 % confidence interval of their mean with
# Student's t, and return `"go"` if all of it is at `line` or above, `"no go"` if all of it is below, and
# `"cannot tell"` otherwise.


# %%
def verdict(values, line):
    ### BEGIN SOLUTION
    n = len(values)
    half = stats.t.ppf(0.95, n - 1) * np.std(values, ddof=1) / np.sqrt(n)
    mean = np.mean(values)
    said = "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"
    return said
    ### END SOLUTION


check("verdict", verdict)

# %%
# hint("verdict", 1)


# %% tags=["wrong"]
# says: what would other seeds have said
def verdict(values, line):
    return "go" if np.mean(values) >= line else "no go"


check("verdict", verdict)


# %% tags=["wrong"]
# says: which distribution allows for that
def verdict(values, line):
    half = 1.6448536269514722 * np.std(values, ddof=1) / np.sqrt(len(values))
    mean = np.mean(values)
    return "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: what is lost to the mean of the same values
def verdict(values, line):
    half = stats.t.ppf(0.95, len(values) - 1) * np.std(values) / np.sqrt(len(values))
    mean = np.mean(values)
    return "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: How much less does a mean of n seeds vary
def verdict(values, line):
    half = stats.t.ppf(0.95, len(values) - 1) * np.std(values, ddof=1)
    mean = np.mean(values)
    return "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: Yours leaves 10 % on each side
def verdict(values, line):
    half = stats.t.ppf(0.9, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    mean = np.mean(values)
    return "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: Yours leaves 2.5 % on each side
def verdict(values, line):
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    mean = np.mean(values)
    return "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: Is larger better
def verdict(values, line):
    half = stats.t.ppf(0.95, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    mean = np.mean(values)
    return "no go" if mean - half >= line else "go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: How many are left after the mean
def verdict(values, line):
    half = stats.t.ppf(0.95, len(values)) * np.std(values, ddof=1) / np.sqrt(len(values))
    mean = np.mean(values)
    return "go" if mean - half >= line else "no go" if mean + half < line else "cannot tell"


check("verdict", verdict)


# %% tags=["wrong"]
# says: which of the three is it
def verdict(values, line):
    half = stats.t.ppf(0.95, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return bool(np.mean(values) - half >= line)


check("verdict", verdict)


# %% tags=["alternative"]
def verdict(values, line):
    low, high = stats.t.interval(0.9, len(values) - 1, np.mean(values), stats.sem(values))
    if low >= line:
        return "go"
    if high < line:
        return "no go"
    return "cannot tell"


check("verdict", verdict)

# %% [markdown]
# ## 3 · Two readers
#
# Two people have gone through the same forty abstracts; `first` and `second` are arrays of their judgements, such
# as `"read"`, `"skim"`, `"skip"`. Return Cohen's kappa.


# %%
def kappa(first, second):
    ### BEGIN SOLUTION
    observed = np.mean(first == second)
    kinds = set(first) | set(second)
    chance = sum(np.mean(first == kind) * np.mean(second == kind) for kind in kinds)
    return (observed - chance) / (1 - chance)
    ### END SOLUTION


check("kappa", kappa)

# %%
# hint("kappa", 1)


# %% tags=["wrong"]
# says: How much of it would two readers get who do not look
def kappa(first, second):
    return np.mean(first == second)


check("kappa", kappa)


# %% tags=["wrong"]
# says: What is the most that could be left over
def kappa(first, second):
    kinds = set(first) | set(second)
    chance = sum(np.mean(first == kind) * np.mean(second == kind) for kind in kinds)
    return np.mean(first == second) - chance


check("kappa", kappa)


# %% tags=["wrong"]
# says: takes all judgements as equally likely
def kappa(first, second):
    chance = 1 / len(set(first) | set(second))
    return (np.mean(first == second) - chance) / (1 - chance)


check("kappa", kappa)


# %% tags=["wrong"]
# says: Whose habits are the second's
def kappa(first, second):
    chance = sum(np.mean(first == kind) ** 2 for kind in set(first))
    return (np.mean(first == second) - chance) / (1 - chance)


check("kappa", kappa)


# %% tags=["wrong"]
# says: Scott's pi
def kappa(first, second):
    both = np.concatenate([first, second])
    chance = sum(np.mean(both == kind) ** 2 for kind in set(both))
    return (np.mean(first == second) - chance) / (1 - chance)


check("kappa", kappa)


# %% tags=["alternative"]
def kappa(first, second):
    from sklearn.metrics import cohen_kappa_score

    return cohen_kappa_score(first, second)


check("kappa", kappa)


# %% tags=["alternative"]
def kappa(first, second):
    kinds = sorted(set(first) | set(second))
    table = np.array([[np.sum((first == a) & (second == b)) for b in kinds] for a in kinds])
    n = table.sum()
    expected = table.sum(axis=1) @ table.sum(axis=0) / n
    return (np.trace(table) - expected) / (n - expected)


check("kappa", kappa)

# %% [markdown]
# ## 4 · How much data?
#
# `sizes` are training sizes and `errors` the error measured at each. Put a power law through *all* of them, by
# least squares of the logarithms of the errors, and return the training size at which it reaches `target`.


# %%
def needed(sizes, errors, target):
    ### BEGIN SOLUTION
    slope, height = np.polyfit(np.log(sizes), np.log(errors), 1)
    return np.exp((np.log(target) - height) / slope)
    ### END SOLUTION


check("needed", needed)

# %%
# hint("needed", 1)


# %% tags=["wrong"]
# says: Does the error fall by the same amount with each image
def needed(sizes, errors, target):
    slope, height = np.polyfit(sizes, errors, 1)
    return (target - height) / slope


check("needed", needed)


# %% tags=["wrong"]
# says: takes the logarithm of the sizes alone
def needed(sizes, errors, target):
    slope, height = np.polyfit(np.log(sizes), errors, 1)
    return np.exp((target - height) / slope)


check("needed", needed)


# %% tags=["wrong"]
# says: takes the logarithm of the errors alone
def needed(sizes, errors, target):
    slope, height = np.polyfit(sizes, np.log(errors), 1)
    return (np.log(target) - height) / slope


check("needed", needed)


# %% tags=["wrong"]
# says: What turns it back
def needed(sizes, errors, target):
    slope, height = np.polyfit(np.log(sizes), np.log(errors), 1)
    return (np.log(target) - height) / slope


check("needed", needed)


# %% tags=["wrong"]
# says: goes through the last two sizes alone
def needed(sizes, errors, target):
    slope = np.log(errors[-1] / errors[-2]) / np.log(sizes[-1] / sizes[-2])
    return sizes[-1] * (target / errors[-1]) ** (1 / slope)


check("needed", needed)


# %% tags=["wrong"]
# says: Which of the two has the noise
def needed(sizes, errors, target):
    slope, height = np.polyfit(np.log(errors), np.log(sizes), 1)
    return np.exp(slope * np.log(target) + height)


check("needed", needed)


# %% tags=["alternative"]
def needed(sizes, errors, target):
    import math

    fit = stats.linregress(np.log10(sizes), np.log10(errors))
    return math.ceil(10 ** ((math.log10(target) - fit.intercept) / fit.slope))


check("needed", needed)

# %% [markdown]
# ## 5 · Climb
#
# The ladder went down until the baseline worked. `solved` is the set of demands still in force, `given_up` the list
# of those that were relaxed. `works(demands)` measures whether the baseline works with a set of demands. Put the
# relaxed ones back, one at a time and in their order; keep each that still works *with those already put back*.
# Return the set in force at the end. Measure no task twice: a measurement may cost a day.


# %%
def climb(solved, given_up, works):
    ### BEGIN SOLUTION
    kept = set(solved)
    for demand in given_up:
        if works(kept | {demand}):
            kept = kept | {demand}
    return kept
    ### END SOLUTION


check("climb", climb)

# %%
# hint("climb", 1)


# %% tags=["wrong"]
# says: with what in force was the second one tried
def climb(solved, given_up, works):
    return solved | {demand for demand in given_up if works(solved | {demand})}


check("climb", climb)


# %% tags=["wrong"]
# says: does one refusal end the climb
def climb(solved, given_up, works):
    kept = set(solved)
    for demand in given_up:
        if not works(kept | {demand}):
            break
        kept = kept | {demand}
    return kept


check("climb", climb)


# %% tags=["wrong"]
# says: where did the demands of the solved task go
def climb(solved, given_up, works):
    kept = set()
    for demand in given_up:
        if works(kept | {demand}):
            kept = kept | {demand}
    return kept


check("climb", climb)


# %% tags=["wrong"]
# says: in which order are they put back
def climb(solved, given_up, works):
    kept = set(solved)
    for demand in reversed(given_up):
        if works(kept | {demand}):
            kept = kept | {demand}
    return kept


check("climb", climb)


# %% tags=["wrong"]
# says: which of them did you need
def climb(solved, given_up, works):
    from itertools import combinations

    for count in range(len(given_up), -1, -1):
        for some in combinations(given_up, count):
            if works(set(solved) | set(some)):
                return set(solved) | set(some)


check("climb", climb)


# %% tags=["wrong"]
# says: With yours the baseline does not work
def climb(solved, given_up, works):
    return set(solved) | set(given_up)


check("climb", climb)


# %% tags=["alternative"]
def climb(solved, given_up, works):
    kept = frozenset(solved)
    for demand in given_up:
        kept = kept | {demand} if works(kept | {demand}) else kept
    return sorted(kept)


check("climb", climb)

# %% [markdown]
# ## 6 · Does it deserve a second look?
#
# Somebody proposed to let the five nearest training images vote on a digit. A probe on 60 images said no go, and the
# idea was buried. You ask whether its gain over the baseline *grows* with the data. `measure(seed)` gives two
# gains in points, on 60 and on 600 training images of that seed.
#
# Take the seeds 0 to 11. Return the twelve differences, the gain on the larger set minus that on the smaller, and
# your conclusion: `"grows"` if their mean is more than two standard errors above zero, `"shrinks"` if it is
# more than two below, and `"cannot tell"` otherwise. (The twelve draws share one pool of images, so the standard
# error is somewhat too small.)

# %%
from internlab.practice.exercises.reading_given import measure

# %%
### BEGIN SOLUTION
differences = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}
values = np.array(list(differences.values()))
mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
sure = abs(mean) > 2 * error
conclusion = ("grows" if mean > 0 else "shrinks") if sure else "cannot tell"
study = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("grows", study)

# %%
# hint("grows", 1)

# %% tags=["wrong"]
# says: Yours is the gain on the larger set alone
study = {"differences": {s: measure(s)[1] for s in range(12)}, "conclusion": "grows"}
check("grows", study)

# %% tags=["wrong"]
# says: which is taken from which
study = {
    "differences": {s: measure(s)[0] - measure(s)[1] for s in range(12)},
    "conclusion": "shrinks",
}
check("grows", study)

# %% tags=["wrong"]
# says: would you have stopped there
study = {
    "differences": {s: measure(s)[1] - measure(s)[0] for s in range(5)},
    "conclusion": "grows",
}
check("grows", study)

# %% tags=["wrong"]
# says: on which side of zero is the mean
study = {
    "differences": {s: measure(s)[1] - measure(s)[0] for s in range(12)},
    "conclusion": "cannot tell",
}
check("grows", study)

# %% tags=["wrong"]
# says: Whose images are they
study = {
    "differences": {s: measure(s)[1] - measure(0)[0] for s in range(12)},
    "conclusion": "grows",
}
check("grows", study)

# %% [markdown]
# ## What you keep
#
# Take a paper that you want to build on and make a card of it, with `PaperCard` and `lint` from the lesson: the lint
# has no more questions when somebody else could decide by your card. `save_card(card)` keeps it in `notes/cards/`,
# and the weekly report (`python -m internlab.notes report`) names it.
