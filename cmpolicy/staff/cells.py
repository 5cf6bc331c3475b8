"""Reading one cell as people write it: numbers as text, full-width digits, 2025年3月, 是/否. Nothing is guessed."""

from __future__ import annotations

import datetime
import math
import numbers
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from cmpolicy.messages import Message
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, load_policy
from cmpolicy.staff.schema import MOST_EVENTS, MOST_YUAN, Kind

if TYPE_CHECKING:
    from collections.abc import Callable


class Cell(NamedTuple):
    """A cell that was read: its value, and what a reader should be told of it."""

    value: object
    note: str | None = None


class Fault(str):
    """What a cell of a workbook shows in place of a value: an error, or a formula that was never computed."""

    __slots__ = ()


FIRST_YEAR, LAST_YEAR = 1980, 2100
ROUNDED = "rounded"
SERIAL = "serial"

_YES = {"1", "是", "true", "yes", "y"}
_NO = {"0", "否", "false", "no", "n"}
_CHINESE_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?")
_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?(?:份)?|(\d{4})(\d{2})")
# Excel shows 2025.10, typed as a number, as 2025.1.
_MONTH_OR_OCTOBER = re.compile(r"\d{4}\.1")
_QUARTER = re.compile(r"(\d{4})(?:[-/ ]|年)?Q([1-4])|(\d{4})年?第?([1-4一二三四])季度?", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})年?度?")
_DATE = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_MIDNIGHT = re.compile(r"[ T]0?0:00(:00(\.0+)?)?$")
# Excel counts days from the last day of 1899, with a leap day too many in 1900.
_EXCEL_ZERO = datetime.date(1899, 12, 30)
_SERIALS = range(29_221, 73_051)  # 1980 to 2099
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
# What a copy from a chat or a web page brings along: nobody sees it, but it makes two staff ids of one.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))


def is_empty(value: object) -> bool:
    """Tell whether a cell holds nothing: no value, blank text or NaN."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return value != value  # noqa: PLR0124 - NaN and NaT are what does not equal itself


def is_formula(value: object) -> bool:
    """Tell whether a cell of a workbook holds a formula that was never computed."""
    return isinstance(value, Fault) and value.startswith("=")


def text_of(value: object) -> str:
    """Give a cell's value as a person wrote it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_text(value: object) -> Cell | None:
    """Read a text in one line; a number such as 12.0 is the text 12."""
    if isinstance(value, bool | Fault) or not isinstance(value, str | numbers.Number):
        return None
    text = _visible(text_of(value))
    return None if text in _ERRORS or len(text.splitlines()) != 1 else Cell(text)


def read_staff_id(value: object) -> Cell | None:
    """Read a staff id; letters and digits of full width are the plain ones."""
    cell = read_text(value)
    return cell and Cell(plain(str(cell.value)))


def read_count(value: object) -> Cell | None:
    """Read a whole number from 0 up."""
    number = _number(value)
    if number is None or number != int(number) or not 0 <= number <= MOST_EVENTS:
        return None
    return Cell(int(number))


def read_sampled(value: object) -> Cell | None:
    """Read a whole number from 1 up."""
    cell = read_count(value)
    return cell if cell and cell.value else None


def review_limit() -> int:
    """Give the limit of the reviewers' adjustment as enacted (2.9)."""
    return load_policy(ENACTED).review.limit


def read_adjustment(value: object) -> Cell | None:
    """Read a whole number within the enacted limit of 2.9."""
    number = _number(value)
    if number is None or number != int(number) or abs(number) > review_limit():
        return None
    return Cell(int(number))


def read_money(value: object) -> Cell | None:
    """Read yuan as fen, by the shortest decimal of the number; more than two decimals are rounded half up."""
    number = _number(value)
    return None if number is None or number < 0 else read_signed_money(value)


def read_signed_money(value: object) -> Cell | None:
    """Read the same where it may be below nought; a half is rounded away from zero."""
    number = _number(value)
    if number is None or abs(number) > MOST_YUAN:
        return None
    fen = (number * FEN_PER_YUAN).quantize(Decimal(1), ROUND_HALF_UP)
    return Cell(int(fen), None if fen == number * FEN_PER_YUAN else ROUNDED)


def read_flag(value: object) -> Cell | None:
    """Read 0/1, true/false, yes/no or 是/否."""
    text = plain(text_of(value)).lower()
    number = _number(value)
    if text in _YES or number == 1:
        return Cell(value=True)
    return Cell(value=False) if text in _NO or number == 0 else None


def read_month(value: object) -> Cell | None:
    """Read a month, or the month of a day, as 12 * year + month - 1."""
    text = plain(text_of(value))
    match = _MONTH.fullmatch(text)
    if match and not _MONTH_OR_OCTOBER.fullmatch(text):
        year, month = (int(part) for part in match.groups() if part)
        return _month(year, month)
    day = read_date(value)
    if day is None or not isinstance(day.value, datetime.date):
        return None
    return Cell(12 * day.value.year + day.value.month - 1, day.note)


def read_quarter(value: object) -> Cell | None:
    """Read a quarter as 4 * year + quarter - 1."""
    match = _QUARTER.fullmatch(plain(text_of(value)))
    if match is None:
        return None
    year, quarter = (part for part in match.groups() if part)
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    return Cell(4 * int(year) + (_CHINESE_QUARTERS.get(quarter) or int(quarter)) - 1)


def read_year(value: object) -> Cell | None:
    """Read a calendar year."""
    match = _YEAR.fullmatch(plain(text_of(value)))
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None
    return Cell(int(match[1]))


def read_date(value: object) -> Cell | None:
    """Read a day; a bare number is a day as Excel counts them."""
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return Cell(value) if FIRST_YEAR <= value.year <= LAST_YEAR else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _SERIALS:
        return Cell(_EXCEL_ZERO + datetime.timedelta(days=value), SERIAL)
    match = _DATE.fullmatch(_MIDNIGHT.sub("", plain(text_of(value))))
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    return Cell(date) if FIRST_YEAR <= date.year <= LAST_YEAR else None


READERS: dict[Kind, Callable[[object], Cell | None]] = {
    "staff_id": read_staff_id,
    "text": read_text,
    "month": read_month,
    "quarter": read_quarter,
    "year": read_year,
    "date": read_date,
    "count": read_count,
    "sampled": read_sampled,
    "adjustment": read_adjustment,
    "flag": read_flag,
    "money": read_money,
}


def expected(kind: Kind, *, signed: bool = False) -> Message:
    """Say what a cell of that kind should hold."""
    if signed:
        return Message("an amount in yuan from -{most} to {most}", most=f"{MOST_YUAN:,}")
    match kind:
        case "count":
            return Message("a whole number from 0 to {most}", most=f"{MOST_EVENTS:,}")
        case "sampled":
            return Message("a whole number from 1 to {most}", most=f"{MOST_EVENTS:,}")
        case "adjustment":
            return Message("a whole number from -{limit} to {limit}, the limit of clause 2.9", limit=review_limit())
        case "money":
            return Message("an amount in yuan from 0 to {most}", most=f"{MOST_YUAN:,}")
        case "flag":
            return Message("0 or 1, true or false, 是 or 否")
        case "month":
            return Message("a month such as 2025-03 or 2025年3月")
        case "quarter":
            return Message("a quarter such as 2025-Q1 or 2025年第1季度")
        case "year":
            return Message("a year such as 2025")
        case "date":
            return Message("a date such as 2025-03-10 or 2025年3月10日")
        case "staff_id":
            return Message("a staff id")
        case _:
            return Message("a text in one line")


def plain(text: str) -> str:
    """Give a text with letters, digits and marks of full width as plain ones, and without what nobody sees."""
    return _visible(text if text.isascii() else unicodedata.normalize("NFKC", text))


def _visible(text: str) -> str:
    return text.strip() if text.isascii() else text.translate(_INVISIBLE).strip()


def _number(value: object) -> Decimal | None:
    """Read a finite number exactly: the shortest decimal of a float, the digits of a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    text = plain(str(value)).replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _month(year: int, month: int) -> Cell | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return None
    return Cell(12 * year + month - 1)
