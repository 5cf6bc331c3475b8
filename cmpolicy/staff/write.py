"""Writing staff data under canonical names, so that `read_staff` reads back the same."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import CmpolicyError
from cmpolicy.files import cannot_write, new_workbook, refuse_long_sheets, safe_text, write_aside
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.staff.cells import is_empty, text_of
from cmpolicy.staff.data import period_names
from cmpolicy.staff.schema import ABSENT_ADJUSTMENT, ABSENT_COUNT, ABSENT_MONEY, TABLES, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cmpolicy.files import Format
    from cmpolicy.staff.data import StaffData, Table

BATCH = 500_000
"""So many rows are turned into cells at a time, which keeps memory flat."""
MOST_EXACT = 10**15
"""A sheet keeps fifteen digits of a number; a longer one, as of an identity card, is written as text."""


def write_staff(data: StaffData, target: str | Path, *, format: Format = "csv") -> list[Path]:  # noqa: A002 - as the command line says
    """Write a department's records.

    Parameters
    ----------
    data
        From `read_staff`, `synthesize` or `StaffData.from_frames`. Columns that are not known are written too.
    target
        A folder, in which each table becomes a file; for "xlsx" the path of the workbook, in which it becomes a sheet.
    format
        "csv" (UTF-8 with BOM, money with two decimals; a text that a spreadsheet would run as a formula gets an
        apostrophe in front), "parquet" or "xlsx".

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CmpolicyError
        If the target cannot be written, holds other tables that would be read together with these, or cannot hold
        them.

    Examples
    --------
    >>> import tempfile, cmpolicy as cm
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in cm.write_staff(cm.synthesize(staff=4, months=2), folder, format="csv")]
    ['months.csv', 'staff.csv']
    """
    target = Path(target)
    if format == "xlsx":
        if target.suffix.lower() != ".xlsx":
            raise cannot_write(target, Message("The name of a workbook ends in .xlsx."))
        refuse_long_sheets({name: table.length for name, table in data.tables.items()})
        return write_aside(target.parent, lambda aside: _write_workbook(data, aside / target.name), target)
    if format not in ("csv", "parquet"):
        raise CmpolicyError(Message("There is no format {format}; there are csv, parquet and xlsx.", format=format))
    write = _write_csv if format == "csv" else _write_parquet

    def write_all(aside: Path) -> None:
        _refuse_strangers(target, {f"{name}.{format}" for name in data.tables})
        for name in data.tables:
            write(data, name, aside / f"{name}.{format}")

    return write_aside(target, write_all)


def _refuse_strangers(folder: Path, names: set[str]) -> None:
    """Refuse a folder in which other tables would stay and be read together with the new ones."""
    known = {name for table in TABLES.values() for name in (table.name, table.heading)}
    strangers = sorted(
        file.name
        for file in folder.iterdir()
        if file.suffix.lower() in (".csv", ".parquet") and file.stem.lower() in known and file.name not in names
    )
    if strangers:
        reason = Message(
            "Other tables are there, which would be read together with these: {names}. Remove them, or choose another "
            "folder.",
            names=list_of(strangers),
        )
        raise cannot_write(folder, reason)


def _fields(table: Table, name: str) -> list[Field]:
    return [field for field in TABLES[name].fields if field.name in table.columns]


def _batches(table: Table) -> Iterator[slice]:
    for start in range(0, max(table.length, 1), BATCH):
        yield slice(start, start + BATCH)


# -- Arrow: CSV and Parquet --------------------------------------------------------------------------------------------


def _write_parquet(data: StaffData, name: str, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = data.tables[name]
    extra = {heading: _extra_array(values) for heading, values in data.extra.get(name, {}).items()}
    writer = None
    try:
        for rows in _batches(table):
            columns = {field.name: _typed(data, table, field, rows) for field in _fields(table, name)}
            columns |= {heading: values[rows.start : rows.stop] for heading, values in extra.items()}
            batch = pa.table(columns)
            writer = writer or pq.ParquetWriter(path, batch.schema)
            writer.write_table(batch, row_group_size=BATCH)
    finally:
        if writer:
            writer.close()


def _typed(data: StaffData, table: Table, field: Field, rows: slice) -> Any:
    """Give a column as Arrow holds it best: texts and periods by their distinct values, numbers and days as such.

    Money is a double of yuan. Every fen up to the highest amount that is read has its own nearest double, and the
    reader takes the shortest decimal, so nothing is lost; and it is read at once, where decimals go cell by cell.
    """
    import pyarrow as pa

    values = table.columns[field.name][rows]
    match field.kind:
        case "staff_id":
            return _coded(values, data.staff_ids)
        case "text":
            return _coded(values, table.labels[field.name])
        case "month" | "quarter":
            numbers, places = np.unique(values, return_inverse=True)
            return _coded(places, period_names(numbers, field.kind))
        case "money":
            return pa.array(values / FEN_PER_YUAN, mask=values == ABSENT_MONEY)
        case "date":
            return pa.array(values.astype("datetime64[D]"))
        case "flag" | "year":
            return pa.array(values)
        case "adjustment":
            return pa.array(values, mask=values == ABSENT_ADJUSTMENT)
        case _:
            return pa.array(values, mask=values == ABSENT_COUNT)


def _coded(places: NDArray[Any], texts: NDArray[Any]) -> Any:
    """Give texts by their places among the distinct ones, of which only those that occur go along."""
    import pyarrow as pa

    used = np.zeros(len(texts) + 1, dtype=np.bool_)
    used[places] = True
    used[-1] = False  # -1 is an absent text
    renumbered = np.cumsum(used, dtype=np.int32) - 1
    indices = pa.array(renumbered[places], mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts[used[:-1]], type=pa.string()))


def _extra_array(values: list[object]) -> Any:
    """Give an unknown column as its cells are, or as texts where they are of several kinds."""
    import pyarrow as pa

    try:
        return pa.array([None if is_empty(value) else value for value in values])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if is_empty(value) else text_of(value) for value in values])


def _write_csv(data: StaffData, name: str, path: Path) -> None:
    """Join each row's cells to a line, whole batches at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table, extra = data.tables[name], data.extra.get(name, {})
    with path.open("wb") as file:
        header = [_quoted(safe_text(heading)) for heading in (*[f.name for f in _fields(table, name)], *extra)]
        file.write(f"{','.join(header)}\n".encode("utf-8-sig"))
        for rows in _batches(table):
            columns = [_text(data, table, field, rows) for field in _fields(table, name)]
            columns += [_extra_text(values[rows]) for values in extra.values()]
            lines = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
            lines = pc.binary_join_element_wise(lines, "", "\n")
            file.write(memoryview(lines.cast(pa.binary()).buffers()[2]))


def _text(data: StaffData, table: Table, field: Field, rows: slice) -> Any:
    """Give a column as the text of its cells, null where absent."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = table.columns[field.name][rows]
    match field.kind:
        case "staff_id" | "text":
            texts = _typed(data, table, field, rows)
            quoted = pa.array([_quoted(safe_text(text)) for text in texts.dictionary.to_pylist()], type=pa.string())
            return quoted.take(texts.indices)
        case "money":
            absent = values == ABSENT_MONEY
            known = np.where(absent, 0, values)
            parts = divmod(abs(known), FEN_PER_YUAN)
            yuan, fen = (pa.array(part, mask=absent).cast(pa.string()) for part in parts)
            sign = pc.if_else(pa.array(known < 0), "-", "")
            return pc.binary_join_element_wise(sign, yuan, ".", pc.ascii_lpad(fen, 2, "0"), "")
        case "flag":
            return pa.array(values.view(np.int8)).cast(pa.string())
        case _:
            return _typed(data, table, field, rows).cast(pa.string())


def _extra_text(values: list[object]) -> Any:
    import pyarrow as pa

    texts = [None if is_empty(value) else text_of(value) for value in values]
    return pa.array([text and _quoted(safe_text(text)) for text in texts], type=pa.string())


def _quoted(text: str) -> str:
    """Write a cell as CSV does, in quotes only where it needs them."""
    cell = io.StringIO()
    csv.writer(cell, lineterminator="").writerow([text])
    return cell.getvalue()


# -- workbooks ---------------------------------------------------------------------------------------------------------


def _write_workbook(data: StaffData, path: Path) -> None:
    with new_workbook(path) as workbook:
        styles = {
            "heading": workbook.add_format({"bold": True}),
            "money": workbook.add_format({"num_format": "#,##0.00"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for name, table in data.tables.items():
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            _write_sheet(sheet, data, name, table, styles)


def _write_sheet(sheet: Any, data: StaffData, name: str, table: Table, styles: dict[str, Any]) -> None:
    known, extra = _fields(table, name), data.extra.get(name, {})
    headings = [*(field.name for field in known), *extra]
    sheet.set_column(0, len(headings) - 1, 14)
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, styles["heading"])
    style = [styles.get(field.kind) for field in known] + [None] * len(extra)
    for rows in _batches(table):
        columns = [_cells(data, table, field, rows) for field in known]
        columns += [values[rows] for values in extra.values()]
        for row, cells in enumerate(zip(*columns, strict=True), start=rows.start + 1):
            for place, cell in enumerate(cells):
                _write_cell(sheet, row, place, cell, style[place], styles)


def _cells(data: StaffData, table: Table, field: Field, rows: slice) -> list[object]:
    values = _typed(data, table, field, rows)
    cells: list[object] = (values.cast("int8") if field.kind == "flag" else values).to_pylist()
    return cells


def _write_cell(sheet: Any, row: int, place: int, cell: object, style: Any, styles: dict[str, Any]) -> None:
    if is_empty(cell):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | float) and abs(cell) < MOST_EXACT:
        sheet.write_number(row, place, cell, style)
    elif isinstance(cell, datetime.date) and getattr(cell, "tzinfo", None) is None:
        sheet.write_datetime(row, place, cell, style or styles["date"])
    else:
        sheet.write_string(row, place, text_of(cell))
