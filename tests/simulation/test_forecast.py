"""A forecast pays every drawn staff-quarter as the rules do, draws by season, and says how sure it is."""

import functools
import random
import re

import numpy as np
import pandas as pd
import pytest
from random_cases import random_policy

import cmpolicy as cm
from cmpolicy.regulation import pay, standing
from cmpolicy.regulation.policy import Policy
from cmpolicy.regulation.readings import AfterDismissal, EliminationRule, ProbationBonus, RevenueBelowBase
from cmpolicy.simulation import forecast_drawing
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.breakdown import cost_by
from cmpolicy.simulation.forecast_limits import possible
from cmpolicy.simulation.forecast_result import COMPONENTS, TOTAL
from cmpolicy.simulation.future_pay import FuturePay
from cmpolicy.simulation.future_records import Growth
from cmpolicy.simulation.futures import LARGEST_AREAS, Past, Spread
from cmpolicy.simulation.history import Recall

ENACTED = cm.load_policy("2007-06")
KEPT_ON = ENACTED.with_changes({"readings.after_dismissal": "as_recorded"})
FEW = 60


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=36, seed=2, knobs=cm.SyntheticKnobs(service_shift=-4))


@pytest.fixture(scope="module")
def found(data):
    reform = ENACTED.with_changes({"grades.A.from": 112})
    return cm.forecast(data, {"today": ENACTED, "reform": reform}, replicates=400, seed=5)


def history_of(data, policy, horizon):
    return Recall((policy,), horizon, (1.0,), seed=0)(data)


def frames_of(data):
    return {name: data.frame(name) for name in data.tables}


def shifted(frame, years):
    """Move a table by whole years."""
    frame = frame.copy()
    for name in ("month", "quarter"):
        if name in frame:
            frame[name] = [f"{int(text[:4]) + years}{text[4:]}" for text in frame[name]]
    if "year" in frame:
        frame["year"] += years
    return frame


@functools.cache
def same_year_again(years, **knobs):
    """Give a department that has the same records year after year, and the data of one of them."""
    still = cm.SyntheticKnobs(joiners_a_year=0, leavers_a_year=0, **knobs)
    once = frames_of(cm.synthesize(staff=12, months=12, seed=3, first_month="2021-01", knobs=still))
    staff = once.pop("staff")[["staff_id", "area"]]
    repeated = {
        name: pd.concat([shifted(frame, year) for year in range(years)], ignore_index=True)
        for name, frame in once.items()
    }
    return tuple(cm.StaffData.from_frames(tables | {"staff": staff}) for tables in (repeated, once))


def people_of(grades):
    """Make a department of people whose every month has one of these grades, a text of four seasons by person."""
    points = {"A": 4, "C": -2, "E": -6}
    rows = [
        {
            "staff_id": staff_id,
            "month": f"{2021 + quarter // 4}-{3 * (quarter % 4) + month + 1:02d}",
            "gain": points[grade],
        }
        for staff_id, letters in grades.items()
        for quarter, grade in enumerate(letters)
        for month in range(3)
    ]
    months = pd.DataFrame(rows)
    gain = months.pop("gain")
    months["broadband_gained"], months["broadband_lost"] = gain.clip(lower=0), -gain.clip(upper=0)
    for name in ("maintained_gained", "maintained_lost", "complaints", "praises", "unreported_complaints", "fraud"):
        months[name] = 0
    for group in ("acceptance", "installation", "fault"):
        for letter in "abc":
            months[f"{group}_{letter}"] = 0
    return cm.StaffData.from_frames({"months": months})


def cells(frame, columns=("p10", "p50", "p90", "mean"), **where):
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return frame[list(columns)].to_numpy()


# -- paid as the rules pay -------------------------------------------------------


def followed_by_hand(data, policy, past, growth, draws, replicate):
    """Go through every post of one replicate, person by person, with the rules on plain numbers."""
    outcome = appraise(data, policy)
    arrays, panel, terms, readings = outcome.arrays, outcome.panel, outcome.versions[0].terms, policy.readings
    failed = arrays.quarter_grade == terms.lowest_grade
    if readings.elimination_rule == EliminationRule.lowest_scorer:
        failed = np.array([standing.is_lowest(*both) for both in zip(arrays.quarter_score, arrays.scored, strict=True)])
    bonus = np.where(panel.other_year_end_bonus > 0, panel.other_year_end_bonus, 0)
    last_bonus = np.array([next((one for one in own[::-1] if one), 0) for own in bonus.T.tolist()])
    known = sorted(one for one in last_bonus.tolist() if one)
    last_bonus = [one or (known[len(known) // 2] if known else 0) for one in last_bonus.tolist()]

    def step(state, fails, scored, not_applied, *, row=True):
        stood, run, carried = state
        due = bool(standing.dismissal_due(stood, fails))
        if readings.revenue_below_base == RevenueBelowBase.carried:
            carried = int(pay.penalty_carried(carried, not_applied, row, due))
        run = standing.next_run(run, stood, scored, fails, readings.observation_survived, readings.unassessed_quarter)
        return (int(standing.next_standing(stood, run, scored, fails, terms.e_quarters)), int(run), carried), due

    def state_of(person):
        state, awarded = (0, 0, 0), 0
        for quarter in range(past.quarters):
            row = bool(outcome.quarter_rows[quarter, person])
            not_applied = int(arrays.penalty_not_applied[quarter, person])
            state, _ = step(
                state, bool(failed[quarter, person]), bool(arrays.scored[quarter, person]), not_applied, row=row
            )
            awarded = 0 if (panel.first_quarter + quarter) % 4 == 0 else awarded
            awarded += int(arrays.award[3 * quarter : 3 * quarter + 3, person].sum())
        return state, 0 if past.start % 4 == 0 else awarded

    def record(quarter, source, person, stood, owed, *, on_probation):
        grade = int(arrays.quarter_grade[source, person])
        months = [int(arrays.month_grade[month, person]) for month in range(3 * source, 3 * source + 3)]
        paid = int(pay.grade_paid(0, stood, readings.after_dismissal, readings.probation_bonus)) == 0
        paid &= not (on_probation and readings.probation_bonus == ProbationBonus.none)
        here = int(arrays.months_assessed[source, person])
        service = int(pay.service_bonus(grade, here, terms.quarterly_bonus, readings.missing_months)) * paid
        award = sum(int(pay.month_award(one, terms.monthly_award)) for one in months) * paid
        ahead = 1 + quarter // 4
        behind = (past.quarters + quarter - source) // 4 - ahead
        grown = [
            round(int(column[source, person]) * ((1 + growth.past) ** behind * (1 + rate) ** ahead))
            for column, rate in ((panel.revenue, growth.revenue), (panel.base, growth.base))
        ]
        revenue = int(pay.revenue_bonus(*grown, owed, terms.revenue_ratio, readings.revenue_below_base))
        return service, revenue, int(pay.quarter_payout(service, revenue, readings.payout_floor)), award

    totals = np.zeros((past.horizon, len(past.areas), 5), dtype=np.int64)
    dismissals = np.zeros(past.horizon, dtype=np.int64)
    for post, first in enumerate(past.posts.tolist()):
        holder, holders, luck, probation = first, 0, draws.luck[replicate, post], 0
        state, awarded = state_of(past.people[first]) if first != past.nobody else ((0, 0, 0), 0)
        for quarter in range(past.horizon):
            if (past.start + quarter) % 4 == 0:
                awarded = 0
            if draws.closing[replicate, post] >= past.headcount[quarter]:
                holder = past.nobody
                continue
            left = readings.after_dismissal == AfterDismissal.stop and state[0] == standing.LEFT
            if holder == past.nobody or draws.leaves[replicate, post] == quarter or left:
                luck = draws.luck[replicate, (post + holders) % len(past.posts)]
                holder, holders, state, awarded = int(past.successors(luck[None])[0]), holders + 1, (0, 0, 0), 0
                probation = quarter + -(-terms.probation_months // 3)
            source = int(past.sources[quarter][draws.path[replicate, quarter]])
            whose = holder
            if not past.usable[source, holder]:
                whose = int(past.stand_ins(np.array([source]), np.array([holder]), luck[None])[0])
                assert past.usable[source, whose]
            person = past.people[whose]
            paid = record(quarter, source, person, state[0], state[2], on_probation=quarter < probation)
            other = last_bonus[past.people[holder]]
            before = int(pay.cash_effect(awarded, other, readings.annual_negative))
            awarded += paid[3]
            cash = int(pay.cash_effect(awarded, other, readings.annual_negative)) - before
            totals[quarter, past.area_of_post[post]] += [*paid, cash]
            not_applied = int(pay.penalty_not_applied(paid[2], paid[0], paid[1]))
            state, due = step(state, bool(failed[source, person]), bool(arrays.scored[source, person]), not_applied)
            dismissals[quarter] += due
    return totals, dismissals


@pytest.mark.parametrize("seed", range(16))
def test_every_post_is_paid_as_if_gone_through_by_hand(seed):
    """Random policies and readings, months missing, people who come, leave, are dismissed, posts added and closed."""
    rng = random.Random(seed)
    knobs = cm.SyntheticKnobs(
        fraud=0.02,
        missing_months=0.05,
        service_shift=-7,
        leavers_a_year=0.3,
        joiners_a_year=0.3,
        revenue_attainment=0.97,
    )
    months = rng.choice([24, 29, 33])
    frames = frames_of(cm.synthesize(staff=25, months=months, seed=seed, knobs=knobs))
    if rng.random() < 0.4:
        del frames["years"]
    frames["staff"] = frames["staff"][["staff_id", "area", "leave_date"]]  # nobody on probation
    data = cm.StaffData.from_frames(frames)
    policy = Policy.from_dict(random_policy(rng))
    if rng.random() < 0.6:
        policy = ENACTED.with_changes(
            {path: policy.get(path) for path in policy.paths() if path.startswith("readings.")}
        )
    policy = policy.with_changes({"standing.e_quarters": rng.choice([1, 2]), "readings.review_adjust": "joint"})
    headcount = rng.choice([None, [9, 30, 12, 14, 14, 20]])
    history = history_of(data, policy, 6)
    past = Past(history, 6, headcount, 0.4)
    growth = Growth(0.03, 0.05, 0.02)
    draws = past.draw([np.random.default_rng([seed, number]) for number in range(4)])
    paid = FuturePay(history, 0, policy, past, growth)
    money, dismissed = paid.totals(draws)
    alone, _ = paid.totals(past.draw([np.random.default_rng([seed, 0])]))
    assert np.array_equal(alone[:, 0], money[:, 0])
    for replicate in range(4):
        expected, due = followed_by_hand(data, policy, past, growth, draws, replicate)
        assert np.array_equal(money[:, replicate], expected)
        assert np.array_equal(dismissed[:, replicate], due)


def test_the_same_year_again_costs_the_same():
    """Where every year was alike and nobody goes, there is no doubt: it is what an appraisal of one year says."""
    data, year = same_year_again(3, fraud=0.02, missing_months=0.05)
    total = cm.forecast(data, KEPT_ON, replicates=FEW, leavers_a_year=0).total.set_index("component")
    cost = cm.appraise(year, KEPT_ON).cost
    for component in COMPONENTS:
        assert (total.loc[component] == cost[component] / 100).all()


def test_money_in_replicates_is_whole_fen(found):
    """Cost is payout and cash effect, payout is never more than both bonuses' parts allow; nothing is rounded away."""
    assert found.exact.dtype == np.int64
    service, revenue, payout, _, cash, cost = np.moveaxis(found.exact, -1, 0)
    assert np.array_equal(cost, payout + cash)
    assert (payout >= service + revenue).all()


# -- who is there ------------------------------------------------------------------


@pytest.mark.parametrize("posts", [0, 1, 7, 24])
def test_a_plan_for_the_posts_is_kept(posts):
    """People who are all alike cost in proportion to the posts, whoever leaves."""
    data = people_of({f"CM{number}": "AAAAAAAAAAAA" for number in range(12)})
    total = cm.forecast(data, ENACTED, headcount=posts, replicates=FEW, leavers_a_year=0.3).total
    assert (cells(total, component="service_bonus") == 4 * 2500 * posts).all()
    assert (cells(total, component="award") == 12 * 200 * posts).all()


@pytest.mark.parametrize("share", [0, 0.5, 1.5, 2])
def test_a_department_of_another_size_is_as_uncertain_in_proportion(share):
    """Good and bad quarters move all posts alike, also added ones; without posts it costs nothing for sure."""
    quarters = "AEAEEAAAEEAE"  # all people have the same good and bad quarters
    data = people_of({f"CM{number}": quarters for number in range(40)})
    whole, other = (
        cm.forecast(data, ENACTED, quarters=2, headcount=posts, replicates=400, leavers_a_year=0).interval()
        for posts in (40, int(40 * share))
    )
    of_bonus = (cells(table, ["low", "high"], component="service_bonus") for table in (whole, other))
    width, changed = (np.diff(ends, axis=1) for ends in of_bonus)
    assert (width > 0).all()
    assert np.abs(changed - share * width).max() <= 0.03  # tables are rounded to a fen


def test_posts_may_differ_from_quarter_to_quarter():
    """Closed and opened again, each quarter has its own number."""
    data = people_of({f"CM{number}": "AAAAAAAA" for number in range(6)})
    found = cm.forecast(data, ENACTED, headcount=[6, 2, 9, 4], replicates=FEW)
    assert cells(found.quarters, ["p10"], component="service_bonus").ravel().tolist() == [15000, 5000, 22500, 10000]
    assert found.people.loc[found.people["figure"] == "left", "headcount"].tolist() == [6, 2, 9, 4]


def test_vacant_posts_close_before_anybody_has_to_go():
    """With two posts fewer and two who leave by themselves, the others stay."""
    data = people_of({f"CM{number}": "AAAAAAAA" for number in range(50)})
    past = Past(history_of(data, ENACTED, 4), 4, [30] * 4, 0.5)
    draws = past.draw([np.random.default_rng(seed) for seed in range(20)])
    closed = draws.closing >= 30
    leaving = draws.leaves < 4
    assert (closed.sum(axis=1) == 20).all()
    assert ((closed & leaving).sum(axis=1) == np.minimum(leaving.sum(axis=1), 20)).all()


def test_observation_goes_on_from_the_end_of_the_data():
    """Two E at the end: under observation next; one more E, and others hold the post from the second quarter on."""
    data = people_of({"CM0": "CCCCCCEE", "CM1": "EECCCCCC", "CM2": "CCCCCCCC"})
    found = cm.forecast(data, ENACTED, replicates=FEW, leavers_a_year=0)
    dismissed = cells(found.people, ["p10", "p90"], figure="dismissed").tolist()
    # CM0 draws C or C in the first two seasons: the observation is survived.
    assert dismissed == [[0, 0]] * 4
    again = people_of({"CM0": "EECCEEEE", "CM1": "CCCCCCCC", "CM2": "CCCCCCCC"})
    found = cm.forecast(again, ENACTED, replicates=FEW, leavers_a_year=0)
    assert "People in post whom 2007-06 dismisses by the end of the data (3.5): 1. Others succeed them." in [
        str(note) for note in found.notes
    ]


def test_who_is_dismissed_is_succeeded_from_the_next_quarter_on():
    """Under observation at the end and E in the first coming quarter, which is the only one that quarter can be."""
    data = people_of({"CM0": "ECCCCCEE", "CM1": "CCCCCCCC"})
    first = cm.forecast(data, ENACTED, quarters=4, replicates=200, seed=1, leavers_a_year=0)
    drawn_as_e = first.dismissed[0, :, 0]
    assert set(drawn_as_e.tolist()) == {0, 1}  # the first quarter of 2021 was E, that of 2022 was not
    stays = cm.forecast(data, KEPT_ON, quarters=4, replicates=200, seed=1, leavers_a_year=0)
    assert np.array_equal(first.exact[:, drawn_as_e == 0], stays.exact[:, drawn_as_e == 0])


def test_leavers_are_as_many_as_asked_for(data):
    """As in the data, or as the analyst says; with none everyone stays."""
    none = cm.forecast(data, ENACTED, replicates=FEW, leavers_a_year=0)
    assert not none.leavers.any()
    many = cm.forecast(data, ENACTED, replicates=400, leavers_a_year=0.5)
    posts = many.headcount[0]
    assert many.leavers.sum(axis=1).mean() == pytest.approx(0.5 * posts, rel=0.05)


def test_a_post_that_the_plan_adds_is_left_by_nobody_before_it_is_taken():
    """Of those in post at the end of the data as many leave as the share says, however many posts are added."""
    data = people_of({f"CM{number}": "AAAAAAAA" for number in range(10)})
    found = cm.forecast(data, ENACTED, headcount=1000, replicates=FEW, leavers_a_year=0.9)
    assert found.leavers.sum(axis=1).max() <= 10
    assert found.leavers.sum(axis=1).mean() == pytest.approx(9, abs=0.5)


def test_whom_the_policy_dismissed_did_not_leave_by_themselves():
    """Three times E and no more records: a dismissal under 3.5, unless the policy dismisses only on paper."""
    data = people_of({"CM0": "EEE", "CM1": "CCCCCCCC", "CM2": "CCC"})
    rows = {name: history_of(data, one, 4)["sum of rows"].tolist() for name, one in (("kept", KEPT_ON), ("", ENACTED))}
    assert rows == {"kept": [13, 2], "": [13, 1]}


# -- which quarters ----------------------------------------------------------------


def test_a_coming_quarter_is_drawn_from_past_ones_of_its_season(data):
    """Q1 from Q1; all of them, each about as often."""
    past = Past(history_of(data, ENACTED, 6), 6)
    for quarter, sources in enumerate(past.sources):
        assert ((past.start - past.quarters + sources) % 4 == (past.start + quarter) % 4).all()
        assert len(sources) == 3
    draws = past.draw([np.random.default_rng(seed) for seed in range(900)])
    assert np.abs(np.bincount(draws.path[:, 0]) - 300).max() < 75


def test_seasons_stay():
    """A department that is A in winter and C else has its bonus in winter."""
    data = people_of({f"CM{number}": "ACCCACCCACCC" for number in range(5)})
    found = cm.forecast(data, ENACTED, replicates=FEW)
    assert cells(found.quarters, ["p10", "p90"], component="service_bonus").tolist() == [
        [12500, 12500], [7500, 7500], [7500, 7500], [7500, 7500],
    ]  # fmt: skip


def test_streams_of_replicates_do_not_overlap(data):
    """No random number of one replicate comes again in another, and none depends on how many there are."""
    past = Past(history_of(data, ENACTED, 4), 4)
    seeds = np.random.SeedSequence(0).spawn(50)
    luck = past.draw([np.random.default_rng(seed) for seed in seeds]).luck
    assert len(np.unique(luck)) == luck.size
    few, many = (cm.forecast(data, ENACTED, replicates=count, seed=9) for count in (20, 40))
    assert np.array_equal(few.exact[0], many.exact[0, :20])
    assert np.array_equal(few.unlimited[0], many.unlimited[0, :20])


def test_the_spread_holds_what_comes_as_often_as_it_says():
    """Quarters of one normal law: the 90 % interval from twelve of them holds the next one about nine times in ten."""
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(300):
        totals = rng.normal(size=13)
        spread = Spread(np.arange(12), 12)
        away = spread.deviations(totals[:12, np.newaxis])[:, 0]
        weights = np.stack([spread.draw(rng, np.array([3]))[0] for _ in range(250)])
        low, high = np.quantile(totals[[0, 4, 8]].mean() + weights @ away, [0.05, 0.95])
        inside += low <= totals[12] <= high
    assert 0.85 <= inside / 300 <= 0.95


def test_revenue_grows_as_asked():
    """The growth acts on revenue and base from the last year on; without one it is that of the bases in the data."""
    data, year = same_year_again(3)
    assert "in the data the base grew by 0.0%" in " ".join(map(str, cm.forecast(data, KEPT_ON, replicates=1).notes))
    more = cm.forecast(data, KEPT_ON, replicates=FEW, leavers_a_year=0, revenue_growth=0.1, base_growth=0.1).total
    expected = cm.appraise(year, KEPT_ON).cost["revenue_bonus"] / 100 * 1.1
    assert cells(more, ["mean"], component="revenue_bonus")[0, 0] == pytest.approx(expected, abs=1)


# -- what is said ------------------------------------------------------------------


def test_tables_have_their_columns_and_order(data, found):
    """One policy has no column of policies; every table is in yuan, by quarter and component."""
    one = cm.forecast(data, ENACTED, replicates=FEW)
    figures = ["p10", "p50", "p90", "mean"]
    assert list(one.quarters) == ["quarter", "component", *figures]
    assert list(one.total) == ["component", *figures]
    assert list(one.areas) == ["area", "posts", "component", *figures]
    assert list(one.difference) == ["policy", "quarter", "component", *figures]
    assert one.difference.empty
    assert list(found.quarters) == ["policy", "quarter", "component", *figures]
    assert found.quarters["quarter"].unique().tolist() == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert one.total["component"].tolist() == list(COMPONENTS)
    assert (found.quarters["p10"] <= found.quarters["p50"]).all()
    assert (found.quarters["p50"] <= found.quarters["p90"]).all()


def test_areas_add_up_to_the_whole(found):
    """The twenty largest by name, the rest together; their means are the total's."""
    areas = found.areas[found.areas["policy"] == "today"]
    assert len(areas) == (LARGEST_AREAS + 1) * len(COMPONENTS)
    assert areas["area"].iloc[-1] == "all other areas"
    assert areas.groupby("area")["posts"].first().sum() == found.headcount[0]
    mean = areas.groupby("component")["mean"].sum()
    total = found.total[found.total["policy"] == "today"].set_index("component")["mean"]
    assert np.allclose(mean[total.index], total, atol=1, rtol=0.01)
    assert mean["cost"] == pytest.approx(total["cost"], abs=1)


@pytest.mark.parametrize("seed", range(8))
def test_the_past_is_the_appraisal(seed):
    """To the fen by quarter and component, with those who are dismissed, on probation or pay a penalty later."""
    rng = random.Random(seed)
    knobs = cm.SyntheticKnobs(service_shift=-6, fraud=0.02, leavers_a_year=0.3, joiners_a_year=0.3)
    data = cm.synthesize(staff=30, months=rng.choice([24, 31]), seed=seed, knobs=knobs)
    policy = Policy.from_dict(random_policy(rng)).with_changes({"readings.review_adjust": "joint"})
    later = ENACTED.with_changes({"id": "later", "effective_from": "2023-07-01", "grades.A.quarterly_bonus": 3000})
    policies = {"random": policy, "enacted": ENACTED, "book": cm.PolicyBook([ENACTED, later])}
    found = cm.forecast(data, policies, replicates=1)
    for name, one in policies.items():
        outcome = appraise(data, one)
        of_policy = found.history[found.history["policy"] == name]
        past = of_policy.pivot_table("amount", "quarter", "component", sort=False)
        by_quarter = cost_by(outcome, "quarter").iloc[: len(past)]
        for component in ("service_bonus", "revenue_bonus", "payout", "award"):
            assert past[component].tolist() == pytest.approx(by_quarter[component].tolist(), abs=0.001)
        of_years = past["cash_effect"].groupby(past.index.str[:4]).sum()
        by_year = cost_by(outcome, "year")["cash_effect"].iloc[: len(past) // 4]
        assert of_years.tolist()[: len(by_year)] == pytest.approx(by_year.tolist(), abs=0.001)
        assert past["cost"].tolist() == pytest.approx((past["payout"] + past["cash_effect"]).tolist(), abs=0.001)
        if data.panel.quarters == len(past):
            assert past["cost"].sum() == pytest.approx(outcome.cost["cost"] / 100, abs=0.001)


def test_what_the_past_shows_otherwise_than_it_is_drawn_from_is_said(data):
    """People whom a policy dismisses go on in the data: the past does not pay them, and a note counts their records."""
    outcome = appraise(data, ENACTED)
    after = int((outcome.quarter_rows & (outcome.arrays.standing == standing.LEFT)).sum())
    assert after > 0
    notes = " ".join(map(str, cm.forecast(data, {"today": ENACTED, "kept": KEPT_ON}, replicates=1).notes))
    assert (
        f"Staff-quarters after a dismissal under today (3.5): {after}. The past shows them unpaid, as an appraisal "
        "does; coming quarters are drawn from them, too, as records of a successor."
    ) in notes
    assert notes.count("Staff-quarters after a dismissal") == 1


@pytest.mark.parametrize(("quarters", "names"), [(2, ("2025-Q3", "2025-Q4")), (20, ("2023-Q1", "2025-Q4"))])
def test_what_is_forecast_can_be_held_against_as_many_past_quarters(data, quarters, names):
    """The last ones; all, where there are fewer."""
    one = cm.forecast(data, ENACTED, quarters=quarters, replicates=1)
    assert (one.before_names[0], one.before_names[-1]) == names
    past = one.history[one.history["quarter"].isin(one.before_names)].groupby("component", sort=False)["amount"].sum()
    assert one.before["component"].tolist() == list(COMPONENTS)
    assert one.before["amount"].tolist() == pytest.approx(past.tolist(), abs=0.001)


@pytest.mark.parametrize(("months", "reading"), [(12, "signed"), (12, "zero"), (24, "signed")])
def test_no_future_pays_what_no_rule_can_pay(months, reading):
    """In no area and in no quarter, however small the area and short the history; and the means stay."""
    knobs = cm.SyntheticKnobs(service_shift=-5, revenue_attainment=0.99)
    small = cm.synthesize(staff=24, months=months, seed=1, knobs=knobs)
    policy = ENACTED.with_changes({"readings.revenue_below_base": reading})
    found = cm.forecast(small, policy, replicates=300)
    assert (found.unlimited[..., 2] < 0).any() or reading == "zero"
    for amounts, posts in ((found.spread_by_area, found.posts), (found.spread, found.headcount)):
        service, revenue, payout, award, cash, cost = np.moveaxis(amounts[0], -1, 0)
        assert np.array_equal(cost, payout + cash)
        slack = 0.001  # fen
        assert payout.min() >= -slack
        assert (payout - service - revenue).min() >= -slack
        assert service.min() >= 0
        assert (service <= np.array(posts) * 250_000).all()
        assert (np.abs(award) <= np.array(posts) * 60_000).all()
        assert reading != "zero" or revenue.min() >= -slack
    means = [(found.spread_by_area, found.unlimited), (found.spread, found.unlimited.sum(axis=3))]
    for kept, drawn in [[one[0].mean(axis=0) for one in pair] for pair in means]:
        for component in (0, 3, 4):
            assert np.abs(kept[..., component] - drawn[..., component]).max() < 1
        payout, unlimited = kept[..., 2], drawn[..., 2]
        if reading == "signed":  # else payout follows from the bonuses; a mean below 0 is chance, and does not stay
            assert np.abs(payout - unlimited)[unlimited >= 0].max() < 1
    assert (cells(found.areas, component="payout") >= 0).all()


def test_what_is_brought_back_is_the_nearest_that_is_possible_with_the_same_mean():
    """Of -1, 1 and 3 none may be below 0: 0, 0.5 and 2.5, not 0, 1 and 3."""
    unlimited = np.zeros((1, 3, 1, 5))
    unlimited[0, :, 0, 3] = [-1, 1, 3]
    nothing = np.zeros((1, 1, 1, 5), dtype=np.int64)
    extremes = np.array([[[0, 0, 0, 0], [0, 0, 0, 9]]])
    found = possible(unlimited, nothing, np.array([1]), extremes)
    assert found[0, :, 0, 3].tolist() == pytest.approx([0, 0.5, 2.5])
    assert unlimited[0, :, 0, 3].tolist() == [-1, 1, 3]


def test_what_has_no_revenue_figure_is_said(data):
    """Nowhere, in some quarters, in none."""
    frames = frames_of(data)
    for name in ("months", "quarters"):
        frames[name] = frames[name].drop(columns=["revenue", "revenue_base"], errors="ignore")
    notes = " ".join(map(str, cm.forecast(cm.StaffData.from_frames(frames), ENACTED, replicates=1).notes))
    assert "No quarter of the data has a revenue figure: the revenue bonus is 0, also in the forecast (R1)." in notes
    assert "Revenue grows" not in notes
    frames = frames_of(data)
    frames["quarters"].loc[:6, ["revenue", "revenue_base"]] = None
    notes = " ".join(map(str, cm.forecast(cm.StaffData.from_frames(frames), ENACTED, replicates=1).notes))
    assert re.search(r"Staff-quarters without a revenue figure: 7 of \d+\. Their revenue bonus is 0, also where", notes)
    assert "Revenue grows" in notes
    assert "revenue figure" not in " ".join(map(str, cm.forecast(data, ENACTED, replicates=1).notes))


def test_a_reserve_is_the_amount_that_is_enough(found):
    """As often as it says; above the median by the rest; for all quarters less than for each by itself."""
    reserve = found.reserve(0.9)
    assert list(reserve) == ["policy", "quarter", "component", "median", "reserve", "above_median"]
    today = reserve[(reserve["policy"] == "today") & (reserve["component"] == "cost")].set_index("quarter")
    year = found.spread[0].sum(axis=1)[:, -1] / 100
    assert (year <= today.loc[TOTAL, "reserve"]).mean() == pytest.approx(0.9, abs=0.005)
    assert today["above_median"].tolist() == pytest.approx((today["reserve"] - today["median"]).tolist(), abs=0.02)
    assert today.loc[TOTAL, "reserve"] < today.drop(index=TOTAL)["reserve"].sum()
    more = found.reserve(0.99).merge(reserve, on=["policy", "quarter", "component"])
    assert (more["reserve_x"] >= more["reserve_y"]).all()


@pytest.mark.parametrize("confidence", [0, 1, -0.1, 95, float("nan"), "high", None])
def test_an_unknown_confidence_is_refused(found, confidence):
    """There is no amount that is enough with 95 times certainty."""
    for ask in (found.reserve, found.interval):
        with pytest.raises(cm.CmpolicyError) as refused:
            ask(confidence)
        assert str(refused.value) == (
            f'There is no amount for this confidence.\n  - confidence cannot be set so. Found: "{confidence}". '
            "Expected: a number above 0 and below 1, such as 0.9."
        )


def test_a_difference_is_narrower_than_what_it_is_of(found):
    """On common draws; and a policy differs from itself in nothing."""
    width = {
        name: frame["p90"].to_numpy() - frame["p10"].to_numpy()
        for name, frame in (
            ("difference", found.difference[found.difference["component"] == "cost"]),
            ("reform", found.reserve(0.5).merge(found.interval(0.8)).query("policy == 'reform' and component == 'cost'")
             .rename(columns={"low": "p10", "high": "p90"})),
        )
    }  # fmt: skip
    assert (width["difference"] < 0.35 * width["reform"]).all()


def test_a_policy_does_not_differ_from_itself(data):
    """Whatever is drawn."""
    difference = cm.forecast(data, {"one": ENACTED, "other": ENACTED}, replicates=FEW).difference
    assert not difference[["p10", "p50", "p90", "mean"]].any(axis=None)


def test_what_has_one_sign_in_every_future_keeps_it(found):
    """A higher bound never pays more: no interval of the difference says that it may."""
    more = found.difference[found.difference["component"] == "service_bonus"]
    assert (found.exact[1, ..., 0] <= found.exact[0, ..., 0]).all()
    assert (more[["p10", "p50", "p90"]] <= 0).all(axis=None)


def test_a_sign_that_only_the_futures_drawn_have_is_chance():
    """With one year on record every future draws the same quarters: their sum above 0 does not rule out a loss."""
    frames = frames_of(cm.synthesize(staff=8, months=12, seed=4, knobs=cm.SyntheticKnobs(revenue_attainment=1.0)))
    quarters = frames["quarters"]
    gain = quarters["quarter"].str[-1].map({"1": 400, "2": -300, "3": 200, "4": -200})
    quarters["revenue"] = quarters["revenue_base"] + gain
    found = cm.forecast(cm.StaffData.from_frames(frames), ENACTED, replicates=300, leavers_a_year=0)
    assert (found.exact[0, ..., 1].sum(axis=(1, 2)) > 0).all()
    ((low, *_),) = cells(found.total, component="revenue_bonus")
    assert low < 0
    assert (cells(found.quarters, ["p10"], component="service_bonus") >= 0).all()


def test_people_are_counted_whole(data):
    """Nobody leaves by a tenth."""
    counts = cm.forecast(data, ENACTED, replicates=12, leavers_a_year=0.3).people[["p10", "p50", "p90"]].to_numpy()
    assert (counts == np.rint(counts)).all()


def test_the_same_seed_gives_the_same_and_it_is_said(data):
    """In the notes and at a glance."""
    first, second, other = (cm.forecast(data, ENACTED, replicates=FEW, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first.quarters, second.quarters)
    assert not first.quarters.equals(other.quarters)
    assert str(first.notes[0]) == "Seed: 3. Replicates: 60."
    assert repr(first) == repr(second)
    assert repr(first).startswith("<Forecast of 2007-06, 2026-Q1 to 2026-Q4: cost ")
    assert repr(first).endswith("60 replicates, seed 3>")


def test_nothing_of_a_forecast_can_be_changed(found):
    """Neither its parts nor what is in them."""
    with pytest.raises(AttributeError):
        found.seed = 1
    with pytest.raises(ValueError, match="read-only"):
        found.spread[0] = 0


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (
            3,
            [
                "Complete quarters in the data: 1, which is less than a year",
                "One quarter does not show how quarters differ",
            ],
        ),
        (11, ["Complete quarters in the data: 3, which is less than a year", "The data end inside 2023-Q4"]),
        (18, ["Complete quarters in the data: 6, which is less than two years"]),
        (24, []),
    ],
)
def test_little_history_is_said(months, words):
    """And the forecast is there all the same, one quarter for each."""
    found = cm.forecast(cm.synthesize(staff=20, months=months, seed=1), ENACTED, quarters=5, replicates=FEW)
    notes = " ".join(map(str, found.notes))
    assert len(found.quarter_names) == 5
    assert all(word in notes for word in words)
    assert ("rough" in notes) == bool(words)
    assert np.isfinite(found.spread).all()


def test_large_departments_share_drawings_of_people(data, monkeypatch):
    """Each replicate has its own deviations of quarters; the note says how many drawings there are."""
    monkeypatch.setattr(forecast_drawing, "_POSTS_DRAWN", 0)
    monkeypatch.setattr(forecast_drawing, "_LEAST_STAFFINGS", 30)
    found = cm.forecast(data, ENACTED, replicates=90)
    assert found.exact.shape[1] == 30
    assert found.replicates == 90
    assert len(np.unique(found.spread[0, :, 0, 0])) > 80
    assert "In so large a department replicates share 30 drawings of people." in map(str, found.notes)


def test_growth_beyond_all_money_is_refused():
    """By what is typed, and by a base of a fen that became one of millions."""
    frames = frames_of(cm.synthesize(staff=5, months=24, seed=1))
    with pytest.raises(cm.CmpolicyError, match=r"at most 100,000,000 yuan a quarter"):
        cm.forecast(cm.StaffData.from_frames(frames), ENACTED, quarters=20, replicates=1, revenue_growth=10)
    first = frames["quarters"]["quarter"].str.startswith("2023")
    frames["quarters"].loc[first, "revenue_base"] = 0.01
    with pytest.raises(cm.CmpolicyError, match=r"in the data the base grew by [\d,]{8,}\.\d%\."):
        cm.forecast(cm.StaffData.from_frames(frames), ENACTED, replicates=1)


# -- effort ------------------------------------------------------------------------


def test_effort_does_not_respond_unless_it_is_told_to(found):
    """It is said."""
    assert str(found.notes[-1]) == "Effort does not respond to what a point is worth (elasticity 0)."


def test_effort_responds_to_what_a_point_is_worth(data):
    """Amounts twice as high make a point worth about twice as much: people gain more users, which costs more still."""
    double = {f"grades.{row.grade}.quarterly_bonus": 2 * row.quarterly_bonus for row in ENACTED.grades}
    double |= {f"grades.{row.grade}.monthly_award": 2 * row.monthly_award for row in ENACTED.grades}
    policies = {"today": ENACTED, "double": ENACTED.with_changes(double)}
    still, moved = (cm.forecast(data, policies, replicates=FEW, elasticity=elasticity) for elasticity in (0, 0.3))
    assert np.array_equal(still.exact[0], moved.exact[0])
    assert np.allclose(still.exact[1, ..., 0], 2 * still.exact[0, ..., 0], atol=10)  # thirds of a bonus are rounded
    assert (moved.exact[1, ..., 0].sum(axis=(1, 2)) > still.exact[1, ..., 0].sum(axis=(1, 2))).all()
    notes = [str(note) for note in moved.notes[-2:]]
    assert notes[0].endswith("people gain 100.0% of the users that they gained.")
    # What limits a penalty does not double, so that a point is not worth twice as much to the fen.
    factor = float(notes[1].split("gain ")[1].split("%")[0]) / 100
    assert factor == pytest.approx(2**0.3, abs=0.03)
    assert "with elasticity 0.3" in notes[1]


# -- bad input ---------------------------------------------------------------------


def test_all_that_is_wrong_is_said_at_once(data):
    """Each setting with what it can be."""
    with pytest.raises(cm.CmpolicyError) as refused:
        cm.forecast(
            data, ENACTED, quarters=0, replicates=0, headcount=-1, seed=-5,
            leavers_a_year=2, revenue_growth="fast", base_growth=float("nan"), elasticity=-1,
        )  # fmt: skip
    assert str(refused.value.message) == "The forecast cannot be made so."
    assert [str(problem) for problem in refused.value.problems] == [
        'quarters cannot be set so. Found: "0". Expected: a whole number from 1 to 20.',
        'replicates cannot be set so. Found: "0". Expected: a whole number from 1 to 10,000.',
        'seed cannot be set so. Found: "-5". Expected: a whole number from 0 to 9,223,372,036,854,775,807.',
        'leavers_a_year cannot be set so. Found: "2". Expected: a number from 0 to 0.99.',
        'revenue_growth cannot be set so. Found: "fast". Expected: a number from -0.9 to 10.',
        'base_growth cannot be set so. Found: "nan". Expected: a number from -0.9 to 10.',
        'elasticity cannot be set so. Found: "-1". Expected: a number from 0 to 10.',
        'headcount cannot be set so. Found: "-1". Expected: a whole number from 0 to 10,000,000.',
    ]


def test_a_plan_has_a_number_for_each_quarter(data):
    """Three numbers do not make four quarters."""
    with pytest.raises(cm.CmpolicyError, match="one number, or as many as there are quarters: 4"):
        cm.forecast(data, ENACTED, headcount=[50, 50, 50])


@pytest.mark.parametrize("policies", [{}, [], "2007-06", {"one": "2007-06"}])
def test_what_is_no_policy_is_refused(data, policies):
    """With what it takes."""
    with pytest.raises(cm.CmpolicyError, match="A forecast takes one policy, or several under their names"):
        cm.forecast(data, policies)


def test_data_without_a_complete_quarter_are_refused():
    """There is nothing to draw from."""
    with pytest.raises(cm.CmpolicyError, match="no complete quarter to draw coming ones from"):
        cm.forecast(cm.synthesize(staff=5, months=2, seed=1), ENACTED)


def test_a_book_applies_the_version_in_force_in_each_quarter():
    """A version that begins within the forecast pays from then on."""
    data = people_of({f"CM{number}": "AAAAAAAA" for number in range(4)})
    later = ENACTED.with_changes({"id": "2023-07", "effective_from": "2023-07-01", "grades.A.quarterly_bonus": 3000})
    found = cm.forecast(data, cm.PolicyBook([ENACTED, later]), replicates=FEW)
    assert cells(found.quarters, ["p50"], component="service_bonus").ravel().tolist() == [10000, 10000, 12000, 12000]


def test_a_forecast_can_be_stopped(data, monkeypatch):
    """Ctrl-C comes through, and nothing is left behind that would spoil the next one."""
    before = cm.forecast(data, ENACTED, replicates=FEW).quarters
    with monkeypatch.context() as patched:
        patched.setattr(FuturePay, "totals", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            cm.forecast(data, ENACTED, replicates=FEW)
    pd.testing.assert_frame_equal(cm.forecast(data, ENACTED, replicates=FEW).quarters, before)


# -- interruption ------------------------------------------------------------------


def test_what_a_journal_keeps_serves_only_the_same_forecast(data, tmp_path):
    """Named by the content of the data, the policies and all settings; what is damaged is drawn again."""
    settings = {"replicates": 30, "seed": 1}
    wanted = cm.forecast(data, ENACTED, **settings)

    def added(*asked, **changed):
        before = len(list(tmp_path.iterdir()))
        found = cm.forecast(*asked, **settings | changed, journal=tmp_path)
        alone = cm.forecast(*asked, **settings | changed)
        for name in ("exact", "spread", "leavers", "dismissed"):
            assert np.array_equal(getattr(found, name), getattr(alone, name))
        return len(list(tmp_path.iterdir())) - before

    assert added(data, ENACTED) == 1
    assert added(data, ENACTED) == 0
    assert added(data, ENACTED, seed=2) == 1
    assert added(data, ENACTED, revenue_growth=0.01) == 1
    assert added(data, ENACTED.with_changes({"points.praises": 2})) == 1
    frames = frames_of(data)
    frames["months"].loc[5, "praises"] += 1
    assert added(cm.StaffData.from_frames(frames), ENACTED) == 1
    for entry in tmp_path.iterdir():
        entry.write_bytes(entry.read_bytes()[:100])
    assert np.array_equal(cm.forecast(data, ENACTED, **settings, journal=tmp_path).exact, wanted.exact)


def test_a_forecast_that_was_stopped_draws_only_what_is_missing(data, tmp_path, monkeypatch):
    """Chunk by chunk; each replicate has a stream of chance of its own."""
    monkeypatch.setattr(forecast_drawing, "_POSTS_AT_ONCE", 5 * 50)
    drawn = []
    plain = Past.draw

    def draw(past, generators, *, most):
        if len(drawn) == most:
            raise KeyboardInterrupt
        drawn.append(len(generators))
        return plain(past, generators)

    wanted = cm.forecast(data, ENACTED, replicates=40, seed=1)
    monkeypatch.setattr(Past, "draw", functools.partialmethod(draw, most=3))
    with pytest.raises(KeyboardInterrupt):
        cm.forecast(data, ENACTED, replicates=40, seed=1, journal=tmp_path)
    before, drawn[:] = sum(drawn), []
    monkeypatch.setattr(Past, "draw", functools.partialmethod(draw, most=None))
    found = cm.forecast(data, ENACTED, replicates=40, seed=1, journal=tmp_path)
    assert before + sum(drawn) == 40
    assert np.array_equal(found.spread, wanted.spread)
