"""Every column of every table that is written is of a known kind, explained in both languages, and formatted by it."""

import inspect
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cmpolicy as cm
from cmpolicy import cli
from cmpolicy.report.columns import column_of, kind_of
from cmpolicy.report.files import text_frame, write_tables
from cmpolicy.staff.partitions import write_partitions
from cmpolicy.staff.synthetic import synthesize_parts

DATASETS = Path(__file__).parents[2] / "datasets"
DATA, REFORM = DATASETS / "department", DATASETS / "proposed-reform.yaml"
PERSON = "CM000046"
ARGUMENTS = {
    "appraise": [(DATA,)],
    "compare": [(DATA, "--reform", REFORM), (DATASETS / "small", "--against", DATASETS / "small.xlsx")],
    "totals": [("parts",)],
    "sweep": [
        (
            DATA, "--vary", "grades.A.from=109,110", "--vary", "grades.B.quarterly_bonus=2000.50",
            "--vary", "revenue.rate=0.25", "--vary", "readings.user_count=net",
        )
    ],
    "forecast": [(DATA, "--replicates", 20, "--reform", REFORM)],
    "solve": [(DATA, "--vary", "grades.A.from", "--vary", "grades.A.quarterly_bonus", "--budget", "1200000")],
    "readings": [(DATA,)],
    "sensitivity": [(DATASETS / "small",)],
    "cost": [(DATA, "--assumptions", DATASETS / "people-cost-example.yaml", "--reform", REFORM)],
    "comply": [(DATA, "--region", "shenzhen", "--reform", REFORM)],
    "backtest": [(DATA,)],
    "fairness": [(DATA,)],
    "incentives": [(DATA,)],
    "explain": [(DATA, PERSON), (DATA, PERSON, "--reform", REFORM)],
}  # fmt: skip
STYLES = {"money": "#,##0.00", "points": "0.00######", "share": "0.00%", "decimal": "0.00####", "number": "General"}


def test_every_command_that_writes_tables_is_tried_here():
    """A new one is not forgotten; what synth writes are records, whose columns the data dictionary explains."""
    takes = {
        function.__name__
        for function, _ in cli.COMMANDS
        if {"file_format", "staff_id"} & inspect.signature(function).parameters.keys()
    }
    assert takes - {"synth"} == ARGUMENTS.keys()


@pytest.mark.parametrize("command", ARGUMENTS)
def test_every_column_is_explained_in_both_languages_and_formatted_by_its_kind(command, run, tmp_path):
    write_partitions(synthesize_parts(2, 20, 6, seed=1), tmp_path / "parts", 2)
    for number, arguments in enumerate(ARGUMENTS[command]):
        status, _, err = run(command, *arguments, "--out", f"{number}.xlsx")
        assert (status, err) == (0, "")
        guide, *sheets = openpyxl.load_workbook(tmp_path / f"{number}.xlsx").worksheets
        explained = explanations(guide, sheets)
        for sheet in sheets:
            for cells in sheet.iter_cols():
                column = column_of(sheet.title, cells[0].value)
                assert column is not None, f"{sheet.title}.{cells[0].value} has no kind"
                chinese, english = explained[sheet.title, cells[0].value]
                assert re.search("[\u4e00-\u9fff]", chinese), f"{sheet.title}.{cells[0].value} in Chinese: {chinese}"
                assert not re.search("[\u4e00-\u9fff]", english)
                assert (column.kind == "money") <= ("yuan" in english)
                for cell in cells[1:]:
                    if cell.data_type == "n" and cell.value is not None:
                        assert cell.number_format == STYLES[column.kind], f"{sheet.title}.{cells[0].value}"
                    if isinstance(cell.value, str):
                        assert column.kind in ("text", "date"), f"{sheet.title}.{cells[0].value}: {cell.value}"


def explanations(guide, sheets):
    """Give what the guide says of each column; a line may be of several side by side, first … last."""
    headings = {sheet.title: [cell.value for cell in next(sheet.iter_rows())] for sheet in sheets}
    found = {}
    for table, columns, *texts in guide.iter_rows(min_row=2, values_only=True):
        if " = " not in columns:
            ends = [headings[table].index(name) for name in columns.split(" … ")]
            found |= {(table, name): texts for name in headings[table][ends[0] : ends[-1] + 1]}
    return found


def test_words_of_the_program_in_cells_are_told_in_chinese(run, tmp_path):
    assert run("forecast", DATA, "--replicates", 20, "--out", "forecast.xlsx")[0] == 0
    guide = openpyxl.load_workbook(tmp_path / "forecast.xlsx").worksheets[0]
    told = {row[:2]: row[2] for row in guide.iter_rows(min_row=2, values_only=True)}
    assert told["people", "figure = left"] == "数据期末在岗人员中主动离职的人数"
    assert told["reserve", "quarter = total"] == "各季度合计"
    assert told["total", "component = cash_effect"] == "奖励的现金影响"


# -- formats -----------------------------------------------------------------------------------------------------------


def test_text_has_two_decimals_for_money_six_for_shares_and_none_for_counts_and_whole_points(run, tmp_path):
    vary = ("--vary", "grades.A.from", "--vary", "grades.A.quarterly_bonus")
    assert run("solve", DATA, *vary, "--budget", "1200000", "--out", "solution")[0] == 0
    text = pd.read_csv(tmp_path / "solution" / "frontier.csv", dtype=str, encoding="utf-8-sig")
    forms = {
        r"\d+\.\d\d": ["grades.A.quarterly_bonus", "cost", "money_moved"],
        r"0\.\d{6}": ["quarter_grade_E_share"],
        r"\d+": ["grades.A.from", "quarter_grade_E", "worse_off", "people_worse_off"],
    }
    assert sorted(text.columns) == sorted(name for names in forms.values() for name in names)
    for form, names in forms.items():
        assert all(text[name].str.fullmatch(form).all() for name in names)


@pytest.mark.parametrize(
    ("table", "column", "cells", "texts"),
    [
        ("quarters", "p10", [400.0, -0.001, float("nan")], ["400.00", "0.00", None]),
        ("people", "p10", [3, 0], ["3", "0"]),
        ("cliffs", "bound", [110.0, 95.0], ["110", "95"]),
        ("exchange", "praise", [1.5, 3.0], ["1.5", "3"]),
        ("groups", "share_A", [1 / 3, 0.0], ["0.333333", "0.000000"]),
        ("groups", "score", [1 / 3], ["0.3333333333"]),
        ("standing", "baseline", [2, 1], ["2", "1"]),
        ("by_grade", "baseline", ["A", "–"], ["A", "–"]),
        ("of_mine", "unknown", [1.25, 2.0], ["1.25", "2"]),
    ],
)
def test_a_column_is_written_by_what_it_holds_in_its_table(table, column, cells, texts):
    """The same name may be money in one table and people in another; an unknown number stays as it is."""
    written = text_frame(pd.DataFrame({column: cells}), table)[column]
    assert [None if pd.isna(cell) else str(cell) for cell in written] == texts


def test_parquet_keeps_money_as_exact_decimals_and_everything_else_as_it_is(tmp_path):
    found = cm.forecast(cm.read_staff(DATASETS / "small"), replicates=20)
    write_tables({"quarters": found.quarters, "people": found.people}, tmp_path, "parquet", stem="forecast")
    money = pq.read_schema(tmp_path / "quarters.parquet")
    assert all(pa.types.is_decimal(money.field(name).type) for name in ("p10", "p50", "p90", "mean"))
    people = pq.read_schema(tmp_path / "people.parquet")
    assert [str(people.field(name).type) for name in ("headcount", "p10", "mean")] == ["int64", "int64", "double"]


def test_a_table_of_the_lab_is_the_same_under_its_longer_name():
    assert column_of("comparison_people", "difference") == column_of("people", "difference")
    assert kind_of("comparison_cost", "baseline", pd.Series([1.0])) == "money"
