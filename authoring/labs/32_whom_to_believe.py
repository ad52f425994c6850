# ---
# title: Whom to believe (lab)
# minutes: 60
# passages: [kb-same-attack-other-day, msj-open-source-baseline, kep-ood-dog-as-road]
# smoke_seconds: 20
# ---
# %% [markdown]
# # Lab 32 · Whom to believe
#
# *60 minutes. You need: [lesson 32](../notebooks/32_whom_to_believe.ipynb).*
#
# A number about a detector is made of choices: which pixels are asked, how many of them are outliers,
# who chose the settings and with which images, and what else would have given the same number. You write
# the pieces that decide whether others can believe yours: the metrics, the region, the line of the table,
# what an over-used leaderboard hides, an alarm in fog, and a control. Replace each `...`, run the cell, and
# read the line that `check()` prints. The exercises do not depend on each other.

# %%
import numpy as np
import pandas as pd

from internlab import notebook_ui as ui
from internlab import passages
from internlab.ood.exercises.trust import check, hint

ui.style()
passages.card("kb-same-attack-other-day", "msj-open-source-baseline", "kep-ood-dog-as-road")

# %% [markdown]
# Everywhere, a higher score is more out of distribution, and an outlier is the positive class. Labels of
# a street are 0 for road, 1 to 7 for the other classes, 254 for an anomaly, and 255 for void (제외 영역):
# pixels at edges that nobody could label, which no metric counts.

# %%
ROAD, ANOMALY, VOID = 0, 254, 255

# %% [markdown]
# ## 1 · A sum of steps
#
# Every distinct score is a threshold (임계값): what scores at least that much is flagged. Precision
# (정밀도) is the share of outliers among what is flagged, recall (재현율) the share of the outliers that
# is. From the highest threshold down, recall grows. Average precision (평균 정밀도) sums the precision at
# each threshold, weighted by what recall has gained there since the threshold before.
#
# `is_outlier` is an array of True and False, `score` one of floats of the same length. Equal scores
# occur, and no threshold can part them. Write it out, or call a library that does it.


# %%
def step_sum(is_outlier, score):
    ### BEGIN SOLUTION
    total, recall_before = 0.0, 0.0
    for threshold in np.unique(score)[::-1]:
        flagged = score >= threshold
        precision = is_outlier[flagged].mean()
        recall = is_outlier[flagged].sum() / is_outlier.sum()
        total += precision * (recall - recall_before)
        recall_before = recall
    return total
    ### END SOLUTION


check("step-sum", step_sum)

# %%
# hint("step-sum", 1)


# %% tags=["wrong"]
# says: straight lines from point to point. Which threshold gives the precisions
def step_sum(is_outlier, score):
    from sklearn.metrics import auc, precision_recall_curve

    precision, recall, _ = precision_recall_curve(is_outlier, score)
    return auc(recall, precision)


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: from the first point on
def step_sum(is_outlier, score):
    precisions, recalls = [], []
    for threshold in np.unique(score)[::-1]:
        flagged = score >= threshold
        precisions.append(is_outlier[flagged].mean())
        recalls.append(is_outlier[flagged].sum() / is_outlier.sum())
    return np.trapezoid(precisions, recalls)


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: Which end of your order is the most outlying
def step_sum(is_outlier, score):
    from sklearn.metrics import average_precision_score

    return average_precision_score(is_outlier, -score)


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: can a threshold flag one of them and spare the other
def step_sum(is_outlier, score):
    found = is_outlier[np.argsort(-score, kind="stable")]
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return precision[found].mean()


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: the mean precision over all thresholds
def step_sum(is_outlier, score):
    return np.mean([is_outlier[score >= threshold].mean() for threshold in np.unique(score)])


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: What is on its axes
def step_sum(is_outlier, score):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score(is_outlier, score)


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: With which precision were the outliers of this step found
def step_sum(is_outlier, score):
    total, recall_before, precision_before = 0.0, 0.0, 0.0
    for threshold in np.unique(score)[::-1]:
        flagged = score >= threshold
        recall = is_outlier[flagged].sum() / is_outlier.sum()
        total += precision_before * (recall - recall_before)
        recall_before, precision_before = recall, is_outlier[flagged].mean()
    return total


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: the average precision of finding inliers
def step_sum(is_outlier, score):
    from sklearn.metrics import average_precision_score

    return average_precision_score(~is_outlier, -score)


check("step-sum", step_sum)


# %% tags=["alternative"]
def step_sum(is_outlier, score):
    from sklearn.metrics import average_precision_score

    return average_precision_score(is_outlier, score)


check("step-sum", step_sum)


# %% tags=["alternative"]
def step_sum(is_outlier, score):
    reached = [is_outlier[score >= mine].mean() for mine in score[is_outlier]]
    return sum(reached) / len(reached)


check("step-sum", step_sum)


# %% tags=["wrong"]
# says: expected a finite number
def step_sum(is_outlier, score):
    total, recall_before = 0.0, 0.0
    for threshold in [np.inf, *np.unique(score)[::-1]]:
        flagged = score >= threshold
        with np.errstate(invalid="ignore"):
            precision = is_outlier[flagged].sum() / flagged.sum()
        recall = is_outlier[flagged].sum() / is_outlier.sum()
        total += precision * (recall - recall_before)
        recall_before = recall
    return total


check("step-sum", step_sum)

# %% [markdown]
# ## 2 · FPR at 95 % TPR
#
# A car that must not miss an animal sets its threshold by the animals: the highest one that flags at
# least 95 % of the outliers (true positive rate, TPR). FPR95 is the share of the *inliers* that this
# threshold flags as well. Papers exist that do it the other way round, under the same name; here the
# outlier is the positive class.


# %%
def fpr95(is_outlier, score):
    ### BEGIN SOLUTION
    for threshold in np.unique(score)[::-1]:
        if (score[is_outlier] >= threshold).mean() >= 0.95:
            break
    return (score[~is_outlier] >= threshold).mean()
    ### END SOLUTION


check("fpr95", fpr95)

# %%
# hint("fpr95", 1)


# %% tags=["wrong"]
# says: the threshold keeps 95 % of the inliers
def fpr95(is_outlier, score):
    from sklearn.metrics import roc_curve

    fpr, tpr, _ = roc_curve(~is_outlier, -score, drop_intermediate=False)
    return fpr[np.argmax(tpr >= 0.95)]


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: 5 % by construction
def fpr95(is_outlier, score):
    threshold = np.quantile(score[~is_outlier], 0.95)
    return (score[~is_outlier] > threshold).mean()


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: flags only 5 % of the outliers
def fpr95(is_outlier, score):
    threshold = np.quantile(score[is_outlier], 0.95)
    return (score[~is_outlier] >= threshold).mean()


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: left in peace
def fpr95(is_outlier, score):
    threshold = np.quantile(score[is_outlier], 0.05, method="higher")
    return (score[~is_outlier] < threshold).mean()


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: the share of the flagged pixels that are inliers
def fpr95(is_outlier, score):
    threshold = np.quantile(score[is_outlier], 0.05, method="higher")
    return (~is_outlier[score >= threshold]).mean()


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: a share of all pixels
def fpr95(is_outlier, score):
    threshold = np.quantile(score[is_outlier], 0.05, method="higher")
    return ((score >= threshold) & ~is_outlier).mean()


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: Is 38 of 40 at least 95 %
def fpr95(is_outlier, score):
    from sklearn.metrics import roc_curve

    fpr, tpr, _ = roc_curve(is_outlier, score, drop_intermediate=False)
    return fpr[np.argmax(tpr > 0.95)]


check("fpr95", fpr95)


# %% tags=["alternative"]
def fpr95(is_outlier, score):
    from sklearn.metrics import roc_curve

    fpr, tpr, _ = roc_curve(is_outlier, score, drop_intermediate=False)
    return fpr[np.argmax(tpr >= 0.95)]


check("fpr95", fpr95)


# %% tags=["alternative"]
def fpr95(is_outlier, score):
    return np.mean(score[~is_outlier] > np.quantile(score[is_outlier], 0.05))


check("fpr95", fpr95)


# %% tags=["wrong"]
# says: above 95 % of *all* pixels


def fpr95(is_outlier, score):
    return (score[~is_outlier] >= np.quantile(score, 0.95)).mean()


check("fpr95", fpr95)

# %% [markdown]
# ## 3 · How many alarms are true?
#
# TPR and FPR belong to a detector and a threshold. What a driver lives with is the share of alarms that
# are true, and that depends on how rare outliers are: on the base rate (기저율), their share among all
# pixels. Return the share of flagged pixels that are outliers.


# %%
def true_alarms(tpr, fpr, base_rate):
    ### BEGIN SOLUTION
    true, false = base_rate * tpr, (1 - base_rate) * fpr
    return true / (true + false)
    ### END SOLUTION


check("alarms", true_alarms)

# %% [markdown]
# A detector that flags 95 % of the outliers and 5 % of the inliers: what is an alarm worth where every
# second pixel is an outlier, and where one in a thousand is?

# %%
[true_alarms(0.95, 0.05, base_rate) for base_rate in (0.5, 0.001)]

# %%
# hint("alarms", 1)


# %% tags=["wrong"]
# says: if there were as many outliers as inliers
def true_alarms(tpr, fpr, base_rate):
    return tpr / (tpr + fpr)


check("alarms", true_alarms)


# %% tags=["wrong"]
# says: the share of false alarms
def true_alarms(tpr, fpr, base_rate):
    true, false = base_rate * tpr, (1 - base_rate) * fpr
    return false / (true + false)


check("alarms", true_alarms)


# %% tags=["wrong"]
# says: the share of all pixels that are true alarms
def true_alarms(tpr, fpr, base_rate):
    return base_rate * tpr


check("alarms", true_alarms)


# %% tags=["wrong"]
# says: with inliers and outliers exchanged
def true_alarms(tpr, fpr, base_rate):
    return (1 - base_rate) * tpr / ((1 - base_rate) * tpr + base_rate * fpr)


check("alarms", true_alarms)


# %% tags=["wrong"]
# says: Does it know how rare outliers are
def true_alarms(tpr, fpr, base_rate):
    return 1 - fpr


check("alarms", true_alarms)


# %% tags=["alternative"]
def true_alarms(tpr, fpr, base_rate):
    pixels = 1e6
    outliers = base_rate * pixels
    return outliers * tpr / (outliers * tpr + (pixels - outliers) * fpr)


check("alarms", true_alarms)

# %% [markdown]
# ## 4 · Which pixels are asked?
#
# A benchmark of road obstacles asks about what lies in the way of a car: the road and the anomalies
# on it. Its numbers are compared between networks. `labels` is the truth of an image, (H, W), and
# `predicted` is what your network says. Return the region (관심 영역) as a boolean map: True where a
# pixel counts.


# %%
def region(labels, predicted):
    ### BEGIN SOLUTION
    return (labels == ROAD) | (labels == ANOMALY)
    ### END SOLUTION


check("region", region)

# %%
# hint("region", 1)


# %% tags=["wrong"]
# says: whose road should all networks be asked about
def region(labels, predicted):
    return predicted == ROAD


check("region", region)


# %% tags=["wrong"]
# says: would you compare their numbers
def region(labels, predicted):
    return (predicted == ROAD) | (labels == ANOMALY)


check("region", region)


# %% tags=["wrong"]
# says: which label is missing
def region(labels, predicted):
    return labels == ROAD


check("region", region)


# %% tags=["wrong"]
# says: The sky cannot be run over
def region(labels, predicted):
    return labels != VOID


check("region", region)


# %% tags=["wrong"]
# says: an edge pixel that nobody could label
def region(labels, predicted):
    return (labels == ROAD) | (labels >= ANOMALY)


check("region", region)


# %% tags=["wrong"]
# says: the anomalies only
def region(labels, predicted):
    return labels == ANOMALY


check("region", region)


# %% tags=["wrong"]
# says: is it one yes or no for each pixel
def region(labels, predicted):
    return labels[(labels == ROAD) | (labels == ANOMALY)]


check("region", region)


# %% tags=["alternative"]
def region(labels, predicted):
    return np.isin(labels, [ROAD, ANOMALY])


check("region", region)


# %% tags=["wrong"]
# says: as either of the two sees it


def region(labels, predicted):
    road = (labels == ROAD) | (predicted == ROAD) & (labels < ANOMALY)
    return road | (labels == ANOMALY)


check("region", region)


# %% tags=["wrong"]
# says: binds tighter than


def region(labels, predicted):
    return labels == ROAD | ANOMALY


check("region", region)

# %% [markdown]
# ## 5 · The line of the table
#
# You tried ten settings. `submissions` is a frame with one row each and the columns `name`,
# `validation_ap` (on other objects in other scenes), `public_ap` (on the public half of the test images,
# which a leaderboard showed you while you tuned) and `hidden_ap` (on its hidden half, shown at the very
# end). `is_outlier` is an array with the truth of all hidden pixels.
#
# Return what you publish: the name of the setting that you choose, an AP that had no part in any choice,
# and the number beside which the AP has to be read.


# %%
def report(submissions, is_outlier):
    ### BEGIN SOLUTION
    best = submissions.loc[submissions["validation_ap"].idxmax()]
    base_rate = is_outlier.mean()
    return best["name"], best["hidden_ap"], base_rate
    ### END SOLUTION


check("report", report)

# %%
# hint("report", 1)


# %% tags=["wrong"]
# says: if test images choose, which images are left
def report(submissions, is_outlier):
    best = submissions.loc[submissions["public_ap"].idxmax()]
    return best["name"], best["hidden_ap"], is_outlier.mean()


check("report", report)


# %% tags=["wrong"]
# says: could you see that column
def report(submissions, is_outlier):
    best = submissions.loc[submissions["hidden_ap"].idxmax()]
    return best["name"], best["hidden_ap"], is_outlier.mean()


check("report", report)


# %% tags=["wrong"]
# says: which you saw while you tuned
def report(submissions, is_outlier):
    best = submissions.loc[submissions["validation_ap"].idxmax()]
    return best["name"], best["public_ap"], is_outlier.mean()


check("report", report)


# %% tags=["wrong"]
# says: which chose it
def report(submissions, is_outlier):
    best = submissions.loc[submissions["validation_ap"].idxmax()]
    return best["name"], best["validation_ap"], is_outlier.mean()


check("report", report)


# %% tags=["wrong"]
# says: what AP would a score have that knows nothing
def report(submissions, is_outlier):
    best = submissions.loc[submissions["validation_ap"].idxmax()]
    return best["name"], best["hidden_ap"]


check("report", report)


# %% tags=["wrong"]
# says: which ones are looked for
def report(submissions, is_outlier):
    best = submissions.loc[submissions["validation_ap"].idxmax()]
    return best["name"], best["hidden_ap"], (~is_outlier).mean()


check("report", report)


# %% tags=["wrong"]
# says: a share of what is it
def report(submissions, is_outlier):
    best = submissions.loc[submissions["validation_ap"].idxmax()]
    return best["name"], best["hidden_ap"], is_outlier.sum() / (~is_outlier).sum()


check("report", report)


# %% tags=["wrong"]
# says: is larger better
def report(submissions, is_outlier):
    best = submissions.sort_values("validation_ap").iloc[0]
    return best["name"], best["hidden_ap"], is_outlier.mean()


check("report", report)


# %% tags=["wrong"]
# says: in whose row do you read it
def report(submissions, is_outlier):
    name = submissions["name"][submissions["validation_ap"].idxmax()]
    return name, submissions["hidden_ap"].max(), is_outlier.mean()


check("report", report)


# %% tags=["alternative"]
def report(submissions, is_outlier):
    top = submissions.sort_values("validation_ap", ascending=False).iloc[0]
    return [top["name"], float(top.hidden_ap), np.count_nonzero(is_outlier) / is_outlier.size]


check("report", report)


# %% tags=["wrong"]
# says: that had no part in it and look like them


def report(submissions, is_outlier):
    every = submissions[["validation_ap", "public_ap", "hidden_ap"]].mean(axis=1)
    best = submissions.loc[every.idxmax()]
    return best["name"], best["hidden_ap"], is_outlier.mean()


check("report", report)


# %% tags=["alternative"]


def report(submissions, is_outlier):
    best = submissions.set_index("name").validation_ap.idxmax()
    ap = submissions.set_index("name").hidden_ap[best]
    return pd.Series({"name": best, "ap": ap, "base rate": is_outlier.mean()})


check("report", report)

# %% [markdown]
# ## 6 · What vanishes
#
# The same submissions were entered on many boards that differ in which images are public. `public[r, s]`
# and `hidden[r, s]` are the AP of submission s on the two halves of board r. Submission 0 is where
# everybody starts. On each board the submission that leads in public is kept.
#
# A gain is what a submission has over submission 0 *on the same half*. Return, as the mean over the
# boards, how much larger the public gain of the kept submission is than its hidden gain.


# %%
def vanished(public, hidden):
    ### BEGIN SOLUTION
    boards = np.arange(len(public))
    kept = public.argmax(axis=1)
    public_gain = public[boards, kept] - public[:, 0]
    hidden_gain = hidden[boards, kept] - hidden[:, 0]
    return np.mean(public_gain - hidden_gain)
    ### END SOLUTION


check("vanished", vanished)

# %%
# hint("vanished", 1)


# %% tags=["wrong"]
# says: Nobody could have submitted that one
def vanished(public, hidden):
    return np.mean(public.max(axis=1) - hidden.max(axis=1))


check("vanished", vanished)


# %% tags=["wrong"]
# says: when was it opened
def vanished(public, hidden):
    boards, kept = np.arange(len(public)), hidden.argmax(axis=1)
    public_gain = public[boards, kept] - public[:, 0]
    return np.mean(public_gain - (hidden[boards, kept] - hidden[:, 0]))


check("vanished", vanished)


# %% tags=["wrong"]
# says: Some halves are simply easier
def vanished(public, hidden):
    boards, kept = np.arange(len(public)), public.argmax(axis=1)
    return np.mean(public[boards, kept] - hidden[boards, kept])


check("vanished", vanished)


# %% tags=["wrong"]
# says: who leads on this one
def vanished(public, hidden):
    kept = public.mean(axis=0).argmax()
    return np.mean(public[:, kept] - public[:, 0] - (hidden[:, kept] - hidden[:, 0]))


check("vanished", vanished)


# %% tags=["wrong"]
# says: is that more or less than zero
def vanished(public, hidden):
    boards, kept = np.arange(len(public)), public.argmax(axis=1)
    public_gain = public[boards, kept] - public[:, 0]
    return np.mean((hidden[boards, kept] - hidden[:, 0]) - public_gain)


check("vanished", vanished)


# %% tags=["wrong"]
# says: how much was there in public
def vanished(public, hidden):
    boards, kept = np.arange(len(public)), public.argmax(axis=1)
    return np.mean(hidden[boards, kept] - hidden[:, 0])


check("vanished", vanished)


# %% tags=["wrong"]
# says: over what is the mean taken
def vanished(public, hidden):
    boards, kept = np.arange(len(public)), public.argmax(axis=1)
    public_gain = public[boards, kept] - public[:, 0]
    return public_gain - (hidden[boards, kept] - hidden[:, 0])


check("vanished", vanished)


# %% tags=["alternative"]
def vanished(public, hidden):
    lost = []
    for seen, unseen in zip(public, hidden):
        kept = max(range(len(seen)), key=lambda s: seen[s])
        lost.append((seen[kept] - unseen[kept]) - (seen[0] - unseen[0]))
    return sum(lost) / len(lost)


check("vanished", vanished)


# %% tags=["wrong"]
# says: never keeps submission 0


def vanished(public, hidden):
    boards, kept = np.arange(len(public)), 1 + public[:, 1:].argmax(axis=1)
    public_gain = public[boards, kept] - public[:, 0]
    return np.mean(public_gain - (hidden[boards, kept] - hidden[:, 0]))


check("vanished", vanished)


# %% tags=["alternative"]


def vanished(public, hidden):
    import torch

    lead = torch.tensor(public - hidden)
    kept = torch.tensor(public).argmax(dim=1, keepdim=True)
    return (lead.gather(1, kept)[:, 0] - lead[:, 0]).mean()


check("vanished", vanished)


# %% tags=["alternative"]


def vanished(public, hidden):
    lead = np.float32(public - hidden)
    return np.mean([row[seen.argmax()] - row[0] for row, seen in zip(lead, public)])


check("vanished", vanished)

# %% [markdown]
# ## 7 · An alarm in fog
#
# A detector is to raise an alarm on a share of at most `share` of ordinary pixels. Its threshold is fixed
# on `clear`: scores of clear validation images without an anomaly. Then there is fog, with nothing new in
# it, and scores `fog`. Return the share of foggy pixels that raise an alarm. Both arrays may have any
# shape.


# %%
def flagged(clear, fog, share):
    ### BEGIN SOLUTION
    threshold = np.quantile(clear, 1 - share)
    return (fog > threshold).mean()
    ### END SOLUTION


check("flagged", flagged)

# %%
# hint("flagged", 1)


# %% tags=["wrong"]
# says: from which ones is it known before the fog comes
def flagged(clear, fog, share):
    return (fog > np.quantile(fog, 1 - share)).mean()


check("flagged", flagged)


# %% tags=["wrong"]
# says: which images were there when it was fixed
def flagged(clear, fog, share):
    everything = np.concatenate([clear.ravel(), fog.ravel()])
    return (fog > np.quantile(everything, 1 - share)).mean()


check("flagged", flagged)


# %% tags=["wrong"]
# says: which end of the scores is out of distribution
def flagged(clear, fog, share):
    return (fog > np.quantile(clear, share)).mean()


check("flagged", flagged)


# %% tags=["wrong"]
# says: on which side of the threshold is an alarm
def flagged(clear, fog, share):
    return (fog <= np.quantile(clear, 1 - share)).mean()


check("flagged", flagged)


# %% tags=["wrong"]
# says: which function takes the quantile of the scores themselves
def flagged(clear, fog, share):
    return (fog > clear.mean() + 1.645 * clear.std()).mean()


check("flagged", flagged)


# %% tags=["wrong"]
# says: what is it as a share between 0 and 1
def flagged(clear, fog, share):
    return 100 * (fog > np.quantile(clear, 1 - share)).mean()


check("flagged", flagged)


# %% tags=["alternative"]
def flagged(clear, fog, share):
    ordered = np.sort(clear.ravel())
    threshold = ordered[int((1 - share) * len(ordered))]
    return float(np.count_nonzero(fog > threshold) / fog.size)


check("flagged", flagged)

# %% [markdown]
# ## 8 · Run a control, and defend what it shows
#
# A colleague writes: "On pasted animals my detector has an AUROC of about 0.75 with every network. It
# finds what the network has never seen." You paste ordinary cars and people by the same code, and ask the
# detector about those. `measure(seed)` trains nothing: it draws pixels of a small feature space, as far
# apart as those of a street, and takes a moment.

# %%
from internlab.ood.exercises.trust_given import measure

ui.show_source(measure)

# %% [markdown]
# The study is fixed before you measure: twelve networks, seeds 0 to 11. Choosing the seeds, or when to
# stop, is shopping for a result too. Answer with a dictionary:
#
# - `differences`: from each of these seeds to AUROC of the animals minus AUROC of the pasted ordinary
#   objects, of the same network;
# - `conclusion`: `"finds the new"` if the mean difference lies above zero by more than two standard
#   errors (표준 오차), `"finds the pasted"` if it lies below zero by more than two, else
#   `"cannot tell"`. The standard error is the standard deviation of the differences, with `ddof=1`, over
#   the square root of their number.

# %%
### BEGIN SOLUTION
differences = {}
for seed in range(12):
    animals, pasted = measure(seed)
    differences[seed] = animals - pasted
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
conclusion = "cannot tell"
if abs(values.mean()) > 2 * error:
    conclusion = "finds the new" if values.mean() > 0 else "finds the pasted"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("control", answer)

# %%
# hint("control", 1)

# %% tags=["wrong"]
# says: what does the detector say to a pasted car
against_chance = {seed: measure(seed)[0] - 0.5 for seed in range(12)}
answer = {"differences": against_chance, "conclusion": "finds the new"}
check("control", answer)

# %% tags=["wrong"]
# says: what would another network have said
answer = {"differences": {2: measure(2)[0] - measure(2)[1]}, "conclusion": "finds the new"}
check("control", answer)

# %% tags=["wrong"]
# says: which is taken from which
swapped = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}
answer = {"differences": swapped, "conclusion": "finds the new"}
check("control", answer)

# %% tags=["wrong"]
# says: are both numbers of the same network
unpaired = {seed: measure(seed)[0] - measure(seed + 50)[1] for seed in range(12)}
answer = {"differences": unpaired, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
picked = {seed: measure(seed)[0] - measure(seed)[1] for seed in (0, 2, 3)}
answer = {"differences": picked, "conclusion": "finds the new"}
check("control", answer)

# %% tags=["wrong"]
# says: who chose yours, and what was known about them by then
shopped = {seed: measure(seed)[0] - measure(seed)[1] for seed in (84, 85, 86)}
answer = {"differences": shopped, "conclusion": "finds the new"}
check("control", answer)

# %% tags=["wrong"]
# says: would you have stopped there
four = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(4)}
answer = {"differences": four, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: which run gave you this number
invented = four | {seed: 0.1 + seed / 1000 for seed in range(4, 12)}
answer = {"differences": invented, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: expected a finite number
unfinished = four | {seed: float("nan") for seed in range(4, 12)}
answer = {"differences": unfinished, "conclusion": "cannot tell"}
check("control", answer)

# %% tags=["wrong"]
# says: on which side of zero is the mean
twelve = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}
answer = {"differences": twelve, "conclusion": "finds the new"}
check("control", answer)

# %% tags=["wrong"]
# says: which does the rule give
answer = {"differences": twelve, "conclusion": "finds nothing"}
check("control", answer)

# %% tags=["wrong"]
# says: which network made which of them
answer = {"differences": list(twelve.values()), "conclusion": "finds the pasted"}
check("control", answer)

# %% tags=["wrong"]
# says: with the keys 'differences' and 'conclusion'
answer = {"differences": twelve}
check("control", answer)

# %% tags=["alternative"]
measured = pd.DataFrame([measure(seed) for seed in range(12)], columns=["animals", "pasted"])
differences = (measured["animals"] - measured["pasted"]).to_dict()
answer = {"conclusion": "finds the pasted", "differences": differences}
check("control", answer)

# %% [markdown]
# Apply the rule to your first four networks alone, then to five, and so on: with few the honest answer is
# "cannot tell", with all twelve it is another one. That is why the number was fixed before you measured:
# whoever may stop at any seed can pick the answer. Neither answer is the colleague's sentence. The AUROC
# of the animals is as reported: what it does not say is *why*.
#
# ## What you did
#
# You wrote metrics that others can compare with, asked all networks about the same pixels, kept the test
# out of the choice and printed the base rate beside the AP. You measured what a leaderboard that is used
# too often takes back, fixed an alarm before the fog came, and asked a detector about things that
# are not new. The worked answers are in [solutions](../solutions/32_whom_to_believe.ipynb).
