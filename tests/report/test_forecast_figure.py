"""The fan chart shows the forecast's own figures, and says what it cannot show."""

import pytest

import cmpolicy as cm
from cmpolicy.messages import Message, using_language
from cmpolicy.report.figures import image_of
from cmpolicy.report.forecast_figure import BANDS, OUTLINE, fan_chart
from cmpolicy.simulation.forecast_result import COMPONENTS

ENACTED = cm.load_policy("2007-06")
TITLE = Message("Cost of a quarter, yuan")


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=30, months=45, seed=1)


def rows(frame, component, policy=None):
    frame = frame[frame["component"] == component]
    return frame if policy is None else frame[frame["policy"] == policy]


@pytest.mark.parametrize("component", COMPONENTS)
def test_line_and_bands_are_the_forecast(data, component):
    """Twelve past quarters, then the medians; each band between its bounds, opening from the last past quarter."""
    found = cm.forecast(data, ENACTED, replicates=80)
    axes = fan_chart(found, TITLE, component=component).axes[0]
    past = rows(found.history, component)["amount"].tolist()
    median = rows(found.quarters, component)["p50"].tolist()
    assert axes.lines[0].get_ydata().tolist() == [*past[-12:], *median]
    assert len(axes.collections) == len(BANDS)
    for band, drawn in zip(BANDS, axes.collections, strict=True):
        bounds = rows(found.interval(band), component)[:-1]
        heights = drawn.get_paths()[0].vertices[:, 1]
        assert heights.min() == min(*bounds["low"], past[-1])
        assert heights.max() == max(*bounds["high"], past[-1])
    assert [text.get_text() for text in axes.get_xticklabels()][::6] == ["2023-Q4", "2026-Q4"]


def test_of_two_policies_only_one_has_bands(data):
    """The other has a line and the bounds of one band, dashed; the legend names both."""
    policies = {"baseline": ENACTED, "reform": ENACTED.with_changes({"grades.A.quarterly_bonus": 3000})}
    found = cm.forecast(data, policies, replicates=80)
    figure = fan_chart(found, TITLE)
    axes = figure.axes[0]
    bounds = rows(found.interval(OUTLINE), "cost", "baseline")[:-1]
    assert [line.get_ydata().tolist()[1:] for line in axes.lines[:2]] == [
        bounds["low"].tolist(),
        bounds["high"].tolist(),
    ]
    assert len(axes.collections) == len(BANDS)
    for line in axes.lines[:2]:  # it stands out on the bands
        assert line.get_path_effects()
        assert line.get_zorder() > max(one.get_zorder() for one in (*axes.collections, *axes.lines[2:]))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["baseline", "reform"]
    with using_language("zh"):
        drawn = fan_chart(found, TITLE)
        assert [text.get_text() for text in drawn.legends[0].get_texts()] == ["基准", "方案"]
        assert drawn.texts[0].get_text() == str(TITLE)
        assert image_of(drawn, "png").startswith(b"\x89PNG")


def test_a_short_history_is_drawn_as_it_is():
    """One past quarter, one coming one."""
    found = cm.forecast(cm.synthesize(staff=10, months=3, seed=1), ENACTED, quarters=1, replicates=20)
    axes = fan_chart(found, TITLE).axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["2023-Q1", "2023-Q2"]


def test_an_unknown_component_is_refused(data):
    """With those that there are."""
    found = cm.forecast(data, ENACTED, replicates=5)
    with pytest.raises(cm.CmpolicyError, match=r"There is no component costs; there are service_bonus, .*, cost"):
        fan_chart(found, TITLE, component="costs")
