"""Tests that need a GPU are skipped by name without one, and fail where one was promised."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import numpy as np
import pytest
import torch

GPU_TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that nobody forgets to."""
    for item in items:
        if GPU_TESTS in item.path.parents:
            item.add_marker(pytest.mark.gpu)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Decide before any fixture of the test is made."""
    if torch.cuda.is_available():
        return
    reason = f"PyTorch {torch.__version__} sees no CUDA device"
    if os.environ.get("INTERNLAB_REQUIRE_GPU") == "1":
        pytest.fail(f"INTERNLAB_REQUIRE_GPU=1, but {reason}", pytrace=False)
    pytest.skip(f"{item.name} needs a GPU: {reason}")


@pytest.fixture(scope="session")
def network() -> torch.nn.Module:
    """The network of the lessons, with random weights that leave nothing at zero."""
    from internlab.superres.model import RepSR

    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = RepSR().fused()
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(0.01 * torch.randn(weight.shape, generator=generator))
    return made


@pytest.fixture(scope="session")
def image() -> np.ndarray:
    """One image, (1, 3, 96, 128) float32 in [0, 1]."""
    return np.random.default_rng(0).random((1, 3, 96, 128), dtype=np.float32)


@pytest.fixture(scope="session")
def expected(network: torch.nn.Module, image: np.ndarray) -> np.ndarray:
    """What the CPU makes of the image in float64."""
    with torch.inference_mode():
        exact = copy.deepcopy(network).double()
        return exact(torch.from_numpy(image).double()).numpy()


@pytest.fixture(scope="session")
def onnx_files(network: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory):
    """The network as ONNX files in the three precisions."""
    pytest.importorskip("onnxscript", reason="exporting to ONNX needs onnxscript")
    from internlab.superres.export import to_onnx
    from internlab.superres.quantise import quantise_int8

    folder = tmp_path_factory.mktemp("onnx")
    rng = np.random.default_rng(1)
    crops = [rng.random((1, 3, 64, 64), dtype=np.float32) for _ in range(4)]
    fp32 = to_onnx(network, folder / "fp32.onnx")
    return {
        "fp32": fp32,
        "fp16": to_onnx(network, folder / "fp16.onnx", dtype=torch.float16),
        "int8": quantise_int8(fp32, folder / "int8.onnx", crops, for_tensorrt=True),
    }
