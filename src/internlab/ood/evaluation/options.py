"""How to evaluate: what a user of the command can choose."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from internlab.ood.dense.standardised import CleanUp
from internlab.ood.evaluation.ids import LabelIds

SAVE_EVERY_SECONDS = 30.0


@dataclass(frozen=True)
class Options:
    """How to evaluate; the defaults are those of the command.

    Parameters
    ----------
    ids : LabelIds
        What the labels mean.
    resize : bool
        Enlarge logits to the labels' size.
    shrink : float
        Strength with which SML draws the statistics of rare classes to the mean.
    clean_up : CleanUp, optional
        Widths of the steps bs and ds; by default after the height of the first label map.
    components : bool
        Count whole objects too, in a second pass, at the threshold with the best pixel F1.
    smallest_object, smallest_flagged : int
        Pixels; see `score_components`.
    save_every : float
        Seconds between two saves of the state.

    Raises
    ------
    ValueError
        If `shrink` or a number of pixels is negative.
    """

    ids: LabelIds = field(default_factory=LabelIds)
    resize: bool = False
    shrink: float = 0.0
    clean_up: CleanUp | None = None
    components: bool = False
    smallest_object: int = 0
    smallest_flagged: int = 0
    save_every: float = SAVE_EVERY_SECONDS

    def __post_init__(self) -> None:
        if not 0 <= self.shrink < math.inf:
            raise ValueError(
                f"Got strength {self.shrink} of --shrink. Expected a finite number of at least 0."
            )
        if self.smallest_object < 0 or self.smallest_flagged < 0:
            raise ValueError(
                f"The smallest components that count (--smallest) are of {self.smallest_object} "
                f"and {self.smallest_flagged} pixels; expected 0 or more."
            )
