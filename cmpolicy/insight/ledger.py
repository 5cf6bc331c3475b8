"""One person's ledger: the very rules that ran on everyone, run on one person, with a line for each thing they did."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.insight.hiring_ledger import hiring_lines
from cmpolicy.insight.ledger_line import Line, Used, in_points, percent_of, readings_used
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation import grading, pay, service, standing
from cmpolicy.regulation.arithmetic import NO_GRADE, maximum, minimum
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.parameters import PARAMETERS
from cmpolicy.regulation.readings import (
    AfterDismissal,
    EliminationRule,
    FraudScore,
    MissingMonths,
    ProbationBonus,
    RevenueBelowBase,
    ReviewAdjust,
    SurveyTarget,
)
from cmpolicy.regulation.recognition import MEASURES
from cmpolicy.regulation.standing import LEFT, MARKED, OBSERVATION, REGULAR, STANDINGS
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, first_regular_month
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.terms import Terms, Version
    from cmpolicy.staff.panel import Panel


STANDING_TEXTS = {
    "regular": Message("regular"),
    "observation": Message("under observation"),
    "left": Message("dismissed"),
}
"""The standings of 3.5, for people."""

_READING_OF_POINTS = {
    **dict.fromkeys(("broadband_gained", "broadband_lost", "maintained_gained", "maintained_lost"), "user_count"),
    **dict.fromkeys(("acceptance", "installation", "fault"), "criteria_basis"),
}
_MEASURE_TEXTS = {
    "service": Message("best on service"),
    "revenue": Message("best on revenue"),
    "both": Message("best on service and on revenue"),
}


class Ranks(NamedTuple):
    """What ranks people, and so cannot come from one person's records.

    Attributes
    ----------
    lowest : sequence of bool
        For each quarter of the panel, whether the person has the lowest score of all; asked by `lowest_scorer` only.
    best : mapping
        The measures on which the person is named best (3.4), by number of the month.
    """

    lowest: Sequence[bool]
    best: Mapping[int, Sequence[str]]


def ledger_of(outcome: Outcome, person: int) -> list[Line]:
    """Give every line of one person, in the order of time; a quarter's lines follow those of its months.

    Parameters
    ----------
    outcome
    person
        Place in `panel.staff_ids`.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=3, months=3, seed=1))
    >>> line = ledger_of(outcome, 0)[0]
    >>> line.clause, line.events, line.each, line.running
    ('2.1', 1, 100, 100)
    """
    one, ranks = panel_of_one(outcome.panel, person), ranks_of(outcome, person)
    return run_ledger(one, outcome.versions, ranks, hiring_lines(outcome, person))


def panel_of_one(panel: Panel, person: int) -> Panel:
    """Cut one person out of a panel; the counts are wide, so that points multiply them as they are."""
    column = slice(person, person + 1)
    arrays: Any = {name: value[..., column] for name, value in vars(panel).items() if isinstance(value, np.ndarray)}
    counts = service.MonthRecord(*(counts[:, column].astype(np.int64) for counts in panel.counts))
    surveys = {name: value[..., column] for name, value in vars(panel.surveys).items()}
    return replace(panel, **arrays, counts=counts, surveys=replace(panel.surveys, **surveys))


def ranks_of(outcome: Outcome, person: int) -> Ranks:
    """Give what the outcome's rankings say of one person."""
    lowest = [False] * outcome.panel.quarters
    for version in outcome.versions:
        if version.terms.readings.elimination_rule == EliminationRule.lowest_scorer:
            for quarter in range(version.start, version.stop):
                places = standing.is_lowest(outcome.arrays.quarter_score[quarter], outcome.arrays.scored[quarter])
                lowest[quarter] = bool(places[person])
    months, measures, people = outcome.recognised
    best: dict[int, list[str]] = {}
    for place in np.flatnonzero(people == person).tolist():
        best.setdefault(int(months[place]), []).append(MEASURES[measures[place]])
    return Ranks(lowest, best)


def run_ledger(one: Panel, versions: tuple[Version, ...], ranks: Ranks, hiring: Sequence[Line] = ()) -> list[Line]:
    """Run the clauses on a panel of one person (`panel_of_one`), and give a line for each thing they did.

    The lines of `hiring` stand at the head of their month.
    """
    ledger = _Ledger(one, ranks, hiring)
    for version in versions:
        ledger.run(version)
    return ledger.lines


class _Events(NamedTuple):
    """Events of one kind: their clause, the points for each, and how many counted in each month of a version."""

    key: str
    clause: str
    item: Message
    each: int
    readings: Used
    counts: list[int]


class _Month(NamedTuple):
    """What a month hands on to its quarter."""

    name: str
    assessed: bool
    fraud: bool
    on_probation: bool
    score: int
    grade: int


class _Ledger:
    """Runs quarter after quarter of one person; keeps what one quarter hands on to the next."""

    def __init__(self, one: Panel, ranks: Ranks, hiring: Sequence[Line]) -> None:
        self.lines: list[Line] = []
        self._hiring = hiring
        self._one, self._ranks = one, ranks
        self._standing, self._run, self._carried = REGULAR, 0, 0
        self._failed: list[str] = []  # the adjacent quarters that failed, by name
        self._why: Message | None = None
        self._awards: Counter[int] = Counter()
        self._month_names = period_names(one.first_month + np.arange(one.months), "month").tolist()
        self._quarter_names = period_names(one.first_quarter + np.arange(one.quarters), "quarter").tolist()
        self._assessed, self._fraud = one.assessed[:, 0].tolist(), one.fraud[:, 0].tolist()
        self._recorded, self._revenue_known = one.quarter_recorded[:, 0].tolist(), one.revenue_known[:, 0].tolist()

    def run(self, version: Version) -> None:
        """Run the quarters of one version of the policy."""
        months = slice(MONTHS_A_QUARTER * version.start, MONTHS_A_QUARTER * version.stop)
        record = service.MonthRecord(*(counts[months, 0] for counts in self._one.counts))
        scores = _listed(service.month_score(record, version.terms.points, version.terms.readings), record)
        events = _events(record, version.terms)
        regular_from = int(first_regular_month(self._one, version.terms.probation_months)[0])
        for quarter in range(version.start, version.stop):
            found = []
            for month in range(MONTHS_A_QUARTER * quarter, MONTHS_A_QUARTER * (quarter + 1)):
                on_probation = self._one.first_month + month < regular_from
                score = scores[month - months.start]
                found.append(self._run_month(version, month, score, events, on_probation=on_probation))
            if self._recorded[quarter] or any(month.assessed for month in found):
                self._run_quarter(version, quarter, found)
            else:
                self._move_on(version, quarter, scored=False, failed=False, grade=None)
            year_ends = quarter + 1 == self._one.quarters or self._one.year_of(quarter + 1) > self._one.year_of(quarter)
            if year_ends:
                self._end_year(version.terms, self._one.year_of(quarter))

    # -- a month: 2.1-2.8, 3.1, 3.2, 3.4 -----------------------------------------

    def _run_month(
        self, version: Version, month: int, score: int, events: list[_Events], *, on_probation: bool
    ) -> _Month:
        terms, name = version.terms, self._month_names[month]
        place = month - MONTHS_A_QUARTER * version.start
        assessed, fraud = self._assessed[month], self._fraud[month]
        self.lines += [line for line in self._hiring if line.period == name]
        if assessed:
            running = 0
            for kind in events:
                count = kind.counts[place]
                if not count and kind.key != "points.base":
                    continue
                points = count * kind.each
                running += points
                self.lines.append(
                    Line(name, kind.clause, kind.key, kind.item, points, "points", count, kind.each, running,
                         readings=kind.readings)
                )  # fmt: skip
            if terms.readings.survey_target == SurveyTarget.survey_month:
                score += self._add_surveys(version, month // MONTHS_A_QUARTER, name, score, month % MONTHS_A_QUARTER)
        grade = grading.month_grade(score, assessed, fraud, terms.bounds)
        if assessed:
            how = Message("proven fraud: the lowest grade") if fraud else _reach(score, grade, terms.bounds, version)
            text = _grade_text(version, grade)
            self.lines.append(
                Line(name, "3.1", "grade", Message("grade of the month"), text=text, running=score, how=how)
            )
            self._add_award(version, name, grade, on_probation=on_probation)
            for measure in self._ranks.best.get(month, ()):
                best = _MEASURE_TEXTS[measure]
                used = readings_used(terms, "best_rule", *(() if measure == "service" else ("best_revenue_metric",)))
                self.lines.append(
                    Line(name, "3.4", f"best {measure}", Message("recognition"), text=best, readings=used)
                )
        return _Month(name, assessed, fraud, on_probation, score, grade)

    def _add_award(self, version: Version, name: str, grade: int, *, on_probation: bool) -> None:
        terms, readings = version.terms, version.terms.readings
        withheld = on_probation and readings.probation_bonus == ProbationBonus.none
        graded = NO_GRADE if withheld else grade
        paid = pay.grade_paid(graded, self._standing, readings.after_dismissal, readings.probation_bonus)
        award = pay.month_award(paid, terms.monthly_award)
        how, used = self._not_paid(terms, on_probation=on_probation)
        how = how or Message("grade {grade}", grade=_grade_text(version, grade))
        self._awards[award] += 1
        self.lines.append(
            Line(name, "3.2", "award", Message("award, settled at year end"), award, "fen", how=how, readings=used)
        )

    def _not_paid(self, terms: Terms, *, on_probation: bool) -> tuple[Message | None, Used]:
        """Say why a grade is not paid, if it is not, and which readings decided on that."""
        readings = terms.readings
        if self._standing == LEFT:
            stops = readings.after_dismissal == AfterDismissal.stop
            return Message("nothing is paid after the dismissal") if stops else None, readings_used(
                terms, "after_dismissal"
            )
        if self._standing == OBSERVATION:
            stops = readings.probation_bonus == ProbationBonus.none
            return Message("nothing is paid under observation") if stops else None, readings_used(
                terms, "probation_bonus"
            )
        if on_probation:
            stops = readings.probation_bonus == ProbationBonus.none
            return Message("nothing is paid in probation") if stops else None, readings_used(terms, "probation_bonus")
        return None, ()

    def _add_surveys(
        self, version: Version, quarter: int, period: str, running: int | Fraction, month: int | None = None
    ) -> int:
        """Add the surveys of a quarter, or of one of its months, and give their points."""
        terms, surveys, total = version.terms, self._one.surveys, 0
        threshold = percent_of(version.policy.survey.threshold)
        layers = zip(
            surveys.sampled[:, quarter, 0].tolist(),
            surveys.satisfied[:, quarter, 0].tolist(),
            surveys.month_of_quarter[:, quarter, 0].tolist(),
            strict=True,
        )
        for layer, (sampled, satisfied, of_month) in enumerate(layers, start=1):
            if not sampled or month not in (None, of_month):
                continue
            events, earned = (
                service.survey_points(sampled, satisfied, terms.survey_ratio, points)
                for points in (1, terms.survey_points)
            )
            total += earned
            how = Message(
                "{satisfied} of {sampled} satisfied; {threshold} needed",
                satisfied=satisfied,
                sampled=sampled,
                threshold=threshold,
            )
            item = Message("survey of {month}", month=self._month_names[MONTHS_A_QUARTER * quarter + of_month])
            used = readings_used(terms, "survey_target")
            self.lines.append(
                Line(period, "2.10", f"survey {layer}", item, earned, "points", events, terms.survey_points,
                     running + total, how=how, readings=used)
            )  # fmt: skip
        return total

    # -- a quarter: 3.1, 2.9, 2.10, 3.2, R1, 3.3, 3.5 ----------------------------

    def _run_quarter(self, version: Version, quarter: int, months: list[_Month]) -> None:
        terms, name = version.terms, self._quarter_names[quarter]
        readings = terms.readings
        here = sum(month.assessed for month in months)
        in_mean = [
            month for month in months if grading.counts_in_mean(month.assessed, month.fraud, readings.fraud_score)
        ]
        scored = grading.has_score(len(in_mean), here, readings.missing_months)
        score, grade, used = Fraction(0), NO_GRADE, Used()
        missing: Used = readings_used(terms, "missing_months") if here < MONTHS_A_QUARTER else ()
        if scored:
            score = self._score_quarter(version, quarter, months, in_mean)
            any_fraud = any(month.fraud for month in months)
            sixths = int(score * SIXTHS)
            grade = grading.quarter_grade(sixths, scored, any_fraud, terms.bounds_in_sixths, readings.fraud_score)
            how = _reach(score, grade, _in_points(terms.bounds_in_sixths), version)
            if any_fraud and readings.fraud_score == FraudScore.quarter_E:
                how, used = Message("proven fraud: the lowest grade"), readings_used(terms, "fraud_score")
            if score.denominator > 1:
                used = (*used, *readings_used(terms, "band_rule"))
            text, running = _grade_text(version, grade), score
        else:
            text, running, used = Message("no grade"), None, missing
            how = Message("{months} of 3 months assessed", months=here)
            if any(month.fraud for month in months) and here == MONTHS_A_QUARTER:
                how, used = Message("no month is left for the mean"), readings_used(terms, "fraud_score")
        self.lines.append(
            Line(name, "3.1", "grade", Message("grade of the quarter"), text=text, running=running, how=how,
                 readings=used)
        )  # fmt: skip
        not_applied = self._pay_quarter(version, quarter, months, grade)
        lowest_grade = grade == terms.lowest_grade
        by_rank = readings.elimination_rule == EliminationRule.lowest_scorer
        failed = self._ranks.lowest[quarter] if by_rank else lowest_grade
        due = self._move_on(version, quarter, scored=scored, failed=failed, grade=text if scored else None, row=True)
        if readings.revenue_below_base == RevenueBelowBase.carried:
            self._carried = pay.penalty_carried(self._carried, not_applied, True, due)  # noqa: FBT003 - a rule's arguments

    def _score_quarter(self, version: Version, quarter: int, months: list[_Month], in_mean: list[_Month]) -> Fraction:
        terms, name = version.terms, self._quarter_names[quarter]
        readings, one = terms.readings, self._one
        counted = [
            grading.score_in_mean(month.score, month.fraud, terms.bounds[-1], readings.fraud_score) for month in in_mean
        ]
        mean = Fraction(grading.mean_in_sixths(sum(counted), len(counted)), SIXTHS)
        how = Message("({scores}) ÷ {months}", scores=" + ".join(map(str, counted)), months=len(counted))
        used = () if all(month.assessed for month in months) else readings_used(terms, "missing_months")
        for month in months:
            if month.fraud:
                used = (*used, *readings_used(terms, "fraud_score"))
                how = (
                    Message("{mean}; {month} with proven fraud counts {score}", mean=how, month=month.name,
                            score=counted[in_mean.index(month)])
                    if month in in_mean
                    else Message("{mean}; {month} with proven fraud leaves the mean", mean=how, month=month.name)
                )  # fmt: skip
        self.lines.append(
            Line(name, "3.1", "mean", Message("mean of the months"), mean, "points", running=mean, how=how,
                 readings=_once(used))
        )  # fmt: skip
        agreed, first, second = (int(column[quarter, 0]) for column in (one.review, one.supervisor, one.manager))
        review = service.review_points(agreed, first, second, terms.review_limit, readings.review_adjust)
        asked = (first, second) if readings.review_adjust == ReviewAdjust.each else (agreed,)
        if any(asked):
            limit = terms.review_limit
            figures = " ".join(f"{figure:+d}" for figure in asked)
            how = Message("recorded {figures}", figures=figures)
            if any(minimum(maximum(figure, -limit), limit) != figure for figure in asked):
                how = Message("recorded {figures}; the limit is {limit}", figures=figures, limit=limit)
            self.lines.append(
                Line(name, "2.9", "review", Message("reviewers' adjustment"), review, "points", running=mean + review,
                     how=how, readings=readings_used(terms, "review_adjust"))
            )  # fmt: skip
        surveys = 0
        if readings.survey_target == SurveyTarget.quarter_score:
            surveys = self._add_surveys(version, quarter, name, mean + review)
        return Fraction(grading.quarter_score(sum(counted), len(counted), review, surveys), SIXTHS)

    def _pay_quarter(self, version: Version, quarter: int, months: list[_Month], grade: int) -> int:
        """Add service bonus, revenue bonus and payout; give the penalty that was not applied."""
        terms, name = version.terms, self._quarter_names[quarter]
        readings = terms.readings
        service_bonus = self._add_service_bonus(version, name, months, grade)
        revenue_bonus = self._add_revenue_bonus(version, quarter, service_bonus)
        payout = pay.quarter_payout(service_bonus, revenue_bonus, readings.payout_floor)
        not_applied: int = pay.penalty_not_applied(payout, service_bonus, revenue_bonus)
        floor = readings_used(terms, "payout_floor") if service_bonus + revenue_bonus < 0 else ()
        if not_applied:
            how = Message("a penalty takes at most the quarter's bonus")
            self.lines.append(
                Line(name, "3.3", "penalty_not_applied", Message("penalty not applied"), not_applied, "fen",
                     running=payout, how=how, readings=floor)
            )  # fmt: skip
        self.lines.append(Line(name, "3.3", "payout", Message("payout"), payout, "fen", running=payout, readings=floor))
        return not_applied

    def _add_service_bonus(self, version: Version, name: str, months: list[_Month], grade: int) -> int:
        terms, readings = version.terms, version.terms.readings
        paid_months = sum(
            pay.month_is_paid(month.assessed, month.on_probation, readings.probation_bonus) for month in months
        )
        paid = pay.grade_paid(grade, self._standing, readings.after_dismissal, readings.probation_bonus)
        bonus: int = pay.service_bonus(paid, paid_months, terms.quarterly_bonus, readings.missing_months)
        how, used = self._not_paid(terms, on_probation=any(month.assessed and month.on_probation for month in months))
        if grade == NO_GRADE:
            how = Message("no grade")
        elif how is None or paid != NO_GRADE:
            amount = terms.quarterly_bonus[grade]
            how = Message("{amount} of grade {grade}", amount=in_yuan(amount), grade=_grade_text(version, grade))
            if readings.missing_months == MissingMonths.mean_present_prorated and paid_months < MONTHS_A_QUARTER:
                how = Message("{amount} × {months}/3", amount=how, months=paid_months)
                if amount * paid_months % MONTHS_A_QUARTER:
                    how = Message("{working}, rounded to the fen", working=how)
                exempt = [month.name for month in months if month.assessed and month.on_probation]
                if exempt and readings.probation_bonus == ProbationBonus.none:
                    how = Message("{working}; not counted, as in probation: {months}", working=how,
                                  months=list_of(exempt))  # fmt: skip
        if sum(month.assessed for month in months) < MONTHS_A_QUARTER:
            used = (*used, *readings_used(terms, "missing_months"))
        self.lines.append(
            Line(name, "3.2", "service_bonus", Message("service bonus"), bonus, "fen", running=bonus, how=how,
                 readings=used)
        )  # fmt: skip
        return bonus

    def _add_revenue_bonus(self, version: Version, quarter: int, before: int) -> int:
        terms, one, readings = version.terms, self._one, version.terms.readings
        revenue, base = int(one.revenue[quarter, 0]), int(one.base[quarter, 0])
        owed = self._carried if readings.revenue_below_base == RevenueBelowBase.carried else 0
        earned = pay.revenue_bonus(revenue, base, owed, terms.revenue_ratio, readings.revenue_below_base)
        bonus: int = pay.revenue_paid(earned, self._standing, readings.after_dismissal)
        used = readings_used(terms, "revenue_below_base") if revenue < base or owed else ()
        if self._standing == LEFT:
            used = (*used, *readings_used(terms, "after_dismissal"))
        how = Message("no revenue figure")
        if self._revenue_known[quarter]:
            rates = version.policy.revenue
            how = Message(
                "({revenue} - {base}) × {rate} × {share}",
                revenue=in_yuan(revenue),
                base=in_yuan(base),
                rate=percent_of(rates.rate),
                share=percent_of(rates.manager_share),
            )
            if revenue < base and readings.revenue_below_base == RevenueBelowBase.zero:
                how = Message("revenue {revenue} is below the base {base}: neither bonus nor penalty",
                              revenue=in_yuan(revenue), base=in_yuan(base))  # fmt: skip
            elif (revenue - base) * terms.revenue_ratio[0] % terms.revenue_ratio[1]:
                how = Message("{working}, rounded to the fen", working=how)
        if owed:
            how = Message("{working}; less {carried} from earlier quarters", working=how, carried=in_yuan(owed))
        if self._standing == LEFT and readings.after_dismissal == AfterDismissal.stop:
            how = Message("nothing is paid after the dismissal")
        self.lines.append(
            Line(self._quarter_names[quarter], "R1", "revenue_bonus", Message("revenue bonus"), bonus, "fen",
                 running=before + bonus, how=how, readings=used)
        )  # fmt: skip
        return bonus

    def _move_on(
        self, version: Version, quarter: int, *, scored: bool, failed: bool, grade: Message | None, row: bool = False
    ) -> bool:
        """Add the line of 3.5 where the quarter has a row, and find the standing of the next; tell of a dismissal."""
        terms, now, name = version.terms, self._standing, self._quarter_names[quarter]
        readings = terms.readings
        is_open = self._one.is_open(quarter)
        due = bool(standing.dismissal_due(now, failed)) and not is_open
        run, follows, failures = self._run, now, list(self._failed)
        if not is_open:  # shown as it stands, but it changes nobody's standing
            run = standing.next_run(
                run, now, scored, failed, readings.observation_survived, readings.unassessed_quarter
            )
            follows = standing.next_standing(now, run, scored, failed, terms.e_quarters)
            if scored and failed:
                failures.append(name)
            elif run != self._run or run in (0, MARKED):
                failures = []
        if row:
            self._add_standing(version, name, due=due, failures=failures if failed else [], run=run)
            if is_open and failed:
                how = Message("the data end inside the quarter: it changes no standing")
                self.lines[-1] = self.lines[-1]._replace(how=how)
        if follows == OBSERVATION and now == REGULAR:
            self._why = _failure(version, list_of(failures))
            if run > MARKED:
                self._why = Message("{why}, after an earlier observation", why=self._why)
        elif follows == OBSERVATION and now == OBSERVATION and not is_open:
            self._why = Message("no grade in {quarter}: the observation goes on", quarter=name)
        elif follows == LEFT and now == OBSERVATION:
            self._why = Message("{failure}, under observation", failure=_failure(version, name))
        elif follows == REGULAR and now == OBSERVATION:
            grade_text = grade or Message("no grade")
            self._why = Message("{quarter} under observation passed with {grade}", quarter=name, grade=grade_text)
        elif follows == REGULAR:
            self._why = None
        self._run, self._standing, self._failed = run, follows, failures
        return due

    def _add_standing(self, version: Version, name: str, *, due: bool, failures: list[str], run: int) -> None:
        terms, now, how = version.terms, self._standing, self._why
        text, used = STANDING_TEXTS[STANDINGS[now]], Used()
        if now == REGULAR and failures:
            missing = terms.e_quarters - len(failures)
            how = _failure(version, list_of(failures))
            if missing > 0 and run < MARKED:
                how = Message("{failure}; {count} more in a row: observation", failure=how, count=missing)
            else:
                how = Message("{failure}: under observation from the next quarter", failure=how)
        if now != REGULAR or how is not None:
            used = readings_used(terms, "elimination_rule", "unassessed_quarter", "observation_survived")
        self.lines.append(Line(name, "3.5", "standing", Message("standing"), text=text, how=how, readings=used))
        if due:
            why = Message("{failure}, under observation", failure=_failure(version, name))
            text = Message("due at the quarter's end")
            self.lines.append(
                Line(name, "3.5", "dismissal_due", Message("dismissal"), text=text, how=why, readings=used)
            )

    # -- a year: 3.2 ---------------------------------------------------------------

    def _end_year(self, terms: Terms, year: int) -> None:
        awards, self._awards = self._awards, Counter()
        if not awards:
            return
        total = sum(amount * count for amount, count in awards.items())
        other = int(self._one.other_year_end_bonus[year, 0])
        effect = pay.cash_effect(total, other, terms.readings.annual_negative)
        name = str(self._one.first_year + year)
        summed = " + ".join(f"{count} × {in_yuan(amount)}" for amount, count in sorted(awards.items(), reverse=True))
        how = Message("{sum}", sum=summed)
        self.lines.append(
            Line(name, "3.2", "service_award", Message("annual service award"), total, "fen", running=total, how=how)
        )
        used = readings_used(terms, "annual_negative") if total < 0 else ()
        how = Message("settled in the year-end bonus")
        if effect != total:
            how = Message("a negative sum takes at most the other year-end bonus, {other}", other=in_yuan(other))
        self.lines.append(
            Line(name, "3.2", "cash_effect", Message("cash effect"), effect, "fen", running=effect, how=how,
                 readings=used)
        )  # fmt: skip


# -- pieces ----------------------------------------------------------------------------


def _events(record: service.MonthRecord, terms: Terms) -> list[_Events]:
    """Count the events behind each value of `Points`, month by month.

    The month's score is a sum of points times events: with 1 for one of the points and nought for all others it is the
    number of events that count, whatever the reading.
    """
    nothing = service.Points(*(0 for _ in service.Points._fields))
    found = []
    for name, each in terms.points._asdict().items():
        counts = _listed(service.month_score(record, nothing._replace(**{name: 1}), terms.readings), record)
        parameter, setting = PARAMETERS[f"points.{name}"], _READING_OF_POINTS.get(name)
        used = readings_used(terms, setting) if setting else ()
        found.append(_Events(parameter.name, parameter.clause, parameter.title, each, used, counts))
    return found


def _listed(values: NDArray[np.int64] | int, record: service.MonthRecord) -> list[int]:
    listed: list[int] = np.broadcast_to(values, record.complaints.shape).tolist()
    return listed


def _reach(score: int | Fraction, grade: int, bounds: Sequence[int | Fraction], version: Version) -> Message:
    """Say how far a score is from the bound of its own grade and from the next better one."""
    names = version.policy.grade_names
    if grade == 0:
        return Message("from {bound}, {above} above it", bound=in_points(bounds[0]), above=in_points(score - bounds[0]))
    better, short = names[grade - 1], in_points(bounds[grade - 1] - score)
    if grade == len(bounds):
        return Message("below {bound}, {short} short of {better}", bound=in_points(bounds[-1]), short=short,
                       better=better)  # fmt: skip
    return Message(
        "from {bound}, {above} above it, {short} short of {better}",
        bound=in_points(bounds[grade]),
        above=in_points(score - bounds[grade]),
        short=short,
        better=better,
    )


def _grade_text(version: Version, grade: int) -> Message:
    return Message("{grade}", grade=version.policy.grade_names[grade])


def _in_points(sixths: Iterable[int]) -> list[Fraction]:
    return [Fraction(bound, SIXTHS) for bound in sixths]


def _once(pairs: Used) -> Used:
    return tuple(dict.fromkeys(pairs))


def _failure(version: Version, quarters: Message | str) -> Message:
    """Say by what a quarter counts towards 3.5."""
    if version.terms.readings.elimination_rule == EliminationRule.lowest_scorer:
        return Message("lowest score of all in {quarters}", quarters=quarters)
    return Message("grade {grade} in {quarters}", grade=version.policy.grade_names[-1], quarters=quarters)
