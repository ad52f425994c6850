# ---
# title: Is one point real?
# minutes: 60
# passages: [msj-bert-paradigm, kb-plan-scarce-trials, kb-try-everything, kb-internalise-first]
# smoke_seconds: 15
# ---
# %% [markdown]
# # 02 · Is one point real?
#
# *60 minutes. You need: lesson 00.*
#
# After this lesson you can
#
# - say for a gain which luck it could be: the test images, or the training run, and test for each,
# - say **before** a run how many images or seeds it needs,
# - tell what the best of twenty tries is worth, and choose without fooling yourself,
# - try several ideas in all combinations, and find what one idea at a time misses,
# - work out how many of the gains that a team finds are real,
# - find the flaw in a result that looks honest, by one measurement.
#
# You keep a decision table: for each result which test, how much data it needed, and the verdict.

# %%
from internlab import passages

passages.card(
    "msj-bert-paradigm", "kb-plan-scarce-trials", "kb-try-everything", "kb-internalise-first"
)

# %% [markdown]
# Tuning from 80 to 82 percent means little once a new paradigm arrives, says the first of them. Still, most
# working days are spent on such a point or two. This lesson is about not spending them on a point that is
# not there.
#
# ## Configuration

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from internlab import notebook_ui as ui
from internlab import notes, tier

TIER = tier.current()
SEEDS = range(tier.pick(smoke=8, cpu=24))
REPEATS = tier.pick(smoke=500, cpu=4000)  # of each simulation
WORTH = 0.01  # the smallest gain that would matter here: one point
rng = np.random.default_rng(2)
ui.style()
print(
    f"tier {TIER}, {len(SEEDS)} seeds, {REPEATS} repeats, a gain matters from {100 * WORTH:g} point"
)

# %% [markdown]
# ## What do you expect?
#
# Write it down before anything runs. *Significant* below means p under 0.05; if the word is new, it is
# explained in a minute. Guess anyway.

# %%
note = notes.open(
    question="When is a gain of one point real, and how would we know?",
    hypothesis="A test on a thousand images sees one point. Two runs of the same recipe differ "
    "significantly once in twenty. The best of twenty is a point too good at most. Two ideas that "
    "each do harm do harm together. Most gains that somebody found are real.",
    expect=[
        notes.Expect("images_for_one_point", "<=", 1000, "images"),
        notes.Expect("recipe_against_itself_significant", "<=", 0.05),
        notes.Expect("best_of_twenty_too_good_by", "<=", 1.0, "points"),
        notes.Expect("two_harmful_ideas_together", "<=", 0.0, "points"),
        notes.Expect("found_gains_that_are_real", ">=", 0.5),
    ],
    seed=2,
    slug="02-one-point",
)
note

# %% [markdown]
# ## A colleague's point
#
# The task is small on purpose: handwritten digits, a network with one hidden layer, 200 training images.
# It trains in a moment, so that you can afford all the runs that nobody can afford elsewhere.

# %%
from internlab.practice import small_net
from internlab.practice.small_net import Recipe, train

small_net.CARD

# %% [markdown]
# A colleague adds **weight decay** (가중치 감쇠), which pulls all weights a little towards zero in each step,
# and reports one run of each. The **seed** (시드) draws the training images, the first weights and the order
# of the batches.

# %%
PLAIN, DECAY = Recipe(), Recipe(decay=0.01)
REPORTED = 10  # the seed of the report
a, b = train(PLAIN, [REPORTED])[0], train(DECAY, [REPORTED])[0]
print(f"plain {a.mean():.1%}, with weight decay {b.mean():.1%}, on {len(a)} test images")
print(f"gain {100 * (b.mean() - a.mean()):+.1f} points")

# %% [markdown]
# A little more than the point of the title. `a` and `b` say for each test image whether that network is
# right. Is the gain real?
#
# The question has two halves. Would these two networks still differ on *other test images*? And would the
# two recipes still differ in *another training run*? Each half has its own luck and its own test.
#
# ## First luck: which test images
#
# Both networks saw the same images. On most of them both are right or both wrong, and those say nothing
# about who is better. Only the others do.

# %%
only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
ui.table(
    [
        {"": "A right", "B right": int((a & b).sum()), "B wrong": only_a},
        {"": "A wrong", "B right": only_b, "B wrong": int((~a & ~b).sum())},
    ],
    caption="Test images. A is plain, B has weight decay.",
)

# %% [markdown]
# If the two were equally good, each image that they disagree on would be a fair coin: A's or B's. So count
# the disagreements, and ask how often a fair coin would fall so unevenly, or more. That probability is the
# **p-value** (p값), and this is McNemar's test (1947).

# %%
from internlab.practice.significance import mcnemar

ui.show_source(mcnemar)

# %%
test = mcnemar(only_a, only_b)
print(f"{only_a + only_b} disagreements, {only_b} of them B's")
print(
    f"p exact {test.exact:.3f}, mid-p {test.mid_p:.3f}, by the normal curve {test.asymptotic:.3f}"
)

# %% [markdown]
# A small p means: two equally good networks would seldom look like this. Below a line that was drawn
# beforehand, usually 0.05, a result is called **significant** (유의하다). It does *not* mean that B is better
# with probability 1 - p, nor that the gain is large. How large it may be is what a **confidence interval**
# (신뢰 구간) tells: made again and again on new test sets, such intervals hold the true gain in about 95 % of
# the cases. The
# **bootstrap** (부트스트랩) makes new test sets out of the one you have: draw as many images from it, with
# replacement, and look at the gain on each.

# %%
from internlab.practice.significance import bootstrap_gains

ui.show_source(bootstrap_gains)

# %%
gains = 100 * bootstrap_gains(a, b, rng, REPEATS)
low, high = np.quantile(gains, [0.025, 0.975])
figure, axis = plt.subplots()
axis.hist(gains, bins=np.arange(-1.05, 4, 0.1), color=ui.COLOURS["network"])
axis.axvline(0, color=ui.COLOURS["reference"])
axis.axvspan(low, high, color=ui.COLOURS["grey"], alpha=0.3, zorder=0)
axis.set(xlabel="gain of B over A (points)", ylabel="test sets", xlim=(-1, 4))
axis.set_title(f"95 % interval: {low:+.1f} to {high:+.1f} points", loc="left")
plt.show()

# %% [markdown]
# *What to see: the grey band, which holds 95 % of the redrawn test sets, lies to the right of zero, and is
# wider than the gain is large: the gain is there, and its size is hardly known.* Each image was drawn with
# both answers to it. Drawing A's images and B's apart would throw the pairing away, and make the band
# wider:

# %%
apart = [rng.choice(x, (REPEATS, len(x))).mean(axis=1) for x in (a, b)]
wide = 100 * np.quantile(apart[1] - apart[0], [0.025, 0.975])
print(f"paired   {low:+.1f} to {high:+.1f} points")
print(f"unpaired {wide[0]:+.1f} to {wide[1]:+.1f} points")

# %% [markdown]
# So these two networks probably do differ. Done?
#
# ## Second luck: which training run
#
# Here is a comparison in which nothing can be better: the plain recipe against itself, with another seed.

# %%
plain = train(PLAIN, SEEDS)
rows, columns = np.triu_indices(len(plain), 1)
p_itself = np.array(
    [
        mcnemar(int((x & ~y).sum()), int((y & ~x).sum())).exact
        for x, y in zip(plain[rows], plain[columns], strict=True)
    ]
)
itself = float((p_itself < 0.05).mean())
print(f"plain training, {len(plain)} seeds: {plain.mean():.1%} on average, ", end="")
print(f"from {plain.mean(axis=1).min():.1%} to {plain.mean(axis=1).max():.1%}")
print(f"{len(p_itself)} pairs of the same recipe, {itself:.0%} of them differ significantly")

# %% [markdown]
# Apart from the one in twenty that it may get wrong, McNemar's test has made no mistake. Those networks *are*
# different: one of them had luckier training images or first weights, and will be better on other test images
# as well. The test answers a question about two
# networks. "Weight decay helps" is a statement about two *recipes*, and for it the unit is the training run.
# More test images do not help with that; they only make it surer which of the two runs had more luck.
#
# So train both recipes with many seeds, and look at the difference within each.

# %%
decay = train(DECAY, SEEDS)
differences = decay.mean(axis=1) - plain.mean(axis=1)
figure, axis = plt.subplots()
colours = [ui.COLOURS["bad"] if seed == REPORTED else ui.COLOURS["network"] for seed in SEEDS]
axis.bar(SEEDS, 100 * differences, color=colours)
axis.axhline(100 * differences.mean(), color=ui.COLOURS["reference"], linestyle="--")
axis.set(xlabel="seed", ylabel="gain by weight decay (points)")
plt.show()

# %% [markdown]
# *What to see: most bars point up, and few reach the one that was reported (orange, if your seeds include
# it). The dashed line is their mean.* Seed 0 would have made a report of harm. How sure is that mean? Its
# **standard error** (표준 오차) is the standard deviation of the differences over the square root of their
# number.

# %%
from internlab.practice.significance import over_seeds

ui.show_source(over_seeds)


# %%
def in_points(name, test):
    return {
        "comparison": name,
        "mean": f"{100 * test.mean:+.2f}",
        "standard deviation": f"{100 * test.sd:.2f}",
        "95 % interval": f"{100 * test.low:+.2f} to {100 * test.high:+.2f}",
        "p": f"{test.p:.2g}",
    }


same_seed = over_seeds(differences)
other_seed = over_seeds(decay.mean(axis=1) - np.roll(plain.mean(axis=1), 1))
ui.table(
    [in_points("same seed for both", same_seed), in_points("another seed for each", other_seed)],
    caption="Weight decay minus plain, in points.",
)

# %% [markdown]
# The gain is there, and smaller than the one that was reported. Pairing by seed halves
# the spread or better, because both recipes then start from the same weights and the same images (with a few
# seeds you may not see it).
#
# | test | asks | does not ask |
# |---|---|---|
# | McNemar, bootstrap over images | would these two networks differ on other images? | whether another training run agrees |
# | t over seeds | would these two recipes differ in other runs, on this test set? | whether other images agree |
# | both of them | both: a claim about the recipes, on images like these | whether next year's images are like these |
#
# Dror et al. (ACL 2018) tell for each kind of score which test to use; Bouthillier et al. (MLSys 2021)
# measure how much of the spread is due to data, weights and order.
#
# ## How much before it runs?
#
# A trial that costs a week must not be able to fail for want of test images. The **power** (검정력) of a test
# is the probability that it finds a gain that is there. For McNemar's test it depends on three things: the
# number of images, the gain, and on how many images the two networks disagree at all.

# %%
from internlab.practice import power

ui.show_source(power.mcnemar_power)

# %% [markdown]
# A formula from a paper (Connor 1987) wants checking. Here it stands beside the exact sum over all outcomes,
# and beside plain simulation, with a disagreement as between two runs of our recipe.

# %%
disagreement = float((plain[rows] != plain[columns]).mean())
images = [250, 500, 1000, 2000, 4000, 8000, 16000]
by_formula = [power.mcnemar_power(n, WORTH, disagreement) for n in images]
exactly = [power.mcnemar_power_exact(n, WORTH, disagreement) for n in images]
simulated = [power.mcnemar_power_simulated(n, WORTH, disagreement, rng, REPEATS) for n in images]
figure, axis = plt.subplots()
axis.semilogx(images, by_formula, label="formula")
axis.semilogx(images, exactly, label="exact")
axis.semilogx(images, simulated, "o", color=ui.COLOURS["reference"], label="simulated")
axis.axhline(0.8, color=ui.COLOURS["grey"], linestyle="--")
axis.set(xlabel="test images", ylabel="power", ylim=(0, 1.02))
axis.set_xticks(images, images)
axis.minorticks_off()
axis.set_title(f"A gain of one point, {disagreement:.0%} disagreement", loc="left")
axis.legend()
plt.show()

# %% [markdown]
# *What to see: three ways, one curve; the exact test finds a little less than the formula promises. At a
# thousand images it is far below the dashed line, the usual wish of four in five.*

# %%
from internlab.practice.power import images_needed

rows_needed = [
    {"disagreement": f"{share:.1%}"}
    | {f"for {100 * gain:g} points": images_needed(gain, share) for gain in (0.005, 0.01, 0.02)}
    for share in (disagreement / 2, disagreement, 2 * disagreement)
]
needed = images_needed(WORTH, disagreement)
ui.table(rows_needed, caption="Test images for a power of 0.8 at p < 0.05.")

# %% [markdown]
# Half the gain costs four times the images. And two systems that make different mistakes need more images
# than two that share them. For seeds the same question has a shorter answer, because they are fewer:

# %%
from internlab.practice.power import seeds_needed

pilot = 100 * over_seeds(differences[:6]).sd  # six seeds tell the spread roughly
ui.table(
    [
        {
            "gain to find": f"{gain:g} points",
            "seeds, paired": seeds_needed(gain, 100 * same_seed.sd),
            "seeds, not paired": seeds_needed(gain, 100 * other_seed.sd),
            "seeds, as six would have said": seeds_needed(gain, pilot),
        }
        for gain in (0.25, 0.5, 1, 2)
    ],
    caption="For a power of 0.8. The unpaired column gives pairs, too.",
)

# %% [markdown]
# The last column is a **pilot** (예비 실험): a few cheap runs before the dear ones. They tell the spread, and
# whether the code survives to the end: run the pilot through to the last table, since what breaks there
# breaks after a week otherwise. They do not tell the gain.
#
# ## The best of twenty
#
# Twenty seeds, twenty settings, twenty prompts: people try and keep the best. Suppose that all twenty are
# *equally* good. What does the best of them score?

# %%
from internlab.practice.best_of import choose_best, expected_best_accuracy

ui.show_source(expected_best_accuracy)

# %%
TRIES, IMAGES, TRUE = 20, 1000, 0.80
tries = [1, 2, 5, 10, 20, 50, 100]
formula = [expected_best_accuracy(n, IMAGES, TRUE) for n in tries]
chosen = [choose_best(n, IMAGES, TRUE, rng, REPEATS) for n in tries]
figure, axis = plt.subplots()
axis.semilogx(tries, np.multiply(100, formula), color=ui.COLOURS["bad"], label="formula")
where = [100 * each.where_chosen.mean() for each in chosen]
elsewhere = [100 * each.elsewhere.mean() for each in chosen]
axis.semilogx(tries, where, "o", color=ui.COLOURS["bad"], label="where it was chosen")
axis.semilogx(tries, elsewhere, "o-", color=ui.COLOURS["good"], label="on other images")
axis.set(xlabel="tries, all equally good", ylabel="accuracy of the best (%)")
axis.set_xticks(tries, tries)
axis.minorticks_off()
axis.legend()
plt.show()
too_good = 100 * (expected_best_accuracy(TRIES, IMAGES, TRUE) - TRUE)
print(f"best of {TRIES}, {IMAGES} images: {too_good:.1f} points too good")

# %% [markdown]
# *What to see: the orange curve climbs although nothing gets better; on other images the winner is as good as
# everybody.* The cure costs a second set of images: choose on the **validation set** (검증 데이터), report on
# the **test set** (시험 데이터), once. Real tries are not all equal. How much of a winner's lead stays? Take the
# plain networks, choose on one half of the test images, and look at the other half.

# %%
from internlab.practice.best_of import lead_that_stays, some_significant

leads = []
for _ in range(200):  # two halves of the test images, divided in many ways
    order = rng.permutation(plain.shape[1])
    halves = [plain[:, part].mean(axis=1) for part in np.split(order, 2)]
    leads.append(lead_that_stays(*halves))
chose, stayed = 100 * np.mean(leads, axis=0)
print(f"best of {len(plain)} seeds: {chose:.1f} points above the mean where it was chosen,")
print(f"                  {stayed:.1f} points above it on the other half")
print(
    f"twenty tests of nothing: at least one below 0.05 in {some_significant(20):.0%} of the cases"
)

# %% [markdown]
# What stays is the network's own: it had luck in *training*, and it may be deployed for that. The recipe has
# none of it, and the next run starts from the mean. What went was luck with images.
#
# Whoever looks at twenty results and reports the best divides the line by twenty (Bonferroni correction,
# 본페로니 보정): p must be below 0.05 / 20. That is the price of looking, and the decision table has a column for
# it.
#
# ## Try everything, together
#
# The third passage: when nobody knows which option is right, that team runs all of them. How? A colleague
# starts from a network that reads the grey levels as they come, 0 to 16, with a small learning rate, and has
# three ideas: scale the inputs to 0 to 1; raise the learning rate; make the hidden layer wider. Each is a
# **factor** (요인), off or on. The usual way changes **one factor at a time**.

# %%
from internlab.practice import factorial

NAMES = ("scale", "rate", "wide")
runs = factorial.design(3)
results = np.array(
    [
        train(
            Recipe(
                scaled=scale > 0,
                rate=0.1 if rate > 0 else 0.003,
                hidden=128 if wide > 0 else 32,
            ),
            SEEDS[:8],
        ).mean(axis=1)
        for scale, rate, wide in runs
    ]
)
alone = factorial.one_at_a_time(100 * results, NAMES)
ui.table(
    [{"alone": name, "points against none": f"{gain:+.1f}"} for name, gain in alone.items()],
    caption=f"One factor at a time, from {results[0].mean():.1%}.",
)

# %% [markdown]
# Two ideas look terrible, and would be dropped. The cell ran all eight combinations, a **full factorial
# design** (완전 요인 설계). Look at them before you drop anything.

# %%
figure, axes = plt.subplots(1, 2, figsize=(6.4, 3.4), sharey=True)
means = 100 * results.mean(axis=1)
for axis, wide in zip(axes, (-1, 1), strict=True):
    for scale, name in ((-1, "0 to 16"), (1, "0 to 1")):
        row = (runs[:, 0] == scale) & (runs[:, 2] == wide)
        colour = ui.COLOURS["good"] if scale > 0 else ui.COLOURS["bad"]
        axis.plot(["0.003", "0.1"], means[row], "o-", color=colour, label=f"inputs {name}")
    axis.set(xlabel="learning rate", title=f"{32 if wide < 0 else 128} hidden units")
    axis.margins(x=0.2)
axes[0].set_ylabel("test accuracy (%)")
axes[0].legend()
plt.show()

# %% [markdown]
# *What to see: the lines cross.* Whether a high learning rate helps depends on the inputs: that is an
# **interaction** (상호작용). Large inputs make large gradients, so each idea alone spoils what it would
# need the other for.

# %%
found = factorial.kept(100 * results, NAMES)
ui.table(
    [
        {"way": way, "keeps": ", ".join(on) or "nothing", "accuracy": f"{mean:.1f} %"}
        for way, (on, mean) in found.items()
    ]
)

# %%
ui.table(
    [
        {"effect": name, "points": f"{value:+.1f}"}
        for name, value in factorial.effects(100 * results, NAMES).items()
    ],
    caption="Effects: of a factor, the mean with it minus the mean without it; of a pair, half of "
    "how much the effect of the one grows when the other is switched on.",
)

# %% [markdown]
# *What to see: the row scale x rate is the largest of all.* Where an interaction is so large, the effect of
# a single factor misleads: that of the rate is negative, and the best network has it on. "One after
# another", which keeps what helped and goes on from there, ends where one at a time does. All combinations
# cost twice as many settings here, eight against four. They are not twice as dear: each run says something
# about *every* factor, so at the same total number of runs each effect comes out sharper.

# %%
ratio_rows = []
for k in (2, 3, 5, 7):
    full, single = factorial.variance_of_effect(k, runs=2**k)
    row = {"factors": k, "settings, one at a time": k + 1, "settings, all": 2**k}
    ratio_rows.append(row | {"variance ratio": single / full})
ui.table(ratio_rows, caption="Variance of an effect, one at a time over all, with equal runs.")

# %% [markdown]
# The ratio is (k + 1) / 2 (Box, Hunter and Hunter, 2005). For many factors one runs a well chosen fraction
# of the combinations. The interaction was found because two harmful ideas were run *together*; how much
# they gave:

# %%
together = float(means[(runs == [1, 1, -1]).all(axis=1)][0] - means[0])
print(f"scale and rate together, against neither: {together:+.1f} points")

# %% [markdown]
# ## Nine in ten
#
# About nine proposals in ten fall at verification, says the last passage. Is that a bad team? Let a share
# `base` of all ideas be good, the **base rate** (기저율). A test finds a good one with probability `power`,
# and takes a useless one for good with probability `false_alarm`. Among all that it finds, which share is
# good?
#
# $$\frac{\mathrm{base} \cdot \mathrm{power}}
# {\mathrm{base} \cdot \mathrm{power} + (1 - \mathrm{base}) \cdot \mathrm{false\ alarm}}$$

# %%
from internlab.practice import verification

ui.show_source(verification.share_true)

# %% [markdown]
# Now a team: an idea gains two points or nothing. Each gets a quick look on 200 images, and whatever comes
# out ahead is *promising*. Promising ideas are verified on 2,000 other images, at p < 0.05.

# %%
GAIN, DISAGREES, LOOK, VERIFY = 0.02, 0.10, 200, 2000
look_power = power.mcnemar_power_exact(LOOK, GAIN, DISAGREES, alpha=1)
look_alarm = power.mcnemar_power_exact(LOOK, 0.0, DISAGREES, alpha=1)
verify_power = power.mcnemar_power_exact(VERIFY, GAIN, DISAGREES)
verify_alarm = power.mcnemar_power_exact(VERIFY, 0.0, DISAGREES)
print(f"quick look:   finds {look_power:.0%} of the good ideas and {look_alarm:.0%} of the useless")
print(
    f"verification: finds {verify_power:.0%} of the good ideas and {verify_alarm:.1%} of the useless"
)

# %%
team = []
for base in (0.05, 0.1, 0.3):
    ideas = verification.simulate_ideas(50 * REPEATS, base, GAIN, DISAGREES, rng, LOOK, 1.0, VERIFY)
    promising = verification.share_true(base, look_power, look_alarm)
    survive = verification.found(promising, verify_power, verify_alarm)
    team.append(
        {
            "good ideas": f"{base:.0%}",
            "promising ones that are good": f"{promising:.1%}",
            "simulated": f"{ideas.good[ideas.promising].mean():.1%}",
            "promising ones that fall": f"{1 - survive:.1%}",
            "simulated ": f"{1 - ideas.verified[ideas.promising].mean():.1%}",
        }
    )
real = verification.share_true(0.1, look_power, look_alarm)
ui.table(team, caption="By formula, and simulated with McNemar's test on every idea.")

# %% [markdown]
# *What to see: formula and simulation agree. In every row most promising ideas fall, and in the first one
# about nine in ten.* So nine in ten is no sign of a bad team. It is what verification looks like where good
# ideas are rare and a first look is cheap. It would be a bad sign if nothing fell. (Some good ideas fall,
# too: the verification misses what its power does not reach.) Ioannidis (2005) made this argument for whole
# fields.
#
# How large does a gain *look* where it is found on few images?

# %%
ideas = verification.simulate_ideas(
    50 * REPEATS, 1.0, GAIN, DISAGREES, rng, LOOK, 0.05, VERIFY
)  # only good ideas, and p < 0.05 already in the quick look
looked = 100 * ideas.measured[ideas.promising].mean()
by_formula = verification.exaggeration(GAIN, np.sqrt((DISAGREES - GAIN**2) / LOOK))
print(f"true gain {100 * GAIN:.0f} points; where {LOOK} images found it: {looked:.1f} points")
print(f"that is {looked / 100 / GAIN:.1f} times as large (by formula {by_formula:.1f})")

# %% [markdown]
# With little power only a lucky measurement is significant, so the first published size of an effect tends
# to be too large. This is called the **winner's curse** (승자의 저주); Gelman and Carlin (2014) give the
# formula.
#
# ## Three honest results
#
# To read a result is the hard part, says the second passage. Three colleagues hand in one each, with the code
# and the log. Nobody lies; each report has one flaw. What would you measure? Decide before you run the cell
# below each.

# %%
from internlab.practice import flaws

handed_in = flaws.all_three()
handed_in["first"]

# %%
log = handed_in["first"].log
known = set(log.loc[log.part == "train", "source"])
tested = log[log.part == "test"]
print(
    f"test images whose digit is also in the training part: {tested.source.isin(known).mean():.0%}"
)
honest = [flaws.split_and_augment(np.random.default_rng(seed)).right.mean() for seed in range(5)]
print(f"split by digit, five times: {', '.join(f'{share:.0%}' for share in honest)}")

# %% [markdown]
# A **leak** (정보 누출): the images of one digit lie on both sides. The measurement is the overlap of the sources,
# and it takes a line. Ask for it in every result: by person, by patient, by scene, by day.

# %%
handed_in["second"]

# %%
log = handed_in["second"].log
shares = log.pivot_table(index="light", columns="model", values="right", aggfunc=["mean", "size"])
ui.table(
    [
        {
            "light": light,
            "A": f"{shares['mean', 'A'][light]:.1%} of {shares['size', 'A'][light]:.0f}",
            "B": f"{shares['mean', 'B'][light]:.1%} of {shares['size', 'B'][light]:.0f}",
        }
        for light in shares.index
    ],
    caption="The same log, by light.",
)

# %% [markdown]
# *What to see: A is better by day, and A is better by night.* It was given more night photos. Light decides
# both how hard a photo is and which model met it: a **confounder** (교란 변수). That a comparison turns round
# within every group is called Simpson's paradox (심슨의 역설). No p-value warns of it. The measurement is the
# same table within groups; the cure is to test both on the same photos.

# %%
ui.show_source(flaws.field_test)  # this log was simulated, and here is the truth behind it

# %%
handed_in["third"]

# %%
log = handed_in["third"].log
gains_of_log = log["new sampler"] - log["plain"]
ui.table(
    [in_points("all 20 seeds", over_seeds(gains_of_log.to_numpy()))], caption="New minus plain."
)

# %% [markdown]
# A **picked seed**: of twenty runs the report shows the one in which the gain was largest. The measurement
# is the mean over all runs in the log. And read the code: the "new sampler" is the same recipe with other
# random numbers, so there is nothing to find. If no log holds the other runs, ask how many there were.
#
# ## Your decision table
#
# A result is decided in three outcomes, not two: better (or worse); no difference that matters; cannot tell.
# The last two are told apart by the interval: does it leave room for a gain that would matter?

# %%
from internlab.practice.decision import decide_networks, decide_recipes, write_table

best, worst = plain.mean(axis=1).argmax(), plain.mean(axis=1).argmin()
wide_net = train(Recipe(hidden=128), SEEDS)
decisions = [
    decide_networks("weight decay, the reported seed", a, b, rng, WORTH),
    decide_recipes("weight decay", differences, WORTH),
    decide_recipes("weight decay, first three seeds", differences[:3], WORTH),
    decide_recipes("wider layer", wide_net.mean(axis=1) - plain.mean(axis=1), WORTH),
    decide_networks(
        "plain, best against worst seed", plain[worst], plain[best], rng, WORTH, tries=len(p_itself)
    ),
    decide_recipes("new sampler, all seeds", gains_of_log.to_numpy(), WORTH),
]
as_csv, as_markdown = write_table(decisions, notes.notes_folder() / "02-is-one-point-real")
SHOWN = ("result", "test", "gain", "low", "high", "p", "tries", "has", "needs", "verdict")
ui.table(pd.read_csv(as_csv)[list(SHOWN)], caption="Gains and intervals in points.")

# %% [markdown]
# Read the column *needs* against *has*: it says what finds a gain of one point four times in five. Read
# *verdict* with the column *test*: the best seed of the plain recipe really is a better network than the
# worst, and no better recipe.
#
# ## Close the note

# %%
note.close(
    {
        "images_for_one_point": needed,
        "recipe_against_itself_significant": itself,
        "best_of_twenty_too_good_by": too_good,
        "two_harmful_ideas_together": together,
        "found_gains_that_are_real": real,
    },
    learned="One point needs thousands of images, and seeds besides: a test on images speaks about "
    "two networks, a test on seeds about two recipes. The best of many is too good by an amount that "
    "can be computed beforehand. Two ideas that each do harm can help together. Where good ideas are "
    "rare, most of what looks promising falls, and that is as it should be.",
    ask="How many runs lie behind the numbers in our own tables?",
)
note

# %% [markdown]
# ## At full scale
#
# Nobody trains a large model twenty-four times. What carries over: the same seeds for both sides; a pilot
# at a hundredth of the size for the spread; all paired answers kept in a file, since a McNemar test costs
# nothing afterwards; the number of tries written down; and a second test set for the one comparison that
# goes into the paper. For text or other scores the bootstrap stays as it is. For several data sets, see
# Demšar (JMLR 2006).
#
# **You keep** the table, for your own results to come:

# %%
print("notes/02-is-one-point-real/" + as_csv.name, "and", as_markdown.name)

# %% [markdown]
# **Next.** Do lab 02 (`labs/02_is_one_point_real.ipynb`). Then lesson 03 asks what a test set is worth on
# another day.
