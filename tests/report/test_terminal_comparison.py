"""A comparison on the terminal: what is largest is shown, what is equal is not, and two data sets are not a reform."""

import re
from pathlib import Path

import pytest
from made_files import EXAMPLE
from random_cases import staff_data
from rich.cells import cell_len
from rich.console import Console
from worked_cases import scoring

import cmpolicy as cm
from cmpolicy.regulation.policy import read_reform
from cmpolicy.regulation.yaml_files import load_yaml
from cmpolicy.report.terminal.comparison import SHOWN_AREAS, SHOWN_PEOPLE, show_comparison

ENACTED = cm.load_policy("2007-06")
PROPOSED = Path(__file__).parents[2] / "datasets" / "proposed-reform.yaml"
FIRST_QUARTER = [(2025, month) for month in (1, 2, 3)]


def shown(change, width=200):
    """Give what the terminal shows, without the blanks at the ends of lines."""
    console = Console(width=width, force_terminal=False, no_color=True, highlight=False, legacy_windows=False)
    with console.capture() as capture:
        show_comparison(console, change)
    return re.sub(" +$", "", capture.get(), flags=re.MULTILINE)


def part(text, title):
    """Give the lines from a title to the next empty one."""
    return text[text.index(title) :].partition("\n\n")[0].splitlines()


def scored(**scores):
    """Give a first quarter in which each person has one score in every month."""
    return staff_data({"months": months_of(**scores)})


def months_of(**scores):
    return [scoring(one, month, score) for one, score in scores.items() for month in FIRST_QUARTER]


@pytest.fixture(scope="module")
def proposed():
    data = cm.read_staff(EXAMPLE)
    return cm.compare(data, ENACTED, read_reform(load_yaml(PROPOSED), ENACTED))


def test_areas_that_differ_the_most_are_shown_whether_they_lose_or_gain(proposed):
    """Losses before gains, each the largest first; the title counts both, the last row adds up the others."""
    title, _, _, *rows, others = part(shown(proposed), "The difference by area")
    differing = proposed.by_area["difference"][proposed.by_area["difference"] != 0]
    largest = differing.abs().sort_values(ascending=False, kind="stable").index[:SHOWN_AREAS]
    expected = sorted(largest, key=lambda name: (differing[name] > 0, -abs(differing[name])))
    assert [row.split()[0] for row in rows] == expected
    assert (differing[largest] > 0).any()
    assert f"(less: {(differing < 0).sum()}; more: {(differing > 0).sum()})" in title
    assert "--out writes all" in title
    rest = differing.drop(largest)
    assert re.fullmatch(rf"the others: {len(rest)} .* {re.escape(f'{rest.sum():+,.2f}')}", others)


def test_of_a_few_areas_there_are_no_others():
    """Two areas of which one gains and one loses: both are rows, and nothing is said of a file."""
    staff = [{"staff_id": "m1", "area": "north"}, {"staff_id": "m2", "area": "south"}]
    data = staff_data({"months": months_of(m1=111, m2=103), "staff": staff})
    change = cm.compare(data, ENACTED, {"grades.A.from": 112, "grades.B.quarterly_bonus": 2100})
    title, _, _, *rows = part(shown(change), "The difference by area")
    assert title == "The difference by area (less: 1; more: 1)"
    assert [row.split()[0] for row in rows] == ["north", "south"]


def test_a_list_of_people_that_is_cut_says_so_and_where_all_are(proposed):
    """Sixteen lose, of whom ten are shown; all four that win are."""
    text = shown(proposed)
    assert (len(proposed.winners), len(proposed.losers)) == (4, 16)
    assert "People who win: 4, the most first:" in text
    title, _, _, *rows = part(text, "People who lose")
    assert title == f"People who lose: 16; the {SHOWN_PEOPLE} who lose the most (--out writes all):"
    assert [row.split()[0] for row in rows] == proposed.losers["staff_id"].tolist()[:SHOWN_PEOPLE]


def test_better_and_worse_count_quarters_and_a_note_says_what_winning_is(proposed):
    """Money decides who wins; grades are counted beside it."""
    text = shown(proposed)
    heading, _, first, *_ = part(text, "People who lose")[1:]
    assert heading.split("  ")[-1].strip() == "quarters +/−"
    loser = proposed.losers.iloc[0]
    assert first.endswith(f"{loser['quarters_better']} / {loser['quarters_worse']}")
    assert "To win or lose is to have more or less yuan in all (payout + cash effect)" in text


def test_tables_in_which_nothing_differs_are_left_out_and_named():
    """Equal policies: no table at all. A bonus of grade A alone: grades and standing are named, the cost is a table."""
    data = scored(m1=111, m2=103)
    text = shown(cm.compare(data, ENACTED, {}))
    equal = "No difference: quarter grades, month grades, cost, standing (3.5).\n\n"
    assert text.startswith(f"The policies do not differ.\n\n{equal}")
    assert "─" not in text
    change = cm.compare(data, ENACTED, {"grades.A.quarterly_bonus": 2600})
    text = shown(change)
    assert "No difference: quarter grades, month grades, standing (3.5)." in text
    assert re.search(r"^cost: payout \+ cash effect .* \+100\.00 ", text, re.MULTILINE)
    with cm.using_language("zh"):
        assert "无差异：季度等级、月度等级、任职状态（3.5）。" in shown(change)


def test_one_record_with_another_grade_brings_the_matrix():
    """Also where the grades' names differ, so that no place of the matrix says by itself what is equal."""
    grades = ENACTED.to_dict()["grades"]
    grades.insert(0, {"grade": "A+", "from": 120, "quarterly_bonus": 2500, "monthly_award": 200})
    for score, is_shown in ((111, False), (121, True)):
        text = shown(cm.compare(scored(m1=score), ENACTED, {"grades": grades}))
        assert ("Quarter grades: baseline (rows) to reform (columns)" in text) is is_shown


def test_the_notes_end_with_one_empty_line(proposed):
    """What the law says comes next, and no part is two lines away from the one before."""
    for change in (proposed, cm.compare(scored(m1=111), ENACTED, {})):
        text = shown(change)
        assert text.endswith("\n\n")
        assert "\n\n\n" not in text


def test_two_versions_of_the_data_are_called_earlier_and_later():
    """There is neither a baseline nor a reform, in either language, on a terminal of 80 too."""
    data = [scored(m1=111, m2=103), scored(m1=103, m2=103)]
    change = cm.compare(data[0], ENACTED, data[1])
    for language, words, others in (
        ("en", "Quarter grades: earlier data (rows) to later data (columns)", ("baseline", "reform")),
        ("zh", "季度等级迁移矩阵：先前的数据（行）→ 后来的数据（列）", ("基准", "方案")),
    ):
        with cm.using_language(language):
            text = shown(change, width=80)
        assert words in text
        assert not any(other in text for other in others)
        assert max(map(cell_len, text.splitlines())) <= 80
    assert f"Earlier data: {data[0].source}. Later data: {data[1].source}." in shown(change)


def test_versions_without_a_common_staff_id_are_warned_of_before_all_other_notes():
    """Otherwise everyone's money looks lost, or won."""
    change = cm.compare(scored(m1=111, m2=103), ENACTED, scored(x1=111, x2=103))
    _, first, *_ = part(shown(change), "Notes")
    assert "have no staff id in common" in first
