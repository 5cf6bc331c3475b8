"""Panel: set the points of 2.1-2.10, R1 and 3.5, read each unclear place one way or another, and see what it costs."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import ipywidgets as widgets

from cmpolicy.lab.headings import COST_LABELS, GRADE_HEADINGS
from cmpolicy.lab.headline import grade_mix, headline_cards
from cmpolicy.lab.number_box import NumberBox
from cmpolicy.lab.panel import Panel, table
from cmpolicy.lab.texts import clause_tip
from cmpolicy.messages import Message
from cmpolicy.regulation.clauses import reading_text
from cmpolicy.regulation.parameters import PARAMETERS
from cmpolicy.regulation.policy import FEN_PER_YUAN
from cmpolicy.regulation.readings import READINGS
from cmpolicy.report.figures import GradeMixFigure
from cmpolicy.simulation.readings_ledger import OPTIONS, OptionCost, option_costs

if TYPE_CHECKING:
    from collections.abc import Callable

    from cmpolicy.regulation.policy import Policy
    from cmpolicy.staff.data import StaffData

_UNSEEN = ("probation.festival_allowance_ratio", "probation.personal_leave_days")
"""What moves no grade, bonus or award, and so no figure of this panel."""
SHOWN_PARAMETERS = tuple(path for path in PARAMETERS if path not in _UNSEEN)


class PointsAndReadings(Panel):
    """Number boxes for points and shares, a list for each unclear place, and a ledger of what each reading costs."""

    title = Message("Points and readings")

    def build(self) -> widgets.Widget:
        """Make the controls at the left, headline and figure at the right, the ledger below."""
        self._figure = GradeMixFigure()
        self._ledger: tuple[StaffData, Policy, list[OptionCost]] | None = None
        self.boxes = {
            path: NumberBox(self, path, _parameter_label(path), label_width=190, width=270) for path in SHOWN_PARAMETERS
        }
        self.choices = {reading: self._choice(reading) for reading in READINGS}
        self.explained = {reading: widgets.HTML() for reading in READINGS}
        # In two columns, each read downward, so that the unclear places below are soon reached.
        half = (len(self.boxes) + 1) // 2
        points = widgets.GridBox(
            [box.widget for box in self.boxes.values()],
            layout={
                "grid_template_rows": f"repeat({half}, auto)",
                "grid_auto_flow": "column",
                "grid_gap": "0 12px",
                "justify_content": "flex-start",
            },
        )
        parts: list[widgets.Widget] = [self._heading(Message("Points and shares")), points]
        parts.append(self._heading(Message("Unclear places, each with its readings")))
        for reading, choice in self.choices.items():
            parts += [choice, self.explained[reading]]
        # A column that scrolls by itself, so that figures and headline stay in sight while one goes through it.
        left = widgets.VBox(
            parts, layout={"flex": "1 1 570px", "min_width": "570px", "max_height": "640px", "overflow": "auto"}
        )
        # The boxes would shrink to fit into the height.
        left.add_class("cm-column")
        self.headline, self.picture = widgets.HTML(), widgets.HTML()
        self.headline.add_class("cm-headline")
        self.picture.add_class("cm-figure")
        right = widgets.VBox([self.headline, self.picture], layout={"flex": "1 1 460px", "min_width": "360px"})
        columns = widgets.HBox(
            [left, right], layout={"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "8px 24px"}
        )
        return widgets.VBox([columns, self._build_ledger()])

    def _heading(self, text: Message) -> widgets.Widget:
        return self.texts.bind(widgets.HTML(), value=lambda: f"<b>{html.escape(str(text))}</b>")

    def _choice(self, reading: str) -> widgets.Widget:
        choice = widgets.Dropdown(options=list(READINGS[reading].__members__), layout={"width": "auto"})
        choice.add_class("cm-reading")
        self.texts.label(choice, lambda: _reading_label(reading), _reading_tip(reading))
        self.texts.bind(
            choice, options=lambda: [(text, option) for option, text in reading_text(reading).options.items()]
        )
        choice.observe(self.guarded(lambda change: self._choose(reading, change["new"])), "value")
        return choice

    def _build_ledger(self) -> widgets.Widget:
        self.start = self.texts.bind(
            widgets.Button(layout={"width": "auto"}),
            description=Message("What each reading costs"),
            tooltip=Message("Compute what every other reading would change, each alone from the draft"),
        )
        self.start.on_click(self.guarded(lambda _button: self._compute_ledger()))
        self.progress, self.ledger = widgets.HTML(), widgets.HTML()
        line = widgets.HBox([self.start, self.progress], layout={"align_items": "center"})
        return widgets.VBox([line, self.ledger])

    def refresh(self) -> None:
        """Follow the draft: boxes, lists, headline, picture, and the ledger where it was made of this draft."""
        policy = self.state.policy
        for box in self.boxes.values():
            box.follow()
        for reading, choice in self.choices.items():
            choice.value = policy.get(f"readings.{reading}")
            self.explained[reading].value = explained(reading, choice.value)
        before, after = self.state.baseline_headline, self.state.headline
        # The numbers first: a picture takes longer to draw than to compute.
        self.headline.value = headline_cards(before, after)
        self.picture.value = grade_mix(self._figure, before, after, "quarters")
        self._show_ledger()

    def static(self) -> str:
        """Give the values that differ from the enacted ones, the headline and the picture as HTML."""
        changes = "".join(
            f"<li><b>{html.escape(_value_label(change.path))}</b> "
            f"{html.escape(_shown(change.path, change.before))} → {html.escape(_shown(change.path, change.after))}</li>"
            for change in self.state.enacted.diff(self.state.policy)
            if change.path in self.boxes or change.path.startswith("readings.")
        )
        listed = (
            f"<ul>{changes}</ul>" if changes else f"<p>{Message('All points and readings are the enacted ones.')}</p>"
        )
        return f"<h4>{self.title}</h4>{listed}{self.headline.value}{self._figure.still()}{self.ledger.value}"

    def _choose(self, reading: str, option: str) -> None:
        path = f"readings.{reading}"
        if self.texts.relabelling or option == self.state.policy.get(path):
            return
        if not self.state.change({path: option}):
            self.choices[reading].value = self.state.policy.get(path)

    # -- the ledger ------------------------------------------------------------

    def _compute_ledger(self) -> None:
        state, found = self.state, []
        self.start.disabled = True
        try:
            with state.working_on(_progress(0)):
                for one in option_costs(state.data, state.policy):
                    found.append(one)
                    state.working = _progress(len(found))
                    self.progress.value = f'<span class="cm-working">{html.escape(str(state.working))}</span>'
        finally:
            self.start.disabled = False
            self.progress.value = ""
        state.fault = None
        self._ledger = (state.data, state.policy, found)
        self._show_ledger()

    def _show_ledger(self) -> None:
        """Show the ledger if it is of this draft and these data; an old one would mislead."""
        kept = self._ledger
        if kept is None or kept[0] is not self.state.data or kept[1] != self.state.policy:
            self.ledger.value = ""
            return
        self.ledger.value = _ledger_table(kept[2])


def _progress(done: int) -> Message:
    return Message("Computing what each reading costs: {done} of {all}", done=done, all=OPTIONS)


def _parameter_label(path: str) -> Callable[[], str]:
    parameter = PARAMETERS[path]
    return lambda: f"{parameter.clause} {parameter.title}"


def _reading_label(reading: str) -> str:
    text = reading_text(reading)
    return f"{', '.join(text.clauses)} {text.question}"


def _reading_tip(reading: str) -> Callable[[], str]:
    def tip() -> str:
        text = reading_text(reading)
        ground = Message("Ground of the default: {ground}", ground=text.ground)
        return f"{text.id} {text.question}\n{ground}\n{clause_tip(*text.clauses)()}"

    return tip


_WIDEST = 72
"""Columns of a list that are sure to be seen, a Chinese character counting two."""


def explained(reading: str, option: str) -> str:
    """Repeat a choice that is too long for its list, which cuts it off."""
    text = reading_text(reading).options[option]
    width = sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
    return f'<div class="cm-explained">{html.escape(text)}</div>' if width > _WIDEST else ""


def _value_label(path: str) -> str:
    if path.startswith("readings."):
        return _reading_label(path.partition(".")[2])
    return _parameter_label(path)()


def _shown(path: str, value: object) -> str:
    room, _, name = path.partition(".")
    return reading_text(name).options[str(value)] if room == "readings" else str(value)


_LEDGER_COST = ("cost", "first_month_pay")


def _ledger_table(found: list[OptionCost]) -> str:
    """Write the readings that are not chosen, the dearest first; then those that cannot be computed, and why."""
    import pandas as pd

    others = sorted(
        (one for one in found if not one.chosen and one.reason is None), key=lambda one: one.cost["cost"], reverse=True
    )
    rows = []
    for one in others:
        text = reading_text(one.reading)
        counts = (one.people, one.quarters_regraded, one.dismissed, one.recognised)
        money = (one.cost[name] / FEN_PER_YUAN for name in _LEDGER_COST)
        rows.append((", ".join(text.clauses), text.question, text.options[one.option], *money, *counts))
    columns = ["clause", "reading", "option", *_LEDGER_COST, "people", "quarters_regraded", "dismissed", "recognised"]
    title = Message("What each reading would change, chosen alone; yuan and numbers, the dearest first")
    parts = [f"<p><b>{html.escape(str(title))}</b></p>", table(pd.DataFrame(rows, columns=columns), _LEDGER_HEADINGS)]
    stopped = [one for one in found if one.reason is not None]
    if stopped:
        reasons = "".join(
            f"<li>{html.escape(f'{_reading_label(one.reading)} {reading_text(one.reading).options[one.option]}')}: "
            f"{html.escape(str(one.reason))}</li>"
            for one in stopped
        )
        parts.append(f"<p><b>{html.escape(str(Message('Cannot be computed on these data')))}</b></p><ul>{reasons}</ul>")
    return f'<div class="cm-ledger">{"".join(parts)}</div>'


_LEDGER_HEADINGS = (
    COST_LABELS
    | GRADE_HEADINGS
    | {
        "reading": Message("unclear place"),
        "option": Message("reading"),
        "cost": Message("cost"),
        "first_month_pay": Message("first month's pay"),
        "people": Message("people whose money changes"),
        "quarters_regraded": Message("quarters with another grade"),
        "dismissed": Message("people dismissed"),
        "recognised": Message("names praised that change"),
    }
)
