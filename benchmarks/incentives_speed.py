"""Incentives: what every event is worth to each of a large staff, with cliffs, the bunching test and games."""

import statistics
from collections.abc import Iterator

import cmpolicy as cm
from benchmarks.timing import Row, at_most, seconds_of

STAFF, MONTHS = 100_000, 12
REPETITIONS = 5
PARTS = ("values", "events", "cliffs", "floor", "exchange", "bunching", "games")


def measure() -> Iterator[Row]:
    data = cm.synthesize(staff=STAFF, months=MONTHS, seed=1)
    data.panel  # noqa: B018 - made when it is asked for
    seconds = statistics.median(seconds_of(lambda: everything(data)) for _ in range(REPETITIONS))
    people = f"{STAFF:,} people, {MONTHS} months"
    yield at_most(f"{people}: what every event is worth, cliffs, bunching and games", seconds, 2, "s")
    outcome = cm.appraise(data)
    values = statistics.median(seconds_of(lambda: cm.Incentives(outcome).values) for _ in range(REPETITIONS))
    rows = cm.Incentives(outcome).values.worth.size
    yield Row(f"{people}: the worth of the events alone", f"{values:.3g} s ({values / rows * 1e9:.3g} ns each)")


def everything(data: cm.StaffData) -> cm.Incentives:
    """Appraise with nothing kept from before, and make every table but the one of people."""
    data.cached.clear()
    found = cm.incentives(data)
    for part in PARTS:
        getattr(found, part)
    return found
