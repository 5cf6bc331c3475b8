"""What a move of a slider costs in the kernel: until headline and figure are ready; undone, and a thousand times."""

import itertools
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator

import cmpolicy as cm
from benchmarks.agreement import DisagreementError
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_most, seconds_of
from cmpolicy.lab.state import headline_of
from cmpolicy.lab.thresholds import Thresholds

WANTED = {10_000: 45, 100_000: 60}
"""Milliseconds from the event to headline and figure, by people."""
WANTED_COMPUTING = 5
EVENTS = 50
ROUNDS = 3
"""The best of so many medians counts: whatever else the machine does only adds to a time."""
BOUNDS = range(105, 117)
UNDONE = 200
MOVES = 1_000
PEOPLE_OF_MOVES = 1_000
MIB = 2**20


def measure() -> Iterator[Row]:
    for staff, wanted in WANTED.items():
        yield from _event(staff, wanted)
    yield _undo()
    yield _memory()


def _event(staff: int, wanted: float) -> Iterator[Row]:
    data = cm.synthesize(staff=staff, months=MONTHS, seed=1)
    slider = Thresholds(data).rows["A"].slider
    bounds = itertools.cycle(BOUNDS)

    def move() -> None:
        slider.value = next(bounds)

    what = f"{staff:,} people: slider event"
    yield at_most(f"{what} to headline and figure", _best_median(move) * 1e3, wanted, "ms")

    enacted = cm.load_policy("2007-06")
    policies = itertools.cycle([enacted.with_changes({"grades.A.from": bound}) for bound in BOUNDS])
    seconds = _best_median(lambda: headline_of(data, next(policies)))
    yield at_most(f"{what}, of that computing", seconds * 1e3, WANTED_COMPUTING, "ms")


def _best_median(job: Callable[[], object]) -> float:
    seconds_of(job)
    return min(statistics.median(_seconds(job) for _ in range(EVENTS)) for _ in range(ROUNDS))


def _seconds(job: Callable[[], object]) -> float:
    """Time a job as it is met at work, the garbage collector included."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def _undo() -> Row:
    panel = Thresholds(cm.synthesize(staff=PEOPLE_OF_MOVES, months=MONTHS, seed=1))
    state = panel.state
    first = panel.headline.value
    for move in range(UNDONE):
        panel.rows["ABCD"[move % 4]].slider.value += (-1, 1, 2)[move % 3]

    def undo_all() -> None:
        while state.can_undo:
            state.undo()

    seconds = seconds_of(undo_all)
    if state.policy != state.enacted or panel.headline.value != first:
        elsewhere = f"{UNDONE} moves undone do not lead back to the first state"
        raise DisagreementError(elsewhere)
    return Row(f"{UNDONE} moves undone one by one, all drawn", f"{seconds:.3g} s")


def _memory() -> Row:
    slider = Thresholds(cm.synthesize(staff=PEOPLE_OF_MOVES, months=MONTHS, seed=1)).rows["A"].slider
    bounds = itertools.cycle(BOUNDS)

    def move(times: int) -> int:
        for _ in range(times):
            slider.value = next(bounds)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = move(2 * len(BOUNDS))
        grown = move(MOVES) - before
    finally:
        tracemalloc.stop()
    return at_most(f"memory after {MOVES:,} moves, history included", grown / MIB, 20, "MiB more")
