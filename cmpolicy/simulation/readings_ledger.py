"""What each option of every unclear place would change, chosen alone."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from cmpolicy.errors import CmpolicyError, PolicyError
from cmpolicy.messages import Message
from cmpolicy.progress import with_bar
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, PolicyBook, load_policy
from cmpolicy.regulation.readings import READINGS
from cmpolicy.simulation.appraise import COST, appraise
from cmpolicy.simulation.effects import COUNTS, Effect, Side, effect_of, nothing, pay_effect_of, reason_of
from cmpolicy.simulation.probation import appraise_probation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

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
    effect : Effect
        Nothing for the policy's own option, and where there is a reason.
    reason : Message or None
        Why the option cannot be computed on these data.
    """

    reading: str
    option: str
    chosen: bool
    effect: Effect
    reason: Message | None = None


def readings(data: StaffData, policy: Policy | None = None) -> pd.DataFrame:
    """Tell what every option of every unclear place changes when it alone is changed from a policy.

    Parameters
    ----------
    data
    policy
        What to start from; the enacted regulation where it is left out.

    Returns
    -------
    DataFrame
        One row an option, that first which moves the cost most, either way: reading, id, clauses, option, is_default,
        chosen; the differences from the policy in yuan: service_bonus, revenue_bonus, penalty_not_applied, payout,
        award, cash_effect, cost (payout + cash effect) and first_month_pay (on probation, P(1)1); people whose money
        changes, quarters_regraded, the difference in people dismissed, and recognised, the names of 3.4 that appear or
        disappear; staff_ids, a tuple of everyone whose money, grade, standing or name of 3.4 differs. Where these data
        do not have what an option asks for, the figures are absent and `reason` says why.

    Raises
    ------
    PolicyError
        If the policy itself asks for what the data do not have; for a book of versions.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> ledger = readings(cm.synthesize(staff=20, months=6, seed=1), cm.load_policy("2007-06"))
    >>> bool((ledger.loc[ledger["chosen"], "cost"] == 0).all())
    True
    """
    import pandas as pd

    policy = load_policy(ENACTED) if policy is None else policy
    if isinstance(policy, PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; for a book of versions give another book."))
    rows = []
    for one in with_bar(option_costs(data, policy), Message("options"), OPTIONS):
        text = reading_text(one.reading)
        is_default = one.option == next(iter(text.options))
        row: list[Any] = [one.reading, text.id, ", ".join(text.clauses), one.option, is_default, one.chosen]
        if one.reason is None:
            row += [one.effect.cost[name] / FEN_PER_YUAN for name in COMPONENTS]
            row += [*(getattr(one.effect, name) for name in COUNTS), one.effect.staff_ids, ""]
        else:
            row += [None] * (len(COMPONENTS) + len(COUNTS)) + [(), str(one.reason)]
        rows.append(row)
    named = ("reading", "id", "clauses", "option", "is_default", "chosen")
    frame = pd.DataFrame(rows, columns=[*named, *COMPONENTS, *COUNTS, "staff_ids", "reason"])
    texts = dict.fromkeys(("reading", "id", "clauses", "option", "reason"), "str")
    frame = frame.astype(texts | dict.fromkeys(COMPONENTS, "float64") | dict.fromkeys(COUNTS, "Int64"))
    # What moves no money is left in the rule book's order, what cannot be computed stands last.
    order = ["cost", "first_month_pay"]
    return frame.sort_values(order, key=abs, ascending=False, kind="stable", ignore_index=True)


def option_costs(data: StaffData, policy: Policy, chosen: Iterable[str] = READINGS) -> Iterator[OptionCost]:
    """Give what each option changes, one after the other, so that who waits can be told how far it is.

    Parameters
    ----------
    data
    policy
    chosen
        The readings to go through.

    Raises
    ------
    PolicyError
        If the policy itself asks for what the data do not have.
    """
    baseline = Side(appraise(data, policy))

    @functools.cache
    def probation_of(one: Policy) -> dict[str, list[object]]:
        return appraise_probation(data, one)

    for reading in chosen:
        for option in READINGS[reading].__members__:
            if policy.get(f"readings.{reading}") == option:
                yield OptionCost(reading, option, chosen=True, effect=nothing())
                continue
            try:
                reform = policy.with_changes({f"readings.{reading}": option})
                if reading in _OF_PROBATION:
                    effect = pay_effect_of("first_month_pay", probation_of(policy), probation_of(reform))
                else:
                    effect = effect_of(baseline, Side(appraise(data, reform)))
                yield OptionCost(reading, option, chosen=False, effect=effect)
            except CmpolicyError as error:
                yield OptionCost(reading, option, chosen=False, effect=nothing(), reason=reason_of(error))
