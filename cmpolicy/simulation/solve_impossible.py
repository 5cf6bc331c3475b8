"""Why a wish cannot be granted: which of its constraints stand in the way, and how near one can come to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.errors import Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.solve_amounts import UNLIMITED
from cmpolicy.simulation.solve_search import Search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.simulation.solve_wish import Target, Wish
    from cmpolicy.staff.data import StaffData

    Places = NDArray[np.intp]

_AT_A_TIME = 256


def obstacles(data: StaffData, wish: Wish) -> tuple[Message, list[Problem]]:
    """Say what cannot be met, and by how much.

    Returns
    -------
    tuple
        Whether some constraint cannot be met by itself or only not together with the others; and each such constraint
        with the nearest value that can be reached.
    """
    search = Search(data, wish._replace(targets=()))
    rows = np.arange(len(search.bounds))
    kept = search.lowest_cost(rows) < UNLIMITED
    if not kept.any():
        text = Message("Within the limits somebody is worse off who is to be kept from it.")
        return Message("No policy within the limits grants the wish."), [
            Problem(text, expected=Message("wider limits, or less to keep"))
        ]
    met = [target.met(*search.figure(target)) for target in wish.targets]
    alone = [_nearest(search, target, np.flatnonzero(kept), None) for target in wish.targets]
    alone.append(_cheapest(search, wish.budget, np.flatnonzero(kept)))
    found = [problem for problem in alone if problem is not None]
    if found:
        return Message("No policy within the limits grants the wish."), found
    together = []
    for number, target in enumerate(wish.targets):
        others = np.flatnonzero(np.logical_and.reduce([kept, *met[:number], *met[number + 1 :]]))
        together.append(_nearest(search, target, others, wish.budget))
    together.append(_cheapest(search, wish.budget, np.flatnonzero(np.logical_and.reduce([kept, *met]))))
    return (
        Message(
            "Each can be met, but no policy within the limits meets all. If the others are met, this is the nearest:"
        ),
        [problem for problem in together if problem is not None],
    )


def _cheapest(search: Search, budget: int | None, rows: Places) -> Problem | None:
    """Tell the lowest cost if that is above the budget."""
    if budget is None or not len(rows):
        return None
    lowest, _ = search.least(rows, search.lowest_cost)
    if lowest <= budget:
        return None
    return Problem(
        Message(
            "The cost cannot be at most {budget} yuan: the lowest is {lowest} yuan, {excess} yuan more.",
            budget=f"{budget / FEN_PER_YUAN:,.2f}",
            lowest=f"{lowest / FEN_PER_YUAN:,.2f}",
            excess=f"{(lowest - budget) / FEN_PER_YUAN:,.2f}",
        )
    )


def _nearest(search: Search, target: Target, rows: Places, budget: int | None) -> Problem | None:
    """Tell how near to a target one can come within the budget, if it cannot be met."""
    counts, totals = search.figure(target)
    totals = np.broadcast_to(totals, counts.shape)
    if budget is not None:
        rows = rows[search.lowest_cost(rows) <= budget]
    value = counts[rows] / np.maximum(totals[rows], 1) if target.share else counts[rows]
    order = np.argsort(value if target.relation == "<=" else -value, kind="stable")
    for start in range(0, len(rows), _AT_A_TIME):
        some = rows[order[start : start + _AT_A_TIME]]
        if budget is not None:
            search.settlement.settle(some)
            some = some[search.lowest_cost(some) <= budget]
        if len(some):
            count, total = int(counts[some[0]]), int(totals[some[0]])
            if target.met(count, total):
                return None
            return Problem(
                Message(
                    "{target} cannot be met: the nearest is {count} of {total}, {share}.",
                    target=target,
                    count=f"{count:,}",
                    total=f"{total:,}",
                    share=f"{count / (total or 1):.2%}",
                )
            )
    return None
