"""Futures drawn from a department's past: which past quarter a coming one is like, and who holds each post in it.

Who is in post stays, with their own past quarters, until they leave or are dismissed: what is known of them is not
drawn away. A successor is a person of the data, with all of their quarters. A coming quarter is drawn from the past
quarters of its season, one for the whole department, so that what people share in a quarter stays together.

Someone who has no record in a drawn quarter, since they came later, has there the record of another who does about as
well; the longer they are known, the closer.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.simulation.history import SEASONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    from cmpolicy.simulation.history import History

LARGEST_AREAS = 20
QUARTERS_FOR_SEASONS = 2 * SEASONS
"""So many quarters tell what a season brings from what a quarter brings by itself."""
NEVER = 127
"""The quarter in which nobody leaves."""
_HALF = np.uint64(32)
_LOW_BITS = np.uint64(2**32 - 1)


class Draws(NamedTuple):
    """What chance decides in B replicates, of m posts over H quarters; the same under every policy.

    Attributes
    ----------
    path : (B, H) int
        The past quarter that each coming one is drawn as: its place among the sources of the season.
    leaves : (B, m) int8
        The quarter from which on the holder at the start of the forecast is gone by themselves, else `NEVER`.
    closing : (B, m) int32
        The order in which posts close, the last ones first, where the plan has fewer than there are.
    luck : (B, m) uint64
        Decides on the successor and on whose record stands in where there is none.
    """

    path: NDArray[np.intp]
    leaves: NDArray[np.int8]
    closing: NDArray[np.int32]
    luck: NDArray[np.uint64]


class Past:
    """What futures are drawn from. People stand in the order of how well they do, the best last.

    Parameters
    ----------
    history
        As `Recall` takes it.
    quarters
        How many coming quarters, H.
    headcount
        Posts in each of them; those at the end of the data where it is left out.
    leavers_a_year
        Share of people who leave in a year; as in the data where it is left out.

    Attributes
    ----------
    quarters, horizon : int
        Complete quarters of the data, Q, and coming ones, H.
    start : int
        4 * year + quarter - 1 of the first coming quarter.
    begun : bool
        Whether the data end inside the first coming quarter.
    people : (n,) int
        Places in the history.
    nobody : int
        The place after the last of the people: whoever holds a post that is vacant or closed.
    usable : (Q, n + 1) bool
        Where there is a record of a whole quarter in service.
    known : (n + 1,) int
        How many of those there are of each person.
    records, unknown_revenue : int
        Staff-quarters on record, and those of them without a revenue figure.
    sources : tuple of (K,) arrays of int
        Of each coming quarter, the past quarters that it is drawn from.
    choices : (H,) int
        How many those are.
    posts : (m,) int
        Whoever holds each post at the end of the data, a place among the people; nobody for one that the plan adds. In
        the order of areas.
    area_of_post : (m,) int
        Number of the area in `areas`.
    first_of_area : (G,) int
        Where each area's posts begin.
    areas : tuple of str or None
        The largest areas; None for all others together.
    in_post : int
        How many are in post at the end of the data.
    headcount : tuple of int
        Posts in each coming quarter.
    leave_rate : float
        Share of people who leave by themselves in a quarter.
    closes : bool
        Whether some posts close.
    share_of_posts : (H,) float
        The posts of each coming quarter, as a multiple of those that people are in now.
    """

    def __init__(
        self,
        history: History,
        quarters: int,
        headcount: Sequence[int] | None = None,
        leavers_a_year: float | None = None,
    ) -> None:
        self.quarters, self.start = int(history["quarters"]), int(history["start"])
        self.horizon = quarters
        self.begun = bool(history["begun"])
        self.people = np.argsort(_level(history), kind="stable")
        self.nobody = len(self.people)
        self.usable = self.of_people(history["usable"])
        self.known = self.usable.sum(axis=0)
        self.records, self.unknown_revenue = history["sum of unknown"].tolist()
        self.sources = self._sources()
        self.choices = np.array([len(of_season) for of_season in self.sources])
        self.in_post = int(history["in_post"].sum())
        self.headcount = tuple(headcount) if headcount is not None else (self.in_post,) * quarters
        self.leave_rate = _leave_rate(history) if leavers_a_year is None else 1 - (1 - leavers_a_year) ** (1 / SEASONS)
        self.posts, self.area_of_post, self.areas = self._posts(history)
        self.first_of_area = np.searchsorted(self.area_of_post, np.arange(len(self.areas)))
        self.closes = min(self.headcount) < len(self.posts)
        self.share_of_posts = np.array(self.headcount) / max(1, self.in_post)

    def of_people(self, column: NDArray[Any]) -> NDArray[Any]:
        """Take a column of the history, (n,) or (Q, n), in the order of people.

        A zero for nobody comes last, so that a post that nobody holds needs no rule of its own.
        """
        found = np.zeros((*column.shape[:-1], self.nobody + 1), dtype=column.dtype)
        found[..., : self.nobody] = column[..., self.people]
        return found

    def _sources(self) -> tuple[NDArray[np.intp], ...]:
        recorded = np.flatnonzero(self.usable.any(axis=1))
        seasons = (recorded - self.quarters) % SEASONS
        found = [recorded[seasons == quarter % SEASONS] for quarter in range(self.horizon)]
        return tuple(of_season if len(of_season) else recorded for of_season in found)

    def _posts(self, history: History) -> tuple[NDArray[np.intp], NDArray[np.intp], tuple[str | None, ...]]:
        """Set out the posts by area, those that the plan adds in the proportions of the others."""
        posts = np.flatnonzero(self.of_people(history["in_post"]))
        group, areas = _largest_areas(history["area"][self.people[posts]], history["areas"])
        order = np.argsort(group, kind="stable")
        posts, group = posts[order], group[order]
        added = max(0, max(self.headcount) - len(posts))
        if added:
            like = group[np.arange(added) * len(posts) // added] if len(posts) else np.zeros(added, dtype=np.intp)
            posts, group = np.append(posts, np.full(added, self.nobody)), np.append(group, like)
            order = np.argsort(group, kind="stable")
            posts, group = posts[order], group[order]
        return posts, group, areas

    # -- chance ----------------------------------------------------------------

    def draw(self, generators: Sequence[Generator]) -> Draws:
        """Draw replicates, each by its own generator."""
        count, posts = len(generators), len(self.posts)
        draws = Draws(
            path=np.empty((count, self.horizon), dtype=np.intp),
            leaves=np.full((count, posts), NEVER, dtype=np.int8),
            closing=np.zeros((count, posts), dtype=np.int32),
            luck=np.empty((count, posts), dtype=np.uint64),
        )
        for number, rng in enumerate(generators):
            draws.path[number] = rng.integers(self.choices)
            self._draw_leavers(rng, draws.leaves[number])
            draws.luck[number] = rng.integers(2**64, size=posts, dtype=np.uint64)
            if self.closes:
                draws.closing[number] = self._draw_closing(rng, draws.leaves[number])
        return draws

    def _draw_leavers(self, rng: Generator, leaves: NDArray[np.int8]) -> None:
        if not self.leave_rate:
            return
        share = 1 - (1 - self.leave_rate) ** self.horizon
        count = rng.binomial(len(leaves), share)
        who = rng.choice(len(leaves), count, replace=False, shuffle=False)
        # The quarter, given that it is within the forecast.
        when = np.log1p(-share * rng.random(count)) / np.log1p(-self.leave_rate)
        leaves[who] = np.minimum(when, self.horizon - 1).astype(np.int8)

    def _draw_closing(self, rng: Generator, leaves: NDArray[np.int8]) -> NDArray[np.int32]:
        """Put posts in the order in which they stay: those that fall vacant close first, the added ones open last."""
        order = np.lexsort((rng.random(len(leaves)), leaves != NEVER, self.posts == self.nobody))
        closing = np.empty(len(leaves), dtype=np.int32)
        closing[order] = np.arange(len(leaves), dtype=np.int32)
        return closing

    def successors(self, luck: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Give a person of the data for each draw."""
        return self._candidates[((luck >> _HALF) * np.uint64(len(self._candidates)) >> _HALF).astype(np.intp)]

    @cached_property
    def _candidates(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.known)

    # -- whose record stands in ------------------------------------------------

    def stand_ins(
        self, quarter: NDArray[np.intp], person: NDArray[np.intp], luck: NDArray[np.uint64]
    ) -> NDArray[np.intp]:
        """Give for people without a usable record in a quarter someone who has one and does about as well."""
        cell = quarter * (self.nobody + 1) + person
        size = self._stand_ins.take(cell).astype(np.uint64)
        place = self._lowest_stand_in.take(cell) + ((luck & _LOW_BITS) * size >> _HALF).astype(np.intp)
        return self._with_record.take(place).astype(np.intp)

    def expected(self, quarter: int, amounts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Add up what a quarter pays the posts, area by area, with the mean of all that can stand in for someone.

        Parameters
        ----------
        quarter
            A past quarter with usable records.
        amounts : (n, C) int64
            Fen of every person in it, 0 without a usable record.

        Returns
        -------
        (G, C) float
        """
        held, group = (column[self.posts != self.nobody] for column in (self.posts, self.area_of_post))
        paid = amounts[held].astype(np.float64)
        lacking = np.flatnonzero(~self.usable[quarter, held])
        sums = np.concatenate([np.zeros((1, amounts.shape[1]), dtype=np.int64),
                               amounts[self.usable[quarter]].cumsum(axis=0)])  # fmt: skip
        lowest = self._lowest_stand_in[quarter, held[lacking]] - self._first_with_record[quarter]
        size = self._stand_ins[quarter, held[lacking]]
        paid[lacking] = (sums[lowest + size] - sums[lowest]) / size[:, np.newaxis]
        found = np.zeros((len(self.areas), amounts.shape[1]))
        for column in range(amounts.shape[1]):
            found[:, column] = np.bincount(group, weights=paid[:, column], minlength=len(self.areas))
        return found

    @cached_property
    def _with_record(self) -> NDArray[np.int32]:
        """Everyone with a usable record, quarter by quarter in the order of people."""
        return np.nonzero(self.usable)[1].astype(np.int32)

    @cached_property
    def _first_with_record(self) -> NDArray[np.intp]:
        """(Q,): where each quarter begins among these."""
        pool: NDArray[np.intp] = self.usable.sum(axis=1)
        return np.cumsum(pool) - pool

    @cached_property
    def _stand_ins(self) -> NDArray[np.int32]:
        """(Q, n + 1): how many there are to stand in for someone in a quarter.

        Of all with a record, the nearest 1 / (k + 1) for who is known by k quarters.
        """
        pool = self.usable.sum(axis=1, keepdims=True)
        found: NDArray[np.int32] = np.maximum(1, pool // (1 + self.known)).astype(np.int32)
        return found

    @cached_property
    def _lowest_stand_in(self) -> NDArray[np.intp]:
        """(Q, n + 1): the place among all with a record of the one who does least well of these."""
        pool = self.usable.sum(axis=1, keepdims=True)
        do_less_well = self.usable.cumsum(axis=1) - self.usable
        lowest: NDArray[np.intp] = np.clip(do_less_well - self._stand_ins // 2, 0, pool - self._stand_ins)
        return lowest + self._first_with_record[:, np.newaxis]


class Spread:
    """How far quarters lie from what is usual in their season, and how that is drawn for coming ones.

    A drawn quarter would bring along how far it lay from the others of its season, but there are only a few of those:
    three years would give three possible futures. So that deviation is taken out again, and another is put in, which
    is drawn from all quarters' deviations. They are widened by what estimating took away from them: the seasons' means
    (with Q quarters and 4 seasons by Q / (Q - 4) in the variance), the error of those means themselves (another mean of
    as many drawn deviations), and the error of the spread (a common factor as in Student's distribution).

    Parameters
    ----------
    quarters : (Q,) int
        The past quarters with usable records.
    by_season
        Whether deviations are from the season's mean, else from the mean of all.
    """

    def __init__(self, quarters: NDArray[np.intp], first_coming: int) -> None:
        self.quarters = quarters
        self.by_season = len(quarters) >= QUARTERS_FOR_SEASONS
        self._season = (quarters - first_coming) % SEASONS if self.by_season else np.zeros_like(quarters)
        self.freedom = len(quarters) - len(np.unique(self._season))

    def deviations(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the deviations of past quarters, widened so that they are as far apart as quarters are, (Q, …)."""
        away = np.empty_like(totals)
        for season in np.unique(self._season):
            of_season = self._season == season
            away[of_season] = totals[of_season] - totals[of_season].mean(axis=0)
        widened: NDArray[np.float64] = away * np.sqrt(len(self.quarters) / max(1, self.freedom))
        return widened

    def draw(self, rng: Generator, choices: NDArray[np.intp]) -> NDArray[np.float64]:
        """Draw how much of each past quarter's deviation comes into each coming quarter, (H, Q).

        Parameters
        ----------
        rng
        choices : (H,) int
            How many past quarters each coming one is drawn from.
        """
        count = len(self.quarters)
        weights = np.zeros((len(choices), count))
        own = rng.integers(count, size=len(choices))
        of_mean = rng.integers(count, size=(SEASONS, count))
        scale = np.sqrt(self.freedom / rng.chisquare(self.freedom)) if self.freedom else 0.0
        for quarter, sources in enumerate(choices):
            weights[quarter, own[quarter]] += scale
            np.add.at(weights[quarter], of_mean[quarter % SEASONS, :sources], scale / sources)
        return weights


def _level(history: History) -> NDArray[np.float64]:
    """Give each person's mean score, less the mean of all in the same quarters; 0 for who has none."""
    scored, score = history["scored"], history["score"].astype(np.float64)
    score -= score.sum(axis=1, keepdims=True) / np.maximum(1, scored.sum(axis=1, keepdims=True))
    level: NDArray[np.float64] = np.where(scored, score, 0).sum(axis=0) / np.maximum(1, scored.sum(axis=0))
    return level


def _leave_rate(history: History) -> float:
    """Give the share of people who have no record any more after a quarter."""
    present, gone = history["sum of rows"].tolist()
    return gone / present if present else 0.0


def _largest_areas(area: NDArray[np.int32], names: NDArray[Any]) -> tuple[NDArray[np.intp], tuple[str | None, ...]]:
    """Give the number of everyone's area among the largest ones, and their names; all others together come last."""
    names, same = np.unique(names, return_inverse=True)  # partitions may name one area each
    place = np.append(same, -1)[area]
    sizes = np.bincount(place[place >= 0], minlength=len(names))
    # By size, then by name.
    largest = np.argsort(-sizes, kind="stable")[:LARGEST_AREAS]
    largest = largest[sizes[largest] > 0]
    number = np.full(len(names) + 1, len(largest))  # the last for who has no area
    number[largest] = np.arange(len(largest))
    group = number[place]
    rest = (None,) if (group == len(largest)).any() or not len(largest) else ()
    return group, (*(str(names[area]) for area in largest), *rest)
