"""The command that costs what comes around the bonus: cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import cmpolicy as cm
from cmpolicy.commands.compliance import RegionsOption
from cmpolicy.commands.given import changes_of, policy_of, reform_of, value_of
from cmpolicy.commands.options import DataArgument, FormatOption, OutOption, PolicyOption, SetOption
from cmpolicy.commands.output import format_of, refuse_own_data, say_written, write
from cmpolicy.errors import CmpolicyError, PolicyError, Problem
from cmpolicy.messages import Message

AssumeOption = Annotated[
    list[str] | None,
    typer.Option("--assume", metavar="NAME=VALUE", help="Switch something on, as dismissal=N+1. 设定一项假设。"),
]
AssumptionsOption = Annotated[
    Path | None, typer.Option("--assumptions", metavar="FILE.yaml", help="A file of them. 假设文件。")
]


def cost(
    data: DataArgument,
    *,
    policy: PolicyOption = None,
    changes: SetOption = None,
    reform: Annotated[
        Path | None, typer.Option("--reform", metavar="FILE", help="Cost it, and the difference. 同时测算改革。")
    ] = None,
    assume: AssumeOption = None,
    assumptions: AssumptionsOption = None,
    regions: RegionsOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Cost what comes around the bonus; with a reform or changes also the difference. Nothing is on by itself."""
    from cmpolicy.insight.people_cost import difference_of
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.people_cost import show_people_cost

    baseline, kind = policy_of(policy), format_of(out, file_format)
    refuse_own_data(out, data)
    assumed = _assumptions_of(assumptions, assume, regions)
    staff, difference = cm.read_staff(data), None
    if reform or changes:
        change = cm.compare(staff, baseline, reform_of(baseline, reform, changes_of(changes)))
        found = cm.people_cost(change.reform, assumed)
        difference = difference_of(cm.people_cost(change.baseline, assumed), found)
    else:
        found = cm.people_cost(cm.appraise(staff, baseline), assumed)
    if out:
        tables = {"people_cost": found.table, "people_cost_people": found.people, "not_computed": found.missing}
        write(tables | {"people_cost_difference": difference}, out, kind, "people_cost")
    show_people_cost(console_for(), found, difference)
    say_written(out)


def _assumptions_of(file: Path | None, settings: list[str] | None, regions: Path | None) -> cm.Assumptions:
    """Read a file of assumptions, and `--assume NAME=VALUE` options on top."""
    values: dict[str, object] = {} if regions is None else {"regions": str(regions)}
    problems = []
    for setting in settings or []:
        name, mark, text = setting.partition("=")
        if not mark or not name.strip() or not text.strip():
            wanted = Message("NAME=VALUE, as dismissal=N+1")
            problems.append(Problem(Message("--assume is not understood."), value=setting, expected=wanted))
            continue
        try:
            values[name.strip()] = value_of(text)
        except PolicyError as error:
            problems += [replace(problem, value=setting) for problem in error.problems]
    if problems:
        raise CmpolicyError(Message("The assumptions cannot be used."), problems)
    return cm.Assumptions.from_dict(values) if file is None else cm.Assumptions.from_file(file, **values)
