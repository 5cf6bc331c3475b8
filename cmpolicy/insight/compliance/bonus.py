"""Checks of bonuses: when they are paid, what a leaver gets, and the tax on the year-end award."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.insight.bonus_tax import SEPARATE_UNTIL, cliff_zone_of
from cmpolicy.insight.compliance.case import ids, unknown_of
from cmpolicy.insight.compliance.findings import Finding, Missing, least_sure
from cmpolicy.insight.compliance.records import NOT_BY_FAULT
from cmpolicy.insight.severance import MONTHS_A_YEAR, months_later
from cmpolicy.messages import Message
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.readings import MissingMonths
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, first_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cmpolicy.insight.compliance.case import Case, Quarter


def payment_days(case: Case) -> Iterator[Finding | Missing]:
    """CC10: bonuses are paid in time after their quarter or year (Shenzhen Wage Regulation 11)."""
    if case.region is None:
        yield Missing(Message("region (--region), for its limits of payment"))
        return
    if not case.region.figures.get("payment_limits"):
        yield Missing(Message("limits of payment in {region} (--regions)", region=case.region.name))
        return
    late, marks, worst = [], [], 0
    for period, paid_on in case.records.payments.items():
        after = _day_after(period)
        limit = case.region.on("payment_limits", after)
        if limit is None:
            continue
        months = limit.values["quarter_months" if "Q" in period else "year_months"]
        days = (paid_on - months_later(after, months)).days + 1
        if days > 0:
            late.append(period)
            marks.append(limit.mark)
            worst = max(worst, days)
    if late:
        text = Message(
            "Bonuses paid later than {region} allows: {count}, by up to {days} days: {periods}.",
            count=f"{len(late):,}",
            region=case.region.name,
            days=worst,
            periods=", ".join(late),
        )
        yield Finding("CC10", "W", text, mark=least_sure(marks))
    unknown = [period for period in _closed_periods(case) if period not in case.records.payments]
    if unknown:
        text = Message(
            "days of payment (payments): not known of {count} quarters and years, such as {period}",
            count=f"{len(unknown):,}",
            period=unknown[0],
        )
        yield Missing(text)
    elif not case.records.payments:
        yield Missing(Message("days of payment (payments)"))


def leavers(case: Case) -> Iterator[Finding | Missing]:
    """CC11: who leaves without fault gets the bonus of the time worked (guiding case 183; Shenzhen 14)."""
    strict = case.policy.readings.missing_months == MissingMonths.require_three
    left = _quarters_left(case)
    if strict:
        text = Message("Who works less than three months of a quarter gets no service bonus, a leaver too.")
        partly = [
            quarter.employee
            for quarter in left
            if 0 < _months(case, quarter) < MONTHS_A_QUARTER and case.in_force(quarter.first)
        ]
        if partly:
            count = f"{len(partly):,}"
            text = Message("{what} People who left and are concerned: {count}.", what=text, count=count)
        yield Finding("CC11", "W", text, "readings.missing_months", ids(partly))
    if case.outcome is None:
        yield Missing(Message("people who left, from the records of everyone"))
        return
    if not case.has("staff", "leave_date"):
        yield Missing(Message("days of leaving (staff.leave_date)"))
    yield from unknown_of(
        Message("what was paid in the quarter of leaving (quarters.paid)"),
        [quarter.employee.staff_id for quarter in left if _paid(case, quarter) is None],
    )
    less = [
        quarter
        for quarter in left
        if (_paid(case, quarter) or 0) < _payout(case, quarter) and _paid(case, quarter) is not None
    ]
    unknown = [quarter.employee.staff_id for quarter in less if quarter.employee.leave_reason is None]
    wronged = [quarter for quarter in less if quarter.employee.leave_reason in NOT_BY_FAULT]
    if wronged:
        yield Finding("CC11", "W", _paid_less(case, wronged), "", ids([quarter.employee for quarter in wronged]))
    pro_rata = [quarter for quarter in less if case.region and case.region.on("leaver_pro_rata", quarter.first)]
    others = [quarter for quarter in pro_rata if quarter not in wronged and quarter.employee.leave_reason]
    if others and case.region is not None:
        text = Message(
            "{what} In {region} a bonus may be due pro rata whatever the reason.",
            what=_paid_less(case, others),
            region=case.region.name,
        )
        yield Finding("CC11", "W", text, "", ids([quarter.employee for quarter in others]), "U")
    yield from unknown_of(Message("why the person left (leave_reason)"), unknown)


def year_end_tax(case: Case) -> Iterator[Finding | Missing]:
    """CC15: separate tax on the year-end award: once a year, until 2027, and not on a cliff (2023 No. 30)."""
    listed = case.records.year_end_bonuses
    separate = [row for row in listed or () if row["tax"] == "separate"]
    uses = Counter((row["staff_id"], row["paid_on"].year) for row in separate)
    twice = sorted({staff_id for (staff_id, _year), count in uses.items() if count > 1})
    if twice:
        text = Message(
            "People for whom separate tax was used more than once in a year: {count}.", count=f"{len(twice):,}"
        )
        yield Finding("CC15", "W", text, "", tuple(twice))
    late = sorted({row["staff_id"] for row in separate if row["paid_on"] > SEPARATE_UNTIL})
    if late:
        text = Message(
            "People for whom separate tax was used after {day}: {count}.", day=SEPARATE_UNTIL, count=f"{len(late):,}"
        )
        yield Finding("CC15", "W", text, "", tuple(late))
    awards = [(row["staff_id"], row["amount"]) for row in separate]
    how = Message("how the year-end award is taxed (bonus_tax, or year_end_bonuses)")
    if case.outcome is None and listed is None:
        yield Missing(how)
    elif listed is None and not case.has("years", "other_year_end_bonus"):
        yield Missing(Message("other year-end bonuses (years.other_year_end_bonus)"))
    of_outcome, unknown = _awards(case, {row["staff_id"] for row in listed or ()})
    if of_outcome:
        yield Missing(Message("days on which year-end awards were paid (year_end_bonuses)"))
    yield from _on_a_cliff(awards + of_outcome)
    yield from unknown_of(how, unknown)


def _on_a_cliff(awards: list[tuple[str, int]]) -> Iterator[Finding]:
    cliffs = [(staff_id, award, zone) for staff_id, award in awards if (zone := cliff_zone_of(award)) is not None]
    if cliffs:
        staff_id, award, zone = cliffs[0]
        text = Message(
            "{count} year-end awards taxed separately leave less than a smaller one: of {staff_id} {award} yuan, less "
            "than {after} would leave; from {until} it is worth it again.",
            count=f"{len(cliffs):,}",
            staff_id=staff_id,
            award=in_yuan(award),
            after=in_yuan(zone.after),
            until=in_yuan(zone.until),
        )
        yield Finding("CC15", "I", text, "", tuple(dict.fromkeys(staff_id for staff_id, _award, _zone in cliffs)))


def _awards(case: Case, listed: set[str]) -> tuple[list[tuple[str, int]], list[str]]:
    """Give the awards of people who are not listed: those taxed separately, fen, and whose tax is not known."""
    if case.outcome is None:
        return [], []
    award = np.where(case.outcome.year_rows, case.outcome.arrays.cash_effect, 0)
    award += np.where(case.outcome.year_rows, case.outcome.panel.other_year_end_bonus, 0)
    separate, unknown = [], []
    for year, person in np.argwhere(award > 0).tolist():
        one = case.employees[person]
        if one.staff_id in listed:
            continue
        if one.bonus_tax is None:
            unknown.append(one.staff_id)
        elif one.bonus_tax == "separate":
            separate.append((one.staff_id, int(award[year, person])))
    return separate, unknown


def _day_after(period: str) -> datetime.date:
    """Give the first day after a quarter or a year."""
    year, _, quarter = period.partition("-Q")
    if not quarter:
        return datetime.date(int(year) + 1, 1, 1)
    return first_day(MONTHS_A_YEAR * int(year) + MONTHS_A_QUARTER * int(quarter))


def _closed_periods(case: Case) -> list[str]:
    """Name the quarters with records that are over, and the years."""
    if case.outcome is None:
        return []
    panel, rows = case.outcome.panel, case.outcome.quarter_rows
    quarters = [
        case.quarter_of(0, panel.first_quarter + place)
        for place in range(panel.quarters)
        if rows[place].any() and not panel.is_open(place)
    ]
    years = [f"{one.last.year}" for one in quarters if one.last.month == MONTHS_A_YEAR]
    return [*(one.name for one in quarters), *years]


def _quarters_left(case: Case) -> list[Quarter]:
    """Give the quarter in which each leaver left, where it is in the records."""
    if case.outcome is None:
        return []
    panel, found = case.outcome.panel, []
    for person, one in enumerate(case.employees):
        if one.left is None:
            continue
        number = (MONTHS_A_YEAR * one.left.year + one.left.month - 1) // MONTHS_A_QUARTER
        place = number - panel.first_quarter
        if 0 <= place < panel.quarters and case.outcome.quarter_rows[place, person]:
            found.append(case.quarter_of(person, number))
    return found


def _months(case: Case, quarter: Quarter) -> int:
    assert case.outcome is not None  # noqa: S101 - only an outcome has quarters
    return int(case.outcome.arrays.months_assessed[quarter.place, quarter.person])


def _payout(case: Case, quarter: Quarter) -> int:
    """Give what was due in a quarter by the rules under which it was paid, fen."""
    assert case.recorded is not None  # noqa: S101 - the same
    return int(case.recorded.arrays.payout[quarter.place, quarter.person])


def _paid(case: Case, quarter: Quarter) -> int | None:
    """Give what payroll paid in a quarter, fen; None where it is not known."""
    assert case.outcome is not None  # noqa: S101 - the same
    return case.paid.get((quarter.person, case.outcome.panel.first_quarter + quarter.place))


def _paid_less(case: Case, quarters: list[Quarter]) -> Message:
    quarter = quarters[0]
    return Message(
        "People who left and were paid less than the bonus of the time worked: {count}; {staff_id} in {quarter} {paid} "
        "of {due} yuan.",
        count=f"{len(quarters):,}",
        staff_id=quarter.employee.staff_id,
        quarter=quarter.name,
        paid=in_yuan(_paid(case, quarter) or 0),
        due=in_yuan(_payout(case, quarter)),
    )
