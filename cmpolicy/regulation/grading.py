"""Clause 3.1: grades of months and quarters. A grade is a number: 0 is the best, `NO_GRADE` is none."""

from __future__ import annotations

from typing import Any

from cmpolicy.regulation.arithmetic import NO_GRADE, minimum, one_if, where
from cmpolicy.regulation.clauses import clause
from cmpolicy.regulation.readings import BandRule, FraudScore, MissingMonths

SIXTHS = 6
"""A mean of one, two or three whole months, plus whole points, is a whole number of sixths."""


@clause("3.1")
def grade_of(score: Any, bounds: tuple[Any, ...]) -> Any:
    """Count the lower bounds that a score misses: 0 is the best grade."""
    missed = one_if(score < bounds[0])
    for place in range(1, len(bounds)):
        missed = missed + one_if(score < bounds[place])
    return missed


@clause("3.1")
def month_grade(score: Any, assessed: Any, fraud: Any, bounds: tuple[Any, ...]) -> Any:
    """Grade a month by its score; proven fraud makes it the lowest grade."""
    graded = where(fraud, len(bounds), grade_of(score, bounds))
    return where(assessed, graded, NO_GRADE)


@clause("3.1")
def score_in_mean(score: Any, fraud: Any, lowest_bound: Any, fraud_score: FraudScore) -> Any:
    """Say what a month counts in its quarter's mean: its score, unless fraud was proven."""
    if fraud_score == FraudScore.keep:
        return score
    if fraud_score == FraudScore.zero:
        return where(fraud, 0, score)
    return where(fraud, minimum(score, lowest_bound - 1), score)


@clause("3.1")
def counts_in_mean(assessed: Any, fraud: Any, fraud_score: FraudScore) -> Any:
    """Tell whether a month counts in its quarter's mean."""
    if fraud_score == FraudScore.exclude:
        return assessed & (fraud == 0)
    return assessed


@clause("3.1")
def mean_in_sixths(total: Any, months: Any) -> Any:
    """Take the mean of up to three months' scores, in sixths of a point; 0 without a month."""
    return total * (6 * one_if(months == 1) + 3 * one_if(months == 2) + 2 * one_if(months == 3))


@clause("3.1")
def quarter_score(total: Any, months: Any, review: Any, surveys: Any) -> Any:
    """Take the mean of the months that count and add the points of 2.9 and 2.10, in sixths of a point."""
    return mean_in_sixths(total, months) + SIXTHS * (review + surveys)


@clause("3.1")
def has_score(months_in_mean: Any, months_assessed: Any, missing_months: MissingMonths) -> Any:
    """Tell whether a quarter has a score: some month counts, and enough months were assessed."""
    if missing_months == MissingMonths.require_three:
        return (months_in_mean > 0) & (months_assessed == 3)
    return months_in_mean > 0


def bounds_in_sixths(bounds: tuple[int, ...], band_rule: BandRule) -> tuple[int, ...]:
    """Turn whole-point bounds into sixths. Rounding a score half up first is the same as asking half a point less."""
    return tuple(SIXTHS * bound - (3 if band_rule == BandRule.round_half_up else 0) for bound in bounds)


@clause("3.1")
def quarter_grade(score: Any, scored: Any, any_fraud: Any, bounds: tuple[Any, ...], fraud_score: FraudScore) -> Any:
    """Grade a quarter by its score in sixths; one reading makes a quarter with fraud the lowest grade."""
    graded = grade_of(score, bounds)
    if fraud_score == FraudScore.quarter_E:
        graded = where(any_fraud, len(bounds), graded)
    return where(scored, graded, NO_GRADE)
