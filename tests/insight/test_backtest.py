"""The back-test: each difference between pay and rules is listed, and the reading that payroll uses is named first."""

import dataclasses
import random
from pathlib import Path

import numpy as np
import pytest
from oracle import months_of
from random_cases import month_row, random_data, staff_data

import cmpolicy as cm
from cmpolicy.regulation.readings import READINGS

DEPARTMENT = Path(__file__).parents[2] / "datasets" / "department"
OPTIONS = [(reading, option) for reading, options in READINGS.items() for option in options.__members__]
ENACTED = cm.load_policy("2007-06")


@pytest.fixture(scope="module")
def data():
    """Wild records, and two people without whom some readings would come to the same pay.

    One has the lowest score of all in every quarter, and revenue; the other has grade E, a quarter without an
    assessment, grade E twice, and then good quarters.
    """
    raw = {}
    for seed in (5, 205):
        for table, rows in random_data(random.Random(seed)).items():
            raw.setdefault(table, []).extend(row | {"staff_id": f"{seed} {row['staff_id']}"} for row in rows)
    raw["staff"] += [{"staff_id": "worst"}, {"staff_id": "gap"}]
    quarters = [(2024, 1), (2024, 2), (2024, 3), (2024, 4), (2025, 1), (2025, 2), (2025, 3)]
    revenue = {"revenue": 5_000_000, "revenue_base": 4_000_000}
    for quarter in quarters:
        raw["quarters"] += [{"staff_id": one, "quarter": quarter} | revenue for one in ("worst", "gap")]
        for month in months_of(quarter):
            raw["months"].append(month_row("worst", month, complaints=150))
            if quarter != quarters[1]:
                complaints = 9 if quarter in (quarters[0], quarters[2], quarters[3]) else 0
                raw["months"].append(month_row("gap", month, complaints=complaints))
    return staff_data(raw)


def paid_by(data, policy):
    """Give the data with what the policy pays in the column `paid`.

    Set into the table itself: a department cannot type an amount below 0, which a policy without a limit pays.
    """
    payout = cm.appraise(data, policy).arrays.payout
    table = data.tables["quarters"]
    paid = payout[table.columns["quarter"] - data.panel.first_quarter, table.columns["staff_id"]].copy()
    quarters = dataclasses.replace(table, columns=table.columns | {"paid": paid})
    return dataclasses.replace(data, tables=data.tables | {"quarters": quarters}, cached={})


def moves_pay(data, one, other):
    return bool((cm.appraise(data, one).arrays.payout != cm.appraise(data, other).arrays.payout).any())


@pytest.mark.parametrize(("reading", "option"), OPTIONS)
def test_the_reading_that_payroll_uses_is_named_first(data, reading, option):
    """For each option of each reading that moves pay: it explains every difference and makes none."""
    secret = ENACTED.with_changes({f"readings.{reading}": option})
    found = cm.backtest(paid_by(data, secret))
    if not moves_pay(data, ENACTED, secret):
        assert found.counts["differing"] == 0
        assert found.best is None
        return
    assert found.best.setting == f"readings.{reading}={option}"
    assert found.best.vanished.all()
    assert found.best.created == 0
    assert found.equals == ()


@pytest.mark.parametrize(("reading", "option"), OPTIONS)
def test_the_enacted_reading_is_named_where_the_policy_has_another(data, reading, option):
    """The other way round: payroll follows the default and the policy that is tested does not."""
    tested = ENACTED.with_changes({f"readings.{reading}": option})
    found = cm.backtest(paid_by(data, ENACTED), tested)
    if moves_pay(data, ENACTED, tested):
        assert found.best.setting == f"readings.{reading}={ENACTED.get(f'readings.{reading}')}"
        assert found.best.vanished.all()


def test_pay_is_moved_by_most_readings(data):
    """Else the two tests above would test little."""
    moving = {
        reading
        for reading, option in OPTIONS
        if moves_pay(data, ENACTED, ENACTED.with_changes({f"readings.{reading}": option}))
    }
    silent = {"annual_negative", "best_rule", "best_revenue_metric", "day_divisor", "money_rounding"}
    assert moving == set(READINGS) - silent


# -- what is compared ----------------------------------------------------------


def one_person(paid, months=12, **counts):
    """Give a person with grade B or as `counts` have it, in the quarters of 2025, and what was paid in each, yuan."""
    rows = [month_row("CM01", (2025, month), **counts) for month in range(1, months + 1)]
    quarters = [{"staff_id": "CM01", "quarter": (2025, 1 + place), "paid": yuan} for place, yuan in enumerate(paid)]
    return staff_data({"months": rows, "quarters": quarters})


def test_each_difference_is_listed_to_the_fen():
    """Paid less computed; a fen is a difference, and what agrees is not listed."""
    found = cm.backtest(one_person([2000, 2000.01, 1500, None]))
    assert found.counts == {
        "compared": 3,
        "agreeing": 1,
        "differing": 2,
        "without_figure": 1,
        "open": 0,
        "after_dismissal": 0,
    }
    rows = found.differences[["staff_id", "quarter", "paid", "computed", "difference"]]
    assert rows.to_numpy().tolist() == [
        ["CM01", "2025-Q2", 2000.01, 2000.0, pytest.approx(0.01)],
        ["CM01", "2025-Q3", 1500.0, 2000.0, -500.0],
    ]
    assert [str(note) for note in found.notes] == ["Quarters without a figure in the column paid, not compared: 1."]


def test_a_quarter_that_is_not_over_is_not_compared():
    """Its payout is not final; it is counted."""
    found = cm.backtest(one_person([2000, 2000, 9], months=8))
    assert (found.counts["compared"], found.counts["open"], found.counts["differing"]) == (2, 1, 0)
    assert "Quarters that are not over when the data end, not compared: 1." in map(str, found.notes)
    assert str(found.answer[0]) == "Quarters that differ from what payroll paid: 0 of 2 compared."


def test_quarters_after_a_dismissal_are_compared():
    """3.5: the rules pay nothing there, so what was paid is a difference, and a reading explains it."""
    months = [*range(1, 13)]
    rows = [month_row("CM01", (2025, month), complaints=9 if month < 10 else 0) for month in months]
    quarters = [
        {"staff_id": "CM01", "quarter": (2025, number), "paid": 2000 if number == 4 else 0} for number in range(1, 5)
    ]
    found = cm.backtest(staff_data({"months": rows, "quarters": quarters}))
    (row,) = found.differences.to_dict("records")
    assert (row["quarter"], row["computed"], row["standing"], row["clause"]) == ("2025-Q4", 0, "left", "3.5")
    assert found.best.setting == "readings.after_dismissal=as_recorded"
    assert found.counts["after_dismissal"] == 1
    (note,) = map(str, found.notes)
    assert note.startswith("Compared quarters after a dismissal of 3.5: 1. What the rules pay there is a reading")
    assert "(A45): “What of records after a dismissal that the policy causes?”" in note


@pytest.mark.parametrize(
    ("quarters", "found"),
    [
        (None, "The data have no such table."),
        ([{"staff_id": "CM01", "quarter": (2025, 1), "review": 1}], "The table has no such column."),
        ([{"staff_id": "CM01", "quarter": (2025, 1), "paid": None}], "The column is empty."),
        ([{"staff_id": "CM01", "quarter": (2025, 2), "paid": 7}], "All its figures are of quarters that are not over"),
    ],
)
def test_without_pay_there_is_a_clear_message(quarters, found):
    """It names table and column, says what is there and what was expected."""
    rows = [month_row("CM01", (2025, month)) for month in (1, 2, 3, 4)]
    tables = {"months": rows} | ({} if quarters is None else {"quarters": quarters})
    with pytest.raises(cm.DataError, match="There is no pay to compare with") as caught:
        cm.backtest(staff_data(tables))
    text = str(caught.value)
    assert "table quarters, column paid (实发)" in text
    assert found in text
    assert "Expected: what payroll paid for each quarter, yuan." in text


# -- explanations --------------------------------------------------------------


def test_the_slips_of_the_bundled_department_are_found():
    """Its page tells of 14: three kinds of slips, four each, and two quarters paid after a dismissal."""
    found = cm.backtest(cm.read_staff(DEPARTMENT))
    rows = found.differences
    assert (found.counts["compared"], len(rows)) == (619, 14)
    kinds = rows["explanation"].str.replace("grade [B-E]", "another grade", regex=True).value_counts().to_dict()
    text = cm.reading_text("after_dismissal")
    assert kinds == {
        "paid as another grade": 4,
        "only here: the revenue bonus or penalty is left out": 4,
        "two neighbouring digits are swapped": 4,
        f"{text.question} {text.options['as_recorded']}": 2,
    }
    assert rows["clause"].value_counts().to_dict() == {"3.1": 4, "R1": 4, "": 4, "3.5": 2}
    assert set(rows.loc[rows["clause"] == "3.5", "staff_id"]) == {"CM000025"}


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"review.limit": 0}, "review.limit=0"),
        ({"survey.points": 0}, "survey.points=0"),
        ({"revenue.rate": 0}, "revenue.rate=0"),
        ({"revenue.manager_share": 1}, "revenue.manager_share=1"),
    ],
)
def test_a_habit_of_payroll_is_named_first(changes, setting):
    """Where no reading explains the pay, a value that is set otherwise may."""
    data = cm.synthesize(staff=80, months=12, seed=2)
    found = cm.backtest(paid_by(data, ENACTED.with_changes(changes)))
    assert found.best.setting == setting
    assert found.best.vanished.all()


@pytest.mark.parametrize(
    ("rounded", "text"),
    [
        (lambda fen: (fen + 50) // 100 * 100, "the payout is rounded to whole yuan"),
        (lambda fen: fen // 100 * 100, "the fen of the payout are cut off"),
    ],
)
def test_rounding_is_named_first(rounded, text):
    """3.3: whole yuan are no setting, so there is nothing to take into a draft."""
    data = paid_by(cm.synthesize(staff=40, months=12, seed=2), ENACTED)
    paid = data.tables["quarters"].columns["paid"]
    paid[:] = rounded(paid)
    found = cm.backtest(data)
    assert (str(found.best), found.best.setting, found.best.changes) == (text, "", {})
    assert found.best.vanished.all()


def test_slips_do_not_hide_the_reading(data):
    """41 of 43: what a reading explains is named although a few quarters are wrong for other reasons."""
    wrong = paid_by(data, ENACTED.with_changes({"readings.band_rule": "round_half_up"}))
    paid = wrong.tables["quarters"].columns["paid"]
    agreeing = cm.backtest(wrong)
    paid[np.flatnonzero(paid == 250_000)[:2]] = 123
    found = cm.backtest(wrong)
    assert found.best.setting == "readings.band_rule=round_half_up"
    assert found.counts["differing"] == agreeing.counts["differing"] + 2
    assert int(found.best.vanished.sum()) == agreeing.counts["differing"]
    told = f"differences that vanish: {agreeing.counts['differing']} of {found.counts['differing']};"
    assert told in str(found.answer[1])


def test_figures_of_a_candidate_are_those_of_a_comparison(data):
    """Vanished, created and moved are counted again here from whole outcomes."""
    tested = paid_by(data, ENACTED.with_changes({"readings.user_count": "net", "readings.payout_floor": "none"}))
    found = cm.backtest(tested)
    assert list(found.ranking["net"].dropna()) == sorted(found.ranking["net"].dropna(), reverse=True)
    for row in found.ranking[found.ranking["setting"].str.startswith("readings.")].to_dict("records"):
        path, option = row["setting"].split("=")
        before, after = (
            cm.appraise(tested, policy).quarters.merge(tested.frame("quarters")[["staff_id", "quarter", "paid"]])
            for policy in (ENACTED, ENACTED.with_changes({path: option}))
        )
        closed = ~before["open"] & before["paid"].notna()
        wrong_before = closed & ((before["payout"] - before["paid"]).abs() > 0.004)
        wrong_after = closed & ((after["payout"] - after["paid"]).abs() > 0.004)
        assert row["vanished"] == (wrong_before & ~wrong_after).sum(), path
        assert row["created"] == (~wrong_before & wrong_after).sum(), path
        assert row["quarters_moved"] == (closed & ((before["payout"] - after["payout"]).abs() > 0.004)).sum(), path


def test_what_cannot_be_told_apart_is_said():
    """Two readings that come to the same pay: the one that changes less else is first, and the other is named."""
    found = cm.backtest(cm.read_staff(DEPARTMENT))
    assert found.best.setting == "readings.after_dismissal=as_recorded"
    assert [one.setting for one in found.equals] == ["readings.elimination_rule=lowest_scorer"]
    assert "These data cannot tell it from" in str(found.answer[2])


def test_a_reading_that_the_data_do_not_allow_is_listed_with_the_reason():
    """2.9: the reviewers' own columns are not there."""
    found = cm.backtest(one_person([1999]))
    row = found.ranking.set_index("setting").loc["readings.review_adjust=each"]
    assert "review_supervisor and review_manager" in row["reason"]
    assert row[["vanished", "created", "net", "quarters_moved"]].isna().all()


def test_a_book_of_versions_is_replayed_version_by_version(data):
    """Each quarter follows the version in force, and an explanation changes all of them."""
    later = ENACTED.with_changes({"id": "2025", "effective_from": "2025-01-01", "grades.A.from": 114})
    book = cm.PolicyBook([ENACTED, later])
    secret = cm.PolicyBook([one.with_changes({"readings.user_count": "net"}) for one in book.policies])
    assert cm.backtest(paid_by(data, book), book).counts["differing"] == 0
    assert cm.backtest(paid_by(data, secret), book).best.setting == "readings.user_count=net"


def test_texts_follow_the_language():
    """The same back-test is told in either."""
    found = cm.backtest(cm.read_staff(DEPARTMENT))
    with cm.using_language("zh"):
        assert "按制度应予辞退后的记录怎样处理" in str(found.answer[1])
        assert found.differences["explanation"].str.contains("[一-鿿]").all()
        assert found.ranking["meaning"].str.contains("[一-鿿]").all()
