"""Panel: edit what each grade is paid, and see what it costs, in all, by quarter and by area (3.2, 3.3)."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import TYPE_CHECKING

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError, Problem
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.headline import headline_cards
from cmpolicy.lab.number_box import NumberBox
from cmpolicy.lab.panel import Panel, table
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.money import in_yuan
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import AmountsFigure
from cmpolicy.report.labels import AMOUNT_LABELS
from cmpolicy.simulation.appraise import CLAUSE_OF_COST, COST
from cmpolicy.simulation.breakdown import UNKNOWN_AREA, By, cost_by
from cmpolicy.typed import amount_of

if TYPE_CHECKING:
    import pandas as pd

SHOWN_AREAS = 20
MOST_BUDGET = 10**12
"""Yuan; more than any department has, and exact in every sum of ours."""
_OTHERS = "*others"


class BonusTable(Panel):
    """The bonus table as number boxes, with the cost before and after, and a budget."""

    title = Message("Bonus table")

    def build(self) -> widgets.Widget:
        """Make the table and the budget at the left, headline and figure at the right, the amounts below."""
        self._figure = AmountsFigure()
        self._boxes: dict[str, NumberBox] = {}
        self._budget: int | None = None
        self.rows = widgets.VBox()
        self.warnings, self.budget_line, self.headline, self.picture, self.amounts = (widgets.HTML() for _ in range(5))
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        self.budget = widgets.Text(
            continuous_update=False, layout={"width": "340px"}, style={"description_width": "130px"}
        )
        self.budget.add_class("cm-labelled")
        self.texts.label(
            self.budget,
            Message("Budget, yuan"),
            Message(
                "What all quarters of the data may cost together, or a share such as 97% of the cost under the enacted "
                "policy; empty for no budget"
            ),
        )
        self.texts.bind(self.budget, placeholder=Message("none"))
        self.budget.observe(self.guarded(lambda change: self._set_budget(change["new"])), "value")
        self.by = widgets.ToggleButtons(value="component", options=["component", "quarter", "area"])
        self.by.style.button_width = "124px"
        self.texts.bind(
            self.by,
            options=lambda: [(str(text), name) for name, (text, _tip) in _VIEWS.items()],
            tooltips=lambda: [str(tip) for _text, tip in _VIEWS.values()],
            tooltip=Message("How the cost is split"),
        )
        self.by.observe(self.guarded(lambda _change: self._turn_view()), "value")
        unit = self.texts.bind(widgets.HTML(), value=lambda: f"<b>{html.escape(str(_TABLE_TITLE))}</b>")
        left = widgets.VBox(
            [unit, self.rows, self.warnings, self.budget, self.budget_line],
            layout={"width": "490px", "flex": "0 0 auto"},
        )
        right = widgets.VBox([self.headline, self.by, self.picture], layout={"flex": "1 1 460px", "min_width": "360px"})
        columns = widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )
        return widgets.VBox([columns, self.amounts])

    def refresh(self) -> None:
        """Follow the draft: boxes, warnings, headline, picture and amounts."""
        self._follow_table()
        # The numbers first: a picture takes longer to draw than to compute.
        self.headline.value = headline_cards(self.state.baseline_headline, self.state.headline)
        self.warnings.value = _warnings(self.state.policy.warnings)
        self._show_budget()
        self._show_amounts()

    def static(self) -> str:
        """Give the table, the headline and the picture as HTML."""
        import pandas as pd

        rows = [(row.grade, float(row.quarterly_bonus), float(row.monthly_award)) for row in self.state.policy.grades]
        columns = [str(GRADE_HEADINGS["grade"]), str(Message("quarterly bonus")), str(Message("monthly award"))]
        paid = table(pd.DataFrame(rows, columns=columns))
        shown = f"{paid}{self.warnings.value}{self.budget_line.value}{self.headline.value}{self._figure.still()}"
        return f"<h4>{self.title}</h4><p>{html.escape(str(_TABLE_TITLE))}</p>{shown}{self.amounts.value}"

    # -- the table -------------------------------------------------------------

    def _follow_table(self) -> None:
        grades = self.state.policy.grade_names
        boxes = [[self._box(grade, column) for column in AMOUNT_LABELS] for grade in grades]
        for box in (box for row in boxes for box in row):
            box.follow()
        shown = [[box.widget for box in row] for row in boxes]
        if [list(row.children) for row in self.rows.children] != shown:
            self.rows.children = [widgets.HBox(row, layout={"grid_gap": "12px"}) for row in shown]

    def _box(self, grade: str, column: str) -> NumberBox:
        """Give the box of a grade's amount; one that was made is kept, since drafts come and go."""
        path = f"grades.{grade}.{column}"
        if path not in self._boxes:
            self._boxes[path] = NumberBox(self, path, AMOUNT_LABELS[column](grade), label_width=130, width=230)
        return self._boxes[path]

    # -- the budget ------------------------------------------------------------

    def _set_budget(self, text: str) -> None:
        shown = "" if self._budget is None else f"{Decimal(self._budget) / FEN_PER_YUAN:,f}"
        if text == shown:
            return
        try:
            self._budget = _budget_of(text, self.state.baseline_headline.cost["cost"])
        except CmpolicyError:
            self.budget.value = shown  # the last good one stays
            raise
        self.state.fault = None
        self.budget.value = "" if self._budget is None else f"{Decimal(self._budget) / FEN_PER_YUAN:,f}"
        self._show_budget()
        self._show_amounts()

    def _show_budget(self) -> None:
        self.budget_line.value = (
            "" if self._budget is None else _over_or_under(self.state.headline.cost["cost"], self._budget)
        )

    # -- the amounts -----------------------------------------------------------

    def _turn_view(self) -> None:
        if not self.texts.relabelling:
            self._show_amounts()

    def _show_amounts(self) -> None:
        """Show the split that is chosen; the others cost nothing until they are."""
        if self.by.value == "component":
            self._show_components()
        else:
            self._show_groups(self.by.value)

    def _show_components(self) -> None:
        import pandas as pd

        before, after = self.state.baseline_headline.cost, self.state.headline.cost
        frame = pd.DataFrame(
            {
                "baseline": [before[name] / FEN_PER_YUAN for name in COST],
                "reform": [after[name] / FEN_PER_YUAN for name in COST],
                "difference": [(after[name] - before[name]) / FEN_PER_YUAN for name in COST],
            },
            index=pd.Index(COST, name="component"),
        )
        labels = {name: str(COST_LABELS[name]) for name in COST}
        budget = None if self._budget is None else ("cost", self._budget / FEN_PER_YUAN)
        self._draw(frame, labels, Message("Cost by component, yuan"), budget)
        shown = frame.reset_index()
        shown["component"] = [labels[name] for name in COST]
        shown.insert(1, "clause", [CLAUSE_OF_COST[name] for name in COST])
        self.amounts.value = table(shown, GRADE_HEADINGS)

    def _show_groups(self, by: By) -> None:
        before, after = cost_by(self.state.baseline, by), cost_by(self.state.outcome, by)
        after = after.reindex(before.index)  # both have the same entries; their order stays while the draft changes
        measure, parts, title = _MEASURES[by]
        frame = before[[measure]].rename(columns={measure: "baseline"})
        frame["reform"] = after[measure]
        frame["difference"] = after[measure] - before[measure]
        for part in parts:
            frame[part] = after[part] - before[part]
        labels = {UNKNOWN_AREA: str(Message("area not known"))}
        drawn = frame
        if by == "area" and len(frame) > SHOWN_AREAS:
            areas = f"{len(frame):,}"
            title = Message("Cost by area, yuan: the {shown} dearest of {count}", shown=SHOWN_AREAS, count=areas)
            labels[_OTHERS] = str(Message("the other {count} areas", count=f"{len(frame) - SHOWN_AREAS:,}"))
            # Beside the sum of the others no single area's bar would be seen.
            drawn, frame = frame.iloc[:SHOWN_AREAS], _with_others(frame)
        self._draw(drawn, labels, title, None)
        shown = frame.reset_index(names=by)
        shown[by] = [labels.get(name, name) for name in shown[by]]
        headings = COST_LABELS | GRADE_HEADINGS
        explained = Message("{title}: before, after and difference; then the difference by component", title=title)
        self.amounts.value = f"<p><b>{html.escape(str(explained))}</b></p>{table(shown, headings)}"

    def _draw(
        self, frame: pd.DataFrame, labels: dict[str, str], title: Message, budget: tuple[str, float] | None
    ) -> None:
        self._figure.draw(frame, labels, title, budget)
        told = list_of(
            f"{labels.get(str(name), str(name))} {old:,.0f} → {new:,.0f}"
            for name, old, new in frame[["baseline", "reform"]].itertuples(name=None)
        )
        self.picture.value = self._figure.svg(f"{title}: {told}")


_TABLE_TITLE = Message("What each grade is paid, yuan (3.2)")
_VIEWS = {
    "component": (Message("by component"), Message("Cost of all quarters by component")),
    "quarter": (Message("by quarter"), Message("Payout of each quarter")),
    "area": (Message("by area"), Message("Cost of each area; the twenty dearest, and the others together")),
}
# What is drawn by quarter and by area, and of which components the table also gives the difference.
_MEASURES: dict[By, tuple[str, tuple[str, ...], Message]] = {
    "quarter": (
        "payout",
        ("service_bonus", "revenue_bonus", "penalty_not_applied", "award"),
        Message("Payout by quarter, yuan"),
    ),
    "area": (
        "cost",
        ("service_bonus", "revenue_bonus", "penalty_not_applied", "cash_effect"),
        Message("Cost by area, yuan"),
    ),
}


def _warnings(warnings: tuple[Message, ...]) -> str:
    """Write what is odd about the table; it stops nothing."""
    if not warnings:
        return ""
    lines = "".join(f"<div>⚠ {html.escape(str(warning))}</div>" for warning in warnings)
    return f'<div class="cm-warning" role="status">{lines}</div>'


def _budget_of(text: str, enacted: int) -> int | None:
    """Read a budget in yuan, or a share of what the enacted policy costs (fen), as fen; None for no budget.

    Raises
    ------
    CmpolicyError
        If it is no amount.
    """
    amount = amount_of(text, Decimal(enacted) / FEN_PER_YUAN)
    if amount is None:
        return None
    if isinstance(amount, str) or not 0 <= amount <= MOST_BUDGET or amount != round(amount, 2):
        expected = Message(
            "an amount in yuan from {lowest} to {highest}, with at most two decimals, or a share such as 97%",
            lowest=0,
            highest=f"{MOST_BUDGET:,}",
        )
        raise CmpolicyError(
            Message("The budget cannot be used."),
            [Problem(Message("The value is not valid."), value=text, expected=expected)],
        )
    return int(amount * FEN_PER_YUAN)


def _over_or_under(cost: int, budget: int) -> str:
    """Say by how much the cost is over or under the budget, both in fen."""
    names = {"cost": in_yuan(cost), "budget": in_yuan(budget), "difference": in_yuan(abs(cost - budget))}
    if cost > budget:
        style, text = "cm-up", Message("▲ The cost of ¥{cost} is ¥{difference} over the budget of ¥{budget}.", **names)
    elif cost < budget:
        style, text = (
            "cm-down",
            Message("▼ The cost of ¥{cost} is ¥{difference} under the budget of ¥{budget}.", **names),
        )
    else:
        style, text = "", Message("The cost of ¥{cost} is exactly the budget.", cost=in_yuan(cost))
    return f'<div class="cm-budget {style}" role="status">{html.escape(str(text))}</div>'


def _with_others(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the first rows and add up the rest in one."""
    import pandas as pd

    others = frame.iloc[SHOWN_AREAS:].sum().rename(_OTHERS)
    together: pd.DataFrame = pd.concat([frame.iloc[:SHOWN_AREAS], others.to_frame().T])
    return together
