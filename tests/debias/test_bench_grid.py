"""A grid computes what is missing and nothing else, whatever interrupts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from internlab.data.shortcuts import load
from internlab.data.shortcuts.folders import write_folder
from internlab.debias import bench
from internlab.debias.__main__ import main
from internlab.debias.bench import Conditions, Journal, plan_runs, run_grid, summary, tidy, together
from internlab.debias.bench.data import identity, load_data
from internlab.debias.bench.fingerprint import fingerprint
from internlab.debias.bench.together import RATE, key_of

SMALL = Conditions(
    steps=20,
    sizes=(("train", 400), ("validation", 200), ("balanced", 200), ("test", 200)),
    checkpoints=2,
)
# Methods with a mistake each; "fine" has none.
OWN = """
import torch
from internlab.debias.methods import ERM, Hyperparameter

class Fine(ERM):
    name, title = "fine", "Fine"

class Diverges(ERM):
    name, title = "diverges", "Diverges"
    def losses(self, batch):
        bad = torch.zeros(len(batch.labels))
        bad[-1] = float("nan") if batch.step > 5 else 0.0
        return super().losses(batch) + bad

class Curious(ERM):
    name, title = "curious", "Curious"
    def losses(self, batch):
        return super().losses(batch) + batch.biases.float().mean(dim=1)

class Broken(ERM):
    name, title = "broken", "Broken"
    def losses(self, batch):
        return nothing_of_this_name
"""


def planned(names, seeds=2, ratios=(0.9,)):
    sources = bench.find_methods(names)
    settings = {name: [bench.default_settings(each.load())] for name, each in sources.items()}
    return plan_runs(settings, ["coloured-mnist"], ratios, seeds), sources


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own_methods.py"
    path.write_text(OWN)
    return str(path)


def without_cost(outcome):
    return tidy(outcome.records).drop(columns="cpu_seconds")


def test_a_second_time_nothing_is_computed(tmp_path):
    plan, sources = planned(["erm", "resample"])
    first = run_grid(plan, sources, tmp_path, SMALL)
    again = run_grid(plan, sources, tmp_path, SMALL)
    assert (first.computed, again.computed) == (4, 0)
    assert first.records == again.records


def test_one_seed_more_computes_that_seed_and_changes_no_other(tmp_path):
    plan, sources = planned(["erm", "resample"], seeds=2)
    before = run_grid(plan, sources, tmp_path, SMALL)
    more, _ = planned(["erm", "resample"], seeds=3)
    after = run_grid(more, sources, tmp_path, SMALL)
    assert after.computed == 2
    alone = run_grid(more, sources, tmp_path / "anew", SMALL)
    assert without_cost(after).equals(without_cost(alone))
    kept = {record.run: record for record in after.records}
    assert all(kept[record.run] == record for record in before.records)


def test_an_interrupt_keeps_what_is_done_and_says_so(tmp_path):
    plan, sources = planned(["erm", "resample", "gce"])

    def stop(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as stopped:
        run_grid(plan, sources, tmp_path, SMALL, progress=stop)
    assert "2 of 6 runs are kept" in stopped.value.__notes__[0]
    assert len(Journal(tmp_path)) == 2
    assert run_grid(plan, sources, tmp_path, SMALL).computed == 4
    assert set(Journal(tmp_path).starts().values()) == {1}


def test_other_settings_lie_beside_each_other(tmp_path):
    plan, sources = planned(["erm"])
    run_grid(plan, sources, tmp_path, SMALL)
    longer = Conditions(steps=21, sizes=SMALL.sizes, checkpoints=2)
    outcome = run_grid(plan, sources, tmp_path, longer)
    assert outcome.computed == 2 and outcome.others == 2


def test_a_diverging_run_fails_alone(tmp_path, own):
    plan, sources = planned([own], seeds=3)
    outcome = run_grid(plan, sources, tmp_path, SMALL)
    by_run = {(r.run.method, r.run.seed): r for r in outcome.records}
    assert "nan" in by_run["diverges", 2].failure and "step 7" in by_run["diverges", 2].failure
    for seed in (0, 1):
        assert by_run["diverges", seed].scores == by_run["fine", seed].scores
    table = summary(tidy(outcome.records)).set_index("method")
    assert (table.seeds["diverges"], table.failed["diverges"]) == (2, 1)


def test_a_method_that_raises_or_peeks_fails_with_the_line_and_the_grid_goes_on(tmp_path, own):
    plan, sources = planned([own], seeds=1)
    outcome = run_grid(plan, sources, tmp_path, SMALL)
    reasons = {record.run.method: record.failure for record in outcome.records}
    assert reasons["fine"] == ""
    assert "return nothing_of_this_name" in reasons["broken"]
    assert "own_methods.py, line" in reasons["broken"]
    assert "has declared NOTHING" in reasons["curious"]
    # A failure is a result: it is not computed again, unless one asks for it.
    assert run_grid(plan, sources, tmp_path, SMALL).computed == 0
    assert run_grid(plan, sources, tmp_path, SMALL, again=True).computed == 3


def test_a_mended_method_is_computed_again_and_a_comment_changes_nothing(tmp_path):
    path = tmp_path / "mine.py"
    source = (
        "from internlab.debias.methods import ERM\n\n\n"
        'class Mine(ERM):\n    """One."""\n    name = "mine"\n    title = "Mine"\n'
        "    def losses(self, batch):\n        return 2 * super().losses(batch)\n"
    )
    path.write_text(source)
    code = fingerprint(path)
    path.write_text(source.replace('"""One."""', '"""Another."""') + "\n# A comment.\n")
    os.utime(path, (1, 1))
    assert fingerprint(path) == code
    path.write_text(source.replace("2 * ", "3 * "))
    os.utime(path, (2, 2))
    assert fingerprint(path) != code


METHOD = (
    "from internlab.debias.methods import ERM\n{line}\n\n\n"
    'class Mine(ERM):\n    name = title = "mine"\n'
    "    def losses(self, batch):\n        return {factor} * super().losses(batch)\n"
)


@pytest.mark.parametrize(
    ("line", "factor", "helper"),
    [
        ("from factor_of_mine import FACTOR", "FACTOR", "factor_of_mine.py"),
        ("import factor_of_mine", "factor_of_mine.FACTOR", "factor_of_mine.py"),
        ("from parts_of_mine import factor", "factor.FACTOR", "parts_of_mine/factor.py"),
        ("from parts_of_mine.through import FACTOR", "FACTOR", "parts_of_mine/factor.py"),
    ],
)
def test_an_edit_in_a_file_beside_a_method_is_seen(tmp_path, monkeypatch, line, factor, helper):
    monkeypatch.syspath_prepend(tmp_path)
    for name in [each for each in sys.modules if each.split(".")[0].endswith("_of_mine")]:
        del sys.modules[name]  # From another folder, of the test before.
    path, helper = tmp_path / "mine.py", tmp_path / helper
    path.write_text(METHOD.format(line=line, factor=factor))
    helper.parent.mkdir(exist_ok=True)
    if helper.parent != tmp_path:
        (helper.parent / "through.py").write_text("from .factor import FACTOR\n")
    seen = {}
    for at, value in enumerate((2.0, 3.0), 1):
        helper.write_text(f"FACTOR = {value}\n")
        os.utime(helper, (at, at))
        source = bench.find_methods([str(path)])["mine"]
        losses = source.load().losses
        seen[value] = source.code
        used = losses.__globals__.get("FACTOR") or next(
            each.FACTOR for each in losses.__globals__.values() if hasattr(each, "FACTOR")
        )
        assert used == value
    assert len(set(seen.values())) == 2
    helper.write_text("# A comment.\nFACTOR = 3.0\n")
    os.utime(helper, (3, 3))
    assert bench.find_methods([str(path)])["mine"].code == seen[3.0]


def test_a_key_depends_on_the_libraries_that_compute(monkeypatch):
    plan, sources = planned(["dfr"], seeds=1)
    keys = {key_of(plan[0], sources["dfr"], SMALL)}
    for library in ("torch", "numpy", "sklearn"):
        with monkeypatch.context() as other:
            other.setattr(f"{library}.__version__", "0.0")
            keys.add(key_of(plan[0], sources["dfr"], SMALL))
    assert len(keys) == 4


def test_a_key_depends_on_how_the_balanced_set_is_halved(tmp_path, monkeypatch):
    plan, sources = planned(["dfr"], seeds=1)
    here = key_of(plan[0], sources["dfr"], SMALL)
    edited = tmp_path / "halves.py"
    text = Path(together.halves.__file__).read_text()
    edited.write_text(text.replace("(len(members) + 1) // 2", "len(members) // 2"))
    assert edited.read_text() != text
    monkeypatch.setattr(together.halves, "__file__", str(edited))
    assert key_of(plan[0], sources["dfr"], SMALL) != here


def test_a_key_without_libraries_is_the_same_on_other_machines(monkeypatch):
    plan, sources = planned(["dfr"], seeds=1)
    here = key_of(plan[0], sources["dfr"], SMALL, code_only=True)
    assert here != key_of(plan[0], sources["dfr"], SMALL)
    for library in ("torch", "numpy", "sklearn"):
        monkeypatch.setattr(f"{library}.__version__", "0.0")
    assert key_of(plan[0], sources["dfr"], SMALL, code_only=True) == here


def test_a_folder_is_told_apart_by_what_its_pictures_hold(tmp_path):
    for place in ("5pct/align/0/1_0_0.png", "1pct/align/0/1_0_0.png", "test/0/1_0_0.png"):
        (tmp_path / "cmnist" / place).parent.mkdir(parents=True)
        (tmp_path / "cmnist" / place).write_bytes(b"abc")
    name = f"folder:{tmp_path / 'cmnist'}"
    seen = [identity(name, 0.95, 0)]
    assert identity(name, 0.95, 1) == seen[0] != identity(name, 0.99, 0)
    for place in ("5pct/align/0/1_0_0.png", "test/0/1_0_0.png"):
        (tmp_path / "cmnist" / place).write_bytes(b"abd")
        os.utime(tmp_path / "cmnist" / place, (1, 1))
        seen.append(identity(name, 0.95, 0))
    assert len(set(seen)) == 3
    (tmp_path / "cmnist" / "1pct/align/0/1_0_0.png").write_bytes(b"other")
    assert identity(name, 0.95, 0) == seen[-1]


def test_an_edited_folder_is_computed_again_in_the_same_process(tmp_path):
    sizes = {"train": 600, "validation": 100, "balanced": 100, "test": 100}
    write_folder(load("coloured-mnist", 0.9, 0, sizes=sizes), tmp_path)
    _, sources = planned(["erm"], seeds=1)
    settings = {"erm": [bench.default_settings(sources["erm"].load())]}
    plan = plan_runs(settings, [f"folder:{tmp_path / 'cmnist'}"], [0.9], 1)
    few = Conditions(steps=2)
    assert [run_grid(plan, sources, tmp_path / "out", few).computed for _ in "ab"] == [1, 0]
    picture = next((tmp_path / "cmnist" / "test").rglob("*.png"))
    picture.write_bytes(picture.with_name(sorted(os.listdir(picture.parent))[-1]).read_bytes())
    os.utime(picture, (1, 1))
    assert run_grid(plan, sources, tmp_path / "out", few).computed == 1


def test_a_refusal_of_the_kits_own_is_not_shown_with_its_source(tmp_path):
    plan, sources = planned(["rebias"], seeds=1)
    outcome = run_grid(plan, sources, tmp_path, Conditions(steps=2, batch_size=3))
    assert "better 32 or more." in outcome.failed[0].failure
    assert "raise" not in outcome.failed[0].failure


def test_a_ratio_is_looked_for_under_the_name_it_is_written_with(tmp_path):
    sizes = {"train": 600, "validation": 100, "balanced": 100, "test": 100}
    write_folder(load("coloured-mnist", 2 / 3, 0, sizes=sizes), tmp_path)
    assert load_data(f"folder:{tmp_path / 'cmnist'}", 2 / 3, 0).ratio == 2 / 3


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB"),
        MemoryError(),
    ],
)
def test_a_full_memory_is_not_the_methods_failure(tmp_path, monkeypatch, error):
    plan, sources = planned(["erm", "gce"], seeds=1)

    def fail(self, batch):
        raise error

    monkeypatch.setattr(sources["gce"].load(), "losses", fail)
    with pytest.raises(MemoryError) as stopped:
        run_grid(plan, sources, tmp_path, SMALL)
    assert "1 of 2 runs are kept" in stopped.value.__notes__[0]
    assert len(Journal(tmp_path)) == 1
    monkeypatch.undo()
    assert not run_grid(plan, sources, tmp_path, SMALL).failed


def test_a_process_that_is_ended_from_outside_is_no_failure_of_a_method(tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text(
        "import os, signal\nfrom internlab.debias.methods import ERM\n\n\n"
        'class Mine(ERM):\n    name = title = "mine"\n'
        "    def losses(self, batch):\n        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = ["bench", "--methods", "erm", path, "--seeds", 10, "--steps", 2, "--ratios", 0.9]
    status = main([str(each) for each in (*command, "--jobs", 2, "--out", tmp_path / "out")])
    said = " ".join(capsys.readouterr().err.split())
    assert status == 1
    assert "ended from outside" in said and "--jobs 1" in said and "of 20 runs are kept" in said
    assert "Traceback" not in said


def test_a_key_depends_on_all_that_decides(tmp_path):
    plan, sources = planned(["erm", "gce"], seeds=2, ratios=(0.9, 0.95))
    keys = {key_of(run, sources[run.method], SMALL) for run in plan}
    assert len(keys) == len(plan)
    run, source = plan[0], sources["erm"]
    longer = Conditions(steps=21, sizes=SMALL.sizes, checkpoints=2)
    larger = Conditions(steps=20, sizes=(*SMALL.sizes[1:], ("train", 500)), checkpoints=2)
    faster = type(run)(run.method, run.data, run.ratio, run.seed, ((RATE, 2.0),))
    others = {
        key_of(run, source, longer),
        key_of(run, source, larger),
        key_of(faster, source, SMALL),
    }
    assert len(others | keys) == len(plan) + 3
    assert key_of(run, source, SMALL) in keys


def test_two_processes_give_the_table_of_one(tmp_path, own):
    plan, sources = planned(["erm", own], seeds=2)
    one = run_grid(plan, sources, tmp_path / "one", SMALL)
    two = run_grid(plan, sources, tmp_path / "two", SMALL, jobs=2)
    assert without_cost(one).equals(without_cost(two))


def test_a_killed_grid_goes_on(tmp_path):
    folder = tmp_path / "killed"
    names = "erm resample gce irm mixup"
    code = (
        "from internlab.debias import bench\n"
        "from internlab.debias.bench import Conditions\n"
        "from pathlib import Path\n"
        f"s = bench.find_methods({names.split()!r})\n"
        "p = {n: [bench.default_settings(e.load())] for n, e in s.items()}\n"
        "plan = bench.plan_runs(p, ['coloured-mnist'], [0.9], 2)\n"
        f"bench.run_grid(plan, s, Path({str(folder)!r}), {SMALL!r})\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    journal, until = Journal(folder), time.monotonic() + 120
    while len(journal) < 2 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.kill()
    process.wait()
    done = len(journal)
    in_flight = sum(key not in journal for key in journal.starts())
    assert done >= 2
    plan, sources = planned(names.split())
    outcome = run_grid(plan, sources, folder, SMALL)
    starts = journal.starts()
    assert outcome.computed == len(plan) - done
    assert sum(starts.values()) - len(starts) == in_flight
    whole = run_grid(plan, sources, tmp_path / "whole", SMALL)
    assert without_cost(outcome).equals(without_cost(whole))


SLOW = """
import os, time
from internlab.debias.methods import ERM


class Slow(ERM):
    name = title = "slow"

    def losses(self, batch):
        time.sleep(float(os.environ.get("SECONDS_A_STEP", 0)))
        return super().losses(batch)
"""


def test_ctrl_c_ends_every_process_and_the_same_command_goes_on(tmp_path, capsys):
    path, out = tmp_path / "slow.py", tmp_path / "out"
    path.write_text(SLOW)
    options = f"bench --methods erm {path} --steps 2 --ratios 0.9 --seeds 1 --jobs 2 --out {out}"
    process = subprocess.Popen(
        [sys.executable, "-m", "internlab.debias", *options.split()],
        env={**os.environ, "SECONDS_A_STEP": "300"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    journal, until = Journal(out), time.monotonic() + 120
    while (len(journal), len(journal.starts())) != (1, 2) and time.monotonic() < until:
        time.sleep(0.05)
    # As a terminal does it: to the command and its processes at once.
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stopped: 1 of 2 runs are kept" in " ".join(said.split()) and "Traceback" not in said
    until = time.monotonic() + 60
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(process.pid, 0)  # Raises when the last of them is gone.
            time.sleep(0.05)
    assert main(options.replace("--jobs 2", "--jobs 1").split()) == 0
    assert "1 run was there from an earlier time, 1 computed now" in capsys.readouterr().out
    assert sorted(journal.starts().values()) == [1, 2]


def test_what_the_default_settings_are_is_in_the_record(tmp_path):
    plan, sources = planned(["gce"], seeds=1)
    record = run_grid(plan, sources, tmp_path, SMALL).records[0]
    assert dict(record.run.settings)[RATE] == 1
    assert [each.step for each in record.history] == [10, 20]
    assert record.history[-1].test == record.scores["test"]
    assert 0 <= record.scores["test"].unbiased <= 1
    assert np.isfinite(record.cpu_seconds)


def test_an_unknown_data_set_stops_before_anything_is_computed(tmp_path):
    sources = bench.find_methods(["erm"])
    plan = plan_runs({"erm": [()]}, ["coloured-minst"], [0.9], 1)
    with pytest.raises(ValueError, match="Did you mean 'coloured-mnist'"):
        run_grid(plan, sources, tmp_path / "out", SMALL)
    assert not (tmp_path / "out").exists()
