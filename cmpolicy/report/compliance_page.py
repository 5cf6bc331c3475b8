"""What the law says about a policy as a page of its own, to save, read and print; all text in it is escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from cmpolicy.files import write_aside
from cmpolicy.insight.compliance.comply import NOT_ADVICE, check_text
from cmpolicy.insight.compliance.findings import SEVERITIES, where
from cmpolicy.insight.statement_html import STYLE
from cmpolicy.messages import Message, language
from cmpolicy.report.statement import PAGE_STYLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cmpolicy.insight.compliance.comply import Compliance, News
    from cmpolicy.insight.compliance.findings import Finding


def compliance_page(found: Compliance, news: News | None = None) -> str:
    """Write findings, cures, what was not checked and what was passed as a page. Nothing is loaded from elsewhere.

    Parameters
    ----------
    found
    news
        What a reform brings and cures, where one was checked.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> page = compliance_page(cm.comply(cm.load_policy("2007-06")))
    >>> page.startswith("<!DOCTYPE html>"), "http" in page
    (True, False)
    """
    code = "zh-CN" if language() == "zh" else "en"
    title = _escaped(Message("Compliance of {name}", name=found.name))
    parts = [f"<h3>{title}</h3><p><b>{_escaped(NOT_ADVICE)}</b></p>"]
    if news is not None:
        parts.append(_findings(Message("New legal findings: {count}", count=len(news.brought)), news.brought))
        parts.append(_findings(Message("Legal findings cured: {count}", count=len(news.cured)), news.cured))
    name = {"name": found.name, "count": len(found.findings)}
    parts.append(_findings(Message("Findings under {name}: {count}", **name), found.findings))
    parts.append(
        _table(
            Message("What would cure them"),
            [Message("check"), Message("what it is about"), Message("what would cure it"), Message("article"),
             Message("source")],
            found.cures.itertuples(index=False, name=None),
        )
    )  # fmt: skip
    parts.append(
        _table(
            Message("Not checked, or not for everyone"),
            [Message("check"), Message("what it is about"), Message("what is missing")],
            (
                (result.check, check_text(result.check).title, missing.what)
                for result in found.results
                for missing in result.missing
            ),
        )
    )
    passed = [result.check for result in found.results if result.status == "passed"]
    rows = [(check, check_text(check).title, check_text(check).article) for check in passed]
    parts.append(_table(Message("Passed"), [Message("check"), Message("what it is about"), Message("article")], rows))
    if found.region is not None:
        parts.append(
            _table(
                Message("Regional figures: {region}", region=found.region.name),
                [Message("figure"), Message("value"), Message("in use from"), Message("origin"), Message("source")],
                found.regional.itertuples(index=False, name=None),
            )
        )
    return (
        f'<!DOCTYPE html>\n<html lang="{code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title>{STYLE}{PAGE_STYLE}</head><body class="cm-statement">{"".join(parts)}</body></html>\n'
    )


def write_compliance_page(found: Compliance, target: Path, news: News | None = None) -> None:
    """Write the page to a file.

    Raises
    ------
    CmpolicyError
        If the file cannot be written.
    """
    page = compliance_page(found, news)

    def write(aside: Path) -> None:
        (aside / target.name).write_text(page, encoding="utf-8")

    write_aside(target.parent, write, target)


def _findings(title: Message, findings: Sequence[Finding]) -> str:
    headings = [
        Message("check"), Message("severity"), Message("what it is about"), Message("finding"), Message("where"),
    ]  # fmt: skip
    rows = (
        (one.check, SEVERITIES[one.severity], check_text(one.check).title, one.what, where(one)) for one in findings
    )
    return _table(title, headings, rows)


def _table(title: Message, headings: Sequence[Message], rows: Iterable[Sequence[object]]) -> str:
    """Write a table under its title; nothing but the title where it has no rows."""
    head = "".join(f'<th class="w">{_escaped(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f'<td class="w">{_escaped(cell)}</td>' for cell in cells) + "</tr>" for cells in rows
    )
    shown = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""
    return f"<section><h4>{_escaped(title)}</h4>{shown}</section>"


def _escaped(text: object) -> str:
    return html.escape(str(text))
