# ---
# title: The shortcut (lab)
# minutes: 60
# passages: [kep-debias-shortcut]
# smoke_seconds: 20
# ---
# %% [markdown]
# # Lab 40 · The shortcut
#
# *60 minutes. You need: [lesson 40](../notebooks/40_shortcut.ipynb).*
#
# You make a biased data set, write the two scores that show a shortcut, choose a model for a place where
# the bias is weaker, and judge what debiasing does where nothing is wrong. Replace each `...`, run the
# cell, and read the line that `check()` prints. The exercises do not depend on each other.
#
# Everywhere: `labels`, `biases` and `predictions` are arrays (N,) of whole numbers. Bias k goes with class
# k: an image is *aligned* where bias and label are the same number, and *conflicting* where they are not.

# %%
import numpy as np
import pandas as pd

from internlab import notebook_ui as ui
from internlab import passages
from internlab.debias.exercises.shortcut import check, hint

ui.style()
passages.card("kep-debias-shortcut")

# %% [markdown]
# ## 1 · Make a bias
#
# Give every image a bias, 0, 1 or 2. In each of the three classes a share of about `ratio` of the images
# is aligned. The others get one of the *two* other biases, each of the two about equally often, and which
# images conflict is left to chance. `rng` is a NumPy `Generator`.


# %%
def biased(labels, ratio, rng):
    ### BEGIN SOLUTION
    conflicting = rng.random(len(labels)) >= ratio
    other = (labels + rng.integers(1, 3, len(labels))) % 3
    return np.where(conflicting, other, labels)
    ### END SOLUTION


check("biased", biased)

# %%
# hint("biased", 1)


# %% tags=["wrong"]
# says: The ratio is inverted
def biased(labels, ratio, rng):
    conflicting = rng.random(len(labels)) < ratio
    other = (labels + rng.integers(1, 3, len(labels))) % 3
    return np.where(conflicting, other, labels)


check("biased", biased)


# %% tags=["wrong"]
# says: one draw in three is the bias of the image's own class
def biased(labels, ratio, rng):
    conflicting = rng.random(len(labels)) >= ratio
    return np.where(conflicting, rng.integers(0, 3, len(labels)), labels)


check("biased", biased)


# %% tags=["wrong"]
# says: could a network learn a second rule from yours
def biased(labels, ratio, rng):
    conflicting = rng.random(len(labels)) >= ratio
    return np.where(conflicting, (labels + 1) % 3, labels)


check("biased", biased)


# %% tags=["wrong"]
# says: does a class have more conflicting images than another
def biased(labels, ratio, rng):
    biases, count = labels.copy(), int((1 - ratio) * len(labels))
    chosen = rng.permutation(np.flatnonzero(labels == 0))[:count]
    rest = rng.permutation(np.flatnonzero(labels == 1))[: count - len(chosen)]
    for some in (chosen, rest):
        biases[some] = (labels[some] + rng.integers(1, 3, len(some))) % 3
    return biases


check("biased", biased)


# %% tags=["wrong"]
# says: which images conflict if the order means something
def biased(labels, ratio, rng):
    biases = labels.copy()
    for label in range(3):
        members = np.flatnonzero(labels == label)
        chosen = members[: round((1 - ratio) * len(members))]
        biases[chosen] = (label + rng.integers(1, 3, len(chosen))) % 3
    return biases


check("biased", biased)


# %% tags=["wrong"]
# says: which of the three does an image get that is not aligned
def biased(labels, ratio, rng):
    return rng.random(len(labels)) < ratio


check("biased", biased)


# %% tags=["wrong"]
# says: what happens behind the last one
def biased(labels, ratio, rng):
    conflicting = rng.random(len(labels)) >= ratio
    return np.where(conflicting, labels + rng.integers(1, 3, len(labels)), labels)


check("biased", biased)


# %% tags=["wrong"]
# says: what lies before the first one
def biased(labels, ratio, rng):
    conflicting = rng.random(len(labels)) >= ratio
    return np.where(conflicting, labels - rng.integers(1, 3, len(labels)), labels)


check("biased", biased)


# %% tags=["wrong"]
# says: which images were given none
def biased(labels, ratio, rng):
    biases = np.full(len(labels), np.nan)
    aligned = rng.random(len(labels)) < ratio
    biases[aligned] = labels[aligned]
    return biases


check("biased", biased)


# %% tags=["wrong"]
# says: which images are to conflict
def biased(labels, ratio, rng):
    return labels


check("biased", biased)


# %% tags=["alternative"]
def biased(labels, ratio, rng):
    biases = labels.copy()
    for label in range(3):
        members = rng.permutation(np.flatnonzero(labels == label))
        chosen = members[: round((1 - ratio) * len(members))]
        others = [bias for bias in range(3) if bias != label]
        biases[chosen] = np.resize(others, len(chosen))
    return biases


check("biased", biased)

# %% [markdown]
# ## 2 · Unbiased accuracy
#
# A group is a pair of class and bias. Return the mean over the groups of each group's accuracy, so that
# every group counts the same. There are three classes and three biases; a group that has no image is left
# out.


# %%
def unbiased(labels, biases, predictions):
    ### BEGIN SOLUTION
    accuracies = []
    for c in range(3):
        for b in range(3):
            here = (labels == c) & (biases == b)
            if here.any():
                accuracies.append((predictions == labels)[here].mean())
    return np.mean(accuracies)
    ### END SOLUTION


check("unbiased", unbiased)

# %%
# hint("unbiased", 1)


# %% tags=["wrong"]
# says: large groups outvote small ones
def unbiased(labels, biases, predictions):
    return (predictions == labels).mean()


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: is the mean over classes
def unbiased(labels, biases, predictions):
    return np.mean([(predictions == labels)[labels == c].mean() for c in range(3)])


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: is the mean over biases
def unbiased(labels, biases, predictions):
    return np.mean([(predictions == labels)[biases == b].mean() for b in range(3)])


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: How many pairs of class and bias are there
def unbiased(labels, biases, predictions):
    right, aligned = predictions == labels, labels == biases
    return (right[aligned].mean() + right[~aligned].mean()) / 2


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: is the accuracy on aligned images
def unbiased(labels, biases, predictions):
    return (predictions == labels)[labels == biases].mean()


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: What of the aligned groups
def unbiased(labels, biases, predictions):
    return (predictions == labels)[labels != biases].mean()


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: counts a group without an image as zero
def unbiased(labels, biases, predictions):
    group, right = 3 * labels + biases, predictions == labels
    sizes = np.bincount(group, minlength=9)
    return (np.bincount(group, weights=right, minlength=9) / np.maximum(sizes, 1)).mean()


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: what do you divide by
def unbiased(labels, biases, predictions):
    import warnings

    warnings.simplefilter("ignore")
    group, right = 3 * labels + biases, predictions == labels
    return np.mean([right[group == g].mean() for g in range(9)])


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: is the worst group
def unbiased(labels, biases, predictions):
    group, right = 3 * labels + biases, predictions == labels
    return min(right[group == g].mean() for g in np.unique(group))


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: what is it as a share between 0 and 1
def unbiased(labels, biases, predictions):
    return 100 * pd.Series(predictions == labels).groupby([labels, biases]).mean().mean()


check("unbiased", unbiased)


# %% tags=["wrong"]
# says: is rounded: what will the next step compute with
def unbiased(labels, biases, predictions):
    return round(pd.Series(predictions == labels).groupby([labels, biases]).mean().mean(), 3)


check("unbiased", unbiased)


# %% tags=["alternative"]
def unbiased(labels, biases, predictions):
    right = pd.Series(predictions == labels)
    return right.groupby([labels, biases]).mean().mean()


check("unbiased", unbiased)

# %% [markdown]
# ## 3 · The follow rate
#
# Among the images for which following the bias is wrong, which share gets the class that the bias points
# to?


# %%
def follow(labels, biases, predictions):
    ### BEGIN SOLUTION
    conflicting = labels != biases
    return (predictions == biases)[conflicting].mean()
    ### END SOLUTION


check("follow", follow)

# %%
# hint("follow", 1)


# %% tags=["wrong"]
# says: is taken over all images
def follow(labels, biases, predictions):
    return (predictions == biases).mean()


check("follow", follow)


# %% tags=["wrong"]
# says: A network that errs once, and follows there
def follow(labels, biases, predictions):
    wrong = predictions != labels
    return (predictions == biases)[wrong].mean()


check("follow", follow)


# %% tags=["wrong"]
# says: is the share of conflicting images that are wrong
def follow(labels, biases, predictions):
    return (predictions != labels)[labels != biases].mean()


check("follow", follow)


# %% tags=["wrong"]
# says: is the accuracy on conflicting images
def follow(labels, biases, predictions):
    return (predictions == labels)[labels != biases].mean()


check("follow", follow)


# %% tags=["wrong"]
# says: is taken over the aligned images
def follow(labels, biases, predictions):
    return (predictions == biases)[labels == biases].mean()


check("follow", follow)


# %% tags=["wrong"]
# says: but divides by all images
def follow(labels, biases, predictions):
    return ((predictions == biases) & (labels != biases)).mean()


check("follow", follow)


# %% tags=["wrong"]
# says: is a number of images
def follow(labels, biases, predictions):
    return ((predictions == biases) & (labels != biases)).sum()


check("follow", follow)


# %% tags=["wrong"]
# says: is the share that does not follow
def follow(labels, biases, predictions):
    return (predictions != biases)[labels != biases].mean()


check("follow", follow)


# %% tags=["wrong"]
# says: One that is right has not followed
def follow(labels, biases, predictions):
    errors = (predictions != labels) & (labels != biases)
    return (predictions == biases)[errors].mean()


check("follow", follow)


# %% tags=["wrong"]
# says: what is it as a share between 0 and 1
def follow(labels, biases, predictions):
    return 100 * (predictions == biases)[labels != biases].mean()


check("follow", follow)


# %% tags=["alternative"]
def follow(labels, biases, predictions):
    followed = [p == b for y, b, p in zip(labels, biases, predictions) if y != b]
    return sum(followed) / len(followed)


check("follow", follow)

# %% [markdown]
# ## 4 · Which model would you deploy?
#
# `models` is a data frame with one row a model: its `name`, its accuracy on `aligned` and on `conflicting`
# images, each measured on a set that is large enough, and its `validation` accuracy. Training and
# validation images were collected in one place, where 98 % are aligned. The model will be used in another
# place, where a share `ratio` is aligned.
#
# Return the name of the model that will be right most often there, and the accuracy to expect of it there.


# %%
def deploy(models, ratio):
    ### BEGIN SOLUTION
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    best = there.idxmax()
    return models.loc[best, "name"], there[best]
    ### END SOLUTION


check("deploy", deploy)

# %%
# hint("deploy", 1)


# %% tags=["wrong"]
# says: who lives at the place of use
def deploy(models, ratio):
    best = models.loc[models["validation"].idxmax()]
    return best["name"], best["validation"]


check("deploy", deploy)


# %% tags=["wrong"]
# says: A network that looks at nothing but the bias is perfect on those
def deploy(models, ratio):
    best = models.loc[models["aligned"].idxmax()]
    return best["name"], best["aligned"]


check("deploy", deploy)


# %% tags=["wrong"]
# says: How many of the images there are conflicting
def deploy(models, ratio):
    best = models.loc[models["conflicting"].idxmax()]
    return best["name"], best["conflicting"]


check("deploy", deploy)


# %% tags=["wrong"]
# says: is the best if the ratio is inverted
def deploy(models, ratio):
    there = (1 - ratio) * models["aligned"] + ratio * models["conflicting"]
    return models.loc[there.idxmax(), "name"], there.max()


check("deploy", deploy)


# %% tags=["wrong"]
# says: Are there as many of one as of the other
def deploy(models, ratio):
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    best = models.loc[there.idxmax()]
    return best["name"], (best["aligned"] + best["conflicting"]) / 2


check("deploy", deploy)


# %% tags=["wrong"]
# says: is its accuracy on aligned images
def deploy(models, ratio):
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    best = models.loc[there.idxmax()]
    return best["name"], best["aligned"]


check("deploy", deploy)


# %% tags=["wrong"]
# says: is its accuracy on validation
def deploy(models, ratio):
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    best = models.loc[there.idxmax()]
    return best["name"], best["validation"]


check("deploy", deploy)


# %% tags=["wrong"]
# says: which one is missing
def deploy(models, ratio):
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    return models.loc[there.idxmax(), "name"]


check("deploy", deploy)


# %% tags=["wrong"]
# says: what is it as a share between 0 and 1
def deploy(models, ratio):
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    return models.loc[there.idxmax(), "name"], 100 * there.max()


check("deploy", deploy)


# %% tags=["wrong"]
# says: is a larger accuracy better
def deploy(models, ratio):
    wrong = ratio * (1 - models["aligned"]) + (1 - ratio) * (1 - models["conflicting"])
    return models.loc[wrong.idxmax(), "name"], wrong.max()


check("deploy", deploy)


# %% tags=["wrong"]
# says: which was asked for first
def deploy(models, ratio):
    there = ratio * models["aligned"] + (1 - ratio) * models["conflicting"]
    return there.max(), models.loc[there.idxmax(), "name"]


check("deploy", deploy)


# %% tags=["alternative"]
def deploy(models, ratio):
    there = (ratio * models.aligned + (1 - ratio) * models.conflicting).to_numpy()
    best = there.argmax()
    return np.array([models["name"].iloc[best], there[best]], dtype=object)


check("deploy", deploy)


# %% tags=["alternative"]
def deploy(models, ratio):
    ranked = models.assign(there=ratio * models.aligned + (1 - ratio) * models.conflicting)
    best = ranked.sort_values("there").iloc[-1]
    return [best["name"], float(best.there)]


check("deploy", deploy)

# %% [markdown]
# ## 5 · Swap the cue
#
# `before` and `after` are softmax probabilities (N, K) of the same N faces: with their own hair, and with
# the other one. Nothing else differs. Return the share of faces that get another answer.


# %%
def changed(before, after):
    ### BEGIN SOLUTION
    return np.mean(before.argmax(axis=1) != after.argmax(axis=1))
    ### END SOLUTION


check("changed", changed)

# %%
# hint("changed", 1)


# %% tags=["wrong"]
# says: how many tip
def changed(before, after):
    return np.abs(before - after).mean()


check("changed", changed)


# %% tags=["wrong"]
# says: How many answers are other ones
def changed(before, after):
    answer, faces = before.argmax(axis=1), np.arange(len(before))
    return (before[faces, answer] - after[faces, answer]).mean()


check("changed", changed)


# %% tags=["wrong"]
# says: Two faces that swap their answers cancel
def changed(before, after):
    shares = [np.bincount(p.argmax(axis=1), minlength=3) / len(p) for p in (before, after)]
    return np.abs(shares[0] - shares[1]).sum() / 2


check("changed", changed)


# %% tags=["wrong"]
# says: however little
def changed(before, after):
    return (before != after).any(axis=1).mean()


check("changed", changed)


# %% tags=["wrong"]
# says: takes the largest along the wrong axis
def changed(before, after):
    return np.mean(before.argmax(axis=0) != after.argmax(axis=0))


check("changed", changed)


# %% tags=["wrong"]
# says: With three classes an answer can change elsewhere
def changed(before, after):
    return np.mean((before[:, 0] > 0.5) != (after[:, 0] > 0.5))


check("changed", changed)


# %% tags=["wrong"]
# says: is the share that stays
def changed(before, after):
    return np.mean(before.argmax(axis=1) == after.argmax(axis=1))


check("changed", changed)


# %% tags=["wrong"]
# says: is a sum or a mean missing
def changed(before, after):
    return before.argmax(axis=1) != after.argmax(axis=1)


check("changed", changed)


# %% tags=["wrong"]
# says: what is it as a share between 0 and 1
def changed(before, after):
    return 100 * np.mean(before.argmax(axis=1) != after.argmax(axis=1))


check("changed", changed)


# %% tags=["alternative"]
def changed(before, after):
    return sum(list(p).index(max(p)) != list(q).index(max(q)) for p, q in zip(before, after)) / len(
        before
    )


check("changed", changed)

# %% [markdown]
# ## 6 · Grad-CAM
#
# `activations` (C, h, w) are the maps of the last convolution for one image, and `gradients` (C, h, w) are
# the gradients of one class's logit with respect to them. The weight of a channel is the mean of its
# gradient over all places. Return the map (h, w): the weighted sum over the channels, and of that only
# what speaks *for* the class.
#
# $$\mathrm{ReLU}\Big(\sum_k \alpha_k A^k\Big), \qquad
# \alpha_k = \frac{1}{hw} \sum_{i,j} \frac{\partial f_c}{\partial A^k_{ij}}$$


# %%
def grad_cam(activations, gradients):
    ### BEGIN SOLUTION
    weights = gradients.mean(axis=(1, 2))
    summed = (weights[:, None, None] * activations).sum(axis=0)
    return np.maximum(summed, 0)
    ### END SOLUTION


check("grad_cam", grad_cam)

# %%
# hint("grad_cam", 1)


# %% tags=["wrong"]
# says: Without the ReLU what speaks against the class
def grad_cam(activations, gradients):
    return (gradients.mean(axis=(1, 2), keepdims=True) * activations).sum(axis=0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: as if it spoke for it
def grad_cam(activations, gradients):
    return np.abs((gradients.mean(axis=(1, 2), keepdims=True) * activations).sum(axis=0))


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: That is gradient times activation, place by place
def grad_cam(activations, gradients):
    return np.maximum((gradients * activations).sum(axis=0), 0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: What is the weight of *one* channel
def grad_cam(activations, gradients):
    return np.maximum((gradients.mean(axis=0) * activations).sum(axis=0), 0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: The ReLU was taken of each channel before the sum
def grad_cam(activations, gradients):
    weighted = gradients.mean(axis=(1, 2), keepdims=True) * activations
    return np.maximum(weighted, 0).sum(axis=0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: The gradients were summed over the places
def grad_cam(activations, gradients):
    weights = gradients.sum(axis=(1, 2), keepdims=True)
    return np.maximum((weights * activations).sum(axis=0), 0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: which of the channels speak for this class
def grad_cam(activations, gradients):
    return activations.sum(axis=0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: one number for each place: over what is the sum
def grad_cam(activations, gradients):
    return np.maximum(gradients.mean(axis=(1, 2), keepdims=True) * activations, 0)


check("grad_cam", grad_cam)


# %% tags=["wrong"]
# says: That is for drawing
def grad_cam(activations, gradients):
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    summed = np.maximum((weights * activations).sum(axis=0), 0)
    return summed / summed.max()


check("grad_cam", grad_cam)


# %% tags=["alternative"]
def grad_cam(activations, gradients):
    import torch

    weights = torch.as_tensor(gradients).mean(dim=(1, 2))
    return torch.einsum("k,kij->ij", weights, torch.as_tensor(activations)).relu()


check("grad_cam", grad_cam)

# %% [markdown]
# ## 7 · Run a control, and defend what it shows
#
# "Resampling the groups never hurts," writes a colleague, "so we do it always." You measure on a control: a
# set in which the bias is there, and too hard to learn.

# %%
from internlab.debias.exercises.shortcut_given import measure

ui.show_source(measure)

# %% [markdown]
# The study is fixed before you measure: seeds 0 to 11. Answer with a dictionary:
#
# - `differences`: from each of these seeds to unbiased accuracy with resampling minus without;
# - `conclusion`: `"helps"` if the mean difference lies above zero by more than two standard errors (표준
#   오차), `"costs"` if it lies below zero by more than two, else `"cannot tell"`. The standard error is the
#   standard deviation of the differences, with `ddof=1`, over the square root of their number.

# %%
### BEGIN SOLUTION
differences = {}
for seed in range(12):
    resampled, plain = measure(seed)
    differences[seed] = resampled - plain
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
conclusion = "cannot tell"
if abs(values.mean()) > 2 * error:
    conclusion = "helps" if values.mean() > 0 else "costs"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("control", answer)

# %%
# hint("control", 1)

# %% tags=["wrong"]
# says: What would it have been without resampling
over_chance = {seed: measure(seed)[0] - 0.5 for seed in range(12)}
answer = {"differences": over_chance, "conclusion": "helps"}
check("control", answer)

# %% tags=["wrong"]
# says: with resampling alone. Compared with what
alone = {seed: measure(seed)[0] for seed in range(12)}
answer = {"differences": alone, "conclusion": "helps"}
check("control", answer)

# %% tags=["wrong"]
# says: which is taken from which
swapped = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}
answer = {"differences": swapped, "conclusion": "helps"}
check("control", answer)

# %% tags=["wrong"]
# says: are both numbers of the same seed
unpaired = {seed: measure(seed)[0] - measure(seed + 50)[1] for seed in range(12)}
answer = {"differences": unpaired, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: did you turn shares into points
points = {seed: 100 * (measure(seed)[0] - measure(seed)[1]) for seed in range(12)}
answer = {"differences": points, "conclusion": "costs"}
check("control", answer)

# %% tags=["wrong"]
# says: which numbers belong into the mean
rounded = {seed: round(measure(seed)[0] - measure(seed)[1], 2) for seed in range(12)}
answer = {"differences": rounded, "conclusion": "costs"}
check("control", answer)

# %% tags=["wrong"]
# says: what turns the one into the other
texts = {str(seed): measure(seed)[0] - measure(seed)[1] for seed in range(12)}
answer = {"differences": texts, "conclusion": "costs"}
check("control", answer)

# %% tags=["wrong"]
# says: would you have stopped there
three = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(3)}
answer = {"differences": three, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: what would another seed have said
answer = {"differences": {2: measure(2)[0] - measure(2)[1]}, "conclusion": "helps"}
check("control", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
picked = {seed: measure(seed)[0] - measure(seed)[1] for seed in (0, 1, 2, 11)}
answer = {"differences": picked, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: who chose yours
shopped = {seed: measure(seed)[0] - measure(seed)[1] for seed in (31, 32, 33)}
answer = {"differences": shopped, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: which run gave you this number
invented = three | {seed: 0.01 + seed / 1000 for seed in range(3, 12)}
answer = {"differences": invented, "conclusion": "helps"}
check("control", answer)

# %% tags=["wrong"]
# says: on which side of zero is the mean
twelve = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}
answer = {"differences": twelve, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: which does the rule give
answer = {"differences": twelve, "conclusion": "hurts"}
check("control", answer)

# %% tags=["alternative"]
both = pd.DataFrame([measure(seed) for seed in range(12)], columns=["resampled", "plain"])
differences = (both["resampled"] - both["plain"]).to_dict()
answer = {"conclusion": "costs", "differences": differences}
check("control", answer)

# %% tags=["alternative"]
differences = (both["resampled"] - both["plain"]).astype("float32")
answer = {"conclusion": "costs", "differences": differences}
check("control", answer)

# %% [markdown]
# Apply the rule to the first three seeds alone, then to four, and so on: with few the honest answer is
# "cannot tell", with all twelve it is not. Resampling has shown the few conflicting images again and again,
# and a network learns less from one image shown ten times than from ten images. Where a shortcut is there
# to be broken, that price is worth paying. Where none is, it is only a price.
#
# ## What you did
#
# You made a bias whose ratio you know, wrote the scores that an average hides, asked what a model will do
# where the bias is weaker, swapped the cue, opened the map, and ran a control. The worked answers are in
# [solutions](../solutions/40_shortcut.ipynb).
