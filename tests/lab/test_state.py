"""The state: every move can be taken back, what cannot be done leaves all as it was, nothing is computed twice."""

import random
import tracemalloc

import numpy as np
import pytest

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError, PolicyError
from cmpolicy.lab import LabState, Workbench
from cmpolicy.lab.state import MOST_UNDO, headline_of
from cmpolicy.messages import Message
from cmpolicy.regulation.readings import READINGS


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=40, months=9, seed=3)


@pytest.fixture
def state(data):
    return LabState(data)


@pytest.fixture(scope="module")
def without_reviewers():
    """Data in which the two reviewers' own figures are not recorded."""
    data = cm.synthesize(staff=5, months=3, seed=1)
    frames = {name: data.frame(name) for name in data.tables}
    frames["quarters"] = frames["quarters"].drop(columns=["review_supervisor", "review_manager"])
    return cm.StaffData.from_frames(frames)


# -- undo and redo -----------------------------------------------------------------------------------------------------


def random_move(rng, workbench):
    """Move one control of one panel, as a hand does."""
    panels = workbench.panels
    which = rng.choice(["Thresholds", "BonusTable", "PointsAndReadings", "PointsAndReadings", "Scenarios", "reset"])
    if which != "reset":
        workbench.turn_to(which)
    if which == "Thresholds":
        row = rng.choice(list(panels[which].rows.values()))
        control = rng.choice([row.number, row.slider])
        control.value += rng.choice([-7, -1, 1, 7])
    elif which == "BonusTable":
        box = rng.choice([one for row in panels[which].rows.children for one in row.children])
        box.value = rng.randint(-1000, 5000)
    elif which == "PointsAndReadings" and rng.random() < 0.5:
        box = rng.choice(list(panels[which].boxes.values())).widget
        box.value = rng.randint(-5, 9)
    elif which == "PointsAndReadings":
        choice = rng.choice(list(panels[which].choices.values()))
        choice.value = rng.choice(choice.options)[1]
    elif which == "Scenarios" and rng.random() < 0.5:
        panels[which].name.value = rng.choice("abc")
        panels[which].buttons["save"].click()
    elif which == "Scenarios" and workbench.state.scenarios:
        panels[which].kept.value = rng.choice(list(workbench.state.scenarios))
        panels[which].buttons["load"].click()
    elif rng.random() < 0.1:
        workbench.state.reset()


def test_200_random_moves_undone_one_by_one_lead_back_to_the_start():
    """Each undo is one move back, whatever was moved; each redo is one forward. A rejected move is no step."""
    workbench = Workbench(cm.synthesize(staff=15, months=6, seed=3))
    state, rng = workbench.state, random.Random(4)
    passed = [state.policy]
    for _ in range(200):
        random_move(rng, workbench)
        if state.policy != passed[-1]:
            passed.append(state.policy)
        assert list(state.policy.bounds) == sorted(state.policy.bounds, reverse=True)
    assert len(passed) > 80
    workbench.turn_to("Downloads")
    for policy in reversed(passed[:-1]):
        state.undo()
        assert state.policy == policy
    assert not state.can_undo
    assert state.policy == state.enacted
    for policy in passed[1:]:
        state.redo()
        assert state.policy == policy
    assert not state.can_redo


def test_undo_and_redo_without_a_step_do_nothing(state):
    """They are not offered then either."""
    assert (state.can_undo, state.can_redo) == (False, False)
    state.undo()
    state.redo()
    assert state.policy is state.enacted


def test_a_change_after_an_undo_forgets_what_was_undone(state):
    """As in every editor."""
    state.change({"grades.A.from": 112})
    state.change({"grades.A.from": 113})
    state.undo()
    state.change({"grades.A.from": 120})
    assert not state.can_redo
    state.undo()
    assert state.policy.get("grades.A.from") == 112


def test_a_change_that_changes_nothing_is_no_step(state):
    """An undo that seems to do nothing would be taken for a fault."""
    state.change({"grades.A.from": 110})
    state.replace(state.enacted)
    assert not state.can_undo


def test_reset_is_one_step_that_can_be_undone(state):
    """Back to the enacted policy, and back again."""
    state.change({"grades.A.from": 112})
    state.change({"review.limit": 2})
    draft = state.policy
    state.reset()
    assert state.policy == state.enacted
    state.undo()
    assert state.policy == draft


def test_history_has_an_end(state):
    """A slider that is dragged for hours does not fill the memory."""
    for step in range(MOST_UNDO + 20):
        state.change({"grades.A.quarterly_bonus": 3000 + step})
    undone = 0
    while state.can_undo:
        state.undo()
        undone += 1
    assert undone == MOST_UNDO


# -- what cannot be done -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"grades.A.from": 100},
        {"grades.A.from": "high"},
        {"grades.A.form": 112},
        {"revenue.rate": 1.5},
        {"readings.user_count": "brutto"},
        {"grades.A.from": 112, "review.limit": -1},
    ],
)
def test_a_change_that_is_not_valid_leaves_everything(state, changes):
    """It becomes the fault, with what was expected; the next good change takes the fault away."""
    state.change({"grades.B.from": 101})
    before = state.policy, state.headline, state.can_undo, state.can_redo
    assert not state.change(changes)
    assert isinstance(state.fault, PolicyError)
    assert (state.policy, state.headline, state.can_undo, state.can_redo) == before
    assert state.change({"grades.B.from": 102})
    assert state.fault is None


def test_a_policy_that_the_data_cannot_serve_never_becomes_the_draft(without_reviewers):
    """2.9: the reading `each` asks for both reviewers' figures. Neither a change, a scenario, undo nor the start."""
    state = LabState(without_reviewers)
    each = state.enacted.with_changes({"readings.review_adjust": "each"})
    assert not state.change({"readings.review_adjust": "each"})
    assert "review_supervisor" in str(state.fault)
    state.save_scenario("each", each)
    with pytest.raises(PolicyError):
        state.load_scenario("each")
    assert (state.policy, state.can_undo) == (state.enacted, False)
    with pytest.raises(PolicyError):
        LabState(without_reviewers, each)


def test_data_that_cannot_serve_the_draft_are_not_taken(data, without_reviewers):
    """The old data stay, with all that was computed from them."""
    state = LabState(data)
    state.change({"readings.review_adjust": "each"})
    before = state.outcome, state.headline
    with pytest.raises(PolicyError):
        state.use_data(without_reviewers)
    assert state.data is data
    assert (state.outcome, state.headline) == before


def test_undo_stops_at_a_draft_that_other_data_cannot_serve(data, without_reviewers):
    """The draft stays, and so do the steps."""
    state = LabState(data)
    state.change({"readings.review_adjust": "each"})
    state.change({"readings.review_adjust": "joint"})
    state.use_data(without_reviewers)
    with pytest.raises(PolicyError):
        state.undo()
    assert state.policy == state.enacted
    assert state.can_undo


# -- bounds stay in order ----------------------------------------------------------------------------------------------


def test_a_bound_stops_at_its_neighbours(state):
    """3.1: bounds fall from grade to grade."""
    for grade, bound, expected in [
        ("A", 40, (101, 100, 95, 90)),
        ("D", 300, (101, 100, 95, 94)),
        ("C", 97, (101, 100, 97, 94)),
        ("B", 0, (101, 98, 97, 94)),
        ("A", 300, (300, 98, 97, 94)),
    ]:
        state.move_bound(grade, bound)
        assert state.policy.bounds == expected
        assert state.fault is None


# -- nothing is computed twice -----------------------------------------------------------------------------------------


def test_moving_a_bound_leaves_the_scores(state):
    """The data are laid out once, and the very arrays of the scores are shared by draft and baseline."""
    panel, before = state.data.panel, state.outcome.arrays
    state.move_bound("A", 112)
    after = state.outcome.arrays
    assert state.data.panel is panel
    assert after.month_score is before.month_score is state.baseline.arrays.month_score
    assert after.quarter_score is before.quarter_score
    assert after.quarter_grade is not before.quarter_grade


def test_moving_an_amount_leaves_the_grades(state):
    """3.2 pays grades; it gives none."""
    before = state.outcome.arrays
    state.change({"grades.A.quarterly_bonus": 2600})
    after = state.outcome.arrays
    for name in ("month_score", "quarter_score", "month_grade", "quarter_grade", "standing"):
        assert getattr(after, name) is getattr(before, name), name
    assert not np.array_equal(after.payout, before.payout)


def test_what_is_asked_for_again_is_kept(state):
    """Panels share outcomes, comparison and headlines; going back to a policy makes them equal again."""
    first = state.headline
    assert state.comparison is state.comparison
    assert state.comparison.reform is state.outcome
    state.change({"grades.A.from": 112})
    assert state.headline is state.headline
    assert state.headline != first
    assert state.baseline_headline == first
    state.undo()
    assert state.headline == first


@pytest.mark.parametrize("seed", range(6))
def test_the_headline_is_that_of_an_appraisal(data, seed):
    """Whatever way the totals are found: grades, money and standing equal `appraise`, under any readings."""
    rng = random.Random(seed)
    changes = {f"readings.{name}": rng.choice(list(options.__members__)) for name, options in READINGS.items()}
    for grade, lowest in (("A", 105), ("D", 85)):
        changes[f"grades.{grade}.from"] = lowest + rng.randint(0, 6)
    policy = cm.load_policy("2007-06").with_changes(changes)
    outcome = cm.appraise(data, policy)
    headline = headline_of(data, policy)
    assert headline.quarter_grades == outcome.grade_counts("quarters")
    assert headline.month_grades == outcome.grade_counts("months")
    assert headline.cost == outcome.cost
    assert headline.standing == outcome.standing_counts


def test_moves_leave_no_litter(data):
    """No more than 20 KiB a move, history included; 1000 moves of a panel are measured in the benchmarks."""
    state = LabState(data)
    in_use = []
    tracemalloc.start()
    try:
        for step in range(300):
            state.change({"grades.A.from": 105 + step % 12, "grades.B.quarterly_bonus": 2000 + step % 4})
            assert state.headline
            in_use.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert (in_use[299] - in_use[199]) / 100 < 20 * 1024


def test_other_data_let_go_of_the_old_ones(data):
    """A second upload does not need the memory of both."""
    state = LabState(data)
    assert state.comparison.cost is not None
    state.use_data(cm.synthesize(staff=5, months=3, seed=1))
    kept = [state._comparison, *(one[0] for one in [*state._headlines.values(), *state._outcomes.values()])]
    assert not any(one is data for one in kept)
    assert state.headline == headline_of(state.data, state.policy)


# -- scenarios ---------------------------------------------------------------------------------------------------------


def test_scenarios_are_saved_loaded_duplicated_and_deleted(state):
    """A scenario does not follow the draft; a duplicate has a name of its own."""
    state.change({"grades.A.from": 112})
    state.save_scenario("  方案一 ")
    draft = state.policy
    state.reset()
    assert state.scenarios == {"方案一": draft}
    assert state.duplicate_scenario("方案一") == "方案一 (2)"
    assert state.duplicate_scenario("方案一") == "方案一 (3)"
    state.delete_scenario("方案一 (2)")
    assert list(state.scenarios) == ["方案一", "方案一 (3)"]
    state.load_scenario("方案一 (3)")
    assert state.policy == draft
    state.undo()
    assert state.policy == state.enacted


def test_observers_see_every_change_of_the_scenarios(state):
    """The dictionary is replaced, never changed in place."""
    seen = []
    state.observe(lambda change: seen.append(list(change["new"])), "scenarios")
    state.save_scenario("a")
    state.save_scenario("b")
    state.delete_scenario("a")
    assert seen == [["a"], ["a", "b"], ["b"]]


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_scenario_needs_a_name(state, name):
    """A blank one could not be seen in the list."""
    with pytest.raises(CmpolicyError, match="name"):
        state.save_scenario(name)
    assert state.scenarios == {}


# -- what takes a while ------------------------------------------------------------------------------------------------


def test_what_takes_a_while_is_told_for_as_long_as_it_does(state):
    """Also where it fails."""
    told = []
    state.observe(lambda change: told.append(change["new"]), "working")
    what = Message("The files are being read …")
    with pytest.raises(PolicyError), state.working_on(what):
        state.enacted.with_changes({"review.limit": -1})
    assert told == [what, None]
