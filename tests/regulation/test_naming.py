"""A policy's name tells what was changed where it bears the id of a bundled policy."""

import pytest

import cmpolicy as cm
from cmpolicy.regulation.naming import policy_name

ENACTED = cm.load_policy("2007-06")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "2007-06"),
        ({"grades.A.from": 110}, "2007-06"),
        ({"id": "reform", "grades.A.from": 112}, "reform"),
        ({"grades.A.from": 112}, "2007-06, changed: A from 112"),
        (
            {"grades.A.quarterly_bonus": 3000, "grades.E.monthly_award": -250.5, "points.broadband_gained": 4},
            "2007-06, changed: A quarterly bonus 3000, E monthly award -250.5, 2.2 broadband user gained: 4",
        ),
        ({"readings.user_count": "net"}, "2007-06, changed: reading A02 net"),
        ({f"grades.{grade}.quarterly_bonus": 1 for grade in "ABCD"}, "2007-06, values changed: 4"),
    ],
)
def test_few_changes_are_named_and_more_are_counted(changes, name):
    """Up to three; nothing is added where nothing differs, or the id is another's."""
    assert str(policy_name(ENACTED.with_changes(changes))) == name


def test_a_grade_that_is_left_out_is_named():
    """Its bound and its money are no more."""
    content = ENACTED.to_dict()
    del content["grades"][0]
    name = str(policy_name(cm.Policy.from_dict(content)))
    assert name == "2007-06, changed: A from –, A quarterly bonus –, A monthly award –"


def test_the_name_follows_the_language():
    """Though it is kept."""
    changed = ENACTED.with_changes({"grades.A.from": 112})
    with cm.using_language("zh"):
        assert str(policy_name(changed)) == "2007-06，已改：A 级自 112 分起"
    assert str(policy_name(changed)) == "2007-06, changed: A from 112"
