"""Where a third of a point decides over money, who stands there, where a penalty bites no more, what equals what."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.insight.event_values import EVENTS
from cmpolicy.messages import Message
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.readings import ReviewAdjust, SurveyTarget
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from cmpolicy.insight.event_values import EventValues, Places
    from cmpolicy.regulation.policy import Policy
    from cmpolicy.simulation.appraise import Outcome

_NAMES = list(EVENTS)
UP, DOWN = "broadband_user_gained", "complaint"
"""The events by which a staff-quarter is said to stand within one event of a bound."""
_THIRD = SIXTHS // 3


def cliffs(outcome: Outcome, values: EventValues) -> pd.DataFrame:
    """Count who stands at each bound of a policy.

    Parameters
    ----------
    outcome
    values
        From `event_values` of the outcome.

    Returns
    -------
    DataFrame
        policy, grade (reached at the bound), bound (points), quarterly_step and monthly_step (yuan that the grade pays
        more than the next one, for three months paid), on_bound (staff-quarters with just that score), third_below
        (less than that by a third of a point or by half of one), user_lifts (one more broadband user gained lifts them
        over it), complaint_drops (one more complaint takes them below it), and within_one_event, the last two together:
        nobody is both, but who stands between two close bounds is counted at each of them.
    """
    import pandas as pd

    arrays = outcome.arrays
    score = arrays.quarter_score[values.quarter, values.person].astype(np.int64)
    grade = arrays.quarter_grade[values.quarter, values.person]
    lifted, dropped = (values.grade[_NAMES.index(name)] for name in (UP, DOWN))
    rows: list[dict[str, Any]] = []
    for version in outcome.versions:
        inside = (values.quarter >= version.start) & (values.quarter < version.stop) & (grade >= 0)
        bonus, award = version.terms.quarterly_bonus, version.terms.monthly_award
        for place, bound in enumerate(version.terms.bounds_in_sixths):
            lifts = inside & (grade > place) & (lifted <= place)
            drops = inside & (grade <= place) & (dropped > place)
            # A half below counts too: where a quarter has two months there is nothing nearer.
            just_below = inside & (score < bound) & (score >= bound - SIXTHS // 2)
            row: dict[str, Any] = {
                "policy": version.policy.id,
                "grade": version.policy.grade_names[place],
                "bound": bound / SIXTHS,
                "quarterly_step": (bonus[place] - bonus[place + 1]) / FEN_PER_YUAN,
                "monthly_step": (award[place] - award[place + 1]) / FEN_PER_YUAN,
                "on_bound": int((inside & (score == bound)).sum()),
                "third_below": int(just_below.sum()),
                "user_lifts": int(lifts.sum()),
                "complaint_drops": int(drops.sum()),
            }
            rows.append(row | {"within_one_event": row["user_lifts"] + row["complaint_drops"]})
    return pd.DataFrame(rows)


class Floor(NamedTuple):
    """How often the limit of 3.3 takes away what an event would cost or earn; staff-quarters, money in fen."""

    staff_quarters: int
    not_applied: int
    penalty_not_applied: int
    complaint_costs_nothing: int
    complaint_stopped: int
    user_stopped: int


FLOOR_TEXTS = {
    "staff_quarters": Message("staff-quarters with an assessed month"),
    "not_applied": Message("with a penalty that was not applied (3.3)"),
    "complaint_costs_nothing": Message("one more complaint costs nothing"),
    "complaint_stopped": Message("… though it would lower the service bonus: the limit of 3.3 holds"),
    "user_stopped": Message("one more user raises the service bonus, and the penalty takes it"),
}


def floor_of(quarters: Sequence[Places], values: EventValues) -> Floor:
    """Count where a penalty no longer bites because the payout cannot fall below 0."""
    stopped = {UP: 0, DOWN: 0}
    not_applied = penalty = 0
    for places in quarters:
        owed = places.outcome.arrays.penalty_not_applied[places.quarter, places.people]
        not_applied += int((owed > 0).sum())
        penalty += int(owed.sum())
        for name in stopped:
            edit, now = EVENTS[name].edit(places), places.now
            after = places.after(edit.month_points, edit.quarter_points)
            same = (after.payout == now.payout) & (after.owed == now.owed)
            stopped[name] += int((same & (after.service_bonus != now.service_bonus)).sum())
    costs_nothing = int((values.worth[_NAMES.index(DOWN)] == 0).sum())
    return Floor(len(values.person), not_applied, penalty, costs_nothing, stopped[DOWN], stopped[UP])


INSTRUMENTS = {
    "review_point": Message("one review point"),
    "whole_review": Message("the whole review, in one direction"),
    "survey": Message("one satisfied survey"),
}
EXCHANGED = ("broadband_user_gained", "maintained_user_gained", "complaint_avoided", "praise", "fault_right")
_POINTS = ("broadband_gained", "maintained_gained", "complaints", "praises", "fault")


def exchange_rates(policy: Policy) -> pd.DataFrame:
    """Say what reviewers and surveys weigh beside work, in a quarter with three assessed months.

    Returns
    -------
    DataFrame
        Index: instrument (2.9, 2.10); quarter_points, month_points (what one month must have more for the same), then
        so many of each event of `EXCHANGED` for the same; empty where an event has no points.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> float(exchange_rates(cm.load_policy("2007-06")).loc["survey", "month_points"])
    15.0
    """
    import pandas as pd

    reviewers = 2 if policy.readings.review_adjust == ReviewAdjust.each else 1
    survey = Fraction(policy.survey.points)
    if policy.readings.survey_target == SurveyTarget.survey_month:
        survey /= MONTHS_A_QUARTER
    points = {
        "review_point": Fraction(min(1, policy.review.limit)),
        "whole_review": Fraction(policy.review.limit * reviewers),
        "survey": survey,
    }
    rows = {}
    for name, worth in points.items():
        row = {"quarter_points": float(worth), "month_points": float(MONTHS_A_QUARTER * worth)}
        for event, of_points in zip(EXCHANGED, _POINTS, strict=True):
            one = abs(int(getattr(policy.points, of_points)))
            row[event] = float(MONTHS_A_QUARTER * worth / one) if one else np.nan
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("instrument")
