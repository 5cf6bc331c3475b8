"""Errors that a user can meet: what is wrong, where, what was expected, and the nearest right name."""

from __future__ import annotations

import difflib
import errno
import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cmpolicy.messages import Message, list_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SHOWN_PROBLEMS = 50
_REASONS = {
    errno.ENOENT: Message("No such file or directory"),
    errno.EACCES: Message("Permission denied"),
    errno.EPERM: Message("Operation not permitted"),
    errno.EISDIR: Message("Is a directory"),
    errno.ENOTDIR: Message("Not a directory"),
    errno.EEXIST: Message("File exists"),
    errno.ENAMETOOLONG: Message("File name too long"),
    errno.ENOSPC: Message("No space left on device"),
    errno.EROFS: Message("Read-only file system"),
    errno.EIO: Message("Input/output error"),
    errno.EPIPE: Message("Broken pipe"),
    errno.ECONNREFUSED: Message("Connection refused"),
    errno.ETIMEDOUT: Message("Connection timed out"),
    errno.EHOSTUNREACH: Message("No route to host"),
    errno.ENETUNREACH: Message("Network is unreachable"),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a user's input.

    Parameters
    ----------
    message
        What is wrong.
    table, row, staff_id, column, heading, value
        Where it is, as far as it is known: the table's canonical name, the row as the person sees it in the file,
        the column's canonical name and its heading in the file, and the value as written.
    expected
        What would have been right.
    """

    message: Message
    table: str | None = None
    row: int | None = None
    staff_id: str | None = None
    column: str | None = None
    heading: str | None = None
    value: str | None = None
    expected: Message | None = None

    def __str__(self) -> str:
        places = []
        if self.table is not None:
            places.append(Message("table {table}", table=self.table))
        if self.row is not None:
            places.append(Message("row {row}", row=self.row))
        if self.staff_id is not None:
            places.append(Message("staff {staff_id}", staff_id=self.staff_id))
        if self.column is not None and self.heading in (None, self.column):
            places.append(Message("column {column}", column=self.column))
        elif self.column is not None:
            places.append(Message("column {column} ({heading})", column=self.column, heading=self.heading))
        sentences = [self.message]
        if places:
            sentences[0] = Message("{place}: {message}", place=list_of(places), message=self.message)
        if self.value is not None:
            sentences.append(Message('Found: "{value}".', value=_shortened(self.value)))
        if self.expected is not None:
            sentences.append(Message("Expected: {expected}.", expected=self.expected))
        return str(_text_of(sentences))


class CmpolicyError(Exception):
    """Something the user gave cannot be used; says what, where, and what was expected.

    Attributes
    ----------
    message : Message
        What failed.
    problems : tuple of Problem
        Everything wrong that was found, all at once.
    """

    def __init__(self, message: Message, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [str(self.message), *(f"  - {problem}" for problem in self.problems[:SHOWN_PROBLEMS])]
        hidden = len(self.problems) - SHOWN_PROBLEMS
        if hidden > 0:
            lines.append("  " + str(Message("… and {count} more problems.", count=hidden)))
        return "\n".join(lines)


class DataError(CmpolicyError):
    """The staff data cannot be used as they are."""


class PolicyError(CmpolicyError):
    """A policy, a change to one, or a reading is not valid."""


class CalendarError(CmpolicyError):
    """The calendar of working days does not know a year."""


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """Find the candidate that is nearest to a misspelt name, or None where none is near.

    Examples
    --------
    >>> suggest("grades.A.form", ["grades.A.from", "points.base"])
    'grades.A.from'
    """
    near = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return near[0] if near else None


def system_reason(error: OSError) -> Message:
    """Say why the system refused, in the language in use where it is one of the common reasons.

    Examples
    --------
    >>> str(system_reason(IsADirectoryError(errno.EISDIR, "Is a directory")))
    'Is a directory'
    """
    known = _REASONS.get(error.errno) if error.errno is not None else None
    return known or Message("{reason}", reason=error.strerror or error)


def with_names(error: CmpolicyError, names: Mapping[str, object]) -> CmpolicyError:
    """Give an error that calls the settings in it what the reader calls them.

    Examples
    --------
    >>> problem = Problem(Message("{name} cannot be set so.", name="leavers_a_year"))
    >>> print(with_names(CmpolicyError(Message("No."), [problem]), {"leavers_a_year": "--leavers"}))
    No.
      - --leavers cannot be set so.
    """
    problems = []
    for problem in error.problems:
        values = dict(problem.message.values)
        if "name" in values:
            values["name"] = names.get(str(values["name"]), values["name"])
        problems.append(replace(problem, message=Message(problem.message.template, **values)))
    return type(error)(error.message, problems)


def _text_of(sentences: Sequence[Message]) -> Message:
    return functools.reduce(lambda first, second: Message("{first} {second}", first=first, second=second), sentences)


def _shortened(value: str) -> str:
    limit = 60
    return value if len(value) <= limit else value[: limit - 1] + "…"
