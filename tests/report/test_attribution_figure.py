"""The waterfall: each step of its size, one after another, to the whole."""

import re

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import cmpolicy as cm
from cmpolicy.messages import Message
from cmpolicy.report.attribution_figure import setting_label, waterfall_figure
from cmpolicy.report.figures import image_of

TITLE = Message("What each change brings of the difference, yuan")
CHANGES = {"grades.A.from": 112, "grades.A.quarterly_bonus": 3000, "grades.B.from": 94, "grades.C.from": 92}

NAMES = ("praises", "complaints", "fault")


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
    assert {"en": "B ≥, C ≥", "zh": "B ≥、C ≥"}[language] in shown
    assert ("A: quarterly bonus" if language == "en" else "A：季度服务奖金") in shown
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


def parts_of(*yuan):
    """Give an attribution to as many settings."""
    rows = [(f"points.{name}", "2.7", "3", "4", amount, 0.0) for name, amount in zip(NAMES, yuan, strict=False)]
    return pd.DataFrame(rows, columns=["path", "clause", "before", "after", "yuan", "standard_error"])


@pytest.mark.parametrize("yuan", [(-500.0,), (800.0, -700.0), (-800.0, 770.0), (300.0, -900.0, 550.0)])
def test_an_amount_stands_beside_its_bar_on_the_same_side_of_nought(yuan):
    """Beyond the end that the bar reaches, or its first where it would run over the line; it ends inside the figure."""
    figure = waterfall_figure(parts_of(*yuan), TITLE)
    axes = figure.axes[0]
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert len(axes.texts) == len(axes.patches) == len(yuan) + 1
    for bar, text in zip(axes.patches, axes.texts, strict=True):
        box = text.get_window_extent(renderer).transformed(axes.transData.inverted())
        left, right = sorted((bar.get_x(), bar.get_x() + bar.get_width()))
        assert box.x1 <= left or box.x0 >= right
        assert box.x0 >= 0 or box.x1 <= 0
        gap = left - box.x1 if box.x1 <= left else box.x0 - right
        assert gap < 0.02 * (axes.get_xlim()[1] - axes.get_xlim()[0])
        assert axes.get_xlim()[0] <= box.x0
        assert box.x1 <= axes.get_xlim()[1]


@pytest.mark.parametrize(
    ("yuan", "expected"),
    [
        ((-500.0,), ["costs less"]),
        ((500.0, 0.0), ["costs more"]),
        ((-500.0, 700.0), ["costs more", "costs less"]),
        ((0.0,), []),
    ],
)
def test_the_legend_names_what_is_drawn(yuan, expected):
    """No step of a colour, no sample of it."""
    figure = waterfall_figure(parts_of(*yuan), TITLE)
    assert [text.get_text() for legend in figure.legends for text in legend.get_texts()] == expected


def test_every_setting_has_a_name_in_words():
    """Each path of a policy, bounds that go together, and a grade table that is changed as a whole."""
    for path in (*cm.load_policy("2007-06").paths(), "grades.A.from, grades.B.from", "grades"):
        assert "." not in re.sub(r"\d\.\d", "", setting_label(path)), path


def test_no_change_is_drawn_as_nothing():
    """One bar of no width, and no error."""
    (whole,) = waterfall_figure(change_of({}).attribution, TITLE).axes[0].patches
    assert whole.get_width() == 0
