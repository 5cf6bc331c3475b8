"""The helpers of the rules mean the same on a number, on a column and inside a kernel."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from three_runs import AMOUNTS, FEN, FLAG, GRADE, SCORE, Fixed, assert_same_in_three_runs, compiled

from cmpolicy.regulation.arithmetic import NO_GRADE, by_grade, maximum, minimum, one_if, round_half_up, where


# A helper is known to the compiler by name, so each is called from a rule, as the rules do.
def choose(condition, yes, no):
    return where(condition, yes, no)


def smaller(first, second):
    return minimum(first, second)


def larger(first, second):
    return maximum(first, second)


def both(first, second):
    return one_if(first) + one_if(second)


def amount(grade, amounts):
    return by_grade(grade, amounts)


def divide(numerator, denominator):
    return round_half_up(numerator, denominator)


DENOMINATOR = Fixed(st.sampled_from([1, 2, 3, 8, 9, 160_000]))
RULES = [
    (choose, [FLAG, FEN, FEN]),
    (choose, [FLAG, SCORE, Fixed(st.just(-1))]),
    (smaller, [FEN, FEN]),
    (smaller, [SCORE, Fixed(st.integers(-500, 500))]),
    (larger, [FEN, FEN]),
    (larger, [SCORE, Fixed(st.integers(-500, 500))]),
    (both, [FLAG, FLAG]),
    (amount, [GRADE, AMOUNTS]),
    (divide, [FEN, DENOMINATOR]),
]


@pytest.mark.parametrize(("rule", "arguments"), RULES)
@settings(max_examples=20)  # of a dozen rows each
@given(data=st.data())
def test_a_helper_means_the_same_in_the_scalar_the_column_and_the_compiled_run(rule, arguments, data):
    assert_same_in_three_runs(data, rule, arguments)


@given(
    quotient=st.integers(-(10**13), 10**13),
    rest=st.integers(0, 10**5 - 1),
    denominator=st.integers(1, 10**5),
)
def test_division_rounds_to_the_nearest_and_a_half_away_from_zero(quotient, rest, denominator):
    """Money of any size: the scalar, the column and the compiled run against exact fractions."""
    numerator = quotient * denominator + rest % denominator
    exact = Fraction(abs(numerator), denominator)
    expected = floor(exact + Fraction(1, 2)) * (1 if numerator >= 0 else -1)
    assert round_half_up(numerator, denominator) == expected
    assert round_half_up(np.array([numerator]), denominator).tolist() == [expected]
    assert compiled(divide)(numerator, denominator) == expected


def test_no_grade_earns_nothing_not_even_the_lowest_grades_amount():
    assert by_grade(NO_GRADE, (5, 4)) == 0
    assert by_grade(np.array([0, 1, NO_GRADE], np.int8), (5, 4)).tolist() == [5, 4, 0]
    assert compiled(amount)(np.int8(NO_GRADE), (5, 4)) == 0


def test_two_conditions_count_as_two():
    """NumPy adds two booleans to a boolean."""
    yes = np.array([True])
    assert (one_if(yes) + one_if(yes)).tolist() == [2]
