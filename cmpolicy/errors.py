"""Errors that a user can meet: what is wrong, where, what was expected, and the nearest right name."""

from __future__ import annotations

import errno
import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SHOWN_PROBLEMS = 50
# What an edit costs where names are compared: a character once for twice or twice for once; one missing, added, or
# swapped with its neighbour; one changed, more the further apart the two are in the alphabet. So the fewest edits come
# first, and of as many the likelier slip.
_DOUBLED, _MISSING, _CHANGED, _DEAREST = 1000, 1100, 1200, 1299
_MOST_EDITS = 3
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
            sentences[0] = Message("{place}: {message}", place=_narrowed(places), message=self.message)
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
            lines.append("  " + str(Message("… and more problems: {count}.", count=hidden)))
        return "\n".join(lines)


class DataError(CmpolicyError):
    """The staff data cannot be used as they are."""


class PolicyError(CmpolicyError):
    """A policy, a change to one, or a reading is not valid."""


class CalendarError(CmpolicyError):
    """The calendar of working days does not know a year."""


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """Find the candidate that is nearest to a misspelt name, or None where none is near.

    Near is what one edit for every three characters, and three at most, make of the name; else what holds the name, or
    is held in it, by half of its length. Capitals do not count.

    Examples
    --------
    >>> suggest("grades.A.form", ["grades.A.from", "points.base"])
    'grades.A.from'
    >>> suggest("CM006", ["CM0016", "CM0006"]), suggest("points", ["points.base"]), suggest("data", ["merged"])
    ('CM0006', 'points.base', None)
    """
    wanted, names = name.casefold(), list(candidates)
    texts = [candidate.casefold() for candidate in names]
    length = len(wanted)
    close = [place for place, text in enumerate(texts) if abs(len(text) - length) <= _MOST_EDITS]
    costs = _edit_costs(wanted, [texts[place] for place in close]) if close else []
    likely = [
        (cost, place)
        for cost, place in zip(costs, close, strict=True)
        if cost <= _DEAREST * min(max(len(texts[place]), length) // 3, _MOST_EDITS)
    ]
    held = [
        (abs(len(text) - length), place)
        for place, text in enumerate(texts)
        if not likely and (text in wanted or wanted in text) and length <= 2 * len(text) <= 4 * length
    ]
    return names[min(likely or held)[1]] if likely or held else None


def _edit_costs(name: str, candidates: Sequence[str]) -> list[int]:
    """Give what it costs to make each candidate of a name, by optimal string alignment.

    All candidates at once, for a data set has as many as people; and only near the diagonal of their tables, for what
    lies further away takes more edits than count.
    """
    import numpy as np

    texts = np.array(candidates)
    width = texts.dtype.itemsize // 4
    codes = texts.view(np.uint32).reshape(len(candidates), width).T.astype(np.int64)
    added = np.full(codes.shape, _MISSING)
    for one, other in ((slice(1, None), slice(-1)), (slice(-1), slice(1, None))):
        added[one][codes[one] == codes[other]] = _DOUBLED
    given = [ord(character) for character in name]
    nothing, far = np.zeros(len(candidates), dtype=np.int64), np.full(len(candidates), 9 * _DEAREST)
    shifts = range(-_MOST_EDITS, _MOST_EDITS + 1)
    before: list[Any] = []
    above = [far] * _MOST_EDITS + [nothing, *np.cumsum(added[:_MOST_EDITS], axis=0)]
    above += [far] * (len(shifts) - len(above))
    for row, code in enumerate(given):
        removed = _DOUBLED if code in given[max(row - 1, 0) : row] + given[row + 1 : row + 2] else _MISSING
        current: list[Any] = []
        for diagonal, place in enumerate(row + shift for shift in shifts):
            least = far
            if -1 <= place < width and diagonal + 1 < len(shifts):
                least = above[diagonal + 1] + removed
            if 0 <= place < width:
                apart = np.abs(codes[place] - code)
                changed = np.where(apart == 0, 0, np.minimum(_CHANGED + apart, _DEAREST))
                least = np.minimum(least, above[diagonal] + changed)
                if diagonal:
                    least = np.minimum(least, current[-1] + added[place])
            if before and 1 <= place < width:
                swapped = (codes[place - 1] == code) & (codes[place] == given[row - 1])
                least = np.where(swapped, np.minimum(least, before[diagonal] + _MISSING), least)
            current.append(least)
        before, above = above, current
    ends = [len(candidate) - len(name) + _MOST_EDITS for candidate in candidates]
    costs: list[int] = np.array(above)[ends, np.arange(len(candidates))].tolist()
    return costs


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


def _narrowed(places: list[Message]) -> Message:
    """Say where something is, each place inside the one before."""
    return functools.reduce(lambda outer, inner: Message("{outer}, {inner}", outer=outer, inner=inner), places)


def _shortened(value: str) -> str:
    limit = 60
    return value if len(value) <= limit else value[: limit - 1] + "…"
