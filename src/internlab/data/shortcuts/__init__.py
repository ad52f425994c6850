"""Images with a shortcut: a bias that goes with the class in most training images.

``load("coloured-mnist", 0.98, seed=0)`` gives one of the sets of `DATA_SETS` at a ratio of
bias-aligned images. `internlab.data.shortcuts.folders` reads the published sets from a folder that
you have.
"""

from internlab.data.shortcuts.drawing_lots import assign_biases, generator, spread_biases
from internlab.data.shortcuts.faces import Face, draw_face_parameters
from internlab.data.shortcuts.portrait_drawing import draw_portrait, hair_region
from internlab.data.shortcuts.portraits import portrait_faces
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
    "Face",
    "assign_biases",
    "draw_face_parameters",
    "draw_portrait",
    "generator",
    "hair_region",
    "load",
    "portrait_faces",
    "spread_biases",
]
