# ---
# title: "Lab: baselines against the shortcut"
# minutes: 75
# passages: [kep-debias-survey, kb-internalise-first]
# smoke_seconds: 20
# ---
# %% [markdown]
# # Lab 41 · Baselines against the shortcut
#
# *75 minutes. You need: lesson 41.*
#
# You rebuild the parts of LfF and of LDD, audit the error set of JTT, and compare two methods so that the
# conclusion is no larger than what was measured. Replace each `...`, run the cell, and read the line below
# it. `hint("name", 1)` to `hint("name", 3)` help, and nothing here depends on an earlier blank.

# %%
from internlab import passages

passages.card("kep-debias-survey", "kb-internalise-first")

# %%
import numpy as np
import torch
import torch.nn.functional as F

from internlab import notebook_ui as ui
from internlab import tier
from internlab.debias.exercises.baselines import check, hint

tier.one_thread()
ui.style()

# %% [markdown]
# ## 1 · A loss that trusts what it believes
#
# Write the generalised cross-entropy: from `logits` (B, K) and `labels` (B,) to one loss an image, (B,). Its
# gradient is that of the cross-entropy times $p_y^q$, where $p_y$ is the probability of the right class:
#
# $$\mathrm{GCE} = \frac{1 - p_y^q}{q}$$
#
# It is the gradient that trains. A loss that is written in another way is right, too, if it has the same
# gradient and, like this one, is 0 where $p_y$ is 1.


# %%
def gce(logits, labels, q):
    ### BEGIN SOLUTION
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return (1 - p**q) / q
    ### END SOLUTION


check("gce", gce)

# %%
# hint("gce", 1)


# %% tags=["wrong"]
# says: Where does q come in
def gce(logits, labels, q):
    return F.cross_entropy(logits, labels, reduction="none")


check("gce", gce)


# %% tags=["wrong"]
# says: also flows through p^q
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return p**q * F.cross_entropy(logits, labels, reduction="none")


check("gce", gce)


# %% tags=["wrong"]
# says: is it one number an image
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return ((1 - p**q) / q).mean()


check("gce", gce)


# %% tags=["wrong"]
# says: Which images is a *biased* network to trust
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0].detach()
    return (1 - p) ** q * F.cross_entropy(logits, labels, reduction="none")


check("gce", gce)


# %% tags=["wrong"]
# says: By what does the paper divide
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return 1 - p**q


check("gce", gce)


# %% tags=["wrong"]
# says: which sign has a loss
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return (p**q - 1) / q


check("gce", gce)


# %% tags=["wrong"]
# says: Which part of it has to keep its gradient
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0].detach()
    return (1 - p**q) / q


check("gce", gce)


# %% tags=["wrong"]
# says: Whose probability is p_y
def gce(logits, labels, q):
    p = logits.softmax(dim=1).amax(dim=1).detach()
    return p**q * F.cross_entropy(logits, labels, reduction="none")


check("gce", gce)


# %% tags=["wrong"]
# says: what does the formula take p^q away from
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return -(p**q) / q


check("gce", gce)


# %% tags=["wrong"]
# says: what have you added to the formula
def gce(logits, labels, q):
    p = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    return (2 - p**q) / q


check("gce", gce)


# %% tags=["wrong"]
# says: Which numbers are to add up to one
def gce(logits, labels, q):
    p = logits.softmax(dim=0).gather(1, labels[:, None])[:, 0]
    return (1 - p**q) / q


check("gce", gce)


# %% tags=["alternative"]
def gce(logits, labels, q):
    losses = F.cross_entropy(logits.float(), labels, reduction="none")
    return -torch.expm1(-q * losses) / q


check("gce", gce)


# %% tags=["alternative"]
def gce(logits, labels, q):
    loss = F.cross_entropy(logits, labels, reduction="none")
    return (-loss).exp().detach() ** q * loss


check("gce", gce)

# %% [markdown]
# ## 2 · Large, compared with whom?
#
# `old` holds the running mean of the loss of each image, `new` the loss of this step, both (N,). Update the
# mean with `momentum`, $m \cdot \mathrm{old} + (1 - m) \cdot \mathrm{new}$, and return each mean as a share of the
# largest mean of its class, (N,).


# %%
def share(old, new, labels, momentum):
    ### BEGIN SOLUTION
    mean = momentum * old + (1 - momentum) * new
    largest = np.array([mean[labels == c].max() for c in range(labels.max() + 1)])
    return mean / largest[labels]
    ### END SOLUTION


check("share", share)

# %%
# hint("share", 1)


# %% tags=["wrong"]
# says: with which images is one compared
def share(old, new, labels, momentum):
    mean = momentum * old + (1 - momentum) * new
    return mean / mean.max()


check("share", share)


# %% tags=["wrong"]
# says: should the running mean move quickly or slowly
def share(old, new, labels, momentum):
    mean = (1 - momentum) * old + momentum * new
    largest = np.array([mean[labels == c].max() for c in range(labels.max() + 1)])
    return mean / largest[labels]


check("share", share)


# %% tags=["wrong"]
# says: Is a loss of 2 large
def share(old, new, labels, momentum):
    return momentum * old + (1 - momentum) * new


check("share", share)


# %% tags=["wrong"]
# says: What is remembered
def share(old, new, labels, momentum):
    largest = np.array([new[labels == c].max() for c in range(labels.max() + 1)])
    return new / largest[labels]


check("share", share)


# %% tags=["wrong"]
# says: What is the largest share of a class
def share(old, new, labels, momentum):
    mean = momentum * old + (1 - momentum) * new
    return mean / np.bincount(labels, weights=mean)[labels]


check("share", share)


# %% tags=["wrong"]
# says: Which comes first, the running mean or the share
def share(old, new, labels, momentum):
    def of_class(values):
        return values / np.array([values[labels == c].max() for c in range(3)])[labels]

    return momentum * of_class(old) + (1 - momentum) * of_class(new)


check("share", share)


# %% tags=["alternative"]
def share(old, new, labels, momentum):
    import pandas as pd

    mean = pd.Series(old * momentum + new * (1 - momentum))
    return mean / mean.groupby(labels).transform("max")


check("share", share)

# %% [markdown]
# ## 3 · The weight
#
# `biased` and `debiased` are the shares of the same images under both networks, (B,). They come out of the networks, so
# a gradient could flow through them. Return the relative difficulty, near 1 where only the biased network
# fails:
#
# $$W = \frac{\mathrm{biased}}{\mathrm{biased} + \mathrm{debiased}}$$


# %%
def weight(biased, debiased):
    ### BEGIN SOLUTION
    biased, debiased = biased.detach(), debiased.detach()
    return biased / (biased + debiased)
    ### END SOLUTION


check("weight", weight)

# %%
# hint("weight", 1)


# %% tags=["wrong"]
# says: what makes a tensor a plain number
def weight(biased, debiased):
    return biased / (biased + debiased)


check("weight", weight)


# %% tags=["wrong"]
# says: Which of the two fails on conflicting images
def weight(biased, debiased):
    return (debiased / (biased + debiased)).detach()


check("weight", weight)


# %% tags=["wrong"]
# says: What does one image with a tiny loss do to the batch
def weight(biased, debiased):
    return (biased / debiased).detach()


check("weight", weight)


# %% tags=["wrong"]
# says: What lies between 0 and 1
def weight(biased, debiased):
    return (biased - debiased).detach()


check("weight", weight)


# %% tags=["wrong"]
# says: Which two losses of one image are compared
def weight(biased, debiased):
    w = (biased / (biased + debiased)).detach()
    return w / w.sum()


check("weight", weight)


# %% tags=["alternative"]
def weight(biased, debiased):
    with torch.no_grad():
        return 1 / (1 + debiased / biased)


check("weight", weight)

# %% [markdown]
# ## 4 · A seven with the green of a four
#
# `z_i` and `z_b` (B, F) are the class and the bias features of a batch, `labels` (B,) its classes. Image k is to get the
# bias feature of image `order[k]`. Return four tensors:
#
# - what the head $C_i$ reads, (B, 2F): first the class feature, then the swapped bias feature,
# - the labels that are right for $C_i$,
# - what the head $C_b$ reads,
# - the labels that are right for $C_b$.
#
# Each head trains one encoder: no gradient of $C_i$ may reach `z_b`, and none of $C_b$ may reach `z_i`.


# %%
def swap(z_i, z_b, labels, order):
    ### BEGIN SOLUTION
    other = z_b[order]
    for_intrinsic = torch.cat([z_i, other.detach()], dim=1)
    for_biased = torch.cat([z_i.detach(), other], dim=1)
    return for_intrinsic, labels, for_biased, labels[order]
    ### END SOLUTION


check("swap", swap)

# %%
# hint("swap", 1)


# %% tags=["wrong"]
# says: left the labels behind
def swap(z_i, z_b, labels, order):
    other = z_b[order]
    for_intrinsic = torch.cat([z_i, other.detach()], dim=1)
    for_biased = torch.cat([z_i.detach(), other], dim=1)
    return for_intrinsic, labels, for_biased, labels


check("swap", swap)


# %% tags=["wrong"]
# says: moved its label along with the bias
def swap(z_i, z_b, labels, order):
    other = z_b[order]
    for_intrinsic = torch.cat([z_i, other.detach()], dim=1)
    for_biased = torch.cat([z_i.detach(), other], dim=1)
    return for_intrinsic, labels[order], for_biased, labels[order]


check("swap", swap)


# %% tags=["wrong"]
# says: would train both encoders
def swap(z_i, z_b, labels, order):
    both = torch.cat([z_i, z_b[order]], dim=1)
    return both, labels, both, labels[order]


check("swap", swap)


# %% tags=["wrong"]
# says: and not its own
def swap(z_i, z_b, labels, order):
    other = z_b[order]
    for_intrinsic = torch.cat([z_i.detach(), other], dim=1)
    for_biased = torch.cat([z_i, other.detach()], dim=1)
    return for_intrinsic, labels, for_biased, labels[order]


check("swap", swap)


# %% tags=["wrong"]
# says: trains no encoder
def swap(z_i, z_b, labels, order):
    both = torch.cat([z_i, z_b[order]], dim=1).detach()
    return both, labels, both, labels[order]


check("swap", swap)


# %% tags=["wrong"]
# says: Which of the two is to be made independent of the class
def swap(z_i, z_b, labels, order):
    other = z_i[order]
    for_intrinsic = torch.cat([other, z_b.detach()], dim=1)
    for_biased = torch.cat([other.detach(), z_b], dim=1)
    return for_intrinsic, labels[order], for_biased, labels


check("swap", swap)


# %% tags=["wrong"]
# says: is not swapped
def swap(z_i, z_b, labels, order):
    for_intrinsic = torch.cat([z_i, z_b.detach()], dim=1)
    for_biased = torch.cat([z_i.detach(), z_b], dim=1)
    return for_intrinsic, labels, for_biased, labels[order]


check("swap", swap)


# %% tags=["wrong"]
# says: along which axis
def swap(z_i, z_b, labels, order):
    other = z_b[order]
    for_intrinsic = torch.cat([z_i, other.detach()])
    for_biased = torch.cat([z_i.detach(), other])
    return for_intrinsic, labels, for_biased, labels[order]


check("swap", swap)


# %% tags=["wrong"]
# says: In which order did the heads learn to read
def swap(z_i, z_b, labels, order):
    other = z_b[order]
    for_intrinsic = torch.cat([other.detach(), z_i], dim=1)
    for_biased = torch.cat([other, z_i.detach()], dim=1)
    return for_intrinsic, labels, for_biased, labels[order]


check("swap", swap)


# %% tags=["alternative"]
def swap(z_i, z_b, labels, order):
    z_b, came_from = z_b.index_select(0, order), labels.index_select(0, order)
    return [
        torch.hstack([z_i, z_b.clone().detach()]),
        labels.clone(),
        torch.hstack([z_i.detach(), z_b]),
        came_from,
    ]


check("swap", swap)

# %% [markdown]
# ## 5 · Audit an error set
#
# `predictions`, `labels` and `biases` (N,) belong to the training images, `predictions` to the first network of JTT. Its
# error set is to find the conflicting images. Return how well it does: the **recall**, which share of the
# conflicting images is in it, and the **precision**, which share of it is conflicting.


# %%
def audit(predictions, labels, biases):
    ### BEGIN SOLUTION
    errors, conflicting = predictions != labels, labels != biases
    found = (errors & conflicting).sum()
    return found / conflicting.sum(), found / errors.sum()
    ### END SOLUTION


check("audit", audit)

# %%
# hint("audit", 1)


# %% tags=["wrong"]
# says: the wrong way round
def audit(predictions, labels, biases):
    errors, conflicting = predictions != labels, labels != biases
    found = (errors & conflicting).sum()
    return found / errors.sum(), found / conflicting.sum()


check("audit", audit)


# %% tags=["wrong"]
# says: Of which images does recall ask
def audit(predictions, labels, biases):
    found = ((predictions != labels) & (labels != biases)).mean()
    return found, found


check("audit", audit)


# %% tags=["wrong"]
# says: what makes an error
def audit(predictions, labels, biases):
    conflicting = labels != biases
    found = ((predictions == biases) & conflicting).sum()
    return found / conflicting.sum(), found / (predictions != labels).sum()


check("audit", audit)


# %% tags=["wrong"]
# says: From what must a prediction differ
def audit(predictions, labels, biases):
    errors, conflicting = predictions != biases, labels != biases
    found = (errors & conflicting).sum()
    return found / conflicting.sum(), found / errors.sum()


check("audit", audit)


# %% tags=["wrong"]
# says: Which part of it is wanted
def audit(predictions, labels, biases):
    errors, conflicting = predictions != labels, labels != biases
    found = (errors & conflicting).sum()
    return found / conflicting.sum(), 1 - found / errors.sum()


check("audit", audit)


# %% tags=["wrong"]
# says: is per cent
def audit(predictions, labels, biases):
    errors, conflicting = predictions != labels, labels != biases
    found = 100 * (errors & conflicting).sum()
    return found / conflicting.sum(), found / errors.sum()


check("audit", audit)


# %% tags=["wrong"]
# says: Which share of the conflicting ones is it
def audit(predictions, labels, biases):
    found = ((predictions != labels) & (labels != biases)).sum()
    return found, found


check("audit", audit)


# %% tags=["wrong"]
# says: what goes after the `return`
def audit(predictions, labels, biases):
    return (predictions != labels)[labels != biases].mean()


check("audit", audit)


# %% tags=["alternative"]
def audit(predictions, labels, biases):
    errors, conflicting = (torch.from_numpy(x) for x in (predictions != labels, labels != biases))
    both = (errors & conflicting).sum()
    return torch.stack([both / conflicting.sum(), both / errors.sum()])


check("audit", audit)


# %% tags=["alternative"]
def audit(predictions, labels, biases):
    from sklearn.metrics import precision_score, recall_score

    truth, found = labels != biases, predictions != labels
    return [recall_score(truth, found), precision_score(truth, found)]


check("audit", audit)

# %% [markdown]
# ## 6 · What must be told
#
# Seven methods; their settings are given. For each, where does it need bias labels in order to train:
# `"nothing"`, `"balanced set"` (a small one, in which class and bias are independent) or `"training images"`?

# %%
### BEGIN SOLUTION
told = {
    "erm": "nothing",
    "resample": "training images",
    "group_dro": "training images",
    "lff": "nothing",
    "jtt": "nothing",
    "ldd": "nothing",
    "dfr": "balanced set",
}
### END SOLUTION
check("told", told)

# %%
# hint("told", 1)

# %% tags=["wrong"]
# says: on which images, and how do class and bias go there
right = dict(told)
told = {**right, "dfr": "nothing"}
check("told", told)

# %% tags=["wrong"]
# says: LDD swaps features whichever image they come from
told = {**right, "ldd": "training images"}
check("told", told)

# %% tags=["wrong"]
# says: JTT takes its error set from what a first network gets wrong
told = {**right, "jtt": "balanced set"}
check("told", told)

# %% tags=["wrong"]
# says: of which images, then, must the bias be known
told = {**right, "group_dro": "balanced set"}
check("told", told)

# %% tags=["wrong"]
# says: expected one of nothing, balanced set, training images
told = {**right, "resample": "all"}
check("told", told)

# %% tags=["wrong"]
# says: what are they told
told = {"erm": "nothing"}
check("told", told)

# %% tags=["wrong"]
# says: Did you mean 'erm'
told = {name.upper(): place for name, place in right.items()}
check("told", told)

# %% tags=["wrong"]
# says: what does your dictionary lead from
told = {place: [name for name in right if right[name] == place] for place in right.values()}
check("told", told)

# %% tags=["alternative"]
from internlab.debias.methods import METHODS

PLACES = {"NOTHING": "nothing", "BALANCED_SET": "balanced set"}
told = {name: PLACES.get(each.needs.name, "training images") for name, each in METHODS.items()}
check("told", told)

# %% [markdown]
# That is what they need to *train*. To choose the length of the first stage of JTT, or q of LfF, somebody looked at
# a validation set, and in most papers its bias was labelled.
#
# ## 7 · Is the newer method better?
#
# A colleague has tried LDD and LfF on a smaller coloured MNIST with three seeds, and says: "LDD won every
# time." The function below trains both and returns their unbiased accuracies in percent. (The first call
# takes a few seconds and trains twelve seeds side by side.)

# %%
from internlab.debias.exercises.baselines_given import measure

ui.show_source(measure)

# %%
print("seed 0: LDD {:.1f}, LfF {:.1f}".format(*measure(0)))

# %% [markdown]
# Measure seeds 0 to 11; the number was fixed before anybody looked. Answer with a dictionary:
#
# - `"differences"`: from seed to LDD minus LfF,
# - `"conclusion"`: `"LDD"` if the mean difference is more than two standard errors above zero, `"LfF"` if it is more than
#   two below, `"cannot tell"` otherwise.

# %%
### BEGIN SOLUTION
differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}
values = np.array(list(differences.values()))
mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
conclusion = "LDD" if mean > 2 * error else "LfF" if mean < -2 * error else "cannot tell"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("conclude", answer)

# %%
# hint("conclude", 1)

# %% tags=["wrong"]
# says: would you have stopped there
study = dict(answer)
first = {seed: study["differences"][seed] for seed in range(3)}
answer = {"differences": first, "conclusion": "LDD"}
check("conclude", answer)

# %% tags=["wrong"]
# says: what would another seed have said
answer = {"differences": {0: study["differences"][0]}, "conclusion": "LDD"}
check("conclude", answer)

# %% tags=["wrong"]
# says: which is taken from which
answer = {**study, "differences": {s: -d for s, d in study["differences"].items()}}
check("conclude", answer)

# %% tags=["wrong"]
# says: Which seed shares its images
answer = {**study, "differences": {s: measure(s)[0] - measure(0)[1] for s in range(12)}}
check("conclude", answer)

# %% tags=["wrong"]
# says: on which side of zero is the mean
others = {"cannot tell": "LDD", "LDD": "cannot tell", "LfF": "cannot tell"}
answer = {**study, "conclusion": others[study["conclusion"]]}
check("conclude", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
kept = {s: d for s, d in study["differences"].items() if s not in (3, 9)}
answer = {**study, "differences": kept}
check("conclude", answer)

# %% tags=["wrong"]
# says: Compared with what
answer = {**study, "differences": {s: measure(s)[0] for s in range(12)}}
check("conclude", answer)

# %% tags=["wrong"]
# says: did you divide by 100
answer = {**study, "differences": {s: d / 100 for s, d in study["differences"].items()}}
check("conclude", answer)

# %% tags=["wrong"]
# says: which does the rule give
answer = {**study, "conclusion": "LDD is better"}
check("conclude", answer)

# %% tags=["alternative"]
import pandas as pd

table = pd.DataFrame([measure(seed) for seed in range(12)], columns=["ldd", "lff"])
gains = table.ldd - table.lff
beyond = abs(gains.mean()) > 2 * gains.sem()
winner = "LDD" if gains.mean() > 0 else "LfF"
answer = {"conclusion": winner if beyond else "cannot tell", "differences": gains.to_dict()}
check("conclude", answer)

# %% [markdown]
# Look at the first three differences again, and at all twelve. Then look at what lesson 41 measured at 99 %. The same two
# methods, another setting, another answer: a comparison without its setting is not a result.
#
# ## What you did
#
# You wrote the loss that makes a network biased, the share and the weight that turn its failures into a
# signal, and the swap that makes conflicting examples out of aligned ones. You measured what an error set
# finds, said what methods are told, and drew a conclusion from a number of seeds that was fixed beforehand.
# The worked answers are in [solutions](../solutions/41_baselines.ipynb). Next:
# [lesson 42](../notebooks/42_benchmark.ipynb).
