"""Two outcomes beside each other: who moves, who wins and loses, what it costs, and what a correction changes."""

import copy
import datetime
import random

import numpy as np
import pytest
from random_cases import random_data, random_policy, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.regulation.policy import Change, Policy

ENACTED = cm.load_policy("2007-06")
NONE = "–"
MONTHS = [(2025, month) for month in range(1, 13)]


def quarters_scored(staff_id, *scores):
    rows = []
    for place, score in enumerate(scores):
        if score is not None:
            rows += [scoring(staff_id, month, score) for month in MONTHS[3 * place : 3 * place + 3]]
    return rows


def data_of(months, **tables):
    return staff_data({"months": months} | tables)


DEPARTMENT = quarters_scored("m1", 111, 111) + quarters_scored("m2", 100, 95) + quarters_scored("m3", 80, None, 90)


def cells(matrix):
    """Give the cells of a migration matrix that are not 0."""
    return {(before, after): n for before, row in matrix.iterrows() for after, n in row.items() if n}


def test_a_reform_is_given_as_changes_or_as_a_policy():
    data, changes = data_of(DEPARTMENT), {"grades.A.from": 112}
    for reform in (changes, ENACTED.with_changes(changes)):
        change = cm.compare(data, ENACTED, reform)
        assert change.changes == [Change("grades.A.from", "3.1", 110, 112)]
        assert change.cost.loc["cost", "difference"] == -1600


def test_a_migration_matrix_counts_every_record_once_by_grade_before_and_after():
    change = cm.compare(data_of(DEPARTMENT), ENACTED, {"grades.A.from": 112, "grades.D.from": 92})
    matrix = change.quarter_migration
    assert cells(matrix) == {("A", "B"): 2, ("B", "B"): 1, ("C", "C"): 1, ("D", "E"): 1, ("E", "E"): 1}
    assert list(matrix.index) == list(matrix.columns) == list("ABCDE")
    assert (matrix.index.name, matrix.columns.name) == ("baseline", "reform")
    assert cells(change.month_migration) == {pair: 3 * number for pair, number in cells(matrix).items()}


@pytest.mark.parametrize("seed", range(10))
def test_the_margins_of_a_migration_matrix_are_the_grade_mixes(seed):
    rng = random.Random(seed)
    data = staff_data(random_data(rng))
    change = cm.compare(data, Policy.from_dict(random_policy(rng)), Policy.from_dict(random_policy(rng)))
    for table, matrix in (("quarters", change.quarter_migration), ("months", change.month_migration)):
        for outcome, axis in ((change.baseline, 1), (change.reform, 0)):
            sums = matrix.sum(axis=axis).drop(NONE, errors="ignore")
            assert sums.to_dict() == outcome.grade_counts(table)
    counted = change.baseline.counted | change.reform.counted
    assert change.quarter_migration.to_numpy().sum() == counted.sum()


def test_who_is_dismissed_on_one_side_only_has_no_grade_on_that_side():
    data = data_of(quarters_scored("m1", 91, 91, 91, 100))
    change = cm.compare(data, ENACTED, {"grades.D.from": 92})
    assert cells(change.quarter_migration) == {("D", "E"): 3, ("B", NONE): 1}
    assert cells(change.month_migration) == {("D", "E"): 9, ("B", NONE): 3}
    assert change.standing.loc["observed"].tolist() == [0, 1, 1]
    assert change.standing.loc["dismissed"].tolist() == [0, 1, 1]
    assert change.standing.loc["left"].tolist() == [0, 1, 1]
    person = change.people.iloc[0]
    assert (person["standing_baseline"], person["standing_reform"]) == ("regular", "left")
    # Gradeless on one side, the last quarter is neither better nor worse.
    assert (person["quarters_better"], person["quarters_worse"]) == (0, 3)


def test_the_standing_at_the_end_of_someone_dismissed_in_the_last_quarter_is_left():
    people = quarters_scored("m1", 91, 91, 91) + quarters_scored("m2", 95, 91, 91) + quarters_scored("m3", 91, 91, 95)
    change = cm.compare(data_of(people), ENACTED, {"grades.D.from": 92})
    assert set(change.people["standing_baseline"]) == {"regular"}
    found = change.people.set_index("staff_id")["standing_reform"].to_dict()
    assert found == {"m1": "left", "m2": "regular", "m3": "observation"}
    assert change.standing["reform"].to_dict() == {"observed": 2, "dismissed": 1, "left": 0}


def test_a_quarter_without_a_grade_is_shown_as_such():
    months = quarters_scored("m1", 100)[:2]
    change = cm.compare(data_of(months), ENACTED, {"readings.missing_months": "require_three"})
    assert cells(change.quarter_migration) == {("B", NONE): 1}
    back = cm.compare(data_of(months), change.reform.policy, ENACTED)
    assert cells(back.quarter_migration) == {(NONE, "B"): 1}
    same = cm.compare(data_of(months), change.reform.policy, {})
    assert cells(same.quarter_migration) == {(NONE, NONE): 1}


def test_winners_and_losers_are_sorted_by_what_they_win_and_lose():
    months = quarters_scored("m1", 111, 111) + quarters_scored("m2", 110, 100) + quarters_scored("m3", 95, 95)
    months += quarters_scored("m4", 89, 100)
    change = cm.compare(data_of(months), ENACTED, {"grades.A.from": 112, "grades.D.from": 88})
    people = change.people.set_index("staff_id")
    # A to B: 500 of the bonus and three times 100 of the awards; E to D: 1000, as the year's award stays below nought.
    assert people["difference"].to_dict() == {"m1": -1600, "m2": -800, "m3": 0, "m4": 1000}
    assert people["quarters_worse"].to_dict() == {"m1": 2, "m2": 1, "m3": 0, "m4": 0}
    assert people["quarters_better"].to_dict() == {"m1": 0, "m2": 0, "m3": 0, "m4": 1}
    assert change.people["staff_id"].tolist() == ["m1", "m2", "m3", "m4"]
    assert change.losers["staff_id"].tolist() == ["m1", "m2"]
    assert change.winners["staff_id"].tolist() == ["m4"]
    assert repr(change) == "<Comparison: cost -1,400.00 yuan, 1 win, 2 lose>"


def test_people_of_one_version_of_the_data_only_are_counted():
    """None for two policies and for the same people; the note comes before those of the data."""
    two, three = (data_of(DEPARTMENT[:rows]) for rows in (12, len(DEPARTMENT)))
    others = data_of(quarters_scored("x1", 100))
    assert cm.compare(two, ENACTED, {"grades.A.from": 112}).unmatched is None
    assert cm.compare(two, ENACTED, data_of(DEPARTMENT[:12])).unmatched is None
    change = cm.compare(two, ENACTED, three)
    assert str(change.unmatched).startswith("Staff ids only in the earlier data: 0; only in the later: 1.")
    assert "have no staff id in common" in str(cm.compare(two, ENACTED, others).unmatched)
    assert change.notes[0] == change.unmatched


def test_the_cost_is_split_by_component_each_with_its_clause():
    figures = [{"staff_id": "m1", "quarter": (2025, 1), "revenue": 0, "revenue_base": 2_400_000}]
    change = cm.compare(
        data_of(DEPARTMENT, quarters=figures),
        ENACTED,
        {"grades.A.quarterly_bonus": 2600, "grades.B.monthly_award": 90, "revenue.rate": 0.5},
    )
    assert change.cost["clause"].to_dict() == {
        "service_bonus": "3.2",
        "revenue_bonus": "R1",
        "penalty_not_applied": "3.3",
        "payout": "3.3",
        "award": "3.2",
        "cash_effect": "3.2",
        "cost": "3.2, 3.3",
    }
    assert change.cost["baseline"].to_dict() == {
        "service_bonus": 9500, "revenue_bonus": -3000, "penalty_not_applied": 500, "payout": 7000,
        "award": 600, "cash_effect": 1500, "cost": 8500,
    }  # fmt: skip
    assert change.cost["difference"].to_dict() == {
        "service_bonus": 200, "revenue_bonus": -3000, "penalty_not_applied": 2900, "payout": 100,
        "award": -30, "cash_effect": -30, "cost": 70,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_the_peoples_differences_add_up_to_the_costs(seed):
    rng = random.Random(seed)
    data = staff_data(random_data(rng))
    change = cm.compare(data, Policy.from_dict(random_policy(rng)), Policy.from_dict(random_policy(rng)))
    for column in ("baseline", "reform", "difference"):
        assert change.people[column].sum() == pytest.approx(change.cost.loc["cost", column])
    assert len(change.people) == data.panel.people
    assert len(change.winners) + len(change.losers) == (change.people["difference"] != 0).sum()


def test_no_change_changes_nothing():
    change = cm.compare(data_of(DEPARTMENT), ENACTED, {})
    assert change.changes == []
    assert not change.cost["difference"].any()
    assert not change.people["difference"].any()
    assert change.winners.empty
    assert change.losers.empty
    assert change.corrections.empty
    matrix = change.quarter_migration.to_numpy()
    assert matrix.sum() == np.trace(matrix) == 6


def test_other_grade_names_stand_beside_each_other():
    grades = [
        {"grade": "pass", "from": 100, "quarterly_bonus": 2000, "monthly_award": 0},
        {"grade": "fail", "quarterly_bonus": 0, "monthly_award": 0},
    ]
    change = cm.compare(data_of(DEPARTMENT), ENACTED, {"grades": grades})
    assert cells(change.quarter_migration) == {
        ("A", "pass"): 2, ("B", "pass"): 1, ("C", "fail"): 1, ("D", "fail"): 1, ("E", "fail"): 1}  # fmt: skip
    assert list(change.quarter_migration.columns) == ["pass", "fail"]


def test_staff_quarters_with_another_grade_are_listed_with_both_grades_and_the_reforms_score():
    names = [
        {"grade": "A", "from": 110, "quarterly_bonus": 2000, "monthly_award": 0},
        {"grade": "C", "from": 95, "quarterly_bonus": 0, "monthly_award": 0},
        {"grade": "F", "quarterly_bonus": 0, "monthly_award": 0},
    ]
    months = DEPARTMENT + quarters_scored("m4", 100)[:2]
    reform = {"grades": names, "readings.missing_months": "require_three"}
    found = cm.compare(data_of(months), ENACTED, reform).regraded
    assert found.drop(columns="score").to_numpy().tolist() == [
        ["m2", "2025-Q1", "B", "C"],
        ["m3", "2025-Q1", "E", "F"],
        ["m3", "2025-Q3", "D", "F"],
        ["m4", "2025-Q1", "B", NONE],
    ]
    assert found["score"].tolist()[:3] == [100, 80, 90]
    assert np.isnan(found["score"][3])
    # Whoever has no grade on either side is not regraded.
    same = ENACTED.with_changes({"readings.missing_months": "require_three"})
    assert cm.compare(data_of(months), same, reform).regraded["staff_id"].tolist() == ["m2", "m3", "m3"]


# -- versions of the data --------------------------------------------------------------------------------------------


def test_a_late_correction_is_listed_person_by_person():
    """The praise of m2 and the fraud of m1 became known later."""
    late = copy.deepcopy(DEPARTMENT)
    for row in late:
        if row["staff_id"] == "m2" and row["month"] == (2025, 6):
            row["praises"] += 5
        if row["staff_id"] == "m1" and row["month"] == (2025, 1):
            row["fraud"] = True
    change = cm.compare(data_of(DEPARTMENT), ENACTED, data_of(late))
    assert change.changes == []
    found = change.corrections.set_index("staff_id")
    assert list(found.columns) == [
        "quarter", "score_baseline", "grade_baseline", "payout_baseline", "standing_baseline",
        "score_reform", "grade_reform", "payout_reform", "standing_reform",
    ]  # fmt: skip
    assert found.loc["m1", "quarter"] == "2025-Q1"
    assert found.loc["m1", "score_reform"] == pytest.approx((89 + 111 + 111) / 3)
    assert found.loc["m2", ["quarter", "score_baseline", "score_reform"]].tolist() == ["2025-Q2", 95, 100]
    assert found.loc["m2", ["grade_baseline", "grade_reform"]].tolist() == ["C", "B"]
    assert found.loc["m2", ["payout_baseline", "payout_reform"]].tolist() == [1500, 2000]
    assert len(found) == 2
    # m1 has no better month grades to lose but one award: A to E costs 400; the quarter falls from A to B: 500.
    assert change.people.set_index("staff_id")["difference"].to_dict() == {"m1": -900, "m2": 700, "m3": 0}
    assert cells(change.quarter_migration) == {
        ("A", "A"): 1, ("A", "B"): 1, ("B", "B"): 1, ("C", "B"): 1, ("D", "D"): 1, ("E", "E"): 1}  # fmt: skip


def test_a_correction_shows_in_later_quarters_through_the_standing():
    early = quarters_scored("m1", 90, 80, 80)
    late = quarters_scored("m1", 80, 80, 80)
    found = cm.compare(data_of(early), ENACTED, data_of(late)).corrections
    assert found["quarter"].tolist() == ["2025-Q1", "2025-Q3"]
    assert found["standing_reform"].tolist() == ["regular", "observation"]


def test_people_and_periods_that_only_one_version_has_stand_without_a_grade():
    old = quarters_scored("gone", 100) + quarters_scored("stays", 100)
    new = quarters_scored("stays", 100, 90) + quarters_scored("new", None, 110)
    change = cm.compare(
        data_of(old, staff=[{"staff_id": "gone", "name": "甲"}, {"staff_id": "stays", "name": "乙"}]),
        ENACTED,
        data_of(new, staff=[{"staff_id": "stays", "name": "乙"}, {"staff_id": "new", "name": "丙"}]),
    )
    assert cells(change.quarter_migration) == {("B", NONE): 1, ("B", "B"): 1, (NONE, "D"): 1, (NONE, "A"): 1}
    assert cells(change.month_migration) == {("B", NONE): 3, ("B", "B"): 3, (NONE, "D"): 3, (NONE, "A"): 3}
    people = change.people.set_index("staff_id")
    assert people["difference"].to_dict() == {"gone": -2300, "stays": 700, "new": 3100}
    assert people["name"].to_dict() == {"gone": "甲", "stays": "乙", "new": "丙"}
    assert people["standing_baseline"].to_dict() == {"gone": "regular", "stays": "regular", "new": ""}
    assert people[["quarters_better", "quarters_worse"]].to_numpy().sum() == 0
    found = change.corrections.set_index(["staff_id", "quarter"])
    assert set(found.index) == {("gone", "2025-Q1"), ("stays", "2025-Q2"), ("new", "2025-Q2")}
    assert found["grade_baseline"].isna().tolist() == [False, True, True]


# -- books -----------------------------------------------------------------------------------------------------------


def book_of(changes, day=datetime.date(2025, 4, 1)):
    return cm.PolicyBook([ENACTED, ENACTED.with_changes({"id": "later", "effective_from": day} | changes)])


def test_books_of_versions_are_compared_with_each_other_and_with_one_policy():
    data = data_of(DEPARTMENT)
    change = cm.compare(data, ENACTED, book_of({"grades.A.from": 112}))
    assert change.changes == []
    assert cells(change.quarter_migration)["A", "B"] == 1
    assert change.cost.loc["cost", "difference"] == -800
    same = cm.compare(data, book_of({"grades.A.from": 112}), book_of({"grades.A.from": 112}))
    assert not same.cost["difference"].any()


def test_a_grade_that_a_later_version_adds_on_top_ranks_best():
    """A quarter is better or worse by its rank in the version in force, not by the order in which names came up."""
    top = {"grade": "S", "from": 111, "quarterly_bonus": 3000, "monthly_award": 300}
    reform = book_of({"grades": [top, *ENACTED.to_dict()["grades"]]})
    change = cm.compare(data_of(quarters_scored("m1", 111, 111)), reform, reform.policies[1])
    assert cells(change.quarter_migration) == {("A", "S"): 1, ("S", "S"): 1}
    again = cm.compare(data_of(quarters_scored("m1", 95, 100)), reform, book_of({"grades": [
        top, *ENACTED.with_changes({"grades.B.from": 101}).to_dict()["grades"]]}))  # fmt: skip
    assert again.people[["quarters_better", "quarters_worse"]].to_numpy().tolist() == [[0, 1]]
    raised = cm.compare(data_of(quarters_scored("m1", 95, 110)), reform, book_of({"grades": [
        top | {"from": 110}, *ENACTED.with_changes({"grades.A.from": 109}).to_dict()["grades"]]}))  # fmt: skip
    assert raised.people[["quarters_better", "quarters_worse"]].to_numpy().tolist() == [[1, 0]]


def test_changes_to_a_book_are_refused():
    with pytest.raises(cm.PolicyError, match="Changes apply to one policy; for a book of versions give another book"):
        cm.compare(data_of(DEPARTMENT), book_of({}), {"grades.A.from": 112})


def test_notes_of_both_sides_come_once():
    data = data_of(DEPARTMENT, quarters=[{"staff_id": "m1", "quarter": (2025, 1), "review": 3}])
    change = cm.compare(data, ENACTED, {"review.limit": 1})
    texts = [str(note) for note in change.notes]
    assert len(texts) == len(set(texts)) == 2
    assert sum("clipped" in text for text in texts) == 1


def test_without_a_policy_the_enacted_one_is_the_baseline():
    """As for every other question."""
    data, changes = cm.synthesize(staff=20, months=6, seed=1), {"grades.A.quarterly_bonus": 3000}
    found = cm.compare(data, None, changes)
    assert found.baseline.policy == cm.load_policy("2007-06")
    assert found.cost.equals(cm.compare(data, cm.load_policy("2007-06"), changes).cost)
