"""The command `cmpolicy forecast`: what it prints, draws and writes, and how it says what is wrong."""

import functools
import re
from pathlib import Path

import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.insight.compliance.comply import legal_news

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
    assert "Seed: 3. Replicates: 100." in out
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


def test_what_the_last_quarters_cost_stands_beside_it(run):
    """As many as are forecast, as `cm.appraise` has them, to the fen; under each of two policies."""
    cost = cm.appraise(cm.read_staff(DEPARTMENT)).cost["cost"] / 100
    status, out, _ = run(*FEW, "--quarters", "12")
    assert status == 0
    assert f"For comparison: 2023-Q1 to 2025-Q4 cost {cost:,.2f} yuan." in out
    status, out, _ = run(*FEW, "--quarters", "1", "--set", "grades.A.quarterly_bonus=3000")
    assert status == 0
    policies = {"baseline": cm.load_policy("2007-06")}
    policies["reform"] = policies["baseline"].with_changes({"grades.A.quarterly_bonus": 3000})
    past = cm.forecast(cm.read_staff(DEPARTMENT), policies, replicates=1).history
    last = past.query("quarter == '2025-Q4' and component == 'cost'").set_index("policy")["amount"]
    for name in policies:
        assert f"For comparison: under {name}, 2025-Q4 cost {last[name]:,.2f} yuan." in out
    assert last["reform"] > last["baseline"]


def test_a_reform_is_told_with_the_legal_findings_that_it_brings(run):
    """The same as `compare` tells, on the terminal and in a file; without a reform there is nothing of the kind."""
    brought = ("--set", "readings.payout_floor=none")
    status, out, _ = run(*FEW, *brought, "--out", "result")
    assert status == 0
    data, policy = cm.read_staff(DEPARTMENT), cm.load_policy("2007-06")
    news = legal_news(cm.compare(data, policy, {"readings.payout_floor": "none"}))
    assert [one.check for one in news.brought] == ["CC07"]
    assert re.search(r"New legal findings: 1\n.*\n─+\nCC07 ", out)
    assert pd.read_csv("result/legal_findings.csv")["check"].tolist() == ["CC07"]
    assert "legal finding" not in run(*FEW)[1]


def test_of_partitions_the_policies_alone_are_checked(run, tmp_path):
    """Their records are never in one place; it is said so."""
    parts = tmp_path / "parts"
    for number, seed in enumerate((1, 2)):
        data = cm.synthesize(staff=6, months=6, seed=seed)
        frames = {name: data.frame(name) for name in data.tables}
        frames = {name: one.assign(staff_id=f"{number}" + one["staff_id"]) for name, one in frames.items()}
        cm.write_staff(cm.StaffData.from_frames(frames), parts / f"part-{number}", format="parquet")
    # `run` gives the bundled department first
    status, out, err = run.func("forecast", parts, *FEW, "--set", "readings.payout_floor=none")
    assert (status, err) == (0, "")
    assert re.search(r"New legal findings: 1\n.*\n─+\nCC07 ", out)
    assert "Of staff in partitions the policies alone are checked, no records." in out


def test_in_chinese_the_two_policies_have_chinese_names(run, monkeypatch):
    """In tables, notes and titles; and a confidence is not rounded to certainty."""
    monkeypatch.setenv("CMPOLICY_LANG", "zh")
    status, out, err = run(*FEW, "--set", "grades.A.from=112", "--elasticity", "0.5", "--confidence", "0.995")
    assert (status, err) == (0, "")
    assert "与基准的差异" in out
    assert "按方案" in out
    assert "以 99.5% 的置信度足够" in out
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
    assert "Each coming quarter is drawn from those of its season in 2023-Q1 to 2025-Q4 (quarters: 12)" in out
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
    wrong = ("--replicates", "0", "--headcount", "10,20", "--confidence", "1.5")
    status, out, err = run(*wrong)
    assert (status, out) == (1, "")
    assert err == (
        "The forecast cannot be made so.\n"
        '  - --replicates cannot be set so. Found: "0". Expected: a whole number from 1 to 10,000.\n'
        '  - --headcount cannot be set so. Found: "10,20". Expected: one number, or as many as there are quarters: 4.\n'
        '  - --confidence cannot be set so. Found: "1.5". Expected: a number above 0 and below 1, such as 0.9.\n'
    )
    assert "--quarters cannot be set so." in run("--quarters", "0", *wrong)[2]
    assert "- --headcount cannot be set so." in run("--headcount", "many")[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--headcount", "-3"], '--headcount cannot be set so. Found: "-3".'),
        (["--headcount", "50,60"], "one number, or as many as there are quarters: 4"),
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
