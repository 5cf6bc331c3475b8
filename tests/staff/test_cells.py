"""How one cell is read: what people write is understood, and nothing is guessed."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmpolicy.staff import cells
from cmpolicy.staff.cells import Cell, Fault
from cmpolicy.staff.schema import MOST_EVENTS, MOST_YUAN, TABLES

DAY = datetime.date(2025, 3, 10)
EVENING = datetime.datetime.combine(DAY, datetime.time(23, 59))
MARCH = 12 * 2025 + 2

UNDERSTOOD = [
    ("count", 0, 0),
    ("count", 12.0, 12),
    ("count", Decimal("12.00"), 12),
    ("count", "12", 12),
    ("count", " 12\t", 12),
    ("count", "+12", 12),
    ("count", "012", 12),
    ("count", "12.", 12),
    ("count", "12.000", 12),
    ("count", "1,234", 1234),
    ("count", "1,000,000", 1_000_000),
    ("count", "１２", 12),
    ("count", "１，２３４．０", 1234),
    ("count", "12\u200b", 12),
    ("count", np.int64(12), 12),
    ("count", np.float32(12), 12),
    ("sampled", "1", 1),
    ("adjustment", "-3", -3),
    ("adjustment", -3.0, -3),
    ("adjustment", "－３", -3),
    ("adjustment", "−3", -3),
    ("adjustment", "+3", 3),
    ("money", 261593.22, 26_159_322),
    ("money", "261,593.22", 26_159_322),
    ("money", "5000.00", 500_000),
    ("money", Decimal("0.1"), 10),
    ("money", 0.07, 7),
    ("money", 1.15, 115),
    ("flag", 1, True),
    ("flag", True, True),
    ("flag", "1.0", True),
    ("flag", "是", True),
    ("flag", "ＴＲＵＥ", True),
    ("flag", " y ", True),
    ("flag", 0.0, False),
    ("flag", np.False_, False),
    ("flag", "否", False),
    ("flag", "No", False),
    ("month", "2025-03", MARCH),
    ("month", "2025-3", MARCH),
    ("month", "2025年3月", MARCH),
    ("month", "２０２５年０３月份", MARCH),
    ("month", "2025/03", MARCH),
    ("month", "2025.03", MARCH),
    ("month", "2025.3", MARCH),
    ("month", "2025.10", 12 * 2025 + 9),
    ("month", "202503", MARCH),
    ("month", 202503, MARCH),
    ("month", 202503.0, MARCH),
    ("month", DAY, MARCH),
    ("month", EVENING, MARCH),
    ("month", "2025-03-01", MARCH),
    ("month", "2025/3/1 0:00", MARCH),
    ("quarter", "2025-Q1", 8100),
    ("quarter", "2025Q1", 8100),
    ("quarter", "2025 q1", 8100),
    ("quarter", "2025年Q1", 8100),
    ("quarter", "2025年第一季度", 8100),
    ("quarter", "2025年4季", 8103),
    ("year", 2025, 2025),
    ("year", 2025.0, 2025),
    ("year", "2025年度", 2025),
    ("date", DAY, DAY),
    ("date", EVENING, DAY),
    ("date", "2025-03-10", DAY),
    ("date", "2025-03-10T00:00:00", DAY),
    ("date", "2025年3月10日", DAY),
    ("date", "2025/3/10", DAY),
    ("date", "2025.3.10", DAY),
    ("date", "20250310", DAY),
    ("date", 20250310, DAY),
    ("date", "2024-02-29", datetime.date(2024, 2, 29)),
    ("staff_id", "007", "007"),
    ("staff_id", 7, "7"),
    ("staff_id", 7.0, "7"),
    ("staff_id", " ＣＭ０１ ", "CM01"),
    ("staff_id", 12345678901234567890, "12345678901234567890"),
    ("text", "𠮷野 梅", "𠮷野 梅"),
    ("text", "（片区）Ａ", "（片区）Ａ"),
    ("text", "=1+1", "=1+1"),
    ("text", "－５", "－５"),
]

REFUSED = [
    *(
        ("count", value)
        for value in ("-1", "2.5", "1,5", "12,34", "1,2345", ",1", "1 2", "1e3", "0x1", "1_0", "½", "一")
    ),
    *(("count", value) for value in (-1, 2.5, float("inf"), float("nan"), 1e300, True, Decimal("Infinity"), DAY, [1])),
    *(("count", value) for value in (MOST_EVENTS + 1, str(MOST_EVENTS + 1), b"1", {}, Fault("#N/A"))),
    *(("sampled", value) for value in (0, "0", "-1")),
    *(("adjustment", value) for value in (4, -4, "1.5", "x", False)),
    *(("money", value) for value in (-0.01, "-1", MOST_YUAN + 1, "1e2", "￥5", "5元", float("inf"), True)),
    *(("flag", value) for value in (2, -1, 0.5, "√", "是的", "t", [1], "")),
    *(("month", value) for value in ("2025-13", "2025-00", "202513", "2025", "3月", "25-03", "Mar-25", "2025-02-30")),
    *(("month", value) for value in (2025.1, "2025.1", 2025, 3, True, "1979-12", "2101-01", datetime.time(3))),
    *(("quarter", value) for value in ("2025-Q5", "2025-Q0", "20251", "2025-1", "2025年1", "Q1", DAY, 2025)),
    *(("year", value) for value in ("25", "二〇二五", 1979, 2101, 2025.5, DAY)),
    *(("date", value) for value in ("2025-02-29", "2025-13-01", "10.3.2025", "2025-03", 2025.5, True, 12, 1e9)),
    *(("date", value) for value in (float("inf"), 10**400, datetime.date(1979, 12, 31), "2025-03-10 08:30:00")),
    *(("staff_id", value) for value in (True, DAY, b"CM01", ["CM01"], Fault("=A1"), "#N/A", "a\nb", "\u200b")),
    *(("text", value) for value in (True, DAY, b"a", ["a"], Fault("#REF!"), "#VALUE!", "a\r\nb")),
]


@pytest.mark.parametrize(("kind", "value", "read"), UNDERSTOOD)
def test_a_cell_is_understood(kind, value, read):
    cell = cells.READERS[kind](value)
    assert cell is not None
    assert (cell.value, cell.note) == (read, None)
    assert type(cell.value) is type(read)


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_a_cell_is_refused(kind, value):
    assert cells.READERS[kind](value) is None


def test_every_kind_of_the_data_dictionary_can_be_read_and_explained():
    kinds = {field.kind for table in TABLES.values() for field in table.fields}
    assert kinds == cells.READERS.keys()
    assert all(str(cells.expected(kind)).startswith(("a ", "an ", "0 or 1")) for kind in kinds)


def test_a_bare_number_is_a_day_as_excel_counts_them():
    assert cells.read_date(45_726) == Cell(DAY, cells.SERIAL)
    assert cells.read_date(45_726.0) == Cell(DAY, cells.SERIAL)
    assert cells.read_month(45_726) == Cell(MARCH, cells.SERIAL)
    assert cells.read_date("45726") is None  # in a text it is no date


def test_the_highest_values_are_read():
    assert cells.read_count(MOST_EVENTS) == Cell(MOST_EVENTS)
    assert cells.read_money(MOST_YUAN) == Cell(100 * MOST_YUAN)


@given(st.integers(0, 100 * MOST_YUAN))
def test_an_amount_of_whole_fen_is_read_to_the_fen(fen):
    """As the double that a workbook holds, as text, and with marks between thousands."""
    for value in (fen / 100, f"{fen // 100}.{fen % 100:02d}", f"{fen // 100:,}.{fen % 100:02d}", Decimal(fen) / 100):
        assert cells.read_money(value) == Cell(fen)


@given(st.decimals(0, 1_000_000, places=5))
def test_more_decimals_are_rounded_half_up_with_a_note(amount):
    fen = int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
    note = None if amount * 100 == fen else cells.ROUNDED
    assert cells.read_money(str(amount)) == Cell(fen, note)


def test_half_a_fen_is_rounded_up_by_the_decimals_that_one_sees():
    """The double of 1.005 lies below it; what counts is the decimal that is written."""
    for text, fen in (("0.005", 1), ("1.005", 101), ("2.675", 268), ("0.0049", 0)):
        assert cells.read_money(float(text)) == Cell(fen, cells.ROUNDED)


@given(st.dates(datetime.date(1980, 1, 1), datetime.date(2100, 12, 31)))
def test_a_day_is_the_same_however_it_is_written(day):
    month = 12 * day.year + day.month - 1
    for text in (f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", f"{day} 00:00:00"):
        assert cells.read_date(text) == Cell(day)
        assert cells.read_month(text) == Cell(month)
    assert cells.read_month(f"{day:%Y%m}") == Cell(month)
    assert cells.read_quarter(f"{day.year}-Q{(day.month + 2) // 3}") == Cell(month // 3)


@given(st.text("0123456789０.,，-−/+年月日第一季度Qq是否yn:：e#N/A \u3000\u200b\n½", max_size=12))
def test_no_text_breaks_a_reader(text):
    for kind, reader in cells.READERS.items():
        cell = reader(text)
        assert cell is None or kind in ("staff_id", "text") or any(letter.isalnum() for letter in text), kind


@pytest.mark.parametrize("value", [None, "", "  ", "\u3000", "\t\n", float("nan"), np.datetime64("NaT")])
def test_nothing_is_an_empty_cell(value):
    assert cells.is_empty(value)


@pytest.mark.parametrize("value", [0, False, "0", 0.0, "-", "无", [], Fault("#N/A")])
def test_something_is_no_empty_cell(value):
    assert not cells.is_empty(value)
