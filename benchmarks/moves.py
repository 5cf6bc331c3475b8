"""What a control costs when it is moved: one value of the policy changed after a first run, everything else kept."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import cmpolicy as cm
from benchmarks.engines import MONTHS, appraise_all
from benchmarks.timing import Row, at_most, medians

STAFF = 100_000
REPETITIONS = 15
BURST = 6
BOUNDS = {"grades.A.from": 111, "grades.C.from": 91, "grades.D.from": 82}
AMOUNTS = {"grades.A.quarterly_bonus": 2_510, "grades.B.monthly_award": 101}


def measure() -> Iterator[Row]:
    data = cm.synthesize(staff=STAFF, months=MONTHS, seed=1)
    jobs: dict[str, Callable[[], object]] = {"full run": lambda: appraise_all(data, "numpy")}
    jobs |= {path: _burst(data, path, value) for path, value in (BOUNDS | AMOUNTS).items()}
    seconds = medians(jobs, REPETITIONS)
    full = seconds.pop("full run")
    for path, of_burst in seconds.items():
        one = of_burst / BURST
        what = f"{STAFF:,} people: moving {path}"
        yield at_most(what, one * 1e3, 10 if path in BOUNDS else 4, "ms")
        if path in BOUNDS:
            share = f"{one / full:.0%} of the full run's {full * 1e3:.3g} ms"
            yield Row(f"{what}, share", share, "at most a third", one <= full / 3)


def _burst(data: cm.StaffData, path: str, start: int) -> Callable[[], None]:
    """Give a job that moves one value several times, always to where it has not just been, as a control is dragged."""
    own = dataclasses.replace(data, cached={})  # the other jobs do not disturb what it keeps
    enacted = cm.load_policy("2007-06")
    policies = itertools.cycle([enacted.with_changes({path: start + step}) for step in range(BURST)])
    cm.appraise(own, enacted)

    def move() -> None:
        for policy in itertools.islice(policies, BURST):
            cm.appraise(own, policy)

    return move
