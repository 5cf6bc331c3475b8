"""On the terminal: sweep, readings, sensitivity, solution and forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.labels import LABELS, constraint_value, figure_text, yuan_of
from cmpolicy.report.terminal.console import (
    add_row,
    figures_column,
    new_table,
    show_notes,
    show_table,
    words_column,
)
from cmpolicy.report.terminal.policies import show_changes
from cmpolicy.simulation.forecast_result import SIDES, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console
    from rich.table import Column, Table

    from cmpolicy.simulation.forecast_result import Forecast
    from cmpolicy.simulation.solve import Solution

SHOWN_SCENARIOS = 30


SHOWN_MOVES = 30


QUANTILES = {
    "p10": Message("P10"),
    "p50": Message("P50"),
    "p90": Message("P90"),
    "mean": Message("mean"),
}


def show_sweep(console: Console, frame: pd.DataFrame) -> None:
    """Show the first scenarios of a sweep: what varies, the cost, the quarters' grades and the standing."""
    grades = [name for name in frame.columns if name.startswith("quarter_grade_")]
    paths = [name for name in frame.columns if "." in name]
    table = new_table(
        *(figures_column(Message("{name}", name=path)) for path in paths),
        figures_column(Message("cost")),
        *(figures_column(Message("{name}", name=name.removeprefix("quarter_grade_"))) for name in grades),
        figures_column(Message("observed")),
        figures_column(Message("dismissed")),
    )
    for row in frame.head(SHOWN_SCENARIOS).to_dict("records"):
        varied = [f"{row[path]:g}" if isinstance(row[path], int | float) else row[path] for path in paths]
        counts = [f"{row[name]:,}" for name in (*grades, "observed", "dismissed")]
        add_row(table, *varied, yuan_of(row["cost"]), *counts)
    show_table(console, Message("Scenarios: {count}", count=f"{len(frame):,}"), table)
    notes = [Message("{note}", note=note) for note in frame.attrs["notes"]]
    hidden = len(frame) - SHOWN_SCENARIOS
    if hidden > 0:
        notes.append(Message("… and {count} more scenarios; --out writes all.", count=f"{hidden:,}"))
    show_notes(console, notes)


def show_readings(console: Console, ledger: pd.DataFrame) -> None:
    """Show what each option of an unclear place would change, the dearest first."""
    others = ledger[~ledger["chosen"]]
    table = new_table(
        words_column(Message("reading")),
        words_column(Message("option")),
        *_effect_columns(),
        figures_column(Message("first month's pay")),
        figures_column(Message("names praised that change")),
        words_column(Message("clause")),
    )
    for row in others.to_dict("records"):
        beside = ["", ""] if row["reason"] else [yuan_of(row["first_month_pay"], signed=True), f"{row['recognised']:,}"]
        add_row(table, row["reading"], row["option"], *_effect(row), *beside, row["clauses"])
    show_table(console, Message("What each other option would change"), table)
    show_notes(console, _reasons(others))


def show_sensitivity(console: Console, frame: pd.DataFrame) -> None:
    """Show the moves that change the cost most."""
    table = new_table(
        words_column(Message("path")),
        figures_column(Message("before")),
        figures_column(Message("after")),
        *_effect_columns(),
    )
    for row in frame.head(SHOWN_MOVES).to_dict("records"):
        add_row(table, row["path"], row["before"], row["after"], *_effect(row))
    show_table(console, Message("What each value moves by itself"), table)
    hidden = len(frame) - SHOWN_MOVES
    more = [Message("… and {count} more moves; --out writes all.", count=hidden)] if hidden > 0 else []
    show_notes(console, [*_reasons(frame), *more])


def _effect_columns() -> list[Column]:
    headings = (Message("cost"), Message("people"), Message("quarters regraded"), Message("dismissed"))
    return [figures_column(heading) for heading in headings]


def _effect(row: dict[Any, Any]) -> list[str]:
    """Give the cells of what a change moves; none where it cannot be computed."""
    if row["reason"]:
        return [""] * len(_effect_columns())
    return [
        yuan_of(row["cost"], signed=True),
        f"{row['people']:,}",
        f"{row['quarters_regraded']:,}",
        f"{row['dismissed']:+,}" if row["dismissed"] else "0",
    ]


def _reasons(frame: pd.DataFrame) -> list[Message]:
    return [Message("{note}", note=reason) for reason in dict.fromkeys(frame["reason"]) if reason]


def show_solution(console: Console, solution: Solution) -> None:
    """Show what a solution changes, what was asked and is reached, and whom it costs what."""
    if solution.changes:
        show_changes(console, solution.changes)
    asked = new_table(
        words_column(Message("asked")), figures_column(Message("limit")), figures_column(Message("reached"))
    )
    for one in solution.constraints:
        limit, reached = (constraint_value(one, value) for value in (one.limit, one.achieved))
        add_row(asked, figure_text(one.name), f"{one.relation} {limit}", reached)
    show_table(console, Message("What was asked"), asked)
    effects, change = solution.effects, solution.comparison
    cost = (change.reform.cost["cost"] - change.baseline.cost["cost"]) / FEN_PER_YUAN
    found = new_table(words_column(Message("effect")), figures_column(Message("number")))
    for text, number in (
        (Message("staff-quarters worse off"), f"{effects.worse_off:,}"),
        (Message("people worse off"), f"{effects.people_worse_off:,}"),
        (Message("staff-months awarded less"), f"{effects.awarded_less:,}"),
        (Message("money moved, yuan"), yuan_of(effects.moved / FEN_PER_YUAN)),
        (Message("difference of the cost, yuan"), yuan_of(cost, signed=True)),
        (Message("gap to what may be possible"), f"{solution.gap:,}"),
    ):
        add_row(found, text, number)
    show_table(console, Message("What it does"), found)
    show_notes(console, [*solution.notes, *change.reform.notes])


def show_forecast(console: Console, forecast: Forecast, confidence: float) -> None:
    """Show the cost of the coming quarters with a reserve, by component and area, what differs, and who goes."""
    reserve = {
        "reserve": Message("enough with {confidence}", confidence=f"{100 * confidence:.6g}%"),
        "above_median": Message("above the median"),
    }
    span = {"first": forecast.quarter_names[0], "last": forecast.quarter_names[-1]}
    for title, frame, labels in (
        (
            Message("Cost of the coming quarters, yuan"),
            costs_with_reserve(forecast, confidence),
            {"quarter": Message("quarter")},
        ),
        (Message("By component, {first} to {last}, yuan", **span), forecast.total, {"component": Message("component")}),
        (
            Message("Difference from {name}, {first} to {last}, yuan", name=_side(forecast.names[0]), **span),
            forecast.difference[forecast.difference["quarter"] == "total"],
            {"component": Message("component")},
        ),
        (
            Message("Cost by area, {first} to {last}, yuan", **span),
            forecast.areas[forecast.areas["component"] == "cost"],
            {"area": Message("area"), "posts": Message("posts")},
        ),
    ):
        if len(frame):
            policy = {"policy": Message("policy")} if "policy" in frame else {}
            figures = QUANTILES | {name: text for name, text in reserve.items() if name in frame}
            show_table(console, title, _estimates(frame, policy | labels, figures))
    show_table(console, Message("People who leave and people dismissed (3.5), by quarter"), _people(forecast.people))
    show_notes(console, forecast.notes)


def costs_with_reserve(forecast: Forecast, confidence: float) -> pd.DataFrame:
    """Give the cost of each coming quarter and of all together: policy, quarter, p10, …, mean, and the reserve."""
    import pandas as pd

    of_quarters = forecast.quarters[forecast.quarters["component"] == "cost"]
    of_all = forecast.total[forecast.total["component"] == "cost"].assign(quarter=TOTAL)
    costs = pd.concat([of_quarters, of_all]).drop(columns="component")
    reserve = forecast.reserve(confidence)
    reserve = reserve[reserve["component"] == "cost"].drop(columns=["component", "median"])
    several = ["policy"] if len(forecast.names) > 1 else []
    return reserve[[*several, "quarter"]].merge(costs).merge(reserve)


def _estimates(frame: pd.DataFrame, labels: Mapping[str, Message], figures: Mapping[str, Message]) -> Table:
    """Make a table of estimates, in whole yuan."""
    headings = (figures_column(text) if name == "posts" else words_column(text) for name, text in labels.items())
    table = new_table(*headings, *map(figures_column, figures.values()))
    for row in frame.to_dict("records"):
        names = [_side(LABELS.get(row[label], row[label])) for label in labels]
        add_row(table, *names, *(f"{row[figure]:,.0f}" for figure in figures))
    return table


def _people(people: pd.DataFrame) -> Table:
    """Make a table with a row a quarter: posts, and the mean and P90 of either figure, which are few people."""
    policy = {"policy": Message("policy")} if "policy" in people else {}
    table = new_table(
        *map(words_column, policy.values()),
        words_column(Message("quarter")),
        figures_column(Message("posts")),
        figures_column(Message("leave, mean")),
        figures_column(Message("leave, P90")),
        figures_column(Message("dismissed, mean")),
        figures_column(Message("dismissed, P90")),
    )
    for labels, rows in people.groupby([*policy, "quarter", "headcount"], sort=False):
        *names, headcount = labels
        figures = [cell for row in rows.to_dict("records") for cell in (f"{row['mean']:,.1f}", f"{row['p90']:,.0f}")]
        add_row(table, *map(_side, names), f"{headcount:,}", *figures)
    return table


def _side(name: object) -> object:
    """Name the two policies of a comparison in the reader's language, and what is the sum of all."""
    sides = SIDES | {TOTAL: Message("total")}
    return sides.get(name, name) if isinstance(name, str) else name
