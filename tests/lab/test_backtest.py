"""The panel of the back-test: it replays the draft, and takes what explains the pay into the draft."""

import dataclasses
from pathlib import Path

import pytest
from random_cases import month_row, staff_data
from shown import html_of, plain, rows_of

import cmpolicy as cm
from cmpolicy.lab import Backtest, LabState
from cmpolicy.lab import backtest as lab_backtest

DEPARTMENT = Path(__file__).parents[2] / "datasets" / "department"
ENACTED = cm.load_policy("2007-06")


def paid_by(data, policy):
    """Give the data with what the policy pays in the column `paid`."""
    payout = cm.appraise(data, policy).arrays.payout
    table = data.tables["quarters"]
    paid = payout[table.columns["quarter"] - data.panel.first_quarter, table.columns["staff_id"]].copy()
    quarters = dataclasses.replace(table, columns=table.columns | {"paid": paid})
    return dataclasses.replace(data, tables=data.tables | {"quarters": quarters}, cached={})


@pytest.fixture(scope="module")
def data():
    return paid_by(
        cm.synthesize(staff=60, months=12, seed=3), ENACTED.with_changes({"readings.band_rule": "round_half_up"})
    )


@pytest.fixture
def panel(data):
    panel = Backtest(data)
    for button in panel.sections.buttons:
        button.value = True
    return panel


def test_it_shows_the_back_test_of_the_draft(panel, data):
    """Answer, notes, differences and candidates are those of `cm.backtest`."""
    found = cm.backtest(data)
    shown = plain(panel.answer.value)
    assert all(str(sentence) in shown for sentence in (*found.answer, *found.notes))
    heading, *rows = rows_of(panel.differences.value)
    assert heading[:5] == ["staff id", "quarter", "paid", "computed", "difference"]
    expected = found.differences
    assert [row[:2] for row in rows] == expected[["staff_id", "quarter"]].to_numpy().tolist()
    assert [row[4] for row in rows] == [f"{yuan:+,.2f}" for yuan in expected["difference"]]
    ranking = found.ranking[found.ranking["reason"] == ""]
    assert [row[0] for row in rows_of(panel.ranking.value)[1:]] == ranking["setting"].tolist()
    assert [row[5] for row in rows_of(panel.ranking.value)[1:]] == [f"{net:+,}" for net in ranking["net"]]
    assert "<svg" in panel.picture.value


def test_the_button_takes_the_explanation_into_the_draft(panel):
    """Then nothing differs and nothing is left to take; undo brings the draft back."""
    assert not panel.take.disabled
    panel.take.click()
    assert panel.state.policy.get("readings.band_rule") == "round_half_up"
    assert "differ from what payroll paid: 0 of " in panel.answer.value
    assert panel.take.disabled
    assert panel.picture.value == ""
    assert rows_of(panel.differences.value)[1:] == []
    panel.state.undo()
    assert panel.state.policy == ENACTED
    assert not panel.take.disabled
    assert len(rows_of(panel.differences.value)) > 1


def test_it_follows_the_draft(panel, data):
    """A draft of another control is replayed at once."""
    panel.state.change({"points.praises": 9})
    found = cm.backtest(data, panel.state.policy)
    assert str(found.answer[0]) in plain(panel.answer.value)


def test_it_names_the_policy_that_pay_is_compared_with(panel):
    """The draft, where it is not the enacted policy."""
    assert "The pay is compared with the enacted policy 2007-06." in plain(panel.answer.value)
    panel.state.change({"grades.A.from": 112})
    told = "The pay is compared with the draft, not with the enacted policy: 2007-06, changed: A from 112."
    assert told in plain(panel.answer.value)


def test_a_rounding_cannot_be_taken():
    """Whole yuan are no setting, so the button stays off."""
    data = paid_by(cm.synthesize(staff=30, months=12, seed=3), ENACTED)
    paid = data.tables["quarters"].columns["paid"]
    paid[:] = paid // 100 * 100
    panel = Backtest(data)
    assert "the fen of the payout are cut off" in plain(panel.answer.value)
    assert panel.take.disabled


def test_without_pay_it_says_so_in_place(panel, data):
    """No fault of the state: other panels are not concerned. Data with pay bring it back."""
    panel.state.use_data(cm.synthesize(staff=5, months=6, seed=1))
    assert "There is no pay to compare with." in panel.answer.value
    assert panel.state.fault is None
    assert panel.take.disabled
    assert panel.picture.value == panel.differences.value == panel.ranking.value == ""
    panel.take.click()
    assert panel.state.policy == ENACTED
    panel.state.use_data(data)
    assert "differ from what payroll paid" in panel.answer.value


def test_the_language_switches_while_it_runs(panel):
    """Every part, without another step that could be undone."""
    english = panel.answer.value, panel.differences.value
    panel.state.language = "zh"
    for text in (panel.answer.value, panel.ranking.value, panel.take.description, panel.picture.value):
        assert any("一" <= letter <= "鿿" for letter in text)
    assert "先四舍五入为整数" in panel.differences.value
    panel.state.language = "en"
    assert (panel.answer.value, panel.differences.value) == english
    assert not panel.state.can_undo


def test_a_long_list_is_cut_and_says_so(monkeypatch, data):
    """The rest is counted."""
    monkeypatch.setattr(lab_backtest, "MOST_DIFFERENCES", 3)
    panel = Backtest(data)
    more = len(cm.backtest(data).differences) - 3
    assert len(rows_of(panel.differences.value)) == 4
    assert f"… and {more} more differences." in plain(panel.differences.value)


def test_readings_that_cannot_be_computed_are_listed_with_the_reason():
    """2.9: the reviewers' own columns are not there."""
    rows = [month_row("CM01", (2025, month)) for month in (1, 2, 3)]
    panel = Backtest(staff_data({"months": rows, "quarters": [{"staff_id": "CM01", "quarter": (2025, 1), "paid": 7}]}))
    panel.sections.buttons[1].value = True
    assert "Cannot be computed on these data" in panel.ranking.value
    assert "review_supervisor and review_manager" in panel.ranking.value


def test_the_panel_shows_itself_where_no_kernel_runs():
    """Answer, picture as an image, and the differences of the bundled department."""
    panel = Backtest(state=LabState(cm.read_staff(DEPARTMENT)))
    still = panel._repr_mimebundle_()["text/html"]
    assert "<img" in still
    assert "<svg" not in still
    assert "CM000025" in still
    assert "differ from what payroll paid: 14 of " in still


def test_staff_ids_are_shown_as_they_are():
    """Neither HTML in the table nor mathematics in the picture."""
    evil = "<b>$x_"
    rows = [month_row(evil, (2025, month)) for month in (1, 2, 3)]
    panel = Backtest(staff_data({"months": rows, "quarters": [{"staff_id": evil, "quarter": (2025, 1), "paid": 7}]}))
    assert evil in plain(panel.differences.value)
    assert not any("<b>$" in text for text in [*html_of(panel.box), panel.static()])
