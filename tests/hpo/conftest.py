"""One Ray for all tests of the track that need one: starting it costs more than they do."""

from __future__ import annotations

import psutil
import pytest

from internlab.hpo.tuning import ray_session


@pytest.fixture
def ray_started():
    """Ray with two CPUs, started by the first test that asks for it."""
    ray_session.start(cpus=2)


@pytest.fixture(scope="session", autouse=True)
def ray_stopped_at_the_end():
    """Stop Ray after the last test, and see that none of its processes is left."""
    yield
    # Other tests have children as well, such as the browser and its kernels.
    children = psutil.Process().children(recursive=True)
    family = [each for each in children if _is_of_ray(each)]
    ray_session.stop()
    left = [each for each in family if each.is_running() and each.status() != "zombie"]
    assert left == []


def _is_of_ray(process: psutil.Process) -> bool:
    """Say whether a process belongs to Ray, by its command: ``ray::...`` or a path inside it."""
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return "ray::" in command or "/ray/" in command
