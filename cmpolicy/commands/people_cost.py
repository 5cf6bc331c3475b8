"""The command that costs what comes around the bonus: cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.compliance import RegionsOption
from cmpolicy.commands.declare import option
from cmpolicy.commands.given import changes_of, named_values, policy_of, reform_of
from cmpolicy.commands.options import DataArgument, FormatOption, OutOption, PolicyOption, ReformSetOption
from cmpolicy.commands.output import format_of, refuse_own_data, say_written, show_policies, write
from cmpolicy.commands.source import read_source, show_sources
from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.yaml_files import parse_yaml

AssumeOption = Annotated[
    list[str] | None,
    option("--assume", Message("Switch something on, as dismissal=N+1; repeat it for more."), Message("NAME=VALUE")),
]
AssumptionsOption = Annotated[
    Path | None,
    option("--assumptions", Message("A file of assumptions; --assume is on top of it."), Message("FILE.yaml")),
]


def cost(
    data: DataArgument,
    *,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None,
        option("--reform", Message("Cost it, and the difference; --set is on top of it."), Message("FILE")),
    ] = None,
    changes: ReformSetOption = None,
    assume: AssumeOption = None,
    assumptions: AssumptionsOption = None,
    regions: RegionsOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Cost what comes around the bonus; with a reform or changes also the difference. Nothing is on by itself."""
    from cmpolicy.insight.compliance.comply import legal_news, news_frame
    from cmpolicy.insight.people_cost import difference_of
    from cmpolicy.report.terminal.compliance import show_legal_news
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.people_cost import show_people_cost

    baseline, kind = policy_of(policy), format_of(out, file_format)
    refuse_own_data(out, data)
    assumed = _assumptions_of(assumptions, assume, regions)
    proposed = reform_of(baseline, reform, changes_of(changes)) if reform or changes else None
    source, difference, news = read_source(data), None, None
    if proposed is not None:
        change = cm.compare(source.data, baseline, proposed)
        found = cm.people_cost(change.reform, assumed)
        difference = difference_of(cm.people_cost(change.baseline, assumed), found)
        news = legal_news(change, assumed.region, regions=assumed.regions)
    else:
        found = cm.people_cost(cm.appraise(source.data, baseline), assumed)
    if out:
        tables = {"people_cost": found.table, "people_cost_people": found.people, "not_computed": found.missing}
        findings = None if news is None else news_frame(news)
        write(tables | {"people_cost_difference": difference, "legal_findings": findings}, out, kind, "people_cost")
    show_policies(console_for(), baseline, proposed)
    show_people_cost(console_for(), found, difference)
    if news is not None:
        show_legal_news(console_for(), news)
    show_sources(console_for(), source, policy=proposed or baseline)
    say_written(out)


def _assumptions_of(file: Path | None, settings: list[str] | None, regions: Path | None) -> cm.Assumptions:
    """Read a file of assumptions, and `--assume NAME=VALUE` options on top."""
    problems: list[Problem] = []
    values = named_values("--assume", settings, parse_yaml, Message("NAME=VALUE, as dismissal=N+1"), problems)
    if regions is not None and "regions" in values:
        twice = Message("The regions are given twice, by --regions and by --assume.")
        problems.append(Problem(twice, expected=Message("each name once")))
    if problems:
        raise CmpolicyError(Message("The assumptions cannot be used."), problems)
    if regions is not None:
        values["regions"] = str(regions)
    return cm.Assumptions.from_dict(values) if file is None else cm.Assumptions.from_file(file, **values)
