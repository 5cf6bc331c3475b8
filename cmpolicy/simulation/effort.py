"""Effort that responds to money: what a point is worth under a policy, and records with more or fewer users gained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.terms import complete_quarters, versions_in_force
from cmpolicy.staff.data import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.staff.data import StaffData

SUM = "sum of "
"""Begins the names of figures that add up over separate people."""
_EFFORT = b"effort"
"""Keeps these draws apart from others of the same seed."""
GAINS = ("broadband_gained", "maintained_gained")
LEAST, MOST = 0.5, 2.0
"""However much or little a point is worth, people gain half of the users at least and twice as many at most."""


class Effort(NamedTuple):
    """What a point is worth under a policy, yuan a staff-quarter, and by what factor people gain users then."""

    worth: float
    factor: float


@dataclass(frozen=True)
class WorthOfAPoint:
    """Says what one point more in every month is worth under policies; what it gives adds up over separate people.

    Attributes
    ----------
    policies : tuple of Policy or PolicyBook
        The version of the first quarter counts that the data do not cover to its end.
    """

    policies: tuple[Policy | PolicyBook, ...]

    def __call__(self, data: StaffData) -> dict[str, NDArray[np.int64]]:
        """Give (P,) fen that each policy costs more with a point more for everyone than with a point less; and rows."""
        start, more = data.panel.first_quarter + complete_quarters(data.panel), []
        for policy in self.policies:
            (version,) = versions_in_force(policy, start, 1)
            sides = (version.with_changes({"points.base": version.points.base + step}) for step in (1, -1))
            above, below = (appraise(data, one) for one in sides)
            more.append(above.cost["cost"] - below.cost["cost"])
        return {f"{SUM}more": np.array(more, dtype=np.int64), f"{SUM}rows": np.array(above.quarter_rows.sum())}


def worths_of_a_point(figures: Mapping[str, NDArray[np.int64]]) -> list[float]:
    """Give what a point is worth under each policy, in yuan a staff-quarter: half of the difference."""
    rows = max(1, int(figures[f"{SUM}rows"]))
    return [more / 2 / FEN_PER_YUAN / rows for more in figures[f"{SUM}more"].tolist()]


def response(worth: float, usual_worth: float, elasticity: float) -> float:
    """Say by what factor people gain users when a point is worth more or less than usual.

    Examples
    --------
    >>> response(110, 100, elasticity=0), round(response(110, 100, elasticity=0.5), 4), response(0, 100, elasticity=1)
    (1.0, 1.0488, 0.5)
    """
    if not elasticity or usual_worth <= 0:
        return 1.0
    if worth <= 0:
        return LEAST
    factor: float = (worth / usual_worth) ** elasticity
    return min(max(factor, LEAST), MOST)


def with_effort(data: StaffData, factor: float, seed: int) -> StaffData:
    """Give data in which everyone gains so many times the users; chance decides on fractions.

    The same seed gives each person's month the same chance, so that two factors differ by what they are and nothing
    else, whoever else is in the data.
    """
    import pandas as pd

    if factor == 1:
        return data
    months = data.tables["months"]
    columns = dict(months.columns)
    people = pd.util.hash_array(data.staff_ids, categorize=False)
    for number, name in enumerate(GAINS):
        (salt,) = np.random.SeedSequence([seed, *_EFFORT, number]).generate_state(1, np.uint64)
        of_person = pd.util.hash_array(people ^ salt)[columns["staff_id"]]
        chance = pd.util.hash_array(of_person + columns["month"].astype(np.uint64)) >> np.uint64(11)
        columns[name] = np.floor(columns[name] * factor + chance * 2.0**-53).astype(np.int64)
    table = Table(columns, months.length, months.rows, months.labels)
    return replace(data, tables=data.tables | {"months": table}, cached={})


def efforts_under(
    take: Callable[[WorthOfAPoint], Mapping[str, NDArray[Any]]],
    policies: Mapping[str, Policy | PolicyBook],
    elasticity: float,
) -> dict[str, Effort]:
    """Say how people respond to each policy; the data show what they do under the first one."""
    if not elasticity:
        return dict.fromkeys(policies, Effort(0.0, 1.0))
    worths = worths_of_a_point(take(WorthOfAPoint(tuple(policies.values()))))
    efforts = (Effort(worth, response(worth, worths[0], elasticity)) for worth in worths)
    return dict(zip(policies, efforts, strict=True))
