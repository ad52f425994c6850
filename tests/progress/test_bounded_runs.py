"""A lab runs in a bounded process: what it may not do, and what its row says then."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace

import psutil
import pytest

from internlab.progress import bounded, contain, examples, landlock
from internlab.progress.contain import LANDLOCK, NAMESPACES, SECCOMP, Protection

# The cell fails or is cut short, the machine and the other exercises do not notice.
HARMLESS = (
    "endless loop",
    "ten gigabytes",
    "huge file",
    "many files",
    "write outside",
    "delete outside",
    "change permissions outside",
    "kill the parents",
    "an orphan that hides",
    "connect to the network",
    "read a secret",
)
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


def labels(outcome):
    return {told.label for told in outcome.exercises.values()}


def _needs_all(protection):
    if not protection.complete:
        pytest.skip(f"this machine offers only {protection.layers}: {protection.refused}")


@pytest.mark.parametrize("name", HARMLESS)
def test_a_hostile_cell_costs_nobody_an_exercise(name, run, protection, outside):
    _needs_all(protection)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        code = _hostile(name, outside, server.getsockname()[1])
        outcome = run(examples.with_first_cell(examples.answered(), code))
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
    outcome = run(notebook)
    assert time.monotonic() - started < limits.wall_s + 20
    found = [told.label for told in outcome.exercises.values()]
    passed = found.count("PASS")
    assert 0 < passed < len(found)
    assert found == ["PASS"] * passed + ["NOT REACHED"] * (len(found) - passed)
    assert STOPPED[name] in outcome.problem


def test_no_process_of_a_lab_is_left(run, protection, outside):
    _needs_all(protection)
    before = set(psutil.pids())
    run(examples.with_first_cell(examples.blank(), _hostile("an orphan that hides", outside)))
    left = [p for p in psutil.process_iter(["cmdline"]) if p.pid not in before]
    commands = [" ".join(p.info["cmdline"] or []) for p in left]
    assert not [command for command in commands if "internlab.progress.child" in command]


@pytest.mark.parametrize("layer", [NAMESPACES, LANDLOCK])
def test_either_layer_alone_keeps_files_outside_unchanged(layer, run, protection, outside):
    if layer not in protection.layers:
        pytest.skip(f"this machine does not offer {layer}: {protection.refused}")
    alone = Protection((layer,), landlock.version(), os.geteuid() == 0)
    for name in ("write outside", "delete outside", "an orphan that hides"):
        notebook = examples.with_first_cell(examples.answered(), _hostile(name, outside))
        outcome = run(notebook, protection=alone)
        assert labels(outcome) == {"PASS"}, name
    assert outside.read_text() == "secret"


def test_without_a_layer_the_limits_and_the_end_of_all_processes_remain(run, outside):
    nothing = Protection((), 0, os.geteuid() == 0)
    before = set(psutil.pids())
    code = _hostile("an orphan that hides", outside)
    outcome = run(examples.with_first_cell(examples.answered(), code), protection=nothing)
    assert labels(outcome) == {"PASS"}
    outcome = run(
        examples.with_first_cell(examples.answered(), _hostile("many files", outside)),
        protection=nothing,
    )
    assert "wrote more than 40 MB" in outcome.problem
    left = [p for p in psutil.process_iter(["cmdline"]) if p.pid not in before]
    assert not [p for p in left if "internlab.progress.child" in " ".join(p.info["cmdline"] or [])]


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


def test_other_participants_and_solutions_are_out_of_sight(run, protection, tmp_path):
    if not protection.isolated:
        pytest.skip(f"this machine offers only {protection.layers}")
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
    outcome = run(examples.with_first_cell(notebook, code))
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
        f"bounded.run_lab(Path({str(path)!r}), catalogue.labs()[{lab.file_name!r}])"
    )
    caller = subprocess.Popen([sys.executable, "-c", script])
    family = []
    for _ in range(200):
        family = psutil.Process(caller.pid).children(recursive=True)
        if len(family) >= 3 or (family and not protection.layers):
            break
        time.sleep(0.1)
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
