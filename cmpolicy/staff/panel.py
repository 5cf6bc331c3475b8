"""Staff data laid out for the rules: dense arrays, months (or quarters) down, people across.

The layout is month-major and as narrow as the values allow, so that a rule runs over contiguous small integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.regulation.service import MonthRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData, Table

UNKNOWN_REVENUE = -1


class Span(NamedTuple):
    """Whole quarters of months, the first and the last, and the last month with a row in `months`.

    All are numbered 12 * year + month - 1.
    """

    first: int
    last: int
    last_recorded: int

    def joined(self, other: Span) -> Span:
        """Give the months that either covers."""
        return Span(min(self.first, other.first), *map(max, self[1:], other[1:]))


@dataclass(frozen=True)
class Surveys:
    """Surveys of 2.10, the first, second, … of each person and quarter: arrays of shape (most a quarter, Q, n)."""

    sampled: NDArray[Any]
    satisfied: NDArray[Any]
    month_of_quarter: NDArray[np.int8]


@dataclass(frozen=True)
class Panel:
    """Everything that the rules need of n people over M months, Q = M/3 quarters and Y years.

    Attributes
    ----------
    staff_ids : (n,) array of str
    first_month : int
        12 * year + month - 1 of the first month, which begins a quarter.
    last_month : int
        The same of the data's last month; later months of the panel only fill its quarter.
    counts : MonthRecord of (M, n) arrays
        int8, or wider where a value needs it; 0 where not assessed.
    assessed, fraud : (M, n) bool
    month_revenue, month_base : (M, n) int or None
        Fen, `UNKNOWN_REVENUE` where not recorded; None where no month has them.
    revenue, base : (Q, n) int32 or int64
        Fen; 0 where not known.
    revenue_known, quarter_recorded : (Q, n) bool
    review, supervisor, manager : (Q, n) int8
        Points of 2.9 as recorded; 0 where none.
    reviewers_recorded : bool
        Whether the two reviewers' own columns exist.
    surveys : Surveys
    other_year_end_bonus : (Y, n) int64
        Fen; 0 where not known.
    hired, confirmed : (n,) datetime64[D]
        NaT where not known.
    """

    staff_ids: NDArray[Any]
    first_month: int
    last_month: int
    counts: MonthRecord
    assessed: NDArray[np.bool_]
    fraud: NDArray[np.bool_]
    month_revenue: NDArray[Any] | None
    month_base: NDArray[Any] | None
    revenue: NDArray[Any]
    base: NDArray[Any]
    revenue_known: NDArray[np.bool_]
    quarter_recorded: NDArray[np.bool_]
    review: NDArray[np.int8]
    supervisor: NDArray[np.int8]
    manager: NDArray[np.int8]
    reviewers_recorded: bool
    surveys: Surveys
    other_year_end_bonus: NDArray[np.int64]
    hired: NDArray[np.datetime64]
    confirmed: NDArray[np.datetime64]
    highest_counts: tuple[int, ...]
    any_fraud: bool
    notes: tuple[Message, ...]

    @property
    def people(self) -> int:
        """Number of people, n."""
        return len(self.staff_ids)

    @property
    def months(self) -> int:
        """Number of months, M, a multiple of three."""
        return len(self.assessed)

    @property
    def quarters(self) -> int:
        """Number of quarters, Q."""
        return self.months // 3

    @property
    def first_quarter(self) -> int:
        """4 * year + quarter - 1 of the first quarter."""
        return self.first_month // 3

    @property
    def first_year(self) -> int:
        """Calendar year of the first quarter."""
        return self.first_month // 12

    @property
    def years(self) -> int:
        """Number of calendar years that the quarters touch, Y."""
        return (self.first_month + self.months - 1) // 12 - self.first_year + 1

    @property
    def span(self) -> Span:
        """Which months there are."""
        return Span(self.first_month, self.first_month + self.months - 1, self.last_month)

    def is_open(self, quarter: int) -> bool:
        """Tell whether the data end before quarter number `quarter` of the panel ends."""
        return self.first_month + 3 * quarter + 2 > self.last_month

    def year_of(self, quarter: int) -> int:
        """Give the number of the panel's year that holds quarter number `quarter`."""
        return (self.first_month + 3 * quarter) // 12 - self.first_year

    @cached_property
    def absent(self) -> tuple[NDArray[np.intp], ...]:
        """Of each month, the places of the people who were not assessed."""
        return tuple(map(np.flatnonzero, ~self.assessed))

    @cached_property
    def frauds(self) -> tuple[NDArray[np.intp], ...]:
        """Of each month, the places of the people with proven fraud."""
        return tuple(map(np.flatnonzero, self.fraud))

    @cached_property
    def cheats(self) -> tuple[NDArray[np.intp], ...]:
        """Of each quarter, the places of the people with proven fraud in one of its months."""
        return tuple(map(np.flatnonzero, _any_month(self.fraud)))

    def revenue_of_month(self, month: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
        """Give revenue, base and whether they are known for month number `month` of the panel, in thirds of a fen.

        A month's own figures where they are recorded, else a third of its quarter's. None is below 0, so that the
        difference of two fits into integers as narrow as they are.
        """
        quarter = month // 3
        revenue, base, known = self.revenue[quarter], self.base[quarter], self.revenue_known[quarter]
        if self.month_revenue is None or self.month_base is None:
            return revenue, base, known
        own = self.month_revenue[month] >= 0
        revenue = np.where(own, 3 * self.month_revenue[month].astype(np.int64), revenue)
        base = np.where(own, 3 * self.month_base[month].astype(np.int64), base)
        return revenue, base, known | own

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays but the staff ids."""
        arrays = [*vars(self).values(), *self.counts, *vars(self.surveys).values()]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray) and array.dtype != object)


def build_panel(data: StaffData) -> Panel:
    """Lay staff data out as a panel."""
    months, quarters = data.tables["months"], data.tables.get("quarters")
    people = len(data.staff_ids)
    first, end, last = _own_span(months, quarters) if data.whole is None else data.whole
    month_count = end - first + 1
    quarter_count = month_count // 3

    by_month = _Layout(months, "month", first, month_count, people)
    columns = [_narrow(months.columns[name]) for name in MonthRecord._fields]
    counts = MonthRecord(*(by_month.dense(column) for column in columns))
    fraud = by_month.dense(months.columns["fraud"])
    month_revenue = by_month.dense_money("revenue", absent=UNKNOWN_REVENUE)
    month_base = by_month.dense_money("revenue_base", absent=UNKNOWN_REVENUE)

    if quarters is None:
        quarters = _no_rows("quarter")
    by_quarter = _Layout(quarters, "quarter", first // 3, quarter_count, people)
    revenue = by_quarter.dense_money("revenue", absent=UNKNOWN_REVENUE)
    base = by_quarter.dense_money("revenue_base", absent=UNKNOWN_REVENUE)
    revenue, base, known = _quarter_revenue(revenue, base, month_revenue, month_base, (quarter_count, people))
    surveys, surveys_without_row = _surveys(data, first // 3, by_quarter.filled | _any_month(by_month.filled))
    notes = []
    if surveys_without_row:
        notes.append(
            Message(
                "Surveys without effect, for quarters in which the person has neither a month nor a quarter row: "
                "{count}.",
                count=surveys_without_row,
            )
        )
    return Panel(
        staff_ids=data.staff_ids,
        first_month=first,
        last_month=last,
        counts=counts,
        assessed=by_month.filled,
        fraud=fraud,
        month_revenue=month_revenue,
        month_base=month_base,
        revenue=revenue,
        base=base,
        revenue_known=known,
        quarter_recorded=by_quarter.filled,
        review=by_quarter.dense_adjustment("review"),
        supervisor=by_quarter.dense_adjustment("review_supervisor"),
        manager=by_quarter.dense_adjustment("review_manager"),
        reviewers_recorded={"review_supervisor", "review_manager"} <= quarters.columns.keys(),
        surveys=surveys,
        other_year_end_bonus=_year_end_bonus(data, first, month_count),
        hired=_staff_dates(data, "hire_date"),
        confirmed=_staff_dates(data, "confirmed_on"),
        highest_counts=tuple(int(column.max(initial=0)) for column in columns),
        any_fraud=bool(months.columns["fraud"].any()),
        notes=tuple(notes),
    )


def _own_span(months: Table, quarters: Table | None) -> Span:
    first, last = int(months.columns["month"].min()), int(months.columns["month"].max())
    end = last
    if quarters is not None and quarters.length:
        first = min(first, 3 * int(quarters.columns["quarter"].min()))
        end = max(end, 3 * int(quarters.columns["quarter"].max()))
    return Span(first - first % 3, end - end % 3 + 2, last)


class _Layout:
    """Puts a long table's columns into dense (periods, people) arrays: where each dense cell's row stands."""

    def __init__(self, table: Table, period: str, first: int, periods: int, people: int) -> None:
        self.table = table
        self.shape = (periods, people)
        cell = (table.columns[period].astype(np.intp) - first) * people
        cell += table.columns["staff_id"]
        # Absent cells point at the place behind the last row, which `dense` fills.
        self.row = np.full(periods * people, table.length, dtype=np.intp)
        self.row[cell] = np.arange(table.length, dtype=np.intp)
        self.filled = (self.row < table.length).reshape(self.shape)

    def dense(self, column: NDArray[Any], absent: int = 0) -> NDArray[Any]:
        padded = np.empty(len(column) + 1, dtype=column.dtype)
        padded[:-1] = column
        padded[-1] = absent
        return padded.take(self.row).reshape(self.shape)

    def dense_money(self, name: str, absent: int) -> NDArray[Any] | None:
        column = self.table.columns.get(name)
        if column is None:
            return None
        return self.dense(_narrow(np.maximum(column, absent), np.int32), absent)

    def dense_adjustment(self, name: str) -> NDArray[np.int8]:
        column = self.table.columns.get(name)
        if column is None:
            return np.zeros(self.shape, dtype=np.int8)
        absent = np.iinfo(np.int16).min
        return self.dense(np.where(column == absent, 0, column).astype(np.int8))


def _narrow(column: NDArray[Any], narrowest: type[np.signedinteger[Any]] = np.int8) -> NDArray[Any]:
    """Store a column of values from -1 up in as few bytes as its highest value allows."""
    highest = int(column.max(initial=0))
    for dtype in (np.int8, np.int16, np.int32):
        if np.dtype(dtype).itemsize >= np.dtype(narrowest).itemsize and highest <= np.iinfo(dtype).max:
            return column.astype(dtype, copy=False)
    return column.astype(np.int64, copy=False)


def _no_rows(period: str) -> Table:
    from cmpolicy.staff.data import Table

    nothing = np.empty(0, dtype=np.int32)
    return Table(columns={"staff_id": nothing, period: nothing}, length=0, rows=nothing, labels={})


def _any_month(by_month: NDArray[np.bool_]) -> NDArray[np.bool_]:
    quarters, people = len(by_month) // 3, by_month.shape[1]
    found: NDArray[np.bool_] = np.any(by_month.reshape(quarters, 3, people), axis=1)
    return found


def _quarter_revenue(
    revenue: NDArray[Any] | None,
    base: NDArray[Any] | None,
    month_revenue: NDArray[Any] | None,
    month_base: NDArray[Any] | None,
    shape: tuple[int, int],
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Give R1's figures: the quarter's own, or the sum of its months where the quarter has none."""
    if revenue is None or base is None:
        revenue = np.full(shape, UNKNOWN_REVENUE, dtype=np.int32)
        base = revenue.copy()
    known = revenue >= 0
    if month_revenue is not None and month_base is not None:
        recorded = (month_revenue >= 0).reshape(shape[0], 3, shape[1])
        sums = [
            np.where(recorded, column.reshape(recorded.shape), 0).sum(axis=1, dtype=np.int64)
            for column in (month_revenue, month_base)
        ]
        from_months = recorded.any(axis=1) & ~known
        revenue, base = (
            _narrow(np.where(from_months, total, own), np.int32)
            for total, own in zip(sums, (revenue, base), strict=True)
        )
        known |= from_months
    return np.maximum(revenue, 0), np.maximum(base, 0), known


def _surveys(data: StaffData, first_quarter: int, rows: NDArray[np.bool_]) -> tuple[Surveys, int]:
    """Lay out surveys; those in a quarter without a row of the person are only counted."""
    quarters, people = rows.shape
    table = data.tables.get("surveys")
    if table is None or not table.length:
        nothing = np.zeros((0, quarters, people), dtype=np.int8)
        return Surveys(nothing, nothing, nothing), 0
    month = table.columns["month"].astype(np.intp)
    quarter = month // 3 - first_quarter
    inside = (quarter >= 0) & (quarter < quarters)
    cell = np.where(inside, quarter, 0) * people + table.columns["staff_id"]
    effective = inside & rows.ravel()[cell]
    cell, month = cell[effective], month[effective]
    sampled, satisfied = (_narrow(table.columns[name][effective]) for name in ("sampled", "satisfied"))
    # The place of each survey among those of the same person and quarter, in the order of the table.
    place = np.zeros(len(cell), dtype=np.intp)
    several = np.flatnonzero(np.bincount(cell)[cell] > 1) if len(cell) else place
    order = several[np.argsort(cell[several], kind="stable")]
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    place[order] = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    layers = int(place.max(initial=-1)) + 1

    def dense(column: NDArray[Any]) -> NDArray[Any]:
        filled = np.zeros(layers * quarters * people, dtype=column.dtype)
        filled[place * (quarters * people) + cell] = column
        return filled.reshape(layers, quarters, people)

    surveys = Surveys(dense(sampled), dense(satisfied), dense((month % 3).astype(np.int8)))
    return surveys, int((~effective).sum())


def _year_end_bonus(data: StaffData, first_month: int, months: int) -> NDArray[np.int64]:
    first_year = first_month // 12
    years = (first_month + months - 1) // 12 - first_year + 1
    bonus = np.zeros((years, len(data.staff_ids)), dtype=np.int64)
    table = data.tables.get("years")
    if table is not None and "other_year_end_bonus" in table.columns:
        year = table.columns["year"].astype(np.intp) - first_year
        inside = (year >= 0) & (year < years)
        amount = np.maximum(table.columns["other_year_end_bonus"], 0)
        bonus[year[inside], table.columns["staff_id"][inside]] = amount[inside]
    return bonus


def _staff_dates(data: StaffData, name: str) -> NDArray[np.datetime64]:
    dates = np.full(len(data.staff_ids), np.datetime64("NaT"), dtype="datetime64[D]")
    table = data.tables.get("staff")
    if table is not None and name in table.columns:
        dates[table.columns["staff_id"]] = table.columns[name]
    return dates
