"""The figure of a solution's frontier shows every policy, today's and the solution, in both languages."""

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import cmpolicy as cm
from cmpolicy.report.figures import image_of, svg_of
from cmpolicy.report.fonts import figure_settings
from cmpolicy.report.frontier_figure import solution_frontier_figure

BOTH = ["grades.*.from", "grades.*.quarterly_bonus"]


@pytest.fixture(scope="module")
def solution():
    data = cm.synthesize(staff=40, months=6, seed=1)
    policy = cm.load_policy("2007-06")
    limits = {"grades.*.from": (80, 115), "grades.A.from": (105, 115), "grades.D.from": (88, 92)}
    limits |= {"grades.B.from": (99, 101), "grades.C.from": (94, 96)}
    budget = cm.appraise(data, policy).cost["cost"] * 0.0095
    return cm.solve(data, policy, vary=BOTH, budget=budget, limits=limits)


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def test_every_policy_of_the_frontier_is_a_point_in_both_halves(solution):
    """Left by the share of the lowest grade in percent, right by people worse off; cost in million yuan."""
    frame = solution.frontier()
    left, right = panels(solution_frontier_figure(solution, frame))
    for axes, values in ((left, 100 * frame["quarter_grade_E_share"]), (right, frame["people_worse_off"])):
        points = axes.collections[0].get_offsets()
        assert points[:, 0].tolist() == (frame["cost"] / 1e6).tolist()
        assert points[:, 1].tolist() == values.tolist()
    assert (left.get_ylabel(), right.get_ylabel()) == ("quarters with grade E, %", "people worse off")


def test_today_s_policy_and_the_solution_are_marked(solution):
    """By a shape each, not by colour alone, and explained."""
    drawn = solution_frontier_figure(solution, solution.frontier())
    right = panels(drawn)[1]
    marks = {line.get_marker(): line.get_xydata()[0].tolist() for line in right.lines if line.get_linestyle() == "None"}
    today = solution.comparison.baseline.cost["cost"] / 1e8
    assert marks["D"] == pytest.approx([today, 0])
    assert marks["*"] == pytest.approx([float(solution.cost) / 1e6, solution.effects.people_worse_off])
    assert [text.get_text() for text in drawn.legends[0].texts] == ["the starting policy", "solution"]


def test_what_worse_off_is_stands_in_the_figure(solution):
    """And in which figures no policy betters another, which is not the people."""
    drawn = solution_frontier_figure(solution, solution.frontier())
    told = " ".join(text.get_text().replace("\n", " ") for text in drawn.texts)
    assert "Worse off: a worse grade than today, even with the same payout;" in told
    assert "staff-quarters worse off at once" in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_texts_above_have_room(solution, language):
    with cm.using_language(language):
        drawn = solution_frontier_figure(solution, solution.frontier())
    with matplotlib.rc_context(figure_settings()):
        FigureCanvasAgg(drawn).draw()
    title, told = (text.get_window_extent() for text in drawn.texts)
    assert max(title.x1, told.x1) < drawn.bbox.width
    assert title.y0 > told.y1
    assert told.y0 > panels(drawn)[0].bbox.y1


def test_what_is_the_same_everywhere_is_told_and_not_drawn():
    """The share of the lowest grade where no bound varies, people worse off where everyone is kept."""
    data = cm.synthesize(staff=40, months=6, seed=1)
    amounts = cm.solve(data, vary=BOTH[1:], targets={"quarter_grade_E": "<=99%"})
    drawn = solution_frontier_figure(amounts, amounts.frontier())
    assert [axes.get_ylabel() for axes in drawn.axes] == ["people worse off"]
    share = 100 * amounts.frontier()["quarter_grade_E_share"].iloc[0]
    assert f"quarters with grade E, %: {share:.2f} in every policy" in drawn.texts[1].get_text()
    assert drawn.texts[0].get_text() == "A lower cost takes more people worse off"
    awards = cm.solve(data, vary=["grades.*.monthly_award"], targets={"quarter_grade_E": "<=99%"})
    drawn = solution_frontier_figure(awards, awards.frontier())
    assert len(panels(drawn)) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_drawn_in_the_language_in_use(solution, language):
    """With glyphs for all of it: a missing one would be a warning."""
    with cm.using_language(language):
        drawn = solution_frontier_figure(solution, solution.frontier())
        assert image_of(drawn, "png").startswith(b"\x89PNG")
        text = svg_of(drawn, "frontier")
    assert ("solution" in text) == (language == "en")
