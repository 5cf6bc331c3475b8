"""The few helpers that rules use beside operators.

Each means the same on a Python number, on a NumPy array and inside a compiled kernel, so that a rule is written once.
Counts may be narrow integers (int8): a rule multiplies them by points, which are wide, before it adds them up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NO_GRADE = -1
"""The grade of what was not assessed: neither the best (0) nor any other."""


def where(condition: Any, yes: Any, no: Any) -> Any:
    """Take `yes` where the condition holds and `no` elsewhere.

    Examples
    --------
    >>> where(3 > 2, 10, 20)
    10
    """
    if isinstance(condition, np.ndarray):
        return np.where(condition, yes, no)
    return yes if condition else no


def minimum(first: Any, second: Any) -> Any:
    """Take the smaller of two values.

    Examples
    --------
    >>> minimum(3, 2)
    2
    """
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return np.minimum(first, second)
    return min(first, second)


def maximum(first: Any, second: Any) -> Any:
    """Take the larger of two values.

    Examples
    --------
    >>> maximum(3, 2)
    3
    """
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return np.maximum(first, second)
    return max(first, second)


def one_if(condition: Any) -> Any:
    """Count a condition: 1 where it holds, 0 elsewhere.

    NumPy adds two booleans to a boolean, not to 2.

    Examples
    --------
    >>> one_if(3 > 2) + one_if(5 > 2)
    2
    """
    if isinstance(condition, np.ndarray):
        return condition.view(np.int8)
    return int(condition)


def by_grade(grade: Any, amounts: tuple[int, ...]) -> Any:
    """Look up the amount of a grade; 0 for what has no grade.

    Parameters
    ----------
    grade
        0 for the best grade, `NO_GRADE` for none.
    amounts
        One amount a grade, best first.

    Examples
    --------
    >>> by_grade(1, (2500, 2000, 1500)), by_grade(NO_GRADE, (2500, 2000, 1500))
    (2000, 0)
    """
    if isinstance(grade, np.ndarray):
        return np.array([*amounts, 0], dtype=np.int32).take(grade)  # NO_GRADE is the last place
    return 0 if grade == NO_GRADE else amounts[grade]


def round_half_up(numerator: Any, denominator: int) -> Any:
    """Divide and round to the nearest integer, a half away from zero.

    Examples
    --------
    >>> round_half_up(5, 2), round_half_up(-5, 2), round_half_up(4, 3)
    (3, -3, 1)
    """
    rounded = (abs(numerator) + denominator // 2) // denominator
    return where(numerator < 0, -rounded, rounded)
