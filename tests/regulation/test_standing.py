"""Clause 3.5: observation after repeated E, and dismissal."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from three_runs import FLAG, STANDING, Fixed, assert_same_in_three_runs, whole

from cmpolicy.regulation import standing
from cmpolicy.regulation.readings import ObservationSurvived, UnassessedQuarter

RUN = whole(0, 120, np.int8)
RULES = [
    (standing.dismissal_due, [STANDING, FLAG], [()]),
    (standing.next_run, [RUN, STANDING, FLAG, FLAG], list(product(ObservationSurvived, UnassessedQuarter))),
    (standing.next_standing, [STANDING, RUN, FLAG, FLAG, Fixed(st.integers(1, 12))], [()]),
]


@pytest.mark.parametrize(("rule", "arguments", "options"), [pytest.param(*r, id=r[0].__name__) for r in RULES])
@settings(max_examples=20)  # of a dozen rows each
@given(data=st.data())
def test_one_source_serves_the_scalar_the_column_and_the_compiled_run(rule, arguments, options, data):
    assert_same_in_three_runs(data, rule, arguments, options)


def follow(grades, survived="reset", unassessed="breaks_run", e_quarters=2):
    """Give the standings (r, o, l) of a text of grades, "-" for none, and the number of the quarter of dismissal."""
    readings = ObservationSurvived[survived], UnassessedQuarter[unassessed]
    now, run, stood, dismissed = standing.REGULAR, 0, "", None
    for place, grade in enumerate(grades, start=1):
        assessed, failed = grade != "-", grade == "E"
        stood += "rol"[now]
        if standing.dismissal_due(now, failed):
            dismissed = place
        run = standing.next_run(run, now, assessed, failed, *readings)
        now = standing.next_standing(now, run, assessed, failed, e_quarters)
    return stood, dismissed


@pytest.mark.parametrize(
    ("grades", "stood", "dismissed"),
    [
        ("EEEB", "rrol", 3),
        ("EEDE", "rror", None),
        ("EDEE", "rrrr", None),
        ("EEDEEC", "rrorro", None),
        ("EEDEEE", "rrorro", 6),
        ("EE-E-", "rrool", 4),  # an unassessed observation goes on until a quarter is assessed
        ("EE--D", "rrooo", None),
        ("E-E", "rrr", None),
        ("E-EE", "rrrr", None),
        ("EEEEEE", "rrolll", 3),
    ],
)
def test_two_adjacent_e_bring_observation_and_another_e_in_it_dismissal(grades, stood, dismissed):
    assert follow(grades) == (stood, dismissed)


@pytest.mark.parametrize(
    ("grades", "stood", "dismissed"),
    [("E-E", "rrr", None), ("E-EE", "rrro", 4), ("E--E-E", "rrrroo", 6), ("E-D-E", "rrrrr", None)],
)
def test_an_unassessed_quarter_may_be_passed_over(grades, stood, dismissed):
    """A36: skipped"""
    assert follow(grades, unassessed="skipped") == (stood, dismissed)


@pytest.mark.parametrize(
    ("grades", "stood", "dismissed"),
    [
        ("EEDEE", "rroro", 5),
        ("EEDDDDE-", "rrorrrro", None),  # however late
        ("EED-E-", "rrorro", None),  # a gap does not wash the mark off
        ("EEDEDEE", "rrororo", 7),
        ("EDDE", "rrrr", None),  # without an observation there is no mark
    ],
)
def test_any_e_after_a_survived_observation_may_reopen_it(grades, stood, dismissed):
    """A38: no_reset"""
    assert follow(grades, survived="no_reset") == (stood, dismissed)


@pytest.mark.parametrize(("e_quarters", "stood"), [(1, "rolll"), (2, "rroll"), (3, "rrrol"), (4, "rrrro")])
def test_the_number_of_adjacent_e_is_a_value_of_the_policy(e_quarters, stood):
    assert follow("EEEEE", e_quarters=e_quarters)[0] == stood


def test_another_e_never_undoes_or_delays_a_dismissal_under_reset():
    """The sweep relies on it: dismissal is monotone in the lowest bound."""
    for unassessed, e_quarters in product(UnassessedQuarter, (1, 2, 3)):
        for grades in map("".join, product("ED-", repeat=6)):
            before = follow(grades, unassessed=unassessed.name, e_quarters=e_quarters)[1]
            for place in (place for place, grade in enumerate(grades) if grade == "D"):
                worse = grades[:place] + "E" + grades[place + 1 :]
                after = follow(worse, unassessed=unassessed.name, e_quarters=e_quarters)[1]
                assert before is None or (after is not None and after <= before), (grades, worse)


def test_the_run_of_someone_dismissed_long_ago_stays_harmless():
    """Runs are narrow integers and may wrap around; who has left stays so."""
    now, run = np.array([standing.LEFT], np.int8), np.array([100], np.int8)
    yes = np.array([True])
    for _ in range(400):
        run = standing.next_run(run, now, yes, yes, ObservationSurvived.no_reset, UnassessedQuarter.skipped)
        now = standing.next_standing(now, run, yes, yes, 2)
        assert now.tolist() == [standing.LEFT]


@given(scores=st.lists(st.one_of(st.none(), st.integers(-20, 20)), min_size=1, max_size=12))
def test_the_lowest_scorers_are_all_who_share_the_lowest_score(scores):
    """A35: only those with a score; ties included."""
    values = np.array([score or 0 for score in scores], dtype=np.int16)
    scored = np.array([score is not None for score in scores])
    known = [score for score in scores if score is not None]
    expected = [score is not None and score == min(known) for score in scores]
    assert standing.is_lowest(values, scored).tolist() == expected
