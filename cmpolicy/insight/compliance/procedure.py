"""Checks of how the regulation came about, is worded, is changed, and of the evidence behind a grade."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from cmpolicy.insight.compliance.findings import Finding, Missing
from cmpolicy.messages import Message, using_language
from cmpolicy.regulation import grading, service
from cmpolicy.regulation.arithmetic import NO_GRADE
from cmpolicy.regulation.clauses import clause_numbers, clause_text
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cmpolicy.insight.compliance.case import Case
    from cmpolicy.regulation.policy import Policy
    from cmpolicy.simulation.appraise import Outcome

FINE_WORDS = ("罚款", "处罚")
"""Words of a fine, which a company cannot impose (Guangdong labour inspection)."""
FINES_FORBIDDEN_IN = ("guangdong", "广东", "广东省")
MOST_E_JUMP = Fraction(5, 100)
"""By how much the share of the lowest grade may rise after a change before it is told; `most_E_jump` sets another."""
LEAST_SAMPLE = 20
"""Fewer answers are weak evidence."""
NEAR_IN_SIXTHS = SIXTHS // 2
"""A grade within half a point of a bound hangs on it."""


def made_known(case: Case) -> Iterator[Finding | Missing]:
    """CC12: the regulation was discussed, published and acknowledged (LCL 4; Interpretation (I) 50)."""
    consulted, published = case.told("consulted_on"), case.told("published_on")
    days = [day for day in (consulted, published) if day]
    if case.earlier is not None and case.earlier != case.policy:
        # Days before the change are those of what was in force then.
        start = case.earlier.effective_from
        if all(day <= start for day in days):
            yield Missing(Message("how the change was made known (regulation.consulted_on, regulation.published_on)"))
            return
    if case.until is not None and any(day > case.policy.effective_from for day in days):
        # The days are those of a later version.
        text = Message(
            "how version {id} was made known (regulation.consulted_on, regulation.published_on)", id=case.policy.id
        )
        yield Missing(text)
        return
    acknowledged = case.told("acknowledged")
    if consulted is False:
        yield Finding("CC12", "W", Message("The regulation was not discussed with the staff."))
    elif consulted and published and consulted > published:
        text = Message("The regulation was published on {day}, before it was discussed.", day=published)
        yield Finding("CC12", "W", text)
    if published is False:
        yield Finding("CC12", "W", Message("The regulation was not published."))
    elif published and published > case.policy.effective_from:
        text = Message(
            "The regulation is in force from {start}, before it was published on {day}.",
            start=case.policy.effective_from,
            day=published,
        )
        yield Finding("CC12", "W", text, "effective_from")
    if acknowledged is not None and acknowledged < 1:
        share = f"{float(1 - acknowledged):.1%}"
        text = Message("{share} of the staff have not acknowledged the regulation.", share=share)
        yield Finding("CC12", "W", text)
    for name, value in (("consulted_on", consulted), ("published_on", published), ("acknowledged", acknowledged)):
        if value is None:
            yield Missing(Message("how the regulation was made known (regulation.{name})", name=name))


def fine_words(case: Case) -> Iterator[Finding | Missing]:
    """CC19: the regulation does not speak of fines (region Guangdong)."""
    if case.region is None:
        yield Missing(Message("region (--region): in Guangdong the words of a fine count"))
        return
    if not case.region.province:
        yield Missing(Message("province of {region} (--regions)", region=case.region.name))
        return
    if case.region.province.strip().lower() not in FINES_FORBIDDEN_IN:
        return
    own = case.told("text")
    with using_language("zh"):
        texts = {number: clause_text(number).text for number in clause_numbers()} if own is None else {"": own}
    for number, text in texts.items():
        words = [word for word in FINE_WORDS if word in text]
        if words:
            named = ", ".join(words)
            found = Message("The text speaks of {words}.", words=named)
            if own is None:
                found = Message(
                    "Our paraphrase of the clause speaks of {words}; see whether its text does.", words=named
                )
            yield Finding("CC19", "W", found, number)


def raised_targets(case: Case) -> Iterator[Finding | Missing]:
    """CC20: a change raises no target within a period, nor puts many more into the lowest grade (1994 MOL note)."""
    if case.earlier is None:
        yield Missing(Message("what was in force before, to compare with (a reform)"))
        return
    yield from _raised(case.earlier, case.policy)
    if case.baseline is None or case.outcome is None:
        yield Missing(Message("grades before and after, from the records of everyone"))
        return
    before, after = (_lowest_share(one, case.quarters_in_force) for one in (case.baseline, case.outcome))
    limit = case.told("most_E_jump")
    limit = MOST_E_JUMP if limit is None else limit
    if after - before > limit:
        text = Message(
            "The share of the lowest grade rises from {before} to {after} of the quarters, by more than {limit}.",
            before=f"{float(before):.1%}",
            after=f"{float(after):.1%}",
            limit=f"{float(limit):.1%}",
        )
        yield Finding("CC20", "W", text, "grades")


def evidence(case: Case) -> Iterator[Finding | Missing]:
    """CC21: grades do not hang on small samples or on discretion beside a bound (practice of LCL 40(2))."""
    if case.told("survey_forms_kept") is False:
        yield Finding("CC21", "I", Message("The forms of the surveys are not kept."), "2.10")
    if case.data is None or case.outcome is None:
        yield Missing(Message("surveys and grades, from the records of everyone"))
        return
    surveys = case.data.tables.get("surveys")
    if surveys is not None:
        small = surveys.columns["sampled"] < LEAST_SAMPLE
        if small.any():
            text = Message(
                "{count} surveys asked fewer than {least} customers.", count=f"{int(small.sum()):,}", least=LEAST_SAMPLE
            )
            asked = np.unique(surveys.columns["staff_id"][small])
            yield Finding("CC21", "I", text, "2.10", tuple(case.data.staff_ids[asked].tolist()))
    decided = _decided_by_review(case)
    if decided.any():
        text = Message(
            "{count} quarters within half a point of a bound owe their grade to the reviewers' points.",
            count=f"{int(decided.sum()):,}",
        )
        people = tuple(case.outcome.panel.staff_ids[decided.any(axis=0)].tolist())
        yield Finding("CC21", "I", text, "2.9", people)


def _raised(before: Policy, after: Policy) -> Iterator[Finding]:
    """Find bounds that a change raises without beginning with a quarter of its own."""
    paths = [
        change.path
        for change in before.diff(after)
        if change.path.endswith(".from")
        and isinstance(change.before, int)
        and isinstance(change.after, int)
        and change.after > change.before
    ]
    start = after.effective_from
    begins = (start.day, start.month % MONTHS_A_QUARTER) == (1, 1)
    if not paths or (start > before.effective_from and begins):
        return
    text = Message("Bounds are raised from {start} on, inside a quarter: {paths}.", start=start, paths=", ".join(paths))
    if start <= before.effective_from:
        text = Message(
            "Bounds are raised without a later day from which that holds, so for periods that have begun: {paths}.",
            paths=", ".join(paths),
        )
    yield Finding("CC20", "W", text, paths[0])


def _lowest_share(outcome: Outcome, quarters: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Fraction:
    """Give the share of the lowest grade among the grades of the quarters (Q,) that are marked."""
    lowest = graded = 0
    for version in outcome.versions:
        part = slice(version.start, version.stop)
        grade = outcome.arrays.quarter_grade[part]
        counted = outcome.counted[part] & quarters[part, None] & (grade != NO_GRADE)
        graded += int(np.count_nonzero(counted))
        lowest += int(np.count_nonzero(counted & (grade == len(version.policy.grades) - 1)))
    return Fraction(lowest, graded or 1)


def _decided_by_review(case: Case) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Mark the quarters (Q, n) within half a point of a bound whose grade the points of 2.9 changed."""
    assert case.outcome is not None  # noqa: S101 - asked only of an outcome
    panel, arrays = case.outcome.panel, case.outcome.arrays
    decided = np.zeros(arrays.scored.shape, dtype=np.bool_)
    for version in case.outcome.versions:
        part, terms = slice(version.start, version.stop), version.terms
        score = arrays.quarter_score[part].astype(np.int64)
        review, supervisor, manager = (
            column[part].astype(np.int64) for column in (panel.review, panel.supervisor, panel.manager)
        )
        points = service.review_points(
            review,
            supervisor,
            manager,
            terms.review_limit,
            terms.readings.review_adjust,
        )
        bounds = terms.bounds_in_sixths
        near = np.zeros(score.shape, dtype=np.bool_)
        for bound in bounds:
            near |= abs(score - bound) <= NEAR_IN_SIXTHS
        without = grading.grade_of(score - SIXTHS * points, bounds)
        decided[part] = near & (without != grading.grade_of(score, bounds)) & arrays.scored[part]
    return decided & case.outcome.counted
