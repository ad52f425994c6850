# ---
# title: Baseline (lab)
# minutes: 60
# passages: [sia-hpo, sia-spacenet7-segmentation]
# smoke_seconds: 10
# ---
# %% [markdown]
# # Lab 20 · Baseline
#
# *60 minutes. You need: [lesson 20](../notebooks/20_baseline.ipynb).*
#
# A search compares thousands of numbers, so a fault in how one is measured is copied thousands of times.
# You write what every later number rests on: IoU of an image and of an area, an augmentation that keeps
# label and image together, a split that hides the test, a normalisation that does not leak, and the
# score you may report. At the end you settle a dispute about colour augmentation. Nothing here trains a
# network. Replace each `...`, run the cell, and read the line that `check()` prints. The exercises do
# not depend on each other.

# %%
import numpy as np

from internlab import notebook_ui as ui
from internlab import passages
from internlab.hpo.exercises.baseline import check, hint

ui.style()
passages.card("sia-hpo", "sia-spacenet7-segmentation")

# %% [markdown]
# ## 1 · IoU of one image
#
# Write the intersection over union (IoU, 교집합 대비 합집합) of two masks: the pixels that are building in
# both, divided by the pixels that are building in at least one.
#
# `mask` was read from a PNG file: an array (height, width) of uint8, 0 for background and 255 for
# building. `predicted` is an array of bool of the same shape. Where both are empty there is nothing to
# be measured: return NaN, so that an average can leave the image out.


# %%
def iou(mask, predicted):
    ### BEGIN SOLUTION
    truth = mask > 0
    both = np.sum(truth & predicted)
    either = np.sum(truth | predicted)
    return both / either if either else np.nan
    ### END SOLUTION


check("iou", iou)

# %%
# hint("iou", 1)


# %% tags=["wrong"]
# says: this one came from a PNG
def iou(mask, predicted):
    both = np.sum(mask & predicted)
    either = np.sum(mask | predicted)
    return both / either if either else np.nan


check("iou", iou)


# %% tags=["wrong"]
# says: which pixels should not count
def iou(mask, predicted):
    return np.mean((mask > 0) == predicted)


check("iou", iou)


# %% tags=["wrong"]
# says: the Dice coefficient
def iou(mask, predicted):
    truth = mask > 0
    return 2 * np.sum(truth & predicted) / (truth.sum() + predicted.sum())


check("iou", iou)


# %% tags=["wrong"]
# says: where do pixels that were called building by mistake count
def iou(mask, predicted):
    truth = mask > 0
    return np.sum(truth & predicted) / truth.sum()


check("iou", iou)


# %% tags=["wrong"]
# says: why should that cost it
def iou(mask, predicted):
    truth = mask > 0
    either = np.sum(truth | predicted)
    return np.sum(truth & predicted) / either if either else 0.0


check("iou", iou)


# %% tags=["wrong"]
# says: did the network find any building there
def iou(mask, predicted):
    truth = mask > 0
    small = 1e-7
    return (np.sum(truth & predicted) + small) / (np.sum(truth | predicted) + small)


check("iou", iou)


# %% tags=["wrong"]
# says: expected one number
def iou(mask, predicted):
    return (mask > 0) & predicted


check("iou", iou)


# %% tags=["alternative"]
def iou(mask, predicted):
    truth = (mask // 255).astype(int)
    both = int((truth * predicted).sum())
    union = int(truth.sum()) + int(predicted.sum()) - both
    return float("nan") if union == 0 else both / union


check("iou", iou)


# %% tags=["alternative"]
def iou(mask, predicted):
    from sklearn.metrics import jaccard_score

    if not mask.any() and not predicted.any():
        return np.nan
    return jaccard_score((mask == 255).ravel(), predicted.ravel())


check("iou", iou)

# %% [markdown]
# ## 2 · IoU of an area
#
# The tiles arrive in batches, and tiles of an area are spread over them. A batch is a tuple
# `(areas, masks, predicted)`: a list of area names, and two bool arrays (tiles, height, width). Return a
# dictionary from area to its IoU over *all* of its pixels, as if its tiles were one large image.
#
# ```python
# area_iou([(["hill", "port"], masks_a, predicted_a), (["port"], masks_b, predicted_b)])
# # {"hill": 0.41, "port": 0.57}
# ```


# %%
def area_iou(batches):
    ### BEGIN SOLUTION
    inside, around = {}, {}
    for areas, masks, predicted in batches:
        for area, mask, guess in zip(areas, masks, predicted):
            inside[area] = inside.get(area, 0) + np.sum(mask & guess)
            around[area] = around.get(area, 0) + np.sum(mask | guess)
    return {area: inside[area] / around[area] for area in inside}
    ### END SOLUTION


check("areas", area_iou)

# %%
# hint("areas", 1)


# %% tags=["wrong"]
# says: a tile with one small building weighs as much as a full one
def area_iou(batches):
    found = {}
    for areas, masks, predicted in batches:
        for area, mask, guess in zip(areas, masks, predicted):
            if np.any(mask | guess):
                found.setdefault(area, []).append(np.sum(mask & guess) / np.sum(mask | guess))
    return {area: np.mean(values) for area, values in found.items()}


check("areas", area_iou)


# %% tags=["wrong"]
# says: it depends on how tiles fell into batches
def area_iou(batches):
    found = {}
    for areas, masks, predicted in batches:
        for area in set(areas):
            here = np.array(areas) == area
            both, either = masks[here] & predicted[here], masks[here] | predicted[here]
            if either.any():
                found.setdefault(area, []).append(both.sum() / either.sum())
    return {area: np.mean(values) for area, values in found.items()}


check("areas", area_iou)


# %% tags=["wrong"]
# says: is the IoU of a single batch
def area_iou(batches):
    found = {}
    for areas, masks, predicted in batches:
        for area in set(areas):
            here = np.array(areas) == area
            either = np.sum(masks[here] | predicted[here])
            if either:
                found[area] = np.sum(masks[here] & predicted[here]) / either
    return found


check("areas", area_iou)


# %% tags=["wrong"]
# says: how would a reader see that one area failed
def area_iou(batches):
    both = sum(np.sum(masks & predicted) for _, masks, predicted in batches)
    either = sum(np.sum(masks | predicted) for _, masks, predicted in batches)
    return both / either


check("areas", area_iou)


# %% tags=["wrong"]
# says: what does that tile add to the counts
def area_iou(batches):
    found = {}
    for areas, masks, predicted in batches:
        for area, mask, guess in zip(areas, masks, predicted):
            with np.errstate(invalid="ignore"):
                found.setdefault(area, []).append(np.sum(mask & guess) / np.sum(mask | guess))
    return {area: np.mean(values) for area, values in found.items()}


check("areas", area_iou)


# %% tags=["alternative"]
def area_iou(batches):
    areas = np.concatenate([batch[0] for batch in batches])
    masks = np.concatenate([batch[1] for batch in batches])
    predicted = np.concatenate([batch[2] for batch in batches])
    both = (masks & predicted).sum(axis=(1, 2))
    either = (masks | predicted).sum(axis=(1, 2))
    return {
        name: both[areas == name].sum() / either[areas == name].sum() for name in np.unique(areas)
    }


check("areas", area_iou)


# %% tags=["alternative"]
def area_iou(batches):
    import pandas as pd

    counts = pd.DataFrame(
        [
            (area, (mask & guess).sum(), (mask | guess).sum())
            for batch in batches
            for area, mask, guess in zip(*batch)
        ],
        columns=["area", "inside", "around"],
    )
    total = counts.groupby("area").sum()
    return total["inside"] / total["around"]


check("areas", area_iou)

# %% [markdown]
# ## 3 · Mend an augmentation
#
# A colleague wrote the function below and trained with it for a week. The loss went down, the IoU did
# not come up.


# %%
def colleagues_augment(image, mask, rng):
    if rng.random() < 0.5:
        image = image[:, ::-1]
    brightness = rng.uniform(0.7, 1.3)
    return (image * brightness).astype(int).astype(np.uint8), mask


# %% [markdown]
# Look at four draws. A frame is drawn where the mask says that a building is.

# %%
from scipy.ndimage import binary_dilation

from internlab.data import buildings
from internlab.data.satellite import draw_tile

image, mask = draw_tile(buildings.area("dry-21"), np.random.default_rng(0), pixels=40)


def framed(image, mask):
    frame = binary_dilation(mask, iterations=2) & ~binary_dilation(mask)
    return np.where(frame[..., None], np.uint8([230, 60, 160]), image)


draws = [colleagues_augment(image, mask, np.random.default_rng(seed)) for seed in range(4)]
ui.images([framed(*draw) for draw in draws], [f"draw {number}" for number in range(4)])

# %% [markdown]
# *What to see: in draws 2 and 3 the frames hold no houses, and in draw 1 bright ground has turned green
# and blue.* These are two faults. Write the function anew: with probability one half it mirrors left and
# right, and it multiplies the brightness by a factor drawn from 0.7 to 1.3. `image` is uint8
# (height, width, 3), `mask` is uint8 (height, width) with 0 and 1; return both, of the same shapes and
# types.


# %%
def augment(image, mask, rng):
    ### BEGIN SOLUTION
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    brightness = rng.uniform(0.7, 1.3)
    image = np.clip(image * brightness, 0, 255).astype(np.uint8)
    return image, mask
    ### END SOLUTION


check("augment", augment)

# %%
# hint("augment", 1)


# %% tags=["wrong"]
# says: a building that the label has on the other side
def augment(image, mask, rng):
    if rng.random() < 0.5:
        image = image[:, ::-1]
    brightness = rng.uniform(0.7, 1.3)
    return np.clip(image * brightness, 0, 255).astype(np.uint8), mask


check("augment", augment)


# %% tags=["wrong"]
# says: how often do you ask the generator
def augment(image, mask, rng):
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if rng.random() < 0.5:
        mask = mask[:, ::-1]
    brightness = rng.uniform(0.7, 1.3)
    return np.clip(image * brightness, 0, 255).astype(np.uint8), mask


check("augment", augment)


# %% tags=["wrong"]
# says: which steps concern the image alone
def augment(image, mask, rng):
    both = np.dstack([image, mask])
    if rng.random() < 0.5:
        both = both[:, ::-1]
    both = both * rng.uniform(0.7, 1.3)
    return np.clip(both[..., :3], 0, 255).astype(np.uint8), both[..., 3]


check("augment", augment)


# %% tags=["wrong"]
# says: what does uint8 do with a number above 255
def augment(image, mask, rng):
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    return (image * rng.uniform(0.7, 1.3)).astype(int).astype(np.uint8), mask


check("augment", augment)


# %% tags=["wrong"]
# says: along another axis
def augment(image, mask, rng):
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[::-1]
    return np.clip(image * rng.uniform(0.7, 1.3), 0, 255).astype(np.uint8), mask


check("augment", augment)


# %% tags=["wrong"]
# says: red and blue have changed places
def augment(image, mask, rng):
    if rng.random() < 0.5:
        image, mask = np.flip(image), np.flip(mask)
    return np.clip(image * rng.uniform(0.7, 1.3), 0, 255).astype(np.uint8), mask


check("augment", augment)


# %% tags=["wrong"]
# says: do all draws come from `rng`
def augment(image, mask, rng):
    if np.random.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    return np.clip(image * np.random.uniform(0.7, 1.3), 0, 255).astype(np.uint8), mask


check("augment", augment)


# %% tags=["wrong"]
# says: was the step lost
def augment(image, mask, rng):
    if rng.random() < 0.5:
        return image[:, ::-1], mask[:, ::-1]
    return image, mask


check("augment", augment)


# %% tags=["wrong"]
# says: what is the last step of the brightness
def augment(image, mask, rng):
    if rng.random() < 0.5:
        image, mask = image[:, ::-1], mask[:, ::-1]
    return np.clip(image * rng.uniform(0.7, 1.3), 0, 255), mask


check("augment", augment)


# %% tags=["alternative"]
def augment(image, mask, rng):
    factor = rng.uniform(0.7, 1.3)
    mirrored = bool(rng.integers(2))
    image = np.minimum(image.astype(float) * factor, 255).round().astype("uint8")
    return (np.fliplr(image), np.fliplr(mask)) if mirrored else (image, mask)


check("augment", augment)


# %% tags=["alternative"]
def augment(image, mask, rng):
    import albumentations as A

    steps = [A.HorizontalFlip(p=0.5), A.MultiplicativeNoise((0.7, 1.3), p=1)]
    pipeline = A.Compose(steps, seed=int(rng.integers(2**31)))
    moved = pipeline(image=image, mask=mask)
    return moved["image"], moved["mask"]


check("augment", augment)

# %% [markdown]
# ## 4 · Split by area
#
# Neighbouring tiles share soil, roofs and light. A test on neighbours of the training tiles says little
# about a new place. `areas` holds the area of each tile, for example
# `["hill", "hill", "port", "town", "town", ...]`: ten areas in this order, with six to fourteen
# tiles each. Return three arrays of tile positions, for training, validation and test, so that
#
# - no area is on two sides, and every tile is on one;
# - training gets at least half of the areas, the other two at least one each.
#
# Which area goes where is up to you. `rng` is a NumPy generator, should you want one.


# %%
def split(areas, rng):
    ### BEGIN SOLUTION
    names = rng.permutation(np.unique(areas))
    sides = np.split(names, [6, 8])
    training, validation, test = (np.flatnonzero(np.isin(areas, side)) for side in sides)
    return training, validation, test
    ### END SOLUTION


check("split", split)

# %%
# hint("split", 1)


# %% tags=["wrong"]
# says: when its neighbours were trained on
def split(areas, rng):
    tiles = rng.permutation(len(areas))
    return np.split(tiles, [int(0.6 * len(areas)), int(0.8 * len(areas))])


check("split", split)


# %% tags=["wrong"]
# says: where may a cut lie
def split(areas, rng):
    # Neighbours stay together, all but those at the cut.
    tiles, first = np.arange(len(areas)), np.flatnonzero(np.array(areas) == areas[-1])[0]
    return tiles[: first - 20], tiles[first - 20 : first + 3], tiles[first + 3 :]


check("split", split)


# %% tags=["wrong"]
# says: why should they be thrown away
def split(areas, rng):
    sides = np.split(np.unique(areas), [6, 8])
    equally_many = [[np.flatnonzero(areas == name)[:6] for name in side] for side in sides]
    return [np.concatenate(side) for side in equally_many]


check("split", split)


# %% tags=["wrong"]
# says: what would its score say, when it was chosen on
def split(areas, rng):
    held_out = np.flatnonzero(np.isin(areas, np.unique(areas)[:3]))
    training = np.setdiff1d(np.arange(len(areas)), held_out)
    return training, held_out, held_out


check("split", split)


# %% tags=["wrong"]
# says: on which one do you choose, and on which one do you report
def split(areas, rng):
    test = np.flatnonzero(np.isin(areas, np.unique(areas)[:2]))
    return np.setdiff1d(np.arange(len(areas)), test), test


check("split", split)


# %% tags=["wrong"]
# says: expected positions of tiles
def split(areas, rng):
    names = rng.permutation(np.unique(areas))
    return names[:6], names[6:8], names[8:]


check("split", split)


# %% tags=["wrong"]
# says: what is left to learn from
def split(areas, rng):
    names = np.unique(areas)
    return [np.flatnonzero(np.isin(areas, side)) for side in (names[:4], names[4:7], names[7:])]


check("split", split)


# %% tags=["alternative"]
def split(areas, rng):
    from sklearn.model_selection import GroupShuffleSplit

    tiles = np.arange(len(areas))
    first = GroupShuffleSplit(1, train_size=0.6, random_state=0)
    training, rest = next(first.split(tiles, groups=areas))
    second = GroupShuffleSplit(1, train_size=0.5, random_state=0)
    validation, test = next(second.split(rest, groups=areas[rest]))
    return training, rest[validation], rest[test]


check("split", split)


# %% tags=["alternative"]
def split(areas, rng):
    names = sorted(set(areas))
    side = {name: 0 if k < 6 else 1 if k < 8 else 2 for k, name in enumerate(names)}
    parts = {"training": [], "validation": [], "test": []}
    for tile, name in enumerate(areas):
        list(parts.values())[side[name]].append(tile)
    return parts


check("split", split)

# %% [markdown]
# ## 5 · Normalise without a leak
#
# Networks train best on inputs with mean 0 and standard deviation 1. `images` is an array
# (tiles, height, width, 3) of uint8, and `part` an array that says for each tile whether it is in
# `"train"`, `"validation"` or `"test"`. Return all tiles as floats, shifted and scaled so that each colour
# channel of the *training* tiles has mean 0 and standard deviation 1. Everything that is estimated from
# data is part of the training, these six numbers too.


# %%
def normalise(images, part):
    ### BEGIN SOLUTION
    train = images[part == "train"]
    mean = train.mean(axis=(0, 1, 2))
    deviation = train.std(axis=(0, 1, 2))
    return (images - mean) / deviation
    ### END SOLUTION


check("normalise", normalise)

# %%
# hint("normalise", 1)


# %% tags=["wrong"]
# says: the test had a hand in what the network is fed
def normalise(images, part):
    return (images - images.mean(axis=(0, 1, 2))) / images.std(axis=(0, 1, 2))


check("normalise", normalise)


# %% tags=["wrong"]
# says: by which numbers would you normalise it
def normalise(images, part):
    result = np.empty(images.shape)
    for name in np.unique(part):
        tiles = images[part == name]
        result[part == name] = (tiles - tiles.mean(axis=(0, 1, 2))) / tiles.std(axis=(0, 1, 2))
    return result


check("normalise", normalise)


# %% tags=["wrong"]
# says: of how many tiles should the mean be
def normalise(images, part):
    mean = images.mean(axis=(1, 2), keepdims=True)
    return (images - mean) / images.std(axis=(1, 2), keepdims=True)


check("normalise", normalise)


# %% tags=["wrong"]
# says: over which axes is the mean taken
def normalise(images, part):
    train = images[part == "train"]
    return (images - train.mean()) / train.std()


check("normalise", normalise)


# %% tags=["wrong"]
# says: do all tiles come back
def normalise(images, part):
    train = images[part == "train"]
    return (train - train.mean(axis=(0, 1, 2))) / train.std(axis=(0, 1, 2))


check("normalise", normalise)


# %% tags=["wrong"]
# says: the spread is not 1
def normalise(images, part):
    return images - images[part == "train"].mean(axis=(0, 1, 2))


check("normalise", normalise)


# %% tags=["alternative"]
def normalise(images, part):
    import torch

    scaled = torch.from_numpy(images).float() / 255
    train = scaled[torch.from_numpy(part == "train")]
    deviation, mean = torch.std_mean(train, dim=(0, 1, 2))
    return (scaled - mean) / deviation


check("normalise", normalise)


# %% tags=["alternative"]
def normalise(images, part):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(images[part == "train"].reshape(-1, 3))
    return scaler.transform(images.reshape(-1, 3)).reshape(images.shape)


check("normalise", normalise)

# %% [markdown]
# ## 6 · Report a score
#
# One configuration was trained with three seeds. After each epoch both IoUs were measured: `validation`
# and `test` are arrays (seeds, epochs). Return a pair: the mean of the test IoU over the seeds, and its
# spread, the sample standard deviation (표본 표준편차). Of each run one epoch counts. Two rules for it are
# honest, and both pass: the last epoch, because the length was fixed before the run, or the epoch with
# the best validation IoU.


# %%
def report(validation, test):
    ### BEGIN SOLUTION
    scores = test[:, -1]
    return scores.mean(), scores.std(ddof=1)
    ### END SOLUTION


check("report", report)

# %%
# hint("report", 1)


# %% tags=["wrong"]
# says: who chose the epoch, and looking at what
def report(validation, test):
    scores = test.max(axis=1)
    return scores.mean(), scores.std(ddof=1)


check("report", report)


# %% tags=["wrong"]
# says: which seed will the next user get
def report(validation, test):
    scores = test[:, -1]
    return scores.max(), scores.std(ddof=1)


check("report", report)


# %% tags=["wrong"]
# says: so it flatters
def report(validation, test):
    scores = validation.max(axis=1)
    return scores.mean(), scores.std(ddof=1)


check("report", report)


# %% tags=["wrong"]
# says: which epoch's network do you keep
def report(validation, test):
    return test.mean(), test.std()


check("report", report)


# %% tags=["wrong"]
# says: by what is the sum of squares divided in a sample
def report(validation, test):
    scores = test[:, -1]
    return np.mean(scores), np.std(scores)


check("report", report)


# %% tags=["wrong"]
# says: which one says how far apart two runs are
def report(validation, test):
    scores = test[:, -1]
    return scores.mean(), scores.std(ddof=1) / np.sqrt(len(scores))


check("report", report)


# %% tags=["wrong"]
# says: over what should it be
def report(validation, test):
    return test[:, -1].mean(), test.std(axis=1).mean()


check("report", report)


# %% tags=["wrong"]
# says: what does one number hide
def report(validation, test):
    return test[:, -1].mean()


check("report", report)


# %% tags=["alternative"]
def report(validation, test):
    import statistics

    chosen = np.argmax(validation, axis=1)
    scores = [float(run[epoch]) for run, epoch in zip(test, chosen)]
    return statistics.mean(scores), statistics.stdev(scores)


check("report", report)


# %% tags=["alternative"]
def report(validation, test):
    import pandas as pd

    epoch = validation.mean(axis=0).argmax()
    return pd.Series(test[:, epoch]).agg(["mean", "std"]).tolist()


check("report", report)

# %% [markdown]
# ## 7 · Run an experiment, and defend what it shows
#
# A colleague trained eight times without colour augmentation and eight times with a strength of 0.5,
# always with another seed. "The scores of one group differ more among themselves than the groups do",
# she says. "You cannot tell whether it helps."
#
# The function below stands in for such a run: it is a formula, so that a call takes no time, and it says
# nothing about buildings. `validation_iou(colour, seed)` takes a strength and a seed, and the seed also
# draws the area that the run is validated on. Some areas are easy, some are hard.

# %%
from internlab.hpo.exercises.baseline_given import validation_iou

validation_iou(0.5, seed=0)

# %% [markdown]
# Measure better than your colleague did, and answer with a dictionary:
#
# - `gains`: from seed to the IoU with strength 0.5 minus the IoU with strength 0, *both with this
#   seed*; at least the seeds 0 to 4, and none left out;
# - `error`: the standard error (표준 오차) of the mean gain, which is the standard deviation of the gains,
#   with `ddof=1`, over the square root of their number;
# - `conclusion`: one of `"helps"`, `"hurts"` and `"cannot tell"`. Say helps or hurts only if the mean
#   gain is further from zero than two standard errors.

# %%
### BEGIN SOLUTION
gains = {seed: validation_iou(0.5, seed) - validation_iou(0.0, seed) for seed in range(8)}
values = np.array(list(gains.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
side = "helps" if values.mean() > 0 else "hurts"
conclusion = side if abs(values.mean()) > 2 * error else "cannot tell"
answer = {"gains": gains, "error": error, "conclusion": conclusion}
### END SOLUTION
check("gain", answer)

# %%
# hint("gain", 1)

# %% tags=["wrong"]
# says: how would you know that it was not luck
gains = {0: validation_iou(0.5, 0) - validation_iou(0.0, 0)}
answer = {"gains": gains, "error": 0.01, "conclusion": "helps"}
check("gain", answer)

# %% tags=["wrong"]
# says: did both runs get the same seed
gains = {seed: validation_iou(0.5, seed) - validation_iou(0.0, seed + 8) for seed in range(8)}
error = np.std(list(gains.values()), ddof=1) / np.sqrt(8)
answer = {"gains": gains, "error": error, "conclusion": "cannot tell"}
check("gain", answer)

# %% tags=["wrong"]
# says: which of the two is taken from which
gains = {seed: validation_iou(0.0, seed) - validation_iou(0.5, seed) for seed in range(8)}
answer = {"gains": gains, "error": 0.01, "conclusion": "hurts"}
check("gain", answer)

# %% tags=["wrong"]
# says: were some left out after you had seen them
gains = {seed: validation_iou(0.5, seed) - validation_iou(0.0, seed) for seed in range(12)}
gains = dict(sorted(gains.items(), key=lambda pair: pair[1])[-6:])
answer = {"gains": gains, "error": 0.01, "conclusion": "helps"}
check("gain", answer)

# %% tags=["wrong"]
# says: of which numbers do you need the spread when runs come in pairs
with_colour = np.array([validation_iou(0.5, seed) for seed in range(8)])
without = np.array([validation_iou(0.0, seed) for seed in range(8)])
error = np.sqrt((with_colour.var(ddof=1) + without.var(ddof=1)) / 8)
answer = {
    "gains": dict(enumerate(with_colour - without)),
    "error": error,
    "conclusion": "cannot tell",
}
check("gain", answer)

# %% tags=["wrong"]
# says: is the spread of single gains
error = (with_colour - without).std(ddof=1)
answer = {**answer, "error": error, "conclusion": "cannot tell"}
check("gain", answer)

# %% tags=["wrong"]
# says: how many standard errors is the mean from zero
answer = {**answer, "error": error / np.sqrt(8), "conclusion": "cannot tell"}
check("gain", answer)

# %% tags=["wrong"]
# says: which does the rule give
answer = {**answer, "conclusion": "yes"}
check("gain", answer)

# %% tags=["alternative"]
from scipy.stats import sem

differences = {seed: validation_iou(0.5, seed) - validation_iou(0, seed) for seed in range(5)}
answer = {"conclusion": "helps", "error": sem(list(differences.values())), "gains": differences}
check("gain", answer)

# %% [markdown]
# Your colleague's runs hold the same gain, under the difference between areas. Runs in pairs take that
# difference out, so the same number of runs can tell. What you may not conclude is that colour helps in
# an area unlike these; for that you would draw other areas.
#
# ## What you did
#
# You wrote the measure, kept counts where ratios would have misled, moved image and label together, and
# kept the test out of the split, of the normalisation and of the choice of an epoch. Then you saw a gain
# that unpaired runs hide. The worked answers are in [solutions](../solutions/20_baseline.ipynb). Next:
# [lesson 21](../notebooks/21_search.ipynb).
