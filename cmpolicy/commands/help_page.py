"""The help of a command, in the language in use: texts are templates until they are shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cmpolicy.messages import Message

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_CHINESE = r"\u2e80-\u9fff"
_CLOSING = r"，。；：、）”…"
_UNBROKEN = re.compile(rf"\[[^\]]*\]\s*|[（“]*(?:[{_CHINESE}]|[^\s{_CHINESE}{_CLOSING}（“]+)?[{_CLOSING}]*\s*")
"""What stands in brackets; or a word, or a Chinese character, with the marks that may not be parted from it."""
_FRAME = 4
"""The cells that a frame and what keeps clear of it take of a line."""
_GAP = 2


def help_page(context: Any) -> str:
    """Give the help of a command: how it is called, what it does, its arguments and options, the commands below it."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    command = context.command
    params = [param for param in command.get_params(context) if not param.hidden]
    console = Console(highlight=False)
    with console.capture() as captured:
        console.print(Padding(Text(command.get_usage(context), style="bold"), 1, expand=False))
        console.print(Padding(Text(_said(command.help)), (0, 1, 1, 1), expand=False))
        for title, options in ((Message("Arguments"), False), (Message("Options"), True)):
            _print_panel(console, title, [_row_of(one, context) for one in params if is_option(one) == options])
        _print_panel(console, Message("Commands"), [_command_row(one) for one in _commands_below(context)])
    return captured.get()


def usage_of(context: Any) -> str:
    """Give what follows the name of a command: what is required stands in braces, what may be left out in brackets."""
    arguments = [param for param in context.command.get_params(context) if not is_option(param)]
    pieces = [f"{{{called(one)}}}" if one.required else f"[{called(one)}]" for one in arguments]
    below = [Message("COMMAND [ARGS]...")] if _commands_below(context) else []
    return " ".join(map(str, [Message("[OPTIONS]"), *pieces, *below]))


def called(param: Any) -> str:
    """Tell what an argument or an option is called on the command line."""
    return str(param.opts[0]) if is_option(param) else _said(param.metavar)


def is_option(param: Any) -> bool:
    """Tell an option from an argument."""
    return bool(param.param_type_name == "option")


def _said(template: str) -> str:
    """Give a text that was declared, in the language in use."""
    return str(Message(template))


def _commands_below(context: Any) -> list[Any]:
    group = context.command
    names = group.list_commands(context) if hasattr(group, "list_commands") else []
    return [group.get_command(context, name) for name in names]


def _command_row(command: Any) -> list[Text]:
    from rich.text import Text

    return [Text(command.name, "bold cyan"), Text(_said(command.help))]


def _row_of(param: Any, context: Any) -> list[Text]:
    """Give the mark of what is required, the name, the value, and the text with what holds where nothing is given."""
    from rich.text import Text

    text = Text(_said(param.help))
    text.highlight_regex(r"--[a-z-]+", "bold cyan")
    default = param.get_default(context, call=False)
    if param.envvar:
        text.append(f" {Message('[env var: {name}]', name=param.envvar)}", "dim")
    if default is not None and not (is_option(param) and param.is_flag):
        text.append(f" {Message('[default: {value}]', value=default)}", "dim")
    if param.required:
        text.append(f" {Message('[required]')}", "dim red")
    value = _said(param.metavar) if is_option(param) and param.metavar else ""
    mark = "*" if param.required else ""
    return [Text(mark, "red"), Text(called(param), "bold cyan"), Text(value, "bold yellow"), text]


def _print_panel(console: Console, title: Message, rows: Sequence[Sequence[Text]]) -> None:
    """Print rows under a title; a column with nothing in it is left out."""
    from rich.panel import Panel
    from rich.table import Column, Table

    columns = [column for column in zip(*rows, strict=True) if any(column)]
    if not columns:
        return
    *others, texts = columns
    widths = [max(text.cell_len for text in column) for column in others]
    table = Table.grid(
        *(Column(min_width=width) for width in widths), Column(ratio=1, overflow="fold"), padding=(0, _GAP, 0, 0)
    )
    room = console.width - _FRAME - sum(widths) - _GAP * len(widths)
    for *row, text in zip(*others, texts, strict=True):
        table.add_row(*row, _broken(text, room))
    console.print(Panel(table, title=str(title), title_align="left", border_style="dim"))


def _broken(text: Text, room: int) -> Text:
    """Break a text into lines between words and between Chinese characters, which rich takes for one long word."""
    from rich.cells import cell_len
    from rich.text import Text

    starts, used = [], 0
    for piece in _UNBROKEN.finditer(text.plain):
        if used and used + cell_len(piece[0].rstrip()) > room:
            starts.append(piece.start())
            used = 0
        used += cell_len(piece[0])
    lines = text.divide(starts)
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)
