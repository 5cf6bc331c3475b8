"""What a policy makes of the past: records that coming quarters are drawn from, and where everyone stands by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.messages import Message
from cmpolicy.regulation import pay
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.simulation.history import STATE, cash_by_quarter
from cmpolicy.simulation.terms import terms_of
from cmpolicy.staff.schema import MOST_YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.simulation.futures import Past
    from cmpolicy.simulation.history import History
    from cmpolicy.simulation.terms import Terms

    Whole = NDArray[np.int64]

RECORDED = ("service_bonus", "revenue_bonus", "payout", "award")
"""What a record by itself says; the cash effect depends on the year so far."""
SERVICE, REVENUE, PAYOUT, AWARD = range(len(RECORDED))
USABLE = np.uint8(1)


class Growth(NamedTuple):
    """Growth of revenue and of its base in a year, as shares: in the data, and from the data's last year on."""

    past: float
    revenue: float
    base: float


class State(NamedTuple):
    """Where everyone stands at the end of the data, (n + 1,) arrays; people as in `Past`, the last is nobody.

    Attributes
    ----------
    standing, run : int8
        Of 3.5.
    carried : int64
        Penalty left over (3.3), fen.
    awarded : int64
        Awards of the year so far, fen.
    other_bonus : int64
        The other year-end bonus, fen: the last one known, or a usual one.
    """

    standing: NDArray[np.int8]
    run: NDArray[np.int8]
    carried: Whole
    awarded: Whole
    other_bonus: Whole


class Records(NamedTuple):
    """What one version makes of the past quarters, as if nobody were ever observed or dismissed.

    Arrays of shape (Q, n + 1), people as in `Past`; the last is nobody, who has and does nothing.

    Attributes
    ----------
    service_bonus, award, revenue, base : int
        Fen.
    flags : uint8
        Whether there is a usable record, and for 3.5 whether it failed and has a score.
    """

    terms: Terms
    service_bonus: NDArray[Any]
    award: NDArray[Any]
    revenue: NDArray[Any]
    base: NDArray[Any]
    flags: NDArray[np.uint8]

    def excess(self, growth: Growth, years_ago: NDArray[np.int64], years_ahead: int) -> Whole:
        """Give (Q, n + 1) fen: revenue minus base, grown from each quarter to its season so many years ahead.

        Parameters
        ----------
        growth
        years_ago : (Q,) int
            How many years each quarter lies before the last one of its season.
        years_ahead

        Raises
        ------
        CmpolicyError
            If revenue or base would be more than data may have.
        """
        with np.errstate(over="ignore", invalid="ignore"):  # refused below
            until_now = (1 + growth.past) ** years_ago[:, np.newaxis]
            revenue, base = (
                np.rint(column * (until_now * (1 + rate) ** years_ahead))
                for column, rate in ((self.revenue, growth.revenue), (self.base, growth.base))
            )
        if not max(revenue.max(), base.max()) <= MOST_YUAN * FEN_PER_YUAN:
            raise _grows_too_far(growth)
        excess: Whole = revenue.astype(np.int64) - base.astype(np.int64)
        return excess

    def paid(self, excess: Whole) -> Whole:
        """Give (Q, n + 1, 4) fen of `RECORDED` where revenue exceeds its base by so much; 0 without usable record."""
        terms, readings = self.terms, self.terms.readings
        revenue = pay.revenue_bonus(excess, 0, 0, terms.revenue_ratio, readings.revenue_below_base)
        payout = pay.quarter_payout(self.service_bonus, revenue, readings.payout_floor)
        paid = np.stack([self.service_bonus, revenue, payout, self.award], axis=-1)
        paid[(self.flags & USABLE) == 0] = 0
        return paid

    def cash_effect(self, first_quarter: int, other_bonus: Whole) -> Whole:
        """Give (Q, n + 1) fen: by how much each quarter moves the cash effect of its year, of usable records."""
        usable = (self.flags & USABLE) != 0
        other = np.broadcast_to(other_bonus, self.award.shape)
        award = np.where(usable, self.award, 0)
        effect = cash_by_quarter(award, first_quarter, other, [self.terms.readings.annual_negative] * len(award))
        return np.where(usable, effect, 0)


def _grows_too_far(growth: Growth) -> CmpolicyError:
    told = Message(
        "Revenue would grow by {revenue} a year and its base by {base}; in the data the base grew by {past}.",
        **{name: f"{rate:,.1%}" for name, rate in growth._asdict().items()},
    )
    wanted = Message("at most {most} yuan a quarter", most=f"{MOST_YUAN:,}")
    return CmpolicyError(Message("The forecast cannot be made so."), [Problem(told, expected=wanted)])


def records_of(history: History, number: int, version: Policy, past: Past) -> Records:
    """Give the records of one version of the policy with this number."""

    def column(name: str) -> NDArray[Any]:
        return past.of_people(history[name])

    of_version = f"{number} {version.effective_from}"
    flags = USABLE * past.usable + column(f"{of_version} flags")
    flags[:, past.nobody] = USABLE  # for nobody nobody stands in
    return Records(
        terms=terms_of(version),
        service_bonus=column(f"{of_version} service_bonus"),
        award=column(f"{of_version} award"),
        revenue=column("revenue"),
        base=column("base"),
        flags=flags.astype(np.uint8),
    )


def state_of(history: History, number: int, past: Past) -> State:
    """Give where everyone stands under the policy with this number; an other bonus that is not known is a usual one."""
    state = State(*(past.of_people(history[f"{number} {name}"]) for name in STATE))
    bonus = state.other_bonus
    known = np.sort(bonus[bonus > 0])
    if len(known):
        bonus[:-1][bonus[:-1] == 0] = known[len(known) // 2]
    return state


def growth_of_bases(history: History) -> float:
    """Give the growth in a year of the revenue base of those who have one in two quarters a year apart."""
    before, after = history["sum of bases"].tolist()
    return after / before - 1 if before else 0.0
