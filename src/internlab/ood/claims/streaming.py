"""What streaming costs: metrics of 2e8 pixels in bounded memory, against exact ones."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

from internlab.claims import Measurement, claim
from internlab.ood.metrics.stream_check import KINDS, exact_scores

_MEASURE_IN_CHILD = """
import json, sys
from dataclasses import asdict
from internlab.ood.metrics.stream_check import peak_memory, scores_of
from internlab.ood.metrics.streaming import StreamingScores

stream = StreamingScores()
for is_outlier, score in scores_of(sys.argv[1]):
    stream.add(is_outlier, score)
found = asdict(stream.result())
print(json.dumps({"scores": found, "mib": peak_memory(), "rank_error": stream.rank_error}))
"""


@cache
def in_a_child(kind: str) -> dict:
    """Stream in a process of its own; return its scores, peak memory and bound on the error."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE_IN_CHILD, kind], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"Streaming the {kind} scores failed:\n{done.stderr}")
    return json.loads(done.stdout)


@claim(
    "ood",
    "streaming-error",
    "streaming AP and FPR95 against exact ones, 2e8 pixels: largest difference, 3 kinds of scores",
    at_most=0.0005,
)
def streaming_error() -> Measurement:
    """Compare with two exact passes over the same pixels."""
    largest, parts = 0.0, []
    for kind in KINDS:
        found, exact = in_a_child(kind), exact_scores(kind)
        differences = {
            label: abs(found["scores"][name] - getattr(exact, name))
            for label, name in (("AP", "average_precision"), ("FPR95", "fpr95"), ("AUROC", "auroc"))
        }
        if found["scores"]["pixels"] != exact.pixels:
            raise RuntimeError(f"{kind}: the two did not count the same pixels.")
        largest = max(largest, differences["AP"], differences["FPR95"])
        shown = ", ".join(f"{label} {value:.1e}" for label, value in differences.items())
        parts.append(
            f"{kind}: {shown} (AP {exact.average_precision:.4f}, FPR95 {exact.fpr95:.4f}, bound "
            f"on any share {found['rank_error']:.0e})"
        )
    return Measurement(largest, f"{exact.pixels:.2e} pixels; {'; '.join(parts)}")


@claim(
    "ood",
    "streaming-memory",
    "peak memory of the whole process that streams 2e8 pixels, largest of 3 kinds of scores",
    at_most=500,
    unit="MB",
)
def streaming_memory() -> Measurement:
    """Read the peak of each child process."""
    peaks = {kind: in_a_child(kind)["mib"] * 2**20 / 1e6 for kind in KINDS}
    detail = ", ".join(f"{kind} {megabytes:.0f}" for kind, megabytes in peaks.items())
    return Measurement(max(peaks.values()), detail)
