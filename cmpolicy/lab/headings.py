"""Headings of the tables in the lab, and the names of what costs."""

from __future__ import annotations

from cmpolicy.messages import Message
from cmpolicy.report.labels import LABELS

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
