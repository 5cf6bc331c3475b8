"""Writing result tables as CSV, Parquet or a workbook. Nothing is half-written: files are made aside, then renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.files import Format as Format
from cmpolicy.files import safe_text, write_aside
from cmpolicy.report.workbook import MONEY, SCORES, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def write_tables(
    tables: Mapping[str, pd.DataFrame | None], target: Path, file_format: Format, *, stem: str
) -> list[Path]:
    """Write tables to a folder, or into one workbook.

    Parameters
    ----------
    tables
        By name; money in yuan, absent values NaN. None for a table that there is not this time: the file that an
        earlier run wrote would stand beside the new ones as if it belonged to them, and is removed.
    target
        A folder, or the path of a workbook.
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
    single = target.suffix.lower() == ".xlsx"
    present = {name: frame for name, frame in tables.items() if frame is not None}

    def write(aside: Path) -> None:
        if file_format == "xlsx":
            write_workbook(present, aside / (target.name if single else f"{stem}.xlsx"))
            return
        for name, frame in present.items():
            if file_format == "csv":
                text_frame(frame).to_csv(aside / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
            else:
                _write_parquet(frame, aside / f"{name}.parquet")

    written = write_aside(target.parent if single else target, write, target)
    if file_format != "xlsx":
        for name in tables.keys() - present.keys():
            (target / f"{name}.{file_format}").unlink(missing_ok=True)
    return written


def text_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Write a table's cells as text: money with two decimals, scores with ten, flags true or false, absent empty.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, a heading as well as a cell.
    """
    import pandas as pd

    columns = {}
    for heading, values in frame.items():
        name = safe_text(heading)
        if values.dtype == bool:
            columns[name] = values.map({True: "true", False: "false"})
        elif name in SCORES:
            columns[name] = values.map("{:.10f}".format, na_action="ignore")
        elif name in MONEY and values.dtype.kind == "f":
            columns[name] = values.map("{:.2f}".format, na_action="ignore")
        elif values.dtype.kind == "M":
            columns[name] = values.dt.strftime("%Y-%m-%d")
        elif values.dtype.kind in "iuf":
            columns[name] = values
        else:
            columns[name] = values.map(safe_text, na_action="ignore")
    return pd.DataFrame(columns)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    for place, name in enumerate(table.column_names):
        if name in MONEY and pa.types.is_floating(table.schema.field(name).type):
            exact = pa.compute.round(table.column(name), 2).cast(pa.decimal128(18, 2))
            table = table.set_column(place, name, exact)
    pq.write_table(table, path)
