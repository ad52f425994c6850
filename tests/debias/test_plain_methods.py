"""The plain methods against formulas written out as loops, in float64."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from random_runs import random_splits

from internlab.debias.methods import (
    IRM,
    LISA,
    METHODS,
    Adversarial,
    EnD,
    GroupDRO,
    Needs,
    Resample,
    Reweight,
    VREx,
)
from internlab.debias.methods.adversarial import Reversed
from internlab.debias.methods.group_weights import (
    balancing_weights,
    group_counts,
    group_means,
    side_balancing_weights,
)
from internlab.debias.methods.losses import (
    cross_entropy,
    generalised_cross_entropy,
    scale_gradient,
)
from internlab.debias.methods.mixup import mixed, mixed_loss
from internlab.debias.stack import Problem, Recipe, Runs, train

RECIPE = Recipe("mlp", steps=4, learning_rate=0.01, batch_size=40)
R, B, K = 2, 9, 4
seeds = st.integers(0, 10_000)


def close(one, other):
    return torch.allclose(
        torch.as_tensor(one, dtype=torch.float64), torch.as_tensor(other, dtype=torch.float64),
        rtol=0, atol=1e-10,
    )  # fmt: skip


def drawn(seed):
    torch.manual_seed(seed)
    logits = 3 * torch.randn(R, B, K, dtype=torch.float64)
    return logits, torch.randint(0, K, (R, B)), torch.randint(0, K, (R, B))


def problem_of(*splits, needs=Needs.TRAINING_BIAS_LABELS):
    return Problem(Runs.of(splits), RECIPE, "a test", needs)


@given(seeds)
def test_losses_of_an_image(seed):
    logits, labels, _ = drawn(seed)
    for r in range(R):
        for i in range(B):
            p = math.exp(logits[r, i, labels[r, i]]) / sum(math.exp(v) for v in logits[r, i])
            assert close(cross_entropy(logits, labels)[r, i], -math.log(p))
            gce = generalised_cross_entropy(logits, labels, 0.7)[r, i]
            assert close(gce, (1 - p**0.7) / 0.7)


@given(seeds)
def test_the_gradient_by_the_scale_is_that_of_autograd(seed):
    logits, labels, _ = drawn(seed)
    scale = torch.ones(R, B, dtype=torch.float64, requires_grad=True)
    each = cross_entropy(scale[..., None] * logits, labels)
    (slopes,) = torch.autograd.grad(each.sum(), scale)
    assert close(scale_gradient(logits, labels), slopes)


@given(seeds)
def test_means_by_group(seed):
    logits, groups, _ = drawn(seed)
    values = logits[..., 0]
    means, present = group_means(values, groups, K)
    for r in range(R):
        for g in range(K):
            mine = [float(values[r, i]) for i in range(B) if groups[r, i] == g]
            assert bool(present[r, g]) is bool(mine)
            assert close(means[r, g], sum(mine) / len(mine) if mine else 0)


@given(seeds)
def test_irm_is_the_paper_s_penalty_by_autograd(seed):
    logits, labels, environment = drawn(seed)
    environment = environment % 2
    environment[:, :2] = torch.tensor([0, 1])
    found = IRM.objective(logits, labels, environment, 3.0)
    for r in range(R):
        risks, slopes = [], []
        for e in (0, 1):
            mine = environment[r] == e
            w = torch.ones((), dtype=torch.float64, requires_grad=True)
            risk = F.cross_entropy(w * logits[r][mine], labels[r][mine])
            slopes.append(torch.autograd.grad(risk, w)[0] ** 2)
            risks.append(risk.detach())
        assert close(found[r], sum(risks) / 2 + 3.0 * sum(slopes) / 2)


@given(seeds)
def test_vrex_is_the_mean_and_the_variance_of_two_risks(seed):
    logits, _, environment = drawn(seed)
    each, environment = logits[..., 0].abs(), environment % 2
    environment[:, :2] = torch.tensor([0, 1])
    found = VREx.objective(each, environment, 5.0)
    for r in range(R):
        one, two = (each[r][environment[r] == e].mean() for e in (0, 1))
        assert close(found[r], (one + two) / 2 + 5.0 * ((one - two) / 2) ** 2)


@pytest.mark.parametrize("objective", ["irm", "vrex"])
def test_a_batch_of_one_side_has_the_risk_of_that_side(objective):
    logits, labels, _ = drawn(1)
    ones = torch.ones(R, B, dtype=torch.long)
    each = cross_entropy(logits, labels)
    if objective == "vrex":
        assert close(VREx.objective(each, ones, 5.0), each.mean(dim=1))
    else:
        slope = scale_gradient(logits, labels).mean(dim=1)
        found = IRM.objective(logits, labels, ones, 5.0)
        assert close(found, each.mean(dim=1) + 5.0 * slope**2)


@given(seeds)
def test_group_dro_climbs_as_algorithm_1_says(seed):
    torch.manual_seed(seed)
    q = torch.rand(R, K, dtype=torch.float64)
    q = q / q.sum(dim=1, keepdim=True)
    means = 5 * torch.rand(R, K, dtype=torch.float64)
    found = GroupDRO.climb(q, means, 0.1)
    for r in range(R):
        raised = [float(q[r, g]) * math.exp(0.1 * float(means[r, g])) for g in range(K)]
        assert close(found[r], [each / sum(raised) for each in raised])


def test_group_dro_leans_on_the_worst_group():
    torch.manual_seed(0)
    q, means = torch.full((1, 3), 1 / 3), torch.tensor([[0.1, 2.0, 0.5]])
    for _ in range(200):
        q = GroupDRO.climb(q, means, 0.1)
    assert q.argmax() == 1 and q[0, 1] > 0.99
    assert float(q.sum()) == pytest.approx(1)


def test_a_group_that_never_occurs_has_no_weight():
    method, problem = GroupDRO(), problem_of(random_splits(1, ratio=0.97, train=60))
    method.prepare(problem)
    for batch in problem.batches("training", 4, method.sampling_weights()):
        method.losses(batch)
    empty = group_counts(problem) == 0
    assert empty.any() and (method._q[empty] == 0).all()
    assert float(method._q.detach().sum()) == pytest.approx(1, abs=1e-6)


@given(seeds)
def test_end_is_a_mean_over_pairs(seed):
    features, labels, biases = drawn(seed)
    apart, together = EnD.terms(features, labels, biases)
    for r in range(R):
        same_bias, same_class = [], []
        for i in range(B):
            for j in range(B):
                z, other = features[r, i], features[r, j]
                angle = float(z @ other / (z.norm() * other.norm()))
                if i != j and biases[r, i] == biases[r, j]:
                    same_bias.append(abs(angle))
                if labels[r, i] == labels[r, j] and biases[r, i] != biases[r, j]:
                    same_class.append(-angle)
        assert close(apart[r], sum(same_bias) / len(same_bias) if same_bias else 0)
        assert close(together[r], sum(same_class) / len(same_class) if same_class else 0)


def test_end_has_no_term_where_there_is_no_pair():
    features = torch.randn(1, 2, 3, requires_grad=True)
    apart, together = EnD.terms(features, torch.tensor([[0, 1]]), torch.tensor([[0, 1]]))
    (apart + together).sum().backward()
    assert apart.item() == together.item() == 0
    assert features.grad.isfinite().all()


@given(seeds)
def test_mixtures_by_a_loop(seed):
    logits, labels, _ = drawn(seed)
    images = torch.rand(R, B, 2, 2, 3, dtype=torch.float64)
    partner, share = torch.randint(0, B, (R, B)), torch.rand(R, B, dtype=torch.float64)
    found, loss = mixed(images, partner, share), mixed_loss(
        logits, labels, labels.gather(1, partner), share
    )  # fmt: skip
    for r in range(R):
        for i in range(B):
            j, s = partner[r, i], share[r, i]
            assert close(found[r, i], s * images[r, i] + (1 - s) * images[r, j])
            target = s * F.one_hot(labels[r, i], K) + (1 - s) * F.one_hot(labels[r, j], K)
            assert close(loss[r, i], -(target * logits[r, i].log_softmax(0)).sum())


@given(seeds)
def test_lisa_mixes_what_it_should(seed):
    _, labels, biases = drawn(seed)
    wanted = LISA.wanted(labels, biases, torch.tensor([True, False]))
    partner = LISA.choose(wanted, torch.rand(R, B, B))
    for i in range(B):
        for run, (same, other) in enumerate([(labels[0], biases[0]), (biases[1], labels[1])]):
            j = int(partner[run, i])
            fits = [k for k in range(B) if same[k] == same[i] and other[k] != other[i]]
            assert (j in fits) if fits else j == i


def test_lisa_chooses_every_partner_alike():
    wanted = torch.tensor([[[False, True, True, False]] * 4]).expand(3000, 4, 4)
    torch.manual_seed(0)
    partner = LISA.choose(wanted, torch.rand(3000, 4, 4))
    counts = torch.bincount(partner.flatten(), minlength=4) / partner.numel()
    assert counts[0] == counts[3] == 0
    assert float(counts[1]) == pytest.approx(0.5, abs=0.02)


def test_reversal_turns_the_gradient_and_keeps_the_value():
    x = torch.randn(5, requires_grad=True)
    y = Reversed.apply(x, 0.3)
    assert torch.equal(y, x)
    y.backward(torch.arange(5.0))
    assert torch.allclose(x.grad, -0.3 * torch.arange(5.0))


def test_the_adversary_learns_while_the_features_unlearn():
    problem = problem_of(random_splits(1), random_splits(2))
    method = Adversarial(reversal=0.5, entropy=0.2)
    method.prepare(problem)
    batch = next(problem.batches("training", 1))
    method.losses(batch).sum().backward()
    got = [each.grad.clone() for each in method.parameters()]
    for each in method.parameters():
        each.grad = None
    # The same by hand: each loss for those parameters that should descend on it.
    features = method.network.features(batch.images)
    read = method._reader(features)
    bias = cross_entropy(read, batch.biases).mean(dim=1).sum()
    p = read.softmax(dim=2)
    sureness = (p * p.log()).sum(dim=2).mean(dim=1).sum()
    own = cross_entropy(method.network.head(features), batch.labels).mean(dim=1).sum()
    network, reader = list(method.network.parameters()), list(method._reader.parameters())
    down = torch.autograd.grad(own - 0.5 * bias + 0.2 * sureness, network, retain_graph=True)
    expected = [*down, *torch.autograd.grad(bias, reader)]
    assert len(expected) == len(got)
    for one, other in zip(got, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert any(each.abs().max() > 1e-3 for each in got)


def test_balancing_weights_by_counting():
    splits = [random_splits(1, ratio=0.9), random_splits(2, ratio=0.7)]
    problem = problem_of(*splits)
    weights, sides = balancing_weights(problem), side_balancing_weights(problem)
    for r, each in enumerate(splits):
        groups = each.train.groups.tolist()
        sums = {g: float(weights[r][each.train.groups == g].sum()) for g in set(groups)}
        assert max(sums.values()) == pytest.approx(min(sums.values()), rel=1e-5)
        assert float(weights[r].mean()) == pytest.approx(1, abs=1e-6)
        aligned = each.train.aligned
        assert float(sides[r][aligned].sum()) == pytest.approx(float(sides[r][~aligned].sum()))


@pytest.mark.parametrize("kind", [Resample, Reweight, GroupDRO, IRM, VREx, LISA])
@pytest.mark.parametrize("ratio, missing", [(1.0, "conflicting"), (0.0, "aligned")])
def test_a_run_with_one_side_only_cannot_be_balanced(kind, ratio, missing):
    runs = Runs.of([random_splits(1), random_splits(2, ratio=ratio)])
    with pytest.raises(ValueError, match=f"Run 1 has no {missing} training image"):
        train(kind(), runs, RECIPE)


def test_resampling_shows_all_groups_equally_often():
    problem = problem_of(random_splits(1, ratio=0.9, classes=2))
    method = Resample()
    method.prepare(problem)
    seen = torch.cat(
        [
            batch.labels * 2 + batch.biases
            for batch in problem.batches("training", 100, method.sampling_weights())
        ],
        dim=1,
    )
    shares = torch.bincount(seen[0], minlength=4) / seen.shape[1]
    assert shares.tolist() == pytest.approx([0.25] * 4, abs=0.03)


def test_reweighting_has_the_expectation_of_resampling():
    problem = problem_of(random_splits(1, ratio=0.8, classes=2))
    method = Reweight()
    method.prepare(problem)
    whole = next(iter(problem.batches("training", 1)))
    each = cross_entropy(method.network(whole.images), whole.labels).detach()
    weights = balancing_weights(problem).gather(1, whole.index)
    assert torch.allclose(method.losses(whole), (weights * each).mean(dim=1))


def test_methods_that_are_told_the_bias_learn_past_it():
    """On coloured noise with a faint class, those that balance beat plain training."""
    runs = Runs.of([random_splits(seed, ratio=0.98, train=1200) for seed in (1, 2)])
    recipe = Recipe("mlp", steps=60, learning_rate=0.01, batch_size=64)

    def conflicting(name):
        return sum(each.conflicting for each in train(METHODS[name](), runs, recipe).scores()) / 2

    plain = conflicting("erm")
    for name in ("resample", "reweight", "group_dro", "irm", "lisa"):
        assert conflicting(name) > plain
