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

from cmpolicy import __version__
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
from cmpolicy.commands.declare import option
from cmpolicy.commands.usage import WRONG_CALL, CallError, Command, Group, need_command
from cmpolicy.errors import CmpolicyError, system_reason
from cmpolicy.messages import LANGUAGES, Message, set_language

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    cls=Group,
    help=Message("Model a staff-appraisal and bonus policy.").template,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(
    cls=Group, help=Message("Show a policy, or what differs between two.").template, invoke_without_command=True
)
app.add_typer(policy_app, name="policy")


def _speak(language: str | None) -> None:
    """Use a language from here on, for the help and for what is wrong further on in the command line too."""
    if language is not None:
        if language not in LANGUAGES:
            raise CmpolicyError(Message("There is no language {language}; there are zh and en.", language=language))
        set_language(language)


def _tell_version(asked: object) -> None:
    """Tell the version and end, where `--version` asks for it."""
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    language: Annotated[  # noqa: ARG001 - used as soon as it is read
        str | None,
        option(
            "--language",
            Message("Language, given before the command: zh 中文, en English."),
            Message("zh|en"),
            callback=_speak,
            is_eager=True,
        ),
    ] = None,
    *,
    version: Annotated[  # noqa: ARG001 - told as soon as it is read
        bool,
        option("--version", Message("Show the version and exit."), callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    need_command(context)


@policy_app.callback()
def _policy_options(context: typer.Context) -> None:
    need_command(context)


COMMANDS: tuple[tuple[Callable[..., None], Message], ...] = (
    (records.check, Message("Read the data and say what was found, or everything that is wrong.")),
    (appraisal.appraise, Message("Apply a policy to the data: grades, bonuses, awards, standing.")),
    (appraisal.compare, Message("Compare a reform with a policy, or two versions of the data.")),
    (appraisal.totals, Message("Totals of staff in partitions, too many for one piece.")),
    (what_ifs.sweep, Message("Appraise under every combination of changed values.")),
    (what_ifs.forecast, Message("Say what the coming quarters cost, with intervals.")),
    (what_ifs.solve, Message("Find the nearest policy that meets a budget and targets.")),
    (what_ifs.readings, Message("What each option of every unclear clause would change.")),
    (what_ifs.sensitivity, Message("What each value and each reading moves, one at a time.")),
    (people_cost.cost, Message("Cost what comes around the bonus: dismissal, tax, contributions.")),
    (compliance.comply, Message("Check a policy and the records against the law.")),
    (scrutiny.backtest, Message("Replay the rules on history and explain what payroll paid otherwise.")),
    (scrutiny.fairness, Message("Compare areas, tenures and reviewers, and tell how firm grades and ranks are.")),
    (incentives.incentives, Message("What one event is worth to each person, where the cliffs are, what games bring.")),
    (statements.explain, Message("Explain one person's scores, grades and pay, clause by clause.")),
    (statements.statements, Message("Write everyone's statement, a page a person.")),
    (records.synth, Message("Make synthetic staff and write their tables.")),
    (serving.lab, Message("Open JupyterLab on the notebooks.")),
    (serving.app, Message("Serve the workbench as an app in the browser.")),
)
POLICY_COMMANDS: tuple[tuple[Callable[..., None], Message], ...] = (
    (policies.show, Message("Show every value of a policy with its clause.")),
    (policies.diff, Message("Show what differs between two policies, or one and its changed self.")),
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
    for function, text in commands:
        typed.command(cls=Command, help=text.template)(_stoppable(function))


def main() -> None:
    """Run the command; what is wrong goes to standard error in words, without a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no Chinese shows marks in its place
    try:
        app(prog_name="cmpolicy")
    except CallError as error:
        _fail(str(error), WRONG_CALL)
    except CmpolicyError as error:
        _fail(str(error))
    except OSError as error:  # of files that are read or written there are messages already
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail(str(Message("The output cannot be written: {reason}.", reason=system_reason(error))))


def _fail(text: str, status: int = 1) -> NoReturn:
    from cmpolicy.report.terminal.console import without_controls

    print(without_controls(text), file=sys.stderr)  # noqa: T201 - the program's message
    sys.exit(status)
