# ---
# title: Scores that say "this is new"
# minutes: 75
# passages: [msj-open-source-baseline, kep-ood-dog-as-road]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 30 · Scores that say "this is new"
#
# *75 minutes. You need: lesson 00; lesson 10 if PyTorch Lightning is new to you.*
#
# After this lesson you can
#
# - write the scores that most papers start from, with the right sign and over the right axis,
# - say what each family of detectors looks at, and which outliers it must therefore miss,
# - choose a setting without touching the test, and report a ranking with its spread over seeds,
# - read "state of the art" as a claim to be measured, not as a reason to switch.
#
# A classifier knows a fixed list of classes and answers with one of them, whatever you show it. An
# input that belongs to none of them is **out-of-distribution** (OOD, 분포 외); what training was drawn
# from is **in-distribution** (ID, 분포 내). This lesson asks one small network about 8 x 8 pixel
# images. Lesson 31 asks the same of every pixel of a street.

# %%
from internlab import passages

passages.card("msj-open-source-baseline", "kep-ood-dog-as-road")

# %% [markdown]
# ## Configuration

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.stats import spearmanr

from internlab import notebook_ui as ui
from internlab import notes, tier

TIER = tier.current()
SEEDS = tier.pick(smoke=(0, 1), cpu=(0, 1, 2, 3, 4))
EPOCHS = tier.pick(smoke=6, cpu=30)
tier.one_thread()
ui.style()
print(f"tier {TIER}, seeds {SEEDS}, {EPOCHS} epochs a network")

# %% [markdown]
# ## What do you expect?
#
# Seventeen detectors, published from 2016 to 2023, will score the same outputs of the same network.
# Some outliers are **near** (other digits), some are **far** (textures, faces, noise). Before anything
# runs: does a newer detector rank outliers better? Are far outliers the easy ones? How much does the
# seed matter?

# %%
note = notes.open(
    question="Which detector ranks outliers best, and does its year tell?",
    hypothesis="Far outliers are easier than near ones. The field has moved forward, so newer "
    "detectors rank better. The seed hardly matters for a ranking.",
    expect=[
        notes.Expect("msp_auroc_near", ">=", 0.9),
        notes.Expect("msp_far_minus_near", ">=", 0.0),
        notes.Expect("year_rank_correlation_near", ">=", 0.3),
        notes.Expect("median_sd_over_seeds_near", "<=", 0.005),
    ],
    seed=SEEDS[0],
    slug="30-scores",
)
note

# %% [markdown]
# ## Known, near and far

# %%
from internlab.data import digit_sets

sets = digit_sets.digit_sets(SEEDS[0])
digit_sets.CARD

# %%
one_of_each = [sets.test.images[sets.test.labels == label][0] for label in range(6)]
rows = {"known": one_of_each}
# The faces are left out of the picture, because nobody states the terms of printing them.
drawn = {name: images for name, images in sets.outliers.items() if name != "faces"}
rows |= {name: images[:: len(images) // 6][:6] for name, images in drawn.items()}
ui.images(
    [image for images in rows.values() for image in images],
    [name if k == 0 else "" for name in rows for k in range(6)],
    columns=6,
    zoom=9,
    limits=(0, 1),
)

# %% [markdown]
# *What to see: one row of digits that the network will know and three rows that it will not.* The near
# row was written by the same people and scanned by the same machine: only the meaning is new. The
# far rows differ in everything, so a detector may find them by their brightness and still say
# nothing about meaning.
#
# ## A network that always answers
#
# Four convolutions, a global average to 64 **features** (특징), and one linear layer to six **logits**
# (로짓), one a class. It is trained with Lightning, as in lesson 10.

# %%
from internlab.ood import classifier

network = classifier.train(sets.train, SEEDS[0], epochs=EPOCHS)
print(f"right on {classifier.accuracy(network, sets.test):.1%} of {len(sets.test)} test digits")

# %%
known = classifier.collect(network, sets.test.images)
near = classifier.collect(network, sets.outliers["near"])
sure, called = near.logits.softmax(dim=1).max(dim=1)
surest = sure.argsort(descending=True)[:6]
ui.images(
    [sets.outliers["near"][i] for i in surest],
    [f"{digit_sets.KNOWN[called[i]]}: {sure[i]:.4f}" for i in surest],
    columns=6,
    zoom=12,
)

# %% [markdown]
# *What to see: digits that the network has never been shown, with the answer it gives and its softmax
# probability.* Softmax divides one certainty among the known classes. There is no class for "none of
# these", so the probabilities cannot say it. That is the dog that is painted as road.
#
# ## The first score
#
# The **maximum softmax probability** (MSP, 최대 소프트맥스 확률) is still informative: of
# unknown images the network is, on the whole, a little less sure. Throughout this track a **higher
# score means more out-of-distribution**, so the sign is turned.

# %%
from internlab.ood.detectors import MSP

ui.show_source(MSP.msp)

# %% [markdown]
# How good is a score? **AUROC** is the probability that a random outlier scores higher than a random
# known image; 0.5 is a coin, 1 is perfect. You can compute it as that sentence says, pair by pair.

# %%
from internlab.ood.metrics import auroc


def pairs_won(outlying, inlying):
    difference = outlying[:, None] - inlying[None, :]
    return float((difference > 0).double().mean() + (difference == 0).double().mean() / 2)


def auroc_of(outlying, inlying):
    is_outlier = np.repeat([False, True], [len(inlying), len(outlying)])
    return auroc(is_outlier, torch.cat([inlying, outlying]).numpy())


print(f"pair by pair: {pairs_won(MSP.msp(near.logits), MSP.msp(known.logits)):.4f}")
print(f"library:      {auroc_of(MSP.msp(near.logits), MSP.msp(known.logits)):.4f}")

# %% [markdown]
# Two slips are so common that you should know their look. Each gives a number and no error.

# %%
ways = {
    "as above": lambda logits: -logits.softmax(dim=1).amax(dim=1),
    "sign forgotten": lambda logits: logits.softmax(dim=1).amax(dim=1),
    "softmax over the images": lambda logits: -logits.softmax(dim=0).amax(dim=1),
}
ui.table(
    [
        {
            "MSP, written": name,
            "AUROC, near": auroc_of(score(near.logits), score(known.logits)),
            "first known image, scored alone": float(score(known.logits[:1])[0]),
            "the same, scored in company": float(score(known.logits)[0]),
        }
        for name, score in ways.items()
    ],
    caption="One line of code, three ways.",
)

# %% [markdown]
# A forgotten sign turns AUROC into one minus itself: far *below* one half means that you have a good
# detector, backwards. Softmax over the wrong axis is harder to see; it gives itself away because a
# score changes with the company in which the image is scored. It never should.
#
# ## Seventeen detectors
#
# That was one detector. The field has many, and each has one idea. OpenOOD and pytorch-ood, a public
# benchmark and an open library, hold most of them; here they are written out, one small file each.

# %%
from internlab.ood.detectors import DETECTORS

IDEA = {
    "mc_dropout": "run several times with dropout on, and see whether the answers agree",
    "msp": "the largest softmax probability",
    "ensemble": "train several networks, and see whether they agree",
    "odin": "MSP, after moving the image towards more certainty: known ones move further",
    "mahalanobis": "distance to the nearest class, in units of the classes' spread",
    "outlier_exposure": "show outliers in training, and ask for no answer on them",
    "entropy": "how evenly the softmax is spread",
    "energy": "the evidence for all classes together",
    "relative_mahalanobis": "Mahalanobis, minus the distance to one cloud of everything",
    "react": "cut large features off, then energy",
    "gradnorm": "how strongly the last layer would have to change for an even answer",
    "max_logit": "the largest logit: MSP before softmax forgets how much evidence there was",
    "kl_matching": "compare the softmax with the typical one of each class",
    "knn": "distance to the k-th nearest training feature, by direction",
    "vim": "energy, and what the main directions of the features do not explain",
    "dice": "keep only the weights that matter in training, then energy",
    "ash": "keep only the largest features and enlarge them, then energy",
}
ui.table(
    [
        {"detector": kind.title, "year": str(kind.year), "idea": IDEA[kind.name]}
        for kind in DETECTORS.values()
    ],
    caption="In the order of their publication. `DETECTORS[name].url` is the paper.",
)

# %% [markdown]
# ## One cache for all
#
# Detectors differ in what they read, not in the network. So each network runs once and its outputs
# are kept: `Outputs` holds logits, features, and, where a detector asks for more runs, those too.
# For each seed the next cell trains four networks: the classifier, two more for an ensemble (앙상블),
# and one that is shown outliers in training. (About a minute on a laptop.)

# %%
from internlab.ood.feature_cache import feature_cache

caches = [feature_cache(seed, epochs=EPOCHS) for seed in SEEDS]
cache = caches[0]
test = cache.plain["test"]
for name in ("logits", "features", "sampled_logits", "perturbed_logits"):
    print(f"{name:17}", tuple(getattr(test, name).shape))
print("right answers by seed:", ", ".join(f"{each.accuracy:.3f}" for each in caches))


# %%
READS = {
    "features": "features",
    "sampled_logits": "logits of 20 runs with dropout",
    "perturbed_logits": "logits of moved images",
}
OTHERS = {
    "gradnorm": "features, logits",
    "ensemble": "logits of three networks",
    "outlier_exposure": "logits of a network trained with outliers",
}


def reads(kind):
    own = [READS[field] for field in kind.needs] or ["logits"]
    return OTHERS.get(kind.name, ", ".join(own + ["last layer"] * kind.uses_head))


ui.table(
    [
        {"detector": kind.title, "reads": reads(kind), "is fitted first": kind.uses_fit}
        for kind in DETECTORS.values()
    ],
    caption="What each of them needs.",
)

# %% [markdown]
# Each is one small class with `fit` (learn what is normal, from in-distribution images only) and
# `score`. Four of them carry most of what there is to understand.
#
# **Energy** (에너지) adds up the evidence for all classes, before softmax turns evidence into shares.

# %%
from internlab.ood.detectors import KNN, Energy, Mahalanobis
from internlab.ood.detectors.mahalanobis import squared_distances

ui.show_source(Energy.energy)

# %% [markdown]
# **Mahalanobis** looks at features instead. Every class is a cloud with its own centre; all clouds
# share one shape, measured *within* the classes. The score is the squared distance to the nearest
# centre, in units of that shape.

# %%
ui.show_source(Mahalanobis.gaussians)

# %%
ui.show_source(squared_distances)

# %% [markdown]
# **k nearest neighbours** (kNN, k-최근접 이웃) assumes no shape: how far is the k-th nearest training
# feature, when all features are scaled to length 1?

# %%
ui.show_source(KNN.kth_distance)

# %% [markdown]
# ## What each detector sees
#
# Sixty-four dimensions cannot be drawn, two can. The next network squeezes its features through two
# numbers. Every point of the plane is then a feature that some image could have, and every detector
# can be asked about every point.

# %%
flat = classifier.train(sets.train, SEEDS[0], epochs=2 * EPOCHS, flat=2)
head = classifier.head_of(flat)
train2 = classifier.collect(flat, sets.train.images, sets.train.labels)
dots = {"known": classifier.collect(flat, sets.test.images)}
dots |= {name: classifier.collect(flat, sets.outliers[name]) for name in ("near", "noise")}
print(f"with two features: right on {classifier.accuracy(flat, sets.test):.1%}")

# %%
from internlab.ood.detectors import make
from internlab.ood.outputs import Outputs

reach = 1.2 * max(float(each.features.abs().max()) for each in dots.values())
ticks = torch.linspace(-reach, reach, 140)
plane = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), dim=-1).reshape(-1, 2)
plane = Outputs(head.logits(plane), plane)


def share_below(detector):
    """For each point of the plane: the share of known digits with a lower score."""
    familiar = np.sort(detector.score(dots["known"]).double().numpy())
    below = np.searchsorted(familiar, detector.score(plane).double().numpy())
    return (below / len(familiar)).reshape(len(ticks), len(ticks))


names = ("msp", "max_logit", "energy", "gradnorm", "mahalanobis", "knn")
seen = {DETECTORS[name].title: share_below(make(name, head).fit(train2)) for name in names}

# %%
from internlab.picture import PictureFigure

figure, axes = plt.subplots(
    2, 3, figsize=(7.2, 5.4), sharex=True, sharey=True, FigureClass=PictureFigure
)
colours = {"known": "white", "near": ui.COLOURS["bad"], "noise": ui.COLOURS["tensorrt"]}
for axis, (title, share) in zip(axes.flat, seen.items(), strict=True):
    axis.contourf(ticks, ticks, share, levels=np.linspace(0, 1, 11), cmap="GnBu")
    axis.contour(ticks, ticks, share, levels=[0.95], colors="black", linewidths=1.2)
    for name, each in dots.items():
        edge = {"edgecolors": "black", "linewidths": 0.3} if name == "known" else {"linewidths": 0}
        axis.scatter(*each.features.T, s=7, c=colours[name], label=name, **edge)
    axis.set_title(title, loc="left")
    axis.grid(False)
for axis in axes[1]:
    axis.set_xlabel("feature 1")
for axis in axes[:, 0]:
    axis.set_ylabel("feature 2")
axes[0, 0].legend(loc="lower left", fontsize=8, handletextpad=0, frameon=True)
plt.close(figure)
figure

# %% [markdown]
# *What to see: dark is more outlying. Beyond the black line lies what is flagged when one known digit
# in twenty may be flagged by mistake. White dots are known digits, one arm a class; orange dots are
# unknown digits, pink ones noise.*
#
# - **MSP** flags only what lies *between* classes. Follow an arm outwards: the further, the surer,
#   although no digit lies there. Noise that lands on an arm is called a digit.
# - **MaxLogit** and **Energy** flag what has little evidence, the middle. They look alike because the
#   largest of a sum of exponentials is most of it. Everything far out, in any direction, counts as
#   familiar.
# - **GradNorm** multiplies the size of the feature by the certainty of the answer: the middle again,
#   and the wedges between classes.
# - **Mahalanobis** draws an island around each class and flags the sea, however far out. The islands
#   have one shape for all classes, so an arm that is long and thin gets an island that is neither;
#   here they touch.
# - **kNN** has scaled every feature to length 1, so it sees directions only: between the arms, never
#   along them.
#
# None of them sees the image. What the features have thrown away, no score can bring back.
#
# ## The same in 64 dimensions

# %%
figure, axes = plt.subplots(2, 2, figsize=(7.2, 4.6))
colours = {
    "test": ui.COLOURS["network"],
    "near": ui.COLOURS["bad"],
    "noise": ui.COLOURS["tensorrt"],
}
for axis, name in zip(axes.flat, ("msp", "energy", "mahalanobis", "knn"), strict=True):
    detector = make(name, cache.head).fit(cache.plain["train"])
    values = {part: detector.score(cache.plain[part]).double().numpy() for part in colours}
    everything = np.concatenate(list(values.values()))
    bins = np.linspace(everything.min(), np.quantile(everything, 0.97), 40)
    for part, each in values.items():
        label = "known" if part == "test" else part
        axis.hist(
            np.clip(each, None, bins[-1]),
            bins,
            weights=np.full(len(each), 1 / len(each)),
            color=colours[part],
            alpha=0.55,
            label=label,
        )
    axis.set_title(DETECTORS[name].title, loc="left")
    axis.set_xlabel("score (higher: more outlying)")
for axis in axes[:, 0]:
    axis.set_ylabel("share of images")
axes[0, 1].legend()
plt.show()

# %% [markdown]
# *What to see: the overlap of blue with the other two colours is what a detector cannot tell apart;
# scores beyond the right end are gathered in the last bar.* Unknown digits (orange) overlap with known
# ones everywhere. Noise (pink) is a matter of what is read: MSP and Energy leave it among the digits,
# the distance to the class centres puts most of it far to the right. Why?

# %%
nearest = Mahalanobis().fit(cache.plain["train"])


def typical(part):
    outputs = cache.plain[part]
    return {
        "images": "known" if part == "test" else part,
        "sum of the 64 features": float(outputs.features.sum(dim=1).median()),
        "largest logit": float(outputs.logits.amax(dim=1).median()),
        "squared distance to the nearest class": float(nearest.score(outputs).median()),
    }


ui.table([typical(part) for part in ("test", *cache.outliers)], caption="Medians, first seed.")

# %% [markdown]
# Compare noise with the known digits, column by column. An unknown digit leaves the features small, so
# the logits are small. Noise makes the features as large as a digit does, but in a combination that
# no digit has. Sums and logits say how large the features are; a distance asks which ones.
#
# ## Settings, without touching the test
#
# kNN wants a k, Mahalanobis a ridge, ReAct a cut. Each has a value that makes the *test* look best, and
# whoever takes it reports luck as skill. So some outliers are set aside to choose with: the digit 0
# and patches of two other pictures.


# %%
def tried(name, settings):
    """AUROC of a detector with one setting: on what to choose with, and on the test."""
    detector = make(name, cache.head, **settings).fit(cache.plain["train"])
    score = {part: detector.score(outputs).double() for part, outputs in cache.plain.items()}
    on = [auroc_of(score[part], score["validation"]) for part in cache.validation_outliers]
    return {
        "validation outliers": np.mean(on),
        "test: near": auroc_of(score["near"], score["test"]),
        "test: textures": auroc_of(score["textures"], score["test"]),
    }


ks, ridges = (1, 2, 5, 10, 20, 50), (1e-9, 1e-6, 1e-4, 1e-2, 1.0)
curves = {
    "kNN: k": (ks, [tried("knn", {"k": k}) for k in ks]),
    "Relative Mahalanobis: ridge": (
        ridges,
        [tried("relative_mahalanobis", {"ridge": ridge}) for ridge in ridges],
    ),
}

# %%
figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), sharey=True)
for axis, (title, (values, rows)) in zip(axes, curves.items(), strict=True):
    for name, shape in zip(rows[0], ("o-", "s--", "^--"), strict=True):
        axis.plot(values, [row[name] for row in rows], shape, label=name)
    chosen = values[int(np.argmax([row["validation outliers"] for row in rows]))]
    axis.axvline(chosen, color=ui.COLOURS["grey"], linestyle=":", label=f"chosen: {chosen:g}")
    axis.set_xscale("log")
    axis.set_xticks(values, [f"{value:g}" for value in values])
    axis.minorticks_off()
    axis.set_xlabel(title)
    axis.legend(fontsize=9)
axes[0].set_ylabel("AUROC (0.5 is chance)")
plt.show()
print(f"kNN with k = 100, near: {tried('knn', {'k': 100})['test: near']:.3f}")

# %% [markdown]
# *What to see: the dotted line stands where the solid curve is highest; the dashed curves were not
# asked.* A **ridge**, a small number added to the diagonal so that the covariance can be inverted, looks
# like a detail, and moves the relative Mahalanobis distance on textures by points. And a k above the 60 training digits of a class makes the hundredth
# neighbour a digit of *another* class: the detector then works backwards.
#
# Outliers to choose with are a weak guide, because the next outlier may be of another kind. The choice
# can lose on the test, and then that is the result.
#
# `chosen_settings` does the same for every detector that has a setting.

# %%
from internlab.ood.ranking import chosen_settings, rank, summary

ui.show_source(chosen_settings)

# %% [markdown]
# ## The ranking

# %%
ranking = rank(caches)
table = summary(ranking)
kinds = list(dict.fromkeys(ranking["outliers"]))
ui.table(
    [
        {
            "detector": title,
            "year": str(year),
            **{kind: f"{row[kind, 'mean']:.1f} ± {row[kind, 'sd']:.1f}" for kind in kinds},
        }
        for (_, title, year), row in table.iterrows()
    ],
    caption=f"AUROC in percent: mean and standard deviation over {len(SEEDS)} seeds; 50 is chance. "
    "Sorted by the mean over the four columns. Outlier exposure was trained with outliers.",
)

# %%
figure, axis = plt.subplots(figsize=(7.2, 5.2))
places = np.arange(len(table))[::-1]
for shift, (kind, colour) in enumerate(
    {"near": "network", "textures": "bad", "noise": "tensorrt"}.items()
):
    axis.errorbar(
        table[kind, "mean"],
        places + 0.22 * (1 - shift),
        xerr=table[kind, "sd"],
        fmt="o",
        markersize=5,
        color=ui.COLOURS[colour],
        label=kind,
    )
axis.axvline(50, color=ui.COLOURS["grey"], linestyle=":", label="chance")
axis.set_yticks(places, table.index.get_level_values("title"))
axis.set_xlabel(f"AUROC in percent (mean and standard deviation, {len(SEEDS)} seeds)")
axis.legend(loc="upper left")
plt.show()

# %% [markdown]
# *What to see: the blue dots stand nearly in one column, the other two fan out.* On near outliers the
# most detectors lie close together, and their bars overlap. On textures, and above all on noise, those
# that read features as distances stay at the top, while those that add up evidence fall, one of them
# below chance: what makes the features large they take for familiar. It is the two-dimensional picture
# again. (Faces, in the table and not in the figure, are easy for nearly all.)
#
# So "far is easy" holds for some detectors and fails for others, and one number for "OOD" hides it.
# The benchmark OpenOOD therefore reports near and far apart, and so do we.
#
# ## Better, or another seed?
#
# Compare paired: same seed, same network, same images. Which detectors beat MSP on near outliers for
# *every* seed?

# %%
near_by_seed = ranking[ranking.outliers == "near"].pivot(
    index="seed", columns="title", values="auroc"
)
gain = 100 * near_by_seed.drop(columns="MSP").sub(near_by_seed["MSP"], axis=0)
always = gain.columns[(gain > 0).all()]
sometimes = gain.columns[(gain > 0).any() & ~(gain > 0).all()]
print(f"above MSP for all {len(SEEDS)} seeds: {', '.join(always) or 'none'}")
print(f"for some seeds only: {', '.join(sometimes) or 'none'}")
print(f"for none: {', '.join(gain.columns[(gain <= 0).all()]) or 'none'}")
tossed = len(gain.columns) / 2 ** len(SEEDS)
print(f"by tossing a coin for each seed, above MSP for all: {tossed:.1f} of {len(gain.columns)}")
ui.table(
    [
        {
            "detector": title,
            "least gain": f"{gain[title].min():+.2f}",
            "largest gain": f"{gain[title].max():+.2f}",
        }
        for title in gain.mean().sort_values(ascending=False).index
    ],
    caption="AUROC points above MSP, near outliers, same seed.",
)

# %% [markdown]
# A paper with one seed could have been written about most of the middle of this table, in either
# direction. Nor is the first list carved in stone: train with two threads instead of one
# (`torch.set_num_threads(2)` where `train` asks for one), and sums are rounded in another order, the
# networks come out a little different, and so does the list.
#
# ## Newer, and better?

# %%
years = table.index.get_level_values("year").to_numpy()
correlation = {
    kind: float(spearmanr(years, table[kind, "mean"]).statistic) for kind in ("near", "textures")
}
# Of each label: whether it stands right of its point, and whether below.
named = {
    "msp": (True, True),
    "gradnorm": (False, False),
    "ash": (True, False),
    "vim": (True, False),
}
figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), sharex=True)
for axis, (kind, value) in zip(axes, correlation.items(), strict=True):
    points = table[kind].reset_index().sort_values(["year", "mean"])
    # Detectors of one year stand side by side, the best on the right.
    points["x"] = points.year + 0.13 * (
        points.groupby("year").cumcount() - points.groupby("year").year.transform("size") / 2
    )
    axis.errorbar(points.x, points["mean"], yerr=points.sd, fmt="o", markersize=5)
    for point in points[points.detector.isin(named)].itertuples():
        right, down = named[point.detector]
        axis.annotate(
            point.title,
            (point.x, point.mean),
            textcoords="offset points",
            xytext=(6 if right else -6, -14 if down else -3),
            ha="left" if right else "right",
            fontsize=9,
        )
    axis.set_title(f"{kind}: rank correlation {value:+.2f}", loc="left")
    axis.set_xlabel("year of publication")
    axis.set_xlim(2015.2, 2024.2)
axes[0].set_ylabel("AUROC in percent")
plt.show()

# %% [markdown]
# *What to see: whether the points climb to the right.* The figure's titles give the rank correlation
# between year and AUROC: +1 would mean that every newer detector is better.
#
# This is no proof that a paper was wrong. Each was shown to be better on *its* networks, of hundreds
# or thousands of features and classes, with settings chosen there. The figure says that such a
# claim does not carry over by itself. What does? Here are cited numbers beside ours, in columns of their own: the images
# differ, so only the order within a column can be compared.

# %%
from internlab.ood.protocol.published import beside, load_published

benchmark = "OpenOOD v1.5 CIFAR-10, near"
ours = {name: float(mean) for (name, _, _), mean in table["near", "mean"].items()}
both = beside(ours, "unknown digits, AUROC %", {benchmark: "AUROC"}, only_ours=True)
columns = both.columns[1:3]
cited = both[(both[columns[0]] != "") & (both[columns[1]] != "")]
cited = cited.sort_values(columns[0], ascending=False)
order = spearmanr(cited[columns[0]].astype(float), cited[columns[1]].astype(float)).statistic
published = load_published().query("benchmark == @benchmark and detector != ''")
cited_years = [DETECTORS[name].year for name in published.detector]
print(f"rank correlation of the cited order with ours:  {order:+.2f}")
print(
    f"of the cited order with the year:               {spearmanr(published.percent, cited_years)[0]:+.2f}"
)
ui.table(
    cited,
    caption="Cited: OpenOOD v1.5 (Zhang et al., arXiv 2306.09301), a ResNet-18 on CIFAR-10, mean of "
    "three checkpoints.",
)

# %% [markdown]
# What you just measured on a laptop is a better guide to that benchmark than the dates on the papers.
# Measuring many detectors on equal terms is slow work of little glory, and it is what an open baseline
# is for: the reference that everybody can run is the one that everybody is compared with.

# %% [markdown]
# ## Close the note

# %%
near_sd = float(table["near", "sd"].median()) / 100
msp = table.xs("msp", level="detector").iloc[0]
far = np.mean([msp[kind, "mean"] for kind in kinds if kind != "near"])
note.close(
    {
        "msp_auroc_near": msp["near", "mean"] / 100,
        "msp_far_minus_near": (far - msp["near", "mean"]) / 100,
        "year_rank_correlation_near": correlation["near"],
        "median_sd_over_seeds_near": near_sd,
    },
    learned="On near outliers most detectors lie so close to MSP that the seed decides; a few are "
    "ahead or behind for every seed. Far outliers split them by what they read: distances to what was "
    "seen stay high, evidence for a class does not. The year says nothing.",
    ask="Which outliers does the user have to fear, near or far ones? And what if every pixel asks?",
)
note

# %% [markdown]
# ## At full scale
#
# On images of the usual size the code stays as it is: run your network once, keep logits and pooled
# features, pass them as `Outputs`. `Head(model.fc.weight, model.fc.bias)` is all that ViM, ReAct,
# DICE and ASH need besides. kNN keeps a bank of features: with a million images of 2,048 features
# that is 8 GB in float32, so keep a sample. `internlab.data.ood_folders` reads the image lists of
# OpenOOD if you have its data; nothing here fetches them. Every score above but the
# ensemble's is compared with pytorch-ood's, on the same features, by `make claims TRACK=ood`. ASH
# was published for the feature map before the global average; there it ranks differently, so say
# where you apply it.
#
# **Next.** Do lab 30 (`labs/30_scores.ipynb`). Then lesson 31 puts a dog on the road.
