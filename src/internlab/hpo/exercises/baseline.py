"""Lab 20: IoU, IoU by area, augmentation, split, normalisation, report, gain."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.hpo.exercises.baseline_augment_checks import check_augment
from internlab.hpo.exercises.baseline_checks import check_areas, check_iou
from internlab.hpo.exercises.baseline_protocol_checks import check_normalise, check_split
from internlab.hpo.exercises.baseline_report_checks import check_gain, check_report

lab = Lab(
    "hpo.baseline",
    [
        Exercise(
            "iou",
            check_iou,
            hints=(
                "Turn the mask into true and false first: `mask > 0`.",
                "`&` is true where both are, `|` where at least one is. Count the true ones of "
                "each, and look at what happens when the second count is 0.",
                "both.sum() / either.sum() if either.any() else np.nan",
            ),
        ),
        Exercise(
            "areas",
            check_areas,
            hints=(
                "A ratio cannot be averaged over pieces of different size. Counts can be added.",
                "Keep two numbers for each area, the pixels of the intersection and of the union, "
                "and add to them in a loop over batches and tiles. Divide at the end.",
                "inside[area] = inside.get(area, 0) + (mask & guess).sum(), the same with | for "
                "the union, then {area: inside[area] / around[area] for area in inside}.",
            ),
        ),
        Exercise(
            "augment",
            check_augment,
            hints=(
                "Ask the generator once whether to mirror, and obey for both arrays.",
                "Brightness is a property of the image, not of the label.",
                "In the `if`: image, mask = image[:, ::-1], mask[:, ::-1]. The rest stays.",
            ),
        ),
        Exercise(
            "split",
            check_split,
            hints=(
                "Split the list of areas first, then look up their tiles.",
                "rng.permutation(np.unique(areas)) puts the areas in random order. Cut that.",
                "np.flatnonzero(np.isin(areas, names)) gives the positions of the tiles whose area "
                "is in `names`.",
            ),
        ),
        Exercise(
            "normalise",
            check_normalise,
            hints=(
                "Compute the two statistics from some of the tiles, and use them on all.",
                "A mean over axes (0, 1, 2) leaves one number for each channel.",
                'train = images[part == "train"], then '
                "(images - train.mean((0, 1, 2))) / train.std((0, 1, 2)).",
            ),
        ),
        Exercise(
            "report",
            check_report,
            hints=(
                "First one score for each seed, by a rule that does not look at the test.",
                "NumPy's std divides by n unless it is told `ddof=1`.",
                "scores = test[:, -1], then scores.mean(), scores.std(ddof=1).",
            ),
        ),
        Exercise(
            "gain",
            check_gain,
            hints=(
                "Subtract within a seed: the area is the same in both runs, and cancels.",
                "The standard error of the mean gain is the standard deviation of the gains, with "
                "ddof=1, over the square root of their number.",
                "gains = {seed: validation_iou(0.5, seed) - validation_iou(0.0, seed) for seed in "
                "range(8)}, then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/20_baseline.ipynb",
)
check, hint = lab.check, lab.hint
