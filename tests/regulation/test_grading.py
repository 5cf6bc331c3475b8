"""Clause 3.1: grades of months and quarters, exact at every bound."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from three_runs import BOUNDS, FLAG, MONTHS, SCORE, Fixed, assert_same_in_three_runs, whole

from cmpolicy.regulation import grading
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.grading import bounds_in_sixths
from cmpolicy.regulation.readings import BandRule, FraudScore, MissingMonths

ENACTED = (110, 100, 95, 90)
FRAUD = [(option,) for option in FraudScore]
TOTAL = whole(-5000, 5000, np.int16)
ADDED = whole(-25, 25, np.int16)
RULES = [
    (grading.grade_of, [SCORE, BOUNDS], [()]),
    (grading.month_grade, [SCORE, FLAG, FLAG, BOUNDS], [()]),
    (grading.score_in_mean, [SCORE, FLAG, Fixed(st.integers(-500, 500))], FRAUD),
    (grading.counts_in_mean, [FLAG, FLAG], FRAUD),
    (grading.mean_in_sixths, [TOTAL, MONTHS], [()]),
    (grading.quarter_score, [TOTAL, MONTHS, ADDED, ADDED], [()]),
    (grading.has_score, [MONTHS, MONTHS], [(option,) for option in MissingMonths]),
    (grading.quarter_grade, [SCORE, FLAG, FLAG, BOUNDS], FRAUD),
]


@pytest.mark.parametrize(("rule", "arguments", "options"), [pytest.param(*r, id=r[0].__name__) for r in RULES])
@settings(max_examples=20)  # of a dozen rows each
@given(data=st.data())
def test_one_source_serves_the_scalar_the_column_and_the_compiled_run(rule, arguments, options, data):
    assert_same_in_three_runs(data, rule, arguments, options)


def graded(sixths, bounds, *, scored=True, any_fraud=False, reading=FraudScore.cap_below_D):
    return grading.quarter_grade(sixths, scored, any_fraud, bounds, reading)


@pytest.mark.parametrize(
    ("score", "grade"),
    [(1000, 0), (110, 0), (109, 1), (100, 1), (99, 2), (95, 2), (94, 3), (90, 3), (89, 4), (-50, 4)],
)
def test_every_bound_is_the_lowest_score_of_its_grade(score, grade):
    assert grading.grade_of(score, ENACTED) == grade


def test_a_month_of_fraud_has_the_lowest_grade_and_an_unassessed_month_none():
    assert grading.month_grade(112, assessed=True, fraud=True, bounds=ENACTED) == 4
    assert grading.month_grade(112, assessed=True, fraud=False, bounds=ENACTED) == 0
    assert grading.month_grade(112, assessed=False, fraud=False, bounds=ENACTED) == NO_GRADE


@pytest.mark.parametrize(
    ("reading", "counted"),
    [("cap_below_D", (89, 70)), ("keep", (112, 70)), ("zero", (0, 0)), ("quarter_E", (89, 70))],
)
def test_a_fraud_month_counts_in_the_mean_as_the_reading_says(reading, counted):
    """A18: the cap is one below the lowest bound and never raises a score that is lower already."""
    got = tuple(
        grading.score_in_mean(score, fraud=True, lowest_bound=90, fraud_score=FraudScore[reading])
        for score in (112, 70)
    )
    assert got == counted
    assert grading.score_in_mean(112, fraud=False, lowest_bound=90, fraud_score=FraudScore[reading]) == 112


def test_exclude_takes_the_fraud_month_out_of_the_mean():
    """A18"""
    assert not grading.counts_in_mean(assessed=True, fraud=True, fraud_score=FraudScore.exclude)
    assert grading.counts_in_mean(assessed=True, fraud=False, fraud_score=FraudScore.exclude)
    assert all(
        grading.counts_in_mean(assessed=True, fraud=True, fraud_score=option)
        for option in FraudScore
        if option != FraudScore.exclude
    )


@given(scores=st.lists(st.integers(-500, 500), min_size=1, max_size=3), review=st.integers(-9, 9))
def test_a_quarter_score_is_the_exact_mean_of_its_months_and_the_added_points(scores, review):
    sixths = grading.quarter_score(sum(scores), len(scores), review, 5)
    assert Fraction(sixths, 6) == Fraction(sum(scores), len(scores)) + review + 5


@given(sixths=st.integers(-3000, 3000), rule=st.sampled_from(BandRule))
def test_a_quarter_is_graded_by_its_exact_score_or_by_the_score_rounded_half_up(sixths, rule):
    """A16: 109.67 is B, and A once rounded; x.5 rounds up, also below zero."""
    score = Fraction(sixths, 6)
    if rule == BandRule.round_half_up:
        score = floor(score + Fraction(1, 2))
    bounds = (110, 100, 0, -20)
    expected = sum(score < bound for bound in bounds)
    assert graded(sixths, bounds_in_sixths(bounds, rule)) == expected


@pytest.mark.parametrize(
    ("reading", "in_mean", "assessed", "scored"),
    [
        ("mean_present_prorated", 1, 1, True),
        ("mean_present_full", 2, 2, True),
        ("require_three", 2, 2, False),
        ("require_three", 3, 3, True),
        ("require_three", 1, 3, True),  # two fraud months were excluded, but assessed
        ("mean_present_prorated", 0, 3, False),  # every month was excluded
        ("require_three", 0, 3, False),
        ("mean_present_full", 0, 0, False),
    ],
)
def test_a_quarter_has_a_score_where_months_count_and_enough_were_assessed(reading, in_mean, assessed, scored):
    """A21, A18"""
    assert bool(grading.has_score(in_mean, assessed, MissingMonths[reading])) is scored


def test_quarter_e_makes_a_scored_quarter_with_fraud_the_lowest_grade():
    """A18"""
    sixths = bounds_in_sixths(ENACTED, BandRule.lower_bound)
    assert graded(6 * 120, sixths, any_fraud=True, reading=FraudScore.quarter_E) == 4
    assert graded(6 * 120, sixths, any_fraud=True) == 0
    assert graded(6 * 120, sixths, scored=False, any_fraud=True, reading=FraudScore.quarter_E) == NO_GRADE


@given(
    score=st.integers(-1000, 1000),
    bounds=st.lists(st.integers(-100, 150), min_size=1, max_size=6, unique=True),
    place=st.integers(0, 5),
    less=st.integers(1, 40),
)
def test_a_lower_bound_never_worsens_a_grade_and_a_higher_score_never_does(score, bounds, place, less):
    bounds = sorted(bounds, reverse=True)
    lowered = list(bounds)
    lowered[place % len(bounds)] -= less
    assert grading.grade_of(score, lowered) <= grading.grade_of(score, bounds)
    assert grading.grade_of(score + less, bounds) <= grading.grade_of(score, bounds)


@given(score=st.integers(-1000, 1000), rule=st.sampled_from(BandRule))
def test_a_score_has_exactly_one_grade(score, rule):
    """The bounds leave no gap: round_half_up closes the gaps of whole bands, lower_bound has none."""
    bounds = bounds_in_sixths(ENACTED, rule)
    grade = grading.grade_of(score, bounds)
    edges = (float("inf"), *bounds, float("-inf"))
    assert edges[grade] > score >= edges[grade + 1]
