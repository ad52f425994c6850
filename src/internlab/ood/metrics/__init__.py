"""What a score is worth.

- `ranking`: AUROC, average precision, FPR at 95 % TPR, base rate, all at once with `evaluate`
- `curves`: precision-recall and ROC, for figures
- `streaming`: the same metrics for more pixels than memory holds
- `components`: sIoU, PPV and F1 of whole objects, as SegmentMeIfYouCan defines them
- `traps`: wrong ways that give a number too
"""

from internlab.ood.metrics.curves import precision_recall, roc
from internlab.ood.metrics.ranking import (
    Scores,
    auroc,
    average_precision,
    base_rate,
    best_f1,
    evaluate,
    fpr_at_tpr,
)

__all__ = [
    "Scores",
    "auroc",
    "average_precision",
    "base_rate",
    "best_f1",
    "evaluate",
    "fpr_at_tpr",
    "precision_recall",
    "roc",
]
