"""One person's statement: each clause with its figures and its result, by the very rules that ran."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cmpolicy.messages import Message
from cmpolicy.regulation import grading, service
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.readings import RevenueBelowBase, SurveyTarget
from cmpolicy.regulation.standing import STANDINGS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.terms import Version


class Line(NamedTuple):
    """One line of a statement: the period, the clause, what was recorded, and what the clause makes of it."""

    period: str
    clause: str
    record: Message
    result: Message


def explain(outcome: Outcome, staff_id: str) -> list[Line]:
    """Explain every month and quarter of one person, clause by clause.

    Parameters
    ----------
    outcome
    staff_id

    Returns
    -------
    list of Line
        In the order of time; a quarter's lines follow those of its months.

    Raises
    ------
    DataError
        For an unknown staff id; names the nearest one.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=3, months=3, seed=1))
    >>> explain(outcome, str(outcome.panel.staff_ids[0]))[0].clause
    '2.1'
    """
    person = outcome.data.place_of(staff_id)
    lines = []
    for version in outcome.versions:
        for quarter in range(version.start, version.stop):
            if not outcome.quarter_rows[quarter, person]:
                continue
            for month in range(MONTHS_A_QUARTER * quarter, MONTHS_A_QUARTER * (quarter + 1)):
                if outcome.panel.assessed[month, person]:
                    lines += _month_lines(outcome, version, month, person)
            lines += _quarter_lines(outcome, version, quarter, person)
    return lines


def statement_frame(lines: list[Line]) -> pd.DataFrame:
    """Give a statement as a table of text in the language in use: period, clause, record, result."""
    import pandas as pd

    rows = [(line.period, line.clause, str(line.record), str(line.result)) for line in lines]
    return pd.DataFrame(rows, columns=list(Line._fields), dtype="str")


def _month_lines(outcome: Outcome, version: Version, month: int, person: int) -> list[Line]:
    panel, arrays, terms = outcome.panel, outcome.arrays, version.terms
    points, readings = terms.points, terms.readings
    record = service.MonthRecord(*(int(counts[month, person]) for counts in panel.counts))
    users, basis = readings.user_count, readings.criteria_basis
    period = str(period_names(_number(panel.first_month + month), "month")[0])

    def line(clause: str, recorded: Message, earned: int) -> Line:
        return Line(period, clause, recorded, Message("{points} points", points=f"{earned:+d}"))

    def standards(group: str) -> Message:
        a, b, c = (getattr(record, f"{group}_{letter}") for letter in "abc")
        return Message("orders below standard A {a}, B {b}, C {c}", a=a, b=b, c=c)

    gained = Message("gained {gained}, lost {lost}", gained=record.broadband_gained, lost=record.broadband_lost)
    maintained = Message("gained {gained}, lost {lost}", gained=record.maintained_gained, lost=record.maintained_lost)
    lines = [
        line("2.1", Message("start of the month"), service.starting_points(points)),
        line("2.2", gained, service.broadband_points(record.broadband_gained, record.broadband_lost, points, users)),
        line(
            "2.3",
            maintained,
            service.maintained_points(record.maintained_gained, record.maintained_lost, points, users),
        ),
        line("2.4", standards("acceptance"), service.acceptance_points(*record[4:7], points, basis)),
        line("2.5", standards("installation"), service.installation_points(*record[7:10], points, basis)),
        line("2.6", standards("fault"), service.fault_points(*record[10:13], points, basis)),
        line(
            "2.7",
            Message("complaints {complaints}, praises {praises}", complaints=record.complaints, praises=record.praises),
            service.complaint_points(record.complaints, record.praises, points),
        ),
        line(
            "2.8",
            Message("complaints not reported in time {count}", count=record.unreported_complaints),
            service.unreported_points(record.unreported_complaints, points),
        ),
    ]
    score = int(arrays.month_score[month, person])
    surveyed = score - service.month_score(record, points, readings)
    if surveyed:
        lines.append(line("2.10", Message("surveys of the month"), surveyed))
    grade = str(outcome.grade_names(arrays.month_grade[[month], person], _number(month // MONTHS_A_QUARTER))[0])
    scored = Message("score {score}", score=score)
    if panel.fraud[month, person]:
        scored = Message("score {score}; proven fraud", score=score)
    award = f"{int(arrays.award[month, person]) / FEN_PER_YUAN:+,.2f}"
    return [
        *lines,
        Line(period, "3.1", scored, Message("grade {grade}", grade=grade)),
        Line(period, "3.2", Message("award at year end"), Message("{yuan} yuan", yuan=award)),
    ]


def _quarter_lines(outcome: Outcome, version: Version, quarter: int, person: int) -> list[Line]:
    panel, arrays, terms = outcome.panel, outcome.arrays, version.terms
    period = str(period_names(_number(panel.first_quarter + quarter), "quarter")[0])
    assessed = Message("{months} months assessed", months=int(arrays.months_assessed[quarter, person]))
    lines = []
    if arrays.scored[quarter, person]:
        lines += _score_lines(outcome, version, quarter, person, period)
        grade = str(outcome.grade_names(arrays.quarter_grade[[quarter], person], _number(quarter))[0])
        score = f"{int(arrays.quarter_score[quarter, person]) / SIXTHS:.2f}"
        lines.append(Line(period, "3.1", Message("score {score}", score=score), Message("grade {grade}", grade=grade)))
    else:
        lines.append(Line(period, "3.1", assessed, Message("no grade")))

    def paid(clause: str, recorded: Message, fen: int) -> Line:
        return Line(period, clause, recorded, Message("{yuan} yuan", yuan=f"{fen / FEN_PER_YUAN:+,.2f}"))

    lines.append(paid("3.2", assessed, int(arrays.service_bonus[quarter, person])))
    revenue = Message("no revenue figure")
    if panel.revenue_known[quarter, person]:
        amounts = (f"{int(column[quarter, person]) / FEN_PER_YUAN:,.2f}" for column in (panel.revenue, panel.base))
        revenue = Message("revenue {revenue}, base {base}", revenue=next(amounts), base=next(amounts))
        if terms.readings.revenue_below_base == RevenueBelowBase.carried:
            revenue = Message("{figures}, less what is carried from earlier quarters", figures=revenue)
    lines.append(paid("R1", revenue, int(arrays.revenue_bonus[quarter, person])))
    not_applied = int(arrays.penalty_not_applied[quarter, person])
    limited = Message("service and revenue bonus")
    if not_applied:
        kept = f"{not_applied / FEN_PER_YUAN:,.2f}"
        limited = Message("service and revenue bonus; penalty not applied {yuan}", yuan=kept)
    lines.append(paid("3.3", limited, int(arrays.payout[quarter, person])))
    standing = Message(STANDING_TEXTS[STANDINGS[arrays.standing[quarter, person]]].template)
    if arrays.dismissal_due[quarter, person]:
        standing = Message("{standing}; dismissal due at the quarter's end", standing=standing)
    lines.append(Line(period, "3.5", Message("standing"), standing))
    return lines


def _score_lines(outcome: Outcome, version: Version, quarter: int, person: int, period: str) -> list[Line]:
    """Explain a quarter's score: the mean of its months, the review and the surveys."""
    panel, terms = outcome.panel, version.terms
    readings = terms.readings
    months = range(MONTHS_A_QUARTER * quarter, MONTHS_A_QUARTER * (quarter + 1))
    counted = [
        int(
            grading.score_in_mean(
                int(outcome.arrays.month_score[month, person]),
                bool(panel.fraud[month, person]),
                terms.bounds[-1],
                readings.fraud_score,
            )
        )
        for month in months
        if grading.counts_in_mean(
            bool(panel.assessed[month, person]), bool(panel.fraud[month, person]), readings.fraud_score
        )
    ]
    mean = Fraction(sum(counted), len(counted))
    review, supervisor, manager = (
        int(column[quarter, person]) for column in (panel.review, panel.supervisor, panel.manager)
    )
    reviewed = service.review_points(review, supervisor, manager, terms.review_limit, readings.review_adjust)
    lines = [
        Line(
            period,
            "3.1",
            Message("mean of the months {scores}", scores=", ".join(map(str, counted))),
            Message("{points} points", points=f"{float(mean):.2f}"),
        ),
        Line(period, "2.9", Message("the reviewers' adjustment"), Message("{points} points", points=f"{reviewed:+d}")),
    ]
    if readings.survey_target == SurveyTarget.quarter_score:
        for sampled, satisfied in zip(
            panel.surveys.sampled[:, quarter, person], panel.surveys.satisfied[:, quarter, person], strict=True
        ):
            if sampled:
                earned = service.survey_points(int(sampled), int(satisfied), terms.survey_ratio, terms.survey_points)
                asked = Message("{satisfied} of {sampled} satisfied", satisfied=satisfied, sampled=sampled)
                lines.append(Line(period, "2.10", asked, Message("{points} points", points=f"{earned:+d}")))
    return lines


def _number(value: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    import numpy as np

    return np.array([value])


STANDING_TEXTS = {
    "regular": Message("regular"),
    "observation": Message("under observation"),
    "left": Message("left"),
}
"""The standings of 3.5, for people."""
