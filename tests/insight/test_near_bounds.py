"""Who is near a bound: every staff-quarter within so many points, and nobody else, under any readings."""

import random

import pytest
from random_cases import case, month_row, staff_data

import cmpolicy as cm
from cmpolicy.insight.near_bounds import near_bounds
from cmpolicy.simulation.terms import terms_of


@pytest.mark.parametrize("seed", range(20))
def test_it_lists_exactly_those_within_the_distance(seed):
    """Against the table of quarters, one by one; those whom the policy dismissed are not in any grade mix."""
    rows, content = case(seed)
    outcome = cm.appraise(staff_data(rows), cm.Policy.from_dict(content))
    points = random.Random(seed).randint(0, 4)
    quarters = outcome.quarters
    stops = outcome.policy.readings.after_dismissal.name == "stop"
    expected = {}
    for one in quarters[quarters["grade"].notna()].itertuples():
        if stops and one.standing == "left":
            continue
        for bound in terms_of(outcome.policy).bounds_in_sixths:
            if abs(round(one.score * 6) - bound) <= 6 * points:
                expected[one.staff_id, one.quarter, round(bound / 6, 9)] = (one.grade, round(one.score - bound / 6, 9))
    near = near_bounds(outcome, points)
    found = {
        (one.staff_id, one.quarter, round(one.bound, 9)): (one.grade, round(one.distance, 9))
        for one in near.itertuples()
    }
    assert found == expected
    assert len(near) == len(found)
    assert near["distance"].abs().is_monotonic_increasing


def test_a_bound_is_the_one_that_decides():
    """3.1: 109.67 is a third of a point below A; the sign says on which side."""
    rows = [month_row("CM01", (2025, month), broadband_gained=3) for month in (1, 2)]
    rows.append(month_row("CM01", (2025, 3), broadband_gained=4, broadband_lost=1, praises=0))
    outcome = cm.appraise(staff_data({"months": rows}))
    near = near_bounds(outcome, 1)
    assert near[["quarter", "grade", "bound"]].to_numpy().tolist() == [["2025-Q1", "B", 110.0]]
    assert near["distance"].tolist() == pytest.approx([-2 / 3])


def test_zero_points_lists_who_is_on_a_bound():
    """Exactly on it, which no float decides."""
    outcome = cm.appraise(staff_data({"months": [month_row("CM01", (2025, month)) for month in (1, 2, 3)]}))
    near = near_bounds(outcome, 0)
    assert near[["grade", "bound", "distance"]].to_numpy().tolist() == [["B", 100.0, 0.0]]


def test_name_and_area_stand_at_the_right_where_they_are_known():
    """As in every table."""
    staff = [{"staff_id": "CM01", "name": "王一", "area": "东"}]
    months = [month_row("CM01", (2025, 1))]
    with_names = near_bounds(cm.appraise(staff_data({"staff": staff, "months": months})), 0)
    without = near_bounds(cm.appraise(staff_data({"months": months})), 0)
    columns = ["staff_id", "quarter", "score", "grade", "bound", "distance"]
    assert list(without.columns) == columns
    assert list(with_names.columns) == [*columns, "name", "area"]
    assert with_names["name"].tolist() == ["王一"]


def test_nobody_near_is_an_empty_table():
    """With its columns."""
    outcome = cm.appraise(staff_data({"months": [month_row("CM01", (2025, 1), broadband_gained=99)]}))
    near = near_bounds(outcome, 1)
    assert len(near) == 0
    assert "distance" in near
