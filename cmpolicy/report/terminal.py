"""Results as readable text in a terminal."""

from __future__ import annotations

import os
import re
import sys
from typing import IO, TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cmpolicy.insight.explain import STANDING_TEXTS
from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, PolicyBook, clause_of, parameter_of
from cmpolicy.simulation.appraise import CLAUSE_OF_COST, COST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from cmpolicy.regulation.policy import Change
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.compare import Comparison
    from cmpolicy.staff.data import StaffData

SHOWN_PEOPLE = 10
SHOWN_NOTES = 20
_WIDE = 200
_NARROWEST_PROSE = 20
_GAP = 2
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

LABELS = {
    "service_bonus": Message("service bonus"),
    "revenue_bonus": Message("revenue bonus"),
    "penalty_not_applied": Message("penalty not applied"),
    "payout": Message("payout"),
    "award": Message("monthly awards"),
    "cash_effect": Message("cash effect of the awards"),
    "cost": Message("cost: payout + cash effect"),
    "observed": Message("staff-quarters under observation"),
    "dismissed": Message("people dismissed"),
    "left": Message("staff-quarters after a dismissal"),
}


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


def show_data(console: Console, data: StaffData) -> None:
    """Show what was read."""
    table = _table(_words(Message("table")), _figures(Message("rows")))
    _add(table, Message("people"), f"{len(data.staff_ids):,}")
    for name, one in data.tables.items():
        _add(table, name, f"{one.length:,}")
    _show(console, Message("Read from {source}", source=data.source), table)
    show_notes(console, data.notes)


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Show grades, standing and cost of an outcome."""
    console.print(_text(Message("Policy {name}", name=_name(outcome.policy)), style="bold"))
    quarters, months = outcome.grade_counts("quarters"), outcome.grade_counts("months")
    grades = _table(
        _words(Message("grade")),
        _figures(Message("quarters")),
        _figures(Message("share")),
        _figures(Message("months")),
        _figures(Message("share")),
    )
    for name, number in quarters.items():
        _add(grades, name, f"{number:,}", _share(number, quarters), f"{months[name]:,}", _share(months[name], months))
    _show(console, Message("Grades (3.1)"), grades)
    standing = _table(_words(Message("standing")), _figures(Message("number")))
    for name, number in outcome.standing_counts.items():
        _add(standing, LABELS[name], f"{number:,}")
    _show(console, Message("Standing (3.5)"), standing)
    cost = _table(_words(Message("component")), _figures(Message("yuan")), _words(Message("clause")))
    for name in COST:
        _add(cost, LABELS[name], _yuan(outcome.cost[name] / FEN_PER_YUAN), CLAUSE_OF_COST[name])
    _show(console, Message("Cost"), cost)
    show_notes(console, [*_warnings(outcome), *outcome.notes])


def show_comparison(console: Console, change: Comparison) -> None:
    """Show what a reform changes: settings, grades, money, people, standing."""
    before, after = change.baseline.policy, change.reform.policy
    if before is not after and isinstance(before, Policy) and isinstance(after, Policy):
        show_changes(console, change.changes)
    for title, matrix in (
        (Message("Quarter grades: baseline (rows) to reform (columns)"), change.quarter_migration),
        (Message("Month grades: baseline (rows) to reform (columns)"), change.month_migration),
    ):
        _show(console, title, _matrix(matrix))
    cost = _table(
        _words(Message("component")),
        _figures(Message("baseline")),
        _figures(Message("reform")),
        _figures(Message("difference")),
        _words(Message("clause")),
    )
    for name, row in change.cost.iterrows():
        figures = (_yuan(row["baseline"]), _yuan(row["reform"]), _yuan(row["difference"], signed=True))
        _add(cost, LABELS[str(name)], *figures, row["clause"])
    _show(console, Message("Cost"), cost)
    standing = _table(
        _words(Message("standing")),
        _figures(Message("baseline")),
        _figures(Message("reform")),
        _figures(Message("difference")),
    )
    for name, row in change.standing.iterrows():
        figures = (f"{row['baseline']:,}", f"{row['reform']:,}", f"{row['difference']:+,}")
        _add(standing, LABELS[str(name)], *figures)
    _show(console, Message("Standing (3.5)"), standing)
    for title, nobody, people in (
        (
            Message("People who win: {count}, the most first:", count=len(change.winners)),
            Message("Nobody wins."),
            change.winners,
        ),
        (
            Message("People who lose: {count}, the most first:", count=len(change.losers)),
            Message("Nobody loses."),
            change.losers,
        ),
    ):
        if len(people):
            _show(console, title, _people(console, people.head(SHOWN_PEOPLE)))
        else:
            console.print(_text(nobody, style="bold"))
            console.print()
    warnings = dict.fromkeys((*_warnings(change.baseline), *_warnings(change.reform)))
    show_notes(console, [*warnings, *change.notes])


def show_policy(console: Console, policy: Policy) -> None:
    """Show every value of a policy with its clause, and the readings with their options."""
    console.print(_text(f"{policy.id}  ({policy.effective_from})", style="bold"))
    grades = _table(
        _words(Message("grade")),
        _figures(Message("from")),
        _figures(Message("quarterly bonus")),
        _figures(Message("monthly award")),
    )
    for row in policy.grades:
        bound = "" if row.lower_bound is None else str(row.lower_bound)
        _add(grades, row.grade, bound, _yuan(float(row.quarterly_bonus)), _yuan(float(row.monthly_award)))
    _show(console, Message("Grades (3.1, 3.2)"), grades)
    values = _table(
        _words(Message("path")), _figures(Message("value")), _words(Message("clause")), _prose(Message("meaning"))
    )
    readings = _table(_words(Message("option")), _prose(Message("meaning")))
    for path in policy.paths():
        room = path.partition(".")[0]
        if room == "readings":
            _add_reading(readings, policy, path)
        elif room != "grades":
            _add(values, path, policy.get(path), clause_of(path), parameter_of(path).title)
    _show(console, Message("Values"), values)
    _show(console, Message("Readings of unclear clauses"), readings)
    for warning in policy.warnings:
        console.print(_text(warning))


def show_changes(console: Console, changes: Sequence[Change]) -> None:
    """Show what differs between two policies."""
    if not changes:
        console.print(_text(Message("The policies do not differ.")))
        return
    table = _table(
        _words(Message("path")),
        _figures(Message("baseline")),
        _figures(Message("reform")),
        _words(Message("clause")),
        _prose(Message("meaning")),
    )
    for change in changes:
        room, _, name = change.path.partition(".")
        meaning = reading_text(name).question if room == "readings" else parameter_of(change.path).title
        shown = ["" if value is None else value for value in (change.before, change.after)]
        _add(table, change.path, *shown, change.clause, meaning)
    _show(console, Message("What changes in the policy"), table)


def show_notes(console: Console, notes: Sequence[Message]) -> None:
    """List notes, the first ones where there are many."""
    if not notes:
        return
    table = Table.grid(Column(), Column(overflow="fold"), padding=(0, 1), pad_edge=True)
    for note in notes[:SHOWN_NOTES]:
        _add(table, "-", note)
    if len(notes) > SHOWN_NOTES:
        _add(table, "", Message("… and {count} more notes.", count=len(notes) - SHOWN_NOTES))
    console.print(_text(Message("Notes"), style="bold"))
    console.print(table)


def without_controls(text: str) -> str:
    r"""Put marks in place of what would steer the terminal, were it in a name or a cell.

    Examples
    --------
    >>> without_controls("a\x1b[31mb")
    'a�[31mb'
    """
    return _CONTROLS.sub("�", text)


def _name(policy: Policy | PolicyBook) -> str:
    return policy.id if isinstance(policy, Policy) else ", ".join(one.id for one in policy.policies)


def _warnings(outcome: Outcome) -> list[Message]:
    return [warning for version in outcome.versions for warning in version.policy.warnings]


def _add_reading(table: Table, policy: Policy, path: str) -> None:
    """Add a reading with its options; a star marks the one that is chosen."""
    text = reading_text(path.partition(".")[2])
    clauses = ", ".join(text.clauses)
    table.add_row(_text(path, style="bold"), _text(f"{text.question} ({clauses})", style="bold"))
    for option, meaning in text.options.items():
        _add(table, f"{'*' if option == policy.get(path) else ' '} {option}", meaning)


def _matrix(matrix: pd.DataFrame) -> Table:
    table = _table(_words(Message("grade")), *(_figures(Message("{name}", name=name)) for name in matrix.columns))
    for name, row in matrix.iterrows():
        _add(table, name, *(f"{number:,}" if number else "·" for number in row))
    return table


def _people(console: Console, people: pd.DataFrame) -> Table:
    """Make a table of people, without what a narrow terminal has no room for."""
    moved = (people["standing_baseline"] != people["standing_reform"]).any()
    shown = [name for name in _person_columns() if name in people.columns or (name == "standing" and moved)]
    for spare in ((), ("area",), ("quarters_better", "quarters_worse"), ("name",), ("baseline",)):
        shown = [name for name in shown if name not in spare]
        columns = _person_columns()
        table = _table(*(columns[name] for name in shown))
        for row in people.to_dict("records"):
            _add(table, *(_cell_of_person(row, name) for name in shown))
        if _least_width(table) <= console.width:
            break
    return table


def _person_columns() -> dict[str, Column]:
    return {
        "staff_id": _words(Message("staff id")),
        "name": _words(Message("name")),
        "area": _words(Message("area")),
        "baseline": _figures(Message("baseline")),
        "reform": _figures(Message("reform")),
        "difference": _figures(Message("difference")),
        "quarters_better": _figures(Message("better")),
        "quarters_worse": _figures(Message("worse")),
        "standing": _words(Message("standing")),
    }


def _cell_of_person(row: dict[Any, Any], name: str) -> str:
    if name == "standing":
        before, after = (STANDING_TEXTS.get(row[f"standing_{side}"], "–") for side in ("baseline", "reform"))
        return str(before) if before == after else f"{before} → {after}"
    if name in ("baseline", "reform", "difference"):
        return _yuan(row[name], signed=name == "difference")
    return "" if row[name] != row[name] else str(row[name])


# -- tables ------------------------------------------------------------------


def _words(heading: Message) -> Column:
    return Column(_text(heading), no_wrap=True)


def _figures(heading: Message) -> Column:
    return Column(_text(heading), no_wrap=True, justify="right")


def _prose(heading: Message) -> Column:
    return Column(_text(heading), min_width=_NARROWEST_PROSE, overflow="fold")


def _table(*columns: Column) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))


def _add(table: Table, *cells: object) -> None:
    table.add_row(*map(_text, cells))


def _text(value: object, style: str = "") -> Text:
    """Give a text as it is: no markup, nothing that steers the terminal."""
    return Text(without_controls(str(value)), style=style)


def _least_width(table: Table) -> int:
    """Tell how wide a table has to be at least for every figure and name to be whole."""
    widths = [
        max(cell_len(str(cell)) for cell in (column.header, *column.cells)) if column.no_wrap else _NARROWEST_PROSE
        for column in table.columns
    ]
    return sum(widths) + _GAP * (len(widths) - 1)


def _show(console: Console, title: Message, table: Table) -> None:
    """Print a table under its title; one that is wider than the terminal runs over, so that no figure is cut."""
    needed = _least_width(table)
    if needed > console.width:
        table.width = needed
    console.print(_text(title, style="bold"))
    console.print(table, crop=False)
    console.print()


def _share(number: int, counts: Mapping[str, int]) -> str:
    return f"{number / (sum(counts.values()) or 1):.0%}"


def _yuan(amount: float, *, signed: bool = False) -> str:
    return f"{amount:+,.2f}" if signed else f"{amount:,.2f}"
