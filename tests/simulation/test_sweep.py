"""A sweep says of every scenario what an appraisal says of it, leaves out crossing bounds, and refuses bad grids."""

import random
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from random_cases import case, staff_data

import cmpolicy as cm
from cmpolicy.regulation.policy import Policy
from cmpolicy.regulation.readings import READINGS
from cmpolicy.simulation import sweep as module
from cmpolicy.simulation.sweep import COUNTS, MONEY

ENACTED = cm.load_policy("2007-06")


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=14, seed=2, knobs=cm.SyntheticKnobs(fraud=0.05, service_shift=-5))


def row_of(data, policy):
    """Give what an appraisal says, under the names of a sweep's columns."""
    outcome = cm.appraise(data, policy)
    row = {name: outcome.cost[name] / 100 for name in MONEY}
    for kind in ("quarter", "month"):
        row |= {f"{kind}_grade_{name}": count for name, count in outcome.grade_counts(f"{kind}s").items()}
    row |= {name: outcome.standing_counts[name] for name in ("observed", "dismissed")}
    return row | {"floor_binding": int((outcome.quarters["penalty_not_applied"] > 0).sum())}


def assert_appraised(data, policy, frame, paths):
    for row in frame.to_dict("records"):
        changes = {path: row.pop(path) for path in paths}
        assert row == row_of(data, policy.with_changes(changes)), changes


def problems_of(refused):
    return [str(problem) for problem in refused.value.problems]


def random_grid(rng, policy):
    """Vary two bounds and two amounts, and by turns the rate, a point, a reading or e_quarters."""
    better, worse = rng.sample(policy.grade_names, 2) if len(policy.bounds) > 1 else policy.grade_names
    setting = rng.choice(list(READINGS))
    more = rng.choice(
        (
            {"revenue.rate": [0.1, 0.3333]},
            {"points.praises": [2, 4]},
            {"standing.e_quarters": [1, 2]},
            {f"readings.{setting}": rng.sample(list(READINGS[setting].__members__), 2)},
        )
    )
    paths = [f"grades.{name}.from" for name in (better, worse)]
    # Each policy's own bound is among them, so that some scenario is left.
    bounds = {path: [policy.get(path), rng.randint(85, 120)] for path in paths if path in policy.paths()}
    amounts = {
        f"grades.{better}.quarterly_bonus": [rng.randint(0, 300_000) / 100 for _ in range(2)],
        f"grades.{worse}.monthly_award": [rng.randint(-30_000, 30_000) / 100 for _ in range(2)],
    }
    return more | bounds | amounts


# -- what it says ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_every_row_is_an_appraisal_under_random_policies_and_readings(seed):
    content_of_data, content = case(seed)
    data, policy, rng = staff_data(content_of_data), Policy.from_dict(content), random.Random(seed)
    grid = random_grid(rng, policy)
    frame = cm.sweep(data, policy, grid)
    assert len(frame) + frame.attrs["skipped"] == np.prod([len(values) for values in grid.values()])
    assert_appraised(data, policy, frame, grid)


def test_a_grid_gives_every_combination_the_last_path_varying_fastest(data):
    frame = cm.sweep(data, ENACTED, {"grades.A.from": range(109, 112), "grades.A.quarterly_bonus": [2500, 2600.5]})
    assert frame["grades.A.from"].tolist() == [109, 109, 110, 110, 111, 111]
    assert frame["grades.A.quarterly_bonus"].tolist() == [2500, 2600.5] * 3
    assert frame.index.equals(pd.RangeIndex(6))


def test_the_columns_are_paths_then_money_then_counts_in_plain_types(data):
    grid = {"grades.A.from": [110, 111], "revenue.rate": [0.25], "readings.user_count": ["net", "gross"]}
    frame = cm.sweep(data, ENACTED, grid)
    grades = [f"{kind}_grade_{name}" for kind in ("quarter", "month") for name in "ABCDE"]
    assert list(frame.columns) == [*grid, *MONEY, *grades, *COUNTS]
    types = {name: str(dtype) for name, dtype in frame.dtypes.items()}
    assert [types[path] for path in grid] == ["int64", "float64", "str"]
    assert {types[name] for name in MONEY} == {"float64"}
    assert {types[name] for name in (*grades, *COUNTS)} == {"int64"}


def test_the_department_moves_every_figure(data):
    """Else agreement on these data would mean little."""
    grid = {"grades.D.from": [75, 98], "grades.A.quarterly_bonus": [0, 3000], "grades.E.monthly_award": [-400, 0]}
    frame = cm.sweep(data, ENACTED, grid | {"grades.B.from": [101, 105], "grades.C.from": [99], "revenue.rate": [0, 1]})
    figures = frame[[*MONEY, *COUNTS]]
    assert (figures != figures.iloc[0]).any().all()


def test_patches_leave_the_rest_as_it_is_in_the_policy(data):
    patches = [{"grades.A.from": 112}, {}, {"grades.A.from": 111, "points.praises": 4, "readings.user_count": "net"}]
    frame = cm.sweep(data, ENACTED, patches)
    assert frame["grades.A.from"].tolist() == [112, 110, 111]
    assert frame["points.praises"].tolist() == [3, 3, 4]
    assert frame["readings.user_count"].tolist() == ["gross", "gross", "net"]
    assert_appraised(data, ENACTED, frame, ["grades.A.from", "points.praises", "readings.user_count"])


def test_draws_come_from_the_grid_and_are_the_same_for_a_seed(data):
    grid = {"grades.A.from": range(105, 116), "grades.A.quarterly_bonus": range(2000, 3000, 50)}
    first, again, other = (cm.sweep(data, ENACTED, grid, draws=40, seed=seed) for seed in (1, 1, 2))
    assert len(first) == 40
    assert first.attrs["seed"] == 1
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)
    assert set(first["grades.A.from"]) <= set(range(105, 116))
    assert first["grades.A.from"].nunique() > 5
    assert_appraised(data, ENACTED, first.head(3), grid)


def test_draws_come_from_a_grid_too_large_to_list(data):
    grid = {f"grades.{name}.quarterly_bonus": range(1, 2001) for name in "ABCDE"}
    assert len(cm.sweep(data, ENACTED, grid, draws=3)) == 3


def test_numbers_of_any_kind_will_do(data):
    by_kind = [np.arange(110, 112), pd.Series([110, 111]), (Decimal(110), Decimal(111)), [110.0, 111.0]]
    frames = [cm.sweep(data, ENACTED, {"grades.A.from": values}) for values in by_kind]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])


def test_a_carried_penalty_is_swept_by_appraisals(data):
    carried = ENACTED.with_changes({"readings.revenue_below_base": "carried"})
    frame = cm.sweep(data, carried, {"grades.A.quarterly_bonus": [2000, 2500], "grades.D.from": [85, 90]})
    assert_appraised(data, carried, frame, ["grades.A.quarterly_bonus", "grades.D.from"])


# -- bounds that cross -------------------------------------------------------------------------------------------------


def test_scenarios_whose_bounds_cross_are_left_out_and_counted(data):
    """A from 108 to 112 and B from 108 to 112: ten of the 25 fall."""
    frame = cm.sweep(data, ENACTED, {"grades.A.from": range(108, 113), "grades.B.from": range(108, 113)})
    assert (frame["grades.A.from"] > frame["grades.B.from"]).all()
    assert len(frame) == 10
    assert frame.attrs["skipped"] == 15
    assert frame.attrs["notes"] == [
        "Scenarios left out: 15 of 25; some grade's bound is not below the better grade's there (3.1)."
    ]


def test_a_sweep_that_leaves_out_nothing_says_nothing(data):
    attrs = cm.sweep(data, ENACTED, {"grades.A.from": [110]}).attrs
    assert (attrs["skipped"], attrs["notes"]) == (0, [])


def test_the_policy_s_own_values_go_with_the_scenarios(data):
    """Of the paths that were given, whether the policy is among the scenarios or not, of a grid and of patches."""
    policy = ENACTED.with_changes({"grades.A.quarterly_bonus": 2600.5})
    grid = {"grades.A.from": [108, 112], "grades.A.quarterly_bonus": [2500], "readings.user_count": ["net"]}
    wanted = {"grades.A.from": 110, "grades.A.quarterly_bonus": 2600.5, "readings.user_count": "gross"}
    assert cm.sweep(data, policy, grid).attrs["policy"] == wanted
    assert cm.sweep(data, policy, [{path: values[0]} for path, values in grid.items()]).attrs["policy"] == wanted


def test_no_policy_is_the_enacted_regulation(data):
    grid = {"grades.A.from": [108, 110]}
    pd.testing.assert_frame_equal(cm.sweep(data, None, grid), cm.sweep(data, ENACTED, grid))


def test_a_grid_with_crossing_bounds_only_is_refused(data):
    with pytest.raises(cm.PolicyError, match="No scenario is left: in all 2"):
        cm.sweep(data, ENACTED, [{"grades.A.from": 90}, {"grades.B.from": 110}])


def test_the_frame_can_be_written(data, tmp_path):
    """Its attributes go into the file."""
    frame = cm.sweep(data, ENACTED, {"grades.A.from": [99, 110]}, draws=4)
    frame.to_parquet(tmp_path / "sweep.parquet")
    assert pd.read_parquet(tmp_path / "sweep.parquet").attrs == frame.attrs


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [{}, [], [{}, {}]])
def test_nothing_to_vary_is_refused(data, nothing):
    with pytest.raises(cm.PolicyError, match="needs something to vary"):
        cm.sweep(data, ENACTED, nothing)


def test_every_problem_of_a_grid_is_told(data):
    grid = {
        "grades.A.form": [110],
        "grades.E.from": [60],
        "grades.A.from": [110, 110.5, True],
        "grades.B.quarterly_bonus": [-1],
        "readings.user_count": ["nett"],
        "points.praises": [],
        "revenue.rate": 0.3,
        "readings.band_rule": "lower_bound",
    }
    with pytest.raises(cm.PolicyError) as refused:
        cm.sweep(data, ENACTED, grid)
    text = problems_of(refused)
    assert len(text) == 9
    assert text[0] == (
        "There is no value grades.A.form in the policy. Expected: one of the policy's paths, such as grades.A.from."
    )
    assert "grades.E.from" in text[1]
    assert text[2].startswith('grades.A.from has a value that is not valid. Found: "110.5". Expected: a whole number')
    assert 'Found: "True"' in text[3]
    assert 'Found: "-1"' in text[4]
    assert text[5].endswith('Found: "nett". Expected: one of gross, net.')
    assert text[6] == "points.praises has an empty list of values."
    assert text[7] == "revenue.rate has no list of values. Expected: a list of values, such as [0.3]."
    assert "readings.band_rule has no list" in text[8]


def test_every_problem_of_a_list_of_patches_is_told_with_its_row(data):
    with pytest.raises(cm.PolicyError) as refused:
        cm.sweep(data, ENACTED, [{"grades.A.from": 112}, {"grades.A.from": "112", "points.base": 100.5}])
    assert [text.partition(" has")[0] for text in problems_of(refused)] == [
        "row 2: grades.A.from",
        "row 2: points.base",
    ]


@pytest.mark.parametrize("changes", [7, "grades.A.from", [{"grades.A.from": 112}, 7]])
def test_what_is_neither_a_grid_nor_a_list_of_patches_is_refused(data, changes):
    with pytest.raises(cm.PolicyError, match="This is no patch"):
        cm.sweep(data, ENACTED, changes)


@pytest.mark.parametrize("options", [{"draws": 0}, {"draws": 2.5}, {"draws": True}, {"draws": 2, "seed": -1}])
def test_draws_and_seeds_that_cannot_be_are_refused(data, options):
    with pytest.raises(cm.PolicyError, match="cannot be set so"):
        cm.sweep(data, ENACTED, {"grades.A.from": [110]}, **options)


def test_patches_are_not_drawn_from(data):
    with pytest.raises(cm.PolicyError, match="drawn from a grid"):
        cm.sweep(data, ENACTED, [{"grades.A.from": 110}], draws=2)


def test_too_many_scenarios_are_refused(data, monkeypatch):
    monkeypatch.setattr(module, "MOST_SCENARIOS", 5)
    with pytest.raises(cm.PolicyError, match=r'too many scenarios. Found: "6". Expected: at most 5'):
        cm.sweep(data, ENACTED, {"grades.A.from": range(105, 111)})


def test_a_book_of_versions_is_refused(data):
    with pytest.raises(cm.PolicyError, match="Changes apply to one policy"):
        cm.sweep(data, cm.PolicyBook([ENACTED]), {"grades.A.from": [110]})


def test_data_that_lack_what_a_scenario_asks_for_are_refused(data):
    frames = {name: data.frame(name) for name in data.tables}
    frames["quarters"] = frames["quarters"].drop(columns=["review_supervisor", "review_manager"])
    with pytest.raises(cm.PolicyError, match="review_supervisor"):
        cm.sweep(cm.StaffData.from_frames(frames), ENACTED, {"readings.review_adjust": ["joint", "each"]})
