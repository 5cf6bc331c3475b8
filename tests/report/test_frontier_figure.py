"""The figure of a solution's frontier shows every policy, today's and the solution, in both languages."""

import pytest

import cmpolicy as cm
from cmpolicy.report.figures import image_of, svg_of
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


def test_every_policy_of_the_frontier_is_a_point_in_both_halves(solution):
    """Left by the share of the lowest grade in percent, right by staff-quarters worse off; cost in million yuan."""
    frame = solution.frontier()
    drawn = solution_frontier_figure(solution, frame)
    left, right = (axes for axes in drawn.axes if axes.get_label() != "<colorbar>")
    for axes, values in ((left, 100 * frame["quarter_grade_E_share"]), (right, frame["worse_off"])):
        points = axes.collections[0].get_offsets()
        assert points[:, 0].tolist() == (frame["cost"] / 1e6).tolist()
        assert points[:, 1].tolist() == values.tolist()


def test_today_s_policy_and_the_solution_are_marked(solution):
    """By a shape each, not by colour alone, and explained."""
    drawn = solution_frontier_figure(solution, solution.frontier())
    right = [axes for axes in drawn.axes if axes.get_label() != "<colorbar>"][1]
    marks = {line.get_marker(): line.get_xydata()[0].tolist() for line in right.lines if line.get_linestyle() == "None"}
    today = solution.comparison.baseline.cost["cost"] / 1e8
    assert marks["D"] == pytest.approx([today, 0])
    assert marks["*"] == pytest.approx([float(solution.cost) / 1e6, solution.effects.worse_off])
    assert [text.get_text() for text in drawn.legends[0].texts] == ["today's policy", "solution"]


def test_one_share_needs_no_shades():
    """Where no bound varies every policy has the same share of the lowest grade."""
    data = cm.synthesize(staff=40, months=6, seed=1)
    solution = cm.solve(data, cm.load_policy("2007-06"), vary=BOTH[1:], targets={"quarter_grade_E": "<=99%"})
    drawn = solution_frontier_figure(solution, solution.frontier())
    assert sum(axes.get_label() == "<colorbar>" for axes in drawn.axes) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_drawn_in_the_language_in_use(solution, language):
    """With glyphs for all of it: a missing one would be a warning."""
    with cm.using_language(language):
        drawn = solution_frontier_figure(solution, solution.frontier())
        assert image_of(drawn, "png").startswith(b"\x89PNG")
        text = svg_of(drawn, "frontier")
    assert ("solution" in text) == (language == "en")
