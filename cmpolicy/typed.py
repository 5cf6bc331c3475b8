"""Numbers as a person types them. What is no number stays text, to be refused with everything else that is wrong."""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Decimal
from typing import Any

_NUMBER = re.compile(r"[¥￥]?\s*([-+]?\d{1,18}(?:\.\d{1,18})?)\s*([%％]?)")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+")


def number_of(text: str) -> int | Decimal | str | None:
    """Read a number with or without commas, a yuan sign or a percent sign; None for nothing.

    Examples
    --------
    >>> number_of("¥1,200.50"), number_of("8%"), number_of(" 12 "), number_of(""), number_of("twelve")
    (Decimal('1200.50'), Decimal('0.08'), 12, None, 'twelve')
    """
    plain = text.replace(",", "").replace("，", "").strip()
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return text.strip() or None
    number = Decimal(match[1]) / (100 if match[2] else 1)
    return number if match[2] or "." in plain else int(number)


def amount_of(text: str, whole: Decimal) -> int | Decimal | str | None:
    """Read an amount in yuan, or a share such as 97% of a whole, rounded down to the fen; None for nothing.

    Examples
    --------
    >>> amount_of("1,200", Decimal("999.99")), amount_of("97%", Decimal("999.99")), amount_of("a lot", Decimal(1))
    (1200, Decimal('969.99'), 'a lot')
    """
    number = number_of(text)
    if isinstance(number, Decimal) and text.strip().endswith(("%", "％")):
        return (100 * number * whole).to_integral_value(ROUND_FLOOR) / 100
    return number


def headcount_of(text: str | None) -> Any:
    """Read one number of posts, or one for each quarter; None for nothing.

    1,000 is one number. What could be read in two ways, such as 1,000, 1,010, stays text, to be refused as it was
    typed.

    Examples
    --------
    >>> headcount_of("51"), headcount_of("1,000"), headcount_of("51, 52, 53, 54"), headcount_of("abc")
    (51, 1000, [51, 52, 53, 54], 'abc')
    """
    typed = (text or "").strip()
    if _THOUSANDS.fullmatch(typed):
        return int(re.sub("[,，]", "", typed))
    parts = [part.strip() for part in re.split("[,，、]", typed)]
    if not any(parts):
        return None
    ambiguous = any(_THOUSANDS.fullmatch(part) for part in re.split(r"[,，]\s+|、\s*", typed))
    if ambiguous or not all(part.isdecimal() for part in parts):
        return typed
    each = [int(part) for part in parts]
    return each if len(each) > 1 else each[0]
