"""What holds for all data and all policies: the engines agree, and pay is monotone where the rules are."""

import random
from itertools import pairwise

import numpy as np
import pytest
from random_cases import month_row, random_data, random_policy, staff_data

import cmpolicy as cm
from cmpolicy.regulation.policy import Policy
from cmpolicy.regulation.readings import READINGS
from cmpolicy.regulation.standing import LEFT

ENACTED = cm.load_policy("2007-06")
PAIRS = 5
"""As many as the reading with the most options has."""


def choices_of_readings():
    """Choose readings so that each option of each reading comes up; a kernel is compiled for each choice."""
    rng = random.Random(7)
    columns = {}
    for setting, options in READINGS.items():
        names = list(options.__members__)
        columns[setting] = [names[place % len(names)] for place in range(PAIRS)]
        rng.shuffle(columns[setting])
    columns["elimination_rule"] = ["grade_E"] * PAIRS  # ranks people, so that no kernel serves the other option
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


CHOICES = choices_of_readings()


def narrow_data(rng):
    """Draw data whose counts and revenue are narrow, as nearly all are: other widths compile anew."""
    while True:
        data = random_data(rng)
        panel = staff_data(data).panel
        if {column.dtype for column in panel.counts} == {np.dtype(np.int8)} and panel.revenue.dtype == np.int32:
            return data


def policy_with(rng, readings, grades):
    """Draw a policy with these readings and so many grades: other numbers of grades compile anew."""
    while True:
        content = random_policy(rng)
        if len(content["grades"]) == grades:
            return Policy.from_dict(content | {"readings": readings})


def assert_same_arrays(first, second):
    for name, one, other in zip(first.arrays._fields, first.arrays, second.arrays, strict=True):
        assert one.dtype == other.dtype, name
        assert np.array_equal(one, other), name


def test_the_choices_of_readings_cover_every_option():
    found = {setting: {choice[setting] for choice in CHOICES} for setting in READINGS}
    found["elimination_rule"].add("lowest_scorer")
    assert found == {setting: set(options.__members__) for setting, options in READINGS.items()}


@pytest.mark.parametrize("number", range(PAIRS))
def test_the_compiled_engine_gives_every_array_of_the_column_engine(number):
    pytest.importorskip("numba")
    rng = random.Random(number)
    for _ in range(6):
        data = staff_data(narrow_data(rng))
        policy = policy_with(rng, CHOICES[number], grades=2 + number)
        assert_same_arrays(cm.appraise(data, policy, engine="numba"), cm.appraise(data, policy))


def test_the_engines_agree_across_versions_of_the_policy():
    """Standing, run and carried penalty go from one version's kernel to the next one's."""
    pytest.importorskip("numba")
    rng = random.Random(11)
    for _ in range(4):
        data = staff_data(narrow_data(rng))
        start = data.panel.first_month + 3 * rng.randint(1, max(data.panel.quarters - 1, 1))
        days = ["2000-01-01", f"{start // 12}-{start % 12 + 1:02d}-01"]
        versions = [
            policy_with(rng, CHOICES[number], grades=2 + number).with_changes({"id": day, "effective_from": day})
            for number, day in zip(rng.sample((0, 1), 2), days, strict=True)  # two kernels serve every version
        ]
        book = cm.PolicyBook(versions)
        assert_same_arrays(cm.appraise(data, book, engine="numba"), cm.appraise(data, book))


def test_the_reading_that_ranks_people_is_left_to_the_columns():
    pytest.importorskip("numba")
    rng = random.Random(3)
    data = staff_data(random_data(rng))
    policy = ENACTED.with_changes({"readings.elimination_rule": "lowest_scorer"})
    assert_same_arrays(cm.appraise(data, policy, engine="numba"), cm.appraise(data, policy))


# A value that matters under one option of a reading only.
CONDITIONAL = [
    ({"readings.probation_bonus": "none"}, {"probation.months": 5}),
    ({"readings.survey_target": "survey_month"}, {"survey.points": 7}),
    ({"readings.survey_target": "survey_month"}, {"survey.threshold": 0.9}),
    ({"readings.review_adjust": "each"}, {"review.limit": 1}),
    ({"readings.fraud_score": "quarter_E"}, {"grades.D.from": 93}),
    ({"readings.fraud_score": "keep"}, {"grades.D.from": 93}),
    ({"readings.band_rule": "round_half_up"}, {"grades.D.from": 93}),
    ({"readings.elimination_rule": "lowest_scorer"}, {"readings.observation_survived": "no_reset"}),
    ({"readings.revenue_below_base": "carried"}, {"readings.after_dismissal": "as_recorded"}),
    ({"readings.revenue_below_base": "carried"}, {"grades.E.quarterly_bonus": 500}),
]


def changes_of(rng):
    """Give single changes that touch every path of the policy and every option of every reading, in random order."""
    changes = [
        {f"readings.{setting}": option} for setting, options in READINGS.items() for option in options.__members__
    ]
    for path in ENACTED.paths():
        value = ENACTED.get(path)
        if not isinstance(value, str):
            step = type(value)(1) if value == int(value) and path != "survey.threshold" else -value / 5
            changes.append({path: value + step})
    rng.shuffle(changes)
    return changes


@pytest.mark.parametrize("seed", [12, 24])
def test_what_is_kept_of_earlier_appraisals_never_shows(seed):
    """Each change, and a second one on top, gives on used data what it gives on fresh data."""
    rng = random.Random(seed)
    used = staff_data(random_data(rng))
    panel, arrays = used.panel, cm.appraise(used, ENACTED).arrays
    assert panel.any_fraud
    assert ((arrays.standing == LEFT) & (panel.revenue > panel.base)).any()  # else some changes would change nothing
    tried = [{f"readings.{name}": option} for name, options in READINGS.items() for option in options.__members__]
    tried += [change for first, second in CONDITIONAL for change in (first, first | second)]
    tried += [first | second for first, second in pairwise(changes_of(rng))]
    for changes in tried:
        policy = ENACTED.with_changes(changes)
        fresh = cm.StaffData(used.staff_ids, used.tables)
        assert_same_arrays(cm.appraise(used, policy), cm.appraise(fresh, policy))


@pytest.mark.parametrize("seed", range(12))
def test_every_quarter_adds_up_and_a_floor_holds(seed):
    rng = random.Random(seed)
    policy = Policy.from_dict(random_policy(rng))
    outcome = cm.appraise(staff_data(random_data(rng)), policy)
    quarter = outcome.exact("quarters")
    assert np.array_equal(
        quarter["payout"], quarter["service_bonus"] + quarter["revenue_bonus"] + quarter["penalty_not_applied"]
    )
    assert (quarter["penalty_not_applied"] >= 0).all()
    assert (quarter["service_bonus"] >= 0).all()
    assert not (quarter["dismissal_due"] & (quarter["open"] | (quarter["standing"] != "observation"))).any()
    if policy.readings.payout_floor.name == "zero":
        assert (quarter["payout"] >= 0).all()
    else:
        assert not quarter["penalty_not_applied"].any()
    assert outcome.cost["payout"] == quarter["payout"].sum()
    years, months = outcome.exact("years"), outcome.exact("months")
    assert years["service_award"].sum() == months["award"].sum()
    assert (years["cash_effect"] >= years["service_award"]).all()


@pytest.mark.parametrize("seed", range(8))
def test_a_higher_lowest_bound_never_undoes_or_delays_a_dismissal(seed):
    """Under the default readings, also for fraud months, which count at one below the lowest bound."""
    rng = random.Random(seed)
    data = staff_data(random_data(rng))
    before = None
    for bound in range(70, 95, 3):
        outcome = cm.appraise(data, ENACTED.with_changes({"grades.D.from": bound}))
        due = outcome.arrays.dismissal_due
        quarter = np.where(due.any(axis=0), due.argmax(axis=0), len(due))
        assert before is None or (quarter <= before).all()
        before = quarter


@pytest.mark.parametrize("seed", range(8))
def test_more_money_for_a_grade_or_a_lower_bound_never_lowers_a_payout(seed):
    """Under the default readings, and but for fraud months: the lowest bound is also what they are capped below."""
    rng = random.Random(seed)
    rows = random_data(rng)
    rows["months"] = [row | {"fraud": False} for row in rows["months"]]
    data = staff_data(rows)
    before = cm.appraise(data, ENACTED).arrays.payout
    for path, value in {
        "grades.B.quarterly_bonus": 2100,
        "grades.E.quarterly_bonus": 10,
        "grades.A.from": 107,
        "grades.C.from": 91,
        "grades.D.from": 80,
    }.items():
        assert (cm.appraise(data, ENACTED.with_changes({path: value})).arrays.payout >= before).all(), path


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("user_count", ["gross", "net"])
def test_a_better_record_never_lowers_score_grade_or_payout(seed, user_count):
    """More gains and praise, fewer losses, faults and complaints, in months at random; whatever fraud there is."""
    rng = random.Random(seed)
    rows = random_data(rng)
    policy = ENACTED.with_changes({"readings.user_count": user_count})
    before = cm.appraise(staff_data(rows), policy).arrays
    counts = [name for name in month_row("", None) if name not in ("staff_id", "month", "fraud")]
    for row in rng.sample(rows["months"], k=-(-len(rows["months"]) // 3)):
        name = rng.choice(counts)
        better = name.endswith("gained") or name == "praises"
        row[name] = row[name] + 1 if better else max(row[name] - 1, 0)
    after = cm.appraise(staff_data(rows), policy).arrays
    assert (after.month_score >= before.month_score).all()
    assert (after.quarter_score >= before.quarter_score).all()
    assert (after.month_grade <= before.month_grade).all()
    assert (after.quarter_grade <= before.quarter_grade).all()
    assert (after.payout >= before.payout).all()


@pytest.mark.parametrize("seed", range(6))
def test_nobodys_result_depends_on_other_people(seed):
    """Unless the policy dismisses the lowest scorer, and but for who is best of a month."""
    rng = random.Random(seed)
    rows = random_data(rng)
    policy = Policy.from_dict(random_policy(rng, settled=("elimination_rule",)))
    everyone = cm.appraise(staff_data(rows), policy)
    last = max(row["month"] for row in rows["months"])
    stays = {row["staff_id"] for row in rows["months"] if rng.random() < 0.02 or row["month"] == last}
    some = {name: [row for row in of if row["staff_id"] in stays] for name, of in rows.items()}
    if policy.readings.review_adjust.name == "each" and not some["quarters"]:
        return
    part = cm.appraise(staff_data(some), policy)
    for table in ("months", "quarters", "years"):
        whole = getattr(everyone, table)
        expected = whole[whole["staff_id"].isin(stays)].reset_index(drop=True)
        assert getattr(part, table).equals(expected), table
