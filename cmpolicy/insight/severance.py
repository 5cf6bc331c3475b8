"""What the law has an employer pay at a dismissal: N, N + 1 and 2N. No legal advice.

Labour Contract Law (LCL) articles 40, 46, 47 and 87, and articles 20 and 27 of its Implementing Regulation (IR). Money
is in fen, exact until it is paid, then rounded half up to the fen.
"""

from __future__ import annotations

import calendar
import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    from cmpolicy.simulation.appraise import Outcome

MONTHS_A_YEAR = 12
CAP_IN_LOCAL_WAGES = 3
"""The base is at most so many local average wages (LCL 47)."""
MOST_YEARS_CAPPED = 12
"""So many years count at most where that cap binds (LCL 47)."""
ENOUGH_FOR_A_YEAR = 6
"""Months over whole years that count as a year (LCL 47); fewer count as half of one."""


class Severance(NamedTuple):
    """What one dismissal costs, fen.

    Attributes
    ----------
    half_months
        Half monthly wages that are due: 5 stands for N = 2.5.
    base
        The monthly wage that counts, exact.
    lawful
        N: economic compensation (LCL 46, 47).
    in_lieu
        A month's wage in place of thirty days' notice (LCL 40, IR 20).
    """

    half_months: int
    base: Fraction
    lawful: int
    in_lieu: int

    @property
    def with_pay_in_lieu(self) -> int:
        """N + 1: with a month's wage in place of notice."""
        return self.lawful + self.in_lieu

    @property
    def unlawful(self) -> int:
        """2N: damages for a dismissal against the law, in place of N (LCL 87)."""
        return 2 * self.lawful


def severance(
    half_months: int,
    average_wage: Fraction,
    last_wage: int,
    *,
    local_average_wage: int | None = None,
    minimum_wage: int | None = None,
) -> Severance:
    """Give what one dismissal costs.

    Parameters
    ----------
    half_months
        From `half_months_of`.
    average_wage
        Mean of the last twelve months' wages with bonuses, fen a month, exact (IR 27).
    last_wage
        The last month's wage, fen: what replaces notice (IR 20).
    local_average_wage
        Of the place, fen a month; three of it are the most that the base can be, and twelve years the most that count
        then (LCL 47). No cap where it is left out.
    minimum_wage
        Of the place, fen a month; the base is not below it (IR 27). No floor where it is left out.

    Examples
    --------
    >>> found = severance(6, Fraction(680_000), 650_000, local_average_wage=1_200_000)
    >>> found.lawful, found.with_pay_in_lieu, found.unlawful
    (2040000, 2690000, 4080000)
    """
    base = average_wage if minimum_wage is None else max(average_wage, Fraction(minimum_wage))
    if local_average_wage is not None and base > CAP_IN_LOCAL_WAGES * local_average_wage:
        base = Fraction(CAP_IN_LOCAL_WAGES * local_average_wage)
        half_months = min(half_months, 2 * MOST_YEARS_CAPPED)
    exact = base * half_months / 2
    return Severance(half_months, base, round_half_up(exact.numerator, exact.denominator), last_wage)


def half_months_of(hired: datetime.date, until: datetime.date) -> int:
    """Count the half monthly wages due for a service, both days included (LCL 47).

    Each whole year is a month's wage; six months and more over are another, anything less is half of one.

    Raises
    ------
    ValueError
        If the service ends before it begins.

    Examples
    --------
    >>> half_months_of(datetime.date(2023, 1, 1), datetime.date(2025, 7, 31))
    6
    >>> half_months_of(datetime.date(2023, 1, 1), datetime.date(2024, 12, 31))
    4
    """
    if until < hired:
        backwards = "the service ends before it begins"
        raise ValueError(backwards)
    day_after = until + datetime.timedelta(days=1)
    months = MONTHS_A_YEAR * (day_after.year - hired.year) + day_after.month - hired.month
    if months_later(hired, months) > day_after:
        months -= 1
    years, over = divmod(months, MONTHS_A_YEAR)
    if over >= ENOUGH_FOR_A_YEAR:
        return 2 * years + 2
    begun = over > 0 or months_later(hired, months) < day_after
    return 2 * years + begun


def average_wage(outcome: Outcome, person: int, quarter: int, wage: int, hired: datetime.date) -> Fraction:
    """Give the mean wage of the twelve months up to a quarter's end, or of the months since the day of hire (IR 27).

    It counts the same wage in every month, the payouts of the quarters in that time, and the cash effect of the awards
    and the other year-end bonus of a year whose end is in it. Bonuses below nought are none.

    Parameters
    ----------
    outcome
    person, quarter
        Places in `outcome.panel`.
    wage
        Fen a month.
    hired

    Returns
    -------
    Fraction
        Fen a month.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=3, months=12, seed=1))
    >>> paid = int(outcome.arrays.payout[:, 0].sum() + outcome.arrays.cash_effect[0, 0])
    >>> paid += int(outcome.panel.other_year_end_bonus[0, 0])
    >>> average_wage(outcome, 0, 3, 500_000, datetime.date(2020, 1, 1)) == 500_000 + Fraction(paid, 12)
    True
    """
    panel, arrays = outcome.panel, outcome.arrays
    end = panel.first_month + MONTHS_A_QUARTER * (quarter + 1)  # the month after
    months = min(MONTHS_A_YEAR, end - (MONTHS_A_YEAR * hired.year + hired.month - 1))
    quarters = slice(max(quarter + 1 - MONTHS_A_YEAR // MONTHS_A_QUARTER, 0), quarter + 1)
    bonuses = int(arrays.payout[quarters, person].sum())
    year = end // MONTHS_A_YEAR - 1 - panel.first_year  # the last year that has ended
    if 0 <= year < panel.years:
        bonuses += int(arrays.cash_effect[year, person]) + int(panel.other_year_end_bonus[year, person])
    return wage + Fraction(max(bonuses, 0), months)


def months_later(day: datetime.date, months: int) -> datetime.date:
    """Give the same day so many months later, or the last day of a shorter month.

    Examples
    --------
    >>> months_later(datetime.date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(MONTHS_A_YEAR * day.year + day.month - 1 + months, MONTHS_A_YEAR)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))
