"""The panels of the forecast and of the solver in a browser: keys and clicks give what `cm.forecast`, `cm.solve` give.

Every test starts from a workbench on the bundled department, with the enacted policy as the draft.
"""

import functools
import re
from decimal import Decimal

from browser_driver import OUTLINE, focused, turn_to
from playwright.sync_api import expect

import cmpolicy as cm
from cmpolicy.lab.serve import bundled

ENACTED = cm.load_policy("2007-06")


@functools.cache
def department():
    return cm.read_staff(bundled("datasets/department"))


def control(page, label):
    """Find a control in view by its label; other panels may have one of the same."""
    return page.get_by_label(label, exact=True).filter(visible=True)


def fill(page, label, text):
    control(page, label).fill(text)
    control(page, label).press("Tab")


def cards(page):
    return page.locator(".cm-headline:visible .cm-card")


# -- forecast ------------------------------------------------------------------


def expect_forecast(page, changes=None, **settings):
    """The cards and the notes are those of the forecast of the enacted policy and the draft."""
    policies = {"baseline": ENACTED} | ({"reform": ENACTED.with_changes(changes)} if changes else {})
    found = cm.forecast(department(), policies, **settings)
    cost = found.total[found.total["component"] == "cost"].iloc[-1]
    reserve = found.reserve(0.9).iloc[-1]
    amounts = [f"¥{amount:,.0f}" for amount in (cost["p10"], cost["p50"], cost["p90"], reserve["reserve"])]
    if changes:
        middle = found.difference.iloc[-1]["p50"]
        amounts.append(f"{'−' if middle < 0 else '+'}¥{abs(middle):,.0f}")
    expect(cards(page).locator("b")).to_have_text(amounts)
    expect(page.locator(".widget-html-content li:visible")).to_have_text([str(note) for note in found.notes])


def test_a_forecast_follows_its_boxes_and_the_draft(lab):
    """Cards, notes and fan chart; what cannot be used is told, and the numbers from before stay."""
    turn_to(lab, "Forecast")
    expect_forecast(lab)
    fill(lab, "Headcount", "55, 56, 57, 58")
    expect_forecast(lab, headcount=[55, 56, 57, 58])
    fill(lab, "Headcount", "abc")
    expect(lab.get_by_role("alert")).to_contain_text('Headcount cannot be set so. Found: "abc".')
    expect(control(lab, "Headcount")).to_have_value("55, 56, 57, 58")
    fill(lab, "Replicates", "0")
    expect(lab.get_by_role("alert")).to_contain_text('Replicates cannot be set so. Found: "0".')
    expect_forecast(lab, headcount=[55, 56, 57, 58])
    fill(lab, "Seed", "5")
    expect(lab.get_by_role("alert")).to_have_count(0)

    turn_to(lab, "Grade thresholds")
    lab.locator(".noUi-handle:visible").nth(0).press("ArrowRight")
    expect(lab.get_by_role("spinbutton", name="A ≥")).to_have_value("111")
    turn_to(lab, "Forecast")
    expect_forecast(lab, {"grades.A.from": 111}, headcount=[55, 56, 57, 58], seed=5)
    expect(lab.locator(".cm-figure svg:visible")).to_have_attribute("aria-label", re.compile("2026-Q4"))
    lab.get_by_role("button", name="Draft − enacted").click()
    expect(lab.get_by_text("On the same draws for both")).to_be_visible()


def test_a_forecast_is_read_in_chinese(lab):
    """Headline, boxes, notes and figure."""
    turn_to(lab, "Forecast")
    expect_forecast(lab)
    lab.get_by_role("button", name="中文").click()
    expect(control(lab, "编制人数")).to_be_visible()
    expect(cards(lab).locator("small:first-child").nth(1)).to_have_text("成本，50% 分位")
    expect(lab.locator(".widget-html-content li:visible").nth(0)).to_have_text("随机种子：0；模拟次数：1,000。")
    expect(lab.locator(".cm-figure svg:visible text").filter(has_text="每季成本，元")).to_be_attached()


def test_a_long_forecast_is_stopped(lab):
    """It tells how far it is, the lab answers meanwhile, and stopping changes nothing."""
    turn_to(lab, "Forecast")
    start = lab.get_by_role("button", name="Forecast", exact=True)
    fill(lab, "Replicates", "10000")
    expect(start).to_be_visible()
    fill(lab, "Headcount", "300000")
    stop = lab.get_by_role("button", name="Stop").filter(visible=True)
    start.press("Enter")
    expect(lab.locator("progress:visible")).to_have_attribute("max", "200")
    working = lab.locator(".cm-working:visible")
    expect(working).to_contain_text(re.compile(r"10,000 futures are drawn …\s+futures: \d+ of 200"))
    expect(start).to_be_disabled()

    turn_to(lab, "Grade thresholds")
    lab.locator(".noUi-handle:visible").nth(0).press("ArrowRight")
    expect(lab.get_by_role("spinbutton", name="A ≥")).to_have_value("111")
    change = cm.compare(department(), ENACTED, ENACTED.with_changes({"grades.A.from": 111}))
    expect(cards(lab).locator("b").nth(0)).to_have_text(f"¥{change.reform.cost['cost'] / 100:,.2f}")

    turn_to(lab, "Forecast")
    stop.press("Enter")
    expect(lab.get_by_text("Stopped; nothing was changed.")).to_be_visible()
    expect(stop).to_be_hidden()
    expect(start).to_be_enabled()


# -- solve ---------------------------------------------------------------------


def budget():
    cost = Decimal(cm.appraise(department(), ENACTED).cost["cost"]) / 100
    return (cost * Decimal("0.97")).quantize(Decimal("0.01"), "ROUND_FLOOR")


def expect_found(page, solution):
    """The values that change, the cost and the people worse off are those of a solution."""
    rows = page.locator(".cm-headline:visible .cm-table").nth(0).locator("tr:has(td)")
    expect(rows).to_have_count(len(solution.changes))
    for row, change in zip(rows.all(), solution.changes, strict=True):
        expect(row.locator("td").nth(0)).to_have_text(change.path)
        expect(row.locator("td").nth(3)).to_have_text(str(change.before))
        expect(row.locator("td").nth(4)).to_have_text(str(change.after))
    expect(cards(page).locator("b").nth(0)).to_have_text(f"¥{solution.cost:,.2f}")
    expect(cards(page).locator("b").nth(5)).to_have_text(f"{solution.effects.worse_off:,}")
    expect(cards(page).locator("b").nth(6)).to_have_text(f"{solution.gap:,}")


def test_a_policy_is_solved_for_taken_and_taken_back(lab):
    """By the keyboard: what may vary, who is kept, the budget; an impossible budget is told by how much."""
    turn_to(lab, "Solve")
    for name in ("A: nobody worse off", "B: nobody worse off"):
        control(lab, name).press("Space")
        expect(control(lab, name)).to_be_checked()
    fill(lab, "Budget, yuan", "97%")
    lab.get_by_role("button", name="Solve", exact=True).press("Enter")
    vary = ["grades.*.from", "grades.*.quarterly_bonus"]
    solution = cm.solve(department(), ENACTED, vary=vary, budget=budget(), keep=["grade:A", "grade:B"])
    expect_found(lab, solution)

    lab.get_by_role("button", name="Take as draft").press("Enter")
    undo = lab.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled()
    turn_to(lab, "Scenarios")
    rows = lab.locator(".cm-table:visible").nth(0).locator("tr:has(td)")
    expect(rows.locator("td:first-child")).to_have_text([change.path for change in solution.changes])
    undo.click()
    expect(lab.get_by_text("Nothing.", exact=True)).to_be_visible()

    turn_to(lab, "Solve")
    expect_found(lab, solution)
    control(lab, "Name").fill("少百分之三")
    lab.get_by_role("button", name="Keep as scenario").click()
    expect(lab.get_by_text("Kept as 少百分之三.")).to_be_visible()
    lab.get_by_role("button", name="What else could be had").click()
    expect(lab.locator(".cm-figure svg:visible")).to_have_attribute("aria-label", re.compile("^Policies: .*cost from"))

    fill(lab, "Budget, yuan", "1")
    lab.get_by_role("button", name="Solve", exact=True).click()
    expect(lab.get_by_role("alert")).to_contain_text("The cost cannot be at most 1.00 yuan: the lowest is")
    expect(cards(lab)).to_have_count(0)


def test_everything_in_them_is_reached_by_the_keyboard(lab):
    """Tab goes through every control in view, and where one is can be seen."""
    grades = ENACTED.grade_names
    choices = [
        f"{grade}: {name}"
        for grade in grades
        for name in ("lower bound", "quarterly bonus", "monthly award", "nobody worse off")
        if (grade, name) != (grades[-1], "lower bound")
    ]
    headings = ("Lower bounds", "Quarterly bonuses", "Monthly awards", "Nobody worse off")
    turn_to(lab, "Solve")
    expect(control(lab, choices[-1])).to_be_visible()
    lab.get_by_role("tab", name="Solve").focus()
    for name in ("the enacted policy", "the draft", *headings):
        lab.keyboard.press("Tab")
        at, outline = focused(lab)
        assert (at, outline) == (("button", name), OUTLINE)
    for name in choices:
        lab.keyboard.press("Tab")
        expect(control(lab, name)).to_be_focused()
        assert focused(lab)[1] == OUTLINE
    for role in ("input",) * 5 + ("select", "button"):
        lab.keyboard.press("Tab")
        at, outline = focused(lab)
        assert (at[0], outline) == (role, OUTLINE)
    assert at == ("button", "Solve")

    turn_to(lab, "Forecast")
    expect(cards(lab)).not_to_have_count(0)
    lab.get_by_role("tab", name="Forecast").focus()
    sections = ("By quarter", "By component", "By area", "Draft − enacted", "Leavers and dismissals")
    for _box in range(8):
        lab.keyboard.press("Tab")
        at, outline = focused(lab)
        assert (at[0], outline) == ("input", OUTLINE)
    for name in sections:
        lab.keyboard.press("Tab")
        assert focused(lab) == (("button", name), OUTLINE)


_WIDEST_TEXT = """list => {
  const canvas = document.createElement("canvas").getContext("2d"), style = getComputedStyle(list);
  canvas.font = style.font;
  const room = list.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return Math.max(...[...list.options].map(one => canvas.measureText(one.text).width)) - room;
}"""


def test_no_choice_is_cut(lab):
    """Buttons and lists have room for their longest text, which is the English one."""
    turn_to(lab, "Solve")
    for name in ("the enacted policy", "the draft"):
        button = lab.get_by_role("button", name=name, exact=True).filter(visible=True)
        assert button.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    assert control(lab, "Nearest is").evaluate(_WIDEST_TEXT) <= 0
    turn_to(lab, "People cost")
    for name in ("Payment at dismissal", "Tax on the year-end award"):
        assert control(lab, name).evaluate(_WIDEST_TEXT) <= 0
