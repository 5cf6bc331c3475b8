"""Known games, priced: who could gain by booking the same work otherwise, how much, and which reading ends it.

A game changes what is recorded, not what is done. Each is played on the records as they are, by one person at a time,
everyone else and the standing in later quarters left alone; the rules then say what it brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cmpolicy.insight.event_values import cash_change, places_of, quarter_change, recorded, worth_of
from cmpolicy.messages import Message
from cmpolicy.regulation import pay
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.policy import FEN_PER_YUAN, Policy, PolicyBook
from cmpolicy.simulation.appraise import Outcome
from cmpolicy.simulation.columns import Stages, appraise_columns
from cmpolicy.simulation.terms import versions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from cmpolicy.insight.event_values import Pay, Places

SHIFTED_REVENUE = (1, 10)
"""The share of a quarter's revenue that is booked in another quarter."""
_LEAST_GAIN = FEN_PER_YUAN
"""Less than a yuan is the rounding of two bonuses, and no gain."""


class Gains(NamedTuple):
    """Who plays and what each gains, in fen; one row a staff-quarter."""

    person: NDArray[np.intp]
    gain: NDArray[np.int64]


class Against(NamedTuple):
    """A reading that is tried against a game: its setting and the option."""

    path: str
    option: str

    def __str__(self) -> str:
        """Give what the option means, in the language in use."""
        return reading_text(self.path.partition(".")[2]).options[self.option]


class Game(NamedTuple):
    """A game: its clause, what is done, how to play it, and what is tried against it."""

    clause: str
    text: Message
    play: Callable[[Board], Iterator[Gains]]
    against: Against


class Board(NamedTuple):
    """What games are played on: everyone's place in each quarter, and the borders of quarters.

    A border has the same people at the end of one quarter and at the start of the next.
    """

    quarters: Sequence[Places]
    borders: Sequence[tuple[Places, Places]]


def board_of(quarters: Sequence[Places]) -> Board:
    """Lay out the board of an outcome from its places at the end of each quarter."""
    starts = places_of(quarters[0].outcome, first_month=True)
    borders = []
    for first, second in zip(quarters, starts[1:], strict=False):
        _, here, there = np.intersect1d(first.people, second.people, assume_unique=True, return_indices=True)
        borders.append((first.only(here), second.only(there)))
    return Board(quarters, borders)


def _rejoin(times: int) -> Callable[[Board], Iterator[Gains]]:
    """Play: so many users cancel and join again in the last assessed month."""

    def play(board: Board) -> Iterator[Gains]:
        for places in board.quarters:
            edit = recorded(broadband_lost=times, broadband_gained=times)(places)
            yield Gains(places.people, worth_of(places, places.after(edit.month_points, edit.quarter_points)))

    return play


def _shift_cancellation(*, later: bool) -> Callable[[Board], Iterator[Gains]]:
    """Play: one cancellation at the quarters' border is booked on its other side."""

    def play(board: Board) -> Iterator[Gains]:
        for border in board.borders:
            source, target = border if later else border[::-1]
            lost = source.outcome.panel.counts.broadband_lost
            able = np.flatnonzero(lost[source.month, source.people] > 0)
            source, target = source.only(able), target.only(able)
            less, more = recorded(broadband_lost=-1)(source), recorded(broadband_lost=1)(target)
            gain = _together(source, source.after(less.month_points, 0), target, target.after(more.month_points, 0))
            yield Gains(source.people, gain)

    return play


def _shift_revenue(*, later: bool) -> Callable[[Board], Iterator[Gains]]:
    """Play: a tenth of the revenue of a quarter in which the penalty is not applied in full is booked next to it."""

    def play(board: Board) -> Iterator[Gains]:
        numerator, denominator = SHIFTED_REVENUE
        for border in board.borders:
            source, target = border if later else border[::-1]
            panel, people = source.outcome.panel, source.people
            binds = source.outcome.arrays.penalty_not_applied[source.quarter, people] > 0
            known = panel.revenue_known[source.quarter, people] & panel.revenue_known[target.quarter, people]
            able = np.flatnonzero(binds & known)
            source, target = source.only(able), target.only(able)
            revenue = panel.revenue[source.quarter, source.people].astype(np.int64)
            shifted = revenue * numerator // denominator
            gain = _together(source, _with_revenue(source, -shifted), target, _with_revenue(target, shifted))
            yield Gains(source.people, gain)

    return play


GAMES = {
    "rejoin": Game(
        "2.2",
        Message("one user cancels and joins again: one lost, one gained"),
        _rejoin(1),
        Against("readings.user_count", "net"),
    ),
    "rejoin_thrice": Game(
        "2.2", Message("three users cancel and join again"), _rejoin(3), Against("readings.user_count", "net")
    ),
    "cancellation_later": Game(
        "2.2",
        Message("a cancellation of the quarter's last month is booked in the next quarter"),
        _shift_cancellation(later=True),
        Against("readings.user_count", "net"),
    ),
    "cancellation_earlier": Game(
        "2.2",
        Message("a cancellation of the quarter's first month is booked in the quarter before"),
        _shift_cancellation(later=False),
        Against("readings.user_count", "net"),
    ),
    "revenue_later": Game(
        "3.3",
        Message("a tenth of the revenue of a quarter whose penalty is limited is booked in the next quarter"),
        _shift_revenue(later=True),
        Against("readings.revenue_below_base", "carried"),
    ),
    "revenue_earlier": Game(
        "3.3",
        Message("a tenth of the revenue of a quarter whose penalty is limited is booked in the quarter before"),
        _shift_revenue(later=False),
        Against("readings.revenue_below_base", "carried"),
    ),
}
"""By name."""


def games(outcome: Outcome, quarters: Sequence[Places]) -> pd.DataFrame:
    """Price every game of `GAMES` on an outcome, and once more under the reading that is tried against it.

    Parameters
    ----------
    outcome
    quarters
        From `places_of` of the outcome.

    Returns
    -------
    DataFrame
        Index: game; clause, staff_quarters and people (who gain a yuan or more), most and total (yuan, the best single
        gain and all of them), against (the setting that is tried), then staff_quarters_against and most_against.
    """
    import pandas as pd

    board = board_of(quarters)
    boards: dict[str, Board] = {}
    rows = {}
    for name, game in GAMES.items():
        against = " = ".join(game.against)
        if against not in boards:
            boards[against] = board_of(places_of(_appraised_otherwise(outcome, *game.against)))
        person, gain = _played(game, board)
        _, gain_against = _played(game, boards[against])
        rows[name] = {
            "clause": game.clause,
            "staff_quarters": len(gain),
            "people": len(np.unique(person)),
            "most": gain.max(initial=0) / FEN_PER_YUAN,
            "total": gain.sum() / FEN_PER_YUAN,
            "against": against,
            "staff_quarters_against": len(gain_against),
            "most_against": gain_against.max(initial=0) / FEN_PER_YUAN,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("game")


def _played(game: Game, board: Board) -> Gains:
    """Give the rows that gain."""
    found = [Gains(person[gain >= _LEAST_GAIN], gain[gain >= _LEAST_GAIN]) for person, gain in game.play(board)]
    if not found:
        return Gains(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.int64))
    return Gains(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _appraised_otherwise(outcome: Outcome, path: str, option: str) -> Outcome:
    """Appraise under another option, in stages of its own: what the data keep for others stays."""
    policy: Policy | PolicyBook
    if isinstance(outcome.policy, Policy):
        policy = outcome.policy.with_changes({path: option})
    else:
        policy = PolicyBook([one.with_changes({path: option}) for one in outcome.policy.policies])
    versions = versions_of(policy, outcome.panel)
    return Outcome(outcome.data, policy, versions, appraise_columns(outcome.panel, versions, Stages()))


def _with_revenue(places: Places, more: NDArray[np.int64]) -> Pay:
    """Give what the same work pays with more revenue in the quarter."""
    panel, terms, quarter = places.outcome.panel, places.terms, places.quarter
    revenue = panel.revenue[quarter, places.people].astype(np.int64)
    base = panel.base[quarter, places.people].astype(np.int64)
    before, after = (
        pay.revenue_paid(
            pay.revenue_bonus(amount, base, 0, terms.revenue_ratio, terms.readings.revenue_below_base),
            places.standing,
            terms.readings.after_dismissal,
        )
        for amount in (revenue, revenue + more)
    )
    now = places.now
    payout, owed = places.payout_of(now.service_bonus, places.revenue_bonus + after - before)
    return now._replace(payout=payout, owed=owed)


def _together(source: Places, source_pay: Pay, target: Places, target_pay: Pay) -> NDArray[np.int64]:
    """Give what two quarters' changes are worth in fen; in one year their awards are settled together."""
    outcome, people = source.outcome, source.people
    panel = outcome.panel
    if panel.year_of(source.quarter) != panel.year_of(target.quarter):
        return worth_of(source, source_pay) + worth_of(target, target_pay)
    awards = source_pay.award - source.now.award + target_pay.award - target.now.award
    of_quarters = quarter_change(source, source_pay) + quarter_change(target, target_pay)
    return of_quarters + cash_change(outcome, source.quarter, people, awards)
