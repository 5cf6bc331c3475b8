"""The terminal: the console, tables that fit it, texts that cannot move its cursor."""

from __future__ import annotations

import os
import re
import sys
from typing import IO, TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cmpolicy.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


SHOWN_NOTES = 20


_WIDE = 200


_NARROWEST_PROSE = 20


_GAP = 2


_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Stop in peace: the reader of a pipe has seen enough."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def console_for(stream: IO[str] | None = None) -> Console:
    """Make a console; where no person watches it is wide and has no colours, so that nothing is cut."""
    console = _Console(highlight=False, file=stream)
    if console.is_terminal:
        return console
    return _Console(highlight=False, file=stream, width=_WIDE, no_color=True)


def show_table(console: Console, title: Message, table: Table) -> None:
    """Print a table under its title; one that is wider than the terminal runs over, so that no figure is cut."""
    needed = _least_width(table)
    if needed > console.width:
        table.width = needed
    console.print(text_of(title, style="bold"))
    console.print(table, crop=False)
    console.print()


def show_notes(console: Console, notes: Sequence[Message], most: int | None = SHOWN_NOTES) -> None:
    """List notes, the first ones where there are more than so many."""
    if not notes:
        return
    table = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1), pad_edge=True)
    for note in notes[:most]:
        add_row(table, "-", note)
    if most is not None and len(notes) > most:
        add_row(table, "", Message("… and more notes: {count}.", count=len(notes) - most))
    console.print(text_of(Message("Notes"), style="bold"))
    console.print(table)
    console.print()


def new_table(*columns: Column) -> Table:
    """Make a table in the house's style."""
    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))


def words_column(heading: Message) -> Column:
    """Make a column of names: left, never broken."""
    return Column(text_of(heading), no_wrap=True)


def figures_column(heading: Message) -> Column:
    """Make a column of figures: right, never broken."""
    return Column(text_of(heading), no_wrap=True, justify="right")


def prose_column(heading: Message) -> Column:
    """Make a column of sentences, which break into lines."""
    return Column(text_of(heading), min_width=_NARROWEST_PROSE, overflow="fold")


def add_row(table: Table, *cells: object) -> None:
    """Add a row; every cell is shown as it is."""
    table.add_row(*map(text_of, cells))


def text_of(value: object, style: str = "") -> Text:
    """Give a text as it is: no markup, nothing that steers the terminal."""
    return Text(without_controls(str(value)), style=style)


def _least_width(table: Table) -> int:
    """Tell how wide a table has to be at least for every figure and name to be whole."""
    widths = [
        max(cell_len(str(cell)) for cell in (column.header, *column.cells)) if column.no_wrap else _NARROWEST_PROSE
        for column in table.columns
    ]
    return sum(widths) + _GAP * (len(widths) - 1)


def share_of(number: int, counts: Mapping[str, int]) -> str:
    """Write the share of a number in the sum of all, as a percentage."""
    return f"{number / (sum(counts.values()) or 1):.0%}"


def without_controls(text: str) -> str:
    r"""Put marks in place of what would steer the terminal, were it in a name or a cell.

    Examples
    --------
    >>> without_controls("a\x1b[31mb")
    'a�[31mb'
    """
    return _CONTROLS.sub("�", text)
