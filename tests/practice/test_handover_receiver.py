"""The receiver serves from a whole card, and refuses by name where a fact is missing or wrong."""

from __future__ import annotations

import ast
import signal
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from internlab.practice.handover import cards, desk, digits, faults, receiver, records

CLASSES = ("road", "person", "car")


@pytest.fixture(scope="module")
def digit_model(tmp_path_factory):
    model = digits.write_model(tmp_path_factory.mktemp("digits") / "digits.onnx")
    return model, cards.model_card(digits.record(model), digits.STATED)


def _write_map_model(path: Path) -> np.ndarray:
    """Write a 1 x 1 convolution from three colours to three classes; return its weights."""
    weights = np.array([[3, -1, 0.5], [-1, 2, 0], [0, 0.5, -2]], np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "weights"], ["logits"])],
        "map",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [numpy_helper.from_array(weights[..., None, None], "weights")],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return weights


@pytest.fixture(scope="module")
def map_model(tmp_path_factory):
    """A model that answers for each pixel of a colour picture, and its card."""
    path = tmp_path_factory.mktemp("map") / "map.onnx"
    weights = _write_map_model(path)
    image = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    mean, std = [110.0, 120.0, 130.0], [50.0, 60.0, 70.0]
    logits = np.einsum("kc,hwc->khw", weights, (image - np.array(mean)) / np.array(std))
    up = np.exp(logits - logits.max(axis=0))
    recorded = {
        **records.file_facts(path),
        "input.layout": "NCHW",
        "input.channels": "RGB",
        "input.height": [8, 64],
        "input.width": [8, 64],
        "input.pixel_range": [0, 255],
        "input.mean": mean,
        "input.std": std,
        "output.layout": "NCHW",
        "output.meaning": "logits",
        "output.classes": list(CLASSES),
        **records.test_facts(image, up / up.sum(axis=0), CLASSES),
        **records.metric_facts(
            "mean", lambda w: float(w.mean()), "scenes", "none", [image], np.random.default_rng(0),
            draws=5,
        ),
        "limits.measured": ["none"],
        "training.data": "none at all",
        "training.code": "this test",
        **records.cost_facts(lambda: None, 3),
    }  # fmt: skip
    # A placeholder is not a fact.
    recorded["limits.measured"], recorded["metric.data"] = ["nothing was measured"], "noise"
    return path, cards.model_card(recorded, digits.STATED)


@pytest.fixture
def verdict_on(tmp_path):
    def verdict(model_and_card, card=None):
        model, whole = model_and_card
        return desk.examine(desk.pack(tmp_path / "parcel", model, card or whole))

    return verdict


def test_the_card_holds_exactly_the_facts_that_the_receiver_asks_for():
    assert list(receiver.NEEDS) == list(cards.MODEL_FACTS)


def test_the_receivers_script_imports_nothing_of_the_kit():
    tree = ast.parse(Path(receiver.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else
                     [alias.name for alias in node.names])
    }  # fmt: skip
    assert imported <= sys.stdlib_module_names | {"numpy", "onnxruntime", "yaml", "PIL"}


def test_a_whole_card_is_served(verdict_on, digit_model, map_model):
    assert verdict_on(digit_model).served
    assert verdict_on(map_model).served


def test_each_fact_removed_is_refused_by_its_name(verdict_on, digit_model, map_model):
    for model in (digit_model, map_model):
        tried = 0
        for fact, broken in faults.each_removed(model[1]):
            verdict = verdict_on(model, broken)
            assert not verdict.served, fact
            assert verdict.facts[0] == fact
            assert verdict.problems[0]["kind"] == "missing"
            assert receiver.NEEDS[fact] in verdict.problems[0]["text"]
            tried += 1
        assert tried == len(cards.MODEL_FACTS) - (model is digit_model)


@pytest.mark.parametrize("blank", [None, "", "TODO", " tbd ", [], {}, ["?"], "..."])
def test_a_placeholder_is_a_missing_fact(verdict_on, digit_model, blank):
    verdict = verdict_on(digit_model, faults.changed(digit_model[1], "licence", blank))
    assert verdict.facts == ["licence"]


def test_each_mistaken_fact_is_refused_by_its_name(verdict_on, digit_model, map_model):
    for model in (digit_model, map_model):
        for fact, broken in faults.each_mistaken(model[1]):
            verdict = verdict_on(model, broken)
            assert not verdict.served, fact
            assert fact in verdict.facts, f"{fact}: {verdict}"


@pytest.mark.parametrize("value", [0.99, 0.5])
def test_a_consistent_lie_is_served(verdict_on, digit_model, value):
    card = digit_model[1]
    for fact, false in (("value", value), ("low", value - 0.01), ("high", value + 0.005)):
        card = faults.changed(card, f"metric.{fact}", false)
    assert verdict_on(digit_model, card).served


def test_the_other_colour_order_is_found_out(verdict_on, map_model):
    verdict = verdict_on(map_model, faults.changed(map_model[1], "input.channels", "BGR"))
    assert verdict.facts == ["input.channels"]
    assert "With another input.channels it would be right" in verdict.problems[0]["text"]


@pytest.mark.parametrize("name", ["../digits.onnx", "/etc/passwd", "model_card.yaml", "."])
def test_a_card_cannot_make_the_receiver_open_another_file(verdict_on, digit_model, name):
    verdict = verdict_on(digit_model, faults.changed(digit_model[1], "file.name", name))
    assert verdict.facts == ["file.name"]


@pytest.mark.parametrize("text", ["", "[1, 2", "just words", "- a\n- b", "\x00", "a: !!python/x 1"])
def test_a_card_that_is_no_card_is_refused_not_a_crash(tmp_path, digit_model, text):
    folder = desk.pack(tmp_path / "parcel", *digit_model)
    (folder / receiver.CARD).write_text(text, encoding="utf-8")
    assert not desk.deliver(folder).served


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("output.classes", "zero"),
        ("input.mean", "0.3"),
        ("input.mean", [True]),
        ("input.height", [8]),
        ("input.height", [8, 16]),
        ("input.height", 8),
        ("test.image", 12),
        ("metric.n", "897"),
        ("file.sha256", ["a"]),
        ("input.std", [0]),
        ("input.std", [float("nan")]),
        ("input.layout", ["NCHW"]),
        ("file.name", ["digits.onnx"]),
        ("test.probabilities", ["high"]),
        ("test.tolerance", float("inf")),
    ],
)
def test_a_fact_of_another_form_is_refused_not_a_crash(verdict_on, digit_model, fact, value):
    verdict = verdict_on(digit_model, faults.changed(digit_model[1], fact, value))
    assert fact in verdict.facts


def test_a_changed_model_file_is_refused(tmp_path, digit_model):
    folder = desk.pack(tmp_path / "parcel", *digit_model)
    model = folder / "digits.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"\x00")
    assert "file.sha256" in desk.examine(folder).facts


def test_a_stranger_gets_the_senders_numbers(tmp_path, digit_model):
    folder = desk.pack(tmp_path / "parcel", *digit_model)
    with desk.serving(folder) as service:
        for image in digits.test_images()[:5]:
            np.testing.assert_allclose(service.ask(image), digits.probabilities(image), atol=1e-6)


def test_a_service_goes_on_after_a_bad_request(tmp_path, digit_model):
    folder = desk.pack(tmp_path / "parcel", *digit_model)
    image = digits.test_images()[0]
    with desk.serving(folder) as service:
        for bad, named in (
            ([], "key image"),
            ({}, "key image"),
            ({"image": 3}, "PNG"),
            ({"image": "é"}, "PNG"),
            ({"image": records.as_text(np.zeros((8, 9), np.uint8))}, "width 9"),
            ({"image": records.as_text(np.zeros((900, 8), np.uint8))}, "height 900"),
        ):
            assert named in service.send(bad)["error"]
        with pytest.raises(ValueError, match="width"):
            service.ask(np.zeros((8, 100), np.uint8))
        assert service.ask(image).argmax() == digits.probabilities(image).argmax()


def test_a_refused_folder_is_not_served(tmp_path, digit_model):
    model, card = digit_model
    folder = desk.pack(tmp_path / "parcel", model, faults.without(card, "input.mean"))
    with pytest.raises(ValueError, match=r"input\.mean is missing"), desk.serving(folder):
        pass


def test_the_desk_keeps_the_senders_surroundings_out(tmp_path, digit_model, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "trap"))
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap" / "yaml.py").write_text("raise SystemExit(9)")
    folder = desk.pack(tmp_path / "parcel", *digit_model)
    assert desk.deliver(folder).served
    assert sorted(each.name for each in folder.iterdir()) == ["digits.onnx", "model_card.yaml"]


def test_a_service_that_hangs_or_has_died_is_an_error_not_a_wait(
    tmp_path, digit_model, monkeypatch
):
    folder = desk.pack(tmp_path / "parcel", *digit_model)
    with desk.serving(folder) as service:
        monkeypatch.setattr(desk, "SECONDS", 0.5)
        service._process.send_signal(signal.SIGSTOP)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="has ended"):
                service.ask(digits.test_images()[0])
