"""Lab 41: the parts of LfF, the swap of LDD, an error set, what is told, and a comparison."""

from __future__ import annotations

from internlab.debias.exercises.baselines_checks import check_audit, check_swap, check_told
from internlab.debias.exercises.baselines_given import measure
from internlab.debias.exercises.baselines_losses import check_gce, check_share, check_weight
from internlab.exercises import Exercise, Lab
from internlab.study import Study


def _ldd_minus_lff(seed: int) -> float:
    ldd, lff = measure(seed)
    return ldd - lff


def _slips(seed: int) -> list[tuple[float, str]]:
    ldd, lff = measure(seed)
    return [
        (ldd, "Yours is the accuracy of LDD alone. Compared with what?"),
        (lff, "Yours is the accuracy of LfF alone. Compared with what?"),
        (ldd - measure(0)[1], "Yours takes LfF of seed 0 away. Which seed shares its images?"),
    ]


CONCLUDE = Study(
    measure=_ldd_minus_lff,
    what="LDD minus LfF",
    conclusions=("LDD", "LfF", "cannot tell"),
    of_each="seed",
    asks="on which side of zero is the mean, by two standard errors?",
    asks_of_number="are both numbers of the same seed?",
    slips=_slips,
)

lab = Lab(
    "debias.baselines",
    [
        Exercise(
            "gce",
            check_gce,
            hints=(
                "There are two ways: write (1 - p^q) / q, or multiply the cross-entropy by a p^q "
                "that nothing is trained through.",
                "p_y is logits.softmax(dim=1).gather(1, labels[:, None])[:, 0].",
                "return (1 - p**q) / q, with p as in the hint before.",
            ),
        ),
        Exercise(
            "share",
            check_share,
            hints=(
                "First the running mean of each image, then the largest of each class.",
                "mean = momentum * old + (1 - momentum) * new",
                "largest = np.array([mean[labels == c].max() for c in range(labels.max() + 1)]), "
                "then mean / largest[labels].",
            ),
        ),
        Exercise(
            "weight",
            check_weight,
            hints=(
                "On a conflicting image the biased network has a large loss: there the weight is "
                "to be near 1.",
                "What is a plain number for the gradient? Look for `detach` in the lesson.",
                "biased, debiased = biased.detach(), debiased.detach(), then biased / (biased + "
                "debiased).",
            ),
        ),
        Exercise(
            "swap",
            check_swap,
            hints=(
                "Both heads read the same numbers: z_i as it is, then z_b in the new order. What "
                "differs is the right answer, and what is detached.",
                "z_b[order] came with labels[order]. `torch.cat([...], dim=1)` joins features.",
                "For C_i: torch.cat([z_i, z_b[order].detach()], dim=1) and labels. For C_b the "
                "other one is detached, and its labels are labels[order].",
            ),
        ),
        Exercise(
            "audit",
            check_audit,
            hints=(
                "Three sets: errors, conflicting images, and what is in both.",
                "errors = predictions != labels and conflicting = labels != biases.",
                "found = (errors & conflicting).sum(); recall is found / conflicting.sum(), "
                "precision is found / errors.sum().",
            ),
        ),
        Exercise(
            "told",
            check_told,
            hints=(
                "What is in the formula of a method? A weight of a group needs the group of each "
                "training image.",
                "The lesson has a table of `METHODS[name].needs`.",
                "Three methods need no bias label in training besides ERM; one needs the balanced "
                "set; the other two need the bias of every training image.",
            ),
        ),
        Exercise(
            "conclude",
            CONCLUDE.check,
            hints=(
                "measure(seed) gives LDD and LfF of one seed. Subtract within the seed.",
                "The standard error is the standard deviation of the differences, with ddof=1, "
                "over the square root of their number.",
                "differences = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}, "
                "then compare the mean with twice its standard error.",
            ),
        ),
    ],
    solution="solutions/41_baselines.ipynb",
)
check, hint = lab.check, lab.hint
