"""Commands that explain one person's figures: explain, and the statements of a whole department."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.declare import argument, option
from cmpolicy.commands.given import changed, changes_of, policy_of, reform_of
from cmpolicy.commands.options import DataArgument, PolicyOption, SetOption, set_option
from cmpolicy.commands.output import refuse_file_name, refuse_own_data, say_written, show_policies
from cmpolicy.commands.source import read_source, show_sources, without_notes
from cmpolicy.messages import Message

PeriodOption = Annotated[
    str | None,
    option("--period", Message("As 2025-05, 2025-Q2 or 2025. Default: everything."), Message("PERIOD")),
]


def explain(
    data: DataArgument,
    staff_id: Annotated[str, argument(Message("STAFF_ID"), Message("Whose statement it is."))],
    *,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None, option("--reform", Message("Say what it changes; --set is on top of it."), Message("FILE"))
    ] = None,
    changes: Annotated[
        list[str] | None,
        set_option(
            Message(
                "Change the policy that is applied, or with --reform the reform, as grades.A.from=112; repeat it for "
                "more."
            )
        ),
    ] = None,
    period: PeriodOption = None,
    out: Annotated[Path | None, option("--out", Message("Write it there."), Message("FILE.html|FILE.xlsx"))] = None,
) -> None:
    """Explain one person's scores, grades and pay, clause by clause; with a reform also what that changes."""
    from cmpolicy.report.statement import check_target, write_statement
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.statement import show_statement, show_statement_change

    baseline = policy_of(policy)
    refuse_own_data(out, data)
    if out:
        check_target(out)
    source = read_source(data)
    applied = changed(baseline, changes_of(changes)) if reform is None else baseline
    if reform is None:
        statement = cm.explain(source.data, applied, staff_id, period)
        if out:
            write_statement(statement, out)
        show_statement(console_for(), statement)
    else:
        proposed = reform_of(baseline, reform, changes_of(changes))
        change = cm.explain_change(source.data, baseline, proposed, staff_id, period)
        if out:
            write_statement(change, out)
        show_statement_change(console_for(), change)
    show_sources(console_for(), without_notes(source))
    say_written(out)


def statements(
    data: DataArgument,
    *,
    out: Annotated[Path, option("--out", Message("Write the pages there."), Message("DIR"))],
    policy: PolicyOption = None,
    changes: SetOption = None,
    period: PeriodOption = None,
) -> None:
    """Write everyone's statement, a page a person."""
    from rich.text import Text

    from cmpolicy.report.statement import write_statements
    from cmpolicy.report.terminal.console import console_for

    chosen = changed(policy_of(policy), changes_of(changes))
    refuse_own_data(out, data)
    refuse_file_name(out, Message("a folder, which takes one page a person"))
    source = read_source(data)
    outcome = cm.appraise(source.data, chosen)
    written = write_statements(outcome, out, period)
    show_policies(console_for(), chosen)
    console_for().print(Text(str(Message("Statements: {count}", count=f"{len(written):,}"))))
    show_sources(console_for(), source, policy=chosen)
    say_written(out)
