"""What staff-quarters and staff-months come to under other bounds and amounts, and how far that is from today.

For each lowest bound there is one appraisal, since on it depends who is observed and dismissed, and what a month of
fraud counts. The other bounds and the amounts change nothing about a record but its grade and its pay. So the records
are added up by score, for each amount as if it were every grade's: what a grade comes to is then a difference of two
running sums, and a table of grades adds up grade by grade.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import grading, pay
from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.readings import FraudScore, PayoutFloor
from cmpolicy.simulation.appraise import Outcome, appraise
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

    Whole = NDArray[np.int64]

_THIRDS = 3
_ALIKE, _UNPAID, _LEFT = range(3)
"""How a staff-quarter that is paid is paid today: by the same thirds, without a service bonus, or not at all."""
_KINDS = 3


class Sums(NamedTuple):
    """Running sums under one lowest bound: along the last axis over the scores below each of the bounds, then all.

    For A amounts of the quarterly bonus, W monthly awards, G grades and T bounds; the last axis has T + 2 places, the
    first of them 0. What does not depend on the score is counted with the lowest scores.

    Attributes
    ----------
    payout
        (A, T + 2) fen.
    moved
        (A, T + 2) fen, by how much the payouts differ from today's.
    worse
        (G, A, T + 2) staff-quarters that are worse off than today if they have that grade.
    kept_worse
        (G, A, T + 2) the same, of those that must not be.
    award_moved
        (W, T + 2) fen, by how much the awards of staff-months differ from today's.
    """

    payout: Whole
    moved: Whole
    worse: Whole
    kept_worse: Whole
    award_moved: Whole


class Records:
    """The records of a data set, to be added up under one lowest bound after another.

    Parameters
    ----------
    data
    policy
        Today's.
    bounds
        (T,) int64, rising: every bound of any grade that is looked at, points.
    amounts, awards
        (A,) and (W,) int64, rising: every quarterly bonus and monthly award that is looked at, fen.
    kept
        (Q, n) bool, staff-quarters that must not be worse off, or None for none.
    """

    def __init__(
        self,
        data: StaffData,
        policy: Policy,
        bounds: Whole,
        amounts: Whole,
        awards: Whole,
        kept: NDArray[np.bool_] | None,
    ) -> None:
        self._data, self._policy = data, policy
        self._amounts, self._awards, self._kept = amounts, awards, kept
        self._segments = len(bounds) + 1
        self._sixths = np.array(grading.bounds_in_sixths(tuple(bounds.tolist()), policy.readings.band_rule))
        self._today, self._usual = appraise(data, policy), self._trial(policy.bounds[-1])
        self._rank = ranks(self._today)
        panel, arrays = self._today.panel, self._today.arrays
        self._lowest_anyway: NDArray[np.bool_] = np.zeros_like(arrays.scored)
        if policy.readings.fraud_score == FraudScore.quarter_E:
            self._lowest_anyway |= panel.fraud.reshape(panel.quarters, MONTHS_A_QUARTER, -1).any(axis=1)
        self._of_usual = self._quarters(self._usual, self._today.quarter_rows)

        self._awards_today = np.unique([*policy.monthly_award_fen, 0])
        award = np.searchsorted(self._awards_today, arrays.award)
        segment = _segments(arrays.month_score, bounds)
        segment[panel.fraud] = 0
        self._month_cell = award * self._segments + segment
        self._months = self._count_months(panel.assessed)

    def sums(self, lowest_bound: int) -> Sums:
        """Add everything up under a lowest bound: as under today's, with corrections where records are not alike."""
        now, usual = self._trial(lowest_bound), self._usual
        other = now.counted != usual.counted
        for name in ("service_bonus", "revenue_bonus", "quarter_score"):
            other |= getattr(now.arrays, name) != getattr(usual.arrays, name)
        other &= now.quarter_rows
        corrected = [
            total + after - before
            for total, after, before in zip(
                self._of_usual, self._quarters(now, other), self._quarters(usual, other), strict=True
            )
        ]
        return Sums(*map(_running_sum, (*corrected, self._award_moved(now))))

    def _trial(self, lowest_bound: int) -> Outcome:
        """Appraise with a bonus of three fen and an award of one: they tell how many thirds and which months count."""
        names = self._policy.grade_names
        money = {"quarterly_bonus": Decimal(_THIRDS) / FEN_PER_YUAN, "monthly_award": Decimal(1) / FEN_PER_YUAN}
        rows = [{"grade": name, "from": lowest_bound + place} | money for place, name in enumerate(names[-2::-1])]
        last = {"grade": names[-1]} | money
        return appraise(self._data, self._policy.with_changes({"grades": [*rows[::-1], last]}))

    # -- staff-quarters --------------------------------------------------------

    def _quarters(self, now: Outcome, chosen: NDArray[np.bool_]) -> tuple[Whole, Whole, Whole, Whole]:
        """Add up chosen staff-quarters by segment: payout, moved (A, T + 1), worse and kept worse (G, A, T + 1)."""
        payout, moved, worse = self._add_up(now, chosen)
        if self._kept is None:
            return payout, moved, worse, np.zeros_like(worse)
        return payout, moved, worse, self._add_up(now, chosen & self._kept)[2]

    def _add_up(self, now: Outcome, chosen: NDArray[np.bool_]) -> tuple[Whole, Whole, Whole]:
        floor, grades = self._policy.readings.payout_floor, len(self._policy.grades)
        thirds, revenue = now.arrays.service_bonus[chosen], now.arrays.revenue_bonus[chosen]
        graded = (now.counted & now.arrays.scored)[chosen]
        rank, before = self._rank[chosen].astype(np.int64), self._today.arrays.payout[chosen]
        segment = _segments(now.arrays.quarter_score[chosen], self._sixths)
        segment[self._lowest_anyway[chosen]] = 0
        by_rank = (grades + 1, self._segments)

        alike = self._usual.arrays.service_bonus[chosen] == thirds
        kind = np.where(alike, _ALIKE, np.where(self._today.counted[chosen], _UNPAID, _LEFT))
        paid = thirds > 0
        cells = _Cells(rank[paid], segment[paid], kind[paid], thirds[paid], revenue[paid], by_rank)
        of_paid = cells.sums(self._amounts, self._policy.quarterly_bonus_fen, floor)

        # Nothing depends on the amounts where no service bonus is paid.
        unpaid = ~paid
        fixed, before = pay.quarter_payout(0, revenue[unpaid], floor), before[unpaid]
        rank, segment, graded, less = rank[unpaid], segment[unpaid], graded[unpaid], fixed < before
        place = rank * self._segments + segment
        number = of_paid.number + np.bincount(place[graded], minlength=of_paid.number.size).reshape(by_rank)
        lower = of_paid.lower + np.bincount(place[graded & less], minlength=number.size).reshape(by_rank)
        worse = np.stack([number[:grade].sum(axis=0) + lower[:, grade:].sum(axis=1) for grade in range(grades)])
        worse[..., 0] += int(((rank < grades) | less)[~graded].sum())  # among these: who has no grade any more
        payout, moved = of_paid.payout, of_paid.moved
        payout[:, 0] += int(fixed.sum())
        moved[:, 0] += int(np.abs(fixed - before).sum())
        return payout, moved, worse

    # -- staff-months ----------------------------------------------------------

    def _count_months(self, chosen: NDArray[np.bool_]) -> Whole:
        """Count staff-months by today's award and segment."""
        shape = (len(self._awards_today), self._segments)
        counts = np.bincount(self._month_cell[chosen], minlength=shape[0] * shape[1])
        return counts.reshape(shape)

    def _award_moved(self, now: Outcome) -> Whole:
        """Add up by segment how far awards are from today's, (W, T + 1); a month without one any more loses its."""
        unpaid = self._count_months((now.arrays.award == 0) & now.panel.assessed)
        moved: Whole = np.abs(self._awards[:, np.newaxis] - self._awards_today) @ (self._months - unpaid)
        moved[:, 0] += int(np.abs(self._awards_today) @ unpaid.sum(axis=1))
        return moved


def ranks(outcome: Outcome) -> NDArray[np.int8]:
    """Give each staff-quarter's grade, (Q, n), the number of grades where it has none or counts in no grade mix."""
    grade = outcome.arrays.quarter_grade
    none = len(outcome.versions[0].policy.grades)
    return np.where(outcome.counted & (grade >= 0), grade, none).astype(np.int8)


class _CellSums(NamedTuple):
    """Payout and moved (A, segments), staff-quarters (ranks, segments), and those paid less (A, ranks, segments)."""

    payout: Whole
    moved: Whole
    number: Whole
    lower: Whole


class _Cells:
    """Staff-quarters that are paid, in cells of today's rank, segment, kind and thirds, by revenue bonus in each."""

    def __init__(
        self,
        rank: Whole,
        segment: NDArray[np.intp],
        kind: NDArray[Any],
        thirds: NDArray[Any],
        revenue: Whole,
        by_rank: tuple[int, int],
    ) -> None:
        self._by_rank = by_rank
        cell = ((rank * by_rank[1] + segment) * _KINDS + kind) * _THIRDS + thirds - 1
        filled = np.bincount(cell) > 0
        (cells,) = np.nonzero(filled)
        self.thirds, self.kind = cells % _THIRDS + 1, cells // _THIRDS % _KINDS
        self.place = cells // _THIRDS // _KINDS
        self.rank = self.place // by_rank[1]
        # One integer sorts by cell and then by revenue bonus.
        self._least, self._most = int(revenue.min(initial=0)), int(revenue.max(initial=0))
        self._bits = (self._most - self._least).bit_length()
        keys = np.sort((((np.cumsum(filled) - 1)[cell]) << self._bits) | (revenue - self._least))
        edges = np.searchsorted(keys, np.arange(len(cells) + 1) << self._bits)
        self._keys, self.start, self.end = keys, edges[:-1], edges[1:]
        self.sum = _running_sum((keys & ((1 << self._bits) - 1)) + self._least)

    def sums(self, amounts: Whole, today: tuple[int, ...], floor: PayoutFloor) -> _CellSums:
        """Add up for each amount as if it were every grade's; `today` has each grade's, fen."""
        amount_today = np.array([*today, 0])[self.rank] * (self.kind == _ALIKE)
        service = round_half_up(amounts[:, np.newaxis] * self.thirds, _THIRDS)
        service_today = round_half_up(amount_today * self.thirds, _THIRDS)
        left, lower_service = self.kind == _LEFT, service < service_today
        number = self.end - self.start
        now, today_paid = self._pay(service, floor), self._pay(service_today, floor)
        moved = np.where(left, now.absolute, np.abs(now.total - today_paid.total))
        # Whom the penalty leaves nothing today cannot be paid less; nor who has left, unless a payout may be negative.
        less = np.where(left, now.negative, lower_service * (number - today_paid.nothing))
        starts = np.unique(self.place, return_index=True)[1]
        lower = np.zeros((len(amounts), *self._by_rank), dtype=np.int64)
        count = np.zeros(self._by_rank, dtype=np.int64)
        payouts, moves = np.zeros_like(lower), np.zeros_like(lower)
        if len(starts):
            places = np.unravel_index(self.place[starts], self._by_rank)
            count[places] = np.add.reduceat(number, starts)
            for dense, values in ((lower, less), (payouts, now.total), (moves, moved)):
                dense[:, places[0], places[1]] = np.add.reduceat(values, starts, axis=1)
        return _CellSums(payouts.sum(axis=1), moves.sum(axis=1), count, lower)

    def _pay(self, service: Whole, floor: PayoutFloor) -> _Pay:
        """Pay everyone in the cells a service bonus, one a cell."""
        cells = np.arange(len(self.start)) << self._bits
        penalty = -service - self._least
        to_nothing = np.searchsorted(
            self._keys, cells + np.clip(penalty, -1, self._most - self._least), side="right"
        )  # up to here the penalty leaves nothing
        positive = service * (self.end - to_nothing) + self.sum[self.end] - self.sum[to_nothing]
        if floor == PayoutFloor.zero:
            return _Pay(positive, positive, np.zeros_like(positive), to_nothing - self.start)
        total = service * (self.end - self.start) + self.sum[self.end] - self.sum[self.start]
        below = np.searchsorted(self._keys, cells + np.clip(penalty, 0, self._most - self._least + 1), side="left")
        return _Pay(total, 2 * positive - total, below - self.start, np.zeros_like(total))


class _Pay(NamedTuple):
    """What cells are paid: all payouts, their absolute values, how many are negative, how many the limit makes 0."""

    total: Whole
    absolute: Whole
    negative: Whole
    nothing: Whole


def _segments(score: NDArray[Any], bounds: Whole) -> NDArray[np.intp]:
    """Count the bounds that each score reaches."""
    if not score.size:
        return np.empty(score.shape, dtype=np.intp)
    lowest = int(score.min())
    reached = np.searchsorted(bounds, np.arange(lowest, int(score.max()) + 1), side="right")
    found: NDArray[np.intp] = reached[score.astype(np.intp) - lowest]
    return found


def _running_sum(values: Whole) -> Whole:
    """Add up along the last axis, with 0 in front."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=np.int64)
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums
