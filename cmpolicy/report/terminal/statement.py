"""A person's statement, and what a reform changes on it, as text in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.insight.ledger_line import value_text
from cmpolicy.insight.statement_html import (
    MONEY_TEXTS,
    SETTINGS_TITLE,
    change_sentence,
    policies_text,
    running_text,
    setting_text,
    working_text,
)
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.money import in_yuan
from cmpolicy.report.terminal.console import (
    add_row,
    figures_column,
    new_table,
    prose_column,
    show_table,
    text_of,
    words_column,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from cmpolicy.insight.explain import Statement, StatementChange


def show_statement(console: Console, statement: Statement) -> None:
    """Show a statement: its sums, its lines, the readings used."""
    _show_person(console, Message("Statement"), statement, policies_text(statement))
    if not statement.lines:
        console.print(text_of(Message("There are no records.")))
        return
    sums = new_table(words_column(Message("component")), figures_column(Message("yuan")))
    for name, fen in statement.money.items():
        add_row(sums, MONEY_TEXTS[name], in_yuan(fen))
    show_table(console, Message("Money"), sums)
    lines = new_table(
        words_column(Message("period")),
        words_column(Message("clause")),
        prose_column(Message("what")),
        prose_column(Message("working")),
        figures_column(Message("result")),
        figures_column(Message("so far")),
    )
    for line in statement.lines:
        add_row(lines, line.period, line.clause, line.item, working_text(line), value_text(line), running_text(line))
    show_table(console, Message("Line by line"), lines)
    _show_readings(console, statement.readings)


def show_statement_change(console: Console, change: StatementChange) -> None:
    """Show what a reform changes on a statement: the yuan, the settings behind it, the lines that differ."""
    policies = policies_text(change.before, change.after)
    _show_person(console, Message("What the reform changes"), change.after, policies)
    console.print(text_of(change_sentence(change), style="bold"))
    if not change.lines:
        return
    console.print()
    sums = new_table(
        words_column(Message("component")),
        figures_column(Message("before")),
        figures_column(Message("after")),
        figures_column(Message("difference")),
    )
    for name, (before, after) in change.money.items():
        add_row(sums, MONEY_TEXTS[name], in_yuan(before), in_yuan(after), in_yuan(after - before, signed=True))
    show_table(console, Message("Money"), sums)
    settings = new_table(
        words_column(Message("setting")),
        words_column(Message("clause")),
        prose_column(Message("meaning")),
        figures_column(Message("before")),
        figures_column(Message("after")),
    )
    for setting in change.settings:
        values = ("–" if value is None else value for value in (setting.before, setting.after))
        add_row(settings, setting.path, setting.clause, setting_text(setting), *values)
    show_table(console, SETTINGS_TITLE, settings)
    lines = new_table(
        words_column(Message("period")),
        words_column(Message("clause")),
        prose_column(Message("what")),
        figures_column(Message("before")),
        figures_column(Message("after")),
        prose_column(Message("working")),
    )
    for one in change.lines:
        either = one.either
        add_row(lines, one.period, either.clause, either.item, value_text(one.before), value_text(one.after),
             working_text(either))  # fmt: skip
    show_table(console, Message("The lines that differ"), lines)


def _show_person(console: Console, title: Message, statement: Statement, policies: Message) -> None:
    who = " · ".join(filter(None, (statement.staff_id, statement.name, statement.area)))
    console.print(text_of(Message("{title}: {who}", title=title, who=who), style="bold"))
    when = [] if statement.period is None else [Message("period {period}", period=statement.period)]
    console.print(text_of(" · ".join(map(str, (*when, policies)))))
    console.print()


def _show_readings(console: Console, used: Iterable[tuple[str, str]]) -> None:
    table = new_table(words_column(Message("id")), words_column(Message("clause")), prose_column(Message("question")),
                   prose_column(Message("reading used")))  # fmt: skip
    for setting, option in used:
        text = reading_text(setting)
        add_row(table, text.id, list_of(text.clauses), text.question, f"{option} · {text.options[option]}")
    if table.row_count:
        show_table(console, Message("Readings used where a clause is unclear"), table)
