"""One whole appraisal, from the panel to every output of the rule book's section 3, against pandas on the same data."""

from collections.abc import Callable, Iterator

import cmpolicy as cm
from benchmarks import row_by_row, with_pandas
from benchmarks.agreement import require_agreement, typed_tables
from benchmarks.timing import Row, at_least_times, medians, seconds_of
from cmpolicy.simulation.appraise import Engine

MONTHS = 12
ROWS = 10_000
PEOPLE_OF_ROWS = 909
"""Synthetic people join and leave: these have about so many staff-months in a year."""
WANTED = {"numpy": 10, "numba": 60}


def measure() -> Iterator[Row]:
    by_row, times = _row_by_row()
    yield Row(f"row by row with DataFrame.apply, {ROWS:,} staff-months", times)
    for staff, repetitions in ((100_000, 11), (1_000_000, 3)):
        yield from _against_pandas(staff, repetitions, by_row)


def _row_by_row() -> tuple[float, str]:
    """Give the seconds a staff-month."""
    data = cm.synthesize(staff=PEOPLE_OF_ROWS, months=MONTHS, seed=1)
    tables = typed_tables(data)
    require_agreement("row by row", row_by_row.appraise(tables), cm.appraise(data))
    rows = len(tables["months"])
    seconds = seconds_of(lambda: row_by_row.appraise(tables)) / rows
    return seconds, f"{seconds * 1e6:.0f} µs each"


def _against_pandas(staff: int, repetitions: int, by_row: float) -> Iterator[Row]:
    data = cm.synthesize(staff=staff, months=MONTHS, seed=1)
    tables = typed_tables(data)
    rows = len(tables["months"])
    found = with_pandas.appraise(tables)
    for engine in WANTED:
        require_agreement("pandas", found, appraise_all(data, engine))
    del found

    jobs: dict[str, Callable[[], object]] = {"pandas": lambda: with_pandas.appraise(tables)}
    jobs |= {engine: lambda engine=engine: appraise_all(data, engine) for engine in WANTED}
    seconds = medians(jobs, repetitions)
    people = f"{staff:,} people, {MONTHS} months"
    pandas = seconds["pandas"]
    yield Row(f"{people}: pandas", f"{pandas:.3g} s, {pandas / rows * 1e9:.0f} ns a staff-month")
    for engine, wanted in WANTED.items():
        own = seconds[engine]
        note = f" ({own * 1e3:.3g} ms, {own / rows * 1e9:.2g} ns a staff-month)"
        yield at_least_times(f"{people}: {engine} engine faster than pandas", pandas / own, wanted, note)
        yield Row(f"{people}: {engine} engine faster than row by row", f"{by_row * rows / own:,.0f} times")


def appraise_all(data: cm.StaffData, engine: Engine) -> cm.Outcome:
    """Appraise with nothing kept from before, recognition and the rows of each table included."""
    data.cached.clear()
    outcome = cm.appraise(data, engine=engine)
    outcome.recognised, outcome.quarter_rows, outcome.year_rows  # noqa: B018 - made when they are asked for
    return outcome
