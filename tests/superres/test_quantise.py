"""INT8 files: what is quantised, what stays float, and what is refused."""

from __future__ import annotations

import tempfile

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from internlab.superres.export import read_signature, to_onnx
from internlab.superres.model import RepSR
from internlab.superres.quantise import calibration_crops, float_convolutions, quantise_int8
from internlab.superres.runtimes import OnnxRuntime


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("quantise")


@pytest.fixture(scope="module")
def fp32(folder):
    torch.manual_seed(0)
    return to_onnx(RepSR(channels=8, blocks=2), folder / "fp32.onnx")


@pytest.fixture(scope="module")
def calibration():
    rng = np.random.default_rng(0)
    return [rng.random((1, 3, 24, 24), dtype=np.float32) for _ in range(4)]


def quantised_weights(path):
    """Return the convolutions whose weight is a DequantizeLinear, as (name, node of the weight)."""
    graph = onnx.load(path).graph
    made_by = {node.output[0]: node for node in graph.node}
    found = {}
    for node in graph.node:
        if node.op_type == "Conv":
            maker = made_by.get(node.input[1])
            found[node.name] = maker is not None and maker.op_type == "DequantizeLinear"
    return found


def initializers(path):
    return {each.name: numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}


@pytest.mark.parametrize(("keep_float", "expected"), [(None, 4), ("first and last", 2)])
def test_the_skip_stays_in_float_and_the_ends_if_asked(
    fp32, folder, calibration, keep_float, expected
):
    path = quantise_int8(fp32, folder / "int8.onnx", calibration, keep_float=keep_float)
    quantised = quantised_weights(path)
    assert sum(quantised.values()) == expected and len(quantised) == 5
    assert read_signature(path).precision == "int8"


def test_the_skip_and_the_ends_are_found_by_their_place_in_the_graph(fp32):
    model = onnx.load(fp32)
    convs = [node for node in model.graph.node if node.op_type == "Conv"]
    kernels = {each.name: tuple(each.dims) for each in model.graph.initializer}
    by_name = {node.name: kernels[node.input[1]] for node in convs}
    assert [by_name[name] for name in float_convolutions(model, None)] == [(12, 3, 5, 5)]
    kept = [by_name[name] for name in float_convolutions(model, "first and last")]
    assert kept == [(12, 3, 5, 5), (8, 3, 3, 3), (12, 8, 3, 3)]


def test_a_network_of_one_convolution_has_no_skip():
    node = onnx.helper.make_node("Conv", ["x", "w"], ["y"], name="only")
    graph = onnx.helper.make_graph([node], "one", [], [])
    assert float_convolutions(onnx.helper.make_model(graph), None) == []


def test_int8_is_close_and_not_equal(fp32, folder, calibration):
    quantised = OnnxRuntime(quantise_int8(fp32, folder / "close.onnx", calibration))
    batch = np.random.default_rng(1).random((1, 3, 33, 21), dtype=np.float32)
    error = np.abs(quantised(batch) - OnnxRuntime(fp32)(batch)).max()
    assert 0 < error < 0.05


def test_weights_come_back_within_half_a_step(fp32, folder, calibration):
    path = quantise_int8(fp32, folder / "step.onnx", calibration, keep_float=None)
    floats, values = initializers(fp32), initializers(path)
    checked = 0
    for name, weight in floats.items():
        if f"{name}_quantized" not in values or weight.ndim != 4:
            continue
        scale = values[f"{name}_scale"].reshape(-1, 1, 1, 1)
        assert len(scale) == len(weight)  # one for each output channel
        back = values[f"{name}_quantized"].astype(np.float32) * scale
        assert (np.abs(back - weight) <= scale / 2 + 1e-7).all()
        checked += 1
    assert checked == 4


def test_for_tensorrt_all_zero_points_are_zero_and_biases_float(fp32, folder, calibration):
    path = quantise_int8(fp32, folder / "trt.onnx", calibration, for_tensorrt=True)
    values = initializers(path)
    zero_points = {name: value for name, value in values.items() if "zero_point" in name}
    assert zero_points
    for value in zero_points.values():
        assert value.dtype == np.int8 and not value.any()
    assert not any(value.dtype == np.int32 for value in values.values())


def test_for_onnxruntime_activations_are_unsigned(fp32, folder, calibration):
    values = initializers(quantise_int8(fp32, folder / "ort.onnx", calibration))
    assert np.uint8 in {value.dtype.type for value in values.values()}


def test_nothing_is_left_behind(fp32, folder, calibration, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out" / "int8.onnx"
    quantise_int8(fp32, out, calibration)
    assert list(scratch.iterdir()) == []
    assert [each.name for each in out.parent.iterdir()] == ["int8.onnx"]
    assert {each.name for each in tmp_path.iterdir()} <= {"scratch", "out", "notes"}


def test_it_prints_nothing(fp32, tmp_path, calibration, capfd):
    quantise_int8(fp32, tmp_path / "quiet.onnx", calibration)
    assert tuple(capfd.readouterr()) == ("", "")


def test_bad_calibration_is_refused(fp32, tmp_path):
    good = np.full((1, 3, 16, 16), 0.5, np.float32)
    holed = good.copy()
    holed[0, 0, 0, 0] = np.nan
    cases = [
        ([], "No calibration images"),
        ([good.astype(np.float64)], "float64"),
        ([good[0]], r"shape \(3, 16, 16\)"),
        ([good, good * 255], "Calibration image 1 has values from 127.5 to 127.5"),
        ([holed], "nan"),
    ]
    for images, message in cases:
        with pytest.raises(ValueError, match=message):
            quantise_int8(fp32, tmp_path / "bad.onnx", images)
    assert not (tmp_path / "bad.onnx").exists()


def test_what_is_quantised_already_is_refused(fp32, folder, calibration):
    path = quantise_int8(fp32, folder / "once.onnx", calibration)
    with pytest.raises(ValueError, match="is int8, expected an fp32 model"):
        quantise_int8(path, folder / "twice.onnx", calibration)


def test_calibration_crops_come_from_every_image_in_turn(tmp_path):
    images = {name: np.full((41, 50, 3), grey, np.uint8) for name, grey in (("a", 50), ("b", 200))}
    images["small"] = np.zeros((10, 10, 3), np.uint8)
    crops = calibration_crops(images, count=5, size=16, rng=np.random.default_rng(0))
    assert [round(float(crop.mean()) * 255) for crop in crops] == [50, 200, 50, 200, 50]
    assert all(crop.shape == (1, 3, 16, 16) and crop.dtype == np.float32 for crop in crops)
    with pytest.raises(ValueError, match="No image is as large as 100 x 100"):
        calibration_crops(images, count=1, size=100, rng=np.random.default_rng(0))
