"""The rules run over columns: one appraisal of a panel, stage by stage, with NumPy.

A stage is computed again only when something that it depends on has changed: moving a grade's bound leaves the scores,
moving an amount leaves the grades. Within a stage people go by in blocks that stay in the processor's cache.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import grading, pay, service, standing
from cmpolicy.regulation.arithmetic import NO_GRADE, one_if
from cmpolicy.regulation.readings import (
    EliminationRule,
    FraudScore,
    ProbationBonus,
    RevenueBelowBase,
    SurveyTarget,
)
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, first_regular_month, score_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from numpy.typing import NDArray

    from cmpolicy.simulation.terms import Terms, Version
    from cmpolicy.staff.panel import Panel

BLOCK = 65_536
KEPT_RESULTS = 3


class Arrays(NamedTuple):
    """Every output of an appraisal of n people over M months, Q quarters and Y years; read only.

    Attributes
    ----------
    month_score : (M, n) int
        Points; meaningless where the panel has no assessed month.
    month_grade : (M, n) int8
        Number of the grade, 0 the best, -1 none.
    award : (M, n) int32
        Fen.
    months_assessed : (Q, n) int8
    quarter_score : (Q, n) int
        Sixths of a point; meaningless where `scored` is false.
    scored : (Q, n) bool
    quarter_grade : (Q, n) int8
    service_bonus : (Q, n) int32
    revenue_bonus, payout, penalty_not_applied : (Q, n) int64
        Fen.
    standing : (Q, n) int8
        0 regular, 1 observation, 2 left.
    dismissal_due : (Q, n) bool
    service_award, cash_effect : (Y, n) int64
        Fen.
    """

    month_score: NDArray[Any]
    month_grade: NDArray[np.int8]
    award: NDArray[np.int32]
    months_assessed: NDArray[np.int8]
    quarter_score: NDArray[Any]
    scored: NDArray[np.bool_]
    quarter_grade: NDArray[np.int8]
    service_bonus: NDArray[np.int32]
    revenue_bonus: NDArray[np.int64]
    payout: NDArray[np.int64]
    penalty_not_applied: NDArray[np.int64]
    standing: NDArray[np.int8]
    dismissal_due: NDArray[np.bool_]
    service_award: NDArray[np.int64]
    cash_effect: NDArray[np.int64]


class Stages:
    """The last few results of each stage, under all that they depend on."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[Hashable, tuple[NDArray[Any], ...]]] = {}

    def get(
        self, stage: str, key: Hashable, compute: Callable[[], tuple[NDArray[Any], ...]]
    ) -> tuple[NDArray[Any], ...]:
        """Give the stage's result under this key, computed where it is not kept."""
        kept = self._kept.setdefault(stage, OrderedDict())
        if key not in kept:
            kept[key] = compute()
            for array in kept[key]:
                array.flags.writeable = False
            while len(kept) > KEPT_RESULTS:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]


def appraise_columns(panel: Panel, versions: tuple[Version, ...], stages: Stages) -> Arrays:
    """Appraise everyone in a panel.

    Parameters
    ----------
    panel
    versions
        The policy's versions with the quarters in which each is in force.
    stages
        Results of earlier appraisals of this panel; this one's are added.
    """

    def key(*parts: Callable[[Terms], Hashable]) -> Hashable:
        return tuple((version.start, *(part(version.terms) for part in parts)) for version in versions)

    dtype = score_dtype(panel, versions)
    score_key = (dtype, key(_month_score_terms))
    (month_score,) = stages.get("month score", score_key, lambda: (_month_scores(panel, versions, dtype),))
    quarter_key = (score_key, key(_quarter_score_terms(panel)))
    months_assessed, quarter_score, scored, any_fraud = stages.get(
        "quarter score", quarter_key, lambda: _quarter_scores(panel, versions, month_score)
    )
    (month_grade,) = stages.get(
        "month grade",
        (score_key, key(lambda terms: terms.bounds)),
        lambda: (_month_grades(panel, versions, month_score),),
    )
    (quarter_grade,) = stages.get(
        "quarter grade",
        (quarter_key, key(lambda terms: (terms.bounds_in_sixths, terms.readings.fraud_score))),
        lambda: (_quarter_grades(versions, quarter_score, scored, any_fraud),),
    )
    standing_key = (quarter_key, key(_standing_terms))
    stood, due = stages.get(
        "standing", standing_key, lambda: _standings(panel, versions, quarter_score, scored, quarter_grade)
    )
    award, service_award, cash_effect = stages.get(
        "award",
        (score_key, standing_key, key(_award_terms)),
        lambda: _awards(panel, versions, month_grade, stood),
    )
    (signed_revenue,) = stages.get(
        "revenue bonus",
        (standing_key, key(lambda terms: (terms.revenue_ratio, terms.readings.revenue_below_base, _withheld(terms)))),
        lambda: (_revenue_bonuses(panel, versions, stood),),
    )
    service_bonus, revenue_bonus, payout, not_applied = _payouts(
        panel, versions, months_assessed, quarter_grade, stood, due, signed_revenue
    )
    return Arrays(
        month_score,
        month_grade,
        award,
        months_assessed,
        quarter_score,
        scored,
        quarter_grade,
        service_bonus,
        revenue_bonus,
        payout,
        not_applied,
        stood,
        due,
        service_award,
        cash_effect,
    )


def _month_score_terms(terms: Terms) -> Hashable:
    readings = terms.readings
    surveys = (terms.survey_ratio, terms.survey_points) if readings.survey_target == SurveyTarget.survey_month else None
    return terms.points, readings.user_count, readings.criteria_basis, surveys


def _quarter_score_terms(panel: Panel) -> Callable[[Terms], Hashable]:
    def part(terms: Terms) -> Hashable:
        readings = terms.readings
        caps = readings.fraud_score in (FraudScore.cap_below_D, FraudScore.quarter_E)
        lowest_bound = terms.bounds[-1] if caps and panel.any_fraud else None
        surveys = (terms.survey_ratio, terms.survey_points, readings.survey_target)
        review = (terms.review_limit, readings.review_adjust)
        return readings.fraud_score, lowest_bound, readings.missing_months, surveys, review

    return part


def _standing_terms(terms: Terms) -> Hashable:
    readings = terms.readings
    rules = (readings.elimination_rule, readings.unassessed_quarter, readings.observation_survived)
    # Only the lowest grade matters to 3.5, and only the lowest bound decides it.
    return terms.bounds_in_sixths[-1], len(terms.bounds), readings.fraud_score, terms.e_quarters, rules


def _withheld(terms: Terms) -> tuple[Hashable, ...]:
    probation = terms.readings.probation_bonus
    return terms.readings.after_dismissal, probation, terms.probation_months if probation else None


def _award_terms(terms: Terms) -> Hashable:
    return terms.bounds, terms.monthly_award, terms.readings.annual_negative, _withheld(terms)


def _blocks(panel: Panel) -> Iterator[slice]:
    for start in range(0, panel.people, BLOCK):
        yield slice(start, start + BLOCK)


def _quarters(versions: tuple[Version, ...]) -> Iterator[tuple[int, Terms]]:
    for version in versions:
        for quarter in range(version.start, version.stop):
            yield quarter, version.terms


def _months_of(quarter: int) -> range:
    return range(MONTHS_A_QUARTER * quarter, MONTHS_A_QUARTER * (quarter + 1))


def _month_scores(panel: Panel, versions: tuple[Version, ...], dtype: type[np.signedinteger[Any]]) -> NDArray[Any]:
    score = np.empty(panel.assessed.shape, dtype=dtype)
    for quarter, terms in _quarters(versions):
        # Points as wide scalars: a product with narrow counts is then as wide as the score.
        points = service.Points(*(dtype(value) for value in terms.points))
        for month in _months_of(quarter):
            for block in _blocks(panel):
                record = service.MonthRecord(*(counts[month, block] for counts in panel.counts))
                score[month, block] = service.month_score(record, points, terms.readings)
                if terms.readings.survey_target == SurveyTarget.survey_month:
                    score[month, block] += _surveys_of_month(panel, terms, quarter, month, block, dtype)
    return score


def _surveys_of_month(
    panel: Panel, terms: Terms, quarter: int, month: int, block: slice, dtype: type[np.signedinteger[Any]]
) -> Any:
    total: Any = dtype(0)
    for layer, months in enumerate(panel.surveys.month_of_quarter):
        of_month = months[quarter, block] == month % MONTHS_A_QUARTER
        total = total + _survey_points(panel, terms, layer, quarter, block, dtype) * of_month
    return total


def _survey_points(
    panel: Panel, terms: Terms, layer: int, quarter: int, block: slice, dtype: type[np.signedinteger[Any]]
) -> Any:
    sampled, satisfied = panel.surveys.sampled[layer, quarter, block], panel.surveys.satisfied[layer, quarter, block]
    numerator, denominator = terms.survey_ratio
    ratio = (np.int64(numerator), np.int64(denominator))  # wide, as the counts are narrow
    return service.survey_points(sampled, satisfied, ratio, dtype(terms.survey_points))


def _quarter_scores(panel: Panel, versions: tuple[Version, ...], month_score: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    shape = (panel.quarters, panel.people)
    dtype = month_score.dtype.type
    months_assessed = np.empty(shape, dtype=np.int8)
    score = np.empty(shape, dtype=dtype)
    scored = np.empty(shape, dtype=np.bool_)
    any_fraud = np.empty(shape, dtype=np.bool_)
    for quarter, terms in _quarters(versions):
        readings = terms.readings
        for block in _blocks(panel):
            total: Any = dtype(0)
            in_mean: Any = np.int8(0)
            here: Any = np.int8(0)
            fraudulent: Any = np.False_
            for month in _months_of(quarter):
                assessed, fraud = panel.assessed[month, block], panel.fraud[month, block]
                counted = grading.score_in_mean(
                    month_score[month, block], fraud, terms.bounds[-1], readings.fraud_score
                )
                counts = one_if(grading.counts_in_mean(assessed, fraud, readings.fraud_score))
                total = total + counted * counts
                in_mean = in_mean + counts
                here = here + one_if(assessed)
                fraudulent = fraudulent | fraud
            review = service.review_points(
                panel.review[quarter, block],
                panel.supervisor[quarter, block],
                panel.manager[quarter, block],
                dtype(terms.review_limit),
                readings.review_adjust,
            )
            surveys: Any = dtype(0)
            if readings.survey_target == SurveyTarget.quarter_score:
                for layer in range(len(panel.surveys.sampled)):
                    surveys = surveys + _survey_points(panel, terms, layer, quarter, block, dtype)
            score[quarter, block] = grading.quarter_score(total, in_mean, review, surveys)
            scored[quarter, block] = grading.has_score(in_mean, here, readings.missing_months)
            months_assessed[quarter, block] = here
            any_fraud[quarter, block] = fraudulent
    return months_assessed, score, scored, any_fraud


def _month_grades(panel: Panel, versions: tuple[Version, ...], month_score: NDArray[Any]) -> NDArray[np.int8]:
    grade = np.empty(month_score.shape, dtype=np.int8)
    for quarter, terms in _quarters(versions):
        for month in _months_of(quarter):
            for block in _blocks(panel):
                grade[month, block] = grading.month_grade(
                    month_score[month, block], panel.assessed[month, block], panel.fraud[month, block], terms.bounds
                )
    return grade


def _quarter_grades(
    versions: tuple[Version, ...], score: NDArray[Any], scored: NDArray[np.bool_], any_fraud: NDArray[np.bool_]
) -> NDArray[np.int8]:
    grade = np.empty(score.shape, dtype=np.int8)
    for quarter, terms in _quarters(versions):
        grade[quarter] = grading.quarter_grade(
            score[quarter], scored[quarter], any_fraud[quarter], terms.bounds_in_sixths, terms.readings.fraud_score
        )
    return grade


def _standings(
    panel: Panel,
    versions: tuple[Version, ...],
    score: NDArray[Any],
    scored: NDArray[np.bool_],
    grade: NDArray[np.int8],
) -> tuple[NDArray[Any], ...]:
    stood = np.zeros(score.shape, dtype=np.int8)
    due = np.zeros(score.shape, dtype=np.bool_)
    now = np.zeros(panel.people, dtype=np.int8)
    run = np.zeros(panel.people, dtype=np.int8)
    for quarter, terms in _quarters(versions):
        stood[quarter] = now
        if panel.is_open(quarter):  # shown as it stands, but it changes nobody's standing
            continue
        readings, assessed = terms.readings, scored[quarter]
        if readings.elimination_rule == EliminationRule.lowest_scorer:
            failed = standing.is_lowest(score[quarter], assessed)
        else:
            failed = grade[quarter] == terms.lowest_grade
        due[quarter] = standing.dismissal_due(now, failed)
        run = standing.next_run(run, now, assessed, failed, readings.observation_survived, readings.unassessed_quarter)
        now = standing.next_standing(now, run, assessed, failed, terms.e_quarters)
    return stood, due


def _awards(
    panel: Panel, versions: tuple[Version, ...], grade: NDArray[np.int8], stood: NDArray[np.int8]
) -> tuple[NDArray[Any], ...]:
    award = np.empty(grade.shape, dtype=np.int32)
    by_year = np.zeros((panel.years, panel.people), dtype=np.int64)
    for quarter, terms in _quarters(versions):
        regular_from = _regular_from(panel, terms)
        for month in _months_of(quarter):
            for block in _blocks(panel):
                paid = pay.grade_paid(
                    grade[month, block],
                    stood[quarter, block],
                    terms.readings.after_dismissal,
                    terms.readings.probation_bonus,
                )
                if regular_from is not None:
                    paid = np.where(panel.first_month + month < regular_from[block], NO_GRADE, paid)
                award[month, block] = pay.month_award(paid, terms.monthly_award)
                by_year[panel.year_of(quarter), block] += award[month, block]
    effect = np.empty_like(by_year)
    cash_effects(panel, versions, by_year, effect)
    return award, by_year, effect


def _regular_from(panel: Panel, terms: Terms) -> NDArray[np.int64] | None:
    """Give each person's first regular month where the policy asks for it."""
    if terms.readings.probation_bonus == ProbationBonus.paid:
        return None
    return first_regular_month(panel, terms.probation_months)


def cash_effects(
    panel: Panel, versions: tuple[Version, ...], service_award: NDArray[np.int64], effect: NDArray[np.int64]
) -> None:
    """Fill in the cash effect of each year; it follows the version of the year's last quarter, when it is settled."""
    for quarter, terms in _quarters(versions):
        year = panel.year_of(quarter)
        effect[year] = pay.cash_effect(
            service_award[year], panel.other_year_end_bonus[year], terms.readings.annual_negative
        )


def _revenue_bonuses(panel: Panel, versions: tuple[Version, ...], stood: NDArray[np.int8]) -> NDArray[np.int64]:
    """Give the revenue bonus of each quarter by itself, with nothing carried from an earlier one."""
    bonus = np.empty(stood.shape, dtype=np.int64)
    for quarter, terms in _quarters(versions):
        for block in _blocks(panel):
            of_quarter = pay.revenue_bonus(
                panel.revenue[quarter, block].astype(np.int64),
                panel.base[quarter, block],
                0,
                terms.revenue_ratio,
                terms.readings.revenue_below_base,
            )
            bonus[quarter, block] = pay.revenue_paid(of_quarter, stood[quarter, block], terms.readings.after_dismissal)
    return bonus


def _payouts(
    panel: Panel,
    versions: tuple[Version, ...],
    months_assessed: NDArray[np.int8],
    grade: NDArray[np.int8],
    stood: NDArray[np.int8],
    due: NDArray[np.bool_],
    revenue: NDArray[np.int64],
) -> tuple[NDArray[Any], ...]:
    service_bonus = np.empty(grade.shape, dtype=np.int32)
    payout = np.empty(grade.shape, dtype=np.int64)
    not_applied = np.empty(grade.shape, dtype=np.int64)
    carried = np.zeros(panel.people, dtype=np.int64)
    if any(version.terms.readings.revenue_below_base == RevenueBelowBase.carried for version in versions):
        revenue = revenue.copy()
    for quarter, terms in _quarters(versions):
        readings = terms.readings
        months_paid = _months_paid(panel, terms, quarter, months_assessed)
        if readings.revenue_below_base == RevenueBelowBase.carried:
            revenue[quarter] = _with_carried(panel, terms, quarter, carried, stood)
        for block in _blocks(panel):
            paid = pay.grade_paid(
                grade[quarter, block], stood[quarter, block], readings.after_dismissal, readings.probation_bonus
            )
            service_of = pay.service_bonus(paid, months_paid[block], terms.quarterly_bonus, readings.missing_months)
            payout_of = pay.quarter_payout(service_of, revenue[quarter, block], readings.payout_floor)
            service_bonus[quarter, block] = service_of
            payout[quarter, block] = payout_of
            not_applied[quarter, block] = pay.penalty_not_applied(payout_of, service_of, revenue[quarter, block])
        if readings.revenue_below_base == RevenueBelowBase.carried:
            carried = pay.penalty_carried(carried, not_applied[quarter], _has_row(panel, quarter), due[quarter])
    return service_bonus, revenue, payout, not_applied


def _months_paid(panel: Panel, terms: Terms, quarter: int, months_assessed: NDArray[np.int8]) -> NDArray[np.int8]:
    """Count the months of a quarter that count for its bonus."""
    regular_from = _regular_from(panel, terms)
    if regular_from is None:
        here: NDArray[np.int8] = months_assessed[quarter]
        return here
    paid = np.zeros(panel.people, dtype=np.int8)
    for month in _months_of(quarter):
        on_probation = panel.first_month + month < regular_from
        paid += one_if(pay.month_is_paid(panel.assessed[month], on_probation, terms.readings.probation_bonus))
    return paid


def _has_row(panel: Panel, quarter: int) -> NDArray[np.bool_]:
    months = panel.assessed[MONTHS_A_QUARTER * quarter : MONTHS_A_QUARTER * (quarter + 1)]
    rows: NDArray[np.bool_] = panel.quarter_recorded[quarter] | months.any(axis=0)
    return rows


def _with_carried(
    panel: Panel, terms: Terms, quarter: int, carried: NDArray[np.int64], stood: NDArray[np.int8]
) -> NDArray[np.int64]:
    readings = terms.readings
    owed = np.where(_has_row(panel, quarter), carried, 0)
    bonus = pay.revenue_bonus(
        panel.revenue[quarter].astype(np.int64),
        panel.base[quarter],
        owed,
        terms.revenue_ratio,
        readings.revenue_below_base,
    )
    paid: NDArray[np.int64] = pay.revenue_paid(bonus, stood[quarter], readings.after_dismissal)
    return paid
