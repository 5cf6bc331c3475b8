"""On the terminal: what a reform, or another version of the data, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.insight.explain import STANDING_TEXTS
from cmpolicy.messages import Message, list_of
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
    """Show what a reform, or another version of the data, changes: grades, money, people, standing."""
    before, after = change.baseline.policy, change.reform.policy
    if change.is_of_data:
        sources = {"earlier": change.baseline.data.source, "later": change.reform.data.source}
        console.print(text_of(Message("Earlier data: {earlier}. Later data: {later}.", **sources), style="bold"))
        console.print()
    elif isinstance(before, Policy) and isinstance(after, Policy):
        show_changes(console, change.changes)
        if not change.changes:
            console.print()
    sides = _sides(change)
    equal = _show_grades(console, change, sides)
    moved = change.cost["difference"] != 0
    if moved.any():
        _show_cost(console, change, sides)
    else:
        equal.append(Message("cost"))
    notes = _show_attribution(console, change, sides)
    if (change.standing["difference"] != 0).any():
        _show_standing(console, change, sides)
    else:
        equal.append(Message("standing (3.5)"))
    if equal:
        console.print(text_of(Message("No difference: {tables}.", tables=list_of(equal)), style="bold"))
        console.print()
    notes += _show_people(console, change, sides)
    unmatched = [] if change.unmatched is None else [change.unmatched]
    warnings = (*_warnings(change.baseline), *_warnings(change.reform))
    # Those of the data come last: there may be more than are shown.
    every = list(dict.fromkeys((*unmatched, *warnings, *notes, *change.notes)))
    if every:
        show_notes(console, every)


def _sides(change: Comparison) -> tuple[Message, Message]:
    """Name what is compared: two policies, or two versions of the data."""
    if change.is_of_data:
        return Message("earlier data"), Message("later data")
    return Message("baseline"), Message("reform")


def _show_grades(console: Console, change: Comparison, sides: tuple[Message, Message]) -> list[Message]:
    """Show which grades become which; name the matrices that are left out, as no grade is another."""
    equal = []
    names = dict(zip(("before", "after"), sides, strict=True))
    for name, title, matrix in (
        (
            Message("quarter grades"),
            Message("Quarter grades: {before} (rows) to {after} (columns)", **names),
            change.quarter_migration,
        ),
        (
            Message("month grades"),
            Message("Month grades: {before} (rows) to {after} (columns)", **names),
            change.month_migration,
        ),
    ):
        if matrix.to_numpy()[np.not_equal.outer(matrix.index, matrix.columns)].any():
            show_table(console, title, _matrix(matrix))
        else:
            equal.append(name)
    return equal


def _show_cost(console: Console, change: Comparison, sides: tuple[Message, Message]) -> None:
    table = new_table(
        words_column(Message("component")),
        *map(figures_column, sides),
        figures_column(Message("difference")),
        words_column(Message("clause")),
    )
    for name, row in change.cost.iterrows():
        add_row(table, LABELS[str(name)], *_money(row), row["clause"])
    show_table(console, Message("Cost"), table)


def _show_standing(console: Console, change: Comparison, sides: tuple[Message, Message]) -> None:
    table = new_table(
        words_column(Message("standing")), *map(figures_column, sides), figures_column(Message("difference"))
    )
    for name, row in change.standing.iterrows():
        figures = (f"{row['baseline']:,}", f"{row['reform']:,}", f"{row['difference']:+,}")
        add_row(table, LABELS[str(name)], *figures)
    show_table(console, Message("Standing (3.5)"), table)


def _show_people(console: Console, change: Comparison, sides: tuple[Message, Message]) -> list[Message]:
    """Show who wins and who loses, the first of many; give the note on what that means."""
    winners, losers = change.winners, change.losers
    for people, every, first, nobody in (
        (
            winners,
            Message("People who win: {count}, the most first:", count=len(winners)),
            Message(
                "People who win: {count}; the {shown} who win the most (--out writes all):",
                count=f"{len(winners):,}",
                shown=SHOWN_PEOPLE,
            ),
            Message("Nobody wins."),
        ),
        (
            losers,
            Message("People who lose: {count}, the most first:", count=len(losers)),
            Message(
                "People who lose: {count}; the {shown} who lose the most (--out writes all):",
                count=f"{len(losers):,}",
                shown=SHOWN_PEOPLE,
            ),
            Message("Nobody loses."),
        ),
    ):
        if len(people):
            title = every if len(people) <= SHOWN_PEOPLE else first
            show_table(console, title, _people(console, people.head(SHOWN_PEOPLE), sides))
        else:
            console.print(text_of(nobody, style="bold"))
            console.print()
    if winners.empty and losers.empty:
        return []
    text = Message(
        "To win or lose is to have more or less yuan in all (payout + cash effect); quarters +/− counts those with a "
        "better and a worse grade. A staff-quarter that solve calls worse off may have a worse grade at the same "
        "payout."
    )
    return [text]


def _show_attribution(console: Console, change: Comparison, sides: tuple[Message, Message]) -> list[Message]:
    """Show what the settings, the grades and the areas bring of the cost difference; give the notes on it."""
    notes = []
    reason = change.why_not_attributed
    if reason is not None:
        notes.append(reason)
    elif len(change.attribution):
        show_attribution(console, change.attribution)
        notes += change.attribution_notes
        _show_by_grade(console, change.by_grade)
    if len(change.by_area) > 1:
        _show_by_area(console, change.by_area, sides)
    return notes


def _show_by_area(console: Console, by_area: pd.DataFrame, sides: tuple[Message, Message]) -> None:
    """Show the areas that differ, losses before gains, each the largest first; of many those that differ the most."""
    areas = by_area[by_area["difference"] != 0]
    if not len(areas):
        return
    less, more = (f"{moved.sum():,}" for moved in (areas["difference"] < 0, areas["difference"] > 0))
    title = Message("The difference by area (less: {less}; more: {more})", less=less, more=more)
    if len(areas) > SHOWN_AREAS:
        title = Message(
            "The difference by area (less: {less}; more: {more}); the {shown} that differ the most (--out writes all)",
            less=less,
            more=more,
            shown=SHOWN_AREAS,
        )
    table = new_table(words_column(Message("area")), *map(figures_column, sides), figures_column(Message("difference")))
    largest = areas.loc[areas["difference"].abs().nlargest(SHOWN_AREAS).index]
    for gained in (False, True):
        for name, row in largest[(largest["difference"] > 0) == gained].iterrows():
            add_row(table, name, *_money(row))
    others = areas.drop(largest.index)
    if len(others):
        add_row(table, Message("the others: {count}", count=f"{len(others):,}"), *_money(others.sum().round(2)))
    show_table(console, title, table)


def _money(row: pd.Series[Any]) -> tuple[str, str, str]:
    return yuan_of(row["baseline"]), yuan_of(row["reform"]), yuan_of(row["difference"], signed=True)


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


def _people(console: Console, people: pd.DataFrame, sides: tuple[Message, Message]) -> Table:
    """Make a table of people, without what a narrow terminal has no room for."""
    moved = (people["standing_baseline"] != people["standing_reform"]).any()
    known = {*people.columns, "quarters", *(["standing"] if moved else [])}
    shown = [name for name in _person_columns(sides) if name in known]
    for spare in ((), ("area",), ("quarters",), ("name",), ("baseline",)):
        shown = [name for name in shown if name not in spare]
        columns = _person_columns(sides)
        table = new_table(*(columns[name] for name in shown))
        for row in people.to_dict("records"):
            add_row(table, *(_cell_of_person(row, name) for name in shown))
        if _least_width(table) <= console.width:
            break
    return table


def _person_columns(sides: tuple[Message, Message]) -> dict[str, Column]:
    return {
        "staff_id": words_column(Message("staff id")),
        "name": words_column(Message("name")),
        "area": words_column(Message("area")),
        "baseline": figures_column(sides[0]),
        "reform": figures_column(sides[1]),
        "difference": figures_column(Message("difference")),
        "quarters": figures_column(Message("quarters +/−")),
        "standing": words_column(Message("standing")),
    }


def _cell_of_person(row: dict[Any, Any], name: str) -> str:
    if name == "standing":
        before, after = (STANDING_TEXTS.get(row[f"standing_{side}"], "–") for side in ("baseline", "reform"))
        return str(before) if before == after else f"{before} → {after}"
    if name == "quarters":
        return f"{row['quarters_better']} / {row['quarters_worse']}"
    if name in ("baseline", "reform", "difference"):
        return yuan_of(row[name], signed=name == "difference")
    return "" if row[name] != row[name] else str(row[name])
