"""Checks of what follows grade E: observation at a lower wage, dismissal, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cmpolicy.insight.compliance.case import ids, unknown_of
from cmpolicy.insight.compliance.findings import Finding, Missing
from cmpolicy.insight.compliance.records import STEPS
from cmpolicy.insight.severance import Severance, average_wage, half_months_of, severance
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.readings import EliminationRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cmpolicy.insight.compliance.case import Case, Employee, Quarter

NOTICE_DAYS = 30
"""Days of written notice, unless a month's wage is paid in its place (LCL 40)."""

STEP_TEXTS = {
    "training": Message("training or another post after the first finding"),
    "notice": Message("30 days' notice or a month's wage in its place"),
    "severance": Message("severance"),
    "union": Message("telling the union first"),
    "protection": Message("leaving protected people out"),
}
"""The steps of a dismissal for incompetence, for people."""


def observation_wage(case: Case) -> Iterator[Finding | Missing]:
    """CC04: nobody under observation is paid less without dated written consent (LCL 19, 35)."""
    told = case.told("observation_pay")
    if told == "contract_wage":
        return
    if told != "agreed":
        text = Message("The clause lowers the wage to the probation wage for a quarter, without asking for consent.")
        yield Finding("CC04", "E", text, "3.5")
    if case.outcome is None:
        yield Missing(Message("people under observation, from the records of everyone"))
        return
    wages, consents, cut = [], [], dict[str, int]()
    for quarter in case.observed:
        one = quarter.employee
        if one.contract_wage is None or one.probation_wage is None:
            wages.append(one.staff_id)
        elif one.probation_wage >= one.contract_wage:
            continue
        elif one.wage_consent_on is None:
            consents.append(one.staff_id)
        elif one.wage_consent_on is False or one.wage_consent_on > quarter.first:
            cut[one.staff_id] = one.contract_wage - one.probation_wage
    if cut:
        text = Message(
            "People under observation whose wage was lowered without consent beforehand: {count}, by {amount} yuan a "
            "month together.",
            count=f"{len(cut):,}",
            amount=in_yuan(sum(cut.values())),
        )
        yield Finding("CC04", "E", text, "3.5", tuple(cut))
    yield from unknown_of(Message("wages (contract_wage, probation_wage)"), wages)
    yield from unknown_of(Message("consent to the lower wage (wage_consent_on)"), consents)


def dismissal_steps(case: Case) -> Iterator[Finding | Missing]:
    """CC05: a dismissal follows every step of the law (LCL 40-43, 46, 47)."""
    told = case.told("dismissal_steps") or frozenset()
    lacking = [step for step in STEPS if step not in told]
    if lacking:
        steps = list_of([STEP_TEXTS[step] for step in lacking])
        text = Message("The clause dismisses at once after a further grade E. It lacks: {steps}.", steps=steps)
        yield Finding("CC05", "E", text, "3.5")
    if case.outcome is None:
        yield Missing(Message("people dismissed, from the records of everyone"))
        return
    faults: dict[Message, list[str]] = defaultdict(list)
    unknown: dict[str, list[str]] = defaultdict(list)
    for staff_id, record in case.records.dismissals.items():
        for step, good in _steps_of(record).items():
            if good is None:
                unknown[step].append(staff_id)
            elif not good:
                faults[FAULT_TEXTS[step]].append(staff_id)
    too_little, not_costed = _severance_paid(case)
    faults[Message("severance is less than is due (N)")] = too_little
    for what, people in faults.items():
        if not people:
            continue
        text = Message("Dismissals ({count}): {what}.", count=f"{len(people):,}", what=what)
        yield Finding("CC05", "E", text, "3.5", tuple(people))
    due = [quarter.employee.staff_id for quarter in case.dismissed if not _stayed(case, quarter)]
    unlisted = [one for one in due if one not in case.records.dismissals]
    yield from unknown_of(Message("steps of the dismissal (dismissals)"), unlisted)
    yield from unknown_of(Message("day of hire and wage (hire_date, contract_wage)"), not_costed)
    for step, people in unknown.items():
        yield from unknown_of(Message("dismissals.{name}", name=step), people)


def _severance_paid(case: Case) -> tuple[list[str], list[str]]:
    """Give who was paid some severance, but less than is due (LCL 47), and of whom what is due is not known."""
    too_little, not_costed = [], []
    for quarter in case.dismissed:
        one = quarter.employee
        paid = case.records.dismissals.get(one.staff_id, {}).get("severance")
        if not paid:
            continue
        if one.hired is None or one.contract_wage is None:
            not_costed.append(one.staff_id)
        elif paid < _cost(case, quarter, one).lawful:
            too_little.append(one.staff_id)
    return too_little, not_costed


def _stayed(case: Case, quarter: Quarter) -> bool:
    """Tell whether a person's records go on after the quarter that ends in dismissal: nobody was dismissed."""
    assert case.outcome is not None  # noqa: S101 - asked only of an outcome
    return bool(case.outcome.quarter_rows[quarter.place + 1 :, quarter.person].any())


FAULT_TEXTS = {
    "found_on": Message("no finding of incompetence before it"),
    "trained_on": Message("no training or other post after the finding"),
    "found_again_on": Message("no second finding after the training"),
    "notice_on": Message("neither 30 days' notice nor a month's wage in its place"),
    "severance": Message("no severance"),
    "union_told_on": Message("the union was not told before"),
    "protected": Message("the person is protected and cannot be dismissed so"),
}
"""What is wrong where a step of a dismissal was not taken."""


def _steps_of(record: Mapping[str, Any]) -> dict[str, bool | None]:
    """Tell which steps a dismissal took, in their order: True, False, or None where it is not known."""
    day = record["dismissed_on"]
    found, again, told = record.get("found_on"), record.get("found_again_on"), record.get("union_told_on")
    helped = record.get("trained_on") or record.get("transferred_on")
    if helped is None and False in (record.get("trained_on"), record.get("transferred_on")):
        helped = False
    notice, in_lieu = record.get("notice_on"), record.get("pay_in_lieu")
    in_time = None if notice is None else bool(notice) and notice + timedelta(days=NOTICE_DAYS) <= day
    paid, guarded = record.get("severance"), record.get("protected")
    return {
        "found_on": _before(found, day),
        "trained_on": _between(found, helped, day),
        "found_again_on": _between(helped, again, day),
        "notice_on": _either(in_time, None if in_lieu is None else in_lieu > 0),
        "severance": None if paid is None else paid > 0,
        "union_told_on": _before(told, day),
        "protected": None if guarded is None else not guarded,
    }


def _either(*ways: bool | None) -> bool | None:
    """Tell whether one of several things was done; None where that is not known."""
    return True if any(ways) else None if None in ways else False


def _before(day: Any, end: Any) -> bool | None:
    """Tell whether something was done by a day; None where it is not known."""
    return None if day is None else bool(day) and day <= end


def _between(start: Any, day: Any, end: Any) -> bool | None:
    """Tell whether something was done after a step and by a day; None where it is not known."""
    done = _before(day, end)
    return day > start if done and start else done


def elimination(case: Case) -> Iterator[Finding]:
    """CC06: being last among others is no incompetence (guiding case 18)."""
    if case.policy.readings.elimination_rule != EliminationRule.lowest_scorer:
        return
    concerned = (*case.observed, *case.dismissed)
    people = ids([quarter.employee for quarter in concerned if case.in_force(quarter.first)])
    text = Message("The lowest scorer is put under observation and dismissed, whatever the score.")
    if people:
        text = Message("{what} People concerned: {count}.", what=text, count=f"{len(people):,}")
    yield Finding("CC06", "E", text, "readings.elimination_rule", people)


def dismissal_cost(case: Case) -> Iterator[Finding | Missing]:
    """CC17: what the dismissals cost: N, N + 1, 2N (LCL 46, 47, 87)."""
    if case.outcome is None:
        yield Missing(Message("people dismissed, from the records of everyone"))
        return
    costs, people, unknown = [], [], []
    for quarter in case.dismissed:
        if quarter.employee.hired is None or quarter.employee.contract_wage is None:
            unknown.append(quarter.employee.staff_id)
        else:
            people.append(quarter.employee)
            costs.append(_cost(case, quarter, quarter.employee))
    if costs:
        figures = {
            "count": f"{len(costs):,}",
            "lawful": in_yuan(sum(one.lawful for one in costs)),
            "in_lieu": in_yuan(sum(one.with_pay_in_lieu for one in costs)),
            "unlawful": in_yuan(sum(one.unlawful for one in costs)),
        }
        text = Message(
            "Dismissals: {count}. They cost {lawful} yuan (N), {in_lieu} with a month's wage in place of notice "
            "(N + 1), and {unlawful} where they are unlawful (2N).",
            **figures,
        )
        days = [quarter.last for quarter in case.dismissed]
        if case.region is None or not all(case.region.on("average_wage", day) for day in days):
            text = Message("{what} The cap of three local average wages is left out: no figure.", what=text)
        yield Finding("CC17", "I", text, "3.5", ids(people))
    yield from unknown_of(Message("day of hire and wage (hire_date, contract_wage)"), unknown)


def _cost(case: Case, quarter: Quarter, one: Employee) -> Severance:
    """Cost one dismissal at the end of a quarter; the wage counts the bonuses of its last twelve months."""
    assert case.outcome is not None  # noqa: S101 - asked only of an outcome
    assert one.hired is not None  # noqa: S101 - asked only of those with a day of hire
    wage = one.contract_wage or 0
    figures = {
        kind: None if case.region is None else case.region.on(kind, quarter.last)
        for kind in ("average_wage", "minimum_wage")
    }
    average, minimum = (None if figure is None else figure.values["yuan"] for figure in figures.values())
    return severance(
        half_months_of(one.hired, quarter.last),
        average_wage(case.outcome, quarter.person, quarter.place, wage, one.hired),
        wage,
        local_average_wage=average,
        minimum_wage=minimum,
    )
