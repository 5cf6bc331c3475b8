"""Numbers as a person types them."""

from decimal import Decimal

import pytest

from cmpolicy.typed import amount_of, headcount_of, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1200000", 1_200_000),
        (" ¥1，200,000.50 ", Decimal("1200000.5")),
        ("￥ 30", 30),
        ("-4%", Decimal("-0.04")),
        ("97％", Decimal("0.97")),
        ("0.08", Decimal("0.08")),
        ("", None),
        ("  ", None),
    ],
)
def test_a_number_is_read_as_it_is_written_in_either_language(text, number):
    """With commas, a yuan sign, a percent sign, full-width or not; exactly."""
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["abc", "1e9", "1e999999999", "nan", "inf", "1.2.3", "12 34", "%", "¥", "--5", "9" * 40]
)
def test_what_is_no_number_stays_text(text):
    """To be refused with everything else; and none takes memory or time."""
    assert number_of(text) == text


@pytest.mark.parametrize(
    ("text", "posts"),
    [
        (None, None),
        (" ", None),
        ("51", 51),
        ("51,52，53、54", [51, 52, 53, 54]),
        ("51,", "51,"),
        ("1,000", 1000),
        (" 12，000 ", 12_000),
        ("251, 252", [251, 252]),
        ("1000, 1010", [1000, 1010]),
        ("-3", "-3"),
        ("51, x", "51, x"),
    ],
)
def test_posts_are_one_number_or_one_a_quarter(text, posts):
    """What is no number of posts stays text."""
    assert headcount_of(text) == posts


@pytest.mark.parametrize("text", ["1,000, 1,010", "1,000、1,010", "51, 1,000"])
def test_posts_that_can_be_read_in_two_ways_stay_text(text):
    """1,000 in a list is a thousand or two quarters; neither is guessed."""
    assert headcount_of(text) == text


@pytest.mark.parametrize(
    ("text", "amount"),
    [("97%", Decimal("969.99")), ("97％ ", Decimal("969.99")), ("¥1,200", 1200), ("", None), ("a lot", "a lot")],
)
def test_an_amount_is_yuan_or_a_share_rounded_down_to_the_fen(text, amount):
    """Never up over what was meant."""
    assert amount_of(text, Decimal("999.99")) == amount
