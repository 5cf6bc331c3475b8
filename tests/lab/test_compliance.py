"""The panel of compliance: findings of the draft, what is new against the enacted policy, a region, a file."""

from pathlib import Path

import pytest
from random_cases import month_row, staff_data
from shown import html_of, plain, rows_of, upload

import cmpolicy as cm
from cmpolicy.lab import Compliance, LabState, Scenarios
from cmpolicy.lab import compliance as lab_compliance

DATASETS = Path(__file__).parents[2] / "datasets"
EXAMPLE = DATASETS / "compliance-example.yaml"


@pytest.fixture(scope="module")
def data():
    return cm.read_staff(DATASETS / "department")


@pytest.fixture
def panel(data):
    panel = Compliance(data)
    for button in panel.sections.buttons:
        button.value = True
    return panel


def ids(text):
    return [row[0] for row in rows_of(text)[1:]]


def test_the_findings_are_those_of_the_draft(panel, data):
    """Check, severity, subject, what is wrong, and where; and the advice that it is none."""
    panel.state.change({"readings.payout_floor": "none"})
    found = cm.comply(panel.state.policy, data, baseline=panel.state.enacted)
    assert ids(panel.findings.value) == [one.check for one in found.findings]
    assert str(found.findings[0].what) in plain(panel.findings.value)
    assert "This is not legal advice." in plain(panel.said.value)
    assert ids(panel.cures.value) == list(dict.fromkeys(one.check for one in found.findings))
    lacking = [result.check for result in found.results if result.missing]
    assert ids(panel.lacking.value) == lacking


def test_what_is_new_against_the_enacted_policy_is_told(panel):
    """In one line, each check with its title, and in a table; nothing where nothing was changed."""
    assert panel.news.value == ""
    panel.state.change({"readings.elimination_rule": "lowest_scorer", "probation.months": 2})
    assert (
        "New legal findings: CC06 (Elimination of the last). "
        "Legal findings cured: CC01 (Length of probation), CC17 (Cost of dismissal)."
    ) in plain(panel.news.value)
    assert rows_of(panel.news.value)[1][:3] == ["CC06", "error", "Elimination of the last"]
    panel.state.reset()
    assert panel.news.value == ""


def test_the_region_counts(panel):
    """Shenzhen has a minimum wage and limits of payment; the words of a fine count in Guangdong."""
    assert "CC19" in ids(panel.lacking.value)
    assert "No region is chosen." in plain(panel.regional.value)
    panel.region.value = "shenzhen"
    assert "CC19" in ids(panel.findings.value)
    assert "minimum wage of Shenzhen" in plain(panel.lacking.value)
    wage = ["minimum wage, yuan a month", "2,360.00", "2024-01-01", "secondary source, example of 2024"]
    assert rows_of(panel.regional.value)[1][:4] == wage


def test_a_compliance_file_lets_more_be_checked(panel):
    """It brings its region along; without it the panel is as before, but for the region."""
    before = plain(panel.lacking.value)
    assert panel.forget.disabled
    upload(panel, (EXAMPLE.name, EXAMPLE.read_bytes()))
    assert panel.state.fault is None
    assert panel.region.value == "shenzhen"
    assert {"CC10", "CC14"} <= set(ids(panel.findings.value))
    assert not panel.forget.disabled
    panel.forget.click()
    panel.region.value = ""
    assert plain(panel.lacking.value) == before


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"peeple: []", "There is no such section: peeple. Expected: a name such as people."),
        (b"people: [{staff_id: CM000099}]", 'There is nobody with the staff id "CM000099".'),
        (b"region: atlantis", "There are no figures of the region atlantis."),
        (b"/etc/hostname", "This is not a list of names with their values."),
        (b"a: [", "This is not YAML"),
        ("region: 深圳".encode("gb18030"), "The file bad.yaml is not text in UTF-8."),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(panel, content, told):
    """What is wrong is told, as with the command; a file's text is never a path."""
    before = panel.findings.value
    upload(panel, ("../bad.yaml", content))
    assert told in str(panel.state.fault)
    assert panel.findings.value == before
    assert panel.forget.disabled
    upload(panel, (EXAMPLE.name, EXAMPLE.read_bytes()))
    assert panel.state.fault is None


def test_other_data_that_the_file_does_not_fit_are_told_until_it_is_taken_away(panel):
    upload(panel, (EXAMPLE.name, EXAMPLE.read_bytes()))
    panel.state.use_data(cm.read_staff(DATASETS / "small"))
    assert 'There is nobody with the staff id "CM000009"' in plain(panel.said.value)
    assert panel.findings.value == ""
    panel.forget.click()
    assert "Findings of the draft" in plain(panel.said.value)
    assert panel.findings.value


def test_the_panel_follows_the_language(panel):
    """Region names too; the choice stays."""
    panel.region.value = "shenzhen"
    panel.state.language = "zh"
    assert ("深圳", "shenzhen") in panel.region.options
    assert panel.region.value == "shenzhen"
    assert "不构成法律意见" in plain(panel.said.value)
    assert "试用期长度" in plain(panel.findings.value)


def test_the_comparison_of_scenarios_tells_what_is_new(data, monkeypatch):
    """With very many people only from the settings."""
    panel = Scenarios(data)
    assert "legal" not in plain(panel.difference.value)
    panel.state.change({"readings.elimination_rule": "lowest_scorer"})
    assert (
        "New legal findings: CC06 (Elimination of the last). Legal findings cured: CC17 (Cost of dismissal)."
    ) in plain(panel.difference.value)
    monkeypatch.setattr(lab_compliance, "MOST_CHECKED_AT_ONCE", 10)
    panel.state.change({"readings.payout_floor": "none"})
    assert "New legal findings: CC06 (Elimination of the last), CC07 (No cut of the wage)." in plain(
        panel.difference.value
    )


def test_a_reform_without_legal_news_says_so(data):
    panel = Scenarios(data)
    panel.state.change({"grades.B.quarterly_bonus": 1900})
    assert "The legal findings are the same." in plain(panel.difference.value)


def test_text_from_data_and_files_is_escaped():
    evil = "<script>alert(1)</script>"
    rows = [month_row(evil, (2025, 1))]
    state = LabState(staff_data({"staff": [{"staff_id": evil, "contract_months": 12}], "months": rows}))
    panel = Compliance(state=state)
    for button in panel.sections.buttons:
        button.value = True
    upload(panel, ("x.yaml", f"people: [{{staff_id: '{evil}', insured_from: none}}]".encode()))
    assert evil in plain(panel.findings.value)
    assert not any("<script" in text for text in [*html_of(panel.box), panel.static()])
