"""Results as readable text in a terminal."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import clause_text, reading_text
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, PolicyBook, clause_of, parameter_of
from cmpolicy.regulation.readings import READINGS
from cmpolicy.simulation.appraise import CLAUSE_OF_COST, COST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from cmpolicy.regulation.policy import Change
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.compare import Comparison
    from cmpolicy.staff.data import StaffData

SHOWN_PEOPLE = 10
SHOWN_NOTES = 20
_WIDE = 200

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


def console_for(stream: IO[str] | None = None) -> Console:
    """Make a console; where no person watches it is wide and has no colours, so that nothing is cut."""
    console = Console(highlight=False, file=stream)
    if console.is_terminal:
        return console
    return Console(highlight=False, file=stream, width=_WIDE, no_color=True)


def show_data(console: Console, data: StaffData) -> None:
    """Show what was read."""
    table = _table(Message("Read from {source}", source=data.source), Message("table"), Message("rows"))
    table.add_row(str(Message("people")), f"{len(data.staff_ids):,}")
    for name, one in data.tables.items():
        table.add_row(name, f"{one.length:,}")
    console.print(table)
    show_notes(console, data.notes)


def show_outcome(console: Console, outcome: Outcome) -> None:
    """Show grades, standing and cost of an outcome."""
    console.print(Text(str(Message("Policy {name}", name=_name(outcome.policy))), style="bold"))
    quarters, months = outcome.grade_counts("quarters"), outcome.grade_counts("months")
    table = _table(Message("Grades (3.1)"), Message("grade"), *(Message("{name}", name=name) for name in quarters))
    for label, counts in ((Message("quarters"), quarters), (Message("months"), months)):
        total = sum(counts.values()) or 1
        table.add_row(str(label), *(f"{number:,} ({number / total:.0%})" for number in counts.values()))
    console.print(table)
    standing = _table(Message("Standing (3.5)"), Message("standing"), Message("number"))
    for name, number in outcome.standing_counts.items():
        standing.add_row(str(LABELS[name]), f"{number:,}")
    console.print(standing)
    cost = _table(Message("Cost"), Message("component"), Message("yuan"), Message("clause"))
    for name in COST:
        cost.add_row(str(LABELS[name]), _yuan(outcome.cost[name] / FEN_PER_YUAN), CLAUSE_OF_COST[name])
    console.print(cost)
    show_notes(console, outcome.notes)


def show_comparison(console: Console, change: Comparison) -> None:
    """Show what a reform changes: settings, grades, money, people, standing."""
    if change.changes:
        show_changes(console, change.changes)
    for title, matrix in (
        (Message("Quarter grades: baseline (rows) to reform (columns)"), change.quarter_migration),
        (Message("Month grades: baseline (rows) to reform (columns)"), change.month_migration),
    ):
        console.print(_matrix(title, matrix))
    cost = _table(
        Message("Cost"),
        Message("component"),
        Message("baseline"),
        Message("reform"),
        Message("difference"),
        Message("clause"),
    )
    for name, row in change.cost.iterrows():
        figures = (_yuan(row["baseline"]), _yuan(row["reform"]), _yuan(row["difference"], signed=True))
        cost.add_row(str(LABELS[str(name)]), *figures, row["clause"])
    console.print(cost)
    standing = _table(
        Message("Standing (3.5)"), Message("standing"), Message("baseline"), Message("reform"), Message("difference")
    )
    for name, row in change.standing.iterrows():
        standing.add_row(
            str(LABELS[str(name)]), f"{row['baseline']:,}", f"{row['reform']:,}", f"{row['difference']:+,}"
        )
    console.print(standing)
    for title, people in (
        (Message("Win, {count} people; the most:", count=len(change.winners)), change.winners),
        (Message("Lose, {count} people; the most:", count=len(change.losers)), change.losers),
    ):
        console.print(_people(title, people.head(SHOWN_PEOPLE)))
    show_notes(console, change.notes)


def show_policy(console: Console, policy: Policy) -> None:
    """Show every value of a policy with its clause, and the readings with their options."""
    console.print(Text(f"{policy.id}  ({policy.effective_from})", style="bold"))
    grades = _table(
        Message("Grades (3.1, 3.2)"),
        Message("grade"),
        Message("from"),
        Message("quarterly bonus"),
        Message("monthly award"),
    )
    for row in policy.grades:
        bound = "" if row.lower_bound is None else str(row.lower_bound)
        grades.add_row(row.grade, bound, _yuan(float(row.quarterly_bonus)), _yuan(float(row.monthly_award)))
    console.print(grades)
    values = _table(Message("Values"), Message("path"), Message("value"), Message("clause"), Message("meaning"))
    readings = _table(
        Message("Readings of unclear clauses"),
        Message("path"),
        Message("option"),
        Message("clause"),
        Message("meaning"),
    )
    for path in policy.paths():
        room, _, name = path.partition(".")
        if room == "readings":
            text = reading_text(name)
            for option in READINGS[name].__members__:
                chosen = option == policy.get(path)
                readings.add_row(
                    path if chosen else "",
                    f"{'*' if chosen else ' '} {option}",
                    clause_of(path) if chosen else "",
                    text.options[option],
                )
        elif room != "grades":
            values.add_row(path, str(policy.get(path)), clause_of(path), str(parameter_of(path).title))
    console.print(values)
    console.print(readings)
    for warning in policy.warnings:
        console.print(Text(str(warning)))


def show_changes(console: Console, changes: Sequence[Change]) -> None:
    """Show what differs between two policies."""
    table = _table(
        Message("What changes in the policy"),
        Message("path"),
        Message("baseline"),
        Message("reform"),
        Message("clause"),
        Message("meaning"),
    )
    for change in changes:
        number = change.clause.split(", ")[0]
        shown = ["" if value is None else str(value) for value in (change.before, change.after)]
        table.add_row(change.path, *shown, change.clause, clause_text(number).title)
    console.print(table if changes else Text(str(Message("The policies do not differ."))))


def show_notes(console: Console, notes: Sequence[Message]) -> None:
    """List notes, the first ones where there are many."""
    if not notes:
        return
    console.print(Text(str(Message("Notes")), style="bold"))
    for note in notes[:SHOWN_NOTES]:
        console.print(Text(f"  - {note}"))
    if len(notes) > SHOWN_NOTES:
        console.print(Text("  " + str(Message("… and {count} more notes.", count=len(notes) - SHOWN_NOTES))))


def _name(policy: Policy | PolicyBook) -> str:
    return policy.id if isinstance(policy, Policy) else ", ".join(one.id for one in policy.policies)


def _table(title: Message, *headings: Message) -> Table:
    width = cell_len(str(title))  # a title that is longer than its table would be wrapped
    table = Table(title=str(title), title_justify="left", box=box.SIMPLE_HEAD, title_style="bold", min_width=width)
    for place, heading in enumerate(headings):
        text = str(heading)
        left = place == 0 or text in {str(Message(word)) for word in ("clause", "meaning", "option", "name", "area")}
        table.add_column(Text(text), justify="left" if left else "right", no_wrap=text != str(Message("meaning")))
    return table


def _matrix(title: Message, matrix: pd.DataFrame) -> Table:
    table = _table(title, Message("grade"), *(Message("{name}", name=name) for name in matrix.columns))
    for name, row in matrix.iterrows():
        table.add_row(Text(str(name)), *(f"{number:,}" if number else "·" for number in row))
    return table


def _people(title: Message, people: pd.DataFrame) -> Table:
    shown = [name for name in ("staff_id", "name", "area") if name in people.columns]
    headings: list[Message] = [Message("staff id"), Message("name"), Message("area")][: len(shown)]
    table = _table(
        title,
        *headings,
        Message("baseline"),
        Message("reform"),
        Message("difference"),
        Message("quarters better"),
        Message("quarters worse"),
        Message("standing"),
    )
    for row in people.to_dict("records"):
        texts: Iterable[Text] = (Text("" if row[name] != row[name] else str(row[name])) for name in shown)
        before, after = row["standing_baseline"], row["standing_reform"]
        table.add_row(
            *texts,
            _yuan(row["baseline"]),
            _yuan(row["reform"]),
            _yuan(row["difference"], signed=True),
            str(row["quarters_better"]),
            str(row["quarters_worse"]),
            before if before == after else f"{before} → {after}",
        )
    return table


def _yuan(amount: float, *, signed: bool = False) -> str:
    return f"{amount:+,.2f}" if signed else f"{amount:,.2f}"
