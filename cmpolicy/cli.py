"""The command `cmpolicy`.

Status 0: done; 1: something wrong in what was given; 2: an unknown command or option; 130: stopped with Ctrl-C.
"""

from __future__ import annotations

import functools
import io
import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cmpolicy.commands import (
    appraisal,
    compliance,
    incentives,
    people_cost,
    policies,
    records,
    scrutiny,
    serving,
    statements,
    what_ifs,
)
from cmpolicy.errors import CmpolicyError, system_reason
from cmpolicy.messages import LANGUAGES, Message, set_language

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    help="Model a staff-appraisal and bonus policy. 客户经理考核与奖金制度模拟。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="Show a policy, or what differs between two. 查看制度及其差异。", no_args_is_help=True)
app.add_typer(policy_app, name="policy")


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


COMMANDS: tuple[tuple[Callable[..., None], str, str], ...] = (
    (
        records.check,
        "Read the data and say what was found, or everything that is wrong.",
        "读取数据，列出内容或全部错误。",
    ),
    (
        appraisal.appraise,
        "Apply a policy to the data: grades, bonuses, awards, standing.",
        "按制度考核：等级、奖金、奖罚、去留。",
    ),
    (
        appraisal.compare,
        "Compare a reform with a policy, or two versions of the data.",
        "比较改革与现行制度，或两个版本的数据。",
    ),
    (appraisal.totals, "Totals of staff in partitions, too many for one piece.", "分区数据的合计。"),
    (what_ifs.sweep, "Appraise under every combination of changed values.", "对多个取值的全部组合进行测算。"),
    (what_ifs.forecast, "Say what the coming quarters cost, with intervals.", "预测未来几个季度的费用及其区间。"),
    (what_ifs.solve, "Find the nearest policy that meets a budget and targets.", "求满足预算和目标、改动最小的制度。"),
    (
        what_ifs.readings,
        "What each option of every unclear clause would change.",
        "各不明确条款的每种理解会带来什么变化。",
    ),
    (
        what_ifs.sensitivity,
        "What each value and each reading moves, one at a time.",
        "逐一改动每个取值与理解，看影响大小。",
    ),
    (
        people_cost.cost,
        "Cost what comes around the bonus: dismissal, tax, contributions.",
        "测算奖金以外的人工成本：辞退、个税、社保公积金。",
    ),
    (compliance.comply, "Check a policy and the records against the law.", "对照法律检查制度与记录。"),
    (
        scrutiny.backtest,
        "Replay the rules on history and explain what payroll paid otherwise.",
        "用历史实发回测制度，并解释差异。",
    ),
    (
        scrutiny.fairness,
        "Compare areas, tenures and reviewers, and tell how firm grades and ranks are.",
        "比较片区、司龄与评分人，并检验等级与名次是否稳定。",
    ),
    (
        incentives.incentives,
        "What one event is worth to each person, where the cliffs are, what games bring.",
        "每件事对每个人值多少钱，临界点在哪里，钻空子能得多少。",
    ),
    (
        statements.explain,
        "Explain one person's scores, grades and pay, clause by clause.",
        "逐条说明一个人的评分、等级与奖金。",
    ),
    (statements.statements, "Write everyone's statement, a page a person.", "为每人生成一页考核明细。"),
    (records.synth, "Make synthetic staff and write their tables.", "生成模拟员工数据。"),
    (serving.lab, "Open JupyterLab on the notebooks.", "在 JupyterLab 中打开笔记本。"),
    (serving.app, "Serve the workbench as an app in the browser.", "在浏览器中使用工作台。"),
)
POLICY_COMMANDS: tuple[tuple[Callable[..., None], str, str], ...] = (
    (policies.show, "Show every value of a policy with its clause.", "列出制度的全部取值及条款。"),
    (policies.diff, "Show what differs between two policies, or one and its changed self.", "列出制度差异。"),
)
STOPPED = 130
"""The status of what Ctrl-C ended, as shells have it."""


def _stoppable(command: Callable[..., None]) -> Callable[..., None]:
    """End a command that is stopped with one line of text."""

    @functools.wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except KeyboardInterrupt:
            journal = options.get("journal")
            if journal is None:
                _fail(str(Message("Stopped. No file is half-written.")), STOPPED)
            _fail(str(Message("Stopped. What was finished is kept in {journal}.", journal=journal)), STOPPED)

    return run


for typed, commands in ((app, COMMANDS), (policy_app, POLICY_COMMANDS)):
    for function, english, chinese in commands:
        typed.command(help=f"{english} {chinese}")(_stoppable(function))


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
        _fail(str(Message("The output cannot be written: {reason}.", reason=system_reason(error))))


def _fail(text: str, status: int = 1) -> NoReturn:
    from cmpolicy.report.terminal.console import without_controls

    print(without_controls(text), file=sys.stderr)  # noqa: T201 - the program's message
    sys.exit(status)
