"""Runs of a job over all partitions, here or on many machines; what a journal keeps of them is not done again."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import DataError, Problem
from cmpolicy.messages import Message, list_of
from cmpolicy.progress import bar
from cmpolicy.simulation.effects import reason_of
from cmpolicy.simulation.journal import Journal, name_of, program
from cmpolicy.simulation.partition_results import Every, Sums
from cmpolicy.simulation.partition_tasks import Part, Task, marks_of, run_task
from cmpolicy.staff.panel import Span
from cmpolicy.staff.partitions import partitions_of
from cmpolicy.staff.read import read_staff
from cmpolicy.staff.schema import NOT_APPRAISED

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from cmpolicy.simulation.partition_tasks import Job, Map

LISTED = 10
_FIGURE = "figure "


def add_up(
    job: Job,
    folder: str | Path,
    *,
    map: Map = map,  # noqa: A002 - what executors call it
    journal: str | Path | None = None,
) -> Sums:
    """Do a job with every partition and add up what it gives.

    Parameters
    ----------
    job
        As of a `Task`.
    folder, map, journal
        As of `appraise_partitions`.

    Raises
    ------
    DataError
        If there are no partitions, none can be used, or a person is in two of them.
    """
    every = do_with_each(job, folder, map=map, journal=journal)
    sums: dict[str, NDArray[Any]] = {}
    for figures in every.figures:
        for name, values in figures.items():
            sums[name] = sums.get(name, 0) + values
    return Sums(sums, every)


def do_with_each(
    job: Job,
    folder: str | Path,
    *,
    map: Map = map,  # noqa: A002 - what executors call it
    journal: str | Path | None = None,
    without: tuple[str, ...] = NOT_APPRAISED,
) -> Every:
    """Do a job with every partition, as part of all of them.

    Parameters
    ----------
    job, folder, map, journal
        As of `add_up`.
    without
        Columns that the job does not look at.

    Raises
    ------
    DataError
        As `add_up`.
    """
    kept = None if journal is None else Journal(journal)
    tasks = [Task(partition, job, None, program(), without) for partition in partitions_of(folder)]
    parts = _run(tasks, map, kept)
    spans = [part.span for part in parts if part.span is not None]
    if not spans:
        raise DataError(Message("No partition of {path} can be used.", path=folder), _problems(parts))
    _refuse_shared(parts)
    # Which quarters are open, and when a year ends, depends on the months of all.
    whole = functools.reduce(Span.joined, spans)
    short = [
        replace(task, whole=whole) for task, part in zip(tasks, parts, strict=True) if part.span not in (None, whole)
    ]
    again = {part.partition: part for part in (_run(short, map, kept) if short else ())}
    parts = [again.get(part.partition, part) for part in parts]
    figures = [part.figures for part in parts if part.error is None]
    return Every(figures, len(figures), _notes(parts), tuple(_problems(parts)))


def _run(tasks: list[Task], map: Map, journal: Journal | None) -> list[Part]:  # noqa: A002 - what executors call it
    """Run tasks but for those whose results are kept; give the results in the order of the tasks."""
    found: dict[Path, Part] = {}
    keys: dict[Path, str] = {}
    if journal is not None:
        keys = {task.partition: _key(task) for task in tasks}
        kept = {partition: journal.get(key) for partition, key in keys.items()}
        found = {partition: _part_of(partition, entry) for partition, entry in kept.items() if entry is not None}
    waiting = [task for task in tasks if task.partition not in found]
    with bar(Message("partitions"), total=len(tasks), done=len(found)) as advance:
        for part in map(run_task, waiting):
            if journal is not None and part.error is None:
                journal.put(keys[part.partition], _entry_of(part))
            found[part.partition] = part
            advance(1)
    return [found[task.partition] for task in tasks]


def _key(task: Task) -> str:
    """Name all that a task's result depends on, the partition by its content."""
    folder = task.partition
    files = [folder] if folder.is_file() else sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    content = []
    for file in files:
        if file.is_file():
            with file.open("rb") as opened:
                content.append((file.name, hashlib.file_digest(opened, "sha256").hexdigest()))
    return name_of((task.program, task.job, task.whole, task.without, folder.name, content))


def _entry_of(part: Part) -> dict[str, NDArray[Any]]:
    entry = {f"{_FIGURE}{name}": values for name, values in part.figures.items()}
    return entry | {"span": np.array(part.span), "people": part.people, "notes": np.array(part.notes)}


def _part_of(partition: Path, entry: dict[str, NDArray[Any]]) -> Part:
    figures = {name.removeprefix(_FIGURE): values for name, values in entry.items() if name.startswith(_FIGURE)}
    return Part(partition, figures, Span(*entry["span"].tolist()), entry["people"], int(entry["notes"]))


def _notes(parts: list[Part]) -> tuple[Message, ...]:
    names = [part.partition.name for part in parts if part.notes]
    if not names:
        return ()
    return (
        Message(
            "Partitions with notes on their data: {count}, {names}. {command} shows those of one.",
            count=len(names),
            names=list_of([*names[:LISTED], *(["…"] if len(names) > LISTED else [])]),
            command="cmpolicy check",
        ),
    )


def _problems(parts: list[Part]) -> list[Problem]:
    return [
        Problem(Message("{partition}: {reason}", partition=part.partition.name, reason=reason_of(part.error)))
        for part in parts
        if part.error is not None
    ]


def _refuse_shared(parts: list[Part]) -> None:
    """Refuse a person in two partitions, whose quarters and money would be torn apart."""
    marks = np.concatenate([part.people for part in parts])
    marks.sort(kind="stable")  # each part is in order already
    shared = marks[1:][marks[1:] == marks[:-1]]
    if not len(shared):
        return
    homes: dict[str, Path] = {}
    problems = []
    for part in parts:
        if np.isin(part.people, shared).any():
            staff_ids = read_staff(part.partition).staff_ids  # equal marks are no proof yet
            for staff_id in staff_ids[np.isin(marks_of(staff_ids), shared)].tolist():
                home = homes.setdefault(staff_id, part.partition)
                if home != part.partition:
                    names = {"first": home.name, "second": part.partition.name}
                    problems.append(
                        Problem(Message("{staff_id} is in {first} and in {second}.", staff_id=staff_id, **names))
                    )
    if problems:
        raise DataError(Message("The same people are in several partitions."), problems)
