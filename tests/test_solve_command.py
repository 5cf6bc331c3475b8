"""The command `cmpolicy solve`: what it prints and writes, and how it says what is wrong."""

import functools
import re
from pathlib import Path

import pandas as pd
import pytest

import cmpolicy as cm

DEPARTMENT = Path(__file__).parents[1] / "datasets" / "department"
AMOUNTS = ("--vary", "grades.A.from", "--vary", "grades.A.quarterly_bonus")


@pytest.fixture
def run(run):
    return functools.partial(run, "solve", DEPARTMENT)


def test_it_shows_what_changes_what_was_asked_and_what_it_does(run):
    """The same as `cm.solve` finds, with the limits in words and the proof among the notes."""
    status, out, err = run(*AMOUNTS, "--budget", "1200000", "--target", "quarter_grade_E<=0.07", "--step", "50")
    assert (status, err) == (0, "")
    solution = cm.solve(
        cm.read_staff(DEPARTMENT),
        cm.load_policy("2007-06"),
        vary=AMOUNTS[1::2],
        budget=1_200_000,
        targets={"quarter_grade_E": "<=7%"},
    )
    for change in solution.changes:
        assert re.search(rf"{change.path} +{change.before} +{change.after}", out)
    assert re.search(rf"<= 1,200,000.00 +{solution.cost:,.2f}", out)
    assert re.search(r"quarters with grade E +<= 7.00% +\d\.\d\d%", out)
    assert re.search(rf"staff-quarters worse off +{solution.value}\n", out)
    assert re.search(r"gap to what may be possible +0\n", out)
    assert "It is proved" in out


def test_limits_kept_things_and_the_objective_are_passed_on(run):
    """Each option has its effect: the bound stays within its limits, nobody of grade B loses."""
    status, out, err = run(
        "--vary", "grades.*.from", "--limit", "grades.A.from=110..111", "--keep", "grade:B", "--keep", "grades.D.from",
        "--budget", "1195000", "--objective", "money", "--set", "grades.E.quarterly_bonus=100",
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert re.search(r"grades.A.from +110 +111", out)
    assert "grades.B.from" not in out
    assert "at its limit" in out


def test_tables_and_figure_are_written(run):
    """The comparison with today's policy, the frontier as a table and as a figure."""
    status, out, _ = run(*AMOUNTS, "--budget", "1200000", "--out", "found", "--frontier", "frontier.svg")
    assert status == 0
    assert "Written to frontier.svg." in out
    assert Path("frontier.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert {"changes.csv", "cost.csv", "people.csv", "frontier.csv"} <= {file.name for file in Path("found").iterdir()}
    frontier = pd.read_csv("found/frontier.csv")
    assert frontier.columns[:3].tolist() == ["grades.A.from", "grades.A.quarterly_bonus", "cost"]
    assert frontier["worse_off"].is_monotonic_decreasing


def test_all_that_is_wrong_is_told_at_once(run):
    """On standard error, with status 1."""
    status, out, err = run(
        "--vary", "grades.A.form", "--vary", "grades.B.from", "--budget", "much", "--target", "quarter_grade_E=5%",
        "--limit", "x=1", "--limit", "grades.B.from=105..100", "--step", "-"
    )  # fmt: skip
    assert (status, out) == (1, "")
    for text in ("grades.A.from", '"much"', "limits names x", "step of amounts"):
        assert text in err
    assert 'The target quarter_grade_E is not understood. Found: "=5%".' in err
    assert 'The limits of grades.B.from cannot be used. Found: "105..100".' in err


def test_a_limit_given_twice_is_told_with_both_values(run):
    """Neither is taken in silence; nor is what is no limit."""
    limits = ("--limit", "grades.A.from=105..115", "--limit", "grades.A.from=108..112", "--limit", "grades.B.from")
    status, out, err = run(*AMOUNTS, "--budget", "1200000", *limits)
    assert (status, out) == (1, "")
    assert "--limit gives grades.A.from twice: 105..115 and 108..112." in err
    assert '--limit is not understood. Found: "grades.B.from".' in err


def test_an_impossible_wish_is_told_with_what_is_possible(run):
    """The lowest cost within the limits, status 1, and nothing is written."""
    status, _, err = run(*AMOUNTS, "--budget", "100", "--out", "found")
    assert status == 1
    assert re.search(r"the lowest is [\d,.]+ yuan, [\d,.]+ yuan more", err)
    assert not Path("found").exists()


def test_nothing_to_vary_is_a_wrong_command(run):
    """`--vary` is required: status 2."""
    assert run("--budget", "100")[0] == 2
