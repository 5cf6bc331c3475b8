"""The panel of one person: the tables are the outcome's, before and after, and the statement explains the draft."""

import re

import pytest
from made_files import EXAMPLE
from random_cases import month_row, staff_data
from shown import file_in, html_of, plain, rows_of

import cmpolicy as cm
from cmpolicy.insight.explain import StatementChange
from cmpolicy.insight.statement_html import change_html, statement_html
from cmpolicy.lab import LabState, Person
from cmpolicy.lab import person as lab_person

CHANGES = {"grades.A.from": 112, "grades.D.from": 93, "grades.B.quarterly_bonus": 1800}


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=30, months=18, seed=3)


@pytest.fixture
def panel(data):
    panel = Person(data)
    panel.state.change(CHANGES)
    for button in panel.sections.buttons:
        button.value = True
    return panel


def choose(panel, text):
    panel.choice.value = text
    return panel


def numbers(text):
    return [row[1:] for row in rows_of(text)[1:]]


def test_the_first_person_is_chosen_from_the_start(panel, data):
    """With name, as in the list that is offered."""
    assert panel.choice.value.split()[0] == data.staff_ids[0]
    assert len(panel.choice.options) == len(data.staff_ids)
    assert data.staff_ids[0] in plain(panel.picture.value)


def test_quarters_are_those_of_both_outcomes(panel, data):
    """Grade and payout before beside those of the draft."""
    someone = str(data.staff_ids[7])
    choose(panel, someone)
    before = cm.appraise(data, panel.state.enacted).of_person(someone)["quarters"]
    after = cm.appraise(data, panel.state.policy).of_person(someone)["quarters"]
    heading, *rows = rows_of(panel.quarters.value)
    column = {name: [row[place] for row in rows] for place, name in enumerate(heading)}
    assert column["quarter"] == after["quarter"].tolist()
    assert column["grade"] == after["grade"].fillna("").tolist()
    assert column["grade before"] == before["grade"].fillna("").tolist()
    for name, values in [
        ("payout", after["payout"]),
        ("payout before", before["payout"]),
        ("service bonus", after["service_bonus"]),
        ("score", after["score"]),
    ]:
        assert column[name] == [f"{value:,.2f}" for value in values], name


def test_months_are_those_of_both_outcomes(panel, data):
    """Score, grades and award, with the award before."""
    someone = str(data.staff_ids[7])
    choose(panel, someone)
    before = cm.appraise(data, panel.state.enacted).of_person(someone)["months"]
    after = cm.appraise(data, panel.state.policy).of_person(someone)["months"]
    expected = [
        [one.month, f"{one.score:,.2f}", was.grade, one.grade, f"{was.award:,.2f}", f"{one.award:,.2f}"]
        for was, one in zip(before.itertuples(), after.itertuples(), strict=True)
    ]
    assert rows_of(panel.months.value)[1:] == expected


def test_the_statement_is_that_of_the_draft(panel, data):
    """Clause by clause for the chosen period, and it follows the draft and the language."""
    someone = str(data.staff_ids[4])
    choose(panel, someone)

    def expected(period):
        return statement_html(cm.explain(data, panel.state.policy, someone, period))

    latest = cm.appraise(data).of_person(someone)["quarters"]["quarter"].iloc[-1]
    assert panel.period.value == latest
    assert panel.statement.value == expected(latest)
    panel.state.change({"points.praises": 9})
    assert panel.statement.value == expected(latest)
    panel.period.value = ""
    assert panel.statement.value == expected(None)
    panel.state.language = "zh"
    with cm.using_language("zh"):
        assert panel.statement.value == expected(None)
        assert panel.period.options[-1] == ("全部", "")


def test_the_change_is_that_of_the_draft(panel, data):
    """From the enacted policy to the draft, for the chosen period; nothing where nothing is changed."""
    change = cm.compare(data, panel.state.enacted, panel.state.policy)
    loser = str(change.losers["staff_id"].iloc[0])
    choose(panel, loser)
    panel.period.value = ""
    assert panel.change.value == change_html(StatementChange.of(change, loser))
    assert "yuan less" in plain(panel.change.value)
    panel.state.reset()
    assert f"The reform changes nothing for {loser}." in plain(panel.change.value)
    panel.period.value = panel.period.options[0][1]
    assert f"The reform changes nothing for {loser} in {panel.period.value}." in plain(panel.change.value)


def test_periods_are_those_with_records(panel, data):
    """Quarters, years and months of the person, the latest first; the choice stays where the next one has it."""
    first, second = (str(one) for one in data.staff_ids[:2])
    choose(panel, first)
    tables = cm.appraise(data).of_person(first)
    wanted = [*tables["quarters"]["quarter"][::-1], *tables["years"]["year"].astype(str)[::-1]]
    wanted += tables["months"]["month"][::-1].tolist()
    assert [value for _label, value in panel.period.options] == [*wanted, ""]
    panel.period.value = tables["months"]["month"].iloc[0]
    choose(panel, second)
    assert panel.period.value == tables["months"]["month"].iloc[0]


@pytest.mark.parametrize(("number", "kind"), [(0, "statement"), (1, "change")])
def test_pages_can_be_saved(panel, data, number, kind):
    """As a page of its own with only this person on it; the link goes when something else is shown."""
    someone = str(data.staff_ids[4])
    choose(panel, someone)
    panel.saves[number].click()
    name, content = file_in(panel.link.value)
    assert name == f"{kind}-{someone}.html"
    page = content.decode()
    assert page.startswith("<!DOCTYPE html>")
    assert someone in page
    assert not any(str(other) in page for other in data.staff_ids if other != someone)
    panel.period.value = ""
    assert panel.link.value == ""
    choose(panel, "nobody")
    assert all(button.disabled for button in panel.saves)


def test_a_person_is_found_by_id_or_by_a_part_of_the_name(panel, data):
    """As far as it means one person only; blanks around it do not matter."""
    names = data.frame("staff").set_index("staff_id")["name"]
    someone = next(one for one, name in names.items() if (names == name).sum() == 1)
    for typed in (someone, f" {someone} ", f"{someone} {names[someone]}", names[someone]):
        choose(panel, typed)
        assert f"Quarters of {someone}" in panel.picture.value, typed
    for typed in ("CM", "nobody", "", "<b>", f"{someone}x"):
        choose(panel, typed)
        told = plain(panel.picture.value)
        assert told.startswith(f'There is nobody with the staff id "{typed}".' if typed else "Nobody is chosen.")
        assert panel.picture.value.count("<") == 2
        assert panel.quarters.value == panel.statement.value == panel.change.value == ""
        assert "<img" not in panel.static()
    assert f"a staff id such as {someone}." in told


def test_ids_with_blanks_are_ids():
    """What is offered is looked up, not taken apart."""
    rows = [month_row(one, (2025, 1)) for one in ("A 1", "A 2", "A")]
    panel = Person(staff_data({"months": rows}))
    for one in ("A 2", "A", "A 1"):
        choose(panel, one)
        assert f"Quarters of {one}" in panel.picture.value


def test_someone_beyond_the_list_is_found_by_id(monkeypatch, data):
    """The list is cut for very many people; the ids are not."""
    monkeypatch.setattr(lab_person, "MOST_OFFERED", 3)
    panel = Person(data)
    assert len(panel.choice.options) == 3
    choose(panel, str(data.staff_ids[20]))
    assert f"Quarters of {data.staff_ids[20]}" in panel.picture.value


def test_other_data_have_other_people(panel):
    """The choice goes to the first of them where there is nobody of that id."""
    panel.state.use_data(cm.read_staff(EXAMPLE))
    first = panel.state.data.staff_ids[0]
    assert f"Quarters of {first}" in panel.picture.value
    assert panel.choice.options[0].startswith(first)


def test_the_time_line_tells_standing_and_dismissal():
    """3.5: three quarters E make an observation and a dismissal; a quarter without a row is a gap."""
    months = [(2024, month) for month in (*range(1, 10), 10, 11, 12)] + [(2025, month) for month in (4, 5, 6)]
    data = staff_data({"months": [month_row("CM01", month, complaints=9) for month in months]})
    panel = Person(data)
    texts = re.findall(r"<text[^>]*>(.*?)</text>", panel.picture.value)
    assert {"under observation", "dismissal", "dismissed"} <= set(texts)
    assert [text for text in texts if re.fullmatch(r"\d{4}-Q\d", text)] == [
        *("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"),
    ]
    heading, *rows = rows_of(panel.quarters.value)
    standing = [row[heading.index("standing")] for row in rows]
    assert standing == ["regular", "regular", "under observation", "dismissed", "dismissed"]
    assert [row[heading.index("dismissal due")] for row in rows] == ["", "", "yes", "", ""]


def test_names_and_ids_are_shown_as_they_are():
    """Neither HTML nor a formula: in tables, in the picture and in what is told of it."""
    evil = '<script>alert("1")</script>'
    staff = [{"staff_id": evil, "name": evil}, {"staff_id": r"$\frac{1", "name": "a"}]
    rows = [month_row(one["staff_id"], (2025, 1)) for one in staff]
    state = LabState(staff_data({"staff": staff, "months": rows}))
    content = state.policy.to_dict()
    content["grades"][0]["grade"] = evil
    content["grades"][1]["grade"] = "$x_"
    panel = Person(state=state)
    for button in panel.sections.buttons:
        button.value = True
    state.replace(cm.Policy.from_dict(content))
    for one in (evil, r"$\frac{1"):
        choose(panel, one)
        assert f"Quarters of {one}" in plain(panel.picture.value)
        assert not any("<script" in text for text in [*html_of(panel.box), panel.static()])
