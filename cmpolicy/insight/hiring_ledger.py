"""The lines of probation in a person's ledger (P1-P(2))."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.errors import CalendarError
from cmpolicy.insight.ledger_line import Line, in_points, percent_of, readings_used
from cmpolicy.messages import Message
from cmpolicy.regulation import probation
from cmpolicy.regulation.money import in_yuan
from cmpolicy.simulation.probation import days_of_joining, staff_money
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    import datetime

    from cmpolicy.simulation.appraise import Outcome


def hiring_lines(outcome: Outcome, person: int) -> list[Line]:
    """Give the lines of probation, under the month of hire, where the records reach back to it."""
    panel, table = outcome.panel, outcome.data.tables.get("staff")
    if table is None or np.isnat(panel.hired[person]):
        return []
    hired: datetime.date = panel.hired[person].item()
    number = 12 * hired.year + hired.month - 1
    if not panel.first_month <= number <= panel.last_month:
        return []
    version = outcome.versions[-1]
    rule, readings = version.policy.probation, version.terms.readings
    month = str(period_names(np.array([number]), "month")[0])
    row = int(np.flatnonzero(table.columns["staff_id"] == person)[0])
    end = probation.planned_end(hired, rule.months)
    lasts = Message("{months} months by plan", months=rule.months)
    if not np.isnat(panel.confirmed[person]):
        end = panel.confirmed[person].item()
        lasts = Message("confirmed on {day}", day=end)
    text = Message("from {first} to before {end}", first=hired, end=end)
    lines = [Line(month, "P2", "probation", Message("probation"), text=text, how=lasts)]
    wage, regular = staff_money(table, "probation_wage", row), staff_money(table, "festival_allowance", row)
    if wage is not None:
        used = readings_used(version.terms, "day_divisor", "money_rounding")
        item = Message("pay of the first month")
        try:
            days = days_of_joining(hired, readings)
        except CalendarError as error:
            lines.append(Line(month, "P(1)1", "first_month_pay", item, text=error.message, readings=used))
        else:
            divisor = wage / probation.day_wage(wage, days, readings.day_divisor)
            paid = probation.first_month_pay(wage, days, readings.day_divisor, readings.money_rounding)
            how = Message(
                "{wage} ÷ {days} days × {paid} days",
                wage=in_yuan(wage),
                days=in_points(divisor),
                paid=probation.days_paid(days, readings.day_divisor),
            )
            lines.append(Line(month, "P(1)1", "first_month_pay", item, paid, "fen", how=how, readings=used))
    if regular is not None:
        allowance = probation.festival_allowance(regular, Fraction(rule.festival_allowance_ratio))
        how = Message("{share} of {regular}", share=percent_of(rule.festival_allowance_ratio), regular=in_yuan(regular))
        item = Message("festival allowance in probation")
        lines.append(Line(month, "P(1)2", "festival_allowance", item, allowance, "fen", how=how))
    return lines
