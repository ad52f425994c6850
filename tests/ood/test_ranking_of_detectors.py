"""Training, collecting and ranking on digits, and the agreement with pytorch-ood."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from internlab.data.digit_sets import digit_sets
from internlab.data.wheels import DataUnavailable
from internlab.ood import agreement, classifier
from internlab.ood.detectors import DETECTORS, ODIN, OutlierExposure
from internlab.ood.feature_cache import FeatureCache, feature_cache, together
from internlab.ood.outputs import Outputs
from internlab.ood.ranking import GRID, chosen_settings, fitted, rank, summary
from internlab.ood.reference import pytorch_ood


@pytest.fixture(scope="module")
def cache() -> FeatureCache:
    """One seed, trained briefly."""
    return feature_cache(0, epochs=6, members=2)


@pytest.fixture
def library():
    try:
        return pytorch_ood("detector")
    except DataUnavailable as problem:
        pytest.skip(f"pytorch-ood could not be fetched: {problem}")


def test_a_few_epochs_teach_the_digits(cache):
    assert cache.accuracy > 0.8
    assert cache.exposed_accuracy > 0.7


def test_a_seed_repeats_a_training_and_leaves_the_global_state_alone():
    digits = digit_sets(0).train
    torch.manual_seed(7)
    first = classifier.train(digits, 3, epochs=1)
    drawn = torch.rand(1)
    torch.manual_seed(7)
    assert torch.equal(drawn, torch.rand(1))
    again, other = (classifier.train(digits, seed, epochs=1) for seed in (3, 4))
    assert torch.equal(first.head.weight, again.head.weight)
    assert not torch.equal(first.head.weight, other.head.weight)


def test_too_few_digits_are_refused():
    digits = digit_sets(0).train
    few = replace(digits, images=digits.images[:5], labels=digits.labels[:5])
    with pytest.raises(ValueError, match="at least one batch"):
        classifier.train(few, 0)


def test_collected_outputs_belong_together(cache):
    outputs = cache.plain["test"]
    torch.testing.assert_close(cache.head.logits(outputs.features), outputs.logits)
    assert outputs.sampled_logits.shape == (20, *outputs.logits.shape)
    # Dropout keeps the mean, so the passes scatter around the plain answer.
    assert (outputs.sampled_logits.mean(0) - outputs.logits).abs().mean() < 0.5
    assert not torch.equal(outputs.sampled_logits[0], outputs.sampled_logits[1])
    images = classifier.as_images(digit_sets(0).test.images[:4])
    with torch.no_grad():
        nudged = cache.network(ODIN.perturb(cache.network, images, 0.0014))
    torch.testing.assert_close(outputs.perturbed_logits[:4], nudged)


def test_the_ensemble_holds_each_member(cache):
    outputs = cache.ensemble["near"]
    torch.testing.assert_close(outputs.sampled_logits[0], cache.plain["near"].logits)
    torch.testing.assert_close(outputs.sampled_logits.mean(0), outputs.logits)


def test_parts_have_their_own_names(cache):
    assert cache.outliers == ["near", "textures", "faces", "noise"]
    assert cache.validation_outliers == ["validation near", "validation textures"]


def test_joined_outputs_score_like_the_two(cache):
    first, second = cache.plain["test"], cache.plain["near"]
    both = together(first, second)
    for name in ("energy", "mahalanobis", "odin", "mc_dropout"):
        detector = fitted(cache, name)
        expected = torch.cat([detector.score(first), detector.score(second)])
        torch.testing.assert_close(detector.score(both), expected)
    assert both.labels is None


def test_every_detector_is_ranked_on_every_outlier(cache):
    ranking = rank([cache], choose=False)
    assert len(ranking) == len(DETECTORS) * 4
    assert ranking[["auroc", "fpr95"]].to_numpy().min() >= 0
    assert ranking[["auroc", "fpr95"]].to_numpy().max() <= 1
    two = rank([cache, replace(cache, seed=1)], ["msp", "knn"], choose=False)
    table = summary(two)
    assert set(table.index.get_level_values("title")) == {"MSP", "kNN"}
    one = two[(two.detector == "knn") & (two.outliers == "near")].auroc
    row = table.xs("knn", level="detector").iloc[0]
    assert row[("near", "mean")] == pytest.approx(100 * one.mean())
    assert row[("near", "sd")] == pytest.approx(0)


def test_a_ranking_names_the_settings_it_used(cache):
    chosen = chosen_settings(cache, "knn")
    assert set(rank([cache], ["knn"]).settings) == {f"k {chosen['k']}"}
    assert set(rank([cache], ["knn"], choose=False).settings) == {""}


def test_the_best_come_first(cache):
    table = summary(rank([cache], choose=False))
    means = table.xs("mean", axis=1, level=1).mean(axis=1).to_numpy()
    assert (np.diff(means) <= 0).all()


def test_settings_are_chosen_without_the_test(cache):
    # With nothing but nonsense in the test, the choice stays the same.
    nonsense = {
        name: Outputs(torch.rand_like(each.logits), torch.rand_like(each.features), each.labels)
        for name, each in cache.plain.items()
        if name in ("test", *cache.outliers)
    }
    spoilt = replace(cache, plain=cache.plain | nonsense)
    for name in ("knn", "react", "relative_mahalanobis"):
        chosen = chosen_settings(cache, name)
        assert chosen in GRID[name]
        assert chosen_settings(spoilt, name) == chosen
    assert chosen_settings(cache, "msp") == {}


def test_detectors_agree_with_pytorch_ood(cache, library):
    found = agreement.agreements(cache)
    assert {each.detector for each in found} == set(DETECTORS) - {"ensemble"}
    for each in found:
        assert each.difference <= 0.0005, each


@pytest.mark.parametrize("name", ["msp", "max_logit", "energy", "entropy"])
def test_scores_of_logits_equal_those_of_pytorch_ood(cache, library, name):
    theirs = agreement.REFERENCES[name](agreement.case(cache, name, "near"))
    torch.testing.assert_close(fitted(cache, name).score(cache.plain["near"]), theirs)


def test_ash_on_feature_maps_is_another_detector(cache, library):
    assert any(each.difference > 0.0005 for each in agreement.ash_elsewhere(cache))


def test_the_loss_of_outlier_exposure_is_that_of_pytorch_ood(library):
    generator = torch.Generator().manual_seed(0)
    logits, outliers = torch.randn(2, 8, 5, generator=generator)
    labels = torch.arange(8) % 5
    theirs = pytorch_ood("loss.oe").OutlierExposureLoss(alpha=0.5, reduction="none")
    familiar = theirs(logits, labels).mean()
    unfamiliar = theirs(outliers, torch.full((8,), -1)).mean()
    ours = OutlierExposure.loss(logits, labels, outliers, weight=0.5)
    torch.testing.assert_close(ours, familiar + unfamiliar)
