"""What a method trains by, against its parts put together by hand, image by image."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from random_runs import random_splits
from sklearn.linear_model import LogisticRegression

from internlab.debias.methods import CNC, DFR, GCE, JTT, BiasEnsemble, ReBias, SelecMix, rebias
from internlab.debias.methods.bias_ensemble import probability_of_own_class
from internlab.debias.stack import Problem, Recipe, Runs, train

RECIPE = Recipe("mlp", steps=20, learning_rate=3e-3, batch_size=12)
R, B = 3, 12


def runs() -> Runs:
    return Runs.of([random_splits(seed) for seed in range(R)])


def prepared(method):
    problem = Problem(runs(), RECIPE, method.title, method.needs)
    method.prepare(problem)
    return problem, method, list(problem.batches("training", 3))


def entropy(network, image, label) -> float:
    """Return the cross-entropy of one image for one member of a stack."""
    logits = network(image.movedim(-1, 0)[None])
    return float(F.cross_entropy(logits, label[None]).detach())


def close(found, expected) -> bool:
    return bool(np.allclose(found.detach(), expected, rtol=0, atol=2e-5))


def test_gce_takes_its_own_q():
    _, method, batches = prepared(GCE(q=0.3))
    for batch in batches:
        expected = []
        for r in range(R):
            network = method.network.member(r)
            p = [
                np.exp(-entropy(network, *each))
                for each in zip(batch.images[r], batch.labels[r], strict=True)
            ]
            expected.append(np.mean([(1 - each**0.3) / 0.3 for each in p]))
        assert close(method.losses(batch), expected)


def test_selecmix_gives_a_mixture_the_label_of_the_partner():
    problem, method, batches = prepared(SelecMix())
    draws, q, temperature = problem.generators("mixing"), 0.7, 0.2
    kinds, other_class = set(), 0
    for batch in batches:
        heads, shares = draws.uniform() < 0.5, 0.5 * draws.uniform(B)
        expected = []
        for r in range(R):
            x, y = batch.images[r], batch.labels[r]
            z = F.normalize(method.auxiliary.features(batch.images)[r], dim=1).detach()
            alike, network, each = z @ z.T, method.network.member(r), []
            kinds.add(bool(heads[r]))
            for i in range(B):
                own = [j for j in range(B) if y[j] == y[i]]
                others = [j for j in range(B) if y[j] != y[i]]
                if heads[r]:
                    partner = min(own, key=lambda j: alike[i, j])
                else:
                    partner = max(others, key=lambda j: alike[i, j])
                a = shares[r, i]
                classified = entropy(network, a * x[i] + (1 - a) * x[partner], y[partner])
                other_class += int(y[partner] != y[i])
                total = sum((alike[i, j] / temperature).exp() for j in range(B) if j != i)
                chances = [(alike[i, j] / temperature).exp() / total for j in own if j != i]
                contrast = sum((1 - p**q) / q for p in chances) / max(len(chances), 1)
                each.append(classified + float(contrast))
            expected.append(np.mean(each))
        assert close(method.losses(batch), expected)
    assert kinds == {False, True} and other_class, "both kinds of partners were drawn"


def test_the_biased_network_of_bias_ensemble_learns_from_what_is_kept():
    _, method, batches = prepared(BiasEnsemble(members=3))
    generator = torch.Generator().manual_seed(0)
    method.kept = torch.rand(method.kept.shape, generator=generator) < 0.4
    for batch in batches:
        found, expected = method.losses(batch), []
        for r in range(R):
            biased, debiased = method.biased.member(r), method.network.member(r)
            each = list(zip(batch.images[r], batch.labels[r], strict=True))
            kept = [bool(method.kept[r, i]) for i in batch.index[r]]
            assert 0 < sum(kept) < B
            learnt = [entropy(biased, *e) for e, k in zip(each, kept, strict=True) if k]
            hard = [entropy(debiased, *e) for e in each]
            expected.append(np.mean(learnt) + np.mean(method.weights[r].detach().numpy() * hard))
        assert close(found, expected)


def test_bias_ensemble_keeps_what_most_members_are_sure_of(monkeypatch):
    generator = torch.Generator().manual_seed(1)
    believed = torch.rand(3, R, 120, generator=generator)
    monkeypatch.setattr(BiasEnsemble, "believed", lambda self, problem, member: believed[member])
    _, method, _ = prepared(BiasEnsemble(members=3, threshold=0.6))
    assert torch.equal(method.kept, (believed > 0.6).sum(dim=0) >= 2)


def test_what_a_network_believes_is_the_chance_of_the_image_s_own_class():
    problem = Problem(runs(), RECIPE, "a test", GCE.needs)
    network = problem.network("main")
    found = probability_of_own_class(network, problem)
    for r in range(R):
        for i in (0, 7, 119):
            image = problem.images[r, i].float() / 255
            expected = np.exp(-entropy(network.member(r), image, problem.labels[r, i]))
            assert float(found[r, i]) == pytest.approx(expected, abs=1e-6)


def test_rebias_pushes_one_network_away_and_lets_the_other_follow():
    # The two terms are the same number with opposite signs: only their gradients tell.
    _, method, batches = prepared(ReBias(strength=3.0))
    x, y = batches[0].images, batches[0].labels

    def gradients(loss, network):
        return torch.autograd.grad(loss.sum(), list(network.parameters()), retain_graph=True)

    def classified(network):
        logits = network.head(network.features(x))
        return torch.stack([F.cross_entropy(logits[r], y[r]) for r in range(R)])

    kernels = [rebias.kernel(each.features(x)) for each in (method.network, method.biased)]
    dependence = rebias.hsic(*kernels)
    found = method.losses(batches[0])
    assert close(found, (classified(method.network) + classified(method.biased)).detach())
    for network, sign in ((method.network, 1), (method.biased, -1)):
        expected = gradients(classified(network) + sign * 3.0 * dependence, network)
        plain = gradients(classified(network), network)
        got = gradients(found, network)
        for ours, theirs in zip(got, expected, strict=True):
            assert torch.allclose(ours, theirs, atol=1e-6)
        assert max(float((a - b).abs().max()) for a, b in zip(got, plain, strict=True)) > 1e-4


def test_cnc_adds_the_contrast_to_what_is_left_of_the_cross_entropy():
    problem, method, _ = prepared(CNC(strength=0.3, temperature=0.2))
    drawn = problem.batches("training", 3, method.sampling_weights())
    compared = 0
    for batch in drawn:
        expected = []
        for r in range(R):
            z = F.normalize(method.network.features(batch.images)[r], dim=1).detach()
            alike, y = (z @ z.T / 0.2).exp(), batch.labels[r]
            guess = [method.guesses[r, i] for i in batch.index[r]]
            contrast = []
            for i in range(B):
                positive = [j for j in range(B) if y[j] == y[i] and guess[j] != guess[i]]
                negative = [j for j in range(B) if y[j] != y[i] and guess[j] == guess[i]]
                total = sum(alike[i, j] for j in positive + negative)
                if positive:
                    contrast.append(
                        np.mean([-float((alike[i, j] / total).log()) for j in positive])
                    )
            compared += len(contrast)
            network = method.network.member(r)
            plain = [entropy(network, *e) for e in zip(batch.images[r], y, strict=True)]
            expected.append(0.3 * np.mean(contrast or [0]) + 0.7 * np.mean(plain))
        assert close(method.losses(batch), expected)
    assert compared, "some images had a positive"


@pytest.mark.parametrize("kind", [JTT, CNC])
def test_the_errors_are_the_images_that_the_first_network_gets_wrong(kind):
    problem, method, _ = prepared(kind(first_stage=0.5))
    first = problem.network("first stage")

    def losses(batch):
        logits = first(batch.images)
        return torch.stack([F.cross_entropy(logits[r], batch.labels[r]) for r in range(R)])

    problem.train_stage(list(first.parameters()), losses, steps=10, purpose="first stage")
    errors = 0
    for r in range(R):
        images = (problem.images[r].float() / 255).movedim(-1, 1)
        with torch.no_grad():
            guesses = first.member(r)(images).argmax(dim=1)
        for i in range(120):
            wrong = bool(guesses[i] != problem.labels[r, i])
            assert bool(method.errors[r, i]) is wrong
            errors += wrong
    assert 0 < errors < 120 * R
    if kind is JTT:
        assert torch.equal(method.sampling_weights() == 20, method.errors)


def test_dfr_weighs_every_pair_of_class_and_bias_alike():
    trained = train(DFR(C=0.5), runs(), RECIPE)
    by_class = []
    for r in range(R):
        balanced, test = trained.runs.balanced, trained.runs.test
        network = trained.method.network
        z = network.features(balanced.images.float() / 255)[r].detach().double().numpy()
        shown = network.features(test.images.float() / 255)[r].detach().double().numpy()
        spread = z.std(axis=0) + 1e-6
        y, b = balanced.labels[r].tolist(), balanced.biases[r].tolist()
        pairs, classes = Counter(zip(y, b, strict=True)), Counter(y)
        assert len(set(pairs.values())) > 1, "else there is nothing to weigh"

        def chances(weights, z=z, shown=shown, spread=spread, y=y):
            model = LogisticRegression(C=0.5, max_iter=5_000)
            model.fit((z - z.mean(axis=0)) / spread, y, sample_weight=weights)
            return model.predict_proba((shown - z.mean(axis=0)) / spread)

        found = trained.logits(test.images)[r].softmax(dim=1).numpy()
        even = [60 / (len(pairs) * pairs[pair]) for pair in zip(y, b, strict=True)]
        np.testing.assert_allclose(found, chances(even), atol=2e-3)
        by_class.append(np.abs(found - chances([60 / (3 * classes[k]) for k in y])).max())
    assert min(by_class) > 2e-2, "weighing classes alone would be seen"
