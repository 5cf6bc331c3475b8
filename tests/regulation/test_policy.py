"""A policy is checked as a whole, never changes, is patched by path, and is dated."""

import copy
import dataclasses
import datetime
import pickle
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cmpolicy as cm
from cmpolicy.regulation.parameters import GRADE_PARAMETERS, PARAMETERS
from cmpolicy.regulation.policy import MOST_GRADES, Change, clause_of
from cmpolicy.regulation.readings import READINGS

ENACTED = cm.load_policy("2007-06")
REFORM = {
    "grades.A.from": 112,
    "grades.E.monthly_award": -150.5,
    "points.praises": 4,
    "review.limit": 2,
    "survey.threshold": 0.9,
    "revenue.rate": 0.3333,
    "standing.e_quarters": 3,
    "probation.months": 6,
    "readings.user_count": "net",
}


def problems_of(changes, policy=ENACTED):
    with pytest.raises(cm.PolicyError) as caught:
        policy.with_changes(changes)
    return [str(problem) for problem in caught.value.problems]


def content_with(**rooms):
    return ENACTED.to_dict() | rooms


# -- what a policy is ------------------------------------------------------------------------------------------------


def test_a_policy_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ENACTED.id = "other"
    with pytest.raises(AttributeError):
        ENACTED.points.base = 0
    with pytest.raises(AttributeError):
        ENACTED.readings.user_count = None
    with pytest.raises(TypeError):
        ENACTED.grades[0] = None
    content = ENACTED.to_dict()
    content["grades"].clear()
    content["points"]["base"] = 0
    assert cm.Policy.from_dict(ENACTED.to_dict()) == ENACTED


def test_policies_with_the_same_values_are_equal_and_hash_alike():
    again = cm.Policy.from_dict(ENACTED.to_dict())
    assert again == ENACTED
    assert hash(again) == hash(ENACTED)
    assert len({again, ENACTED, ENACTED.with_changes(REFORM)}) == 2
    assert ENACTED.with_changes({"revenue.rate": 0.25, "grades.A.quarterly_bonus": Decimal("2500.00")}) == ENACTED
    assert pickle.loads(pickle.dumps(again)) == copy.deepcopy(again) == ENACTED  # noqa: S301 - our own bytes


def test_a_policy_gives_the_exact_integers_that_rules_take():
    policy = ENACTED.with_changes({"revenue.rate": 0.3333, "survey.threshold": 0.8333, "grades.D.monthly_award": -0.01})
    assert policy.bounds == (110, 100, 95, 90)
    assert policy.grade_names == ("A", "B", "C", "D", "E")
    assert policy.quarterly_bonus_fen == (250_000, 200_000, 150_000, 100_000, 0)
    assert policy.monthly_award_fen == (20_000, 10_000, 0, -1, -20_000)
    assert policy.revenue_ratio == (3333, 20_000)
    assert policy.survey_ratio == (8333, 10_000)


# -- changes by path -------------------------------------------------------------------------------------------------


def test_a_reform_is_a_patch_by_paths_and_leaves_the_policy_as_it_is():
    before = copy.deepcopy(ENACTED)
    reform = ENACTED.with_changes(REFORM)
    assert before == ENACTED
    changed = {path for path in ENACTED.paths() if reform.get(path) != ENACTED.get(path)}
    assert changed == REFORM.keys()
    assert reform.get("grades.E.monthly_award") == Decimal("-150.5")
    assert reform.readings.user_count.name == "net"


def test_every_path_can_be_set_to_its_own_value():
    """The paths of the policy, its parameters and its readings are one list."""
    assert ENACTED.with_changes({path: ENACTED.get(path) for path in ENACTED.paths()}) == ENACTED
    rooms = {path for path in ENACTED.paths() if not path.startswith(("grades.", "readings."))}
    assert rooms == PARAMETERS.keys()
    assert {path.rpartition(".")[2] for path in ENACTED.paths() if path.startswith("grades.")} == set(GRADE_PARAMETERS)
    assert {path.rpartition(".")[2] for path in ENACTED.paths() if path.startswith("readings.")} == set(READINGS)


def test_the_path_grades_replaces_the_table_and_its_rows_can_be_patched_at_once():
    rows = [
        {"grade": "优", "from": 105, "quarterly_bonus": 2200, "monthly_award": 150},
        {"grade": "良", "quarterly_bonus": 800, "monthly_award": 0},
    ]
    given_ = copy.deepcopy(rows)
    policy = ENACTED.with_changes({"grades.优.from": 107, "grades": rows, "id": "two", "effective_from": "2026-01-01"})
    assert (policy.grade_names, policy.bounds) == (("优", "良"), (107,))
    assert (policy.id, policy.effective_from) == ("two", datetime.date(2026, 1, 1))
    assert rows == given_  # the caller's table is the caller's


@pytest.mark.parametrize("value", [np.int64(112), np.int8(112), np.float64(112.0), 112.0, Decimal(112)])
def test_numbers_of_other_libraries_are_numbers(value):
    changed = ENACTED.with_changes({"grades.A.from": value}).get("grades.A.from")
    assert changed == 112
    assert type(changed) is int
    assert ENACTED.with_changes({"revenue.rate": np.float64(0.3)}).get("revenue.rate") == Decimal("0.3")


def test_a_diff_names_every_value_that_differs_with_its_clause():
    changes = ENACTED.diff(ENACTED.with_changes(REFORM))
    assert {change.path for change in changes} == REFORM.keys()
    assert changes[0] == Change("grades.A.from", "3.1", 110, 112)
    assert changes[-1] == Change("readings.user_count", "2.2, 2.3", "gross", "net")
    assert ENACTED.diff(ENACTED) == []
    assert ENACTED.with_changes({change.path: change.after for change in changes}) == ENACTED.with_changes(REFORM)


def test_a_diff_shows_a_grade_that_only_one_policy_has():
    fewer = ENACTED.with_changes({"grades": [row for row in ENACTED.to_dict()["grades"] if row["grade"] != "C"]})
    assert Change("grades.C.from", "3.1", 95, None) in ENACTED.diff(fewer)
    assert Change("grades.C.from", "3.1", None, 95) in fewer.diff(ENACTED)


def test_every_path_has_its_clause():
    numbers = {number for path in ENACTED.paths() for number in clause_of(path).split(", ")}
    assert {"R1", "2.1", "2.9", "2.10", "3.1", "3.2", "3.5", "P2", "P(1)2", "P(2)"} <= numbers


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("grades.A.form", "grades.A.from"),
        ("grades.F.from", "grades.D.from"),
        ("grades.E.from ", None),
        ("grades.A.grade", None),
        ("points.praise", "points.praises"),
        ("readings.usercount", "readings.user_count"),
        ("review", "review.limit"),
        ("points", "points.base"),
        ("revenue.ratee", "revenue.rate"),
        ("", None),
        ("zzz", None),
    ],
)
def test_an_unknown_path_is_an_error_that_names_the_nearest_one(path, nearest):
    (problem,) = problems_of({path: 1})
    assert f"There is no value {path} in the policy." in problem
    near = problem.rpartition("such as ")[2].removesuffix(".")
    assert near in ENACTED.paths()
    assert nearest in (None, near)
    with pytest.raises(cm.PolicyError, match="such as"):
        ENACTED.get(path)


WHOLE = "a whole number from -1,000 to 1,000"
MONEY = "an amount in yuan from 0 to 5,000,000, with at most two decimals"
RATIO = "a number from 0 to 1, with at most four decimals"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("points.base", True, WHOLE),
        ("points.base", "112", WHOLE),
        ("points.base", 99.5, WHOLE),
        ("points.base", float("nan"), WHOLE),
        ("points.base", float("inf"), WHOLE),
        ("points.base", Decimal("NaN"), WHOLE),
        ("points.base", Decimal("sNaN"), WHOLE),
        ("points.base", 1001, WHOLE),
        ("points.base", [3], WHOLE),
        ("points.base", np.True_, WHOLE),
        ("grades.A.from", 10_001, "a whole number from -10,000 to 10,000"),
        ("grades.A.quarterly_bonus", 2500.001, MONEY),
        ("grades.A.quarterly_bonus", -0.01, MONEY),
        ("grades.A.quarterly_bonus", 1e300, MONEY),
        ("revenue.rate", 0.12345, RATIO),
        ("revenue.rate", 25, RATIO),
        ("revenue.rate", Decimal("1e-400"), RATIO),
        ("survey.threshold", 1.0001, RATIO),
        ("standing.e_quarters", 0, "a whole number from 1 to 12"),
        ("review.limit", -1, "a whole number from 0 to 100"),
        ("probation.months", 25, "a whole number from 0 to 24"),
        ("readings.user_count", "nett", "one of gross, net"),
        ("readings.user_count", 1, "one of gross, net"),
        ("readings.fraud_score", "keep ", "one of cap_below_D, keep, zero, exclude, quarter_E"),
        ("id", "  ", "a name for this version"),
        ("id", True, "a name for this version"),
        ("effective_from", "June 2007", "a date such as 2007-06-01"),
        ("effective_from", datetime.datetime(2026, 1, 1), "a date such as 2007-06-01"),  # noqa: DTZ001 - a slip
        ("grades", 5, f"a list of 2 to {MOST_GRADES} grades, best first"),
        ("grades", "ABCDE", f"a list of 2 to {MOST_GRADES} grades, best first"),
        ("grades", [{"grade": ["A"]}], f"a list of 2 to {MOST_GRADES} grades, best first"),
        ("grades", {"A": {"from": 112}}, f"a list of 2 to {MOST_GRADES} grades, best first"),
    ],
)
def test_a_value_that_is_not_valid_is_refused_with_path_value_and_what_was_expected(path, value, expected):
    (problem,) = problems_of({path: value})
    assert problem == f'{path} has a value that is not valid. Found: "{value}". Expected: {expected}.'
    assert ENACTED.get("grades.A.from") == 110


@pytest.mark.parametrize(
    "path", ["points.base", "grades.A.from", "grades.E.monthly_award", "readings.user_count", "id"]
)
def test_a_value_that_is_missing_is_said_to_be_missing(path):
    (problem,) = problems_of({path: None})
    assert problem.startswith(f"{path} has no value. Expected: ")


@pytest.mark.parametrize("bound", [100, 99])
def test_equal_and_rising_bounds_are_refused(bound):
    (problem,) = problems_of({"grades.A.from": bound})
    assert problem == (
        'grades.B.from has a value that is not valid. Found: "100". Expected: a number below grades.A.from, '
        f"which is {bound}: bounds fall from grade to grade."
    )


def test_exactly_the_last_grade_is_open_below():
    rows = ENACTED.to_dict()["grades"]
    (problem,) = problems_of({"grades.E.from": 80})
    assert problem.endswith("Expected: no bound: the last grade is open below.")
    open_twice = [row if row["grade"] != "D" else {k: v for k, v in row.items() if k != "from"} for row in rows]
    (problem,) = problems_of({"grades": open_twice})
    assert problem.startswith("grades.D.from has no value.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grade": "B"}, "each grade's name only once"),
        ({"grade": "A."}, "a short name without a dot"),
        ({"grade": " A"}, "a short name without a dot"),
        ({"grade": 1}, "a short name without a dot"),
        ({"bonus": 1}, "There is no value grades.A.bonus"),
        ({"monthly_award": None}, "grades.A.monthly_award has no value"),
    ],
)
def test_a_row_of_the_grade_table_is_checked(change, words):
    rows = ENACTED.to_dict()["grades"]
    rows[0] |= change
    assert any(words in problem for problem in problems_of({"grades": rows}))


@pytest.mark.parametrize("number", [0, 1, MOST_GRADES + 1])
def test_a_table_has_at_least_two_grades(number):
    rows = [
        {"grade": f"G{place}", "from": 100 - place, "quarterly_bonus": 0, "monthly_award": 0} for place in range(number)
    ]
    assert any("a list of 2 to" in problem for problem in problems_of({"grades": rows}))


def test_all_problems_of_a_change_come_at_once():
    found = problems_of(
        {
            "grades.A.form": 1,
            "zzz": 1,
            "review.limit": 999,
            "grades.B.from": 94,
            "readings.band_rule": "up",
            "revenue.rate": None,
        }
    )
    for words in ("grades.A.form", "zzz", "review.limit", "grades.C.from", "readings.band_rule", "revenue.rate"):
        assert sum(words in problem.partition("Expected")[0] for problem in found) == 1
    assert len(found) == 6


def test_all_problems_of_a_file_come_at_once():
    content = content_with(points={"bse": 1}, survey=3, color="red", effective_from="soon")
    with pytest.raises(cm.PolicyError) as caught:
        cm.Policy.from_dict(content, source="mine.yaml")
    text = str(caught.value)
    assert text.startswith("The policy mine.yaml is not valid.")
    for words in (
        "There is no value points.bse",
        "points.base has no value",
        "survey has a value that is not valid",
        "There is no value color",
        "effective_from has a value that is not valid",
    ):
        assert text.count(words) == 1


@pytest.mark.parametrize("content", [None, [], "text", {}, 3, {"grades": None}])
def test_what_is_no_policy_at_all_is_an_error_in_words(content):
    with pytest.raises(cm.PolicyError, match="not valid"):
        cm.Policy.from_dict(content)


def test_readings_that_a_file_leaves_out_take_their_default():
    content = content_with(readings={"user_count": "net"})
    assert cm.Policy.from_dict(content) == ENACTED.with_changes({"readings.user_count": "net"})
    del content["readings"]
    assert cm.Policy.from_dict(content) == ENACTED


def test_a_key_that_is_no_text_is_an_unknown_path():
    (problem,) = problems_of({1: 5})
    assert "There is no value 1 in the policy." in problem


def test_a_worse_grade_that_is_paid_more_is_a_warning_not_an_error():
    assert ENACTED.warnings == ()
    odd = ENACTED.with_changes({"grades.B.quarterly_bonus": 2600, "grades.E.monthly_award": -99.99})
    assert [str(warning) for warning in odd.warnings] == [
        "Grade B is paid more than grade A: grades.B.quarterly_bonus is 2600, grades.A.quarterly_bonus is 2500.",
        "Grade E is paid more than grade D: grades.E.monthly_award is -99.99, grades.D.monthly_award is -100.",
    ]
    assert ENACTED.with_changes({"grades.B.quarterly_bonus": 2500}).warnings == ()


# -- files -----------------------------------------------------------------------------------------------------------


@st.composite
def reforms(draw):
    size = draw(st.integers(2, 6))
    names = draw(st.lists(st.sampled_from(["A", "优秀", 'a"b', "c\\d", "none", "1", "#", "-"]), min_size=size,
                          max_size=size, unique=True))  # fmt: skip
    bounds = sorted(draw(st.sets(st.integers(-200, 200), min_size=size - 1, max_size=size - 1)), reverse=True)
    fen = st.integers(0, 10**8).map(lambda value: value / 100)
    rows = [{"grade": name, "quarterly_bonus": draw(fen), "monthly_award": -draw(fen)} for name in names]
    for row, bound in zip(rows, bounds, strict=False):
        row["from"] = bound
    changes = {"grades": rows, "id": draw(st.text("ab'\"\\: #-é版", min_size=1).filter(str.strip))}
    changes["effective_from"] = draw(st.dates())
    changes["revenue.rate"] = draw(st.integers(0, 10_000)) / 10_000
    changes["survey.threshold"] = Decimal(draw(st.integers(0, 10_000))) / 10_000
    for setting, options in READINGS.items():
        changes[f"readings.{setting}"] = draw(st.sampled_from(list(options.__members__)))
    return changes


@given(changes=reforms())
def test_a_policy_survives_its_file(changes):
    from cmpolicy.regulation.yaml_files import parse_yaml

    policy = ENACTED.with_changes(changes)
    assert cm.Policy.from_dict(parse_yaml(policy.to_yaml())) == policy


def test_a_file_is_loaded_by_its_path(tmp_path):
    reform = ENACTED.with_changes(REFORM | {"id": "reform"})
    file = tmp_path / "reform.yaml"
    file.write_text(reform.to_yaml(), encoding="utf-8")
    assert cm.load_policy(file) == cm.load_policy(str(file)) == reform
    file.write_text(reform.to_yaml(), encoding="utf-8-sig")
    assert cm.load_policy(file) == reform
    assert cm.load_policy("2007-06") is cm.load_policy("2007-06")


def test_a_day_that_is_none_is_refused_under_its_name(tmp_path):
    """What looks like a date and is none does not hide what else is wrong."""
    file = tmp_path / "bad.yaml"
    text = ENACTED.to_yaml().replace("effective_from: 2007-06-01", "effective_from: 2007-13-01")
    file.write_text(text.replace("user_count: gross", "user_count: nett"), encoding="utf-8")
    with pytest.raises(cm.PolicyError) as caught:
        cm.load_policy(file)
    assert 'effective_from has a value that is not valid. Found: "2007-13-01".' in str(caught.value)
    assert 'Found: "nett"' in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: [", "This is not YAML: see line 1"),
        ("id: a\nid: b\n", "The name id stands twice in one mapping, in line 2."),
        ("- a\n- b\n", "a list of names with their values"),
        ("", "a list of names with their values"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path, text, words):
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(cm.PolicyError) as caught:
        cm.load_policy(file)
    assert words in str(caught.value)
    assert "bad.yaml" in str(caught.value)


def test_an_unknown_policy_names_the_nearest_bundled_one(tmp_path):
    with pytest.raises(cm.PolicyError, match=r"(?s)no policy 2007-6: .*Bundled: .*Did you mean 2007-06\?"):
        cm.load_policy("2007-6")
    with pytest.raises(cm.PolicyError, match="neither a bundled one nor a file"):
        cm.load_policy(tmp_path)
    file = tmp_path / "gbk.yaml"
    file.write_bytes("id: 制度".encode("gb18030"))
    with pytest.raises(cm.PolicyError, match="not text in UTF-8"):
        cm.load_policy(file)


# -- the book --------------------------------------------------------------------------------------------------------


def version(name, day):
    return ENACTED.with_changes({"id": name, "effective_from": day})


def test_a_book_gives_the_version_in_force_on_a_day():
    book = cm.PolicyBook([version("c", "2026-02-15"), version("a", "2020-01-01"), version("b", "2025-07-01")])
    days = ["2020-01-01", "2025-06-30", "2025-07-01", "2026-02-14", "2026-02-15", "2099-01-01"]
    found = [book.in_force(datetime.date.fromisoformat(day)).id for day in days]
    assert found == ["a", "a", "b", "b", "c", "c"]
    assert repr(book) == "PolicyBook(a from 2020-01-01, b from 2025-07-01, c from 2026-02-15)"


def test_a_day_before_the_first_version_is_an_error():
    with pytest.raises(cm.PolicyError, match="in force on 2019-12-31; the first, a, begins on 2020-01-01"):
        cm.PolicyBook([version("a", "2020-01-01")]).in_force(datetime.date(2019, 12, 31))


def test_a_book_needs_versions_that_begin_on_different_days():
    with pytest.raises(cm.PolicyError, match="at least one version"):
        cm.PolicyBook([])
    with pytest.raises(cm.PolicyError, match="a and b, begin on the same day, 2020-01-01"):
        cm.PolicyBook([version("a", "2020-01-01"), version("z", "2021-01-01"), version("b", "2020-01-01")])
