"""Checks of wages: what may be taken from them, what a day is worth, the minimum wage, the bases of other payments."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import CalendarError
from cmpolicy.insight.compliance.case import ids, unknown_of
from cmpolicy.insight.compliance.findings import Finding, Missing, least_sure
from cmpolicy.insight.compliance.records import LAWFUL_DEDUCTIONS
from cmpolicy.messages import Message
from cmpolicy.regulation import probation
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.readings import AnnualNegative, DayDivisor, PayoutFloor
from cmpolicy.simulation.terms import first_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cmpolicy.insight.compliance.case import Case, Employee

LAWFUL_DIVISORS = (DayDivisor.exclude_weekly_rest, DayDivisor.statutory_21_75)
KEPT_MONTHS = 24
"""So long are wage records kept (WPP 6)."""


def no_cut(case: Case) -> Iterator[Finding | Missing]:
    """CC07: no rule takes from the wage, and damages take a fifth of it at most (WPP 15, 16)."""
    yield from _negative_payouts(case)
    yield from _negative_awards(case)
    if case.records.deductions is None:
        yield Missing(Message("deductions from wages (deductions; an empty list where there were none)"))
        return
    baseless = [row for row in case.records.deductions if row["ground"] in ("fine", "other")]
    if baseless:
        text = Message(
            "{count} deductions, {amount} yuan together, have no ground in the closed list.",
            count=f"{len(baseless):,}",
            amount=in_yuan(sum(row["amount"] for row in baseless)),
        )
        yield Finding("CC07", "E", text, "", _ids(baseless))
    damages = [row for row in case.records.deductions if row["ground"] not in (*LAWFUL_DEDUCTIONS, "fine", "other")]
    too_much = [row for row in damages if 5 * row["amount"] > row["month_wage"]]
    if too_much:
        text = Message(
            "{count} deductions for damages take more than 20 % of the month's wage: of {staff_id} in {month} {amount} "
            "of {wage} yuan.",
            count=f"{len(too_much):,}",
            staff_id=too_much[0]["staff_id"],
            month=too_much[0]["month"],
            amount=in_yuan(too_much[0]["amount"]),
            wage=in_yuan(too_much[0]["month_wage"]),
        )
        yield Finding("CC07", "E", text, "", _ids(too_much))
    yield from _left_below_minimum(case, damages)


def day_wage(case: Case) -> Iterator[Finding | Missing]:
    """CC08: the day wage is divided by paid days, and statutory holidays are paid (Labour Law 51; 2025 No. 2)."""
    divisor = case.policy.readings.day_divisor
    if divisor in LAWFUL_DIVISORS:
        return
    short = _paid_short(case)
    if divisor == DayDivisor.calendar_days:
        text = Message("The day wage is divided by calendar days, not by paid days or 21.75.")
    else:
        text = Message("Statutory holidays after joining are not paid.")
    if short:
        text = Message(
            "{what} People who got less in their first month than with paid days: {count}, together {amount} yuan "
            "less.",
            what=text,
            count=f"{len(short):,}",
            amount=in_yuan(sum(short.values())),
        )
    yield Finding("CC08", "E", text, "readings.day_divisor", tuple(short))


def minimum_wage(case: Case) -> Iterator[Finding | Missing]:
    """CC09: pay for full normal work is at least the minimum wage, under observation too (Labour Law 48; MWP 12)."""
    if case.data is None:
        yield Missing(Message("wages of everyone (staff.contract_wage, staff.probation_wage)"))
        return
    if case.region is None:
        yield Missing(Message("region (--region), for its minimum wage"))
        return
    below, marks, unknown, no_figure = [], [], [], []
    for one, wage, day in _wages(case):
        figure = case.region.on("minimum_wage", day)
        if figure is None:
            no_figure.append(one.staff_id)
        elif wage is not None and wage - (one.excluded_pay or 0) < figure.values["yuan"]:
            below.append(one)
            marks.append(figure.mark)
        elif wage is None or one.excluded_pay is None:
            unknown.append(one.staff_id)
    if below:
        text = Message(
            "People whose wage, without what does not count, is below the minimum wage of {region}: {count}.",
            count=f"{len(set(ids(below))):,}",
            region=case.region.name,
        )
        yield Finding("CC09", "E", text, "", ids(below), least_sure(marks))
    what = Message("wage, and the overtime pay and special allowances in it (contract_wage, excluded_pay)")
    yield from unknown_of(what, list(dict.fromkeys(unknown)))
    at_the_time = Message("minimum wage of {region} at the time (--regions)", region=case.region.name)
    yield from unknown_of(at_the_time, list(dict.fromkeys(no_figure)))


def _wages(case: Case) -> Iterator[tuple[Employee, int | None, datetime.date]]:
    """Give everyone's wage on their last day, and the one under observation on its first, fen."""
    end = case.last_day or datetime.date.max
    for one in case.employees:
        yield one, one.contract_wage, min(one.left or end, end)
    for quarter in case.observed:
        one = quarter.employee
        lowered = case.told("observation_pay") != "contract_wage"
        yield one, one.probation_wage if lowered else one.contract_wage, quarter.first


def bases(case: Case) -> Iterator[Finding | Missing]:
    """CC16: bonuses count in the bases of social insurance and of severance (1990 rules; IR 27)."""
    for name, text in (
        ("contribution_base_includes_bonus", Message("Bonuses are left out of the base of social insurance.")),
        ("severance_base_includes_bonus", Message("Bonuses are left out of the base of severance.")),
    ):
        if case.told(name) is None:
            yield Missing(Message("what counts in the base (regulation.{name})", name=name))
        elif not case.told(name):
            yield Finding("CC16", "W", text)


def clawback(case: Case) -> Iterator[Finding | Missing]:
    """CC18: a bonus that fraud earned is not taken back out of wages (WPP 15, 16)."""
    told = case.told("clawback")
    if told == "wages":
        text = Message("A bonus that is taken back, as after proven fraud, is deducted from wages.")
        yield Finding("CC18", "W", text, "3.1")
    taken = [row for row in case.records.deductions or () if row["ground"] == "clawback"]
    if taken:
        text = Message(
            "{count} times a paid bonus was taken back out of wages, {amount} yuan together.",
            count=f"{len(taken):,}",
            amount=in_yuan(sum(row["amount"] for row in taken)),
        )
        yield Finding("CC18", "W", text, "3.1", _ids(taken))
    if told is None:
        yield Missing(Message("how a paid bonus is taken back (regulation.clawback)"))


def records_kept(case: Case) -> Iterator[Finding | Missing]:
    """CC22: pay slips are given, and records of the calculation kept for two years (WPP 6)."""
    months, slips = case.told("records_kept_months"), case.told("pay_slips")
    if months is not None and months < KEPT_MONTHS:
        text = Message("Records of the calculation are kept for {months} months; 24 are needed.", months=months)
        yield Finding("CC22", "I", text)
    if slips is False:
        yield Finding("CC22", "I", Message("No pay slips are given."))
    if months is None:
        yield Missing(Message("how long records are kept (regulation.records_kept_months)"))
    if slips is None:
        yield Missing(Message("whether pay slips are given (regulation.pay_slips)"))


def _negative_payouts(case: Case) -> Iterator[Finding]:
    if case.policy.readings.payout_floor != PayoutFloor.none:
        return
    text, people = Message("A quarter's payout can be negative: the penalty would be taken from the wage."), ()
    if case.outcome is not None:
        negative = (case.outcome.arrays.payout < 0) & case.outcome.quarter_rows & case.quarters_in_force[:, None]
        people = tuple(case.outcome.panel.staff_ids[negative.any(axis=0)].tolist())
        amount = -int(case.outcome.arrays.payout[negative].sum())
        text = Message(
            "{what} It is in {count} quarters, {amount} yuan together.",
            what=text,
            count=f"{int(negative.sum()):,}",
            amount=in_yuan(amount),
        )
    yield Finding("CC07", "E", text, "readings.payout_floor", people)


def _negative_awards(case: Case) -> Iterator[Finding]:
    if case.policy.readings.annual_negative != AnnualNegative.signed:
        return
    text, people = (
        Message("A negative annual award is owed beyond the year-end bonus: it would be taken from wages."),
        (),
    )
    if case.outcome is not None:
        owed = case.outcome.arrays.cash_effect + case.outcome.panel.other_year_end_bonus
        negative = (owed < 0) & case.outcome.year_rows & _years_in_force(case)[:, None]
        people = tuple(case.outcome.panel.staff_ids[negative.any(axis=0)].tolist())
        text = Message(
            "{what} It is in {count} years of a person, {amount} yuan together.",
            what=text,
            count=f"{int(negative.sum()):,}",
            amount=in_yuan(-int(owed[negative].sum())),
        )
    yield Finding("CC07", "E", text, "readings.annual_negative", people)


def _years_in_force(case: Case) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(Y,) bool: the years in whose last quarter, when they are settled, the version is in force."""
    assert case.outcome is not None  # noqa: S101 - only an outcome has years
    found = np.zeros(len(case.outcome.year_rows), dtype=np.bool_)
    for place, inside in enumerate(case.quarters_in_force.tolist()):
        found[case.outcome.panel.year_of(place)] = inside
    return found


def _left_below_minimum(case: Case, damages: list[Mapping[str, Any]]) -> Iterator[Finding | Missing]:
    if not damages:
        return
    if case.region is None:
        yield Missing(Message("region (--region), for its minimum wage"))
        return
    below, marks, no_figure = [], [], []
    for row in damages:
        year, month = map(int, row["month"].split("-"))
        figure = case.region.on("minimum_wage", first_day(12 * year + month - 1))
        if figure is None:
            no_figure.append(row["staff_id"])
        elif row["month_wage"] - row["amount"] < figure.values["yuan"]:
            below.append(row)
            marks.append(figure.mark)
    if below:
        text = Message(
            "{count} deductions for damages leave less than the minimum wage of {region}.",
            count=f"{len(below):,}",
            region=case.region.name,
        )
        yield Finding("CC07", "E", text, "", _ids(below), least_sure(marks))
    at_the_time = Message("minimum wage of {region} at the time (--regions)", region=case.region.name)
    yield from unknown_of(at_the_time, no_figure)


def _paid_short(case: Case) -> dict[str, int]:
    """Give who gets less in the month of joining than with paid days, and how much less, fen."""
    short = {}
    readings = case.policy.readings
    for one in case.joined:
        if one.hired is None or one.probation_wage is None:
            continue
        try:
            days = probation.month_days(one.hired)
        except CalendarError:  # the setting is at fault all the same; the figures are of the years that are known
            continue
        paid, due = (
            probation.first_month_pay(one.probation_wage, days, divisor, readings.money_rounding)
            for divisor in (readings.day_divisor, DayDivisor.exclude_weekly_rest)
        )
        if paid < due:
            short[one.staff_id] = due - paid
    return short


def _ids(rows: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row["staff_id"] for row in rows))
