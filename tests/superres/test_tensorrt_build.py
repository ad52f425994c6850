"""Engines are built without a GPU, and refusals are explained. TensorRT-RTX, on this CPU."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch

from internlab.superres import tensorrt_failures, tensorrt_module
from internlab.superres.export import to_onnx
from internlab.superres.model import RepSR
from internlab.superres.quantise import quantise_int8
from internlab.superres.tensorrt import (
    BuildFailed,
    Profile,
    TensorRTMissing,
    build_engine,
    load,
    supported_targets,
)
from internlab.superres.tensorrt_log import convolution_types, fused_groups

PROFILE = Profile((16, 16), (64, 64), (256, 256))
needs_rtx = pytest.mark.skipif(
    importlib.util.find_spec("tensorrt_rtx") is None,
    reason="tensorrt_rtx is not installed (it is on Linux x86-64 only)",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small network in the three precisions."""
    folder = tmp_path_factory.mktemp("onnx")
    generator = torch.Generator().manual_seed(0)
    network = RepSR(channels=8, blocks=2).fused()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.05 * torch.randn(weight.shape, generator=generator))
    fp32 = to_onnx(network, folder / "fp32.onnx")
    fp16 = to_onnx(network, folder / "fp16.onnx", dtype=torch.float16)
    rng = np.random.default_rng(0)
    crops = [rng.random((1, 3, 32, 32), dtype=np.float32) for _ in range(2)]
    int8 = quantise_int8(fp32, folder / "int8.onnx", crops, for_tensorrt=True)
    return {"fp32": fp32, "fp16": fp16, "int8": int8}


@needs_rtx
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
@pytest.mark.parametrize("target", ["SM75", "SM86", "SM120"])
def test_three_precisions_build_for_three_generations(files, precision, target):
    engine = build_engine(files[precision], PROFILE, (target,))
    assert engine.size_bytes > 100_000
    assert (engine.precision, engine.targets, engine.profile) == (precision, (target,), PROFILE)
    assert engine.log.network_layers > 0
    assert engine.cpu_seconds > 0


@needs_rtx
def test_the_layers_show_fusion_and_the_type_of_the_file(files):
    """RepSR with two blocks has five convolutions; ReLU and the addition need no kernel."""
    engine = build_engine(files["fp16"], PROFILE, ("SM86",))
    assert convolution_types(engine.layers) == {"float16": 5}
    assert len(engine.layers) < engine.log.network_layers
    assert any(
        any("relu" in node for node in group) and any("conv" in node for node in group)
        for group in fused_groups(engine.layers)
    )


@needs_rtx
def test_int8_convolutions_depend_on_the_generation(files):
    """The same Q/DQ file multiplies in INT8 on Ampere and in float32 on Turing."""
    on_ampere = convolution_types(build_engine(files["int8"], PROFILE, ("SM86",)).layers)
    on_turing = convolution_types(build_engine(files["int8"], PROFILE, ("SM75",)).layers)
    assert on_ampere["int8"] >= 2
    assert "int8" not in on_turing


@needs_rtx
def test_one_engine_can_serve_several_generations(files):
    assert build_engine(files["fp16"], PROFILE, ("SM86", "SM89", "SM120")).size_bytes > 0


@needs_rtx
@pytest.mark.parametrize("cause", list(tensorrt_failures.FAILING_MODELS))
def test_every_provoked_failure_is_explained(cause):
    model = tensorrt_failures.FAILING_MODELS[cause]()
    with pytest.raises(BuildFailed) as failed:
        build_engine(model, PROFILE, ("SM86",))
    assert failed.value.known.name == cause
    assert failed.value.stage == "parse"
    assert failed.value.known.remedy in str(failed.value)
    assert failed.value.said in str(failed.value)


@needs_rtx
def test_the_symmetric_counterpart_builds():
    assert build_engine(tensorrt_failures.symmetric(), PROFILE, ("SM86",)).precision == "int8"


@needs_rtx
def test_a_missing_profile_is_named(files):
    with pytest.raises(BuildFailed) as failed:
        build_engine(files["fp32"], None, ("SM86",))
    assert (failed.value.stage, failed.value.known.name) == ("profile", "missing profile")


@needs_rtx
def test_a_profile_that_contradicts_the_model_is_refused(tmp_path):
    fixed = to_onnx(RepSR(channels=4, blocks=1).fused(), tmp_path / "f.onnx", fixed_size=(32, 32))
    assert build_engine(fixed, None, ("SM86",)).profile is None
    with pytest.raises(BuildFailed) as failed:
        build_engine(fixed, PROFILE, ("SM86",))
    assert failed.value.stage == "profile"


@needs_rtx
@pytest.mark.parametrize("content", [b"", b"not a model" * 20])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(BuildFailed, match=r"broken\.onnx") as failed:
        build_engine(path, PROFILE, ("SM86",))
    assert failed.value.known.name == "not an ONNX file"


@needs_rtx
def test_a_truncated_file_is_refused(files, tmp_path):
    content = files["fp32"].read_bytes()
    with pytest.raises(BuildFailed):
        build_engine(content[: len(content) // 2], PROFILE, ("SM86",))


@needs_rtx
def test_a_later_build_does_not_inherit_messages(files):
    with pytest.raises(BuildFailed):
        build_engine(tensorrt_failures.mixed_types(), PROFILE, ("SM86",))
    assert build_engine(files["fp32"], PROFILE, ("SM86",)).log.errors == ()


@needs_rtx
def test_unknown_targets_are_named_before_anything_is_built():
    with pytest.raises(ValueError, match="cannot build for SM90"):
        build_engine(b"", PROFILE, ("SM86", "SM90"))
    with pytest.raises(ValueError, match="expected a tuple"):
        build_engine(b"", PROFILE, "SM86")
    with pytest.raises(ValueError, match="no timing cache"):
        build_engine(b"", PROFILE, ("SM86",), timing_cache=b"")
    assert supported_targets()[0] == "SM75"


def test_an_unknown_flavour_and_a_missing_one_are_told_apart(monkeypatch):
    with pytest.raises(ValueError, match="Expected one of tensorrt, tensorrt_rtx"):
        load("tensorrt_rtxx")

    def nothing(name):
        raise ImportError(f"No module named {name}")

    monkeypatch.setattr(tensorrt_module.importlib, "import_module", nothing)
    with pytest.raises(TensorRTMissing, match="pip install tensorrt-rtx"):
        load()
    assert not tensorrt_module.available()


class FakeTensorRT(SimpleNamespace):
    """Full TensorRT as far as the adapter calls it: no compute capabilities, a timing cache."""

    def __init__(self, plan: bytes | None = b"plan") -> None:
        self.asked: dict = {}
        asked = self.asked

        class Config(SimpleNamespace):
            def create_timing_cache(self, content):
                return SimpleNamespace(serialize=lambda: content + b"+")

            def set_timing_cache(self, cache, ignore_mismatch):
                asked["timing cache"] = (cache, ignore_mismatch)

            def get_timing_cache(self):
                return asked["timing cache"][0]

            def add_optimization_profile(self, profile):
                return 0

            def clear_flag(self, flag):
                asked["cleared"] = flag

        class Builder:
            def __init__(self, logger):
                self.logger = logger

            def create_network(self, flags):
                asked["flags"] = flags
                tensor = SimpleNamespace(name="lr", shape=(-1, 3, -1, -1))
                return SimpleNamespace(num_inputs=1, get_input=lambda index: tensor)

            def create_builder_config(self):
                return Config()

            def create_optimization_profile(self):
                return SimpleNamespace(
                    set_shape=lambda *shapes: asked.update(shapes=shapes),
                )

            def build_serialized_network(self, network, config):
                self.logger.log("Severity.ERROR", "out of workspace" if plan is None else "")
                return plan

        class Logger:
            pass

        super().__init__(
            __name__="tensorrt",
            __version__="11.4.0",
            ILogger=Logger,
            Builder=Builder,
            OnnxParser=lambda network, logger: SimpleNamespace(parse=lambda data: True),
            NetworkDefinitionCreationFlag=SimpleNamespace(STRONGLY_TYPED=1),
            ProfilingVerbosity=SimpleNamespace(DETAILED=2),
            BuilderFlag=SimpleNamespace(TF32=5),
        )


@pytest.fixture
def fake(monkeypatch):
    def install(plan: bytes | None = b"plan") -> FakeTensorRT:
        module = FakeTensorRT(plan)
        monkeypatch.setattr(tensorrt_module.importlib, "import_module", lambda name: module)
        monkeypatch.setattr(tensorrt_module, "_loggers", {})
        return module

    return install


MODEL = tensorrt_failures.symmetric()


def test_full_tensorrt_is_called_with_the_same_adapter(fake):
    module = fake()
    engine = build_engine(MODEL, PROFILE, flavour="tensorrt", tf32=False, timing_cache=b"old")
    assert engine.serialized == b"plan"
    assert (engine.flavour, engine.version) == ("tensorrt", "11.4.0")
    assert engine.timing_cache == b"old+"
    assert module.asked["flags"] == 1 << 1
    assert module.asked["cleared"] == 5
    assert module.asked["shapes"] == ("lr", *PROFILE.shapes())


def test_full_tensorrt_takes_no_targets(fake):
    fake()
    with pytest.raises(ValueError, match="takes no targets"):
        build_engine(MODEL, PROFILE, ("SM86",), flavour="tensorrt")


def test_none_instead_of_an_engine_is_an_error_with_tensorrts_words(fake):
    fake(plan=None)
    with pytest.raises(BuildFailed, match="out of workspace") as failed:
        build_engine(MODEL, PROFILE, flavour="tensorrt")
    assert (failed.value.stage, failed.value.known) == ("build", None)


def test_a_builder_that_cannot_start_is_explained(fake):
    module = fake()

    def no_builder(logger):
        raise TypeError("pybind11::init(): factory function returned nullptr")

    module.Builder = no_builder
    with pytest.raises(BuildFailed, match="nvidia-smi") as failed:
        build_engine(MODEL, PROFILE, flavour="tensorrt")
    assert failed.value.stage == "build"


def test_the_failing_models_are_readable_onnx():
    for make in tensorrt_failures.FAILING_MODELS.values():
        assert onnx.load_model_from_string(make()).graph.node
