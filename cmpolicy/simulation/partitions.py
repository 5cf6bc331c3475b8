"""Totals of a staff that is too large for one piece: its partitions one by one, here or on many machines.

A task reads one partition and gives whole numbers; these are added up. So a process holds one partition at a time, and
the totals are those of all people in memory at once. What ranks people across the whole staff does not add up: the
reading lowest_scorer is refused, and who is named best (3.4) is no part of the totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import PolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Policy, PolicyBook, load_policy
from cmpolicy.regulation.readings import EliminationRule
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.forecast import forecast_by
from cmpolicy.simulation.forecast_request import asked_for
from cmpolicy.simulation.history import joined
from cmpolicy.simulation.partition_results import PartitionTotals
from cmpolicy.simulation.partition_runs import add_up, do_with_each
from cmpolicy.simulation.sweep import COUNTS, MONEY, sweep
from cmpolicy.staff.schema import NOT_APPRAISED
from cmpolicy.staff.synthetic import synthesize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from cmpolicy.simulation.forecast_result import Forecast
    from cmpolicy.simulation.partition_tasks import Figures, Job, Map
    from cmpolicy.staff.data import StaffData

_NOT_FORECAST = tuple(name for name in NOT_APPRAISED if name != "area")


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
    policy: Policy | None,
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
    policy = load_policy(ENACTED) if policy is None else policy
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
    quarters: int = 4,
    replicates: int = 1000,
    headcount: int | Sequence[int] | None = None,
    seed: int = 0,
    leavers_a_year: float | None = None,
    revenue_growth: float | None = None,
    base_growth: float | None = None,
    elasticity: float = 0.0,
    map: Map = map,  # noqa: A002 - what executors call it
    journal: str | Path | None = None,
) -> Forecast:
    """Say what the coming quarters of staff in partitions cost, and how sure that is.

    The partitions are read and appraised one by one, by whoever `map` gives them to. What futures are drawn from, some
    tens of bytes for each person and quarter, comes together here and stays in memory: anybody may succeed anybody.

    Parameters
    ----------
    folder, map
        As of `appraise_partitions`.
    policy, quarters, replicates, headcount, seed, leavers_a_year, revenue_growth, base_growth, elasticity
        As of `forecast`.
    journal
        A folder that keeps each partition's results and the futures that are drawn, as of `appraise_partitions`.

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
    asked = asked_for(
        policy,
        quarters=quarters,
        replicates=replicates,
        headcount=headcount,
        seed=seed,
        leavers_a_year=leavers_a_year,
        revenue_growth=revenue_growth,
        base_growth=base_growth,
        elasticity=elasticity,
    )
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


# -- what is done with a partition -----------------------------------------------


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
