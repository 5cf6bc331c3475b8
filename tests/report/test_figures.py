"""Figures: the same numbers drawn the same way at every run, text as text, in the page's own colour, Chinese too."""

import io
import logging
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pandas as pd
import pytest
from PIL import Image
from random_cases import month_row, staff_data

import cmpolicy as cm
from cmpolicy.messages import CATALOGUE, Message
from cmpolicy.report.figures import (
    AmountsFigure,
    GradeMixFigure,
    cost_figure,
    image_of,
    new_figure,
    still_of,
    svg_of,
    timeline_figure,
)
from cmpolicy.report.fonts import figure_settings

BEFORE, AFTER = {"A": 64, "B": 1190, "C": 0}, {"A": 45, "B": 1209, "C": 3}
TITLE, COUNTED = Message("Grades of quarters, before and after"), Message("staff-quarters")
AMOUNTS = pd.DataFrame({"baseline": [1200.0, -300.0], "reform": [900.0, 0.0]}, index=["payout", "cash_effect"])


@pytest.fixture(params=["zh", "en"])
def language(request):
    with cm.using_language(request.param):
        yield request.param


@pytest.fixture(autouse=True)
def _no_complaints(caplog):
    """A font that is looked for in vain is told in the log; a glyph that is missing is a warning, so an error here."""
    with caplog.at_level(logging.WARNING, "matplotlib"):
        yield
    assert [record.getMessage() for record in caplog.records if record.name.startswith("matplotlib")] == []


def grade_mix():
    picture = GradeMixFigure()
    picture.draw(BEFORE, AFTER, TITLE, COUNTED)
    return picture


def quarters_of(policy, changes=()):
    """Give one person's quarters: good, bad, under observation, dismissed, gone; one quarter without a row."""
    months = [*((2023, month) for month in range(1, 13)), *((2024, month) for month in (4, 5, 6, 7, 8, 9))]
    rows = [month_row("CM01", month, complaints=9 if month > (2023, 3) else 0) for month in months]
    return cm.appraise(staff_data({"months": rows}), policy.with_changes(dict(changes))).quarters


@pytest.fixture
def enacted():
    return cm.load_policy("2007-06")


def timeline(enacted):
    before, after = quarters_of(enacted), quarters_of(enacted, {"grades.D.from": 50})
    return timeline_figure(before, after, enacted.grade_names, Message("Quarters of {staff_id}", staff_id="王一"))


def figures(enacted):
    """Give every figure of ours, drawn."""
    amounts = AmountsFigure()
    labels = {"payout": str(Message("payout")), "cash_effect": str(Message("cash effect of the awards"))}
    amounts.draw(AMOUNTS, labels, Message("Cost by component, yuan"), ("payout", 1000.0))
    return [grade_mix().figure, amounts.figure, timeline(enacted)]


def texts_of(svg):
    return re.findall(r"<text[^>]*>(.*?)</text>", svg)


# -- what every figure keeps -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("language")
def test_two_draws_are_equal(enacted):
    """A notebook under test compares them letter by letter."""
    for one, other in zip(figures(enacted), figures(enacted), strict=True):
        assert svg_of(one, "x") == svg_of(other, "x")
        assert image_of(one, "png") == image_of(other, "png")
        assert image_of(one, "svg") == image_of(other, "svg")


def test_text_is_text_in_the_language_in_use(enacted, language):
    """It can be selected and read aloud, and the browser draws it in its own Chinese font."""
    for figure, word in zip(figures(enacted), ("基准", "预算", "方案"), strict=True):
        texts = texts_of(svg_of(figure, "x"))
        assert (word in texts) == (language == "zh")
        assert any(re.search("[a-z]{3}", text) for text in texts) == (language == "en")


def test_a_picture_takes_the_colour_of_the_page(enacted):
    """On a dark page black text would not be seen, and a white ground would glare."""
    for figure in figures(enacted):
        svg = svg_of(figure, "x")
        assert "currentColor" in svg
        assert "#000000" not in svg
        assert "#ffffff" not in svg.lower()
        assert ET.fromstring(svg) is not None  # noqa: S314 - our own picture
        file = image_of(figure, "svg").decode()
        assert "currentColor" not in file


def test_a_picture_needs_nothing_of_another_one_in_the_page(enacted):
    """Names in SVG are the page's: a pattern or a clip of that name in a hidden picture would blot this one out."""
    for figure in figures(enacted):
        assert not re.search(r"<pattern|fill: url", svg_of(figure, "x"))
    bars = re.findall(r"<path [^>]*clip-path[^>]*fill: #(?:0072b2|999999)", svg_of(grade_mix().figure, "x"))
    assert bars == []


def test_it_says_what_it_shows_to_who_cannot_see_it():
    """Escaped, in the live picture and in the still one."""
    svg, still = svg_of(grade_mix().figure, 'A "1" <b>'), still_of(grade_mix().figure, 'A "1" <b>')
    assert svg.startswith('<svg role="img" aria-label="A &quot;1&quot; &lt;b&gt;"')
    assert 'alt="A &quot;1&quot; &lt;b&gt;"' in still


@pytest.mark.parametrize("name", ["<script>", "$x_{", r"\alpha & β", "#000000", "甲$乙$"])
def test_names_are_drawn_as_they_are(name):
    """Neither markup nor a formula, and no colour."""
    picture = GradeMixFigure()
    picture.draw({name: 1}, {name: 2}, Message("{name}", name=name), COUNTED)
    svg = picture.svg(name)
    root = ET.fromstring(svg)  # noqa: S314 - our own picture
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert name in texts
    assert "<script>" not in svg


def test_the_images_can_be_opened(enacted):
    """On white, for a document."""
    for figure in figures(enacted):
        image = Image.open(io.BytesIO(image_of(figure, "png")))
        assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)


def test_every_chinese_text_of_ours_has_its_glyphs():
    """Drawn at once; a glyph that no font has is a warning, which is an error here."""
    letters = sorted(set(CATALOGUE.read_text(encoding="utf-8")) - set("\n\t"))
    assert len(letters) > 500
    figure, axes = new_figure()
    with mpl.rc_context(figure_settings()):
        axes.set_title("".join(letters))
        assert image_of(figure, "png")
        axes.set_title("\U0001f600")
    with pytest.warns(UserWarning, match="missing from font"):
        image_of(figure, "png")


def test_no_figure_has_to_be_closed(enacted):
    """None is known to pyplot, which would keep it for ever."""
    from matplotlib import pyplot

    figures(enacted)
    assert pyplot.get_fignums() == []


# -- grades ------------------------------------------------------------------------------------------------------------


def heights(picture):
    return [[bar.get_height() for bar in bars] for bars in picture._bars]


def test_bars_and_numbers_are_the_counts():
    """Before and after beside each other, the best grade first; a grade of one side only is none on the other."""
    picture = GradeMixFigure()
    picture.draw({"A": 1, "B": 2}, {"B": 3, "S": 4000}, TITLE, COUNTED)
    assert heights(picture) == [[1, 2, 0], [0, 3, 4000]]
    texts = texts_of(picture.svg("x"))
    assert {"A", "B", "S", "1", "2", "3", "4,000", "baseline", "reform"} <= set(texts)
    assert "Grades of quarters, before and after (staff-quarters)" in texts


def test_a_kept_figure_is_as_a_new_one():
    """After other numbers, other grades and another language."""
    kept = grade_mix()
    kept.draw({"甲": 5}, {"甲": 7}, TITLE, COUNTED)
    with cm.using_language("zh"):
        kept.draw(BEFORE, AFTER, TITLE, COUNTED)
    kept.draw(BEFORE, AFTER, TITLE, COUNTED)
    assert kept.svg("x") == grade_mix().svg("x")


def test_the_scale_changes_only_when_it_must():
    """A bar that moves can be followed; none leaves the picture, and none is too small to see."""
    picture = GradeMixFigure()
    tops = []
    for number in (100, 105, 110, 90, 300, 20):
        picture.draw({"A": number}, {"A": number}, TITLE, COUNTED)
        tops.append(picture._top)
        assert number <= picture._top
        assert number * 1.14 >= 0.6 * picture._top
    assert tops[:4] == [tops[0]] * 4
    assert tops[4] > tops[0] > tops[5]


def test_nobody_at_all_is_drawn_too():
    """An empty department."""
    picture = GradeMixFigure()
    picture.draw({"A": 0}, {"A": 0}, TITLE, COUNTED)
    assert "0" in texts_of(picture.svg("x"))


# -- one person --------------------------------------------------------------------------------------------------------


def test_the_time_line_shows_grades_scores_and_standing(enacted):
    """A gap where there is no row; the baseline where it differs; only what occurs is in the legend."""
    svg = svg_of(timeline(enacted), "x")
    texts = texts_of(svg)
    assert [text for text in texts if re.fullmatch(r"\d{4}-Q\d", text)] == [
        *("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"),
    ]
    assert {"A", "B", "C", "D", "E", "100.00", "73.00"} <= set(texts)
    assert {"baseline", "reform"} <= set(texts)
    assert {"dismissed", "dismissal", "under observation"}.isdisjoint(texts)  # nobody is E where D begins at 50
    quarters = quarters_of(enacted)
    same = texts_of(svg_of(timeline_figure(quarters, quarters, enacted.grade_names, TITLE), "x"))
    assert "baseline" not in same
    assert {"dismissed", "dismissal", "under observation"} <= set(same)


def test_many_quarters_stay_readable(enacted):
    """Ten years: not every quarter has room for its name."""
    months = [(year, month) for year in range(2014, 2024) for month in range(1, 13)]
    quarters = cm.appraise(staff_data({"months": [month_row("CM01", month) for month in months]}), enacted).quarters
    texts = texts_of(svg_of(timeline_figure(quarters, quarters, enacted.grade_names, TITLE), "x"))
    assert 8 <= len([text for text in texts if re.fullmatch(r"\d{4}-Q\d", text)]) <= 16
    assert "100.00" not in texts


def test_someone_without_quarters_has_an_empty_time_line(enacted):
    """A name in the staff table is enough to be chosen."""
    nothing = quarters_of(enacted).iloc[:0]
    assert texts_of(svg_of(timeline_figure(nothing, nothing, enacted.grade_names, TITLE), "x"))


# -- amounts -----------------------------------------------------------------------------------------------------------


def test_amounts_are_drawn_with_their_numbers_and_a_budget():
    """Negative ones too; what has no label is its own."""
    figure = cost_figure(AMOUNTS, {"payout": "paid"}, Message("Cost by component, yuan"), ("payout", 1000.0))
    assert {"paid", "cash_effect", "1,200", "-300", "900", "0", "budget"} <= set(texts_of(svg_of(figure, "x")))
    without = cost_figure(AMOUNTS, {}, Message("Cost by component, yuan"))
    assert "budget" not in texts_of(svg_of(without, "x"))
