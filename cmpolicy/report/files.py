"""Writing result tables as CSV, Parquet or a workbook. Nothing is half-written: files are made aside, then renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.files import Format as Format
from cmpolicy.files import safe_text, write_aside
from cmpolicy.report.columns import Kind, kind_of
from cmpolicy.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def write_tables(
    tables: Mapping[str, pd.DataFrame | None], target: Path, file_format: Format, *, stem: str
) -> list[Path]:
    """Write tables to a folder, into one workbook, or one table into one file.

    Parameters
    ----------
    tables
        By name; money in yuan, absent values NaN. None for a table that there is not this time: the file that an
        earlier run wrote would stand beside the new ones as if it belonged to them, and is removed.
    target
        A folder, or the path of a file: a workbook, or a CSV or Parquet file where there is one table.
    file_format
        "csv" (UTF-8 with BOM), "parquet" or "xlsx".
    stem
        Name of the workbook where the target is a folder.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CmpolicyError
        If the target cannot be written, or a table has more rows than a sheet can hold.
    """
    present = {name: frame for name, frame in tables.items() if frame is not None}
    single = is_one_file(target, one_table=len(present) == 1)

    def write(aside: Path) -> None:
        if file_format == "xlsx":
            write_workbook(present, aside / (target.name if single else f"{stem}.xlsx"))
            return
        for name, frame in present.items():
            file = aside / (target.name if single else f"{name}.{file_format}")
            if file_format == "csv":
                text = text_frame(frame, name)
                text.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\n")
            else:
                _write_parquet(frame, name, file)

    written = write_aside(target.parent if single else target, write, target)
    if file_format != "xlsx" and not single:
        for name in tables.keys() - present.keys():
            (target / f"{name}.{file_format}").unlink(missing_ok=True)
    return written


def is_one_file(target: Path, *, one_table: bool) -> bool:
    """Tell whether a path is that of a file and not of a folder: a workbook, or the file of one table."""
    suffix = target.suffix.lower()
    return suffix == ".xlsx" or (one_table and suffix in (".csv", ".parquet") and not target.is_dir())


def of_other_runs(folder: Path) -> list[str]:
    """Name the files of tables that are also there in another format, which is newer: the last run did not write them.

    Examples
    --------
    >>> import os, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, age in (("months.csv", 9), ("months.parquet", 0), ("years.csv", 9)):
    ...         file = pathlib.Path(folder, name)
    ...         file.touch()
    ...         os.utime(file, (1_000_000 - age, 1_000_000 - age))
    ...     of_other_runs(pathlib.Path(folder))
    ['months.csv']
    """
    files = [file for file in sorted(folder.iterdir()) if file.suffix in (".csv", ".parquet") and file.is_file()]
    newest: dict[str, int] = {}
    for file in files:
        newest[file.stem] = max(newest.get(file.stem, 0), file.stat().st_mtime_ns)
    return [file.name for file in files if file.stat().st_mtime_ns < newest[file.stem]]


def text_frame(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Write a table's cells as text: money with two decimals, scores with ten, flags true or false, absent empty.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, a heading as well as a cell.

    Parameters
    ----------
    frame
    table
        Its name, by which it is known what its columns hold.
    """
    import pandas as pd

    columns = {}
    for heading, values in frame.items():
        kind = kind_of(table, str(heading), values)
        if kind == "flag":
            cells = values.map({True: "true", False: "false"})
        elif kind == "date":
            cells = values.dt.strftime("%Y-%m-%d")
        elif kind == "text":
            cells = values.map(safe_text, na_action="ignore")
        elif values.dtype.kind == "f" or kind == "money":
            cells = values.map(_TEXT[kind].format, na_action="ignore")
        else:
            cells = values
        columns[safe_text(heading)] = cells
    return pd.DataFrame(columns)


_TEXT: dict[Kind, str] = {
    "number": "{:.15g}",  # whole where it is whole, as many decimals as there are otherwise
    "money": "{:z.2f}",  # z: no minus before a nought
    "points": "{:z.10f}",
    "share": "{:z.6f}",
    "decimal": "{:z.6f}",
}


def _write_parquet(frame: pd.DataFrame, table: str, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    typed = pa.Table.from_pandas(frame, preserve_index=False)
    for place, name in enumerate(typed.column_names):
        floats = pa.types.is_floating(typed.schema.field(name).type)
        if floats and kind_of(table, name, frame[name]) == "money":
            exact = pa.compute.round(typed.column(name), 2).cast(pa.decimal128(18, 2))
            typed = typed.set_column(place, name, exact)
    pq.write_table(typed, path)
