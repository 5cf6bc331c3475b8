"""On the terminal: what events are worth, who stands at which bound, which games pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.insight.cliffs import EXCHANGED, FLOOR_TEXTS, INSTRUMENTS
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.insight.games import GAMES
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.labels import LABELS, yuan_of
from cmpolicy.report.terminal.console import (
    add_row,
    figures_column,
    new_table,
    prose_column,
    show_notes,
    show_table,
    text_of,
    words_column,
)

if TYPE_CHECKING:
    from rich.console import Console

    from cmpolicy.insight.incentives import Incentives


def show_incentives(console: Console, found: Incentives) -> None:
    """Show what events are worth, who stands at which bound, what equals what, and what games would bring."""
    for sentence in found.answer:
        console.print(text_of(sentence, style="bold"))
    console.print()
    table = new_table(
        words_column(Message("clause")),
        words_column(Message("event")),
        figures_column(Message("staff-quarters")),
        figures_column(Message("moves money in")),
        figures_column(Message("mean, yuan")),
        figures_column(Message("largest, yuan")),
        figures_column(Message("another grade")),
        figures_column(Message("dismissals")),
    )
    for name, row in found.events.iterrows():
        share, mean = ("", "")
        if row["staff_quarters"]:
            share, mean = f"{row['share_moving']:.0%}", yuan_of(row["mean"], signed=True)
        numbers = (f"{row['staff_quarters']:,}", share, mean, yuan_of(row["largest"], signed=True))
        changed = (f"{row['regraded']:,}", f"{row['dismissals']:+,}" if row["dismissals"] else "0")
        add_row(table, row["clause"], EVENTS[str(name)].text, *numbers, *changed)
    show_table(console, Message("What one event is worth where it can be"), table)
    _show_cliffs(console, found)
    table = new_table(
        words_column(Message("figure")), figures_column(Message("number")), figures_column(Message("share"))
    )
    for name, text in FLOOR_TEXTS.items():
        count = getattr(found.floor, name)
        add_row(table, text, f"{count:,}", f"{count / max(1, found.floor.staff_quarters):.0%}")
    add_row(table, LABELS["penalty_not_applied"], yuan_of(found.floor.penalty_not_applied / FEN_PER_YUAN), "")
    show_table(console, Message("Where a penalty no longer bites (3.3)"), table)
    exchange = found.exchange
    table = new_table(
        words_column(Message("instrument")),
        figures_column(Message("points of a month")),
        *(figures_column(EVENTS[name].text) for name in EXCHANGED),
    )
    for name, row in exchange.iterrows():
        equal = ("–" if row[event] != row[event] else f"{row[event]:g}" for event in EXCHANGED)  # NaN: no points
        add_row(table, INSTRUMENTS[str(name)], f"{row['month_points']:g}", *equal)
    show_table(console, Message("What a review and a survey weigh in events (2.9, 2.10)"), table)
    table = new_table(
        prose_column(Message("game")),
        figures_column(Message("staff-quarters")),
        figures_column(Message("people")),
        figures_column(Message("at most, yuan")),
        figures_column(Message("all together, yuan")),
        prose_column(Message("tried against it")),
        figures_column(Message("then still")),
    )
    for name, row in found.games.iterrows():
        numbers = (f"{row['staff_quarters']:,}", f"{row['people']:,}", yuan_of(row["most"]), yuan_of(row["total"]))
        game = GAMES[str(name)]
        add_row(table, game.text, *numbers, game.against, f"{row['staff_quarters_against']:,}")
    show_table(console, Message("What games would bring, one person at a time"), table)
    show_notes(console, found.notes)


def _show_cliffs(console: Console, found: Incentives) -> None:
    """Show who stands at each bound, and whether people gather there."""
    table = new_table(
        words_column(Message("policy")),
        words_column(Message("grade")),
        figures_column(Message("from")),
        figures_column(Message("step, yuan")),
        figures_column(Message("on the bound")),
        figures_column(Message("a third below")),
        figures_column(Message("a user lifts")),
        figures_column(Message("a complaint drops")),
        figures_column(Message("moved over it")),
        figures_column(Message("95 % interval")),
        words_column(Message("people gather")),
    )
    for row, test in zip(found.cliffs.to_dict("records"), found.bunching.to_dict("records"), strict=True):
        counts = (f"{row[name]:,}" for name in ("on_bound", "third_below", "user_lifts", "complaint_drops"))
        moved, interval, gather = "–", "–", Message("too few to say")
        if test["low"] == test["low"]:  # else NaN
            moved, low, high = (f"{round(test[name]):+d}" for name in ("moved_over", "low", "high"))
            interval = f"{low} … {high}"
            gather = Message("yes") if test["found"] else Message("no")
        step = yuan_of(row["quarterly_step"])
        add_row(table, row["policy"], row["grade"], f"{row['bound']:g}", step, *counts, moved, interval, gather)
    show_table(console, Message("Bounds: who stands one event away, and whether people gather above (3.1)"), table)
