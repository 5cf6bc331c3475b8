"""Many scenarios at once: what a policy costs and how it grades people, for every combination of changed values."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import PolicyError, Problem
from cmpolicy.messages import Message, list_of
from cmpolicy.progress import bar
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Policy, PolicyBook, load_policy, parameter_of
from cmpolicy.regulation.readings import READINGS
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.journal import Keeper, content_of
from cmpolicy.simulation.statistics import Scenarios, Totals, statistics_of, totals_of, why_appraise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData

MONEY = ("service_bonus", "revenue_bonus", "payout", "award", "cash_effect", "cost")
COUNTS = ("observed", "dismissed", "floor_binding")
MOST_SCENARIOS = 1_000_000
APPRAISED_TOGETHER = 10
"""How many scenarios are appraised between two entries of a journal."""


def sweep(
    data: StaffData,
    policy: Policy | None,
    changes: Mapping[str, Iterable[object]] | Iterable[Mapping[str, object]],
    *,
    draws: int | None = None,
    seed: int = 0,
    journal: str | Path | None = None,
) -> pd.DataFrame:
    """Appraise staff data under many changes of a policy.

    Parameters
    ----------
    data
        The staff data.
    policy
        The policy that is changed; None is the enacted regulation.
    changes
        A grid: under each path the values to try. Every combination is a scenario; the last path varies fastest.
        Or a list of patches: under each path one value. Every patch is a scenario; what it leaves out is as in the
        policy. The paths are those of `policy.paths()`.
    draws
        So many scenarios drawn from the grid, each value by itself and each as likely, instead of every combination.
    seed
        Of the draws.
    journal
        A folder that keeps what is finished, so that a run which was interrupted goes on where it was. What it keeps is
        used again only for the same data, policies and program.

    Returns
    -------
    DataFrame
        One row a scenario: the values under their paths; in yuan `service_bonus`, `revenue_bonus`, `payout`, `award`,
        `cash_effect` and `cost` (payout and cash effect together); staff-quarters and staff-months of each grade
        (`quarter_grade_A`, …, `month_grade_A`, …); staff-quarters under observation (`observed`), people dismissed
        (`dismissed`) and staff-quarters whose penalty is limited (`floor_binding`). All is exactly as `appraise` has
        it.

        Scenarios in which the bounds do not fall from grade to grade are left out. `attrs["skipped"]` of the frame
        counts them, `attrs["notes"]` says so, `attrs["policy"]` has the policy's own values under the paths, and
        `attrs["seed"]` is the seed of draws.

    Raises
    ------
    PolicyError
        With every problem: nothing to vary, an unknown path, a value that is not valid, too many scenarios or none
        left, a book of versions in place of a policy.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=50, months=6, seed=1)
    >>> grid = {"grades.A.from": range(108, 113), "grades.A.quarterly_bonus": [2500, 3000]}
    >>> frame = cm.sweep(data, cm.load_policy("2007-06"), grid)
    >>> len(frame), list(frame.columns[:3])
    (10, ['grades.A.from', 'grades.A.quarterly_bonus', 'service_bonus'])
    """
    policy = load_policy(ENACTED) if policy is None else policy
    if isinstance(policy, PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; for a book of versions give another book."))
    plan = _grid(policy, changes, draws, seed) if isinstance(changes, Mapping) else _patches(policy, changes, draws)
    falling = np.flatnonzero((np.diff(_bounds(policy, plan)) < 0).all(axis=1))
    total, skipped = plan.size, plan.size - len(falling)
    if skipped == total:
        raise PolicyError(
            Message(
                "No scenario is left: in all {total}, some grade's bound is not below the better grade's (3.1).",
                total=total,
            )
        )
    plan = plan.take(falling)
    frame = _frame(policy, plan, _totals(data, policy, plan, journal))
    frame.attrs = {"skipped": skipped, "notes": [str(left_out(skipped, total))] if skipped else []}
    frame.attrs["policy"] = {path: _plain(policy.get(path)) for path in plan.listed}
    if draws is not None:
        frame.attrs["seed"] = seed
    return frame


def left_out(count: int, total: int) -> Message:
    """Say how many scenarios are left out, and why.

    Examples
    --------
    >>> print(left_out(1, 20))
    Scenarios left out: 1 of 20; some grade's bound is not below the better grade's there (3.1).
    """
    return Message(
        "Scenarios left out: {count} of {total}; some grade's bound is not below the better grade's there (3.1).",
        count=f"{count:,}",
        total=f"{total:,}",
    )


class _Plan(NamedTuple):
    """P scenarios: the values that occur under each path, and the place of each scenario's own among them, (P,)."""

    listed: dict[str, list[Any]]
    choices: dict[str, NDArray[np.intp]]

    @property
    def size(self) -> int:
        return len(next(iter(self.choices.values())))

    def take(self, rows: NDArray[np.intp]) -> _Plan:
        return _Plan(self.listed, {path: choice[rows] for path, choice in self.choices.items()})

    def changes(self, row: int, paths: Iterable[str]) -> dict[str, Any]:
        """Give the values of one scenario under some of the paths."""
        return {path: self.listed[path][self.choices[path][row]] for path in paths}

    def values(self, rows: NDArray[np.intp]) -> dict[str, list[Any]]:
        """Give the values of some scenarios under every path."""
        return {path: [self.listed[path][place] for place in choice[rows]] for path, choice in self.choices.items()}

    def groups(self, rows: NDArray[np.intp], paths: Iterable[str]) -> list[NDArray[np.intp]]:
        """Put together those scenarios that agree under some of the paths."""
        code = np.zeros(len(rows), dtype=np.intp)
        for path in paths:
            _, code = np.unique(code * len(self.listed[path]) + self.choices[path][rows], return_inverse=True)
        order = np.argsort(code, kind="stable")
        return np.split(rows[order], np.flatnonzero(np.diff(code[order])) + 1)


# -- what to appraise ----------------------------------------------------------


def _grid(policy: Policy, grid: Mapping[str, Iterable[object]], draws: int | None, seed: int) -> _Plan:
    """Combine the values of a grid, or draw from it."""
    values: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    for path, entries in grid.items():
        if isinstance(entries, str) or not isinstance(entries, Iterable):
            example = Message("a list of values, such as [{value}]", value=entries)
            problems.append(Problem(Message("{path} has no list of values.", path=path), expected=example))
            continue
        listed = list(entries)
        if not listed:
            problems.append(Problem(Message("{path} has an empty list of values.", path=path)))
        values[path] = _read(policy, path, listed, problems)
    lengths = [len(listed) for listed in values.values()]
    if draws is None:
        problems += _too_many(math.prod(lengths))
    else:
        problems += _out_of_range("draws", draws, 1, MOST_SCENARIOS) + _out_of_range("seed", seed, 0, 2**63 - 1)
    _refuse(problems, anything=bool(grid))
    if draws is None:
        places = np.unravel_index(np.arange(math.prod(lengths)), lengths)
    else:
        rng = np.random.default_rng(seed)
        places = tuple(rng.integers(0, length, draws) for length in lengths)
    return _Plan(values, dict(zip(values, places, strict=True)))


def _patches(policy: Policy, patches: Iterable[Mapping[str, Any]], draws: int | None) -> _Plan:
    """Lay patches out by path. What a patch leaves out is as in the policy."""
    every = list(patches) if isinstance(patches, Iterable) and not isinstance(patches, str) else [patches]
    problems = _too_many(len(every))
    wanted = Message("values under their paths")
    for row, patch in enumerate(every, start=1):
        if not isinstance(patch, Mapping):
            problems.append(Problem(Message("This is no patch."), row=row, value=str(patch), expected=wanted))
    if draws is not None:
        problems.append(Problem(Message("Scenarios are drawn from a grid, not from a list of patches.")))
    _refuse(problems, anything=any(every))
    plan = _Plan({}, {})
    for path in dict.fromkeys(path for patch in every for path in patch):
        rows = [row for row, patch in enumerate(every) if path in patch]
        read = _read(policy, path, [every[row][path] for row in rows], problems, rows)
        if not problems:
            as_it_is = policy.get(path)
            place = {value: number for number, value in enumerate(dict.fromkeys([as_it_is, *read]))}
            plan.listed[path] = list(place)
            plan.choices[path] = np.full(len(every), place[as_it_is])
            plan.choices[path][rows] = [place[value] for value in read]
    _refuse(problems)
    return plan


def _read(
    policy: Policy, path: str, entries: list[Any], problems: list[Problem], rows: list[int] | None = None
) -> list[Any]:
    """Turn entries into exact numbers, or options of a reading; report an unknown path and what is not valid."""
    try:
        policy.get(path)
    except PolicyError as error:
        problems += error.problems
        return entries
    room, _, setting = path.partition(".")
    if room == "readings":
        options = list(READINGS[setting].__members__)
        values = [entry if entry in options else None for entry in entries]
        expected = Message("one of {options}", options=list_of(options))
    else:
        parameter = parameter_of(path)
        values = [parameter.read(entry.item() if isinstance(entry, np.generic) else entry) for entry in entries]
        expected = parameter.expected
    text = Message("{path} has a value that is not valid.", path=path)
    for place, (entry, value) in enumerate(zip(entries, values, strict=True)):
        if value is None:
            row = rows[place] + 1 if rows else None
            problems.append(Problem(text, row=row, value=str(entry), expected=expected))
    return values


def _too_many(scenarios: int) -> list[Problem]:
    if scenarios <= MOST_SCENARIOS:
        return []
    most = Message("at most {most}; draws take some of them", most=f"{MOST_SCENARIOS:,}")
    return [Problem(Message("There are too many scenarios."), value=f"{scenarios:,}", expected=most)]


def _out_of_range(name: str, number: object, lowest: int, highest: int) -> list[Problem]:
    if isinstance(number, int) and not isinstance(number, bool) and lowest <= number <= highest:
        return []
    wanted = Message("a whole number from {lowest} to {highest}", lowest=f"{lowest:,}", highest=f"{highest:,}")
    return [Problem(Message("{name} cannot be set so.", name=name), value=str(number), expected=wanted)]


def _refuse(problems: list[Problem], *, anything: bool = True) -> None:
    if problems:
        raise PolicyError(Message("The sweep cannot be made so."), problems)
    if not anything:
        raise PolicyError(
            Message("A sweep needs something to vary: values under paths, such as grades.A.from with 108, 110 and 112.")
        )


# -- appraising it -------------------------------------------------------------


def _bounds(policy: Policy, plan: _Plan) -> NDArray[np.int64]:
    """Give the bounds of all scenarios, (P, G - 1), points."""
    return np.column_stack([_numbers(policy, plan, f"grades.{name}.from") for name in policy.grade_names[:-1]])


def _amounts(policy: Policy, plan: _Plan, column: str) -> NDArray[np.int64]:
    """Give the amounts of all scenarios, (P, G), fen."""
    paths = (f"grades.{name}.{column}" for name in policy.grade_names)
    return np.column_stack([_numbers(policy, plan, path, FEN_PER_YUAN) for path in paths])


def _numbers(policy: Policy, plan: _Plan, path: str, factor: int = 1) -> NDArray[np.int64]:
    values = plan.listed.get(path, [policy.get(path)])
    choice = plan.choices.get(path, np.zeros(plan.size, dtype=np.intp))
    return np.array([int(value * factor) for value in values], dtype=np.int64)[choice]


def _totals(data: StaffData, policy: Policy, plan: _Plan, journal: str | Path | None) -> Totals:
    """Appraise all scenarios: by statistics where several share points and readings, else one by one."""
    kept = None if journal is None else Keeper(journal, (policy, content_of(data.contents), data.whole))
    found = _empty(plan.size, len(policy.grades))
    with bar(Message("scenarios"), total=plan.size) as advance:
        for rows, answer in _portions(data, policy, plan):
            if kept is None:
                totals = answer()
            else:
                entry = kept.get_or_make(plan.values(rows), functools.partial(_arrays_of, answer))
                totals = Totals(**entry)
            for column, values in zip(found, totals, strict=True):
                column[rows] = values
            advance(len(rows))
    return found


def _portions(data: StaffData, policy: Policy, plan: _Plan) -> Iterator[tuple[NDArray[np.intp], Callable[[], Totals]]]:
    """Divide the scenarios into those that are answered together, each with what answers them."""
    scenarios = Scenarios(
        _bounds(policy, plan),
        _amounts(policy, plan, "quarterly_bonus"),
        _amounts(policy, plan, "monthly_award"),
        policy.revenue_ratio,
    )
    revenue = [path for path in plan.listed if path.startswith("revenue.")]
    others = [path for path in plan.listed if not path.startswith(("grades.", "revenue."))]
    for alike in plan.groups(np.arange(plan.size), others):
        base = policy.with_changes(plan.changes(alike[0], others))
        if len(alike) > 1 and why_appraise(base) is None:
            for rows in plan.groups(alike, revenue):
                ratio = base.with_changes(plan.changes(rows[0], revenue)).revenue_ratio
                of_rows = scenarios.part(rows)._replace(revenue_ratio=ratio)
                yield rows, functools.partial(_by_statistics, data, base, of_rows)
        else:
            for rows in np.array_split(alike, -(-len(alike) // APPRAISED_TOGETHER)):
                policies = (policy.with_changes(plan.changes(row, plan.listed)) for row in rows)
                yield rows, functools.partial(_one_by_one, data, policies)


def _arrays_of(answer: Callable[[], Totals]) -> dict[str, NDArray[Any]]:
    return answer()._asdict()


def _by_statistics(data: StaffData, base: Policy, scenarios: Scenarios) -> Totals:
    return statistics_of(data, base).sweep(scenarios)


def _one_by_one(data: StaffData, policies: Iterable[Policy]) -> Totals:
    each = [totals_of(appraise(data, policy)) for policy in policies]
    return Totals(*(np.array(values) for values in zip(*each, strict=True)))


def _empty(scenarios: int, grades: int) -> Totals:
    grids = {name: np.zeros((scenarios, grades), dtype=np.int64) for name in ("quarter_grades", "month_grades")}
    return Totals(**grids, **{name: np.zeros(scenarios, np.int64) for name in Totals._fields if name not in grids})


# -- the table -----------------------------------------------------------------


def _frame(policy: Policy, plan: _Plan, totals: Totals) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, Any] = {}
    for path, values in plan.listed.items():
        shown = pd.Series([_plain(value) for value in values])
        columns[path] = shown.take(plan.choices[path]).array
    columns |= {name: getattr(totals, name) / FEN_PER_YUAN for name in MONEY}
    for kind in ("quarter", "month"):
        counts = getattr(totals, f"{kind}_grades")
        columns |= {f"{kind}_grade_{name}": counts[:, place] for place, name in enumerate(policy.grade_names)}
    columns |= {name: getattr(totals, name) for name in COUNTS}
    return pd.DataFrame(columns)


def _plain(value: Any) -> Any:
    """Give an exact amount as a float, which tables and files take; everything else as it is."""
    return float(value) if isinstance(value, Decimal) else value
