"""A partition and what is done with it: a task, which can be sent to another process, and the part that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message
from cmpolicy.simulation.journal import program
from cmpolicy.staff.read import read_staff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData
    from cmpolicy.staff.panel import Span

    Figures = Mapping[str, NDArray[Any]]
    Job = Callable[[StaffData], Figures]
    Map = Callable[[Callable[["Task"], "Part"], Iterable["Task"]], Iterable["Part"]]


@dataclass(frozen=True)
class Task:
    """A partition and what to do with it.

    Attributes
    ----------
    partition : Path
    job
        Gives figures that add up over separate people. It can be pickled, and its `repr` tells all that it depends on.
    whole : Span or None
        The months of all partitions, once they are known.
    program : str
        The version of the program that made the task.
    without : tuple of str
        Columns that the job does not look at.
    """

    partition: Path
    job: Job
    whole: Span | None
    program: str
    without: tuple[str, ...]


class Part(NamedTuple):
    """What came of a task.

    Attributes
    ----------
    partition : Path
    figures : dict of arrays
    span : Span or None
        The partition's own months.
    people : (n,) uint64
        A mark of each staff id, in order: two partitions with one in common have a person in common, almost surely.
    notes : int
        How many notes there are on the partition's data.
    error : CmpolicyError or None
        Why there are no figures.
    """

    partition: Path
    figures: Figures
    span: Span | None
    people: NDArray[np.uint64]
    notes: int
    error: CmpolicyError | None = None


def run_task(task: Task) -> Part:
    """Read a partition and do with it what the task says; what is wrong with it is told, not raised."""
    nothing = Part(task.partition, {}, None, np.empty(0, dtype=np.uint64), 0)
    if task.program != program():
        return nothing._replace(error=CmpolicyError(Message("A worker has another version of cmpolicy.")))
    try:
        data = replace(read_staff(task.partition, without=task.without), whole=task.whole)
        figures = task.job(data)
    except CmpolicyError as error:
        return nothing._replace(error=error)
    return Part(task.partition, figures, data.panel.span, np.sort(marks_of(data.staff_ids)), len(data.notes))


def marks_of(staff_ids: NDArray[Any]) -> NDArray[np.uint64]:
    """Mark each staff id by a number; two that are alike have the same, and others hardly ever."""
    import pandas as pd

    marks: NDArray[np.uint64] = pd.util.hash_array(staff_ids, categorize=False)
    return marks
