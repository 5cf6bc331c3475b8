"""The panels of the sweep and of the readings' ledger in a browser: clicks and keys give what `cm.compare` gives.

Every test starts from a workbench on the bundled department, with the enacted policy as the draft.
"""

import functools
import re

from browser_driver import OUTLINE, focused, turn_to
from playwright.sync_api import expect

import cmpolicy as cm
from cmpolicy.lab.serve import bundled
from cmpolicy.messages import using_language

ENACTED = cm.load_policy("2007-06")


@functools.cache
def department():
    return cm.read_staff(bundled("datasets/department"))


def control(page, label):
    """Find a control in view by its label; other panels may have one of the same."""
    return page.get_by_label(label, exact=True).filter(visible=True)


def button(page, name):
    return page.get_by_role("button", name=name).filter(visible=True)


def cell(page, told):
    """Find a cell of the heat map by what it tells the pointer."""
    return page.get_by_title(re.compile(f"^{re.escape(told)}\n"))


def cost_of(changes):
    return cm.appraise(department(), ENACTED.with_changes(changes)).cost["cost"] / 100


def expect_draft(page, changes):
    """The headline is that of an appraisal, and says by how much it differs."""
    cost, difference = cost_of(changes), cost_of(changes) - cost_of({})
    card = page.locator(".cm-headline:visible .cm-card").first
    expect(card.locator("b")).to_have_text(f"¥{cost:,.2f}")
    if difference:
        expect(card).to_contain_text(f"{difference:+,.2f}")
    else:
        expect(card).to_contain_text("unchanged")


def expect_chosen(page, first, second):
    """The cell of these bounds is framed as the draft's, and no other is; the boxes of the draft have its values."""
    one = cell(page, f"A ≥ {first}, B ≥ {second}")
    expect(one).to_have_css("border-top-style", "solid")
    expect(one).to_have_css("background-color", "rgb(255, 255, 255)")
    framed = page.evaluate("""() => [...document.querySelectorAll("[class*=cm-cells-] button")].filter(
        button => getComputedStyle(button).borderTopStyle == "solid").length""")
    assert framed == 1
    for number, value in enumerate((first, second)):
        expect(control(page, "the draft").nth(number)).to_have_value(str(value))


# -- sweep ---------------------------------------------------------------------


def test_a_cell_that_is_clicked_sets_the_draft(lab):
    """Both values at once; it can be undone, and the other panels show it."""
    turn_to(lab, "Sweep")
    expect(lab.locator("[class*=cm-cells-] button:visible")).to_have_count(109)
    expect(lab.get_by_text("Scenarios left out: 12 of 121")).to_be_visible()
    expect_chosen(lab, 110, 100)
    cell(lab, "A ≥ 113, B ≥ 97").click()
    expect_draft(lab, {"grades.A.from": 113, "grades.B.from": 97})
    expect_chosen(lab, 113, 97)
    expect(cell(lab, "A ≥ 110, B ≥ 100")).to_have_css("border-top-style", "dashed")
    cell(lab, "A ≥ 106, B ≥ 105").click()
    expect_draft(lab, {"grades.A.from": 106, "grades.B.from": 105})
    button(lab, "Undo").click()
    expect_draft(lab, {"grades.A.from": 113, "grades.B.from": 97})
    expect_chosen(lab, 113, 97)
    turn_to(lab, "Grade thresholds")
    expect(lab.get_by_role("spinbutton", name="A ≥").filter(visible=True)).to_have_value("113")
    expect_draft(lab, {"grades.A.from": 113, "grades.B.from": 97})
    button(lab, "Reset").click()
    turn_to(lab, "Sweep")
    expect_chosen(lab, 110, 100)


def test_cells_stand_under_their_headings(lab):
    """The first value downward, the second across; every cell has its number."""
    turn_to(lab, "Sweep")
    one, right, below = (cell(lab, told) for told in ("A ≥ 108, B ≥ 98", "A ≥ 108, B ≥ 99", "A ≥ 109, B ≥ 98"))
    expect(one).to_have_text(f"{cost_of({'grades.A.from': 108, 'grades.B.from': 98}) / 1000:,.0f}")
    boxes = [part.bounding_box() for part in (one, right, below)]
    assert boxes[1]["x"] > boxes[0]["x"] + 60
    assert boxes[1]["y"] == boxes[0]["y"]
    assert boxes[2]["y"] > boxes[0]["y"] + 25
    assert boxes[2]["x"] == boxes[0]["x"]
    heading = lab.get_by_text("98", exact=True).filter(visible=True).bounding_box()
    assert abs(heading["x"] + heading["width"] / 2 - boxes[0]["x"] - boxes[0]["width"] / 2) < 2
    heading = lab.get_by_text("108", exact=True).filter(visible=True).bounding_box()
    assert abs(heading["y"] + heading["height"] / 2 - boxes[0]["y"] - boxes[0]["height"] / 2) < 6


def test_a_cell_is_chosen_by_the_keyboard(lab):
    """Tab leads to the cells and from one to the next, Enter chooses, and the keyboard stays where it is."""
    turn_to(lab, "Sweep")
    expect_chosen(lab, 110, 100)
    button(lab, "Frontier").focus()
    for told in ("A ≥ 105, B ≥ 96", "A ≥ 105, B ≥ 97", "A ≥ 105, B ≥ 98"):
        lab.keyboard.press("Tab")
        expect(cell(lab, told)).to_be_focused()
        assert focused(lab)[1] == OUTLINE
    lab.keyboard.press("Enter")
    expect_draft(lab, {"grades.A.from": 105, "grades.B.from": 98})
    expect_chosen(lab, 105, 98)
    expect(cell(lab, "A ≥ 105, B ≥ 98")).to_be_focused()
    lab.keyboard.press("Shift+Tab")
    lab.keyboard.press("Space")
    expect_draft(lab, {"grades.A.from": 105, "grades.B.from": 97})
    expect(cell(lab, "A ≥ 105, B ≥ 97")).to_be_focused()


def test_arrow_keys_go_from_cell_to_cell(lab):
    """In the box of the draft, by the step of the range; crossing a bound is refused in words."""
    turn_to(lab, "Sweep")
    box = control(lab, "the draft").nth(0)
    box.press("ArrowUp")
    expect_chosen(lab, 111, 100)
    box.press("ArrowUp")
    expect_chosen(lab, 112, 100)
    expect_draft(lab, {"grades.A.from": 112})
    control(lab, "the draft").nth(1).press("ArrowDown")
    expect_chosen(lab, 112, 99)
    expect_draft(lab, {"grades.A.from": 112, "grades.B.from": 99})
    box.fill("99")
    box.press("Tab")
    expect(lab.get_by_role("alert")).to_contain_text("grades.A.from")
    expect_chosen(lab, 112, 99)


def test_other_values_and_figures_are_chosen(lab):
    """A range of another value, another figure in the cells, in both languages; a range that cannot be is told."""
    turn_to(lab, "Sweep")
    control(lab, "Downward").select_option("A: quarterly bonus")
    control(lab, "Across").select_option("nothing else")
    expect(lab.locator("[class*=cm-cells-] button:visible")).to_have_count(11)
    cell(lab, "A: quarterly bonus 3000").click()
    expect_draft(lab, {"grades.A.quarterly_bonus": 3000})
    control(lab, "Shown").select_option("service bonus")
    service = cm.appraise(department(), ENACTED.with_changes({"grades.A.quarterly_bonus": 3000})).cost["service_bonus"]
    expect(lab.locator(".cm-said:visible").last).to_contain_text(f"service bonus: ¥{service / 100:,.2f} in the draft")
    control(lab, "step").first.fill("1")
    control(lab, "step").first.press("Tab")
    expect(lab.get_by_role("alert").filter(visible=True)).to_contain_text("2,501 values are too many")
    expect(lab.locator("[class*=cm-cells-] button:visible")).to_have_count(0)
    button(lab, "中文").click()
    expect(lab.get_by_role("alert").filter(visible=True)).to_contain_text("最多 15 个")
    button(lab, "English").click()


# -- the readings' ledger ------------------------------------------------------


def test_an_option_is_chosen_and_taken_by_the_keyboard(lab):
    """Arrow keys go through the ledger, the names behind the option follow, Enter takes it, and it can be undone."""
    turn_to(lab, "Readings ledger")
    ledger = cm.readings(department(), ENACTED)
    ledger = ledger[~ledger["chosen"] & (ledger["reason"] == "")].sort_values("cost", ascending=False, kind="stable")
    rows = lab.locator(".cm-ledger:visible tr:has(td)")
    expect(rows).to_have_count(len(ledger))
    first, second = ledger.iloc[0], ledger.iloc[1]
    expect(rows.nth(0)).to_contain_text(f"{first['cost']:+,.2f}")
    expect(rows.nth(1)).to_contain_text(f"{second['cost']:+,.2f}")

    button(lab, "Names behind it").press("Enter")
    control(lab, "Option no.").press("ArrowUp")
    text = cm.reading_text(second["reading"])
    expect(lab.get_by_text(f"{text.question} → {text.options[second['option']]}").first).to_be_visible()
    reform = {f"readings.{second['reading']}": second["option"]}
    change = cm.compare(department(), ENACTED, reform)
    worst = change.people[change.people["difference"] != 0].iloc[0]
    names = lab.locator(".cm-table:visible tr", has_text=worst["staff_id"])
    expect(names.first).to_contain_text(f"{worst['difference']:+,.2f}")

    lab.keyboard.press("Tab")
    expect(button(lab, "Take into the draft")).to_be_focused()
    assert focused(lab)[1] == OUTLINE
    lab.keyboard.press("Enter")
    expect_draft(lab, reform)
    button(lab, "Undo").click()
    expect_draft(lab, {})
    expect(rows.nth(0)).to_contain_text(f"{first['cost']:+,.2f}")


def test_the_tornado_and_the_order(lab):
    """The tornado is drawn when it is opened; the ledger is put in another order; both languages."""
    turn_to(lab, "Readings ledger")
    ledger = cm.readings(department(), ENACTED)
    button(lab, "What each value moves").click()
    expect(lab.locator(".cm-figure svg:visible")).to_have_attribute("aria-label", re.compile("cost, yuan"))
    control(lab, "Sort by").select_option("cost, the cheapest first")
    rows = lab.locator(".cm-ledger:visible tr:has(td)")
    expect(rows.nth(0)).to_contain_text(f"{ledger['cost'].min():+,.2f}")
    button(lab, "中文").click()
    cheapest = ledger.loc[ledger["cost"].idxmin()]
    with using_language("zh"):
        text = cm.reading_text(cheapest["reading"]).options[cheapest["option"]]
    expect(rows.nth(0)).to_contain_text(text)
    button(lab, "English").click()


# -- the row of tabs -----------------------------------------------------------


def test_tabs_that_do_not_fit_go_into_another_row(app_page):
    """In a narrow window every tab is in view and can be turned to."""
    app_page.set_viewport_size({"width": 800, "height": 900})
    boxes = [tab.bounding_box() for tab in app_page.get_by_role("tab").all()]
    assert len({box["y"] for box in boxes}) > 1
    assert all(box["x"] + box["width"] <= 800 for box in boxes)
    turn_to(app_page, "Downloads")
    expect(button(app_page, "The draft policy as YAML")).to_be_visible()


def test_a_wide_table_is_scrolled_inside_a_narrow_window(app_page):
    """It does not run out of the panel."""
    app_page.set_viewport_size({"width": 900, "height": 900})
    turn_to(app_page, "Readings ledger")
    table = app_page.locator(".cm-ledger .cm-scroll:visible")
    expect(table).to_be_visible()
    box, panel = table.bounding_box(), app_page.locator(".cm-lab .widget-tab").first.bounding_box()
    assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    assert table.evaluate("table => table.scrollWidth > table.clientWidth")


# -- faults and warnings -------------------------------------------------------


def test_a_fault_is_closed_by_the_keyboard(app_page):
    turn_to(app_page, "Solve")
    button(app_page, "Solve").click()
    expect(app_page.get_by_role("alert")).to_contain_text("There is nothing to meet.")
    button(app_page, "Close").press("Enter")
    expect(app_page.get_by_role("alert")).to_have_count(0)
    expect(button(app_page, "Close")).to_have_count(0)


def test_faults_and_warnings_keep_their_lines(app_page):
    """Their lists have a line each."""
    for style in ("cm-fault", "cm-warning"):
        told = "style => getComputedStyle(document.querySelector('.cm-lab').appendChild(Object.assign("
        told += "document.createElement('div'), {className: style}))).whiteSpace"
        assert app_page.evaluate(told, style) == "pre-wrap"
