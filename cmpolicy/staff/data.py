"""Staff data that were read and checked: typed columns by table, and the panel that the rules run on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import DataError, Problem, suggest
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.staff.panel import Panel, Span, build_panel
from cmpolicy.staff.schema import ABSENT_ADJUSTMENT, ABSENT_COUNT, ABSENT_MONEY, ABSENT_TEXT, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Table:
    """One table in exact, typed columns of equal length.

    Attributes
    ----------
    columns : dict of (length,) arrays
        staff_id: int32 place in `StaffData.staff_ids`; month: 12 * year + month - 1; quarter: 4 * year + quarter - 1;
        counts: integers, -1 absent; fraud: bool; adjustments: int16, -32768 absent; money: int64 fen, -2**63 absent;
        dates: datetime64[D]; text: int32 place in `labels`, -1 absent. A column that the data lack is not there.
    length : int
    rows : (length,) array of int
        The row as a person sees it in the file, from 1.
    labels : dict of arrays of str
        The distinct values of text columns.
    """

    columns: dict[str, NDArray[Any]]
    length: int
    rows: NDArray[Any]
    labels: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class StaffData:
    """A department's records. Made by `read_staff`, `synthesize` or `StaffData.from_frames`.

    Attributes
    ----------
    staff_ids : (n,) array of str
        In the order of the staff table, else as they first appear.
    tables : dict of Table
        By canonical name; a table that the data lack is not there.
    notes : tuple of Message
        What changes figures or may be missing: what was set aside, rounded, or hidden from the eye.
    source : str
        Where the data come from.
    remarks : tuple of Message
        What was left out without any effect: title, total and note rows, files and sheets of other things.
    extra : dict of dict of lists
        Columns that the program does not know, by table and heading, as they were.
    whole : Span or None
        The months of all the data, where these are a part of them: the panel then covers these.
    cached : dict
        Where other rooms keep what they computed from these data.
    """

    staff_ids: NDArray[Any]
    tables: dict[str, Table]
    notes: tuple[Message, ...] = ()
    source: str = ""
    remarks: tuple[Message, ...] = ()
    extra: dict[str, dict[str, list[object]]] = field(default_factory=dict)
    whole: Span | None = None
    cached: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_frames(cls, frames: Mapping[str, pd.DataFrame]) -> StaffData:
        """Make staff data from DataFrames, with the same checks as for files.

        Parameters
        ----------
        frames
            DataFrames by table name; columns under canonical names or Chinese headings, money in yuan.

        Raises
        ------
        DataError
            With every problem; rows are counted from 1.

        Examples
        --------
        >>> import pandas as pd
        >>> zeros = {field.name: [0] for field in TABLES["months"].fields if field.kind in ("count", "flag")}
        >>> months = pd.DataFrame({"staff_id": ["CM01"], "month": ["2025-01"]} | zeros)
        >>> StaffData.from_frames({"months": months}).staff_ids.tolist()
        ['CM01']
        """
        from cmpolicy.staff.read import read_frames

        return read_frames(frames)

    @cached_property
    def panel(self) -> Panel:
        """The data laid out for the rules."""
        return build_panel(self)

    def apart(self) -> StaffData:
        """Give the same records without what other rooms keep with them, for work in a thread of its own.

        Examples
        --------
        >>> import cmpolicy as cm
        >>> data = cm.synthesize(staff=5, months=3, seed=1)
        >>> data.apart().panel is data.panel
        True
        """
        found = replace(self, cached={})
        found.__dict__["panel"] = self.panel  # it stays as it is, and is large
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """Each staff id's place in `staff_ids`."""
        return {staff_id: place for place, staff_id in enumerate(self.staff_ids.tolist())}

    def place_of(self, staff_id: str) -> int:
        """Give a staff id's place in `staff_ids`.

        Raises
        ------
        DataError
            For an unknown staff id; names the nearest one.
        """
        if staff_id not in self.places:
            near = suggest(staff_id, self.places)
            hint = Message("a staff id such as {nearest}", nearest=near or next(iter(self.places)))
            text = Message('There is nobody with the staff id "{staff_id}".', staff_id=staff_id)
            count = Message("People in the data: {count}.", count=f"{len(self.places):,}")
            raise DataError(text, [Problem(count, expected=hint)])
        return self.places[staff_id]

    @property
    def contents(self) -> dict[str, NDArray[Any]]:
        """Every array of the data, under names of their own."""
        found = {"staff_ids": self.staff_ids}
        for name, table in self.tables.items():
            found |= {f"{name} {heading}": values for heading, values in table.columns.items()}
            found |= {f"labels of {name} {heading}": labels for heading, labels in table.labels.items()}
        return found

    def frame(self, name: str) -> pd.DataFrame:
        """Give a table as a DataFrame: text periods, money in yuan, absent values as NaN.

        Raises
        ------
        KeyError
            If the data have no such table.
        """
        import pandas as pd

        table = self.tables[name]
        columns = {}
        for entry in TABLES[name].fields:
            if entry.name in table.columns:
                columns[entry.name] = self._shown(table, entry.name, entry.kind)
        return pd.DataFrame(columns)

    def _shown(self, table: Table, name: str, kind: str) -> pd.Series[Any]:
        import pandas as pd

        values = table.columns[name]
        if kind == "staff_id":
            return pd.Series(self.staff_ids[values], dtype="str")
        if kind == "text":
            labels = np.array([*table.labels[name], np.nan], dtype=object)
            return pd.Series(labels[values], dtype="str")
        if kind in ("month", "quarter"):
            return pd.Series(period_names(values, kind), dtype="str")
        if kind == "money":
            return pd.Series(np.where(values == ABSENT_MONEY, np.nan, values / FEN_PER_YUAN))
        if kind == "date":
            return pd.Series(values.astype("datetime64[s]"))
        absent = {"count": ABSENT_COUNT, "adjustment": ABSENT_ADJUSTMENT}.get(kind)
        if absent is not None and (values == absent).any():
            return pd.Series(np.where(values == absent, np.nan, values))
        return pd.Series(values)

    def people_columns(
        self, people: NDArray[np.intp], numbers: NDArray[Any] | None = None, period: str | None = None
    ) -> dict[str, NDArray[Any]]:
        """Give name and area for rows of a result table, where the data know them.

        Parameters
        ----------
        people : (rows,) places in `staff_ids`
        numbers : (rows,) int, optional
            Numbers of the months or quarters of the rows: an area recorded there goes before the staff table's.
        period
            "month" or "quarter".
        """
        shown: dict[str, NDArray[Any]] = {}
        for name in ("name", "area"):
            of_person = self._text_of_people(name)
            column = None if of_person is None else of_person[people]
            own = self._own_areas(period) if name == "area" and period and numbers is not None else None
            if own is not None and numbers is not None:
                first, areas = own
                place = numbers - first
                inside = (place >= 0) & (place < len(areas))
                recorded = areas[np.where(inside, place, 0), people]
                recorded[~inside] = None
                column = recorded if column is None else np.where(recorded == None, column, recorded)  # noqa: E711
            if column is not None:
                shown[name] = column
        return shown

    def _text_of_people(self, name: str) -> NDArray[Any] | None:
        table = self.tables.get("staff")
        if table is None or name not in table.columns:
            return None
        values = np.full(len(self.staff_ids), None, dtype=object)
        values[table.columns["staff_id"]] = np.array([*table.labels[name], None], dtype=object)[table.columns[name]]
        return values

    def _own_areas(self, period: str) -> tuple[int, NDArray[Any]] | None:
        """Give the areas recorded with months or quarters: the first period's number and a (periods, n) array."""
        table = self.tables.get({"month": "months", "quarter": "quarters"}[period])
        if table is None or "area" not in table.columns:
            return None
        numbers = table.columns[period]
        first = int(numbers.min())
        areas = np.full((int(numbers.max()) - first + 1, len(self.staff_ids)), None, dtype=object)
        labels = np.array([*table.labels["area"], None], dtype=object)
        areas[numbers - first, table.columns["staff_id"]] = labels[table.columns["area"]]
        return first, areas

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} {table.length}" for name, table in self.tables.items())
        return f"<StaffData of {len(self.staff_ids)} people: {tables} rows>"


def period_names(numbers: NDArray[Any], period: str) -> NDArray[Any]:
    """Write numbered months as 2025-03 and quarters as 2025-Q1.

    Examples
    --------
    >>> period_names(np.array([24302]), "month").tolist()
    ['2025-03']
    """
    distinct, place = np.unique(numbers, return_inverse=True)
    per_year, mark, width = (12, "-", 2) if period == "month" else (4, "-Q", 1)
    names = [f"{number // per_year:04d}{mark}{number % per_year + 1:0{width}d}" for number in distinct.tolist()]
    return np.array(names, dtype=object)[place]


__all__ = ["ABSENT_TEXT", "StaffData", "Table", "period_names"]
