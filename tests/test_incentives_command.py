"""The command `cmpolicy incentives`: what it prints, draws and writes, and how it says what is wrong."""

import functools
import re
from pathlib import Path

import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.insight.games import GAMES

DEPARTMENT = Path(__file__).parents[1] / "datasets" / "department"


@pytest.fixture
def run(run):
    return functools.partial(run, "incentives")


def test_it_shows_what_each_event_and_game_is_worth(run):
    """The same figures as `cm.incentives`, the answer first, under the name of the policy."""
    status, out, err = run(DEPARTMENT)
    assert (status, err) == (0, "")
    found = cm.incentives(cm.read_staff(DEPARTMENT))
    assert " ".join(out.split()).startswith(f"Policy 2007-06 {found.answer[0]}")
    for name, row in found.events.iterrows():
        figures = re.escape(f"{row['mean']:+,.2f}") + " +" + re.escape(f"{row['largest']:+,.2f}")
        assert re.search(f"{EVENTS[name].text} +{row['staff_quarters']} +{row['share_moving']:.0%} +{figures}", out)
    for name, row in found.games.iterrows():
        text = str(GAMES[name].text)[:60]
        assert re.search(f"{text}.* {row['most']:,.2f} +{row['total']:,.2f} +{str(GAMES[name].against)[:20]}", out), (
            name
        )
    for row in found.cliffs.to_dict("records"):
        assert re.search(f"{row['grade']} +{row['bound']:g} +{row['quarterly_step']:,.2f} +{row['on_bound']} ", out)
    assert "Each event is put in the last assessed month of the quarter." in out


def test_changes_seed_figure_and_files(run):
    """`--set` changes the policy, `--seed` the bunching test; every table is written, and the figure."""
    arguments = ("--set", "readings.user_count=net", "--seed", "7", "--out", "result", "--figure", "cliffs.svg")
    status, out, err = run(DEPARTMENT, *arguments)
    assert (status, err) == (0, "")
    policy = cm.load_policy("2007-06").with_changes({"readings.user_count": "net"})
    found = cm.incentives(cm.read_staff(DEPARTMENT), policy, seed=7)
    for name, table in found.tables.items():
        written = pd.read_csv(f"result/{name}.csv", dtype={"clause": str})
        pd.testing.assert_frame_equal(written, table, check_dtype=False, atol=0.005)  # means of money to the fen
    assert "<svg" in Path("cliffs.svg").read_text(encoding="utf-8")
    assert "seed 7" in out


def test_it_speaks_chinese(run, monkeypatch):
    """Nothing English is left but paths, options and ids."""
    monkeypatch.setenv("CMPOLICY_LANG", "zh")
    status, out, _ = run(DEPARTMENT)
    assert status == 0
    words = set(re.findall(r"(?<![\w.])[A-Za-z]{2,}(?![\w.])", out))
    assert words <= {"net", "carried"}


def test_several_policies_are_versions(run):
    """A second `--policy` that begins later has bounds of its own."""
    Path("later.yaml").write_text(
        cm.load_policy("2007-06").with_changes({"id": "later", "effective_from": "2025-01-01"}).to_yaml(),
        encoding="utf-8",
    )
    status, out, _ = run(DEPARTMENT, "--policy", "2007-06", "--policy", "later.yaml")
    assert status == 0
    assert re.search(r"^later +A +110", out, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "nowhere"),
        ([DEPARTMENT, "--set", "grades.A.fro=112"], "grades.A.from"),
        ([DEPARTMENT, "--figure", "cliffs.bmp"], ".png, .svg"),
        ([DEPARTMENT, "--out", DEPARTMENT], "would be overwritten"),
        ([DEPARTMENT, "--policy", "2007-06", "--policy", "2007-06"], "begin on the same day"),
    ],
)
def test_what_is_wrong_is_said_in_words(run, arguments, told):
    """Status 1, on standard error, without a traceback, and nothing is written."""
    status, _, err = run(*arguments)
    assert status == 1
    assert told in err
    assert "Traceback" not in err
    assert not list(Path().iterdir())
