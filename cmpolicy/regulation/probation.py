"""Clauses P1-P(2): probation, its pay and its leave. One person at a time, in exact integers and fractions."""

from __future__ import annotations

import calendar
import datetime
import functools
from fractions import Fraction
from typing import NamedTuple

from cmpolicy.errors import CalendarError
from cmpolicy.messages import Message
from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.regulation.clauses import clause
from cmpolicy.regulation.readings import DayDivisor, MoneyRounding

STATUTORY_DAYS_A_MONTH = Fraction(87, 4)
"""Paid days of a month by the labour ministry's conversion: (365 - 104) / 12 = 21.75."""


class MonthDays(NamedTuple):
    """The days of a month, and those of them from the day of joining on.

    A rest day is a day off that is not a statutory holiday; statutory holidays stay paid.
    """

    calendar_days: int
    rest_days: int
    holidays: int
    worked_since: int
    holidays_since: int
    calendar_days_since: int


class LeaveRule(NamedTuple):
    """P(2): what kind of leave there is in probation; `days` is the most in all, None as for regular staff."""

    kind: str
    days: int | None


@clause("P1")
def on_probation(day: datetime.date, hired: datetime.date, confirmed: datetime.date | None, months: int) -> bool:
    """Tell whether a person is on probation: from reporting for work until confirmed, or until the planned end.

    Examples
    --------
    >>> on_probation(datetime.date(2025, 4, 1), datetime.date(2025, 3, 10), None, 3)
    True
    """
    return hired <= day < (confirmed or planned_end(hired, months))


@clause("P2")
def planned_end(hired: datetime.date, months: int) -> datetime.date:
    """Give the first regular day by plan: so many months after the day of hire, or the month's last day.

    Examples
    --------
    >>> planned_end(datetime.date(2025, 11, 30), 3)
    datetime.date(2026, 2, 28)
    """
    number = 12 * hired.year + hired.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return datetime.date(year, month, min(hired.day, calendar.monthrange(year, month)[1]))


@clause("P(1)1")
def day_wage(monthly_wage: int, month: MonthDays, day_divisor: DayDivisor) -> Fraction:
    """Give the exact wage of one day, in fen, of a monthly wage in fen."""
    match day_divisor:
        case DayDivisor.exclude_all_days_off:
            days = Fraction(month.calendar_days - month.rest_days - month.holidays)
        case DayDivisor.statutory_21_75:
            days = STATUTORY_DAYS_A_MONTH
        case DayDivisor.calendar_days:
            days = Fraction(month.calendar_days)
        case _:
            days = Fraction(month.calendar_days - month.rest_days)
    return monthly_wage / days


@clause("P(1)1")
def days_paid(month: MonthDays, day_divisor: DayDivisor) -> int:
    """Count the days since joining that are paid."""
    match day_divisor:
        case DayDivisor.exclude_all_days_off:
            return month.worked_since
        case DayDivisor.calendar_days:
            return month.calendar_days_since
        case _:
            return month.worked_since + month.holidays_since


@clause("P(1)1")
def first_month_pay(monthly_wage: int, month: MonthDays, day_divisor: DayDivisor, money_rounding: MoneyRounding) -> int:
    """Give the pay of the month of joining, fen, rounded half up.

    Examples
    --------
    >>> november = MonthDays(30, 8, 1, 11, 1, 16)
    >>> first_month_pay(460000, november, DayDivisor.exclude_weekly_rest, MoneyRounding.half_up_fen_at_end)
    250909
    """
    wage = day_wage(monthly_wage, month, day_divisor)
    if money_rounding == MoneyRounding.daily_wage_to_fen_first:
        wage = Fraction(_to_fen(wage))
    return _to_fen(wage * days_paid(month, day_divisor))


@clause("P(1)2")
def festival_allowance(regular: int, ratio: Fraction) -> int:
    """Give the festival allowance in probation, fen, of the regular rate in fen.

    Examples
    --------
    >>> festival_allowance(33333, Fraction(1, 2))
    16667
    """
    return _to_fen(regular * ratio)


@clause("P(1)3")
def protection_goods_as_regular() -> bool:
    """Labour-protection goods are the same in probation as for regular staff (second copy)."""
    return True


@clause("P(2)")
def leave_in_probation(personal_leave_days: int) -> tuple[LeaveRule, ...]:
    """List the leave in probation (second copy)."""
    return (
        LeaveRule("personal", personal_leave_days),
        LeaveRule("sick", None),
        LeaveRule("bereavement", None),
        LeaveRule("marriage", 0),
    )


def month_days(joined: datetime.date) -> MonthDays:
    """Count the days of the month in which a person joins, by the Chinese calendar.

    Working days, rest days and their shifts come from `chinesecalendar`; which days are statutory holidays by law
    (not the bridging days around them) from `holidays`.

    Raises
    ------
    CalendarError
        If the calendar does not know the year.

    Examples
    --------
    >>> month_days(datetime.date(2025, 10, 9))
    MonthDays(calendar_days=31, rest_days=9, holidays=4, worked_since=18, holidays_since=0, calendar_days_since=23)
    """
    days = _kinds_of_days(joined.year, joined.month)
    since = days[joined.day - 1 :]
    return MonthDays(
        calendar_days=len(days),
        rest_days=days.count("rest"),
        holidays=days.count("holiday"),
        worked_since=since.count("work"),
        holidays_since=since.count("holiday"),
        calendar_days_since=len(since),
    )


def calendar_month(joined: datetime.date) -> MonthDays:
    """Count calendar days only; works for every year.

    Examples
    --------
    >>> calendar_month(datetime.date(1999, 11, 15)).calendar_days_since
    16
    """
    days = calendar.monthrange(joined.year, joined.month)[1]
    return MonthDays(days, 0, 0, 0, 0, days - joined.day + 1)


def calendar_years() -> range:
    """Give the years that the calendar knows."""
    from chinese_calendar.constants import holidays

    return range(min(holidays).year, max(holidays).year + 1)


@functools.cache
def _kinds_of_days(year: int, month: int) -> list[str]:
    import chinese_calendar
    import holidays

    known = calendar_years()
    if year not in known:
        raise CalendarError(
            Message(
                "The calendar of working days does not know {year}; it knows {first} to {last}.",
                year=year,
                first=known[0],
                last=known[-1],
            )
        )
    named = holidays.country_holidays("CN", years=year, observed=False, language="en_US")
    # Bridging days are no holidays, nor are the days by which the Spring Festival of 2020 was extended.
    statutory = {day for day, name in named.items() if not name.startswith("Day off") and "Extended" not in name}
    kinds = []
    for number in range(1, calendar.monthrange(year, month)[1] + 1):
        day = datetime.date(year, month, number)
        if day in statutory:
            kinds.append("holiday")
        else:
            kinds.append("work" if chinese_calendar.is_workday(day) else "rest")
    return kinds


def _to_fen(exact: Fraction) -> int:
    rounded: int = round_half_up(exact.numerator, exact.denominator)
    return rounded
