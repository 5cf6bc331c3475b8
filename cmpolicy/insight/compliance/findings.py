"""What a check hands back: findings, and what it lacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["E", "W", "I"]
Mark = Literal["V", "P", "U"]

SEVERITIES: dict[str, Message] = {
    "E": Message("error"),
    "W": Message("warning"),
    "I": Message("information"),
}
"""E contradicts a binding text, W is a risk or a regional rule, I is for information."""
MARKS: dict[Mark, Message] = {
    "V": Message("read in the text of the law"),
    "P": Message("from a secondary source"),
    "U": Message("to be confirmed"),
}
"""How sure the source of a check is, the surest first."""


class Finding(NamedTuple):
    """One thing found wrong, or worth knowing.

    Attributes
    ----------
    check : str
        The check's id, such as "CC01".
    severity : "E", "W" or "I"
    what : Message
        What is wrong, with figures.
    setting : str
        The path of the policy's value, or the number of the regulation's clause; empty where it is neither.
    staff_ids : tuple of str
        The people concerned; empty where the regulation itself is at fault.
    mark : "V", "P", "U" or None
        How sure a source is that it rests on beside the check's own, such as a region's figure.
    versions : tuple of str
        Of a book of dated policies the ids of those that it belongs to; empty where it belongs to all.
    """

    check: str
    severity: Severity
    what: Message
    setting: str = ""
    staff_ids: tuple[str, ...] = ()
    mark: Mark | None = None
    versions: tuple[str, ...] = ()


SHOWN_PEOPLE = 3


class Missing(NamedTuple):
    """What a check needs and was not given."""

    what: Message


def where(finding: Finding) -> str:
    """Say where a finding is: the version of a book, the setting or clause, and the first of the people concerned."""
    version = Message("version {id}", id=", ".join(finding.versions)) if finding.versions else ""
    shown = ", ".join(finding.staff_ids[:SHOWN_PEOPLE])
    more = len(finding.staff_ids) - SHOWN_PEOPLE
    if more > 0:
        shown = str(Message("{people} and {count} more", people=shown, count=f"{more:,}"))
    return " · ".join(str(part) for part in (version, finding.setting, shown) if part)


def least_sure(marks: Iterable[Mark]) -> Mark:
    """Give the mark of what rests on several sources: that of the least sure one.

    Examples
    --------
    >>> least_sure(["V", "P"])
    'P'
    """
    return max(marks, key=list(MARKS).index)
