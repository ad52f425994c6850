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


def test_a_folder_gets_its_name_only_when_it_is_complete(tmp_path):
    final = tmp_path / "results" / "best"
    with files.atomic_folder(final) as partial:
        (partial / "a.txt").write_text("first")
        assert not final.exists() and partial.parent == final.parent
    with pytest.raises(KeyboardInterrupt), files.atomic_folder(final) as partial:
        (partial / "b.txt").write_text("half")
        raise KeyboardInterrupt
    assert [path.name for path in final.parent.iterdir()] == ["best"]
    assert [path.name for path in final.iterdir()] == ["a.txt"]
    with files.atomic_folder(final) as partial:
        (partial / "c.txt").write_text("second")
    assert [path.name for path in final.iterdir()] == ["c.txt"]
