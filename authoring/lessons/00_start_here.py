# ---
# title: Start here
# minutes: 20
# passages: [kb-experiment-notes, kb-baseline-gap-loop, kb-lesson-learned]
# smoke_seconds: 10
# ---
# %% [markdown]
# # 00 · Start here
#
# *20 minutes. You need: Python, and the environment that `make start` made.*
#
# After this notebook you can
#
# - say where each lesson of this kit comes from,
# - write down a hypothesis (가설) in numbers before a run, and close it with the result,
# - work through a lab with `check()` and `hint()`.

# %% [markdown]
# ## Where these lessons come from
#
# Five published Korean interviews tell what research interns do all day: a model to speed up, a
# leaderboard to climb, a paper to reproduce, a note to write so that a colleague can follow. Every
# lesson rebuilds one of those jobs, and opens with the passage that it rebuilds. The kit holds our
# paraphrase and a link, not the interview itself; follow the link and read it.

# %%
from internlab import passages

passages.card("kb-experiment-notes", "kb-baseline-gap-loop", "kb-lesson-learned")

# %% [markdown]
# These three passages are about one habit, and every lesson here practises it:
#
# 1. **Say what you expect**, in numbers, before anything runs.
# 2. **Build the smallest baseline (기준 모델) that works**, and measure its gap to the ideal.
# 3. **Change one thing at a time**, and measure again.
# 4. **Write down what happened**, above all when it surprised you.
#
# The rest of this notebook goes once around that loop with a question that takes a second to
# answer.

# %% [markdown]
# ## One cell decides how much work is done
#
# Every notebook has one configuration cell. The *tier* is `smoke` (a check that everything runs),
# `cpu` (your laptop, minutes) or `gpu`. You can change it with the environment variable
# `INTERNLAB_TIER`. The *seed* fixes the random numbers, so that you and a colleague see the same.

# %%
from internlab import notebook_ui as ui
from internlab import tier

TIER = tier.current()
SEED = 0
REPEATS = tier.pick(smoke=200, cpu=2000)
ui.style()
print(f"tier {TIER}, seed {SEED}, {REPEATS} repeats")

# %% [markdown]
# ## The question
#
# You compare two models on 100 test images. Model A is right on 80 of them, model B on 83. Is B
# better? A cautious colleague asks a sharper question: if both models were *equally good*, how
# often would chance alone put them three or more points apart?
#
# Guess before you read on. Your guess is the hypothesis, and it goes into an experiment note
# (실험 노트) with a number that can turn out wrong. The note below guesses that such a gap is rare:
# fewer than one comparison in five.

# %%
from internlab import notes

note = notes.open(
    question="Two equally good models, 100 test images: how often do they differ by 3 or more?",
    hypothesis="Rarely. Three images of a hundred look like a real difference.",
    expect=[notes.Expect("share_of_gaps", "<", 0.20)],
    seed=SEED,
    slug="00-three-points",
)
note

# %% [markdown]
# The note is a Markdown file in the folder `notes/`. It holds the expectation, the seed, the
# version of the code and of the packages, and it is sealed: if somebody edits the expectation
# after the result is known, the kit says so.
#
# ## The measurement
#
# Both models are right on an image with probability 0.8, each on images of its own. Draw how many of
# the 100 images each gets right, many times over, and count how often the two counts differ by
# three or more.

# %%
import numpy as np

rng = np.random.default_rng(SEED)
right_a = rng.binomial(100, 0.8, size=REPEATS)
right_b = rng.binomial(100, 0.8, size=REPEATS)
gap = right_b - right_a
share = float(np.mean(np.abs(gap) >= 3))
print(f"{share:.0%} of the comparisons differ by three or more images")

# %% [markdown]
# A picture often says more than the share. The bars count how often each gap occurred; those in
# orange are the ones somebody could report as a finding.

# %%
import matplotlib.pyplot as plt

values, counts = np.unique(gap, return_counts=True)
colours = [ui.COLOURS["bad"] if abs(v) >= 3 else ui.COLOURS["grey"] for v in values]
figure, axis = plt.subplots()
axis.bar(values, counts / REPEATS, color=colours)
axis.set_xlabel("images that B gets right and A does not, net (of 100)")
axis.set_ylabel("share of comparisons")
axis.set_title("Two equally good models", loc="left")
plt.show()

# %% [markdown]
# *What to see: the orange bars together are larger than the grey ones. A three-point gap on 100
# images is what you should expect from two models that do not differ at all.*
#
# ## Close the note
#
# Closing the note gives the verdict: **held** or **surprised**. A surprise is not a failure. It
# means that you had something to learn, and the note keeps what it was.

# %%
note.close(
    {"share_of_gaps": share},
    learned="Three points on 100 images are no evidence: equal models differ by that much in most "
    "comparisons. Ask for more test images, or for several seeds, before believing a gap.",
    ask="How many test images do our own comparisons rest on?",
)
note

# %% [markdown]
# At the end of the week, `python -m internlab.notes report` turns all notes into a report: what
# was expected, what happened, what was learned, and what you ask of others.
#
# ## How a lab answers you
#
# Each lesson has a lab (실습) of the same name in `labs/`. A lab gives you a few lines to write,
# and `check()` answers with one line: **PASS**, **TODO** or **NOT YET** with a question that points at
# the spot. It never stops the notebook. Here is an exercise in miniature, answered in three ways.

# %%
from internlab.exercises import Exercise, Lab, NotYet, call


def _check_gap(answer):
    got = call(answer, 83, 80)
    if got == -3:
        raise NotYet("for B = 83 and A = 80 you gave -3, expected 3: which comes first?")
    if got != 3:
        raise NotYet(f"for B = 83 and A = 80 you gave {got}, expected 3: what is a gap?")


lab = Lab(
    "start",
    [Exercise("gap", _check_gap, ("A gap is a difference.", "Return b - a."))],
    solution="this cell",
)
lab.check("gap", ...)
lab.check("gap", lambda b, a: a - b)
lab.check("gap", lambda b, a: b - a)

# %% [markdown]
# When you are stuck, `hint("gap", 1)` nudges and `hint("gap", 2)` nearly tells. Worked solutions
# lie in `solutions/`; look at them after your own attempt, not before.

# %%
lab.hint("gap", 1)

# %% [markdown]
# ## Where to go next
#
# | lesson | what you will be able to do |
# |---|---|
# | [10 Train](10_train_super_resolution.ipynb) | train a small super-resolution network, and say where it beats the baseline |
# | [11 Export and run](11_export_and_run.ipynb) | make it faster on the CPU, with a benchmark that is fair |
# | [12 TensorRT](12_tensorrt.ipynb) | build engines for NVIDIA GPUs, and read why a build fails |
# | [13 The whole scene](13_whole_scene.ipynb) | run it over a satellite scene that does not fit in memory |
#
# The four belong together: they retrace how an intern halved the time that a super-resolution
# model took for one satellite image.
#
# **On a GPU.** Nothing changes in the notebooks. Where CUDA is present, the tier is `gpu`, and the
# cells that were skipped by name run.
