"""Lab 40: a bias, two scores, a choice, a swap, a map, and a control."""

from __future__ import annotations

from internlab.debias.exercises.shortcut_checks import (
    check_biased,
    check_changed,
    check_deploy,
)
from internlab.debias.exercises.shortcut_control import check_control
from internlab.debias.exercises.shortcut_map import check_grad_cam
from internlab.debias.exercises.shortcut_scores import check_follow, check_unbiased
from internlab.exercises import Exercise, Lab

lab = Lab(
    "debias.shortcut",
    [
        Exercise(
            "biased",
            check_biased,
            hints=(
                "Begin with a copy of the labels: then every image is aligned. Which ones do you "
                "change?",
                "rng.random(len(labels)) >= ratio is True for a share 1 - ratio of the images, in "
                "every class. For those draw one of the two other biases.",
                "conflicting = rng.random(len(labels)) >= ratio, and (labels + rng.integers(1, 3, "
                "len(labels))) % 3 is never the label itself.",
            ),
        ),
        Exercise(
            "unbiased",
            check_unbiased,
            hints=(
                "First one accuracy for each pair of class and bias, then their mean.",
                "For a pair: here = (labels == c) & (biases == b). What if here.any() is False?",
                "pd.Series(predictions == labels).groupby([labels, biases]).mean().mean()",
            ),
        ),
        Exercise(
            "follow",
            check_follow,
            hints=(
                "On an aligned image a right answer and a follower look the same. Which images "
                "are left?",
                "conflicting = labels != biases; among those, how many predictions are the bias?",
                "(predictions == biases)[labels != biases].mean()",
            ),
        ),
        Exercise(
            "deploy",
            check_deploy,
            hints=(
                "Of 100 images there, ratio * 100 are aligned. How many of those does a model get "
                "right, and how many of the others?",
                "there = ratio * models.aligned + (1 - ratio) * models.conflicting, one number a "
                "model.",
                "best = models.loc[there.idxmax()]; return best['name'], there.max().",
            ),
        ),
        Exercise(
            "changed",
            check_changed,
            hints=(
                "The answer for a face is the class with the largest probability.",
                "before.argmax(axis=1) is one answer a face. Compare the two arrays face by face.",
                "(before.argmax(axis=1) != after.argmax(axis=1)).mean()",
            ),
        ),
        Exercise(
            "grad_cam",
            check_grad_cam,
            hints=(
                "The weight of a channel is one number: the mean of its gradient over all places.",
                "weights = gradients.mean(axis=(1, 2)); multiply each channel by its own, sum over "
                "the channels.",
                "np.maximum((weights[:, None, None] * activations).sum(axis=0), 0)",
            ),
        ),
        Exercise(
            "control",
            check_control,
            hints=(
                "measure(seed) gives two numbers for one seed. Subtract within the seed.",
                "The standard error is the standard deviation of the differences, with ddof=1, "
                "over the square root of their number.",
                "differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}, "
                "then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/40_shortcut.ipynb",
)
check, hint = lab.check, lab.hint
