"""On the terminal: back-test and fairness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.insight.fairness import DIMENSIONS, OUTCOMES, REVIEWS, TESTED, difference_text
from cmpolicy.messages import Message
from cmpolicy.report.labels import count_label, yuan_of
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

    from cmpolicy.insight.backtest import Backtest
    from cmpolicy.insight.fairness import Fairness

SHOWN_CANDIDATES = 10


SHOWN_DIFFERENCES = 30


def show_backtest(console: Console, found: Backtest) -> None:
    """Show what would explain the differences between pay and rules, and each difference."""
    for sentence in found.answer:
        console.print(text_of(sentence, style="bold"))
    console.print()
    ranking = found.ranking[found.ranking["reason"] == ""]
    if found.counts["differing"] and len(ranking):
        table = new_table(
            figures_column(Message("vanish")),
            figures_column(Message("new")),
            figures_column(Message("net")),
            words_column(Message("clause")),
            words_column(Message("setting")),
            prose_column(Message("meaning")),
        )
        for row in ranking.head(SHOWN_CANDIDATES).to_dict("records"):
            figures = (f"{row['vanished']:,}", f"{row['created']:,}", f"{row['net']:+,}")
            add_row(table, *figures, row["clause"], row["setting"] or "–", row["meaning"])
        show_table(console, Message("What payroll may do otherwise, the best explanation first"), table)
    differences = found.differences
    if len(differences):
        table = new_table(
            words_column(Message("staff id")),
            words_column(Message("quarter")),
            figures_column(Message("paid")),
            figures_column(Message("computed")),
            figures_column(Message("difference")),
            words_column(Message("clause")),
            prose_column(Message("explanation")),
        )
        for row in differences.head(SHOWN_DIFFERENCES).to_dict("records"):
            money = (yuan_of(row["paid"]), yuan_of(row["computed"]), yuan_of(row["difference"], signed=True))
            add_row(table, row["staff_id"], row["quarter"], *money, row["clause"] or "–", row["explanation"])
        show_table(console, Message("Quarters that payroll paid otherwise, yuan"), table)
    notes = list(found.notes)
    if len(differences) > SHOWN_DIFFERENCES:
        more = len(differences) - SHOWN_DIFFERENCES
        notes.append(Message("Further differences: {count}; {option} writes all.", count=f"{more:,}", option="--out"))
    show_notes(console, notes)


def show_fairness(console: Console, found: Fairness) -> None:
    """Show how groups compare, and how firm grades and ranks are."""
    import pandas as pd

    for sentence in found.answer:
        console.print(text_of(sentence, style="bold"))
    console.print()
    groups = found.groups
    grades = [name for name in groups.columns if name.startswith("share_")]
    table = new_table(
        words_column(Message("grouped by")),
        words_column(Message("group")),
        figures_column(Message("people")),
        figures_column(Message("quarters")),
        figures_column(Message("score")),
        *(figures_column(Message("{name}", name=name.removeprefix("share_"))) for name in grades),
        figures_column(Message("payout")),
    )
    for row in groups[~groups["hidden"]].to_dict("records"):
        shares = (f"{row[name]:.0%}" for name in grades)
        counts = (f"{row['people']:,}", f"{row['quarters']:,}")
        figures = (*counts, f"{row['score']:.1f}", *shares, yuan_of(row["payout"]))
        add_row(table, DIMENSIONS[row["dimension"]], row["group"], *figures)
    title = Message("Groups: mean score of the people, grades and mean payout (yuan) of their quarters")
    show_table(console, title, table)
    table = new_table(
        words_column(Message("outcome")),
        words_column(Message("grouped by")),
        words_column(Message("group")),
        figures_column(Message("difference")),
        figures_column(Message("95 % interval, unadjusted")),
        figures_column(Message("p-value, adjusted")),
    )
    for outcome, label in OUTCOMES.items():
        for row in groups[groups[f"{outcome}_difference"].notna()].to_dict("records"):
            difference, low, high, p_value = (row[name] for name in TESTED if name.startswith(f"{outcome}_"))
            scale = 100 if outcome == "lowest" else 1
            figures = (f"{scale * low:+,.1f} … {scale * high:+,.1f}", f"{p_value:.3f}")
            add_row(
                table, label, DIMENSIONS[row["dimension"]], row["group"], difference_text(outcome, difference), *figures
            )
    if not found.why_not_compared:
        show_table(console, Message("Groups against the rest, each person counting once"), table)
    title, why_not = Message("Reviewers' points by area (2.9)"), found.why_no_leniency
    if why_not:
        console.print(text_of(title, style="bold"))
        console.print(text_of(why_not))
        console.print()
    else:
        table = new_table(
            words_column(Message("reviewer")),
            words_column(Message("area")),
            figures_column(Message("people")),
            figures_column(Message("mean points")),
            figures_column(Message("95 % interval")),
            figures_column(Message("shrunk")),
        )
        leniency = found.leniency
        for row in leniency[~leniency["hidden"]].to_dict("records"):
            interval = f"{row['low']:+.2f} … {row['high']:+.2f}"
            points = (f"{row['people']:,}", f"{row['points']:+.2f}", interval, f"{row['shrunk']:+.2f}")
            add_row(table, REVIEWS[row["reviewer"]], row["area"], *points)
        show_table(console, title, table)
    table = new_table(
        words_column(Message("event")),
        figures_column(Message("change")),
        figures_column(Message("quarters")),
        figures_column(Message("another grade")),
        figures_column(Message("share")),
    )
    by_count = found.flips.by_count.dropna(subset="share")
    for row in by_count.to_dict("records"):
        numbers = (f"{row['change']:+d}", f"{row['quarters']:,}", f"{row['flipped']:,}", f"{row['share']:.1%}")
        add_row(table, count_label(row["count"]), *numbers)
    show_table(console, Message("Grades that one count off by one would change"), table)
    table = new_table(
        words_column(Message("quarter")), figures_column(Message("people")), figures_column(Message("rank correlation"))
    )
    for row in found.rank_stability.to_dict("records"):
        people = "–" if pd.isna(row["people"]) else f"{row['people']:,}"
        add_row(table, row["quarter"], people, "–" if pd.isna(row["spearman"]) else f"{row['spearman']:.2f}")
    if table.row_count:
        show_table(console, Message("Ranks by score, each quarter against the one before (3.1)"), table)
    show_notes(console, found.notes)
