"""Do people gather just above a grade's bound? A test of history for each bound (3.1).

Scores of quarters lie on a lattice of thirds, and not every third is as likely as the next. So staff-quarters are
counted in bins of a whole point from the bound, each of which holds every third once. A cubic through the bins further
out, fitted by least squares, says how many would be expected in the two bins at the bound; what is more in the upper
than in the lower one, and not expected so, was moved. That is a weighted count, so each person has a part in it, and
people, not staff-quarters, are drawn again for the interval: a person's quarters are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.simulation.appraise import Outcome

REACH = 6
"""So many points to each side of a bound are looked at."""
DEGREE = 3
FEWEST = 30
"""Staff-quarters within a point of a bound, below which nothing is said."""
LEAST_SHARE = 0.02
"""Of those just above a bound: fewer moved than that is no finding, however many people make the interval narrow."""
_GROUPS = 400
_DRAWS = 4_000
_LEVEL = 0.05


def bunching(outcome: Outcome, *, seed: int = 0) -> pd.DataFrame:
    """Test whether people gather just above each bound of a policy.

    Quarters with three assessed months, without fraud and with something recorded take part: where nothing happens
    people gather by themselves at the score with which every month starts, which may be a bound. The intervals hold for
    all bounds at once, at 95 % (Bonferroni). Bunching says that scores were moved, not by whom, nor that it was wrong:
    an honest last effort does it too.

    Parameters
    ----------
    outcome
    seed
        Of the people drawn again; the same seed gives the same interval.

    Returns
    -------
    DataFrame
        policy, grade, bound (points), below and above (staff-quarters within a point below the bound, and from it to a
        point above), expected_below and expected_above, moved_over (staff-quarters that stand above and would be
        expected below) with low and high, its interval, and found: whether the interval lies above 0 and `LEAST_SHARE`
        of those above were moved. Where there are fewer than `FEWEST` staff-quarters, everything from expected_below
        on is empty, and nothing is found.

    Notes
    -----
    After Kleven (2016), Bunching, Annual Review of Economics 8, with bins that suit the lattice and people drawn again
    instead of bins.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> frame = bunching(cm.appraise(cm.synthesize(staff=200, months=12, seed=1)), seed=1)
    >>> frame["found"].tolist()
    [False, False, False, False]
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    parts = []
    for version in outcome.versions:
        quarters = slice(version.start, version.stop)
        score, taken = _taken(outcome, quarters)
        for place, lower_bound in enumerate(version.terms.bounds_in_sixths):
            row, part = _at_bound(score, taken, lower_bound)
            rows.append({"policy": version.policy.id, "grade": version.policy.grade_names[place]} | row)
            rows[-1]["bound"] = lower_bound / SIXTHS
            parts.append(part)
    low, high = _interval(np.array(parts), np.random.default_rng(seed))
    for place, row in enumerate(rows):
        known = row["below"] + row["above"] >= FEWEST
        row.update({"low": low[place], "high": high[place]} if known else dict.fromkeys(_ESTIMATED, np.nan))
        row["found"] = bool(known and row["low"] > 0 and row["moved_over"] >= LEAST_SHARE * row["above"])
    return pd.DataFrame(rows, columns=["policy", "grade", "bound", "below", "above", *_ESTIMATED, "found"])


_ESTIMATED = ("expected_below", "expected_above", "moved_over", "low", "high")


def _taken(outcome: Outcome, quarters: slice) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give scores in sixths and which of them take part, (quarters, people)."""
    arrays, panel = outcome.arrays, outcome.panel
    months = slice(MONTHS_A_QUARTER * quarters.start, MONTHS_A_QUARTER * quarters.stop)

    def in_any_month(column: NDArray[Any]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = np.any(column[months].reshape(-1, MONTHS_A_QUARTER, panel.people), axis=1)
        return found

    whole = arrays.months_assessed[quarters] == MONTHS_A_QUARTER
    recorded = np.logical_or.reduce([in_any_month(column) for column in panel.counts])
    taken = outcome.counted[quarters] & arrays.scored[quarters] & whole & recorded & ~in_any_month(panel.fraud)
    return arrays.quarter_score[quarters].astype(np.int64), taken


def _weights() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the weights of the bins with which a cubic predicts the bin below the bound and the one above it."""
    middles = np.arange(-REACH, REACH) + 0.5
    outer = np.abs(middles) > 1
    powers = np.vander(middles, DEGREE + 1)
    predicted = np.zeros((2, len(middles)))
    predicted[:, outer] = powers[~outer] @ np.linalg.pinv(powers[outer])
    return predicted[0], predicted[1]


def _at_bound(
    score: NDArray[np.int64], taken: NDArray[np.bool_], lower_bound: int
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Count around a bound; give the counts, and the part of each person in what was moved."""
    bin_of = (score - lower_bound) // SIXTHS + REACH
    near = taken & (bin_of >= 0) & (bin_of < 2 * REACH)
    _, person = np.nonzero(near)
    bins = bin_of[near]
    counts = np.bincount(bins, minlength=2 * REACH)
    below, above = _weights()
    weights = below - above
    weights[REACH] += 1
    weights[REACH - 1] -= 1
    part = np.bincount(person, weights=weights[bins] / 2, minlength=score.shape[1]).astype(np.float64)
    row: dict[str, Any] = {
        "below": int(counts[REACH - 1]),
        "above": int(counts[REACH]),
        "expected_below": float(counts @ below),
        "expected_above": float(counts @ above),
        "moved_over": float(part.sum()),
    }
    return row, part


def _interval(parts: NDArray[np.float64], rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw people again, by groups that chance makes where there are many; (bounds, people) parts."""
    people = parts.shape[1]
    groups = min(_GROUPS, people)
    group = rng.permutation(people) % groups
    sums = np.stack([np.bincount(group, weights=part, minlength=groups) for part in parts])
    drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=_DRAWS) @ sums.T
    tail = _LEVEL / 2 / len(parts)
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return low, high
