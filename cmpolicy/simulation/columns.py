"""The rules run over columns: one appraisal of a panel, stage by stage, with NumPy.

A stage is computed again only when something that it depends on has changed: moving a grade's bound leaves the scores,
moving an amount leaves the grades. Within a stage people go by in blocks that stay in the processor's cache. What few
people have (fraud, a dismissal) is not masked in everyone's columns: their cells are computed once more by themselves.
"""

from __future__ import annotations

import functools
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
from cmpolicy.regulation.standing import LEFT, STANDINGS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, first_regular_month, score_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from numpy.typing import NDArray

    from cmpolicy.simulation.terms import Terms, Version
    from cmpolicy.staff.panel import Panel

BLOCK = 65_536
KEPT_RESULTS = 2
"""Of each stage: those of the policy in force and of the reform that is being tried."""
_MONTHS_PAID = MONTHS_A_QUARTER + 1  # none, one, two or three


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
    honest_key = (score_key, key(_quarter_score_terms))
    honest = stages.get(
        "quarter score without fraud", honest_key, lambda: _quarter_scores(panel, versions, month_score)
    )
    quarter_key = (honest_key, key(_fraud_terms(panel)))
    months_assessed, quarter_score, scored, any_fraud = stages.get(
        "quarter score", quarter_key, lambda: _with_cheats(panel, versions, month_score, honest)
    )
    (month_grade,) = stages.get(
        "month grade",
        (score_key, key(lambda terms: terms.bounds)),
        lambda: (_month_grades(panel, versions, month_score),),
    )
    grade_key = (quarter_key, key(lambda terms: (terms.bounds_in_sixths, terms.readings.fraud_score)))
    (quarter_grade,) = stages.get(
        "quarter grade",
        grade_key,
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
    revenue_key = key(lambda terms: (terms.revenue_ratio, terms.readings.revenue_below_base))
    (earned,) = stages.get("revenue bonus", revenue_key, lambda: (_revenue_bonuses(panel, versions),))
    paid_key = (revenue_key, standing_key, key(lambda terms: terms.readings.after_dismissal))
    (paid,) = stages.get("revenue bonus paid", paid_key, lambda: (_revenue_paid(versions, earned, stood),))
    service_bonus, revenue_bonus, payout, not_applied = stages.get(
        "payout",
        (grade_key, paid_key, key(_payout_terms)),
        lambda: _payouts(panel, versions, months_assessed, quarter_grade, stood, due, paid),
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


def _quarter_score_terms(terms: Terms) -> Hashable:
    readings = terms.readings
    surveys = (terms.survey_ratio, terms.survey_points, readings.survey_target)
    return readings.missing_months, surveys, terms.review_limit, readings.review_adjust


def _fraud_terms(panel: Panel) -> Callable[[Terms], Hashable]:
    def part(terms: Terms) -> Hashable:
        fraud_score = terms.readings.fraud_score
        caps = fraud_score in (FraudScore.cap_below_D, FraudScore.quarter_E)
        return fraud_score, terms.bounds[-1] if caps and panel.any_fraud else None

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


def _payout_terms(terms: Terms) -> Hashable:
    return terms.quarterly_bonus, terms.readings.missing_months, terms.readings.payout_floor, _withheld(terms)


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
    panel: Panel,
    terms: Terms,
    layer: int,
    quarter: int,
    people: slice | NDArray[np.intp],
    dtype: type[np.signedinteger[Any]],
) -> Any:
    sampled = panel.surveys.sampled[layer, quarter][people]
    satisfied = panel.surveys.satisfied[layer, quarter][people]
    numerator, denominator = terms.survey_ratio
    ratio = (np.int64(numerator), np.int64(denominator))  # wide, as the counts are narrow
    return service.survey_points(sampled, satisfied, ratio, dtype(terms.survey_points))


def _quarter_scores(panel: Panel, versions: tuple[Version, ...], month_score: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Give months assessed, score, whether there is one, and whether there was fraud, as if there were none."""
    shape = (panel.quarters, panel.people)
    dtypes = (np.int8, month_score.dtype, np.bool_, np.bool_)
    results = tuple(np.empty(shape, dtype=dtype) for dtype in dtypes)
    for quarter, terms in _quarters(versions):
        for block in _blocks(panel):
            found = _score_quarter(panel, terms, quarter, block, month_score, with_fraud=False)
            for result, values in zip(results, found, strict=True):
                result[quarter, block] = values
    return results


def _with_cheats(
    panel: Panel, versions: tuple[Version, ...], month_score: NDArray[Any], honest: tuple[NDArray[Any], ...]
) -> tuple[NDArray[Any], ...]:
    """Score the quarters with proven fraud once more, now with it."""
    if not panel.any_fraud:
        return honest
    results = tuple(result.copy() for result in honest)
    for quarter, terms in _quarters(versions):
        cheats = panel.cheats[quarter]
        found = _score_quarter(panel, terms, quarter, cheats, month_score, with_fraud=True)
        for result, values in zip(results, found, strict=True):
            result[quarter][cheats] = values
    return results


def _score_quarter(
    panel: Panel,
    terms: Terms,
    quarter: int,
    people: slice | NDArray[np.intp],
    month_score: NDArray[Any],
    *,
    with_fraud: bool,
) -> tuple[Any, ...]:
    readings = terms.readings
    dtype = month_score.dtype.type
    total: Any = dtype(0)
    in_mean: Any = np.int8(0)
    here: Any = np.int8(0)
    fraudulent: Any = np.False_
    for month in _months_of(quarter):
        assessed = panel.assessed[month][people]
        fraud: Any = panel.fraud[month][people] if with_fraud else False
        counted = grading.score_in_mean(month_score[month][people], fraud, terms.bounds[-1], readings.fraud_score)
        counts = one_if(grading.counts_in_mean(assessed, fraud, readings.fraud_score))
        total = total + counted * counts
        in_mean = in_mean + counts
        here = here + one_if(assessed)
        fraudulent = fraudulent | fraud
    review = service.review_points(
        panel.review[quarter][people],
        panel.supervisor[quarter][people],
        panel.manager[quarter][people],
        dtype(terms.review_limit),
        readings.review_adjust,
    )
    surveys: Any = dtype(0)
    if readings.survey_target == SurveyTarget.quarter_score:
        for layer in range(len(panel.surveys.sampled)):
            surveys = surveys + _survey_points(panel, terms, layer, quarter, people, dtype)
    score = grading.quarter_score(total, in_mean, review, surveys)
    return here, score, grading.has_score(in_mean, here, readings.missing_months), fraudulent


def _month_grades(panel: Panel, versions: tuple[Version, ...], month_score: NDArray[Any]) -> NDArray[np.int8]:
    grade = np.empty(month_score.shape, dtype=np.int8)
    for quarter, terms in _quarters(versions):
        for month in _months_of(quarter):
            score, of_month = month_score[month], grade[month]
            for block in _blocks(panel):
                of_month[block] = grading.month_grade(score[block], assessed=True, fraud=False, bounds=terms.bounds)
            # These two grades do not depend on the score.
            of_month[panel.absent[month]] = grading.month_grade(0, assessed=False, fraud=False, bounds=terms.bounds)
            of_month[panel.frauds[month]] = grading.month_grade(0, assessed=True, fraud=True, bounds=terms.bounds)
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
    failed = np.empty(score.shape, dtype=np.bool_)
    for quarter, terms in _quarters(versions):
        if terms.readings.elimination_rule == EliminationRule.lowest_scorer:
            failed[quarter] = standing.is_lowest(score[quarter], scored[quarter])
        else:
            failed[quarter] = grade[quarter] == terms.lowest_grade
    stood = np.zeros(score.shape, dtype=np.int8)
    due = np.zeros(score.shape, dtype=np.bool_)
    people = np.flatnonzero(failed.any(axis=0))  # whoever never fails stays regular
    now = np.zeros(len(people), dtype=np.int8)
    run = np.zeros(len(people), dtype=np.int8)
    for quarter, terms in _quarters(versions):
        stood[quarter][people] = now
        if panel.is_open(quarter):  # shown as it stands, but it changes nobody's standing
            continue
        readings, fails, assessed = terms.readings, failed[quarter][people], scored[quarter][people]
        due[quarter][people] = standing.dismissal_due(now, fails)
        run = standing.next_run(run, now, assessed, fails, readings.observation_survived, readings.unassessed_quarter)
        now = standing.next_standing(now, run, assessed, fails, terms.e_quarters)
    return stood, due


def _awards(
    panel: Panel, versions: tuple[Version, ...], grade: NDArray[np.int8], stood: NDArray[np.int8]
) -> tuple[NDArray[Any], ...]:
    award = np.empty(grade.shape, dtype=np.int32)
    by_year = np.zeros((panel.years, panel.people), dtype=np.int64)
    for quarter, terms in _quarters(versions):
        regular_from = _regular_from(panel, terms)
        award_of_case = _award_of_case(terms)
        months = _months_of(quarter)
        for block in _blocks(panel):
            for month in months:
                graded = grade[month, block]
                if regular_from is not None:
                    graded = np.where(panel.first_month + month < regular_from[block], NO_GRADE, graded)
                case = _case(graded, np.int8(0), stood[quarter, block])
                award_of_case.take(case, out=award[month, block], mode="wrap")  # the other mode goes by a buffer
            of_quarter = award[months.start : months.stop, block].sum(axis=0, dtype=np.int32)  # three always fit
            by_year[panel.year_of(quarter), block] += of_quarter
    effect = np.empty_like(by_year)
    cash_effects(panel, versions, by_year, effect)
    return award, by_year, effect


def _case(grade: NDArray[np.int8], months_paid: Any, stood: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Give the number of each case of grade, months paid and standing.

    There are so few cases, 252 with twenty grades, that a rule which depends on nothing else runs once for each of them
    and is then looked up.
    """
    case = (grade - np.int8(NO_GRADE)).view(np.uint8)
    case *= _MONTHS_PAID
    case += months_paid.view(np.uint8)
    case *= len(STANDINGS)
    case += stood.view(np.uint8)
    return case


def _cases(terms: Terms) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Give the grade that money follows and the months paid of each case, in the order of their numbers."""
    shape = (len(terms.bounds) + 2, _MONTHS_PAID, len(STANDINGS))
    grade, months_paid, stood = np.indices(shape, dtype=np.int8).reshape(3, -1)
    readings = terms.readings
    return pay.grade_paid(
        grade + np.int8(NO_GRADE), stood, readings.after_dismissal, readings.probation_bonus
    ), months_paid


@functools.lru_cache(maxsize=KEPT_RESULTS)
def _award_of_case(terms: Terms) -> NDArray[np.int32]:
    grade, _ = _cases(terms)
    award: NDArray[np.int32] = pay.month_award(grade, terms.monthly_award)
    return award


@functools.lru_cache(maxsize=KEPT_RESULTS)
def _service_bonus_of_case(terms: Terms) -> NDArray[Any]:
    grade, months_paid = _cases(terms)
    bonus: NDArray[Any] = pay.service_bonus(grade, months_paid, terms.quarterly_bonus, terms.readings.missing_months)
    return bonus.astype(np.int64)  # as wide as the revenue bonus that it is added to


def _regular_from(panel: Panel, terms: Terms) -> NDArray[np.int64] | None:
    """Give each person's first regular month where the policy asks for it."""
    if terms.readings.probation_bonus == ProbationBonus.paid:
        return None
    return first_regular_month(panel, terms.probation_months)


def cash_effects(
    panel: Panel, versions: tuple[Version, ...], service_award: NDArray[np.int64], effect: NDArray[np.int64]
) -> None:
    """Fill in the cash effect of each year; it follows the version of the year's last quarter, when it is settled."""
    last = {panel.year_of(quarter): terms for quarter, terms in _quarters(versions)}
    for year, terms in last.items():
        effect[year] = pay.cash_effect(
            service_award[year], panel.other_year_end_bonus[year], terms.readings.annual_negative
        )


def _revenue_bonuses(panel: Panel, versions: tuple[Version, ...]) -> NDArray[np.int64]:
    """Give the revenue bonus of each quarter by itself: nothing carried from an earlier one, nobody dismissed."""
    bonus = np.empty(panel.revenue.shape, dtype=np.int64)
    for quarter, terms in _quarters(versions):
        for block in _blocks(panel):
            bonus[quarter, block] = pay.revenue_bonus(
                panel.revenue[quarter, block].astype(np.int64),
                panel.base[quarter, block],
                0,
                terms.revenue_ratio,
                terms.readings.revenue_below_base,
            )
    return bonus


def _revenue_paid(
    versions: tuple[Version, ...], bonus: NDArray[np.int64], stood: NDArray[np.int8]
) -> NDArray[np.int64]:
    paid = bonus.copy()
    for quarter, terms in _quarters(versions):
        left = np.flatnonzero(stood[quarter] == LEFT)
        of_left = pay.revenue_paid(bonus[quarter][left], stood[quarter][left], terms.readings.after_dismissal)
        paid[quarter][left] = of_left
    return paid


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
        months_paid = count_months_paid(panel, terms, quarter, months_assessed)
        service_of_case = _service_bonus_of_case(terms)
        if readings.revenue_below_base == RevenueBelowBase.carried:
            revenue[quarter] = _with_carried(panel, terms, quarter, carried, stood)
        for block in _blocks(panel):
            case = _case(grade[quarter, block], months_paid[block], stood[quarter, block])
            service_of = service_of_case.take(case)
            payout_of = pay.quarter_payout(service_of, revenue[quarter, block], readings.payout_floor)
            service_bonus[quarter, block] = service_of
            payout[quarter, block] = payout_of
            not_applied[quarter, block] = pay.penalty_not_applied(payout_of, service_of, revenue[quarter, block])
        if readings.revenue_below_base == RevenueBelowBase.carried:
            carried = pay.penalty_carried(carried, not_applied[quarter], _has_row(panel, quarter), due[quarter])
    return service_bonus, revenue, payout, not_applied


def count_months_paid(panel: Panel, terms: Terms, quarter: int, months_assessed: NDArray[np.int8]) -> NDArray[np.int8]:
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
