"""What is written is read back the same, in every format; nothing is half-written, run as a formula or lost."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError
from cmpolicy.files import EXCEL_ROWS, safe_text
from cmpolicy.staff import write
from cmpolicy.staff.cells import text_of
from cmpolicy.staff.data import Table
from cmpolicy.staff.schema import ABSENT_COUNT, ABSENT_MONEY, MOST_YUAN, TABLES

FORMATS = ("csv", "parquet", "xlsx")
DATASETS = Path(__file__).parents[2] / "datasets"


def target_of(folder, file_format):
    return folder / "data.xlsx" if file_format == "xlsx" else folder / "data"


def written_and_read(data, folder, file_format):
    target = target_of(folder, file_format)
    cm.write_staff(data, target, format=file_format)
    return cm.read_staff(target)


def exact(data, name):
    """Give a table's columns with texts in place of their codes; money stays in fen, absent values as they are kept."""
    table = data.tables[name]
    columns = {"staff_id": data.staff_ids[table.columns["staff_id"]].tolist()}
    for column, values in table.columns.items():
        if column in table.labels:
            columns[column] = np.array([*table.labels[column], None], dtype=object)[values].tolist()
        elif column != "staff_id":
            columns[column] = values.astype("datetime64[D]" if values.dtype.kind == "M" else values.dtype).tolist()
    return columns


def assert_same(read, data):
    assert read.staff_ids.tolist() == data.staff_ids.tolist()
    assert list(read.tables) == list(data.tables)
    for name in data.tables:
        found, wanted = exact(read, name), exact(data, name)
        assert list(found) == list(wanted)
        for column, values in wanted.items():
            assert found[column] == values, f"{name}.{column}"
    assert read.notes == ()


def people_named(names):
    """Staff data of people with these names, whose areas are the names back to front."""
    ids = [f"S{number}" for number in range(len(names))]
    zeros = {field.name: 0 for field in TABLES["months"].fields if field.kind in ("count", "flag")}
    return cm.StaffData.from_frames(
        {
            "staff": pd.DataFrame({"staff_id": ids, "name": names, "area": names[::-1]}),
            "months": pd.DataFrame({"staff_id": ids, "month": "2025-01"} | zeros),
        }
    )


# -- the round trip ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(
    "chosen",
    [
        {"seed": 0},
        {"staff": 1, "months": 1},
        {"staff": 9, "months": 40, "seed": 2, "first_month": "2021-11"},
        {"staff": 30, "months": 14, "knobs": cm.SyntheticKnobs(missing_months=0.5, fraud=0.3, review_share=0.3)},
        {"staff": 30, "months": 24, "knobs": cm.SyntheticKnobs(ability_spread=20, service_shift=40, month_spread=20)},
        {"staff": 20, "months": 24, "knobs": cm.SyntheticKnobs(revenue_level=9e6, joiners_a_year=1, survey_share=0)},
    ],
)
def test_synthetic_staff_are_read_back_exactly(chosen, file_format, tmp_path):
    data = cm.synthesize(**chosen)
    assert_same(written_and_read(data, tmp_path, file_format), data)


@pytest.mark.parametrize("file_format", FORMATS)
def test_nothing_changes_where_tables_are_written_in_several_batches(file_format, tmp_path, monkeypatch):
    monkeypatch.setattr(write, "BATCH", 7)
    data = cm.synthesize(9, 12, 3)
    assert_same(written_and_read(data, tmp_path, file_format), data)


@given(amounts=st.lists(st.integers(0, 100 * MOST_YUAN), min_size=1, max_size=40), file_format=st.sampled_from(FORMATS))
def test_every_amount_is_exact_to_the_fen(amounts, file_format, tmp_path_factory):
    data = cm.synthesize(len(amounts), 3, knobs=cm.SyntheticKnobs(joiners_a_year=0, leavers_a_year=0))
    del data.tables["staff"].columns["area"]  # its managers would share one figure
    columns = data.tables["quarters"].columns
    columns["revenue"][:] = amounts
    columns["paid"] = np.array([ABSENT_MONEY if fen % 3 == 0 else fen for fen in amounts])
    assert_same(written_and_read(data, tmp_path_factory.mktemp("money"), file_format), data)


TEXTS = [
    "罗清松",
    "O'Neil, Ann",
    'the "second"',
    "007",
    "1e5",
    "-5",
    "+8.5%",
    "TRUE",
    "2025-03-01",
    "nan",
    "None",
    "'quoted'",
    "a;b\tc",
    "–",
    "😀 𠮷",
    "<b>&amp;</b>",
]


@pytest.mark.parametrize("file_format", FORMATS)
def test_ordinary_text_stays_exactly_as_it_is(file_format, tmp_path):
    data = people_named([*TEXTS, None])
    assert_same(written_and_read(data, tmp_path, file_format), data)


@pytest.mark.parametrize("file_format", FORMATS)
def test_absent_values_stay_absent(file_format, tmp_path):
    data = cm.synthesize(5, 12, 4)
    staff, quarters = data.tables["staff"].columns, data.tables["quarters"].columns
    staff["contract_months"][1] = ABSENT_COUNT
    staff["contract_wage"][2] = ABSENT_MONEY
    staff["hire_date"][3] = np.datetime64("NaT")
    staff["area"][4] = -1
    quarters["review"][:3] = -32768
    data.tables["years"].columns["other_year_end_bonus"][:] = ABSENT_MONEY
    assert_same(written_and_read(data, tmp_path, file_format), data)


@pytest.mark.parametrize("file_format", FORMATS)
def test_columns_that_are_not_known_are_written_too(file_format, tmp_path):
    folder = tmp_path / "given"
    cm.write_staff(cm.synthesize(3, 2, 5), folder)
    lines = (folder / "staff.csv").read_text("utf-8-sig").splitlines()
    more = [",,爱好", ',-5,"棋,牌"', ",007,", ",,读书"]
    (folder / "staff.csv").write_text("\n".join(a + b for a, b in zip(lines, more, strict=True)), "utf-8")
    data = cm.read_staff(folder)
    assert data.extra == {"staff": {"[K]": ["-5", "007", None], "爱好": ["棋,牌", None, "读书"]}}
    assert written_and_read(data, tmp_path, file_format).extra == data.extra


@pytest.mark.parametrize("file_format", FORMATS)
def test_unknown_cells_of_several_kinds_lose_nothing(file_format, tmp_path):
    data = cm.synthesize(5, 2, 6)
    card = 110101199003070011  # more digits than a sheet keeps of a number
    data.extra["staff"] = {
        "card": [card, 2, 7, 8, 9],
        "mixed": ["text", 2.5, None, 3, 10**30],
        "nothing": [None] * 5,
    }
    extra = written_and_read(data, tmp_path, file_format).extra["staff"]
    assert [text_of(value) for value in extra["card"]] == [str(card), "2", "7", "8", "9"]
    assert [value and text_of(value) for value in extra["mixed"]] == ["text", "2.5", None, "3", str(10**30)]
    assert extra["nothing"] == [None] * 5


# -- how the files look -----------------------------------------------------------------------------------------------


def test_csv_is_plain_with_canonical_names_two_decimals_and_a_byte_order_mark(tmp_path):
    data = people_named(["Ann, A."])
    staff = data.tables["staff"].columns
    staff["hire_date"] = np.array(["2025-01-06"], dtype="datetime64[D]")
    staff["leave_date"] = np.array(["NaT"], dtype="datetime64[D]")
    staff["contract_wage"] = np.array([500005])
    data.tables["months"].columns["fraud"][:] = True
    data.tables["quarters"] = Table(
        {"staff_id": np.array([0]), "quarter": np.array([8100]), "review": np.array([-2])}, 1, np.array([1]), {}
    )
    written = cm.write_staff(data, tmp_path / "new" / "folder")
    assert [file.name for file in written] == ["months.csv", "quarters.csv", "staff.csv"]
    contents = {file.stem: file.read_bytes() for file in written}
    assert all(content.startswith(b"\xef\xbb\xbf") for content in contents.values())
    assert contents["staff"].decode("utf-8-sig").splitlines() == [
        "staff_id,name,area,hire_date,leave_date,contract_wage",
        'S0,"Ann, A.","Ann, A.",2025-01-06,,5000.05',
    ]
    assert contents["quarters"].decode("utf-8-sig").splitlines() == ["staff_id,quarter,review", "S0,2025-Q1,-2"]
    assert contents["months"].decode("utf-8-sig").splitlines()[1] == "S0,2025-01," + "0," * 16 + "1"


DANGEROUS = ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(1)", '=HYPERLINK("http://x")']


def test_no_text_becomes_a_formula_in_a_spreadsheet(tmp_path):
    data = people_named(DANGEROUS)
    data.extra["staff"] = {"=heading": DANGEROUS}
    cm.write_staff(data, tmp_path / "data")
    with (tmp_path / "data" / "staff.csv").open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[-1] == "'=heading"
    assert [row[1] for row in rows] == [row[-1] for row in rows] == [f"'{text}" for text in DANGEROUS]
    cm.write_staff(data, tmp_path / "data.xlsx", format="xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "data.xlsx")["staff"]
    for row, text in enumerate(DANGEROUS, start=2):
        cell = sheet.cell(row, 2)
        assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("text", ["-5", "+8.25", "1,000", "-3%", "–", "a=b", "'=1"])
def test_a_number_or_a_harmless_text_gets_no_apostrophe(text):
    assert safe_text(text) == text


def test_a_workbook_has_a_sheet_a_table_with_days_and_numbers_as_such(tmp_path):
    data = cm.synthesize(4, 12, 7)
    cm.write_staff(data, tmp_path / "data.xlsx", format="xlsx")
    book = openpyxl.load_workbook(tmp_path / "data.xlsx")
    assert book.sheetnames == list(TABLES)
    header = [cell.value for cell in book["staff"][1]]
    assert header == [field.name for field in TABLES["staff"].fields]
    first = dict(zip(header, book["staff"][2], strict=True))
    assert first["hire_date"].is_date
    assert first["contract_wage"].number_format == "#,##0.00"
    assert isinstance(book["months"]["C2"].value, int)


# -- what cannot be written -------------------------------------------------------------------------------------------


class FullDisk:
    """A cell whose text cannot be had: what is being written then stops as on a full disk."""

    def __str__(self):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("file_format", FORMATS)
def test_nothing_is_half_written_where_writing_stops(file_format, tmp_path):
    target = target_of(tmp_path, file_format)
    cm.write_staff(cm.synthesize(4, 12, 8), target, format=file_format)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    data = cm.synthesize(9, 12, 9)
    data.extra["years"] = {"more": [FullDisk()] * data.tables["years"].length}
    with pytest.raises(CmpolicyError, match="No space left on device") as caught:
        cm.write_staff(data, target, format=file_format)
    assert str(target) in str(caught.value)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert not list(tmp_path.rglob(".writing-*"))


def test_a_target_of_another_kind_is_refused_by_name(tmp_path):
    data = cm.synthesize(2, 1)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.xlsx").mkdir()
    for target, file_format in ((tmp_path / "file", "csv"), (tmp_path / "folder.xlsx", "xlsx")):
        with pytest.raises(CmpolicyError, match="something of another kind") as caught:
            cm.write_staff(data, target, format=file_format)
        assert str(target) in str(caught.value)
    with pytest.raises(CmpolicyError, match=r"ends in \.xlsx"):
        cm.write_staff(data, tmp_path / "book", format="xlsx")
    with pytest.raises(CmpolicyError, match="There is no format json; there are csv, parquet and xlsx"):
        cm.write_staff(data, tmp_path / "data", format="json")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("stranger", ["surveys.csv", "months.parquet", "季度.csv"])
def test_a_folder_with_other_tables_is_refused_as_they_would_be_read_too(stranger, tmp_path):
    (tmp_path / stranger).write_text("old")
    (tmp_path / "notes.csv").write_text("no table")
    data = cm.synthesize(2, 2)
    with pytest.raises(CmpolicyError, match=stranger):
        cm.write_staff(data, tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([stranger, "notes.csv"])


def test_tables_of_the_same_names_are_replaced(tmp_path):
    cm.write_staff(cm.synthesize(9, 12, 1), tmp_path)
    data = cm.synthesize(3, 12, 2)
    cm.write_staff(data, tmp_path)
    assert_same(cm.read_staff(tmp_path), data)


def test_a_table_too_long_for_a_sheet_is_refused_before_anything_is_written(tmp_path):
    data = cm.synthesize(2, 1)
    months = data.tables["months"]
    data.tables["months"] = Table(months.columns, EXCEL_ROWS, months.rows, {})
    with pytest.raises(CmpolicyError, match=r"table months: The table has 1,048,576 rows\. Expected: fewer than"):
        cm.write_staff(data, tmp_path / "data.xlsx", format="xlsx")
    assert not list(tmp_path.iterdir())


# -- the committed data sets ------------------------------------------------------------------------------------------


def test_the_committed_data_sets_are_what_their_script_makes(tmp_path):
    spec = importlib.util.spec_from_file_location("make", DATASETS / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    make.make(tmp_path)
    names = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*.csv"))
    assert names == sorted(file.relative_to(DATASETS) for file in DATASETS.rglob("*.csv"))
    for name in names:
        made, kept = ((folder / name).read_text("utf-8-sig") for folder in (tmp_path, DATASETS))
        assert made == kept, name
    assert_same(cm.read_staff(DATASETS / "small.xlsx"), cm.read_staff(DATASETS / "small"))


def test_the_departments_payroll_differs_in_as_many_quarters_as_its_page_says():
    data = cm.read_staff(DATASETS / "department")
    assert data.notes == ()
    quarters = cm.appraise(data).quarters.merge(data.frame("quarters")[["staff_id", "quarter", "paid"]])
    slips = quarters[quarters["payout"] != quarters["paid"]]
    assert len(quarters) == 619
    assert (slips["standing"] == "left").sum() == 2
    assert (slips["standing"] != "left").sum() == 12
    assert cm.appraise(data).standing_counts == {"observed": 8, "dismissed": 2, "left": 2}


def test_the_proposed_reform_does_what_its_page_says():
    from cmpolicy.regulation.yaml_files import load_yaml

    data = cm.read_staff(DATASETS / "department")
    change = cm.compare(data, cm.load_policy("2007-06"), load_yaml(DATASETS / "proposed-reform.yaml"))
    assert len(change.changes) == 5, "no line of it is without effect"
    assert change.quarter_migration.loc["A", "B"] == 29
    assert round(change.cost.loc["cost", "difference"]) == -11753
    gains = change.people["difference"]
    assert ((gains > 0).sum(), (gains < 0).sum(), gains.max()) == (14, 48, 5800)
