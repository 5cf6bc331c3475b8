"""Clause 3.5: observation after repeated E, and dismissal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.regulation.arithmetic import one_if, where
from cmpolicy.regulation.clauses import clause
from cmpolicy.regulation.readings import ObservationSurvived, UnassessedQuarter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REGULAR, OBSERVATION, LEFT = 0, 1, 2
STANDINGS = ("regular", "observation", "left")

MARKED = 100
"""A run that no good quarter ends: after a survived observation under the reading `no_reset`."""


@clause("3.5")
def dismissal_due(standing: Any, failed: Any) -> Any:
    """Tell whether a quarter under observation ends in dismissal. `failed`: grade E in it."""
    return (standing == OBSERVATION) & failed


@clause("3.5")
def is_lowest(score: NDArray[Any], scored: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find who shares the lowest score of a quarter among all who have one. It ranks people: columns only."""
    if not scored.any():
        return scored
    lowest = score[scored].min()
    found: NDArray[np.bool_] = scored & (score == lowest)
    return found


@clause("3.5")
def next_run(
    run: Any, standing: Any, assessed: Any, failed: Any, survived: ObservationSurvived, unassessed: UnassessedQuarter
) -> Any:
    """Count the adjacent failed quarters up to and with this one; any other grade ends the run."""
    ended = MARKED * one_if(run >= MARKED)
    observed = standing == OBSERVATION
    if survived == ObservationSurvived.no_reset:
        after_good = where(observed, MARKED, ended)
    else:
        after_good = where(observed, 0, ended)
    after_unassessed = run if unassessed == UnassessedQuarter.skipped else ended
    return where(assessed, where(failed, run + 1, after_good), after_unassessed)


@clause("3.5")
def next_standing(standing: Any, run: Any, assessed: Any, failed: Any, e_quarters: Any) -> Any:
    """Say the standing in the next quarter; `run` counts this one. An unassessed observation goes on."""
    left = dismissal_due(standing, failed) | (standing == LEFT)
    goes_on = (standing == OBSERVATION) & (assessed == 0)
    begins = (standing == REGULAR) & failed & (run >= e_quarters)
    return LEFT * one_if(left) + OBSERVATION * one_if(goes_on | begins)
