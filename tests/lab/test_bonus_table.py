"""The panel of the bonus table: what is typed is what is paid, and what is shown is what a comparison gives."""

import random
import re
from decimal import Decimal

import pytest

import cmpolicy as cm
from cmpolicy.lab.bonus_table import SHOWN_AREAS, BonusTable
from cmpolicy.lab.state import LabState
from cmpolicy.simulation.breakdown import cost_by

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=15, seed=3)


@pytest.fixture
def panel(data):
    return BonusTable(state=LabState(data))


def box(panel, grade, column="quarterly_bonus"):
    """Find a box as a person does: by its label."""
    label = {"quarterly_bonus": f"{grade}: quarterly bonus", "monthly_award": f"{grade}: monthly award"}[column]
    return next(one for row in panel.rows.children for one in row.children if one.description == label)


def values(panel):
    return [[one.value for one in row.children] for row in panel.rows.children]


def texts(panel):
    """All that the panel tells; of the picture what it says of itself, since its axis moves only when it must."""
    shown = [panel.headline, panel.amounts, panel.warnings, panel.budget_line]
    return [*(one.value for one in shown), re.search('aria-label="(.*?)"', panel.picture.value).group(1)]


def money(yuan):
    return f"{yuan:,.2f}"


def test_the_boxes_are_the_table_of_the_policy(panel):
    """3.2: a row a grade, best first; each box says which value it is, and its tooltip what the clause says."""
    assert values(panel) == [[2500, 200], [2000, 100], [1500, 0], [1000, -100], [0, -200]]
    tips = {one.tooltip for row in panel.rows.children for one in row.children}
    assert tips == {f"3.2 {cm.clause_text('3.2').title}: {cm.clause_text('3.2').text}"}


def test_what_is_typed_is_the_exact_value(panel):
    """Money is decimal: no trace of a float reaches the policy."""
    for typed, expected in [(2500.1, "2500.1"), (2500.29, "2500.29"), (4999999.99, "4999999.99"), (3000.0, "3000")]:
        box(panel, "A").value = typed
        assert str(panel.state.policy.get("grades.A.quarterly_bonus")) == expected
        assert panel.state.fault is None


def test_cost_by_component_is_that_of_the_comparison(panel, data):
    """Before, after and difference of each component, in the headline, the table and the picture."""
    box(panel, "B").value = 2222.22
    box(panel, "E", "monthly_award").value = -350
    change = cm.compare(
        data, panel.state.enacted, {"grades.B.quarterly_bonus": Decimal("2222.22"), "grades.E.monthly_award": -350}
    )
    for component, row in change.cost.iterrows():
        assert all(money(row[side]) in panel.amounts.value for side in ("baseline", "reform", "difference")), component
        assert all(f"{row[side]:,.0f}" in panel.picture.value for side in ("baseline", "reform")), component
    assert f"¥{money(change.cost.loc['cost', 'reform'])}" in panel.headline.value
    assert f"¥{money(change.cost.loc['cost', 'baseline'])}" in panel.headline.value


@pytest.mark.parametrize(("view", "measure"), [("quarter", "payout"), ("area", "cost")])
def test_cost_by_quarter_and_area_is_that_of_the_two_outcomes(panel, data, view, measure):
    """The same numbers as splitting the outcomes directly; they follow an edit."""
    panel.by.value = view
    box(panel, "A").value = 2750.5
    before, after = cost_by(cm.appraise(data), view), cost_by(panel.state.outcome, view)
    assert panel.state.policy.get("grades.A.quarterly_bonus") == Decimal("2750.5")
    for name in before.index[:SHOWN_AREAS]:
        row = re.search(rf"<tr><td[^>]*>{name}</td>(.*?)</tr>", panel.amounts.value).group(1)
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
        old, new = before.loc[name, measure], after.loc[name, measure]
        assert cells[:2] == [money(old), money(new)]
        assert cells[2].lstrip("+") == money(new - old)
        assert f"{new:,.0f}" in panel.picture.value


def test_small_areas_are_shown_together():
    """The twenty dearest one by one, the rest in one row, and nothing is left out."""
    panel = BonusTable(state=LabState(cm.synthesize(staff=120, months=3, seed=1)))
    panel.by.value = "area"
    parts = cost_by(panel.state.outcome, "area")
    others = parts["cost"].iloc[SHOWN_AREAS:]
    assert len(others) > 1
    assert f"the other {len(others)} areas" in panel.amounts.value
    assert panel.amounts.value.count("<tr>") == 1 + SHOWN_AREAS + 1
    assert money(others.sum()) in panel.amounts.value


def test_a_worse_grade_that_is_paid_more_is_a_warning(panel):
    """It is shown in place and stops nothing."""
    assert panel.warnings.value == ""
    box(panel, "C").value = 2100
    assert panel.state.policy.get("grades.C.quarterly_bonus") == 2100
    assert str(panel.state.policy.warnings[0]) in panel.warnings.value
    assert panel.state.fault is None
    panel.state.undo()
    assert panel.warnings.value == ""


def test_a_budget_says_by_how_much_it_is_missed(panel):
    """Over, under or exact to the fen, in words and as a line in the picture; it follows the draft."""
    cost = panel.state.headline.cost["cost"]
    assert "budget" not in panel.picture.value
    panel.budget.value = str(Decimal(cost - 12345) / 100)
    assert "¥123.45 over the budget" in panel.budget_line.value
    assert ">budget<" in panel.picture.value
    panel.budget.value = str(Decimal(cost) / 100)
    assert "exactly the budget" in panel.budget_line.value
    box(panel, "A").value = 2400
    saved = cost - panel.state.headline.cost["cost"]
    assert saved > 0
    assert f"¥{money(saved / 100)} under the budget" in panel.budget_line.value
    panel.by.value = "quarter"
    assert ">budget<" not in panel.picture.value
    panel.by.value = "component"
    panel.budget.value = "  "
    assert panel.budget_line.value == ""
    assert ">budget<" not in panel.picture.value


def test_a_budget_may_be_written_as_people_write(panel):
    """With commas and the sign of the yuan, Chinese or not; it is shown as the program writes it."""
    for text in ["1,500,000.5", "¥1500000.50", " 1，500，000.50 "]:
        panel.budget.value = ""
        panel.budget.value = text
        assert "budget of ¥1,500,000.50" in panel.budget_line.value
        assert panel.budget.value == "1,500,000.5"


def test_a_bad_budget_is_a_fault_and_the_last_one_stays(panel):
    """Neither the draft nor the budget changes."""
    panel.budget.value = "1500000"
    shown, policy = texts(panel), panel.state.policy
    for text in ["abc", "-1", "1.234", "1e999999", "NaN", "1,000,000,000,001"]:
        panel.state.fault = None
        panel.budget.value = text
        assert f'"{text}"' in str(panel.state.fault)
        assert panel.budget.value == "1,500,000"
        assert texts(panel) == shown
        assert panel.state.policy is policy


def test_a_bad_value_is_a_fault_and_the_last_good_state_stays(panel):
    """The box goes back to what is in force; the next good value takes the fault away."""
    box(panel, "A").value = 2600
    shown, policy = texts(panel), panel.state.policy
    for value in [12345678901, -1, 2500.123, float("inf"), float("nan")]:
        panel.state.fault = None
        box(panel, "A").value = value
        assert "grades.A.quarterly_bonus" in str(panel.state.fault)
        assert panel.state.policy is policy
        assert box(panel, "A").value == 2600
        assert texts(panel) == shown
    box(panel, "A").value = 2700
    assert panel.state.fault is None


def test_undone_one_by_one_the_edits_lead_back(panel):
    """Each edit is one step; redo makes them again."""
    rng = random.Random(5)
    shown = [(texts(panel), values(panel))]
    for _ in range(12):
        column = rng.choice(["quarterly_bonus", "monthly_award"])
        box(panel, rng.choice("ABCDE"), column).value = rng.randrange(300_000) / 100
        if (texts(panel), values(panel)) != shown[-1]:
            shown.append((texts(panel), values(panel)))
    assert len(shown) > 8
    for earlier in reversed(shown[:-1]):
        panel.state.undo()
        assert (texts(panel), values(panel)) == earlier
    assert panel.state.policy == panel.state.enacted
    assert not panel.state.can_undo
    panel.state.redo()
    assert values(panel) == shown[1][1]
    panel.state.reset()
    assert values(panel) == shown[0][1]


def test_the_boxes_follow_a_draft_with_other_grades(panel):
    """A policy that was loaded may have fewer grades, or others; going back brings the old boxes."""
    first = [row.children for row in panel.rows.children]
    grades = [
        {"grade": "good", "from": 100, "quarterly_bonus": 1800, "monthly_award": 50},
        {"grade": "poor", "quarterly_bonus": 0, "monthly_award": 0},
    ]
    panel.state.change({"grades": grades})
    assert values(panel) == [[1800, 50], [0, 0]]
    box(panel, "good").value = 1900
    assert panel.state.policy.get("grades.good.quarterly_bonus") == 1900
    panel.state.reset()
    assert [row.children for row in panel.rows.children] == first


def test_the_language_switches_while_it_runs(panel):
    """Labels, headline, picture, table and budget change; the view that was chosen stays."""
    panel.budget.value = "1000000"
    panel.by.value = "area"
    steps = len(panel.state._past)
    english = texts(panel)
    panel.state.language = "zh"
    labels = [one.description for row in panel.rows.children for one in row.children]
    labels += [panel.budget.description, panel.budget_line.value, panel.amounts.value, panel.picture.value]
    labels += [label for label, _value in panel.by.options]
    assert all(CHINESE.search(label) for label in labels)
    assert (panel.by.value, panel.budget.value) == ("area", "1,000,000")
    panel.state.language = "en"
    assert texts(panel) == english
    assert len(panel.state._past) == steps


def test_the_panel_shows_itself_where_no_kernel_runs(panel):
    """The still picture holds table, headline and figure."""
    box(panel, "A").value = 2600.5
    still = panel._repr_mimebundle_()["text/html"]
    assert "2,600.50" in still
    assert "<img" in still
    assert panel.headline.value in still


def test_a_mistake_of_ours_is_shown_and_raised(panel, monkeypatch):
    """An app would swallow what a callback raises, and a notebook under test must fail."""

    def broken(*_arguments):
        raise ZeroDivisionError

    def act_on(widget, value, broken_part):
        with monkeypatch.context() as patch:
            patch.setattr(broken_part, broken)
            with pytest.raises(ZeroDivisionError):
                widget.value = value
        assert "should not have happened" in str(panel.state.fault)
        panel.state.fault = None

    act_on(panel.by, "quarter", "cmpolicy.lab.bonus_table.cost_by")
    act_on(panel.budget, "1000", "cmpolicy.lab.bonus_table._budget_of")
    act_on(box(panel, "A"), 2600, "cmpolicy.lab.state.LabState.change")
    act_on(box(panel, "B"), 2100, "cmpolicy.lab.bonus_table.headline_cards")


def test_a_budget_may_be_a_share_of_what_the_enacted_policy_costs(panel):
    """Whatever the draft costs; the amount that it is, rounded down to the fen, takes its place in the box."""
    box(panel, "A").value = 2600
    panel.budget.value = "97%"
    fen = panel.state.baseline_headline.cost["cost"] * 97 // 100
    assert panel.state.fault is None
    assert f"budget of ¥{money(Decimal(fen) / 100)}" in panel.budget_line.value
    assert Decimal(panel.budget.value.replace(",", "")) == Decimal(fen) / 100
