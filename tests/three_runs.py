"""Holds the three runs of one rule against each other: on numbers, on columns, and compiled."""

import functools
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st

from cmpolicy.regulation.service import MonthRecord, Points

LENGTH = 12
"""Rows of each drawn column."""


class Column(NamedTuple):
    """Values of one row each, in integers as narrow as the panel or the scores have them."""

    values: object
    dtype: object

    def draw(self, data):
        drawn = data.draw(st.lists(self.values, min_size=LENGTH, max_size=LENGTH))
        return drawn, np.array(drawn, dtype=self.dtype)


class Fixed(NamedTuple):
    """One value for all rows: for the scalar run as it is, for the others as `narrow` makes it."""

    values: object
    narrow: object = lambda value: value

    def draw(self, data):
        drawn = data.draw(self.values)
        return [drawn] * LENGTH, self.narrow(drawn)


class Record(NamedTuple):
    """A month's record: a column of counts for each kind of event."""

    def draw(self, data):
        drawn = [COUNT.draw(data) for _ in MonthRecord._fields]
        rows = [MonthRecord(*row) for row in zip(*(rows for rows, _ in drawn), strict=True)]
        return rows, MonthRecord(*(column for _, column in drawn))


def whole(lowest, highest, dtype):
    return Column(st.integers(lowest, highest), dtype)


def points_of(highest, dtype):
    """Draw the points of a policy, for the columns as wide as the scores are."""
    values = st.builds(Points, *(st.integers(-highest, highest) for _ in Points._fields))
    return Fixed(values, lambda points: Points(*(dtype(value) for value in points)))


COUNT = whole(0, 127, np.int8)
FLAG = Column(st.booleans(), np.bool_)
SCORE = whole(-3000, 3000, np.int16)
GRADE = whole(-1, 4, np.int8)
MONTHS = whole(0, 3, np.int8)
STANDING = whole(0, 2, np.int8)
FEN = whole(-(10**11), 10**11, np.int64)
REVENUE = whole(0, 5 * 10**10, np.int64)
POINTS = points_of(20, np.int16)
WIDE_POINTS = points_of(1000, np.int32)
BOUNDS = Fixed(
    st.lists(st.integers(-500, 500), min_size=4, max_size=4, unique=True).map(lambda b: tuple(sorted(b, reverse=True)))
)
AMOUNTS = Fixed(st.tuples(*[st.integers(-500_000_000, 500_000_000)] * 5))
RATIO = Fixed(st.sampled_from([(1, 8), (1, 1), (0, 1), (3333, 160_000), (99_980_001, 100_000_000)]))


@functools.cache
def compiled(rule):
    numba = pytest.importorskip("numba")
    import cmpolicy.simulation.compiled  # noqa: F401 - it teaches numba the rules and their helpers

    return numba.njit(rule)


def assert_same_in_three_runs(data, rule, arguments, options=((),)):
    """Draw arguments; the rule on each row, on the columns and compiled must agree to the last unit."""
    pairs = [argument.draw(data) for argument in arguments]
    rows = list(zip(*(rows for rows, _ in pairs), strict=True))
    columns = [column for _, column in pairs]
    scalar = {option: [int(rule(*row, *option)) for row in rows] for option in options}
    for option in options:
        on_columns = np.broadcast_to(rule(*columns, *option), LENGTH).tolist()
        assert [int(value) for value in on_columns] == scalar[option], f"columns, {option}"
    fast = compiled(rule)
    for option in options:
        got = [int(fast(*(_row(column, place) for column in columns), *option)) for place in range(LENGTH)]
        assert got == scalar[option], f"compiled, {option}"


def _row(column, place):
    """Give one row as a kernel gets it: narrow values, in the record's own shape."""
    if isinstance(column, MonthRecord):
        return MonthRecord(*(values[place] for values in column))
    return column[place] if isinstance(column, np.ndarray) else column
