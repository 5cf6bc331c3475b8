"""The command that asks what a policy makes worth doing."""

from __future__ import annotations

from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.declare import whole_number
from cmpolicy.commands.given import as_typed, changed, changes_of, policy_of
from cmpolicy.commands.options import DataArgument, FigureOption, FormatOption, OutOption, PolicyOption, SetOption
from cmpolicy.commands.output import check_figures, draw, format_of, refuse_own_data, say_written, show_policies, write
from cmpolicy.commands.source import read_source, show_sources
from cmpolicy.messages import Message


def incentives(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    seed: Annotated[int, whole_number("--seed", Message("Seed of the bunching test."))] = 0,
    figure: FigureOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Tell what one event more or fewer is worth, where the cliffs are, and what games would bring."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.incentives import show_incentives

    chosen, kind = changed(policy_of(policy), changes_of(changes)), format_of(out, file_format)
    refuse_own_data(out, data)
    check_figures(figure)
    source = read_source(data)
    with as_typed("--seed"):
        found = cm.incentives(source.data, chosen, seed=seed)
    if figure:
        from cmpolicy.report.incentives_figure import incentives_figure

        draw(incentives_figure(found), figure)
    if out:
        write(found.tables, out, kind, "incentives")
    show_policies(console_for(), chosen)
    show_incentives(console_for(), found)
    show_sources(console_for(), source)
    for path in (figure, out):
        say_written(path)
