"""Groups against the rest: figures, intervals and tests reckoned again here, and nothing of few people anywhere."""

import datetime
import itertools
import math
import re
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from random_cases import month_row, staff_data

import cmpolicy as cm
from cmpolicy.insight.fairness import compared_with_rest, holm
from cmpolicy.progress import watched_by
from cmpolicy.report.fairness_figure import flips_figure, groups_figure
from cmpolicy.report.figures import svg_of
from cmpolicy.report.files import write_tables

DEPARTMENT = Path(__file__).parents[2] / "datasets" / "department"


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=18, seed=8)


def department(sizes, *, months=12, **more):
    """Give areas of so many people; those of the later areas are better by a praise a month each."""
    staff, rows, quarters = [], [], []
    for place, size in enumerate(sizes):
        for number in range(size):
            one = f"{place}-{number}"
            staff.append({"staff_id": one, "area": f"area {place}"} | more)
            rows += [
                month_row(one, (2025, month), praises=place + number % 2, complaints=number % 3)
                for month in range(1, months + 1)
            ]
            quarters += [
                {
                    "staff_id": one,
                    "quarter": (2025, quarter),
                    "review": (number + quarter + place) % 3 - 1,
                    "review_supervisor": place - 1,
                    "review_manager": 1,
                }
                for quarter in range(1, months // 3 + 1)
            ]
    return staff_data({"staff": staff, "months": rows, "quarters": quarters})


def test_figures_are_those_of_the_quarters(data):
    """Each person counts once in the score; grades and payout are those of the group's quarters."""
    outcome = cm.appraise(data)
    found = cm.fairness(outcome, least_group=1, draws=10).groups
    quarters = outcome.quarters
    quarters = quarters[quarters["score"].notna() & (quarters["standing"] != "left")]
    for area, rows in quarters.groupby("area"):
        row = found[(found["dimension"] == "area") & (found["group"] == area)].iloc[0]
        rest = quarters[quarters["area"] != area]
        score = rows.groupby("staff_id")["score"].mean().mean()
        assert row["people"] == rows["staff_id"].nunique()
        assert row["quarters"] == len(rows)
        assert row["score"] == pytest.approx(score)
        for outcome, column in (("score", rows["score"]), ("payout", rows["payout"]), ("lowest", rows["grade"] == "E")):
            other = {"score": rest["score"], "payout": rest["payout"], "lowest": rest["grade"] == "E"}[outcome]
            own = column.groupby(rows["staff_id"]).mean().mean()
            of_rest = other.groupby([rest["area"], rest["staff_id"]]).mean().mean()
            assert row[f"{outcome}_difference"] == pytest.approx(own - of_rest)
            middle = (row[f"{outcome}_low"] + row[f"{outcome}_high"]) / 2
            assert middle == pytest.approx(row[f"{outcome}_difference"])
        assert row["payout"] == pytest.approx(rows["payout"].mean())
        for grade in "ABCDE":
            assert row[f"share_{grade}"] == pytest.approx((rows["grade"] == grade).mean())
    everyone = found[found["dimension"] == "all"].iloc[0]
    assert everyone["quarters"] == len(quarters)
    assert everyone["score"] == pytest.approx(quarters.groupby("staff_id")["score"].mean().mean())


def test_part_quarters_are_those_with_fewer_than_three_months(data):
    """3.1: a person may have both kinds."""
    outcome = cm.appraise(data)
    found = cm.fairness(outcome, least_group=1, draws=10).groups.set_index(["dimension", "group"])
    quarters = outcome.quarters[outcome.quarters["score"].notna() & (outcome.quarters["standing"] != "left")]
    part = quarters["months_assessed"] < 3
    assert found.loc[("part_quarter", "fewer than three"), "quarters"] == part.sum() > 0
    assert found.loc[("part_quarter", "three"), "people"] == quarters.loc[~part, "staff_id"].nunique()


@pytest.mark.parametrize(
    ("hired", "bands"),
    [
        ("2025-01-01", {"under 1 year": 3, "1 to 2 years": 1}),  # the fourth quarter ends a year after
        ("2025-01-02", {"under 1 year": 4}),
        ("2024-12-31", {"under 1 year": 3, "1 to 2 years": 1}),
        ("2022-07-01", {"1 to 2 years": 1, "3 to 4 years": 3}),
        ("2020-04-01", {"5 to 9 years": 4}),
        ("2015-10-01", {"5 to 9 years": 2, "10 years and more": 2}),
    ],
)
def test_tenure_is_whole_years_at_the_quarter_s_end(hired, bands):
    """From the hire date to the day after the quarter's last."""

    data = department([1], hire_date=datetime.date.fromisoformat(hired))
    found = cm.fairness(data, least_group=1, draws=1).groups
    tenure = found[found["dimension"] == "tenure"].set_index("group")["quarters"].to_dict()
    assert {band: number for band, number in bands.items() if number}.items() <= tenure.items()


def test_the_test_is_that_of_all_reorderings():
    """Seven people, all 35 ways to deal three of them out: the p-value is the exact share, near enough."""
    values = np.array([1.0, 2.0, 4.0, 3.0, 8.0, 9.0, 12.0])
    group, shown = np.array([0, 0, 0, 1, 1, 1, 1]), np.array([0, 1])
    found = compared_with_rest(group, np.array([values, 10 * values]), shown, np.random.default_rng(5), 4000)
    exact = []
    for places in itertools.combinations(range(7), 3):
        inside = [values[place] for place in places]
        outside = [value for place, value in enumerate(values) if place not in places]
        exact.append(abs(statistics.mean(inside) - statistics.mean(outside)))
    observed = statistics.mean(values[:3]) - statistics.mean(values[3:])
    share = sum(one >= abs(observed) - 1e-9 for one in exact) / len(exact)
    for scale, difference, by_chance, p_value in zip((1, 10), *found, strict=True):
        assert difference == pytest.approx([scale * observed, -scale * observed])
        assert p_value == pytest.approx([share, share], abs=0.02)
        ninety_five = np.quantile(exact, 0.95, method="inverted_cdf")
        assert by_chance / scale == pytest.approx([ninety_five, ninety_five], abs=0.6)


def test_groups_of_one_size_share_what_chance_makes():
    """And a group shares it with one that is as large as its rest."""
    group = np.repeat([0, 1, 2, 3], [3, 3, 2, 24])
    values = np.random.default_rng(1).normal(size=(2, len(group)))
    _, by_chance, _ = compared_with_rest(group, values, np.arange(4), np.random.default_rng(2), 300)
    assert (by_chance[:, 0] == by_chance[:, 1]).all()
    assert (by_chance[:, 2] > by_chance[:, 0]).all()
    larger = np.where(group == 3, 1, 0)
    _, by_chance, _ = compared_with_rest(larger, values, np.array([0, 1]), np.random.default_rng(2), 300)
    assert (by_chance[:, 0] == by_chance[:, 1]).all()


def test_how_far_the_reorderings_are_is_told():
    """For each division into groups that are compared."""
    told = []
    with watched_by(told.append):
        cm.fairness(department([6, 6]), draws=20).groups  # noqa: B018
    assert {(str(progress.what), progress.total) for progress in told} == {("reorderings", 20)}
    assert max(progress.done for progress in told) == 20


def test_chance_alone_is_seldom_called_a_difference():
    """In groups that were drawn at random the p-value is below 0.05 in about one of twenty."""
    rng = np.random.default_rng(2)
    below = 0
    for seed in range(200):
        group, values = rng.permutation(np.repeat([0, 1], [6, 24])), rng.normal(size=(1, 30))
        _, _, p_value = compared_with_rest(group, values, np.array([0]), np.random.default_rng(seed), 199)
        below += p_value[0, 0] <= 0.05
    assert 2 <= below <= 20


def test_holm_by_hand():
    """The least times their number, the next times one less, never falling, never above one."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])).tolist() == [1, 1]


def test_a_favoured_area_is_found():
    """Six praises a month are eighteen points."""
    data = department([9, 9, 9, 9])
    frames = {name: data.frame(name) for name in data.tables}
    favoured = frames["months"]["staff_id"].str.startswith("2-")
    frames["months"].loc[favoured, "praises"] += 6
    found = cm.fairness(cm.StaffData.from_frames(frames))
    row = found.groups.set_index("group").loc["area 2"]
    assert row["score_low"] > 10
    assert row["payout_low"] > 0
    assert row["score_p_value"] < 0.01
    assert re.fullmatch(r"Most so area 2 \(area\): \+\d+\.\d points\.", str(found.answer[1]))
    assert re.fullmatch(r"Most so area 2 \(area\): \+[\d,]+\.\d\d yuan\.", str(found.answer[3]))


def test_the_seed_decides(data):
    """The same seed gives the same intervals, another one others; the differences stay. The notes name it."""
    first, again, other = (cm.fairness(data, seed=seed, draws=50) for seed in (1, 1, 2))
    assert first.groups.equals(again.groups)
    assert not first.groups["score_low"].equals(other.groups["score_low"])
    assert first.groups["score_difference"].equals(other.groups["score_difference"])
    assert "50 random reorderings, seed 1" in str(first.notes[0])


# -- reviewers -----------------------------------------------------------------


def test_reviewers_points_are_means_of_people(data):
    """2.9: points by area, the supervisor's and the manager's apart; an empty cell is no adjustment."""
    found = cm.fairness(data, least_group=1, draws=1).leniency
    quarters = cm.appraise(data).quarters.merge(data.frame("quarters"), on=["staff_id", "quarter"], how="left")
    quarters = quarters[quarters["score"].notna() & (quarters["standing"] != "left")]
    for reviewer in ("review", "review_supervisor", "review_manager"):
        means = quarters.fillna({reviewer: 0}).groupby(["area", "staff_id"])
        means = means[reviewer].mean()
        rows = found[found["reviewer"] == reviewer].set_index("area")
        assert rows["points"].to_dict() == pytest.approx(means.groupby(level=0).mean().to_dict())
        assert rows["all_areas"].tolist() == pytest.approx([means.mean()] * len(rows))
        between = rows["points"] - rows["all_areas"]
        drawn = rows["shrunk"] - rows["all_areas"]
        assert (drawn.abs() <= between.abs() + 1e-12).all()
        assert ((drawn * between) >= -1e-12).all()
        assert ((rows["low"] < rows["points"]) & (rows["points"] < rows["high"])).all()


def test_lenient_supervisors_are_told_apart():
    """Those of the later areas give more; the manager gives everybody the same."""
    found = cm.fairness(department([6, 6, 6]), draws=1).leniency.set_index(["reviewer", "area"])
    assert found.loc["review_supervisor"]["points"].tolist() == [-1, 0, 1]
    assert found.loc["review_supervisor"]["shrunk"].tolist() == pytest.approx([-1, 0, 1])
    assert found.loc["review_manager"]["points"].tolist() == [1, 1, 1]


# -- what is hidden ------------------------------------------------------------


def shown_anywhere(found):
    """Give the groups of which any table of the result has a figure, by dimension or reviewer."""
    groups = found.groups
    figures = groups.drop(columns=["dimension", "group", "hidden"]).notna().any(axis=1)
    shown = set(zip(groups["dimension"][figures], groups["group"][figures], strict=True))
    leniency = found.leniency
    figures = leniency.drop(columns=["reviewer", "area", "hidden"]).notna().any(axis=1)
    return shown | set(zip(leniency["reviewer"][figures], leniency["area"][figures], strict=True))


def test_intervals_are_said_not_to_be_adjusted_as_p_values_are():
    """An interval of payouts leaves out 0 beside a p-value of 0.09: a note says how that can be."""
    found = cm.fairness(cm.synthesize(staff=60, months=12, seed=7), draws=300)
    groups = found.groups
    apart = groups[(groups["payout_low"] > 0) | (groups["payout_high"] < 0)]
    assert (apart["payout_p_value"] > 0.05).any()
    assert any("(Holm), intervals are not: an interval can leave out 0" in str(note) for note in found.notes)


def test_where_no_group_is_large_enough_the_answer_says_so():
    """With the number that is too small, in the answer and in the figure; not that none of no groups differ."""
    found = cm.fairness(department([3, 3]))
    told = (
        "No group is large enough to be compared with the rest: each has fewer than 5 people, or would give such a "
        "group away."
    )
    assert str(found.why_not_compared) == str(found.answer[0]) == told
    assert not any(" of 0 groups" in str(sentence) for sentence in found.answer)
    assert not any("reorderings" in str(note) for note in found.notes)
    assert [text.get_text() for text in groups_figure(found).texts][-1] == told
    assert cm.fairness(department([3, 3]), least_group=3, draws=5).why_not_compared is None


def test_where_everybody_is_in_one_group_the_answer_says_so():
    """Without areas, hire dates and part quarters there is nothing to compare, however large the group."""
    rows = [month_row(f"CM{one}", (2025, month)) for one in range(9) for month in (1, 2, 3)]
    found = cm.fairness(staff_data({"months": rows}))
    assert str(found.answer[0]) == "There are no two groups to compare."


def test_where_no_reviewer_is_shown_the_reason_is_told():
    """Too few people in each area, no areas, or no points recorded."""
    reason = "No area is large enough to be shown: each has fewer than 5 people, or would give such an area away."
    assert str(cm.fairness(department([2, 2, 2])).why_no_leniency) == reason
    assert cm.fairness(department([2, 2, 2]), least_group=2).why_no_leniency is None
    data = department([6, 6])
    frames = {name: data.frame(name) for name in data.tables}
    without_areas = frames | {"staff": frames["staff"].drop(columns="area")}
    found = cm.fairness(cm.StaffData.from_frames(without_areas))
    assert str(found.why_no_leniency) == "The data record no areas."
    without_points = {name: frame for name, frame in frames.items() if name != "quarters"}
    found = cm.fairness(cm.StaffData.from_frames(without_points))
    assert str(found.why_no_leniency) == "The data record no reviewers' points."


def test_small_groups_are_nowhere_and_cannot_be_worked_out():
    """One area of three is hidden, and the next smallest with it; the tables tell neither their number nor figures."""
    found = cm.fairness(department([9, 3, 6, 12]))
    shown = shown_anywhere(found)
    for key in ("area", "review", "review_supervisor", "review_manager"):
        assert {group for kind, group in shown if kind == key} == {"area 0", "area 3"}
    assert found.groups.set_index("group").loc[["area 1", "area 2"], "hidden"].all()
    picture = svg_of(groups_figure(found), "")
    assert "area 0" in picture
    assert "area 1" not in picture
    assert "area 2" not in picture
    told = "Groups not shown, since they have fewer than 5 people or would give those away: 2."
    assert told in map(str, found.notes)


def test_hidden_groups_are_hidden_in_files_too(tmp_path):
    """In the workbook and in the CSV files their cells are empty."""

    found = cm.fairness(department([9, 3, 6, 12]), draws=20)
    write_tables(found.tables, tmp_path, "csv", stem="fairness")
    rows = (tmp_path / "groups.csv").read_text(encoding="utf-8-sig").splitlines()
    for area in ("area 1", "area 2"):
        (row,) = [row for row in rows if f",{area}," in row]
        assert set(row.removeprefix(f"area,{area},").removesuffix("true")) == {","}
    write_tables(found.tables, tmp_path / "fairness.xlsx", "xlsx", stem="fairness")
    read = pd.read_excel(tmp_path / "fairness.xlsx", sheet_name="groups", engine="openpyxl").set_index("group")
    assert read.loc[["area 1", "area 2"]].drop(columns=["dimension", "hidden"]).isna().all(axis=None)


def test_the_size_of_the_smallest_group_is_a_setting():
    """1 hides nothing; more than there are people refuses, with a message."""
    data = department([9, 3, 6])
    assert not cm.fairness(data, least_group=1, draws=5).groups["hidden"].any()
    with pytest.raises(cm.CmpolicyError, match="People with a score: 18; figures of fewer than 19 are not shown"):
        cm.fairness(data, least_group=19)
    with pytest.raises(cm.CmpolicyError) as caught:
        cm.fairness(data, least_group=0, draws=-1)
    assert [problem.value for problem in caught.value.problems] == ["0", "-1"]


def test_without_staff_table_there_are_no_areas_and_no_tenures():
    """What is not recorded is no group; the rest is told all the same."""
    rows = [month_row(f"CM{one}", (2025, month), praises=one) for one in range(6) for month in (1, 2, 3, 4)]
    found = cm.fairness(staff_data({"months": rows}), draws=20)
    assert found.groups["dimension"].unique().tolist() == ["all", "part_quarter"]
    assert not len(found.leniency)
    assert flips_figure(found).axes
    assert all(isinstance(str(sentence), str) for sentence in found.answer)


def test_people_without_an_area_or_a_hire_date_are_a_group():
    """Not known is said, not left out."""
    data = department([6, 6])
    frames = {name: data.frame(name) for name in data.tables}
    frames["staff"].loc[frames["staff"]["staff_id"].str.startswith("1-"), "area"] = None
    found = cm.fairness(cm.StaffData.from_frames(frames), draws=20).groups
    assert found.loc[found["dimension"] == "area", "group"].tolist() == ["area 0", "not known"]


def test_those_whom_the_policy_dismissed_do_not_count():
    """3.5: after a dismissal a person is in no group."""
    rows = [month_row(f"CM{one}", (2025, month)) for one in range(6) for month in range(1, 13)]
    rows += [month_row("bad", (2025, month), complaints=9) for month in range(1, 13)]
    found = cm.fairness(staff_data({"months": rows}), draws=5).groups
    assert found.loc[0, ["people", "quarters"]].tolist() == [7, 6 * 4 + 3]


def test_figures_and_answer_follow_the_language():
    """Texts in either language; no English word is left in the Chinese."""
    found = cm.fairness(cm.read_staff(DEPARTMENT), draws=50)
    with cm.using_language("zh"):
        texts = [svg_of(groups_figure(found), ""), svg_of(flips_figure(found), "")]
        said = [*map(str, found.answer), *map(str, found.notes)]
        assert "司龄" in texts[0]
        assert "多一个" in texts[1]
        assert all(any("一" <= letter <= "鿿" for letter in one) for one in said)
        assert found.groups["group"].tolist()[0] == "全部"
    assert found.groups["group"].tolist()[0] == "all"
    assert not math.isnan(found.reliability.share)
