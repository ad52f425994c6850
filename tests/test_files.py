"""Atomic writes: the final name holds either the old content or all of the new."""

import errno
import hashlib
import os

import pytest

from internlab import files


def test_content_appears_under_the_final_name_only_at_the_end(tmp_path):
    target = tmp_path / "deep" / "result.txt"
    with files.atomic_write(target) as temporary:
        temporary.write_text("all")
        assert not target.exists()
        assert temporary.suffix == ".txt"
    assert target.read_text() == "all"
    assert os.listdir(target.parent) == ["result.txt"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_leaves_the_old_content(tmp_path, error):
    target = tmp_path / "result.txt"
    target.write_text("old")
    with pytest.raises(error), files.atomic_write(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["result.txt"]


def test_a_full_disk_is_explained(tmp_path):
    with (
        pytest.raises(OSError, match=r"disk is full: result\.txt") as caught,
        files.atomic_write(tmp_path / "result.txt"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == []


def test_other_errors_of_the_system_pass_unchanged(tmp_path):
    with pytest.raises(PermissionError), files.atomic_write(tmp_path / "x"):
        raise PermissionError("no")


def test_the_hash_is_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"internlab" * 100_000)
    expected = hashlib.sha256(b"internlab" * 100_000).hexdigest()
    assert files.sha256_of(tmp_path / "x") == expected


def test_the_cache_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.setenv("INTERNLAB_CACHE", str(tmp_path / "elsewhere"))
    assert files.cache_dir() == tmp_path / "elsewhere"
    assert files.cache_dir().is_dir()
