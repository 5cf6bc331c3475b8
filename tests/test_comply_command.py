"""The command comply, and what compare says of the law: what they print and write, and how they say what is wrong."""

import html
import re
from pathlib import Path

import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.messages import using_language
from cmpolicy.regulation.yaml_files import load_yaml
from cmpolicy.report.compliance_page import compliance_page

DATASETS = Path(__file__).parents[1] / "datasets"
DEPARTMENT, SMALL = DATASETS / "department", DATASETS / "small"
RECORDS = DATASETS / "compliance-example.yaml"
REFORM = DATASETS / "proposed-reform.yaml"
ADVICE = "This is not legal advice."


def read(path):
    return pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)


def test_comply_shows_and_writes_every_finding(run, tmp_path):
    """The tables are those of `cm.comply`; what is missing and what passed is told, and that it is no legal advice."""
    status, out, err = run("comply", DEPARTMENT, "--region", "shenzhen", "--records", RECORDS, "--out", "results")
    assert (status, err) == (0, "")
    found = cm.comply(data=cm.read_staff(DEPARTMENT), region="shenzhen", records=RECORDS)
    assert out.startswith(f"Policy 2007-06\n{ADVICE}")
    assert f"Findings under 2007-06: {len(found.findings)}" in out
    assert re.search(r"^CC14 +error +People whose social insurance .*: 2; .* CM000031, CM000052", out, re.MULTILINE)
    assert re.search(r"^Passed: CC06 Elimination of the last, CC07", out, re.MULTILINE)
    assert read(tmp_path / "results" / "findings.csv")["finding"].tolist() == [str(one.what) for one in found.findings]
    assert read(tmp_path / "results" / "checks.csv")["status"].tolist() == [one.status for one in found.results]
    people = read(tmp_path / "results" / "findings_people.csv")
    assert len(people) == sum(len(one.staff_ids) for one in found.findings)
    assert not (tmp_path / "results" / "findings_changed.csv").exists()


def test_a_reform_is_checked_with_what_it_brings(run, tmp_path):
    """As `what_is_new` says; `--set` and a file alike."""
    (tmp_path / "reform.yaml").write_text("readings.payout_floor: none\nprobation.months: 2\n", encoding="utf-8")
    for given in (("--reform", "reform.yaml"), ("--set", "readings.payout_floor=none", "--set", "probation.months=2")):
        status, out, err = run("comply", DEPARTMENT, *given, "--out", "changed.xlsx")
        assert (status, err) == (0, "")
        assert re.search(r"New legal findings: 1\n.*\n.*\nCC07 +error", out)
        assert re.search(r"Legal findings cured: 1\n.*\n.*\nCC01 +error", out)
    sheet = pd.read_excel(tmp_path / "changed.xlsx", sheet_name="findings_changed", engine="calamine")
    assert sheet[["change", "check"]].to_numpy().tolist() == [["new", "CC07"], ["cured", "CC01"]]


def test_a_page_tells_it_all_by_itself(run, tmp_path):
    """Findings, cures, what is missing, what was passed, the region's figures; nothing from elsewhere, all escaped."""
    status, _, err = run("comply", DEPARTMENT, "--records", RECORDS, "--reform", REFORM, "--out", "page.html")
    assert (status, err) == (0, "")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    enacted = cm.load_policy("2007-06")
    reform = enacted.with_changes(load_yaml(REFORM))
    found = cm.comply(reform, cm.read_staff(DEPARTMENT), records=RECORDS, baseline=enacted)
    assert all(html.escape(str(one.what)) in page for one in found.findings)
    assert all(html.escape(cure) in page for cure in found.cures["cure"])
    for told in (ADVICE, "Labour Contract Law art. 19", "minimum wage, yuan a month", "Passed", "New legal findings"):
        assert told in page
    assert not re.search(r"https?://|<script", page)
    with using_language("zh"):
        assert "不构成法律意见" in compliance_page(found)


def test_compare_tells_and_writes_what_is_new_in_law(run, tmp_path):
    status, out, err = run(
        "compare", DEPARTMENT, "--set", "readings.elimination_rule=lowest_scorer", "--region", "beijing", "--out", "c"
    )
    assert (status, err) == (0, "")
    assert re.search(r"New legal findings: 1\n.*\n.*\nCC06 +error", out)
    assert ADVICE in out
    assert "CC06" in read(tmp_path / "c" / "legal_findings.csv")["check"].tolist()


def test_compare_of_two_versions_of_the_data_and_of_books_works(run):
    """A finding that does not change is not told."""
    status, out, err = run("compare", SMALL, "--against", SMALL)
    assert (status, err) == (0, "")
    assert "The legal findings are the same." in out


def test_comply_speaks_chinese(run):
    with using_language("zh"):
        status, out, _ = run("comply", DEPARTMENT, "--region", "深圳")
    assert status == 0
    assert "本结果不构成法律意见" in out
    assert re.search(r"^CC13 +违法 +该条规定试用期内不享受婚假", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--region", "shenzen"), "Expected: shenzhen; or one of shanghai"),
        (("--records", "nowhere.yaml"), "nowhere.yaml"),
        (("--regions", "bad.yaml"), "There is no such name here: minimum_wag. Expected: a name such as minimum_wage."),
        (("--records", "bad.yaml"), "There is no such section: here."),
        (("--records", RECORDS), 'There is nobody with the staff id "CM000009".'),
        (("--reform", "bad.yaml"), "There is no value here in the policy"),
    ],
)
def test_what_is_wrong_is_told_without_a_traceback(run, tmp_path, given, told):
    """Status 1, the message on standard error, nothing written."""
    (tmp_path / "bad.yaml").write_text("here: {minimum_wag: []}\n", encoding="utf-8")
    status, out, err = run("comply", SMALL, *given, "--out", "results")
    assert (status, out) == (1, "")
    assert told in err
    assert "Traceback" not in err
    assert not (tmp_path / "results").exists()


def test_a_comparison_whose_compliance_file_is_wrong_writes_nothing(run, tmp_path):
    """Neither the figure nor the tables are there when the command says what is wrong."""
    (tmp_path / "wrong.yaml").write_text("regulation: {consulted_on: 2007-13-01}\n", encoding="utf-8")
    wanted = ("--set", "points.base=99", "--records", "wrong.yaml", "--figure", "change.png", "--out", "out")
    status, out, err = run("compare", DEPARTMENT, *wanted)
    assert (status, out) == (1, "")
    assert 'column consulted_on: The value is not valid. Found: "2007-13-01". Expected: a date such as' in err
    assert [file.name for file in tmp_path.iterdir()] == ["wrong.yaml"]
