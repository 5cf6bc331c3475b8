"""What an outcome costs by quarter, by year and by area (R1, 3.2, 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.terms import MONTHS_A_QUARTER
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.staff.data import StaffData

By = Literal["quarter", "year", "area"]
UNKNOWN_AREA = "–"
"""Stands for the area of records whose area is not known."""


def cost_by(outcome: Outcome, by: By) -> pd.DataFrame:
    """Split the cost of an outcome; the rows add up to `Outcome.cost` to the fen.

    A staff-quarter counts in the area that `Outcome.quarters` shows beside it. Awards are settled by the year, so the
    cash effect belongs to no single quarter; a person's year counts in the area of the year's last quarter row.

    Parameters
    ----------
    outcome
    by
        "quarter", "year" or "area".

    Returns
    -------
    DataFrame
        Index: the quarters or years in order (years as numbers), or the areas, the dearest first, `UNKNOWN_AREA` among
        them. Columns, yuan: service_bonus, revenue_bonus, penalty_not_applied, payout and award; by year and by area
        also cash_effect and cost (payout + cash effect).

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=20, months=6, seed=1))
    >>> round(float(cost_by(outcome, "quarter")["payout"].sum()) * 100) == outcome.cost["payout"]
    True
    """
    return fen_by(outcome, by) / FEN_PER_YUAN


def fen_by(outcome: Outcome, by: By) -> pd.DataFrame:
    """Split the cost of an outcome as `cost_by` does, in exact fen.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=20, months=6, seed=1))
    >>> int(fen_by(outcome, "area")["cost"].sum()) == outcome.cost["cost"]
    True
    """
    import pandas as pd

    panel, arrays, rows = outcome.panel, outcome.arrays, outcome.quarter_rows
    names, quarter_group, year_group = _groups(outcome, by)
    of_quarters: dict[str, NDArray[Any]] = {
        name: getattr(arrays, name) for name in ("service_bonus", "revenue_bonus", "penalty_not_applied", "payout")
    }
    by_quarter = arrays.award.reshape(panel.quarters, MONTHS_A_QUARTER, panel.people)
    of_quarters["award"] = by_quarter.sum(axis=1, dtype=np.int64)
    fen = {name: _sums(values[rows], quarter_group[rows], len(names)) for name, values in of_quarters.items()}
    if year_group is not None:
        paid = outcome.year_rows
        fen["cash_effect"] = _sums(arrays.cash_effect[paid], year_group[paid], len(names))
        fen["cost"] = fen["payout"] + fen["cash_effect"]
    order = np.argsort(-fen["cost"], kind="stable") if by == "area" else np.arange(len(names))
    index = pd.Index(names, name=by)[order]
    return pd.DataFrame({name: values[order] for name, values in fen.items()}, index=index)


def _groups(outcome: Outcome, by: By) -> tuple[list[Any], NDArray[np.intp], NDArray[np.intp] | None]:
    """Give the groups' names, and the place among them of each staff-quarter and of each staff-year."""
    panel = outcome.panel
    shape, years = (panel.quarters, panel.people), (panel.years, panel.people)
    if by == "quarter":
        numbers = np.arange(panel.quarters)
        names = period_names(panel.first_quarter + numbers, "quarter").tolist()
        return names, np.broadcast_to(numbers[:, None], shape), None
    if by == "year":
        numbers = np.arange(panel.years)
        of_quarter = np.array([panel.year_of(quarter) for quarter in range(panel.quarters)])
        names = (panel.first_year + numbers).tolist()
        return names, np.broadcast_to(of_quarter[:, None], shape), np.broadcast_to(numbers[:, None], years)
    names, areas = _areas_of(outcome.data)
    last = np.full(years, names.index(UNKNOWN_AREA), dtype=np.intp)
    for quarter in range(panel.quarters):
        year = panel.year_of(quarter)
        last[year] = np.where(outcome.quarter_rows[quarter], areas[quarter], last[year])
    # Only the areas of a row are listed; the grid also holds quarters without one.
    listed = np.unique(areas[outcome.quarter_rows])
    place = np.searchsorted(listed, np.arange(len(names)))
    return [names[number] for number in listed], place[areas], place[last]


def _areas_of(data: StaffData) -> tuple[list[str], NDArray[np.intp]]:
    """Give the names of all areas and the place among them of each staff-quarter; found once, as no policy moves it."""
    found: tuple[list[str], NDArray[np.intp]]
    if "areas of quarters" not in data.cached:
        panel = data.panel
        quarter, person = np.divmod(np.arange(panel.quarters * panel.people), panel.people)
        columns = data.people_columns(person, panel.first_quarter + quarter, "quarter")
        areas = columns.get("area", np.full(len(person), None, dtype=object))
        names = sorted({name for name in areas.tolist() if name is not None} | {UNKNOWN_AREA})
        places = {name: place for place, name in enumerate(names)} | {None: names.index(UNKNOWN_AREA)}
        codes = np.array([places[name] for name in areas.tolist()], dtype=np.intp)
        data.cached["areas of quarters"] = (names, codes.reshape(panel.quarters, panel.people))
    found = data.cached["areas of quarters"]
    return found


def _sums(values: NDArray[Any], group: NDArray[np.intp], groups: int) -> NDArray[np.int64]:
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, group, values)
    return total
