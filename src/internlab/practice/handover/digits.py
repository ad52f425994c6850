"""A model small enough for a lab: ten digits from 8 x 8 grey pixels, with the record of its run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from internlab.practice.handover.records import (
    cost_facts,
    file_facts,
    metric_facts,
    test_facts,
)

CLASSES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
STATED = {
    "limits.stated": "Digits cut out and centred like those of the set. Nothing else was tried.",
    "training.again": "internlab.practice.handover.digits.write_model(path)",
    "use.intended": "Practising a hand-over.",
    "use.not_for": "Reading anything that matters, such as cheques or meters.",
    "licence": "MIT for the model; the digits are CC BY 4.0 (UCI).",
    "contact": "whoever gave you this kit",
}


@cache
def _fitted() -> dict[str, Any]:
    """Fit a logistic regression on half of scikit-learn's digits; the record is what it saw."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    digits = load_digits()
    images = np.round(digits.images * 255 / 16).astype(np.uint8)
    order = np.random.default_rng(6).permutation(len(images))
    train, test = order[:900], order[900:]
    scaled = images / 255.0
    mean, std = round(float(scaled[train].mean()), 4), round(float(scaled[train].std()), 4)
    flat = ((scaled - mean) / std).reshape(len(images), -1)
    fit = LogisticRegression(C=0.05, max_iter=300).fit(flat[train], digits.target[train])
    logits = flat @ fit.coef_.T + fit.intercept_
    return {
        "weights": fit.coef_.T.astype(np.float32),
        "bias": fit.intercept_.astype(np.float32),
        "mean": mean,
        "std": std,
        "images": images[test],
        "labels": digits.target[test],
        "logits": logits[test],
    }


def write_model(path: Path) -> Path:
    """Write the model as ONNX: (n, 1, 8, 8) float32 to logits (n, 10)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    fitted = _fitted()
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["pixels"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
        ],
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(fitted[name], name) for name in ("weights", "bias")],
    )
    # An older version of the format, so that an older runtime reads it as well.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def probabilities(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the sender's own answer, (10,), to an image (8, 8) uint8, without the file."""
    fitted = _fitted()
    x = (image.reshape(-1) / 255.0 - fitted["mean"]) / fitted["std"]
    logits = x @ fitted["weights"].astype(np.float64) + fitted["bias"]
    up = np.exp(logits - logits.max())
    return up / up.sum()


def test_images() -> NDArray[np.uint8]:
    """Return the test digits, (897, 8, 8) uint8."""
    return _fitted()["images"]


def record(path: Path) -> dict[str, Any]:
    """Return what the run knows about the model that `write_model` wrote to `path`."""
    fitted = _fitted()
    right = (fitted["logits"].argmax(axis=1) == fitted["labels"]).astype(np.float64)
    worst = min(range(10), key=lambda k: right[fitted["labels"] == k].mean())
    of_worst = fitted["labels"] == worst
    share = f"{right[of_worst].mean():.3f} of {of_worst.sum()} digits"
    return {
        **file_facts(path),
        "input.layout": "NCHW",
        "input.channels": "grey",
        "input.height": [8, 8],
        "input.width": [8, 8],
        "input.pixel_range": [0, 1],
        "input.mean": [fitted["mean"]],
        "input.std": [fitted["std"]],
        "output.layout": "NC",
        "output.meaning": "logits",
        "output.classes": list(CLASSES),
        **test_facts(fitted["images"][0], probabilities(fitted["images"][0]), CLASSES),
        **metric_facts(
            "accuracy",
            lambda weights: float(weights @ right / weights.sum()),
            "digits",
            "scikit-learn's digits, the half that was not trained on",
            [fitted["images"], fitted["labels"]],
            np.random.default_rng(0),
        ),
        "limits.measured": [f"worst class, {CLASSES[worst]}: accuracy {share}"],
        "training.data": "scikit-learn's digits, 900 of them, drawn with seed 6",
        "training.code": "internlab.practice.handover.digits",
        **cost_facts(lambda: probabilities(fitted["images"][0])),
    }
