"""Clauses 2.1-2.10: the service-quality score."""

from __future__ import annotations

from typing import Any, NamedTuple

from cmpolicy.regulation.arithmetic import maximum, minimum, one_if
from cmpolicy.regulation.clauses import clause
from cmpolicy.regulation.readings import CriteriaBasis, Readings, ReviewAdjust, UserCount


class Points(NamedTuple):
    """The points of clauses 2.1-2.8; deductions are negative."""

    base: Any
    broadband_gained: Any
    broadband_lost: Any
    maintained_gained: Any
    maintained_lost: Any
    acceptance: Any
    installation: Any
    fault: Any
    complaints: Any
    praises: Any
    unreported_complaints: Any


class MonthRecord(NamedTuple):
    """What was recorded of one person in one month, or columns of it: numbers of confirmed events."""

    broadband_gained: Any
    broadband_lost: Any
    maintained_gained: Any
    maintained_lost: Any
    acceptance_a: Any
    acceptance_b: Any
    acceptance_c: Any
    installation_a: Any
    installation_b: Any
    installation_c: Any
    fault_a: Any
    fault_b: Any
    fault_c: Any
    complaints: Any
    praises: Any
    unreported_complaints: Any


@clause("2.1")
def starting_points(points: Points) -> Any:
    """Every month starts at the same score."""
    return points.base


@clause("2.2")
def broadband_points(gained: Any, lost: Any, points: Points, user_count: UserCount) -> Any:
    """Broadband users gained earn points, users lost cost points."""
    return _user_points(gained, lost, points.broadband_gained, points.broadband_lost, user_count)


@clause("2.3")
def maintained_points(gained: Any, lost: Any, points: Points, user_count: UserCount) -> Any:
    """Maintained users gained earn points, users lost cost points."""
    return _user_points(gained, lost, points.maintained_gained, points.maintained_lost, user_count)


def _user_points(gained: Any, lost: Any, points_gained: Any, points_lost: Any, user_count: UserCount) -> Any:
    if user_count == UserCount.net:
        net = gained - lost
        return points_gained * maximum(net, 0) + points_lost * maximum(-net, 0)
    return points_gained * gained + points_lost * lost


@clause("2.4")
def acceptance_points(a: Any, b: Any, c: Any, points: Points, criteria_basis: CriteriaBasis) -> Any:
    """Take points for order acceptance below standard A, B or C."""
    return _standards_points(a, b, c, points.acceptance, criteria_basis)


@clause("2.5")
def installation_points(a: Any, b: Any, c: Any, points: Points, criteria_basis: CriteriaBasis) -> Any:
    """Take points for new installations below standard A, B or C."""
    return _standards_points(a, b, c, points.installation, criteria_basis)


@clause("2.6")
def fault_points(a: Any, b: Any, c: Any, points: Points, criteria_basis: CriteriaBasis) -> Any:
    """Take points for fault handling below standard A, B or C."""
    return _standards_points(a, b, c, points.fault, criteria_basis)


def _standards_points(a: Any, b: Any, c: Any, points: Any, criteria_basis: CriteriaBasis) -> Any:
    if criteria_basis == CriteriaBasis.per_order:
        return points * a + points * b + points * c
    if criteria_basis == CriteriaBasis.per_group:
        return points * one_if((a > 0) | (b > 0) | (c > 0))
    return points * (one_if(a > 0) + one_if(b > 0) + one_if(c > 0))


@clause("2.7")
def complaint_points(complaints: Any, praises: Any, points: Points) -> Any:
    """Each confirmed complaint costs points, each confirmed praise earns points."""
    return points.complaints * complaints + points.praises * praises


@clause("2.8")
def unreported_points(unreported_complaints: Any, points: Points) -> Any:
    """Each complaint that was not reported promptly and had serious consequences costs points."""
    return points.unreported_complaints * unreported_complaints


def month_score(month: MonthRecord, points: Points, readings: Readings) -> Any:
    """Add up clauses 2.1-2.8 for a month."""
    users, basis = readings.user_count, readings.criteria_basis
    return (
        starting_points(points)
        + broadband_points(month.broadband_gained, month.broadband_lost, points, users)
        + maintained_points(month.maintained_gained, month.maintained_lost, points, users)
        + acceptance_points(month.acceptance_a, month.acceptance_b, month.acceptance_c, points, basis)
        + installation_points(month.installation_a, month.installation_b, month.installation_c, points, basis)
        + fault_points(month.fault_a, month.fault_b, month.fault_c, points, basis)
        + complaint_points(month.complaints, month.praises, points)
        + unreported_points(month.unreported_complaints, points)
    )


@clause("2.9")
def review_points(review: Any, supervisor: Any, manager: Any, limit: Any, review_adjust: ReviewAdjust) -> Any:
    """Park supervisor and department manager add or take a few points in the quarter, within a limit."""
    if review_adjust == ReviewAdjust.each:
        return _within(supervisor, limit) + _within(manager, limit)
    return _within(review, limit)


def _within(value: Any, limit: Any) -> Any:
    return maximum(minimum(value, limit), -limit)


@clause("2.10")
def survey_points(sampled: Any, satisfied: Any, threshold: tuple[Any, Any], points: Any) -> Any:
    """Earn points with a survey whose satisfied share reaches the threshold, an exact ratio."""
    numerator, denominator = threshold
    return points * ((sampled > 0) & (satisfied * denominator >= sampled * numerator))
