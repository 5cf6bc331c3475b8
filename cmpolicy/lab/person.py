"""Panel: one person's months, quarters and standing, before and after, and the statement clause by clause."""

from __future__ import annotations

import html

import ipywidgets as widgets
import numpy as np

from cmpolicy.insight.explain import STANDING_TEXTS, explain, statement_frame
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.messages import Message
from cmpolicy.report.figures import svg_of, timeline_figure

MOST_OFFERED = 2_000
"""How many people the list offers; with more, the staff id is typed."""


class Person(Panel):
    """Pick one person: quarters on a time line, the tables, and how each figure came about."""

    title = Message("Person")

    def build(self) -> widgets.Widget:
        """Make the choice above, the time line and the tables below."""
        self.choice = self.texts.bind(
            widgets.Combobox(ensure_option=False, layout={"width": "360px"}),
            description=Message("Staff id"),
            placeholder=Message("type or choose"),
            tooltip=Message("The staff id, or a part of the name"),
        )
        self.choice.observe(self.guarded(lambda _change: self._show()), "value")
        self.picture, self.quarters, self.months, self.statement = (widgets.HTML() for _ in range(4))
        self.details = widgets.Accordion([self.quarters, self.months, self.statement], selected_index=0)
        self.texts.bind(self.details, titles=lambda: tuple(str(title) for title in _DETAILS))
        self.details.observe(self.guarded(lambda _change: self._show_details()), "selected_index")
        return widgets.VBox([self.choice, self.picture, self.details])

    def refresh(self) -> None:
        """Offer the people of the data, and show the chosen one under the draft."""
        data = self.state.data
        ids = data.staff_ids[:MOST_OFFERED].tolist()
        names = data.people_columns(np.arange(len(ids))).get("name")
        offered = ids if names is None else [_offer(one, name) for one, name in zip(ids, names, strict=False)]
        self.choice.options = offered
        if self._staff_id() is None and len(offered):
            self.choice.value = offered[0]
        else:
            self._show()

    def static(self) -> str:
        """Give the time line and the quarters as HTML."""
        chosen = html.escape(self.choice.value)
        return f"<h4>{self.title}: {chosen}</h4>{self.picture.value}{self.quarters.value}"

    def _staff_id(self) -> str | None:
        """Find the person whose staff id begins the choice, or whose name is part of it; None for nobody."""
        wanted = self.choice.value.strip()
        typed: str = wanted.split(" ")[0]
        if typed in self.state.data.places:
            return typed
        found: list[str] = [
            offer.split(" ")[0] for offer in self.choice.options if wanted and wanted.lower() in offer.lower()
        ]
        return found[0] if len(found) == 1 else None

    def _show(self) -> None:
        staff_id = self._staff_id()
        if staff_id is None:
            self.picture.value = f"<p>{Message('Nobody is chosen.')}</p>"
            for part in (self.quarters, self.months, self.statement):
                part.value = ""
            return
        quarters = self.state.outcome.of_person(staff_id)["quarters"]
        names = list(dict.fromkeys(name for one in self.state.outcome.versions for name in one.policy.grade_names))
        title = Message("Quarters of {staff_id} under the draft", staff_id=staff_id)
        graded = ", ".join(f"{one} {grade}" for one, grade in zip(quarters["quarter"], quarters["grade"], strict=True))
        self.picture.value = svg_of(timeline_figure(quarters, names, title), f"{title}: {graded}")
        self._show_details()

    def _show_details(self) -> None:
        """Fill in the part that is open."""
        staff_id, opened = self._staff_id(), self.details.selected_index
        if staff_id is None or opened is None:
            return
        if opened == 0:
            self.quarters.value = self._before_and_after("quarters", "quarter", staff_id)
        elif opened == 1:
            self.months.value = self._before_and_after("months", "month", staff_id)
        else:
            lines = statement_frame(explain(self.state.outcome, staff_id))
            self.statement.value = table(lines, GRADE_HEADINGS)

    def _before_and_after(self, name: str, period: str, staff_id: str) -> str:
        after = self.state.outcome.of_person(staff_id)[name]
        before = self.state.baseline.of_person(staff_id)[name]
        money = "payout" if name == "quarters" else "award"
        shown = after.drop(columns=["staff_id", "name", "area"], errors="ignore")
        if "standing" in shown:
            shown["standing"] = [str(STANDING_TEXTS[name]) for name in shown["standing"]]
        for column in ("grade", money):
            shown.insert(list(shown.columns).index(column), f"{column}_baseline", before[column].to_numpy())
        return table(shown.sort_values(period), GRADE_HEADINGS)


_DETAILS = (Message("Quarters"), Message("Months"), Message("Statement, clause by clause"))


def _offer(staff_id: str, name: object) -> str:
    return staff_id if name is None or name != name else f"{staff_id} {name}"  # noqa: PLR0124 - NaN
