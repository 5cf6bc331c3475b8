"""The main job: apply a policy to staff data and give the outcome."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cmpolicy.errors import PolicyError
from cmpolicy.messages import Message
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Policy, PolicyBook, load_policy
from cmpolicy.regulation.readings import AfterDismissal, BestRule, ReviewAdjust, SurveyTarget
from cmpolicy.regulation.recognition import BOTH, MEASURES, REVENUE, SERVICE, best_of, best_revenue
from cmpolicy.regulation.standing import LEFT, OBSERVATION, STANDINGS
from cmpolicy.simulation.columns import Arrays, Stages, appraise_columns
from cmpolicy.simulation.terms import MONTHS_A_QUARTER, Version, versions_of
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData
    from cmpolicy.staff.panel import Panel

Engine = Literal["numpy", "numba"]
COST = ("service_bonus", "revenue_bonus", "penalty_not_applied", "payout", "award", "cash_effect", "cost")
CLAUSE_OF_COST = {
    "service_bonus": "3.2",
    "revenue_bonus": "R1",
    "penalty_not_applied": "3.3",
    "payout": "3.3",
    "award": "3.2",
    "cash_effect": "3.2",
    "cost": "3.2, 3.3",
}


def appraise(data: StaffData, policy: Policy | PolicyBook | None = None, *, engine: Engine = "numpy") -> Outcome:
    """Apply every clause of a policy to staff data.

    Parameters
    ----------
    data
        From `read_staff`, `synthesize` or `StaffData.from_frames`.
    policy
        One policy for all quarters, or a book of dated versions; the enacted regulation where it is left out.
    engine
        "numpy" keeps stages, so that a changed policy costs only what the change touches. "numba" (the extra `fast`)
        compiles the same rules and is the faster one for a single run over very many people.

    Returns
    -------
    Outcome
        Tables are made when they are asked for.

    Raises
    ------
    PolicyError
        If a quarter has no version in force, the policy asks for columns that the data lack, or the engine is unknown.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> outcome = cm.appraise(cm.synthesize(staff=4, months=3, seed=1), cm.load_policy("2007-06"))
    >>> list(outcome.years.columns)[:4]
    ['staff_id', 'year', 'service_award', 'cash_effect']
    """
    policy = load_policy(ENACTED) if policy is None else policy
    panel = data.panel
    versions = versions_of(policy, panel)
    if engine == "numba":
        from cmpolicy.simulation.compiled import appraise_compiled

        arrays = appraise_compiled(panel, versions)
    elif engine == "numpy":
        arrays = appraise_columns(panel, versions, data.cached.setdefault("stages", Stages()))
    else:
        raise PolicyError(Message("There is no engine {engine}; there are numpy and numba.", engine=engine))
    return Outcome(data, policy, versions, arrays)


class Outcome:
    """What a policy makes of staff data.

    Attributes
    ----------
    data : StaffData
    policy : Policy or PolicyBook
    versions : tuple of Version
        The versions in force, with their quarters.
    arrays : Arrays
        Every result in exact integers.
    """

    def __init__(
        self, data: StaffData, policy: Policy | PolicyBook, versions: tuple[Version, ...], arrays: Arrays
    ) -> None:
        self.data = data
        self.policy = policy
        self.versions = versions
        self.arrays = arrays

    @property
    def panel(self) -> Panel:
        """The data as the rules saw them."""
        return self.data.panel

    # -- exact results, one row a record ---------------------------------------

    def exact(self, table: str, person: int | None = None) -> dict[str, NDArray[Any]]:
        """Give a table in exact integers.

        Parameters
        ----------
        table
            "months", "quarters", "years" or "recognition".
        person
            Only the rows of this place in `panel.staff_ids`; all people's where it is left out.

        Returns
        -------
        dict of arrays
            The columns of the table: money in fen, a month's score in points, a quarter's in sixths of a point
            (meaningless where the grade is empty); grade and standing as text; month, quarter and year as numbers:
            12 * year + month - 1, 4 * year + quarter - 1, year.
        """
        if table == "recognition":
            return self._exact_recognition(person)
        rows = {"months": self.panel.assessed, "quarters": self.quarter_rows, "years": self.year_rows}[table]
        columns = {"months": self._exact_months, "quarters": self._exact_quarters, "years": self._exact_years}[table]
        if person is None:
            return columns(*np.nonzero(rows.T))
        (number,) = np.nonzero(rows[:, person])
        return columns(np.full(len(number), person), number)

    def _exact_months(self, person: NDArray[np.intp], month: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        arrays = self.arrays
        return {
            "staff_id": self.panel.staff_ids[person],
            "month": self.panel.first_month + month,
            "score": arrays.month_score[month, person].astype(np.int64),
            "grade": self.grade_names(arrays.month_grade[month, person], month // MONTHS_A_QUARTER),
            "award": arrays.award[month, person].astype(np.int64),
        }

    @cached_property
    def quarter_rows(self) -> NDArray[np.bool_]:
        """(Q, n) bool: where a person has a month or a quarter row."""
        panel = self.panel
        return panel.quarter_recorded | panel.assessed.reshape(panel.quarters, MONTHS_A_QUARTER, -1).any(axis=1)

    def _exact_quarters(self, person: NDArray[np.intp], quarter: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        arrays = self.arrays

        def column(array: NDArray[Any]) -> NDArray[Any]:
            picked = array[quarter, person]
            return picked if picked.dtype == np.bool_ else picked.astype(np.int64)

        is_open = np.array([self.panel.is_open(number) for number in range(self.panel.quarters)])
        return {
            "staff_id": self.panel.staff_ids[person],
            "quarter": self.panel.first_quarter + quarter,
            "months_assessed": column(arrays.months_assessed),
            "score": column(arrays.quarter_score),
            "grade": self.grade_names(arrays.quarter_grade[quarter, person], quarter),
            "service_bonus": column(arrays.service_bonus),
            "revenue_bonus": column(arrays.revenue_bonus),
            "payout": column(arrays.payout),
            "penalty_not_applied": column(arrays.penalty_not_applied),
            "standing": np.array(STANDINGS, dtype=object)[arrays.standing[quarter, person]],
            "dismissal_due": column(arrays.dismissal_due),
            "open": is_open[quarter],
        }

    @cached_property
    def year_rows(self) -> NDArray[np.bool_]:
        """(Y, n) bool: where a person has a month row."""
        panel = self.panel
        rows = np.zeros((panel.years, panel.people), dtype=np.bool_)
        for month in range(panel.months):
            rows[panel.year_of(month // MONTHS_A_QUARTER)] |= panel.assessed[month]
        return rows

    def _exact_years(self, person: NDArray[np.intp], year: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        return {
            "staff_id": self.panel.staff_ids[person],
            "year": self.panel.first_year + year,
            "service_award": self.arrays.service_award[year, person],
            "cash_effect": self.arrays.cash_effect[year, person],
        }

    def _exact_recognition(self, only: int | None) -> dict[str, NDArray[Any]]:
        month, measure, person = self.recognised
        if only is not None:
            month, measure, person = month[person == only], measure[person == only], person[person == only]
        return {
            "month": self.panel.first_month + month,
            "measure": np.array(MEASURES, dtype=object)[measure],
            "staff_id": self.panel.staff_ids[person],
        }

    @cached_property
    def recognised(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Who is named best (3.4): numbers of month, measure and person, in that order."""
        found: list[tuple[NDArray[np.intp], int, int]] = []
        for version in self.versions:
            for month in range(MONTHS_A_QUARTER * version.start, MONTHS_A_QUARTER * version.stop):
                service, revenue = self._best_of_month(month, version)
                if version.terms.readings.best_rule == BestRule.both_measures:
                    found.append((np.intersect1d(service, revenue), month, BOTH))
                else:
                    found += [(service, month, SERVICE), (revenue, month, REVENUE)]
        people = np.concatenate([winners for winners, _, _ in found])
        lengths = [len(winners) for winners, _, _ in found]
        months = np.repeat([month for _, month, _ in found], lengths)
        measures = np.repeat([measure for _, _, measure in found], lengths)
        return months, measures, people

    def _best_of_month(self, month: int, version: Version) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        panel, quarter = self.panel, month // MONTHS_A_QUARTER
        eligible = panel.assessed[month]
        if version.terms.readings.after_dismissal == AfterDismissal.stop:
            eligible = eligible & (self.arrays.standing[quarter] != LEFT)
        service = best_of(self.arrays.month_score[month], eligible & ~panel.fraud[month])
        revenue, base, known = panel.revenue_of_month(month)
        metric = version.terms.readings.best_revenue_metric
        return service, best_revenue(revenue, base, eligible & known, metric)

    def grade_names(self, grade: NDArray[np.int8], quarter: NDArray[np.intp]) -> NDArray[Any]:
        """Name grades by the version in force in each quarter; no grade is the empty text."""
        names = np.empty(len(grade), dtype=object)
        for version in self.versions:
            inside = (quarter >= version.start) & (quarter < version.stop)
            names[inside] = np.array([*version.policy.grade_names, ""], dtype=object)[grade[inside]]
        return names

    # -- tables for people -----------------------------------------------------

    @cached_property
    def months(self) -> pd.DataFrame:
        """Months: staff_id, month, score (points), grade, award (yuan), then name and area where known."""
        return self._frame("months", period="month")

    @cached_property
    def quarters(self) -> pd.DataFrame:
        """Quarters with the columns of the rule book's section 3; money in yuan, absent values NaN."""
        return self._frame("quarters", period="quarter")

    @cached_property
    def years(self) -> pd.DataFrame:
        """Years: staff_id, year, service_award and cash_effect (yuan), then name and area where known."""
        return self._frame("years")

    @cached_property
    def recognition(self) -> pd.DataFrame:
        """Who is named best: month, measure, staff_id, then name and area where known."""
        return self._frame("recognition", period="month")

    @cached_property
    def probation(self) -> pd.DataFrame:
        """Probation of everyone with a hire date: planned_end, confirmed_on, and pay in yuan (P1-P(2)).

        Raises
        ------
        CalendarError
            If the calendar does not know the year in which someone with a probation wage joined.
        """
        import pandas as pd

        from cmpolicy.simulation.probation import appraise_probation

        columns = appraise_probation(self.data, self._latest.policy)
        frame = pd.DataFrame(columns)
        frame["staff_id"] = frame["staff_id"].astype("str")
        for name in ("planned_end", "confirmed_on"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
        for name in ("first_month_pay", "festival_allowance"):
            frame[name] = pd.Series(columns[name], dtype="Float64") / FEN_PER_YUAN
            frame[name] = frame[name].astype("float64")
        return self._with_people(frame)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name; `probation` where the data have hire dates."""
        tables = {"months": self.months, "quarters": self.quarters, "years": self.years}
        tables["recognition"] = self.recognition
        if not np.isnat(self.panel.hired).all():
            tables["probation"] = self.probation
        return tables

    def of_person(self, staff_id: str) -> dict[str, pd.DataFrame]:
        """Give one person's rows of months, quarters and years.

        Raises
        ------
        DataError
            For an unknown staff id; names the nearest one.
        """
        person = self.data.place_of(staff_id)
        return {
            "months": self._frame("months", "month", person),
            "quarters": self._frame("quarters", "quarter", person),
            "years": self._frame("years", person=person),
        }

    @property
    def _latest(self) -> Version:
        return self.versions[-1]

    def _frame(self, table: str, period: str | None = None, person: int | None = None) -> pd.DataFrame:
        import pandas as pd

        columns: dict[str, Any] = self.exact(table, person)
        for name in ("award", "service_bonus", "revenue_bonus", "payout", "penalty_not_applied"):
            if name in columns:
                columns[name] = columns[name] / FEN_PER_YUAN
        for name in ("service_award", "cash_effect"):
            if name in columns:
                columns[name] = columns[name] / FEN_PER_YUAN
        if "score" in columns:
            score = columns["score"] / (SIXTHS if table == "quarters" else 1)
            columns["score"] = np.where(columns["grade"] == "", np.nan, score)
        if "grade" in columns:
            columns["grade"] = pd.Series(columns["grade"], dtype="str").replace("", np.nan)
        numbers = columns.get(period) if period else None
        if numbers is not None and period:
            columns[period] = period_names(numbers, period)
        frame = pd.DataFrame(columns)
        for name in {"staff_id", "standing", "measure", "month", "quarter"} & set(frame.columns):
            frame[name] = frame[name].astype("str")
        return self._with_people(frame, numbers, period)

    def _with_people(
        self, frame: pd.DataFrame, numbers: NDArray[Any] | None = None, period: str | None = None
    ) -> pd.DataFrame:
        """Set name and area at the right, where the data have them."""
        import pandas as pd

        places = self.data.places
        people = np.array([places[staff_id] for staff_id in frame["staff_id"]], dtype=np.intp)
        for name, values in self.data.people_columns(people, numbers, period).items():
            frame[name] = pd.Series(values, dtype="str")
        return frame

    # -- totals ----------------------------------------------------------------

    @cached_property
    def cost(self) -> dict[str, int]:
        """Totals in fen by component; cost is payout plus cash effect."""
        arrays, rows, years = self.arrays, self.quarter_rows, self.year_rows
        total = {
            name: int(getattr(arrays, name).sum(where=rows, dtype=np.int64))
            for name in ("service_bonus", "revenue_bonus", "penalty_not_applied", "payout")
        }
        total["award"] = int(arrays.service_award.sum(where=years))
        total["cash_effect"] = int(arrays.cash_effect.sum(where=years))
        total["cost"] = total["payout"] + total["cash_effect"]
        return total

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """(Q, n) bool: where a person counts in grade mixes, which one whom the policy dismissed does not."""
        counted = self.quarter_rows.copy()
        for version in self.versions:
            if version.terms.readings.after_dismissal == AfterDismissal.stop:
                counted[version.start : version.stop] &= self.arrays.standing[version.start : version.stop] != LEFT
        return counted

    def grade_counts(self, table: Literal["months", "quarters"]) -> dict[str, int]:
        """Count the grades of months or quarters, best first, without those whom the policy dismissed."""
        counts: dict[str, int] = {}
        for version in self.versions:
            quarters = slice(version.start, version.stop)
            counted, grade = self.counted[quarters], self.arrays.quarter_grade[quarters]
            if table == "months":
                months = slice(MONTHS_A_QUARTER * version.start, MONTHS_A_QUARTER * version.stop)
                counted, grade = np.repeat(counted, MONTHS_A_QUARTER, axis=0), self.arrays.month_grade[months]
            for number, name in enumerate(version.policy.grade_names):
                counts[name] = counts.get(name, 0) + int(np.count_nonzero((grade == number) & counted))
        return counts

    @cached_property
    def standing_counts(self) -> dict[str, int]:
        """Count staff-quarters under observation, people dismissed, and staff-quarters after a dismissal."""
        stood = self.arrays.standing[self.quarter_rows]
        return {
            "observed": int((stood == OBSERVATION).sum()),
            "dismissed": int((self.arrays.dismissal_due & self.quarter_rows).any(axis=0).sum()),
            "left": int((stood == LEFT).sum()),
        }

    @cached_property
    def figures(self) -> dict[str, int]:
        """People, records, grades, standing and cost (fen) in exact integers; those of separate people add up."""
        counts = {
            "people": int((self.quarter_rows.any(axis=0)).sum()),
            "months_assessed": int(self.panel.assessed.sum()),
            "quarters": int(self.quarter_rows.sum()),
        }
        counts |= {f"quarter_grade_{name}": number for name, number in self.grade_counts("quarters").items()}
        counts |= {f"month_grade_{name}": number for name, number in self.grade_counts("months").items()}
        return counts | self.standing_counts | self.cost

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a figure: people, records, grades, standing and cost (yuan), with the clause behind each."""
        return summary_of(self.figures)

    @cached_property
    def notes(self) -> tuple[Message, ...]:
        """What the reader of the outcome should know: notes on the data and on how the policy met them."""
        return (*self.data.notes, *self.panel.notes, *self._notes())

    def _notes(self) -> list[Message]:
        panel, notes = self.panel, []
        unknown = int((self.quarter_rows & ~panel.revenue_known).sum())
        if unknown:
            text = Message(
                "Staff-quarters without a revenue figure: {count}. Their revenue bonus is 0 (R1).", count=unknown
            )
            notes.append(text)
        for version in self.versions:
            quarters = slice(version.start, version.stop)
            limit = version.policy.review.limit
            each = version.terms.readings.review_adjust == ReviewAdjust.each
            recorded = (panel.supervisor, panel.manager) if each else (panel.review,)
            clipped = sum(int((np.abs(column[quarters]) > limit).sum()) for column in recorded)
            if clipped:
                notes.append(
                    Message(
                        "Review adjustments beyond the limit of {limit}, which are clipped to it (2.9): {count}.",
                        count=clipped,
                        limit=limit,
                    )
                )
            if version.terms.readings.survey_target == SurveyTarget.survey_month:
                lost = self._surveys_of_unassessed_months(quarters)
                if lost:
                    notes.append(
                        Message(
                            "Surveys in months that were not assessed: {count}. Under survey_month they add nothing "
                            "(2.10).",
                            count=lost,
                        )
                    )
        # From the book, not from the versions in force: one that begins in the last quarter is in force in none.
        for policy in self.policy.policies if isinstance(self.policy, PolicyBook) else ():
            start = policy.effective_from
            quarter = (12 * start.year + start.month - 1) // MONTHS_A_QUARTER - panel.first_quarter
            if 0 <= quarter < panel.quarters and (start.day, start.month % MONTHS_A_QUARTER) != (1, 1):
                notes.append(
                    Message(
                        "Policy {id} begins on {day}, inside a quarter; it applies from the next quarter.",
                        id=policy.id,
                        day=start,
                    )
                )
        return notes

    def _surveys_of_unassessed_months(self, quarters: slice) -> int:
        surveys, panel = self.panel.surveys, self.panel
        layers, quarter, person = np.nonzero(surveys.sampled[:, quarters] > 0)
        quarter += quarters.start
        month = MONTHS_A_QUARTER * quarter + surveys.month_of_quarter[layers, quarter, person]
        return int((~panel.assessed[month, person]).sum())

    def __repr__(self) -> str:
        name = self.policy.id if isinstance(self.policy, Policy) else repr(self.policy)
        cost = self.cost["cost"] / FEN_PER_YUAN
        return f"<Outcome of {name}: {self.panel.people} people, {self.panel.quarters} quarters, cost {cost:,.2f} yuan>"


def summary_of(figures: Mapping[str, int]) -> pd.DataFrame:
    """Lay `Outcome.figures` out as a table, with the clause behind each; money in yuan."""
    import pandas as pd

    clauses = {"people": "", "months_assessed": "2.1", "observed": "3.5", "dismissed": "3.5", "left": "3.5"}
    clauses |= CLAUSE_OF_COST
    rows = [
        (name, clauses.get(name, "3.1"), number / FEN_PER_YUAN if name in COST else number)
        for name, number in figures.items()
    ]
    return pd.DataFrame(rows, columns=["figure", "clause", "value"]).set_index("figure")
