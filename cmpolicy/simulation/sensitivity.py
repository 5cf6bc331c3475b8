"""What a policy's values matter: each moved alone, and all at once by Sobol's indices."""

from __future__ import annotations

import functools
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from cmpolicy.errors import CmpolicyError, PolicyError, Problem, suggest
from cmpolicy.messages import Message, list_of
from cmpolicy.progress import with_bar
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, PolicyBook, clause_of, load_policy, parameter_of
from cmpolicy.simulation.appraise import COST, appraise
from cmpolicy.simulation.effects import COUNTS, PROBATION_PAY, Effect, Side, effect_of, pay_effect_of, reason_of
from cmpolicy.simulation.probation import appraise_probation
from cmpolicy.simulation.readings_ledger import option_costs
from cmpolicy.simulation.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

COMPONENTS = (*COST, *PROBATION_PAY)
SAMPLES = tuple(2**power for power in range(4, 15))
"""How many samples Sobol's sequence stays balanced with; more would take long."""

_FESTIVAL = "probation.festival_allowance_ratio"
"""The one parameter that moves only what P(1)2 pays."""
_ONE, _FEN = Decimal(1), Decimal("0.01")
_SHARE_STEP = Decimal("0.01")
_USUAL_AMOUNT = Decimal(1000)
"""What a tenth is taken of where every amount of a column is 0."""


class _Move(NamedTuple):
    """One value moved: where to, and what comes of it, or the reason why nothing does."""

    path: str
    direction: str
    before: object
    after: object
    effect: Effect | None = None
    reason: Message | None = None


def sensitivity(data: StaffData, policy: Policy | None = None, paths: Iterable[str] | None = None) -> pd.DataFrame:
    """Tell what each value and each reading of a policy moves when it alone is changed a little.

    Points, bounds and other whole numbers move by one, shares by one hundredth. An amount moves by a tenth of itself,
    in whole yuan where that is a yuan or more; an amount of 0 by a tenth of its column's largest. A reading takes each
    of its other options, as in `readings`.

    Parameters
    ----------
    data
    policy
        What to start from; the enacted regulation where it is left out.
    paths
        The values to move, as of `policy.paths()`; all where they are left out.

    Returns
    -------
    DataFrame
        One row a move: path, clauses, direction (down, up or option), before and after as they are written in a policy
        file; the differences from the policy in yuan: service_bonus, revenue_bonus, penalty_not_applied, payout, award,
        cash_effect, cost (payout + cash effect), and beside the cost first_month_pay (P(1)1) and festival_allowance
        (P(1)2); people whose money changes, quarters_regraded, the difference in people dismissed, and recognised, the
        names of 3.4 that appear or disappear. Where a value cannot be moved so, the figures are absent and `reason`
        says why. The path whose moves change the cost most comes first.

    Raises
    ------
    PolicyError
        For an unknown path, a book of versions in place of a policy, or a policy that asks for what the data do not
        have.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=20, months=6, seed=1)
    >>> frame = sensitivity(data, cm.load_policy("2007-06"), ["grades.A.from", "grades.A.quarterly_bonus"])
    >>> sorted(zip(frame["path"], frame["after"]))[:2]
    [('grades.A.from', '109'), ('grades.A.from', '111')]
    """
    import pandas as pd

    policy = load_policy(ENACTED) if policy is None else policy
    if isinstance(policy, PolicyBook):
        raise PolicyError(Message("Changes apply to one policy; for a book of versions give another book."))
    chosen = list(policy.paths() if paths is None else dict.fromkeys(paths))
    for path in chosen:
        policy.get(path)
    moves = list(with_bar(_moves(data, policy, chosen), Message("changes")))
    swing = dict.fromkeys(chosen, 0)
    for move in moves:
        if move.effect is not None:
            swing[move.path] = max(swing[move.path], abs(move.effect.cost["cost"]))
    moves.sort(key=lambda move: -swing[move.path])
    texts = ["path", "clauses", "direction", "before", "after", "reason"]
    frame = pd.DataFrame([_row(move) for move in moves], columns=[*texts[:-1], *COMPONENTS, *COUNTS, "reason"])
    return frame.astype(
        dict.fromkeys(texts, "str") | dict.fromkeys(COMPONENTS, "float64") | dict.fromkeys(COUNTS, "Int64")
    )


def _row(move: _Move) -> list[object]:
    row: list[object] = [move.path, clause_of(move.path), move.direction, str(move.before), str(move.after)]
    if move.effect is None:
        row += [None] * (len(COMPONENTS) + len(COUNTS))
    else:
        row += [move.effect.cost[name] / FEN_PER_YUAN for name in COMPONENTS]
        row += [getattr(move.effect, name) for name in COUNTS]
    return [*row, "" if move.reason is None else str(move.reason)]


def _moves(data: StaffData, policy: Policy, paths: list[str]) -> Iterator[_Move]:
    """Move one value after the other, so that who waits can be told how far it is."""
    baseline = Side(appraise(data, policy))

    @functools.cache
    def probation_of(one: Policy) -> dict[str, list[object]]:
        return appraise_probation(data, one)

    readings = [path.partition(".")[2] for path in paths if path.startswith("readings.")]
    for one in option_costs(data, policy, readings):
        path = f"readings.{one.reading}"
        if not one.chosen:
            yield _Move(path, "option", policy.get(path), one.option, None if one.reason else one.effect, one.reason)
    for path in paths:
        if path.startswith("readings."):
            continue
        before = policy.get(path)
        for direction, after in _steps(policy, path).items():
            reform = _moved(policy, path, after)
            if isinstance(reform, Message):
                yield _Move(path, direction, before, after, reason=reform)
                continue
            try:
                if path == _FESTIVAL:
                    effect = pay_effect_of("festival_allowance", probation_of(policy), probation_of(reform))
                else:
                    effect = effect_of(baseline, Side(appraise(data, reform)))
                yield _Move(path, direction, before, after, effect)
            except CmpolicyError as error:
                yield _Move(path, direction, before, after, reason=reason_of(error))


def impossible_moves(policy: Policy) -> list[Message]:
    """Tell which values cannot be moved as `sensitivity` moves them, and why.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> [str(one).partition(":")[0] for one in impossible_moves(cm.load_policy("2007-06"))]
    ['grades.E.quarterly_bonus cannot be moved to -250']
    """
    paths = [path for path in policy.paths() if not path.startswith("readings.")]
    moved = (_moved(policy, path, after) for path in paths for after in _steps(policy, path).values())
    return [one for one in moved if isinstance(one, Message)]


def _moved(policy: Policy, path: str, after: object) -> Policy | Message:
    """Give the policy with a value moved, or why it cannot be."""
    try:
        return policy.with_changes({path: after})
    except PolicyError as error:
        return _why_not(path, after, error.problems[0])


def _steps(policy: Policy, path: str) -> dict[str, int | Decimal]:
    """Give where a value is moved, down and up."""
    before: Any = policy.get(path)
    step = step_of(policy, path)
    return {"down": before - step, "up": before + step}


def _why_not(path: str, value: object, problem: Problem) -> Message:
    """Say why a value cannot be moved there: it is beyond its limits, or another one stands in the way."""
    other = dict(problem.message.values)["path"]
    if other == path:
        return Message(
            "{path} cannot be moved to {value}: it has to be {expected}.",
            path=path,
            value=value,
            expected=problem.expected,
        )
    return Message(
        "{path} cannot be moved to {value}: {other} has to be {expected}.",
        path=path,
        value=value,
        other=other,
        expected=problem.expected,
    )


def step_of(policy: Policy, path: str) -> int | Decimal:
    """Give the step by which a value that is not a reading is moved.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> policy = cm.load_policy("2007-06")
    >>> [step_of(policy, f"grades.A.{name}") for name in ("from", "quarterly_bonus")]
    [1, Decimal('250')]
    """
    kind = parameter_of(path).kind
    if kind == "whole":
        return 1
    if kind == "ratio":
        return _SHARE_STEP
    value: Any = policy.get(path)
    largest = max(abs(getattr(row, path.rpartition(".")[2])) for row in policy.grades)
    tenth: Decimal = (abs(value) or largest or _USUAL_AMOUNT) / 10
    return tenth.quantize(_ONE if tenth >= 1 else _FEN, ROUND_HALF_UP) or _FEN


# -- all at once -------------------------------------------------------------------------------------------------------


def sobol(
    data: StaffData,
    policy: Policy | None,
    ranges: Mapping[str, Iterable[object]],
    *,
    figures: Iterable[str] = ("cost",),
    samples: int = 1024,
    seed: int = 0,
) -> pd.DataFrame:
    """Tell on which values a figure depends when all of them vary at once: Sobol's indices, by SALib.

    The first-order index is the share of the figure's variance that a value explains by itself, the total-order index
    the share in which it has a part at all, together with others. So a total near 0 says that the value may stay as it
    is, and a total far above the first order that it matters only along with others.

    Parameters
    ----------
    data
    policy
        What the other values are; None is the enacted regulation.
    ranges
        Under each path the values it may take, each as likely: `{"grades.A.from": range(108, 113)}`. A reading's are
        its options.
    figures
        Columns of `sweep`: cost, payout, dismissed, quarter_grade_E, …
    samples
        A power of two up to 16384; samples times (paths + 2) scenarios are appraised, exactly.
    seed
        The same seed gives the same scenarios.

    Returns
    -------
    DataFrame
        One row a figure and path: figure, path, first_order, first_order_error, total_order, total_order_error; an
        error is half the width of the 95 % confidence interval. A figure that never changes has no indices: absent.
        `attrs` has samples, scenarios and seed.

    Raises
    ------
    PolicyError
        As `sweep`; for a range of fewer than two values, bounds whose ranges overlap (the values then are not free of
        each other), an unknown figure, or a number of samples that is no power of two.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> ranges = {"grades.A.from": range(108, 113), "grades.A.quarterly_bonus": [2000, 2500, 3000]}
    >>> indices = sobol(cm.synthesize(staff=50, months=6, seed=1), cm.load_policy("2007-06"), ranges, samples=64)
    >>> list(indices["path"])
    ['grades.A.from', 'grades.A.quarterly_bonus']
    """
    import numpy as np
    import pandas as pd
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    values = {path: list(entries) for path, entries in ranges.items()}
    _check(values, samples, seed)
    chance = np.random.default_rng(seed)  # SALib takes the seed 0 for none at all; a generator it takes as it is
    problem = {"num_vars": len(values), "names": list(values), "bounds": [[0, 1]] * len(values)}
    drawn = sampling.sample(problem, samples, calc_second_order=False, seed=chance)
    lengths = np.array([len(entries) for entries in values.values()])
    places, row = np.unique(np.minimum(drawn * lengths, lengths - 1).astype(np.intp), axis=0, return_inverse=True)
    found = sweep(data, policy, [_patch(values, chosen) for chosen in places.tolist()])
    if found.attrs["skipped"]:
        note = found.attrs["notes"][0]
        overlap = Message("Bounds whose ranges overlap are not free of each other. {note}", note=note)
        raise PolicyError(Message("The ranges cannot be used."), [Problem(overlap)])
    rows: list[tuple[object, ...]] = []
    for figure in figures:
        if figure not in found.columns or figure in values:
            near = suggest(figure, [name for name in found.columns if name not in values])
            what = Message("There is no figure {name}.", name=figure)
            hint = None if near is None else Message("a figure such as {nearest}", nearest=near)
            raise PolicyError(Message("The ranges cannot be used."), [Problem(what, expected=hint)])
        outcomes = found[figure].to_numpy(dtype=np.float64)[row.ravel()]
        if not np.ptp(outcomes):
            rows += [(figure, path, *[np.nan] * 4) for path in values]
            continue
        indices = analysis.analyze(problem, outcomes, calc_second_order=False, seed=chance)
        shown = zip(values, *(indices[name].tolist() for name in ("S1", "S1_conf", "ST", "ST_conf")), strict=True)
        rows += [(figure, *one) for one in shown]
    columns = ["figure", "path", "first_order", "first_order_error", "total_order", "total_order_error"]
    frame = pd.DataFrame(rows, columns=columns).astype({"figure": "str", "path": "str"})
    frame.attrs = {"samples": samples, "scenarios": len(drawn), "seed": seed}
    return frame


def _patch(values: dict[str, list[object]], places: list[int]) -> dict[str, object]:
    return {path: entries[place] for (path, entries), place in zip(values.items(), places, strict=True)}


def _check(values: dict[str, list[object]], samples: object, seed: object) -> None:
    """Refuse what indices cannot be made of; the values themselves `sweep` checks."""
    problems = [
        Problem(
            Message("{path} has fewer than two values.", path=path),
            expected=Message("the values it may take, as 108, 110 and 112"),
        )
        for path, entries in values.items()
        if len(entries) < 2
    ]
    if samples not in SAMPLES:
        wanted = Message("one of {options}", options=list_of([*map(str, SAMPLES)]))
        text = Message("{name} cannot be set so.", name="samples")
        problems.append(Problem(text, value=str(samples), expected=wanted))
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        wanted = Message("a whole number from {lowest} to {highest}", lowest=0, highest=f"{2**63 - 1:,}")
        problems.append(Problem(Message("{name} cannot be set so.", name="seed"), value=str(seed), expected=wanted))
    if not values:
        problems.append(Problem(Message("There are no ranges."), expected=Message("values under paths")))
    if problems:
        raise PolicyError(Message("The ranges cannot be used."), problems)
