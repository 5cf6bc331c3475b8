"""What one event more or fewer is worth to each person at their place: the real rules with it and without it.

The event is put in the last assessed month of a quarter. The quarter's score moves by the month's points over the
months assessed; grade, service bonus, floor, award and year end follow from the clause functions themselves, on whole
columns. The standing that a person brings into the quarter, and what later quarters make of the event, stay outside:
an event that decides a dismissal is counted, not priced.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.regulation import grading, pay, service, standing
from cmpolicy.regulation.arithmetic import NO_GRADE, one_if
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.readings import (
    EliminationRule,
    ProbationBonus,
    RevenueBelowBase,
    ReviewAdjust,
    SurveyTarget,
)
from cmpolicy.simulation.columns import count_months_paid
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, first_regular_month

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cmpolicy.regulation.service import MonthRecord
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.terms import Terms, Version


class Pay(NamedTuple):
    """What a quarter and its event month come to for k people: grade and service bonus, then money in fen.

    `owed` is the penalty that the next quarter deducts under the reading `carried`, at face value.
    """

    grade: NDArray[np.int8]
    service_bonus: NDArray[np.int64]
    payout: NDArray[np.int64]
    owed: NDArray[np.int64]
    award: NDArray[np.int64]


class Edit(NamedTuple):
    """What an event adds: points in the month's score, points in the quarter's score, and for whom it can be."""

    month_points: Any
    quarter_points: Any
    possible: NDArray[np.bool_]


class Event(NamedTuple):
    """Something that a person or a reviewer may do once more, or not do: its clause, and what it adds where."""

    clause: str
    text: Message
    edit: Callable[[Places], Edit]


@dataclass(frozen=True, eq=False)
class Places:
    """k people in one quarter, each with the month in which an event is put.

    Attributes
    ----------
    outcome : Outcome
    version : Version
        The version of the policy in force in the quarter.
    quarter : int
        The quarter's number in the panel.
    people : (k,) int
        Places in `panel.staff_ids`.
    month : (k,) int
        Numbers of the event's months in the panel.
    """

    outcome: Outcome
    version: Version
    quarter: int
    people: NDArray[np.intp]
    month: NDArray[np.intp]

    def only(self, rows: NDArray[np.intp]) -> Places:
        """Give some of the rows."""
        return Places(self.outcome, self.version, self.quarter, self.people[rows], self.month[rows])

    @property
    def terms(self) -> Terms:
        """What the rules take from the policy."""
        return self.version.terms

    @cached_property
    def record(self) -> MonthRecord:
        """What was recorded in the event's month, wide enough for any event."""
        panel = self.outcome.panel
        cell = self.month * panel.people + self.people  # one flat index is faster than two
        return service.MonthRecord(*(column.ravel().take(cell).astype(np.int64) for column in panel.counts))

    @cached_property
    def own_points(self) -> NDArray[np.int64]:
        """The score that the record makes, without surveys."""
        return self.points_of(self.record)

    def points_of(self, record: MonthRecord) -> NDArray[np.int64]:
        """Give the score that a record makes, without surveys."""
        points: NDArray[np.int64] = service.month_score(record, self.terms.points, self.terms.readings)
        return points

    @cached_property
    def fraud(self) -> NDArray[np.bool_]:
        """Whether fraud was proven in the event's month."""
        return self.outcome.panel.fraud[self.month, self.people]

    @cached_property
    def standing(self) -> NDArray[np.int8]:
        """The standing with which people come into the quarter."""
        return self._now("standing")

    @cached_property
    def revenue_bonus(self) -> NDArray[np.int64]:
        """Fen."""
        return self._now("revenue_bonus")

    @cached_property
    def now(self) -> Pay:
        """What was appraised."""
        payout, not_applied = self._now("payout"), self._now("penalty_not_applied")
        award = self.outcome.arrays.award[self.month, self.people].astype(np.int64)
        bonus = self._now("service_bonus").astype(np.int64)
        return Pay(self._now("quarter_grade"), bonus, payout, self.owed(not_applied), award)

    @cached_property
    def score(self) -> NDArray[np.int64]:
        """The quarter's score in sixths; meaningless without a grade."""
        return self._now("quarter_score").astype(np.int64)

    def after(self, month_points: Any, quarter_points: Any) -> Pay:
        """Give what the rules make of so many points more in the event's month and in the quarter's score."""
        readings = self.terms.readings
        before = self._month_score
        month_score = before + month_points
        gained = self._in_mean(month_score) - self._in_mean(before)
        score = self.score + grading.mean_in_sixths(gained, self._months_in_mean) + SIXTHS * quarter_points
        grade = grading.quarter_grade(
            score, self._scored, self._any_fraud, self.terms.bounds_in_sixths, readings.fraud_score
        )
        paid = pay.grade_paid(grade, self.standing, readings.after_dismissal, readings.probation_bonus)
        bonus = pay.service_bonus(paid, self._months_paid, self.terms.quarterly_bonus, readings.missing_months)
        bonus = bonus.astype(np.int64)
        payout, owed = self.payout_of(bonus, self.revenue_bonus)
        return Pay(grade, bonus, payout, owed, self._award_of(month_score))

    def payout_of(self, service_bonus: Any, revenue_bonus: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the payout of two bonuses, and what is owed then, in fen."""
        payout = pay.quarter_payout(service_bonus, revenue_bonus, self.terms.readings.payout_floor)
        return payout, self.owed(pay.penalty_not_applied(payout, service_bonus, revenue_bonus))

    def owed(self, not_applied: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give how much of a penalty that was not applied the next quarter deducts."""
        if self.terms.readings.revenue_below_base == RevenueBelowBase.carried:
            return not_applied
        return np.zeros_like(not_applied)

    def dismissal_due(self, grade: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Tell whom a grade in this quarter dismisses; nobody where a rank decides that, or the quarter is open."""
        readings = self.terms.readings
        if readings.elimination_rule != EliminationRule.grade_E or self.outcome.panel.is_open(self.quarter):
            return np.zeros(len(self.people), dtype=np.bool_)
        due: NDArray[np.bool_] = standing.dismissal_due(self.standing, grade == self.terms.lowest_grade)
        return due

    def _now(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = getattr(self.outcome.arrays, name)[self.quarter, self.people]
        return column

    @cached_property
    def _month_score(self) -> NDArray[np.int64]:
        return self.outcome.arrays.month_score[self.month, self.people].astype(np.int64)

    @cached_property
    def _scored(self) -> NDArray[np.bool_]:
        return self._now("scored")

    @cached_property
    def _any_fraud(self) -> NDArray[np.bool_]:
        any_fraud: NDArray[np.bool_] = np.any(_months(self.outcome.panel.fraud, self.quarter)[:, self.people], axis=0)
        return any_fraud

    @cached_property
    def _months_in_mean(self) -> NDArray[np.int8]:
        panel, fraud_score = self.outcome.panel, self.terms.readings.fraud_score
        assessed, fraud = (_months(array, self.quarter)[:, self.people] for array in (panel.assessed, panel.fraud))
        counts: NDArray[np.int8] = one_if(grading.counts_in_mean(assessed, fraud, fraud_score)).sum(
            axis=0, dtype=np.int8
        )
        return counts

    def _in_mean(self, month_score: NDArray[np.int64]) -> NDArray[np.int64]:
        fraud_score = self.terms.readings.fraud_score
        score = grading.score_in_mean(month_score, self.fraud, self.terms.bounds[-1], fraud_score)
        counted: NDArray[np.int64] = score * grading.counts_in_mean(~self._nobody, self.fraud, fraud_score)
        return counted

    @cached_property
    def _nobody(self) -> NDArray[np.bool_]:
        return np.zeros(len(self.people), dtype=np.bool_)

    @cached_property
    def _months_paid(self) -> NDArray[np.int8]:
        arrays, panel = self.outcome.arrays, self.outcome.panel
        return count_months_paid(panel, self.terms, self.quarter, arrays.months_assessed)[self.people]

    @cached_property
    def _on_probation(self) -> NDArray[np.bool_]:
        panel = self.outcome.panel
        if self.terms.readings.probation_bonus == ProbationBonus.paid:
            return self._nobody
        regular_from = first_regular_month(panel, self.terms.probation_months)
        return panel.first_month + self.month < regular_from[self.people]

    def _award_of(self, month_score: NDArray[np.int64]) -> NDArray[np.int64]:
        readings = self.terms.readings
        grade = grading.month_grade(month_score, ~self._nobody, self.fraud, self.terms.bounds)
        grade = np.where(self._on_probation, NO_GRADE, grade)
        paid = pay.grade_paid(grade, self.standing, readings.after_dismissal, readings.probation_bonus)
        return pay.month_award(paid, self.terms.monthly_award).astype(np.int64)  # type: ignore[no-any-return]


def places_of(outcome: Outcome, *, first_month: bool = False) -> list[Places]:
    """Give the places of each quarter: people with an assessed month whom the policy has not dismissed.

    The event's month is the last assessed one of the quarter, or with `first_month` the first one.
    """
    panel, found = outcome.panel, []
    for version in outcome.versions:
        for quarter in range(version.start, version.stop):
            assessed = _months(panel.assessed, quarter)
            people = np.flatnonzero(outcome.counted[quarter] & assessed.any(axis=0))
            here = assessed[:, people]
            place = here.argmax(axis=0) if first_month else MONTHS_A_QUARTER - 1 - here[::-1].argmax(axis=0)
            found.append(Places(outcome, version, quarter, people, MONTHS_A_QUARTER * quarter + place))
    return found


def cash_change(
    outcome: Outcome, quarter: int, people: NDArray[np.intp], award_change: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give by how much the year end moves with a year's awards, in fen, by the version that settles the year."""
    panel, arrays = outcome.panel, outcome.arrays
    year = panel.year_of(quarter)
    last = max(number for number in range(panel.quarters) if panel.year_of(number) == year)
    terms = next(version.terms for version in outcome.versions if version.start <= last < version.stop)
    effect = pay.cash_effect(
        arrays.service_award[year, people] + award_change,
        panel.other_year_end_bonus[year, people],
        terms.readings.annual_negative,
    )
    change: NDArray[np.int64] = effect - arrays.cash_effect[year, people]
    return change


def quarter_change(places: Places, after: Pay) -> NDArray[np.int64]:
    """Give by how much a quarter's payout changes, less what is owed, in fen."""
    now = places.now
    change: NDArray[np.int64] = after.payout - now.payout - (after.owed - now.owed)
    return change


def worth_of(places: Places, after: Pay) -> NDArray[np.int64]:
    """Give what a change of pay is worth in fen, with the year end."""
    awards = after.award - places.now.award
    return quarter_change(places, after) + cash_change(places.outcome, places.quarter, places.people, awards)


def _months(array: NDArray[Any], quarter: int) -> NDArray[Any]:
    return array[MONTHS_A_QUARTER * quarter : MONTHS_A_QUARTER * (quarter + 1)]


# -- the events ----------------------------------------------------------------


def recorded(**steps: int) -> Callable[[Places], Edit]:
    """Make an event that changes counts of the month's record, where none of them falls below 0."""

    def edit(places: Places) -> Edit:
        after = {name: getattr(places.record, name) + step for name, step in steps.items()}
        possible = np.logical_and.reduce([count >= 0 for count in after.values()])
        points = places.points_of(places.record._replace(**after)) - places.own_points
        return Edit(points, 0, possible)

    return edit


def _done_right(group: str) -> Callable[[Places], Edit]:
    """Make the event that one order less falls below standard: the standard that was missed least often."""
    names = [f"{group}_{standard}" for standard in "abc"]

    def edit(places: Places) -> Edit:
        counts = np.stack([getattr(places.record, name) for name in names])
        missed = counts > 0
        least = np.where(missed, counts, np.iinfo(np.int64).max).argmin(axis=0)
        after = counts - (missed & (np.arange(len(names))[:, None] == least))
        record = places.record._replace(**dict(zip(names, after, strict=True)))
        return Edit(places.points_of(record) - places.own_points, 0, np.any(missed, axis=0))

    return edit


def _review_point(places: Places) -> Edit:
    panel, terms = places.outcome.panel, places.terms
    figures = (panel.review, panel.supervisor, panel.manager)
    review, supervisor, manager = (figure[places.quarter, places.people].astype(np.int64) for figure in figures)
    rule, limit = terms.readings.review_adjust, terms.review_limit
    before = service.review_points(review, supervisor, manager, limit, rule)
    after = service.review_points(review + 1, supervisor + 1, manager, limit, rule)
    given = supervisor if rule == ReviewAdjust.each else review
    return Edit(0, after - before, given + 1 <= limit)


def _satisfied_survey(places: Places) -> Edit:
    points = service.survey_points(1, 1, places.terms.survey_ratio, places.terms.survey_points)
    everyone = np.ones(len(places.people), dtype=np.bool_)
    if places.terms.readings.survey_target == SurveyTarget.survey_month:
        return Edit(points, 0, everyone)
    return Edit(0, points, everyone)


EVENTS = {
    "broadband_user_gained": Event("2.2", Message("one more broadband user gained"), recorded(broadband_gained=1)),
    "broadband_user_kept": Event("2.2", Message("one broadband user less lost"), recorded(broadband_lost=-1)),
    "maintained_user_gained": Event("2.3", Message("one more maintained user gained"), recorded(maintained_gained=1)),
    "maintained_user_kept": Event("2.3", Message("one maintained user less lost"), recorded(maintained_lost=-1)),
    "acceptance_right": Event("2.4", Message("one order acceptance done right"), _done_right("acceptance")),
    "installation_right": Event("2.5", Message("one installation done right"), _done_right("installation")),
    "fault_right": Event("2.6", Message("one fault handled right"), _done_right("fault")),
    "complaint_avoided": Event("2.7", Message("one complaint avoided"), recorded(complaints=-1)),
    "praise": Event("2.7", Message("one more praise"), recorded(praises=1)),
    "complaint_reported": Event("2.8", Message("one complaint reported in time"), recorded(unreported_complaints=-1)),
    "review_point": Event("2.9", Message("one more review point"), _review_point),
    "satisfied_survey": Event("2.10", Message("one more satisfied survey"), _satisfied_survey),
    "complaint": Event("2.7", Message("one more complaint"), recorded(complaints=1)),
    "broadband_user_lost": Event("2.2", Message("one more broadband user lost"), recorded(broadband_lost=1)),
}
"""By name: what is worth something, then what costs."""


class EventValues(NamedTuple):
    """What each of E events is worth in each of R staff-quarters.

    Attributes
    ----------
    person, quarter : (R,) int
        Places in `panel.staff_ids` and numbers of the panel's quarters.
    worth : (E, R) int64
        Fen; 0 where the event cannot be.
    possible : (E, R) bool
    grade : (E, R) int8
        The quarter's grade after the event.
    dismissal : (E, R) int8
        1 where the event brings a dismissal, -1 where it averts one.
    """

    person: NDArray[np.intp]
    quarter: NDArray[np.intp]
    worth: NDArray[np.int64]
    possible: NDArray[np.bool_]
    grade: NDArray[np.int8]
    dismissal: NDArray[np.int8]


def event_values(quarters: Sequence[Places]) -> EventValues:
    """Price every event of `EVENTS` in every quarter's places.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> values = event_values(places_of(cm.appraise(cm.synthesize(staff=30, months=6, seed=1))))
    >>> values.worth.shape == (len(EVENTS), len(values.person))
    True
    """
    person = np.concatenate([places.people for places in quarters])
    quarter = np.repeat([places.quarter for places in quarters], [len(places.people) for places in quarters])
    shape = (len(EVENTS), len(person))
    worth, possible = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.bool_)
    grade, dismissal = np.empty(shape, dtype=np.int8), np.empty(shape, dtype=np.int8)
    start = 0
    for places in quarters:
        rows = slice(start, start + len(places.people))
        due = one_if(places.dismissal_due(places.now.grade))
        for number, event in enumerate(EVENTS.values()):
            edit = event.edit(places)
            after = places.after(edit.month_points * edit.possible, edit.quarter_points * edit.possible)
            worth[number, rows] = worth_of(places, after)
            possible[number, rows] = edit.possible
            grade[number, rows] = after.grade
            dismissal[number, rows] = one_if(places.dismissal_due(after.grade)) - due
        start = rows.stop
    return EventValues(person, quarter, worth, possible, grade, dismissal)
