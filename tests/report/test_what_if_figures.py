"""Figures of sweeps and of what each value moves: the numbers that they are made from, in both languages."""

import itertools
import logging
import re

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import cmpolicy as cm
from cmpolicy.messages import Message
from cmpolicy.regulation.readings import READINGS
from cmpolicy.report.figures import image_of
from cmpolicy.report.fonts import figure_settings
from cmpolicy.report.labels import value_in_words, value_label, value_lines
from cmpolicy.report.sensitivity_figure import tornado_figure
from cmpolicy.report.sweep_figure import cell_texts, frontier_figure, frontier_of, heat_map_figure, varied_paths

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


def laid_out(figure, *texts):
    """Draw a figure, and give where its texts are."""
    with matplotlib.rc_context(figure_settings()):
        FigureCanvasAgg(figure).draw()
    return [text.get_window_extent() for text in texts]


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
        assert cells[place].get_text() == f"{row['cost']:,.0f}"
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert {"A ≥", "B ≥", "101", "98"} <= set(shown)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_too_long_for_a_cell_are_in_thousands_or_millions(data, language):
    frame = cm.sweep(data, ENACTED, {"grades.B.from": [98, 100], "grades.A.from": [108, 112]})
    frame["cost"] = [1_000_000, 2_000_000, 3_000_000, 4_000_000]
    with cm.using_language(language):
        shown = texts(heat_map_figure(frame, TITLE))
    assert {"1,000", "2,000", "3,000", "4,000"} <= set(shown)
    assert ("in the cells: thousands" if language == "en" else "格内单位：千") in shown


def test_cells_beside_each_other_that_differ_look_different(data):
    """One decimal more where the unit would make them alike; a cell elsewhere that looks the same does not matter."""
    grid = {(0, 0): 1_200_100, (0, 1): 1_201_000, (1, 0): 1_203_000, (1, 1): 1_200_000}
    assert cell_texts(grid)[0] == ["1,200", "1,201", "1,203", "1,200"]
    assert cell_texts(grid | {(1, 0): 1_200_300})[0] == ["1,200.1", "1,201.0", "1,200.3", "1,200.0"]
    assert cell_texts({(0, 0): -1_200_100, (2, 0): 5}, sign="+")[0] == ["-1,200", "+0"]
    frame = cm.sweep(data, ENACTED, {"grades.B.from": [98, 100], "grades.A.from": [108, 112]})
    frame["cost"] = [1_200_100, 1_200_400, 1_300_000, 1_400_000]
    cells = {text.get_text() for text in heat_map_figure(frame, TITLE).axes[0].texts}
    assert cells == {"1,200.1", "1,200.4", "1,300.0", "1,400.0"}


def test_a_count_stands_in_its_cell_as_it_is(data):
    frame = cm.sweep(data, ENACTED, {"grades.D.from": [88, 90], "grades.A.from": [110, 112]})
    figure = heat_map_figure(frame, Message("grade"), figure="quarter_grade_E")
    assert sorted(text.get_text() for text in figure.axes[0].texts) == sorted(map(str, frame["quarter_grade_E"]))


def test_one_value_that_varies_is_a_line_to_scale(data):
    frame = cm.sweep(data, ENACTED, {"grades.A.from": [115, 101, 102]})
    line, today = heat_map_figure(frame, TITLE).axes[0].lines
    assert today.get_xdata()[0] == 110
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


def test_without_a_name_the_policy_of_the_sweep_is_marked(data):
    """As today's, in a heat map and along a line, of numbers and of options; not where it is none of the scenarios."""
    policy = ENACTED.with_changes({"grades.A.from": 107, "readings.user_count": "net"})
    grid = {"grades.B.from": [98, 100, 104], "grades.A.from": [107, 110]}
    axes = heat_map_figure(cm.sweep(data, policy, grid), TITLE).axes[0]
    assert [(patch.get_label(), patch.get_xy()) for patch in axes.patches] == [("today's policy", (0, 1))]
    axes = heat_map_figure(cm.sweep(data, policy, grid | {"grades.A.from": [108, 110]}), TITLE).axes[0]
    assert not axes.patches
    for path, values, place in (
        ("grades.A.from", [105, 110], 107),
        ("readings.user_count", ["net", "gross"], 1),
        ("grades.A.from", [108, 110], None),
        ("readings.fraud_score", ["keep", "zero"], None),
    ):
        axes = heat_map_figure(cm.sweep(data, policy, {path: values}), TITLE).axes[0]
        assert [line.get_xdata()[0] for line in axes.lines[1:]] == ([] if place is None else [place])


def test_no_number_stands_at_an_axis_twice(data):
    """Where a figure is the same in every scenario, or differs by little, there are fewer numbers."""
    frame = cm.sweep(data, ENACTED, {"grades.B.from": [98, 100], "grades.A.from": [108, 112]})
    frame["dismissed"], frame["cost"] = [2, 2, 2, 2], [70_000.4, 70_000.4, 70_002.9, 70_000.4]
    label = Message("people dismissed")
    drawn = [heat_map_figure(frame, TITLE, figure="dismissed"), heat_map_figure(frame, TITLE)]
    drawn.append(heat_map_figure(frame[frame["grades.A.from"] == 108], TITLE, figure="dismissed"))
    drawn.append(frontier_figure(frame, TITLE, figure="dismissed", label=label))
    for figure in drawn:
        laid_out(figure)
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                numbers = [tick.get_text() for tick in axis.get_ticklabels()]
                assert len(numbers) == len(set(numbers))
    assert "people dismissed: 2 in every scenario" in texts(drawn[-1])


def test_values_are_written_exactly_in_figures(data):
    """As they are typed, however long."""
    amounts = {"grades.A.quarterly_bonus": [12345.67, 1234567], "grades.A.from": [108, 110]}
    frame = cm.sweep(data, ENACTED, amounts)
    assert {"12345.67", "1234567"} <= set(texts(heat_map_figure(frame, TITLE)))
    shown = texts(frontier_figure(frame, TITLE, figure="quarter_grade_E", label=Message("grade")))
    assert "12345.67, 110" in shown


def test_values_of_policies_are_marked_along_a_line(data):
    """A policy that does not have the value is passed over."""
    frame = cm.sweep(data, ENACTED, {"grades.A.from": [105, 110, 115]})
    content = ENACTED.to_dict()
    content["grades"] = [content["grades"][0] | {"grade": "S"}, content["grades"][-1]]
    marked = [(Message("other grades"), cm.Policy.from_dict(content)), (Message("the enacted policy"), ENACTED)]
    axes = heat_map_figure(frame, TITLE, marked=marked).axes[0]
    assert [(line.get_label(), line.get_xdata()[0]) for line in axes.lines[1:]] == [("the enacted policy", 110)]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["readings.survey_target", "readings.missing_months"])
def test_a_question_and_its_options_have_room_beside_a_heat_map(data, language, path):
    """Both stand left of the cells, beside each other, and nothing beyond the edge."""
    options = list(READINGS[path.partition(".")[2]].__members__)
    frame = cm.sweep(data, ENACTED, {path: options, "grades.A.from": [108, 110]})
    with cm.using_language(language):
        figure = heat_map_figure(frame, TITLE)
        axes = figure.axes[0]
        assert axes.get_ylabel() == value_lines(path)
    question, *shown = laid_out(figure, axes.yaxis.label, *axes.get_yticklabels())
    assert [label.get_text() for label in axes.get_yticklabels()] == sorted(options)
    assert min(question.x0, question.y0) > 0
    assert question.y1 < figure.bbox.height
    assert all(question.x1 < text.x0 and text.x1 < axes.bbox.x0 for text in shown)


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
    assert f"{cheapest['grades.D.from']:.0f}, {cheapest['grades.A.quarterly_bonus']:.0f}" in texts(figure)
    assert "beside the points: D ≥ · A: quarterly bonus" in texts(figure)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_many_values_are_named_above_a_frontier_in_lines(data, language):
    """However many vary, none is cut off at the edge or by the axes."""
    changes = {f"readings.{reading}": list(options.__members__)[:2] for reading, options in list(READINGS.items())[:4]}
    frame = cm.sweep(data, ENACTED, changes | {"grades.A.from": [108, 110]})
    with cm.using_language(language):
        figure = frontier_figure(frame, TITLE, figure="quarter_grade_E", label=Message("grade"))
    (beside,) = laid_out(figure, figure.texts[1])
    assert figure.texts[1].get_text().count("\n") >= 1
    assert beside.x1 < figure.bbox.width
    assert beside.y0 > figure.axes[0].bbox.y1


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
    with cm.using_language(language):
        assert [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()] == list(
            map(value_label, paths)
        )
    drawn = frame[frame["path"].isin(paths) & (frame["cost"] != 0)]
    assert sorted(bar.get_width() for bar in axes.patches) == pytest.approx(sorted(drawn["cost"]))
    for row in drawn[~drawn["path"].str.startswith("readings.")].itertuples():
        assert f"{row.after} ({row.cost:+,.0f})" in shown
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert ("higher" if language == "en" else "调高") in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tornado_tells_options_of_readings_in_words_within_the_figure(language):
    """Whole where there is room, cut where they or the bar are long."""
    moves = {
        "path": ["readings.best_rule", "readings.probation_bonus", "readings.fraud_score", "readings.payout_floor"],
        "direction": "option",
        "after": ["both_measures", "none", "exclude", "none"],
        "cost": [1234567.0, -1234566.0, 600000.0, 1000.0],
    }
    with cm.using_language(language):
        figure = tornado_figure(pd.DataFrame(moves), TITLE)
        words = list(map(value_in_words, moves["path"], moves["after"]))
    ends = figure.axes[0].texts
    shown = [re.fullmatch(r"(.+?)(…?) \([-+][\d,]+\)", told.get_text()).groups() for told in ends]
    assert shown[1][1] == "…"
    assert shown[3] == (words[3], "")
    assert all(
        whole.startswith(told) and (mark or whole == told) for (told, mark), whole in zip(shown, words, strict=True)
    )
    assert all(box.x0 > 0 and box.x1 < figure.bbox.width for box in laid_out(figure, *ends))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_value_has_room_beside_the_tornado(language):
    """The question of any reading, too: in lines within the margin, not into those of the next value."""
    paths = list(ENACTED.paths())
    after = [
        next(iter(READINGS[path.partition(".")[2]].__members__)) if path.startswith("readings.") else "1"
        for path in paths
    ]
    moves = {"path": paths, "direction": "up", "after": after, "cost": 1.0}
    with cm.using_language(language):
        figure = tornado_figure(pd.DataFrame(moves), TITLE, most=len(paths))
    shown = sorted(laid_out(figure, *figure.axes[0].get_yticklabels()), key=lambda box: -box.y0)
    assert len(shown) == len(paths)
    assert min(box.x0 for box in shown) > 0
    assert all(above.y0 > below.y1 - 1 for above, below in itertools.pairwise(shown))


def test_the_tornado_of_another_figure_leaves_out_what_does_not_move_it(data):
    frame = cm.sensitivity(data, ENACTED, ["grades.A.quarterly_bonus", "grades.D.from", "grades.E.quarterly_bonus"])
    axes = tornado_figure(frame, TITLE, figure="quarters_regraded").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["D ≥"]


def test_a_tornado_without_any_move_is_empty(data):
    frame = cm.sensitivity(data, ENACTED, ["probation.personal_leave_days"])
    assert not tornado_figure(frame, TITLE).axes[0].patches
    assert isinstance(frame, pd.DataFrame)
