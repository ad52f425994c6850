"""Every runtime gives the same picture, and none runs elsewhere than it says."""

from __future__ import annotations

import sys

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.environment import compile_obstacle
from internlab.superres.export import to_onnx
from internlab.superres.model import RepSR
from internlab.superres.runtimes import (
    RUNTIMES,
    OnnxRuntime,
    OpenVinoRuntime,
    ProviderFellBack,
    ProviderMissing,
    Runtime,
    TorchRuntime,
    open_runtime,
)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return RepSR(channels=8, blocks=2).fused()


@pytest.fixture(scope="module")
def paths(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runtimes")
    return {
        "fp32": to_onnx(network, folder / "fp32.onnx"),
        "fp16": to_onnx(network, folder / "fp16.onnx", dtype=torch.float16),
    }


@pytest.fixture(scope="module")
def runtimes(network, paths):
    return {
        "eager": TorchRuntime(network),
        "channels_last": TorchRuntime(network, channels_last=True),
        "onnxruntime": OnnxRuntime(paths["fp32"]),
        "unoptimised": OnnxRuntime(paths["fp32"], optimise=False),
        "openvino": OpenVinoRuntime(paths["fp32"]),
        "onnxruntime fp16": OnnxRuntime(paths["fp16"]),
        "openvino fp16": OpenVinoRuntime(paths["fp16"]),
    }


@settings(max_examples=15)
@given(
    count=st.integers(1, 3),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_all_runtimes_agree_at_any_size(runtimes, count, height, width, seed):
    batch = np.random.default_rng(seed).random((count, 3, height, width), dtype=np.float32)
    expected = runtimes["eager"](batch)
    assert expected.shape == (count, 3, 2 * height, 2 * width)
    for name, runtime in runtimes.items():
        made = runtime(batch)
        assert made.dtype == np.float32 and made.shape == expected.shape
        assert np.abs(made - expected).max() <= (5e-3 if "fp16" in name else 1e-5), name


def test_they_say_what_they_are(runtimes):
    facts = {name: (each.name, each.precision, each.scale) for name, each in runtimes.items()}
    assert facts["eager"] == ("torch eager", "fp32", 2)
    assert facts["channels_last"] == ("torch eager channels_last", "fp32", 2)
    assert facts["onnxruntime"] == ("onnxruntime fp32", "fp32", 2)
    assert facts["unoptimised"] == ("onnxruntime fp32 unoptimised", "fp32", 2)
    assert facts["openvino fp16"] == ("openvino fp16", "fp16", 2)
    assert runtimes["onnxruntime"].provider == "CPUExecutionProvider"


def test_a_result_is_not_overwritten_by_the_next_call(runtimes):
    rng = np.random.default_rng(0)
    first, second = (rng.random((1, 3, 9, 9), dtype=np.float32) for _ in range(2))
    for name, runtime in runtimes.items():
        made = runtime(first)
        kept = made.copy()
        runtime(second)
        assert np.array_equal(made, kept), name


def test_the_input_is_left_as_it_was(runtimes):
    batch = np.random.default_rng(0).random((1, 3, 9, 9), dtype=np.float32)
    before = batch.copy()
    for runtime in runtimes.values():
        runtime(batch)
    assert np.array_equal(batch, before)


def test_views_are_accepted(runtimes):
    image = np.random.default_rng(0).random((20, 30, 3), dtype=np.float32)
    view = image.transpose(2, 0, 1)[None, :, ::2, 3:17]
    expected = runtimes["eager"](np.ascontiguousarray(view))
    for name, runtime in runtimes.items():
        assert np.allclose(runtime(view), expected, atol=5e-3), name


def test_bad_input_is_refused_alike_by_all(runtimes):
    good = np.zeros((1, 3, 8, 8), np.float32)
    for runtime in runtimes.values():
        for bad in (
            good.astype(np.float64),
            (good * 255).astype(np.uint8),
            torch.zeros(1, 3, 8, 8),
        ):
            with pytest.raises(TypeError, match="expected a NumPy array of float32"):
                runtime(bad)
        for bad in (good[0], good[:, :1], np.zeros((1, 8, 8, 3), np.float32), good[:, :, :0]):
            with pytest.raises(ValueError, match=r"expected \(N, 3, H, W\)"):
                runtime(bad)


def test_the_module_given_to_pytorch_is_left_as_it_was(network):
    network.train()
    TorchRuntime(network, channels_last=True)
    assert network.training
    assert network.head.weight.is_contiguous()
    network.eval()


def test_threads_are_set_for_the_call_only(network):
    seen = []
    runtime = TorchRuntime(network, threads=3)
    runtime.module.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    before = torch.get_num_threads()
    runtime(np.zeros((1, 3, 8, 8), np.float32))
    assert seen == [3] and torch.get_num_threads() == before
    for wrong in (0, -1, 1.5):
        with pytest.raises(ValueError, match="expected a whole number of at least 1"):
            TorchRuntime(network, threads=wrong)


def test_a_module_that_is_no_super_resolution_network_is_refused():
    with pytest.raises(ValueError, match=r"Conv2d makes \(1, 3, 14, 18\) from \(1, 3, 16, 20\)"):
        TorchRuntime(torch.nn.Conv2d(3, 3, 3))


def test_a_provider_that_is_not_installed_is_named(paths):
    with pytest.raises(ProviderMissing) as caught:
        OnnxRuntime(paths["fp32"], provider="NoSuchExecutionProvider")
    assert "NoSuchExecutionProvider is not in the installed onnxruntime" in str(caught.value)
    assert "CPUExecutionProvider" in str(caught.value)


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(),
    reason="onnxruntime here has the CUDA provider",
)
def test_without_the_gpu_package_the_message_says_what_to_install(paths):
    for name in ("onnxruntime-cuda", "onnxruntime-tensorrt"):
        with pytest.raises(ProviderMissing, match="pip install onnxruntime-gpu"):
            open_runtime(name, paths["fp32"])


@pytest.mark.parametrize("refuses", [True, False])
def test_a_silent_fall_back_to_the_cpu_is_an_error(paths, monkeypatch, recwarn, refuses):
    # ONNX Runtime itself falls back here, because it does not have the provider it claims to have.
    available = [*onnxruntime.get_available_providers(), "DmlExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    if not refuses:
        # Versions that do not know the option ignore it; the check afterwards must then find out.
        class Options(onnxruntime.SessionOptions):
            def add_session_config_entry(self, *_):
                pass

        monkeypatch.setattr(onnxruntime, "SessionOptions", Options)
    with pytest.raises(ProviderFellBack, match="DmlExecutionProvider was asked for"):
        OnnxRuntime(paths["fp32"], provider="DmlExecutionProvider")


@pytest.mark.skipif(
    "AzureExecutionProvider" not in onnxruntime.get_available_providers(),
    reason="onnxruntime here lacks the Azure provider",
)
def test_a_provider_that_is_listed_first_and_computes_nothing_is_found(paths):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    plain = onnxruntime.InferenceSession(
        str(paths["fp32"]), options, providers=["AzureExecutionProvider"]
    )
    assert plain.get_providers()[0] == "AzureExecutionProvider"  # so the list is no proof
    with pytest.raises(ProviderFellBack, match="wholly or in part"):
        OnnxRuntime(paths["fp32"], provider="AzureExecutionProvider")


def test_missing_openvino_is_named(paths, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ProviderMissing, match="pip install openvino"):
        OpenVinoRuntime(paths["fp32"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_without_a_device_is_refused(network):
    with pytest.raises(ProviderMissing, match="sees no CUDA device"):
        TorchRuntime(network, device="cuda")


@pytest.mark.skipif(bool(compile_obstacle()), reason=f"torch.compile: {compile_obstacle()}")
def test_compiled_pytorch_agrees_at_changing_sizes():
    network = RepSR(channels=4, blocks=1).fused()
    eager, compiled = TorchRuntime(network), TorchRuntime(network, compile=True)
    assert compiled.name == "torch compile"
    for shape in ((1, 3, 9, 12), (1, 3, 16, 7)):
        batch = np.random.default_rng(0).random(shape, dtype=np.float32)
        assert np.abs(compiled(batch) - eager(batch)).max() <= 1e-5


def test_a_failed_compilation_says_what_it_needs(network):
    from torch._inductor.exc import InductorError

    def fails(error):
        def run(_):
            raise error

        return run

    batch = np.zeros((1, 3, 8, 8), np.float32)
    runtime = TorchRuntime(network, compile=True)
    runtime.module = fails(InductorError(OSError("no compiler"), None))
    with pytest.raises(RuntimeError, match=r"needs a C\+\+ compiler"):
        runtime(batch)
    runtime.module = fails(RuntimeError("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        runtime(batch)


def test_opening_by_name(network, paths):
    batch = np.random.default_rng(0).random((1, 3, 8, 8), dtype=np.float32)
    expected = open_runtime("torch", network, channels_last=True)(batch)
    for name in ("onnxruntime", "openvino"):
        with open_runtime(name, paths["fp32"], threads=2) as runtime:
            assert isinstance(runtime, Runtime)
            assert np.abs(runtime(batch) - expected).max() <= 1e-5
        with pytest.raises(ValueError, match="is closed"):
            runtime(batch)


def test_opening_what_does_not_fit_is_refused(network, paths, tmp_path):
    with pytest.raises(ValueError, match=f"Expected one of {RUNTIMES[0]}"):
        open_runtime("onnx", paths["fp32"])
    with pytest.raises(ValueError, match=r"given fp32.onnx, expected a torch.nn.Module"):
        open_runtime("torch", paths["fp32"])
    with pytest.raises(ValueError, match=r"given a torch.nn.Module, expected the path"):
        open_runtime("openvino", network)
    with pytest.raises(FileNotFoundError, match=r"absent.onnx"):
        open_runtime("openvino", tmp_path / "absent.onnx")
