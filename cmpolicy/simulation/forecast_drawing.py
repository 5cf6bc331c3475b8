"""A forecast's futures, drawn: how people respond, who is paid what in which quarter, how far quarters lie apart."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.progress import bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    from cmpolicy.simulation.forecast_request import Plan
    from cmpolicy.simulation.future_pay import FuturePay
    from cmpolicy.simulation.futures import Past, Spread
    from cmpolicy.simulation.journal import Keeper

_POSTS_AT_ONCE = 65_536
_POSTS_DRAWN = 20_000_000
_LEAST_STAFFINGS = 200
"""In a large department people average out: it is enough to draw so many posts, or staffings, in all."""


class Drawn(NamedTuple):
    """R replicates, which share S staffings: who is there in which past quarter.

    Attributes
    ----------
    exact : (P, S, H, G, 5) int64
        Fen.
    dismissed : (P, S, H) int
    leavers : (S, H) int
    path : (S, H) int
        As in `Draws`.
    deviations : (R, H, Q) float
        How much of each past quarter's deviation comes into each coming quarter.
    """

    exact: NDArray[np.int64]
    dismissed: NDArray[np.int64]
    leavers: NDArray[np.int64]
    path: NDArray[np.intp]
    deviations: NDArray[np.float64]


def draw(past: Past, spread: Spread, pays: Sequence[FuturePay], plan: Plan, kept: Keeper | None) -> Drawn:
    """Draw replicates, each from its own stream of chance; several at once where there are few posts."""
    posts = max(1, len(past.posts))
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(plan.seed).spawn(plan.replicates)]
    deviations = np.stack([spread.draw(stream, past.choices) for stream in streams])
    streams = streams[: max(_LEAST_STAFFINGS, _POSTS_DRAWN // posts)]
    at_once = max(1, _POSTS_AT_ONCE // posts)
    parts = []
    with bar(Message("futures"), total=len(streams)) as advance:
        for start in range(0, len(streams), at_once):
            few = streams[start : start + at_once]
            make = functools.partial(_drawn_by, few, past, pays)
            parts.append(make() if kept is None else kept.get_or_make(f"futures from {start}, {len(few)}", make))
            advance(len(few))
    replicates = {"exact": 1, "dismissed": 1, "leavers": 0, "path": 0}
    arrays = {name: np.concatenate([part[name] for part in parts], axis=axis) for name, axis in replicates.items()}
    return Drawn(**arrays, deviations=deviations)


def _drawn_by(streams: Sequence[Generator], past: Past, pays: Sequence[FuturePay]) -> dict[str, NDArray[Any]]:
    """Draw the staffings of some streams of chance; arrays as in `Drawn`."""
    draws = past.draw(streams)
    money, dismissed = zip(*(pay.totals(draws) for pay in pays), strict=True)
    leaves = draws.leaves[:, past.posts != past.nobody]
    leavers = [(leaves == quarter).sum(axis=1) for quarter in range(past.horizon)]
    return {
        "exact": np.stack(money).swapaxes(1, 2),
        "dismissed": np.stack(dismissed).swapaxes(1, 2),
        "leavers": np.stack(leavers, axis=1),
        "path": draws.path,
    }


def spread_out(
    drawn: Drawn, spread: Spread, pays: Sequence[FuturePay], share_of_posts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put drawn deviations in the place of those that the drawn quarters brought along, (P, R, H, G, 5) fen.

    What a quarter deviates by is of today's posts; a department that becomes smaller or larger deviates in proportion.
    """
    staffing = np.arange(len(drawn.deviations)) % len(drawn.path)
    found = np.empty((len(pays), len(staffing), *drawn.exact.shape[2:]))
    for number, pay in enumerate(pays):
        kept = drawn.exact[number].astype(np.float64)
        for quarter in range(kept.shape[1]):
            expected = pay.expected(quarter)
            kept[:, quarter] -= share_of_posts[quarter] * (expected - expected.mean(axis=0))[drawn.path[:, quarter]]
        deviations = spread.deviations(pay.expected_next_year(spread.quarters))
        found[number] = kept[staffing] + np.einsum("h,rhq,qgc->rhgc", share_of_posts, drawn.deviations, deviations)
    return found
