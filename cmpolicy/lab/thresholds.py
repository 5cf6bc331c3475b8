"""Panel: move the bounds of the grades and see who gets which grade, and what it costs (3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from cmpolicy.insight.near_bounds import near_bounds
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, card, table, yuan
from cmpolicy.lab.texts import clause_tip
from cmpolicy.messages import Message
from cmpolicy.report.figures import GradeMixFigure

if TYPE_CHECKING:
    import pandas as pd

    from cmpolicy.lab.state import Headline

SHOWN_ROWS = 200
_ROOM = 30
"""How many points a slider reaches beyond the outermost bounds."""


class Thresholds(Panel):
    """A slider and a box for each grade's bound, with grades, people and money before and after."""

    title = Message("Grade thresholds")

    def build(self) -> widgets.Widget:
        """Make the controls at the left, headline and figure at the right, details below."""
        self._figure = GradeMixFigure()
        self._rows: dict[str, tuple[Any, Any]] = {}
        self._controls = widgets.VBox()
        self._period = widgets.ToggleButtons(value="quarters", options=["quarters", "months"])
        self._period.style.button_width = "92px"
        self.texts.bind(
            self._period,
            options=lambda: [(str(Message("quarters")), "quarters"), (str(Message("months")), "months")],
            tooltips=lambda: [str(Message("Grades of quarters")), str(Message("Grades of months"))],
        )
        self._period.observe(self.guarded(lambda _change: self._draw()), "value")
        self.headline, self.picture = widgets.HTML(), widgets.HTML()
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        left = widgets.VBox([self._controls, self._period], layout={"width": "390px", "flex": "0 0 auto"})
        right = widgets.VBox([self.headline, self.picture], layout={"flex": "1 1 420px", "min_width": "360px"})
        columns = widgets.HBox([left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start"})
        return widgets.VBox([columns, self._build_details()])

    def _build_details(self) -> widgets.Widget:
        self._search = widgets.Text(continuous_update=True, layout={"width": "260px"})
        self._sort = widgets.Dropdown(options=["staff_id"], layout={"width": "260px"})
        self._descending = widgets.Checkbox(value=False, indent=False, layout={"width": "auto"})
        self._points = widgets.BoundedIntText(value=1, min=0, max=20, layout={"width": "220px"})
        self.texts.bind(
            self._search,
            description=Message("Search"),
            placeholder=Message("staff id, name, area, grade"),
            tooltip=Message("Show only rows that hold this text"),
        )
        self.texts.bind(
            self._sort,
            description=Message("Sort by"),
            options=lambda: [(str(GRADE_HEADINGS[name]), name) for name in _SORTABLE],
            tooltip=Message("The column by which the list is sorted"),
        )
        self.texts.bind(
            self._descending, description=Message("largest first"), tooltip=Message("Sort from the largest down")
        )
        self.texts.bind(
            self._points, description=Message("Within points"), tooltip=Message("How near to a bound, in points")
        )
        self._migration, self._people, self._near, self._cost = (widgets.HTML() for _ in range(4))
        for control in (self._search, self._sort, self._descending):
            control.observe(self.guarded(lambda _change: self._show_people()), "value")
        self._points.observe(self.guarded(lambda _change: self._show_near()), "value")
        list_controls = widgets.HBox(
            [self._search, self._sort, self._descending], layout={"flex_flow": "row wrap", "align_items": "center"}
        )
        self._details = widgets.Accordion(
            [
                self._migration,
                widgets.VBox([list_controls, self._people]),
                widgets.VBox([self._points, self._near]),
                self._cost,
            ]
        )
        self.texts.bind(self._details, titles=lambda: tuple(str(title) for title in _DETAILS))
        self._details.observe(self.guarded(lambda _change: self._show_details()), "selected_index")
        return self._details

    def refresh(self) -> None:
        """Follow the draft: controls, headline, picture, and the details that are open."""
        if tuple(self._rows) != self.state.policy.grade_names[:-1]:
            self._make_rows()
        for row in self.state.policy.grades[:-1]:
            for control in self._rows[row.grade]:
                control.value = row.lower_bound
        before, after = self.state.baseline_headline, self.state.headline
        # The numbers first: a picture takes longer to draw than to compute.
        self.headline.value = _cards(before, after)
        self._draw()
        self._show_details()

    def static(self) -> str:
        """Give the headline, the picture and the bounds as HTML."""
        bounds = ", ".join(f"{row.grade} ≥ {row.lower_bound}" for row in self.state.policy.grades[:-1])
        return f"<h4>{self.title}</h4><p>{bounds}</p>{self.headline.value}{self.picture.value}"

    def _make_rows(self) -> None:
        bounds = (*self.state.enacted.bounds, *self.state.policy.bounds)
        lowest, highest = min(bounds) - _ROOM, max(bounds) + _ROOM
        self._rows = {}
        boxes = []
        for row in self.state.policy.grades[:-1]:
            slider = widgets.IntSlider(
                value=row.lower_bound, min=lowest, max=highest, readout=False, layout={"width": "220px"}
            )
            box = widgets.BoundedIntText(
                value=row.lower_bound,
                min=lowest,
                max=highest,
                description=f"{row.grade} ≥",
                style={"description_width": "40px"},
                layout={"width": "130px"},
            )
            for control in (slider, box):
                self.texts.bind(control, tooltip=clause_tip("3.1"))
                control.observe(self.guarded(lambda change, grade=row.grade: self._move(grade, change["new"])), "value")
            self._rows[row.grade] = (slider, box)
            boxes.append(widgets.HBox([box, slider], layout={"align_items": "center"}))
        self._controls.children = boxes

    def _move(self, grade: str, bound: int) -> None:
        self.state.move_bound(grade, bound)
        # A bound that would cross its neighbour stops there, and its control goes back to where it stopped.
        stopped = self.state.policy.get(f"grades.{grade}.from")
        for control in self._rows[grade]:
            control.value = stopped

    def _draw(self) -> None:
        before, after = self.state.baseline_headline, self.state.headline
        if self._period.value == "months":
            title, counted = Message("Grades of months, before and after"), Message("staff-months")
            sides = (before.month_grades, after.month_grades)
        else:
            title, counted = Message("Grades of quarters, before and after"), Message("staff-quarters")
            sides = (before.quarter_grades, after.quarter_grades)
        self._figure.draw(*sides, title, counted)
        told = ", ".join(f"{name} {sides[0].get(name, 0)} → {number}" for name, number in sides[1].items())
        self.picture.value = self._figure.svg(f"{title}: {told}")

    def _show_details(self) -> None:
        """Fill in the part that is open; what is closed costs nothing."""
        opened = self._details.selected_index
        if opened is not None:
            (self._show_migration, self._show_people, self._show_near, self._show_cost)[opened]()

    def _show_migration(self) -> None:
        change = self.state.comparison
        parts = []
        for title, matrix in (
            (Message("Quarter grades: baseline (rows) to reform (columns)"), change.quarter_migration),
            (Message("Month grades: baseline (rows) to reform (columns)"), change.month_migration),
        ):
            shown = matrix.reset_index().rename(columns={"baseline": ""})
            parts.append(f"<b>{title}</b>{table(shown)}")
        self._migration.value = "<br>".join(parts)

    def _show_people(self) -> None:
        frame = self.state.comparison.regraded
        wanted = self._search.value.strip().lower()
        if wanted:
            text = frame[[name for name in frame.columns if frame[name].dtype.kind not in "if"]]
            frame = frame[text.apply(lambda column: column.str.lower().str.contains(wanted, regex=False)).any(axis=1)]
        by = [self._sort.value, *(name for name in ("staff_id", "quarter") if name != self._sort.value)]
        frame = frame.sort_values([name for name in by if name in frame], ascending=not self._descending.value)
        self._people.value = _list(frame)

    def _show_near(self) -> None:
        self._near.value = _list(near_bounds(self.state.outcome, self._points.value))

    def _show_cost(self) -> None:
        frame = self.state.comparison.cost.reset_index()
        frame["component"] = [str(COST_LABELS[name]) for name in frame["component"]]
        self._cost.value = table(frame, GRADE_HEADINGS)


_SORTABLE = ("staff_id", "quarter", "score", "grade_baseline", "grade_reform", "name", "area")
_DETAILS = (
    Message("Migration of grades"),
    Message("Who changes grade"),
    Message("Who is near a bound"),
    Message("Cost by component"),
)


def _cards(before: Headline, after: Headline) -> str:
    cards = []
    for name in ("cost", "service_bonus", "cash_effect"):
        difference = after.cost[name] - before.cost[name]
        cards.append(card(COST_LABELS[name], f"¥{yuan(after.cost[name])}", f"¥{yuan(before.cost[name])}", difference))
    for name in ("observed", "dismissed"):
        difference = after.standing[name] - before.standing[name]
        cards.append(card(COST_LABELS[name], f"{after.standing[name]:,}", f"{before.standing[name]:,}", difference))
    return f'<div class="cm-cards">{"".join(cards)}</div>'


def _list(frame: pd.DataFrame) -> str:
    """Show the first rows of a list, with how many there are."""
    count = Message("{count} rows", count=f"{len(frame):,}")
    if len(frame) > SHOWN_ROWS:
        count = Message("{count} rows; the first {shown} are shown", count=f"{len(frame):,}", shown=SHOWN_ROWS)
    return f"<p>{count}</p>{table(frame.head(SHOWN_ROWS), GRADE_HEADINGS)}"
