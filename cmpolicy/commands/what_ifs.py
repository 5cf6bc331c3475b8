"""Commands that ask what if: sweep, forecast, solve, readings, sensitivity."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import cmpolicy as cm
from cmpolicy.commands.given import (
    changes_of,
    grid_of,
    limits_of,
    map_of,
    one_policy,
    policy_of,
    reform_of,
    targets_of,
    value_of,
)
from cmpolicy.commands.options import (
    DataArgument,
    FigureOption,
    FormatOption,
    JournalOption,
    OutOption,
    PolicyOption,
    SchedulerOption,
    SetOption,
    WorkersOption,
)
from cmpolicy.commands.output import (
    check_figures,
    comparison_tables,
    draw,
    format_of,
    refuse_inside,
    refuse_own_data,
    say_written,
    write,
)
from cmpolicy.errors import CmpolicyError, with_names
from cmpolicy.messages import Message
from cmpolicy.typed import headcount_of

FORECAST_OPTIONS = {
    "quarters": "--quarters",
    "replicates": "--replicates",
    "headcount": "--headcount",
    "seed": "--seed",
    "leavers_a_year": "--leavers",
    "revenue_growth": "--revenue-growth",
    "base_growth": "--base-growth",
    "elasticity": "--elasticity",
    "confidence": "--confidence",
}
"""What is typed for each setting of a forecast."""


def sweep(
    data: DataArgument,
    *,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="PATH=VALUES",
            help="As grades.A.from=105..115, =2000..3000:100 or =1800,2000,2200; repeat it for more. 要变化的取值。",
        ),
    ],
    policy: PolicyOption = None,
    changes: SetOption = None,
    draws: Annotated[
        int | None, typer.Option("--draws", help="So many random scenarios, not all combinations. 随机抽取的方案数。")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws. 随机种子。")] = 0,
    figure: FigureOption = None,
    frontier: Annotated[
        Path | None,
        typer.Option("--frontier", metavar="FILE.png|svg", help="Cost against the lowest grade. 费用与末级的边界图。"),
    ] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    journal: JournalOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Appraise under every combination of changed values."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_sweep
    from cmpolicy.staff.partitions import is_partitioned

    chosen, grid = one_policy(policy, changes), grid_of(vary)
    kind = format_of(out, file_format)
    refuse_own_data(out, data)
    check_figures(figure, frontier)
    refuse_inside(data, journal)
    if is_partitioned(data) or workers or scheduler is not None:
        refuse_inside(data, out)
        with map_of(workers, scheduler) as run:
            frame = cm.sweep_partitions(data, chosen, grid, draws=draws, seed=seed, map=run, journal=journal)
    else:
        frame = cm.sweep(cm.read_staff(data), chosen, grid, draws=draws, seed=seed, journal=journal)
    from cmpolicy.report.sweep_figure import frontier_figure, heat_map_figure

    if figure:
        draw(heat_map_figure(frame, Message("cost: payout + cash effect, yuan")), figure)
    if frontier:
        lowest = chosen.grade_names[-1]
        label = Message("staff-quarters of grade {grade}", grade=lowest)
        title = Message("Cost, yuan, against staff-quarters of grade {grade}", grade=lowest)
        draw(frontier_figure(frame, title, figure=f"quarter_grade_{lowest}", label=label), frontier)
    if out:
        write({"sweep": frame}, out, kind, "sweep")
    show_sweep(console_for(), frame)
    for path in (figure, frontier, out):
        say_written(path)


def forecast(
    data: DataArgument,
    *,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None, typer.Option("--reform", metavar="FILE", help="Forecast it and the difference. 同时预测改革。")
    ] = None,
    changes: SetOption = None,
    quarters: Annotated[int, typer.Option("--quarters", help="How many. 季度数。")] = 4,
    replicates: Annotated[int, typer.Option("--replicates", help="How many futures are drawn. 抽样次数。")] = 1000,
    headcount: Annotated[
        str | None, typer.Option("--headcount", metavar="N|N,N,…", help="Posts, or posts by quarter. 编制人数。")
    ] = None,
    leavers: Annotated[
        float | None, typer.Option("--leavers", help="Share of people who leave in a year, as 0.08. 年离职率。")
    ] = None,
    revenue_growth: Annotated[
        float | None, typer.Option("--revenue-growth", help="A year, as 0.04. 业务收入年增长率。")
    ] = None,
    base_growth: Annotated[
        float | None, typer.Option("--base-growth", help="Of the revenue base. 收入基数年增长率。")
    ] = None,
    elasticity: Annotated[
        float, typer.Option("--elasticity", help="How effort responds to what a point is worth. 努力的弹性。")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same forecast. 随机种子。")] = 0,
    confidence: Annotated[float, typer.Option("--confidence", help="Of the reserve. 准备金的置信度。")] = 0.9,
    figure: FigureOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    journal: JournalOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Say what the coming quarters cost, with intervals; with a reform or changes also what those change."""
    from cmpolicy.report.forecast_figure import fan_chart
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_forecast
    from cmpolicy.simulation.forecast import asked_for, check_confidence
    from cmpolicy.staff.partitions import is_partitioned

    baseline, kind = policy_of(policy), format_of(out, file_format)
    both = (
        {"baseline": baseline, "reform": reform_of(baseline, reform, changes_of(changes))}
        if reform or changes
        else None
    )
    refuse_own_data(out, data)
    check_figures(figure)
    settings = {
        "quarters": quarters,
        "replicates": replicates,
        "headcount": headcount_of(headcount),
        "seed": seed,
        "leavers_a_year": leavers,
        "revenue_growth": revenue_growth,
        "base_growth": base_growth,
        "elasticity": elasticity,
    }
    try:
        check_confidence(confidence)
        asked_for(both or baseline, **settings)
    except CmpolicyError as error:
        raise with_names(error, FORECAST_OPTIONS) from None
    refuse_inside(data, journal)
    if is_partitioned(data) or workers or scheduler is not None:
        refuse_inside(data, out)
        with map_of(workers, scheduler) as run:
            found = cm.forecast_partitions(data, both or baseline, map=run, journal=journal, **settings)
    else:
        found = cm.forecast(cm.read_staff(data), both or baseline, journal=journal, **settings)
    reserve = found.reserve(confidence)
    if figure:
        draw(fan_chart(found, Message("Cost of a quarter, yuan")), figure)
    if out:
        names = ("quarters", "total", "areas", "people", "history")
        tables = {name: getattr(found, name) for name in names}
        write(tables | {"reserve": reserve, "difference": found.difference if both else None}, out, kind, "forecast")
    show_forecast(console_for(), found, confidence)
    for path in (figure, out):
        say_written(path)


def solve(
    data: DataArgument,
    *,
    vary: Annotated[
        list[str],
        typer.Option("--vary", metavar="PATH", help="As grades.A.from or grades.*.quarterly_bonus. 可变动的取值。"),
    ],
    budget: Annotated[str | None, typer.Option("--budget", metavar="YUAN", help="Most it may cost. 预算，元。")] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="FIGURE<=LIMIT", help="As quarter_grade_E<=5%, dismissed<=12. 目标。"),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", metavar="WHAT", help="A path; or not worse off: grade:A, staff:ID, everyone. 保留，或不得受损。"
        ),
    ] = None,
    limits: Annotated[
        list[str] | None, typer.Option("--limit", metavar="PATH=LOW..HIGH", help="How far a value may go. 取值范围。")
    ] = None,
    step: Annotated[str, typer.Option("--step", metavar="YUAN", help="Amounts are multiples of it. 金额步长。")] = "50",
    objective: Annotated[
        str, typer.Option("--objective", metavar="worse_off|money", help="What is least. 最小化的目标。")
    ] = "worse_off",
    frontier: Annotated[
        Path | None,
        typer.Option("--frontier", metavar="FILE.png|svg", help="Draw cost against grade and losers. 边界图。"),
    ] = None,
    policy: PolicyOption = None,
    changes: SetOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Find the nearest policy that meets a budget and targets."""
    from cmpolicy.insight.compliance.comply import legal_news, news_frame
    from cmpolicy.report.terminal.compliance import show_legal_news
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_solution

    chosen, kind = one_policy(policy, changes), format_of(out, file_format)
    refuse_own_data(out, data)
    check_figures(frontier)
    solution = cm.solve(
        cm.read_staff(data),
        chosen,
        vary=vary,
        budget=None if budget is None else value_of(budget),
        targets=targets_of(targets),
        keep=keep or [],
        limits=limits_of(limits),
        step=value_of(step),
        objective=objective,  # type: ignore[arg-type]  # what is none is refused there, with all other problems
    )
    news = legal_news(solution.comparison)
    points = solution.frontier() if frontier or out else None
    if frontier and points is not None:
        from cmpolicy.report.frontier_figure import solution_frontier_figure

        draw(solution_frontier_figure(solution, points), frontier)
    if out:
        tables = comparison_tables(solution.comparison) | {"frontier": points, "legal_findings": news_frame(news)}
        write(tables, out, kind, "solution")
    show_solution(console_for(), solution)
    show_legal_news(console_for(), news)
    for path in (frontier, out):
        say_written(path)


def readings(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Tell what each option of every unclear clause would change."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_readings

    chosen = one_policy(policy, changes)
    kind = format_of(out, file_format)
    refuse_own_data(out, data)
    ledger = cm.readings(cm.read_staff(data), chosen)
    if out:
        people = ledger[["reading", "option", "staff_ids"]].explode("staff_ids").dropna()
        people = people.rename(columns={"staff_ids": "staff_id"})
        write({"readings": ledger.drop(columns="staff_ids"), "readings_people": people}, out, kind, "readings")
    show_readings(console_for(), ledger)
    say_written(out)


def sensitivity(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    figure: FigureOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Tell what each value and each reading moves, one at a time."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_sensitivity

    chosen = one_policy(policy, changes)
    kind = format_of(out, file_format)
    refuse_own_data(out, data)
    check_figures(figure)
    frame = cm.sensitivity(cm.read_staff(data), chosen)
    if figure:
        from cmpolicy.report.sensitivity_figure import tornado_figure

        draw(tornado_figure(frame, Message("What each value moves by itself: cost, yuan")), figure)
    if out:
        write({"sensitivity": frame}, out, kind, "sensitivity")
    show_sensitivity(console_for(), frame)
    for path in (figure, out):
        say_written(path)
