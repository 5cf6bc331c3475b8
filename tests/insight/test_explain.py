"""The statement of a person: its lines add up to the very figures of the outcome, whatever the data and readings."""

import random
from fractions import Fraction
from pathlib import Path

import pytest
from random_cases import case, month_row, random_policy, staff_data

import cmpolicy as cm
from cmpolicy.errors import DataError, PolicyError
from cmpolicy.insight.explain import Statement, StatementChange
from cmpolicy.insight.ledger_line import value_text
from cmpolicy.insight.statement_html import running_text, working_text
from cmpolicy.regulation.clauses import clause_numbers, reading_text
from cmpolicy.regulation.yaml_files import load_yaml

SIXTHS = 6
DEPARTMENT = "datasets/department"


@pytest.fixture(scope="module")
def department(pytestconfig):
    return cm.read_staff(pytestconfig.rootpath / DEPARTMENT)


@pytest.fixture(scope="module")
def enacted():
    return cm.load_policy("2007-06")


def by_key(statement):
    """Give the lines of each period by their key; a key stands there once a period."""
    found = {}
    for line in statement.lines:
        lines = found.setdefault(line.period, {})
        assert line.key not in lines, (line.period, line.key)
        lines[line.key] = line
    return found


def points_of(lines):
    """Check every line that is a product, and the running score, and give the last one."""
    running = 0
    for key, line in lines.items():
        if line.events is not None:
            assert line.value == line.events * line.each, key
            running += line.value
            assert line.running == running, key
    return running


class Tables:
    """An outcome's tables as rows by staff id and period, with the exact scores of quarters."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.rows = {}
        for name in ("months", "quarters", "years"):
            for row in getattr(outcome, name).itertuples(index=False):
                self.rows.setdefault((name, row.staff_id), {})[str(row[1])] = row
        exact = outcome.exact("quarters")
        names = outcome.quarters["quarter"]
        self.sixths = dict(zip(zip(exact["staff_id"], names, strict=True), exact["score"].tolist(), strict=True))
        self.best = {}
        for row in outcome.recognition.itertuples():
            self.best.setdefault(row.staff_id, []).append((row.month, f"best {row.measure}"))

    def of(self, name, staff_id):
        return self.rows.get((name, staff_id), {})


def check_months(tables, staff_id, periods):
    rows = tables.of("months", staff_id)
    assert {period for period, lines in periods.items() if "2.1" in {line.clause for line in lines.values()}} == set(
        rows
    )
    for month, row in rows.items():
        lines = periods[month]
        assert points_of(lines) == row.score == lines["grade"].running
        assert str(lines["grade"].text) == row.grade
        assert lines["award"].value == round(row.award * 100)


def check_quarters(tables, staff_id, periods):
    rows = tables.of("quarters", staff_id)
    assert {period for period in periods if "-Q" in period} == set(rows)
    for quarter, row in rows.items():
        lines = periods[quarter]
        if isinstance(row.grade, str):
            added = [line.value for key, line in lines.items() if key == "review" or key.startswith("survey")]
            score = lines["mean"].value + sum(added)
            assert score == lines["grade"].running == Fraction(tables.sixths[staff_id, quarter], SIXTHS)
            assert str(lines["grade"].text) == row.grade
        else:
            assert "mean" not in lines
            assert (str(lines["grade"].text), lines["grade"].running) == ("no grade", None)
        relief = lines["penalty_not_applied"].value if "penalty_not_applied" in lines else 0
        service, revenue, payout = (lines[key].value for key in ("service_bonus", "revenue_bonus", "payout"))
        assert service + revenue + relief == payout
        assert [service, revenue, relief, payout] == [
            round(getattr(row, name) * 100)
            for name in ("service_bonus", "revenue_bonus", "penalty_not_applied", "payout")
        ]
        assert (lines["standing"].text.template == "dismissed") == (row.standing == "left")
        assert (lines["standing"].text.template == "under observation") == (row.standing == "observation")
        assert ("dismissal_due" in lines) == row.dismissal_due


def check_years(tables, staff_id, periods):
    rows = tables.of("years", staff_id)
    assert {period for period in periods if "-" not in period} == set(rows)
    for year, row in rows.items():
        awards = [
            lines["award"].value for period, lines in periods.items() if period[:5] == f"{year}-" and "award" in lines
        ]
        assert sum(awards) == periods[year]["service_award"].value == round(row.service_award * 100)
        assert periods[year]["cash_effect"].value == round(row.cash_effect * 100)


def check(tables, staff_id):
    """Hold a statement against the outcome's tables: every number, and that there is no line too many."""
    outcome = tables.outcome
    statement = Statement.of(outcome, staff_id)
    periods = by_key(statement)
    check_months(tables, staff_id, periods)
    check_quarters(tables, staff_id, periods)
    check_years(tables, staff_id, periods)
    best = [(period, key) for period, lines in periods.items() for key in lines if key.startswith("best ")]
    assert sorted(best) == sorted(tables.best.get(staff_id, []))
    assert {line.clause for line in statement.lines} <= set(clause_numbers())
    for setting, option in statement.readings:
        assert option in {version.policy.get(f"readings.{setting}") for version in outcome.versions}


@pytest.mark.parametrize("seed", range(5))
def test_on_everyone_of_the_department_each_number_is_the_outcomes(department, seed):
    """Under random policies, with every reading turned now and then; the lines add up."""
    rng = random.Random(seed)
    content = random_policy(rng)
    tables = Tables(cm.appraise(department, cm.Policy.from_dict(content)))
    for staff_id in department.staff_ids.tolist():
        check(tables, staff_id)


@pytest.mark.parametrize("seed", range(25))
def test_the_lines_add_up_whatever_the_data(seed):
    """Gaps, fraud, several surveys a quarter, revenue by month, people who join and leave, open quarters."""
    rows, content = case(seed)
    data = staff_data(rows)
    policies = [cm.Policy.from_dict(content)]
    if seed % 3 == 0:  # a version that begins later
        later = random_policy(random.Random(seed + 1000)) | {"id": "later", "effective_from": "2024-04-01"}
        policies.append(cm.Policy.from_dict(later))
    tables = Tables(cm.appraise(data, cm.PolicyBook(policies)))
    for staff_id in data.staff_ids[:12].tolist():
        check(tables, staff_id)


def shown(statement, period):
    """Give clause, item, working and result of the lines of a period, as a person reads them."""
    frame = statement.frame()
    frame = frame[frame["period"] == period].astype(object)
    frame = frame.where(frame.notna(), None)
    result = frame["result"].combine_first(frame["points"]).combine_first(frame["yuan"])
    return list(zip(frame["clause"], frame["item"], frame["events"], frame["working"], result, strict=True))


@pytest.fixture
def example():
    rows = [
        month_row("CM01", (2025, 1), broadband_gained=5, broadband_lost=1, acceptance_b=2, complaints=1, praises=2),
        month_row("CM01", (2025, 2)),
        month_row("CM01", (2025, 3), fraud=True),
    ]
    surveys = [{"staff_id": "CM01", "month": (2025, 2), "sampled": 20, "satisfied": 19}]
    quarters = [
        {"staff_id": "CM01", "quarter": (2025, 1), "review": -2, "revenue": 9_999_901, "revenue_base": 12_000_000}
    ]
    years = [{"staff_id": "CM01", "year": 2025, "other_year_end_bonus": 5_000}]
    return staff_data({"months": rows, "quarters": quarters, "surveys": surveys, "years": years})


def test_a_statement_in_words(example, enacted):
    """2.1-2.8 with events and score; mean, review, survey, grade, bonuses, floor, standing; the year."""
    statement = cm.explain(example, enacted, "CM01")
    assert shown(statement, "2025-01") == [
        ("2.1", "score at the start of a month", 1, None, 100),
        ("2.2", "broadband user gained", 5, None, 15),
        ("2.2", "broadband user lost", 1, None, -2),
        ("2.4", "order acceptance below standard", 1, None, -2),
        ("2.7", "confirmed complaint", 1, None, -3),
        ("2.7", "confirmed praise", 2, None, 6),
        ("3.1", "grade of the month", None, "from 110, 4 above it", "A"),
        ("3.2", "award, settled at year end", None, "grade A", 200),
        ("3.4", "recognition", None, None, "best on service"),
        ("3.4", "recognition", None, None, "best on revenue"),
    ]
    assert shown(statement, "2025-03")[1] == (
        "3.1", "grade of the month", None, "proven fraud: the lowest grade", "E",
    )  # fmt: skip
    assert shown(statement, "2025-Q1") == [
        ("3.1", "mean of the months", None, "(114 + 100 + 89) ÷ 3; 2025-03 with proven fraud counts 89", 101),
        ("2.9", "reviewers' adjustment", None, "recorded -2", -2),
        ("2.10", "survey of 2025-02", 1, "19 of 20 satisfied; 95% needed", 5),
        ("3.1", "grade of the quarter", None, "from 100, 4 above it, 6 short of A", "B"),
        ("3.2", "service bonus", None, "2,000.00 of grade B", 2000),
        ("R1", "revenue bonus", None, "(99,999.01 - 120,000.00) × 25% × 50%, rounded to the fen", -2500.12),
        ("3.3", "penalty not applied", None, "a penalty takes at most the quarter's bonus", 500.12),
        ("3.3", "payout", None, None, 0),
        ("3.5", "standing", None, None, "regular"),
    ]
    assert shown(statement, "2025") == [
        ("3.2", "annual service award", None, "1 × 200.00 + 1 × 100.00 + 1 × -200.00", 100),
        ("3.2", "cash effect", None, "settled in the year-end bonus", 100),
    ]
    with cm.using_language("zh"):
        assert cm.explain(example, enacted, "CM01").frame()["item"][0] == "每月基础分"


def test_readings_are_named_where_they_decide(example, enacted):
    """With the option in use; a clause that is clear in this case names none."""
    statement = cm.explain(example, enacted, "CM01")
    assert statement.readings == (
        ("user_count", "gross"),
        ("criteria_basis", "per_criterion"),
        ("review_adjust", "joint"),
        ("survey_target", "quarter_score"),
        ("fraud_score", "cap_below_D"),
        ("revenue_below_base", "signed"),
        ("payout_floor", "zero"),
        ("best_rule", "per_measure"),
        ("best_revenue_metric", "excess"),
    )
    quiet = staff_data({"months": [month_row("CM01", (2025, month)) for month in (1, 2, 3)]})
    assert dict(cm.explain(quiet, enacted, "CM01").readings) == {"best_rule": "per_measure"}
    for setting, option in statement.readings:
        assert reading_text(setting).options[option]


@pytest.mark.parametrize(
    ("changes", "period", "working", "result"),
    [
        ({"readings.fraud_score": "exclude"}, "2025-Q1",
         "(114 + 100) ÷ 2; 2025-03 with proven fraud leaves the mean", 107),
        ({"readings.survey_target": "survey_month"}, "2025-02", "19 of 20 satisfied; 95% needed", 5),
        ({"review.limit": 1}, "2025-Q1", "recorded -2; the limit is 1", -1),
        ({"readings.payout_floor": "none"}, "2025-Q1", None, -500.12),
        ({"readings.revenue_below_base": "zero"}, "2025-Q1",
         "revenue 99,999.01 is below the base 120,000.00: neither bonus nor penalty", 0),
        ({"grades.A.monthly_award": 0}, "2025", "a negative sum takes at most the other year-end bonus, 50.00", -50),
        ({"readings.fraud_score": "quarter_E"}, "2025-Q1", "proven fraud: the lowest grade", "E"),
    ],
)  # fmt: skip
def test_a_reading_or_value_changes_the_words(example, enacted, changes, period, working, result):
    """What is said follows the policy, not the enacted text."""
    statement = cm.explain(example, enacted.with_changes(changes), "CM01")
    assert (working, result) in [line[3:] for line in shown(statement, period)]


def test_too_few_months_are_told(enacted):
    """A21: in thirds, rounded; under `require_three` two months give no grade, and are not called none."""
    data = staff_data({"months": [month_row("CM01", (2025, month)) for month in (1, 2)]})
    bonus = next(line for line in shown(cm.explain(data, enacted, "CM01"), "2025-Q1") if line[1] == "service bonus")
    assert bonus[3:] == ("2,000.00 of grade B × 2/3, rounded to the fen", 1333.33)
    three = enacted.with_changes({"readings.missing_months": "require_three"})
    statement = cm.explain(data, three, "CM01")
    grade = next(line for line in shown(statement, "2025-Q1") if line[1] == "grade of the quarter")
    assert grade[3:] == ("2 of 3 months assessed", "no grade")
    assert ("missing_months", "require_three") in statement.readings


def test_a_carried_penalty_is_told(enacted):
    """A27: with where it comes from and what it takes."""
    quarters = [
        {"staff_id": "CM01", "quarter": (2025, 1), "revenue": 0, "revenue_base": 4_000_000},
        {"staff_id": "CM01", "quarter": (2025, 2), "revenue": 4_000_000, "revenue_base": 0},
    ]
    data = staff_data({"months": [month_row("CM01", (2025, month)) for month in range(1, 7)], "quarters": quarters})
    carried = enacted.with_changes({"readings.revenue_below_base": "carried"})
    found = [line for line in shown(cm.explain(data, carried, "CM01"), "2025-Q2") if line[0] == "R1"]
    assert found == [
        ("R1", "revenue bonus", None, "(40,000.00 - 0.00) × 25% × 50%; less 3,000.00 from earlier quarters", 2000)
    ]


def test_the_version_in_force_explains_its_quarters(enacted):
    """A month's points are those of the version in force on the quarter's first day."""
    rows = [month_row("CM01", (2025, month)) for month in range(1, 7)]
    data = staff_data({"months": rows})
    later = enacted.with_changes({"id": "2025-04", "effective_from": "2025-04-01", "points.base": 105})
    statement = cm.explain(data, cm.PolicyBook([enacted, later]), "CM01")
    assert [line.value for line in statement.lines if line.clause == "2.1"] == [100] * 3 + [105] * 3
    assert [policy.id for policy in statement.policies] == ["2007-06", "2025-04"]


def hand_cases():
    """Give the cases worked out by hand: changes of the policy, staff id, period, and the four parts of each line."""
    path = Path(__file__).with_name("statement-cases.yaml")
    for one in load_yaml(path):
        for period, lines in one["lines"].items():
            wanted = [[part.strip() for part in line.split("|")] for line in lines]
            case = (one.get("changes", {}), one["staff_id"], str(period), wanted)
            yield pytest.param(*case, id=f"{one['staff_id']} {period}")


@pytest.mark.parametrize(("changes", "staff_id", "period", "wanted"), list(hand_cases()))
def test_statements_worked_out_by_hand(department, enacted, changes, staff_id, period, wanted):
    """From the CSV rows and the rule book, with nothing but a pencil."""
    statement = cm.explain(department, enacted.with_changes(changes), staff_id)
    lines = [line for line in statement.lines if line.period == period]
    found = [[line.clause, working_text(line), value_text(line), running_text(line)] for line in lines]
    assert found == wanted


def standing(data, policy, staff_id="CM01"):
    lines = cm.explain(data, policy, staff_id).lines
    return [(str(line.text), line.how and str(line.how)) for line in lines if line.clause == "3.5"]


def poor(months, **counts):
    return staff_data({"months": [month_row("CM01", month, **({"complaints": 9} | counts)) for month in months]})


def test_standing_is_told_with_its_reason(enacted):
    """3.5: two quarters E, the observation that fails, and what comes after."""
    assert standing(poor([(2024, month) for month in range(1, 13)]), enacted) == [
        ("regular", "grade E in 2024-Q1; 1 more in a row: observation"),
        ("regular", "grade E in 2024-Q1, 2024-Q2: under observation from the next quarter"),
        ("under observation", "grade E in 2024-Q1, 2024-Q2"),
        ("due at the quarter's end", "grade E in 2024-Q3, under observation"),
        ("dismissed", "grade E in 2024-Q3, under observation"),
    ]


def test_an_observation_that_is_passed_or_goes_on_is_told(enacted):
    """A36, A38: no grade in it leaves it open; a better grade ends it."""
    first = [month_row("CM01", (2024, month), complaints=9) for month in range(1, 7)]
    quarters = [{"staff_id": "CM01", "quarter": (2024, 3), "review": 0}]
    last = [month_row("CM01", (2024, month)) for month in (10, 11, 12)]
    later = [month_row("CM01", (2025, month)) for month in (1, 2, 3)]
    data = staff_data({"months": [*first, *last, *later], "quarters": quarters})
    assert standing(data, enacted)[2:] == [
        ("under observation", "grade E in 2024-Q1, 2024-Q2"),
        ("under observation", "no grade in 2024-Q3: the observation goes on"),
        ("regular", "2024-Q4 under observation passed with B"),
    ]


def test_an_open_quarter_and_the_lowest_scorer_are_told(enacted):
    """The data end inside the quarter; under `lowest_scorer` it is the rank that counts, and nobody else is named."""
    data = poor([(2024, month) for month in range(1, 9)])
    assert standing(data, enacted)[2] == (
        "under observation",
        "the data end inside the quarter: it changes no standing",
    )
    others = [month_row(f"CM0{one}", (2024, month)) for one in (1, 2) for month in range(1, 7)]
    for row in others[:6]:
        row["complaints"] = 1
    lowest = enacted.with_changes({"readings.elimination_rule": "lowest_scorer"})
    assert standing(staff_data({"months": others}), lowest)[1] == (
        "regular",
        "lowest score of all in 2024-Q1, 2024-Q2: under observation from the next quarter",
    )


def test_probation_is_told_in_the_month_of_hire(department, enacted):
    """P1-P(2): with the very figures of the outcome; nobody else has such lines."""
    outcome = cm.appraise(department, enacted)
    table = outcome.probation.set_index("staff_id")
    hired = department.frame("staff").set_index("staff_id")["hire_date"]
    months = {}
    for staff_id in department.staff_ids.tolist():
        lines = [line for line in Statement.of(outcome, staff_id).lines if line.clause.startswith("P")]
        months[staff_id] = {line.period for line in lines}
        for line in lines:
            if line.key in table.columns:
                assert line.value == round(table.loc[staff_id, line.key] * 100)
    assert sum(bool(found) for found in months.values()) > 1
    for staff_id, found in months.items():
        inside = hired[staff_id] >= hired.min() and f"{hired[staff_id]:%Y-%m}" >= "2023-01"
        assert found == ({f"{hired[staff_id]:%Y-%m}"} if inside else set())


def test_a_year_that_the_calendar_does_not_know_is_told(enacted):
    """P(1)1: the rest of the statement stands."""
    staff = [{"staff_id": "CM01", "hire_date": "1999-11-15", "probation_wage": 4600.00}]
    data = staff_data({"staff": staff, "months": [month_row("CM01", (1999, 11)), month_row("CM01", (1999, 12))]})
    lines = cm.explain(data, enacted, "CM01").lines
    assert "1999" in next(str(line.text) for line in lines if line.key == "first_month_pay")
    assert any(line.key == "payout" for line in lines)


@pytest.mark.parametrize(
    ("period", "wanted"),
    [
        ("2025-05", ["2025-05"]),
        ("2025年5月", ["2025-05"]),
        ("2025-Q2", ["2025-04", "2025-05", "2025-06", "2025-Q2"]),
        (2024, ["2024-10", "2024-11", "2024-12", "2024-Q4", "2024"]),
        (
            None,
            ["2024-10", "2024-11", "2024-12", "2024-Q4", "2024", "2025-04", "2025-05", "2025-06", "2025-Q2", "2025"],
        ),
    ],
)
def test_a_period_holds_its_months_and_quarters(enacted, period, wanted):
    """A quarter its months, a year all in it; without one everything."""
    months = [(2024, 10), (2024, 11), (2024, 12), (2025, 4), (2025, 5), (2025, 6)]
    data = staff_data({"months": [month_row("CM01", month) for month in months]})
    statement = cm.explain(data, enacted, "CM01", period)
    assert list(dict.fromkeys(line.period for line in statement.lines)) == wanted


def test_sums_are_those_of_the_lines(example, enacted):
    """Payout and cash effect together are the total; a month by itself has its award."""
    statement = cm.explain(example, enacted, "CM01")
    assert statement.money == {
        "service_bonus": 200_000,
        "revenue_bonus": -250_012,
        "penalty_not_applied": 50_012,
        "payout": 0,
        "award": 10_000,
        "cash_effect": 10_000,
    }
    assert statement.total == 10_000
    assert cm.explain(example, enacted, "CM01", "2025-01").total == 20_000


@pytest.mark.parametrize("period", ["2025-13", "2025-Q5", "soon", "", "2025-Q2-1"])
def test_a_malformed_period_is_refused(example, enacted, period):
    """With what a period looks like."""
    with pytest.raises(DataError, match=r"a month such as 2025-03 .* a quarter such as 2025-Q1") as caught:
        cm.explain(example, enacted, "CM01", period)
    assert f'Found: "{period}"' in str(caught.value)


def test_a_period_without_records_names_those_with(example, enacted):
    """The person's own first and last quarter."""
    with pytest.raises(DataError, match=r"CM01 has no records in 2024-Q4.*from 2025-Q1 to 2025-Q1"):
        cm.explain(example, enacted, "CM01", "2024-Q4")


def test_nobody_of_that_id_names_the_nearest(enacted):
    """A slip of the pen is the usual reason."""
    data = staff_data({"months": [month_row("CM0001", (2025, 1))]})
    for ask in (cm.explain, lambda *given: cm.explain_change(*given[:2], {"review.limit": 1}, *given[2:])):
        with pytest.raises(DataError, match="CM0001"):
            ask(data, enacted, "CM0010")


def test_someone_without_records_has_an_empty_statement(enacted):
    """Without a month or quarter row there is nothing to explain."""
    staff = [{"staff_id": one} for one in ("CM01", "CM02")]
    data = staff_data({"staff": staff, "months": [month_row("CM01", (2025, 1))]})
    statement = cm.explain(data, enacted, "CM02")
    assert (statement.lines, statement.money, statement.total) == ((), {}, 0)
    assert len(statement.frame()) == 0
    with pytest.raises(DataError, match="CM02 has no records in 2025"):
        cm.explain(data, enacted, "CM02", "2025")


# -- what a reform changes -------------------------------------------------------------


REFORM = {"grades.A.from": 112, "grades.D.from": 93, "grades.B.quarterly_bonus": 1800, "points.praises": 4}


@pytest.mark.parametrize("seed", range(3))
def test_the_yuan_at_the_end_are_those_of_the_comparison(department, enacted, seed):
    """What the lines come to is what `compare` gives as difference."""
    reform = REFORM if seed == 0 else cm.Policy.from_dict(random_policy(random.Random(seed)))
    comparison = cm.compare(department, enacted, reform)
    people = comparison.people.set_index("staff_id")
    for staff_id in department.staff_ids[seed :: 1 if seed == 0 else 9].tolist():
        change = StatementChange.of(comparison, staff_id)
        assert change.difference == round(people.loc[staff_id, "difference"] * 100)
        paid = [
            (one.after.value if one.after else 0) - (one.before.value if one.before else 0)
            for one in change.lines
            if one.either.key in ("payout", "cash_effect")
        ]
        assert change.difference == sum(paid)


def test_only_lines_that_differ_are_listed(example, enacted):
    """Before and after, in the order of time; a line that is only there on one side too."""
    change = cm.explain_change(example, enacted, {"points.praises": 1, "readings.payout_floor": "none"}, "CM01")
    assert [(one.period, one.either.key) for one in change.lines] == [
        ("2025-01", "points.praises"),
        ("2025-01", "grade"),
        ("2025-Q1", "mean"),
        ("2025-Q1", "grade"),
        ("2025-Q1", "penalty_not_applied"),
        ("2025-Q1", "payout"),
    ]
    assert change.frame().to_numpy().tolist()[0] == ["2025-01", "2.7", "confirmed praise", "+6", "+2", -4.0]
    gone = change.lines[4]
    assert gone.after is None
    assert change.frame()["after"][4] == "–"
    assert change.difference == -50_012


def test_settings_that_do_not_matter_to_the_person_are_left_out(example, enacted):
    """Of many changed values those remain that change a line of this person by themselves."""
    reform = {"grades.B.quarterly_bonus": 1500, "grades.D.quarterly_bonus": 1, "points.maintained_lost": -9}
    change = cm.explain_change(example, enacted, reform, "CM01")
    assert [one.path for one in change.settings] == ["grades.B.quarterly_bonus"]
    assert cm.explain_change(example, enacted, {"grades.D.quarterly_bonus": 1}, "CM01").settings == ()


def test_settings_that_only_do_it_together_are_kept(enacted):
    """107 is no A from 110 nor, with four praises at 4, from 112: bound and points act together."""
    months = [month_row("CM01", (2025, month), praises=1, broadband_gained=2) for month in (1, 2, 3)]
    reform = {"grades.A.from": 109, "points.broadband_gained": 3, "points.praises": 3}
    change = cm.explain_change(staff_data({"months": months}), enacted, reform, "CM01")
    assert [one.path for one in change.settings] == ["grades.A.from"]
    assert change.difference == 50_000 + 3 * 10_000


def test_a_bound_that_cannot_be_moved_by_itself_is_kept(example, enacted):
    """B from 112 is no policy as long as A is from 110."""
    change = cm.explain_change(example, enacted, {"grades.A.from": 115, "grades.B.from": 112}, "CM01")
    assert [one.path for one in change.settings] == ["grades.A.from", "grades.B.from"]


def test_other_grades_and_ranks_are_settings_too(department, enacted):
    """A table with another grade; a reading under which rank counts."""
    content = enacted.to_dict()
    content["grades"].insert(0, content["grades"][0] | {"grade": "S", "from": 120})
    someone = str(department.staff_ids[3])
    change = cm.explain_change(department, enacted, cm.Policy.from_dict(content), someone)
    assert {one.path for one in change.settings} <= {
        "grades.S.from",
        "grades.S.quarterly_bonus",
        "grades.S.monthly_award",
    }
    lowest = {"readings.elimination_rule": "lowest_scorer", "standing.e_quarters": 1}
    comparison = cm.compare(department, enacted, lowest)
    changes = [StatementChange.of(comparison, staff_id) for staff_id in department.staff_ids[:20].tolist()]
    assert any("readings.elimination_rule" in {one.path for one in change.settings} for change in changes)


def test_books_of_versions_are_compared_quarter_by_quarter(example, enacted):
    """What differs between the versions in force and changes a line of the person."""
    book = cm.PolicyBook(
        [enacted, enacted.with_changes({"id": "new", "effective_from": "2025-01-01", "review.limit": 1})]
    )
    change = cm.explain_change(example, enacted, book, "CM01")
    assert [one.path for one in change.settings] == ["review.limit"]
    much = {"review.limit": 1, "points.unreported_complaints": -9, "probation.personal_leave_days": 5}
    book = cm.PolicyBook([enacted, enacted.with_changes({"id": "new", "effective_from": "2025-01-01"} | much)])
    for first, second in ((enacted, book), (book, enacted)):
        change = cm.explain_change(example, first, second, "CM01")
        assert [one.path for one in change.settings] == ["review.limit"]
    with pytest.raises(PolicyError):
        cm.explain_change(example, book, {"review.limit": 1}, "CM01")


def test_a_reform_that_changes_nothing_for_the_person_says_so(example, enacted):
    """No line differs, and no yuan."""
    change = cm.explain_change(example, enacted, {"grades.D.quarterly_bonus": 1}, "CM01")
    assert (change.lines, change.difference) == ((), 0)
    assert len(change.frame()) == 0
