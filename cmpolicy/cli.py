"""The command `cmpolicy`. Status 0: done; 1: something wrong in what was given; 2: an unknown command or option."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, PolicyError, Problem
from cmpolicy.messages import LANGUAGES, Message, set_language
from cmpolicy.regulation.policy import ENACTED
from cmpolicy.regulation.yaml_files import load_yaml, parse_yaml

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.report.files import Format
    from cmpolicy.simulation.compare import Comparison
    from cmpolicy.simulation.partitions import Map

FORMATS = ("csv", "parquet", "xlsx")
MOST_VALUES = 100_000
_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})(?::(\d{1,9}))?")

app = typer.Typer(
    help="Model a staff-appraisal and bonus policy. 客户经理考核与奖金制度模拟。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="Show a policy, or what differs between two. 查看制度及其差异。", no_args_is_help=True)
app.add_typer(policy_app, name="policy")

DataArgument = Annotated[
    Path, typer.Argument(metavar="DATA", help="Folder of CSV or Parquet files, or a workbook. 数据文件夹或工作簿。")
]
PolicyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="ID|FILE",
        help="Policy; several are dated versions. Default: 2007-06. 制度；可给出多个版本。",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, as grades.A.from=112. 修改一个值。"),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR|FILE.xlsx", help="Write the tables there. 输出位置。")
]
FormatOption = Annotated[
    str | None, typer.Option("--format", metavar="csv|parquet|xlsx", help="Default: csv. 输出格式。")
]
FigureOption = Annotated[
    Path | None, typer.Option("--figure", metavar="FILE.png|svg", help="Draw the result there. 输出图形。")
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes here that share the partitions. 本机并行进程数。"),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="A running Dask scheduler instead. 调度器地址。"),
]
JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", metavar="DIR", help="Keep what is finished there, to go on later. 断点续算文件夹。"),
]


@app.callback()
def _options(
    language: Annotated[
        str | None, typer.Option("--language", metavar="zh|en", help="Language of the output. 输出语言。")
    ] = None,
) -> None:
    if language is not None:
        if language not in LANGUAGES:
            raise CmpolicyError(Message("There is no language {language}; there are zh and en.", language=language))
        set_language(language)


@app.command(help="Read the data and say what was found, or everything that is wrong. 读取数据，列出内容或全部错误。")
def check(data: DataArgument) -> None:
    """Read the data and say what was found, or everything that is wrong."""
    from cmpolicy.report.terminal import console_for, show_data

    show_data(console_for(), cm.read_staff(data))


@app.command(help="Apply a policy to the data: grades, bonuses, awards, standing. 按制度考核：等级、奖金、奖罚、去留。")
def appraise(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Apply a policy to the data: grades, bonuses, awards, standing."""
    from cmpolicy.report.terminal import console_for, show_outcome
    from cmpolicy.staff.partitions import is_partitioned

    chosen = _changed(_policy(policy), _changes(changes))
    kind = _format(out, file_format)
    _refuse_own_data(out, data)
    if is_partitioned(data):
        raise CmpolicyError(
            Message("{path} is in partitions; {command} gives their totals.", path=data, command="cmpolicy totals")
        )
    outcome = cm.appraise(cm.read_staff(data), chosen)
    if out:
        tables = dict.fromkeys((*outcome.tables, "probation")) | outcome.tables
        _write(tables | ({"parameters": _parameters(chosen)} if kind == "xlsx" else {}), out, kind, "appraisal")
    show_outcome(console_for(), outcome)
    _say_written(out)


@app.command(help="Compare a reform with a policy, or two versions of the data. 比较改革与现行制度，或两个版本的数据。")
def compare(
    data: DataArgument,
    policy: PolicyOption = None,
    reform: Annotated[
        Path | None, typer.Option("--reform", metavar="FILE", help="Changes, or a whole policy. 改动，或完整的制度。")
    ] = None,
    changes: SetOption = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DATA2", help="Another version of the data. 另一版本的数据。")
    ] = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Compare a reform with a policy, or two versions of the data under one policy."""
    from cmpolicy.report.terminal import console_for, show_comparison

    baseline = _policy(policy)
    kind = _format(out, file_format)
    _refuse_own_data(out, data, against)
    if against is not None:
        if reform is not None:
            raise CmpolicyError(Message("Give either --reform or --against, not both."))
        change = cm.compare(cm.read_staff(data), _changed(baseline, _changes(changes)), cm.read_staff(against))
    else:
        proposed = _reform(baseline, reform, _changes(changes))
        change = cm.compare(cm.read_staff(data), baseline, proposed)
    if out:
        _write(_comparison_tables(change), out, kind, "comparison")
    show_comparison(console_for(), change)
    _say_written(out)


@app.command(help="Totals of staff in partitions, too many for one piece. 分区数据的合计。")
def totals(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of folders with tables, people apart. 分区文件夹。")
    ],
    policy: PolicyOption = None,
    changes: SetOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    journal: JournalOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Give the totals of staff in partitions, too many for one piece."""
    from cmpolicy.report.terminal import console_for, show_partitions

    chosen = _changed(_policy(policy), _changes(changes))
    kind = _format(out, file_format)
    _refuse_inside(folder, out, journal)
    try:
        with _map_of(workers, scheduler) as run:
            found = cm.appraise_partitions(folder, chosen, map=run, journal=journal)
    except cm.IncompleteError as error:
        show_partitions(console_for(), error.rest, complete=False)
        raise
    if out:
        _write({"totals": found.row}, out, kind, "totals")
    show_partitions(console_for(), found)
    _say_written(out)


@app.command(help="Appraise under every combination of changed values. 对多个取值的全部组合进行测算。")
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
    from cmpolicy.report.terminal import console_for, show_sweep
    from cmpolicy.staff.partitions import is_partitioned

    chosen, grid = _one_policy(policy, changes), _grid(vary)
    kind = _format(out, file_format)
    _refuse_own_data(out, data)
    _kinds_of_figures(figure, frontier)
    if is_partitioned(data) or workers or scheduler or journal:
        _refuse_inside(data, out, journal)
        with _map_of(workers, scheduler) as run:
            frame = cm.sweep_partitions(data, chosen, grid, draws=draws, seed=seed, map=run, journal=journal)
    else:
        frame = cm.sweep(cm.read_staff(data), chosen, grid, draws=draws, seed=seed)
    from cmpolicy.report.sweep_figure import frontier_figure, heat_map_figure

    if figure:
        _draw(heat_map_figure(frame, Message("cost: payout + cash effect, yuan")), figure)
    if frontier:
        lowest = chosen.grade_names[-1]
        label = Message("staff-quarters of grade {grade}", grade=lowest)
        title = Message("Cost, yuan, against staff-quarters of grade {grade}", grade=lowest)
        _draw(frontier_figure(frame, title, figure=f"quarter_grade_{lowest}", label=label), frontier)
    if out:
        _write({"sweep": frame}, out, kind, "sweep")
    show_sweep(console_for(), frame)
    for path in (figure, frontier, out):
        _say_written(path)


@app.command(help="Say what the coming quarters cost, with intervals. 预测未来几个季度的费用及其区间。")
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
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Say what the coming quarters cost, with intervals; with a reform or changes also what those change."""
    from cmpolicy.report.forecast_figure import fan_chart
    from cmpolicy.report.terminal import console_for, show_forecast

    baseline, kind = _policy(policy), _format(out, file_format)
    both = {"baseline": baseline, "reform": _reform(baseline, reform, _changes(changes))} if reform or changes else None
    _refuse_own_data(out, data)
    _kinds_of_figures(figure)
    found = cm.forecast(
        cm.read_staff(data),
        both or baseline,
        quarters,
        replicates,
        _headcount(headcount),
        seed,
        leavers_a_year=leavers,
        revenue_growth=revenue_growth,
        base_growth=base_growth,
        elasticity=elasticity,
    )
    reserve = found.reserve(confidence)
    if figure:
        _draw(fan_chart(found, Message("Cost of a quarter, yuan")), figure)
    if out:
        names = ("quarters", "total", "areas", "people", "history")
        tables = {name: getattr(found, name) for name in names}
        _write(tables | {"reserve": reserve, "difference": found.difference if both else None}, out, kind, "forecast")
    show_forecast(console_for(), found, confidence)
    for path in (figure, out):
        _say_written(path)


@app.command(help="Find the nearest policy that meets a budget and targets. 求满足预算和目标、改动最小的制度。")
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
    from cmpolicy.report.terminal import console_for, show_solution

    chosen, kind = _one_policy(policy, changes), _format(out, file_format)
    _refuse_own_data(out, data)
    _kinds_of_figures(frontier)
    solution = cm.solve(
        cm.read_staff(data),
        chosen,
        vary=vary,
        budget=None if budget is None else _value(budget),
        targets=_targets(targets),
        keep=keep or [],
        limits=_limits(limits),
        step=_value(step),
        objective=objective,  # type: ignore[arg-type]  # what is none is refused there, with all other problems
    )
    points = solution.frontier() if frontier or out else None
    if frontier and points is not None:
        from cmpolicy.report.frontier_figure import solution_frontier_figure

        _draw(solution_frontier_figure(solution, points), frontier)
    if out:
        _write(_comparison_tables(solution.comparison) | {"frontier": points}, out, kind, "solution")
    show_solution(console_for(), solution)
    for path in (frontier, out):
        _say_written(path)


@app.command(help="What each option of every unclear clause would change. 各不明确条款的每种理解会带来什么变化。")
def readings(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Tell what each option of every unclear clause would change."""
    from cmpolicy.report.terminal import console_for, show_readings

    chosen = _one_policy(policy, changes)
    kind = _format(out, file_format)
    _refuse_own_data(out, data)
    ledger = cm.readings(cm.read_staff(data), chosen)
    if out:
        _write({"readings": ledger}, out, kind, "readings")
    show_readings(console_for(), ledger)
    _say_written(out)


@app.command(help="What each value and each reading moves, one at a time. 逐一改动每个取值与理解，看影响大小。")
def sensitivity(
    data: DataArgument,
    policy: PolicyOption = None,
    changes: SetOption = None,
    figure: FigureOption = None,
    out: OutOption = None,
    file_format: FormatOption = None,
) -> None:
    """Tell what each value and each reading moves, one at a time."""
    from cmpolicy.report.terminal import console_for, show_sensitivity

    chosen = _one_policy(policy, changes)
    kind = _format(out, file_format)
    _refuse_own_data(out, data)
    _kinds_of_figures(figure)
    frame = cm.sensitivity(cm.read_staff(data), chosen)
    if figure:
        from cmpolicy.report.sensitivity_figure import tornado_figure

        _draw(tornado_figure(frame, Message("What each value moves by itself: cost, yuan")), figure)
    if out:
        _write({"sensitivity": frame}, out, kind, "sensitivity")
    show_sensitivity(console_for(), frame)
    for path in (figure, out):
        _say_written(path)


@app.command(help="Make synthetic staff and write their tables. 生成模拟员工数据。")
def synth(
    out: Annotated[Path, typer.Option("--out", metavar="DIR|FILE.xlsx", help="Where to write the tables. 输出位置。")],
    staff: Annotated[int, typer.Option("--staff", help="Number of people. 人数。")] = 60,
    months: Annotated[int, typer.Option("--months", help="Number of months. 月数。")] = 36,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same people. 随机种子。")] = 0,
    partitions: Annotated[
        int | None, typer.Option("--partitions", help="Write so many folders, in Parquet. 分区数（Parquet）。")
    ] = None,
    file_format: FormatOption = None,
) -> None:
    """Make synthetic staff and write their tables."""
    from cmpolicy.report.terminal import console_for, show_data

    kind = _format(out, file_format)
    if partitions is not None:
        from cmpolicy.staff.partitions import write_partitions
        from cmpolicy.staff.synthetic import synthesize_parts

        if file_format not in (None, "parquet") or out.suffix.lower() == ".xlsx":
            raise CmpolicyError(Message("Partitions are a folder of folders in Parquet."))
        write_partitions(synthesize_parts(partitions, staff, months, seed), out, partitions)
        _say_written(out)
        return
    data = cm.synthesize(staff=staff, months=months, seed=seed)
    target = out if kind != "xlsx" or out.suffix.lower() == ".xlsx" else out / "staff-data.xlsx"
    cm.write_staff(data, target, format=kind)
    show_data(console_for(), data)
    _say_written(out)


@app.command(help="Open JupyterLab on the notebooks. 在 JupyterLab 中打开笔记本。")
def lab(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where to work; notebooks are copied there. 工作文件夹。")
    ] = None,
    *,
    port: Annotated[int | None, typer.Option("--port", help="Where it listens. 端口。")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser. 不打开浏览器。")] = False,
    allow_root: Annotated[
        bool, typer.Option("--allow-root", help="Run for the administrator too. 允许管理员运行。")
    ] = False,
) -> None:
    """Open JupyterLab on the notebooks."""
    from cmpolicy.lab.serve import open_lab

    open_lab(folder, port=port, browser=not no_browser, allow_root=allow_root)


@app.command("app", help="Serve the workbench as an app in the browser. 在浏览器中使用工作台。")
def serve(
    data: Annotated[
        Path | None, typer.Argument(metavar="DATA", help="Default: the bundled department. 默认：自带的部门数据。")
    ] = None,
    *,
    host: Annotated[str, typer.Option("--host", help="Where it listens. 默认仅限本机。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes any free one. 端口。")] = 8866,
    token: Annotated[
        str | None,
        typer.Option("--token", envvar="CMPOLICY_APP_TOKEN", help="Default: a random one. 访问口令，默认随机。"),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser. 不打开浏览器。")] = False,
    dark: Annotated[bool, typer.Option("--dark", help="Light on dark. 深色主题。")] = False,
    ready: Annotated[
        int, typer.Option("--ready", min=0, help="How many pages are made ready ahead. 预先准备的页面数。")
    ] = 1,
) -> None:
    """Serve the workbench as an app in the browser."""
    from cmpolicy.lab.serve import serve_app

    serve_app(data, host=host, port=port, token=token, browser=not no_browser, dark=dark, ready=ready)


@policy_app.command("show", help="Show every value of a policy with its clause. 列出制度的全部取值及条款。")
def policy_show(name: Annotated[str, typer.Argument(metavar="[ID|FILE]")] = ENACTED, changes: SetOption = None) -> None:
    """Show every value of a policy with its clause."""
    from cmpolicy.report.terminal import console_for, show_policy

    show_policy(console_for(), cm.load_policy(name).with_changes(_changes(changes)))


@policy_app.command("diff", help="Show what differs between two policies, or one and its changed self. 列出制度差异。")
def policy_diff(
    first: Annotated[str, typer.Argument(metavar="ID|FILE")],
    second: Annotated[str | None, typer.Argument(metavar="[ID|FILE]")] = None,
    changes: SetOption = None,
) -> None:
    """Show what differs between two policies, or between a policy and its changed self."""
    from cmpolicy.report.terminal import console_for, show_changes

    before = cm.load_policy(first)
    after = cm.load_policy(second or first).with_changes(_changes(changes))
    show_changes(console_for(), before.diff(after))


def main() -> None:
    """Run the command; what is wrong goes to standard error in words, without a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no Chinese shows marks in its place
    try:
        app(prog_name="cmpolicy")
    except CmpolicyError as error:
        _fail(str(error))
    except OSError as error:  # of files that are read or written there are messages already
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail(str(Message("The output cannot be written: {reason}.", reason=error.strerror)))


def _fail(text: str) -> NoReturn:
    from cmpolicy.report.terminal import without_controls

    print(without_controls(text), file=sys.stderr)  # noqa: T201 - the program's message
    sys.exit(1)


def _policy(names: list[str] | None) -> Policy | PolicyBook:
    policies = [cm.load_policy(name) for name in names or [ENACTED]]
    return policies[0] if len(policies) == 1 else cm.PolicyBook(policies)


def _changed(policy: Policy | PolicyBook, changes: Mapping[str, object]) -> Policy | PolicyBook:
    if not changes:
        return policy
    if isinstance(policy, cm.PolicyBook):
        raise PolicyError(Message("--set changes one policy; leave it out where --policy names several."))
    return policy.with_changes(changes)


def _one_policy(names: list[str] | None, settings: list[str] | None) -> Policy:
    """Give the policy that is changed, which cannot be a book of versions."""
    chosen = _changed(_policy(names), _changes(settings))
    if isinstance(chosen, cm.PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; give --policy once."))
    return chosen


def _grid(settings: list[str]) -> dict[str, list[object]]:
    """Read `--vary PATH=VALUES` options; values are written as in a policy file."""
    grid: dict[str, list[object]] = {}
    wanted = Message("PATH=VALUES, as grades.A.from=105..115, =2000..3000:100 or =1800,2000,2200, each path once")
    problems = []
    for setting in settings:
        path, mark, text = (part.strip() for part in setting.partition("="))
        numbers, values = _RANGE.fullmatch(text), list[object]()
        try:
            if numbers:
                first, last, step = int(numbers[1]), int(numbers[2]), int(numbers[3] or 1)
                # An empty or endless list says nothing of what was meant.
                values += range(first, last + 1, step) if step and 0 <= (last - first) // step < MOST_VALUES else ()
            else:
                values += [parse_yaml(one) for one in text.split(",") if one.strip()]
        except PolicyError as error:
            problems += [replace(problem, value=setting) for problem in error.problems]
            continue
        if not (mark and path and values) or path in grid:
            problems.append(Problem(Message("--vary is not understood."), value=setting, expected=wanted))
        grid[path] = values
    if problems:
        raise PolicyError(Message("The sweep cannot be made so."), problems)
    return grid


def _value(text: str) -> Any:
    """Read a value as it is written in a policy file."""
    return parse_yaml(text) if text.strip() else text


def _targets(settings: list[str] | None) -> dict[str, list[str]]:
    """Read `--target FIGURE<=LIMIT` options."""
    targets: dict[str, list[str]] = {}
    for setting in settings or []:
        figure = re.split("[<>≤≥]", setting, maxsplit=1)[0]
        targets.setdefault(figure.strip(), []).append(setting[len(figure) :])
    return targets


def _limits(settings: list[str] | None) -> dict[str, tuple[Any, ...]]:
    """Read `--limit PATH=LOW..HIGH` options."""
    limits = {}
    for setting in settings or []:
        path, _, text = setting.partition("=")
        limits[path.strip()] = tuple(_value(part) for part in text.split(".."))
    return limits


@contextlib.contextmanager
def _map_of(workers: int | None, scheduler: str | None) -> Iterator[Map]:
    """Give what runs tasks: this process, processes here, or those behind a scheduler."""
    if workers and scheduler:
        raise CmpolicyError(Message("Give either --workers or --scheduler, not both."))
    if not workers and not scheduler:
        yield map
        return
    with cm.Cluster(workers or 1, scheduler=scheduler) as cluster:
        yield cluster.map


def _kinds_of_figures(*paths: Path | None) -> None:
    """Refuse, before anything is computed, a figure of a kind that is not drawn."""
    for path in paths:
        if path is not None and path.suffix.lower() not in (".png", ".svg"):
            problem = Problem(Message("The name ends in none of {kinds}.", kinds=".png, .svg"))
            raise CmpolicyError(Message("The figure {path} cannot be drawn.", path=path), [problem])


def _draw(drawn: Figure, path: Path) -> None:
    from cmpolicy.files import write_aside
    from cmpolicy.report.figures import image_of

    picture = image_of(drawn, "png" if path.suffix.lower() == ".png" else "svg")

    def write(aside: Path) -> None:
        (aside / path.name).write_bytes(picture)

    write_aside(path.parent, write, path)


def _changes(settings: list[str] | None) -> dict[str, object]:
    """Read `--set PATH=VALUE` options; a value is written as in a policy file."""
    changes: dict[str, object] = {}
    problems = []
    for setting in settings or []:
        path, mark, text = setting.partition("=")
        if not mark or not path.strip() or not text.strip():
            problems.append(
                Problem(
                    Message("--set is not understood."),
                    value=setting,
                    expected=Message("PATH=VALUE, as grades.A.from=112"),
                )
            )
        else:
            try:
                changes[path.strip()] = parse_yaml(text)
            except PolicyError as error:
                problems += [replace(problem, value=setting) for problem in error.problems]
    if problems:
        raise PolicyError(Message("The changes cannot be used."), problems)
    return changes


def _reform(baseline: Policy | PolicyBook, file: Path | None, changes: Mapping[str, object]) -> Policy | PolicyBook:
    """Give the policy to compare with: a file of changes or a whole policy, and `--set` on top."""
    if file is None and not changes:
        raise CmpolicyError(
            Message("There is nothing to compare with. Give --reform FILE, --set PATH=VALUE or --against DATA2.")
        )
    proposed = baseline
    if file is not None:
        if not file.is_file():
            raise PolicyError(Message("There is no file {path}.", path=file))
        content = load_yaml(file)
        if not isinstance(content, Mapping):
            problem = Problem(
                Message("This is not a list of changes."), expected=Message("lines such as grades.A.from: 112")
            )
            raise PolicyError(Message("The file {path} cannot be used.", path=file), [problem])
        whole = "effective_from" in content and "points" in content
        proposed = cm.load_policy(file) if whole else _changed(baseline, content)
    return _changed(proposed, changes)


def _headcount(text: str | None) -> Any:
    """Read one number of posts, or one for each quarter; what is no number is refused with all other problems."""
    if text is None:
        return None
    each = [int(part) if part.strip().isdecimal() else part.strip() for part in text.split(",")]
    return each if len(each) > 1 else each[0]


def _format(out: Path | None, name: str | None) -> Format:
    workbook = out is not None and out.suffix.lower() == ".xlsx"
    chosen: Any = name or ("xlsx" if workbook else "csv")
    if chosen not in FORMATS or (workbook and chosen != "xlsx"):
        raise CmpolicyError(
            Message("The format {format} does not fit.", format=chosen),
            [Problem(Message("--format is one of csv, parquet and xlsx; a file that ends in .xlsx is xlsx."))],
        )
    kind: Format = chosen
    return kind


def _refuse_own_data(out: Path | None, *sources: Path | None) -> None:
    """Refuse to write the results over the records that they come from."""
    if out is not None and any(source and out.resolve() == source.resolve() for source in sources):
        raise CmpolicyError(
            Message("The result cannot be written to {target}.", target=out),
            [Problem(Message("The data are there; they would be overwritten."), expected=Message("another place"))],
        )


def _refuse_inside(folder: Path, *places: Path | None) -> None:
    """Refuse to write among partitions what would be taken for one the next time."""
    for place in places:
        if place is not None and place.resolve().is_relative_to(folder.resolve()):
            raise CmpolicyError(
                Message("The result cannot be written to {target}.", target=place),
                [Problem(Message("It would be taken for a partition."), expected=Message("another place"))],
            )


def _write(tables: Mapping[str, pd.DataFrame | None], out: Path, kind: Format, stem: str) -> None:
    from cmpolicy.report.files import write_tables

    write_tables(tables, out, kind, stem=stem)


def _say_written(out: Path | None) -> None:
    from rich.text import Text

    from cmpolicy.report.terminal import console_for

    if out:
        console_for().print(Text(str(Message("Written to {path}.", path=out))))


def _parameters(policy: Policy | PolicyBook) -> pd.DataFrame:
    import pandas as pd

    from cmpolicy.regulation.policy import clause_of

    policies = [policy] if isinstance(policy, cm.Policy) else list(policy.policies)
    rows = [(one.id, path, clause_of(path), str(one.get(path))) for one in policies for path in one.paths()]
    return pd.DataFrame(rows, columns=["policy", "path", "clause", "value"])


def _comparison_tables(change: Comparison) -> dict[str, pd.DataFrame | None]:
    import pandas as pd

    tables: dict[str, pd.DataFrame | None] = {
        "month_migration": change.month_migration.reset_index(),
        "quarter_migration": change.quarter_migration.reset_index(),
        "cost": change.cost.reset_index(),
        "people": change.people,
        "standing": change.standing.reset_index(),
        "corrections": change.corrections,
    }
    shown = [
        (one.path, one.clause, *("" if v is None else str(v) for v in (one.before, one.after)))
        for one in change.changes
    ]
    tables["changes"] = pd.DataFrame(shown, columns=["path", "clause", "before", "after"]) if shown else None
    return tables
