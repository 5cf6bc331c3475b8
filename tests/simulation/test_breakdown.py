"""The cost of an outcome by quarter, year and area adds up to the whole, to the fen."""

import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.simulation.breakdown import UNKNOWN_AREA, cost_by
from cmpolicy.staff.schema import TABLES

ENACTED = cm.load_policy("2007-06")
POLICIES = {
    "enacted": ENACTED,
    "what is owed": ENACTED.with_changes({"readings.annual_negative": "signed", "readings.payout_floor": "none"}),
    "as recorded": ENACTED.with_changes({"readings.after_dismissal": "as_recorded", "standing.e_quarters": 1}),
    "carried": ENACTED.with_changes({"readings.revenue_below_base": "carried", "grades.A.quarterly_bonus": 3333.33}),
}
QUARTERLY = ["service_bonus", "revenue_bonus", "penalty_not_applied", "payout"]


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=150, months=15, seed=3)


def fen(yuan):
    return round(yuan * 100)


def in_fen(frame):
    return {name: frame[name].map(fen).to_dict() for name in frame}


@pytest.mark.parametrize("by", ["quarter", "year", "area"])
@pytest.mark.parametrize("name", POLICIES)
def test_the_parts_add_up_to_the_whole(data, name, by):
    """Nobody's money is lost between the groups or counted twice."""
    outcome = cm.appraise(data, POLICIES[name])
    parts = cost_by(outcome, by)
    assert {column: sum(map(fen, parts[column])) for column in parts} == {
        column: outcome.cost[column] for column in parts
    }
    expected = [*QUARTERLY, "award"] if by == "quarter" else [*QUARTERLY, "award", "cash_effect", "cost"]
    assert list(parts.columns) == expected


def test_quarters_hold_what_their_rows_hold(data):
    """The same as adding up the table of quarters; awards are those of the quarter's months."""
    outcome = cm.appraise(data)
    parts = in_fen(cost_by(outcome, "quarter"))
    rows = outcome.quarters.groupby("quarter")[QUARTERLY].sum()
    assert {name: parts[name] for name in QUARTERLY} == in_fen(rows)
    months = outcome.months
    quarter = pd.PeriodIndex(months["month"], freq="M").asfreq("Q").strftime("%Y-Q%q")
    assert parts["award"] == in_fen(months.groupby(quarter)[["award"]].sum())["award"]
    assert list(parts["payout"]) == sorted(parts["payout"])


def test_years_hold_what_their_rows_hold(data):
    """The same as adding up the table of years, and the quarters of a year for the payout."""
    outcome = cm.appraise(data)
    parts = in_fen(cost_by(outcome, "year"))
    assert list(parts["payout"]) == sorted(set(outcome.years["year"]))
    years = in_fen(outcome.years.groupby("year")[["service_award", "cash_effect"]].sum())
    assert (parts["award"], parts["cash_effect"]) == (years["service_award"], years["cash_effect"])
    payout = outcome.quarters.groupby(outcome.quarters["quarter"].str[:4].astype(int))[["payout"]].sum()
    assert parts["payout"] == in_fen(payout)["payout"]


def test_areas_hold_what_the_rows_beside_them_hold(data):
    """The same as adding up the table of quarters by its column area; the dearest area comes first."""
    outcome = cm.appraise(data)
    parts = cost_by(outcome, "area")
    rows = outcome.quarters.groupby("area")[QUARTERLY].sum()
    assert {name: in_fen(parts)[name] for name in QUARTERLY} == in_fen(rows)
    assert parts["cost"].is_monotonic_decreasing


def moved(areas, columns=()):
    """One person, three quarters of one year, each with one month of grade A and an area."""
    zeros = {field.name: [0] * 3 for field in TABLES["months"].fields if field.kind in ("count", "flag")}
    months = {"staff_id": ["CM1"] * 3, "month": ["2025-01", "2025-04", "2025-07"]} | zeros | {"praises": [9, 9, 9]}
    quarters = {"staff_id": ["CM1"] * 3, "quarter": ["2025-Q1", "2025-Q2", "2025-Q3"], "area": areas}
    frames = {"months": pd.DataFrame(months), "quarters": pd.DataFrame(quarters)}
    return cm.StaffData.from_frames(frames | dict(columns))


def test_a_year_counts_in_the_area_of_its_last_quarter():
    """Awards are settled at year end: the cash effect cannot be split, the awards of months can."""
    parts = in_fen(cost_by(cm.appraise(moved(["north", "south", "south"])), "area"))
    third = round(250000 / 3)
    assert parts["payout"] == {"south": 2 * third, "north": third}
    assert parts["award"] == {"south": 40000, "north": 20000}
    assert parts["cash_effect"] == {"south": 60000, "north": 0}
    assert parts["cost"] == {"south": 2 * third + 60000, "north": third}


def test_records_without_an_area_are_kept_together():
    """What is not known is not left out."""
    parts = in_fen(cost_by(cm.appraise(moved(["north", None, None])), "area"))
    assert parts["award"] == {UNKNOWN_AREA: 40000, "north": 20000}
    alone = cost_by(cm.appraise(moved([None, None, None])), "area")
    assert alone.index.tolist() == [UNKNOWN_AREA]
