"""The panel holds every recorded value at its month and person, nothing where nothing was recorded."""

import datetime
import random

import numpy as np
import pytest
from random_cases import COUNTS, month_row, random_data, staff_data

from cmpolicy.staff.panel import UNKNOWN_REVENUE

JANUARY = 12 * 2025


def panel_of(months, quarters=(), surveys=(), years=(), staff=()):
    tables = {"staff": staff, "months": months, "quarters": quarters, "surveys": surveys, "years": years}
    return staff_data({name: list(rows) for name, rows in tables.items()}).panel


def quarter_row(staff_id, quarter, **more):
    return {"staff_id": staff_id, "quarter": quarter} | more


@pytest.mark.parametrize("seed", range(8))
def test_every_record_stands_at_its_place_and_nothing_else(seed):
    """The dense arrays hold the rows of the tables, looked up one by one."""
    data = random_data(random.Random(seed))
    panel = staff_data(data).panel
    place = {staff_id: number for number, staff_id in enumerate(panel.staff_ids)}
    rows = {
        (12 * row["month"][0] + row["month"][1] - 1 - panel.first_month, place[row["staff_id"]]): row
        for row in data["months"]
    }
    assert panel.assessed.sum() == len(rows)
    for name, counts in zip(COUNTS, _counts(panel), strict=True):
        expected = np.zeros(panel.assessed.shape, dtype=int)
        for cell, row in rows.items():
            expected[cell] = row[name]
        assert (counts == expected).all(), name
    for cell, row in rows.items():
        assert panel.assessed[cell]
        assert panel.fraud[cell] == row["fraud"]
    reviews = np.zeros((panel.quarters, panel.people), dtype=int)
    recorded = np.zeros(reviews.shape, dtype=bool)
    for row in data["quarters"]:
        cell = (4 * row["quarter"][0] + row["quarter"][1] - 1 - panel.first_quarter, place[row["staff_id"]])
        reviews[cell] = row["review"] or 0
        recorded[cell] = True
    assert (panel.review == reviews).all()
    assert (panel.quarter_recorded == recorded).all()


def _counts(panel):
    return [getattr(panel.counts, name) for name in COUNTS]


def test_the_order_of_rows_does_not_matter():
    """People stand in the order of the staff table, whatever the order of the other rows."""
    rng = random.Random(3)
    data = random_data(rng)
    first = staff_data(data).panel
    for table in ("months", "quarters", "years"):
        rng.shuffle(data[table])
    second = staff_data(data).panel
    assert first.staff_ids.tolist() == second.staff_ids.tolist() == [row["staff_id"] for row in data["staff"]]
    for name in ("assessed", "fraud", "revenue", "base", "review", "other_year_end_bonus", "revenue_known"):
        assert (getattr(first, name) == getattr(second, name)).all(), name
    for one, other in zip(_counts(first), _counts(second), strict=True):
        assert (one == other).all()


def test_without_a_staff_table_people_come_as_they_first_appear():
    panel = panel_of([month_row("b", (2025, 2)), month_row("a", (2025, 1)), month_row("b", (2025, 1))])
    assert panel.staff_ids.tolist() == ["b", "a"]


def test_the_panel_begins_and_ends_with_whole_quarters():
    panel = panel_of([month_row("m1", (2024, 12)), month_row("m1", (2025, 4))])
    assert (panel.first_month, panel.last_month) == (JANUARY - 3, JANUARY + 3)
    assert (panel.months, panel.quarters, panel.years, panel.first_year) == (9, 3, 2, 2024)
    assert [panel.year_of(quarter) for quarter in range(3)] == [0, 1, 1]
    assert [panel.is_open(quarter) for quarter in range(3)] == [False, False, True]


def test_a_quarter_row_outside_the_months_widens_the_panel():
    panel = panel_of([month_row("m1", (2025, 4))], [quarter_row("m1", (2024, 4)), quarter_row("m1", (2025, 3))])
    assert (panel.first_month, panel.months) == (JANUARY - 3, 12)
    assert panel.quarter_recorded[:, 0].tolist() == [True, False, False, True]
    assert not panel.assessed[[0, 1, 2]].any()


@pytest.mark.parametrize(("highest", "dtype"), [(127, np.int8), (128, np.int16), (32_768, np.int32)])
def test_counts_are_as_narrow_as_their_values_allow(highest, dtype):
    panel = panel_of([month_row("m1", (2025, 1), praises=highest)])
    assert panel.counts.praises.dtype == dtype
    assert panel.counts.praises[0, 0] == highest
    assert panel.counts.complaints.dtype == np.int8


@pytest.mark.parametrize("fen", [2**31 - 1, 2**31, 10_000_000_000])
def test_revenue_is_wide_enough_for_the_highest_amount(fen):
    panel = panel_of([month_row("m1", (2025, 1))], [quarter_row("m1", (2025, 1), revenue=fen, revenue_base=0)])
    assert int(panel.revenue[0, 0]) == fen
    assert panel.revenue.dtype == (np.int32 if fen < 2**31 else np.int64)


def test_the_quarters_figure_goes_before_the_sum_of_its_months():
    """R1 uses the quarter's revenue and base; the months' sum where the quarter has none."""
    months = [month_row("m1", (2025, month), revenue=100, revenue_base=10) for month in (1, 2, 4)]
    months.append(month_row("m2", (2025, 1), revenue=None, revenue_base=None))
    panel = panel_of(months, [quarter_row("m1", (2025, 1), revenue=7, revenue_base=8)])
    assert panel.revenue[:, 0].tolist() == [7, 100]
    assert panel.base[:, 0].tolist() == [8, 10]
    assert panel.revenue_known.tolist() == [[True, False], [True, False]]
    assert panel.month_revenue[:, 0].tolist() == [100, 100, UNKNOWN_REVENUE, 100, UNKNOWN_REVENUE, UNKNOWN_REVENUE]
    three_months = panel_of(months)
    assert (three_months.revenue[0, 0], three_months.base[0, 0]) == (200, 20)


def test_revenue_that_nobody_recorded_is_unknown_and_not_nought():
    panel = panel_of([month_row("m1", (2025, 1))], [quarter_row("m1", (2025, 1), revenue=None, revenue_base=None)])
    assert not panel.revenue_known.any()
    panel = panel_of([month_row("m1", (2025, 1))], [quarter_row("m1", (2025, 1), revenue=0, revenue_base=0)])
    assert panel.revenue_known.all()


def test_the_revenue_of_a_month_is_its_own_or_a_third_of_its_quarters():
    months = [month_row("m1", (2025, 1), revenue=100, revenue_base=10), month_row("m2", (2025, 1))]
    quarters = [quarter_row(one, (2025, 1), revenue=700, revenue_base=60) for one in ("m1", "m2")]
    revenue, base, known = panel_of(months, quarters).revenue_of_month(0)
    assert (revenue.tolist(), base.tolist(), known.tolist()) == ([300, 700], [30, 60], [True, True])


def test_reviewers_columns_are_known_only_where_both_are_there():
    months = [month_row("m1", (2025, 1))]
    assert not panel_of(months, [quarter_row("m1", (2025, 1), review_supervisor=1)]).reviewers_recorded
    both = panel_of(months, [quarter_row("m1", (2025, 1), review_supervisor=1, review_manager=-3)])
    assert both.reviewers_recorded
    assert (both.supervisor[0, 0], both.manager[0, 0], both.review[0, 0]) == (1, -3, 0)


def test_surveys_of_one_quarter_lie_in_layers():
    """2.10 counts each time by itself; the months stay known for the reading `survey_month`."""
    surveys = [
        {"staff_id": one, "month": (2025, month), "sampled": sampled, "satisfied": sampled - 1}
        for one, month, sampled in (("m1", 2, 20), ("m2", 3, 300), ("m1", 1, 10), ("m1", 5, 5))
    ]
    months = [month_row(one, (2025, month)) for one in ("m1", "m2") for month in (1, 4)]
    found = panel_of(months, surveys=surveys).surveys
    assert found.sampled.tolist() == [[[20, 300], [5, 0]], [[10, 0], [0, 0]]]
    assert found.satisfied.tolist() == [[[19, 299], [4, 0]], [[9, 0], [0, 0]]]
    assert found.month_of_quarter.tolist() == [[[1, 2], [1, 0]], [[0, 0], [0, 0]]]


def test_surveys_without_a_row_of_the_person_are_told():
    surveys = [
        {"staff_id": one, "month": month, "sampled": 10, "satisfied": 10}
        for one, month in (("m1", (2025, 3)), ("m2", (2025, 3)), ("m1", (2024, 3)), ("m1", (2026, 3)))
    ]
    panel = panel_of([month_row("m1", (2025, 1)), month_row("m2", (2025, 6))], surveys=surveys)
    assert panel.surveys.sampled.sum() == 10
    (note,) = panel.notes
    wanted = "Surveys without effect, for quarters in which the person has neither a month nor a quarter row: 3."
    assert str(note) == wanted


def test_the_year_end_bonus_stands_at_its_year():
    years = [{"staff_id": "m1", "year": year, "other_year_end_bonus": 100 * year} for year in (2023, 2025, 2027)]
    years.append({"staff_id": "m1", "year": 2024, "other_year_end_bonus": None})
    panel = panel_of([month_row("m1", (2024, 12)), month_row("m1", (2025, 1))], years=years)
    assert panel.other_year_end_bonus[:, 0].tolist() == [0, 202_500]


def test_dates_of_the_staff_table_stand_at_the_people():
    day = datetime.date(2024, 5, 6)
    staff = [
        {"staff_id": "m2", "hire_date": day, "confirmed_on": None},
        {"staff_id": "m1", "hire_date": None, "confirmed_on": day},
    ]
    panel = panel_of([month_row("m1", (2025, 1))], staff=staff)
    assert panel.staff_ids.tolist() == ["m2", "m1"]
    assert panel.hired.tolist() == [day, None]
    assert panel.confirmed.tolist() == [None, day]


def test_people_of_the_staff_table_without_records_are_there_and_empty():
    panel = panel_of([month_row("m1", (2025, 1))], staff=[{"staff_id": "m0"}, {"staff_id": "m1"}])
    assert panel.assessed[:, 0].sum() == 0
    assert panel.people == 2
