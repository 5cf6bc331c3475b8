"""The command that holds a regulation against the law: comply."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cmpolicy as cm
from cmpolicy.commands.declare import option
from cmpolicy.commands.given import changes_of, policy_of, reform_of
from cmpolicy.commands.options import DataArgument, FormatOption, PolicyOption, ReformSetOption
from cmpolicy.commands.output import format_of, refuse_own_data, say_written, show_policies, write
from cmpolicy.commands.source import read_source, show_sources
from cmpolicy.messages import Message

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.insight.compliance.comply import Compliance, News

RegionOption = Annotated[
    str | None,
    option("--region", Message("Whose minimum wage and limits of payment count, as shenzhen."), Message("NAME")),
]
RecordsOption = Annotated[
    Path | None,
    option("--records", Message("What the tables lack: consent, notice, …"), Message("FILE.yaml")),
]
RegionsOption = Annotated[
    Path | None,
    option("--regions", Message("Regional figures of your own."), Message("FILE.yaml")),
]


def comply(
    data: DataArgument,
    *,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None,
        option(
            "--reform", Message("Check it, and say what it brings or cures; --set is on top of it."), Message("FILE")
        ),
    ] = None,
    changes: ReformSetOption = None,
    region: RegionOption = None,
    records: RecordsOption = None,
    regions: RegionsOption = None,
    out: Annotated[
        Path | None,
        option("--out", Message("Write tables, or a page, there."), Message("DIR|FILE.xlsx|FILE.html")),
    ] = None,
    file_format: FormatOption = None,
) -> None:
    """Check a policy and the records against the law; with a reform or changes also what those bring or cure."""
    from cmpolicy.report.terminal.compliance import show_compliance, show_legal_news
    from cmpolicy.report.terminal.console import console_for

    baseline = policy_of(policy)
    _check_target(out, file_format)
    refuse_own_data(out, data)
    given: dict[str, Any] = {"region": region, "records": records, "regions": regions}
    proposed = reform_of(baseline, reform, changes_of(changes)) if reform or changes else None
    source, news = read_source(data), None
    if proposed is not None:
        before = cm.appraise(source.data, baseline)
        found = cm.comply(proposed, source.data, baseline=before, **given)
        news = cm.what_is_new(cm.comply(outcome=before, **given), found)
    else:
        found = cm.comply(baseline, source.data, **given)
    if out:
        _write(found, news, out, file_format)
    show_policies(console_for(), baseline, proposed)
    show_compliance(console_for(), found)
    if news is not None:
        show_legal_news(console_for(), news)
    show_sources(console_for(), source, policy=proposed or baseline)
    say_written(out)


def _is_page(out: Path | None, file_format: str | None) -> bool:
    return out is not None and out.suffix.lower() == ".html" and file_format is None


def _check_target(out: Path | None, file_format: str | None) -> None:
    """Refuse, before anything is computed, a place and a format that do not fit."""
    if not _is_page(out, file_format):
        format_of(out, file_format)


def _write(found: Compliance, news: News | None, out: Path, file_format: str | None) -> None:
    """Write a page, or tables."""
    from cmpolicy.insight.compliance.comply import news_frame
    from cmpolicy.report.compliance_page import write_compliance_page

    if _is_page(out, file_format):
        write_compliance_page(found, out, news)
        return
    tables: dict[str, pd.DataFrame | None] = {
        "checks": found.checks,
        "findings": found.table,
        "findings_people": found.people,
        "findings_changed": None if news is None else news_frame(news),
        "regional_figures": found.regional if found.region else None,
    }
    write(tables, out, format_of(out, file_format), "compliance")
