"""The commands `cmpolicy backtest` and `cmpolicy fairness`: what they print and write, and how they refuse."""

import re
from pathlib import Path

import pandas as pd

import cmpolicy as cm

DATASETS = Path(__file__).parents[1] / "datasets"
DEPARTMENT = DATASETS / "department"


def test_backtest_shows_what_the_library_finds(run):
    """Sentences, candidates and differences are those of `cm.backtest`."""
    status, out, err = run("backtest", DEPARTMENT)
    found = cm.backtest(cm.read_staff(DEPARTMENT))
    assert (status, err) == (0, "")
    assert all(str(sentence) in out for sentence in (*found.answer, *found.notes))
    for row in found.ranking.head(10).to_dict("records"):
        figures = rf" *{row['vanished']} +{row['created']} +[+-]?{abs(row['net'])} "
        assert re.search(rf"(?m)^{figures}.*{re.escape(row['setting'])}", out)
    for row in found.differences.to_dict("records"):
        money = rf"{row['paid']:,.2f} +{row['computed']:,.2f} +{re.escape(format(row['difference'], '+,.2f'))}"
        assert re.search(rf"{row['staff_id']} +{row['quarter']} +{money}", out)


def test_backtest_writes_its_tables_and_figure(run, tmp_path):
    """To the fen; an explanation can be pasted after --set."""
    status, out, _ = run("backtest", DEPARTMENT, "--out", "out", "--figure", "explained.png")
    found = cm.backtest(cm.read_staff(DEPARTMENT))
    assert status == 0
    assert out.count("Written to") == 2
    differences = pd.read_csv(tmp_path / "out" / "differences.csv", dtype={"paid": str})
    assert differences["paid"].tolist() == [f"{yuan:.2f}" for yuan in found.differences["paid"]]
    candidates = pd.read_csv(tmp_path / "out" / "candidates.csv")
    assert candidates["setting"][0] == found.best.setting
    assert (tmp_path / "explained.png").read_bytes().startswith(b"\x89PNG")
    status, out, _ = run("backtest", DEPARTMENT, "--set", found.best.setting)
    assert status == 0
    assert "Quarters that differ from what payroll paid: 12 of 619 compared." in out


def test_backtest_without_pay_says_so(run):
    """Status 1, the table and the column, and nothing is written."""
    status, out, err = run("backtest", DATASETS / "small", "--out", "out")
    assert (status, out) == (1, "")
    assert "table quarters, column paid (实发): The table has no such column." in err
    assert not Path("out").exists()


def test_a_negative_seed_is_refused_with_everything_else(run):
    """A fault is a message, with all faults at once, not a traceback of the random numbers."""
    status, out, err = run("fairness", DEPARTMENT, "--seed", "-1", "--least-group", "0")
    assert (status, out) == (1, "")
    assert '- --least-group is out of range. Found: "0". Expected: a whole number of at least 1.' in err
    assert '- --seed is out of range. Found: "-1". Expected: a whole number of at least 0.' in err


def test_backtest_speaks_chinese(run):
    """No English sentence is left."""
    status, out, _ = run("--language", "zh", "backtest", DEPARTMENT)
    assert status == 0
    assert "比较了 619 个季度，其中 14 个与实发不一致。" in out
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", out)
    cm.set_language(None)


def test_fairness_shows_what_the_library_finds(run):
    """Groups large enough, counts off by one, the notes; no area of two or three people."""
    status, out, err = run("fairness", DEPARTMENT)
    found = cm.fairness(cm.read_staff(DEPARTMENT))
    assert (status, err) == (0, "")
    assert all(str(sentence) in out for sentence in (*found.answer, *found.notes))
    for row in found.groups[~found.groups["hidden"]].to_dict("records"):
        assert re.search(rf"{row['group']} +{row['people']} +{row['quarters']} +{row['score']:.1f}", out)
        if row["dimension"] != "all":
            difference, p_value = re.escape(format(row["payout_difference"], "+,.2f")), f"{row['payout_p_value']:.3f}"
            assert re.search(rf"payout +.*{row['group']} +{difference} yuan +.* {p_value}\n", out)
    assert "片区" not in out
    assert "Groups: mean score of the people, grades and mean payout (yuan) of their quarters\n" in out
    assert "Groups against the rest, each person counting once\n" in out
    assert re.search(r"difference +95 % interval, unadjusted +p-value, adjusted\n", out)
    assert f"Reviewers' points by area (2.9)\n{found.why_no_leniency}\n" in out
    for row in found.rank_stability.to_dict("records"):
        assert re.search(rf"^{row['quarter']} +{row['people']} +{row['spearman']:.2f}$", out, flags=re.MULTILINE)
    assert re.search(r"2\.7 confirmed complaint.* \+1 +617 +87 +14\.1%\n", out)


def test_fairness_of_groups_that_are_too_small_says_so(run):
    """Instead of a table without rows; the firmness of the grades is told all the same."""
    status, out, _ = run("fairness", DATASETS / "small", "--least-group", 8)
    assert status == 0
    assert "No group is large enough to be compared with the rest: each has fewer than 8 people" in out
    assert "against the rest, each" not in out
    assert "Grades that one count off by one would change" in out


def test_fairness_takes_policy_size_and_seed(run):
    """A smaller least group shows the areas and the reviewers; another policy other grades."""
    status, out, _ = run(
        "fairness", DEPARTMENT, "--least-group", 2, "--seed", 7, "--set", "grades.A.from=112", "--figure", "groups.svg"
    )
    assert status == 0
    assert "seed 7" in out
    assert "片区001" in out
    assert "park supervisor" in out
    changed = cm.fairness(cm.read_staff(DEPARTMENT), cm.load_policy("2007-06").with_changes({"grades.A.from": 112}))
    assert f"{changed.groups['share_A'][0]:.0%}" in out
    assert "片区001" in Path("groups.svg").read_text(encoding="utf-8")


def test_fairness_writes_nothing_of_few_people(run, tmp_path):
    """In the files the areas' cells are empty."""
    status, _, _ = run("fairness", DEPARTMENT, "--out", "out.xlsx")
    assert status == 0
    sheets = pd.read_excel(tmp_path / "out.xlsx", sheet_name=None, engine="openpyxl")
    assert {"groups", "leniency", "flips", "rank_stability", "transitions"} <= set(sheets)
    areas = sheets["groups"].query("dimension == 'area'")
    assert areas.drop(columns=["dimension", "group", "hidden"]).isna().all(axis=None)
    assert sheets["leniency"].drop(columns=["reviewer", "area", "hidden"]).isna().all(axis=None)


def test_fairness_refuses_what_cannot_be_shown(run):
    """More people than there are, or fewer than one."""
    status, _, err = run("fairness", DATASETS / "small", "--least-group", 9)
    assert status == 1
    assert "People with a score: 8; figures of fewer than 9 are not shown." in err
    status, _, err = run("fairness", DATASETS / "small", "--least-group", 0)
    assert status == 1
    assert "--least-group is out of range." in err


def test_fairness_speaks_chinese(run):
    """No English sentence is left."""
    status, out, _ = run("--language", "zh", "fairness", DEPARTMENT)
    assert status == 0
    assert "司龄" in out
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", out)
    cm.set_language(None)
