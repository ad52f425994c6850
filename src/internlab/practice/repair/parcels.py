"""Draw the parcels of ``data/repair/tinyshift``: pulses on two belt scales, as a CSV in cp949."""

from __future__ import annotations

import csv
import io

import numpy as np

SAMPLES, RATE = 32, 40  # of a pulse, and a second
HEADER = ("번호", "벨트", "속도", "무게", *(f"표본{i:02d}" for i in range(1, SAMPLES + 1)))
# Belt by belt: its name, parcels, speeds in m/s, the offset of its converter in counts.
BELTS = (("가", 260, (0.7, 0.95), (95, 125)), ("나", 140, (0.8, 1.05), (60, 260)))
SCALE_LENGTH = 0.3  # m
COUNTS_PER_GRAM = 1.1


def draw_parcels(seed: int = 0) -> bytes:
    """Return the file: one parcel a line, its columns named in Korean, encoded in cp949.

    A parcel presses on the scale with its weight from when it is wholly on it until it begins to
    leave, with a ramp before and after. On a fast belt the scale swings, which adds to the peak.
    """
    rng = np.random.default_rng(seed)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    number = 0
    for name, parcels, speeds, offsets in BELTS:
        for _ in range(parcels):
            number += 1
            speed = round(rng.uniform(*speeds), 3)
            grams = round(rng.uniform(200, 2800))
            counts = pulse(grams, speed, rng.uniform(0.1, 0.2), rng) + rng.uniform(*offsets)
            writer.writerow(
                (number, name, speed, grams, *np.clip(counts, 0, 4095).round().astype(int))
            )
    return text.getvalue().encode("cp949")


def pulse(grams: float, speed: float, length: float, rng: np.random.Generator) -> np.ndarray:
    """Return counts (32,) above the offset for a parcel `length` m long."""
    seconds = np.arange(SAMPLES) / RATE
    start = 2.2 / RATE
    ramp, whole = length / speed, (SCALE_LENGTH + length) / speed
    since = seconds - start
    load = np.clip(np.minimum(since / ramp, (whole - since) / ramp), 0, 1)
    swing = 1 + 0.12 * speed * np.exp(-since / 0.1) * np.sin(2 * np.pi * 7 * since)
    return COUNTS_PER_GRAM * grams * load * swing + rng.normal(0, 4, SAMPLES)
