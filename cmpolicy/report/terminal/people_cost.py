"""On the terminal: what comes around the bonus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.insight.people_cost import BORNE_BY, COMPONENTS
from cmpolicy.messages import Message
from cmpolicy.report.labels import yuan_of
from cmpolicy.report.terminal.console import (
    add_row,
    figures_column,
    new_table,
    prose_column,
    show_notes,
    show_table,
    words_column,
)
from cmpolicy.report.terminal.scrutiny import SHOWN_DIFFERENCES

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from cmpolicy.insight.people_cost import PeopleCost


def show_people_cost(console: Console, found: PeopleCost, difference: pd.DataFrame | None) -> None:
    """Show what comes around the bonus, whom it cannot be computed for, and what a reform changes in it."""
    frame = found.table
    table = new_table(
        words_column(Message("component")),
        figures_column(Message("yuan")),
        words_column(Message("borne by")),
        figures_column(Message("people")),
        figures_column(Message("not computed")),
        prose_column(Message("assumption")),
        prose_column(Message("article")),
        words_column(Message("source")),
    )
    for row in frame.to_dict("records"):
        counts = (f"{row['people']:,}", f"{row['not_computed']:,}")
        law = (row["assumption"], row["article"], row["source"])
        title, bearer = COMPONENTS[row["component"]].title, BORNE_BY[row["borne_by"]]
        add_row(table, title, yuan_of(row["yuan"], signed=row["yuan"] < 0), bearer, *counts, *law)
    if len(frame):
        show_table(console, Message("Around the bonus"), table)
    if difference is not None and len(difference):
        _show_people_cost_difference(console, difference)
    missing = found.missing
    if len(missing):
        table = new_table(
            words_column(Message("staff id")), words_column(Message("period")), words_column(Message("component")),
            words_column(Message("what is missing")),
        )  # fmt: skip
        for row in missing.head(SHOWN_DIFFERENCES).to_dict("records"):
            add_row(table, row["staff_id"], row["period"], COMPONENTS[row["component"]].title, row["lacking"])
        show_table(console, Message("Not computed: {count}", count=f"{len(missing):,}"), table)
    notes = found.notes
    if not found.components:
        example, option = "--assume dismissal=N+1", "--assumptions FILE.yaml"
        notes.append(Message("Give them as {example}, or in a file with {option}.", example=example, option=option))
    show_notes(console, notes)


def _show_people_cost_difference(console: Console, difference: pd.DataFrame) -> None:
    table = new_table(
        words_column(Message("component")),
        figures_column(Message("baseline")),
        figures_column(Message("reform")),
        figures_column(Message("difference")),
        words_column(Message("borne by")),
    )
    for row in difference.to_dict("records"):
        figures = (yuan_of(row["baseline"]), yuan_of(row["reform"]), yuan_of(row["difference"], signed=True))
        add_row(table, COMPONENTS[row["component"]].title, *figures, BORNE_BY[row["borne_by"]])
    show_table(console, Message("What the reform changes around the bonus"), table)
