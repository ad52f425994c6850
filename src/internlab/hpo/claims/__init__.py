"""The claims of the hyperparameter track; importing this package registers them."""

from internlab.hpo.claims import cluster, quality

__all__ = ["cluster", "quality"]
