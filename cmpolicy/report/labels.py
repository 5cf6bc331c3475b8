"""What figures are called, and how their values are written, wherever they are shown."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING

from cmpolicy.insight.robustness import parameter_of_count
from cmpolicy.messages import Message, language, list_of
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import parameter_of
from cmpolicy.staff.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
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

_LETTERS = {"zh": 26, "en": 44}
"""How many letters fit into a line beside a figure."""


AMOUNT_LABELS: dict[str, Callable[[str], Message]] = {
    "quarterly_bonus": lambda grade: Message("{grade}: quarterly bonus", grade=grade),
    "monthly_award": lambda grade: Message("{grade}: monthly award", grade=grade),
}


def value_label(path: str) -> str:
    """Name a value of a policy for people, in the language in use.

    Examples
    --------
    >>> value_label("grades.A.from"), value_label("grades.A.quarterly_bonus"), value_label("points.base")
    ('A ≥', 'A: quarterly bonus', '2.1 score at the start of a month')
    """
    room, _, name = path.partition(".")
    if room == "readings":
        text = reading_text(name)
        return f"{list_of(text.clauses)} {text.question}"
    if room == "grades":
        grade, _, column = name.partition(".")
        return f"{grade} ≥" if column == "from" else str(AMOUNT_LABELS[column](grade))
    parameter = parameter_of(path)
    return f"{parameter.clause} {parameter.title}"


def value_text(value: object) -> str:
    """Write a value of a policy exactly, as it is typed in a policy file.

    Examples
    --------
    >>> [value_text(value) for value in (110, 12345.67, 1234567.0, Decimal("2500.00"), "net")]
    ['110', '12345.67', '1234567', '2500', 'net']
    """
    if isinstance(value, str):
        return value
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return f"{exact.normalize() + 0:f}"


def value_in_words(path: str, value: object) -> str:
    """Write a value of a policy for people: an option of a reading in words, any other as it is typed.

    Examples
    --------
    >>> value_in_words("readings.survey_target", "quarter_score"), value_in_words("grades.A.from", 110)
    ("into the quarter's score", '110')
    """
    room, _, name = path.partition(".")
    return reading_text(name).options[str(value)] if room == "readings" else str(value)


def value_lines(path: str) -> str:
    """Name a value of a policy beside a figure, in lines that fit there.

    Examples
    --------
    >>> value_lines("readings.probation_bonus").splitlines()
    ['3.2, P2 Is there a bonus in probation and', 'under observation?']
    """
    return "\n".join(textwrap.wrap(value_label(path), _LETTERS[language()]))


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


def count_label(name: str) -> str:
    """Name a count of `months` with its clause, in the language in use.

    Examples
    --------
    >>> from cmpolicy.messages import using_language
    >>> with using_language("en"):
    ...     count_label("fault_a")
    '2.6 fault handling below standard A'
    """
    parameter = parameter_of_count(name)
    if language() == "zh":  # as the records are headed
        return f"{parameter.clause} {TABLES['months'].field(name).heading}"
    standard = name[-1].upper() if parameter.name != f"points.{name}" else ""
    return f"{parameter.clause} {parameter.title} {standard}".rstrip()


def yuan_of(amount: float, *, signed: bool = False) -> str:
    """Write an amount in yuan."""
    return f"{amount:+,.2f}" if signed else f"{amount:,.2f}"
