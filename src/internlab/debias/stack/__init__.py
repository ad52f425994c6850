"""Many runs trained side by side, each as if it were alone.

``Runs`` stacks the data, ``Recipe`` says how to train, ``train`` does. A `Method` sees a
``Problem`` at the beginning and a ``Batch`` in every step.
"""

from internlab.debias.stack.batches import Batch
from internlab.debias.stack.generators import RunGenerators
from internlab.debias.stack.networks import (
    NETWORKS,
    StackedConvNet,
    StackedLinear,
    StackedMlp,
    StackedNetwork,
)
from internlab.debias.stack.problem import Needs, Problem
from internlab.debias.stack.recipe import RECIPES, Recipe, recipe_for
from internlab.debias.stack.runs import Runs, StackedImages
from internlab.debias.stack.training import Moment, Trained, train

__all__ = [
    "NETWORKS",
    "RECIPES",
    "Batch",
    "Moment",
    "Needs",
    "Problem",
    "Recipe",
    "RunGenerators",
    "Runs",
    "StackedConvNet",
    "StackedImages",
    "StackedLinear",
    "StackedMlp",
    "StackedNetwork",
    "Trained",
    "recipe_for",
    "train",
]
