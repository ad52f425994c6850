# ---
# title: The benchmark (lab)
# minutes: 60
# passages: [kep-debias-survey, kb-internalise-first]
# smoke_seconds: 20
# ---
# %% [markdown]
# # Lab 42 · The benchmark
#
# *60 minutes. You need: [lesson 42](../notebooks/42_benchmark.ipynb).*
#
# A ranking is made of small decisions. You write those that decide whether others can believe it: which
# settings compete, how far apart two methods are, whether that is luck, which runs a stopped grid still
# owes you, and what a larger tuning budget buys. At the end you draw a conclusion from twelve recorded
# seeds. Replace each `...`, run the cell, and read the line that `check()` prints. The exercises do not
# depend on each other.

# %%
import itertools

import numpy as np
import pandas as pd

from internlab import notebook_ui as ui
from internlab import passages
from internlab.debias.exercises.benchmark import check, hint
from internlab.debias.exercises.benchmark_given import measure, tuning_results

ui.style()
passages.card("kep-debias-survey", "kb-internalise-first")

# %% [markdown]
# ## 1 · Choose by a rule
#
# `results` has a row for each setting, seed and checkpoint, with three scores. The rule has a name: *balanced
# unbiased*, mean over the seeds, of the network as it is after the last step. Return the chosen setting and
# its mean test accuracy over the seeds, after the last step.

# %%
example = tuning_results(np.random.default_rng(0))
ui.table(example.head(6).round(3), caption=f"Six of {len(example)} rows.")


# %%
def choose(results):
    ### BEGIN SOLUTION
    last = results[results.step == results.step.max()]
    mean = last.groupby("setting")[["balanced_unbiased", "test_unbiased"]].mean()
    best = mean.balanced_unbiased.idxmax()
    return best, mean.test_unbiased[best]
    ### END SOLUTION


check("choose", choose)

# %%
# hint("choose", 1)


# %% tags=["wrong"]
# says: if test images choose
def choose(results):
    last = results[results.step == results.step.max()]
    mean = last.groupby("setting").test_unbiased.mean()
    return mean.idxmax(), mean.max()


check("choose", choose)


# %% tags=["wrong"]
# says: the maximum over checkpoints
def choose(results):
    best = results.groupby(["setting", "seed"]).test_unbiased.max().groupby("setting").mean()
    return best.idxmax(), best.max()


check("choose", choose)


# %% tags=["wrong"]
# says: Nearly all images there are aligned
def choose(results):
    last = results[results.step == results.step.max()]
    mean = last.groupby("setting")[["validation_average", "test_unbiased"]].mean()
    best = mean.validation_average.idxmax()
    return best, mean.test_unbiased[best]


check("choose", choose)


# %% tags=["wrong"]
# says: would it lead with another seed
def choose(results):
    last = results[results.step == results.step.max()]
    best = last.loc[last.balanced_unbiased.idxmax()]
    return best.setting, best.test_unbiased


check("choose", choose)


# %% tags=["wrong"]
# says: is the balanced score that chose it
def choose(results):
    last = results[results.step == results.step.max()]
    mean = last.groupby("setting").balanced_unbiased.mean()
    return mean.idxmax(), mean.max()


check("choose", choose)


# %% tags=["wrong"]
# says: is the mean over all checkpoints
def choose(results):
    last = results[results.step == results.step.max()]
    best = last.groupby("setting").balanced_unbiased.mean().idxmax()
    return best, results[results.setting == best].test_unbiased.mean()


check("choose", choose)


# %% tags=["wrong"]
# says: takes the best checkpoint of every seed
def choose(results):
    last = results[results.step == results.step.max()]
    best = last.groupby("setting").balanced_unbiased.mean().idxmax()
    return best, results[results.setting == best].groupby("seed").test_unbiased.max().mean()


check("choose", choose)


# %% tags=["wrong"]
# says: what would the next seed give
def choose(results):
    last = results[results.step == results.step.max()]
    best = last.groupby("setting").balanced_unbiased.mean().idxmax()
    return best, last[last.setting == best].test_unbiased.max()


check("choose", choose)


# %% tags=["wrong"]
# says: expected two, a setting
def choose(results):
    last = results[results.step == results.step.max()]
    return last.groupby("setting").balanced_unbiased.mean().idxmax()


check("choose", choose)


# %% tags=["wrong"]
# says: which column did you group by
def choose(results):
    last = results[results.step == results.step.max()].reset_index()
    best = last.balanced_unbiased.idxmax()
    return best, last.test_unbiased[best]


check("choose", choose)


# %% tags=["wrong"]
# says: which checkpoint does the rule name
def choose(results):
    best = results.loc[results.groupby(["setting", "seed"]).balanced_unbiased.idxmax()]
    mean = best.groupby("setting")[["balanced_unbiased", "test_unbiased"]].mean()
    return mean.balanced_unbiased.idxmax(), mean.test_unbiased[mean.balanced_unbiased.idxmax()]


check("choose", choose)


# %% tags=["wrong"]
# says: is per cent
def choose(results):
    last = results[results.step == results.step.max()]
    mean = last.groupby("setting")[["balanced_unbiased", "test_unbiased"]].mean()
    best = mean.balanced_unbiased.idxmax()
    return best, 100 * mean.test_unbiased[best]


check("choose", choose)


# %% tags=["alternative"]
def choose(results):
    last = results[results.step == results.step.max()]
    mean = last.groupby("setting", as_index=False).mean()
    return mean.sort_values("balanced_unbiased").iloc[-1][["setting", "test_unbiased"]]


check("choose", choose)


# %% tags=["alternative"]
def choose(results):
    scores = {}
    for setting in sorted(set(results.setting)):
        rows = results[(results.setting == setting) & (results.step == 600)]
        scores[setting] = (rows.balanced_unbiased.sum(), rows.test_unbiased.to_numpy().mean())
    best = max(scores, key=lambda setting: scores[setting][0])
    return [best, scores[best][1]]


check("choose", choose)

# %% [markdown]
# ## 2 · A difference within seeds
#
# `first` and `second` are dictionaries from seed to accuracy. Return the mean of the differences (first minus
# second) and its standard error: the standard deviation of the differences, with n - 1, over $\sqrt{n}$.


# %%
def difference(first, second):
    ### BEGIN SOLUTION
    each = np.array([first[seed] - second[seed] for seed in first])
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))
    ### END SOLUTION


check("difference", difference)

# %%
# hint("difference", 1)


# %% tags=["wrong"]
# says: Hard seeds are hard for both
def difference(first, second):
    a, b = np.array(list(first.values())), np.array(list(second.values()))
    return a.mean() - b.mean(), np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))


check("difference", difference)


# %% tags=["wrong"]
# says: which value belongs to which seed
def difference(first, second):
    each = np.array(list(first.values())) - np.array(list(second.values()))
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: what do you divide by then (ddof)
def difference(first, second):
    each = np.array([first[seed] - second[seed] for seed in first])
    return each.mean(), each.std() / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: is the spread of single differences
def difference(first, second):
    each = np.array([first[seed] - second[seed] for seed in first])
    return each.mean(), each.std(ddof=1)


check("difference", difference)


# %% tags=["wrong"]
# says: which is taken from which
def difference(first, second):
    each = np.array([second[seed] - first[seed] for seed in first])
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: which unit has it
def difference(first, second):
    each = np.array([first[seed] - second[seed] for seed in first])
    return each.mean(), each.var(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: did every seed take part
def difference(first, second):
    each = np.array([first[seed] - second[seed] for seed in list(first)[:3]])
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: does that count for the first
def difference(first, second):
    each = np.array([abs(first[seed] - second[seed]) for seed in first])
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: did you divide by 100
def difference(first, second):
    each = np.array([first[seed] - second[seed] for seed in first]) / 100
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["wrong"]
# says: which of the two was asked for first
def difference(first, second):
    each = np.array([first[seed] - second[seed] for seed in first])
    return each.std(ddof=1) / np.sqrt(len(each)), each.mean()


check("difference", difference)


# %% tags=["wrong"]
# says: where in a dictionary are the accuracies
def difference(first, second):
    each = np.array(list(first)) - np.array(list(second))
    return each.mean(), each.std(ddof=1) / np.sqrt(len(each))


check("difference", difference)


# %% tags=["alternative"]
def difference(first, second):
    import torch

    a = torch.tensor([first[seed] for seed in first])
    b = torch.tensor([second[seed] for seed in first])
    return torch.stack([(a - b).mean(), (a - b).std() / len(a) ** 0.5])


check("difference", difference)


# %% tags=["alternative"]
def difference(first, second):
    from scipy import stats

    each = pd.Series(first) - pd.Series(second)
    return float(each.mean()), float(stats.sem(each))


check("difference", difference)

# %% [markdown]
# ## 3 · Is it luck?
#
# If two methods were equally good, each of the n differences could as well have had the other sign. Of all
# $2^n$ ways to choose signs, in what share is the mean at least as far from zero, on either side, as the
# mean that was found? That share is p. `differences` is an array (n,), n at most 7. (The ways include the
# differences as they are. Compare with a margin of 1e-12, because sums round.)


# %%
def sign_flip(differences):
    ### BEGIN SOLUTION
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (np.abs(means) >= abs(differences.mean()) - 1e-12).mean()
    ### END SOLUTION


check("sign-flip", sign_flip)

# %%
# hint("sign-flip", 1)


# %% tags=["wrong"]
# says: would a mean as far below zero have surprised you less
def sign_flip(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (means >= differences.mean() - 1e-12).mean()


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: is p ever 0
def sign_flip(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (np.abs(means) > abs(differences.mean()) + 1e-12).mean()


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: which are at least as surprising
def sign_flip(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (np.abs(means) <= abs(differences.mean()) + 1e-12).mean()


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: which signs did you flip
def sign_flip(differences):
    from scipy import stats

    return stats.ttest_1samp(differences, 0).pvalue


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: does it matter how large they are
def sign_flip(differences):
    from scipy import stats

    return stats.binomtest(int((differences > 0).sum()), len(differences)).pvalue


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: what do you divide by
def sign_flip(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (np.abs(means) >= abs(differences.mean()) - 1e-12).sum()


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: of all
def sign_flip(differences):
    draws = [np.random.permutation(differences).mean() for _ in range(100)]
    return np.mean([abs(each) >= abs(differences.mean()) - 1e-12 for each in draws])


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: How far from zero is the mean that was found
def sign_flip(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (np.abs(means) >= differences.mean() - 1e-12).mean()


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: on which side are the means that are as far out
def sign_flip(differences):
    signs = np.array(list(itertools.product((1, -1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return 2 * (means >= differences.mean() - 1e-12).mean()


check("sign-flip", sign_flip)


# %% tags=["wrong"]
# says: which leaves differences out
def sign_flip(differences):
    signs = np.array(list(itertools.product((0, 1), repeat=len(differences))))
    means = (signs * differences).mean(axis=1)
    return (np.abs(means) >= abs(differences.mean()) - 1e-12).mean()


check("sign-flip", sign_flip)


# %% tags=["alternative"]
def sign_flip(differences):
    found = 0
    for ways in range(2 ** len(differences)):
        total = sum(-d if ways >> i & 1 else d for i, d in enumerate(differences))
        found += abs(total) >= abs(sum(differences)) - 1e-9
    return found / 2 ** len(differences)


check("sign-flip", sign_flip)


# %% tags=["alternative"]
def sign_flip(differences):
    from scipy import stats

    return stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=10**6
    ).pvalue


check("sign-flip", sign_flip)

# %% [markdown]
# ## 4 · What is still to compute?
#
# A run is a tuple (method, ratio, seed). `plan` lists the runs that are asked for. `journal` is a dictionary
# from run to its record, such as `{"status": "done", "code": "1a2b3c"}`; the status may also be `"failed"`,
# and a run with the same code would fail again. `code` says which code each method has today. Return the
# runs that have to be computed, as a list in the order of the plan.


# %%
def missing(plan, journal, code):
    ### BEGIN SOLUTION
    return [run for run in plan if run not in journal or journal[run]["code"] != code[run[0]]]
    ### END SOLUTION


check("missing", missing)

# %%
# hint("missing", 1)


# %% tags=["wrong"]
# says: whose code has changed since
def missing(plan, journal, code):
    return [run for run in plan if run not in journal]


check("missing", missing)


# %% tags=["wrong"]
# says: what would be different this time
def missing(plan, journal, code):
    good = {
        run
        for run, record in journal.items()
        if record["status"] == "done" and record["code"] == code.get(run[0])
    }
    return [run for run in plan if run not in good]


check("missing", missing)


# %% tags=["wrong"]
# says: what is the journal for
def missing(plan, journal, code):
    return plan


check("missing", missing)


# %% tags=["wrong"]
# says: is a further seed the same run
def missing(plan, journal, code):
    known = {(method, ratio) for method, ratio, _ in journal}
    return [run for run in plan if run[:2] not in known]


check("missing", missing)


# %% tags=["wrong"]
# says: in which order will they be computed
def missing(plan, journal, code):
    return {run for run in plan if journal.get(run, {}).get("code") != code[run[0]]}


check("missing", missing)


# %% tags=["wrong"]
# says: which way round is the comparison
def missing(plan, journal, code):
    return [run for run in plan if run in journal and journal[run]["code"] == code[run[0]]]


check("missing", missing)


# %% tags=["wrong"]
# says: more easily
def missing(plan, journal, code):
    need = [run for run in plan if journal.get(run, {}).get("code") != code[run[0]]]
    return sorted(need, key=lambda run: (run[2], run[0], run[1]))


check("missing", missing)


# %% tags=["wrong"]
# says: since that code was mended
def missing(plan, journal, code):
    def is_stale(run):
        return journal[run]["code"] != code[run[0]] and journal[run]["status"] != "failed"

    return [run for run in plan if run not in journal or is_stale(run)]


check("missing", missing)


# %% tags=["wrong"]
# says: goes by the status alone
def missing(plan, journal, code):
    return [run for run in plan if journal.get(run, {}).get("status") != "done"]


check("missing", missing)


# %% tags=["wrong"]
# says: which runs of the plan have no record
def missing(plan, journal, code):
    return [run for run in plan if journal.get(run, {}).get("code") == "to do"]


check("missing", missing)


# %% tags=["alternative"]
def missing(plan, journal, code):
    found = []
    for run in plan:
        record = journal.get(run)
        if record is None or record["code"] != code[run[0]]:
            found.append(list(run))
    return found


check("missing", missing)

# %% [markdown]
# ## 5 · An equal budget
#
# A method was tuned with 7 settings, its rival with `tried`. To compare them, ask what this method would have
# reported with `tried` settings: of all ways to pick so many of its settings, keep in each the one with the
# highest of `values` (what chooses), and take the mean of what is `reported` for it. Both are arrays (7,).


# %%
def budget(values, reported, tried):
    ### BEGIN SOLUTION
    picks = itertools.combinations(range(len(values)), tried)
    return np.mean([reported[max(pick, key=lambda i: values[i])] for pick in picks])
    ### END SOLUTION


check("budget", budget)

# %%
# hint("budget", 1)


# %% tags=["wrong"]
# says: which array was there when the setting was chosen
def budget(values, reported, tried):
    picks = itertools.combinations(reported, tried)
    return np.mean([max(pick) for pick in picks])


check("budget", budget)


# %% tags=["wrong"]
# says: which of the two has had luck
def budget(values, reported, tried):
    picks = itertools.combinations(values, tried)
    return np.mean([max(pick) for pick in picks])


check("budget", budget)


# %% tags=["wrong"]
# says: what does somebody find who can pay for fewer
def budget(values, reported, tried):
    return reported[np.argmax(values)]


check("budget", budget)


# %% tags=["wrong"]
# says: who says that the others come later
def budget(values, reported, tried):
    return reported[np.argmax(values[:tried])]


check("budget", budget)


# %% tags=["wrong"]
# says: how many are kept
def budget(values, reported, tried):
    return reported[np.argsort(-values)[:tried]].mean()


check("budget", budget)


# %% tags=["wrong"]
# says: what is tuning for
def budget(values, reported, tried):
    return reported.mean()


check("budget", budget)


# %% tags=["wrong"]
# says: who would pay for that
def budget(values, reported, tried):
    picks = itertools.product(range(len(values)), repeat=tried)
    return np.mean([reported[max(pick, key=lambda i: values[i])] for pick in picks])


check("budget", budget)


# %% tags=["wrong"]
# says: tries one setting fewer
def budget(values, reported, tried):
    picks = itertools.combinations(range(len(values)), tried - 1)
    return np.mean([reported[max(pick, key=lambda i: values[i])] for pick in picks])


check("budget", budget)


# %% tags=["wrong"]
# says: which middle is asked for
def budget(values, reported, tried):
    picks = itertools.combinations(range(len(values)), tried)
    return np.median([reported[max(pick, key=lambda i: values[i])] for pick in picks])


check("budget", budget)


# %% tags=["wrong"]
# says: which array does that number count
def budget(values, reported, tried):
    picks = itertools.combinations(range(len(values)), tried)
    return np.mean([reported[np.argmax(values[list(pick)])] for pick in picks])


check("budget", budget)


# %% tags=["wrong"]
# says: is per cent
def budget(values, reported, tried):
    picks = itertools.combinations(range(len(values)), tried)
    return 100 * np.mean([reported[max(pick, key=lambda i: values[i])] for pick in picks])


check("budget", budget)


# %% tags=["alternative"]
def budget(values, reported, tried):
    from math import comb

    best_first = np.argsort(values)[::-1]
    n = len(values)
    chances = [comb(n - 1 - place, tried - 1) / comb(n, tried) for place in range(n)]
    return float(np.dot(chances, reported[best_first]))


check("budget", budget)

# %% [markdown]
# ## 6 · Twelve seeds, one conclusion
#
# `measure(method, seed)` gives the unbiased test accuracy in percent of `"lff"` or `"ldd"` on coloured digits,
# 99 % aligned, as it was recorded. Both of a seed saw the same images. Suppose the question was fixed
# beforehand: is LDD better, over seeds 0 to 11? And so was the rule: the mean of LDD minus LfF has to be more
# than two standard errors (ddof=1) from zero. (In truth seeds 0 to 5 had been looked at before, as lesson 41
# says.)
#
# Give a dictionary with `"differences"`, from seed to LDD minus LfF, and `"conclusion"`, one of "LDD is
# better", "LfF is better", "cannot tell".

# %%
print("seed 0:", round(measure("ldd", 0), 1), "and", round(measure("lff", 0), 1))

# %%
### BEGIN SOLUTION
differences = {seed: measure("ldd", seed) - measure("lff", seed) for seed in range(12)}
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
conclusion = "cannot tell"
if abs(values.mean()) > 2 * error:
    conclusion = "LDD is better" if values.mean() > 0 else "LfF is better"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("conclusion", answer)

# %%
# hint("conclusion", 1)

# %% tags=["wrong"]
# says: what would another seed have said
answer = {
    "differences": {0: measure("ldd", 0) - measure("lff", 0)},
    "conclusion": "LDD is better",
}
check("conclusion", answer)

# %% tags=["wrong"]
# says: would you have stopped there
answer = {
    "differences": {seed: measure("ldd", seed) - measure("lff", seed) for seed in range(6)},
    "conclusion": "LDD is better",
}
check("conclusion", answer)

# %% tags=["wrong"]
# says: better than which
answer = {
    "differences": {seed: measure("ldd", seed) for seed in range(12)},
    "conclusion": "LDD is better",
}
check("conclusion", answer)

# %% tags=["wrong"]
# says: which is taken from which
answer = {
    "differences": {seed: measure("lff", seed) - measure("ldd", seed) for seed in range(12)},
    "conclusion": "LfF is better",
}
check("conclusion", answer)

# %% tags=["wrong"]
# says: on which side of zero is the mean
differences = {seed: measure("ldd", seed) - measure("lff", seed) for seed in range(12)}
answer = {"differences": differences, "conclusion": "LfF is better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: did you divide by 100
answer = {
    "differences": {s: (measure("ldd", s) - measure("lff", s)) / 100 for s in range(12)},
    "conclusion": "cannot tell",
}
check("conclusion", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
found = {seed: measure("ldd", seed) - measure("lff", seed) for seed in range(12)}
answer = {
    "differences": {s: d for s, d in found.items() if s not in (1, 2)},
    "conclusion": "LDD is better",
}
check("conclusion", answer)

# %% [markdown]
# ---
# You have written what a ranking rests on. The kit's own versions are in `internlab.debias.bench`; its grid
# adds a method of yours with one file: `python -m internlab.debias new my_method.py`.
