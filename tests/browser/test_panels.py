"""The panels in a browser, in the app and in JupyterLab: what keys and clicks change is what `cm.compare` gives.

Every test starts from a workbench on the bundled department, with the enacted policy as the draft.
"""

import functools
from decimal import Decimal

import openpyxl
import pytest
from browser_driver import OUTLINE, focused, turn_to
from playwright.sync_api import expect

import cmpolicy as cm
from cmpolicy.lab.headings import COST_LABELS
from cmpolicy.lab.serve import bundled
from cmpolicy.lab.workbench import PANELS
from cmpolicy.messages import Message, using_language

ENACTED = cm.load_policy("2007-06")
DEPARTMENT = "datasets/department"
MONEY, STANDING = ("cost", "service_bonus", "cash_effect"), ("observed", "dismissed")
PNG = b"\x89PNG\r\n\x1a\n"


# -- what must be shown --------------------------------------------------------


@functools.cache
def read(source):
    return cm.read_staff(bundled(source))


def compared(changes=None, source=DEPARTMENT):
    return cm.compare(read(source), ENACTED, changes or {})


def expect_cards(page, change, language="en"):
    """Money and standing in the headline, and by how much they differ, are those of a comparison."""
    money, standing = change.cost.loc[list(MONEY)], change.standing.loc[list(STANDING)]
    values = [f"¥{yuan:,.2f}" for yuan in money["reform"]] + [f"{count:,}" for count in standing["reform"]]
    differences = [f"{yuan:+,.2f}" for yuan in money["difference"] if yuan]
    differences += [f"{count:+,}" for count in standing["difference"] if count]
    differences = [f"{'▲' if difference[0] == '+' else '▼'} {difference}" for difference in differences]
    with using_language(language):
        labels = [str(COST_LABELS[name]) for name in (*MONEY, *STANDING)]
    cards = page.locator(".cm-headline:visible .cm-card")
    expect(cards.locator("b")).to_have_text(values)
    expect(cards.locator(".cm-up, .cm-down")).to_have_text(differences)
    expect(cards.locator("small:first-child")).to_have_text(labels)


def expect_numbers(page, change, language="en"):
    """Headline and figure, whose every bar has its number, are those of a comparison."""
    expect_cards(page, change, language)
    sides = change.quarter_migration.sum(axis="columns"), change.quarter_migration.sum(axis="rows")
    numbers = [f"{side.get(grade, 0):,}" for side in sides for grade in ENACTED.grade_names]
    with using_language(language):
        title, counted = Message("Grades of quarters, before and after"), Message("staff-quarters")
        title = Message("{title} ({counted})", title=title, counted=counted)
        legend = [str(title), str(Message("baseline")), str(Message("reform"))]
    expect(page.locator(".cm-figure svg:visible text")).to_have_text([*ENACTED.grade_names, *numbers, *legend])


def choose_files(page, button, files):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=button).click()
    chooser.value.set_files(files)


# -- thresholds ----------------------------------------------------------------


def test_a_bound_is_moved_by_keys_and_typed(lab):
    """Arrows move a slider by one, Home and End and its box as far as its neighbours let it; all numbers follow."""
    handles, boxes = lab.locator(".noUi-handle:visible"), lab.get_by_role("spinbutton")
    expect_numbers(lab, compared())
    handles.nth(0).press("ArrowRight")
    handles.nth(0).press("ArrowRight")
    expect_numbers(lab, compared({"grades.A.from": 112}))
    expect(boxes.nth(0)).to_have_value("112")
    handles.nth(0).press("ArrowLeft")
    expect_numbers(lab, compared({"grades.A.from": 111}))
    handles.nth(2).press("End")
    expect_bound(lab, 2, 99)
    expect_numbers(lab, compared({"grades.A.from": 111, "grades.C.from": 99}))
    handles.nth(2).press("End")  # the handle comes back from where the key took it
    expect_bound(lab, 2, 99)
    handles.nth(2).press("Home")
    expect_bound(lab, 2, 91)
    expect_numbers(lab, compared({"grades.A.from": 111, "grades.C.from": 91}))

    boxes.nth(1).fill("104")
    boxes.nth(1).press("Tab")
    expect_bound(lab, 1, 104)
    expect_numbers(lab, compared({"grades.A.from": 111, "grades.B.from": 104, "grades.C.from": 91}))
    boxes.nth(1).press("ArrowUp")
    expect_numbers(lab, compared({"grades.A.from": 111, "grades.B.from": 105, "grades.C.from": 91}))
    boxes.nth(1).fill("30")
    boxes.nth(1).press("Tab")
    expect_bound(lab, 1, 92)
    expect_numbers(lab, compared({"grades.A.from": 111, "grades.B.from": 92, "grades.C.from": 91}))


def expect_bound(page, place, bound):
    """Slider and box of a grade's bound show it."""
    expect(page.locator(".noUi-handle:visible").nth(place)).to_have_attribute("aria-valuetext", str(bound))
    expect(page.get_by_role("spinbutton").nth(place)).to_have_value(str(bound))


# -- bonus table ---------------------------------------------------------------


def test_the_bonus_table_is_edited(lab):
    """Cost, its table and its figure follow an amount; a worse grade that is paid more is warned of; undo and redo."""
    turn_to(lab, "Bonus table")
    undo, redo = lab.get_by_role("button", name="Undo"), lab.get_by_role("button", name="Redo")
    expect(undo).to_be_disabled()
    amount = lab.get_by_role("spinbutton", name="B: quarterly bonus")
    enacted = amount.input_value()

    amount.fill("2100.5")
    amount.press("Tab")
    first = compared({"grades.B.quarterly_bonus": Decimal("2100.5")})
    expect_amounts(lab, first)
    expect(lab.locator(".cm-warning:visible")).to_have_count(0)

    amount.fill("9000")
    amount.press("Tab")
    second = compared({"grades.B.quarterly_bonus": 9000})
    expect_amounts(lab, second)
    (warning,) = second.reform.policy.warnings
    expect(lab.locator(".cm-warning:visible")).to_have_text(f"⚠ {warning}")

    undo.click()
    expect_amounts(lab, first)
    expect(amount).to_have_value("2100.5")
    undo.click()
    expect_amounts(lab, compared())
    expect(amount).to_have_value(enacted)
    expect(undo).to_be_disabled()
    redo.click()
    redo.click()
    expect_amounts(lab, second)
    expect(lab.locator(".cm-warning:visible")).to_be_visible()
    expect(redo).to_be_disabled()


def expect_amounts(page, change):
    """Headline, table and figure of the bonus table's panel are those of a comparison."""
    expect_cards(page, change)
    rows = page.locator(".cm-table:visible tr:has(td)")
    cells = change.cost[["baseline", "reform", "difference"]].itertuples(index=False, name=None)
    expect(rows).to_contain_text([f"{before:,.2f}{after:,.2f}{more:+,.2f}" for before, after, more in cells])
    texts = page.locator(".cm-figure svg:visible text")
    for amount in change.cost["reform"]:
        expect(texts.filter(has_text=f"{amount:,.0f}").first).to_be_attached()


# -- scenarios -----------------------------------------------------------------


def test_a_scenario_is_saved_and_loaded(lab):
    """What was kept under a Chinese name comes back after a reset: controls and numbers."""
    name = "二〇二六年 <新方案>"
    changes = {"grades.A.from": 113, "grades.A.quarterly_bonus": 3300}
    bound = lab.get_by_role("spinbutton", name="A ≥")
    bound.fill("113")
    bound.press("Tab")
    turn_to(lab, "Bonus table")
    amount = lab.get_by_role("spinbutton", name="A: quarterly bonus")
    enacted = amount.input_value()
    amount.fill("3300")
    amount.press("Tab")
    expect_cards(lab, compared(changes))

    turn_to(lab, "Scenarios")
    lab.get_by_label("Name").fill(name)
    lab.get_by_role("button", name="Save the draft").click()
    kept = lab.get_by_label("Kept")
    expect(kept.get_by_role("option")).to_have_text([name])
    lab.get_by_role("button", name="Reset").click()
    expect(lab.get_by_text("Nothing.", exact=True)).to_be_visible()
    turn_to(lab, "Bonus table")
    expect(amount).to_have_value(enacted)
    expect_amounts(lab, compared())

    turn_to(lab, "Scenarios")
    lab.get_by_role("button", name="Load", exact=True).click()
    expect(lab.get_by_role("row", name="grades.A.from")).to_contain_text("110113")
    turn_to(lab, "Bonus table")
    expect(amount).to_have_value("3300")
    expect_amounts(lab, compared(changes))
    turn_to(lab, "Grade thresholds")
    expect(bound).to_have_value("113")
    expect_numbers(lab, compared(changes))


# -- data ----------------------------------------------------------------------


def test_a_bad_workbook_is_refused_with_its_list(lab, tmp_path):
    """Every problem with its row and column, and the numbers stay; the mended workbook is taken then."""
    good, bad = bundled("datasets/small.xlsx"), tmp_path / "bad.xlsx"
    workbook = openpyxl.load_workbook(good)
    sheet = workbook["月度"]
    heading = [cell.value for cell in sheet[1]]
    sheet.cell(1, heading.index("表扬") + 1).value = "表杨"
    sheet.cell(5, heading.index("投诉") + 1).value = "三"
    workbook.save(bad)

    turn_to(lab, "Data")
    choose_files(lab, "Upload a workbook or CSV files", bad)
    expect(lab.get_by_role("alert")).to_contain_text("The data in bad.xlsx cannot be used. Problems: 2.")
    problems = lab.locator(".cm-fault + .cm-scroll tr:has(td)")
    expect(problems).to_contain_text(["This required column is missing.", "The value is not valid."])
    expect(problems.nth(0).locator("td").nth(3)).to_have_text("praises")
    expect(problems.nth(1).locator("td").nth(1)).to_have_text("5")
    expect(problems.nth(1).locator("td").nth(3)).to_have_text("complaints (投诉)")
    expect(problems.nth(1).locator("td").nth(4)).to_have_text("三")
    turn_to(lab, "Grade thresholds")
    expect_numbers(lab, compared())

    turn_to(lab, "Data")
    choose_files(lab, "Upload a workbook or CSV files", good)
    expect(lab.get_by_text("Read from small.xlsx")).to_be_visible()
    expect(lab.get_by_role("alert")).to_have_count(0)
    turn_to(lab, "Grade thresholds")
    expect_numbers(lab, compared(source="datasets/small.xlsx"))


# -- language ------------------------------------------------------------------


def test_the_language_is_switched(lab):
    """Tabs, buttons, headline and figure change at once; the draft and its numbers stay, and can be changed."""
    handle, tabs = lab.locator(".noUi-handle:visible").nth(0), lab.locator(".cm-lab").get_by_role("tab")
    handle.press("ArrowRight")
    expect_numbers(lab, compared({"grades.A.from": 111}))
    titles = [str(panel.title) for panel in PANELS]
    with using_language("zh"):
        chinese = [str(panel.title) for panel in PANELS]
    assert not set(titles) & set(chinese)
    expect(tabs).to_have_text(titles)
    lab.get_by_role("button", name="中文").click()
    expect(tabs).to_have_text(chinese)
    expect(lab.get_by_role("button", name="撤销")).to_be_enabled()
    expect_numbers(lab, compared({"grades.A.from": 111}), "zh")
    handle.press("ArrowRight")
    expect_numbers(lab, compared({"grades.A.from": 112}), "zh")
    lab.get_by_role("button", name="English").click()
    expect(tabs).to_have_text(titles)
    expect_numbers(lab, compared({"grades.A.from": 112}))


# -- downloads -----------------------------------------------------------------


def test_downloads_hold_what_is_shown(lab, tmp_path):
    """The workbook holds the draft's money, the policy file is the draft, the picture is one."""
    lab.locator(".noUi-handle:visible").nth(0).press("ArrowRight")
    change = compared({"grades.A.from": 111})
    expect_numbers(lab, change)
    turn_to(lab, "Downloads")
    files = {
        "results.xlsx": "Result tables as a workbook",
        "policy.yaml": "The draft policy as YAML",
        "grades.png": "Figure of the grades as PNG",
    }
    for name, button in files.items():
        lab.get_by_role("button", name=button).click()
        with lab.expect_download() as download:
            lab.get_by_text(f"Save {name}", exact=True).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)

    workbook = openpyxl.load_workbook(tmp_path / "results.xlsx", read_only=True)
    heading, *rows = workbook["comparison_cost"].iter_rows(values_only=True)
    assert [dict(zip(heading, row, strict=True)) for row in rows] == change.cost.reset_index().to_dict("records")
    heading, *rows = workbook["quarters"].iter_rows(values_only=True)
    payout = sum(row[heading.index("payout")] or 0 for row in rows)
    assert payout == pytest.approx(change.cost.loc["payout", "reform"], abs=0.005)
    assert cm.load_policy(tmp_path / "policy.yaml") == ENACTED.with_changes({"grades.A.from": 111})
    assert (tmp_path / "grades.png").read_bytes().startswith(PNG)


# -- keyboard ------------------------------------------------------------------


def test_everything_is_reached_by_the_keyboard(lab):
    """Tab goes from the language to every control in view, arrows and Enter turn tabs, and where one is can be seen."""
    lab.locator(".noUi-handle:visible").nth(0).press("ArrowRight")
    for name in ("Undo", "Reset"):
        expect(lab.get_by_role("button", name=name)).to_be_enabled()
    lab.get_by_role("button", name="中文").focus()
    lab.keyboard.press("Shift+Tab")
    head = [("button", name) for name in ("中文", "English", "Undo", "Reset")]
    bounds = [("input", ""), ("slider", "")] * 4
    below = (
        "quarters",
        "months",
        "Migration of grades",
        "Who changes grade",
        "Who is near a bound",
        "Cost by component",
    )
    for expected in (*head, ("tab", "Grade thresholds"), *bounds, *(("button", name) for name in below)):
        lab.keyboard.press("Tab")
        control, outline = focused(lab)
        assert control == expected
        assert outline == OUTLINE, control

    lab.get_by_role("tab", name="Grade thresholds").focus()
    for panel in PANELS[1:]:
        lab.keyboard.press("ArrowRight")
        (_, name), outline = focused(lab)
        assert name == str(panel.title)
        assert outline == OUTLINE
        lab.keyboard.press("Enter")
        expect(lab.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        # A panel is drawn when its tab is opened for the first time.
        controls = lab.locator(".widget-tab-contents :is(button, input, select):visible")
        expect(controls.first).to_be_visible()
        lab.keyboard.press("Tab")
        expect(lab.locator(".widget-tab-contents :focus")).to_be_visible()
        lab.get_by_role("tab", name=name).focus()
