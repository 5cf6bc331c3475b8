"""What the coming quarters cost, with intervals: many futures drawn from the past, each paid to the fen."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.progress import bar
from cmpolicy.regulation.policy import ENACTED, FEN_PER_YUAN, Policy, PolicyBook, load_policy
from cmpolicy.simulation.effort import WorthOfAPoint, response, worths_of_a_point
from cmpolicy.simulation.future_pay import FuturePay
from cmpolicy.simulation.future_records import AWARD, PAYOUT, RECORDED, Growth, growth_of_bases
from cmpolicy.simulation.futures import QUARTERS_FOR_SEASONS, Past, Spread
from cmpolicy.simulation.history import SEASONS, Recall
from cmpolicy.simulation.journal import Keeper, content_of
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.random import Generator
    from numpy.typing import NDArray

    from cmpolicy.staff.data import StaffData

COMPONENTS = (*RECORDED, "cash_effect", "cost")
_CASH = COMPONENTS.index("cash_effect")
TOTAL = "total"
"""Stands in the column of quarters for all of them together."""
SIDES = {"baseline": Message("baseline"), "reform": Message("reform")}
"""What the policies with these names are called in the reader's language."""
MOST_QUARTERS = 20
MOST_REPLICATES = 10_000
_MOST_POSTS = 10_000_000
_POSTS_AT_ONCE = 65_536
_POSTS_DRAWN = 20_000_000
_LEAST_STAFFINGS = 200
"""In a large department people average out: it is enough to draw so many posts, or staffings, in all."""
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_BY_COMPONENT = {"component": COMPONENTS}


class _Plan(NamedTuple):
    """What `forecast` is asked for, checked."""

    quarters: int
    replicates: int
    headcount: tuple[int, ...] | None
    seed: int
    leavers_a_year: float | None
    revenue_growth: float | None
    base_growth: float | None
    elasticity: float


class Asked(NamedTuple):
    """Policies under their names, and the settings of a forecast, checked. Made by `asked_for`."""

    policies: dict[str, Policy | PolicyBook]
    plan: _Plan


class _Effort(NamedTuple):
    """What a point is worth under a policy, yuan a staff-quarter, and by what factor people gain users then."""

    worth: float
    factor: float


class _Drawn(NamedTuple):
    """R replicates, which share S staffings: who is there in which past quarter.

    Attributes
    ----------
    exact : (P, S, H, G, 5) int64
        Fen.
    dismissed : (P, S, H) int
    leavers : (S, H) int
    path : (S, H) int
        As in `Draws`.
    deviations : (R, H, Q) float
        How much of each past quarter's deviation comes into each coming quarter.
    """

    exact: NDArray[np.int64]
    dismissed: NDArray[np.int64]
    leavers: NDArray[np.int64]
    path: NDArray[np.intp]
    deviations: NDArray[np.float64]


def forecast(
    data: StaffData,
    policy: Policy | PolicyBook | Mapping[str, Policy | PolicyBook] | None = None,
    quarters: int = 4,
    replicates: int = 1000,
    headcount: int | Sequence[int] | None = None,
    seed: int = 0,
    *,
    leavers_a_year: float | None = None,
    revenue_growth: float | None = None,
    base_growth: float | None = None,
    elasticity: float = 0.0,
    journal: str | Path | None = None,
) -> Forecast:
    """Say what the coming quarters cost, and how sure that is.

    Each replicate is a possible future. Every coming quarter is drawn from the past quarters of its season, one for
    the whole department. Who is in post at the end of the data stays, with their own quarters and from their own
    standing under 3.5, until they leave or are dismissed; whoever succeeds is a person of the data, with all of their
    quarters. Each staff-quarter is paid to the fen. Only then are quarters' deviations from their season spread as
    widely as the number of quarters on record allows to say (see `Spread`), so that the intervals hold with a few
    years of data, too. In departments of tens of thousands several replicates share the people drawn, and differ in
    the quarters' deviations.

    What the data do not show is not in the intervals: a trend of the scores, a new competitor, bad quarters that
    follow each other more often than by chance.

    Parameters
    ----------
    data
        Two years of complete quarters or more; with fewer the intervals are rough, and a note says so.
    policy
        One policy, or several under their names: all on the same draws, so that their differences from the first one
        have intervals of their own. The enacted regulation where it is left out.
    quarters
        How many, from the first that the data do not cover to its end.
    replicates
        How many futures are drawn.
    headcount
        Posts in every coming quarter, or a number for each; as many as at the end of the data where it is left out.
        Posts that fall vacant are filled at once, up to it. Where there are too many, those close first whose holders
        leave by themselves within the forecast, then others by chance.
    seed
        The same seed gives the same forecast.
    leavers_a_year
        Share of people who leave in a year by themselves; as in the data where it is left out, without those whom the
        first policy dismissed.
    revenue_growth, base_growth
        Growth of revenue and of its base in a year, from the data's last year on, as a share such as 0.04. As the
        base grew in the data where it is left out.
    elasticity
        By how many percent the users that people gain change when a point is worth one percent more than under the
        first policy. 0: people do as they did.
    journal
        A folder that keeps the futures that are drawn, so that a run which was interrupted goes on where it was. What
        it keeps is used again only for the same data, policies, settings and program.

    Returns
    -------
    Forecast
        Tables are made when they are asked for.

    Raises
    ------
    CmpolicyError
        With every problem: a number that is out of range, no complete quarter to draw from, revenue or a base that
        would grow beyond what data may have.
    PolicyError
        As `appraise`.

    Examples
    --------
    >>> import cmpolicy as cm
    >>> data = cm.synthesize(staff=30, months=24, seed=1)
    >>> today = cm.load_policy("2007-06")
    >>> cm.forecast(data, today, replicates=200, seed=7).quarters.columns.tolist()
    ['quarter', 'component', 'p10', 'p50', 'p90', 'mean']
    >>> reform = today.with_changes({"grades.A.from": 112})
    >>> difference = cm.forecast(data, {"today": today, "reform": reform}, replicates=200, seed=7).difference
    >>> bool((difference.loc[difference["component"] == "service_bonus", "mean"] <= 0).all())
    True
    """
    asked = asked_for(
        policy,
        quarters=quarters,
        replicates=replicates,
        headcount=headcount,
        seed=seed,
        leavers_a_year=leavers_a_year,
        revenue_growth=revenue_growth,
        base_growth=base_growth,
        elasticity=elasticity,
    )
    return forecast_by(lambda job: job(data), asked, journal=journal)


def forecast_by(
    take: Callable[[Recall | WorthOfAPoint], Mapping[str, NDArray[Any]]],
    asked: Asked,
    *,
    journal: str | Path | None = None,
) -> Forecast:
    """Forecast from data that are somewhere: a job is taken to them, and gives the figures of all people.

    Parameters
    ----------
    take
    asked
    journal
        As of `forecast`.

    Raises
    ------
    CmpolicyError
        If there is no complete quarter to draw from, or revenue or a base would grow too far.
    """
    policies, plan = asked.policies, asked.plan
    efforts = _efforts(take, policies, plan)
    factors = tuple(effort.factor for effort in efforts.values())
    history = take(Recall(tuple(policies.values()), plan.quarters, factors, plan.seed))
    if not history["usable"].any():
        raise CmpolicyError(Message("The data have no complete quarter to draw coming ones from."))
    past = Past(history, plan.quarters, plan.headcount, plan.leavers_a_year)
    spread = Spread(np.flatnonzero(past.usable.any(axis=1)), past.quarters)
    in_data = growth_of_bases(history)
    growth = Growth(
        in_data,
        in_data if plan.revenue_growth is None else plan.revenue_growth,
        in_data if plan.base_growth is None else plan.base_growth,
    )
    pays = {name: FuturePay(history, number, one, past, growth) for number, (name, one) in enumerate(policies.items())}
    kept = None if journal is None else Keeper(journal, (asked, content_of(history)))
    del history  # laid out anew by then, and as large again
    drawn = _draw(past, spread, list(pays.values()), plan, kept)
    return Forecast(
        names=tuple(policies),
        quarter_names=_names(past.start, past.horizon),
        past_quarter_names=_names(past.start - past.quarters, past.quarters),
        area_names=past.areas,
        posts=tuple(np.bincount(past.area_of_post, minlength=len(past.areas)).tolist()),
        headcount=past.headcount,
        seed=plan.seed,
        exact=_with_cost(drawn.exact),
        spread=_with_cost(_spread_out(drawn, spread, list(pays.values()), past.share_open)),
        never_negative=_every_record(np.greater_equal, list(pays.values())),
        never_positive=_every_record(np.less_equal, list(pays.values())),
        leavers=drawn.leavers,
        dismissed=drawn.dismissed,
        past=_with_cost(np.stack([pay.past_totals for pay in pays.values()])),
        notes=tuple(_notes(past, pays, growth, efforts, plan, len(drawn.path))),
    )


@dataclass(frozen=True, eq=False)
class Forecast:
    """What P policies cost in H coming quarters, in R futures. Made by `forecast`. All tables are in yuan.

    Of R replicates with S staffings, the same number but in large departments.

    Attributes
    ----------
    names : tuple of str
        Of the policies.
    quarter_names, past_quarter_names : tuple of str
        The coming quarters, and the complete ones of the data.
    area_names : tuple of str or None
        The largest ones; None for all others together.
    posts : tuple of int
        Of each of these, with those that the plan adds.
    headcount : tuple of int
        Posts in every coming quarter.
    seed : int
    exact : (P, S, H, G, 6) int64
        Fen by policy, staffing, quarter, area and component (`COMPONENTS`): what the people drawn are paid in the
        quarters drawn.
    spread : (P, R, H, G, 6) float
        The same by replicate, with quarters spread as widely as the data allow to say: what the tables are made from.
        Replicate r has staffing r modulo S.
    never_negative, never_positive : (2, P, 6) bool
        Whether every past record has this sign: in what it pays under a policy, and in what that is more than under the
        first one. A sign that the futures drawn have without it is chance.
    leavers : (S, H) int
        People who leave by themselves, of those in post at the end of the data.
    dismissed : (P, S, H) int
        People whose dismissal is due at the end of the quarter.
    past : (P, Q, 6) int64
        Fen of the past quarters, with everyone paid who is on record.
    notes : tuple of Message
        What the forecast rests on.
    """

    names: tuple[str, ...]
    quarter_names: tuple[str, ...]
    past_quarter_names: tuple[str, ...]
    area_names: tuple[str | None, ...]
    posts: tuple[int, ...]
    headcount: tuple[int, ...]
    seed: int
    exact: NDArray[np.int64]
    spread: NDArray[np.float64]
    never_negative: NDArray[np.bool_]
    never_positive: NDArray[np.bool_]
    leavers: NDArray[np.int64]
    dismissed: NDArray[np.int64]
    past: NDArray[np.int64]
    notes: tuple[Message, ...]

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    @property
    def replicates(self) -> int:
        """How many futures were drawn."""
        return int(self.spread.shape[1])

    @cached_property
    def quarters(self) -> pd.DataFrame:
        """Each coming quarter: policy if there are several, quarter, component, p10, p50, p90, mean."""
        return self._money(self._by_quarter.part(np.s_[:, :, :-1]), {"quarter": self.quarter_names})

    @cached_property
    def total(self) -> pd.DataFrame:
        """All coming quarters together: policy if there are several, component, p10, p50, p90, mean."""
        return self._money(self._by_quarter.part(np.s_[:, :, -1:]), {})

    @cached_property
    def areas(self) -> pd.DataFrame:
        """All coming quarters together by area: policy if there are several, area, posts, component, p10, …, mean.

        The largest areas; the others together are the last one.
        """
        rest = str(Message("all other areas") if len(self.area_names) > 1 else Message("all areas"))
        columns = {"area": [rest if name is None else name for name in self.area_names], "posts": self.posts}
        return self._money(self._futures(self.exact.sum(axis=2), self.spread.sum(axis=2)), columns)

    @cached_property
    def difference(self) -> pd.DataFrame:
        """What each policy costs more than the first: policy, quarter (the last is `total`), component, p10, …, mean.

        On the same draws, so that what is common to both falls out. Empty where there is only one policy.
        """
        every = self._by_quarter
        more = _Futures(
            every.exact[1:] - every.exact[:1],
            every.spread[1:] - every.spread[:1],
            self.never_negative[1, 1:],
            self.never_positive[1, 1:],
        )
        return self._money(more, {"quarter": self._quarters_and_total}, names=self.names[1:])

    @cached_property
    def people(self) -> pd.DataFrame:
        """Leavers and dismissals: policy if there are several, quarter, headcount, figure, p10, p50, p90, mean.

        The figures are people who leave by themselves, of those in post at the end of the data (`left`), and people
        whose dismissal is due at the quarter's end (`dismissed`). Quantiles are whole people.
        """
        leavers = np.broadcast_to(self.leavers, self.dismissed.shape)
        counts = np.stack([leavers, self.dismissed], axis=-1)
        figures = {
            name: np.quantile(counts, level, axis=1, method="inverted_cdf") for name, level in _QUANTILES.items()
        }
        columns = {"quarter": self.quarter_names, "headcount": self.headcount}
        return _rows(figures | {"mean": counts.mean(axis=1)}, self._named, columns, {"figure": ("left", "dismissed")})

    @cached_property
    def history(self) -> pd.DataFrame:
        """The past quarters: policy if there are several, quarter, component, amount, with everyone paid on record."""
        return _rows({"amount": self.past / FEN_PER_YUAN}, self._named, {"quarter": self.past_quarter_names})

    def interval(self, confidence: float = 0.9) -> pd.DataFrame:
        """Give the range that the coming quarters lie in with a given confidence, as often above it as below.

        Parameters
        ----------
        confidence
            Above 0 and below 1.

        Returns
        -------
        DataFrame
            Policy if there are several, quarter (the last is `total`), component, low, high.

        Raises
        ------
        CmpolicyError
            If the confidence is no such number.
        """
        check_confidence(confidence)
        low, high = (self._by_quarter.quantile(level) for level in ((1 - confidence) / 2, (1 + confidence) / 2))
        return _rows({"low": low, "high": high}, self._named, {"quarter": self._quarters_and_total})

    def reserve(self, confidence: float = 0.9) -> pd.DataFrame:
        """Give the amount that is enough with a given confidence, and how far above the median it is.

        Parameters
        ----------
        confidence
            Above 0 and below 1.

        Returns
        -------
        DataFrame
            Policy if there are several, quarter (the last is `total`: enough for all together, which is less than
            enough for each), component, median, reserve, above_median.

        Raises
        ------
        CmpolicyError
            If the confidence is no such number.
        """
        check_confidence(confidence)
        median, enough = (self._by_quarter.quantile(level) for level in (0.5, confidence))
        figures = {"median": median, "reserve": enough, "above_median": enough - median}
        return _rows(figures, self._named, {"quarter": self._quarters_and_total})

    @cached_property
    def _by_quarter(self) -> _Futures:
        """All areas together, by quarter; the last one is all quarters together."""
        quarters = (array.sum(axis=3) for array in (self.exact, self.spread))
        return self._futures(*(np.concatenate([one, one.sum(axis=2, keepdims=True)], axis=2) for one in quarters))

    def _futures(self, exact: NDArray[np.int64], spread: NDArray[np.float64]) -> _Futures:
        return _Futures(exact, spread, self.never_negative[0], self.never_positive[0])

    @property
    def _quarters_and_total(self) -> tuple[str, ...]:
        return (*self.quarter_names, TOTAL)

    @property
    def _named(self) -> tuple[str, ...] | None:
        return self.names if len(self.names) > 1 else None

    def _money(
        self, futures: _Futures, columns: Mapping[str, Sequence[object]], names: tuple[str, ...] | None = None
    ) -> pd.DataFrame:
        figures = {name: futures.quantile(level) for name, level in _QUANTILES.items()}
        figures["mean"] = futures.spread.mean(axis=1) / FEN_PER_YUAN
        return _rows(figures, self._named if names is None else names, columns)

    def __repr__(self) -> str:
        low, middle, high = (self._by_quarter.quantile(level)[0, -1, -1] for level in _QUANTILES.values())
        span = f"{self.quarter_names[0]} to {self.quarter_names[-1]}"
        return (
            f"<Forecast of {', '.join(self.names)}, {span}: cost {middle:,.0f} yuan, P10 {low:,.0f}, P90 {high:,.0f}; "
            f"{self.replicates} replicates, seed {self.seed}>"
        )


class _Futures(NamedTuple):
    """Fen: of staffings as they were drawn, (P, S, X, 6), and of replicates, spread out, (P, R, X, 6); (P, 6) signs."""

    exact: NDArray[np.int64]
    spread: NDArray[np.float64]
    never_negative: NDArray[np.bool_]
    never_positive: NDArray[np.bool_]

    def part(self, which: Any) -> _Futures:
        return self._replace(exact=self.exact[which], spread=self.spread[which])

    def quantile(self, level: float) -> NDArray[np.float64]:
        """Give (P, X, 6) yuan. What has one sign in every record and every future keeps it, however far spread."""
        if not len(self.spread):
            return self.spread[:, 0]
        found = np.quantile(self.spread, level, axis=1) / FEN_PER_YUAN
        not_below = self.never_negative[:, np.newaxis] & (self.exact.min(axis=1) >= 0)
        not_above = self.never_positive[:, np.newaxis] & (self.exact.max(axis=1) <= 0)
        found = np.where(not_below, np.maximum(found, 0), found)
        return np.where(not_above, np.minimum(found, 0), found)


def _rows(
    figures: Mapping[str, NDArray[Any]],
    names: tuple[str, ...] | None,
    columns: Mapping[str, Sequence[object]],
    last: Mapping[str, Sequence[str]] = _BY_COMPONENT,
) -> pd.DataFrame:
    """Lay (P, X, C) figures out as rows: by policy where it is named, by the columns' entries, by what comes last."""
    import pandas as pd

    policy, entry, place = (part.ravel() for part in np.indices(next(iter(figures.values())).shape))
    labels: dict[str, tuple[Sequence[object], NDArray[np.intp]]] = {} if names is None else {"policy": (names, policy)}
    labels |= {name: (values, entry) for name, values in columns.items()}
    labels |= {name: (values, place) for name, values in last.items()}
    found = {name: pd.Series([values[number] for number in numbers]) for name, (values, numbers) in labels.items()}
    frame = pd.DataFrame(found | {name: array.ravel().round(2) for name, array in figures.items()})
    return frame.astype({name: "str" for name in labels if name not in ("posts", "headcount")})


# -- what is asked for ---------------------------------------------------------


def asked_for(policy: object, **settings: object) -> Asked:
    """Check what a forecast is asked for.

    Parameters
    ----------
    policy, settings
        As of `forecast`.

    Raises
    ------
    CmpolicyError
        With every problem.
    """
    return Asked(_policies(policy), _plan(**settings))


def _policies(policy: object) -> dict[str, Policy | PolicyBook]:
    """Give policies by name."""
    if policy is None:
        policy = load_policy(ENACTED)
    if isinstance(policy, Policy):
        return {policy.id: policy}
    if isinstance(policy, PolicyBook):
        return {", ".join(one.id for one in policy.policies): policy}
    if isinstance(policy, Mapping) and policy:
        found = {str(name): one for name, one in policy.items() if isinstance(one, Policy | PolicyBook)}
        if len(found) == len(policy):
            return found
    raise CmpolicyError(Message("A forecast takes one policy, or several under their names."))


def _plan(
    quarters: object = 4,
    replicates: object = 1000,
    headcount: object = None,
    seed: object = 0,
    leavers_a_year: object = None,
    revenue_growth: object = None,
    base_growth: object = None,
    elasticity: object = 0.0,
) -> _Plan:
    """Check the settings; report everything that is out of range."""
    problems: list[Problem] = []

    def whole(name: str, value: object, lowest: int, highest: int) -> int:
        if isinstance(value, int | np.integer) and not isinstance(value, bool) and lowest <= int(value) <= highest:
            return int(value)
        wanted = Message("a whole number from {lowest} to {highest}", lowest=f"{lowest:,}", highest=f"{highest:,}")
        problems.append(_problem(name, value, wanted))
        return lowest

    def share(name: str, value: object, lowest: float, highest: float) -> float:
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if number and lowest <= value <= highest:  # type: ignore[operator]  # checked on the left
            return float(value)  # type: ignore[arg-type]  # checked above
        problems.append(
            _problem(name, value, Message("a number from {lowest} to {highest}", lowest=lowest, highest=highest))
        )
        return lowest

    count = whole("quarters", quarters, 1, MOST_QUARTERS)
    plan = _Plan(
        count,
        whole("replicates", replicates, 1, MOST_REPLICATES),
        None,
        whole("seed", seed, 0, 2**63 - 1),
        None if leavers_a_year is None else share("leavers_a_year", leavers_a_year, 0, 0.99),
        None if revenue_growth is None else share("revenue_growth", revenue_growth, -0.9, 10),
        None if base_growth is None else share("base_growth", base_growth, -0.9, 10),
        share("elasticity", elasticity, 0, 10),
    )
    if isinstance(headcount, Sequence | np.ndarray) and not isinstance(headcount, str):
        if len(headcount) != count:
            wanted = Message("one number, or one for each of {count} quarters", count=count)
            problems.append(_problem("headcount", headcount, wanted))
        plan = plan._replace(headcount=tuple(whole("headcount", one, 0, _MOST_POSTS) for one in headcount))
    elif headcount is not None:
        plan = plan._replace(headcount=(whole("headcount", headcount, 0, _MOST_POSTS),) * count)
    if problems:
        raise CmpolicyError(Message("The forecast cannot be made so."), problems)
    return plan


def _problem(name: str, value: object, wanted: Message) -> Problem:
    return Problem(Message("{name} cannot be set so.", name=name), value=str(value), expected=wanted)


def check_confidence(confidence: object) -> None:
    """Refuse what is no confidence of an interval or a reserve.

    Raises
    ------
    CmpolicyError
        If it is not above 0 and below 1.
    """
    if not isinstance(confidence, int | float | np.number) or not 0 < confidence < 1:
        wanted = Message("a number above 0 and below 1, such as 0.9")
        raise CmpolicyError(
            Message("There is no amount for this confidence."), [_problem("confidence", confidence, wanted)]
        )


# -- drawing it ----------------------------------------------------------------


def _efforts(
    take: Callable[[WorthOfAPoint], Mapping[str, NDArray[Any]]],
    policies: Mapping[str, Policy | PolicyBook],
    plan: _Plan,
) -> dict[str, _Effort]:
    """Say how people respond to each policy; the data show what they do under the first one."""
    if not plan.elasticity:
        return dict.fromkeys(policies, _Effort(0.0, 1.0))
    worths = worths_of_a_point(take(WorthOfAPoint(tuple(policies.values()))))
    efforts = (_Effort(worth, response(worth, worths[0], plan.elasticity)) for worth in worths)
    return dict(zip(policies, efforts, strict=True))


def _draw(past: Past, spread: Spread, pays: Sequence[FuturePay], plan: _Plan, kept: Keeper | None) -> _Drawn:
    """Draw replicates, each from its own stream of chance; several at once where there are few posts."""
    posts = max(1, len(past.posts))
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(plan.seed).spawn(plan.replicates)]
    deviations = np.stack([spread.draw(stream, past.choices) for stream in streams])
    streams = streams[: max(_LEAST_STAFFINGS, _POSTS_DRAWN // posts)]
    at_once = max(1, _POSTS_AT_ONCE // posts)
    parts = []
    with bar(Message("futures"), total=len(streams)) as advance:
        for start in range(0, len(streams), at_once):
            few = streams[start : start + at_once]
            draw = functools.partial(_drawn_by, few, past, pays)
            parts.append(draw() if kept is None else kept.get_or_make(f"futures from {start}, {len(few)}", draw))
            advance(len(few))
    replicates = {"exact": 1, "dismissed": 1, "leavers": 0, "path": 0}
    arrays = {name: np.concatenate([part[name] for part in parts], axis=axis) for name, axis in replicates.items()}
    return _Drawn(**arrays, deviations=deviations)


def _drawn_by(streams: Sequence[Generator], past: Past, pays: Sequence[FuturePay]) -> dict[str, NDArray[Any]]:
    """Draw the staffings of some streams of chance; arrays as in `_Drawn`."""
    draws = past.draw(streams)
    money, dismissed = zip(*(pay.totals(draws) for pay in pays), strict=True)
    leaves = draws.leaves[:, past.posts != past.nobody]
    leavers = [(leaves == quarter).sum(axis=1) for quarter in range(past.horizon)]
    return {
        "exact": np.stack(money).swapaxes(1, 2),
        "dismissed": np.stack(dismissed).swapaxes(1, 2),
        "leavers": np.stack(leavers, axis=1),
        "path": draws.path,
    }


def _spread_out(
    drawn: _Drawn, spread: Spread, pays: Sequence[FuturePay], share_open: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Put drawn deviations in the place of those that the drawn quarters brought along, (P, R, H, G, 5) fen.

    What a quarter deviates by is of today's posts; a department that becomes smaller has its share of that.
    """
    staffing = np.arange(len(drawn.deviations)) % len(drawn.path)
    found = np.empty((len(pays), len(staffing), *drawn.exact.shape[2:]))
    for number, pay in enumerate(pays):
        kept = drawn.exact[number].astype(np.float64)
        for quarter in range(kept.shape[1]):
            expected = pay.expected(quarter)
            kept[:, quarter] -= share_open[quarter] * (expected - expected.mean(axis=0))[drawn.path[:, quarter]]
        deviations = spread.deviations(pay.expected_next_year(spread.quarters))
        found[number] = kept[staffing] + np.einsum("h,rhq,qgc->rhgc", share_open, drawn.deviations, deviations)
    return found


def _every_record(compare: np.ufunc, pays: Sequence[FuturePay]) -> NDArray[np.bool_]:
    """Tell where every record has a sign, (2, P, 6): by itself, and in what it is more than under the first policy.

    The cash effect has the sign that awards have, and the cost that of payout and awards where it is the same.
    """
    found = [[compare(pay.extremes(less), 0).all(axis=0) for pay in pays] for less in (None, pays[0])]
    records = np.array(found)
    payout, award = records[..., [PAYOUT]], records[..., [AWARD]]
    return np.concatenate([records, award, payout & award], axis=-1)


def _with_cost(amounts: NDArray[Any]) -> NDArray[Any]:
    """Append the cost, payout and cash effect together, to the last axis."""
    cost = amounts[..., PAYOUT] + amounts[..., _CASH]
    return np.concatenate([amounts, cost[..., np.newaxis]], axis=-1)


def _names(first: int, quarters: int) -> tuple[str, ...]:
    return tuple(period_names(first + np.arange(quarters), "quarter").tolist())


# -- what it rests on ----------------------------------------------------------


def _notes(
    past: Past,
    pays: Mapping[str, FuturePay],
    growth: Growth,
    efforts: Mapping[str, _Effort],
    plan: _Plan,
    staffings: int,
) -> Iterator[Message]:
    """Tell what the reader has to know."""
    yield Message("Seed {seed}, {count} replicates.", seed=plan.seed, count=f"{plan.replicates:,}")
    if staffings < plan.replicates:
        yield Message("In so large a department replicates share {count} drawings of people.", count=f"{staffings:,}")
    if past.begun:
        yield Message(
            "The data end inside {quarter}; the forecast begins with that quarter.", quarter=_names(past.start, 1)[0]
        )
    yield from _notes_on_history(past)
    yield from _notes_on_people(past, pays)
    rates = (f"{rate:.1%}" for rate in (growth.revenue, growth.base, growth.past))
    yield Message(
        "Revenue grows by {revenue} a year and its base by {base}; in the data the base grew by {past}.",
        **dict(zip(("revenue", "base", "past"), rates, strict=True)),
    )
    yield Message(
        "Not in the intervals: a trend of the scores, a new competitor, bad quarters that follow each other more often "
        "than by chance. Not in the cost: what leaving and hiring cost besides ({command}).",
        command="cmpolicy cost",
    )
    if not plan.elasticity:
        yield Message("Effort does not respond to what a point is worth (elasticity 0).")
        return
    for name, effort in efforts.items():
        yield Message(
            "Under {name} a point is worth {worth} yuan a quarter; with elasticity {elasticity} people gain {factor} "
            "of the users that they gained.",
            name=SIDES.get(name, name),
            worth=f"{effort.worth:,.2f}",
            elasticity=f"{plan.elasticity:g}",
            factor=f"{effort.factor:.1%}",
        )


def _notes_on_history(past: Past) -> Iterator[Message]:
    recorded = np.flatnonzero(past.usable.any(axis=1))
    quarters = len(recorded)
    first, last = (_names(past.start - past.quarters + int(one), 1)[0] for one in recorded[[0, -1]])
    yield Message(
        "Each coming quarter is drawn from those of its season in {first} to {last} ({count} quarters), for the whole "
        "department at once.",
        first=first,
        last=last,
        count=quarters,
    )
    if quarters < SEASONS:
        yield Message(
            "The data have {count} complete quarters, which is less than a year: seasons that are not on record are "
            "drawn from all quarters, and the intervals are rough.",
            count=quarters,
        )
    elif quarters < QUARTERS_FOR_SEASONS:
        yield Message(
            "The data have {count} complete quarters, which is less than two years: what is season and what is chance "
            "cannot be told apart, and the intervals are rough.",
            count=quarters,
        )
    if quarters == 1:
        yield Message("One quarter does not show how quarters differ: the intervals are of people only.")


def _notes_on_people(past: Past, pays: Mapping[str, FuturePay]) -> Iterator[Message]:
    yield Message(
        "Posts: {posts} at the end of the data, {headcount} at the end of the forecast. {share} of the people leave in "
        "a year.",
        posts=f"{past.in_post:,}",
        headcount=f"{past.headcount[-1]:,}",
        share=f"{1 - (1 - past.leave_rate) ** SEASONS:.1%}",
    )
    yield Message(
        "Who is in post stays, with their own records, until they leave or are dismissed (3.5). Someone succeeds at "
        "once, who may do as well or as badly as anybody in the data."
    )
    if past.in_post > min(past.headcount):
        yield Message(
            "Some quarters have fewer posts than there are people. Those posts close first whose holders leave by "
            "themselves within the forecast, then others by chance."
        )
    recorded = past.usable[past.usable.any(axis=1)]
    lacking = int((~recorded[:, past.posts[past.posts != past.nobody]]).any(axis=0).sum())
    if lacking:
        yield Message(
            "People in post without a record of a whole quarter in some past quarter: {count}. There the record of "
            "someone who does about as well stands in.",
            count=f"{lacking:,}",
        )
    for name, pay in pays.items():
        if pay.left:
            yield Message(
                "People in post whom {name} dismisses by the end of the data (3.5): {count}. Others succeed them.",
                count=f"{pay.left:,}",
                name=SIDES.get(name, name),
            )
