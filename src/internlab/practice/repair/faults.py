"""The eight faults of tinyshift by name, in the order in which a run meets them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A fault: its name, and in words what people call it."""

    name: str
    title: str


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("path", "a path of the author's machine"),
        Fault("encoding", "an encoding left to the machine"),
        Fault("api", "a function that has moved"),
        Fault("dtype", "a type too small for the sum"),
        Fault("seed", "a seed that is not used"),
        Fault("mode", "evaluation in training mode"),
        Fault("pin", "a version left open"),
        Fault("device", "a device that falls back in silence"),
    )
}
