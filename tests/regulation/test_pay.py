"""Clauses R1, 3.2 and 3.3: bonuses, penalty and awards, exact to the fen."""

from fractions import Fraction
from itertools import product
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from three_runs import AMOUNTS, FEN, FLAG, GRADE, MONTHS, RATIO, REVENUE, STANDING, assert_same_in_three_runs, whole

from cmpolicy.regulation import pay
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.readings import (
    AfterDismissal,
    AnnualNegative,
    MissingMonths,
    PayoutFloor,
    ProbationBonus,
    RevenueBelowBase,
)
from cmpolicy.regulation.standing import LEFT, OBSERVATION, REGULAR

CARRIED = whole(0, 10**9, np.int64)
BONUSES = (250_000, 200_000, 150_000, 100_000, 0)
EIGHTH = (1, 8)
money = st.integers(-(10**11), 10**11)
bonus = st.integers(0, 10**8)


def each(*kinds):
    return list(product(*kinds))


RULES = [
    (pay.revenue_bonus, [REVENUE, REVENUE, CARRIED, RATIO], each(RevenueBelowBase)),
    (pay.service_bonus, [GRADE, MONTHS, AMOUNTS], each(MissingMonths)),
    (pay.month_award, [GRADE, AMOUNTS], [()]),
    (pay.cash_effect, [FEN, FEN], each(AnnualNegative)),
    (pay.quarter_payout, [FEN, FEN], each(PayoutFloor)),
    (pay.penalty_not_applied, [FEN, FEN, FEN], [()]),
    (pay.month_is_paid, [FLAG, FLAG], each(ProbationBonus)),
    (pay.grade_paid, [GRADE, STANDING], each(AfterDismissal, ProbationBonus)),
    (pay.revenue_paid, [FEN, STANDING], each(AfterDismissal)),
    (pay.penalty_carried, [FEN, FEN, FLAG, FLAG], [()]),
]


@pytest.mark.parametrize(("rule", "arguments", "options"), [pytest.param(*r, id=r[0].__name__) for r in RULES])
@settings(max_examples=20)  # of a dozen rows each
@given(data=st.data())
def test_one_source_serves_the_scalar_the_column_and_the_compiled_run(rule, arguments, options, data):
    assert_same_in_three_runs(data, rule, arguments, options)


def half_up(value):
    """Round to the nearest fen, a half away from zero."""
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


@given(revenue=st.integers(0, 10**11), base=st.integers(0, 10**11))
def test_the_revenue_bonus_is_an_eighth_of_the_excess_to_the_nearest_fen(revenue, base):
    """R1: 25 % times 50 %; a shortfall costs exactly what the same excess earns."""
    got = pay.revenue_bonus(revenue, base, 0, EIGHTH, RevenueBelowBase.signed)
    assert got == half_up(Fraction(revenue - base, 8))
    assert got == -pay.revenue_bonus(base, revenue, 0, EIGHTH, RevenueBelowBase.signed)


@given(revenue=st.integers(0, 10**11), base=st.integers(0, 10**11), carried=st.integers(0, 10**9))
def test_a_penalty_that_is_carried_is_deducted_before_rounding(revenue, base, carried):
    """A27: the figure shown is the one after the deduction; the other readings know no carrying."""
    got = pay.revenue_bonus(revenue, base, carried, EIGHTH, RevenueBelowBase.carried)
    assert got == half_up(Fraction(revenue - base, 8) - carried)
    never = pay.revenue_bonus(revenue, base, carried, EIGHTH, RevenueBelowBase.zero)
    assert never == half_up(Fraction(max(revenue - base, 0), 8))


@given(revenue=st.integers(0, 10**11), base=st.integers(0, 10**11), more=st.integers(0, 10**9))
def test_more_revenue_never_lowers_the_bonus(revenue, base, more):
    for reading in RevenueBelowBase:
        less = pay.revenue_bonus(revenue, base, 0, EIGHTH, reading)
        assert pay.revenue_bonus(revenue + more, base, 0, EIGHTH, reading) >= less


def test_a_bonus_is_paid_in_thirds_in_full_or_not_at_all_where_months_are_missing():
    """A21: two thirds of 2000 yuan are 1333.33."""
    prorated = [pay.service_bonus(1, months, BONUSES, MissingMonths.mean_present_prorated) for months in range(4)]
    assert prorated == [0, 66_667, 133_333, 200_000]
    assert pay.service_bonus(1, 1, BONUSES, MissingMonths.mean_present_full) == 200_000
    assert pay.service_bonus(NO_GRADE, 2, BONUSES, MissingMonths.require_three) == 0


@given(grade=st.integers(0, 4), months=st.integers(0, 3), more=st.integers(0, 10**6), place=st.integers(0, 4))
def test_a_larger_amount_never_lowers_a_service_bonus_and_touches_its_grade_only(grade, months, more, place):
    raised = tuple(amount + more * (number == place) for number, amount in enumerate(BONUSES))
    for reading in MissingMonths:
        before = pay.service_bonus(grade, months, BONUSES, reading)
        after = pay.service_bonus(grade, months, raised, reading)
        assert after >= before
        assert after == before or grade == place


@given(service=bonus, revenue=money)
def test_a_penalty_takes_at_most_the_quarters_bonus_and_a_reward_has_no_cap(service, revenue):
    """3.3, A28"""
    payout = pay.quarter_payout(service, revenue, PayoutFloor.zero)
    rest = pay.penalty_not_applied(payout, service, revenue)
    assert payout >= 0
    assert rest >= 0
    assert payout == service + revenue + rest
    if service + revenue >= 0:
        assert (payout, rest) == (service + revenue, 0)
    unlimited = pay.quarter_payout(service, revenue, PayoutFloor.none)
    assert (unlimited, pay.penalty_not_applied(unlimited, service, revenue)) == (service + revenue, 0)


@given(award=money, other=bonus)
def test_a_negative_year_takes_at_most_the_other_year_end_bonus(award, other):
    """3.2, A31"""
    effect = pay.cash_effect(award, other, AnnualNegative.offset_year_end_only)
    assert effect + other >= 0 or award >= -other
    assert effect == (award if award + other >= 0 else -other)
    assert pay.cash_effect(award, other, AnnualNegative.signed) == award


def test_a_month_on_probation_counts_for_the_bonus_unless_the_reading_excludes_it():
    """A24"""
    assert pay.month_is_paid(assessed=True, on_probation=True, probation_bonus=ProbationBonus.paid)
    assert not pay.month_is_paid(assessed=True, on_probation=True, probation_bonus=ProbationBonus.none)
    assert pay.month_is_paid(assessed=True, on_probation=False, probation_bonus=ProbationBonus.none)
    assert not pay.month_is_paid(assessed=False, on_probation=False, probation_bonus=ProbationBonus.none)


@pytest.mark.parametrize(
    ("standing", "after", "probation", "paid"),
    [
        (REGULAR, "stop", "none", 2),
        (OBSERVATION, "stop", "paid", 2),
        (OBSERVATION, "stop", "none", NO_GRADE),
        (OBSERVATION, "as_recorded", "none", NO_GRADE),
        (LEFT, "stop", "paid", NO_GRADE),
        (LEFT, "as_recorded", "paid", 2),
        (LEFT, "as_recorded", "none", 2),
    ],
)
def test_money_follows_the_grade_only_where_standing_and_readings_let_it(standing, after, probation, paid):
    """A24, A45"""
    assert pay.grade_paid(2, standing, AfterDismissal[after], ProbationBonus[probation]) == paid


def test_no_revenue_bonus_or_penalty_is_paid_after_a_dismissal():
    """A45: under observation the revenue bonus is untouched."""
    assert pay.revenue_paid(-500, LEFT, AfterDismissal.stop) == 0
    assert pay.revenue_paid(-500, LEFT, AfterDismissal.as_recorded) == -500
    assert pay.revenue_paid(700, OBSERVATION, AfterDismissal.stop) == 700


@given(penalties=st.lists(st.integers(-900, 900), min_size=1, max_size=8))
def test_what_is_carried_is_used_up_in_the_end_and_never_counted_twice(penalties):
    """A27: over a chain of quarters with a row, payouts add up to the bonuses less what is still owed."""
    owed, paid = 0, 0
    for excess in penalties:
        bonus_shown = pay.revenue_bonus(8 * max(excess, 0), 8 * max(-excess, 0), owed, EIGHTH, RevenueBelowBase.carried)
        payout = pay.quarter_payout(100, bonus_shown, PayoutFloor.zero)
        rest = pay.penalty_not_applied(payout, 100, bonus_shown)
        owed = pay.penalty_carried(owed, rest, has_row=True, dismissed=False)
        paid += payout
    assert paid == sum(penalties) + 100 * len(penalties) + owed


def test_a_penalty_waits_over_a_quarter_without_a_row_and_lapses_at_dismissal():
    """A27"""
    assert pay.penalty_carried(300, 0, has_row=False, dismissed=False) == 300
    assert pay.penalty_carried(300, 80, has_row=True, dismissed=False) == 80
    assert pay.penalty_carried(300, 80, has_row=True, dismissed=True) == 0
