"""Clauses R1, 3.2 and 3.3: bonuses, penalty and awards, in fen."""

from __future__ import annotations

from typing import Any

from cmpolicy.regulation.arithmetic import NO_GRADE, by_grade, maximum, round_half_up, where
from cmpolicy.regulation.clauses import clause
from cmpolicy.regulation.readings import (
    AfterDismissal,
    AnnualNegative,
    MissingMonths,
    PayoutFloor,
    ProbationBonus,
    RevenueBelowBase,
)
from cmpolicy.regulation.standing import LEFT, OBSERVATION


@clause("R1")
def revenue_bonus(
    revenue: Any, base: Any, carried: Any, rate: tuple[Any, Any], revenue_below_base: RevenueBelowBase
) -> Any:
    """Pay a share of the quarter's revenue above its base; below it, the same share is a penalty.

    `rate` is the exact ratio of rate times manager's share; `carried` is the penalty left over from earlier quarters.
    """
    numerator, denominator = rate
    excess = revenue - base
    if revenue_below_base == RevenueBelowBase.zero:
        excess = maximum(excess, 0)
    exact = excess * numerator
    if revenue_below_base == RevenueBelowBase.carried:
        exact = exact - carried * denominator
    return round_half_up(exact, denominator)


@clause("3.2")
def service_bonus(grade: Any, months_paid: Any, amounts: tuple[int, ...], missing_months: MissingMonths) -> Any:
    """Pay the quarter's grade; where months are missing, a third of it for each month that is paid."""
    amount = by_grade(grade, amounts)
    if missing_months == MissingMonths.mean_present_prorated:
        return round_half_up(amount * months_paid, 3)
    return amount


@clause("3.2")
def month_award(grade: Any, amounts: tuple[int, ...]) -> Any:
    """Award or penalty of a month's grade, settled in the year-end bonus."""
    return by_grade(grade, amounts)


@clause("3.2")
def cash_effect(service_award: Any, other_year_end_bonus: Any, annual_negative: AnnualNegative) -> Any:
    """Say what the year's awards change in cash: a negative sum takes at most the other year-end bonus."""
    if annual_negative == AnnualNegative.signed:
        return service_award
    return maximum(service_award, -other_year_end_bonus)


@clause("3.3")
def quarter_payout(service: Any, revenue: Any, payout_floor: PayoutFloor) -> Any:
    """Pay service and revenue bonus together. A penalty takes at most the quarter's bonus; a reward has no cap."""
    if payout_floor == PayoutFloor.none:
        return service + revenue
    return maximum(service + revenue, 0)


@clause("3.3")
def penalty_not_applied(payout: Any, service: Any, revenue: Any) -> Any:
    """Tell how much of the penalty the limit kept from being taken."""
    return payout - (service + revenue)


@clause("3.2")
def month_is_paid(assessed: Any, on_probation: Any, probation_bonus: ProbationBonus) -> Any:
    """Tell whether a month counts when a quarter's bonus is paid in thirds."""
    if probation_bonus == ProbationBonus.none:
        return assessed & (on_probation == 0)
    return assessed


@clause("3.5")
def grade_paid(grade: Any, standing: Any, after_dismissal: AfterDismissal, probation_bonus: ProbationBonus) -> Any:
    """Give the grade that money follows: none after a dismissal, and by one reading none under observation."""
    paid = grade
    if after_dismissal == AfterDismissal.stop:
        paid = where(standing == LEFT, NO_GRADE, paid)
    if probation_bonus == ProbationBonus.none:
        paid = where(standing == OBSERVATION, NO_GRADE, paid)
    return paid


@clause("3.5")
def revenue_paid(revenue: Any, standing: Any, after_dismissal: AfterDismissal) -> Any:
    """Give the revenue bonus that is paid: none after a dismissal."""
    if after_dismissal == AfterDismissal.stop:
        return where(standing == LEFT, 0, revenue)
    return revenue


@clause("3.3")
def penalty_carried(carried: Any, not_applied: Any, has_row: Any, dismissed: Any) -> Any:
    """Give what is left of a penalty for the person's next quarter; it lapses at dismissal."""
    return where(dismissed, 0, where(has_row, not_applied, carried))
