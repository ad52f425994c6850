"""Starting and stopping Ray: attempts, the reason when it fails, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from internlab.hpo.tuning import ray_session

IGNORES_SIGTERM = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) > 1:
    subprocess.Popen([sys.executable, __file__])
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def stubborn(tmp_path):
    """Start a process with a child, both of which ignore a polite end."""
    program = tmp_path / "stubborn.py"
    program.write_text(IGNORES_SIGTERM)
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, str(program), "with a child"], stdout=subprocess.PIPE
        )
        started.append(process)
        for _ in range(2):
            assert process.stdout.readline() == b"ready\n"
        return psutil.Process(process.pid)

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


@pytest.fixture
def others_ray(monkeypatch):
    """Keep the Ray of the other tests running."""
    import ray

    monkeypatch.setattr(ray, "shutdown", lambda: None)


def is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_what_does_not_end_by_itself_is_killed_with_its_children(others_ray, stubborn):
    root = stubborn()
    (child,) = root.children()
    ray_session.shut_down([root], patience=0.2)
    assert is_gone(root) and is_gone(child)


def test_other_children_are_left_alone(others_ray, stubborn):
    other, ours = stubborn(), stubborn()
    ray_session.shut_down([ours], patience=0.2)
    assert is_gone(ours) and not is_gone(other)


def fails(times, error, log="", begun=None):
    """Return a stand-in for Ray's start that fails `times` times, and the list of its folders."""
    folders = []

    def initialise(folder):
        folders.append(folder)
        if begun is not None:
            begun()
        if len(folders) <= times:
            logs = folder / "session_2026" / "logs"
            logs.mkdir(parents=True)
            (logs / "raylet.out").write_text("all is well\n")
            (logs / "raylet.err").write_text(log)
            raise error

    return initialise, folders


def test_a_start_is_tried_again_in_a_new_folder(others_ray):
    initialise, folders = fails(2, RuntimeError("timed out"))
    folder, roots, _ = ray_session.attempt(initialise, attempts=3)
    assert len(set(folders)) == 3 and folder == folders[-1]
    assert [each.exists() for each in folders] == [False, False, True]
    assert roots == []
    folder.rmdir()


def test_the_reason_is_told_with_the_end_of_the_log(others_ray):
    log = "".join(f"line {number}\n" for number in range(100))
    initialise, folders = fails(9, RuntimeError("the node timed out\nmore"), log)
    with pytest.raises(RuntimeError) as caught:
        ray_session.attempt(initialise, attempts=2)
    message = str(caught.value)
    assert "2 attempts failed: the node timed out" in message
    assert "Close other programs" in message and "run this again" in message
    assert message.endswith("line 98\nline 99") and "line 80" not in message
    assert not any(each.exists() for each in folders)


def test_without_errors_the_raylets_other_log_is_shown(others_ray):
    initialise, _ = fails(9, RuntimeError("no"))
    with pytest.raises(RuntimeError, match="all is well"):
        ray_session.attempt(initialise, attempts=1)


@pytest.mark.parametrize("error", [RuntimeError("no"), KeyboardInterrupt()])
def test_a_failed_start_leaves_no_process_and_no_folder(others_ray, stubborn, monkeypatch, error):
    monkeypatch.setattr(ray_session.shut_down, "__defaults__", (0.2,))
    begun = []
    initialise, folders = fails(9, error, begun=lambda: begun.append(stubborn()))
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(type(error)):
        ray_session.attempt(initialise, attempts=2)
    # Ctrl-C is not an attempt that failed.
    assert len(folders) == (1 if isinstance(error, KeyboardInterrupt) else 2)
    assert all(is_gone(each) for each in begun)
    assert not any(each.exists() for each in folders)
    assert signal.getsignal(signal.SIGTERM) is handler


def test_folders_of_killed_processes_are_removed(others_ray):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    stale = ray_session.Path(f"/tmp/internlab-ray-{process.pid}-test")
    alive = ray_session.Path(f"/tmp/internlab-ray-{os.getppid()}-test")
    for folder in (stale, alive):
        folder.mkdir()
    try:
        initialise, folders = fails(0, None)
        ray_session.attempt(initialise)
        assert not stale.exists() and alive.exists()
    finally:
        alive.rmdir()
        folders[0].rmdir()


@pytest.mark.parametrize("options", [{"cpus": 0}, {"attempts": 0}])
def test_counts_below_one_are_refused(options):
    with pytest.raises(ValueError, match="at least 1"):
        ray_session.start(**options)


def test_variables_that_are_set_keep_their_value(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    ray_session.prepare_environment()
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_a_second_start_changes_nothing_and_other_cpus_are_refused(ray_started):
    before = psutil.Process().children(recursive=True)
    start = time.monotonic()
    ray_session.start(cpus=2)
    assert time.monotonic() - start < 1
    with pytest.raises(RuntimeError, match="running already, with 2 CPUs"):
        ray_session.start(cpus=1)
    assert {each.pid for each in before} <= {
        each.pid for each in psutil.Process().children(recursive=True)
    }


def test_trials_get_the_settings_of_the_kit(ray_started):
    import ray

    @ray.remote
    def settings():
        return dict(os.environ)

    environment = ray.get(settings.remote())
    # Another value of this one may have been set before the tests began.
    expected = {**ray_session.ENVIRONMENT, "OMP_NUM_THREADS": os.environ["OMP_NUM_THREADS"]}
    assert expected.items() <= environment.items()


def test_a_session_inside_another_does_not_end_it(ray_started):
    with ray_session.session(cpus=2):
        assert ray_session.is_running()
    assert ray_session.is_running()
    with pytest.raises(RuntimeError, match="running already"), ray_session.session(cpus=1):
        raise AssertionError("not reached")
    assert ray_session.is_running()
