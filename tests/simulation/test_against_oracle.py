"""The package and the oracle, which share no code, agree on every cell of every table."""

import datetime
import random

import oracle
import pytest
from random_cases import case, random_data, random_policy, staff_data

import cmpolicy as cm
from cmpolicy.regulation.policy import Policy

CHUNKS = 24
STAFF_QUARTERS = 100_000


def assert_same(seed, data, contents, *, engine="numpy"):
    contents = contents if isinstance(contents, list) else [contents]
    policies = [Policy.from_dict(content) for content in contents]
    policy = policies[0] if len(policies) == 1 else cm.PolicyBook(policies)
    outcome = cm.appraise(staff_data(data), policy, engine=engine)
    expected = oracle.appraise(data, contents)
    for table, rows in expected.items():
        found = outcome.exact(table)
        assert len(found["staff_id"]) == len(rows), f"seed {seed}: {table} has another number of rows"
        for column, values in found.items():
            wanted = [_exact(table, column, row) for row in rows]
            got = values.tolist()
            if column == "score" and table == "quarters":
                got = [None if grade == "" else score for score, grade in zip(got, found["grade"], strict=True)]
            if got != wanted:
                place = next(number for number, pair in enumerate(zip(got, wanted, strict=True)) if pair[0] != pair[1])
                readings = [content["readings"] for content in contents]
                pytest.fail(
                    f"seed {seed}: {table}.{column} is {got[place]}, the oracle says {wanted[place]}\n"
                    f"{rows[place]}\n{readings}"
                )
    return len(expected["quarters"])


def _exact(table, column, row):
    value = row[column]
    if column == "month":
        return 12 * value[0] + value[1] - 1
    if column == "quarter":
        return 4 * value[0] + value[1] - 1
    if column == "score" and table == "quarters" and value is not None:
        return value * 6
    return "" if column == "grade" and value is None else value


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_cell_agrees_under_random_policies_and_readings(chunk):
    done = 0
    seed = 1_000_000 * chunk
    while done < STAFF_QUARTERS / CHUNKS:
        data, content = case(seed)
        done += assert_same(seed, data, content)
        seed += 1


@pytest.mark.parametrize("seed", range(12))
def test_a_quarter_follows_the_version_in_force_on_its_first_day(seed):
    rng = random.Random(seed)
    data = random_data(rng)
    first = min(month for row in data["months"] for month in [row["month"]])
    begins = datetime.date(first[0] - 1, 1, 1)
    contents = []
    for number in range(rng.randint(2, 3)):
        content = random_policy(rng)
        content["id"] = f"version {number}"
        content["effective_from"] = begins
        begins = max(begins, datetime.date(*first, 1)) + datetime.timedelta(days=rng.randint(20, 400))
        contents.append(content)
    assert_same(seed, data, contents)


@pytest.mark.parametrize("seed", [2, 3, 5])
def test_the_compiled_rules_agree_with_the_oracle(seed):
    pytest.importorskip("numba")
    rng = random.Random(seed)
    content = random_policy(rng)
    for number in range(6):
        assert_same((seed, number), random_data(rng), content, engine="numba")
