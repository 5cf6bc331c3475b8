"""The outcome's table of probation: everyone with a day of hire."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.errors import CalendarError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation import probation
from cmpolicy.regulation.readings import DayDivisor
from cmpolicy.staff.schema import ABSENT_MONEY

if TYPE_CHECKING:
    import datetime

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.regulation.readings import Readings
    from cmpolicy.staff.data import StaffData, Table

# Where only calendar days are counted, no calendar of working days is needed.
_NO_CALENDAR = DayDivisor.calendar_days


def appraise_probation(data: StaffData, policy: Policy) -> dict[str, list[object]]:
    """Apply P1-P(2) to everyone in the staff table who has a day of hire.

    Returns
    -------
    dict of lists
        staff_id, planned_end, confirmed_on (None where not confirmed), first_month_pay and festival_allowance (fen,
        None where the wage or the regular rate is not known).

    Raises
    ------
    CalendarError
        Naming everyone who joined in a year that the calendar does not know.
    """
    columns: dict[str, list[object]] = {
        "staff_id": [],
        "planned_end": [],
        "confirmed_on": [],
        "first_month_pay": [],
        "festival_allowance": [],
    }
    table = data.tables.get("staff")
    if table is None or "hire_date" not in table.columns:
        return columns
    unknown = []
    ratio = Fraction(policy.probation.festival_allowance_ratio)
    for row in np.flatnonzero(~np.isnat(table.columns["hire_date"])).tolist():
        staff_id = str(data.staff_ids[table.columns["staff_id"][row]])
        hired = table.columns["hire_date"][row].item()
        wage, regular = staff_money(table, "probation_wage", row), staff_money(table, "festival_allowance", row)
        pay = None
        if wage is not None:
            try:
                pay = _first_month_pay(wage, hired, policy)
            except CalendarError as error:
                unknown.append(
                    Problem(error.message, "staff", int(table.rows[row]), staff_id, "hire_date", value=str(hired))
                )
        columns["staff_id"].append(staff_id)
        columns["planned_end"].append(probation.planned_end(hired, policy.probation.months))
        columns["confirmed_on"].append(_date(table, "confirmed_on", row))
        columns["first_month_pay"].append(pay)
        columns["festival_allowance"].append(None if regular is None else probation.festival_allowance(regular, ratio))
    if unknown:
        raise CalendarError(
            Message(
                "The first month's pay cannot be computed for everyone (P(1)1). The reading calendar_days of "
                "readings.day_divisor needs no calendar of working days."
            ),
            unknown,
        )
    return columns


def days_of_joining(hired: datetime.date, readings: Readings) -> probation.MonthDays:
    """Count the days of the month of hire, by the calendar that the reading of P(1)1 asks for.

    Raises
    ------
    CalendarError
        If the calendar of working days is asked for and does not know the year.
    """
    days_of = probation.calendar_month if readings.day_divisor == _NO_CALENDAR else probation.month_days
    return days_of(hired)


def staff_money(table: Table, name: str, row: int) -> int | None:
    """Give an amount of the staff table, fen; None where it is not known."""
    if name not in table.columns or table.columns[name][row] == ABSENT_MONEY:
        return None
    return int(table.columns[name][row])


def _first_month_pay(wage: int, hired: datetime.date, policy: Policy) -> int:
    readings = policy.readings
    days = days_of_joining(hired, readings)
    return probation.first_month_pay(wage, days, readings.day_divisor, readings.money_rounding)


def _date(table: Table, name: str, row: int) -> datetime.date | None:
    if name not in table.columns or np.isnat(table.columns[name][row]):
        return None
    day: datetime.date = table.columns[name][row].item()
    return day
