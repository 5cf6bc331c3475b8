"""Incentives gather what an event, a cliff and a game are worth, for any data and policy."""

import numpy as np
import pytest
from random_cases import case, month_row, staff_data

import cmpolicy as cm
from cmpolicy.insight.event_values import EVENTS


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
    """Where an event is put, the seed, and that a rank decides dismissals under `lowest_scorer`."""
    notes = [str(note) for note in found.notes]
    assert notes[0] == "Each event is put in the last assessed month of the quarter."
    assert "seed 0" in notes[1]
    ranked = cm.load_policy("2007-06").with_changes({"readings.elimination_rule": "lowest_scorer"})
    assert any("lowest_scorer" in str(note) for note in cm.incentives(found.outcome.data, ranked).notes)


def test_a_complaint_that_costs_nothing_costs_zero():
    """The answer knows no negative zero."""
    answer = cm.incentives(staff_data({"months": [month_row("CM01", (2025, 1), broadband_gained=1)]})).answer
    assert "one more complaint costs 0 yuan on average, and nothing in 100%." in str(answer[0])
