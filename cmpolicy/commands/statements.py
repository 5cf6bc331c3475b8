"""Commands that explain one person's figures: explain, and the statements of a whole department."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.declare import argument, option
from cmpolicy.commands.given import changed, changes_of, policy_of, reform_of
from cmpolicy.commands.options import DataArgument, PolicyOption, SetOption
from cmpolicy.commands.output import refuse_file_name, refuse_own_data, say_written
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
    changes: SetOption = None,
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
    staff = cm.read_staff(data)
    if reform is None:
        statement = cm.explain(staff, changed(baseline, changes_of(changes)), staff_id, period)
        if out:
            write_statement(statement, out)
        show_statement(console_for(), statement)
    else:
        change = cm.explain_change(staff, baseline, reform_of(baseline, reform, changes_of(changes)), staff_id, period)
        if out:
            write_statement(change, out)
        show_statement_change(console_for(), change)
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
    written = write_statements(cm.appraise(cm.read_staff(data), chosen), out, period)
    console_for().print(Text(str(Message("{count} statements.", count=f"{len(written):,}"))))
    say_written(out)
