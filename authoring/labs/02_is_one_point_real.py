# ---
# title: Is one point real? (lab)
# minutes: 60
# passages: [msj-bert-paradigm, kb-plan-scarce-trials, kb-try-everything, kb-internalise-first]
# smoke_seconds: 10
# ---
# %% [markdown]
# # Lab 02 · Is one point real?
#
# *60 minutes. You need: [lesson 02](../notebooks/02_is_one_point_real.ipynb).*
#
# You write the test and the interval for one comparison, say how many images the next one needs, choose and
# report without fooling yourself, separate two ideas, find flaws by measurement, and run a study.
# Replace each `...`, run the cell, and read the line that `check()` prints. The exercises do not depend on
# each other.
#
# Everywhere: `right_a` and `right_b` are arrays of True and False (N,), whether model A and model B are
# right on the same N images. A gain is the accuracy of B minus that of A, as a share: 0.01 is one point.

# %%
import math

import numpy as np
import pandas as pd
from scipy import stats

from internlab import notebook_ui as ui
from internlab import passages
from internlab.practice.exercises.significance import check, hint

ui.style()
passages.card(
    "msj-bert-paradigm", "kb-plan-scarce-trials", "kb-try-everything", "kb-internalise-first"
)

# %% [markdown]
# ## 1 · A fair coin?
#
# Return the exact two-sided p of McNemar's test: if each image that the two disagree on were a fair coin, how
# probable is a fall at least as uneven as this one, to either side? If they never disagree, p is 1.
# `stats.binom.cdf(k, n, 0.5)` is the probability of at most `k` heads in `n` tosses.


# %%
def p_value(right_a, right_b):
    ### BEGIN SOLUTION
    only_a = (right_a & ~right_b).sum()
    only_b = (right_b & ~right_a).sum()
    one_tail = stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)
    return min(1.0, 2 * one_tail)
    ### END SOLUTION


check("p_value", p_value)

# %%
# hint("p_value", 1)


# %% tags=["wrong"]
# says: Before the test nobody knew which would be better
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    return stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)


check("p_value", p_value)


# %% tags=["wrong"]
# says: of the normal approximation. How many of so many coins
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    return stats.chi2.sf((only_a - only_b) ** 2 / (only_a + only_b), 1)


check("p_value", p_value)


# %% tags=["wrong"]
# says: with a continuity correction
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    return stats.chi2.sf((abs(only_a - only_b) - 1) ** 2 / (only_a + only_b), 1)


check("p_value", p_value)


# %% tags=["wrong"]
# says: for two groups of other images. Which images
def p_value(right_a, right_b):
    table = [[right_a.sum(), (~right_a).sum()], [right_b.sum(), (~right_b).sum()]]
    return stats.chi2_contingency(table).pvalue


check("p_value", p_value)


# %% tags=["wrong"]
# says: (without a correction)
def p_value(right_a, right_b):
    table = [[right_a.sum(), (~right_a).sum()], [right_b.sum(), (~right_b).sum()]]
    return stats.chi2_contingency(table, correction=False).pvalue


check("p_value", p_value)


# %% tags=["wrong"]
# says: is twice the probability of this outcome alone
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    return 2 * stats.binom.pmf(only_a, only_a + only_b, 0.5)


check("p_value", p_value)


# %% tags=["wrong"]
# says: tosses a coin for every image
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    return 2 * stats.binom.cdf(min(only_a, only_b), len(right_a), 0.5)


check("p_value", p_value)


# %% tags=["wrong"]
# says: how large can a probability be
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    if only_a + only_b == 0:
        return 1.0
    return 2 * stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)


check("p_value", p_value)


# %% tags=["wrong"]
# says: that agree on every image
def p_value(right_a, right_b):
    only_a, only_b = (right_a & ~right_b).sum(), (right_b & ~right_a).sum()
    if only_a + only_b == 0:
        return 0.0
    return min(1.0, 2 * stats.binom.cdf(min(only_a, only_b), only_a + only_b, 0.5))


check("p_value", p_value)


# %% tags=["alternative"]
def p_value(right_a, right_b):
    gains = right_b.astype(int) - right_a.astype(int)
    tosses = int(np.abs(gains).sum())
    if tosses == 0:
        return 1.0
    return stats.binomtest(int((gains > 0).sum()), tosses).pvalue


check("p_value", p_value)


# %% tags=["alternative"]
def p_value(right_a, right_b):
    only = [
        sum(x and not y for x, y in zip(*pair)) for pair in ((right_a, right_b), (right_b, right_a))
    ]
    ways = [math.comb(sum(only), heads) for heads in range(min(only) + 1)]
    return np.float32(min(1, 2 * sum(ways) / 2 ** sum(only)))


check("p_value", p_value)

# %% [markdown]
# ## 2 · How large could the gain be?
#
# Return the two ends, `low` and `high`, of the 95 % bootstrap interval of the gain. `rng` is a NumPy
# `Generator`. Redraw at least 2,000 test sets; with fewer, the ends are too rough to check.


# %%
def interval(right_a, right_b, rng):
    ### BEGIN SOLUTION
    gains = right_b.astype(float) - right_a.astype(float)
    ids = rng.integers(0, len(gains), (2000, len(gains)))
    low, high = np.quantile(gains[ids].mean(axis=1), [0.025, 0.975])
    return low, high
    ### END SOLUTION


check("interval", interval)

# %%
# hint("interval", 1)


# %% tags=["wrong"]
# says: as if A's images and B's were drawn apart
def interval(right_a, right_b, rng):
    a, b = (rng.choice(x, (2000, len(x))).mean(axis=1) for x in (right_a, right_b))
    return np.quantile(b - a, [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: holds 90 % of the sets
def interval(right_a, right_b, rng):
    gains = right_b.astype(float) - right_a.astype(float)
    drawn = rng.choice(gains, (4000, len(gains))).mean(axis=1)
    return np.quantile(drawn, [0.05, 0.95])


check("interval", interval)


# %% tags=["wrong"]
# says: one standard deviation wide
def interval(right_a, right_b, rng):
    gains = right_b.astype(float) - right_a.astype(float)
    drawn = rng.choice(gains, (4000, len(gains))).mean(axis=1)
    return drawn.mean() - drawn.std(), drawn.mean() + drawn.std()


check("interval", interval)


# %% tags=["wrong"]
# says: is the gain of A over B
def interval(right_a, right_b, rng):
    gains = right_a.astype(float) - right_b.astype(float)
    return np.quantile(rng.choice(gains, (2000, len(gains))).mean(axis=1), [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: has hardly a width
def interval(right_a, right_b, rng):
    gains = right_b.astype(float) - right_a.astype(float)
    drawn = [rng.permutation(gains).mean() for _ in range(2000)]
    return np.quantile(drawn, [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: lies around zero
def interval(right_a, right_b, rng):
    gains = right_b.astype(float) - right_a.astype(float)
    drawn = [(gains * rng.choice([-1, 1], len(gains))).mean() for _ in range(2000)]
    return np.quantile(drawn, [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: which end is the lower one
def interval(right_a, right_b, rng):
    gains = right_b.astype(float) - right_a.astype(float)
    return np.quantile(rng.choice(gains, (2000, len(gains))).mean(axis=1), [0.975, 0.025])


check("interval", interval)


# %% tags=["wrong"]
# says: is it in shares of the images
def interval(right_a, right_b, rng):
    gains = 100 * (right_b.astype(float) - right_a.astype(float))
    return np.quantile(rng.choice(gains, (2000, len(gains))).mean(axis=1), [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: how many images has a redrawn set
def interval(right_a, right_b, rng):
    gains = right_b.astype(float) - right_a.astype(float)
    return np.quantile(rng.choice(gains, (2000, 100)).mean(axis=1), [0.025, 0.975])


check("interval", interval)


# %% tags=["alternative"]
def interval(right_a, right_b, rng):
    def gain(a, b, axis):
        return b.mean(axis=axis) - a.mean(axis=axis)

    found = stats.bootstrap(
        (right_a, right_b), gain, paired=True, vectorized=True, n_resamples=2000,
        method="percentile", rng=rng,
    )  # fmt: skip
    return tuple(found.confidence_interval)


check("interval", interval)


# %% tags=["alternative"]
def interval(right_a, right_b, rng):
    drawn = []
    for _ in range(2000):
        ids = rng.integers(0, len(right_a), len(right_a))
        drawn.append(right_b[ids].mean() - right_a[ids].mean())
    drawn.sort()
    return [drawn[50], drawn[1949]]


check("interval", interval)

# %% [markdown]
# ## 3 · How many images?
#
# Before the run: return the number of test images (rounded up to a whole one) that find a `gain` with a
# power of 0.8, two-sided at 0.05, if the two models disagree on a share d = `disagreement` of the images
# (Connor 1987):
#
# $$n = \left(\frac{z_{0.975}\sqrt{d} + z_{0.8}\sqrt{d - \mathrm{gain}^2}}{\mathrm{gain}}\right)^2$$
#
# `stats.norm.ppf(0.975)` is the first z.


# %%
def images(gain, disagreement):
    ### BEGIN SOLUTION
    z_alpha, z_power = stats.norm.ppf(0.975), stats.norm.ppf(0.8)
    root = z_alpha * math.sqrt(disagreement) + z_power * math.sqrt(disagreement - gain**2)
    return math.ceil((root / gain) ** 2)
    ### END SOLUTION


check("images", images)

# %%
# hint("images", 1)


# %% tags=["wrong"]
# says: leaves the power out
def images(gain, disagreement):
    return math.ceil((stats.norm.ppf(0.975) / gain) ** 2 * disagreement)


check("images", images)


# %% tags=["wrong"]
# says: for a one-sided test
def images(gain, disagreement):
    a, b = stats.norm.ppf([0.95, 0.8])
    return math.ceil(((a * disagreement**0.5 + b * (disagreement - gain**2) ** 0.5) / gain) ** 2)


check("images", images)


# %% tags=["wrong"]
# says: is not squared
def images(gain, disagreement):
    a, b = stats.norm.ppf([0.975, 0.8])
    return math.ceil((a * disagreement**0.5 + b * (disagreement - gain**2) ** 0.5) / gain)


check("images", images)


# %% tags=["wrong"]
# says: divides by the gain, not by its square
def images(gain, disagreement):
    a, b = stats.norm.ppf([0.975, 0.8])
    return math.ceil((a * disagreement**0.5 + b * (disagreement - gain**2) ** 0.5) ** 2 / gain)


check("images", images)


# %% tags=["wrong"]
# says: without its root
def images(gain, disagreement):
    a, b = stats.norm.ppf([0.975, 0.8])
    return math.ceil(((a * disagreement + b * (disagreement - gain**2)) / gain) ** 2)


check("images", images)


# %% tags=["wrong"]
# says: is rounded down, or not rounded
def images(gain, disagreement):
    a, b = stats.norm.ppf([0.975, 0.8])
    return int(((a * disagreement**0.5 + b * (disagreement - gain**2) ** 0.5) / gain) ** 2)


check("images", images)


# %% tags=["alternative"]
def images(gain, disagreement):
    z = stats.norm()
    spread = np.sqrt([disagreement, disagreement - gain**2])
    return np.ceil((spread @ [z.isf(0.025), z.isf(0.2)] / gain) ** 2)


check("images", images)

# %% [markdown]
# ## 4 · Ten tries, one report
#
# `tries` is a data frame with one row a try: its `name`, and its accuracy on `training`, `validation` and
# `test` images. Return the name of the try that you would report, and the accuracy that you would
# report for it.


# %%
def report(tries):
    ### BEGIN SOLUTION
    best = tries.loc[tries["validation"].idxmax()]
    return best["name"], best["test"]
    ### END SOLUTION


check("report", report)

# %%
# hint("report", 1)


# %% tags=["wrong"]
# says: is the best on the test images
def report(tries):
    best = tries.loc[tries["test"].idxmax()]
    return best["name"], best["test"]


check("report", report)


# %% tags=["wrong"]
# says: is its accuracy on validation
def report(tries):
    best = tries.loc[tries["validation"].idxmax()]
    return best["name"], best["validation"]


check("report", report)


# %% tags=["wrong"]
# says: learned them by heart
def report(tries):
    best = tries.loc[tries["training"].idxmax()]
    return best["name"], best["test"]


check("report", report)


# %% tags=["wrong"]
# says: on both sets taken together
def report(tries):
    best = tries.loc[(tries["validation"] + tries["test"]).idxmax()]
    return best["name"], best["test"]


check("report", report)


# %% tags=["wrong"]
# says: of another try
def report(tries):
    return tries.loc[tries["validation"].idxmax(), "name"], tries["test"].max()


check("report", report)


# %% tags=["wrong"]
# says: the mean of validation and test
def report(tries):
    best = tries.loc[tries["validation"].idxmax()]
    return best["name"], (best["validation"] + best["test"]) / 2


check("report", report)


# %% tags=["wrong"]
# says: which one is missing
def report(tries):
    return tries.loc[tries["validation"].idxmax(), "name"]


check("report", report)


# %% tags=["wrong"]
# says: how is the try called
def report(tries):
    best = tries["validation"].idxmax()
    return int(best), tries["test"][best]


check("report", report)


# %% tags=["alternative"]
def report(tries):
    name, _, _, test = max(tries.itertuples(index=False, name=None), key=lambda row: row[2])
    return [name, np.float32(test)]


check("report", report)

# %% [markdown]
# ## 5 · Two ideas, four runs
#
# Four accuracies: with none of two ideas, with a only, with b only, with both. Return three numbers: the
# effect of a (the mean with it minus the mean without it), the effect of b, and that of the pair (the mean of
# the two runs with an even number of ideas minus the mean of the other two).


# %%
def effects(none, only_a, only_b, both):
    ### BEGIN SOLUTION
    effect_a = (only_a + both) / 2 - (none + only_b) / 2
    effect_b = (only_b + both) / 2 - (none + only_a) / 2
    pair = (none + both) / 2 - (only_a + only_b) / 2
    return effect_a, effect_b, pair
    ### END SOLUTION


check("effects", effects)

# %%
# hint("effects", 1)


# %% tags=["wrong"]
# says: is one factor at a time
def effects(none, only_a, only_b, both):
    return only_a - none, only_b - none, (none + both - only_a - only_b) / 2


check("effects", effects)


# %% tags=["wrong"]
# says: is what both give together, against none
def effects(none, only_a, only_b, both):
    return (only_a + both - none - only_b) / 2, (only_b + both - none - only_a) / 2, both - none


check("effects", effects)


# %% tags=["wrong"]
# says: the difference of the two differences, not half of it
def effects(none, only_a, only_b, both):
    a, b = (only_a + both - none - only_b) / 2, (only_b + both - none - only_a) / 2
    return a, b, (both - only_b) - (only_a - none)


check("effects", effects)


# %% tags=["wrong"]
# says: where the other one is on, and nothing else
def effects(none, only_a, only_b, both):
    return both - only_b, both - only_a, (none + both - only_a - only_b) / 2


check("effects", effects)


# %% tags=["wrong"]
# says: is the product of the two effects
def effects(none, only_a, only_b, both):
    a, b = (only_a + both - none - only_b) / 2, (only_b + both - none - only_a) / 2
    return a, b, a * b


check("effects", effects)


# %% tags=["wrong"]
# says: has the sign turned
def effects(none, only_a, only_b, both):
    return (none + only_b - only_a - both) / 2, (none + only_a - only_b - both) / 2, 0.0


check("effects", effects)


# %% tags=["alternative"]
def effects(none, only_a, only_b, both):
    signs = np.array([[-1, 1, -1, 1], [-1, -1, 1, 1], [1, -1, -1, 1]])
    return signs @ [none, only_a, only_b, both] / 2


check("effects", effects)


# %% tags=["alternative"]
def effects(none, only_a, only_b, both):
    a = [-1, 1, -1, 1]
    b = [-1, -1, 1, 1]
    ab = [1, -1, -1, 1]
    columns = np.stack([np.ones(4), a, b, ab], axis=1)
    return tuple(2 * np.linalg.lstsq(columns, [none, only_a, only_b, both])[0][1:])


check("effects", effects)

# %% [markdown]
# ## 6 · How many found gains are real?
#
# A share `base` of all ideas is good. The test finds a good one with probability `power`, and takes a useless
# one for good with probability `false_alarm`. Return the share of good ones among all that it finds.


# %%
def real(base, power, false_alarm):
    ### BEGIN SOLUTION
    good = base * power
    useless = (1 - base) * false_alarm
    return good / (good + useless)
    ### END SOLUTION


check("real", real)

# %%
# hint("real", 1)


# %% tags=["wrong"]
# says: is 1 - false_alarm
def real(base, power, false_alarm):
    return 1 - false_alarm


check("real", real)


# %% tags=["wrong"]
# says: leaves the base rate out
def real(base, power, false_alarm):
    return power / (power + false_alarm)


check("real", real)


# %% tags=["wrong"]
# says: is the power
def real(base, power, false_alarm):
    return power


check("real", real)


# %% tags=["wrong"]
# says: out of all ideas
def real(base, power, false_alarm):
    return base * power


check("real", real)


# %% tags=["wrong"]
# says: is the share of all ideas that is found
def real(base, power, false_alarm):
    return base * power + (1 - base) * false_alarm


check("real", real)


# %% tags=["wrong"]
# says: takes the useless ideas for all ideas
def real(base, power, false_alarm):
    return base * power / (base * power + false_alarm)


check("real", real)


# %% tags=["wrong"]
# says: is the share that is *not* real
def real(base, power, false_alarm):
    return (1 - base) * false_alarm / (base * power + (1 - base) * false_alarm)


check("real", real)


# %% tags=["wrong"]
# says: is the ratio of real to false ones
def real(base, power, false_alarm):
    return base * power / ((1 - base) * false_alarm)


check("real", real)


# %% tags=["alternative"]
def real(base, power, false_alarm):
    odds = base / (1 - base) * power / false_alarm
    return odds / (1 + odds)


check("real", real)

# %% [markdown]
# ## 7 · Find the flaw by measuring
#
# A colleague hands in a `report` and a `log`. The report is a dictionary: `gain` (accuracy of B minus
# accuracy of A), `seeds` (a list: those it speaks of) and `trained_on` (a set of sources). The log is a data
# frame with one row for each photo, model and seed: `model` ("A" or "B"), `seed`, `source` (who is on the
# photo), `light` ("day" or "night") and `right`.
#
# Return `"leak"`, `"confounder"`, `"picked seed"` or `"none"`. Each result has at most one flaw, and whether B
# is better does not matter. In an honest log the two models' shares of night photos differ by less than 0.05.


# %%
def flaw(report, log):
    ### BEGIN SOLUTION
    if log["source"].isin(report["trained_on"]).any():
        return "leak"
    nights = (log["light"] == "night").groupby(log["model"]).mean()
    if abs(nights["A"] - nights["B"]) > 0.1:
        return "confounder"
    if set(log["seed"]) != set(report["seeds"]):
        return "picked seed"
    return "none"
    ### END SOLUTION


check("flaw", flaw)

# %%
# hint("flaw", 1)


# %% tags=["wrong"]
# says: of the log's sources are in report['trained_on']: has it seen them before
def flaw(report, log):
    nights = (log["light"] == "night").groupby(log["model"]).mean()
    if abs(nights["A"] - nights["B"]) > 0.1:
        return "confounder"
    return "picked seed" if set(log["seed"]) != set(report["seeds"]) else "none"


check("flaw", flaw)


# %% tags=["wrong"]
# says: do both face the same task
def flaw(report, log):
    if log["source"].isin(report["trained_on"]).any():
        return "leak"
    return "picked seed" if set(log["seed"]) != set(report["seeds"]) else "none"


check("flaw", flaw)


# %% tags=["wrong"]
# says: which runs does the report leave out
def flaw(report, log):
    if log["source"].isin(report["trained_on"]).any():
        return "leak"
    nights = (log["light"] == "night").groupby(log["model"]).mean()
    return "confounder" if abs(nights["A"] - nights["B"]) > 0.1 else "none"


check("flaw", flaw)


# %% tags=["wrong"]
# says: Is that a flaw
def flaw(report, log):
    if log["source"].isin(report["trained_on"]).any():
        return "leak"
    nights = (log["light"] == "night").groupby(log["model"]).mean()
    return "confounder" if abs(nights["A"] - nights["B"]) > 0.1 else "picked seed"


check("flaw", flaw)


# %% tags=["wrong"]
# says: expected one of 'leak', 'confounder', 'picked seed', 'none'
def flaw(report, log):
    return log["source"].isin(report["trained_on"]).mean()


check("flaw", flaw)


# %% tags=["alternative"]
def flaw(report, log):
    if set(log.source) & report["trained_on"]:
        return "leak"
    table = pd.crosstab(log.model, log.light)
    if stats.chi2_contingency(table).pvalue < 1e-6:
        return "confounder"
    by_model = log.groupby("model").right.mean()
    if abs(by_model["B"] - by_model["A"] - report["gain"]) > 1e-9:
        return "picked seed"
    return "none"


check("flaw", flaw)

# %% [markdown]
# ## 8 · Run a study, and defend what it shows
#
# "Weight decay gives a point," says the report of the lesson. You measure.

# %%
from internlab.practice.exercises.significance_given import measure

ui.show_source(measure)

# %% [markdown]
# The study is fixed before you measure: seeds 0 to 11. Answer with a dictionary:
#
# - `differences`: from each of these seeds to the accuracy with weight decay minus without, in points;
# - `conclusion`: `"helps"` if the mean difference lies above zero by more than two standard errors (표준
#   오차), `"costs"` if it lies below zero by more than two, else `"cannot tell"`. The standard error is the
#   standard deviation of the differences, with `ddof=1`, over the square root of their number.

# %%
### BEGIN SOLUTION
differences = {}
for seed in range(12):
    decay, plain = measure(seed)
    differences[seed] = decay - plain
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
conclusion = "cannot tell"
if abs(values.mean()) > 2 * error:
    conclusion = "helps" if values.mean() > 0 else "costs"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("study", answer)

# %%
# hint("study", 1)

# %% tags=["wrong"]
# says: Yours is the accuracy with weight decay alone
alone = {seed: measure(seed)[0] for seed in range(12)}
answer = {"differences": alone, "conclusion": "helps"}
check("study", answer)

# %% tags=["wrong"]
# says: which is taken from which
swapped = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}
answer = {"differences": swapped, "conclusion": "costs"}
check("study", answer)

# %% tags=["wrong"]
# says: are both numbers of one seed
unpaired = {seed: measure(seed)[0] - measure((seed + 1) % 12)[1] for seed in range(12)}
answer = {"differences": unpaired, "conclusion": "cannot tell"}
check("study", answer)

# %% tags=["wrong"]
# says: did you divide by 100
shares = {seed: (measure(seed)[0] - measure(seed)[1]) / 100 for seed in range(12)}
answer = {"differences": shares, "conclusion": "helps"}
check("study", answer)

# %% tags=["wrong"]
# says: what would another seed have said
answer = {"differences": {10: measure(10)[0] - measure(10)[1]}, "conclusion": "helps"}
check("study", answer)

# %% tags=["wrong"]
# says: would you have stopped there
three = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(3)}
answer = {"differences": three, "conclusion": "cannot tell"}
check("study", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
better = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}
answer = {"differences": {s: d for s, d in better.items() if d > 0}, "conclusion": "helps"}
check("study", answer)

# %% tags=["wrong"]
# says: who chose yours
shopped = {seed: measure(seed)[0] - measure(seed)[1] for seed in (10, 13, 23)}
answer = {"differences": shopped, "conclusion": "helps"}
check("study", answer)

# %% tags=["wrong"]
# says: how many standard errors is the mean from zero
answer = {"differences": better, "conclusion": "cannot tell"}
check("study", answer)

# %% tags=["alternative"]
both = pd.DataFrame([measure(seed) for seed in range(12)], columns=["decay", "plain"])
answer = {"conclusion": "helps", "differences": both["decay"] - both["plain"]}
check("study", answer)

# %% [markdown]
# Apply the rule to the first three seeds alone: they speak against weight decay, without being able to tell.
# Then compare the mean of all twelve with the point that was reported. Both luck and gain are real.
#
# To keep your own results in a table like the lesson's:
#
# ```python
# from internlab import notes
# from internlab.practice.decision import decide_recipes, write_table
#
# row = decide_recipes("weight decay", values / 100)  # shares, not points
# write_table([row], notes.notes_folder() / "my-decisions")
# ```
#
# ## What you did
#
# You tested one comparison on its images and one over training runs, said what the next one needs, kept the
# test out of the choice, separated two ideas from what they do together, and found flaws by measuring what a
# report does not say. The worked answers are in [solutions](../solutions/02_is_one_point_real.ipynb).
