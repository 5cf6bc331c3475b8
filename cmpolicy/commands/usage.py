"""How the command line is called: commands whose help and errors are in the language in use.

Typer's own are English. It lets a command and a group be told what class they are; those of this module write the help
and say what is wrong with a call.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from cmpolicy.commands.declare import ValueRefusedError, not_valid
from cmpolicy.commands.help_page import called, help_page, is_option, usage_of
from cmpolicy.errors import CmpolicyError, Problem, suggest
from cmpolicy.messages import Message, list_of

WRONG_CALL = 2
"""The status of what is no call: an unknown command or option, something missing, a value of the wrong kind."""


class CallError(CmpolicyError):
    """What was typed is no call of a command."""

    def __init__(self, problem: Problem, context: Any) -> None:
        super().__init__(Message("The command line is not understood."), [problem])
        self.context = context

    def __str__(self) -> str:
        more = Message("{command} tells more.", command=f"{self.context.command_path} --help")
        return "\n".join([super().__str__(), self.context.get_usage(), str(more)])


class _HelpInTheLanguage:
    """Writes the help of a command or a group."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write how the command is called."""
        formatter.write_usage(ctx.command_path, usage_of(ctx), str(Message("Usage: ")))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(help_page(ctx))


class Command(_HelpInTheLanguage, TyperCommand):
    """A command whose help and errors are in the language in use."""

    allow_extra_args = True  # so that they come here, to be told

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed."""
        with _told(ctx):
            rest = super().parse_args(ctx, args)
        if rest:
            raise CallError(Problem(Message("Too much is given: {words}.", words=list_of(rest))), ctx)
        return rest

    def get_help_option(self, ctx: Any) -> Any:
        """Give the option --help."""
        return _ours(super().get_help_option(ctx))


class Group(_HelpInTheLanguage, TyperGroup):
    """A group of commands whose help and errors are in the language in use."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed before the name of a command."""
        with _told(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is named."""
        name, names = args[0], self.list_commands(ctx)
        if name not in names:
            raise CallError(Problem(_unknown_command(name, suggest(name, names))), ctx)
        return super().resolve_command(ctx, args)

    def get_help_option(self, ctx: Any) -> Any:
        """Give the option --help, which is heeded after --language wherever either stands."""
        found = _ours(super().get_help_option(ctx))
        found.is_eager = False
        return found


def need_command(context: typer.Context) -> None:
    """Show the help of a group where no command of it is named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        context.exit(WRONG_CALL)


def _ours(help_option: Any) -> Any:
    help_option.help = Message("Show this message and exit.").template
    return help_option


@contextlib.contextmanager
def _told(context: Any) -> Iterator[None]:
    """Say in the language in use what typer finds wrong."""
    try:
        yield
    except typer.TyperException as error:
        raise CallError(_problem_of(error, context), context) from None


def _problem_of(error: Any, context: Any) -> Problem:
    """Say what is wrong; typer's kinds of errors have no public names, so each is known by what it tells."""
    if isinstance(error, ValueRefusedError):
        return error.problem
    options = {name: one for one in context.command.get_params(context) if is_option(one) for name in one.opts}
    if hasattr(error, "possibilities"):
        return Problem(_unknown_option(error.option_name, suggest(error.option_name, options)))
    if hasattr(error, "option_name"):
        if options[error.option_name].is_flag:
            return Problem(Message("{name} takes no value.", name=error.option_name))
        return Problem(Message("{name} needs a value.", name=error.option_name))
    if hasattr(error, "param_type"):
        return Problem(Message("{name} is missing.", name=called(error.param)))
    if isinstance(error, typer.BadParameter) and error.param is not None:
        return Problem(not_valid(called(error.param)))
    return Problem(Message("{reason}", reason=error))


def _unknown_option(name: str, nearest: str | None) -> Message:
    if nearest is None:
        return Message("There is no option {name}.", name=name)
    return Message("There is no option {name}. Did you mean {nearest}?", name=name, nearest=nearest)


def _unknown_command(name: str, nearest: str | None) -> Message:
    if nearest is None:
        return Message("There is no command {name}.", name=name)
    return Message("There is no command {name}. Did you mean {nearest}?", name=name, nearest=nearest)
