"""Without a GPU an engine is not run, and the refusal says what to do. With one: see tests/gpu."""

import pytest
import torch

from internlab.superres import tensorrt_runtime
from internlab.superres.runtimes import ProviderMissing, open_runtime
from internlab.superres.tensorrt import Engine, Profile, TensorRTRuntime
from internlab.superres.tensorrt_log import BuildLog

ENGINE = Engine(
    serialized=b"plan",
    precision="fp16",
    profile=Profile((16, 16), (64, 64), (256, 256)),
    targets=("SM86",),
    flavour="tensorrt_rtx",
    version="0.0",
    seconds=0,
    cpu_seconds=0,
    log=BuildLog(()),
)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_running_without_a_gpu_names_what_works_instead(no_gpu):
    with pytest.raises(ProviderMissing, match="onnxruntime"):
        TensorRTRuntime(ENGINE)


def test_opening_by_name_without_a_gpu_builds_nothing(no_gpu, monkeypatch):
    def forbidden(*arguments, **named):
        raise AssertionError("an engine was built for nothing")

    monkeypatch.setattr(tensorrt_runtime.EngineCache, "get_or_build", forbidden)
    with pytest.raises(ProviderMissing):
        open_runtime("tensorrt", "model.onnx")


class _Runtime(TensorRTRuntime):
    """The checks of a runtime whose engine was never loaded."""

    def __init__(self) -> None:
        self.engine, self.name, self.input_dtype = ENGINE, "tensorrt fp16", torch.float16


@pytest.mark.parametrize(
    ("tensor", "named"),
    [
        (torch.zeros(1, 3, 64, 64), "float32 tensor on cpu"),
        (torch.zeros(1, 3, 64, 64, dtype=torch.float16), "on cpu"),
    ],
)
def test_tensors_of_the_wrong_kind_are_refused(tensor, named):
    with pytest.raises(ValueError, match=named):
        _Runtime().run(tensor)


def test_an_engine_of_another_version_is_refused_with_both_versions():
    module = type("Module", (), {"__version__": "1.7", "__name__": "tensorrt_rtx"})
    with pytest.raises(RuntimeError, match=r"built by tensorrt_rtx 0\.0, installed is 1\.7"):
        tensorrt_runtime._deserialise(module, ENGINE)
