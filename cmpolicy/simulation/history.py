"""What a forecast takes from staff data: everyone's past quarters, and what each policy makes of them.

All of it is a person's own or adds up. So it can be taken from partitions one after the other and joined, and is then
what it would have been with all people at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.regulation import pay, standing
from cmpolicy.regulation.readings import AfterDismissal, EliminationRule, ProbationBonus, RevenueBelowBase
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.columns import Stages, appraise_columns
from cmpolicy.simulation.effort import SUM, with_effort
from cmpolicy.simulation.terms import (
    MONTHS_A_QUARTER,
    complete_quarters,
    first_day,
    first_regular_month,
    versions_in_force,
    versions_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.regulation.readings import AnnualNegative
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.columns import Arrays
    from cmpolicy.simulation.terms import Version
    from cmpolicy.staff.data import StaffData
    from cmpolicy.staff.panel import Panel

    Whole = NDArray[np.int64]
    History = Mapping[str, NDArray[Any]]

SEASONS = 4
STATE = ("standing", "run", "carried", "awarded", "other_bonus")
FAILED, SCORED = (np.uint8(2), np.uint8(4))
_NEVER_OBSERVED = int(np.iinfo(np.int8).max)
_SAME = ("start", "quarters", "begun")


@dataclass(frozen=True)
class Recall:
    """Takes the history from staff data, or from one partition of them.

    Attributes
    ----------
    policies : tuple of Policy or PolicyBook
        The first one says how well people do.
    horizon : int
        How many coming quarters there are to draw.
    factors : tuple of float
        By how many times people gain users under each policy.
    seed : int
        Of what these factors leave to chance.
    """

    policies: tuple[Policy | PolicyBook, ...]
    horizon: int
    factors: tuple[float, ...]
    seed: int

    def __call__(self, data: StaffData) -> History:
        """Take the history of n people over Q complete quarters.

        Returns
        -------
        dict of arrays
            start, quarters, begun: 4 * year + quarter - 1 of the first coming quarter, Q, and whether the data end
            inside that quarter.

            usable, scored : (Q, n) bool, where there is a record of a whole quarter in service, and with a score.
            score : (Q, n) int, sixths of a point, 0 where there is none.
            in_post : (n,) bool, at the end of the data; area : (n,) int, a place in `areas`, -1 for none.
            revenue, base : (Q, n) int, fen.

            Of each policy by its number, as "0 standing": `STATE`, (n,) int as in `State`.
            Of each version by its first day, as "0 2007-06-01 award": service_bonus and award, (Q, n) int in fen, and
            flags, (Q, n) uint8, whether the quarter failed and has a score.

            sum of rows : staff-quarters before the last, and those after which a person has no record any more, unless
            the first policy dismisses them then.
            sum of bases : fen of revenue bases, and of the same people's a year later.
            sum of unknown : staff-quarters on record, and those of them without a revenue figure.
            sum of totals 0 : (Q, 5) fen that the first policy pays, of what `Records` has and of the cash effect.
            sum of unpaid 0 : staff-quarters on record that the first policy does not pay, as they are after a
            dismissal.
        """
        panel, quarters = data.panel, complete_quarters(data.panel)
        outcome = appraise(data, self.policies[0])
        rows = outcome.quarter_rows[:quarters]
        usable = rows & ~_partial(panel, rows) & self._regular(panel, quarters)
        scored = usable & outcome.arrays.scored[:quarters]
        in_post = rows[-1:].any(axis=0) & ~_has_left(outcome, quarters)
        area, areas = _areas(data, in_post, panel.first_quarter + quarters - 1)
        found = {
            "start": np.array(panel.first_quarter + quarters),
            "quarters": np.array(quarters),
            "begun": np.array(quarters < panel.quarters),
            "usable": usable,
            "scored": scored,
            "score": np.where(scored, outcome.arrays.quarter_score[:quarters], 0),
            "in_post": in_post,
            "area": area,
            "areas": areas,
            "revenue": panel.revenue[:quarters],
            "base": panel.base[:quarters],
            f"{SUM}rows": _leavers(rows, _dismissed(outcome)[:quarters]),
            f"{SUM}bases": _bases(panel, quarters),
            f"{SUM}unknown": np.array([rows.sum(), (rows & ~panel.revenue_known[:quarters]).sum()]),
        }
        for number, (policy, factor) in enumerate(zip(self.policies, self.factors, strict=True)):
            happened = outcome if number == 0 else appraise(data, policy)
            state = _state(happened, quarters)
            found |= {f"{number} {name}": column for name, column in zip(STATE, state, strict=True)}
            found[f"{SUM}totals {number}"] = _totals(happened, quarters)
            found[f"{SUM}unpaid {number}"] = _unpaid(happened, quarters)
            resampled = with_effort(data, factor, self.seed)
            in_force = versions_in_force(policy, panel.first_quarter + quarters, self.horizon)
            for version in dict.fromkeys(in_force):
                columns = _records(resampled, version, quarters)
                found |= {f"{number} {version.effective_from} {name}": column for name, column in columns.items()}
        return found

    def _regular(self, panel: Panel, quarters: int) -> NDArray[np.bool_]:
        """(Q, n): the quarters without a month on probation, where a policy withholds money in those."""
        regular = np.ones((quarters, panel.people), dtype=np.bool_)
        first_month = panel.first_month + MONTHS_A_QUARTER * np.arange(quarters)[:, np.newaxis]
        for policy in self.policies:
            for version in versions_in_force(policy, panel.first_quarter + quarters, self.horizon):
                if version.readings.probation_bonus == ProbationBonus.none:
                    regular &= first_month >= first_regular_month(panel, version.probation.months)
        return regular


def joined(parts: Sequence[History]) -> History:
    """Join the histories of separate people, or other figures that add up, in their order."""
    found: dict[str, NDArray[Any]] = {}
    for name, column in parts[0].items():
        if name in _SAME:
            found[name] = column
        elif name.startswith(SUM):
            found[name] = np.sum([part[name] for part in parts], axis=0)
        elif name == "area":
            numbers = [len(part["areas"]) for part in parts]
            before = np.cumsum(numbers) - numbers
            areas = [
                np.where(part[name] < 0, -1, part[name] + first) for part, first in zip(parts, before, strict=True)
            ]
            found[name] = np.concatenate(areas)
        else:
            found[name] = np.concatenate([part[name] for part in parts], axis=-1)
    return found


# -- who is there ------------------------------------------------------------------------------------------------------


def _has_left(outcome: Outcome, quarters: int) -> NDArray[np.bool_]:
    """(n,): who has left by the end of the last complete quarter, by the leave date."""
    panel = outcome.panel
    table = outcome.data.tables.get("staff")
    gone = np.zeros(panel.people, dtype=np.bool_)
    if table is not None and "leave_date" in table.columns:
        end = first_day(panel.first_month + MONTHS_A_QUARTER * quarters)
        gone[table.columns["staff_id"]] = table.columns["leave_date"] < np.datetime64(end)
    return gone


def _partial(panel: Panel, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(Q, n): the quarters in which people came or went, so that they are no picture of a whole one."""
    quarters = len(rows)
    assessed = panel.assessed[: MONTHS_A_QUARTER * quarters]
    months = assessed.reshape(quarters, MONTHS_A_QUARTER, panel.people).sum(axis=1)
    before = np.logical_or.accumulate(rows, axis=0)
    after = np.logical_or.accumulate(rows[::-1], axis=0)[::-1]
    edge = np.zeros_like(rows)
    edge[1:] |= ~before[:-1]
    edge[:-1] |= ~after[1:]
    partial: NDArray[np.bool_] = edge & (months < MONTHS_A_QUARTER)
    return partial


def _areas(data: StaffData, in_post: NDArray[np.bool_], quarter: int) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Give the place of everyone's area among the names, -1 for who has none or is not in post."""
    import pandas as pd

    area, people = np.full(len(in_post), -1, dtype=np.int32), np.flatnonzero(in_post)
    named = data.people_columns(people, np.full(len(people), quarter), "quarter").get("area")
    if named is None or not len(people):
        return area, np.empty(0, dtype="U1")
    area[people], names = pd.factorize(pd.Series(named, dtype="str"))
    return area, names.to_numpy(dtype=object).astype("U")


def _leavers(rows: NDArray[np.bool_], dismissed: NDArray[np.bool_]) -> Whole:
    """Count staff-quarters before the last, and those after which someone has left by themselves."""
    after = np.logical_or.accumulate(rows[::-1], axis=0)[::-1]
    left = rows[:-1] & ~after[1:] & ~dismissed[:-1]
    return np.array([rows[:-1].sum(), left.sum()], dtype=np.int64)


def _dismissed(outcome: Outcome) -> NDArray[np.bool_]:
    """(Q, n): the quarters at whose end the policy makes someone go, and not only on paper."""
    due = outcome.arrays.dismissal_due.copy()
    for version in outcome.versions:
        if version.terms.readings.after_dismissal != AfterDismissal.stop:
            due[version.start : version.stop] = False
    return due


def _bases(panel: Panel, quarters: int) -> Whole:
    """Add up the revenue bases of those who have one in two quarters a year apart."""
    sums = np.zeros(2, dtype=np.int64)
    for quarter in range(SEASONS, quarters):
        earlier, later = panel.base[quarter - SEASONS], panel.base[quarter]
        both = (earlier > 0) & (later > 0)
        sums += [one.sum(where=both, dtype=np.int64) for one in (earlier, later)]
    return sums


# -- what a policy makes of it -----------------------------------------------------------------------------------------


def _records(data: StaffData, policy: Policy, quarters: int) -> dict[str, NDArray[Any]]:
    """Appraise the past quarters under one version, as if nobody were ever observed or dismissed."""
    version = versions_of(policy, data.panel)[0]
    nobody_observed = version._replace(terms=version.terms._replace(e_quarters=_NEVER_OBSERVED))
    arrays = appraise_columns(data.panel, (nobody_observed,), data.cached.setdefault("stages", Stages()))
    flags = FAILED * _failed(arrays, (version,), quarters) + SCORED * arrays.scored[:quarters]
    return {
        "service_bonus": arrays.service_bonus[:quarters],
        "award": _award_by_quarter(arrays, quarters),
        "flags": flags.astype(np.uint8),
    }


def _totals(outcome: Outcome, quarters: int) -> Whole:
    """(Q, 5) fen that an outcome's quarters cost; the version of a year's last quarter settles the cash effect."""
    panel, arrays = outcome.panel, outcome.arrays
    award = _award_by_quarter(arrays, quarters)
    years = [panel.year_of(quarter) for quarter in range(quarters)]
    settled = {
        panel.year_of(quarter): version.terms.readings.annual_negative
        for version in outcome.versions
        for quarter in range(version.start, version.stop)
    }
    readings = [settled[year] for year in years]
    cash = cash_by_quarter(award, panel.first_quarter, panel.other_year_end_bonus[years], readings)
    paid = (arrays.service_bonus, arrays.revenue_bonus, arrays.payout, award, cash)
    return np.stack([column[:quarters].sum(axis=1, dtype=np.int64) for column in paid], axis=1)


def _unpaid(outcome: Outcome, quarters: int) -> Whole:
    """Count the staff-quarters on record that are not paid, as they are after a dismissal."""
    unpaid = 0
    for version in outcome.versions:
        if version.terms.readings.after_dismissal == AfterDismissal.stop:
            within = slice(version.start, min(version.stop, quarters))
            unpaid += int((outcome.quarter_rows[within] & (outcome.arrays.standing[within] == standing.LEFT)).sum())
    return np.array(unpaid)


def _award_by_quarter(arrays: Arrays, quarters: int) -> NDArray[np.int32]:
    """(Q, n) fen."""
    months = arrays.award[: MONTHS_A_QUARTER * quarters]
    by_quarter = months.reshape(quarters, MONTHS_A_QUARTER, months.shape[1])
    found: NDArray[np.int32] = by_quarter.sum(axis=1, dtype=np.int32)  # three always fit
    return found


def cash_by_quarter(award: NDArray[Any], first_quarter: int, other: Whole, readings: Sequence[AnnualNegative]) -> Whole:
    """(Q, n) fen: by how much each quarter moves the cash effect of its year, which is read as its reading says."""
    effect = np.empty(award.shape, dtype=np.int64)
    awarded = np.zeros(award.shape[1], dtype=np.int64)
    for quarter, reading in enumerate(readings):
        if (first_quarter + quarter) % SEASONS == 0:
            awarded = np.zeros_like(awarded)
        before = pay.cash_effect(awarded, other[quarter], reading)
        awarded = awarded + award[quarter]
        effect[quarter] = pay.cash_effect(awarded, other[quarter], reading) - before
    return effect


def _state(outcome: Outcome, quarters: int) -> tuple[NDArray[Any], ...]:
    """Follow everyone through the complete quarters of the data."""
    arrays, panel = outcome.arrays, outcome.panel
    failed, rows = _failed(arrays, outcome.versions, quarters), outcome.quarter_rows
    stood, run = (np.zeros(panel.people, dtype=np.int8) for _ in range(2))
    carried = np.zeros(panel.people, dtype=np.int64)
    for version in outcome.versions:
        readings = version.terms.readings
        for quarter in range(version.start, min(version.stop, quarters)):
            fails, scored = failed[quarter], arrays.scored[quarter]
            due = standing.dismissal_due(stood, fails)
            if readings.revenue_below_base == RevenueBelowBase.carried:
                carried = pay.penalty_carried(carried, arrays.penalty_not_applied[quarter], rows[quarter], due)
            run = standing.next_run(
                run, stood, scored, fails, readings.observation_survived, readings.unassessed_quarter
            )
            stood = standing.next_standing(stood, run, scored, fails, version.terms.e_quarters)
    first = max(0, quarters - (panel.first_quarter + quarters) % SEASONS)
    awarded = arrays.award[MONTHS_A_QUARTER * first : MONTHS_A_QUARTER * quarters].sum(axis=0, dtype=np.int64)
    return stood, run, carried, awarded, _last(panel.other_year_end_bonus)


def _failed(arrays: Arrays, versions: tuple[Version, ...], quarters: int) -> NDArray[np.bool_]:
    """(Q, n): the quarters that count as E for 3.5."""
    failed = np.zeros((quarters, arrays.scored.shape[1]), dtype=np.bool_)
    for version in versions:
        for quarter in range(version.start, min(version.stop, quarters)):
            if version.terms.readings.elimination_rule == EliminationRule.lowest_scorer:
                failed[quarter] = standing.is_lowest(arrays.quarter_score[quarter], arrays.scored[quarter])
            else:
                failed[quarter] = arrays.quarter_grade[quarter] == version.terms.lowest_grade
    return failed


def _last(bonus: Whole) -> Whole:
    """Give the last other year-end bonus of each person, 0 where none is known."""
    last = np.zeros(bonus.shape[1], dtype=np.int64)
    for of_year in bonus:
        last = np.where(of_year > 0, of_year, last)
    return last
