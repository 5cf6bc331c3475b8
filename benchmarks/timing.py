"""Times to compare with each other: taken in turn, so that whatever else the machine does meets all of them alike."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """A line of the report. `met` is None where nothing is promised."""

    what: str
    measured: str
    wanted: str = ""
    met: bool | None = None


def at_most(what: str, value: float, limit: float, unit: str, note: str = "") -> Row:
    return Row(what, f"{value:.3g} {unit}{note}", f"at most {limit:g} {unit}", value <= limit)


def at_least_times(what: str, value: float, limit: float, note: str = "") -> Row:
    return Row(what, f"{value:.3g} times{note}", f"at least {limit:g} times", value >= limit)


def medians(jobs: dict[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """Give each job's median time in seconds; they take turns, after one turn that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repetitions + 1):
        for name, job in jobs.items():
            taken = seconds_of(job)
            if turn:
                seconds[name].append(taken)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def seconds_of(job: Callable[[], object]) -> float:
    """Time a job with the garbage collector off; freeing its result does not count."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        result = job()
        taken = time.perf_counter() - start
    finally:
        gc.enable()
    del result
    return taken
