"""A cost difference taken apart: by setting as Shapley has it, by grade and by area, always to the fen."""

import datetime
import itertools
import random
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_cases import random_data, random_policy, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.regulation.policy import Policy
from cmpolicy.simulation.attribution import (
    MOST_EXACT,
    attribute_cost,
    attribution_notes,
    round_to_whole,
    settings_of,
)

ENACTED = cm.load_policy("2007-06")
MONTHS = [(2025, month) for month in range(1, 13)]
KINDS = {
    "grades.A.from": (108, 111, 114),
    "grades.B.from": (92, 97, 101, 105),
    "grades.C.from": (91, 96, 99),
    "grades.D.from": (85, 91, 94),
    "grades.A.quarterly_bonus": (2400, 3000.33),
    "grades.B.monthly_award": (90, 120.5),
    "points.praises": (2, 5),
    "points.complaints": (-5, -1),
    "survey.points": (0, 7),
    "review.limit": (1,),
    "revenue.rate": (0.1, 0.3),
    "standing.e_quarters": (1, 3),
    "probation.personal_leave_days": (5,),
    "readings.user_count": ("net",),
    "readings.fraud_score": ("zero", "exclude", "quarter_E"),
    "readings.missing_months": ("mean_present_full", "require_three"),
    "readings.revenue_below_base": ("zero", "carried"),
    "readings.after_dismissal": ("as_recorded",),
    "readings.annual_negative": ("signed",),
}


def fen(yuan):
    return round(yuan * 100)


def difference(change):
    return change.reform.cost["cost"] - change.baseline.cost["cost"]


def reform_of(rng, count):
    """Change so many values of the enacted policy, whose table stays in order."""
    while True:
        changes = {path: rng.choice(KINDS[path]) for path in rng.sample(sorted(KINDS), count)}
        try:
            return ENACTED.with_changes(changes)
        except cm.PolicyError:
            continue


def brute_force(data, before, after, players):
    """Shapley's value by its definition: the mean over all orders, every step a full appraisal."""
    parts = dict.fromkeys(players, Fraction(0))
    orders = list(itertools.permutations(players))
    for order in orders:
        changes, cost = {}, cm.appraise(data, before).cost["cost"]
        for paths in order:
            changes |= {path: after.get(path) for path in paths}
            later = cm.appraise(data, before.with_changes(changes)).cost["cost"]
            parts[paths] += later - cost
            cost = later
    return [part / len(orders) for part in parts.values()]


@pytest.mark.parametrize("seed", range(12))
def test_the_parts_are_those_of_every_order_by_full_appraisals(seed):
    """Up to the rounding to the fen, for settings that score, grade, pay and end a job."""
    rng = random.Random(seed)
    data, reform = staff_data(random_data(rng)), reform_of(rng, rng.randint(2, 4))
    change = cm.compare(data, ENACTED, reform)
    players = [tuple(one.path for one in setting.changes) for setting in settings_of(ENACTED, reform)]
    expected = brute_force(data, ENACTED, reform, players)
    found = change.attribution
    assert found["path"].tolist() == [", ".join(paths) for paths in players]
    for yuan, exact in zip(found["yuan"], expected, strict=True):
        assert abs(fen(yuan) - exact) < 1
    assert sum(map(fen, found["yuan"])) == difference(change)
    assert (found["standard_error"] == 0).all()


@pytest.mark.parametrize("seed", range(10))
def test_everything_adds_up_whatever_the_policies_are(seed):
    """By setting, by grade and by area, also where grades have other names and orders are drawn."""
    rng = random.Random(seed)
    data = staff_data(random_data(rng))
    before, after = (Policy.from_dict(random_policy(rng, settled=("review_adjust",))) for _ in range(2))
    change = cm.compare(data, before, after)
    whole = difference(change)
    parts = attribute_cost(change.baseline, change.reform, orders=4)
    assert sum(map(fen, parts["yuan"])) == whole
    assert parts["path"].tolist()[0] == "grades"
    by_grade = change.by_grade
    assert sum(map(fen, by_grade["yuan"])) == whole
    assert [sum(map(fen, row)) for row in by_grade[["moved", "amounts", "other"]].to_numpy()] == [
        fen(yuan) for yuan in by_grade["yuan"]
    ]
    of_component = by_grade["yuan"].map(fen).groupby(by_grade["component"]).sum()
    for name in ("service_bonus", "award", "revenue_bonus", "penalty_not_applied"):
        assert of_component[name] == change.reform.cost[name] - change.baseline.cost[name], name
    assert sum(map(fen, change.by_area["difference"])) == whole


def test_each_setting_gets_its_part_and_half_of_what_two_bring_together():
    """Worked by hand: m1 scores 111, so grade A until its bound is 112; a quarter and three months."""
    data = staff_data({"months": [scoring("m1", month, 111) for month in MONTHS[:3]]})
    change = cm.compare(data, ENACTED, {"grades.A.from": 112, "grades.A.quarterly_bonus": 3000})
    # Bound first: 2500 to 2000 and 3 x 100 less, then 0. Bonus first: +500, then 3000 to 2000 and 300 less.
    assert change.attribution["yuan"].tolist() == [(-800 - 1300) / 2, (0 + 500) / 2]
    assert change.attribution["before"].tolist() == ["110", "2500"]
    assert change.attribution["after"].tolist() == ["112", "3000"]
    assert change.attribution["clause"].tolist() == ["3.1", "3.2"]


def test_what_moves_nothing_gets_nothing():
    """Days of personal leave cost no bonus."""
    data = cm.synthesize(staff=30, months=12, seed=2)
    changes = {"probation.personal_leave_days": 9, "grades.A.from": 113, "points.praises": 4}
    parts = cm.compare(data, ENACTED, changes).attribution.set_index("path")["yuan"]
    assert parts["probation.personal_leave_days"] == 0
    assert (parts.drop("probation.personal_leave_days") != 0).all()


def test_two_that_do_the_same_get_the_same():
    """R1 knows only the product of rate and share: halving either is one and the same."""
    data = cm.synthesize(staff=30, months=12, seed=2)
    changes = {"revenue.rate": 0.125, "revenue.manager_share": 0.25, "points.praises": 4}
    parts = cm.compare(data, ENACTED, changes).attribution.set_index("path")["yuan"]
    assert abs(fen(parts["revenue.rate"]) - fen(parts["revenue.manager_share"])) <= 1


def test_bounds_that_would_cross_are_changed_together():
    """B to 94 passes the old C of 95, so both go as one; A and D go alone, and a note says so."""
    data = cm.synthesize(staff=30, months=12, seed=2)
    changes = {"grades.A.from": 111, "grades.B.from": 94, "grades.C.from": 92, "grades.D.from": 91}
    change = cm.compare(data, ENACTED, changes)
    assert change.attribution["path"].tolist() == ["grades.A.from", "grades.B.from, grades.C.from", "grades.D.from"]
    assert change.attribution["before"].tolist() == ["110", "100, 95", "90"]
    assert [str(note) for note in change.attribution_notes] == [
        "Changed together, since one bound alone would cross another (3.1): grades.B.from, grades.C.from.",
    ]
    with cm.using_language("zh"):
        assert "grades.B.from、grades.C.from" in str(change.attribution_notes[0])


@given(st.lists(st.integers(80, 120), min_size=8, max_size=8, unique=True))
def test_every_combination_of_settings_is_a_valid_policy(bounds):
    """Whatever the bounds are before and after."""
    sides = [
        ENACTED.with_changes(
            {f"grades.{name}.from": bound for name, bound in zip("ABCD", sorted(part, reverse=True), strict=True)}
        )
        for part in (bounds[:4], bounds[4:])
    ]
    settings = settings_of(*sides)
    assert sum(len(setting.changes) for setting in settings) == 4
    for count in range(len(settings) + 1):
        for chosen in itertools.combinations(settings, count):
            sides[0].with_changes({path: value for setting in chosen for path, value in setting.patch.items()})


def test_grades_of_other_names_are_changed_as_a_whole():
    """A table with another grade is one setting; the values beside it are settings of their own."""
    table = ENACTED.to_dict()["grades"]
    table.insert(0, {"grade": "A+", "from": 120, "quarterly_bonus": 4000, "monthly_award": 300})
    reform = ENACTED.with_changes({"grades": table, "points.praises": 4})
    assert [list(setting.patch) for setting in settings_of(ENACTED, reform)] == [["grades"], ["points.praises"]]
    assert "the grade table is changed as a whole" in str(attribution_notes(ENACTED, reform)[0])


def test_with_more_settings_orders_are_drawn_and_the_error_is_told():
    """The parts still add up, the seed decides, and the exact value lies within a few standard errors."""
    data = cm.synthesize(staff=40, months=12, seed=4)
    changes = {
        "grades.A.from": 112, "grades.D.from": 92, "points.praises": 4, "points.complaints": -5, "survey.points": 3,
        "revenue.rate": 0.2, "grades.B.quarterly_bonus": 1900, "grades.C.monthly_award": -20, "review.limit": 2,
    }  # fmt: skip
    assert len(changes) == MOST_EXACT + 1
    change = cm.compare(data, ENACTED, changes)
    found = change.attribution
    assert sum(map(fen, found["yuan"])) == difference(change)
    assert (found["standard_error"] > 0).any()
    assert "drawn with seed 0" in str(change.attribution_notes[0])
    assert attribute_cost(change.baseline, change.reform).equals(found)
    others = attribute_cost(change.baseline, change.reform, seed=1)
    exact = all_combinations(data, changes)
    for parts in (found, others):
        distance = np.abs(parts["yuan"].to_numpy() - [exact[path] for path in parts["path"]])
        assert (distance <= 5 * parts["standard_error"] + 0.02).all()


@pytest.mark.parametrize("orders", [0, 2, 5, -4])
def test_orders_come_in_pairs_of_which_there_are_two(orders):
    """One pair has no standard error, and an odd number is no pairs."""
    change = cm.compare(cm.synthesize(staff=5, months=6, seed=1), ENACTED, {"points.praises": 4})
    with pytest.raises(ValueError, match="an even number from 4"):
        attribute_cost(change.baseline, change.reform, orders=orders)


def all_combinations(data, changes):
    """Shapley's value over all combinations, yuan, by the formula with binomial weights."""
    paths, costs = list(changes), {}
    for bits in itertools.product((False, True), repeat=len(paths)):
        chosen = {path: changes[path] for path, on in zip(paths, bits, strict=True) if on}
        costs[bits] = cm.appraise(data, ENACTED.with_changes(chosen)).cost["cost"]
    parts = dict.fromkeys(paths, 0.0)
    for bits, cost in costs.items():
        for place, path in enumerate(paths):
            if not bits[place]:
                size, later = sum(bits), (*bits[:place], True, *bits[place + 1 :])
                ways = np.prod(np.arange(1, size + 1) / np.arange(len(paths) - size, len(paths)))
                parts[path] += (costs[later] - cost) * ways / len(paths) / 100
    return parts


@given(st.lists(st.fractions(-1000, 1000), min_size=1, max_size=9))
def test_rounding_keeps_the_sum_and_moves_no_part_by_a_fen(parts):
    """Largest remainders: whole parts stay as they are."""
    parts.append(-sum(parts) % 1)
    rounded = round_to_whole(parts)
    assert sum(rounded) == sum(parts)
    assert all(abs(one - part) < 1 for one, part in zip(rounded, parts, strict=True))


def test_the_money_of_moving_people_is_apart_from_that_of_changed_amounts():
    """Worked by hand: m1 falls from A to B, m2 stays B; a B quarter pays 2100 for 2000, an A month 250 for 200."""
    months = [scoring("m1", month, 111) for month in MONTHS[:3]] + [scoring("m2", month, 103) for month in MONTHS[:3]]
    reform = {"grades.A.from": 112, "grades.B.quarterly_bonus": 2100, "grades.A.monthly_award": 250}
    change = cm.compare(staff_data({"months": months}), ENACTED, reform)
    frame = change.by_grade
    shown = {
        (row.component, row.baseline, row.reform): (row.records, row.moved, row.amounts, row.other, row.yuan)
        for row in frame.itertuples()
    }
    assert shown == {
        ("service_bonus", "A", "B"): (1, -500, 100, 0, -400),
        ("service_bonus", "B", "B"): (1, 0, 100, 0, 100),
        ("award", "A", "B"): (3, -300, 0, 0, -300),
        ("award", "B", "B"): (3, 0, 0, 0, 0),
        ("revenue_bonus", "", ""): (2, 0, 0, 0, 0),
        ("penalty_not_applied", "", ""): (2, 0, 0, 0, 0),
        ("award_not_deducted", "", ""): (2, 0, 0, 0, 0),
    }
    assert frame["yuan"].sum() == change.cost.loc["cost", "difference"] == -600


def test_areas_of_either_side_are_listed_the_largest_loss_first():
    """A corrected area moves the money with it, in two versions of the data too."""
    rows = [scoring(one, month, 103) for one in ("m1", "m2") for month in MONTHS[:3]]

    def data(*areas):
        staff = [{"staff_id": f"m{place}", "area": area} for place, area in enumerate(areas, start=1)]
        return staff_data({"staff": staff, "months": rows})

    change = cm.compare(data("north", "south"), ENACTED, data("north", "west"))
    assert change.by_area["difference"].to_dict() == {"south": -2300, "north": 0, "west": 2300}
    assert change.by_area["cash_effect"].to_dict() == {"south": -300, "north": 0, "west": 300}
    assert list(change.by_area.index) == ["south", "north", "west"]


def test_two_versions_of_the_data_and_books_are_refused_in_words():
    """There is no setting, or none of all quarters, to attribute anything to."""
    data = cm.synthesize(staff=5, months=6, seed=1)
    later = ENACTED.with_changes({"id": "later", "effective_from": datetime.date(2025, 1, 1), "grades.A.from": 112})
    two_data = cm.compare(data, ENACTED, cm.synthesize(staff=5, months=6, seed=2))
    books = cm.compare(data, ENACTED, cm.PolicyBook([ENACTED, later]))
    for change, words in ((two_data, "Two versions of the data"), (books, "compare two policies")):
        assert words in str(change.why_not_attributed)
        for part in ("attribution", "by_grade"):
            with pytest.raises(cm.PolicyError, match=words):
                getattr(change, part)
        assert change.attribution_notes == []
        assert sum(map(fen, change.by_area["difference"])) == difference(change)


def test_no_change_has_no_parts():
    """An empty table, not an error."""
    change = cm.compare(cm.synthesize(staff=5, months=6, seed=1), ENACTED, {})
    assert change.why_not_attributed is None
    assert change.attribution.empty
    assert change.by_grade["yuan"].sum() == 0


def test_five_settings_of_ten_thousand_people_take_less_than_a_second():
    """Of every kind: a bound, an amount, points, a reading, the revenue's share."""
    data = cm.synthesize(staff=10_000, months=12, seed=1)
    changes = {
        "grades.A.from": 112, "grades.A.quarterly_bonus": 3000, "points.praises": 4, "readings.user_count": "net",
        "revenue.rate": 0.2,
    }  # fmt: skip
    change = cm.compare(data, ENACTED, changes)
    begun = time.process_time()
    found = change.attribution
    assert time.process_time() - begun < 1
    assert sum(map(fen, found["yuan"])) == difference(change)
