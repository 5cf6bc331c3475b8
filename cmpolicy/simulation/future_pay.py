"""What a policy pays in drawn futures, to the fen.

Most people's money simply adds up, quarter by quarter. Added to that is what differs: another holder of a post, and
another's record where a holder has none. Only those for whom one quarter depends on another are followed one by one:
who fails so often that 3.5 acts, whose awards of a year come to the limit of 3.2, whose penalty is carried on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import pay, standing
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.readings import AfterDismissal, AnnualNegative, ProbationBonus, RevenueBelowBase
from cmpolicy.regulation.standing import LEFT, OBSERVATION, STANDINGS
from cmpolicy.simulation.future_records import (
    AWARD,
    PAYOUT,
    RECORDED,
    REVENUE,
    SERVICE,
    USABLE,
    Growth,
    Records,
    records_of,
    state_of,
)
from cmpolicy.simulation.history import FAILED, SCORED, SEASONS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, versions_in_force

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.regulation.readings import Readings
    from cmpolicy.simulation.futures import Draws, Past
    from cmpolicy.simulation.history import History
    from cmpolicy.simulation.terms import Terms

    Whole = NDArray[np.int64]

_LONG_AGO = -1_000


class _Tables(NamedTuple):
    """The records of one version, grown to one coming year, by person * Q + past quarter.

    Attributes
    ----------
    paid : ((n + 1) * Q, 4) int
        Fen of `RECORDED`; 0 without a usable record.
    award : ((n + 1) * Q,) int
        The awards by themselves.
    excess : ((n + 1) * Q,) int64
        Revenue minus base, fen.
    flags : ((n + 1) * Q,) uint8
        As in `Records`.
    expected : (Q, G, 5) float
        Fen that each past quarter pays the posts on the whole, with the mean of all who can stand in for someone.
    """

    paid: NDArray[Any]
    award: NDArray[Any]
    excess: Whole
    flags: NDArray[np.uint8]
    expected: NDArray[np.float64]


class _Moves(NamedTuple):
    """Posts that have another record in a coming quarter than their first holder's.

    Attributes
    ----------
    quarter : int
    cell : (c,) int
        Replicate * m + post, in this order.
    record : (c,) int
        A place in the quarter's tables.
    own : (c,) int or None
        The first holder's; None where they have none.
    """

    quarter: int
    cell: NDArray[np.intp]
    record: NDArray[np.intp]
    own: NDArray[np.intp] | None


class _Course(NamedTuple):
    """How k posts go through the coming quarters, (H, k) arrays.

    Attributes
    ----------
    cell : (k,) int
        Replicate * m + post, in this order.
    holder : int
        A place among the people of `Past`.
    record, own : int
        Whose record it is, and the first holder's: places in the quarter's tables.
    withheld : bool
        Where only the revenue bonus is paid.
    begins : bool
        Where the holder is new.
    due : bool
        Where a dismissal is due at the end.
    """

    cell: NDArray[np.intp]
    holder: NDArray[np.intp]
    record: NDArray[np.intp]
    own: NDArray[np.intp]
    withheld: NDArray[np.bool_]
    begins: NDArray[np.bool_]
    due: NDArray[np.bool_]


class FuturePay:
    """One policy's money in the futures of one past.

    Parameters
    ----------
    history
        As `Recall` takes it.
    number
        Of the policy among those that it was taken for.
    policy
    past
    growth

    Attributes
    ----------
    left : int
        People in post at the end of the data whom the policy has dismissed by then.
    past_totals : (Q, 5) int64
        Fen of the past quarters as the policy's appraisal has them, of `RECORDED` and cash_effect.
    past_unpaid : int
        Staff-quarters on record that the appraisal does not pay, as they are after a dismissal.
    """

    def __init__(self, history: History, number: int, policy: Policy | PolicyBook, past: Past, growth: Growth) -> None:
        self._past = past
        self._state = state_of(history, number, past)
        in_force = versions_in_force(policy, past.start, past.horizon)
        records = {
            day: records_of(history, number, one, past)
            for day, one in {one.effective_from: one for one in in_force}.items()
        }
        years = [(1 + quarter // SEASONS, one.effective_from) for quarter, one in enumerate(in_force)]
        tables = {(ahead, day): self._tables_of(records[day], growth, ahead) for ahead, day in dict.fromkeys(years)}
        self._tables = [tables[year] for year in years]
        self._terms = [records[day].terms for _, day in years]
        self._usual = [self._added_up(quarter) for quarter in range(past.horizon)]
        self._prepare()
        self.past_totals = history[f"sum of totals {number}"]
        self.past_unpaid = int(history[f"sum of unpaid {number}"])
        self.left = int((self._state.standing[past.posts] == LEFT).sum())

    # -- what adds up ----------------------------------------------------------

    def _tables_of(self, records: Records, growth: Growth, years_ahead: int) -> _Tables:
        past = self._past
        years_ago = -((np.arange(past.quarters) - past.quarters) // SEASONS) - 1
        excess = records.excess(growth, years_ago, years_ahead)
        paid = records.paid(excess)
        cash = records.cash_effect(past.start - past.quarters, self._state.other_bonus)
        expected = np.stack(
            [
                past.expected(quarter, np.column_stack([paid[quarter], cash[quarter]]))
                for quarter in range(past.quarters)
            ]
        )
        by_person = _narrow(paid.swapaxes(0, 1).reshape(-1, len(RECORDED)))
        return _Tables(by_person, by_person[:, AWARD].copy(), excess.T.ravel(), records.flags.T.ravel(), expected)

    def _added_up(self, quarter: int) -> Whole:
        """Sum the own records of the posts in each area: (K, G, 4)."""
        past = self._past
        if not len(past.posts):
            return np.zeros((len(past.sources[quarter]), len(past.areas), len(RECORDED)), dtype=np.int64)
        own = past.posts * past.quarters
        paid = self._tables[quarter].paid
        return np.stack([
            np.add.reduceat(paid.take(own + source, axis=0), past.first_of_area, axis=0, dtype=np.int64)
            for source in past.sources[quarter]
        ])  # fmt: skip

    # -- for whom one quarter depends on another -------------------------------

    def _prepare(self) -> None:
        """Find out once what does not depend on chance: of posts, (m,) or (K, m), and of people, (n + 1,)."""
        past, state, posts = self._past, self._state, self._past.posts
        readings = [terms.readings for terms in self._terms]
        self._carries = any(one.revenue_below_base == RevenueBelowBase.carried for one in readings)
        self._withholds = any(one.probation_bonus == ProbationBonus.none for one in readings)
        # Observation by itself changes money under one reading only; a dismissal takes one more failed quarter.
        enough = min(terms.e_quarters for terms in self._terms)
        self._often = enough + (0 if self._withholds else 1)
        self._gone = (state.standing[posts] == LEFT) & (readings[0].after_dismissal == AfterDismissal.stop)
        run = np.where(state.standing == OBSERVATION, enough, np.minimum(state.run, enough))[posts]
        self._fails_before = np.where(self._gone, 0, run).astype(np.uint8)
        flags = [
            tables.flags.reshape(-1, past.quarters)[posts].T[sources]
            for tables, sources in zip(self._tables, past.sources, strict=True)
        ]
        self._lacking = [((one & USABLE) == 0) & ~self._gone for one in flags]
        self._failed = [np.where(self._gone, np.uint8(0), (one & FAILED) >> 1) for one in flags]
        signed = all(one.annual_negative == AnnualNegative.signed for one in readings)
        self._limited = self._can_reach_limit() & (not signed)
        # Whoever has so much as other year-end bonus never comes to the limit, whatever happens.
        worst = min(0, *(MONTHS_A_QUARTER * min(terms.monthly_award) for terms in self._terms))
        self._insecure = (state.other_bonus + np.minimum(state.awarded, 0) < -SEASONS * worst) & (not signed)
        self._always = self._limited[posts] | (posts == past.nobody) | self._carries

    def _can_reach_limit(self) -> NDArray[np.bool_]:
        """(n + 1,): whose own awards can come to where cash effect and award differ, on some path."""
        past, state = self._past, self._state
        awarded = np.minimum(state.awarded, 0)
        found = awarded < -state.other_bonus
        for quarter, (tables, sources) in enumerate(zip(self._tables, past.sources, strict=True)):
            if (past.start + quarter) % SEASONS == 0:
                awarded = np.zeros_like(awarded)
            awarded = awarded + tables.award.reshape(-1, past.quarters)[:, sources].min(axis=1)
            found |= awarded < -state.other_bonus
        return found

    def _followed(self, draws: Draws) -> NDArray[np.bool_]:
        """(B, m): whom to follow, whatever records they have."""
        follow: NDArray[np.bool_] = np.repeat(self._always[np.newaxis], len(draws.path), axis=0)
        if self._past.closes:
            follow |= draws.closing >= min(self._past.headcount)
        if self._withholds:
            follow |= draws.leaves < self._past.horizon  # whoever succeeds is on probation
        follow |= self._gone & (draws.leaves < self._past.horizon)  # two successors
        return follow

    # -- other holders, other records ------------------------------------------

    def totals(self, draws: Draws) -> tuple[Whole, NDArray[np.intp]]:
        """Add up B replicates.

        Returns
        -------
        (H, B, G, 5) fen by area, of `RECORDED` and cash_effect, and (H, B) people whose dismissal is due at the end of
        the quarter.
        """
        found = np.stack([usual[draws.path[:, quarter]] for quarter, usual in enumerate(self._usual)])
        beyond_award = np.zeros(found.shape[:-1], dtype=np.int64)
        follow = self._followed(draws)
        fails: NDArray[np.uint8] = np.repeat(self._fails_before[np.newaxis], len(follow), axis=0)
        moves = [*self._successions(draws, follow), *self._stand_ins(draws, follow, fails)]
        follow |= fails >= self._often
        for quarter, cell, record, own in moves:
            plain = np.flatnonzero(~follow.take(cell))
            paid = self._tables[quarter].paid.take(record.take(plain), axis=0)
            if own is not None:
                paid -= self._tables[quarter].paid.take(own.take(plain), axis=0)
            self._add(found[quarter], cell.take(plain), paid)
        course = self._course(draws, np.flatnonzero(follow))
        self._pay(course, found)
        self._limit_awards(course, beyond_award)
        replicate = course.cell // max(1, len(self._past.posts))
        dismissed = np.stack([np.bincount(replicate[due], minlength=len(draws.path)) for due in course.due])
        return np.concatenate([found, (found[..., AWARD] + beyond_award)[..., np.newaxis]], axis=-1), dismissed

    def _successions(self, draws: Draws, follow: NDArray[np.bool_]) -> Iterator[_Moves]:
        """Give the posts whose first holder leaves, from then on; mark those whose successor has to be followed."""
        past = self._past
        leaves = np.where(self._gone, np.int8(0), draws.leaves)
        cell = np.flatnonzero(leaves < past.horizon)
        replicate, post = self._split(draws, cell)
        leaves = leaves.take(cell)
        heir, own = past.successors(draws.luck.take(cell)), past.posts.take(post)
        heir_records, own_records = heir * past.quarters, own * past.quarters
        fails, mark = np.zeros(len(cell), dtype=np.uint8), self._limited.take(heir)
        for quarter, tables in enumerate(self._tables):
            source = self._sources(draws, quarter, replicate)
            flags = tables.flags.take(heir_records + source)
            mark |= (flags & USABLE) == 0
            fails += (flags & FAILED) >> 1
            succeeded = np.flatnonzero(leaves <= quarter)
            source = source if len(source) == 1 else source.take(succeeded)
            records = (one.take(succeeded) + source for one in (heir_records, own_records))
            yield _Moves(quarter, cell.take(succeeded), *records)
        mark |= fails >= self._often
        follow.ravel()[cell[mark]] = True

    def _stand_ins(self, draws: Draws, follow: NDArray[np.bool_], fails: NDArray[np.uint8]) -> Iterator[_Moves]:
        """Give the posts whose first holder has no record, while they are there; count failed quarters of (B, m)."""
        past = self._past
        for quarter, tables in enumerate(self._tables):
            path = draws.path[:, quarter]
            fails += self._failed[quarter].take(path, axis=0)
            lacking = self._lacking[quarter].take(path, axis=0)
            cell = np.flatnonzero(lacking & (draws.leaves > quarter))
            replicate, post = self._split(draws, cell)
            source, own = self._sources(draws, quarter, replicate), past.posts.take(post)
            record = past.stand_ins(source, own, draws.luck.take(cell)) * past.quarters + source
            fails.ravel()[cell] += (tables.flags.take(record) & FAILED) >> 1
            follow.ravel()[cell[self._insecure.take(own)]] = True
            yield _Moves(quarter, cell, record, None)

    def _split(self, draws: Draws, cell: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Give replicate and post of cells; a single replicate only once, which spreads over the posts by itself."""
        if len(draws.path) == 1:
            return np.zeros(1, dtype=np.intp), cell
        replicate, post = np.divmod(cell, len(self._past.posts))
        return replicate, post

    def _sources(self, draws: Draws, quarter: int, replicate: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give the past quarter that a coming one is drawn as in each of these replicates."""
        return self._past.sources[quarter].take(draws.path[:, quarter]).take(replicate)

    def _add(self, found: Whole, cell: NDArray[np.intp], amounts: NDArray[Any]) -> None:
        """Add (c, …) amounts of cells, in their order, to (B, G, …) totals of areas."""
        past = self._past
        first = np.arange(len(found))[:, np.newaxis] * len(past.posts) + past.first_of_area
        place = np.append(np.searchsorted(cell, first.ravel()), len(cell))
        some = np.flatnonzero(place[1:] > place[:-1])
        if len(some):
            total = np.add.reduceat(amounts, place[some], axis=0, dtype=np.int64)
            found.reshape(-1, *found.shape[2:])[some] += total

    # -- one by one ------------------------------------------------------------

    def _course(self, draws: Draws, cell: NDArray[np.intp]) -> _Course:
        """Follow posts through the quarters: who holds them, by which record, with which standing."""
        past, shape = self._past, (self._past.horizon, len(cell))
        whose = (np.empty(shape, dtype=np.intp) for _ in range(3))
        whether = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
        course = _Course._make([cell, *whose, *whether])
        replicate, post = np.divmod(cell, max(1, len(past.posts)))
        own = past.posts.take(post)
        holder, own_records = own.copy(), own * past.quarters
        stood, run = self._state.standing.take(holder), self._state.run.take(holder)
        leaves, luck = draws.leaves.take(cell), draws.luck.take(cell)
        holders, since = np.zeros(len(cell), dtype=np.intp), np.full(len(cell), _LONG_AGO)
        for quarter, (terms, tables) in enumerate(zip(self._terms, self._tables, strict=True)):
            readings = terms.readings
            gone = (leaves == quarter) | (holder == past.nobody)
            if readings.after_dismissal == AfterDismissal.stop:
                gone |= stood == LEFT
            if past.closes:
                closed = draws.closing.take(cell) >= past.headcount[quarter]
                holder[closed], gone[closed] = past.nobody, False
            new = np.flatnonzero(gone)
            luck[new] = draws.luck[replicate[new], (post[new] + holders[new]) % len(past.posts)]
            holders[new] += 1
            holder[new] = past.successors(luck[new])
            stood[new] = run[new] = 0
            since[new] = quarter

            source = self._sources(draws, quarter, replicate)
            record = holder * past.quarters + source
            flags = tables.flags.take(record)
            lacking = np.flatnonzero((flags & USABLE) == 0)
            stand_in = past.stand_ins(source[lacking], holder[lacking], luck[lacking])
            record[lacking] = stand_in * past.quarters + source[lacking]
            flags[lacking] = tables.flags.take(record[lacking])
            course.holder[quarter], course.record[quarter], course.own[quarter] = holder, record, own_records + source
            course.begins[quarter] = gone
            if readings.probation_bonus == ProbationBonus.none:
                on_probation = since + -(-terms.probation_months // MONTHS_A_QUARTER) > quarter
                course.withheld[quarter] = on_probation | _withheld(stood, readings)

            failed, scored = (flags & FAILED) != 0, (flags & SCORED) != 0
            course.due[quarter] = standing.dismissal_due(stood, failed)
            run = standing.next_run(
                run, stood, scored, failed, readings.observation_survived, readings.unassessed_quarter
            )
            stood = standing.next_standing(stood, run, scored, failed, terms.e_quarters)
        return course

    def _pay(self, course: _Course, found: Whole) -> None:
        """Add to (H, B, G, 4) fen what posts are paid beyond the first holders' own records."""
        first_holder = course.own[0] // self._past.quarters
        carried = self._state.carried.take(first_holder)
        for quarter, (terms, tables) in enumerate(zip(self._terms, self._tables, strict=True)):
            paid = tables.paid.take(course.record[quarter], axis=0).astype(np.int64)
            withheld = np.flatnonzero(course.withheld[quarter])
            paid[withheld, SERVICE] = paid[withheld, AWARD] = 0
            revenue = paid[withheld, REVENUE]
            paid[withheld, PAYOUT] = pay.quarter_payout(np.zeros_like(revenue), revenue, terms.readings.payout_floor)
            if terms.readings.revenue_below_base == RevenueBelowBase.carried:
                nobody_owes = course.begins[quarter] | (course.holder[quarter] == self._past.nobody)
                carried = np.where(nobody_owes, 0, carried)
                carried = _carry(terms, carried, tables.excess.take(course.record[quarter]), paid, course.due[quarter])
            paid -= tables.paid.take(course.own[quarter], axis=0)
            self._add(found[quarter], course.cell, paid)

    def _limit_awards(self, course: _Course, found: Whole) -> None:
        """Add to (H, B, G) fen how cash effect and award differ."""
        own = course.own[0] // self._past.quarters
        risky = self._limited.take(own) | self._insecure.take(course.holder).any(axis=0)
        course = _Course._make(column.compress(risky, axis=-1) for column in course)
        awarded = self._state.awarded.take(own[risky])
        for quarter, (terms, tables) in enumerate(zip(self._terms, self._tables, strict=True)):
            if (self._past.start + quarter) % SEASONS == 0:
                awarded = np.zeros_like(awarded)
            awarded[course.begins[quarter]] = 0
            award = tables.award.take(course.record[quarter]).astype(np.int64)
            award[course.withheld[quarter]] = 0
            other, reading = self._state.other_bonus.take(course.holder[quarter]), terms.readings.annual_negative
            before = pay.cash_effect(awarded, other, reading)
            awarded = awarded + award
            effect = pay.cash_effect(awarded, other, reading) - before
            self._add(found[quarter], course.cell, effect - award)

    # -- what is usual ---------------------------------------------------------

    def extremes(self, less: FuturePay | None = None) -> NDArray[np.int64]:
        """Give the least and the most that a record pays, or pays more than under another policy, (2, 4) fen.

        At most 0 and at least 0: nobody may have a post, too.
        """
        found = np.zeros((2, len(RECORDED)), dtype=np.int64)
        others = [None] * len(self._tables) if less is None else less._tables  # noqa: SLF001 - of the same class
        pairs = {(id(own), id(other)): (own, other) for own, other in zip(self._tables, others, strict=True)}
        for own, other in pairs.values():  # the tables of one year once
            paid = own.paid if other is None else own.paid.astype(np.int64) - other.paid
            found[0] = np.minimum(found[0], paid.min(axis=0))
            found[1] = np.maximum(found[1], paid.max(axis=0))
        return found

    def expected(self, quarter: int) -> NDArray[np.float64]:
        """Give what each source of a coming quarter pays on the whole, (K, G, 5) fen."""
        return self._tables[quarter].expected[self._past.sources[quarter]]

    def expected_next_year(self, sources: NDArray[np.intp]) -> NDArray[np.float64]:
        """Give what each of these past quarters pays on the whole when its season comes next, (Q, G, 5) fen."""
        return self._tables[0].expected[sources]


def _withheld(stood: NDArray[np.int8], readings: Readings) -> NDArray[np.bool_]:
    """Tell who is paid as if without a grade, by their standing."""
    graded = np.zeros(len(STANDINGS), dtype=np.int8)
    paid = pay.grade_paid(graded, np.arange(len(STANDINGS)), readings.after_dismissal, readings.probation_bonus)
    withheld: NDArray[np.bool_] = (paid == NO_GRADE).take(stood)
    return withheld


def _carry(terms: Terms, owed: Whole, excess: Whole, paid: Whole, due: NDArray[np.bool_]) -> Whole:
    """Deduct penalties left over from earlier quarters from what is paid; give what is left now (3.3)."""
    readings = terms.readings
    paid[:, REVENUE] = pay.revenue_bonus(excess, 0, owed, terms.revenue_ratio, readings.revenue_below_base)
    service, revenue = paid[:, SERVICE], paid[:, REVENUE]
    paid[:, PAYOUT] = pay.quarter_payout(service, revenue, readings.payout_floor)
    not_applied = pay.penalty_not_applied(paid[:, PAYOUT], service, revenue)
    left: Whole = pay.penalty_carried(owed, not_applied, np.ones_like(due), due)
    return left


def _narrow(paid: Whole) -> NDArray[Any]:
    """Store amounts in fewer bytes where no difference of two of them could overflow."""
    fits = np.abs(paid).max(initial=0) <= np.iinfo(np.int32).max // 2
    return paid.astype(np.int32) if fits else np.ascontiguousarray(paid)
