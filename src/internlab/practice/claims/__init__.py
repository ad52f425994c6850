"""The claims of the research-practice track; importing this package registers them."""

from internlab.practice.claims import reading, repair

__all__ = ["reading", "repair"]
