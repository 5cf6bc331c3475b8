"""A forecast and its tables: what policies cost in the futures drawn, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.messages import Message
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.forecast_limits import possible
from cmpolicy.simulation.forecast_request import check_confidence
from cmpolicy.simulation.future_records import PAYOUT, RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

COMPONENTS = (*RECORDED, "cash_effect", "cost")
TOTAL = "total"
"""Stands in the column of quarters for all of them together."""
SIDES = {"baseline": Message("baseline"), "reform": Message("reform")}
"""What the policies with these names are called in the reader's language."""
_QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_BY_COMPONENT = {"component": COMPONENTS}
_CASH = COMPONENTS.index("cash_effect")
_WITHOUT_COST = len(COMPONENTS) - 1


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
    unlimited : (P, R, H, G, 5) float
        The same by replicate, without the cost, with quarters spread as widely as the data allow to say, be it possible
        or not. Replicate r has staffing r modulo S.
    extremes : (P, 2, 4) int64
        Fen that a past record pays at least and at most, of `RECORDED`.
    never_negative, never_positive : (2, P, 6) bool
        Whether every past record has this sign: in what it pays under a policy, and in what that is more than under the
        first one. A sign that the futures drawn have without it is chance.
    leavers : (S, H) int
        People who leave by themselves, of those in post at the end of the data.
    dismissed : (P, S, H) int
        People whose dismissal is due at the end of the quarter.
    past : (P, Q, 6) int64
        Fen of the past quarters, as `appraise` has them.
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
    unlimited: NDArray[np.float64]
    extremes: NDArray[np.int64]
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
        return int(self.unlimited.shape[1])

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """(P, R, H, 6) fen of all areas together, within what is possible: what the tables are made from."""
        headcount = np.array(self.headcount)
        return self._limited(self.unlimited.sum(axis=3), self.exact[..., :_WITHOUT_COST].sum(axis=3), headcount)

    @cached_property
    def spread_by_area(self) -> NDArray[np.float64]:
        """(P, R, H, G, 6) fen of each area, within what is possible there, which is less than for all together.

        So areas add up to the whole in the mean, and not in each replicate.
        """
        posts = np.broadcast_to(self.posts, self.unlimited.shape[2:4])
        return self._limited(self.unlimited, self.exact[..., :_WITHOUT_COST], posts)

    def _limited(
        self, unlimited: NDArray[np.float64], exact: NDArray[np.int64], posts: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        found = with_cost(possible(unlimited, exact, posts, self.extremes))
        found.flags.writeable = False
        return found

    @cached_property
    def quarters(self) -> pd.DataFrame:
        """Each coming quarter: policy if there are several, quarter, component, p10, p50, p90, mean."""
        return self._money(self._by_quarter.part(np.s_[:, :, :-1]), {"quarter": self.quarter_names})

    @cached_property
    def total(self) -> pd.DataFrame:
        """All coming quarters together: policy if there are several, component, p10, p50, p90, mean."""
        return self._money(self._by_quarter.part(np.s_[:, :, -1:]), {})

    @property
    def areas(self) -> pd.DataFrame:
        """All coming quarters together by area: policy if there are several, area, posts, component, p10, …, mean.

        The largest areas; the others together are the last one.
        """
        rest = str(Message("all other areas") if len(self.area_names) > 1 else Message("all areas"))
        columns = {"area": [rest if name is None else name for name in self.area_names], "posts": self.posts}
        return self._money(self._futures(self.exact.sum(axis=2), self.spread_by_area.sum(axis=2)), columns)

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
        """The past quarters as `appraise` has them: policy if there are several, quarter, component, amount."""
        return _rows({"amount": self.past / FEN_PER_YUAN}, self._named, {"quarter": self.past_quarter_names})

    @property
    def before_names(self) -> tuple[str, ...]:
        """The last of the past quarters: as many as are forecast, if there are so many."""
        return self.past_quarter_names[-len(self.quarter_names) :]

    @cached_property
    def before(self) -> pd.DataFrame:
        """These together, to hold `total` against: policy if there are several, component, amount."""
        together = self.past[:, -len(self.quarter_names) :].sum(axis=1, keepdims=True)
        return _rows({"amount": together / FEN_PER_YUAN}, self._named, {})

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
        quarters = (self.exact.sum(axis=3), self.spread)
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


def with_cost(amounts: NDArray[Any]) -> NDArray[Any]:
    """Append the cost, payout and cash effect together, to the last axis, which has the other `COMPONENTS`."""
    cost = amounts[..., PAYOUT] + amounts[..., _CASH]
    return np.concatenate([amounts, cost[..., np.newaxis]], axis=-1)


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
