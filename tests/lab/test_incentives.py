"""The panel of incentives: what `cm.incentives` finds under the draft, beside the enacted policy."""

import pytest
from random_cases import month_row, staff_data
from shown import html_of, plain, rows_of

import cmpolicy as cm
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.lab import Incentives, LabState
from cmpolicy.messages import Message

CHANGES = {"grades.A.from": 112, "grades.B.quarterly_bonus": 1800, "readings.user_count": "net"}


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=40, months=12, seed=3)


@pytest.fixture
def panel(data):
    panel = Incentives(data)
    for button in panel.sections.buttons:
        button.value = True
    return panel


def columns_of(widget):
    heading, *rows = rows_of(widget.value)
    return {name: [row[place] for row in rows] for place, name in enumerate(heading)}


def test_events_are_those_of_both_policies(panel, data):
    """Mean worth before, after and the difference, for each event in its order."""
    panel.state.change(CHANGES)
    before, after = (cm.incentives(data, policy).events for policy in (panel.state.enacted, panel.state.policy))
    shown = columns_of(panel.events)
    assert shown["event"] == [str(event.text) for event in EVENTS.values()]
    assert shown["mean before, yuan"] == [f"{mean:,.2f}" for mean in before["mean"]]
    assert shown["mean after, yuan"] == [f"{mean:,.2f}" for mean in after["mean"]]
    assert shown["difference"] == [f"{mean:+,.2f}" for mean in after["mean"] - before["mean"]]


def test_it_says_what_standing_takes_and_counts_dismissals(panel, data):
    """3.5: in the answer that later payouts are left out; beside each event its dismissals, and what they are."""
    panel.state.change({"grades.D.from": 94, "standing.e_quarters": 1})
    found = cm.incentives(data, panel.state.policy)
    assert found.dismissals_decided > 0
    assert "Later payouts that would be lost by observation or dismissal (3.5)" in plain(panel.headline.value)
    assert f"one event decides on a dismissal: {found.dismissals_decided}." in plain(panel.headline.value)
    assert columns_of(panel.events)["dismissals"] == [f"{count:,}" for count in found.events["dismissals"]]
    assert str(found.dismissals_note) in plain(panel.events.value)


def test_bounds_are_those_of_the_draft(panel, data):
    """With who stands one event away, and whether people gather there."""
    panel.state.change(CHANGES)
    found = cm.incentives(data, panel.state.policy)
    shown = columns_of(panel.bounds)
    assert shown["bound"] == [f"{bound:,.2f}" for bound in found.cliffs["bound"]]
    assert shown["a user lifts"] == [f"{count:,}" for count in found.cliffs["user_lifts"]]
    told = ["too few to say" if low != low else "no" for low in found.bunching["low"]]  # noqa: PLR0124 - NaN
    assert shown["people gather"] == told


def test_games_follow_the_draft(panel):
    """Counted net nobody gains by cancelling and rejoining."""
    panel.state.change(CHANGES)
    shown = columns_of(panel.games)
    assert int(shown["staff-quarters before"][0]) > 0
    assert shown["staff-quarters after"][0] == "0"
    assert shown["tried against it"][0] == "only the net change counts"


def test_the_limit_and_the_weights_are_shown(panel, data):
    """3.3 before and after; a survey weighs five users."""
    panel.state.change({"readings.payout_floor": "none"})
    shown = columns_of(panel.floor)
    before = cm.incentives(data).floor
    assert shown["baseline"][:2] == [str(before.staff_quarters), str(before.not_applied)]
    assert shown["reform"][1] == "0"
    assert shown["difference"][1] == f"{-before.not_applied:+,}"
    assert columns_of(panel.exchange)["one more broadband user gained"] == ["1.00", "3.00", "5.00"]


def test_each_person_s_worth_is_listed_the_dearest_first(panel, data):
    """For the event that is chosen, before and after; the search leaves out others."""
    panel.state.change({"grades.D.quarterly_bonus": 1200})
    panel.event.value = "complaint"
    shown = columns_of(panel.people)
    after = [float(worth.replace(",", "")) for worth in shown["worth after, yuan"]]
    assert after == sorted(after)[: len(after)]
    people = cm.incentives(data, panel.state.policy).people
    assert after[0] == people["complaint"].min() < 0
    someone = shown["staff id"][3]
    panel.search.value = someone.lower()
    assert set(columns_of(panel.people)["staff id"]) == {someone}


def test_the_cards_tell_the_change(panel):
    """Nothing changed, then an amount; the answer is said above them."""
    assert panel.headline.value.count("unchanged") == 5
    panel.state.change({"grades.B.quarterly_bonus": 1500})
    assert "before: ¥" in plain(panel.headline.value)
    assert str(panel.after.answer[0]) in plain(panel.headline.value)
    shown = plain(panel.headline.value)
    assert f"staff-quarters in which one event decides {panel.after.within_one_event:,} " in shown


def test_no_cost_is_zero_without_a_sign():
    """One person, whom a complaint costs nothing."""
    panel = Incentives(staff_data({"months": [month_row("CM01", (2025, 1), broadband_gained=1)]}))
    assert "one more complaint costs ¥0.00" in plain(panel.headline.value)


def test_it_speaks_the_language_in_use(panel):
    """Answer, picture, tables and the choice of events."""
    panel.state.language = "zh"
    english = {str(event.text) for event in EVENTS.values()}
    assert not english & set(columns_of(panel.events).get("事件", []))
    assert all(text not in picture for text in english for picture in (panel.picture.value, panel.static()))
    assert not english & {text for text, _name in panel.event.options}


def test_what_is_found_is_kept_until_something_changes(panel):
    """Two looks at one draft share the tables; another draft has its own."""
    found = panel.after
    assert panel.after is found
    panel.state.change({"points.praises": 5})
    assert panel.after is not found


def test_what_it_is_at_is_told(panel):
    """Of ten thousand people it takes a second."""
    told = []
    panel.state.observe(lambda change: told.append(change["new"]), "working")
    panel.state.change({"points.praises": 6})
    assert told == [Message("Working out what each event is worth …"), None]


def test_names_are_shown_as_they_are():
    """Neither in a table nor in the picture does a text become HTML."""
    evil = '<script>alert("1")</script>'
    rows = [month_row(evil, (2025, month)) for month in range(1, 7)]
    state = LabState(staff_data({"staff": [{"staff_id": evil, "name": evil}], "months": rows}))
    content = state.policy.to_dict()
    content["grades"][1]["grade"] = "$x_" + evil
    panel = Incentives(state=state)
    for button in panel.sections.buttons:
        button.value = True
    state.replace(cm.Policy.from_dict(content))
    assert state.fault is None
    assert not any("<script" in text for text in [*html_of(panel.box), panel.static()])
