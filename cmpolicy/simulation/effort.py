"""Effort that responds to money: what a point is worth under a policy, and records with more or fewer users gained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.appraise import appraise
from cmpolicy.staff.data import Table

if TYPE_CHECKING:
    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

_EFFORT = b"effort"
"""Keeps these draws apart from others of the same seed."""
GAINS = ("broadband_gained", "maintained_gained")
LEAST, MOST = 0.5, 2.0
"""However much or little a point is worth, people gain half of the users at least and twice as many at most."""


def worth_of_a_point(data: StaffData, policy: Policy) -> float:
    """Say what one point more in every month is worth, in yuan a staff-quarter.

    Half of what a policy costs more with a point more for everyone than with a point less.
    """
    base = policy.points.base
    more, less = (appraise(data, policy.with_changes({"points.base": base + step})) for step in (1, -1))
    return (more.cost["cost"] - less.cost["cost"]) / 2 / FEN_PER_YUAN / max(1, int(more.quarter_rows.sum()))


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

    The same seed gives each month the same chance, so that two factors differ by what they are and nothing else.
    """
    if factor == 1:
        return data
    months = data.tables["months"]
    rng = np.random.default_rng([seed, *_EFFORT])
    columns = dict(months.columns)
    for name in GAINS:
        columns[name] = np.floor(columns[name] * factor + rng.random(months.length)).astype(np.int64)
    table = Table(columns, months.length, months.rows, months.labels)
    return replace(data, tables=data.tables | {"months": table}, cached={})
