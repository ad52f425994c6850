"""The claims of the super-resolution track; importing this package registers them."""

from internlab.superres.claims import engines, quality, scenes, speed

__all__ = ["engines", "quality", "scenes", "speed"]
