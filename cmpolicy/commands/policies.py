"""Commands that show policies and what differs between them."""

from __future__ import annotations

from typing import Annotated

import typer

import cmpolicy as cm
from cmpolicy.commands.given import changes_of
from cmpolicy.commands.options import SetOption
from cmpolicy.regulation.policy import ENACTED


def show(name: Annotated[str, typer.Argument(metavar="[ID|FILE]")] = ENACTED, changes: SetOption = None) -> None:
    """Show every value of a policy with its clause."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.policies import show_policy

    show_policy(console_for(), cm.load_policy(name).with_changes(changes_of(changes)))


def diff(
    first: Annotated[str, typer.Argument(metavar="ID|FILE")],
    second: Annotated[str | None, typer.Argument(metavar="[ID|FILE]")] = None,
    changes: SetOption = None,
) -> None:
    """Show what differs between two policies, or between a policy and its changed self."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.policies import show_changes

    before = cm.load_policy(first)
    after = cm.load_policy(second or first).with_changes(changes_of(changes))
    show_changes(console_for(), before.diff(after))
