"""The command: what it prints, what it writes, and its exit status."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from scene_cases import noise, read_image, write_image

from internlab.superres.__main__ import main
from internlab.superres.model import GlobalSR, load_pretrained
from internlab.superres.opening import choose_overlap, network_from, open_from_files
from internlab.superres.runtimes import TorchRuntime
from internlab.superres.scene_parts import partial_folder
from internlab.superres.tiling import upscale_whole


@pytest.fixture(scope="module")
def repeat_onnx(tmp_path_factory):
    """A model of another maker: it repeats pixels three times and mixes neighbours."""
    path = tmp_path_factory.mktemp("models") / "repeat.onnx"
    weight = helper.make_tensor("w", TensorProto.FLOAT, [27, 3, 3, 3], np.full(729, 1 / 27.0))
    nodes = [
        helper.make_node("Conv", ["in"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("DepthToSpace", ["c"], ["out"], blocksize=3, mode="CRD"),
    ]
    nodes[0].input.append("w")
    shapes = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, h, w])
        for name, h, w in (("in", "h", "w"), ("out", "H", "W"))
    ]
    graph = helper.make_graph(nodes, "repeat", shapes[:1], shapes[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, path)
    return path


@pytest.fixture
def scene(tmp_path):
    return write_image(tmp_path / "in.tif", noise(60, 50))


def run(capsys, *arguments):
    status = main(["upscale", *map(str, arguments), "--quiet"])
    printed = capsys.readouterr()
    return status, printed.out, " ".join(printed.err.split())


@pytest.mark.parametrize("runtime", ["torch", "onnxruntime", "openvino"])
def test_the_kits_network_upscales_with_each_runtime(capsys, scene, tmp_path, runtime):
    target = tmp_path / "out.tif"
    status, out, _ = run(capsys, scene, target, "--runtime", runtime, "--tile", 128)
    assert status == 0
    assert "120 x 100 pixels" in out and "+ 8 px" in out and "network" in out
    with open_from_files(runtime) as opened:
        np.testing.assert_array_equal(read_image(target), upscale_whole(opened, noise(60, 50)))


def test_a_foreign_model_is_measured_and_used(capsys, scene, tmp_path, repeat_onnx):
    target = tmp_path / "out.tif"
    status, out, _ = run(capsys, scene, target, "--model", repeat_onnx, "--tile", 16)
    assert status == 0 and "180 x 150 pixels" in out and "16 + 1 px" in out
    with open_from_files("onnxruntime", repeat_onnx) as opened:
        np.testing.assert_array_equal(read_image(target), upscale_whole(opened, noise(60, 50)))


def test_too_small_an_overlap_is_warned_about(capsys, scene, tmp_path, repeat_onnx):
    status, _, err = run(capsys, scene, tmp_path / "o.tif", "--model", repeat_onnx, "--overlap", 0)
    assert status == 0 and "less than the 1 px" in err and "seams" in err


def test_a_network_that_sees_everything_needs_an_overlap():
    network = GlobalSR(channels=4, blocks=1)
    with torch.no_grad():
        # An untrained network is nearly bicubic; this one's own part has to be seen.
        network.tail.weight.mul_(50)
    with TorchRuntime(network) as runtime:
        with pytest.raises(ValueError, match=r"more than 64 px.*--overlap 32"):
            choose_overlap(runtime)
        assert choose_overlap(runtime, 32)[0] == 32


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tile", "4"], "smaller than the overlap"),
        (["--bands", "1", "2"], "Bands [1, 2]"),
        (["--range", "9", "3"], "low below high"),
        (["--runtime", "onnxruntime-cuda"], "CUDAExecutionProvider"),
        (["--runtime", "tensorrt"], "GPU"),
        (["--model", "missing.onnx"], "no file missing.onnx"),
        (["--model", "{scene}"], "not a readable ONNX model"),
        (["--runtime", "torch", "--model", "{scene}"], "does not hold the weights"),
        (["--runtime", "torch", "--model", "model.onnx"], "expected a file of weights"),
        (["--threads", "0"], "threads=0"),
    ],
)
def test_what_cannot_be_used_ends_with_status_2(capsys, scene, tmp_path, options, says):
    target = tmp_path / "out.tif"
    options = [each.format(scene=scene) for each in options]
    status, out, err = run(capsys, scene, target, *options)
    assert status == 2 and not out
    assert err.startswith("error: ") and says in err and "Traceback" not in err
    assert not target.exists() and not partial_folder(target).exists()


def test_a_model_of_another_signature_is_refused(capsys, scene, tmp_path):
    path = tmp_path / "grey.onnx"
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1, "h", "w"])
        for name in ("x", "y")
    ]
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])], "grey", values[:1], values[1:]
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    status, _, err = run(capsys, scene, tmp_path / "out.tif", "--model", path)
    assert status == 2 and "takes 1 channels" in err and "Expected" in err


def test_unknown_runtimes_are_refused_by_name(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["upscale", "a.tif", "b.tif", "--runtime", "magic"])
    assert caught.value.code == 2 and "openvino" in capsys.readouterr().err


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["upscale", "--help"])
    text = capsys.readouterr().out
    assert caught.value.code == 0
    for word in ("examples:", "exit status", "--range 0 3000", "OUT.partial", "receptive radius"):
        assert word in text


def test_a_full_disk_ends_with_status_1(capsys, scene, tmp_path, monkeypatch, repeat_onnx):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    status, _, err = run(capsys, scene, tmp_path / "out.tif", "--model", repeat_onnx)
    assert status == 1 and "The disk is full" in err and "[Errno" not in err


def test_ctrl_c_ends_with_status_1_and_says_how_to_go_on(tmp_path, repeat_onnx):
    scene = write_image(tmp_path / "big.tif", noise(600, 600))
    target = tmp_path / "out.tif"
    command = [sys.executable, "-m", "internlab.superres", "upscale", scene, target]
    command += ["--model", repeat_onnx, "--tile", "8", "--quiet"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    journal = partial_folder(target) / "journal"
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and child.poll() is None:
        if journal.exists() and journal.read_text().count("\n") > 3:
            break
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=120)
    assert child.returncode == 1
    assert "rows of tiles finished" in err and "goes on from there" in " ".join(err.split())
    assert not target.exists() and journal.exists() and "Traceback" not in err


def test_export_writes_a_model_that_upscale_accepts(capsys, tmp_path):
    path = tmp_path / "model.onnx"
    assert main(["export", str(path)]) == 0
    assert "model.onnx" in capsys.readouterr().out
    with open_from_files("onnxruntime", path) as runtime:
        assert runtime.scale == 2


def test_train_writes_weights_that_upscale_accepts(capsys, tmp_path, monkeypatch):
    from internlab.data.aerial import AerialImages

    images = {"one": noise(160, 160)}
    fake = AerialImages(images, images, images, {"one": "x"}, None, True)
    monkeypatch.setattr("internlab.data.aerial.aerial_images", lambda: fake)
    path = tmp_path / "weights.pt"
    assert main(["train", str(path), "--seconds", "0.5"]) == 0
    assert "Mean gain over bicubic" in capsys.readouterr().out
    assert type(network_from(path)) is type(load_pretrained())
    assert os.path.getsize(path) < 500_000
