"""Every text of the lab is there in both languages and follows the switch while it runs; every control has a name."""

import re

import ipywidgets as widgets
import pytest
from shown import all_widgets, plain

import cmpolicy as cm
from cmpolicy.lab import LabState, Workbench
from cmpolicy.lab.texts import Texts, clause_tip, label_with_tip
from cmpolicy.lab.workbench import PANELS
from cmpolicy.messages import Message

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TRAITS = ("description", "tooltip", "placeholder", "titles", "tooltips", "_options_labels")


@pytest.fixture(scope="module")
def workbench():
    """The workbench with every panel shown once, every section open, and names without Chinese letters."""
    data = cm.synthesize(staff=12, months=6, seed=3)
    frames = {name: data.frame(name).drop(columns=["name", "area"], errors="ignore") for name in data.tables}
    workbench = Workbench(cm.StaffData.from_frames(frames))
    workbench.state.change({"grades.A.from": 112, "readings.user_count": "net"})
    for kind in PANELS:
        panel = workbench.turn_to(kind.__name__)
        for button in panel.sections.buttons if hasattr(panel, "sections") else ():
            button.value = True
    return workbench


def texts_of(box):
    """Give what each control says of itself: its traits that are text, by control and trait."""
    found = {}
    for number, widget in enumerate(all_widgets(box)):
        for trait in TRAITS:
            value = getattr(widget, trait, None)
            told = [value] if isinstance(value, str) else [*(value or ())]
            shown = [plain(text) for text in told if text]
            if shown:
                found[number, type(widget).__name__, trait] = shown
    return found


def in_language(workbench, language):
    """Give the texts of all panels, each while it is in view."""
    found = {}
    for place in range(len(PANELS)):
        workbench.tabs.selected_index = place
        workbench.state.language = language
        found |= {(place, *key): texts for key, texts in texts_of(workbench.tabs.children[place]).items()}
    return found | {("head", *key): texts for key, texts in texts_of(workbench.box.children[0]).items()}


def test_every_text_follows_the_language(workbench):
    """In Chinese each has Chinese letters, but for what has no words; in English none has; and back again."""
    english, chinese = in_language(workbench, "en"), in_language(workbench, "zh")
    assert in_language(workbench, "en") == english
    assert english.keys() == chinese.keys()
    assert len(english) > 100
    for key, texts in english.items():
        if texts == ["中文", "English"] or "月度.csv" in texts[0]:  # each language in its own words; a file's name
            continue
        for one, other in zip(texts, chinese[key], strict=True):
            assert not CHINESE.search(one), (key, one)
            if re.search(r"[a-z]{2,}", one) and not re.fullmatch(r"grades\.\w+\.\w+|CM\d+", one):
                assert CHINESE.search(other), (key, one, other)


def test_html_follows_the_language(workbench):
    """All tables, headlines and pictures of the panel in view are written anew."""
    state = workbench.state
    for kind in PANELS:
        panel = workbench.turn_to(kind.__name__)
        for language in ("zh", "en"):
            state.language = language
            shown = [one.value for one in all_widgets(panel.body) if isinstance(one, widgets.HTML) and one.value]
            assert shown
            for text in shown:
                words = plain(re.sub(r'aria-label=".*?"', "", text)).replace("(实发)", "")  # the heading in the file
                if language == "en":
                    assert not CHINESE.search(words), (panel, words[:300])
                elif re.search(r"[a-z]{4,} [a-z]{3,}", words):
                    assert CHINESE.search(words), (panel, words[:300])


def test_every_control_has_an_accessible_name(workbench):
    """A label, or a text on the button; a slider, which browsers give none, has a number box with one beside it."""
    named = 0
    for widget in all_widgets(workbench.box):
        if isinstance(widget, widgets.ToggleButtons):
            assert all(widget._options_labels)
        elif isinstance(widget, widgets.IntSlider):
            boxes = [row for row in all_widgets(workbench.box) if widget in getattr(row, "children", ())]
            assert any(plain(one.description) for row in boxes for one in row.children if one is not widget)
        elif isinstance(widget, (widgets.ValueWidget, widgets.Button)) and not isinstance(widget, widgets.HTML):
            assert plain(widget.description), widget
            named += 1
    assert named > 50


def test_every_control_has_a_tooltip(workbench):
    """Where a text box, list or check box has a label, only a tooltip that the label carries is shown."""
    labelled = (widgets.Text, widgets.Dropdown, widgets.Select, widgets.SelectMultiple, widgets.Checkbox)
    plain_ones = (widgets.Button, widgets.ToggleButton, widgets.FileUpload, widgets.IntText, widgets.FloatText)
    counted = 0
    for widget in all_widgets(workbench.box):
        if isinstance(widget, labelled):
            assert re.search(r'title="[^"]+"', widget.description), widget
            assert widget.description_allow_html
        elif isinstance(widget, plain_ones):
            assert widget.tooltip, widget
        counted += isinstance(widget, (*labelled, *plain_ones))
    assert counted > 50


def test_a_list_in_a_new_language_keeps_its_choice():
    """Without telling anyone of another choice in between that was not made."""
    state = LabState(cm.synthesize(staff=2, months=1, seed=1))
    texts = Texts(state)
    choice = texts.bind(
        widgets.Dropdown(options=["a", "b"], value="b"),
        options=lambda: [(str(Message("grade")), "a"), (str(Message("score")), "b")],
    )
    seen = []
    choice.observe(lambda change: None if texts.relabelling else seen.append(change["new"]), "value")
    state.language = "zh"
    assert choice._options_labels == ("等级", "评分")
    assert choice.value == "b"
    assert seen == []
    state.language = "en"
    assert choice._options_labels == ("grade", "score")


def test_the_tooltip_of_a_clause_has_its_number_and_its_words():
    """One line a clause, in the language in use."""
    lines = clause_tip("3.1", "3.2")().splitlines()
    assert [line[:3] for line in lines] == ["3.1", "3.2"]
    assert cm.clause_text("3.2").text in lines[1]


def test_a_label_carries_its_tooltip_escaped():
    """Neither can leave its place."""
    label = label_with_tip(lambda: "<b>A</b> ≥", lambda: 'say "x" & <y>')()
    assert label == '<span title="say &quot;x&quot; &amp; &lt;y&gt;">&lt;b&gt;A&lt;/b&gt; ≥</span>'
