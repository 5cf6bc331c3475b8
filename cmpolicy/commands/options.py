"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cmpolicy.commands.declare import argument, option, whole_number
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


def set_option(text: Message) -> Any:
    """Declare `--set`, which changes the policy that is applied or makes a reform: the text says which."""
    return option("--set", text, Message("PATH=VALUE"))


DataArgument = Annotated[Path, argument(Message("DATA"), Message("Folder of CSV or Parquet files, or a workbook."))]

PartsArgument = Annotated[
    Path,
    argument(Message("DATA"), Message("Folder of CSV or Parquet files, a workbook, or a folder of partitions.")),
]

PolicyOption = Annotated[
    list[str] | None,
    option("--policy", Message("Policy; several are dated versions. Default: 2007-06."), Message("ID|FILE")),
]

OnePolicyOption = Annotated[
    list[str] | None,  # a second one is refused, which would else take the place of the first
    option("--policy", Message("Policy. Default: 2007-06."), Message("ID|FILE")),
]

SetOption = Annotated[
    list[str] | None,
    set_option(Message("Change the policy that is applied, as grades.A.from=112; repeat it for more.")),
]

ReformSetOption = Annotated[
    list[str] | None,
    set_option(Message("A reform to compare with the policy, as grades.A.from=112; repeat it for more.")),
]

OutOption = Annotated[Path | None, option("--out", Message("Write the tables there."), Message("DIR|FILE.xlsx"))]

TableOutOption = Annotated[
    Path | None,
    option("--out", Message("Write the table there; a file ends in .csv, .parquet or .xlsx."), Message("DIR|FILE")),
]

FormatOption = Annotated[
    str | None,
    option(
        "--format",
        Message("Format of the tables. Default: that of a file that --out names, else csv."),
        Message("csv|parquet|xlsx"),
    ),
]

FigureOption = Annotated[Path | None, option("--figure", Message("Draw the result there."), Message("FILE.png|svg"))]

WorkersOption = Annotated[
    int | None,
    whole_number("--workers", Message("Processes here that share the partitions."), callback=_workers),
]

SchedulerOption = Annotated[
    str | None,
    option(
        "--scheduler",
        Message("A running Dask scheduler that shares them out, instead of --workers."),
        Message("tcp://HOST:PORT"),
    ),
]

JournalOption = Annotated[
    Path | None,
    option("--journal", Message("Keep what is finished there, to go on later."), Message("DIR")),
]
