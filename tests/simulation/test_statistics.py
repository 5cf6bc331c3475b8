"""Statistics say what an appraisal says, to the fen and to the person, for any bounds and amounts."""

import functools
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from random_cases import case, month_row, random_policy, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.regulation.policy import Policy
from cmpolicy.regulation.readings import READINGS
from cmpolicy.simulation import statistics as module
from cmpolicy.simulation import sums
from cmpolicy.simulation.statistics import Scenarios, statistics_of, totals, totals_of, why_appraise
from cmpolicy.simulation.terms import terms_of

ENACTED = cm.load_policy("2007-06")
SEEDS = range(60)
CHUNKS = 6
CARRIED = {"readings.revenue_below_base": "carried"}
# Four decide nothing that is added up; a carried penalty has tests of its own.
ELSEWHERE = {"best_rule", "best_revenue_metric", "day_divisor", "money_rounding", "revenue_below_base"}


def moved(rng, policy):
    """Move every bound, most amounts, and sometimes the revenue rate."""
    names = policy.grade_names
    bounds = sorted(rng.sample(range(80, 125), len(names) - 1), reverse=True)
    changes = {f"grades.{name}.from": bound for name, bound in zip(names, bounds, strict=False)}
    for name in names:
        if rng.random() < 0.7:
            changes[f"grades.{name}.quarterly_bonus"] = rng.randint(0, 300_000) / 100
        if rng.random() < 0.7:
            changes[f"grades.{name}.monthly_award"] = rng.randint(-30_000, 30_000) / 100
    if rng.random() < 0.3:
        changes["revenue.rate"] = rng.choice((0.1, 0.3333, 1))
    return policy.with_changes(changes)


def scenarios_of(policies):
    terms = [terms_of(policy) for policy in policies]
    columns = (np.array([getattr(one, name) for one in terms]) for name in Scenarios._fields[:3])
    return Scenarios(*columns, terms[0].revenue_ratio)


def assert_same(found, expected, about):
    for name, one, other in zip(found._fields, found, expected, strict=True):
        assert np.array_equal(one, other), f"{about}: {name} is {one}, an appraisal says {other}"


def appraised(data, policy):
    return totals_of(cm.appraise(data, policy))


def row_of(found, number):
    return type(found)(*(column[number] for column in found))


@functools.cache
def answered(seed):
    """Give random data and a random policy that statistics answer for, or None."""
    data, content = case(seed)
    policy = Policy.from_dict(content)
    return None if why_appraise(policy) else (staff_data(data), policy)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_totals_are_those_of_an_appraisal_under_random_policies_and_readings(chunk):
    for seed in SEEDS[chunk::CHUNKS]:
        found = answered(seed)
        if found is None:
            continue
        data, policy = found
        rng = random.Random(seed)
        other_table = {"grades": random_policy(rng)["grades"]}
        statistics = statistics_of(data, policy)
        for one in (policy, moved(rng, policy), moved(rng, policy), policy.with_changes(other_table)):
            assert_same(statistics.totals(one), appraised(data, one), f"seed {seed}")


@pytest.mark.parametrize("seed", range(100, 112))
def test_many_scenarios_at_once_are_each_as_by_itself(seed, monkeypatch):
    """Also where the sets of scenarios and of people are divided as far as they can be."""
    least = {"_FEW_THRESHOLDS": (2,), "_FEW_SCENARIOS": 2, "_LITTLE_WORK": 0, "_FEW_PAIRS": 3, "_SMALL_PRODUCT": 5}
    for name, value in (least | {"_MUCH_FEWER": 1.0}).items():
        monkeypatch.setattr(sums, name, value)
    content_of_data, content = case(seed, settled=["revenue_below_base", "annual_negative"])
    data, policy, rng = staff_data(content_of_data), Policy.from_dict(content), random.Random(seed)
    policies = [moved(rng, policy).with_changes({"revenue.rate": 0.25}) for _ in range(30)]
    statistics = statistics_of(data, policy)
    found = statistics.sweep(scenarios_of(policies))
    for number, one in enumerate(policies):
        expected = statistics.totals(one) if number % 10 else appraised(data, one)
        assert_same(row_of(found, number), expected, f"seed {seed}, scenario {number}")


@pytest.mark.parametrize("amount", [-300, -300.01, -4_999_999.99])
def test_year_ends_are_exact_however_large_or_odd_the_amounts_are(amount):
    """Narrow floats hold round amounts, wide ones all others: to the fen either way."""
    data, rng = department(), random.Random(2)
    base = ENACTED.with_changes({"grades.E.monthly_award": amount, "grades.D.monthly_award": -250})
    policies = [
        base.with_changes({"grades.C.from": rng.randint(97, 99), "grades.D.from": rng.randint(88, 96)})
        for _ in range(12)
    ]
    found = statistics_of(data, base).sweep(scenarios_of(policies))
    for number, one in enumerate(policies):
        assert_same(row_of(found, number), appraised(data, one), f"scenario {number}")


def test_more_scenarios_and_amounts_than_are_computed_together_change_nothing(monkeypatch):
    data, rng = department(), random.Random(1)
    policies = [moved(rng, ENACTED).with_changes({"revenue.rate": 0.25}) for _ in range(40)]
    whole = statistics_of(data, ENACTED).sweep(scenarios_of(policies))
    monkeypatch.setattr(module, "MOST_AMOUNTS", 12)
    monkeypatch.setattr(sums, "MOST_AMOUNTS", 12)
    monkeypatch.setattr(module, "MOST_AT_A_TIME", 7)
    monkeypatch.setattr(module, "KEPT_LOWEST_BOUNDS", 2)
    parts = statistics_of(department(), ENACTED).sweep(scenarios_of(policies))
    assert_same(parts, whole, "in parts")


def test_the_random_cases_reach_what_is_hard():
    """Observation, dismissal, the penalty's limit, capped scores, awards beyond the year-end bonus; every option."""
    reached, options = Counter(), {setting: set() for setting in READINGS}
    for found in filter(None, map(answered, SEEDS)):
        data, policy = found
        outcome = cm.appraise(data, policy)
        for setting, option in policy.readings._asdict().items():
            options[setting].add(option.name)
        total = totals_of(outcome)
        reached.update(name for name in ("observed", "dismissed", "left", "floor_binding") if getattr(total, name))
        reached["fraud"] += bool(data.panel.any_fraud)
        reached["year end"] += total.cash_effect != total.award
    assert min(reached[name] for name in ("observed", "dismissed", "left", "floor_binding", "fraud", "year end")) > 5
    for setting in READINGS.keys() - ELSEWHERE:
        assert options[setting] == set(READINGS[setting].__members__), setting


# -- one department, any table -----------------------------------------------------------------------------------------


def department():
    """Give two years with much fraud, many gaps and poor scores, whose last quarter is open."""
    knobs = cm.SyntheticKnobs(fraud=0.08, missing_months=0.2, service_shift=-5)
    return cm.synthesize(staff=60, months=23, first_month="2023-02", seed=5, knobs=knobs)


@pytest.fixture(scope="module")
def data():
    return department()


bounds = st.lists(st.integers(60, 130), min_size=4, max_size=4, unique=True).map(lambda drawn: sorted(drawn)[::-1])
bonuses = st.lists(st.integers(0, 400_000), min_size=5, max_size=5)
awards = st.lists(st.integers(-60_000, 60_000), min_size=5, max_size=5)


@given(bounds, bonuses, awards)
@example([130, 129, 128, 127], [0] * 5, [0] * 5)  # nearly everyone is dismissed
@example([63, 62, 61, 60], [1] * 5, [-60_000] * 5)  # nearly nobody; every penalty binds, every award falls short
def test_any_table_of_grades_is_answered_as_an_appraisal_answers_it(data, from_bounds, of_quarter, of_month):
    rows = zip(ENACTED.grade_names, [*from_bounds, None], of_quarter, of_month, strict=True)
    table = [
        {"grade": name, "quarterly_bonus": bonus / 100, "monthly_award": award / 100}
        | ({"from": bound} if bound else {})
        for name, bound, bonus, award in rows
    ]
    policy = ENACTED.with_changes({"grades": table})
    assert_same(statistics_of(data, ENACTED).totals(policy), appraised(data, policy), table)


def test_no_score_is_too_far_out():
    """Counts of a million events, and bounds at their limits."""
    months = [(2025, number) for number in range(1, 7)]
    rows = [month_row("up", month, praises=10**6) for month in months]
    rows += [month_row("down", month, complaints=10**6, fraud=month[1] == 2) for month in months]
    rows += [scoring("middle", month, 100) for month in months]
    data = staff_data({"months": rows})
    for bound in (-9_996, 0, 9_999):
        table = {f"grades.{name}.from": bound - place for place, name in enumerate("ABCD")}
        policy = ENACTED.with_changes(table | {"points.praises": 1000, "points.complaints": -1000})
        assert_same(totals(data, policy), appraised(data, policy), bound)


# -- what depends on the lowest bound ----------------------------------------------------------------------------------


def test_a_month_of_fraud_counts_one_below_the_lowest_bound_wherever_that_is_moved():
    """Two months of 100 and one of fraud at 100: the mean is 96.3 at the bound of 90, and 91.3 at 75."""
    rows = [scoring("m", (2025, month), 100, fraud=month == 1) for month in (1, 2, 3)]
    data = staff_data({"months": rows})
    statistics = statistics_of(data, ENACTED)
    assert statistics.totals(ENACTED).quarter_grades.tolist() == [0, 0, 1, 0, 0]
    assert statistics.totals(ENACTED.with_changes({"grades.D.from": 75})).quarter_grades.tolist() == [0, 0, 0, 1, 0]


def test_dismissal_follows_the_lowest_bound_and_takes_the_pay_of_later_quarters():
    """Four quarters of 91: with a bound of 92 two bring observation, the third dismissal, and the fourth no pay."""
    rows = [scoring("m", (2025, month), 91) for month in range(1, 13)]
    statistics = statistics_of(staff_data({"months": rows}), ENACTED)
    regular = statistics.totals(ENACTED)
    strict = statistics.totals(ENACTED.with_changes({"grades.D.from": 92, "grades.E.quarterly_bonus": 500}))
    assert (regular.observed, regular.dismissed, regular.left, regular.service_bonus) == (0, 0, 0, 400_000)
    assert (strict.observed, strict.dismissed, strict.left, strict.service_bonus) == (1, 1, 1, 150_000)
    assert strict.quarter_grades.tolist() == [0, 0, 0, 0, 3]
    assert strict.month_grades.tolist() == [0, 0, 0, 0, 9]


def test_who_is_lowest_of_all_follows_the_lowest_bound_where_fraud_is_capped_by_it():
    """One scores 85; the other 100 by fraud, which counts 89 at the bound of 90, but 79 at 80."""
    months = [(2025, month) for month in range(1, 10)]
    rows = [scoring("honest", month, 85) for month in months] + [
        scoring("fraud", month, 100, fraud=True) for month in months
    ]
    data = staff_data({"months": rows})
    lowest = ENACTED.with_changes({"readings.elimination_rule": "lowest_scorer", "standing.e_quarters": 1})
    money = []
    for bound in (90, 80):
        policy = lowest.with_changes({"grades.D.from": bound})
        assert_same(totals(data, policy), appraised(data, policy), bound)
        assert totals(data, policy).dismissed == 1
        money.append(statistics_of(data, lowest).totals(policy).service_bonus)
    assert money == [0, 300_000]


# -- migration ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", range(2))
def test_migration_is_that_of_a_comparison(chunk):
    for seed in SEEDS[chunk:40:2]:
        found = answered(seed)
        if found is None:
            continue
        data, policy = found
        rng = random.Random(seed)
        before, after = moved(rng, policy), moved(rng, policy)
        comparison = cm.compare(data, before, after)
        found = statistics_of(data, policy).migration(before, after)
        for matrix, frame in zip(found, (comparison.quarter_migration, comparison.month_migration), strict=True):
            rows, columns = frame.shape
            assert matrix[:rows, :columns].tolist() == frame.to_numpy().tolist(), f"seed {seed}"
            assert matrix.sum() == frame.to_numpy().sum(), f"seed {seed}"


# -- what statistics answer for ----------------------------------------------------------------------------------------


def test_a_carried_penalty_is_appraised_and_the_reason_said(data):
    policy = ENACTED.with_changes(CARRIED)
    assert "carried" in str(why_appraise(policy))
    with pytest.raises(ValueError, match="carried"):
        statistics_of(data, policy)
    assert_same(totals(data, policy), appraised(data, policy), "carried")
    assert totals(data, policy).payout != totals(data, ENACTED).payout


def test_without_a_limit_nothing_is_carried_so_that_statistics_answer(data):
    policy = ENACTED.with_changes(CARRIED | {"readings.payout_floor": "none"})
    assert why_appraise(policy) is None
    assert_same(statistics_of(data, policy).totals(policy), appraised(data, policy), "no limit")


def test_a_book_of_versions_is_appraised_and_the_reason_said(data):
    reform = ENACTED.with_changes({"id": "reform", "effective_from": "2024-01-01", "grades.A.from": 115})
    book = cm.PolicyBook([ENACTED, reform])
    assert "book" in str(why_appraise(book))
    assert_same(totals(data, book), appraised(data, book), "book")


def test_statistics_are_made_once_for_all_bounds_and_amounts(data):
    first = statistics_of(data, ENACTED)
    assert statistics_of(data, moved(random.Random(0), ENACTED)) is first
    assert statistics_of(data, ENACTED.with_changes({"points.praises": 4})) is not first
    assert statistics_of(data, ENACTED) is first


def test_statistics_refuse_a_policy_of_other_points(data):
    """Else a moved point would silently change nothing."""
    other = ENACTED.with_changes({"points.praises": 4})
    with pytest.raises(ValueError, match="other points"):
        statistics_of(data, ENACTED).totals(other)
    with pytest.raises(ValueError, match="other points"):
        statistics_of(data, ENACTED).migration(ENACTED, other)


def test_only_the_last_few_statistics_are_kept(data):
    own = replace(data, cached={})
    for praises in range(4, 4 + module.KEPT_STATISTICS):
        statistics_of(own, ENACTED.with_changes({"points.praises": praises}))
    assert len(own.cached["statistics"]) == module.KEPT_STATISTICS
    first = next(iter(own.cached["statistics"].values()))
    statistics_of(own, ENACTED)
    assert first not in own.cached["statistics"].values()
    assert len(own.cached["statistics"]) == module.KEPT_STATISTICS
