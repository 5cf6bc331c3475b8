"""Forecasts: whether what happens lies in the interval, and how long a large department takes.

Histories are invented, so the process behind them is known and there are as many as one likes. The last year of each is
held back, and forecast from the quarters before it.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import cmpolicy as cm
from benchmarks.engines import MONTHS
from benchmarks.timing import Row, at_most, seconds_of
from cmpolicy.regulation import pay
from cmpolicy.regulation.readings import AnnualNegative
from cmpolicy.simulation.forecast_result import COMPONENTS
from cmpolicy.staff.data import Table

HISTORIES = 200
STAFF = 60
HELD_BACK = 4
LONG, SHORT = 20, 12
REPLICATES = 500
CONFIDENCE = 0.9
WANTED = (0.85, 0.95)
# Nobody in these histories is dismissed, whatever the policy makes of them.
POLICY = cm.load_policy("2007-06").with_changes({"readings.after_dismissal": "as_recorded"})
LARGE = 100_000


def measure() -> Iterator[Row]:
    data = cm.synthesize(staff=LARGE, months=MONTHS, seed=1)
    data.panel  # noqa: B018 - made before the clock starts, as for an appraisal
    seconds = seconds_of(lambda: cm.forecast(data))
    yield at_most(f"{LARGE:,} people, {MONTHS} months: forecast of 4 quarters, 1000 replicates", seconds, 4, "s")
    yield from _coverage()


def _coverage() -> Iterator[Row]:
    """Count the held-back quarters and years in the interval, from a long and a short history on the same data."""
    inside: dict[int, list[np.ndarray]] = {LONG: [], SHORT: []}
    for seed in range(HISTORIES):
        data = cm.synthesize(staff=STAFF, months=3 * (LONG + HELD_BACK), seed=seed, first_month="2020-01")
        end = data.panel.first_month + 3 * LONG
        happened = _costs(data)[LONG:]
        happened = np.vstack([happened, happened.sum(axis=0)])
        for quarters, found in inside.items():
            known = _part(data, end - 3 * quarters, end)
            interval = cm.forecast(known, POLICY, HELD_BACK, REPLICATES, seed=seed).interval(CONFIDENCE)
            low, high = (interval[side].to_numpy().reshape(happened.shape) for side in ("low", "high"))
            found.append((low <= happened) & (happened <= high))
    for quarters, found in inside.items():
        shares = np.mean(found, axis=0)
        for place, component in enumerate(COMPONENTS):
            yield _row(quarters, f"quarters' {component}", shares[:HELD_BACK, place].mean())
        yield _row(quarters, "whole year's cost", shares[HELD_BACK, -1])


def _row(quarters: int, what: str, share: float) -> Row:
    what = f"{HISTORIES} histories of {quarters} quarters: {CONFIDENCE:.0%} interval of the {what} holds"
    if quarters != LONG:
        return Row(what, f"{share:.1%}")
    return Row(what, f"{share:.1%}", "85 to 95 %", bool(WANTED[0] <= share <= WANTED[1]))


def _costs(data: cm.StaffData) -> np.ndarray:
    """Give what each quarter cost, (Q, 6) yuan; the cash effect is that of the year so far, less that before."""
    outcome = cm.appraise(data, POLICY)
    arrays, panel = outcome.arrays, outcome.panel
    award = arrays.award.reshape(panel.quarters, 3, -1).sum(axis=1, dtype=np.int64)
    cash = np.empty_like(award)
    awarded = np.zeros(panel.people, dtype=np.int64)
    for quarter in range(panel.quarters):
        if (panel.first_quarter + quarter) % 4 == 0:
            awarded = np.zeros_like(awarded)
        other = panel.other_year_end_bonus[panel.year_of(quarter)]
        before, awarded = awarded, awarded + award[quarter]
        cash[quarter] = pay.cash_effect(awarded, other, AnnualNegative.offset_year_end_only)
        cash[quarter] -= pay.cash_effect(before, other, AnnualNegative.offset_year_end_only)
    columns = [arrays.service_bonus, arrays.revenue_bonus, arrays.payout, award, cash, arrays.payout + cash]
    return np.stack([column.sum(axis=1) for column in columns], axis=1) / 100


def _part(data: cm.StaffData, first: int, end: int) -> cm.StaffData:
    """Give what was known when the month numbered `end` began, from the month numbered `first` on."""
    tables = {}
    for name, table in data.tables.items():
        columns = dict(table.columns)
        if name == "staff":
            gone = np.datetime64(end - 12 * 1970, "M").astype("datetime64[D]")
            columns["leave_date"] = np.where(columns["leave_date"] < gone, columns["leave_date"], np.datetime64("NaT"))
            kept = np.ones(table.length, dtype=bool)
        else:
            period, months = {"quarters": ("quarter", 3), "years": ("year", 12)}.get(name, ("month", 1))
            start = columns[period].astype(np.int64) * months
            kept = (start >= first) & (start + months <= end)
        columns = {column: values[kept] for column, values in columns.items()}
        tables[name] = Table(columns, int(kept.sum()), table.rows[kept], table.labels)
    return replace(data, tables=tables, cached={})
