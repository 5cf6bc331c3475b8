"""The panel of the solver: what it shows is what `cm.solve` gives, and what was found can be taken and kept."""

import re
from decimal import Decimal

import pytest
from shown import all_widgets, html_of, plain, rows_of, start

import cmpolicy as cm
from cmpolicy.lab import LabState, Solve

VARIED = ["grades.*.from", "grades.*.quarterly_bonus"]


@pytest.fixture(scope="module")
def data():
    return cm.synthesize(staff=40, months=12, seed=3)


@pytest.fixture
def panel(data):
    panel = Solve(data)
    panel.reach.value = 4
    panel.budget.value = "97%"
    return panel


def cost_of(data, policy):
    return Decimal(cm.appraise(data, policy).cost["cost"]) / 100


def limits(policy, reach=4):
    grades = policy.grades[:-1]
    return {f"grades.{row.grade}.from": (row.lower_bound - reach, row.lower_bound + reach) for row in grades}


def solution_of(panel, **asked):
    """Solve for the panel's usual wish, and what else is asked, without the panel."""
    data, policy = panel.state.data, panel.state.enacted
    budget = (cost_of(data, policy) * Decimal("0.97")).quantize(Decimal("0.01"), "ROUND_FLOOR")
    usual = {"vary": VARIED, "budget": budget, "limits": limits(policy)}
    return cm.solve(data, policy, **usual | asked)


def found(panel):
    """Give what changes, by path: before and after, as shown."""
    rows = [row for row in rows_of(panel.found.value) if len(row) == 5][1:]
    return {row[0]: (row[3], row[4]) for row in rows}


def changes(solution):
    return {one.path: (str(one.before), str(one.after)) for one in solution.changes}


# -- what is found -----------------------------------------------------------------------------------------------------


def test_what_is_found_is_the_solution(panel):
    """The values that change, cost and people before and after, what was asked, the gap and the notes."""
    start(panel)
    assert panel.state.fault is None
    solution = solution_of(panel)
    assert solution.changes
    assert found(panel) == changes(solution)
    text = plain(panel.found.value)
    before, after = solution.comparison.baseline, solution.comparison.reform
    for name in ("cost", "service_bonus", "cash_effect"):
        assert f"¥{after.cost[name] / 100:,.2f}" in text
        assert before.cost[name] == after.cost[name] or f"before: ¥{before.cost[name] / 100:,.2f}" in text
    effects = solution.effects
    told = f"Staff-quarters worse off: {effects.worse_off}; people worse off: {effects.people_worse_off}."
    assert told in text
    assert f"¥{effects.moved / 100:,.2f} moved" in text
    assert "gap to what may be possible 0 proved to be the nearest" in text
    assert all(str(note) in text for note in solution.notes)
    (asked,) = solution.constraints
    assert [
        "cost: payout + cash effect",
        f"≤ {float(asked.limit):,.2f}",
        f"{float(asked.achieved):,.2f}",
        f"{float(asked.limit - asked.achieved):,.2f}",
    ] in rows_of(panel.found.value)


def test_a_budget_is_an_amount_or_a_share_of_what_today_costs(panel):
    """A share is rounded down to the fen, and never up over what was meant."""
    panel.budget.value = "97％"
    start(panel)
    share = panel.found.value
    budget = solution_of(panel).constraints[0].limit
    panel.budget.value = f"¥{float(budget):,.2f}"
    start(panel)
    assert panel.found.value == share


def test_a_limit_on_a_value_that_binds_is_told(panel):
    """A wider one might let a nearer policy in."""
    panel.reach.value = 1
    for grade in panel.state.enacted.grade_names:
        panel.choices[grade, "quarterly_bonus"].value = False
    panel.budget.value = "99%"
    start(panel)
    bounds = limits(panel.state.enacted, reach=1)
    solution = solution_of(
        panel,
        vary=["grades.*.from"],
        budget=cost_of(panel.state.data, panel.state.enacted) * 99 / 100,
        limits=bounds,
    )
    assert found(panel) == changes(solution)
    assert "is at its limit" in plain(panel.found.value)


def test_targets_and_whom_to_keep_are_asked(panel):
    """The lowest grade's share, dismissals, and nobody worse off in quarters with a grade."""
    panel.lowest.value, panel.dismissed.value, panel.budget.value = "3", "1", "110%"
    panel.choices["A", "keep"].value = panel.choices["B", "keep"].value = True
    start(panel)
    budget = (cost_of(panel.state.data, panel.state.enacted) * Decimal("1.1")).quantize(Decimal("0.01"), "ROUND_FLOOR")
    solution = solution_of(
        panel,
        budget=budget,
        targets={"quarter_grade_E": "<=3%", "dismissed": "<=1"},
        keep=["grade:A", "grade:B"],
    )
    assert solution.changes
    assert found(panel) == changes(solution)
    asked = {row[0]: row[1:] for row in rows_of(panel.found.value) if len(row) == 4}
    share, dismissed = (one.achieved for one in solution.constraints[1:])
    assert asked["quarters with grade E"][:2] == ["≤ 3.00%", f"{float(share):.2%}"]
    assert asked["people dismissed"][:2] == ["≤ 1", f"{dismissed}"]


def test_step_and_objective_are_asked(panel):
    """Amounts are multiples of the step; the least money moved is another question than the fewest worse off."""
    panel.columns["from"].click()
    panel.step.value, panel.objective.value = 200, "money"
    start(panel)
    solution = solution_of(panel, vary=["grades.*.quarterly_bonus"], limits=None, step=200, objective="money")
    assert found(panel) == changes(solution)
    assert "¥0.00 proved to be the nearest" in plain(panel.found.value)


def test_everyone_can_be_kept(panel):
    """With the whole column chosen nobody is worse off at all; awards are settled at the end of the year."""
    panel.columns["keep"].click()
    panel.columns["monthly_award"].click()
    panel.columns["from"].click()
    start(panel)
    solution = solution_of(
        panel, vary=["grades.*.quarterly_bonus", "grades.*.monthly_award"], limits=None, keep=["everyone"]
    )
    assert found(panel) == changes(solution)
    assert "Staff-quarters worse off: 0; people worse off: 0." in plain(panel.found.value)


# -- the choices -------------------------------------------------------------------------------------------------------


def test_a_heading_chooses_its_column_or_none(panel):
    """Bounds and quarterly bonuses may vary from the start; the lowest grade has no bound."""
    names = panel.state.enacted.grade_names
    chosen = {name for name, box in panel.choices.items() if box.value}
    assert chosen == {(grade, "from") for grade in names[:-1]} | {(grade, "quarterly_bonus") for grade in names}
    panel.columns["monthly_award"].click()
    assert all(panel.choices[grade, "monthly_award"].value for grade in names)
    panel.choices["C", "monthly_award"].value = False
    panel.columns["monthly_award"].click()
    assert all(panel.choices[grade, "monthly_award"].value for grade in names)
    panel.columns["monthly_award"].click()
    assert not any(panel.choices[grade, "monthly_award"].value for grade in names)


def test_choices_are_those_of_the_grades(panel):
    """A draft may have any grades; one solves from it with its own."""
    content = panel.state.policy.to_dict()
    content["grades"] = [content["grades"][0] | {"grade": "优"}, content["grades"][-1]]
    panel.state.replace(cm.Policy.from_dict(content))
    assert "优: lower bound" not in [plain(box.description) for box in panel.grid.children if hasattr(box, "value")]
    panel.start_from.value = "draft"
    boxes = [plain(box.description) for box in panel.grid.children[4:] if box.description]
    assert boxes == [
        *("优: lower bound", "优: quarterly bonus", "优: monthly award", "优: nobody worse off"),
        *("E: quarterly bonus", "E: monthly award", "E: nobody worse off"),
    ]
    start(panel)
    assert set(found(panel)) <= {"grades.优.from", "grades.优.quarterly_bonus", "grades.E.quarterly_bonus"}
    assert found(panel)


def test_what_today_has_stands_beside_the_wish(panel):
    """Cost, share of the lowest grade and dismissals, of the policy that one starts from."""
    outcome = cm.appraise(panel.state.data, panel.state.enacted)
    counts = outcome.grade_counts("quarters")
    text = plain(panel.today.value)
    assert f"cost ¥{outcome.cost['cost'] / 100:,.2f}; quarters with grade E: {counts['E']} (" in text
    assert f"({counts['E'] / sum(counts.values()):.1%})" in text
    panel.state.change({"grades.A.quarterly_bonus": 4000})
    assert plain(panel.today.value) == text
    panel.start_from.value = "draft"
    draft = f"The starting policy: cost ¥{cost_of(panel.state.data, panel.state.policy):,.2f};"
    assert plain(panel.today.value).startswith(draft)


def test_nothing_calls_the_draft_the_enacted_policy(panel):
    """Started from the draft, neither what it has nor what was found names it after today's policy."""
    panel.state.change({"grades.A.quarterly_bonus": 4000})
    panel.start_from.value = "draft"
    panel.state.language = "zh"
    for budget in ("97%", "110%"):
        panel.budget.value = budget
        start(panel)
        assert "起始制度" in panel.found.value
        assert "现行制度" not in panel.today.value + panel.found.value


def test_a_bound_moves_by_whole_points(panel):
    """1.5 is refused, and not taken for 15."""
    panel.reach.value = 1.5
    start(panel)
    assert 'Bounds move by up to, points cannot be set so. Found: "1.5". Expected: a whole number' in str(
        panel.state.fault
    )
    assert panel.found.value == ""


def test_the_still_picture_says_that_nothing_was_solved(panel):
    """Beside what today's policy has; after that it is what was found."""
    assert panel.today.value in panel.static()
    assert "Nothing has been solved yet." in panel.static()
    start(panel)
    assert panel.found.value in panel.static()
    assert "Nothing has been solved yet." not in panel.static()


# -- what cannot be granted --------------------------------------------------------------------------------------------


def test_an_impossible_wish_is_told_by_how_much(panel):
    """In the panel's words; and what was found before is taken away."""
    start(panel)
    assert found(panel)
    panel.budget.value = "1"
    start(panel)
    told = re.search(r"at most 1.00 yuan: the lowest is ([\d,.]+) yuan, ([\d,.]+) yuan more", str(panel.state.fault))
    lowest, excess = (Decimal(amount.replace(",", "")) for amount in told.groups())
    assert lowest - excess == 1
    assert panel.found.value == ""
    assert panel.use.layout.display == "none"
    panel.budget.value, panel.lowest.value = "", "0.01"
    panel.columns["from"].click()
    start(panel)
    assert "quarters with grade E <= 0.01% cannot be met: the nearest is" in str(panel.state.fault)
    panel.columns["from"].click()
    panel.lowest.value, panel.budget.value = "", "97%"
    start(panel)
    assert panel.state.fault is None
    assert found(panel)


def test_everything_that_is_wrong_is_told_at_once(panel):
    """Each with what was typed."""
    panel.budget.value, panel.lowest.value, panel.dismissed.value, panel.step.value = "a lot", "few", "x", 0
    start(panel)
    text = str(panel.state.fault)
    for typed in ("a lot", "few%", "x", "0"):
        assert f'Found: "{typed}"' in text
    for name in ("budget", "quarters with grade E", "people dismissed", "step of amounts"):
        assert name in text
    assert panel.start.disabled is False


def test_without_a_wish_there_is_nothing_to_solve(panel):
    """Neither without anything that may vary."""
    panel.budget.value = ""
    start(panel)
    assert "There is nothing to meet." in str(panel.state.fault)
    panel.budget.value = "97%"
    panel.columns["from"].click()
    panel.columns["quarterly_bonus"].click()
    start(panel)
    assert "Nothing may vary." in str(panel.state.fault)


# -- what becomes of it ------------------------------------------------------------------------------------------------


def test_what_was_found_is_taken_as_the_draft_and_taken_back(panel):
    """One step that can be undone; what was found stays to be seen."""
    start(panel)
    panel.take.click()
    assert changes(solution_of(panel)) == {
        one.path: (str(one.before), str(one.after)) for one in panel.state.enacted.diff(panel.state.policy)
    }
    assert found(panel)
    panel.state.undo()
    assert panel.state.policy == panel.state.enacted


def test_what_was_found_is_kept_as_a_scenario(panel):
    """Under the name given; one without a name is refused."""
    start(panel)
    panel.keep.click()
    assert "needs a name" in str(panel.state.fault)
    panel.name.value = "三 <b>%"
    panel.keep.click()
    assert panel.state.fault is None
    assert panel.state.scenarios == {"三 <b>%": solution_of(panel).policy}
    assert "Kept as 三 <b>%." in plain(panel.kept.value)
    assert panel.state.policy == panel.state.enacted


def test_one_can_start_from_the_draft(panel):
    """With its points and readings; a draft that has changed since is warned of."""
    panel.state.change({"points.complaints": -4})
    panel.start_from.value = "draft"
    start(panel)
    draft = panel.state.policy
    budget = (cost_of(panel.state.data, draft) * Decimal("0.97")).quantize(Decimal("0.01"), "ROUND_FLOOR")
    solution = cm.solve(panel.state.data, draft, vary=VARIED, budget=budget, limits=limits(draft))
    assert found(panel) == changes(solution)
    assert "no longer the starting policy" not in panel.found.value
    panel.take.click()
    assert panel.state.policy == solution.policy
    assert "no longer the starting policy" in panel.found.value
    assert found(panel) == changes(solution)


def test_with_other_data_what_was_found_is_gone(panel):
    """It would mislead."""
    start(panel)
    panel.state.use_data(cm.synthesize(staff=20, months=6, seed=9))
    assert panel.found.value == ""
    assert panel.use.layout.display == "none"


def test_what_it_is_at_is_told(panel):
    """Beside the button, while it lasts."""
    told = []
    panel.work.progress.observe(lambda change: told.append(plain(change["new"])), "value")
    start(panel)
    assert (told[0].strip(), told[-1]) == ("The nearest policy is looked for …", "")


# -- details -----------------------------------------------------------------------------------------------------------


def test_the_frontier_is_that_of_the_solution(panel):
    """Computed when it is opened and not before; figure and table have every policy that is shown."""
    panel.columns["quarterly_bonus"].click()
    start(panel)
    assert panel.frontier.value == ""
    panel.sections.buttons[0].value = True
    frame = solution_of(panel, vary=["grades.*.from"]).frontier()
    shown = rows_of(panel.frontier.value)
    assert shown[0][:4] == ["A ≥", "B ≥", "C ≥", "D ≥"]
    assert [row[4] for row in shown[1:]] == [f"{cost:,.2f}" for cost in frame["cost"]]
    assert [row[-2] for row in shown[1:]] == [f"{number:,}" for number in frame["worse_off"]]
    told = re.search('aria-label="(.*?)"', panel.frontier.value).group(1)
    assert told.startswith(f"Policies: {len(frame)}; cost from ¥{frame['cost'].min():,.0f}")
    assert f'<img alt="{told}"' in panel.static()
    assert panel.found.value in panel.static()
    panel.budget.value = "1"
    start(panel)
    assert panel.frontier.value == ""


def test_who_loses_is_listed(panel):
    """The most first, with how many there are."""
    start(panel)
    panel.sections.buttons[1].value = True
    losers = solution_of(panel).comparison.losers
    shown = rows_of(panel.losers.value)[1:]
    assert [row[0] for row in shown] == losers["staff_id"].tolist()
    assert [row[5] for row in shown] == [f"{amount:+,.2f}" for amount in losers["difference"]]
    assert f"{len(losers)} rows" in panel.losers.value


def test_everything_follows_the_language(panel):
    """What was found too."""
    start(panel)
    panel.state.language = "zh"
    assert "最接近的方案" in panel.found.value
    text = plain(" ".join(html_of(panel.body))).replace("grades.", "")
    assert not re.search(r"\b(worse|today|policy|proved|cost)\b", text, re.IGNORECASE)
    assert [plain(one.description) for one in panel.grid.children[:4]] == [
        "等级下限",
        "季度奖金",
        "月度奖励",
        "无人受损",
    ]


def test_no_text_of_a_policy_becomes_html(data):
    """Names of grades are what a person typed."""
    content = cm.load_policy("2007-06").to_dict()
    for row in content["grades"]:
        row["grade"] = f"<script>{row['grade']}"
    panel = Solve(state=LabState(data, cm.Policy.from_dict(content)))
    panel.budget.value, panel.lowest.value = "97%", "50%"
    start(panel)
    assert panel.state.fault is None
    for button in panel.sections.buttons:
        button.value = True
    shown = [*html_of(panel.body), panel.static()]
    shown += [one.description for one in all_widgets(panel.body) if getattr(one, "description_allow_html", False)]
    assert any("&lt;script" in text for text in shown)
    assert not any("<script" in text for text in shown)
