"""Checks of probation: its length, its extension, its pay, leave and insurance in it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import TYPE_CHECKING

from cmpolicy.insight.compliance.case import ids, unknown_of
from cmpolicy.insight.compliance.findings import Finding, Missing, least_sure
from cmpolicy.insight.severance import months_later
from cmpolicy.messages import Message
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.probation import leave_in_probation, planned_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cmpolicy.insight.compliance.case import Case, Employee

LONGEST = 6
"""The longest probation that there is, months (LCL 19)."""
INSURED_WITHIN_DAYS = 30
"""Days after hire by which a person is registered with social insurance (SIL 58)."""


def longest_probation(contract_months: int) -> int:
    """Give the longest probation under a contract of so many months (LCL 19).

    Examples
    --------
    >>> [longest_probation(months) for months in (2, 3, 11, 12, 35, 36)]
    [0, 1, 1, 2, 2, 6]
    """
    if contract_months < 3:
        return 0
    if contract_months < 12:
        return 1
    return 2 if contract_months < 36 else LONGEST


def least_contract(months: int) -> int | None:
    """Give the shortest contract under which a probation of so many months is lawful; None where none is.

    Examples
    --------
    >>> [least_contract(months) for months in (1, 2, 3, 7)]
    [3, 12, 36, None]
    """
    return next((least for least in (0, 3, 12, 36) if longest_probation(least) >= months), None)


def probation_length(case: Case) -> Iterator[Finding | Missing]:
    """CC01: the months of probation that the regulation sets fit everyone's contract (LCL 19)."""
    months = case.policy.probation.months
    if months == 0:
        return
    known = [one for one in case.joined if one.contract_months is not None]
    if not known:
        least = least_contract(months)
        text = Message("Everyone has a probation of {months} months; no contract allows more than 6.", months=months)
        if least is not None:
            text = Message(
                "Everyone has a probation of {months} months, whatever the contract; it is lawful only under contracts "
                "of {least} months or more and open-ended ones.",
                months=months,
                least=least,
            )
        yield Finding("CC01", "E", text, "probation.months")
        if case.joined or case.data is None:
            yield Missing(Message("months of everyone's contract (staff.contract_months)"))
        return
    by_limit: dict[int, list[Employee]] = defaultdict(list)
    for one in known:
        assert one.contract_months is not None  # noqa: S101 - chosen so
        limit = longest_probation(one.contract_months)
        if months > limit:
            by_limit[limit].append(one)
    for limit, people in sorted(by_limit.items()):
        text = Message(
            "Months of probation: {months}; people whose contract allows only {limit}: {count}.",
            months=months,
            limit=limit,
            count=f"{len(people):,}",
        )
        yield Finding("CC01", "E", text, "probation.months", ids(people))
    unknown = [one.staff_id for one in case.joined if one.contract_months is None]
    yield from unknown_of(Message("months of the contract (contract_months)"), unknown)


def probation_once(case: Case) -> Iterator[Finding | Missing]:
    """CC02: one probation a person, and none that goes on beyond its months (LCL 19, 83)."""
    told = case.told("probation_extension")
    if case.policy.probation.months and told in (None, "by_employer"):
        text = Message("The clause lets HR extend the probation by itself.")
        yield Finding("CC02", "W", text, "P2")
    if case.data is None:
        yield Missing(Message("days of hire and of confirmation (staff.hire_date, staff.confirmed_on)"))
        return
    months = case.planned_months
    dated = [one for one in case.joined if one.hired and one.confirmed]
    extended = [one for one in dated if _served_beyond(one, months)]
    limited = [one for one in extended if one.contract_months is not None]
    unlawful = [one for one in limited if _served_beyond(one, _limit(one))]
    if unlawful:
        text = Message(
            "People whose probation went on beyond what the contract allows: {count}; that of {staff_id} until {day}.",
            count=f"{len(unlawful):,}",
            staff_id=unlawful[0].staff_id,
            day=unlawful[0].confirmed,
        )
        yield Finding("CC02", "E", text, "P2", ids(unlawful))
    others = [one for one in limited if not _served_beyond(one, _limit(one))]
    if others:
        text = Message(
            "People whose probation was extended beyond the months set ({months}), inside what the contract allows: "
            "{count}; courts differ on whether that is lawful.",
            count=f"{len(others):,}",
            months=months,
        )
        yield Finding("CC02", "W", text, "P2", ids(others), "P")
    twice = [one for one in case.employees if (one.probations or 0) > 1]
    if twice:
        text = Message("People with more than one probation: {count}.", count=f"{len(twice):,}")
        yield Finding("CC02", "E", text, "P1", ids(twice))
    unconfirmed = [one.staff_id for one in case.joined if one.hired and not one.confirmed and _is_over(case, one)]
    yield from unknown_of(Message("day of confirmation (confirmed_on)"), unconfirmed)
    yield from unknown_of(Message("day of hire (hire_date)"), [one.staff_id for one in case.employees if not one.hired])
    yield from unknown_of(
        Message("months of the contract (contract_months)"),
        [one.staff_id for one in extended if one.contract_months is None],
    )
    yield from unknown_of(
        Message("number of probations (probations)"), [one.staff_id for one in case.employees if one.probations is None]
    )


def probation_wage(case: Case) -> Iterator[Finding | Missing]:
    """CC03: the probation wage is at least 80 % of the contract wage, and the minimum wage (LCL 20, IR 15)."""
    if case.data is None:
        yield Missing(Message("wages of everyone (staff.contract_wage, staff.probation_wage)"))
        return
    low: list[Employee] = []
    lowest: list[Employee] = []
    below, marks, unknown, no_figure = [], [], [], []
    for one in case.joined:
        if one.probation_wage is None or one.contract_wage is None or one.hired is None:
            unknown.append(one.staff_id)
            continue
        if 5 * one.probation_wage < 4 * one.contract_wage:
            same_post = one.lowest_same_post_wage
            enough = same_post is not None and 5 * one.probation_wage >= 4 * same_post
            (low if enough else lowest).append(one)
        last = one.confirmed or planned_end(one.hired, case.planned_months)
        figures = (
            []
            if case.region is None
            else [figure for day in (one.hired, last) if (figure := case.region.on("minimum_wage", day)) is not None]
        )
        short_of = [figure.mark for figure in figures if one.probation_wage < figure.values["yuan"]]
        if short_of:
            below.append(one)
            marks += short_of
        elif len(figures) < 2:
            no_figure.append(one.staff_id)
    if lowest:
        yield Finding("CC03", "E", _wages_below(lowest), "P(1)1", ids(lowest))
    if low:
        text = Message(
            "People whose probation wage is below 80 % of the contract wage, though not of the lowest wage of the same "
            "post: {count}; the two texts differ.",
            count=f"{len(low):,}",
        )
        yield Finding("CC03", "W", text, "P(1)1", ids(low))
    if below and case.region is not None:
        text = Message(
            "People whose probation wage is below the minimum wage of {region}: {count}; {staff_id} has {wage} yuan.",
            count=f"{len(below):,}",
            region=case.region.name,
            staff_id=below[0].staff_id,
            wage=in_yuan(below[0].probation_wage or 0),
        )
        yield Finding("CC03", "E", text, "P(1)1", ids(below), least_sure(marks))
    yield from unknown_of(Message("wages and day of hire (contract_wage, probation_wage, hire_date)"), unknown)
    if case.region is None and no_figure:
        yield Missing(Message("region (--region), for its minimum wage"))
    elif case.region is not None:
        what = Message("minimum wage of {region} at the time (--regions)", region=case.region.name)
        yield from unknown_of(what, no_figure)


def leave(case: Case) -> Iterator[Finding | Missing]:
    """CC13: marriage and bereavement leave are granted and paid in probation too (Labour Law 51)."""
    if case.policy.probation.months == 0 or case.told("marriage_leave_in_probation"):
        return
    protected = ("marriage", "bereavement")
    rules = leave_in_probation(case.policy.probation.personal_leave_days)
    if any(rule.kind in protected and rule.days == 0 for rule in rules):
        yield Finding("CC13", "E", Message("The clause refuses marriage leave in probation."), "P(2)")


def insurance(case: Case) -> Iterator[Finding | Missing]:
    """CC14: social insurance begins within 30 days of hire, probation included (SIL 58)."""
    if case.data is None:
        yield Missing(Message("days of hire and of insurance (staff.hire_date, insured_from)"))
        return
    late, never, unknown = [], [], []
    for one in case.employees:
        if one.insured_from is None or one.hired is None:
            unknown.append(one.staff_id)
        elif one.insured_from is False:
            never.append(one)
        elif (one.insured_from - one.hired).days > INSURED_WITHIN_DAYS:
            late.append(one)
    if late:
        days = max((one.insured_from - one.hired).days for one in late if one.hired)
        text = Message(
            "People whose social insurance began later than 30 days after hire: {count}; days at most: {days}.",
            count=f"{len(late):,}",
            days=days,
        )
        yield Finding("CC14", "E", text, "", ids(late))
    if never:
        yield Finding(
            "CC14", "E", Message("People without social insurance: {count}.", count=f"{len(never):,}"), "", ids(never)
        )
    yield from unknown_of(
        Message("day of insurance (insured_from)"), unknown, everyone=len(unknown) == len(case.employees)
    )


def _served_beyond(one: Employee, months: int) -> bool:
    """Tell whether a probation went on after so many months."""
    hired, confirmed = _dates(one)
    return confirmed > months_later(hired, months)


def _is_over(case: Case, one: Employee) -> bool:
    """Tell whether a probation should have ended by plan while the person was there and the records go on."""
    assert one.hired is not None  # noqa: S101 - asked only of those with a day of hire
    end = planned_end(one.hired, case.planned_months)
    return end <= min(day for day in (one.left, case.last_day, datetime.date.max) if day is not None)


def _dates(one: Employee) -> tuple[datetime.date, datetime.date]:
    assert one.hired is not None  # noqa: S101 - asked only of those whose days are known
    assert one.confirmed is not None  # noqa: S101 - the same
    return one.hired, one.confirmed


def _limit(one: Employee) -> int:
    assert one.contract_months is not None  # noqa: S101 - asked only of those whose contract is known
    return longest_probation(one.contract_months)


def _wages_below(people: list[Employee]) -> Message:
    one = people[0]
    wage, contract = one.probation_wage or 0, one.contract_wage or 0
    return Message(
        "People whose probation wage is below 80 % of the contract wage: {count}; {staff_id} has {wage} of {contract} "
        "yuan, {least} would be enough.",
        count=f"{len(people):,}",
        staff_id=one.staff_id,
        wage=in_yuan(wage),
        contract=in_yuan(contract),
        least=in_yuan(-(-4 * contract // 5)),
    )
