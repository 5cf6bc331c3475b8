"""Two policies on one data set, or two versions of the data under one policy: what changes, for whom, at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import PolicyError
from cmpolicy.messages import Message
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Change, Policy, PolicyBook, load_policy
from cmpolicy.simulation.appraise import CLAUSE_OF_COST, COST, Engine, Outcome, appraise
from cmpolicy.simulation.terms import MONTHS_A_QUARTER
from cmpolicy.staff.data import StaffData, period_names

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

NO_GRADE_NAME = "–"
"""Stands in a migration matrix for a record without a grade, or that one side does not have."""


def compare(
    data: StaffData,
    baseline: Policy | PolicyBook | None,
    reform: Policy | PolicyBook | Mapping[str, object] | StaffData,
    *,
    engine: Engine = "numpy",
) -> Comparison:
    """Compare a reform with a baseline, or two versions of the data under one policy.

    Parameters
    ----------
    data
        The staff data.
    baseline
        The policy to start from; None for the enacted regulation.
    reform
        Another policy, changes to the baseline under their paths, or another version of the data.
    engine
        As for `appraise`.

    Returns
    -------
    Comparison

    Raises
    ------
    PolicyError
        If the changes are not valid, or are given to a book of several versions.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=20, months=6, seed=1)
    >>> change = cm.compare(data, cm.load_policy("2007-06"), {"grades.A.quarterly_bonus": 3000})
    >>> bool(change.cost.loc["service_bonus", "difference"] >= 0)
    True
    """
    baseline = load_policy(ENACTED) if baseline is None else baseline
    if isinstance(reform, StaffData):
        return Comparison(appraise(data, baseline, engine=engine), appraise(reform, baseline, engine=engine))
    if isinstance(reform, Mapping):
        if isinstance(baseline, PolicyBook):
            raise PolicyError(Message("Changes apply to one policy; for a book of versions give another book."))
        reform = baseline.with_changes(reform)
    return Comparison(appraise(data, baseline, engine=engine), appraise(data, reform, engine=engine))


class Comparison:
    """What differs between two outcomes.

    Attributes
    ----------
    baseline, reform : Outcome
    """

    def __init__(self, baseline: Outcome, reform: Outcome) -> None:
        self.baseline = baseline
        self.reform = reform

    @property
    def changes(self) -> list[Change]:
        """The values that differ between the two policies; empty for books of versions and for one policy."""
        before, after = self.baseline.policy, self.reform.policy
        return before.diff(after) if isinstance(before, Policy) and isinstance(after, Policy) else []

    @property
    def is_of_data(self) -> bool:
        """Whether two versions of the data are compared under one policy, rather than two policies.

        Examples
        --------
        >>> import cmpolicy as cm
        >>> earlier, later = (cm.synthesize(staff=5, months=3, seed=seed) for seed in (1, 2))
        >>> cm.compare(earlier, cm.load_policy("2007-06"), later).is_of_data
        True
        """
        return self.baseline.data is not self.reform.data and self.baseline.policy is self.reform.policy

    @cached_property
    def unmatched(self) -> Message | None:
        """Who is in one version of the data only, and so loses or wins all; None where both have the same people.

        Examples
        --------
        >>> import cmpolicy as cm
        >>> five, six = (cm.synthesize(staff=staff, months=3, seed=1) for staff in (5, 6))
        >>> print(cm.compare(five, cm.load_policy("2007-06"), six).unmatched)
        Staff ids only in the earlier data: 0; only in the later: 1. All their money counts as lost or as won.
        """
        if self.baseline.data is self.reform.data:
            return None
        earlier, later = (set(outcome.panel.staff_ids) for outcome in (self.baseline, self.reform))
        if earlier == later:
            return None
        if not earlier & later:
            return Message(
                "The earlier and the later data have no staff id in common, so nobody is held against themselves: all "
                "money of the earlier counts as lost, all of the later as won. Are the staff ids written alike?"
            )
        return Message(
            "Staff ids only in the earlier data: {earlier}; only in the later: {later}. All their money counts as lost "
            "or as won.",
            earlier=f"{len(earlier - later):,}",
            later=f"{len(later - earlier):,}",
        )

    @cached_property
    def quarter_migration(self) -> pd.DataFrame:
        """Staff-quarters by grade before (rows) and after (columns)."""
        return self._migration("quarters")

    @cached_property
    def month_migration(self) -> pd.DataFrame:
        """Staff-months by grade before (rows) and after (columns)."""
        return self._migration("months")

    @cached_property
    def cost(self) -> pd.DataFrame:
        """Yuan by component, with its clause: baseline, reform, difference. Index: component."""
        import pandas as pd

        before, after = self.baseline.cost, self.reform.cost
        rows = [
            (name, CLAUSE_OF_COST[name], before[name] / FEN_PER_YUAN, after[name] / FEN_PER_YUAN,
             (after[name] - before[name]) / FEN_PER_YUAN)
            for name in COST
        ]  # fmt: skip
        columns = ["component", "clause", "baseline", "reform", "difference"]
        return pd.DataFrame(rows, columns=columns).set_index("component")

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Observed staff-quarters, dismissed people and staff-quarters after a dismissal, before and after."""
        import pandas as pd

        before, after = self.baseline.standing_counts, self.reform.standing_counts
        rows = [(name, before[name], after[name], after[name] - before[name]) for name in before]
        return pd.DataFrame(rows, columns=["standing", "baseline", "reform", "difference"]).set_index("standing")

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a person: money (payout + cash effect, yuan), quarters graded better and worse, and standing.

        `standing_baseline` and `standing_reform` are those at the end: "left" for someone dismissed. Sorted by
        difference, the largest loss first.
        """
        import pandas as pd

        ids = list(dict.fromkeys([*self.baseline.panel.staff_ids, *self.reform.panel.staff_ids]))
        before, after = _by_person(self.baseline, ids), _by_person(self.reform, ids)
        better, worse = self._regraded(ids)
        frame = pd.DataFrame(
            {
                "staff_id": pd.Series(ids, dtype="str"),
                "baseline": before["money"] / FEN_PER_YUAN,
                "reform": after["money"] / FEN_PER_YUAN,
                "difference": (after["money"] - before["money"]) / FEN_PER_YUAN,
                "quarters_better": better,
                "quarters_worse": worse,
                "standing_baseline": before["standing"],
                "standing_reform": after["standing"],
            }
        )
        for outcome in (self.baseline, self.reform):
            place = {staff_id: number for number, staff_id in enumerate(outcome.panel.staff_ids)}
            known = np.array([place.get(staff_id, -1) for staff_id in ids])
            for name, values in outcome.data.people_columns(np.maximum(known, 0)).items():
                text = pd.Series(values, dtype="str").where(known >= 0)
                frame[name] = frame[name].fillna(text) if name in frame else text
        return frame.sort_values(["difference", "staff_id"], kind="stable", ignore_index=True)

    @property
    def losers(self) -> pd.DataFrame:
        """People with less money under the reform, the largest loss first."""
        return self.people[self.people["difference"] < 0]

    @property
    def winners(self) -> pd.DataFrame:
        """People with more money under the reform, the largest gain first."""
        gained = self.people[self.people["difference"] > 0]
        return gained.sort_values(["difference", "staff_id"], ascending=[False, True], kind="stable")

    @cached_property
    def corrections(self) -> pd.DataFrame:
        """Staff-quarters that differ in score, grade, payout or standing: what a correction changes."""
        import pandas as pd

        columns = ["score", "grade", "payout", "standing"]
        sides = [
            outcome.quarters.set_index(["staff_id", "quarter"])[columns] for outcome in (self.baseline, self.reform)
        ]
        joined = sides[0].add_suffix("_baseline").join(sides[1].add_suffix("_reform"), how="outer")
        same = pd.Series(data=True, index=joined.index)
        for column in columns:
            before, after = joined[f"{column}_baseline"], joined[f"{column}_reform"]
            same &= (before == after) | (before.isna() & after.isna())
        return joined[~same].reset_index()

    @property
    def why_not_attributed(self) -> Message | None:
        """Why the difference cannot be attributed to settings and grades; None where it can."""
        from cmpolicy.simulation.attribution import why_not_attributed

        return why_not_attributed(self.baseline, self.reform)

    @cached_property
    def attribution(self) -> pd.DataFrame:
        """What each changed setting brings of the cost difference; see `attribute_cost`.

        Raises
        ------
        PolicyError
            For two versions of the data and for books of versions.
        """
        from cmpolicy.simulation.attribution import attribute_cost

        return attribute_cost(self.baseline, self.reform)

    @property
    def attribution_notes(self) -> list[Message]:
        """What to know of `attribution`: settings that were changed together, orders that were drawn."""
        from cmpolicy.simulation.attribution import attribution_notes

        before, after = self.baseline.policy, self.reform.policy
        return attribution_notes(before, after) if isinstance(before, Policy) and isinstance(after, Policy) else []

    @cached_property
    def by_grade(self) -> pd.DataFrame:
        """The cost difference by grades before and after: people moving, and amounts; see `cost_by_grade`.

        Raises
        ------
        PolicyError
            For two versions of the data and for books of versions.
        """
        from cmpolicy.simulation.attribution import cost_by_grade

        return cost_by_grade(self.baseline, self.reform)

    @cached_property
    def by_area(self) -> pd.DataFrame:
        """The cost difference by area; see `cost_by_area`."""
        from cmpolicy.simulation.attribution import cost_by_area

        return cost_by_area(self.baseline, self.reform)

    @cached_property
    def regraded(self) -> pd.DataFrame:
        """Staff-quarters with another grade: staff_id, quarter, score, grades before and after, then name and area.

        The score is the reform's, points; NaN where it has none. For two policies on the same data; see `corrections`
        for two versions of it.
        """
        import pandas as pd

        before, after = grades_of(self.baseline, "quarters"), grades_of(self.reform, "quarters")
        panel, arrays = self.reform.panel, self.reform.arrays
        names = [*dict.fromkeys((*before.names, *after.names)), NO_GRADE_NAME]  # the two sides may name others
        first, second = (
            np.array([names.index(name) for name in (*side.names, NO_GRADE_NAME)])[side.grade]
            for side in (before, after)
        )
        person, quarter = np.nonzero(((first != second) & (before.counted | after.counted)).T)
        numbers = panel.first_quarter + quarter
        columns: dict[str, Any] = {
            "staff_id": pd.Series(panel.staff_ids[person], dtype="str"),
            "quarter": pd.Series(period_names(numbers, "quarter"), dtype="str"),
            "score": np.where(arrays.scored, arrays.quarter_score / SIXTHS, np.nan)[quarter, person],
        }
        for column, place in (("grade_baseline", first), ("grade_reform", second)):
            columns[column] = pd.Series(np.array(names, dtype=object)[place[quarter, person]], dtype="str")
        for name, values in self.reform.data.people_columns(person, numbers, "quarter").items():
            columns[name] = pd.Series(values, dtype="str")
        return pd.DataFrame(columns)

    @property
    def notes(self) -> tuple[Message, ...]:
        """Who is in one version of the data only, then the notes of both outcomes, each once."""
        unmatched = () if self.unmatched is None else (self.unmatched,)
        return tuple(dict.fromkeys((*unmatched, *self.baseline.notes, *self.reform.notes)))

    def _migration(self, table: str) -> pd.DataFrame:
        import pandas as pd

        before, after = grades_of(self.baseline, table), grades_of(self.reform, table)
        if self.baseline.panel is self.reform.panel:
            pairs = [(before.grade, after.grade, before.counted | after.counted)]
        else:
            pairs = [_matched(self.baseline, before, self.reform, after)]
        rows, columns = before.names, after.names
        matrix = np.zeros((len(rows) + 1, len(columns) + 1), dtype=np.int64)
        for first, second, counted in pairs:
            place = first[counted] * (len(columns) + 1) + second[counted]
            matrix += np.bincount(place, minlength=matrix.size).reshape(matrix.shape)
        frame = pd.DataFrame(
            matrix,
            index=pd.Index([*rows, NO_GRADE_NAME], name="baseline"),
            columns=pd.Index([*columns, NO_GRADE_NAME], name="reform"),
        )
        if not matrix[-1].any():
            frame = frame.iloc[:-1]
        return frame if matrix[:, -1].any() else frame.iloc[:, :-1]

    def _regraded(self, ids: list[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Count each person's quarters with a better and with a worse grade, by rank from the best."""
        before, after = _ranks(self.baseline), _ranks(self.reform)
        if self.baseline.panel is self.reform.panel:
            first, second, counted = before.grade, after.grade, before.counted & after.counted
        else:
            first, second, counted = _matched(self.baseline, before, self.reform, after, ids)
        graded = counted & (first < len(before.names)) & (second < len(after.names))
        return (graded & (second < first)).sum(axis=0), (graded & (second > first)).sum(axis=0)

    def __repr__(self) -> str:
        before, after = self.baseline.cost["cost"], self.reform.cost["cost"]
        difference = (after - before) / FEN_PER_YUAN
        return f"<Comparison: cost {difference:+,.2f} yuan, {len(self.winners)} win, {len(self.losers)} lose>"


class Grades:
    """Grades of months or quarters by place among all names; the last place is no grade."""

    def __init__(self, names: list[str], grade: NDArray[np.int64], counted: NDArray[np.bool_], first: int) -> None:
        self.names = names
        self.grade = grade
        self.counted = counted
        self.first = first


def grades_of(outcome: Outcome, table: str) -> Grades:
    """Give the grades of "months" or "quarters", arrays of shape (M or Q, n)."""
    names = list(dict.fromkeys(name for version in outcome.versions for name in version.policy.grade_names))
    step = MONTHS_A_QUARTER if table == "months" else 1
    array = outcome.arrays.month_grade if table == "months" else outcome.arrays.quarter_grade
    grade = np.empty(array.shape, dtype=np.int64)
    for version in outcome.versions:
        place = np.array([*(names.index(name) for name in version.policy.grade_names), len(names)])
        part = slice(step * version.start, step * version.stop)
        grade[part] = place[array[part]]
    counted = outcome.counted
    if table == "months":
        counted = np.repeat(counted, MONTHS_A_QUARTER, axis=0) & outcome.panel.assessed
    grade[~counted] = len(names)
    panel = outcome.panel
    return Grades(names, grade, counted, panel.first_month if table == "months" else panel.first_quarter)


def _ranks(outcome: Outcome) -> Grades:
    """Rank the quarters' grades from the best, each within the version in force; the last place is no grade."""
    grade = outcome.arrays.quarter_grade.astype(np.int64)
    names = [str(rank) for rank in range(max(len(version.policy.grades) for version in outcome.versions))]
    grade[~outcome.counted | (grade == NO_GRADE)] = len(names)
    return Grades(names, grade, outcome.counted, outcome.panel.first_quarter)


def _matched(
    baseline: Outcome, before: Grades, reform: Outcome, after: Grades, ids: list[Any] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Lay two outcomes of different data over one grid of periods and people."""
    ids = ids or list(dict.fromkeys([*baseline.panel.staff_ids, *reform.panel.staff_ids]))
    place = {staff_id: number for number, staff_id in enumerate(ids)}
    first = min(before.first, after.first)
    end = max(before.first + len(before.grade), after.first + len(after.grade))
    grids = []
    counted = np.zeros((end - first, len(ids)), dtype=np.bool_)
    for outcome, side in ((baseline, before), (reform, after)):
        grid = np.full(counted.shape, len(side.names), dtype=np.int64)
        rows = slice(side.first - first, side.first - first + len(side.grade))
        people = [place[staff_id] for staff_id in outcome.panel.staff_ids]
        grid[rows, people] = side.grade
        counted[rows, people] |= side.counted
        grids.append(grid)
    return grids[0], grids[1], counted


def _by_person(outcome: Outcome, ids: list[Any]) -> dict[str, NDArray[Any]]:
    """Sum each person's money in fen and give the standing at the end, for people in this order."""
    arrays = outcome.arrays
    money = np.where(outcome.quarter_rows, arrays.payout, 0).sum(axis=0)
    money += np.where(outcome.year_rows, arrays.cash_effect, 0).sum(axis=0)
    final = np.full(outcome.panel.people, "regular", dtype=object)
    last = arrays.standing[-1]
    final[last == 1] = "observation"
    final[(last == 2) | arrays.dismissal_due.any(axis=0)] = "left"
    place = {staff_id: number for number, staff_id in enumerate(outcome.panel.staff_ids)}
    known = np.array([place.get(staff_id, -1) for staff_id in ids])
    return {
        "money": np.where(known >= 0, money[known], 0),
        "standing": np.where(known >= 0, final[known], ""),
    }
