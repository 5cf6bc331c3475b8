"""Numbers as a person types them. What is no number stays text, to be refused with everything else that is wrong."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[¥￥]?\s*([-+]?\d{1,18}(?:\.\d{1,18})?)\s*([%％]?)")


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


def headcount_of(text: str | None) -> Any:
    """Read one number of posts, or one for each quarter; None for nothing.

    Examples
    --------
    >>> headcount_of("51"), headcount_of("51, 52, 53, 54"), headcount_of("abc")
    (51, [51, 52, 53, 54], 'abc')
    """
    parts = [part.strip() for part in re.split("[,，、]", text or "")]
    if not any(parts):
        return None
    each = [int(part) if part.isdecimal() else part for part in parts]
    return each if len(each) > 1 else each[0]
