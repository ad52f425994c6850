"""The commands and the CI that calls them: nothing names a target that is not there."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from internlab.files import project_root

ROOT = project_root()
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CALL = re.compile(r"^\s*(?:- run: |\s)*make ([a-z-]+)", re.MULTILINE)

PROMISED = {
    "help", "start", "test", "test-gpu", "check", "notebooks", "execute", "claims", "lock",
    "book", "workshop", "progress", "clean", "clean-all",
}  # fmt: skip


def targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def dry_run(*arguments: str, **variables: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "CONDA"))}
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *arguments],
        cwd=ROOT, env={**kept, **variables}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def steps(path: Path) -> list[str]:
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("target", sorted(PROMISED))
def test_the_promised_commands_exist(target):
    dry_run(target)


def test_help_lists_every_command():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make ([a-z-]+) ", done.stdout, re.MULTILINE)) == PROMISED
    bare = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert bare.stdout == done.stdout


def test_every_command_but_help_and_clean_sets_up_first():
    for target in sorted(PROMISED - {"help", "clean", "clean-all"}):
        assert "tools/bootstrap.py" in dry_run(target).splitlines()[0], target
    assert "bootstrap.py --gpu" in dry_run("test-gpu")


def test_the_tests_run_at_the_smoke_tier_and_require_a_gpu_where_one_is_meant():
    assert re.search(r"INTERNLAB_TIER=smoke .*pytest", dry_run("test"))
    assert re.search(r"INTERNLAB_REQUIRE_GPU=1 .*internlab.environment", dry_run("test-gpu"))
    assert re.search(
        r"INTERNLAB_TIER=gpu INTERNLAB_REQUIRE_GPU=1 .*pytest tests/gpu tests/test_notebooks.py",
        dry_run("test-gpu"),
    )


def test_claims_take_a_track_and_names():
    assert "--track superres" in dry_run("claims")
    assert "--track hpo --only a b" in dry_run("claims", "TRACK=hpo", "ONLY=a b")


def test_the_kits_conda_environment_is_used():
    assert '"/opt/envs/internlab/bin/python" -m pytest' in dry_run(
        "test", CONDA_PREFIX="/opt/envs/internlab"
    )
    assert ".venv/bin/python -m pytest" in dry_run("test", CONDA_PREFIX="/opt/envs/other")


def test_clean_keeps_what_is_the_learners():
    for target in ("clean", "clean-all"):
        removed = re.findall(r"^rm -rf (.+)$", dry_run(target), re.MULTILINE)
        names = {name for line in removed for name in line.split()}
        assert names and not names & {"notes", "labs", "notebooks", "data", "solutions"}
    assert ".venv" not in re.findall(r"^rm -rf (.+)$", dry_run("clean"), re.MULTILINE)[0].split()


def test_there_is_a_cpu_job_and_a_gpu_job():
    assert [path.stem for path in WORKFLOWS] == ["cpu", "gpu"]
    cpu, gpu = (yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"] for path in WORKFLOWS)
    assert all("ubuntu" in job["runs-on"] for job in cpu.values())
    assert all(job["runs-on"] == ["self-hosted", "gpu"] for job in gpu.values())
    versions = [v for job in cpu.values() for v in job["strategy"]["matrix"]["python"]]
    assert versions == ["3.11", "3.14"], "the oldest and the newest of requires-python"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_existing_commands_only(path):
    called = steps(path)
    assert called
    for line in called:
        assert re.fullmatch(r"make [a-z-]+", line), f"{line!r}: work belongs into the Makefile"
        assert line.split()[1] in targets()


def test_the_gpu_job_cannot_pass_without_a_gpu():
    gpu = next(path for path in WORKFLOWS if path.stem == "gpu")
    assert steps(gpu)[0] == "make test-gpu"
    assert "continue-on-error" not in gpu.read_text(encoding="utf-8")


def test_ci_runs_the_same_command():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", script], check=True)
    text = script.read_text(encoding="utf-8")
    assert CALL.findall(text) == ["test"]
    assert "set -euo pipefail" in text
    assert "chromium" in text
