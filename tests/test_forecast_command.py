"""The command `cmpolicy forecast`: what it prints, draws and writes, and how it says what is wrong."""

import functools
import re
from pathlib import Path

import pandas as pd
import pytest

import cmpolicy as cm

DEPARTMENT = Path(__file__).parents[1] / "datasets" / "department"
FEW = ("--replicates", "100", "--seed", "3")


@pytest.fixture
def run(run):
    return functools.partial(run, "forecast", DEPARTMENT)


def test_it_shows_each_quarter_with_its_reserve(run):
    """The same figures as `cm.forecast`, in whole yuan, and what they rest on."""
    status, out, err = run(*FEW, "--quarters", "2", "--confidence", "0.95")
    assert (status, err) == (0, "")
    found = cm.forecast(cm.read_staff(DEPARTMENT), quarters=2, replicates=100, seed=3)
    reserve = found.reserve(0.95).query("component == 'cost'").set_index("quarter")
    for row in found.quarters.query("component == 'cost'").to_dict("records"):
        figures = [*(row[name] for name in ("p10", "p50", "p90", "mean")), *reserve.loc[row["quarter"]][2:]]
        assert re.search(f"{row['quarter']} +" + " +".join(f"{figure:,.0f}" for figure in figures), out)
    assert re.search(rf"total .* {reserve.loc['total', 'reserve']:,.0f} ", out)
    assert "enough with 95%" in out
    assert "Seed 3, 100 replicates." in out
    assert "Difference" not in out


def test_a_reform_is_forecast_beside_the_policy(run):
    """`--set` changes the reform; the difference has its own interval, and both are written."""
    status, out, err = run(*FEW, "--set", "grades.A.from=112", "--out", "result", "--figure", "fan.svg")
    assert (status, err) == (0, "")
    assert "Difference from baseline, 2026-Q1 to 2026-Q4, yuan" in out
    policies = {"baseline": cm.load_policy("2007-06")}
    policies["reform"] = policies["baseline"].with_changes({"grades.A.from": 112})
    found = cm.forecast(cm.read_staff(DEPARTMENT), policies, replicates=100, seed=3)
    for name in ("quarters", "total", "areas", "people", "history", "difference"):
        written = pd.read_csv(f"result/{name}.csv")
        pd.testing.assert_frame_equal(written, getattr(found, name), check_dtype=False)
    assert "<svg" in Path("fan.svg").read_text(encoding="utf-8")


def test_in_chinese_the_two_policies_have_chinese_names(run, monkeypatch):
    """In tables, notes and titles; and a confidence is not rounded to certainty."""
    monkeypatch.setenv("CMPOLICY_LANG", "zh")
    status, out, err = run(*FEW, "--set", "grades.A.from=112", "--elasticity", "0.5", "--confidence", "0.995")
    assert (status, err) == (0, "")
    assert "与基准的差异" in out
    assert "按方案" in out
    assert "置信度 99.5% 下足够" in out
    assert not re.search("baseline|reform", out)


def test_settings_are_passed_on(run):
    """Nobody leaves, posts by quarter, growth and elasticity."""
    status, out, err = run(
        *FEW, "--headcount", "50,50,40,40", "--leavers", "0", "--revenue-growth", "0.1", "--base-growth", "0.02",
        "--elasticity", "0.5", "--set", "grades.A.quarterly_bonus=3000",
    )  # fmt: skip
    assert (status, err) == (0, "")
    assert re.search(r"40 at the end of\s+the forecast. 0.0% of the people leave in a year", out)
    assert "Revenue grows by 10.0% a year and its base by 2.0%" in out
    assert "with elasticity 0.5 people gain 100.0%" in re.sub(r"\s+", " ", out)


def test_who_leaves_and_who_is_dismissed_is_shown(run):
    """By quarter, as in `Forecast.people`; and what the forecast leaves out."""
    status, out, _ = run(*FEW, "--quarters", "2")
    assert status == 0
    people = cm.forecast(cm.read_staff(DEPARTMENT), quarters=2, replicates=100, seed=3).people
    for quarter, rows in people.groupby("quarter"):
        left, dismissed = ((row["mean"], row["p90"]) for row in rows.to_dict("records"))
        figures = f"{left[0]:.1f} +{left[1]:.0f} +{dismissed[0]:.1f} +{dismissed[1]:.0f}"
        assert re.search(rf"{quarter} +51 +{figures}", out)
    assert "Each coming quarter is drawn from those of its season in 2023-Q1 to 2025-Q4 (12 quarters)" in out
    assert "Not in the intervals: a trend of the scores" in out


def test_settings_are_named_as_they_are_typed(run):
    """By their options, also where those have other names than the parameters."""
    status, out, err = run("--leavers", "2", "--revenue-growth", "20", "--base-growth", "-1")
    assert (status, out) == (1, "")
    assert [line.split()[1] for line in err.splitlines()[1:]] == ["--leavers", "--revenue-growth", "--base-growth"]


def test_a_confidence_is_refused_before_anything_is_drawn(run, monkeypatch):
    """It is needed at the end only, after what may have taken long."""
    monkeypatch.setattr(cm, "forecast", lambda *_, **__: pytest.fail("drawn in vain"))
    assert "--confidence cannot be set so" in run("--confidence", "90")[2]


def test_everything_wrong_is_said_at_once(run):
    """On standard error, with status 1 and no traceback."""
    status, out, err = run("--quarters", "0", "--replicates", "0", "--headcount", "many")
    assert (status, out) == (1, "")
    assert err == (
        "The forecast cannot be made so.\n"
        '  - --quarters cannot be set so. Found: "0". Expected: a whole number from 1 to 20.\n'
        '  - --replicates cannot be set so. Found: "0". Expected: a whole number from 1 to 10,000.\n'
        '  - --headcount cannot be set so. Found: "many". Expected: a whole number from 0 to 10,000,000.\n'
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--headcount", "-3"], '--headcount cannot be set so. Found: "-3".'),
        (["--headcount", "50,60"], "one number, or one for each of 4 quarters"),
        (["--confidence", "90"], "There is no amount for this confidence."),
        (["--figure", "fan.gif"], "The figure fan.gif cannot be drawn."),
        (["--set", "grades.A.form=112"], "grades.A.from"),
    ],
)
def test_bad_input_is_told(run, arguments, words):
    """What is wrong, and what would be right."""
    status, _, err = run(*FEW, *arguments)
    assert status == 1
    assert words in err
    assert "Traceback" not in err
