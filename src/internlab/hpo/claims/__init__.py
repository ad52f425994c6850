"""The claims of the hyperparameter track; importing this package registers them."""

from internlab.hpo.claims import cluster, live, quality, replayed, samplers

__all__ = ["cluster", "live", "quality", "replayed", "samplers"]
