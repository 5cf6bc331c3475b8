"""Clause 3.4: who is named best of a month on service and on revenue. It ranks people, so it runs on columns only."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.regulation.clauses import clause
from cmpolicy.regulation.readings import BestRevenueMetric

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURES = ("service", "revenue", "both")
SERVICE, REVENUE, BOTH = range(3)

# Wider than any rounding of a float quotient: floats only shortlist, exact fractions decide.
_SHORTLIST = 1e-9


@clause("3.4")
def best_of(values: NDArray[Any], eligible: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Find everyone who shares the highest value among the eligible.

    Parameters
    ----------
    values : (n,) integers
    eligible : (n,) bool

    Returns
    -------
    array of intp
        Their places; empty where nobody is eligible.
    """
    lowest = np.iinfo(values.dtype).min
    # Mostly someone with the highest value of all is eligible; then nobody has to be masked.
    best = np.flatnonzero(values == values.max(initial=lowest))
    best = best[eligible[best]]
    if len(best):
        return best
    ranked = np.where(eligible, values, lowest)
    highest = ranked.max(initial=lowest)
    return np.flatnonzero((ranked == highest) & eligible) if highest > lowest else np.flatnonzero([])


@clause("3.4")
def best_revenue(
    revenue: NDArray[Any], base: NDArray[Any], eligible: NDArray[np.bool_], metric: BestRevenueMetric
) -> NDArray[np.intp]:
    """Find everyone who is best on revenue: by its excess over the base, or by its ratio to a base above 0.

    Parameters
    ----------
    revenue, base : (n,) integers, fen
    eligible : (n,) bool
    metric
        The reading A34.
    """
    if metric == BestRevenueMetric.excess:
        return best_of(revenue - base, eligible)
    rated = np.flatnonzero(eligible & (base > 0))
    ratio = revenue[rated] / base[rated]
    near = rated[ratio >= ratio.max(initial=0.0) * (1 - _SHORTLIST)]
    exact = [Fraction(int(revenue[place]), int(base[place])) for place in near]
    best: NDArray[np.intp] = near[[ratio == max(exact) for ratio in exact]] if exact else near
    return best
