"""The compliance checks: each has a case that trips it and one that does not, and none passes what it cannot see."""

import datetime
import re
from pathlib import Path

import pytest
from random_cases import staff_data
from ruamel.yaml import YAML
from worked_cases import CONTENT, fen, scoring

import cmpolicy as cm
from cmpolicy.insight.bonus_tax import separate_tax
from cmpolicy.insight.compliance.comply import CHECKS, check_text, legal_news, mark_of
from cmpolicy.insight.compliance.findings import MARKS, SEVERITIES
from cmpolicy.messages import using_language
from cmpolicy.regulation.policy import load_policy

CASES = YAML(typ="safe", pure=True).load((Path(__file__).parent / "compliance-cases.yaml").read_text(encoding="utf-8"))
SCORES = {"A": 110, "B": 100, "C": 95, "D": 90, "E": 80}
HIRED = datetime.date(2020, 1, 6)
DATASETS = Path(__file__).parents[2] / "datasets"


def period(text):
    year, _, number = text.replace("Q", "").partition("-")
    return int(year), int(number)


def data_of(case):
    staff = [{"staff_id": "S1", "hire_date": HIRED} | row for row in case.get("staff", [{}])]
    scores = {
        one: [SCORES[grade] for grade in grades for _ in range(3)] for one, grades in case.get("grades", {}).items()
    }
    scores |= case.get("scores", {})
    complaints = case.get("complaints", {})
    months = [
        scoring(one["staff_id"], (2025 + place // 12, place % 12 + 1), score)
        | {"complaints": complaints.get(one["staff_id"], 0)}
        for one in staff
        for place, score in enumerate(scores.get(one["staff_id"], [95]))
    ]
    return staff_data(
        {
            "staff": staff,
            "months": months,
            "quarters": [row | {"quarter": period(row["quarter"])} | money(row) for row in case.get("quarters", [])],
            "surveys": [row | {"month": period(row["month"])} for row in case.get("surveys", [])],
            "years": [row | money(row) for row in case.get("years", [])],
        }
    )


def money(row):
    """Give amounts as the oracle's rows have them, in fen."""
    return {name: round(row[name] * 100) for name in ("revenue", "revenue_base", "other_year_end_bonus") if name in row}


def comply(case, **more):
    enacted = load_policy("2007-06")
    given = {name: case[name] for name in ("region", "regions", "records") if name in case}
    if "baseline" in case:
        given["baseline"] = enacted.with_changes(case["baseline"])
    return cm.comply(enacted.with_changes(case.get("policy", {})), data_of(case), **given | more)


def result_of(found, check):
    return next(result for result in found.results if result.check == check)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['check']}: {case['title']}")
def test_a_check_finds_what_is_wrong_and_passes_what_is_not(case):
    """A finding has its severity, its setting or clause, and the people concerned; a clean case is passed."""
    result = result_of(comply(case), case["check"])
    found = [[one.severity, one.setting, list(one.staff_ids)] for one in result.findings]
    assert found == case.get("finding", [])
    assert bool(result.missing) == case.get("lacking", False)
    assert result.status == ("finding" if case.get("finding") else "passed")
    if "mark" in case:
        assert [mark_of(one) for one in result.findings] == [case["mark"]]


def test_every_check_has_a_case_that_trips_it_and_one_that_does_not():
    for check in CHECKS:
        tripped = {bool(case.get("finding")) for case in CASES if case["check"] == check}
        assert tripped == {True, False}, check


def test_severance_is_not_taken_for_enough_where_what_is_due_is_not_known():
    """Every step of a dismissal was taken, but the wage is not known."""
    case = next(case for case in CASES if case["title"] == "every step, with notice of thirty days")
    result = result_of(comply(case | {"staff": [{}]}), "CC05")
    assert (result.status, "contract_wage" in str(result.missing[0].what)) == ("not checked", True)


def test_a_place_whose_province_is_not_known_is_not_taken_for_one_outside_guangdong():
    result = result_of(comply({"regions": {"here": {}}, "region": "here"}), "CC19")
    assert (result.status, str(result.missing[0].what)) == ("not checked", "province of here (--regions)")


def test_nothing_passes_where_the_records_are_lacking():
    """Of the regulation alone only what its settings decide is passed: elimination and the wage of a day."""
    found = cm.comply(load_policy("2007-06"))
    assert [result.check for result in found.results if result.status == "passed"] == ["CC06", "CC08"]
    for result in found.results:
        assert bool(result.missing) == (result.check not in ("CC06", "CC08", "CC13"))


@pytest.mark.parametrize("check", ["CC11", "CC15"])
def test_a_table_that_lacks_the_column_keeps_a_check_from_passing(check):
    """Nobody is known to have left, no year-end bonus is known: that is not nobody and none."""
    found = comply({"scores": {"S1": [80]}})
    assert found.status_of(check) == "not checked"


def test_a_person_of_whom_something_is_not_known_keeps_a_check_from_passing():
    """One of two people without a contract's months, a wage, or a day of insurance."""
    staff = [{"contract_months": 36}, {"staff_id": "S2"}]
    people = [{"staff_id": "S1", "insured_from": "2020-01-10"}]
    case = {"staff": staff, "records": {"people": people}}
    result = result_of(comply(case), "CC14")
    assert result.status == "not checked"
    assert "S2" in str(result.missing[0].what)


def test_a_probation_without_a_day_of_confirmation_is_not_taken_for_one_that_ended_by_plan():
    known = {"regulation": {"probation_extension": "none"}, "default": {"probations": 1}}
    result = result_of(comply({"staff": [{"contract_months": 36}], "records": known}), "CC02")
    assert (result.status, "confirmed_on" in str(result.missing[0].what)) == ("not checked", True)


def test_days_of_what_was_in_force_before_do_not_make_a_change_known():
    """A reform has to be discussed and published itself."""
    known = {"consulted_on": "2007-05-02", "published_on": "2007-06-01", "acknowledged": 1}
    case = {"records": {"regulation": known}, "policy": {"review.limit": 2}}
    assert comply({"records": {"regulation": known}}).status_of("CC12") == "passed"
    assert comply(case | {"baseline": {}}).status_of("CC12") == "not checked"


def test_the_bonus_of_a_year_has_a_day_of_payment_too():
    """Four quarters paid in time, the year's award on no day that is known."""
    payments = [{"period": f"2025-Q{quarter}", "paid_on": "2025-03-01"} for quarter in (1, 2, 3, 4)]
    case = {"grades": {"S1": "CCCC"}, "region": "shenzhen", "records": {"payments": payments}}
    result = result_of(comply(case), "CC10")
    assert (result.status, "such as 2025" in str(result.missing[0].what)) == ("not checked", True)
    payments.append({"period": 2025, "paid_on": "2026-06-30"})
    assert comply(case).status_of("CC10") == "passed"


def test_the_enacted_regulation_has_its_real_findings():
    """Three months against short contracts, observation pay, dismissal at once, marriage leave."""
    found = cm.comply(load_policy("2007-06"))
    severe = {(one.check, one.setting) for one in found.findings if one.severity == "E"}
    assert severe == {("CC01", "probation.months"), ("CC04", "3.5"), ("CC05", "3.5"), ("CC13", "P(2)")}


def test_the_findings_of_the_department_are_those_counted_by_hand():
    """Against the tables themselves: short contracts, confirmations, people under observation."""
    data = cm.read_staff(DATASETS / "department")
    found = cm.comply(data=data, records=DATASETS / "compliance-example.yaml")
    staff = data.frame("staff")
    short = staff[staff["contract_months"] < 36]
    assert result_of(found, "CC01").findings[0].staff_ids == tuple(short["staff_id"])
    assert found.region.id == "shenzhen"
    observed = next(one for one in found.findings if one.check == "CC04")
    assert set(observed.staff_ids) == {"CM000023", "CM000025"}
    gone = [one for one in result_of(found, "CC05").findings if one.staff_ids]
    assert {one.staff_ids for one in gone} == {("CM000046",)}
    assert not result_of(found, "CC05").missing, "CM000025 stayed on: nobody was dismissed"


def test_worked_example_39():
    """Probation terms against the statute."""
    case = next(case for case in CONTENT["cases"] if case["id"] == "WE-39")
    given = case["in"]
    staff = [
        {
            "contract_months": given["contract_months"],
            "contract_wage": float(given["contract_wage"]),
            "probation_wage": float(given["probation_wage"]),
        }
    ]
    minimum = {"from": "2020-01-01", "yuan": float(given["local_minimum_wage"]), "mark": "P", "source": "example"}
    found = comply(
        {
            "staff": staff,
            "policy": {"probation.months": given["probation_months"]},
            "region": "here",
            "regions": {"here": {"minimum_wage": [minimum]}},
            "records": {"default": {"lowest_same_post_wage": float(given["lowest_same_post_wage"])}},
        }
    )
    assert [one.check for one in found.findings if one.staff_ids] == case["expect"]["failed"]


def test_worked_example_41():
    """The annual award taxed separately, at the cliff of 36000."""
    case = next(case for case in CONTENT["cases"] if case["id"] == "WE-41")
    assert [separate_tax(fen(award)) for award in case["in"]["bonuses"]] == [fen(tax) for tax in case["expect"]["tax"]]


def test_the_dismissal_cost_is_that_of_the_wage_with_its_bonuses():
    """Hired 2020-01-06, dismissed 2025-09-30: six years; 6000 a month, no bonus at grade E, a month for N + 1."""
    found = comply({"staff": [{"contract_wage": 6000}], "grades": {"S1": ["E", "E", "E"]}})
    text = str(result_of(found, "CC17").findings[0].what)
    assert re.findall(r"[\d,]+\.\d\d", text) == ["36,000.00", "42,000.00", "72,000.00"]


# -- what a reform changes -----------------------------------------------------


def test_a_reform_brings_and_cures_findings():
    """Lowest scorer, no floor, a shorter probation."""
    data = data_of({"staff": [{"contract_months": 24}, {"staff_id": "S2", "contract_months": 2}]})
    changes = {"readings.elimination_rule": "lowest_scorer", "readings.payout_floor": "none", "probation.months": 2}
    change = cm.compare(data, load_policy("2007-06"), changes)
    news = legal_news(change)
    assert [one.check for one in news.brought] == ["CC06", "CC07"]
    assert [(one.check, one.staff_ids) for one in news.cured] == [("CC01", ("S1",))]


def test_what_a_leaver_was_paid_is_held_against_the_rules_under_which_it_was_paid():
    """Two thirds of grade C were paid as enacted; a reform of 1800 yuan makes that no less than was due."""
    case = next(case for case in CASES if case["check"] == "CC11" and "elsewhere" in case["title"])
    change = {"policy": {"grades.C.quarterly_bonus": 1800}, "baseline": {}}
    assert comply(case | change).status_of("CC11") == "passed"


def test_a_reform_that_changes_nothing_brings_nothing():
    data = data_of({"staff": [{"contract_months": 24}]})
    policy = load_policy("2007-06")
    assert legal_news(cm.compare(data, policy, policy.with_changes({"grades.B.quarterly_bonus": 1900}))) == ((), ())


def test_people_who_are_new_in_a_finding_are_news():
    """The finding is there before and after; only who joins it is told."""
    policy = load_policy("2007-06")
    data = data_of({"staff": [{"contract_months": 24}, {"staff_id": "S2", "contract_months": 36}]})
    before = cm.comply(policy, data)
    after = cm.comply(policy.with_changes({"probation.months": 7}), data)
    brought = [one for one in cm.what_is_new(before, after).brought if one.check == "CC01"]
    assert [one.staff_ids for one in brought] == [("S2",)]


def test_what_can_no_longer_be_checked_is_not_cured():
    """The enacted regulation was not acknowledged by all; how the reform was made known is not known."""
    policy = load_policy("2007-06")
    known = {"consulted_on": "2007-05-02", "published_on": "2007-06-01", "acknowledged": 0.9}
    change = cm.compare(data_of({}), policy, {"review.limit": 2})
    news = legal_news(change, records={"regulation": known})
    assert news == ((), ())


def test_of_two_versions_of_the_data_the_people_are_compared():
    """A correction of a contract cures a finding; no rule was changed."""
    policy = load_policy("2007-06")
    before, after = (data_of({"staff": [{"contract_months": months}]}) for months in (24, 36))
    news = legal_news(cm.compare(before, policy, after))
    assert [one.check for one in news.cured] == ["CC01"]
    assert news.brought == ()


# -- a book of dated versions --------------------------------------------------


def book(changes, start="2025-02-01"):
    policy = load_policy("2007-06")
    return cm.PolicyBook([policy, policy.with_changes({"id": "second", "effective_from": start} | changes)])


def test_of_a_book_each_version_is_checked_against_the_one_before():
    found = cm.comply(book({"grades.A.from": 112}))
    assert [one.id for one in found.policies] == ["2007-06", "second"]
    assert str(found.name) == "2007-06, second"
    assert [(one.setting, one.versions) for one in result_of(found, "CC20").findings] == [
        ("grades.A.from", ("second",))
    ]


def test_what_is_wrong_under_every_version_is_told_once():
    """As of the regulation by itself; no version is named."""
    alone = cm.comply(load_policy("2007-06"))
    assert cm.comply(book({"review.limit": 2})).findings == alone.findings


def test_a_finding_says_which_version_it_belongs_to():
    """An earlier version that the last one mended is still told, for those who joined and were paid under it."""
    staff = [
        {"hire_date": datetime.date(2024, 12, 31), "contract_months": 24},
        {"staff_id": "S2", "hire_date": datetime.date(2025, 1, 1), "contract_months": 24},
    ]
    quarters = [
        {"staff_id": "S1", "quarter": f"2025-Q{number}", "revenue": 90_000, "revenue_base": 100_000}
        for number in (1, 2)
    ]
    data = data_of({"staff": staff, "grades": {"S1": "EE", "S2": "BB"}, "quarters": quarters})
    second = {"probation.months": 1, "readings.payout_floor": "none", "readings.elimination_rule": "lowest_scorer"}
    found = cm.comply(book(second, "2025-04-01"), data)
    told = [
        (one.check, one.setting, one.versions, one.staff_ids)
        for one in found.findings
        if one.check in ("CC01", "CC06", "CC07")
    ]
    assert told == [
        ("CC01", "probation.months", ("2007-06",), ("S1", "S2")),
        ("CC01", "probation.months", ("second",), ()),  # nobody has joined under it
        ("CC06", "readings.elimination_rule", ("second",), ()),
        ("CC07", "readings.payout_floor", ("second",), ("S1",)),
    ]
    assert "1 quarters" in str(result_of(found, "CC07").findings[0].what)
    frame = found.table.set_index("check")
    assert frame.loc["CC06", "version"] == "second"
    assert frame.loc["CC13", "version"] == ""
    found = cm.comply(book(second, "2025-01-01"), data)
    assert [one.staff_ids for one in result_of(found, "CC01").findings] == [("S1",)]


def test_the_jump_to_the_lowest_grade_counts_in_the_quarters_of_the_version():
    """Half of the first quarter's grades fall by the second version, in force from the second quarter: no jump."""
    case = {"staff": [{}, {"staff_id": "S2"}], "complaints": {"S2": 1}}
    months = {"scores": {"S1": [95] * 6, "S2": [93] * 3 + [110] * 3}}
    data = data_of(case | months)
    stricter = {"points.complaints": -9}
    assert result_of(cm.comply(book(stricter, "2025-04-01"), data), "CC20").findings == ()
    jump = result_of(cm.comply(book(stricter, "2025-01-01"), data), "CC20").findings
    assert [(one.setting, one.versions) for one in jump] == [("grades", ("second",))]
    assert "from 0.0% to 25.0%" in str(jump[0].what)


def test_a_day_of_the_second_version_does_not_tell_how_the_first_was_made_known():
    """Published after the first was in force, before the second: no finding about either, the first is not known."""
    known = {"consulted_on": "2025-01-10", "published_on": "2025-01-20", "acknowledged": 1}
    result = result_of(cm.comply(book({"review.limit": 2}), records={"regulation": known}), "CC12")
    assert (result.status, len(result.missing)) == ("not checked", 1)
    assert "version 2007-06" in str(result.missing[0].what)


def test_a_version_of_a_proposed_book_is_held_against_what_was_in_force_at_its_start():
    """The first version is the one in force: only the second is a change."""
    policy = load_policy("2007-06")
    found = cm.comply(book({"grades.A.from": 112}), baseline=policy)
    assert [one.versions for one in result_of(found, "CC20").findings] == [("second",)]


def test_a_reform_that_keeps_its_id_is_named_apart_from_what_was_in_force():
    policy = load_policy("2007-06")
    reform = policy.with_changes({"review.limit": 2})
    assert str(cm.comply(reform, baseline=policy).name) == "2007-06 with changes"
    assert str(cm.comply(policy, baseline=policy).name) == "2007-06"
    assert str(cm.comply(reform.with_changes({"id": "2026"}), baseline=policy).name) == "2026"


# -- texts and tables ----------------------------------------------------------


def test_every_check_is_told_in_both_languages():
    for check in CHECKS:
        for code, letters in (("zh", r"[\u4e00-\u9fff]"), ("en", r"[a-z]")):
            text = check_text(check, code)
            assert all(re.search(letters, one) for one in (text.title, text.article, text.cure)), check
        assert not re.search(r"[\u4e00-\u9fff]", check_text(check, "en").cure)
        assert text.severity in SEVERITIES
        assert text.mark in MARKS


def test_one_person_reads_as_one_person():
    """A count stands after a colon, so that it fits one person and several."""
    found = comply({"staff": [{"contract_months": 24}]})
    told = [str(one.what) for one in found.findings]
    told += [str(one.what) for result in found.results for one in result.missing]
    assert any(text.endswith(": 1.") for text in told)
    assert not any("1 people" in text for text in told)


def test_the_tables_tell_all_of_a_finding():
    """Check, severity, setting, how many people, what is wrong, article, cure, source; one row a person beside it."""
    found = comply({"staff": [{"contract_months": 24}]})
    row = found.table.query("check == 'CC01'").iloc[0]
    assert row["severity"] == "E"
    assert row["people"] == 1
    assert row["article"] == "Labour Contract Law art. 19"
    assert row["source"] == "read in the text of the law"
    assert row["finding"] == "Months of probation: 3; people whose contract allows only 2: 1."
    assert found.people.query("check == 'CC01'")["staff_id"].tolist() == ["S1"]
    assert found.checks["check"].tolist() == list(CHECKS)
    with using_language("zh"):
        again = comply({"staff": [{"contract_months": 24}]})
        assert again.table["source"].iloc[0] == "法条原文"
