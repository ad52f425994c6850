"""Images with a shortcut: a bias that goes with the class in most training images.

``load("coloured-mnist", 0.98, seed=0)`` gives one of the sets of `DATA_SETS` at a ratio of
bias-aligned images. `read_folder` reads the published sets from a folder that you have.
"""

from internlab.data.shortcuts.drawing_lots import assign_biases, generator, spread_biases
from internlab.data.shortcuts.sets import (
    DATA_SETS,
    DEFAULT_SIZES,
    BiasedImages,
    BiasedSplits,
    load,
)

__all__ = [
    "DATA_SETS",
    "DEFAULT_SIZES",
    "BiasedImages",
    "BiasedSplits",
    "assign_biases",
    "generator",
    "load",
    "spread_biases",
]
