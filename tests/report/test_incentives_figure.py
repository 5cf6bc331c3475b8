"""The figure of incentives shows every event, everyone's score and every bound, in both languages."""

import numpy as np
import pytest
from random_cases import month_row, staff_data
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.insight.event_values import EVENTS
from cmpolicy.report.figures import image_of, svg_of
from cmpolicy.report.incentives_figure import incentives_figure


@pytest.fixture(scope="module")
def found():
    return cm.incentives(cm.synthesize(staff=60, months=12, seed=1))


def test_each_event_is_a_bar_as_long_as_its_mean(found):
    """In yuan, with its clause beside it."""
    *_, axes = incentives_figure(found).axes
    assert [bar.get_width() for bar in axes.patches] == found.events["mean"].tolist()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [f"{event.clause} {event.text}" for event in EVENTS.values()]


def test_everyone_stands_at_their_score(found):
    """All but half a percent at each end, in points of the score; each is counted once."""
    _, axes, _ = incentives_figure(found).axes
    grades = found.people["grade"].notna()
    assert 0.97 * grades.sum() <= sum(bar.get_height() for bar in axes.patches) <= grades.sum()
    lifted = sum(bar.get_height() for place in (0, 2) for bar in axes.containers[place])
    score = found.people["score"]
    low, high = np.percentile(np.floor(score[grades]), [0.5, 99.5])
    inside = (np.floor(score) >= low) & (np.floor(score) <= high)
    number = list(EVENTS).index("broadband_user_gained")
    values = found.values
    order = np.lexsort((values.quarter, values.person))
    better = values.grade[number] < found.outcome.arrays.quarter_grade[values.quarter, values.person]
    assert lifted == (better[order] & inside.to_numpy()).sum()


def test_whom_a_user_lifts_and_a_complaint_drops_is_drawn_as_both():
    """One month assessed: from 97 a user lifts to B and a complaint drops to D; at 105 neither moves anyone."""
    rows = [scoring(f"{score}-{number}", (2025, 1), score) for score in (97, 105) for number in range(5)]
    _, axes, _ = incentives_figure(cm.incentives(staff_data({"months": rows}))).axes
    heights = {bars.get_label(): sum(bar.get_height() for bar in bars) for bars in axes.containers}
    assert heights == {
        "one more user lifts them over a bound": 0,
        "one more complaint takes them below one": 0,
        "both": 5,
        "neither": 5,
    }
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(heights)


def test_every_bound_is_a_line_named_by_its_grade(found):
    """With the step of the quarterly bonus."""
    for axes in incentives_figure(found).axes[:2]:
        dashed = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
        assert dashed == found.cliffs["bound"].tolist()
        assert [text.get_text() for text in axes.texts] == ["A +500", "B +500", "C +500", "D +1,000"]


def standing(counts):
    """Make so many people at each score in one quarter."""
    rows = [
        scoring(f"{score}-{number}", (2025, month), score)
        for score, count in counts.items()
        for number in range(count)
        for month in (1, 2, 3)
    ]
    return cm.incentives(staff_data({"months": rows}))


def test_staff_quarters_are_counted_in_whole_numbers():
    """At no height of the bars does the axis tell a half."""
    for count in (1, 3, 7, 12, 16, 40):
        _, axes, _ = incentives_figure(standing({101: count})).axes
        assert all(tick == round(tick) for tick in axes.get_yticks())


def test_the_line_breaks_at_scores_of_few():
    """At a mean of fewer than five and where nobody stands nothing is drawn, nor across it; and the figure says so."""
    worth, *_ = incentives_figure(standing({101: 5, 102: 5, 103: 4, 104: 5, 106: 5})).axes
    for line in [line for line in worth.lines if line.get_linestyle() == "-"][:2]:
        assert line.get_xdata().tolist() == [101.5, 102.5, 103.5, 104.5, 105.5, 106.5]
        assert np.isnan(line.get_ydata()).tolist() == [False, False, True, False, True, False]
    assert worth.get_xlabel() == "Scores of fewer than 5 staff-quarters are left out."
    worth, *_ = incentives_figure(standing({101: 5, 102: 5})).axes
    assert worth.get_xlabel() == ""


def test_who_stands_beyond_what_is_drawn_is_counted(found):
    """Those at the ends that are left out are as many as the figure says."""
    _, axes, _ = incentives_figure(found).axes
    beyond = found.people["grade"].notna().sum() - sum(bar.get_height() for bar in axes.patches)
    assert beyond > 0
    assert axes.get_xlabel() == f"score of the quarter, points; staff-quarters beyond: {beyond:g}"
    _, axes, _ = incentives_figure(standing({101: 5})).axes
    assert axes.get_xlabel() == "score of the quarter, points"


def test_one_person_alone_can_be_drawn():
    """Also where there is no mean to draw, and a grade's name is no formula."""
    content = cm.load_policy("2007-06").to_dict()
    content["grades"][0]["grade"] = "$x_"
    data = staff_data({"months": [month_row("CM01", (2025, 1))]})
    assert image_of(incentives_figure(cm.incentives(data, cm.Policy.from_dict(content))), "png")


def test_nobody_with_a_score_can_be_drawn():
    """Where three months are required and one is there, nobody has a score."""
    policy = cm.load_policy("2007-06").with_changes({"readings.missing_months": "require_three"})
    data = staff_data({"months": [month_row("CM01", (2025, 1))]})
    assert image_of(incentives_figure(cm.incentives(data, policy)), "png")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_drawn_in_the_language_in_use(found, language):
    """With glyphs for all of it: a missing one would be a warning."""
    with cm.using_language(language):
        text = svg_of(incentives_figure(found), "incentives")
    assert ("one more complaint" in text) == (language == "en")
