"""Commands that ask what if: sweep, forecast, solve, readings, sensitivity."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cmpolicy as cm
from cmpolicy.commands.declare import number, option, whole_number
from cmpolicy.commands.given import (
    as_typed,
    changes_of,
    grid_of,
    limits_of,
    map_of,
    one_policy,
    policy_of,
    reform_of,
    refuse_set_and_varied,
    targets_of,
    value_of,
)
from cmpolicy.commands.options import (
    DataArgument,
    FigureOption,
    FormatOption,
    JournalOption,
    OnePolicyOption,
    OutOption,
    PartsArgument,
    PolicyOption,
    ReformSetOption,
    SchedulerOption,
    SetOption,
    TableOutOption,
    WorkersOption,
)
from cmpolicy.commands.output import (
    check_figures,
    comparison_tables,
    draw,
    format_of,
    refuse_inside,
    refuse_own_data,
    rest_shown,
    say_written,
    show_policies,
    write,
)
from cmpolicy.commands.source import Source, read_source, show_sources
from cmpolicy.errors import CmpolicyError, with_names
from cmpolicy.messages import Message
from cmpolicy.typed import headcount_of

if TYPE_CHECKING:
    from cmpolicy.insight.compliance.comply import News
    from cmpolicy.regulation.policy import Policy, PolicyBook

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
    data: PartsArgument,
    *,
    vary: Annotated[
        list[str],
        option(
            "--vary",
            Message("As grades.A.from=105..115, =2000..3000:100 or =1800,2000,2200; repeat it for more."),
            Message("PATH=VALUES"),
        ),
    ],
    policy: OnePolicyOption = None,
    changes: SetOption = None,
    draws: Annotated[
        int | None, whole_number("--draws", Message("So many random scenarios, not all combinations."))
    ] = None,
    seed: Annotated[int, whole_number("--seed", Message("Seed of the draws."))] = 0,
    figure: FigureOption = None,
    frontier: Annotated[
        Path | None,
        option("--frontier", Message("Draw cost against the lowest grade there."), Message("FILE.png|svg")),
    ] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    journal: JournalOption = None,
    out: TableOutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Appraise under every combination of changed values."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_sweep
    from cmpolicy.staff.partitions import is_partitioned

    refuse_set_and_varied(changes, vary)
    chosen, grid = one_policy(policy, changes), grid_of(vary)
    kind = format_of(out, file_format, one_table=True)
    refuse_own_data(out, data)
    check_figures(figure, frontier)
    refuse_inside(data, journal)
    source = None
    if is_partitioned(data) or workers or scheduler is not None:
        refuse_inside(data, out)
        with as_typed("--draws", "--seed"), rest_shown(show_sweep, chosen), map_of(workers, scheduler) as run:
            frame = cm.sweep_partitions(data, chosen, grid, draws=draws, seed=seed, map=run, journal=journal)
    else:
        source = read_source(data)
        with as_typed("--draws", "--seed"):
            frame = cm.sweep(source.data, chosen, grid, draws=draws, seed=seed, journal=journal)
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
    show_policies(console_for(), chosen)
    show_sweep(console_for(), frame)
    if source is not None:
        show_sources(console_for(), source, policy=chosen, said=frame.attrs["notes"])
    for path in (figure, frontier, out):
        say_written(path)


def forecast(
    data: PartsArgument,
    *,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None,
        option("--reform", Message("Forecast it too, and the difference; --set is on top of it."), Message("FILE")),
    ] = None,
    changes: ReformSetOption = None,
    quarters: Annotated[int, whole_number("--quarters", Message("How many quarters."))] = 4,
    replicates: Annotated[int, whole_number("--replicates", Message("How many futures are drawn."))] = 1000,
    headcount: Annotated[
        str | None, option("--headcount", Message("Posts, or posts by quarter."), Message("N|N,N,…"))
    ] = None,
    leavers: Annotated[
        float | None, number("--leavers", Message("Share of the people who leave in a year, as 0.08."))
    ] = None,
    revenue_growth: Annotated[
        float | None, number("--revenue-growth", Message("Growth of revenue in a year, as 0.04."))
    ] = None,
    base_growth: Annotated[
        float | None, number("--base-growth", Message("Growth of the revenue base in a year, as 0.04."))
    ] = None,
    elasticity: Annotated[
        float, number("--elasticity", Message("How effort responds to what a point is worth; 0: not at all."))
    ] = 0.0,
    seed: Annotated[int, whole_number("--seed", Message("The same seed gives the same forecast."))] = 0,
    confidence: Annotated[float, number("--confidence", Message("With which confidence the reserve is enough."))] = 0.9,
    figure: FigureOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    journal: JournalOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Say what the coming quarters cost, with intervals; with a reform or changes also what those change."""
    from cmpolicy.insight.compliance.comply import news_frame
    from cmpolicy.report.forecast_figure import fan_chart
    from cmpolicy.report.terminal.compliance import show_legal_news
    from cmpolicy.report.terminal.console import console_for, text_of
    from cmpolicy.report.terminal.what_ifs import show_forecast
    from cmpolicy.staff.partitions import is_partitioned

    baseline, kind = policy_of(policy), format_of(out, file_format)
    proposed = reform_of(baseline, reform, changes_of(changes)) if reform or changes else None
    asked = baseline if proposed is None else {"baseline": baseline, "reform": proposed}
    refuse_own_data(out, data)
    check_figures(figure)
    settings: dict[str, Any] = {
        "quarters": quarters,
        "replicates": replicates,
        "headcount": headcount_of(headcount),
        "seed": seed,
        "leavers_a_year": leavers,
        "revenue_growth": revenue_growth,
        "base_growth": base_growth,
        "elasticity": elasticity,
    }
    _check_forecast(asked, settings, headcount, confidence)
    refuse_inside(data, journal)
    source = None
    if is_partitioned(data) or workers or scheduler is not None:
        refuse_inside(data, out)
        show = functools.partial(show_forecast, confidence=confidence)
        with rest_shown(show, baseline, proposed), map_of(workers, scheduler) as run:
            found = cm.forecast_partitions(data, asked, map=run, journal=journal, **settings)
    else:
        source = read_source(data)
        found = cm.forecast(source.data, asked, journal=journal, **settings)
    reserve = found.reserve(confidence)
    news = None if proposed is None else _news_of(source, baseline, proposed)
    if figure:
        draw(fan_chart(found, Message("Cost of a quarter, yuan")), figure)
    if out:
        names = ("quarters", "total", "areas", "people", "history")
        tables = {name: getattr(found, name) for name in names}
        tables |= {
            "reserve": reserve,
            "difference": None if news is None else found.difference,
            "legal_findings": None if news is None else news_frame(news),
        }
        write(tables, out, kind, "forecast")
    show_policies(console_for(), baseline, proposed)
    show_forecast(console_for(), found, confidence)
    if news is not None:
        show_legal_news(console_for(), news)
        if source is None:
            console_for().print(text_of(Message("Of staff in partitions the policies alone are checked, no records.")))
    if source is not None:
        show_sources(console_for(), source, policy=baseline, said=found.notes)
    for path in (figure, out):
        say_written(path)


def _check_forecast(asked: object, settings: Mapping[str, Any], headcount: str | None, confidence: float) -> None:
    """Refuse, before anything is read, what cannot be forecast, all at once and as it was typed."""
    from cmpolicy.simulation.forecast_request import asked_for, check_confidence

    errors = []
    for check in (lambda: asked_for(asked, **settings), lambda: check_confidence(confidence)):
        try:
            check()
        except CmpolicyError as error:
            errors.append(error)
    if errors:
        found = with_names(
            CmpolicyError(errors[0].message, [one for error in errors for one in error.problems]), FORECAST_OPTIONS
        )
        read = str(settings["headcount"])
        problems = [replace(one, value=headcount) if one.value == read else one for one in found.problems]
        raise CmpolicyError(found.message, problems)


def _news_of(source: Source | None, baseline: Policy | PolicyBook, proposed: Policy | PolicyBook) -> News:
    """Tell which legal findings a reform brings and cures; in the records too, where they are there in one piece."""
    from cmpolicy.insight.compliance.comply import legal_news

    if source is not None:
        return legal_news(cm.compare(source.data, baseline, proposed))
    return cm.what_is_new(cm.comply(baseline), cm.comply(proposed, baseline=baseline))


def solve(
    data: DataArgument,
    *,
    vary: Annotated[
        list[str],
        option("--vary", Message("As grades.A.from or grades.*.quarterly_bonus; repeat it for more."), Message("PATH")),
    ],
    policy: OnePolicyOption = None,
    changes: SetOption = None,
    budget: Annotated[str | None, option("--budget", Message("Most it may cost."), Message("YUAN"))] = None,
    targets: Annotated[
        list[str] | None,
        option("--target", Message("As quarter_grade_E<=5% or dismissed<=12."), Message("FIGURE<=LIMIT")),
    ] = None,
    keep: Annotated[
        list[str] | None,
        option(
            "--keep",
            Message("A path that stays as it is; or who may not be worse off: grade:A, staff:ID, everyone."),
            Message("WHAT"),
        ),
    ] = None,
    limits: Annotated[
        list[str] | None, option("--limit", Message("How far a value may go."), Message("PATH=LOW..HIGH"))
    ] = None,
    step: Annotated[str, option("--step", Message("Amounts are multiples of it."), Message("YUAN"))] = "50",
    objective: Annotated[
        str,
        option(
            "--objective",
            Message("What is to be least: staff-quarters worse off, or money moved."),
            Message("worse_off|money"),
        ),
    ] = "worse_off",
    frontier: Annotated[
        Path | None,
        option(
            "--frontier",
            Message("Draw cost against the lowest grade and against people worse off there."),
            Message("FILE.png|svg"),
        ),
    ] = None,
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
    source = read_source(data)
    solution = cm.solve(
        source.data,
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
    show_policies(console_for(), chosen)
    show_solution(console_for(), solution)
    show_legal_news(console_for(), news)
    show_sources(console_for(), source)
    for path in (frontier, out):
        say_written(path)


def readings(
    data: DataArgument,
    policy: OnePolicyOption = None,
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
    source = read_source(data)
    ledger = cm.readings(source.data, chosen)
    if out:
        people = ledger[["reading", "option", "staff_ids"]].explode("staff_ids").dropna()
        people = people.rename(columns={"staff_ids": "staff_id"})
        write({"readings": ledger.drop(columns="staff_ids"), "readings_people": people}, out, kind, "readings")
    show_policies(console_for(), chosen)
    show_readings(console_for(), ledger)
    show_sources(console_for(), source, policy=chosen)
    say_written(out)


def sensitivity(
    data: DataArgument,
    policy: OnePolicyOption = None,
    changes: SetOption = None,
    figure: FigureOption = None,
    out: TableOutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Tell what each value and each reading moves, one at a time."""
    from cmpolicy.report.terminal.console import console_for
    from cmpolicy.report.terminal.what_ifs import show_sensitivity

    chosen = one_policy(policy, changes)
    kind = format_of(out, file_format, one_table=True)
    refuse_own_data(out, data)
    check_figures(figure)
    source = read_source(data)
    frame = cm.sensitivity(source.data, chosen)
    if figure:
        from cmpolicy.report.sensitivity_figure import tornado_figure

        draw(tornado_figure(frame, Message("What each value moves by itself: cost, yuan")), figure)
    if out:
        write({"sensitivity": frame}, out, kind, "sensitivity")
    show_policies(console_for(), chosen)
    show_sensitivity(console_for(), frame)
    show_sources(console_for(), source, policy=chosen)
    for path in (figure, out):
        say_written(path)
