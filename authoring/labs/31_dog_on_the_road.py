# ---
# title: The dog on the road (lab)
# minutes: 45
# passages: [kep-ood-dog-as-road]
# smoke_seconds: 20
# ---
# %% [markdown]
# # Lab 31 · The dog on the road
#
# *45 minutes. You need: [lesson 31](../notebooks/31_dog_on_the_road.ipynb).*
#
# Six short exercises, each on its own inputs. Replace a `...`, run the cell, and read what `check`
# says: it tries your answer on fresh random maps. `hint("msp", 1)` gives a nudge, 2 and 3 give more.
# No network is trained here, so nothing takes longer than a second.
#
# All maps are tensors: logits (N, K, H, W), with N images, K classes, and H x W pixels. A score is
# higher where a pixel is more out-of-distribution (분포 외).

# %%
from internlab import passages

passages.card("kep-ood-dog-as-road")

# %%
import torch

from internlab.ood.dense.boundary import sum3x3
from internlab.ood.dense.standardised import StandardizedMaxLogit
from internlab.ood.exercises.dog import check, hint
from internlab.ood.outputs import Outputs

generator = torch.Generator().manual_seed(31)
logits = 2 * torch.randn(2, 4, 6, 8, generator=generator)

# %% [markdown]
# ## 1 · A softmax for every pixel
#
# Write MSP for dense maps: minus the largest softmax probability of each pixel, (N, H, W). In lesson 30
# the logits had two axes. Now they have four, and a softmax over the wrong one runs without an error.

# %%


def msp(logits):
    ### BEGIN SOLUTION
    probabilities = logits.softmax(dim=1)
    return -probabilities.amax(dim=1)
    ### END SOLUTION


check("msp", msp)

# %%
# hint("msp", 1)


# %% tags=["wrong"]
# says: a softmax over the columns of the image
def msp(logits):
    return -logits.softmax(dim=-1).amax(dim=1)


check("msp", msp)


# %% tags=["wrong"]
# says: a softmax over the images of the batch
def msp(logits):
    return -logits.softmax(dim=0).amax(dim=1)


check("msp", msp)


# %% tags=["wrong"]
# says: with its sign kept
def msp(logits):
    return logits.softmax(dim=1).amax(dim=1)


check("msp", msp)


# %% tags=["wrong"]
# says: over which axis did you reduce
def msp(logits):
    return -logits.softmax(dim=1).amax(dim=-1)


check("msp", msp)


# %% tags=["wrong"]
# says: without a softmax
def msp(logits):
    return -logits.amax(dim=1)


check("msp", msp)


# %% tags=["alternative"]
def msp(logits):
    e = (logits - logits.amax(1, keepdim=True)).exp().numpy()
    return 1 - (e / e.sum(1, keepdims=True)).max(1)


check("msp", msp)


# %% tags=["wrong"]
# says: which of the two is the score


def msp(logits):
    return logits.softmax(dim=1).max(dim=1)


check("msp", msp)


# %% tags=["wrong"]
# says: are NaN or infinite


def msp(logits):
    powers = (1000 * logits).exp()
    return -(powers / powers.sum(dim=1, keepdim=True)).amax(dim=1)


check("msp", msp)


# %% tags=["alternative"]


def msp(logits):
    return [-image.softmax(dim=0).amax(dim=0) for image in logits]


check("msp", msp)

# %% [markdown]
# ## 2 · What is usual for a class?
#
# Gather the statistics of SML: for each class the mean and the standard deviation (표준 편차) of the
# max logits that belong to it. You are given the logits of training images and their labels. Whether
# you need both is for you to decide; think of what will be known about a test pixel.
#
# Return `mean` and `sd`, each of shape (K,).

# %%


def statistics(logits, labels):
    ### BEGIN SOLUTION
    highest, predicted = logits.max(dim=1)
    own = [highest[predicted == c] for c in range(logits.shape[1])]
    mean = torch.stack([values.mean() for values in own])
    sd = torch.stack([values.std() for values in own])
    return mean, sd
    ### END SOLUTION


check("statistics", statistics)

# %%
# hint("statistics", 1)


# %% tags=["wrong"]
# says: grouped by the true label
def statistics(logits, labels):
    highest = logits.amax(dim=1)
    own = [highest[labels == c] for c in range(logits.shape[1])]
    return torch.stack([v.mean() for v in own]), torch.stack([v.std() for v in own])


check("statistics", statistics)


# %% tags=["wrong"]
# says: each class's own logit over the pixels of that true class
def statistics(logits, labels):
    own = [logits[:, c][labels == c] for c in range(logits.shape[1])]
    return torch.stack([v.mean() for v in own]), torch.stack([v.std() for v in own])


check("statistics", statistics)


# %% tags=["wrong"]
# says: also where another class won
def statistics(logits, labels):
    return logits.mean(dim=(0, 2, 3)), logits.std(dim=(0, 2, 3))


check("statistics", statistics)


# %% tags=["wrong"]
# says: your sd holds the variances
def statistics(logits, labels):
    highest, predicted = logits.max(dim=1)
    own = [highest[predicted == c] for c in range(logits.shape[1])]
    return torch.stack([v.mean() for v in own]), torch.stack([v.var() for v in own])


check("statistics", statistics)


# %% tags=["wrong"]
# says: one mean for all classes
def statistics(logits, labels):
    highest = logits.amax(dim=1)
    return highest.mean().expand(logits.shape[1]), highest.std().expand(logits.shape[1])


check("statistics", statistics)


# %% tags=["alternative"]
def statistics(logits, labels):
    values, classes = logits.amax(1).flatten(), logits.argmax(1).flatten()
    count = torch.bincount(classes)
    mean = torch.bincount(classes, values.double()) / count
    square = torch.bincount(classes, (values.double() - mean[classes]) ** 2) / count
    return mean.numpy(), square.sqrt().numpy()


check("statistics", statistics)


# %% tags=["wrong"]
# says: which was asked first


def statistics(logits, labels):
    highest, predicted = logits.max(dim=1)
    own = [highest[predicted == c] for c in range(logits.shape[1])]
    return torch.stack([v.std() for v in own]), torch.stack([v.mean() for v in own])


check("statistics", statistics)


# %% tags=["alternative"]


def statistics(logits, labels):
    highest, predicted = logits.max(dim=1)
    own = [highest[predicted == c] for c in range(logits.shape[1])]
    return torch.stack([torch.stack([v.mean(), v.std()]) for v in own], dim=1)


check("statistics", statistics)

# %% [markdown]
# ## 3 · Standardise
#
# Now the score itself. `mean` and `sd` have shape (K,) and come from training images. Return the
# standardised max logit with the kit's sign: the further a pixel's max logit lies *below* what is usual
# for the class that is predicted there, the higher the score.

# %%


def standardise(logits, mean, sd):
    ### BEGIN SOLUTION
    highest, predicted = logits.max(dim=1)
    return (mean[predicted] - highest) / sd[predicted]
    ### END SOLUTION


check("standardise", standardise)

# %%
# hint("standardise", 1)


# %% tags=["wrong"]
# says: right but for its sign
def standardise(logits, mean, sd):
    highest, predicted = logits.max(dim=1)
    return (highest - mean[predicted]) / sd[predicted]


check("standardise", standardise)


# %% tags=["wrong"]
# says: divided by the variance
def standardise(logits, mean, sd):
    highest, predicted = logits.max(dim=1)
    return (mean[predicted] - highest) / sd[predicted] ** 2


check("standardise", standardise)


# %% tags=["wrong"]
# says: which comes first, the prediction or the standardising
def standardise(logits, mean, sd):
    return -((logits - mean[:, None, None]) / sd[:, None, None]).amax(dim=1)


check("standardise", standardise)


# %% tags=["wrong"]
# says: not divided by the spread
def standardise(logits, mean, sd):
    highest, predicted = logits.max(dim=1)
    return mean[predicted] - highest


check("standardise", standardise)


# %% tags=["alternative"]
def standardise(logits, mean, sd):
    score = torch.zeros(logits[:, 0].shape)
    for c in range(logits.shape[1]):
        here = logits.argmax(dim=1) == c
        score[here] = -(logits[:, c][here] - mean[c]) / sd[c]
    return score


check("standardise", standardise)

# %% [markdown]
# ## 4 · Whose statistics?
#
# The kit's class does both: `StandardizedMaxLogit().fit(outputs)` gathers the statistics,
# `.score(outputs)` returns the scores; `Outputs(logits)` wraps the logits. Given the logits of training
# and of test images, return the scores of the test images. Some of them are full of things that the
# network has never seen.

# %%


def scores_of_test(train_logits, test_logits):
    ### BEGIN SOLUTION
    detector = StandardizedMaxLogit().fit(Outputs(train_logits))
    return detector.score(Outputs(test_logits))
    ### END SOLUTION


check("fit", scores_of_test)

# %%
# hint("fit", 1)


# %% tags=["wrong"]
# says: with statistics of the test images
def scores_of_test(train_logits, test_logits):
    return StandardizedMaxLogit().fit(Outputs(test_logits)).score(Outputs(test_logits))


check("fit", scores_of_test)


# %% tags=["wrong"]
# says: each image's own statistics
def scores_of_test(train_logits, test_logits):
    one_by_one = [Outputs(image[None]) for image in test_logits]
    return torch.cat([StandardizedMaxLogit().fit(each).score(each) for each in one_by_one])


check("fit", scores_of_test)


# %% tags=["wrong"]
# says: training and test images together
def scores_of_test(train_logits, test_logits):
    every = Outputs(torch.cat([train_logits, test_logits]))
    return StandardizedMaxLogit().fit(every).score(Outputs(test_logits))


check("fit", scores_of_test)


# %% tags=["wrong"]
# says: one for each test pixel
def scores_of_test(train_logits, test_logits):
    return StandardizedMaxLogit().fit(Outputs(train_logits)).score(Outputs(train_logits))


check("fit", scores_of_test)


# %% tags=["alternative"]


def scores_of_test(train_logits, test_logits):
    highest, predicted = train_logits.max(dim=1)
    own = [highest[predicted == c] for c in range(train_logits.shape[1])]
    mean = torch.stack([values.mean() for values in own])
    sd = torch.stack([values.std(correction=0) for values in own])
    highest, predicted = test_logits.max(dim=1)
    return (mean[predicted] - highest) / sd[predicted]


check("fit", scores_of_test)

# %% [markdown]
# ## 5 · Let the inside grow into the boundary
#
# One step of boundary suppression. `score` and `band` are (H, W); `band` is True along the boundaries.
# Give each band pixel the mean of those of its 3 x 3 neighbours that lie **outside** the band. A band
# pixel without such a neighbour keeps its score, and so does every pixel outside the band.
#
# `sum3x3(values)` sums over the 3 x 3 neighbourhood of each pixel; it takes and returns (1, H, W).
# At the image's edge, `sum3x3` repeats the border pixels. A loop over the neighbours that exist gives
# other numbers there, and is accepted as well.

# %%


def suppress(score, band):
    ### BEGIN SOLUTION
    outside = (~band).to(score.dtype)
    total = sum3x3((score * outside)[None])[0]
    count = sum3x3(outside[None])[0]
    return torch.where(band & (count > 0), total / count.clamp_min(1), score)
    ### END SOLUTION


check("suppress", suppress)

# %%
# hint("suppress", 1)


# %% tags=["wrong"]
# says: all nine neighbours, those in the band among them
def suppress(score, band):
    return torch.where(band, sum3x3(score[None])[0] / 9, score)


check("suppress", suppress)


# %% tags=["wrong"]
# says: divided by nine
def suppress(score, band):
    outside = (~band).to(score.dtype)
    count = sum3x3(outside[None])[0]
    return torch.where(band & (count > 0), sum3x3((score * outside)[None])[0] / 9, score)


check("suppress", suppress)


# %% tags=["wrong"]
# says: what do you divide by where no neighbour lies outside the band
def suppress(score, band):
    outside = (~band).to(score.dtype)
    mean = sum3x3((score * outside)[None])[0] / sum3x3(outside[None])[0]
    return torch.where(band, mean, score)


check("suppress", suppress)


# %% tags=["wrong"]
# says: changed outside the band as well
def suppress(score, band):
    outside = (~band).to(score.dtype)
    count = sum3x3(outside[None])[0]
    return torch.where(count > 0, sum3x3((score * outside)[None])[0] / count.clamp_min(1), score)


check("suppress", suppress)


# %% tags=["wrong"]
# says: 0 where no neighbour lies outside the band
def suppress(score, band):
    outside = (~band).to(score.dtype)
    count = sum3x3(outside[None])[0].clamp_min(1)
    return torch.where(band, sum3x3((score * outside)[None])[0] / count, score)


check("suppress", suppress)


# %% tags=["alternative"]
def suppress(score, band):
    filled = score.clone()
    height, width = score.shape
    for y, x in band.nonzero().tolist():
        near = [
            score[min(max(yy, 0), height - 1), min(max(xx, 0), width - 1)]
            for yy in (y - 1, y, y + 1)
            for xx in (x - 1, x, x + 1)
            if not band[min(max(yy, 0), height - 1), min(max(xx, 0), width - 1)]
        ]
        if near:
            filled[y, x] = sum(near) / len(near)
    return filled


check("suppress", suppress)


# %% tags=["alternative"]


def suppress(score, band):
    filled = score.clone()
    for y, x in band.nonzero().tolist():
        rows, columns = slice(max(y - 1, 0), y + 2), slice(max(x - 1, 0), x + 2)
        near = score[rows, columns][~band[rows, columns]]
        if len(near):
            filled[y, x] = near.mean()
    return filled


check("suppress", suppress)


# %% tags=["wrong"]
# says: does each band pixel get the mean of its neighbours outside the band


def suppress(score, band):
    filled = score.clone()
    filled[band] = score[~band].mean()
    return filled


check("suppress", suppress)

# %% [markdown]
# ## 6 · Trust rare classes less
#
# A class with few pixels gets statistics that pardon what is called by its name. Shrink them: a class
# with n of all N pixels keeps the share n / (n + strength · N) of its own mean and of its own sd, and
# takes the rest from all pixels.
#
# For all pixels, the mean is the mean max logit *of a pixel*, and the spread is the root of the mean
# variance *of a pixel* within its class. Return `mean` and `sd`, each (K,).

# %%


def shrink(count, mean, sd, strength):
    ### BEGIN SOLUTION
    total = count.sum()
    own = count / (count + strength * total)
    usual = (count * mean).sum() / total
    pooled = ((count * sd**2).sum() / total).sqrt()
    return own * mean + (1 - own) * usual, own * sd + (1 - own) * pooled
    ### END SOLUTION


check("shrink", shrink)

# %%
# hint("shrink", 1)


# %% tags=["wrong"]
# says: which class do you know least about
def shrink(count, mean, sd, strength):
    share = count / count.sum()
    own = strength / (share + strength)
    usual, pooled = (share * mean).sum(), (share * sd**2).sum().sqrt()
    return own * mean + (1 - own) * usual, own * sd + (1 - own) * pooled


check("shrink", shrink)


# %% tags=["wrong"]
# says: where a rare class weighs as much as the road
def shrink(count, mean, sd, strength):
    own = count / (count + strength * count.sum())
    return own * mean + (1 - own) * mean.mean(), own * sd + (1 - own) * sd.mean()


check("shrink", shrink)


# %% tags=["wrong"]
# says: is it the variances that average, or their roots
def shrink(count, mean, sd, strength):
    share = count / count.sum()
    own = share / (share + strength)
    return own * mean + (1 - own) * (share * mean).sum(), own * sd + (1 - own) * (share * sd).sum()


check("shrink", shrink)


# %% tags=["wrong"]
# says: drawn by the same share for every class
def shrink(count, mean, sd, strength):
    usual = (count * mean).sum() / count.sum()
    pooled = ((count * sd**2).sum() / count.sum()).sqrt()
    return (mean + strength * usual) / (1 + strength), (sd + strength * pooled) / (1 + strength)


check("shrink", shrink)


# %% tags=["wrong"]
# says: is the spread of a rare class better known than its mean
def shrink(count, mean, sd, strength):
    own = count / (count + strength * count.sum())
    return own * mean + (1 - own) * (count * mean).sum() / count.sum(), sd


check("shrink", shrink)


# %% tags=["wrong"]
# says: which was asked first


def shrink(count, mean, sd, strength):
    total = count.sum()
    own = count / (count + strength * total)
    usual, pooled = (count * mean).sum() / total, ((count * sd**2).sum() / total).sqrt()
    return own * sd + (1 - own) * pooled, own * mean + (1 - own) * usual


check("shrink", shrink)


# %% tags=["alternative"]


def shrink(count, mean, sd, strength):
    n, total = count.numpy(), int(count.sum())
    mean, sd = mean.numpy(), sd.numpy()
    own, usual = n / (n + strength * total), [n @ mean / total, (n @ sd**2 / total) ** 0.5]
    return torch.tensor([list(own * x + (1 - own) * u) for x, u in zip((mean, sd), usual)])


check("shrink", shrink)

# %% [markdown]
# ## What you did
#
# You put the softmax on the right axis, asked what is usual where a class is *predicted*, compared each
# pixel with its own class, kept the test out of the statistics, let scores grow into a boundary, and
# trusted rare classes less. That is the whole method of the lesson, with the repair that it needs. The
# worked answers are in [solutions](../solutions/31_dog_on_the_road.ipynb). Next:
# [lesson 32](../notebooks/32_whom_to_believe.ipynb), on what such numbers are worth.
