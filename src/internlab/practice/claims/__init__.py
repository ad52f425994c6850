"""The claims of the research-practice track; importing this package registers them."""

from internlab.practice.claims import reading

__all__ = ["reading"]
