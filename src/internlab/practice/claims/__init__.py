"""The claims of the research-practice track; importing this package registers them."""

from internlab.practice.claims import handover, reading, repair

__all__ = ["handover", "reading", "repair"]
