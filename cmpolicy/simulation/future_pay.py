"""What a policy pays in drawn futures, to the fen.

Most people's money simply adds up, quarter by quarter. Those for whom something can change on the way are gone through
one by one: who leaves or succeeds, who lacks a record, who fails so often that 3.5 acts, whose awards of the year come
to the limit of 3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import pay, standing
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.policy import Policy, PolicyBook
from cmpolicy.regulation.readings import (
    AfterDismissal,
    EliminationRule,
    ProbationBonus,
    RevenueBelowBase,
)
from cmpolicy.regulation.standing import LEFT, REGULAR
from cmpolicy.simulation.appraise import Outcome, appraise
from cmpolicy.simulation.columns import Arrays, Stages, appraise_columns
from cmpolicy.simulation.futures import NOBODY, SEASONS, Draws, Past
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, Terms, Version, first_day, terms_of, versions_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData

    Whole = NDArray[np.int64]

PAID = ("service_bonus", "revenue_bonus", "payout", "award", "cash_effect")
"""What is added up; the cost is payout and cash effect together."""
_FROM_RECORD = 4
"""How many of these a record has; the cash effect depends on the year so far."""
_AWARD, _CASH = PAID.index("award"), PAID.index("cash_effect")
_NEVER_OBSERVED = np.iinfo(np.int8).max


class Growth(NamedTuple):
    """Growth of revenue and of its base in a year, as shares: in the data, and from the data's last year on."""

    past: float
    revenue: float
    base: float


class _Records(NamedTuple):
    """What one version makes of the past quarters, as if nobody were ever observed or dismissed; (Q, n) arrays.

    Attributes
    ----------
    service_bonus, award : fen
    failed, scored : bool
        For 3.5.
    """

    terms: Terms
    service_bonus: NDArray[Any]
    award: NDArray[Any]
    failed: NDArray[np.bool_]
    scored: NDArray[np.bool_]


class _State(NamedTuple):
    """Where everyone stands at the end of the data, (n,) arrays.

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


class FuturePay:
    """One policy's money in the futures of one past.

    Parameters
    ----------
    data
        What happened, from which everyone's state follows.
    resampled
        What coming quarters are drawn from: the same records, unless people would respond to the policy.
    policy
    past
    growth
    """

    def __init__(
        self, data: StaffData, resampled: StaffData, policy: Policy | PolicyBook, past: Past, growth: Growth
    ) -> None:
        self._past, self._panel, self._growth = past, data.panel, growth
        outcome = appraise(data, policy)
        self.state = _state_of(outcome, past)
        self.policies = [_in_force(policy, past.start + quarter) for quarter in range(past.horizon)]
        records = {one.id: _records_of(resampled, one, past) for one in self.policies}
        self._records = [records[one.id] for one in self.policies]
        self._tables = [
            np.stack([self._paid(quarter, source) for source in past.sources[quarter]])
            for quarter in range(past.horizon)
        ]
        self._held = np.maximum(past.posts, 0)
        self._vacant = past.posts == NOBODY
        self._first_of_area = np.searchsorted(past.area_of_post, np.arange(len(past.areas)))
        self._usual = [self._added_up(table) for table in self._tables]
        self._alert = self._least_fails_away()
        self._near_limit = self._can_reach_limit()

    # -- what adds up ----------------------------------------------------------

    def _paid(self, quarter: int, source: int) -> Whole:
        """Give (n, 4) fen: what a past quarter pays when it comes again as a coming one; 0 without a usable record."""
        past, records = self._past, self._records[quarter]
        terms = records.terms
        service, revenue = records.service_bonus[source], self._revenue_bonus(quarter, source)
        payout = pay.quarter_payout(service, revenue, terms.readings.payout_floor)
        paid = np.stack([service, revenue, payout, records.award[source]], axis=1)
        return paid * past.usable[source][:, np.newaxis]

    def _revenue_bonus(self, quarter: int, source: int) -> Whole:
        terms = self._records[quarter].terms
        bonus: Whole = pay.revenue_bonus(
            self._excess(quarter, source), 0, 0, terms.revenue_ratio, terms.readings.revenue_below_base
        )
        return bonus

    def _excess(self, quarter: int, source: int) -> Whole:
        """Give revenue minus base of everyone, fen, grown to a coming quarter."""
        years = (self._past.quarters + quarter - source) // SEASONS
        ahead = quarter // SEASONS + 1
        behind = years - ahead
        recent = (1 + self._growth.past) ** behind
        revenue, base = (
            np.rint(column[source][self._past.people] * (recent * (1 + growth) ** ahead)).astype(np.int64)
            for column, growth in ((self._panel.revenue, self._growth.revenue), (self._panel.base, self._growth.base))
        )
        return revenue - base

    def _added_up(self, table: Whole) -> Whole:
        """Sum (K, n, 4) over the posts of each area: (K, G, 5), with the awards as cash."""
        found = np.zeros((len(table), len(self._past.areas), len(PAID)), dtype=np.int64)
        if len(self._held):
            for source, paid in enumerate(table):
                of_posts = paid[self._held]
                of_posts[self._vacant] = 0
                found[source, :, :_FROM_RECORD] = np.add.reduceat(of_posts, self._first_of_area, axis=0)
        found[:, :, _CASH] = found[:, :, _AWARD]
        return found

    # -- for whom something can change -----------------------------------------

    def _least_fails_away(self) -> NDArray[np.int8]:
        """(m,): how many failed quarters before the forecast count for 3.5; the number that suffices if observed."""
        enough = min(self._records[quarter].terms.e_quarters for quarter in range(self._past.horizon))
        run = np.minimum(self.state.run, enough)
        counted = np.where(self.state.standing == REGULAR, run, enough)
        return np.where(self._vacant, 0, counted[self._held]).astype(np.int8)

    def _can_reach_limit(self) -> NDArray[np.bool_]:
        """(m,): whose awards of a year can come to where cash effect and award differ, on some path."""
        past, held = self._past, self._held
        awarded, limit = self.state.awarded[held].copy(), -self.state.other_bonus[held]
        found = awarded < limit
        for quarter, table in enumerate(self._tables):
            if (past.start + quarter) % SEASONS == 0:
                awarded[:] = 0
            awarded += table[:, :, _AWARD].min(axis=0)[held]
            found |= awarded < limit
        return found

    def _one_by_one(self, draws: Draws) -> NDArray[np.bool_]:
        """(B, m): whom to go through one by one."""
        past, held = self._past, self._held
        found = (draws.leaves < past.horizon) | self._vacant | self._near_limit
        fails = np.repeat(self._alert[np.newaxis], len(found), axis=0)
        enough = min(records.terms.e_quarters for records in self._records)
        for quarter, sources in enumerate(past.sources):
            records = self._records[quarter]
            failed, lacking = records.failed[sources][:, held], ~past.usable[sources][:, held]
            place = draws.path[:, quarter]
            fails += failed[place]
            found |= lacking[place]
            if min(past.headcount) < len(held):
                found |= draws.closing >= past.headcount[quarter]
        found |= fails >= enough
        if any(records.terms.readings.revenue_below_base == RevenueBelowBase.carried for records in self._records):
            found[:] = True
        return found

    # -- one by one ------------------------------------------------------------

    def totals(self, draws: Draws) -> tuple[Whole, NDArray[np.intp]]:
        """Give (B, H, G, 5) fen and the (B, H) number of people dismissed."""
        past = self._past
        replicates = np.arange(len(draws.path))
        found = np.stack([usual[draws.path[:, quarter]] for quarter, usual in enumerate(self._usual)], axis=1)
        replicate, post = np.nonzero(self._one_by_one(draws))
        key = replicate * len(past.areas) + past.area_of_post[post]
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        dismissed = np.zeros((len(replicates), past.horizon), dtype=np.intp)
        for quarter, (more, due) in enumerate(self._quarters(draws, replicate, post)):
            if len(starts):
                flat = found[:, quarter].reshape(-1, len(PAID))
                flat[key[starts]] += np.add.reduceat(more, starts, axis=0)
                found[:, quarter] = flat.reshape(found[:, quarter].shape)
            dismissed[:, quarter] = np.bincount(replicate[due], minlength=len(replicates))
        return found, dismissed

    def _quarters(self, draws: Draws, replicate: NDArray[np.intp], post: NDArray[np.intp]) -> Any:
        """Follow posts through the quarters: what each pays beyond its own record, and whether a dismissal is due."""
        past, state = self._past, self.state
        own = past.posts[post]
        holder = own.copy()
        stood, run, carried, awarded = (column[own] for column in state[:4])
        luck = draws.luck[replicate, post]
        leaves, closing = draws.leaves[replicate, post], draws.closing[replicate, post]
        holders = np.zeros(len(post), dtype=np.intp)
        since = np.full(len(post), -_NEVER_OBSERVED)
        for quarter, records in enumerate(self._records):
            terms, readings = records.terms, records.terms.readings
            if (past.start + quarter) % SEASONS == 0:
                awarded[:] = 0
            closed = closing >= past.headcount[quarter]
            gone = (leaves == quarter) | (holder == NOBODY)
            if readings.after_dismissal == AfterDismissal.stop:
                gone |= stood == LEFT
            (new,) = np.nonzero(gone & ~closed)
            luck[new] = draws.luck[replicate[new], (post[new] + holders[new]) % len(past.posts)]
            holders[new] += 1
            holder[new] = past.successors(luck[new])
            holder[closed] = NOBODY
            since[new] = quarter
            for column in (stood, run, carried, awarded):
                column[new] = 0

            place = draws.path[replicate, quarter]
            source = past.sources[quarter][place]
            record = np.where(closed, 0, holder)
            (lacking,) = np.nonzero(~past.usable[source, record])
            record[lacking] = past.stand_ins(source[lacking], record[lacking], luck[lacking])
            table = self._tables[quarter].reshape(-1, _FROM_RECORD)
            people = len(past.people)
            paid = table.take(place * people + record, axis=0)
            if readings.revenue_below_base == RevenueBelowBase.carried:
                excess = np.stack([self._excess(quarter, one) for one in past.sources[quarter]])[place, record]
                paid[:, 1] = pay.revenue_bonus(excess, 0, carried, terms.revenue_ratio, readings.revenue_below_base)
                paid[:, 2] = pay.quarter_payout(paid[:, 0], paid[:, 1], readings.payout_floor)
            on_probation = (since + -(-terms.probation_months // MONTHS_A_QUARTER) > quarter) & (
                readings.probation_bonus == ProbationBonus.none
            )
            graded = pay.grade_paid(np.zeros_like(stood), stood, readings.after_dismissal, readings.probation_bonus)
            (unpaid,) = np.nonzero((graded == NO_GRADE) | on_probation)
            paid[unpaid, 0] = paid[unpaid, 3] = 0
            paid[unpaid, 2] = pay.quarter_payout(np.int64(0), paid[unpaid, 1], readings.payout_floor)
            paid[closed] = 0

            other = np.where(closed, 0, state.other_bonus[holder])
            before = pay.cash_effect(awarded, other, readings.annual_negative)
            awarded += paid[:, 3]
            cash = pay.cash_effect(awarded, other, readings.annual_negative) - before

            failed, scored = records.failed[source, record], records.scored[source, record]
            due = standing.dismissal_due(stood, failed) & ~closed
            carried = pay.penalty_carried(
                carried, pay.penalty_not_applied(paid[:, 2], paid[:, 0], paid[:, 1]), has_row=True, dismissed=due
            )
            run = standing.next_run(
                run, stood, scored, failed, readings.observation_survived, readings.unassessed_quarter
            )
            stood = standing.next_standing(stood, run, scored, failed, terms.e_quarters)

            usual = table.take(place * people + np.maximum(own, 0), axis=0)
            usual[own == NOBODY] = 0
            more = np.empty((len(post), len(PAID)), dtype=np.int64)
            more[:, :_FROM_RECORD] = paid - usual
            more[:, _CASH] = cash - usual[:, _AWARD]
            yield more, due

    # -- what is usual ---------------------------------------------------------

    def expected(self) -> list[NDArray[np.float64]]:
        """Give for each coming quarter what each of its sources pays on the whole, (K, G, 5)."""
        return [
            np.stack([self._expected(quarter, source) for source in sources])
            for quarter, sources in enumerate(self._past.sources)
        ]

    def expected_of(self, sources: NDArray[np.intp]) -> NDArray[np.float64]:
        """Give what each of these past quarters pays on the whole when it comes again next time, (Q, G, 5)."""
        return np.stack([
            self._expected(min((source - self._past.quarters) % SEASONS, self._past.horizon - 1), source)
            for source in sources
        ])  # fmt: skip

    def _expected(self, quarter: int, source: int) -> NDArray[np.float64]:
        paid = self._paid(quarter, source)
        return self._past.expected(source, np.column_stack([paid, self._cash_effect(quarter, source)]))

    def _cash_effect(self, quarter: int, source: int) -> Whole:
        """Give (n,) fen: the cash effect of a past quarter, after the quarters of its own year."""
        past, records = self._past, self._records[quarter]
        first = source - (past.start - past.quarters + source) % SEASONS
        award = np.where(past.usable, records.award, 0)[max(0, first) : source + 1].astype(np.int64)
        other, reading = self.state.other_bonus, records.terms.readings.annual_negative
        effect: Whole = pay.cash_effect(award.sum(axis=0), other, reading)
        effect = effect - pay.cash_effect(award[:-1].sum(axis=0), other, reading)
        return effect * past.usable[source]


def _in_force(policy: Policy | PolicyBook, quarter: int) -> Policy:
    return policy if isinstance(policy, Policy) else policy.in_force(first_day(MONTHS_A_QUARTER * quarter))


def _records_of(data: StaffData, policy: Policy, past: Past) -> _Records:
    panel, quarters = data.panel, past.quarters
    version = versions_of(policy, panel)[0]
    terms = version.terms
    arrays = appraise_columns(
        panel,
        (version._replace(terms=terms._replace(e_quarters=int(_NEVER_OBSERVED))),),
        data.cached.setdefault("stages", Stages()),
    )
    award = arrays.award[: MONTHS_A_QUARTER * quarters].reshape(quarters, MONTHS_A_QUARTER, -1).sum(axis=1)
    return _Records(
        terms,
        arrays.service_bonus[:quarters, past.people],
        award[:, past.people],
        _failed(arrays, (version,), quarters)[:, past.people],
        arrays.scored[:quarters, past.people],
    )


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


def _state_of(outcome: Outcome, past: Past) -> _State:
    """Follow everyone through the complete quarters of the data."""
    arrays, panel, quarters = outcome.arrays, outcome.panel, past.quarters
    failed = _failed(arrays, outcome.versions, quarters)
    now, run = (np.zeros(panel.people, dtype=np.int8) for _ in range(2))
    carried = np.zeros(panel.people, dtype=np.int64)
    for version in outcome.versions:
        readings = version.terms.readings
        for quarter in range(version.start, min(version.stop, quarters)):
            due = standing.dismissal_due(now, failed[quarter])
            carried = pay.penalty_carried(carried, arrays.penalty_not_applied[quarter], outcome.quarter_rows[quarter], due)
            run = standing.next_run(
                run, now, arrays.scored[quarter], failed[quarter], readings.observation_survived, readings.unassessed_quarter
            )
            now = standing.next_standing(now, run, arrays.scored[quarter], failed[quarter], version.terms.e_quarters)
    first = quarters - past.start % SEASONS
    awarded = arrays.award[MONTHS_A_QUARTER * max(0, first) : MONTHS_A_QUARTER * quarters].sum(axis=0, dtype=np.int64)
    order = past.people
    return _State(now[order], run[order], carried[order], awarded[order], _other_bonus(panel.other_year_end_bonus)[order])


def _other_bonus(bonus: Whole) -> Whole:
    """Give the last other year-end bonus of each person; where none is known the middle one of all that are."""
    last = np.zeros(bonus.shape[1], dtype=np.int64)
    for of_year in bonus:
        last = np.where(of_year > 0, of_year, last)
    known = np.sort(last[last > 0])
    return np.where(last > 0, last, known[len(known) // 2]) if len(known) else last
