"""Bad input across the track, as somebody meets it: a clear sentence, or a run marked failed."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_runs import random_splits, without_bias_labels

from internlab.data.shortcuts import BiasedSplits, load
from internlab.data.shortcuts.folders import write_folder
from internlab.debias import stack
from internlab.debias.__main__ import main
from internlab.debias.curves import curves_of
from internlab.debias.methods import METHODS

RECIPE = stack.Recipe("mlp", steps=8, learning_rate=0.01, batch_size=16)
SIZES = {"train": 60, "validation": 40, "balanced": 16, "test": 40}
QUICK = ["--steps", "4", "--seeds", "2", "--quiet"]


def only(splits: BiasedSplits, part: str, keep) -> BiasedSplits:
    """Return the splits with some of the images of a part."""
    images = getattr(splits, part)
    return replace(splits, **{part: images.take(np.flatnonzero(keep(images)))})


def train(name: str, *splits: BiasedSplits, **options) -> stack.Trained:
    """Train; a warning is a failure, because a learner would see it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return stack.train(METHODS[name](), stack.Runs.of(splits), RECIPE, **options)


@pytest.mark.parametrize("name", METHODS)
def test_batches_of_one_class_train_without_nan(name):
    # One image of each other class: most batches hold class 0 and nothing else.
    splits = random_splits(1)
    first = [int(np.flatnonzero(splits.train.labels == label)[0]) for label in (1, 2)]
    rare = np.isin(np.arange(len(splits.train)), first)
    trained = train(name, only(splits, "train", lambda images: (images.labels == 0) | rare))
    assert trained.failures == (None,)
    assert trained.logits(trained.runs.test.images).isfinite().all()


@pytest.mark.parametrize("name", METHODS)
def test_a_group_without_a_training_image_trains_without_nan(name):
    splits = only(random_splits(1), "train", lambda im: (im.labels != 1) | (im.biases != 2))
    trained = train(name, splits)
    assert trained.failures == (None,)
    assert trained.logits(trained.runs.test.images).isfinite().all()


@pytest.mark.parametrize("name", ["resample", "reweight", "group_dro", "irm", "vrex", "lisa"])
def test_groups_cannot_be_weighed_where_nothing_conflicts(name):
    splits = only(random_splits(1), "train", lambda images: images.aligned)
    with pytest.raises(ValueError, match=r"no conflicting training image.*at least one"):
        train(name, splits)


@pytest.mark.parametrize("name", METHODS)
def test_what_needs_bias_labels_says_so_where_there_are_none(name):
    runs = without_bias_labels(stack.Runs.of([random_splits(1)]))
    kind = METHODS[name]
    if kind.needs & (stack.Needs.TRAINING_BIAS_LABELS | stack.Needs.BALANCED_SET):
        with pytest.raises(ValueError, match=f"{kind.title}.*none"):
            stack.train(kind(), runs, RECIPE)
    else:
        assert stack.train(kind(), runs, RECIPE).failures == (None,)


def test_a_diverging_run_leaves_a_gap_in_the_curves_and_nothing_else():
    splits = [random_splits(seed) for seed in (1, 2)]
    sound = curves_of(train("erm", splits[0], watch=(0, 8)))

    class Diverging(METHODS["erm"]):
        def losses(self, batch):
            bad = np.array([0.0, np.nan]) if batch.step == 3 else np.zeros(2)
            return super().losses(batch) + batch.images.new_tensor(bad)

    trained = stack.train(Diverging(), stack.Runs.of(splits), RECIPE, watch=(0, 8))
    curves = curves_of(trained)
    assert trained.failures[0] is None and "nan" in trained.failures[1]
    np.testing.assert_array_equal(curves.unbiased[0], sound.unbiased[0])
    assert np.isfinite(curves.unbiased[1, 0]) and np.isnan(curves.unbiased[1, 1])


@pytest.mark.parametrize(("ratio", "says"), [(0, "no image shows"), (1, "nothing tells")])
@pytest.mark.parametrize("name", ["coloured-mnist", "portraits"])
def test_a_ratio_of_0_or_1_is_refused_before_anything_is_drawn(name, ratio, says):
    with pytest.raises(ValueError, match=f"ratio is {ratio}.*{says}"):
        load(name, ratio, 0)


def bench(*arguments) -> int:
    return main(["bench", "--methods", "erm", "resample", *map(str, arguments), *QUICK])


@pytest.fixture
def faces(tmp_path):
    """The published layout of BFFHQ with drawn faces: its test has conflicting images only."""
    write_folder(load("portraits", 0.9, 0, sizes=SIZES), tmp_path / "data")
    return tmp_path / "data" / "bffhq"


def test_a_test_set_of_conflicting_images_only_is_scored(faces, tmp_path, capsys):
    out = tmp_path / "out"
    assert bench("--data", f"folder:{faces}", "--ratios", 0.9, "--out", out) == 0
    runs = pd.read_csv(out / "runs.csv")
    assert runs.test_aligned.isna().all() and runs.test_conflicting.notna().all()
    np.testing.assert_allclose(runs.test_follow_rate, 1 - runs.test_conflicting)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("gone", "says"), [("align", "align"), ("conflict", "conflict")])
def test_a_folder_with_a_missing_half_is_named_by_the_command(faces, tmp_path, capsys, gone, says):
    shutil.rmtree(faces / "10pct" / gone)
    out = tmp_path / "out"
    assert bench("--data", f"folder:{faces}", "--ratios", 0.9, "--out", out) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert says in told and "Traceback" not in told


def test_a_percentage_that_is_not_there_is_named_by_the_command(faces, tmp_path, capsys):
    assert bench("--data", f"folder:{faces}", "--ratios", 0.98, "--out", tmp_path / "out") == 2
    assert "10pct" in capsys.readouterr().err
