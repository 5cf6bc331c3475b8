"""On the terminal: sweep, readings, sensitivity, solution and forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.labels import LABELS, constraint_value, figure_text, value_label, value_text, yuan_of
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
from cmpolicy.report.terminal.policies import show_changes
from cmpolicy.simulation.forecast_result import SIDES, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from cmpolicy.simulation.forecast_result import Forecast
    from cmpolicy.simulation.solve import Solution

SHOWN_SCENARIOS = 30


SHOWN_MOVES = 30


SHOWN_PEOPLE = 5


QUANTILES = {
    "p10": Message("P10"),
    "p50": Message("P50"),
    "p90": Message("P90"),
    "mean": Message("mean"),
}


def show_sweep(console: Console, frame: pd.DataFrame) -> None:
    """Show the first scenarios of a sweep and today's: what varies, the cost, the quarters' grades, the standing."""
    grades = [name for name in frame.columns if name.startswith("quarter_grade_")]
    paths = [name for name in frame.columns if "." in name]
    table = new_table(
        *(figures_column(Message("{name}", name=path)) for path in paths),
        figures_column(Message("cost")),
        *(figures_column(Message("{name}", name=name.removeprefix("quarter_grade_"))) for name in grades),
        figures_column(Message("observed")),
        figures_column(Message("dismissed")),
    )
    own = frame.attrs["policy"]
    places = (frame[paths] == [own[path] for path in paths]).all(axis=1).to_numpy().nonzero()[0].tolist()
    if places:
        table.add_column(no_wrap=True)
    shown = [*range(min(len(frame), SHOWN_SCENARIOS))]
    if places and places[0] not in shown:
        shown.append(places[0])
    for number, (place, row) in enumerate(zip(shown, frame.iloc[shown].to_dict("records"), strict=True)):
        if place != number:
            add_row(table, "…")
        counts = [f"{row[name]:,}" for name in (*grades, "observed", "dismissed")]
        mark = [Message("today's policy")] if place in places else []
        add_row(table, *(value_text(row[path]) for path in paths), yuan_of(row["cost"]), *counts, *mark)
    show_table(console, Message("Scenarios: {count}", count=f"{len(frame):,}"), table)
    notes = [Message("{note}", note=note) for note in frame.attrs["notes"]]
    if not places:
        values = list_of([f"{path} {value_text(value)}" for path, value in own.items()])
        notes.append(Message("Today's policy is not among the scenarios: {values}.", values=values))
    hidden = len(frame) - len(shown)
    if hidden > 0:
        notes.append(Message("… and more scenarios: {count}; --out writes all.", count=f"{hidden:,}"))
    show_notes(console, notes)


def show_readings(console: Console, ledger: pd.DataFrame) -> None:
    """Show what each option of an unclear place would change and whom, the dearest first; what changes nothing last."""
    others = ledger[~ledger["chosen"]].to_dict("records")
    table = new_table(prose_column(Message("unclear place and option")), *_effect_columns())
    table.leading = 1
    without = new_table(prose_column(Message("unclear place and option")))
    without.leading = 1
    for row in others:
        if row["staff_ids"] or row["reason"]:
            table.add_row(_option(row), *map(text_of, _effect(row)))
        else:
            without.add_row(_option(row))
    show_table(console, Message("What each other option would change"), table)
    if without.row_count:
        show_table(console, Message("Options that change nothing on these data"), without)


def _option(row: dict[Any, Any]) -> Text:
    """Write question and option in words, the setting as it is typed, what else changes, and who is behind it."""
    setting = f"readings.{row['reading']}"
    meaning = reading_text(row["reading"]).options[row["option"]]
    cell = text_of(value_label(setting)).append("\n")
    cell.append_text(text_of(Message("→ {option}", option=meaning)))
    cell.append_text(text_of(f" {setting}={row['option']}", style="dim"))
    if row["reason"]:
        return cell.append_text(text_of(f"\n{row['reason']}"))
    others = []
    if row["first_month_pay"]:
        amount = yuan_of(row["first_month_pay"], signed=True)
        others.append(Message("first month's pay: {amount}", amount=amount))
    if row["recognised"]:
        others.append(Message("names praised that change: {count}", count=f"{row['recognised']:,}"))
    if others:
        cell.append_text(text_of(f"\n{list_of(others)}"))
    if row["staff_ids"]:
        people: Message | str = list_of(row["staff_ids"][:SHOWN_PEOPLE])
        more = len(row["staff_ids"]) - SHOWN_PEOPLE
        if more > 0:
            people = Message("{people} and {count} more", people=people, count=f"{more:,}")
        cell.append_text(text_of(f"\n{people}"))
    return cell


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
    more = [Message("… and more moves: {count}; --out writes all.", count=hidden)] if hidden > 0 else []
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
        if "quarter" in labels:
            _show_past(console, forecast)
    show_table(console, Message("People who leave and people dismissed (3.5), by quarter"), _people(forecast.people))
    show_notes(console, forecast.notes)


def _show_past(console: Console, forecast: Forecast) -> None:
    """Say what the last quarters cost under each policy, to hold the coming ones against."""
    costs = forecast.before[forecast.before["component"] == "cost"]
    for name, amount in zip(forecast.names, costs["amount"], strict=True):
        told = {"span": past_span(forecast), "amount": yuan_of(amount)}
        one = Message("For comparison: {span} cost {amount} yuan.", **told)
        of_several = Message("For comparison: under {name}, {span} cost {amount} yuan.", name=_side(name), **told)
        console.print(text_of(one if len(forecast.names) == 1 else of_several))
    console.print()


def past_span(forecast: Forecast) -> Message | str:
    """Name the past quarters that are as many as are forecast."""
    first, last = forecast.before_names[0], forecast.before_names[-1]
    return first if first == last else Message("{first} to {last}", first=first, last=last)


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
