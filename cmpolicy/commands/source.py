"""The data that a command reads, and what it tells of them: one rule for all commands.

What changes figures, or is missing, is told beside every result. What harms nothing, as a title row that was skipped,
is told by `check` alone; a line says so where there is any.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cmpolicy as cm
from cmpolicy.messages import Message

if TYPE_CHECKING:
    from rich.console import Console

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.staff.data import StaffData


@dataclass(frozen=True)
class Source:
    """Data with the notes on them kept apart, so that no result tells them a second time.

    Attributes
    ----------
    path : Path
        Where the data were read from.
    data : StaffData
        Without notes.
    notes : tuple of Message
        What changes figures or is missing.
    has_more : bool
        Whether `check` tells more.
    """

    path: Path
    data: StaffData
    notes: tuple[Message, ...]
    has_more: bool


def read_source(path: Path) -> Source:
    """Read the data of a command.

    Raises
    ------
    DataError
        As `read_staff`.
    """
    data = cm.read_staff(path)
    return Source(path, replace(data, notes=()), data.notes, has_more=bool(data.remarks))


def without_notes(source: Source) -> Source:
    """Leave what is told of the data to `check`: a statement holds nobody else's data, and notes may name people."""
    return replace(source, notes=(), has_more=source.has_more or bool(source.notes))


def show_sources(
    console: Console,
    *sources: Source,
    policy: Policy | PolicyBook | None = None,
    said: Iterable[object] = (),
) -> None:
    """Show what a reader of a result has to know of the data behind it.

    Parameters
    ----------
    console
        Where to.
    sources
        The data.
    policy
        What is applied to them, where the result does not tell what it met there, such as missing revenue figures.
    said
        Notes that the result has told.
    """
    from rich.table import Column, Table

    from cmpolicy.report.terminal.console import add_row, text_of

    notes = [note for source in sources for note in source.notes]
    if policy is not None:
        notes += [note for source in sources for note in cm.appraise(source.data, policy).notes]
    told = set(map(str, said))
    notes = [note for note in dict.fromkeys(notes) if str(note) not in told]
    quoted = subprocess.list2cmdline if os.name == "nt" else shlex.join
    beyond = [quoted(["cmpolicy", "check", str(source.path)]) for source in sources if source.has_more]
    if notes:
        table = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1), pad_edge=True)
        for note in notes:
            add_row(table, "-", note)
        console.print(text_of(Message("About the data"), style="bold"))
        console.print(table)
    for command in beyond:  # in one piece, to be copied
        console.print(text_of(Message("More about the data: {command}", command=command)), soft_wrap=True)
