"""What a dismissal costs by law: years that count, the wage that counts, its cap, and N, N + 1, 2N."""

import datetime
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from random_cases import staff_data
from worked_cases import CONTENT, fen, scoring

import cmpolicy as cm
from cmpolicy.insight.severance import average_wage, half_months_of, months_later, severance

DAY = datetime.timedelta(days=1)
DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2040, 12, 31))
YEAR = [(2025, month) for month in range(1, 13)]


def test_the_worked_example_of_a_dismissal_after_observation():
    """WE-40: 2 years and 7 months are N = 3; a month's wage in place of notice; 2N is twice N."""
    (case,) = (one for one in CONTENT["cases"] if one["id"] == "WE-40")
    inputs, expected = case["in"], case["expect"]
    hired = datetime.date(2022, 9, 1)
    until = months_later(hired, 12 * inputs["service_years"] + inputs["service_extra_months"]) - DAY
    found = severance(
        half_months_of(hired, until),
        Fraction(fen(inputs["avg_wage_12m"])),
        fen(inputs["last_month_wage"]),
        local_average_wage=fen(inputs["local_avg_wage_x3"]) // 3,
    )
    assert found.half_months == 2 * int(expected["n_months"])
    assert found.lawful == fen(expected["severance"])
    assert found.with_pay_in_lieu == fen(expected["with_pay_in_lieu"])
    assert found.unlawful == fen(expected["unlawful"])


@pytest.mark.parametrize(
    ("until", "halves"),
    [
        ("2022-01-01", 1),  # a day
        ("2022-06-29", 1),  # a day less than six months
        ("2022-06-30", 2),  # six months
        ("2022-12-31", 2),  # a year, no more
        ("2023-01-01", 3),  # a day over a year is half a month more
        ("2023-06-29", 3),
        ("2023-06-30", 4),
        ("2023-12-31", 4),
        ("2032-03-31", 21),
    ],
)
def test_half_years_by_the_day(until, halves):
    """LCL 47: six months and more are a year, less is half of one; counted from 2022-01-01."""
    assert half_months_of(datetime.date(2022, 1, 1), datetime.date.fromisoformat(until)) == halves


def test_the_end_of_a_short_month_stands_for_a_day_it_lacks():
    """From 31 August, six months are over at the end of February."""
    hired = datetime.date(2023, 8, 31)
    assert half_months_of(hired, datetime.date(2024, 2, 27)) == 1
    assert half_months_of(hired, datetime.date(2024, 2, 28)) == 2


@given(DAYS, st.integers(0, 20_000))
@example(datetime.date(2020, 2, 29), 366)
def test_longer_service_never_costs_less_and_a_year_more_is_a_month_more(hired, days):
    """For any two days; the years come in half months."""
    until = min(hired + days * DAY, datetime.date(2090, 1, 1))
    halves = half_months_of(hired, until)
    assert half_months_of(hired, until + DAY) - halves in (0, 1)
    assert halves >= 1
    assert abs(halves / 2 - (until - hired).days / 365.25) <= 0.52
    with pytest.raises(ValueError, match="ends before it begins"):
        half_months_of(hired, hired - DAY)


@given(st.integers(1, 80), st.fractions(0, 10**8), st.integers(0, 10**7), st.integers(1, 10**7), st.integers(1, 10**6))
def test_n_is_never_above_n_plus_1_and_2n_is_twice_n(halves, wage, last, local, minimum):
    """Whatever caps and floors do; the cap lowers what is paid, the floor raises it."""
    minimum = min(minimum, local)  # a lowest wage is nowhere above the average one, let alone above three of it
    found = severance(halves, wage, last, local_average_wage=local, minimum_wage=minimum)
    assert found.lawful <= found.with_pay_in_lieu
    assert found.unlawful == 2 * found.lawful
    assert found.lawful <= severance(halves, wage, last, minimum_wage=minimum).lawful
    assert found.lawful >= severance(halves, wage, last, local_average_wage=local).lawful


def test_three_local_wages_are_the_cap_and_then_twelve_years_count():
    """LCL 47: 15 years at 40 000 where the local wage is 12 000 are 12 x 36 000; just below it, 15 years count."""
    capped = severance(30, Fraction(4_000_000), 0, local_average_wage=1_200_000)
    assert (capped.base, capped.half_months, capped.lawful) == (3_600_000, 24, 43_200_000)
    below = severance(30, Fraction(3_600_000), 0, local_average_wage=1_200_000)
    assert (below.half_months, below.lawful) == (30, 54_000_000)


def test_the_base_is_not_below_the_minimum_wage():
    """IR 27."""
    assert severance(2, Fraction(200_000), 0, minimum_wage=236_000).lawful == 236_000


def test_what_is_paid_is_rounded_half_up_to_the_fen_at_the_end():
    """Half a month of 100.01 yuan is 50.005, so 50.01; 2N is twice what is paid as N."""
    found = severance(1, Fraction(10_001), 0)
    assert (found.lawful, found.unlawful) == (5_001, 10_002)
    assert severance(3, Fraction(100_000, 12), 0).lawful == 12_500


def test_the_average_wage_counts_a_years_bonuses():
    """By hand: A then three times E; 2500 paid, 600 - 1800 of awards against 2000 of other bonus, over 12 months."""
    months = [scoring("m1", month, 111 if month[1] <= 3 else 80) for month in YEAR]
    years = [{"staff_id": "m1", "year": 2025, "other_year_end_bonus": 200_000}]
    outcome = cm.appraise(staff_data({"months": months, "years": years}))
    average = average_wage(outcome, 0, 3, 600_000, datetime.date(2020, 1, 1))
    assert average == 600_000 + Fraction(250_000 - 120_000 + 200_000, 12)
    # At the end of September the year has not ended, so its awards and its other bonus are not paid yet.
    assert average_wage(outcome, 0, 2, 600_000, datetime.date(2020, 1, 1)) == 600_000 + Fraction(250_000, 12)


def test_someone_with_less_than_a_year_has_the_mean_of_the_months_there_are():
    """IR 27: hired in January, the mean at the end of March is over three months."""
    outcome = cm.appraise(staff_data({"months": [scoring("m1", month, 111) for month in YEAR[:3]]}))
    assert average_wage(outcome, 0, 0, 600_000, datetime.date(2025, 1, 15)) == 600_000 + Fraction(250_000, 3)


def test_bonuses_below_nought_do_not_lower_the_wage():
    """Where penalties have no limit, the wage itself still stands."""
    figures = [{"staff_id": "m1", "quarter": (2025, 1), "revenue": 0, "revenue_base": 2_400_000_00}]
    data = staff_data({"months": [scoring("m1", month, 80) for month in YEAR[:3]], "quarters": figures})
    outcome = cm.appraise(data, cm.load_policy("2007-06").with_changes({"readings.payout_floor": "none"}))
    assert outcome.cost["payout"] < 0
    assert average_wage(outcome, 0, 0, 600_000, datetime.date(2020, 1, 1)) == 600_000
