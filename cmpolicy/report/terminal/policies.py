"""On the terminal: a policy, and what differs between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import Policy, clause_of, parameter_of
from cmpolicy.report.labels import yuan_of
from cmpolicy.report.terminal.console import (
    add_row,
    figures_column,
    new_table,
    prose_column,
    show_table,
    text_of,
    words_column,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from cmpolicy.regulation.policy import Change


def show_policy(console: Console, policy: Policy) -> None:
    """Show every value of a policy with its clause, and the readings with their options."""
    console.print(text_of(f"{policy.id}  ({policy.effective_from})", style="bold"))
    grades = new_table(
        words_column(Message("grade")),
        figures_column(Message("from")),
        figures_column(Message("quarterly bonus")),
        figures_column(Message("monthly award")),
    )
    for row in policy.grades:
        bound = "" if row.lower_bound is None else str(row.lower_bound)
        add_row(grades, row.grade, bound, yuan_of(float(row.quarterly_bonus)), yuan_of(float(row.monthly_award)))
    show_table(console, Message("Grades (3.1, 3.2)"), grades)
    values = new_table(
        words_column(Message("path")),
        figures_column(Message("value")),
        words_column(Message("clause")),
        prose_column(Message("meaning")),
    )
    readings = new_table(words_column(Message("option")), prose_column(Message("meaning")))
    for path in policy.paths():
        room = path.partition(".")[0]
        if room == "readings":
            _add_reading(readings, policy, path)
        elif room != "grades":
            add_row(values, path, policy.get(path), clause_of(path), parameter_of(path).title)
    show_table(console, Message("Values"), values)
    show_table(console, Message("Readings of unclear clauses"), readings)
    for warning in policy.warnings:
        console.print(text_of(warning))


def show_changes(console: Console, changes: Sequence[Change]) -> None:
    """Show what differs between two policies."""
    if not changes:
        console.print(text_of(Message("The policies do not differ.")))
        return
    table = new_table(
        words_column(Message("path")),
        figures_column(Message("baseline")),
        figures_column(Message("reform")),
        words_column(Message("clause")),
        prose_column(Message("meaning")),
    )
    for change in changes:
        room, _, name = change.path.partition(".")
        meaning = reading_text(name).question if room == "readings" else parameter_of(change.path).title
        shown = ["" if value is None else value for value in (change.before, change.after)]
        add_row(table, change.path, *shown, change.clause, meaning)
    show_table(console, Message("What changes in the policy"), table)


def _add_reading(table: Table, policy: Policy, path: str) -> None:
    """Add a reading with its options; a star marks the one that is chosen."""
    text = reading_text(path.partition(".")[2])
    clauses = list_of(text.clauses)
    table.add_row(text_of(path, style="bold"), text_of(f"{text.question} ({clauses})", style="bold"))
    for option, meaning in text.options.items():
        add_row(table, f"{'*' if option == policy.get(path) else ' '} {option}", meaning)
