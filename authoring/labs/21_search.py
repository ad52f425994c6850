# ---
# title: Search (lab)
# minutes: 60
# passages: [sia-hpo, kep-gpu-budget, msj-test-intuition-fast]
# smoke_seconds: 40
# ---
# %% [markdown]
# # Lab 21 · Search
#
# *60 minutes. You need: [lesson 21](../notebooks/21_search.ipynb).*
#
# A search is easy to start and easy to misread. You write the pieces that decide whether its result
# means anything: how a value is drawn, which number of a run counts, who wins, who is stopped, what it
# cost, and what a fair race is. At the end you judge a colleague's claim about a clever sampler. Replace
# each `...`, run the cell, and read the line that `check()` prints. The exercises do not depend on
# each other.

# %%
import numpy as np
import pandas as pd

from internlab import notebook_ui as ui
from internlab import passages
from internlab.hpo.exercises.search import check, hint

ui.style()
passages.card("sia-hpo", "kep-gpu-budget", "msj-test-intuition-fast")

# %% [markdown]
# ## 1 · Draw a learning rate
#
# A learning rate of 0.002 differs from 0.001 as 0.02 does from 0.01: by a factor. So every *factor*
# should be equally likely, and with it every power of ten between the bounds. Return an array of
# `count` values between `low` and `high`, drawn with `rng`, a NumPy generator.


# %%
def draw(low, high, count, rng):
    ### BEGIN SOLUTION
    exponents = rng.uniform(np.log10(low), np.log10(high), count)
    return 10**exponents
    ### END SOLUTION


check("draw", draw)

# %%
# hint("draw", 1)


# %% tags=["wrong"]
# says: which quantity should be uniform, the rate or its logarithm
def draw(low, high, count, rng):
    return rng.uniform(low, high, count)


check("draw", draw)


# %% tags=["wrong"]
# says: is the exponent drawn between the logarithms of the bounds
def draw(low, high, count, rng):
    return 10 ** rng.uniform(low, high, count)


check("draw", draw)


# %% tags=["wrong"]
# says: to the same base as the power
def draw(low, high, count, rng):
    return np.exp(rng.uniform(np.log10(low), np.log10(high), count))


check("draw", draw)


# %% tags=["wrong"]
# says: what would a search miss between two of yours
def draw(low, high, count, rng):
    return rng.choice(np.logspace(np.log10(low), np.log10(high), 5), count)


check("draw", draw)


# %% tags=["wrong"]
# says: do all draws come from `rng`
def draw(low, high, count, rng):
    return 10 ** np.random.uniform(np.log10(low), np.log10(high), count)


check("draw", draw)


# %% tags=["wrong"]
# says: or from one you made yourself
def draw(low, high, count, rng):
    rng = np.random.default_rng(0)
    return 10 ** rng.uniform(np.log10(low), np.log10(high), count)


check("draw", draw)


# %% tags=["wrong"]
# says: how likely is each exponent
def draw(low, high, count, rng):
    exponents = rng.normal((np.log10(low) + np.log10(high)) / 2, 0.8, count)
    return 10 ** np.clip(exponents, np.log10(low), np.log10(high))


check("draw", draw)


# %% tags=["wrong"]
# says: how many values were asked for
def draw(low, high, count, rng):
    return 10 ** rng.uniform(np.log10(low), np.log10(high))


check("draw", draw)


# %% tags=["alternative"]
def draw(low, high, count, rng):
    return low * (high / low) ** rng.random(count)


check("draw", draw)


# %% tags=["alternative"]
def draw(low, high, count, rng):
    from scipy.stats import loguniform

    return loguniform.rvs(low, high, size=count, random_state=rng).tolist()


check("draw", draw)

# %% [markdown]
# ## 2 · Which number of a run counts?
#
# A run was measured after every epoch, on validation and on test. You keep the checkpoint of *one*
# epoch, the best you can choose without the test, and report its test IoU. `validation` and `test`
# are arrays with one value an epoch.


# %%
def score(validation, test):
    ### BEGIN SOLUTION
    kept = np.argmax(validation)
    return test[kept]
    ### END SOLUTION


check("score", score)

# %%
# hint("score", 1)


# %% tags=["wrong"]
# says: the highest test IoU of all epochs
def score(validation, test):
    return max(test)


check("score", score)


# %% tags=["wrong"]
# says: the test IoU of the last epoch
def score(validation, test):
    return test[-1]


check("score", score)


# %% tags=["wrong"]
# says: it was used for the choice, so it flatters
def score(validation, test):
    return max(validation)


check("score", score)


# %% tags=["alternative"]
def score(validation, test):
    return max(zip(validation, test))[1]


check("score", score)

# %% [markdown]
# ## 3 · Who wins, and with which score?
#
# `trials` is a frame with one row a trial and the columns `trial` (its name), `validation_iou` and
# `test_iou`. Return a pair: the name of the trial that you submit, and the score that you report for it.
# The loss of one trial exploded, so its scores are NaN.


# %%
def winner(trials):
    ### BEGIN SOLUTION
    best = trials.loc[trials["validation_iou"].idxmax()]
    return best["trial"], best["test_iou"]
    ### END SOLUTION


check("winner", winner)

# %%
# hint("winner", 1)


# %% tags=["wrong"]
# says: what is left to test it with
def winner(trials):
    best = trials.loc[trials["test_iou"].idxmax()]
    return best["trial"], best["test_iou"]


check("winner", winner)


# %% tags=["wrong"]
# says: which number had no part in the choice
def winner(trials):
    best = trials.loc[trials["validation_iou"].idxmax()]
    return best["trial"], best["validation_iou"]


check("winner", winner)


# %% tags=["wrong"]
# says: in whose row do you read the score
def winner(trials):
    return trials["trial"][trials["validation_iou"].idxmax()], trials["test_iou"].max()


check("winner", winner)


# %% tags=["wrong"]
# says: because its loss exploded
def winner(trials):
    best = trials.iloc[np.argmax(trials["validation_iou"].to_numpy())]
    return best["trial"], best["test_iou"]


check("winner", winner)


# %% tags=["wrong"]
# says: is larger better
def winner(trials):
    best = trials.sort_values("validation_iou").iloc[0]
    return best["trial"], best["test_iou"]


check("winner", winner)


# %% tags=["wrong"]
# says: expected two values, a name and a score
def winner(trials):
    best = trials.loc[trials["validation_iou"].idxmax()]
    return best["trial"]


check("winner", winner)


# %% tags=["alternative"]
def winner(trials):
    finished = trials.dropna().sort_values("validation_iou", ascending=False)
    return tuple(finished[["trial", "test_iou"]].iloc[0])


check("winner", winner)

# %% [markdown]
# ## 4 · Go on, or stop?
#
# ASHA looks at a trial at a few epochs only, the rungs (단). When a trial reaches a rung, its value is
# compared with the values that *earlier* trials recorded at the same rung. The cutoff is the quantile
# with one in `eta` of those values above it. The trial goes on if its value is at or above the cutoff.
# The first trial at a rung has no opponent and goes on.
#
# `value` is the trial's metric (larger is better), `epoch` the rung it is at, `recorded` a dictionary
# from rung to the list of earlier values, such as `{4: [0.31, 0.22], 8: [0.40], 16: []}`. Return True to
# go on, False to stop.


# %%
def goes_on(value, epoch, recorded, eta):
    ### BEGIN SOLUTION
    earlier = recorded[epoch]
    return not earlier or bool(value >= np.quantile(earlier, 1 - 1 / eta))
    ### END SOLUTION


check("rung", goes_on)

# %%
# hint("rung", 1)


# %% tags=["wrong"]
# says: had those trials done better at this trial's age
def goes_on(value, epoch, recorded, eta):
    finished = recorded[max(recorded)]
    return not finished or bool(value >= np.quantile(finished, 1 - 1 / eta))


check("rung", goes_on)


# %% tags=["wrong"]
# says: is a value after 16 epochs a fair opponent for one after 4
def goes_on(value, epoch, recorded, eta):
    everything = [each for values in recorded.values() for each in values]
    return not everything or bool(value >= np.quantile(everything, 1 - 1 / eta))


check("rung", goes_on)


# %% tags=["wrong"]
# says: what share of the trials lies above that one
def goes_on(value, epoch, recorded, eta):
    return not recorded[epoch] or bool(value >= np.quantile(recorded[epoch], 1 / eta))


check("rung", goes_on)


# %% tags=["wrong"]
# says: is the metric here a loss
def goes_on(value, epoch, recorded, eta):
    return not recorded[epoch] or bool(value <= np.quantile(recorded[epoch], 1 / eta))


check("rung", goes_on)


# %% tags=["wrong"]
# says: Your cutoff is the median whatever eta is
def goes_on(value, epoch, recorded, eta):
    return not recorded[epoch] or bool(value >= np.median(recorded[epoch]))


check("rung", goes_on)


# %% tags=["wrong"]
# says: Only a new best goes on
def goes_on(value, epoch, recorded, eta):
    return value >= max(recorded[epoch], default=0)


check("rung", goes_on)


# %% tags=["wrong"]
# says: which values were recorded before it came
def goes_on(value, epoch, recorded, eta):
    return bool(value >= np.quantile([*recorded[epoch], value], 1 - 1 / eta))


check("rung", goes_on)


# %% tags=["wrong"]
# says: with whom could it have been compared
def goes_on(value, epoch, recorded, eta):
    return len(recorded[epoch]) > 0 and bool(value >= np.quantile(recorded[epoch], 1 - 1 / eta))


check("rung", goes_on)


# %% tags=["alternative"]
def goes_on(value, epoch, recorded, eta):
    if len(recorded[epoch]) == 0:
        return True
    return value >= np.percentile(np.array(recorded[epoch]), 100 * (eta - 1) / eta)


check("rung", goes_on)

# %% [markdown]
# ## 5 · What did the search cost?
#
# `cpu_seconds[trial]` is an array: the CPU-seconds that a trial has used up to and including epoch 1, 2,
# 3, ... 16, had it been left to run. `stopped_at[trial]` is the epoch after which it ended: 16 for a trial
# that ran to the end, less for one that was stopped. Return the CPU-seconds that the whole search
# used.


# %%
def cost(cpu_seconds, stopped_at):
    ### BEGIN SOLUTION
    total = 0.0
    for trial, last in stopped_at.items():
        total += cpu_seconds[trial][last - 1]
    return total
    ### END SOLUTION


check("cost", cost)

# %%
# hint("cost", 1)


# %% tags=["wrong"]
# says: what all trials would have cost in full
def cost(cpu_seconds, stopped_at):
    return sum(curve[-1] for curve in cpu_seconds.values())


check("cost", cost)


# %% tags=["wrong"]
# says: who paid for those that were stopped
def cost(cpu_seconds, stopped_at):
    return sum(cpu_seconds[trial][-1] for trial, last in stopped_at.items() if last == 16)


check("cost", cost)


# %% tags=["wrong"]
# says: who paid for the others
def cost(cpu_seconds, stopped_at):
    return max(cpu_seconds[trial][last - 1] for trial, last in stopped_at.items())


check("cost", cost)


# %% tags=["wrong"]
# says: because the curves are cumulative already
def cost(cpu_seconds, stopped_at):
    return sum(cpu_seconds[trial][:last].sum() for trial, last in stopped_at.items())


check("cost", cost)


# %% tags=["wrong"]
# says: at which index is the value after epoch 4
def cost(cpu_seconds, stopped_at):
    return sum(cpu_seconds[trial][last - 2] for trial, last in stopped_at.items())


check("cost", cost)


# %% tags=["wrong"]
# says: what did the whole search cost
def cost(cpu_seconds, stopped_at):
    return np.mean([cpu_seconds[trial][last - 1] for trial, last in stopped_at.items()])


check("cost", cost)


# %% tags=["alternative"]
def cost(cpu_seconds, stopped_at):
    each_epoch = {trial: np.diff(curve, prepend=0) for trial, curve in cpu_seconds.items()}
    return sum(each_epoch[trial][:last].sum() for trial, last in stopped_at.items())


check("cost", cost)

# %% [markdown]
# ## 6 · A fair race
#
# Two searches ran, one trial after another. `first` and `second` are frames with one row a trial, in
# the order in which they ran, and the columns `cpu_seconds` (of that trial alone) and
# `validation_iou` (known when the trial is done). One search spent more than the other.
#
# Return the best validation IoU of `first` minus that of `second`, both after the budget that both can
# afford: the total of the cheaper search.


# %%
def lead(first, second):
    ### BEGIN SOLUTION
    budget = min(first["cpu_seconds"].sum(), second["cpu_seconds"].sum())
    best = []
    for trials in (first, second):
        in_time = trials["cpu_seconds"].cumsum() <= budget
        best.append(trials["validation_iou"][in_time].max())
    return best[0] - best[1]
    ### END SOLUTION


check("budget", lead)

# %%
# hint("budget", 1)


# %% tags=["wrong"]
# says: would you call that a fair race
def lead(first, second):
    trials = min(len(first), len(second))
    return first["validation_iou"][:trials].max() - second["validation_iou"][:trials].max()


check("budget", lead)


# %% tags=["wrong"]
# says: what would the cheaper search have found with the rest of the time
def lead(first, second):
    return first["validation_iou"].max() - second["validation_iou"].max()


check("budget", lead)


# %% tags=["wrong"]
# says: could you have known its score by then
def lead(first, second):
    budget = min(first["cpu_seconds"].sum(), second["cpu_seconds"].sum())
    best = []
    for trials in (first, second):
        started = trials["cpu_seconds"].cumsum() - trials["cpu_seconds"]
        best.append(trials["validation_iou"][started < budget].max())
    return best[0] - best[1]


check("budget", lead)


# %% tags=["wrong"]
# says: which of the two is taken from which
def lead(first, second):
    budget = min(first["cpu_seconds"].sum(), second["cpu_seconds"].sum())
    best = [
        trials["validation_iou"][trials["cpu_seconds"].cumsum() <= budget].max()
        for trials in (first, second)
    ]
    return best[1] - best[0]


check("budget", lead)


# %% tags=["alternative"]
def lead(first, second):
    budget = min(sum(first.cpu_seconds), sum(second.cpu_seconds))

    def best(trials):
        spent, top = 0.0, 0.0
        for _, trial in trials.iterrows():
            spent += trial.cpu_seconds
            if spent <= budget:
                top = max(top, trial.validation_iou)
        return top

    return best(first) - best(second)


check("budget", lead)

# %% [markdown]
# ## 7 · Run an experiment, and defend what it shows
#
# A colleague says: "Random search is a waste. TPE looks at what it has seen, so it finds better
# configurations with the same trials." TPE (tree-structured Parzen estimator, Bergstra et al., 2011) is
# the sampler that Optuna uses when you do not name one.
#
# To repeat whole searches you need an objective that takes no time. This one is a formula with the shape
# of the lesson's table: one hill over the learning rate, colour augmentation that helps, and noise
# between validation and test. `search(sampler, seed)` runs 32 trials with `"random"` or `"tpe"`, chooses
# on the noisy validation IoU, and returns the test IoU of the choice.

# %%
from internlab.hpo.exercises.toy_search import search

ui.show_source(search)

# %% [markdown]
# Measure TPE against random. The study is fixed before you start: seeds 0 to 11. Choosing the seeds, or
# when to stop, is shopping for a result too. Answer with a dictionary:
#
# - `differences`: from each of these seeds to test IoU, TPE minus random with the same seed;
# - `conclusion`: what follows for TPE, one of `"better"`, `"worse"` and `"cannot tell"`. Say better or
#   worse only if the mean difference is further from zero than two standard errors (표준 오차): the
#   standard deviation of the differences, with `ddof=1`, over the square root of their number.

# %%
### BEGIN SOLUTION
differences = {seed: search("tpe", seed) - search("random", seed) for seed in range(12)}
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
side = "better" if values.mean() > 0 else "worse"
conclusion = side if abs(values.mean()) > 2 * error else "cannot tell"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("conclusion", answer)

# %%
# hint("conclusion", 1)

# %% tags=["wrong"]
# says: what would another seed have said
answer = {"differences": {0: search("tpe", 0) - search("random", 0)}, "conclusion": "worse"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: is the mean more than two standard errors from zero
twelve = {seed: search("tpe", seed) - search("random", seed) for seed in range(12)}
answer = {"differences": twelve, "conclusion": "cannot tell"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: did both get the same seed
unpaired = {seed: search("tpe", seed) - search("random", seed + 100) for seed in range(12)}
answer = {"differences": unpaired, "conclusion": "better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: which is taken from which
swapped = {seed: -difference for seed, difference in twelve.items()}
answer = {"differences": swapped, "conclusion": "worse"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
picked = {seed: twelve[seed] for seed in (1, 2, 8)}
answer = {"differences": picked, "conclusion": "better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: who chose yours, and what was known about them by then
shopped = {seed: search("tpe", seed) - search("random", seed) for seed in (84, 85, 86)}
answer = {"differences": shopped, "conclusion": "cannot tell"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: would you have stopped there
four = {seed: twelve[seed] for seed in range(4)}
answer = {"differences": four, "conclusion": "cannot tell"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: which run gave you this number
invented = four | {seed: 0.1 + seed / 1000 for seed in range(4, 12)}
answer = {"differences": invented, "conclusion": "better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: expected a finite number
unfinished = four | {seed: float("nan") for seed in range(4, 12)}
answer = {"differences": unfinished, "conclusion": "cannot tell"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: which does the rule give
answer = {"differences": twelve, "conclusion": "probably"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: which seed made which of them
answer = {"differences": list(twelve.values()), "conclusion": "better"}
check("conclusion", answer)

# %% tags=["alternative"]
answer = {"conclusion": "better", "differences": pd.Series(twelve).to_dict()}
check("conclusion", answer)

# %% [markdown]
# Apply the rule to your first three seeds alone, then to four, and so on: with few the honest answer is
# "cannot tell", with all twelve it is another one. That is why the number was fixed before you measured:
# whoever may stop at any seed can pick the answer. (Two standard errors are a generous rule for three
# seeds: a t-test at 5 % would ask for 4.3; for twelve it asks for 2.2.) Run your searches again with 16
# trials in place of 32, without the check, and see whether the colleague's sentence holds for the budget
# that you really have.
#
# ## What you did
#
# You drew a rate that is fair to every power of ten, kept the test out of every choice, wrote the rule
# that stops a trial, paid for all trials and not for the winner alone, and raced two searches at one
# budget. Then you asked how many seeds a claim needs. The worked answers are in
# [solutions](../solutions/21_search.ipynb). Next:
# [lesson 22](../notebooks/22_survive_and_scale.ipynb).
