"""The methods, one small class each; `METHODS` lists them by name."""

from __future__ import annotations

from internlab.debias.methods.base import Hyperparameter, Method, Needs
from internlab.debias.methods.erm import ERM

METHODS: dict[str, type[Method]] = {each.name: each for each in (ERM,)}

__all__ = ["ERM", "METHODS", "Hyperparameter", "Method", "Needs"]
