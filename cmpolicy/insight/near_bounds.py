"""Who stands close to a grade's bound, above or below it (3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.simulation.appraise import Outcome


def near_bounds(outcome: Outcome, points: int) -> pd.DataFrame:
    """List the staff-quarters whose score is within so many points of the lower bound of a grade.

    Parameters
    ----------
    outcome
    points
        How near, in points of the quarter's score; 0 lists those exactly on a bound.

    Returns
    -------
    DataFrame
        staff_id, quarter, score, grade, bound (points) and distance (points, negative below the bound), then name and
        area where known; the nearest first. Those whom the policy dismissed are left out.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> near = near_bounds(cm.appraise(cm.synthesize(staff=30, months=6, seed=1)), 1)
    >>> bool((near["distance"].abs() <= 1).all())
    True
    """
    import pandas as pd

    panel, arrays = outcome.panel, outcome.arrays
    quarters, people, bounds = [], [], []
    for version in outcome.versions:
        rows = slice(version.start, version.stop)
        graded = outcome.counted[rows] & (arrays.quarter_grade[rows] >= 0)
        score = arrays.quarter_score[rows].astype(np.int64)
        for lower_bound in version.terms.bounds_in_sixths:
            near = np.nonzero(graded & (np.abs(score - lower_bound) <= SIXTHS * points))
            quarters.append(near[0] + version.start)
            people.append(near[1])
            bounds.append(np.full(len(near[0]), lower_bound))
    quarter, person, bound = np.concatenate(quarters), np.concatenate(people), np.concatenate(bounds)
    distance = arrays.quarter_score[quarter, person] - bound
    order = np.lexsort((quarter, person, np.abs(distance)))
    quarter, person, bound, distance = quarter[order], person[order], bound[order], distance[order]
    numbers = panel.first_quarter + quarter
    frame = pd.DataFrame(
        {
            "staff_id": pd.Series(panel.staff_ids[person], dtype="str"),
            "quarter": pd.Series(period_names(numbers, "quarter"), dtype="str"),
            "score": arrays.quarter_score[quarter, person] / SIXTHS,
            "grade": pd.Series(outcome.grade_names(arrays.quarter_grade[quarter, person], quarter), dtype="str"),
            "bound": bound / SIXTHS,
            "distance": distance / SIXTHS,
        }
    )
    for name, values in outcome.data.people_columns(person, numbers, "quarter").items():
        frame[name] = pd.Series(values, dtype="str")
    return frame
