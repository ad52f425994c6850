"""The claims of the research-practice track; importing this package registers them."""

from internlab.practice.claims import calibration, captures, handover, reading, repair, significance

__all__ = ["calibration", "captures", "handover", "reading", "repair", "significance"]
