"""What is asked of `solve`, read and checked as a whole: what may vary and how far, what to meet, what must stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, PolicyError, Problem, suggest
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.parameters import Parameter
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, PolicyBook, parameter_of
from cmpolicy.simulation.appraise import appraise
from cmpolicy.simulation.solve_records import ranks
from cmpolicy.simulation.statistics import why_appraise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData

    Whole = NDArray[np.int64]

Objective = Literal["worse_off", "money"]
Relation = Literal["<=", ">="]
OBJECTIVES: tuple[Objective, ...] = ("worse_off", "money")
REACH_OF_BOUNDS = 10
STEP = 50
MOST_BUDGET = 10**14
EVERYONE = "everyone"

_TARGET = re.compile(r"\s*(<=|>=|≤|≥)\s*(\d+(?:\.\d+)?)\s*(%?)\s*")
_BUDGET = Parameter("budget", "", "money", 0, MOST_BUDGET, Message("budget"))


class Target(NamedTuple):
    """A limit on a figure: a number, or a share of all.

    Attributes
    ----------
    name
        "quarter_grade_E", "month_grade_A", "observed", "dismissed".
    relation
    limit
        Exact.
    share
        Whether the limit is a share: of the staff-quarters or staff-months that have a grade, of staff-quarters
        (observed) or of people (dismissed).
    """

    name: str
    relation: Relation
    limit: Fraction
    share: bool

    def met(self, count: Any, total: Any) -> Any:
        """Tell whether counts keep the limit; `total` is what shares are of."""
        numerator, denominator = self.limit.as_integer_ratio()
        left, right = count * denominator, numerator * (total if self.share else 1)
        return left <= right if self.relation == "<=" else left >= right

    def __str__(self) -> str:
        exact = 100 * self.limit if self.share else self.limit  # was typed as a decimal number
        limit = f"{Decimal(exact.numerator) / exact.denominator:f}"
        return f"{self.name} {self.relation} {limit}{'%' if self.share else ''}"


class Wish(NamedTuple):
    """What is asked, checked; G grades, best first.

    Attributes
    ----------
    policy
        Today's.
    vary
        The paths that may change.
    limits
        Of each of these paths the lowest and the highest value, points or yuan.
    bounds
        Of each grade but the last (n,) int64, rising, points: what its bound may be. A fixed one has one value.
    bonuses, awards
        Of each grade (n,) int64, rising, fen: what its quarterly bonus and its monthly award may be.
    budget
        Fen, or None.
    targets
    kept
        (Q, n) bool, staff-quarters that must not be worse off, or None.
    objective
    """

    policy: Policy
    vary: tuple[str, ...]
    limits: dict[str, tuple[Decimal, Decimal]]
    bounds: tuple[Whole, ...]
    bonuses: tuple[Whole, ...]
    awards: tuple[Whole, ...]
    budget: int | None
    targets: tuple[Target, ...]
    kept: NDArray[np.bool_] | None
    objective: Objective


def read_wish(
    data: StaffData,
    policy: Policy,
    *,
    vary: Iterable[str],
    budget: object,
    targets: Mapping[str, str | Iterable[str]],
    keep: Iterable[str],
    limits: Mapping[str, tuple[object, object]],
    step: object,
    objective: str,
) -> Wish:
    """Read what is asked.

    Raises
    ------
    PolicyError
        With every problem.
    """
    if isinstance(policy, PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; for a book of versions give another book."))
    reader = _Reader(data, policy)
    wanted = reader.vary(vary)
    kept, paths = reader.keep(keep, wanted)
    wanted = [path for path in dict.fromkeys(reader.expanded(wanted)) if path not in paths]
    step_fen = reader.step(step)
    ranges = reader.limits(limits, wanted)
    choices = {path: reader.choices(path, ranges.get(path), step_fen) for path in wanted}
    names = policy.grade_names
    columns = {
        column: tuple(
            choices.get(path, np.array([_fen(policy.get(path), column)]))
            for path in (f"grades.{name}.{column}" for name in names[: len(names) - (column == "from")])
        )
        for column in ("from", "quarterly_bonus", "monthly_award")
    }
    reader.check_order(columns)
    found = reader.targets(targets)
    fen = reader.budget(budget)
    reader.check_objective(objective)
    if not reader.problems and not wanted:
        reader.problem(
            Message("Nothing may vary."), expected=Message("paths such as grades.A.from or grades.*.quarterly_bonus")
        )
    if not reader.problems and fen is None and not found:
        reader.problem(Message("There is nothing to meet."), expected=Message("a budget, targets, or both"))
    reason = why_appraise(policy)
    if reason is not None:
        reader.problem(reason, expected=Message("another option of readings.revenue_below_base"))
    if reader.problems:
        raise PolicyError(Message("This cannot be solved as it is asked."), reader.problems)
    shown = {
        path: tuple(Decimal(int(value)) / (1 if path.endswith(".from") else FEN_PER_YUAN) for value in values[[0, -1]])
        for path, values in choices.items()
    }
    return Wish(
        policy,
        tuple(wanted),
        {path: (pair[0], pair[1]) for path, pair in shown.items()},
        columns["from"],
        columns["quarterly_bonus"],
        columns["monthly_award"],
        fen,
        tuple(found),
        kept,
        "money" if objective == "money" else "worse_off",
    )


def _fen(value: object, column: str) -> int:
    number: Any = value
    return int(number if column == "from" else number * FEN_PER_YUAN)


class _Reader:
    """Reads what is asked and collects every problem on the way."""

    def __init__(self, data: StaffData, policy: Policy) -> None:
        self._data, self._policy = data, policy
        self.problems: list[Problem] = []
        self._can_vary = [path for path in policy.paths() if path.startswith("grades.")]

    def problem(self, message: Message, value: object = None, expected: Message | None = None) -> None:
        self.problems.append(Problem(message, value=None if value is None else str(value), expected=expected))

    def _texts(self, name: str, entries: object) -> list[str]:
        if isinstance(entries, str) or not isinstance(entries, Iterable):
            self.problem(Message("{name} is no list.", name=name), entries, Message("a list of texts"))
            return []
        texts = list(entries)
        for text in texts:
            if not isinstance(text, str):
                self.problem(Message("{name} holds something that is no text.", name=name), text)
        return [text for text in texts if isinstance(text, str)]

    def vary(self, entries: object) -> list[str]:
        """Read the paths that may vary; a star stands for any grade."""
        wanted = []
        for path in self._texts("vary", entries):
            if self._paths(path):
                wanted.append(path)
            elif path in self._policy.paths():
                message = Message("{path} cannot be solved for; a sweep can try its values.", path=path)
                self.problem(message, expected=Message("bounds, quarterly bonuses and monthly awards"))
            else:
                self._unknown(path)
        return wanted

    def _paths(self, path: str) -> list[str]:
        """Give the paths that one with a star stands for."""
        pattern = re.compile(re.escape(path).replace(r"\*", "[^.]*"))
        return [known for known in self._can_vary if pattern.fullmatch(known)]

    def expanded(self, wanted: Iterable[str]) -> list[str]:
        return [path for entry in wanted for path in self._paths(entry)]

    def _unknown(self, path: str) -> None:
        try:
            self._policy.get(path)
        except PolicyError as error:
            self.problems += error.problems

    def keep(self, entries: object, wanted: list[str]) -> tuple[NDArray[np.bool_] | None, set[str]]:
        """Read what must stay: whose staff-quarters must not be worse off, and paths."""
        kept, paths = None, set()
        for entry in self._texts("keep", entries):
            kind, mark, name = entry.partition(":")
            if entry == EVERYONE or (mark and kind in ("grade", "staff")):
                found = self._kept(kind, name)
                kept = found if kept is None or found is None else kept | found
            elif self._paths(entry):
                if entry in wanted:
                    self.problem(Message("{path} is both to vary and to keep.", path=entry))
                paths.update(self._paths(entry))
            elif entry not in self._policy.paths():  # what cannot vary is kept anyway
                expected = Message(
                    "a path, or one of {options}", options=f"grade:{self._policy.grade_names[0]}, staff:…, {EVERYONE}"
                )
                self.problem(Message("This cannot be kept."), entry, expected)
        return kept, paths

    def _kept(self, kind: str, name: str) -> NDArray[np.bool_] | None:
        """Find the staff-quarters of everyone, of one grade of today or of one person."""
        names = self._policy.grade_names
        rows = np.ones((self._data.panel.quarters, self._data.panel.people), dtype=np.bool_)
        if kind == "grade":
            if name not in names:
                expected = Message("one of {options}", options=list_of(names))
                self.problem(Message("There is no grade {name}.", name=name), expected=expected)
                return None
            try:
                graded: NDArray[np.bool_] = ranks(appraise(self._data, self._policy)) == names.index(name)
            except CmpolicyError as error:
                self.problems += error.problems
                return None
            return graded
        if kind == "staff":
            if name not in self._data.places:
                near = suggest(name, self._data.places)
                hint = None if near is None else Message("a staff id such as {nearest}", nearest=near)
                self.problem(Message('There is nobody with the staff id "{staff_id}".', staff_id=name), expected=hint)
                return None
            rows[:] = False
            rows[:, self._data.places[name]] = True
        return rows

    def step(self, step: object) -> int:
        """Read the step of amounts, fen."""
        parameter = Parameter("step", "", "money", 1, 100_000, Message("step"))
        value = parameter.read(step)
        if value is None:
            self.problem(Message("The step of amounts cannot be used."), step, parameter.expected)
        return _fen(value or STEP, "")

    def limits(self, limits: object, wanted: list[str]) -> dict[str, tuple[Any, Any]]:
        """Read how far each path may go."""
        if not isinstance(limits, Mapping):
            self.problem(Message("limits has no paths with their limits."), limits)
            return {}
        ranges: dict[str, tuple[Any, Any]] = {}
        for path, pair in limits.items():
            paths = [one for one in self._paths(str(path)) if one in wanted]
            if not paths:
                expected = Message("one of {options}", options=list_of(wanted)) if wanted else None
                self.problem(Message("limits names {path}, which does not vary.", path=path), expected=expected)
                continue
            parameter = parameter_of(paths[0])
            read = [parameter.read(value) for value in pair] if isinstance(pair, list | tuple) else []
            low, high = read if len(read) == 2 else (None, None)
            if low is None or high is None or low > high:
                expected = Message("the lowest and the highest value; each {value}", value=parameter.expected)
                shown = "..".join(map(str, pair)) if isinstance(pair, list | tuple) else pair
                self.problem(Message("The limits of {path} cannot be used.", path=path), shown, expected)
                continue
            ranges |= dict.fromkeys(paths, (low, high))
        return ranges

    def choices(self, path: str, limits: tuple[Any, Any] | None, step: int) -> Whole:
        """List the values that a path may have: whole points, or round amounts in fen, and today's."""
        column, today = path.rpartition(".")[2], self._policy.get(path)
        parameter, value = parameter_of(path), _fen(today, column)
        unit = 1 if column == "from" else FEN_PER_YUAN
        if limits is None:
            column_today = [abs(amount) for amount in self._column(column)]
            reach = REACH_OF_BOUNDS if column == "from" else max(column_today) // 2
            low, high = value - reach, value + reach
        else:
            low, high = (int(limit * unit) for limit in limits)
        low, high = max(low, parameter.lowest * unit), min(high, parameter.highest * unit)
        step = 1 if column == "from" else step
        values = np.arange(-(-low // step) * step, high + 1, step, dtype=np.int64)
        if low <= value <= high:
            values = np.union1d(values, [value])
        if not len(values):
            self.problem(
                Message("The limits of {path} hold no round amount.", path=path),
                expected=Message("a multiple of {step}", step=f"{Decimal(step) / FEN_PER_YUAN:,}"),
            )
            return np.array([value])
        return values

    def _column(self, column: str) -> list[int]:
        policy = self._policy
        amounts = {"quarterly_bonus": policy.quarterly_bonus_fen, "monthly_award": policy.monthly_award_fen}
        return list(amounts.get(column, policy.bounds))

    def check_order(self, columns: Mapping[str, tuple[Whole, ...]]) -> None:
        """Check that a table can be in order within the limits: bounds fall, and no worse grade is paid more."""
        names = self._policy.grade_names
        for column, choices in columns.items():
            reached = None
            for place in range(len(choices) - 1, -1, -1):
                values = choices[place]
                fixed = column != "from" and place + 1 < len(choices) and len(values) == len(choices[place + 1]) == 1
                if reached is not None and not fixed:
                    values = values[values > reached] if column == "from" else values[values >= reached]
                if not len(values):
                    better, worse = (f"grades.{names[number]}.{column}" for number in (place, place + 1))
                    self.problem(
                        Message(
                            "Within the limits {better} is never high enough for {worse}.", better=better, worse=worse
                        ),
                        expected=Message("limits in which bounds fall and no worse grade is paid more"),
                    )
                    break
                reached = values[0]

    def targets(self, targets: object) -> list[Target]:
        """Read the targets."""
        if not isinstance(targets, Mapping):
            self.problem(Message("targets has no names with their limits."), targets)
            return []
        names = [f"{kind}_grade_{name}" for kind in ("quarter", "month") for name in self._policy.grade_names]
        names += ["observed", "dismissed"]
        found = []
        for name, texts in targets.items():
            if name not in names:
                near = suggest(str(name), names)
                expected = (
                    Message("one of {options}", options=list_of(names))
                    if near is None
                    else Message("a figure such as {nearest}", nearest=near)
                )
                self.problem(Message("There is no target {name}.", name=name), expected=expected)
                continue
            for text in [texts] if isinstance(texts, str) or not isinstance(texts, Iterable) else texts:
                target = _target(name, text)
                if target is None:
                    expected = Message("a limit such as <=5%, >=0.2 (a share, below 1) or <=120 (a number)")
                    self.problem(Message("The target {name} is not understood.", name=name), text, expected)
                else:
                    found.append(target)
        return found

    def budget(self, budget: object) -> int | None:
        """Read the budget, fen."""
        if budget is None:
            return None
        if isinstance(budget, float):
            budget = Decimal(repr(float(budget)))
        if isinstance(budget, Decimal) and budget.is_finite():
            budget = budget.quantize(Decimal("0.01"), ROUND_FLOOR)  # what is beyond a fen cannot be spent
        value = _BUDGET.read(budget)
        if value is None:
            self.problem(Message("The budget cannot be used."), budget, _BUDGET.expected)
            return None
        return _fen(value, "")

    def check_objective(self, objective: str) -> None:
        if objective not in OBJECTIVES:
            expected = Message("one of {options}", options=list_of(OBJECTIVES))
            self.problem(Message("There is no objective {name}.", name=objective), expected=expected)


def _target(name: str, text: object) -> Target | None:
    """Read a limit: below 1 or with a percent sign it is a share, else a whole number."""
    match = _TARGET.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    sign, number, percent = match.groups()
    limit = Fraction(number) / (100 if percent else 1)
    share = bool(percent) or 0 < limit < 1
    if (share and limit > 1) or (not share and limit.denominator != 1):
        return None
    return Target(name, "<=" if sign in ("<=", "≤") else ">=", limit, share)
