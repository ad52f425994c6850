"""PyTorch on the GPU computes what it computes on the CPU, in every way the report times."""

import numpy as np
import pytest
import torch

from internlab.superres.benchmark import benchmark
from internlab.superres.gpu_backends import CANDIDATES, Missing, Workload
from internlab.superres.gpu_report import measure, queued_milliseconds
from internlab.superres.runtimes import TorchRuntime

# float32 sums in another order; TF32 and float16 keep 10 mantissa bits.
TOLERANCE = {"fp32": 1e-4, "fp16": 2e-2}


@pytest.fixture
def work(network, image) -> Workload:
    return Workload(network, torch.from_numpy(image).cuda())


@pytest.mark.parametrize("channels_last", [False, True])
def test_the_runtime_agrees_with_the_cpu(network, image, expected, channels_last, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    runtime = TorchRuntime(network, channels_last=channels_last, device="cuda")
    assert runtime.provider == "cuda"
    np.testing.assert_allclose(runtime(image), expected, atol=TOLERANCE["fp32"])


@pytest.mark.parametrize(
    "name", [name for name in CANDIDATES if name.split()[0] in ("eager", "CUDA", "compile")]
)
def test_every_pytorch_way_agrees_with_the_cpu(work, expected, name):
    torch.compiler.reset()
    try:
        call = CANDIDATES[name](work)
    except Missing as reason:
        pytest.skip(f"{name}: {reason}")
    exact = "fp32" in name and "TF32" not in name
    for _ in range(3):
        made = call()
    np.testing.assert_allclose(
        made.float().cpu().numpy(), expected, atol=TOLERANCE["fp32" if exact else "fp16"]
    )


def test_a_cuda_graph_repeats_itself_exactly(work):
    call = CANDIDATES["CUDA graph fp32"](work)
    before = call().clone()
    torch.testing.assert_close(before, call(), rtol=0, atol=0)


def test_cuda_events_see_more_work():
    small, large = (torch.rand(size, size, device="cuda") for size in (256, 4096))
    calls = {"small": lambda: small @ small, "large": lambda: large @ large}
    rng = np.random.default_rng(0)
    timings = {t.name: t for t in benchmark(calls, rounds=5, warmup=2, rng=rng, clock="cuda")}
    assert timings["large"].median_ms > timings["small"].median_ms > 0
    queued = queued_milliseconds(calls, repeats=5, rounds=3, rng=rng)
    assert queued["large"] > queued["small"] > 0


def test_the_report_measures_every_way_or_names_why_not(work):
    rows = measure(work, rounds=3, warmup=1, rng=np.random.default_rng(0))
    assert [row.name for row in rows] == list(CANDIDATES)
    for row in rows:
        assert row.missing or (row.finite and row.latency_ms[1] > 0 and row.queued_ms > 0)
    measured = {row.name for row in rows if not row.missing}
    assert {"eager fp32", "eager fp16, channels_last", "CUDA graph fp16"} <= measured
