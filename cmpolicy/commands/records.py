"""Commands about the records: check what is there, make synthetic ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import cmpolicy as cm
from cmpolicy.commands.declare import option, whole_number
from cmpolicy.commands.given import as_typed
from cmpolicy.commands.options import DataArgument, FormatOption
from cmpolicy.commands.output import format_of, say_written
from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message


def check(data: DataArgument) -> None:
    """Read the data and say what was found, or everything that is wrong."""
    from cmpolicy.report.terminal.appraisal import show_data
    from cmpolicy.report.terminal.console import console_for

    show_data(console_for(), cm.read_staff(data))


def synth(
    out: Annotated[Path, option("--out", Message("Write the tables there."), Message("DIR|FILE.xlsx"))],
    staff: Annotated[int, whole_number("--staff", Message("Number of people."))] = 60,
    months: Annotated[int, whole_number("--months", Message("Number of months."))] = 36,
    seed: Annotated[int, whole_number("--seed", Message("The same seed gives the same people."))] = 0,
    partitions: Annotated[
        int | None,
        whole_number("--partitions", Message("Write so many folders, in Parquet, each with its own people.")),
    ] = None,
    file_format: FormatOption = None,
) -> None:
    """Make synthetic staff and write their tables."""
    from cmpolicy.report.terminal.appraisal import show_data
    from cmpolicy.report.terminal.console import console_for

    kind = format_of(out, file_format)
    if partitions is not None:
        from cmpolicy.staff.partitions import write_partitions
        from cmpolicy.staff.synthetic import synthesize_parts

        if file_format not in (None, "parquet") or out.suffix.lower() == ".xlsx":
            raise CmpolicyError(Message("Partitions are a folder of folders in Parquet."))
        with as_typed("--partitions", "--staff", "--months", "--seed"):
            write_partitions(synthesize_parts(partitions, staff, months, seed), out, partitions)
        say_written(out)
        return
    with as_typed("--staff", "--months", "--seed"):
        data = cm.synthesize(staff=staff, months=months, seed=seed)
    target = out if kind != "xlsx" or out.suffix.lower() == ".xlsx" else out / "staff-data.xlsx"
    cm.write_staff(data, target, format=kind)
    show_data(console_for(), data)
    say_written(out)
