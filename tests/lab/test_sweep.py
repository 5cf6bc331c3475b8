"""The panel of a sweep: every cell is what an appraisal gives, and choosing one makes its values the draft's."""

import re
from decimal import Decimal

import pytest
from shown import plain

import cmpolicy as cm
from cmpolicy.lab import LabState, Sweep
from cmpolicy.lab.heat_map import colours
from cmpolicy.lab.value_range import MOST_VALUES

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=60, months=15, seed=3)


@pytest.fixture
def panel(data):
    return Sweep(data)


def set_range(one, path, low, high, step):
    one.choice.value = path
    one.low.value, one.high.value, one.step.value = low, high, step


def cells(panel):
    """What each cell tells the pointer, by its place."""
    return {place: tip.split("\n") for place, tip in enumerate(panel.heat_map.cells.tooltips)}


def texts(panel):
    return [text for text, _place in panel.heat_map.cells.options]


def choose(panel, told):
    (place,) = (place for place, (values, _figure) in cells(panel).items() if values == told)
    panel.heat_map.cells.value = place


def rules(panel):
    """The style of each cell: its row and column, its colour, and whether it is framed and how."""
    style = panel.heat_map.box.children[0].value
    places = re.findall(r"nth-of-type\((\d+)\) {grid-area: (\d+) / (\d+); background: (#\w+);}", style)
    frames = re.findall(r"nth-of-type\((\d+)\) {border: \dpx (\w+) #000;}", style)
    return {int(one[0]) - 1: (int(one[1]), int(one[2]), one[3]) for one in places}, {
        look: int(place) - 1 for place, look in frames
    }


def with_grades(*names):
    """The lowest grades of the enacted policy, under other names."""
    content = cm.load_policy("2007-06").to_dict()
    content["grades"] = content["grades"][-len(names) :]
    for row, name in zip(content["grades"], names, strict=True):
        row["grade"] = name
    return cm.Policy.from_dict(content)


@pytest.mark.parametrize(
    ("grades", "across"),
    [(("gold", "silver", "bronze"), "grades.silver.from"), (("passed", "failed"), None)],
)
def test_the_first_bounds_vary_at_first_whatever_the_grades_are_called(data, grades, across):
    """The two best grades' bounds; where there is but one bound nothing varies across."""
    panel = Sweep(data, with_grades(*grades))
    assert (panel.down.path, panel.across.path) == (f"grades.{grades[0]}.from", across)
    assert panel.state.fault is None
    assert len(cells(panel)) > 1


# -- the cells ---------------------------------------------------------------------------------------------------------


def test_every_cell_is_what_an_appraisal_gives(panel, data):
    """A names both values and the figure to the fen, and by how much it differs from the enacted policy."""
    assert panel.state.fault is None
    before = cm.appraise(data, panel.state.enacted).cost["cost"]
    for place in (0, 17, 60, -1):
        told, figure = list(cells(panel).values())[place]
        first, second = map(int, re.findall(r"\d+", told))
        assert told == f"A ≥ {first}, B ≥ {second}"
        policy = panel.state.enacted.with_changes({"grades.A.from": first, "grades.B.from": second})
        cost = cm.appraise(data, policy).cost["cost"]
        assert figure == f"cost: payout + cash effect: ¥{cost / 100:,.2f} ({(cost - before) / 100:+,.2f})"
        assert texts(panel)[place] == f"{cost / 100:,.0f}"


def test_numbers_too_long_for_a_cell_are_in_thousands(data):
    """With a decimal where cells beside each other would look the same."""
    panel = Sweep(data, cm.load_policy("2007-06").with_changes({"grades.B.quarterly_bonus": 2500, "points.base": 110}))
    set_range(panel.down, "grades.A.quarterly_bonus", 200_000, 200_001, 1)
    set_range(panel.across, "grades.B.from", 100, 101, 1)
    assert all(re.fullmatch(r"\d+,\d{3}\.\d", text) for text in texts(panel))
    assert len(set(texts(panel))) == 4
    assert "in the cells: thousands" in plain(panel.heat_map.box.children[2].value)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("payout", lambda outcome: outcome.cost["payout"] / 100),
        ("quarter_grade_E", lambda outcome: outcome.grade_counts("quarters")["E"]),
        ("month_grade_A", lambda outcome: outcome.grade_counts("months")["A"]),
        ("dismissed", lambda outcome: outcome.standing_counts["dismissed"]),
        ("observed", lambda outcome: outcome.standing_counts["observed"]),
    ],
)
def test_any_figure_can_be_shown(panel, data, name, count):
    """In the cells, and in words for the draft."""
    set_range(panel.down, "grades.D.from", 80, 94, 2)
    set_range(panel.across, "grades.A.monthly_award", 0, 400, 100)
    panel.figure.value = name
    for place in (0, 11, 39):
        first, second = re.findall(r"\d+", cells(panel)[place][0])
        policy = panel.state.enacted.with_changes({"grades.D.from": int(first), "grades.A.monthly_award": int(second)})
        number = count(cm.appraise(data, policy))
        assert f"{number:,.2f} (" in cells(panel)[place][1] or f" {number:,} (" in cells(panel)[place][1]
    shown = count(cm.appraise(data, panel.state.enacted))
    assert f"{shown:,.2f} in the draft" in plain(panel.told.value) or f"{shown:,} in the draft" in plain(
        panel.told.value
    )


def test_bounds_that_would_cross_are_left_out_and_counted(panel, data):
    """3.1: their places stay empty, and it is said how many there are."""
    frame = cm.sweep(data, panel.state.enacted, {"grades.A.from": range(105, 116), "grades.B.from": range(95, 106)})
    assert len(cells(panel)) == len(frame) < 121
    assert f"Scenarios left out: {121 - len(frame)} of 121;" in plain(panel.told.value)
    places, _frames = rules(panel)
    for place, (told, _figure) in cells(panel).items():
        first, second = map(int, re.findall(r"\d+", told))
        assert places[place][:2] == (first - 104, second - 94)
        assert 95 < second < first
    assert plain(panel.heat_map.across.value) == "B ≥ → " + " ".join(map(str, range(95, 106)))


def test_differences_are_those_from_the_enacted_policy(panel, data):
    """Whatever the draft is."""
    panel.state.change({"grades.A.quarterly_bonus": 2600})
    panel.form.value = True
    before = cm.appraise(data, panel.state.enacted).cost["cost"]
    choose(panel, "A ≥ 107, B ≥ 98")
    after = cm.appraise(data, panel.state.policy).cost["cost"]
    place = panel.heat_map.cells.value
    assert texts(panel)[place] == f"{(after - before) / 100:+,.0f}"
    assert f"({(after - before) / 100:+,.2f})" in cells(panel)[place][1]


def test_differences_are_coloured_against_the_enacted_policy(panel):
    """As the numbers are: blue is below it, orange above; the legend says against what."""
    choose(panel, "A ≥ 112, B ≥ 103")
    assert "more than the draft" in plain(panel.heat_map.box.children[2].value)
    panel.form.value = True
    places, frames = rules(panel)
    assert places[frames["dashed"]][2] == "#ffffff"
    for place, text in enumerate(texts(panel)):
        red, blue = (int(places[place][2][start : start + 2], 16) for start in (1, 5))
        assert (red > blue) == text.startswith("+") or red == blue
    legend = plain(panel.heat_map.box.children[2].value)
    assert "less than the enacted policy" in legend
    assert "than the draft" not in legend


def test_colours_tell_what_is_more_and_less_than_the_draft(panel):
    """White is as the draft; the farther the stronger; frames tell the draft and the enacted policy."""
    choose(panel, "A ≥ 112, B ≥ 103")
    places, frames = rules(panel)
    drawn = {told: places[place][2] for place, (told, _figure) in cells(panel).items()}
    assert drawn["A ≥ 112, B ≥ 103"] == "#ffffff"
    assert cells(panel)[frames["solid"]][0] == "A ≥ 112, B ≥ 103"
    assert cells(panel)[frames["dashed"]][0] == "A ≥ 110, B ≥ 100"
    red, blue = (int(drawn["A ≥ 105, B ≥ 96"][place : place + 2], 16) for place in (1, 5))
    assert red > blue
    red, blue = (int(drawn["A ≥ 115, B ≥ 105"][place : place + 2], 16) for place in (1, 5))
    assert red < blue
    assert colours([1, 1], 1) == ["#ffffff"] * 2


# -- choosing a cell ---------------------------------------------------------------------------------------------------


def test_choosing_a_cell_makes_its_values_the_drafts(panel, data):
    """Both at once, as one step that can be undone; headline and boxes follow."""
    choose(panel, "A ≥ 113, B ≥ 97")
    change = cm.compare(data, panel.state.enacted, {"grades.A.from": 113, "grades.B.from": 97})
    assert panel.state.policy == change.reform.policy
    assert f"¥{change.cost.loc['cost', 'reform']:,.2f}" in plain(panel.headline.value)
    boxes = [one.box.children[-1].value for one in (panel.down, panel.across)]
    assert boxes == [113, 97]
    panel.state.undo()
    assert panel.state.policy == panel.state.enacted
    assert not panel.state.can_undo
    assert cells(panel)[panel.heat_map.cells.value][0] == "A ≥ 110, B ≥ 100"


def test_choosing_a_cell_does_not_make_the_cells_anew(panel):
    """The browser would lose the cell at which the keyboard is."""
    sent = []
    panel.heat_map.cells.observe(lambda change: sent.append(change["name"]))
    choose(panel, "A ≥ 113, B ≥ 97")
    assert set(sent) == {"index", "value", "label"}


def test_a_draft_beside_the_cells_has_none(panel):
    """The box of the draft reaches further than the range; back in it, its cell is framed again."""
    box = panel.down.box.children[-1]
    box.value = 130
    assert panel.state.policy.get("grades.A.from") == 130
    assert panel.heat_map.cells.value is None
    assert "solid" not in rules(panel)[1]
    assert panel.state.policy.get("grades.B.from") == 100
    box.value = 111
    assert cells(panel)[panel.heat_map.cells.value][0] == "A ≥ 111, B ≥ 100"


def test_the_box_of_the_draft_goes_by_the_step_of_the_range(panel):
    """So that the arrow keys go from cell to cell."""
    set_range(panel.down, "revenue.rate", 0.2, 0.3, 0.02)
    assert panel.down.box.children[-1].step == 0.02
    set_range(panel.down, "grades.A.from", 100, 120, 5)
    assert panel.down.box.children[-1].step == 5


# -- ranges ------------------------------------------------------------------------------------------------------------


def test_shares_and_amounts_are_exact(panel):
    """0.2 and twice 0.01 is 0.22, not a number near it."""
    set_range(panel.down, "revenue.rate", 0.2, 0.3, 0.01)
    set_range(panel.across, "grades.A.quarterly_bonus", 2400.5, 2600.5, 50)
    assert len(cells(panel)) == 55
    choose(panel, "R1 share of the revenue above its base 0.22, A: quarterly bonus 2500.5")
    assert panel.state.policy.get("revenue.rate") == Decimal("0.22")
    assert panel.state.policy.get("grades.A.quarterly_bonus") == Decimal("2500.5")


def test_a_range_that_nobody_has_set_is_around_the_draft(panel):
    """Within what is valid."""
    panel.across.choice.value = ""
    for path, expected in {
        "points.broadband_lost": list(range(-7, 4)),
        "standing.e_quarters": list(range(1, 8)),
        "grades.E.quarterly_bonus": [250 * number for number in range(6)],
        "revenue.manager_share": [Decimal(number) / 100 for number in range(45, 56)],
    }.items():
        panel.down.choice.value = path
        assert panel.down.values() == expected
        assert len(cells(panel)) == len(expected)


def test_one_value_by_itself_is_a_row_and_a_line(panel, data):
    """The figure beside it has its numbers too."""
    panel.across.choice.value = ""
    assert [told for told, _figure in cells(panel).values()] == [f"A ≥ {bound}" for bound in range(105, 116)]
    assert {place[0] for place in rules(panel)[0].values()} == {1}
    cost = cm.appraise(data, panel.state.enacted.with_changes({"grades.A.from": 105})).cost["cost"] / 100
    assert f"105: ¥{cost:,.2f}" in panel.picture.value
    panel.across.choice.value = "grades.B.from"
    assert panel.picture.value == ""


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((105, 104, 1), "the last value not below the first"),
        ((105, 110, 0), "the step has to be above 0"),
        ((105, 110, -1), "the step has to be above 0"),
        ((100, 100 + MOST_VALUES, 1), f"{MOST_VALUES + 1} values are too many"),
        ((105, 110, 0.5), "a whole number from"),
        ((20, 30, 1), "No scenario is left"),
    ],
)
def test_a_range_that_cannot_be_is_told_and_can_be_mended(panel, numbers, said):
    """In place; the draft stays, and so does everything else."""
    set_range(panel.down, "grades.A.from", *numbers)
    assert 'role="alert"' in panel.told.value
    assert said in plain(panel.told.value)
    assert cells(panel) == {}
    assert panel.state.policy == panel.state.enacted
    assert panel.state.fault is None
    set_range(panel.down, "grades.A.from", 105, 110, 1)
    assert len(cells(panel)) > 30


def test_the_same_value_twice_is_told(panel):
    panel.across.choice.value = "grades.A.from"
    assert "the same value varies" in plain(panel.told.value)
    panel.down.choice.value = "grades.B.from"
    assert len(cells(panel)) == 109


# -- what follows ------------------------------------------------------------------------------------------------------


def test_only_what_stays_fixed_makes_the_scenarios_anew(panel):
    """Choosing cells, another figure and another language appraise nothing."""
    made = panel._made
    choose(panel, "A ≥ 113, B ≥ 97")
    panel.figure.value = "dismissed"
    panel.state.language = "zh"
    panel.state.language = "en"
    assert panel._made is made
    panel.state.change({"points.base": 99})
    assert panel._made is not made
    assert cells(panel)[panel.heat_map.cells.value][0] == "A ≥ 113, B ≥ 97"


def test_other_grades_offer_other_values(panel):
    """A value or figure that is gone makes room for the first."""
    content = panel.state.policy.to_dict()
    content["grades"] = [content["grades"][0] | {"grade": "优"}, content["grades"][-1] | {"grade": "差"}]
    panel.figure.value = "quarter_grade_C"
    panel.state.replace(cm.Policy.from_dict(content))
    assert panel.down.path == "grades.优.from"
    assert panel.across.path is None
    assert panel.figure.value == "cost"
    assert ("quarters with grade 优", "quarter_grade_优") in panel.figure.options
    assert len(cells(panel)) == 11
    assert panel.state.fault is None
    panel.state.reset()
    assert "grades.A.from" in [path for _label, path in panel.down.choice.options]


def test_the_language_switches_while_it_runs(panel):
    """Every text changes; what is chosen stays."""
    choose(panel, "A ≥ 113, B ≥ 97")
    panel.figure.value = "payout"
    english, chosen = panel.told.value, (panel.down.path, panel.across.path, panel.heat_map.cells.value)
    panel.state.language = "zh"
    shown = [panel.told.value, panel.heat_map.cells.tooltips[0], panel.figure.label, panel.down.choice.description]
    assert all(CHINESE.search(text) for text in shown)
    assert not re.search("[a-z]{3}", plain(panel.told.value))
    assert (panel.down.path, panel.across.path, panel.heat_map.cells.value) == chosen
    panel.state.language = "en"
    assert panel.told.value == english
    panel.state.undo()
    assert not panel.state.can_undo


def test_the_frontier_is_drawn_when_it_is_opened(panel):
    """What is closed costs nothing; then it follows."""
    choose(panel, "A ≥ 113, B ≥ 97")
    assert panel.frontier.value == ""
    panel.sections.buttons[1].value = True
    first = panel.frontier.value
    assert 'aria-label="Cost, yuan, against staff-quarters of grade E"' in first
    set_range(panel.down, "grades.D.from", 80, 94, 1)
    assert panel.frontier.value != first
    panel.down.step.value = 0
    assert panel.frontier.value == ""


def test_a_panel_is_a_still_picture_where_no_kernel_runs(panel):
    """The heat map as a figure, told to those who cannot see it too."""
    choose(panel, "A ≥ 113, B ≥ 97")
    still = panel._repr_mimebundle_()["text/html"]
    assert panel.headline.value in still
    assert panel.told.value in still
    assert "113, 97: ¥" in re.search('<img alt="(.*?)"', still).group(1)
    assert "<svg" not in still
    panel.down.step.value = 0
    assert "<img" not in panel._repr_mimebundle_()["text/html"]


def test_it_waits_while_it_is_not_in_view(data):
    """A panel behind another tab appraises nothing."""
    state = LabState(data)
    panel = Sweep(state=state, shown=False)
    state.change({"grades.A.from": 112})
    assert cells(panel) == {}
    panel.shown = True
    assert cells(panel)[panel.heat_map.cells.value][0] == "A ≥ 112, B ≥ 100"
