"""What each column of a result table holds: its kind, by which files are written, and what it means for a reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cmpolicy.insight.cliffs import FLOOR_TEXTS, INSTRUMENTS
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.insight.fairness import DIMENSIONS, REVIEWS
from cmpolicy.insight.games import GAMES
from cmpolicy.insight.people_cost import COMPONENTS
from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.parameters import GRADE_PARAMETERS, PARAMETERS
from cmpolicy.regulation.policy import clause_of, parameter_of
from cmpolicy.regulation.readings import READINGS
from cmpolicy.regulation.service import MonthRecord
from cmpolicy.report.labels import DIFFERENCE_LABELS, count_label
from cmpolicy.simulation.forecast_result import SIDES, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

Kind = Literal["text", "date", "flag", "number", "money", "points", "share", "decimal"]
"""How the cells of a column are written.

"number" is a count, a year, whole points, or what has another unit in each row: written as it is. "money" is in yuan,
"points" a score or mean of scores, which need not be whole, "share" a part of 1, "decimal" any other number that need
not be whole.
"""


_KINDS: dict[str, Kind] = {"b": "flag", "M": "date"}


class Column(NamedTuple):
    """What a column holds, and what it means; the unit is part of the text."""

    kind: Kind
    text: Message | str


def column_of(table: str, name: str) -> Column | None:
    """Tell what a column of a table holds, the text in the language in use; None for a column that is not known.

    Examples
    --------
    >>> column_of("quarters", "payout").kind, column_of("frontier", "grades.A.quarterly_bonus").kind
    ('money', 'money')
    >>> print(column_of("sweep", "quarter_grade_A").text)
    staff-quarters with this grade (3.1)
    """
    table = table.removeprefix("comparison_")  # as the lab calls them
    return (
        _COLUMNS.get(f"{table}.{name}") or _grade_column(table, name) or _COLUMNS.get(name) or _column_by_its_name(name)
    )


def kind_of(table: str, name: str, values: pd.Series[Any]) -> Kind:
    """Tell how the cells of a column are written: by what it is, as far as they are numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> kind_of("quarters", "payout", pd.Series([2500.0])), kind_of("quarters", "unknown", pd.Series([1]))
    ('money', 'number')
    """
    if values.dtype.kind not in "iuf":
        return _KINDS.get(values.dtype.kind, "text")
    column = column_of(table, name)
    return "number" if column is None or column.kind == "text" else column.kind


def words_of(table: str, column: str) -> Mapping[str, Message | str]:
    """Tell what the words in a column stand for, in the language in use; nothing where they speak for themselves.

    Examples
    --------
    >>> print(words_of("events", "event")["praise"])
    one more praise
    """
    if (table, column) == ("flips", "count"):
        return {name: count_label(name) for name in MonthRecord._fields}
    return _WORDS.get(f"{table}.{column}") or _WORDS.get(column, {})


def _grade_column(table: str, name: str) -> Column | None:
    """Give the column of a grade in a table that has one for each."""
    return _GRADE_TABLES.get(table) if name not in ("baseline", "grade", "quarters") else None


def _column_by_its_name(name: str) -> Column | None:
    for pattern, column in _PATTERNS:
        if pattern.fullmatch(name):
            return column
    what, _, suffix = name.rpartition("_")
    if suffix in _SIDES and what in _COLUMNS:
        kind, text = _COLUMNS[what]
        return Column(kind, Message("{what}, {side}", what=text, side=_SIDES[suffix]))
    return _value_column(name)


def _value_column(path: str) -> Column | None:
    """Give the column of a value of the policy that is varied, headed by its path."""
    room, _, name = path.partition(".")
    if room == "readings" and name in READINGS:
        return Column("text", Message("{value} ({clause})", value=reading_text(name).question, clause=clause_of(path)))
    if path in PARAMETERS or (room == "grades" and name.rpartition(".")[2] in GRADE_PARAMETERS):
        parameter = parameter_of(path)
        kind: Kind = "money" if parameter.kind == "money" else "number"
        return Column(kind, Message("{value} ({clause})", value=parameter.title, clause=parameter.clause))
    return None


_TEXTS: dict[Kind, dict[str, Message]] = {
    "text": {
        "staff_id": Message("staff id"),
        "name": Message("name"),
        "area": Message("area"),
        "month": Message("month"),
        "quarter": Message("quarter"),
        "period": Message("month, quarter or year"),
        "grade": Message("grade (3.1)"),
        "standing": Message("standing: regular, observation or left (3.5)"),
        "standing.standing": Message("what is counted (3.5)"),
        "measure": Message("measure: service, revenue or both (3.4)"),
        "policy": Message("the policy"),
        "path": Message("path of the policy's value"),
        "clause": Message("clause of the regulation"),
        "clauses": Message("clauses of the regulation"),
        "component": Message("component of the cost"),
        "by_grade.baseline": Message("grade under the baseline; – for none"),
        "by_grade.reform": Message("grade under the reform; – for none"),
        "month_migration.baseline": Message("grade of a month under the baseline; – for none"),
        "quarter_migration.baseline": Message("grade of a quarter under the baseline; – for none"),
        "before": Message("before the reform"),
        "after": Message("under the reform"),
        "sensitivity.before": Message("value of the policy"),
        "sensitivity.after": Message("value that is tried in its place"),
        "direction": Message("where the value moves"),
        "parameters.value": Message("value, as it is written in a policy file"),
        "setting": Message("the change as it is typed: PATH=VALUE"),
        "readings.setting": Message("name of the reading in the policy"),
        "reading": Message("name of the reading: how an unclear clause is read"),
        "id": Message("number of the unclear place in the rule book"),
        "option": Message("option of the reading"),
        "question": Message("what is unclear"),
        "meaning": Message("what it means"),
        "reason": Message("why it cannot be computed on these data; empty where it can"),
        "explanation": Message("what is likeliest behind the difference"),
        # Statements
        "item": Message("what the line is about"),
        "result": Message("what the clause makes of it, where that is no number"),
        "working": Message("how it comes about"),
        "readings": Message("readings used where a clause is unclear"),
        # Compliance
        "change": Message("what becomes of it under the reform"),
        "check": Message("compliance check"),
        "severity": Message("E contradicts a binding text, W is a risk or a regional rule, I is for information"),
        "title": Message("what the check is about"),
        "status": Message("finding, passed, or not checked where something is missing"),
        "version": Message("version of the policy that it is about; empty for all"),
        "rule": Message("path of the policy's value, or clause of the regulation"),
        "finding": Message("what is wrong"),
        "article": Message("clause of the regulation and article of the law"),
        "cure": Message("what would cure it"),
        "source": Message("how sure the source is"),
        "missing": Message("what is missing to check it"),
        "regional_figures.figure": Message("figure of the region, with its unit"),
        "regional_figures.value": Message("its value"),
        "origin": Message("where the figure is from"),
        # People cost
        "borne_by": Message("who bears it: employer or person"),
        "assumption": Message("what was taken to hold"),
        "how": Message("how it was computed"),
        "lacking": Message("what is missing to compute it"),
        # Fairness
        "dimension": Message("what people are grouped by"),
        "group": Message("the group"),
        "reviewer": Message("whose points (2.9)"),
        "count": Message("count of a month that is changed by one"),
        # Incentives
        "event": Message("event that is put in the last assessed month of the quarter"),
        "floor.figure": Message("what is counted"),
        "instrument": Message("what the reviewers or a survey give (2.9, 2.10)"),
        "game": Message("the same work booked otherwise"),
        "against": Message("setting that is tried against the game"),
        "people.figure": Message("what is counted"),
    },
    "date": {
        "planned_end": Message("first regular day by plan (P2)"),
        "confirmed_on": Message("confirmed on (P1)"),
        "from": Message("first day from which it holds"),
    },
    "flag": {
        "dismissal_due": Message("dismissal due at the quarter's end (3.5)"),
        "open": Message("the data end inside the quarter"),
        "is_default": Message("whether it is the default option"),
        "chosen": Message("whether the policy has this option already"),
        "hidden": Message("too few people to be shown"),
        "found": Message("whether people gather above the bound: the interval lies above 0 and the part is not tiny"),
    },
    "number": {
        "year": Message("year"),
        "months_assessed": Message("months assessed in the quarter"),
        "totals.months_assessed": Message("staff-months assessed"),
        "people": Message("people"),
        "groups.people": Message("people in the group who have a score"),
        "quarters": Message("staff-quarters"),
        "records": Message("staff-quarters, staff-months or staff-years"),
        "standing.baseline": Message("under the baseline, staff-quarters or people"),
        "standing.reform": Message("under the reform, staff-quarters or people"),
        "standing.difference": Message("reform less baseline, staff-quarters or people"),
        "quarters_better": Message("quarters with a better grade"),
        "quarters_worse": Message("quarters with a worse grade"),
        "observed": Message("staff-quarters under observation (3.5)"),
        "dismissed": Message("people dismissed (3.5)"),
        "left": Message("staff-quarters after a dismissal (3.5)"),
        "floor_binding": Message("staff-quarters whose penalty is limited (3.3)"),
        "worse_off": Message("staff-quarters worse off"),
        "people_worse_off": Message("people worse off in a quarter"),
        "readings.people": Message("people whose money changes"),
        "sensitivity.people": Message("people whose money changes"),
        "readings.dismissed": Message("more people dismissed than under the policy, or fewer (3.5)"),
        "sensitivity.dismissed": Message("more people dismissed than under the policy, or fewer (3.5)"),
        "quarters_regraded": Message("staff-quarters with another grade (3.1)"),
        "recognised": Message("names praised that appear or disappear (3.4)"),
        # Forecast
        "posts": Message("posts of the area, with those that the plan adds"),
        "headcount": Message("posts by plan"),
        "people.p10": Message("in a tenth of the futures drawn it is at most so many people"),
        "people.p50": Message("in half of the futures drawn it is at most so many people"),
        "people.p90": Message("in nine tenths of the futures drawn it is at most so many people"),
        # Back-test
        "vanished": Message("differences that vanish with it"),
        "created": Message("new differences that appear with it"),
        "net": Message("by how many the differences become fewer"),
        "quarters_moved": Message("compared quarters whose payout it changes"),
        # Statements
        "events": Message("how many events counted"),
        "each": Message("points for each event"),
        "points": Message("points that the line brings: events × points"),
        "changed_lines.difference": Message("after less before, points or yuan as the line has it"),
        # Compliance and people cost
        "findings": Message("number of findings"),
        "findings.people": Message("people concerned"),
        "legal_findings.people": Message("people concerned"),
        "findings_changed.people": Message("people concerned"),
        "people_cost.people": Message("people whom it concerns"),
        "not_computed": Message("people for whom it cannot be computed"),
        # Fairness
        "flips.change": Message("change of the count: one more or one fewer"),
        "flips.quarters": Message("staff-quarters in one of whose months the count could be so"),
        "flipped": Message("staff-quarters whose grade it changes"),
        "rank_stability.people": Message("people with a score in this quarter and the one before"),
        "transitions.quarters": Message("staff-quarters with this grade that have a grade in the next quarter"),
        # Incentives
        "staff_quarters": Message("staff-quarters in which it can be"),
        "moving": Message("staff-quarters in which it moves money"),
        "regraded": Message("staff-quarters that get another grade"),
        "dismissals": Message("dismissals that it brings, or averts where negative (3.5)"),
        "bound": Message("lowest score of the grade, points (3.1)"),
        "on_bound": Message("staff-quarters with just that score"),
        "third_below": Message("staff-quarters below it by a third of a point or by half of one"),
        "user_lifts": Message("staff-quarters that one more broadband user lifts over it"),
        "complaint_drops": Message("staff-quarters that one more complaint takes below it"),
        "within_one_event": Message("the last two together"),
        "floor.value": Message("staff-quarters, or yuan where the figure is in yuan"),
        "quarter_points": Message("points in the quarter's score"),
        "month_points": Message("points that one month must have more for the same"),
        "below": Message("staff-quarters within a point below the bound"),
        "above": Message("staff-quarters from the bound to a point above"),
        "games.staff_quarters": Message("staff-quarters that gain a yuan or more"),
        "games.people": Message("people who gain a yuan or more"),
        "staff_quarters_against": Message("staff-quarters that still gain under the setting tried against it"),
    },
    "money": {
        "award": Message("award of the month, yuan, settled at year end (3.2)"),
        "service_bonus": Message("service bonus, yuan (3.2)"),
        "revenue_bonus": Message("revenue bonus or penalty, yuan (R1)"),
        "payout": Message("payout of the quarter, yuan (3.3)"),
        "penalty_not_applied": Message("penalty that the limit kept from being taken, yuan (3.3)"),
        "service_award": Message("annual service award, yuan (3.2)"),
        "cash_effect": Message("what the award changes in cash, yuan (3.2)"),
        "cost": Message("payout and cash effect together, yuan"),
        "first_month_pay": Message("pay of the first month, yuan (P(1)1)"),
        "festival_allowance": Message("festival allowance in probation, yuan (P(1)2)"),
        "baseline": Message("under the baseline, yuan"),
        "reform": Message("under the reform, yuan"),
        "difference": Message("reform less baseline, yuan"),
        "people.baseline": Message("payout and cash effect under the baseline, yuan"),
        "people.reform": Message("payout and cash effect under the reform, yuan"),
        "moved": Message("people moving between grades, at the baseline's amounts, yuan"),
        "amounts": Message("changed amounts at the grade after, yuan"),
        "other": Message("at the same grade, or following none, yuan"),
        "yuan": Message("money, yuan"),
        "attribution.yuan": Message("part of the cost difference that it brings, yuan"),
        "by_grade.yuan": Message("all three together, yuan"),
        "statement.yuan": Message("money that the line brings, yuan"),
        "yuan_so_far": Message("money up to this line, yuan"),
        "standard_error": Message("standard error of a part, yuan; 0 where it is exact"),
        "money_moved": Message("money that the changes move, up and down, yuan"),
        # Forecast
        "p10": Message("10 % of the futures drawn lie below it, yuan"),
        "p50": Message("median: half of the futures drawn lie below it, yuan"),
        "p90": Message("90 % of the futures drawn lie below it, yuan"),
        "mean": Message("mean of the futures drawn, yuan"),
        "amount": Message("what the past quarter cost under the policy, as appraised, yuan"),
        "median": Message("median of the futures drawn, yuan"),
        "reserve": Message("amount that is enough with the confidence asked for, yuan"),
        "above_median": Message("how far the reserve is above the median, yuan"),
        # Back-test
        "paid": Message("what payroll paid for the quarter, yuan"),
        "computed": Message("what the rules give for the quarter, yuan (3.3)"),
        "differences.difference": Message("paid less computed, yuan"),
        # Fairness
        "groups.payout": Message("mean payout of the group's staff-quarters, yuan"),
        "payout_difference": Message(
            "difference of the payout of a quarter from the rest, yuan, each person counting once"
        ),
        "payout_low": Message("lower end of the 95 % interval, not adjusted, yuan"),
        "payout_high": Message("upper end of the 95 % interval, not adjusted, yuan"),
        # Incentives
        "events.mean": Message("what it is worth on average, yuan"),
        "largest": Message("what it is worth at most, up or down, yuan"),
        "quarterly_step": Message("what the grade pays a quarter more than the next one, yuan (3.2)"),
        "monthly_step": Message("what the grade pays a month more than the next one, yuan (3.2)"),
        "most": Message("best single gain, yuan"),
        "total": Message("all gains together, yuan"),
        "most_against": Message("best single gain under the setting tried against it, yuan"),
    },
    "points": {
        "score": Message("score, points (2.1-2.10)"),
        "statement.score": Message("score up to this line, points"),
        "groups.score": Message("mean of the people's mean scores, points"),
        "score_difference": Message("difference of the mean score from the rest, points, each person counting once"),
        "score_low": Message("lower end of the 95 % interval, not adjusted, points"),
        "score_high": Message("upper end of the 95 % interval, not adjusted, points"),
        "leniency.points": Message("mean of the people's mean points (2.9)"),
        "leniency.low": Message("lower end of the 95 % interval, points"),
        "leniency.high": Message("upper end of the 95 % interval, points"),
        "shrunk": Message("mean drawn towards that of all areas, the more the less is known, points"),
        "all_areas": Message("mean of all areas, points"),
    },
    "share": {
        "lowest_difference": Message(
            "difference of the share of the lowest grade from the rest, each person counting once"
        ),
        "lowest_low": Message("lower end of the 95 % interval, not adjusted, share"),
        "lowest_high": Message("upper end of the 95 % interval, not adjusted, share"),
        "flips.share": Message("share of them whose grade it changes"),
        "share_moving": Message("share of them in which it moves money"),
    },
    "decimal": {
        "people.mean": Message("mean of the futures drawn, people"),
        "score_p_value": Message("p-value, adjusted for the number of groups"),
        "payout_p_value": Message("p-value, adjusted for the number of groups"),
        "lowest_p_value": Message("p-value, adjusted for the number of groups"),
        "spearman": Message("rank correlation of the scores with those of the quarter before; 1: the same order"),
        "expected_below": Message("staff-quarters expected within a point below the bound"),
        "expected_above": Message("staff-quarters expected from the bound to a point above"),
        "moved_over": Message("staff-quarters above the bound that would be expected below it"),
        "bunching.low": Message("lower end of the interval, staff-quarters"),
        "bunching.high": Message("upper end of the interval, staff-quarters"),
    },
}
"""By column, or by table and column where a column of that name holds something else there."""

_SUMS = {
    "service_bonus": Message("service bonuses, yuan (3.2)"),
    "revenue_bonus": Message("revenue bonuses and penalties, yuan (R1)"),
    "penalty_not_applied": Message("penalties that the limit kept from being taken, yuan (3.3)"),
    "payout": Message("payouts, yuan (3.3)"),
    "award": Message("awards of all months, yuan (3.2)"),
    "cash_effect": Message("what the awards change in cash, yuan (3.2)"),
    "cost": Message("payouts and cash effect together, yuan"),
    "first_month_pay": Message("pay of first months, yuan (P(1)1)"),
    "festival_allowance": Message("festival allowances in probation, yuan (P(1)2)"),
}
"""Of many people."""


def _by_table() -> dict[str, Column]:
    found = {name: Column(kind, text) for kind, texts in _TEXTS.items() for name, text in texts.items()}
    for name, text in _SUMS.items():
        found |= {f"{table}.{name}": Column("money", text) for table in ("sweep", "totals", "frontier")}
        moved = Message("{what}: more or less than under the policy", what=text)
        found |= {f"{table}.{name}": Column("money", moved) for table in ("readings", "sensitivity")}
        found[f"by_area.{name}"] = Column("money", Message("{what}: reform less baseline", what=text))
    for figure in ("p10", "p50", "p90", "mean"):
        more = Message("{what}; of what it costs more than the baseline", what=found[figure].text)
        found[f"difference.{figure}"] = Column("money", more)
    for name, event in EVENTS.items():
        worth = Message("what it is worth here, yuan: {event} ({clause})", event=event.text, clause=event.clause)
        found[f"people.{name}"] = Column("money", worth)
        found[f"exchange.{name}"] = Column("number", Message("so many weigh the same: {event}", event=event.text))
    for side in ("before", "after"):
        found |= {f"{side}.{name}": found[f"statement.{name}"] for name in ("score", "yuan")}
    return found


_COLUMNS = _by_table()
_SIDES = {"baseline": Message("under the baseline"), "reform": Message("under the reform")}
_GRADE_TABLES = {
    "month_migration": Column("number", Message("staff-months with this grade under the reform; – for none")),
    "quarter_migration": Column("number", Message("staff-quarters with this grade under the reform; – for none")),
    "transitions": Column("share", Message("share of them with this grade in the next quarter")),
}
_PATTERNS = [
    (re.compile(r"quarter_grade_.+_share"), Column("share", Message("share of the staff-quarters with this grade"))),
    (re.compile(r"quarter_grade_.+"), Column("number", Message("staff-quarters with this grade (3.1)"))),
    (re.compile(r"month_grade_.+"), Column("number", Message("staff-months with this grade (3.1)"))),
    (re.compile(r"share_.+"), Column("share", Message("share of the staff-quarters with this grade"))),
]

_WORDS: dict[str, Mapping[str, Message]] = {
    "component": DIFFERENCE_LABELS | {name: component.title for name, component in COMPONENTS.items()},
    "standing.standing": DIFFERENCE_LABELS,
    "quarter": {TOTAL: Message("all quarters together")},
    "policy": SIDES,
    "change": {"new": Message("the reform brings it"), "cured": Message("the reform ends it")},
    "direction": {"down": Message("down"), "up": Message("up"), "option": Message("another option of the reading")},
    "people.figure": {
        "left": Message("people who leave by themselves, of those in post at the end of the data"),
        "dismissed": Message("people whose dismissal is due at the quarter's end (3.5)"),
    },
    "floor.figure": FLOOR_TEXTS | {"penalty_not_applied": Message("penalties not applied (3.3), yuan")},
    "event": {name: event.text for name, event in EVENTS.items()},
    "game": {name: game.text for name, game in GAMES.items()},
    "instrument": INSTRUMENTS,
    "dimension": DIMENSIONS,
    "reviewer": REVIEWS,
}
