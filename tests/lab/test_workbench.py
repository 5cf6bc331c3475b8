"""All panels over one state: what one changes the others show when they are turned to, and no text becomes HTML."""

import re

import ipywidgets as widgets
import pytest
from ipywidgets.widgets.widget import _instances
from random_cases import month_row, staff_data
from shown import all_widgets, html_of, plain, rows_of, start

import cmpolicy as cm
from cmpolicy.lab import Workbench
from cmpolicy.lab.workbench import PANELS
from cmpolicy.messages import Message


@pytest.fixture
def workbench():
    return Workbench(cm.synthesize(staff=12, months=6, seed=3))


def test_each_panel_has_a_tab_with_its_title(workbench):
    """In the order of the work; one can be shown alone too."""
    names = [kind.__name__ for kind in PANELS]
    assert names == [
        *("Thresholds", "BonusTable", "PointsAndReadings", "ReadingsLedger", "Sweep", "Solve", "Forecast"),
        *("Scenarios", "Person", "Incentives", "Compliance", "Backtest", "Fairness", "PeopleCost", "Data", "Downloads"),
    ]
    assert workbench.tabs.titles == tuple(str(kind.title) for kind in PANELS)
    workbench.state.language = "zh"
    assert workbench.tabs.titles[0] == "等级下限"
    assert all(getattr(cm.lab, name) is kind for name, kind in zip(names, PANELS, strict=True))


def test_only_the_panel_in_view_works(workbench):
    """Another one waits, and shows the state of the moment when it is turned to."""
    table = workbench.turn_to("BonusTable")
    before = table.headline.value
    workbench.turn_to("Thresholds")
    workbench.state.change({"grades.A.from": 112})
    assert table.headline.value == before
    workbench.turn_to("BonusTable")
    assert table.headline.value == workbench.panels["Thresholds"].headline.value
    workbench.state.change({"grades.A.from": 113})
    seen = workbench.panels["Thresholds"].rows["A"].number.value
    assert seen == 112
    assert workbench.turn_to("Thresholds").rows["A"].number.value == 113


def test_only_the_panels_that_were_opened_are_made(workbench):
    """What nobody has turned to would only make the page slower to open; what was opened stays."""

    def opened():
        return [kind.__name__ for kind, tab in zip(PANELS, workbench.tabs.children, strict=True) if tab.children]

    assert opened() == list(workbench.panels) == ["Thresholds"]
    panel = workbench.turn_to("Sweep")
    assert workbench.tabs.children[workbench.tabs.selected_index].children == (panel.body,)
    workbench.turn_to("Thresholds")
    assert opened() == list(workbench.panels) == ["Thresholds", "Sweep"]


def test_no_step_makes_more_messages_than_a_kernel_keeps():
    """A kernel's socket drops messages above a thousand that nobody has fetched; each new widget is one."""
    data, before = cm.synthesize(staff=12, months=6, seed=3), len(_instances)
    workbench = Workbench(data)
    assert len(_instances) - before < 400
    for kind in PANELS:
        before = len(_instances)
        workbench.turn_to(kind.__name__)
        assert len(_instances) - before < 400


def test_what_one_panel_changes_the_others_show(workbench):
    """Scenario, person and download follow a bound that was moved, and data that were read."""
    workbench.panels["Thresholds"].rows["A"].slider.value = 115
    assert ["grades.A.from", "3.1", "lowest score of the grade", "110", "115"] in rows_of(
        workbench.turn_to("Scenarios").difference.value
    )
    data = workbench.turn_to("Data")
    data.people.value = 3
    data.make.click()
    assert len(workbench.turn_to("Person").choice.options) == 3
    assert workbench.state.policy.get("grades.A.from") == 115


def test_the_head_offers_what_can_be_done(workbench):
    """Undo, redo and reset; the language; and what could not be done."""
    language, undo, redo, reset, _working = workbench.box.children[0].children[1].children
    assert (undo.disabled, redo.disabled, reset.disabled) == (True, True, True)
    workbench.panels["Thresholds"].rows["A"].slider.value = 112
    assert (undo.disabled, redo.disabled, reset.disabled) == (False, True, False)
    undo.click()
    assert workbench.state.policy == workbench.state.enacted
    assert (undo.disabled, redo.disabled, reset.disabled) == (True, False, True)
    redo.click()
    reset.click()
    assert workbench.state.policy == workbench.state.enacted
    language.value = "zh"
    assert workbench.state.language == "zh"
    assert undo.description == "撤销"
    workbench.state.language = "en"
    assert language.value == "en"


def test_a_fault_can_be_closed(workbench):
    """It stays on every tab until something else clears it; the button is there for as long as the fault."""
    fault, close = workbench.box.children[0].children[2].children
    assert (fault.value, close.layout.display) == ("", "none")
    workbench.state.change({"grades.A.from": 1})
    assert 'class="cm-fault"' in fault.value
    assert (close.layout.display, close.description) == (None, "Close")
    workbench.state.language = "zh"
    assert close.description == "关闭"
    close.click()
    assert workbench.state.fault is None
    assert (fault.value, close.layout.display) == ("", "none")


def test_a_minus_stands_before_the_sign_of_yuan(workbench):
    """Of a cash effect below nought, in the cards above the panels."""
    awards = {f"grades.{grade}.monthly_award": -1000 - place for place, grade in enumerate("ABCDE")}
    workbench.state.change(awards | {"readings.annual_negative": "signed"})
    assert workbench.state.fault is None
    assert re.search(r"−¥[\d,]+\.\d\d", plain(workbench.panels["Thresholds"].headline.value))
    assert "¥-" not in plain(workbench.panels["Thresholds"].headline.value)


def test_what_takes_a_while_is_told_in_the_head(workbench):
    """In the language in use, and announced to who cannot see it."""
    *_buttons, working = workbench.box.children[0].children[1].children
    workbench.state.language = "zh"
    with workbench.state.working_on(Message("The files are being read …")):
        assert 'role="status"' in working.value
        assert "正在读取" in plain(working.value)
    assert working.value == ""


def test_nothing_grows_while_it_is_used(workbench):
    """No widget is made by a move, an undo, another language, a turn of the tabs or a scenario; no text piles up."""
    box = workbench.box

    def use():
        for place in range(len(PANELS)):
            workbench.tabs.selected_index = place
            workbench.state.change({"grades.A.from": 112 + place})
            workbench.state.language = "zh" if place % 2 else "en"
        workbench.state.change({"grades.A.from": 5})
        workbench.state.save_scenario("a")
        workbench.state.load_scenario("a")
        while workbench.state.can_undo:
            workbench.state.undo()

    use()
    number, length = len(_instances), sum(map(len, html_of(box)))
    use()
    use()
    assert len(_instances) == number
    assert sum(map(len, html_of(box))) == length
    assert not any(isinstance(one, widgets.Output) for one in all_widgets(box))


def test_no_text_of_the_data_becomes_html():
    """Ids, names, areas and grades are what a person typed; so are the names of scenarios."""
    evil = "<script>alert(1)</script>"
    staff = [{"staff_id": f"{evil}{number}", "name": evil, "area": evil} for number in range(4)]
    rows = [month_row(one["staff_id"], (2025, month), complaints=3) for one in staff for month in range(1, 7)]
    workbench = Workbench(staff_data({"staff": staff, "months": rows}))
    content = workbench.state.policy.to_dict()
    for row in content["grades"]:
        row["grade"] = f"{evil}{row['grade']}"
    content["grades"][0]["from"] = 120
    workbench.state.replace(cm.Policy.from_dict(content))
    workbench.state.save_scenario(evil)
    for kind in PANELS:
        panel = workbench.turn_to(kind.__name__)
        for button in panel.sections.buttons if hasattr(panel, "sections") else ():
            button.value = True
        if hasattr(panel, "by"):
            panel.by.value = "area"
        if hasattr(panel, "compared"):
            panel.compared.value = [value for _label, value in panel.compared.options]
        if hasattr(panel, "start"):
            start(panel)
    for language in ("zh", "en"):
        workbench.state.language = language
        shown = [*html_of(workbench.box), *(panel.static() for panel in workbench.panels.values())]
        shown += [
            one.description for one in all_widgets(workbench.box) if getattr(one, "description_allow_html", False)
        ]
        assert any("&lt;script" in text for text in shown)
        assert not any("<script" in text for text in shown)
    assert workbench.state.fault is None


def test_the_still_picture_is_that_of_the_panel_in_view(workbench):
    """Where no kernel runs nobody can turn the tabs."""
    workbench.state.change({"grades.A.from": 112})
    scenarios = workbench.turn_to("Scenarios")
    assert scenarios.difference.value in workbench._repr_mimebundle_()["text/html"]
