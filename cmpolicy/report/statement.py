"""A person's statement to hand over: a page that prints on A4, a workbook, or all pages of a department."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.errors import CmpolicyError, DataError, Problem
from cmpolicy.files import write_aside
from cmpolicy.insight.explain import Statement, StatementChange
from cmpolicy.insight.statement_html import STYLE, change_body, setting_text, statement_body
from cmpolicy.messages import Message, language, using_language
from cmpolicy.progress import with_bar
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.report.workbook import write_workbook
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from cmpolicy.simulation.appraise import Outcome

PAGE_STYLE = """<style>
@page {size: A4; margin: 14mm 12mm; @bottom-right {content: counter(page) " / " counter(pages); font-size: 8pt;}}
body {
  font-family: "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif;
  color: #000; background: #fff; max-width: 1000px; margin: 16px auto; padding: 0 12px;
}
@media print {
  body {max-width: none; margin: 0; padding: 0;}
  .cm-statement {font-size: 8pt; max-width: none;}
  .cm-statement :is(th, td) {padding: .3mm 1mm;}
  .cm-statement tr {break-inside: avoid;}
  .cm-statement h4 {break-after: avoid;}
  .cm-statement section {break-inside: avoid;}
}
</style>"""

MOST_LETTERS = 60
"""Of a staff id in the name of a file."""


def statement_page(shown: Statement | StatementChange) -> str:
    """Write a statement, or what a reform changes on one, as a page of its own that prints on A4.

    Nothing is loaded from elsewhere.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=3, months=3, seed=1)
    >>> page = statement_page(cm.explain(data, cm.load_policy("2007-06"), str(data.staff_ids[0])))
    >>> page.startswith("<!DOCTYPE html>"), "http" in page
    (True, False)
    """
    code = language()
    with using_language(code):  # settled once: a page asks for it a thousand times
        if isinstance(shown, StatementChange):
            who, title, body = shown.after, Message("What the reform changes"), change_body(shown)
        else:
            who, title, body = shown, Message("Statement"), statement_body(shown)
        headed = str(Message("{title}: {who}", title=title, who=who.staff_id))
    # Who it is stands on each sheet of paper.
    foot = f'<style>@page {{@bottom-left {{content: "{_in_css(headed)}"; font-size: 8pt;}}}}</style>'
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if code == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(headed)}</title>{STYLE}{PAGE_STYLE}{foot}</head>"
        f'<body class="cm-statement">{body}</body></html>\n'
    )


def _in_css(text: str) -> str:
    """Write a text inside a string of CSS: what is no plain letter or digit by number, so that nothing ends it."""
    return "".join(letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):x} " for letter in text)


def statement_tables(shown: Statement | StatementChange) -> dict[str, pd.DataFrame]:
    """Give a statement, or what a reform changes on one, as tables for a workbook, texts in the language in use."""
    import pandas as pd

    if isinstance(shown, StatementChange):
        settings = [
            (one.path, one.clause, setting_text(one), *("" if v is None else str(v) for v in (one.before, one.after)))
            for one in shown.settings
        ]
        columns = ["path", "clause", "meaning", "before", "after"]
        tables = {"changed_lines": shown.frame(), "settings": pd.DataFrame(settings, columns=columns, dtype="str")}
        return tables | {"before": shown.before.frame(), "after": shown.after.frame()}
    rows = []
    for setting, option in shown.readings:
        text = reading_text(setting)
        rows.append((text.id, setting, ", ".join(text.clauses), text.question, option, text.options[option]))
    columns = ["id", "setting", "clause", "question", "option", "meaning"]
    return {"statement": shown.frame(), "readings": pd.DataFrame(rows, columns=columns, dtype="str")}


def write_statement(shown: Statement | StatementChange, target: Path) -> None:
    """Write a statement, or what a reform changes on one, as a page (.html) or a workbook (.xlsx).

    Raises
    ------
    CmpolicyError
        If the name ends in neither, or the file cannot be written.
    """
    check_target(target)

    def write(aside: Path) -> None:
        if target.suffix.lower() == ".xlsx":
            write_workbook(statement_tables(shown), aside / target.name)
        else:
            (aside / target.name).write_text(statement_page(shown), encoding="utf-8")

    write_aside(target.parent, write, target)


def check_target(target: Path) -> None:
    """Refuse a file that is neither a page nor a workbook.

    Raises
    ------
    CmpolicyError
    """
    if target.suffix.lower() not in (".html", ".xlsx"):
        problem = Problem(Message("The name ends in none of {kinds}.", kinds=".html, .xlsx"))
        raise CmpolicyError(Message("The statement {path} cannot be written.", path=target), [problem])


def write_statements(outcome: Outcome, folder: Path, period: str | int | None = None) -> list[Path]:
    """Write everyone's statement into a folder, a page a person; all or nothing.

    Parameters
    ----------
    outcome
    folder
        Made where it is not there yet.
    period
        As for `explain`; people without records in it get no page.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CmpolicyError
        If nobody has records in the period, or the files cannot be written.
    """
    staff_ids = outcome.panel.staff_ids.tolist()
    names = file_names(staff_ids)
    without = []

    def write(aside: Path) -> None:
        for staff_id, name in with_bar([*zip(staff_ids, names, strict=True)], Message("statements")):
            try:
                statement = Statement.of(outcome, staff_id, period)
            except DataError as error:
                without.append(error)
            else:
                (aside / name).write_text(statement_page(statement), encoding="utf-8")
        if len(without) == len(names):
            raise without[0] if len({str(error) for error in without}) == 1 else _nobody_in(outcome, period)

    return write_aside(folder, write)


def _nobody_in(outcome: Outcome, period: str | int | None) -> DataError:
    """Say that of all people nobody has records in a period, and which periods there are."""
    (quarters,) = np.nonzero(outcome.quarter_rows.any(axis=1))
    first, last = period_names(outcome.panel.first_quarter + quarters[[0, -1]], "quarter")
    problem = Problem(
        Message("Nobody has records in {period}.", period=period),
        expected=Message("a period from {first} to {last}", first=first, last=last),
    )
    return DataError(Message("There is no statement for this period."), [problem])


def file_names(staff_ids: Iterable[str]) -> list[str]:
    """Give each person's page a name that is safe in any file system, and of nobody else.

    A staff id comes from data: what is no letter, digit, "-" or "_" in it is left out of the name, and a number then
    tells those apart that look alike.

    Examples
    --------
    >>> file_names(["CM01", "cm01", "../x"])
    ['statement-CM01.html', 'statement-cm01-2.html', 'statement-x-3.html']
    """
    taken: set[str] = set()
    names = []
    for number, staff_id in enumerate(staff_ids, start=1):
        plain = re.sub(r"[^\w-]", "", staff_id)[:MOST_LETTERS]
        stem = plain if plain == staff_id and plain.casefold() not in taken else f"{plain}-{number}"
        while stem.casefold() in taken:
            stem += f"-{number}"
        taken.add(stem.casefold())
        names.append(f"statement-{stem}.html")
    return names
