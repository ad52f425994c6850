# ---
# title: Hypothesis before result
# minutes: 60
# passages: [kb-baseline-gap-loop, kb-experiment-notes, kb-lesson-learned]
# smoke_seconds: 20
# ---
# %% [markdown]
# # 01 · Hypothesis before result
#
# *60 minutes. You need: lesson 00.*
#
# After this lesson you can
#
# - build the smallest baseline and say by **cause** what lies between it and the ideal,
# - try one idea at a time against a number that you wrote down before,
# - say how sure you are as a **probability** (확률), and score yourself: the Brier score, calibration,
# - turn a lesson learned into a **guard test** that fails if the fault comes back.
#
# You keep three things: an experiment note, a sealed sheet of your own forecasts with its score, and a
# guard test.

# %%
from internlab import passages

passages.card("kb-baseline-gap-loop", "kb-experiment-notes", "kb-lesson-learned")

# %% [markdown]
# ## Why before
#
# After a result is known, everybody can explain it. The explanation feels like knowledge, and nothing has
# been learned: it would have explained the opposite as well. A **hypothesis** (가설) that was written before
# can be wrong, and where it is wrong you find out what you did not know. Platt (1964) argued that the
# fields that move fast are those whose people ask of every idea which experiment could rule it out. Fixing
# the expectation, and how it will be judged, before the data are seen is called **preregistration**
# (사전 등록; Nosek and others, 2018).

# %%
import matplotlib.pyplot as plt
import numpy as np

from internlab import notebook_ui as ui
from internlab import notes, tier

TIER = tier.current()
SEEDS = tier.pick(smoke=range(4), cpu=range(10))  # of the project
RUNS = tier.pick(smoke=(0,), cpu=(0, 1, 2, 3, 4))  # the seeds of the twelve experiments
AGAIN = tier.pick(smoke=(5,), cpu=(5, 6, 7, 8, 9))  # and of their second run
FORECASTS = tier.pick(smoke=500, cpu=4000)  # of a simulated forecaster
LEFT_TO_STOP = 0.05  # of the gap; what the product could live with
ui.style()
print(f"tier {TIER}, {len(SEEDS)} seeds of the project")

# %% [markdown]
# # Part 1 · Baseline, gap, cause, idea
#
# Here is a project as you might inherit it. A scanner is to read digits. Ten images of each digit were
# labelled by hand, and about a fifth of the labels are wrong. To be quick, images are shrunk to 4 by 4
# pixels. The model is the smallest classifier there is.
#
# The note comes first. It guesses what many would guess: that such a thing reads little better than half;
# that the wrong labels are the main trouble; that a better model helps; that it helps to throw suspicious
# labels away. Before you run the cell, put in what *you* expect.

# %%
note = notes.open(
    question="What stands between the digits project and the ideal?",
    hypothesis="The baseline reads little better than half. The wrong labels cost most of the gap. A "
    "better model helps at once, and so does dropping the images whose label looks wrong.",
    expect=[
        notes.Expect("baseline_accuracy", "between", (0.50, 0.65)),
        notes.Expect("share_of_gap_by_labels", ">=", 0.4),
        notes.Expect("gain_all_pixels", ">=", 0.03),
        notes.Expect("gain_dropping_suspects", ">=", 0.02),
        notes.Expect("gain_better_model_first", ">=", 0.03),
        notes.Expect("test_minus_validation", "between", (-0.02, 0.02)),
    ],
    seed=SEEDS[0],
    slug="01-digits-project",
)
note

# %% [markdown]
# A good expectation has four parts: *what* is measured, the *number* that divides right from wrong, *on what*
# it is measured, and what you would do in either case. "The new model should be better" has none of them.
#
# ## The smallest baseline
#
# A **baseline** (기준 모델) is there to be compared with, so it must be simple enough to be beyond doubt. This
# one keeps the mean image of each digit, and answers with the digit whose mean is nearest.

# %%
from internlab.practice.project import NearestCentroid, Project

ui.show_source(NearestCentroid)

# %% [markdown]
# The project draws its data anew for every seed: which images are labelled, which labels are wrong, and two
# sets with right labels. Ideas are compared on the **validation** images (검증 데이터). The **test** images
# (시험 데이터) are kept for the end.

# %%
projects = [Project(seed) for seed in SEEDS]
baseline = np.array([project.accuracy() for project in projects])
spread = baseline.std(ddof=1)
print(f"baseline: {baseline.mean():.3f} right, standard deviation over seeds {spread:.3f}")

# %%
from internlab.practice.project import thumbnails

collected = projects[0].training()
small = thumbnails(collected.images)
shown = [*collected.images[::10].reshape(-1, 8, 8), *small[::10].reshape(-1, 4, 4)]
ui.images(
    [1 - each for each in shown],
    [f"“{label}”" for label in collected.labels[::10]] + [""] * 10,
    columns=10,
    limits=(0, 1),
)

# %% [markdown]
# *What to see: above, one image of each digit from 0 to 9 with the label it was given, which is not always
# the right one; below, what is left of it at 4 by 4 pixels, and that is all the model sees.*
#
# ## The ideal, as an oracle
#
# How good could it be? An **oracle** (오라클) is a part that is as good as it can be had, at any price: the
# true labels, all thousand images that lie in the archive, all 64 pixels, a model that is known to be good on
# these digits (a support vector machine, 서포트 벡터 머신: it puts the border between two classes where it is
# farthest from the images of both). You could not ship it. But you can measure with
# it, and what is measured with all four is the ideal that you imagined, as a number.

# %%
from internlab.practice.project import PARTS


def score(oracles):
    return np.mean([project.accuracy(oracles) for project in projects])


print("parts:", ", ".join(PARTS))
print(f"with no oracle {score(set()):.3f}, with all of them {score(set(PARTS)):.3f}")

# %% [markdown]
# ## The gap, by cause
#
# Replace one part alone by its oracle, and see what that gains.

# %%
for part in PARTS:
    print(f"{part:9} {100 * (score({part}) - score(set())):+5.1f} points")

# %% [markdown]
# Stop here for a moment. By this table the model is no trouble at all: a better one gains nothing. Many
# projects end in that way, with a list of ideas that "did not work". Now begin at the other end: take the
# ideal, and put *one* of the bad parts back.

# %%
for part in PARTS:
    print(f"{part:9} {100 * (score(set(PARTS)) - score(set(PARTS) - {part})):+5.1f} points lost")

# %% [markdown]
# Papers call such a table an ablation. By this table the model is what costs most. Both are right. A good model can use what the other parts give
# it; with a hundred small images and wrong labels there is nothing to use. Parts **interact** (상호작용): what
# one is worth depends on the others. That is why neither column adds up to the gap. The mean over every order
# in which you could replace the parts does add up (Shapley, 1953).

# %%
from internlab.practice.gap import by_cause

gap = by_cause(score, PARTS)
rows = [
    {
        "cause": cause.name,
        "alone, from the baseline": 100 * cause.first,
        "put back into the ideal": 100 * cause.last,
        "mean over all orders": 100 * cause.shared,
    }
    for cause in gap.causes
]
sums = {key: sum(row[key] for row in rows) for key in rows[0] if key != "cause"}
ui.table(
    [*rows, {"cause": "sum", **sums}],
    caption=f"Points of accuracy. The whole gap is {100 * gap.total:.1f} points.",
)

# %%
figure, axis = plt.subplots()
place = np.arange(len(PARTS))
for shift, key, colour in (
    (-0.27, "alone, from the baseline", ui.COLOURS["grey"]),
    (0, "put back into the ideal", ui.COLOURS["network"]),
    (0.27, "mean over all orders", ui.COLOURS["reference"]),
):
    axis.bar(place + shift, [row[key] for row in rows], width=0.25, color=colour, label=key)
axis.axhline(0, color="black", linewidth=0.8)
axis.set_xticks(place, PARTS)
axis.set_ylabel("points of accuracy")
axis.set_ylim(top=12.5)
axis.legend(loc="upper left", ncols=1, fontsize=9)
plt.show()

# %% [markdown]
# *What to see: the grey bar of the model points down, and its blue one is the tallest of the blue ones. By the
# black bars there is no single culprit: features and data first, then the model. The wrong labels, the first
# suspect of the note, are the least of the four.* A mean image is hard to spoil with labels that are wrong at
# random.
#
# ## One idea at a time
#
# An idea is something you could really do; an oracle is not. Each idea is compared with the state before it,
# on the same seeds. The rule is written down before the first one is tried: **keep an idea if its mean gain
# is more than two standard errors** (표준 오차: the standard deviation of the gains over the root of their
# number). And the rule for the end: **stop when less than five points of the gap are left.** What is printed
# after ± is one standard error.

# %%
from internlab.practice.project import without_suspects

state, reached, tried = {}, [baseline], []


def accuracy(pixels=False, per_digit=10, drop=False, model=NearestCentroid, on="validation"):
    scores = []
    for project in projects:
        training = project.training(per_digit=per_digit)
        training = without_suspects(training) if drop else training
        oracles = {"features"} if pixels else set()
        scores.append(project.accuracy(oracles, training=training, model=model(), on=on))
    return np.array(scores)


def try_idea(name, **change):
    now = accuracy(**state, **change)
    gains = now - reached[-1]
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    kept = gains.mean() > 2 * error
    tried.append({"idea": name, "gain": gains.mean(), "error": error, "kept": kept, "after": now})
    print(f"{name}: {100 * gains.mean():+.1f} ± {100 * error:.1f} points, keep: {kept}")
    if kept:
        state.update(change)
        reached.append(now)
    print(f"left of the gap: {100 * (gap.ideal - reached[-1].mean()):.1f} points")


# %% [markdown]
# The first idea costs least: leave the images as they are. Here the oracle is free; somebody had shrunk the
# images because that once was quicker.

# %%
try_idea("all 64 pixels", pixels=True)

# %% [markdown]
# Second: throw away every training image whose label is not that of most of its five nearest neighbours
# (Wilson, 1972). A fifth of the labels is wrong, so this must help, says the note.

# %%
try_idea("drop suspicious labels", drop=True)

# %%
rows = []
for project, seed in zip(projects[:4], SEEDS, strict=False):
    given, truth = project.training(), project.training({"labels"})
    wrong = given.labels != truth.labels
    left = without_suspects(given)
    kept = (given.images[:, None] == left.images).all(axis=2).any(axis=1)
    rows.append(
        {
            "seed": str(seed),
            "wrong labels": int(wrong.sum()),
            "of these dropped": int((wrong & ~kept).sum()),
            "right ones dropped": int((~wrong & ~kept).sum()),
            "images left of the rarest digit": int(np.bincount(left.labels, minlength=10).min()),
        }
    )
ui.table(rows, caption="What was dropped, for some of the seeds: 100 images each.")

# %% [markdown]
# A surprise, and so the most useful line so far. *What to see in the table: the rule finds nearly every wrong
# label, as promised. But it takes many right ones along, and those are not spread evenly: of some digit few or
# no images are left.* With ten images of a digit, a right image with an unusual shape has other digits for
# neighbours, and looks suspicious. The cure cost more than the disease.
#
# Third: a better model.

# %%
from sklearn.svm import SVC

try_idea("support vector machine", model=SVC)

# %% [markdown]
# Just as the grey bar said. A better model would now be off the list in most projects. The table of causes
# says otherwise: off the list *in this state*. Fourth: label twenty more images of each digit, with as many
# wrong labels among them.

# %%
try_idea("three times the images", per_digit=30)

# %% [markdown]
# And now the third idea again.

# %%
try_idea("support vector machine, again", model=SVC)
print("stop:", gap.ideal - reached[-1].mean() < LEFT_TO_STOP)

# %%
figure, axis = plt.subplots(figsize=(6.4, 3.9))
names = ["baseline", *(each["idea"] for each in tried)]
means = [baseline.mean(), *(each["after"].mean() for each in tried)]
errors = [np.nan, *(2 * each["error"] for each in tried)]
colours = [ui.COLOURS["grey"]] + [ui.COLOURS["good" if t["kept"] else "bad"] for t in tried]
place = np.arange(len(names))[::-1]
axis.axvline(gap.ideal, color=ui.COLOURS["reference"], linestyle="--", linewidth=1)
axis.text(gap.ideal - 0.004, place[0] + 0.35, "ideal", ha="right")
axis.barh(place, means, color=colours, height=0.6, xerr=errors, ecolor="black", capsize=3)
axis.set_yticks(place, names)
axis.set_xlim(0.6, 1)
axis.set_xlabel("accuracy on validation")
plt.show()

# %% [markdown]
# *What to see: from top to bottom, green was kept and orange was not; the whisker is two standard errors of
# the difference from the state before. The same idea stands there twice, once in orange and once in green.*
# (The axis begins at 0.6.)
#
# Two cautions. All seeds draw from the same 1,797 digits, so their results are not independent, and two
# standard errors are a rule of thumb here (Nadeau and Bengio, 2003); lesson 02 has more to say. And the more
# ideas are tried on the same validation images, the more likely it is that one is kept by luck. That is what
# the test images are for. They are used once.

# %%
final = accuracy(**state, on="test")
print(f"validation {reached[-1].mean():.3f}, test {final.mean():.3f}")

# %% [markdown]
# ## Close the note

# %%
gains = {each["idea"]: float(each["gain"]) for each in tried}
shared = {cause.name: cause.shared for cause in gap.causes}
note.close(
    {
        "baseline_accuracy": baseline.mean(),
        "share_of_gap_by_labels": shared["labels"] / gap.total,
        "gain_all_pixels": gains["all 64 pixels"],
        "gain_dropping_suspects": gains["drop suspicious labels"],
        "gain_better_model_first": gains["support vector machine"],
        "test_minus_validation": final.mean() - reached[-1].mean(),
    },
    learned="No part was the culprit alone. A better model gained nothing until there were enough "
    "images and pixels for it, and dropping suspicious labels did harm. An idea is refused in a "
    "state, not for ever.",
    ask="Which of our refused ideas were tried only in the first state?",
)
note

# %% [markdown]
# # Part 2 · How good are your expectations?
#
# One of the passages has a second rule: say plainly what you do not know. That can be
# practised. A forecaster who says *yes* or *no* hides how sure they are. One who gives a probability says it,
# and over many questions it can be checked.
#
# ## A score that rewards honesty
#
# You say that something happens with probability p. It happens (o = 1) or not (o = 0). The **Brier score**
# (브라이어 점수; Brier, 1950) is the mean of (p - o)². Zero is perfect. Somebody who always says one half has
# exactly 0.25. Why the square, and not simply the distance? Suppose you believe in 70 %, and look for the
# number to write down that costs you least.

# %%
from internlab.practice.calibration import expected_brier

belief, written = 0.7, np.linspace(0, 1, 101)
squared = expected_brier(written, belief)
distance = belief * (1 - written) + (1 - belief) * written

figure, axis = plt.subplots()
axis.plot(written, squared, color=ui.COLOURS["network"], label="squared (Brier)")
axis.plot(written, distance, color=ui.COLOURS["bad"], linestyle="--", label="plain distance")
for cost, colour in ((squared, ui.COLOURS["network"]), (distance, ui.COLOURS["bad"])):
    axis.plot(written[cost.argmin()], cost.min(), "o", color=colour, markersize=9)
axis.axvline(belief, color=ui.COLOURS["grey"], linewidth=1)
axis.set_xlabel("probability that you write down")
axis.set_ylabel("cost to expect")
axis.set_title("You believe in 70 %", loc="left")
axis.legend()
plt.show()

# %% [markdown]
# *What to see: the square costs least exactly where you write what you believe. The plain distance costs least
# at 1: it pays you to pretend that you are sure.* A score under which honesty is best is called **proper**
# (적정 점수). The logarithm of the probability is another proper score (Good, 1952); it is infinitely hard on
# who was certain and wrong.
#
# ## Three things that make a score
#
# Murphy (1973) split the Brier score into three parts that can be read one by one:
#
# $$\text{Brier} = \text{reliability} - \text{resolution} + \text{uncertainty}$$
#
# - **Uncertainty** (불확실성): how hard the questions are for somebody who knows only how often *yes* is right.
# - **Resolution** (분해능): how far your forecasts separate what happens from what does not. More is better.
# - **Reliability** (신뢰도): how far what you call 70 % is from 70 in 100. Less is better. At zero you are
#   **calibrated** (보정된).
#
# Four made-up forecasters answer the same questions, each in tenths, as people do.

# %%
from internlab.practice.calibration import brier, calibration_curve, murphy

rng = np.random.default_rng(0)
truth = rng.beta(0.8, 0.8, FORECASTS)  # the probability of yes, which nobody sees
happened = rng.random(FORECASTS) < truth


def sharpened(p, by):
    odds = (p / (1 - p)) ** by
    return odds / (1 + odds)


people = {
    "knows the truth": truth,
    "overconfident": sharpened(truth, 3),
    "timid": sharpened(truth, 1 / 3),
    "one half, always": np.full(FORECASTS, 0.5),
}
people = {name: np.round(p, 1) for name, p in people.items()}
rows = []
for name, p in people.items():
    parts = murphy(p, happened)
    row = {"forecaster": name, "Brier": round(brier(p, happened), 4)}
    row |= {key: round(getattr(parts, key), 4) for key in ("reliability", "resolution")}
    rows.append(row | {"uncertainty": round(parts.uncertainty, 4)})
ui.table(rows, caption=f"{FORECASTS} questions; reliability - resolution + uncertainty = Brier.")

# %%
figure, axis = plt.subplots(figsize=(5, 4.4))
axis.plot([0, 1], [0, 1], color=ui.COLOURS["grey"], linewidth=1)
looks = (("o-", "good"), ("s-", "bad"), ("^-", "network"), ("D", "reference"))
for (name, p), (mark, colour) in zip(people.items(), looks, strict=True):
    curve = calibration_curve(p, happened)
    x, y = [group.forecast for group in curve], [group.share for group in curve]
    axis.plot(x, y, mark, color=ui.COLOURS[colour], label=name, markersize=5)
axis.set_xlabel("forecast of yes")
axis.set_ylabel("share in which it was yes")
axis.legend(fontsize=9)
plt.show()

# %% [markdown]
# *What to see: on the grey diagonal a forecast means what it says. The orange curve is flatter than the
# diagonal: of what is called 10 %, far more than 10 in 100 happen. The blue one is steeper: this forecaster
# knows more than is said.* The black point lies on the diagonal too: "one half, always" is calibrated and
# knows nothing. So calibration alone is no merit; it is resolution that has to be earned.
#
# ## The game: twelve small experiments
#
# Now you. Here are twelve real experiments. Each is run at five seeds, and the answer is yes if at least three
# of the five say so. No answer is stored anywhere; they are measured when you ask for them.
#
# **If you see a score below this point, it is from the run that is stored with this notebook.** The answers
# themselves are folded away; leave them so until you have sealed your own.

# %%
from internlab.practice.experiments import AUTHOR, EXPERIMENTS

ui.table(
    [
        {"name": name, "question": each.question, "what to know": each.know}
        for name, each in EXPERIMENTS.items()
    ]
)

# %% [markdown]
# Write down your probability of **yes** for each: 0.5 where you have no idea, 0.9 where you would be
# surprised to be wrong, 1 only if you would bet everything you own. Take five minutes. A word of reasons beside
# each number is worth more than the number when you look back.

# %%
mine = {
    "scaled-neighbours": 0.5,
    "few-labels": 0.5,
    "wrong-labels": 0.5,
    "shuffled-pixels": 0.5,
    "noise-columns": 0.5,
    "coin-labels": 0.5,
    "best-of-twenty": 0.5,
    "training-mode": 0.5,
    "black-and-white": 0.5,
    "scaled-tree": 0.5,
    "eight-numbers": 0.5,
    "winner-again": 0.5,
}

# %% [markdown]
# As long as you change nothing, a stand-in plays for you who says one half of everything. Two others play as
# well. The *author* is who wrote the twelve questions: those probabilities were put under version control
# before the first of the experiments had run. The *braggart* (허풍쟁이) says the same as the author, but always
# with certainty. Seal all three.

# %%
from internlab.practice import game, predictions

me = "one half, always" if set(mine.values()) == {0.5} else "me"
braggart = {name: float(round(p)) for name, p in AUTHOR.items()}
sheets = [
    predictions.seal(who, forecasts, game.questions())
    for who, forecasts in ((me, mine), ("author", AUTHOR), ("braggart", braggart))
]
print("answers known before:", {sheet.forecaster: sheet.answers_known for sheet in sheets})

# %% [markdown]
# Were the answers known before? The kit says yes if a sheet in your folder holds them already, as it does after
# a first run of the whole notebook. It cannot know whether you looked; you do.
#
# A **seal** (봉인) is a hash (해시): a short fingerprint of the questions, the forecasts and the time, kept in the
# same file. Change one forecast, and the fingerprint fits no more. Say you would rather have been surer:

# %%
from dataclasses import replace

wiser = replace(sheets[0], forecasts={**mine, "wrong-labels": 0.987})
print("the sheet as sealed is intact:", sheets[0].is_intact)
print("the sheet with hindsight is intact:", wiser.is_intact)

# %% [markdown]
# It protects you against your memory, and against a quick edit. It does not protect others against you, who
# could make a new seal for the new text. For that, send the seal to a colleague, or commit the file, before
# the run.
#
# Only sealed sheets get answers.

# %%
revealed = game.reveal(*sheets, seeds=RUNS)
revealed

# %%
from internlab.practice.calibration import log_score, luck

answers = np.array([revealed.answers[name] for name in EXPERIMENTS])
rows = []
for sheet in sheets:
    p = np.array([sheet.forecasts[name] for name in EXPERIMENTS])
    chance = luck(p)
    rows.append(
        {
            "forecaster": sheet.forecaster,
            "Brier": round(sheet.brier, 3),
            "Brier if calibrated": f"{chance.mean:.3f} ± {chance.spread:.3f}",
            "log score": round(log_score(p, answers), 3),
            "on the wrong side of one half": int(((p - 0.5) * (answers - 0.5) < 0).sum()),
        }
    )
ui.table(rows, caption="Twelve questions; lower is better.")

# %% [markdown]
# *What to see: the braggart is on the wrong side as often as the author, for both believe the same, and pays
# more for it; the log score cannot be mended by any later success.* Saying "I do not know" where one does
# not know is not modesty. It is worth points.
#
# ## What twelve questions can say
#
# The third column is what the score would be *on average* if every probability were the true one, plus or
# minus one standard deviation: for independent questions the mean is the average of p(1 - p), and the
# variance of one question's cost is p(1 - p)(1 - 2p)². A score inside that range neither confirms nor refutes
# that somebody is calibrated. Is the author better than one half always?

# %%
author = np.array(list(AUTHOR.values()))
saved = 0.25 - (author - answers) ** 2
error = saved.std(ddof=1) / np.sqrt(saved.size)
print(f"saved per question: {saved.mean():.3f} ± {error:.3f} (standard error of twelve)")

# %% [markdown]
# That much can be said, of these questions. They were chosen by the one who forecasts, so a stranger's
# questions may go worse. Reliability and resolution cannot be told apart with twelve: the calibration curve
# above took thousands. Keep a sheet for every week, and after a year you have yours.
#
# And an answer is a measurement too. Run the same twelve at five other seeds.

# %%
second = {name: each.run(AGAIN).yes for name, each in EXPERIMENTS.items()}
changed = sum(second[name] != answer for name, answer in revealed.answers.items())
print(f"{changed} of {len(second)} answers are different at {len(AGAIN)} other seeds")

# %% [markdown]
# For some questions one half was the best forecast that anybody could have made. Who said 0.5 there did not
# fail to answer; they answered.
#
# # Part 3 · A lesson learned that keeps itself
#
# A surprise is written up so that it does not come again. But a document is read once, by those who were
# there. A **guard test** (방어 테스트) is read by the machine on every change, and whoever brings the fault
# back is told what happened the first time.
#
# Here is a fault, planted for you. It standardises measurements before they go into a model.

# %%
from internlab.practice.seeded import scaling_faulty, scaling_mended

prepare = scaling_faulty.prepare
ui.show_source(scaling_faulty)

# %% [markdown]
# The mean and the spread have seen the test data. This is a **leak** (정보 누출): something of the test reaches the training,
# where in real use the test is not there yet. Does it show in the accuracy?

# %%
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


def with_scaling(prepare, seed):
    rows, labels = load_breast_cancer(return_X_y=True)
    train, test, y, wanted = train_test_split(
        rows, labels, test_size=0.5, stratify=labels, random_state=seed
    )
    train, test = prepare(train, test)
    return LogisticRegression(max_iter=500).fit(train, y).score(test, wanted)


leaks = [
    with_scaling(scaling_faulty.prepare, seed) - with_scaling(scaling_mended.prepare, seed)
    for seed in SEEDS
]
print("accuracy with the leak minus without, in points, by seed:")
print(", ".join(f"{100 * each:+.2f}" for each in leaks))

# %% [markdown]
# Here it does next to nothing. (In `coin-labels` a leak of another kind did a great deal.)
# So a test that compares an accuracy with a bound passes with the fault and without. A guard must hold
# what the fault *breaks*. What does a leak break? **What is learned from the training data must not depend on
# the test data.** That can be asked of any code: change the test data, and see whether the prepared training
# data change.


# %%
def test_accuracy_is_high():
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    rows = rng.normal(size=(200, 3)) + 3 * labels[:, None]
    train, test = prepare(rows[:100], rows[100:])
    means = [train[labels[:100] == each].mean(axis=0) for each in (0, 1)]
    nearer = ((test - means[1]) ** 2).sum(axis=1) < ((test - means[0]) ** 2).sum(axis=1)
    assert (nearer == labels[100:]).mean() > 0.9


def test_training_data_do_not_depend_on_the_test():
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(20, 3)), rng.normal(size=(10, 3))
    first, _ = prepare(train.copy(), test.copy())
    second, _ = prepare(train.copy(), 100 * test)
    assert np.array_equal(first, second), "the prepared training data changed with the test data"


# %% [markdown]
# The entry is written in the same breath. It says what was expected and what happened, names a step and not a
# person, and ends in what holds from now on. `guard.write` puts it at the head of a pytest file.

# %%
from internlab.practice import guard

lesson = guard.LessonLearned(
    title="Standardise by the training data alone",
    expected="Preparing the data uses nothing of the test.",
    happened="Mean and spread were taken over training and test together. No score moved by as much as a "
    "colleague would have noticed, so nobody did.",
    cause="The data were put together for convenience before they were prepared.",
    guard="Other test data leave the prepared training data as they are, bit for bit.",
)
kept = guard.write(lesson, test_training_data_do_not_depend_on_the_test, under_test="prepare")
print(kept.read_text(encoding="utf-8"))

# %% [markdown]
# A test that has never failed proves nothing: perhaps it cannot. So run it on the fault *and* on the mended
# code, each in a process of its own. It must fail on the first and pass on the second, and it must fail by
# its own assertion and not because a name was mistyped.

# %%
import tempfile
from pathlib import Path

weak_lesson = replace(lesson, title="Accuracy is high")
with tempfile.TemporaryDirectory() as elsewhere:
    weak = guard.write(weak_lesson, test_accuracy_is_high, "prepare", folder=elsewhere)
    proofs = {
        path.name: guard.prove(path, scaling_faulty, scaling_mended) for path in (Path(weak), kept)
    }
ui.table(
    [
        {
            "test": name,
            "on the fault": proof.on_fault.outcome,
            "mended": proof.on_mended.outcome,
            "guards": proof.guards,
        }
        for name, proof in proofs.items()
    ]
)

# %% [markdown]
# *What to see: the test of the accuracy passes on both. It is a fine test, and no guard against this fault.*
#
# A second fault you have met in the game: a network that is evaluated while dropout is on. Here is the code,
# faulty and mended.

# %%
from internlab.practice.seeded import evaluation_faulty, evaluation_mended

evaluate = evaluation_faulty.evaluate
ui.show_source(evaluation_faulty)

# %%
ui.show_source(evaluation_mended)

# %% [markdown]
# What does this one break? While dropout is on, the network answers differently each time it is asked. A guard
# does not need a real network for that. A **stand-in** (대역) with the same three handles will do, and it makes
# the test quick and sure: this one answers rightly in evaluation mode, and wrongly in training mode.


# %%
def test_a_network_is_evaluated_with_dropout_off_and_given_back_as_it_was():
    class StandIn:
        training = True

        def train(self, mode=True):
            self.training = mode
            return self

        def eval(self):
            return self.train(False)

        def __call__(self, images):
            return -images if self.training else images

    network, images = StandIn(), np.eye(3)
    assert evaluate(network, images, np.arange(3)) == 1, "it was asked in training mode"
    assert network.training, "training would go on without dropout"


# %%
entry = guard.LessonLearned(
    title="Turn dropout off to evaluate",
    expected="The network is asked in evaluation mode.",
    happened="It was asked in training mode, and read a little worse than it could.",
    cause="eval() was called in the notebook, and not in the function that everybody uses.",
    guard="evaluate() asks in evaluation mode, and leaves the mode as it found it.",
)
test = test_a_network_is_evaluated_with_dropout_off_and_given_back_as_it_was
second_guard = guard.write(entry, test, under_test="evaluate")
proof = guard.prove(second_guard, evaluation_faulty, evaluation_mended)
print("on the fault:", proof.on_fault.outcome, "|", proof.on_fault.says)
print("mended:      ", proof.on_mended.outcome)

# %% [markdown]
# The second assertion guards the cure: who mends the fault by calling `eval()` and walks away has turned
# dropout off for the rest of the training.
#
# # What you keep

# %%
folder, today = notes.notes_folder(), note.opened[:10]
for path in (note.path, sheets[0].path, kept, second_guard):
    print("notes/" + path.relative_to(folder).as_posix().replace(today, "<today>"))

# %% [markdown]
# In your own project, put a guard into `tests/` and change its line `from pipeline import ...` to where your
# function lives.
#
# **At full scale** nothing changes but the price. An oracle of a part costs one training run; with four parts
# that is sixteen runs for the whole table, and five for the first column. If a run takes a day, replace the
# parts one by one, from the baseline *and* from the ideal: that is where the trap of Part 1 shows.
#
# Now do [lab 01](../labs/01_hypothesis.ipynb): score forecasts, split a gap, seal a sheet, and write two
# guards that are tried on faults you have not seen.
#
# *References. Platt, Strong inference, Science 146, 1964. Nosek, Ebersole, DeHaven and Mellor, The
# preregistration revolution, PNAS 115(11), 2018. Shapley, A value for n-person games, 1953. Wilson, Asymptotic
# properties of nearest neighbor rules using edited data, IEEE Trans. SMC 2(3), 1972. Nadeau and Bengio,
# Inference for the generalization error, Machine Learning 52, 2003. Brier, Verification of forecasts expressed
# in terms of probability, Monthly Weather Review 78(1), 1950. Good, Rational decisions, JRSS B 14(1), 1952.
# Murphy, A new vector partition of the probability score, J. Applied Meteorology 12(4), 1973. Ambroise and
# McLachlan, Selection bias in gene extraction, PNAS 99(10), 2002.*
