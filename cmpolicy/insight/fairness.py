"""Whether some groups come off better than others: area, tenure, part quarters, reviewers (2.9, 3.1-3.3)."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.insight.robustness import (
    LEAST_GROUP,
    Flips,
    Reliability,
    flips,
    judged,
    rank_stability,
    reliability,
    too_few,
    transitions,
    variance_components,
)
from cmpolicy.messages import Message
from cmpolicy.progress import with_bar
from cmpolicy.regulation.grading import SIXTHS
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.appraise import Outcome, appraise
from cmpolicy.simulation.terms import MONTHS_A_QUARTER

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.staff.data import StaffData

DRAWS = 1_000
"""Random reorderings behind an interval."""
CONFIDENCE = 0.95
OUTCOMES = {
    "score": Message("score"),
    "payout": Message("payout"),
    "lowest": Message("share of the lowest grade"),
}
"""What is compared with the rest."""
_TESTED = ("difference", "low", "high", "p_value")
TESTED = tuple(f"{outcome}_{figure}" for outcome in OUTCOMES for figure in _TESTED)
_TWO_SIDED = 1.96
"""How many standard errors the normal distribution needs for 95 %."""
TENURES = (
    (1, Message("under 1 year")),
    (3, Message("1 to 2 years")),
    (5, Message("3 to 4 years")),
    (10, Message("5 to 9 years")),
    (math.inf, Message("10 years and more")),
)
"""Bands of whole years since joining, each up to below its first entry."""
DIMENSIONS = {
    "all": Message("all"),
    "area": Message("area"),
    "tenure": Message("tenure"),
    "part_quarter": Message("months assessed"),
}
REVIEWS = {
    "review": Message("agreed figure"),
    "review_supervisor": Message("park supervisor"),
    "review_manager": Message("department manager"),
}
_PART, _WHOLE = Message("fewer than three"), Message("three")
_UNKNOWN = Message("not known")
_EVERYONE = Message("all")


class Division(NamedTuple):
    """How one dimension divides the staff-quarters: the groups' names, and the place among them of each."""

    dimension: str
    names: list[object]
    group: NDArray[np.intp]


class Units(NamedTuple):
    """People in a group: a person whose quarters lie in two groups is two of them.

    `group` and `mean` are of each unit: its group, and the mean of a value over the person's quarters that lie there.
    """

    group: NDArray[np.intp]
    mean: NDArray[np.float64]


def fairness(
    source: Outcome | StaffData,
    policy: Policy | PolicyBook | None = None,
    *,
    least_group: int = LEAST_GROUP,
    seed: int = 0,
    draws: int = DRAWS,
) -> Fairness:
    """Compare groups of people under a policy, and tell how firm grades and ranks are.

    Figures of fewer than `least_group` people are nowhere in the result, nor what they could be worked out from: where
    groups are hidden, the next smallest is too, until at least two groups and enough people are hidden together. So
    every table and figure of it can be shown to others. `least_group=1` hides nothing.

    Parameters
    ----------
    source
        An outcome, or staff data.
    policy
        Of staff data; the enacted regulation where it is left out.
    least_group
    seed
        Of the random reorderings behind the intervals.
    draws
        How many reorderings.

    Raises
    ------
    CmpolicyError
        If `least_group` or `draws` is below 1, `seed` is below 0, or fewer people than `least_group` have a score at
        all.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> found = fairness(cm.synthesize(staff=60, months=12, seed=1))
    >>> list(found.groups.columns)[:4]
    ['dimension', 'group', 'people', 'quarters']
    """
    problems = [
        Problem(
            Message("{name} is out of range.", name=name),
            value=str(value),
            expected=Message("a whole number of at least {least}", least=least),
        )
        for name, value, least in (("least_group", least_group, 1), ("draws", draws, 1), ("seed", seed, 0))
        if value < least
    ]
    if problems:
        raise CmpolicyError(Message("Groups cannot be compared so."), problems)
    outcome = source if isinstance(source, Outcome) else appraise(source, policy)
    people = int(judged(outcome).any(axis=0).sum())
    if people < least_group:
        few = Problem(
            Message(
                "People with a score: {people}; figures of fewer than {least} are not shown.",
                people=people,
                least=least_group,
            )
        )
        raise CmpolicyError(Message("Groups cannot be compared so."), [few])
    return Fairness(outcome, least_group=least_group, seed=seed, draws=draws)


class Fairness:
    """Groups of people compared, and how firm grades and ranks are; small groups are hidden.

    Attributes
    ----------
    outcome : Outcome
    least_group, seed, draws : int
    """

    def __init__(self, outcome: Outcome, *, least_group: int, seed: int, draws: int) -> None:
        self.outcome = outcome
        self.least_group = least_group
        self.seed = seed
        self.draws = draws
        self._quarter, self._person = np.nonzero(judged(outcome))

    @property
    def groups(self) -> pd.DataFrame:
        """Score, grades and payout of each group.

        Columns: dimension (all, area, tenure, part_quarter), group, people, quarters (staff-quarters with a score),
        score (mean of the people's mean scores, points), the share of each grade in the staff-quarters (share_A, …),
        payout (mean of the staff-quarters, yuan) and hidden. The figures of hidden groups are absent.

        Then of each of `OUTCOMES`, the difference from the rest, with each person counting once: score_difference,
        score_low and score_high (its 95 % interval, not adjusted), score_p_value (adjusted for the number of groups of
        the dimension, Holm); so too payout_… (yuan) and lowest_… (share of the quarters with the lowest grade). A
        person whose quarters lie in two groups is in both, each with the mean of the quarters that lie there. Interval
        and p-value come from dealing the people's means out to the groups at random, `draws` times with `seed`: the
        interval is the difference more or less what chance alone makes in 95 of 100 reorderings. These differences are
        not those of the columns payout and share_…, where whoever has more quarters in a group counts for more.
        """
        import pandas as pd

        names = dict.fromkeys(name for version in self.outcome.versions for name in version.policy.grade_names)
        figures = ["people", "quarters", "score", *(f"share_{name}" for name in names), "payout", *TESTED]
        rows = [
            [dimension, str(name), *(found.get(figure) for figure in figures), not found]
            for dimension, name, found in self._compared
        ]
        frame = pd.DataFrame(rows, columns=["dimension", "group", *figures, "hidden"])
        kinds = dict.fromkeys(figures, "float64") | {"dimension": "str", "group": "str", "hidden": "bool"}
        return frame.astype(kinds | {"people": "Int64", "quarters": "Int64"})

    @cached_property
    def _compared(self) -> list[tuple[str, object, dict[str, Any]]]:
        """Give dimension, name and figures of each group; a hidden one has none."""
        found: list[tuple[str, object, dict[str, Any]]] = []
        for division in self._divisions:
            figures, hidden = self._figures(division)
            found += [
                (division.dimension, name, {} if hidden[place] else {key: figures[key][place] for key in figures})
                for place, name in enumerate(division.names)
            ]
        return found

    @cached_property
    def _divisions(self) -> list[Division]:
        outcome, quarter, person = self.outcome, self._quarter, self._person
        divisions = [Division("all", [_EVERYONE], np.zeros(len(quarter), dtype=np.intp))]
        area = outcome.data.people_columns(person, outcome.panel.first_quarter + quarter, "quarter").get("area")
        if area is not None:
            names: list[object] = [*sorted({name for name in area.tolist() if name is not None}), _UNKNOWN]
            places = {name: place for place, name in enumerate(names)} | {None: len(names) - 1}
            divisions.append(_without_empty("area", names, [places[name] for name in area.tolist()]))
        if not np.isnat(outcome.panel.hired).all():
            years = _whole_years(outcome)[quarter, person]
            band = np.searchsorted([high for high, _ in TENURES], years, side="right")
            band[np.isnan(years)] = len(TENURES)
            divisions.append(_without_empty("tenure", [*(name for _, name in TENURES), _UNKNOWN], band))
        part = outcome.arrays.months_assessed[quarter, person] < MONTHS_A_QUARTER
        divisions.append(_without_empty("part_quarter", [_WHOLE, _PART], part))
        return divisions

    @property
    def _lowest_grade(self) -> NDArray[np.intp]:
        """(Q,) number of the lowest grade of the version in force in each quarter."""
        return np.concatenate(
            [np.full(one.stop - one.start, one.terms.lowest_grade, dtype=np.intp) for one in self.outcome.versions]
        )

    def _units(self, division: Division, values: NDArray[Any]) -> Units:
        """Give each person's mean of a value in each group that quarters of the person lie in."""
        people = self.outcome.panel.people
        key, unit = np.unique(division.group * people + self._person, return_inverse=True)
        return Units(key // people, np.bincount(unit, values) / np.bincount(unit))

    def _figures(self, division: Division) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
        """Give the figures of all groups of a dimension, and which are not shown."""
        outcome, place, group = self.outcome, (self._quarter, self._person), division.group
        groups = len(division.names)
        grade = outcome.arrays.quarter_grade[place]
        values = {
            "score": outcome.arrays.quarter_score[place] / SIXTHS,
            "payout": outcome.arrays.payout[place] / FEN_PER_YUAN,
            "lowest": grade == self._lowest_grade[self._quarter],
        }
        units = {name: self._units(division, values[name]) for name in OUTCOMES}
        units_in = units["score"].group
        people, quarters = np.bincount(units_in), np.bincount(group)
        grades = outcome.grade_names(grade, self._quarter)
        names = dict.fromkeys(name for version in outcome.versions for name in version.policy.grade_names)
        shares = {f"share_{name}": np.bincount(group[grades == name], minlength=groups) / quarters for name in names}
        figures: dict[str, NDArray[Any]] = {"people": people, "quarters": quarters}
        figures |= {"score": np.bincount(units_in, units["score"].mean) / people} | shares
        figures |= {"payout": np.bincount(group, values["payout"]) / quarters}
        hidden = too_few(people, self.least_group)
        shown = np.flatnonzero(~hidden)
        if groups > 1 and len(shown):
            means = np.array([units[name].mean for name in OUTCOMES])
            rng = np.random.default_rng(self.seed)
            for name, *found in zip(
                OUTCOMES, *compared_with_rest(units_in, means, shown, rng, self.draws), strict=True
            ):
                difference, by_chance, p_value = found
                tested = difference, difference - by_chance, difference + by_chance, holm(p_value)
                for figure, one in zip(_TESTED, tested, strict=True):
                    figures[f"{name}_{figure}"] = np.full(groups, math.nan)
                    figures[f"{name}_{figure}"][shown] = one
        return figures, hidden

    @property
    def leniency(self) -> pd.DataFrame:
        """How many points the reviewers give by area, the supervisor's place (2.9).

        Columns: reviewer (review, the agreed figure; review_supervisor; review_manager), area, people, points (mean of
        the people's mean adjustments), low and high (95 % interval), shrunk (drawn towards the mean of all areas, the
        more the less is known), all_areas (that mean) and hidden. A quarter without a review counts as 0 points; points
        beyond the limit count as recorded. Empty where the data record no areas.
        """
        import pandas as pd

        rows = [row for reviewer in REVIEWS for row in self._leniency(reviewer)]
        frame = pd.DataFrame(rows, columns=["reviewer", "area", *_LENIENCY, "hidden"])
        kinds = dict.fromkeys(_LENIENCY, "float64") | {"reviewer": "str", "area": "str", "hidden": "bool"}
        return frame.astype(kinds | {"people": "Int64"})

    def _leniency(self, reviewer: str) -> list[tuple[Any, ...]]:
        table = self.outcome.data.tables.get("quarters")
        division = next((one for one in self._divisions if one.dimension == "area"), None)
        if table is None or reviewer not in table.columns or division is None:
            return []
        panel = self.outcome.panel
        given = {"review": panel.review, "review_supervisor": panel.supervisor, "review_manager": panel.manager}
        units = self._units(division, given[reviewer][self._quarter, self._person])
        people = np.bincount(units.group)
        between, within = variance_components(units.mean, units.group)
        overall = float(units.mean.mean())
        mean, noise = np.bincount(units.group, units.mean) / people, within / people
        weight = between / (between + noise) if between else np.zeros(len(people))
        spread = _TWO_SIDED * np.sqrt(noise)
        figures = people, mean, mean - spread, mean + spread, overall + weight * (mean - overall), people * 0 + overall
        nothing = (None,) * len(figures)
        return [
            (reviewer, str(name), *(nothing if is_hidden else shown), is_hidden)
            for name, is_hidden, *shown in zip(division.names, too_few(people, self.least_group), *figures, strict=True)
        ]

    @property
    def why_not_compared(self) -> Message | None:
        """Why no group is compared with the rest; None where one is."""
        figures = [found for _, _, found in self._compared]
        if any("score_p_value" in found for found in figures):
            return None
        if all(figures):
            return Message("There are no two groups to compare.")
        return Message(
            "No group is large enough to be compared with the rest: each has fewer than {least} people, or would give "
            "such a group away.",
            least=self.least_group,
        )

    @property
    def why_no_leniency(self) -> Message | None:
        """Why no figure of `leniency` is shown; None where one is."""
        leniency = self.leniency
        if not leniency["hidden"].all():
            return None
        if len(leniency):
            return Message(
                "No area is large enough to be shown: each has fewer than {least} people, or would give such an area "
                "away.",
                least=self.least_group,
            )
        if any(division.dimension == "area" for division in self._divisions):
            return Message("The data record no reviewers' points.")
        return Message("The data record no areas.")

    @cached_property
    def flips(self) -> Flips:
        """How many grades hang on one event."""
        return flips(self.outcome, self.least_group)

    @cached_property
    def rank_stability(self) -> pd.DataFrame:
        """The rank correlation of each two adjacent quarters."""
        return rank_stability(self.outcome, self.least_group)

    @cached_property
    def transitions(self) -> pd.DataFrame:
        """Which grade follows which."""
        return transitions(self.outcome, self.least_group)

    @cached_property
    def reliability(self) -> Reliability:
        """How much of the differences between scores is the person's."""
        return reliability(self.outcome)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything that may be handed on, by the names of the files."""
        return {
            "groups": self.groups,
            "leniency": self.leniency,
            "flips": self.flips.by_count,
            "rank_stability": self.rank_stability,
            "transitions": self.transitions.reset_index(),
        }

    @property
    def answer(self) -> tuple[Message, ...]:
        """What was found, in sentences."""
        groups, found = self.groups, self.reliability
        compared = groups[groups["score_p_value"].notna()]
        why_not = self.why_not_compared
        said = [why_not] if why_not else []
        for outcome, label in OUTCOMES.items() if not why_not else ():
            differing = compared[compared[f"{outcome}_p_value"] < 1 - CONFIDENCE]
            said.append(
                Message(
                    "{outcome}: groups that differ from the rest by more than chance makes: {differing} of the "
                    "{compared} that can be shown.",
                    outcome=label,
                    differing=len(differing),
                    compared=len(compared),
                )
            )
            if len(differing):
                most = differing.iloc[int(differing[f"{outcome}_difference"].abs().argmax())]
                said.append(
                    Message(
                        "Most so {group} ({dimension}): {difference}.",
                        group=most["group"],
                        dimension=DIMENSIONS[most["dimension"]],
                        difference=difference_text(outcome, most[f"{outcome}_difference"]),
                    )
                )
        said.append(
            Message(
                "{share} of the quarter grades would be others if a single count of one month were off by one.",
                share=f"{self.flips.share:.0%}",
            )
        )
        ranked = self.rank_stability["spearman"].dropna()
        if len(ranked):
            said.append(
                Message(
                    "From one quarter to the next the ranks correlate with {correlation} on average.",
                    correlation=f"{ranked.mean():.2f}",
                )
            )
        if found.share == found.share:
            said.append(
                Message(
                    "{share} of the differences between scores are the person's, the rest comes and goes.",
                    share=f"{found.share:.0%}",
                )
            )
        return tuple(said)

    @property
    def notes(self) -> tuple[Message, ...]:
        """How it was reckoned, and what is not shown."""
        hidden = int(self.groups["hidden"].sum())
        said = []
        if not self.why_not_compared:
            said.append(
                Message(
                    "Intervals of 95 % and p-values from {draws} random reorderings, seed {seed}.",
                    draws=self.draws,
                    seed=self.seed,
                )
            )
            said.append(
                Message(
                    "P-values are adjusted for how many groups are compared in a grouping (Holm), intervals are not: "
                    "an interval can leave out 0 although its p-value is above {level}.",
                    level=f"{1 - CONFIDENCE:.2f}",
                )
            )
        if hidden:
            said.append(
                Message(
                    "Groups not shown, since they have fewer than {least} people or would give those away: {count}.",
                    count=hidden,
                    least=self.least_group,
                )
            )
        return tuple(said)

    def __repr__(self) -> str:
        return f"<Fairness: {self.outcome.panel.people} people, groups of at least {self.least_group}>"


_LENIENCY = ("people", "points", "low", "high", "shrunk", "all_areas")


def compared_with_rest(
    group: NDArray[np.intp],
    values: NDArray[np.float64],
    shown: NDArray[np.intp],
    rng: np.random.Generator,
    draws: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compare the means of the shown groups with the mean of all others by dealing the values out anew.

    What chance makes depends on a group's size alone, so groups of one size share their reorderings. And a group
    differs from the rest by as much as the rest from the group, so only the smaller of the two is dealt values.

    Parameters
    ----------
    group : (units,) int
        The group of each unit, from 0.
    values : (outcomes, units) float
        What is compared; all of a unit's are dealt out together.
    shown
        The groups to compare.
    rng, draws

    Returns
    -------
    difference, by_chance, p_value : (outcomes, shown) float
        The difference, what chance exceeds in 5 of 100 reorderings, and how often chance makes at least as much: the
        reorderings drawn and the one that was found count (so it is never 0).

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 3.0, 4.0, 11.0, 12.0, 13.0, 14.0]])
    >>> rng = np.random.default_rng(0)
    >>> difference, _, p_value = compared_with_rest(np.repeat([0, 1], 4), values, np.array([0]), rng, 1000)
    >>> float(difference[0, 0]), bool(p_value[0, 0] < 0.05)
    (-10.0, True)
    """
    units, total = len(group), values.sum(axis=1, keepdims=True)

    def differences(inside: NDArray[np.float64], size: NDArray[np.intp]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = inside / size - (total - inside) / (units - size)
        return found

    size = np.bincount(group)[shown]
    found = differences(np.array([np.bincount(group, one)[shown] for one in values]), size)
    smaller, place = np.unique(np.minimum(size, units - size), return_inverse=True)
    starts = np.concatenate([[0], smaller[:-1]])
    by_unit = np.ascontiguousarray(values.T)  # a unit's values side by side: several times faster to deal out
    chance = np.empty((len(smaller), draws, len(values)))
    for draw in with_bar(range(draws), Message("reorderings")):
        # The first values dealt out are a group of the least size, with the next ones of the second least, and so on.
        dealt = by_unit.take(rng.choice(units, smaller[-1], replace=False), axis=0)
        inside = np.add.reduceat(dealt, starts).cumsum(axis=0).T
        chance[:, draw] = np.abs(differences(inside, smaller)).T
    tolerance = 1e-9 * np.maximum(1.0, np.abs(values).max(axis=1, keepdims=True))
    least = np.abs(found) - tolerance
    reached = [(chance[one] >= least[:, number]).sum(axis=0) for number, one in enumerate(place)]
    by_chance = np.quantile(chance, CONFIDENCE, axis=1).T[:, place]
    return found, by_chance, (1 + np.array(reached).T) / (draws + 1)


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for how many there are, after Holm: the least is multiplied by their number, and so on.

    Examples
    --------
    >>> holm(np.array([0.5, 0.25, 0.125])).tolist()
    [0.5, 0.5, 0.375]
    """
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1)))
    return adjusted


def difference_text(outcome: str, difference: float) -> Message:
    """Write a difference of one of `OUTCOMES` with its sign and unit."""
    if outcome == "payout":
        return Message("{yuan} yuan", yuan=f"{difference:+,.2f}")
    if outcome == "lowest":
        return Message("{share} percentage points", share=f"{100 * difference:+.1f}")
    return Message("{points} points", points=f"{difference:+.1f}")


def _without_empty(dimension: str, names: list[object], group: ArrayLike) -> Division:
    """Leave out the groups that nobody is in."""
    inhabited, place = np.unique(np.asarray(group, dtype=np.intp), return_inverse=True)
    return Division(dimension, [names[number] for number in inhabited], place)


def _whole_years(outcome: Outcome) -> NDArray[np.float64]:
    """(Q, n) whole years from joining to the last day before each quarter's end, NaN where not known."""
    panel = outcome.panel
    last = panel.first_month + MONTHS_A_QUARTER * np.arange(1, panel.quarters + 1) - 12 * 1970
    ends = last.astype("datetime64[M]").astype("datetime64[D]")[:, None]
    joined = panel.hired.astype("datetime64[M]")
    day = (panel.hired - joined.astype("datetime64[D]")).astype(np.float64)
    months = (ends.astype("datetime64[M]") - joined).astype(np.float64) - (day > 0)
    years: NDArray[np.float64] = np.where(np.isnat(panel.hired), math.nan, np.maximum(months, 0) // 12)
    return years
