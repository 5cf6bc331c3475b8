"""Panel: move the bounds of the grades and see who gets which grade, and what it costs (3.1)."""

from __future__ import annotations

import html

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.insight.near_bounds import near_bounds
from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.headline import grade_mix, headline_cards
from cmpolicy.lab.number_box import exact, whole_of
from cmpolicy.lab.panel import Panel, first_rows, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.lab.texts import clause_tip
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.parameters import GRADE_PARAMETERS
from cmpolicy.report.figures import GradeMixFigure
from cmpolicy.simulation.compare import NO_GRADE_NAME

_ROOM = 30
"""How many points a slider reaches beyond the outermost bounds."""
_BOUND = GRADE_PARAMETERS["from"]
_WITHIN = Message("Within points")


class Thresholds(Panel):
    """A slider and a box for each grade's bound, with grades, people and money before and after."""

    title = Message("Grade thresholds")

    def build(self) -> widgets.Widget:
        """Make the headline above, the controls at the left, the figure at the right, details below."""
        self._figure = GradeMixFigure()
        self.rows: dict[str, BoundRow] = {}
        self._controls = widgets.VBox(layout={"margin": "0 0 12px"})
        self.period = widgets.ToggleButtons(value="quarters", options=["quarters", "months"])
        self.period.style.button_width = "110px"
        self.texts.bind(
            self.period,
            options=lambda: [(str(Message("quarters")), "quarters"), (str(Message("months")), "months")],
            tooltips=lambda: [str(Message("Grades of quarters")), str(Message("Grades of months"))],
        )
        self.period.observe(self.guarded(lambda _change: self._draw()), "value")
        self.headline, self.picture = widgets.HTML(), widgets.HTML()
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        left = widgets.VBox([self._controls, self.period], layout={"flex": "1 1 340px", "max_width": "440px"})
        self.picture.layout = {"flex": "2 1 420px", "min_width": "360px"}
        columns = widgets.HBox(
            [left, self.picture], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )
        return widgets.VBox([self.headline, columns, self._build_details()])

    def _build_details(self) -> widgets.Widget:
        label = self.texts.label
        self.search = label(
            widgets.Text(layout={"width": "320px"}),
            Message("Search"),
            Message("Show only rows that hold this text"),
        )
        self.texts.bind(self.search, placeholder=Message("staff id, name, area, grade"))
        self.sort = label(
            widgets.Dropdown(options=["staff_id"], layout={"width": "260px"}),
            Message("Sort by"),
            Message("The column by which the list is sorted"),
        )
        self.texts.bind(self.sort, options=lambda: [(str(GRADE_HEADINGS[name]), name) for name in _SORTABLE])
        self.descending = label(
            widgets.Checkbox(value=False, indent=False, layout={"width": "auto"}),
            Message("largest first"),
            Message("Sort from the largest down"),
        )
        self.points = label(
            widgets.BoundedFloatText(
                value=1, min=0, max=20, step=1, layout={"width": "220px"}, style={"description_width": "110px"}
            ),
            _WITHIN,
            Message("How near to a bound, in points"),
        )
        self.migration, self.people, self.near, self.cost = (widgets.HTML() for _ in range(4))
        for control in (self.search, self.sort, self.descending):
            control.observe(self.guarded(lambda _change: self._show_people()), "value")
        self.points.observe(self.guarded(lambda change: self._set_points(change["old"])), "value")
        list_controls = widgets.HBox(
            [self.search, self.sort, self.descending], layout={"flex_flow": "row wrap", "align_items": "center"}
        )
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Migration of grades"),
                    Message("From which grade to which, quarters and months"),
                    self.migration,
                    self._show_migration,
                ),
                Section(
                    Message("Who changes grade"),
                    Message("Every staff-quarter with another grade than under the enacted policy"),
                    widgets.VBox([list_controls, self.people]),
                    self._show_people,
                ),
                Section(
                    Message("Who is near a bound"),
                    Message("Staff-quarters that a small move of a bound would give another grade"),
                    widgets.VBox([self.points, self.near]),
                    self._show_near,
                ),
                Section(
                    Message("Cost by component"),
                    Message("Each component with its clause, before and after"),
                    self.cost,
                    self._show_cost,
                ),
            ],
        )
        return self.sections.box

    def refresh(self) -> None:
        """Follow the draft: controls, headline, picture, and the details that are open."""
        self._follow_bounds()
        # The numbers first: a picture takes longer to draw than to compute.
        self.headline.value = headline_cards(self.state.baseline_headline, self.state.headline)
        self._draw()
        self.sections.fill()

    def static(self) -> str:
        """Give the headline, the picture and the bounds as HTML."""
        bounds = str(list_of(f"{row.grade} ≥ {row.lower_bound}" for row in self.state.policy.grades[:-1]))
        return f"<h4>{self.title}</h4><p>{html.escape(bounds)}</p>{self.headline.value}{self._figure.still()}"

    # -- the bounds ------------------------------------------------------------

    def _follow_bounds(self) -> None:
        grades = self.state.policy.grade_names[:-1]
        for grade in grades:
            if grade not in self.rows:  # one that was made is kept, since drafts come and go
                self.rows[grade] = BoundRow(self, grade)
            self.rows[grade].follow()
        shown = tuple(self.rows[grade].box for grade in grades)
        if self._controls.children != shown:
            self._controls.children = shown

    # -- the figure ------------------------------------------------------------

    def _draw(self) -> None:
        before, after = self.state.baseline_headline, self.state.headline
        self.picture.value = grade_mix(self._figure, before, after, self.period.value)

    # -- the details -----------------------------------------------------------

    def _show_migration(self) -> None:
        change = self.state.comparison
        parts = []
        for title, matrix in (
            (Message("Quarter grades: baseline (rows) to reform (columns)"), change.quarter_migration),
            (Message("Month grades: baseline (rows) to reform (columns)"), change.month_migration),
        ):
            shown = matrix.astype(object).where(matrix != 0, None).reset_index().rename(columns={"baseline": ""})
            parts.append(f"<div>{title}{table(shown)}</div>")
        note = Message("{name}: no grade, or not counted after a dismissal", name=NO_GRADE_NAME)
        self.migration.value = f'<div class="cm-beside">{"".join(parts)}</div><small>{note}</small>'

    def _show_people(self) -> None:
        frame = self.state.comparison.regraded
        wanted = self.search.value.strip().lower()
        if wanted:
            text = frame[[name for name in frame.columns if frame[name].dtype.kind not in "if"]]
            frame = frame[text.apply(lambda column: column.str.lower().str.contains(wanted, regex=False)).any(axis=1)]
        by = [self.sort.value, *(name for name in ("staff_id", "quarter") if name != self.sort.value)]
        frame = frame.sort_values([name for name in by if name in frame], ascending=not self.descending.value)
        self.people.value = first_rows(frame, GRADE_HEADINGS)

    def _set_points(self, before: float) -> None:
        try:
            whole_of(self.points.value, _WITHIN)
        except CmpolicyError:
            self.points.value = before
            raise
        self.state.fault = None
        self._show_near()

    def _show_near(self) -> None:
        points = whole_of(self.points.value, _WITHIN)
        self.near.value = first_rows(near_bounds(self.state.outcome, points), GRADE_HEADINGS)

    def _show_cost(self) -> None:
        frame = self.state.comparison.cost.reset_index()
        frame["component"] = [str(COST_LABELS[name]) for name in frame["component"]]
        self.cost.value = table(frame, GRADE_HEADINGS)


class BoundRow:
    """The controls of one grade's bound: a box for exact numbers, a slider to drag, and what the bound was before."""

    def __init__(self, panel: Panel, grade: str) -> None:
        self._state, self._grade, self._following = panel.state, grade, False
        # A box for whole numbers alone would drop the point of 100.5 and take 1005.
        self.number = widgets.BoundedFloatText(
            min=_BOUND.lowest,
            max=_BOUND.highest,
            step=1,
            style={"description_width": "44px"},
            layout={"width": "124px"},
        )
        self.slider = widgets.IntSlider(readout=False, layout={"flex": "1 1 auto", "width": "auto"})
        self.before = widgets.HTML(layout={"width": "76px"})
        panel.texts.label(self.number, lambda: f"{grade} ≥", clause_tip("3.1"))
        for control in (self.number, self.slider):
            control.observe(panel.guarded(lambda change: self._move(change["new"])), "value")
        self.box = widgets.HBox([self.number, self.slider, self.before], layout={"align_items": "center"})

    def follow(self) -> None:
        """Show the bound that the draft has, and beside it what the enacted policy has where that differs."""
        policy, enacted = self._state.policy, self._state.enacted
        bound = policy.bounds[policy.grade_names.index(self._grade)]
        was = enacted.get(f"grades.{self._grade}.from") if self._grade in enacted.grade_names[:-1] else None
        reach = (*policy.bounds, *enacted.bounds)
        self._following = True  # what the controls then report is no move of the user's
        try:
            # The range only grows, and only when it must: a slider whose range shifts cannot be dragged.
            if not self.slider.min <= min(reach) <= max(reach) <= self.slider.max:
                self.slider.max = max(reach) + _ROOM
                self.slider.min = min(reach) - _ROOM
            self.number.value = self.slider.value = bound
            shown = "" if was in (None, bound) else str(Message("before: {before}", before=was))
            self.before.value = f"<small>{html.escape(shown)}</small>"
        finally:
            self._following = False

    def _move(self, value: float) -> None:
        if not self._following:
            bound = exact(value)
            if isinstance(bound, int):
                self._state.move_bound(self._grade, bound)
            else:
                self._state.change({f"grades.{self._grade}.from": bound})  # which is refused
            self.follow()  # a bound that would cross its neighbour stops there


_SORTABLE = ("staff_id", "quarter", "score", "grade_baseline", "grade_reform", "name", "area")
