"""One workbook: a sheet a table, with a sheet that says how to read it. Text never becomes a formula."""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING, Any

from cmpolicy.files import new_workbook, refuse_long_sheets
from cmpolicy.messages import using_language
from cmpolicy.report.columns import column_of, kind_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from cmpolicy.report.columns import Kind

WIDEST = 40
_NUMBER_FORMATS: dict[Kind, str] = {
    "money": "#,##0.00",
    "points": "0.00######",
    "share": "0.00%",
    "decimal": "0.00####",
    "date": "yyyy-mm-dd",
}


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write tables as sheets, row by row, headed by their canonical names.

    Raises
    ------
    CmpolicyError
        If a table has more rows than a sheet can hold.
    """
    refuse_long_sheets({name: len(frame) for name, frame in tables.items()})
    with new_workbook(path) as workbook:
        formats: dict[str, Any] = {
            kind: workbook.add_format({"num_format": shown}) for kind, shown in _NUMBER_FORMATS.items()
        }
        formats["heading"] = workbook.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        formats["wrap"] = workbook.add_format({"text_wrap": True, "valign": "top"})
        _write_guide(workbook.add_worksheet("说明 how to read"), tables, formats)
        for name, frame in tables.items():
            _write_sheet(workbook.add_worksheet(name), name, frame, formats)
        workbook.worksheets()[min(1, len(tables))].activate()


def _write_sheet(sheet: Any, table: str, frame: pd.DataFrame, formats: dict[str, Any]) -> None:
    kinds = [kind_of(table, str(name), values) for name, values in frame.items()]
    styles = [formats.get(kind) for kind in kinds]
    for place, (name, values) in enumerate(frame.items()):
        sheet.set_column(place, place, _width(str(name), values))
    for place, name in enumerate(frame.columns):
        sheet.write_string(0, place, str(name), formats["heading"])
    columns = [values.astype(object).where(values.notna(), None).tolist() for _, values in frame.items()]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for place, (cell, style) in enumerate(zip(cells, styles, strict=True)):
            if cell is None:
                continue
            if isinstance(cell, datetime.date):
                sheet.write_datetime(row, place, cell, formats["date"])
            elif isinstance(cell, bool):
                sheet.write_boolean(row, place, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(row, place, cell, style)
            else:
                sheet.write_string(row, place, str(cell))
    sheet.freeze_panes(1, 0)
    if len(frame.columns):
        sheet.autofilter(0, 0, max(len(frame), 1), len(frame.columns) - 1)


def _write_guide(sheet: Any, tables: Mapping[str, pd.DataFrame], formats: dict[str, Any]) -> None:
    for place, heading in enumerate(("表 table", "列 column", "中文", "English")):
        sheet.write_string(0, place, heading, formats["heading"])
    with using_language("zh"):
        chinese = list(_guide(tables))
    with using_language("en"):
        english = list(_guide(tables))
    for row, ((table, column, zh), (_, _, en)) in enumerate(zip(chinese, english, strict=True), start=1):
        sheet.write_string(row, 0, table)
        sheet.write_string(row, 1, column)
        sheet.write_string(row, 2, zh, formats["wrap"])
        sheet.write_string(row, 3, en, formats["wrap"])
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 36)
    sheet.set_column(2, 3, 52)
    sheet.freeze_panes(1, 0)


def _guide(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, str]]:
    """Give table, column and what it means; columns side by side that mean the same share a line."""
    for table, frame in tables.items():
        named = [(str(column), column_of(table, str(column))) for column in frame.columns]
        known = [(name, str(column.text)) for name, column in named if column is not None]
        for text, columns in itertools.groupby(known, key=lambda one: one[1]):
            names = [name for name, _ in columns]
            yield table, names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}", text
            for name in names:
                words = words_of(table, name)
                there = set(frame[name]) if words else set()
                for word in [word for word in words if word in there]:
                    yield table, f"{name} = {word}", str(words[word])


def _width(heading: str, values: pd.Series[Any]) -> int:
    """Fit a column to its first rows; a Chinese character is two wide."""
    shown = [heading, *values.head(200).dropna().astype(str)]
    return min(WIDEST, 4 + max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in shown))
