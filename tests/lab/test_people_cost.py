"""The panel of what comes around the bonus: off at first, the amounts of both policies, and who cannot be costed."""

import pytest
from random_cases import staff_data
from shown import html_of, plain, rows_of
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.people_cost import COMPONENTS, compare_people_cost, people_cost
from cmpolicy.lab import PeopleCost
from cmpolicy.lab import people_cost as module

EVERYTHING = {
    "observation": True,
    "dismissal": "N+1",
    "replacement_wages": 3,
    "award_tax": "lower",
    "employer_contributions": 0.325,
    "region": "shenzhen",
    "local_average_wage": 9_000,
}


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=24, seed=3)


@pytest.fixture
def panel(data):
    panel = PeopleCost(data)
    panel.state.change({"grades.D.from": 94})
    for button in panel.sections.buttons:
        button.value = True
    return panel


def switch_on(panel, assumed=EVERYTHING):
    for name, value in assumed.items():
        panel.boxes[name].value = 100 * value if name == "employer_contributions" else value
    return panel


def test_everything_is_off_at_first(panel):
    """Only the bonuses stand there, and that nothing is switched on; every list says so, none is blank."""
    assert [panel.boxes[name].label for name in ("dismissal", "award_tax", "region")] == [
        *("not costed", "not costed", "none"),
    ]
    assert panel.difference.value == ""
    assert "Nothing is switched on" in plain(panel.answer.value)
    assert "around them" not in plain(panel.answer.value)


def test_the_table_has_both_policies_and_the_difference(panel):
    """As `compare_people_cost` gives it, and it follows the draft."""

    def expected():
        change = cm.compare(panel.state.data, panel.state.enacted, panel.state.policy)
        return [
            [f"{row.baseline:,.2f}", f"{row.reform:,.2f}", f"{row.difference:+,.2f}"]
            for row in compare_people_cost(change, {**EVERYTHING}).itertuples()
        ]

    switch_on(panel)
    assert [row[2:5] for row in rows_of(panel.difference.value)[1:]] == expected()
    panel.state.change({"grades.B.quarterly_bonus": 1500})
    assert [row[2:5] for row in rows_of(panel.difference.value)[1:]] == expected()


def test_bonuses_employer_and_person_stand_apart(panel):
    """Never added up: the tax is the person's, the bonuses are the outcome's cost."""
    switch_on(panel)
    found = people_cost(panel.state.outcome, EVERYTHING)
    borne = dict.fromkeys(("employer", "person"), 0)
    for name, fen in found.fen.items():
        borne[COMPONENTS[name].borne_by] += fen
    text = plain(panel.answer.value)
    for amount in (*borne.values(), panel.state.outcome.cost["cost"]):
        assert f"¥{amount / 100:,.2f}" in text
    assert "None of this is part of the cost of the bonuses." in text


def test_assumptions_articles_and_people_are_listed(panel, monkeypatch):
    """Each amount with its article and how it came about; very many are cut, and it says so."""
    monkeypatch.setattr(module, "SHOWN_PEOPLE", 5)
    switch_on(panel)
    found = people_cost(panel.state.outcome, EVERYTHING)
    assert [row[0] for row in rows_of(panel.assumed.value)[1:]] == [
        str(COMPONENTS[name].title) for name in found.components
    ]
    assert "LCL 40, 46, 47, 87" in plain(panel.assumed.value)
    shown = rows_of(panel.people.value)[1:]
    assert [row[1] for row in shown] == found.people["staff_id"].head(5).tolist()
    assert f"Further amounts: {len(found.people) - 5}; " in plain(panel.people.value)


def test_who_cannot_be_costed_is_listed():
    """Without wages there is no amount; it is not shown as 0."""
    months = [scoring("m<1>", (2025, month), 80) for month in range(1, 10)]
    panel = PeopleCost(staff_data({"months": months}))
    panel.sections.buttons[2].value = True
    assert "Nobody is missing." in plain(panel.missing.value)
    switch_on(panel, {"dismissal": "2N"})
    heading, row = rows_of(panel.missing.value)
    assert row == ["payment at dismissal", "m<1>", "2025-Q3", "hire_date or contract_wage"]
    assert not any("m<1>" in text for text in [*html_of(panel.box), panel.static()])
    assert heading[-1] == "what is missing"


def test_another_language_keeps_what_is_switched_on(panel):
    """The lists are made anew; what was chosen stays."""
    switch_on(panel)
    before = panel.assumptions()
    panel.state.language = "zh"
    assert panel.assumptions() == before == cm.Assumptions.of(**EVERYTHING)
    assert rows_of(panel.difference.value)[1][0] == "留用察看少发的工资"
    assert panel.boxes["dismissal"].options[0] == ("不测算", "none")


def test_other_data_are_costed_in_their_place(panel):
    """What is switched on stays."""
    switch_on(panel)
    before = panel.difference.value
    panel.state.use_data(cm.synthesize(staff=20, months=12, seed=5))
    assert panel.difference.value != before
    assert panel.static().count("<table") >= 2


def test_a_replacement_takes_whole_wages(panel):
    """1.5 is refused, and not taken for 15; the box goes back."""
    box = panel.boxes["replacement_wages"]
    box.value = 2
    shown = panel.answer.value
    box.value = 1.5
    assert 'Replacement, monthly wages cannot be set so. Found: "1.5"' in str(panel.state.fault)
    assert (box.value, panel.answer.value) == (2, shown)
    box.value = 3
    assert panel.state.fault is None
