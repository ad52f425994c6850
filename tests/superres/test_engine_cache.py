"""The engine cache never returns an engine of other facts, and notices every damaged byte."""

from dataclasses import fields, replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from internlab.superres import engine_cache, tensorrt_failures
from internlab.superres.engine_cache import EngineCache, EngineKey, key_of
from internlab.superres.tensorrt_build import Engine
from internlab.superres.tensorrt_log import BuildLog
from internlab.superres.tensorrt_profile import Profile

PROFILE = Profile((16, 16), (64, 64), (256, 256))
MODEL = tensorrt_failures.symmetric()
names = st.text(st.characters(codec="utf-8"), max_size=8)
keys = st.builds(
    EngineKey,
    model_sha256=names,
    precision=st.sampled_from(["fp32", "fp16", "int8"]),
    profile=names,
    targets=st.lists(st.sampled_from(["SM75", "SM86", "SM120"]), max_size=3).map(tuple),
    gpu=names,
    tf32=st.booleans(),
    flavour=st.sampled_from(["tensorrt", "tensorrt_rtx"]),
    version=names,
)


@pytest.fixture
def builds(monkeypatch) -> list[Engine]:
    """Replace the builder by one that counts, and gives other bytes each time."""
    made: list[Engine] = []

    def build(data, profile, targets=None, *, tf32, flavour, timing_cache=None):
        engine = Engine(
            serialized=f"plan {len(made)}\n".encode() + bytes(range(256)),
            precision="int8",
            profile=profile,
            targets=tuple(targets or ()),
            flavour=flavour,
            version="1.0",
            seconds=1.5,
            cpu_seconds=1.25,
            log=BuildLog((("VERBOSE", "Original: 7 layers"), ("WARNING", "한국어"))),
            timing_cache=(timing_cache or b"") + b"t",
        )
        made.append(engine)
        return engine

    module = SimpleNamespace(__name__="tensorrt", __version__="1.0")
    monkeypatch.setattr(engine_cache, "load", lambda flavour: module)
    monkeypatch.setattr(engine_cache, "build_engine", build)
    return made


@given(keys, keys)
def test_keys_with_different_facts_have_different_files(one, other):
    assert (one == other) == (one.digest == other.digest)
    assert (one == other) == (one.file_name == other.file_name)


@given(keys, st.sampled_from([field.name for field in fields(EngineKey)]))
def test_every_single_fact_counts(key, name):
    old = getattr(key, name)
    new = (not old) if isinstance(old, bool) else (*old, "x") if name == "targets" else old + "x"
    assert replace(key, **{name: new}).digest != key.digest


def test_the_second_time_comes_from_the_cache(builds, tmp_path):
    cache = EngineCache(tmp_path)
    first, source = cache.get_or_build(MODEL, PROFILE, ("SM86",))
    again, source_again = cache.get_or_build(MODEL, PROFILE, ("SM86",))
    assert (source, source_again, len(builds)) == ("built", "cache", 1)
    assert replace(again, timing_cache=first.timing_cache) == first
    assert again.log.network_layers == 7


@pytest.mark.parametrize(
    "change",
    [
        {"profile": Profile((16, 16), (96, 64), (256, 256))},
        {"profile": Profile((16, 16), (64, 64), (256, 256), batch=(1, 1, 2))},
        {"profile": None},
        {"targets": ("SM86", "SM89")},
        {"targets": None},
        {"tf32": False},
        {"model": tensorrt_failures.int32_bias()},
    ],
)
def test_a_changed_argument_is_another_engine(builds, tmp_path, change):
    arguments = {"model": MODEL, "profile": PROFILE, "targets": ("SM86",), "tf32": True}
    cache = EngineCache(tmp_path)
    cache.get_or_build(**arguments)
    _, source = cache.get_or_build(**(arguments | change))
    assert (source, len(builds)) == ("built", 2)
    assert cache.get_or_build(**arguments)[1] == "cache"


def test_another_version_or_gpu_is_another_engine(builds, tmp_path, monkeypatch):
    cache = EngineCache(tmp_path)
    cache.get_or_build(MODEL, PROFILE)
    monkeypatch.setattr(engine_cache, "gpu_identity", lambda: "NVIDIA X SM90")
    assert cache.get_or_build(MODEL, PROFILE)[1] == "built"
    newer = SimpleNamespace(__name__="tensorrt", __version__="1.1")
    monkeypatch.setattr(engine_cache, "load", lambda flavour: newer)
    assert cache.get_or_build(MODEL, PROFILE)[1] == "built"


@given(st.data())
def test_any_damaged_byte_is_noticed(data):
    content = _cached_file()
    place = data.draw(st.integers(0, len(content) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    damaged = content[:place] + bytes([value]) + content[place + 1 :]
    with pytest.raises(ValueError, match="cached"):
        engine_cache._open(damaged)


@given(st.integers(0, 100))
def test_any_truncation_is_noticed(percent):
    content = _cached_file()
    with pytest.raises(ValueError, match="cached"):
        engine_cache._open(content[: (len(content) - 1) * percent // 100])


@pytest.mark.parametrize("damage", ["truncate", "empty", "flip"])
def test_a_damaged_file_is_built_again(builds, tmp_path, damage):
    cache = EngineCache(tmp_path)
    cache.get_or_build(MODEL, PROFILE, ("SM86",))
    path = cache.path_of(key_of(MODEL, PROFILE, ("SM86",)))
    content = path.read_bytes()
    path.write_bytes(
        {
            "truncate": content[: len(content) // 2],
            "empty": b"",
            "flip": content[:-1] + bytes([content[-1] ^ 1]),
        }[damage]
    )
    engine, source = cache.get_or_build(MODEL, PROFILE, ("SM86",))
    assert source.startswith("rebuilt: ")
    assert engine.serialized == builds[1].serialized
    assert cache.get_or_build(MODEL, PROFILE, ("SM86",))[1] == "cache"


def test_an_engine_under_a_foreign_name_is_not_used(builds, tmp_path):
    """Someone copies a file over another one: whole, intact, and of the wrong key."""
    cache = EngineCache(tmp_path)
    cache.get_or_build(MODEL, PROFILE, ("SM75",))
    cache.get_or_build(MODEL, PROFILE, ("SM86",))
    old, new = (cache.path_of(key_of(MODEL, PROFILE, (sm,))) for sm in ("SM75", "SM86"))
    new.write_bytes(old.read_bytes())
    _, source = cache.get_or_build(MODEL, PROFILE, ("SM86",))
    assert source == "rebuilt: the cached file holds an engine of another key"


def test_an_interrupted_write_leaves_no_engine(builds, tmp_path, monkeypatch):
    def full(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="disk is full"):
        EngineCache(tmp_path).get_or_build(MODEL, PROFILE, ("SM86",))
    assert list(tmp_path.iterdir()) == []


def test_kernel_timings_are_kept_for_a_gpu_and_handed_on(builds, tmp_path, monkeypatch):
    monkeypatch.setattr(engine_cache, "gpu_identity", lambda: "NVIDIA X SM90")
    cache = EngineCache(tmp_path)
    cache.get_or_build(MODEL, PROFILE)
    cache.get_or_build(MODEL, PROFILE, tf32=False)
    [timings] = tmp_path.glob("timings-*.bin")
    assert timings.read_bytes() == b"tt"
    monkeypatch.setattr(engine_cache, "gpu_identity", lambda: "NVIDIA Y SM90")
    cache.get_or_build(MODEL, PROFILE)
    assert len(list(tmp_path.glob("timings-*.bin"))) == 2


def test_a_build_for_targets_keeps_no_timings(builds, tmp_path):
    EngineCache(tmp_path).get_or_build(MODEL, PROFILE, ("SM86",))
    assert list(tmp_path.glob("timings-*")) == []


def test_a_file_that_is_no_model_is_refused(builds):
    with pytest.raises(ValueError, match="not an ONNX file"):
        key_of(MODEL[: len(MODEL) // 2], PROFILE)


def _cached_file() -> bytes:
    """Return a small cache file."""
    import hashlib
    import json

    body = json.dumps({"key": {}, "messages": []}).encode() + b"\n" + bytes(range(64))
    digest = hashlib.sha256(body).hexdigest().encode()
    return engine_cache._MAGIC + digest + b"\n" + body
