"""The command that scores saved logits: its numbers, its errors, and surviving a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from internlab.ood.__main__ import main
from internlab.ood.dense.standardised import CleanUp, StandardizedMaxLogit
from internlab.ood.detectors import DETECTORS
from internlab.ood.evaluation import files, methods, report, run
from internlab.ood.metrics import evaluate
from internlab.ood.metrics.components import component_f1, score_components
from internlab.ood.metrics.thresholds import Thresholds
from internlab.ood.outputs import Outputs

HEIGHT, WIDTH, CLASSES = 24, 40, 5


def draw_scene(rng, anomaly=True, classes=(0, 1, 2, 3)):
    """Labels with an anomaly in a void ring, and logits that are unsure about it."""
    labels = np.full((HEIGHT, WIDTH), classes[0], np.uint8)
    for k in classes[1:]:
        top, left = rng.integers(0, HEIGHT - 8), rng.integers(0, WIDTH - 8)
        labels[top : top + 8, left : left + 8] = k
    logits = rng.normal(0, 1, (CLASSES, HEIGHT, WIDTH))
    for k in range(CLASSES):
        logits[k] += 6 * (labels == k)
    if anomaly:
        top, left = rng.integers(1, HEIGHT - 7), rng.integers(1, WIDTH - 9)
        labels[top - 1 : top + 7, left - 1 : left + 9] = 255
        labels[top : top + 6, left : left + 8] = 254
        logits[:, labels == 254] *= 0.5
    return labels, logits


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    rng = np.random.default_rng(0)
    for name in ("logits", "labels", "train"):
        (folder / name).mkdir()
    for number in range(6):
        labels, logits = draw_scene(rng)
        np.save(folder / "logits" / f"s{number}_logits.npy", logits.astype(np.float16))
        Image.fromarray(labels).save(folder / "labels" / f"s{number}_gtFine_labelTrainIds.png")
        _, logits = draw_scene(rng, anomaly=False)
        np.savez(folder / "train" / f"t{number}.npz", logits=logits.astype(np.float32))
    return folder


@pytest.fixture
def command(data, tmp_path, capsys):
    """Run the command in this process; return status, stdout and stderr."""

    def call(*options, logits=None, labels=None, methods=("msp",), out=None):
        arguments = ["evaluate", "--quiet", "--logits", logits or data / "logits", "--labels"]
        arguments += [labels or data / "labels", "--out", out or tmp_path / "out", "--methods"]
        status = main([str(each) for each in [*arguments, *methods, *options]])
        return status, *capsys.readouterr()

    return call


def said(text: str) -> str:
    return " ".join(text.split())


def loaded(data: Path):
    """All images at once: labels (N, H, W), logits and training logits as one tensor each."""
    logits = [np.load(path) for path in sorted((data / "logits").iterdir())]
    labels = [np.asarray(Image.open(path)) for path in sorted((data / "labels").iterdir())]
    train = [np.load(path)["logits"] for path in sorted((data / "train").iterdir())]
    as_tensor = [torch.from_numpy(np.stack(each).astype(np.float32)) for each in (logits, train)]
    return np.stack(labels), Outputs(as_tensor[0]), Outputs(as_tensor[1])


NAMES = ("msp", "entropy", "max_logit", "energy", "kl_matching", "sml", "sml+bs", "sml+bs+ds")


def test_the_table_equals_scores_of_all_images_at_once(command, data, tmp_path):
    status, out, _ = command(
        *("--train-logits", data / "train", "--components", "--smallest", "3", "2"),
        methods=["all", "max_logit+ds"],
    )
    assert status == 0
    table = pd.read_csv(tmp_path / "out" / "scores.csv").set_index("method")
    assert tuple(table.index) == (*NAMES, "max_logit+ds")
    labels, outputs, train = loaded(data)
    is_outlier, counts = labels == 254, labels != 255
    scores = {
        name: DETECTORS[name]().fit(train).score(outputs)
        for name in ("msp", "entropy", "max_logit", "energy", "kl_matching")
    }
    clean_up, predicted = CleanUp(), outputs.logits.argmax(1)
    scores["sml"] = StandardizedMaxLogit().fit(train).score(outputs)
    scores["sml+bs"] = clean_up.suppress(scores["sml"], predicted)
    scores["sml+bs+ds"] = clean_up.smooth(scores["sml+bs"])
    scores["max_logit+ds"] = clean_up.smooth(scores["max_logit"])
    for name, score in scores.items():
        score = score.numpy()
        expected, row = evaluate(is_outlier[counts], score[counts]), table.loc[name]
        for key, value in expected.as_row().items():
            assert row[key] == pytest.approx(value, abs=1e-6), (name, key)
        assert row.rank_error == 0
        objects = [
            score_components(o, s >= row.best_threshold, ~c, smallest_object=3, smallest_flagged=2)
            for o, s, c in zip(is_outlier, score, counts, strict=True)
        ]
        assert row.component_f1 == pytest.approx(component_f1(objects).f1), name
        assert row.objects == 6
    assert table["pixels"].nunique() == 1
    assert f"base rate {table.base_rate.iloc[0]:.4g}" in out
    assert (tmp_path / "out" / "curves.png").stat().st_size > 10_000
    assert not (tmp_path / "out" / "progress.npz").exists()
    assert "Class 4 is never predicted on the training images" in said(out)


def test_only_the_region_counts(command, data, tmp_path):
    assert command("--roi", "0")[0] == 0
    labels, outputs, _ = loaded(data)
    region = (labels == 0) | (labels == 254)
    expected = evaluate(labels[region] == 254, DETECTORS["msp"]().score(outputs).numpy()[region])
    row = pd.read_csv(tmp_path / "out" / "scores.csv").iloc[0]
    assert row.pixels == region.sum()
    assert row.average_precision == pytest.approx(expected.average_precision)


def test_labels_of_two_values(command, data, tmp_path):
    """Fishyscapes and SegmentMeIfYouCan: 0 ordinary, 1 outlier, 255 void."""
    masks = tmp_path / "masks"
    masks.mkdir()
    for path in (data / "labels").iterdir():
        labels = np.asarray(Image.open(path))
        mask = np.where(labels == 255, 255, labels == 254).astype(np.uint8)
        np.save(masks / f"{path.stem}.npy", mask)
    command(out=tmp_path / "one")
    assert command("--outlier", "1", labels=masks, out=tmp_path / "two")[0] == 0
    tables = [pd.read_csv(tmp_path / name / "scores.csv") for name in ("one", "two")]
    pd.testing.assert_frame_equal(*tables)


def test_logits_of_lower_resolution(command, data, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    for path in (data / "logits").iterdir():
        np.save(small / path.name, np.load(path)[:, ::2, ::2])
    status, _, error = command(logits=small)
    assert status == 2
    assert "12 x 20 pixels, the labels 24 x 40" in said(error)
    assert "pass --resize" in said(error)
    assert "s0_logits.npy with s0_gtFine_labelTrainIds.png" in said(error)
    assert command("--resize", "--fresh", logits=small)[0] == 0
    logits, labels = np.load(small / "s0_logits.npy"), np.zeros((24, 40), np.uint8)
    resized = files.fit_to(torch.from_numpy(logits)[None].float(), labels, resize=True)
    assert resized.shape == (1, CLASSES, 24, 40)


def test_logits_are_enlarged_from_pixel_to_pixel_not_from_corner_to_corner():
    logits = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    row = torch.tensor([0, 0.25, 0.75, 1])
    expected = row + torch.tensor([0, 0.5, 1.5, 2])[:, None]
    found = files.fit_to(logits, np.zeros((4, 4), np.uint8), resize=True)
    assert torch.allclose(found[0, 0], expected)


def test_labels_may_be_tiff_files(command, data, tmp_path):
    (tmp_path / "tiff").mkdir()
    for path in (data / "labels").iterdir():
        Image.open(path).save(tmp_path / "tiff" / f"{path.stem}.tiff")
    assert command(labels=tmp_path / "tiff")[0] == 0


def spoiled(data: Path, folder: Path, change) -> Path:
    """Copy the logits with the first file changed."""
    folder.mkdir()
    for number, path in enumerate(sorted((data / "logits").iterdir())):
        logits = np.load(path).astype(np.float32)
        np.save(folder / path.name, change(logits) if number == 0 else logits)
    return folder


def with_nan(logits):
    logits[2, 3, 4] = np.nan
    return logits


BAD_LOGITS = {
    "NaN": (with_nan, "s0_logits.npy: `logits` holds nan at index (0, 2, 3, 4)"),
    "infinite": (lambda f: f / 0 + 0, "such values in all; expected finite numbers"),
    "classes last": (lambda f: np.moveaxis(f, 0, -1), "the classes stand last"),
    "another crop": (lambda f: f[:, :12, :30], "not the same image part"),
    "probabilities": (
        lambda f: torch.from_numpy(f).softmax(0).numpy(),
        "holds probabilities: every pixel's values sum to 1",
    ),
    "log-probabilities": (
        lambda f: torch.from_numpy(f).log_softmax(0).numpy(),
        "holds logarithms of probabilities (log-softmax)",
    ),
    "class numbers": (lambda f: f.argmax(0), "expected (K, H, W) of float16 or float32"),
    "nothing": (lambda f: f[:, :0], "expected (K, H, W) of float16 or float32"),
    "other classes": (lambda f: f[:4], "logits of 5 classes, the files before it of 4"),
    "a stack": (lambda f: np.stack([f, f]), "Save one file an image"),
}


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("kind", BAD_LOGITS)
def test_bad_logits_are_named(command, data, tmp_path, kind):
    change, says = BAD_LOGITS[kind]
    status, _, error = command(logits=spoiled(data, tmp_path / "bad", change))
    assert status == 2
    assert says in said(error)
    assert ("s1_logits" if kind == "other classes" else "s0_logits") in error


def relabelled(data: Path, folder: Path, change) -> Path:
    folder.mkdir()
    for path in (data / "labels").iterdir():
        Image.fromarray(change(np.asarray(Image.open(path)).copy())).save(folder / path.name)
    return folder


BAD_LABELS = {
    "no anomaly": (lambda y: np.where(y == 254, 0, y).astype(np.uint8), "There is no outlier"),
    "only anomaly": (lambda y: np.full_like(y, 254), "There is no inlier"),
    "all void": (lambda y: np.full_like(y, 255), "No pixel of any image counts"),
    "unknown void id": (
        lambda y: np.where(y == 255, 200, y).astype(np.uint8),
        "label ids that mean nothing: 200",
    ),
    "colours": (lambda y: np.stack([y, y, y], -1), "Is it the coloured picture"),
    "another size": (lambda y: y[:20], "the logits are 24 x 40 pixels, the labels 20 x 40"),
}


@pytest.mark.parametrize("kind", BAD_LABELS)
def test_bad_labels_are_named(command, data, tmp_path, kind):
    change, says = BAD_LABELS[kind]
    status, _, error = command(labels=relabelled(data, tmp_path / "bad", change))
    assert status == 2
    assert says in said(error)
    # What was wrong is not in the way of what is right.
    assert command()[0] == 0


def test_an_ignored_id_that_no_label_has_is_said(command, data, tmp_path):
    labels = relabelled(
        data, tmp_path / "other", lambda y: np.where(y == 255, 0, y).astype(np.uint8)
    )
    status, out, _ = command(labels=labels)
    assert status == 0
    assert "No pixel has the ignored id 255" in said(out)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"methods": ["maxlogit"]}, "No method 'maxlogit'. Did you mean 'max_logit'?"),
        ({"methods": ["msp", "msp"]}, "named twice"),
        ({"methods": ["sml+sb"]}, "No step 'sb'"),
        ({"methods": ["vim"]}, "ViM needs more than logits"),
        ({"methods": ["sml"]}, "Pass --train-logits"),
        ({"more": ["--ignore", "254"]}, "Label id 254 is given as outlier and as ignore"),
        ({"more": ["--roi", "254"]}, "a region names ordinary classes only"),
        ({"more": ["--roi", "77"]}, "(--roi) names id 77, which is no class"),
        ({"more": ["--roi", "4"]}, "No pixel of any image has an id of the region (--roi 4)"),
        ({"more": ["--smallest", "-5", "-5"]}, "(--smallest) are of -5 and -5 pixels; expected 0"),
        ({"more": ["--shrink", "-1"]}, "Got strength -1.0 of --shrink"),
        # Said though no method uses them, and before a file is read.
        ({"more": ["--widths", "-3", "2", "-1"]}, "--widths -3 2 -1: Got width -3"),
        ({"more": ["--widths", "3", "2", "1"], "logits": "nowhere"}, "--widths 3 2 1: Got width 3"),
        ({"more": ["--shrink", "5"]}, "--shrink changes nothing here: expected sml with it"),
        ({"more": ["--widths", "4", "2", "1"]}, "expected a method with +bs or +ds with it"),
        ({"more": ["--smallest", "9", "9"]}, "expected --components with it"),
        ({"methods": ["sml"]}, "sml learns what is usual from logits"),
        ({"methods": ["sml", "kl_matching"]}, "kl_matching and sml learn what is usual"),
        ({"logits": "nowhere/*.npy"}, "No logits at nowhere/*.npy"),
    ],
)
def test_bad_options_are_named(command, options, says):
    more = options.pop("more", [])
    status, _, error = command(*more, **options)
    assert status == 2
    assert says in said(error)


def test_statistics_of_the_test_images_are_refused(command, data):
    status, _, error = command("--train-logits", data / "logits", methods=["sml"])
    assert status == 2
    assert "6 of 6 files of training logits are evaluated too" in said(error)


def test_files_that_do_not_pair_up(data, tmp_path):
    logits = sorted((data / "logits").iterdir())
    labels = sorted((data / "labels").iterdir())
    assert [pair.name for pair in files.pair_up(logits, labels)] == [f"s{i}" for i in range(6)]
    assert len(files.pair_up(logits[:1], labels[3:4])) == 1
    with pytest.raises(ValueError, match="2 without logits, such as 's4'"):
        files.pair_up(logits[:4], labels)
    with pytest.raises(ValueError, match="1 without labels"):
        files.pair_up(logits, [*labels[:5], labels[5].with_name("s7_gtFine_labelTrainIds.png")])
    with pytest.raises(ValueError, match="Two files of logits are called 's0_logits'"):
        files.pair_up([*logits, tmp_path / "s0_logits.npz"], labels)


def test_an_unwritable_folder_is_said_before_any_work(command, tmp_path):
    (tmp_path / "file").write_text("")
    status, _, error = command(out=tmp_path / "file" / "out")
    assert status == 2
    assert "Nothing can be written to" in said(error)


def test_earlier_scores_are_not_replaced_unasked(command, tmp_path):
    assert command()[0] == 0
    before = (tmp_path / "out" / "scores.csv").read_text()
    status, _, error = command(methods=["energy"])
    assert status == 2
    assert "pass --overwrite" in said(error)
    assert (tmp_path / "out" / "scores.csv").read_text() == before
    assert command("--overwrite", methods=["energy"])[0] == 0
    assert (tmp_path / "out" / "scores.csv").read_text() != before


@pytest.mark.parametrize("at", [2, 9])
def test_interrupted_it_goes_on_and_ends_equal(command, tmp_path, monkeypatch, at):
    """Ctrl-C in the first pass (of 6 images) and in the second."""
    assert command("--components", out=tmp_path / "whole")[0] == 0
    score, calls = methods.score, []

    def interrupted(*arguments):
        calls.append(None)
        if len(calls) == at + 1:
            raise KeyboardInterrupt
        return score(*arguments)

    monkeypatch.setattr(run.methods, "score", interrupted)
    status, _, error = command("--components")
    assert status == 1
    assert f"Stopped at image {at % 6} of 6" in said(error)
    monkeypatch.undo()
    counted = []
    monkeypatch.setattr(run.methods, "score", lambda *a: counted.append(None) or score(*a))
    status, out, _ = command("--components")
    assert status == 0
    assert len(counted) == 12 - at
    assert f"{min(at, 6)} images were taken over" in said(out)
    tables = [pd.read_csv(tmp_path / name / "scores.csv") for name in ("whole", "out")]
    pd.testing.assert_frame_equal(*tables)


def test_an_interrupt_between_two_methods_counts_no_image_twice(command, tmp_path, monkeypatch):
    assert command(methods=["msp", "energy"], out=tmp_path / "whole")[0] == 0
    add, calls = run.StreamingScores.add, []

    def interrupted(*arguments):
        calls.append(None)
        if len(calls) == 5:  # image 3, before the first method
            signal.raise_signal(signal.SIGINT)
        return add(*arguments)

    monkeypatch.setattr(run.StreamingScores, "add", interrupted)
    status, _, error = command(methods=["msp", "energy"])
    assert status == 1
    assert "Stopped at image 3 of 6 (scores). What was counted is kept" in said(error)
    monkeypatch.undo()
    status, out, _ = command(methods=["msp", "energy"])
    assert status == 0
    assert "3 images were taken over" in said(out)
    tables = [pd.read_csv(tmp_path / name / "scores.csv") for name in ("whole", "out")]
    pd.testing.assert_frame_equal(*tables)


def test_a_stopped_run_with_other_options_is_not_mixed_in(command, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run.methods, "score", stop)
    assert command()[0] == 1
    monkeypatch.undo()
    status, _, error = command(methods=["energy"])
    assert status == 2
    assert "is of a run with other options or files" in said(error)
    assert command("--fresh", methods=["energy"])[0] == 0


def test_a_damaged_state_is_said(command, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "progress.npz").write_bytes(b"PK\x03\x04 cut off")
    status, _, error = command()
    assert status == 2
    assert "Pass --fresh" in said(error)


def test_killed_it_goes_on_and_ends_equal(command, data, tmp_path):
    """SIGKILL once the first state is on disk; the pipe slows the images down."""
    assert command(methods=["energy"], out=tmp_path / "whole")[0] == 0
    script = (
        "import sys, time\n"
        "from internlab.ood.evaluation import run\n"
        "from internlab.ood.evaluation.options import Options\n"
        "from internlab.ood.__main__ import main\n"
        "score = run.methods.score\n"
        "run.methods.score = lambda *a: (time.sleep(0.3), score(*a))[1]\n"
        "Options.__init__.__defaults__ = (*Options.__init__.__defaults__[:-1], 0.0)\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    out = tmp_path / "out"
    options = ["evaluate", "--quiet", "--logits", data / "logits", "--labels", data / "labels"]
    child = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, options), "--methods", "energy", "--out", out]
    )
    deadline = time.monotonic() + 120
    while not (out / "progress.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert not (out / "scores.csv").exists()
    status, text, _ = command(methods=["energy"])
    assert status == 0
    assert "taken over from an earlier run" in said(text)
    tables = [pd.read_csv(tmp_path / name / "scores.csv") for name in ("whole", "out")]
    pd.testing.assert_frame_equal(*tables)


def test_help_is_quick_and_says_what_it_needs(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    for word in ("(K, H, W)", "sml+bs+ds", "--train-logits", "--resize", "exit status"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 100


def test_curves_show_the_base_rate_and_one_colour_a_method():
    rng = np.random.default_rng(0)
    is_outlier = rng.random(2000) < 0.1
    counts = {
        f"method {shift}": Thresholds.of(is_outlier, rng.normal(size=2000) + shift * is_outlier)
        for shift in range(4)
    }
    figure = report.draw_curves(counts)
    left, right = figure.axes
    colours = [line.get_color() for line in left.lines[:4]]
    assert len(set(colours)) == 4
    assert colours == [line.get_color() for line in right.lines[:4]]
    assert left.lines[4].get_ydata()[0] == pytest.approx(is_outlier.mean())
    for line, each in zip(left.lines, counts.values(), strict=False):
        recall, precision = line.get_data()
        drawn = np.sum(np.diff(recall) * precision[1:])
        assert drawn == pytest.approx(each.average_precision(), abs=0.01)
    with pytest.raises(ValueError, match="no curve to draw"):
        report.draw_curves({})
