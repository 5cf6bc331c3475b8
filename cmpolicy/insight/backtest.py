"""The rules replayed on history: where payroll paid something else, and what simple thing would explain it (3.3)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, DataError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation import pay
from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Policy, PolicyBook, load_policy
from cmpolicy.regulation.readings import READINGS
from cmpolicy.regulation.standing import LEFT
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.effects import reason_of
from cmpolicy.staff.data import period_names
from cmpolicy.staff.schema import ABSENT_MONEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.terms import Version
    from cmpolicy.staff.data import StaffData

NOT_RECORDED = ABSENT_MONEY


class Habit(NamedTuple):
    """Something simple that payroll may do otherwise: values set otherwise, or the payout rounded otherwise."""

    clause: str
    text: Message
    changes: dict[str, object]
    rounded: Callable[[Any], Any] | None = None


def _whole_yuan(fen: NDArray[np.int64]) -> NDArray[np.int64]:
    rounded: NDArray[np.int64] = round_half_up(fen, FEN_PER_YUAN) * FEN_PER_YUAN
    return rounded


def _without_fen(fen: NDArray[np.int64]) -> NDArray[np.int64]:
    cut: NDArray[np.int64] = np.sign(fen) * (abs(fen) // FEN_PER_YUAN * FEN_PER_YUAN)  # towards nought
    return cut


HABITS = (
    Habit("2.9", Message("the reviewers' points are left out"), {"review.limit": 0}),
    Habit("2.10", Message("the survey points are left out"), {"survey.points": 0}),
    Habit("R1", Message("the revenue bonus or penalty is left out"), {"revenue.rate": 0}),
    Habit("R1", Message("the share of one of two managers is not applied"), {"revenue.manager_share": 1}),
    Habit("3.3", Message("the payout is rounded to whole yuan"), {}, _whole_yuan),
    Habit("3.3", Message("the fen of the payout are cut off"), {}, _without_fen),
)
"""Beside the readings, which hold the other habits: the mean rounded, no thirds for missing months, no limit."""


class _Cause(NamedTuple):
    """What is likeliest behind one difference; the text is an object, so that it follows the language."""

    clause: str
    setting: str
    text: object


class Candidate(NamedTuple):
    """One explanation that was tried: what payroll would do otherwise, and what of the differences then remains.

    Attributes
    ----------
    changes : dict
        The values that are set otherwise; empty where only the payout is rounded otherwise.
    clause : str
    habit : Habit or None
        None for a reading.
    vanished : (differences,) bool
        Which of the differences there are no longer.
    created : int
        Quarters that agreed and then differ.
    moved : int
        Compared quarters whose payout it changes.
    restated : int
        Quarters whose grade or standing it changes.
    reason : Message or None
        Why it cannot be computed on these data.
    """

    changes: dict[str, object]
    clause: str
    habit: Habit | None
    vanished: NDArray[np.bool_]
    created: int = 0
    moved: int = 0
    restated: int = 0
    reason: Message | None = None

    @property
    def net(self) -> int:
        """By how many the differences become fewer."""
        return int(self.vanished.sum()) - self.created

    @property
    def setting(self) -> str:
        """The change as it is typed, `PATH=VALUE`; empty where it is a rounding."""
        return ", ".join(f"{path}={value}" for path, value in self.changes.items())

    @property
    def parts(self) -> tuple[str, ...]:
        """What payroll would do, in the language in use; of a reading the question and the option."""
        if self.habit is not None:
            return (str(self.habit.text),)
        ((path, option),) = self.changes.items()
        text = reading_text(path.partition(".")[2])
        return text.question, text.options[str(option)]

    def __str__(self) -> str:
        """Say what payroll would do, in the language in use."""
        question, *option = self.parts
        return ("" if question.endswith("？") else " ").join((question, *option))


def backtest(data: StaffData, policy: Policy | PolicyBook | None = None) -> Backtest:
    """Replay the rules on history and compare each quarter's payout with what payroll paid, to the fen (3.3).

    Compared is the column `paid` of `quarters`. Left out, and counted, are quarters in which the data end, since their
    payout is not final, and quarters without a figure. Quarters after a dismissal of 3.5 are compared: the rules pay
    nothing there.

    Each option of each reading, and each of `HABITS`, is tried alone as an explanation. The one that leaves the fewest
    differences is first; of equals the one that creates fewer, then the one that changes fewer grades and standings
    beside the pay, then a reading before a habit, then the rule book's order.

    Parameters
    ----------
    data
    policy
        One policy, or a book of dated versions; the enacted regulation where it is left out.

    Raises
    ------
    DataError
        If there is nothing to compare with: no column `paid`, or no figure in a quarter that has ended.
    PolicyError
        If the policy asks for what the data do not have.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> frames = {"months": cm.synthesize(staff=40, months=12, seed=1).frame("months")}
    >>> secret = cm.load_policy("2007-06").with_changes({"readings.band_rule": "round_half_up"})
    >>> paid = cm.appraise(cm.StaffData.from_frames(frames), secret).quarters[["staff_id", "quarter", "payout"]]
    >>> frames["quarters"] = paid.rename(columns={"payout": "paid"})
    >>> backtest(cm.StaffData.from_frames(frames)).best.setting
    'readings.band_rule=round_half_up'
    """
    policy = load_policy(ENACTED) if policy is None else policy
    return Backtest(appraise(data, policy))


class Backtest:
    """What payroll paid beside what the rules give.

    Attributes
    ----------
    outcome : Outcome
        The rules replayed.
    paid : (Q, n) int64
        Fen; `NOT_RECORDED` where there is no figure.
    compared : (Q, n) bool
        Where there is something to compare with.
    """

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.paid = _paid(outcome.data)
        panel = outcome.panel
        ended = np.array([not panel.is_open(quarter) for quarter in range(panel.quarters)])[:, None]
        self._recorded = self.paid != NOT_RECORDED
        self.compared = self._recorded & ended
        if not self.compared.any():
            raise _nothing_to_compare(outcome.data, open_only=bool(self._recorded.any()))
        self._differs = self.compared & (self.paid != outcome.arrays.payout)
        # In the order of the tables: by person, then by quarter.
        self._person, self._quarter = np.nonzero(self._differs.T)

    @property
    def counts(self) -> dict[str, int]:
        """Staff-quarters: compared, agreeing, differing; left out as without a figure or open; after a dismissal."""
        rows = self.outcome.quarter_rows
        left = self.outcome.arrays.standing == LEFT
        return {
            "compared": int(self.compared.sum()),
            "agreeing": int((self.compared & ~self._differs).sum()),
            "differing": int(self._differs.sum()),
            "without_figure": int((rows & ~self._recorded).sum()),
            "open": int((self._recorded & ~self.compared).sum()),
            "after_dismissal": int((self.compared & left).sum()),
        }

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """What was tried and moves a compared payout, the best explanation first; at the end what cannot be tried."""
        tried = list(self._try())
        computed = [one for one in tried if one.reason is None and one.moved]
        computed.sort(key=lambda one: (-one.net, one.created, one.restated, one.habit is not None))
        return (*computed, *(one for one in tried if one.reason is not None))

    @property
    def best(self) -> Candidate | None:
        """The first candidate, if it leaves fewer differences than there are."""
        first = next(iter(self.candidates), None)
        return first if first is not None and first.reason is None and first.net > 0 else None

    @property
    def equals(self) -> tuple[Candidate, ...]:
        """Other candidates that explain exactly what the best one does: these data cannot tell them apart."""
        best = self.best
        if best is None:
            return ()
        return tuple(
            one
            for one in self.candidates[1:]
            if one.reason is None
            and (one.created, one.moved) == (best.created, best.moved)
            and np.array_equal(one.vanished, best.vanished)
        )

    @property
    def ranking(self) -> pd.DataFrame:
        """The candidates as a table, the best first.

        Columns: setting (as it is typed; empty for a rounding), clause, meaning, vanished, created, net,
        quarters_moved, and reason: why it cannot be computed, the figures are then absent.
        """
        import pandas as pd

        rows = [
            (one.setting, one.clause, str(one), *_figures_of(one), "" if one.reason is None else str(one.reason))
            for one in self.candidates
        ]
        figures = ("vanished", "created", "net", "quarters_moved")
        frame = pd.DataFrame(rows, columns=["setting", "clause", "meaning", *figures, "reason"])
        texts = dict.fromkeys(("setting", "clause", "meaning", "reason"), "str")
        return frame.astype(texts | dict.fromkeys(figures, "Int64"))

    @property
    def differences(self) -> pd.DataFrame:
        """Every quarter that payroll paid otherwise.

        Columns: staff_id, quarter, paid, computed and difference (paid - computed; yuan), grade and standing as
        computed, clause (the likeliest behind it; empty for a slip of typing), setting (of the candidate that explains
        it, if one does) and explanation, then name and area where known.
        """
        import pandas as pd

        outcome, person, quarter = self.outcome, self._person, self._quarter
        paid, computed = self.paid[quarter, person], outcome.arrays.payout[quarter, person]
        numbers = outcome.panel.first_quarter + quarter
        exact = outcome.exact("quarters")
        row_of = np.cumsum(outcome.quarter_rows.T.ravel()) - 1
        rows = row_of[person * outcome.panel.quarters + quarter]
        frame = pd.DataFrame(
            {
                "staff_id": pd.Series(outcome.panel.staff_ids[person], dtype="str"),
                "quarter": pd.Series(period_names(numbers, "quarter"), dtype="str"),
                "paid": paid / FEN_PER_YUAN,
                "computed": computed / FEN_PER_YUAN,
                "difference": (paid - computed) / FEN_PER_YUAN,
                "grade": pd.Series(exact["grade"][rows], dtype="str"),
                "standing": pd.Series(exact["standing"][rows], dtype="str"),
                "clause": pd.Series([cause.clause for cause in self._causes], dtype="str"),
                "setting": pd.Series([cause.setting for cause in self._causes], dtype="str"),
                "explanation": pd.Series([str(cause.text) for cause in self._causes], dtype="str"),
            }
        )
        for name, values in outcome.data.people_columns(person, numbers, "quarter").items():
            frame[name] = pd.Series(values, dtype="str")
        return frame

    @property
    def answer(self) -> tuple[Message, ...]:
        """What was found, in sentences."""
        counts, best = self.counts, self.best
        differing = counts["differing"]
        said = [
            Message(
                "Quarters that differ from what payroll paid: {differing} of {compared} compared.",
                compared=counts["compared"],
                differing=differing,
            )
        ]
        if best is not None:
            said.append(
                Message(
                    "With “{explanation}” ({clause}), differences that vanish: {vanished} of {differing}; new ones: "
                    "{created}.",
                    explanation=best,
                    clause=best.clause,
                    vanished=int(best.vanished.sum()),
                    differing=differing,
                    created=best.created,
                )
            )
            said += [
                Message(
                    "These data cannot tell it from “{explanation}” ({clause}).",
                    explanation=one,
                    clause=one.clause,
                )
                for one in self.equals
            ]
        elif differing:
            said.append(Message("No single reading or habit explains more differences than it creates."))
        return tuple(said)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was not compared, and what was although the rules pay nothing there."""
        counts, reading = self.counts, reading_text("after_dismissal")
        said = [
            (
                counts["without_figure"],
                Message(
                    "Quarters without a figure in the column paid, not compared: {count}.",
                    count=counts["without_figure"],
                ),
            ),
            (
                counts["open"],
                Message("Quarters that are not over when the data end, not compared: {count}.", count=counts["open"]),
            ),
            (
                counts["after_dismissal"],
                Message(
                    "Compared quarters after a dismissal of 3.5: {count}. What the rules pay there is a reading "
                    "({id}): “{question}”",
                    count=counts["after_dismissal"],
                    question=reading.question,
                    id=reading.id,
                ),
            ),
        ]
        return tuple(message for count, message in said if count)

    def __repr__(self) -> str:
        counts = self.counts
        return f"<Backtest: {counts['differing']} of {counts['compared']} quarters differ>"

    # -- explanations ----------------------------------------------------------

    def _try(self) -> Iterator[Candidate]:
        """Try every reading and every habit alone."""
        data, policy = self.outcome.data, self.outcome.policy
        for reading, options in READINGS.items():
            clause = ", ".join(reading_text(reading).clauses)
            for option in options.__members__:
                yield self._tried(data, policy, {f"readings.{reading}": option}, clause)
        for habit in HABITS:
            yield self._tried(data, policy, habit.changes, habit.clause, habit)

    def _tried(
        self,
        data: StaffData,
        policy: Policy | PolicyBook,
        changes: dict[str, object],
        clause: str,
        habit: Habit | None = None,
    ) -> Candidate:
        try:
            # The policy's own stages are touched between any two others, so that they are never the ones let go.
            before = appraise(data, policy).arrays
            after = appraise(data, _changed(policy, changes)).arrays if changes else before
        except CmpolicyError as error:
            nothing = np.zeros(len(self._person), dtype=np.bool_)
            return Candidate(changes, clause, habit, nothing, reason=reason_of(error))
        payout = after.payout if habit is None or habit.rounded is None else habit.rounded(after.payout)
        moved = (payout != before.payout) & self.compared
        restated = (after.quarter_grade != before.quarter_grade) | (after.standing != before.standing)
        return Candidate(
            changes,
            clause,
            habit,
            vanished=(payout == self.paid)[self._quarter, self._person],
            created=int((moved & ~self._differs).sum()),
            moved=int(moved.sum()),
            restated=int((restated & self.outcome.quarter_rows).sum()),
        )

    @cached_property
    def _causes(self) -> list[_Cause]:
        """Give the cause of each difference: what explains the most differences goes first."""
        listed: list[_Cause] = []
        chosen = np.full(len(self._person), -1)

        def fill(where: NDArray[np.bool_], cause: _Cause) -> None:
            chosen[where & (chosen < 0)] = len(listed)
            listed.append(cause)

        computed = [one for one in self.candidates if one.reason is None]
        for one in computed:
            if one.net > 0:
                fill(one.vanished, _Cause(one.clause, one.setting, one))
        # What would create more differences than it explains may still have slipped in here and there.
        for one in computed:
            if one.habit is not None:
                fill(one.vanished, _Cause(one.clause, one.setting, Message("only here: {habit}", habit=one.habit.text)))
        place = self._quarter, self._person
        fill(self.outcome.arrays.standing[place] == LEFT, _Cause("3.5", "", Message("paid after the dismissal")))
        for version in self.outcome.versions:
            inside = (self._quarter >= version.start) & (self._quarter < version.stop)
            for grade, name in enumerate(version.policy.grade_names):
                paid_so = inside & self._paid_as(version, grade)
                fill(paid_so, _Cause("3.1", "", Message("paid as grade {grade}", grade=name)))
        amounts = zip(chosen, self.paid[place], self.outcome.arrays.payout[place], strict=True)
        swapped = [found < 0 and _digits_swapped(int(paid), int(computed)) for found, paid, computed in amounts]
        fill(np.array(swapped, dtype=np.bool_), _Cause("", "", Message("two neighbouring digits are swapped")))
        fill(np.ones(len(chosen), dtype=np.bool_), _Cause("3.3", "", Message("nothing simple explains it")))
        return [listed[number] for number in chosen]

    def _paid_as(self, version: Version, grade: int) -> NDArray[np.bool_]:
        """Tell which differences are no more if the quarter had this grade."""
        arrays, place, terms = self.outcome.arrays, (self._quarter, self._person), version.terms
        graded = np.full(len(self._person), grade)
        months = arrays.months_assessed[place].astype(np.int64)
        service = pay.service_bonus(graded, months, terms.quarterly_bonus, terms.readings.missing_months)
        payout = pay.quarter_payout(service, arrays.revenue_bonus[place], terms.readings.payout_floor)
        found: NDArray[np.bool_] = payout == self.paid[place]
        return found


def _paid(data: StaffData) -> NDArray[np.int64]:
    """Lay the column `paid` out as quarters by people."""
    panel = data.panel
    paid = np.full((panel.quarters, panel.people), NOT_RECORDED, dtype=np.int64)
    table = data.tables.get("quarters")
    if table is not None and "paid" in table.columns:
        paid[table.columns["quarter"] - panel.first_quarter, table.columns["staff_id"]] = table.columns["paid"]
    return paid


def _nothing_to_compare(data: StaffData, *, open_only: bool) -> DataError:
    table = data.tables.get("quarters")
    if open_only:
        found = Message("All its figures are of quarters that are not over when the data end.")
    elif table is None:
        found = Message("The data have no such table.")
    elif "paid" not in table.columns:
        found = Message("The table has no such column.")
    else:
        found = Message("The column is empty.")
    wanted = Message("what payroll paid for each quarter, yuan")
    problem = Problem(found, table="quarters", column="paid", heading="实发", expected=wanted)
    return DataError(Message("There is no pay to compare with."), [problem])


def _changed(policy: Policy | PolicyBook, changes: Mapping[str, object]) -> Policy | PolicyBook:
    """Change every version of a policy."""
    if isinstance(policy, Policy):
        return policy.with_changes(changes)
    return PolicyBook([one.with_changes(changes) for one in policy.policies])


def _figures_of(one: Candidate) -> tuple[int | None, ...]:
    if one.reason is not None:
        return None, None, None, None
    return int(one.vanished.sum()), one.created, one.net, one.moved


def _digits_swapped(paid: int, computed: int) -> bool:
    """Tell whether two amounts differ by two neighbouring digits that are swapped, as in typing."""
    first, second = str(paid), str(computed)
    if len(first) != len(second):
        return False
    places = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    neighbours = len(places) == 2 and places[1] == places[0] + 1
    return neighbours and sorted(first) == sorted(second)
