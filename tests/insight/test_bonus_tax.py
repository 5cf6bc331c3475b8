"""Tax on the year-end award, held against the statute's way of reckoning: slices of the marginal rates."""

import random

import pytest

from cmpolicy.insight.bonus_tax import MONTHLY_TABLE, annual_tax, cliff_zone_of, cliff_zones, merged_tax, separate_tax

# Yuan a year: up to which amount, and the rate of the slice below it.
SLICES = [(36_000, 3), (144_000, 10), (300_000, 20), (420_000, 25), (660_000, 30), (960_000, 35), (10**9, 45)]


def by_slices(taxable):
    """Reckon a year's tax in fen slice by slice, with no quick deduction."""
    tax, lower = 0, 0
    for most, percent in SLICES:
        tax += percent * max(min(taxable, most * 100) - lower, 0)
        lower = most * 100
    return (tax + 50) // 100


@pytest.mark.parametrize("taxable", [0, 1, 3_600_000, 3_600_001, 14_400_000, 96_000_001, 200_000_000])
def test_the_annual_table_is_that_of_the_slices(taxable):
    """The quick deductions make the brackets meet."""
    assert annual_tax(taxable) == by_slices(taxable)


def test_the_annual_table_is_that_of_the_slices_anywhere():
    rng = random.Random(5)
    for taxable in (rng.randrange(150_000_000) for _ in range(500)):
        assert annual_tax(taxable) == by_slices(taxable)


@pytest.mark.parametrize("taxable", [-5_000_000, -1_000_000, 0, 3_000_000, 20_000_000])
def test_merging_adds_the_award_to_the_year(taxable):
    award = 4_000_000
    assert merged_tax(award, taxable) == by_slices(max(taxable + award, 0)) - by_slices(max(taxable, 0))


def test_each_bound_of_the_table_begins_a_zone_and_its_ends_are_exact():
    """At the end as much is left as at the bound, a fen before it less."""
    zones = cliff_zones()
    assert [zone.after for zone in zones] == [12 * bracket.most for bracket in MONTHLY_TABLE[:-1]]
    for after, until in zones:
        kept = after - separate_tax(after)
        assert after + 1 - separate_tax(after + 1) < kept
        assert until - separate_tax(until) >= kept
        assert until - 100 - separate_tax(until - 100) < kept
        assert cliff_zone_of(after) is None
        assert cliff_zone_of(after + 1) == (after, until)
        assert cliff_zone_of(until - 1) == (after, until)
        assert cliff_zone_of(until) is None
