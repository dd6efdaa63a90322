"""The arithmetic of evidence against exact sums."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.columns.statistics import binomial_tail, noisy_or, wilson_interval


@given(st.integers(1, 60), st.data(), st.sampled_from([Fraction(1, 20), Fraction(1, 11), Fraction(1, 3)]))
def test_the_tail_is_the_sum_of_its_terms(trials: int, data: st.DataObject, chance: Fraction) -> None:
    passes = data.draw(st.integers(0, trials))
    exact = sum(math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(passes, trials + 1))
    if passes > trials * chance:
        assert binomial_tail(trials, passes, float(chance)) == pytest.approx(float(exact), rel=1e-6)
    else:
        assert binomial_tail(trials, passes, float(chance)) == 1.0


def test_one_of_one_is_as_unlikely_as_its_chance_and_one_of_a_million_is_not() -> None:
    assert binomial_tail(1, 1, 5e-6) == pytest.approx(5e-6)
    assert binomial_tail(1_000_000, 1, 5e-6) == 1.0


def test_the_interval_holds_known_figures() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    low, high = wilson_interval(5, 10)
    assert (round(low, 4), round(high, 4)) == (0.2366, 0.7634)


@given(st.lists(st.floats(0, 1), max_size=6))
def test_reasons_add_up_and_never_beyond_certainty(weights: list[float]) -> None:
    assert max(weights, default=0) <= noisy_or(weights) + 1e-12
    assert noisy_or(weights) <= 1
