"""Everything wrong in the data is reported at once: table, row as in the file, staff id, column, value, expectation."""

import contextlib
import datetime
import os
import random
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_files import CHINESE, EXAMPLE, error_of, month, rows_of, write_csv, write_parquet, write_sheets
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter

import cmpolicy as cm
from cmpolicy.messages import using_language

COUNT = "a whole number from 0 to 1,000,000"
EMPTY = "The cell is empty; a missing value is not a zero."
INVALID = "The value is not valid."


def one_problem(path):
    (problem,) = error_of(path).problems
    return problem


def months_csv(tmp_path, *records):
    return write_csv(tmp_path / "data" / "months.csv", rows_of(records))


# -- cells -----------------------------------------------------------------------------------------------------------

CELLS = [
    ("broadband_gained", "-1", COUNT),
    ("broadband_gained", "2.5", COUNT),
    ("broadband_gained", "1,5", COUNT),
    ("broadband_gained", "12,34", COUNT),
    ("broadband_gained", "1e3", COUNT),
    ("broadband_gained", "1e400", COUNT),
    ("broadband_gained", "inf", COUNT),
    ("broadband_gained", "NaN", COUNT),
    ("broadband_gained", "两个", COUNT),
    ("broadband_gained", "#DIV/0!", COUNT),
    ("broadband_gained", "2025-03-01", COUNT),
    ("broadband_gained", "true", COUNT),
    ("broadband_gained", "1000001", COUNT),
    ("fraud", "2", "0 or 1, true or false, 是 or 否"),
    ("fraud", "-1", "0 or 1, true or false, 是 or 否"),
    ("fraud", "是的", "0 or 1, true or false, 是 or 否"),
    ("month", "2025-13", "a month such as 2025-03 or 2025年3月"),
    ("month", "2025-00", "a month such as 2025-03 or 2025年3月"),
    ("month", "2025", "a month such as 2025-03 or 2025年3月"),
    ("month", "3月", "a month such as 2025-03 or 2025年3月"),
    ("month", "1979-12", "a month such as 2025-03 or 2025年3月"),
    ("month", "2025.1", "a month such as 2025-03 or 2025年3月"),
    ("month", "2025-02-30", "a month such as 2025-03 or 2025年3月"),
    ("staff_id", "#N/A", "a staff id"),
    ("staff_id", "CM01\nCM02", "a staff id"),
]


@pytest.mark.parametrize(("column", "value", "expected"), CELLS)
def test_a_cell_that_is_not_valid_is_named(column, value, expected, tmp_path):
    heading = CHINESE["months"][column]
    rows = [["2025年月度记录"], [], *rows_of([month("CM01"), month("CM02") | {column: value}], CHINESE["months"])]
    problem = one_problem(write_csv(tmp_path / "months.csv", rows))
    assert (problem.table, problem.row, problem.column, problem.heading) == ("months", 5, column, heading)
    assert problem.staff_id == (None if column == "staff_id" else "CM02")
    assert problem.value == value
    assert (str(problem.message), str(problem.expected)) == (INVALID, expected)


@pytest.mark.parametrize("column", ["staff_id", "month", "broadband_gained", "unreported_complaints", "fraud"])
@pytest.mark.parametrize("nothing", ["", "  ", "\u3000"])
def test_an_empty_required_cell_is_no_zero(column, nothing, tmp_path):
    problem = one_problem(months_csv(tmp_path, month("CM01"), month("CM02") | {column: nothing}))
    assert (problem.row, problem.column, problem.value) == (3, column, None)
    assert str(problem.message) == EMPTY
    assert problem.expected is not None


def test_the_row_is_the_one_that_a_spreadsheet_shows(tmp_path):
    """Title, blank rows, total rows and cells with line breaks above it all count as they do there."""
    records = [month("CM01", note="一\n二\n三"), month("合计"), month("CM02", praises="x", note="")]
    rows = rows_of(records)
    rows[1:1] = [[], ["", ""]]
    rows[0:0] = [["2025年"], []]
    assert one_problem(write_csv(tmp_path / "csv" / "months.csv", rows)).row == 8
    write_sheets(tmp_path / "data.xlsx", {"months": rows})
    assert one_problem(tmp_path / "data.xlsx").row == 8


def test_every_problem_of_every_table_comes_at_once(tmp_path):
    months = rows_of([month("CM01", complaints=""), month("CM03", "2025-13", praises="x"), month("CM01")])
    months[0][months[0].index("fraud")] = "fruad"
    quarters = [{"staff_id": "CM02", "quarter": "2025-Q1", "review": 9, "revenue": 5}]
    surveys = [{"staff_id": "CM01", "month": "2025-01", "sampled": 5, "satisfied": 6}]
    years = [{"staff_id": "CM01", "year": "二五", "other_year_end_bonus": "x"}]
    staff = [{"staff_id": "CM01", "hire_date": "2025-02-01"}, {"staff_id": "CM02"}]
    tables = {"quarters": quarters, "surveys": surveys, "years": years, "staff": staff}
    write_csv(tmp_path / "months.csv", months)
    for name, records in tables.items():
        write_csv(tmp_path / f"{name}.csv", rows_of(records))
    found = [(p.table, p.row, p.staff_id, p.column) for p in error_of(tmp_path).problems]
    assert sorted(found, key=str) == sorted(
        [
            ("months", None, None, "fraud"),
            ("months", 2, "CM01", "complaints"),
            ("months", 3, "CM03", "month"),
            ("months", 3, "CM03", "praises"),
            ("months", 4, "CM01", "month"),  # the key of row 2
            ("months", 3, None, "staff_id"),  # not in staff
            ("staff", 2, "CM01", "hire_date"),  # after the months of rows 2 and 4
            ("quarters", 2, "CM02", "review"),
            ("quarters", None, None, "revenue_base"),
            ("surveys", 2, "CM01", "satisfied"),
            ("years", 2, "CM01", "year"),
            ("years", 2, "CM01", "other_year_end_bonus"),
        ],
        key=str,
    )


def test_many_problems_of_one_kind_are_counted(tmp_path):
    error = error_of(months_csv(tmp_path, *(month(f"CM{n:03d}", praises="x", complaints=-1) for n in range(70))))
    assert [p.row for p in error.problems if p.column == "praises"] == [*range(2, 22), None]
    assert "… and more rows with the same problem: 50." in str(error)


def test_problems_stand_in_the_order_of_tables_and_rows(tmp_path):
    """As a person goes through the files, whatever is wrong with a row; a missing column comes first."""
    wrong = [month("CM01", "2025-13"), month("CM02", praises=""), month("CM03", "", complaints="x"), month("CM04", "x")]
    rows = rows_of([{name: value for name, value in record.items() if name != "fraud"} for record in wrong])
    write_csv(tmp_path / "months.csv", rows)
    write_csv(tmp_path / "quarters.csv", rows_of([{"staff_id": "CM02", "quarter": "x"}]))
    write_csv(tmp_path / "staff.csv", rows_of([{"staff_id": "CM01"}, {"staff_id": "CM02"}, {"staff_id": "CM04"}]))
    found = [(p.table, p.row, p.column) for p in error_of(tmp_path).problems]
    assert found == [
        ("months", None, "fraud"),
        ("months", 2, "month"),
        ("months", 3, "praises"),
        ("months", 4, "month"),
        ("months", 4, "complaints"),
        ("months", 4, "staff_id"),
        ("months", 5, "month"),
        ("quarters", 2, "quarter"),
    ]


def test_a_count_of_further_rows_stands_behind_those_that_are_shown(tmp_path):
    records = [month(f"CM{n:03d}", praises="x", complaints=-1 if n > 10 else 0) for n in range(40)]
    problems = error_of(months_csv(tmp_path, *records)).problems
    for column, last in (("praises", 21), ("complaints", 32)):
        place = next(place for place, p in enumerate(problems) if p.column == column and p.row is None)
        assert (problems[place - 1].column, problems[place - 1].row) == (column, last)


# -- between cells -----------------------------------------------------------------------------------------------------


def test_a_repeated_key_names_both_rows(tmp_path):
    problem = one_problem(months_csv(tmp_path, month(), month("CM02"), month(period="2025年1月")))
    assert (problem.row, problem.staff_id, problem.column, problem.value) == (4, "CM01", "month", "2025年1月")
    assert str(problem.message) == "This row has the same key as row 2: staff_id + month."


def test_one_staff_id_in_two_widths_is_one_person(tmp_path):
    """A full-width letter or a character that nobody sees would make two people of one."""
    for other in ("ＣＭ０１", " CM01 ", "CM01\u200b", "CM01\u3000"):
        assert one_problem(months_csv(tmp_path, month("CM01"), month(other))).column == "month"


@pytest.mark.parametrize("table", ["months", "quarters", "surveys", "years"])
def test_an_unknown_staff_id_is_named_with_the_nearest(table, tmp_path):
    rows = {
        "months": [month("CM01"), month("CM10"), month("CM10", "2025-02")],
        "quarters": [{"staff_id": "CM10", "quarter": "2025-Q1"}],
        "surveys": [{"staff_id": "CM10", "month": "2025-01", "sampled": 1, "satisfied": 1}],
        "years": [{"staff_id": "CM10", "year": 2025}],
    }
    write_csv(tmp_path / "months.csv", rows_of([month("CM01")]))
    write_csv(tmp_path / f"{table}.csv", rows_of(rows[table]))
    write_csv(tmp_path / "staff.csv", rows_of([{"staff_id": "CM01"}, {"staff_id": "ZZ"}]))
    problem = one_problem(tmp_path)
    assert (problem.table, problem.column, problem.value) == (table, "staff_id", "CM10")
    assert problem.row == (3 if table == "months" else 2)
    assert str(problem.expected) == "a staff id of table staff, such as CM01"
    assert ("it stands in 2 rows" in str(problem)) == (table == "months")


@pytest.mark.parametrize(
    ("hired", "left", "outside"),
    [
        ("2025-02-01", "", [("hire_date", "2025-01 (table months, row 2)", "a day in 2025-01 or before")]),
        (
            "2025年4月1日",
            "",
            [("hire_date", "before this day (3): 2025-01 (table months, row 2)", "2025-01 or before")],
        ),
        ("2025-01-31", "", []),
        (
            "",
            "2025-01-31",
            [("leave_date", "after this day (2): 2025-02 (table months, row 3)", "in 2025-03 or after")],
        ),
        ("", "2025-02-01", [("leave_date", "2025-03 (table months, row 4)", "a day in 2025-03 or after")]),
        (
            "2025-02-10",
            "2025-02-10",
            [
                ("hire_date", "2025-01 (table months, row 2)", "a day in 2025-01 or before"),
                ("leave_date", "2025-03 (table months, row 4)", "a day in 2025-03 or after"),
            ],
        ),
    ],
)
def test_a_date_of_employment_that_leaves_out_months_is_one_error(hired, left, outside, tmp_path):
    """It names the cell of the date, which is wrong more often than all the months."""
    months = [month(period=period) for period in ("2025-01", "2025-02", "2025-03")]
    write_csv(tmp_path / "months.csv", rows_of(months))
    staff = [{"staff_id": "CM00"}, {"staff_id": "CM01", "hire_date": hired, "leave_date": left}]
    write_csv(tmp_path / "staff.csv", rows_of(staff, {"hire_date": "入职日期"}))
    if not outside:
        assert len(cm.read_staff(tmp_path).staff_ids) == 2
        return
    problems = error_of(tmp_path).problems
    assert [problem.column for problem in problems] == [column for column, _, _ in outside]
    for problem, (column, records, wanted) in zip(problems, outside, strict=True):
        assert (problem.table, problem.row, problem.staff_id) == ("staff", 3, "CM01")
        assert (problem.heading, problem.value) == {"hire_date": ("入职日期", hired), "leave_date": (column, left)}[
            column
        ]
        assert records in str(problem.message)
        assert wanted in str(problem.expected)


def test_many_dates_that_leave_out_months_are_counted(tmp_path):
    people = [f"CM{number:03d}" for number in range(30)]
    months = [month(one, period) for one in people for period in ("2025-01", "2025-02", "2025-03")]
    write_csv(tmp_path / "months.csv", rows_of(months))
    source = write_csv(
        tmp_path / "staff.csv", rows_of([{"staff_id": one, "hire_date": "2025-03-01"} for one in reversed(people)])
    )
    problems = error_of(source).problems
    assert [problem.row for problem in problems] == [*range(2, 22), None]
    assert str(problems[0]).startswith("table staff, row 2, staff CM029, column hire_date: ")
    assert "2025-01 (table months, row 89), 2025-02 (table months, row 90)" in str(problems[0])
    assert "… and more people with the same problem: 10." in str(problems[-1])


def test_a_quarter_counts_as_employed_by_any_of_its_days(tmp_path):
    quarters = [{"staff_id": "CM01", "quarter": f"2025-Q{number}"} for number in (1, 2, 3)]
    write_csv(tmp_path / "months.csv", rows_of([month(period="2025-05")]))
    write_csv(tmp_path / "quarters.csv", rows_of(quarters))
    staff = rows_of([{"staff_id": "CM01", "hire_date": "2025-03-31", "leave_date": "2025-06-30"}])
    write_csv(tmp_path / "staff.csv", staff)
    problem = one_problem(tmp_path)
    assert (problem.table, problem.column, problem.value) == ("staff", "leave_date", "2025-06-30")
    assert "after this day (1): 2025-Q3 (table quarters, row 4)" in str(problem)
    assert str(problem.expected) == "a day in 2025-Q3 or after, or no such records"


@pytest.mark.parametrize(("period", "wanted"), [("2025-03", "2025-Q1"), ("2024-12", "2024-12"), ("2025-04", "2025-Q1")])
def test_the_day_that_is_asked_for_takes_in_months_and_quarters(period, wanted, tmp_path):
    """By the first month or the first quarter, whichever ends earlier."""
    write_csv(tmp_path / "months.csv", rows_of([month(period=period)]))
    write_csv(tmp_path / "quarters.csv", rows_of([{"staff_id": "CM01", "quarter": "2025-Q1"}]))
    source = write_csv(tmp_path / "staff.csv", rows_of([{"staff_id": "CM01", "hire_date": "2025-07-01"}]))
    expected = str(one_problem(source).expected)
    assert expected.startswith(f"a day in {'2025-03' if period == '2025-03' else wanted} or before")


def test_nobody_leaves_before_being_hired(tmp_path):
    write_csv(tmp_path / "months.csv", rows_of([month("CM02")]))
    staff = [{"staff_id": "CM02"}, {"staff_id": "CM01", "hire_date": "2025-02-01", "leave_date": "2025-01-31"}]
    write_csv(tmp_path / "staff.csv", rows_of(staff))
    problem = one_problem(tmp_path)
    assert (problem.row, problem.column, problem.staff_id) == (3, "leave_date", "CM01")


@pytest.mark.parametrize(
    ("sampled", "satisfied", "column"), [(0, 0, "sampled"), (5, 6, "satisfied"), ("", 3, "sampled")]
)
def test_a_survey_asks_at_least_one_and_satisfies_at_most_all(sampled, satisfied, column, tmp_path):
    write_csv(tmp_path / "months.csv", rows_of([month()]))
    record = {"staff_id": "CM01", "month": "2025-01", "sampled": sampled, "satisfied": satisfied}
    problem = one_problem(write_csv(tmp_path / "surveys.csv", rows_of([record])))
    assert (problem.table, problem.row, problem.column) == ("surveys", 2, column)


@pytest.mark.parametrize("value", ["9", "4", "-4", "1.5", "x"])
@pytest.mark.parametrize("column", ["review", "review_supervisor", "review_manager"])
def test_a_review_keeps_within_the_enacted_limit(value, column, tmp_path):
    write_csv(tmp_path / "months.csv", rows_of([month()]))
    record = {"staff_id": "CM01", "quarter": "2025-Q1", column: value}
    problem = one_problem(write_csv(tmp_path / "quarters.csv", rows_of([record])))
    assert (problem.table, problem.column, problem.value) == ("quarters", column, value)
    assert str(problem.expected) == "a whole number from -3 to 3, the limit of clause 2.9"


@pytest.mark.parametrize("present", ["revenue", "revenue_base"])
def test_revenue_and_its_base_come_together(present, tmp_path):
    absent = "revenue_base" if present == "revenue" else "revenue"
    problem = one_problem(months_csv(tmp_path, month(**{present: "5"})))
    assert (problem.row, problem.column) == (None, absent)
    problem = one_problem(months_csv(tmp_path, month("CM00"), month(**{present: "5", absent: ""})))
    assert (problem.row, problem.column, problem.staff_id) == (3, absent, "CM01")


def test_a_figure_that_is_not_valid_is_not_called_empty(tmp_path):
    columns = {name: [value] for name, value in month().items()}
    source = write_parquet(tmp_path / "months.parquet", columns | {"revenue": [2**40], "revenue_base": [1.0]})
    problem = one_problem(source)
    assert (problem.column, problem.value, str(problem.message)) == ("revenue", str(2**40), INVALID)


# -- columns and tables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("written", "nearest"), [("broadband_gaind", True), ("宽带新曾", True), ("x", False)])
def test_a_missing_column_is_named_with_what_may_be_meant(written, nearest, tmp_path):
    rows = rows_of([month()], {"broadband_gained": written})
    problem = one_problem(write_csv(tmp_path / "months.csv", rows))
    assert (problem.table, problem.column) == ("months", "broadband_gained")
    assert (f"Is {written} meant?" in str(problem)) == nearest
    assert str(problem.expected) == "a column headed broadband_gained or 宽带新增"


def test_two_columns_of_one_name_are_an_error(tmp_path):
    rows = rows_of([month(area="a")])
    source = write_csv(tmp_path / "months.csv", [[*rows[0], "片区"], [*rows[1], "b"]])
    problem = one_problem(source)
    assert (problem.table, problem.column) == ("months", "area")
    assert str(problem.message) == "The column stands there twice; the second is headed 片区."


def test_two_columns_of_one_name_in_parquet_are_an_error(tmp_path):
    names = [*month(), "praises"]
    columns = [pa.array([month()[name]]) for name in names]
    pq.write_table(pa.Table.from_arrays(columns, names=names), tmp_path / "months.parquet")
    assert "praises" in str(one_problem(tmp_path))


def test_two_files_or_sheets_of_one_table_are_an_error(tmp_path):
    write_csv(tmp_path / "data" / "months.csv", rows_of([month()]))
    problem = one_problem(write_csv(tmp_path / "data" / "月度.csv", rows_of([month()])))
    assert str(problem) == "table months: Two files hold this table: months.csv, 月度.csv. Expected: one file a table."
    workbook = write_sheets(tmp_path / "data.xlsx", {"月度": rows_of([month()]), "months": rows_of([month()])})
    problem = one_problem(tmp_path / "data.xlsx")
    assert str(problem) == "table months: Two sheets hold this table: 月度, months. Expected: one sheet a table."
    workbook["月度"].sheet_state = "hidden"
    workbook.save(tmp_path / "data.xlsx")
    assert "hold this table: 月度 (hidden), months." in str(one_problem(tmp_path / "data.xlsx"))


def test_two_files_of_one_table_are_told_where_the_first_cannot_be_read(tmp_path):
    write_csv(tmp_path / "months.csv", [["x"]])
    problems = error_of(write_csv(tmp_path / "月度.csv", rows_of([month()]))).problems
    assert [str(problem.message) for problem in problems] == [
        "No header row was found among the first 10 rows.",
        "Two files hold this table: months.csv, 月度.csv.",
    ]


def test_a_row_with_too_many_cells_has_moved(tmp_path):
    """A decimal comma that is not in quotes pushes all later cells one column on."""
    text = ",".join(month()) + "\n" + ",".join(map(str, month().values())).replace(",0,", ",1,5,", 1) + "\n"
    (tmp_path / "months.csv").write_text(text, encoding="utf-8")
    problem = one_problem(tmp_path)
    assert (problem.row, problem.staff_id, str(problem.expected)) == (2, "CM01", "19 cells")


@pytest.mark.parametrize("rows", [rows_of([month()])[:1], [*rows_of([month()])[:1], ["合计", "", 3]]])
def test_a_table_without_rows_is_an_error(rows, tmp_path):
    problem = one_problem(write_csv(tmp_path / "months.csv", rows))
    assert str(problem) == "table months: The table has no rows."


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " , ,\n"])
def test_an_empty_file_is_an_error(content, tmp_path):
    (tmp_path / "months.csv").write_text(content, encoding="utf-8")
    assert "The table is empty." in str(one_problem(tmp_path))
    write_sheets(tmp_path / "data.xlsx", {"months": rows_of([month()]), "quarters": [[" "]]})
    assert one_problem(tmp_path / "data.xlsx").table == "quarters"


def test_a_table_without_a_header_is_an_error(tmp_path):
    problem = one_problem(write_csv(tmp_path / "months.csv", rows_of([month()])[1:]))
    assert "No header row was found among the first 10 rows." in str(problem)
    assert "staff_id 工号, month 月份" in str(problem)


def test_months_is_the_one_table_that_must_be_there(tmp_path):
    source = write_csv(tmp_path / "quarters.csv", rows_of([{"staff_id": "CM01", "quarter": "x"}]))
    problems = error_of(source).problems
    assert [problem.table for problem in problems] == ["months", "quarters"]
    assert "is missing; found: quarters" in str(problems[0])


def test_a_table_that_cannot_be_read_is_not_called_missing(tmp_path):
    (tmp_path / "months.parquet").write_bytes(b"PAR1 and no more")
    problems = error_of(write_csv(tmp_path / "staff.csv", rows_of([{"staff_id": "CM01"}]))).problems
    assert ["damaged or cut short" in str(problem) for problem in problems] == [True]


# -- workbooks ---------------------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_that_hold_something_else_are_named(tmp_path):
    """Dates, times, truth values and far numbers where a count belongs."""
    cells = {
        "broadband_gained": datetime.date(2025, 1, 3),
        "broadband_lost": datetime.time(3, 0),
        "maintained_gained": True,
        "maintained_lost": 1e300,
        "praises": 2.5,
    }
    write_sheets(tmp_path / "data.xlsx", {"months": rows_of([month() | cells])})
    found = {problem.column: problem.value for problem in error_of(tmp_path / "data.xlsx").problems}
    assert found == {
        "broadband_gained": "2025-01-03",
        "broadband_lost": "03:00:00",
        "maintained_gained": "True",
        "maintained_lost": str(int(1e300)),
        "praises": "2.5",
    }


@pytest.mark.parametrize("code", ERROR_CODES)
@pytest.mark.parametrize("column", ["complaints", "revenue", "area", "month", "staff_id"])
def test_an_error_in_a_cell_is_neither_empty_nor_lost(code, column, tmp_path):
    """The reading library gives errors as empty cells; in a column that may be empty they would be lost."""
    rows = rows_of([month(area="a", revenue=5, revenue_base=5), month("CM02", area="a", revenue=5, revenue_base=5)])
    workbook = write_sheets(tmp_path / "data.xlsx", {"months": [["标题"], *rows]})
    cell = workbook["months"].cell(3, rows[0].index(column) + 1, code)
    assert cell.data_type == "e"
    workbook.save(tmp_path / "data.xlsx")
    problem = one_problem(tmp_path / "data.xlsx")
    assert (problem.row, problem.column, problem.value, str(problem.message)) == (3, column, code, INVALID)


def test_a_formula_that_was_never_computed_is_not_empty(tmp_path):
    """Programs that write formulas leave the results to Excel; until it has opened the file there are none."""
    rows = rows_of([month(revenue=None, revenue_base=None)])
    workbook = write_sheets(tmp_path / "data.xlsx", {"months": rows})
    place = rows[0].index("revenue") + 1
    workbook["months"].cell(2, place, "=B2&C2")
    workbook["months"].cell(2, place + 1, "=1<2")
    workbook.save(tmp_path / "data.xlsx")
    problems = error_of(tmp_path / "data.xlsx").problems
    assert [(problem.column, problem.value) for problem in problems] == [
        ("revenue", "=B2&C2"),
        ("revenue_base", "=1<2"),
    ]
    assert {str(problem.message) for problem in problems} == {"The cell holds a formula without a stored result."}
    assert "opening the workbook in a spreadsheet program and saving it" in str(problems[0].expected)


@pytest.mark.parametrize("column", ["staff_id", "complaints", "area", "revenue"])
def test_merged_cells_are_one_error(column, tmp_path):
    """Only the first of them holds a value: the others would be empty, in a column that may be empty without a word."""
    path = tmp_path / "data.xlsx"
    records = [month("CM01", f"2025-0{n}", area="a", revenue=5, revenue_base=5) for n in range(1, 6)]
    rows = [["标题"], *rows_of(records, {"revenue": "业务收入"})]
    workbook = write_sheets(path, {"月度": rows, "封面": [["x"]]})
    place = list(records[0]).index(column) + 1
    letter = get_column_letter(place)
    workbook["月度"].merge_cells(f"{letter}4:{letter}7")
    workbook["月度"].merge_cells("A1:F1")
    workbook.save(path)
    problem = one_problem(path)
    assert (problem.table, problem.row, problem.column) == ("months", 4, column)
    assert problem.heading == ("业务收入" if column == "revenue" else column)
    wanted = f"The cells {letter}4:{letter}7 are merged; only the first of them holds a value."
    assert str(problem.message) == wanted
    assert str(problem.expected) == "cells that are not merged, each with its own value"


def test_a_row_of_cells_merged_across_columns_is_one_error(tmp_path):
    path = tmp_path / "data.xlsx"
    workbook = write_sheets(path, {"月度": [*rows_of([month()]), ["以上数据未经核对"], *rows_of([month("CM02")])[1:]]})
    workbook["月度"].merge_cells("A3:H3")
    workbook.save(path)
    problem = one_problem(path)
    assert (problem.row, problem.column) == (3, "staff_id")
    assert "The cells A3:H3 are merged" in str(problem)


def test_cells_merged_outside_the_table_are_no_error(tmp_path):
    """In titles and total rows, in columns that are not known, and below the table."""
    path = tmp_path / "data.xlsx"
    rows = [["标题"], *rows_of([month(note="一"), month("CM02", note=None)]), ["合计", None, 3]]
    workbook = write_sheets(path, {"months": rows})
    note = get_column_letter(rows[1].index("note") + 1)
    for cells in (f"A1:{note}1", f"{note}3:{note}4", "A5:B5", "A6:C9"):
        workbook["months"].merge_cells(cells)
    workbook.save(path)
    assert cm.read_staff(path).tables["months"].length == 2


def test_many_merged_cells_are_counted(tmp_path):
    path = tmp_path / "data.xlsx"
    workbook = write_sheets(path, {"months": rows_of([month("CM01", f"20{n:02d}-01") for n in range(1, 51)])})
    for row in range(2, 52, 2):
        workbook["months"].merge_cells(f"A{row}:A{row + 1}")
    workbook.save(path)
    problems = error_of(path).problems
    assert [problem.row for problem in problems] == [*range(2, 42, 2), None]
    assert "… and more merged cells: 5." in str(problems[-1])


def test_a_formula_with_a_result_is_its_result(tmp_path):
    path = tmp_path / "data.xlsx"
    write_sheets(path, {"months": rows_of([month(area="")])})
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    content = parts[sheet].replace(b'<c r="C2" t="n"><v>0</v>', b'<c r="C2"><f>1+1</f><v>2</v>')
    content = content.replace(b"</row></sheetData>", b'<c r="T2" t="str"><f>""</f><v></v></c></row></sheetData>')
    assert content.count(b"<f>") == 2
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {sheet: content}).items():
            archive.writestr(name, part)
    data = cm.read_staff(path)
    assert data.tables["months"].columns["broadband_gained"].tolist() == [2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
            "is an old Excel workbook (.xls) or is protected by a password",
        ),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (b"staff_id,month\nCM01,2025-01\n", "is neither a folder nor an Excel workbook (.xlsx)"),
        (b"<html><table></table></html>", "is neither a folder nor an Excel workbook (.xlsx)"),
        (b"PK\x03\x04", "is damaged or cut short"),
        (EXAMPLE.read_bytes()[:20_000], "is damaged or cut short"),
        (EXAMPLE.read_bytes()[:-1], "is damaged or cut short"),
    ],
    ids=["empty", "old or protected", "PDF", "CSV", "HTML", "four bytes", "cut short", "one byte short"],
)
def test_a_file_of_another_kind_says_so(content, said, tmp_path):
    path = tmp_path / "data.xlsx"
    path.write_bytes(content)
    error = error_of(path)
    assert said in str(error.message)
    assert "an Excel workbook saved as .xlsx" in str(error)


def test_an_archive_of_another_kind_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    assert "of another kind than Excel workbooks" in str(error_of(tmp_path / "data.xlsx"))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_an_error_in_words(seed, tmp_path):
    """Whatever bytes are lost or changed, no other error comes out."""
    rng = random.Random(seed)
    name = rng.choice(("data.xlsx", "months.csv", "months.parquet"))
    if name == "data.xlsx":
        write_sheets(tmp_path / name, {"months": rows_of([month()])})
    elif name == "months.csv":
        write_csv(tmp_path / name, rows_of([month("员工")]), rng.choice(("utf-8-sig", "gb18030")))
    else:
        write_parquet(tmp_path / name, {column: [value] for column, value in month("员工").items()})
    content = bytearray((tmp_path / name).read_bytes())
    for _ in range(rng.randint(1, 4)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    if rng.random() < 0.3:
        del content[rng.randrange(len(content)) :]
    (tmp_path / name).write_bytes(content)
    with contextlib.suppress(cm.DataError):
        assert cm.read_staff(tmp_path / name if name == "data.xlsx" else tmp_path).tables["months"].length


# -- text files ----------------------------------------------------------------------------------------------------


def test_bytes_that_are_no_text_are_an_error(tmp_path):
    source = months_csv(tmp_path, month(), month("CM02"))
    content = (source / "months.csv").read_bytes()
    (source / "months.csv").write_bytes(content.replace(b"CM02", b"CM\x0002"))
    problem = one_problem(source)
    assert (problem.table, problem.row) == ("months", 3)
    assert "NUL bytes" in str(problem)
    (source / "months.csv").write_bytes(content.decode().encode("utf-16"))
    assert str(one_problem(source).expected) == "CSV in UTF-8 or GB18030"
    (source / "months.csv").write_bytes(content + b"\xff\xff")
    assert "in no encoding that is known" in str(one_problem(source))


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_text_cut_inside_a_character_is_not_taken_for_another_encoding(bom, tmp_path):
    """GB18030 makes other Chinese characters of cut UTF-8, and nobody would notice."""
    records = [month("CM01", area="片区一"), month("CM02", area="片区二")]
    content = (bom + "\n".join(",".join(map(str, row)) for row in rows_of(records))).encode()
    for lost in (1, 2):
        (tmp_path / "months.csv").write_bytes(content[:-lost])
        assert "damaged or cut short" in str(one_problem(tmp_path))


@pytest.mark.parametrize("name", ["area", "staff_id"])
def test_a_quotation_mark_without_its_partner_is_an_error(name, tmp_path):
    """Without it the rest of the file would be one cell, and its people would be gone."""
    records = [month("CM01", area="x1"), month("CM02", area="x2"), month("CM03", area="x3")]
    text = "\n".join(",".join(map(str, row)) for row in rows_of(records))
    text = text.replace("CM02", '"CM02') if name == "staff_id" else text.replace("x2", '"x2')
    (tmp_path / "months.csv").write_text(text, encoding="utf-8")
    problem = one_problem(tmp_path)
    assert (problem.table, problem.row) == ("months", 3)
    assert str(problem.expected).startswith("quotation marks in pairs")


# -- Parquet -----------------------------------------------------------------------------------------------------------

TYPED = [
    ("nothing", [1.0, float("nan")], 2, None),
    ("null", pa.array([1, None], pa.int32()), 2, None),
    ("infinite", [1.0, float("inf")], 2, "inf"),
    ("fraction", pa.array([1.0, 2.5], pa.float32()), 2, "2.5"),
    ("negative", pa.array([-1, 0], pa.int8()), 1, "-1"),
    ("far", pa.array([0, 2**64 - 1], pa.uint64()), 2, str(2**64 - 1)),
    ("list", [[1], [2]], 1, "[1]"),
    ("struct", [{"a": 1}, {"a": 2}], 1, "{'a': 1}"),
    ("truth", [True, False], 1, "True"),
    ("day", [datetime.date(2025, 1, 1)] * 2, 1, "2025-01-01"),
    ("text", ["x", "1"], 1, "x"),
    ("bytes", [b"1", b"2"], 1, "b'1'"),
]


@pytest.mark.parametrize(("values", "row", "value"), [pytest.param(*case[1:], id=case[0]) for case in TYPED])
def test_typed_columns_are_checked_cell_by_cell(values, row, value, tmp_path):
    columns = {name: [cell, cell] for name, cell in month().items()} | {"staff_id": ["CM01", "CM02"]}
    source = write_parquet(tmp_path / "months.parquet", columns | {"praises": values})
    problem = error_of(source).problems[-1 if value is None else 0]
    assert (problem.row, problem.staff_id, problem.column) == (row, f"CM0{row}", "praises")
    assert (problem.value, str(problem.expected)) == (value, COUNT)


@pytest.mark.parametrize("values", [[b"CM01"], [["CM01"]], [datetime.date(2025, 3, 1)], [True], [{"id": "CM01"}]])
def test_a_staff_id_is_a_text_or_a_number(values, tmp_path):
    columns = {name: [cell] for name, cell in month().items()} | {"staff_id": values}
    problem = one_problem(write_parquet(tmp_path / "months.parquet", columns))
    assert (problem.row, problem.column, str(problem.expected)) == (1, "staff_id", "a staff id")


def test_a_day_outside_the_calendar_is_an_error():
    """A month of the year 1 would make a panel of two thousand years."""
    frame = pd.DataFrame([month(), month("CM02")])
    frame["month"] = np.array(["0001-01-01", "2025-01-01"], dtype="datetime64[s]")
    with pytest.raises(cm.DataError) as caught:
        cm.StaffData.from_frames({"months": frame})
    (problem,) = caught.value.problems
    assert (problem.row, problem.column, problem.value) == (1, "month", "0001-01-01 00:00:00")


def test_an_unknown_frame_is_named_with_the_nearest():
    with pytest.raises(cm.DataError, match=r"There is no table month\. Expected: months"):
        cm.StaffData.from_frames({"month": pd.DataFrame([month()])})


@pytest.mark.parametrize(("given", "nearest"), [("", "CM0000"), ("CM006", "CM0006"), ("nobody", "CM0000")])
def test_a_staff_id_that_nobody_has_is_quoted(given, nearest):
    """So that one of nothing or of blanks can be seen."""
    months = pd.DataFrame([month(f"CM{number:04d}") for number in range(40)])
    with pytest.raises(cm.DataError) as caught:
        cm.StaffData.from_frames({"months": months}).place_of(given)
    assert str(caught.value.message) == f'There is nobody with the staff id "{given}".'
    assert f"such as {nearest}." in str(caught.value)
    with using_language("zh"):
        assert f"“{given}”" in str(caught.value)


# -- paths -------------------------------------------------------------------------------------------------------------


def test_a_path_that_leads_nowhere_names_the_nearest(tmp_path):
    (tmp_path / "department").mkdir()
    assert "Did you mean department?" in str(error_of(tmp_path / "departmnet"))
    assert "There is no file or folder" in str(error_of(tmp_path / "no" / "such"))


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("dept.xlsx", None), ("mreged.xlsx", "merged.xlsx"), ("merged.xls", "merged.xlsx"), ("x", None)],
)
def test_a_file_of_an_unlike_name_is_not_suggested(asked, nearest, tmp_path):
    """The suffix alone makes no two names alike."""
    for name in ("merged.xlsx", "merged.csv", "y"):
        (tmp_path / name).write_text("x")
    hints = [str(problem) for problem in error_of(tmp_path / asked).problems]
    assert hints == ([] if nearest is None else [f"Did you mean {nearest}?"])


def test_a_folder_without_tables_names_what_it_holds(tmp_path):
    for name in ("month.csv", "data.xlsx", "说明.txt"):
        (tmp_path / name).write_text("x")
    problem = one_problem(tmp_path)
    found = "data.xlsx, month.csv (months?), 说明.txt"
    assert f"The table months (月度) is missing; found: {found}." in str(problem)
    assert "a sheet of a workbook, named months or 月度" in str(problem)
    write_sheets(tmp_path / "other.xlsx", {"Sheet1": [["x"]]})
    assert "found: Sheet1." in str(one_problem(tmp_path / "other.xlsx"))
    (tmp_path / "empty").mkdir()
    assert "None of the tables was found." in str(one_problem(tmp_path / "empty"))


def test_a_misspelt_sheet_of_months_is_named_with_the_nearest(tmp_path):
    """Also where other tables are there, and could be read without it."""
    write_sheets(tmp_path / "data.xlsx", {"员工": rows_of([{"staff_id": "CM01"}]), "月度表": rows_of([month()])})
    assert "The table months (月度) is missing; found: staff, 月度表 (月度?)." in str(
        one_problem(tmp_path / "data.xlsx")
    )


def test_one_file_of_a_folder_asks_for_the_folder(tmp_path):
    error = error_of(months_csv(tmp_path, month()) / "months.csv")
    assert str(error.problems[0].expected) == f'the folder "{tmp_path / "data"}"'


def test_one_file_of_the_current_folder_asks_for_the_folder_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(months_csv(tmp_path, month()))
    assert f'the folder "{tmp_path / "data"}"' in str(error_of("months.csv"))


def test_a_folder_named_like_a_workbook_is_a_folder(tmp_path):
    source = write_csv(tmp_path / "data.xlsx" / "months.csv", rows_of([month()]))
    assert cm.read_staff(source).tables["months"].length == 1


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that exists but cannot be read")
def test_a_file_that_cannot_be_read_says_why(tmp_path):
    write_csv(tmp_path / "data" / "months.csv", rows_of([month()]))
    for name in ("quarters.csv", "years.parquet"):
        (tmp_path / "data" / name).symlink_to("/proc/self/mem")
    problems = error_of(tmp_path / "data").problems
    assert [problem.table for problem in problems] == ["quarters", "years"]
    assert "The file quarters.csv cannot be read: " in str(problems[0])
    (tmp_path / "data.xlsx").symlink_to("/proc/self/mem")
    assert "data.xlsx cannot be read: " in str(error_of(tmp_path / "data.xlsx"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the administrator may read everything")
def test_a_file_that_may_not_be_read_says_why(tmp_path):
    source = months_csv(tmp_path, month())
    (source / "months.csv").chmod(0)
    assert "The file months.csv cannot be read: Permission denied." in str(one_problem(source))
