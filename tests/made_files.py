"""Files as people make them, for the tests of reading: CSV in any encoding, workbooks, Parquet."""

import csv
import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from random_cases import COUNTS

import cmpolicy as cm
from cmpolicy.staff.schema import ABSENT_ADJUSTMENT, ABSENT_COUNT, ABSENT_MONEY, TABLES

EXAMPLE = Path(__file__).parent / "data" / "customer-managers-2025.xlsx"
CHINESE = {table.name: {field.name: field.heading for field in table.fields} for table in TABLES.values()}


def month(staff_id="CM01", period="2025-01", **cells):
    """Give a row of `months` with nothing in it but zeros, as typed into a sheet."""
    return {"staff_id": staff_id, "month": period} | dict.fromkeys(COUNTS, 0) | {"fraud": 0} | cells


def rows_of(records, headings=None):
    """Give a heading row and the rows below it; `headings` renames columns."""
    names = list(dict.fromkeys(name for record in records for name in record))
    return [[(headings or {}).get(name, name) for name in names], *([r.get(name) for name in names] for r in records)]


def write_csv(path, rows, encoding="utf-8", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    csv.writer(text, **options).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path.parent


def write_sheets(path, sheets):
    """Write a workbook, texts as texts; returns it, so that a test can go on where a list of rows does not do."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(number, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # not the formula that openpyxl makes of =…
    workbook.save(path)
    return workbook


def write_parquet(path, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path.parent


def error_of(path):
    with pytest.raises(cm.DataError) as caught:
        cm.read_staff(path)
    return caught.value


def records_of(data, table):
    """Give a table that was read as rows of plain values: money in fen, periods as numbers, absent cells None."""
    found, fields = data.tables[table], {field.name: field for field in TABLES[table].fields}
    absent = {"money": ABSENT_MONEY, "adjustment": ABSENT_ADJUSTMENT, "count": ABSENT_COUNT}
    columns = {}
    for name, values in found.columns.items():
        kind = fields[name].kind
        if kind == "staff_id":
            columns[name] = [data.staff_ids[place] for place in values]
        elif kind == "text":
            columns[name] = [None if place < 0 else found.labels[name][place] for place in values]
        else:
            columns[name] = [None if value == absent.get(kind, "") else value for value in values.tolist()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
