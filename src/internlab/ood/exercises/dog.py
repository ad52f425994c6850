"""The lab on dense scores: MSP of pixels, statistics, standardising, suppression, shrinkage."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.ood.exercises import dog_checks

lab = Lab(
    "ood.dog",
    [
        Exercise(
            "msp",
            dog_checks.check_msp,
            hints=(
                "Of the four axes, only one holds numbers that compete for the same pixel.",
                "Logits are (N, K, H, W); the classes are axis 1, for the softmax and the maximum.",
                "-logits.softmax(dim=1).amax(dim=1)",
            ),
        ),
        Exercise(
            "statistics",
            dog_checks.check_statistics,
            hints=(
                "At test time a pixel has a prediction and no label. Group the training pixels in "
                "the same way.",
                "highest, predicted = logits.max(1) gives both; highest[predicted == c] are the "
                "values of class c.",
                "means = [highest[predicted == c].mean() for c in range(logits.shape[1])], the sd "
                "in the same way, then torch.stack both.",
            ),
        ),
        Exercise(
            "standardise",
            dog_checks.check_standardise,
            hints=(
                "Predict first. Then ask how far the winner's logit is below what is usual for it.",
                "mean[predicted] has one mean for each pixel.",
                "(mean[predicted] - highest) / sd[predicted]",
            ),
        ),
        Exercise(
            "fit",
            dog_checks.check_fit,
            hints=(
                "What is usual is learned where nothing is new.",
                "fit takes the training outputs, score the test outputs.",
                "StandardizedMaxLogit().fit(Outputs(train_logits)).score(Outputs(test_logits))",
            ),
        ),
        Exercise(
            "suppress",
            dog_checks.check_suppress,
            hints=(
                "A pixel in the band asks its neighbours, but only those that are not in it.",
                "Sum the scores outside the band, and count them, both over 3 x 3. Divide where "
                "the count is not 0.",
                "total, count = sum3x3((score * ~band)[None])[0], sum3x3((~band * 1.0)[None])[0]; "
                "then torch.where(band & (count > 0), total / count.clamp_min(1), score)",
            ),
        ),
        Exercise(
            "shrink",
            dog_checks.check_shrink,
            hints=(
                "The share that a class keeps of its own grows with its number of pixels.",
                "The targets are those of a pixel: the mean weighted by count, and the root of the "
                "variance weighted by count.",
                "own = count / (count + strength * count.sum()); mean: own * mean + (1 - own) * "
                "target; sd in the same way with the pooled sd.",
            ),
        ),
    ],
    solution="solutions/31_dog_on_the_road.ipynb",
)
check, hint = lab.check, lab.hint
