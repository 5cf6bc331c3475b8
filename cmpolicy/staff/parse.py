"""From cells to checked, typed tables; every problem is collected.

Columns that are typed already take a vectorised way. All others are read by their distinct cells, each once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from cmpolicy.errors import DataError, Problem, suggest
from cmpolicy.messages import Message, list_of
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
    "year": (cells.FIRST_YEAR, cells.LAST_YEAR),
}


class RawColumn:
    """A column as it was found: a typed array, or the distinct cells with each row's place among them."""

    def __init__(self, values: Any) -> None:
        self.typed: NDArray[Any] | None = None
        self.places: NDArray[Any] = np.empty(0, dtype=np.int64)
        self.dictionary: Any = None  # the distinct cells as Arrow holds them, where it read them
        if isinstance(values, np.ndarray) and values.dtype.kind in "iufbM":
            self.typed = _plain_type(values)
            return
        seen: dict[tuple[type, object], int] = {}
        try:
            # By type as well: 1, 1.0 and True are equal, but not the same cell.
            self.places = np.fromiter(
                (EMPTY if cells.is_empty(cell) else seen.setdefault((type(cell), cell), len(seen)) for cell in values),
                dtype=np.int64,
                count=len(values),
            )
            self.distinct = [value for _, value in seen]
        except TypeError:  # lists and mappings have no hash: each is a cell of its own
            empty = np.array([cells.is_empty(cell) for cell in values])
            self.places = np.where(empty, EMPTY, np.arange(len(values)))
            self.distinct = list(values)

    @classmethod
    def coded(cls, places: NDArray[Any], dictionary: Any) -> RawColumn:
        """Make a column from an Arrow dictionary and each row's place in it, -1 for an empty one."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = cls(np.empty(0))
        column.typed, column.places, column.dictionary = None, places, dictionary
        if pa.types.is_string(dictionary.type):
            blank = pc.equal(pc.utf8_trim_whitespace(dictionary.fill_null("")), "").to_numpy(zero_copy_only=False)
        else:
            blank = np.array([cells.is_empty(value) for value in column.distinct], dtype=np.bool_)
        if blank.any():
            column.places = np.where(np.append(blank, False)[places], EMPTY, places)
        return column

    @cached_property
    def distinct(self) -> list[object]:
        """The distinct cells, made from Arrow's only where they are asked for."""
        cells: list[object] = [] if self.dictionary is None else self.dictionary.to_pylist()
        return cells

    def filled(self) -> NDArray[np.bool_]:
        """Tell which rows hold anything, also something unreadable."""
        # NaN and NaT are what does not equal itself.
        filled: NDArray[np.bool_] = self.places >= 0 if self.typed is None else self.typed == self.typed
        return filled

    def cell(self, row: int) -> object:
        """Give a row's cell as it was found."""
        if self.typed is not None:
            return self.typed[row].item()
        return None if self.places[row] < 0 else self.distinct[self.places[row]]

    def untyped(self) -> RawColumn:
        """Give the same column by its distinct cells."""
        return self if self.typed is None else RawColumn(self.typed.tolist())


def _plain_type(values: NDArray[Any]) -> NDArray[Any]:
    """Give numbers and days in a type that turns into Python's own numbers and days as they are."""
    if values.dtype.kind == "M":
        return values if values.dtype == "datetime64[D]" else values.astype("datetime64[us]")
    if values.dtype.kind == "f" and values.dtype != np.float64:
        return values.astype("U").astype(np.float64)  # by the shortest decimal: 0.1 stays 0.1
    return values


@dataclass
class RawTable:
    """A table as it was found, its columns under their canonical names."""

    schema: TableSchema
    rows: Sequence[int]
    columns: dict[str, RawColumn] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, RawColumn] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)

    def problem(self, row: int | None, column: str | None, message: Message, **more: Any) -> Problem:
        """Make a problem of a cell, with the places that a person looks for."""
        staff_id = None
        if row is not None and "staff_id" in self.columns and column != "staff_id":
            cell = self.columns["staff_id"].cell(row)
            staff_id = None if cells.is_empty(cell) else cells.text_of(cell).strip()
        seen = None if row is None else int(self.rows[row])
        heading = None if column is None else self.headings.get(column)
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
            rest = Message("… and more rows with the same problem: {count}.", count=len(rows) - SHOWN_OF_A_KIND)
            self.problems.append(table.problem(None, column, rest))

    def in_order(self) -> list[Problem]:
        """Give the problems by table and row, as a person goes through a file.

        One without a row comes first in its table, but a count of further rows stays behind those that are shown.
        """
        tables = ["", *TABLES]
        keyed: list[tuple[tuple[int, int], Problem]] = []
        before: tuple[object, ...] = ()
        row = 0
        for problem in self.problems:
            place = (problem.table, problem.column)
            if problem.row is not None:
                row = problem.row
            elif place != before:
                row = 0
            keyed.append(((tables.index(problem.table or ""), row), problem))
            before = place
        return [problem for _, problem in sorted(keyed, key=itemgetter(0))]


def build_staff_data(
    raw: dict[str, RawTable],
    notes: list[Message],
    problems: list[Problem],
    source: str,
    remarks: Sequence[Message] = (),
) -> StaffData:
    """Parse and check tables.

    Raises
    ------
    DataError
        With every problem of every table.
    """
    findings = Findings(problems, notes)
    if raw and "months" not in raw and all(problem.table != "months" for problem in problems):
        findings.problems.append(
            Problem(
                Message("The table months (月度) is missing; found: {names}.", names=list_of([*raw])), table="months"
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
        tuple(remarks),
        {
            name: {heading: _cells(column) for heading, column in table.unknown.items()}
            for name, table in raw.items()
            if table.unknown
        },
    )
    check_tables(data, raw, findings)
    if findings.problems:
        raise DataError(Message("The data in {source} cannot be used.", source=source), findings.in_order())
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
        self._in_arrow: Any = ()

    def places_of(self, staff_ids: list[str]) -> NDArray[np.int32]:
        """Give the places of staff ids, and behind them that of an empty cell."""
        if not self.places:
            self.places = dict(zip(staff_ids, range(len(staff_ids)), strict=True))
            if len(self.places) == len(staff_ids):
                return _as_they_stand(len(staff_ids))
            self.places = {}
        for staff_id in staff_ids:
            self.places.setdefault(staff_id, len(self.places))
        return np.array([*map(self.places.get, staff_ids), EMPTY], dtype=np.int32)

    def places_of_known(self, dictionary: Any) -> NDArray[np.int32] | None:
        """Give the same where Arrow's texts are, to the letter, all staff ids of an earlier table; else None."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.places or not pa.types.is_string(dictionary.type):
            return None
        if len(self._in_arrow) < len(self.places):
            self._in_arrow = pa.array(self.places, type=pa.string())
        if dictionary.equals(self._in_arrow):
            return _as_they_stand(len(dictionary))
        found = pc.index_in(dictionary, value_set=self._in_arrow)
        return None if found.null_count else np.append(found.to_numpy(), np.int32(EMPTY))


def _as_they_stand(people: int) -> NDArray[np.int32]:
    """Give the places 0, 1, …, and behind them that of an empty cell."""
    places = np.arange(people + 1, dtype=np.int32)
    places[-1] = EMPTY
    return places


def _parse_table(raw: RawTable, staff_ids: _StaffIds, findings: Findings) -> Table:
    schema = raw.schema
    for heading, name in raw.repeated.items():
        findings.problems.append(
            raw.problem(
                None,
                name,
                Message("The column stands there twice; the second is headed {heading}.", heading=heading),
                expected=Message("each column once"),
            )
        )
    for entry in schema.fields:
        if entry.required and entry.name not in raw.columns:
            near = suggest(entry.heading, raw.unknown) or suggest(entry.name, raw.unknown)
            wanted = Message("a column headed {name} or {heading}", name=entry.name, heading=entry.heading)
            message = (
                Message("This required column is missing.")
                if near is None
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
        if entry.kind == "staff_id":
            columns[entry.name] = _parse_staff_ids(raw, entry, staff_ids, findings)
        elif entry.kind == "text":
            columns[entry.name], distinct = _parse_text(raw, entry, findings)
            labels[entry.name] = np.array(distinct, dtype=object)
        else:
            columns[entry.name] = _parse_column(raw, entry, findings)
    rows = (
        np.arange(raw.rows.start, raw.rows.stop) if isinstance(raw.rows, range) else np.array(raw.rows, dtype=np.intp)
    )
    return Table(columns, length, rows, labels)


def _parse_staff_ids(raw: RawTable, entry: Field, staff_ids: _StaffIds, findings: Findings) -> NDArray[np.int32]:
    """Read staff ids: each row's place among all people, -1 where empty."""
    column = raw.columns[entry.name].untyped()
    of_row = column.places
    places = None if column.dictionary is None else staff_ids.places_of_known(column.dictionary)
    if places is None:
        of_row, distinct = _parse_text(raw, entry, findings)
        places = staff_ids.places_of(distinct)
    else:
        _report(raw, entry, findings, empty=of_row < 0)
    of_person: NDArray[np.int32] = places[of_row]
    return of_person


def _parse_text(raw: RawTable, entry: Field, findings: Findings) -> tuple[NDArray[Any], list[str]]:
    """Read names, areas or staff ids: each row's place among the distinct texts, -1 where empty."""
    column = raw.columns[entry.name].untyped()
    if _read_as_they_are(entry, column.distinct):
        _report(raw, entry, findings, empty=column.places < 0)
        return column.places.astype(np.int32, copy=False), cast("list[str]", column.distinct)
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


def _read_as_they_are(entry: Field, distinct: list[object]) -> bool:
    """Tell at once of many texts whether each reads as itself, which spares looking at them one by one.

    They do where all are printable (then they are in one line, and nothing in them is invisible), none has a blank
    before or behind it or looks like an error of a spreadsheet, and staff ids have no letters of full width.
    """
    if set(map(type, distinct)) != {str}:
        return False
    texts = cast("list[str]", distinct)
    lines = "\n".join(texts)
    blank = lines.startswith(" ") or lines.endswith(" ") or " \n" in lines or "\n " in lines
    plain = lines.isascii() or entry.kind == "text"
    return plain and not blank and "#" not in lines and "".join(texts).isprintable()


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
    read = cells.read_signed_money if entry.signed else cells.READERS[entry.kind]
    for number, value in enumerate(column.distinct):
        cell = read(value)
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
    if kind == "M":
        return _parse_days(entry, values)
    if entry.kind not in _BOUNDS and entry.kind != "adjustment":
        return None
    limit = cells.review_limit()
    lowest, highest = _BOUNDS.get(entry.kind, (-limit, limit))
    if entry.signed:
        lowest = -highest
    if kind in "iu":
        if lowest <= int(values.min()) and int(values.max()) <= highest:
            return values.astype(np.int64) * FEN_PER_YUAN if entry.kind == "money" else _as(entry, values)
        return None
    if kind == "f" and entry.kind == "money":
        return _parse_float_money(entry, values, lowest, highest)
    if kind == "f":
        return _parse_float_whole(entry, values, lowest, highest)
    return None


def _parse_days(entry: Field, values: NDArray[Any]) -> NDArray[Any] | None:
    year = values.astype("datetime64[Y]").astype(np.int64) + 1970
    if ((year < cells.FIRST_YEAR) | (year > cells.LAST_YEAR))[~np.isnat(values)].any():
        return None
    if entry.kind == "date":
        return values.astype("datetime64[D]")
    if entry.kind == "month" and not np.isnat(values).any():
        return (values.astype("datetime64[M]").astype(np.int64) + 1970 * 12).astype(np.int32)
    return None


def _as(entry: Field, values: NDArray[Any]) -> NDArray[Any]:
    dtype = _DTYPE[entry.kind]
    # Counts keep whatever integers they came in: the panel narrows them once, by their highest value.
    return values if entry.kind == "count" and values.dtype.kind == "i" else values.astype(dtype)


def _parse_float_money(entry: Field, values: NDArray[Any], lowest: int, highest: int) -> NDArray[np.int64] | None:
    present = ~np.isnan(values)
    if entry.required and not present.all():
        return None
    known = values[present].astype(np.float64)
    if len(known) and not lowest <= known.min() <= known.max() <= highest:
        return None
    fen = np.rint(known * FEN_PER_YUAN)
    # A double is the nearest one to its shortest decimal: if whole fen give it back, it was written in whole fen.
    if not (fen / FEN_PER_YUAN == known).all():
        return None
    parsed = np.full(len(values), ABSENT_MONEY, dtype=np.int64)
    parsed[present] = fen.astype(np.int64)
    return parsed


def _parse_float_whole(entry: Field, values: NDArray[Any], lowest: int, highest: int) -> NDArray[Any] | None:
    """Read whole numbers that became doubles because some are absent."""
    present = ~np.isnan(values)
    known = values[present]
    if (entry.required and not present.all()) or not (known == np.trunc(known)).all():
        return None
    if len(known) and not lowest <= known.min() <= known.max() <= highest:
        return None
    parsed = np.full(len(values), _ABSENT[entry.kind], dtype=_DTYPE[entry.kind])
    parsed[present] = known
    return parsed


def _report(
    raw: RawTable,
    entry: Field,
    findings: Findings,
    *,
    empty: NDArray[np.bool_],
    bad: NDArray[np.bool_] | None = None,
) -> None:
    wanted = cells.expected(entry.kind, signed=entry.signed)
    if entry.required and empty.any():
        findings.add_rows(
            raw,
            entry.name,
            np.flatnonzero(empty),
            Message("The cell is empty; a missing value is not a zero."),
            expected=wanted,
        )
    if bad is None or not bad.any():
        return
    rows = np.flatnonzero(bad & ~empty)
    uncomputed = np.array(
        [cells.is_formula(raw.columns[entry.name].cell(row)) for row in rows.tolist()], dtype=np.bool_
    )
    findings.add_rows(raw, entry.name, rows[~uncomputed], Message("The value is not valid."), expected=wanted)
    findings.add_rows(
        raw,
        entry.name,
        rows[uncomputed],
        Message("The cell holds a formula without a stored result."),
        expected=Message("the result; opening the workbook in a spreadsheet program and saving it there stores it"),
    )


def _note(raw: RawTable, entry: Field, findings: Findings, kind: str, count: int) -> None:
    if not count:
        return
    if kind == cells.ROUNDED:
        text = Message(
            "{table}: amounts in column {column} with more than two decimals, which were rounded half up to the fen: "
            "{count}.",
            table=raw.schema.name,
            count=count,
            column=entry.name,
        )
    else:
        text = Message(
            "{table}: dates in column {column} that are bare numbers, which were read as Excel counts days: {count}.",
            table=raw.schema.name,
            count=count,
            column=entry.name,
        )
    findings.notes.append(text)
