"""Income tax on a year-end award: taxed separately or merged with the year's wages, and where a yuan more leaves less.

The tables were seen in a secondary source only; the choice between the two ways ends with
awards paid in 2027 (MoF/STA Announcement 2023 No. 30).
"""

from __future__ import annotations

import datetime
import functools
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from cmpolicy.regulation.arithmetic import round_half_up
from cmpolicy.regulation.policy import FEN_PER_YUAN

SEPARATE_UNTIL = datetime.date(2027, 12, 31)
"""The last day on which an award can be taxed separately."""
MONTHS_A_YEAR = 12


class Bracket(NamedTuple):
    """A row of the monthly table: up to which amount, the rate in percent, and the quick deduction; money in fen."""

    most: int | None
    percent: int
    quick_deduction: int


MONTHLY_TABLE = tuple(
    Bracket(None if most is None else most * FEN_PER_YUAN, percent, quick * FEN_PER_YUAN)
    for most, percent, quick in (
        (3_000, 3, 0),
        (12_000, 10, 210),
        (25_000, 20, 1_410),
        (35_000, 25, 2_660),
        (55_000, 30, 4_410),
        (80_000, 35, 7_160),
        (None, 45, 15_160),
    )
)


class CliffZone(NamedTuple):
    """Awards above `after` and below `until` leave less than an award of `after` does; fen."""

    after: int
    until: int


def separate_tax(award: int) -> int:
    """Give the tax on a year-end award that is taxed by itself.

    A twelfth of the award chooses the bracket; rate and quick deduction then apply to the whole award.

    Parameters
    ----------
    award
        Fen, 0 or more.

    Returns
    -------
    int
        Fen, rounded half up.

    Examples
    --------
    >>> separate_tax(3_600_000), separate_tax(3_600_100)
    (108000, 339010)
    """
    bracket = _bracket_of(award)
    return _percent(award, bracket.percent) - bracket.quick_deduction


def annual_tax(taxable: int) -> int:
    """Give the tax on a year's taxable income, fen: the annual table is twelve times the monthly one.

    Examples
    --------
    >>> annual_tax(3_600_000), annual_tax(14_400_000)
    (108000, 1188000)
    """
    bracket = _bracket_of(taxable)
    return _percent(taxable, bracket.percent) - MONTHS_A_YEAR * bracket.quick_deduction


def merged_tax(award: int, taxable: int) -> int:
    """Give what an award adds to the year's tax when it is merged with the wages.

    Parameters
    ----------
    award
        Fen.
    taxable
        The year's taxable income without it, fen: wages less the basic and all special deductions; below 0 where the
        deductions are more.

    Examples
    --------
    >>> merged_tax(3_600_000, 0), merged_tax(3_600_000, 3_600_000), merged_tax(100_000, -100_000)
    (108000, 360000, 0)
    """
    return annual_tax(max(taxable + award, 0)) - annual_tax(max(taxable, 0))


@functools.cache
def cliff_zones() -> tuple[CliffZone, ...]:
    """List the zones in which a higher award, taxed separately, leaves less than the bound below it.

    Examples
    --------
    >>> cliff_zones()[0]
    CliffZone(after=3600000, until=3856667)
    """
    zones = []
    for lower, upper in pairwise(MONTHLY_TABLE):
        assert lower.most is not None  # noqa: S101 - only the last bracket is open
        after = MONTHS_A_YEAR * lower.most
        kept = after - separate_tax(after)
        # Kept again where award × (1 - rate) + quick deduction reaches what the bound leaves.
        until = Fraction((kept - upper.quick_deduction) * 100, 100 - upper.percent)
        zones.append(CliffZone(after, -(-until.numerator // until.denominator)))
    return tuple(zones)


def cliff_zone_of(award: int) -> CliffZone | None:
    """Give the zone in which an award lies, or None.

    Examples
    --------
    >>> cliff_zone_of(3_600_100), cliff_zone_of(3_600_000)
    (CliffZone(after=3600000, until=3856667), None)
    """
    return next((zone for zone in cliff_zones() if zone.after < award < zone.until), None)


def _bracket_of(amount: int) -> Bracket:
    """Find the bracket of a yearly amount by its twelfth."""
    return next(one for one in MONTHLY_TABLE if one.most is None or amount <= MONTHS_A_YEAR * one.most)


def _percent(amount: int, percent: int) -> int:
    rounded: int = round_half_up(amount * percent, 100)
    return rounded
