# ---
# title: The same attack on another day (lab)
# minutes: 50
# passages: [kb-pad-antispoofing, kb-split-into-cases, kb-same-attack-other-day]
# smoke_seconds: 15
# ---
# %% [markdown]
# # Lab 03 · The same attack on another day
#
# *50 minutes. You need: [lesson 03](../notebooks/03_another_day.ipynb).*
#
# You write the error rates of attack detection, a split that keeps days apart, the next step of a collection plan
# and a test that opens once, and you measure how much a random split flatters. Replace each `...`, run the cell,
# and read the line that `check()` prints. The exercises do not depend on each other.
#
# Everywhere: `scores` is an array (N,), larger looks more like an attack, and a frame is *called* an attack
# where its score is **at or above** the threshold. `kinds` is an array (N,) of texts: `"live"`, or the species of
# an attack. All rates are shares between 0 and 1.

# %%
import itertools
from pathlib import Path

import numpy as np

from internlab import notebook_ui as ui
from internlab import passages
from internlab.practice.exercises.captures import check, hint, measure

ui.style()
passages.card("kb-pad-antispoofing", "kb-split-into-cases", "kb-same-attack-other-day")

# %% [markdown]
# ## 1 · The worst species
#
# Return the name of the species with the largest APCER, and that APCER: two values. The APCER of a species is the
# share of its attacks that are *not* called attacks.


# %%
def worst(scores, kinds, threshold):
    ### BEGIN SOLUTION
    species = [each for each in np.unique(kinds) if each != "live"]
    rates = {each: (scores[kinds == each] < threshold).mean() for each in species}
    name = max(rates, key=rates.get)
    return name, rates[name]
    ### END SOLUTION


check("worst", worst)

# %%
# hint("worst", 1)


# %% tags=["wrong"]
# says: is the share of all attacks
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] < threshold).mean() for s in set(kinds) - {"live"}}
    return max(rates, key=rates.get), (scores[kinds != "live"] < threshold).mean()


check("worst", worst)


# %% tags=["wrong"]
# says: is the mean over the species
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] < threshold).mean() for s in set(kinds) - {"live"}}
    return max(rates, key=rates.get), np.mean(list(rates.values()))


check("worst", worst)


# %% tags=["wrong"]
# says: is the largest share that is caught
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] >= threshold).mean() for s in set(kinds) - {"live"}}
    name = max(rates, key=rates.get)
    return name, rates[name]


check("worst", worst)


# %% tags=["wrong"]
# says: is the species that is caught best
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] < threshold).mean() for s in set(kinds) - {"live"}}
    name = min(rates, key=rates.get)
    return name, rates[name]


check("worst", worst)


# %% tags=["wrong"]
# says: Is it < or <=
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] <= threshold).mean() for s in set(kinds) - {"live"}}
    name = max(rates, key=rates.get)
    return name, rates[name]


check("worst", worst)


# %% tags=["wrong"]
# says: you name 'live' as the worst species
def worst(scores, kinds, threshold):
    rates = {str(s): (scores[kinds == s] < threshold).mean() for s in np.unique(kinds)}
    return "live", rates["live"]


check("worst", worst)


# %% tags=["wrong"]
# says: is a number of frames
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] < threshold).mean() for s in set(kinds) - {"live"}}
    name = max(rates, key=rates.get)
    return name, (scores[kinds == name] < threshold).sum()


check("worst", worst)


# %% tags=["wrong"]
# says: which of the two comes first
def worst(scores, kinds, threshold):
    rates = {s: (scores[kinds == s] < threshold).mean() for s in set(kinds) - {"live"}}
    name = max(rates, key=rates.get)
    return rates[name], name


check("worst", worst)


# %% tags=["alternative"]
def worst(scores, kinds, threshold):
    import pandas as pd

    missed = pd.Series(scores < threshold).groupby(kinds).mean().drop("live")
    return missed.idxmax(), missed.max()


check("worst", worst)

# %% [markdown]
# ## 2 · What a limit costs
#
# A door may let at most `limit` of the attacks through, of *every* species. Find the largest threshold that
# keeps to it, and return the BPCER there: the share of live people who are called attacks.


# %%
def bpcer_at(scores, kinds, limit):
    ### BEGIN SOLUTION
    species = set(kinds) - {"live"}
    allowed = [t for t in scores if all((scores[kinds == s] < t).mean() <= limit for s in species)]
    return (scores[kinds == "live"] >= max(allowed)).mean()
    ### END SOLUTION


check("bpcer_at", bpcer_at)

# %%
# hint("bpcer_at", 1)


# %% tags=["wrong"]
# says: uses a threshold for all attacks together
def bpcer_at(scores, kinds, limit):
    attacks = scores[kinds != "live"]
    threshold = max(t for t in attacks if (attacks < t).mean() <= limit)
    return (scores[kinds == "live"] >= threshold).mean()


check("bpcer_at", bpcer_at)


# %% tags=["wrong"]
# says: is the threshold. Which share
def bpcer_at(scores, kinds, limit):
    species = set(kinds) - {"live"}
    return max(t for t in scores if all((scores[kinds == s] < t).mean() <= limit for s in species))


check("bpcer_at", bpcer_at)


# %% tags=["wrong"]
# says: is the share of live people who pass
def bpcer_at(scores, kinds, limit):
    species = set(kinds) - {"live"}
    best = max(t for t in scores if all((scores[kinds == s] < t).mean() <= limit for s in species))
    return (scores[kinds == "live"] < best).mean()


check("bpcer_at", bpcer_at)


# %% tags=["wrong"]
# says: misses no attack at all
def bpcer_at(scores, kinds, limit):
    return (scores[kinds == "live"] >= scores[kinds != "live"].min()).mean()


check("bpcer_at", bpcer_at)


# %% tags=["wrong"]
# says: fixes the BPCER at the limit
def bpcer_at(scores, kinds, limit):
    live = scores[kinds == "live"]
    threshold = np.sort(live)[-1 - int(limit * len(live) + 1e-9)]
    return max((scores[kinds == s] < threshold).mean() for s in set(kinds) - {"live"})


check("bpcer_at", bpcer_at)


# %% tags=["wrong"]
# says: holds the mean of the species' APCER
def bpcer_at(scores, kinds, limit):
    species = set(kinds) - {"live"}
    allowed = [
        t for t in scores if np.mean([(scores[kinds == s] < t).mean() for s in species]) <= limit
    ]
    return (scores[kinds == "live"] >= max(allowed)).mean()


check("bpcer_at", bpcer_at)


# %% tags=["alternative"]
def bpcer_at(scores, kinds, limit):
    threshold = np.inf
    for each in set(kinds) - {"live"}:
        ordered = np.sort(scores[kinds == each])
        threshold = min(threshold, ordered[int(np.floor(limit * len(ordered) + 1e-9))])
    return float(np.mean(scores[kinds == "live"] >= threshold))


check("bpcer_at", bpcer_at)

# %% [markdown]
# ## 3 · A test of whole days
#
# `sessions` is an array (N,) of texts: the session of each frame. Return a mask (N,), True where a frame is for
# the test. The test is **two** whole sessions, drawn with the generator `rng`.


# %%
def session_test(sessions, rng):
    ### BEGIN SOLUTION
    drawn = rng.choice(np.unique(sessions), 2, replace=False)
    return np.isin(sessions, drawn)
    ### END SOLUTION


check("session_test", session_test)

# %%
# hint("session_test", 1)


# %% tags=["wrong"]
# says: what did you draw, frames or sessions
def session_test(sessions, rng):
    return rng.random(len(sessions)) < 0.25


check("session_test", session_test)


# %% tags=["wrong"]
# says: where does `rng` come in
def session_test(sessions, rng):
    return np.isin(sessions, np.unique(sessions)[:2])


check("session_test", session_test)


# %% tags=["wrong"]
# says: did you mark the training frames
def session_test(sessions, rng):
    return ~np.isin(sessions, rng.choice(np.unique(sessions), 2, replace=False))


check("session_test", session_test)


# %% tags=["wrong"]
# says: which frames belong to these sessions
def session_test(sessions, rng):
    return rng.choice(np.unique(sessions), 2, replace=False)


check("session_test", session_test)


# %% tags=["wrong"]
# says: how many are to be drawn
def session_test(sessions, rng):
    return sessions == rng.choice(np.unique(sessions))


check("session_test", session_test)


# %% tags=["alternative"]
def session_test(sessions, rng):
    names = rng.permutation(sorted(set(sessions)))[:2].tolist()
    return [each in names for each in sessions]


check("session_test", session_test)

# %% [markdown]
# ## 4 · Two goals
#
# Some attacks, one species. `matches` is an array (N,) of True and False: whether the face matcher takes the frame for
# the person in question. Return two shares of all attacks. First: how many would succeed as an
# *impersonation* (taken for live, and for the victim). Second: how many as an *evasion* (taken for live, and not
# for oneself).


# %%
def success(scores, matches, threshold):
    ### BEGIN SOLUTION
    passed = scores < threshold
    return (passed & matches).mean(), (passed & ~matches).mean()
    ### END SOLUTION


check("success", success)

# %%
# hint("success", 1)


# %% tags=["wrong"]
# says: expected them the other way round
def success(scores, matches, threshold):
    passed = scores < threshold
    return (passed & ~matches).mean(), (passed & matches).mean()


check("success", success)


# %% tags=["wrong"]
# says: asks the detector alone
def success(scores, matches, threshold):
    passed = scores < threshold
    return passed.mean(), passed.mean()


check("success", success)


# %% tags=["wrong"]
# says: asks the matcher alone
def success(scores, matches, threshold):
    return matches.mean(), (~matches).mean()


check("success", success)


# %% tags=["wrong"]
# says: Out of how many did the attacker try
def success(scores, matches, threshold):
    passed = scores < threshold
    return matches[passed].mean(), (~matches)[passed].mean()


check("success", success)


# %% tags=["wrong"]
# says: counts those that the detector caught
def success(scores, matches, threshold):
    caught = scores >= threshold
    return (caught & matches).mean(), (caught & ~matches).mean()


check("success", success)


# %% tags=["alternative"]
def success(scores, matches, threshold):
    both = [0, 0]
    for score, match in zip(scores, matches, strict=True):
        if score < threshold:
            both[0 if match else 1] += 1
    return both[0] / len(scores), both[1] / len(scores)


check("success", success)

# %% [markdown]
# ## 5 · What is not covered
#
# `factors` is a dictionary from a factor's name to its levels, and `chosen` a list of cases. A case is a dictionary
# with one level of each factor. Return how many pairs of levels, of two different factors, no case in
# `chosen` holds. The list may be empty.


# %%
def uncovered(chosen, factors):
    ### BEGIN SOLUTION
    missing = 0
    for first, second in itertools.combinations(factors, 2):
        for a, b in itertools.product(factors[first], factors[second]):
            if not any(case[first] == a and case[second] == b for case in chosen):
                missing += 1
    return missing
    ### END SOLUTION


check("uncovered", uncovered)

# %%
# hint("uncovered", 1)


# %% tags=["wrong"]
# says: counts each pair twice
def uncovered(chosen, factors):
    missing = 0
    for first, second in itertools.permutations(factors, 2):
        for a, b in itertools.product(factors[first], factors[second]):
            missing += not any(case[first] == a and case[second] == b for case in chosen)
    return missing


check("uncovered", uncovered)


# %% tags=["wrong"]
# says: is the number of combinations that are not in the list
def uncovered(chosen, factors):
    return int(np.prod([len(levels) for levels in factors.values()])) - len(chosen)


check("uncovered", uncovered)


# %% tags=["wrong"]
# says: is the number of levels that no case has
def uncovered(chosen, factors):
    return sum(
        all(case[name] != level for case in chosen)
        for name, levels in factors.items()
        for level in levels
    )


check("uncovered", uncovered)


# %% tags=["wrong"]
# says: and some are held by several cases
def uncovered(chosen, factors):
    pairs = itertools.combinations(factors, 2)
    wanted = sum(len(factors[first]) * len(factors[second]) for first, second in pairs)
    return wanted - sum(len(list(itertools.combinations(case, 2))) for case in chosen)


check("uncovered", uncovered)


# %% tags=["wrong"]
# says: is the number of pairs that are covered
def uncovered(chosen, factors):
    return len({pair for case in chosen for pair in itertools.combinations(case.items(), 2)})


check("uncovered", uncovered)


# %% tags=["alternative"]
def uncovered(chosen, factors):
    wanted = set()
    for case in itertools.product(*([(n, x) for x in levels] for n, levels in factors.items())):
        wanted |= set(itertools.combinations(case, 2))
    for case in chosen:
        wanted -= set(itertools.combinations([(name, case[name]) for name in factors], 2))
    return len(wanted)


check("uncovered", uncovered)

# %% [markdown]
# ## 6 · What to collect next
#
# `candidates` are cases that you could collect next, `hours` what each costs, and `chosen` the cases that you have. Return
# the *index* of the candidate that brings most **new** pairs of levels **an hour**.


# %%
def next_case(candidates, chosen, hours):
    ### BEGIN SOLUTION
    held = {pair for case in chosen for pair in itertools.combinations(case.items(), 2)}
    new = [len(set(itertools.combinations(case.items(), 2)) - held) for case in candidates]
    return int(np.argmax(np.array(new) / np.array(hours)))
    ### END SOLUTION


check("next_case", next_case)

# %%
# hint("next_case", 1)


# %% tags=["wrong"]
# says: has the most new pairs. What does it cost
def next_case(candidates, chosen, hours):
    held = {pair for case in chosen for pair in itertools.combinations(case.items(), 2)}
    new = [len(set(itertools.combinations(case.items(), 2)) - held) for case in candidates]
    return int(np.argmax(new))


check("next_case", next_case)


# %% tags=["wrong"]
# says: is the cheapest. What does it add
def next_case(candidates, chosen, hours):
    return int(np.argmin(hours))


check("next_case", next_case)


# %% tags=["wrong"]
# says: has the fewest new pairs an hour
def next_case(candidates, chosen, hours):
    held = {pair for case in chosen for pair in itertools.combinations(case.items(), 2)}
    new = [len(set(itertools.combinations(case.items(), 2)) - held) for case in candidates]
    return int(np.argmin(np.array(new) / np.array(hours)))


check("next_case", next_case)


# %% tags=["wrong"]
# says: expected its index in the list
def next_case(candidates, chosen, hours):
    held = {pair for case in chosen for pair in itertools.combinations(case.items(), 2)}
    new = [len(set(itertools.combinations(case.items(), 2)) - held) for case in candidates]
    return candidates[int(np.argmax(np.array(new) / np.array(hours)))]


check("next_case", next_case)

# %% [markdown]
# ## 7 · A test that opens once
#
# `path` is a `Path` of a file that does not exist yet. The first call for a path returns `"opened"`, and leaves a file there. Every later call
# returns another text, which names **who** opened the test and **when**: those of the first call. `who` and `when` are texts.
# Another process may make the later call.


# %%
def open_once(path, who, when):
    ### BEGIN SOLUTION
    if path.exists():
        return path.read_text(encoding="utf-8")
    path.write_text(f"opened by {who} on {when}", encoding="utf-8")
    return "opened"
    ### END SOLUTION


check("open_once", open_once)

# %%
# hint("open_once", 1)


# %% tags=["wrong"]
# says: how can a second process know
def open_once(path, who, when, seen={}):
    if str(path) in seen:
        return seen[str(path)]
    seen[str(path)] = f"opened by {who} on {when}"
    return "opened"


check("open_once", open_once)


# %% tags=["wrong"]
# says: opened the test again after
def open_once(path, who, when):
    path.write_text(f"opened by {who} on {when}")
    return "opened"


check("open_once", open_once)


# %% tags=["wrong"]
# says: who opened the test, and who only asked
def open_once(path, who, when):
    if path.exists():
        return f"refused: {who}, {when}"
    path.write_text("opened")
    return "opened"


check("open_once", open_once)


# %% tags=["wrong"]
# says: whom would a colleague ask about the result
def open_once(path, who, when):
    if path.exists():
        return "refused"
    path.touch()
    return "opened"


check("open_once", open_once)


# %% tags=["wrong"]
# says: what did the second call write into the file
def open_once(path, who, when):
    before = path.read_text() if path.exists() else ""
    path.write_text(f"opened by {who} on {when}")
    return before or "opened"


check("open_once", open_once)


# %% tags=["alternative"]
def open_once(path, who, when):
    try:
        with open(path, "x") as file:
            file.write(f"{when} {who}\n")
    except FileExistsError:
        return "refused: it was opened on " + Path(path).read_text().strip()
    return "opened"


check("open_once", open_once)

# %% [markdown]
# ## 8 · Does the random split flatter?
#
# `measure(seed)` deals one small collection into three parts in two ways, and returns two balanced errors of the same
# detector: with *frames* dealt at random, and with whole *sessions*. Measure seeds 0 to 11. For each
# take the error with sessions minus the error with frames. Conclude by a rule that was fixed before: if the mean of
# the differences is more than two standard errors above zero, `"the random split flatters"`; more than two below,
# `"the split by session flatters"`; else `"too near to tell"`.
#
# The twelve deals are of *one* collection, so this says how much the split matters there. Another collection could
# differ; the lesson had three.

# %%
### BEGIN SOLUTION
differences = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
side = 1 if values.mean() > 2 * error else 2 if values.mean() < -2 * error else 0
study = {
    "differences": differences,
    "conclusion": [
        "too near to tell",
        "the random split flatters",
        "the split by session flatters",
    ][side],
}
### END SOLUTION
check("study", study)

# %%
# hint("study", 1)


# %% tags=["wrong"]
# says: which is taken from which
study = {
    "differences": {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)},
    "conclusion": "the split by session flatters",
}
check("study", study)

# %% tags=["wrong"]
# says: what would another deal have said
study = {
    "differences": {0: measure(0)[1] - measure(0)[0]},
    "conclusion": "the random split flatters",
}
check("study", study)

# %% tags=["wrong"]
# says: by how many standard errors
study = {
    "differences": {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)},
    "conclusion": "too near to tell",
}
check("study", study)

# %% tags=["wrong"]
# says: is one divided or taken from the other
study = {
    "differences": {seed: measure(seed)[1] / measure(seed)[0] for seed in range(12)},
    "conclusion": "the random split flatters",
}
check("study", study)

# %% tags=["alternative"]
import pandas as pd

pairs = pd.DataFrame([measure(seed) for seed in range(12)], columns=["frames", "sessions"])
gap = pairs["sessions"] - pairs["frames"]
study = {"differences": gap, "conclusion": "the random split flatters"}
check("study", study)

# %% [markdown]
# ## Where to go next
#
# Take a data set that you use. In what do its frames, patients, drives or recordings come in groups? Find out
# which groups the split in use puts on both sides. Then lesson 04.
