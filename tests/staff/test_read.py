"""One data set, whatever shape it comes in, is read as the same tables; what is left out is told."""

import datetime
import random
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from made_files import CHINESE, EXAMPLE, month, records_of, rows_of, write_csv, write_parquet, write_sheets
from random_cases import COUNTS

import cmpolicy as cm
from cmpolicy.messages import using_language
from cmpolicy.staff.schema import TABLES

FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
KIND = {table.name: {field.name: field.kind for field in table.fields} for table in TABLES.values()}


def department():
    """A few people with everything in which shapes differ; money in fen, months and quarters as pairs."""
    rng = random.Random(7)
    people = ("0007", "CM01", "20250001", "A-3")
    day = datetime.date
    staff = [
        {"staff_id": "0007", "name": "𠮷野梅", "area": "片区一", "hire_date": day(2024, 12, 30), "leave_date": None}
        | {"contract_months": 36, "contract_wage": 520_000, "confirmed_on": day(2025, 3, 1), "probation_wage": 442_005},
        {"staff_id": "CM01", "name": "王 安", "area": "片区一", "hire_date": day(2019, 2, 28)}
        | {"contract_months": None, "leave_date": day(2025, 7, 1), "festival_allowance": 123_456_789},
        {"staff_id": "20250001", "name": "李“宁”,远", "area": "=片区2", "hire_date": None},
        {"staff_id": "A-3", "name": None, "area": None, "hire_date": day(2000, 1, 1), "contract_wage": 0},
    ]
    months = [
        {"staff_id": one, "month": (2025, number)}
        | {name: rng.choice((0, 0, 1, 2, 5, 1234)) for name in COUNTS}
        | {"fraud": rng.random() < 0.3, "area": rng.choice((None, "片区三")), "revenue": None, "revenue_base": None}
        for one in people
        for number in (1, 3, 4, 6)
    ]
    months[0] |= {"revenue": 123_456, "revenue_base": 1}
    quarters = [
        {"staff_id": one, "quarter": (2025, number), "review": rng.choice((None, -3, 0, 2)), "paid": rng.choice((0, 5))}
        | {"review_supervisor": -1, "review_manager": None}
        | {"revenue": rng.choice((0, 26_159_322, 1_000_000_07)), "revenue_base": 23_756_682}
        for one in people
        for number in (1, 2)
    ]
    surveys = [
        {"staff_id": "0007", "month": (2025, 2), "sampled": 20, "satisfied": 19},
        {"staff_id": "0007", "month": (2025, 2), "sampled": 20, "satisfied": 19},
        {"staff_id": "CM01", "month": (2025, 6), "sampled": 1_000, "satisfied": 0},
    ]
    years = [{"staff_id": "A-3", "year": 2025, "other_year_end_bonus": 50_000}]
    years.append({"staff_id": "0007", "year": 2025, "other_year_end_bonus": None})
    return {"staff": staff, "months": months, "quarters": quarters, "surveys": surveys, "years": years}


def assert_same(data, expected):
    for table, records in expected.items():
        names = names_of(records)
        wanted = [{name: _number(name, record.get(name)) for name in names} for record in records]
        assert records_of(data, table) == [
            {name: record[name] for name in KIND[table] if name in record} for record in wanted
        ], table


def names_of(records):
    return list(dict.fromkeys(name for record in records for name in record))


def _number(name, value):
    if name == "month" and value:
        return 12 * value[0] + value[1] - 1
    return 4 * value[0] + value[1] - 1 if name == "quarter" and value else value


# -- spellings -------------------------------------------------------------------------------------------------------


def typed(kind, value):
    """A cell as a program writes it."""
    match kind:
        case "money":
            return value / 100
        case "month":
            return f"{value[0]}-{value[1]:02d}"
        case "quarter":
            return f"{value[0]}-Q{value[1]}"
        case _:
            return value


def spelled(kind, value, rng):
    """A cell as one person or another types it."""
    match kind:
        case "count" | "sampled" | "adjustment":
            return rng.choice((f"{value}", f" {value} ", f"{value}.0", f"{value:,}", str(value).translate(FULL_WIDTH)))
        case "money":
            fen = f"{value / 100:.2f}"
            return rng.choice((fen, f"{fen}00", f"{value / 100:,.2f}", fen.translate(FULL_WIDTH), f"\t{fen}"))
        case "flag":
            return rng.choice(
                ("是", "TRUE", "true", "1", "１", "yes", "Y") if value else ("否", "False", "0", "no", "0.0")
            )
        case "month":
            year, number = value
            styles = (
                "{}-{:02d}",
                "{}年{}月",
                "{}年{:02d}月份",
                "{}{:02d}",
                "{}/{}",
                "{}.{:02d}",
                "{}-{:02d}-01",
                "{}/{}/31",
            )
            style = rng.choice(styles[: 8 if number in (1, 3) else 7])
            text = style.format(year, number)
            return rng.choice((text, text.translate(FULL_WIDTH), f"{text} "))
        case "quarter":
            style = rng.choice(("{}-Q{}", "{}Q{}", "{}q{}", "{} Q{}", "{}年第{}季度", "{}年{}季", "{}Ｑ{}"))
            return style.format(
                value[0], rng.choice((value[1], "一二三四"[value[1] - 1])) if "季" in style else value[1]
            )
        case "year":
            return rng.choice(("{}", "{}年", "{}年度", " {}")).format(value)
        case "date":
            style = rng.choice(("{}-{:02d}-{:02d}", "{}年{}月{}日", "{}/{}/{}", "{}.{}.{}", "{}{:02d}{:02d}"))
            return style.format(value.year, value.month, value.day) + rng.choice(("", "", " 00:00:00", " 0:00"))
        case "staff_id":
            return rng.choice((value, f" {value}", value.translate(FULL_WIDTH)))
        case _:
            return rng.choice((value, f"{value}  "))


def cells_of(table, records, spell):
    return [
        {name: None if value is None else spell(KIND[table][name], value) for name, value in record.items()}
        for record in records
    ]


# -- shapes ----------------------------------------------------------------------------------------------------------


def as_text(kind, value):
    return f"{value / 100:.2f}" if kind == "money" else typed(kind, value)


def plain_csv(records, folder, **options):
    for table, rows in records.items():
        write_csv(folder / f"{table}.csv", rows_of(cells_of(table, rows, as_text)), **options)
    return folder


def chinese_csv(records, folder, encoding):
    for table, rows in records.items():
        found = rows_of(cells_of(table, rows, as_text), CHINESE[table])
        write_csv(folder / f"{TABLES[table].heading}.csv", found, encoding=encoding)
    return folder


def semicolons(records, folder):
    return plain_csv(records, folder, delimiter=";", lineterminator="\n")


def tabs_and_quotes(records, folder):
    return plain_csv(records, folder, delimiter="\t", quoting=1, encoding="utf-8-sig")


def old_line_ends(records, folder):
    return plain_csv(records, folder, lineterminator="\r")


def typed_workbook(records, folder):
    folder.mkdir()
    sheets = {table: rows_of(cells_of(table, rows, typed)) for table, rows in records.items()}
    write_sheets(folder / "data.xlsx", sheets)
    return folder / "data.xlsx"


def workbook_of_real_dates(records, folder):
    """Months as days of Excel, numbers of people as numbers where nothing is lost by it."""

    def cell(kind, value):
        if kind == "month":
            return datetime.date(*value, 15)
        return 20250001 if value == "20250001" else typed(kind, value)

    folder.mkdir()
    sheets = {}
    for table, rows in records.items():
        sheets[TABLES[table].heading] = rows_of(cells_of(table, rows, cell), CHINESE[table])
    write_sheets(folder / "data.xlsx", sheets)
    return folder / "data.xlsx"


def workbook_right_and_down(records, folder):
    """The tables begin in column C under a merged title; a remark stands beside them, and a sheet of something else."""
    sheets = {}
    for table, rows in records.items():
        found = [[None, None, *row] for row in rows_of(cells_of(table, rows, typed), CHINESE[table])]
        note = [["注:由园区主管核实"], [None, None, "合计", None, 3], ["备注", "另见附件"]]
        sheets[table] = [["", "", f"{table} 2025"], [], *found[:2], [], *found[2:], [], *note]
    sheets["封面"] = [["2025年度"]]
    folder.mkdir()
    workbook = write_sheets(folder / "data.xlsx", sheets)
    workbook["months"].merge_cells("C1:J1")
    workbook["staff"].merge_cells("A7:B9")
    workbook.save(folder / "data.xlsx")
    return folder / "data.xlsx"


def typed_parquet(records, folder):
    for table, rows in records.items():
        columns = {name: [row.get(name) for row in cells_of(table, rows, typed)] for name in names_of(rows)}
        write_parquet(folder / f"{table}.parquet", columns)
    return folder


def odd_parquet(records, folder):
    """Types that other programs choose: decimals, small integers, real months, dictionaries, long strings."""
    types = {
        "count": pa.int8(),
        "sampled": pa.uint64(),
        "adjustment": pa.float64(),
        "money": pa.decimal128(18, 4),
        "month": pa.timestamp("ns", tz="Asia/Shanghai"),
        "quarter": pa.large_string(),
        "year": pa.float32(),
        "date": pa.timestamp("ms"),
        "flag": pa.int8(),
        "text": pa.string_view(),
        "staff_id": pa.string(),
    }

    def cell(kind, value):
        if kind == "money":
            return Decimal(value) / 100
        if kind == "month":
            return datetime.datetime(*value, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
        if kind == "date":
            return datetime.datetime.combine(value, datetime.time())
        return int(value) if kind == "flag" else typed(kind, value)

    for table, rows in records.items():
        columns = {}
        for name in names_of(rows):
            kind = KIND[table][name]
            values = [row.get(name) for row in cells_of(table, rows, cell)]
            wide = kind == "count" and max(value or 0 for value in values) > 127
            columns[name] = pa.array(values, pa.int16() if wide else types[kind])
        columns["staff_id"] = columns["staff_id"].dictionary_encode()
        write_parquet(folder / f"{table}.parquet", columns)
    return folder


def text_parquet(records, folder):
    for table, rows in records.items():
        cells = cells_of(table, rows, lambda kind, value: str(as_text(kind, value)))
        write_parquet(folder / f"{table}.parquet", {name: [row.get(name) for row in cells] for name in names_of(rows)})
    return folder


SHAPES = {
    "utf-8": plain_csv,
    "chinese headings, utf-8 with BOM": lambda records, folder: chinese_csv(records, folder, "utf-8-sig"),
    "chinese headings, gb18030": lambda records, folder: chinese_csv(records, folder, "gb18030"),
    "semicolons": semicolons,
    "tabs and quotes": tabs_and_quotes,
    "line ends of old": old_line_ends,
    "workbook": typed_workbook,
    "workbook with real dates": workbook_of_real_dates,
    "workbook, right and down": workbook_right_and_down,
    "parquet": typed_parquet,
    "parquet of odd types": odd_parquet,
    "parquet of text": text_parquet,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_data_set_in_many_shapes_is_the_same_data(shape, tmp_path):
    records = department()
    data = cm.read_staff(SHAPES[shape](records, tmp_path / "data"))
    assert_same(data, records)
    assert data.staff_ids.tolist() == ["0007", "CM01", "20250001", "A-3"]


@pytest.mark.parametrize("seed", range(12))
def test_cells_and_layout_may_vary_from_row_to_row(seed, tmp_path):
    rng = random.Random(seed)
    records = department()
    sheets = {}
    for table, rows in records.items():
        cells = cells_of(table, rows, lambda kind, value: spelled(kind, value, rng))
        heading, *below = rows_of(cells, CHINESE[table] if rng.random() < 0.6 else None)
        below = [[*row, *[""] * rng.randint(0, 2)] for row in below]
        for _ in range(rng.randint(0, 4)):
            total = rng.choice(
                ("合计", " 小计", "总计:", "Total", "TOTAL of all", "注：核实", "备注", "Note: x", "note")
            )
            extra = rng.choice(([total, "", "12", "x"], [], ["", None, " "]))
            below.insert(rng.randint(0, len(below)), extra)
        titles = [[f"{table}表"], [], ["2025年度", "制表：人事"]][: rng.randint(0, 3)]
        sheets[TABLES[table].heading if rng.random() < 0.5 else table] = [*titles, heading, *below]
    if seed % 3 == 0:
        write_sheets(tmp_path / "data.xlsx", sheets)
        source = tmp_path / "data.xlsx"
    else:
        for name, rows in sheets.items():
            source = write_csv(tmp_path / "data" / f"{name}.csv", rows, rng.choice(("utf-8", "utf-8-sig", "gb18030")))
    assert_same(cm.read_staff(source), records)


def test_data_frames_are_read_like_files():
    records = department()
    frames = {table: pd.DataFrame(cells_of(table, rows, typed)) for table, rows in records.items()}
    assert_same(cm.StaffData.from_frames(frames), records)


def test_data_frames_with_nullable_and_dated_columns_are_read_like_files():
    """pandas has its own missing values and its own dates; neither may show through."""
    frame = pd.DataFrame([month("CM01"), month("CM02", praises=3)])
    frame["month"] = pd.to_datetime(pd.Series(["2025-01-01", "2025-02-28"])).astype("datetime64[ns]")
    frame["praises"] = frame["praises"].astype("Int64")
    frame["fraud"] = pd.Series([True, False], dtype="boolean")
    quarters = pd.DataFrame({"staff_id": ["CM01", "CM02"], "quarter": ["2025-Q1"] * 2})
    quarters["review"] = pd.Series([pd.NA, -2], dtype="Int64")
    quarters["area"] = pd.Series([pd.NA, "片区一"], dtype="category")
    data = cm.StaffData.from_frames({"months": frame, "quarters": quarters})
    assert [row["month"] for row in records_of(data, "months")] == [24300, 24301]
    assert [row["praises"] for row in records_of(data, "months")] == [0, 3]
    assert [(row["review"], row["area"]) for row in records_of(data, "quarters")] == [(None, None), (-2, "片区一")]


# -- the example -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example():
    return cm.read_staff(EXAMPLE)


def test_the_example_workbook_reads_as_it_is(example):
    lengths = {name: table.length for name, table in example.tables.items()}
    assert lengths == {"staff": 24, "months": 277, "quarters": 96, "surveys": 80, "years": 24}
    assert len(example.staff_ids) == 24
    assert example.extra == {}


def test_the_example_lists_the_rows_that_are_no_records(example):
    notes = [str(note) for note in example.remarks]
    for table, rows in (
        ("staff", "1, 27"),
        ("months", "1, 280, 281"),
        ("quarters", "1, 99"),
        ("surveys", "1, 83"),
        ("years", "1, 27"),
    ):
        assert f"{table}: title, total and note rows were skipped: {rows}." in notes


def test_every_cell_of_the_example_is_the_one_that_another_reader_sees(example):
    """Read the same cells with another library and by other rules, row by row."""
    workbook = openpyxl.load_workbook(EXAMPLE, data_only=True)
    for name, schema in TABLES.items():
        sheet = workbook[schema.heading]
        headings = [cell.value for cell in sheet[2]]
        fields = {field.heading: field for field in schema.fields}
        kept = example.tables[name].rows.tolist()
        for row, record in zip(kept, records_of(example, name), strict=True):
            for heading, cell in zip(headings, sheet[row], strict=True):
                field = fields[heading]
                assert record[field.name] == _seen(field.kind, cell.value), f"{schema.heading} {cell.coordinate}"
        others = [row[0].value for row in sheet.iter_rows(min_row=3) if row[0].row not in kept]
        assert all(value is None or str(value).startswith(("合计", "注")) for value in others)


def _seen(kind, value):
    if value is None:
        return None
    match kind:
        case "month":
            if isinstance(value, datetime.datetime):
                return 12 * value.year + value.month - 1
            year, number = str(value).replace("年", "-").rstrip("月").split("-")
            return 12 * int(year) + int(number) - 1
        case "quarter":
            return 4 * int(value[:4]) + int(value[-1]) - 1
        case "count" | "sampled" | "adjustment" | "year":
            return int(value)
        case "money":
            return round(Decimal(str(value)) * 100)
        case "flag":
            return value in ("是", 1, True)
        case "date":
            return value.date()
        case _:
            return str(value)


# -- what is left out is told ----------------------------------------------------------------------------------------


def test_unknown_columns_are_kept_and_told(tmp_path):
    """Also two with one heading, and remarks in a column without one."""
    rows = rows_of([month("CM01") | {"主管意见": "好", "revenu": 5}, month("CM02")])
    rows = [[*rows[0], "主管意见", ""], [*rows[1], "再议", "手写"], [*rows[2], None, None]]
    write_sheets(tmp_path / "data.xlsx", {"months": rows})
    data = cm.read_staff(tmp_path / "data.xlsx")
    assert data.extra["months"] == {
        "主管意见": ["好", None],
        "revenu": [5, None],
        "主管意见 (2)": ["再议", None],
        "[W]": ["手写", None],
    }
    (note,) = data.notes
    expected = "months: columns that are not known were set aside: 主管意见, revenu (revenue?), 主管意见 (2), [W]."
    assert str(note) == expected


def test_unknown_columns_of_parquet_are_kept_as_they_are(tmp_path):
    columns = {name: [value] for name, value in month().items()}
    source = write_parquet(tmp_path / "months.parquet", columns | {"nested": [{"a": [1, 2]}], "raw": [b"\x00"]})
    assert cm.read_staff(source).extra["months"] == {"nested": [{"a": [1, 2]}], "raw": [b"\x00"]}


def test_files_that_are_no_table_are_told(tmp_path):
    source = write_csv(tmp_path / "months.csv", rows_of([month()]))
    for name in ("quarter.csv", "备份.xls", ".hidden", "staff.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "old.csv").mkdir()
    (note,) = cm.read_staff(source).remarks
    expected = "old.csv, quarter.csv (quarters?), staff.txt (staff?), 备份.xls"
    assert str(note) == f"Files that are none of the tables were not read: {expected}."


def test_sheets_that_are_no_table_are_told(tmp_path):
    workbook = write_sheets(tmp_path / "data.xlsx", {"封面": [["x"]], "季度表": [["x"]], "月度": rows_of([month()])})
    workbook.create_chartsheet("图")
    workbook.save(tmp_path / "data.xlsx")
    (note,) = cm.read_staff(tmp_path / "data.xlsx").remarks
    assert str(note) == "Sheets that are none of the tables were not read: 封面, 季度表 (季度?), 图."


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_what_is_hidden_in_a_workbook_is_read_and_told(state, tmp_path):
    """A person who looks at the sheets does not see it, and would not know why it counts."""
    path = tmp_path / "data.xlsx"
    rows = [["标题"], *rows_of([month("CM01"), month("CM02"), month("CM03")])]
    workbook = write_sheets(
        path, {"封面": [["x"]], "月度": rows, "years": rows_of([{"staff_id": "CM01", "year": 2025}])}
    )
    workbook["月度"].sheet_state = state
    for number in (1, 4, 9):
        workbook["月度"].row_dimensions[number].hidden = True
    workbook["月度"].column_dimensions["C"].hidden = True
    workbook["years"].column_dimensions["F"].hidden = True
    workbook.save(path)
    data = cm.read_staff(path)
    assert data.staff_ids.tolist() == ["CM01", "CM02", "CM03"]
    assert [str(note) for note in data.remarks] == [
        "months: title, total and note rows were skipped: 1.",
        "Sheets that are none of the tables were not read: 封面.",
    ]
    assert [str(note) for note in data.notes] == [
        "months: the sheet 月度 is hidden; it was read.",
        "months: hidden rows were read: 4.",
        "months: hidden columns were read: C broadband_gained.",
    ]


def test_names_in_a_note_are_joined_in_the_language_in_use(tmp_path):
    """A long list of them is cut."""
    source = write_csv(tmp_path / "months.csv", rows_of([month(u=1, v=2)]))
    for number in range(120):
        (tmp_path / f"{number:03d}.txt").write_text("x")
    data = cm.read_staff(source)
    (columns,), (files,) = data.notes, data.remarks
    with using_language("zh"):
        assert str(columns).endswith("u、v。")
        assert "000.txt、001.txt、" in str(files)
        assert str(files).endswith("099.txt 等。")


def test_a_row_that_begins_like_a_note_is_skipped_and_told(tmp_path):
    """The rule book says "begins": that takes a staff id such as Noted01 along, but never without a word."""
    rows = rows_of([month("Noted01"), month("CM01"), month("注册02"), month("Sub-total")])
    data = cm.read_staff(write_csv(tmp_path / "months.csv", rows))
    assert data.staff_ids.tolist() == ["CM01", "Sub-total"]
    assert [str(note) for note in data.remarks] == ["months: title, total and note rows were skipped: 2, 4."]


def test_a_total_below_an_empty_first_cell_is_no_total_row(tmp_path):
    """Only the first cell tells; what stands elsewhere is an error, not a row that disappears."""
    source = write_csv(tmp_path / "months.csv", rows_of([month(), month("", "合计")]))
    with pytest.raises(cm.DataError) as caught:
        cm.read_staff(source)
    assert {(problem.row, problem.column) for problem in caught.value.problems} == {(3, "staff_id"), (3, "month")}


def test_rounded_amounts_are_told(tmp_path):
    records = [
        month("CM01", revenue="1.005", revenue_base="2.994"),
        month("CM02", revenue="1.00", revenue_base="0.995"),
    ]
    data = cm.read_staff(write_csv(tmp_path / "months.csv", rows_of(records)))
    found = [(row["revenue"], row["revenue_base"]) for row in records_of(data, "months")]
    assert found == [(101, 299), (100, 100)]
    told = "months: amounts in column {} with more than two decimals, which were rounded half up to the fen: {}."
    assert [str(note) for note in data.notes] == [told.format("revenue", 1), told.format("revenue_base", 2)]


def test_bare_numbers_read_as_days_are_told(tmp_path):
    staff = rows_of([{"staff_id": "CM01", "hire_date": 45_658}])
    write_sheets(tmp_path / "data.xlsx", {"months": rows_of([month()]), "staff": staff})
    data = cm.read_staff(tmp_path / "data.xlsx")
    assert records_of(data, "staff")[0]["hire_date"] == datetime.date(2025, 1, 1)
    expected = "staff: dates in column hire_date that are bare numbers, which were read as Excel counts days: 1."
    assert [str(note) for note in data.notes] == [expected]


def test_a_path_may_be_text_and_a_suffix_in_capitals(tmp_path):
    write_csv(tmp_path / "Months.CSV", rows_of([month()]))
    assert cm.read_staff(str(tmp_path)).tables["months"].length == 1
    write_sheets(tmp_path / "A.XLSX", {"Months": rows_of([month()])})
    assert cm.read_staff(str(Path(tmp_path / "A.XLSX"))).tables["months"].length == 1


def test_headings_may_have_line_breaks_units_and_full_width(tmp_path):
    records = [month(revenue="5", revenue_base="4")]
    headings = {
        "staff_id": "工 号",
        "complaints": "投诉\n",
        "revenue": "业务收入（元）",
        "revenue_base": "业务收入基数(元)",
    }
    headings |= {"acceptance_a": "业务受理Ａ未达标", "fraud": "Fraud", "broadband_lost": "Broadband Lost"}
    data = cm.read_staff(write_csv(tmp_path / "months.csv", rows_of(records, headings)))
    assert records_of(data, "months")[0]["revenue"] == 500
    assert data.extra == {}


# -- what the tables say of one another --------------------------------------------------------------------------------


def test_managers_of_one_area_with_different_revenue_are_told(tmp_path):
    """Two managers share an area; an area recorded with the quarter goes before that of the staff table."""
    write_csv(tmp_path / "months.csv", rows_of([month("CM01"), month("CM02"), month("CM03")]))
    staff = [{"staff_id": f"CM0{number}", "area": "片区一"} for number in (1, 2, 3)]
    write_csv(tmp_path / "staff.csv", rows_of(staff))
    quarters = [
        {"staff_id": "CM01", "quarter": "2025-Q1", "revenue": 5, "revenue_base": 4, "area": ""},
        {"staff_id": "CM02", "quarter": "2025-Q1", "revenue": 5, "revenue_base": 3, "area": ""},
        {"staff_id": "CM03", "quarter": "2025-Q1", "revenue": 9, "revenue_base": 9, "area": "片区二"},
        {"staff_id": "CM01", "quarter": "2025-Q2", "revenue": 5, "revenue_base": 4, "area": ""},
        {"staff_id": "CM02", "quarter": "2025-Q2", "revenue": 5, "revenue_base": 4, "area": ""},
    ]
    (note,) = cm.read_staff(write_csv(tmp_path / "quarters.csv", rows_of(quarters))).notes
    assert str(note).endswith("have different revenue figures (1): 片区一 2025-Q1.")


def test_a_quarter_that_differs_from_its_months_is_told(tmp_path):
    months = [month("CM01", f"2025-0{number}", revenue="1.10", revenue_base="1") for number in (1, 2, 3, 4)]
    write_csv(tmp_path / "months.csv", rows_of(months))
    quarters = [
        {"staff_id": "CM01", "quarter": "2025-Q1", "revenue": "3.30", "revenue_base": "3"},
        {"staff_id": "CM01", "quarter": "2025-Q2", "revenue": "1.10", "revenue_base": "1.01"},
    ]
    (note,) = cm.read_staff(write_csv(tmp_path / "quarters.csv", rows_of(quarters))).notes
    assert str(note).startswith("Quarters in which the revenue or its base differs from the sum of the months")
    assert str(note).endswith(": 1.")
