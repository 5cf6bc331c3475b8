"""A policy's values as the exact integers that rules take, and which version is in force in each quarter."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import PolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.grading import SIXTHS, bounds_in_sixths
from cmpolicy.regulation.policy import Policy, PolicyBook
from cmpolicy.regulation.readings import Readings, ReviewAdjust

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.regulation.service import Points
    from cmpolicy.staff.panel import Panel

MONTHS_A_QUARTER = 3
# How many recorded columns each entry of `Points` multiplies: three standards each for 2.4, 2.5 and 2.6.
_COLUMNS_OF_POINTS = (0, 1, 1, 1, 1, 3, 3, 3, 1, 1, 1)


class Terms(NamedTuple):
    """What the rules take from a policy, in points, sixths of a point and fen."""

    points: Points
    readings: Readings
    bounds: tuple[int, ...]
    bounds_in_sixths: tuple[int, ...]
    quarterly_bonus: tuple[int, ...]
    monthly_award: tuple[int, ...]
    revenue_ratio: tuple[int, int]
    review_limit: int
    survey_ratio: tuple[int, int]
    survey_points: int
    e_quarters: int
    probation_months: int

    @property
    def lowest_grade(self) -> int:
        """Number of the lowest grade, the regulation's E."""
        return len(self.bounds)


class Version(NamedTuple):
    """A policy and the quarters of a panel, from `start` to before `stop`, in which it is in force."""

    policy: Policy
    terms: Terms
    start: int
    stop: int


def terms_of(policy: Policy) -> Terms:
    """Give a policy's values as exact integers."""
    return Terms(
        points=policy.points,
        readings=policy.readings,
        bounds=policy.bounds,
        bounds_in_sixths=bounds_in_sixths(policy.bounds, policy.readings.band_rule),
        quarterly_bonus=policy.quarterly_bonus_fen,
        monthly_award=policy.monthly_award_fen,
        revenue_ratio=policy.revenue_ratio,
        review_limit=policy.review.limit,
        survey_ratio=policy.survey_ratio,
        survey_points=policy.survey.points,
        e_quarters=policy.standing.e_quarters,
        probation_months=policy.probation.months,
    )


def versions_of(policy: Policy | PolicyBook, panel: Panel) -> tuple[Version, ...]:
    """Say which version of a policy is in force in which quarters of a panel.

    Raises
    ------
    PolicyError
        If a quarter is before a book's first version, or a version asks for a column that the data do not have.
    """
    if isinstance(policy, Policy):
        versions = [Version(policy, terms_of(policy), 0, panel.quarters)]
    else:
        versions = []
        for quarter in range(panel.quarters):
            in_force = policy.in_force(first_day(panel.first_month + MONTHS_A_QUARTER * quarter))
            if versions and versions[-1].policy is in_force:
                versions[-1] = versions[-1]._replace(stop=quarter + 1)
            else:
                versions.append(Version(in_force, terms_of(in_force), quarter, quarter + 1))
    for version in versions:
        if version.terms.readings.review_adjust == ReviewAdjust.each and not panel.reviewers_recorded:
            raise PolicyError(
                Message("The data do not have what policy {id} asks for.", id=version.policy.id),
                [
                    Problem(
                        Message("readings.review_adjust is each, but the reviewers' own figures are not recorded."),
                        table="quarters",
                        expected=Message("the columns review_supervisor and review_manager"),
                    )
                ],
            )
    return tuple(versions)


def versions_in_force(policy: Policy | PolicyBook, start: int, horizon: int) -> list[Policy]:
    """Give the version of each coming quarter, from the one numbered 4 * year + quarter - 1."""
    if isinstance(policy, Policy):
        return [policy] * horizon
    return [policy.in_force(first_day(MONTHS_A_QUARTER * (start + quarter))) for quarter in range(horizon)]


def first_day(month: int) -> datetime.date:
    """Give the first day of a month numbered 12 * year + month - 1."""
    return datetime.date(month // 12, month % 12 + 1, 1)


def complete_quarters(panel: Panel) -> int:
    """Count the quarters of a panel that the data cover to their end."""
    return sum(not panel.is_open(quarter) for quarter in range(panel.quarters))


def score_dtype(panel: Panel, versions: tuple[Version, ...]) -> type[np.signedinteger[Any]]:
    """Choose the narrowest integers in which no score of this panel, in sixths, can overflow."""
    reach = max(_highest_score(panel, version.terms) for version in versions) * SIXTHS
    return next(dtype for dtype in (np.int16, np.int32, np.int64) if reach <= np.iinfo(dtype).max)


def _highest_score(panel: Panel, terms: Terms) -> int:
    """Bound the absolute value of every score in points."""
    counts = iter(panel.highest_counts)
    total: int = abs(terms.points.base)
    for points, columns in zip(terms.points, _COLUMNS_OF_POINTS, strict=True):
        total += abs(points) * sum(next(counts) for _ in range(columns))
    surveys = len(panel.surveys.sampled) * abs(terms.survey_points)
    return max(total + surveys, abs(terms.bounds[-1]) + 1) + surveys + 2 * terms.review_limit


def first_regular_month(panel: Panel, probation_months: int) -> NDArray[np.int64]:
    """Give each person's first month whose first day is not on probation, numbered 12 * year + month - 1 (P1, P2).

    Probation ends on the day of confirmation, else `probation_months` after the day of hire; someone without either
    date counts as regular from the start.
    """
    confirmed = _first_full_month(panel.confirmed)
    planned = _first_full_month(panel.hired) + probation_months
    from_start = np.iinfo(np.int64).min
    return np.where(~np.isnat(panel.confirmed), confirmed, np.where(~np.isnat(panel.hired), planned, from_start))


def _first_full_month(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    month = days.astype("datetime64[M]")
    later = month < days  # not the first day of its month
    return month.astype(np.int64) + 1970 * 12 + later
