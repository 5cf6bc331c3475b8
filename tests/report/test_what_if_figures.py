"""Figures of sweeps and of what each value moves: the numbers that they are made from, in both languages."""

import logging
import re

import numpy as np
import pandas as pd
import pytest

import cmpolicy as cm
from cmpolicy.messages import Message
from cmpolicy.report.figures import image_of
from cmpolicy.report.sensitivity_figure import tornado_figure
from cmpolicy.report.sweep_figure import frontier_figure, frontier_of, heat_map_figure, varied_paths

ENACTED = cm.load_policy("2007-06")
TITLE = Message("cost: payout + cash effect, yuan")


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=9, seed=1)


@pytest.fixture(autouse=True)
def _no_complaints(caplog):
    """A font that is looked for in vain is told in the log; a glyph that is missing is a warning, so an error here."""
    with caplog.at_level(logging.WARNING, "matplotlib"):
        yield
    assert [record.getMessage() for record in caplog.records if record.name.startswith("matplotlib")] == []


def texts(figure):
    return re.findall(r"<text[^>]*>([^<]*)</text>", image_of(figure, "svg").decode())


# -- sweeps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_heat_map_has_the_number_of_each_scenario_in_its_cell(data, language):
    """The first value down, the second across; a scenario that was left out stays empty."""
    frame = cm.sweep(data, ENACTED, {"grades.B.from": [98, 100, 104], "grades.A.from": [101, 103, 105, 107]})
    with cm.using_language(language):
        figure = heat_map_figure(frame, TITLE)
        shown = texts(figure)
    axes = figure.axes[0]
    cells = {(round(text.get_position()[1] - 0.5), round(text.get_position()[0] - 0.5)): text for text in axes.texts}
    assert len(cells) == len(frame) == 10
    for row in frame.to_dict("records"):
        place = ([98, 100, 104].index(row["grades.B.from"]), [101, 103, 105, 107].index(row["grades.A.from"]))
        assert cells[place].get_text() == f"{row['cost'] / 1000:,.0f}"
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert {"grades.A.from", "grades.B.from", "101", "98"} <= set(shown)
    assert ("in the cells: thousands" if language == "en" else "格内单位：千") in shown


def test_a_count_stands_in_its_cell_as_it_is(data):
    frame = cm.sweep(data, ENACTED, {"grades.D.from": [88, 90], "grades.A.from": [110, 112]})
    figure = heat_map_figure(frame, Message("grade"), figure="quarter_grade_E")
    assert sorted(text.get_text() for text in figure.axes[0].texts) == sorted(map(str, frame["quarter_grade_E"]))


def test_one_value_that_varies_is_a_line_to_scale(data):
    frame = cm.sweep(data, ENACTED, {"grades.A.from": [115, 101, 102]})
    (line,) = heat_map_figure(frame, TITLE).axes[0].lines
    assert line.get_xdata().tolist() == [101, 102, 115]
    assert line.get_ydata().tolist() == frame.sort_values("grades.A.from")["cost"].tolist()


def test_cells_of_policies_are_framed_and_named(data):
    """The draft's and the enacted policy's; one whose values are not among the scenarios is not."""
    frame = cm.sweep(data, ENACTED, {"grades.B.from": [98, 100, 104], "grades.A.from": [107, 110, 113]})
    draft, beside = (ENACTED.with_changes({"grades.A.from": bound}) for bound in (113, 112))
    marked = [(Message("the draft"), draft), (Message("the enacted policy"), ENACTED)]
    axes = heat_map_figure(frame, TITLE, marked=marked).axes[0]
    framed = {patch.get_label(): patch.get_xy() for patch in axes.patches}
    assert framed == {"the draft": (2, 1), "the enacted policy": (1, 1)}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["the draft", "the enacted policy"]
    marked[0] = (Message("the draft"), beside)
    axes = heat_map_figure(frame, TITLE, marked=marked).axes[0]
    assert [patch.get_label() for patch in axes.patches] == ["the enacted policy"]


def test_values_of_policies_are_marked_along_a_line(data):
    """A policy that does not have the value is passed over."""
    frame = cm.sweep(data, ENACTED, {"grades.A.from": [105, 110, 115]})
    content = ENACTED.to_dict()
    content["grades"] = [content["grades"][0] | {"grade": "S"}, content["grades"][-1]]
    marked = [(Message("other grades"), cm.Policy.from_dict(content)), (Message("the enacted policy"), ENACTED)]
    axes = heat_map_figure(frame, TITLE, marked=marked).axes[0]
    assert [(line.get_label(), line.get_xdata()[0]) for line in axes.lines[1:]] == [("the enacted policy", 110)]


@pytest.mark.parametrize(
    "changes",
    [
        {"grades.A.from": [110]},
        {"grades.A.from": [110, 111], "grades.B.from": [99, 100], "points.base": [99, 100]},
        [{"grades.A.from": 110}, {"grades.A.from": 111}, {"grades.A.from": 111}],
    ],
    ids=["none", "three", "a scenario twice"],
)
def test_what_a_heat_map_cannot_show_is_told(data, changes):
    with pytest.raises(cm.CmpolicyError, match="one or two values that vary"):
        heat_map_figure(cm.sweep(data, ENACTED, changes), TITLE)


def test_the_frontier_joins_the_scenarios_that_none_beats(data):
    """By brute force; a value that does not vary is no part of a scenario's name."""
    changes = {"grades.D.from": range(86, 94), "grades.A.quarterly_bonus": [2000, 2500], "points.base": [100]}
    frame = cm.sweep(data, ENACTED, changes)
    assert varied_paths(frame) == ["grades.D.from", "grades.A.quarterly_bonus"]
    figure = frontier_figure(frame, TITLE, figure="quarter_grade_E", label=Message("grade"))
    dots, line = figure.axes[0].lines
    pairs = list(zip(frame["cost"], frame["quarter_grade_E"], strict=True))
    assert list(zip(*dots.get_data(), strict=True)) == pairs
    best = sorted(p for p in set(pairs) if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in pairs))
    assert list(zip(*line.get_data(orig=True), strict=True)) == best
    assert len(best) > 2
    cheapest = frame.loc[frame["cost"].idxmin()]
    assert f"{cheapest['grades.D.from']:g}, {cheapest['grades.A.quarterly_bonus']:g}" in texts(figure)


def test_a_frontier_has_each_pair_once():
    rng = np.random.default_rng(1)
    for _ in range(50):
        first, second = rng.integers(0, 8, (2, 30))
        found = [(first[row], second[row]) for row in frontier_of(first, second)]
        pairs = set(zip(first.tolist(), second.tolist(), strict=True))
        best = [p for p in pairs if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in pairs)]
        assert found == sorted(best)


# -- the tornado -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tornado_draws_each_move_of_the_paths_that_move_most(data, language):
    """One bar a move, the largest path at the top, each ending with the value and the difference."""
    frame = cm.sensitivity(data, ENACTED)
    with cm.using_language(language):
        figure = tornado_figure(frame, TITLE, most=6)
        shown = texts(figure)
    axes = figure.axes[0]
    paths = list(dict.fromkeys(frame["path"]))[:6]
    assert [label.get_text() for label in axes.get_yticklabels()] == paths
    drawn = frame[frame["path"].isin(paths) & (frame["cost"] != 0)]
    assert sorted(bar.get_width() for bar in axes.patches) == pytest.approx(sorted(drawn["cost"]))
    for row in drawn.itertuples():
        assert f"{row.after} ({row.cost:+,.0f})" in shown
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert ("higher" if language == "en" else "调高") in shown


def test_the_tornado_of_another_figure_leaves_out_what_does_not_move_it(data):
    frame = cm.sensitivity(data, ENACTED, ["grades.A.quarterly_bonus", "grades.D.from", "grades.E.quarterly_bonus"])
    axes = tornado_figure(frame, TITLE, figure="quarters_regraded").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["grades.D.from"]


def test_a_tornado_without_any_move_is_empty(data):
    frame = cm.sensitivity(data, ENACTED, ["probation.personal_leave_days"])
    assert not tornado_figure(frame, TITLE).axes[0].patches
    assert isinstance(frame, pd.DataFrame)
