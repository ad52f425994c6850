"""The set-up behind the two commands: what it makes, when it leaves things alone, how it fails.

The real ``tools/bootstrap.py`` runs in a copy of the kit's tools with a project that depends on
nothing, so that an environment takes seconds and no network.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from internlab.files import project_root

TOOLS = project_root() / "tools"
BEFORE_THE_ENVIRONMENT = ("bootstrap", "environment_state", "find_python", "run_pip")

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
requires-python = ">=3.11,<3.15"
dependencies = []
[tool.ruff]
line-length = 100
"""

# A build backend without requirements: it writes the one file an editable install consists of.
BACKEND = """
import os, time, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    if os.path.exists("slow"):
        open("reached", "w").close()
        time.sleep(60)
    name = "tiny-1-py3-none-any.whl"
    info = {
        "METADATA": "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n" + DEPENDENCIES
            + "Provides-Extra: dev\\n",
        "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for file, text in info.items():
            wheel.writestr("tiny-1.dist-info/" + file, text)
    return name
def build_wheel(*args, **kwargs):
    raise NotImplementedError
DEPENDENCIES = ""
"""


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A folder with the real tools and a tiny project; its path has a space, as people's have."""
    return make_kit(tmp_path / "a kit")


def make_kit(folder: Path) -> Path:
    folder.mkdir()
    (folder / "tools").mkdir()
    for name in BEFORE_THE_ENVIRONMENT:
        shutil.copy(TOOLS / f"{name}.py", folder / "tools")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "constraints.txt").write_text("# nothing\n")
    return folder


def command(kit: Path) -> list[str]:
    return [sys.executable, str(kit / "tools" / "bootstrap.py")]


def variables(**more: str) -> dict[str, str]:
    """The environment for a set-up that must not ask any index, nor see this machine's GPU."""
    kept = {k: v for k, v in os.environ.items() if k not in ("CONDA_PREFIX", "PYTHONPATH")}
    quiet = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "INTERNLAB_TORCH_INDEX": "none"}
    return {**kept, **quiet, **more}


def setup(kit: Path, **more: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(kit), env=variables(**more), capture_output=True, text=True, timeout=120
    )


def stamp(kit: Path) -> dict:
    return json.loads((kit / ".venv" / "internlab-setup.json").read_text())


def environments(kit: Path) -> list[str]:
    return sorted(path.name for path in kit.glob(".venv*"))


@pytest.fixture(scope="module")
def bootstrap():
    """The module itself, for what needs no environment."""
    sys.path.insert(0, str(TOOLS))
    import bootstrap

    yield bootstrap
    sys.path.remove(str(TOOLS))


@pytest.fixture
def old_environment(kit: Path, bootstrap) -> Path:
    """An environment as an earlier set-up left it, without the seconds that pip takes."""
    bin_folder = kit / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "python").symlink_to(os.path.realpath(sys.executable))
    where = bootstrap.places(str(kit))
    bootstrap.write_stamp(
        where.venv,
        state="complete",
        digest=bootstrap.wanted(str(kit), False).digest,
        extras=list(bootstrap.EXTRAS),
        cuda=True,
        location=os.path.realpath(where.venv),
        python_path=os.path.realpath(sys.executable),
    )
    return kit


def rebuild_reason(bootstrap, kit: Path) -> str:
    return bootstrap.why_rebuild(str(kit / ".venv"), bootstrap.wanted(str(kit), False))


# A whole set-up


def test_it_makes_an_environment_once_and_then_leaves_it_alone(kit):
    first = setup(kit)
    assert first.returncode == 0, first.stdout + first.stderr
    assert stamp(kit)["state"] == "complete"
    listed = subprocess.run(
        [kit / ".venv/bin/python", "-m", "pip", "list"], capture_output=True, text=True, check=True
    )
    assert "tiny" in listed.stdout
    assert environments(kit) == [".venv"]
    assert not (kit / ".venv" / "scratch").exists()
    made = (kit / ".venv" / "internlab-setup.json").stat().st_mtime_ns
    again = setup(kit)
    assert again.returncode == 0
    assert again.stdout + again.stderr == ""
    assert (kit / ".venv" / "internlab-setup.json").stat().st_mtime_ns == made

    # A failed rebuild, right after it: the good environment comes back as it was.
    text = (kit / "pyproject.toml").read_text()
    (kit / "pyproject.toml").write_text(text.replace('version = "1"', 'version = "2"'))
    backend = (kit / "backend.py").read_text()
    bad = backend.replace('DEPENDENCIES = ""', 'DEPENDENCIES = "Requires-Dist: no-such-thing\\n"')
    (kit / "backend.py").write_text(bad)
    failed = setup(kit)
    assert failed.returncode == 1
    assert "the package list has changed" in failed.stdout
    assert "no build of no-such-thing" in failed.stderr
    assert "  | ERROR: No matching distribution found for no-such-thing" in failed.stderr
    assert "The earlier environment is as it was" in failed.stderr
    assert environments(kit) == [".venv"]
    assert (kit / ".venv" / "internlab-setup.json").stat().st_mtime_ns == made


def wait_for(path: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not appear"
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_set_up_that_is_ended_leaves_nothing_half_made(old_environment, bootstrap, how):
    kit = old_environment
    (kit / "constraints.txt").write_text("six==1.17.0\n")  # so that there is something to make
    (kit / "slow").touch()
    process = subprocess.Popen(
        command(kit),
        env=variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_for(kit / "reached")
    assert stamp(kit)["state"] == "building"
    if how == signal.SIGKILL:
        os.killpg(process.pid, how)  # as when the machine goes down; pip goes with it
    else:
        process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    if how != signal.SIGKILL:
        assert process.returncode == 130
        assert b"Nothing half-made is left behind" in errors
    else:
        assert rebuild_reason(bootstrap, kit) == "an earlier set-up did not finish"
        bootstrap.recover(bootstrap.places(str(kit)))
    assert environments(kit) == [".venv"]
    assert stamp(kit)["state"] == "complete"
    (kit / "constraints.txt").write_text("# nothing\n")
    assert rebuild_reason(bootstrap, kit) == ""


@pytest.fixture
def bundle(kit: Path) -> Path:
    """As a workshop's participants get it: with the packages in ``wheels/``."""
    (kit / "wheels").mkdir()
    with zipfile.ZipFile(kit / "wheels" / "brought-1-py3-none-any.whl", "w") as wheel:
        info = "brought-1.dist-info/"
        wheel.writestr("brought.py", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: brought\nVersion: 1\n")
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(info + "WHEEL", tag)
        wheel.writestr(info + "RECORD", "")
    backend = (kit / "backend.py").read_text()
    needs = backend.replace('DEPENDENCIES = ""', 'DEPENDENCIES = "Requires-Dist: brought\\n"')
    (kit / "backend.py").write_text(needs)
    return kit


def test_a_bundle_is_set_up_from_its_own_wheels(bundle, bootstrap):
    # An index that does not exist: whoever asks it, fails.
    done = setup(bundle, PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0")
    assert done.returncode == 0, done.stderr
    assert "Nothing to download" in done.stdout
    assert list(bundle.glob(".venv/lib/python*/site-packages/brought.py"))
    assert stamp(bundle)["extras"] == []
    assert rebuild_reason(bootstrap, bundle) == ""


def test_a_bundle_for_another_machine_says_so(bundle):
    wheel = bundle / "wheels" / "brought-1-py3-none-any.whl"
    wheel.rename(wheel.with_name("brought-1-cp27-cp27m-win32.whl"))
    done = setup(bundle)
    assert done.returncode == 1
    assert "no build of brought" in done.stderr and "workshop bundle" in done.stderr


def test_a_second_set_up_waits_for_the_first(kit, bootstrap):
    where = bootstrap.places(str(kit))
    with bootstrap.locked(where):
        process = subprocess.Popen(command(kit), env=variables(), stdout=subprocess.PIPE, text=True)
        assert "Another set-up of this folder" in process.stdout.readline()
        assert environments(kit) == []
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    process.stdout.close()


# When an environment is made again


def test_an_environment_in_order_is_used(old_environment, bootstrap):
    assert rebuild_reason(bootstrap, old_environment) == ""


def test_a_tool_setting_or_a_comment_changes_nothing(old_environment, bootstrap):
    path = old_environment / "pyproject.toml"
    path.write_text("# a comment\n" + path.read_text().replace("line-length = 100", "x = 1"))
    assert rebuild_reason(bootstrap, old_environment) == ""


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_package_list_is_noticed(old_environment, bootstrap, name):
    path = old_environment / name
    path.write_text(path.read_text().replace("[tool", "x = 1\n[tool") + "six==1.17.0\n")
    assert rebuild_reason(bootstrap, old_environment) == "the package list has changed"


def test_a_copied_or_moved_folder_is_noticed(old_environment, bootstrap, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(old_environment, moved, symlinks=True)
    assert "moved or copied" in rebuild_reason(bootstrap, moved)


def test_a_python_that_is_gone_is_noticed(old_environment, bootstrap):
    python = old_environment / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "is gone" in rebuild_reason(bootstrap, old_environment)


def test_an_environment_of_unknown_origin_is_not_used(old_environment, bootstrap):
    (old_environment / ".venv" / "internlab-setup.json").unlink()
    assert "not made by this command" in rebuild_reason(bootstrap, old_environment)


def test_a_damaged_stamp_counts_as_none(old_environment, bootstrap):
    (old_environment / ".venv" / "internlab-setup.json").write_text('{"state": "comp')
    assert "not made by this command" in rebuild_reason(bootstrap, old_environment)


def test_gpu_packages_and_a_gpu_that_appears_are_reasons(old_environment, bootstrap):
    venv = str(old_environment / ".venv")
    want = bootstrap.wanted(str(old_environment), False)
    with_gpu = want._replace(extras=(*want.extras, "gpu"))
    assert "the packages for: gpu" in bootstrap.why_rebuild(venv, with_gpu)
    bootstrap.write_stamp(venv, **{**stamp(old_environment), "cuda": False})
    assert "without CUDA" in bootstrap.why_rebuild(venv, want._replace(cuda=True))
    # An environment with more than is wanted will do: a cluster's login node has no GPU.
    more = {"cuda": True, "extras": [*bootstrap.EXTRAS, "gpu"]}
    bootstrap.write_stamp(venv, **{**stamp(old_environment), **more})
    assert bootstrap.why_rebuild(venv, want._replace(cuda=False)) == ""


def test_a_set_up_killed_after_the_stamp_keeps_the_new_environment(old_environment, bootstrap):
    where = bootstrap.places(str(old_environment))
    Path(where.previous).mkdir()
    bootstrap.recover(where)
    assert environments(old_environment) == [".venv"]
    assert rebuild_reason(bootstrap, old_environment) == ""


# What it refuses, and what it says


def test_a_full_disk_is_found_beforehand(kit, bootstrap, monkeypatch, capsys):
    usage = shutil.disk_usage(kit)._replace(free=2_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(bootstrap, "ROOT", str(kit))
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setattr(bootstrap, "sees_gpu", lambda: False)
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    assert bootstrap.main([]) == 1
    said = capsys.readouterr().err
    assert "has 2.0 GB free; the set-up needs 5 GB" in said
    assert "What to do:" in said
    assert environments(kit) == []


def test_an_outdated_environment_is_named_when_the_disk_is_full(kit, bootstrap, monkeypatch):
    usage = shutil.disk_usage(kit)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(bootstrap.Problem, match="make clean-all"):
        bootstrap.check_disk(bootstrap.places(str(kit)), bootstrap.SIZES["cpu"], True)


def fake_python(folder: Path, name: str, **facts) -> None:
    """Write an executable that answers the probe as another Python would."""
    folder.mkdir(exist_ok=True)
    answer = {
        "version": [3, 12, 1],
        "path": str(folder / name),
        "venv": True,
        "cpython": True,
        "bits": 64,
        "free_threaded": False,
        **facts,
    }
    (folder / name).write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answer)}\nEND\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def only_these(tmp_path, monkeypatch, bootstrap):
    """A PATH of its own, and no Python but the fakes on it."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    monkeypatch.setattr(
        bootstrap.find_python,
        "everywhere",
        lambda name, real=bootstrap.find_python.everywhere: [
            path for path in real(name) if path.startswith(str(tmp_path))
        ],
    )
    monkeypatch.delenv("INTERNLAB_PYTHON", raising=False)
    return tmp_path / "bin"


def choose(bootstrap):
    return bootstrap.find_python.choose((3, 11), (3, 15))


def test_python3_is_taken_if_it_will_do(only_these, bootstrap):
    fake_python(only_these, "python3", version=[3, 11, 0])
    fake_python(only_these, "python3.13", version=[3, 13, 0])
    assert choose(bootstrap).text == "3.11.0"


@pytest.mark.parametrize(
    "facts",
    [
        {"version": [3, 9, 2]},
        {"version": [3, 15, 0]},
        {"cpython": False},
        {"bits": 32},
        {"free_threaded": True},
        {"venv": False},
    ],
)
def test_else_the_newest_that_will_do(only_these, bootstrap, facts):
    fake_python(only_these, "python3", **facts)
    fake_python(only_these, "python3.12", version=[3, 12, 9])
    fake_python(only_these, "python3.13", version=[3, 13, 2])
    assert choose(bootstrap).text == "3.13.2"


def test_an_empty_shim_is_passed_over(only_these, bootstrap):
    only_these.mkdir()
    (only_these / "python3.14").write_text("#!/bin/sh\necho 'not installed' >&2; exit 127\n")
    (only_these / "python3.14").chmod(0o755)
    fake_python(only_these, "python3.12")
    assert choose(bootstrap).text == "3.12.1"


def test_the_variable_decides(only_these, bootstrap, monkeypatch):
    fake_python(only_these, "python3")
    fake_python(only_these, "mine", version=[3, 13, 5])
    monkeypatch.setenv("INTERNLAB_PYTHON", str(only_these / "mine"))
    assert choose(bootstrap).text == "3.13.5"


def test_too_old_a_python_is_named_with_what_to_do(only_these, bootstrap):
    fake_python(only_these, "python3", version=[3, 6, 15])
    with pytest.raises(bootstrap.Problem) as problem:
        choose(bootstrap)
    said = str(problem.value)
    assert "CPython 3.11 to 3.14" in said
    assert "Python 3.6.15 at" in said and "too old" in said
    assert "sudo apt install python3.11 python3.11-venv" in said


def test_a_python_without_venv_is_told_apart(only_these, bootstrap):
    fake_python(only_these, "python3", version=[3, 12, 3], venv=False)
    with pytest.raises(bootstrap.Problem, match=r"sudo apt install python3\.12-venv"):
        choose(bootstrap)


@pytest.mark.parametrize("name", BEFORE_THE_ENVIRONMENT)
def test_an_old_python_can_read_the_set_up(name):
    tree = ast.parse((TOOLS / f"{name}.py").read_text(), feature_version=(3, 6))
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in (
            node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")]
        )
    }
    assert imported <= set(sys.stdlib_module_names) | set(BEFORE_THE_ENVIRONMENT)
    # Newer than Python 3.6, and met before any version is checked.
    assert not {"__future__", "dataclasses"} & imported


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("by 'NewConnectionError(...)'\nERROR: ResolutionImpossible", "could not be reached."),
        ("ERROR: No matching distribution found for torch==2.13.0", "no build of torch==2.13.0"),
        ("ERROR: ResolutionImpossible: for help", "make lock"),
        ("error: [Errno 13] Permission denied: 'x'", "permission"),
        ("placeholder package which downloads a real wheel", "NVIDIA's own package index"),
        ("Segmentation fault", "its last lines"),
    ],
)
def test_a_failure_of_pip_is_explained(bootstrap, log, says):
    problem = bootstrap.failure("Installing", log, "pip.log")
    assert says in str(problem)
    assert "pip.log" in str(problem) and log.splitlines()[-1] in str(problem)


def test_a_gpu_environment_is_refused_where_no_gpu_is_seen(kit, bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "sees_gpu", lambda: False)
    with pytest.raises(bootstrap.Problem, match="No NVIDIA GPU is seen"):
        bootstrap.wanted(str(kit), True)


@pytest.mark.parametrize(
    ("value", "cuda", "index"),
    [
        (None, False, "https://download.pytorch.org/whl/cpu"),
        (None, True, ""),
        ("none", False, ""),
        ("", False, ""),
        ("https://mirror.example/cpu", False, "https://mirror.example/cpu"),
    ],
)
def test_the_cpu_build_is_asked_for_only_where_there_is_no_gpu(
    bootstrap, monkeypatch, value, cuda, index
):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("INTERNLAB_TORCH_INDEX", raising=False)
    if value is not None:
        monkeypatch.setenv("INTERNLAB_TORCH_INDEX", value)
    assert bootstrap.wants_cpu_index(bootstrap.Wanted("", (), cuda)) == index


def test_the_kits_own_conda_environment_is_used_as_it_is(kit, tmp_path):
    done = setup(kit, CONDA_PREFIX=str(tmp_path / "envs" / "internlab"))
    assert done.returncode == 0
    assert "conda environment" in done.stdout
    assert environments(kit) == []
