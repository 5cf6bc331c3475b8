"""On the terminal: what the data hold, and what a policy makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.messages import Message
from cmpolicy.regulation.naming import names_of
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, PolicyBook
from cmpolicy.report.labels import LABELS, yuan_of
from cmpolicy.report.terminal.console import (
    add_row,
    figures_column,
    new_table,
    share_of,
    show_notes,
    show_table,
    text_of,
    words_column,
)
from cmpolicy.simulation.appraise import CLAUSE_OF_COST, COST

if TYPE_CHECKING:
    from rich.console import Console

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.partition_results import PartitionTotals
    from cmpolicy.staff.data import StaffData


def show_data(console: Console, data: StaffData) -> None:
    """Show what was read."""
    table = new_table(words_column(Message("table")), figures_column(Message("rows")))
    add_row(table, Message("people"), f"{len(data.staff_ids):,}")
    for name, one in data.tables.items():
        add_row(table, name, f"{one.length:,}")
    show_table(console, Message("Read from {source}", source=data.source), table)
    show_notes(console, [*data.notes, *data.remarks], most=None)  # nothing else tells the rest


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Show grades, standing and cost of an outcome."""
    console.print(text_of(Message("Policy {name}", name=policy_names(outcome.policy)), style="bold"))
    _show_totals(console, outcome)
    show_notes(console, [*_warnings(outcome), *outcome.notes])


def show_partitions(console: Console, totals: PartitionTotals, *, complete: bool = True) -> None:
    """Show grades, standing and cost of staff in partitions."""
    console.print(text_of(Message("Policy {name}", name=policy_names(totals.policy)), style="bold"))
    counts = {"people": f"{totals.figures['people']:,}", "partitions": f"{totals.partitions:,}"}
    text = Message("{people} people in {partitions} partitions", **counts)
    if not complete:
        text = Message("INCOMPLETE: {people} people in the {partitions} partitions that can be used", **counts)
    console.print(text_of(text, style="bold"))
    _show_totals(console, totals)
    show_notes(console, totals.notes)


def _show_totals(console: Console, outcome: Outcome | PartitionTotals) -> None:
    quarters, months = outcome.grade_counts("quarters"), outcome.grade_counts("months")
    grades = new_table(
        words_column(Message("grade")),
        figures_column(Message("quarters")),
        figures_column(Message("share")),
        figures_column(Message("months")),
        figures_column(Message("share")),
    )
    for name, number in quarters.items():
        add_row(
            grades, name, f"{number:,}", share_of(number, quarters), f"{months[name]:,}", share_of(months[name], months)
        )
    show_table(console, Message("Grades (3.1)"), grades)
    standing = new_table(words_column(Message("standing")), figures_column(Message("number")))
    for name, number in outcome.standing_counts.items():
        add_row(standing, LABELS[name], f"{number:,}")
    show_table(console, Message("Standing (3.5)"), standing)
    cost = new_table(
        words_column(Message("component")), figures_column(Message("yuan")), words_column(Message("clause"))
    )
    for name in COST:
        add_row(cost, LABELS[name], yuan_of(outcome.cost[name] / FEN_PER_YUAN), CLAUSE_OF_COST[name])
    show_table(console, Message("Cost"), cost)


def _warnings(outcome: Outcome) -> list[Message]:
    return [warning for version in outcome.versions for warning in version.policy.warnings]


def policy_names(policy: Policy | PolicyBook) -> Message | str:
    """Name a policy with its changes, or each version of a book."""
    return names_of([policy] if isinstance(policy, Policy) else policy.policies)
