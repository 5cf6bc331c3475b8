"""A policy's values as exact integers wide enough for the data, and months on probation."""

import datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_cases import COUNTS, month_row, staff_data

import cmpolicy as cm
from cmpolicy.regulation.probation import planned_end
from cmpolicy.simulation.terms import first_day, first_regular_month, score_dtype, terms_of, versions_of

ENACTED = cm.load_policy("2007-06")
HEAVY = {f"points.{name}": -1000 for name in ENACTED.points._fields if name != "base"} | {"points.base": -1000}


def test_terms_are_whole_sixths_fen_and_ratios():
    policy = ENACTED.with_changes({"revenue.rate": 0.2, "readings.band_rule": "round_half_up"})
    terms = terms_of(policy)
    assert terms.bounds_in_sixths == (657, 597, 567, 537)  # half a point less than 110, 100, 95, 90
    assert terms_of(ENACTED).bounds_in_sixths == (660, 600, 570, 540)
    assert terms.quarterly_bonus[0] == 250_000
    assert Fraction(*terms.revenue_ratio) == Fraction(1, 10)
    assert Fraction(*terms.survey_ratio) == Fraction(95, 100)
    assert terms.lowest_grade == 4


@pytest.mark.parametrize(
    ("count", "changes", "dtype"),
    [(3, {}, np.int16), (300, {}, np.int32), (100, HEAVY, np.int32), (1_000_000, HEAVY, np.int64)],
)
def test_scores_are_as_wide_as_the_data_and_the_points_need(count, changes, dtype):
    """No score can overflow: the largest possible one is exact."""
    rows = [month_row("m1", (2025, month), **dict.fromkeys(COUNTS, count)) for month in (1, 2, 3)]
    data = staff_data({"months": rows})
    policy = ENACTED.with_changes(changes | {"readings.criteria_basis": "per_order"})
    assert score_dtype(data.panel, versions_of(policy, data.panel)) is dtype
    points = policy.points
    of_column = [points.broadband_gained, points.broadband_lost, points.maintained_gained, points.maintained_lost]
    of_column += [3 * points.acceptance, 3 * points.installation, 3 * points.fault]
    of_column += [points.complaints, points.praises, points.unreported_complaints]
    score = points.base + count * sum(of_column)
    outcome = cm.appraise(data, policy)
    assert outcome.exact("months")["score"].tolist() == [score] * 3
    assert outcome.exact("quarters")["score"].tolist() == [6 * score]


days = st.dates(datetime.date(2000, 1, 1), datetime.date(2040, 1, 1))


class People:
    """What `first_regular_month` looks at."""

    def __init__(self, hired, confirmed):
        self.hired = np.array([hired], dtype="datetime64[D]")
        self.confirmed = np.array([confirmed], dtype="datetime64[D]")


@given(hired=st.none() | days, confirmed=st.none() | days, months=st.integers(0, 24), month=st.integers(24_000, 24_480))
def test_a_month_is_on_probation_if_its_first_day_is_before_confirmation_or_the_planned_end(
    hired, confirmed, months, month
):
    """A24: confirmation decides where it is known, else the plan; nobody without dates is on probation."""
    end = confirmed or (planned_end(hired, months) if hired else None)
    expected = end is not None and first_day(month) < end
    regular_from = first_regular_month(People(hired, confirmed), months)[0]
    assert (month < regular_from) == expected


@pytest.mark.parametrize(("month", "day"), [(24_300, (2025, 1, 1)), (24_311, (2025, 12, 1))])
def test_months_are_numbered_from_the_year_nought(month, day):
    assert first_day(month) == datetime.date(*day)
