"""A lab runs in a bounded process: what it may not do, and what its row says then."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace

import psutil
import pytest

from internlab.progress import bounded, contain, examples, landlock
from internlab.progress.contain import LANDLOCK, NAMESPACES, SECCOMP, Protection

# The cells fail or are cut short, the machine and the other exercises do not notice.
HARMLESS = {
    "time": ("endless loop",),
    "memory and disk": ("ten gigabytes", "huge file", "many files"),
    "files outside": (
        "write outside",
        "delete outside",
        "change permissions outside",
        "read a secret",
    ),
    "processes and network": (
        "kill the parents",
        "an orphan that hides",
        "connect to the network",
    ),
}
# The lab ends there, with what was found before.
STOPPED = {
    "endless loop that catches everything": "more than",
    "fork bomb": "more than",
    "memory of many processes": "more than 1500 MB of memory",
    "leave": "the code ended its own process",
}


@pytest.fixture
def outside(tmp_path_factory):
    """A file that anybody may write, in a folder that anybody may write."""
    folder = tmp_path_factory.mktemp("outside")
    folder.chmod(0o777)
    file = folder / "file.txt"
    file.write_text("secret")
    file.chmod(0o666)
    return file


def _hostile(name, outside, port=9):
    code = examples.HOSTILE[name]
    return code.replace("{target!r}", repr(str(outside))).replace("{port}", str(port))


@pytest.fixture
def left_over(tmp_path_factory, monkeypatch):
    """Return the processes of this test's labs that are still there, and of no other's."""
    folder = tmp_path_factory.mktemp("runs")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def look():
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("HOME", "").startswith(str(folder)):
                    found.append(process)
        return found

    return look


def labels(outcome):
    return {told.label for told in outcome.exercises.values()}


def _needs_all(protection):
    if not protection.complete:
        pytest.skip(f"this machine offers only {protection.layers}: {protection.refused}")


def _with_cells(notebook, names, outside, port=9):
    for name in names:
        notebook = examples.with_first_cell(notebook, _hostile(name, outside, port))
    return notebook


@pytest.mark.parametrize("group", HARMLESS)
def test_hostile_cells_cost_nobody_an_exercise(
    group, run, protection, outside, limits, short_cells
):
    _needs_all(protection)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        port = server.getsockname()[1]
        notebook = _with_cells(examples.answered(), HARMLESS[group], outside, port)
        outcome = run(notebook, limits=short_cells if group == "time" else limits)
        with pytest.raises(TimeoutError):
            server.accept()
    assert labels(outcome) == {"PASS"}
    assert outcome.problem == ""
    assert outside.read_text() == "secret"
    assert stat.S_IMODE(outside.stat().st_mode) == 0o666
    assert list(outside.parent.iterdir()) == [outside]


@pytest.mark.parametrize("name", STOPPED)
def test_a_lab_that_does_not_end_is_stopped_and_keeps_what_it_had(
    name, run, protection, outside, limits
):
    _needs_all(protection)
    started = time.monotonic()
    # In the middle: the exercises before it have their result.
    notebook = examples.with_first_cell(examples.answered(), _hostile(name, outside), at=7)
    # A busy machine takes its time to start many processes; memory is to be the limit then.
    limits = replace(limits, cpu_s=20) if "memory" in name else limits
    outcome = run(notebook, limits=limits)
    assert time.monotonic() - started < limits.wall_s + 20
    found = [told.label for told in outcome.exercises.values()]
    passed = found.count("PASS")
    assert 0 < passed < len(found)
    assert found == ["PASS"] * passed + ["NOT REACHED"] * (len(found) - passed)
    assert STOPPED[name] in outcome.problem


def test_no_process_of_a_lab_is_left(run, protection, outside, left_over):
    _needs_all(protection)
    code = _hostile("an orphan that hides", outside)
    assert labels(run(examples.with_first_cell(examples.blank(), code))) == {"TODO"}
    assert left_over() == []


@pytest.mark.parametrize("layer", [NAMESPACES, LANDLOCK])
def test_either_layer_alone_keeps_files_outside_unchanged(layer, run, protection, outside):
    if layer not in protection.layers:
        pytest.skip(f"this machine does not offer {layer}: {protection.refused}")
    alone = Protection((layer,), landlock.version(), os.geteuid() == 0)
    tried = ("write outside", "delete outside", "an orphan that hides")
    outcome = run(_with_cells(examples.answered(), tried, outside), protection=alone)
    assert labels(outcome) == {"PASS"}
    assert outside.read_text() == "secret"


def test_without_a_layer_the_limits_and_the_end_of_all_processes_remain(run, outside, left_over):
    nothing = Protection((), 0, os.geteuid() == 0)
    tried = ("an orphan that hides",)
    outcome = run(_with_cells(examples.blank(), tried, outside), protection=nothing)
    assert labels(outcome) == {"TODO"}
    assert left_over() == []
    tried = ("many files", "an orphan that hides")
    outcome = run(_with_cells(examples.blank(), tried, outside), protection=nothing)
    assert "wrote more than 40 MB" in outcome.problem
    assert left_over() == []


def test_seccomp_refuses_sockets_and_new_namespaces(run, protection):
    if SECCOMP not in protection.layers:
        pytest.skip(f"this machine does not offer seccomp: {protection.refused}")
    alone = Protection((SECCOMP,), 0, os.geteuid() == 0)
    code = (
        "import ctypes, socket\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "assert libc.unshare(0x10000000) == -1 and ctypes.get_errno() == 1\n"
        "a, b = socket.socketpair()\n"
        "try:\n    socket.socket(socket.AF_UNIX)\n"
        "except PermissionError:\n    check('profile', ...)\n"
    )
    notebook = examples.blank()
    notebook["cells"] = [notebook["cells"][1]]
    notebook = examples.with_first_cell(notebook, code)
    outcome = run(notebook, protection=alone)
    assert outcome.exercises["profile"].label == "TODO", outcome


def test_a_lab_gets_nothing_of_the_callers_environment(run, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    code = (
        "import os\nassert 'SECRET_TOKEN' not in os.environ\n"
        "assert os.getcwd() in os.environ['HOME'] and os.getcwd() in os.environ['TMPDIR']\n"
        "check('profile', ...)"
    )
    notebook = examples.blank()
    notebook["cells"] = [notebook["cells"][1]]
    outcome = run(examples.with_first_cell(notebook, code))
    assert outcome.exercises["profile"].label == "TODO"


@pytest.mark.parametrize("layer", [NAMESPACES, LANDLOCK])
def test_other_participants_and_solutions_are_out_of_sight(layer, run, protection, tmp_path):
    if layer not in protection.layers:
        pytest.skip(f"this machine does not offer {layer}: {protection.refused}")
    alone = Protection((layer,), landlock.version(), os.geteuid() == 0)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "answer.txt").write_text("the answer")
    root = str(bounded.project_root())
    code = (
        f"import os\nfor name in ({str(tmp_path / 'other')!r}, {root + '/solutions'!r}):\n"
        "    try:\n        assert os.listdir(name) == []\n    except OSError:\n        pass\n"
        "check('profile', ...)"
    )
    notebook = examples.blank()
    notebook["cells"] = [notebook["cells"][1]]
    outcome = run(examples.with_first_cell(notebook, code), protection=alone)
    assert outcome.exercises["profile"].label == "TODO", outcome


def test_a_run_is_ended_when_it_is_told_to_stop(run, protection):
    stop = threading.Event()
    threading.Timer(1.5, stop.set).start()
    code = examples.HOSTILE["endless loop that catches everything"]
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(examples.with_first_cell(examples.blank(), code), stop=stop)
    assert time.monotonic() - started < 20


def test_when_the_caller_is_killed_its_labs_die_with_it(tmp_path, lab, protection):
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells a process that its parent is gone")
    code = examples.HOSTILE["sleep for ever"]
    path = tmp_path / f"{lab.file_name}.ipynb"
    examples.write(examples.with_first_cell(examples.blank(), code), path)
    script = (
        "from pathlib import Path; from internlab.progress import bounded, catalogue\n"
        f"only = bounded.Protection({protection.layers!r}, 0, False)\n"
        f"lab = catalogue.labs()[{lab.file_name!r}]\n"
        f"bounded.run_lab(Path({str(path)!r}), lab, protection=only)"
    )
    caller = subprocess.Popen([sys.executable, "-c", script])
    family = []
    for _ in range(200):
        family = psutil.Process(caller.pid).children(recursive=True)
        if len(family) >= 3 or (family and not protection.layers):
            break
        time.sleep(0.1)
    # Once the lab sleeps, nothing but the death of its parent can end it: it reports no more.
    used = [-1.0]
    for _ in range(60):
        used.append(sum(sum(process.cpu_times()[:2]) for process in family))
        if used[-1] == used[-2]:
            break
        time.sleep(0.5)
    caller.kill()
    caller.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert family and not alive


def test_a_machine_that_offers_nothing_says_so_plainly():
    said = " ".join(Protection((), 0, False).sentences())
    for word in ("change or delete any file", "the network", "may read", "end other processes"):
        assert f"Not contained: {'' if word == 'the network' else 'a lab may '}" in said
        assert word in said
    said = " ".join(Protection(contain.LAYERS, 7, False).sentences())
    assert "Not contained" not in said
    assert "always cheat" in said


def test_a_layer_that_fails_is_an_error_and_nothing_runs(run, protection, limits):
    if NAMESPACES not in protection.layers:
        pytest.skip(f"this machine does not offer namespaces: {protection.refused}")
    # Half a megabyte is no whole number of bytes to the one who mounts.
    with pytest.raises(bounded.CannotContain, match="mount"):
        run(examples.blank(), limits=replace(limits, folder_mb=0.5))


def test_a_kit_that_only_root_can_reach_runs_its_labs(tmp_path, root):
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    kit = tmp_path / "of root alone"
    kit.mkdir(mode=0o700)
    for name in ("src", "data"):
        left_out = shutil.ignore_patterns("cache", "__pycache__", "*.npz", "*.pt")
        shutil.copytree(root / name, kit / name, ignore=left_out)
    (kit / "labs").mkdir()
    shutil.copy(root / "labs" / "01_hypothesis.ipynb", kit / "labs")
    command = [sys.executable, "-m", "internlab.progress"]
    variables = {
        **os.environ,
        "PYTHONPATH": str(kit / "src"),
        "INTERNLAB_NOTES": str(kit / "notes"),
    }
    done = subprocess.run(command, cwd=kit, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "lab 01_hypothesis: 0 of 8 pass" in done.stdout + done.stderr
