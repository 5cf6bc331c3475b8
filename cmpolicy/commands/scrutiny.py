"""Commands that look closely at what was paid and graded: backtest, fairness."""

from __future__ import annotations

from typing import Annotated

import typer

import cmpolicy as cm
from cmpolicy.commands.given import changed, changes_of, policy_of
from cmpolicy.commands.options import DataArgument, FigureOption, FormatOption, OutOption, PolicyOption, SetOption
from cmpolicy.commands.output import check_figures, draw, format_of, refuse_own_data, say_written, write


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
    found = cm.backtest(cm.read_staff(data), chosen)
    if figure:
        from cmpolicy.report.backtest_figure import backtest_figure

        draw(backtest_figure(found), figure)
    if out:
        write({"differences": found.differences, "candidates": found.ranking}, out, kind, "backtest")
    show_backtest(console_for(), found)
    for path in (figure, out):
        say_written(path)


def fairness(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    least_group: Annotated[
        int, typer.Option("--least-group", help="Hide figures of fewer people than these. 少于此人数的分组不显示。")
    ] = 5,
    seed: Annotated[int, typer.Option("--seed", help="Of the random reorderings. 随机种子。")] = 0,
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
    found = cm.fairness(cm.read_staff(data), chosen, least_group=least_group, seed=seed)
    if figure:
        from cmpolicy.report.fairness_figure import groups_figure

        draw(groups_figure(found), figure)
    if out:
        write(found.tables, out, kind, "fairness")
    show_fairness(console_for(), found)
    for path in (figure, out):
        say_written(path)
