"""What must hold between the cells of the tables: keys, dates of employment, figures that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.errors import Problem, suggest
from cmpolicy.messages import Message, list_of
from cmpolicy.staff.cells import text_of
from cmpolicy.staff.data import period_names
from cmpolicy.staff.schema import ABSENT_MONEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData, Table
    from cmpolicy.staff.parse import Findings, RawTable

_SHOWN_NOTES = 5


def check_tables(data: StaffData, raw: dict[str, RawTable], findings: Findings) -> None:
    """Check tables that were parsed; rows with an unreadable key are left out of what needs the key."""
    for name, table in data.tables.items():
        _check_unique(data, name, table, raw[name], findings)
        _check_pairs(table, raw[name], findings)
        if name != "staff":
            _check_known(data, table, raw[name], findings)
    _check_surveys(data, raw, findings)
    _check_employment(data, raw, findings)
    if not findings.problems:
        _note_areas(data, findings)
        _note_quarters_against_months(data, findings)


def _check_unique(data: StaffData, name: str, table: Table, raw: RawTable, findings: Findings) -> None:
    key = raw.schema.key
    if not key or any(column not in table.columns for column in key) or not table.length:
        return
    staff = table.columns["staff_id"]
    period = table.columns[key[-1]] if len(key) > 1 else np.zeros(table.length, dtype=np.int32)
    valid = (staff >= 0) & (period >= 0)
    if not valid.all():
        staff, period = staff[valid], period[valid]
    if not len(staff):
        return
    first, last = int(period.min()), int(period.max())
    people = max(len(data.staff_ids), 1)
    cell = (period - first).astype(np.int64) * people + staff
    span = (last - first + 1) * people
    if span <= 8 * table.length + 1000:  # dense enough to mark each: the usual case, and the quickest
        marked = np.zeros(span, dtype=np.bool_)
        marked[cell] = True
        if int(marked.sum()) == len(cell):
            return
    cells, counts = np.unique(cell, return_counts=True)
    doubled = cells[counts > 1]
    if not len(doubled):
        return
    places = np.flatnonzero(valid)[np.isin(cell, doubled)]
    values = cell[np.isin(cell, doubled)]
    order = np.argsort(values, kind="stable")
    places, values = places[order], values[order]
    again = np.flatnonzero(values[1:] == values[:-1]) + 1
    for place in again[:20].tolist():
        earlier = int(raw.rows[places[place - 1]])
        message = Message("This row has the same key as row {row}: {key}.", row=earlier, key=" + ".join(key))
        value = text_of(raw.columns[key[-1]].cell(int(places[place])))
        wanted = Message("each key once in table {table}", table=name)
        findings.problems.append(raw.problem(int(places[place]), key[-1], message, value=value, expected=wanted))
    if len(again) > 20:
        findings.problems.append(
            raw.problem(
                None, key[-1], Message("… and more rows with the same problem: {count}.", count=len(again) - 20)
            )
        )


def _check_known(data: StaffData, table: Table, raw: RawTable, findings: Findings) -> None:
    """Where the staff table is given, every staff id of the other tables is in it."""
    staff = data.tables.get("staff")
    if staff is None or "staff_id" not in staff.columns or "staff_id" not in table.columns:
        return
    known = np.zeros(len(data.staff_ids) + 1, dtype=np.bool_)
    known[staff.columns["staff_id"]] = True
    known[-1] = True  # an empty staff id is a problem of its own
    strangers = np.flatnonzero(~known[table.columns["staff_id"]])
    if not len(strangers):
        return
    names = data.staff_ids[known[:-1]].tolist()
    by_name: dict[int, list[int]] = {}
    for row in strangers.tolist():
        by_name.setdefault(int(table.columns["staff_id"][row]), []).append(row)
    for place, rows in list(by_name.items())[:20]:
        near = suggest(data.staff_ids[place], names)
        wanted = Message("a staff id of table staff")
        if near is not None:
            wanted = Message("a staff id of table staff, such as {nearest}", nearest=near)
        message = Message("The staff id is not in table staff.")
        if len(rows) > 1:
            message = Message("The staff id is not in table staff; it stands in {count} rows.", count=len(rows))
        value = str(data.staff_ids[place])
        findings.problems.append(raw.problem(rows[0], "staff_id", message, value=value, expected=wanted))
    if len(by_name) > 20:
        findings.problems.append(
            raw.problem(None, "staff_id", Message("… and more unknown staff ids: {count}.", count=len(by_name) - 20))
        )


def _check_pairs(table: Table, raw: RawTable, findings: Findings) -> None:
    """Revenue and its base are recorded only together."""
    columns = table.columns
    fields = {field.name for field in raw.schema.fields}
    if "revenue" not in fields or not {"revenue", "revenue_base"} & columns.keys():
        return
    for name, other in (("revenue", "revenue_base"), ("revenue_base", "revenue")):
        if name not in columns:
            message = Message("The column {other} is recorded without {name}.", other=other, name=name)
            findings.problems.append(
                Problem(message, table=raw.schema.name, column=name, expected=Message("both columns or neither"))
            )
        elif other in columns:
            alone = raw.columns[other].filled() & ~raw.columns[name].filled()
            findings.add_rows(
                raw,
                name,
                np.flatnonzero(alone),
                Message("The cell is empty, but {other} is recorded.", other=other),
                expected=Message("both figures or neither"),
            )


def _check_surveys(data: StaffData, raw: dict[str, RawTable], findings: Findings) -> None:
    table = data.tables.get("surveys")
    if table is None or not {"sampled", "satisfied"} <= table.columns.keys():
        return
    sampled, satisfied = table.columns["sampled"], table.columns["satisfied"]
    wrong = np.flatnonzero((sampled > 0) & (satisfied > sampled))
    findings.add_rows(
        raw["surveys"],
        "satisfied",
        wrong,
        Message("More were satisfied than were sampled."),
        expected=Message("a number up to that of column sampled"),
    )


def _check_employment(data: StaffData, raw: dict[str, RawTable], findings: Findings) -> None:
    """Hold each month and quarter against the time from hire to leave."""
    staff = data.tables.get("staff")
    if staff is None or "staff_id" not in staff.columns:
        return
    dates = {}
    for name in ("hire_date", "leave_date"):
        dates[name] = np.full(len(data.staff_ids) + 1, np.datetime64("NaT"), dtype="datetime64[D]")
        if name in staff.columns:
            dates[name][staff.columns["staff_id"]] = staff.columns[name]
    dates["hire_date"][-1] = dates["leave_date"][-1] = np.datetime64("NaT")
    if "leave_date" in staff.columns and "hire_date" in staff.columns:
        wrong = np.flatnonzero(staff.columns["leave_date"] < staff.columns["hire_date"])
        findings.add_rows(
            raw["staff"],
            "leave_date",
            wrong,
            Message("The person leaves before being hired."),
            expected=Message("a day on or after hire_date"),
        )
    _check_period(data, raw, findings, "hire_date", _month_of(dates["hire_date"]))
    left = np.where(np.isnat(dates["leave_date"]), np.iinfo(np.int32).max, _month_of(dates["leave_date"]))
    _check_period(data, raw, findings, "leave_date", left)


def _check_period(
    data: StaffData, raw: dict[str, RawTable], findings: Findings, column: str, limits: NDArray[np.int32]
) -> None:
    """Hold the months and quarters of all people against one of their dates; one problem for each date that is wrong.

    It is more often the date than the records, and a person of twelve months would be told of twelve times.
    """
    outside = {}
    for name, period, months in (("months", "month", 1), ("quarters", "quarter", 3)):
        table = data.tables.get(name)
        if table is not None and {"staff_id", period} <= table.columns.keys():
            number, limit = table.columns[period], limits[table.columns["staff_id"]] // months
            wrong = number < limit if column == "hire_date" else number > limit
            outside[name] = np.flatnonzero(wrong & (number >= 0))
    people = [data.tables[name].columns["staff_id"][rows] for name, rows in outside.items()]
    if not sum(map(len, people)):
        return
    of_staff = np.zeros(len(data.staff_ids) + 1, dtype=np.intp)
    of_staff[data.tables["staff"].columns["staff_id"]] = np.arange(data.tables["staff"].length)
    places = np.unique(of_staff[np.concatenate(people)])
    for place in places[:20].tolist():
        own = {
            name: rows[of_staff[data.tables[name].columns["staff_id"][rows]] == place] for name, rows in outside.items()
        }
        message, wanted = _outside(data, raw, column, own)
        value = text_of(raw["staff"].columns[column].cell(place))
        findings.problems.append(raw["staff"].problem(place, column, message, value=value, expected=wanted))
    if len(places) > 20:
        rest = Message("… and more people with the same problem: {count}.", count=len(places) - 20)
        findings.problems.append(raw["staff"].problem(None, column, rest))


def _outside(
    data: StaffData, raw: dict[str, RawTable], column: str, rows_of: dict[str, NDArray[np.intp]]
) -> tuple[Message, Message]:
    """Say which records of a person lie outside the employment, and which day would take them in."""
    records: list[Message] = []
    ends: list[tuple[int, str]] = []
    for name, period, months in (("months", "month", 1), ("quarters", "quarter", 3)):
        rows = rows_of.get(name, np.empty(0, dtype=np.intp))
        if not len(rows):
            continue
        numbers = data.tables[name].columns[period][rows]
        names = period_names(numbers, period).tolist()
        last_month = months - 1 if column == "hire_date" else 0
        ends += zip((numbers.astype(np.int64) * months + last_month).tolist(), names, strict=True)
        records += [
            Message("{period} (table {table}, row {row})", period=one, table=name, row=int(raw[name].rows[row]))
            for one, row in zip(names, rows.tolist(), strict=True)
        ]
    shown = _cut(records)
    if column == "hire_date":
        wanted = Message("a day in {period} or before, or no such records", period=min(ends)[1])
        what = Message(
            "The person has records from before this day ({count}): {records}.", count=len(ends), records=shown
        )
    else:
        wanted = Message("a day in {period} or after, or no such records", period=max(ends)[1])
        what = Message(
            "The person has records from after this day ({count}): {records}.", count=len(ends), records=shown
        )
    return what, wanted


def _cut(parts: Sequence[Message]) -> Message:
    """List the first few."""
    shown: Message = list_of(parts[:_SHOWN_NOTES])
    return Message("{first} …", first=shown) if len(parts) > _SHOWN_NOTES else shown


def _month_of(days: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """Give the month of each day, numbered 12 * year + month - 1; 0, long ago, where the day is not known."""
    month = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.maximum(month, 0).astype(np.int32)


def _note_areas(data: StaffData, findings: Findings) -> None:
    """Two managers of an area share its revenue: where their figures differ in a quarter, say so."""
    table = data.tables.get("quarters")
    if table is None or "revenue" not in table.columns or not table.length:
        return
    names, area = _areas_of_quarters(data, table)
    known = (table.columns["revenue"] != ABSENT_MONEY) & (area >= 0)
    if not known.any():
        return
    quarter = table.columns["quarter"][known].astype(np.int64)
    first = int(quarter.min())
    group = (quarter - first) * len(names) + area[known]
    unequal = np.zeros(int(group.max()) + 1, dtype=np.bool_)
    for column in ("revenue", "revenue_base"):
        values = table.columns[column][known]
        one_of = np.empty(len(unequal), dtype=values.dtype)
        one_of[group] = values
        unequal[group[values != one_of[group]]] = True
    differing = [(first + one // len(names), names[one % len(names)]) for one in np.flatnonzero(unequal).tolist()]
    if differing:
        listed = [
            Message("{area} {quarter}", area=name, quarter=period_names(np.array([number]), "quarter")[0])
            for number, name in sorted(differing)[: _SHOWN_NOTES + 1]
        ]
        findings.notes.append(
            Message(
                "Quarters of an area in which its managers have different revenue figures ({count}): {listed}.",
                count=len(differing),
                listed=_cut(listed),
            )
        )


def _areas_of_quarters(data: StaffData, table: Table) -> tuple[list[str], NDArray[np.intp]]:
    """Give the names of areas, and the number of each row's area: its own, else the person's; -1 where not known."""
    numbers: dict[str, int] = {}

    def numbered(of: Table) -> NDArray[np.intp]:
        labels = of.labels["area"].tolist()
        if not numbers:  # they are distinct
            numbers.update(zip(labels, range(len(labels)), strict=True))
            return of.columns["area"].astype(np.intp)
        names = [numbers.setdefault(name, len(numbers)) for name in labels]
        numbers_of_rows: NDArray[np.intp] = np.array([*names, -1], dtype=np.intp)[of.columns["area"]]
        return numbers_of_rows

    area = np.full(len(data.staff_ids), -1, dtype=np.intp)
    staff = data.tables.get("staff")
    if staff is not None and "area" in staff.columns:
        area[staff.columns["staff_id"]] = numbered(staff)
    area = area[table.columns["staff_id"]]
    if "area" in table.columns:
        own = numbered(table)
        area = np.where(own >= 0, own, area)
    return list(numbers), area


def _note_quarters_against_months(data: StaffData, findings: Findings) -> None:
    """R1 uses the quarter's figure; where the sum of its months differs from it, say so."""
    months, quarters = data.tables.get("months"), data.tables.get("quarters")
    if months is None or quarters is None or "revenue" not in months.columns or "revenue" not in quarters.columns:
        return
    people = len(data.staff_ids)
    known = months.columns["revenue"] != ABSENT_MONEY
    cell = (months.columns["month"][known].astype(np.int64) // 3) * people + months.columns["staff_id"][known]
    cells, place = np.unique(cell, return_inverse=True)
    own = quarters.columns["revenue"] != ABSENT_MONEY
    of_quarter = quarters.columns["quarter"][own].astype(np.int64) * people + quarters.columns["staff_id"][own]
    both, from_months, from_quarters = np.intersect1d(cells, of_quarter, return_indices=True)
    differing = np.zeros(len(both), dtype=np.bool_)
    for column in ("revenue", "revenue_base"):
        sums = np.zeros(len(cells), dtype=np.int64)
        np.add.at(sums, place, months.columns[column][known])
        differing |= sums[from_months] != quarters.columns[column][own][from_quarters]
    if differing.any():
        findings.notes.append(
            Message(
                "Quarters in which the revenue or its base differs from the sum of the months, and of which the "
                "quarter's figure is used (R1): {count}.",
                count=int(differing.sum()),
            )
        )
