"""Sweeps: ten thousand scenarios of bounds and amounts with every output, against appraisals one by one."""

import itertools
import statistics
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

import cmpolicy as cm
from benchmarks.agreement import DisagreementError
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_least_times, at_most, medians, seconds_of
from cmpolicy.simulation.statistics import Statistics, statistics_of, totals_of

STAFF = 100_000
FEW, MANY = 10_000, 1_000_000
SCENARIOS = 10_000
REPETITIONS = 5
APPRAISED = 12
BURST = 8
ENACTED = cm.load_policy("2007-06")

GRID = {
    "grades.A.from": range(106, 116),
    "grades.D.from": range(85, 95),
    "grades.A.quarterly_bonus": range(2000, 3000, 100),
    "grades.E.monthly_award": range(-290, -190, 10),
}
# The whole table of grades: nearly all draws differ in bounds or awards.
TABLE: dict[str, list[int] | range] = {
    "grades.A.from": range(105, 115),
    "grades.B.from": range(98, 104),
    "grades.C.from": range(93, 97),
    "grades.D.from": range(85, 93),
}
for row in ENACTED.grades:
    TABLE[f"grades.{row.grade}.quarterly_bonus"] = [
        max(0, int(row.quarterly_bonus) + step) for step in range(-500, 500, 100)
    ]
    TABLE[f"grades.{row.grade}.monthly_award"] = [int(row.monthly_award) + step for step in (-50, 0, 50)]
SLIDERS = {
    "grades.A.from": range(106, 106 + BURST),
    "grades.D.from": range(94, 94 - BURST, -1),
    "grades.A.quarterly_bonus": range(2510, 2510 + BURST),
    "grades.E.monthly_award": range(-200, -200 - 10 * BURST, -10),
    "revenue.rate": [round(0.26 + 0.01 * step, 2) for step in range(BURST)],
}


def measure() -> Iterator[Row]:
    yield from _department()
    yield from _growth()


def _department() -> Iterator[Row]:
    data = department(STAFF)
    people = f"{STAFF:,} people, {MONTHS} months"
    build = statistics.median(seconds_of(lambda: fresh(data)) for _ in range(REPETITIONS))
    yield at_most(f"{people}: statistics from the panel", build * 1e3, 100, "ms")
    yield from _sliders(data, people)

    scenarios = f"{people}: {SCENARIOS:,} scenarios"
    require_agreement(data, sweep_grid(data))
    grid, again = first_and_second(data, sweep_grid)
    yield at_most(f"{scenarios}, a grid of bounds and amounts", grid * 1e3, 100, "ms")
    yield at_most(f"{scenarios}, the grid again", again * 1e3, 30, "ms")
    require_agreement(data, sweep_draws(data))
    draws, again = first_and_second(data, sweep_draws)
    yield at_most(f"{scenarios}, all bounds and amounts drawn", draws * 1e3, 100, "ms")
    yield at_most(f"{scenarios}, the draws again", again * 1e3, 30, "ms")

    kept, from_nothing = one_by_one(data)
    for what, seconds, wanted in (("keeping stages", kept, 50), ("from nothing", from_nothing, 500)):
        note = f" ({seconds * 1e3:.3g} ms against {grid / SCENARIOS * 1e6:.3g} µs)"
        yield at_least_times(
            f"{scenarios}, faster than appraising each {what}", seconds * SCENARIOS / grid, wanted, note
        )


def department(staff: int) -> cm.StaffData:
    data = cm.synthesize(staff=staff, months=MONTHS, seed=1)
    data.panel  # noqa: B018 - made when it is asked for
    return data


def fresh(data: cm.StaffData) -> Statistics:
    """Make the statistics with nothing kept from before."""
    data.cached.clear()
    return statistics_of(data, ENACTED)


def sweep_grid(data: cm.StaffData) -> pd.DataFrame:
    return cm.sweep(data, ENACTED, GRID)


def sweep_draws(data: cm.StaffData) -> pd.DataFrame:
    return cm.sweep(data, ENACTED, TABLE, draws=SCENARIOS, seed=1)


def first_and_second(data: cm.StaffData, sweep: Callable[[cm.StaffData], object]) -> tuple[float, float]:
    """Give the median seconds of a sweep after fresh statistics, and of the same sweep once more."""
    first, second = [], []
    for _ in range(REPETITIONS):
        fresh(data)
        first.append(seconds_of(lambda: sweep(data)))
        second.append(seconds_of(lambda: sweep(data)))
    return statistics.median(first), statistics.median(second)


def require_agreement(data: cm.StaffData, frame: pd.DataFrame) -> None:
    """Hold some scenarios against appraisals.

    Raises
    ------
    DisagreementError
        If a figure differs.
    """
    sample = frame.sample(APPRAISED, random_state=1)
    for scenario in sample.to_dict("records"):
        policy = ENACTED.with_changes(changes_of(scenario))
        total = totals_of(cm.appraise(data, policy))
        wanted = {
            name: getattr(total, name) / 100 for name in ("service_bonus", "payout", "award", "cash_effect", "cost")
        }
        wanted |= {name: getattr(total, name) for name in ("observed", "dismissed", "floor_binding")}
        for kind in ("quarter", "month"):
            names = (f"{kind}_grade_{name}" for name in policy.grade_names)
            wanted |= dict(zip(names, getattr(total, f"{kind}_grades").tolist(), strict=True))
        for name, value in wanted.items():
            if scenario[name] != value:
                message = f"A sweep's {name} is {scenario[name]}, an appraisal says {value}: {changes_of(scenario)}"
                raise DisagreementError(message)


def changes_of(scenario: Mapping[str, object]) -> dict[str, object]:
    return {path: value for path, value in scenario.items() if path in TABLE or path in GRID}


def one_by_one(data: cm.StaffData) -> tuple[float, float]:
    """Give the seconds of one scenario where each is appraised: in a loop that keeps its stages, and from nothing."""
    # Neighbours in the grid, so that the loop has most to keep.
    policies = [
        ENACTED.with_changes(dict(zip(GRID, values, strict=True)))
        for values in itertools.islice(itertools.product(*GRID.values()), APPRAISED)
    ]

    def kept() -> None:
        for policy in policies:
            totals_of(cm.appraise(data, policy))

    def from_nothing() -> None:
        for policy in policies:
            data.cached.clear()
            totals_of(cm.appraise(data, policy))

    seconds = medians({"kept": kept, "from nothing": from_nothing}, 3)
    return seconds["kept"] / len(policies), seconds["from nothing"] / len(policies)


def _sliders(data: cm.StaffData, people: str) -> Iterator[Row]:
    found = fresh(data)
    for path, values in SLIDERS.items():
        policies = [ENACTED.with_changes({path: value}) for value in values]
        seconds = statistics.median(seconds_of(lambda policy=policy: found.totals(policy)) for policy in policies)
        row = at_most(f"{people}: all totals after moving {path}", seconds * 1e3, 5, "ms")
        yield row if path.startswith("grades.") else Row(row.what, row.measured)


def _growth() -> Iterator[Row]:
    """Compare departments of very different size."""
    first, second = {}, {}
    for staff in (FEW, MANY):
        first[staff], second[staff] = first_and_second(department(staff), sweep_grid)
    what = f"{SCENARIOS:,} scenarios: {MANY:,} people against {FEW:,}"
    for name, seconds, wanted in (("the grid again", second, 2), ("the grid", first, None)):
        growth = seconds[MANY] / seconds[FEW]
        note = f" ({seconds[MANY] / SCENARIOS * 1e6:.3g} µs a scenario)"
        row = at_most(f"{what}, {name}", growth, 2, "times", note)
        yield row if wanted else Row(row.what, row.measured)
