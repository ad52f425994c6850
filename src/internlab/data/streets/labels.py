"""The classes of a street scene, as Cityscapes names them, and the two ids that are no class."""

from __future__ import annotations

import numpy as np

from internlab.data.label_ids import ANOMALY, VOID

CLASSES = ("road", "sidewalk", "building", "pole", "vegetation", "sky", "person", "car")
ROAD, SIDEWALK, BUILDING, POLE, VEGETATION, SKY, PERSON, CAR = range(len(CLASSES))

# The colours that Cityscapes gives these classes; its pole is a grey too close to its building.
PALETTE = np.array(
    [
        (128, 64, 128),
        (244, 35, 232),
        (70, 70, 70),
        (220, 220, 0),
        (107, 142, 35),
        (70, 130, 180),
        (220, 20, 60),
        (0, 0, 142),
    ],
    np.uint8,
)

__all__ = [
    "ANOMALY",
    "BUILDING",
    "CAR",
    "CLASSES",
    "PALETTE",
    "PERSON",
    "POLE",
    "ROAD",
    "SIDEWALK",
    "SKY",
    "VEGETATION",
    "VOID",
]
