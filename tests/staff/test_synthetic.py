"""Synthetic staff: valid, repeatable, like a department's, and as the knobs say."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cmpolicy as cm
from cmpolicy.errors import DataError
from cmpolicy.staff import synthetic
from cmpolicy.staff.schema import ABSENT_MONEY, TABLES

GRADE_SHARES = {"A": 0.22, "B": 0.48, "C": 0.18, "D": 0.08, "E": 0.04}
NOBODY_MOVES = {"joiners_a_year": 0.0, "leavers_a_year": 0.0, "missing_months": 0.0}


def month_scores(data):
    panel = data.panel
    return np.where(panel.assessed, cm.appraise(data).arrays.month_score, np.nan)


def shown(data, name):
    return data.frame(name).to_csv()


# -- valid and repeatable ---------------------------------------------------------------------------------------------


@st.composite
def settings(draw):
    ranges = {name: st.floats(*bounds) for name, bounds in synthetic._RANGES.items()}
    knobs = {name: draw(ranges[name]) for name in draw(st.sets(st.sampled_from(sorted(ranges))))}
    first_month = f"{draw(st.integers(1995, 2030))}-{draw(st.integers(1, 12)):02d}"
    return {
        "staff": draw(st.integers(1, 30)),
        "months": draw(st.integers(1, 40)),
        "seed": draw(st.integers(0, 2**63 - 1)),
        "first_month": first_month,
        "knobs": cm.SyntheticKnobs(**knobs),
    }


@given(settings())
def test_whatever_the_settings_the_tables_pass_every_check_of_the_reader(chosen):
    data = cm.synthesize(**chosen)
    read = cm.StaffData.from_frames({name: data.frame(name) for name in data.tables})
    assert read.notes == ()
    assert len(read.staff_ids) == chosen["staff"]
    for name in data.tables:
        assert shown(read, name) == shown(data, name)


def test_the_same_seed_gives_the_same_data_and_another_seed_others():
    one, again, other = (cm.synthesize(40, 12, seed) for seed in (7, 7, 8))
    for name in TABLES:
        assert shown(one, name) == shown(again, name)
        assert shown(one, name) != shown(other, name)
    assert "seed 7" in one.source


def test_people_are_drawn_alike_in_blocks_of_any_size(monkeypatch):
    """A row count or a person must not go missing at the border of two blocks."""
    monkeypatch.setattr(synthetic, "_BLOCK", 7)
    data = cm.synthesize(40, 12, 1, knobs=cm.SyntheticKnobs(**NOBODY_MOVES))
    expected = [(person, 24276 + month) for person in range(40) for month in range(12)]
    columns = data.tables["months"].columns
    assert list(zip(columns["staff_id"].tolist(), columns["month"].tolist(), strict=True)) == expected


def test_all_tables_are_there_and_all_columns_but_what_a_department_adds():
    data = cm.synthesize()
    assert list(data.tables) == list(TABLES)
    absent = {
        (name, field.name)
        for name, table in TABLES.items()
        for field in table.fields
        if field.name not in data.tables[name].columns
    }
    by_month = {("months", name) for name in ("area", "revenue", "revenue_base")}
    assert absent == by_month | {("quarters", "area"), ("quarters", "paid")}


# -- like a department ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_grades_under_the_enacted_policy_come_out_as_a_department_knows_them(seed):
    outcome = cm.appraise(cm.synthesize(4000, 36, seed), cm.load_policy("2007-06"))
    counts = outcome.grade_counts("quarters")
    total = sum(counts.values())
    assert {grade: number / total for grade, number in counts.items()} == pytest.approx(GRADE_SHARES, abs=0.02)
    assert outcome.standing_counts["observed"] > outcome.standing_counts["dismissed"] > 0


def test_people_differ_from_year_to_year_in_the_same_way():
    scores = month_scores(cm.synthesize(1000, 36, 3, knobs=cm.SyntheticKnobs(**NOBODY_MOVES)))
    years = scores.reshape(3, 12, -1).mean(axis=1)
    assert np.corrcoef(years)[0, 2] > 0.7


def test_two_managers_share_an_area_and_its_revenue():
    data = cm.synthesize(200, 36, 4)
    staff, quarters = data.frame("staff"), data.frame("quarters")
    quarters = quarters.merge(staff[["staff_id", "area"]])
    of_area = quarters.groupby(["area", "quarter"])[["revenue", "revenue_base"]].nunique()
    assert (of_area == 1).all(axis=None)
    assert quarters.groupby("quarter")["revenue"].nunique().min() > 50, "areas differ"
    day = np.datetime64("2024-06-30")
    there = staff[(staff["hire_date"] <= day) & ~(staff["leave_date"] < day)]
    sizes = there.groupby("area").size()
    assert sizes.max() == 2
    assert (sizes == 2).mean() > 0.8


def test_revenue_and_base_grow_and_revenue_lies_on_both_sides_of_its_base():
    quarters = cm.synthesize(500, 36, 5).frame("quarters")
    yearly = quarters.groupby(quarters["quarter"].str[:4])[["revenue", "revenue_base"]].mean()
    assert (yearly.diff().iloc[1:] > 0).all(axis=None)
    assert 0.4 < (quarters["revenue"] > quarters["revenue_base"]).mean() < 0.8


def test_there_are_months_exactly_while_a_person_is_employed():
    data = cm.synthesize(500, 24, 6, knobs=cm.SyntheticKnobs(missing_months=0))
    staff, months = data.frame("staff"), data.frame("months")
    span = months.groupby("staff_id")["month"].agg(["min", "max", "size"])
    for person in staff.itertuples():
        first = max(f"{person.hire_date:%Y-%m}", "2023-01")
        last = f"{person.leave_date:%Y-%m}" if person.leave_date == person.leave_date else "2024-12"
        found = span.loc[person.staff_id]
        assert (found["min"], found["max"]) == (first, last)
        years, within = int(last[:4]) - int(first[:4]), int(last[5:]) - int(first[5:])
        assert found["size"] == 12 * years + within + 1


def test_surveys_and_year_end_bonuses_are_of_people_who_were_there():
    data = cm.synthesize(300, 24, 7)
    staff = data.frame("staff").set_index("staff_id")
    surveys, years = data.frame("surveys"), data.frame("years")
    assert surveys["sampled"].between(10, 40).all()
    hired = staff.loc[surveys["staff_id"], "hire_date"].dt.strftime("%Y-%m").to_numpy()
    left = staff.loc[surveys["staff_id"], "leave_date"].dt.strftime("%Y-%m").fillna("9999-12").to_numpy()
    assert ((hired <= surveys["month"]) & (surveys["month"] <= left)).all()
    left = staff.loc[years["staff_id"], "leave_date"].dt.year.fillna(9999).to_numpy()
    assert ((left > years["year"]) | (staff.loc[years["staff_id"], "leave_date"].dt.month == 12).to_numpy()).all()


def test_probation_is_paid_and_ends_as_the_regulation_and_the_law_have_it():
    data = cm.synthesize(2000, 24, 8)
    columns = data.tables["staff"].columns
    assert (columns["probation_wage"] * 10 >= columns["contract_wage"] * 8).all()
    assert (columns["probation_wage"] < columns["contract_wage"]).all()
    known = ~np.isnat(columns["confirmed_on"])
    days = (columns["confirmed_on"] - columns["hire_date"])[known].astype(int)
    assert days.min() >= 59
    assert days.max() <= 123
    assert 0.75 < ((days >= 89) & (days <= 92)).mean() < 0.95
    late = columns["hire_date"] > np.datetime64("2024-11-01")
    assert late.any()
    assert not known[late].any(), "not yet confirmed at the data's end"
    assert (columns["contract_months"] == -1).any()


def test_everyone_has_a_first_months_pay_where_the_calendar_knows_the_year():
    data = cm.synthesize(200, 12, 9, first_month="2008-01")
    assert (data.tables["staff"].columns["probation_wage"] == ABSENT_MONEY).any()
    assert len(cm.appraise(data).probation) == 200


def test_more_users_come_in_september_than_in_february():
    months = cm.synthesize(1000, 12, 10).frame("months")
    gained = months.groupby("month")["broadband_gained"].mean()
    assert gained["2023-09"] > 1.5 * gained["2023-02"]


# -- the knobs --------------------------------------------------------------------------------------------------------


def rows_of(name):
    return lambda data: len(data.frame(name))


def joined(data):
    return (data.frame("staff")["hire_date"] >= "2023-01-01").mean()


def spread_of_people(data):
    return np.nanmean(month_scores(data), axis=0).std()


def spread_of_months(data):
    return np.nanstd(month_scores(data), axis=0).mean()


def seasonal_range(data):
    gained = data.frame("months").groupby("month")["broadband_gained"].mean()
    return gained.max() - gained.min()


def attainment(data):
    return data.frame("quarters").eval("revenue / revenue_base")


def satisfied(data):
    surveys = data.frame("surveys")
    return surveys["satisfied"].sum() / surveys["sampled"].sum()


def growth(data):
    base = data.frame("quarters").groupby("quarter")["revenue_base"].mean()
    return base["2024-Q1"] / base["2023-Q1"]


@pytest.mark.parametrize(
    ("knob", "low", "high", "measure"),
    [
        ("joiners_a_year", 0.0, 0.3, joined),
        ("leavers_a_year", 0.0, 0.3, lambda data: data.frame("staff")["leave_date"].notna().mean()),
        ("missing_months", 0.0, 0.2, lambda data: -data.tables["months"].length),
        ("fraud", 0.001, 0.05, lambda data: data.frame("months")["fraud"].mean()),
        ("ability_spread", 1.0, 8.0, spread_of_people),
        ("month_spread", 0.0, 9.0, spread_of_months),
        ("service_shift", -5.0, 5.0, lambda data: np.nanmean(month_scores(data))),
        ("season_strength", 0.0, 2.0, seasonal_range),
        ("revenue_level", 50_000.0, 90_000.0, lambda data: data.frame("quarters")["revenue_base"].mean()),
        ("revenue_attainment", 0.9, 1.1, lambda data: attainment(data).mean()),
        ("revenue_spread", 0.02, 0.2, lambda data: attainment(data).std()),
        ("revenue_growth", -0.2, 0.2, growth),
        ("review_share", 0.1, 0.9, lambda data: data.frame("quarters")["review"].notna().mean()),
        ("review_mean", -1.0, 1.0, lambda data: data.frame("quarters")["review_manager"].mean()),
        ("review_spread", 0.5, 2.0, lambda data: data.frame("quarters")["review_supervisor"].std()),
        ("survey_share", 0.1, 0.9, rows_of("surveys")),
        ("satisfaction", 0.8, 0.95, satisfied),
    ],
)
def test_a_knob_turned_up_gives_more_of_what_it_is_named_for(knob, low, high, measure):
    less, more = (
        measure(cm.synthesize(400, 24, 11, knobs=dataclasses.replace(cm.SyntheticKnobs(), **{knob: value})))
        for value in (low, high)
    )
    assert less < more


def test_every_knob_is_tested_and_has_a_range():
    names = {field.name for field in dataclasses.fields(cm.SyntheticKnobs)}
    marks = test_a_knob_turned_up_gives_more_of_what_it_is_named_for.pytestmark
    assert {case[0] for case in marks[0].args[1]} == names == synthetic._RANGES.keys()


def test_spread_and_shift_are_in_points_of_the_months_score():
    def scores(**knobs):
        chosen = cm.SyntheticKnobs(**NOBODY_MOVES, **knobs)
        return month_scores(cm.synthesize(1500, 60, 12, knobs=chosen))

    alike = scores(ability_spread=0, month_spread=0)
    people = scores(ability_spread=5, month_spread=0).mean(axis=0)
    assert np.sqrt(people.var() - alike.var() / 60) == pytest.approx(5, rel=0.1)
    shifted = scores(ability_spread=0, month_spread=0, service_shift=3)
    assert shifted.mean() - alike.mean() == pytest.approx(3, abs=0.2)


def test_fraud_and_missing_months_come_at_the_rate_that_is_set():
    knobs = cm.SyntheticKnobs(fraud=0.03, missing_months=0.1, joiners_a_year=0, leavers_a_year=0)
    months = cm.synthesize(2000, 24, 13, knobs=knobs).frame("months")
    assert months["fraud"].mean() == pytest.approx(0.03, abs=0.003)
    assert len(months) / 48_000 == pytest.approx(0.9, abs=0.005)


# -- what is refused --------------------------------------------------------------------------------------------------


def test_every_bad_knob_is_named_with_its_value_and_what_was_expected():
    with pytest.raises(DataError) as caught:
        cm.SyntheticKnobs(fraud=1.5, ability_spread=float("nan"), revenue_level="much", survey_share=True)
    assert [str(problem) for problem in caught.value.problems] == [
        'The knob fraud cannot be set so. Found: "1.5". Expected: a number from 0 to 1.',
        'The knob ability_spread cannot be set so. Found: "nan". Expected: a number from 0 to 30.',
        'The knob revenue_level cannot be set so. Found: "much". Expected: a number from 0 to 10000000.',
        'The knob survey_share cannot be set so. Found: "True". Expected: a number from 0 to 1.',
    ]


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ({"staff": 0}, "staff"),
        ({"staff": 2.5}, "staff"),
        ({"months": -1}, "months"),
        ({"months": 2000}, "months"),
        ({"seed": -1}, "seed"),
        ({"first_month": "2023-13"}, "first_month"),
        ({"first_month": "1950-01"}, "first_month"),
        ({"first_month": 202301}, "first_month"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(bad, found):
    with pytest.raises(DataError) as caught:
        cm.synthesize(**bad)
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{found} cannot be set so.")
    assert problem.value == str(bad[found])
