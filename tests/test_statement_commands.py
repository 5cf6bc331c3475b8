"""The commands explain and statements: what they print and write, and how they say what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import cmpolicy as cm
from cmpolicy.regulation.yaml_files import load_yaml
from cmpolicy.report.statement import statement_page

DATASETS = Path(__file__).parents[1] / "datasets"
DEPARTMENT, REFORM = DATASETS / "department", DATASETS / "proposed-reform.yaml"
ENACTED = cm.load_policy("2007-06")


@pytest.fixture(scope="module")
def department():
    return cm.read_staff(DEPARTMENT)


def test_explain_shows_the_statement_of_a_period(run):
    """The quarter with its months and nothing else; the reading behind an unclear clause."""
    status, out, err = run("explain", DEPARTMENT, "CM000046", "--period", "2023-Q4")
    assert (status, err) == (0, "")
    assert "grade E in 2023-Q2, 2023-Q3" in out
    assert "(169,300.08 - 176,600.00) × 25% × 50%" in out
    assert "A27" in out
    assert "2023-09" not in out


def test_explain_takes_a_changed_policy(run):
    """--policy and --set say under which policy, as everywhere."""
    _, out, _ = run("explain", DEPARTMENT, "CM000046", "--period", "2023-Q4", "--set", "points.complaints=-7")
    assert "1 × -7" in out
    enacted = DATASETS.parent / "cmpolicy" / "regulation" / "2007-06.yaml"
    assert "1 × -3" in run("explain", DEPARTMENT, "CM000046", "--period", "2023-Q4", "--policy", enacted)[1]


@pytest.mark.parametrize(("language", "wanted"), [("en", "yuan less"), ("zh", "减少")])
def test_explain_with_a_reform_says_what_changes(run, department, language, wanted):
    """The yuan at the end, the settings behind it, the lines that differ; --set goes on top of the file."""
    reform = ENACTED.with_changes({"grades.B.quarterly_bonus": 1000})
    loser = str(cm.compare(department, ENACTED, reform).losers["staff_id"].iloc[0])
    arguments = ("--reform", REFORM, "--set", "grades.B.quarterly_bonus=1000")
    status, out, err = run("--language", language, "explain", DEPARTMENT, loser, *arguments)
    assert (status, err) == (0, "")
    assert wanted in out
    assert "grades.B.quarterly_bonus" in out


def test_explain_writes_a_page_or_a_workbook(run, tmp_path, department):
    """By the name of the file; the page is that of the package."""
    assert run("explain", DEPARTMENT, "CM000046", "--period", "2023", "--out", "out/one.html")[0] == 0
    page = (tmp_path / "out" / "one.html").read_text(encoding="utf-8")
    assert page == statement_page(cm.explain(department, ENACTED, "CM000046", "2023"))
    assert "Written to one.xlsx." in run("explain", DEPARTMENT, "CM000046", "--out", "one.xlsx")[1]
    assert "statement" in openpyxl.load_workbook(tmp_path / "one.xlsx").sheetnames
    run("explain", DEPARTMENT, "CM000046", "--reform", REFORM, "--out", "change.html")
    change = cm.explain_change(department, ENACTED, load_yaml(REFORM), "CM000046")
    assert (tmp_path / "change.html").read_text(encoding="utf-8") == statement_page(change)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("CM00046",), "CM000046"),
        (("CM000046", "--period", "2025-13"), "a quarter such as 2025-Q1"),
        (("CM000046", "--period", "2031"), "CM000046 has no records in 2031"),
        (("CM000046", "--out", "one.pdf"), ".html, .xlsx"),
        (("CM000046", "--out", DEPARTMENT), "another place"),
        (("CM000046", "--reform", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_said_in_words(run, tmp_path, arguments, wanted):
    """On standard error, with status 1; nothing is written."""
    status, out, err = run("explain", DEPARTMENT, *arguments)
    assert (status, out) == (1, "")
    assert wanted in err
    assert list(tmp_path.iterdir()) == []


def test_statements_writes_a_page_a_person(run, tmp_path, department):
    """All of the department in one command, of the period and policy that are asked for."""
    arguments = ("--period", "2024-Q1", "--set", "points.praises=4")
    status, out, err = run("statements", DEPARTMENT, "--out", "all", *arguments)
    assert (status, err) == (0, "")
    outcome = cm.appraise(department, ENACTED.with_changes({"points.praises": 4}))
    people = set(outcome.quarters.query("quarter == '2024-Q1'")["staff_id"])
    assert {path.name for path in (tmp_path / "all").iterdir()} == {f"statement-{one}.html" for one in people}
    assert f"Statements: {len(people)}\n" in out
    someone = min(people)
    page = (tmp_path / "all" / f"statement-{someone}.html").read_text(encoding="utf-8")
    assert page == statement_page(cm.Statement.of(outcome, someone, "2024-Q1"))


@pytest.mark.parametrize("arguments", [("--period", "2031"), ("--period", "soon"), ("--out", DEPARTMENT)])
def test_statements_that_cannot_be_made_write_nothing(run, tmp_path, arguments):
    """An empty period, none at all, or the data's own folder."""
    status, _out, err = run(
        "statements", DEPARTMENT, *(("--out", "all") if arguments[0] == "--period" else ()), *arguments
    )
    assert status == 1
    assert err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="there is no pseudo-terminal")
def test_a_progress_bar_is_shown_to_whoever_watches(tmp_path):
    """Of what takes over a second; on the terminal only: where the output goes to a file there is none."""
    import fcntl
    import pty
    import struct
    import termios

    watched, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.set_blocking(watched, False)  # where nothing is shown, the test fails and does not wait
    cm.write_staff(cm.synthesize(staff=900, months=12, seed=1), tmp_path / "many")
    command = (sys.executable, "-m", "cmpolicy", "statements", tmp_path / "many", "--out", tmp_path / "all")
    subprocess.run(command, stderr=terminal, stdout=subprocess.DEVNULL, check=True)
    shown = os.read(watched, 10_000)
    os.close(terminal)
    os.close(watched)
    assert b"statements" in shown


def test_a_staff_id_that_is_near_no_other_is_refused_with_an_example(run):
    """Whoever typed it sees at least what the staff ids of the data look like."""
    status, out, err = run("explain", DEPARTMENT, "XX")
    assert (status, out) == (1, "")
    assert 'There is nobody with the staff id "XX".' in err
    assert "People in the data: 64. Expected: a staff id such as CM000001." in err


def test_statements_go_into_a_folder_not_a_file(run):
    """A name that ends as a file's does is refused, rather than made a folder."""
    status, out, err = run("statements", DEPARTMENT, "--out", "all.html")
    assert (status, out) == (1, "")
    assert "The name ends in .html. Expected: a folder, which takes one page a person." in err
    assert not Path("all.html").exists()


def test_statements_of_a_period_without_records_name_the_periods_of_all(run):
    """Not the records of whoever happens to be first; a period that is none is told as such."""
    status, _, err = run("statements", DEPARTMENT, "--out", "out", "--period", "1999")
    assert status == 1
    assert "Nobody has records in 1999. Expected: a period from 2023-Q1 to 2025-Q4." in err
    status, _, err = run("statements", DEPARTMENT, "--out", "out", "--period", "2025-Q5")
    assert status == 1
    assert 'This is no period. Found: "2025-Q5".' in err
    assert not Path("out").exists()
