"""What an event is worth: to the fen what a full appraisal of the edited records pays more or less."""

import copy
import functools
import random

import numpy as np
import pytest
from oracle import quarter_of
from random_cases import month_row, random_data, random_policy, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.event_values import EVENTS, event_values, places_of
from cmpolicy.regulation.readings import READINGS

SEEDS = range(10)
CHANGED = {
    "broadband_user_gained": ("broadband_gained", 1),
    "broadband_user_kept": ("broadband_lost", -1),
    "maintained_user_gained": ("maintained_gained", 1),
    "maintained_user_kept": ("maintained_lost", -1),
    "complaint_avoided": ("complaints", -1),
    "praise": ("praises", 1),
    "complaint_reported": ("unreported_complaints", -1),
    "complaint": ("complaints", 1),
    "broadband_user_lost": ("broadband_lost", 1),
}
GROUPS = {"acceptance_right": "acceptance", "installation_right": "installation", "fault_right": "fault"}


@functools.cache
def case_of(seed):
    rng = random.Random(seed)
    data, policy = random_data(rng), cm.Policy.from_dict(random_policy(rng))
    return data, policy, cm.appraise(staff_data(data), policy)


def edited(data, event, quarter, limit, rule):
    """Put the event into everyone's last assessed month of a quarter; say for whom that could be done."""
    data = copy.deepcopy(data)
    last = {}
    for row in data["months"]:
        if quarter_of(row["month"]) == quarter and row["month"] >= last.get(row["staff_id"], row)["month"]:
            last[row["staff_id"]] = row
    done = set()
    for one, row in last.items():
        if event in CHANGED:
            name, step = CHANGED[event]
            if row[name] + step < 0:
                continue
            row[name] += step
        elif event in GROUPS:
            names = [f"{GROUPS[event]}_{letter}" for letter in "abc"]
            missed = [name for name in names if row[name]]
            if not missed:
                continue
            row[min(missed, key=row.get)] -= 1
        elif event == "review_point":
            name = "review_supervisor" if rule == "each" else "review"
            found = [row for row in data["quarters"] if (row["staff_id"], row["quarter"]) == (one, quarter)]
            if not found:
                found = [{"staff_id": one, "quarter": quarter}]
                data["quarters"] += found
            given = (found[0].get(name) or 0) + 1
            if given > min(limit, 3):  # the data dictionary takes no more than 3
                continue
            found[0][name] = given
        else:
            data["surveys"].append({"staff_id": one, "month": row["month"], "sampled": 1, "satisfied": 1})
        done.add(one)
    return data, done


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_worth_what_a_full_appraisal_says(event):
    """Payout of the quarter, less what is owed under `carried`, and the year end; any policy, any readings."""
    number, compared = list(EVENTS).index(event), 0
    for seed in SEEDS:
        data, policy, before = case_of(seed)
        panel = before.panel
        quarter = random.Random(f"{seed} {event}").randrange(panel.quarters)
        year, place = divmod(panel.first_quarter + quarter, 4)
        rule, carried = policy.readings.review_adjust.name, policy.readings.revenue_below_base.name == "carried"
        records, done = edited(data, event, (year, place + 1), policy.review.limit, rule)
        after = cm.appraise(staff_data(records), policy)
        values = event_values(places_of(before))
        rows = np.flatnonzero(values.quarter == quarter)
        people, ids = values.person[rows], panel.staff_ids[values.person[rows]]
        same = [after.data.place_of(one) for one in ids]
        wanted = np.zeros(len(rows), dtype=np.int64)
        for outcome, at, sign in ((after, same, 1), (before, people, -1)):
            arrays = outcome.arrays
            wanted += sign * arrays.payout[quarter, at]
            if carried:
                wanted -= sign * arrays.penalty_not_applied[quarter, at]
        months = slice(3 * quarter, 3 * quarter + 3)
        more = (after.arrays.award[months][:, same] - before.arrays.award[months][:, people]).sum(axis=0)
        of_year = panel.year_of(quarter)
        awards = before.arrays.service_award[of_year, people] + more
        limits = panel.other_year_end_bonus[of_year, people]
        signed = policy.readings.annual_negative.name == "signed"
        effect = awards if signed else np.maximum(awards, -limits)
        wanted += effect - before.arrays.cash_effect[of_year, people]
        # Where the year's other awards stay, as they do unless the standing changes, the year end itself says so.
        alike = after.arrays.service_award[of_year, same] == awards
        assert (after.arrays.cash_effect[of_year, same] == effect)[alike].all()
        could = np.array([one in done for one in ids], dtype=bool)
        assert (values.possible[number, rows] >= could).all()
        found = values.worth[number, rows]
        assert (found[could] == wanted[could]).all(), (seed, policy.readings)
        assert (values.grade[number, rows][could] == after.arrays.quarter_grade[quarter, same][could]).all()
        compared += int(could.sum())
    assert compared > 30


def test_nothing_is_what_was_appraised():
    """The rules with no event give back payout, grade, award and what is owed, under any policy."""
    for seed in range(40):
        _, _, outcome = case_of(seed)
        for places in places_of(outcome):
            for name, found, wanted in zip(places.now._fields, places.after(0, 0), places.now, strict=True):
                assert (found == wanted).all(), (seed, name)


def test_random_policies_reach_every_option():
    """Else the comparison with full appraisals would say less than it claims."""
    seen = {
        (setting, option.name) for seed in range(40) for setting, option in case_of(seed)[1].readings._asdict().items()
    }
    moving = set(READINGS) - {"best_rule", "best_revenue_metric", "day_divisor", "money_rounding"}
    assert {(setting, name) for setting in moving for name in READINGS[setting].__members__} <= seen


def worth(rows, policy=None, event="broadband_user_gained", **tables):
    """Give the worth of an event in each staff-quarter, in yuan."""
    values = event_values(places_of(cm.appraise(staff_data({"months": rows} | tables), policy)))
    return (values.worth[list(EVENTS).index(event)] / 100).tolist()


def test_a_third_of_a_point_below_a_bound_one_user_is_worth_the_step():
    """100, 100, 99 is a mean of 99.67, C; a user makes the last month 102 and the mean 100.67, B: 500 and 100 yuan."""
    months = [(2025, 1), (2025, 2), (2025, 3)]
    rows = [scoring("CM01", month, score) for month, score in zip(months, (100, 100, 99), strict=True)]
    assert worth(rows) == [500 + 100]
    assert worth(rows, event="complaint_avoided") == [0]
    assert worth(rows, event="praise") == [600]
    assert worth(rows, event="review_point") == [500]
    assert worth(rows, event="satisfied_survey") == [500]


def test_a_penalty_that_the_floor_stops_costs_nothing_unless_it_is_carried():
    """3.3: with nothing paid out a worse grade takes no more; under `carried` the next quarter takes it in full."""
    months = [(2025, 1), (2025, 2), (2025, 3)]
    rows = [scoring("CM01", month, 100) for month in months]
    quarter = {"staff_id": "CM01", "quarter": (2025, 1), "revenue": 0, "revenue_base": 100_000_00}
    bonus = {"staff_id": "CM01", "year": 2025, "other_year_end_bonus": 1_000_00}
    tables = {"quarters": [quarter], "years": [bonus]}
    carried = cm.load_policy("2007-06").with_changes({"readings.revenue_below_base": "carried"})
    assert worth(rows, event="complaint", **tables) == [-100]
    assert worth(rows, carried, event="complaint", **tables) == [-600]


def test_the_event_is_in_the_last_assessed_month():
    """Its award is that month's: January 99, February 110 and no March; a user in February changes no month's grade."""
    rows = [scoring("CM01", (2025, 1), 99), scoring("CM01", (2025, 2), 110)]
    assert worth(rows) == [0]
    assert worth(rows[::-1]) == [0]
    rows = [scoring("CM01", (2025, 1), 110), scoring("CM01", (2025, 2), 99)]
    assert worth(rows) == [100]


def test_an_event_that_cannot_be_is_worth_nothing():
    """No complaint to avoid, no review point beyond the limit; whoever was dismissed is left out."""
    months = [(2025, month) for month in range(1, 13)]
    rows = [month_row("CM01", month, complaints=9) for month in months] + [month_row("CM02", months[0])]
    quarters = [{"staff_id": "CM02", "quarter": (2025, 1), "review": 3}]
    values = event_values(places_of(cm.appraise(staff_data({"months": rows, "quarters": quarters}))))
    assert list(zip(values.person.tolist(), values.quarter.tolist(), strict=True)) == [(0, 0), (1, 0), (0, 1), (0, 2)]
    possible = dict(zip(EVENTS, values.possible.tolist(), strict=True))
    assert possible["complaint_avoided"] == [True, False, True, True]
    assert possible["review_point"] == [True, False, True, True]


def test_who_is_dismissed_by_one_event_is_counted():
    """3.5: under observation with 90 a complaint makes it E."""
    months = [(2025, month) for month in range(1, 10)]
    rows = [scoring("CM01", month, 90 if month[1] > 6 else 80) for month in months]
    values = event_values(places_of(cm.appraise(staff_data({"months": rows}))))
    assert values.dismissal[list(EVENTS).index("complaint")].tolist() == [0, 0, 1]
    rows = [scoring("CM01", month, 89 if month[1] > 6 else 80) for month in months]
    values = event_values(places_of(cm.appraise(staff_data({"months": rows}))))
    assert values.dismissal[list(EVENTS).index("praise")].tolist() == [0, 0, -1]
