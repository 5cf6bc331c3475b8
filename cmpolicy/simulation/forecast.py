"""What the coming quarters cost, with intervals: many futures drawn from the past, each paid to the fen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.errors import CmpolicyError
from cmpolicy.messages import Message
from cmpolicy.simulation.effort import efforts_under
from cmpolicy.simulation.forecast_drawing import draw, spread_out
from cmpolicy.simulation.forecast_notes import notes_on
from cmpolicy.simulation.forecast_request import asked_for
from cmpolicy.simulation.forecast_result import Forecast, with_cost
from cmpolicy.simulation.future_pay import FuturePay
from cmpolicy.simulation.future_records import AWARD, PAYOUT, Growth, growth_of_bases
from cmpolicy.simulation.futures import Past, Spread
from cmpolicy.simulation.history import Recall
from cmpolicy.simulation.journal import Keeper, content_of
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy, PolicyBook
    from cmpolicy.simulation.effort import WorthOfAPoint
    from cmpolicy.simulation.forecast_request import Asked
    from cmpolicy.staff.data import StaffData


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
    years of data, too; what that puts beyond what is possible is brought back (see `possible`). In departments of tens
    of thousands several replicates share the people drawn, and differ in the quarters' deviations.

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
    efforts = efforts_under(take, policies, plan.elasticity)
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
    drawn = draw(past, spread, list(pays.values()), plan, kept)
    return Forecast(
        names=tuple(policies),
        quarter_names=_names(past.start, past.horizon),
        past_quarter_names=_names(past.start - past.quarters, past.quarters),
        area_names=past.areas,
        posts=tuple(np.bincount(past.area_of_post, minlength=len(past.areas)).tolist()),
        headcount=past.headcount,
        seed=plan.seed,
        exact=with_cost(drawn.exact),
        unlimited=spread_out(drawn, spread, list(pays.values()), past.share_of_posts),
        extremes=np.stack([pay.extremes() for pay in pays.values()]),
        never_negative=_every_record(np.greater_equal, list(pays.values())),
        never_positive=_every_record(np.less_equal, list(pays.values())),
        leavers=drawn.leavers,
        dismissed=drawn.dismissed,
        past=with_cost(np.stack([pay.past_totals for pay in pays.values()])),
        notes=tuple(notes_on(past, pays, growth, efforts, plan, len(drawn.path))),
    )


def _every_record(compare: np.ufunc, pays: Sequence[FuturePay]) -> NDArray[np.bool_]:
    """Tell where every record has a sign, (2, P, 6): by itself, and in what it is more than under the first policy.

    The cash effect has the sign that awards have, and the cost that of payout and awards where it is the same.
    """
    found = [[compare(pay.extremes(less), 0).all(axis=0) for pay in pays] for less in (None, pays[0])]
    records = np.array(found)
    payout, award = records[..., [PAYOUT]], records[..., [AWARD]]
    return np.concatenate([records, award, payout & award], axis=-1)


def _names(first: int, quarters: int) -> tuple[str, ...]:
    return tuple(period_names(first + np.arange(quarters), "quarter").tolist())
