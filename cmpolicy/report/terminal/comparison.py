"""On the terminal: what a reform changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.insight.explain import STANDING_TEXTS
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import Policy
from cmpolicy.report.labels import DIFFERENCE_LABELS, LABELS, PARTS_OF_DIFFERENCE, yuan_of
from cmpolicy.report.terminal.appraisal import _warnings
from cmpolicy.report.terminal.console import (
    _least_width,
    add_row,
    figures_column,
    new_table,
    show_notes,
    show_table,
    text_of,
    words_column,
)
from cmpolicy.report.terminal.policies import show_changes

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Column, Table

    from cmpolicy.simulation.compare import Comparison

SHOWN_PEOPLE = 10


SHOWN_AREAS = 10


def show_comparison(console: Console, change: Comparison) -> None:
    """Show what a reform changes: settings, grades, money, people, standing."""
    before, after = change.baseline.policy, change.reform.policy
    if before is not after and isinstance(before, Policy) and isinstance(after, Policy):
        show_changes(console, change.changes)
    for title, matrix in (
        (Message("Quarter grades: baseline (rows) to reform (columns)"), change.quarter_migration),
        (Message("Month grades: baseline (rows) to reform (columns)"), change.month_migration),
    ):
        show_table(console, title, _matrix(matrix))
    cost = new_table(
        words_column(Message("component")),
        figures_column(Message("baseline")),
        figures_column(Message("reform")),
        figures_column(Message("difference")),
        words_column(Message("clause")),
    )
    for name, row in change.cost.iterrows():
        figures = (yuan_of(row["baseline"]), yuan_of(row["reform"]), yuan_of(row["difference"], signed=True))
        add_row(cost, LABELS[str(name)], *figures, row["clause"])
    show_table(console, Message("Cost"), cost)
    notes = _show_attribution(console, change)
    standing = new_table(
        words_column(Message("standing")),
        figures_column(Message("baseline")),
        figures_column(Message("reform")),
        figures_column(Message("difference")),
    )
    for name, row in change.standing.iterrows():
        figures = (f"{row['baseline']:,}", f"{row['reform']:,}", f"{row['difference']:+,}")
        add_row(standing, LABELS[str(name)], *figures)
    show_table(console, Message("Standing (3.5)"), standing)
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
            show_table(console, title, _people(console, people.head(SHOWN_PEOPLE)))
        else:
            console.print(text_of(nobody, style="bold"))
            console.print()
    warnings = dict.fromkeys((*_warnings(change.baseline), *_warnings(change.reform)))
    show_notes(console, [*warnings, *change.notes, *notes])


def _show_attribution(console: Console, change: Comparison) -> list[Message]:
    """Show what the settings, the grades and the areas bring of the cost difference; give the notes on it."""
    notes = []
    reason = change.why_not_attributed
    if reason is not None:
        notes.append(reason)
    elif len(change.attribution):
        show_attribution(console, change.attribution)
        notes += change.attribution_notes
        _show_by_grade(console, change.by_grade)
    areas = change.by_area[change.by_area["difference"] != 0]
    if len(change.by_area) > 1 and len(areas):
        table = new_table(
            words_column(Message("area")),
            figures_column(Message("baseline")),
            figures_column(Message("reform")),
            figures_column(Message("difference")),
        )
        for name, row in areas.head(SHOWN_AREAS).iterrows():
            figures = (yuan_of(row["baseline"]), yuan_of(row["reform"]), yuan_of(row["difference"], signed=True))
            add_row(table, name, *figures)
        show_table(console, Message("The difference by area"), table)
        if len(areas) > SHOWN_AREAS:
            notes.append(Message("{count} more areas differ; --out writes all.", count=len(areas) - SHOWN_AREAS))
    return notes


def show_attribution(console: Console, attribution: pd.DataFrame) -> None:
    """Show what each changed setting brings of a cost difference."""
    drawn = bool((attribution["standard_error"] > 0).any())
    table = new_table(
        words_column(Message("path")),
        figures_column(Message("baseline")),
        figures_column(Message("reform")),
        figures_column(Message("yuan")),
        *([figures_column(Message("standard error"))] if drawn else []),
        words_column(Message("clause")),
    )
    for row in attribution.to_dict("records"):
        error = [yuan_of(row["standard_error"])] if drawn else []
        add_row(
            table, row["path"], row["before"], row["after"], yuan_of(row["yuan"], signed=True), *error, row["clause"]
        )
    whole = yuan_of(round(attribution["yuan"].sum(), 2), signed=True)
    add_row(table, Message("together"), "", "", whole, *([""] if drawn else []), "")
    show_table(console, Message("What each change brings of the difference"), table)


def _show_by_grade(console: Console, by_grade: pd.DataFrame) -> None:
    """Show what follows the quarters' grades, what follows the months', and what follows none."""
    parts = list(PARTS_OF_DIFFERENCE)
    moved = by_grade[(by_grade[parts] != 0).any(axis=1)]
    for component, title in (
        ("service_bonus", Message("The difference of the service bonus by quarter grade (3.2)")),
        ("award", Message("The difference of the awards by month grade (3.2)")),
    ):
        rows = moved[moved["component"] == component]
        if not len(rows):
            continue
        table = new_table(
            words_column(Message("grade")),
            figures_column(Message("records")),
            *map(figures_column, PARTS_OF_DIFFERENCE.values()),
        )
        for row in rows.to_dict("records"):
            money = [yuan_of(row[name], signed=True) if row[name] else "" for name in parts]
            add_row(table, f"{row['baseline']} → {row['reform']}", f"{row['records']:,}", *money)
        whole = [yuan_of(round(rows[name].sum(), 2), signed=True) for name in parts]
        add_row(table, Message("together"), f"{rows['records'].sum():,}", *whole)
        show_table(console, title, table)
    rest = moved[moved["baseline"] == ""]
    if len(rest):
        table = new_table(
            words_column(Message("component")), figures_column(Message("yuan")), words_column(Message("clause"))
        )
        for row in rest.to_dict("records"):
            add_row(table, DIFFERENCE_LABELS[row["component"]], yuan_of(row["yuan"], signed=True), row["clause"])
        show_table(console, Message("The difference that follows no grade"), table)


def _matrix(matrix: pd.DataFrame) -> Table:
    table = new_table(
        words_column(Message("grade")), *(figures_column(Message("{name}", name=name)) for name in matrix.columns)
    )
    for name, row in matrix.iterrows():
        add_row(table, name, *(f"{number:,}" if number else "·" for number in row))
    return table


def _people(console: Console, people: pd.DataFrame) -> Table:
    """Make a table of people, without what a narrow terminal has no room for."""
    moved = (people["standing_baseline"] != people["standing_reform"]).any()
    shown = [name for name in _person_columns() if name in people.columns or (name == "standing" and moved)]
    for spare in ((), ("area",), ("quarters_better", "quarters_worse"), ("name",), ("baseline",)):
        shown = [name for name in shown if name not in spare]
        columns = _person_columns()
        table = new_table(*(columns[name] for name in shown))
        for row in people.to_dict("records"):
            add_row(table, *(_cell_of_person(row, name) for name in shown))
        if _least_width(table) <= console.width:
            break
    return table


def _person_columns() -> dict[str, Column]:
    return {
        "staff_id": words_column(Message("staff id")),
        "name": words_column(Message("name")),
        "area": words_column(Message("area")),
        "baseline": figures_column(Message("baseline")),
        "reform": figures_column(Message("reform")),
        "difference": figures_column(Message("difference")),
        "quarters_better": figures_column(Message("better")),
        "quarters_worse": figures_column(Message("worse")),
        "standing": words_column(Message("standing")),
    }


def _cell_of_person(row: dict[Any, Any], name: str) -> str:
    if name == "standing":
        before, after = (STANDING_TEXTS.get(row[f"standing_{side}"], "–") for side in ("baseline", "reform"))
        return str(before) if before == after else f"{before} → {after}"
    if name in ("baseline", "reform", "difference"):
        return yuan_of(row[name], signed=name == "difference")
    return "" if row[name] != row[name] else str(row[name])
