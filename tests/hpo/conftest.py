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
    family = psutil.Process().children(recursive=True) if ray_session.is_running() else []
    ray_session.stop()
    left = [each for each in family if each.is_running() and each.status() != "zombie"]
    assert left == []
