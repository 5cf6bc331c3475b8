"""The cost difference of a reform, taken apart: what each changed setting brings, which grades, which areas.

What one setting brings depends on which others are changed already. Shapley's value takes the mean over all orders in
which the settings can be changed one after another: the parts add up to the whole, a setting that moves nothing gets
nothing, and two that do the same get the same.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import factorial, floor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import PolicyError
from cmpolicy.messages import Message, list_of
from cmpolicy.progress import bar
from cmpolicy.regulation.policy import FEN_PER_YUAN, Change, Policy
from cmpolicy.simulation.appraise import CLAUSE_OF_COST, appraise
from cmpolicy.simulation.breakdown import fen_by
from cmpolicy.simulation.compare import NO_GRADE_NAME, grades_of
from cmpolicy.simulation.statistics import statistics_of, why_appraise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.simulation.appraise import Outcome
    from cmpolicy.staff.data import StaffData

MOST_EXACT = 8
"""With so many settings every combination is appraised; with more, orders are drawn."""
DRAWN_ORDERS = 100
FEWEST_ORDERS = 4
"""Two pairs: fewer have no standard error."""
SETTLEMENT = "award_not_deducted"
"""What the year-end bonus does not suffice to deduct of a year's negative awards (3.2)."""


class Setting(NamedTuple):
    """Changed values that are applied together.

    Attributes
    ----------
    changes : tuple of Change
        One; several where one of them without the others would make no valid policy.
    patch : dict
        The reform's values under their paths, as `Policy.with_changes` takes them.
    """

    changes: tuple[Change, ...]
    patch: dict[str, object]

    @property
    def is_fast(self) -> bool:
        """Whether no score depends on it, so that statistics answer for it."""
        return all(path.startswith(("grades.", "revenue.")) for path in self.patch)


def why_not_attributed(baseline: Outcome, reform: Outcome) -> Message | None:
    """Say why a difference cannot be attributed to settings and grades; None where it can."""
    if baseline.data is not reform.data:
        return Message("Two versions of the data have no changed setting to attribute a difference to.")
    if not (isinstance(baseline.policy, Policy) and isinstance(reform.policy, Policy)):
        return Message("A book of versions has settings of its own for each quarter; compare two policies.")
    return None


def settings_of(before: Policy, after: Policy) -> list[Setting]:
    """Group what differs between two policies into settings that can be changed in any order.

    Bounds that would cross a neighbour's go together, and so does the whole grade table where the grades are others:
    then every combination is a valid policy.

    Examples
    --------
    >>> from cmpolicy.regulation.policy import load_policy
    >>> enacted = load_policy("2007-06")
    >>> moved = enacted.with_changes({"grades.B.from": 94, "grades.C.from": 92, "grades.A.from": 112})
    >>> [[change.path for change in setting.changes] for setting in settings_of(enacted, moved)]
    [['grades.A.from'], ['grades.B.from', 'grades.C.from']]
    """
    changes = before.diff(after)
    if before.grade_names != after.grade_names:
        names = (", ".join(policy.grade_names) for policy in (before, after))
        table = Setting((Change("grades", "3.1, 3.2", *names),), {"grades": after.to_dict()["grades"]})
        return [table, *(_alone(change) for change in changes if not change.path.startswith("grades."))]
    settings = [_alone(change) for change in changes]
    for better, worse in _crossing(before, after):
        one, other = (
            next(setting for setting in settings if f"grades.{name}.from" in setting.patch) for name in (better, worse)
        )
        settings[settings.index(one)] = Setting(one.changes + other.changes, one.patch | other.patch)
        settings.remove(other)
    return settings


def _alone(change: Change) -> Setting:
    return Setting((change,), {change.path: change.after})


def _crossing(before: Policy, after: Policy) -> list[tuple[str, str]]:
    """List neighbouring grades of which one bound, moved without the other, would meet or pass the other."""
    sides = list(zip(before.grade_names, before.bounds, after.bounds, strict=False))  # the last grade has no bound
    return [(better[0], worse[0]) for better, worse in pairwise(sides) if min(better[1:]) <= max(worse[1:])]


def attribute_cost(baseline: Outcome, reform: Outcome, *, orders: int = DRAWN_ORDERS, seed: int = 0) -> pd.DataFrame:
    """Attribute the cost difference of two policies on the same data to the settings that changed.

    With up to `MOST_EXACT` settings Shapley's value is exact: every combination is appraised. With more it is the mean
    over drawn orders, each followed by its reverse. Either way the parts, exact fractions, are rounded down to the fen
    and the fen that are missing go one each to the largest remainders, the first setting first; so they add up.

    Parameters
    ----------
    baseline, reform
        Outcomes of one policy each, on the same data.
    orders
        How many orders are drawn, an even number from 4.
    seed
        Of the draw.

    Returns
    -------
    DataFrame
        One row a setting, in the order of the policy file: path, clause, before, after (text; several joined by ", "
        where they can only be changed together), yuan, and standard_error (yuan; 0 where it is exact).
        `attribution_notes` says what was grouped or drawn.

    Raises
    ------
    PolicyError
        If the outcomes are of two versions of the data, or of a book of versions.
    ValueError
        If `orders` is odd or too small for a standard error.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data, enacted = cm.synthesize(staff=20, months=6, seed=1), cm.load_policy("2007-06")
    >>> change = cm.compare(data, enacted, {"grades.A.from": 112, "grades.A.quarterly_bonus": 3000})
    >>> parts = attribute_cost(change.baseline, change.reform)
    >>> round(float(parts["yuan"].sum()), 2) == float(change.cost.loc["cost", "difference"])
    True
    """
    import pandas as pd

    if orders < FEWEST_ORDERS or orders % 2:
        wrong = f"orders must be an even number from {FEWEST_ORDERS}, not {orders}"
        raise ValueError(wrong)
    reason = why_not_attributed(baseline, reform)
    if reason is not None:
        raise PolicyError(reason)
    before, after = baseline.policy, reform.policy
    settings = settings_of(before, after) if isinstance(before, Policy) and isinstance(after, Policy) else []
    ends = {frozenset[int](): baseline.cost["cost"], frozenset(range(len(settings))): reform.cost["cost"]}
    if len(settings) <= MOST_EXACT:
        parts, errors = _exact(baseline, settings, ends), [0.0] * len(settings)
    else:
        parts, errors = _drawn(baseline, settings, ends, _orders(len(settings), orders, seed))
    rows = [
        (
            ", ".join(change.path for change in setting.changes),
            ", ".join(dict.fromkeys(change.clause for change in setting.changes)),
            *(", ".join(_shown(getattr(change, side)) for change in setting.changes) for side in ("before", "after")),
            fen / FEN_PER_YUAN,
            error / FEN_PER_YUAN,
        )
        for setting, fen, error in zip(settings, round_to_whole(parts), errors, strict=True)
    ]
    return pd.DataFrame(rows, columns=["path", "clause", "before", "after", "yuan", "standard_error"])


def attribution_notes(before: Policy, after: Policy, *, orders: int = DRAWN_ORDERS, seed: int = 0) -> list[Message]:
    """Say which settings `attribute_cost` changes together, and what it draws.

    Examples
    --------
    >>> from cmpolicy.regulation.policy import load_policy
    >>> enacted = load_policy("2007-06")
    >>> attribution_notes(enacted, enacted.with_changes({"grades.A.from": 112}))
    []
    """
    settings, notes = settings_of(before, after), []
    notes += [
        Message(
            "Changed together, since one bound alone would cross another (3.1): {paths}.",
            paths=list_of([change.path for change in setting.changes]),
        )
        for setting in settings
        if len(setting.changes) > 1
    ]
    if any("grades" in setting.patch for setting in settings):
        notes.append(Message("The grades are others, so the grade table is changed as a whole (3.1, 3.2)."))
    if len(settings) > MOST_EXACT:
        text = Message(
            "{count} settings are changed; their parts are means over {orders} orders, drawn with seed {seed}.",
            count=len(settings),
            orders=orders,
            seed=seed,
        )
        notes.append(text)
    return notes


def round_to_whole(parts: Sequence[Fraction]) -> list[int]:
    """Round parts to integers that add up to their sum, which is one: down, then one more for the largest remainders.

    Examples
    --------
    >>> round_to_whole([Fraction(1, 3), Fraction(1, 3), Fraction(4, 3)])
    [1, 0, 1]
    """
    rounded = [floor(part) for part in parts]
    missing = int(sum(parts)) - sum(rounded)
    largest = sorted(range(len(parts)), key=lambda place: rounded[place] - parts[place])
    for place in largest[:missing]:
        rounded[place] += 1
    return rounded


def _shown(value: object) -> str:
    return NO_GRADE_NAME if value is None else str(value)


# -- Shapley's value -----------------------------------------------------------

Combination = frozenset[int]
"""Settings that are changed, by their places."""


def _exact(baseline: Outcome, settings: Sequence[Setting], known: dict[Combination, int]) -> list[Fraction]:
    count = len(settings)
    every = [Combination(place for place in range(count) if bits >> place & 1) for bits in range(2**count)]
    costs = known | _costs(baseline, settings, [one for one in every if one not in known])
    parts = []
    for place in range(count):
        weighted = sum(
            factorial(len(one)) * factorial(count - len(one) - 1) * (costs[one | {place}] - costs[one])
            for one in every
            if place not in one
        )
        parts.append(Fraction(weighted, factorial(count)))
    return parts


def _orders(count: int, orders: int, seed: int) -> list[list[int]]:
    """Draw orders, each followed by its reverse: what comes late in one comes early in the other."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(orders // 2):
        order = rng.permutation(count).tolist()
        drawn += [order, order[::-1]]
    return drawn


def _drawn(
    baseline: Outcome, settings: Sequence[Setting], known: dict[Combination, int], orders: Sequence[Sequence[int]]
) -> tuple[list[Fraction], list[float]]:
    """Give the mean of each setting's differences over the orders, and its standard error over pairs of them."""
    paths = [[Combination(order[:length]) for length in range(len(order) + 1)] for order in orders]
    wanted = dict.fromkeys(one for path in paths for one in path if one not in known)
    costs = known | _costs(baseline, settings, wanted)
    found = np.zeros((len(orders), len(settings)), dtype=np.int64)
    for row, order, path in zip(found, orders, paths, strict=True):
        row[list(order)] = [costs[later] - costs[earlier] for earlier, later in pairwise(path)]
    of_pairs = found.reshape(-1, 2, len(settings)).mean(axis=1)
    errors = of_pairs.std(axis=0, ddof=1) / np.sqrt(len(of_pairs))
    return [Fraction(int(total), len(orders)) for total in found.sum(axis=0)], errors.tolist()


def _costs(
    baseline: Outcome, settings: Sequence[Setting], combinations: Iterable[Combination]
) -> dict[Combination, int]:
    """Give the cost of each combination, fen: from statistics where several share what scores depend on."""
    policy = baseline.policy
    assert isinstance(policy, Policy)  # noqa: S101 - for the type checker: `why_not_attributed` was asked
    fast = Combination(place for place, setting in enumerate(settings) if setting.is_fast)
    alike: dict[Combination, list[Combination]] = {}
    for one in combinations:
        alike.setdefault(one - fast, []).append(one)
    costs: dict[Combination, int] = {}
    with bar(Message("combinations"), total=sum(map(len, alike.values()))) as advance:
        for group in alike.values():
            for one in group:
                changes = {path: value for place in sorted(one) for path, value in settings[place].patch.items()}
                costs[one] = _cost(baseline.data, policy.with_changes(changes), alone=len(group) == 1)
                advance(1)
    return costs


def _cost(data: StaffData, policy: Policy, *, alone: bool) -> int:
    if alone or why_appraise(policy) is not None:
        return appraise(data, policy).cost["cost"]
    cost: int = statistics_of(data, policy).totals(policy).cost
    return cost


# -- by grade and by area ------------------------------------------------------


def cost_by_grade(baseline: Outcome, reform: Outcome) -> pd.DataFrame:
    """Split the cost difference of two policies on the same data by the grades before and after.

    Between baseline and reform stands a third outcome: the reform with the baseline's amounts. What it differs from the
    baseline is due to grades, what the reform differs from it is due to amounts. A grade that only the reform has keeps
    its own amount.

    Returns
    -------
    DataFrame
        One row a pair of grades for service_bonus (staff-quarters) and award (staff-months), and one row each for
        revenue_bonus, penalty_not_applied and award_not_deducted, which follow no grade. Columns: component, clause,
        baseline and reform (grades; "–" for none), records, and in yuan: moved (between two grades, at the baseline's
        amounts), amounts (changed ones, at the grade after), other (at the same grade, such as another share of the
        quarter paid, and what follows no grade), yuan (their sum). The last column adds up to the cost difference.

    Raises
    ------
    PolicyError
        If the outcomes are of two versions of the data, or of a book of versions.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data, enacted = cm.synthesize(staff=20, months=6, seed=1), cm.load_policy("2007-06")
    >>> change = cm.compare(data, enacted, {"grades.A.quarterly_bonus": 3000})
    >>> float(change.by_grade["moved"].sum())
    0.0
    """
    import pandas as pd

    reason = why_not_attributed(baseline, reform)
    if reason is not None:
        raise PolicyError(reason)
    middle = _with_amounts_of(baseline, reform)
    rows = []
    for component, table, counted in (
        ("service_bonus", "quarters", reform.quarter_rows),
        ("award", "months", reform.panel.assessed),
    ):
        before, after = grades_of(baseline, table), grades_of(reform, table)
        money = [getattr(outcome.arrays, component)[counted] for outcome in (baseline, middle, reform)]
        width = len(after.names) + 1
        pair = before.grade[counted] * width + after.grade[counted]
        size = (len(before.names) + 1) * width
        records = np.bincount(pair, minlength=size)
        moved, amounts = (_sums(later - earlier, pair, size) for earlier, later in pairwise(map(_wide, money)))
        for place in np.flatnonzero(records).tolist():
            first, second = (
                [*names, NO_GRADE_NAME][number]
                for names, number in zip((before.names, after.names), divmod(place, width), strict=True)
            )
            stays = first == second
            split = (0 if stays else moved[place], amounts[place], moved[place] if stays else 0)
            rows.append((component, CLAUSE_OF_COST[component], first, second, int(records[place]), *map(int, split)))
    rows += _without_grade(baseline, reform)
    columns = ["component", "clause", "baseline", "reform", "records", "moved", "amounts", "other"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["yuan"] = frame["moved"] + frame["amounts"] + frame["other"]
    money_columns = ["moved", "amounts", "other", "yuan"]
    frame[money_columns] = frame[money_columns] / FEN_PER_YUAN
    return frame


def _with_amounts_of(baseline: Outcome, reform: Outcome) -> Outcome:
    """Appraise the reform with the baseline's amounts, for the grades that both have."""
    before, after = baseline.policy, reform.policy
    assert isinstance(before, Policy)  # noqa: S101 - for the type checker: `why_not_attributed` was asked
    assert isinstance(after, Policy)  # noqa: S101 - as above
    paths = [
        f"grades.{name}.{column}"
        for name in after.grade_names
        if name in before.grade_names
        for column in ("quarterly_bonus", "monthly_award")
    ]
    return appraise(reform.data, after.with_changes({path: before.get(path) for path in paths}))


def _without_grade(baseline: Outcome, reform: Outcome) -> list[tuple[Any, ...]]:
    """Give the rows of what follows no grade: fen of both outcomes, and how many records there are."""
    clauses = CLAUSE_OF_COST | {SETTLEMENT: CLAUSE_OF_COST["cash_effect"]}
    settled = [outcome.cost["cash_effect"] - outcome.cost["award"] for outcome in (baseline, reform)]
    rows = [
        (name, int(reform.quarter_rows.sum()), reform.cost[name] - baseline.cost[name])
        for name in ("revenue_bonus", "penalty_not_applied")
    ]
    rows.append((SETTLEMENT, int(reform.year_rows.sum()), settled[1] - settled[0]))
    return [(name, clauses[name], "", "", records, 0, 0, fen) for name, records, fen in rows]


def _wide(values: NDArray[Any]) -> NDArray[np.int64]:
    return values.astype(np.int64)


def _sums(values: NDArray[np.int64], group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    total = np.zeros(groups, dtype=np.int64)
    np.add.at(total, group, values)
    return total


def cost_by_area(baseline: Outcome, reform: Outcome) -> pd.DataFrame:
    """Split a cost difference by area, for two policies or two versions of the data.

    Returns
    -------
    DataFrame
        Index: the areas, the largest loss first, "–" where a record's area is not known. Columns, yuan: baseline and
        reform (cost), difference, and what it is made of: service_bonus, revenue_bonus, penalty_not_applied,
        cash_effect. The difference adds up to that of the cost.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data, enacted = cm.synthesize(staff=20, months=6, seed=1), cm.load_policy("2007-06")
    >>> change = cm.compare(data, enacted, {"grades.A.quarterly_bonus": 3000})
    >>> list(change.by_area.columns[:3])
    ['baseline', 'reform', 'difference']
    """
    import pandas as pd

    sides = [fen_by(outcome, "area") for outcome in (baseline, reform)]
    areas = sides[0].index.union(sides[1].index)
    before, after = (side.reindex(areas, fill_value=0) for side in sides)
    frame = pd.DataFrame({"baseline": before["cost"], "reform": after["cost"]})
    frame["difference"] = frame["reform"] - frame["baseline"]
    for name in ("service_bonus", "revenue_bonus", "penalty_not_applied", "cash_effect"):
        frame[name] = after[name] - before[name]
    return frame.sort_values("difference", kind="stable") / FEN_PER_YUAN
