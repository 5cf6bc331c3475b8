"""The waterfall: each step of its size, one after another, to the whole."""

import re

import pytest

import cmpolicy as cm
from cmpolicy.messages import Message
from cmpolicy.report.attribution_figure import waterfall_figure
from cmpolicy.report.figures import image_of

TITLE = Message("What each change brings of the difference, yuan")
CHANGES = {"grades.A.from": 112, "grades.A.quarterly_bonus": 3000, "grades.B.from": 94, "grades.C.from": 92}


def change_of(changes):
    return cm.compare(cm.synthesize(staff=60, months=9, seed=1), cm.load_policy("2007-06"), changes)


def texts(figure):
    return re.findall(r"<text[^>]*>([^<]*)</text>", image_of(figure, "svg").decode())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_step_begins_where_the_last_one_ended(language):
    """From nought to the whole difference, each with its amount; settings that go together are one step."""
    change = change_of(CHANGES)
    with cm.using_language(language):
        figure = waterfall_figure(change.attribution, TITLE)
        shown = texts(figure)
    *steps, whole = figure.axes[0].patches
    end = 0
    for bar, yuan in zip(steps, change.attribution["yuan"], strict=True):
        assert sorted((bar.get_x(), bar.get_x() + bar.get_width())) == pytest.approx(sorted((end, end + yuan)))
        end += yuan
        assert f"{yuan:+,.0f}" in shown
    assert (whole.get_x(), whole.get_width()) == pytest.approx((0, end))
    assert end == pytest.approx(change.cost.loc["cost", "difference"])
    assert "grades.B.from, grades.C.from" in shown
    assert ("together" if language == "en" else "合计") in shown


def test_steps_that_are_drawn_have_whiskers():
    """A standard error is drawn where there is one, and none where the parts are exact."""
    parts = change_of(CHANGES).attribution
    axes = waterfall_figure(parts, TITLE).axes[0]
    assert not axes.collections
    parts["standard_error"] = 100.0
    axes = waterfall_figure(parts, TITLE).axes[0]
    whiskers = [one.get_segments()[0] for one in axes.collections]
    assert [right[0] - left[0] for left, right in whiskers] == pytest.approx([200] * len(parts))


def test_no_change_is_drawn_as_nothing():
    """One bar of no width, and no error."""
    (whole,) = waterfall_figure(change_of({}).attribution, TITLE).axes[0].patches
    assert whole.get_width() == 0
