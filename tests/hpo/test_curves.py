"""The shipped curves are complete, plausible, and are what training gives again."""

import numpy as np
import pandas as pd
import pytest

from internlab.hpo.analysis import record_curves
from internlab.hpo.analysis.curves import (
    COLUMNS,
    EPOCHS,
    RUNS_OF_A_SEARCH,
    SEARCHES,
    last_epochs,
    load_curves,
    pool,
)
from internlab.hpo.analysis.record_curves import planned, record, record_all
from internlab.hpo.tuning.space import BUILDING_SPACE, Choice


@pytest.fixture(scope="module")
def curves():
    return load_curves()


def test_the_table_holds_every_planned_run_to_its_end(curves):
    assert list(curves.columns) == list(COLUMNS)
    assert list(curves.run.unique()) == [run.name for run in planned()]
    assert (curves.groupby("run").epoch.agg(list).map(tuple) == tuple(range(1, EPOCHS + 1))).all()
    counts = last_epochs(curves).group.value_counts()
    assert counts["random"] == RUNS_OF_A_SEARCH * len(SEARCHES)
    assert counts["default"] == len(SEARCHES)


def test_the_recorded_configurations_are_those_that_are_planned(curves):
    last = last_epochs(curves).set_index("run")
    for run in planned():
        for name, value in run.config.items():
            recorded = last.loc[run.name, name]
            assert recorded == value or np.isclose(recorded, value), (run.name, name)


def test_values_lie_where_they_can(curves):
    for name in ("validation_iou", "mild_iou", "test_iou"):
        assert curves[name].between(0, 1).all()
    assert (curves.groupby("run").cpu_seconds.diff().dropna() > 0).all()
    random = curves[curves.group == "random"]
    for name, each in BUILDING_SPACE.items():
        if isinstance(each, Choice):
            assert set(random[name]) == set(each.values)
        else:
            assert random[name].between(each.low, each.high).all()


def test_runs_of_a_group_come_as_arrays(curves):
    runs = pool(curves)
    assert runs.validation.shape == (48, EPOCHS) == runs.seconds.shape == runs.test.shape
    one = curves[curves.run == runs.names[7]].sort_values("epoch")
    assert np.array_equal(runs.validation[7], one.validation_iou)
    assert np.array_equal(runs.test[7], one.test_iou)
    assert np.array_equal(runs.seconds[7], one.cpu_seconds)


def test_a_table_that_is_something_else_is_refused(curves, tmp_path):
    with pytest.raises(ValueError, match="No run of the group 'tpe'"):
        pool(curves, "tpe")
    with pytest.raises(ValueError, match="15 and 16 epochs"):
        pool(curves.drop(index=curves.index[curves.group == "random"][-1]))
    path = tmp_path / "curves.csv"
    curves.drop(columns="test_iou").to_csv(path)
    with pytest.raises(ValueError, match=r"curves\.csv lacks the columns test_iou"):
        load_curves(path)


def test_the_first_epochs_of_a_recorded_run_come_out_again(curves):
    run = next(run for run in planned() if run.name == "none-colour-0")
    again = record(run, epochs=2)
    recorded = curves[curves.run == run.name].iloc[:2]
    # Two epochs keep other processors' roundings small; the claim `curves-repeat` trains on.
    assert np.allclose(again.train_loss, recorded.train_loss, atol=0.01)
    assert np.allclose(again.validation_iou, recorded.validation_iou, atol=0.03)
    assert np.allclose(again.test_iou, recorded.test_iou, atol=0.03)


def test_a_recording_goes_on_where_it_stopped(monkeypatch, tmp_path, capsys):
    runs = list(planned())[:3]
    monkeypatch.setattr(record_curves, "planned", lambda: iter(runs))
    for run in runs:
        row = dict.fromkeys(COLUMNS, 0) | {"run": run.name, "epoch": 1}
        pd.DataFrame([row]).to_csv(tmp_path / f"{run.name}.csv", index=False)
    table = record_all(tmp_path, processes=1)
    assert table.run.tolist() == [run.name for run in runs]
    assert "0 of 3 runs to record" in capsys.readouterr().out
