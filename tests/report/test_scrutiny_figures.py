"""Figures of the back-test and of fairness: the numbers that they are made from, in both languages."""

import logging
import re
from pathlib import Path

import pytest

import cmpolicy as cm
from cmpolicy.report.backtest_figure import backtest_figure
from cmpolicy.report.fairness_figure import flips_figure, groups_figure
from cmpolicy.report.figures import image_of
from cmpolicy.report.labels import count_label

DEPARTMENT = Path(__file__).parents[2] / "datasets" / "department"


@pytest.fixture(scope="module")
def data():
    return cm.read_staff(DEPARTMENT)


@pytest.fixture(autouse=True)
def _no_complaints(caplog):
    """A font that is looked for in vain is told in the log; a glyph that is missing is a warning, so an error here."""
    with caplog.at_level(logging.WARNING, "matplotlib"):
        yield
    assert [record.getMessage() for record in caplog.records if record.name.startswith("matplotlib")] == []


def texts(figure):
    return re.findall(r"<text[^>]*>([^<]*)</text>", image_of(figure, "svg").decode())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_candidate_has_its_numbers_and_its_words(data, language):
    """The best at the top: what vanishes to the right, what is new to the left, all there are as a line."""
    found = cm.backtest(data)
    with cm.using_language(language):
        figure = backtest_figure(found, most=5)
        shown = texts(figure)
        assert sum(one.clause in text for one in found.candidates[:5] for text in shown) >= 5
        assert found.candidates[0].parts[1] in shown
    (axes,) = figure.axes
    vanished, created = axes.containers
    assert [bar.get_width() for bar in vanished] == [int(one.vanished.sum()) for one in found.candidates[:5]]
    assert [bar.get_width() for bar in created] == [-one.created for one in found.candidates[:5]]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert [14, 14] in [list(line.get_xdata()) for line in axes.lines]


def test_numbers_beside_short_bars_stay_off_the_labels():
    """Thousands of differences, and few new ones: the numbers on the left still stand inside the axes."""
    data = cm.synthesize(staff=600, months=24, seed=1)
    frames = {"months": data.frame("months")}
    paid = cm.appraise(cm.StaffData.from_frames(frames)).quarters[["staff_id", "quarter", "payout"]]
    frames["quarters"] = paid.rename(columns={"payout": "paid"}).assign(paid=paid["payout"] + 0.01)
    found = cm.backtest(cm.StaffData.from_frames(frames))
    figure = backtest_figure(found)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    assert found.counts["differing"] > 2_000
    assert all(one.get_window_extent().x0 > axes.bbox.x0 for one in axes.texts)


def test_where_nothing_moves_pay_the_figure_is_empty():
    """A policy that pays nothing: no candidate, and no failure."""
    frames = {"months": cm.synthesize(staff=2, months=3, seed=1).frame("months")}
    policy = cm.load_policy("2007-06")
    nothing = policy.with_changes({f"grades.{grade}.quarterly_bonus": 0 for grade in policy.grade_names})
    frames["quarters"] = cm.appraise(cm.StaffData.from_frames(frames)).quarters[["staff_id", "quarter"]].assign(paid=0)
    found = cm.backtest(cm.StaffData.from_frames(frames), nothing)
    assert [one for one in found.candidates if one.reason is None] == []
    assert image_of(backtest_figure(found), "png")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_group_has_its_difference_and_interval(data, language):
    """In the table's order; hidden groups are not drawn."""
    found = cm.fairness(data, draws=100)
    with cm.using_language(language):
        figure = groups_figure(found)
        shown = found.groups[found.groups["score_difference"].notna()]
        labels = texts(figure)
        assert all(any(group in label for label in labels) for group in shown["group"])
    lines = [list(line.get_xdata()) for line in figure.axes[0].lines]
    for row in shown.to_dict("records"):
        assert [row["score_low"], row["score_high"]] in lines
        assert [row["score_difference"]] in lines
    assert not any("片区0" in label for label in labels)


def test_of_many_groups_those_that_differ_most_are_drawn(data):
    """And still in the table's order."""
    found = cm.fairness(data, least_group=1, draws=20)
    labels = [label.get_text() for label in groups_figure(found, most=4).axes[0].get_yticklabels()]
    groups = found.groups.dropna(subset="score_difference")
    most = groups.loc[groups["score_difference"].abs().nlargest(4).index].sort_index()["group"]
    assert [group in label for group, label in zip(most, labels, strict=True)] == [True] * 4


def test_a_group_beyond_chance_looks_different(data):
    """By its mark as well as by its colour."""
    found = cm.fairness(data, draws=20)
    found.groups  # noqa: B018 - computed before it is replaced
    dimension, name, figures = next(row for row in found._compared if "score_p_value" in row[2])
    figures["score_p_value"] = 0.001
    marks = {line.get_marker() for line in groups_figure(found).axes[0].lines}
    assert {"D", "o"} <= marks
    assert (dimension, str(name)) != ("all", "all")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_count_has_its_two_shares(data, language):
    """One more above, one fewer below, with the number beside the bar."""
    found = cm.fairness(data, draws=1)
    with cm.using_language(language):
        shown = texts(flips_figure(found))
        by_count = found.flips.by_count
        assert all(count_label(name) in shown for name in by_count["count"])
    for share in by_count["share"]:
        assert f"{share:.0%}" in shown
