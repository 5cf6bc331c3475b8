"""Panel: what payroll paid beside what the draft gives, and the reading or habit that would explain the differences."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets

from cmpolicy.errors import DataError
from cmpolicy.insight.backtest import backtest
from cmpolicy.lab.headings import GRADE_HEADINGS
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.sections import Section, Sections
from cmpolicy.messages import Message
from cmpolicy.regulation.naming import policy_name
from cmpolicy.report.backtest_figure import backtest_figure
from cmpolicy.report.figures import still_of, svg_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cmpolicy.insight.backtest import Backtest as Found

MOST_DIFFERENCES = 200
"""How many differences are listed; the command line writes all."""


class Backtest(Panel):
    """Replay the draft on history; a button takes the best explanation into the draft, then the rest is explained."""

    title = Message("Back-test")

    def build(self) -> widgets.Widget:
        """Make the answer above, with the button that takes it over; picture and tables below."""
        self._found: Found | None = None
        self._drawn: tuple[Figure, str] | None = None
        self.answer, self.picture, self.ranking, self.differences = (widgets.HTML() for _ in range(4))
        self.picture.add_class("cm-figure")
        self.take = self.texts.bind(
            widgets.Button(icon="check", layout={"width": "auto", "align_self": "flex-start"}),
            description=Message("Take the explanation into the draft"),
            tooltip=Message("Set the draft as payroll seems to read it; what then still differs is explained next"),
        )
        self.take.on_click(self.guarded(lambda _button: self._take()))
        self.sections = Sections(
            self,
            [
                Section(
                    Message("Differences"),
                    Message("Every quarter that payroll paid otherwise, and what is likeliest behind it"),
                    self.differences,
                    self._show_differences,
                ),
                Section(
                    Message("Explanations tried"),
                    Message("How many differences each reading or habit explains, and how many it makes"),
                    self.ranking,
                    self._show_ranking,
                ),
            ],
        )
        self.sections.buttons[0].value = True
        return widgets.VBox([self.answer, self.take, self.picture, self.sections.box])

    def refresh(self) -> None:
        """Replay the draft on the data, or say why it cannot be."""
        self._found = self._drawn = None
        self.take.disabled, self.picture.value = True, ""
        try:
            with self.state.working_on(Message("Trying every reading and habit …")):
                found = backtest(self.state.data, self.state.policy)
                self.take.disabled = found.best is None or not found.best.changes
        except DataError as error:
            self.answer.value = f'<p class="cm-warning">{html.escape(str(error))}</p>'
            self.sections.fill()
            return
        self._found = found
        said = (self._compared_with, *found.answer, *found.notes)
        self.answer.value = "".join(f"<p>{html.escape(str(one))}</p>" for one in said)
        if found.counts["differing"]:
            self._drawn = (backtest_figure(found), " ".join(map(str, found.answer)))
            self.picture.value = svg_of(*self._drawn)
        self.sections.fill()

    def static(self) -> str:
        """Give answer, picture and differences as HTML."""
        picture = still_of(*self._drawn) if self._drawn else ""
        return f"<h4>{self.title}</h4>{self.answer.value}{picture}{self.differences.value}"

    @property
    def _compared_with(self) -> Message:
        """Name the policy that the pay is held against."""
        name = policy_name(self.state.policy)
        if self.state.policy == self.state.enacted:
            return Message("The pay is compared with the enacted policy {name}.", name=name)
        return Message("The pay is compared with the draft, not with the enacted policy: {name}.", name=name)

    def _take(self) -> None:
        if self._found is not None and self._found.best is not None:
            self.state.change(self._found.best.changes)

    def _show_differences(self) -> None:
        if self._found is None:
            self.differences.value = ""
            return
        frame = self._found.differences
        shown = frame.head(MOST_DIFFERENCES)[
            ["staff_id", "quarter", "paid", "computed", "difference", "grade", "clause", "explanation"]
        ]
        listed = table(shown, _HEADINGS)
        if len(frame) > MOST_DIFFERENCES:
            more = Message("… and {count} more differences.", count=len(frame) - MOST_DIFFERENCES)
            listed += f"<p>{html.escape(str(more))}</p>"
        self.differences.value = listed

    def _show_ranking(self) -> None:
        if self._found is None:
            self.ranking.value = ""
            return
        frame = self._found.ranking
        figures = [name for name in ("vanished", "created", "net", "quarters_moved") if name in frame]
        computed = frame[frame["reason"] == ""].astype(dict.fromkeys(figures, "int64"))
        listed = table(computed.drop(columns="reason"), _HEADINGS, signed=("net",))
        stopped = frame[frame["reason"] != ""]
        if len(stopped):
            heading = html.escape(str(Message("Cannot be computed on these data")))
            rows = zip(stopped["meaning"], stopped["reason"], strict=True)
            reasons = "".join(f"<li>{html.escape(f'{meaning}: {reason}')}</li>" for meaning, reason in rows)
            listed += f"<p><b>{heading}</b></p><ul>{reasons}</ul>"
        self.ranking.value = listed


_HEADINGS = GRADE_HEADINGS | {
    "paid": Message("paid"),
    "computed": Message("computed"),
    "explanation": Message("explanation"),
    "setting": Message("setting"),
    "vanished": Message("vanish"),
    "created": Message("new"),
    "net": Message("net"),
    "quarters_moved": Message("quarters it moves"),
}
