"""What ``make check`` tells a learner about the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from internlab import environment
from internlab.environment import Missing, Report


@pytest.fixture
def no_tier(monkeypatch):
    monkeypatch.delenv("INTERNLAB_TIER", raising=False)
    monkeypatch.delenv("INTERNLAB_REQUIRE_GPU", raising=False)


def test_packages_are_found_absent_or_too_old():
    listed = [Requirement(line) for line in ("here>=1", "absent>=2", "old>=3.1")]
    versions = {"here": "1.2+cpu", "old": "3.0"}
    rows, missing = environment.check_packages(listed, versions.get)
    assert rows == [
        ("here", "1.2+cpu"),
        ("absent", "missing (needed: >=2)"),
        ("old", "3.0 (needed: >=3.1)"),
    ]
    assert [item.what for item in missing] == ["absent", "old"]
    assert all(item.fatal for item in missing)


@pytest.mark.parametrize(
    ("value", "has_gpu", "name", "reason"),
    [
        ("", False, "cpu", "sees no GPU"),
        ("", True, "gpu", "sees a GPU"),
        ("smoke", True, "smoke", "asks for it"),
        ("gpu", False, "gpu", "asks for it, but PyTorch sees no GPU"),
        ("turbo", False, "turbo", "not a tier"),
    ],
)
def test_the_tier_comes_with_its_reason(no_tier, monkeypatch, value, has_gpu, name, reason):
    monkeypatch.setenv("INTERNLAB_TIER", value)
    assert environment.explain_tier(has_gpu)[0] == name
    assert reason in environment.explain_tier(has_gpu)[1]


def test_what_a_missing_gpu_costs_depends_on_what_is_there(no_tier, monkeypatch):
    versions = {}
    monkeypatch.setattr(environment, "installed_version", versions.get)
    nothing = environment._gpu_missing([], has_cuda=False)
    assert [item.what for item in nothing] == ["NVIDIA GPU"]
    unused = environment._gpu_missing(["H200, driver 580, 141 GB"], has_cuda=False)
    assert [item.what for item in unused] == ["CUDA in PyTorch"]
    without_tensorrt = environment._gpu_missing(["H200"], has_cuda=True)
    assert [item.what for item in without_tensorrt] == ["tensorrt"]
    versions["tensorrt"] = "11.4"
    assert environment._gpu_missing(["H200"], has_cuda=True) == []


def test_a_missing_gpu_is_fatal_only_where_one_is_required(no_tier, monkeypatch):
    assert not environment._gpu_missing([], has_cuda=False)[0].fatal
    monkeypatch.setenv("INTERNLAB_REQUIRE_GPU", "1")
    assert environment._gpu_missing([], has_cuda=False)[0].fatal
    assert environment._gpu_missing(["H200"], has_cuda=False)[0].fatal


def test_columns_are_aligned_and_lines_short():
    report = Report(
        sections={"A": [("x", "one"), ("long name", "word " * 40)], "B": [("yy", "two")]},
        missing=[Missing("Chromium", "the browser test is skipped", "install it " * 15)],
    )
    lines = environment.as_text(report, width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.index(word) for line in lines for word in ("one", "two") if word in line} == {13}
    assert "    costs: the browser test is skipped" in lines


def test_a_report_without_gaps_says_so():
    assert "Nothing is missing." in environment.as_text(Report(sections={"A": [("x", "1")]}))


def test_a_fatal_gap_makes_the_report_fail(monkeypatch, capsys):
    report = Report(sections={"A": [("x", "1")]}, missing=[Missing("torch", "c", "r", fatal=True)])
    monkeypatch.setattr(environment, "gather", lambda: report)
    assert environment.main() == 1
    assert "mended first" in capsys.readouterr().out


def test_the_browser_variable_comes_first(monkeypatch, tmp_path):
    chosen = tmp_path / "my-browser"
    chosen.write_text("#!/bin/sh\n")
    chosen.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("INTERNLAB_CHROMIUM", raising=False)
    assert environment.browser() is None
    monkeypatch.setenv("INTERNLAB_CHROMIUM", str(chosen))
    assert environment.browser() == str(chosen)


def test_what_keeps_torch_compile_from_working_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no C++ compiler" in environment.compile_obstacle("/kit/.venv")
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    assert environment.compile_obstacle("/kit/.venv") == ""
    assert "has a space" in environment.compile_obstacle("/my kit/.venv")


def test_gpus_are_read_from_the_driver(monkeypatch):
    line = "NVIDIA H200, 580.95.05, 143771 MiB"
    monkeypatch.setattr(environment, "_output", lambda command: line + "\nnoise")
    assert environment.gpus() == ["NVIDIA H200, driver 580.95.05, 143771 MiB"]
    monkeypatch.setattr(environment, "_output", lambda command: "")
    assert environment.gpus() == []


def test_the_whole_report_runs_and_names_every_package():
    kept = {k: v for k, v in os.environ.items() if k != "INTERNLAB_REQUIRE_GPU"}
    done = subprocess.run(
        [sys.executable, "-m", "internlab.environment"],
        env={**kept, "INTERNLAB_TIER": "smoke"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for requirement in environment.requirements():
        assert f"  {requirement.name} " in done.stdout
    assert "smoke" in done.stdout and "INTERNLAB_TIER asks for it" in done.stdout
