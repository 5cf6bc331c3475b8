"""The rules compiled with numba (the extra `fast`): one pass over the people, all stages fused.

The clause functions are the very ones of `cmpolicy.regulation`; here are only the loops around them. Readings are
frozen into a kernel, so that each choice of readings compiles once (a few seconds) and is then kept on disk. The cache
folder is named by a hash of the clause sources: numba by itself would go on running an old rule after an edit.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numba.core import config
from numba.extending import overload, register_jitable

from cmpolicy.regulation import arithmetic, grading, pay, service, standing
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.readings import EliminationRule, ProbationBonus, RevenueBelowBase, SurveyTarget
from cmpolicy.simulation.columns import Arrays, cash_effects
from cmpolicy.simulation.terms import first_regular_month, score_dtype

if TYPE_CHECKING:
    from collections.abc import Callable

    from cmpolicy.regulation.readings import Readings
    from cmpolicy.simulation.terms import Version
    from cmpolicy.staff.panel import Panel

BLOCK = 4_096
THREADS = min(os.cpu_count() or 1, 8)
_RULES = (arithmetic, service, grading, pay, standing)


def _register_rules() -> None:
    """Teach numba the helpers of `arithmetic`, and that every other rule may be called from a kernel."""
    # numba wants the stand-in and its implementation to have the same bare signature, so these have no types.

    @overload(arithmetic.where)
    def _where(condition, yes, no):
        return lambda condition, yes, no: yes if condition else no

    @overload(arithmetic.minimum)
    def _minimum(first, second):
        return lambda first, second: min(first, second)

    @overload(arithmetic.maximum)
    def _maximum(first, second):
        return lambda first, second: max(first, second)

    @overload(arithmetic.one_if)
    def _one_if(condition):
        return lambda condition: np.int8(condition)

    @overload(arithmetic.by_grade)
    def _by_grade(grade, amounts):
        def steps(grade, amounts):
            # A sum of steps instead of a look-up: it vectorises.
            amount = amounts[0] * (grade >= 0)
            for place in range(1, len(amounts)):
                amount += (amounts[place] - amounts[place - 1]) * (grade >= place)
            return amount

        return steps

    @overload(arithmetic.round_half_up)
    def _round_half_up(numerator, denominator):
        def divide(numerator, denominator):
            # Doubles divide several at a time, whole numbers one by one. The quotient is money, far below 2**53, so it
            # is at most 1 off, which the rest tells.
            magnitude = abs(numerator) + denominator // 2
            quotient = np.int64(np.float64(magnitude) / np.float64(denominator))
            rest = magnitude - quotient * denominator
            quotient += np.int64(rest >= denominator) - np.int64(rest < 0)
            return -quotient if numerator < 0 else quotient

        return divide

    replaced = {"where", "minimum", "maximum", "one_if", "by_grade", "round_half_up"}
    for module in _RULES:
        for name, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ == module.__name__ and name not in replaced:
                register_jitable(rule)


def _cache_folder() -> Path:
    sources = "".join(inspect.getsource(module) for module in _RULES) + Path(__file__).read_text(encoding="utf-8")
    name = hashlib.sha256(sources.encode()).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "cmpolicy" / "kernels" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a home that cannot be written: keep the kernels for this machine's session only
        folder = Path(tempfile.gettempdir()) / f"cmpolicy-kernels-{name}"
        folder.mkdir(exist_ok=True)
    return folder


_register_rules()


def appraise_compiled(panel: Panel, versions: tuple[Version, ...]) -> Arrays:
    """Appraise everyone in a panel with compiled rules; the result equals `appraise_columns`.

    Who scored lowest of all is known only when all are scored, so the reading `lowest_scorer` is left to the columns.
    """
    if any(version.terms.readings.elimination_rule == EliminationRule.lowest_scorer for version in versions):
        from cmpolicy.simulation.columns import Stages, appraise_columns

        return appraise_columns(panel, versions, Stages())
    results = _room_for_results(panel, score_dtype(panel, versions))
    state = (
        np.zeros(panel.people, np.int8),
        np.zeros(panel.people, np.int8),
        np.zeros(panel.people, np.int64),
    )
    for version in versions:
        _run(panel, version, results, state)
    cash_effects(panel, versions, results.service_award, results.cash_effect)
    return results


def _room_for_results(panel: Panel, score: type[np.signedinteger[Any]]) -> Arrays:
    """Lay all results into one piece of memory: the system hands out one large piece much faster than many."""
    months, quarters, years = panel.months, panel.quarters, panel.years
    layout: dict[str, tuple[int, Any]] = {
        "month_score": (months, score),
        "month_grade": (months, np.int8),
        "award": (months, np.int32),
        "months_assessed": (quarters, np.int8),
        "quarter_score": (quarters, score),
        "scored": (quarters, np.bool_),
        "quarter_grade": (quarters, np.int8),
        "service_bonus": (quarters, np.int32),
        "revenue_bonus": (quarters, np.int64),
        "payout": (quarters, np.int64),
        "penalty_not_applied": (quarters, np.int64),
        "standing": (quarters, np.int8),
        "dismissal_due": (quarters, np.bool_),
        "service_award": (years, np.int64),
        "cash_effect": (years, np.int64),
    }
    line = 64  # bytes of a cache line, where each array begins
    sizes = [-(-rows * panel.people * np.dtype(dtype).itemsize // line) * line for rows, dtype in layout.values()]
    memory = np.empty(sum(sizes), dtype=np.uint8)
    pieces = np.split(memory, np.cumsum(sizes)[:-1])
    arrays = {
        name: piece[: rows * panel.people * np.dtype(dtype).itemsize].view(dtype).reshape(rows, panel.people)
        for (name, (rows, dtype)), piece in zip(layout.items(), pieces, strict=True)
    }
    arrays["service_award"][:] = 0  # the only one that is added to
    return Arrays(**arrays)


def _run(panel: Panel, version: Version, results: Arrays, state: tuple[Any, ...]) -> None:
    terms = version.terms
    kernel = _kernel(terms.readings)
    regular_from = (
        first_regular_month(panel, terms.probation_months)
        if terms.readings.probation_bonus == ProbationBonus.none
        else np.zeros(0, np.int64)
    )
    is_open = np.array([panel.is_open(quarter) for quarter in range(panel.quarters)])
    year_of = np.array([panel.year_of(quarter) for quarter in range(panel.quarters)])
    surveys = panel.surveys
    data = (
        tuple(panel.counts),
        panel.assessed,
        panel.fraud,
        panel.revenue,
        panel.base,
        panel.quarter_recorded,
        panel.review,
        panel.supervisor,
        panel.manager,
        surveys.sampled,
        surveys.satisfied,
        surveys.month_of_quarter,
        regular_from,
        is_open,
        year_of,
        panel.first_month,
    )
    # Points as narrow as the scores: the processor then takes more people at a time.
    narrow = results.month_score.dtype.type
    values = (
        service.Points(*(narrow(value) for value in terms.points)),
        tuple(narrow(bound) for bound in terms.bounds),
        terms.bounds_in_sixths,
        terms.quarterly_bonus,
        terms.monthly_award,
        terms.revenue_ratio,
        narrow(terms.review_limit),
        terms.survey_ratio,
        terms.survey_points,
        terms.e_quarters,
    )

    def part(start: int, stop: int) -> None:
        kernel(start, stop, version.start, version.stop, data, values, tuple(results), state)

    share = -(-panel.people // THREADS // BLOCK) * BLOCK or BLOCK
    starts = range(0, panel.people, share)
    if len(starts) == 1:
        part(0, panel.people)
        return
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda start: part(start, min(start + share, panel.people)), starts))


@functools.cache
def _kernel(readings: Readings) -> Callable[..., None]:
    """Compile the loops for one choice of readings, which the compiler then sees as constants."""
    config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined]  # numba makes it at run time
    survey_month = readings.survey_target == SurveyTarget.survey_month
    probation_none = readings.probation_bonus == ProbationBonus.none
    carries = readings.revenue_below_base == RevenueBelowBase.carried

    @numba.njit(nogil=True, error_model="numpy", cache=True)
    def block(lo: int, hi: int, first: int, last: int, data: Any, values: Any, results: Any, state: Any) -> None:
        (counts, assessed, fraud, revenue, base, recorded, review, supervisor, manager) = data[:9]
        (sampled, satisfied, survey_months, regular_from, is_open, year_of, first_month) = data[9:]
        (points, bounds, sixths, bonuses, awards, ratio, limit, survey_ratio, survey_points, e_quarters) = values
        (month_score, month_grade, award, months_assessed, quarter_score, scored, quarter_grade) = results[:7]
        (service_bonus, revenue_bonus, payout, not_applied, stood, due, service_award) = results[7:14]
        n = hi - lo
        now, run, carried = state[0][lo:hi], state[1][lo:hi], state[2][lo:hi]
        c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15 = counts
        total = np.empty(n, quarter_score.dtype)
        in_mean = np.empty(n, np.int8)
        here = np.empty(n, np.int8)
        paid_months = np.empty(n, np.int8)
        cheated = np.empty(n, np.bool_)
        survey_sum = np.empty(n, quarter_score.dtype)
        for q in range(first, last):
            total[:] = 0
            in_mean[:] = 0
            here[:] = 0
            paid_months[:] = 0
            cheated[:] = False
            for m in range(3 * q, 3 * q + 3):
                b0, b1, b2, b3 = c0[m, lo:hi], c1[m, lo:hi], c2[m, lo:hi], c3[m, lo:hi]
                b4, b5, b6, b7 = c4[m, lo:hi], c5[m, lo:hi], c6[m, lo:hi], c7[m, lo:hi]
                b8, b9, b10, b11 = c8[m, lo:hi], c9[m, lo:hi], c10[m, lo:hi], c11[m, lo:hi]
                b12, b13, b14, b15 = c12[m, lo:hi], c13[m, lo:hi], c14[m, lo:hi], c15[m, lo:hi]
                score = month_score[m, lo:hi]
                present, fraudulent, graded = assessed[m, lo:hi], fraud[m, lo:hi], month_grade[m, lo:hi]
                for k in range(n):
                    record = service.MonthRecord(
                        b0[k], b1[k], b2[k], b3[k], b4[k], b5[k], b6[k], b7[k],
                        b8[k], b9[k], b10[k], b11[k], b12[k], b13[k], b14[k], b15[k],
                    )  # fmt: skip
                    score[k] = service.month_score(record, points, readings)
                if survey_month:
                    for layer in range(len(sampled)):
                        asked, content = sampled[layer, q, lo:hi], satisfied[layer, q, lo:hi]
                        of_month = survey_months[layer, q, lo:hi]
                        for k in range(n):
                            earned = service.survey_points(asked[k], content[k], survey_ratio, survey_points)
                            score[k] += earned * (of_month[k] == m - 3 * q)
                for k in range(n):
                    graded[k] = grading.month_grade(score[k], present[k], fraudulent[k], bounds)
                for k in range(n):
                    counted = grading.score_in_mean(score[k], fraudulent[k], bounds[-1], readings.fraud_score)
                    counts_here = arithmetic.one_if(
                        grading.counts_in_mean(present[k], fraudulent[k], readings.fraud_score)
                    )
                    total[k] += counted * counts_here
                    in_mean[k] += counts_here
                    here[k] += present[k]
                    cheated[k] |= fraudulent[k]
                if probation_none:
                    for k in range(n):
                        on_probation = first_month + m < regular_from[lo + k]
                        paid_months[k] += pay.month_is_paid(present[k], on_probation, readings.probation_bonus)
            survey_sum[:] = 0
            if not survey_month:
                for layer in range(len(sampled)):
                    asked, content = sampled[layer, q, lo:hi], satisfied[layer, q, lo:hi]
                    for k in range(n):
                        survey_sum[k] += service.survey_points(asked[k], content[k], survey_ratio, survey_points)
            ofq_score, ofq_scored, ofq_grade = quarter_score[q, lo:hi], scored[q, lo:hi], quarter_grade[q, lo:hi]
            ofq_here, ofq_stood, ofq_due = months_assessed[q, lo:hi], stood[q, lo:hi], due[q, lo:hi]
            joint, by_supervisor, by_manager = review[q, lo:hi], supervisor[q, lo:hi], manager[q, lo:hi]
            for k in range(n):
                reviewed = service.review_points(
                    joint[k], by_supervisor[k], by_manager[k], limit, readings.review_adjust
                )
                ofq_score[k] = grading.quarter_score(total[k], in_mean[k], reviewed, survey_sum[k])
            for k in range(n):
                ofq_here[k] = here[k]
                ofq_scored[k] = grading.has_score(in_mean[k], here[k], readings.missing_months)
                ofq_grade[k] = grading.quarter_grade(
                    ofq_score[k], ofq_scored[k], cheated[k], sixths, readings.fraud_score
                )
            for k in range(n):
                ofq_stood[k] = now[k]
                ofq_due[k] = False
            if not is_open[q]:
                for k in range(n):
                    failed = ofq_grade[k] == len(bounds)
                    before = now[k]
                    ofq_due[k] = standing.dismissal_due(before, failed)
                    run[k] = standing.next_run(
                        run[k],
                        before,
                        ofq_scored[k],
                        failed,
                        readings.observation_survived,
                        readings.unassessed_quarter,
                    )
                    now[k] = standing.next_standing(before, run[k], ofq_scored[k], failed, e_quarters)
            ofq_service, ofq_revenue = service_bonus[q, lo:hi], revenue_bonus[q, lo:hi]
            ofq_payout, ofq_not = payout[q, lo:hi], not_applied[q, lo:hi]
            earned, target, has_row = revenue[q, lo:hi], base[q, lo:hi], recorded[q, lo:hi]
            for k in range(n):
                owed = carried[k] * (has_row[k] | (here[k] > 0))
                bonus = pay.revenue_bonus(
                    np.int64(earned[k]), np.int64(target[k]), owed, ratio, readings.revenue_below_base
                )
                ofq_revenue[k] = pay.revenue_paid(bonus, ofq_stood[k], readings.after_dismissal)
            for k in range(n):
                grade = pay.grade_paid(ofq_grade[k], ofq_stood[k], readings.after_dismissal, readings.probation_bonus)
                months = paid_months[k] if probation_none else here[k]
                service_of = pay.service_bonus(grade, months, bonuses, readings.missing_months)
                ofq_service[k] = service_of
                ofq_payout[k] = pay.quarter_payout(service_of, ofq_revenue[k], readings.payout_floor)
                ofq_not[k] = pay.penalty_not_applied(ofq_payout[k], service_of, ofq_revenue[k])
            if carries:
                for k in range(n):
                    carried[k] = pay.penalty_carried(carried[k], ofq_not[k], has_row[k] | (here[k] > 0), ofq_due[k])
            by_year = service_award[year_of[q], lo:hi]
            for m in range(3 * q, 3 * q + 3):
                graded, awarded = month_grade[m, lo:hi], award[m, lo:hi]
                for k in range(n):
                    grade = pay.grade_paid(graded[k], ofq_stood[k], readings.after_dismissal, readings.probation_bonus)
                    if probation_none and first_month + m < regular_from[lo + k]:
                        grade = NO_GRADE
                    awarded[k] = pay.month_award(grade, awards)
                    by_year[k] += awarded[k]

    @numba.njit(nogil=True, error_model="numpy", cache=True)
    def people(start: int, stop: int, first: int, last: int, data: Any, values: Any, results: Any, state: Any) -> None:
        for lo in range(start, stop, BLOCK):
            block(lo, min(lo + BLOCK, stop), first, last, data, values, results, state)

    compiled: Callable[..., None] = people
    return compiled
