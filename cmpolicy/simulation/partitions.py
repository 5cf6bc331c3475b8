"""Totals of a staff that is too large for one piece: its partitions one by one, here or on many machines.

A task reads one partition and gives whole numbers; these are added up. So a process holds one partition at a time, and
the totals are those of all people in memory at once. What ranks people across the whole staff does not add up: the
reading lowest_scorer is refused, and who is named best (3.4) is no part of the totals.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from cmpolicy.errors import CmpolicyError, DataError, PolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.progress import bar
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Policy, PolicyBook, load_policy
from cmpolicy.regulation.readings import EliminationRule
from cmpolicy.simulation.appraise import COST, appraise, summary_of
from cmpolicy.simulation.effects import reason_of
from cmpolicy.simulation.forecast import asked_for, forecast_by
from cmpolicy.simulation.history import joined
from cmpolicy.simulation.journal import Journal, name_of, program
from cmpolicy.simulation.sweep import COUNTS, MONEY, sweep
from cmpolicy.staff.panel import Span
from cmpolicy.staff.partitions import partitions_of
from cmpolicy.staff.read import read_staff
from cmpolicy.staff.schema import NOT_APPRAISED
from cmpolicy.staff.synthetic import synthesize

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.simulation.forecast import Forecast
    from cmpolicy.staff.data import StaffData

    Figures = Mapping[str, NDArray[Any]]
    Job = Callable[[StaffData], Figures]
    Map = Callable[[Callable[["Task"], "Part"], Iterable["Task"]], Iterable["Part"]]
    R = TypeVar("R")

LISTED = 10
_FIGURE = "figure "
_NOT_FORECAST = tuple(name for name in NOT_APPRAISED if name != "area")


class IncompleteError(DataError):
    """Some partitions cannot be used.

    Attributes
    ----------
    rest
        What the function would have given, of the other partitions only.
    """

    def __init__(self, message: Message, problems: Iterable[Problem], rest: Any) -> None:
        super().__init__(message, list(problems))
        self.rest = rest


@dataclass(frozen=True)
class PartitionTotals:
    """Totals of a staff in partitions.

    Attributes
    ----------
    policy : Policy or PolicyBook
    partitions : int
        How many were added up.
    figures : dict of int
        As `Outcome.figures` of all people at once: people, records, grades, standing, and cost in fen.
    notes : tuple of Message
    """

    policy: Policy | PolicyBook
    partitions: int
    figures: dict[str, int]
    notes: tuple[Message, ...]

    @property
    def cost(self) -> dict[str, int]:
        """Totals in fen by component."""
        return {name: self.figures[name] for name in COST}

    @property
    def standing_counts(self) -> dict[str, int]:
        """Staff-quarters under observation, people dismissed, and staff-quarters after a dismissal."""
        return {name: self.figures[name] for name in ("observed", "dismissed", "left")}

    def grade_counts(self, table: str) -> dict[str, int]:
        """Count the grades of "months" or "quarters"."""
        start = f"{table.removesuffix('s')}_grade_"
        return {name.removeprefix(start): count for name, count in self.figures.items() if name.startswith(start)}

    @property
    def summary(self) -> pd.DataFrame:
        """One row a figure, with the clause behind each, money in yuan."""
        return summary_of(self.figures)

    @property
    def row(self) -> pd.DataFrame:
        """The figures as one row, as `sweep` has one for each scenario, money in yuan."""
        import pandas as pd

        figures = {name: value / FEN_PER_YUAN if name in COST else value for name, value in self.figures.items()}
        return pd.DataFrame([figures])


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


def appraise_partitions(
    folder: str | Path,
    policy: Policy | PolicyBook | None = None,
    *,
    map: Map = map,  # noqa: A002 - what executors call it
    journal: str | Path | None = None,
) -> PartitionTotals:
    """Apply a policy to staff in partitions, and give the totals.

    Parameters
    ----------
    folder
        A folder of folders, each with the tables of its own people, as `write_staff` writes them; or one such data set.
    policy
        As of `appraise`.
    map
        Runs a function on each task and gives the results in any order; one partition after the other where it is left
        out. That of a `Cluster` runs them on several processes or machines.
    journal
        A folder that keeps each partition's results, so that a run which was interrupted goes on where it was. What it
        keeps is used again only for the same partition, policy and program.

    Returns
    -------
    PartitionTotals
        Exactly as of `appraise` with all people at once.

    Raises
    ------
    IncompleteError
        If some partitions cannot be used; it names them, and has the totals of the rest.
    DataError
        If there are no partitions, none can be used, or a person is in two of them.
    PolicyError
        For the reading lowest_scorer, which ranks people across the whole staff.

    Examples
    --------
    >>> import tempfile, cmpolicy as cm
    >>> data = cm.synthesize(staff=6, months=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = cm.write_staff(data, folder, format="parquet")
    ...     totals = cm.appraise_partitions(folder)
    >>> totals.figures == cm.appraise(data).figures
    True
    """
    policy = load_policy(ENACTED) if policy is None else policy
    policies = _versions(policy)
    for one in policies:
        _refuse_ranking(one.readings.elimination_rule.name)
    sums = add_up(_Appraisal(policies), folder, map=map, journal=journal)
    figures = {name: int(number) for name, number in sums.figures.items()}
    every = sums.every
    return every.whole(PartitionTotals(policy, every.partitions, figures, every.notes))


def sweep_partitions(
    folder: str | Path,
    policy: Policy,
    changes: Mapping[str, Iterable[object]] | Iterable[Mapping[str, object]],
    *,
    draws: int | None = None,
    seed: int = 0,
    map: Map = map,  # noqa: A002 - what executors call it
    journal: str | Path | None = None,
) -> pd.DataFrame:
    """Appraise staff in partitions under many changes of a policy.

    Parameters
    ----------
    folder, map, journal
        As of `appraise_partitions`.
    policy, changes, draws, seed
        As of `sweep`.

    Returns
    -------
    DataFrame
        Exactly as of `sweep` with all people at once.

    Raises
    ------
    IncompleteError, DataError
        As `appraise_partitions`.
    PolicyError
        As `sweep`, and for the reading lowest_scorer, which ranks people across the whole staff.

    Examples
    --------
    >>> import tempfile, cmpolicy as cm
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = cm.write_staff(cm.synthesize(staff=6, months=3), folder, format="parquet")
    ...     frame = cm.sweep_partitions(folder, cm.load_policy("2007-06"), {"grades.A.from": range(108, 113)})
    >>> len(frame)
    5
    """
    scenarios = _settled(changes)
    # One person tells what the scenarios are, or what is wrong with them, before any partition is read.
    frame = sweep(synthesize(staff=1, months=3), policy, scenarios, draws=draws, seed=seed)
    path = "readings.elimination_rule"
    for option in frame[path] if path in frame.columns else [policy.readings.elimination_rule.name]:
        _refuse_ranking(option)

    sums = add_up(_Sweep(policy, scenarios, draws, seed), folder, map=map, journal=journal)
    for name, values in sums.figures.items():
        frame[name] = values / FEN_PER_YUAN if name in MONEY else values
    frame.attrs["notes"] += [str(note) for note in sums.every.notes]
    return sums.every.whole(frame)


def forecast_partitions(
    folder: str | Path,
    policy: Policy | PolicyBook | Mapping[str, Policy | PolicyBook] | None = None,
    *,
    map: Map = map,  # noqa: A002 - what executors call it
    journal: str | Path | None = None,
    **settings: Any,
) -> Forecast:
    """Say what the coming quarters of staff in partitions cost, and how sure that is.

    The partitions are read and appraised one by one, by whoever `map` gives them to. What futures are drawn from, some
    tens of bytes for each person and quarter, comes together here and stays in memory: anybody may succeed anybody.

    Parameters
    ----------
    folder, map
        As of `appraise_partitions`.
    policy
        As of `forecast`.
    journal
        A folder that keeps each partition's results and the futures that are drawn, as of `appraise_partitions`.
    settings
        quarters, replicates, headcount, seed, leavers_a_year, revenue_growth, base_growth, elasticity, as of
        `forecast`.

    Returns
    -------
    Forecast
        Exactly as of `forecast` with all people at once, in the order of the partitions.

    Raises
    ------
    IncompleteError, DataError
        As `appraise_partitions`.
    CmpolicyError
        As `forecast`.
    PolicyError
        For the reading lowest_scorer, which ranks people across the whole staff.

    Examples
    --------
    >>> import tempfile, cmpolicy as cm
    >>> data = cm.synthesize(staff=6, months=12)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = cm.write_staff(data, folder, format="parquet")
    ...     found = cm.forecast_partitions(folder, replicates=20, seed=3)
    >>> bool((found.exact == cm.forecast(data, replicates=20, seed=3).exact).all())
    True
    """
    asked = asked_for(policy, **settings)
    for one in asked.policies.values():
        for version in _versions(one):
            _refuse_ranking(version.readings.elimination_rule.name)
    runs = []

    def take(job: Job) -> Figures:
        every = do_with_each(job, folder, map=map, journal=journal, without=_NOT_FORECAST)
        runs.append(every._replace(figures=[]))  # joined, they are not needed a second time
        return joined(every.figures)

    found = forecast_by(take, asked, journal=journal)
    last = runs[-1]
    return last.whole(replace(found, notes=(*found.notes, *last.notes)))


def _versions(policy: Policy | PolicyBook) -> tuple[Policy, ...]:
    return (policy,) if isinstance(policy, Policy) else policy.policies


def _settled(changes: object) -> Any:
    """Give changes as plain lists, which can be gone through more than once and sent elsewhere."""
    if isinstance(changes, Mapping):
        return {path: _listed(entries) for path, entries in changes.items()}
    return _listed(changes)


def _listed(entries: object) -> object:
    return list(entries) if isinstance(entries, Iterable) and not isinstance(entries, str) else entries


def _refuse_ranking(elimination_rule: str) -> None:
    if elimination_rule == EliminationRule.lowest_scorer.name:
        raise PolicyError(
            Message("Partitions cannot be appraised one by one under this policy."),
            [
                Problem(
                    Message("readings.elimination_rule is lowest_scorer: it ranks people across the whole staff."),
                    expected=Message("grade_E, or all people in one data set"),
                )
            ],
        )


# -- what is done with a partition -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Appraisal:
    policies: tuple[Policy, ...]

    def __call__(self, data: StaffData) -> Figures:
        policy = self.policies[0] if len(self.policies) == 1 else PolicyBook(self.policies)
        return {name: np.array(number) for name, number in appraise(data, policy).figures.items()}


@dataclass(frozen=True)
class _Sweep:
    policy: Policy
    changes: Any
    draws: int | None
    seed: int

    def __call__(self, data: StaffData) -> Figures:
        frame = sweep(data, self.policy, self.changes, draws=self.draws, seed=self.seed)
        names = [name for name in frame.columns if name in (*MONEY, *COUNTS) or "_grade_" in name]
        figures = {name: frame[name].to_numpy() for name in names}
        # Yuan back to the fen that they are: no total is so large that its double stands for another fen.
        fen = {name: np.rint(figures[name] * FEN_PER_YUAN) for name in MONEY}
        return {name: values.astype(np.int64) for name, values in (figures | fen).items()}


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
    return Part(task.partition, figures, data.panel.span, np.sort(_marks(data.staff_ids)), len(data.notes))


def _marks(staff_ids: NDArray[Any]) -> NDArray[np.uint64]:
    import pandas as pd

    marks: NDArray[np.uint64] = pd.util.hash_array(staff_ids, categorize=False)
    return marks


# -- all partitions ----------------------------------------------------------------------------------------------------


class Every(NamedTuple):
    """What came of all partitions.

    Attributes
    ----------
    figures : list of dict of arrays
        Of each partition that can be used.
    partitions : int
        How many those are.
    notes : tuple of Message
    problems : tuple of Problem
        One for each partition that cannot be used.
    """

    figures: list[Figures]
    partitions: int
    notes: tuple[Message, ...]
    problems: tuple[Problem, ...]

    def whole(self, result: R) -> R:
        """Give back what was made of the figures, if they are those of all partitions.

        Raises
        ------
        IncompleteError
            If they are not; it has the result.
        """
        if self.problems:
            count, total = len(self.problems), len(self.problems) + self.partitions
            text = Message("{count} of {total} partitions cannot be used.", count=count, total=total)
            raise IncompleteError(text, self.problems, result)
        return result


class Sums(NamedTuple):
    """The figures of all partitions, added up, and what they were added up of."""

    figures: Figures
    every: Every


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
    with_notes = [part.partition.name for part in parts if part.notes]
    notes = []
    if with_notes:
        listed = ", ".join(with_notes[:LISTED]) + (" …" if len(with_notes) > LISTED else "")
        notes.append(
            Message(
                "There are notes on the data of {count} partitions: {names}. {command} shows those of one.",
                count=len(with_notes),
                names=listed,
                command="cmpolicy check",
            )
        )
    figures = [part.figures for part in parts if part.error is None]
    return Every(figures, len(figures), tuple(notes), tuple(_problems(parts)))


def _run(tasks: list[Task], map: Map, journal: Journal | None) -> list[Part]:  # noqa: A002 - what executors call it
    """Run tasks but for those whose results are kept; give the results in the order of the tasks."""
    found: dict[Path, Part] = {}
    keys = {} if journal is None else {task.partition: _key(task) for task in tasks}
    for partition, key in keys.items():
        entry = None if journal is None else journal.get(key)
        if entry is not None:
            found[partition] = _part_of(partition, entry)
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
            for staff_id in staff_ids[np.isin(_marks(staff_ids), shared)].tolist():
                home = homes.setdefault(staff_id, part.partition)
                if home != part.partition:
                    names = {"first": home.name, "second": part.partition.name}
                    problems.append(
                        Problem(Message("{staff_id} is in {first} and in {second}.", staff_id=staff_id, **names))
                    )
    if problems:
        raise DataError(Message("The same people are in several partitions."), problems)
