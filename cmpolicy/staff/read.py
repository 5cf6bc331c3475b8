"""Reading a folder of CSV or Parquet files, or one workbook, into checked staff data."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cmpolicy.errors import DataError, Problem, suggest
from cmpolicy.messages import Message
from cmpolicy.staff.cells import is_empty, text_of
from cmpolicy.staff.parse import RawColumn, RawTable, build_staff_data
from cmpolicy.staff.schema import TABLES, TableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from cmpolicy.staff.data import StaffData

HEADER_ROWS = 10
"""The header is looked for among this many rows: a title may stand above it."""
_SKIPPED = ("合计", "小计", "总计", "total", "注", "备注", "note")
_SUFFIXES = {".csv", ".parquet"}
_OLE = b"\xd0\xcf\x11\xe0"
_UNIT = re.compile(r"\((元|yuan)\)$")


class _Found(NamedTuple):
    """What was found in a source: its tables, and what to tell of the rest."""

    tables: dict[str, RawTable]
    notes: list[Message]
    problems: list[Problem]


def read_staff(path: str | Path) -> StaffData:
    """Read a department's records.

    Parameters
    ----------
    path
        A folder with one CSV or Parquet file a table, named by the table (months.csv, 月度.csv), or a workbook (.xlsx)
        with one sheet a table. Headings are canonical names or Chinese; a title row above the header, notes and total
        rows below are understood.

    Returns
    -------
    StaffData
        Its `notes` list everything that was skipped, set aside or rounded.

    Raises
    ------
    DataError
        With every problem in all tables: table, row as in the file, staff id, column, value, what was expected.
    """
    path = Path(path)
    if path.is_dir():
        found = _read_folder(path)
    elif path.is_file():
        found = _read_workbook(path)
    else:
        near = suggest(path.name, [entry.name for entry in path.parent.iterdir()]) if path.parent.is_dir() else None
        hint = Message("Did you mean {nearest}?", nearest=near) if near else None
        raise DataError(
            Message("There is no file or folder {path}.", path=path), [] if hint is None else [Problem(hint)]
        )
    if not found.tables and not found.problems:
        found.problems.append(
            Problem(
                Message("None of the tables was found."),
                expected=Message("a table named months or 月度; others are {names}", names=_table_names()),
            )
        )
    return build_staff_data(found.tables, found.notes, found.problems, str(path))


def read_frames(frames: Mapping[str, pd.DataFrame]) -> StaffData:
    """Read DataFrames as if they were files."""
    found = _Found({}, [], [])
    for name, frame in frames.items():
        schema = _schema_of(name)
        if schema is None:
            found.problems.append(_unknown_table(name))
            continue
        headings = [str(heading) for heading in frame.columns]
        columns = [frame.iloc[:, place].to_numpy() for place in range(len(headings))]
        found.tables[schema.name] = _named(schema, headings, columns, range(1, len(frame) + 1))
        _note_unknown(schema, found.tables[schema.name], found)
    return build_staff_data(found.tables, found.notes, found.problems, "DataFrames")


def _table_names() -> str:
    return ", ".join(f"{table.name} {table.heading}" for table in TABLES.values())


def _schema_of(name: str) -> TableSchema | None:
    plain = _plain(name)
    return next((table for table in TABLES.values() if plain in (table.name, _plain(table.heading))), None)


def _unknown_table(name: str) -> Problem:
    names = [known for table in TABLES.values() for known in (table.name, table.heading)]
    near = suggest(name, names)
    hint = Message("{nearest}", nearest=near) if near else Message("one of {names}", names=_table_names())
    return Problem(Message("There is no table {name}.", name=name), expected=hint)


def _plain(heading: object) -> str:
    text = unicodedata.normalize("NFKC", text_of(heading))
    text = _UNIT.sub("", re.sub(r"\s+", "", text)) if isinstance(heading, str) else text
    return text.lower()


# -- folders -------------------------------------------------------------


def _read_folder(folder: Path) -> _Found:
    found = _Found({}, [], [])
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in _SUFFIXES or not file.is_file():
            continue
        schema = _schema_of(file.stem)
        if schema is None:
            found.notes.append(Message("The file {name} is none of the tables and was not read.", name=file.name))
            continue
        if schema.name in found.tables:
            found.problems.append(
                Problem(
                    Message("Two files hold this table; the second is {name}.", name=file.name),
                    table=schema.name,
                    expected=Message("one file a table"),
                )
            )
            continue
        try:
            reader = _read_csv if file.suffix.lower() == ".csv" else _read_parquet
            table = reader(file, schema, found)
        except DataError as error:
            found.problems.extend(error.problems)
            continue
        found.tables[schema.name] = table
    return found


def _read_csv(file: Path, schema: TableSchema, found: _Found) -> RawTable:
    content = file.read_bytes()
    text = _decode(content)
    if not content.strip() or text is None:
        what = Message("The file {name} is empty.", name=file.name)
        if content.strip():
            what = Message("The file {name} is text in no encoding that is known.", name=file.name)
        raise DataError(what, [Problem(what, table=schema.name, expected=Message("CSV in UTF-8 or GB18030"))])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows, numbers = [], []
    start = 1
    try:
        for row in reader:
            rows.append(row)
            numbers.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        what = Message("The file {name} cannot be read as CSV: {reason}.", name=file.name, reason=error)
        raise DataError(what, [Problem(what, table=schema.name, row=start)]) from None
    return _from_rows(schema, rows, numbers, found)


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _delimiter(text: str) -> str:
    """Take the separator that the first lines use most: comma, semicolon or tab."""
    start = "\n".join(text.splitlines()[:HEADER_ROWS])
    return max(",;\t", key=start.count)


def _read_parquet(file: Path, schema: TableSchema, found: _Found) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow_schema = pq.read_schema(file)
        texts = [entry.name for entry in arrow_schema if pa.types.is_string(entry.type)]
        content = pq.read_table(file, read_dictionary=texts)
    except (pa.ArrowException, OSError):
        what = Message("The file {name} is not a Parquet file, or it is cut short.", name=file.name)
        raise DataError(what, [Problem(what, table=schema.name)]) from None
    columns = [_arrow_values(content.column(place)) for place in range(content.num_columns)]
    table = _named(schema, content.column_names, columns, range(1, content.num_rows + 1))
    _note_unknown(schema, table, found)
    return table


def _arrow_values(column: Any) -> Any:
    """Give an Arrow column as a NumPy array, or as its distinct values with their places."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        array = column.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], type=array.type)
        return RawColumn.coded(array.indices.fill_null(-1).to_numpy(zero_copy_only=False), array.dictionary.to_pylist())
    simple = pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type)
    if simple and (not column.null_count or not pa.types.is_boolean(column.type)):
        return column.to_numpy()
    return column.to_pylist()


# -- workbooks -----------------------------------------------------------


def _read_workbook(path: Path) -> _Found:
    from python_calamine import CalamineError, CalamineWorkbook

    start = path.open("rb").read(8)
    complaint = None
    if not start:
        complaint = Message("The file {path} is empty.", path=path)
    elif start.startswith(_OLE):
        complaint = Message("The file {path} is an old Excel workbook (.xls) or is protected by a password.", path=path)
    elif start.startswith(b"%PDF"):
        complaint = Message("The file {path} is a PDF.", path=path)
    elif not start.startswith(b"PK"):
        complaint = Message("The file {path} is neither a folder nor an Excel workbook (.xlsx).", path=path)
    if complaint:
        raise DataError(complaint, [_want_workbook()])
    found = _Found({}, [], [])
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = workbook.sheet_names
        sheets = [(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (CalamineError, ValueError, OSError):
        broken = Message("The workbook {path} is damaged or cut short.", path=path)
        raise DataError(broken, [_want_workbook()]) from None
    for name, rows in sheets:
        schema = _schema_of(name)
        if schema is None:
            known = [entry for table in TABLES.values() for entry in (table.name, table.heading)]
            found.notes.append(
                Message("The sheet {name} is none of the tables and was not read.", name=name)
                if suggest(name, known) is None
                else Message(
                    "The sheet {name} is none of the tables and was not read. Did you mean {nearest}?",
                    name=name,
                    nearest=suggest(name, known),
                )
            )
        elif schema.name in found.tables:
            found.problems.append(
                Problem(
                    Message("Two sheets hold this table; the second is {name}.", name=name),
                    table=schema.name,
                    expected=Message("one sheet a table"),
                )
            )
        else:
            try:
                found.tables[schema.name] = _from_rows(schema, rows, range(1, len(rows) + 1), found)
            except DataError as error:
                found.problems.extend(error.problems)
    return found


def _want_workbook() -> Problem:
    return Problem(
        Message("This cannot be read."),
        expected=Message("a folder of CSV or Parquet files, or an Excel workbook saved as .xlsx"),
    )


# -- rows of cells -------------------------------------------------------


def _from_rows(
    schema: TableSchema, rows: Sequence[Sequence[object]], numbers: Sequence[int], found: _Found
) -> RawTable:
    """Find the header, leave out blank, total and note rows, and turn the rest into columns."""
    header = _header_place(schema, rows)
    if header is None:
        names = ", ".join(f"{field.name} {field.heading}" for field in schema.fields if field.required)
        what = Message("No header row was found.")
        raise DataError(what, [Problem(what, table=schema.name, expected=Message("a row with {names}", names=names))])
    width = max(place + 1 for place, cell in enumerate(rows[header]) if not is_empty(cell))
    headings = [text_of(cell).strip() for cell in rows[header][:width]]
    kept, kept_numbers, skipped = [], [], []
    for row, number in zip(rows[header + 1 :], numbers[header + 1 :], strict=True):
        if all(is_empty(cell) for cell in row):
            continue
        if not is_empty(row[0]) and _plain(row[0]).startswith(_SKIPPED):
            skipped.append(number)
            continue
        beyond = next((cell for cell in row[width:] if not is_empty(cell)), None)
        if beyond is not None:
            found.problems.append(
                Problem(
                    Message("The row has more cells than the header."),
                    table=schema.name,
                    row=number,
                    value=text_of(beyond),
                    expected=Message("{count} cells", count=width),
                )
            )
        kept.append([*row[:width], *[None] * (width - len(row))])
        kept_numbers.append(number)
    if skipped:
        listed = ", ".join(map(str, skipped[:HEADER_ROWS])) + (" …" if len(skipped) > HEADER_ROWS else "")
        found.notes.append(
            Message("{table}: total and note rows were skipped: {rows}.", table=schema.name, rows=listed)
        )
    columns: list[Any] = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in headings]
    table = _named(schema, headings, columns, kept_numbers)
    _note_unknown(schema, table, found)
    return table


def _header_place(schema: TableSchema, rows: Sequence[Sequence[object]]) -> int | None:
    """Find the row with the most known headings among the first few."""
    known = {name for field in schema.fields for name in (field.name, _plain(field.heading))}
    scores = [sum(_plain(cell) in known for cell in row if not is_empty(cell)) for row in rows[:HEADER_ROWS]]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _named(schema: TableSchema, headings: Sequence[str], columns: Sequence[Any], rows: Sequence[int]) -> RawTable:
    """Give columns their canonical names; what is not known is set aside."""
    names = {}
    for field in schema.fields:
        names[field.name] = names[_plain(field.heading)] = field.name
    table = RawTable(schema, rows)
    for heading, values in zip(headings, columns, strict=True):
        column = values if isinstance(values, RawColumn) else RawColumn(values)
        name = names.get(_plain(heading)) if heading else None
        if name is None:
            if heading or not column.is_empty():
                table.unknown[heading] = column
        elif name in table.columns:
            table.repeated.append(heading)
        else:
            table.columns[name] = column
            table.headings[name] = heading
    return table


def _note_unknown(schema: TableSchema, table: RawTable, found: _Found) -> None:
    if table.unknown:
        names = ", ".join(heading or "(no heading)" for heading in table.unknown)
        found.notes.append(
            Message("{table}: columns that are not known were set aside: {names}.", table=schema.name, names=names)
        )
