"""What each option of every unclear place would change, chosen alone."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.readings import READINGS
from cmpolicy.regulation.recognition import MEASURES
from cmpolicy.simulation.appraise import COST, Outcome, appraise
from cmpolicy.simulation.probation import appraise_probation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

OPTIONS = sum(len(options) for options in READINGS.values())
"""How many options there are in all, the chosen ones with them."""
COMPONENTS = (*COST, "first_month_pay")
_OF_PROBATION = ("day_divisor", "money_rounding")
"""The readings of P(1)1: they move the first month's pay on probation and nothing else."""


class OptionCost(NamedTuple):
    """What changes when one option of a reading is chosen instead of the policy's own.

    Attributes
    ----------
    reading, option : str
    chosen : bool
        Whether the policy has this option already; nothing changes then.
    cost : dict of int
        Differences in fen by component: those of `Outcome.cost`, and first_month_pay (P(1)1).
    people : int
        People whose money changes: payout + cash effect, or the first month's pay on probation.
    quarters_regraded : int
        Staff-quarters with another grade.
    dismissed : int
        Difference in people dismissed.
    recognised : int
        Names of 3.4 that appear or disappear.
    reason : Message or None
        Why the option cannot be computed on these data; the differences are then empty.
    """

    reading: str
    option: str
    chosen: bool
    cost: dict[str, int]
    people: int = 0
    quarters_regraded: int = 0
    dismissed: int = 0
    recognised: int = 0
    reason: Message | None = None


def readings(data: StaffData, policy: Policy) -> pd.DataFrame:
    """Tell what every option of every unclear place changes when it alone is changed from a policy.

    Parameters
    ----------
    data
    policy
        What to start from.

    Returns
    -------
    DataFrame
        One row an option, in the rule book's order: reading, id, clauses, option, is_default, chosen; the differences
        from the policy in yuan: service_bonus, revenue_bonus, penalty_not_applied, payout, award, cash_effect, cost
        (payout + cash effect) and first_month_pay (on probation, P(1)1); people whose money changes,
        quarters_regraded, the difference in people dismissed, and recognised, the names of 3.4 that appear or
        disappear. Where these data do not have what an option asks for, the figures are absent and `reason` says why.

    Raises
    ------
    PolicyError
        If the policy itself asks for what the data do not have.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> ledger = readings(cm.synthesize(staff=20, months=6, seed=1), cm.load_policy("2007-06"))
    >>> bool((ledger.loc[ledger["chosen"], "cost"] == 0).all())
    True
    """
    import pandas as pd

    rows = []
    for one in option_costs(data, policy):
        text = reading_text(one.reading)
        is_default = one.option == next(iter(text.options))
        row: list[Any] = [one.reading, text.id, ", ".join(text.clauses), one.option, is_default, one.chosen]
        if one.reason is None:
            row += [one.cost[name] / FEN_PER_YUAN for name in COMPONENTS]
            row += [one.people, one.quarters_regraded, one.dismissed, one.recognised, ""]
        else:
            row += [None] * (len(COMPONENTS) + len(_COUNTS)) + [str(one.reason)]
        rows.append(row)
    columns = ["reading", "id", "clauses", "option", "is_default", "chosen", *COMPONENTS, *_COUNTS, "reason"]
    frame = pd.DataFrame(rows, columns=columns)
    texts = dict.fromkeys(("reading", "id", "clauses", "option", "reason"), "str")
    return frame.astype(texts | dict.fromkeys(COMPONENTS, "float64") | dict.fromkeys(_COUNTS, "Int64"))


_COUNTS = ("people", "quarters_regraded", "dismissed", "recognised")


def option_costs(data: StaffData, policy: Policy) -> Iterator[OptionCost]:
    """Give what each option changes, one after the other, so that who waits can be told how far it is.

    Raises
    ------
    PolicyError
        If the policy itself asks for what the data do not have.
    """
    baseline = _Side(appraise(data, policy))

    @functools.cache
    def first_month_pay(one: Policy) -> list[object]:
        return appraise_probation(data, one)["first_month_pay"]

    for reading, options in READINGS.items():
        for option in options.__members__:
            if policy.get(f"readings.{reading}") == option:
                yield OptionCost(reading, option, chosen=True, cost=dict.fromkeys(COMPONENTS, 0))
                continue
            try:
                reform = policy.with_changes({f"readings.{reading}": option})
                if reading in _OF_PROBATION:
                    yield _pay_cost(first_month_pay(policy), first_month_pay(reform), reading, option)
                else:
                    yield _cost(baseline, _Side(appraise(data, reform)), reading, option)
            except CmpolicyError as error:
                yield OptionCost(reading, option, chosen=False, cost={}, reason=_reason(error))


class _Side:
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


def _cost(before: _Side, after: _Side, reading: str, option: str) -> OptionCost:
    cost = {name: after.cost[name] - before.cost[name] for name in COST}
    return OptionCost(
        reading,
        option,
        chosen=False,
        cost=cost | {"first_month_pay": 0},
        people=int((before.money != after.money).sum()),
        quarters_regraded=int((before.grade != after.grade).sum()),
        dismissed=after.dismissed - before.dismissed,
        recognised=len(np.setxor1d(before.names, after.names)),
    )


def _pay_cost(before: list[object], after: list[object], reading: str, option: str) -> OptionCost:
    known = [
        (old, new) for old, new in zip(before, after, strict=True) if isinstance(old, int) and isinstance(new, int)
    ]
    cost = dict.fromkeys(COST, 0) | {"first_month_pay": sum(new - old for old, new in known)}
    return OptionCost(reading, option, chosen=False, cost=cost, people=sum(old != new for old, new in known))


def _reason(error: CmpolicyError) -> Message:
    """Say what stands in the way: the error with the first of its problems, which is an example of all."""
    if not error.problems:
        return error.message
    return Message("{first} {second}", first=error.message, second=error.problems[0])
