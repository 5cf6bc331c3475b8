"""Headings of the tables in the lab, and the names of what costs."""

from __future__ import annotations

from cmpolicy.messages import Message
from cmpolicy.report.terminal import LABELS

COST_LABELS = LABELS

GRADE_HEADINGS = {
    "staff_id": Message("staff id"),
    "name": Message("name"),
    "area": Message("area"),
    "month": Message("month"),
    "quarter": Message("quarter"),
    "score": Message("score"),
    "grade": Message("grade"),
    "grade_baseline": Message("grade before"),
    "grade_reform": Message("grade after"),
    "bound": Message("bound"),
    "distance": Message("distance"),
    "component": Message("component"),
    "clause": Message("clause"),
    "baseline": Message("baseline"),
    "reform": Message("reform"),
    "difference": Message("difference"),
}
