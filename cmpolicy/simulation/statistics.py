"""What a policy costs and how it grades people, for any bounds and amounts, from statistics that are made once.

Scores depend neither on bounds nor on amounts, so people are counted and added up by score once, and a scenario takes
a few look-ups. Two things depend on the scenario person by person: who is observed or dismissed (3.5), and what a month
of fraud counts in its quarter's mean, which is below the lowest bound (3.1). Both depend on the lowest bound alone, and
touch few people. So a scenario is the sum of two parts:

- everyone as usual: as if nobody were ever observed, and without the quarters whose score depends on the lowest bound;
- the exceptions under its lowest bound: of the few people touched, each record that is not as usual, away with weight
  -1 as it was counted, and back with weight 1 as it really is.

The two parts are made of the same sums (`cmpolicy.simulation.sums`), and everything is exact: it equals what `appraise`
gives, to the fen and to the person.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.regulation import grading, pay, standing
from cmpolicy.regulation.arithmetic import one_if
from cmpolicy.regulation.policy import Policy, PolicyBook
from cmpolicy.regulation.readings import (
    AfterDismissal,
    AnnualNegative,
    EliminationRule,
    FraudScore,
    MissingMonths,
    PayoutFloor,
    ProbationBonus,
    RevenueBelowBase,
    UnassessedQuarter,
)
from cmpolicy.regulation.standing import LEFT, OBSERVATION
from cmpolicy.simulation.appraise import Outcome, appraise
from cmpolicy.simulation.sums import LOWEST, MOST_AMOUNTS, QuarterPay, ScoreCounts, YearEnds
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, Terms, first_regular_month, terms_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData

    Whole = NDArray[np.int64]

KEPT_STATISTICS = 3
KEPT_LOWEST_BOUNDS = 32
MOST_AT_A_TIME = 50_000
"""How many scenarios are computed together, so that memory stays bounded."""

_NEVER = int(np.iinfo(np.int64).max)
"""A score that no bound exceeds."""


class Totals(NamedTuple):
    """Totals of one policy, or of P scenarios.

    Attributes
    ----------
    quarter_grades, month_grades
        (G,) or (P, G) int64: staff-quarters and staff-months of each grade, best first.
    service_bonus, revenue_bonus, penalty_not_applied, payout, award, cash_effect, cost
        Fen. Integers, or (P,) int64.
    observed, left
        Staff-quarters under observation, and after a dismissal.
    dismissed
        People.
    floor_binding
        Staff-quarters whose penalty is limited (3.3).
    """

    quarter_grades: Any
    month_grades: Any
    service_bonus: Any
    revenue_bonus: Any
    penalty_not_applied: Any
    payout: Any
    award: Any
    cash_effect: Any
    cost: Any
    observed: Any
    dismissed: Any
    left: Any
    floor_binding: Any


class Scenarios(NamedTuple):
    """P ways to set bounds and amounts, with G grades each.

    Attributes
    ----------
    bounds
        (P, G - 1) int64, points, falling along each row.
    quarterly_bonus, monthly_award
        (P, G) int64, fen.
    revenue_ratio
        Numerator and denominator of revenue.rate times revenue.manager_share.
    """

    bounds: Whole
    quarterly_bonus: Whole
    monthly_award: Whole
    revenue_ratio: tuple[int, int]

    def part(self, rows: Any) -> Scenarios:
        """Take some of the scenarios."""
        return Scenarios(self.bounds[rows], self.quarterly_bonus[rows], self.monthly_award[rows], self.revenue_ratio)


def totals(data: StaffData, policy: Policy | PolicyBook) -> Totals:
    """Give a policy's totals: from statistics where they can answer, else by an appraisal.

    Raises
    ------
    PolicyError
        As `appraise`.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> policy = cm.load_policy("2007-06")
    >>> data = cm.synthesize(staff=50, months=6, seed=1)
    >>> totals(data, policy).payout == cm.appraise(data, policy).cost["payout"]
    True
    """
    if isinstance(policy, Policy) and why_appraise(policy) is None:
        return statistics_of(data, policy).totals(policy)
    return totals_of(appraise(data, policy))


def totals_of(outcome: Outcome) -> Totals:
    """Give the totals of an appraisal."""
    cost, standings = outcome.cost, outcome.standing_counts
    return Totals(
        quarter_grades=np.array(list(outcome.grade_counts("quarters").values()), dtype=np.int64),
        month_grades=np.array(list(outcome.grade_counts("months").values()), dtype=np.int64),
        **cost,
        **standings,
        floor_binding=int(((outcome.arrays.penalty_not_applied > 0) & outcome.quarter_rows).sum()),
    )


def why_appraise(policy: Policy | PolicyBook) -> Message | None:
    """Say why statistics cannot answer for a policy, so that it must be appraised; None where they can.

    Examples
    --------
    >>> from cmpolicy.regulation.policy import load_policy
    >>> why_appraise(load_policy("2007-06")) is None
    True
    """
    if isinstance(policy, PolicyBook):
        return Message("A book of versions has bounds and amounts of its own for each quarter.")
    readings = policy.readings
    if readings.revenue_below_base == RevenueBelowBase.carried and readings.payout_floor == PayoutFloor.zero:
        return Message(
            "With readings.revenue_below_base: carried, what a quarter pays depends on what the person was paid before."
        )
    return None


def statistics_of(data: StaffData, policy: Policy) -> Statistics:
    """Give the statistics that answer for a policy and for all that differ from it in bounds and amounts only.

    They are made once and kept with the data; the last few of other points or readings are kept, too.

    Raises
    ------
    ValueError
        If statistics cannot answer for the policy; ask `why_appraise` first.
    """
    reason = why_appraise(policy)
    if reason is not None:
        raise ValueError(str(reason))
    kept: OrderedDict[Hashable, Statistics] = data.cached.setdefault("statistics", OrderedDict())
    key = _fixed(terms_of(policy))
    if key not in kept:
        kept[key] = Statistics(data, policy)
        if len(kept) > KEPT_STATISTICS:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def _fixed(terms: Terms) -> Terms:
    """Leave out of a policy's terms what statistics can vary."""
    return terms._replace(bounds=(), bounds_in_sixths=(), quarterly_bonus=(), monthly_award=(), revenue_ratio=(0, 1))


class _Regraded(NamedTuple):
    """Staff-quarters whose grade is not as usual under a lowest bound, (k,) each.

    Attributes
    ----------
    place : int
        quarter * n + person, rising.
    gone : bool
        Whether it counts in no grade mix, as the person was dismissed.
    score : int64
        What it is graded by, sixths.
    """

    place: NDArray[np.intp]
    gone: NDArray[np.bool_]
    score: Whole


class _Part(NamedTuple):
    """What adds up of a set of records."""

    quarter_scores: ScoreCounts
    month_scores: ScoreCounts
    awarded_scores: ScoreCounts
    quarter_pay: QuarterPay
    year_ends: YearEnds
    observed: int
    dismissed: int
    left: int
    regraded: _Regraded


class _Quarters(NamedTuple):
    """Staff-quarters of n people, arrays of shape (Q, n).

    Attributes
    ----------
    rows : bool
        Where there is a month or a quarter row.
    scored : bool
    score : int
        Sixths.
    capped : bool
        Where the score depends on the lowest bound, since a month of fraud counts as one below it.
    thirds : int8
        How many thirds of its grade's bonus are paid; 0 where there is no grade.
    excess : int64
        Revenue minus base, fen.
    """

    rows: NDArray[np.bool_]
    scored: NDArray[np.bool_]
    score: NDArray[Any]
    capped: NDArray[np.bool_]
    thirds: NDArray[np.int8]
    excess: Whole

    def of(self, people: NDArray[np.intp]) -> _Quarters:
        return _Quarters._make(array[:, people] for array in self)


class _Months(NamedTuple):
    """Staff-months of n people, arrays of shape (M, n).

    Attributes
    ----------
    assessed : bool
    awarded : bool
        Where there is an award: not on probation, by one reading.
    score : int
        Points; below every bound where fraud was proven, as the grade is then the lowest.
    """

    assessed: NDArray[np.bool_]
    awarded: NDArray[np.bool_]
    score: NDArray[Any]

    def of(self, people: NDArray[np.intp]) -> _Months:
        return _Months._make(array[:, people] for array in self)


class Statistics:
    """Statistics of one data set under fixed points and readings. Made by `statistics_of`."""

    def __init__(self, data: StaffData, policy: Policy) -> None:
        outcome = appraise(data, policy)
        panel, arrays = outcome.panel, outcome.arrays
        self._panel, self._terms = panel, terms_of(policy)
        readings = self._terms.readings
        fraud = _by_quarter(panel.fraud)
        caps = readings.fraud_score in (FraudScore.cap_below_D, FraudScore.quarter_E)

        awarded = panel.assessed
        if readings.probation_bonus == ProbationBonus.none:
            month = np.arange(panel.first_month, panel.first_month + panel.months)[:, np.newaxis]
            on_probation = month < first_regular_month(panel, self._terms.probation_months)
            awarded = pay.month_is_paid(panel.assessed, on_probation, readings.probation_bonus)
        prorated = readings.missing_months == MissingMonths.mean_present_prorated
        thirds = _by_quarter(awarded).sum(axis=1, dtype=np.int8) if prorated else np.int8(MONTHS_A_QUARTER)
        self._quarters = _Quarters(
            rows=outcome.quarter_rows,
            scored=arrays.scored,
            score=arrays.quarter_score,
            capped=(fraud.any(axis=1) & arrays.scored) if caps else np.zeros_like(arrays.scored),
            thirds=arrays.scored * thirds,
            excess=panel.revenue.astype(np.int64) - panel.base,
        )
        below_all = np.iinfo(arrays.month_score.dtype).min
        self._months = _Months(panel.assessed, awarded, np.where(panel.fraud, below_all, arrays.month_score))

        # The months of the capped quarters, (3, k), to score these again under another lowest bound.
        quarter, person = np.nonzero(self._quarters.capped)
        self._capped_months = _by_quarter(arrays.month_score)[quarter, :, person].T.astype(np.int64)
        self._capped_fraud = fraud[quarter, :, person].T
        self._capped_assessed = arrays.months_assessed[quarter, person]
        self._any_capped = np.logical_or.reduce(self._quarters.capped, axis=0)

        fixed = np.where(arrays.scored & ~self._quarters.capped, arrays.quarter_score, np.int64(_NEVER))
        self._lowest_scores = fixed.min(axis=1)
        self._critical = self._critical_scores()
        self._as_usual = self._everyone()
        self._as_usual.quarter_pay.price(self._terms.revenue_ratio)
        self._exceptions: OrderedDict[int, _Part] = OrderedDict()
        nobody = np.empty(0, dtype=np.intp)
        self._reach, self._within = LOWEST, (nobody, self._quarters.of(nobody))

    def totals(self, policy: Policy) -> Totals:
        """Give the totals of a policy.

        Raises
        ------
        ValueError
            If the policy differs in more than bounds and amounts from the one that the statistics were made for.
        """
        terms = self._checked(policy)
        one = Scenarios(
            np.array([terms.bounds]),
            np.array([terms.quarterly_bonus]),
            np.array([terms.monthly_award]),
            terms.revenue_ratio,
        )
        return Totals(*(values[0] if values.ndim > 1 else int(values[0]) for values in self.sweep(one)))

    def sweep(self, scenarios: Scenarios) -> Totals:
        """Give the totals of many scenarios at once, as arrays."""
        count = len(scenarios.bounds)
        amounts, bonus = np.unique(scenarios.quarterly_bonus, return_inverse=True)
        if count > 1 and (count > MOST_AT_A_TIME or len(amounts) > MOST_AMOUNTS):
            parts = [self.sweep(scenarios.part(rows)) for rows in np.array_split(np.arange(count), 2)]
            return Totals(*(np.concatenate(halves) for halves in zip(*parts, strict=True)))
        bonus = bonus.reshape(scenarios.quarterly_bonus.shape)
        found = self._add_up(self._as_usual, scenarios, amounts, bonus)
        order = np.argsort(scenarios.bounds[:, -1], kind="stable")
        lowest, starts = np.unique(scenarios.bounds[order, -1], return_index=True)
        # The highest bound touches most people; those of the others are found among these.
        for bound, rows in reversed(list(zip(lowest.tolist(), np.split(order, starts[1:]), strict=True))):
            more = self._add_up(self._part_under(bound), scenarios.part(rows), amounts, bonus[rows])
            for total, addition in zip(found, more, strict=True):
                total[rows] += addition
        return found

    def _add_up(self, part: _Part, scenarios: Scenarios, amounts: Whole, bonus: NDArray[np.intp]) -> Totals:
        bounds, awards = scenarios.bounds, scenarios.monthly_award
        readings = self._terms.readings
        sixths = np.column_stack(grading.bounds_in_sixths(tuple(bounds.T), readings.band_rule))
        quarters = part.quarter_pay.sums(sixths, amounts, bonus, scenarios.revenue_ratio)
        payout = quarters.service_bonus + quarters.revenue_bonus + quarters.penalty_not_applied
        award = (part.awarded_scores.by_grade(bounds) * awards).sum(axis=1)
        effect = award.copy()
        if readings.annual_negative == AnnualNegative.offset_year_end_only:
            effect += part.year_ends.shortfall(bounds, awards)
        each = np.ones(len(bounds), dtype=np.int64)
        return Totals(
            quarter_grades=part.quarter_scores.by_grade(sixths),
            month_grades=part.month_scores.by_grade(bounds),
            service_bonus=quarters.service_bonus,
            revenue_bonus=quarters.revenue_bonus,
            penalty_not_applied=quarters.penalty_not_applied,
            payout=payout,
            award=award,
            cash_effect=effect,
            cost=payout + effect,
            observed=part.observed * each,
            dismissed=part.dismissed * each,
            left=part.left * each,
            floor_binding=quarters.floor_binding,
        )

    def migration(self, before: Policy, after: Policy) -> tuple[Whole, Whole]:
        """Count staff-quarters and staff-months by their grade under two policies.

        Returns
        -------
        tuple of two (G + 1, H + 1) arrays
            Rows are the G grades before, columns the H grades after, best first; the last of each is no grade, or not
            counted for a dismissal. What neither policy counts is left out.

        Raises
        ------
        ValueError
            If the policies differ in more than bounds and amounts from the one that the statistics were made for.
        """
        pair = [self._checked(policy) for policy in (before, after)]
        sides = [self._part_under(terms.bounds[-1]).regraded for terms in pair]
        places = np.union1d(*(side.place for side in sides))
        quarter, person = np.divmod(places, self._panel.people)
        usual, scored = (array[quarter, person] for array in (self._quarters.score, self._quarters.scored))
        score, gone = [usual.astype(np.int64) for _ in pair], [np.zeros(len(places), dtype=np.bool_) for _ in pair]
        for number, side in enumerate(sides):
            changed = np.searchsorted(places, side.place)
            score[number][changed], gone[number][changed] = side.score, side.gone

        sixths = [terms.bounds_in_sixths for terms in pair]
        quarters = self._as_usual.quarter_scores.migration(*sixths)
        quarters[-1, -1] += np.count_nonzero(self._quarters.rows & ~self._quarters.scored)
        as_usual = ~self._quarters.capped[quarter, person]
        quarters -= _migration([usual, usual], [scored, scored], sixths, as_usual)
        quarters += _migration(score, [scored & ~left for left in gone], sixths, ~(gone[0] & gone[1]))

        assessed, month_score = (
            _by_quarter(array)[quarter, :, person] for array in (self._months.assessed, self._months.score)
        )
        left = [np.broadcast_to(side[:, np.newaxis], assessed.shape) for side in gone]
        bounds = [terms.bounds for terms in pair]
        months = self._as_usual.month_scores.migration(*bounds)
        months -= _migration([month_score] * 2, [assessed] * 2, bounds, assessed)
        months += _migration([month_score] * 2, [~side for side in left], bounds, assessed & ~(left[0] & left[1]))
        return quarters, months

    def _checked(self, policy: Policy) -> Terms:
        terms = terms_of(policy)
        if _fixed(terms) != _fixed(self._terms):
            other = "these statistics are of other points or readings than the policy's; ask statistics_of for its own"
            raise ValueError(other)
        return terms

    # -- as usual --------------------------------------------------------------

    def _everyone(self) -> _Part:
        """Take everyone, as if nobody were ever observed, without the quarters that are capped."""
        quarters, months = self._quarters, self._months
        usual = quarters.rows & ~quarters.capped
        month_scores = awarded_scores = ScoreCounts(months.score[months.assessed])
        if months.awarded is not months.assessed:
            awarded_scores = ScoreCounts(months.score[months.awarded])
        return _Part(
            quarter_scores=ScoreCounts(quarters.score[usual & quarters.scored]),
            month_scores=month_scores,
            awarded_scores=awarded_scores,
            quarter_pay=QuarterPay(
                quarters.score[usual], quarters.thirds[usual], quarters.excess[usual], self._terms.readings
            ),
            year_ends=YearEnds(*self._by_year(months), self._panel.other_year_end_bonus.ravel()),
            observed=0,
            dismissed=0,
            left=0,
            regraded=_Regraded(np.empty(0, np.intp), np.empty(0, np.bool_), np.empty(0, np.int64)),
        )

    def _by_year(self, months: _Months) -> tuple[NDArray[Any], NDArray[np.int8]]:
        """Lay k people's months with an award out by year and person: scores (12, Y * k), and how many (Y * k,)."""
        panel, shape = self._panel, (self._panel.years, months.awarded.shape[1])
        below_all = np.iinfo(months.score.dtype).min
        scores = np.full((12, *shape), below_all, dtype=months.score.dtype)
        number = np.zeros(shape, dtype=np.int8)
        for month, (awarded, score) in enumerate(zip(months.awarded, months.score, strict=True)):
            year = panel.year_of(month // MONTHS_A_QUARTER)
            scores[(panel.first_month + month) % 12, year] = np.where(awarded, score, below_all)
            number[year] += one_if(awarded)
        return scores.reshape(12, -1), number.ravel()

    # -- exceptions ------------------------------------------------------------

    def _critical_scores(self) -> Whole:
        """Give each person the score that the lowest bound must exceed before they can ever be observed.

        Observation begins after so many failed quarters in a row, so the bound must exceed the highest score among
        them, for some such row of quarters. People with a capped quarter are looked at in any case.
        """
        quarters, readings = self._quarters, self._terms.readings
        score = quarters.score.astype(np.int64)
        if readings.elimination_rule == EliminationRule.lowest_scorer:
            score = np.where(score == self._lowest_scores[:, np.newaxis], LOWEST, _NEVER)
        score[~quarters.scored] = _NEVER
        critical = np.full(self._panel.people, _NEVER, dtype=np.int64)
        before = [critical] * (self._terms.e_quarters - 1)
        for scored, of_quarter in zip(quarters.scored, score, strict=True):
            in_a_row = [*before, of_quarter]
            critical = np.minimum(critical, np.maximum.reduce(in_a_row))
            before = in_a_row[1:]
            if readings.unassessed_quarter == UnassessedQuarter.skipped:
                before = [np.where(scored, later, earlier) for earlier, later in pairwise(in_a_row)]
        return critical

    def _part_under(self, lowest_bound: int) -> _Part:
        if lowest_bound not in self._exceptions:
            self._exceptions[lowest_bound] = self._corrections(lowest_bound)
            if len(self._exceptions) > KEPT_LOWEST_BOUNDS:
                self._exceptions.popitem(last=False)
        self._exceptions.move_to_end(lowest_bound)
        return self._exceptions[lowest_bound]

    def _corrections(self, lowest_bound: int) -> _Part:
        """Correct what is not as usual under a lowest bound: away with a record as it was counted, back as it is."""
        readings = self._terms.readings
        (bound,) = grading.bounds_in_sixths((lowest_bound,), readings.band_rule)
        people, quarters = self._touched(bound)
        score = quarters.score.astype(np.int64)
        score[quarters.capped] = self._capped_scores(lowest_bound)
        graded_as = score.copy()
        if readings.fraud_score == FraudScore.quarter_E:
            graded_as[quarters.capped] = LOWEST
        stood, due = self._standings(quarters.scored, self._failed(quarters, score, graded_as < bound))

        gone = quarters.rows & (stood == LEFT) & (readings.after_dismissal == AfterDismissal.stop)
        observed = quarters.rows & (stood == OBSERVATION)
        unpaid = gone | (observed & (readings.probation_bonus == ProbationBonus.none))
        away, back = unpaid & ~quarters.capped, (unpaid | quarters.capped) & ~gone
        thirds = np.where(unpaid, 0, quarters.thirds)
        regraded = gone | quarters.capped
        quarter, person = np.nonzero(regraded)
        # Months only of those whose months there is something to correct about.
        touched = np.flatnonzero(unpaid.any(axis=0))
        months = self._months.of(people[touched])
        gone_months, unpaid_months = _by_month(gone[:, touched]), _by_month(unpaid[:, touched])
        return _Part(
            quarter_scores=ScoreCounts(
                _join(quarters.score, away & quarters.scored, graded_as, back & quarters.scored),
                _weights(away & quarters.scored, back & quarters.scored),
            ),
            month_scores=_taken_away(months.score[gone_months & months.assessed]),
            awarded_scores=_taken_away(months.score[unpaid_months & months.awarded]),
            quarter_pay=QuarterPay(
                _join(quarters.score, away, graded_as, back),
                _join(quarters.thirds, away, thirds, back),
                _join(quarters.excess, away, quarters.excess, back),
                readings,
                _weights(away, back),
            ),
            year_ends=self._year_ends_without(people[touched], months, unpaid_months),
            observed=int(observed.sum()),
            dismissed=int((quarters.rows & due).any(axis=0).sum()),
            left=int((quarters.rows & (stood == LEFT)).sum()),
            regraded=_Regraded(quarter * self._panel.people + people[person], gone[regraded], graded_as[regraded]),
        )

    def _touched(self, bound: int) -> tuple[NDArray[np.intp], _Quarters]:
        """Choose those who may not be as usual under a bound in sixths; the last choice serves for a lower one, too."""
        if bound > self._reach:
            people = np.flatnonzero((self._critical < bound) | self._any_capped)
            self._reach, self._within = bound, (people, self._quarters.of(people))
        people, quarters = self._within
        if bound == self._reach:
            return people, quarters
        places = np.flatnonzero((self._critical[people] < bound) | self._any_capped[people])
        return people[places], quarters.of(places)

    def _capped_scores(self, lowest_bound: int) -> Whole:
        """Score the capped quarters under a lowest bound, (k,) sixths."""
        reading = self._terms.readings.fraud_score
        now, before = (
            grading.score_in_mean(self._capped_months, self._capped_fraud, bound, reading).sum(axis=0)
            for bound in (lowest_bound, self._terms.bounds[-1])
        )
        more: Whole = grading.mean_in_sixths(now - before, self._capped_assessed)
        return self._quarters.score[self._quarters.capped] + more

    def _failed(self, quarters: _Quarters, score: Whole, lowest_grade: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which quarters count towards observation and dismissal."""
        if self._terms.readings.elimination_rule == EliminationRule.lowest_scorer:
            capped = np.where(quarters.capped, score, _NEVER).min(axis=1, initial=_NEVER)
            lowest_grade = score == np.minimum(self._lowest_scores, capped)[:, np.newaxis]
        failed: NDArray[np.bool_] = quarters.scored & lowest_grade
        return failed

    def _standings(
        self, scored: NDArray[np.bool_], failed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """Follow 3.5 through the quarters: the standing in each, and where dismissal is due."""
        readings = self._terms.readings
        stood = np.zeros(scored.shape, dtype=np.int8)
        due = np.zeros(scored.shape, dtype=np.bool_)
        now, run = np.zeros((2, scored.shape[1]), dtype=np.int8)
        for quarter, (assessed, fails) in enumerate(zip(scored, failed, strict=True)):
            stood[quarter] = now
            if self._panel.is_open(quarter):
                continue
            due[quarter] = standing.dismissal_due(now, fails)
            run = standing.next_run(
                run, now, assessed, fails, readings.observation_survived, readings.unassessed_quarter
            )
            now = standing.next_standing(now, run, assessed, fails, self._terms.e_quarters)
        return stood, due

    def _year_ends_without(self, people: NDArray[np.intp], months: _Months, unpaid: NDArray[np.bool_]) -> YearEnds:
        """Correct the years in which a month with an award is not paid."""
        before, usual = self._by_year(months)
        after, number = self._by_year(months._replace(awarded=months.awarded & ~unpaid))
        changed = usual != number
        other = self._panel.other_year_end_bonus[:, people].ravel()[changed]
        return YearEnds(
            np.hstack([before[:, changed], after[:, changed]]),
            np.concatenate([usual[changed], number[changed]]),
            np.tile(other, 2),
            _weights(changed, changed),
        )


def _by_quarter(by_month: NDArray[Any]) -> NDArray[Any]:
    """Split (M, n) months into (Q, 3, n)."""
    return by_month.reshape(-1, MONTHS_A_QUARTER, by_month.shape[1])


def _by_month(by_quarter: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give each month what its quarter has: (M, n)."""
    return np.repeat(by_quarter, MONTHS_A_QUARTER, axis=0)


def _migration(
    scores: list[NDArray[Any]],
    graded: list[NDArray[np.bool_]],
    bounds: list[tuple[int, ...]],
    counted: NDArray[np.bool_],
) -> Whole:
    """Count records by their grade before and after; the last row and column are those not graded."""
    shape = [len(of_side) + 2 for of_side in bounds]
    before, after = (
        np.where(has_grade, grading.grade_of(score, of_side), len(of_side) + 1)[counted]
        for score, has_grade, of_side in zip(scores, graded, bounds, strict=True)
    )
    return np.bincount(before * shape[1] + after, minlength=shape[0] * shape[1]).reshape(shape)


def _join(values: NDArray[Any], away: NDArray[np.bool_], new: NDArray[Any], back: NDArray[np.bool_]) -> NDArray[Any]:
    """Put together the values that are taken away and those that come back."""
    return np.concatenate([values[away], new[back]])


def _weights(away: NDArray[np.bool_], back: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Give the weights that go with `_join`."""
    return np.repeat(np.array([-1, 1], dtype=np.int8), [np.count_nonzero(away), np.count_nonzero(back)])


def _taken_away(scores: NDArray[Any]) -> ScoreCounts:
    return ScoreCounts(scores, np.full(len(scores), -1, dtype=np.int8))
