"""A build log is read: layers, their number types, and what was fused into them."""

import pytest

from internlab.superres.tensorrt_explain import KNOWN_FAILURES, explain
from internlab.superres.tensorrt_log import (
    BuildLog,
    bytes_per_pixel,
    convolution_types,
    fused_groups,
)

LAYERS = """Layers:
Name: head_myl0_1, LayerType: correlation, Inputs: [ { Name: x, Dimensions: [1,3,-1,-1], Datatype: \
Half, Format: (NHWC) Channel major format }], Constants: [ { Name: w, Datatype: Half, Format: f }, \
{ Name: one, Datatype: Float, Format: f }], Outputs: [ { Name: y, \
Dimensions: [1,32,-1,-1], Datatype: Half, Format: f }], \
TacticName: stub, StreamId: 0, Metadata: [ONNX Layer: head][ONNX Layer: relu]
Name: __myl_Quant_myl0_2, LayerType: kgen, Inputs: [ { Name: y, Datatype: Half, Format: f }], \
Constants: [], Outputs: [ { Name: q, Datatype: Int8, Format: f }], TacticName: g, StreamId: 0, \
Metadata: [ONNX Layer: quantise][ONNX Layer: quantise]
Name: body_myl0_3, LayerType: correlation, Inputs: [ { Name: q, Datatype: Int8, Format: f }], \
Constants: [ { Name: w, Datatype: Int8, Format: f }], Outputs: [ { Name: z, \
Dimensions: [1,3,-1,2,-1,2], Datatype: Float, \
Format: f }], TacticName: stub, StreamId: 0, Metadata: [ONNX Layer: body]
Name: tail_myl0_4, LayerType: correlation, Inputs: [ { Name: z, Datatype: Float, Format: f }], \
Constants: [ { Name: w, Datatype: Int8, Format: f }], Outputs: [ { Name: o, Datatype: Float, \
Format: f }], TacticName: stub, StreamId: 0, Metadata: [ONNX Layer: tail]

I/O Tensors:
 Name: lr, IOMode: Input, DataType: Half"""


@pytest.fixture
def log() -> BuildLog:
    return BuildLog(
        (
            ("VERBOSE", "Original: 20 layers"),
            ("WARNING", "slow"),
            ("WARNING", "slow"),
            ("ERROR", "CUDA initialisation: CUDA driver version is insufficient for CUDA"),
            ("ERROR", "real"),
            ("INFO", "Total Weights Memory: 123520 bytes"),
            ("INFO", "Total Activation Memory: 43876864 bytes"),
            ("VERBOSE", LAYERS),
        )
    )


def test_layers_are_read_with_kind_origin_and_types(log):
    head, quantise, body, tail = log.layers
    assert (head.kind, head.origin) == ("correlation", ("head", "relu"))
    assert (head.inputs, head.constants, head.outputs) == (
        ("float16",),
        ("float16", "float32"),
        ("float16",),
    )
    assert quantise.origin == ("quantise",)
    assert quantise.outputs == ("int8",)
    assert body.computes_in == "int8"
    assert quantise.computes_in == ""
    # Weights kept in INT8 for a convolution of floats save space, not multiplications.
    assert (tail.constants, tail.computes_in) == (("int8",), "float32")


def test_convolutions_are_counted_by_the_type_they_multiply_in(log):
    assert convolution_types(log.layers) == {"float16": 1, "int8": 1, "float32": 1}
    assert fused_groups(log.layers) == [("head", "relu")]


def test_bytes_are_counted_for_a_pixel_of_the_input(log):
    """3 x 2 bytes in and 32 x 2 out; shapes not given; 12 x 4 bytes of the enlarged image."""
    assert [layer.bytes_per_pixel for layer in log.layers] == [6 + 64, 0, 48, 0]
    assert bytes_per_pixel(log.layers) == 118


def test_numbers_are_read(log):
    assert (log.network_layers, log.weights_bytes, log.activation_bytes) == (20, 123520, 43876864)


def test_a_missing_driver_is_no_error_and_warnings_are_not_repeated(log):
    assert log.errors == ("real",)
    assert log.warnings == ("slow",)


def test_a_log_without_details_gives_nothing_rather_than_an_error():
    empty = BuildLog(())
    assert (empty.layers, empty.network_layers, empty.errors) == ((), None, ())


def test_an_unknown_message_is_not_explained():
    assert explain(["the moon is full"]) is None
    assert explain([]) is None


def test_every_known_failure_says_what_it_means_and_what_to_do():
    names = [known.name for known in KNOWN_FAILURES]
    assert len(set(names)) == len(names)
    for known in KNOWN_FAILURES:
        assert known.stage in ("parse", "profile", "build")
        assert known.meaning.endswith(".")
        assert known.remedy.endswith(".")
