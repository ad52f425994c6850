"""Two nodes on one machine: a search runs on both, loses one, and finishes all the same."""

from __future__ import annotations

import os

import psutil
import pytest

from internlab.hpo.claims.cluster import EPOCHS, TRIALS, search_and_lose
from internlab.hpo.demonstration import descend, repeated
from internlab.hpo.tuning import cluster, ray_session
from internlab.hpo.tuning.trial import PlainTrial

pytestmark = pytest.mark.skipif(
    not cluster.SUPPORTED, reason="Ray's clusters are untested on Windows"
)


def _of_ray() -> set[int]:
    """Return the processes of this user's Ray that belong to a session of this process."""
    found = set()
    for process in psutil.process_iter(["pid", "cmdline"]):
        if f"internlab-ray-{os.getpid()}-" in " ".join(process.info["cmdline"] or []):
            found.add(process.pid)
    return found


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """What a search on two nodes left behind that lost one half-way; starts Ray once."""
    ray_session.stop()  # whatever an earlier test started: two nodes are started from none
    folder = tmp_path_factory.mktemp("cluster")
    before = set(psutil.Process().children(recursive=True))
    seen = {}
    with cluster.two_nodes() as nodes:
        seen["alive"] = nodes.alive
        family = set(psutil.Process().children(recursive=True)) - before
        # Not what a browser of earlier tests starts meanwhile.
        seen["family"] = {each for each in family if "/ray/" in " ".join(each.cmdline())}
        with pytest.raises(RuntimeError, match="running already"):
            cluster.start()
        seen["outcome"], seen["diary"] = search_and_lose(nodes, folder)
        seen["names"], seen["alive after"] = nodes.names, nodes.alive
        with pytest.raises(RuntimeError, match="lost already"):
            nodes.lose_node()
        seen["folder"] = nodes._folder
    seen["children"] = set(psutil.Process().children()) - before
    return seen


def test_every_trial_finishes_although_a_node_is_lost(lost):
    trials = lost["outcome"].trials
    assert len(trials) == TRIALS
    assert set(trials["status"]) == {"finished"}
    assert set(trials["iterations"]) == {EPOCHS}


def test_both_nodes_had_work_and_one_of_them_stopped(lost):
    assert lost["alive"] == ["head", "second"] and lost["alive after"] == ["head"]
    node = lost["diary"]["node"].map(lost["names"])
    assert set(node) == {"head", "second"}
    last_on_second = lost["diary"].index[node == "second"].max()
    assert last_on_second < len(node) - TRIALS * EPOCHS / 4


def test_the_result_is_that_of_an_undisturbed_run(lost):
    for trial in lost["outcome"].trials.itertuples():
        undisturbed = PlainTrial().run(descend, lr=trial.lr, epochs=EPOCHS)
        assert trial.loss == undisturbed[-1]["loss"]


def test_only_the_trial_of_the_lost_node_repeats_an_epoch(lost):
    # At most the epoch that was run and not reported yet.
    assert repeated(lost["diary"]) <= 1


def test_no_process_and_no_file_is_left(lost):
    assert len(lost["family"]) >= 4
    assert lost["children"] == set()
    assert not [each for each in lost["family"] if each.is_running()]
    assert _of_ray() == set()
    assert not lost["folder"].exists()
    assert not ray_session.is_running()


def test_no_other_program_is_led_into_the_cluster(tmp_path, monkeypatch):
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    with cluster._address_file_in(tmp_path):
        assert os.environ["RAY_TMPDIR"] == str(tmp_path)
        assert (tmp_path / "ray").is_dir()
    assert "RAY_TMPDIR" not in os.environ
    monkeypatch.setenv("RAY_TMPDIR", "elsewhere")
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(KeyError), cluster._address_file_in(other):
        raise KeyError
    assert os.environ["RAY_TMPDIR"] == "elsewhere"


def test_windows_is_refused_with_a_way_out(monkeypatch):
    monkeypatch.setattr(cluster, "SUPPORTED", False)
    with pytest.raises(RuntimeError, match="WSL"):
        cluster.start()


def test_a_node_needs_a_cpu():
    with pytest.raises(ValueError, match="at least 1"):
        cluster.start(0)


def test_stopping_nothing_is_fine():
    cluster.stop()
