"""Commands that show policies and what differs between them."""

from __future__ import annotations

from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.declare import argument
from cmpolicy.commands.given import changes_of
from cmpolicy.commands.options import set_option
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import ENACTED


def show(
    name: Annotated[str, argument(Message("ID|FILE"), Message("A bundled policy, or a file of one."))] = ENACTED,
    changes: Annotated[
        list[str] | None,
        set_option(Message("Change the policy that is shown, as grades.A.from=112; repeat it for more.")),
    ] = None,
) -> None:
    """Show every value of a policy with its clause."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.policies import show_policy

    show_policy(console_for(), cm.load_policy(name).with_changes(changes_of(changes)))


def diff(
    first: Annotated[str, argument(Message("ID|FILE"), Message("A bundled policy, or a file of one."))],
    second: Annotated[
        str | None,
        argument(Message("OTHER"), Message("The one to compare with; left out, the first as --set changes it.")),
    ] = None,
    changes: Annotated[
        list[str] | None,
        set_option(
            Message("Change the second policy, or the first where there is one only, as grades.A.from=112; repeat it.")
        ),
    ] = None,
) -> None:
    """Show what differs between two policies, or between a policy and its changed self."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.policies import show_changes

    before = cm.load_policy(first)
    after = cm.load_policy(second or first).with_changes(changes_of(changes))
    show_changes(console_for(), before.diff(after))
