"""The methods that see no bias label in training: their parts, and the whole on small runs."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch
from random_runs import random_splits, without_bias_labels
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel

from internlab.debias.claims.losses import random_runs
from internlab.debias.methods import CNC, DFR, JTT, METHODS, BiasEnsemble, Needs, SelecMix, rebias
from internlab.debias.methods.bias_ensemble import mean_of_kept
from internlab.debias.stack import Recipe, Runs, StackedImages, train

NAMES = ("lff", "jtt", "ldd", "bias_ensemble", "selecmix", "cnc", "rebias", "dfr")
RECIPE = Recipe("mlp", steps=12, learning_rate=3e-3, batch_size=8)


def alone(runs: Runs, run: int) -> Runs:
    def part(images: StackedImages) -> StackedImages:
        return StackedImages(*(each[run : run + 1] for each in vars(images).values()))

    parts = {n: part(getattr(runs, n)) for n in ("train", "validation", "balanced", "test")}
    return replace(runs, **parts, seeds=runs.seeds[run : run + 1], ratios=runs.ratios[:1])


@pytest.mark.parametrize("name", NAMES)
def test_a_run_gives_the_same_beside_others_as_alone(name):
    runs = random_runs()
    together = train(METHODS[name](), runs, RECIPE)
    assert together.failures == (None, None, None)
    found = together.logits(runs.test.images)
    single = alone(runs, 1)
    assert torch.equal(
        train(METHODS[name](), single, RECIPE).logits(single.test.images)[0], found[1]
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_bias_label_of_a_training_image_is_looked_at(name):
    runs = random_runs()
    hidden = replace(runs, train=replace(runs.train, biases=None))
    ours, theirs = train(METHODS[name](), runs, RECIPE), train(METHODS[name](), hidden, RECIPE)
    assert torch.equal(ours.logits(runs.test.images), theirs.logits(runs.test.images))


@pytest.mark.parametrize("name", NAMES)
def test_a_training_set_of_one_class_is_not_the_end(name):
    runs = random_runs()
    one = replace(runs.train, labels=torch.zeros_like(runs.train.labels))
    trained = train(METHODS[name](), replace(runs, train=one), RECIPE)
    assert trained.failures == (None, None, None)
    assert torch.isfinite(trained.logits(runs.test.images)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_method_declares_what_it_is_given(name):
    needs = {"dfr": Needs.BALANCED_SET, "rebias": Needs.KIND_OF_BIAS}
    assert METHODS[name].needs == needs.get(name, Needs.NOTHING)


def test_dfr_refuses_runs_without_a_labelled_balanced_set():
    with pytest.raises(ValueError, match="DFR trains on a small set with bias labels"):
        train(DFR(), without_bias_labels(random_runs()), RECIPE)


def test_jtt_draws_errors_more_often():
    errors = torch.tensor([[True, False, False]])
    assert JTT.weights(errors, 20.0).tolist() == [[20.0, 1.0, 1.0]]


def test_jtt_finds_the_errors_of_a_first_network():
    runs = random_runs()
    method = train(JTT(first_stage=0.5), runs, RECIPE).method
    assert method.errors.shape == runs.train.labels.shape
    # A network of six steps gets some of random images right, and some wrong.
    assert 0 < method.errors.float().mean() < 1


def test_a_majority_of_members_keeps_an_image():
    believed = torch.tensor([[[0.95, 0.95, 0.1]], [[0.95, 0.5, 0.1]], [[0.2, 0.5, 0.95]]])
    assert BiasEnsemble.agreed(believed, 0.9).tolist() == [[True, False, False]]


def test_only_kept_images_count_and_none_gives_zero():
    losses = torch.tensor([[1.0, 5.0], [2.0, 3.0]])
    kept = torch.tensor([[True, False], [False, False]])
    assert mean_of_kept(losses, kept).tolist() == [1.0, 0.0]


def test_selecmix_pairs_what_contradicts():
    labels = torch.tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]])
    alike = torch.tensor(
        [
            [1.0, 0.9, 0.2, 0.8, 0.1],
            [0.9, 1.0, 0.3, 0.4, 0.6],
            [0.2, 0.3, 1.0, 0.5, 0.7],
            [0.8, 0.4, 0.5, 1.0, 0.0],
            [0.1, 0.6, 0.7, 0.0, 1.0],
        ]
    ).expand(2, 5, 5)
    intra = SelecMix.partners(alike, labels, torch.tensor([True, True]))
    assert intra[0].tolist() == [2, 2, 0, 4, 3]
    inter = SelecMix.partners(alike, labels, torch.tensor([False, False]))
    assert inter[0].tolist() == [3, 4, 4, 0, 2]
    assert inter[1].tolist() == [0, 1, 2, 3, 4], "no other class: each is its own partner"


def test_the_contrast_of_selecmix_is_that_of_a_loop():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 6, 6, generator=generator, dtype=torch.float64)
    labels = torch.tensor([[0, 0, 0, 1, 1, 2], [1, 1, 1, 1, 1, 1]])
    found = SelecMix.contrastive(logits, labels, 0.7)
    for run in range(2):
        for i in range(6):
            others = [j for j in range(6) if j != i]
            total = sum(logits[run, i, j].exp() for j in others)
            p = [
                logits[run, i, j].exp() / total for j in others if labels[run, i] == labels[run, j]
            ]
            expected = sum((1 - each**0.7) / 0.7 for each in p) / max(len(p), 1)
            assert float(found[run, i]) == pytest.approx(float(expected))


def test_the_contrast_of_cnc_is_that_of_a_loop():
    generator = torch.Generator().manual_seed(1)
    likeness = torch.randn(2, 8, 8, generator=generator, dtype=torch.float64)
    labels = torch.randint(2, (2, 8), generator=generator)
    guesses = torch.randint(2, (2, 8), generator=generator)
    found = CNC.contrastive(likeness, labels, guesses)
    for run in range(2):
        y, g, each = labels[run], guesses[run], []
        for i in range(8):
            positive = [j for j in range(8) if y[j] == y[i] and g[j] != g[i]]
            negative = [j for j in range(8) if y[j] != y[i] and g[j] == g[i]]
            if positive:
                total = sum(likeness[run, i, j].exp() for j in positive + negative)
                chances = [likeness[run, i, j].exp() / total for j in positive]
                each.append(-sum(chance.log() for chance in chances) / len(positive))
        assert each
        assert float(found[run]) == pytest.approx(float(sum(each) / len(each)))


def test_cnc_without_a_positive_has_no_loss_and_a_gradient_of_zero():
    likeness = torch.randn(1, 4, 4, requires_grad=True)
    loss = CNC.contrastive(likeness, torch.zeros(1, 4).long(), torch.zeros(1, 4).long())
    loss.sum().backward()
    assert float(loss.detach()) == 0 and not likeness.grad.any()


def test_cnc_draws_half_from_the_errors():
    errors = torch.tensor([[True, False, False, False], [False, False, False, False]])
    weights = CNC.half_errors(errors)
    assert float(weights[0, 0]) == pytest.approx(float(weights[0, 1:].sum()))
    assert (weights[1] == weights[1, 0]).all(), "without errors, all alike"


def test_hsic_is_the_mean_over_all_quadruples_of_images():
    generator = torch.Generator().manual_seed(2)
    features = [torch.randn(2, 6, 3, generator=generator, dtype=torch.float64) for _ in range(2)]
    first, second = (rebias.kernel(each) for each in features)
    found = rebias.hsic(first, second)
    for run in range(2):
        k, m = first[run], second[run]
        terms = [
            k[i, j] * (m[i, j] + m[a, b] - 2 * m[i, a]) for i, j, a, b in permutations(range(6), 4)
        ]
        assert float(found[run]) == pytest.approx(float(sum(terms) / len(terms)))


def test_hsic_is_larger_for_features_that_depend_on_each_other():
    generator = torch.Generator().manual_seed(3)
    x, other = torch.randn(2, 1, 200, 2, generator=generator).unbind(0)
    own, twisted, noise = (rebias.kernel(each) for each in (x, x**3, other))
    assert float(rebias.hsic(own, twisted)) > 0.01 > abs(float(rebias.hsic(own, noise)))


@pytest.mark.parametrize("images, batch_size", [(120, 3), (120, 2), (3, 128)])
def test_rebias_refuses_batches_that_are_too_small_for_its_criterion(images, batch_size):
    runs = Runs.of([random_splits(1, train=images)])
    recipe = replace(RECIPE, batch_size=batch_size)
    with pytest.raises(ValueError, match=rf"ReBias .* a batch has {min(images, batch_size)}\. Cho"):
        train(METHODS["rebias"](), runs, recipe)
    assert train(METHODS["erm"](), runs, recipe).failures == (None,)


def test_four_images_are_enough_for_rebias():
    recipe = replace(RECIPE, batch_size=4, steps=3)
    assert train(METHODS["rebias"](), random_runs(), recipe).failures == (None,) * 3


def test_the_kernel_is_gaussian_and_as_wide_as_the_median_distance():
    features = torch.randn(1, 7, 3, generator=torch.Generator().manual_seed(4)).double()
    distances = torch.cdist(features[0], features[0]).square()
    width = 1 / (2 * float(distances.flatten().median()))
    np.testing.assert_allclose(rebias.kernel(features)[0], rbf_kernel(features[0], gamma=width))


def test_the_patch_network_of_rebias_sees_no_shape():
    from internlab.debias.stack import Problem

    runs = random_runs()
    problem = Problem(runs, RECIPE, "ReBias", Needs.KIND_OF_BIAS)
    network = rebias.PatchNetwork(problem)
    images = torch.rand(3, 2, 4, 4, 3)
    moved = images.roll(2, dims=3)
    assert not torch.equal(images, moved)
    torch.testing.assert_close(network.features(images), network.features(moved))
    assert not torch.allclose(network.features(images), network.features(images.flip(4)))


@pytest.mark.parametrize("classes", [2, 3])
def test_the_new_layer_of_dfr_gives_the_chances_of_scikit_learn(classes):
    rng = np.random.default_rng(classes)
    labels = np.arange(60) % classes
    features = rng.normal(size=(60, 4)) * [1, 5, 0.1, 1] + labels[:, None] + 3
    weight, bias = DFR.fit(features, labels, np.arange(60) % 6, C=0.3)
    standardised = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    model = LogisticRegression(C=0.3, max_iter=2_000).fit(standardised, labels)
    chances = torch.from_numpy(features @ weight + bias).softmax(dim=1).numpy()
    np.testing.assert_allclose(chances, model.predict_proba(standardised), atol=1e-6)


def test_dfr_weighs_groups_alike_however_many_images_they_have():
    rng = np.random.default_rng(0)
    # Group 0: class 0 and bias 0; group 1: class 1 and bias 1; group 2: class 1 and bias 0, rare.
    groups = np.repeat([0, 1, 2], [100, 95, 5])
    labels = (groups > 0).astype(int)
    features = rng.normal(size=(200, 2)) + 2.0 * np.c_[groups == 1, labels]
    weight, _ = DFR.fit(features, labels, groups, C=1.0)
    plain, _ = DFR.fit(features, labels, labels, C=1.0)
    reliance = [float(abs(w[0, 1] / w[1, 1])) for w in (weight, plain)]
    assert reliance[0] < reliance[1], "it relies less on the feature of the bias"
