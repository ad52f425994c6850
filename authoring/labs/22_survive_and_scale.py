# ---
# title: Survive and scale (lab)
# minutes: 60
# passages: [sia-hpo, kep-gpu-budget, kb-plan-scarce-trials]
# smoke_seconds: 10
# ---
# %% [markdown]
# # Lab 22 · Survive and scale
#
# *60 minutes. You need: [lesson 22](../notebooks/22_survive_and_scale.ipynb).*
#
# You write the pieces that a search survives with: where to resume, what never wins, what deserves a
# second try, what a checkpoint must hold. You compute how many trials share a GPU, and write the step
# that makes population-based training. At the end you measure how often to save, and answer a
# colleague. Nothing here starts Ray. Replace each `...`, run the cell, and read the line that `check()`
# prints. The exercises do not depend on each other.

# %%
import copy
import json
import math

import numpy as np

from internlab import notebook_ui as ui
from internlab import passages
from internlab.hpo.exercises.survive import check, hint

passages.card("sia-hpo", "kep-gpu-budget", "kb-plan-scarce-trials")

# %% [markdown]
# ## 1 · Where to resume
#
# The objective below trains one weight and writes a checkpoint (체크포인트) after every epoch: a folder
# with a file `state.json`, such as `{"weight": 0.73, "epoch": 4}`. Epochs count from 1. After a crash
# the trial gets the folder of its last checkpoint; a new trial gets `None`, and starts from weight 0.
#
# ```python
# def train(trial, *, lr=0.1, epochs=12):
#     weight, first = begin(trial.checkpoint)
#     for epoch in range(first, epochs + 1):
#         weight = weight - lr * 2 * (weight - 1)
#         state = {"weight": weight, "epoch": epoch}
#         trial.report({"loss": (weight - 1) ** 2}, save=lambda folder: write(folder, state))
# ```
#
# Write `begin`: it returns the weight to start from and the epoch to run first, so that no epoch is run
# twice. `checkpoint` is a `Path` or `None`.


# %%
def begin(checkpoint):
    ### BEGIN SOLUTION
    if checkpoint is None:
        return 0.0, 1
    state = json.loads((checkpoint / "state.json").read_text())
    return state["weight"], state["epoch"] + 1
    ### END SOLUTION


check("resume", begin)

# %%
# hint("resume", 1)


# %% tags=["wrong"]
# says: would run twice
def begin(checkpoint):
    if checkpoint is None:
        return 0.0, 1
    state = json.loads((checkpoint / "state.json").read_text())
    return state["weight"], state["epoch"]


check("resume", begin)


# %% tags=["wrong"]
# says: would run on weights that had them already
def begin(checkpoint):
    if checkpoint is None:
        return 0.0, 1
    return json.loads((checkpoint / "state.json").read_text())["weight"], 1


check("resume", begin)


# %% tags=["wrong"]
# says: what else is in state.json
def begin(checkpoint):
    if checkpoint is None:
        return 0.0, 1
    return 0.0, json.loads((checkpoint / "state.json").read_text())["epoch"] + 1


check("resume", begin)


# %% tags=["wrong"]
# says: For a new trial the checkpoint is None
def begin(checkpoint):
    state = json.loads((checkpoint / "state.json").read_text())
    return state["weight"], state["epoch"] + 1


check("resume", begin)


# %% tags=["wrong"]
# says: which of the two is missing
def begin(checkpoint):
    if checkpoint is None:
        return 1
    return 1 + json.loads((checkpoint / "state.json").read_text())["epoch"]


check("resume", begin)


# %% tags=["alternative"]
def begin(checkpoint):
    state = {"weight": 0, "epoch": 0}
    if checkpoint:
        with open(checkpoint / "state.json") as file:
            state = json.load(file)
    return [state["weight"], 1 + state["epoch"]]


check("resume", begin)

# %% [markdown]
# ## 2 · A diverged trial never wins
#
# `scores` maps the name of each trial to its last score. `mode` is `"max"` (an IoU) or `"min"` (a loss).
# Training has diverged where the score is NaN or infinite: such a trial must not win, and must not spoil
# the comparison of the others. Return the name of the best trial. At least one score is finite.


# %%
def best_trial(scores, mode):
    ### BEGIN SOLUTION
    finite = {trial: score for trial, score in scores.items() if math.isfinite(score)}
    choose = max if mode == "max" else min
    return choose(finite, key=finite.get)
    ### END SOLUTION


check("best", best_trial)

# %%
# hint("best", 1)


# %% tags=["wrong"]
# says: every comparison with NaN is False
def best_trial(scores, mode):
    return (max if mode == "max" else min)(scores, key=scores.get)


check("best", best_trial)


# %% tags=["wrong"]
# says: NaN became the lowest loss of all
def best_trial(scores, mode):
    safe = {trial: 0 if math.isnan(score) else score for trial, score in scores.items()}
    return (max if mode == "max" else min)(safe, key=safe.get)


check("best", best_trial)


# %% tags=["wrong"]
# says: an infinite score is a diverged trial as well
def best_trial(scores, mode):
    known = {trial: score for trial, score in scores.items() if not math.isnan(score)}
    return (max if mode == "max" else min)(known, key=known.get)


check("best", best_trial)


# %% tags=["wrong"]
# says: asks for a loss
def best_trial(scores, mode):
    finite = {trial: score for trial, score in scores.items() if math.isfinite(score)}
    return max(finite, key=finite.get)


check("best", best_trial)


# %% tags=["wrong"]
# says: a score can be below zero
def best_trial(scores, mode):
    worst = 0 if mode == "max" else math.inf
    safe = {trial: score if math.isfinite(score) else worst for trial, score in scores.items()}
    return (max if mode == "max" else min)(safe, key=safe.get)


check("best", best_trial)


# %% tags=["alternative"]
def best_trial(scores, mode):
    sign = 1 if mode == "max" else -1
    ranked = sorted((sign * s, t) for t, s in scores.items() if np.isfinite(s))
    return ranked[-1][1]


check("best", best_trial)

# %% [markdown]
# ## 3 · What deserves a second try
#
# A retry (재시도) costs a trial's time again, so it has to be able to end differently. Write the rule.
# `reason` is one of `"worker killed"`, `"node lost"`, `"ValueError"` (raised by the configuration),
# `"loss is NaN"` and `"out of GPU memory"`; `retries` says how often this trial was retried already.
# Everything else stays as it was, the seed too. Return
#
# - `"retry"`: run it again as it is,
# - `"retry changed"`: run the same configuration with another share of a machine,
# - `"give up"`: mark the trial as failed, with its reason, and go on with the others.
#
# At most two retries, whatever the reason.


# %%
def decide(reason, retries):
    ### BEGIN SOLUTION
    if retries >= 2:
        return "give up"
    if reason in ("worker killed", "node lost"):
        return "retry"
    return "retry changed" if reason == "out of GPU memory" else "give up"
    ### END SOLUTION


check("retry", decide)

# %%
# hint("retry", 1)


# %% tags=["wrong"]
# says: what will it raise
def decide(reason, retries):
    return "retry" if retries < 2 else "give up"


check("retry", decide)


# %% tags=["wrong"]
# says: the same seed and learning rate lead to the same loss
def decide(reason, retries):
    return "give up" if reason == "ValueError" or retries >= 2 else "retry"


check("retry", decide)


# %% tags=["wrong"]
# says: a changed configuration is another trial
def decide(reason, retries):
    if retries >= 2 or reason == "ValueError":
        return "give up"
    return "retry" if reason in ("worker killed", "node lost") else "retry changed"


check("retry", decide)


# %% tags=["wrong"]
# says: why should it fit now
def decide(reason, retries):
    return "give up" if reason in ("ValueError", "loss is NaN") or retries >= 2 else "retry"


check("retry", decide)


# %% tags=["wrong"]
# says: brings the machine down each time
def decide(reason, retries):
    known = {"worker killed": "retry", "node lost": "retry", "out of GPU memory": "retry changed"}
    return known.get(reason, "give up")


check("retry", decide)


# %% tags=["wrong"]
# says: was it the configuration that failed
def decide(reason, retries):
    return "give up"


check("retry", decide)


# %% tags=["alternative"]
def decide(reason, retries):
    table = {"worker killed": "retry", "node lost": "retry", "out of GPU memory": "retry changed"}
    return table[reason] if reason in table and retries < 2 else "give up"


check("retry", decide)

# %% [markdown]
# ## 4 · How many trials share a GPU
#
# One trial ran alone on a GPU, and its memory was read off every second: `log`, an array in GiB, as
# PyTorch counts it. Every trial is a process of its own, and every process holds a CUDA context of
# `context` GiB that this count does not show. Keep a share `margin` of the GPU's `capacity` free.
# How many trials can run at once, so that all of them fit at any moment? (In Ray, one over this number is
# the `num_gpus` of a trial. Ray divides the GPU by counting; it does not hold anyone to it.)


# %%
def trials_on_gpu(log, capacity, context, margin):
    ### BEGIN SOLUTION
    usable = capacity * (1 - margin)
    return int(usable // (log.max() + context))
    ### END SOLUTION


check("share", trials_on_gpu)

# %%
# hint("share", 1)


# %% tags=["wrong"]
# says: What happens in the moment of the peak
def trials_on_gpu(log, capacity, context, margin):
    return int(capacity * (1 - margin) // (log.mean() + context))


check("share", trials_on_gpu)


# %% tags=["wrong"]
# says: who pays for its context
def trials_on_gpu(log, capacity, context, margin):
    return int(capacity * (1 - margin) // log.max())


check("share", trials_on_gpu)


# %% tags=["wrong"]
# says: everything that the log does not show
def trials_on_gpu(log, capacity, context, margin):
    return int(capacity // (log.max() + context))


check("share", trials_on_gpu)


# %% tags=["wrong"]
# says: Does the last one still fit
def trials_on_gpu(log, capacity, context, margin):
    return math.ceil(capacity * (1 - margin) / (log.max() + context))


check("share", trials_on_gpu)


# %% tags=["wrong"]
# says: not even one trial
def trials_on_gpu(log, capacity, context, margin):
    return max(1, int(capacity * (1 - margin) // (log.max() + context)))


check("share", trials_on_gpu)


# %% tags=["alternative"]
def trials_on_gpu(log, capacity, context, margin):
    count = 0
    while (count + 1) * (np.max(log) + context) <= capacity - margin * capacity:
        count += 1
    return count


check("share", trials_on_gpu)

# %% [markdown]
# ## 5 · What a checkpoint must hold
#
# Resumed should mean *as if nothing had happened*: the same numbers, bit for bit, as without the
# interruption. Here is a trainer, and the function that puts a checkpoint into a new one.

# %%
from internlab.hpo.exercises.survive_given import Trainer, restore

ui.show_source(Trainer)

# %%
ui.show_source(restore)

# %% [markdown]
# Write the other half: `state_of(trainer)` returns a dictionary from names of attributes to values. The
# new trainer is made with the same `lr` and `seed`. The old one goes on training after your function was
# called, until it is killed; your dictionary must not follow it.


# %%
def state_of(trainer):
    ### BEGIN SOLUTION
    names = ("weights", "velocity", "epoch", "rng")
    return {name: copy.deepcopy(getattr(trainer, name)) for name in names}
    ### END SOLUTION


check("state", state_of)

# %%
# hint("state", 1)


# %% tags=["wrong"]
# says: what does momentum remember
def state_of(trainer):
    return {
        "weights": trainer.weights.copy(),
        "epoch": trainer.epoch,
        "rng": copy.deepcopy(trainer.rng),
    }


check("state", state_of)


# %% tags=["wrong"]
# says: what decides about that order
def state_of(trainer):
    return {
        "weights": trainer.weights.copy(),
        "velocity": trainer.velocity.copy(),
        "epoch": trainer.epoch,
    }


check("state", state_of)


# %% tags=["wrong"]
# says: what does its decay count
def state_of(trainer):
    return {
        "weights": trainer.weights.copy(),
        "velocity": trainer.velocity.copy(),
        "rng": copy.deepcopy(trainer.rng),
    }


check("state", state_of)


# %% tags=["wrong"]
# says: the checkpoint changed while the training went on
def state_of(trainer):
    return {
        "weights": trainer.weights,
        "velocity": trainer.velocity,
        "epoch": trainer.epoch,
        "rng": trainer.rng,
    }


check("state", state_of)


# %% tags=["wrong"]
# says: sets something that nobody reads
def state_of(trainer):
    return {"model": trainer.weights.copy(), "optimiser": trainer.velocity.copy()}


check("state", state_of)


# %% tags=["alternative"]
def state_of(trainer):
    return copy.deepcopy(vars(trainer))


check("state", state_of)

# %% [markdown]
# ## 6 · Exploit and explore
#
# In population-based training (집단 기반 학습) all members train at the same time. Every few epochs the
# worst quarter gives up its place. Each of these members
#
# - **exploits**: it becomes a copy of a random member of the best quarter, with weights *and* learning rate,
# - **explores**: its learning rate is then multiplied by 0.8 or by 1.2, at random, and clipped to the
#   bounds `1e-4` and `1e-1`.
#
# `members` is a list of eight dictionaries with `"name"`, `"weights"` (an array), `"lr"` and `"score"`
# (higher is better). Return the list of all members after the step. Names stay; a replaced member's
# `"score"` is not looked at. `rng` is a NumPy generator.


# %%
def exploit_and_explore(members, rng):
    ### BEGIN SOLUTION
    ranked = sorted(members, key=lambda member: member["score"])
    quarter = len(members) // 4
    for member in ranked[:quarter]:
        model = ranked[-1 - rng.integers(quarter)]
        member["weights"] = model["weights"].copy()
        member["lr"] = float(np.clip(model["lr"] * rng.choice([0.8, 1.2]), 1e-4, 1e-1))
    return members
    ### END SOLUTION


check("population", exploit_and_explore)

# %%
# hint("population", 1)


# %% tags=["wrong"]
# says: still has its own weights and only its learning rate is new
def exploit_and_explore(members, rng):
    ranked = sorted(members, key=lambda member: member["score"])
    for member in ranked[:2]:
        model = ranked[-1 - rng.integers(2)]
        member["lr"] = float(np.clip(model["lr"] * rng.choice([0.8, 1.2]), 1e-4, 1e-1))
    return members


check("population", exploit_and_explore)


# %% tags=["wrong"]
# says: whose learning rate made these weights
def exploit_and_explore(members, rng):
    ranked = sorted(members, key=lambda member: member["score"])
    for member in ranked[:2]:
        member["weights"] = ranked[-1 - rng.integers(2)]["weights"].copy()
        member["lr"] = float(np.clip(member["lr"] * rng.choice([0.8, 1.2]), 1e-4, 1e-1))
    return members


check("population", exploit_and_explore)


# %% tags=["wrong"]
# says: try a value that it did not start with
def exploit_and_explore(members, rng):
    ranked = sorted(members, key=lambda member: member["score"])
    for member in ranked[:2]:
        model = ranked[-1 - rng.integers(2)]
        member["weights"], member["lr"] = model["weights"].copy(), model["lr"]
    return members


check("population", exploit_and_explore)


# %% tags=["wrong"]
# says: what holds a step inside the space
def exploit_and_explore(members, rng):
    ranked = sorted(members, key=lambda member: member["score"])
    for member in ranked[:2]:
        model = ranked[-1 - rng.integers(2)]
        member["weights"] = model["weights"].copy()
        member["lr"] = float(model["lr"] * rng.choice([0.8, 1.2]))
    return members


check("population", exploit_and_explore)


# %% tags=["wrong"]
# says: share one array
def exploit_and_explore(members, rng):
    ranked = sorted(members, key=lambda member: member["score"])
    for member in ranked[:2]:
        model = ranked[-1 - rng.integers(2)]
        member["weights"] = model["weights"]
        member["lr"] = float(np.clip(model["lr"] * rng.choice([0.8, 1.2]), 1e-4, 1e-1))
    return members


check("population", exploit_and_explore)


# %% tags=["wrong"]
# says: whom does the step replace
def exploit_and_explore(members, rng):
    for member in members:
        member["lr"] = float(np.clip(member["lr"] * rng.choice([0.8, 1.2]), 1e-4, 1e-1))
    return members


check("population", exploit_and_explore)


# %% tags=["wrong"]
# says: what decides between 0.8 and 1.2
def exploit_and_explore(members, rng):
    ranked = sorted(members, key=lambda member: member["score"])
    for member in ranked[:2]:
        model = ranked[-1 - rng.integers(2)]
        member["weights"] = model["weights"].copy()
        member["lr"] = max(1e-4, model["lr"] * 0.8)
    return members


check("population", exploit_and_explore)


# %% tags=["alternative"]
def exploit_and_explore(members, rng):
    order = np.argsort([member["score"] for member in members])
    after = copy.deepcopy(members)
    for place in order[:2]:
        model = copy.deepcopy(members[rng.choice(order[-2:])])
        factor = 0.8 if rng.random() < 0.5 else 1.2
        lr = min(0.1, max(0.0001, model["lr"] * factor))
        after[place] = {**model, "lr": lr, "name": members[place]["name"]}
    return after


check("population", exploit_and_explore)

# %% [markdown]
# ## 7 · How often to save: measure, and answer a colleague
#
# A colleague trains for 200 hours on machines that fail every 20 hours on average, at random. Saving a
# checkpoint takes 6 minutes. "I save every quarter of an hour," the colleague says. "A crash must cost as
# little as possible." Saving costs as well: seldom is dear after a failure, often is dear without one. In
# between lies an interval $T$ with the smallest loss. If saving takes $S$ and a failure comes every $F$
# on average, then to first order
#
# $$T = \sqrt{2\,S\,F}$$
#
# (J. W. Young, *A first order approximation to the optimum checkpoint interval*, Communications of the
# ACM 17(9), 1974.) A formula is a hypothesis. This function lets a machine fail, and counts:

# %%
from internlab.hpo.exercises.survive_given import hours_lost

ui.show_source(hours_lost)

# %% [markdown]
# Measure both intervals on the same seeds, at least five, and answer with a dictionary: `interval` is the
# formula's, in hours; `lost_now` holds the hours lost with the colleague's interval of 0.25 hours, one for
# each seed, and `lost_then` those with the formula's interval; `conclusion` is the advice to your
# colleague: `"save more often"`, `"save less often"` or `"cannot tell"`. Advise a change only if it wins
# with every seed.

# %%
### BEGIN SOLUTION
interval = math.sqrt(2 * (6 / 60) * 20)
lost_now = [hours_lost(0.25, seed) for seed in range(10)]
lost_then = [hours_lost(interval, seed) for seed in range(10)]
wins = [then < now for now, then in zip(lost_now, lost_then, strict=True)]
advice = "save less often" if all(wins) else "cannot tell"
answer = {
    "interval": interval,
    "lost_now": lost_now,
    "lost_then": lost_then,
    "conclusion": advice,
}
### END SOLUTION
check("interval", answer)

# %%
# hint("interval", 1)

# %% tags=["wrong"]
# says: the saving is in minutes
wrong_unit = math.sqrt(2 * 6 * 20)
answer = {
    "interval": wrong_unit,
    "lost_now": [hours_lost(0.25, seed) for seed in range(5)],
    "lost_then": [hours_lost(wrong_unit, seed) for seed in range(5)],
    "conclusion": "save less often",
}
check("interval", answer)

# %% tags=["wrong"]
# says: which factor stands under the root
answer = {
    "interval": math.sqrt(0.1 * 20),
    "lost_now": [hours_lost(0.25, seed) for seed in range(5)],
    "lost_then": [hours_lost(math.sqrt(2), seed) for seed in range(5)],
    "conclusion": "save less often",
}
check("interval", answer)

# %% tags=["wrong"]
# says: how would you know that it was not luck
answer = {
    "interval": 2.0,
    "lost_now": [hours_lost(0.25, 0)],
    "lost_then": [hours_lost(2.0, 0)],
    "conclusion": "save less often",
}
check("interval", answer)

# %% tags=["wrong"]
# says: did every run get a seed of its own
answer = {
    "interval": 2.0,
    "lost_now": [hours_lost(0.25, 3) for _ in range(5)],
    "lost_then": [hours_lost(2.0, 3) for _ in range(5)],
    "conclusion": "save less often",
}
check("interval", answer)

# %% tags=["wrong"]
# says: which of the two saves more often
answer = {
    "interval": 2.0,
    "lost_now": [hours_lost(0.25, seed) for seed in range(5)],
    "lost_then": [hours_lost(2.0, seed) for seed in range(5)],
    "conclusion": "save more often",
}
check("interval", answer)

# %% tags=["wrong"]
# says: which interval did you pass
answer = {
    "interval": 2.0,
    "lost_now": [hours_lost(15, seed) for seed in range(5)],
    "lost_then": [hours_lost(2.0, seed) for seed in range(5)],
    "conclusion": "save less often",
}
check("interval", answer)

# %% tags=["alternative"]
seeds = (3, 11, 42, 7, 8)
answer = {
    "conclusion": "save less often",
    "interval": np.sqrt(4),
    "lost_now": np.array([hours_lost(0.25, seed) for seed in seeds]),
    "lost_then": np.array([hours_lost(2, seed) for seed in seeds]),
}
check("interval", answer)

# %% [markdown]
# ## What you did
#
# You wrote the few lines on which surviving depends: where a trial goes on, what it has to carry along,
# what is retried, and what never wins. You also let a formula from 1974 and a simulated power cut answer a
# question that people like to answer with a feeling. The worked answers are in
# [solutions](../solutions/22_survive_and_scale.ipynb).
