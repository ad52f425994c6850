"""Cards hold recorded facts from records, stated ones from people, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from internlab.practice.handover import cards, digits, faults, records


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    path = digits.write_model(tmp_path_factory.mktemp("model") / "digits.onnx")
    return digits.record(path)


def test_a_card_of_all_facts_survives_its_file(recorded, tmp_path):
    card = cards.model_card(recorded, digits.STATED)
    assert cards.read(cards.write(card, tmp_path / "card.yaml")) == card
    facts = dict(cards.facts_of(card))
    assert facts == {**recorded, **digits.STATED}
    assert cards.nested(facts) == card


def test_what_the_run_knows_may_not_be_typed(recorded):
    less = {name: value for name, value in recorded.items() if name != "metric.value"}
    with pytest.raises(ValueError, match=r"metric\.value was stated by hand"):
        cards.model_card(less, digits.STATED | {"metric.value": 0.99})


def test_no_card_without_a_fact_or_with_an_unknown_one(recorded):
    for name in recorded:
        less = {fact: value for fact, value in recorded.items() if fact != name}
        with pytest.raises(ValueError, match=f"lacks {name}"):
            cards.model_card(less, digits.STATED)
    with pytest.raises(ValueError, match="licence"):
        cards.model_card(recorded, {k: v for k, v in digits.STATED.items() if k != "licence"})
    with pytest.raises(ValueError, match=r"no fact 'metric\.valeu'.*metric\.value"):
        cards.model_card(recorded | {"metric.valeu": 1}, digits.STATED)


def test_a_map_needs_places(recorded):
    with pytest.raises(ValueError, match=r"test\.places"):
        cards.model_card(recorded | {"output.layout": "NCHW"}, digits.STATED)


def test_a_data_card_refuses_the_same():
    with pytest.raises(ValueError, match="lacks name"):
        cards.data_card({}, {})
    with pytest.raises(ValueError, match="splits was stated by hand"):
        cards.data_card({}, {"splits": "all"})


def test_removing_a_fact_leaves_the_card_alone(recorded):
    card = cards.model_card(recorded, digits.STATED)
    before = dict(cards.facts_of(card))
    for fact, broken in faults.each_removed(card):
        assert set(before) - set(dict(cards.facts_of(broken))) == {fact}
    assert dict(cards.facts_of(card)) == before
    with pytest.raises(KeyError):
        faults.without(card, "input.colour")


def test_a_page_shows_every_fact_and_cuts_long_ones(recorded):
    card = cards.model_card(recorded, digits.STATED)
    page = cards.page(faults.changed(card, "licence", "a|b\nc"), "Digits")
    for fact in recorded:
        assert f"| {fact} |" in page
    assert "a\\|b c" in page
    assert max(map(len, page.split("\n"))) < 400


def test_the_interval_agrees_with_scipy():
    right = (np.random.default_rng(1).random(120) < 0.8).astype(float)
    facts = records.metric_facts(
        "accuracy",
        lambda w: float(w @ right / w.sum()),
        "items",
        "drawn",
        [right],
        np.random.default_rng(2),
        draws=4000,
    )
    theirs = stats.bootstrap(
        (right,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval
    assert facts["metric.value"] == round(right.mean(), 4)
    assert facts["metric.n"] == 120
    assert facts["metric.low"] == pytest.approx(theirs.low, abs=0.012)
    assert facts["metric.high"] == pytest.approx(theirs.high, abs=0.012)


def test_the_hash_of_the_data_sees_one_pixel():
    def hashed(image):
        return records.metric_facts(
            "m", lambda w: 1.0, "i", "d", [image], np.random.default_rng(0), draws=2
        )["metric.data_sha256"]

    image = np.zeros((3, 4, 4), np.uint8)
    other = image.copy()
    other[2, 3, 3] = 1
    assert hashed(image) == hashed(image.copy()) != hashed(other)
    assert hashed(image) != hashed(image.reshape(3, 2, 8))
    assert hashed(image) != hashed(image.astype(np.int8))


def test_the_places_of_a_test_show_every_class_that_occurs():
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.full(5, 0.3), size=(20, 30)).transpose(2, 0, 1)
    facts = records.test_facts(np.zeros((20, 30, 3), np.uint8), p, "abcde", spots=9)
    assert set(facts["test.classes"]) == set("abcde"[k] for k in np.unique(p.argmax(axis=0)))
    assert len(facts["test.places"]) == len(facts["test.probabilities"]) == 9
    for (row, column), name, said in zip(
        facts["test.places"], facts["test.classes"], facts["test.probabilities"], strict=True
    ):
        assert "abcde"[p[:, row, column].argmax()] == name
        assert said == pytest.approx(p[:, row, column].max(), abs=1e-6)


def test_a_class_of_one_pixel_is_among_the_places():
    p = np.full((3, 20, 30), 0.1)
    p[0] = 0.8
    p[:, 1, 2] = (0.2, 0.2, 0.6)
    facts = records.test_facts(np.zeros((20, 30, 3), np.uint8), p, "abc", spots=4)
    assert facts["test.places"][1] == [1, 2]
    assert facts["test.classes"] == ["a", "c", "a", "a"]


def test_the_digits_record_says_what_the_file_does(recorded):
    images = digits.test_images()
    assert len(images) == recorded["metric.n"] == 897
    assert recorded["metric.low"] < recorded["metric.value"] < recorded["metric.high"]
    assert recorded["metric.value"] > 0.9
    assert digits.probabilities(images[0]).sum() == pytest.approx(1)
