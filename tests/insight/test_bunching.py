"""The bunching test finds nothing where nobody moves a score, and finds it where some do."""

import copy

import numpy as np
import pytest
from random_cases import month_row, staff_data

import cmpolicy as cm
from cmpolicy.insight.bunching import FEWEST, LEAST_SHARE, bunching

ENACTED = cm.load_policy("2007-06")
QUIET = ("broadband_gained", "broadband_lost", "acceptance_a", "fault_c", "complaints", "praises")


def manipulated(data, share, seed=0):
    """Let some of those a point or less below a bound cancel and rejoin until they are over it, in the last month."""
    outcome = cm.appraise(data)
    panel, arrays = outcome.panel, outcome.arrays
    rng = np.random.default_rng(seed)
    tables = copy.copy(data.tables)
    months = tables["months"]
    columns = months.columns | {
        name: months.columns[name].astype(np.int64) for name in ("broadband_gained", "broadband_lost")
    }
    row_of = dict(
        zip(
            zip(columns["staff_id"].tolist(), columns["month"].tolist(), strict=True), range(months.length), strict=True
        )
    )
    moved = 0
    for bound in (660, 600, 570, 540):
        missing = bound - arrays.quarter_score
        near = (missing > 0) & (missing <= 6) & (arrays.months_assessed == 3) & (rng.random(missing.shape) < share)
        for quarter, person in zip(*np.nonzero(near), strict=True):
            row = row_of[person, panel.first_month + 3 * quarter + 2]
            for name in ("broadband_gained", "broadband_lost"):
                columns[name][row] += missing[quarter, person] // 2  # sixths to points of one of three months
            moved += 1
    tables["months"] = type(months)(columns, months.length, months.rows, months.labels)
    return cm.StaffData(data.staff_ids, tables), moved


def test_honest_history_shows_no_bunching():
    """In at most 8 of 100 departments is one of four bounds suspected; here of 24, small and large."""
    suspected = 0
    for seed in range(24):
        data = cm.synthesize(staff=(60, 150, 400)[seed % 3], months=12, seed=seed)
        suspected += bunching(cm.appraise(data), seed=seed)["found"].any()
    assert suspected <= 2


def test_a_quiet_department_is_not_suspected():
    """Where next to nothing is recorded most stand at 100 by themselves, which is a bound."""
    rng = np.random.default_rng(1)
    suspected = 0
    for seed in range(8):
        rows = []
        for number in range(150):
            for month in range(1, 13):
                events = {name: int(count) for name, count in zip(QUIET, rng.poisson(0.08, len(QUIET)), strict=True)}
                rows.append(month_row(f"CM{number:03d}", (2025, month), **events))
        frame = bunching(cm.appraise(staff_data({"months": rows})), seed=seed).set_index("grade")
        suspected += frame.loc["B", "found"]
    assert suspected == 0


@pytest.mark.parametrize(("staff", "share"), [(60, 0.8), (400, 0.4), (2000, 0.2)])
def test_planted_bunching_is_found(staff, share):
    """Users who cancel and rejoin lift people over every bound; the estimate is near to how many were lifted."""
    data, moved = manipulated(cm.synthesize(staff=staff, months=36 if staff == 60 else 12, seed=3), share)
    frame = bunching(cm.appraise(data))
    tested = frame[frame["low"].notna()]
    assert tested["found"].mean() >= 0.5
    assert tested["found"].any()
    assert tested["low"].sum() < moved < frame["high"].sum()


def test_a_bound_where_nobody_is_paid_shows_none():
    """People moved over the enacted bounds, so bounds in the middle between them show nothing."""
    data, _ = manipulated(cm.synthesize(staff=2000, months=12, seed=3), 0.4)
    elsewhere = ENACTED.with_changes({"grades.A.from": 121, "grades.B.from": 105, "grades.C.from": 104})
    frame = bunching(cm.appraise(data, elsewhere)).set_index("grade")
    assert not frame.loc["B", "found"]
    assert frame.loc["D", "found"]


def test_the_same_seed_gives_the_same_interval():
    """And another one nearly the same."""
    outcome = cm.appraise(cm.synthesize(staff=400, months=12, seed=1))
    first, again, other = (bunching(outcome, seed=seed) for seed in (5, 5, 6))
    assert first.equals(again)
    assert not first.equals(other)
    assert first["low"].to_numpy() == pytest.approx(other["low"].to_numpy(), rel=0.2, abs=2)


def test_counts_are_those_within_a_point():
    """Below: from a point under the bound; above: to a point over it. By hand, over the quarters' own table."""
    outcome = cm.appraise(cm.synthesize(staff=300, months=12, seed=2, knobs=cm.SyntheticKnobs(fraud=0)))
    quarters = outcome.quarters
    score = quarters.loc[(quarters["months_assessed"] == 3) & (quarters["standing"] != "left"), "score"]
    for row in bunching(outcome).to_dict("records"):
        assert row["below"] == ((score >= row["bound"] - 1) & (score < row["bound"])).sum()
        assert row["above"] == ((score >= row["bound"]) & (score < row["bound"] + 1)).sum()


def test_few_people_say_nothing():
    """Fewer than 30 staff-quarters near a bound are shown, and not judged."""
    frame = bunching(cm.appraise(staff_data({"months": [month_row("CM01", (2025, 1))]})))
    assert frame[["low", "high", "moved_over", "expected_below"]].isna().all(axis=None)
    assert not frame["found"].any()
    assert FEWEST == 30
    assert LEAST_SHARE > 0
