"""Provenance: the same data has the same hash, other data another."""

import subprocess

import numpy as np

from internlab import provenance


def test_data_is_hashed_by_content(tmp_path):
    a, b = np.arange(6), np.arange(6).reshape(2, 3)
    assert provenance.hash_data(a) == provenance.hash_data(a.copy())
    assert provenance.hash_data(a) != provenance.hash_data(b)
    assert provenance.hash_data({"x": a, "y": b}) == provenance.hash_data({"y": b, "x": a})
    (tmp_path / "f").write_bytes(b"abc")
    assert provenance.hash_data(tmp_path / "f").startswith("ba7816bf")


def test_a_name_and_nothing_are_kept_as_they_are():
    assert provenance.hash_data("sha256:abc") == "sha256:abc"
    assert provenance.hash_data(None) == "not stated"


def test_a_changed_kit_is_marked(tmp_path, monkeypatch):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    (tmp_path / "file").write_text("1")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    monkeypatch.setattr(provenance, "project_root", lambda: tmp_path)
    clean = provenance.code_version()
    (tmp_path / "file").write_text("2")
    assert provenance.code_version() == clean + "+changes"


def test_without_version_control_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "project_root", lambda: tmp_path)
    assert provenance.code_version() == "not under version control"


def test_the_environment_names_python_and_the_packages_that_compute():
    assert {"python", "system", "numpy", "torch"} <= set(provenance.describe_environment())
