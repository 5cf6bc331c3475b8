"""Reading what a person wrote in a YAML file against a table of its names; every problem is told at once."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from cmpolicy.errors import Problem, suggest
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.staff.schema import MOST_YUAN

NONE = "none"
"""Written where something was not done."""
OPEN_ENDED = 1_200
"""Stands for the months of a contract without an end: longer than any that has one."""


class Entry(NamedTuple):
    """One name of a section: what it holds, the words that it may be, and whether it must be there."""

    kind: str
    words: tuple[str, ...] = ()
    required: bool = False


_EXPECTED = {
    "staff_id": Message("a staff id"),
    "text": Message("a text"),
    "date": Message("a date such as 2024-03-28"),
    "done": Message("a date such as 2024-03-28, or none where it was not done"),
    "whole": Message("a whole number from 0 to {most}", most=OPEN_ENDED),
    "contract": Message("a whole number of months, open_ended or task_based"),
    "money": Message("an amount in yuan from 0 to {most}, with at most two decimals", most=f"{MOST_YUAN:,}"),
    "share": Message("a number from 0 to 1, as 0.96"),
    "flag": Message("true or false"),
    "period": Message("a quarter such as 2025-Q1, or a year such as 2025"),
    "month": Message("a month such as 2025-03"),
    "year": Message("a year such as 2025"),
    "word": Message("one of the words that it may be"),
    "words": Message("a list of the words that it may hold"),
}
_QUARTER = re.compile(r"\d{4}-Q[1-4]")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def read_section(
    content: object, entries: Mapping[str, Entry], section: str, problems: list[Problem], row: int | None = None
) -> dict[str, Any]:
    """Read the names and values of one section.

    Parameters
    ----------
    content
        What the YAML file holds there.
    entries
        The names that there are.
    section
        The section's name, for problems.
    problems
        Takes every problem that is found.
    row
        The number of the row, from 1, in a section that is a list.

    Returns
    -------
    dict
        Only what is valid: money in fen, shares as `Fraction`, something not done as False.
    """
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        problem = Message("This is not a list of names with their values.")
        problems.append(Problem(problem, section, row, value=str(content)))
        return {}
    staff_id = str(content["staff_id"]) if "staff_id" in content else None
    found: dict[str, Any] = {}
    for name, value in content.items():
        if name not in entries:
            near = suggest(str(name), entries)
            known = Message("one of {options}", options=list_of([*entries]))
            hint = known if near is None else Message("a name such as {nearest}", nearest=near)
            unknown = Message("There is no such name here: {name}.", name=name)
            problems.append(Problem(unknown, section, row, staff_id, expected=hint))
        elif value is not None:
            read = _value(entries[name], value)
            if read is None:
                wrong = Message("The value is not valid.")
                expected = _expected(entries[name], value)
                problems.append(Problem(wrong, section, row, staff_id, name, value=str(value), expected=expected))
            else:
                found[name] = read
    for name, entry in entries.items():
        if entry.required and content.get(name) is None:
            problems.append(Problem(Message("There is no value."), section, row, staff_id, name))
    return found


def read_rows(
    content: object, entries: Mapping[str, Entry], section: str, problems: list[Problem]
) -> list[dict[str, Any]]:
    """Read a section that is a list of rows."""
    if content is None:
        return []
    if not isinstance(content, Sequence) or isinstance(content, str):
        problems.append(Problem(Message("This is not a list of rows, each with a dash in front."), section))
        return []
    return [read_section(row, entries, section, problems, place) for place, row in enumerate(content, start=1)]


def _expected(entry: Entry, value: object) -> Message:
    if not entry.words:
        return _EXPECTED[entry.kind]
    words = Message("one of {options}", options=list_of([*entry.words]))
    near = suggest(str(value), entry.words)
    return words if near is None else Message("{expected}, such as {nearest}", expected=words, nearest=near)


def _value(entry: Entry, value: object) -> Any:
    """Give a value as the checks take it, or None where it is not valid."""
    read = _simple(entry.kind, value)
    if read is not None:
        return read
    match entry.kind:
        case "word":
            return value if value in entry.words else None
        case "words":
            listed = isinstance(value, Sequence) and not isinstance(value, str)
            good = listed and all(one in entry.words for one in value)  # type: ignore[attr-defined]  # a list by now
            return frozenset(value) if good else None  # type: ignore[call-overload]  # the same
        case "done":
            return False if value is False or value == NONE else _date(value)
        case "contract":
            words = {"open_ended": OPEN_ENDED, "task_based": 0}
            return words[value] if isinstance(value, str) and value in words else _whole(value)
    return None


def _simple(kind: str, value: object) -> Any:
    match kind:
        case "staff_id":
            return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        case "text":
            return value if isinstance(value, str) else None
        case "date":
            return _date(value)
        case "whole" | "year":
            return _whole(value, 9999 if kind == "year" else OPEN_ENDED)
        case "money":
            return _money(value)
        case "share":
            number = _number(value)
            return None if number is None or not 0 <= number <= 1 else Fraction(number)
        case "flag":
            return value if isinstance(value, bool) else None
        case "period":
            return str(value) if _QUARTER.fullmatch(str(value)) or _whole(value, 9999) else None
        case "month":
            return str(value) if _MONTH.fullmatch(str(value)) else None
    return None


def _date(value: object) -> datetime.date | None:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return datetime.date.fromisoformat(value)
    plain = isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)
    return value if plain else None  # type: ignore[return-value]  # a date by now


def _whole(value: object, most: int = OPEN_ENDED) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _money(value: object) -> int | None:
    number = _number(value)
    if number is None or not 0 <= number <= MOST_YUAN or number != round(number, 2):
        return None
    return int(number * FEN_PER_YUAN)
