# ---
# title: A baseline worth searching from
# minutes: 60
# passages: [sia-hpo, sia-spacenet7-segmentation]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 20 · A baseline worth searching from
#
# *60 minutes. You need: lesson 00; lesson 10 if PyTorch Lightning is new to you.*
#
# After this lesson you can
#
# - split satellite tiles by area, and say why a random split of tiles would flatter you,
# - measure a segmentation (영상 분할) with intersection over union, and say over what it was averaged,
# - build an augmentation pipeline in which image and mask move together, and find one that does not,
# - report a baseline with its spread over seeds, and test one idea against it, paired.
#
# This is the first of three lessons about one job: an intern automated the hunt for hyperparameters
# (하이퍼파라미터), because people repeated run after run by hand. Before a search can be trusted, what
# it maximises has to be right. That is this lesson.

# %%
from internlab import passages

passages.card("sia-hpo", "sia-spacenet7-segmentation")

# %% [markdown]
# ## Configuration

# %%
import matplotlib.pyplot as plt
import numpy as np

from internlab import claims, notes, tier
from internlab import notebook_ui as ui

TIER = tier.current()
SEEDS = tier.pick(smoke=(0, 1), cpu=(0, 1, 2))
EPOCHS = tier.pick(smoke=2, cpu=16)
TRAIN_TILES = tier.pick(smoke=48, cpu=240)
tier.one_thread()
ui.style()
print(f"tier {TIER}, seeds {SEEDS}, {EPOCHS} epochs on {TRAIN_TILES} tiles")

# %% [markdown]
# ## What do you expect?
#
# A network is trained on tiles of one climate and tested on areas of two others. The settings are
# the ones that everybody starts with: learning rate 0.001, no augmentation. Write down, in numbers,
# how well that should go abroad, how much the seed should matter, and what one idea could change.

# %%
note = notes.open(
    question="How good is the default abroad, how sure is that, and does colour augmentation help?",
    hypothesis="The network learns the colours of home. Abroad it should lose a good part of its "
    "IoU. Shaking the colours during training should win most of that back, for every seed.",
    expect=[
        notes.Expect("default_test_iou", ">=", 0.25),
        notes.Expect("default_spread_over_seeds", "<=", 0.1),
        notes.Expect("lost_abroad_iou", ">=", 0.1),
        claims.expectation("hpo", "colour-augmentation", "worst_seed_colour_ratio"),
    ],
    seed=SEEDS[0],
    slug="20-baseline",
)
note

# %% [markdown]
# ## The tiles
#
# The intern's data were Planet satellite images of the SpaceNet 7 challenge: about four metres a
# pixel, so that a house is two or three pixels wide. Here the tiles are drawn, with the same look and
# a right answer that is known exactly. (Section *At full scale* opens the real ones.)

# %%
from internlab.data import buildings

tiles = {name: buildings.building_tiles(name) for name in ("train", "validation", "test")}
buildings.CARD

# %%


def outlined(image, mask, zoom=4):
    """Return the image enlarged, with the border of the mask as a thin yellow line."""
    image, inside = (np.repeat(np.repeat(each, zoom, 0), zoom, 1) for each in (image, mask > 0))
    core = inside.copy()
    for axis in (0, 1):
        core &= np.roll(inside, 1, axis) & np.roll(inside, -1, axis)
    return np.where((inside & ~core)[..., None], np.array([255, 230, 0], np.uint8), image)


def built_tile(split, area):
    """Return the number of the first tile of an area with a fair number of houses."""
    return int(np.flatnonzero((split.areas == area) & (split.masks.mean((1, 2)) > 0.06))[0])


shown = [("train", "temperate-1"), ("train", "temperate-2"), ("test", "dry-11"), ("test", "wet-11")]
chosen = [(name, tiles[split], built_tile(tiles[split], name)) for split, name in shown]
ui.images(
    [split.images[i] for _, split, i in chosen]
    + [outlined(split.images[i], split.masks[i]) for _, split, i in chosen],
    [name for name, _, _ in chosen] + ["with its mask"] * len(chosen),
    columns=4,
)

# %% [markdown]
# *What to see: at home (temperate) roofs are red on green. In the dry area they are pale or blue on
# sand, in the wet one blue on dark ground. A house keeps its shape, its shadow and its rows along the
# road. The yellow outlines are the masks.*
#
# ## Split by area
#
# A tile's neighbour shows the same soil, the same roofs, the same light of the same day. If tiles are
# dealt out at random, the neighbours of every test tile are in training, and the test asks whether
# the network remembers the place. So an **area** lies wholly on one side, and the test areas are of
# another climate than the training areas: that is the question a user has.

# %%
ui.table(
    [
        {
            "split": name,
            "areas": ", ".join(sorted(set(split.areas.tolist()))),
            "tiles": len(split),
            "pixels that are building": split.masks.mean(),
            "tiles without a building": int((split.masks.sum((1, 2)) == 0).sum()),
        }
        for name, split in tiles.items()
    ],
    caption="No area is in two splits. Validation is of the test's climates, in other areas.",
)

# %% [markdown]
# **Validation (검증) should ask what the test asks.** It holds a dry and a wet area, though not those
# of the test. Had it been one more temperate area, every choice made on it would have been a choice
# for home. Lesson 21 measures what that costs.
#
# ## The measure
#
# How good is a network that finds no building at all?

# %%
from internlab.hpo.training.metrics import AreaCounts, iou, iou_per_image

truth = tiles["test"].masks
nothing = np.zeros_like(truth)
print(f"accuracy of the empty answer: {(truth == nothing).mean():.3f}")
print(f"IoU of the empty answer:      {iou(truth, nothing):.3f}")

# %% [markdown]
# Accuracy praises the empty answer, because nearly everything is ground. **Intersection over union**
# (IoU, 교집합 대비 합집합) divides the pixels that are building in truth *and* prediction by those
# that are building in truth *or* prediction. Ground that both call ground does not count.

# %%
ui.show_source(iou)

# %% [markdown]
# Over what is it averaged? Three answers are common, and papers do not always say which they took.
# The next cell moves every mask by one pixel and asks all three.

# %%
moved = np.roll(truth, 1, axis=2)
counts = AreaCounts.empty()
counts.add(tiles["test"].areas, truth, moved)
each = iou_per_image(truth, moved)
ui.table(
    [
        {"average": "mean over images", "IoU": np.nanmean(each)},
        {"average": "mean over areas (used here)", "IoU": counts.mean()},
        {"average": "over all pixels at once", "IoU": counts.pooled()},
        {"average": "mean over images, an empty tile counted as 0", "IoU": np.nan_to_num(each).mean()},
    ],
    caption="The same prediction, every mask moved one pixel to the right.",
)

# %% [markdown]
# One pixel costs that much IoU: at this scale a house is mostly border. The first three averages
# lie close together, because drawn areas are built up alike; with a city beside a desert they would
# not. The last one is a mistake that is easy to make. A tile in which truth and prediction are both
# empty has no IoU, and counting it as 0 punishes the right answer. The kit adds up pixels within an
# **area** and averages over areas, so that every area counts the same and no tile decides alone.
#
# ## The network and its training
#
# A U-Net looks at the tile at three scales and carries fine detail across. Two choices suit small
# images on a CPU. The stem lays each block of 2 x 2 pixels out as channels, so that the convolutions
# work on a quarter of the pixels without losing any. And group normalisation needs no running
# statistics, which lag behind when an epoch has only a dozen steps.

# %%
from internlab.hpo.training.segmentation import Segmenter, mean_area_iou, predict
from internlab.hpo.training.unet import UNet

ui.show_source(UNet.forward)

# %% [markdown]
# Lightning asks for the learning side: the loss of a batch and the optimiser. The loss mixes binary
# cross-entropy, which judges every pixel alone, with Dice loss, which judges the overlap. How much of
# each is a hyperparameter, like the learning rate and the width.

# %%
ui.show_source(Segmenter.training_step)

# %% [markdown]
# ## Augmentation, and a pipeline that is broken
#
# **Augmentation** (데이터 증강) changes the picture and keeps what it means. A change of geometry moves
# image *and* mask; a change of colour leaves the mask alone. Albumentations does both in one call.
# Below are two ways to call it. One of them is wrong and trains without an error.

# %%
from internlab.hpo.training.augment import pipeline


def way_a(image, mask, seed, colour=0.6):
    steps = pipeline(colour, "d4")
    steps.set_random_seed(seed)
    return steps(image=image)["image"], mask


def way_b(image, mask, seed, colour=0.6):
    steps = pipeline(colour, "d4")
    steps.set_random_seed(seed)
    changed = steps(image=image, mask=mask)
    return changed["image"], changed["mask"]


example = built_tile(tiles["train"], "temperate-3")
image, mask = tiles["train"].images[example], tiles["train"].masks[example]
pairs = [way(image, mask, seed) for way in (way_a, way_b) for seed in (3, 4)]
ui.images(
    [outlined(*pair) for pair in pairs],
    [f"way {way}, draw {k}" for way in "AB" for k in (1, 2)],
    columns=2,
    zoom=0.9,
)

# %% [markdown]
# *What to see: in the upper row the outlines stay where they were while the houses turn; in the lower
# row they turn with the houses.* Way A hands over only the image, and the mask never hears of the
# turn. No error, no warning: even the loss falls, towards a network that expects houses anywhere.
#
# A picture shows it once. A test shows it for every draw: paint the mask into an image, send both
# through without a change of colour, and compare the mask with what is painted.

# %%


def moves_together(way, draws=20):
    painted = np.repeat(255 * mask[..., None], 3, axis=2)
    changed = [way(painted, mask, seed, colour=0.0) for seed in range(draws)]
    return all(np.array_equal(image[..., 0] // 255, found) for image, found in changed)


for name, way in (("A", way_a), ("B", way_b)):
    print(f"way {name} moves image and mask together in every draw: {moves_together(way)}")

# %% [markdown]
# What does the mistake cost? Two short trainings answer, equal in everything else. The wrong way is
# made for one look only, so it lives here and not in the library.

# %%
from internlab.hpo.training.objective import fit
from internlab.hpo.training.tiles import BuildingTiles, TileDataset

DEFAULT = {"lr": 1e-3, "weight_decay": 1e-2, "width": 12, "dice": 0.0}


class MaskLeftBehind(TileDataset):
    """Way A as a data set."""

    def __getitem__(self, number):
        turned, _ = super().__getitem__(number)
        straight = self.tiles.masks[number]
        return turned, turned.new_tensor(straight[None])


def train(seed, settings=DEFAULT, dataset=TileDataset, **augmentation):
    """Train once; return the network and what it measured after each epoch."""
    data = BuildingTiles(
        tiles["train"].thinned(TRAIN_TILES), tiles["validation"], seed=seed, **augmentation
    )
    data.train = dataset(data.train.tiles, data.train.augment)
    curve = []
    module = fit(
        data,
        settings,
        epochs=EPOCHS,
        seed=seed,
        after_epoch=lambda trainer, module: curve.append(module.metrics),
    )
    return module.network, curve


for name, dataset in (("mask left behind", MaskLeftBehind), ("together", TileDataset)):
    _, curve = train(SEEDS[0], dataset=dataset, geometry="d4")
    last = curve[-1]
    print(
        f"{name:17} loss {curve[0]['train_loss']:.3f} to {last['train_loss']:.3f}, "
        f"validation IoU {last['validation_iou']:.3f}"
    )

# %% [markdown]
# Both losses fall, and a loss alone has no scale to judge it by. The validation, which nobody
# augments, tells the two apart.
#
# ## The baseline
#
# Now the default, once for each seed. The seed decides the first weights, the order of the tiles and
# the draws of the augmentation. (Some seconds for each seed on a laptop.)

# %%
baseline = {seed: train(seed) for seed in SEEDS}

figure, axis = plt.subplots()
epochs = np.arange(1, EPOCHS + 1)
for seed, (_, curve) in baseline.items():
    axis.plot(epochs, [row["validation_iou"] for row in curve], label=f"seed {seed}")
axis.set_xlabel("epoch")
axis.set_ylabel("validation IoU (1 is perfect)")
axis.set_ylim(bottom=0)
axis.legend()
axis.set_title("The default on validation, after each epoch", loc="left")
plt.show()

# %% [markdown]
# *What to see: curves that rise, and jump by several hundredths from one epoch to the next. Whoever
# reports the highest point of a curve reports luck.* The kit reports the **last epoch**, which is fixed
# before anything runs. Choosing the epoch on validation would be fair as well; choosing it on the test
# would not.
#
# Nothing is left to choose, so the test may be opened. As a yardstick there is also home: a
# temperate area that training has never seen.

# %%
home = buildings.building_tiles("mild")
scores = [
    {
        "seed": seed,
        "home (temperate-4)": mean_area_iou(network, home),
        "validation": curve[-1]["validation_iou"],
        "test": mean_area_iou(network, tiles["test"]),
    }
    for seed, (network, curve) in baseline.items()
]
ui.table(scores, caption="IoU of the default, mean over areas, after the last epoch.")

# %% [markdown]
# ## One number is not enough
#
# A mean of three seeds is itself uncertain. With n runs and a standard deviation s between them, the
# mean lies within t · s / √n of the true one in 95 of 100 cases; for n = 3 the factor t is above 4.

# %%
from scipy.stats import t as student

test = np.array([row["test"] for row in scores])
spread = test.std(ddof=1)
reach = student.ppf(0.975, len(test) - 1) * spread / np.sqrt(len(test))
lost_abroad = np.mean([row["home (temperate-4)"] - row["test"] for row in scores])
print(f"test IoU {test.mean():.3f}, standard deviation {spread:.3f} over {len(test)} seeds")
print(f"95 % interval of the mean: {test.mean() - reach:.3f} to {test.mean() + reach:.3f}")
print(f"lost abroad: {lost_abroad:.3f}")

# %% [markdown]
# The interval is wide enough to hold many a published improvement. It says how large a difference has
# to be before three seeds can show it, and it is the reason why ideas are compared **paired** (대응
# 비교): same seed, same order of tiles, one thing changed.
#
# ## The gap has a cause
#
# Home and abroad differ in ground, roofs and light, not in the shape of houses. So look at what the
# network does abroad.

# %%
network = baseline[SEEDS[0]][0]
found = predict(network, tiles["test"])
test_tiles = tiles["test"]
first = [built_tile(test_tiles, name) for name in ("dry-11", "wet-11")]
ui.images(
    [
        each
        for i in first
        for each in (
            test_tiles.images[i],
            outlined(test_tiles.images[i], test_tiles.masks[i]),
            outlined(test_tiles.images[i], found[i]),
        )
    ],
    ["dry-11", "truth", "found", "wet-11", "truth", "found"],
    columns=3,
)

# %% [markdown]
# *What to see: which houses are outlined on the right, and of which colour they are.* At home, red
# means roof and green means ground, and a network takes the easiest cue that works.
#
# ## One idea: take the cue away
#
# If colours are shaken at random during training, they no longer tell, and shape, shadow and rows are
# what remains. The learning rate of the default is low for so few steps; both arms get the settings a
# practised hand would try, so that the comparison is not decided by a bad default.

# %%
from internlab.hpo.analysis.record_curves import BY_HAND

BETTER = {name: BY_HAND[name] for name in DEFAULT}
arms = {
    name: {seed: train(seed, BETTER, colour=colour)[0] for seed in SEEDS}
    for name, colour in (("colour left alone", 0.0), ("colour shaken", 0.6))
}
abroad = {
    name: np.array([mean_area_iou(arm[seed], tiles["test"]) for seed in SEEDS])
    for name, arm in arms.items()
}
at_home = {
    name: np.array([mean_area_iou(arm[seed], home) for seed in SEEDS]) for name, arm in arms.items()
}

# %%
figure, axes = plt.subplots(1, 2, sharey=True)
for axis, values, title in zip(axes, (at_home, abroad), ("home", "abroad (test)"), strict=True):
    pairs = np.stack(list(values.values()))
    axis.plot([0, 1], pairs, "o-", color=ui.COLOURS["network"], alpha=0.7)
    axis.set_xticks([0, 1], ["left alone", "shaken"])
    axis.set_xlim(-0.3, 1.3)
    axis.set_xlabel("colour in training")
    axis.set_title(title, loc="left")
axes[0].axhline(test.mean(), color=ui.COLOURS["grey"], linestyle=":")
axes[1].axhline(test.mean(), color=ui.COLOURS["grey"], linestyle=":", label="default, abroad")
axes[0].set_ylabel("IoU (one line a seed)")
axes[0].set_ylim(bottom=0)
axes[1].legend(loc="lower right")
plt.show()

# %% [markdown]
# *What to see: each line, abroad and at home.* The same change can win abroad and lose at home. A
# validation split at home would then have turned the better network down.

# %%
# The floor is for the smoke tier, whose networks may find nothing at all.
ratios = abroad["colour shaken"] / np.maximum(abroad["colour left alone"], 0.001)
ui.table(
    [
        {"seed": seed, **{name: values[k] for name, values in abroad.items()}, "ratio": ratios[k]}
        for k, seed in enumerate(SEEDS)
    ],
    caption="Test IoU with colour augmentation and without, paired by seed.",
)

# %% [markdown]
# ## Close the note

# %%
note.close(
    {
        "default_test_iou": test.mean(),
        "default_spread_over_seeds": spread,
        "lost_abroad_iou": lost_abroad,
        "worst_seed_colour_ratio": ratios.min(),
    },
    learned="The default leaves much of its IoU at home, and its seeds lie far apart. Colour "
    "augmentation answers the cause of the gap, and a paired comparison shows it for each seed.",
    ask="Strength of augmentation, learning rate, width, loss: which of them together, and who "
    "tries them all?",
)
note

# %% [markdown]
# ## At full scale
#
# Buildings appear over time, and SpaceNet 7 asks when. The drawn areas can grow too: one place, month
# by month, with a mask for each.

# %%
from internlab.data.satellite import draw_series

months, masks = draw_series(buildings.area("dry-31"), np.random.default_rng(8), months=24)
ui.images(
    [outlined(months[m], masks[m]) for m in (0, 11, 23)],
    [f"month {m + 1}" for m in (0, 11, 23)],
    columns=3,
)

# %% [markdown]
# *What to see: the place stays, the light changes from month to month, and outlines are added.*
#
# The real data set is an archive of about 9 GB, which nothing here fetches.
# If you have it, `internlab.data.spacenet7` opens it in its published layout: a monthly image and its
# mask as the arrays that this lesson used, and a split by area.
#
# On a GPU the same lesson trains in seconds, and a width of 64 with whole images of 1024 pixels is the
# usual size. What does not change is the order of work: split, measure, baseline with its spread, one
# idea against it.
#
# **Next.** Do lab 20 (`labs/20_baseline.ipynb`). Then lesson 21 hands the hunting over to a program.
