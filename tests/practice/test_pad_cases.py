"""Cases: every pair held, by a count that shares nothing with the plan; and what it costs."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from internlab.practice.antispoofing import cases

FACTORS = {
    "kind": ("paper", "screen", "mask"),
    "edges": ("visible", "hidden", "none"),
    "light": ("window", "dim"),
}


def can_be(case):
    return (case["edges"] == "none") == (case["kind"] == "mask")


def missing_pairs(chosen, factors, possible):
    """Count by brute force: for each two factors and each two levels, is there a case."""
    missing = 0
    for first, second in combinations(factors, 2):
        for a, b in product(factors[first], factors[second]):
            others = [name for name in factors if name not in (first, second)]
            could = any(
                possible({first: a, second: b} | dict(zip(others, rest, strict=True)))
                for rest in product(*(factors[name] for name in others))
            )
            held = any(case[first] == a and case[second] == b for case in chosen)
            missing += could and not held
    return missing


tables = st.lists(st.integers(1, 4), min_size=2, max_size=5).map(
    lambda counts: {f"f{i}": tuple(f"l{k}" for k in range(n)) for i, n in enumerate(counts)}
)


@settings(max_examples=40, deadline=None)
@given(tables, st.integers(0, 99))
def test_every_pair_is_held_and_no_list_is_shorter_than_the_bound(factors, seed):
    chosen = cases.pairwise(factors, np.random.default_rng(seed), tries=2)
    assert missing_pairs(chosen, factors, cases.always) == 0
    assert cases.coverage(chosen, factors) == 1
    assert cases.lower_bound(factors) <= len(chosen) <= len(cases.all_cases(factors))
    sizes = sorted((len(levels) for levels in factors.values()), reverse=True)
    assert cases.lower_bound(factors) == sizes[0] * sizes[1]


def test_what_cannot_be_is_neither_asked_for_nor_planned():
    chosen = cases.pairwise(FACTORS, np.random.default_rng(0), can_be)
    assert all(can_be(case) for case in chosen)
    assert missing_pairs(chosen, FACTORS, can_be) == 0
    assert len(cases.all_cases(FACTORS, can_be)) == 10
    assert cases.lower_bound(FACTORS, can_be) == 6


def test_coverage_of_some_cases_is_a_share():
    one = {"kind": "paper", "edges": "visible", "light": "dim"}
    wanted = cases.pairs_wanted(FACTORS, can_be)
    assert cases.coverage([one], FACTORS, can_be) == 3 / len(wanted)
    assert cases.coverage([], FACTORS, can_be) == 0
    assert missing_pairs([], FACTORS, can_be) == len(wanted)


def test_coverage_so_far_is_the_coverage_of_each_beginning():
    plan = cases.all_cases(FACTORS, can_be)
    shares = cases.coverage_so_far(plan, FACTORS, can_be)
    assert shares == [cases.coverage(plan[: n + 1], FACTORS, can_be) for n in range(len(plan))]
    assert 0 < shares[0] < shares[-1] == 1


def test_a_session_and_an_instrument_are_paid_once():
    prices = cases.Prices(session=4, instrument={"paper": 1, "mask": 10}, case=0.5)
    plan = [
        {"kind": "paper", "light": "dim"},
        {"kind": "paper", "light": "dim"},
        {"kind": "mask", "light": "dim"},
        {"kind": "paper", "light": "window"},
    ]
    assert cases.hours(plan, prices, ["light"], "kind") == [5.5, 0.5, 10.5, 4.5]


def test_the_best_order_keeps_the_cases_and_covers_more_for_the_first_hours():
    prices = cases.Prices(session=4, instrument=dict.fromkeys(FACTORS["kind"], 2), case=0.5)
    chosen = cases.pairwise(FACTORS, np.random.default_rng(0), can_be)
    ordered = cases.best_first(chosen, prices, ["light"], "kind")
    assert sorted(map(str, ordered)) == sorted(map(str, chosen))

    def covered_in(plan, budget):
        spent = np.cumsum(cases.hours(plan, prices, ["light"], "kind"))
        return cases.coverage([c for c, s in zip(plan, spent, strict=True) if s <= budget], FACTORS)

    worst_first = sorted(chosen, key=lambda case: (case["kind"], case["light"]))
    area = {
        name: sum(covered_in(plan, budget) for budget in range(0, 20))
        for name, plan in {"ordered": ordered, "listed": worst_first}.items()
    }
    assert area["ordered"] >= area["listed"]


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="'light' has the levels"):
        cases.all_cases({"light": ("dim", "dim")})
    with pytest.raises(ValueError, match="No price for the instrument 'mask'"):
        cases.hours([{"kind": "mask"}], cases.Prices(1, {"paper": 1}, 1), [], "kind")
