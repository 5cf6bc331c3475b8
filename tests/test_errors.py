"""A name that is suggested is near to what was typed: the fewest edits, and of as many the likelier slip."""

import functools
import random

import pytest

from cmpolicy.errors import suggest
from cmpolicy.regulation.policy import load_policy

STAFF = [f"CM{number:04d}" for number in range(51)]
PATHS = load_policy("2007-06").paths()


@pytest.mark.parametrize(
    ("typed", "candidates", "nearest"),
    [
        pytest.param("CM006", reversed(STAFF), "CM0006", id="once for twice, before any other that is missing"),
        pytest.param("CM00007", STAFF, "CM0007", id="once too often"),
        pytest.param("shenzen", ["shanghai", "shenzhen"], "shenzhen", id="missing"),
        pytest.param("2007-6", ["2006-07", "2007-06"], "2007-06", id="missing, before two that are changed"),
        pytest.param("CM10", ["CM11", "CM01"], "CM01", id="swapped, before changed"),
        pytest.param("grades.A.form", PATHS, "grades.A.from", id="swapped"),
        pytest.param("宽带新曾", ["宽带减少", "宽带新增"], "宽带新增", id="changed"),
        pytest.param("grades.F.from", PATHS, "grades.D.from", id="changed, by the alphabet"),
        pytest.param("cm0040", STAFF, "CM0040", id="capitals"),
        pytest.param("points", PATHS, "points.base", id="the beginning of it"),
        pytest.param("user_count", PATHS, "readings.user_count", id="the end of it"),
        pytest.param("月度数据", ["季度", "月度"], "月度", id="held in it"),
    ],
)
def test_the_nearest_name_is_suggested(typed, candidates, nearest):
    """Whichever order the candidates stand in."""
    assert suggest(typed, candidates) == nearest


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("nothere", ["merged"]),
        ("nope", ["2007-06"]),
        ("XX", STAFF),
        ("", STAFF),
        ("x", ["y"]),
        ("AB", ["AC"]),
        ("C", STAFF),
        ("CM99", ["CM01"]),
        ("installation", ["acceptance"]),
        ("CM0001", []),
        ("grades", ["grades.A.quarterly_bonus"]),
    ],
)
def test_an_unlike_name_is_not_suggested(typed, candidates):
    """More than one edit in three characters, or less than half of the name, is no slip."""
    assert suggest(typed, candidates) is None


def fewest_edits(name, candidate):
    """Count missing, added, changed and swapped characters, one pair of ends at a time."""

    @functools.cache
    def count(done, made):
        if not done or not made:
            return done + made
        same = name[done - 1] == candidate[made - 1]
        options = [count(done - 1, made) + 1, count(done, made - 1) + 1, count(done - 1, made - 1) + (not same)]
        if done > 1 and made > 1 and name[done - 2 : done] == candidate[made - 2 : made][::-1]:
            options.append(count(done - 2, made - 2) + 1)
        return min(options)

    return count(len(name), len(candidate))


@pytest.mark.parametrize("seed", range(20))
def test_no_other_name_is_fewer_edits_away(seed):
    """Held against counting the edits of every candidate in turn."""
    rng = random.Random(seed)
    names = list({"".join(rng.choices("ab1月", k=rng.randint(5, 12))) for _ in range(60)})
    for _ in range(30):
        typed = "".join(rng.choices("ab1月", k=rng.randint(6, 11)))
        edits = {name: fewest_edits(typed, name) for name in names}
        near = {name: count for name, count in edits.items() if count <= min(max(len(name), len(typed)) // 3, 3)}
        found = suggest(typed, names)
        if near:
            assert edits[found] == min(near.values())
        else:
            assert found is None or found in typed or typed in found
