"""Totals over very many records for any bounds and amounts, without going through the records again.

Each class takes records apart once and from then on answers for many scenarios at a time, in exact integers. A record
has a weight, so that a correction is a record too: -1 takes away what the same record has added elsewhere.

A scenario is a row: P scenarios with G grades have bounds of shape (P, G - 1), falling along each row, and amounts of
shape (P, G), the best grade first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import grading, pay
from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.parameters import GRADE_PARAMETERS
from cmpolicy.regulation.readings import PayoutFloor

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from cmpolicy.regulation.readings import Readings

    Whole = NDArray[np.int64]

LOWEST = SIXTHS * (GRADE_PARAMETERS["from"].lowest - 1)
"""A score below every bound that a policy can have, in points or sixths: the lowest grade in every scenario."""

MOST_AMOUNTS = 500
"""How many distinct quarterly bonuses may be asked for at a time; some more are kept."""

_HIGHEST = SIXTHS * GRADE_PARAMETERS["from"].highest
_KEPT = 4
"""How many revenue rates, and sets of scenarios of the year-end bonus, are kept."""

# Of the search among year-end bonuses; found by trial, they decide on its speed only.
_FEW_THRESHOLDS = (2, 8)
_FEW_SCENARIOS = 256
_LITTLE_WORK = 30_000
_MUCH_FEWER = 0.75
_FEW_PAIRS = 32_768
_SMALL_PRODUCT = 250_000
_MOST_PEOPLE = 512


def _places(score: NDArray[Any]) -> tuple[int, NDArray[np.intp]]:
    """Give the lowest score, and each score's distance from it."""
    if not len(score):
        return 0, np.empty(0, dtype=np.intp)
    first = int(score.min())
    if first < LOWEST or score.max() > _HIGHEST:  # beyond every bound all scores are alike
        score = np.clip(score.astype(np.int64), LOWEST, _HIGHEST)
        first = int(score.min())
    return first, np.subtract(score, first, dtype=np.intp)


def _counts(place: NDArray[np.intp], weights: NDArray[Any] | None) -> Whole:
    """Count how often each place occurs, or add up the weights there."""
    return np.bincount(place, weights).astype(np.int64)  # bincount adds whole weights in floats: exact below 2**53


def _running_sum(values: NDArray[Any]) -> Whole:
    """Add up along the last axis, with 0 in front: the sum of any stretch is then a difference of two."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=np.int64)
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


class ScoreCounts:
    """How many scores have each grade.

    Parameters
    ----------
    score
        (k,) integers in the unit of the bounds.
    weights
        (k,) integers, or None for 1 each.
    """

    def __init__(self, score: NDArray[Any], weights: NDArray[Any] | None = None) -> None:
        self._first, place = _places(score)
        self._below = _running_sum(_counts(place, weights))

    def by_grade(self, bounds: Whole) -> Whole:
        """Count the scores of each grade, (P, G)."""
        below = self._below[np.clip(bounds - self._first, 0, len(self._below) - 1)]
        total = np.full((len(bounds), 1), self._below[-1])
        counts: Whole = np.hstack([total, below]) - np.hstack([below, np.zeros_like(total)])
        return counts

    def migration(self, before: tuple[int, ...], after: tuple[int, ...]) -> Whole:
        """Count the scores by their grades under two sets of bounds, (G + 1, H + 1); the last row and column are 0."""
        bounds = np.unique([*before, *after])[::-1]
        in_band = np.append(bounds, LOWEST)  # a score of each band between two bounds
        matrix = np.zeros((len(before) + 2, len(after) + 2), dtype=np.int64)
        places = (grading.grade_of(in_band, before), grading.grade_of(in_band, after))
        np.add.at(matrix, places, self.by_grade(bounds[np.newaxis])[0])
        return matrix


class QuarterSums(NamedTuple):
    """Money of staff-quarters in P scenarios, fen, and how many of them the penalty's limit spares: (P,) each."""

    service_bonus: Whole
    revenue_bonus: Whole
    penalty_not_applied: Whole
    floor_binding: Whole


class QuarterPay:
    """What staff-quarters earn by R1, 3.2 and 3.3.

    Bonuses add up grade by grade. Only the limit of the penalty does not: a staff-quarter with the service bonus s and
    the penalty r is spared max(0, r - s). So the penalties are kept in order within each cell, which is a score and a
    number of thirds paid: one search finds how many exceed s, and running sums tell by how much.

    Parameters
    ----------
    score
        (k,) integers, sixths of a point.
    thirds
        (k,) integers, how many thirds of its grade's bonus a staff-quarter is paid.
    excess
        (k,) int64, revenue minus base, fen.
    readings
        Those of R1 and 3.3 count; a penalty must not be carried from quarter to quarter.
    weights
        (k,) integers, or None for 1 each.
    """

    def __init__(
        self,
        score: NDArray[Any],
        thirds: NDArray[Any],
        excess: Whole,
        readings: Readings,
        weights: NDArray[Any] | None = None,
    ) -> None:
        self.readings = readings
        self.excess, self.weights = excess, weights
        first, place = _places(score)
        place = 4 * place + thirds
        filled = np.bincount(place) > 0
        cells = np.flatnonzero(filled)
        self.score, self.thirds = first + cells // 4, cells % 4
        self.count = _counts(place, weights)[cells]
        # Staff-quarters below their base, by cell and then by excess: in the order of their penalties at any rate.
        limited = readings.payout_floor == PayoutFloor.zero
        below = np.flatnonzero(excess < 0) if limited else np.empty(0, dtype=np.intp)
        cell = (np.cumsum(filled) - 1)[place[below]]
        order = _order(cell, excess[below])
        self.cell, self.below = cell[order], below[order]
        self._priced: OrderedDict[tuple[int, int], _PricedQuarters] = OrderedDict()

    def sums(
        self, bounds: Whole, amounts: Whole, bonus: NDArray[np.intp], revenue_ratio: tuple[int, int]
    ) -> QuarterSums:
        """Add up all staff-quarters.

        Parameters
        ----------
        bounds
            (P, G - 1), sixths.
        amounts
            Up to `MOST_AMOUNTS` distinct quarterly bonuses, fen, rising.
        bonus
            (P, G) the place of each grade's bonus in `amounts`.
        revenue_ratio
            Numerator and denominator of revenue.rate times revenue.manager_share.
        """
        return self.price(revenue_ratio).sums(bounds, amounts, bonus)

    def price(self, revenue_ratio: tuple[int, int]) -> _PricedQuarters:
        """Work out the revenue bonuses of a rate; the last few are kept."""
        if revenue_ratio not in self._priced:
            self._priced[revenue_ratio] = _PricedQuarters(self, revenue_ratio)
            if len(self._priced) > _KEPT:
                self._priced.popitem(last=False)
        return self._priced[revenue_ratio]


def _order(cell: NDArray[np.intp], excess: Whole) -> NDArray[np.intp]:
    """Order by cell, then by excess, which is negative."""
    key = _key(cell, excess, int(excess.min(initial=0)))
    # NumPy sorts 16-bit integers by radix, several times as fast as wide ones.
    digits = [(key >> shift).astype(np.uint16) for shift in range(0, int(key.max(initial=1)).bit_length(), 16)]
    return np.lexsort(digits)


def _key(cell: NDArray[np.intp], amount: Whole, lowest: int) -> Whole:
    """Join a cell and an amount from `lowest` to 0 to one integer, which sorts by cell and then by amount."""
    key: Whole = (cell << (-lowest).bit_length()) | (amount - lowest)
    return key


class _PricedQuarters:
    """Staff-quarters whose revenue bonus is fixed by a rate.

    For each amount S a table holds running sums over the cells, of what they would add up to if the bonus of every
    grade were S. A scenario then takes one difference of two places for each grade.
    """

    def __init__(self, quarters: QuarterPay, revenue_ratio: tuple[int, int]) -> None:
        bonus = pay.revenue_bonus(quarters.excess, 0, 0, revenue_ratio, quarters.readings.revenue_below_base)
        penalty = bonus[quarters.below]  # negative or 0
        if quarters.weights is None:
            weights = np.ones_like(penalty)
        else:
            bonus = bonus * quarters.weights
            weights = quarters.weights[quarters.below].astype(np.int64)
        self._quarters = quarters
        self._revenue = int(bonus.sum())
        self._lowest = int(penalty.min(initial=0))
        self._penalties = _key(quarters.cell, penalty, self._lowest)
        self._start = np.searchsorted(quarters.cell, np.arange(len(quarters.count)))
        self._number, self._sum = _running_sum(weights), _running_sum(penalty * weights)
        self._forget()

    def _forget(self) -> None:
        self._amounts = np.empty(0, dtype=np.int64)
        self._table = np.empty((0, 3, len(self._quarters.count) + 1), dtype=np.int64)

    def sums(self, bounds: Whole, amounts: Whole, bonus: NDArray[np.intp]) -> QuarterSums:
        new = np.setdiff1d(amounts, self._amounts, assume_unique=True)
        if len(self._amounts) + len(new) > 2 * MOST_AMOUNTS:
            self._forget()
            new = amounts
        if len(new):
            self._fill_in(new)
        place = np.searchsorted(self._amounts, amounts)[bonus]
        cells = np.searchsorted(self._quarters.score, bounds)
        end = np.full((len(bounds), 1), len(self._quarters.score))
        above, from_cell = np.hstack([end, cells]), np.hstack([cells, np.zeros_like(end)])
        service, spared, binding = (
            (sums[place, above] - sums[place, from_cell]).sum(axis=1) for sums in self._table.swapaxes(0, 1)
        )
        return QuarterSums(service, np.full(len(bounds), self._revenue), spared, binding)

    def _fill_in(self, amounts: Whole) -> None:
        service = round_half_up(amounts[:, np.newaxis] * self._quarters.thirds, 3)
        cells = np.arange(len(self._quarters.count))
        until = np.searchsorted(self._penalties, _key(cells, np.maximum(-service, self._lowest), self._lowest))
        binding = self._number[until] - self._number[self._start]
        spared = self._sum[self._start] - self._sum[until] - service * binding
        table = _running_sum(np.stack([service * self._quarters.count, spared, binding], axis=1))
        amounts, table = np.concatenate([self._amounts, amounts]), np.concatenate([self._table, table])
        order = np.argsort(amounts)
        self._amounts, self._table = amounts[order], table[order]


class _People(NamedTuple):
    """A year of k people each: scores (12, k) in points, months with an award, other bonus (fen) and weight (k,)."""

    score: NDArray[Any]
    months: NDArray[np.int8]
    other: Whole
    weights: NDArray[Any]

    def take(self, places: NDArray[np.intp]) -> _People:
        return _People(self.score[:, places], self.months[places], self.other[places], self.weights[places])

    def months_by_band(self, thresholds: Whole) -> NDArray[np.int8]:
        """Count each person's months between one threshold and the next, (bands, k), the lowest band first."""
        # Python's integers, unlike NumPy's, do not widen the scores that they are compared with.
        bands = np.empty((len(thresholds) + 1, len(self.months)), dtype=np.int8)
        bands[0] = self.months
        for place, threshold in enumerate(thresholds.tolist(), start=1):
            np.greater_equal(self.score[0], threshold, out=bands[place].view(np.bool_))
            for score in self.score[1:]:
                bands[place] += (score >= threshold).view(np.int8)
        bands[:-1] -= bands[1:]
        return bands

    def left(self, thresholds: Whole, award: Whole) -> Whole:
        """Give what is left of the other bonus, negative where it falls short, for an award of each band."""
        left = self.other.copy()
        for of_band, months in zip(award, self.months_by_band(thresholds), strict=True):
            left += of_band * months
        return left


class YearEnds:
    """By how much negative awards exceed the other year-end bonus, the most that 3.2 takes off.

    A person's year falls short by max(0, -other - award), which does not add up by grade. So people are looked at, but
    as few as possible. The scenarios are divided until those that stay together nearly agree; then the award of most
    people falls short in none of them, or in all, and in all it does add up. The rest are computed one by one.

    Parameters
    ----------
    score
        (12, k) integers, points; below every bound where a month has the lowest grade, or no award.
    months
        (k,) int8, how many months of the year have an award.
    other
        (k,) int64, the other year-end bonus, fen.
    weights
        (k,) integers, or None for 1 each.
    """

    def __init__(
        self, score: NDArray[Any], months: NDArray[np.int8], other: Whole, weights: NDArray[Any] | None = None
    ) -> None:
        weights = np.ones(len(months), dtype=np.int8) if weights is None else weights
        self._people = _People(score, months, other, weights)
        self._kept: OrderedDict[Hashable, Whole] = OrderedDict()
        self._most = 0
        self._near = self._people.take(np.empty(0, dtype=np.intp))

    def shortfall(self, bounds: Whole, awards: Whole) -> Whole:
        """Add up what all awards fall short: (P,), fen.

        Parameters
        ----------
        bounds
            (P, G - 1), points.
        awards
            (P, G), fen a month.
        """
        distinct, inverse = _distinct_rows(np.hstack([bounds, awards]))
        bounds, awards = bounds[distinct], awards[distinct]
        key = (awards.shape, bounds.tobytes(), awards.tobytes())
        if key not in self._kept:
            self._kept[key] = self._look(bounds, awards)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[key][inverse]

    def _look(self, bounds: Whole, awards: Whole) -> Whole:
        near = self._those_near(-int(awards.min()))
        thresholds = np.unique(bounds)
        band = grading.grade_of(np.array([LOWEST, *thresholds]), tuple(bounds.T[:, :, np.newaxis]))
        award = np.take_along_axis(awards, band.astype(np.intp), axis=1)
        if len(award) == 1:
            left = near.left(thresholds, award[0])
            short: Whole = -(np.minimum(left, 0) * near.weights).sum(keepdims=True)
            return short
        # Those who fall short in no scenario can be told through a few of the thresholds, most of them through two.
        for count in _FEW_THRESHOLDS:
            few = np.unique(np.linspace(0, len(thresholds) - 1, count).astype(np.intp))
            lowest = np.minimum.reduceat(award.min(axis=0), np.concatenate([[0], few + 1]))
            near = near.take(np.flatnonzero(near.left(thresholds[few], lowest) < 0))
        return _Search(award, near, thresholds).run()

    def _those_near(self, most: int) -> _People:
        """Choose those who may fall short where a month takes up to so much; the last choice serves for less, too."""
        if most > self._most:
            self._near = self._people.take(np.flatnonzero(self._people.other < self._people.months * np.int64(most)))
            self._most = most
        return self._near


def _distinct_rows(rows: Whole) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the places of distinct rows in a fixed order, and for each row the number of its like among these."""
    varying = (rows != rows[0]).any(axis=0)
    order = np.lexsort(rows[:, varying].T) if varying.any() else np.arange(len(rows))
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (rows[order[1:]] != rows[order[:-1]]).any(axis=1)
    inverse = np.empty(len(rows), dtype=np.intp)
    inverse[order] = np.cumsum(new) - 1
    return order[new], inverse


class _Some(NamedTuple):
    """Scenarios and people of whom it is not known yet who falls short, in whole numbers kept as floats.

    Attributes
    ----------
    scenarios : (p,) int
    award : (p, bands)
        What each scenario awards a month whose score is in the band.
    months : (bands, k)
        Of each person.
    other, weights : (k,)
    """

    scenarios: NDArray[np.intp]
    award: NDArray[Any]
    months: NDArray[Any]
    other: NDArray[Any]
    weights: NDArray[Any]

    def of_scenarios(self, which: NDArray[np.bool_]) -> _Some:
        """Take some of the scenarios; bands that are awarded alike in all of these become one."""
        award = self.award[which]
        starts = np.flatnonzero(np.append(True, (award[:, 1:] != award[:, :-1]).any(axis=0)))
        months = self.months
        if len(starts) <= _MUCH_FEWER * len(months):
            award, months = award.take(starts, axis=1), np.add.reduceat(months, starts, axis=0)
        return self._replace(scenarios=self.scenarios[which], award=award, months=months)

    def of_people(self, places: NDArray[np.intp]) -> _Some:
        """Take some of the people."""
        columns = (column.take(places, axis=-1) for column in (self.months, self.other, self.weights))
        return _Some(self.scenarios, self.award, *columns)


class _Search:
    """Looks for those who fall short.

    Parameters
    ----------
    award
        (P, bands) int64, what each scenario awards a month whose score is in the band, fen.
    people
    thresholds
        (bands - 1,) int64, points, rising.
    """

    def __init__(self, award: Whole, people: _People, thresholds: Whole) -> None:
        self.total = np.zeros(len(award), dtype=np.int64)
        # In the largest unit that all amounts are multiples of, which is seldom the fen.
        self._unit = max(1, int(np.gcd(np.gcd.reduce(award, axis=None), np.gcd.reduce(people.other))))
        award, other = award // self._unit, people.other // self._unit
        # Floats, for their fast products: all that they hold is whole, and no sum of them is too large to be exact.
        weight = int(np.abs(people.weights).max(initial=1))
        reach = weight * (12 * _MOST_PEOPLE * int(np.abs(award).max()) + int(other.max(initial=0)))
        real = np.float32 if reach < 2**24 else np.float64
        months = people.months_by_band(thresholds).astype(real)
        amounts = (column.astype(real) for column in (other, people.weights))
        self._todo = [_Some(np.arange(len(award)), award.astype(real), months, *amounts)]

    def run(self) -> Whole:
        while self._todo:
            self._divide(self._todo.pop())
        return self.total * self._unit

    def _divide(self, some: _Some) -> None:
        least, most = some.award.min(axis=0), some.award.max(axis=0)
        lowest, highest = _product(np.stack([least, most]), some.months) + some.other
        always = highest <= 0
        if always.any():
            weights = some.weights[always]
            months = (some.months[:, always] * weights).sum(axis=1, dtype=np.float64)
            other = (some.other[always] * weights).sum(dtype=np.float64)
            self.total[some.scenarios] -= (np.einsum("sb,b->s", some.award, months) + other).astype(np.int64)
        undecided = np.flatnonzero((lowest < 0) & ~always)
        if not len(undecided):
            return
        some = some.of_people(undecided)
        if len(some.scenarios) <= _FEW_SCENARIOS or len(some.scenarios) * len(undecided) <= _LITTLE_WORK:
            self._one_by_one(some)
            return
        # Divide by what sets the awards of these people furthest apart.
        band = ((most - least) * some.months.sum(axis=1)).argmax()
        lower = some.award[:, band] <= (least[band] + most[band]) / 2
        self._todo += [some.of_scenarios(lower), some.of_scenarios(~lower)]

    def _one_by_one(self, some: _Some) -> None:
        size = min(_MOST_PEOPLE, max(1, _FEW_PAIRS // len(some.scenarios)))
        for start in range(0, len(some.other), size):
            block = slice(start, start + size)
            left = _product(some.award, some.months[:, block])
            left += some.other[block]
            np.minimum(left, 0, out=left)
            self.total[some.scenarios] -= np.einsum("sp,p->s", left, some.weights[block]).astype(np.int64)


def _product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Multiply matrices in pieces so small that linear algebra starts no threads.

    On a busy machine these wait for each other, and a product takes a hundred times as long.
    """
    found = np.empty((len(left), right.shape[1]), dtype=left.dtype)
    rows = max(1, _SMALL_PRODUCT // max(1, right.size))
    columns = max(1, _SMALL_PRODUCT // (min(rows, len(left)) * len(right)))
    for row in range(0, len(left), rows):
        for column in range(0, right.shape[1], columns):
            piece = np.s_[row : row + rows], np.s_[column : column + columns]
            np.matmul(left[piece[0]], right[:, piece[1]], out=found[piece])
    return found
