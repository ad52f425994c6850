"""The lab on scores: msp, energy, gaussians, mahalanobis, knn, choose, conclude."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.ood.exercises import scores_checks, scores_conclusion_checks

lab = Lab(
    "ood.scores",
    [
        Exercise(
            "msp",
            scores_checks.check_msp,
            hints=(
                "One row is one image. Each row's probabilities sum to 1, whatever the others do.",
                "logits.softmax(dim=1) has one row an image. Take the largest of each row, and "
                "mind which end of the scale is an outlier.",
                "-logits.softmax(dim=1).amax(dim=1)",
            ),
        ),
        Exercise(
            "energy",
            scores_checks.check_energy,
            hints=(
                "Divide by the temperature inside, multiply by it outside, and turn the sign.",
                "exp(1000) is too large for a float. torch.logsumexp subtracts the maximum first.",
                "-temperature * torch.logsumexp(logits / temperature, dim=1)",
            ),
        ),
        Exercise(
            "gaussians",
            scores_checks.check_gaussians,
            hints=(
                "First the means, one a class. Then subtract from every feature the mean of its "
                "own class, and only then look at how the features vary.",
                "means[labels] has one row a feature: the mean of the class it belongs to.",
                "centred = features - means[labels]; covariance = centred.T @ centred / "
                "len(features)",
            ),
        ),
        Exercise(
            "mahalanobis",
            scores_checks.check_mahalanobis,
            hints=(
                "What is normal is learnt from `train` alone; `test` is only scored.",
                "For one class with mean m, the squared distance is ((z - m) @ inverse * (z - m)) "
                "summed over the features. Stack it for all classes and take the smallest.",
                "inverse = torch.linalg.inv(covariance); to_class = [(((test - m) @ inverse) * "
                "(test - m)).sum(dim=1) for m in means]; torch.stack(to_class).amin(dim=0)",
            ),
        ),
        Exercise(
            "knn",
            scores_checks.check_knn,
            hints=(
                "Scale both sets to length 1, image by image, before any distance.",
                "torch.cdist gives all distances, one row a test image. The k-th smallest of a row "
                "is at index k - 1 once the row is sorted.",
                "distances = torch.cdist(F.normalize(test, dim=1), F.normalize(train, dim=1)); "
                "distances.kthvalue(k, dim=1).values",
            ),
        ),
        Exercise(
            "choose",
            scores_conclusion_checks.check_choose,
            hints=(
                "One k has to serve for near and far, because nobody tells you which will come.",
                "Average the two validation columns, find the row where that is highest, and read "
                "the two test columns of this row.",
                'row = runs.loc[runs[["validation_near", "validation_far"]].mean(axis=1).idxmax()]',
            ),
        ),
        Exercise(
            "conclude",
            scores_conclusion_checks.check_conclude,
            hints=(
                "Subtract two measurements with the same kind and the same seed, for seeds 0 to 4.",
                'One dictionary for "near" and one for "noise", from seed to difference.',
                'All five above zero: "better". All five below: "worse". Anything else: "cannot '
                'tell".',
            ),
        ),
    ],
    solution="solutions/30_scores.ipynb",
)
check, hint = lab.check, lab.hint
