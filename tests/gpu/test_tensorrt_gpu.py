"""TensorRT on the GPU: build, load, run, agree; and the providers of ONNX Runtime beside it."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from internlab.superres.runtimes import ProviderFellBack, ProviderMissing, open_runtime
from internlab.superres.tensorrt import (
    BuildFailed,
    EngineCache,
    Profile,
    TensorRTMissing,
    TensorRTRuntime,
    build_engine,
    load,
)

PROFILE = Profile((16, 16), (96, 128), (256, 256), batch=(1, 1, 2))
TOLERANCE = {"fp32": 1e-3, "fp16": 2e-2, "int8": 0.1}


@pytest.fixture(scope="module")
def installed():
    """Whichever TensorRT is installed. On a machine that is meant to have a GPU it must be."""
    try:
        module = load()
    except TensorRTMissing as missing:
        if os.environ.get("INTERNLAB_REQUIRE_GPU") == "1":
            pytest.fail(f"INTERNLAB_REQUIRE_GPU=1, but TensorRT is missing: {missing}")
        pytest.skip(f"TensorRT: {missing}")
    return module


@pytest.fixture(scope="module")
def engines(installed, onnx_files):
    made = {}
    for precision, path in onnx_files.items():
        try:
            made[precision] = build_engine(path, PROFILE, tf32=False)
        except (BuildFailed, TypeError) as error:
            if installed.__name__ == "tensorrt":
                raise
            # TensorRT-RTX is for GPUs from Turing on with graphics; data-centre parts are not.
            pytest.skip(f"{installed.__name__} cannot build for this GPU: {error}")
    return made


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_an_engine_agrees_with_the_cpu(engines, image, expected, precision):
    with TensorRTRuntime(engines[precision]) as runtime:
        assert (runtime.scale, runtime.precision) == (2, precision)
        made = runtime(image)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, expected, atol=TOLERANCE[precision])


def test_shapes_within_the_profile_run_and_others_are_refused(engines):
    with TensorRTRuntime(engines["fp32"]) as runtime:
        for batch, height, width in ((1, 16, 16), (2, 37, 61), (1, 256, 256), (1, 16, 16)):
            made = runtime(np.zeros((batch, 3, height, width), np.float32))
            assert made.shape == (batch, 3, 2 * height, 2 * width)
        with pytest.raises(ValueError, match="profile covers"):
            runtime(np.zeros((1, 3, 512, 512), np.float32))


def test_tensors_run_in_place_and_on_the_current_stream(engines, image):
    with TensorRTRuntime(engines["fp32"]) as runtime:
        tensor = torch.from_numpy(image).cuda()
        out = torch.full((1, 3, 192, 256), torch.nan, device="cuda")
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            made = runtime.run(tensor, out)
            copied = made.clone()
        side.synchronize()
        assert made is out
        np.testing.assert_array_equal(copied.cpu().numpy(), runtime(image))


def test_the_cache_gives_an_engine_that_runs(installed, engines, onnx_files, image, tmp_path):
    cache = EngineCache(tmp_path)
    results = []
    for expected_source in ("built", "cache"):
        engine, source = cache.get_or_build(onnx_files["fp16"], PROFILE)
        assert source == expected_source
        with TensorRTRuntime(engine) as runtime:
            results.append(runtime(image))
    np.testing.assert_array_equal(*results)


def test_a_closed_runtime_and_another_version_are_refused(engines, image):
    runtime = TensorRTRuntime(engines["fp32"])
    runtime.close()
    with pytest.raises(ValueError, match="closed"):
        runtime(image)
    with pytest.raises(RuntimeError, match="build it again"):
        TensorRTRuntime(replace(engines["fp32"], version="0.0"))


@pytest.mark.parametrize("name", ["onnxruntime-cuda", "onnxruntime-tensorrt"])
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_provider_of_onnx_runtime_agrees_or_is_named_missing(
    onnx_files, image, expected, name, precision
):
    try:
        runtime = open_runtime(name, onnx_files[precision])
    except (ProviderMissing, ProviderFellBack) as reason:
        pytest.skip(f"{name}: {reason}")
    assert "CPU" not in runtime.provider
    # The provider may use TF32 in float32, which keeps 10 mantissa bits as float16 does.
    np.testing.assert_allclose(runtime(image), expected, atol=TOLERANCE["fp16"])
