"""The unclear places of the regulation: each a named setting with its options, the default first.

Why each default was chosen is in `readings.yaml`, beside the clause texts.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class UserCount(IntEnum):
    """2.2, 2.3: every gain and loss counts, or only the net change of the month."""

    gross = 0
    net = 1


class CriteriaBasis(IntEnum):
    """2.4-2.6: points off per standard unmet in the month, per clause, or per failing order."""

    per_criterion = 0
    per_group = 1
    per_order = 2


class ReviewAdjust(IntEnum):
    """2.9: one agreed figure, or one figure from each of the two reviewers."""

    joint = 0
    each = 1


class SurveyTarget(IntEnum):
    """2.10: a survey's points go into the quarter's score, or into its month's score."""

    quarter_score = 0
    survey_month = 1


class BandRule(IntEnum):
    """3.1: a score between two bands belongs to the lower one, or is first rounded to a whole number."""

    lower_bound = 0
    round_half_up = 1


class FraudScore(IntEnum):
    """3.1: what a month of proven fraud counts in the quarter's mean."""

    cap_below_D = 0  # noqa: N815 - the contract's name; D is the lowest grade with a bound
    keep = 1
    zero = 2
    exclude = 3
    quarter_E = 4  # noqa: N815 - the contract's name


class MissingMonths(IntEnum):
    """3.1, 3.2: a quarter with fewer than three assessed months."""

    mean_present_prorated = 0
    mean_present_full = 1
    require_three = 2


class ProbationBonus(IntEnum):
    """3.2: bonus for months on probation and quarters under observation."""

    paid = 0
    none = 1


class RevenueBelowBase(IntEnum):
    """R1, 3.3: revenue below its base is a penalty, nothing, or a penalty whose rest is carried on."""

    signed = 0
    zero = 1
    carried = 2


class PayoutFloor(IntEnum):
    """3.3: a penalty takes at most the quarter's bonus, or has no limit."""

    zero = 0
    none = 1


class AnnualNegative(IntEnum):
    """3.2: a negative annual award is only set off against the year-end bonus, or is owed in full."""

    offset_year_end_only = 0
    signed = 1


class BestRule(IntEnum):
    """3.4: the best on each measure is named, or only who is best on both."""

    per_measure = 0
    both_measures = 1


class BestRevenueMetric(IntEnum):
    """3.4: revenue is compared by its excess over the base, or by its ratio to the base."""

    excess = 0
    attainment = 1


class EliminationRule(IntEnum):
    """3.5: what counts towards observation and dismissal: grade E, or the lowest score of all."""

    grade_E = 0  # noqa: N815 - the contract's name
    lowest_scorer = 1


class UnassessedQuarter(IntEnum):
    """3.5: a quarter without a grade breaks a run of E, or is passed over."""

    breaks_run = 0
    skipped = 1


class ObservationSurvived(IntEnum):
    """3.5: after an observation without E the count starts anew, or any later E reopens it."""

    reset = 0
    no_reset = 1


class DayDivisor(IntEnum):
    """P(1)1: by which days the monthly wage is divided, and which days are paid."""

    exclude_weekly_rest = 0
    exclude_all_days_off = 1
    statutory_21_75 = 2
    calendar_days = 3


class MoneyRounding(IntEnum):
    """P(1)1: money is rounded once at the end, or the day wage is rounded first."""

    half_up_fen_at_end = 0
    daily_wage_to_fen_first = 1


class AfterDismissal(IntEnum):
    """3.5: pay stops after a dismissal that the policy causes, or goes on as recorded."""

    stop = 0
    as_recorded = 1


class Readings(NamedTuple):
    """One option chosen for each unclear place, in the order of the rule book."""

    user_count: UserCount = UserCount.gross
    criteria_basis: CriteriaBasis = CriteriaBasis.per_criterion
    review_adjust: ReviewAdjust = ReviewAdjust.joint
    survey_target: SurveyTarget = SurveyTarget.quarter_score
    band_rule: BandRule = BandRule.lower_bound
    fraud_score: FraudScore = FraudScore.cap_below_D
    missing_months: MissingMonths = MissingMonths.mean_present_prorated
    probation_bonus: ProbationBonus = ProbationBonus.paid
    revenue_below_base: RevenueBelowBase = RevenueBelowBase.signed
    payout_floor: PayoutFloor = PayoutFloor.zero
    annual_negative: AnnualNegative = AnnualNegative.offset_year_end_only
    best_rule: BestRule = BestRule.per_measure
    best_revenue_metric: BestRevenueMetric = BestRevenueMetric.excess
    elimination_rule: EliminationRule = EliminationRule.grade_E
    unassessed_quarter: UnassessedQuarter = UnassessedQuarter.breaks_run
    observation_survived: ObservationSurvived = ObservationSurvived.reset
    day_divisor: DayDivisor = DayDivisor.exclude_weekly_rest
    money_rounding: MoneyRounding = MoneyRounding.half_up_fen_at_end
    after_dismissal: AfterDismissal = AfterDismissal.stop


READINGS: dict[str, type[IntEnum]] = {setting: type(default) for setting, default in Readings()._asdict().items()}
