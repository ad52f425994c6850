"""Serve a model from its card alone, or say which fact is missing or wrong.

This file is run by itself, on a machine that has a folder with ``model_card.yaml`` and the model
file, and nothing else of the sender: ``python receiver.py FOLDER``. So it imports nothing of the
kit. It prints one line of JSON, the verdict. With ``--serve`` it then answers images, one line of
JSON each: ``{"image": PNG in base64}`` gives ``{"map": ..., "probability": ..., "shape": ...}``.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import yaml
from PIL import Image

CARD = "model_card.yaml"
# A fact that is written down as one of these has not been written down.
PLACEHOLDERS = {"", "?", "...", "-", "todo", "tbd", "n/a", "na", "none", "unknown"}

# What the receiver needs, in the order in which it needs it, and what it cannot do without.
NEEDS = {
    "file.name": "know which file to open",
    "file.format": "choose a program that opens the file",
    "file.runtime": "know which version of that program is new enough",
    "file.sha256": "tell whether this is the file that was measured",
    "input.name": "address the model's input",
    "input.dtype": "make numbers of the type the model takes",
    "input.layout": "put rows, columns and channels in their order",
    "input.channels": "put the colours in their order",
    "input.height": "know which heights are allowed",
    "input.width": "know which widths are allowed",
    "input.pixel_range": "turn the pixel values 0 to 255 into the sender's range",
    "input.mean": "subtract what the sender subtracted",
    "input.std": "divide by what the sender divided by",
    "output.name": "find the model's output",
    "output.dtype": "read the numbers of the output",
    "output.layout": "know along which axis the classes lie",
    "output.meaning": "turn the numbers into probabilities",
    "output.classes": "say what an answer means",
    "test.image": "try the model on something whose answer is known",
    "test.places": "know for which places of the test image the answer is written down",
    "test.classes": "compare the classes with the sender's",
    "test.probabilities": "compare the probabilities with the sender's",
    "test.tolerance": "tell rounding from a mistake",
    "metric.name": "say what was measured",
    "metric.value": "compare the model with what is required",
    "metric.low": "know how low the value may be by luck",
    "metric.high": "know how high the value may be by luck",
    "metric.level": "know how often such an interval is wrong",
    "metric.n": "judge how much the value is worth",
    "metric.unit": "know of what there are n",
    "metric.data": "measure the same again",
    "metric.data_sha256": "tell whether data are the ones that were measured on",
    "limits.measured": "know where the model is worse than its value",
    "limits.stated": "know what nobody has tried",
    "training.data": "tell whether the own data were trained on",
    "training.code": "find the code that made the file",
    "training.again": "make the file again",
    "cost.file_bytes": "plan the memory",
    "cost.cpu_ms": "plan the machines",
    "cost.measured_on": "translate the cost to other machines",
    "use.intended": "decide whether the own use is one that was meant",
    "use.not_for": "refuse a use that was ruled out",
    "licence": "decide whether it may be used at all",
    "contact": "ask somebody",
}  # fmt: skip

_TYPES = {"float32": "tensor(float)", "float16": "tensor(float16)", "uint8": "tensor(uint8)"}
_CHANNELS = {"RGB": 3, "BGR": 3, "grey": 1}
_PREPARING = ("input.channels", "input.pixel_range", "input.mean", "input.std")
# What people use; the test tells which of them would have been right.
_RANGES = ([0, 1], [0, 255], [-1, 1])
_NORMALS = (([0], [1]), ([0.5], [0.5]), ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))


class Problems(list):
    """What stands between the card and a service; each names one or several facts."""

    def add(self, kind: str, text: str, *facts: str) -> None:
        """Note a problem of a kind ("missing" or "wrong")."""
        self.append({"facts": list(facts), "kind": kind, "text": text})

    def wrong(self, fact: str, text: str) -> None:
        """Note a fact that contradicts the file, the test or itself."""
        self.add("wrong", f"{fact}: {text}", fact)

    def about(self, *facts: str) -> bool:
        """Say whether one of these facts is missing or wrong."""
        return any(fact in problem["facts"] for problem in self for fact in facts)


def fact_of(card: Any, fact: str) -> Any:
    """Return the value of a dotted fact, or None where there is none or only a placeholder."""
    for key in fact.split("."):
        if not isinstance(card, Mapping) or key not in card:
            return None
        card = card[key]
    said = card if isinstance(card, list) else [card]
    blank = all(v is None or (isinstance(v, str) and v.strip().lower() in PLACEHOLDERS)
                for v in said)  # fmt: skip
    return None if blank or card == {} else card


class Service:
    """A model behind the facts of its card.

    Parameters
    ----------
    facts : dict
        From each name in `NEEDS` to its value.
    session : onnxruntime.InferenceSession
    """

    def __init__(self, facts: dict[str, Any], session: Any) -> None:
        self.facts, self.session = facts, session

    def prepare(self, image: np.ndarray, **other: Any) -> np.ndarray:
        """Return an image (H, W, C), uint8, RGB or grey, as the model takes it.

        `other` replaces facts of the input, to try what else might have been meant.
        """
        f = {name: other.get(name, self.facts["input." + name]) for name in _INPUT}
        if f["channels"] == "BGR":
            image = image[..., ::-1]
        low, high = f["pixel_range"]
        x = low + (high - low) * image.astype(np.float64) / 255
        x = ((x - np.array(f["mean"])) / np.array(f["std"]))[None]
        if f["layout"] == "NCHW":
            x = x.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(x, dtype=f["dtype"])

    def probabilities(self, image: np.ndarray, **other: Any) -> np.ndarray:
        """Return the probability of each class, (K,) or (K, H, W)."""
        name, answer = self.facts["input.name"], self.facts["output.name"]
        out = self.session.run([answer], {name: self.prepare(image, **other)})[0]
        out = np.asarray(out, dtype=np.float64)
        if self.facts["output.layout"] == "NHWC":
            out = out.transpose(0, 3, 1, 2)
        if self.facts["output.meaning"] == "logits":
            out = np.exp(out - out.max(axis=1, keepdims=True))
            out /= out.sum(axis=1, keepdims=True)
        return out[0]

    def read(self, png: str) -> np.ndarray:
        """Return the picture behind a text, (H, W, C) uint8.

        Raises
        ------
        ValueError
            If it is no picture, or not of a size that the card allows.
        """
        no_picture = "image is no PNG in base64"
        try:
            picture = Image.open(io.BytesIO(base64.b64decode(png, validate=True)), formats=["PNG"])
        except (ValueError, TypeError, OSError, Image.DecompressionBombError) as error:
            raise ValueError(no_picture) from error
        # Before it is unpacked: a small file can hold a picture that fills the memory.
        for side, length in (("height", picture.height), ("width", picture.width)):
            low, high = self.facts["input." + side]
            if not low <= length <= high:
                text = f"{side} {length} is outside the card's {low} to {high} pixels"
                raise ValueError(text)
        grey = _CHANNELS[self.facts["input.channels"]] == 1
        try:
            image = np.asarray(picture.convert("L" if grey else "RGB"))
        except (OSError, SyntaxError) as error:  # what Pillow raises on a torn file
            raise ValueError(no_picture) from error
        return image[..., None] if grey else image

    def answer(self, request: Any) -> dict[str, Any]:
        """Return the answer to one request, or what is wrong with it under the key "error"."""
        try:
            if not isinstance(request, dict) or "image" not in request:
                raise ValueError("a request is an object with the key image")
            p = self.probabilities(self.read(request["image"]))
        except ValueError as error:
            return {"error": str(error)}
        except Exception as error:  # of the runtime; one bad request must not end the service
            return {"error": f"the model cannot compute this ({type(error).__name__})"}
        best = p.argmax(axis=0).astype(np.uint8)
        return {
            "map": base64.b64encode(best.tobytes()).decode(),
            "probability": base64.b64encode(p.astype("<f8").tobytes()).decode(),
            "shape": list(p.shape),
        }


_INPUT = ("channels", "pixel_range", "mean", "std", "layout", "dtype")


def examine(folder: Path) -> tuple[list[dict[str, Any]], Service | None]:
    """Return what is wrong with a folder's card, and a service if nothing is."""
    problems = Problems()
    path = folder / CARD
    try:
        card = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.add("missing", f"{CARD} cannot be read ({type(error).__name__})", CARD)
        return problems, None
    facts = {name: fact_of(card, name) for name in NEEDS}
    if facts["output.layout"] in ("NC", None) and facts["test.places"] is None:
        # A model that gives one answer for the whole image has no places to name.
        facts["test.places"] = []
    for name, need in NEEDS.items():
        if facts[name] is None:
            tied = ("output.layout",) if name == "test.places" else ()
            problems.add("missing", f"{name} is missing: without it I cannot {need}", name, *tied)
    _check_forms(facts, problems)
    session = _open(folder, facts, problems)
    if session is None or problems:
        return problems, None
    service = Service(facts, session)
    _check_graph(service, problems)
    if not problems:
        _check_test(service, problems)
    return problems, None if problems else service


def _numbers(value: Any, count: int | None = None) -> bool:
    values = value if isinstance(value, list) else [value]
    good = all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values
    )
    return good and (count is None or (isinstance(value, list) and len(value) == count))


def _check_forms(facts: dict[str, Any], problems: Problems) -> None:
    """Check each fact by itself, and against the others; what is missing is passed over."""
    said = {name: value for name, value in facts.items() if value is not None}

    def expect(name: str, good: bool, text: str) -> None:
        if name in said and not good:
            problems.wrong(name, f"{said[name]!r}, expected {text}")

    def is_in(name: str, options: Any) -> None:
        expect(name, said.get(name) in list(options), "one of " + ", ".join(options))

    is_in("file.format", ("onnx",))
    is_in("input.dtype", _TYPES)
    is_in("output.dtype", _TYPES)
    is_in("input.layout", ("NCHW", "NHWC"))
    is_in("output.layout", ("NCHW", "NHWC", "NC"))
    is_in("input.channels", _CHANNELS)
    is_in("output.meaning", ("logits", "probabilities"))
    for name in ("file.sha256", "metric.data_sha256"):
        good = re.fullmatch(r"[0-9a-f]{64}", str(said.get(name)))
        expect(name, bool(good), "64 hexadecimal digits")
    for name in ("input.height", "input.width"):
        sides = said.get(name)
        good = _numbers(sides, 2) and 1 <= sides[0] <= sides[1]
        expect(name, bool(good), "the smallest and the largest number of pixels")
    ends = said.get("input.pixel_range")
    expect("input.pixel_range", _numbers(ends, 2) and ends[0] < ends[1], "what 0 and 255 become")
    channels = _CHANNELS.get(str(said.get("input.channels")))
    for name in ("input.mean", "input.std"):
        good = _numbers(said.get(name), channels)
        if name == "input.std":
            good = good and min(said.get(name, [1])) > 0
        if name in said and not good:
            text = f"{name}: {said[name]!r}, expected a number for each channel, above 0 for std; "
            text += f"input.channels {said.get('input.channels')} has {channels}"
            problems.add("wrong", text, name, "input.channels")
    classes = said.get("output.classes")
    good = isinstance(classes, list) and len(set(map(str, classes))) == len(classes) > 1
    expect("output.classes", good, "at least two different names, in the model's order")
    expect("test.tolerance", _numbers(said.get("test.tolerance")) and 0 < said["test.tolerance"]
           <= 0.01, "a number above 0 and at most 0.01")  # fmt: skip
    value, low, high = (said.get("metric." + name) for name in ("value", "low", "high"))
    for name in ("value", "low", "high", "level"):
        expect("metric." + name, _numbers(said.get("metric." + name)), "a number")
    if all(_numbers(v) for v in (value, low, high)) and not low <= value <= high:
        text = f"metric.value {value} is not between metric.low {low} and metric.high {high}"
        problems.add("wrong", text, "metric.value", "metric.low", "metric.high")
    level = said.get("metric.level")
    expect("metric.level", _numbers(level) and 0.5 <= level < 1, "a share such as 0.95")
    expect("metric.n", isinstance(said.get("metric.n"), int) and said["metric.n"] > 0, "a count")
    for name in ("cost.file_bytes", "cost.cpu_ms"):
        expect(name, _numbers(said.get(name)) and said[name] > 0, "a number above 0")


def _open(folder: Path, facts: dict[str, Any], problems: Problems) -> Any:
    """Return a session on the model file, if the facts about the file allow it."""
    runtime = facts["file.runtime"]
    if runtime is not None:
        asked = re.fullmatch(r"onnxruntime *>= *(\d+(?:\.\d+)*)", str(runtime))
        if not asked:
            problems.wrong("file.runtime", f"{runtime!r}, expected such as onnxruntime>=1.20")
        elif _version(asked.group(1)) > _version(onnxruntime.__version__):
            have = onnxruntime.__version__
            problems.wrong("file.runtime", f"asks for {runtime}, and {have} is installed")
    name = facts["file.name"]
    if name is None or problems.about("file.format", "file.runtime"):
        return None
    # A card comes from elsewhere: it must not make the receiver read another file of the machine.
    if Path(str(name)).name != name or not (folder / name).is_file() or name == CARD:
        problems.wrong("file.name", f"no model file {name!r} lies in the folder")
        return None
    content = (folder / name).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if facts["file.sha256"] not in (None, found):
        problems.wrong("file.sha256", f"the file in the folder has {found}: another file")
    if facts["cost.file_bytes"] not in (None, len(content)):
        problems.wrong("cost.file_bytes", f"the file has {len(content)} bytes")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no base class of its own
        problems.wrong("file.format", f"the file does not open as ONNX ({type(error).__name__})")
        return None


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _check_graph(service: Service, problems: Problems) -> None:
    """Hold the card against what the file says about itself."""
    facts = service.facts
    for side, found in (("input", service.session.get_inputs()),
                        ("output", service.session.get_outputs())):  # fmt: skip
        named = {each.name: each for each in found}
        if facts[side + ".name"] not in named:
            names = ", ".join(named)
            problems.wrong(f"{side}.name", f"{facts[side + '.name']!r}; the file has {names}")
            continue
        value = named[facts[side + ".name"]]
        if value.type != _TYPES[facts[side + ".dtype"]]:
            problems.wrong(f"{side}.dtype", f"{facts[side + '.dtype']}; the file has {value.type}")
        layout = facts[side + ".layout"]
        if len(value.shape) != len(layout):
            problems.wrong(f"{side}.layout", f"{layout}; the file has {len(value.shape)} axes")
            continue
        axes = dict(zip(layout, value.shape, strict=True))
        channels = axes["C"]
        if side == "output":
            wanted, about = len(facts["output.classes"]), "output.classes"
        else:
            wanted, about = _CHANNELS[facts["input.channels"]], "input.channels"
        if isinstance(channels, int) and channels != wanted:
            text = f"the file has {channels} along C of {side}.layout {layout}, the card {wanted}"
            problems.add("wrong", f"{about}: {text}", about, f"{side}.layout")
        if side == "input" and not problems:
            for axis, name in (("H", "height"), ("W", "width")):
                fixed, (low, high) = axes[axis], facts["input." + name]
                if isinstance(fixed, int) and not low == fixed == high:
                    text = f"input.{name}: {low} to {high}; the file takes {fixed} along {axis}"
                    problems.add("wrong", text, "input." + name, "input.layout")


def _check_test(service: Service, problems: Problems) -> None:
    """Run the card's test image, and compare."""
    facts = service.facts
    try:
        image = service.read(facts["test.image"])
    except ValueError as error:
        low_high = [f"input.{side}" for side in ("height", "width") if side in str(error)]
        problems.add("wrong", f"test.image: {error}", *(low_high or ["test.image"]))
        return
    names, places = facts["test.classes"], facts["test.places"]
    wanted, classes = facts["test.probabilities"], facts["output.classes"]
    spots = len(places) if places else 1
    for fact, value in (("test.classes", names), ("test.probabilities", wanted)):
        if not isinstance(value, list) or len(value) != spots:
            problems.wrong(fact, f"expected a list of {spots}, one for each answer")
    if not problems and not _numbers(wanted, spots):
        problems.wrong("test.probabilities", "expected numbers")
    strangers = [name for name in names if name not in classes]
    if strangers:
        problems.add("wrong", f"test.classes names {strangers[0]!r}, which output.classes lacks",
                     "output.classes", "test.classes")  # fmt: skip
    height, width = image.shape[:2]
    if not all(_numbers(p, 2) and 0 <= p[0] < height and 0 <= p[1] < width for p in places):
        problems.wrong("test.places", f"expected rows below {height} and columns below {width}")
    if problems:
        return
    right = np.array(wanted), [classes.index(name) for name in names], np.array(places, int)
    axis = facts["output.layout"].index("C")
    try:
        raw = service.session.run(None, {facts["input.name"]: service.prepare(image)})[0]
    except Exception as error:  # onnxruntime has no base class of its own
        problems.add("wrong", f"the model refuses the test image ({type(error).__name__}): one of "
                     "input.layout, input.height, input.width is not what it takes",
                     "input.layout", "input.height", "input.width")  # fmt: skip
        return
    if raw.shape[axis] != len(classes):
        problems.add("wrong", f"output.classes: {len(classes)} names, and the output has "
                     f"{raw.shape[axis]} along C of output.layout", "output.classes",
                     "output.layout")  # fmt: skip
        return
    sums = np.allclose(raw.sum(axis=axis), 1, atol=1e-3) and raw.min() >= 0
    if sums != (facts["output.meaning"] == "probabilities"):
        found = "probabilities" if sums else "logits"
        problems.wrong("output.meaning", f"the outputs look like {found}: they sum to "
                       f"{'one' if sums else 'something else than one'}")  # fmt: skip
        return
    same, same_but_names = _compare(service.probabilities(image), *right, facts["test.tolerance"])
    if same:
        return
    if same_but_names:
        problems.add("wrong", "output.classes: the probabilities are the sender's, the names are "
                     "not: is the order another?", "output.classes", "test.classes")  # fmt: skip
        return
    meant = [
        fact
        for fact, other in _others(facts)
        if _compare(service.probabilities(image, **other), *right, facts["test.tolerance"])[0]
    ]
    one = f" With another {meant[0]} it would be right." if meant else ""
    problems.add("wrong", "the answer to test.image is not the sender's: one of "
                 f"{', '.join(_PREPARING)} is not what was used, or the test is another's.{one}",
                 *(meant[:1] or [*_PREPARING, "test.image", "test.places", "test.probabilities",
                                 "test.classes"]))  # fmt: skip


def _others(facts: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what else might have been meant, one fact at a time."""
    order = {"RGB": "BGR", "BGR": "RGB"}.get(facts["input.channels"])
    others = [("input.channels", {"channels": order})] if order else []
    others += [("input.pixel_range", {"pixel_range": ends}) for ends in _RANGES]
    others += [
        fact
        for mean, std in _NORMALS
        for fact in (("input.mean", {"mean": mean}), ("input.std", {"std": std}))
        if _CHANNELS[facts["input.channels"]] in (3, len(mean))
    ]
    return others


def _compare(
    p: np.ndarray, wanted: np.ndarray, names: list[int], places: np.ndarray, tolerance: float
) -> tuple[bool, bool]:
    """Say whether the best class and its probability are the sender's, and the latter alone."""
    at = p[:, places[:, 0], places[:, 1]] if places.size else p[:, None]
    near = bool(np.abs(at.max(axis=0) - wanted).max() <= tolerance)
    return near and at.argmax(axis=0).tolist() == names, near


def main(arguments: list[str]) -> int:
    """Examine a folder, print the verdict, and serve if asked to; return the exit status."""
    folders = [each for each in arguments if each != "--serve"]
    if len(folders) != 1:
        print("usage: python receiver.py FOLDER [--serve]", file=sys.stderr)
        return 2
    problems, service = examine(Path(folders[0]))
    print(json.dumps({"served": service is not None, "problems": problems}), flush=True)
    if service is None:
        return 1
    if "--serve" in arguments:
        for line in sys.stdin:
            try:
                request = json.loads(line)
            except json.JSONDecodeError:
                request = None
            print(json.dumps(service.answer(request)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
