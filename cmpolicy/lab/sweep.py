"""Panel: one or two values over a range, every cell a scenario; choosing a cell makes its values the draft's."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets

from cmpolicy.errors import CmpolicyError
from cmpolicy.lab.headings import COST_LABELS
from cmpolicy.lab.headline import headline_cards
from cmpolicy.lab.heat_map import Cell, HeatMap, colours
from cmpolicy.lab.panel import Panel
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.lab.value_range import ValueRange, offer
from cmpolicy.messages import Message, list_of
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.report.figures import still_of, svg_of
from cmpolicy.report.labels import value_label, value_text
from cmpolicy.report.sweep_figure import cell_texts, frontier_figure, heat_map_figure, varied_paths
from cmpolicy.simulation.sweep import MONEY, left_out, sweep

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cmpolicy.lab.state import Headline
    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

_STANDING = ("observed", "dismissed")


class Sweep(Panel):
    """Ranges of one or two values, a heat map whose cells set the draft, and the frontier."""

    title = Message("Sweep")

    def build(self) -> widgets.Widget:
        """Make the headline and the ranges above, what is shown below them, then heat map and frontier."""
        self._made: _Made | None = None
        self._following = False
        self.headline, self.told, self.picture, self.frontier = (widgets.HTML() for _ in range(4))
        self.headline.add_class("cm-headline")
        for picture in (self.picture, self.frontier):
            picture.add_class("cm-figure")
        bounds = [f"grades.{grade}.from" for grade in self.state.policy.grade_names[:-1]]
        across = bounds[1] if len(bounds) > 1 else ""
        self.down = ValueRange(self, Message("Downward"), bounds[0], self._show)
        self.across = ValueRange(self, Message("Across"), across, self._show, optional=True)
        self.figure = self.texts.label(
            widgets.Dropdown(layout={"width": "360px"}, style={"description_width": "90px"}),
            Message("Shown"),
            Message("The figure in the cells"),
        )
        self.form = widgets.ToggleButtons(value=False, options=[False, True])
        self.form.style.button_width = "124px"
        self.texts.bind(
            self.form,
            options=lambda: [(str(Message("figures")), False), (str(Message("differences")), True)],
            tooltips=lambda: [
                str(Message("The figure itself")),
                str(Message("Its difference from the enacted policy")),
            ],
        )
        for control in (self.figure, self.form):
            control.observe(self.guarded(lambda _change: self._show()), "value")
        shown = widgets.HBox([self.figure, self.form], layout={"flex_flow": "row wrap", "align_items": "center"})
        self.heat_map = HeatMap(self, self._take)
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Heat map"),
                    Message("Every cell is a scenario; choosing one makes its values the draft's"),
                    widgets.VBox([self.heat_map.box, self.picture]),
                    self._show_cells,
                ),
                Section(
                    Message("Frontier"),
                    Message("Cost against the lowest grade: the scenarios that no other beats in both"),
                    self.frontier,
                    self._show_frontier,
                ),
            ],
        )
        self.sections.buttons[0].value = True
        return widgets.VBox([self.headline, self.down.box, self.across.box, shown, self.told, self.sections.box])

    def refresh(self) -> None:
        """Follow the draft: headline, ranges, scenarios, and the sections that are open."""
        self.headline.value = headline_cards(self.state.baseline_headline, self.state.headline)
        self.down.follow()
        self.across.follow()
        self._following = True  # what the list then reports is no choice of the user's
        try:
            offer(self.figure, self._figures())
        finally:
            self._following = False
        self._show()

    def static(self) -> str:
        """Give the headline, what is shown and the heat map as HTML."""
        drawn = self._drawn()
        return f"<h4>{self.title}</h4>{self.headline.value}{self.told.value}{still_of(*drawn) if drawn else ''}"

    # -- the scenarios ---------------------------------------------------------

    def _show(self) -> None:
        if self._following or self.texts.relabelling:
            return
        try:
            self._made = self._sweep()
            said = html.escape(" ".join(map(str, self._tell(self._made))))
            self.told.value = f'<div class="cm-said" role="status">{said}</div>'
        except CmpolicyError as error:
            self._made = None
            self.told.value = f'<div class="cm-fault" role="alert">{html.escape(str(error))}</div>'
        self.sections.fill()

    def _sweep(self) -> _Made:
        """Appraise the scenarios, anew where anything but the values that vary has changed."""
        state, made = self.state, self._made
        if self.down.path == self.across.path:
            raise CmpolicyError(Message("Downward and across the same value varies; choose another one."))
        varied = {one.path: one.values() for one in (self.down, self.across) if one.path is not None}
        fixed = {path: state.policy.get(path) for path in state.policy.paths() if path not in varied}
        if made is not None and made.data is state.data and (made.fixed, made.varied) == (fixed, varied):
            return made
        with state.working_on(Message("The scenarios are being appraised …")):
            return _Made(state.data, fixed, varied, sweep(state.data, state.policy, varied))

    def _tell(self, made: _Made) -> list[Message]:
        """Say how many scenarios there are, and what the figure is in the draft."""
        count, skipped = len(made.frame), made.frame.attrs["skipped"]
        sentences = [Message("Scenarios: {count}.", count=count)]
        if skipped:
            sentences.append(left_out(skipped, count + skipped))
        before, after = self._sides
        figures = {
            "figure": self.figure.label,
            "after": self._write(after),
            "before": self._write(before),
            "difference": self._write(after - before, signed=True),
        }
        told = Message("{figure}: {after} in the draft, {before} under the enacted policy ({difference}).", **figures)
        return [*sentences, told]

    # -- the figure in the cells -----------------------------------------------

    def _figures(self) -> list[tuple[str, str]]:
        grades = self.state.policy.grade_names
        named = {name: COST_LABELS[name] for name in (*reversed(MONEY), *_STANDING)}
        named |= {f"quarter_grade_{grade}": Message("quarters with grade {grade}", grade=grade) for grade in grades}
        named |= {f"month_grade_{grade}": Message("months with grade {grade}", grade=grade) for grade in grades}
        return [(str(label), name) for name, label in named.items()]

    @property
    def _sides(self) -> tuple[float, float]:
        """The figure under the enacted policy and in the draft."""
        return self._figure_of(self.state.baseline_headline), self._figure_of(self.state.headline)

    def _figure_of(self, headline: Headline) -> float:
        """Give the figure of a policy, in yuan or as a number."""
        name: str = self.figure.value
        if name in MONEY:
            return headline.cost[name] / FEN_PER_YUAN
        if name in _STANDING:
            return headline.standing[name]
        kind, _, grade = name.partition("_grade_")
        return (headline.quarter_grades if kind == "quarter" else headline.month_grades).get(grade, 0)

    def _write(self, value: float, *, signed: bool = False) -> str:
        is_money, sign = self.figure.value in MONEY, "+" if signed else ""
        return f"{'¥' if is_money and not signed else ''}{value:{sign},.{2 if is_money else 0}f}"

    # -- the heat map ----------------------------------------------------------

    def _take(self, place: int) -> None:
        """Make a cell's values the draft's."""
        made = self._made
        if made is not None and not self.state.change(dict(zip(made.varied, made.cells[place], strict=True))):
            self._show_cells()

    def _show_cells(self) -> None:
        made = self._made
        if made is None:
            self.heat_map.show([], ([], []), ("", ""), draft=None, enacted=None)
            self.picture.value = ""
            return
        figures = made.frame[self.figure.value].tolist()
        before, after = self._sides
        shown = [figure - before for figure in figures] if self.form.value else figures
        texts, unit_text = cell_texts(dict(zip(made.places, shown, strict=True)), sign="+" if self.form.value else "")
        names = [value_label(path) for path in made.varied]
        cells = []
        coloured = colours(figures, before if self.form.value else after)  # against what the numbers are against
        rows = zip(made.cells, made.places, figures, texts, coloured, strict=True)
        for values, place, figure, text, colour in rows:
            told = list_of([f"{name} {value_text(value)}" for name, value in zip(names, values, strict=True)])
            difference = self._write(figure - before, signed=True)
            tip = f"{told}\n{self.figure.label}: {self._write(figure)} ({difference})"
            cells.append(Cell(*place, text, tip, colour))
        self.heat_map.show(
            cells,
            made.axes,
            (names[0], names[-1]),
            draft=made.cell_of(self.state.policy),
            enacted=made.cell_of(self.state.enacted),
            unit=unit_text,
            against_enacted=self.form.value,
        )
        line = self._drawn() if len(made.varied) == 1 else None
        self.picture.value = svg_of(*line) if line else ""

    def _drawn(self) -> tuple[Figure, str] | None:
        """Draw the scenarios as a figure, with what it tells those who cannot see it."""
        made = self._made
        if made is None or not varied_paths(made.frame):
            return None
        title = Message("{figure}", figure=self.figure.label)
        if self.figure.value in MONEY:
            title = Message("{figure}, yuan", figure=self.figure.label)
        marked = ((Message("the draft"), self.state.policy), (Message("the enacted policy"), self.state.enacted))
        figures = zip(made.cells, made.frame[self.figure.value].tolist(), strict=True)
        told = "; ".join(f"{list_of([*map(value_text, values)])}: {self._write(figure)}" for values, figure in figures)
        return heat_map_figure(made.frame, title, figure=self.figure.value, marked=marked), f"{title}: {told}"

    # -- the frontier ----------------------------------------------------------

    def _show_frontier(self) -> None:
        if self._made is None:
            self.frontier.value = ""
            return
        lowest = self.state.policy.grade_names[-1]
        label = Message("staff-quarters of grade {grade}", grade=lowest)
        title = Message("Cost, yuan, against staff-quarters of grade {grade}", grade=lowest)
        figure = frontier_figure(self._made.frame, title, figure=f"quarter_grade_{lowest}", label=label)
        self.frontier.value = svg_of(figure, str(title))


class _Made(NamedTuple):
    """A sweep and what it was made of: the data, the values that stay, and under each path those that vary."""

    data: StaffData
    fixed: dict[str, object]
    varied: dict[str, list[Any]]
    frame: pd.DataFrame

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        """The exact values of each scenario."""
        known = [{float(value): value for value in values} for values in self.varied.values()]
        columns = [self.frame[path].tolist() for path in self.varied]
        return [tuple(of[float(one)] for of, one in zip(known, row, strict=True)) for row in zip(*columns, strict=True)]

    @property
    def axes(self) -> tuple[list[Any], list[Any]]:
        """The values downward and across; one value that varies by itself goes across."""
        *down, across = self.varied.values()
        return (down[0] if down else []), across

    @property
    def places(self) -> list[tuple[int, int]]:
        """Row and column of each scenario."""
        rows, columns = self.axes
        return [(rows.index(cell[0]) if rows else 0, columns.index(cell[-1])) for cell in self.cells]

    def cell_of(self, policy: Policy) -> int | None:
        """Find the cell that has a policy's values."""
        known = policy.paths()
        wanted = tuple(policy.get(path) if path in known else None for path in self.varied)
        return self.cells.index(wanted) if wanted in self.cells else None
