"""What a policy makes of the past: records that coming quarters are drawn from, and where everyone stands by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import pay, standing
from cmpolicy.regulation.readings import EliminationRule, RevenueBelowBase
from cmpolicy.simulation.columns import Stages, appraise_columns
from cmpolicy.simulation.futures import SEASONS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, versions_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.regulation.readings import AnnualNegative
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.columns import Arrays
    from cmpolicy.simulation.futures import Past
    from cmpolicy.simulation.terms import Terms, Version
    from cmpolicy.staff.data import StaffData
    from cmpolicy.staff.panel import Panel

    Whole = NDArray[np.int64]

RECORDED = ("service_bonus", "revenue_bonus", "payout", "award")
"""What a record by itself says; the cash effect depends on the year so far."""
SERVICE, REVENUE, PAYOUT, AWARD = range(len(RECORDED))
USABLE, FAILED, SCORED = (np.uint8(1), np.uint8(2), np.uint8(4))
_NEVER_OBSERVED = int(np.iinfo(np.int8).max)


class Growth(NamedTuple):
    """Growth of revenue and of its base in a year, as shares: in the data, and from the data's last year on."""

    past: float
    revenue: float
    base: float


class State(NamedTuple):
    """Where everyone stands at the end of the data, (n + 1,) arrays; people as in `Past`, the last is nobody.

    Attributes
    ----------
    standing, run : int8
        Of 3.5.
    carried : int64
        Penalty left over (3.3), fen.
    awarded : int64
        Awards of the year so far, fen.
    other_bonus : int64
        The other year-end bonus, fen: the last one known, or a usual one.
    """

    standing: NDArray[np.int8]
    run: NDArray[np.int8]
    carried: Whole
    awarded: Whole
    other_bonus: Whole


class Records(NamedTuple):
    """What one version makes of the past quarters, as if nobody were ever observed or dismissed.

    Arrays of shape (Q, n + 1), people as in `Past`; the last is nobody, who has and does nothing.

    Attributes
    ----------
    service_bonus, award, revenue, base : int
        Fen.
    flags : uint8
        Whether there is a usable record, and for 3.5 whether it failed and has a score.
    totals : (Q, 5) int64
        Fen of everyone on record, of `RECORDED` and cash_effect.
    """

    terms: Terms
    service_bonus: NDArray[Any]
    award: NDArray[Any]
    revenue: NDArray[Any]
    base: NDArray[Any]
    flags: NDArray[np.uint8]
    totals: Whole

    def excess(self, growth: Growth, years_ago: NDArray[np.int64], years_ahead: int) -> Whole:
        """Give (Q, n + 1) fen: revenue minus base, grown from each quarter to its season so many years ahead.

        Parameters
        ----------
        growth
        years_ago : (Q,) int
            How many years each quarter lies before the last one of its season.
        years_ahead
        """
        until_now = (1 + growth.past) ** years_ago[:, np.newaxis]
        revenue, base = (
            np.rint(column * (until_now * (1 + rate) ** years_ahead)).astype(np.int64)
            for column, rate in ((self.revenue, growth.revenue), (self.base, growth.base))
        )
        excess: Whole = revenue - base
        return excess

    def paid(self, excess: Whole) -> Whole:
        """Give (Q, n + 1, 4) fen of `RECORDED` where revenue exceeds its base by so much; 0 without usable record."""
        terms, readings = self.terms, self.terms.readings
        revenue = pay.revenue_bonus(excess, 0, 0, terms.revenue_ratio, readings.revenue_below_base)
        payout = pay.quarter_payout(self.service_bonus, revenue, readings.payout_floor)
        paid = np.stack([self.service_bonus, revenue, payout, self.award], axis=-1)
        paid[(self.flags & USABLE) == 0] = 0
        return paid

    def cash_effect(self, first_quarter: int, other_bonus: Whole) -> Whole:
        """Give (Q, n + 1) fen: by how much each quarter moves the cash effect of its year, of usable records."""
        usable = (self.flags & USABLE) != 0
        other = np.broadcast_to(other_bonus, self.award.shape)
        award = np.where(usable, self.award, 0)
        effect = _cash_by_quarter(award, first_quarter, other, self.terms.readings.annual_negative)
        return np.where(usable, effect, 0)


def records_of(data: StaffData, policy: Policy, past: Past) -> Records:
    """Appraise the past quarters under one version."""
    panel, quarters = data.panel, past.quarters
    version = versions_of(policy, panel)[0]
    nobody_observed = version._replace(terms=version.terms._replace(e_quarters=_NEVER_OBSERVED))
    arrays = appraise_columns(panel, (nobody_observed,), data.cached.setdefault("stages", Stages()))
    award = arrays.award[: MONTHS_A_QUARTER * quarters].reshape(quarters, MONTHS_A_QUARTER, -1).sum(axis=1)
    failed, scored = (past.of_people(found) for found in (_failed(arrays, (version,), quarters), arrays.scored))
    flags = USABLE * past.usable + FAILED * failed + SCORED * scored
    flags[:, past.nobody] = USABLE  # for nobody nobody stands in
    other = panel.other_year_end_bonus[[panel.year_of(quarter) for quarter in range(quarters)]]
    cash = _cash_by_quarter(award, panel.first_quarter, other, version.terms.readings.annual_negative)
    paid = (arrays.service_bonus, arrays.revenue_bonus, arrays.payout, award, cash)
    return Records(
        terms=version.terms,
        service_bonus=past.of_people(arrays.service_bonus),
        award=past.of_people(award),
        revenue=past.of_people(panel.revenue),
        base=past.of_people(panel.base),
        flags=flags.astype(np.uint8),
        totals=np.stack([column[:quarters].sum(axis=1, dtype=np.int64) for column in paid], axis=1),
    )


def _cash_by_quarter(award: NDArray[Any], first_quarter: int, other: Whole, reading: AnnualNegative) -> Whole:
    """(Q, n) fen: by how much each quarter moves the cash effect of its year."""
    effect = np.empty(award.shape, dtype=np.int64)
    awarded = np.zeros(award.shape[1], dtype=np.int64)
    for quarter in range(len(award)):
        if (first_quarter + quarter) % SEASONS == 0:
            awarded = np.zeros_like(awarded)
        before = pay.cash_effect(awarded, other[quarter], reading)
        awarded = awarded + award[quarter]
        effect[quarter] = pay.cash_effect(awarded, other[quarter], reading) - before
    return effect


def state_of(outcome: Outcome, past: Past) -> State:
    """Follow everyone through the complete quarters of the data."""
    arrays, panel, quarters = outcome.arrays, outcome.panel, past.quarters
    failed, rows = _failed(arrays, outcome.versions, quarters), outcome.quarter_rows
    stood, run = (np.zeros(panel.people, dtype=np.int8) for _ in range(2))
    carried = np.zeros(panel.people, dtype=np.int64)
    for version in outcome.versions:
        readings = version.terms.readings
        for quarter in range(version.start, min(version.stop, quarters)):
            fails, scored = failed[quarter], arrays.scored[quarter]
            due = standing.dismissal_due(stood, fails)
            if readings.revenue_below_base == RevenueBelowBase.carried:
                carried = pay.penalty_carried(carried, arrays.penalty_not_applied[quarter], rows[quarter], due)
            run = standing.next_run(
                run, stood, scored, fails, readings.observation_survived, readings.unassessed_quarter
            )
            stood = standing.next_standing(stood, run, scored, fails, version.terms.e_quarters)
    first = max(0, quarters - past.start % SEASONS)
    awarded = arrays.award[MONTHS_A_QUARTER * first : MONTHS_A_QUARTER * quarters].sum(axis=0, dtype=np.int64)
    columns = (stood, run, carried, awarded, _other_bonus(panel.other_year_end_bonus))
    return State(*(past.of_people(column) for column in columns))


def _failed(arrays: Arrays, versions: tuple[Version, ...], quarters: int) -> NDArray[np.bool_]:
    """(Q, n): the quarters that count as E for 3.5."""
    failed = np.zeros((quarters, arrays.scored.shape[1]), dtype=np.bool_)
    for version in versions:
        for quarter in range(version.start, min(version.stop, quarters)):
            if version.terms.readings.elimination_rule == EliminationRule.lowest_scorer:
                failed[quarter] = standing.is_lowest(arrays.quarter_score[quarter], arrays.scored[quarter])
            else:
                failed[quarter] = arrays.quarter_grade[quarter] == version.terms.lowest_grade
    return failed


def _other_bonus(bonus: Whole) -> Whole:
    """Give the last other year-end bonus of each person; where none is known the middle one of all that are."""
    last = np.zeros(bonus.shape[1], dtype=np.int64)
    for of_year in bonus:
        last = np.where(of_year > 0, of_year, last)
    known = np.sort(last[last > 0])
    return np.where(last > 0, last, known[len(known) // 2]) if len(known) else last


def growth_of_bases(panel: Panel, quarters: int) -> float:
    """Give the growth in a year of the revenue base of those who have one in two quarters a year apart."""
    before = after = 0
    for quarter in range(SEASONS, quarters):
        earlier, later = panel.base[quarter - SEASONS], panel.base[quarter]
        both = (earlier > 0) & (later > 0)
        before += int(earlier.sum(where=both, dtype=np.int64))
        after += int(later.sum(where=both, dtype=np.int64))
    return after / before - 1 if before else 0.0
