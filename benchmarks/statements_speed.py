"""Statements: one from loaded data, with and without a reform, and everyone's as pages on disk."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cmpolicy as cm
from benchmarks.agreement import DisagreementError
from benchmarks.timing import Row, at_most, medians, seconds_of
from cmpolicy.insight.explain import Statement
from cmpolicy.report.statement import write_statements

DEPARTMENT = Path(__file__).parents[1] / "datasets" / "department"
REFORM = {"grades.A.from": 112, "grades.B.quarterly_bonus": 1800, "points.praises": 4}
STAFF, MONTHS = 10_000, 12
REPETITIONS = 9


def measure() -> Iterator[Row]:
    data, enacted = cm.read_staff(DEPARTMENT), cm.load_policy("2007-06")
    someone = str(data.staff_ids[-1])  # hired in these years: probation is on the statement too

    def from_loaded_data(ask: str) -> object:
        data.cached.clear()  # no appraisal is kept
        if ask == "statement":
            return cm.explain(data, enacted, someone)._repr_html_()
        return cm.explain_change(data, enacted, REFORM, someone)._repr_html_()

    jobs = {ask: lambda ask=ask: from_loaded_data(ask) for ask in ("statement", "change")}
    seconds = medians(jobs, REPETITIONS)
    yield at_most("one statement from loaded data, all periods, as HTML", seconds["statement"] * 1e3, 50, "ms")
    yield Row("what a reform of three values changes on it, as HTML", f"{seconds['change'] * 1e3:.3g} ms")

    outcome = cm.appraise(cm.synthesize(staff=STAFF, months=MONTHS, seed=1))
    _require_the_outcomes_money(outcome)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        taken = seconds_of(lambda: write_statements(outcome, Path(folder) / "statements"))
        own = time.process_time() - start  # of a machine that others use as well, the time that was ours
        size = sum(path.stat().st_size for path in (Path(folder) / "statements").iterdir())
    note = f" ({own:.0f} s of one processor, {size / 1e6:.0f} MB)"
    yield at_most(f"statements of {STAFF:,} people, {MONTHS} months, as pages", taken, 60, "s", note)


def _require_the_outcomes_money(outcome: cm.Outcome) -> None:
    """Hold the sums of every hundredth statement against the outcome."""
    paid = outcome.quarters.groupby("staff_id")["payout"].sum()
    for staff_id in outcome.panel.staff_ids[::100].tolist():
        found = Statement.of(outcome, staff_id).money.get("payout", 0)
        if found != round(paid.get(staff_id, 0) * 100):
            text = f"payout of {staff_id}: {found} fen on the statement"
            raise DisagreementError(text)
