"""The panel of scenarios: drafts are kept, compared and handed over as files; a bad file changes nothing."""

import random

import pytest
from shown import file_in, html_of, plain, rows_of, upload

import cmpolicy as cm
from cmpolicy.lab import LabState, Scenarios
from cmpolicy.lab.scenarios import DRAFT, ENACTED
from cmpolicy.lab.state import MOST_COMPARED, headline_of


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=30, months=6, seed=3)


@pytest.fixture
def panel(data):
    return Scenarios(data)


def save(panel, name, changes=None):
    panel.state.change(changes or {})
    panel.name.value = name
    panel.buttons["save"].click()


def side_by_side(panel):
    """Give the columns of the first table and of the table of differences, by their headings."""
    rows = rows_of(panel.comparison.value)
    places = [place for place, row in enumerate(rows) if row[0] == "figure"]
    tables = [rows[start:end] for start, end in zip(places, [*places[1:], len(rows)], strict=True)]
    return [list(map(list, zip(*table, strict=True))) for table in tables]


def figures(headline):
    """Write a headline as the panel has to show it."""
    cost, grades, standing = headline.cost, headline.quarter_grades, headline.standing
    return [
        *(f"{cost[name] / 100:,.2f}" for name in ("cost", "payout", "service_bonus", "revenue_bonus", "cash_effect")),
        *(f"{number:,}" for number in grades.values()),
        *(f"{standing[name]:,}" for name in ("observed", "dismissed")),
    ]


def test_save_load_duplicate_and_delete(panel):
    """Each with its button; what was made last is chosen."""
    save(panel, "甲", {"grades.A.from": 112})
    save(panel, " 乙 ", {"grades.A.from": 115})
    assert panel.kept.options == ("甲", "乙")
    assert panel.kept.value == "乙"
    panel.kept.value = "甲"
    panel.buttons["load"].click()
    assert panel.state.policy.get("grades.A.from") == 112
    panel.buttons["duplicate"].click()
    assert panel.kept.value == "甲 (2)"
    panel.buttons["delete"].click()
    assert panel.kept.options == ("甲", "乙")
    panel.state.undo()
    assert panel.state.policy.get("grades.A.from") == 115


def test_what_was_deleted_or_replaced_is_brought_back(panel):
    """The last first; where its name is taken, under another one."""
    assert panel.buttons["restore"].disabled
    save(panel, "甲", {"grades.A.from": 112})
    save(panel, "甲")
    assert panel.buttons["restore"].disabled  # the same once more replaces nothing
    save(panel, "甲", {"grades.A.from": 115})
    panel.buttons["delete"].click()
    assert panel.kept.options == ()
    panel.buttons["restore"].click()
    assert (panel.kept.value, panel.state.scenarios["甲"].get("grades.A.from")) == ("甲", 115)
    panel.buttons["restore"].click()
    assert (panel.kept.value, panel.state.scenarios["甲 (2)"].get("grades.A.from")) == ("甲 (2)", 112)
    assert panel.buttons["restore"].disabled


def test_what_cannot_be_done_is_said_or_not_offered(panel):
    """Without a scenario there is nothing to load; without a name nothing to save under."""
    assert [panel.buttons[key].disabled for key in ("load", "duplicate", "delete", "save", "file")] == [
        *(True, True, True),
        *(False, False),
    ]
    save(panel, "  ")
    assert "needs a name" in str(panel.state.fault)
    save(panel, "a")
    assert panel.state.fault is None
    assert not panel.buttons["load"].disabled


def test_what_the_draft_changes_is_listed(panel):
    """Path, clause, meaning, before and after, exactly."""
    assert "Nothing." in plain(panel.difference.value)
    panel.state.change({"grades.A.from": 112, "revenue.rate": 0.3, "readings.user_count": "net"})
    assert rows_of(panel.difference.value)[1:] == [
        ["grades.A.from", "3.1", "lowest score of the grade", "110", "112"],
        ["revenue.rate", "R1", "share of the revenue above its base", "0.25", "0.3"],
        ["readings.user_count", "2.2, 2.3", cm.reading_text("user_count").question, "gross", "net"],
    ]


def test_a_grade_that_one_side_lacks_has_no_value_there(panel):
    """A new grade is a change too."""
    content = panel.state.policy.to_dict()
    content["grades"].insert(0, {"grade": "S", "from": 120, "quarterly_bonus": 4000, "monthly_award": 300})
    panel.state.replace(cm.Policy.from_dict(content))
    assert ["grades.S.from", "3.1", "lowest score of the grade", "–", "120"] in rows_of(panel.difference.value)


def test_up_to_five_are_compared_side_by_side(panel, data):
    """Each column holds the totals of its policy, and the second table what differs from the first."""
    for number, name in enumerate(("a", "b", "c", "d")):
        save(panel, name, {"grades.A.from": 111 + 2 * number, "grades.B.quarterly_bonus": 2000 + 50 * number})
    panel.compared.value = (ENACTED, "a", "b", "c", "d")
    columns, differences = side_by_side(panel)
    policies = [panel.state.enacted, *(panel.state.scenarios[name] for name in "abcd")]
    assert [column[0] for column in columns[1:]] == ["the enacted policy", "a", "b", "c", "d"]
    for column, policy in zip(columns[1:], policies, strict=True):
        assert column[1:] == figures(headline_of(data, policy))
    first, other = (headline_of(data, policy).cost["cost"] for policy in policies[:2])
    assert differences[1][:2] == ["a", f"{(other - first) / 100:+,.2f}"]
    panel.compared.value = (ENACTED, DRAFT, "a", "b", "c", "d")
    assert f"up to {MOST_COMPARED}" in plain(panel.comparison.value)
    assert rows_of(panel.comparison.value) == []


def test_the_draft_is_compared_as_it_stands(panel, data):
    """From the start with the enacted policy; it follows every move."""
    assert panel.compared.value == (ENACTED, DRAFT)
    panel.state.change({"grades.A.from": 114})
    columns, _differences = side_by_side(panel)
    assert columns[2][1:] == figures(headline_of(data, panel.state.policy))


def test_names_like_our_own_are_only_names(panel, data):
    """A scenario may be called as the draft is, or as a column is; each keeps its own figures."""
    for name in ("the draft", "score", "*draft"):
        save(panel, name, {"grades.A.from": random.Random(name).randint(111, 120)})
    panel.state.reset()
    panel.compared.value = (DRAFT, "the draft", "score", "*draft")
    columns, _differences = side_by_side(panel)
    assert [column[0] for column in columns[1:]] == ["the draft", "the draft", "score", "*draft"]
    assert columns[1][1:] == figures(headline_of(data, panel.state.enacted))
    assert columns[2][1:] == figures(headline_of(data, panel.state.scenarios["the draft"]))


def test_the_choice_to_compare_survives_what_happens(panel):
    """A move, a new scenario, another language; one that is deleted leaves."""
    save(panel, "a", {"grades.A.from": 112})
    save(panel, "b", {"grades.A.from": 113})
    panel.compared.value = ("a", "b")
    panel.state.change({"grades.A.from": 114})
    panel.state.language = "zh"
    save(panel, "c")
    assert panel.compared.value == ("a", "b")
    panel.kept.value = "a"
    panel.buttons["delete"].click()
    assert panel.compared.value == ("b",)


def test_a_scenario_that_the_data_cannot_serve_is_told_beside_the_others(data):
    """2.9: it was kept with other data; the rest is compared all the same."""
    frames = {name: data.frame(name) for name in data.tables}
    frames["quarters"] = frames["quarters"].drop(columns=["review_supervisor", "review_manager"])
    state = LabState(data)
    panel = Scenarios(state=state)
    save(panel, "each", {"readings.review_adjust": "each"})
    state.reset()
    state.use_data(cm.StaffData.from_frames(frames))
    panel.compared.value = (ENACTED, "each")
    assert "each: " in plain(panel.comparison.value)
    assert "review_supervisor" in plain(panel.comparison.value)
    assert len(side_by_side(panel)[0]) == 2
    assert state.fault is None


# -- files -------------------------------------------------------------------------------------------------------------


def test_a_scenario_is_handed_over_as_a_policy_file_and_taken_back(panel, tmp_path):
    """The file is the scenario, to the last value; a name that no system takes is made one."""
    save(panel, '甲/乙: "x"', {"grades.A.from": 112, "revenue.rate": 0.3, "readings.user_count": "net"})
    kept = panel.state.policy
    panel.state.reset()
    panel.buttons["file"].click()
    name, content = file_in(panel.link.value)
    assert name == "甲_乙_ _x_.yaml"
    path = tmp_path / "policy.yaml"
    path.write_bytes(content)
    assert cm.load_policy(path) == kept
    upload(panel, ("取回.yaml", content), ("changes.yml", "grades.A.from: 113\n".encode("utf-8-sig")))
    assert panel.state.scenarios["取回"] == kept
    assert panel.state.scenarios["changes"] == panel.state.enacted.with_changes({"grades.A.from": 113})
    assert panel.upload.value == ()


def test_the_link_goes_when_the_draft_moves(panel):
    """It would hand over what is no longer shown."""
    panel.buttons["file"].click()
    assert file_in(panel.link.value)[0] == "2007-06.yaml"
    panel.state.change({"grades.A.from": 112})
    assert panel.link.value == ""


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("form.yaml", b"grades.A.form: 112", "grades.A.from"),
        ("range.yaml", b"review.limit: -1", "review.limit"),
        ("list.yaml", b"- 1", "list of changes"),
        ("broken.yaml", b"a: [1", "line 1"),
        ("gb.yaml", "id: 改革".encode("gb18030"), "UTF-8"),
        ("python.yaml", b"!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(panel, name, content, told):
    """All files of a choice are taken, or none."""
    upload(panel, ("good.yaml", b"grades.A.from: 112"), (name, content))
    assert told in str(panel.state.fault)
    assert name in str(panel.state.fault)
    assert panel.state.scenarios == {}
    assert panel.upload.value == ()


def test_file_names_are_only_names(panel):
    """No part of a path gets into the list, whichever system it comes from."""
    upload(panel, ("../../x.yaml", b"review.limit: 2"), ("C:\\dir\\y.yaml", b"review.limit: 1"))
    assert panel.kept.options == ("x", "y")


def test_names_are_shown_as_they_are(panel):
    """Never as HTML."""
    name = "<script>alert(1)</script>"
    save(panel, name, {"grades.A.from": 112})
    panel.compared.value = (ENACTED, name)
    panel.buttons["file"].click()
    assert name in plain(panel.comparison.value)
    assert not any("<script" in text for text in [*html_of(panel.box), panel.static()])


def test_the_difference_of_the_draft_is_taken_apart(panel, data):
    """By setting, by grade and by area, in sections that are closed at first; each adds up to the cost's difference."""
    changes = {"grades.A.from": 112, "grades.A.quarterly_bonus": 3000, "points.praises": 4}
    panel.state.change(changes)
    assert panel.attribution.value == ""
    for button in panel.sections.buttons:
        button.value = True
    change = cm.compare(data, cm.load_policy("2007-06"), changes)
    heading, *rows = rows_of(panel.attribution.value)
    assert heading == ["path", "clause", "baseline", "reform", "yuan"]
    assert [(row[0], row[-1]) for row in rows] == [
        (row.path, f"{row.yuan:+,.2f}") for row in change.attribution.itertuples()
    ]
    assert "<svg" in panel.attribution.value
    assert f"A ≥ {change.attribution['yuan'][0]:+,.2f}, A: quarterly bonus" in panel.attribution.value
    whole = round(100 * change.cost.loc["cost", "difference"])
    for text in (panel.attribution.value, panel.by_grade.value, panel.by_area.value):
        amounts = [row[-1] for row in rows_of(text)[1:]]
        assert sum(round(100 * float(amount.replace(",", ""))) for amount in amounts) == whole
    assert "<svg" not in panel.static()
    assert all(row in rows_of(panel.static()) for row in rows)


def test_without_a_change_there_is_nothing_to_take_apart(panel):
    """Neither a figure nor a table, also after an undo."""

    def shown():
        return [plain(part.value) for part in (panel.attribution, panel.by_grade, panel.by_area)]

    for button in panel.sections.buttons:
        button.value = True
    assert shown() == ["Nothing."] * 3
    panel.state.change({"grades.A.from": 112})
    assert "<svg" in panel.attribution.value
    assert "Nothing." not in shown()
    panel.state.undo()
    assert shown() == ["Nothing."] * 3


def test_settings_that_go_together_and_orders_that_are_drawn_are_told(panel):
    """Bounds that would cross are one row; with more than eight settings a standard error stands beside."""
    panel.sections.buttons[0].value = True
    panel.state.change({"grades.B.from": 94, "grades.C.from": 92})
    assert "Changed together" in plain(panel.attribution.value)
    more = (
        "praises",
        "complaints",
        "fault",
        "installation",
        "acceptance",
        "broadband_gained",
        "broadband_lost",
        "base",
    )
    panel.state.change({f"points.{name}": panel.state.policy.get(f"points.{name}") + 1 for name in more})
    assert "standard error" in rows_of(panel.attribution.value)[0]
    panel.state.language = "zh"
    assert "随机种子为 0" in plain(panel.attribution.value)
