"""What a run knows about itself, as facts for a card: read from files, arrays and results."""

from __future__ import annotations

import base64
import hashlib
import io
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from internlab.files import sha256_of

_DTYPES = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}


def file_facts(path: Path) -> dict[str, Any]:
    """Return what an ONNX file says about itself: name, hash, size, input and output.

    Raises
    ------
    ValueError
        If the model has several inputs or outputs, which the card has no room for.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise ValueError(
            f"{path.name} has {len(inputs)} inputs and {len(outputs)} outputs; the card describes "
            "a model with one of each."
        )
    release = ".".join(onnxruntime.__version__.split(".")[:2])
    return {
        "file.name": path.name,
        "file.format": "onnx",
        "file.runtime": f"onnxruntime>={release}",
        "file.sha256": sha256_of(path),
        "input.name": inputs[0].name,
        "input.dtype": _DTYPES[inputs[0].type],
        "output.name": outputs[0].name,
        "output.dtype": _DTYPES[outputs[0].type],
        "cost.file_bytes": path.stat().st_size,
    }


def metric_facts(
    name: str,
    metric: Callable[[NDArray[np.float64]], float],
    unit: str,
    data: str,
    arrays: Sequence[NDArray[Any]],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    level: float = 0.95,
) -> dict[str, Any]:
    """Return a metric with its bootstrap interval, and what it was measured on.

    Parameters
    ----------
    name : str
    metric : callable
        From a weight for each test item, (n,), to the metric; all weights 1 is the plain value.
    unit : str
        What the n test items are, and what was drawn anew: "scenes", not "pixels".
    data : str
        The name of the test set.
    arrays : sequence of array
        The test set itself, hashed; the first has n items along its first axis.
    rng : numpy.random.Generator
    draws : int
    level : float

    References
    ----------
    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3 (percentiles).
    """
    count = len(arrays[0])
    drawn = np.array([metric(weights) for weights in resampled(count, draws, rng)])
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).data)
    return {
        "metric.name": name,
        "metric.value": round(float(metric(np.ones(count))), 4),
        "metric.low": round(float(low), 4),
        "metric.high": round(float(high), 4),
        "metric.level": level,
        "metric.n": count,
        "metric.unit": unit,
        "metric.data": data,
        "metric.data_sha256": digest.hexdigest(),
    }


def cost_facts(call: Callable[[], Any], calls: int = 50) -> dict[str, Any]:
    """Return the median processor time of a call, in milliseconds, and where it was measured."""
    call()
    taken = []
    for _ in range(calls):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) / 1e6)
    # Three digits are more than another machine will confirm.
    median = float(f"{max(np.median(taken), 1e-3):.3g}")
    where = f"{platform.machine()}, one thread, median of {calls} calls with one image"
    return {"cost.cpu_ms": median, "cost.measured_on": where}


def resampled(count: int, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each of `count` items is drawn in each bootstrap sample, (draws, count)."""
    return rng.multinomial(count, np.full(count, 1 / count), size=draws).astype(np.float64)


def test_facts(
    image: NDArray[np.uint8],
    probabilities: NDArray[np.floating],
    classes: Sequence[str],
    *,
    spots: int = 12,
    tolerance: float = 1e-4,
) -> dict[str, Any]:
    """Return a test that travels with the model: an image and the sender's answers to it.

    Of a map, the answers at some places are written down: of each class that occurs the surest
    place, then the surest of a grid. A place where two classes are nearly as likely would tell the
    rounding of another machine apart, not a mistake.

    Parameters
    ----------
    image : array
        (H, W, 3) or (H, W), uint8.
    probabilities : array
        (K, H, W) or (K,), as the sender's own program gives them.
    classes : sequence of str
        The K names.
    spots : int
        Number of places.
    tolerance : float
        By how much a probability may differ on another machine.
    """
    best, sure = probabilities.argmax(axis=0), probabilities.max(axis=0)
    facts: dict[str, Any] = {"test.image": as_text(image), "test.tolerance": tolerance}
    if probabilities.ndim == 1:
        return facts | {
            "test.classes": [classes[int(best)]],
            "test.probabilities": [round(float(sure), 6)],
        }
    places = [
        np.unravel_index(np.argmax(np.where(best == k, sure, -1)), best.shape)
        for k in np.unique(best)
    ]
    height, width = best.shape
    grid = [(r, c) for r in range(4, height, height // 4) for c in range(4, width, width // 8)]
    places += sorted(grid, key=lambda place: -sure[place])
    places = [(int(row), int(column)) for row, column in dict.fromkeys(places)][:spots]
    return facts | {
        "test.places": [list(place) for place in places],
        "test.classes": [classes[int(best[place])] for place in places],
        "test.probabilities": [round(float(sure[place]), 6) for place in places],
    }


def as_text(image: NDArray[np.uint8]) -> str:
    """Return an image as a PNG in base64, which loses nothing."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, format="PNG")
    return base64.b64encode(stream.getvalue()).decode()
