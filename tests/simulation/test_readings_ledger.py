"""The ledger of readings says for each option what comparing the two policies says."""

import numpy as np
import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.readings import READINGS
from cmpolicy.simulation.appraise import COST
from cmpolicy.simulation.readings_ledger import OPTIONS, option_costs

ENACTED = cm.load_policy("2007-06")
# Not the enacted policy, so that a default is a change too.
DRAFT = ENACTED.with_changes(
    {"grades.D.from": 93, "standing.e_quarters": 1, "readings.user_count": "net", "readings.fraud_score": "zero"}
)


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=150, months=15, seed=3)


@pytest.fixture(scope="module")
def ledger(data):
    return cm.readings(data, DRAFT)


def without(data, table, *columns):
    frames = {name: data.frame(name) for name in data.tables}
    return cm.StaffData.from_frames(frames | {table: frames[table].drop(columns=list(columns))})


def fen(yuan):
    return round(yuan * 100)


@pytest.mark.parametrize("reading", READINGS)
def test_each_option_is_told_as_a_comparison_tells_it(data, ledger, reading):
    """Money by component, people, grades, dismissals and names praised, each from the public comparison."""
    baseline = cm.appraise(data, DRAFT)
    for row in ledger[ledger["reading"] == reading].itertuples():
        change = cm.compare(data, DRAFT, {f"readings.{reading}": row.option})
        assert {name: fen(getattr(row, name)) for name in COST} == {
            name: fen(change.cost.loc[name, "difference"]) for name in COST
        }
        pay = [side.probation["first_month_pay"].dropna() for side in (baseline, change.reform)]
        assert fen(row.first_month_pay) == fen(pay[1].sum() - pay[0].sum())
        paid_otherwise = len(change.winners) + len(change.losers)
        assert row.people == max(paid_otherwise, (pay[0] != pay[1]).sum())
        assert row.quarters_regraded == len(change.regraded)
        assert row.dismissed == change.standing.loc["dismissed", "difference"]
        names = [set(side.recognition[["month", "measure", "staff_id"]].itertuples(index=False, name=None))
                 for side in (baseline, change.reform)]  # fmt: skip
        assert row.recognised == len(names[0] ^ names[1])
        touched = set(change.people.loc[change.people["difference"] != 0, "staff_id"])
        touched |= {staff_id for *_which, staff_id in names[0] ^ names[1]}
        touched |= set(change.regraded["staff_id"])
        stood = [set(side.quarters[["staff_id", "quarter", "standing"]].itertuples(index=False, name=None))
                 for side in (baseline, change.reform)]  # fmt: skip
        touched |= {staff_id for staff_id, *_standing in stood[0] ^ stood[1]}
        paid_anew = pay[0].index[pay[0] != pay[1]]
        assert set(row.staff_ids) == touched | set(baseline.probation.loc[paid_anew, "staff_id"])


def test_the_differences_are_no_empty_promise(ledger):
    """On these data nearly every reading moves something; a ledger of zeros would agree with nothing."""
    figures = ledger[[*COST, "first_month_pay", "people", "quarters_regraded", "recognised"]].abs().sum(axis=1)
    moved = set(ledger.loc[figures > 0, "reading"])
    assert set(READINGS) - moved <= {"unassessed_quarter", "observation_survived"}
    assert (ledger["dismissed"] != 0).any()


def test_every_option_of_every_reading_is_listed_once(ledger):
    """With its clauses, what moves the cost most first; the chosen one changes nothing."""
    expected = [(reading, option) for reading, options in READINGS.items() for option in options.__members__]
    assert sorted(ledger[["reading", "option"]].itertuples(index=False, name=None)) == sorted(expected)
    assert len(expected) == OPTIONS
    assert ledger["cost"].abs().is_monotonic_decreasing
    defaults = ledger.loc[ledger["is_default"], ["reading", "option"]].itertuples(index=False, name=None)
    assert dict(defaults) == {reading: str(ENACTED.get(f"readings.{reading}")) for reading in READINGS}
    assert dict(ledger.loc[ledger["chosen"], ["reading", "option"]].itertuples(index=False, name=None)) == {
        reading: DRAFT.get(f"readings.{reading}") for reading in READINGS
    }
    assert not ledger.loc[ledger["chosen"], [*COST, "first_month_pay", "people", "recognised"]].any(axis=None)
    text = reading_text("user_count")
    assert set(ledger.loc[ledger["reading"] == "user_count", "clauses"]) == {", ".join(text.clauses)}
    assert set(ledger.loc[ledger["reading"] == "user_count", "id"]) == {text.id}
    assert (ledger["reason"] == "").all()


def test_a_reading_that_the_data_do_not_allow_is_listed_with_the_reason(data):
    """2.9: without the reviewers' own columns `each` cannot be computed; all else is."""
    ledger = cm.readings(without(data, "quarters", "review_supervisor", "review_manager"), ENACTED)
    stopped = ledger[ledger["reason"] != ""]
    assert stopped[["reading", "option"]].to_numpy().tolist() == [["review_adjust", "each"]]
    assert "review_supervisor" in stopped["reason"].item()
    assert stopped[["cost", "people", "dismissed"]].isna().all(axis=None)


def test_a_year_that_the_calendar_does_not_know_stops_only_what_needs_it(data):
    """P(1)1: somebody who joined in 1999 has no day wage, so the day divisor's options cannot be set side by side."""
    frames = {name: data.frame(name) for name in data.tables}
    staff = frames["staff"].copy()
    staff.loc[0, ["hire_date", "confirmed_on"]] = [pd.Timestamp("1999-03-05"), pd.Timestamp("1999-06-07")]
    ledger = cm.readings(cm.StaffData.from_frames(frames | {"staff": staff}), ENACTED)
    stopped = ledger[ledger["reason"] != ""]
    assert set(stopped["reading"]) == {"day_divisor", "money_rounding"}
    assert not stopped["chosen"].any()
    assert stopped["reason"].str.contains("1999").all()
    assert np.isfinite(ledger.loc[ledger["reason"] == "", "cost"]).all()


def test_a_reason_reads_in_the_language_in_use(data):
    """It is kept as a message, so that a panel can show it in either language."""
    lacking = without(data, "quarters", "review_supervisor", "review_manager")
    reason = next(one.reason for one in option_costs(lacking, ENACTED) if one.reason is not None)
    texts = []
    for language in ("en", "zh"):
        with cm.using_language(language):
            texts.append(str(reason))
    assert texts[0].isascii()
    assert "列" in texts[1]


def test_a_policy_that_the_data_do_not_allow_is_an_error(data):
    """There is nothing to compare with then."""
    lacking = without(data, "quarters", "review_supervisor", "review_manager")
    with pytest.raises(cm.PolicyError, match="review_adjust"):
        cm.readings(lacking, ENACTED.with_changes({"readings.review_adjust": "each"}))


def test_no_policy_is_the_enacted_regulation(data):
    pd.testing.assert_frame_equal(cm.readings(data), cm.readings(data, ENACTED))


def test_a_book_of_versions_is_refused(data):
    with pytest.raises(cm.PolicyError, match="one policy"):
        cm.readings(data, cm.PolicyBook([ENACTED]))
