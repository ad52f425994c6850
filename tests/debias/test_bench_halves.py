"""No method trains on the balanced images that it is chosen by."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from internlab.data.shortcuts import load
from internlab.data.shortcuts.folders import write_folder
from internlab.debias import bench
from internlab.debias.__main__ import main
from internlab.debias.bench import Conditions, Run, choose, run_grid
from internlab.debias.bench.halves import halve
from internlab.debias.bench.together import _stacked, train_together
from internlab.debias.methods import ERM, Needs
from internlab.debias.stack import StackedImages

SIZES = (("train", 400), ("validation", 200), ("balanced", 200), ("test", 200))
SMALL = Conditions(steps=2, sizes=SIZES, checkpoints=1)
DIGITS = "coloured-mnist"


class Spy(ERM):
    """Answers with the class of an image if it was given it as balanced, and with 0 otherwise."""

    name = title = "spy"
    needs = Needs.BALANCED_SET
    given: StackedImages

    def prepare(self, problem):
        super().prepare(problem)
        Spy.given = problem.balanced

    def logits(self, images):
        answers = torch.zeros(*images.shape[:2], 10)
        for run, seen in enumerate(contents(self.given)):
            for place, image in enumerate(images[run]):
                known = seen.get(written(image))
                answers[run, place, 0 if known is None else known] = 1
        return answers


class Source:
    name, file, code = "spy", Path(__file__), "spy"

    def load(self):
        return Spy


def written(image) -> bytes:
    return (image if image.dtype == torch.uint8 else (image * 255).round().byte()).numpy().tobytes()


def contents(images: StackedImages) -> list[dict[bytes, int]]:
    return [
        dict(zip(map(written, of_run), labels.tolist(), strict=True))
        for of_run, labels in zip(images.images, images.labels, strict=True)
    ]


def test_what_a_method_is_given_is_not_what_it_is_scored_on():
    runs = [Run("spy", DIGITS, 0.9, seed) for seed in (0, 1)]
    records = train_together(runs, {run: str(run) for run in runs}, Source(), SMALL)
    for run, record, seen in zip(runs, records, contents(Spy.given), strict=True):
        whole = load(DIGITS, 0.9, run.seed, sizes=dict(SIZES)).balanced
        assert len(seen) == 100
        # Of what it was not given it has class 0 right only: a tenth.
        assert record.scores["balanced"].average == pytest.approx(0.1)
        scored = [
            (label, bias)
            for image, label, bias in zip(
                torch.from_numpy(whole.images), whole.labels, whole.biases, strict=True
            )
            if written(image) not in seen
        ]
        assert Counter(scored) == {(y, b): 1 for y in range(10) for b in range(10)}


def test_a_method_that_declares_nothing_gets_none_of_it_and_the_same_scores():
    plan = bench.plan_runs({"erm": [bench.default_settings(ERM)]}, [DIGITS], [0.9], 2)
    given, kept_back = _stacked(DIGITS, ((0.9, 0), (0.9, 1)), SIZES, ((), ()))
    assert len(given.balanced) == len(kept_back) == 100
    sources = bench.find_methods(["erm"])
    for record in train_together(plan, {run: "k" for run in plan}, sources["erm"], SMALL):
        assert set(record.scores) == {"validation", "balanced", "test"}


@given(st.data())
def test_every_group_of_two_is_in_both_halves(data):
    sizes = data.draw(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 2)),
                                      st.integers(1, 5), min_size=1))  # fmt: skip
    members = [group for group, size in sizes.items() for _ in range(size)]
    orders = [data.draw(st.permutations(members)) for _ in range(2)]
    labels, biases = torch.tensor(orders).unbind(dim=2)
    names = torch.arange(2 * len(members)).reshape(2, -1)
    first, rest = halve(StackedImages(names, labels, biases))
    assert (rest is None) == (max(sizes.values()) == 1)
    for run in range(2):
        both = first.images[run].tolist() + ([] if rest is None else rest.images[run].tolist())
        assert sorted(both) == names[run].tolist()
        counted = Counter(zip(first.labels[run].tolist(), first.biases[run].tolist(), strict=True))
        assert counted == {group: (size + 1) // 2 for group, size in sizes.items()}


def test_runs_whose_groups_differ_are_refused():
    labels = torch.zeros(2, 4, dtype=torch.int64)
    biases = torch.tensor([[0, 0, 0, 1], [0, 0, 1, 1]])
    with pytest.raises(ValueError, match="expected as many in each run"):
        halve(StackedImages(labels, labels, biases))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Two percentages of a set as it is published: without a balanced folder, of unlike sizes."""
    root = tmp_path_factory.mktemp("published")
    for ratio, train in ((0.9, 300), (0.95, 400)):
        sizes = {"train": train, "validation": 100, "balanced": 100, "test": 100}
        at = write_folder(load(DIGITS, ratio, 0, sizes=sizes), root / str(train))
        shutil.rmtree(at / "balanced")
    shutil.copytree(root / "400" / "cmnist" / "5pct", root / "300" / "cmnist" / "5pct")
    return root / "300" / "cmnist"


def test_a_published_set_has_no_balanced_scores_and_says_so(published, tmp_path):
    sources = bench.find_methods(["erm", "dfr"])
    plan = bench.plan_runs(
        {name: [bench.default_settings(each.load())] for name, each in sources.items()},
        [f"folder:{published}"],
        [0.9, 0.95],
        2,
    )
    outcome = run_grid(plan, sources, tmp_path, Conditions(steps=2))
    for record in outcome.records:
        if record.run.method == "dfr":
            assert "these runs have none" in record.failure
        else:
            assert set(record.scores) == {"validation", "test"}
    erm = [record for record in outcome.records if record.run.cell[:3] == plan[0].cell[:3]]
    for rule in ("balanced unbiased", "balanced worst group"):
        with pytest.raises(ValueError, match="of the half that no method trains on"):
            choose(erm, rule)
    assert choose(erm, "align-conflict").tried == 1


def test_tuning_on_a_published_set_names_the_rules_that_it_does_not_allow(
    published, tmp_path, capsys
):
    arguments = "tune --methods erm --settings 2 --seeds 1 --steps 2 --ratios 0.9 --batch 16 "
    data = ["--data", f"folder:{published}", "--out", str(tmp_path)]
    assert main([*arguments.split(), *data]) == 0
    told = "Not there to choose by, bias labels of a small balanced set"
    assert told in " ".join(capsys.readouterr().out.split())
    assert told in (tmp_path / "report.html").read_text()
