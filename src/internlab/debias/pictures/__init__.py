"""Figures of a shortcut: how it forms, whom it hits, what the network looks at, who is better.

Every function takes numbers and returns a figure. Aligned images are blue and conflicting ones
orange in all of them.
"""

from internlab.debias.pictures.faces import attribution_overlay, swapped_faces
from internlab.debias.pictures.layout import ALIGNED, CONFLICTING
from internlab.debias.pictures.shortcut import confusion_by_bias, two_curves
from internlab.debias.pictures.standings import ranking

__all__ = [
    "ALIGNED",
    "CONFLICTING",
    "attribution_overlay",
    "confusion_by_bias",
    "ranking",
    "swapped_faces",
    "two_curves",
]
