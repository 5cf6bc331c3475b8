"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message


def _workers(typed: int | None) -> int | None:
    """Refuse fewer workers than one, in the language in use, which the library of the command line does not speak."""
    if typed is not None and typed < 1:
        problem = Problem(
            Message("{name} is out of range.", name="--workers"),
            value=str(typed),
            expected=Message("a whole number of at least {least}", least=1),
        )
        raise CmpolicyError(Message("The work cannot be shared so."), [problem])
    return typed


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
    typer.Option("--workers", callback=_workers, help="Processes here that share the partitions. 本机并行进程数。"),
]

SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="tcp://HOST:PORT", help="A running Dask scheduler instead. 调度器地址。"),
]

JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", metavar="DIR", help="Keep what is finished there, to go on later. 断点续算文件夹。"),
]
