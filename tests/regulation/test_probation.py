"""Clauses P1-P(2): probation, its pay by the Chinese calendar, and its leave."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worked_cases import WAGES, cases, fen, policy_of

from cmpolicy.errors import CalendarError
from cmpolicy.regulation import probation
from cmpolicy.regulation.probation import MonthDays, month_days
from cmpolicy.regulation.readings import DayDivisor, MoneyRounding

AT_END = MoneyRounding.half_up_fen_at_end
date = datetime.date


@pytest.mark.parametrize(("case", "settings", "expected"), [pytest.param(*c[1:], id=c[0]) for c in cases(kinds=WAGES)])
def test_worked_example(case, settings, expected):
    given_, policy = case["in"], policy_of(settings)
    if case["kind"] == "festival":
        ratio = Fraction(policy.probation.festival_allowance_ratio)
        assert probation.festival_allowance(fen(given_["regular_allowance"]), ratio) == fen(expected["pay"])
        return
    month = MonthDays(
        calendar_days=given_["calendar_days"],
        rest_days=given_["weekly_rest_days"],
        holidays=given_["weekday_holidays"],
        worked_since=given_["workdays_after_joining"],
        holidays_since=given_["weekday_holidays_after_joining"],
        calendar_days_since=given_["calendar_days_after_joining"],
    )
    wage, readings = fen(given_["monthly_wage"]), policy.readings
    day = probation.day_wage(wage, month, readings.day_divisor)
    assert day == 100 * Fraction(expected["daily_wage_unrounded"])
    pay = probation.first_month_pay(wage, month, readings.day_divisor, readings.money_rounding)
    assert pay == fen(expected["pay"])


def test_the_worked_examples_of_wages_are_all_there():
    assert len(cases(kinds=WAGES)) == 6


@pytest.mark.parametrize(
    ("joined", "rest", "holidays", "worked_since", "holidays_since"),
    [
        # January 2025: New Year's Day, Spring Festival from the eve on the 28th; Sunday the 26th is worked.
        (date(2025, 1, 1), 7, 5, 19, 5),
        (date(2025, 1, 26), 7, 5, 2, 4),
        # February 2025: the 1st to the 4th are shifted days off, no holidays; Saturday the 8th is worked.
        (date(2025, 2, 1), 9, 0, 19, 0),
        # October 2025: National Day on the 1st to 3rd, Mid-Autumn on the 6th, off until the 8th; Saturday 11 worked.
        (date(2025, 10, 1), 9, 4, 18, 4),
        (date(2025, 10, 7), 9, 4, 18, 0),
        (date(2025, 10, 9), 9, 4, 18, 0),
        # February 2024, a leap year: Spring Festival from the 10th; Sundays 4 and 18 are worked.
        (date(2024, 2, 1), 8, 3, 18, 3),
        (date(2024, 2, 10), 8, 3, 10, 3),
        # February 2020: the days by which the Spring Festival was extended are rest days.
        (date(2020, 1, 1), 10, 4, 17, 4),
        (date(2020, 2, 1), 9, 0, 20, 0),
        # A month without anything special: June 2023 has the Dragon Boat Festival on Thursday the 22nd only.
        (date(2023, 6, 1), 8, 1, 21, 1),
    ],
)
def test_the_days_of_a_month_are_those_of_the_published_calendar(joined, rest, holidays, worked_since, holidays_since):
    days = month_days(joined)
    assert (days.rest_days, days.holidays) == (rest, holidays)
    assert (days.worked_since, days.holidays_since) == (worked_since, holidays_since)


def test_a_year_has_the_statutory_holidays_of_its_law():
    """10 days until 2007, 11 from 2008, 13 from 2025; fewer where Mid-Autumn falls on National Day."""
    holidays = {
        year: sum(month_days(date(year, month, 1)).holidays for month in range(1, 13)) for year in (2005, 2019, 2025)
    }
    assert holidays == {2005: 10, 2019: 11, 2025: 13}


@given(
    months=st.integers(0, 21 * 12 + 11),
    wage=st.integers(1, 10**7),
    rounding=st.sampled_from(MoneyRounding),
)
def test_a_full_month_pays_exactly_the_wage(months, wage, rounding):
    """A41: the ground of the default."""
    days = month_days(date(2004 + months // 12, months % 12 + 1, 1))
    assert days.calendar_days == days.rest_days + days.holidays + days.worked_since
    for divisor in (DayDivisor.exclude_weekly_rest, DayDivisor.exclude_all_days_off, DayDivisor.calendar_days):
        assert probation.first_month_pay(wage, days, divisor, AT_END) == wage
    # Rounding the day wage first is off by less than half a fen a paid day.
    pay = probation.first_month_pay(wage, days, DayDivisor.exclude_weekly_rest, rounding)
    assert abs(pay - wage) <= Fraction(31, 2)


@given(months=st.integers(0, 21 * 12 + 11), wage=st.integers(0, 10**7), later=st.integers(0, 27))
def test_joining_later_never_pays_more(months, wage, later):
    first = date(2004 + months // 12, months % 12 + 1, 1)
    for divisor in DayDivisor:
        pays = [
            probation.first_month_pay(wage, month_days(first.replace(day=day)), divisor, AT_END)
            for day in (max(later, 1), later + 1)
        ]
        assert pays[1] <= pays[0]


def test_joining_on_a_rest_day_pays_from_the_next_paid_day():
    """P(1)1: the wage counts from the first working day. Saturday 8 November 2025."""
    for divisor in (DayDivisor.exclude_weekly_rest, DayDivisor.exclude_all_days_off, DayDivisor.statutory_21_75):
        saturday, monday = (
            probation.first_month_pay(500_000, month_days(date(2025, 11, day)), divisor, AT_END) for day in (8, 10)
        )
        assert saturday == monday


@pytest.mark.parametrize(
    ("divisor", "pay"),
    [
        ("exclude_weekly_rest", Fraction(460_000 * 19, 22)),  # 18 days worked and the holiday of the 6th
        ("exclude_all_days_off", Fraction(460_000 * 18, 18)),
        ("statutory_21_75", 460_000 * 19 / Fraction("21.75")),
        ("calendar_days", Fraction(460_000 * 27, 31)),
    ],
)
def test_each_divisor_divides_by_its_days_and_pays_its_days(divisor, pay):
    """A41: joined on 5 October 2025, a rest day."""
    got = probation.first_month_pay(460_000, month_days(date(2025, 10, 5)), DayDivisor[divisor], AT_END)
    assert got == int(pay + Fraction(1, 2))


def test_a_year_that_the_calendar_does_not_know_is_an_error():
    known = probation.calendar_years()
    assert known[0] == 2004
    assert known[-1] >= 2025
    for year in (known[0] - 1, known[-1] + 1):
        with pytest.raises(CalendarError, match=f"does not know {year}; it knows {known[0]} to {known[-1]}"):
            month_days(date(year, 5, 1))
        assert probation.calendar_month(date(year, 5, 30)).calendar_days_since == 2


@pytest.mark.parametrize(
    ("hired", "months", "end"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 8, 31), 3, date(2025, 11, 30)),
        (date(2025, 12, 1), 1, date(2026, 1, 1)),
        (date(2025, 3, 10), 0, date(2025, 3, 10)),
        (date(2025, 3, 10), 24, date(2027, 3, 10)),
    ],
)
def test_probation_is_planned_to_end_on_the_same_day_or_the_months_last(hired, months, end):
    """P2"""
    assert probation.planned_end(hired, months) == end


def test_probation_runs_from_reporting_for_work_until_confirmation():
    """P1, P2: HR may shorten or extend it."""
    hired = date(2025, 3, 10)

    def days(confirmed):
        shown = (date(2025, 3, 9), hired, date(2025, 5, 1), date(2025, 6, 9), date(2025, 6, 10), date(2025, 8, 1))
        return [probation.on_probation(day, hired, confirmed, 3) for day in shown]

    assert days(None) == [False, True, True, True, False, False]
    assert days(date(2025, 5, 1)) == [False, True, False, False, False, False]
    assert days(date(2025, 9, 1)) == [False, True, True, True, True, True]


def test_leave_and_goods_in_probation():
    """P(1)3, P(2): no more than a second copy says."""
    days = {rule.kind: rule.days for rule in probation.leave_in_probation(3)}
    assert days == {"personal": 3, "sick": None, "bereavement": None, "marriage": 0}
    assert probation.protection_goods_as_regular() is True
