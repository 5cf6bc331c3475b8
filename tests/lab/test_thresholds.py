"""The panel of the bounds: what it shows is what `cm.compare` gives, and a bound never leaves its place."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from shown import html_of, plain, rows_of
from traitlets import TraitError

import cmpolicy as cm
from cmpolicy.errors import CmpolicyError
from cmpolicy.insight.near_bounds import near_bounds
from cmpolicy.lab import LabState, Thresholds
from cmpolicy.lab.panel import SHOWN_ROWS, STYLE


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=15, seed=3)


@pytest.fixture
def panel(data):
    return Thresholds(data)


def opened(panel, place):
    panel.sections.buttons[place].value = True
    return panel


def bounds_shown(panel):
    return [(row.number.value, row.slider.value) for row in panel.rows.values()]


def compared(panel):
    return cm.compare(panel.state.data, panel.state.enacted, panel.state.policy)


# -- the bounds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", ["number", "slider"])
def test_a_control_moves_its_bound_and_its_twin(panel, control):
    """The draft, the other control and what the bound was before follow."""
    assert bounds_shown(panel) == [(110, 110), (100, 100), (95, 95), (90, 90)]
    assert panel.rows["A"].before.value == "<small></small>"
    getattr(panel.rows["A"], control).value = 113
    assert panel.state.policy.bounds == (113, 100, 95, 90)
    assert bounds_shown(panel)[0] == (113, 113)
    assert "110" in panel.rows["A"].before.value


def test_a_bound_stops_at_its_neighbour_and_so_do_its_controls(panel):
    """3.1: bounds stay in order, whatever is typed."""
    panel.rows["A"].number.value = 20
    assert panel.state.policy.bounds == (101, 100, 95, 90)
    assert bounds_shown(panel)[0] == (101, 101)
    panel.rows["A"].slider.value = 99
    assert bounds_shown(panel)[0] == (101, 101)
    assert panel.state.fault is None


def test_controls_follow_undo_and_reset(panel):
    """One move of a control is one step."""
    panel.rows["D"].slider.value = 80
    panel.rows["D"].number.value = 70
    panel.state.undo()
    assert bounds_shown(panel)[3] == (80, 80)
    panel.state.reset()
    assert bounds_shown(panel)[3] == (90, 90)
    panel.state.undo()
    panel.state.undo()
    assert not panel.state.can_undo


def test_a_bound_far_away_is_shown_as_it_is(panel):
    """A slider's range grows with it: one that did not would pull the bound back into the range."""
    far = panel.state.policy.with_changes({"grades.A.from": 5000, "grades.D.from": -3000})
    panel.state.replace(far)
    assert bounds_shown(panel) == [(5000, 5000), (100, 100), (95, 95), (-3000, -3000)]
    assert panel.state.policy == far
    panel.rows["A"].number.value = 9999
    assert panel.state.policy.get("grades.A.from") == 9999


def test_a_slider_keeps_its_range_while_it_moves(panel):
    """A range that shifts under the hand cannot be dragged in."""
    slider = panel.rows["A"].slider
    low, high = slider.min, slider.max
    for bound in (slider.max, slider.max - 1, 101):
        slider.value = bound
        assert (slider.min, slider.max) == (low, high)


def test_other_grades_have_other_rows(panel):
    """A draft may have any grades; the rows are those of its bounds, and moving them moves it."""
    content = panel.state.policy.to_dict()
    content["grades"] = [content["grades"][0] | {"grade": "优"}, content["grades"][-1]]
    panel.state.replace(cm.Policy.from_dict(content))
    shown = panel._controls.children
    assert [plain(row.children[0].description) for row in shown] == ["优 ≥"]
    shown[0].children[1].value = 108
    assert panel.state.policy.bounds == (108,)
    panel.state.reset()
    assert [plain(row.children[0].description) for row in panel._controls.children] == ["A ≥", "B ≥", "C ≥", "D ≥"]


def test_the_limits_of_a_box_are_those_of_the_policy(panel):
    """3.1: what a box takes is valid."""
    with pytest.raises(TraitError):
        panel.rows["A"].number.min = 20_000
    panel.rows["A"].number.value = 1_000_000
    assert panel.state.policy.get("grades.A.from") == 10_000


# -- headline and figure -----------------------------------------------------------------------------------------------


def test_the_headline_is_that_of_the_comparison(panel):
    """Money and standing before and after, to the fen, with the difference; and in words."""
    panel.rows["A"].number.value = 113
    panel.rows["D"].number.value = 93
    change = compared(panel)
    text = plain(panel.headline.value)
    for component in ("cost", "service_bonus", "cash_effect"):
        row = change.cost.loc[component]
        assert f"¥{row['reform']:,.2f}" in text
        assert f"{row['difference']:+,.2f}" in text
        assert f"before: ¥{row['baseline']:,.2f}" in text
    for standing in ("observed", "dismissed"):
        row = change.standing.loc[standing]
        assert f"{row['reform']:,}" in text
        assert row["difference"] == 0 or f"{row['difference']:+,}" in text
    difference = change.cost.loc["cost", "difference"]
    assert f"¥{abs(difference):,.2f} {'more' if difference > 0 else 'less'} than the enacted policy" in text
    before, after = change.baseline.grade_counts("quarters"), change.reform.grade_counts("quarters")
    moved = ", ".join(f"{name} {after[name] - before[name]:+}" for name in after if after[name] != before[name])
    assert f"Grades of quarters: {moved}." in text


def test_without_a_change_the_headline_says_so(panel):
    """No arrows, no differences."""
    text = plain(panel.headline.value)
    assert "Nothing differs from the enacted policy." in text
    assert text.count("unchanged") == 5
    assert not re.search("[▲▼]", text)


@pytest.mark.parametrize("period", ["quarters", "months"])
def test_the_figure_has_the_grades_of_the_comparison(panel, period):
    """Every number is there as text, and told to those who cannot see the bars."""
    panel.period.value = period
    panel.rows["B"].slider.value = 103
    change = compared(panel)
    before, after = change.baseline.grade_counts(period), change.reform.grade_counts(period)
    told = re.search('aria-label="(.*?)"', panel.picture.value).group(1)
    numbers = re.findall(r"<text[^>]*>([\d,]+)</text>", panel.picture.value)
    for name, number in after.items():
        assert f"{name} {before[name]} → {number}" in told
        assert {f"{number:,}", f"{before[name]:,}"} <= set(numbers)


# -- the details -------------------------------------------------------------------------------------------------------


def test_what_is_closed_costs_nothing(panel):
    """Details are filled in when they are opened, and then follow."""
    assert {panel.migration.value, panel.people.value, panel.near.value, panel.cost.value} == {""}
    assert panel.state._outcomes == {}
    opened(panel, 3)
    before = panel.cost.value
    panel.rows["A"].slider.value = 112
    assert panel.cost.value != before
    panel.sections.buttons[3].value = False
    closed = panel.cost.value
    panel.rows["A"].slider.value = 113
    assert panel.cost.value == closed


def test_the_migration_is_that_of_the_comparison(panel):
    """Rows are grades before, columns after; nobody is an empty cell."""
    opened(panel, 0).rows["A"].slider.value = 115
    change = compared(panel)
    expected = []
    for matrix in (change.quarter_migration, change.month_migration):
        expected.append(["", *matrix.columns])
        expected += [[name, *(f"{number:,}" if number else "" for number in row)] for name, *row in matrix.itertuples()]
    assert rows_of(panel.migration.value) == expected


def people_shown(panel):
    return rows_of(panel.people.value)[1:]


def people_expected(frame):
    return [
        [one.staff_id, one.quarter, f"{one.score:,.2f}", one.grade_baseline, one.grade_reform, one.name, one.area]
        for one in frame.rename(columns={"name": "called"}).assign(name=frame["name"]).itertuples(index=False)
    ]


def test_who_changes_grade_is_listed_sorted_and_searched(panel):
    """The list of the comparison, by any column, either way, and only the rows that hold a text."""
    opened(panel, 1).rows["A"].slider.value = 114
    frame = compared(panel).regraded
    assert 20 < len(frame) <= SHOWN_ROWS
    assert people_shown(panel) == people_expected(frame.sort_values(["staff_id", "quarter"]))
    assert f"{len(frame)} rows" in panel.people.value
    panel.sort.value, panel.descending.value = "score", True
    assert people_shown(panel) == people_expected(frame.sort_values(["score", "staff_id", "quarter"], ascending=False))
    someone = frame["staff_id"].iloc[3]
    panel.search.value = f" {someone.lower()} "
    assert {row[0] for row in people_shown(panel)} == {someone}
    panel.search.value = "(no such text"
    assert people_shown(panel) == []
    assert "0 rows" in panel.people.value


def test_a_long_list_says_how_long_it_is():
    """The first rows are shown; a page with thousands would stop moving."""
    panel = Thresholds(cm.synthesize(staff=300, months=12, seed=1))
    opened(panel, 1).rows["A"].slider.value = 125
    frame = compared(panel).regraded
    assert len(frame) > SHOWN_ROWS
    assert len(people_shown(panel)) == SHOWN_ROWS
    assert f"{len(frame):,} rows; the first {SHOWN_ROWS} are shown" in plain(panel.people.value)


def test_who_is_near_a_bound_is_listed(panel):
    """Those of `near_bounds` under the draft, as near as is asked for."""
    opened(panel, 2)
    for points in (1, 0, 4):
        panel.points.value = points
        frame = near_bounds(panel.state.outcome, points)
        shown = rows_of(panel.near.value)[1:]
        assert [row[:2] for row in shown] == frame[["staff_id", "quarter"]].head(SHOWN_ROWS).to_numpy().tolist()
        assert [row[5] for row in shown] == [f"{one:,.2f}" for one in frame["distance"].head(SHOWN_ROWS)]


def test_cost_by_component_is_that_of_the_comparison(panel):
    """Every component with its clause, before, after and difference with its sign."""
    opened(panel, 3).rows["C"].slider.value = 97
    expected = [
        [row.clause, f"{row.baseline:,.2f}", f"{row.reform:,.2f}", f"{row.difference:+,.2f}"]
        for row in compared(panel).cost.itertuples()
    ]
    assert [row[1:] for row in rows_of(panel.cost.value)[1:]] == expected


# -- faults ------------------------------------------------------------------------------------------------------------


def faults(panel):
    """Give the texts of the head that are told as faults."""
    return [plain(text) for text in html_of(panel.box.children[0]) if 'role="alert"' in text]


def test_a_mistake_of_ours_is_shown_and_raised(panel, monkeypatch):
    """An app swallows what a callback raises, and a notebook under test has to fail."""

    monkeypatch.setattr(panel, "_draw", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        panel.rows["A"].slider.value = 112
    assert isinstance(panel.state.fault, CmpolicyError)
    assert any("by zero" in fault for fault in faults(panel))


def test_a_mistake_of_the_user_is_shown_in_place_and_not_raised(panel):
    """In the language in use; the next move takes it away."""
    panel.state.change({"grades.A.from": 5})
    (fault,) = faults(panel)
    assert "grades.A.from" in fault
    panel.state.language = "zh"
    (fault,) = faults(panel)
    assert "等级" in fault or "无效" in fault
    panel.rows["A"].slider.value = 112
    assert not faults(panel)


def test_events_on_two_threads_are_done_one_after_the_other(panel):
    """JupyterLab hands events to a kernel on a thread beside that of the cells; figures are for one thread."""
    inside, together = [], []

    def act(change):
        inside.append(change)
        time.sleep(0.01)
        together.append(len(inside))
        inside.remove(change)

    def drag(grade):
        for bound in (1, 2, -1, 3, -2, 1) * 3:
            panel.rows[grade].slider.value += bound

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(panel.guarded(act), range(6)))
        list(threads.map(drag, "AD"))
    assert together == [1] * 6
    assert panel.state.fault is None
    assert bounds_shown(panel) == [(bound, bound) for bound in panel.state.policy.bounds]
    assert f"¥{compared(panel).cost.loc['cost', 'reform']:,.2f}" in plain(panel.headline.value)


# -- without a kernel --------------------------------------------------------------------------------------------------


def test_a_panel_is_a_still_picture_where_no_kernel_runs(panel):
    """The notebook holds the live widget and, beside it, HTML with the same numbers and no script."""
    panel.rows["A"].slider.value = 112
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    still = bundle["text/html"]
    assert still.startswith(STYLE)
    assert panel.headline.value in still
    told = re.search('aria-label="(.*?)"', panel.picture.value).group(1)
    assert f'<img alt="{told}"' in still
    assert "A ≥ 112" in plain(still.removeprefix(STYLE))
    assert "<script" not in still
    assert bundle["text/plain"] == repr(panel)
    assert "60 people" in repr(panel)


def test_a_panel_needs_data_or_a_state():
    """Without either there is nothing to show."""
    with pytest.raises(TypeError, match="data or a state"):
        Thresholds()


def test_panels_over_one_state_show_the_same(data):
    """What one changes the other shows."""
    state = LabState(data)
    one, other = Thresholds(state=state), Thresholds(state=state)
    one.rows["A"].slider.value = 112
    assert bounds_shown(other) == bounds_shown(one)
    assert other.headline.value == one.headline.value


def test_a_bound_that_is_not_whole_is_refused(panel):
    """100.5 is neither 1005 nor 101; the box goes back, and the next good one takes the fault away."""
    before = panel.state.policy
    number = panel.rows["A"].number
    number.value = 100.5
    assert 'Found: "100.5"' in str(panel.state.fault)
    assert panel.state.policy is before
    assert number.value == before.bounds[0]
    number.value = 112
    assert panel.state.fault is None
    assert panel.state.policy.get("grades.A.from") == 112


def test_how_near_is_in_whole_points(panel):
    """What is not whole is refused and goes back."""
    panel.points.value = 1.5
    assert 'Within points cannot be set so. Found: "1.5"' in str(panel.state.fault)
    assert panel.points.value == 1
    panel.points.value = 2
    assert panel.state.fault is None
