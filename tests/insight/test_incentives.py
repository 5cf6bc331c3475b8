"""Incentives gather what an event, a cliff and a game are worth, for any data and policy."""

import re

import numpy as np
import pytest
from random_cases import case, month_row, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.regulation.clauses import reading_text


@pytest.fixture(scope="module")
def found():
    return cm.incentives(cm.synthesize(staff=60, months=12, seed=1))


def test_events_are_summed_from_the_people(found):
    """The mean over those who can, the share that moves money, and the largest amount, from the table of people."""
    for name, row in found.events.iterrows():
        column = found.people[name].dropna()
        assert row["staff_quarters"] == len(column)
        assert row["mean"] == pytest.approx(column.mean())
        assert row["moving"] == (column != 0).sum()
        assert abs(row["largest"]) == column.abs().max()


def test_people_stand_with_score_grade_and_area(found):
    """As in the appraisal's own table of quarters."""
    keys = ["staff_id", "quarter"]
    both = found.people.merge(found.outcome.quarters, on=keys, suffixes=("", "_appraised"))
    assert len(both) == len(found.people)
    assert np.allclose(both["score"], both["score_appraised"], equal_nan=True)
    assert both["grade"].fillna("").tolist() == both["grade_appraised"].fillna("").tolist()
    assert both["area"].tolist() == both["area_appraised"].tolist()


def test_a_book_of_versions_is_priced_version_by_version():
    """A quarter's event is worth what the version in force in it pays."""
    rows = [month_row("CM01", (2025, month)) for month in range(1, 7)]
    enacted = cm.load_policy("2007-06")
    later = enacted.with_changes(
        {"id": "later", "effective_from": "2025-04-01", "grades.B.quarterly_bonus": 1800, "readings.user_count": "net"}
    )
    found = cm.incentives(staff_data({"months": rows}), cm.PolicyBook([enacted, later]))
    assert found.people["complaint"].tolist() == [-600, -400]
    assert set(found.bunching["policy"]) == {"2007-06", "later"}
    assert list(found.games.index)


@pytest.mark.parametrize("seed", range(8))
def test_every_table_is_made_for_any_data(seed):
    """Also with one month, without revenue, without anyone assessed in a quarter."""
    data, content = case(seed)
    found = cm.incentives(staff_data(data), cm.Policy.from_dict(content))
    assert set(found.tables) == {"events", "cliffs", "floor", "exchange", "bunching", "games", "people"}
    assert list(found.events.index) == list(EVENTS)
    assert found.floor.complaint_costs_nothing <= found.floor.staff_quarters


def test_notes_tell_the_convention_and_the_seed(found):
    """Where an event is put, the seed, and that a rank decides dismissals under `lowest_scorer`, in words."""
    notes = [str(note) for note in found.notes]
    assert notes[0] == "Each event is put in the last assessed month of the quarter."
    assert "seed 0" in notes[1]
    assert "The column “dismissals” counts the staff-quarters at whose end the event alone brings" in notes[2]
    ranked = cm.load_policy("2007-06").with_changes({"readings.elimination_rule": "lowest_scorer"})
    by_rank = cm.incentives(found.outcome.data, ranked)
    assert "Where a rank decides dismissals, they are not counted by event." in map(str, by_rank.notes)
    assert not any("decides on a dismissal" in str(sentence) for sentence in by_rank.answer)


@pytest.mark.parametrize(("last", "decided"), [(80, 0), (89, 1)])
def test_the_answer_says_that_what_standing_takes_later_is_not_in_it(last, decided):
    """Two quarters of E, then 89: one of several events averts the dismissal, and counts once; at 80 none does."""
    scores = [80] * 6 + [last] * 3
    rows = [scoring("CM01", (2025, month), score) for month, score in enumerate(scores, start=1)]
    found = cm.incentives(staff_data({"months": rows}))
    said = [str(sentence) for sentence in found.answer]
    assert said[1] == "Later payouts that would be lost by observation or dismissal (3.5) are not in this worth."
    assert said[2] == f"Staff-quarters in which one event decides on a dismissal: {decided}."
    assert found.dismissals_decided == decided
    assert (found.events["dismissals"] < 0).sum() > decided or not decided


def test_a_complaint_that_costs_nothing_costs_zero():
    """The answer knows no negative zero."""
    answer = cm.incentives(staff_data({"months": [month_row("CM01", (2025, 1), broadband_gained=1)]})).answer
    assert "one more complaint costs 0 yuan on average, and nothing in 100%." in str(answer[0])


def test_a_staff_quarter_that_two_events_decide_counts_once():
    """One month assessed: from 97 a user lifts to B and a complaint drops to D; at 105 neither changes the grade."""
    rows = [scoring("CM01", (2025, 1), 97), scoring("CM02", (2025, 1), 105)]
    found = cm.incentives(staff_data({"months": rows}))
    assert found.cliffs["within_one_event"].sum() == 2
    assert found.within_one_event == 1
    assert any(str(sentence).startswith("In 1 of 2 staff-quarters one more") for sentence in found.answer)


def test_a_staff_quarter_that_passes_two_bounds_counts_once():
    """From 98 a user lifts over C from 99 and B from 100 at once."""
    policy = cm.load_policy("2007-06").with_changes({"grades.C.from": 99})
    found = cm.incentives(staff_data({"months": [scoring("CM01", (2025, 1), 98)]}), policy)
    assert found.cliffs["user_lifts"].tolist() == [0, 1, 1, 0]
    assert found.within_one_event == 1


@pytest.mark.parametrize("seed", range(4))
def test_within_one_event_are_those_whose_grade_changes(seed):
    """For any data and policy: of the people with a grade, whoever a user or a complaint gives another one."""
    data, content = case(seed)
    found = cm.incentives(staff_data(data), cm.Policy.from_dict(content))
    values = found.values
    now = found.outcome.arrays.quarter_grade[values.quarter, values.person]
    names = list(EVENTS)
    pairs = zip(now, values.grade[names.index("broadband_user_gained")], strict=True)
    lifted = {row for row, (before, after) in enumerate(pairs) if before >= 0 and after < before}
    pairs = zip(now, values.grade[names.index("complaint")], strict=True)
    dropped = {row for row, (before, after) in enumerate(pairs) if before >= 0 and after > before}
    assert found.within_one_event == len(lifted | dropped)


def test_the_best_game_is_told_with_the_setting_against_it(found):
    """The reading in words, in the language in use, and the number that it leaves."""
    told = "\n".join(map(str, found.answer))
    reading = reading_text("revenue_below_base", "en").options["carried"]
    assert re.search(rf"Staff-quarters in which it would still pay under the reading “{reading}”: [\d,]+\.", told)
    with cm.using_language("zh"):
        assert "“未扣完的处罚结转到本人下一季度”" in "\n".join(map(str, found.answer))
