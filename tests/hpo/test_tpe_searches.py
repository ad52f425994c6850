"""The recorded searches by TPE, and the race against random search."""

import numpy as np
import pandas as pd
import pytest

from internlab.hpo.analysis.curves import EPOCHS, SEARCHES
from internlab.hpo.analysis.plot_space import place
from internlab.hpo.analysis.tpe_searches import load_tpe, race
from internlab.hpo.tuning.space import BUILDING_SPACE


def _trials(seconds, validation, test):
    return pd.DataFrame({"cpu_seconds": seconds, "validation_iou": validation, "test_iou": test})


def test_both_searches_are_cut_where_the_cheaper_one_ends():
    cheap = _trials([4, 4, 2], [0.3, 0.5, 0.4], [0.2, 0.4, 0.9])
    dear = _trials([6, 3, 6], [0.4, 0.6, 0.8], [0.35, 0.45, 0.7])
    found = race(cheap, dear)
    assert found["budget"] == 10
    assert (found["random_trials"], found["tpe_trials"]) == (3, 2)
    assert found["validation"] == pytest.approx(0.6 - 0.5)
    # The test IoU of what validation chose: neither the 0.9 of `cheap` nor the 0.7 of `dear`.
    assert found["test"] == pytest.approx(0.45 - 0.4)


def test_turning_the_race_around_changes_the_signs_only():
    rng = np.random.default_rng(0)
    one, other = (_trials(*rng.uniform(0.1, 1, (3, 9))) for _ in range(2))
    there, back = race(one, other), race(other, one)
    assert there["budget"] == back["budget"]
    assert there["test"] == pytest.approx(-back["test"])
    assert there["validation"] == pytest.approx(-back["validation"])


def test_the_shipped_searches_are_whole():
    table = load_tpe()
    assert tuple(sorted(table["search"].unique())) == SEARCHES
    for _, trials in table.groupby("search"):
        assert trials["trial"].tolist() == list(range(len(trials)))
    assert set(table["status"]) == {"finished", "stopped"}
    assert (table["iterations"][table["status"] == "finished"] == EPOCHS).all()
    assert set(table["iterations"][table["status"] == "stopped"]) <= {4, 8}
    assert table[["validation_iou", "test_iou"]].stack().between(0, 1).all()
    for name, each in BUILDING_SPACE.items():
        assert all(0 <= place(each, value) <= 1 for value in table[name])


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "tpe.csv"
    path.write_text("search,trial\n0,0\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the columns status"):
        load_tpe(path)
