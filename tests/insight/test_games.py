"""Games are priced by playing them: each gain is what a full appraisal of the rebooked records pays more."""

import copy
import random

import numpy as np
import pytest
from oracle import quarter_of
from random_cases import random_data, random_policy, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.event_values import places_of
from cmpolicy.insight.games import GAMES, board_of, games

ENACTED = cm.load_policy("2007-06")
QUARTERS = [(2025, 1), (2025, 2)]


def months_of(staff_id, *quarters):
    return [
        scoring(staff_id, (2025, 3 * number + place + 1), score)
        for number, scores in enumerate(quarters)
        for place, score in enumerate(scores)
    ]


def priced(data, policy=ENACTED):
    outcome = cm.appraise(staff_data(data), policy)
    return games(outcome, places_of(outcome))


def test_cancel_and_rejoin_is_a_point_net():
    """2.2: +3 -2 takes 99.67 to 100, 500 yuan, and February's 99 stays C; counted net it brings nothing."""
    row = priced({"months": months_of("CM01", (100, 99, 100))}).loc["rejoin"]
    assert (row["staff_quarters"], row["people"], row["most"], row["total"]) == (1, 1, 500, 500)
    assert row["against"] == "readings.user_count = net"
    assert (row["staff_quarters_against"], row["most_against"]) == (0, 0)
    assert priced({"months": months_of("CM01", (99, 99, 99))}).loc["rejoin", "most"] == 100
    assert priced({"months": months_of("CM01", (99, 99, 99))}).loc["rejoin_thrice", "most"] == 600


def test_a_cancellation_goes_over_the_border():
    """98.67 with a cancellation at the end becomes 99.33, no grade; 99.67 becomes 100.33, 500 yuan, with room after."""
    rows = months_of("CM01", (100, 100, 99), (105, 105, 105))
    rows[2] |= {"broadband_lost": 2, "broadband_gained": 1}
    frame = priced({"months": rows})
    assert frame.loc["cancellation_later", "most"] == 600
    assert frame.loc["cancellation_earlier", "staff_quarters"] == 0


def test_revenue_leaves_a_quarter_whose_penalty_is_limited():
    """3.3: 20,000 of 200,000 yuan leave at no cost and earn an eighth; under `carried` that brings nothing."""
    rows = months_of("CM01", (100, 100, 100), (100, 100, 100))
    quarters = [
        {"staff_id": "CM01", "quarter": quarter, "revenue": 200_000_00, "revenue_base": base}
        for quarter, base in zip(QUARTERS, (300_000_00, 100_000_00), strict=True)
    ]
    frame = priced({"months": rows, "quarters": quarters})
    assert frame.loc["revenue_later", ["staff_quarters", "most"]].tolist() == [1, 2500]
    assert frame.loc["revenue_earlier", "staff_quarters"] == 0
    assert frame.loc["revenue_later", "staff_quarters_against"] == 0
    frame = priced({"months": rows, "quarters": quarters[::-1]})
    assert frame.loc["revenue_later", "most"] == 2500


def rebooked(data, name, quarter):
    """Play a game for everyone at the end of one quarter, on the records themselves."""
    data = copy.deepcopy(data)
    after = (quarter[0] + quarter[1] // 4, quarter[1] % 4 + 1)
    ends, starts = {}, {}
    for row in sorted(data["months"], key=lambda row: row["month"]):
        if quarter_of(row["month"]) == quarter:
            ends[row["staff_id"]] = row
        if quarter_of(row["month"]) == after:
            starts.setdefault(row["staff_id"], row)
    if name.startswith("rejoin"):
        times = 3 if name.endswith("thrice") else 1
        for row in ends.values():
            row["broadband_lost"] += times
            row["broadband_gained"] += times
        return data, set(ends)
    played = set()
    if name.startswith("revenue"):
        rows = {(row["staff_id"], row["quarter"]): row for row in data["quarters"] if row.get("revenue") is not None}
        for one in ends:
            sides = [rows.get((one, side)) for side in (quarter, after)]
            if all(sides):
                source, target = sides if name.endswith("later") else sides[::-1]
                tenth = source["revenue"] // 10
                source["revenue"] -= tenth
                target["revenue"] += tenth
                played.add(one)
        return data, played
    for one in ends.keys() & starts.keys():
        source, target = (ends[one], starts[one]) if name.endswith("later") else (starts[one], ends[one])
        if source["broadband_lost"]:
            source["broadband_lost"] -= 1
            target["broadband_lost"] += 1
            played.add(one)
    return data, played


@pytest.mark.parametrize("name", GAMES)
def test_a_game_brings_what_a_full_appraisal_says(name):
    """Random policies and readings; wherever the game leaves the standing and the debts of later quarters alone."""
    compared = 0
    for seed in range(24):
        rng = random.Random(f"{name} {seed}")
        data, policy = (
            random_data(rng),
            cm.Policy.from_dict(random_policy(rng, settled=("revenue_below_base", "payout_floor"))),
        )
        before = cm.appraise(staff_data(data), policy)
        panel = before.panel
        if panel.quarters < 2:
            continue
        quarter = rng.randrange(panel.quarters - 1)
        year, place = divmod(panel.first_quarter + quarter, 4)
        records, played = rebooked(data, name, (year, place + 1))
        after = cm.appraise(staff_data(records), policy)
        found = {}
        for number, gains in enumerate(GAMES[name].play(board_of(places_of(before)))):
            if number == quarter:
                found = dict(zip(panel.staff_ids[gains.person].tolist(), gains.gain.tolist(), strict=True))
        for one in sorted(played & found.keys()):
            here, there = before.data.place_of(one), after.data.place_of(one)
            if not np.array_equal(before.arrays.standing[:, here], after.arrays.standing[:, there]):
                continue
            wanted = sum(
                sign * int(getattr(outcome.arrays, column)[:, at].sum())
                for outcome, at, sign in ((after, there, 1), (before, here, -1))
                for column in ("payout", "cash_effect")
            )
            assert found[one] == wanted, (seed, one)
            compared += 1
    assert compared > 20


def test_every_game_is_told_with_its_reading():
    """One row a game, none left out where nobody plays."""
    frame = priced({"months": months_of("CM01", (130, 130, 130))})
    assert list(frame.index) == list(GAMES)
    assert frame["staff_quarters"].tolist() == [0] * len(GAMES)
    assert frame["most"].tolist() == [0.0] * len(GAMES)
