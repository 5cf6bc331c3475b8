"""What figures are called, and how their values are written, wherever they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.messages import Message
from cmpolicy.report.terminal.console import yuan_of

if TYPE_CHECKING:
    from fractions import Fraction

    from cmpolicy.simulation.solve import Constraint

LABELS = {
    "service_bonus": Message("service bonus"),
    "revenue_bonus": Message("revenue bonus"),
    "penalty_not_applied": Message("penalty not applied"),
    "payout": Message("payout"),
    "award": Message("monthly awards"),
    "cash_effect": Message("cash effect of the awards"),
    "cost": Message("cost: payout + cash effect"),
    "observed": Message("staff-quarters under observation"),
    "dismissed": Message("people dismissed"),
    "left": Message("staff-quarters after a dismissal"),
}


DIFFERENCE_LABELS = LABELS | {"award_not_deducted": Message("awards not deducted")}


PARTS_OF_DIFFERENCE = {
    "moved": Message("people moving"),
    "amounts": Message("changed amounts"),
    "other": Message("other"),
    "yuan": Message("together"),
}


def figure_text(name: str) -> Message | str:
    """Name a figure that a sweep counts and a target limits, in the reader's language.

    Examples
    --------
    >>> str(figure_text("quarter_grade_E"))
    'quarters with grade E'
    """
    kind, mark, grade = name.partition("_grade_")
    if not mark:
        return LABELS.get(name, name)
    if kind == "quarter":
        return Message("quarters with grade {grade}", grade=grade)
    return Message("months with grade {grade}", grade=grade)


def constraint_value(constraint: Constraint, value: Fraction) -> str:
    """Write a limit, or what is reached, as the share, amount or number that it is."""
    if constraint.share:
        return f"{float(value):.2%}"
    return yuan_of(float(value)) if constraint.name == "cost" else f"{int(value):,}"
