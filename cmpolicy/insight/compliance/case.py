"""What the checks look at: the policy, the people with what is known of them, the outcome, the region."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.insight.compliance.findings import Missing
from cmpolicy.insight.compliance.records import Records
from cmpolicy.insight.compliance.schema import OPEN_ENDED
from cmpolicy.messages import Message
from cmpolicy.regulation.standing import OBSERVATION
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, first_day
from cmpolicy.staff.schema import ABSENT_COUNT, ABSENT_MONEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cmpolicy.insight.compliance.regions import Region
    from cmpolicy.regulation.policy import Policy
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.staff.data import StaffData


class Employee(NamedTuple):
    """What is known of a person, from the staff table first, else from the compliance file; money in fen, None unknown.

    `contract_months` is `OPEN_ENDED` for a contract without an end. Something not done is False.
    """

    staff_id: str
    hired: datetime.date | None
    left: datetime.date | None
    confirmed: datetime.date | None
    contract_months: int | None
    contract_wage: int | None
    probation_wage: int | None
    lowest_same_post_wage: int | None
    excluded_pay: int | None
    probations: int | None
    insured_from: Any
    wage_consent_on: Any
    leave_reason: str | None
    bonus_tax: str | None


class Quarter(NamedTuple):
    """A person's quarter: its place in the panel, its name, its first and its last day."""

    employee: Employee
    person: int
    place: int
    name: str
    first: datetime.date
    last: datetime.date


@dataclass(frozen=True, eq=False)
class Case:
    """Everything that is known where a policy is checked.

    Attributes
    ----------
    policy : Policy
        The version that is checked.
    data, outcome : optional
        The people, and what the policy, with all versions of its book, makes of their records.
    earlier : Policy or None
        What was in force before.
    baseline : Outcome or None
        What the earlier policy makes of the same records.
    region : Region or None
    records : Records
    since, until : date or None
        The first day on which this version of a book is in force, and the first on which it is no longer; None where
        there is no version before or after it.
    recorded_under : Policy or None
        Under which the records arose, where that is not the policy itself: a reform is only proposed.
    """

    policy: Policy
    data: StaffData | None = None
    outcome: Outcome | None = None
    earlier: Policy | None = None
    baseline: Outcome | None = None
    region: Region | None = None
    records: Records = field(default_factory=Records)
    since: datetime.date | None = None
    until: datetime.date | None = None
    recorded_under: Policy | None = None

    def told(self, name: str) -> Any:
        """Give what the compliance file says of the regulation under a name; None where it says nothing."""
        return self.records.regulation.get(name)

    def in_force(self, day: datetime.date) -> bool:
        """Tell whether this version of the book is in force on a day; a policy that is no book always is."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    @cached_property
    def joined(self) -> tuple[Employee, ...]:
        """Those who were hired under this version, or on a day that is not known."""
        return tuple(one for one in self.employees if one.hired is None or self.in_force(one.hired))

    @cached_property
    def quarters_in_force(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(Q,) bool: the outcome's quarters on whose first day this version is in force."""
        assert self.outcome is not None  # noqa: S101 - only an outcome has quarters
        panel = self.outcome.panel
        firsts = (first_day(MONTHS_A_QUARTER * (panel.first_quarter + place)) for place in range(panel.quarters))
        return np.array([self.in_force(day) for day in firsts], dtype=np.bool_)

    @property
    def recorded(self) -> Outcome | None:
        """What was right to pay by the rules under which the records arose."""
        return self.outcome if self.recorded_under is None else self.baseline

    @property
    def planned_months(self) -> int:
        """The months of probation that people who joined had by plan."""
        return (self.recorded_under or self.policy).probation.months

    @cached_property
    def employees(self) -> tuple[Employee, ...]:
        """Everyone in the data; nobody where there are none."""
        if self.data is None:
            return ()
        # The same for both sides of a comparison, so it is kept with the data.
        kept = self.data.cached.get("employees")
        if kept is None or kept[0] != self.records:
            self.data.cached["employees"] = kept = (self.records, self._employees(self.data))
        people: tuple[Employee, ...] = kept[1]
        return people

    def _employees(self, data: StaffData) -> tuple[Employee, ...]:
        staff_ids = data.staff_ids.tolist()
        columns = [_column(data, name) for name in ("hire_date", "leave_date", "confirmed_on")]
        for name in Employee._fields[4:]:
            column = _column(data, name)
            if self.records.knows(name):
                told = [self.records.of_person(staff_id, name) for staff_id in staff_ids]
                column = [one if known is None else known for known, one in zip(column, told, strict=True)]
            columns.append(column)
        return tuple(map(Employee._make, zip(staff_ids, *columns, strict=True)))

    @cached_property
    def observed(self) -> tuple[Quarter, ...]:
        """Every quarter under observation (3.5)."""
        return self._quarters(lambda outcome: (outcome.arrays.standing == OBSERVATION) & outcome.quarter_rows)

    @cached_property
    def dismissed(self) -> tuple[Quarter, ...]:
        """The quarters at whose end a dismissal is due (3.5)."""
        return self._quarters(lambda outcome: outcome.arrays.dismissal_due & outcome.quarter_rows)

    def has(self, table: str, column: str) -> bool:
        """Tell whether the data have a column."""
        known = None if self.data is None else self.data.tables.get(table)
        return known is not None and column in known.columns

    @cached_property
    def last_day(self) -> datetime.date | None:
        """The last day of the data's last month."""
        if self.data is None:
            return None
        return first_day(self.data.panel.last_month + 1) - datetime.timedelta(days=1)

    @cached_property
    def paid(self) -> dict[tuple[int, int], int]:
        """What payroll paid, fen, by place in `staff_ids` and quarter numbered 4 * year + quarter - 1."""
        if self.data is None or not self.has("quarters", "paid"):
            return {}
        table = self.data.tables["quarters"]
        columns = (table.columns[name].tolist() for name in ("staff_id", "quarter", "paid"))
        return {(person, number): fen for person, number, fen in zip(*columns, strict=True) if fen != ABSENT_MONEY}

    def _quarters(self, pick: Callable[[Outcome], Any]) -> tuple[Quarter, ...]:
        if self.outcome is None:
            return ()
        panel = self.outcome.panel
        places, people = np.nonzero(pick(self.outcome))
        return tuple(
            self.quarter_of(person, panel.first_quarter + place)
            for place, person in zip(places.tolist(), people.tolist(), strict=True)
        )

    def quarter_of(self, person: int, number: int) -> Quarter:
        """Describe a person's quarter, numbered 4 * year + quarter - 1."""
        assert self.outcome is not None  # noqa: S101 - only an outcome has quarters
        first, after = first_day(MONTHS_A_QUARTER * number), first_day(MONTHS_A_QUARTER * (number + 1))
        name = f"{number // 4:04d}-Q{number % 4 + 1}"
        place = number - self.outcome.panel.first_quarter
        return Quarter(self.employees[person], person, place, name, first, after - datetime.timedelta(days=1))


def unknown_of(what: Message, people: Sequence[str], *, everyone: bool = False) -> Iterator[Missing]:
    """Say what is not known of these people; nothing where there is nobody."""
    people = list(dict.fromkeys(people))
    if people:
        if everyone:
            yield Missing(what)
        else:
            several = Message(
                "{what}; people of whom it is not known: {count}, such as {staff_id}",
                what=what,
                count=f"{len(people):,}",
                staff_id=people[0],
            )
            yield Missing(several)


def ids(people: Sequence[Employee]) -> tuple[str, ...]:
    """Give the staff ids of people, each once."""
    return tuple(dict.fromkeys(one.staff_id for one in people))


def _column(data: StaffData, name: str) -> list[Any]:
    """Give a column of the staff table for everyone, None where it is not known."""
    nothing: list[Any] = [None] * len(data.staff_ids)
    table = data.tables.get("staff")
    if table is None or name not in table.columns:
        return nothing
    values, known = table.columns[name], list(nothing)
    if name == "contract_months":  # an empty cell is a contract without an end
        shown = np.where(values == ABSENT_COUNT, OPEN_ENDED, values).tolist()
    elif values.dtype.kind == "M":
        shown = values.tolist()  # an absent day comes as None
    else:
        shown = [None if value == ABSENT_MONEY else value for value in values.tolist()]
    for place, value in zip(table.columns["staff_id"].tolist(), shown, strict=True):
        known[place] = value
    return known
