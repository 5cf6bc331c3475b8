"""What the law says about a policy as readable text in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cmpolicy.insight.compliance.comply import NOT_ADVICE, check_text
from cmpolicy.insight.compliance.findings import SEVERITIES, where
from cmpolicy.messages import Message, list_of
from cmpolicy.report.terminal.console import add_row, new_table, prose_column, show_table, text_of, words_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from cmpolicy.insight.compliance.comply import Compliance, News
    from cmpolicy.insight.compliance.findings import Finding


def show_compliance(console: Console, found: Compliance) -> None:
    """Show what the checks find and what would cure it, what was passed, and what was not checked for want of what."""
    console.print(text_of(NOT_ADVICE, style="bold"))
    console.print()
    if found.findings:
        title = Message("Findings under {name}: {count}", name=found.name, count=len(found.findings))
        show_table(console, title, _findings(found.findings))
        cures = new_table(
            words_column(Message("check")),
            prose_column(Message("what would cure it")),
            prose_column(Message("article")),
            prose_column(Message("source")),
        )
        for row in found.cures.itertuples(index=False):
            add_row(cures, row.check, row.cure, row.article, row.source)
        show_table(console, Message("What would cure them"), cures)
    else:
        console.print(text_of(Message("There are no findings."), style="bold"))
        console.print()
    lacking = new_table(
        words_column(Message("check")),
        prose_column(Message("what it is about")),
        prose_column(Message("what is missing")),
    )
    for result in found.results:
        for place, missing in enumerate(result.missing):
            about = (result.check, check_text(result.check).title) if place == 0 else ("", "")
            add_row(lacking, *about, missing.what)
    if lacking.rows:
        show_table(console, Message("Not checked, or not for everyone"), lacking)
    if found.region is not None:
        figures = new_table(
            prose_column(Message("figure")),
            words_column(Message("value")),
            words_column(Message("in use from")),
            prose_column(Message("origin")),
            prose_column(Message("source")),
        )
        for cells in found.regional.itertuples(index=False, name=None):
            add_row(figures, *cells)
        show_table(console, Message("Regional figures: {region}", region=found.region.name), figures)
    passed = [
        Message("{check} {title}", check=one.check, title=check_text(one.check).title)
        for one in found.results
        if one.status == "passed"
    ]
    if passed:
        console.print(text_of(Message("Passed: {checks}", checks=list_of(passed))))
        console.print()


def show_legal_news(console: Console, news: News) -> None:
    """Show which legal findings a reform brings and which it cures."""
    for title, findings in (
        (Message("New legal findings: {count}", count=len(news.brought)), news.brought),
        (Message("Legal findings cured: {count}", count=len(news.cured)), news.cured),
    ):
        if findings:
            show_table(console, title, _findings(findings))
    if not news.brought and not news.cured:
        console.print(text_of(Message("The legal findings are the same."), style="bold"))
    console.print(text_of(NOT_ADVICE))
    console.print()


def _findings(findings: Sequence[Finding]) -> Table:
    table = new_table(
        words_column(Message("check")),
        words_column(Message("severity")),
        prose_column(Message("finding")),
        prose_column(Message("where")),
    )
    for one in findings:
        add_row(table, one.check, SEVERITIES[one.severity], one.what, where(one))
    return table
