"""The export writes what it was asked for, and models that do not fit are refused."""

from __future__ import annotations

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from internlab.superres import export
from internlab.superres.export import operators, read_signature, to_onnx
from internlab.superres.model import RepSR


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return RepSR(channels=4, blocks=2)


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    return to_onnx(network, tmp_path_factory.mktemp("export") / "network.onnx")


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (1, 3, 7, 30), (3, 3, 25, 37), (1, 3, 64, 5)])
def test_the_file_computes_what_the_module_computes_at_any_size(network, exported, shape):
    batch = torch.rand(shape, generator=torch.Generator().manual_seed(1))
    [made] = session(exported).run(["sr"], {"lr": batch.numpy()})
    with torch.inference_mode():
        expected = network.eval()(batch).numpy()
    assert made.shape == (shape[0], 3, 2 * shape[2], 2 * shape[3])
    assert np.abs(made - expected).max() <= 1e-5


def test_a_network_with_branches_is_written_fused(exported):
    assert operators(exported) == {"Conv": 5, "Relu": 3, "Pad": 1, "Add": 1, "DepthToSpace": 1}


def test_dimensions_have_readable_names(exported):
    graph = onnx.load(exported).graph
    names = [dim.dim_param or dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim]
    assert names == ["n", 3, "h", "w"]


def test_the_file_holds_no_path_of_the_machine_it_was_made_on(exported):
    content = exported.read_bytes()
    assert b"site-packages" not in content and b".py" not in content


def test_float16_is_typed_and_leaves_the_module_as_it_was(network, tmp_path):
    before = copy.deepcopy(network.state_dict())
    path = to_onnx(network, tmp_path / "half.onnx", dtype=torch.float16)
    signature = read_signature(path)
    assert (signature.dtype, signature.precision) == (np.float16, "fp16")
    for name, value in network.state_dict().items():
        assert value.dtype == torch.float32 and torch.equal(value, before[name])


def test_a_fixed_size_is_written_as_numbers(network, tmp_path):
    path = to_onnx(network, tmp_path / "fixed.onnx", fixed_size=(20, 30))
    dims = onnx.load(path).graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_value for dim in dims] == [1, 3, 20, 30]


def test_an_opset_that_the_exporter_cannot_write_is_an_error_and_leaves_no_file(network, tmp_path):
    (tmp_path / "old.onnx").write_bytes(b"an earlier file")
    with pytest.raises(ValueError, match=r"Asked for opset 13.*wrote opset 18"):
        to_onnx(network, tmp_path / "old.onnx", opset=13)
    assert [each.name for each in tmp_path.iterdir()] == ["old.onnx"]
    assert (tmp_path / "old.onnx").read_bytes() == b"an earlier file"


def test_export_prints_nothing(network, tmp_path, capfd, caplog):
    to_onnx(network, tmp_path / "quiet.onnx")
    printed = capfd.readouterr()
    # PyTorch traces itself at level DEBUG, which nobody sees.
    logged = [each.message for each in caplog.records if each.levelname != "DEBUG"]
    assert (printed.out, printed.err, logged) == ("", "", [])


def test_other_types_are_refused(network, tmp_path):
    with pytest.raises(ValueError, match=r"torch.bfloat16, expected torch.float32"):
        to_onnx(network, tmp_path / "b.onnx", dtype=torch.bfloat16)


def test_the_signature_of_the_export(exported):
    signature = read_signature(exported)
    assert (signature.input, signature.output) == ("lr", "sr")
    assert (signature.scale, signature.channels, signature.precision) == (2, 3, "fp32")
    assert signature.batch is None and signature.dtype == np.float32


def test_the_scale_is_measured_where_the_file_does_not_say_it(exported, tmp_path):
    model = onnx.load(exported)
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    for _ in range(4):
        model.graph.output[0].type.tensor_type.shape.dim.add()
    onnx.save(model, tmp_path / "unknown.onnx")
    assert read_signature(tmp_path / "unknown.onnx").scale == 2


def toy(tmp_path, shape, node=None, out=None, kind=TensorProto.FLOAT, more_inputs=()):
    """Write a model of one node and return its path."""
    inputs = [helper.make_tensor_value_info("x", kind, shape), *more_inputs]
    outputs = [helper.make_tensor_value_info("y", kind, out or [None] * len(shape))]
    nodes = [node or helper.make_node("Identity", ["x"], ["y"])]
    graph = helper.make_graph(nodes, "toy", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "toy.onnx")
    return tmp_path / "toy.onnx"


def test_other_signatures_are_refused_with_what_was_expected(tmp_path):
    second = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 3, "h", "w"])
    cases = [
        (dict(shape=["n", 1, "h", "w"]), "takes 1 channels"),
        (dict(shape=["n", 4, "h", "w"]), "takes 4 channels"),
        (dict(shape=["n", "c", "h", "w"]), "an unknown number of channels"),
        (dict(shape=["n", 3, 64, 64]), r"takes only inputs of \? x 3 x 64 x 64"),
        (dict(shape=["n", 10]), r"input of shape \? x 10"),
        (dict(shape=["n", 3, "h", "w"], kind=TensorProto.INT32), "of type int32"),
        (dict(shape=["n", 3, "h", "w"], more_inputs=[second]), "has 2 inputs"),
        (
            dict(
                shape=["n", 3, "h", "w"],
                node=helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2]),
            ),
            "makes 1 x 3 x 12 x 16 from 1 x 3 x 24 x 32",
        ),
        (
            dict(shape=["n", 3, "h", "w"], node=helper.make_node("NoSuch", ["x"], ["y"])),
            "not accepted by ONNX Runtime",
        ),
        (
            dict(
                shape=["n", 3, "h", "w"],
                node=helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=4),
            ),
            "makes 1 x 48 x 6 x 8",
        ),
    ]
    for options, expected in cases:
        with pytest.raises(ValueError, match=expected) as caught:
            read_signature(toy(tmp_path, **options))
        assert "Expected one float32 or float16 input of shape N x 3 x H x W" in str(caught.value)


def test_a_network_that_needs_multiples_of_a_size_is_refused(tmp_path):
    class Halving(nn.Module):
        def forward(self, x):
            return nn.functional.pixel_shuffle(nn.functional.pixel_unshuffle(x, 2), 2)

    path = tmp_path / "halving.onnx"
    with export.quiet_exporter():
        torch.onnx.export(
            Halving(),
            (torch.rand(1, 3, 8, 8),),
            str(path),
            dynamo=False,
            input_names=["x"],
            dynamic_axes={"x": {2: "h", 3: "w"}},
        )
    with pytest.raises(ValueError, match="25 x 37"):
        read_signature(path)


def test_a_file_that_is_missing_or_cut_short_is_named(exported, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file absent.onnx"):
        read_signature(tmp_path / "absent.onnx")
    content = exported.read_bytes()
    for number, length in enumerate((0, 10, len(content) // 2, len(content) - 1)):
        cut = tmp_path / f"cut{number}.onnx"
        cut.write_bytes(content[:length])
        with pytest.raises(ValueError, match=rf"cut{number}.onnx"):
            read_signature(cut)


def test_the_exporters_log_is_quiet_only_inside_the_block():
    import logging

    logger = logging.getLogger("torch.onnx")
    before = logger.level
    with pytest.raises(KeyError), export.quiet_exporter():
        assert not logger.isEnabledFor(logging.CRITICAL)
        raise KeyError
    assert logger.level == before
