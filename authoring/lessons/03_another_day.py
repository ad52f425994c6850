# ---
# title: The same attack on another day
# minutes: 75
# passages: [kb-pad-antispoofing, kb-split-into-cases, kb-same-attack-other-day, kb-data-over-algorithm]
# smoke_seconds: 25
# ---
# %% [markdown]
# # 03 · The same attack on another day
#
# *75 minutes. You need: lesson 00; lessons 01 and 02 help.*
#
# After this lesson you can
#
# - name the error rates of attack detection, and say why the worst kind of attack is the one to report,
# - show that a random split flatters, and find out by how much and why,
# - tell impersonation from evasion, and say why one threshold does not serve both,
# - spend a collection budget: as cases, as sessions, or on the algorithm,
# - open a hidden test once.
#
# A door with a camera asks two questions: *who* is this, and is it *a live face*? Somebody may hold up a
# photo. The team in these passages won a category of a public test of the second question. They tell of an attack
# that they had foreseen, collected and blocked, and that got through on another day in another place. You
# will let that happen to you here, find out why, and plan a collection that would have shown it.

# %%
from internlab import passages

passages.card(
    "kb-pad-antispoofing",
    "kb-same-attack-other-day",
    "kb-split-into-cases",
    "kb-data-over-algorithm",
)

# %% [markdown]
# ## Configuration

# %%
from itertools import accumulate

import matplotlib.pyplot as plt
import numpy as np

from internlab import notebook_ui as ui
from internlab import notes, tier
from internlab.practice.antispoofing.collecting import Sizes

TIER = tier.current()
SEEDS = tier.pick(smoke=(0,), cpu=(0, 1, 2))
SIZES = tier.pick(
    smoke=Sizes(sessions=4, people=4, test_sessions=2, test_people=3, live=2), cpu=Sizes()
)
EPOCHS = tier.pick(smoke=2, cpu=28)
MATCHER_PEOPLE = tier.pick(smoke=16, cpu=48)
WHO = "the first reader"  # your name: it goes into the record of the hidden test
tier.one_thread()
ui.style()
print(f"tier {TIER}, seeds {SEEDS}, {SIZES}")

# %% [markdown]
# ## What do you expect?
#
# You will collect frames of live faces and of attacks in several **sessions** (촬영 세션): a session is one day
# in one place with one camera. A detector is trained on some frames and tested on others. Which others?
# Write down what you expect before anything runs.

# %%
note = notes.open(
    question="A detector of attacks was tested on frames that it had not seen. Does that hold on "
    "another day in another place?",
    hypothesis="A frame is a frame. Errors on another day are a little larger. If a threshold lets "
    "at most one attack in twenty through here, it does so there. Data matter more than the "
    "algorithm: the same hours spent on data gain more.",
    expect=[
        notes.Expect("random_split_error", "<=", 0.10),
        notes.Expect("session_over_random", "<=", 2.0, "x"),
        notes.Expect("gap_where_sessions_are_alike", "<=", 0.02),
        notes.Expect("worst_apcer_elsewhere", "<=", 0.10),
        notes.Expect("data_gains_more_than_algorithm", ">=", 0.02),
        notes.Expect("cases_needed_of_the_grid", "<=", 0.25),
    ],
    seed=SEEDS[0],
    slug="03-another-day",
)
note

# %% [markdown]
# ## Collect
#
# A **presentation attack** (제시 공격) is anything held before or worn in front of the camera to deceive it. What is
# held or worn is the *instrument*, and its kind is the **species**: here a sheet of paper, a photo print, a
# screen, a silicone mask, and a disguise of dark glasses and a beard. A live person who deceives nobody is a
# **bona fide** (진성) presentation. Telling the two apart is presentation attack detection, PAD (위변조 탐지).
#
# No photograph of anybody is used. Faces are drawn, and a simulated camera takes them. Read the card: it says
# what is simulated and what is not.

# %%
from internlab.data.captures import CARD, KINDS, LIVE, SPECIES, capture, draw_session
from internlab.practice.antispoofing.collecting import development

collected = [development(seed, SIZES) for seed in SEEDS]
frames = collected[0]
print(f"{len(frames)} frames, {frames.attacks.sum()} of them attacks, in {SIZES.sessions} sessions")
CARD

# %%
shown, titles = [], []
for number in (0, 1, 2, 3):
    session, rng = draw_session(SEEDS[0], number), np.random.default_rng(number)
    for kind in KINDS:
        edges = "visible" if number < 2 else "cut"
        shown.append(capture(number, session, rng, kind, edges))
        titles.append(kind if number == 0 else "")
ui.images(shown, titles, columns=len(KINDS))

# %% [markdown]
# *What to see: a row is a session with one person in it, a column a kind of capture. Within a row, the wall, the
# colour of the light and the sharpness are the same. From row to row they change, and so do the tint of the paper
# and of the screen.*
#
# Look for what gives an attack away. Paper shows the dots of its ink (망점), a print has glare, a screen is lit
# from behind and has faint stripes, a mask has no fine marks. The stripes are called moire (모아레), and nobody
# painted them: a screen's raster is finer than the pixels of the sensor, and sampling it makes them. In the upper
# two rows a sheet's edges can be seen. In the lower two it was cut along the head. The team in the passage argued
# about just that: which paper, and how to cut it.
#
# Here is the last step of the simulated camera. All that is `session.` was set once for the whole session.

# %%
from internlab.data.captures.camera import expose

ui.show_source(expose)

# %% [markdown]
# ## The smallest baseline
#
# A frame becomes a few dozen numbers that a person would look for: colours in the middle and at the border,
# contrast, from which side the light comes, how much fine structure there is. A classifier learns from them
# which frames are attacks. The smallest one is logistic regression (로지스틱 회귀), which weighs each number and
# adds up. A support vector machine (서포트 벡터 머신) with a Gaussian kernel can draw a curved border; it is called the
# *kernel machine* below.

# %%
from internlab.practice.antispoofing import detector
from internlab.practice.antispoofing.features import NAMES, features

inputs = [features(each.images) for each in collected]
print(f"{len(NAMES)} numbers a frame, such as", ", ".join(NAMES[i] for i in (0, 12, 16, 24)))
ui.show_source(detector.kernel)

# %% [markdown]
# To test it, the frames are dealt into four parts at random. Each part is scored by a detector that was
# trained on the other three (교차 검증, cross-validation), so no frame is scored by a detector that saw it.

# %%
from internlab.practice.antispoofing import metrics, splits

rng = np.random.default_rng(SEEDS[0])
folds = splits.random_folds(len(frames), rng)
linear_scores, scores = (
    detector.cross_scores(make, inputs[0], frames.attacks, folds)
    for make in (detector.linear, detector.kernel)
)
for name, each in (("logistic regression", linear_scores), ("kernel machine", scores)):
    wrong = ((each >= 0) != frames.attacks).mean()
    print(f"{name}: {wrong:.1%} of the frames are called wrongly")

# %% [markdown]
# The kernel machine looks nearly finished. Two questions remain: *which* frames are wrong, and wrong *where*.
#
# ## Which error?
#
# One percentage hides who pays. The standard for this field, ISO/IEC 30107-3, keeps two errors apart.
#
# - **APCER**, attack presentation classification error rate (공격 제시 분류 오류율): the share of attacks that are
#   taken for live. It is counted *for each species*, and the worst species is reported (of those that cost the
#   attacker about the same effort, the *attack potential*), because an attacker picks the instrument.
# - **BPCER**, bona fide presentation classification error rate (진성 제시 분류 오류율): the share of live people who
#   are turned away.
#
# A score here says how much a frame looks like an attack. At or above the **threshold** (문턱값) it is called one.


# %%
def apcer(scores, kinds, species, threshold):
    return (scores[kinds == species] < threshold).mean()


def bpcer(scores, kinds, threshold):
    return (scores[kinds == LIVE] >= threshold).mean()


rows = [
    {
        "species": species,
        "written here": apcer(scores, frames.kinds, species, 0),
        "library": metrics.apcer(scores, frames.kinds, 0)[species],
        "attacks": int((frames.kinds == species).sum()),
    }
    for species in SPECIES
]
print(
    f"BPCER {bpcer(scores, frames.kinds, 0):.3f}, library {metrics.bpcer(scores, frames.kinds, 0):.3f}"
)
ui.table(rows, caption="APCER of each species, random split, threshold 0.")

# %% [markdown]
# To compare splits, the lesson uses one number, the **balanced error**: the mean of BPCER and of the mean APCER
# over the species. It is no rate of the standard. A maximum over five species with a few frames each moves a
# lot by luck, so it is good for a report and bad for a comparison.
#
# ## Another day
#
# Now deal out whole *sessions* instead of frames: the test is on days that training has not seen. And, for
# comparison, whole *people*.

# %%
rows, errors = [], {"frames": [], "people": [], "sessions": []}
for seed, each, numbers in zip(SEEDS, collected, inputs, strict=True):
    rng = np.random.default_rng(seed)
    dealt = {
        "frames": splits.random_folds(len(each), rng),
        "people": splits.folds_by(each.people, rng),
        "sessions": splits.folds_by(each.sessions, rng),
    }
    for what, folds in dealt.items():
        got = detector.cross_scores(detector.kernel, numbers, each.attacks, folds)
        species, missed = metrics.worst(metrics.apcer(got, each.kinds, 0))
        errors[what].append(metrics.balanced_error(got, each.kinds, 0))
        rows.append(
            {
                "seed": str(seed),
                "kept apart": what,
                "balanced error": errors[what][-1],
                "BPCER": metrics.bpcer(got, each.kinds, 0),
                "worst APCER": f"{missed:.3f} ({species})",
            }
        )
    session_scores = got
ui.table(rows, caption="The same frames, features and detector; only the split differs.")

# %%
figure, axis = plt.subplots(figsize=(6.4, 3.2))
places = np.arange(3)
for number, seed in enumerate(SEEDS):
    heights = [errors[what][number] for what in errors]
    axis.bar(places + 0.25 * (number - 1), heights, 0.22, label=f"seed {seed}")
axis.set_xticks(places, [f"{what} apart" for what in errors])
axis.set_ylabel("balanced error")
axis.legend()
plt.show()
ratios = np.array(errors["sessions"]) / np.array(errors["frames"])
print("sessions apart over frames apart, by seed:", ", ".join(f"{each:.1f}" for each in ratios))

# %% [markdown]
# *What to see: the bars on the left are small and those on the right are several times as tall, for every
# seed.* Nothing about the detector has changed. The random split answered an easier question: another frame of
# a day that you know.
#
# The bars in the middle are about as tall or taller. A person who took part in training leaves a trace, too, and
# with a dozen people it is at least as large as that of the day. A split has to keep apart whatever will be new
# where the detector is used, and here that is both.
#
# ## Where does it leak?
#
# A random split puts frames of each session on both sides. That something *can* be learned from this is a
# guess until it is measured. Two measurements. First: can one tell from a live frame which session it is from?

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

live = ~frames.attacks
half = splits.random_folds(int(live.sum()), np.random.default_rng(0), 2) == 0
guess = make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000))
guess.fit(inputs[0][live][half], frames.sessions[live][half])
known = guess.score(inputs[0][live][~half], frames.sessions[live][~half])
print(
    f"the session is named rightly for {known:.0%} of the frames, by chance {1 / SIZES.sessions:.0%}"
)

# %% [markdown]
# The session is written all over a frame. A detector can learn "in *this* light, *this* blue is the wall and *that*
# blue is the screen", which is true of that day and of no other.
#
# Second, the control. The frames are simulated, so you can do what no collection can: give all sessions the
# same place, camera and instruments, and leave everything else. If the shared settings are the cause, the two
# splits, by frame and by session, must now agree.

# %%
alike = development(SEEDS[0], SIZES, spread=0.0)
numbers, control = features(alike.images), {}
rng = np.random.default_rng(SEEDS[0])
for what, folds in (
    ("frames", splits.random_folds(len(alike), rng)),
    ("sessions", splits.folds_by(alike.sessions, rng)),
    ("people", splits.folds_by(alike.people, rng)),
):
    got = detector.cross_scores(detector.kernel, numbers, alike.attacks, folds)
    control[what] = metrics.balanced_error(got, alike.kinds, 0)
gap = abs(control["sessions"] - control["frames"])
ui.table(
    [{f"{what} apart": error for what, error in control.items()}], caption="All sessions alike."
)

# %% [markdown]
# For sessions they do: made alike, they can be kept apart at no cost. So that gap comes from what a session shares.
# Keeping *people* apart still costs about as much as before: that is a leak of its own, which this control does
# not touch. Mind also that the task becomes easy here: the first two errors are near zero, where little can differ.
#
# How far sessions of the real world lie apart is not settled by this. Here it was set by hand, in
# `internlab.data.captures.sessions`. Real collections show the same direction (see the end); the size is ours.
#
# ## A threshold that travels badly
#
# A door needs one threshold. Suppose that at most one attack in twenty may pass, of *every* species. So take the
# largest threshold with a worst APCER of at most 5 %, and report the BPCER that comes with it. Do this with
# the scores of both splits of the last seed, and then use the thresholds where they are meant for: on other people, on
# other days, in other places.

# %%
from internlab.practice.antispoofing.collecting import other_days

elsewhere = [other_days(seed, SIZES) for seed in SEEDS]
there, there_inputs = elsewhere[-1], features(elsewhere[-1].images)
fitted = detector.kernel().fit(inputs[-1], collected[-1].attacks)
there_scores = fitted.decision_function(there_inputs)
rng = np.random.default_rng(SEEDS[-1])
random_scores = detector.cross_scores(
    detector.kernel, inputs[-1], collected[-1].attacks, splits.random_folds(len(inputs[-1]), rng)
)
rows, travelled = [], {}
for what, own in (("frames", random_scores), ("sessions", session_scores)):
    threshold = metrics.threshold_at_apcer(own, collected[-1].kinds, 0.05)
    species, missed = metrics.worst(metrics.apcer(there_scores, there.kinds, threshold))
    travelled[what] = missed
    rows.append(
        {
            "threshold from": f"{what} apart",
            "BPCER there": metrics.bpcer(own, collected[-1].kinds, threshold),
            "BPCER elsewhere": metrics.bpcer(there_scores, there.kinds, threshold),
            "worst APCER elsewhere": f"{missed:.3f} ({species})",
        }
    )
ui.table(rows, caption="Thresholds set for a worst APCER of 5 %, last seed.")

# %%
figure, axis = plt.subplots(figsize=(6.4, 3.6))
for name, own, kinds, colour in (
    ("frames apart", random_scores, collected[-1].kinds, ui.COLOURS["grey"]),
    ("sessions apart", session_scores, collected[-1].kinds, ui.COLOURS["network"]),
    ("other people, days, places", there_scores, there.kinds, ui.COLOURS["bad"]),
):
    curve = metrics.det(own, kinds)
    axis.plot(100 * curve.apcer, 100 * curve.bpcer, label=name, color=colour)
axis.axvline(5, color="black", linewidth=0.8, linestyle=":")
axis.set_xlabel("APCER of the worst species (%)")
axis.set_ylabel("BPCER (%)")
axis.legend()
plt.show()

# %% [markdown]
# *What to see: each curve shows every threshold there could be; the lower left corner is the ideal. The grey curve
# hugs it, the orange one is far away.* At the dotted line a door that promises 5 % elsewhere turns nearly everybody
# away. Such a curve is called a detection error trade-off, DET. (Grey and blue pool the scores of the four detectors
# of a cross-validation, orange is one detector that was trained on all frames, so a threshold moves between them
# only roughly.)
#
# The threshold from whole sessions does not hold either, though it had warned of the price. Those sessions still shared
# their *people* with training; elsewhere both are new. This is the defence of the passage: shown to work, and
# broken by the same attack in another place.
#
# ## Two goals of an attacker
#
# **Impersonation** (사칭) wants to be taken for somebody else: a phone that is not one's own. **Evasion** (회피) wants
# *not* to be recognised: a watch list. NIST's test treats them as two tasks, and for a reason. Behind the detector
# stands a face **matcher**, which says who it is. It stops an impersonation that does not look like the victim.
# Against evasion it is no help: that it fails is what the attacker is after.

# %%
from internlab.data.captures import EVASION, IMPERSONATION
from internlab.practice.antispoofing.matching import fit_matcher

matcher = fit_matcher(people=MATCHER_PEOPLE)
first_day = there.sessions[0]
enrolled = there[(there.kinds == LIVE) & (there.sessions == first_day)]
later = there.sessions != first_day
probes, probe_scores = there[later], there_scores[later]
matches = matcher.matches(probes, enrolled)
print(f"live people are recognised on a later day: {matches[probes.kinds == LIVE].mean():.0%}")

# %% [markdown]
# People were enrolled live on one day and come back on the others. An impersonation succeeds if the detector takes
# the frame for live *and* the matcher takes it for the victim. An evasion succeeds if the detector takes it for
# live and the matcher does *not* take it for the person who it is. The standard calls the first rate, over the
# whole system, the impostor attack presentation accept rate (IAPAR; IAPMR in its first edition). For concealers it
# counts how often the concealer's own reference is not matched (CAPNMR in the first edition). That also counts a
# concealer whom the detector stops; the rate here asks for more: to be let through *and* not recognised.

# %%
threshold = metrics.threshold_at_apcer(session_scores, collected[-1].kinds, 0.05)
rows = []
for kind in SPECIES:
    mine = probes.kinds == kind
    goal = "impersonation" if kind in IMPERSONATION else "evasion"
    rate = metrics.impersonation_rate if kind in IMPERSONATION else metrics.evasion_rate
    rows.append(
        {
            "species": kind,
            "goal": goal,
            "APCER": (probe_scores[mine] < threshold).mean(),
            "matched": matches[mine].mean(),
            "succeeds against both": rate(probe_scores[mine], matches[mine], threshold),
            "at most (95 %)": metrics.at_most(
                round(rate(probe_scores[mine], matches[mine], threshold) * mine.sum()),
                int(mine.sum()),
            ),
            "attacks": int(mine.sum()),
        }
    )
ui.table(rows, caption="Detector and matcher together, on other days, last seed.")

# %% [markdown]
# *What to see: the matcher takes most pictures of a face for that face, so it stops few impersonations, and it fails
# with nearly every disguise.* Read the column "at most" before you rejoice over a zero: so few attacks cannot rule out
# the rate in it (the exact binomial bound of Clopper and Pearson). Even that is too hopeful, because
# frames of one session are not independent of each other.

# %%
grid = np.quantile(probe_scores, np.linspace(0, 1, 80))
goals = {"impersonation": IMPERSONATION, "evasion": EVASION}
figure, axis = plt.subplots(figsize=(6.4, 3.4))
for (goal, species), colour in zip(goals.items(), ("#0072b2", "#d55e00"), strict=True):
    rate = metrics.impersonation_rate if goal == "impersonation" else metrics.evasion_rate
    worst = [
        max(
            rate(probe_scores[probes.kinds == kind], matches[probes.kinds == kind], each)
            for kind in species
        )
        for each in grid
    ]
    axis.plot(grid, 100 * np.array(worst), color=colour, label=f"{goal}, worst species")
refused = [metrics.bpcer(probe_scores, probes.kinds, each) for each in grid]
axis.plot(grid, 100 * np.array(refused), color="black", linestyle="--", label="BPCER")
axis.set_xlabel("threshold (score)")
axis.set_ylabel("share (%)")
axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=9)
plt.show()

# %% [markdown]
# *What to see: impersonation begins to succeed at thresholds at which no evasion does yet; the two lines meet only
# where most attacks succeed.* So each goal has a threshold of its own. Suppose that one attack in ten may succeed,
# and ask what that costs live people. (These thresholds are chosen on the frames that they are judged on: read
# them as a comparison, not as a promise.)

# %%
rows = []
for goal, species in goals.items():
    rate = metrics.impersonation_rate if goal == "impersonation" else metrics.evasion_rate
    kept = [
        each
        for each in np.unique(probe_scores)
        if all(
            rate(probe_scores[probes.kinds == kind], matches[probes.kinds == kind], each) <= 0.1
            for kind in species
        )
    ]
    allowed = max(kept)
    rows.append(
        {
            "goal": goal,
            "threshold": allowed,
            "BPCER": metrics.bpcer(probe_scores, probes.kinds, allowed),
        }
    )
ui.table(rows, caption="At most one attack in ten of a goal succeeds. What it costs live people.")

# %% [markdown]
# One threshold for both would take the stricter one, and turn away people for the sake of an attack that their
# door need not fear. The costs differ as well: a phone that refuses its owner is a nuisance, a wanted person who
# walks by a watch list is not. So a team has to say which goal it works on. The team in the passage did best on
# evasion, which few had studied.
#
# ## Worst case first
#
# An average over all attacks is no plan. Cut the errors into cases and begin with the worst. These are the scores
# of the split by session.

# %%
import pandas as pd

last = collected[-1]
cases_seen = pd.DataFrame(
    {
        "kind": last.kinds,
        "edges": last.edges,
        "light": last.lights,
        "distance": last.distances,
        "wrong": (session_scores >= 0) != last.attacks,
    }
)
worst_cases = (
    cases_seen.groupby(["kind", "edges", "light", "distance"])["wrong"]
    .agg(["mean", "size"])
    .query("size >= 5")
    .sort_values("mean", ascending=False)
    .reset_index()
    .rename(columns={"mean": "share wrong", "size": "frames"})
)
ui.table(worst_cases.head(6), caption="The six worst cases of five frames or more, last seed.")

# %% [markdown]
# *What to see: errors are not spread evenly; some cases are wrong far more often than others, and live people in the
# wrong light are among them.* Mind the last column: a share of few frames is a hint, not a measurement. A hint
# is enough to say what to collect next.
#
# ## Data against algorithm
#
# The team felt that more than eighty per cent of the outcome was data. Try it at an equal budget. You have half of the
# sessions, and as many hours as the other half would cost. Setting up a place takes hours, one frame takes minutes
# (both are assumptions; put in your own). The hours of the algorithm rows are not measured: the assumption is that
# choosing and tuning another method would take them. What do you buy?

# %%
from internlab.practice.antispoofing import budget

outcomes = {
    seed: budget.arms(seed, SIZES, EPOCHS, collected=each, test=test)
    for seed, each, test in zip(SEEDS, collected, elsewhere, strict=True)
}
per_session = len(frames) // SIZES.sessions
hours = budget.hours_for_sessions(SIZES.sessions // 2, per_session)
print(
    f"budget {hours:.0f} hours: {budget.SESSION_HOURS:g} a session, {budget.FRAME_HOURS:g} a frame"
)
by_arm = list(zip(*outcomes.values(), strict=True))
ui.table(
    [
        {
            "bought": arm[0].name,
            "spent on": arm[0].spent_on,
            "frames": arm[0].frames,
            "balanced error": f"{np.mean([each.balanced_error for each in arm]):.3f}",
            "wrong order": f"{np.mean([each.ordering_error for each in arm]):.3f}",
            "wrong order by seed": ", ".join(f"{each.ordering_error:.2f}" for each in arm),
        }
        for arm in by_arm
    ],
    caption="On other people, days and places, mean over seeds.",
)

# %% [markdown]
# "Wrong order" is the share of pairs of a live frame and an attack in which the live one looks more like an
# attack. It needs no threshold, so it says what a detector knows, apart from where it draws the line. A coin has
# one half. The row *network, augmented, and more sessions* costs the budget twice; the last row costs almost nothing,
# see below.

# %%
start = np.array([each.ordering_error for each in by_arm[0]])
gains = {
    what: max(
        (
            start - [each.ordering_error for each in arm]
            for arm in by_arm
            if arm[0].spent_on == what
        ),
        key=np.mean,
    )
    for what in ("data", "algorithm", "both", "set-up there")
}
for what, gain in gains.items():
    each = ", ".join(f"{value:+.3f}" for value in gain)
    print(f"best use of the hours on {what}: {gain.mean():+.3f} in the mean, by seed {each}")
data_over_algorithm = float(gains["data"].mean() - gains["algorithm"].mean())

# %% [markdown]
# *What to see: in the mean, data and algorithm gain about as much as each other, and both together more than
# either.* Before you believe it, look along the seeds. And see which purchase it was: more people in the places you
# have, not more places. That fits the bars above, where people leaked as much as days. The order of the rows changes from seed to seed, the best of
# several purchases was picked after all were seen, and three seeds are few; lesson 02 says how few. And ask how
# well the losing side was treated: set `EPOCHS` to a quarter and run the table again. Would you conclude the
# same? One thing holds in every row: nothing comes near to what the random split had promised.
#
# The last row is of another kind. In each new place, somebody who is known to be live is captured first, and what
# these frames have in common is taken away from all others. It takes minutes, and it only helps where
# somebody can be asked to stand there.
#
# A simulation neither confirms nor refutes the team's eighty per cent. What carries over is the way to ask: same
# hours, same test, on days that nobody trained on, over several seeds.
#
# ## Cases as factors
#
# Before you collect: what is there to collect? Write the attack down as **factors** with levels. The number of
# combinations multiplies. In software, most faults need one level of one factor or *two* that meet (Kuhn, Wallace
# and Gallo, IEEE Transactions on Software Engineering, 2004). Nobody has counted it for attacks, but a glossy print
# in lamp light would be of that kind. So ask for **pairwise coverage** (쌍별 조합): every pair of levels of two factors occurs in some case.

# %%
from internlab.data.captures import EDGES, FLAT, LIGHTS
from internlab.practice.antispoofing import cases

FACTORS = {
    "kind": SPECIES,
    "edges": (*EDGES, "none"),
    "light": LIGHTS,
    "place": ("office", "corridor", "car park"),
    "distance": ("near", "far"),
    "glasses": ("without", "with"),
}


def possible(case):
    """Only what is flat has edges; who is disguised wears glasses."""
    has_edges = case["edges"] != "none"
    return has_edges == (case["kind"] in FLAT) and not (
        case["kind"] == "disguise" and case["glasses"] == "without"
    )


full = cases.all_cases(FACTORS, possible)
plan = cases.pairwise(FACTORS, np.random.default_rng(SEEDS[0]), possible)
bound = cases.lower_bound(FACTORS, possible)
print(
    f"{len(full)} cases in the full grid, {len(cases.pairs_wanted(FACTORS, possible))} pairs to cover"
)
print(
    f"{len(plan)} cases cover {cases.coverage(plan, FACTORS, possible):.0%}; below {bound} it cannot be done"
)

# %% [markdown]
# The bound is easy to see: one case holds one level of each factor, so two factors with many levels need as many
# cases as they have pairs. The plan is found greedily: always take the case that covers most of what is missing
# (after AETG: Cohen, Dalal, Fredman and Patton, IEEE Transactions on Software Engineering, 1997).

# %%
ui.show_source(cases.pairwise)

# %% [markdown]
# A case costs minutes, a session costs hours, a silicone mask costs a week. So the *order* matters too. If the
# money runs out half way, what have you covered?

# %%
PRICES = cases.Prices(
    session=4.0,
    instrument={"paper": 0.5, "photo print": 1.0, "screen": 0.5, "mask": 40.0, "disguise": 2.0},
    case=0.25,
)
SETTING = ("place", "light")
orders = {
    "full grid, as listed": full,
    "pairwise, as found": plan,
    "pairwise, best first": cases.best_first(plan, PRICES, SETTING, "kind"),
}
figure, axis = plt.subplots(figsize=(6.4, 3.6))
for (name, order), colour in zip(orders.items(), ("#999999", "#0072b2", "#009e73"), strict=True):
    spent = list(accumulate(cases.hours(order, PRICES, SETTING, "kind")))
    held = cases.coverage_so_far(order, FACTORS, possible)
    axis.step(
        [0, *spent], [0, *(100 * share for share in held)], where="post", label=name, color=colour
    )
axis.set_xlabel("hours spent")
axis.set_ylabel("pairs covered (%)")
axis.legend()
plt.show()

# %% [markdown]
# *What to see: from about 13 hours on the green line is above the others, and the grey one pays for case after
# case that covers nothing new.* The long flat stretch of the green line is the mask: it comes last, because nothing
# costs as much for so few pairs. Whether to buy it is now a question with a price.
#
# What coverage does not promise: a case that was collected once is not a case that is solved, and three levels that
# meet are not covered. Keep the plan as a table that a colleague can work through.

# %%
ordered = orders["pairwise, best first"]
spent = cases.hours(ordered, PRICES, SETTING, "kind")
table = pd.DataFrame(ordered)
table.insert(0, "case", range(1, len(table) + 1))
table["hours"] = spent
table["hours in all"] = np.cumsum(spent)
table["pairs covered"] = np.round(cases.coverage_so_far(ordered, FACTORS, possible), 3)
CASES = notes.notes_folder() / "03-cases.csv"
CASES.parent.mkdir(parents=True, exist_ok=True)
table.to_csv(CASES, index=False)
ui.table(table.head(6), caption=f"The first cases of {CASES.name}, best first.")

# %% [markdown]
# ## Open the hidden test once
#
# NIST does not tell how it tests. You can hide a test from yourself. Decide first: the detector, the
# threshold, the rates. Then open it, once. The detector is the network that was bought with both. The other days above were looked at many times, so they are no
# test any more: they may set the threshold. The hidden sessions and the people in them have not been used.

# %%
chosen = next(each.fitted for each in outcomes[SEEDS[0]] if each.spent_on == "both")
looked_at = elsewhere[0]
line = metrics.threshold_at_apcer(chosen.decision_function(looked_at.images), looked_at.kinds, 0.10)
PLAN = f"augmented network, all sessions of seed {SEEDS[0]}, threshold {line:.3f} for 10 % APCER"


def measure():
    hidden = other_days(SEEDS[0], SIZES, first=500)
    got = chosen.decision_function(hidden.images)
    rates = metrics.apcer(got, hidden.kinds, line)
    return {"worst APCER": metrics.worst(rates)[1], "BPCER": metrics.bpcer(got, hidden.kinds, line)}


PLAN

# %% tags=["timing"]
from internlab.practice.antispoofing import protocol

RECORD = notes.notes_folder() / "03-hidden-test.jsonl"


def open_hidden(who):
    try:
        return protocol.open_once(RECORD, "hidden sessions", who, PLAN, measure)
    except protocol.AlreadyOpened as refused:
        print(refused)
        return refused.opening


opening = open_hidden(WHO)
ui.table([opening.result], caption=f"Opened by {opening.who} on {opening.when}.")

# %% [markdown]
# Read it against the plan: the worst APCER against the 10 % that were planned, and the share of live people who are
# turned away. This is the number to report, liked or not.
#
# A colleague would like to try another threshold.

# %% tags=["timing"]
opening = open_hidden("a colleague")

# %% [markdown]
# The record holds who opened it, when and with which plan, and every later attempt. If you run this lesson again, you
# are refused as well, and see the result of the first time. It is a record and no lock: you could delete the file.
# But you would have to do that, and to say so. Why so strict? Whoever may look twenty times and keep the best look
# has chosen among twenty results (Blum and Hardt, 2015, arXiv 1502.04585).
#
# ## Close the note

# %%
note.close(
    {
        "random_split_error": float(np.mean(errors["frames"])),
        "session_over_random": float(np.min(ratios)),
        "gap_where_sessions_are_alike": gap,
        "worst_apcer_elsewhere": travelled["frames"],
        "data_gains_more_than_algorithm": data_over_algorithm,
        "cases_needed_of_the_grid": len(plan) / len(full),
    },
    learned="A frame is not a frame: frames of one day share its light, camera and instruments, and a "
    "random split lets a detector use that. Split by what will be new. Set a threshold on days "
    "that were held out, name the goal of the attack, and report the worst species.",
    ask="Which of our own data sets were split at random although frames came in sessions?",
)
note

# %% [markdown]
# ## At full scale
#
# Real collections are larger and not kinder. Torralba and Efros (CVPR 2011) showed that a classifier can tell from which
# data set a photo comes, and that detectors lose much of their accuracy from one set to the next; WILDS
# (Koh et al., ICML 2021, arXiv 2012.07421) collects tasks whose test comes from other hospitals, cameras or years.
# Face sets such as OULU-NPU have protocols that keep session, camera and instrument apart. In NIST's evaluation of 2023
# (Ngan, Grother and Hom, NIST IR 8491) 82 algorithms met instruments of which nobody had been told.
#
# With a GPU, nothing in this lesson changes but the time that the network takes. What would change the result is
# what you cannot simulate: other people, a real printer, and an attacker who learns.
#
# **What you keep:** `notes/03-cases.csv`, a table of cases with their costs, and `notes/03-hidden-test.jsonl`, the
# record of a test that was opened once.
#
# **Next.** Do lab 03 (`labs/03_another_day.ipynb`). Then lesson 04 makes somebody else's code run.
