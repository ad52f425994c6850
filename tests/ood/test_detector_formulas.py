"""The detectors that change features, heads or runs: closed forms, worked by hand."""

import math

import pytest
import torch
import torch.nn.functional as F

from internlab.ood.detectors import (
    ASH,
    DICE,
    ODIN,
    Energy,
    Ensemble,
    Entropy,
    GradNorm,
    Head,
    KLMatching,
    Mahalanobis,
    MCDropout,
    OutlierExposure,
    ReAct,
    RelativeMahalanobis,
    ViM,
    make,
)
from internlab.ood.detectors.committee import confidence, entropy, information
from internlab.ood.outputs import Outputs


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def features_only(features: torch.Tensor) -> Outputs:
    return Outputs(torch.zeros(len(features), 3), features)


HEAD = Head(drawn(3, 5), drawn(3, seed=1))


def test_relative_mahalanobis_is_the_difference_of_two_distances():
    features, labels = drawn(90, 4), torch.arange(90) % 3
    features = features + 3 * F.one_hot(labels, 4)
    train, test = Outputs(torch.zeros(90, 3), features, labels), drawn(7, 4, seed=1)
    whole = Outputs(torch.zeros(90, 1), features, torch.zeros(90, dtype=torch.long))
    queries = features_only(test)
    expected = Mahalanobis().fit(train).score(queries) - Mahalanobis().fit(whole).score(queries)
    torch.testing.assert_close(RelativeMahalanobis().fit(train).score(queries), expected)


def test_the_background_of_relative_mahalanobis_is_the_covariance_of_everything():
    features = drawn(50, 3).double()
    train = Outputs(torch.zeros(50, 2), features, torch.arange(50) % 2)
    detector = RelativeMahalanobis().fit(train)
    torch.testing.assert_close(detector.background_covariance, features.T.cov(correction=0))


def test_vim_sees_what_lies_outside_the_space_of_training():
    # The head reads the first two of three axes and has no bias, so the origin stays at zero.
    head = Head(torch.tensor([[1.0, 0, 0], [0, 1, 0]]), torch.zeros(2))
    train = torch.tensor([[3.0, 0, 0.1], [0, 3, -0.1], [-3, 0, 0.1], [0, -3, -0.1]])
    detector = ViM(head, dimensions=2).fit(Outputs(train[:, :2], train))
    assert detector.residual_space.abs().flatten().tolist() == pytest.approx([0, 0, 1], abs=1e-6)
    # Mean largest logit (3 + 3 + 0 + 0) / 4 over the mean residual 0.1.
    assert detector.alpha == pytest.approx(15)
    queries = torch.tensor([[1.0, 2.0, 0.0], [1.0, 2.0, -0.5]])
    scores = detector.score(Outputs(queries[:, :2], queries))
    energy = -math.log(math.exp(1) + math.exp(2))
    assert scores.tolist() == pytest.approx([energy, energy + 15 * 0.5])


def test_vim_measures_the_residual_from_where_the_logits_vanish():
    detector = ViM(HEAD, dimensions=2)
    at_origin = HEAD.weight.double() @ detector.origin + HEAD.bias.double()
    assert at_origin.abs().max() < 1e-6


def test_vim_does_not_care_where_the_origin_of_the_features_is():
    train, test = drawn(60, 5), drawn(9, 5, seed=2)
    # Along the head's own rows, so that another bias can undo the shift.
    shift = 3 * HEAD.weight.sum(dim=0)
    moved = Head(HEAD.weight, HEAD.bias - HEAD.weight @ shift)
    first = ViM(HEAD, 2).fit(features_only(train)).score(features_only(test))
    second = ViM(moved, 2).fit(features_only(train + shift)).score(features_only(test + shift))
    torch.testing.assert_close(second, first, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("dimensions", [0, 5, -1])
def test_vim_refuses_a_space_that_leaves_nothing(dimensions):
    with pytest.raises(ValueError, match="residual"):
        ViM(HEAD, dimensions)
    with pytest.raises(TypeError, match=r"dimensions of ViM is 2\.5"):
        ViM(HEAD, dimensions=2.5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_vim_refuses_training_features_without_a_residual(dtype):
    constant, line = torch.ones(20, 5).to(dtype), drawn(20, 1).to(dtype) * drawn(1, 5).to(dtype)
    centre = ViM(HEAD, 2).origin.to(dtype)
    for features in (constant, centre + line, 1e6 + constant, torch.zeros(20, 5).to(dtype)):
        with pytest.raises(ValueError, match="no residual"):
            ViM(HEAD, dimensions=2).fit(features_only(features))


def test_the_alpha_of_vim_is_a_ratio_of_means():
    head = Head(torch.tensor([[1.0, 0, 0], [0, 1, 0]]), torch.zeros(2))
    # Largest logits 9, 3, 0, 0; residuals 0.1, 0.1, 0.1, 0.5 along the third axis.
    train = torch.tensor([[9.0, 0, 0.1], [0, 3, -0.1], [-9, 0, -0.1], [0, -3, 0.1]])
    train[3, 2] = 0.5
    detector = ViM(head, dimensions=2).fit(features_only(train))
    lengths = (train.double() @ detector.residual_space).norm(dim=1)
    largest = [9.0, 3.0, 0.0, 0.0]
    assert detector.alpha == pytest.approx(sum(largest) / float(lengths.sum()))
    assert abs(float(lengths.median()) / float(lengths.mean()) - 1) > 0.2


def test_react_cuts_at_a_quantile_of_all_activations_together():
    train = torch.arange(100.0).reshape(20, 5)
    detector = ReAct(HEAD, quantile=0.5).fit(features_only(train))
    assert float(detector.cut) == 49.5
    queries = torch.tensor([[0.0, 60, 10, 49, 1e6]])
    cut = torch.tensor([[0.0, 49.5, 10, 49, 49.5]])
    expected = Energy.energy(HEAD.logits(cut))
    torch.testing.assert_close(detector.score(features_only(queries)), expected)


def test_react_without_a_cut_is_energy():
    train = drawn(30, 5).relu()
    scores = ReAct(HEAD, quantile=1.0).fit(features_only(train)).score(features_only(train))
    torch.testing.assert_close(scores, Energy.energy(HEAD.logits(train)))


def test_dice_keeps_the_weights_that_contribute_most():
    weight = torch.tensor([[1.0, -2.0, 4.0], [5.0, 0.5, -1.0]])
    # Mean features 1, 2, 0.5 make contributions 1, -4, 2 and 5, 1, -0.5.
    features = torch.tensor([[0.0, 4.0, 1.0], [2.0, 0.0, 0.0]])
    kept = DICE.sparsified(weight, features, sparsity=0.7)
    assert kept.tolist() == [[0, 0, 4.0], [5.0, 0, 0]]
    assert DICE.sparsified(weight, features, 0).equal(weight)


def test_ash_keeps_the_largest_and_stretches_them():
    features = torch.tensor([[1.0, 4.0, 0.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    shaped = ASH.ash(features, pruned=0.6)
    factor = math.exp(10 / 7)
    assert shaped[0].tolist() == pytest.approx([0, 4 * factor, 0, 3 * factor, 0])
    assert (shaped[1] == 0).all()


@pytest.mark.parametrize(
    ("pruned", "kept"), [(0.0, 5), (0.29, 4), (0.31, 3), (0.65, 2), (0.71, 1), (0.99, 1)]
)
def test_ash_rounds_how_many_it_prunes_and_keeps_one_at_least(pruned, kept):
    shaped = ASH.ash(torch.tensor([[1.0, 4.0, 5.0, 3.0, 2.0]]), pruned)
    assert int((shaped > 0).sum()) == kept
    assert shaped.isfinite().all()


def test_ash_says_when_its_stretch_overflows():
    head = Head(torch.zeros(3, 200), torch.zeros(3))
    with pytest.raises(ValueError, match="Prune less"):
        ASH(head, 0.999).score(features_only(torch.ones(2, 200)))


def test_ash_refuses_features_below_zero():
    with pytest.raises(ValueError, match="ReLU"):
        ASH(HEAD).score(features_only(drawn(4, 5)))


def test_gradnorm_is_the_norm_of_the_gradient_that_autograd_finds():
    features = drawn(4, 5)
    for row in features:
        weight = HEAD.weight.clone().requires_grad_()
        logits = weight @ row + HEAD.bias
        (-logits.log_softmax(0).mean()).backward()
        score = GradNorm.gradnorm(row[None], logits[None].detach())
        assert float(score) == pytest.approx(-float(weight.grad.abs().sum()), rel=1e-5)


def test_kl_matching_compares_with_the_mean_answer_of_each_called_class():
    # Two answers of class 0, one of class 1, none of class 2.
    p = torch.tensor([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.1, 0.7, 0.2]])
    detector = KLMatching().fit(Outputs(p.log()))
    query = torch.tensor([[0.5, 0.25, 0.25]])
    typical = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2]])
    expected = min(float((query[0] * (query[0] / each).log()).sum()) for each in typical)
    assert float(detector.score(Outputs(query.log()))) == pytest.approx(expected, rel=1e-5)


def test_kl_matching_stays_finite_where_a_probability_underflows():
    logits = torch.tensor([[300.0, 0.0], [0.0, 300.0]])
    detector = KLMatching().fit(Outputs(logits))
    assert detector.score(Outputs(torch.zeros(1, 2))).isfinite().all()


def test_odin_moves_towards_the_called_class():
    weight = torch.tensor([[1.0, -2.0], [-1.0, 2.0]])

    def network(images):
        return images.flatten(1) @ weight.T

    images = torch.tensor([[[[3.0, 1.0]]], [[[0.0, 1.0]]]])
    moved = ODIN.perturb(network, images, epsilon=0.1)
    # The first is called class 0 and moves along (+1, -1), the second class 1 along (-1, +1).
    expected = [3.1, 0.9, -0.1, 1.1]
    assert moved.flatten().tolist() == pytest.approx(expected)
    assert not moved.requires_grad


def test_odin_divides_by_its_temperature():
    logits = torch.tensor([[2.0, 0.0, 0.0]])
    outputs = Outputs(logits, perturbed_logits=logits)
    for temperature in (1.0, 2.0, 1000.0):
        e = math.exp(2 / temperature)
        assert float(ODIN(temperature).score(outputs)) == pytest.approx(-e / (e + 2), abs=1e-12)
    assert ODIN().temperature == 1000


def test_the_temperature_of_odin_turns_its_step():
    # The called class 0 does not read the image. Cold, class 1 is the only rival and the step
    # leads away from it; hot, the two rivals weigh alike and the steeper class 2 decides.
    weight, bias = torch.tensor([[0.0], [1.0], [-3.0]]), torch.tensor([9.0, 8.0, 0.0])

    def network(images):
        return images.flatten(1) @ weight.T + bias

    moved = [
        float(ODIN.perturb(network, torch.zeros(1, 1, 1, 1), 0.5, temperature))
        for temperature in (0.1, 1000.0)
    ]
    assert moved == pytest.approx([-0.5, 0.5])
    assert float(ODIN.perturb(network, torch.zeros(1, 1, 1, 1), 0.5)) == pytest.approx(0.5)


def test_odin_keeps_apart_what_float32_would_tie():
    logits = torch.tensor([[5.0, 0.0, 0.0], [5.0001, 0.0, 0.0]])
    scores = ODIN().score(Outputs(logits, perturbed_logits=logits))
    assert scores[0] > scores[1]


def test_a_committee_that_agrees_has_entropy_and_no_information():
    unsure = torch.zeros(3, 1, 2)
    assert float(entropy(unsure)) == pytest.approx(math.log(2))
    assert float(information(unsure)) == pytest.approx(0, abs=1e-7)
    assert float(confidence(unsure)) == pytest.approx(-0.5)


def test_a_committee_that_quarrels_has_both():
    sure = 50.0
    quarrel = torch.tensor([[[sure, 0.0]], [[0.0, sure]]])
    assert float(entropy(quarrel)) == pytest.approx(math.log(2))
    assert float(information(quarrel)) == pytest.approx(math.log(2))
    outputs = Outputs(torch.zeros(1, 2), sampled_logits=quarrel)
    assert float(MCDropout().score(outputs)) == pytest.approx(math.log(2))
    assert float(Ensemble("confidence").score(outputs)) == pytest.approx(-0.5)


def test_information_is_less_the_mean_of_unequal_entropies():
    # One member says a half each, the other three quarters and one quarter.
    p = torch.tensor([[[0.5, 0.5]], [[0.75, 0.25]]])

    def of(first):
        return -(first * math.log(first) + (1 - first) * math.log(1 - first))

    expected = of(0.625) - (of(0.5) + of(0.75)) / 2
    assert float(information(p.log())) == pytest.approx(expected, abs=1e-6)


def test_a_probability_that_is_rounded_to_nothing_adds_nothing():
    sure = torch.tensor([[[3e38, -3e38, 0.0]]])
    assert float(entropy(sure)) == 0
    assert float(information(sure)) == 0
    assert float(Entropy.entropy(sure[0])) == 0


def test_an_unknown_measure_is_refused():
    with pytest.raises(ValueError, match="confidence, entropy, information"):
        make("mc_dropout", measure="variance")


def test_outlier_exposure_pays_for_outliers_that_are_not_answered_uniformly():
    logits, labels = drawn(6, 3), torch.arange(6) % 3
    familiar = F.cross_entropy(logits, labels)
    uniform = OutlierExposure.loss(logits, labels, torch.zeros(4, 3), weight=0.5)
    assert float(uniform) == pytest.approx(float(familiar) + 0.5 * math.log(3))
    sure = OutlierExposure.loss(logits, labels, torch.tensor([[9.0, 0.0, 0.0]]))
    assert sure > uniform
    halves = float(familiar) + 0.5 * math.log(3)
    assert float(OutlierExposure.loss(logits, labels, torch.zeros(4, 3))) == pytest.approx(halves)


def test_a_detector_that_changes_the_head_asks_for_it():
    for name in ("vim", "react", "dice", "ash"):
        with pytest.raises(ValueError, match=r"Head\(weight, bias\)"):
            make(name)
