"""The best table of amounts under a budget, exactly: one amount a grade, a worse grade not paid more than a better one.

Each grade's amount costs something, and has a price for being away from today's; both add up over the grades. So the
grades are cut into a better and a worse half. The tables of each half are listed with their cost and price, and for
every amount at the cut a sorted search finds the partner of the lowest price that the budget allows. Meeting in the
middle takes thousands of steps where there are millions of tables. All in integers.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cmpolicy.errors import PolicyError
from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

MOST_TABLES = 3_000_000
"""How many tables are listed at most; where halves meet, of each half."""
UNLIMITED = 2**62
"""No budget, or no price yet."""


class Tables(NamedTuple):
    """The tables to choose from: G grades, best first.

    Attributes
    ----------
    amounts
        Of each grade (n,) int64, rising. A grade with one amount is fixed; two neighbours that are both fixed may stand
        in any order.
    cost, price
        Of each grade (n,) int64, what its amounts cost and how far they are from today's.
    """

    amounts: Sequence[Whole]
    cost: Sequence[Whole]
    price: Sequence[Whole]

    def part(self, grades: slice) -> Tables:
        """Take some of the grades."""
        return Tables(self.amounts[grades], self.cost[grades], self.price[grades])


class Choice(NamedTuple):
    """The best table: its price, and of each grade the place of its amount."""

    price: int
    places: tuple[int, ...]


def all_tables(amounts: Sequence[Whole]) -> NDArray[np.intp]:
    """List all tables in which no worse grade is paid more: (tables, G) places.

    Raises
    ------
    PolicyError
        If there are too many.

    Examples
    --------
    >>> all_tables([np.array([0, 1]), np.array([0, 1])]).tolist()
    [[0, 0], [1, 0], [1, 1]]
    """
    nothing = [np.zeros(len(values), dtype=np.int64) for values in amounts]
    listed = _list(Tables(amounts, nothing, nothing), UNLIMITED, UNLIMITED, (0, 0))
    places = listed.places(np.arange(len(listed.key)))
    return places[np.lexsort(places.T[::-1])]


def nearest_table(tables: Tables, budget: int, below: int = UNLIMITED) -> Choice | None:
    """Find the table of the lowest price whose cost keeps a budget.

    Parameters
    ----------
    tables
    budget
        In the unit of the costs.
    below
        Only a lower price than this is of interest.

    Returns
    -------
    Choice or None
        None where no table keeps the budget at a lower price.

    Raises
    ------
    PolicyError
        If even the halves have too many tables.

    Examples
    --------
    >>> amounts = np.array([0, 1, 2])
    >>> tables = Tables([amounts] * 2, [amounts * 10, amounts * 3], [2 - amounts] * 2)
    >>> nearest_table(tables, 16)
    Choice(price=2, places=(1, 1))
    """
    cut = _cut(tables.amounts)
    better, worse = tables.part(slice(cut)), tables.part(slice(cut, None))
    upper = _list(_upside_down(better), budget, below, _least(worse))
    lower = _list(worse, budget, below, _least(better))
    if not len(upper.key) or not len(lower.key):
        return None
    loose = cut > 0 and len(tables.amounts[cut - 1]) == len(tables.amounts[cut]) == 1
    found = _join(upper, lower, budget, below, loose=loose)
    if found is None:
        return None
    price, above, beneath = found
    turned = upper.places(np.array([above]))[0, ::-1].tolist()
    places = [len(values) - 1 - place for values, place in zip(better.amounts, turned, strict=True)]
    return Choice(price, (*places, *lower.places(np.array([beneath]))[0].tolist()))


class _Listed(NamedTuple):
    """Tables of the worst grades, k of them, in the rising order of the best amount among them.

    Attributes
    ----------
    key, cost, price
        (k,) int64, the best grade's amount, and the sums of all grades.
    place
        (k,) the place of the best grade's amount.
    rest
        (k,) the number of the table without that grade in `shorter`.
    """

    key: Whole
    cost: Whole
    price: Whole
    place: NDArray[np.intp]
    rest: NDArray[np.intp]
    shorter: _Listed | None

    def places(self, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give the places of some tables, best grade first."""
        columns, listed = [], self
        while listed.shorter is not None:
            columns.append(listed.place[numbers])
            numbers, listed = listed.rest[numbers], listed.shorter
        return np.array(columns, dtype=np.intp).reshape(len(columns), len(numbers)).T


def _list(tables: Tables, budget: int, below: int, others: tuple[int, int]) -> _Listed:
    """List tables from the worst grade up, without those that keep neither limit whatever the other grades get."""
    one, none = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.intp)
    listed = _Listed(np.array([-UNLIMITED]), one, one, none, none, None)
    for grade in range(len(tables.amounts) - 1, -1, -1):
        amounts, cost, price = (part[grade] for part in tables)
        fits = np.searchsorted(listed.key, amounts, side="right")
        if len(amounts) == 1 and grade + 1 < len(tables.amounts) and len(tables.amounts[grade + 1]) == 1:
            fits = np.array([len(listed.key)])
        if fits.sum() > MOST_TABLES:
            raise PolicyError(
                Message("There are too many tables of amounts to look at. Vary fewer amounts, or take a wider step.")
            )
        place = np.repeat(np.arange(len(amounts)), fits)
        rest = np.arange(len(place)) - np.repeat(np.cumsum(fits) - fits, fits)
        costs, prices = listed.cost[rest] + cost[place], listed.price[rest] + price[place]
        least_cost, least_price = (
            more + other for more, other in zip(_least(tables.part(slice(grade))), others, strict=True)
        )
        kept = (costs <= budget - least_cost) & (prices < below - least_price)
        listed = _Listed(amounts[place[kept]], costs[kept], prices[kept], place[kept], rest[kept], listed)
    return listed


def _least(tables: Tables) -> tuple[int, int]:
    """Give the lowest cost and the lowest price that grades can have, each by itself."""
    return sum(int(cost.min()) for cost in tables.cost), sum(int(price.min()) for price in tables.price)


def _upside_down(tables: Tables) -> Tables:
    """Turn the order of grades and amounts round, so that what is listed from the worst up is listed from the best."""
    return Tables(
        [-values[::-1] for values in tables.amounts[::-1]],
        [cost[::-1] for cost in tables.cost[::-1]],
        [price[::-1] for price in tables.price[::-1]],
    )


def _cut(amounts: Sequence[Whole]) -> int:
    """Choose where the larger of the two halves has the fewest tables."""
    down = _how_many([-values[::-1] for values in amounts])
    up = _how_many(amounts[::-1])[::-1]
    return min(range(len(amounts)), key=lambda cut: max(down[cut], up[cut]))


def _how_many(amounts: Sequence[Whole]) -> list[int]:
    """Count the tables of the first 0, 1, 2, … grades, where no next amount is lower than the one before it."""
    found, ways = [1], np.ones(1)
    for before, values in pairwise([np.array([-UNLIMITED]), *amounts]):
        ways = np.concatenate([[0], np.cumsum(ways)])[np.searchsorted(before, values, side="right")]
        found.append(int(ways.sum()))
    return found


def _join(upper: _Listed, lower: _Listed, budget: int, below: int, *, loose: bool) -> tuple[int, int, int] | None:
    """Find the best pair: its price and the number of its table in each half."""
    order = np.argsort(lower.cost, kind="stable")
    key, cost, price = lower.key[order], lower.cost[order], lower.price[order]
    best = None
    keys, starts = np.unique(upper.key, return_index=True)
    for turned, rows in zip(keys, np.split(np.arange(len(upper.key)), starts[1:]), strict=True):
        fits = np.flatnonzero(key <= -turned) if not loose else np.arange(len(key))
        if not len(fits):
            continue
        lowest = np.minimum.accumulate(price[fits])
        until = np.searchsorted(cost[fits], budget - upper.cost[rows], side="right") - 1
        prices = np.where(until >= 0, upper.price[rows] + lowest[until], UNLIMITED)
        pick = int(prices.argmin())
        if prices[pick] < below:
            below = int(prices[pick])
            partner = fits[np.flatnonzero(price[fits] == lowest[until[pick]])[0]]
            best = below, int(rows[pick]), int(order[partner])
    return best
