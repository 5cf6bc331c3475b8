"""The panel of the readings' ledger: what each option costs, whom it touches by name, and an option that is taken."""

import html
import re
import threading

import pytest
from shown import plain, rows_of, start

import cmpolicy as cm
from cmpolicy.lab import LabState, ReadingsLedger
from cmpolicy.regulation.readings import READINGS
from cmpolicy.report.labels import value_label
from cmpolicy.simulation.readings_ledger import OPTIONS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def data():
    return cm.read_staff("datasets/department")


@pytest.fixture
def panel(data):
    return ReadingsLedger(data)


@pytest.fixture
def without_reviewers(data):
    """Data that do not have what one option asks for."""
    frames = {name: data.frame(name) for name in data.tables}
    frames["quarters"] = frames["quarters"].drop(columns=["review_supervisor", "review_manager"])
    return cm.StaffData.from_frames(frames)


def ledger_rows(panel):
    """The ledger's rows by question and option."""
    return {
        (question, option): (clause, *figures)
        for _number, clause, question, option, *figures in rows_of(panel.ledger.value)[1:]
    }


def number(text):
    return float(text.replace(",", "") or 0)


def choose(panel, reading, option):
    text = cm.reading_text(reading)
    panel.number.value = list(ledger_rows(panel)).index((text.question, text.options[option])) + 1


def opened(panel, place):
    panel.sections.buttons[place].value = True
    return panel


# -- the ledger --------------------------------------------------------------------------------------------------------


def test_the_ledger_tells_what_each_reading_costs(data):
    """The dearest first, each as a comparison with the draft gives it; the chosen readings are not among them."""
    state = LabState(data)
    state.change({"points.base": 98, "readings.user_count": "net"})
    panel = ReadingsLedger(state=state)
    rows = ledger_rows(panel)
    assert len(rows) == OPTIONS - len(READINGS)
    for reading, option in [("user_count", "gross"), ("payout_floor", "none"), ("after_dismissal", "as_recorded")]:
        change = cm.compare(data, state.policy, {f"readings.{reading}": option})
        text = cm.reading_text(reading)
        clause, cost, _pay, people, regraded, dismissed, _names = rows[text.question, text.options[option]]
        assert clause == ", ".join(text.clauses)
        assert cost == f"{change.cost.loc['cost', 'difference']:+,.2f}"
        assert number(people) == len(change.winners) + len(change.losers)
        assert number(regraded) == len(change.regraded)
        assert number(dismissed) == change.standing.loc["dismissed", "difference"]
    costs = [number(row[1]) for row in rows.values()]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 0 > costs[-1]


def test_it_can_be_sorted_by_what_it_moves(panel):
    """The option that is chosen stays, by its new number."""
    choose(panel, "criteria_basis", "per_order")
    chosen = plain(panel.option.value)
    for order, column, key in [
        ("saving", 1, lambda cost: cost),
        ("size", 1, lambda cost: -abs(cost)),
        ("people", 3, lambda people: -people),
        ("quarters_regraded", 4, lambda regraded: -regraded),
        ("dismissed", 5, lambda people: -abs(people)),
    ]:
        panel.sort.value = order
        values = [number(row[column]) for row in ledger_rows(panel).values()]
        assert values == sorted(values, key=key)
        rows = rows_of(panel.ledger.value)[1:]
        assert [row[0] for row in rows] == [str(place) for place in range(1, len(rows) + 1)]
        assert plain(panel.option.value) == chosen
        row = rows[panel.number.value - 1]
        assert chosen == f"{row[1]} {row[2]} → {row[3]}"


def test_it_follows_the_draft_and_is_made_once(panel):
    """Another language or another order computes nothing."""
    made, english = panel._made, panel.ledger.value
    panel.state.language = "zh"
    assert CHINESE.search(panel.ledger.value)
    assert CHINESE.search(panel.option.value)
    panel.state.language = "en"
    assert panel.ledger.value == english
    assert panel._made is made
    panel.state.change({"points.base": 98})
    assert panel.ledger.value != english
    panel.state.undo()
    assert panel.ledger.value == english


def test_of_many_people_it_is_made_when_it_is_asked_for(data, monkeypatch):
    """An old one is taken away; how far it is is told."""
    monkeypatch.setattr("cmpolicy.lab.readings_ledger.MOST_AT_ONCE", 10)
    panel = ReadingsLedger(data)
    assert ledger_rows(panel) == {}
    assert panel.take.disabled
    assert panel.start.layout.display is None or panel.start.layout.display == ""
    start(panel)
    assert panel.work.progress.value == ""
    assert not panel.start.disabled
    assert len(ledger_rows(panel)) == OPTIONS - len(READINGS)
    panel.state.change({"points.base": 98})
    assert ledger_rows(panel) == {}
    assert (panel.option.value, panel.number.value, panel.number.disabled) == ("", 0, True)
    panel.state.undo()
    assert len(ledger_rows(panel)) == OPTIONS - len(READINGS)


def test_readings_that_cannot_be_computed_are_listed_with_the_reason(without_reviewers):
    """In place of figures, in the language in use; they cannot be chosen."""
    panel = ReadingsLedger(without_reviewers)
    assert panel.state.fault is None
    text = cm.reading_text("review_adjust")
    listed = re.search(r"Cannot be computed on these data.*", panel.ledger.value).group()
    assert html.escape(text.options["each"]) in listed
    assert "the columns review_supervisor and review_manager" in listed
    assert (text.question, text.options["each"]) not in ledger_rows(panel)
    assert panel.number.max == len(ledger_rows(panel))
    panel.state.language = "zh"
    assert f"{cm.reading_text('review_adjust', 'zh').options['each']}：" in panel.ledger.value


# -- one option --------------------------------------------------------------------------------------------------------


def test_an_option_is_taken_into_the_draft(panel, data):
    """As one step that can be undone; the ledger is then that of the new draft."""
    choose(panel, "criteria_basis", "per_group")
    panel.take.click()
    assert panel.state.policy == panel.state.enacted.with_changes({"readings.criteria_basis": "per_group"})
    cost = cm.appraise(data, panel.state.policy).cost["cost"]
    assert f"¥{cost / 100:,.2f}" in plain(panel.headline.value)
    text = cm.reading_text("criteria_basis")
    assert (text.question, text.options["per_group"]) not in ledger_rows(panel)
    difference = cm.appraise(data, panel.state.enacted).cost["cost"] - cost
    assert ledger_rows(panel)[text.question, text.options["per_criterion"]][1] == f"{difference / 100:+,.2f}"
    panel.state.undo()
    assert panel.state.policy == panel.state.enacted
    assert not panel.state.can_undo


def test_the_names_behind_an_option_are_those_of_a_comparison(panel, data):
    """Everyone whose money, grades or standing differ, the largest loss first; nobody else."""
    assert panel.people.value == ""
    opened(panel, 0)
    choose(panel, "criteria_basis", "per_order")
    change = cm.compare(data, panel.state.policy, {"readings.criteria_basis": "per_order"})
    people = change.people
    touched = people[
        (people["difference"] != 0) | (people["quarters_better"] + people["quarters_worse"] > 0)
        | (people["standing_baseline"] != people["standing_reform"])
    ]  # fmt: skip
    shown = [row for row in rows_of(panel.people.value) if row and row[0].startswith("CM")]
    expected = touched[["staff_id", "name"]].to_numpy().tolist()
    assert [row[:2] for row in shown][: len(expected)] == expected
    assert [row[5] for row in shown][: len(expected)] == [f"{one:+,.2f}" for one in touched["difference"]]
    assert f"{len(expected)} rows" in plain(panel.people.value)
    assert set(touched["staff_id"]) >= set(change.regraded["staff_id"])


def test_names_that_are_praised_no_longer_or_newly_are_listed(panel, data):
    """3.4: month, measure and name, as the two lists of recognition differ."""
    opened(panel, 0)
    choose(panel, "best_revenue_metric", "attainment")
    reform = panel.state.policy.with_changes({"readings.best_revenue_metric": "attainment"})
    before, after = (
        {tuple(row) for row in cm.appraise(data, policy).recognition[["month", "measure", "staff_id"]].to_numpy()}
        for policy in (panel.state.policy, reform)
    )
    rows = [row for row in rows_of(panel.people.value) if len(row) > 3 and row[2].startswith("CM")]
    texts = {"service": "best on service", "revenue": "best on revenue"}
    for sides, said in ((before - after, "no longer praised"), (after - before, "newly praised")):
        expected = {(month, texts[measure], staff_id) for month, measure, staff_id in sides}
        assert {tuple(row[:3]) for row in rows if row[-1] == said} == expected
        assert expected


def test_pay_on_probation_is_told_by_name(panel, data):
    """P(1)1: a day's wage reckoned otherwise moves the first month's pay and nothing else."""
    opened(panel, 0)
    choose(panel, "day_divisor", "calendar_days")
    reform = panel.state.policy.with_changes({"readings.day_divisor": "calendar_days"})
    before, after = (
        cm.appraise(data, policy).probation.set_index("staff_id")["first_month_pay"]
        for policy in (panel.state.policy, reform)
    )
    changed = (after - before)[(after - before).abs() > 0]
    rows = {row[0]: row for row in rows_of(panel.people.value) if row[0].startswith("CM")}
    assert {staff_id: row[5] for staff_id, row in rows.items()} == {
        staff_id: f"{difference:+,.2f}" for staff_id, difference in changed.items()
    }
    assert len(rows) > 10


def test_an_option_that_touches_nobody_says_so(panel):
    opened(panel, 0)
    choose(panel, "unassessed_quarter", "skipped")
    assert plain(panel.people.value).endswith("Nobody.")


# -- the tornado -------------------------------------------------------------------------------------------------------


def test_of_many_people_values_are_moved_when_it_is_asked_for(data, monkeypatch):
    """The picture of an earlier draft is taken away."""
    monkeypatch.setattr("cmpolicy.lab.readings_ledger.MOST_AT_ONCE", 10)
    panel = ReadingsLedger(data)
    opened(panel, 1)
    assert (panel.tornado.value, panel.move.layout.display) == ("", "")
    panel.move.click()
    panel.moving.wait()
    assert "<svg" in panel.tornado.value
    assert "<img" in panel.static()
    panel.state.change({"points.base": 98})
    assert panel.tornado.value == ""
    assert "<img" not in panel.static()


def test_the_tornado_is_computed_when_it_is_opened(panel, data, monkeypatch):
    """Its largest bar is the value that moves the cost most; it is computed once for a draft."""
    computed = []

    def counted(*arguments):
        computed.append(arguments)
        return cm.sensitivity(*arguments)

    monkeypatch.setattr("cmpolicy.lab.readings_ledger.sensitivity", counted)
    panel.state.change({"points.base": 99})
    assert (computed, panel.tornado.value) == ([], "")
    opened(panel, 1)
    first = cm.sensitivity(data, panel.state.policy).iloc[0]
    told = re.search('aria-label="(.*?)"', panel.tornado.value).group(1)
    assert f"cost, yuan: {value_label(first['path'])} {first['after']}: {first['cost']:+,.2f}" in told
    panel.sort.value = "people"
    panel.state.language = "zh"
    assert CHINESE.search(panel.tornado.value)
    assert len(computed) == 1
    panel.state.undo()
    assert len(computed) == 2


# -- without a kernel, and faults --------------------------------------------------------------------------------------


def test_what_cannot_be_moved_stands_below_the_tornado(panel):
    """The move is impossible, not the policy; in the language in use."""
    opened(panel, 1)
    text = plain(panel.tornado.value)
    assert (
        "grades.E.quarterly_bonus cannot be moved to -250: it has to be an amount in yuan from 0 to 5,000,000" in text
    )
    assert "not valid" not in text
    panel.state.language = "zh"
    assert "grades.E.quarterly_bonus 不能改为 -250。应为：0 至" in plain(panel.tornado.value)


def test_a_panel_is_a_still_picture_where_no_kernel_runs(panel):
    """The ledger, and the tornado where it was made."""
    still = panel._repr_mimebundle_()["text/html"]
    assert panel.ledger.value in still
    assert panel.headline.value in still
    assert "<img" not in still
    opened(panel, 1)
    assert "<img" in panel._repr_mimebundle_()["text/html"]


def test_a_mistake_of_ours_is_shown(data, monkeypatch):
    """The button comes back, and nothing is said to be working."""

    def broken(*_arguments):
        raise ZeroDivisionError

    monkeypatch.setattr("cmpolicy.lab.readings_ledger.MOST_AT_ONCE", 10)
    panel = ReadingsLedger(data)
    monkeypatch.setattr("cmpolicy.lab.readings_ledger.option_costs", broken)
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)  # by itself it writes the traceback
    start(panel)
    assert raised[0].exc_type is ZeroDivisionError
    assert "should not have happened" in str(panel.state.fault)
    assert panel.state.working is None
    assert not panel.start.disabled
