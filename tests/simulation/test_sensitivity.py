"""What each value moves by itself, and what of a figure's variance it explains when all vary at once."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.simulation.appraise import COST
from cmpolicy.simulation.sensitivity import COMPONENTS, impossible_moves, step_of

ENACTED = cm.load_policy("2007-06")
DRAFT = ENACTED.with_changes({"grades.C.from": 99, "standing.e_quarters": 1, "readings.fraud_score": "zero"})
FIGURES = [*COMPONENTS, "people", "quarters_regraded", "dismissed", "recognised"]


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=150, months=15, seed=3)


@pytest.fixture(scope="module")
def moves(data):
    return cm.sensitivity(data, DRAFT)


def fen(yuan):
    return round(yuan * 100)


# -- one at a time -----------------------------------------------------------------------------------------------------


def test_every_move_is_told_as_a_comparison_tells_it(data, moves):
    """Money, people, grades, dismissals and names praised of each move of a parameter, from the public comparison."""
    baseline = cm.appraise(data, DRAFT)
    computed = moves[(moves["direction"] != "option") & (moves["reason"] == "")]
    assert len(computed) > 50
    for row in computed.itertuples():
        before = DRAFT.get(row.path)
        change = cm.compare(data, DRAFT, {row.path: type(before)(row.after)})
        assert {name: fen(getattr(row, name)) for name in COST} == {
            name: fen(change.cost.loc[name, "difference"]) for name in COST
        }
        allowance = [side.probation["festival_allowance"].dropna() for side in (baseline, change.reform)]
        assert fen(row.festival_allowance) == fen(allowance[1].sum() - allowance[0].sum())
        assert row.people == max(len(change.winners) + len(change.losers), (allowance[0] != allowance[1]).sum())
        assert row.quarters_regraded == len(change.regraded)
        assert row.dismissed == change.standing.loc["dismissed", "difference"]
        assert row.before == str(before)


def test_a_reading_is_told_as_the_ledger_tells_it(data, moves):
    """Each of its other options; nothing is computed in another way."""
    ledger = cm.readings(data, DRAFT)
    ledger = ledger[~ledger["chosen"]].assign(path="readings." + ledger["reading"], after=ledger["option"])
    options = moves[moves["direction"] == "option"]
    keys, shared = ["path", "after"], [name for name in FIGURES if name in ledger.columns]
    pd.testing.assert_frame_equal(
        options[[*keys, *shared]].sort_values(keys, ignore_index=True),
        ledger[[*keys, *shared]].sort_values(keys, ignore_index=True),
    )


def test_every_value_is_moved_down_and_up_by_its_step(moves):
    """Whole numbers by one, shares by a hundredth, amounts by a tenth in whole yuan, those of 0 by their column's."""
    numbers = moves[moves["direction"] != "option"]
    assert set(numbers["path"]) == {path for path in DRAFT.paths() if not path.startswith("readings.")}
    assert numbers.groupby("path")["direction"].apply(list).map(lambda one: one == ["down", "up"]).all()
    after = numbers.set_index(["path", "direction"])["after"]
    for path, (down, up) in {
        "grades.A.from": ("109", "111"),
        "points.complaints": ("-4", "-2"),
        "survey.threshold": ("0.94", "0.96"),
        "standing.e_quarters": ("0", "2"),
        "grades.A.quarterly_bonus": ("2250", "2750"),
        "grades.E.quarterly_bonus": ("-250", "250"),
        "grades.D.monthly_award": ("-110", "-90"),
        "grades.C.monthly_award": ("-20", "20"),
    }.items():
        assert (after[path, "down"], after[path, "up"]) == (down, up)


@pytest.mark.parametrize(
    ("amount", "step"),
    [("2500", "250"), ("1234", "123"), ("1235", "124"), ("15", "2"), ("9.99", "1.00"), ("0.02", "0.01"), ("0", "100")],
)
def test_the_step_of_an_amount_is_a_tenth_in_whole_yuan_or_fen(amount, step):
    """And never nothing; where all amounts of a column are 0, a tenth of a thousand."""
    nothing = {f"grades.{grade}.quarterly_bonus": 0 for grade in ENACTED.grade_names}
    policy = ENACTED.with_changes(nothing | {"grades.A.quarterly_bonus": Decimal(amount)})
    assert step_of(policy, "grades.A.quarterly_bonus") == Decimal(step)


def test_what_cannot_be_moved_says_why(moves):
    """A bound that would reach its neighbour, a bonus below 0, no quarters at all: figures absent, the others there."""
    stopped = moves[moves["reason"] != ""].set_index(["path", "direction"]).sort_index()
    assert set(stopped.index) == {
        ("grades.B.from", "down"),
        ("grades.C.from", "up"),
        ("grades.E.quarterly_bonus", "down"),
        ("standing.e_quarters", "down"),
    }
    assert stopped[FIGURES].isna().all(axis=None)
    below = "has to be a number below grades.{}.from, which is {}: bounds fall from grade to grade."
    amount = "an amount in yuan from 0 to 5,000,000, with at most two decimals"
    assert stopped["reason"].tolist() == [
        f"grades.B.from cannot be moved to 99: grades.C.from {below.format('B', 99)}",
        f"grades.C.from cannot be moved to 100: it {below.format('B', 100)}",
        f"grades.E.quarterly_bonus cannot be moved to -250: it has to be {amount}.",
        "standing.e_quarters cannot be moved to 0: it has to be a whole number from 1 to 12.",
    ]
    assert sorted(map(str, impossible_moves(DRAFT))) == stopped["reason"].tolist()
    assert moves.loc[moves["reason"] == "", FIGURES].notna().all(axis=None)


def test_the_path_that_moves_the_cost_most_comes_first(moves):
    """And its moves stand together."""
    swing = moves["cost"].abs().groupby(moves["path"], sort=False).max().fillna(0)
    assert swing.is_monotonic_decreasing
    assert swing.iloc[0] > 0
    assert (moves["path"] != moves["path"].shift()).sum() == moves["path"].nunique() == len(DRAFT.paths())


def test_only_the_paths_asked_for_are_moved(data, moves):
    paths = ["readings.band_rule", "grades.A.from", "probation.festival_allowance_ratio"]
    found = cm.sensitivity(data, DRAFT, paths)
    assert set(found["path"]) == set(paths)
    wanted = moves[moves["path"].isin(paths)].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.reset_index(drop=True), wanted)
    assert found.set_index(["path", "after"]).loc[("probation.festival_allowance_ratio", "0.51"), "people"] > 0


def test_an_unknown_path_names_the_nearest(data):
    with pytest.raises(cm.PolicyError, match=r"grades\.A\.from"):
        cm.sensitivity(data, ENACTED, ["grades.A.form"])


def test_no_policy_is_the_enacted_regulation(data):
    paths, ranges = ["grades.A.from"], {"grades.A.from": [109, 110]}
    pd.testing.assert_frame_equal(cm.sensitivity(data, paths=paths), cm.sensitivity(data, ENACTED, paths))
    found, wanted = (cm.sobol(data, policy, ranges, samples=16) for policy in (None, ENACTED))
    pd.testing.assert_frame_equal(found, wanted)


def test_a_book_of_versions_is_refused(data):
    with pytest.raises(cm.PolicyError, match="one policy"):
        cm.sensitivity(data, cm.PolicyBook([ENACTED]))


# -- all at once -------------------------------------------------------------------------------------------------------


def test_a_figure_that_adds_up_has_the_indices_of_theory(data):
    """Without a floor, the cost is a sum: each bonus explains just the variance that it makes by itself."""
    policy = ENACTED.with_changes({"readings.payout_floor": "none"})
    grid = {"grades.A.quarterly_bonus": range(2000, 3001, 100), "grades.B.quarterly_bonus": range(1800, 2201, 50)}
    found = cm.sobol(data, policy, grid, samples=1024).set_index("path")
    spread = {}
    for path, values in grid.items():
        costs = cm.sweep(data, policy, {path: values})["cost"]
        spread[path] = costs.var(ddof=0)
    for path, variance in spread.items():
        share = variance / sum(spread.values())
        assert found.loc[path, "first_order"] == pytest.approx(share, abs=0.06)
        assert found.loc[path, "total_order"] == pytest.approx(share, abs=0.06)
        assert abs(found.loc[path, "first_order"] - share) < 2 * found.loc[path, "first_order_error"]


def test_values_that_matter_only_together_have_totals_above_their_first_orders(data):
    """A bonus counts for more the more people are graded so."""
    grid = {"grades.A.from": range(101, 125), "grades.A.quarterly_bonus": range(0, 5001, 250)}
    found = cm.sobol(data, ENACTED, grid, samples=512)
    assert (found["total_order"] > found["first_order"] + 0.02).all()


def test_figures_readings_and_seeds(data):
    """Several figures, a reading among the ranges; the same seed gives the same, 0 too, and another another."""
    grid = {
        "grades.D.from": range(86, 93),
        "readings.fraud_score": ["zero", "keep"],
        "grades.A.quarterly_bonus": [2000, 2300, 3000],
    }
    first, second = (cm.sobol(data, ENACTED, grid, figures=["observed", "cost"], samples=64) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert first["figure"].tolist() == ["observed"] * 3 + ["cost"] * 3
    assert first.attrs == {"samples": 64, "scenarios": 64 * 5, "seed": 0}
    observed = first[first["figure"] == "observed"].set_index("path")
    assert observed["total_order"].idxmax() == "grades.D.from"
    assert observed.loc["grades.A.quarterly_bonus", "total_order"] == 0
    other = cm.sobol(data, ENACTED, grid, samples=64, seed=5)
    assert not np.allclose(other["total_order"], first.loc[first["figure"] == "cost", "total_order"])


def test_a_figure_that_never_changes_has_no_indices(data):
    found = cm.sobol(data, ENACTED, {"grades.A.quarterly_bonus": [2500, 3000]}, figures=["dismissed"], samples=16)
    assert found[["first_order", "total_order"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("ranges", "options", "said"),
    [
        ({}, {}, "There are no ranges"),
        ({"grades.A.from": [110]}, {}, "grades.A.from has fewer than two values"),
        ({"grades.A.form": [110, 111]}, {}, "such as grades.A.from"),
        ({"grades.A.from": [110, 110.5]}, {}, "a whole number"),
        ({"grades.A.from": range(99, 103)}, {}, "Bounds whose ranges overlap are not free of each other"),
        ({"grades.A.from": [110, 111]}, {"samples": 100}, "samples cannot be set so"),
        ({"grades.A.from": [110, 111]}, {"samples": 2**15}, "samples cannot be set so"),
        ({"grades.A.from": [110, 111]}, {"seed": -1}, "seed cannot be set so"),
        ({"grades.A.from": [110, 111]}, {"figures": ["costs"]}, "a figure such as cost"),
        ({"grades.A.from": [110, 111]}, {"figures": ["grades.A.from"]}, "There is no figure grades.A.from"),
    ],
)
def test_what_no_indices_can_be_made_of_is_told(data, ranges, options, said):
    with pytest.raises(cm.PolicyError) as caught:
        cm.sobol(data, ENACTED, ranges, **{"samples": 16} | options)
    assert said in str(caught.value)
