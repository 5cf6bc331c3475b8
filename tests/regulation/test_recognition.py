"""Clause 3.4: who is named best of a month."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmpolicy.regulation.readings import BestRevenueMetric
from cmpolicy.regulation.recognition import best_of, best_revenue

people = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12), st.booleans()), min_size=1, max_size=15)


def columns(rows, scale=1):
    revenue, base, eligible = zip(*rows, strict=True)
    return np.array(revenue) * scale, np.array(base) * scale, np.array(eligible)


@given(rows=people)
def test_everyone_who_shares_the_highest_value_among_the_eligible_is_best(rows):
    values, _, eligible = columns(rows)
    known = [value for value, _, may in rows if may]
    expected = [place for place, (value, _, may) in enumerate(rows) if may and value == max(known)]
    assert best_of(values, eligible).tolist() == expected


def test_nobody_is_best_where_nobody_is_eligible():
    assert best_of(np.array([3, 4], np.int16), np.array([False, False])).tolist() == []
    for metric in BestRevenueMetric:
        assert best_revenue(np.array([3, 4]), np.array([1, 1]), np.array([False, False]), metric).tolist() == []


@given(rows=people)
def test_revenue_is_best_by_its_excess_over_the_base(rows):
    """A34: also where every excess is negative."""
    revenue, base, eligible = columns(rows)
    known = [one - of for one, of, may in rows if may]
    expected = [place for place, (one, of, may) in enumerate(rows) if may and one - of == max(known)]
    assert best_revenue(revenue, base, eligible, BestRevenueMetric.excess).tolist() == expected


@given(rows=people, scale=st.sampled_from([1, 3, 10**9]))
def test_attainment_is_the_exact_ratio_to_a_base_above_nought(rows, scale):
    """A34: who has no base takes no part; equal ratios of different figures are a tie."""
    revenue, base, eligible = columns(rows, scale)
    known = [Fraction(one, of) for one, of, may in rows if may and of]
    expected = [place for place, (one, of, may) in enumerate(rows) if may and of and Fraction(one, of) == max(known)]
    assert best_revenue(revenue, base, eligible, BestRevenueMetric.attainment).tolist() == expected


@pytest.mark.parametrize(("more", "best"), [(0, [0, 1]), (1, [1]), (-1, [0])])
def test_attainment_tells_ratios_apart_that_floats_cannot(more, best):
    """One fen in 30 million yuan of one base against another."""
    base = np.array([3_000_000_000_000_000, 6_000_000_000_000_000])
    revenue = base + np.array([1_000_000_000, 2_000_000_000 + more])
    assert best_revenue(revenue, base, np.array([True, True]), BestRevenueMetric.attainment).tolist() == best
