"""The claims of the super-resolution track; importing this package registers them."""

from internlab.superres.claims import quality

__all__ = ["quality"]
