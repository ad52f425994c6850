# ---
# title: Search
# minutes: 90
# passages: [sia-hpo, kep-gpu-budget, msj-test-intuition-fast]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 21 · Search
#
# *90 minutes. You need: lesson 20.*
#
# After this lesson you can
#
# - write down a search space (탐색 공간) and say why a learning rate is searched on a log scale,
# - run random search and ASHA in Ray Tune, and TPE in Optuna, on one unchanged training function,
# - judge a search by what it found for the seconds it spent,
# - replay a scheduler on recorded curves, to know what it saves and what it loses before you trust it,
# - say what a search of 16 trials cannot tell you.
#
# An intern saw people repeat run after run by hand to find good hyperparameters (하이퍼파라미터), and
# automated it. Another says what sixteen times the GPUs meant: an idea survives more test cases before
# the deadline. A third says that what counts is how quickly you find out whether a hunch is wrong. All
# three ask how much you learn for what you compute.

# %%
from internlab import passages

passages.card("sia-hpo", "kep-gpu-budget", "msj-test-intuition-fast")

# %% [markdown]
# ## Configuration

# %%
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from internlab import claims, notes, tier
from internlab import notebook_ui as ui

TIER = tier.current()
SEED = 0
TRIALS = tier.pick(smoke=3, cpu=16)
EPOCHS = tier.pick(smoke=2, cpu=16)
TRAIN_TILES = tier.pick(smoke=32, cpu=240)
GRACE = tier.pick(smoke=1, cpu=4)
PARALLEL = tier.pick(smoke=1, cpu=2)
GPU_SHARE = tier.pick(smoke=0.0, cpu=0.0, gpu=0.5)  # of each trial, so that two share a GPU
ORDERS = tier.pick(smoke=100, cpu=2000)
tier.one_thread()
ui.style()
print(f"tier {TIER}, seed {SEED}, {TRIALS} live trials of {EPOCHS} epochs, {ORDERS} replays")

# %% [markdown]
# ## What do you expect?
#
# The default of lesson 20 is one guess. A search makes many guesses and keeps the best, so it should
# gain; and most guesses are bad, so it should pay to stop them early. Neither says how much. The note
# takes its bars from the kit's claims and adds three that could fail.

# %%
note = notes.open(
    question="What does a search of 16 trials find, what does it cost, and what can it not tell?",
    hypothesis="The default is far from good, so random search gains much. A bad run is bad early, so "
    "ASHA saves a third of the seconds and loses nearly nothing.",
    expect=[
        claims.expectation("hpo", "best-of-16", "worst_gain_over_default"),
        claims.expectation("hpo", "asha-replayed-cost", "asha_replayed_cost"),
        claims.expectation("hpo", "asha-replayed-kept", "asha_replayed_kept"),
        claims.expectation("hpo", "asha-live", "asha_live_cost"),
        notes.Expect("rank_correlation_epoch_4", ">=", 0.7),
        notes.Expect("hyperparameters_above_chance", ">=", 3),
        notes.Expect("winners_lose_with_fresh_seeds", "<=", 0.02, "IoU"),
    ],
    seed=SEED,
    slug="21-search",
)
note

# %% [markdown]
# ## The default is one guess
#
# Searches are expensive to repeat, so the kit ships what they would have seen: learning curves of 48
# random configurations, of the default and of four settings with and without augmentation. All were
# trained by the function of lesson 20. The column `test_iou` was written down beside each epoch; no
# choice below may use it.

# %%
from internlab.hpo.analysis.curves import last_epochs, load_curves

curves = load_curves()
final = last_epochs(curves)
default = final[final.group == "default"]
pool = final[final.group == "random"].reset_index(drop=True)
arms = final[final.group != "random"].assign(arm=lambda rows: rows.run.str.rsplit("-", n=1).str[0])
ui.table(
    default[["run", "seed", "validation_iou", "test_iou", "cpu_seconds"]],
    caption="The default after its last epoch, three seeds.",
)

# %% [markdown]
# Before anything is compared, know the yardstick: how far apart are two trainings that differ in nothing
# but the seed? Five settings in the table have three seeds each.

# %%
seed_noise = np.sqrt(arms.groupby("arm").test_iou.var().mean())
ui.table(
    [
        {"setting": arm, "test IoU of three seeds": ", ".join(f"{v:.3f}" for v in runs.test_iou)}
        for arm, runs in arms.groupby("arm")
    ]
)

# %%
print(f"standard deviation between seeds, all five settings together: {seed_noise:.3f} test IoU")

# %% [markdown]
# ## What is searched
#
# A search space names each hyperparameter, its bounds and its scale. The bounds reach well past what is
# sensible, for a search that ends at a bound only says that the bound was wrong.

# %%
from internlab.hpo.tuning.space import BUILDING_SPACE, LogUniform, Uniform, grid, sample

WHY = {
    "lr": "how far a step goes; rates differ by factors",
    "weight_decay": "how strongly weights are pulled to zero; by factors too",
    "width": "channels of the first layer",
    "dice": "share of the Dice loss in the loss",
    "batch_size": "tiles for each step",
    "colour": "strength of the colour augmentation, 0 for none",
    "geometry": "no change, mirrored, or all eight symmetries of the square",
}
ui.table(
    [
        {"name": name, "range": str(each), "what it is": WHY[name]}
        for name, each in BUILDING_SPACE.items()
    ]
)

# %% [markdown]
# Augmentation (데이터 증강) stands in the table beside the learning rate. How strongly colours are
# disturbed is a number somebody has to choose, so it is a hyperparameter like any other.
#
# Why a log scale? Draw the learning rate both ways and count the draws in each power of ten.

# %%
rng = np.random.default_rng(SEED)
edges = [1e-4, 1e-3, 1e-2, 5e-2]
bounds = BUILDING_SPACE["lr"].low, BUILDING_SPACE["lr"].high
shares = []
for name, scale in (("uniform", Uniform(*bounds)), ("log-uniform", LogUniform(*bounds))):
    drawn = np.array([scale.sample(rng) for _ in range(5000)])
    counts = np.histogram(drawn, edges)[0] / len(drawn)
    shares.append(
        {
            "scale": name,
            **{
                f"{low:g} to {high:g}": f"{share:.0%}"
                for low, high, share in zip(edges, edges[1:], counts, strict=False)
            },
        }
    )
ui.table(shares, caption="Share of 5,000 draws of a learning rate by power of ten.")

# %% [markdown]
# On the uniform scale nearly every trial would have a large rate, and the range in which most
# networks are trained would be tried by chance or not at all.
#
# ## One trial, by hand
#
# The training function takes a *trial* first and hyperparameters after it. Once an epoch it tells the
# trial what it measured. Whoever runs it hands over the trial: here you do, with a `PlainTrial` that
# only writes down; later Ray and Optuna do, with theirs. The function does not know the difference.

# %%
from internlab.hpo.training.objective import train_buildings
from internlab.hpo.tuning.trial import PlainTrial

LIVE = {"epochs": EPOCHS, "train_tiles": TRAIN_TILES}
config = sample(BUILDING_SPACE, np.random.default_rng(SEED))
print({k: v if isinstance(v, (str, int)) else float(f"{v:.3g}") for k, v in config.items()})
history = PlainTrial().run(train_buildings, **config, **LIVE)
ui.table(
    pd.DataFrame(history).iloc[[0, len(history) // 2, -1]], caption="First, middle, last epoch."
)

# %% [markdown]
# That is a *trial*: one configuration, one training, one score. A search is a way to choose the next
# configuration, and a way to decide when a trial has had enough.
#
# ## Grid or random?
#
# The oldest way to choose is a grid. Nine trials make a grid of three learning rates by three
# augmentation strengths.

# %%
two = {name: BUILDING_SPACE[name] for name in ("lr", "colour")}
rng = np.random.default_rng(SEED)
plans = {"grid": grid(two, 3), "random": [sample(two, rng) for _ in range(9)]}

figure, axes = plt.subplots(1, 2, sharex=True, sharey=True, figsize=(7.2, 3.2))
for axis, (name, configs) in zip(axes, plans.items(), strict=True):
    rates = np.array([each["lr"] for each in configs])
    axis.semilogx(rates, [each["colour"] for each in configs], "o", color=ui.COLOURS["network"])
    axis.plot(rates, np.full(len(rates), -0.12), "|", ms=12, color=ui.COLOURS["bad"])
    axis.set_title(f"{name}: {len(np.unique(rates))} learning rates", loc="left")
    axis.set_xlabel("learning rate")
axes[0].set_ylabel("colour augmentation")
plt.show()

# %% [markdown]
# *What to see: dots are trials, the strokes below are the learning rates that were tried. The grid
# spends nine trials on three rates, random search tries nine.* If only one of the two matters, and you
# do not know which, the grid has wasted two trials of three. This is the argument of Bergstra and Bengio
# (2012), "Random search for hyper-parameter optimization", JMLR 13, figure 1. And a grid over the whole
# space grows with every hyperparameter:

# %%
cells = len(grid(BUILDING_SPACE, 3))
per_trial = pool.cpu_seconds.mean()
print(f"a grid of 3 points each: {cells:,} trials, {cells * per_trial / 3600:.1f} CPU-hours")
print(f"16 random trials: {16 * per_trial / 60:.1f} CPU-minutes")

# %% [markdown]
# ## Ray Tune, in its own words
#
# Ray Tune runs trials in processes of their own, several at a time, on one machine or on many. Ray is a
# small cluster, also on one machine: it starts some processes of its own first, and that takes a moment.

# %%
from internlab.hpo.tuning import ray_session

folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
WORK = Path(folder.name)
ray_session.start(cpus=PARALLEL)

# %% [markdown]
# A whole search in Ray's own words is short. The objective here is a hill with its top at 0.3, which
# takes eight "epochs" to climb; only the calls of `tune` matter.

# %%
from ray import tune


def hill(config):
    for epoch in range(1, 9):
        tune.report({"score": 1 - (config["x"] - 0.3) ** 2 - 1 / epoch})


tuner = tune.Tuner(
    hill,
    param_space={"x": tune.uniform(0, 1)},
    tune_config=tune.TuneConfig(metric="score", mode="max", num_samples=4, reuse_actors=True),
    run_config=tune.RunConfig(storage_path=str(WORK), name="hill", verbose=0),
)
results = tuner.fit()
ui.table(
    [
        {
            "x": each.config["x"],
            "epochs": each.metrics["training_iteration"],
            "score": each.metrics["score"],
        }
        for each in results
    ]
)

# %% [markdown]
# `reuse_actors=True` is the line that costs least and saves most: without it each trial starts a fresh
# process, which for a real training imports PyTorch again before it trains. (Many tutorials call
# `ray.train.report` inside such a function. Ray has moved that call to `ray.tune`, and the old one raises
# an error here.)
#
# ## Random search, live
#
# A training that is to survive a crash needs more: checkpoints, reasons for failures, a record. The
# kit keeps that in one place. What you search is one record:

# %%
from internlab.hpo.tuning.search import Search, run

random_search = Search(
    objective=train_buildings,
    space=BUILDING_SPACE,
    metric="validation_iou",
    mode="max",
    samples=TRIALS,
    max_iterations=EPOCHS,
    fixed=LIVE,
    seed=SEED,
    parallel=PARALLEL,
    gpu_per_trial=GPU_SHARE,
)

# %% [markdown]
# Below is how the kit hands such a record to Ray. Look for the names that you have just met: `Tuner`,
# `TuneConfig` and `RunConfig`. New are `with_resources`, which says what a trial takes, and
# `FailureConfig`, which says how often a killed one is started again. The rest keeps the record that
# lesson 22 goes on from.

# %%
from internlab.hpo.tuning.driver import drive

ui.show_source(drive)


# %%
def every_fourth(progress):
    if progress.done % 4 == 0:
        print(progress)


by_random = run(random_search, WORK / "random", progress=every_fourth)

# %%
ranked = by_random.trials.sort_values("validation_iou", ascending=False)
ui.table(
    ranked[["trial", "lr", "width", "colour", "geometry", "validation_iou", "cpu_seconds"]].head(5),
    caption="The best five trials of the random search.",
)

# %% [markdown]
# ## What did it find, for what?
#
# The usual picture of a search has the number of trials on its horizontal axis. But trials do not cost
# the same: wide networks are slower, and soon there will be trials that end after four epochs. You pay
# seconds, so the kit plots seconds.

# %%
from internlab.hpo.analysis.accounting import best_so_far
from internlab.hpo.analysis.plots import plot_best_so_far


def account(outcome):
    return best_so_far(outcome.trials.cpu_seconds, outcome.trials.validation_iou)


default_iou = default.validation_iou.mean()
plot_best_so_far({"random": account(by_random)}, references={"default": default_iou})

# %% [markdown]
# *What to see: steps that become rarer and lower. The curve ends where the budget ended, not where
# nothing more could be found.* The seconds are those of the trials, added up in the order in which they
# began; two at a time take half as long on the clock and cost the same. This is one search with one
# seed. Would another have found the same?
#
# ## Many searches from one table: best of n
#
# The 48 recorded configurations can be drawn from again and again: take n of them, keep the one with the
# best *validation* score, note its *test* score. (The sixteen of the live search are the first of them,
# `random-00` to `random-15`: same seed, same draws.)

# %%
from internlab.hpo.analysis.accounting import best_of_n, expected_best_of_n

rng = np.random.default_rng(SEED)
sizes = (1, 2, 4, 8, 16, 32)
rows = []
for n in sizes:
    seen = best_of_n(pool.validation_iou, n, rng)
    worth = best_of_n(pool.validation_iou, n, rng, reported=pool.test_iou)
    rows.append({"trials": n, "best on validation": str(seen), "the same on test": str(worth)})
ui.table(rows, caption="Mean over 2,000 drawn searches, and the interval that holds 90 % of them.")

# %% [markdown]
# The interval says how lucky a search of n trials is. In the last row it shrinks for another reason: 32 of
# 48 are nearly all, so every draw is nearly the same. That is a limit of the table, not certainty.

# %%
worth = np.array(
    [expected_best_of_n(pool.validation_iou, n, reported=pool.test_iou) for n in range(1, 49)]
)
figure, axis = plt.subplots()
axis.plot(range(1, 49), worth, color=ui.COLOURS["network"], label="best of n, chosen on validation")
axis.axhspan(
    default.test_iou.min(), default.test_iou.max(), color=ui.COLOURS["grey"], alpha=0.4,
    label="the default, three seeds",
)  # fmt: skip
axis.set_xlabel("trials in a search, n")
axis.set_ylabel("test IoU")
axis.set_ylim(0)
axis.legend(loc="lower right")
plt.show()

# %% [markdown]
# *What to see: the first few trials gain nearly everything, and already one random configuration is on
# average better than the default. Later the curve is flat, and near the end it even falls: the very best
# on validation was partly lucky.* When does doubling a search gain less than a new seed would change?

# %%
for n in sizes[:-1]:
    gain = worth[2 * n - 1] - worth[n - 1]
    verdict = "more" if gain > seed_noise else "less"
    print(
        f"{n:2} -> {2 * n:2} trials: {gain:+.3f}, {verdict} than one seed spread ({seed_noise:.3f})"
    )

# %% [markdown]
# The three pools of 16 were drawn with three search seeds, so each is a search that really ran. Here is
# the claim of the track: the winner of each on test, over the mean of the default.

# %%
winners = pool.loc[pool.groupby("search").validation_iou.idxmax()]
gains = winners.test_iou / default.test_iou.mean()
ui.table(
    winners[["run", "lr", "width", "colour", "geometry", "validation_iou", "test_iou"]].assign(
        over_default=gains
    ),
    caption="The winners of three searches of 16 trials.",
)

# %% [markdown]
# The winners differ in nearly every hyperparameter and score nearly the same. There is no one best
# setting to find, there is a wide region that the default is outside of.
#
# The other question to ask of a search is when it was good enough. Choose a target first, here one and a
# half times the default, and read off the seconds that each search spent to get there.

# %%
from internlab.hpo.analysis.accounting import seconds_to_target

TARGET = 1.5 * default.validation_iou.mean()
ui.table(
    [
        {
            "search": int(seed),
            "CPU-seconds to the target": seconds_to_target(
                trials.cpu_seconds, trials.validation_iou, TARGET
            ),
            "CPU-seconds of the whole search": trials.cpu_seconds.sum(),
        }
        for seed, trials in pool.groupby("search")
    ],
    caption=f"What three random searches spent to reach a validation IoU of {TARGET:.3f}.",
)

# %% [markdown]
# On a GPU the same accounting is done in GPU-seconds, which are what a cluster bills.
#
# ## Is a bad run bad early?
#
# If it is, most of the seconds above were wasted on runs that could have been stopped. Stopping on the
# strength of early values is called early stopping (조기 종료) of trials, and whether it may be done is a
# question about learning curves: do they cross?

# %%
from scipy.stats import spearmanr

from internlab.hpo.analysis.plots import plot_curves

random_curves = curves[curves.group == "random"].rename(columns={"run": "trial"})
random_curves = random_curves.assign(iteration=random_curves.epoch)
plot_curves(random_curves, "validation_iou", label="validation IoU")

# %% [markdown]
# *What to see: the later best run is somewhere in the crowd at first; lines cross often in the first
# epochs and seldom in the last.* A rank correlation (순위 상관) puts it into one number for each epoch: 1
# if the order of the 48 runs is already the final one, 0 if it says nothing.

# %%
by_epoch = random_curves.pivot(index="trial", columns="epoch", values="validation_iou")
ranks = {e: spearmanr(by_epoch[e], by_epoch[16]).statistic for e in by_epoch.columns}
figure, axis = plt.subplots()
axis.plot(list(ranks), list(ranks.values()), "o-", color=ui.COLOURS["network"])
axis.set_xlabel("epoch")
axis.set_ylabel("rank correlation with epoch 16")
axis.set_ylim(0, 1.05)
plt.show()
print(", ".join(f"epoch {epoch}: {ranks[epoch]:.2f}" for epoch in (1, 2, 4, 8, 12)))

# %% [markdown]
# So there is something to gain by looking early, and something to lose. A scheduler (스케줄러) decides
# how early is early enough.
#
# ## ASHA, the rule
#
# *Asynchronous successive halving* (Li et al., 2020) looks at a trial at a few epochs, the rungs. At
# each, a trial goes on only if it is among the best 1 in `reduction` of those that came there before it.
# It never waits for the others, so no processor idles. This is the whole rule, as the kit replays it:

# %%
from internlab.hpo.analysis.replay import (
    Asha,
    MedianStopping,
    Recorded,
    draw_orders,
    replay,
    trade_off,
)

ui.show_source(Asha.last_epoch)

# %% [markdown]
# Because the curves are recorded to their end, the rule can be asked about each of them, in any order.
# Here it meets the 16 configurations of one search:

# %%
first = random_curves[random_curves.search == 0]
recorded = Recorded.from_frame(first, run="trial")
one = replay(recorded, range(len(recorded.runs)), Asha(grace=4, reduction=2))
ended = dict(zip(recorded.runs, one.last_epoch, strict=True))
plot_curves(
    first[first.iteration <= first.trial.map(ended)],
    "validation_iou",
    rungs=Asha(grace=4, reduction=2).rungs,
    label="validation IoU",
)

# %%
full = recorded.cpu_seconds[:, -1].sum()
print(f"{(one.last_epoch < 16).sum()} of {len(one.order)} trials were stopped")
print(f"spent {one.spent:.0f} of {full:.0f} CPU-seconds, that is {one.spent / full:.2f}")
print(f"best kept: {one.best:.3f}, without stopping {recorded.values[:, -1].max():.3f}")

# %% [markdown]
# ## ASHA, replayed
#
# One order is one anecdote: the first trials at a rung go on whatever they are, so luck decides. The
# next cell replays ASHA on thousands of searches, each 16 of the 48 configurations in a random order, and
# each twice: with the scheduler and without. No training takes place, so it takes seconds.

# %%
everything = Recorded.from_frame(random_curves, run="trial")
orders = draw_orders(len(everything.runs), 16, ORDERS, np.random.default_rng(SEED))
schedulers = {
    f"grace {grace}, 1 in {reduction}": Asha(grace=grace, reduction=reduction)
    for grace, reduction in ((1, 2), (2, 2), (4, 2), (8, 2), (4, 4))
}
schedulers["median stopping"] = MedianStopping(grace=4)
found = {name: trade_off(everything, each, orders) for name, each in schedulers.items()}
ui.table(
    [
        {
            "scheduler": name,
            "CPU-seconds, share of full": each.mean_cost_ratio,
            "best kept within 0.02": f"{each.kept(0.02):.0%}",
            "best kept within 0.05": f"{each.kept(0.05):.0%}",
        }
        for name, each in found.items()
    ],
    caption=f"{ORDERS:,} searches of 16 trials each.",
)

# %%
from internlab.hpo.analysis.plots import plot_trade_off

plot_trade_off(found, within=0.02)

# %% [markdown]
# *What to see: each scheduler is a point; left is cheap, up is safe. You pay for safety with seconds.* A
# short grace trusts epochs whose rank correlation you have just seen to be low. A long one trains
# everything nearly to the end. And look at the two with grace 4: one strict cut at an epoch that can be
# trusted does as well as two lenient ones. Which scheduler is best is a fact about *these* curves, so
# record a few of yours before you choose. This lesson goes on with grace 4 and 1 in 2.
#
# A word of caution: the searches share their 48 curves, so they are less different than fresh
# searches would be, and the shares look more certain than they are.
#
# ## ASHA, live
#
# The same configurations as in the random search above, in Ray, with Ray's own ASHA. Only the record
# changes: the training function is the same.

# %%
asha_search = replace(random_search, scheduler="asha", grace=GRACE, reduction=2)
by_asha = run(asha_search, WORK / "asha", progress=every_fourth)
named = by_asha.curves.assign(trial="trial " + by_asha.curves.trial.astype(str))
plot_curves(named, "validation_iou", rungs=[GRACE, 2 * GRACE], label="validation IoU")

# %% tags=["timing"]
live_cost = by_asha.trials.cpu_seconds.sum() / by_random.trials.cpu_seconds.sum()
for name, outcome in (("random", by_random), ("ASHA", by_asha)):
    print(
        f"{name:7} {outcome.trials.cpu_seconds.sum():6.1f} CPU-seconds, "
        f"best validation IoU {outcome.best.value:.3f} in {outcome.best.trial}"
    )
print(f"ASHA spent {live_cost:.2f} of random search's CPU-seconds")

# %% [markdown]
# Compare the figure with the one of the replay. Two trials ran at a time, so a trial may meet a rung before
# or after another one, and the seconds are those of today. The kit claims both, the replay and the live
# run.
#
# ## A sampler that learns: TPE
#
# Random search forgets. **TPE** (tree-structured Parzen estimator; Bergstra et al., 2011) splits the
# trials so far into good and bad ones, and proposes a configuration that is likely among the good and
# unlikely among the bad. It has to see some trials first, so its beginning *is* random search. With ASHA
# stopping what it proposes:

# %%
tpe_search = replace(asha_search, sampler="tpe")
by_tpe = run(tpe_search, WORK / "tpe", progress=every_fourth)
ray_session.stop()

# %%
plot_best_so_far(
    {"random": account(by_random), "asha": account(by_asha), "tpe + asha": account(by_tpe)}
)

# %% [markdown]
# *What to see: three searches against seconds. Which line is on top changes along the way, and one seed
# is one seed.*

# %% [markdown]
# So the kit recorded three searches by TPE with ASHA, with the seeds of the three random ones. A race is
# fair at equal CPU-seconds: both are read off where the cheaper one ended.

# %%
from internlab.hpo.analysis.tpe_searches import load_tpe, race

ui.show_source(race)

# %%
tpe = load_tpe()
races = pd.DataFrame(
    [
        {"seed": seed, **race(trials, tpe[tpe["search"] == seed])}
        for seed, trials in pool.groupby(pool["search"].astype(int))
    ]
)
ui.table(races, caption="Both cut at the budget; differences are TPE + ASHA minus random, IoU.")

# %%
plot_best_so_far(
    {
        "random": [best_so_far(e.cpu_seconds, e.validation_iou) for _, e in pool.groupby("search")],
        "tpe + asha": [
            best_so_far(e.cpu_seconds, e.validation_iou) for _, e in tpe.groupby("search")
        ],
    }
)

# %%
for split in ("validation", "test"):
    error = races[split].std(ddof=1) / np.sqrt(len(races))
    print(f"{split}: mean difference {races[split].mean():+.3f}, standard error {error:.3f}")

# %% [markdown]
# *What to see: the bands overlap nearly everywhere.* On one seed TPE was ahead, on another behind, and the
# mean lead is smaller than its standard error: with three seeds you cannot tell. That is a result, and it
# is not rare at this size. TPE draws its first ten trials here at random as well, so it has little time left
# to be clever in; and with seed 0 it spent that time around the first good trial it met. A longer search
# gives it more room. Lab 21 lets you find out how many seeds it takes to see a difference.

# %% [markdown]
# ## The peer: Optuna alone
#
# Ray is a cluster, even on a laptop. Optuna is a library: in your own process it proposes configurations,
# prunes (가지치기) bad trials, and keeps the study in a file. A trial is asked for each value by name:

# %%
from internlab.hpo.tuning.optuna_peer import optuna_search, suggest

ui.show_source(suggest)

# %% [markdown]
# The training function has not changed, and neither has the record of what is searched. This is TPE with
# successive halving once more, without Ray:

# %%
alone = replace(tpe_search, gpu_per_trial=0.0)  # Optuna counts no GPUs
by_optuna = optuna_search(alone, WORK / "optuna", progress=every_fourth)

# %%
plot_best_so_far(
    {
        "random": account(by_random),
        "tpe + asha": account(by_tpe),
        "Optuna alone": account(by_optuna),
    }
)

# %% [markdown]
# The two lines of TPE differ although the method is the same: two trials at a time see less of each
# other, and each library has its own way to draw. Read that as one more warning about a single search.
# What speaks for one tool or the other lies elsewhere:

# %%
ui.table(
    [
        {
            "": "start-up",
            "Ray Tune": "a small cluster: seconds, and some memory",
            "Optuna alone": "an import",
        },
        {
            "": "for each trial",
            "Ray Tune": "a moment with reused workers, seconds without",
            "Optuna alone": "next to nothing",
        },
        {
            "": "several at a time",
            "Ray Tune": "`parallel=2`; CPUs and shares of a GPU are counted",
            "Optuna alone": "start the script twice on one study file",
        },
        {
            "": "after a crash",
            "Ray Tune": "starts dead workers again, goes on from checkpoints",
            "Optuna alone": "keeps finished trials; checkpoints are yours to write",
        },
        {
            "": "population-based training",
            "Ray Tune": "yes (lesson 22)",
            "Optuna alone": "no",
        },
        {
            "": "many machines",
            "Ray Tune": "one cluster, the same script (lesson 22)",
            "Optuna alone": "a shared database, and you start the processes",
        },
        {
            "": "choose it for",
            "Ray Tune": "long trials, GPUs, more than one machine, PBT",
            "Optuna alone": "short trials on one machine, and little to install",
        },
    ],
    caption="When to choose which.",
)

# %% [markdown]
# ## Looking at a search: parallel coordinates
#
# A table of 16 rows with 7 hyperparameters is hard to read, and a plot of parallel coordinates (평행
# 좌표) is the usual help: a line for each trial, through its values, in the colour of its score.

# %%
from internlab.hpo.analysis.plots import plot_importance, plot_parallel

plot_parallel(pool[pool["search"] == 0], BUILDING_SPACE, "validation_iou", label="validation IoU")

# %% [markdown]
# *What to see: dark lines are good trials. On the axis of the learning rate they gather; on most others
# they come from everywhere.* It is tempting to see more. Is there more?
#
# ## What 16 trials cannot tell
#
# Search tools print the *importance* of hyperparameters, as a bar chart without error bars. The kit's
# figure has three things more. The trials are resampled, so each importance has an interval. The scores
# are shuffled, so the grey bar is what an importance gets *by chance*. And one hyperparameter is made up:
# random numbers, which cannot matter.

# %%
from internlab.hpo.analysis.importance import importance, stands_out

rng = np.random.default_rng(SEED)
RESAMPLES = tier.pick(smoke=10, cpu=60)
few = importance(
    pool[pool["search"] == 0], BUILDING_SPACE, "validation_iou", rng, resamples=RESAMPLES
)
plot_importance(few)

# %%
many = importance(pool, BUILDING_SPACE, "validation_iou", rng, resamples=RESAMPLES)
plot_importance(many)

# %%
for name, table in (("16 trials", few), ("48 trials", many)):
    clear = [each for each, above in stands_out(table).items() if above]
    print(f"{name}: above chance {', '.join(clear) or 'nothing'}")
above_chance = len([each for each, above in stands_out(many).items() if above])

# %% [markdown]
# *What to see: blue against grey. With 16 trials the intervals are wide, and the made-up hyperparameter
# lies among real ones.* A chart without intervals would have shown you a ranking all the same. A
# hyperparameter that is not above chance may still matter: ask for it with a paired experiment, as lesson
# 20 did for colour augmentation, where everything else stays as it is.
#
# ## Which number is the result?
#
# The winner was chosen by its validation score. That score had to be high to be chosen, and part of a
# high score is luck. Whose luck? Take the five settings with three seeds, and from each the best seed *on
# validation*. Its configuration is that of its siblings, so nothing but luck makes it better.

# %%
rows = []
for arm, runs in arms.groupby("arm"):
    best = runs.validation_iou.idxmax()
    lead = runs.loc[best] - runs.drop(best)[["validation_iou", "test_iou"]].mean()
    rows.append({"setting": arm, "validation": lead.validation_iou, "test": lead.test_iou})
luck = pd.DataFrame(rows)
ui.table(
    luck, caption="How far the best of three seeds, chosen on validation, is above its siblings."
)

# %% [markdown]
# The lead is there on the test as well. So it was not the *measurement* that was lucky: with this seed
# the training ended in a better network, and that network may be kept. What the lead does not belong to
# is the *configuration*. Train it again, and the luck is drawn again. Here are the winners of the three
# searches, with fresh seeds:

# %%
from internlab.hpo.analysis.record_curves import planned, record

FRESH_SEEDS = tier.pick(smoke=(1,), cpu=(1, 2))
shown = winners.head(tier.pick(smoke=1, cpu=3))
known = {each.name: each for each in planned()}
again = []
for winner in shown.itertuples():
    fresh = [record(replace(known[winner.run], seed=s), EPOCHS).iloc[-1] for s in FRESH_SEEDS]
    validation = np.mean([each.validation_iou for each in fresh])
    test = np.mean([each.test_iou for each in fresh])
    again.append((winner.run, winner.validation_iou, validation, winner.test_iou, test))
columns = ["run", "validation", "fresh seeds", "test", "fresh seeds, test"]
ui.table(pd.DataFrame(again, columns=columns), caption="Winners, and the same configuration again.")

# %%
drop = np.mean([before - after for _, before, after, _, _ in again])
fair = np.mean([test for *_, test in again]) / default.test_iou.mean()
print(f"mean change of the winners' validation IoU with fresh seeds: {-drop:+.3f}")
print(f"test IoU over the default: {gains.mean():.2f} as chosen, {fair:.2f} with fresh seeds")

# %% [markdown]
# To be chosen among many is to be lucky, a little: this is the winner's curse (승자의 저주). So the test
# score of the kept network is the result *for that network*. Whoever recommends a configuration trains it
# with fresh seeds first.
#
# ## You tune to your validation set
#
# The kit has a second, milder validation split: one more area in the climate of the training areas. Many
# projects have only such a one. What would it have chosen?

# %%
splits = {"right (other climates)": "validation_iou", "mild (the same climate)": "mild_iou"}
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(7.2, 3.4))
for axis, (name, column) in zip(axes, splits.items(), strict=True):
    axis.plot(pool[column], pool.test_iou, "o", color=ui.COLOURS["network"], alpha=0.6)
    chosen = pool.loc[pool.groupby("search")[column].idxmax()]
    axis.plot(chosen[column], chosen.test_iou, "o", color=ui.COLOURS["bad"], label="chosen")
    axis.axline((0, 0), slope=1, color=ui.COLOURS["grey"])
    axis.set_title(name, loc="left")
    axis.set_xlabel("IoU on this split")
axes[0].set_ylabel("test IoU")
axes[0].legend(loc="lower right")
plt.show()
for name, column in splits.items():
    chosen = pool.loc[pool.groupby("search")[column].idxmax()]
    print(
        f"{name}: rank correlation with test {spearmanr(pool[column], pool.test_iou).statistic:.2f}, "
        f"winners' test IoU {', '.join(f'{value:.3f}' for value in chosen.test_iou)}"
    )

# %% [markdown]
# *What to see: on the grey line a score means on the test what it means on the split. The mild split
# promises more than the test keeps, and its order of the runs is less the one of the test.* A search
# optimises what you give it. Give it a validation set that asks what the test will ask.
#
# ## Close the note

# %%
asha_found = found["grace 4, 1 in 2"]
note.close(
    {
        "worst_gain_over_default": gains.min(),
        "asha_replayed_cost": asha_found.mean_cost_ratio,
        "asha_replayed_kept": asha_found.kept(0.02),
        "asha_live_cost": live_cost,
        "rank_correlation_epoch_4": ranks[4],
        "hyperparameters_above_chance": above_chance,
        "winners_lose_with_fresh_seeds": drop,
    },
    learned="A handful of random trials finds most of what there is; stopping bad ones early pays for "
    "more. Which hyperparameter did it, a search of this size does not say.",
    ask="Which validation set asks what your test will ask?",
)
note

# %% [markdown]
# ## At full scale
#
# - **Longer trials.** A trial of a day instead of seconds makes Ray's overhead vanish, and makes early
#   stopping worth days. Record a few full curves first: they tell you which grace is safe.
# - **More processors.** Random search and ASHA scale to as many as you have, for nothing waits for
#   anything. TPE gains less: with sixteen trials running, it proposes sixteen times from old news.
# - **More seeds.** Train the three best configurations again with fresh seeds before you believe their
#   order.
# - **A GPU** (tier `gpu`) trains the same trials, and lesson 22 shares one among several.
#
# **Now you:** [lab 21](../labs/21_search.ipynb) has you write the rung's decision, the accounting and a
# fair race, and judge a claim about TPE. Then [lesson 22](22_survive_and_scale.ipynb) pulls the plug.
