"""From cells to checked, typed tables; every problem is collected.

Columns that are typed already take a vectorised way. All others are read by their distinct cells, each once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import DataError, Problem, suggest
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.staff import cells
from cmpolicy.staff.checks import check_tables
from cmpolicy.staff.data import StaffData, Table
from cmpolicy.staff.schema import (
    ABSENT_ADJUSTMENT,
    ABSENT_COUNT,
    ABSENT_MONEY,
    ABSENT_TEXT,
    MOST_EVENTS,
    MOST_YUAN,
    TABLES,
    Field,
    TableSchema,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHOWN_OF_A_KIND = 20
EMPTY = -1
_ABSENT: dict[str, Any] = {
    "staff_id": EMPTY,
    "text": ABSENT_TEXT,
    "count": ABSENT_COUNT,
    "sampled": ABSENT_COUNT,
    "adjustment": ABSENT_ADJUSTMENT,
    "money": ABSENT_MONEY,
    "date": np.datetime64("NaT", "D"),
    "flag": False,
    "month": EMPTY,
    "quarter": EMPTY,
    "year": EMPTY,
}
_DTYPE: dict[str, Any] = {
    "count": np.int32,
    "sampled": np.int32,
    "adjustment": np.int16,
    "money": np.int64,
    "date": "datetime64[D]",
    "flag": np.bool_,
    "month": np.int32,
    "quarter": np.int32,
    "year": np.int32,
    "text": np.int32,
    "staff_id": np.int32,
}
# Bounds of a cell that is a number already, in the unit in which it is written.
_BOUNDS = {
    "count": (0, MOST_EVENTS),
    "sampled": (1, MOST_EVENTS),
    "flag": (0, 1),
    "money": (0, MOST_YUAN),
}


class RawColumn:
    """A column as it was found: a typed array, or the distinct cells with each row's place among them."""

    def __init__(self, values: Any) -> None:
        self.typed: NDArray[Any] | None = None
        self.places: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.distinct: list[object] = []
        if isinstance(values, np.ndarray) and values.dtype.kind in "iufbM":
            self.typed = values
            return
        seen: dict[tuple[type, object], int] = {}
        # By type as well: 1, 1.0 and True are equal, but not the same cell.
        self.places = np.fromiter(
            (EMPTY if cells.is_empty(value) else seen.setdefault((type(value), value), len(seen)) for value in values),
            dtype=np.int64,
            count=len(values),
        )
        self.distinct = [value for _, value in seen]

    @classmethod
    def coded(cls, places: NDArray[Any], distinct: list[object]) -> RawColumn:
        """Make a column from distinct cells and each row's place among them, -1 for an empty one."""
        column = cls([])
        empty = np.array([*(cells.is_empty(value) for value in distinct), False])
        column.places = np.where(empty[places], EMPTY, places) if empty.any() else places
        column.distinct = distinct
        return column

    def is_empty(self) -> bool:
        """Tell whether no row holds anything."""
        return self.typed is None and not (self.places >= 0).any()

    def cell(self, row: int) -> object:
        """Give a row's cell as it was found."""
        if self.typed is not None:
            return self.typed[row].item()
        return None if self.places[row] < 0 else self.distinct[self.places[row]]

    def untyped(self) -> RawColumn:
        """Give the same column by its distinct cells."""
        return self if self.typed is None else RawColumn(self.typed.tolist())


@dataclass
class RawTable:
    """A table as it was found, its columns under their canonical names."""

    schema: TableSchema
    rows: Sequence[int]
    columns: dict[str, RawColumn] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, RawColumn] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)

    def problem(self, row: int | None, column: str, message: Message, **more: Any) -> Problem:
        """Make a problem of a cell, with the places that a person looks for."""
        staff_id = None
        if row is not None and "staff_id" in self.columns and column != "staff_id":
            cell = self.columns["staff_id"].cell(row)
            staff_id = None if cells.is_empty(cell) else cells.text_of(cell).strip()
        seen = None if row is None else int(self.rows[row])
        heading = self.headings.get(column)
        return Problem(message, self.schema.name, seen, staff_id, column, heading, **more)


class Findings:
    """Problems and notes, with many problems of one kind cut short to the first ones and a count."""

    def __init__(self, problems: list[Problem], notes: list[Message]) -> None:
        self.problems = problems
        self.notes = notes

    def add_rows(
        self,
        table: RawTable,
        column: str,
        rows: NDArray[np.intp],
        message: Message,
        *,
        expected: Message | None = None,
        show_value: bool = True,
    ) -> None:
        """Add one problem for each row, up to a limit, and the number of the rest."""
        for row in rows[:SHOWN_OF_A_KIND].tolist():
            value = table.columns[column].cell(row) if show_value and column in table.columns else None
            text = None if cells.is_empty(value) else cells.text_of(value)
            self.problems.append(table.problem(row, column, message, value=text, expected=expected))
        if len(rows) > SHOWN_OF_A_KIND:
            rest = Message("… and {count} more rows with the same problem.", count=len(rows) - SHOWN_OF_A_KIND)
            self.problems.append(table.problem(None, column, rest))


def build_staff_data(raw: dict[str, RawTable], notes: list[Message], problems: list[Problem], source: str) -> StaffData:
    """Parse and check tables.

    Raises
    ------
    DataError
        With every problem of every table.
    """
    findings = Findings(problems, notes)
    if raw and "months" not in raw and not problems:
        findings.problems.append(
            Problem(
                Message("The table months (月度) is missing; found: {names}.", names=", ".join(raw)), table="months"
            )
        )
    staff_ids = _StaffIds()
    parsed = {}
    for name in TABLES:  # the staff table first: its order is the people's
        if name in raw:
            parsed[name] = _parse_table(raw[name], staff_ids, findings)
    data = StaffData(
        np.array(list(staff_ids.places), dtype=object),
        parsed,
        tuple(findings.notes),
        source,
        {
            name: {heading: _cells(column) for heading, column in table.unknown.items()}
            for name, table in raw.items()
            if table.unknown
        },
    )
    check_tables(data, raw, findings)
    if findings.problems:
        raise DataError(Message("The data in {source} cannot be used.", source=source), findings.problems)
    return replace(data, notes=tuple(findings.notes))


def _cells(column: RawColumn) -> list[object]:
    if column.typed is not None:
        values: list[object] = column.typed.tolist()
        return values
    return [None if place < 0 else column.distinct[place] for place in column.places.tolist()]


class _StaffIds:
    """Gives each staff id its place, in the order of first appearance."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, staff_id: str) -> int:
        return self.places.setdefault(staff_id, len(self.places))


def _parse_table(raw: RawTable, staff_ids: _StaffIds, findings: Findings) -> Table:
    schema = raw.schema
    for heading in raw.repeated:
        findings.problems.append(
            Problem(Message("The column {heading} stands there twice.", heading=heading), table=schema.name)
        )
    for entry in schema.fields:
        if entry.required and entry.name not in raw.columns:
            near = suggest(entry.heading, raw.unknown) or suggest(entry.name, raw.unknown)
            hint = None if near is None else Message("Is {heading} meant?", heading=near)
            wanted = Message("a column headed {name} or {heading}", name=entry.name, heading=entry.heading)
            message = (
                Message("This required column is missing.")
                if hint is None
                else Message("This required column is missing. Is {heading} meant?", heading=near)
            )
            findings.problems.append(Problem(message, table=schema.name, column=entry.name, expected=wanted))
    length = len(raw.rows)
    if not length and schema.name == "months":
        findings.problems.append(Problem(Message("The table has no rows."), table=schema.name))
    columns, labels = {}, {}
    for entry in schema.fields:
        if entry.name not in raw.columns:
            continue
        if entry.kind in ("staff_id", "text"):
            columns[entry.name], distinct = _parse_text(raw, entry, findings)
            if entry.kind == "text":
                labels[entry.name] = np.array(distinct, dtype=object)
            else:
                place = np.array([*(staff_ids.place(text) for text in distinct), EMPTY], dtype=np.int32)
                columns[entry.name] = place[columns[entry.name]]
        else:
            columns[entry.name] = _parse_column(raw, entry, findings)
    rows = (
        np.arange(raw.rows.start, raw.rows.stop) if isinstance(raw.rows, range) else np.array(raw.rows, dtype=np.intp)
    )
    return Table(columns, length, rows, labels)


def _parse_text(raw: RawTable, entry: Field, findings: Findings) -> tuple[NDArray[Any], list[str]]:
    """Read names, areas or staff ids: each row's place among the distinct texts, -1 where empty."""
    column = raw.columns[entry.name].untyped()
    texts: dict[str, int] = {}
    place = np.full(len(column.distinct) + 1, EMPTY, dtype=np.int32)
    bad = np.zeros(len(column.distinct) + 1, dtype=np.bool_)
    for number, value in enumerate(column.distinct):
        cell = cells.READERS[entry.kind](value)
        if cell is None:
            bad[number] = True
        else:
            place[number] = texts.setdefault(str(cell.value), len(texts))
    _report(raw, entry, findings, empty=column.places < 0, bad=bad[column.places])
    return place[column.places], list(texts)


def _parse_column(raw: RawTable, entry: Field, findings: Findings) -> NDArray[Any]:
    column = raw.columns[entry.name]
    if column.typed is not None:
        fast = _parse_typed(entry, column.typed)
        if fast is not None:
            return fast
        column = column.untyped()
    absent, dtype = _ABSENT[entry.kind], _DTYPE[entry.kind]
    values = np.full(len(column.distinct) + 1, absent, dtype=dtype)
    bad = np.zeros(len(column.distinct) + 1, dtype=np.bool_)
    noted: dict[int, str] = {}
    for number, value in enumerate(column.distinct):
        cell = cells.READERS[entry.kind](value)
        if cell is None:
            bad[number] = True
            continue
        values[number] = cell.value
        if cell.note:
            noted[number] = cell.note
    _report(raw, entry, findings, empty=column.places < 0, bad=bad[column.places])
    if noted:
        counted = Counter(noted.get(place) for place in column.places.tolist())
        for kind in (cells.ROUNDED, cells.SERIAL):
            _note(raw, entry, findings, kind, counted[kind])
    parsed: NDArray[Any] = values[column.places]
    return parsed


def _parse_typed(entry: Field, values: NDArray[Any]) -> NDArray[Any] | None:
    """Read a column of numbers, booleans or dates at once; None where it has to go cell by cell."""
    kind = values.dtype.kind
    if not len(values):
        return np.empty(0, dtype=_DTYPE[entry.kind])
    if entry.kind == "flag" and kind == "b":
        return values
    if entry.kind == "date" and kind == "M":
        return values.astype("datetime64[D]")
    if entry.kind == "month" and kind == "M" and not np.isnat(values).any():
        return (values.astype("datetime64[M]").astype(np.int64) + 1970 * 12).astype(np.int32)
    if entry.kind not in _BOUNDS and entry.kind != "adjustment":
        return None
    limit = cells.review_limit()
    lowest, highest = _BOUNDS.get(entry.kind, (-limit, limit))
    if kind in "iu":
        if lowest <= int(values.min()) and int(values.max()) <= highest:
            return values * FEN_PER_YUAN if entry.kind == "money" else _as(entry, values)
        return None
    if kind == "f" and entry.kind == "money":
        return _parse_float_money(entry, values)
    return None


def _as(entry: Field, values: NDArray[Any]) -> NDArray[Any]:
    dtype = _DTYPE[entry.kind]
    # Counts keep whatever integers they came in: the panel narrows them once, by their highest value.
    return values if entry.kind == "count" and values.dtype.kind == "i" else values.astype(dtype)


def _parse_float_money(entry: Field, values: NDArray[Any]) -> NDArray[np.int64] | None:
    present = ~np.isnan(values)
    if entry.required and not present.all():
        return None
    known = values[present].astype(np.float64)
    if len(known) and not (known.min() >= 0 and known.max() <= MOST_YUAN):
        return None
    fen = np.rint(known * FEN_PER_YUAN)
    # A double is the nearest one to its shortest decimal: if whole fen give it back, it was written in whole fen.
    if not (fen / FEN_PER_YUAN == known).all():
        return None
    parsed = np.full(len(values), ABSENT_MONEY, dtype=np.int64)
    parsed[present] = fen.astype(np.int64)
    return parsed


def _report(
    raw: RawTable, entry: Field, findings: Findings, *, empty: NDArray[np.bool_], bad: NDArray[np.bool_]
) -> None:
    wanted = cells.expected(entry.kind)
    if entry.required and empty.any():
        findings.add_rows(
            raw,
            entry.name,
            np.flatnonzero(empty),
            Message("The cell is empty; a missing value is not a zero."),
            expected=wanted,
        )
    if bad.any():
        findings.add_rows(
            raw, entry.name, np.flatnonzero(bad & ~empty), Message("The value is not valid."), expected=wanted
        )


def _note(raw: RawTable, entry: Field, findings: Findings, kind: str, count: int) -> None:
    if not count:
        return
    if kind == cells.ROUNDED:
        text = Message(
            "{table}: {count} amounts in column {column} have more than two decimals; they were rounded half up to the "
            "fen.",
            table=raw.schema.name,
            count=count,
            column=entry.name,
        )
    else:
        text = Message(
            "{table}: {count} dates in column {column} are bare numbers; they were read as Excel counts days.",
            table=raw.schema.name,
            count=count,
            column=entry.name,
        )
    findings.notes.append(text)
