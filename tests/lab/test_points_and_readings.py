"""The panel of points and readings: each control sets its value, and headline and figure follow."""

import html
import random
import re
import unicodedata
from decimal import Decimal

import pytest

import cmpolicy as cm
from cmpolicy.lab.points_and_readings import PointsAndReadings, explained
from cmpolicy.lab.state import LabState
from cmpolicy.regulation.parameters import PARAMETERS
from cmpolicy.regulation.readings import READINGS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SEEN_IN_A_LIST = 72
"""Columns of text that the panel's narrowest list shows, a Chinese character taking two; measured in a browser."""


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=15, seed=3)


@pytest.fixture
def panel(data):
    return PointsAndReadings(state=LabState(data))


def told(panel):
    """The headline, and what the picture says of itself."""
    return panel.headline.value, re.search('aria-label="(.*?)"', panel.picture.value).group(1)


def controls(panel):
    boxes = {path: box.widget.value for path, box in panel.boxes.items()}
    return boxes | {f"readings.{reading}": choice.value for reading, choice in panel.choices.items()}


def money(yuan):
    return f"{yuan:,.2f}"


def test_there_is_a_box_for_every_value_and_a_list_for_every_reading(panel):
    """All of 2.1-2.10, R1 and 3.5, with clause and title; the tooltip paraphrases the clause."""
    assert set(PARAMETERS) - set(panel.boxes) == {
        "probation.festival_allowance_ratio",
        "probation.personal_leave_days",
    }
    for path, box in panel.boxes.items():
        assert box.widget.description == f"{PARAMETERS[path].clause} {PARAMETERS[path].title}"
        assert cm.clause_text(PARAMETERS[path].clause).text in box.widget.tooltip
        assert box.widget.value == pytest.approx(float(panel.state.policy.get(path)), abs=0)
    for reading, options in READINGS.items():
        text, choice = cm.reading_text(reading), panel.choices[reading]
        assert choice.options == tuple((text.options[name], name) for name in options.__members__)
        for part in (text.question, *text.clauses):
            assert html.escape(part) in choice.description
        for part in (text.question, text.ground, *(cm.clause_text(number).text for number in text.clauses)):
            assert part in choice.tooltip
            assert html.escape(part) in choice.description  # a list shows no tooltip but its label's


def test_a_box_sets_its_value_and_the_headline_follows(panel, data):
    """What is typed is the exact value, and what is shown is what a comparison gives."""
    for path, value, exact in [
        ("points.broadband_gained", 4, "4"),
        ("review.limit", 1, "1"),
        ("survey.threshold", 0.905, "0.905"),
        ("revenue.rate", 0.3, "0.3"),
        ("standing.e_quarters", 1, "1"),
    ]:
        panel.state.reset()
        panel.boxes[path].widget.value = value
        assert str(panel.state.policy.get(path)) == exact
        change = cm.compare(data, panel.state.enacted, {path: Decimal(exact)})
        assert f"¥{money(change.cost.loc['cost', 'reform'])}" in panel.headline.value
        assert f"¥{money(change.cost.loc['cost', 'baseline'])}" in panel.headline.value
        before, after = (side.grade_counts("quarters") for side in (change.baseline, change.reform))
        assert all(f"{name} {before[name]} → {number}" in told(panel)[1] for name, number in after.items())


def test_every_option_can_be_chosen(panel, data):
    """Each by its paraphrase, one after the other; the headline is that of the policy then in force."""
    policy = panel.state.enacted
    for reading, choice in panel.choices.items():
        choice.index = len(choice.options) - 1
        policy = policy.with_changes({f"readings.{reading}": choice.value})
    assert panel.state.policy == policy
    assert len(panel.state._past) == len(READINGS)
    assert f"¥{money(cm.appraise(data, policy).cost['cost'] / 100)}" in panel.headline.value


def test_a_bad_value_is_a_fault_and_the_last_good_state_stays(panel):
    """The box goes back to what is in force."""
    shown, policy, before = told(panel), panel.state.policy, controls(panel)
    for path, value in {
        "points.base": 12345678901,
        "review.limit": -1,
        "survey.threshold": 1.2,
        "revenue.rate": 0.12345,
    }.items():
        panel.state.fault = None
        panel.boxes[path].widget.value = value
        assert path in str(panel.state.fault)
        assert panel.state.policy is policy
        assert (told(panel), controls(panel)) == (shown, before)


def test_a_reading_that_the_data_do_not_allow_is_a_fault(data):
    """2.9: without the reviewers' own columns `each` cannot be chosen; the draft and its figures stay."""
    frames = {name: data.frame(name) for name in data.tables}
    frames["quarters"] = frames["quarters"].drop(columns=["review_supervisor", "review_manager"])
    panel = PointsAndReadings(cm.StaffData.from_frames(frames))
    shown, policy = told(panel), panel.state.policy
    panel.choices["review_adjust"].value = "each"
    assert "review_supervisor" in str(panel.state.fault)
    assert panel.state.policy is policy
    assert panel.choices["review_adjust"].value == "joint"
    assert told(panel) == shown


def test_undone_one_by_one_the_edits_lead_back(panel):
    """Boxes and lists follow undo, redo, reset and a scenario that is loaded."""
    rng = random.Random(7)
    shown = [(told(panel), controls(panel))]
    for _ in range(10):
        if rng.random() < 0.5:
            panel.boxes[rng.choice(["points.base", "points.fault", "survey.points"])].widget.value = rng.randrange(
                90, 110
            )
        else:
            choice = panel.choices[rng.choice(["user_count", "band_rule", "payout_floor"])]
            choice.value = next(value for _label, value in choice.options if value != choice.value)
        if controls(panel) != shown[-1][1]:
            shown.append((told(panel), controls(panel)))
    panel.state.save_scenario("last")
    for earlier in reversed(shown[:-1]):
        panel.state.undo()
        assert (told(panel), controls(panel)) == earlier
    assert panel.state.policy == panel.state.enacted
    panel.state.redo()
    assert controls(panel) == shown[1][1]
    panel.state.load_scenario("last")
    assert controls(panel) == shown[-1][1]
    panel.state.reset()
    assert controls(panel) == shown[0][1]


def test_the_language_switches_while_it_runs(panel):
    """Every label and option changes; what is chosen stays, and no step is added to what can be undone."""
    panel.choices["fraud_score"].value = "zero"
    panel.boxes["points.base"].widget.value = 101
    english, before = told(panel), controls(panel)
    panel.state.language = "zh"
    labels = [box.widget.description for box in panel.boxes.values()]
    labels += [choice.description for choice in panel.choices.values()]
    labels += [label for choice in panel.choices.values() for label, _value in choice.options]
    labels += told(panel)
    assert all(CHINESE.search(label) for label in labels)
    assert controls(panel) == before
    panel.state.language = "en"
    assert (told(panel), controls(panel)) == (english, before)
    panel.state.undo()
    panel.state.undo()
    assert not panel.state.can_undo


def test_no_paraphrase_is_cut_off(panel):
    """A list shows one line; what is longer stands in full below it, and labels may wrap."""
    longer = set()
    for language in ("en", "zh"):
        for reading in READINGS:
            for option, text in cm.reading_text(reading, language).options.items():
                width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
                with cm.using_language(language):
                    below = explained(reading, option)
                assert width <= SEEN_IN_A_LIST or html.escape(text) in below
                if below:
                    longer.add((reading, option))
    assert ("probation_bonus", "none") in longer
    panel.choices["probation_bonus"].value = "none"
    assert cm.reading_text("probation_bonus").options["none"] in panel.explained["probation_bonus"].value
    assert all("cm-reading" in choice._dom_classes for choice in panel.choices.values())
    assert all("cm-labelled" in box.widget._dom_classes for box in panel.boxes.values())


def test_the_panel_shows_itself_where_no_kernel_runs(panel):
    """The still picture holds what differs from the enacted policy, the headline and the figure."""
    assert "enacted" in panel._repr_mimebundle_()["text/html"]
    panel.boxes["points.base"].widget.value = 98
    panel.choices["band_rule"].value = "round_half_up"
    still = panel._repr_mimebundle_()["text/html"]
    assert "100 → 98" in still
    assert cm.reading_text("band_rule").options["round_half_up"] in still
    assert panel.headline.value in still
    assert "<img" in still


def test_a_mistake_of_ours_is_shown_and_raised(panel, monkeypatch):
    """An app would swallow what a callback raises, and a notebook under test must fail."""

    def broken(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(LabState, "change", broken)
    for widget, value in [(panel.boxes["points.base"].widget, 98), (panel.choices["band_rule"], "round_half_up")]:
        panel.state.fault = None
        with pytest.raises(ZeroDivisionError):
            widget.value = value
        assert "should not have happened" in str(panel.state.fault)
