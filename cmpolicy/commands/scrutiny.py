"""Commands that look closely at what was paid and graded: backtest, fairness."""

from __future__ import annotations

from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.declare import whole_number
from cmpolicy.commands.given import as_typed, changed, changes_of, policy_of
from cmpolicy.commands.options import DataArgument, FigureOption, FormatOption, OutOption, PolicyOption, SetOption
from cmpolicy.commands.output import check_figures, draw, format_of, refuse_own_data, say_written, show_policies, write
from cmpolicy.commands.source import read_source, show_sources
from cmpolicy.messages import Message


def backtest(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    figure: FigureOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Replay the rules on history and explain what payroll paid otherwise."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.scrutiny import show_backtest

    chosen, kind = changed(policy_of(policy), changes_of(changes)), format_of(out, file_format)
    refuse_own_data(out, data)
    check_figures(figure)
    source = read_source(data)
    found = cm.backtest(source.data, chosen)
    if figure:
        from cmpolicy.report.backtest_figure import backtest_figure

        draw(backtest_figure(found), figure)
    if out:
        write({"differences": found.differences, "candidates": found.ranking}, out, kind, "backtest")
    show_policies(console_for(), chosen)
    show_backtest(console_for(), found)
    show_sources(console_for(), source, policy=chosen, said=found.notes)
    for path in (figure, out):
        say_written(path)


def fairness(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    least_group: Annotated[
        int, whole_number("--least-group", Message("Hide the figures of groups of fewer people."))
    ] = 5,
    seed: Annotated[int, whole_number("--seed", Message("Seed of the random reorderings."))] = 0,
    figure: FigureOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Compare areas, tenures and reviewers, and tell how firm grades and ranks are."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.scrutiny import show_fairness

    chosen, kind = changed(policy_of(policy), changes_of(changes)), format_of(out, file_format)
    refuse_own_data(out, data)
    check_figures(figure)
    source = read_source(data)
    with as_typed("--least-group", "--seed"):
        found = cm.fairness(source.data, chosen, least_group=least_group, seed=seed)
    if figure:
        from cmpolicy.report.fairness_figure import groups_figure

        draw(groups_figure(found), figure)
    if out:
        write(found.tables, out, kind, "fairness")
    show_policies(console_for(), chosen)
    show_fairness(console_for(), found)
    show_sources(console_for(), source, policy=chosen, said=found.notes)
    for path in (figure, out):
        say_written(path)
