"""One person's statement, and what a reform changes on it: each clause with its figures, by the very rules that ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import DataError, PolicyError, Problem
from cmpolicy.insight.ledger import STANDING_TEXTS, Ranks, ledger_of, panel_of_one, ranks_of, run_ledger
from cmpolicy.insight.ledger_line import Line, quarter_of, value_text
from cmpolicy.insight.statement_html import change_html, statement_html
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN, Change, Policy, PolicyBook
from cmpolicy.regulation.readings import READINGS, EliminationRule
from cmpolicy.simulation.appraise import Outcome, appraise
from cmpolicy.simulation.compare import Comparison, compare
from cmpolicy.simulation.terms import versions_of
from cmpolicy.staff.cells import expected, read_month, read_quarter, read_year
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from cmpolicy.staff.data import StaffData

MONEY = ("service_bonus", "revenue_bonus", "penalty_not_applied", "payout", "award", "cash_effect")


def explain(data: StaffData, policy: Policy | PolicyBook, staff_id: str, period: str | int | None = None) -> Statement:
    """Explain every score, grade and amount of one person, clause by clause.

    Parameters
    ----------
    data
    policy
        One policy, or a book of dated versions.
    staff_id
    period
        A month "2025-05", a quarter "2025-Q2" or a year "2025"; everything that is recorded where it is left out.

    Returns
    -------
    Statement
        Shows itself in a notebook; `lines` are the ledger.

    Raises
    ------
    DataError
        For an unknown staff id (the nearest is named), a period that is none, or one without records of the person.
    PolicyError
        As for `appraise`.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=3, months=3, seed=1)
    >>> statement = cm.explain(data, cm.load_policy("2007-06"), str(data.staff_ids[0]), "2023-Q1")
    >>> statement.lines[0].clause, statement.lines[0].value
    ('2.1', 100)
    """
    return Statement.of(appraise(data, policy), staff_id, period)


def explain_change(
    data: StaffData,
    policy: Policy | PolicyBook,
    reform: Policy | PolicyBook | Mapping[str, object],
    staff_id: str,
    period: str | int | None = None,
) -> StatementChange:
    """Explain what a reform changes for one person: the lines that differ, and the settings behind them.

    Parameters
    ----------
    data
    policy
        The policy to start from.
    reform
        Another policy, or changes to `policy` under their paths.
    staff_id, period
        As for `explain`.

    Raises
    ------
    DataError, PolicyError
        As for `explain` and `compare`.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=3, months=12, seed=1)
    >>> reform = {"grades.A.from": 130, "review.limit": 2}
    >>> change = cm.explain_change(data, cm.load_policy("2007-06"), reform, str(data.staff_ids[0]))
    >>> change.difference == change.after.total - change.before.total
    True
    """
    return StatementChange.of(compare(data, policy, reform), staff_id, period)


@dataclass(frozen=True)
class Statement:
    """One person's statement. Nothing of anyone else is on it.

    Attributes
    ----------
    staff_id : str
    name, area : str or None
        Where the data know them; the area is that of the last record.
    period : str or None
        "2025-05", "2025-Q2" or "2025"; None for everything that is recorded.
    policies : tuple of Policy
        The versions in force in the quarters of the lines.
    lines : tuple of Line
        In the order of time; a quarter's lines follow those of its months, a year's those of its quarters.
    """

    staff_id: str
    name: str | None
    area: str | None
    period: str | None
    policies: tuple[Policy, ...]
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, outcome: Outcome, staff_id: str, period: str | int | None = None) -> Statement:
        """Make the statement from an outcome that is there already, as where many are made.

        Raises
        ------
        DataError
            As for `explain`.
        """
        person = outcome.data.place_of(staff_id)
        wanted = _read_period(period)
        lines = _within(ledger_of(outcome, person), wanted)
        if wanted is not None and not lines:
            raise _nothing_in(outcome, person, wanted)
        who = _names_and_areas(outcome)
        name, area = (who[column][person] if column in who else None for column in ("name", "area"))
        return cls(staff_id, name, area, wanted, _policies_of(outcome, lines), lines)

    @property
    def readings(self) -> tuple[tuple[str, str], ...]:
        """The readings (setting, option) on which a line depends, in the order of the rule book."""
        return _readings_of(self.lines)

    @property
    def money(self) -> dict[str, int]:
        """Sums of the statement's money by component, fen, as `Outcome.cost` names them; only what it has lines of."""
        sums: dict[str, int] = {}
        for line in self.lines:
            if line.key in MONEY:
                sums[line.key] = sums.get(line.key, 0) + int(line.value or 0)
        return {name: sums[name] for name in MONEY if name in sums}

    @property
    def total(self) -> int:
        """Payouts and cash effects together, fen; of a month, which is not paid by itself, its award."""
        money = self.money
        if "payout" in money or "cash_effect" in money:
            return money.get("payout", 0) + money.get("cash_effect", 0)
        return money.get("award", 0)

    def frame(self) -> pd.DataFrame:
        """Give the lines as a table, texts in the language in use.

        Returns
        -------
        DataFrame
            period, clause, item, events, each (points), points, score (running, points), yuan, yuan_so_far, result
            (a grade or standing), working, readings. Absent values NaN.
        """
        import pandas as pd

        columns = ("period", "clause", "item", "events", "each", "points", "score", "yuan", "yuan_so_far", "result",
                   "working", "readings")  # fmt: skip
        frame = pd.DataFrame([_row_of(line) for line in self.lines], columns=columns)
        for name in ("period", "clause", "item", "result", "working", "readings"):
            frame[name] = frame[name].astype("str")
        return frame

    def _repr_html_(self) -> str:
        return statement_html(self)

    def __repr__(self) -> str:
        when = self.period or "everything"
        return f"<Statement of {self.staff_id}, {when}: {len(self.lines)} lines, {self.total / FEN_PER_YUAN:,.2f} yuan>"


class ChangedLine(NamedTuple):
    """A line of a ledger that a reform changes; a side that has no such line is None."""

    period: str
    before: Line | None
    after: Line | None

    @property
    def either(self) -> Line:
        """The line where it is, for its clause and item."""
        return self.after or self.before  # type: ignore[return-value]  # one of them is there


@dataclass(frozen=True)
class StatementChange:
    """What a reform changes on one person's statement.

    Attributes
    ----------
    before, after : Statement
    lines : tuple of ChangedLine
        The lines that differ, in the order of time.
    settings : tuple of Change
        The changed values of the policy that matter to this person: changed or put back by itself, each changes a line.
    """

    before: Statement
    after: Statement
    lines: tuple[ChangedLine, ...]
    settings: tuple[Change, ...]

    @classmethod
    def of(cls, comparison: Comparison, staff_id: str, period: str | int | None = None) -> StatementChange:
        """Take it from a comparison that is there already.

        Raises
        ------
        DataError
            As for `explain`.
        """
        before, after = (Statement.of(one, staff_id, period) for one in (comparison.baseline, comparison.reform))
        lines = _changed(before.lines, after.lines)
        return cls(before, after, lines, tuple(_settings_that_matter(comparison, staff_id, before.period, lines)))

    @property
    def difference(self) -> int:
        """The total after less the total before, fen."""
        return self.after.total - self.before.total

    @property
    def readings(self) -> tuple[tuple[str, str], ...]:
        """The readings (setting, option) on which a line that differs depends, on either side; as of `Statement`."""
        return _readings_of(line for one in self.lines for line in (one.before, one.after) if line)

    @property
    def money(self) -> dict[str, tuple[int, int]]:
        """Sums by component before and after, fen."""
        before, after = self.before.money, self.after.money
        return {name: (before.get(name, 0), after.get(name, 0)) for name in MONEY if name in before or name in after}

    def frame(self) -> pd.DataFrame:
        """Give the lines that differ as a table, texts in the language in use.

        Returns
        -------
        DataFrame
            period, clause, item, before, after (texts), difference (points or yuan, NaN for a text).
        """
        import pandas as pd

        columns = ("period", "clause", "item", "before", "after", "difference")
        rows = [
            (
                one.period,
                one.either.clause,
                str(one.either.item),
                value_text(one.before),
                value_text(one.after),
                _difference(one),
            )
            for one in self.lines
        ]
        frame = pd.DataFrame(rows, columns=columns)
        for name in columns[:-1]:
            frame[name] = frame[name].astype("str")
        return frame

    def _repr_html_(self) -> str:
        return change_html(self)

    def __repr__(self) -> str:
        lines, yuan = len(self.lines), self.difference / FEN_PER_YUAN
        return f"<StatementChange of {self.after.staff_id}: {lines} lines differ, {yuan:+,.2f} yuan>"


def _read_period(period: str | int | None) -> str | None:
    """Give a period in the one way that lines have it."""
    if period is None:
        return None
    quarter, year, month = read_quarter(str(period)), read_year(str(period)), read_month(str(period))
    if quarter:
        return str(period_names(np.array([quarter.value]), "quarter")[0])
    if year:
        return str(year.value)
    if month:
        return str(period_names(np.array([month.value]), "month")[0])
    kinds = [expected(kind) for kind in ("month", "quarter", "year")]
    wanted = Message("{month}, {quarter}, or {year}", month=kinds[0], quarter=kinds[1], year=kinds[2])
    problem = Problem(Message("This is no period."), value=str(period), expected=wanted)
    raise DataError(Message("There is no statement for this period."), [problem])


def _within(lines: Iterable[Line], wanted: str | None) -> tuple[Line, ...]:
    """Keep the lines of a period: of a quarter also those of its months, of a year all in it."""
    if wanted is None:
        return tuple(lines)
    year, _, quarter = wanted.partition("-Q")
    periods = {wanted}
    if quarter:
        periods |= {f"{year}-{3 * int(quarter) - place:02d}" for place in (2, 1, 0)}
    elif "-" not in wanted:
        return tuple(line for line in lines if line.period.startswith(year))
    return tuple(line for line in lines if line.period in periods)


def _policies_of(outcome: Outcome, lines: Iterable[Line]) -> tuple[Policy, ...]:
    """Give the versions in force in the quarters that lines stand in; all where there are none."""
    versions, panel = outcome.versions, outcome.panel
    if len(versions) > 1:
        names = period_names(panel.first_quarter + np.arange(panel.quarters), "quarter").tolist()
        quarters = {quarter_of(line.period) for line in lines}
        versions = tuple(one for one in versions if quarters.intersection(names[one.start : one.stop])) or versions
    return tuple(version.policy for version in versions)


def _readings_of(lines: Iterable[Line]) -> tuple[tuple[str, str], ...]:
    """Give the readings of lines, each once, in the order of the rule book."""
    order = list(READINGS)
    used = {pair for line in lines for pair in line.readings}
    return tuple(sorted(used, key=lambda pair: (order.index(pair[0]), pair[1])))


def _nothing_in(outcome: Outcome, person: int, wanted: str) -> DataError:
    (quarters,) = np.nonzero(outcome.quarter_rows[:, person])
    staff_id = str(outcome.panel.staff_ids[person])
    hint = None
    if len(quarters):
        first, last = period_names(outcome.panel.first_quarter + quarters[[0, -1]], "quarter")
        hint = Message("a period from {first} to {last}", first=first, last=last)
    message = Message("{staff_id} has no records in {period}.", staff_id=staff_id, period=wanted)
    return DataError(Message("There is no statement for this period."), [Problem(message, expected=hint)])


def _names_and_areas(outcome: Outcome) -> dict[str, Any]:
    """Give everyone's name and area in their last record; found once for all statements of the data."""
    cached, rows = outcome.data.cached, outcome.quarter_rows
    if "names and areas" not in cached:
        last = outcome.panel.first_quarter + len(rows) - 1 - np.argmax(rows[::-1], axis=0)
        cached["names and areas"] = outcome.data.people_columns(np.arange(rows.shape[1]), last, "quarter")
    found: dict[str, Any] = cached["names and areas"]
    return found


def _row_of(line: Line) -> tuple[object, ...]:
    value, running = (None if number is None else float(number) for number in (line.value, line.running))
    numbers: tuple[float | None, ...] = (value, running, None, None)
    if line.unit == "fen":
        numbers = (None, None, *(None if fen is None else fen / FEN_PER_YUAN for fen in (value, running)))
    texts = (None if text is None else str(text) for text in (line.text, line.how))
    readings = ", ".join(f"{setting} = {option}" for setting, option in line.readings) or None
    return (line.period, line.clause, str(line.item), line.events, line.each, *numbers, *texts, readings)


# -- what a reform changes ---------------------------------------------------------------


def _changed(before: Iterable[Line], after: Iterable[Line]) -> tuple[ChangedLine, ...]:
    """Match lines by period and key, and keep those that differ; the score of a grade differs too."""
    first = {(line.period, line.key): line for line in before}
    second = {(line.period, line.key): line for line in after}
    rank: dict[tuple[str, str], float] = {place: float(number) for number, place in enumerate(second)}
    before_it = -1.0
    for place in first:  # a line that is gone stands where it stood
        before_it = rank.setdefault(place, before_it + 0.5)
    order = sorted(rank, key=lambda place: (_when(place[0]), rank[place]))
    found = []
    for place in order:
        one = ChangedLine(place[0], first.get(place), second.get(place))
        if _figures(one.before) != _figures(one.after):
            found.append(one)
    return tuple(found)


def _when(period: str) -> tuple[int, int]:
    """Give the place of a period in time: quarters after their months, years after their quarters."""
    year, _, rest = period.partition("-")
    if rest.startswith("Q"):
        return int(year), 4 * int(rest[1:]) + 3
    return int(year), 4 * ((int(rest) - 1) // 3 + 1) + (int(rest) - 1) % 3 if rest else 20


def _figures(line: Line | None) -> tuple[object, ...] | None:
    if line is None:
        return None
    score = line.running if line.key == "grade" else None
    return line.value, line.text, line.events, line.each, score


def _difference(one: ChangedLine) -> float | None:
    if one.either.value is None:
        return None
    before, after = (0 if line is None or line.value is None else line.value for line in (one.before, one.after))
    return float(after - before) / (FEN_PER_YUAN if one.either.unit == "fen" else 1)


def _settings_that_matter(
    comparison: Comparison, staff_id: str, period: str | None, lines: tuple[ChangedLine, ...]
) -> list[Change]:
    if not lines:
        return []
    baseline, reform = comparison.baseline, comparison.reform
    alone = [_lines_alone(side, staff_id, period) for side in (baseline, reform)]
    listed: dict[tuple[object, ...], Change] = {}
    kept: dict[tuple[object, ...], Change] = {}
    for before, after in _versions_at_one_time(comparison):
        for change in before.diff(after):
            key = change.path, str(change.before), str(change.after)
            listed.setdefault(key, change)
            if _matters(baseline, before, change.path, change.after, alone[0], staff_id, period) or _matters(
                reform, after, change.path, change.before, alone[1], staff_id, period
            ):
                kept.setdefault(key, change)
    return list((kept or listed).values())  # all where only all of them together do it


def _versions_at_one_time(comparison: Comparison) -> list[tuple[Policy, Policy]]:
    """Pair the versions that are in force in one quarter on either side."""
    return [
        (first.policy, second.policy)
        for first in comparison.baseline.versions
        for second in comparison.reform.versions
        if first.start < second.stop and second.start < first.stop
    ]


def _matters(
    outcome: Outcome,
    version: Policy,
    path: str,
    value: object,
    lines: tuple[Line, ...],
    staff_id: str,
    period: str | None,
) -> bool:
    """Tell whether one value of a version of the policy, changed by itself, changes a line of the person."""
    if value is None:
        return True  # a grade that one of the two policies does not have
    try:
        changed = version.with_changes({path: value})
    except PolicyError:  # a bound that only the others make room for
        return True
    policy = outcome.policy
    if isinstance(policy, PolicyBook):
        book = PolicyBook([changed if one == version else one for one in policy.policies])
        return bool(_changed(lines, _lines_alone(outcome, staff_id, period, book)))
    return bool(_changed(lines, _lines_alone(outcome, staff_id, period, changed)))


def _lines_alone(
    outcome: Outcome, staff_id: str, period: str | None, changed: Policy | PolicyBook | None = None
) -> tuple[Line, ...]:
    """Give the person's lines, under a changed policy where there is one, without appraising all others.

    Only where the rank among all counts towards 3.5 everyone is appraised; who is named best is left out.
    """
    person, versions = outcome.data.place_of(staff_id), outcome.versions
    if changed:
        versions = versions_of(changed, outcome.panel)
    ranks = Ranks([False] * outcome.panel.quarters, {})
    if any(one.terms.readings.elimination_rule == EliminationRule.lowest_scorer for one in versions):
        ranked = appraise(outcome.data, changed) if changed else outcome
        ranks = ranks_of(ranked, person)._replace(best={})
    return _within(run_ledger(panel_of_one(outcome.panel, person), versions, ranks), period)


__all__ = ["STANDING_TEXTS", "ChangedLine", "Line", "Statement", "StatementChange", "explain", "explain_change"]
