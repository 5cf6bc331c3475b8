"""Result tables written as CSV, Parquet and workbook hold exactly the outcome, and nothing is ever half-written."""

import csv
import datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_files import EXAMPLE
from random_cases import month_row, staff_data
from xlsxwriter.exceptions import InvalidWorksheetName

import cmpolicy as cm
from cmpolicy.files import EXCEL_ROWS, write_aside
from cmpolicy.report.files import write_tables
from cmpolicy.simulation.compare import NO_GRADE_NAME

# Section 3 of the rule book, word by word.
COLUMNS = {
    "months": ["staff_id", "month", "score", "grade", "award"],
    "quarters": [
        *("staff_id", "quarter", "months_assessed", "score", "grade", "service_bonus", "revenue_bonus", "payout"),
        *("penalty_not_applied", "standing", "dismissal_due", "open"),
    ],
    "years": ["staff_id", "year", "service_award", "cash_effect"],
    "recognition": ["month", "measure", "staff_id"],
    "probation": ["staff_id", "planned_end", "confirmed_on", "first_month_pay", "festival_allowance"],
}
MONEY = {"award", "service_bonus", "revenue_bonus", "payout", "penalty_not_applied", "service_award", "cash_effect"}
MONEY |= {"first_month_pay", "festival_allowance"}
FORMULAS = ["=1+1", "+SUM(A1)", "-cmd|x", "@x", "\t=1", "=HYPERLINK(1)"]


@pytest.fixture(scope="module")
def outcome():
    """The example, with a quarter without any month and one that the data's end cuts short."""
    return cm.appraise(cm.read_staff(EXAMPLE))


def cells_of(outcome, table):
    """What each cell of a written table should be, from the exact integers of the outcome."""
    if table == "probation":
        return [
            {name: None if pd.isna(cell) else cell for name, cell in row.items()}
            for row in outcome.probation.to_dict("records")
        ]
    columns = outcome.exact(table)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)]
    for row in rows:
        if "score" in row:
            row["score"] = None if row["grade"] == "" else row["score"] / (6 if table == "quarters" else 1)
        row |= {name: Decimal(row[name]) / 100 for name in MONEY & row.keys()}
        row |= {name: None for name in ("grade",) if row.get(name) == ""}
        if "month" in row:
            row["month"] = f"{row['month'] // 12}-{row['month'] % 12 + 1:02d}"
        if "quarter" in row:
            row["quarter"] = f"{row['quarter'] // 4}-Q{row['quarter'] % 4 + 1}"
    return rows


def as_csv(name, value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d}"
    if name in MONEY:
        return f"{value:.2f}"
    return f"{value:.10f}" if name == "score" else str(value)


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("table", COLUMNS)
def test_csv_holds_the_outcome_as_text(table, outcome, tmp_path):
    """Money has two decimals, a score at least eight, an absent value is empty, flags are true or false."""
    write_tables(outcome.tables, tmp_path, "csv", stem="appraisal")
    heading, *rows = read_csv(tmp_path / f"{table}.csv")
    assert heading == [*COLUMNS[table], "name", "area"]
    expected = [[as_csv(name, row[name]) for name in COLUMNS[table]] for row in cells_of(outcome, table)]
    assert [row[:-2] for row in rows] == expected
    people = dict(zip(outcome.data.staff_ids, outcome.data.frame("staff")["name"], strict=True))
    place = heading.index("staff_id")
    assert [row[-2] for row in rows] == [people[row[place]] for row in rows]


@pytest.mark.parametrize("table", COLUMNS)
def test_parquet_holds_the_outcome_in_types(table, outcome, tmp_path):
    """Money is exact there: decimals with two places."""
    write_tables(outcome.tables, tmp_path, "parquet", stem="appraisal")
    found = pq.read_table(tmp_path / f"{table}.parquet")
    assert found.column_names == [*COLUMNS[table], "name", "area"]
    assert all(pa.types.is_decimal(found.schema.field(name).type) for name in MONEY & set(found.column_names))
    for name in COLUMNS[table]:
        expected = [row[name] for row in cells_of(outcome, table)]
        if name in MONEY:
            expected = [None if cell is None else Decimal(f"{cell:.2f}") for cell in expected]
        assert found.column(name).to_pylist() == expected, name


@pytest.mark.parametrize("table", COLUMNS)
def test_a_workbook_holds_the_outcome_in_cells(table, outcome, tmp_path):
    write_tables(outcome.tables, tmp_path / "result.xlsx", "xlsx", stem="appraisal")
    sheet = openpyxl.load_workbook(tmp_path / "result.xlsx")[table]
    heading, *rows = sheet.iter_rows(values_only=True)
    assert list(heading) == [*COLUMNS[table], "name", "area"]
    for row, record in zip(rows, cells_of(outcome, table), strict=True):
        for name, cell in zip(COLUMNS[table], row, strict=False):
            expected = record[name]
            if isinstance(expected, Decimal):
                expected = float(expected)
            assert cell == pytest.approx(expected, abs=1e-13) if name == "score" and expected else cell == expected
            assert isinstance(cell, bool) == isinstance(expected, bool)


def test_a_workbook_says_how_to_read_it_in_both_languages(outcome, tmp_path):
    write_tables(outcome.tables, tmp_path, "xlsx", stem="appraisal")
    workbook = openpyxl.load_workbook(tmp_path / "appraisal.xlsx")
    assert workbook.sheetnames == ["说明 how to read", *COLUMNS]
    guide = workbook["说明 how to read"].iter_rows(min_row=2, values_only=True)
    explained = {(row[0], row[1]): row[2:] for row in guide}
    assert explained.keys() == {(table, name) for table in COLUMNS for name in [*COLUMNS[table], "name", "area"]}
    for chinese, english in explained.values():
        assert english.isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert all(workbook[table].freeze_panes == "A2" for table in COLUMNS)


def test_text_from_the_data_is_never_a_formula(tmp_path):
    """A name that begins with = + - or @ stays a text in every format, in headings as well."""
    staff = [{"staff_id": f"CM0{n}", "name": name, "area": name} for n, name in enumerate(FORMULAS)]
    months = [month_row(row["staff_id"], (2025, 1)) for row in staff]
    tables = cm.appraise(staff_data({"staff": staff, "months": months})).tables
    tables["odd"] = pd.DataFrame({"=1+1": ["-5", "+3.50", "–", "5 - 3"]})
    for file_format in ("csv", "parquet", "xlsx"):
        write_tables(tables, tmp_path, file_format, stem="appraisal")
    cells = [cell for table in tables for row in read_csv(tmp_path / f"{table}.csv") for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r")) and cell.strip("+-0123456789.")]
    assert {"'=1+1", "'@x", "-5", "+3.50", "–"} <= set(cells)
    assert pq.read_table(tmp_path / "months.parquet").column("name").to_pylist()[0] == "=1+1"
    workbook = openpyxl.load_workbook(tmp_path / "appraisal.xlsx")
    assert not [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert [row[5] for row in workbook["months"].iter_rows(min_row=2, values_only=True)] == [
        name.strip() for name in FORMULAS
    ]


def test_a_comparison_shows_no_grade_as_a_dash(tmp_path):
    """A person whom the reform dismisses has no grade any more; the dash is no formula and gets no apostrophe."""
    months = [month_row("m1", (2025, month), broadband_lost=8) for month in range(1, 13)]
    change = cm.compare(staff_data({"months": months}), cm.load_policy("2007-06"), {"standing.e_quarters": 1})
    table = change.quarter_migration.reset_index()
    assert NO_GRADE_NAME in table.columns
    write_tables({"quarter_migration": table}, tmp_path, "csv", stem="comparison")
    heading, *rows = read_csv(tmp_path / "quarter_migration.csv")
    assert heading == ["baseline", "A", "B", "C", "D", "E", NO_GRADE_NAME]
    assert [row[0] for row in rows] == list("ABCDE")
    assert rows[-1] == ["E", "0", "0", "0", "0", "2", "1"]


# -- one file ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one.csv", "one.parquet", "One.CSV"])
def test_one_table_may_be_one_file_of_a_name_of_its_own(name, tmp_path):
    """Its columns are still known by the name of the table."""
    frame = pd.DataFrame({"p10": [400.0]})
    target = tmp_path / "new" / name
    file_format = target.suffix.lower()[1:]
    assert write_tables({"quarters": frame, "others": None}, target, file_format, stem="x") == [target]
    assert sorted(contents(tmp_path)) == [f"new/{name}"]
    if file_format == "csv":
        assert read_csv(target) == [["p10"], ["400.00"]]
    else:
        assert pq.read_table(target).to_pylist() == [{"p10": Decimal("400.00")}]


def test_a_folder_may_have_the_name_of_a_file(tmp_path):
    (tmp_path / "results.csv").mkdir()
    write_tables({"quarters": pd.DataFrame({"p10": [400.0]})}, tmp_path / "results.csv", "csv", stem="x")
    assert list(contents(tmp_path)) == ["results.csv/quarters.csv"]


# -- nothing half-written ----------------------------------------------------------------------------------------------


def frames(value):
    return {"months": pd.DataFrame({"a": [value]}), "years": pd.DataFrame({"a": [value]})}


def contents(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_an_existing_result_is_replaced_and_other_files_stay(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    write_tables(frames(1), tmp_path, "csv", stem="x")
    write_tables(frames(2), tmp_path, "csv", stem="x")
    assert sorted(contents(tmp_path)) == ["mine.txt", "months.csv", "years.csv"]
    assert read_csv(tmp_path / "years.csv") == [["a"], ["2"]]


def test_a_table_that_there_is_no_longer_leaves_no_old_file(tmp_path):
    """An old probation.csv beside new months would look as if it belonged to them."""
    write_tables(frames(1) | {"probation": frames(1)["years"]}, tmp_path, "csv", stem="x")
    write_tables(frames(2) | {"probation": None}, tmp_path, "csv", stem="x")
    assert sorted(contents(tmp_path)) == ["months.csv", "years.csv"]
    write_tables({"months": frames(3)["months"], "probation": None}, tmp_path, "xlsx", stem="x")
    assert openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames == ["说明 how to read", "months"]


@pytest.mark.parametrize(
    ("file_format", "error"),
    [("csv", cm.CmpolicyError), ("parquet", cm.CmpolicyError), ("xlsx", InvalidWorksheetName)],
)
def test_a_failure_leaves_everything_as_it_was(file_format, error, tmp_path):
    """The last table cannot be written: the others are not replaced either, and no folder appears."""
    broken = frames(2) | {"no/such": frames(2)["years"]}
    write_tables(frames(1), tmp_path / "there", "csv", stem="x")
    before = contents(tmp_path)
    for target in ("there", "new/folder"):
        with pytest.raises(error):
            write_tables(broken, tmp_path / target, file_format, stem="x")
    assert contents(tmp_path) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["there"]


def test_a_place_that_is_taken_leaves_everything_as_it_was(tmp_path):
    """Where one of the names is a folder, no file is replaced, and the folder is not touched."""
    write_tables(frames(1), tmp_path, "csv", stem="x")
    (tmp_path / "zones.csv").mkdir()
    (tmp_path / "zones.csv" / "mine.txt").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(cm.CmpolicyError, match=r"zones\.csv"):
        write_tables(frames(2) | {"zones": frames(2)["years"]}, tmp_path, "csv", stem="x")
    assert contents(tmp_path) == before


def test_an_interruption_puts_the_old_files_back(tmp_path, monkeypatch):
    """Ctrl-C, or a file that another program holds open, in the middle of the renaming."""
    write_tables(frames(1), tmp_path, "csv", stem="x")
    before = contents(tmp_path)
    path_type = type(tmp_path)
    replace = path_type.replace
    for broken in ("months.csv", "years.csv"):

        def replace_or_stop(self, target, broken=broken):
            if self.parent.name.startswith(".writing-") and self.name == broken:
                raise KeyboardInterrupt
            return replace(self, target)

        monkeypatch.setattr(path_type, "replace", replace_or_stop)
        with pytest.raises(KeyboardInterrupt):
            write_tables(frames(2) | {"zones": frames(2)["years"]}, tmp_path, "csv", stem="x")
        monkeypatch.undo()
        assert contents(tmp_path) == before


def test_a_target_of_another_kind_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.xlsx").mkdir()
    for target, file_format in (("file", "csv"), ("folder.xlsx", "xlsx"), ("file/below", "csv")):
        with pytest.raises(cm.CmpolicyError, match="cannot be written"):
            write_tables(frames(1), tmp_path / target, file_format, stem="x")
    assert contents(tmp_path) == {"file": b"mine"}


def test_a_table_too_long_for_a_sheet_is_refused(tmp_path):
    frame = pd.DataFrame({"a": [0] * EXCEL_ROWS})
    with pytest.raises(cm.CmpolicyError, match=r"table months: The table has 1,048,576 rows"):
        write_tables({"months": frame}, tmp_path / "new" / "x.xlsx", "xlsx", stem="x")
    assert not (tmp_path / "new").exists()


def test_files_appear_only_when_all_are_complete(tmp_path):
    def write(folder):
        (folder / "a.txt").write_text("a")
        assert not (tmp_path / "out" / "a.txt").exists()
        (folder / "b.txt").write_text("b")

    assert write_aside(tmp_path / "out", write) == [tmp_path / "out" / "a.txt", tmp_path / "out" / "b.txt"]
    assert contents(tmp_path) == {"out/a.txt": b"a", "out/b.txt": b"b"}
