"""A line of a ledger, and how its value is written."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

from cmpolicy.regulation.money import in_yuan

if TYPE_CHECKING:
    from decimal import Decimal
    from enum import IntEnum

    from cmpolicy.messages import Message
    from cmpolicy.simulation.terms import Terms


Used = tuple[tuple[str, str], ...]
Unit = Literal["points", "fen"]


class Line(NamedTuple):
    """One line of a ledger.

    Attributes
    ----------
    period : str
        "2025-03", "2025-Q1" or "2025".
    clause : str
    key : str
        What the line is about; the same in every period and under every policy.
    item : Message
        The same, for people.
    value : int, Fraction or None
        What the clause makes of it, in points or fen; None where it is a text.
    unit : str
        "points" or "fen".
    events, each : int or None
        How many events counted and the points for each; the value is their product. None where it is no product.
    running : int, Fraction or None
        The score (points) or the money (fen) up to this line.
    text : Message or None
        What the clause makes of it, where that is no number: a grade, a standing.
    how : Message or None
        How it comes about.
    readings : tuple of (setting, option)
        Which reading was used, where the clause is unclear and this line depends on it.
    """

    period: str
    clause: str
    key: str
    item: Message
    value: int | Fraction | None = None
    unit: Unit = "points"
    events: int | None = None
    each: int | None = None
    running: int | Fraction | None = None
    text: Message | None = None
    how: Message | None = None
    readings: Used = ()


@functools.lru_cache(maxsize=512)
def quarter_of(period: str) -> str:
    """Give the quarter that a period stands under; a year stands by itself.

    Examples
    --------
    >>> quarter_of("2025-05"), quarter_of("2025-Q2"), quarter_of("2025")
    ('2025-Q2', '2025-Q2', '2025')
    """
    year, _, rest = period.partition("-")
    return f"{year}-Q{(int(rest) + 2) // 3}" if rest.isdecimal() else period


def in_points(value: int | Fraction, *, signed: bool = False) -> str:
    """Write points exactly: a whole number with what is left over as a fraction.

    Examples
    --------
    >>> in_points(Fraction(304, 3)), in_points(Fraction(-7, 3), signed=True), in_points(5, signed=True)
    ('101 1/3', '-2 1/3', '+5')
    """
    if value.denominator == 1:
        return f"{int(value):+d}" if signed else str(int(value))
    sign = "-" if value < 0 else "+" if signed else ""
    whole, rest = divmod(abs(Fraction(value)), 1)
    return f"{sign}{whole} {rest}" if whole else f"{sign}{rest}"


def value_text(line: Line | None) -> str:
    """Write what a line comes to: points and yuan with sign, a grade with its score; "–" for no line."""
    if line is None:
        return "–"
    if line.value is None:
        return str(line.text) if line.running is None else f"{line.text} ({in_points(line.running)})"
    if line.unit == "fen":
        return in_yuan(int(line.value), signed=True)
    return in_points(line.value, signed=line.key != "mean")


def percent_of(share: Decimal) -> str:
    """Write a share as a percentage, with as many places as it has."""
    return f"{(share * 100).normalize():f}%"


def readings_used(terms: Terms, *settings: str) -> Used:
    """Name the readings in use, as (setting, option)."""
    return tuple(_option(setting, getattr(terms.readings, setting)) for setting in settings)


@functools.cache
def _option(setting: str, option: IntEnum) -> tuple[str, str]:
    return setting, option.name
