"""What is asked of a forecast, checked as a whole: policies, how many quarters and futures, what is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import ENACTED, Policy, PolicyBook, load_policy

MOST_QUARTERS = 20
MOST_REPLICATES = 10_000
_MOST_POSTS = 10_000_000


class Plan(NamedTuple):
    """What `forecast` is asked for, checked."""

    quarters: int
    replicates: int
    headcount: tuple[int, ...] | None
    seed: int
    leavers_a_year: float | None
    revenue_growth: float | None
    base_growth: float | None
    elasticity: float


class Asked(NamedTuple):
    """Policies under their names, and the settings of a forecast, checked. Made by `asked_for`."""

    policies: dict[str, Policy | PolicyBook]
    plan: Plan


def asked_for(
    policy: object,
    *,
    quarters: object = 4,
    replicates: object = 1000,
    headcount: object = None,
    seed: object = 0,
    leavers_a_year: object = None,
    revenue_growth: object = None,
    base_growth: object = None,
    elasticity: object = 0.0,
) -> Asked:
    """Check what a forecast is asked for.

    Parameters
    ----------
    policy, quarters, replicates, headcount, seed, leavers_a_year, revenue_growth, base_growth, elasticity
        As of `forecast`.

    Raises
    ------
    CmpolicyError
        With everything that is out of range.
    """
    policies = _policies(policy)
    problems: list[Problem] = []
    count = _whole("quarters", quarters, 1, MOST_QUARTERS, problems)
    plan = Plan(
        quarters=count,
        replicates=_whole("replicates", replicates, 1, MOST_REPLICATES, problems),
        seed=_whole("seed", seed, 0, 2**63 - 1, problems),
        leavers_a_year=None if leavers_a_year is None else _share("leavers_a_year", leavers_a_year, 0, 0.99, problems),
        revenue_growth=None if revenue_growth is None else _share("revenue_growth", revenue_growth, -0.9, 10, problems),
        base_growth=None if base_growth is None else _share("base_growth", base_growth, -0.9, 10, problems),
        elasticity=_share("elasticity", elasticity, 0, 10, problems),
        headcount=_posts(headcount, count, problems),
    )
    if problems:
        raise CmpolicyError(Message("The forecast cannot be made so."), problems)
    return Asked(policies, plan)


def _policies(policy: object) -> dict[str, Policy | PolicyBook]:
    """Give policies by name."""
    if policy is None:
        policy = load_policy(ENACTED)
    if isinstance(policy, Policy):
        return {policy.id: policy}
    if isinstance(policy, PolicyBook):
        return {", ".join(one.id for one in policy.policies): policy}
    if isinstance(policy, Mapping) and policy:
        found = {str(name): one for name, one in policy.items() if isinstance(one, Policy | PolicyBook)}
        if len(found) == len(policy):
            return found
    raise CmpolicyError(Message("A forecast takes one policy, or several under their names."))


def _posts(headcount: object, quarters: int, problems: list[Problem]) -> tuple[int, ...] | None:
    """Give the posts of each coming quarter."""
    if headcount is None:
        return None
    if not isinstance(headcount, Sequence | np.ndarray) or isinstance(headcount, str):
        return (_whole("headcount", headcount, 0, _MOST_POSTS, problems),) * quarters
    if len(headcount) != quarters:
        wanted = Message("one number, or as many as there are quarters: {count}", count=quarters)
        problems.append(_problem("headcount", headcount, wanted))
    return tuple(_whole("headcount", one, 0, _MOST_POSTS, problems) for one in headcount)


def _whole(name: str, value: object, lowest: int, highest: int, problems: list[Problem]) -> int:
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and lowest <= int(value) <= highest:
        return int(value)
    wanted = Message("a whole number from {lowest} to {highest}", lowest=f"{lowest:,}", highest=f"{highest:,}")
    problems.append(_problem(name, value, wanted))
    return lowest


def _share(name: str, value: object, lowest: float, highest: float, problems: list[Problem]) -> float:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool) and lowest <= value <= highest:
        return float(value)
    wanted = Message("a number from {lowest} to {highest}", lowest=lowest, highest=highest)
    problems.append(_problem(name, value, wanted))
    return lowest


def _problem(name: str, value: object, wanted: Message) -> Problem:
    return Problem(Message("{name} cannot be set so.", name=name), value=str(value), expected=wanted)


def check_confidence(confidence: object) -> None:
    """Refuse what is no confidence of an interval or a reserve.

    Raises
    ------
    CmpolicyError
        If it is not above 0 and below 1.
    """
    if not isinstance(confidence, int | float | np.number) or not 0 < confidence < 1:
        wanted = Message("a number above 0 and below 1, such as 0.9")
        raise CmpolicyError(
            Message("There is no amount for this confidence."), [_problem("confidence", confidence, wanted)]
        )
