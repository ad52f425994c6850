# ---
# title: Survive and scale
# minutes: 60
# passages: [sia-hpo, kep-gpu-budget, kb-plan-scarce-trials]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 22 · Survive and scale
#
# *60 minutes. You need: lesson 21. On Windows use WSL: Ray's clusters are untested there.*
#
# After this lesson you can
#
# - kill a search at any moment and prove from a log that resuming (이어하기) repeats nothing,
# - say which failures deserve a retry (재시도), and what each one costs,
# - use population-based training (집단 기반 학습), and compare it with the peer that it has to beat,
# - share a GPU between trials by its memory, and run a search on a cluster that loses a node.
#
# When experiments are scarce, one that is lost is critical: the last passage says so of a project with
# little time. A night on sixteen GPUs is not something to start again because a cable was pulled. So
# this lesson breaks things on purpose, one after the other, and counts what is left.

# %%
from internlab import passages

passages.card("sia-hpo", "kep-gpu-budget", "kb-plan-scarce-trials")

# %% [markdown]
# ## Configuration

# %%
import shutil

import matplotlib.pyplot as plt
import numpy as np

from internlab import claims, notes, tier
from internlab import notebook_ui as ui
from internlab.files import cache_dir

TIER = tier.current()
SEED = 0
TRIALS = tier.pick(smoke=4, cpu=6)
EPOCHS = tier.pick(smoke=4, cpu=8)
SECONDS = tier.pick(smoke=0.3, cpu=0.6)  # how long an epoch waits
HALF_WAY = TRIALS * EPOCHS // 2 + 2  # epochs after which something is killed
POPULATION_SEEDS = tier.pick(smoke=(0, 1), cpu=(0, 1, 2))
FOLDER = cache_dir() / "lesson-22"
shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir(parents=True)
tier.one_thread()
ui.style()
print(f"tier {TIER}, seed {SEED}, {TRIALS} trials of {EPOCHS} epochs")

# %% [markdown]
# ## What do you expect?
#
# Every sentence of the form "it will just go on" is a claim about numbers: of epochs run twice, of
# trials that finish, of a result that must not change. Three bars below are the kit's own claims
# (`make claims TRACK=hpo` measures them again). The last two are about population-based training, and
# the very last is what its name makes people hope.

# %%
note = notes.open(
    question="What does a search lose when its driver, a worker, a configuration or a node fails?",
    hypothesis="With a checkpoint after every epoch nothing that finished is run again and the best "
    "result does not change. A population finds a schedule, so it beats constant learning rates, "
    "and random search over schedules as well.",
    expect=[
        claims.expectation("hpo", "driver-killed", "repeated_by_finished"),
        claims.expectation("hpo", "driver-killed-best", "difference_of_best"),
        claims.expectation("hpo", "node-lost", "share_finished"),
        notes.Expect("failures_with_reason", "==", 1.0),
        notes.Expect("population_to_constant", "<=", 0.7, "of its loss, worst seed"),
        notes.Expect("seeds_above_schedules", "==", 1.0),
    ],
    seed=SEED,
    slug="22-survive",
)
note

# %% [markdown]
# ## An objective made for watching
#
# A real training takes minutes, and there is nothing to see. This one has ten weights and no network,
# takes next to no CPU, and writes a **diary**: one line for every epoch that was run, with the time, the
# process and the node. The diary knows nothing of searches, so it can bear witness.

# %%
from internlab.hpo.demonstration import descend

ui.show_source(descend)

# %% [markdown]
# Is this a toy that proves nothing about lesson 21? Compare the signatures. Both take the trial first
# and hyperparameters by name, report once an epoch, offer to save, and go on after `trial.checkpoint`.
# Whatever runs one of them runs the other.

# %%
import inspect

from internlab.hpo.training.objective import train_buildings

for objective in (descend, train_buildings):
    first, *others = inspect.signature(objective).parameters
    print(f"{objective.__name__}({first}, *, {', '.join(others)})\n")

# %% [markdown]
# ## The smallest baseline: nothing happens
#
# First the search as a file, as the command `python -m internlab.hpo search` reads it.

# %%
from internlab.hpo.tuning.search import run
from internlab.hpo.tuning.search_file import read_search

CONFIG = """
objective: internlab.hpo.demonstration:descend
space:
  lr: {{loguniform: [1e-3, 1e-1]}}
metric: loss
mode: min
samples: {trials}
max_iterations: {epochs}
seed: {seed}
fixed: {{epochs: {epochs}, seconds: {seconds}, diary: "{name}.jsonl"}}
folder: "{name}"
"""


def write_config(name):
    path = FOLDER / f"{name}.yaml"
    settings = {"trials": TRIALS, "epochs": EPOCHS, "seed": SEED, "seconds": SECONDS}
    path.write_text(CONFIG.format(name=FOLDER / name, **settings), encoding="utf-8")
    return path


killed, killed_folder = read_search(write_config("killed"))

# %% [markdown]
# Then its result without any search at all: the same configurations, one after the other, by hand.
# That is the result which no crash may change.

# %%
from internlab.hpo.tuning.trial import PlainTrial


def by_hand(lr):
    return PlainTrial().run(descend, lr=lr, epochs=EPOCHS)[-1]["loss"]


rates = [config["lr"] for config in killed.configurations()]
undisturbed = {lr: by_hand(lr) for lr in rates}
best_undisturbed = min(undisturbed.values())
print(f"best loss of {len(rates)} trials, undisturbed: {best_undisturbed:.6g}")

# %% [markdown]
# ## Idea 1: write everything down, and kill the driver
#
# The driver is the process that runs the search. Here it is the command, started as you would in a
# terminal. When about half of all epochs are done, it gets SIGKILL: no warning, no clean-up, as in a power
# cut.

# %%
import subprocess
import sys
import time

from internlab.hpo.demonstration import kill_driver, read_diary, repeated

DIARY = FOLDER / "killed.jsonl"
command = [sys.executable, "-m", "internlab.hpo", "search", "--config", FOLDER / "killed.yaml"]
driver = subprocess.Popen(command, stdout=subprocess.DEVNULL)
while driver.poll() is None and len(read_diary(DIARY)) < HALF_WAY:
    time.sleep(0.05)
assert driver.poll() is None, "the driver ended before it could be killed"
at_kill = len(read_diary(DIARY))
kill_driver(driver)
print(f"killed after {at_kill} of {TRIALS * EPOCHS} epochs")

# %% [markdown]
# Was the diary finished with that? Trials are processes of their own. They notice after a second or two
# that nobody listens, and may finish an epoch that they report to no one.

# %% tags=["timing"]
after_kill = len(read_diary(DIARY))
epochs_run = read_diary(DIARY).groupby("lr")["epoch"].max()
finished = [lr for lr in rates if epochs_run.get(lr, 0) == EPOCHS]
print(f"{after_kill - at_kill} epochs were run after the kill, and reported to no one")
ui.table(
    [{"trial": i, "lr": lr, "epochs run": epochs_run.get(lr, 0)} for i, lr in enumerate(rates)],
    caption="How far each trial was when the driver died, says the diary.",
)

# %% [markdown]
# ## One Ray for the rest of the lesson
#
# From here on, Ray runs in this notebook, as two *nodes*: two Rays that talk to each other as two
# machines would. What that is for comes at the end. Searches need not know: `run` uses whatever Ray it
# finds.

# %%
from internlab.hpo.tuning import cluster

nodes = cluster.start(cpus_each=1)
print("nodes:", ", ".join(nodes.alive))

# %% [markdown]
# ## Resume, and count
#
# The same search, with `resume=True`. On the command line it would be `--resume`.

# %%
resumed = run(killed, killed_folder, resume=True, progress=None)
ui.table(resumed.trials[["trial", "status", "iterations", "loss", "lr"]])

# %% [markdown]
# Now the diary is asked. How many epochs of trials that had finished were run again? How many of the
# others? And is the best result the undisturbed one?

# %%
diary = read_diary(DIARY)
repeated_by_finished = repeated(diary, finished)
difference_of_best = abs(resumed.best.value - best_undisturbed)
print(f"trials finished before the kill: {len(finished)}")
print(f"their epochs run again: {repeated_by_finished}")
print(f"epochs of the other trials run twice: {repeated(diary)}")
print(f"difference of the best loss to the undisturbed one: {difference_of_best:g}")


# %% tags=["timing"]
def timeline(axis, diary, rates, colours):
    for row, colour in zip(diary.itertuples(), colours, strict=True):
        where = (row.seconds, rates.index(row.lr))
        axis.plot(*where, "s", markersize=12, color=colour, markeredgecolor="white")
        axis.annotate(row.epoch, where, ha="center", va="center", color="white", fontsize=8)
    axis.set_yticks(range(len(rates)), [f"trial {i}" for i in range(len(rates))])
    axis.set_ylim(len(rates) - 0.4, -0.6)


BEFORE, LOST, AFTER = ui.COLOURS["network"], ui.COLOURS["bad"], ui.COLOURS["good"]
again = diary.duplicated(["lr", "epoch"], keep="last").to_numpy()
colours = np.where(again, LOST, np.where(diary.index < after_kill, BEFORE, AFTER))
figure, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(6.4, 0.5 * TRIALS + 1.4))
timeline(left, diary[:after_kill], rates, colours[:after_kill])
timeline(right, diary[after_kill:], rates, colours[after_kill:])
left.axvline(diary["seconds"][at_kill - 1], color=ui.COLOURS["reference"], linestyle=":", zorder=0)
left.set_title("killed at the dotted line", loc="left")
right.set_title("resumed", loc="left")
figure.supxlabel(
    "seconds since the first epoch (a square is an epoch, with its number)", fontsize=11
)
plt.show()

# %% [markdown]
# *What to see: each row counts up to the last epoch, in blue before the kill and in green after. Trials
# that had finished have no green square. An orange square was run and reported to no one, so its number
# comes again in green.*
#
# What is lost is what lies between the last checkpoint and the kill: at most one epoch for each
# running trial, because a checkpoint is written after every epoch. If you save every tenth, you lose up
# to ten. The lab asks how often is right.

# %% [markdown]
# ## Idea 2: start again what was killed from outside
#
# Next, a worker: the process of a single trial. Operating systems kill processes when memory runs out,
# and clusters when someone with higher priority comes. `max_failures=2` in a search means: start such a
# trial again, up to twice, from its last checkpoint.

# %%
from dataclasses import replace

from internlab.hpo.demonstration import kill, once

# Of a search's description, only the diary is another one.
WORKER_DIARY = FOLDER / "worker.jsonl"
worker_search = replace(
    killed, fixed={**killed.fixed, "diary": str(WORKER_DIARY)}, samples=2, max_failures=2
)
victim = []


def kill_a_worker():
    victim.append(read_diary(WORKER_DIARY).iloc[-1])
    kill(int(victim[0]["process"]))


once(lambda: len(read_diary(WORKER_DIARY)) >= EPOCHS, kill_a_worker)
survived = run(worker_search, FOLDER / "worker", progress=None)

# %% tags=["timing"]
worker_diary = read_diary(WORKER_DIARY)
print(f"killed: the process that had just run epoch {victim[0]['epoch']} of its trial")
processes = worker_diary.groupby("lr")["process"].nunique()
ui.table(
    [
        {
            "trial": row.trial,
            "status": row.status,
            "epochs": row.iterations,
            "run twice": repeated(worker_diary, [row.lr]),
            "processes": processes[row.lr],
        }
        for row in survived.trials.itertuples()
    ],
    caption="The killed trial needed a second process, and went on where it was.",
)

# %% [markdown]
# ## Idea 3: do not start again what would only fail again
#
# A killed worker says nothing about its configuration. Other failures *are* the result of the
# configuration: the same code with the same seed would end in the same way. Three of them, all real: a
# learning rate with the wrong sign, one that lost the minus in its exponent, and a number of features for
# which no machine has the memory.

# %%
from internlab.hpo.tuning.search import Search
from internlab.hpo.tuning.space import Choice

failing_search = Search(
    objective=descend,
    space={"lr": Choice((0.05, -0.05, 1e9)), "features": Choice((10, 10**15))},
    metric="loss",
    mode="min",
    sampler="grid",
    max_iterations=EPOCHS,
    fixed={"epochs": EPOCHS},
)
failing = run(failing_search, FOLDER / "failing", progress=None)
ui.table(
    failing.trials[["lr", "features", "status", "reason", "iterations"]],
    caption="A grid in which five of six configurations cannot work.",
)

# %% [markdown]
# *What to see: one row for each configuration, and a reason in each that went wrong. The sound one
# finished, and it is the best. The one whose loss became infinite was stopped there (an epoch later it
# would be NaN) and cannot win.* That is not a matter of course: every comparison with NaN is false, so a
# careless `min` chooses it, or not, by its place in the list.

# %%
wrong = failing.trials[failing.trials["status"] != "finished"]
failures_with_reason = float((wrong["reason"].fillna("").str.len() > 0).mean())
print(f"failed trials with a reason: {failures_with_reason:.0%} of {len(wrong)}")
print(f"best: lr {failing.best.config['lr']}, loss {failing.best.value:.3g}")

# %% [markdown]
# ### What a retry costs
#
# Ray on its own retries an exception as it does a killed process: its `max_failures` counts both. Here
# is what up to two retries cost a trial, in epochs run for nothing, by the way it fails and how often it
# saves.

# %%
from itertools import product

LENGTH, FAILS_IN, RETRIES = 16, 11, 2
rows = []
for failure, every in product(("killed once", "the same NaN each time"), (1, 4, LENGTH)):
    since_save = (FAILS_IN - 1) % every + 1
    wasted = since_save * (1 if failure == "killed once" else RETRIES)
    rows.append({"failure": failure, "epochs between saves": every, "run for nothing": wasted})
ui.table(rows, caption=f"A trial of {LENGTH} epochs that fails in epoch {FAILS_IN}.")

# %% [markdown]
# A retry from a fresh checkpoint is cheap. A retry of something that cannot end differently costs every
# time and gives nothing. Out of memory lies in between: the configuration may be sound and only its place
# too small, so it deserves a retry with *another share* of a machine, never unchanged.

# %% [markdown]
# ## Idea 4: let trials learn from each other
#
# A checkpoint is good for more than surviving: *another* trial can go on from it. Population-based
# training (Jaderberg et al. 2017, [arXiv:1711.09846](https://arxiv.org/abs/1711.09846)) trains all members
# at the same time. Every few epochs the worst quarter becomes copies of the best, weights and all, with
# a hyperparameter slightly changed. So hyperparameters can *change during training*.
#
# That pays where the best value changes with time. The classic case is the learning rate on a bowl with
# noisy gradients: large to get there, small to get closer.

# %%
from internlab.hpo import population

ui.show_source(population.one_epoch)

# %%
ui.show_source(population.exploit_and_explore)

# %% [markdown]
# Whom does it have to beat? Three searches get the same work: 8 members, 60 epochs each, the same number
# of steps. One draws *constant* learning rates. One draws a learning rate and a *decay*: random search over
# schedules of one family, two numbers instead of one. The third is the population, which starts from
# constant ones.

# %% tags=["timing"]
searches = {
    "constant, random": lambda seed: population.train_population(seed, every=None),
    "decaying, random": population.train_decaying,
    "population": population.train_population,
}
found = {name: [search(seed) for seed in POPULATION_SEEDS] for name, search in searches.items()}
ui.table(
    [
        {
            "search": name,
            **{f"loss, seed {s}": f.loss for s, f in zip(POPULATION_SEEDS, runs, strict=True)},
            "CPU-seconds": np.mean([f.cpu_seconds for f in runs]),
        }
        for name, runs in found.items()
    ],
    caption="Loss of the best member (lower is better), and the CPU-seconds of a whole search.",
)

# %%
figure, axis = plt.subplots()
looks = {"constant, random": "grey", "decaying, random": "network", "population": "bad"}
for name, look in looks.items():
    for i, run_ in enumerate(found[name]):
        label = name if i == 0 else None
        axis.step(range(1, 61), run_.schedule, color=ui.COLOURS[look], label=label, where="mid")
axis.set_yscale("log")
axis.set_xlabel("epoch")
axis.set_ylabel("learning rate of the best member")
axis.set_title("The schedules that were found (a line for each seed)", loc="left")
axis.legend()
plt.show()

# %% [markdown]
# *What to see: the population's learning rate falls in small steps, up and down but mostly down. Nobody
# told it to fall. A line goes back through the copies: these are the rates that made the winner's
# weights.*

# %%
losses = {name: np.array([f.loss for f in runs]) for name, runs in found.items()}
population_to_constant = (losses["population"] / losses["constant, random"]).max()
seeds_above_schedules = (losses["population"] < losses["decaying, random"]).mean()
print(f"population to constant, worst seed: {population_to_constant:.2f} of its loss")
print(f"seeds in which the population beats random schedules: {seeds_above_schedules:.0%}")

# %% [markdown]
# So few seeds are an anecdote. This problem is cheap, so many more can speak.

# %%
MORE = range(100, tier.pick(smoke=110, cpu=140))
many = {name: np.array([search(s).loss for s in MORE]) for name, search in searches.items()}
wins = (many["population"] < many["decaying, random"]).mean()
ui.table(
    [
        {
            "search": name,
            "median": np.median(x),
            "best tenth": np.quantile(x, 0.1),
            "worst tenth": np.quantile(x, 0.9),
        }
        for name, x in many.items()
    ],
    caption=f"Loss over {len(MORE)} further seeds. The population beats random schedules in "
    f"{wins:.0%} of them.",
)

# %% [markdown]
# So constant rates are beaten clearly. Against schedules with one more number, look at both ends of the
# table: who has the better best tenth, and who the better worst tenth? Random schedules are a gamble that
# can end very well. The population is steadier, and it is greedy: it prefers whoever is ahead *now*, and
# a low learning rate is always ahead soon. Wu et al. (2018, [arXiv:1803.02021](https://arxiv.org/abs/1803.02021))
# call this short-horizon bias. Before you reach for a population, give the schedule a parameter and
# search that: this is the comparison that papers leave out.

# %% [markdown]
# ### The same in Ray
#
# One member as an objective, and the scheduler `"pbt"`. An exchange hands a checkpoint over, so it needs
# nothing that surviving did not need already.

# %%
from internlab.hpo.tuning.space import LogUniform

POPULATION_EPOCHS, EXCHANGE = tier.pick(smoke=(4, 2), cpu=(12, 3))
POPULATION_DIARY = FOLDER / "population.jsonl"
in_ray = Search(
    objective=population.noisy_descent,
    space={"lr": LogUniform(1e-4, 3e-2)},
    metric="loss",
    mode="min",
    scheduler="pbt",
    samples=4,
    max_iterations=POPULATION_EPOCHS,
    grace=EXCHANGE,  # epochs between two exchanges
    fixed={"epochs": POPULATION_EPOCHS, "diary": str(POPULATION_DIARY)},
    seed=SEED,
)
evolved = run(in_ray, FOLDER / "population", progress=None)

# %% tags=["timing"]
figure, axis = plt.subplots()
for _, rows in read_diary(POPULATION_DIARY).groupby("lr"):
    axis.plot(rows["epoch"], rows["lr"], "o-", color=ui.COLOURS["network"])
for epoch in range(EXCHANGE, POPULATION_EPOCHS, EXCHANGE):
    axis.axvline(epoch + 0.5, color=ui.COLOURS["reference"], linestyle=":")
axis.set_yscale("log")
axis.set_xlabel("epoch (dotted: exchange)")
axis.set_ylabel("learning rate")
axis.set_title("The learning rates that a population of four ran with", loc="left")
plt.show()

# %% [markdown]
# *What to see: at an exchange a line ends, and another begins at 0.8 or 1.2 times a better member's rate,
# or at a new draw (in Ray, by default one time in four). So few epochs are all spent far from the middle,
# where high rates win.*
#
# Two traps, both met while this kit was made. A Ray setting that keeps only the newest checkpoints
# (`num_to_keep`) deletes the one that another member is about to load, and the population stands still.
# And Ray's own perturbation may leave the space: it multiplies and does not clip. The kit's search keeps
# all checkpoints of a population, and clips.

# %% [markdown]
# ## Idea 5: more machines, and one of them fails
#
# A search knows nothing of machines. It asks Ray for a CPU, or for a share of a GPU, and Ray finds one
# somewhere. All searches above ran on two nodes already. Now the second node dies half-way, with
# everything that runs on it.

# %%
NODE_DIARY = FOLDER / "nodes.jsonl"
two_node_search = replace(killed, fixed={**killed.fixed, "diary": str(NODE_DIARY)})

half_way = once(lambda: len(read_diary(NODE_DIARY)) >= HALF_WAY, nodes.lose_node)
outcome = run(two_node_search, FOLDER / "nodes", progress=None)
half_way.join()
print("nodes left:", ", ".join(nodes.alive))

# %% tags=["timing"]
node_diary = read_diary(NODE_DIARY)
on = node_diary["node"].map(nodes.names)
colours = on.map({"head": ui.COLOURS["network"], "second": ui.COLOURS["openvino"]})
_, axis = plt.subplots(figsize=(6.4, 0.5 * TRIALS + 1.4))
timeline(axis, node_diary, rates, colours)
axis.set_xlabel("seconds since the first epoch (a square is an epoch, with its number)")
axis.set_title("Which node ran which epoch: head (blue), second (green)", loc="left")
plt.show()
cluster.stop()

# %% [markdown]
# *What to see: green stops in the middle. The trial that was green goes on in blue, with the next number,
# once Ray has noticed that the node is gone; until then its row is empty. With half the CPUs left, the
# second half takes longer.*

# %%
whole = (outcome.trials["status"] == "finished") & (outcome.trials["iterations"] == EPOCHS)
share_finished = float(whole.mean())
print(f"trials that finished: {share_finished:.0%}, epochs run twice: {repeated(node_diary)}")
print(f"epochs by node: {on.value_counts().to_dict()}")
print(f"best loss as undisturbed: {outcome.best.value == best_undisturbed}")

# %% [markdown]
# ### What a real cluster adds
#
# Both nodes were this machine, so they had the same files and the same Python. Between real machines you
# have to arrange that:
#
# - **Shared storage.** A trial resumes on *another* machine, so its checkpoint must be readable there. Ray
#   asks for a network file system or a bucket as `storage_path`, and fails at the first checkpoint
#   without one ([Ray: persistent storage](https://docs.ray.io/en/latest/tune/tutorials/tune-storage.html)).
#   Here it is the `folder` of the search.
# - **The same environment.** Every node needs the same Python, the same Ray and your module.
# - **A head node, and ports.** `ray start --head --port=6379` on one machine, `ray start
#   --address=HEAD:6379` on the others, in one network whose firewall lets them talk
#   ([Ray: on-premises clusters](https://docs.ray.io/en/latest/cluster/vms/user-guides/launching-clusters/on-premises.html)).
#   If the head is lost, so is the cluster; the search's folder is not.
# - **Not Windows.** Ray itself calls its clusters there experimental and untested, so the kit starts none,
#   not even this one of two nodes.
#
# The search is not in this list: it stays as it is.

# %% [markdown]
# ## Idea 6: several trials on one GPU
#
# `gpu_per_trial=0.5` lets two trials share a GPU. Ray only *counts*: it holds no trial to its share
# ([Ray: accelerators](https://docs.ray.io/en/latest/ray-core/scheduling/accelerators.html)). If their
# memory does not fit, one of them fails when both are at their peak. So first: what does a training
# hold? The count below asks autograd for every tensor that it keeps.

# %%
import torch

from internlab.hpo.training import gpu_memory
from internlab.hpo.training.unet import UNet

ui.show_source(gpu_memory.count)

# %%
rows = []
for width, batch_size in ((8, 16), (16, 16), (16, 32)):
    held = gpu_memory.count(UNet(width), torch.zeros(batch_size, 3, 64, 64))
    rows.append(
        {
            "width": width,
            "batch": batch_size,
            "weights, gradients, optimiser": (held.total - held.activations) / gpu_memory.MIB,
            "activations": held.activations / gpu_memory.MIB,
            "total": held.total / gpu_memory.MIB,
        }
    )
ui.table(rows, caption="What training the U-Net of lesson 20 keeps, in MiB.")

# %% [markdown]
# Nearly all of it is activations, and those grow with the batch. So a search over batch sizes is a search
# over memory too, and the *largest* configuration of the space decides how many trials fit.

# %%
largest = UNet(16), torch.zeros(32, 3, 64, 64)
if tier.skip_without_gpu("the peak measured on a GPU", "the count, and CUDA's usual context"):
    peak, context, capacity = gpu_memory.count(*largest).total, 500 * gpu_memory.MIB, 8 * 2**30
    print("Assumed: a GPU of 8 GiB, a context of 500 MiB for each process.")
else:
    peak = gpu_memory.measure(largest[0].cuda(), largest[1].cuda())
    context = gpu_memory.context_bytes(torch.device("cuda"))
    capacity = torch.cuda.get_device_properties(0).total_memory
MARGIN = 0.1
fit = int(capacity * (1 - MARGIN) // (peak + context))
print(f"peak {peak / gpu_memory.MIB:.0f} MiB, context {context / gpu_memory.MIB:.0f} MiB")
print(f"trials that fit by memory: {fit}, so gpu_per_trial could be {1 / fit:.3f}")

# %% [markdown]
# With a network this small the *context*, which every process pays before it computes anything, is most of
# the bill. And memory is only one limit: trials on one GPU also share its arithmetic and the CPU cores
# that load their data. Fitting is not the same as being fast. Measure trials in an hour before you settle.

# %%
if not tier.skip_without_gpu("two trainings that share one GPU", "the arithmetic above"):
    sharing = Search(
        objective=train_buildings,
        space={"lr": Choice((1e-3, 3e-3))},
        metric="validation_iou",
        sampler="grid",
        max_iterations=2,
        fixed={"epochs": 2, "train_tiles": 64},
        gpu_per_trial=0.5,
    )
    run(sharing, FOLDER / "gpu")

# %% [markdown]
# ## Close the note

# %%
note.close(
    {
        "repeated_by_finished": repeated_by_finished,
        "difference_of_best": difference_of_best,
        "share_finished": share_finished,
        "failures_with_reason": failures_with_reason,
        "population_to_constant": population_to_constant,
        "seeds_above_schedules": seeds_above_schedules,
    },
    learned="What survives is what was written down: a checkpoint after every epoch, a record of every "
    "trial, on storage that outlives the machine. A retry is for failures from outside only. A "
    "population is steady, and random search over schedules is the peer it has to be held against.",
    ask="Which folder of ours is seen by all GPU machines, and who backs it up?",
)
note

# %% [markdown]
# ## At full scale
#
# - **The same commands.** Lesson 21's search runs like this one: give `train_buildings` in place of
#   `descend`, and a `folder` on shared storage.
# - **Longer epochs, dearer checkpoints.** When an epoch takes an hour and a checkpoint gigabytes, how often
#   to save becomes a question with a formula; the lab has it.
# - **Machines that are taken away.** Cloud machines that may be reclaimed at any time cost a fraction. A
#   search that survives can use them; count the repeated epochs into the price.
#
# **Now you:** [lab 22](../labs/22_survive_and_scale.ipynb) has you write the resume, the state of a
# checkpoint, the rule of retries and the population's step, and answer a colleague who saves every quarter
# of an hour.
