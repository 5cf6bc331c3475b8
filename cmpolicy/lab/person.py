"""Panel: one person before and after: quarters, standing, the statement of a period, what the draft changes on it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from cmpolicy.errors import DataError
from cmpolicy.insight.explain import STANDING_TEXTS, Statement, StatementChange
from cmpolicy.insight.statement_html import change_html, statement_html
from cmpolicy.lab.downloads import download_link
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message, list_of
from cmpolicy.report.figures import still_of, svg_of, timeline_figure
from cmpolicy.report.statement import file_names, statement_page
from cmpolicy.simulation.compare import NO_GRADE_NAME
from cmpolicy.staff.data import period_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

MOST_OFFERED = 2_000
"""How many people the list offers; with more, the staff id is typed."""


class Person(Panel):
    """Pick one person: quarters on a time line, the tables, and how each figure came about."""

    title = Message("Person")

    _timeline: tuple[Figure, str] | None = None
    _offering = False

    def build(self) -> widgets.Widget:
        """Make the choice above, the time line and the tables below."""
        self._offers: dict[str, str] = {}
        self.choice = self.texts.label(
            widgets.Combobox(ensure_option=False, layout={"width": "360px"}),
            Message("Staff id"),
            Message("The staff id, or a part of the name"),
        )
        self.texts.bind(self.choice, placeholder=Message("type or choose"))
        self.choice.observe(self.guarded(lambda _change: self._show()), "value")
        self.picture, self.quarters, self.months, self.statement, self.change = (widgets.HTML() for _ in range(5))
        self.picture.add_class("cm-figure")
        self.period = self.texts.label(
            widgets.Dropdown(options=[], layout={"width": "300px"}),
            Message("Period"),
            Message("The month, quarter or year of the statement"),
        )
        self.period.observe(self.guarded(lambda _change: self._choose_period()), "value")
        self.saves = [
            self.texts.bind(widgets.Button(layout={"width": "auto"}), description=text, tooltip=tip)
            for text, tip in (
                (Message("Statement as a page"), Message("A page of its own to save, read and print on A4")),
                (Message("Change as a page"), Message("What the draft changes, as a page of its own")),
            )
        ]
        self.saves[0].on_click(self.guarded(lambda _button: self._hand_over("statement")))
        self.saves[1].on_click(self.guarded(lambda _button: self._hand_over("change")))
        self.link = widgets.HTML()
        of_period = widgets.HBox(
            [self.period, *self.saves, self.link], layout={"flex_flow": "row wrap", "align_items": "center"}
        )
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Quarters"),
                    Message("Scores, grades, pay and standing of each quarter"),
                    self.quarters,
                    lambda: self._show_table("quarters", self.quarters),
                ),
                Section(
                    Message("Months"),
                    Message("Scores, grades and awards of each month"),
                    self.months,
                    lambda: self._show_table("months", self.months),
                ),
                Section(
                    Message("Statement, clause by clause"),
                    Message("How each figure came about under the draft"),
                    self.statement,
                    lambda: self._show_part(self.statement, self._statement_html),
                ),
                Section(
                    Message("What the draft changes"),
                    Message("The lines of the statement that differ, and the settings behind them"),
                    self.change,
                    lambda: self._show_part(self.change, self._change_html),
                ),
            ],
        )
        self.sections.buttons[0].value = True
        return widgets.VBox([self.choice, self.picture, of_period, self.sections.box])

    def refresh(self) -> None:
        """Offer the people of the data, and show the chosen one under the draft."""
        data = self.state.data
        ids = data.staff_ids[:MOST_OFFERED].tolist()
        names = data.people_columns(np.arange(len(ids))).get("name", np.full(len(ids), None))
        self._offers = {_offer(one, name): one for one, name in zip(ids, names, strict=True)}
        offered = tuple(self._offers)
        if self.choice.options != offered:
            self.choice.options = offered
        if self._staff_id() is None and offered:
            self.choice.value = offered[0]
        else:
            self._show()

    def static(self) -> str:
        """Give the time line and the quarters as HTML."""
        chosen = html.escape(self.choice.value)
        picture = still_of(*self._timeline) if self._timeline else ""
        return f"<h4>{self.title}: {chosen}</h4>{picture}{self.quarters.value}"

    def _staff_id(self) -> str | None:
        """Find the person whose staff id the choice is, or who alone has it in id or name; None for nobody."""
        wanted = self.choice.value.strip()
        if wanted in self._offers:
            return self._offers[wanted]
        if wanted in self.state.data.places:
            return str(wanted)
        found = [staff_id for offer, staff_id in self._offers.items() if wanted and wanted.lower() in offer.lower()]
        return found[0] if len(found) == 1 else None

    def _show(self) -> None:
        staff_id = self._staff_id()
        self.link.value = ""  # it holds what is no longer shown
        for save in self.saves:
            save.disabled = staff_id is None
        if staff_id is None:
            self._timeline = None
            self.picture.value = f"<p>{html.escape(self._why_nobody())}</p>"
            for part in (self.quarters, self.months, self.statement, self.change):
                part.value = ""
            return
        self._offer_periods(staff_id)
        before, after = (one.of_person(staff_id)["quarters"] for one in (self.state.baseline, self.state.outcome))
        title = Message("Quarters of {staff_id}", staff_id=staff_id)
        grades = after["grade"].fillna(NO_GRADE_NAME)
        graded = list_of([f"{one} {grade}" for one, grade in zip(after["quarter"], grades, strict=True)])
        figure = timeline_figure(before, after, self.state.policy.grade_names, title)
        self._timeline = (figure, str(Message("{title}: {graded}", title=title, graded=graded)))
        self.picture.value = svg_of(*self._timeline)
        self.sections.fill()

    def _why_nobody(self) -> str:
        """Say why nobody is shown: nothing was typed, or there is no such staff id."""
        wanted = self.choice.value.strip()
        if wanted:
            try:
                self.state.data.place_of(wanted)
            except DataError as error:
                return " ".join(map(str, (error.message, *error.problems)))
        return str(Message("Nobody is chosen."))

    def _show_table(self, name: str, shown: widgets.HTML) -> None:
        staff_id = self._staff_id()
        if staff_id is not None:
            shown.value = self._before_and_after(name, name.removesuffix("s"), staff_id)

    def _offer_periods(self, staff_id: str) -> None:
        """Offer what the person has records in, the latest first; choose the latest quarter where nothing is chosen."""
        outcome, person = self.state.outcome, self.state.data.place_of(staff_id)
        panel = outcome.panel
        found = {
            kind: period_names(first + np.flatnonzero(rows[:, person])[::-1], kind).tolist()
            for kind, first, rows in (
                ("quarter", panel.first_quarter, outcome.quarter_rows),
                ("month", panel.first_month, panel.assessed),
            )
        }
        years = (panel.first_year + np.flatnonzero(outcome.year_rows[:, person])[::-1]).astype(str).tolist()
        periods = [*found["quarter"], *years, *found["month"]]
        options = [(period, period) for period in periods] + [(str(Message("everything")), "")]
        if tuple(options) != self.period.options:
            chosen = self.period.value
            self._offering = True
            try:
                self.period.options = options
                self.period.value = chosen if chosen in (*periods, "") else options[0][1]
            finally:
                self._offering = False

    def _choose_period(self) -> None:
        if not self._offering and self._staff_id() is not None:
            self.link.value = ""
            self.sections.fill()

    def _show_part(self, shown: widgets.HTML, make: Callable[[str], str]) -> None:
        staff_id = self._staff_id()
        if staff_id is not None:
            shown.value = make(staff_id)

    def _statement_html(self, staff_id: str) -> str:
        return statement_html(Statement.of(self.state.outcome, staff_id, self.period.value or None))

    def _change_html(self, staff_id: str) -> str:
        return change_html(StatementChange.of(self.state.comparison, staff_id, self.period.value or None))

    def _hand_over(self, kind: str) -> None:
        """Make the page of the statement, or of the change, and a link that saves it."""
        staff_id = self._staff_id()
        if staff_id is None:
            return
        self.state.fault = None
        period = self.period.value or None
        shown: Statement | StatementChange
        if kind == "statement":
            shown = Statement.of(self.state.outcome, staff_id, period)
        else:
            shown = StatementChange.of(self.state.comparison, staff_id, period)
        name = file_names([staff_id])[0].replace("statement", kind, 1)
        self.link.value = download_link(name, statement_page(shown).encode())

    def _before_and_after(self, name: str, period: str, staff_id: str) -> str:
        after = self.state.outcome.of_person(staff_id)[name]
        before = self.state.baseline.of_person(staff_id)[name]
        money = "payout" if name == "quarters" else "award"
        shown = after.drop(columns=["staff_id", "name", "area"], errors="ignore")
        if "standing" in shown:
            shown["standing"] = [str(STANDING_TEXTS[name]) for name in shown["standing"]]
        for column in ("grade", money):
            shown.insert(list(shown.columns).index(column), f"{column}_baseline", before[column].to_numpy())
        empty = [column for column in ("dismissal_due", "open") if column in shown and not shown[column].any()]
        shown = shown.drop(columns=empty)
        return table(shown.sort_values(period), GRADE_HEADINGS)


def _offer(staff_id: str, name: object) -> str:
    return staff_id if name is None or name != name else f"{staff_id} {name}"  # noqa: PLR0124 - NaN
