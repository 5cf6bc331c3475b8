"""A statement as a piece of HTML: the months of a quarter side by side, what follows from them below; all escaped."""

from __future__ import annotations

import functools
import html
import itertools
from itertools import groupby
from typing import TYPE_CHECKING

from cmpolicy.insight.ledger_line import in_points, quarter_of, value_text
from cmpolicy.messages import Message, language
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.naming import names_of
from cmpolicy.regulation.parameters import PARAMETERS
from cmpolicy.regulation.policy import parameter_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cmpolicy.insight.explain import Statement, StatementChange
    from cmpolicy.insight.ledger_line import Line
    from cmpolicy.regulation.policy import Change

# The page's own text colour, so that a dark notebook stays dark.
STYLE = """<style>
.cm-statement {line-height: 1.35; font-size: 13px; max-width: 1100px;}
.cm-statement h3 {margin: 0 0 2px; font-size: 1.35em;}
.cm-statement h4 {margin: 14px 0 4px; font-size: 1.05em;}
.cm-statement p {margin: 2px 0;}
.cm-statement table {
  table-layout: auto; border-collapse: collapse; width: 100%; margin: 0 0 6px; font-variant-numeric: tabular-nums;
}
.cm-statement :is(th, td) {
  padding: 1px 6px; border: 0; border-bottom: 1px solid rgba(128, 128, 128, .35); vertical-align: top;
  text-align: right; background: none; font-size: 1em; color: inherit; white-space: normal;
}
.cm-statement table.f {table-layout: fixed;}
.cm-statement table.c th:nth-child(3) {width: 22%;}
.cm-statement th {font-weight: bold; border-bottom: 1px solid currentColor;}
.cm-statement :is(th, td).w {text-align: left;}
.cm-statement td.n {white-space: nowrap;}
.cm-statement :is(th, td).m {border-left: 1px solid rgba(128, 128, 128, .35);}
.cm-statement tr.t > td {font-weight: bold;}
.cm-statement sup {font-size: .7em; opacity: .75; font-weight: 400;}
.cm-statement small {font-weight: 400; opacity: .8; font-size: .9em;}
.cm-statement .sums {display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 6px 0;}
.cm-statement .sums b {display: block; font-size: 1.15em; font-variant-numeric: tabular-nums; white-space: nowrap;}
</style>"""

MONEY_TEXTS = {
    "service_bonus": Message("service bonus"),
    "revenue_bonus": Message("revenue bonus"),
    "penalty_not_applied": Message("penalty not applied"),
    "payout": Message("payout"),
    "award": Message("monthly awards"),
    "cash_effect": Message("cash effect of the awards"),
}
SETTINGS_TITLE = Message("What of the reform changes this statement")
"""Over the changed settings: those that matter to nobody on it are left out."""
_TOTALS = ("grade", "payout", "cash_effect")
"""What stands out among the lines."""

_ORDER = {
    key: place
    for place, key in enumerate(
        ("probation", "first_month_pay", "festival_allowance", *(path for path in PARAMETERS if "points." in path))
    )
}
_LATER = {"survey": 50, "grade": 60, "award": 61, "best": 62}


def statement_html(statement: Statement) -> str:
    """Write a statement as HTML.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=3, months=3, seed=1)
    >>> statement = cm.explain(data, cm.load_policy("2007-06"), str(data.staff_ids[0]))
    >>> statement_html(statement).count("<section>")  # the quarter, the year, the readings
    3
    """
    return f'{STYLE}<div class="cm-statement">{statement_body(statement)}</div>'


def change_html(change: StatementChange) -> str:
    """Write what a reform changes on one person's statement as HTML.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=3, months=3, seed=1)
    >>> change = cm.explain_change(data, cm.load_policy("2007-06"), {"review.limit": 3}, str(data.staff_ids[0]))
    >>> "changes nothing" in change_html(change)
    True
    """
    return f'{STYLE}<div class="cm-statement">{change_body(change)}</div>'


def statement_body(statement: Statement) -> str:
    """Write a statement without its style: who and what, quarter by quarter, year by year, the readings."""
    parts = [_head(statement, Message("Statement"), policies_text(statement)), _sums(statement.money)]
    if not statement.lines:
        parts.append(f"<p>{_shown(Message('There are no records.'))}</p>")
    for quarter, lines in groupby(statement.lines, key=lambda line: quarter_of(line.period)):
        parts.append(_section(quarter, list(lines)))
    parts.append(_readings(statement.readings))
    return "".join(parts)


def change_body(change: StatementChange) -> str:
    """Write a change without its style: sums before and after, the settings behind it, the lines that differ."""
    policies = policies_text(change.before, change.after)
    parts = [_head(change.after, Message("What the reform changes"), policies)]
    parts.append(f"<p><b>{_shown(change_sentence(change))}</b></p>")
    if change.lines:
        parts += [_settings(change.settings), _changed_sums(change), _changed_lines(change)]
        parts.append(_readings(change.readings))
    return "".join(parts)


def change_sentence(change: StatementChange) -> Message:
    """Say in one sentence what the change comes to."""
    if not change.lines:
        staff_id, period = change.after.staff_id, change.after.period
        if period is None:
            return Message("The reform changes nothing for {staff_id}.", staff_id=staff_id)
        return Message("The reform changes nothing for {staff_id} in {period}.", staff_id=staff_id, period=period)
    values = {
        "yuan": in_yuan(abs(change.difference)),
        "before": in_yuan(change.before.total),
        "after": in_yuan(change.after.total),
    }
    if change.difference < 0:
        return Message("{yuan} yuan less: {before} before, {after} under the reform.", **values)
    if change.difference > 0:
        return Message("{yuan} yuan more: {before} before, {after} under the reform.", **values)
    return Message("The same {after} yuan; lines differ all the same.", after=values["after"])


def working_text(line: Line) -> str:
    """Write how a line comes about: events × points, or the words of its clause."""
    product = "" if line.events is None else f"{line.events} × {line.each}"
    return " · ".join(part for part in (product, "" if line.how is None else str(line.how)) if part)


def running_text(line: Line) -> str:
    """Write the score or the money up to a line; nothing for a grade, which has its score beside it."""
    if line.running is None or line.value is None:
        return ""
    return in_yuan(int(line.running)) if line.unit == "fen" else in_points(line.running)


def policies_text(*statements: Statement) -> Message:
    """Name the policies of statements, each once, with what was changed in them."""
    return Message("policy {id}", id=names_of(policy for statement in statements for policy in statement.policies))


def setting_text(change: Change) -> str:
    """Say what a setting of the policy means."""
    room, _, name = change.path.partition(".")
    return reading_text(name).question if room == "readings" else str(parameter_of(change.path).title)


# -- parts ---------------------------------------------------------------------------


def _head(statement: Statement, title: Message, policies: Message) -> str:
    who = [statement.staff_id, statement.name, statement.area]
    what = [
        Message("period {period}", period=statement.period or _span(statement)),
        policies,
        Message("money in yuan"),
    ]
    headed = Message("{title}: {who}", title=title, who=" · ".join(filter(None, who)))
    return f"<h3>{_shown(headed)}</h3><p>{html.escape(' · '.join(map(str, what)))}</p>"


def _span(statement: Statement) -> str:
    quarters = [quarter_of(line.period) for line in statement.lines if "-" in line.period]
    return f"{quarters[0]} – {quarters[-1]}" if quarters else "–"


def _sums(money: dict[str, int]) -> str:
    cells = (
        f"<span>{_shown(MONEY_TEXTS[name])}<b>{in_yuan(fen, signed=name != 'payout')}</b></span>"
        for name, fen in money.items()
    )
    return f'<div class="sums">{"".join(cells)}</div>' if money else ""


def _section(quarter: str, lines: list[Line]) -> str:
    months = {
        month: list(of_month) for month, of_month in groupby(lines, key=lambda line: line.period) if month != quarter
    }
    of_quarter = [line for line in lines if line.period == quarter]
    tables = [_matrix(months)] if months else []
    if of_quarter:
        tables.append(_list(of_quarter))
    return f"<section><h4>{quarter}</h4>{''.join(tables)}</section>"


def _matrix(months: dict[str, list[Line]]) -> str:
    """Lay months side by side, a row for each thing that any of them has."""
    share = 69 / len(months)
    labels = "".join(f'<th style="width: {share * 0.27:.0f}%">{_shown(label)}</th>' for label in _LABELS)
    heads = "".join(f'<th class="m" style="width: {share * 0.46:.0f}%">{month}</th>{labels}' for month in months)
    rows = []
    cells = {line.key: {} for of_month in months.values() for line in of_month}  # type: dict[str, dict[str, Line]]
    for month, of_month in months.items():
        for line in of_month:
            cells[line.key][month] = line
    for key in sorted(cells, key=_order_of):
        row = cells[key]
        shown = "".join(_cell_of_month(row[month]) if month in row else _NOTHING for month in months)
        rows.append(f"{_begin(next(iter(row.values())), row.values())}{shown}</tr>")
    return _table(f"{_FIRST_HEADS}{heads}", rows, ' class="f"')


_LABELS = (Message("points"), Message("score"))
_FIRST_HEADS = '<th style="width: 5%"></th><th style="width: 26%"></th>'
_NOTHING = '<td class="m"></td><td></td><td></td>'


def _cell_of_month(line: Line) -> str:
    if line.events is not None:
        working, value, running = line.how, in_points(line.value or 0, signed=True), in_points(line.running or 0)
        asked = "" if working is None else f" <small>{_shown(working)}</small>"
        return (
            f'<td class="m">{line.events} × {line.each}{asked}</td><td class="n">{value}</td>'
            f'<td class="n">{running}</td>'
        )
    how = "" if line.how is None else f" <small>{_shown(line.how)}</small>"
    return f'<td colspan="3" class="m">{html.escape(value_text(line))}{how}</td>'


def _list(lines: Iterable[Line]) -> str:
    """Give a row to each line: clause, item, how, value, running."""
    heads = "".join(f"<th>{_shown(head)}</th>" for head in (Message("result"), Message("so far")))
    rows = []
    for line in lines:
        running = running_text(line)
        rows.append(
            f'{_begin(line, (line,))}<td class="w"><small>{html.escape(working_text(line))}</small></td>'
            f'<td class="n">{html.escape(value_text(line))}</td><td class="n">{running}</td></tr>'
        )
    return _table(f"{_FIRST_HEADS}<th></th>{heads}", rows)


def _begin(line: Line, alike: Iterable[Line]) -> str:
    """Begin a row: its clause, its item, and the numbers of the readings that its lines depend on."""
    used = dict.fromkeys(setting for one in alike for setting, _ in one.readings)
    marks = f"<sup> {' '.join(map(_reading_id, used))}</sup>" if used else ""
    style = ' class="t"' if line.key in _TOTALS else ""
    return f'<tr{style}><td class="w n">{line.clause}</td><td class="w">{_shown(line.item)}{marks}</td>'


def _readings(used: Iterable[tuple[str, str]]) -> str:
    """Say which reading was used where a clause is unclear."""
    rows = []
    for setting, option in used:
        text = reading_text(setting)
        cells = (text.id, ", ".join(text.clauses), text.question, f"{option} · {text.options[option]}")
        rows.append(f"<tr>{_cells(cells, 'td')}</tr>")
    if not rows:
        return ""
    title = _shown(Message("Readings used where a clause is unclear"))
    heads = (Message("id"), Message("clause"), Message("question"), Message("reading used"))
    return f"<section><h4>{title}</h4>{_table(_cells(heads, 'th'), rows)}</section>"


def _settings(settings: Iterable[Change]) -> str:
    heads = (Message("setting"), Message("clause"), Message("meaning"), Message("before"), Message("after"))
    rows = []
    for change in settings:
        values = ("–" if value is None else value for value in (change.before, change.after))
        rows.append(f"<tr>{_cells((change.path, change.clause, setting_text(change), *values), 'td')}</tr>")
    title = _shown(SETTINGS_TITLE)
    return f"<section><h4>{title}</h4>{_table(_cells(heads, 'th'), rows)}</section>"


def _changed_sums(change: StatementChange) -> str:
    heads = ("", Message("before"), Message("after"), Message("difference"))
    rows = []
    for name, (before, after) in change.money.items():
        figures = (in_yuan(before), in_yuan(after), in_yuan(after - before, signed=True))
        rows.append(f"<tr>{_cells((MONEY_TEXTS[name], *figures), 'td', 1)}</tr>")
    title = _shown(Message("Money"))
    return f"<section><h4>{title}</h4>{_table(_cells(heads, 'th', 1), rows)}</section>"


def _changed_lines(change: StatementChange) -> str:
    heads = (Message("period"), Message("clause"), Message("what"), Message("before"), Message("after"))
    rows = []
    for one in change.lines:
        sides = "".join(
            f"<td>{html.escape(value_text(line))} <small>{html.escape(working_text(line)) if line else ''}</small></td>"
            for line in (one.before, one.after)
        )
        line = one.either
        style = ' class="t"' if line.key in _TOTALS else ""
        rows.append(
            f'<tr{style}><td class="w n">{one.period}</td><td class="w n">{line.clause}</td>'
            f'<td class="w">{_shown(line.item)}</td>{sides}</tr>'
        )
    title = _shown(Message("The lines that differ"))
    return f"<h4>{title}</h4>" + _table(_cells(heads, "th", 3), rows, ' class="c"')


def _table(heads: str, rows: Iterable[str], style: str = "") -> str:
    """Write a table whose heads stand again on each page that it runs onto."""
    return f"<table{style}><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cells(texts: Iterable[object], tag: str, words: int = 9) -> str:
    """Write cells; the first, as many as are words, stand at the left."""
    marks = (' class="w"' if place < words else "" for place in itertools.count())
    return "".join(f"<{tag}{mark}>{_shown(text)}</{tag}>" for mark, text in zip(marks, texts, strict=False))


def _order_of(key: str) -> tuple[int, str]:
    kind = key.partition(" ")[0]
    return _ORDER.get(key, _LATER.get(kind, 99)), key


def _shown(text: object) -> str:
    if isinstance(text, Message) and not text.values:
        return _escaped(text.template, language())
    return html.escape(str(text))


@functools.lru_cache(maxsize=512)
def _escaped(template: str, _language: str) -> str:
    return html.escape(str(Message(template)))


@functools.lru_cache(maxsize=64)
def _reading_id(setting: str) -> str:
    return reading_text(setting, "en").id
