"""How firm grades and ranks are: each figure is reckoned again here by another way."""

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest
from random_cases import COUNTS, frames_of, month_row, random_data, random_policy, staff_data

import cmpolicy as cm
from cmpolicy.insight.robustness import flips, rank_stability, reliability, too_few, transitions, variance_components


def grades_of(outcome):
    """Give the grade of each quarter that has one, without those of people whom the policy dismissed."""
    quarters = outcome.quarters.dropna(subset="grade")
    stop = outcome.policy.get("readings.after_dismissal") == "stop"
    quarters = quarters[(quarters["standing"] != "left") | (not stop)]
    return {(row.staff_id, row.quarter): row.grade for row in quarters.itertuples()}


def off_by_one(frames, policy, name, step):
    """Edit each month's count in the records itself, one after the other, and appraise everybody again.

    Gives the quarters in which it could be so, and those whose grade it changes.
    """
    before = cm.appraise(cm.StaffData.from_frames(frames), policy)
    known, possible, flipped = grades_of(before), set(), set()
    for place, row in frames["months"].reset_index(drop=True).iterrows():
        quarter = f"{row['month'][:4]}-Q{(int(row['month'][5:]) + 2) // 3}"
        here = (row["staff_id"], quarter)
        if here not in known or row[name] + step < 0:
            continue
        possible.add(here)
        months = frames["months"].reset_index(drop=True).copy()
        months.loc[place, name] += step
        after = cm.appraise(cm.StaffData.from_frames(frames | {"months": months}), policy).quarters
        grade = after.set_index(["staff_id", "quarter"])["grade"].loc[here]
        if grade != known[here]:
            flipped.add(here)
    return possible, flipped


@pytest.mark.parametrize("seed", range(6))
def test_flips_are_those_of_records_that_are_really_edited(seed):
    """Under random policies, fraud, part quarters and surveys in the month's score among them (2.2-2.8, 3.1)."""
    rng = random.Random(seed)
    raw = random_data(rng)
    people = rng.sample(sorted({row["staff_id"] for row in raw["months"]}), min(6, len(raw["staff"]) or 1))
    raw = {table: [row for row in rows if row["staff_id"] in people] for table, rows in raw.items()}
    raw["months"] = raw["months"][:15]
    kept = {row["staff_id"] for row in raw["months"]}
    raw = {table: [row for row in rows if row["staff_id"] in kept] for table, rows in raw.items()}
    raw["quarters"] = [row | {"review_supervisor": 1, "review_manager": 0} for row in raw["quarters"]]
    policy = cm.Policy.from_dict(random_policy(rng, settled=("review_adjust",)))
    frames = frames_of(raw)
    found = flips(cm.appraise(cm.StaffData.from_frames(frames), policy), least_group=1)
    by_count = found.by_count.set_index(["count", "change"])
    for name, step in itertools.product(rng.sample(COUNTS, 2), (1, -1)):
        possible, flipped = off_by_one(frames, policy, name, step)
        row = by_count.loc[name, step]
        assert row.isna()["quarters"] == (not possible)
        if possible:
            assert row["quarters"] == len(possible)
            assert row["flipped"] == len(flipped)
            assert row["share"] == pytest.approx(len(flipped) / len(possible))


def test_a_quarter_flips_where_any_count_does():
    """By hand: 110 points are grade A from 110; one user fewer is 109, and one more stays A."""
    rows = [month_row("CM01", (2025, month), broadband_gained=3, praises=1, broadband_lost=1) for month in (1, 2, 3)]
    rows += [month_row("CM02", (2025, month), broadband_gained=1) for month in (1, 2, 3)]
    outcome = cm.appraise(staff_data({"months": rows}))
    assert outcome.quarters["score"].tolist() == [110, 103]
    found = flips(outcome, least_group=1)
    assert (found.quarters, found.flipped.tolist(), found.share) == (2, [[True, False]], 0.5)
    by_count = found.by_count.set_index(["count", "change"])
    assert by_count.loc[("broadband_gained", -1), "flipped"] == 1
    assert by_count.loc[("broadband_gained", 1), "flipped"] == 0
    assert by_count.loc[("complaints", -1)].isna()["quarters"]
    assert by_count.loc[("fault_b", 1), "clause"] == "2.6"


def test_a_count_at_the_edge_of_its_integers_does_not_wrap():
    """127 users are held in eight bits; 128 would be -128 there."""
    rows = [month_row("CM01", (2025, month), maintained_gained=127) for month in (1, 2, 3)]
    found = flips(cm.appraise(staff_data({"months": rows})), least_group=1)
    assert not found.flipped.any()


def test_flips_of_few_people_are_not_shown():
    """Unreported complaints of one person: how many of those quarters flip is that person's affair."""
    rows = [month_row(f"CM0{number}", (2025, 1), complaints=int(number == 1)) for number in range(1, 7)]
    by_count = flips(cm.appraise(staff_data({"months": rows}))).by_count.set_index(["count", "change"])
    assert by_count.loc[("complaints", -1)].isna()[["quarters", "flipped", "share"]].all()
    assert by_count.loc[("complaints", 1), "quarters"] == 6


def rank(values):
    """Rank by hand: the mean of the places that equal values share."""
    ordered = sorted(values)
    return [ordered.index(one) + (ordered.count(one) + 1) / 2 for one in values]


def correlation(first, second):
    mean = [sum(one) / len(one) for one in (first, second)]
    product = sum((a - mean[0]) * (b - mean[1]) for a, b in zip(first, second, strict=True))
    squares = [sum((a - mean) ** 2 for a in one) for one, mean in zip((first, second), mean, strict=True)]
    return product / math.sqrt(squares[0] * squares[1])


def test_ranks_are_correlated_over_the_people_of_both_quarters():
    """Spearman's correlation, reckoned by hand from the shown scores; too few people are not shown."""
    outcome = cm.appraise(cm.synthesize(staff=30, months=12, seed=8))
    scores = outcome.quarters.pivot_table(index="staff_id", columns="quarter", values="score")
    found = rank_stability(outcome, least_group=2).set_index("quarter")
    for before, after in itertools.pairwise(scores.columns):
        both = scores[[before, after]].dropna()
        expected = correlation(rank(both[before].tolist()), rank(both[after].tolist()))
        assert found.loc[after, "people"] == len(both)
        assert found.loc[after, "spearman"] == pytest.approx(expected)
    assert rank_stability(outcome, least_group=31)[["people", "spearman"]].isna().all(axis=None)


def test_equal_scores_have_no_rank_correlation():
    """Nothing varies, so there is nothing to correlate, and no warning."""
    rows = [month_row(f"CM0{number}", (2025, month)) for number in range(6) for month in range(1, 7)]
    assert rank_stability(cm.appraise(staff_data({"months": rows})))["spearman"].isna().all()


def test_transitions_are_counted_pair_by_pair():
    """Which grade follows which, from the shown table; rows of few people are absent."""
    outcome = cm.appraise(cm.synthesize(staff=60, months=18, seed=8))
    graded = grades_of(outcome)
    quarters = sorted({quarter for _, quarter in graded})
    pairs = [
        (graded[person, one], graded[person, other])
        for one, other in itertools.pairwise(quarters)
        for person in outcome.panel.staff_ids.tolist()
        if (person, one) in graded and (person, other) in graded
    ]
    found = transitions(outcome, least_group=1)
    for grade in "ABCDE":
        following = [after for before, after in pairs if before == grade]
        assert found.loc[grade, "quarters"] == len(following)
        for other in "ABCDE":
            assert found.loc[grade, other] == pytest.approx(following.count(other) / len(following))
    assert transitions(outcome, least_group=61).isna().all(axis=None)


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ([9, 7, 20], [False, False, False]),
        ([9, 3, 7, 20], [False, True, True, False]),  # one alone could be told from the total
        ([2, 2, 9, 20], [True, True, True, False]),  # two of two together are four, still too few
        ([3, 3, 9, 20], [True, True, False, False]),
        ([4, 9], [True, True]),
        ([4], [True]),
        ([5], [False]),
        ([0, 9, 9], [False, False, False]),  # nobody is nobody's secret
        ([0, 3, 9, 9], [False, True, True, False]),
        ([], []),
    ],
)
def test_a_hidden_group_cannot_be_told_from_the_total(people, hidden):
    """What the total and the shown groups leave over is at least two groups and five people."""
    assert too_few(np.array(people, dtype=np.int64), 5).tolist() == hidden


def test_what_is_left_over_is_always_enough():
    """The rule itself, over random groups."""
    rng = np.random.default_rng(3)
    for _ in range(500):
        people = rng.integers(0, 12, rng.integers(1, 9))
        hidden = too_few(people, 5)
        assert not ((people > 0) & (people < 5) & ~hidden).any()
        if hidden.any() and not hidden[people > 0].all():
            assert hidden.sum() > 1
            assert people[hidden].sum() >= 5


def test_variance_components_are_exact():
    """By hand, in fractions: two groups of different size."""
    values, group = [1, 2, 6, 4, 8, 9, 10], [0, 0, 0, 1, 1, 1, 1]
    means = {0: Fraction(9, 3), 1: Fraction(31, 4)}
    within = sum((value - means[one]) ** 2 for value, one in zip(values, group, strict=True)) / 5
    overall = Fraction(sum(values), 7)
    between = sum(size * (means[one] - overall) ** 2 for one, size in ((0, 3), (1, 4)))
    typical = 7 - Fraction(9 + 16, 7)
    found = variance_components(np.array(values, dtype=float), np.array(group))
    assert found == pytest.approx((float((between - within) / typical), float(within)))
    assert all(map(math.isnan, variance_components(np.array([1.0, 2.0]), np.array([0, 0]))))
    assert all(map(math.isnan, variance_components(np.array([1.0, 2.0]), np.array([0, 1]))))


def test_reliability_finds_what_was_put_in():
    """People who always differ by the same are all person; the same people with scores at random are all chance."""
    steady = [month_row(f"CM{one:02d}", (2025, month), praises=one) for one in range(20) for month in range(1, 13)]
    found = reliability(cm.appraise(staff_data({"months": steady})))
    assert (found.people, found.quarters, found.share, found.of_a_year) == (20, 80, 1, 1)
    rng = random.Random(1)
    rows = [row | {"praises": rng.randrange(20)} for row in steady]
    found = reliability(cm.appraise(staff_data({"months": rows})))
    assert found.share < 0.2
    assert found.of_a_year == pytest.approx(4 * found.share / (1 + 3 * found.share))


def test_the_season_is_not_taken_for_chance():
    """What all have in a quarter is taken out before."""
    rows = [
        month_row(f"CM{one:02d}", (2025, month), praises=one + 5 * ((month - 1) // 3))
        for one in range(8)
        for month in range(1, 13)
    ]
    assert reliability(cm.appraise(staff_data({"months": rows}))).chance == pytest.approx(0, abs=1e-9)
