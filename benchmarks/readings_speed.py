"""The ledger of readings: every option of every unclear clause, chosen alone."""

import statistics
from collections.abc import Iterator

import cmpolicy as cm
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_most, seconds_of

STAFF = 10_000
REPETITIONS = 5


def measure() -> Iterator[Row]:
    data, enacted = cm.synthesize(staff=STAFF, months=MONTHS, seed=1), cm.load_policy("2007-06")
    cm.readings(data, enacted)

    def ledger() -> None:
        data.cached.clear()  # nothing kept from before
        cm.readings(data, enacted)

    seconds = statistics.median(seconds_of(ledger) for _ in range(REPETITIONS))
    yield at_most(f"{STAFF:,} people, {MONTHS} months: the ledger of all readings", seconds, 1, "s")
