"""The claims of the hyperparameter track; importing this package registers them."""

from internlab.hpo.claims import quality

__all__ = ["quality"]
