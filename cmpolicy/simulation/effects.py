"""What a change of a policy moves: money by component, people, grades, dismissals, and the names of 3.4."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.recognition import MEASURES
from cmpolicy.simulation.appraise import COST, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.errors import CmpolicyError

PROBATION_PAY = ("first_month_pay", "festival_allowance")
"""What P(1)1 and P(1)2 pay: it stands beside the cost of an outcome, not in it."""
COUNTS = ("people", "quarters_regraded", "dismissed", "recognised")


class Effect(NamedTuple):
    """What one change moves.

    Attributes
    ----------
    cost : dict of int
        Differences in fen by component: those of `Outcome.cost` and those of `PROBATION_PAY`.
    people : int
        People whose money changes: payout + cash effect, or what they are paid on probation.
    quarters_regraded : int
        Staff-quarters with another grade.
    dismissed : int
        Difference in people dismissed.
    recognised : int
        Names of 3.4 that appear or disappear.
    staff_ids : tuple of str
        Who is touched: money, a grade, the standing or a name of 3.4 differs.
    """

    cost: dict[str, int]
    people: int = 0
    quarters_regraded: int = 0
    dismissed: int = 0
    recognised: int = 0
    staff_ids: tuple[str, ...] = ()


class Side:
    """What of an outcome is compared, in exact integers."""

    def __init__(self, outcome: Outcome) -> None:
        arrays = outcome.arrays
        self.cost = outcome.cost
        self.dismissed = outcome.standing_counts["dismissed"]
        self.grade = np.where(outcome.counted, arrays.quarter_grade, NO_GRADE)
        self.money: NDArray[np.int64] = np.where(outcome.quarter_rows, arrays.payout, 0).sum(axis=0)
        self.money += np.where(outcome.year_rows, arrays.cash_effect, 0).sum(axis=0)
        month, measure, person = outcome.recognised
        self.names = (month * len(MEASURES) + measure) * outcome.panel.people + person
        self.standing = np.where(outcome.quarter_rows, arrays.standing, 0)
        self.staff_ids = outcome.panel.staff_ids


def nothing() -> Effect:
    """Give the effect of no change."""
    return Effect(dict.fromkeys((*COST, *PROBATION_PAY), 0))


def effect_of(before: Side, after: Side) -> Effect:
    """Hold two outcomes of the same data against each other."""
    cost = {name: after.cost[name] - before.cost[name] for name in COST}
    paid_otherwise, regraded = before.money != after.money, before.grade != after.grade
    names = np.setxor1d(before.names, after.names)
    touched = paid_otherwise | regraded.any(axis=0) | (before.standing != after.standing).any(axis=0)
    touched[names % len(touched)] = True
    return Effect(
        nothing().cost | cost,
        people=int(paid_otherwise.sum()),
        quarters_regraded=int(regraded.sum()),
        dismissed=after.dismissed - before.dismissed,
        recognised=len(names),
        staff_ids=tuple(map(str, before.staff_ids[touched])),
    )


def pay_effect_of(component: str, before: dict[str, list[object]], after: dict[str, list[object]]) -> Effect:
    """Hold what `appraise_probation` gives the same people against each other; what is not known is left out."""
    more = {
        str(staff_id): new - old
        for staff_id, old, new in zip(before["staff_id"], before[component], after[component], strict=True)
        if isinstance(old, int) and isinstance(new, int) and old != new
    }
    return Effect(nothing().cost | {component: sum(more.values())}, people=len(more), staff_ids=tuple(more))


def reason_of(error: CmpolicyError) -> Message:
    """Say why a change cannot be computed: the error with the first of its problems, which is an example of all."""
    if not error.problems:
        return error.message
    return Message("{first} {second}", first=error.message, second=error.problems[0])
