"""Solving for a budget: bounds, amounts and both, each with its gap; every answer is confirmed by a full appraisal."""

import statistics
from collections.abc import Iterator, Mapping

import cmpolicy as cm
from benchmarks.agreement import DisagreementError
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_most, seconds_of

STAFF = 100_000
REPETITIONS = 3
CUT = 0.97
BOUNDS, AMOUNTS, AWARDS = "grades.*.from", "grades.*.quarterly_bonus", "grades.*.monthly_award"
QUESTIONS: dict[str, Mapping[str, object]] = {
    "four bounds": {"vary": [BOUNDS]},
    "five amounts": {"vary": [AMOUNTS]},
    "four bounds, five amounts": {"vary": [BOUNDS, AMOUNTS]},
    "five amounts, least money": {"vary": [AMOUNTS], "objective": "money"},
    "four bounds, five amounts, least money": {"vary": [BOUNDS, AMOUNTS], "objective": "money"},
    "four bounds, five amounts, at most 5% E": {"vary": [BOUNDS, AMOUNTS], "targets": {"quarter_grade_E": "<=5%"}},
    "five amounts, five awards": {"vary": [AMOUNTS, AWARDS]},
}


def measure() -> Iterator[Row]:
    data = cm.synthesize(staff=STAFF, months=MONTHS, seed=1)
    enacted = cm.load_policy("2007-06")
    budget = cm.appraise(data, enacted).cost["cost"] * CUT / 100
    people = f"{STAFF:,} people, {MONTHS} months"
    for name, question in QUESTIONS.items():
        found: list[cm.Solution] = []

        def answer(question: Mapping[str, object] = question, found: list[cm.Solution] = found) -> None:
            data.cached.clear()
            try:
                found.append(cm.solve(data, enacted, budget=budget, **question))
            except cm.PolicyError:
                raise
            except cm.CmpolicyError as error:
                raise DisagreementError(str(error)) from error

        seconds = statistics.median(seconds_of(answer) for _ in range(REPETITIONS))
        gap = f", gap {found[0].gap:,}"
        if found[0].unproved:
            gap += f" (with as few worse off, {found[0].unproved / 100:,.2f} yuan not proved)"
        yield at_most(f"{people}: {name} under a budget", seconds, 5, "s", gap)
        if not ("bounds" in name and "amounts" in name):
            yield Row(f"{people}: {name}, gap", f"{found[0].gap}", "0", found[0].gap == 0 and not found[0].unproved)
    data.cached.clear()
    solution = cm.solve(data, enacted, budget=budget, vary=[BOUNDS, AMOUNTS])
    seconds = seconds_of(solution.frontier)
    yield Row(f"{people}: frontier of four bounds and five amounts", f"{seconds:.3g} s")
