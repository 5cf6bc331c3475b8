"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
