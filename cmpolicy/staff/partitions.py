"""Staff in partitions: a folder of folders, each a data set by itself, with people of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cmpolicy.errors import DataError, Problem
from cmpolicy.files import cannot_write, write_aside
from cmpolicy.messages import Message
from cmpolicy.progress import with_bar
from cmpolicy.staff.schema import TABLES
from cmpolicy.staff.write import write_staff

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cmpolicy.staff.data import StaffData

_SUFFIXES = (".csv", ".parquet")


def is_partitioned(folder: str | Path) -> bool:
    """Tell whether a folder holds partitions rather than tables."""
    folder = Path(folder)
    return folder.is_dir() and not _has_tables(folder) and any(_folders(folder))


def partitions_of(folder: str | Path) -> list[Path]:
    """List the partitions of a folder, by name; a data set that is in one piece is its own only partition.

    Raises
    ------
    DataError
        If there is no such folder, or nothing in it.
    """
    folder = Path(folder)
    if is_partitioned(folder):
        return sorted(_folders(folder))
    if not folder.exists() or (folder.is_dir() and not _has_tables(folder)):
        wanted = Message("a folder of folders, each with the tables of its own people")
        raise DataError(Message("There are no partitions in {path}.", path=folder), [Problem(wanted)])
    return [folder]


def refuse_partitions(folder: Path) -> None:
    """Refuse to read partitions as one piece, and say what takes them.

    Raises
    ------
    DataError
        If the folder holds folders with tables, and no tables itself.
    """
    if is_partitioned(folder) and any(_has_tables(one) for one in _folders(folder)):
        problem = Problem(
            Message("What is asked for reads one piece."),
            expected=Message(
                "one of the partitions, as {partition}; or {totals}, {sweep} or {forecast}, which take all of them",
                partition=partitions_of(folder)[0],
                totals="cmpolicy totals",
                sweep="cmpolicy sweep",
                forecast="cmpolicy forecast",
            ),
        )
        raise DataError(
            Message("{path} is in partitions; {command} gives their totals.", path=folder, command="cmpolicy totals"),
            [problem],
        )


def write_partitions(parts: Iterable[StaffData], target: str | Path, count: int) -> list[Path]:
    """Write the parts of a staff as partitions in Parquet, each as it comes, so that memory stays flat.

    Parameters
    ----------
    parts
        Staff data with people of their own.
    target
        A folder that is new or empty.
    count
        How many parts there will be.

    Returns
    -------
    list of Path
        The partitions.

    Raises
    ------
    CmpolicyError
        If the folder is not empty or cannot be written; nothing is left of what was written then.

    Examples
    --------
    >>> import tempfile
    >>> from cmpolicy.staff.synthetic import synthesize_parts
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [part.name for part in write_partitions(synthesize_parts(2, staff=7, months=3), folder, 2)]
    ['part-00000', 'part-00001']
    """
    target = Path(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise cannot_write(target, Message("Something is there already; partitions need a new or an empty folder."))

    def write(aside: Path) -> None:
        for number, data in enumerate(with_bar(parts, Message("partitions"), count)):
            write_staff(data, aside / f"part-{number:05d}", format="parquet")

    return write_aside(target, write)


def _folders(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")]


def _has_tables(folder: Path) -> bool:
    known = {name for table in TABLES.values() for name in (table.name, table.heading)}
    return any(file.suffix.lower() in _SUFFIXES and file.stem.lower() in known for file in folder.iterdir())
