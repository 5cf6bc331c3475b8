"""Headings of the tables in the lab, and the names of what costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import parameter_of
from cmpolicy.report.labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable

COST_LABELS = LABELS

GRADE_HEADINGS = {
    "staff_id": Message("staff id"),
    "name": Message("name"),
    "area": Message("area"),
    "month": Message("month"),
    "quarter": Message("quarter"),
    "score": Message("score"),
    "grade": Message("grade"),
    "figure": Message("figure"),
    "path": Message("path"),
    "table": Message("table"),
    "rows": Message("rows"),
    "row": Message("row"),
    "column": Message("column"),
    "value": Message("value"),
    "problem": Message("problem"),
    "expected": Message("expected"),
    "meaning": Message("meaning"),
    "grade_baseline": Message("grade before"),
    "grade_reform": Message("grade after"),
    "bound": Message("bound"),
    "distance": Message("distance"),
    "months_assessed": Message("months assessed"),
    "service_bonus": Message("service bonus"),
    "revenue_bonus": Message("revenue bonus"),
    "payout": Message("payout"),
    "payout_baseline": Message("payout before"),
    "penalty_not_applied": Message("penalty not applied"),
    "standing": Message("standing"),
    "dismissal_due": Message("dismissal due"),
    "open": Message("open"),
    "award": Message("award"),
    "award_baseline": Message("award before"),
    "period": Message("period"),
    "record": Message("what was recorded"),
    "result": Message("result"),
    "component": Message("component"),
    "clause": Message("clause"),
    "baseline": Message("baseline"),
    "reform": Message("reform"),
    "difference": Message("difference"),
}

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
        return f"{', '.join(text.clauses)} {text.question}"
    if room == "grades":
        grade, _, column = name.partition(".")
        return f"{grade} ≥" if column == "from" else str(AMOUNT_LABELS[column](grade))
    parameter = parameter_of(path)
    return f"{parameter.clause} {parameter.title}"
