"""Read the pulses of parcels and make features of them."""

import csv

import numpy as np
import pulsekit

DATA = "/home/jiwon/work/tinyshift/Data/Parcels.csv"
RATE = 40  # samples a second
SAMPLES = 32


def read(path=DATA):
    """Return belts (N,), speeds (N,) in m/s, counts (N, 32) of the converter, grams (N,)."""
    with open(path) as stream:
        rows = list(csv.DictReader(stream))
    belts = np.array([row["벨트"] for row in rows])
    speeds = np.array([float(row["속도"]) for row in rows])
    grams = np.array([float(row["무게"]) for row in rows])
    names = [f"표본{i:02d}" for i in range(1, SAMPLES + 1)]
    # The converter has 12 bits, so 16 are enough.
    counts = np.array([[int(row[name]) for name in names] for row in rows], dtype=np.int16)
    return belts, speeds, counts, grams


def features(counts, speeds):
    """Return what the network sees of each parcel (N, 3): total times speed, duration, speed."""
    pulses = pulsekit.drop_offset(counts)
    duration = np.trapz(pulses, dx=1 / RATE, axis=1) / pulses.max(axis=1)
    total = np.array([sum(pulse) for pulse in counts]) - SAMPLES * (counts - pulses).mean(axis=1)
    return np.stack([total * speeds, duration, speeds], axis=1)
