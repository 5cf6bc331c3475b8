"""How arguments and options are declared: texts as English templates, which are looked up when they are shown.

What is typed for a number is read here and not by typer, which would refuse it in English.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from cmpolicy.errors import Problem
from cmpolicy.messages import Message


class ValueRefusedError(typer.BadParameter):
    """What was typed for an option is not of its kind."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def argument(name: Message, text: Message) -> Any:
    """Declare an argument.

    Parameters
    ----------
    name
        What it is called where a command's use is shown.
    text
        What it is.

    Examples
    --------
    >>> argument(Message("DATA"), Message("Folder of CSV or Parquet files, or a workbook.")).metavar
    'DATA'
    """
    return typer.Argument(metavar=name.template, help=text.template)


def option(name: str, text: Message, value: Message | None = None, **settings: Any) -> Any:
    """Declare an option.

    Parameters
    ----------
    name
        Its name, as "--set".
    text
        What it is for.
    value
        What its value is called; left out of what takes none.
    settings
        As of `typer.Option`.

    Examples
    --------
    >>> option("--dark", Message("Light on dark.")).help
    'Light on dark.'
    """
    return typer.Option(name, metavar=None if value is None else value.template, help=text.template, **settings)


def whole_number(name: str, text: Message, *, least: int | None = None, **settings: Any) -> Any:
    """Declare an option whose value is a whole number, which may have a least value.

    Examples
    --------
    >>> whole_number("--seed", Message("Of the draws.")).parser("12")
    12
    """

    def read(typed: str) -> int:
        found = int(typed)
        if least is not None and found < least:
            raise ValueError(typed)
        return found

    expected = (
        Message("a whole number") if least is None else Message("a whole number of at least {least}", least=least)
    )
    return option(name, text, Message("<int>"), parser=_reader(name, read, expected), **settings)


def number(name: str, text: Message) -> Any:
    """Declare an option whose value is a number.

    Examples
    --------
    >>> number("--leavers", Message("Share of the people who leave in a year, as 0.08.")).parser("0.08")
    0.08
    """
    return option(name, text, Message("<float>"), parser=_reader(name, float, Message("a number")))


def not_valid(name: str) -> Message:
    """Say that what was typed for an argument or an option cannot be its value.

    Examples
    --------
    >>> str(not_valid("--seed"))
    '--seed has a value that is not valid.'
    """
    return Message("{path} has a value that is not valid.", path=name)


def _reader(name: str, read: Callable[[str], Any], expected: Message) -> Callable[[str], Any]:
    """Give what makes a value of what is typed, or says why it is none."""

    def parsed(typed: str) -> Any:
        try:
            return read(typed)
        except ValueError:
            raise ValueRefusedError(Problem(not_valid(name), value=str(typed), expected=expected)) from None

    return parsed
