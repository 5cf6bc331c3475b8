"""Reading one cell as people write it: numbers as text, full-width digits, 2025年3月, 是/否. Nothing is guessed."""

from __future__ import annotations

import datetime
import math
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


ROUNDED = "rounded"
SERIAL = "serial"

_YES = {"1", "是", "true", "yes", "y"}
_NO = {"0", "否", "false", "no", "n"}
_CHINESE_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?")
_MONTH = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?(?:份)?|(\d{4})(\d{2})")
_QUARTER = re.compile(r"(\d{4})(?:[-/ ]?Q|年?第?)([1-4一二三四])(?:季度?)?", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})年?度?")
_DATE = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_FIRST_YEAR, _LAST_YEAR = 1980, 2100
# Excel counts days from the last day of 1899, with a leap day too many in 1900.
_EXCEL_ZERO = datetime.date(1899, 12, 30)
_SERIALS = range(29_221, 73_051)  # 1980 to 2099


def is_empty(value: object) -> bool:
    """Tell whether a cell holds nothing: no value, blank text or NaN."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return value != value  # noqa: PLR0124 - NaN and NaT are what does not equal itself


def text_of(value: object) -> str:
    """Give a cell's value as a person wrote it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def read_text(value: object) -> Cell | None:
    """Read a text; a number such as 12.0 is the text 12."""
    return None if isinstance(value, bool) else Cell(text_of(value).strip())


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
    if number is None or not 0 <= number <= MOST_YUAN:
        return None
    fen = (number * FEN_PER_YUAN).quantize(Decimal(1), ROUND_HALF_UP)
    return Cell(int(fen), None if fen == number * FEN_PER_YUAN else ROUNDED)


def read_flag(value: object) -> Cell | None:
    """Read 0/1, true/false, yes/no or 是/否."""
    text = _plain(text_of(value)).lower()
    if text in _YES:
        return Cell(value=True)
    return Cell(value=False) if text in _NO else None


def read_month(value: object) -> Cell | None:
    """Read a month as 12 * year + month - 1."""
    if isinstance(value, datetime.date):
        return _month(value.year, value.month)
    match = _MONTH.fullmatch(_plain(text_of(value)))
    if match is None:
        return None
    year, month = (int(part) for part in match.groups() if part)
    return _month(year, month)


def read_quarter(value: object) -> Cell | None:
    """Read a quarter as 4 * year + quarter - 1."""
    match = _QUARTER.fullmatch(_plain(text_of(value)))
    if match is None or not _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
        return None
    quarter = _CHINESE_QUARTERS.get(match[2]) or int(match[2])
    return Cell(4 * int(match[1]) + quarter - 1)


def read_year(value: object) -> Cell | None:
    """Read a calendar year."""
    match = _YEAR.fullmatch(_plain(text_of(value)))
    if match is None or not _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
        return None
    return Cell(int(match[1]))


def read_date(value: object) -> Cell | None:
    """Read a day; a bare number is a day as Excel counts them."""
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return Cell(value) if _FIRST_YEAR <= value.year <= _LAST_YEAR else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value == int(value) and int(value) in _SERIALS:
            return Cell(_EXCEL_ZERO + datetime.timedelta(days=int(value)), SERIAL)
        return None
    text = _plain(text_of(value)).removesuffix(" 00:00:00")
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    return Cell(date) if _FIRST_YEAR <= date.year <= _LAST_YEAR else None


READERS: dict[Kind, Callable[[object], Cell | None]] = {
    "staff_id": read_text,
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


def expected(kind: Kind) -> Message:
    """Say what a cell of that kind should hold."""
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
        case _:
            return Message("a text")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


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
    text = _plain(str(value))
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _month(year: int, month: int) -> Cell | None:
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12):
        return None
    return Cell(12 * year + month - 1)
