"""Every detector: hand-made cases, what must always hold, and the same for vectors and maps."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from internlab.ood.detectors import (
    DETECTORS,
    KNN,
    MSP,
    ODIN,
    Energy,
    Entropy,
    Head,
    Mahalanobis,
    MaxLogit,
    make,
)
from internlab.ood.outputs import ANOMALY, VOID, Outputs

CLASSES, FEATURES = 4, 6


def some_outputs(count: int, seed: int, size: tuple[int, ...] = ()) -> Outputs:
    """Return random outputs with every field, dense if `size` is (H, W)."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    labels = torch.randint(CLASSES, (count, *size), generator=generator)
    return Outputs(
        logits=3 * draw(count, CLASSES, *size),
        features=draw(count, FEATURES, *size).relu() + 0.1,
        labels=labels,
        sampled_logits=draw(3, count, CLASSES, *size),
        perturbed_logits=draw(count, CLASSES, *size),
    )


def some_head(seed: int = 0) -> Head:
    generator = torch.Generator().manual_seed(seed)
    return Head(
        torch.randn(CLASSES, FEATURES, generator=generator),
        torch.randn(CLASSES, generator=generator),
    )


def as_vectors(dense: Outputs) -> Outputs:
    """Return the pixels of dense outputs as if each were an image."""

    def rows(values: Tensor) -> Tensor:
        return values.movedim(-3, -1).flatten(-4, -2)

    return Outputs(
        logits=rows(dense.logits),
        features=rows(dense.features),
        labels=dense.labels.flatten(),
        sampled_logits=rows(dense.sampled_logits),
        perturbed_logits=rows(dense.perturbed_logits),
    )


@pytest.mark.parametrize("name", DETECTORS)
def test_a_dense_map_is_scored_like_its_pixels(name):
    train, test = some_outputs(3, 0, (5, 4)), some_outputs(2, 1, (3, 7))
    dense = make(name, some_head()).fit(train).score(test)
    flat = make(name, some_head()).fit(as_vectors(train)).score(as_vectors(test))
    assert dense.shape == (2, 3, 7)
    torch.testing.assert_close(dense.flatten(), flat)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_score_is_finite_and_belongs_to_its_image_alone(name):
    train, test = some_outputs(60, 0), some_outputs(9, 1)
    detector = make(name, some_head()).fit(train)
    scores = detector.score(test)
    assert scores.shape == (9,)
    assert scores.isfinite().all()
    alone = Outputs(
        test.logits[4:5],
        test.features[4:5],
        test.labels[4:5],
        test.sampled_logits[:, 4:5],
        test.perturbed_logits[4:5],
    )
    torch.testing.assert_close(detector.score(alone), scores[4:5])


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_says_where_it_comes_from(name):
    kind = DETECTORS[name]
    assert kind.name == name
    assert kind.title and kind.paper and kind.url.startswith("https://")
    assert 2010 < kind.year < 2027
    assert "References" in kind.__doc__


@pytest.mark.parametrize("name", [n for n, kind in DETECTORS.items() if kind.uses_fit])
def test_a_score_before_the_fit_is_refused(name):
    with pytest.raises(ValueError, match="fit"):
        make(name, some_head()).score(some_outputs(3, 0))


@pytest.mark.parametrize("name", DETECTORS)
def test_what_a_detector_needs_is_asked_for(name):
    kind = DETECTORS[name]
    full = some_outputs(40, 0)
    for field in kind.needs:
        fields = {each: getattr(full, each) for each in ("features", "labels", "sampled_logits")}
        fields["perturbed_logits"] = full.perturbed_logits
        lacking = Outputs(full.logits, **{**fields, field: None})
        with pytest.raises(ValueError, match=f"{kind.title} needs `{field}`"):
            make(name, some_head()).fit(full).score(lacking)
    for field in kind.needs_to_fit:
        fields = {each: getattr(full, each) for each in ("features", "labels")}
        with pytest.raises(ValueError, match=f"{kind.title} needs `{field}`"):
            make(name, some_head()).fit(Outputs(full.logits, **{**fields, field: None}))


def test_an_unknown_detector_is_answered_with_a_suggestion():
    with pytest.raises(ValueError, match="Did you mean 'mahalanobis'"):
        make("mahalonobis")


def test_logits_that_make_each_score_plain():
    logits = torch.tensor([[0.0, 0.0], [math.log(3), 0.0]])
    outputs = Outputs(logits)
    assert MSP().score(outputs).tolist() == pytest.approx([-0.5, -0.75])
    assert MaxLogit().score(outputs).tolist() == pytest.approx([0.0, -math.log(3)])
    assert Energy().score(outputs).tolist() == pytest.approx([-math.log(2), -math.log(4)])
    expected = [math.log(2), -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))]
    assert Entropy().score(outputs).tolist() == pytest.approx(expected)


@given(st.floats(-50, 50), st.integers(0, 10_000))
def test_softmax_forgets_a_shift_of_all_logits_and_evidence_does_not(shift, seed):
    logits = some_outputs(5, seed).logits.double()
    for score in (MSP.msp, Entropy.entropy):
        torch.testing.assert_close(score(logits + shift), score(logits))
    for score in (MaxLogit.max_logit, Energy.energy):
        torch.testing.assert_close(score(logits + shift), score(logits) - shift)


@given(st.integers(0, 10_000))
def test_energy_lies_below_the_largest_logit_and_meets_it_when_cold(seed):
    logits = some_outputs(5, seed).logits.double()
    largest = MaxLogit.max_logit(logits)
    assert (Energy.energy(logits) <= largest).all()
    assert (Energy.energy(logits) >= largest - math.log(CLASSES)).all()
    torch.testing.assert_close(Energy.energy(logits, 1e-3), largest, atol=0.01, rtol=0)


def test_huge_logits_do_not_overflow():
    logits = torch.tensor([[3e4, -3e4, 0.0]])
    assert MSP.msp(logits).item() == -1
    assert Entropy.entropy(logits).item() == 0
    assert Energy.energy(logits).item() == -3e4


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_energy_and_odin_refuse_a_temperature_that_is_not_positive(temperature):
    with pytest.raises(ValueError, match="positive"):
        Energy(temperature)
    with pytest.raises(ValueError, match="positive"):
        ODIN(temperature)


def two_classes_on_a_line() -> Outputs:
    """Two classes around (0, 0) and (10, 0), both wide along the second axis (variances 1, 16)."""
    around = torch.tensor([[1.0, 4.0], [1.0, -4.0], [-1.0, 4.0], [-1.0, -4.0]])
    features = torch.cat([around, around + torch.tensor([10.0, 0.0])])
    return Outputs(torch.zeros(8, 2), features, torch.tensor([0] * 4 + [1] * 4))


def test_mahalanobis_counts_in_standard_deviations_within_a_class():
    detector = Mahalanobis(ridge=0).fit(two_classes_on_a_line())
    torch.testing.assert_close(detector.covariance, torch.diag(torch.tensor([1.0, 16.0])).double())
    points = torch.tensor([[0.0, 0.0], [10.0, 4.0], [5.0, 0.0], [13.0, 0.0]])
    scores = detector.score(Outputs(torch.zeros(4, 2), points))
    # The spread between the classes is no spread within them: (5, 0) is 5 deviations from both.
    assert scores.tolist() == pytest.approx([0, 1, 25, 9])


def test_mahalanobis_is_the_same_in_any_units_and_after_any_turn():
    train, test = some_outputs(80, 0), some_outputs(20, 1)
    generator = torch.Generator().manual_seed(2)
    turn = torch.randn(FEATURES, FEATURES, generator=generator).double()
    first = Mahalanobis(ridge=0).fit(train).score(test)
    moved = [
        Outputs(each.logits, each.features.double() @ turn * 1e-4 + 7, each.labels)
        for each in (train, test)
    ]
    torch.testing.assert_close(Mahalanobis(ridge=0).fit(moved[0]).score(moved[1]), first)


def test_the_ridge_of_mahalanobis_follows_the_scale_of_the_features():
    train, test = some_outputs(80, 0), some_outputs(20, 1)
    first = Mahalanobis(ridge=0.1).fit(train).score(test)
    small = [Outputs(each.logits, each.features * 1e-3, each.labels) for each in (train, test)]
    torch.testing.assert_close(
        Mahalanobis(ridge=0.1).fit(small[0]).score(small[1]), first, rtol=1e-4, atol=0
    )


def test_a_singular_covariance_is_refused_only_without_its_ridge():
    features = torch.ones(6, 2)
    features[:, 0] = torch.arange(6)
    outputs = Outputs(torch.zeros(6, 1), features, torch.zeros(6, dtype=torch.long))
    assert Mahalanobis().fit(outputs).score(outputs).isfinite().all()
    with pytest.raises(ValueError, match="singular"):
        Mahalanobis(ridge=0).fit(outputs).score(outputs)
    constant = Outputs(torch.zeros(6, 1), torch.ones(6, 2), torch.zeros(6, dtype=torch.long))
    with pytest.raises(ValueError, match="singular"):
        Mahalanobis().fit(constant).score(constant)


@pytest.mark.parametrize("name", [n for n, kind in DETECTORS.items() if kind.uses_fit])
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8])
@pytest.mark.parametrize("none", [VOID, ANOMALY])
@pytest.mark.parametrize("size", [(), (3, 2)])
def test_void_pixels_teach_nothing(name, dtype, none, size):
    train, test = some_outputs(40, 0, size), some_outputs(10, 1)
    labels, features, logits = (
        each.clone() for each in (train.labels.to(dtype), train.features, train.logits)
    )
    labels[::4], features[::4], logits[::4] = none, 1e4, 50 * logits[::4].flip(1)
    scores = make(name, some_head()).fit(Outputs(logits, features, labels)).score(test)
    kept = labels.reshape(len(labels), -1)[:, 0] != none
    clean = Outputs(train.logits[kept], train.features[kept], train.labels[kept])
    torch.testing.assert_close(scores, make(name, some_head()).fit(clean).score(test))


@pytest.mark.parametrize("name", [n for n, kind in DETECTORS.items() if kind.uses_fit])
def test_a_fit_on_nothing_is_refused(name):
    train = some_outputs(6, 0)
    void = Outputs(train.logits, train.features, torch.full((6,), VOID))
    with pytest.raises(ValueError, match="none of them is a class"):
        make(name, some_head()).fit(void)
    for labels in ((None,) if "labels" not in DETECTORS[name].needs_to_fit else ()) + (
        train.labels[:0],
    ):
        with pytest.raises(ValueError, match="no image to learn from"):
            make(name, some_head()).fit(Outputs(train.logits[:0], train.features[:0], labels))


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_scored_like_the_same_numbers_in_float32(name, dtype):
    def half(outputs: Outputs, scale: float) -> dict[str, Tensor]:
        fields = ("logits", "features", "sampled_logits", "perturbed_logits")
        return {field: (scale * getattr(outputs, field)).to(dtype) for field in fields}

    train, test = half(some_outputs(60, 0), 1), half(some_outputs(9, 1), 100)
    # Sums over these overflow in float16, and most probabilities round to 0.
    labels = some_outputs(60, 0).labels
    weight, bias = some_head().weight.to(dtype), some_head().bias.to(dtype)
    scores = make(name, Head(weight, bias)).fit(Outputs(**train, labels=labels))
    scores = scores.score(Outputs(**test))
    assert scores.isfinite().all()
    train, test = ({key: each.float() for key, each in part.items()} for part in (train, test))
    expected = make(name, Head(weight.float(), bias.float()))
    expected = expected.fit(Outputs(**train, labels=labels)).score(Outputs(**test))
    torch.testing.assert_close(scores, expected)


READ_FEATURES = [
    name
    for name, kind in DETECTORS.items()
    if "features" in kind.needs and (kind.uses_fit or kind.uses_head)
]


@pytest.mark.parametrize("name", READ_FEATURES)
@pytest.mark.parametrize("width", [1, FEATURES - 1, FEATURES + 1])
def test_features_of_another_network_are_refused(name, width):
    train = some_outputs(40, 0)
    other = Outputs(train.logits, torch.ones(40, width), train.labels)
    with pytest.raises(ValueError, match=rf"{width} dimensions.*{FEATURES}"):
        make(name, some_head()).fit(train).score(other)
    if DETECTORS[name].uses_head and DETECTORS[name].uses_fit:
        with pytest.raises(ValueError, match=rf"{width} dimensions.*{FEATURES}"):
            make(name, some_head()).fit(other)


def test_logits_of_another_network_are_refused():
    detector = make("kl_matching").fit(some_outputs(40, 0))
    with pytest.raises(ValueError, match=r"logits have 3 dimensions.*reads 4"):
        detector.score(Outputs(torch.zeros(2, 3)))


def test_the_nearest_neighbours_are_counted_on_the_unit_sphere():
    # Directions 0, 90 and 180 degrees; lengths must not matter.
    train = Outputs(torch.zeros(3, 2), torch.tensor([[5.0, 0], [0, 0.1], [-2.0, 0]]))
    test = Outputs(torch.zeros(1, 2), torch.tensor([[0.3, 0.0]]))
    scores = [KNN(k).fit(train).score(test).item() for k in (1, 2, 3)]
    assert scores == pytest.approx([0, math.sqrt(2), 2], abs=1e-3)


def test_a_k_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="smaller k"):
        KNN(7).fit(some_outputs(6, 0))
    with pytest.raises(ValueError, match="1 <= k <= bank"):
        KNN(0)
    with pytest.raises(TypeError, match=r"k of kNN is 2\.5, expected a whole number"):
        KNN(k=2.5)
    with pytest.raises(TypeError, match="bank"):
        KNN(k=2, bank=1e4)


def test_a_bank_bounds_what_is_kept_and_depends_on_the_seed_alone():
    train = some_outputs(50, 0)
    kept = [KNN(3, bank=20, seed=seed).fit(train).neighbours for seed in (0, 0, 1)]
    assert kept[0].shape == (20, FEATURES)
    assert torch.equal(kept[0], kept[1])
    assert not torch.equal(kept[0], kept[2])


def test_the_head_gives_the_logits_and_refuses_other_shapes():
    head = Head(torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([0.5, 0.0]))
    assert head.logits(torch.tensor([[1.0, 1.0]])).tolist() == [[3.5, 1.0]]
    with pytest.raises(ValueError, match="same network"):
        head.logits(torch.zeros(1, 3))
    with pytest.raises(ValueError, match="1 x 1 convolution"):
        Head(torch.zeros(2, 3, 1, 1), torch.zeros(2))
    for bad in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="weight of the head"):
            Head(torch.full((2, 3), bad), torch.zeros(2))
        with pytest.raises(ValueError, match="bias of the head"):
            Head(torch.zeros(2, 3), torch.full((2,), bad))
    with pytest.raises(TypeError, match=r"numpy\.ndarray.*from_numpy"):
        Head(torch.zeros(2, 3).numpy(), torch.zeros(2))
