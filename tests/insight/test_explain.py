"""The statement of a person: its lines add up to the very figures of the outcome, whatever the data and readings."""

from decimal import Decimal
from fractions import Fraction

import pytest
from random_cases import case, month_row, staff_data

import cmpolicy as cm
from cmpolicy.errors import DataError
from cmpolicy.insight.explain import Line, explain, statement_frame
from cmpolicy.regulation.clauses import clause_numbers

SIXTHS = 6


def figure(line):
    """Give the number that a line ends in: points, or yuan as fen."""
    text = next(iter(line.result.values.values()))
    number = Decimal(text.replace(",", ""))
    return int(number * 100) if "yuan" in line.result.values else int(number)


def by_clause(lines, period):
    """Give the lines of a period under their clauses, in their order."""
    found = {}
    for line in lines:
        if line.period == period:
            found.setdefault(line.clause, []).append(line)
    return found


def months_in_mean(line):
    """Read the scores of the months from the line that gives their mean."""
    scores = [int(score) for score in line.record.values["scores"].split(", ")]
    return Fraction(sum(scores), len(scores))


@pytest.mark.parametrize("seed", range(20))
def test_the_lines_add_up(seed):
    """Months: points to the score. Quarters: mean, review, surveys to the score; bonuses and relief to the payout."""
    rows, content = case(seed)
    data, policy = staff_data(rows), cm.Policy.from_dict(content)
    outcome = cm.appraise(data, policy)
    months, quarters = outcome.exact("months"), outcome.exact("quarters")
    names = outcome.months["month"], outcome.quarters["quarter"]
    for staff_id in data.staff_ids[:8].tolist():
        lines = explain(outcome, staff_id)
        assert {line.clause for line in lines} <= set(clause_numbers())
        for row in (months["staff_id"] == staff_id).nonzero()[0]:
            clauses = by_clause(lines, names[0][row])
            points = [line for clause, found in clauses.items() if clause.startswith("2.") for line in found]
            assert sum(map(figure, points)) == months["score"][row]
            grade, award = clauses["3.1"][0], clauses["3.2"][0]
            assert grade.record.values["score"] == months["score"][row]
            assert grade.result.values["grade"] == months["grade"][row]
            assert figure(award) == months["award"][row]
        for row in (quarters["staff_id"] == staff_id).nonzero()[0]:
            clauses = by_clause(lines, names[1][row])
            *mean, grade = clauses["3.1"]
            if quarters["grade"][row]:
                adjusted = [figure(line) for clause in ("2.9", "2.10") for line in clauses.get(clause, [])]
                score = months_in_mean(mean[0]) + sum(adjusted)
                assert score * SIXTHS == int(quarters["score"][row])
                assert grade.result.values["grade"] == quarters["grade"][row]
            else:
                assert (mean, str(grade.result)) == ([], "no grade")
            service, revenue, payout = (figure(clauses[clause][0]) for clause in ("3.2", "R1", "3.3"))
            assert service == quarters["service_bonus"][row]
            assert revenue == quarters["revenue_bonus"][row]
            assert payout == quarters["payout"][row]
            relief = clauses["3.3"][0].record.values.get("yuan", "0")
            assert payout == service + revenue + int(Decimal(relief.replace(",", "")) * 100)
            assert len(clauses["3.5"]) == 1


def test_a_statement_in_words():
    """2.2-2.7 with what was recorded, then grade and award; the quarter follows its months."""
    rows = [
        month_row("CM01", (2025, 1), broadband_gained=5, broadband_lost=1, acceptance_b=2, complaints=1, praises=2),
        month_row("CM01", (2025, 2)),
        month_row("CM01", (2025, 3), fraud=True),
    ]
    surveys = [{"staff_id": "CM01", "month": (2025, 2), "sampled": 20, "satisfied": 19}]
    quarters = [{"staff_id": "CM01", "quarter": (2025, 1), "review": -2}]
    data = staff_data({"months": rows, "quarters": quarters, "surveys": surveys})
    lines = explain(cm.appraise(data), "CM01")
    frame = statement_frame(lines)
    assert list(frame.columns) == ["period", "clause", "record", "result"]
    assert [line.period for line in lines] == [
        *(["2025-01"] * 10),
        *(["2025-02"] * 10),
        *(["2025-03"] * 10),
        *(["2025-Q1"] * 8),
    ]
    first, last = frame[frame["period"] == "2025-01"], frame[frame["period"] == "2025-Q1"]
    assert first[["clause", "record", "result"]].to_numpy().tolist() == [
        ["2.1", "start of the month", "+100 points"],
        ["2.2", "gained 5, lost 1", "+13 points"],
        ["2.3", "gained 0, lost 0", "+0 points"],
        ["2.4", "orders below standard A 0, B 2, C 0", "-2 points"],
        ["2.5", "orders below standard A 0, B 0, C 0", "+0 points"],
        ["2.6", "orders below standard A 0, B 0, C 0", "+0 points"],
        ["2.7", "complaints 1, praises 2", "+3 points"],
        ["2.8", "complaints not reported in time 0", "+0 points"],
        ["3.1", "score 114", "grade A"],
        ["3.2", "award at year end", "+200.00 yuan"],
    ]
    assert last[["clause", "record", "result"]].to_numpy().tolist() == [
        ["3.1", "mean of the months 114, 100, 89", "101.00 points"],
        ["2.9", "the reviewers' adjustment", "-2 points"],
        ["2.10", "19 of 20 satisfied", "+5 points"],
        ["3.1", "score 104.00", "grade B"],
        ["3.2", "3 months assessed", "+2,000.00 yuan"],
        ["R1", "no revenue figure", "+0.00 yuan"],
        ["3.3", "service and revenue bonus", "+2,000.00 yuan"],
        ["3.5", "standing", "regular"],
    ]
    assert frame["record"][28] == "score 100; proven fraud"
    with cm.using_language("zh"):
        assert statement_frame(lines)["result"][0] == "+100 分"


def test_too_few_months_are_told():
    """A21: under `require_three` two months give no grade, and are not called none."""
    data = staff_data({"months": [month_row("CM01", (2025, month)) for month in (1, 2)]})
    policy = cm.load_policy("2007-06").with_changes({"readings.missing_months": "require_three"})
    lines = explain(cm.appraise(data, policy), "CM01")
    assert next((str(line.record), str(line.result)) for line in lines if line.period == "2025-Q1") == (
        "2 months assessed",
        "no grade",
    )


def test_each_quarter_is_explained_by_the_version_in_force():
    """A book of policies: another base from the second quarter on."""
    data = staff_data({"months": [month_row("CM01", (2025, month)) for month in range(1, 7)]})
    enacted = cm.load_policy("2007-06")
    later = enacted.with_changes({"id": "2025-04", "effective_from": "2025-04-01", "points.base": 105})
    lines = explain(cm.appraise(data, cm.PolicyBook([enacted, later])), "CM01")
    assert [str(line.result) for line in lines if line.clause == "2.1"] == ["+100 points"] * 3 + ["+105 points"] * 3


def test_standing_is_told_with_the_dismissal():
    """3.5: two quarters E, the observation that fails, and what comes after."""
    rows = [month_row("CM01", (2024, month), complaints=9) for month in range(1, 13)]
    lines = explain(cm.appraise(staff_data({"months": rows})), "CM01")
    assert [str(line.result) for line in lines if line.clause == "3.5"] == [
        "regular",
        "regular",
        "under observation; dismissal due at the quarter's end",
        "left",
    ]


def test_nobody_of_that_id_names_the_nearest():
    """A slip of the pen is the usual reason."""
    outcome = cm.appraise(staff_data({"months": [month_row("CM0001", (2025, 1))]}))
    with pytest.raises(DataError, match="CM0001"):
        explain(outcome, "CM0010")


def test_an_empty_statement_is_an_empty_table():
    """Of someone without a month or quarter row."""
    staff = [{"staff_id": one} for one in ("CM01", "CM02")]
    data = staff_data({"staff": staff, "months": [month_row("CM01", (2025, 1))]})
    assert explain(cm.appraise(data), "CM02") == []
    assert list(statement_frame([]).columns) == list(Line._fields)
