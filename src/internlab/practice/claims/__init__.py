"""The claims of the research-practice track; importing this package registers them."""

from internlab.practice.claims import (
    calibration,
    captures,
    handover,
    progress,
    reading,
    repair,
    significance,
)

__all__ = ["calibration", "captures", "handover", "progress", "reading", "repair", "significance"]
