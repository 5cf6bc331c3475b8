"""The policy nearest to today's that meets a budget, a grade mix, a number of dismissals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, PolicyError
from cmpolicy.messages import Message
from cmpolicy.progress import with_bar
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, load_policy
from cmpolicy.simulation.compare import Comparison, compare
from cmpolicy.simulation.solve_frontier import frontier_of
from cmpolicy.simulation.solve_impossible import obstacles
from cmpolicy.simulation.solve_records import ranks
from cmpolicy.simulation.solve_search import find
from cmpolicy.simulation.solve_wish import STEP, Objective, Relation, Target, Wish, read_wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from cmpolicy.regulation.policy import Change, Policy
    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.simulation.solve_frontier import Point
    from cmpolicy.simulation.solve_search import Found
    from cmpolicy.staff.data import StaffData

POINTS = 48
"""About how many policies of the frontier are shown."""
WORSE_OFF = Message(
    "Worse off: a worse grade than today, even with the same payout; a lower payout; or no grade any more, after a "
    "dismissal."
)


def solve(
    data: StaffData,
    policy: Policy | None = None,
    *,
    vary: Iterable[str],
    budget: float | Decimal | None = None,
    targets: Mapping[str, str | Iterable[str]] | None = None,
    keep: Iterable[str] = (),
    limits: Mapping[str, tuple[Any, Any]] | None = None,
    step: float | Decimal = STEP,
    objective: Objective = "worse_off",
) -> Solution:
    """Find the policy nearest to today's that meets a budget and targets.

    Bounds stay whole points and fall from grade to grade; amounts are multiples of `step`, or as today; no worse grade
    is paid or awarded more than the better one next to it, unless both amounts are fixed.

    Parameters
    ----------
    data
        The staff data.
    policy
        Today's policy; the enacted regulation where it is left out.
    vary
        The paths that may change: bounds, quarterly bonuses and monthly awards. A star stands for any grade, as in
        "grades.*.from".
    budget
        What payouts and cash effect may cost together over all periods of the data, yuan; kept to the fen.
    targets
        Limits by figure, such as `{"quarter_grade_E": "<=5%", "dismissed": "<=12"}`; a list of limits for several. The
        figures are those of `sweep`: `quarter_grade_A`, … (staff-quarters), `month_grade_A`, … (staff-months),
        `observed` (staff-quarters) and `dismissed` (people). A limit below 1 or with % is a share: of those with a
        grade, of all staff-quarters, of all people.
    keep
        What must stay. A path, also with a star: the value. "grade:A": nobody is worse off in a quarter that has this
        grade today. "staff:CM01": this person is worse off in no quarter. "everyone": nobody is.
    limits
        The lowest and the highest value under a path. Without them a bound moves by up to 10 points, and an amount by
        up to half of the largest amount in its column.
    step
        Yuan.
    objective
        "worse_off": the fewest staff-quarters worse off than today, and among policies with as few the least money
        moved. A staff-quarter is worse off with a worse grade, with a lower payout, or without a grade because the
        person has been dismissed. "money": the least money moved, up or down: by how much payouts differ, staff-quarter
        by staff-quarter, and monthly awards, staff-month by staff-month. Between equals the fewest values change.

    Returns
    -------
    Solution

    Raises
    ------
    PolicyError
        With every problem in what is asked. Where no policy grants it: which constraint cannot be met, and the nearest
        value that can be reached. Where there are too many combinations to look at.

    Notes
    -----
    Every combination of bounds and monthly awards is looked at. The quarterly bonuses that go best with it are found by
    dynamic programming, unless a lower bound shows that they cannot win. So the result is proved to be the nearest,
    except where bounds vary and very many combinations come close to each other: the search then stops, and
    `Solution.gap` tells what is not proved. In the end every figure is confirmed by an appraisal in full.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=50, months=6, seed=1)
    >>> wanted = {"quarter_grade_E": "<=3%"}
    >>> solution = cm.solve(data, cm.load_policy("2007-06"), vary=["grades.*.from"], targets=wanted)
    >>> solution.value, solution.gap, [change.path for change in solution.changes]
    (0, 0, ['grades.D.from'])
    """
    policy = load_policy(ENACTED) if policy is None else policy
    wish = read_wish(
        data,
        policy,
        vary=vary,
        budget=budget,
        targets={} if targets is None else targets,
        keep=keep,
        limits={} if limits is None else limits,
        step=step,
        objective=objective,
    )
    found = find(data, wish)
    if found is None:
        message, problems = obstacles(data, wish)
        raise PolicyError(message, problems)
    change = compare(data, policy, _changes(wish, found))
    effects = effects_of(change)
    claimed = {"cost": found.cost, "worse_off": found.worse_off, "moved": found.moved}
    _confirm(claimed, {"cost": change.reform.cost["cost"]} | effects._asdict())
    return Solution(wish, change, effects, found.unproved)


class Effects(NamedTuple):
    """What a reform does to people.

    Attributes
    ----------
    worse_off
        Staff-quarters with a worse grade, a lower payout, or no grade any more because of a dismissal.
    people_worse_off
        People with such a quarter.
    awarded_less
        Staff-months with a lower award.
    moved
        By how much payouts and awards differ, up or down, fen.
    """

    worse_off: int
    people_worse_off: int
    awarded_less: int
    moved: int


def effects_of(change: Comparison) -> Effects:
    """Tell what a reform does to people, from two appraisals of the same data in full.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=20, months=6, seed=1)
    >>> effects_of(cm.compare(data, cm.load_policy("2007-06"), {"grades.A.quarterly_bonus": 3000})).worse_off
    0
    """
    before, after = change.baseline, change.reform
    rows, assessed = before.quarter_rows, before.panel.assessed
    paid, award = (getattr(after.arrays, name).astype(np.int64) - getattr(before.arrays, name)
                   for name in ("payout", "award"))  # fmt: skip
    worse = rows & ((ranks(after) > ranks(before)) | (paid < 0))
    return Effects(
        worse_off=int(worse.sum()),
        people_worse_off=int(worse.any(axis=0).sum()),
        awarded_less=int((award < 0).sum(where=assessed)),
        moved=int(np.abs(paid).sum(where=rows)) + int(np.abs(award).sum(where=assessed)),
    )


class Constraint(NamedTuple):
    """What was asked for, and what the solution has.

    Attributes
    ----------
    name
        "cost", or the figure of a target.
    relation
        "<=" or ">=".
    limit, achieved
        Exact: yuan, a number, or a share of 1.
    share
        Whether it is a share.
    """

    name: str
    relation: Relation
    limit: Fraction
    achieved: Fraction
    share: bool


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The policy nearest to today's that grants a wish. Made by `solve`.

    Attributes
    ----------
    wish : Wish
        What was asked, as it was understood: with the limits in yuan and points.
    comparison : Comparison
        Today's policy against the solution, appraised in full.
    effects : Effects
        Who is worse off, and the money moved.
    unproved : int
        By how much less money, in fen, another policy may move. Where the objective is the fewest worse off, that is
        proved anyway; then it is about another policy with as few.
    """

    wish: Wish
    comparison: Comparison
    effects: Effects
    unproved: int

    @property
    def policy(self) -> Policy:
        """The policy that was found."""
        policy: Any = self.comparison.reform.policy
        found: Policy = policy
        return found

    @property
    def changes(self) -> list[Change]:
        """The values that differ from today's."""
        return self.comparison.changes

    @property
    def value(self) -> int | Decimal:
        """What was to be least: staff-quarters worse off, or yuan moved."""
        return self.effects.worse_off if self.wish.objective == "worse_off" else _yuan(self.effects.moved)

    @property
    def gap(self) -> int | Decimal:
        """How much lower the value of another policy may be; 0 where it is proved that none has a lower one."""
        return 0 if self.wish.objective == "worse_off" else _yuan(self.unproved)

    @property
    def money_moved(self) -> Decimal:
        """By how much payouts and monthly awards differ from today's, up or down, yuan."""
        return _yuan(self.effects.moved)

    @property
    def cost(self) -> Decimal:
        """What payouts and cash effect cost together, yuan."""
        return _yuan(self.comparison.reform.cost["cost"])

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """Budget and targets with what the solution has."""
        found = []
        if self.wish.budget is not None:
            cost = self.comparison.reform.cost["cost"]
            budget = Fraction(self.wish.budget, FEN_PER_YUAN)
            found.append(Constraint("cost", "<=", budget, Fraction(cost, FEN_PER_YUAN), share=False))
        for target in self.wish.targets:
            count, total = _figure(self.comparison.reform, target)
            achieved = Fraction(count, total or 1) if target.share else Fraction(count)
            found.append(Constraint(target.name, target.relation, target.limit, achieved, target.share))
        return tuple(found)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What the reader should know: what is proved, what worse off is, which limits bind, who is dismissed."""
        notes = [] if self.changes else [Message("The starting policy meets everything that is asked.")]
        notes.append(self._proof())
        if self.changes:
            notes.append(WORSE_OFF)
        for path, limits in self.wish.limits.items():
            value = self.policy.get(path)
            if value in limits and value != self.wish.policy.get(path):
                notes.append(
                    Message(
                        "{path} is at its limit, {value}: with a wider one there may be a nearer policy.",
                        path=path,
                        value=value,
                    )
                )
        before, after = (
            side.standing_counts["dismissed"] for side in (self.comparison.baseline, self.comparison.reform)
        )
        if before != after:
            notes.append(
                Message(
                    "People dismissed: {after}; under the starting policy {before} (3.5).",
                    after=f"{after:,}",
                    before=f"{before:,}",
                )
            )
        if self.effects.awarded_less:
            notes.append(
                Message(
                    "Staff-months awarded less: {count}. Awards are settled at the end of the year and make no quarter "
                    "worse off (3.2).",
                    count=f"{self.effects.awarded_less:,}",
                )
            )
        return tuple(notes)

    def _proof(self) -> Message:
        if not self.unproved:
            return Message("It is proved that within the limits no policy is nearer to the starting policy.")
        amount = f"{_yuan(self.unproved):,.2f}"
        if self.wish.objective == "money":
            return Message("The search was stopped: another policy may move up to {amount} yuan less.", amount=amount)
        return Message(
            "It is proved that no policy within the limits has fewer worse off. Among those with as few, one may move "
            "up to {amount} yuan less: that search was stopped.",
            amount=amount,
        )

    def frontier(self, points: int = POINTS) -> pd.DataFrame:
        """Find the policies that no other betters in cost, share of the lowest grade and number worse off at once.

        The budget and targets for the lowest grade's quarters are left out; everything else that was asked holds. The
        frontier is exact, and each of its policies is confirmed by an appraisal in full.

        Parameters
        ----------
        points
            About how many to choose, evenly over the shares and costs.

        Returns
        -------
        DataFrame
            One row a policy, by share and cost: the values that may vary under their paths; `cost` and `money_moved`,
            yuan; of the lowest grade `quarter_grade_E` (staff-quarters) and `quarter_grade_E_share`; `worse_off`
            (staff-quarters) and `people_worse_off`. `attrs["notes"]` tells how many there are in all.

        Raises
        ------
        ValueError
            If it is asked for fewer than two points.
        """
        import pandas as pd

        if points < 2:
            too_few = f"a frontier has at least two points, not {points}"
            raise ValueError(too_few)
        wish, data = self.wish, self.comparison.baseline.data
        lowest = f"quarter_grade_{wish.policy.grade_names[-1]}"
        found, number = frontier_of(data, wish, points)
        rows = []
        for point in with_bar(found, Message("policies")):
            policy = wish.policy.with_changes(_changes(wish, point))
            change = compare(data, wish.policy, policy)
            effects = effects_of(change)
            counts = change.reform.grade_counts("quarters")
            actual = {"cost": change.reform.cost["cost"], "lowest_grade": [*counts.values()][-1]} | effects._asdict()
            _confirm({name: getattr(point, name) for name in ("cost", "lowest_grade", "worse_off")}, actual)
            rows.append(
                {path: _number(policy.get(path)) for path in wish.vary}
                | {
                    "cost": point.cost / FEN_PER_YUAN,
                    "money_moved": effects.moved / FEN_PER_YUAN,
                    lowest: point.lowest_grade,
                    f"{lowest}_share": point.lowest_grade / (sum(counts.values()) or 1),
                    "worse_off": effects.worse_off,
                    "people_worse_off": effects.people_worse_off,
                }
            )
        frame = pd.DataFrame(rows)
        some = Message("Policies shown: {shown} of the frontier's {number}.", shown=len(rows), number=f"{number:,}")
        frame.attrs = {"notes": [str(some)] if len(rows) < number else []}
        return frame

    def __repr__(self) -> str:
        changes = f"{len(self.changes)} change{'s' if len(self.changes) != 1 else ''}"
        effects = f"{self.effects.worse_off:,} staff-quarters worse off, {self.money_moved:,.2f} yuan moved"
        return f"<Solution: {changes}, {effects}, cost {self.cost:,.2f} yuan, gap {self.gap:,}>"


def _number(value: object) -> float:
    """Show a bound as a whole number, an amount as a float."""
    return value if isinstance(value, int) else float(str(value))


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / FEN_PER_YUAN


def _changes(wish: Wish, found: Found | Point) -> dict[str, object]:
    """Give the values that were found, under the paths that may vary."""
    changes: dict[str, object] = {}
    for place, name in enumerate(wish.policy.grade_names):
        if place < len(found.bounds):
            changes[f"grades.{name}.from"] = found.bounds[place]
        changes[f"grades.{name}.quarterly_bonus"] = _yuan(found.quarterly_bonus[place])
        changes[f"grades.{name}.monthly_award"] = _yuan(found.monthly_award[place])
    return {path: changes[path] for path in wish.vary}


def _figure(outcome: Outcome, target: Target) -> tuple[int, int]:
    """Give a target's figure and what a share of it is a share of."""
    kind, _, grade = target.name.partition("_grade_")
    if grade:
        counts = outcome.grade_counts("quarters" if kind == "quarter" else "months")
        return counts[grade], sum(counts.values())
    rows = outcome.quarter_rows
    total = rows.any(axis=0).sum() if target.name == "dismissed" else rows.sum()
    return outcome.standing_counts[target.name], int(total)


def _confirm(claimed: Mapping[str, int], actual: Mapping[str, int]) -> None:
    """Hold what the search claims against an appraisal in full.

    Raises
    ------
    CmpolicyError
        If they differ, which is a fault of the program.
    """
    for name, value in claimed.items():
        if value != actual[name]:
            raise CmpolicyError(
                Message(
                    "The search and an appraisal in full differ in {name}: {claimed} and {actual}. This is a fault of "
                    "the program; please report it.",
                    name=name,
                    claimed=f"{value:,}",
                    actual=f"{actual[name]:,}",
                )
            )
