"""Section 3 of the rule book, sentence by sentence, each on a tiny set of data."""

import datetime

import numpy as np
import pandas as pd
import pytest
from random_cases import month_row, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.errors import CalendarError

ENACTED = cm.load_policy("2007-06")
SCORES = {"A": 110, "B": 100, "C": 95, "D": 90, "E": 80}
date = datetime.date


def policy(**readings):
    return ENACTED.with_changes({f"readings.{setting}": option for setting, option in readings.items()})


def months_of(year, quarter):
    return [(year, 3 * quarter - place) for place in (2, 1, 0)]


def quarters_graded(staff_id, grades, *, year=2025, **more):
    """Give the month rows of quarters with these grades, from the first quarter of a year; "-" is not assessed."""
    rows = []
    for place, grade in enumerate(grades):
        if grade != "-":
            of_quarter = months_of(year + place // 4, place % 4 + 1)
            rows += [scoring(staff_id, month, SCORES[grade], **more) for month in of_quarter]
    return rows


def appraised(months, quarters=(), surveys=(), years=(), staff=(), *, by=ENACTED):
    tables = {"staff": staff, "months": months, "quarters": quarters, "surveys": surveys, "years": years}
    return cm.appraise(staff_data({name: list(rows) for name, rows in tables.items()}), by)


def quarter_row(staff_id, quarter, **more):
    return {"staff_id": staff_id, "quarter": quarter} | more


def money(revenue, base):
    """Figures in yuan."""
    return {"revenue": 100 * revenue, "revenue_base": 100 * base}


def notes(outcome):
    return [str(note) for note in outcome.notes]


# -- the tables ------------------------------------------------------------------------------------------------------


def test_the_tables_have_the_rule_books_columns_in_its_order_with_plain_types():
    people = [{"staff_id": "m1", "name": "王芳", "area": "东区", "hire_date": date(2025, 1, 6)}]
    outcome = appraised(quarters_graded("m1", "AE"), staff=people)
    types = {
        name: {column: str(kind) for column, kind in table.dtypes.items()} for name, table in outcome.tables.items()
    }
    text, number, whole, flag = "str", "float64", "int64", "bool"
    who = {"name": text, "area": text}
    assert types["months"] == {
        "staff_id": text, "month": text, "score": number, "grade": text, "award": number} | who  # fmt: skip
    assert (
        types["quarters"]
        == {
            "staff_id": text,
            "quarter": text,
            "months_assessed": whole,
            "score": number,
            "grade": text,
            "service_bonus": number,
            "revenue_bonus": number,
            "payout": number,
            "penalty_not_applied": number,
            "standing": text,
            "dismissal_due": flag,
            "open": flag,
        }
        | who
    )
    assert types["years"] == {"staff_id": text, "year": whole, "service_award": number, "cash_effect": number} | who
    assert types["recognition"] == {"month": text, "measure": text, "staff_id": text} | who
    assert (
        types["probation"]
        == {
            "staff_id": text,
            "planned_end": "datetime64[s]",
            "confirmed_on": "datetime64[s]",
            "first_month_pay": number,
            "festival_allowance": number,
        }
        | who
    )
    for name, table in outcome.tables.items():
        assert list(types[name]) == list(table.columns)
        assert (table["name"] == "王芳").all()


def test_tables_have_no_name_area_or_probation_where_the_data_do_not_know_them():
    outcome = appraised(quarters_graded("m1", "A"))
    assert list(outcome.tables) == ["months", "quarters", "years", "recognition"]
    assert not {"name", "area"} & {column for table in outcome.tables.values() for column in table}
    assert outcome.probation.empty


def test_money_is_yuan_to_the_fen_and_a_score_a_decimal():
    """A fen is the nearest float to its decimal, so that it prints with two decimals."""
    rows = [scoring("m1", month, score) for month, score in zip(months_of(2025, 1), (110, 110, 109), strict=True)]
    outcome = appraised(rows, [quarter_row("m1", (2025, 1), revenue=23_145_678, revenue_base=24_000_000)])
    quarter = outcome.quarters.iloc[0]
    assert quarter["score"] == pytest.approx(109 + 2 / 3, abs=1e-12)
    assert [quarter["service_bonus"], quarter["revenue_bonus"], quarter["payout"]] == [2000.0, -1067.9, 932.1]
    assert outcome.exact("quarters")["revenue_bonus"].tolist() == [-106_790]
    assert outcome.exact("quarters")["score"].tolist() == [658]


def test_rows_stand_by_person_and_period_and_people_as_in_the_data():
    rows = quarters_graded("z", "AB") + quarters_graded("a", "C")
    outcome = appraised(sorted(rows, key=lambda row: row["month"]))
    assert outcome.quarters[["staff_id", "quarter"]].to_numpy().tolist() == [
        ["z", "2025-Q1"], ["z", "2025-Q2"], ["a", "2025-Q1"]]  # fmt: skip
    assert outcome.months["month"].tolist()[:4] == ["2025-01", "2025-02", "2025-03", "2025-04"]


def test_an_area_recorded_with_a_month_goes_before_the_staff_tables():
    people = [{"staff_id": "m1", "area": "东区"}]
    rows = [scoring("m1", (2025, 1), 100, area="西区"), scoring("m1", (2025, 2), 100)]
    outcome = appraised(rows, staff=people)
    assert outcome.months["area"].tolist() == ["西区", "东区"]
    assert outcome.years["area"].tolist() == ["东区"]


def test_the_summary_and_the_text_of_an_outcome_agree_with_its_tables():
    outcome = appraised(quarters_graded("m1", "AE"), [quarter_row("m1", (2025, 1), **money(900, 100))])
    summary = outcome.summary["value"]
    assert summary["payout"] == outcome.quarters["payout"].sum() == 2600
    assert summary["cash_effect"] == outcome.years["cash_effect"].sum() == 0
    assert summary["cost"] == 2600
    assert [summary[f"quarter_grade_{name}"] for name in "ABCDE"] == [1, 0, 0, 0, 1]
    assert [summary[f"month_grade_{name}"] for name in "ABCDE"] == [3, 0, 0, 0, 3]
    assert (summary["people"], summary["months_assessed"], summary["quarters"]) == (1, 6, 2)
    assert "1 people, 2 quarters, cost 2,600.00 yuan" in repr(outcome)


# -- quarters --------------------------------------------------------------------------------------------------------


def test_a_quarter_with_only_a_quarter_row_has_no_score_but_its_revenue_bonus():
    outcome = appraised(
        quarters_graded("m1", "A-A"),
        [quarter_row("m1", (2025, 2), review=3, **money(900, 100))],
        [{"staff_id": "m1", "month": (2025, 5), "sampled": 20, "satisfied": 20}],
    )
    assert outcome.quarters["quarter"].tolist() == ["2025-Q1", "2025-Q2", "2025-Q3"]
    row = outcome.quarters.iloc[1]
    assert row["months_assessed"] == 0
    assert pd.isna(row["score"])
    assert pd.isna(row["grade"])
    assert (row["service_bonus"], row["revenue_bonus"], row["payout"]) == (0, 100, 100)


def test_a_quarter_without_any_row_is_not_there():
    outcome = appraised(quarters_graded("m1", "A-A") + quarters_graded("m2", "BBB"))
    assert outcome.quarters.groupby("staff_id").size().to_dict() == {"m1": 2, "m2": 3}


def test_without_a_revenue_figure_the_revenue_bonus_is_nought_with_a_note():
    outcome = appraised(quarters_graded("m1", "AB"), [quarter_row("m1", (2025, 1), **money(0, 0))])
    assert outcome.quarters["revenue_bonus"].tolist() == [0, 0]
    assert notes(outcome) == ["Staff-quarters without a revenue figure: 1. Their revenue bonus is 0 (R1)."]


def test_the_quarters_figure_goes_before_its_months_and_their_sum_serves_where_it_has_none():
    """R1: also where only some of the months have figures."""
    first, second, third = months_of(2025, 1)
    rows = [
        scoring("own", first, 100, **money(500, 100)),
        scoring("sum", first, 100, **money(500, 100)),
        scoring("sum", second, 100, **money(100, 300)),
        scoring("part", first, 100, **money(900, 100)),
        scoring("part", second, 100),
        scoring("none", third, 100),
    ]
    outcome = appraised(rows, [quarter_row("own", (2025, 1), **money(1700, 100))])
    bonus = outcome.quarters.set_index("staff_id")["revenue_bonus"]
    assert bonus.to_dict() == {"own": 200, "sum": 25, "part": 100, "none": 0}


def test_where_the_data_end_inside_a_quarter_its_rows_are_open_and_paid_but_change_no_standing():
    rows = quarters_graded("m1", "EEE")[:-1] + quarters_graded("m2", "DEE")[:-1]
    outcome = appraised(rows)
    last = outcome.quarters.groupby("staff_id").last()
    assert last["standing"].to_dict() == {"m1": "observation", "m2": "regular"}
    assert outcome.quarters["open"].tolist() == [False, False, True] * 2
    assert not outcome.quarters["dismissal_due"].any()
    closed = appraised(quarters_graded("m1", "EEE"))
    assert closed.quarters["dismissal_due"].tolist() == [False, False, True]
    assert not closed.quarters["open"].any()


def test_open_quarters_start_and_end_no_observation():
    """Quarter rows may run ahead of the months: they are open."""
    rows = quarters_graded("m1", "EE")[:-1]
    ahead = [quarter_row("m1", (2025, 3)), quarter_row("m1", (2025, 4))]
    outcome = appraised(rows, ahead)
    assert outcome.quarters["open"].tolist() == [False, True, True, True]
    assert set(outcome.quarters["standing"]) == {"regular"}
    assert appraised(rows).quarters["service_bonus"].tolist() == [0, 0]


def test_fewer_than_three_months_are_paid_in_thirds_in_full_or_not_at_all():
    """A21"""
    rows = quarters_graded("m1", "B")[1:]
    found = {}
    for reading in ("mean_present_prorated", "mean_present_full", "require_three"):
        row = appraised(rows, by=policy(missing_months=reading)).quarters.iloc[0]
        found[reading] = (row["months_assessed"], row["score"], row["service_bonus"])
    assert found["mean_present_prorated"] == (2, 100, 1333.33)
    assert found["mean_present_full"] == (2, 100, 2000)
    assert found["require_three"][::2] == (2, 0)
    assert np.isnan(found["require_three"][1])


def test_an_excluded_fraud_month_still_counts_as_assessed():
    """A18: two months in the mean, three in the thirds; the month's own score and grade are as ever."""
    first, *others = months_of(2025, 1)
    rows = [scoring("m1", first, 112, fraud=True), *(scoring("m1", month, 100) for month in others)]
    outcome = appraised(rows, by=policy(fraud_score="exclude"))
    row = outcome.quarters.iloc[0]
    assert (row["months_assessed"], row["score"], row["grade"], row["service_bonus"]) == (3, 100, "B", 2000)
    assert outcome.months[["score", "grade", "award"]].to_numpy().tolist()[0] == [112, "E", -200]


def test_with_every_month_excluded_there_is_no_score_no_grade_and_no_bonus():
    """A18; a quarter without a grade breaks a run of E."""
    rows = quarters_graded("m1", "E") + quarters_graded("m1", "-A", fraud=True) + quarters_graded("m1", "--EE")
    outcome = appraised(rows, by=policy(fraud_score="exclude"))
    row = outcome.quarters.iloc[1]
    assert row["months_assessed"] == 3
    assert pd.isna(row["score"])
    assert pd.isna(row["grade"])
    assert row["service_bonus"] == 0
    assert outcome.months["grade"].tolist()[3:6] == ["E"] * 3
    assert set(outcome.quarters["standing"]) == {"regular"}


@pytest.mark.parametrize(("score", "counted"), [(112, 89), (70, 70)])
def test_a_fraud_month_is_capped_below_the_lowest_bound_but_never_raised(score, counted):
    """A18: months.score is the score as computed."""
    first, *others = months_of(2025, 1)
    rows = [scoring("m1", first, score, fraud=True), *(scoring("m1", month, 100) for month in others)]
    outcome = appraised(rows)
    assert outcome.quarters["score"].tolist() == [pytest.approx((counted + 200) / 3)]
    assert outcome.months["score"].tolist() == [score, 100, 100]


# -- 2.9 and 2.10 ----------------------------------------------------------------------------------------------------


REVIEWED = [
    quarter_row("m1", (2025, 1), review=3, review_supervisor=3, review_manager=1),
    quarter_row("m1", (2025, 2), review=-3, review_supervisor=2, review_manager=-3),
    quarter_row("m1", (2025, 3)),
]


@pytest.mark.parametrize(
    ("reading", "limit", "added", "clipped"),
    [
        ("joint", 3, [3, -3, 0], None),
        ("joint", 2, [2, -2, 0], 2),
        ("each", 3, [4, -1, 0], None),
        ("each", 2, [3, 0, 0], 2),
        ("each", 1, [2, 0, 0], 3),
        ("joint", 0, [0, 0, 0], 2),
    ],
)
def test_a_lower_limit_clips_the_review_and_a_note_counts_how_often(reading, limit, added, clipped):
    """2.9: only the figures that the reading takes are counted; an empty one is no adjustment."""
    by = policy(review_adjust=reading).with_changes({"review.limit": limit})
    outcome = appraised(quarters_graded("m1", "BBB"), REVIEWED, by=by)
    assert (outcome.quarters["score"] - 100).tolist() == added
    found = [note for note in notes(outcome) if "(2.9)" in note]
    expected = f"Review adjustments beyond the limit of {limit}, which are clipped to it (2.9): {clipped}."
    assert found == ([] if clipped is None else [expected])


def test_each_reviewer_by_himself_needs_both_columns():
    """A10"""
    for columns in ({}, {"review_supervisor": 1}):
        with pytest.raises(cm.PolicyError, match="review_adjust is each, but the reviewers' own figures are not"):
            appraised(quarters_graded("m1", "B"), [quarter_row("m1", (2025, 1), **columns)],
                      by=policy(review_adjust="each"))  # fmt: skip
    with pytest.raises(cm.PolicyError, match="Expected: the columns review_supervisor and review_manager"):
        appraised(quarters_graded("m1", "B"), by=policy(review_adjust="each"))


def survey(staff_id, month, satisfied=20):
    return {"staff_id": staff_id, "month": month, "sampled": 20, "satisfied": satisfied}


def test_every_survey_that_reaches_the_share_counts_in_its_calendar_quarter():
    """2.10: per time, also where its month is not assessed."""
    surveys = [
        survey("m1", (2025, 2)),
        survey("m1", (2025, 2), 19),
        survey("m1", (2025, 1), 18),
        survey("m1", (2025, 3)),
    ]
    outcome = appraised(quarters_graded("m1", "B")[:2], surveys=surveys)
    assert outcome.quarters["score"].tolist() == [115]
    assert outcome.months["score"].tolist() == [100, 100]
    assert not any("(2.10)" in note for note in notes(outcome))


def test_a_survey_may_count_in_its_month_which_must_then_be_assessed():
    """A12: it changes the month's grade, award and rank; a note counts the surveys that are lost."""
    months = quarters_graded("m1", "C")[:2] + quarters_graded("m2", "B")[:2]
    surveys = [survey("m1", (2025, 2)), survey("m1", (2025, 2)), survey("m1", (2025, 3)), survey("m2", (2025, 1), 18)]
    outcome = appraised(months, surveys=surveys, by=policy(survey_target="survey_month"))
    assert outcome.months["score"].tolist() == [95, 105, 100, 100]
    assert outcome.months["grade"].tolist() == ["C", "B", "B", "B"]
    assert outcome.months["award"].tolist() == [0, 100, 100, 100]
    assert outcome.quarters["score"].tolist() == [100, 100]
    best = outcome.recognition.query("measure == 'service'")
    assert best[["month", "staff_id"]].to_numpy().tolist() == [["2025-01", "m2"], ["2025-02", "m1"]]
    assert notes(outcome)[-1] == (
        "Surveys in months that were not assessed: 1. Under survey_month they add nothing (2.10)."
    )


def test_a_survey_without_a_row_of_the_person_in_its_quarter_has_no_effect_and_is_noted():
    outcome = appraised(quarters_graded("m1", "B-B"), surveys=[survey("m1", (2025, 5)), survey("m1", (2031, 1))])
    assert outcome.quarters["score"].tolist() == [100, 100]
    wanted = "Surveys without effect, for quarters in which the person has neither a month nor a quarter row: 2."
    assert notes(outcome)[0] == wanted


# -- money over time -------------------------------------------------------------------------------------------------


def test_years_have_a_row_for_each_year_with_a_month():
    """An unknown year-end bonus offsets nothing; a bonus without a month makes no row."""
    months = quarters_graded("m1", "---EE") + quarters_graded("m2", "----E")
    years = [
        {"staff_id": "m1", "year": 2025, "other_year_end_bonus": 40_000},
        {"staff_id": "m1", "year": 2026, "other_year_end_bonus": None},
        {"staff_id": "m2", "year": 2025, "other_year_end_bonus": 90_000},
    ]
    outcome = appraised(months, [quarter_row("m2", (2025, 4))], years=years)
    assert outcome.years.to_numpy().tolist() == [["m1", 2025, -600, -400], ["m1", 2026, -600, 0], ["m2", 2026, -600, 0]]
    signed = appraised(months, years=years, by=policy(annual_negative="signed"))
    assert signed.years["cash_effect"].tolist() == [-600, -600, -600]


def test_a_penalty_is_carried_over_quarters_without_a_row_and_over_the_year_until_used_up():
    """A27: revenue_bonus shows the figure after it."""
    months = quarters_graded("m1", "E-DB", year=2025) + quarters_graded("m1", "B", year=2026)
    figures = [
        quarter_row("m1", (2025, 1), **money(0, 40_000)),  # -5000, nothing to take it from
        quarter_row("m1", (2025, 4), **money(8000, 0)),  # +1000
    ]
    outcome = appraised(months, figures, by=policy(revenue_below_base="carried"))
    quarters = outcome.quarters
    assert quarters["quarter"].tolist() == ["2025-Q1", "2025-Q3", "2025-Q4", "2026-Q1"]
    assert quarters["revenue_bonus"].tolist() == [-5000, -5000, -3000, -1000]
    assert quarters["payout"].tolist() == [0, 0, 0, 1000]
    assert quarters["penalty_not_applied"].tolist() == [5000, 4000, 1000, 0]


def test_nothing_is_carried_without_a_floor_and_what_is_carried_lapses_at_dismissal():
    """A27, A28"""
    figures = [quarter_row("m1", (2025, 1), **money(0, 8000))]
    free = appraised(quarters_graded("m1", "EB"), figures, by=policy(revenue_below_base="carried", payout_floor="none"))
    assert free.quarters["payout"].tolist() == [-1000, 2000]
    by = policy(revenue_below_base="carried", after_dismissal="as_recorded")
    outcome = appraised(quarters_graded("m1", "EEEB"), figures, by=by)
    assert outcome.quarters["penalty_not_applied"].tolist() == [1000, 1000, 1000, 0]
    assert outcome.quarters["payout"].tolist() == [0, 0, 0, 2000]


STAFF = [
    {"staff_id": "plan", "hire_date": date(2025, 1, 15), "confirmed_on": None},
    {"staff_id": "first", "hire_date": date(2025, 2, 1), "confirmed_on": date(2025, 3, 1)},
    {"staff_id": "early", "hire_date": date(2025, 1, 15), "confirmed_on": date(2024, 12, 1)},
    {"staff_id": "long", "hire_date": date(2025, 1, 31), "confirmed_on": date(2025, 6, 2)},
    {"staff_id": "old", "hire_date": None, "confirmed_on": None},
]


def test_months_on_probation_may_earn_neither_award_nor_thirds():
    """A24: the month's first day is before confirmed_on, or before hire_date + three months where that is empty."""
    months = [row for one in STAFF for row in quarters_graded(one["staff_id"], "BB")]
    months = [row for row in months if row["staff_id"] != "first" or row["month"] != (2025, 1)]
    figures = [quarter_row("plan", (2025, 1), **money(800, 0))]
    outcome = appraised(months, figures, staff=STAFF, by=policy(probation_bonus="none"))
    awarded = outcome.months[outcome.months["award"] != 0].groupby("staff_id")["month"].first().to_dict()
    assert awarded == {
        "plan": "2025-05", "first": "2025-03", "early": "2025-01", "old": "2025-01"}  # fmt: skip
    bonus = outcome.quarters.groupby("staff_id")["service_bonus"].agg(list).to_dict()
    assert bonus == {
        "plan": [0, 1333.33], "first": [666.67, 2000], "early": [2000, 2000], "long": [0, 0], "old": [2000, 2000],
    }  # fmt: skip
    assert outcome.quarters["revenue_bonus"].max() == 100
    paid = appraised(months, staff=STAFF)
    assert (paid.months["award"] == 100).all()


def test_a_quarter_under_observation_may_earn_no_service_bonus_and_no_awards():
    """A24: the revenue bonus is untouched."""
    figures = [quarter_row("m1", (2025, 3), **money(800, 0))]
    outcome = appraised(quarters_graded("m1", "EEB"), figures, by=policy(probation_bonus="none"))
    row = outcome.quarters.iloc[2]
    assert (row["standing"], row["grade"], row["service_bonus"], row["revenue_bonus"]) == ("observation", "B", 0, 100)
    assert outcome.months["award"].tolist()[6:] == [0, 0, 0]


# -- standing --------------------------------------------------------------------------------------------------------


def test_after_a_dismissal_rows_stay_without_money_and_count_nowhere():
    """A45"""
    figures = {**money(800, 0)}
    months = quarters_graded("m1", "EEEAA") + quarters_graded("m2", "CCCCC")
    quarters = [quarter_row("m1", (2025, 4), review=1, **figures), quarter_row("m2", (2025, 4), **money(80, 0))]
    outcome = appraised(months, quarters)
    mine = outcome.quarters.query("staff_id == 'm1'")
    assert mine["standing"].tolist() == ["regular", "regular", "observation", "left", "left"]
    assert mine["dismissal_due"].tolist() == [False, False, True, False, False]
    assert mine["grade"].tolist() == ["E", "E", "E", "A", "A"]
    assert mine["score"].tolist() == [80, 80, 80, 111, 110]
    assert mine[["service_bonus", "revenue_bonus", "payout", "penalty_not_applied"]].iloc[3:].to_numpy().max() == 0
    assert outcome.months.query("staff_id == 'm1'")["award"].tolist()[9:] == [0] * 6
    assert outcome.years.query("staff_id == 'm1'")["service_award"].tolist() == [-1800, 0]
    assert outcome.grade_counts("quarters") == {"A": 0, "B": 0, "C": 5, "D": 0, "E": 3}
    assert outcome.grade_counts("months") == {"A": 0, "B": 0, "C": 15, "D": 0, "E": 9}
    assert outcome.cost["payout"] == 100 * (5 * 1500 + 10)
    later = outcome.recognition[outcome.recognition["month"] >= "2025-10"]
    assert set(later["staff_id"]) == {"m2"}
    assert outcome.standing_counts == {"observed": 1, "dismissed": 1, "left": 2}


def test_a_dismissal_may_be_shown_only_and_all_else_be_as_if_employed():
    """A45: as_recorded"""
    figures = [quarter_row("m1", (2025, 4), **money(800, 0))]
    outcome = appraised(quarters_graded("m1", "EEEA"), figures, by=policy(after_dismissal="as_recorded"))
    row = outcome.quarters.iloc[3]
    assert (row["standing"], row["service_bonus"], row["revenue_bonus"]) == ("left", 2500, 100)
    assert outcome.grade_counts("quarters")["A"] == 1
    assert outcome.recognition["month"].max() == "2025-12"


def test_an_unassessed_observation_goes_on_until_a_quarter_is_assessed():
    """A36: with a row or without; quarters adjoin across years."""
    months = quarters_graded("m1", "--EE--E", year=2024)
    outcome = appraised(months, [quarter_row("m1", (2025, 1))])
    assert outcome.quarters["quarter"].tolist() == ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q3"]
    assert outcome.quarters["standing"].tolist() == ["regular", "regular", "observation", "observation"]
    assert outcome.quarters["dismissal_due"].tolist() == [False, False, False, True]


def test_the_lowest_scorer_is_found_among_all_with_ties_and_the_dismissed():
    """A35"""
    months = quarters_graded("m1", "CCCB") + quarters_graded("m2", "CBBC") + quarters_graded("m3", "ABAB")
    outcome = appraised(months, by=policy(elimination_rule="lowest_scorer"))
    stood = outcome.quarters.groupby("staff_id")["standing"].agg(list).to_dict()
    # In the first quarter m1 and m2 share the lowest score; in the next two it is m1's alone.
    assert stood["m1"] == ["regular", "regular", "observation", "left"]
    assert stood["m2"] == ["regular"] * 4
    assert stood["m3"] == ["regular"] * 4
    low = quarters_graded("m1", "CCCCCC") + quarters_graded("m2", "BBBBBB")
    outcome = appraised(low, by=policy(elimination_rule="lowest_scorer"))
    # m1, dismissed, is still the lowest of all: m2 never is, and is not observed in the last quarter.
    assert set(outcome.quarters.query("staff_id == 'm2'")["standing"]) == {"regular"}
    assert outcome.quarters.query("staff_id == 'm1'")["standing"].tolist()[-2:] == ["left", "left"]


# -- 3.4 -------------------------------------------------------------------------------------------------------------


def named(outcome, measure):
    rows = outcome.recognition[outcome.recognition["measure"] == measure]
    return rows.groupby("month")["staff_id"].agg(list).to_dict()


def test_ties_are_all_named_and_a_fraud_month_is_best_on_revenue_only():
    """3.4"""
    rows = [
        scoring("m1", (2025, 1), 105, **money(900, 100)),
        scoring("m2", (2025, 1), 105, **money(300, 100)),
        scoring("m3", (2025, 1), 120, fraud=True, **money(1000, 200)),
        scoring("m4", (2025, 2), 120, fraud=True),
    ]
    outcome = appraised(rows)
    assert named(outcome, "service") == {"2025-01": ["m1", "m2"]}
    assert named(outcome, "revenue") == {"2025-01": ["m1", "m3"]}
    assert outcome.recognition["measure"].tolist() == ["service", "service", "revenue", "revenue"]
    both = appraised(rows, by=policy(best_rule="both_measures"))
    assert both.recognition.to_numpy().tolist() == [["2025-01", "both", "m1"]]


@pytest.mark.parametrize(("excess", "best"), [(99, ["quarter"]), (100, ["quarter", "month"]), (101, ["month"])])
def test_a_month_without_its_own_revenue_takes_a_third_of_its_quarters(excess, best):
    """A34: only for those with a row in the month."""
    rows = [
        scoring("quarter", (2025, 1), 100),
        scoring("month", (2025, 1), 100, **money(1000 + excess, 1000)),
        scoring("absent", (2025, 2), 100),
    ]
    figures = [quarter_row("quarter", (2025, 1), **money(600, 300)), quarter_row("absent", (2025, 1), **money(9000, 1))]
    outcome = appraised(rows, figures)
    assert named(outcome, "revenue")["2025-01"] == best


def test_attainment_needs_a_base():
    """A34"""
    rows = [
        scoring("none", (2025, 1), 100, **money(9000, 0)),
        scoring("small", (2025, 1), 100, **money(30, 10)),
        scoring("large", (2025, 1), 100, **money(2000, 1000)),
    ]
    assert named(appraised(rows), "revenue") == {"2025-01": ["none"]}
    outcome = appraised(rows, by=policy(best_revenue_metric="attainment"))
    assert named(outcome, "revenue") == {"2025-01": ["small"]}


# -- versions --------------------------------------------------------------------------------------------------------


def dated(name, day, changes=()):
    return ENACTED.with_changes({"id": name, "effective_from": day} | dict(changes))


def test_a_quarter_follows_the_version_in_force_on_its_first_day():
    """Versions may have other grades; a grade is named by its own version."""
    pass_fail = [
        {"grade": "pass", "from": 100, "quarterly_bonus": 700, "monthly_award": 10},
        {"grade": "fail", "quarterly_bonus": 0, "monthly_award": -10},
    ]
    book = cm.PolicyBook([ENACTED, dated("two", date(2025, 4, 1), {"grades": pass_fail, "standing.e_quarters": 1})])
    outcome = appraised(quarters_graded("m1", "BBCD"), by=book)
    assert outcome.quarters["grade"].tolist() == ["B", "pass", "fail", "fail"]
    assert outcome.quarters["service_bonus"].tolist() == [2000, 700, 0, 0]
    assert outcome.quarters["standing"].tolist() == ["regular", "regular", "regular", "observation"]
    assert outcome.quarters["dismissal_due"].tolist() == [False, False, False, True]
    assert outcome.years["service_award"].tolist() == [300 + 30 - 60]
    assert outcome.grade_counts("quarters") == {"A": 0, "B": 1, "C": 0, "D": 0, "E": 0, "pass": 1, "fail": 2}
    assert not [note for note in notes(outcome) if "begins" in note]


@pytest.mark.parametrize(
    ("day", "from_quarter", "noted"),
    [
        (date(2025, 4, 1), "2025-Q2", False),
        (date(2025, 4, 2), "2025-Q3", True),
        (date(2025, 5, 1), "2025-Q3", True),
        (date(2025, 7, 15), None, True),  # inside the data's last quarter: it never applies
        (date(2025, 11, 15), None, False),  # after the data
        (date(2024, 11, 15), "2025-Q1", False),  # before the data
    ],
)
def test_a_version_that_starts_inside_a_quarter_applies_from_the_next_with_a_note(day, from_quarter, noted):
    book = cm.PolicyBook([ENACTED, dated("reform", day, {"grades.A.quarterly_bonus": 3000})])
    outcome = appraised(quarters_graded("m1", "AAA"), by=book)
    raised = outcome.quarters.loc[outcome.quarters["service_bonus"] == 3000, "quarter"]
    assert (raised.min() if len(raised) else None) == from_quarter
    wanted = f"Policy reform begins on {day}, inside a quarter; it applies from the next quarter."
    assert [note for note in notes(outcome) if "begins" in note] == ([wanted] if noted else [])


def test_a_quarter_before_the_first_version_is_an_error():
    with pytest.raises(cm.PolicyError, match="No version of the policy is in force on 2025-01-01"):
        appraised(quarters_graded("m1", "A"), by=cm.PolicyBook([dated("late", date(2025, 1, 2))]))


# -- probation -------------------------------------------------------------------------------------------------------


def test_the_probation_table_has_everyone_with_a_day_of_hire():
    """P1-P(2): an unknown wage or rate is empty."""
    people = [
        {"staff_id": "m1", "hire_date": date(2025, 10, 9), "confirmed_on": date(2025, 12, 1),
         "probation_wage": 4600, "festival_allowance": 333.33},
        {"staff_id": "m2", "hire_date": date(2025, 11, 30), "confirmed_on": None,
         "probation_wage": None, "festival_allowance": None},
        {"staff_id": "m3", "hire_date": None, "confirmed_on": date(2020, 1, 1),
         "probation_wage": 4000, "festival_allowance": 500},
    ]  # fmt: skip
    outcome = appraised(quarters_graded("m1", "---B"), staff=people)
    table = outcome.tables["probation"]
    assert table["staff_id"].tolist() == ["m1", "m2"]
    assert table["planned_end"].dt.strftime("%Y-%m-%d").tolist() == ["2026-01-09", "2026-02-28"]
    assert table["confirmed_on"].dt.strftime("%Y-%m-%d").tolist()[0] == "2025-12-01"
    assert pd.isna(table["confirmed_on"][1])
    # 18 of 22 paid days: October 2025 has 9 rest days, and its 4 holidays are before the 9th.
    assert table["first_month_pay"].tolist()[0] == 3763.64
    assert table["festival_allowance"].tolist()[0] == 166.67
    assert table.loc[1, ["first_month_pay", "festival_allowance"]].isna().all()


def test_a_year_that_the_calendar_does_not_know_is_an_error_that_names_everyone():
    people = [
        {"staff_id": "m1", "hire_date": date(1999, 10, 9), "probation_wage": 4600},
        {"staff_id": "m2", "hire_date": date(2025, 10, 9), "probation_wage": 4600},
        {"staff_id": "m3", "hire_date": date(2001, 3, 1), "probation_wage": 4600},
        {"staff_id": "m4", "hire_date": date(2001, 3, 1), "probation_wage": None},
    ]
    months = quarters_graded("m1", "B")
    with pytest.raises(CalendarError) as caught:
        _ = appraised(months, staff=people).probation
    text = str(caught.value)
    assert "table staff, row 1, staff m1, column hire_date" in text
    assert "does not know 1999; it knows 2004 to" in text
    assert "table staff, row 3, staff m3, column hire_date" in text
    assert "m4" not in text
    assert "calendar_days" in text
    table = appraised(months, staff=people, by=policy(day_divisor="calendar_days")).probation
    assert table["first_month_pay"].tolist()[0] == round(4600 * 23 / 31, 2)


# -- engines ---------------------------------------------------------------------------------------------------------


def test_an_unknown_engine_is_an_error_that_names_the_known_ones():
    with pytest.raises(cm.PolicyError, match=r"There is no engine fast; there are numpy and numba\."):
        cm.appraise(staff_data({"months": [month_row("m1", (2025, 1))]}), engine="fast")


def test_without_a_policy_the_enacted_one_is_applied():
    data = staff_data({"months": quarters_graded("m1", "A")})
    assert cm.appraise(data).policy == ENACTED
