"""The search for the policy nearest to today's that grants a wish: exact, with what is not proved told.

A *scenario* sets bounds and monthly awards; it settles grades, standing and the year's end. There are few enough to
look at all of them. In a scenario, what the quarterly bonuses cost and move adds up grade by grade (`solve_records`),
so the best table of them can be found exactly (`solve_amounts`). That is done only for scenarios that can still win:

1. Who is worse off changes at few amounts: at those of today. So the fewest staff-quarters worse off that the budget
   allows are found for every scenario by trying these few.
2. Scenarios that have as few, or all where money is the objective, are then taken up in the order of a lower bound of
   the money moved, until no bound is below the best that was found.

By how much a year's awards exceed the other year-end bonus in the negative (3.2) adds up neither by grade nor by score.
It is computed for scenarios that come into question; for the others a lower bound stands in.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import PolicyError
from cmpolicy.messages import Message
from cmpolicy.progress import bar, with_bar
from cmpolicy.regulation.readings import AnnualNegative
from cmpolicy.simulation.solve_amounts import UNLIMITED, Choice, Tables, all_tables, nearest_table
from cmpolicy.simulation.solve_records import Records
from cmpolicy.simulation.statistics import Scenarios, statistics_of
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from cmpolicy.simulation.solve_wish import Target, Wish
    from cmpolicy.staff.data import StaffData

    Whole = NDArray[np.int64]
    Places = NDArray[np.intp]

MOST_SCENARIOS = 400_000
MOST_TRIALS = 200_000_000
"""In how many scenarios, times tables of amounts, the fewest worse off are sought."""
MOST_SOLVED = 30
"""In how many scenarios the nearest table is sought where bounds vary; the others are left to the gap."""
PRICE_OF_A_FEN = 64
"""A policy's price is the money moved. Between equals the number of values changed decides, which is lower."""
ROOMY = 2**54
"""More fen than all payouts together."""
NOT_KEPT = 2**40
"""What a grade counts, instead of the staff-quarters worse off, if among them is one that must not be."""

_AT_A_TIME = 256
_FEW_SCENARIOS = 2_000


class Found(NamedTuple):
    """A policy that was found: its values, best grade first (points, fen), and what is claimed of it.

    Attributes
    ----------
    cost, moved
        Fen.
    worse_off
        Staff-quarters.
    unproved
        By how much another policy may have less money moved, fen. For fewest worse off: another one with as few.
    """

    bounds: tuple[int, ...]
    quarterly_bonus: tuple[int, ...]
    monthly_award: tuple[int, ...]
    cost: int
    worse_off: int
    moved: int
    unproved: int


class Search:
    """All scenarios of a wish.

    Attributes
    ----------
    bounds, awards
        (K, G - 1) points and (K, G) fen, int64; the scenarios with the fewest and smallest changes come first.
    totals
        Grades, standing and awards of each scenario; its payouts are those of today's amounts.
    met
        (K,) bool, whether a scenario meets the targets.
    """

    def __init__(self, data: StaffData, wish: Wish) -> None:
        self.data, self.wish = data, wish
        policy = wish.policy
        self.bounds, self.awards, self.changes = _list_scenarios(wish)
        self.listed_bounds, self.listed_awards = np.unique(self.bounds), np.unique(self.awards)
        self.amounts = np.unique(np.concatenate(wish.bonuses))
        # Without the limit of 3.2, which takes long, as it does not add up.
        signed = policy.with_changes({"readings.annual_negative": AnnualNegative.signed.name})
        self.totals = statistics_of(data, signed).sweep(self.scenarios(self.bounds, self.awards))
        self.met = np.ones(len(self.bounds), dtype=np.bool_)
        for target in wish.targets:
            self.met &= target.met(*self.figure(target))
        self.settlement = _Settlement(self)
        self._records: Records | None = None
        self._blocks: dict[int, Block] = {}

    def scenarios(self, bounds: Whole, awards: Whole) -> Scenarios:
        """Put scenarios as statistics take them."""
        policy = self.wish.policy
        bonus = np.broadcast_to(np.array(policy.quarterly_bonus_fen, dtype=np.int64), awards.shape)
        return Scenarios(bounds, bonus, awards, policy.revenue_ratio)

    def figure(self, target: Target) -> tuple[Whole, Any]:
        """Give what a target limits in each scenario, (K,), and what a share of it is a share of."""
        kind, _, grade = target.name.partition("_grade_")
        if grade:
            counts = self.totals.quarter_grades if kind == "quarter" else self.totals.month_grades
            return counts[:, self.wish.policy.grade_names.index(grade)], counts.sum(axis=1)
        panel = self.data.panel
        rows = panel.assessed.reshape(panel.quarters, MONTHS_A_QUARTER, -1).any(axis=1) | panel.quarter_recorded
        if target.name == "dismissed":
            return self.totals.dismissed, int(rows.any(axis=0).sum())
        return self.totals.observed, int(rows.sum())

    def blocks(self, rows: Places) -> Iterator[tuple[Block, Places]]:
        """Put scenarios together by lowest bound: of each block, the places in `rows` of those in it."""
        lowest = self.bounds[rows, -1]
        distinct = list(dict.fromkeys(lowest.tolist()))
        for bound in with_bar(distinct, Message("bounds")):
            if bound not in self._blocks:
                self._blocks[bound] = self._block(bound)
            yield self._blocks[bound], np.flatnonzero(lowest == bound)

    def _block(self, lowest_bound: int) -> Block:
        wish = self.wish
        if self._records is None:
            self._records = Records(
                self.data, wish.policy, self.listed_bounds, self.amounts, self.listed_awards, wish.kept
            )
        return Block(self, self._records, lowest_bound)

    def room(self, rows: Places) -> Whole:
        """Give what the budget leaves for payouts; where a scenario is not settled yet, at most."""
        if self.wish.budget is None:
            return np.full(len(rows), ROOMY, dtype=np.int64)
        return self.wish.budget - self.settlement.cash(rows)

    def fewest(self, rows: Places) -> Whole:
        """Give the fewest staff-quarters worse off that the budget allows, `UNLIMITED` where it allows no table."""
        found, room = np.empty(len(rows), dtype=np.int64), self.room(rows)
        for block, places in self.blocks(rows):
            found[places] = block.fewest(rows[places], room[places])
        return found

    def lowest_cost(self, rows: Places) -> Whole:
        """Give the lowest cost, fen, `UNLIMITED` where no table keeps what must be kept."""
        found, cash = np.empty(len(rows), dtype=np.int64), self.settlement.cash(rows)
        for block, places in self.blocks(rows):
            payout = block.lowest_payout(rows[places])
            found[places] = np.where(payout < UNLIMITED, payout + cash[places], UNLIMITED)
        return found

    def least(self, rows: Places, value: Callable[[Places], Whole]) -> tuple[int, Whole]:
        """Find the least value among scenarios that can be too low while they are not settled.

        Returns
        -------
        tuple
            The least value; and each scenario's value, not lower than before, and settled where it could be the least.
        """
        values = value(rows)
        best = UNLIMITED
        order = np.argsort(values, kind="stable")
        for start in range(0, len(rows), _AT_A_TIME):
            some = order[start : start + _AT_A_TIME]
            some = some[values[some] < best]
            if not len(some):
                break
            if self.settlement.settle(rows[some]):
                values[some] = value(rows[some])
            best = min(best, int(values[some].min()))
        return best, values


def _list_scenarios(wish: Wish) -> tuple[Whole, Whole, Whole]:
    """List bounds and awards of all scenarios and how many values each changes, the nearest to today's first."""
    policy = wish.policy
    bounds = wish.bounds[0][:, np.newaxis]
    for values in wish.bounds[1:]:
        better, worse = np.nonzero(bounds[:, -1:] > values)
        _refuse_many(len(better))
        bounds = np.column_stack([bounds[better], values[worse]])
    places = all_tables(wish.awards)
    _refuse_many(len(bounds) * len(places))
    awards = np.column_stack([values[place] for values, place in zip(wish.awards, places.T, strict=True)])
    row, table = (numbers.ravel() for numbers in np.indices((len(bounds), len(awards))))
    bounds, awards = bounds[row], awards[table]
    moved_bounds, moved_awards = bounds - np.array(policy.bounds), awards - np.array(policy.monthly_award_fen)
    changes = (moved_bounds != 0).sum(axis=1) + (moved_awards != 0).sum(axis=1)
    order = np.lexsort((np.abs(moved_bounds).sum(axis=1), np.abs(moved_awards).sum(axis=1), changes))
    return bounds[order], awards[order], changes[order]


def _refuse_many(count: int) -> None:
    if count > MOST_SCENARIOS:
        raise PolicyError(
            Message(
                "There are {count} combinations of bounds and monthly awards, more than {most}. Vary fewer, set "
                "narrower limits, or take a wider step.",
                count=f"{count:,}",
                most=f"{MOST_SCENARIOS:,}",
            )
        )


class _Settlement:
    """What awards change in cash in each scenario (3.2): the awards, and by how much they exceed the year-end bonus.

    The excess is taken from a coarser lattice first. Where no worse grade is awarded more, higher bounds and lower
    awards can only raise it as long as the lowest bound, and so who is dismissed, stays.
    """

    def __init__(self, search: Search) -> None:
        self._search = search
        count = len(search.bounds)
        self._excess = np.zeros(count, dtype=np.int64)
        signed = search.wish.policy.readings.annual_negative == AnnualNegative.signed
        self._settled = np.full(count, signed)
        self._ordered = bool((np.diff(search.awards, axis=1) <= 0).all())
        if count <= _FEW_SCENARIOS:
            self.settle(np.arange(count))
        elif not signed and self._ordered:
            self._excess = self._at_corners(upper=False)

    def cash(self, rows: Places) -> Whole:
        """Give the cash effect of scenarios, fen, at least."""
        found: Whole = self._search.totals.award[rows] + self._excess[rows]
        return found

    def most_cash(self, rows: Places) -> Whole:
        """Give the cash effect of scenarios, fen, at most."""
        if not self._ordered:
            self.settle(rows)
        if self._settled[rows].all():
            return self.cash(rows)
        excess = np.where(self._settled, self._excess, self._at_corners(upper=True))
        found: Whole = self._search.totals.award[rows] + excess[rows]
        return found

    def settle(self, rows: Places) -> bool:
        """Settle scenarios to the fen; tell whether some were not yet."""
        new = rows[~self._settled[rows]]
        if len(new):
            self._excess[new] = self._exactly(self._search.bounds[new], self._search.awards[new])
            self._settled[new] = True
        return len(new) > 0

    def _exactly(self, bounds: Whole, awards: Whole) -> Whole:
        search = self._search
        totals = statistics_of(search.data, search.wish.policy).sweep(search.scenarios(bounds, awards))
        found: Whole = totals.cash_effect - totals.award
        return found

    def _at_corners(self, *, upper: bool) -> Whole:
        """Bound the excess of every scenario by that of a neighbour on a lattice; the finest that is quick enough."""
        bounds, awards = self._search.bounds, self._search.awards
        extreme = np.broadcast_to(awards.min(axis=0) if upper else awards.max(axis=0), awards.shape)
        for tables in (awards, extreme):
            for step in (4, 8, 16, 32):
                corners = -(-bounds // step) * step if upper else np.maximum(bounds // step * step, bounds[:, -1:])
                corners[:, -1] = bounds[:, -1]
                first, corner = _distinct(np.hstack([corners, tables]))
                if len(first) <= _FEW_SCENARIOS:
                    return self._exactly(corners[first], tables[first])[corner]
        return self._exactly(bounds, awards) if upper else np.zeros(len(bounds), dtype=np.int64)


def _distinct(rows: Whole) -> tuple[Places, Places]:
    """Give the places of distinct rows, and for each row the number of its like among these."""
    code = np.zeros(len(rows), dtype=np.intp)
    for column in rows.T[(rows != rows[0]).any(axis=0)]:
        _, digit = np.unique(column, return_inverse=True)
        _, code = np.unique(code * (digit.max() + 1) + digit, return_inverse=True)
    return np.unique(code, return_index=True)[1], code


class Block:
    """The scenarios of one lowest bound: what each grade comes to for each of its amounts.

    Between which bounds a grade lies is a *stretch*; a grade has few stretches, which many scenarios share. Its arrays
    have the shape (stretches, amounts).
    """

    def __init__(self, search: Search, records: Records, lowest_bound: int) -> None:
        wish = search.wish
        self.rows = np.flatnonzero(search.bounds[:, -1] == lowest_bound)
        self._amounts, self._budget = wish.bonuses, wish.budget is not None
        self._today = wish.policy.quarterly_bonus_fen
        sums = records.sums(lowest_bound)
        listed = search.listed_bounds
        cuts = np.searchsorted(listed, search.bounds[self.rows]) + 1
        edge = np.zeros((len(self.rows), 1), dtype=np.intp)
        until, start = np.hstack([edge + len(listed) + 1, cuts]), np.hstack([cuts, edge])
        award = np.searchsorted(search.listed_awards, search.awards[self.rows])
        moved = (sums.award_moved[award, until] - sums.award_moved[award, start]).sum(axis=1)
        self._fixed = PRICE_OF_A_FEN * moved + search.changes[self.rows]
        self._stretch: list[Places] = []
        self._cost: list[Whole] = []
        self._price: list[Whole] = []
        self._worse: list[Whole] = []
        self._limited: list[Whole] = []
        for grade, amounts in enumerate(wish.bonuses):
            stretches, own = np.unique(until[:, grade] * (len(listed) + 2) + start[:, grade], return_inverse=True)
            above, below = np.divmod(stretches, len(listed) + 2)
            place = np.searchsorted(search.amounts, amounts)
            cost, moved, worse, kept_worse = (
                (of_amount[place][:, above] - of_amount[place][:, below]).T
                for of_amount in (sums.payout, sums.moved, sums.worse[grade], sums.kept_worse[grade])
            )
            self._stretch.append(own)
            self._cost.append(cost)
            self._price.append(PRICE_OF_A_FEN * moved + (amounts != self._today[grade]))
            self._worse.append(worse)
            limited = worse if wish.objective == "worse_off" else np.zeros_like(worse)
            self._limited.append(np.where(kept_worse > 0, NOT_KEPT, limited))
        self._steps = self._tables_at_steps()

    def _tables_at_steps(self) -> Places:
        """List the tables, (tables, G) places, that are the cheapest with as few worse off.

        Who is worse off changes at few amounts. Of amounts between two of these the lowest costs least; but a better
        grade must be paid no less than a worse one, so its amounts take in the steps of all worse grades.
        """
        steps: list[Whole] = []
        for amounts, limited in zip(self._amounts, self._limited, strict=True):
            changes = (limited[:, 1:] != limited[:, :-1]).any(axis=0)
            steps.append(amounts[np.concatenate([[True], changes])])
        places = []
        for grade, amounts in enumerate(self._amounts):
            reached = np.unique(np.searchsorted(amounts, np.concatenate(steps[grade:])))
            places.append(reached[reached < len(amounts)])
        tables = all_tables([amounts[place] for amounts, place in zip(self._amounts, places, strict=True)])
        if len(tables) * len(self.rows) > MOST_TRIALS:
            raise PolicyError(
                Message(
                    "There are too many combinations of bounds and amounts to look at. Vary fewer, or set narrower "
                    "limits."
                )
            )
        return np.column_stack([place[column] for place, column in zip(places, tables.T, strict=True)])

    def trials(self, rows: Places) -> Iterator[tuple[Places, Whole, Whole]]:
        """Give each table at steps, with the payouts and the staff-quarters worse off of scenarios."""
        own = np.searchsorted(self.rows, rows)
        stretch = [of_grade[own] for of_grade in self._stretch]
        columns: dict[tuple[int, int], tuple[Whole, Whole]] = {}
        for table in self._steps:
            cost, worse = np.zeros((2, len(rows)), dtype=np.int64)
            for grade, place in enumerate(table.tolist()):
                if (grade, place) not in columns:
                    of_grade = (values[grade][stretch[grade], place] for values in (self._cost, self._limited))
                    columns[grade, place] = next(of_grade), next(of_grade)
                cost += columns[grade, place][0]
                worse += columns[grade, place][1]
            yield table, cost, worse

    def fewest(self, rows: Places, room: Whole) -> Whole:
        """Give the fewest staff-quarters worse off for which payouts find room, `UNLIMITED` where they find none."""
        fewest = np.full(len(rows), UNLIMITED, dtype=np.int64)
        for _, cost, worse in self.trials(rows):
            np.minimum(fewest, worse, out=fewest, where=cost <= room)
        return np.where(fewest < NOT_KEPT, fewest, UNLIMITED)

    def lowest_payout(self, rows: Places) -> Whole:
        """Give the lowest payouts, `UNLIMITED` where somebody kept is worse off at any rate."""
        lowest = np.full(len(rows), UNLIMITED, dtype=np.int64)
        for _, cost, worse in self.trials(rows):
            np.minimum(lowest, cost, out=lowest, where=worse < NOT_KEPT)
        return lowest

    def starts(self, rows: Places, room: Whole, most_worse: int) -> tuple[Places, Places]:
        """Give the lowest tables with so few worse off.

        Every table with so few is nowhere lower than one of these, and all that are nowhere lower have so few.

        Returns
        -------
        tuple
            For each of them the number in `rows` of its scenario, and its places (tables, G).
        """
        taken = np.zeros((len(self._steps), len(rows)), dtype=np.bool_)
        for number, (table, cost, worse) in enumerate(self.trials(rows)):
            fits = (cost <= room) & (worse <= most_worse)
            if fits.any():
                below = np.flatnonzero((self._steps[:number] <= table).all(axis=1))
                taken[number] = fits & ~taken[below].any(axis=0)
        tables, numbers = np.nonzero(taken)
        return numbers, self._steps[tables]

    def least_price(self, rows: Places, room: Whole, start: Places) -> Whole:
        """Bound the price of every table that is nowhere lower than `start` and finds room, from below."""
        own = np.searchsorted(self.rows, rows)
        free, priced = self._fixed[own].copy(), self._fixed[own].copy()
        payout = np.zeros_like(free)
        for grade, (price, cost) in enumerate(zip(self._price, self._cost, strict=True)):
            place = self._stretch[grade][own], start[:, grade]
            payout += cost[place]
            free += _least_from(price)[place]
            priced += _least_from(price + PRICE_OF_A_FEN * cost)[place]
        # What is paid beyond the room has to be taken away, and so much money moves at least.
        if self._budget:
            free = np.maximum(free, priced - PRICE_OF_A_FEN * room)
        return np.where(payout <= room, free, UNLIMITED)

    def nearest(self, row: int, room: int, start: Sequence[int], below: int) -> tuple[int, tuple[int, ...]] | None:
        """Find the table of the lowest price in a scenario: price and places; None where it is not below."""
        (own,) = np.searchsorted(self.rows, [row])
        parts = [
            [
                of_grade[stretch[own], place:]
                for of_grade, stretch, place in zip(values, self._stretch, start, strict=True)
            ]
            for values in (self._cost, self._price)
        ]
        amounts = [values[place:] for values, place in zip(self._amounts, start, strict=True)]
        fixed = int(self._fixed[own])
        tables = Tables(amounts, *parts)
        found = _nearest_of_each(tables, room) or nearest_table(tables, room, below - fixed)
        if found is None or found.price + fixed >= below:
            return None
        return found.price + fixed, tuple(first + place for first, place in zip(start, found.places, strict=True))

    def claims(self, row: int, places: Sequence[int]) -> tuple[int, int, int]:
        """Tell the payouts, the staff-quarters worse off and the price of a table in a scenario."""
        (own,) = np.searchsorted(self.rows, [row])
        payout, worse, price = (
            sum(int(values[grade][self._stretch[grade][own], place]) for grade, place in enumerate(places))
            for values in (self._cost, self._worse, self._price)
        )
        return payout, worse, price + int(self._fixed[own])


def _nearest_of_each(tables: Tables, room: int) -> Choice | None:
    """Take each grade's nearest amount by itself; if that table is in order and finds room, no other is nearer."""
    places = [int(price.argmin()) for price in tables.price]
    paid = [int(amounts[place]) for amounts, place in zip(tables.amounts, places, strict=True)]
    cost, price = (
        sum(int(v[p]) for v, p in zip(values, places, strict=True)) for values in (tables.cost, tables.price)
    )
    ordered = all(better >= worse for better, worse in pairwise(paid))
    return Choice(price, tuple(places)) if ordered and cost <= room else None


def _least_from(values: Whole) -> Whole:
    """Give the least of each place and the places after it."""
    found: Whole = np.minimum.accumulate(values[:, ::-1], axis=1)[:, ::-1]
    return found


def find(data: StaffData, wish: Wish) -> Found | None:
    """Find the policy nearest to today's; None where there is none."""
    search = Search(data, wish)
    rows = np.flatnonzero(search.met)
    fewest, values = search.least(rows, search.fewest)
    if fewest == UNLIMITED:
        return None
    return _Nearest(search, rows[values <= fewest], fewest).run()


class _Nearest:
    """Takes up scenarios in the order of their lower bounds until none is below the best that was found."""

    def __init__(self, search: Search, rows: Places, fewest: int) -> None:
        self._search = search
        own, starts, of_block = [], [], []
        room = search.room(rows)
        self._blocks: list[Block] = []
        for block, places in search.blocks(rows):
            number, tables = block.starts(rows[places], room[places], fewest)
            own.append(rows[places][number])
            starts.append(tables)
            of_block.append(np.full(len(number), len(self._blocks)))
            self._blocks.append(block)
        self._row, self._start = np.concatenate(own), np.concatenate(starts)
        self._block = np.concatenate(of_block)
        self._bound = self._bounds(np.arange(len(self._row)))
        varies = any(len(values) > 1 for values in search.wish.bounds)
        self._left = MOST_SOLVED if varies else UNLIMITED

    def _bounds(self, numbers: Places) -> Whole:
        found = np.empty(len(numbers), dtype=np.int64)
        for place, block in enumerate(self._blocks):
            (own,) = np.nonzero(self._block[numbers] == place)
            some = numbers[own]
            found[own] = block.least_price(self._row[some], self._search.room(self._row[some]), self._start[some])
        return found

    def run(self) -> Found | None:
        best, choice = UNLIMITED, None
        waiting = np.argsort(self._bound, kind="stable")
        with bar(Message("tables")) as advance:
            while len(waiting) and self._bound[waiting[0]] < best and self._left:
                some = waiting[:_AT_A_TIME]
                if self._search.settlement.settle(self._row[some]):
                    self._bound[some] = self._bounds(some)
                    waiting = waiting[np.lexsort((waiting, self._bound[waiting]))]
                    continue
                number, waiting = waiting[0], waiting[1:]
                found = self._nearest(number, best)
                if found is not None:
                    best, choice = found[0], (number, found[1])
                self._left -= 1
                advance(1)
        lowest = min([best, *self._bound[waiting[:1]].tolist()])
        return None if choice is None else self._found(*choice, best // PRICE_OF_A_FEN - lowest // PRICE_OF_A_FEN)

    def _nearest(self, number: int, below: int) -> tuple[int, tuple[int, ...]] | None:
        row = int(self._row[number])
        (room,) = self._search.room(np.array([row])).tolist()
        return self._blocks[int(self._block[number])].nearest(row, room, self._start[number].tolist(), below)

    def _found(self, number: int, places: tuple[int, ...], unproved: int) -> Found:
        search, row = self._search, int(self._row[number])
        payout, worse, price = self._blocks[int(self._block[number])].claims(row, places)
        return Found(
            tuple(search.bounds[row].tolist()),
            tuple(int(values[place]) for values, place in zip(search.wish.bonuses, places, strict=True)),
            tuple(search.awards[row].tolist()),
            payout + int(search.settlement.cash(np.array([row]))[0]),
            worse,
            price // PRICE_OF_A_FEN,
            unproved,
        )
