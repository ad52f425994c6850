"""The table a learner keeps: verdicts that follow from interval and test, and its files."""

import csv

import numpy as np
import pytest

from internlab.practice.decision import decide_networks, decide_recipes, write_table
from internlab.practice.power import images_needed, seeds_needed


def recipes(mean, sd, seeds=9, **options):
    """Return the decision on differences with exactly this mean and deviation, in points."""
    spread = np.linspace(-1, 1, seeds)
    return decide_recipes(
        "x", (mean + sd * spread / spread.std(ddof=1)) / 100, **({"worth": 0.01} | options)
    )


def pair(only_a, only_b, images=2000):
    kinds = np.repeat([0, 1, 2], [only_a, only_b, images - only_a - only_b])
    return kinds != 1, kinds != 0


@pytest.mark.parametrize(
    ("mean", "sd", "verdict"),
    [
        (3.0, 0.5, "this recipe is better, by enough"),
        (1.2, 0.6, "this recipe is better, perhaps by enough"),
        (0.4, 0.2, "this recipe is better, by less than matters"),
        (-1.2, 0.6, "this recipe is worse"),
        (0.1, 0.5, "no difference that matters"),
        (0.5, 2.0, "cannot tell"),
    ],
)
def test_a_verdict_over_seeds(mean, sd, verdict):
    row = recipes(mean, sd)
    assert row.verdict == verdict
    assert row.gain == pytest.approx(mean)
    assert (row.has, row.needs) == ("9 seeds", f"{seeds_needed(0.01, sd / 100)} seeds")


def test_a_verdict_over_images():
    rng = np.random.default_rng(0)
    better = decide_networks("x", *pair(25, 55), rng)
    assert better.verdict == "this network is better, perhaps by enough"
    assert better.gain == pytest.approx(1.5)
    assert better.needs == f"{images_needed(0.01, 0.04)} images"
    assert decide_networks("x", *pair(60, 20), rng).verdict == "this network is worse"
    assert decide_networks("x", *pair(20, 21), rng).verdict == "no difference that matters"
    assert decide_networks("x", *pair(150, 160), rng).verdict == "cannot tell"


def test_the_more_was_tried_the_more_is_asked():
    once, often = recipes(1.2, 1.0), recipes(1.2, 1.0, tries=100)
    assert once.verdict.startswith("this recipe is better") and once.p == often.p
    assert often.verdict == "cannot tell"
    assert often.low < once.low and int(often.needs.split()[0]) > int(once.needs.split()[0])


def test_networks_that_never_disagree():
    row = decide_networks("x", *pair(0, 0), np.random.default_rng(0))
    assert (row.p, row.verdict) == (1.0, "no difference that matters")


def test_both_files_hold_the_same(tmp_path):
    rows = [recipes(3.0, 0.5), recipes(0.5, 2.0)]
    as_csv, as_markdown = write_table(rows, tmp_path / "new")
    with open(as_csv, encoding="utf-8") as stream:
        read = list(csv.DictReader(stream))
    assert [row["verdict"] for row in read] == [row.verdict for row in rows]
    lines = [line for line in as_markdown.read_text(encoding="utf-8").splitlines() if "|" in line]
    assert len(lines) == 4
    assert [cell.strip() for cell in lines[2].strip("|").split("|")] == list(read[0].values())


def test_what_is_no_decision_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no decision"):
        write_table([], tmp_path)
    with pytest.raises(ValueError, match=r"0\.01 is one point"):
        recipes(1, 1, worth=1)
