"""The panel of fairness: what it shows is what `cm.fairness` gives, and small groups are nowhere in it."""

import pytest
from random_cases import month_row, staff_data
from shown import html_of, plain, rows_of

import cmpolicy as cm
from cmpolicy.lab import Fairness


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=40, months=18, seed=3)


@pytest.fixture
def panel(data):
    panel = Fairness(data)
    for button in panel.sections.buttons:
        button.value = True
    return panel


def areas(sizes, name="area {}"):
    staff, rows = [], []
    for place, size in enumerate(sizes):
        for number in range(size):
            staff.append({"staff_id": f"{place}-{number}", "area": name.format(place)})
            rows += [month_row(f"{place}-{number}", (2025, month), praises=number) for month in (1, 2, 3)]
    return staff_data({"staff": staff, "months": rows})


def test_it_shows_what_the_library_gives(panel, data):
    """Answer, notes, groups, ranks of the draft; reviewers where an area is large enough."""
    panel.state.change({"grades.A.from": 112})
    found = cm.fairness(cm.appraise(data, panel.state.policy))
    shown = plain(panel.answer.value)
    assert all(str(sentence) in shown for sentence in (*found.answer, *found.notes))
    heading, *rows = rows_of(panel.groups.value)
    expected = found.groups[~found.groups["hidden"]]
    assert heading[:5] == ["grouped by", "group", "people", "quarters", "score"]
    rows, against_the_rest = rows[: len(expected)], rows[len(expected) :]
    assert against_the_rest[0][3:] == ["lower end, unadjusted", "upper end, unadjusted", "p-value, adjusted"]
    assert [row[1] for row in rows] == expected["group"].tolist()
    assert [row[2] for row in rows] == [f"{people:,}" for people in expected["people"]]
    assert [row[4] for row in rows] == [f"{score:,.2f}" for score in expected["score"]]
    assert rows[0][heading.index("A, %")] == f"{100 * expected['share_A'].iloc[0]:,.2f}"
    tested = expected.dropna(subset="score_difference")
    assert [row[2] for row in against_the_rest if row[0] != "grouped by"] == [
        f"{scale * difference:+,.2f}"
        for outcome, scale in (("score", 1), ("payout", 1), ("lowest", 100))
        for difference in tested[f"{outcome}_difference"]
    ]
    assert [row[0] for row in rows_of(panel.ranks.value)[1:6]] == found.rank_stability["quarter"].tolist()
    assert plain(panel.reviewers.value) == str(found.why_no_leniency)
    assert "<svg" in panel.picture.value
    assert "<svg" in panel.flips.value


def test_what_counts_people_and_what_counts_quarters_is_said(panel):
    """Above each table, in both languages, and where no kernel runs."""
    said = {
        "en": (
            "grades and mean payout (yuan) of their quarters",
            "Against the rest, each person counting once: payout",
        ),
        "zh": ("等级与发放额（元）按人·季度计", "与其余人员之差，每人计一次：季度发放额"),
    }
    for language, titles in said.items():
        panel.state.language = language
        assert all(title in plain(part) for part in (panel.groups.value, panel.static()) for title in titles)


def test_why_no_reviewer_is_shown_is_said(panel):
    """Two managers an area are fewer than five people."""
    assert "each has fewer than 5 people" in plain(panel.reviewers.value)
    panel.state.language = "zh"
    assert "各片区人数少于 5 人" in plain(panel.reviewers.value)
    panel.least_group.value = 1
    assert "park supervisor" not in plain(panel.reviewers.value)
    assert "园区主管" in plain(panel.reviewers.value)


def test_the_size_of_the_smallest_group_can_be_set(panel):
    """With 1 every area is shown, and every reviewer's points; with more people than there are nothing is."""
    assert "片区" not in panel.groups.value
    panel.least_group.value = 1
    assert "片区001" in panel.groups.value
    assert "park supervisor" in panel.reviewers.value
    panel.least_group.value = 999
    assert "figures of fewer than 999 are not shown" in panel.answer.value
    assert panel.state.fault is None
    assert panel.picture.value == panel.groups.value == panel.reviewers.value == panel.flips.value == ""


def test_small_groups_are_in_no_part_of_the_panel():
    """Neither in the tables nor in the pictures, nor where no kernel runs."""
    panel = Fairness(areas([9, 3, 6, 12]))
    for button in panel.sections.buttons:
        button.value = True
    parts = [*html_of(panel.box), panel._repr_mimebundle_()["text/html"]]
    assert any("area 0" in part for part in parts)
    assert not any(f"area {place}" in part for part in parts for place in (1, 2))


def test_the_language_switches_while_it_runs(panel):
    """Every part, and back."""
    english = panel.answer.value, panel.groups.value
    panel.state.language = "zh"
    parts = (panel.answer, panel.groups, panel.ranks, panel.flips, panel.picture, panel.reviewers)
    assert all(any("一" <= letter <= "鿿" for letter in part.value) for part in parts)
    assert "司龄" in panel.groups.value
    panel.state.language = "en"
    assert (panel.answer.value, panel.groups.value) == english


def test_names_of_areas_are_shown_as_they_are():
    """Neither HTML nor mathematics."""
    panel = Fairness(areas([6, 6], "<script>$x_{}"))
    assert "<script>$x_0" in plain(panel.groups.value)
    assert not any("<script" in text for text in [*html_of(panel.box), panel.static()])


def test_the_panel_shows_itself_where_no_kernel_runs(panel):
    """Answer, picture as an image, and the groups."""
    still = panel._repr_mimebundle_()["text/html"]
    assert "<img" in still
    assert "<svg" not in still
    assert "tenure" in still
