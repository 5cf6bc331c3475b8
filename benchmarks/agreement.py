"""Typed tables for the yardsticks, and whether they agree with the package in every cell of every table."""

import math
from typing import Any

import numpy as np
import pandas as pd

from cmpolicy import Outcome, StaffData
from cmpolicy.staff.schema import ABSENT_ADJUSTMENT, ABSENT_MONEY, TABLES

KEYS = {"months": ["staff_id", "month"], "quarters": ["staff_id", "quarter"], "years": ["staff_id", "year"]}
SIXTHS = 6


class DisagreementError(Exception):
    """A cell or a row differs, so that the times would compare unlike things."""


def typed_tables(data: StaffData) -> dict[str, pd.DataFrame]:
    """Give the tables as DataFrames of 64-bit integers: staff_id as the person's place, money in fen; absent is NaN.

    What a department need not record is an empty column, but for the months' own revenue, which then is not there.
    """
    frames = {}
    for name in ("months", "quarters", "surveys", "years"):
        table = data.tables.get(name)
        frames[name] = pd.DataFrame()
        for field in TABLES[name].fields:
            if field.kind == "text":
                continue
            if table is None or field.name not in table.columns:
                if name != "months":
                    frames[name][field.name] = math.nan
            elif field.kind == "flag":
                frames[name][field.name] = table.columns[field.name]
            else:
                column = pd.Series(table.columns[field.name].astype(np.int64))
                absent = column == {"money": ABSENT_MONEY, "adjustment": ABSENT_ADJUSTMENT}.get(field.kind)
                frames[name][field.name] = column.mask(absent) if absent.any() else column
        frames[name] = frames[name].copy()  # in one piece, which pandas is faster with
    return frames


def require_agreement(who: str, found: dict[str, pd.DataFrame], outcome: Outcome) -> None:
    """Compare a yardstick's tables with the package's, cell by cell, to the fen and to the sixth of a point.

    Raises
    ------
    DisagreementError
        Naming the table, the column and the first row that differs.
    """
    for table, keys in KEYS.items():
        rows = found[table].sort_values(keys, ignore_index=True)
        expected = outcome.exact(table)
        # What has no grade has no score, whatever the array holds.
        if "score" in expected:
            expected["score"] = np.where(expected["grade"] == "", np.nan, expected["score"])
        _require(set(rows.columns) == set(expected), f"{who}: the columns of {table} are {list(rows.columns)}")
        _require(len(rows) == len(expected["staff_id"]), f"{who}: {table} has {len(rows)} rows")
        for name, wanted in expected.items():
            got = _exact(table, name, rows[name], outcome)
            same = (got == wanted) | ((got != got) & (wanted != wanted))  # noqa: PLR0124 - both are NaN
            row = int(np.argmin(same)) if len(same) else 0
            _require(
                same.all(), f"{who}: {table}.{name} of row {row} is {got[row : row + 1]}, not {wanted[row : row + 1]}"
            )
    _require_same_people(who, found["recognition"], outcome)


def _exact(table: str, name: str, column: pd.Series, outcome: Outcome) -> np.ndarray[Any, Any]:
    """Bring a yardstick's column into the form of `Outcome.exact`."""
    if name == "staff_id":
        return outcome.panel.staff_ids[column.to_numpy()]
    if name in ("grade", "standing"):
        texts = pd.Categorical(column)
        return np.array([*texts.categories, ""], dtype=object)[texts.codes]
    if table == "quarters" and name == "score":
        sixths = column.to_numpy(dtype=np.float64) * SIXTHS
        return np.where(np.abs(sixths - np.rint(sixths)) < 1e-6, np.rint(sixths), sixths)
    return column.to_numpy()


def _require_same_people(who: str, found: pd.DataFrame, outcome: Outcome) -> None:
    expected = outcome.exact("recognition")
    wanted = list(zip(*(expected[name].tolist() for name in ("month", "measure", "staff_id")), strict=True))
    people = outcome.panel.staff_ids[found["staff_id"].to_numpy()].tolist()
    got = list(zip(found["month"].tolist(), found["measure"].tolist(), people, strict=True))
    _require(sorted(got) == sorted(wanted), f"{who}: recognition differs: {sorted(set(got) ^ set(wanted))[:3]}")


def _require(holds: bool, complaint: str) -> None:  # noqa: FBT001 - the claim itself
    if not holds:
        raise DisagreementError(complaint)
