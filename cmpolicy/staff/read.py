"""Reading a folder of CSV or Parquet files, or one workbook, into checked staff data."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cmpolicy.errors import DataError, Problem, suggest, system_reason
from cmpolicy.messages import Message, list_of
from cmpolicy.staff.cells import is_empty, plain, text_of
from cmpolicy.staff.parse import SHOWN_OF_A_KIND, RawColumn, RawTable, build_staff_data
from cmpolicy.staff.partitions import refuse_partitions
from cmpolicy.staff.schema import TABLES, TableSchema
from cmpolicy.staff.workbook import Sheet, column_letters, read_sheets

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from cmpolicy.staff.data import StaffData

HEADER_ROWS = 10
"""The header is looked for among this many rows: a title may stand above it."""
LISTED = 100
_SKIPPED = ("合计", "小计", "总计", "total", "注", "备注", "note")
_SUFFIXES = {".csv", ".parquet"}
_UNIT = re.compile(r"\((元|yuan)\)$")


class _Found(NamedTuple):
    """What was found in a source: its tables, and what to tell of the rest."""

    tables: dict[str, RawTable]
    notes: list[Message]
    problems: list[Problem]
    remarks: list[Message]


def read_staff(path: str | Path, *, without: Collection[str] = ()) -> StaffData:
    """Read a department's records.

    Parameters
    ----------
    path
        A folder with one CSV or Parquet file a table, named by the table (months.csv, 月度.csv), or a workbook (.xlsx)
        with one sheet a table. Headings are canonical names or Chinese; a title row above the header, notes and total
        rows below are understood.
    without
        Canonical names of columns that are not wanted: they are not read from Parquet, nor checked there.

    Returns
    -------
    StaffData
        Its `notes` list everything that was set aside or rounded, its `remarks` what was left out with no effect.

    Raises
    ------
    DataError
        With every problem in all tables: table, row as in the file, staff id, column, value, what was expected.
    """
    path = Path(path)
    try:
        found = _read_path(path, without)
    except OSError as error:
        raise DataError(Message("{path} cannot be read: {reason}.", path=path, reason=system_reason(error))) from None
    return build_staff_data(found.tables, found.notes, found.problems, str(path), found.remarks)


def read_frames(frames: Mapping[str, pd.DataFrame]) -> StaffData:
    """Read DataFrames as if they were files."""
    found = _Found({}, [], [], [])
    for name, frame in frames.items():
        schema = _schema_of(name)
        if schema is None:
            found.problems.append(_unknown_table(name))
            continue
        headings = [str(heading) for heading in frame.columns]
        columns = [_frame_values(frame.iloc[:, place]) for place in range(len(headings))]
        found.tables[schema.name] = _named(schema, headings, columns, range(1, len(frame) + 1))
        _note_unknown(schema, found.tables[schema.name], found)
    return build_staff_data(found.tables, found.notes, found.problems, "DataFrames")


def _frame_values(column: pd.Series[Any]) -> Any:
    values = column.to_numpy()
    return values if values.dtype != object else column.astype(object).where(column.notna(), None).to_numpy()


def _read_path(path: Path, without: Collection[str]) -> _Found:
    if path.is_dir():
        refuse_partitions(path)
        return _read_folder(path, without)
    if not path.exists():
        near = _nearest_file(path)
        raise DataError(
            Message("There is no file or folder {path}.", path=path),
            [Problem(Message("Did you mean {nearest}?", nearest=near))] if near else [],
        )
    if path.suffix.lower() in _SUFFIXES:
        raise DataError(
            Message("The file {path} is one table; a data set is a folder of tables.", path=path),
            [
                Problem(
                    Message("This cannot be read."),
                    expected=Message('the folder "{folder}"', folder=path.absolute().parent),
                )
            ],
        )
    return _read_workbook(path)


def _nearest_file(path: Path) -> str | None:
    """Find the file or folder beside it that may be meant; a suffix alone makes no two names alike."""
    if not path.parent.is_dir():
        return None
    others = sorted(path.parent.iterdir())
    near = suggest(path.stem, [other.stem for other in others])
    names = [other.name for other in others if other.stem == near]
    return suggest(path.name, names) or next(iter(names), None)


def _table_names() -> Message | str:
    return list_of([f"{table.name} {table.heading}" for table in TABLES.values()])


def _listed(parts: Sequence[str]) -> Message | str:
    """List the first of many names or numbers."""
    shown = list_of(parts[:LISTED])
    return Message("{first} …", first=shown) if len(parts) > LISTED else shown


def _schema_of(name: str) -> TableSchema | None:
    plain = _plain(name)
    return next((table for table in TABLES.values() if plain in (table.name, _plain(table.heading))), None)


def _unknown_table(name: str) -> Problem:
    names = [known for table in TABLES.values() for known in (table.name, table.heading)]
    near = suggest(name, names)
    hint = Message("{nearest}", nearest=near) if near else Message("one of {names}", names=_table_names())
    return Problem(Message("There is no table {name}.", name=name), expected=hint)


def _plain(heading: object) -> str:
    text = plain(text_of(heading))
    text = _UNIT.sub("", re.sub(r"[\s_]+", "", text)) if isinstance(heading, str) else text
    return text.lower()


# -- folders -------------------------------------------------------------


def _read_folder(folder: Path, without: Collection[str]) -> _Found:
    found = _Found({}, [], [], [])
    others = []
    sources: dict[str, str] = {}
    for file in sorted(folder.iterdir()):
        schema = _schema_of(file.stem) if file.suffix.lower() in _SUFFIXES and file.is_file() else None
        if schema is None:
            others += [] if file.name.startswith(".") else [file.name]
        elif schema.name in sources:
            found.problems.append(
                Problem(
                    Message("Two files hold this table: {names}.", names=list_of([sources[schema.name], file.name])),
                    table=schema.name,
                    expected=Message("one file a table"),
                )
            )
        else:
            sources[schema.name] = file.name
            try:
                if file.suffix.lower() == ".csv":
                    found.tables[schema.name] = _read_csv(file, schema, found)
                else:
                    found.tables[schema.name] = _read_parquet(file, schema, found, without)
            except DataError as error:
                found.problems.extend(error.problems)
            except OSError as error:
                what = Message("The file {name} cannot be read: {reason}.", name=file.name, reason=system_reason(error))
                found.problems.append(Problem(what, table=schema.name))
    _tell_others(others, found, Message("Files that are none of the tables were not read"))
    return found


def _tell_others(names: Sequence[str], found: _Found, what: Message) -> None:
    """Tell what was not read; where months is missing, say it there: its name may be misspelt."""
    known = [
        name for table in TABLES.values() if table.name not in found.tables for name in (table.name, table.heading)
    ]
    listed = [_with_nearest(name, Path(name).stem, known) for name in names]
    if "months" in found.tables or any(problem.table == "months" for problem in found.problems):
        if listed:
            found.remarks.append(Message("{what}: {names}.", what=what, names=_listed(listed)))
        return
    message = Message("None of the tables was found.")
    if listed or found.tables:
        names_found = _listed([*found.tables, *listed])
        message = Message("The table months (月度) is missing; found: {names}.", names=names_found)
    wanted = Message(
        "a .csv or .parquet file, or a sheet of a workbook, named months or 月度; others are {names}",
        names=_table_names(),
    )
    found.problems.append(Problem(message, table="months", expected=wanted))


def _with_nearest(shown: str, name: str, candidates: Sequence[str]) -> str:
    near = suggest(name, candidates)
    return shown if near is None else f"{shown} ({near}?)"


def _read_csv(file: Path, schema: TableSchema, found: _Found) -> RawTable:
    text = _decode(file.read_bytes(), file.name, schema)
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        what = Message("The file {name} cannot be read as CSV: {reason}.", name=file.name, reason=error)
        wanted = Message("quotation marks in pairs, and no text behind a closing one")
        raise DataError(what, [Problem(what, table=schema.name, row=len(rows) + 1, expected=wanted)]) from None
    return _from_rows(schema, rows, found)


def _decode(content: bytes, name: str, schema: TableSchema) -> str:
    """Decode text in UTF-8 or GB18030, which also takes GBK and GB2312."""
    row = None
    what = Message("The file {name} is text in no encoding that is known.", name=name)
    if b"\0" in content:
        row = content[: content.index(b"\0")].count(b"\n") + 1
        what = Message("The file {name} holds NUL bytes, which no text has.", name=name)
    else:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            cut = error.reason == "unexpected end of data" and not content[: error.start].isascii()
        if cut or content.startswith(codecs.BOM_UTF8):  # GB18030 would make other characters of it
            what = Message(
                "The file {name} begins in UTF-8 but does not go on so; it is damaged or cut short.", name=name
            )
        else:
            with contextlib.suppress(UnicodeDecodeError):
                return content.decode("gb18030")
    raise DataError(what, [Problem(what, table=schema.name, row=row, expected=Message("CSV in UTF-8 or GB18030"))])


def _delimiter(text: str) -> str:
    """Take the separator that the first lines use most: comma, semicolon or tab."""
    start = "\n".join(text.splitlines()[:HEADER_ROWS])
    return max(",;\t", key=start.count)


def _read_parquet(file: Path, schema: TableSchema, found: _Found, without: Collection[str]) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file, pre_buffer=True) as parquet:
            texts = [entry.name for entry in parquet.schema_arrow if pa.types.is_string(entry.type)]
            unwanted = {
                _plain(name) for field in schema.fields if field.name in without for name in (field.name, field.heading)
            }
            wanted = [name for name in parquet.schema_arrow.names if _plain(name) not in unwanted] if unwanted else None
            content = None if texts else parquet.read(wanted)
        if content is None:
            with pq.ParquetFile(file, read_dictionary=texts, pre_buffer=True) as parquet:
                content = parquet.read(wanted)
        columns = [_arrow_values(content.column(place)) for place in range(content.num_columns)]
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        what = Message("The file {name} is not a Parquet file, or it is damaged or cut short.", name=file.name)
        raise DataError(what, [Problem(what, table=schema.name)]) from None
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
        return RawColumn.coded(array.indices.fill_null(-1).to_numpy(zero_copy_only=False), array.dictionary)
    simple = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date32)
    if any(is_kind(column.type) for is_kind in simple) and not (column.null_count and pa.types.is_boolean(column.type)):
        return column.to_numpy()
    return column.to_pylist()


# -- workbooks -----------------------------------------------------------


def _read_workbook(path: Path) -> _Found:
    found = _Found({}, [], [], [])
    others = []
    sources: dict[str, Message] = {}
    for sheet in read_sheets(path):
        source = Message("{name} (hidden)", name=sheet.name) if sheet.hidden else Message("{name}", name=sheet.name)
        schema = _schema_of(sheet.name)
        if schema is None:
            others.append(sheet.name)
        elif schema.name in sources:
            found.problems.append(
                Problem(
                    Message("Two sheets hold this table: {names}.", names=list_of([sources[schema.name], source])),
                    table=schema.name,
                    expected=Message("one sheet a table"),
                )
            )
        else:
            sources[schema.name] = source
            try:
                found.tables[schema.name] = _from_rows(schema, sheet.rows, found, sheet)
            except DataError as error:
                found.problems.extend(error.problems)
    _tell_others(others, found, Message("Sheets that are none of the tables were not read"))
    return found


def _note_hidden(sheet: Sheet, table: RawTable, headings: Sequence[str], found: _Found) -> None:
    """Say what was read though a person does not see it."""
    name = table.schema.name
    if sheet.hidden:
        found.notes.append(Message("{table}: the sheet {name} is hidden; it was read.", table=name, name=sheet.name))
    rows = [str(row) for row in table.rows if row - 1 in sheet.hidden_rows] if sheet.hidden_rows else []
    if rows:
        found.notes.append(Message("{table}: hidden rows were read: {rows}.", table=name, rows=_listed(rows)))
    columns = [
        f"{column_letters(place)} {heading}"
        for place, heading in enumerate(headings)
        if heading and place in sheet.hidden_columns
    ]
    if columns:
        listed = _listed(columns)
        found.notes.append(Message("{table}: hidden columns were read: {columns}.", table=name, columns=listed))


def _split_merged(
    sheet: Sheet,
    schema: TableSchema,
    headings: Sequence[str],
    kept: list[list[object]],
    numbers: list[int],
) -> list[Problem]:
    """Find merged cells among those of a table: only the first of them holds a value.

    So that no further problem follows from each, the others of its column get that value, and rows with cells merged
    across columns, which are remarks, are left out.
    """
    names = _names_of(schema)
    columns = [place for place, heading in enumerate(headings) if _plain(heading) in names]
    problems = []
    for block in sorted(sheet.merged):
        rows = range(bisect_left(numbers, block.top + 1), bisect_right(numbers, block.bottom + 1))
        known = [place for place in columns if block.left <= place <= block.right]
        if len(rows) * len(known) < 2 or numbers[rows.start] != block.top + 1:
            continue
        heading = headings[known[0]]
        problems.append(
            Problem(
                Message("The cells {cells} are merged; only the first of them holds a value.", cells=str(block)),
                table=schema.name,
                row=block.top + 1,
                column=names[_plain(heading)],
                heading=heading,
                expected=Message("cells that are not merged, each with its own value"),
            )
        )
        if len(known) > 1:
            del kept[rows.start : rows.stop], numbers[rows.start : rows.stop]
            continue
        for row in kept[rows.start : rows.stop]:
            row[known[0]] = kept[rows.start][known[0]]
    if len(problems) > SHOWN_OF_A_KIND:
        rest = Message("… and more merged cells: {count}.", count=len(problems) - SHOWN_OF_A_KIND)
        del problems[SHOWN_OF_A_KIND:]
        problems.append(replace(problems[-1], message=rest, row=None, expected=None))
    return problems


# -- rows of cells -------------------------------------------------------


def _from_rows(
    schema: TableSchema, rows: Sequence[Sequence[object]], found: _Found, sheet: Sheet | None = None
) -> RawTable:
    """Find the header, leave out blank, title, total and note rows, and turn the rest into columns.

    In delimited text a cell right of the header means that the row's cells have moved, which is a problem. In a sheet
    it is a remark, which is set aside.
    """
    header = _header_place(schema, rows)
    if header is None:
        raise _no_header(schema, rows)
    named = [place for place, cell in enumerate(rows[header]) if not is_empty(cell)]
    width = named[-1] + 1 if sheet is None else max(map(len, rows))
    headings = ["" if is_empty(cell) else text_of(cell).strip() for cell in rows[header][:width]]
    headings += [""] * (width - len(headings))
    kept: list[list[object]] = []
    numbers: list[int] = []
    moved = []
    skipped = [number for number, row in enumerate(rows[:header], start=1) if not all(map(is_empty, row))]
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        if all(is_empty(cell) for cell in row):
            continue
        # A note may stand left of the table's first column.
        if any(_plain(cell).startswith(_SKIPPED) for cell in row[: named[0] + 1] if not is_empty(cell)):
            skipped.append(number)
            continue
        moved += [(len(kept), cell) for cell in row[width:] if not is_empty(cell)][:1]
        kept.append([*row[:width], *[None] * (width - len(row))])
        numbers.append(number)
    _note_skipped(schema, skipped, found)
    if sheet is not None and sheet.merged:
        found.problems.extend(_split_merged(sheet, schema, headings, kept, numbers))
    columns: list[Any] = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in headings]
    table = _named(schema, headings, columns, numbers)
    _note_unknown(schema, table, found)
    if sheet is not None:
        _note_hidden(sheet, table, headings, found)
    for place, cell in moved:
        message = Message("The row has more cells than the header; is there a separator inside a value?")
        wanted = Message("{count} cells", count=width)
        found.problems.append(table.problem(place, None, message, value=text_of(cell), expected=wanted))
    return table


def _no_header(schema: TableSchema, rows: Sequence[Sequence[object]]) -> DataError:
    names = list_of([f"{field.name} {field.heading}" for field in schema.fields if field.required])
    what = Message("No header row was found among the first {count} rows.", count=HEADER_ROWS)
    if all(is_empty(cell) for row in rows for cell in row):
        what = Message("The table is empty.")
    return DataError(what, [Problem(what, table=schema.name, expected=Message("a row with {names}", names=names))])


def _note_skipped(schema: TableSchema, rows: Sequence[int], found: _Found) -> None:
    if rows:
        listed = _listed([str(row) for row in rows])
        found.remarks.append(
            Message("{table}: title, total and note rows were skipped: {rows}.", table=schema.name, rows=listed)
        )


def _header_place(schema: TableSchema, rows: Sequence[Sequence[object]]) -> int | None:
    """Find the row with the most known headings among the first few."""
    known = _names_of(schema)
    scores = [sum(_plain(cell) in known for cell in row if not is_empty(cell)) for row in rows[:HEADER_ROWS]]
    best = max(scores, default=0)
    return scores.index(best) if best else None


def _names_of(schema: TableSchema) -> dict[str, str]:
    """Give the canonical name of each column by what may stand above it."""
    return {_plain(name): field.name for field in schema.fields for name in (field.name, field.heading)}


def _named(schema: TableSchema, headings: Sequence[str], columns: Sequence[Any], rows: Sequence[int]) -> RawTable:
    """Give columns their canonical names; what is not known is set aside."""
    names = _names_of(schema)
    table = RawTable(schema, rows)
    for place, (heading, values) in enumerate(zip(headings, columns, strict=True)):
        column = values if isinstance(values, RawColumn) else RawColumn(values)
        name = names.get(_plain(heading)) if heading else None
        if name is None:
            if heading or column.filled().any():
                table.unknown[_unused(heading or f"[{column_letters(place)}]", table.unknown)] = column
        elif name in table.columns:
            table.repeated[heading] = name
        else:
            table.columns[name] = column
            table.headings[name] = heading
    return table


def _unused(heading: str, taken: Mapping[str, object]) -> str:
    """Give a heading that stands there twice a number, so that neither column is lost."""
    numbered, number = heading, 1
    while numbered in taken:
        number += 1
        numbered = f"{heading} ({number})"
    return numbered


def _note_unknown(schema: TableSchema, table: RawTable, found: _Found) -> None:
    absent = [name for f in schema.fields if f.name not in table.columns for name in (f.name, f.heading)]
    if table.unknown:
        names = _listed([_with_nearest(heading, heading, absent) for heading in table.unknown])
        found.notes.append(
            Message("{table}: columns that are not known were set aside: {names}.", table=schema.name, names=names)
        )
