"""What is possible in a quarter: amounts that a drawn deviation puts beyond it are brought back.

A quarter's deviation is an amount that is added, and adding knows no rule. In a small area a bad quarter of another
season can take away more than there is: a payout below zero, or below both bonuses together, although 3.3 rules out
either. Cutting off what is beyond would make such areas dearer in the mean. So what is cut off there is taken from, or
given to, the other futures: these are the nearest amounts, by least squares, that are possible and have the same mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cmpolicy.simulation.future_records import AWARD, PAYOUT, REVENUE, SERVICE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Money = NDArray[np.float64]

_CASH = AWARD + 1
_HALVINGS = 40
"""Of a range of millions of yuan they leave less than a hundredth of a fen."""


def possible(
    unlimited: Money, exact: NDArray[np.int64], posts: NDArray[np.int64], extremes: NDArray[np.int64]
) -> Money:
    """Bring what P policies cost in R futures back to what is possible.

    The means stay, unless they are not possible themselves, by chance; then the least is changed, and never the cost
    for the sake of the revenue bonus.

    Parameters
    ----------
    unlimited : (P, R, H, …, 5) float
        Fen by policy, replicate, quarter and perhaps area, of `RECORDED` and cash_effect.
    exact : (P, S, H, …, 5) int64
        What the people drawn are paid in the quarters drawn: all of this is possible.
    posts : (H, …) int
        How many posts there are at most.
    extremes : (P, 2, 4) int64
        The least and the most that a record pays, of `RECORDED`.
    """
    found = unlimited.copy()
    for policy in range(len(found)):
        for quarter, held in enumerate(posts):  # one quarter at a time stays in the processor's cache
            drawn = exact[policy, :, quarter]
            _keep_possible(found[policy, :, quarter], drawn.min(axis=0), drawn.max(axis=0), held, extremes[policy])
    return found


def _keep_possible(
    spread: Money,
    lowest: NDArray[np.int64],
    highest: NDArray[np.int64],
    posts: NDArray[np.int64],
    extremes: NDArray[Any],
) -> None:
    """Bring (R, …, 5) amounts back, in place."""
    # The year so far lets the cash effect have a part of the awards.
    least, most = (posts[..., np.newaxis] * limit[[*range(len(limit)), AWARD]] for limit in extremes)
    least, most = np.minimum(least, lowest), np.maximum(most, highest)
    not_applied = spread[..., PAYOUT] - spread[..., SERVICE] - spread[..., REVENUE]
    _bring_back(not_applied, np.zeros(posts.shape), np.full(posts.shape, np.inf))
    # Of payout, both bonuses and the penalty not applied one follows from the others.
    follows = REVENUE if extremes[0, REVENUE] < 0 else PAYOUT
    for component in {SERVICE, REVENUE, PAYOUT, AWARD, _CASH} - {follows}:
        _bring_back(spread[..., component], least[..., component], most[..., component])
    if follows == REVENUE:
        spread[..., REVENUE] = spread[..., PAYOUT] - spread[..., SERVICE] - not_applied
    else:
        spread[..., PAYOUT] = spread[..., SERVICE] + spread[..., REVENUE] + not_applied


def _bring_back(amounts: Money, least: NDArray[Any], most: NDArray[Any]) -> None:
    """Move (R, …) amounts between their (…) bounds, in place: all by one shift, those beyond then to the bound."""
    beyond = ((amounts < least) | (amounts > most)).any(axis=0)
    some, least, most = amounts[:, beyond], least[beyond], most[beyond]
    if not some.size:
        return
    mean = some.mean(axis=0).clip(least, most)
    low, high = some.min(axis=0) - mean, some.max(axis=0) - mean
    for _ in range(_HALVINGS):
        shift = (low + high) / 2
        too_little = (some - shift).clip(least, most).mean(axis=0) > mean
        low, high = np.where(too_little, shift, low), np.where(too_little, high, shift)
    amounts[:, beyond] = (some - (low + high) / 2).clip(least, most)
