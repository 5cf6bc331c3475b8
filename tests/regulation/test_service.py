"""Clauses 2.1-2.10: the score of a month, the review and the survey."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from three_runs import COUNT, POINTS, WIDE_POINTS, Fixed, Record, assert_same_in_three_runs, whole

import cmpolicy as cm
from cmpolicy.regulation import service
from cmpolicy.regulation.readings import CriteriaBasis, Readings, ReviewAdjust, UserCount
from cmpolicy.regulation.service import MonthRecord

ENACTED = cm.load_policy("2007-06").points
NOTHING = MonthRecord(*[0] * 16)
GAINS = ("broadband_gained", "maintained_gained", "praises")
LOSSES = tuple(name for name in MonthRecord._fields if name not in GAINS)
USERS = [(option,) for option in UserCount]
BASES = [(option,) for option in CriteriaBasis]
REVIEW = whole(-100, 100, np.int8)
RULES = [
    (service.starting_points, [POINTS], [()]),
    (service.broadband_points, [COUNT, COUNT, POINTS], USERS),
    (service.maintained_points, [COUNT, COUNT, POINTS], USERS),
    (service.acceptance_points, [COUNT, COUNT, COUNT, POINTS], BASES),
    (service.installation_points, [COUNT, COUNT, COUNT, POINTS], BASES),
    (service.fault_points, [COUNT, COUNT, COUNT, POINTS], BASES),
    (service.complaint_points, [COUNT, COUNT, POINTS], [()]),
    (service.unreported_points, [COUNT, POINTS], [()]),
    (
        service.month_score,
        [Record(), WIDE_POINTS],
        [(Readings(user_count=users, criteria_basis=basis),) for users, basis in product(UserCount, CriteriaBasis)],
    ),
    (
        service.review_points,
        [REVIEW, REVIEW, REVIEW, Fixed(st.integers(0, 100), np.int16)],
        [(option,) for option in ReviewAdjust],
    ),
    (
        service.survey_points,
        [
            COUNT,
            COUNT,
            Fixed(st.sampled_from([(19, 20), (0, 1), (1, 1), (9999, 10_000)]), lambda r: tuple(map(np.int64, r))),
            Fixed(st.integers(-1000, 1000), np.int16),
        ],
        [()],
    ),
]


@pytest.mark.parametrize(("rule", "arguments", "options"), [pytest.param(*r, id=r[0].__name__) for r in RULES])
@settings(max_examples=20)  # of a dozen rows each
@given(data=st.data())
def test_one_source_serves_the_scalar_the_column_and_the_compiled_run(rule, arguments, options, data):
    assert_same_in_three_runs(data, rule, arguments, options)


def score(readings=None, **counts):
    return service.month_score(NOTHING._replace(**counts), ENACTED, readings or Readings())


def test_a_month_without_events_scores_the_base():
    """2.1"""
    assert score() == 100


@pytest.mark.parametrize(
    ("event", "worth"),
    [
        ("broadband_gained", 3),
        ("broadband_lost", -2),
        ("maintained_gained", 3),
        ("maintained_lost", -2),
        ("complaints", -3),
        ("praises", 3),
        ("unreported_complaints", -5),
    ],
)
def test_each_event_counts_by_itself(event, worth):
    """2.2, 2.3, 2.7, 2.8"""
    assert [score(**{event: times}) - 100 for times in (1, 2, 7)] == [worth, 2 * worth, 7 * worth]


def test_gross_counts_gains_and_losses_apart_and_net_only_what_is_left_of_them():
    """A02: each of 2.2 and 2.3 nets by itself."""
    counts = {"broadband_gained": 5, "broadband_lost": 2, "maintained_gained": 1, "maintained_lost": 3}
    assert score(**counts) == 100 + 15 - 4 + 3 - 6
    assert score(Readings(user_count=UserCount.net), **counts) == 100 + 3 * 3 - 2 * 2


@pytest.mark.parametrize("clause", ["acceptance", "installation", "fault"])
@pytest.mark.parametrize(
    ("basis", "taken"), [("per_criterion", 2 * 2), ("per_group", 2), ("per_order", 2 * 8)], ids=str
)
def test_falling_below_standard_counts_per_standard_per_clause_or_per_order(clause, basis, taken):
    """A05: three orders below A and five below C."""
    readings = Readings(criteria_basis=CriteriaBasis[basis])
    assert score(readings, **{f"{clause}_a": 3, f"{clause}_c": 5}) == 100 - taken


@pytest.mark.parametrize("standard", [name for name in MonthRecord._fields if name[-2:] in {"_a", "_b", "_c"}])
def test_one_order_below_any_one_standard_costs_the_same_under_every_reading(standard):
    """2.4-2.6, A05"""
    for basis in CriteriaBasis:
        assert score(Readings(criteria_basis=basis), **{standard: 1}) == 98


def test_standards_cost_at_most_nine_times_per_criterion_and_three_times_per_group():
    """A05"""
    everything = {f"{clause}_{letter}": 9 for clause in ("acceptance", "installation", "fault") for letter in "abc"}
    assert score(**everything) == 100 - 2 * 9
    assert score(Readings(criteria_basis=CriteriaBasis.per_group), **everything) == 100 - 2 * 3


def test_joint_review_takes_the_agreed_figure_and_each_adds_both_within_the_limit():
    """2.9, A10: a limit lower than the recorded figure clips it."""
    assert service.review_points(3, 2, -1, 3, ReviewAdjust.joint) == 3
    assert service.review_points(3, 2, -1, 3, ReviewAdjust.each) == 1
    assert service.review_points(-3, 3, 3, 2, ReviewAdjust.joint) == -2
    assert service.review_points(-3, 3, 3, 2, ReviewAdjust.each) == 4
    assert service.review_points(3, 3, 3, 0, ReviewAdjust.joint) == 0


@pytest.mark.parametrize(
    ("satisfied", "sampled", "points"), [(19, 20, 5), (18, 20, 0), (14, 15, 0), (1, 1, 5), (95, 100, 5), (94, 99, 0)]
)
def test_a_survey_of_exactly_95_percent_earns_its_points(satisfied, sampled, points):
    """2.10: 94 of 99 is 94.95 percent."""
    assert service.survey_points(sampled, satisfied, (19, 20), 5) == points


@given(
    record=st.builds(MonthRecord, *[st.integers(0, 40)] * 16),
    readings=st.builds(Readings, user_count=st.sampled_from(UserCount), criteria_basis=st.sampled_from(CriteriaBasis)),
    event=st.sampled_from(MonthRecord._fields),
    more=st.integers(1, 5),
)
def test_more_gains_and_praise_never_lower_a_score_and_more_losses_and_faults_never_raise_it(
    record, readings, event, more
):
    before = service.month_score(record, ENACTED, readings)
    after = service.month_score(record._replace(**{event: getattr(record, event) + more}), ENACTED, readings)
    assert after >= before if event in GAINS else after <= before


@given(record=st.builds(MonthRecord, *[st.integers(0, 40)] * 16), basis=st.sampled_from(CriteriaBasis))
def test_net_counting_is_never_better_for_the_manager_than_gross_under_the_enacted_points(record, basis):
    """A gain is worth more than a loss costs, so setting them off against each other loses the difference."""
    gross, net = (service.month_score(record, ENACTED, Readings(u, basis)) for u in UserCount)
    pairs = (("broadband_gained", "broadband_lost"), ("maintained_gained", "maintained_lost"))
    offset = sum(min(getattr(record, gained), getattr(record, lost)) for gained, lost in pairs)
    assert gross - net == offset
