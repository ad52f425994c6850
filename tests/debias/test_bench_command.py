"""The command, as somebody meets it who has not read its help."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from internlab.data.shortcuts import DATA_SETS
from internlab.data.shortcuts.layouts import percentage_of
from internlab.debias.__main__ import main
from internlab.debias.bench import Journal, find_methods
from internlab.debias.bench.published import beside, card, load_published
from internlab.debias.bench.recorded import load_grid
from internlab.debias.methods import METHODS

OWN = "from internlab.debias.methods import ERM\nclass A(ERM):\n    name = title = 'a'\n"
QUICK = ["--steps", "5", "--seeds", "2", "--ratios", "0.9"]


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    """A tenth of the images: the command is tested here, not the methods."""
    from internlab.debias.bench import together

    real = together.load_data
    sizes = {"train": 300, "validation": 200, "balanced": 200, "test": 200}
    monkeypatch.setattr(together, "load_data", lambda *a: real(*a[:3], sizes))
    together._stacked.cache_clear()
    yield
    together._stacked.cache_clear()


@pytest.fixture
def out(tmp_path):
    return tmp_path / "results"


def run(*arguments):
    return main([str(each) for each in arguments])


def test_a_first_run_writes_tables_figure_and_page(out, capsys):
    assert run("bench", "--methods", "erm", "resample", "--out", out, *QUICK) == 0
    shown = capsys.readouterr().out
    assert "4/4" in shown and "erm" in shown
    runs = pd.read_csv(out / "runs.csv")
    assert len(runs) == 4 and set(runs.method) == {"erm", "resample"}
    assert runs.test_unbiased.between(0, 1).all()
    page = (out / "report.html").read_text()
    assert "data:image/png" in page and "seed by seed" in page
    assert len(pd.read_csv(out / "summary.csv")) == 2
    assert (out / "coloured-mnist-0-9.png").exists() or list(out.glob("coloured-mnist*.png"))


def test_again_computes_nothing_and_other_settings_are_named(out, capsys):
    run("bench", "--methods", "erm", "--out", out, *QUICK)
    capsys.readouterr()
    assert run("bench", "--methods", "erm", "--out", out, *QUICK) == 0
    assert "2 runs were there from an earlier time, 0 computed now" in capsys.readouterr().out
    run("bench", "--methods", "erm", "--out", out, *QUICK[2:], "--steps", "6")
    told = " ".join(capsys.readouterr().out.split())
    assert "also holds 2 runs of other methods, settings" in told


def test_tuning_shows_every_rule(out, capsys):
    assert run("tune", "--methods", "erm", "gce", "--settings", 2, "--out", out, *QUICK) == 0
    chosen = pd.read_csv(out / "chosen.csv")
    assert len(chosen) == 2 * 6 and set(chosen.tried) == {2}
    assert "maximum over epochs" in capsys.readouterr().out


def test_a_new_method_runs_as_it_is_written(out, tmp_path, capsys):
    own = tmp_path / "my_method.py"
    assert run("new", own) == 0
    assert run("bench", "--methods", "erm", own, "--out", out, *QUICK) == 0
    assert "my_method" in capsys.readouterr().out
    assert run("new", own) == 2
    assert "is there already" in " ".join(capsys.readouterr().err.split())
    assert run("new", tmp_path / "my method.py") == 2


def test_failed_runs_give_their_reason_and_status_1(out, tmp_path, capsys):
    own = tmp_path / "mine.py"
    own.write_text(
        "from internlab.debias.methods import ERM\n"
        'class Mine(ERM):\n    name = title = "mine"\n'
        "    def losses(self, batch):\n        return super().losses(batch).mean()\n"
    )
    assert run("bench", "--methods", "erm", own, "--out", out, *QUICK) == 1
    told = capsys.readouterr()
    assert "2 FAILED" in told.out and "one number for each of 2 runs" in told.err.replace("\n", " ")
    assert "2 runs failed" in (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--methods", "emr"], "Did you mean 'erm'"),
        (["--methods", "no_file.py"], "There is no file no_file.py"),
        (["--methods", "erm", "--data", "portrait"], "Did you mean 'portraits'"),
        (["--methods", "erm", "--data", "folder:/nowhere/cmnist"], "There is no folder"),
        (["--methods", "erm", "--data", "folder:."], "does not end in the name"),
        (["--methods", "erm", "--data", "."], "For a folder write folder:."),
        (["--methods", "erm", "--ratios", "1"], "less than 1"),
        (["--methods", "erm", "--ratios", "98"], "write 0.98"),
        (["--methods", "erm", "--seeds", "0"], "--seeds is 0; expected 1 or more"),
        (["--methods", "erm", "--steps", "0"], "--steps is 0; expected 1 or more"),
        (["--methods", "erm", "--jobs", "-1"], "--jobs is -1; expected 1 or more"),
        (["--methods", "ERM"], "Did you mean 'erm'"),
        (["--methods", "erm,lff"], "Separate names by blanks: erm lff."),
        (["--methods", "erm,", "lff"], "Separate names by blanks: erm."),
        (["--methods", "erm", "--data", "portraits,coloured-mnist"], "by blanks: portraits colo"),
        (["--methods", "erm", "--network", "cn"], "Did you mean 'cnn'"),
        (["--methods", "erm", "--batch", "1"], "expected at least 2"),
        (["--methods", "erm", "--device", "gpu"], "No device 'gpu'"),
        (["--methods", "erm", "--device", "cuda:77"], "Device 'cuda:77'"),
    ],
)
def test_what_cannot_be_started_says_what_was_expected(out, capsys, arguments, says):
    assert run("bench", *arguments, "--out", out) == 2
    told = capsys.readouterr()
    assert says in " ".join(told.err.split())
    # Nothing was begun: not a line, not an empty folder.
    assert told.out == "" and not out.exists()


def test_network_and_batch_in_place_of_those_of_the_recipe(out, capsys):
    more = ["--methods", "erm", "--out", out, "--steps", 2, "--seeds", 1, "--ratios", "0.9"]
    for given in ([], ["--network", "cnn"], ["--batch", 32], ["--device", "cpu"]):
        assert run("bench", *more, *given) == 0
    # The device of the recipe is the CPU anyhow.
    assert len(Journal(out)) == 3
    told = " ".join(capsys.readouterr().out.split())
    assert "1 run. Looking for" in told and "1 run was there" in told
    assert "also holds 1 run of other" in told


CONSTANT = """
import torch
from internlab.debias.methods import ERM


class Constant(ERM):
    name = title = "constant"

    def logits(self, images):
        # Seed 1 has one answer for all, seed 0 has one image of another.
        logits = torch.zeros(*images.shape[:2], 10)
        logits[:, :, 3] = 1.0
        if images.shape[1] == 200:
            logits[0, 0, 4] = 2.0
        return logits
"""


def test_one_class_for_every_image_is_marked(out, tmp_path, capsys, monkeypatch):
    from internlab.debias.pictures import standings

    real, drawn = standings.ranking, []
    monkeypatch.setattr(standings, "ranking", lambda v, **k: drawn.extend(v) or real(v, **k))
    own = tmp_path / "mine.py"
    own.write_text(CONSTANT)
    assert run("bench", "--methods", "erm", own, "--out", out, *QUICK, "--steps", 40) == 0
    said = "one class for every image"
    runs = pd.read_csv(out / "runs.csv").fillna({"note": ""})
    assert runs.set_index(["method", "seed"]).note["constant"].tolist() == ["", said]
    assert (runs[runs.method == "erm"].note == "").all()
    assert {each.note for each in map(Journal(out).read, Journal(out).starts())} == {"", said}
    told = [line for line in capsys.readouterr().out.splitlines() if "constant " in line]
    assert any(f"{said} (1 of 2)" in line for line in told)
    page = (out / "report.html").read_text()
    assert f"{said} (1 of 2)" in page
    # In the figure too it is one seed of two, not the method.
    assert sorted(drawn) == ["constant (one class, 1 of 2)", "erm"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("class X(:", "line 1"),
        ("import nothing_there", "mine.py, line 1: import nothing_there"),
        ("x = 1", "has no method"),
        (
            "from internlab.debias.methods import Method\nclass A(Method):\n    title='A'",
            "no `name`",
        ),
        (
            "from internlab.debias.methods import Method\nclass A(Method):\n    name=title='a'",
            "lacks losses",
        ),
        (
            "from internlab.debias.methods import ERM\nclass A(ERM):\n    pass",
            "as one of the kit's is called",
        ),
        (OWN + "    hyperparameters = {'q': 0.7}", "'q': 0.7; expected a name and a Hyperparam"),
        (OWN + "    hyperparameters = ['q']", "expected a dictionary, such as"),
        (OWN + "    needs = 'bias'", "needs = 'bias'; expected one of Needs"),
        (
            OWN + "    def __init__(self, **v):\n        pass",
            "call super().__init__(**values) first",
        ),
        (
            OWN + "    def __init__(self, q, **values):\n        super().__init__(**values)",
            "class A cannot be made: TypeError",
        ),
        (OWN + "    def __init__(self, **v):\n        1 / 0", "mine.py, line 5: 1 / 0"),
    ],
)
def test_a_mistake_in_a_method_file_is_found_before_anything_runs(tmp_path, capsys, text, says):
    own = tmp_path / "mine.py"
    own.write_text(text)
    assert run("bench", "--methods", own, "--out", tmp_path / "out") == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "runs.csv").write_text("mine")
    assert run("bench", "--methods", "erm", "--out", tmp_path, *QUICK) == 2
    assert (tmp_path / "runs.csv").read_text() == "mine"
    assert run("bench", "--methods", "erm", "--out", tmp_path / "runs.csv", *QUICK) == 2
    assert "is a file" in " ".join(capsys.readouterr().err.split())


def test_a_ratio_may_be_given_in_percent(out):
    assert run("bench", "--methods", "erm", "--out", out, *QUICK[:4], "--ratios", "90%") == 0
    assert set(pd.read_csv(out / "runs.csv").ratio) == {0.9}


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory.")])
def test_a_full_memory_says_what_to_make_smaller(out, capsys, monkeypatch, error):
    from internlab.debias import __main__ as command

    def full(options):
        raise error

    monkeypatch.setattr(command, "bench", full)
    assert run("bench", "--methods", "erm", "--out", out) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "On a GPU first give a smaller --batch" in told
    assert "--jobs 1 and fewer --seeds or --ratios" in told


def test_ctrl_c_says_what_is_kept(out, capsys, monkeypatch):
    from internlab.debias import __main__ as command

    def stop(progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_say", stop)
    assert run("bench", "--methods", "erm", "resample", "--out", out, *QUICK) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "2 of 4 runs are kept" in told and "same command again" in told


def test_all_stands_for_every_method_of_the_kit():
    assert list(find_methods(["all"])) == list(METHODS)
    assert next(iter(find_methods(["lff", "all"]))) == "lff"


def test_every_cited_number_has_a_source_and_a_known_method():
    cited = load_published()
    assert set(cited.kit) - {""} <= set(METHODS)
    assert not cited.duplicated(["method", "dataset", "conflicting_percent"]).any()
    assert str(len(cited)) in card().what


def test_theirs_and_ours_never_share_a_column():
    table = beside({"lff": 45.0, "jtt": 50.0}, "here", [("BFFHQ", 0.5)])
    assert list(table.columns) == [
        "method",
        "published: BFFHQ, 0.5 % conflicting",
        "ours: here",
    ]
    rows = table.set_index("method")
    assert rows.loc["LfF"].tolist() == [62.2, 45.0]
    assert rows.loc["HEX"].tolist() == [52.83, ""] and rows.loc["jtt"].tolist() == ["", 50.0]
    with pytest.raises(ValueError, match=r"Did you mean 'BFFHQ at 0\.5 %'"):
        beside({}, "here", [("BFFHQ", 0.6)])


def test_the_recorded_grid_is_whole():
    grid = load_grid()
    usual = grid[grid.ratio == 0.98]
    assert set(usual.method) == set(METHODS) and set(usual.data) == set(DATA_SETS)
    assert (usual.groupby(["method", "data"]).seed.nunique() >= 3).all()
    assert not grid.duplicated(["method", "data", "ratio", "seed", "steps"]).any()
    done = grid[grid.failure == ""]
    assert done[["test_unbiased", "test_aligned", "test_conflicting"]].stack().between(0, 1).all()


def test_a_folder_without_its_ratio_says_which_there_are(out, tmp_path, capsys):
    for ratio in (0.995, 0.9):
        name = percentage_of(ratio)
        (tmp_path / "cmnist" / name).mkdir(parents=True)
    data = f"folder:{tmp_path / 'cmnist'}"
    assert run("bench", "--methods", "erm", "--data", data, "--out", out) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "no folder 2pct" in told
    assert "It has 0.5pct, 10pct: give --ratios 0.995 0.9." in told
    # What is missing within is told before anything is begun as well.
    assert run("bench", "--methods", "erm", "--data", data, "--ratios", "0.9", "--out", out) == 2
    told = capsys.readouterr()
    assert "no folder align" in " ".join(told.err.split())
    assert told.out == "" and not out.exists()
    for each in (tmp_path / "cmnist").iterdir():
        each.rmdir()
    assert run("bench", "--methods", "erm", "--data", data, "--out", out) == 2
    assert "no folder of a percentage, such as 0.5pct" in " ".join(capsys.readouterr().err.split())


def test_a_folder_in_the_published_layout_is_read(out, tmp_path, capsys):
    from internlab.data.shortcuts import load
    from internlab.data.shortcuts.folders import write_folder

    sizes = {"train": 400, "validation": 100, "balanced": 200, "test": 100}
    write_folder(load("coloured-mnist", 0.9, 0, sizes=sizes), tmp_path / "data")
    data = f"folder:{tmp_path / 'data' / 'cmnist'}"
    assert run("bench", "--methods", "erm", "dfr", "--data", data, "--out", out, *QUICK) == 0
    # The images are the same for every seed, the runs are not.
    assert len(pd.read_csv(out / "runs.csv")) == len(Journal(out)) == 4
    # The ratio is the folder's name: 0.98 would be 2pct, and there is none.
    assert run("bench", "--methods", "erm", "--data", data, "--ratios", "0.98", "--out", out) == 2
    assert "has no folder 2pct" in " ".join(capsys.readouterr().err.split())


ONLY = "The test set holds conflicting images only"


def test_a_test_set_of_conflicting_images_only_is_told(out, tmp_path, capsys):
    from internlab.data.shortcuts import load
    from internlab.data.shortcuts.folders import write_folder

    sizes = {"train": 200, "validation": 40, "balanced": 40, "test": 80}
    write_folder(load("portraits", 0.9, 0, sizes=sizes), tmp_path / "data")
    both = ["--data", f"folder:{tmp_path / 'data' / 'bffhq'}", "coloured-mnist", "--out", out]
    assert run("bench", "--methods", "erm", "resample", *both, *QUICK) == 0
    told = capsys.readouterr().out
    ours, theirs = told.split("\ncoloured-mnist, ")
    rows = [
        line.split() for line in ours.splitlines() if line.split()[:1] in (["erm"], ["resample"])
    ]
    assert len(rows) == 2
    for row in rows:
        # Name, unbiased, its spread, aligned, conflicting: two groups of as many images.
        assert row[3] == "-" and abs(float(row[1]) - float(row[4])) <= 0.5
    assert "nan" not in told and told.count(ONLY) == ours.count(ONLY) == 1
    assert " - " not in theirs
    page = (out / "report.html").read_text()
    assert page.count(ONLY) == 1 and ">nan<" not in page
    assert run("tune", "--methods", "erm", "--settings", 2, *both, *QUICK) == 0
    assert capsys.readouterr().out.count(ONLY) == 1
    assert (out / "report.html").read_text().count(ONLY) == 1
