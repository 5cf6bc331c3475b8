"""Cliffs: who stands within one event of a bound, where the limit of 3.3 stops a penalty, and what equals what."""

import numpy as np
import pytest
from random_cases import case, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.cliffs import cliffs, exchange_rates, floor_of
from cmpolicy.insight.event_values import EVENTS, event_values, places_of

ENACTED = cm.load_policy("2007-06")
MONTHS = [(2025, 1), (2025, 2), (2025, 3)]


def found_of(data, policy=ENACTED):
    outcome = cm.appraise(data, policy)
    places = places_of(outcome)
    return outcome, places, event_values(places)


def of_scores(*quarters):
    """Make one person for each three scores."""
    rows = [
        scoring(f"CM{number:02d}", month, score)
        for number, scores in enumerate(quarters)
        for month, score in zip(MONTHS, scores, strict=True)
    ]
    return staff_data({"months": rows})


def test_each_bound_counts_who_stands_at_it():
    """100 stands on B's bound, 99.67 a third below, 99 a user below; a complaint takes 100 and 100.67 below it."""
    data = of_scores((100, 100, 100), (100, 100, 99), (99, 99, 99), (98, 99, 99), (100, 101, 101), (101, 101, 101))
    outcome, _, values = found_of(data)
    row = cliffs(outcome, values).set_index("bound").loc[100]
    assert row["grade"] == "B"
    assert (row["on_bound"], row["third_below"]) == (1, 1)
    assert (row["user_lifts"], row["complaint_drops"], row["within_one_event"]) == (2, 2, 4)


def test_a_cliff_is_as_high_as_the_table_says():
    """3.2: 500 yuan between neighbours, 1000 between D and E, and 100 of a month's award."""
    outcome, _, values = found_of(of_scores((100, 100, 100)))
    frame = cliffs(outcome, values)
    assert frame["quarterly_step"].tolist() == [500, 500, 500, 1000]
    assert frame["monthly_step"].tolist() == [100] * 4


def test_versions_have_bounds_of_their_own():
    """A bound counts the quarters in which it is in force."""
    rows = [scoring("CM01", (2025, month), 100) for month in range(1, 7)]
    later = ENACTED.with_changes({"id": "later", "effective_from": "2025-04-01", "grades.B.from": 101})
    outcome, _, values = found_of(staff_data({"months": rows}), cm.PolicyBook([ENACTED, later]))
    frame = cliffs(outcome, values).set_index(["policy", "grade"])
    assert frame.loc[("2007-06", "B"), "on_bound"] == 1
    assert frame.loc[("later", "B"), ["on_bound", "user_lifts"]].tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(6))
def test_who_crosses_a_bound_changes_grade(seed):
    """Over all bounds of any policy, a user lifts at least everyone whose grade it betters."""
    data, content = case(seed, settled=("fraud_score",))
    outcome, _, values = found_of(staff_data(data), cm.Policy.from_dict(content))
    now = outcome.arrays.quarter_grade[values.quarter, values.person]
    better = (values.grade[list(EVENTS).index("broadband_user_gained")] < now).sum()
    worse = (values.grade[list(EVENTS).index("complaint")] > now).sum()
    frame = cliffs(outcome, values)
    assert frame["user_lifts"].sum() >= better
    assert frame["complaint_drops"].sum() >= worse
    if len(frame) == 1:
        assert (frame["user_lifts"].sum(), frame["complaint_drops"].sum()) == (better, worse)


def test_the_limit_of_a_penalty_is_counted_where_it_stops_an_event():
    """3.3: at 100 with a penalty of 12,500 nothing more can be taken, nor earned; at 105 no bound is near."""
    data = {"months": [], "quarters": []}
    for one, score in (("CM01", 100), ("CM02", 105), ("CM03", 100)):
        data["months"] += [scoring(one, month, score) for month in MONTHS]
        loss = 0 if one == "CM03" else 100_000_00
        data["quarters"].append({"staff_id": one, "quarter": (2025, 1), "revenue": 0, "revenue_base": loss})
    _, places, values = found_of(staff_data(data))
    floor = floor_of(places, values)
    assert (floor.staff_quarters, floor.not_applied) == (3, 2)
    assert floor.penalty_not_applied == 2 * (12_500_00 - 2_000_00)
    assert (floor.complaint_stopped, floor.user_stopped) == (1, 0)
    carried = ENACTED.with_changes({"readings.revenue_below_base": "carried"})
    assert floor_of(*found_of(staff_data(data), carried)[1:]).complaint_stopped == 0


def test_a_review_is_nine_month_points_and_a_survey_fifteen():
    """2.9, 2.10: three users gained in the quarter, and five; by other readings twice and a third of that."""
    frame = exchange_rates(ENACTED)
    assert frame["month_points"].to_dict() == {"review_point": 3, "whole_review": 9, "survey": 15}
    assert frame.loc["whole_review", ["broadband_user_gained", "complaint_avoided", "fault_right"]].tolist() == [
        3,
        3,
        4.5,
    ]
    assert frame.loc["survey", "broadband_user_gained"] == 5
    other = ENACTED.with_changes({"readings.review_adjust": "each", "readings.survey_target": "survey_month"})
    frame = exchange_rates(other)
    assert frame["month_points"].to_dict() == {"review_point": 3, "whole_review": 18, "survey": 5}


def test_an_exchange_rate_holds_in_an_appraisal():
    """As many users more as a survey is worth, in one month of the quarter, make the same score."""
    rows = [scoring("CM01", month, 100) for month in MONTHS]
    survey = {"staff_id": "CM01", "month": MONTHS[1], "sampled": 20, "satisfied": 19}
    by_survey = cm.appraise(staff_data({"months": rows, "surveys": [survey]}))
    rows[1]["broadband_gained"] += int(exchange_rates(ENACTED).loc["survey", "broadband_user_gained"])
    by_users = cm.appraise(staff_data({"months": rows}))
    assert by_survey.quarters["score"].tolist() == by_users.quarters["score"].tolist() == [105]


def test_points_of_nothing_have_no_rate():
    """Where a user earns no points nothing equals a review."""
    frame = exchange_rates(ENACTED.with_changes({"points.broadband_gained": 0}))
    assert np.isnan(frame.loc["survey", "broadband_user_gained"])
