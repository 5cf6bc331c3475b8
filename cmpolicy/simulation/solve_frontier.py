"""What no policy betters: less cost, a smaller share of the lowest grade and fewer worse off cannot all be had."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cmpolicy.simulation.solve_amounts import UNLIMITED
from cmpolicy.simulation.solve_search import NOT_KEPT, Search
from cmpolicy.simulation.solve_wish import Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.simulation.solve_search import Block
    from cmpolicy.simulation.solve_wish import Wish
    from cmpolicy.staff.data import StaffData

    Whole = NDArray[np.int64]
    Places = NDArray[np.intp]

MOST_SHARES = 6
"""Of so many shares of the lowest grade policies are shown."""


class Point(NamedTuple):
    """A policy on the frontier: its values, best grade first (points, fen), and what is claimed of it."""

    bounds: tuple[int, ...]
    quarterly_bonus: tuple[int, ...]
    monthly_award: tuple[int, ...]
    cost: int
    lowest_grade: int
    worse_off: int


class _Points(NamedTuple):
    """Policies of one share of the lowest grade: scenario (k,), places of amounts (k, G), cost and worse off (k,)."""

    row: Places
    places: Places
    cost: Whole
    worse: Whole

    def take(self, numbers: Places) -> _Points:
        return _Points._make(values[numbers] for values in self)


def frontier_of(data: StaffData, wish: Wish, most: int) -> tuple[list[Point], int]:
    """Find the policies that no other betters in cost, share of the lowest grade and staff-quarters worse off at once.

    The budget and targets for the lowest grade's quarters are left out; all else that is asked holds.

    Parameters
    ----------
    data
    wish
    most
        About how many to choose, evenly.

    Returns
    -------
    tuple
        Those chosen, by share and cost; and how many there are.
    """
    name = f"quarter_grade_{wish.policy.grade_names[-1]}"
    others = tuple(target for target in wish.targets if target.name != name)
    search = Search(data, wish._replace(budget=None, targets=others, objective="worse_off"))
    counts, totals = search.figure(Target(name, "<=", Fraction(0), share=True))
    rows = np.flatnonzero(search.met)
    # With the lowest bound the share of the lowest grade is fixed.
    levels: dict[Fraction, list[tuple[Block, Places]]] = {}
    for block, places in search.blocks(rows):
        row = rows[places[0]]
        levels.setdefault(Fraction(int(counts[row]), int(totals[row]) or 1), []).append((block, rows[places]))
    found = _unbettered(search, [levels[share] for share in sorted(levels)])
    number = sum(len(points.row) for points in found)
    shown = _spread(len(found), MOST_SHARES)
    each = max(2, most // max(1, len(shown)))
    chosen = [found[level].take(_spread(len(found[level].row), each)) for level in shown]
    return [_point(search, points, place, counts) for points in chosen for place in range(len(points.row))], number


def _spread(count: int, most: int) -> Places:
    """Choose places evenly, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))


def _point(search: Search, points: _Points, place: int, counts: Whole) -> Point:
    row = int(points.row[place])
    amounts = zip(search.wish.bonuses, points.places[place].tolist(), strict=True)
    return Point(
        tuple(search.bounds[row].tolist()),
        tuple(int(values[number]) for values, number in amounts),
        tuple(search.awards[row].tolist()),
        int(points.cost[place]),
        int(counts[row]),
        int(points.worse[place]),
    )


def _unbettered(search: Search, levels: list[list[tuple[Block, Places]]]) -> list[_Points]:
    """Go through the shares from the smallest, and leave out what is not better than all of a smaller share."""
    most_worse = search.data.panel.quarters * search.data.panel.people
    # The lowest cost with so many worse off or fewer; first from above, as not all scenarios are settled.
    least = np.full(most_worse + 1, UNLIMITED, dtype=np.int64)
    candidates = []
    for level in levels:
        for block, rows in level:
            cash = search.settlement.most_cash(rows)
            for _, payout, worse in block.trials(rows):
                kept = worse < NOT_KEPT
                np.minimum.at(least, worse[kept], (payout + cash)[kept])
        least = np.minimum.accumulate(least)
        candidates.append(_candidates(search, level, least))
    least = np.full(most_worse + 1, UNLIMITED, dtype=np.int64)
    found = []
    for unsettled in candidates:
        points = _settled(search, unsettled, least)
        np.minimum.at(least, points.worse, points.cost)
        least = np.minimum.accumulate(least)
        if len(points.row):
            found.append(points)
    return found


def _settled(search: Search, points: _Points, least: Whole) -> _Points:
    """Settle the cost of points to the fen, and leave out what another one betters."""
    search.settlement.settle(np.unique(points.row))
    settled = points._replace(cost=points.cost + search.settlement.cash(points.row))
    settled = settled.take(np.lexsort((points.row, points.worse, settled.cost)))
    fewer = np.minimum.accumulate(settled.worse)
    new = np.concatenate([[True], fewer[1:] < fewer[:-1]])[: len(fewer)]
    return settled.take(np.flatnonzero(new & (settled.cost < least[settled.worse])))


def _candidates(search: Search, level: list[tuple[Block, Places]], least: Whole) -> _Points:
    """Choose what may be on the frontier; its cost is the payout yet."""
    found = []
    for block, rows in level:
        cash = search.settlement.cash(rows)
        for table, payout, worse in block.trials(rows):
            (kept,) = np.nonzero(worse < NOT_KEPT)
            kept = kept[(payout + cash)[kept] <= least[worse[kept]]]
            found.append(_Points(rows[kept], np.tile(table, (len(kept), 1)), payout[kept], worse[kept]))
    return _Points(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
