"""Panel: one person's months, quarters and standing, before and after, and the statement clause by clause."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets
import numpy as np

from cmpolicy.insight.explain import STANDING_TEXTS, explain, statement_frame
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message
from cmpolicy.report.figures import still_of, svg_of, timeline_figure
from cmpolicy.simulation.compare import NO_GRADE_NAME

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_OFFERED = 2_000
"""How many people the list offers; with more, the staff id is typed."""


class Person(Panel):
    """Pick one person: quarters on a time line, the tables, and how each figure came about."""

    title = Message("Person")

    _timeline: tuple[Figure, str] | None = None

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
        self.picture, self.quarters, self.months, self.statement = (widgets.HTML() for _ in range(4))
        self.picture.add_class("cm-figure")
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
                    self._show_statement,
                ),
            ],
        )
        self.sections.buttons[0].value = True
        return widgets.VBox([self.choice, self.picture, self.sections.box])

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
        if staff_id is None:
            self._timeline = None
            self.picture.value = f"<p>{Message('Nobody is chosen.')}</p>"
            for part in (self.quarters, self.months, self.statement):
                part.value = ""
            return
        before, after = (one.of_person(staff_id)["quarters"] for one in (self.state.baseline, self.state.outcome))
        title = Message("Quarters of {staff_id}", staff_id=staff_id)
        grades = after["grade"].fillna(NO_GRADE_NAME)
        graded = ", ".join(f"{one} {grade}" for one, grade in zip(after["quarter"], grades, strict=True))
        figure = timeline_figure(before, after, self.state.policy.grade_names, title)
        self._timeline = (figure, f"{title}: {graded}")
        self.picture.value = svg_of(*self._timeline)
        self.sections.fill()

    def _show_table(self, name: str, shown: widgets.HTML) -> None:
        staff_id = self._staff_id()
        if staff_id is not None:
            shown.value = self._before_and_after(name, name.removesuffix("s"), staff_id)

    def _show_statement(self) -> None:
        staff_id = self._staff_id()
        if staff_id is not None:
            self.statement.value = table(statement_frame(explain(self.state.outcome, staff_id)), GRADE_HEADINGS)

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
