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
    from fractions import Fraction

    import pandas as pd

    from cmpolicy.regulation.policy import Change
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.compare import Comparison
    from cmpolicy.simulation.forecast import Forecast
    from cmpolicy.simulation.partitions import PartitionTotals
    from cmpolicy.simulation.solve import Constraint, Solution
    from cmpolicy.staff.data import StaffData

SHOWN_PEOPLE = 10
SHOWN_SCENARIOS = 30
SHOWN_MOVES = 30
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
    _show_totals(console, outcome)
    show_notes(console, [*_warnings(outcome), *outcome.notes])


def show_partitions(console: Console, totals: PartitionTotals, *, complete: bool = True) -> None:
    """Show grades, standing and cost of staff in partitions."""
    console.print(_text(Message("Policy {name}", name=_name(totals.policy)), style="bold"))
    counts = {"people": f"{totals.figures['people']:,}", "partitions": f"{totals.partitions:,}"}
    text = Message("{people} people in {partitions} partitions", **counts)
    if not complete:
        text = Message("INCOMPLETE: {people} people in the {partitions} partitions that can be used", **counts)
    console.print(_text(text, style="bold"))
    _show_totals(console, totals)
    show_notes(console, totals.notes)


def _show_totals(console: Console, outcome: Outcome | PartitionTotals) -> None:
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


def show_sweep(console: Console, frame: pd.DataFrame) -> None:
    """Show the first scenarios of a sweep: what varies, the cost, the quarters' grades and the standing."""
    grades = [name for name in frame.columns if name.startswith("quarter_grade_")]
    paths = [name for name in frame.columns if "." in name]
    table = _table(
        *(_figures(Message("{name}", name=path)) for path in paths),
        _figures(Message("cost")),
        *(_figures(Message("{name}", name=name.removeprefix("quarter_grade_"))) for name in grades),
        _figures(Message("observed")),
        _figures(Message("dismissed")),
    )
    for row in frame.head(SHOWN_SCENARIOS).to_dict("records"):
        varied = [f"{row[path]:g}" if isinstance(row[path], int | float) else row[path] for path in paths]
        counts = [f"{row[name]:,}" for name in (*grades, "observed", "dismissed")]
        _add(table, *varied, _yuan(row["cost"]), *counts)
    _show(console, Message("Scenarios: {count}", count=f"{len(frame):,}"), table)
    notes = [Message("{note}", note=note) for note in frame.attrs["notes"]]
    hidden = len(frame) - SHOWN_SCENARIOS
    if hidden > 0:
        notes.append(Message("… and {count} more scenarios; --out writes all.", count=f"{hidden:,}"))
    show_notes(console, notes)


def show_readings(console: Console, ledger: pd.DataFrame) -> None:
    """Show what each option of an unclear place would change, the dearest first."""
    others = ledger[~ledger["chosen"]]
    table = _table(
        _words(Message("reading")),
        _words(Message("option")),
        *_effect_columns(),
        _figures(Message("first month's pay")),
        _figures(Message("names praised that change")),
        _words(Message("clause")),
    )
    for row in others.sort_values("cost", key=abs, ascending=False, kind="stable").to_dict("records"):
        beside = ["", ""] if row["reason"] else [_yuan(row["first_month_pay"], signed=True), f"{row['recognised']:,}"]
        _add(table, row["reading"], row["option"], *_effect(row), *beside, row["clauses"])
    _show(console, Message("What each other option would change"), table)
    show_notes(console, _reasons(others))


def show_sensitivity(console: Console, frame: pd.DataFrame) -> None:
    """Show the moves that change the cost most."""
    table = _table(_words(Message("path")), _figures(Message("before")), _figures(Message("after")), *_effect_columns())
    for row in frame.head(SHOWN_MOVES).to_dict("records"):
        _add(table, row["path"], row["before"], row["after"], *_effect(row))
    _show(console, Message("What each value moves by itself"), table)
    hidden = len(frame) - SHOWN_MOVES
    more = [Message("… and {count} more moves; --out writes all.", count=hidden)] if hidden > 0 else []
    show_notes(console, [*_reasons(frame), *more])


def _effect_columns() -> list[Column]:
    headings = (Message("cost"), Message("people"), Message("quarters regraded"), Message("dismissed"))
    return [_figures(heading) for heading in headings]


def _effect(row: dict[Any, Any]) -> list[str]:
    """Give the cells of what a change moves; none where it cannot be computed."""
    if row["reason"]:
        return [""] * len(_effect_columns())
    return [
        _yuan(row["cost"], signed=True),
        f"{row['people']:,}",
        f"{row['quarters_regraded']:,}",
        f"{row['dismissed']:+,}" if row["dismissed"] else "0",
    ]


def _reasons(frame: pd.DataFrame) -> list[Message]:
    return [Message("{note}", note=reason) for reason in dict.fromkeys(frame["reason"]) if reason]


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


def show_solution(console: Console, solution: Solution) -> None:
    """Show what a solution changes, what was asked and is reached, and whom it costs what."""
    if solution.changes:
        show_changes(console, solution.changes)
    asked = _table(_words(Message("asked")), _figures(Message("limit")), _figures(Message("reached")))
    for one in solution.constraints:
        name = LABELS["cost"] if one.name == "cost" else one.name
        limit, reached = (_of_constraint(one, value) for value in (one.limit, one.achieved))
        _add(asked, name, f"{one.relation} {limit}", reached)
    _show(console, Message("What was asked"), asked)
    effects, change = solution.effects, solution.comparison
    cost = (change.reform.cost["cost"] - change.baseline.cost["cost"]) / FEN_PER_YUAN
    found = _table(_words(Message("effect")), _figures(Message("number")))
    for text, number in (
        (Message("staff-quarters worse off"), f"{effects.worse_off:,}"),
        (Message("people worse off"), f"{effects.people_worse_off:,}"),
        (Message("staff-months awarded less"), f"{effects.awarded_less:,}"),
        (Message("money moved, yuan"), _yuan(effects.moved / FEN_PER_YUAN)),
        (Message("difference of the cost, yuan"), _yuan(cost, signed=True)),
        (Message("gap to what may be possible"), f"{solution.gap:,}"),
    ):
        _add(found, text, number)
    _show(console, Message("What it does"), found)
    show_notes(console, [*solution.notes, *change.reform.notes])


def show_forecast(console: Console, forecast: Forecast, confidence: float) -> None:
    """Show what the coming quarters cost with a reserve, then all of them by component and area, and what differs."""
    quarters = forecast.reserve(confidence)
    quarters = quarters[quarters["component"] == "cost"].drop(columns="component")
    total = forecast.total[forecast.total["component"] == "cost"]
    cost = forecast.quarters[forecast.quarters["component"] == "cost"]
    several = ["policy"] if len(forecast.names) > 1 else []
    joined = quarters.merge(cost, on=[*several, "quarter"], how="left").set_index("quarter")
    for column in _QUANTILES:
        joined.loc["total", column] = total[column].to_numpy()
    reserve = {
        "reserve": Message("enough with {confidence}", confidence=f"{confidence:.0%}"),
        "above_median": Message("above the median"),
    }
    span = {"first": forecast.quarter_names[0], "last": forecast.quarter_names[-1]}
    for title, frame, labels in (
        (Message("Cost of the coming quarters, yuan"), joined.reset_index(), {"quarter": Message("quarter")}),
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
            figures = _QUANTILES | {name: text for name, text in reserve.items() if name in frame}
            _show(console, title, _estimates(frame, policy | labels, figures))
    show_notes(console, forecast.notes)


_QUANTILES = {
    "p10": Message("P10"),
    "p50": Message("P50"),
    "p90": Message("P90"),
    "mean": Message("mean"),
}


def _estimates(frame: pd.DataFrame, labels: Mapping[str, Message], figures: Mapping[str, Message]) -> Table:
    """Make a table of estimates, in whole yuan."""
    table = _table(*map(_words, labels.values()), *map(_figures, figures.values()))
    for row in frame.to_dict("records"):
        names = [_side(LABELS.get(row[label], row[label])) for label in labels]
        _add(table, *names, *(f"{row[figure]:,.0f}" for figure in figures))
    return table


def _side(name: object) -> object:
    """Name the two policies of a comparison in the reader's language, and what is the sum of all."""
    sides = {"baseline": Message("baseline"), "reform": Message("reform"), "total": Message("total")}
    return sides.get(name, name) if isinstance(name, str) else name


def _of_constraint(constraint: Constraint, value: Fraction) -> str:
    if constraint.share:
        return f"{float(value):.2%}"
    return _yuan(float(value)) if constraint.name == "cost" else f"{int(value):,}"


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
