"""How firm grades and ranks are: counts off by one (2.2-2.8), ranks from quarter to quarter, person against chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.regulation import grading, service
from cmpolicy.regulation.arithmetic import one_if
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.parameters import PARAMETERS, Parameter
from cmpolicy.regulation.service import MonthRecord
from cmpolicy.simulation.terms import MONTHS_A_QUARTER
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.terms import Version

LEAST_GROUP = 5
"""Figures of fewer people than these are not shown."""
QUARTERS_A_YEAR = 4


class Flips(NamedTuple):
    """How many grades hang on one event.

    Attributes
    ----------
    by_count : DataFrame
        One row a count and change: count, clause, change (+1 or -1), quarters (staff-quarters in one of whose months it
        could be so), flipped (those whose grade it changes in at least one month) and share. The figures of fewer
        people than are to be shown are absent.
    quarters : int
        Staff-quarters with a grade.
    flipped : (Q, n) bool
        Those whose grade some single count off by one would change.
    """

    by_count: pd.DataFrame
    quarters: int
    flipped: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """Share of the staff-quarters with a grade that hang on one event; NaN where there are none."""
        return int(self.flipped.sum()) / self.quarters if self.quarters else math.nan


def judged(outcome: Outcome) -> NDArray[np.bool_]:
    """(Q, n) bool: the staff-quarters with a score, without those whom the policy dismissed."""
    found: NDArray[np.bool_] = outcome.counted & outcome.arrays.scored
    return found


def flips(outcome: Outcome, least_group: int = LEAST_GROUP) -> Flips:
    """Tell how many quarter grades would change if one count of one month were one higher or one lower (2.2-2.8, 3.1).

    Every count of every assessed month is changed by itself, and the quarter graded again by the rules. A count of 0
    cannot be lower.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> found = flips(cm.appraise(cm.synthesize(staff=20, months=6, seed=1)))
    >>> bool(0 < found.share < 1)
    True
    """
    import pandas as pd

    graded = judged(outcome)
    hangs = np.zeros_like(graded)
    rows = []
    for name in MonthRecord._fields:
        parameter = parameter_of_count(name)
        for step in (1, -1):
            possible, changed = np.zeros_like(graded), np.zeros_like(graded)
            for version in outcome.versions:
                for quarter in range(version.start, version.stop):
                    for can, other in _regraded(outcome, version, quarter, name, step):
                        possible[quarter] |= can & graded[quarter]
                        changed[quarter] |= can & other & graded[quarter]
            hangs |= changed
            people, quarters, flipped = (int(found.sum()) for found in (possible.any(axis=0), possible, changed))
            shown = (quarters, flipped, flipped / quarters) if people >= max(least_group, 1) else (None, None, None)
            rows.append((name, parameter.clause, step, *shown))
    frame = pd.DataFrame(rows, columns=["count", "clause", "change", "quarters", "flipped", "share"])
    kinds = {"count": "str", "clause": "str", "quarters": "Int64", "flipped": "Int64", "share": "float64"}
    return Flips(frame.astype(kinds), int(graded.sum()), hangs)


def parameter_of_count(name: str) -> Parameter:
    """Give the points that a count of `months` is multiplied by.

    Examples
    --------
    >>> parameter_of_count("fault_a").clause
    '2.6'
    """
    path = f"points.{name}"
    return PARAMETERS[path if path in PARAMETERS else path[:-2]]  # three standards share the points of 2.4-2.6


def _regraded(
    outcome: Outcome, version: Version, quarter: int, name: str, step: int
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Give, for each month of a quarter, for whom the count can be so, and whose quarter grade is then another."""
    panel, arrays, terms = outcome.panel, outcome.arrays, version.terms
    reading, lowest = terms.readings.fraud_score, terms.bounds[-1]
    months = range(MONTHS_A_QUARTER * quarter, MONTHS_A_QUARTER * (quarter + 1))
    counts: list[Any] = [
        one_if(grading.counts_in_mean(panel.assessed[month], panel.fraud[month], reading)) for month in months
    ]
    in_mean, fraudulent = sum(counts), panel.fraud[months.start : months.stop].any(axis=0)
    for month, counted in zip(months, counts, strict=True):
        # Wide: one more than a narrow count can hold would wrap.
        record = MonthRecord(*(column[month].astype(np.int64) for column in panel.counts))
        value = getattr(record, name)
        edited = record._replace(**{name: value + step})
        points, readings = terms.points, terms.readings
        earned = service.month_score(edited, points, readings) - service.month_score(record, points, readings)
        score, fraud = arrays.month_score[month].astype(np.int64), panel.fraud[month]
        before, after = (grading.score_in_mean(one, fraud, lowest, reading) for one in (score, score + earned))
        moved = grading.mean_in_sixths((after - before) * counted, in_mean)
        grade = grading.quarter_grade(
            arrays.quarter_score[quarter] + moved, arrays.scored[quarter], fraudulent, terms.bounds_in_sixths, reading
        )
        yield panel.assessed[month] & (value + step >= 0), grade != arrays.quarter_grade[quarter]


def rank_stability(outcome: Outcome, least_group: int = LEAST_GROUP) -> pd.DataFrame:
    """Correlate the ranks by score of each two adjacent quarters, over the people who have a score in both (3.1).

    Returns
    -------
    DataFrame
        quarter (the later one), people and spearman: the rank correlation, equal scores sharing a rank. Absent where
        there are fewer people than `least_group`, or where all have the same score.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> rank_stability(cm.appraise(cm.synthesize(staff=20, months=9, seed=1)))["quarter"].size
    2
    """
    import pandas as pd

    panel, score, graded = outcome.panel, outcome.arrays.quarter_score, judged(outcome)
    rows = []
    for quarter in range(1, panel.quarters):
        both = graded[quarter] & graded[quarter - 1]
        first, second = score[quarter - 1, both], score[quarter, both]
        people, spearman = int(both.sum()), math.nan
        shown = people >= max(least_group, 2)
        if shown and np.ptp(first) and np.ptp(second):
            spearman = float(np.corrcoef(pd.Series(first).rank(), pd.Series(second).rank())[0, 1])
        name = str(period_names(np.array([panel.first_quarter + quarter]), "quarter")[0])
        rows.append((name, people if shown else None, spearman))
    frame = pd.DataFrame(rows, columns=["quarter", "people", "spearman"])
    return frame.astype({"quarter": "str", "people": "Int64", "spearman": "float64"})


def transitions(outcome: Outcome, least_group: int = LEAST_GROUP) -> pd.DataFrame:
    """Tell which grade follows which in the next quarter, as shares of a row (3.1).

    Returns
    -------
    DataFrame
        Index: the grade of a quarter; columns: quarters (how many), and the share of each grade in the next one. Rows
        with fewer people than `least_group` are absent values.
    """
    import pandas as pd

    graded = judged(outcome)
    names = list(dict.fromkeys(name for version in outcome.versions for name in version.policy.grade_names))
    both = graded[1:] & graded[:-1]
    quarter, person = np.nonzero(both)
    before, after = (
        outcome.grade_names(outcome.arrays.quarter_grade[number, person], number) for number in (quarter, quarter + 1)
    )
    frame = pd.DataFrame(math.nan, index=pd.Index(names, name="grade", dtype="str"), columns=["quarters", *names])
    people = np.array([len(np.unique(person[before == name])) for name in names])
    for name in [name for name, hidden in zip(names, too_few(people, least_group), strict=True) if not hidden]:
        rows = before == name
        number = int(rows.sum())
        shares = [float((after[rows] == other).mean()) if number else math.nan for other in names]
        frame.loc[name] = [number, *shares]
    return frame.astype({"quarters": "Int64"})


def too_few(people: NDArray[np.int64], least_group: int) -> NDArray[np.bool_]:
    """Tell which groups are not shown: those with too few people, and more where the total would give them away.

    What is left of a total when the groups that are shown are taken from it must itself be at least two groups and
    enough people; so the next smallest groups are not shown either until it is. A group without anybody hides nothing.

    Examples
    --------
    >>> too_few(np.array([9, 3, 7, 20]), 5).tolist()
    [False, True, True, False]
    """
    inhabited = people > 0
    hidden = inhabited & (people < least_group)
    if not hidden.any():
        return hidden
    for place in np.argsort(people, kind="stable"):
        if hidden.sum() > 1 and people[hidden].sum() >= least_group:
            break
        hidden[place] |= inhabited[place]
    return hidden


class Reliability(NamedTuple):
    """How much of the differences between quarter scores is the person's, and how much comes and goes.

    Attributes
    ----------
    people, quarters : int
    person, chance : float
        Variance between people and within a person, square points, after taking out what all had in a quarter.
    """

    people: int
    quarters: int
    person: float
    chance: float

    @property
    def share(self) -> float:
        """The person's share: the correlation to be expected of two quarters of one person."""
        total = self.person + self.chance
        return self.person / total if total else math.nan

    @property
    def of_a_year(self) -> float:
        """The same of the mean of four quarters (Spearman and Brown)."""
        return QUARTERS_A_YEAR * self.share / (1 + (QUARTERS_A_YEAR - 1) * self.share)


def reliability(outcome: Outcome) -> Reliability:
    """Split the variance of quarter scores into the person's and the rest: one-way analysis of variance (3.1).

    A quarter's mean is taken out first, so that the season is not counted as chance.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> found = reliability(cm.appraise(cm.synthesize(staff=40, months=24, seed=1)))
    >>> bool(0 < found.share < found.of_a_year < 1)
    True
    """
    graded = judged(outcome)
    quarter, person = np.nonzero(graded)
    score = outcome.arrays.quarter_score[quarter, person] / SIXTHS
    size = np.bincount(quarter, minlength=len(graded))
    mean = np.bincount(quarter, score, minlength=len(graded)) / np.maximum(size, 1)
    between, within = variance_components(score - mean[quarter], person)
    return Reliability(len(np.unique(person)), len(score), between, within)


def variance_components(values: NDArray[np.float64], group: NDArray[np.intp]) -> tuple[float, float]:
    """Estimate the variance between groups and within them (analysis of variance); NaN where it cannot be known.

    Examples
    --------
    >>> variance_components(np.array([1.0, 3.0, 11.0, 13.0]), np.array([0, 0, 1, 1]))
    (49.0, 2.0)
    """
    _, group, size = np.unique(group, return_inverse=True, return_counts=True)
    groups, number = len(size), len(values)
    if groups < 2 or number <= groups:
        return math.nan, math.nan
    mean = np.bincount(group, values) / size
    within = float(((values - mean[group]) ** 2).sum() / (number - groups))
    between = float((size * (mean - values.mean()) ** 2).sum() / (groups - 1))
    typical = (number - float((size**2).sum()) / number) / (groups - 1)
    return max(0.0, (between - within) / typical), within
